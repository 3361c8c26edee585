/*
 * stress faults N | spawn N | storm N: load that must leave the machine as it was.
 * Each kind runs once to warm caches, then again between two readings of what is
 * used; /dev/audit must be clean at the end.
 */
#include <u.h>
#include <libc.h>

enum { PAGE = 4096, SEGMENT = 16 << 20, NTICKER = 4 };

static void fail(char *what)
{
	print("not ok stress %s: %r\n", what);
	exits("failed");
}

/* ---- loads ---- */

/* Fresh pages, then copies: a child sees the parent's pages frozen and both write them. */
static void faults(long n)
{
	for (long done = 0; done < n; ) {
		uchar *p = segattach(0, "memory", nil, SEGMENT);
		if (p == (void *)-1)
			fail("segattach");
		for (long i = 0; i < SEGMENT; i += PAGE)
			p[i] = (uchar)(i / PAGE);
		done += SEGMENT / PAGE;
		if (done % (8 * SEGMENT / PAGE) == 0) {
			int pid = fork();
			if (pid < 0)
				fail("fork");
			for (long i = 0; i < SEGMENT; i += PAGE)
				if (p[i]++ != (uchar)(i / PAGE))
					fail("a page has changed");
			if (pid == 0)
				_exits(nil);
			while (waitpid() != pid)	/* an alarm may interrupt it */
				;
			done += SEGMENT / PAGE;
		}
		if (segdetach(p) < 0)
			fail("segdetach");
	}
}

static void spawn(long n)
{
	char *argv[] = { "tiny", nil };
	for (long i = 0; i < n; i++) {
		int pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			exec("/t/tiny", argv);
			_exits("exec");
		}
		Waitmsg *w = wait();
		if (w == nil || w->pid != pid || w->msg[0] != '\0')
			fail("wait");
		free(w);
	}
}

/* Timers at every millisecond, alarms and serial interrupts while pages are faulted in. */
static int ticker(int kind)
{
	int pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid != 0)
		return pid;
	int fd = open("#t/eia1", OWRITE);
	static char junk[512];
	memset(junk, '.', sizeof junk);
	for (;;)
		if (kind == 0 && fd >= 0)
			write(fd, junk, sizeof junk);
		else
			sleep(1);
}

static int alarms;

static void handler(void *u, char *note)
{
	(void)u;
	if (strcmp(note, "alarm") == 0) {
		alarms++;
		alarm(1);
		noted(NCONT);
	}
	noted(NDFLT);
}

static void storm(long n)
{
	int pid[NTICKER];
	for (int i = 0; i < NTICKER; i++)
		pid[i] = ticker(i);
	notify(handler);
	alarm(1);
	faults(n);
	alarm(0);
	notify(nil);
	for (int i = 0; i < NTICKER; i++)
		postnote(PNPROC, pid[i], "kill");
	for (int i = 0; i < NTICKER; i++)
		while (waitpid() < 0)
			;
	if (alarms == 0)
		fail("no alarm came");
}

/* ---- what is used ---- */

typedef struct Used { vlong free, heap; } Used;

static void used(Used *u)
{
	char buf[1024], *p;
	int fd = open("/dev/swap", OREAD);
	int n = fd < 0 ? -1 : read(fd, buf, sizeof buf - 1);
	if (n <= 0)
		fail("/dev/swap");
	close(fd);
	buf[n] = '\0';
	p = strstr(buf, " kernel\n");
	while (p > buf && p[-1] != '\n')
		p--;
	vlong kernel = atoll(p);
	p = strstr(buf, " user\n");
	while (p > buf && p[-1] != '\n')
		p--;
	u->free = kernel / PAGE + atoll(p);
	p = strstr(buf, " kernel malloc\n");
	while (p > buf && p[-1] != '\n')
		p--;
	u->heap = atoll(p);
}

/* The last line of /dev/audit says how many violations there are; the others what they are. */
static void audit(void)
{
	char buf[8192];
	int fd = open("/dev/audit", OREAD);
	int n = fd < 0 ? -1 : readn(fd, buf, sizeof buf - 1);
	if (n <= 0)
		fail("/dev/audit");
	close(fd);
	buf[n] = '\0';
	if (strstr(buf, ", 0 violations") == nil) {
		print("%s", buf);
		fail("audit");
	}
}

void main(int argc, char **argv)
{
	Used before, after;
	void (*load)(long) = nil;
	if (argc == 3 && strcmp(argv[1], "faults") == 0)
		load = faults;
	if (argc == 3 && strcmp(argv[1], "spawn") == 0)
		load = spawn;
	if (argc == 3 && strcmp(argv[1], "storm") == 0)
		load = storm;
	if (load == nil) {
		fprint(2, "usage: stress faults|spawn|storm n\n");
		exits("usage");
	}
	long n = atol(argv[2]);
	load(n / 10 + 1);
	sleep(200);
	used(&before);
	load(n);
	sleep(200);
	used(&after);
	if (before.free != after.free || before.heap != after.heap) {
		print("not ok stress %s: pages, heap bytes %lld, %lld before, %lld, %lld after\n",
			argv[1], before.free, before.heap, after.free, after.heap);
		exits("leak");
	}
	audit();
	print("ok stress %s %ld\n", argv[1], n);
	exits(nil);
}
