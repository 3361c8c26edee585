/*
 * Several processors: that all of them work, wired processes stay where they are put, others move,
 * nobody uses a page after it was taken away or made read-only elsewhere, nobody waits for
 * long, and nothing is lost when processes on all of them talk to each other.
 */
#include "guest.h"

enum { NCPU_MAX = 64, NCOLUMN = 10, PAGE = 4096, ROUNDS = 200, TALKERS = 4,
	WAIT_MAX_MS = 10000 };

static int ncpu;
static vlong calls[2][NCPU_MAX];	/* system calls by processor, before and after */

/* The page that all look at, and what they say of it; shared with RFMEM. */
static union { uint word; char room[2 * PAGE]; } area;
static volatile uint *page;
static volatile uint generation, answered, stop, bad;

static void look(int which)
{
	char *line = contents("#c/sysstat"), *end, *f[NCOLUMN];

	for (ncpu = 0; ncpu < NCPU_MAX && (end = strchr(line, '\n')) != nil; line = end + 1) {
		*end = '\0';
		if (tokenize(line, f, NCOLUMN) == NCOLUMN)
			calls[which][ncpu++] = strtoll(f[3], nil, 10);
	}
}

static char *wiredcalls(void *arg)
{
	char command[32];
	int i;

	snprint(command, sizeof command, "wired %d", (int)(uintptr)arg);
	if (puts(procfile(getpid(), "ctl"), command) < 0)
		return "wired failed";
	for (i = 0; i < 5000; i++)
		_syscall(CLOSE, WIDE(-1), 0, 0, 0, 0);
	return "";
}

static void wiring(void)
{
	int i, most, good;

	for (i = good = 0; i < ncpu; i++) {
		look(0);
		run(0, wiredcalls, (void *)(uintptr)i);
		look(1);
		most = calls[1][i] - calls[0][i];
		good += most >= 4900;
	}
	is("a wired process runs where it is wired", good, ncpu);
	same("beyond the last they are counted round", run(0, wiredcalls, (void *)64), "");
	same("anywhere", run(0, wiredcalls, (void *)(uintptr)-1), "");
}

static char *turns(void *arg)
{
	vlong end = nsec() + 1000000000LL;
	int i;

	USED(arg);
	while (nsec() < end)
		for (i = 0; i < 100; i++)
			_syscall(CLOSE, WIDE(-1), 0, 0, 0, 0);
	return "";
}

/*
 * Tried again where the host gave a processor no time. Without a part in the work it makes no
 * call at all; with it a hundred at least.
 */
static void spreading(void)
{
	int i, tries, good = 0;

	for (tries = 0; tries < 20 && good < ncpu; tries++) {
		look(0);
		for (i = 0; i < 3 * ncpu; i++)
			start(0, turns, nil);
		while (waitpid() > 0)
			;
		look(1);
		for (i = good = 0; i < ncpu; i++)
			good += calls[1][i] - calls[0][i] > 50;
	}
	is("every processor takes part", good, ncpu);
}

/* ---- pages that go away ---- */

/* Looks at the page all the time; when it was freed, nothing may be left there. */
static char *looker(void *arg)
{
	uint seen = 0, last = 0;

	USED(arg);
	while (!stop) {
		seen += *page;
		if (generation == last)
			continue;
		last = generation;
		if (last % 2 == 0 && *page != 0)
			bad++;
		answered = last;
	}
	return seen == 1 ? "?" : "";
}

static void tellall(void)
{
	generation++;
	while (answered != generation)
		sleep(0);
}

static void freeing(void)
{
	int i, pid;

	stop = bad = generation = answered = 0;
	pid = start(RFMEM, looker, nil);
	for (i = 0; i < ROUNDS; i++) {
		*page = 0x5a5a5a5a;
		tellall();
		segfree((void *)page, PAGE);
		tellall();
	}
	stop = 1;
	statusof(pid);
	is("a freed page is gone on every processor", bad, 0);
}

static char *counter(void *arg)
{
	USED(arg);
	while (!stop)
		++*page;
	return "";
}

static char *snapshot(void *arg)
{
	uint first = *page;
	int i;

	USED(arg);
	for (i = 0; i < 20000; i++)
		if (*page != first)
			return "it changes";
	return "";
}

static void forking(void)
{
	int i, pid, wrong = 0;

	stop = 0;
	pid = start(RFMEM, counter, nil);
	for (i = 0; i < ROUNDS; i++)
		wrong += strcmp(run(0, snapshot, nil), "") != 0;
	stop = 1;
	while (waitpid() > 0)
		;
	USED(pid);
	is("a fork's copy is not written any more", wrong, 0);
}

/* ---- waiting ---- */

static volatile vlong longest[3 * NCPU_MAX];

static char *gaps(void *arg)
{
	vlong now, last = nsec(), end = last + 2000000000LL, most = 0;

	for (; last < end; last = now) {
		now = nsec();
		if (now - last > most)
			most = now - last;
	}
	longest[(uintptr)arg] = most;
	return "";
}

static void fairness(void)
{
	int i, n = ncpu < 4 ? 3 * ncpu : 12, late = 0;

	for (i = 0; i < n; i++)
		start(RFMEM, gaps, (void *)(uintptr)i);
	while (waitpid() > 0)
		;
	for (i = 0; i < n; i++)
		late += longest[i] > WAIT_MAX_MS * 1000000LL;
	is("nobody waits for long", late, 0);
}

/* ---- a process that has just stopped ---- */

static char *computes(void *arg)
{
	volatile double x = 1;

	USED(arg);
	while (!stop)
		x = x * 1.5 + 1;
	return "";
}

/* Its registers are there as soon as the stop is over. */
static void debugging(void)
{
	int i, pid, fd, good = 0;
	char buf[512];

	stop = 0;
	pid = start(RFMEM, computes, nil);
	for (i = 0; i < ROUNDS; i++) {
		if (puts(procfile(pid, "ctl"), "stop") == 0) {
			fd = open(procfile(pid, "fpregs"), OREAD);
			good += read(fd, buf, sizeof buf) > 0;
			close(fd);
		}
		puts(procfile(pid, "ctl"), "start");
	}
	stop = 1;
	statusof(pid);
	is("registers of what has stopped", good, ROUNDS);
}

/* ---- talking ---- */

static char *talks(void *arg)
{
	int p[2], i, pid;
	char c;

	USED(arg);
	if (pipe(p) < 0)
		return "pipe";
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		close(p[0]);
		while (read(p[1], &c, 1) == 1)
			write(p[1], &c, 1);
		_exits("");
	}
	close(p[1]);
	for (i = 0; i < 2000; i++) {
		c = i;
		if (write(p[0], &c, 1) != 1 || read(p[0], &c, 1) != 1 || c != (char)i)
			return "a byte is lost";
	}
	close(p[0]);
	return waitpid() == pid ? "" : "the other side";
}

static char *meets(void *arg)
{
	uintptr i, v;
	int mine = (int)(uintptr)arg % 2;

	for (i = 0; i < 2000; i++) {
		v = (uintptr)rendezvous((void *)((uintptr)arg / 2 + 1), (void *)(i * 2 + mine));
		if (v != i * 2 + !mine)
			return "met another";
	}
	return "";
}

static int sems[2];

static char *counts(void *arg)
{
	int i, mine = (int)(uintptr)arg;

	for (i = 0; i < 2000; i++) {
		if (mine)
			semrelease(&sems[0], 1);
		if (semacquire(&sems[mine], 1) != 1)
			return "semacquire";
		if (!mine)
			semrelease(&sems[1], 1);
	}
	return "";
}

static volatile int heard;

static void hears(void *u, char *note)
{
	USED(u);
	USED(note);
	heard++;
	noted(NCONT);
}

static char *listens(void *arg)
{
	int i;

	USED(arg);
	for (i = 0; i < 2000 && heard < 20; i++)
		sleep(5);
	return heard >= 20 ? "" : "not told";
}

/* Is there anybody to tell? Who has not yet looked at the last ones may be told again. */
static int told(int pid)
{
	char error[ERRMAX] = "";

	if (post(pid, "tell") == 0)
		return 1;
	rerrstr(error, sizeof error);
	return strcmp(error, "note not posted") == 0;
}

static char *tells(void *arg)
{
	int pid, i;

	USED(arg);
	notify(hears);
	pid = start(0, listens, nil);
	for (i = 0; i < 2000 && told(pid); i++)
		sleep(1);
	return statusof(pid);
}

static char *begets(void *arg)
{
	int i, pid;

	USED(arg);
	for (i = 0; i < 60; i++) {
		pid = rfork(RFPROC | RFFDG);
		if (pid == 0) {
			execl("/bin/sleep", "sleep", "0", nil);
			_exits("exec");
		}
		if (pid < 0 || strcmp(statusof(pid), "") != 0)
			return "a child";
	}
	return "";
}

/* n of them at once, numbered, all of which must end well. */
static void all(char *name, int flags, char *(*f)(void *), int n)
{
	Waitmsg *w;
	int i, good = 0;

	for (i = 0; i < n; i++)
		start(flags, f, (void *)(uintptr)i);
	while ((w = wait()) != nil) {
		good += w->msg[0] == '\0';
		untilgone(w->pid);
		free(w);
	}
	is(name, good, n);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("smp", 240);
	page = (uint *)(((uintptr)area.room + PAGE - 1) & ~(uintptr)(PAGE - 1));
	look(0);
	yes("at least one processor", ncpu > 0);
	wiring();
	spreading();
	freeing();
	forking();
	fairness();
	debugging();
	all("pipes", RFFDG, talks, TALKERS);
	all("rendezvous", 0, meets, 2 * TALKERS);
	all("semaphores", RFMEM, counts, 2);
	all("notes", RFFDG, tells, TALKERS);
	all("fork and exec", RFFDG, begets, TALKERS);
	done();
}
