/*
 * proc: processes, the scheduler, sleeping and waking, notes, fork, exec, exit,
 * timers. Facts: process.md; doc/proc.md.
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include "abi/plan9.h"
#include "arch/arch.h"
#include "base/base.h"
#include "base/error.h"
#include "mem/mem.h"
#include "sync/sync.h"

struct Chan;
struct Pgrp;
struct Fgrp;
struct Egrp;
struct Rgrp;
typedef struct Proc Proc;
typedef struct Timer Timer;
typedef struct Note Note;
typedef struct Edf Edf;
typedef struct WaitRecord WaitRecord;

/* ---- time ---- */

/*
 * A callback at a time. f runs in the clock interrupt, interrupts off: it may wakeup, post
 * notes, set timers; not sleep.
 */
struct Timer {
	u64 when_ns;		/* [timer lock] arch_nsec */
	void (*f)(Timer *);
	void *arg;
	List link;		/* [timer lock] empty link: not set */
	u32 cpu;		/* [timer lock] whose list */
	u64 fired;		/* [a] processors where f has run since the last cancel */
};
void timer_set(Timer *t, u64 when_ns);	/* replaces an earlier setting */
void timer_cancel(Timer *t);		/* afterwards f is not running and will not run */

s64 time_nsec(void);		/* ns since 1970, never goes backwards, never 0 */
void time_set(s64 nsec_since_1970);
/*
 * Let the clock gain delta ns (or lose them) evenly over so many seconds; or count ticks of
 * arch_cycles as if there were so many a second. Ebadarg when it would run by more than a half or
 * an eighth too fast or too slow.
 */
ERR time_slew(s64 delta_ns, u32 seconds);
ERR time_set_rate(u64 hz);
/* Ticks a second, as they are counted. */
u64 time_rate(void);
u64 time_ticks(void);		/* TICKHZ ticks since boot */

/* ---- processes ---- */

enum ProcState {
	Dead, Moribund, New, Ready, Scheding, Running, Queueing, QueueingR, QueueingW, Wakeme,
	Broken, Stopped, Rendezvous, Waitrelease, NPROCSTATE
};
extern const char *const proc_state_names[NPROCSTATE];

enum NoteClass { NUser, NExit, NDebug };
enum {
	NOTE_MAX = 5,
	NPRI = 20, PRI_NORMAL = 10, PRI_KPROC = 13,
	PROC_NAME_MAX = 64, PROC_ARGS_MAX = 128,
};
struct Note {
	char text[ERRMAX];
	enum NoteClass class;
	bool deadly;		/* not NUser, and no handler could take it when it came */
};

/* What ctl asked of a process, done at its next kernel exit. */
enum ProcCtl { CTL_NONE, CTL_STOP, CTL_EXIT, CTL_TRACE_SYSCALL, CTL_START_STOP };

/* What few processes have; one look tells the scheduler that a process has none of it. */
enum Unusual {
	UNUSUAL_TRACED = 1, UNUSUAL_EDF = 2, UNUSUAL_WATCHED = 4,
	UNUSUAL_SET = 8,	/* its priority or processor were set by somebody, maybe */
};

/*
 * [own] only the running process itself; [I] immutable after creation; [lk] its own lock;
 * [q] run-queue lock.
 */
struct Proc {
	Label sched;			/* [own] saved context while not running */
	void *kstack;			/* [I] top of the kernel stack */
	Ureg *ureg;			/* [own] the user frame; nil without user mode */

	/* What every system call touches, in the first cache line: entry.S knows two of them. */
	u64 kernel_since, cycles_base;	/* [own] account.c tells how these count the cycles */
	u64 kcycles;			/* [own] the kernel's since exec */
	s32 syscall;			/* number of the call in progress, -1 none */
	u32 pid;			/* [I] */
	/* What it looks at on its way to user mode: one word, so that one look tells. */
	union {
		u32 attention;
		struct {
			u8 ctl;			/* [lk] enum ProcCtl, what /proc wants */
			u8 nnote;		/* [lk] notes queued */
			bool skip_notes;	/* [own] rfork: none delivered on this return */
			bool owes;		/* [own] call_owned is not empty */
		};
	};
	struct Fgrp *fgrp;		/* descriptors (chan/) */
	struct Chan *borrowed;		/* [a] in use without a reference: chan/fgrp.c */

	void *fpu;			/* [own] saved FPU state */
	void *note_fpu;			/* [own] the state interrupted by a note */

	char *name;			/* [I] namebuf, the program's name */
	char namebuf[PROC_NAME_MAX];
	char args[PROC_ARGS_MAX] GUARDED_BY(lk);	/* quoted */
	u32 args_len GUARDED_BY(lk);
	bool args_written;
	char user[28] GUARDED_BY(lk);	/* zeros behind the name */
	bool is_eve;			/* [a] the user is eve */
	Ref ref;			/* the table's while it lives, and proc_get's */
	bool exiting;			/* [childlk] to set */
	u32 ppid;			/* [I] */
	u32 noteid;			/* [a] note group */
	u32 procmode;			/* [a] /proc mode, 0640 at first */
	bool kproc;			/* [I] no user memory */
	bool spaceless;			/* [own] its space is going: never switch to it */
	bool oom;			/* it is killed for want of memory */
	bool unwanted GUARDED_BY(lk);	/* it was killed on its way to its end */

	Lock lk;			/* state, notes, marks; interrupts off (ilock) */
	enum ProcState state;		/* [q] */
	const char *wait_reason;	/* [own] shown as state instead of the call's name; nil */
	u32 asleep;			/* [a] who may end its sleep, and what notes do: sleep.c */
	Lock *sleep_lock;		/* [own] under that it looks */
	bool (*sleep_cond)(void *);	/* [own] whether this holds */
	void *sleep_arg;		/* [own] */
	Proc *qnext;			/* [queue] link in QLock, run queue, rendezvous */
	u8 qkind;
	Rendez sleepr;			/* [own] for waits that have no Rendez of their own */
	volatile bool on_cpu;		/* [a] a processor still uses its kernel stack */
	u32 cpu;			/* where it ran last */
	u32 fpu_cpu;			/* index + 1 of the processor that may hold its state */
	u32 pri, basepri;		/* [q] */
	bool fixedpri;
	s32 wired;			/* processor or -1 */
	u32 penalty;			/* [q] priority lost by using whole ticks */
	u8 unusual;			/* [a] enum Unusual: what the scheduler must look at */
	Edf *edf;			/* [debug] real-time scheduling was asked for; stays */
	bool realtime;			/* [a] it has the promise of a real-time process now */
	u64 due_ns;			/* [q] its deadline then */
	u64 ready_ns;			/* [q] when it joined the run queue */
	u64 moved_ns;			/* [q] when it was moved to even the processors out */
	u32 moves_to;			/* [own] index + 1 of the processor where it goes next; 0 */
	u64 last_cycles;		/* when it last got the processor */

	/* notes */
	Note notes[NOTE_MAX] GUARDED_BY(lk);
	bool notified;			/* [own] in a handler */
	Note last_note;			/* [own] the one being handled */
	Uaddr notify;			/* [own] handler, 0 none */
	Uaddr note_ureg;		/* [own] U of process.md 8; 0 none */
	u64 note_flags;			/* [own] the flags that the last note interrupted */

	/* control by /proc */
	Proc *debugger GUARDED_BY(lk);	/* waits for this to stop */
	QLock debug;			/* held while another looks at the memory or registers */
	Rendez stop_wait;		/* the debugger sleeps here */
	bool hang, private;
	bool starved;			/* [own] its allocations may fail (mem/failalloc.h) */
	char *syscall_trace GUARDED_BY(debug);	/* text of the last traced call */
	u64 trace_start;		/* [own] when the traced call began */
	Watchpt watch[NWATCH_MAX];	/* [debug] */
	u32 nwatch;			/* [debug] */

	/* groups */
	struct Pgrp *pgrp;		/* name space (chan/) */
	struct Egrp *egrp;		/* environment (dev/env.c) */
	struct Rgrp *rgrp;		/* rendezvous (proc/) */
	struct Chan *slash, *dot;	/* [own] */
	struct Chan **closing;		/* [own] nil, or where channels that end wait */

	/* family */
	QLock childlk;			/* children, wait records */
	List children GUARDED_BY(childlk);	/* awaited and living, by sibling */
	u32 nwait;
	WaitRecord *waits GUARDED_BY(childlk);	/* newest first */
	Rendez waitr;
	bool waiting GUARDED_BY(childlk);	/* someone reads records */
	Proc *parent GUARDED_BY(lk);	/* nil when gone or RFNOWAIT */
	List sibling;			/* [the parent's childlk] */
	List table_link;		/* [its bucket of the table] */
	Proc *broken_next;		/* [broken list] */

	/* memory */
	Space space;

	/* rendezvous */
	u64 rendtag, rendval;		/* [Rgrp.lk] */
	Proc *rendnext;			/* [Rgrp.lk] */
	bool rendmet;			/* [Rgrp.lk] */

	/* time and accounting: ns */
	u64 child_user_ns GUARDED_BY(childlk);
	u64 child_sys_ns GUARDED_BY(childlk);
	u64 start_ns;
	u64 away_since;			/* [own] when it left the processor, in cycles */
	u64 past_pcycles, past_kcycles;	/* [own] before exec */
	u32 clock_ms;			/* ticks in user mode since exec */
	u32 told_ms;			/* [own] of those, what Tos.clock has been told */
	Timer alarm;
	Timer sleep_timer;

	/* errors and the call in progress */
	char errstr[ERRMAX];		/* [own] what errstr shows */
	char errbuf[2][ERRMAX];		/* [own] errorf's */
	u32 errbuf_next;
	void *call_owned;		/* [own] what the call in progress allocated (sys/call.c) */
	HeldLocks held;			/* [own] sleeping locks held, in the checked build */
	LockWait lockwait;		/* [own] */
	u64 fault_pc, fault_va;		/* [own] of the last page fault of user mode */
	u32 fault_times;		/* [own] the same again, though an entry forbids it */
	u64 watched_wait;		/* the watchdog's: the wait that looked wrong */
	bool watched_told;		/* and it was said */
	struct Chan *text;		/* [debug] the executable, for /proc/n/text */

	Ureg start_ureg;		/* the frame with which it first goes to user mode */
	void (*kfunc)(void *);		/* [I] a kernel process's */
	void *karg;
};

/* A rendezvous group. */
enum { RENDEZ_HASH = 16 };
struct Rgrp { Ref ref; Lock lk; Proc *hash[RENDEZ_HASH]; };
struct Rgrp *rgrp_new(void) MUSTUSE;
void rgrp_incref(struct Rgrp *r);
void rgrp_put(struct Rgrp *r);

static inline Proc *self(void) { return up; }

/* A text made for this error; lives until the process makes two more. */
Err errorf(const char *fmt, ...) PRINTF(1, 2);
/* Say `name pid: text` on the running process's descriptor 2; failing silently. */
void pprint(const char *fmt, ...) PRINTF(1, 2);

/* Boot: the table; then the first process; then never return. */
void procinit0(void);
void userinit(void);
void schedinit(void) NORETURN;
/* main.c's first process runs this in kernel mode, with up set, and leaves for user mode. */
void proc0(void *arg) NORETURN;

/* A kernel process running f(arg); it ends when f returns. nil error or Enoprocs/Enomem. */
ERR kproc(const char *name, void (*f)(void *), void *arg);

/* Give up the processor; back when scheduled again. */
void sched(void);
void yield(void);
/* Those who are ready may run when the call of the running process is over. */
static inline void yield_soon(void) { cpu()->resched = true; }
/* Make p runnable (it must not be on a queue). Any context. */
void ready(Proc *p);

/*
 * Wait until cond(arg) holds; wakeup(r) makes it look again. nil, or Eintr when a
 * note arrived or was pending (even if cond holds? no: cond is looked at first).
 * cond runs with r->lk held, interrupts off: it must only look.
 */
ERR sleep(Rendez *r, bool (*cond)(void *), void *arg);
/* The same for at most ns nanoseconds; a time-out is no error: look at the condition. */
ERR tsleep(Rendez *r, bool (*cond)(void *), void *arg, u64 ns);
/* Waits that no note ends: only for what is certain to come soon. */
void sleep_uninterruptible(Rendez *r, bool (*cond)(void *), void *arg);
/* Wake the waiter, if any; returns whether there was one. Any context. */
bool wakeup(Rendez *r);
/*
 * The same for those who find each other under a lock of their own, taken with ilock. The running
 * process, which is listed there, waits; the lock is released and not taken again. false: a
 * note ended the wait, or forbade it. True may mean anything else, also that nothing happened. cond
 * is for the watchdog: it says whether the wait should be over.
 */
bool park(Lock *l, bool (*cond)(void *), void *arg) RELEASES(l);
/*
 * The same without the lock, until deadline_ns (0: none), for who is listed already: whoever wakes
 * makes cond true by an atomic store before it rouses, both under the lock.
 */
bool park_unlocked(Lock *l, bool (*cond)(void *), void *arg, u64 deadline_ns);
/* Wake p, which is or was in such a wait and cannot vanish: the lock is held. Any context. */
void rouse(Proc *p);
/* After park gave false: what it was for has come as well, so the note is for the next wait. */
void park_keep_note(void);
/* Would a wait that hears notes fail now? */
bool sleep_will_fail(const Proc *p);

/* ---- notes ---- */

/*
 * Queue a note and wake p's interruptible sleep. false when it was dropped. p cannot vanish:
 * the caller holds it.
 */
bool postnote(Proc *p, const char *text, enum NoteClass class);
/* To every process of the note group but `except` (nil: all). Returns how many. */
u32 postnote_group(u32 noteid, const char *text, enum NoteClass class, Proc *except);
/*
 * The running process ends with this status ("" or nil: success) and leaves a wait record.
 * Without free_memory it stays Broken for a debugger.
 */
void pexit(const char *status, bool free_memory) NORETURN;
/*
 * Out of memory while resolving a fault, no locks held: the largest process is told to go, and
 * the caller waits a little. It may be the caller itself, who then ends on its way to user mode.
 */
void proc_oom(void);
/* From now on pages go to the swap file when frames get few (pager.c). */
ERR pager_start(void);
/*
 * For who found no frame: nil when there is one again or may be; Enofree when the pager does not
 * help; Eintr. Waits for two seconds in which nothing happens at most.
 */
ERR pager_wait(void);

/* ---- the trace of scheduling, /proc/trace ---- */

/* The numbers are those of the records. */
enum TraceEvent {
	TRACE_ADMIT, TRACE_RELEASE, TRACE_EDF, TRACE_RUN, TRACE_READY, TRACE_SLEEP, TRACE_YIELD,
	TRACE_SLICE, TRACE_DEADLINE, TRACE_EXPEL, TRACE_DEAD, TRACE_INTR_START, TRACE_INTR_END,
	TRACE_USER,
};
void trace_record(const Proc *p, enum TraceEvent e);
/* Costs one look at a mark of a process that is not traced. Any context. */
static inline void trace_event(const Proc *p, enum TraceEvent e)
{
	if (p != nil && unlikely((p->unusual & UNUSUAL_TRACED) != 0))
		trace_record(p, e);
}
/* Set a mark or take it away. */
static inline void proc_mark(Proc *p, enum Unusual mark, bool on)
{
	if (on)
		__atomic_fetch_or(&p->unusual, (u8)mark, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&p->unusual, (u8)~(u32)mark, __ATOMIC_RELEASE);
}
/* One reader at a time (`already open`). */
ERR trace_open(void);
void trace_close(void);
/* The next record; false when there is none. */
typedef struct TraceRecord { u32 pid, type; u64 time_ns; } TraceRecord;
bool trace_next(TraceRecord *r);

/* ---- control by others (/proc) ---- */

/* Ask p to exit, wherever it is: sleeping, stopped or Broken. */
void proc_kill(Proc *p);
/*
 * Ask p to stop at its next kernel exit, and wait until it has, as proc_waitstop; p itself only
 * asks. No locks held.
 */
ERR proc_stop(Proc *p);
/* Let a stopped p go on under `how`, or Ebadctl. */
ERR proc_start(Proc *p, enum ProcCtl how);
/* Wait until p is Stopped; Eprocdied, Einuse, Eintr. No locks held. */
ERR proc_waitstop(Proc *p);
/* The running process stops here until started (traced calls). */
void proc_stop_self(void);
/* Break p's present or next sleep; take that back (Enotespending when notes wait). */
void proc_interrupt(Proc *p);
ERR proc_nointerrupt(Proc *p);
/*
 * Is what a processor holds of p in memory? If p sleeps or has stopped, but is still on its way out
 * of another processor, waits until it is. No spin locks held.
 */
bool proc_is_off(const Proc *p);
/* Replace p's watchpoints; p->debug is held. What arch_watch_check says. */
ERR proc_setwatch(Proc *p, const Watchpt *w, u32 n);
/* Base priority, clamped to 0..NPRI-1. */
void proc_setpri(Proc *p, s32 pri, bool fixed);
/*
 * From now on it runs on the processor n modulo their number; n < 0: on one that is chosen here.
 * p->debug is held or p is the running process. What edf_admit says when that one cannot promise
 * the time that p was promised elsewhere: then nothing has changed.
 */
ERR proc_wire(Proc *p, s32 n);
void proc_setname(Proc *p, const char *name);
void proc_setuser(Proc *p, const char *user);
/* The text of the oldest pending note, taken out of the queue; false when there is none. */
bool proc_takenote(Proc *p, char text[ERRMAX]);
/* What p has used since it was made. */
void proc_cpu_ns(const Proc *p, u64 *user, u64 *sys);
/* Milliseconds: user, system, real; children's user, system and (same) real. */
void proc_times(Proc *p, u64 ms[6]);
/* What p is busy with, a call's name in general; nil: nothing, it is in user mode or new. */
const char *proc_doing(const Proc *p);
/* The state as /proc shows it. */
const char *proc_state_text(const Proc *p);
/* One wait record of p as text, blocking; for p itself and for /proc/n/wait. */
ERR proc_wait_text(Proc *p, char *buf, usize size, usize *n);
/* The wait record itself, unformatted (old _wait). */
struct WaitRecord {
	u32 pid;
	u64 user_ms, sys_ms, real_ms;
	char msg[ERRMAX];
	WaitRecord *next;
};
ERR proc_wait_record(Proc *p, WaitRecord *out);

/* ---- real-time scheduling (edf.c); p->debug is held ---- */

enum EdfTime { EDF_PERIOD, EDF_DEADLINE, EDF_COST, NEDFTIMES };
enum EdfFlag { EDF_SPORADIC, EDF_EXTRA, EDF_NOTES, NEDFFLAGS };
/* What is to be asked for. A process that was admitted is expelled. */
ERR edf_set_time(Proc *p, enum EdfTime which, u64 ns);
ERR edf_set_flag(Proc *p, enum EdfFlag which);
/* The error says why the promise cannot be made. */
ERR edf_admit(Proc *p);
void edf_expel(Proc *p);

/* ---- finding others ---- */

/* The process with that pid, kept from being reused until proc_put; nil when none. */
Proc *proc_get(u32 pid);
void proc_put(Proc *p);
/* The process with the smallest pid that is not below pid, as proc_get; nil when there is none. */
Proc *proc_from(u32 pid);
/* The same for up to max of them, PROC_SOME at most, in order: how many, 0 if there is none. */
enum { PROC_SOME = 64 };
u32 proc_some(u32 pid, Proc **some, u32 max);
/*
 * Call f for each, in no order, until it returns false. f must not sleep nor look for others: the
 * part of the table where p stands is locked.
 */
void proc_each(bool (*f)(Proc *, void *), void *arg);
u32 proc_count(void);

/* ---- who waits for what ---- */

/* Lines without a newline. No locks: any context. */
typedef void HangLine(void *arg, const char *text);
void hang_report(HangLine *line, void *arg);
void hang_process(const Proc *p, HangLine *line, void *arg);
/* Seconds that nothing should last, by the option watchdog; 0: no watchdog. */
u32 watchdog_seconds(void);
/* Call it every second, in the watchdog's process: it may sleep a little. During boot. */
void watchdog_add(void (*check)(void));

/* ---- for panics: no locks ---- */

/* The pieces of a panic's report (base/panic.c). */
PanicPiece report_process, report_locks, report_processors, report_log;
/* The same as proc_each on a list that may be torn. */
void proc_each_unlocked(bool (*f)(Proc *, void *), void *arg);
/* Whose kernel stack has that top; nil: nobody's. */
Proc *proc_of_kstack(const void *top);

/* ---- calls of process.md, on the running process; arguments already decoded and copied ---- */

ERR proc_rfork(u32 flags, Ureg *u, u32 *pid);
/*
 * load/exec.c. On success u is the first frame of the new program; on failure nothing has
 * changed. *bad is the address of the arguments that could not be read, or 0.
 */
ERR proc_exec(const char *file, Uaddr argv, Ureg *u, Uaddr *bad);
/*
 * exec has replaced the memory of the running process (debug held): a new name, and fresh
 * notes, marks, FPU state and counts.
 */
void proc_newimage(const char *name, const char *args, u32 args_len);
ERR proc_await(char *buf, usize size, usize *n);
void proc_alarm(u32 ms, u32 *left);
ERR proc_sleep(s32 ms);
ERR proc_rendezvous(u64 tag, u64 value, u64 *result);
/* The word lies in writable segments and begins in s. timeout_ms < 0: none. */
ERR proc_semacquire(Segment *s, Uaddr a, bool block, s64 timeout_ms, u64 *result);
ERR proc_semrelease(Segment *s, Uaddr a, s32 count, u64 *result);
ERR proc_notify(Uaddr handler);
ERR proc_noted(Ureg *u, u32 action);

/* The owner of the machine ("eve"); zeros behind the name. */
extern char eve[28];
void eve_changed(void);			/* every process is told whether it is eve's */
static inline bool iseve(void) { return PEEK(up->is_eve); }	/* the running process */

/* ---- what arch calls (see arch.h) ---- */
void clock_interrupt(Ureg *u);
static inline void trap_enter(Ureg *u)
{
	Proc *p = up;
	if (CHECKED)
		assert(p != nil && !p->kproc && ureg_isuser(u));
	p->kernel_since = arch_cycles();
	p->ureg = u;
}
void trap_leave(Ureg *u);
/* Is there nothing to do for p, or for this processor, before user mode? */
static inline bool proc_at_ease(const Proc *p)
{
	return likely(cpu_at_ease(PEEK(p->attention)));
}
/* Account for this visit to the kernel, and tell the program (its Tos). */
static inline void proc_tell_cycles(Proc *p)
{
	u64 now = arch_cycles(), visit = now - p->kernel_since;
	p->kcycles += visit;
	copyout_tos(visit, now - p->cycles_base, p->pid);
}
void trap_note(Ureg *u, const char *text);

#endif
