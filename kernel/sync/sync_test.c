/* Locks between processes that take turns, and every wrong use of one. */
#include "arch/arch.h"
#include "proc/proc.h"
#include "unit.h"

void sync_test(void);

static LOCK_CLASS(test_class, "test");
static LOCK_CLASS(other_class, "test.other");
static Lock spin = LOCK_INIT(&test_class);
static LOCK_CLASS(third_class, "test.third");
static Lock other = LOCK_INIT(&third_class);
static QLock q = QLOCK_INIT(&test_class);
static RWLock rw = RWLOCK_INIT(&other_class);
static char order[64];
static u32 norder, finished;

static void note(char c)
{
	order[norder++] = c;
	order[norder] = '\0';
}

static void begin(void)
{
	norder = finished = 0;
	order[0] = '\0';
}

static void start(void (*f)(void *), const char *name)
{
	check(kproc("test", f, (void *)(uintptr)name) == nil);
	yield();
}

static void wait_for(u32 n)
{
	while (finished < n)
		yield();
}

static void test_spin(void)
{
	check(!lock_held(&spin) && cpu()->nlocks == 0);
	lock(&spin);
	check(lock_held(&spin) && cpu()->nlocks == 1 && !canlock(&spin));
	unlock(&spin);
	check(canlock(&spin) && lock_held(&spin));
	unlock(&spin);
	check(islo());
	ilock(&spin);
	check(!islo());
	iunlock(&spin);
	check(islo() && cpu()->nlocks == 0);
	splhi();
	ilock(&spin);
	iunlock(&spin);
	check(!islo());
	spllo();
}

static void takes_q(void *name)
{
	qlock(&q);
	note(*(const char *)name);
	yield();
	check(qlock_held(&q));
	qunlock(&q);
	finished++;
}

/* In the order they came, each alone. */
static void test_qlock(void)
{
	begin();
	check(canqlock(&q) && qlock_held(&q));
	start(takes_q, "a");
	start(takes_q, "b");
	start(takes_q, "c");
	check(norder == 0 && !canqlock(&q));
	note('-');
	qunlock(&q);
	check(!qlock_held(&q));
	wait_for(3);
	check_text(order, "-abc");
	check(canqlock(&q));
	qunlock(&q);
}

static void reads(void *name)
{
	rlock(&rw);
	note(*(const char *)name);
	yield();
	note('.');
	runlock(&rw);
	finished++;
}

static void writes(void *name)
{
	wlock(&rw);
	note(*(const char *)name);
	yield();
	note('!');
	wunlock(&rw);
	finished++;
}

/* Readers together, writers alone; nobody overtakes a waiting writer. */
static void test_rwlock(void)
{
	begin();
	rlock(&rw);
	start(reads, "a");
	wait_for(1);
	start(writes, "W");
	start(reads, "b");
	start(reads, "c");
	check_text(order, "a.");
	runlock(&rw);
	wait_for(4);
	check_text(order, "a.W!bc..");
	begin();
	wlock(&rw);
	start(writes, "X");
	start(writes, "Y");
	wunlock(&rw);
	wait_for(2);
	check_text(order, "X!Y!");
}

static void spin_twice(void)
{
	lock(&spin);
	lock(&spin);
}

static void unlock_free(void)
{
	unlock(&spin);
}

static void qlock_twice(void)
{
	qlock(&q);
	qlock(&q);
}

static void qunlock_free(void)
{
	qunlock(&q);
}

static void wunlock_free(void)
{
	wunlock(&rw);
}

static void sleep_with_spin(void)
{
	lock(&spin);
	sched();
}

/* Once in each order, at different times: that is enough. */
static void both_orders(void)
{
	qlock(&q);
	lock(&other);
	unlock(&other);
	qunlock(&q);
	lock(&other);
	if (canqlock(&q))
		qunlock(&q);
	unlock(&other);
	rlock(&rw);
	qlock(&q);
	qunlock(&q);
	runlock(&rw);
	qlock(&q);
	rlock(&rw);
}

static void back_with_spin(void)
{
	Ureg u = { 0 };
	lock(&spin);
	trap_leave(&u);
}

static void back_with_qlock(void)
{
	Ureg u = { 0 };
	qlock(&q);
	trap_leave(&u);
}

static void qlock_under_spin(void)
{
	lock(&spin);
	rlock(&rw);
}

static void in_and_out_of_interrupts(void)
{
	lock(&other);
	unlock(&other);
	splhi();
	cpu()->in_interrupt = true;
	lock(&other);
}

static void qlock_in_interrupt(void)
{
	splhi();
	cpu()->in_interrupt = true;
	qlock(&q);
}

static LOCK_CLASS(first_class, "test.first");
static LOCK_CLASS(last_class, "test.last");
static QLock first = QLOCK_INIT(&first_class), last = QLOCK_INIT(&last_class);

static void both(QLock *a, QLock *b)
{
	qlock(a);
	qlock(b);
	qunlock(b);
	qunlock(a);
}

/* No two of them in both orders; the cycle has three. */
static void round_about(void)
{
	both(&first, &q);
	both(&q, &last);
	both(&last, &first);
}

static bool never(void *arg)
{
	return false;
}

static void sleep_with_named_spin(void)
{
	Rendez r;
	rendez_init(&r);
	lock(&spin);
	sleep_uninterruptible(&r, never, nil);
}

/* What the checked build alone finds, on the first acquisition that is wrong. */
static void test_order(void)
{
	check_panics(both_orders, "locks test and test.other are taken in both orders");
	check_panics(both_orders, "lock order before: test.other, taken at ");
	check_panics(round_about, "locks test.last and test.first are taken in both orders");
	check_panics(round_about, "is held and test.last wanted at");
	check_panics(back_with_spin, "lock test, taken at ");
	check_panics(back_with_qlock, "is held on the way to user mode");
	check_panics(qlock_under_spin, "lock test.other, which sleeps, is wanted at ");
	check_panics(sleep_with_named_spin, "is held by a process that is about to sleep");
	check_panics(in_and_out_of_interrupts,
		"lock test.third is taken in interrupts, and with interrupts on at ");
	check_panics(qlock_in_interrupt, "lock test, which sleeps, is wanted in an interrupt");
}

static void takes_first(void *arg)
{
	qlock(&first);
	qunlock(&first);
	finished++;
}

/* What /dev/locks tells. */
static void test_counts(void)
{
	u64 acquired = first_class.acquired, contended = first_class.contended;
	begin();
	qlock(&first);
	start(takes_first, nil);
	check(tsleep(&up->sleepr, never, nil, 5000000) == nil);
	qunlock(&first);
	wait_for(1);
	check(first_class.contended == contended + 1);
	check(!CHECKED || first_class.acquired == acquired + 2);
	check(!CHECKED || first_class.longest_ns >= 5000000);
	check(__start_lockclasses < &first_class && &first_class < __stop_lockclasses);
}

void sync_test(void)
{
	if (CHECKED)
		test_order();
	test_counts();
	test_spin();
	test_qlock();
	test_rwlock();
	check_panics(spin_twice, CHECKED ? "is held and another test wanted" :
		"lock test taken twice by one processor");
	check_panics(unlock_free, "released by a processor that does not hold it");
	check_panics(qlock_twice, CHECKED ? "is held and another test wanted" :
		"qlock test taken twice by one process");
	check_panics(qunlock_free, "qlock test released by a process that does not hold it");
	check_panics(wunlock_free, "rwlock test.other released by a process that does not hold it");
	check_panics(sleep_with_spin, CHECKED ? "by a process that gives up the processor" :
		"while it holds 1 spin locks");
}
