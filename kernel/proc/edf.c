/*
 * Real-time processes: in every period each is promised its cost, as processor
 * time before the deadline, and the one with the earliest deadline goes first.
 * What can be promised is limited, and so is what a process takes: when its cost
 * is used up it waits for the next period or, with `extra', goes on as others do.
 *
 * A period of a periodic process begins when the last one ends; that of a
 * sporadic one when, after that, it is ready to run. Yielding (sleep of 0) ends
 * the work of a period. Proc.realtime says that p has the promise right now; it
 * is what the scheduler looks at.
 *
 * Edf.lk comes after Proc.lk and before the timers and the run queue; nobody is
 * woken and no note is posted while it is held.
 */
#include "proc/private.h"

enum { PROMISED_MAX = 900 };		/* thousandths of a processor */
enum { PERIOD_MIN_NS = 100000 };

struct Edf {
	Lock lk;
	Proc *p;			/* [I] */
	u64 want[NEDFTIMES] GUARDED_BY(lk);	/* ns, as asked for */
	bool flag[NEDFFLAGS] GUARDED_BY(lk);
	bool admitted GUARDED_BY(lk);
	u64 deadline_ns GUARDED_BY(lk);	/* asked for, or else the period */
	u32 where GUARDED_BY(lk);	/* the processor that is promised */
	u32 share GUARDED_BY(lk);	/* thousandths of it */
	s32 wired GUARDED_BY(lk);	/* what Proc.wired was before */
	u64 release_ns GUARDED_BY(lk);	/* when the present period began */
	u64 left_ns GUARDED_BY(lk);	/* of the cost, in it */
	u64 since_ns GUARDED_BY(lk);	/* it has the processor since; 0: it has not */
	bool done GUARDED_BY(lk);	/* it yielded */
	bool past_due GUARDED_BY(lk);	/* the deadline has passed */
	bool idle GUARDED_BY(lk);	/* sporadic: the next period begins when it is ready */
	Timer event;			/* the deadline, then the end of the period */
	Timer budget;			/* the end of the cost, while it runs */
	Rendez wait;			/* it waits for the next period */
};

static LOCK_CLASS(edf_class, "proc.edf");
static LOCK_CLASS(promised_class, "proc.promised");
static Lock promised_lk = LOCK_INIT(&promised_class);
static u32 promised[NCPU_MAX] GUARDED_BY(promised_lk);	/* thousandths */

/* ---- periods; e->lk is held ---- */

/* What it used of the processor until now. */
static void charge(Edf *e, u64 now_ns) REQUIRES(e->lk)
{
	if (e->since_ns == 0)
		return;
	u64 used = now_ns - e->since_ns;
	e->since_ns = now_ns;
	e->left_ns = used < e->left_ns ? e->left_ns - used : 0;
	if (e->left_ns == 0)
		e->p->realtime = false;
}

static u64 due_ns(const Edf *e) REQUIRES(e->lk)
{
	return e->release_ns + e->deadline_ns;
}

static u64 end_ns(const Edf *e) REQUIRES(e->lk)
{
	return e->release_ns + e->want[EDF_PERIOD];
}

static void begin_period(Edf *e, u64 at_ns, u64 now_ns) REQUIRES(e->lk)
{
	Proc *p = e->p;
	e->release_ns = at_ns;
	e->left_ns = e->want[EDF_COST];
	e->done = e->past_due = e->idle = false;
	p->due_ns = due_ns(e);
	p->realtime = true;
	trace_event(p, TRACE_RELEASE);
	timer_set(&e->event, p->due_ns);
	if (e->since_ns != 0) {
		e->since_ns = now_ns;
		timer_set(&e->budget, now_ns + e->left_ns);
	}
}

/* Ready, running, or waiting for the next period to begin. */
static bool wants_to_run(const Edf *e)
{
	const Proc *p = e->p;
	return p->state == Ready || p->state == Running || e->wait.p == p;
}

/* The deadline: what is left is lost. Was it missed? */
static bool pass_deadline(Edf *e) REQUIRES(e->lk)
{
	bool missed = !e->done && wants_to_run(e);
	e->past_due = true;
	e->left_ns = 0;
	e->p->realtime = false;
	if (missed)
		trace_event(e->p, TRACE_DEADLINE);
	if (end_ns(e) > due_ns(e))
		timer_set(&e->event, end_ns(e));
	return missed;
}

/* The period is over. Periods that nobody noticed are left out. */
static bool next_period(Edf *e, u64 now_ns) REQUIRES(e->lk)
{
	u64 at = end_ns(e);
	if (e->flag[EDF_SPORADIC] && !wants_to_run(e)) {
		e->idle = true;
		return false;
	}
	if (e->flag[EDF_SPORADIC] || now_ns - at >= e->want[EDF_PERIOD])
		at = now_ns;
	begin_period(e, at, now_ns);
	return true;
}

/* ---- timers ---- */

static void event_fires(Timer *t)
{
	Edf *e = t->arg;
	Proc *p = e->p;
	bool missed = false, began = false;
	ilock(&e->lk);
	if (e->admitted) {
		u64 now = arch_nsec();
		charge(e, now);
		if (!e->past_due)
			missed = pass_deadline(e);
		if (now >= end_ns(e))
			began = next_period(e, now);
	}
	bool notes = e->flag[EDF_NOTES];
	iunlock(&e->lk);
	sched_requeue(p);
	if (began)
		wakeup(&e->wait);
	if (missed && notes)
		postnote(p, "sys: deadline miss", NUser);
}

static void budget_fires(Timer *t)
{
	Edf *e = t->arg;
	ilock(&e->lk);
	charge(e, arch_nsec());
	if (e->admitted && e->since_ns != 0 && e->left_ns > 0)
		timer_set(&e->budget, e->since_ns + e->left_ns);
	iunlock(&e->lk);
	sched_requeue(e->p);
}

/* ---- what the scheduler says ---- */

void edf_enter(Proc *p, u64 now_ns)
{
	Edf *e = p->edf;
	ilock(&e->lk);
	e->since_ns = e->admitted ? now_ns : 0;
	if (p->realtime) {
		trace_event(p, TRACE_EDF);
		timer_set(&e->budget, now_ns + e->left_ns);
	} else if (e->admitted && !e->flag[EDF_EXTRA]) {
		POKE(cpu()->resched, true);	/* it may finish its call, no more */
	}
	iunlock(&e->lk);
}

void edf_leave(Proc *p, u64 now_ns)
{
	Edf *e = p->edf;
	ilock(&e->lk);
	charge(e, now_ns);
	e->since_ns = 0;
	iunlock(&e->lk);
	timer_cancel(&e->budget);
}

void edf_ready(Proc *p)
{
	Edf *e = p->edf;
	ilock(&e->lk);
	if (e->admitted && e->idle) {
		u64 now = arch_nsec();
		begin_period(e, now, now);
	}
	iunlock(&e->lk);
}

static bool may_run(void *arg)
{
	const Edf *e = arg;
	return e->p->realtime || !PEEK(e->admitted);
}

bool edf_yield(void)
{
	Edf *e = up->edf;
	ilock(&e->lk);
	bool admitted = e->admitted;
	if (admitted) {
		charge(e, arch_nsec());
		e->done = true;
		e->left_ns = 0;
		up->realtime = false;
	}
	iunlock(&e->lk);
	if (admitted && sleep(&e->wait, may_run, e) != nil)
		POKE(cpu()->resched, true);	/* as below */
	return admitted;
}

void edf_hold(void)
{
	Edf *e = up->edf;
	ilock(&e->lk);
	charge(e, arch_nsec());
	bool hold = e->admitted && !e->flag[EDF_EXTRA] && !up->realtime;
	iunlock(&e->lk);
	if (hold && sleep(&e->wait, may_run, e) != nil)
		POKE(cpu()->resched, true);	/* a note comes first; then back to here */
}

/* ---- what ctl says ---- */

static ERR edf_get(Proc *p, Edf **out)
{
	if (p->kproc)
		return Eperm;
	if (p->edf == nil) {
		Edf *e = kalloc(sizeof *e);
		if (e == nil)
			return Enomem;
		lock_init(&e->lk, &edf_class);
		rendez_init(&e->wait);
		e->p = p;
		e->event = (Timer){ .f = event_fires, .arg = e };
		e->budget = (Timer){ .f = budget_fires, .arg = e };
		p->edf = e;
		proc_mark(p, UNUSUAL_EDF, true);
	}
	*out = p->edf;
	return nil;
}

Err edf_set_time(Proc *p, enum EdfTime which, u64 ns)
{
	Edf *e;
	assert(qlock_held(&p->debug));
	TRY(edf_get(p, &e));
	edf_expel(p);
	ilock(&e->lk);
	e->want[which] = ns;
	iunlock(&e->lk);
	return nil;
}

Err edf_set_flag(Proc *p, enum EdfFlag which)
{
	Edf *e;
	assert(qlock_held(&p->debug));
	TRY(edf_get(p, &e));
	edf_expel(p);
	ilock(&e->lk);
	e->flag[which] = true;
	iunlock(&e->lk);
	return nil;
}

static ERR check(Edf *e) REQUIRES(e->lk)
{
	if (e->admitted)
		return "already admitted";
	e->deadline_ns = e->want[EDF_DEADLINE] != 0 ? e->want[EDF_DEADLINE] : e->want[EDF_PERIOD];
	if (e->want[EDF_COST] == 0)
		return "not schedulable: no cost was given";
	if (e->want[EDF_PERIOD] < PERIOD_MIN_NS)
		return "not schedulable: the period is less than 100 microseconds";
	if (e->deadline_ns > e->want[EDF_PERIOD])
		return "not schedulable: the deadline is beyond the period";
	if (e->want[EDF_COST] > e->deadline_ns)
		return "not schedulable: the cost is more than the deadline";
	return nil;
}

/* Promise a share of a processor; false when it has not so much left. */
static bool promise(u32 where, u32 share)
{
	ilock(&promised_lk);
	bool ok = promised[where] + share <= PROMISED_MAX;
	if (ok)
		promised[where] += share;
	iunlock(&promised_lk);
	return ok;
}

/* Thousandths of a processor, rounded up, if the cost comes within every deadline. */
static u32 share_of(const Edf *e) REQUIRES(e->lk)
{
	u64 cost_us = (e->want[EDF_COST] + 999) / 1000, deadline_us = e->deadline_ns / 1000;
	if (deadline_us == 0)
		return 1000;
	return (u32)MIN((cost_us * 1000 + deadline_us - 1) / deadline_us, 1000UL);
}

static void take_back(u32 where, u32 share)
{
	ilock(&promised_lk);
	assert(promised[where] >= share);
	promised[where] -= share;
	iunlock(&promised_lk);
}

static const char Eschedulable[] =
	"not schedulable: the processor has not so much time left to promise";

/* e->lk is held. The process stays on one processor from now on. */
static ERR begin(Edf *e) REQUIRES(e->lk)
{
	Proc *p = e->p;
	TRY(check(e));
	if (p->exiting)
		return Eprocdied;
	u32 where = p->wired >= 0 ? (u32)p->wired % cpu_count() : p->cpu;
	u32 share = share_of(e);
	if (!promise(where, share))
		return Eschedulable;
	e->where = where;
	e->share = share;
	e->wired = p->wired;
	POKE(p->wired, (s32)where);
	e->admitted = true;
	u64 now = arch_nsec();
	e->since_ns = p->state == Running ? now : 0;
	trace_event(p, TRACE_ADMIT);
	begin_period(e, now, now);
	return nil;
}

Err edf_admit(Proc *p)
{
	Edf *e;
	assert(qlock_held(&p->debug));
	TRY(edf_get(p, &e));
	ilock(&e->lk);
	Err err = begin(e);
	iunlock(&e->lk);
	if (err == nil)
		sched_requeue(p);
	return err;
}

/* The promise moves with the process. */
static ERR move(Edf *e, u32 where) REQUIRES(e->lk)
{
	if (e->admitted && e->where != where) {
		if (!promise(where, e->share))
			return Eschedulable;
		take_back(e->where, e->share);
		e->where = where;
	}
	if (e->admitted)
		e->wired = (s32)where;
	POKE(e->p->wired, (s32)where);
	return nil;
}

Err edf_wire(Proc *p, u32 where)
{
	Edf *e = p->edf;
	if (e == nil) {
		POKE(p->wired, (s32)where);
		return nil;
	}
	ilock(&e->lk);
	Err err = move(e, where);
	iunlock(&e->lk);
	return err;
}

void edf_expel(Proc *p)
{
	Edf *e = p->edf;
	if (e == nil)
		return;
	ilock(&e->lk);
	bool admitted = e->admitted;
	if (admitted) {
		e->admitted = p->realtime = false;
		POKE(p->wired, e->wired);
		take_back(e->where, e->share);
		trace_event(p, TRACE_EXPEL);
	}
	iunlock(&e->lk);
	if (!admitted)
		return;
	timer_cancel(&e->event);
	timer_cancel(&e->budget);
	sched_requeue(p);
	wakeup(&e->wait);
}
