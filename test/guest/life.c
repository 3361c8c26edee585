/*
 * process.md 4, 6 and 9: a process that ends in any way leaves nothing. Each way is gone through a
 * few times to fill what is kept, then again between two readings of /dev/counts.
 */
#include "guest.h"

enum { PAGE = 4096, WARM = 3, TIMES = 10, HEAP_SLACK = 1024 };

enum { PROCESSES, CHANNELS, FIDS, SEGMENTS, IMAGES, FRAMES, HEAP, NCOUNT };

static int sem;

/* ---- what is held ---- */

static void counts(vlong n[NCOUNT])
{
	char *lines[NCOUNT + 1];
	int i, k = getfields(contents("/dev/counts"), lines, nelem(lines), 1, "\n");

	for (i = 0; i < NCOUNT; i++)
		n[i] = i < k ? atoll(lines[i]) : -1;
}

/* The first count that is larger, -1 if none is. The cache of images is no leak, nor its frames. */
static int grown(vlong before[NCOUNT], vlong after[NCOUNT])
{
	int i;

	for (i = 0; i < NCOUNT; i++)
		if (i != IMAGES && after[i] > before[i] + (i == HEAP ? HEAP_SLACK : 0))
			return i;
	return -1;
}

/* What has ended may take a moment to be gone. */
static void settle(void)
{
	sleep(30);
}

static void leavesnothing(char *name, int (*once)(void *), void *arg)
{
	static char *what[] = { "processes", "channels", "fids", "segments", "images", "frames",
		"bytes" };
	vlong before[NCOUNT], after[NCOUNT];
	int i, good = 0, which = 0;

	for (i = 0; i < WARM; i++)
		once(arg);
	settle();
	counts(before);
	for (i = 0; i < TIMES; i++)
		good += once(arg);
	for (i = 0; i < 40; i++) {
		counts(after);
		which = grown(before, after);
		if (which < 0)
			break;
		settle();
	}
	if (good != TIMES)
		notok(name, "got %d good ends, expected %d", good, TIMES);
	else if (which >= 0)
		notok(name, "got %lld %s, expected %lld", after[which], what[which], before[which]);
	else
		ok(name);
}

/* ---- waits ---- */

static char *insleep(void *arg)
{
	USED(arg);
	sleep(1000000);
	return "woke";
}

static char *inread(void *arg)
{
	int p[2];
	char c;

	USED(arg);
	pipe(p);
	read(p[0], &c, 1);
	return "read";
}

static char *inwrite(void *arg)
{
	static char block[8192];
	int p[2];

	USED(arg);
	pipe(p);
	while (write(p[0], block, sizeof block) > 0)
		;
	return "written";
}

static char *insemaphore(void *arg)
{
	USED(arg);
	semacquire(&sem, 1);
	return "acquired";
}

static char *intimed(void *arg)
{
	USED(arg);
	tsemacquire(&sem, 1000000);
	return "acquired";
}

static char *inrendezvous(void *arg)
{
	rendezvous(arg, arg);
	return "met";
}

/* The grandchild goes when nobody holds the other end of its pipe. */
static char *inawait(void *arg)
{
	int p[2];
	char c;

	USED(arg);
	pipe(p);
	if (rfork(RFPROC | RFFDG) == 0) {
		close(p[1]);
		read(p[0], &c, 1);
		_exits(nil);
	}
	waitpid();
	return "awaited";
}

/* A server that never answers. */
static char *inmount(void *arg)
{
	int p[2];

	USED(arg);
	pipe(p);
	mount(p[0], -1, "/n", MREPL, "");
	return "mounted";
}

static char *inwaitstop(void *arg)
{
	USED(arg);
	puts(procfile(getppid(), "ctl"), "waitstop");
	return "stopped";
}

static char *inwaitfile(void *arg)
{
	char buf[128];

	USED(arg);
	read(open(procfile(getppid(), "wait"), OREAD), buf, sizeof buf);
	return "read";
}

static char *stopped(void *arg)
{
	USED(arg);
	puts(procfile(getpid(), "ctl"), "stop");
	return "went on";
}

/* Stops before the first instruction of the program it executes. */
static char *hanging(void *arg)
{
	char *argv[] = { "tiny", nil };

	USED(arg);
	puts(procfile(getpid(), "ctl"), "hang");
	exec("/t/tiny", argv);
	return "exec failed";
}

typedef struct Wait Wait;
struct Wait {
	char *name;
	char *(*f)(void *);
	char *state;
	int flags;
};

static Wait waits[] = {
	{ "sleep", insleep, "Sleep", 0 },
	{ "read of a pipe", inread, "Pread", RFFDG },
	{ "write to a full pipe", inwrite, "Pwrite", RFFDG },
	{ "semacquire", insemaphore, "Semacquire", RFMEM },
	{ "tsemacquire", intimed, "Tsemacquire", RFMEM },
	{ "rendezvous", inrendezvous, "Rendez", 0 },
	{ "await", inawait, "Await", RFFDG },
	{ "mount", inmount, "Mount", RFFDG | RFNAMEG },
	{ "waitstop", inwaitstop, "Stopwait", RFFDG },
	{ "a wait file", inwaitfile, "Pread", RFFDG },
};

static int isgone(int pid)
{
	int i;

	for (i = 0; i < 500 && stateof(pid)[0] != '\0'; i++)
		sleep(1);
	return i < 500;
}

/* It may hold the wait file of its parent: no record is read before it has gone. */
static int posted(void *arg)
{
	Wait *w = arg;
	int pid = start(w->flags, w->f, nil);

	return reaches(pid, w->state) && post(pid, "note") == 0 && isgone(pid) &&
		strcmp(statusof(pid), "note") == 0;
}

static int killed(void *arg)
{
	Wait *w = arg;
	int pid = start(w->flags, w->f, nil);

	return reaches(pid, w->state) && puts(procfile(pid, "ctl"), "kill") == 0 && isgone(pid) &&
		strcmp(statusof(pid), "Killed") == 0;
}

static void waiting(void)
{
	static Wait stop = { "", stopped, "Stopped", RFFDG };
	static Wait hang = { "", hanging, "Stopped", RFFDG };
	char name[64];
	uint i;

	for (i = 0; i < nelem(waits); i++) {
		snprint(name, sizeof name, "a note in %s", waits[i].name);
		leavesnothing(name, posted, &waits[i]);
		snprint(name, sizeof name, "kill in %s", waits[i].name);
		leavesnothing(name, killed, &waits[i]);
	}
	leavesnothing("kill of the stopped", killed, &stop);
	leavesnothing("kill before the first instruction", killed, &hang);
}

/* ---- ends of one's own ---- */

/* Leaves as much behind as it can. */
static char *laden(void *arg)
{
	char *seg;
	int i, p[2];

	rfork(RFNAMEG | RFENVG | RFREND | RFNOTEG);
	for (i = 0; i < 10; i++) {
		pipe(p);
		write(p[0], "unread", 6);
	}
	for (i = 0; i < 3; i++) {
		seg = segattach(0, i == 2 ? "shared" : "memory", nil, 16 * PAGE);
		memset(seg, 1, 16 * PAGE);
	}
	putenv("life", "text");
	bind("/dev", "/n", MREPL);
	bind("#|", "/mnt", MREPL);
	chdir("/n");
	open("/tmp/life", OREAD);
	alarm(1000000);
	if (arg != nil)
		__asm__ volatile("movl $1, 0x10" : : : "memory");
	return "laden";
}

static int ends(void *arg)
{
	return strcmp(run(RFFDG, laden, arg), "laden") == 0;
}

/* Broken; then freed by kill. */
static int breaks(void *arg)
{
	int pid = start(RFFDG, laden, arg);
	char *s = statusof(pid);

	if (s == nil || strncmp(s, "sys: trap: fault write addr=0x10 pc=0x", 38) != 0)
		return 0;
	return reaches(pid, "Broken") && puts(procfile(pid, "ctl"), "kill") == 0 && isgone(pid);
}

/* Broken; freed by the four that follow. The last four are counted before and after. */
static int breaksandstays(void *arg)
{
	int pid = start(RFFDG, laden, arg);

	statusof(pid);
	return reaches(pid, "Broken");
}

/* Children are left behind, and wait records. */
static char *childless(void *arg)
{
	int i;

	USED(arg);
	for (i = 0; i < 5; i++)
		start(0, inawait, nil);
	for (i = 0; i < 5; i++)
		if (rfork(RFPROC) == 0)
			_exits("unread");
	sleep(5);
	rfork(RFNOTEG);
	return "gone";
}

static char *group(void *arg)
{
	char *s;

	rfork(RFNOTEG);
	s = run(0, childless, arg);
	puts(procfile(getpid(), "notepg"), "end");
	return s;
}

static int leaves(void *arg)
{
	return strcmp(run(RFFDG, group, arg), "gone") == 0;
}

static void handlertraps(void *u, char *note)
{
	USED(u);
	if (note[0] == 'x')
		post(getpid(), "held");
	__asm__ volatile("ud2");
}

static char *inhandler(void *arg)
{
	USED(arg);
	notify(handlertraps);
	post(getpid(), "x");
	return "went on";
}

static int traps(void *arg)
{
	int pid = start(RFFDG, inhandler, arg);
	char *s = statusof(pid);
	int good = s != nil && strncmp(s, "sys: trap: invalid opcode pc=0x", 31) == 0;

	puts(procfile(pid, "ctl"), "kill");
	return good;
}

static void ending(void)
{
	int i;

	leavesnothing("exits with everything open", ends, nil);
	leavesnothing("exits with children and records", leaves, nil);
	leavesnothing("a trap, Broken, killed", breaks, "");
	leavesnothing("a trap in a handler", traps, nil);
	for (i = 0; i < 4; i++)
		breaksandstays("");
	leavesnothing("a trap, Broken, four newer ones", breaksandstays, "");
}

/* ---- exec and rfork that fail ---- */

typedef struct Failure Failure;
struct Failure {
	char *name, *file;
	char **argv;
	char *want;
};

static char *execs(void *arg)
{
	static char err[ERRMAX];
	Failure *f = arg;
	int fd = open("/dev/null", OREAD | OCEXEC);

	notify(nil);
	exec(f->file, f->argv);
	rerrstr(err, sizeof err);
	return close(fd) == 0 ? err : "a descriptor is closed";
}

static int fails_(void *arg)
{
	Failure *f = arg;
	char *s = run(RFFDG, execs, f);
	long n = strlen(s), m = strlen(f->want);

	return n >= m && strcmp(s + n - m, f->want) == 0;
}

static void writefile(char *name, char *text)
{
	int fd = create(name, OWRITE, 0755);

	write(fd, text, strlen(text));
	close(fd);
}

static void failing(void)
{
	static char *plain[] = { "x", nil }, *many[40];
	char *big = malloc(1 << 20), name[80];
	Failure f[] = {
		{ "a bad header", "/tmp/life", plain, "exec header invalid" },
		{ "no interpreter", "/tmp/life2", plain, "file does not exist" },
		{ "a script for a script", "/tmp/life3", plain, "exec header invalid" },
		{ "no file", "/tmp/none", plain, "file does not exist" },
		{ "too many arguments", "/t/tiny", many, "virtual memory allocation failed" },
	};
	uint i;

	memset(big, 'b', (1 << 20) - 1);
	for (i = 0; i < 20; i++)
		many[i] = big;
	writefile("/tmp/life", "text\n");
	writefile("/tmp/life2", "#!/tmp/none\n");
	writefile("/tmp/life3", "#!/tmp/life2\n");
	for (i = 0; i < nelem(f); i++) {
		snprint(name, sizeof name, "exec: %s", f[i].name);
		leavesnothing(name, fails_, &f[i]);
	}
	free(big);
	remove("/tmp/life");
	remove("/tmp/life2");
	remove("/tmp/life3");
}

/* The second argument cannot be read: a note, and the death of the program. */
static char *badargument(void *arg)
{
	uvlong argv[] = { A("x"), 0x10, 0 };

	USED(arg);
	notify(nil);
	_syscall(EXEC, A("/t/tiny"), A(argv), 0, 0, 0);
	return "went on";
}

static int unreadable(void *arg)
{
	int pid = start(RFFDG, badargument, arg);
	char *s = statusof(pid);
	int good = s != nil && strncmp(s, "sys: bad address in syscall pc=0x", 33) == 0;

	puts(procfile(pid, "ctl"), "kill");
	return good;
}

/* ---- no memory ---- */

/* Takes all memory, and forks and executes all the time. */
static char *hog(void *arg)
{
	char *argv[] = { "tiny", nil };
	uvlong top = (_syscall(BRK_, 0, 0, 0, 0, 0) + (64 << 20)) & ~(PAGE - 1ULL), a;
	int pid;

	USED(arg);
	if ((int)_syscall(BRK_, top + (16ULL << 30), 0, 0, 0, 0) < 0)
		return "brk";
	for (a = top; a < top + (16ULL << 30); a += PAGE) {
		*(char *)a = 1;
		if ((a - top) % (16 << 20) != 0)
			continue;
		pid = rfork(RFPROC | RFFDG);
		if (pid == 0) {
			exec("/t/tiny", argv);
			_exits("exec");
		}
		if (pid > 0)
			waitpid();
	}
	return "";
}

static void exhausting(void)
{
	vlong before[NCOUNT], after[NCOUNT];
	int i, pid;

	pid = start(RFFDG, laden, "");
	statusof(pid);
	yes("one is Broken", reaches(pid, "Broken"));
	run(RFFDG, hog, nil);
	settle();
	same("it goes when memory runs short", stateof(pid), "");
	counts(before);
	same("a hog", run(RFFDG, hog, nil), "Killed: Insufficient physical memory");
	for (i = 0; i < 40; i++) {
		settle();
		counts(after);
		if (grown(before, after) < 0)
			break;
	}
	is("leaves nothing", grown(before, after), -1);
}

void main(int argc, char **argv)
{
	begin("life", 120);
	dup(open("/dev/null", OWRITE), 2);
	waiting();
	ending();
	failing();
	leavesnothing("exec: an argument that cannot be read", unreadable, nil);
	exhausting();
	done();
}
