/*
 * proc/private: what the files of proc share among themselves.
 *
 * Lock order inside the room: a bucket of the table -> Rgrp.lk, Rendez.lk, Proc.lk ->
 * timer list -> run queue. All are taken with interrupts off (ilock).
 */
#ifndef PROC_PRIVATE_H
#define PROC_PRIVATE_H

#include "proc/proc.h"

enum {
	TICK_NS = 1000000000 / TICKHZ,
	NWAIT_MAX = 128,	/* wait records a process keeps */
	NBROKEN_MAX = 4,
	PRI_EDF = NPRI,		/* above all others; the earliest deadline first */
	NQUEUE,
};

/* One per processor; the fields without a letter belong to that processor, interrupts off. */
typedef struct Sched Sched;
struct Sched {
	Lock lk;			/* the run queue */
	Proc *head[NQUEUE] GUARDED_BY(lk), *tail[NQUEUE] GUARDED_BY(lk);
	u32 nonempty GUARDED_BY(lk);	/* bit per priority */
	u32 nready GUARDED_BY(lk);
	Proc *next;			/* [a] ready, to run when the running process sleeps */

	u32 running;			/* [a] the priority of the running process + 1; 0: idle */
	u64 running_due_ns;		/* [a] its deadline */
	bool watching;			/* this processor has watchpoints loaded */
	Label idle;			/* the idle loop, while a process runs */
	Proc *prev;			/* who is being switched away from */
	Proc *fpu_owner;		/* whose state the FPU registers hold */
	u64 idle_since_ns;
	u64 next_tick_ns;
	u64 boost_ns;			/* when starving processes were last helped */
	u64 even_ns;			/* [a] when it last gave a process to another, or got one */
	u64 load_ns;			/* when the load was last computed */

	u64 seen_switches;		/* of the watchdog, at the last tick */
	u32 kernel_ticks;		/* ticks in the kernel since then */

	Lock timer_lk;
	List timers GUARDED_BY(timer_lk);	/* ascending by when_ns */
	Timer *firing GUARDED_BY(timer_lk);
	u64 armed_ns GUARDED_BY(timer_lk);	/* what the hardware was asked for; 0: nothing */
};

Sched *sched_get(u32 index);
void sched_prepare(void);	/* before anything can be ready: called by procinit0 */
/* The tick: age the running process, decide whether it must make room. Interrupts off. */
void sched_tick(Sched *s, u64 now_ns, bool in_user);
/* What a context that was just switched to does first. Interrupts off. */
void sched_finish(void);
/* The watchpoints of p have changed. */
void sched_watch(Proc *p);
/* Make that processor look at its queue. */
void sched_prod(u32 cpu);
/* Wait while another processor wants to be alone (hold.c): interrupts off, no locks held. */
extern u64 holding;
void hold_here(void);
static inline void hold_if_asked(void)
{
	if (unlikely(PEEK(holding) != 0))
		hold_here();
}
/*
 * p has something to attend to on its way to user mode: if it is in user mode now, on another
 * processor, it comes back.
 */
void sched_poke(const Proc *p);
/* The priority of p has changed: where it stands in a run queue, and who has to make room. */
void sched_requeue(Proc *p);

/* Only for processes that have an Edf. It gets the processor, or leaves it; interrupts off. */
void edf_enter(Proc *p, u64 now_ns);
void edf_leave(Proc *p, u64 now_ns);
/* It is about to be made ready; its lock may be held. */
void edf_ready(Proc *p);
/* The running process wants no more of this period; false: it is no real-time process. */
bool edf_yield(void);
/* The running process is about to go to user mode: it may have to wait for its next period. */
void edf_hold(void);
/* p is to stay on that processor, with what it was promised if that is possible. */
ERR edf_wire(Proc *p, u32 where);
/* Release l, taken with ilock, and give up the processor: sched. */
void sched_release(Lock *l) RELEASES(l);
/* At return to user mode: make room if that was asked for. */
void sched_preempt(void);

/* Does the timer come early enough for a process to run? Only its processor changes armed_ns. */
static inline NO_TSA bool timer_is_armed(const Sched *s)
{
	return s->armed_ns != 0 && s->armed_ns <= s->next_tick_ns;
}
/* Arm the hardware for the first timer or, when a process runs, the tick. Interrupts off. */
void timer_arm(Sched *s);
void timer_prepare(Sched *s);
void time_prepare(void);

/* p loses the processor, gets it, has a new image. */
static inline void account_leave(Proc *p, u64 now)
{
	p->away_since = now;
}
static inline void account_enter(Proc *p, u64 now)
{
	u64 away = now - p->away_since;
	p->kernel_since += away;
	p->cycles_base += away;
}
void account_exec(Proc *p);
/* The processor's load, of which so many processes have been ready since it was computed. */
void load_update(Sched *s, Cpu *c, u32 nrunning, u64 now_ns);
void account_prepare(void);

/*
 * A Proc in no table, with a stack and, unless it is a kernel process, FPU area and space.
 * Enoprocs, Enomem, Enofree.
 */
ERR proc_alloc(bool is_kproc, Proc **out);
/* Undo proc_alloc of a process that never was published. */
void proc_discard(Proc *p);
/* How many pids were given out; then the first come again, of those that nobody carries. */
extern u64 pids_given;
/* Give it a pid and make it visible. */
void proc_publish(Proc *p);
/* Leave the note group for a new one. */
void proc_newgroup(Proc *p);
/* Out of the table; the table's reference stays with the caller. */
void proc_unpublish(Proc *p);
u32 proc_max(void);
/* Release broken processes beyond the newest `keep`; returns how many. */
u32 broken_release(u32 keep);

/* Deliver what is pending: called on the way to user mode, interrupts on; may not return. */
void notes_deliver(Ureg *u);
/*
 * Is there anything notes_deliver would do? While a handler runs notes wait, but for one that came
 * when no handler could take it: that is the end of the process. A trap that came just before the
 * handler was entered waits too.
 */
static inline bool notes_deliverable(const Proc *p)
{
	return PEEK(p->nnote) > 0 && (!p->notified || PEEK(p->notes[0].deadly));
}
/* Do what ctl asks, if it concerns a return to user mode. */
void ctl_obey(Proc *p);
bool ctl_wants(const Proc *p);
static inline bool ctl_wanted(const Proc *p)
{
	return unlikely(PEEK(p->ctl) != CTL_NONE) && ctl_wants(p);
}
/* End p's sleep if it hears notes, else let the next one that does fail. p cannot vanish. */
void sleep_interrupt(Proc *p);
/* No note waits any more: the next sleep need not fail. */
void sleep_hear_nothing(Proc *p);
/* What the timers of a fresh process do. */
void sleep_prepare(Proc *p);
bool is_asleep(const Proc *p);
bool is_deaf(const Proc *p);	/* and no note ends it */
/* Forget handler, notes and the like, as exec does. */
void notes_reset(Proc *p);

/* Interactions of a fresh process with its first return to user mode (the entry of label_init). */
void proc_start_user(void *arg);
void proc_start_kernel(void *arg);

/* What a process waits for, and who has it. */
char *hang_lock(const LockWait *w, char *s, char *end);
/* What stands for a name that is not there yet. */
const char *proc_label(const Proc *p);
/* For how long p, which does not run, has been off the processor. */
u64 account_away_ns(const Proc *p);
/* Does p sleep although its condition holds? What is busy is not looked at. */
bool sleep_is_over(Proc *p);
/* What may be a process, as proc_get if it is one. */
Proc *proc_hold(const Proc *p) MUSTUSE;
/*
 * Call f, which must not look for others, for the first with a pid of at least *pid, its part of
 * the table locked, and step *pid behind it; false: there is none. For interrupts.
 */
bool proc_step(u32 *pid, bool (*f)(Proc *, void *), void *arg);
/* Does that processor run nothing though it was kicked, and so is to look at the queues now? */
bool sched_is_called(u32 index);
/* The watchdog: a tick that found u; what its process does every second. */
void watchdog_tick(Sched *s, const Ureg *u);
void watchdog_look(void);
void watchdog_start(void);

/* The classes of the locks of a Proc. */
extern LockClass proc_class, proc_debug_class, proc_child_class;

#endif
