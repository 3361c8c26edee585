/*
 * failing [seconds]: every place that allocates fails once. Each operation is repeated in a
 * process of its own, whose allocations are armed to fail at the first place that never did
 * (/dev/failalloc, BUILD=checked), until a run meets no such place. After every run nothing
 * may be missing and the audit must be clean. The time bounds the whole; what was not reached
 * by then is said.
 */
#include "guest.h"

enum { BALLAST = 2 << 20, RUNS_MAX = 400, SETTLE = 40 };

typedef struct Op { char *name; void (*run)(void); } Op;

static void nothing(void *u, char *note)
{
	USED(u);
	noted(strncmp(note, "sys:", 4) == 0 ? NDFLT : NCONT);
}

/* ---- operations; whatever fails in them may ---- */

static void forks(void)
{
	int pid = rfork(RFPROC | RFFDG | RFENVG | RFNAMEG | RFREND);

	if (pid == 0)
		_exits("done");
	if (pid > 0)
		statusof(pid);
}

static void execs(void)
{
	int pid = rfork(RFPROC | RFFDG);

	if (pid == 0) {
		dup(open("/dev/null", OWRITE), 1);
		execl("/bin/rc", "rc", "-c", "x=1; echo $x | cat", nil);
		_exits("exec");
	}
	if (pid > 0)
		statusof(pid);
}

static void scripts(void)
{
	int fd = create("/tmp/script", OWRITE, 0755), pid;

	fprint(fd, "#!/bin/echo hello\n");
	close(fd);
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		dup(open("/dev/null", OWRITE), 1);
		execl("/tmp/script", "script", "arguments", nil);
		_exits("exec");
	}
	if (pid > 0)
		statusof(pid);
	remove("/tmp/script");
}

/* A program that nobody ran before: nothing of it is in the cache. */
static void programs(void)
{
	static char buf[8192];
	int in = open("/bin/echo", OREAD), out = create("/tmp/fresh", OWRITE, 0755), pid;
	long n;

	while ((n = read(in, buf, sizeof buf)) > 0)
		write(out, buf, n);
	close(in);
	close(out);
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		dup(open("/dev/null", OWRITE), 1);
		execl("/tmp/fresh", "fresh", nil);
		_exits("exec");
	}
	if (pid > 0)
		statusof(pid);
	remove("/tmp/fresh");
}

/* More of everything than the kernel keeps for the next use. */
static void many(void)
{
	int i, pid[24], fd[2];

	for (i = 0; i < 200; i++)
		open("/tmp/../lib/namespace", OREAD);
	for (i = 0; i < 20; i++)
		pipe(fd);
	for (i = 0; i < 24; i++)
		if ((pid[i] = rfork(RFPROC | RFFDG)) == 0) {
			sleep(50);
			_exits(nil);
		}
	for (i = 0; i < 24; i++)
		if (pid[i] > 0)
			statusof(pid[i]);
}

static void renames(void)
{
	static char *file[] = { "/srv/failing", "#c/null", "#t/eia0", "#s", "/proc", "/env/path" };
	uint i;
	Dir d;

	close(create("/srv/failing", OWRITE, 0600));
	for (i = 0; i < nelem(file); i++) {
		nulldir(&d);
		d.mode = 0600;
		d.uid = "glenda";
		dirwstat(file[i], &d);
	}
	nulldir(&d);
	d.mode = 0640;
	dirwstat(procfile(getpid(), "ctl"), &d);
	remove("/srv/failing");
	puts(procfile(getpid(), "ctl"), "period 100ms");
	puts(procfile(getpid(), "watchpt"), "r-- 0x200000 8");
	puts("#¤/caphash", "aaaaaaaaaaaaaaaaaaaa");
}

static void pipes(void)
{
	static char big[100000];
	int fd[2], pid;

	if (pipe(fd) < 0)
		return;
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		close(fd[0]);
		write(fd[1], big, sizeof big);
		_exits(nil);
	}
	close(fd[1]);
	while (pid > 0 && read(fd[0], big, 5000) > 0)
		;
	close(fd[0]);
	if (pid > 0)
		statusof(pid);
}

static void files(void)
{
	static char big[20000];
	int fd = create("/tmp/file", ORDWR, 0644);
	Dir *d, n;

	write(fd, big, sizeof big);
	pread(fd, big, sizeof big, 0);
	d = dirfstat(fd);
	free(d);
	nulldir(&n);
	n.name = "file2";
	dirfwstat(fd, &n);
	close(fd);
	chdir("/tmp");
	remove("/tmp/file");
	remove("/tmp/file2");
	fd = open("/bin", OREAD);
	while ((dirread(fd, &d)) > 0)
		free(d);
	close(fd);
}

static void names(void)
{
	rfork(RFNAMEG);
	bind("/bin", "/mnt", MREPL);
	bind("/dev", "/mnt", MAFTER);
	bind("#e", "/mnt", MBEFORE | MCREATE);
	close(open("/mnt/../mnt/ls", OREAD));
	unmount("/dev", "/mnt");
	unmount(nil, "/mnt");
	chdir("/lib");
	rfork(RFCNAMEG);
}

static void mounts(void)
{
	int fd = open("/srv/nothing", ORDWR), p[2], pid;

	USED(fd);
	if (pipe(p) < 0)
		return;
	pid = rfork(RFPROC | RFFDG | RFNAMEG);
	if (pid == 0) {
		close(p[1]);
		dup(p[0], 0);
		dup(p[0], 1);
		execl("/bin/exportfs", "exportfs", "-r", "/lib", nil);
		_exits("exec");
	}
	close(p[0]);
	rfork(RFNAMEG);
	if (pid > 0 && mount(p[1], -1, "/n", MREPL, "") >= 0) {
		close(open("/n/namespace", OREAD));
		unmount(nil, "/n");
	}
	close(p[1]);
}

static void environment(void)
{
	putenv("failing", "value");
	free(getenv("failing"));
	rfork(RFENVG);
	remove("/env/failing");
	rfork(RFCENVG);
}

static void services(void)
{
	int fd = create("/srv/failing", OWRITE | ORCLOSE, 0600), p[2];

	if (pipe(p) >= 0) {
		fprint(fd, "%d", p[0]);
		close(open("/srv/failing", ORDWR));
		close(p[0]);
		close(p[1]);
	}
	close(fd);
	remove("/srv/failing");
}

static void memory(void)
{
	char *p = segattach(0, "memory", nil, 1 << 20), *q = segattach(0, "shared", nil, 1 << 16);

	if (p != (void *)-1) {
		p[0] = p[500000] = 1;
		forks();
		segdetach(p);
	}
	if (q != (void *)-1) {
		q[0] = 1;
		segdetach(q);
	}
	q = sbrk(100000);
	if (q != (void *)-1)
		q[50000] = 1;
}

static void processes(void)
{
	char name[40];
	int pid = getpid();
	uint i;
	static char *file[] = { "status", "ns", "fd", "segment", "args", "noteid", "proc", "mem",
		"text", "regs", "profile", "syscall", "kregs", "fpregs", "ppid", "wait", "ctl" };

	for (i = 0; i < nelem(file); i++) {
		snprint(name, sizeof name, "%s", procfile(pid, file[i]));
		if (strcmp(file[i], "wait") != 0)
			contents(name);
	}
	puts(procfile(pid, "args"), "other args");
	puts(procfile(pid, "ctl"), "pri 9");
	puts(procfile(pid, "ctl"), "profile");
	close(open("/proc/trace", OREAD));
	close(open("/proc", OREAD));
}

static void waiting(void)
{
	static int sem;
	int pid = rfork(RFPROC | RFMEM);

	if (pid == 0) {
		sleep(5);
		semrelease(&sem, 1);
		rendezvous((void *)1, (void *)2);
		_exits(nil);
	}
	if (pid > 0) {
		tsemacquire(&sem, 100);
		alarm(200);
		rendezvous((void *)1, (void *)3);
		alarm(0);
		statusof(pid);
	}
}

static void devices(void)
{
	static char *file[] = { "#c/counts", "#c/chans", "#c/audit", "#c/sysstat", "#c/hang",
		"#c/locks", "#c/kmesg", "#c/drivers", "#c/cputime", "#¶/swap", "#P/archctl",
		"#P/ioalloc", "#P/irqalloc", "#r/rtc", "#t/eia0status", "#σc", "#s", "#g", "#d/0",
		"#c/trace", "#c/kprof" };
	uint i;

	for (i = 0; i < nelem(file); i++)
		contents(file[i]);
	close(create("#σc/failing", OREAD, DMDIR | 0700));
	remove("#σc/failing");
	close(create("#g/failing", OREAD, DMDIR | 0700));
	remove("#g/failing");
	puts("#c/trace", "start");
	puts("#c/trace", "stop");
	puts("#c/kprof", "start");
	puts("#c/kprof", "stop");
}

static Op ops[] = {
	{ "forks", forks }, { "execs", execs }, { "scripts", scripts }, { "pipes", pipes },
	{ "files", files }, { "names", names }, { "mounts", mounts },
	{ "environment", environment }, { "services", services }, { "memory", memory },
	{ "processes", processes }, { "waiting", waiting }, { "devices", devices },
	{ "programs", programs }, { "many", many }, { "renames", renames },
};

/* ---- what must be as before ---- */

static vlong usual[16];

/* Processes, channels, fids, tags, segments as numbers; the caches behind them may grow. */
static int counts(vlong *c)
{
	char *line[16], *s = contents("/dev/counts");
	int i, n = getfields(s, line, nelem(line), 1, "\n"), kept = 0;

	for (i = 0; i < n; i++)
		if (strstr(line[i], "image") == nil && strstr(line[i], "heap") == nil
			&& strstr(line[i], "frames") == nil)
			c[kept++] = atoll(line[i]);
	return kept;
}

/* What ends takes a while to be gone. */
static int balanced(void)
{
	vlong c[16];
	int i, j, n;

	for (i = 0; i < SETTLE; i++) {
		n = counts(c);
		for (j = 0; j < n && c[j] <= usual[j]; j++)
			;
		if (j == n)
			return 1;
		sleep(25);
	}
	return 0;
}

static vlong heap(void)
{
	char *s = contents("/dev/counts");

	s = strstr(s, " heap");
	while (s != nil && s[-1] >= '0' && s[-1] <= '9')
		s--;
	return s == nil ? 0 : atoll(s);
}

/* The place that failed last: the line that has 1 now and had not. */
static char *newest(void)
{
	static char seen[32768], all[32768];
	char *s, *e;
	int fd = open("/dev/failalloc", OREAD);
	long n, total = 0;

	while ((n = read(fd, all + total, sizeof all - 1 - total)) > 0)
		total += n;
	close(fd);
	all[total] = '\0';
	for (s = all; *s != '\0'; s = e + 1) {
		e = strchr(s, '\n');
		if (e == nil)
			break;
		*e = '\0';
		s = s[0] == '1' ? strrchr(s, ' ') : nil;
		if (s != nil && strstr(seen, s) == nil) {
			strcat(seen, s);
			strcat(seen, "\n");
			return s + 1;
		}
	}
	return "(unknown)";
}

/* ---- the walk ---- */

static void once(Op *op)
{
	char *p;
	int pid = rfork(RFPROC | RFFDG | RFNOTEG | RFENVG | RFNAMEG | RFREND);

	if (pid == 0) {
		notify(nothing);
		p = segattach(0, "memory", nil, BALLAST);
		if (p != (void *)-1)
			memset(p, 1, BALLAST);	/* it is the one to go when there is no memory */
		puts("/dev/failalloc", "mark");
		alarm(5000);
		op->run();
		_exits(nil);
	}
	if (pid < 0)
		sysfatal("rfork: %r");
	statusof(pid);
	postnote(PNGROUP, pid, "kill");		/* what it left running */
}

/* 1: a place failed; 0: the operation knows no further one. */
static int step(Op *op)
{
	puts("/dev/failalloc", "arm");
	once(op);
	return puts("/dev/failalloc", "disarm") >= 0;
}

static int walk(Op *op, vlong end)
{
	int i, good = 1;

	once(op);
	once(op);
	counts(usual);
	for (i = 0; i < RUNS_MAX && nsec() < end && step(op); i++) {
		char *site = newest();

		if (!balanced()) {
			print("# %s: after a failure at %s: %s", op->name, site,
				contents("/dev/counts"));
			good = 0;
			counts(usual);
		}
	}
	yes(op->name, good && nsec() < end);
	return i;
}

/* Which asked and never failed, for another process had them first or time was short. */
static void places(void)
{
	char *s = contents("/dev/failalloc"), *line[400];
	int i, n = getfields(s, line, nelem(line), 1, "\n");

	for (i = 0; i < n; i++)
		if (line[i][0] == '0')
			print("# never failed: %s\n", line[i]);
}

void main(int argc, char **argv)
{
	vlong end = nsec() + (argc > 1 ? atoll(argv[1]) : 240) * 1000000000LL, before;
	uint i, runs = 0;

	if (puts("/dev/failalloc", "disarm") < 0) {
		print("# failing: %r\n0 passed, 0 failed\n");
		_exits(nil);
	}
	begin("failing", argc > 1 ? atoi(argv[1]) + 30 : 270);
	for (i = 0; i < nelem(ops); i++)
		once(&ops[i]);
	before = heap();
	for (i = 0; i < nelem(ops); i++)
		runs += walk(&ops[i], end);
	places();
	print("# %d places failed\n", runs);
	yes("at least so many places", runs >= 60);
	yes("the heap is as it was", heap() <= before + 65536);
	yes("audit", strstr(contents("/dev/audit"), ", 0 violations") != nil);
	done();
}
