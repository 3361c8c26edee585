/*
 * What is said of processes that wait: the watchdog's findings, the listing, and what a panic
 * prints. The locks here have no class, so that no order is checked.
 */
#include "arch/host/host.h"
#include "calls.h"
#include "proc/private.h"
#include "unit.h"

void hang_test(void);

static QLock first = QLOCK_INIT(nil), second = QLOCK_INIT(nil), kept = QLOCK_INIT(nil),
	lost = QLOCK_INIT(nil);
static RWLock rw = RWLOCK_INIT(nil);
static Lock spin = LOCK_INIT(nil);
static Rendez rendez = RENDEZ_INIT;
static bool there, released;

/* Two looks, and what is printed then. */
static const char *looks(void)
{
	u_sleep(1500);
	watchdog_look();
	u_sleep(1500);
	unit_listen();
	watchdog_look();
	unit_listen_no_more();
	return unit_heard();
}

static bool says(const char *text)
{
	return strstr(unit_heard(), text) != nil;
}

static void line(void *arg, const char *text)
{
	print("%s\n", text);
}

/* ---- circles ---- */

static void takes_both(void *arg)
{
	QLock *other = arg == &first ? &second : &first;
	qlock(arg);
	yield();
	qlock(other);
}

static void test_deadlock(void)
{
	check(kproc("one", takes_both, &first) == nil && kproc("two", takes_both, &second) == nil);
	looks();
	check(says("watchdog: deadlock: 2 processes wait for each other\n"));
	check(says(" (one), taken by ") && says(" (two), taken by "));
	looks();
	check_text(unit_heard(), "");	/* it was told */
	unit_listen();
	report_locks();
	unit_listen_no_more();
	check(says(" (one) waits for lock (no class), wanted by "));
}

static void takes_one(void *arg)
{
	qlock(arg);
	qunlock(arg);
}

/* Who has been handed the lock, and has not run since, waits for nobody. */
static void test_handed(void)
{
	static QLock handed = QLOCK_INIT(nil);
	qlock(&handed);
	check(kproc("late", takes_one, &handed) == nil);
	u_sleep(1);
	qunlock(&handed);
	unit_listen();
	for (u32 i = 0; i < 2; i++) {
		host_pass(1500000000);
		watchdog_look();
	}
	unit_listen_no_more();
	check_text(unit_heard(), "");
	u_sleep(1);
}

/* ---- holders that are gone ---- */

static void takes(void *q)
{
	qlock(q);
}

static void takes_for_a_while(void *q)
{
	qlock(q);
	while (!there)
		yield();
}

static void writes(void *arg)
{
	wlock(&rw);
}

static const char *keeps(void)
{
	qlock(&kept);
	while (!released)
		host_tick();
	return nil;
}

static void test_holders(void)
{
	there = false;
	check(kproc("taker", takes_for_a_while, &lost) == nil);
	yield();
	check(kproc("waiter", takes, &lost) == nil);
	yield();
	there = true;
	looks();
	check(says("watchdog: the holder of lock (no class) has ended without releasing it\n"));
	check(says(", held by a process that has ended, taken by "));
	host_rfork(RFPROC | RFFDG, keeps);
	u_sleep(10);
	check(kproc("second", takes, &kept) == nil);
	looks();
	check(says("watchdog: the holder of lock (no class) has left the kernel "));
	rlock(&rw);
	check(kproc("writer", writes, nil) == nil);
	looks();
	check_text(unit_heard(), "");	/* readers are many, and nobody is accused */
}

/* ---- sleepers ---- */

static bool is_there(void *arg)
{
	return there;
}

static void waits(void *arg)
{
	sleep_uninterruptible(&rendez, is_there, nil);
}

static const char *meets_nobody(void)
{
	u_rendezvous(0x1234, 0);
	return nil;
}

static void test_sleepers(void)
{
	check(kproc("sleeper", waits, nil) == nil);
	u32 pid = (u32)host_rfork(RFPROC | RFFDG, meets_nobody);
	looks();
	check_text(unit_heard(), "");
	unit_listen();
	hang_report(line, nil);
	unit_listen_no_more();
	check(says(" *init* Wakeme Rendez ") && says(" sleeper Wakeme - "));
	there = true;
	looks();
	check(says("watchdog: a wakeup was lost: what this process sleeps for is there\n"));
	wakeup(&rendez);
	u_ctl(pid, "kill");
	check((u32)u_await(nil) == pid);
	splhi();
	cpu()->in_interrupt = true;
	unit_listen();
	hang_report(line, nil);		/* as the console's key does */
	unit_listen_no_more();
	cpu()->in_interrupt = false;
	spllo();
	check(says("\n2 "));
}

/* ---- what a panic prints of processes ---- */

static void test_reports(void)
{
	unit_listen();
	report_process();
	report_processors();
	report_log();
	unit_listen_no_more();
	check(says("process 1 (*init*) of ") || says("(hang) of "));
	check(says("cpu0 (this one): runs process ") && says("the log before:\n"));
	check(proc_of_kstack(up->kstack) == up && proc_of_kstack(&there) == nil);
}

static void spin_twice(void)
{
	lock(&spin);
	lock(&spin);
}

static void qlock_twice(void)
{
	qlock(&first);
	qlock(&first);
}

static void gives_up_with_spin(void)
{
	lock(&spin);
	sched();
}

static void sleeps_with_spin(void)
{
	lock(&spin);
	sleep_uninterruptible(&rendez, is_there, nil);
}

static void back_with_spin(void)
{
	Ureg u = *up->ureg;
	lock(&spin);
	trap_leave(&u);
}

/* The release build's checks of the rules, which the checked build's come before. */
static void test_rules(void)
{
	check_panics(spin_twice, "lock (no class) taken twice by one processor: wanted by ");
	check_panics(qlock_twice, "qlock (no class) taken twice by one process: wanted by ");
	check_panics(gives_up_with_spin, "spin lock (no class), taken by ");
	check_panics(sleeps_with_spin, "is held by a process that ");
	check_panics(back_with_spin, "is held on the way to user mode");
	check_panics(gives_up_with_spin, "holds the spin lock (no class), taken by ");
}

void hang_test(void)
{
	test_rules();
	test_sleepers();
	test_reports();
	test_deadlock();
	test_handed();
	test_holders();
}
