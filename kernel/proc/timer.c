/*
 * Timers and the time of day. Each processor keeps its timers in order of
 * time and asks the hardware for one interrupt at a time: for the first of
 * them or, while a process runs, for the next tick if that comes first. An
 * idle processor without timers gets no interrupts.
 */
#include "base/ktrace.h"
#include "proc/private.h"

static LOCK_CLASS(timer_class, "proc.timers");

void timer_prepare(Sched *s)
{
	lock_init(&s->timer_lk, &timer_class);
	list_init(&s->timers);
}

static Timer *first(Sched *s) REQUIRES(s->timer_lk)
{
	return list_empty(&s->timers) ? nil : list_entry(s->timers.next, Timer, link);
}

/* s->timer_lk is held, s is this processor's. */
static void arm(Sched *s) REQUIRES(s->timer_lk)
{
	Timer *t = first(s);
	u64 want = t != nil ? t->when_ns : 0;
	if (up != nil && (want == 0 || s->next_tick_ns < want))
		want = s->next_tick_ns;
	if (want == 0 || (s->armed_ns != 0 && s->armed_ns <= want))
		return;
	s->armed_ns = want;
	arch_timer_set(want);
}

void timer_arm(Sched *s)
{
	ilock(&s->timer_lk);
	arm(s);
	iunlock(&s->timer_lk);
}

static bool is_set(const Timer *t)
{
	return t->link.next != nil;
}

static void insert(Sched *s, Timer *t) REQUIRES(s->timer_lk)
{
	List *at = s->timers.prev;
	while (at != &s->timers && list_entry(at, Timer, link)->when_ns > t->when_ns)
		at = at->prev;
	list_insert_after(at, &t->link);
}

/*
 * Take t out of whatever list it is in. It may be firing still. Another processor may set it
 * meanwhile, which moves it to the list of that one.
 */
static void withdraw(Timer *t)
{
	for (bool done = false; !done;) {
		u32 where = PEEK(t->cpu);
		Sched *s = sched_get(where);
		ilock(&s->timer_lk);
		done = PEEK(t->cpu) == where;
		if (done && is_set(t))
			list_remove(&t->link);
		iunlock(&s->timer_lk);
	}
}

void timer_set(Timer *t, u64 when_ns)
{
	assert(t->f != nil);
	withdraw(t);
	bool on = splhi();
	Sched *s = sched_get(cpu()->index);
	ilock(&s->timer_lk);
	assert(!is_set(t));
	__atomic_store_n(&t->cpu, cpu()->index, __ATOMIC_RELAXED);
	t->when_ns = when_ns;
	insert(s, t);
	arm(s);
	iunlock(&s->timer_lk);
	splx(on);
}

/*
 * It may be running on any processor where it ever fired: while it does there, another one may have
 * set it anew. On this one it is not, unless it is f that cancels.
 */
void timer_cancel(Timer *t)
{
	withdraw(t);
	u64 fired = PEEK(t->fired);
	if (likely(fired == 0))
		return;
	for (u64 left = fired & ~(1UL << cpu()->index); left != 0; left &= left - 1) {
		const Sched *s = sched_get((u32)__builtin_ctzl(left));
		while (__atomic_load_n(&s->firing, __ATOMIC_ACQUIRE) == t)
			arch_relax();
	}
	__atomic_fetch_and(&t->fired, ~fired, __ATOMIC_RELAXED);
}

static void fire_due(Sched *s, u64 now_ns)
{
	ilock(&s->timer_lk);
	s->armed_ns = 0;
	for (Timer *t = first(s); t != nil && t->when_ns <= now_ns; t = first(s)) {
		list_remove(&t->link);
		s->firing = t;
		__atomic_fetch_or(&t->fired, 1UL << cpu()->index, __ATOMIC_RELAXED);
		iunlock(&s->timer_lk);
		t->f(t);
		ilock(&s->timer_lk);
		__atomic_store_n(&s->firing, nil, __ATOMIC_RELEASE);
	}
	iunlock(&s->timer_lk);
}

/* A tick of the running process, which was in user mode. */
static void profile(const Ureg *u)
{
	Segment *text = up->space.seg[TSEG];
	if (text != nil)
		seg_tick(text, ureg_pc(u), TICK_NS / 1000000);
}

void clock_interrupt(Ureg *u)
{
	Sched *s = sched_get(cpu()->index);
	u64 now = arch_nsec();
	fire_due(s, now);
	if (up != nil && now >= s->next_tick_ns) {
		kprof_tick(ureg_pc(u), ureg_isuser(u));
		if (ureg_isuser(u))
			profile(u);
		sched_tick(s, now, ureg_isuser(u));
		watchdog_tick(s, u);
		s->next_tick_ns = now / TICK_NS * TICK_NS + TICK_NS;
	}
	timer_arm(s);
}

/* ---- time of day ---- */

enum { NS_PER_S = 1000000000 };

/*
 * Who asks for the time takes no lock: he looks at the numbers below and, if they were changed
 * meanwhile, looks again.
 */
static LOCK_CLASS(time_class, "proc.time");
static Lock time_lk = LOCK_INIT(&time_class);
static u32 time_changes;	/* [a] odd while somebody changes them, under time_lk */
static s64 base_wall_ns;	/* what the clock showed at base_ns */
static u64 base_ns;		/* arch_nsec then */
static s64 rate_32;		/* what it gains a ns since, 32 bits of fraction */
static u64 rate_hz;		/* ticks a second, if they were set */
static s64 slew_ns, slew_32;	/* what it is to gain besides since base_ns: in all, a ns */
static u64 slew_end_ns;		/* when it will have */

static u64 measured_hz(void)
{
	u64 hz = arch_cyclehz();
	return hz != 0 ? hz : NS_PER_S;
}

/* d ns times a fraction of less than a half. */
static s64 scale(u64 d, s64 fraction_32)
{
	return (s64)(d >> 32) * fraction_32 + ((s64)(d & 0xffffffff) * fraction_32 >> 32);
}

static s64 gaining(u64 now_ns)
{
	u64 d = now_ns - PEEK(base_ns);
	return (s64)d + scale(d, PEEK(rate_32)) + scale(d, PEEK(slew_32));
}

/* What the clock shows then. */
static s64 wall(u64 now_ns)
{
	u64 end_ns = PEEK(slew_end_ns), d = now_ns - PEEK(base_ns);
	s64 start = PEEK(base_wall_ns), rate = PEEK(rate_32);
	if (likely(rate == 0 && end_ns == 0))
		return start + (s64)d;
	if (now_ns < end_ns)
		return start + gaining(now_ns);
	/* in whole ns it may have lost a little less by the end than it should: it waits */
	return start + MAX((s64)d + scale(d, rate) + PEEK(slew_ns), gaining(end_ns));
}

/* Nobody sees an even number of changes before what is changed until the end of them. */
static void changes_begin(void) ACQUIRES(time_lk)
{
	ilock(&time_lk);
	__atomic_fetch_add(&time_changes, 1, __ATOMIC_SEQ_CST);
}

static void changes_end(void) RELEASES(time_lk)
{
	__atomic_fetch_add(&time_changes, 1, __ATOMIC_SEQ_CST);
	iunlock(&time_lk);
}

/* Begin anew from here: what changes now does not change what was. */
static void rebase(u64 now_ns, s64 wall_ns) REQUIRES(time_lk)
{
	POKE(base_wall_ns, wall_ns);
	POKE(base_ns, now_ns);
	POKE(slew_ns, 0);
	POKE(slew_32, 0);
	POKE(slew_end_ns, 0);
}

void time_prepare(void)
{
	s64 seconds = arch_wallclock();
	if (seconds <= 0)
		seconds = boot.boot_seconds;
	time_set(MAX(seconds, (s64)1) * NS_PER_S);
}

/* One clock for all processors that only gains: so does what it shows. */
s64 time_nsec(void)
{
	s64 now;
	for (;;) {
		u32 changes = __atomic_load_n(&time_changes, __ATOMIC_ACQUIRE);
		now = wall(arch_nsec());
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (likely(changes % 2 == 0 && PEEK(time_changes) == changes))
			return MAX(now, (s64)1);
		arch_relax();
	}
}

void time_set(s64 nsec_since_1970)
{
	changes_begin();
	rebase(arch_nsec(), nsec_since_1970);
	changes_end();
}

Err time_slew(s64 delta_ns, u32 seconds)
{
	if (seconds == 0)
		return Ebadarg;
	s64 per_second = delta_ns / seconds;
	if (per_second > NS_PER_S / 2 || per_second < -NS_PER_S / 2)
		return Ebadarg;
	changes_begin();
	u64 now = arch_nsec();
	rebase(now, wall(now));
	POKE(slew_ns, delta_ns);
	POKE(slew_32, per_second * (1L << 32) / NS_PER_S);
	POKE(slew_end_ns, now + (u64)seconds * NS_PER_S);
	changes_end();
	return nil;
}

Err time_set_rate(u64 hz)
{
	s64 more = (s64)(measured_hz() - hz);
	if (hz > 1UL << 34 || more > (s64)hz / 8 || more < -(s64)(hz / 8))
		return Ebadarg;
	changes_begin();
	u64 now = arch_nsec();
	rebase(now, wall(now));
	POKE(rate_32, more * (1L << 32) / (s64)hz);
	POKE(rate_hz, hz);
	changes_end();
	return nil;
}

u64 time_rate(void)
{
	u64 hz = PEEK(rate_hz);
	return hz != 0 ? hz : measured_hz();
}

u64 time_ticks(void)
{
	return arch_nsec() / TICK_NS;
}
