/*
 * bench [-p] [row ...]: what lux9's elementary operations cost, a line a row: name, cost.
 * The cost is in ticks of the time-stamp counter, which under `tools/lux9 -i` are
 * instructions (tools/bench scales them). Each row repeats its operation, takes the
 * smallest of several runs, and subtracts the cost of an empty loop.
 */
#include <u.h>
#include <libc.h>

uvlong _syscall(int n, uvlong, uvlong, uvlong, uvlong, uvlong);
uvlong _syscall0(int n);

typedef struct Row Row;
struct Row {
	char *name;
	void (*run)(long n);
	long n;			/* operations in a run */
	double unit;		/* divide by this: bytes of one operation, or 1 */
	void (*prepare)(void);
};

enum { RUNS = 5, PAGE = 4096, BIG = 65536 };

static int zero, pipes[2], back[2], tmpfile;
static uchar *memory;
static char buf[BIG];

static void must(int ok, char *what)
{
	if (!ok)
		sysfatal("%s: %r", what);
}

/* ---- calls and files ---- */

static void nothing(long n)
{
	for (volatile long i = 0; i < n; i++)
		;
}

static void null_call(long n)
{
	while (n-- > 0)
		_syscall0(SYSR1);
}

static void read_zero(long n)
{
	while (n-- > 0)
		read(zero, buf, 1);
}

static void open_close(long n)
{
	while (n-- > 0)
		close(open("/dev/null", OREAD));
}

static void stat_null(long n)
{
	uchar d[256];
	while (n-- > 0)
		stat("/dev/null", d, sizeof d);
}

/* Names that are walked each time, since nobody keeps what has dots. */
static void open_walked(long n)
{
	while (n-- > 0)
		close(open("/dev/./null", OREAD));
}

static void stat_walked(long n)
{
	uchar d[256];
	while (n-- > 0)
		stat("/dev/./null", d, sizeof d);
}

static void chdir_lib(long n)
{
	while (n-- > 0)
		chdir("/lib");
}

static void bind_unmount(long n)
{
	while (n-- > 0) {
		bind("/lib", "/mnt", MREPL);
		unmount(nil, "/mnt");
	}
}

/* ---- processes that answer ---- */

static int partner;

static void open_pipes(void)
{
	must(pipe(pipes) >= 0 && pipe(back) >= 0, "pipe");
}

static void end_partner(void)
{
	if (partner > 0) {
		postnote(PNPROC, partner, "kill");
		while (waitpid() != partner)
			;
	}
	notify(nil);
	partner = 0;
}

static void start_echo(void)
{
	open_pipes();
	partner = fork();
	must(partner >= 0, "fork");
	if (partner != 0)
		return;
	for (;;)
		if (read(pipes[1], buf, 1) != 1 || write(pipes[1], buf, 1) != 1)
			_exits(nil);
}

static void ping(long n)
{
	while (n-- > 0) {
		write(pipes[0], "x", 1);
		read(pipes[0], buf, 1);
	}
}

static void start_sink(void)
{
	open_pipes();
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0)
		if (read(pipes[1], buf, BIG) <= 0)
			_exits(nil);
}

static void pipe_8k(long n)
{
	while (n-- > 0)
		write(pipes[0], buf, 8192);
}

static void pipe_64k(long n)
{
	while (n-- > 0)
		write(pipes[0], buf, BIG);
}

/* ---- pages that change hands ---- */

enum { MEG = 1 << 20 };

static int exchange_there, exchange_back;	/* control files that both sides have */

/* Offer the megabyte at p, say so, and forget the empty place once the other has it. */
static void give_pages(int fd, void *p, int to)
{
	must(exreoffer(fd, "move", p, MEG) >= 0 && write(to, "x", 1) == 1, "offer");
}

static void *accept_pages(int fd, int from)
{
	void *p = read(from, buf, 1) == 1 ? exaccept(fd, nil, nil) : (void *)-1;
	must(p != (void *)-1, "accept");
	return p;
}

static void start_exchange(void)
{
	open_pipes();
	exchange_there = open("/dev/exchange/clone", ORDWR);
	exchange_back = open("/dev/exchange/clone", ORDWR);
	must(exchange_there >= 0 && exchange_back >= 0, "/dev/exchange/clone");
	partner = fork();
	must(partner >= 0, "fork");
	for (void *last = nil; partner == 0;) {
		void *p = accept_pages(exchange_there, pipes[1]);
		if (last != nil)
			segdetach(last);
		give_pages(exchange_back, p, pipes[1]);
		last = p;
	}
	memory = segattach(0, "memory", nil, MEG);
	must(memory != (void *)-1, "segattach");
	for (long i = 0; i < MEG; i += PAGE)
		memory[i] = 1;
}

/* There and back, and every page is looked at. */
static void exchange(long n)
{
	while (n-- > 0) {
		give_pages(exchange_there, memory, pipes[0]);
		void *p = accept_pages(exchange_back, pipes[0]);
		segdetach(memory);
		memory = p;
		for (long i = 0; i < MEG; i += PAGE)
			must(memory[i] == 1, "contents");
	}
}

static int *sems;

static void start_sem(void)
{
	sems = (int *)segattach(0, "shared", nil, PAGE);
	must(sems != (void *)-1, "segattach");
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0) {
		semacquire(&sems[0], 1);
		semrelease(&sems[1], 1);
	}
}

static void sem_ping(long n)
{
	while (n-- > 0) {
		semrelease(&sems[0], 1);
		semacquire(&sems[1], 1);
	}
}

static void start_rend(void)
{
	partner = rfork(RFPROC | RFFDG);
	must(partner >= 0, "fork");
	while (partner == 0) {
		rendezvous((void *)1, (void *)2);
		rendezvous((void *)3, (void *)4);
	}
}

static void rend_ping(long n)
{
	while (n-- > 0) {
		rendezvous((void *)1, (void *)5);
		rendezvous((void *)3, (void *)6);
	}
}

static void start_yield(void)
{
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0)
		sleep(0);
}

/* Each turn goes to the partner and back: two switches. */
static void yield_twice(long n)
{
	while (n-- > 0)
		sleep(0);
}

/* ---- processes ---- */

static void fork_wait(long n)
{
	while (n-- > 0) {
		if (fork() == 0)
			_exits(nil);
		waitpid();
	}
}

static void exec_wait(long n)
{
	char *argv[] = { "tiny", nil };
	while (n-- > 0) {
		if (fork() == 0) {
			exec("/t/tiny", argv);
			_exits("exec");
		}
		waitpid();
	}
}

static void handler(void *u, char *note)
{
	(void)u;
	(void)note;
	noted(NCONT);
}

static int notefd;

static void start_note(void)
{
	char name[64];
	notify(handler);
	snprint(name, sizeof name, "/proc/%d/note", getpid());
	notefd = open(name, OWRITE);
	must(notefd >= 0, name);
}

static void note_self(long n)
{
	while (n-- > 0)
		write(notefd, "note", 4);
}

/* ---- memory ---- */

static void fresh_pages(long n)
{
	memory = segattach(0, "memory", nil, n * PAGE);
	must(memory != (void *)-1, "segattach");
	for (long i = 0; i < n; i++)
		memory[i * PAGE] = 1;
	segdetach(memory);
}

/* A child holds what the parent writes to. */
static void copied_pages(long n)
{
	memory = segattach(0, "memory", nil, n * PAGE);
	must(memory != (void *)-1, "segattach");
	for (long i = 0; i < n; i++)
		memory[i * PAGE] = 1;
	int pid = fork();
	if (pid == 0)
		for (;;)
			sleep(100000);
	vlong t0, t1;
	cycles((uvlong *)&t0);
	for (long i = 0; i < n; i++)
		memory[i * PAGE] = 2;
	cycles((uvlong *)&t1);
	postnote(PNPROC, pid, "kill");
	waitpid();
	segdetach(memory);
	print("copy-on-write fault\t%.1f\n", (double)(t1 - t0) / n);
}

/* ---- files of ramfs ---- */

static void start_tmp(void)
{
	tmpfile = create("/tmp/bench", ORDWR, 0666);
	must(tmpfile >= 0, "/tmp/bench");
	must(write(tmpfile, buf, BIG) == BIG, "write /tmp/bench");
}

static void tmp_byte(long n)
{
	while (n-- > 0)
		pread(tmpfile, buf, 1, 0);
}

static void tmp_read(long n)
{
	while (n-- > 0)
		pread(tmpfile, buf, 8192, 0);
}

static void tmp_open(long n)
{
	while (n-- > 0)
		close(open("/tmp/bench", OREAD));
}

static void tmp_create(long n)
{
	while (n-- > 0) {
		close(create("/tmp/made", OWRITE, 0666));
		remove("/tmp/made");
	}
}

static Row rows[] = {
	{ "null system call", null_call, 10000, 1, nil },
	{ "read 1 byte of /dev/zero", read_zero, 10000, 1, nil },
	{ "open + close of /dev/null", open_close, 2000, 1, nil },
	{ "stat of the same", stat_null, 2000, 1, nil },
	{ "pipe, 1 byte there and back", ping, 2000, 1, start_echo },
	{ "pipe, per byte, 8 KiB writes", pipe_8k, 500, 8192, start_sink },
	{ "pipe, per byte, 64 KiB writes", pipe_64k, 100, BIG, start_sink },
	{ "fork + exit + wait", fork_wait, 100, 1, nil },
	{ "fork + exec + wait", exec_wait, 100, 1, nil },
	{ "fresh page touched", fresh_pages, 4096, 1, nil },
	{ "semaphore there and back", sem_ping, 2000, 1, start_sem },
	{ "rendezvous there and back", rend_ping, 2000, 1, start_rend },
	{ "note to self, handled", note_self, 2000, 1, start_note },
	{ "yield to another process", yield_twice, 2000, 2, start_yield },
	{ "9P round trip, 1-byte pread", tmp_byte, 1000, 1, start_tmp },
	{ "ramfs read, per byte, 8 KiB", tmp_read, 500, 8192, start_tmp },
	{ "ramfs open + close", tmp_open, 500, 1, start_tmp },
	{ "ramfs create + remove", tmp_create, 200, 1, nil },
	{ "bind + unmount", bind_unmount, 2000, 1, nil },
	{ "chdir", chdir_lib, 2000, 1, nil },
	{ "open + close, name walked", open_walked, 2000, 1, nil },
	{ "stat, name walked", stat_walked, 2000, 1, nil },
	/* Leaves a megabyte behind, which a fork would copy: the last. */
	{ "exchange, per KiB, 1 MiB moved", exchange, 20, 2 * 1024, start_exchange },
};

/* The third number of /dev/time counts from the kernel's entry, in instructions under -icount. */
static void boot(void)
{
	char *field[4];
	int fd = open("/dev/time", OREAD);
	must(fd >= 0, "/dev/time");
	long n = read(fd, buf, sizeof buf - 1);
	must(n > 0, "/dev/time");
	close(fd);
	buf[n] = 0;
	must(tokenize(buf, field, nelem(field)) >= 3, "/dev/time");
	print("kernel entry to the first program\t%s\n", field[2]);
}

static double measure(void (*run)(long), long n)
{
	double best = 0;
	for (int i = 0; i < RUNS; i++) {
		uvlong t0, t1;
		cycles(&t0);
		run(n);
		cycles(&t1);
		if (i == 0 || (double)(t1 - t0) < best)
			best = (double)(t1 - t0);
	}
	return best / n;
}

static void bench(Row *r)
{
	if (r->prepare != nil)
		r->prepare();
	print("%s\t%.2f\n", r->name, measure(r->run, r->n) / r->unit);
	end_partner();
}

static void mark(void)
{
	_syscall(SYS_ERRSTR, (uvlong)buf, 0, 0, 0, 0);
}

/* For tools/profile: one operation of a row after two marks, calls that nothing else makes. */
static void profile(char *name)
{
	for (int i = 0; i < (int)nelem(rows); i++) {
		Row *r = &rows[i];
		if (strstr(r->name, name) == nil)
			continue;
		if (r->prepare != nil)
			r->prepare();
		for (int run = 0; run < 3; run++) {
			mark();
			mark();
			r->run(1);
		}
		mark();
		end_partner();
		exits(nil);
	}
	sysfatal("no row %s", name);
}

void main(int argc, char **argv)
{
	zero = open("/dev/zero", OREAD);
	must(zero >= 0, "/dev/zero");
	if (argc == 3 && strcmp(argv[1], "-p") == 0)
		profile(argv[2]);
	if (argc == 1)
		boot();
	print("loop\t%.2f\n", measure(nothing, 100000));
	for (int i = 0; i < (int)nelem(rows); i++) {
		int wanted = argc == 1;
		for (int a = 1; a < argc; a++)
			wanted |= strstr(rows[i].name, argv[a]) != nil;
		if (wanted)
			bench(&rows[i]);
	}
	if (argc == 1)
		copied_pages(1024);
	exits(nil);
}
