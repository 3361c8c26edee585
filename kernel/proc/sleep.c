/*
 * Sleeping and waking. What a process waits for is looked at and changed under
 * one spin lock, whichever it is (a Rendez has one of its own): so no wake-up is
 * lost, and whoever wakes holds the lock that the sleeper must take before it can
 * leave what both know.
 *
 * Three may end a sleep: rouse, a time-out, a note. Proc.asleep, one word that
 * only atomic operations change, decides which of them does: the one that takes
 * ASLEEP away makes the process ready, all others find nobody asleep.
 */
#include "proc/private.h"

enum {
	ASLEEP = 1,		/* nobody has ended the sleep */
	DEAF = 2,		/* with ASLEEP: notes do not */
	BROKEN_OFF = 4,		/* a note did */
	PENDING = 8,		/* the next sleep that hears notes fails at once */
	HELD_ASLEEP = 16,	/* the watchdog looks: who wants to end the sleep waits a moment */
};

/*
 * The first one to end the sleep makes p ready. mark: 0, or BROKEN_OFF. Most sleeps hear notes, and
 * mostly nobody looks: that is tried first.
 */
static inline bool end_sleep(Proc *p, u32 mark)
{
	u32 was = ASLEEP;
	while (unlikely(!__atomic_compare_exchange_n(&p->asleep, &was,
	    (was & ~(u32)(ASLEEP | DEAF)) | mark, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))) {
		if (!(was & ASLEEP) || ((was & DEAF) && mark != 0))
			return false;
		if (was & HELD_ASLEEP) {
			arch_relax();
			was &= ~(u32)HELD_ASLEEP;
		}
	}
	ready(p);
	return true;
}

void rouse(Proc *p)
{
	end_sleep(p, 0);
}

bool wakeup(Rendez *r)
{
	ilock(&r->lk);
	Proc *p = r->p;
	if (p != nil) {
		r->p = nil;
		rouse(p);
	}
	iunlock(&r->lk);
	return p != nil;
}

void sleep_interrupt(Proc *p)
{
	u32 was = 0;	/* the running process is awake, and most others that do not sleep */
	for (;;) {
		if ((was & (ASLEEP | DEAF)) == ASLEEP) {
			if (end_sleep(p, BROKEN_OFF))
				return;
			was = PEEK(p->asleep);
		} else if (__atomic_compare_exchange_n(&p->asleep, &was, was | PENDING, false,
		    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			break;	/* awake, or deaf: the next sleep that hears fails */
		}
	}
	if (p != up)
		sched_poke(p);
}

bool sleep_will_fail(const Proc *p)
{
	return (PEEK(p->asleep) & PENDING) != 0;
}

void sleep_hear_nothing(Proc *p)
{
	if (sleep_will_fail(p))
		__atomic_fetch_and(&p->asleep, ~(u32)PENDING, __ATOMIC_ACQ_REL);
}

static void sleep_timeout(Timer *t)
{
	rouse(t->arg);
}

/*
 * What the watchdog looks at; from then on p can be roused, unless a note forbids the sleep: false.
 * Mostly p has no note to hear of.
 */
static inline bool fall_asleep(Proc *p, Lock *l, bool (*cond)(void *), void *arg, bool hears)
{
	u32 was = 0, now = hears ? ASLEEP : ASLEEP | DEAF;
	p->sleep_lock = l;
	p->sleep_cond = cond;
	p->sleep_arg = arg;
	p->state = Wakeme;
	while (unlikely(!__atomic_compare_exchange_n(&p->asleep, &was, now, false, __ATOMIC_ACQ_REL,
	    __ATOMIC_RELAXED))) {
		if (hears && (was & PENDING))
			now = was & ~(u32)PENDING;
		else
			now = was | ASLEEP | (hears ? 0 : DEAF);
	}
	if (likely(now & ASLEEP))
		return true;
	p->state = Running;
	return false;
}

static inline bool was_broken_off(Proc *p)
{
	if (likely(!(PEEK(p->asleep) & BROKEN_OFF)))
		return false;
	__atomic_fetch_and(&p->asleep, ~(u32)BROKEN_OFF, __ATOMIC_ACQ_REL);
	return true;
}

/* deadline_ns 0: none. */
static inline bool park_until(Lock *l, bool (*cond)(void *), void *arg, u64 deadline_ns,
	bool hears) RELEASES(l)
{
	Proc *p = up;
	if (unlikely(!fall_asleep(p, l, cond, arg, hears))) {
		iunlock(l);
		return false;
	}
	if (deadline_ns != 0)
		timer_set(&p->sleep_timer, deadline_ns);
	sched_release(l);
	return !was_broken_off(p);
}

bool park(Lock *l, bool (*cond)(void *), void *arg)
{
	return park_until(l, cond, arg, 0, true);
}

/* Somebody may have made the condition true before p could be roused: then p rouses itself. */
static bool woke_up_already(Proc *p, bool (*cond)(void *), void *arg)
{
	u32 was = PEEK(p->asleep);
	if (likely(!cond(arg)))
		return false;
	while (was & ASLEEP) {
		if (was & HELD_ASLEEP) {
			arch_relax();
			was = PEEK(p->asleep);
		} else if (__atomic_compare_exchange_n(&p->asleep, &was, was & ~(u32)ASLEEP, false,
		    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			p->state = Running;
			return true;
		}
	}
	return false;
}

/* Whoever made the condition true under the lock may still be busy with p until it has gone by. */
static void let_pass(Lock *l)
{
	ilock(l);
	iunlock(l);
}

bool park_unlocked(Lock *l, bool (*cond)(void *), void *arg, u64 deadline_ns)
{
	Proc *p = up;
	if (unlikely(!fall_asleep(p, l, cond, arg, true)))
		return false;
	if (unlikely(woke_up_already(p, cond, arg))) {
		let_pass(l);
		return true;
	}
	if (unlikely(deadline_ns != 0)) {
		timer_set(&p->sleep_timer, deadline_ns);
		sched();
		timer_cancel(&p->sleep_timer);
		let_pass(l);
	} else {
		sched();
	}
	return !was_broken_off(p);
}

void park_keep_note(void)
{
	__atomic_fetch_or(&up->asleep, PENDING, __ATOMIC_ACQ_REL);
}

/* r->lk is held, also on return. */
static ERR wait(Rendez *r, bool (*cond)(void *), void *arg, u64 deadline_ns, bool hears)
	REQUIRES(r->lk)
{
	Proc *p = up;
	while (!cond(arg) && (deadline_ns == 0 || arch_nsec() < deadline_ns)) {
		if (r->p != nil)
			panic("sleep: processes %s %d and %s %d sleep on one Rendez", p->name,
				p->pid, r->p->name, r->p->pid);
		r->p = p;
		bool undisturbed = park_until(&r->lk, cond, arg, deadline_ns, hears);
		ilock(&r->lk);
		if (r->p == p)
			r->p = nil;
		if (undisturbed)
			continue;
		if (!cond(arg))
			return Eintr;
		park_keep_note();
	}
	return nil;
}

static ERR wait_at(Rendez *r, bool (*cond)(void *), void *arg, u64 deadline_ns, bool hears)
{
	if (CHECKED)
		order_check_spinning("by a process that is about to sleep");
	if (unlikely(cpu()->nlocks != 0))
		spin_panic("by a process that sleeps");
	ilock(&r->lk);
	Err err = wait(r, cond, arg, deadline_ns, hears);
	iunlock(&r->lk);
	if (deadline_ns != 0)
		timer_cancel(&up->sleep_timer);
	return err;
}

/*
 * The sleep cannot end while the word says HELD_ASLEEP, so that lock and condition stay. The lock
 * is only tried: its holder may want to wake p. Interrupts are off, since one might, too.
 */
NO_TSA bool sleep_is_over(Proc *p)
{
	bool over = false, on = splhi();
	u32 was = PEEK(p->asleep);
	if ((was & ASLEEP) && __atomic_compare_exchange_n(&p->asleep, &was, was | HELD_ASLEEP,
	    false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		if (canlock(p->sleep_lock)) {
			over = p->sleep_cond(p->sleep_arg);
			unlock(p->sleep_lock);
		}
		__atomic_fetch_and(&p->asleep, ~(u32)HELD_ASLEEP, __ATOMIC_ACQ_REL);
	}
	splx(on);
	return over;
}

bool is_asleep(const Proc *p)
{
	return (PEEK(p->asleep) & ASLEEP) != 0;
}

bool is_deaf(const Proc *p)
{
	return (PEEK(p->asleep) & (ASLEEP | DEAF)) == (ASLEEP | DEAF);
}

Err sleep(Rendez *r, bool (*cond)(void *), void *arg)
{
	return wait_at(r, cond, arg, 0, true);
}

Err tsleep(Rendez *r, bool (*cond)(void *), void *arg, u64 ns)
{
	return wait_at(r, cond, arg, arch_nsec() + ns, true);
}

void sleep_uninterruptible(Rendez *r, bool (*cond)(void *), void *arg)
{
	Err err = wait_at(r, cond, arg, 0, false);
	assert(err == nil);
}

static bool never(void *arg)
{
	return false;
}

Err proc_sleep(s32 ms)
{
	if (ms > 0)
		return tsleep(&up->sleepr, never, nil, (u64)ms * 1000000);
	yield();
	return nil;
}

static void alarm_rings(Timer *t)
{
	postnote(t->arg, "alarm", NUser);
}

/* Programs compare 32 bits of a result with -1, so that is never what was left. */
void proc_alarm(u32 ms, u32 *left)
{
	Proc *p = up;
	u64 now = arch_nsec();
	timer_cancel(&p->alarm);
	u64 old = p->alarm.when_ns;
	*left = old > now ? (u32)MIN((old - now + 999999) / 1000000, (u64)~1U) : 0;
	p->alarm.when_ns = 0;
	if (ms == 0)
		return;
	timer_set(&p->alarm, now + (u64)ms * 1000000);
}

void sleep_prepare(Proc *p)
{
	p->sleep_timer.f = sleep_timeout;
	p->alarm.f = alarm_rings;
	p->sleep_timer.arg = p->alarm.arg = p;
}

/* ---- what sync asks for ---- */

void sync_park(Lock *l, int why)
{
	Proc *p = up;
	assert(p != nil && lock_held(l));
	p->state = why == PARK_QUEUE ? Queueing : why == PARK_READ ? QueueingR : QueueingW;
	sched_release(l);
}

void sync_unpark(Proc *p)
{
	assert(p->state == Queueing || p->state == QueueingR || p->state == QueueingW);
	ready(p);
}

Proc *sync_self(void)
{
	return up;
}

HeldLocks *sync_held(Proc *p)
{
	return &p->held;
}

LockWait *sync_lockwait(Proc *p)
{
	return &p->lockwait;
}

Proc **sync_qnext(Proc *p)
{
	return &p->qnext;
}

u8 *sync_qkind(Proc *p)
{
	return &p->qkind;
}
