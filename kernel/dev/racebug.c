/*
 * Races on purpose (BUILD=race): writing `bug NAME` to /dev/reboot runs one, to show
 * that the detector sees it and what it says. The same with marked accesses, or with
 * interrupts off, is none, and must not be reported. Each ends within LIMIT_NS.
 */
#include "dev/cons.h"
#include "mem/race.h"

enum { PERIOD_NS = 50000 };
#define LIMIT_NS 5000000000UL

static u64 counter;
static bool marked;
static Timer ticker;

/* In the clock interrupt. */
static void tick(Timer *t)
{
	if (PEEK(marked))
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
	else
		counter++;
	timer_set(t, arch_nsec() + PERIOD_NS);
}

static __attribute__((noinline)) void plain_count(void)
{
	counter++;
}

static __attribute__((noinline)) void masked_count(void)
{
	bool on = splhi();
	counter++;
	splx(on);
}

static __attribute__((noinline)) void marked_count(void)
{
	__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

static void ignore(void *arg, const char *text) { }

static const struct { const char *name; bool marked; void (*f)(void); } bugs[] = {
	{ "plain", false, plain_count }, { "masked", false, masked_count },
	{ "marked", true, marked_count },
};

/* The process and the clock interrupt count until that is a race or the time is over. */
static void both_count(void (*f)(void))
{
	u64 end = arch_nsec() + LIMIT_NS;
	u32 before = races_each(ignore, nil);
	ticker.f = tick;
	timer_set(&ticker, arch_nsec());
	while (arch_nsec() < end && races_each(ignore, nil) == before)
		for (u32 i = 0; i < 1000; i++)
			f();
	timer_cancel(&ticker);
	print("bug: %lu counted, %lu accesses watched\n", PEEK(counter), race_watched());
}

Err sanbug(const char *name)
{
	for (u32 i = 0; i < nelem(bugs); i++)
		if (strcmp(bugs[i].name, name) == 0) {
			__atomic_store_n(&marked, bugs[i].marked, __ATOMIC_RELAXED);
			both_count(bugs[i].f);
			return nil;
		}
	return Ebadarg;
}
