/*
 * /dev/trace and /dev/kprof: what is traced when, how the lines look, what is
 * lost, and that nothing is written while nobody asked. kprof(3), trace(3).
 */
#include "guest.h"

enum { TEXT_SIZE = 1 << 20, LINES_MAX = 16384, RING = 4096 };

static char text[TEXT_SIZE];
static char *line[LINES_MAX];
static int nlines;

/* Take out all there is; the number of lines. */
static int take(void)
{
	int fd = open("/dev/trace", OREAD);
	long n, total = 0;

	while ((n = read(fd, text + total, sizeof text - 1 - total)) > 0)
		total += n;
	close(fd);
	text[total] = '\0';
	nlines = getfields(text, line, LINES_MAX, 1, "\n");
	return nlines;
}

static int begin_trace(char *groups)
{
	char buf[64];

	snprint(buf, sizeof buf, "start%s%s", groups[0] != '\0' ? " " : "", groups);
	return puts("/dev/trace", buf);
}

static void end_trace(void)
{
	puts("/dev/trace", "stop");
	take();
}

/* The text behind time, processor and pid, if the line is of that process; else nil. */
static char *event(char *l, int pid)
{
	char *end;
	int i;

	strtod(l, &end);
	for (i = 0; i < 2 && *end == ' '; i++)
		if (strtol(end + 1, &end, 10) != pid && i == 1 && pid != 0)
			return nil;
	return *end == ' ' ? end + 1 : nil;
}

/* Lines of that process, 0: of any, whose event begins with what. */
static int count(int pid, char *what)
{
	int i, n = 0;
	char *e;

	for (i = 0; i < nlines; i++)
		if ((e = event(line[i], pid)) != nil && strncmp(e, what, strlen(what)) == 0)
			n++;
	return n;
}

static int ascending(void)
{
	double last = 0, t;
	int i;

	for (i = 0; i < nlines; i++) {
		t = strtod(line[i], nil);
		if (t < last)
			return 0;
		last = t;
	}
	return nlines > 0;
}

static void calls(void)
{
	int pid = getpid();

	is("start", begin_trace("calls"), 0);
	alarm(0);
	open("/no/such/file", OREAD);
	end_trace();
	yes("times ascend", ascending());
	is("a call", count(pid, "call Alarm 0x2"), 1);
	is("its end", count(pid, "return Alarm 0"), 1);
	is("a call that fails", count(pid, "error Open '/no"), 1);
	is("only calls", count(0, "run ") + count(0, "fault ") + count(0, "send "), 0);
	alarm(0);
	is("none after the stop", take(), 0);
}

static void scheduling(void)
{
	char buf[64], c;
	int fd[2], pid;

	pipe(fd);
	begin_trace("sched");
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		write(fd[1], "x", 1);
		_exits(nil);
	}
	read(fd[0], &c, 1);
	statusof(pid);
	end_trace();
	close(fd[0]);
	close(fd[1]);
	snprint(buf, sizeof buf, "run %d after %d Wakeme", pid, getpid());
	yes("the child runs, for the parent sleeps", count(pid, buf) >= 1);
	snprint(buf, sizeof buf, "ready %d", getpid());
	yes("it wakes the parent", count(pid, buf) >= 1);
	is("only scheduling", count(0, "call ") + count(0, "fault "), 0);
}

static void faults(void)
{
	char buf[64], *p = segattach(0, "memory", nil, 8192);

	begin_trace("faults");
	p[5000] = 1;
	end_trace();
	snprint(buf, sizeof buf, "fault write 0x%llux ", A(p + 5000));
	is("a page that was not there", count(getpid(), buf), 1);
	snprint(buf, sizeof buf, "fault write 0x%llux", A(p + 5001));
	p[5001] = 1;
	is("one that is", count(getpid(), buf), 0);
	segdetach(p);
}

/* The tag of the first message of that type; -1: there is none. */
static int tag(char *way, char *type)
{
	char *e, *t;
	int i;

	for (i = 0; i < nlines; i++)
		if ((e = event(line[i], 0)) != nil && strncmp(e, way, strlen(way)) == 0 &&
			(t = strstr(e, type)) != nil)
			return atoi(t + strlen(type));
	return -1;
}

static void messages(void)
{
	int pid = getpid();

	close(create("/tmp/traced", OWRITE, 0644));
	begin_trace("9p");
	close(open("/tmp/traced", OREAD));
	end_trace();
	remove("/tmp/traced");
	yes("a walk goes out", count(pid, "send ") >= 2);
	yes("and is answered, by its tag", tag("send ", " Twalk ") >= 0 &&
		tag("receive ", " Rwalk ") == tag("send ", " Twalk "));
	yes("so is the open", tag("send ", " Topen ") >= 0 &&
		tag("receive ", " Ropen ") == tag("send ", " Topen "));
}

static void everything(void)
{
	int i;
	char *e = nil;

	is("start of all", begin_trace(""), 0);
	for (i = 0; i < 2 * RING; i++)
		alarm(0);
	end_trace();
	yes("a processor keeps that many", nlines > RING && nlines <= RING + 1);
	if (nlines > 0)
		e = line[nlines - 1];
	yes("what was lost is counted", e != nil && strncmp(e, "lost ", 5) == 0 &&
		atoi(e + 5) >= 2 * RING);
}

static void control(void)
{
	char c[10];
	int fd;

	is("mode", modeof("#c/trace"), 0660);
	is("mode", modeof("#c/kprof"), 0660);
	puts("/dev/trace", "begin");
	fails("another word", -1, "unknown control message \"begin\"");
	puts("/dev/trace", "start everything");
	fails("another group", -1, "bad arg in system call");
	puts("/dev/trace", "stop it");
	fails("too many words", -1, "wrong #args in control message \"stop it\"");
	puts("/dev/kprof", "x");
	fails("kprof", -1, "unknown control message \"x\"");
	fd = open("/dev/trace", OREAD);
	fails("a line needs room", read(fd, c, sizeof c), "read or write too small");
	close(fd);
}

static void profile(void)
{
	char *s, *l[2000], *f[4];
	int i, n, descending = 1, kernel = 0;
	vlong end = nsec() + 1000000000LL, sum = 0, last = 1LL << 40;

	is("start", puts("/dev/kprof", "start"), 0);
	while (nsec() < end)
		for (i = 0; i < 100; i++)
			close(open("/dev/null", OREAD));
	is("stop", puts("/dev/kprof", "stop"), 0);
	s = contents("/dev/kprof");
	n = getfields(s, l, nelem(l), 1, "\n");
	for (i = 0; i < n; i++) {
		if (tokenize(l[i], f, nelem(f)) != 3)
			break;
		if (atoll(f[0]) > last || atoll(f[0]) == 0)
			descending = 0;
		last = atoll(f[0]);
		sum += last;
		if (strcmp(f[2], "(user)") != 0)
			kernel++;
	}
	yes("three fields a line", n > 0 && i == n);
	yes("the most first", descending);
	yes("ticks of a second", sum >= 10 && sum <= 110);
	yes("functions of the kernel", kernel >= 2);
	is("a start forgets", puts("/dev/kprof", "start"), 0);
	puts("/dev/kprof", "stop");
	yes("nearly all", strlen(contents("/dev/kprof")) < 300);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("trace", 60);
	calls();
	scheduling();
	faults();
	messages();
	everything();
	control();
	profile();
	done();
}
