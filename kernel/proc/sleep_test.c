/* Sleeping, waking, time-outs and interruptions. */
#include "arch/host/host.h"
#include "proc/proc.h"
#include "unit.h"

void sleep_test(void);

enum { MS = 1000000 };

static Rendez place = RENDEZ_INIT;
static bool ready_now;
static Proc *sleeper;
static Err result;
static u32 finished;

static bool is_ready(void *arg)
{
	return ready_now;
}

static bool never(void *arg)
{
	return false;
}

static void sleeps(void *arg)
{
	sleeper = up;
	result = sleep(&place, is_ready, nil);
	finished++;
}

static void sleeps_deaf(void *arg)
{
	sleeper = up;
	sleep_uninterruptible(&place, is_ready, nil);
	finished++;
}

static void start(void (*f)(void *))
{
	ready_now = false;
	finished = 0;
	result = Egreg;
	check(kproc("sleeper", f, nil) == nil);
	yield();
	check(finished == 0 && sleeper->state == Wakeme);
}

static void test_wakeup(void)
{
	start(sleeps);
	check(wakeup(&place));
	yield();
	check(finished == 0 && sleeper->state == Wakeme);	/* its condition does not hold */
	ready_now = true;
	check(wakeup(&place) && !wakeup(&place));
	yield();
	check(finished == 1 && result == nil);
	check(sleep(&place, is_ready, nil) == nil);		/* holds already: no sleep */
}

static void test_interruption(void)
{
	start(sleeps);
	postnote(sleeper, "note", NUser);
	yield();
	check(finished == 1 && result == Eintr && !wakeup(&place));
	start(sleeps_deaf);
	postnote(sleeper, "note", NUser);
	yield();
	check(finished == 0);
	ready_now = true;
	wakeup(&place);
	yield();
	check(finished == 1);
	start(sleeps);
	proc_interrupt(sleeper);
	yield();
	check(finished == 1 && result == Eintr);
}

/* An interruption that comes before the sleep, and one that comes with the wake-up. */
static void test_pending(void)
{
	Proc *p = up;
	ready_now = false;
	proc_interrupt(p);
	check(sleep(&p->sleepr, never, nil) == Eintr);
	proc_interrupt(p);
	check(proc_nointerrupt(p) == nil);
	check(tsleep(&p->sleepr, never, nil, MS) == nil);
	proc_interrupt(p);
	ready_now = true;
	check(sleep(&p->sleepr, is_ready, nil) == nil);	/* looked at first */
	/* the interruption is still there */
	check(sleep(&p->sleepr, never, nil) == Eintr);
}

static void sleeps_twice(void *arg)
{
	sleeper = up;
	result = sleep(&place, is_ready, nil);
	check(result == nil);
	result = sleep(&place, never, nil);
	finished++;
}

static void test_both_at_once(void)
{
	start(sleeps_twice);
	ready_now = true;
	postnote(sleeper, "note", NUser);
	yield();
	check(finished == 1 && result == Eintr);
}

static void test_timeout(void)
{
	Proc *p = up;
	u64 before = arch_nsec();
	check(tsleep(&p->sleepr, never, nil, 3 * MS) == nil);
	check(arch_nsec() - before >= 3 * MS);
	check(p->sleep_timer.link.next == nil);
	before = arch_nsec();
	check(tsleep(&p->sleepr, never, nil, 0) == nil && arch_nsec() - before < MS);
}

static void two_on_one(void)
{
	start(sleeps);
	Err e = sleep(&place, never, nil);
	check(e == nil);
}

void sleep_test(void)
{
	test_wakeup();
	test_interruption();
	test_pending();
	test_both_at_once();
	test_timeout();
	check_panics(two_on_one, "sleep on one Rendez");
}
