/*
 * The works of scale and their counting, the same on all systems (scale.h). Workers say that they
 * are ready, begin together, and count what they do until the parent says stop.
 */
#include "scale.h"

enum {
	WORKERS_MAX = 64, LINE = 64, RUN_MS = 1000, RUNS = 3,
	PAGE = 4096, PAGES = 64, LOOP = 10000, CALLS = 100,
};

/*
 * A worker prepares itself, then repeats the operation until it is told to stop. Work that needs
 * something which all workers share makes it in `common`, before they start.
 */
typedef struct Work {
	const char *name;
	void (*common)(void);	/* 0: nothing */
	void (*prepare)(void);	/* 0: nothing */
	void (*operate)(int worker);
} Work;

typedef struct Counter {
	volatile unsigned long long n;
	volatile int ready;
	char rest[LINE - 16];	/* a line of the cache each */
} Counter;

typedef struct Shared {
	volatile int go, stop;
	char rest[LINE - 8];
	Counter worker[WORKERS_MAX];
} Shared;

static Shared *s;
static const Work *work;
static char *common_memory, *memory;
static int file, to, from;
static char buf[8192];

/* ---- the works ---- */

static void loop(int worker)
{
	(void)worker;
	for (volatile long i = 0; i < LOOP; i++)
		;
}

static void calls(int worker)
{
	(void)worker;
	for (int i = 0; i < CALLS; i++)
		scale_call();
}

/* Touch some pages and give them back. */
static void touch(char *p)
{
	for (long i = 0; i < PAGES; i++)
		p[i * PAGE] = 1;
	scale_give_back(p, PAGES * PAGE);
}

static void own_memory(void)
{
	memory = scale_memory(PAGES * PAGE, SCALE_OWN);
}

static void own_faults(int worker)
{
	(void)worker;
	touch(memory);
}

static void make_common_memory(void)
{
	if (common_memory == 0)
		common_memory = scale_memory(WORKERS_MAX * PAGES * PAGE, SCALE_COMMON);
}

static void common_faults(int worker)
{
	touch(common_memory + worker * PAGES * PAGE);
}

static void fork_exec(int worker)
{
	(void)worker;
	scale_fork_exec();
}

void scale_answer(int in, int out)
{
	while (scale_read(in, buf, 1) == 1 && scale_write(out, buf, 1) == 1)
		;
}

static void open_pair(void)
{
	scale_partner(&to, &from);
}

static void pair(int worker)
{
	(void)worker;
	scale_must(scale_write(to, "x", 1) == 1 && scale_read(from, buf, 1) == 1, "pair");
}

static void open_file(void)
{
	file = scale_open();
}

static void read_file(int worker)
{
	(void)worker;
	scale_must(scale_read_start(file, buf, sizeof buf) == sizeof buf, "file");
}

static const Work works[] = {
	{ "independent loops", 0, 0, loop },
	{ "independent system calls", 0, 0, calls },
	{ "faults, separate segments", 0, own_memory, own_faults },
	{ "faults, one shared segment", make_common_memory, 0, common_faults },
	{ "fork + exec + wait", 0, 0, fork_exec },
	{ "pipe pairs", 0, open_pair, pair },
	{ "reads of one file", 0, open_file, read_file },
};

/* ---- counting ---- */

static void body(int worker)
{
	Counter *c = &s->worker[worker];
	if (work->prepare != 0)
		work->prepare();
	c->ready = 1;
	while (!s->go)
		scale_yield();
	while (!s->stop) {
		work->operate(worker);
		c->n++;
	}
}

static double run(int n)
{
	s->go = s->stop = 0;
	for (int i = 0; i < n; i++)
		s->worker[i].n = 0, s->worker[i].ready = 0;
	if (work->common != 0)
		work->common();
	for (int i = 0; i < n; i++)
		scale_start(body, i, work->common != 0);
	for (int i = 0; i < n; i++)
		while (!s->worker[i].ready)
			scale_sleep_ms(1);
	unsigned long long t0 = scale_now_ns(), done = 0;
	s->go = 1;
	scale_sleep_ms(RUN_MS);
	for (int i = 0; i < n; i++)
		done += s->worker[i].n;
	unsigned long long t1 = scale_now_ns();
	s->stop = 1;
	scale_wait(n);
	return (double)done * 1e9 / (double)(t1 - t0);
}

void scale(int n)
{
	s = (Shared *)(void *)scale_memory(sizeof *s, SCALE_COUNTERS);
	for (work = works; work < works + sizeof works / sizeof works[0]; work++) {
		double best = 0;
		for (int k = 0; k < RUNS; k++) {
			double rate = run(n);
			best = rate > best ? rate : best;
		}
		scale_say(work->name, best);
	}
}
