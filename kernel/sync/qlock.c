/*
 * Locks that put the waiter to sleep: QLock, one holder; RWLock, one writer or
 * many readers. Waiters queue in order of arrival and the lock is handed to the
 * first, so nobody starves. Waits are not interruptible.
 */
#include "sync/sync.h"
#include "arch/arch.h"

LockClass qlock_use_class = { .name = "sync.qlock" };
LockClass rendez_class = { .name = "sync.rendez" };

static const char *class_name(const LockClass *class)
{
	return class != nil ? class->name : "(no class)";
}

/* The order check of the checked build. */
static void wanted(LockClass *class, const void *lock, uintptr pc)
{
	if (CHECKED)
		order_wanted(class, lock, pc, false);
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

void rendez_init(Rendez *r)
{
	*r = (Rendez)RENDEZ_INIT;
}

void qlock_init(QLock *q, LockClass *class)
{
	*q = (QLock)QLOCK_INIT(class);
}

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

NO_TSA void qlock(QLock *q)
{
	struct Proc *p = sync_self();
	uintptr pc = (uintptr)__builtin_return_address(0);
	wanted(q->class, q, pc);
	ilock(&q->use);
	if (!q->locked) {
		q->locked = true;
		q->holder = p;
		q->pc = pc;
		iunlock(&q->use);
		taken(q->class, q, pc);
		return;
	}
	if (p != nil && q->holder == p)
		panic("qlock %s taken twice by one process: wanted at %#lx, taken at %#lx",
			class_name(q->class), pc, q->pc);
	if (p == nil)
		panic("qlock %s would wait where no process runs, wanted at %#lx",
			class_name(q->class), pc);
	enqueue(&q->head, &q->tail, p, PARK_QUEUE);
	sync_park(&q->use, PARK_QUEUE);
	assert(q->holder == p);	/* qunlock handed it over */
	q->pc = pc;
	taken(q->class, q, pc);
}

NO_TSA bool canqlock(QLock *q)
{
	bool got = false;
	ilock(&q->use);
	if (!q->locked) {
		q->locked = got = true;
		q->holder = sync_self();
		q->pc = (uintptr)__builtin_return_address(0);
	}
	iunlock(&q->use);
	if (got)
		taken(q->class, q, (uintptr)__builtin_return_address(0));
	return got;
}

NO_TSA void qunlock(QLock *q)
{
	struct Proc *next = nil;
	released(q);
	ilock(&q->use);
	if (!q->locked || q->holder != sync_self())
		panic("qlock %s released by a process that does not hold it, at %p",
			class_name(q->class),
			__builtin_return_address(0));
	if (q->head != nil)
		next = dequeue(&q->head, &q->tail);
	else
		q->locked = false;
	q->holder = next;
	iunlock(&q->use);
	if (next != nil)
		sync_unpark(next);
}

bool qlock_held(const QLock *q)
{
	return q->locked && q->holder == sync_self();
}

void rwlock_init(RWLock *l, LockClass *class)
{
	*l = (RWLock)RWLOCK_INIT(class);
}

NO_TSA void rlock(RWLock *l)
{
	uintptr pc = (uintptr)__builtin_return_address(0);
	wanted(l->class, l, pc);
	ilock(&l->use);
	if (!l->writing && l->head == nil) {
		l->readers++;
		iunlock(&l->use);
		taken(l->class, l, pc);
		return;
	}
	struct Proc *p = sync_self();
	assert(p != nil && l->writer != p);
	enqueue(&l->head, &l->tail, p, PARK_READ);
	sync_park(&l->use, PARK_READ);	/* whoever woke us counted us */
	taken(l->class, l, pc);
}

NO_TSA void wlock(RWLock *l)
{
	struct Proc *p = sync_self();
	uintptr pc = (uintptr)__builtin_return_address(0);
	wanted(l->class, l, pc);
	ilock(&l->use);
	if (!l->writing && l->readers == 0) {
		l->writing = true;
		l->writer = p;
	} else {
		assert(p != nil && l->writer != p);
		enqueue(&l->head, &l->tail, p, PARK_WRITE);
		sync_park(&l->use, PARK_WRITE);
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
		panic("rwlock %s released by a process that does not hold it, at %p",
			class_name(l->class),
			__builtin_return_address(0));
	l->writing = false;
	l->writer = nil;
	struct Proc *woken = pass_on(l);
	iunlock(&l->use);
	wake_all(woken);
}
