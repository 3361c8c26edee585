/*
 * How long a process that could run may have to wait, and how much those that run all the time get
 * of the processors: doc/proc.md, Running. Run under -icount, where one processor keeps the bounds
 * exactly. Several take turns there, of ten ticks each, and any of those may come before any tick.
 */
#include "guest.h"

enum { MS = 1000000, TICK_MS = 10, TURN_TICKS = 10, NPROC_MAX = 24, NHOG = 6, WARM_MS = 1200,
	LOOK_MS = 1000, STARVED_MS = 4000, AGED_MS = 1100, SHARE_MS = 1500, NSLEEP = 20,
	SLEEP_MS = 50 };

static vlong longest[NPROC_MAX];	/* shared with RFMEM */
static volatile vlong used[NPROC_MAX], from_ns;
static volatile int over;
static int turns;	/* the factor */

/* Without a call, in which one might meet others and wait. */
static vlong now_ns(void)
{
	uvlong now;

	cycles(&now);
	return (vlong)(now / (_tos->cyclefreq / MS) * 1000);
}

/* The longest stretch between two looks at the clock, after the first ms, in ms. */
static vlong gap(int after, int for_ms)
{
	vlong now, last = now_ns(), begun = last, most = 0;

	for (; last - begun < (vlong)(after + for_ms) * MS; last = now) {
		now = now_ns();
		if (now - begun > (vlong)after * MS && now - last > most)
			most = now - last;
	}
	return most / MS;
}

static char *spins(void *arg)
{
	longest[(uintptr)arg] = gap(WARM_MS, LOOK_MS);
	return "";
}

static void atmost(char *name, vlong got, vlong bound)
{
	bound *= turns;
	if (got <= bound)
		ok(name);
	else
		notok(name, "got %lld ms, expected at most %lld", got, bound);
}

/* The longest that one of n waits which run all the time. */
static vlong waited(int n)
{
	vlong most = 0;
	int i;

	for (i = 0; i < n; i++)
		start(RFMEM, spins, (void *)(uintptr)i);
	for (i = 0; i < n; i++)
		waitpid();
	for (i = 0; i < n; i++)
		most = longest[i] > most ? longest[i] : most;
	return most;
}

/*
 * Of those that run all the time each waits a tick for every other one, and one to begin with.
 * Tried again where the auditor of the checked build took the processor, every five seconds.
 */
static void equals(int n)
{
	vlong bound = (n + 1) * TICK_MS, most = waited(n);
	int i;

	for (i = 0; i < 2 && most > bound * turns; i++)
		most = waited(n);
	atmost("a tick for each of the others", most, bound);
}

/* Its processor time as of now: a call brings it up to date. */
static vlong cycles_used(void)
{
	nsec();
	return (vlong)_tos->pcycles;
}

static char *uses(void *arg)
{
	vlong before;

	while (from_ns == 0 || now_ns() < from_ns)
		;
	before = cycles_used();
	while (now_ns() < from_ns + (vlong)SHARE_MS * MS)
		;
	used[(uintptr)arg] = cycles_used() - before;
	return "";
}

static char *uses_lowly(void *arg)
{
	puts(procfile(getpid(), "ctl"), "pri 3");
	return uses(arg);
}

/* What is the least and the most that each of n used, of which the first is special. */
static void measure(char *(*first)(void *), int n, vlong *least, vlong *most)
{
	int i;

	from_ns = 0;
	start(RFMEM, first, (void *)0);
	for (i = 1; i < n; i++)
		start(RFMEM, uses, (void *)(uintptr)i);
	from_ns = now_ns() + (vlong)WARM_MS * MS;
	for (i = 0; i < n; i++)
		waitpid();
	*least = *most = used[1];
	for (i = 2; i < n; i++) {
		*least = used[i] < *least ? used[i] : *least;
		*most = used[i] > *most ? used[i] : *most;
	}
}

/* One more than there are processors: each gets about as much as the others. */
static void even(int n)
{
	vlong least, most;

	measure(uses, n, &least, &most);
	least = used[0] < least ? used[0] : least;
	most = used[0] > most ? used[0] : most;
	if (least >= most - most / 4)
		ok("each its share of the processors");
	else
		notok("each its share of the processors", "the least is %lld%% of the most",
			least * 100 / most);
}

/* A lower priority gets what is left. */
static void lower(int n)
{
	vlong least, most;

	measure(uses_lowly, n, &least, &most);
	if (used[0] < least / 2)
		ok("a lower priority gets less");
	else
		notok("a lower priority gets less", "it had %lld%% of what the least other had",
			used[0] * 100 / least);
}

/* Who sleeps keeps its priority, and runs when its time has come. */
static void sleeper(int n)
{
	vlong t, most = 0;
	int i;

	for (i = 0; i < n; i++)
		start(RFMEM, spins, (void *)(uintptr)i);
	for (i = 0; i < NSLEEP; i++) {
		t = now_ns();
		sleep(SLEEP_MS);
		t = (now_ns() - t) / MS;
		most = t > most ? t : most;
	}
	for (i = 0; i < n; i++)
		waitpid();
	atmost("a sleeper among those that run", most, SLEEP_MS + 2 * TICK_MS);
}

/* Sleeps too often to lose priority, and too briefly to leave anything to others. */
static char *hogs(void *arg)
{
	vlong t;

	USED(arg);
	while (!over) {
		for (t = now_ns(); now_ns() - t < 4 * MS; )
			;
		sleep(1);
	}
	return "";
}

static char *starves(void *arg)
{
	USED(arg);
	longest[0] = gap(0, STARVED_MS);
	over = 1;
	return "";
}

static void unequals(int n)
{
	int i;

	over = 0;
	for (i = 0; i < n; i++)
		start(RFMEM, hogs, nil);
	start(RFMEM, starves, nil);
	for (i = 0; i <= n; i++)
		waitpid();
	atmost("a second among those that sleep", longest[0], AGED_MS + (n + 1) * TICK_MS);
}

void main(int argc, char **argv)
{
	int ncpu = processors() < 4 ? processors() : 4;

	USED(argc);
	USED(argv);
	begin("fair", 120);
	turns = 1 + TURN_TICKS * (ncpu - 1);
	even(ncpu + 1);
	lower(2 * ncpu + 1);
	sleeper(2 * ncpu);
	equals(3);
	equals(NHOG * ncpu);
	unequals(NHOG * ncpu);
	done();
}
