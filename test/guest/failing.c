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

#include "failing_ops.inc"

enum { NCOLD = 2 };	/* of the operations: what the kernel keeps of them is there afterwards */
static Op ops[] = {
	{ "once only", once_only }, { "fids", fids_grow },
	{ "forks", forks }, { "execs", execs }, { "scripts", scripts }, { "pipes", pipes },
	{ "files", files }, { "names", names }, { "long names", long_names },
	{ "mounts", mounts }, { "environment", environment }, { "services", services },
	{ "memory", memory }, { "processes", processes }, { "traced", traced },
	{ "waiting", waiting }, { "devices", devices }, { "segments", segments },
	{ "exchanges", exchanges }, { "programs", programs }, { "many", many },
	{ "renames", renames }, { "kernels", kernels }, { "attaches", attaches },
	{ "floods", floods }, { "mutes", mutes }, { "p9", p9 },
};

/* One that takes long. */
static int is_long(Op *op)
{
	return op->run == p9 || op->run == mutes;
}

/* All places fail that a run comes to: of those that would be slow, or come to some but once. */
static int all_at_once(Op *op)
{
	return is_long(op) || op < ops + NCOLD;
}

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
	static vlong c[16];
	int i, j = 0, n;

	for (i = 0; i < SETTLE; i++) {
		n = counts(c);
		for (j = 0; j < n && c[j] <= usual[j]; j++)
			;
		if (j == n)
			return 1;
		sleep(25);
	}
	print("# count %d was %lld and is %lld\n", j, usual[j], c[j]);
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
	static char told[32768], all[32768];
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
		if (s != nil && strstr(told, s) == nil) {
			strcat(told, s);
			strcat(told, "\n");
			return s + 1;
		}
	}
	return "(unknown)";
}

/* ---- the walk ---- */

/* What it left running, in whatever group. */
static void kill_newer(int pid)
{
	int fd = open("/proc", OREAD), i;
	long n;
	Dir *d;

	while ((n = dirread(fd, &d)) > 0) {
		for (i = 0; i < n; i++)
			if (atoi(d[i].name) > pid)
				puts(procfile(atoi(d[i].name), "ctl"), "kill");
		free(d);
	}
	close(fd);
}

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
		alarm(is_long(op) ? 40000 : 5000);
		op->run();
		_exits(nil);
	}
	if (pid < 0)
		sysfatal("rfork: %r");
	statusof(pid);
	kill_newer(pid);
}

/* 1: a place failed; 0: the operation knows no further one. */
static int step(Op *op)
{
	puts("/dev/failalloc", all_at_once(op) ? "each" : "arm");
	once(op);
	return puts("/dev/failalloc", "disarm") >= 0;
}

static int walk(Op *op, vlong end)
{
	int i, good = 1;

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

/* For test/guest/failsites: what happened where. */
static void places(void)
{
	static char all[32768];
	int fd = open("/dev/failalloc", OREAD);
	long n;

	while ((n = read(fd, all, sizeof all)) > 0)
		write(1, all, n);
	close(fd);
}

void main(int argc, char **argv)
{
	vlong end = nsec() + (argc > 1 ? atoll(argv[1]) : 240) * 1000000000LL, before;
	uint i, runs = 0;

	if (argc > 2 && strcmp(argv[1], "-m") == 0) {
		puts("/dev/failalloc", "mark");
		exec(argv[2], argv + 2);
		sysfatal("%s: %r", argv[2]);
	}
	if (puts("/dev/failalloc", "nth 0") < 0) {
		print("# failing: %r\n0 passed, 0 failed\n");
		_exits(nil);
	}
	begin("failing", argc > 1 ? atoi(argv[1]) + 30 : 270);
	for (i = 0; i < NCOLD; i++)
		runs += walk(&ops[i], end);
	for (i = NCOLD; i < nelem(ops); i++)
		if (!is_long(&ops[i]))
			once(&ops[i]);
	before = heap();
	for (i = NCOLD; i < nelem(ops); i++)
		runs += walk(&ops[i], end);
	places();
	print("# %d runs\n", runs);
	yes("the heap is as it was", heap() <= before + 65536);
	yes("audit", strstr(contents("/dev/audit"), ", 0 violations") != nil);
	done();
}
