/*
 * storm [seed [seconds [omitted]]]: random system calls with arguments that are often nearly
 * right, by processes that share memory, descriptors and names, while they are interrupted and
 * killed. Nobody checks what the calls return: the machine must go on, every process must die when
 * it is killed, and the kernel must hold afterwards what it held before. What is created goes to a
 * ramfs of the storm's own, which ends with it. Left out are /dev/swap, since the kernel would keep
 * what it is told to swap to, and /dev/time, since the storm itself goes by it.
 */
#include "guest.h"

enum { NWORKER = 8, NPID = 512, PAGE = 4096, CALL_MS = 15, SECONDS = 5, WARM_SECONDS = 2 };

typedef struct Shared {
	int stop, npid;
	int pid[NPID];
	vlong calls;
} Shared;

static Shared *shared;
static uvlong omitted; /* a bit for each kind of call to leave out, to find the one at fault */
static char *names[] = { "/tmp/storm/a", "/tmp/storm/b", "/tmp/storm/dir", "/tmp/storm/dir/c",
	"/tmp/storm", "/tmp", "/", "/mnt", "/n", "/dev/null", "/dev/zero", "/dev/random",
	"/dev/cputime", "/dev/osversion", "/dev/drivers", "/dev/sysstat", "/dev/user", "/proc",
	"/env", "/env/storm", "#|", "#e", "#e/x", "#d", "#d/3", "#d/4ctl", "#s/storm", "#p", "#c",
	"#c/null", "#t/eia0status", "#M", "#zz", ".", "..", "../..", "", "/bin/echo", "/bin/none",
	"/dev/null/x", "/srv/clone", "#r/rtc", "/tmp/storm/a/", "#/", "/dev/mordor", "/mnt/data",
	"/mnt/data1" };
static char *procfiles[] = { "args", "ctl", "fd", "fpregs", "mem", "note", "noteid", "notepg", "ns",
	"ppid", "regs", "segment", "status", "syscall", "text", "wait", "watchpt", "kregs",
	"profile" };
static char *texts[] = { "kill", "stop", "start", "hang", "nohang", "close 5", "closefiles",
	"pri 3", "wired 0", "interrupt", "nointerrupt", "private", "noswap", "profile", "trace",
	"startstop", "chdev &~ s", "chdev & ecpd|", "a note", "7", "3", "memory", "shared",
	"9P2000", "none", "rw- 0x200000 8" };

static uint next(uint *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

static uint below(uint *x, uint n)
{
	return next(x) % n;
}

/* ---- arguments ---- */

/* A name; file names of other workers' /proc directories among them. */
static uvlong name(uint *x, char *to)
{
	if (below(x, 4) == 0 && shared->npid > 0)
		snprint(to, 64, "/proc/%d/%s", shared->pid[below(x, shared->npid) % NPID],
			procfiles[below(x, nelem(procfiles))]);
	else
		strcpy(to, names[below(x, nelem(names))]);
	return A(to);
}

static uvlong address(uint *x, char *good)
{
	uvlong bad[] = { 0, 8, UTZERO, UTZERO - 1, USTKTOP - 8, USTKTOP, USTKTOP - USTKSIZE, ~0ULL,
		0xffffffff80000000ULL, 0xffff800000001000ULL, 0x10000000, 0x10000ff8, 0x10001000 };

	if (below(x, 8) != 0)
		return A(good + below(x, 3) * 8);
	return bad[below(x, nelem(bad))];
}

static uvlong number(uint *x)
{
	uvlong n[] = { 0, 1, 2, 3, 16, 64, 100, 128, 4095, 4096, 65535, 65536, 100000, ~0ULL,
		1ULL << 31, 1ULL << 32, 0x7fffffff, 0x8000000000000000ULL };
	uvlong v = n[below(x, nelem(n))];

	return below(x, 8) == 0 ? v + next(x) : v;
}

static uvlong length(uint *x)
{
	return below(x, 20) == 0 ? number(x) : below(x, 3000);
}

static uvlong descriptor(uint *x)
{
	return below(x, 20) == 0 ? number(x) : WIDE(below(x, 24));
}

static uvlong segaddress(uint *x)
{
	return below(x, 4) == 0 ? number(x) : 0x10000000 + below(x, 64) * PAGE / 2;
}

/* ---- calls ---- */

static void fork1(uint *x);

static void onnote(void *u, char *note)
{
	USED(u);
	if (strncmp(note, "sys: trap", 9) == 0 || strncmp(note, "sys: fp", 7) == 0 || shared->stop)
		noted(NDFLT);
	noted(NCONT);
}

static void filecall(uint *x, int n, char *buf, char *n1)
{
	uvlong fd = descriptor(x);

	switch (n) {
	case 0:
	case 1:
	case 2:
		_syscall(OPEN, name(x, n1), WIDE(below(x, 4) | (below(x, 4) << 4)), 0, 0, 0);
		break;
	case 3:
	case 4:
		_syscall(CREATE, name(x, n1), below(x, 3), below(x, 4) ? 0666 : DMDIR | 0777, 0, 0);
		break;
	case 5:
	case 6:
	case 7:
		_syscall(PREAD, fd, address(x, buf), length(x), below(x, 3) ? ~0ULL : number(x), 0);
		break;
	case 8:
	case 9:
	case 10:
		strcpy(buf, texts[below(x, nelem(texts))]);
		_syscall(PWRITE, fd, address(x, buf), below(x, 2) ? (uvlong)strlen(buf) : length(x),
			below(x, 3) ? ~0ULL : number(x), 0);
		break;
	case 11:
	case 12:
		_syscall(CLOSE, fd, 0, 0, 0, 0);
		break;
	case 13:
		_syscall(DUP, fd, descriptor(x), 0, 0, 0);
		break;
	case 14:
		_syscall(PIPE, address(x, buf), 0, 0, 0, 0);
		break;
	}
}

static void namecall(uint *x, int n, char *buf, char *n1, char *n2)
{
	uvlong fd = descriptor(x);

	switch (n) {
	case 15:
		_syscall(BIND, name(x, n1), name(x, n2), below(x, 8), 0, 0);
		break;
	case 16:
		_syscall(UNMOUNT, below(x, 2) ? 0 : name(x, n1), name(x, n2), 0, 0, 0);
		break;
	case 17:
		_syscall(MOUNT, fd, WIDE(-1), name(x, n1), below(x, 8), A(""));
		break;
	case 18:
		_syscall(STAT, name(x, n1), address(x, buf), length(x), 0, 0);
		break;
	case 19:
		_syscall(FSTAT, fd, address(x, buf), length(x), 0, 0);
		break;
	case 20:
		_syscall(CHDIR, name(x, n1), 0, 0, 0, 0);
		break;
	}
}

static void memorycall(uint *x, int n)
{
	uvlong word = A(&shared->calls) + 64;

	switch (n) {
	case 21:
		_syscall(SEGATTACH, below(x, 8) << 4, A(below(x, 2) ? "memory" : "shared"),
			segaddress(x), below(x, 20) * PAGE, 0);
		break;
	case 22:
		_syscall(SEGDETACH, segaddress(x), 0, 0, 0, 0);
		break;
	case 23:
		_syscall(below(x, 2) ? SEGFREE : SEGFLUSH, segaddress(x), below(x, 8) * PAGE, 0, 0,
			0);
		break;
	case 24:
		_syscall(SEGBRK, segaddress(x), segaddress(x) + below(x, 10) * PAGE, 0, 0, 0);
		break;
	case 25:
		_syscall(RENDEZVOUS, below(x, 4), next(x), 0, 0, 0);
		break;
	case 26:
		_syscall(SEMACQUIRE, word, below(x, 2), 0, 0, 0);
		break;
	case 27:
		_syscall(TSEMACQUIRE, word, below(x, 5), 0, 0, 0);
		break;
	case 28:
		_syscall(SEMRELEASE, word, below(x, 3), 0, 0, 0);
		break;
	}
}

static void processcall(uint *x, int n, char *buf)
{
	uint flags = RFNAMEG | RFENVG | RFFDG | RFREND | RFCENVG;

	switch (n) {
	case 29:
		fork1(x);
		break;
	case 30:
		_syscall(AWAIT, address(x, buf), length(x), 0, 0, 0);
		break;
	case 31:
		_syscall(REMOVE, A(names[below(x, 4)]), 0, 0, 0, 0);
		break;
	case 32:
		_syscall(SLEEP, below(x, 3), 0, 0, 0, 0);
		break;
	case 33:
		_syscall(RFORK, next(x) & flags, 0, 0, 0, 0);
		break;
	}
}

/* A call whose arguments fit it. */
static void sensible(uint *x, char *buf, char *n1, char *n2)
{
	int n = below(x, 34);

	if (omitted >> n & 1)
		return;
	if (n < 15)
		filecall(x, n, buf, n1);
	else if (n < 21)
		namecall(x, n, buf, n1, n2);
	else if (n < 29)
		memorycall(x, n);
	else
		processcall(x, n, buf);
}

/* Any call but those that end the process or its storm. */
static void senseless(uint *x, char *buf, char *n1)
{
	uvlong a[5];
	int n = below(x, 60), i;

	if (n == EXITS || n == NOTED || n == NOTIFY || n == RFORK || n == EXEC || n == ALARM)
		return;
	for (i = 0; i < 5; i++)
		switch (below(x, 4)) {
		case 0:
			a[i] = address(x, buf);
			break;
		case 1:
			a[i] = number(x);
			break;
		case 2:
			a[i] = descriptor(x);
			break;
		case 3:
			a[i] = name(x, n1);
			break;
		}
	if (n == BRK_ && a[0] != 0)
		return;
	if (n == SLEEP)
		a[0] &= 3;
	if (n == REMOVE)
		a[0] = A(names[0]);
	_syscall(n, a[0], a[1], a[2], a[3], a[4]);
}

static char *works(uint seed)
{
	char buf[3200], n1[64], n2[64];
	char *argv[] = { "echo", nil };
	uint x = seed;
	int i;

	notify(onnote);
	for (i = 0; i < 3; i++)
		dup(open("/dev/null", ORDWR), i);
	while (!shared->stop) {
		alarm(CALL_MS);
		__atomic_add_fetch(&shared->calls, 1, __ATOMIC_RELAXED);
		if (below(&x, 6) == 0 && !(omitted >> 40 & 1))
			senseless(&x, buf, n1);
		else
			sensible(&x, buf, n1, n2);
		if (below(&x, 300) == 0)
			return "enough";
		if (below(&x, 1000) == 0 && !(omitted >> 41 & 1))
			exec("/bin/echo", argv);
	}
	return "";
}

static int spawn(uint seed, int flags)
{
	int pid, slot = __atomic_fetch_add(&shared->npid, 1, __ATOMIC_SEQ_CST);

	if (slot >= NPID || shared->stop)
		return -1;
	shared->pid[slot] = 0;
	pid = rfork(RFPROC | RFNOTEG | flags);
	if (pid == 0) {
		shared->pid[slot] = getpid();
		_exits(works(seed));
	}
	shared->pid[slot] = pid;
	return pid;
}

static void fork1(uint *x)
{
	if (shared->npid < NPID / 2 && below(x, 4) == 0)
		spawn(next(x), RFNOWAIT | (next(x) & (RFMEM | RFFDG | RFNAMEG | RFENVG | RFREND)));
}

/* ---- the storm ---- */

static int first;	/* pid of the storm's first process */

/* Ends a process; one that has become another user's is eve's to open up first. */
static void end(int pid)
{
	char file[40];
	Dir d;

	snprint(file, sizeof file, "#p/%d/ctl", pid);
	if (puts(file, "kill") >= 0)
		return;
	nulldir(&d);
	d.mode = 0666;
	dirwstat(file, &d);
	puts(file, "kill");
}

/* Processes of the storm: all that are younger, whatever they run by now. Ends them, if asked. */
static int living(int ending)
{
	int fd = open("#p", OREAD), n = 0, i, k, pid;
	Dir *d;

	k = dirreadall(fd, &d);
	close(fd);
	for (i = 0; i < k; i++) {
		pid = atoi(d[i].name);
		if (pid < first)
			continue;
		n++;
		if (ending)
			end(pid);
	}
	free(d);
	return n;
}

/*
 * Ends all: several times, for a process that waits for a server which never answers goes on
 * waiting, for the answer to its flush, when it is interrupted first. How many are left.
 */
static int killall(void)
{
	int k, left = 0;

	for (k = 0; k < 200 && (left = living(1)) > 0; k++)
		sleep(20);
	if (left > 0)
		print("%s", contents("#c/hang"));
	return left;
}

/* A file server for /tmp: what the storm leaves there goes when it is unmounted. */
static void ownfiles(void)
{
	char *argv[] = { "ramfs", "-m", "/tmp", nil };
	int pid = fork();

	if (pid == 0) {
		exec("/bin/ramfs", argv);
		_exits("no ramfs");
	}
	same("a file server", statusof(pid), "");
	close(create("/tmp/storm", OREAD, DMDIR | 0777));
}

/* What the storm posted is its own: all but what was there before. */
static void unpost(Dir *before, long nbefore)
{
	int fd = open("#s", OREAD);
	Dir *d;
	long n = dirreadall(fd, &d), i, k;
	char name[64];

	close(fd);
	for (i = 0; i < n; i++) {
		for (k = 0; k < nbefore && strcmp(d[i].name, before[k].name) != 0; k++)
			;
		snprint(name, sizeof name, "#s/%s", d[i].name);
		if (k == nbefore)
			remove(name);
	}
	free(d);
}

/* What ends on another processor is counted for a moment still: the count when it stays. */
static vlong settled(char *what)
{
	vlong n = counted(what), now;
	int same, tries;

	for (same = tries = 0; same < 10 && tries < 500; tries++) {
		sleep(20);
		now = counted(what);
		same = now == n ? same + 1 : 0;
		n = now;
	}
	return n;
}

/* The storm itself; how many processes could not be ended. */
static int blow(uint seed, int seconds)
{
	vlong end = nsec() + seconds * 1000000000LL;
	int i, left = 0;

	first = spawn(seed * 1000, RFFDG | RFNAMEG);
	if (first < 0)
		sysfatal("no process: %r");
	for (i = 1; i < NWORKER; i++)
		spawn(seed * 1000 + i, RFFDG | RFNAMEG | (i % 2 ? RFMEM : 0));
	while (nsec() < end) {
		sleep(10);
		if (living(0) < NWORKER && shared->npid < NPID)
			spawn(seed * 1000 + i, RFFDG | RFNAMEG), i++;
		if (shared->npid >= NPID) {
			shared->stop = 1;
			left += killall();
			shared->npid = shared->stop = 0;
		}
	}
	shared->stop = 1;
	left += killall();
	while (waitpid() > 0)
		;
	return left;
}

void main(int argc, char **argv)
{
	uint seed = argc > 1 ? strtoul(argv[1], nil, 0) : 1;
	int seconds = argc > 2 ? atoi(argv[2]) : SECONDS, fd, left;
	vlong channels, processes, outset;
	char what[64];
	long n;
	Dir *d;

	if (getenv("warm") != nil && seconds > WARM_SECONDS)
		seconds = WARM_SECONDS;
	omitted = argc > 3 ? strtoull(argv[3], nil, 0) : 0;
	begin("storm", seconds + 60);
	rfork(RFENVG);
	shared = segattach(0, "shared", (void *)0x700000000000, 2 * PAGE);
	fd = open("#s", OREAD);
	n = dirreadall(fd, &d);
	close(fd);
	outset = settled("processes");
	ownfiles();
	processes = settled("processes");
	channels = settled("channels");
	left = blow(seed, seconds);
	unpost(d, n);
	snprint(what, sizeof what, "seed %ud: %lld calls", seed, shared->calls);
	yes(what, shared->calls > 100);
	is("all processes can be ended", left, 0);
	is("processes", settled("processes"), processes);
	is("channels", settled("channels"), channels);
	yes("the audit is clean", strstr(contents("#c/audit"), ", 0 violations\n") != nil);
	unmount(nil, "/tmp");
	for (n = 0; n < 200 && counted("processes") > outset; n++)
		sleep(20);
	is("processes without the file server", settled("processes"), outset);
	done();
}
