/* Who runs next. */
#include "calls.h"
#include "unit.h"

void sched_test(void);

enum { NPROCESSES = 6 };

static struct { Proc *p; Rendez r; char name; bool go; } one[NPROCESSES];
static char order[64];
static u32 norder;

static void note(char c)
{
	order[norder++] = c;
	order[norder] = '\0';
}

static bool may_go(void *arg)
{
	return one[(usize)arg].go;
}

static void runs(void *arg)
{
	usize i = (usize)arg;
	one[i].p = up;
	sleep_uninterruptible(&one[i].r, may_go, arg);
	note(one[i].name);
}

static void prepare(const char *names, const u32 *pri)
{
	norder = 0;
	order[0] = '\0';
	for (usize i = 0; names[i] != '\0'; i++) {
		one[i].name = names[i];
		one[i].go = false;
		rendez_init(&one[i].r);
		check(kproc("one", runs, (void *)i) == nil);
	}
	u_sleep(1);
	for (usize i = 0; names[i] != '\0'; i++)
		proc_setpri(one[i].p, (s32)pri[i], true);
}

static void go(usize i)
{
	one[i].go = true;
	check(wakeup(&one[i].r));
}

static void test_priorities(void)
{
	static const u32 pri[] = { 5, 19, 5, 0, 12, 19 };
	prepare("abcdef", pri);
	for (usize i = 0; i < 6; i++)
		go(i);
	check(norder == 0);	/* the kernel does not preempt itself */
	u_sleep(1);
	check_text(order, "bfeacd");
}

/* At the end of a call whoever is more important goes first, others not. */
static void test_preemption(void)
{
	static const u32 pri[] = { 19, 1 };
	prepare("hl", pri);
	go(0);
	go(1);
	host_tick();
	check_text(order, "h");
	yield();
	check_text(order, "hl");	/* yield gives way to everyone */
}

/* Who is ready for long is lifted, so that nobody starves. */
static void test_boost(void)
{
	static const u32 pri[] = { 0 };
	prepare("s", pri);
	proc_setpri(one[0].p, 0, false);
	go(0);
	u32 ms = 0;
	for (; norder == 0 && ms < 5000; ms += 10) {
		host_pass(10000000);
		host_tick();
	}
	check_text(order, "s");
	check(ms > 500 && ms < 2500);
}

static void gives_up_locked(void)
{
	static LOCK_CLASS(class, "test");
	Lock l = LOCK_INIT(&class);
	lock(&l);
	yield();
}

static void test_load(void)
{
	u64 switches = cpu()->nswitch;
	u_sleep(2);
	check(cpu()->nswitch > switches && cpu()->idle_ns > 0);
	proc_setpri(up, 99, false);
	check(up->basepri == NPRI - 1);
	proc_setpri(up, -3, false);
	check(up->basepri == 0);
	proc_setpri(up, PRI_NORMAL, false);
}

void sched_test(void)
{
	test_priorities();
	test_preemption();
	test_boost();
	test_load();
	check_panics(gives_up_locked, CHECKED ? "is held by a process that gives up the processor" :
		"while it holds 1 spin locks");
}
