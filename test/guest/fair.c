/*
 * How long a process that could run may have to wait: doc/proc.md, Scheduling. Run under -icount,
 * as test/guest/shares.c, where one processor keeps the bounds exactly. Several take turns there,
 * which lengthens every wait by some factor.
 */
#include "guest.h"

enum { MS = 1000000, TICK_MS = 10, NPROC_MAX = 24, NHOG = 6, WARM_MS = 1200, LOOK_MS = 1000,
	STARVED_MS = 4000, AGED_MS = 1100 };

static vlong longest[NPROC_MAX];	/* shared with RFMEM */
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

/* Of those that run all the time each waits a tick for every other one, and one to begin with. */
static void equals(int n)
{
	vlong most = 0;
	int i;

	for (i = 0; i < n; i++)
		start(RFMEM, spins, (void *)(uintptr)i);
	for (i = 0; i < n; i++)
		waitpid();
	for (i = 0; i < n; i++)
		most = longest[i] > most ? longest[i] : most;
	atmost("a tick for each of the others", most, (n + 1) * TICK_MS);
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

static int processors(void)
{
	char *s = contents("#c/sysstat");
	int n = 0;

	while ((s = strchr(s, '\n')) != nil) {
		n++;
		s++;
	}
	return n < 4 ? n : 4;
}

void main(int argc, char **argv)
{
	int ncpu = processors();

	USED(argc);
	USED(argv);
	begin("fair", 120);
	turns = ncpu == 1 ? 1 : 5;
	equals(3);
	equals(NHOG * ncpu);
	unequals(NHOG * ncpu);
	done();
}
