/* Timers and the time of day. */
#include "arch/host/host.h"
#include "proc/proc.h"
#include "unit.h"

void timer_test(void);

enum { MS = 1000000 };

static char order[32];
static u32 norder;
static bool in_interrupt = true;

static void rings(Timer *t)
{
	in_interrupt = in_interrupt && !islo();
	order[norder++] = *(const char *)t->arg;
	order[norder] = '\0';
}

static bool never(void *arg)
{
	return false;
}

static void wait_ms(u64 ms)
{
	check(tsleep(&up->sleepr, never, nil, ms * MS) == nil);
}

static void test_order(void)
{
	Timer a = { .f = rings, .arg = "a" }, b = { .f = rings, .arg = "b" },
		c = { .f = rings, .arg = "c" };
	u64 now = arch_nsec();
	timer_set(&b, now + 2 * MS);
	timer_set(&c, now + 3 * MS);
	timer_set(&a, now + 1 * MS);
	check(norder == 0);
	wait_ms(5);
	check_text(order, "abc");
	norder = 0;
	now = arch_nsec();
	timer_set(&a, now + 3 * MS);
	timer_set(&b, now + 2 * MS);
	timer_set(&a, now + 1 * MS);	/* the newest setting counts */
	timer_set(&c, now + 2 * MS);	/* equal times: first come */
	wait_ms(5);
	check_text(order, "abc");
	norder = 0;
	timer_set(&a, arch_nsec() + MS);
	timer_set(&b, arch_nsec() + MS);
	timer_cancel(&a);
	timer_cancel(&a);
	timer_cancel(&c);
	wait_ms(3);
	check_text(order, "b");
	norder = 0;
	timer_set(&a, 1);		/* long past: at once */
	host_tick();
	check_text(order, "a");
	check(in_interrupt);
}

static Timer chain;

static void rings_again(Timer *t)
{
	rings(t);
	if (norder < 5)
		timer_set(t, t->when_ns + MS);
}

static void test_chain(void)
{
	norder = 0;
	chain = (Timer){ .f = rings_again, .arg = "x" };
	timer_set(&chain, arch_nsec() + MS);
	wait_ms(20);
	check_text(order, "xxxxx");
}

static void test_sleep_length(void)
{
	u64 before = arch_nsec();
	wait_ms(7);
	u64 took = arch_nsec() - before;
	check(took >= 7 * MS && took < 8 * MS);
	before = arch_nsec();
	check(proc_sleep(-5) == nil && proc_sleep(0) == nil && arch_nsec() - before < MS);
}

enum { NS_PER_S = 1000000000 };

static void test_day(void)
{
	s64 first = time_nsec(), second = time_nsec();
	check(first / 1000000000 == 1000000000 && second >= first);
	time_set(5000000000);
	check(time_nsec() / 1000000000 == 5);
	time_set(-1);
	check(time_nsec() >= 1);
	/* so little a second that it is lost at once in the end: without going back */
	check(time_slew(-99999, 100000) == nil);
	host_pass(100000 * (u64)NS_PER_S - 20000);
	s64 last = time_nsec(), start = last;
	for (u32 i = 0; i < 40; i++, last = second) {
		host_pass(100);
		second = time_nsec();
		check(second >= last);
	}
	check(last > start);
	check(time_slew(-1500000000, 3) == nil);
	last = time_nsec();
	for (u32 i = 0; i < 2; i++)
		host_pass(1750 * MS);
	check(time_nsec() - last >= 2000 * MS && time_nsec() - last < 2100 * MS);
	u64 ticks = time_ticks();
	host_pass(1000 * MS);
	check(time_ticks() - ticks >= TICKHZ);
}

static void test_alarm(void)
{
	u32 left = 99;
	proc_alarm(50, &left);
	check(left == 0);
	proc_alarm(20, &left);
	check(left > 45 && left <= 50);
	proc_alarm(0, &left);
	check(left > 15 && left <= 20);
	proc_alarm(0, &left);
	check(left == 0);
	wait_ms(100);		/* none comes */
}

void timer_test(void)
{
	test_order();
	test_chain();
	test_sleep_length();
	test_day();
	test_alarm();
}
