/*
 * The watchdog: what should not last is said on the console, once.
 *
 * - A processor that stays in the kernel while ticks go by is found by the tick.
 *   Ticks that were seen are counted, not nanoseconds: a machine whose host
 *   stalls sees few of them.
 * - A kernel process looks every second at those who have waited for long: for
 *   locks in a circle, for a lock whose holder went away with it, and at sleepers
 *   whose condition holds although nobody woke them. Such a finding is told when
 *   it was there at two looks at the same wait, so a wait that is just ending is
 *   none. It also looks for a processor that was called and does not schedule.
 * - In the checked build it has the frames audited every few seconds.
 * - Rooms above add what they know of (watchdog_add): 9P servers.
 * - A processor that keeps interrupts off is found by arch, where it can be.
 *
 * watchdog=SECONDS on the command line sets how long is long; 0: no watchdog.
 */
#include "proc/private.h"

enum { SECONDS_DEFAULT = 10, CHECKS_MAX = 8, CYCLE_MAX = 16, TICKS_PER_S = 1000000000 / TICK_NS };
#define LOOK_MS 1000

static void (*checks[CHECKS_MAX])(void);
static u32 nchecks;

u32 watchdog_seconds(void)
{
	static u32 seconds;		/* and 1 */
	if (seconds == 0)
		seconds = 1 + boot_option_number("watchdog", SECONDS_DEFAULT);
	return seconds - 1;
}

void watchdog_add(void (*check)(void))
{
	for (u32 i = 0; i < nchecks; i++)
		if (checks[i] == check)
			return;
	assert(nchecks < CHECKS_MAX);
	checks[nchecks++] = check;
}

/* ---- the tick: a processor that does not schedule ---- */

static void report_stuck(const Ureg *u, u32 seconds)
{
	const Proc *p = up;
	print("watchdog: cpu%u has not scheduled for %u seconds: process %u (%s) is in the kernel "
		"at %s\n", cpu()->index, seconds, p->pid, proc_label(p), pcname(ureg_pc(u)));
	report_process();
	arch_backtrace(u);
}

void watchdog_tick(Sched *s, const Ureg *u)
{
	Cpu *c = cpu();
	if (up == nil || ureg_isuser(u) || c->nswitch != s->seen_switches) {
		s->seen_switches = c->nswitch;
		s->kernel_ticks = 0;
		return;
	}
	s->kernel_ticks++;
	u32 seconds = watchdog_seconds();
	if (seconds > 0 && s->kernel_ticks == seconds * TICKS_PER_S)
		report_stuck(u, seconds);
}

/* ---- the looks ---- */

static void print_line(void *arg, const char *text)
{
	print("%s\n", text);
}

/*
 * Was p found at the last look too, in this same wait, and not yet told? Its away_since says
 * when it left the processor and so names the wait.
 */
static bool again(Proc *p)
{
	bool same = p->watched_wait == p->away_since;
	if (!same) {
		p->watched_wait = p->away_since;
		p->watched_told = false;
	}
	return same && !p->watched_told;
}

/* May be over when the caller has looked. */
static bool waits_for_lock(const Proc *p)
{
	return PEEK(p->lockwait.lock) != nil;
}

/*
 * It neither runs in the kernel nor waits there: what it holds will never be released. Who exits
 * may come from a fault, and so be in no system call.
 */
static bool in_user_mode(const Proc *p)
{
	return !p->kproc && !PEEK(p->exiting) && proc_doing(p) == nil && !is_asleep(p) &&
		!waits_for_lock(p) && (p->state == Running || p->state == Ready);
}

static void tell_cycle(Proc *p, u32 n)
{
	print("watchdog: deadlock: %u processes wait for each other\n", n);
	for (u32 i = 0; i < n && p != nil; i++) {
		hang_process(p, print_line, nil);
		p->watched_wait = p->away_since;
		p->watched_told = true;
		p = lockwait_holder(&p->lockwait);
	}
}

static void tell_holder(Proc *p, const char *has)
{
	if (!again(p))
		return;
	p->watched_told = true;
	print("watchdog: the holder of lock %s has %s without releasing it\n",
		lockwait_class(&p->lockwait), has);
	hang_process(p, print_line, nil);
}

/*
 * One step from at, the n-th on the way from p: who holds what it waits for, held; nil: the end.
 * Who has been handed what it waited for waits for a processor, maybe for long where thousands are
 * ready.
 */
static Proc *next_holder(Proc *p, const Proc *at, u32 n)
{
	const Proc *who = lockwait_holder(&at->lockwait);
	if (who == p && at != p && again(p))
		tell_cycle(p, n);
	if (who == nil || who == p || who == at)
		return nil;
	Proc *holder = proc_hold(who);
	if (holder == nil && lockwait_holder(&at->lockwait) != who)
		return nil;	/* it released the lock before it ended */
	if (at == p && (holder == nil || in_user_mode(holder))) {
		tell_holder(p, holder == nil ? "ended" : "left the kernel");
		if (holder != nil)
			proc_put(holder);
		return nil;
	}
	return holder;
}

/* Follow who waits for whom; the caller holds p. */
static void look_at_lock(Proc *p)
{
	Proc *at = p, *next;
	for (u32 n = 1; n <= CYCLE_MAX && (next = next_holder(p, at, n)) != nil; n++) {
		if (at != p)
			proc_put(at);
		at = next;
	}
	if (at != p)
		proc_put(at);
}

static void look_at_sleeper(Proc *p)
{
	if (!sleep_is_over(p) || !again(p))
		return;
	p->watched_told = true;
	print("watchdog: a wakeup was lost: what this process sleeps for is there\n");
	hang_process(p, print_line, nil);
}

static void look_at(Proc *p)
{
	if (p->on_cpu || account_away_ns(p) < LOOK_MS * 1000000UL)
		return;
	if (waits_for_lock(p))
		look_at_lock(p);
	else if (is_asleep(p))
		look_at_sleeper(p);
}

/* ---- a processor that was called and does not come ---- */

static u32 processes_ready(void)
{
	u32 n = 0;
	for (u32 i = 0; i < cpu_count(); i++)
		n += PEEK(sched_get(i)->nready);
	return n;
}

static void look_at_processor(u32 i)
{
	static struct { u64 turns; u32 looks; } seen[NCPU_MAX];
	const Cpu *c = cpu_get(i);
	u64 turns = PEEK(c->nswitch) + PEEK(c->idle_ns);
	if (!sched_is_called(i) || turns != seen[i].turns) {
		seen[i].turns = turns;
		seen[i].looks = 0;
		return;
	}
	if (++seen[i].looks == watchdog_seconds())
		print("watchdog: cpu%u does not schedule: it was called %u seconds ago, and the "
			"interrupt was lost; %u processes are ready\n", i, seen[i].looks,
			processes_ready());
}

/* Others get the processor between some and the next: there may be thousands. */
void watchdog_look(void)
{
	Proc *some[PROC_SOME];
	for (u32 from = 0, n; (n = proc_some(from, some, PROC_SOME)) > 0;) {
		from = some[n - 1]->pid + 1;
		for (u32 i = 0; i < n; i++) {
			look_at(some[i]);
			proc_put(some[i]);
		}
		if (cpu()->resched)
			yield();
	}
	for (u32 i = 0; i < cpu_count(); i++)
		look_at_processor(i);
	for (u32 i = 0; i < nchecks; i++)
		checks[i]();
}

static void watchdog_main(void *arg)
{
	for (;;) {
		Err ignored = proc_sleep(LOOK_MS);
		(void)ignored;
		watchdog_look();
	}
}

/* In the checked build the auditor looks every few seconds. */
static void audit_line(void *arg, const char *text)
{
	if (strstr(text, " 0 violations") == nil)
		print("watchdog: audit: %s\n", text);
}

static void look_at_frames(void)
{
	enum { EVERY = 5 };
	static u32 looks;
	if (++looks % EVERY == 0)
		audit(audit_line, nil);
}

void watchdog_start(void)
{
	if (CHECKED)
		watchdog_add(look_at_frames);
	if (watchdog_seconds() == 0)
		return;
	Err err = kproc("watchdog", watchdog_main, nil);
	if (err != nil)
		print("watchdog: no process for it: %s\n", err);
}
