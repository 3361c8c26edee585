/*
 * proc/runq: the run queue of a processor, one list for each priority, and what else the files of
 * the scheduler share.
 */
#ifndef PROC_RUNQ_H
#define PROC_RUNQ_H

#include "proc/private.h"

static inline u32 effective_pri(const Proc *p)
{
	if (unlikely(p->realtime))
		return PRI_EDF;
	if (p->fixedpri)
		return p->basepri;
	return p->basepri > p->penalty ? p->basepri - p->penalty : 0;
}

/* ---- the run queue; s->lk is held ---- */

/* The last real-time process whose deadline is not later; nil when all are. */
static inline Proc *before_deadline(Sched *s, u64 due_ns) REQUIRES(s->lk)
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

/* p comes before those of its priority. */
static inline void enqueue_first(Sched *s, Proc *p) REQUIRES(s->lk)
{
	u32 pri = effective_pri(p);
	place(s, pri, pri == PRI_EDF ? before_deadline(s, p->due_ns) : nil, p);
}

/* ---- what runs ---- */

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

/* Wired to another processor than this one. */
static inline bool is_misplaced(const Proc *p)
{
	s32 home = PEEK(p->wired);
	return home >= 0 && (u32)home % cpu_count() != cpu()->index;
}

/* ---- sched.c ---- */

/*
 * Take the best process of the queue that this processor may run and that has at least that
 * priority; nil when there is none. *soon: there will be one in a moment. stealing: it is another
 * processor's queue.
 */
Proc *sched_take(Sched *s, u32 lowest, bool stealing, bool *soon);
/* Who was woken last, and was to run next, is queued like others. Any processor may do this. */
void sched_queue_next(Sched *s);
/* Of the idle processors in the set wake one, if there is any and nobody does already. */
bool sched_wake_idle(u64 set);

#endif
