/*
 * The scheduler: a run queue per processor, twenty priorities, the highest
 * first. A process that gives up the processor switches straight to the next
 * one; only when nobody is ready does the processor go to its idle loop, which
 * runs on the stack the processor was started on.
 *
 * A process may be made ready while it is still on its way out of a processor.
 * on_cpu says that its kernel stack is in use: it is cleared by whoever runs
 * next on that processor, and nobody else picks the process before.
 *
 * A process that a tick finds running for more than half of one loses a priority each
 * time; half of what it lost is forgiven when it sleeps, and when it wakes one that has
 * lost less, all at the next boost (a slice that began just after a tick is a little shorter
 * than one). A process that waited for a second without running is lifted: nobody starves.
 */
#include "base/ktrace.h"
#include "proc/private.h"

enum { PENALTY_MAX = 8, BOOST_NS = 1000000000, BOOST_LOOK_NS = BOOST_NS / 10 };
enum { STEAL_NS = 50000, POLL_NS = 200000 };

static LOCK_CLASS(runqueue_class, "proc.runqueue");
static Sched scheds[NCPU_MAX];
static u64 idlers;		/* [a] processors that have nothing to do and wait for a kick */
static bool begun;		/* [a] the first processor schedules */

Sched *sched_get(u32 index)
{
	assert(index < NCPU_MAX);
	return &scheds[index];
}

static inline Sched *here(void)
{
	return cpu()->sched;
}

void sched_prepare(void)
{
	for (u32 i = 0; i < NCPU_MAX; i++) {
		lock_init(&scheds[i].lk, &runqueue_class);
		timer_prepare(&scheds[i]);
	}
	cpu()->sched = sched_get(cpu()->index);
}

/* ---- the run queue; s->lk is held ---- */

/* The last real-time process whose deadline is not later; nil when all are. */
static Proc *before_deadline(Sched *s, u64 due_ns) REQUIRES(s->lk)
{
	Proc *before = nil;
	for (Proc *p = s->head[PRI_EDF]; p != nil && p->due_ns <= due_ns; p = p->qnext)
		before = p;
	return before;
}

/* before nil: p is the first. */
static inline void insert_after(Sched *s, u32 pri, Proc *before, Proc *p) REQUIRES(s->lk)
{
	lock_must(&s->lk);
	Proc **link = before != nil ? &before->qnext : &s->head[pri];
	p->qnext = *link;
	*link = p;
	if (p->qnext == nil)
		s->tail[pri] = p;
}

static inline void place(Sched *s, u32 pri, Proc *before, Proc *p) REQUIRES(s->lk)
{
	assert(pri < NQUEUE && p->qnext == nil);
	p->pri = pri;
	p->ready_ns = arch_nsec();
	insert_after(s, pri, before, p);
	s->nonempty |= 1U << pri;
	s->nready++;
}

static inline void enqueue(Sched *s, Proc *p, u32 pri) REQUIRES(s->lk)
{
	if (unlikely(pri == PRI_EDF))
		place(s, pri, before_deadline(s, p->due_ns), p);
	else
		place(s, pri, s->tail[pri], p);
}

static inline void unlink_after(Sched *s, u32 pri, Proc *before, Proc *p) REQUIRES(s->lk)
{
	lock_must(&s->lk);
	if (before != nil)
		before->qnext = p->qnext;
	else
		s->head[pri] = p->qnext;
	if (s->tail[pri] == p)
		s->tail[pri] = before;
	if (s->head[pri] == nil)
		s->nonempty &= ~(1U << pri);
	p->qnext = nil;
	assert(s->nready > 0);
	s->nready--;
}

static u32 effective_pri(const Proc *p)
{
	if (unlikely(p->realtime))
		return PRI_EDF;
	if (p->fixedpri)
		return p->basepri;
	return p->basepri > p->penalty ? p->basepri - p->penalty : 0;
}

/*
 * One that is on its way out of another processor will be free at once; one that has just become
 * ready is its own processor's for a while: *soon says that there was one.
 */
static bool may_run_here(const Proc *p, bool stealing, bool *soon)
{
	if (stealing && PEEK(p->wired) >= 0)
		return false;
	if ((__atomic_load_n(&p->on_cpu, __ATOMIC_ACQUIRE) && p != up) ||
	    (stealing && arch_nsec() - p->ready_ns < STEAL_NS)) {
		*soon = true;
		return false;
	}
	return true;
}

/*
 * Take the best process of the queue that this processor may run and that has at least that
 * priority; nil when there is none.
 */
static inline Proc *take_locked(Sched *s, u32 lowest, bool stealing, bool *soon) REQUIRES(s->lk)
{
	for (u32 left = s->nonempty >> lowest << lowest; left != 0;) {
		u32 pri = 31 - (u32)__builtin_clz(left);
		left &= ~(1U << pri);
		Proc *before = nil;
		for (Proc *p = s->head[pri]; p != nil; before = p, p = p->qnext) {
			if (!may_run_here(p, stealing, soon))
				continue;
			unlink_after(s, pri, before, p);
			return p;
		}
	}
	return nil;
}

static Proc *take(Sched *s, u32 lowest, bool stealing, bool *soon)
{
	ilock(&s->lk);
	Proc *found = take_locked(s, lowest, stealing, soon);
	iunlock(&s->lk);
	return found;
}

/* ---- who was woken last; s->lk is not held ---- */

/*
 * Whom a process wakes stands in s->next, before the queue: if the waker sleeps next, as after a
 * message, a meeting or a release, the processor goes straight there, and neither of them takes the
 * lock of the queue. It is a hint. As soon as anything but such a sleep is to be decided (a tick, a
 * yield, room to be made, a processor without work) it is queued like others, so that it overtakes
 * those of its priority for a tick at most.
 */
static inline Proc *take_next(Sched *s)
{
	return PEEK(s->next) != nil ? __atomic_exchange_n(&s->next, nil, __ATOMIC_ACQUIRE) : nil;
}

/* Any processor may do this. */
static void queue_next(Sched *s)
{
	Proc *p = take_next(s);
	if (likely(p == nil))
		return;
	ilock(&s->lk);
	enqueue(s, p, p->pri);
	iunlock(&s->lk);
}

/* ---- who runs ---- */

/* *soon: there is none now, but there will be in a moment. */
static __attribute__((noinline)) Proc *pick_queued(bool *soon)
{
	*soon = false;
	hold_if_asked();
	Proc *p = take(here(), 0, false, soon);
	for (u32 i = 0; p == nil && i < cpu_count(); i++) {
		if (i == cpu()->index)
			continue;
		queue_next(&scheds[i]);
		if (PEEK(scheds[i].nready) > 0)
			p = take(&scheds[i], 0, true, soon);
	}
	assert(p == nil || p->state == Ready);
	return p;
}

/* Somebody else comes before p, which was to be the next: it stays before those of its priority. */
static __attribute__((noinline)) Proc *pick_instead(Sched *s, Proc *p, bool *soon)
{
	ilock(&s->lk);
	place(s, p->pri, nil, p);
	iunlock(&s->lk);
	return pick_queued(soon);
}

/* running: who gives up the processor; nil: nobody. */
static inline Proc *pick(Sched *s, const Proc *running, bool *soon)
{
	Proc *p = take_next(s);
	if (unlikely(p == nil))
		return pick_queued(soon);
	if (unlikely(PEEK(s->nonempty) >> p->pri > 1 ||
	    (__atomic_load_n(&p->on_cpu, __ATOMIC_ACQUIRE) && p != running)))
		return pick_instead(s, p, soon);
	return p;
}

/* ---- switching ---- */

/* Load the watchpoints of p; nil: none. */
static void watch(Sched *s, const Proc *p)
{
	s->watching = p != nil && p->nwatch > 0;
	arch_watch_load(s->watching ? p->watch : nil, s->watching ? p->nwatch : 0);
}

static void leave_unusual(Sched *s, Proc *p)
{
	if (p->state != Ready)
		trace_event(p, p->state == Moribund ? TRACE_DEAD : TRACE_SLEEP);
	if (p->edf != nil)
		edf_leave(p, arch_nsec());
	if (s->watching)
		watch(s, nil);
}

static void enter_unusual(Sched *s, Proc *p, u64 now_ns)
{
	trace_event(p, TRACE_RUN);
	if (p->edf != nil)
		edf_enter(p, now_ns);
	if (p->nwatch > 0)
		watch(s, p);
}

/* The FPU's state is saved at once; a process that comes right back finds it still in place. */
static inline void leave(Sched *s, const Cpu *c, Proc *p, u64 now)
{
	if (unlikely(p->unusual != 0))
		leave_unusual(s, p);
	account_leave(p, now);
	if (!p->kproc)
		fpu_save(p->fpu);
	s->fpu_owner = p;
	p->fpu_cpu = c->index + 1;
}

/* Make that processor look at its queue. */
void sched_prod(u32 where)
{
	POKE(cpu_get(where)->resched, true);
	if (where != cpu()->index)
		arch_kick(where);
}

/* If it runs on another processor, sched_preempt loads them there. */
void sched_watch(Proc *p)
{
	bool on = splhi();
	u32 where = PEEK(p->cpu);
	if (p == up)
		watch(here(), p);
	else if (PEEK(p->on_cpu))
		sched_prod(where);
	splx(on);
}

static inline void enter(Sched *s, const Cpu *c, Proc *p, u64 now)
{
	bool fpu_is_here = s->fpu_owner == p && p->fpu_cpu == c->index + 1;
	p->state = Running;
	p->cpu = c->index;
	p->last_cycles = now;
	account_enter(p, now);
	__atomic_store_n(&p->on_cpu, true, __ATOMIC_RELEASE);
	arch_set_kstack(p->kstack);
	mmuswitch(p->kproc || p->spaceless ? nil : &p->space.pt);
	if (!p->kproc && !fpu_is_here)
		fpu_restore(p->fpu);
}

static void ktrace_run(const Proc *prev, const Proc *next)
{
	u32 pid = next != nil ? next->pid : 0;
	ktrace(pid, KT_RUN, pid, prev != nil ? prev->pid : 0, prev != nil ? prev->state : 0, 0);
}

/*
 * What others look at to know whether a process that became ready is to have this processor. One
 * that looked just before has put its process into the queue already.
 */
static inline void running_is(Sched *s, const Proc *p)
{
	__atomic_store_n(&s->running, p != nil ? p->pri + 1 : 0, __ATOMIC_RELAXED);
	__atomic_store_n(&s->running_due_ns, p != nil ? p->due_ns : 0, __ATOMIC_RELAXED);
	if (p == nil || cpu_count() == 1)
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (PEEK(s->nonempty) >> p->pri >> 1 != 0)
		POKE(cpu()->resched, true);
}

/*
 * While a process runs the timer comes for the tick, or before it; the tick of a processor that was
 * idle is long past.
 */
static inline void tick_from_here(Sched *s)
{
	u64 now = arch_nsec();
	if (s->next_tick_ns <= now)
		s->next_tick_ns = now / TICK_NS * TICK_NS + TICK_NS;
	if (!timer_is_armed(s))
		timer_arm(s);
}

/* The last one off this processor may now run elsewhere, or, when it is dead, be taken apart. */
static inline void finish(Proc *prev)
{
	if (prev == nil)
		return;
	if (CHECKED)
		assert(prev->on_cpu);
	bool dead = PEEK(prev->state) == Moribund;	/* nobody readies the dead */
	__atomic_store_n(&prev->on_cpu, false, __ATOMIC_RELEASE);
	if (unlikely(dead))
		proc_put(prev);
}

void sched_finish(void)
{
	finish(here()->prev);
}

/*
 * Run next instead of the present context, prev; nil: the idle loop. Interrupts off. Returns when
 * somebody switches back, maybe on another processor. Inlined, since what a caller keeps in
 * registers is stored by the switch once, and not by each function on the way there.
 */
static inline __attribute__((always_inline)) void switch_to(Sched *s, Cpu *c, Proc *prev,
	Proc *next)
{
	u64 now = arch_cycles();
	if (CHECKED)
		assert(next != prev && c->nlocks == 0);
	s->prev = prev;
	if (unlikely((c->tracing & KT_SCHED) != 0))
		ktrace_run(prev, next);
	if (prev != nil)
		leave(s, c, prev, now);
	c->proc = next;
	c->nswitch++;
	running_is(s, next);
	if (next != nil) {
		enter(s, c, next, now);
		if (unlikely(next->unusual != 0))
			enter_unusual(s, next, arch_nsec());
		if (prev == nil)
			tick_from_here(s);
	} else {
		mmuswitch(nil);
	}
	label_switch(prev != nil ? &prev->sched : &s->idle, next != nil ? &next->sched : &s->idle);
	finish(here()->prev);
}

static inline void check_no_locks(const Cpu *c)
{
	if (CHECKED)
		order_check_spinning("by a process that gives up the processor");
	if (unlikely(c->nlocks != 0))
		spin_panic("by a process that gives up the processor");
}

/* Interrupts are off; on: as they were before. */
static __attribute__((noinline)) void give_up(bool on)
{
	Cpu *c = cpu();
	Sched *s = c->sched;
	Proc *p = c->proc;
	bool soon;
	assert(p != nil);
	check_no_locks(c);
	Proc *next = pick(s, p, &soon);
	if (likely(next != p))
		switch_to(s, c, p, next);
	else
		p->state = Running;
	if (CHECKED)
		assert(up == p && p->state == Running);
	splx(on);
}

void sched(void)
{
	bool on = splhi();
	give_up(on);
}

void sched_release(Lock *l)
{
	bool on = l->interrupts_were_on;
	unlock(l);
	give_up(on);
}

/* p stands in the queue s now; is it more urgent than what runs there? */
static bool more_urgent(const Sched *s, const Proc *p)
{
	u32 running = PEEK(s->running);
	if (running == 0)
		return false;
	return p->pri + 1 > running ||
		(p->pri == PRI_EDF && p->due_ns < PEEK(s->running_due_ns));
}

/* Of the idle processors in the set wake one, if there is any and nobody does already. */
static bool wake_idle(u64 set)
{
	u64 idle = __atomic_load_n(&idlers, __ATOMIC_SEQ_CST) & set;
	while (idle != 0) {
		u32 i = (u32)__builtin_ctzl(idle);
		u64 bit = 1UL << i;
		idle &= ~bit;
		if ((__atomic_fetch_and(&idlers, ~bit, __ATOMIC_SEQ_CST) & bit) == 0)
			continue;
		if (i != cpu()->index)
			arch_kick(i);
		return true;
	}
	return false;
}

bool sched_is_called(u32 i)
{
	return PEEK(begun) && PEEK(cpu_get(i)->proc) == nil && (PEEK(idlers) & 1UL << i) == 0;
}

/*
 * A process was put into the queue of `where`. If that processor is idle it is woken, else
 * any other that is, which will take it unless the first one was faster.
 */
static void offer(u32 where, bool wired)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (PEEK(idlers) == 0 || wake_idle(1UL << where) || wired || cpu_get(where)->idle)
		return;
	wake_idle(~0UL);
}

static void make_ready(Proc *p, u32 pri)
{
	s32 home = PEEK(p->wired);
	bool wired = home >= 0;
	u32 where = wired ? (u32)home % cpu_count() : p->cpu;
	Sched *s = &scheds[where];
	ilock(&s->lk);
	assert(p->state != Ready && p->state != Dead);
	p->state = Ready;
	enqueue(s, p, pri);
	bool urgent = more_urgent(s, p);
	iunlock(&s->lk);
	if (unlikely(urgent))
		sched_prod(where);
	if (cpu_count() > 1)
		offer(where, wired);
}

/*
 * Let p, of which there is nothing to tell, be the next one here. False: it is to be queued. A
 * priority below zero is very high here.
 */
static inline bool run_next(const Cpu *c, Proc *p)
{
	const Proc *waker = c->proc;
	Sched *s = c->sched;
	Proc *none = nil;
	u32 pri = p->basepri - p->penalty;
	if (p->unusual != 0 || p->cpu != c->index || waker == nil || c->in_interrupt ||
	    PEEK(s->next) != nil || pri > waker->pri)
		return false;
	p->pri = pri;
	p->state = Ready;
	if (likely(__atomic_compare_exchange_n(&s->next, &none, p, false, __ATOMIC_SEQ_CST,
	    __ATOMIC_RELAXED)))
		return true;
	p->state = Scheding;
	return false;
}

/* Those who talk to each other are soon of one priority. */
static inline void forgive_waker(const Cpu *c, const Proc *p, u32 pri)
{
	Proc *waker = c->proc;
	if (waker != nil && !c->in_interrupt && p->cpu == c->index && pri > waker->pri &&
	    pri != PRI_EDF)
		waker->penalty /= 2;
}

static __attribute__((noinline)) void ready_queued(const Cpu *c, Proc *p)
{
	if (unlikely(p->unusual != 0)) {
		trace_event(p, TRACE_READY);
		if (p->edf != nil)
			edf_ready(p);
	}
	u32 pri = effective_pri(p);
	forgive_waker(c, p, pri);
	make_ready(p, pri);
}

/* A processor that has nothing to do may have the next one of this processor. */
static __attribute__((noinline)) void offer_next(const Cpu *c)
{
	queue_next(c->sched);
	offer(c->index, false);
}

void ready(Proc *p)
{
	const Cpu *c = cpu();
	if (unlikely((c->tracing & KT_SCHED) != 0))
		ktrace(up != nil ? up->pid : 0, KT_READY, p->pid, 0, 0, 0);
	p->penalty /= 2;	/* it slept: forgive */
	if (!run_next(c, p))
		ready_queued(c, p);
	else if (unlikely(PEEK(idlers) != 0))
		offer_next(c);
}

/* Take p out of s, where it may stand; s->lk is held. */
static bool dequeue(Sched *s, Proc *p) REQUIRES(s->lk)
{
	Proc *before = nil, *q = s->head[p->pri];
	while (q != nil && q != p) {
		before = q;
		q = q->qnext;
	}
	if (q != nil)
		unlink_after(s, p->pri, before, p);
	return q != nil;
}

void sched_requeue(Proc *p)
{
	bool queued = false;
	for (u32 i = 0; i < cpu_count() && !queued; i++) {
		Sched *s = &scheds[i];
		queue_next(s);
		ilock(&s->lk);
		queued = dequeue(s, p);
		if (queued)
			p->state = Scheding;	/* nobody else touches it now */
		iunlock(&s->lk);
	}
	if (queued)
		make_ready(p, effective_pri(p));
	u32 where = p->cpu;
	if (!queued && PEEK(cpu_get(where)->proc) == p)
		sched_prod(where);	/* sched_preempt does the rest */
}

/* Wired to another processor than this one. */
static bool is_misplaced(const Proc *p)
{
	s32 home = PEEK(p->wired);
	return home >= 0 && (u32)home % cpu_count() != cpu()->index;
}

/* Let the best of those who are ready here run, if there is one, and stand behind them all. */
static void give_way(Sched *s, Proc *p)
{
	bool soon;
	check_no_locks(cpu());
	queue_next(s);
	ilock(&s->lk);
	u32 others = s->nonempty;
	Proc *next = take_locked(s, 0, false, &soon);
	if (next != nil) {
		p->state = Ready;
		enqueue(s, p, MIN(effective_pri(p), (u32)__builtin_ctz(others)));
	}
	iunlock(&s->lk);
	if (next == nil)
		return;
	if (cpu_count() > 1)
		offer(cpu()->index, p->wired >= 0);
	switch_to(s, cpu(), p, next);
}

/* Give way to everyone who is ready, of whatever priority: spin loops of programs rely on it. */
void yield(void)
{
	Proc *p = up;
	if (unlikely(p->unusual != 0)) {
		trace_event(p, TRACE_YIELD);
		if (p->edf != nil && edf_yield())
			return;
	}
	bool on = splhi();
	if (unlikely(is_misplaced(p))) {
		make_ready(p, effective_pri(p));
		sched();
	} else {
		give_way(here(), p);
	}
	splx(on);
}

void sched_preempt(void)
{
	POKE(cpu()->resched, false);
	if (unlikely(up->unusual != 0) && up->edf != nil)
		edf_hold();
	bool on = splhi();
	Proc *p = up;
	hold_if_asked();
	u32 pri = p->pri = effective_pri(p);
	Sched *s = here();
	if (unlikely(p->nwatch > 0 || s->watching))
		watch(s, p);
	running_is(s, p);
	queue_next(s);
	if (PEEK(s->nonempty) >> pri != 0 || is_misplaced(p)) {
		trace_event(p, TRACE_SLICE);
		make_ready(p, pri);
		sched();
	}
	splx(on);
}

/* ---- the tick ---- */

/* Lift whoever has been ready for too long to the normal priority. */
static void boost(Sched *s, u64 now_ns)
{
	ilock(&s->lk);
	for (u32 pri = 0; pri < PRI_NORMAL; pri++) {
		Proc *before = nil, *next;
		for (Proc *p = s->head[pri]; p != nil; p = next) {
			next = p->qnext;
			if (now_ns - p->ready_ns < BOOST_NS || p->fixedpri) {
				before = p;
				continue;
			}
			unlink_after(s, pri, before, p);
			p->penalty = 0;
			enqueue(s, p, PRI_NORMAL);
		}
	}
	iunlock(&s->lk);
	s->boost_ns = now_ns;
}

/* Is there more to do for `other` than here, or something more urgent than what runs here? */
static bool is_worse_off(const Sched *other, const Sched *s, u32 pri)
{
	return PEEK(other->nonempty) >> pri >> 1 != 0 || PEEK(other->nready) > PEEK(s->nready) + 1;
}

/*
 * A processor that is busy takes one process at a tick from the first that has more to do, the one
 * that has waited for longest there: it comes before the others here.
 */
static void balance(Sched *s, u32 pri)
{
	bool soon;
	for (u32 n = cpu_count(), k = 1; k < n; k++) {
		Sched *other = &scheds[(cpu()->index + k) % n];
		if (!is_worse_off(other, s, pri))
			continue;
		bool longer = PEEK(other->nready) > PEEK(s->nready) + 1;
		Proc *p = take(other, longer ? 0 : pri + 1, true, &soon);
		if (p == nil)
			continue;
		ilock(&s->lk);
		u64 since_ns = p->ready_ns;
		p->cpu = cpu()->index;
		place(s, effective_pri(p), nil, p);
		p->ready_ns = since_ns;
		iunlock(&s->lk);
		return;
	}
}

void sched_tick(Sched *s, u64 now_ns, bool in_user)
{
	Proc *p = up;
	queue_next(s);
	load_update(s, cpu(), PEEK(s->nready) + 1, now_ns);
	if (now_ns - s->boost_ns >= BOOST_LOOK_NS)
		boost(s, now_ns);
	if (in_user)
		p->clock_ms += TICK_NS / 1000000;
	if (arch_cycles() - p->last_cycles >= arch_cyclehz() / (2 * TICKHZ) &&
	    p->penalty < PENALTY_MAX)
		p->penalty++;
	p->pri = effective_pri(p);
	if (cpu_count() > 1)
		balance(s, p->pri);
	/* one that was about to halt may have been overlooked when something was queued */
	if (PEEK(s->nready) > 0 && PEEK(idlers) != 0)
		wake_idle(~0UL);
	running_is(s, p);
	if (PEEK(s->nonempty) >> p->pri != 0 || is_misplaced(p))
		POKE(cpu()->resched, true);
}

/* ---- idling ---- */

/*
 * Halt until an interrupt comes, unless a last look finds a process, which is returned. Whoever
 * makes one ready looks at idlers after that, and this processor at the queues after it is among
 * them, so that one of the two sees the other.
 */
static Proc *halt(Sched *s)
{
	u64 bit = 1UL << cpu()->index;
	bool several = cpu_count() > 1, soon = false;
	Proc *p = nil;
	if (several) {
		__atomic_fetch_or(&idlers, bit, __ATOMIC_SEQ_CST);
		p = pick(s, nil, &soon);
	}
	if (p == nil && !soon) {
		timer_arm(s);
		arch_idle();
		splhi();
	}
	if (several)
		__atomic_fetch_and(&idlers, ~bit, __ATOMIC_SEQ_CST);
	return p;
}

/*
 * While something will be ready in a moment it is not worth while to halt; nor just after, since
 * those who talk to each other on another processor would have to kick this one for every message.
 */
static Proc *idle(Sched *s, bool soon)
{
	enum { A_MOMENT = 20 };
	Cpu *c = cpu();
	Proc *p = nil;
	u64 before = arch_nsec();
	load_update(s, c, 0, before);
	c->idle = true;
	if (!soon)
		p = halt(s);
	for (u32 turns = 0; soon && turns < A_MOMENT; turns++)
		arch_relax();
	c->idle = false;
	u64 after = arch_nsec();
	c->idle_ns += after - before;
	load_update(s, c, 0, after);
	return p;
}

/* The others begin when the first one does, since the boot is over then. */
static void wait_for_boot(void)
{
	if (cpu()->index == 0) {
		__atomic_store_n(&begun, true, __ATOMIC_SEQ_CST);
		for (u32 i = 1; i < cpu_count(); i++)
			arch_kick(i);
	}
	while (!__atomic_load_n(&begun, __ATOMIC_SEQ_CST)) {
		arch_idle();
		splhi();
	}
}

void schedinit(void)
{
	splhi();
	assert(up == nil);
	Sched *s = cpu()->sched = sched_get(cpu()->index);
	wait_for_boot();
	for (u64 poll_until_ns = 0;;) {
		bool soon = false;
		Proc *p = pick(s, nil, &soon);
		if (soon)
			poll_until_ns = arch_nsec() + POLL_NS;
		if (p == nil && !frames_prepare())
			p = idle(s, poll_until_ns != 0 && arch_nsec() < poll_until_ns);
		if (p != nil)
			switch_to(s, cpu(), nil, p);
	}
}
