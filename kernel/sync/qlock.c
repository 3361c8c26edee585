/*
 * Locks that put the waiter to sleep: QLock, one holder; RWLock, one writer or
 * many readers. Waiters queue in order of arrival and the lock is handed to the
 * first, so nobody starves. Waits are not interruptible.
 */
#include "sync/sync.h"
#include "arch/arch.h"

LOCK_CLASS(qlock_use_class, "sync.qlock");
LOCK_CLASS(rendez_class, "sync.rendez");

static const char *class_name(const LockClass *class)
{
	return class != nil ? class->name : "(no class)";
}

/* The order check of the checked build. */
static void wanted(LockClass *class, uintptr pc)
{
	if (CHECKED)
		order_wanted(class, pc, false);
}

static void taken(LockClass *class, const void *lock, uintptr pc)
{
	if (CHECKED)
		order_taken(class, lock, pc, false);
}

static void released(const void *lock)
{
	if (CHECKED)
		order_released(lock, false);
}

static void contended(LockClass *class)
{
	if (class != nil)
		__atomic_fetch_add(&class->contended, 1, __ATOMIC_RELAXED);
}

void rendez_init(Rendez *r)
{
	*r = (Rendez)RENDEZ_INIT;
}

void qlock_init(QLock *q, LockClass *class)
{
	*q = (QLock)QLOCK_INIT(class);
}

/* ---- who waits for what ---- */

static void waits(struct Proc *p, const void *lock, bool rw, uintptr pc)
{
	*sync_lockwait(p) = (LockWait){ lock, rw, pc };
}

static void waits_no_more(struct Proc *p)
{
	sync_lockwait(p)->lock = nil;
}

/* Who looks is another processor perhaps: the wait may be over by now. */
static const void *awaited(const LockWait *w)
{
	return __atomic_load_n(&w->lock, __ATOMIC_RELAXED);
}

NO_TSA struct Proc *lockwait_holder(const LockWait *w)
{
	const void *l = awaited(w);
	if (l == nil)
		return nil;
	return PEEK(w->rw) ? PEEK(((const RWLock *)l)->writer) : PEEK(((const QLock *)l)->holder);
}

NO_TSA uintptr lockwait_taken(const LockWait *w)
{
	const void *l = awaited(w);
	if (l == nil)
		return 0;
	return PEEK(w->rw) ? PEEK(((const RWLock *)l)->pc) : PEEK(((const QLock *)l)->pc);
}

const char *lockwait_class(const LockWait *w)
{
	const void *l = awaited(w);
	if (l == nil)
		return "that it has by now";
	const LockClass *class = PEEK(w->rw) ? ((const RWLock *)l)->class :
		((const QLock *)l)->class;
	/* what was read may be of two waits, and then this is no class */
	bool is_one = class >= __start_lockclasses && class < __stop_lockclasses;
	return class_name(is_one ? class : nil);
}

/* ---- the queue of a lock ---- */

static void enqueue(struct Proc **head, struct Proc **tail, struct Proc *p, u8 kind)
{
	*sync_qnext(p) = nil;
	*sync_qkind(p) = kind;
	if (*tail != nil)
		*sync_qnext(*tail) = p;
	else
		*head = p;
	*tail = p;
}

static struct Proc *dequeue(struct Proc **head, struct Proc **tail)
{
	struct Proc *p = *head;
	*head = *sync_qnext(p);
	if (*head == nil)
		*tail = nil;
	*sync_qnext(p) = nil;
	return p;
}

static bool take_free(QLock *q)
{
	u32 expected = QLOCK_FREE;
	return __atomic_compare_exchange_n(&q->state, &expected, QLOCK_HELD, false,
		__ATOMIC_ACQUIRE,
		__ATOMIC_RELAXED);
}

/* Mark the lock as waited for; if it has become free meanwhile it is ours, else queue and sleep. */
static NO_TSA void wait_for(QLock *q, struct Proc *p, uintptr pc)
{
	if (p != nil && PEEK(q->holder) == p)
		panic("qlock %s taken twice by one process: wanted by %s, taken by %s",
			class_name(q->class), pcname(pc), pcname(q->pc));
	ilock(&q->use);
	if (__atomic_exchange_n(&q->state, QLOCK_WAITED, __ATOMIC_ACQUIRE) == QLOCK_FREE) {
		q->holder = p;
		iunlock(&q->use);
		return;
	}
	if (p == nil)
		panic("qlock %s would wait where no process runs, wanted by %s",
			class_name(q->class), pcname(pc));
	contended(q->class);
	enqueue(&q->head, &q->tail, p, PARK_QUEUE);
	waits(p, q, false, pc);
	sync_park(&q->use, PARK_QUEUE);
	waits_no_more(p);
	assert(q->holder == p);	/* qunlock handed it over */
}

NO_TSA void qlock(QLock *q)
{
	struct Proc *p = sync_self();
	uintptr pc = (uintptr)__builtin_return_address(0);
	wanted(q->class, pc);
	if (likely(take_free(q)))
		q->holder = p;
	else
		wait_for(q, p, pc);
	q->pc = pc;
	taken(q->class, q, pc);
}

NO_TSA bool canqlock(QLock *q)
{
	if (!take_free(q))
		return false;
	q->holder = sync_self();
	q->pc = (uintptr)__builtin_return_address(0);
	taken(q->class, q, q->pc);
	return true;
}

/* Somebody waits or did: hand the lock to the first, or free it. */
static NO_TSA void hand_on(QLock *q)
{
	struct Proc *next = nil;
	ilock(&q->use);
	if (q->head != nil)
		next = dequeue(&q->head, &q->tail);
	q->holder = next;
	if (next == nil)
		__atomic_store_n(&q->state, QLOCK_FREE, __ATOMIC_RELEASE);
	else if (q->head == nil)
		__atomic_store_n(&q->state, QLOCK_HELD, __ATOMIC_RELEASE);
	iunlock(&q->use);
	if (next != nil)
		sync_unpark(next);
}

NO_TSA void qunlock(QLock *q)
{
	if (unlikely(PEEK(q->state) == QLOCK_FREE || q->holder != sync_self()))
		panic("qlock %s released by a process that does not hold it, by %s",
			class_name(q->class), pcname((u64)__builtin_return_address(0)));
	released(q);
	q->holder = nil;
	u32 expected = QLOCK_HELD;
	if (unlikely(!__atomic_compare_exchange_n(&q->state, &expected, QLOCK_FREE, false,
		__ATOMIC_RELEASE,
			__ATOMIC_RELAXED)))
		hand_on(q);
}

bool qlock_held(const QLock *q)
{
	return PEEK(q->state) != QLOCK_FREE && PEEK(q->holder) == sync_self();
}

void rwlock_init(RWLock *l, LockClass *class)
{
	*l = (RWLock)RWLOCK_INIT(class);
}

NO_TSA void rlock(RWLock *l)
{
	uintptr pc = (uintptr)__builtin_return_address(0);
	wanted(l->class, pc);
	ilock(&l->use);
	if (!l->writing && l->head == nil) {
		l->readers++;
		iunlock(&l->use);
		taken(l->class, l, pc);
		return;
	}
	struct Proc *p = sync_self();
	assert(p != nil && l->writer != p);
	contended(l->class);
	enqueue(&l->head, &l->tail, p, PARK_READ);
	waits(p, l, true, pc);
	sync_park(&l->use, PARK_READ);	/* whoever woke us counted us */
	waits_no_more(p);
	taken(l->class, l, pc);
}

NO_TSA void wlock(RWLock *l)
{
	struct Proc *p = sync_self();
	uintptr pc = (uintptr)__builtin_return_address(0);
	wanted(l->class, pc);
	ilock(&l->use);
	if (!l->writing && l->readers == 0) {
		l->writing = true;
		l->writer = p;
	} else {
		assert(p != nil && l->writer != p);
		contended(l->class);
		enqueue(&l->head, &l->tail, p, PARK_WRITE);
		waits(p, l, true, pc);
		sync_park(&l->use, PARK_WRITE);
		waits_no_more(p);
		assert(l->writer == p);
		l->pc = pc;
		taken(l->class, l, pc);
		return;
	}
	l->pc = pc;
	iunlock(&l->use);
	taken(l->class, l, pc);
}

/*
 * Hand a free lock to those at the head: one writer, or all readers up to the next writer. Returns
 * them linked.
 */
static struct Proc *pass_on(RWLock *l)
{
	struct Proc *woken = nil, **last = &woken;
	if (l->head != nil && *sync_qkind(l->head) == PARK_WRITE) {
		if (l->readers > 0)
			return nil;
		l->writing = true;
		l->writer = dequeue(&l->head, &l->tail);
		return l->writer;
	}
	while (l->head != nil && *sync_qkind(l->head) == PARK_READ) {
		struct Proc *p = dequeue(&l->head, &l->tail);
		l->readers++;
		*last = p;
		last = sync_qnext(p);
	}
	return woken;
}

static void wake_all(struct Proc *p)
{
	while (p != nil) {
		struct Proc *next = *sync_qnext(p);
		*sync_qnext(p) = nil;
		sync_unpark(p);
		p = next;
	}
}

NO_TSA void runlock(RWLock *l)
{
	struct Proc *woken = nil;
	released(l);
	ilock(&l->use);
	assert(l->readers > 0 && !l->writing);
	l->readers--;
	if (l->readers == 0)
		woken = pass_on(l);
	iunlock(&l->use);
	wake_all(woken);
}

NO_TSA void wunlock(RWLock *l)
{
	released(l);
	ilock(&l->use);
	if (!l->writing || l->writer != sync_self())
		panic("rwlock %s released by a process that does not hold it, by %s",
			class_name(l->class), pcname((u64)__builtin_return_address(0)));
	l->writing = false;
	l->writer = nil;
	struct Proc *woken = pass_on(l);
	iunlock(&l->use);
	wake_all(woken);
}
