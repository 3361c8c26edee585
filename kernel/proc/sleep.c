/*
 * Sleeping and waking. No wake-up is lost: the sleeper looks at its condition
 * and joins the Rendez under the Rendez's lock, which wakeup takes too. It is
 * Proc.sleeping_on, under Proc.lk, that decides who wakes the sleeper (wakeup,
 * a time-out or a note): the first one clears it. The sleeper takes r->lk again
 * before it leaves, so whoever woke it has finished with the Rendez.
 */
#include "proc/private.h"

/* p->lk is held. */
static bool rouse(Proc *p) REQUIRES(p->lk)
{
	if (p->sleeping_on == nil)
		return false;
	p->sleeping_on = nil;
	ready(p);
	return true;
}

bool wakeup(Rendez *r)
{
	ilock(&r->lk);
	Proc *p = r->p;
	if (p != nil) {
		r->p = nil;
		ilock(&p->lk);
		if (p->sleeping_on == r)
			rouse(p);
		iunlock(&p->lk);
	}
	iunlock(&r->lk);
	return p != nil;
}

void sleep_interrupt(Proc *p)
{
	assert(lock_held(&p->lk));
	if (p->interruptible && p->sleeping_on != nil) {
		p->interrupted = true;
		rouse(p);
	} else {
		p->note_pending = true;
	}
}

static void sleep_timeout(Timer *t)
{
	Proc *p = t->arg;
	ilock(&p->lk);
	rouse(p);
	iunlock(&p->lk);
}

/* r->lk is held. Join r, unless a note forbids it. */
static bool join(Rendez *r, Proc *p, bool (*cond)(void *), void *arg, bool interruptible)
{
	if (r->p != nil)
		panic("sleep: processes %s %d and %s %d sleep on one Rendez", p->name, p->pid,
			r->p->name, r->p->pid);
	bool joined = true;
	ilock(&p->lk);
	if (interruptible && p->note_pending) {
		p->note_pending = false;
		joined = false;
	} else {
		r->p = p;
		p->sleeping_on = r;
		p->sleep_cond = cond;
		p->sleep_arg = arg;
		p->interruptible = interruptible;
		p->interrupted = false;
		p->state = Wakeme;
	}
	iunlock(&p->lk);
	return joined;
}

/*
 * r->lk is held, p is back. Returns whether a note broke the sleep. One that came together with
 * what the sleep was for is left to the next sleep: the call may not be over.
 */
static bool rejoin(Rendez *r, Proc *p, bool over)
{
	if (r->p == p)
		r->p = nil;
	ilock(&p->lk);
	assert(p->sleeping_on == nil);
	bool interrupted = p->interrupted && !over;
	if (p->interrupted && over)
		p->note_pending = true;
	p->interrupted = p->interruptible = false;
	iunlock(&p->lk);
	return interrupted;
}

/* deadline_ns 0: none. */
static ERR wait(Rendez *r, bool (*cond)(void *), void *arg, u64 deadline_ns, bool interruptible)
{
	Proc *p = up;
	Err err = nil;
	if (CHECKED)
		order_check_spinning("by a process that is about to sleep");
	assert(p != nil);
	if (unlikely(cpu()->nlocks != 0))
		spin_panic("by a process that sleeps");
	ilock(&r->lk);
	while (!cond(arg) && (deadline_ns == 0 || arch_nsec() < deadline_ns)) {
		if (!join(r, p, cond, arg, interruptible)) {
			err = Eintr;
			break;
		}
		iunlock(&r->lk);
		if (deadline_ns != 0)
			timer_set(&p->sleep_timer, deadline_ns);
		sched();
		ilock(&r->lk);
		if (rejoin(r, p, cond(arg))) {
			err = Eintr;
			break;
		}
	}
	iunlock(&r->lk);
	if (deadline_ns != 0)
		timer_cancel(&p->sleep_timer);
	return err;
}

/*
 * The order of the locks is against that of wakeup, so r->lk is only tried. p takes it before it
 * leaves, and it cannot be woken meanwhile: r and what arg points at stay.
 */
NO_TSA bool sleep_is_over(Proc *p)
{
	bool over = false;
	ilock(&p->lk);
	Rendez *r = p->sleeping_on;
	if (r != nil && canlock(&r->lk)) {
		over = p->sleep_cond(p->sleep_arg);
		unlock(&r->lk);
	}
	iunlock(&p->lk);
	return over;
}

Err sleep(Rendez *r, bool (*cond)(void *), void *arg)
{
	return wait(r, cond, arg, 0, true);
}

Err tsleep(Rendez *r, bool (*cond)(void *), void *arg, u64 ns)
{
	Timer *t = &up->sleep_timer;
	t->f = sleep_timeout;
	t->arg = up;
	return wait(r, cond, arg, arch_nsec() + ns, true);
}

void sleep_uninterruptible(Rendez *r, bool (*cond)(void *), void *arg)
{
	Err err = wait(r, cond, arg, 0, false);
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
	p->alarm.f = alarm_rings;
	p->alarm.arg = p;
	timer_set(&p->alarm, now + (u64)ms * 1000000);
}
