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
#include "proc/runq.h"

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

Proc *sched_take(Sched *s, u32 lowest, bool stealing, bool *soon)
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
void sched_queue_next(Sched *s)
{
	Proc *p = take_next(s);
	if (likely(p == nil))
		return;
	ilock(&s->lk);
	enqueue(s, p, effective_pri(p));
	iunlock(&s->lk);
}

/* ---- who runs ---- */

/* *soon: there is none now, but there will be in a moment. */
static __attribute__((noinline)) Proc *pick_queued(bool *soon)
{
	*soon = false;
	hold_if_asked();
	Proc *p = sched_take(here(), 0, false, soon);
	for (u32 i = 0; p == nil && i < cpu_count(); i++) {
		if (i == cpu()->index)
			continue;
		sched_queue_next(&scheds[i]);
		if (PEEK(scheds[i].nready) > 0)
			p = sched_take(&scheds[i], 0, true, soon);
	}
	assert(p == nil || p->state == Ready);
	return p;
}

/* Somebody else comes before p, which was to be the next: it stays before those of its priority. */
static __attribute__((noinline)) Proc *pick_instead(Sched *s, Proc *p, bool *soon)
{
	ilock(&s->lk);
	enqueue_first(s, p);
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

/*
 * From here on others see that p runs, and where: whoever wants it to attend to something changes
 * that first and then looks here, p does it the other way round, with the barrier of running_is
 * in between.
 */
static inline void arrive(Sched *s, const Cpu *c, Proc *p)
{
	p->cpu = c->index;
	__atomic_store_n(&p->on_cpu, true, __ATOMIC_RELEASE);
	running_is(s, p);
}

static inline void enter(Sched *s, const Cpu *c, Proc *p, u64 now)
{
	bool fpu_is_here = s->fpu_owner == p && p->fpu_cpu == c->index + 1;
	p->state = Running;
	p->last_cycles = now;
	account_enter(p, now);
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
	if (next != nil) {
		arrive(s, c, next);
		enter(s, c, next, now);
		if (unlikely(next->unusual != 0))
			enter_unusual(s, next, arch_nsec());
		if (prev == nil)
			tick_from_here(s);
	} else {
		running_is(s, nil);
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
bool sched_wake_idle(u64 set)
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
	if (PEEK(idlers) == 0 || sched_wake_idle(1UL << where) || wired ||
	    PEEK(cpu_get(where)->idle))
		return;
	sched_wake_idle(~0UL);
}

/*
 * Its priority is looked at with the queue locked: whoever changes it looks for p in the queues
 * after that (sched_requeue), and finds it or has been seen here.
 */
static void make_ready(Proc *p)
{
	s32 home = PEEK(p->wired);
	bool wired = home >= 0;
	u32 where = wired ? (u32)home % cpu_count() : p->cpu;
	Sched *s = &scheds[where];
	ilock(&s->lk);
	assert(p->state != Ready && p->state != Dead);
	p->state = Ready;
	enqueue(s, p, effective_pri(p));
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
	forgive_waker(c, p, effective_pri(p));
	make_ready(p);
}

/* A processor that has nothing to do may have the next one of this processor. */
static __attribute__((noinline)) void offer_next(const Cpu *c)
{
	sched_queue_next(c->sched);
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

/*
 * Take p out of s, where it may stand; s->lk is held. Not p->pri says where: a tick that finds p on
 * its way out changes that.
 */
static bool dequeue(Sched *s, Proc *p) REQUIRES(s->lk)
{
	for (u32 left = s->nonempty; left != 0; left &= left - 1) {
		u32 pri = (u32)__builtin_ctz(left);
		Proc *before = nil, *q = s->head[pri];
		for (; q != nil && q != p; q = q->qnext)
			before = q;
		if (q == nil)
			continue;
		unlink_after(s, pri, before, p);
		return true;
	}
	return false;
}

void sched_requeue(Proc *p)
{
	bool queued = false;
	for (u32 i = 0; i < cpu_count() && !queued; i++) {
		Sched *s = &scheds[i];
		sched_queue_next(s);
		ilock(&s->lk);
		queued = dequeue(s, p);
		if (queued)
			p->state = Scheding;	/* nobody else touches it now */
		iunlock(&s->lk);
	}
	if (queued)
		make_ready(p);
	u32 where = PEEK(p->cpu);
	if (!queued && PEEK(cpu_get(where)->proc) == p)
		sched_prod(where);	/* sched_preempt does the rest */
}

/* Let the best of those who are ready here run, if there is one, and stand behind them all. */
static void give_way(Sched *s, Proc *p)
{
	bool soon;
	check_no_locks(cpu());
	sched_queue_next(s);
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
		make_ready(p);
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
	sched_queue_next(s);
	if (PEEK(s->nonempty) >> pri != 0 || is_misplaced(p)) {
		trace_event(p, TRACE_SLICE);
		if (p->moves_to != 0)
			p->cpu = p->moves_to - 1;
		p->moves_to = 0;
		make_ready(p);
		sched();
	}
	splx(on);
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
	POKE(c->idle, true);
	if (!soon)
		p = halt(s);
	for (u32 turns = 0; soon && turns < A_MOMENT; turns++)
		arch_relax();
	POKE(c->idle, false);
	u64 after = arch_nsec();
	c->idle_ns += after - before;
	load_update(s, c, 0, after);
	return p;
}

/* A processor that was called for one process finds more: others may be idle. */
static inline void share_rest(const Sched *s)
{
	if (unlikely(PEEK(idlers) != 0) && PEEK(s->nready) > 0)
		sched_wake_idle(~0UL);
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
		if (p != nil) {
			share_rest(s);
			switch_to(s, cpu(), nil, p);
		}
	}
}
