/*
 * sync: locks and the points where processes wait.
 *
 * Every lock belongs to a class with a name; the order of classes is drawn in
 * ARCHITECTURE.md and, in the checked build, verified at each acquisition.
 * Spin locks (Lock) are held for short times and never across a sleep.
 * QLock and RWLock put the waiting process to sleep; waits on them are not
 * interruptible. The kernel does not preempt kernel code, so a spin lock
 * needs ilock only when an interrupt handler takes it too.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "arch/arch.h"
#include "base/base.h"

/* Clang's thread-safety attributes; nothing under gcc. */
#if defined(__clang__)
#define TSA(x) __attribute__((x))
#else
#define TSA(x)
#endif
#define CAPABILITY(n)	TSA(capability(n))
/*
 * On a field or a variable: l must be held to use it. A C compiler that can name one field in the
 * attribute of another is needed for that (tools/static says which).
 */
#if defined(TSA_FIELDS)
#define GUARDED_BY(l)	TSA(guarded_by(&l))
#else
#define GUARDED_BY(l)
#endif
#define REQUIRES(...)	TSA(requires_capability(__VA_ARGS__))
#define REQUIRES_SHARED(...) TSA(requires_shared_capability(__VA_ARGS__))
#define ACQUIRES(...)	TSA(acquire_capability(__VA_ARGS__))
#define TRY_ACQUIRES(...) TSA(try_acquire_capability(__VA_ARGS__))
#define RELEASES(...)	TSA(release_capability(__VA_ARGS__))
#define ACQUIRES_SHARED(...) TSA(acquire_shared_capability(__VA_ARGS__))
#define RELEASES_SHARED(...) TSA(release_shared_capability(__VA_ARGS__))
#define EXCLUDES(...)	TSA(locks_excluded(__VA_ARGS__))
/*
 * On a function that the analysis is not to follow: nobody else has the object yet or any more,
 * or a lock is handed on in a way it cannot see.
 */
#define NO_TSA		TSA(no_thread_safety_analysis)
#ifdef __CHECKER__
/* sparse refuses the builtins for fields that are enumerations. */
#define PEEK(field)	(field)
#define POKE(field, v)	((void)((field) = (v)))
#else
/* A guarded field looked at without its lock: what it says may be old. */
#define PEEK(field)	__atomic_load_n(&(field), __ATOMIC_RELAXED)
/* A store that readers without a lock may see at once or later. */
#define POKE(field, v)	__atomic_store_n(&(field), (v), __ATOMIC_RELAXED)
#endif

struct Proc;

typedef struct LockClass LockClass;
struct LockClass {
	const char *name;
	u64 contended;		/* [a] acquisitions that had to wait */
	/* the checked build alone counts these: they would cost on every acquisition */
	u64 acquired;		/* [a] */
	u64 longest_ns;		/* [a] for which one was held */
	uintptr longest_pc;	/* [a] where that one was taken */
	bool nests;		/* [I] several may be held at once, in an order of their own */
	bool interrupt;		/* [a] was taken in an interrupt */
	uintptr unmasked_pc;	/* [a] where it was taken with interrupts on; 0: nowhere */
};

/*
 * Defines a class, further fields last. The linker gathers them all into one array, which
 * /dev/locks lists.
 */
#define LOCK_CLASS(var, text, ...) LockClass var \
	__attribute__((section("lockclasses"), aligned(8), used)) = { .name = (text), __VA_ARGS__ }
extern LockClass __start_lockclasses[], __stop_lockclasses[];

/*
 * Who holds what, for the order check of the checked build (order.c): one for each
 * processor's spin locks, one for each process's sleeping locks.
 */
enum { HELD_MAX = CHECKED ? 24 : 1 };
typedef struct HeldLock { LockClass *class; const void *lock; uintptr pc; u64 since_ns; } HeldLock;
typedef struct HeldLocks { u32 n; HeldLock held[HELD_MAX]; } HeldLocks;

enum { LOCK_HELD = 1, LOCK_IMPATIENT = 1 << 8 };

typedef struct CAPABILITY("spin lock") Lock Lock;
struct Lock {
	/* [a] LOCK_HELD, and LOCK_IMPATIENT for each processor that has waited for long */
	union { u32 state; u8 held; };
	Cpu *holder;			/* [a] nil: nobody; set by the holder alone */
	uintptr pc;			/* [lk] where it was taken */
	LockClass *class;		/* [I] */
	bool interrupts_were_on;	/* [lk] ilock: what iunlock restores */
};
#define LOCK_INIT(cls)	{ .class = (cls) }

void lock_init(Lock *l, LockClass *class);
static inline void lock(Lock *l) ACQUIRES(l);
static inline bool canlock(Lock *l) TRY_ACQUIRES(true, l);
static inline void unlock(Lock *l) RELEASES(l);
/* The same with interrupts off on this processor until iunlock. */
static inline void ilock(Lock *l) ACQUIRES(l);
static inline void iunlock(Lock *l) RELEASES(l);
/* The same where interrupts are known to be on, as at the beginning of a system call. */
static inline void ilock_on(Lock *l) ACQUIRES(l);
static inline void iunlock_on(Lock *l) RELEASES(l);
/* Does this processor hold it? For assertions. */
static inline bool lock_held(const Lock *l) { return PEEK(l->holder) == cpu(); }
/* This processor holds one where it must not: a panic that names it. */
void spin_panic(const char *doing) NORETURN;
/* For panics: print who holds which spin locks, as far as it is known. */
void spin_report(void);

/* Only a lock with waiters needs `use`: the rest is one atomic operation. */
enum { QLOCK_FREE, QLOCK_HELD, QLOCK_WAITED };

typedef struct CAPABILITY("sleeping lock") QLock QLock;
struct QLock {
	Lock use;
	struct Proc *holder;		/* [use] */
	struct Proc *head, *tail;	/* [use] waiters, by Proc.qnext */
	LockClass *class;		/* [I] */
	uintptr pc;			/* [use] */
	u32 state;			/* [a] QLOCK_FREE .. */
};
#define QLOCK_INIT(cls)	{ .use = LOCK_INIT(&qlock_use_class), .class = (cls) }
extern LockClass qlock_use_class;

void qlock_init(QLock *q, LockClass *class);
void qlock(QLock *q) ACQUIRES(q);	/* may sleep */
bool canqlock(QLock *q) TRY_ACQUIRES(true, q);
void qunlock(QLock *q) RELEASES(q);
bool qlock_held(const QLock *q);	/* by the running process? For assertions. */

typedef struct CAPABILITY("sleeping reader-writer lock") RWLock RWLock;
struct RWLock {
	Lock use;
	struct Proc *writer;		/* [use] */
	/* [use] waiters, by Proc.qnext, readers and writers in order of arrival */
	struct Proc *head, *tail;
	u32 readers;			/* [use] */
	LockClass *class;		/* [I] */
	uintptr pc;			/* [use] of the writer */
	bool writing;			/* [use] */
};
#define RWLOCK_INIT(cls) { .use = LOCK_INIT(&qlock_use_class), .class = (cls) }

void rwlock_init(RWLock *l, LockClass *class);
void rlock(RWLock *l) ACQUIRES_SHARED(l);
void runlock(RWLock *l) RELEASES_SHARED(l);
void wlock(RWLock *l) ACQUIRES(l);
void wunlock(RWLock *l) RELEASES(l);

/*
 * A place where one process at a time waits for a condition. sleep, tsleep, wakeup are in
 * proc/proc.h.
 */
typedef struct Rendez Rendez;
struct Rendez {
	Lock lk;
	struct Proc *p;			/* [lk] who waits */
};
#define RENDEZ_INIT	{ .lk = LOCK_INIT(&rendez_class) }
extern LockClass rendez_class;
void rendez_init(Rendez *r);

/*
 * What sync needs from the scheduler (proc implements these three).
 * sync_park: the running process, already queued by the caller, gives up the
 * processor until sync_unpark names it; l, held on entry, is released once it can
 * be unparked without loss. state is shown in /proc (a ProcState).
 */
enum { PARK_QUEUE, PARK_READ, PARK_WRITE };
void sync_park(Lock *l, int why) RELEASES(l);
void sync_unpark(struct Proc *p);
/* The running process; nil before the first one and in a scheduler. */
struct Proc *sync_self(void);
/* The queue link of a process, for QLock and RWLock; and its reader-or-writer mark. */
struct Proc **sync_qnext(struct Proc *p);
u8 *sync_qkind(struct Proc *p);

/* The sleeping locks of a process. */
HeldLocks *sync_held(struct Proc *p);

/* What a process waits for. [own] lock nil: for no sleeping lock. rw: lock is a RWLock. */
typedef struct LockWait { const void *lock; bool rw; uintptr pc; } LockWait;
LockWait *sync_lockwait(struct Proc *p);
/* Who holds it (nil: readers, or nobody now), where it was taken, the name of its class. */
struct Proc *lockwait_holder(const LockWait *w);
uintptr lockwait_taken(const LockWait *w);
const char *lockwait_class(const LockWait *w);

/*
 * order.c, used by the checked build only: an acquisition is about to be made (a cycle
 * of classes is a panic that names both orders), has been made, was given up. spin: by
 * this processor, else by the running process.
 */
void order_wanted(LockClass *class, uintptr pc, bool spin);
void order_taken(LockClass *class, const void *lock, uintptr pc, bool spin);
void order_released(const void *lock, bool spin);
/* Going to do what must not be done with a spin lock held, or on the way to user mode with any. */
void order_check_spinning(const char *doing);
void order_check_none(void);

/* ---- spin locks, where nobody has to wait; the rest is spin.c ---- */

/* It is not free: wait and take it. Or this processor holds it already: a panic. */
void spin_wait(Lock *l, uintptr pc);
void spin_not_held(const Lock *l, uintptr pc) NORETURN;
void spin_needed(const Lock *l, uintptr pc) NORETURN;

/* In the checked build: what comes needs the lock. A panic that names it and the place. */
static inline void lock_must(const Lock *l)
{
	if (CHECKED && !lock_held(l))
		spin_needed(l, arch_pc());
}

static inline void spin_taken(Lock *l, uintptr pc)
{
	Cpu *c = cpu();
	__atomic_store_n(&l->holder, c, __ATOMIC_RELAXED);
	l->pc = pc;
	c->held[c->nlocks++ % CPU_HELD] = l;
	if (CHECKED)
		order_taken(l->class, l, pc, true);
}

/* Takes a lock that nobody holds or has waited for too long. */
static inline bool spin_try(Lock *l)
{
	u32 free = 0;
	return __atomic_compare_exchange_n(&l->state, &free, LOCK_HELD, false, __ATOMIC_ACQUIRE,
		__ATOMIC_RELAXED);
}

static inline NO_TSA void lock(Lock *l)
{
	if (CHECKED)
		order_wanted(l->class, arch_pc(), true);
	if (unlikely(!spin_try(l)))
		spin_wait(l, arch_pc());
	spin_taken(l, arch_pc());
}

static inline NO_TSA bool canlock(Lock *l)
{
	if (!spin_try(l))
		return false;
	spin_taken(l, arch_pc());
	return true;
}

/* A plain store frees it: that byte of the state is the holder's. */
static inline NO_TSA void unlock(Lock *l)
{
	Cpu *c = cpu();
	if (unlikely(PEEK(l->holder) != c))
		spin_not_held(l, arch_pc());
	if (CHECKED)
		order_released(l, true);
	__atomic_store_n(&l->holder, nil, __ATOMIC_RELAXED);
	c->nlocks--;
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

static inline NO_TSA void ilock(Lock *l)
{
	bool on = splhi();
	lock(l);
	l->interrupts_were_on = on;
}

static inline NO_TSA void iunlock(Lock *l)
{
	bool on = l->interrupts_were_on;
	unlock(l);
	splx(on);
}
static inline NO_TSA void ilock_on(Lock *l)
{
	if (CHECKED)
		assert(islo());
	intr_off();
	lock(l);
	l->interrupts_were_on = true;
}

static inline NO_TSA void iunlock_on(Lock *l)
{
	unlock(l);
	spllo();
}

/* The names of what the processor holds, and unless it is in an interrupt the process; how many. */
u32 order_held(const char **names, u32 max);

#endif
