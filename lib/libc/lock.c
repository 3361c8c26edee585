/*
 * Locks. A Lock spins, yields and then naps. The others keep a queue of
 * waiters under a Lock; a waiter sleeps in rendezvous on the address of its
 * queue entry, and whoever lets it go meets it there, in either order. A thread
 * library puts its own way of meeting into _rendezvousp.
 */
#include "sys.h"

enum {
	NQLP = 1024,		/* waiters at one moment, over all locks */

	Wread = 1,		/* QLp.state: what a waiter of an RWLock wants */
	Wwrite,
};

void *(*_rendezvousp)(void*, void*) = rendezvous;

static struct {
	Lock lock;
	QLp q[NQLP];
	int next;
} pool;

int
canlock(Lock *l)
{
	return __atomic_exchange_n(&l->val, 1, __ATOMIC_ACQUIRE) == 0;
}

void
lock(Lock *l)
{
	int i;

	for(i = 0; i < 100; i++){
		if(canlock(l))
			return;
		__builtin_ia32_pause();
	}
	for(i = 0; i < 1000; i++){
		if(canlock(l))
			return;
		sleep(0);
	}
	for(i = 0; i < 1000; i++){
		if(canlock(l))
			return;
		sleep(100);
	}
	while(!canlock(l))
		sleep(1000);
}

void
unlock(Lock *l)
{
	__atomic_store_n(&l->val, 0, __ATOMIC_RELEASE);
}

/* A free queue entry. There are more than processes that could wait, but if not, wait for one. */
static QLp*
getqlp(int state)
{
	QLp *q = nil;
	int i;

	for(;;){
		lock(&pool.lock);
		for(i = 0; i < NQLP && q == nil; i++){
			if(!pool.q[pool.next].inuse)
				q = &pool.q[pool.next];
			pool.next = (pool.next + 1) % NQLP;
		}
		if(q != nil){
			q->inuse = 1;
			q->state = state;
			q->next = nil;
		}
		unlock(&pool.lock);
		if(q != nil)
			return q;
		sleep(100);
	}
}

static void
append(QLp **head, QLp **tail, QLp *q)
{
	if(*tail == nil)
		*head = q;
	else
		(*tail)->next = q;
	*tail = q;
}

static QLp*
takefirst(QLp **head, QLp **tail)
{
	QLp *q = *head;

	if(q != nil && (*head = q->next) == nil)
		*tail = nil;
	return q;
}

/* Meets the other side on q; an interruption does not count. */
static void
meet(QLp *q)
{
	while(_rendezvousp(q, (void*)1) == (void*)~0UL)
		;
}

/* Sleeps until released, then gives the entry back. */
static void
waiton(QLp *q)
{
	meet(q);
	__atomic_store_n(&q->inuse, 0, __ATOMIC_RELEASE);
}

void
qlock(QLock *l)
{
	QLp *q;

	lock(&l->lock);
	if(!l->locked){
		l->locked = 1;
		unlock(&l->lock);
		return;
	}
	q = getqlp(0);
	append(&l->head, &l->tail, q);
	unlock(&l->lock);
	waiton(q);
}

/* The lock passes to the first waiter without becoming free. */
void
qunlock(QLock *l)
{
	QLp *q;

	lock(&l->lock);
	assert(l->locked);
	q = takefirst(&l->head, &l->tail);
	if(q == nil)
		l->locked = 0;
	unlock(&l->lock);
	if(q != nil)
		meet(q);
}

int
canqlock(QLock *l)
{
	int ok;

	if(!canlock(&l->lock))
		return 0;
	ok = !l->locked;
	if(ok)
		l->locked = 1;
	unlock(&l->lock);
	return ok;
}

void
rlock(RWLock *l)
{
	QLp *q;

	lock(&l->lock);
	if(!l->writer && l->head == nil){
		l->readers++;
		unlock(&l->lock);
		return;
	}
	q = getqlp(Wread);
	append(&l->head, &l->tail, q);
	unlock(&l->lock);
	waiton(q);
}

int
canrlock(RWLock *l)
{
	int ok;

	lock(&l->lock);
	ok = !l->writer && l->head == nil;
	if(ok)
		l->readers++;
	unlock(&l->lock);
	return ok;
}

void
runlock(RWLock *l)
{
	QLp *q = nil;

	lock(&l->lock);
	assert(l->readers > 0 && !l->writer);
	if(--l->readers == 0 && (q = takefirst(&l->head, &l->tail)) != nil){
		assert(q->state == Wwrite);
		l->writer = 1;
	}
	unlock(&l->lock);
	if(q != nil)
		meet(q);
}

void
wlock(RWLock *l)
{
	QLp *q;

	lock(&l->lock);
	if(!l->writer && l->readers == 0){
		l->writer = 1;
		unlock(&l->lock);
		return;
	}
	q = getqlp(Wwrite);
	append(&l->head, &l->tail, q);
	unlock(&l->lock);
	waiton(q);
}

int
canwlock(RWLock *l)
{
	int ok;

	lock(&l->lock);
	ok = !l->writer && l->readers == 0;
	if(ok)
		l->writer = 1;
	unlock(&l->lock);
	return ok;
}

/* Lets in the first waiter; if it is a reader, those queued right behind it too. */
void
wunlock(RWLock *l)
{
	QLp *q, *go = nil, *last = nil;

	lock(&l->lock);
	assert(l->writer && l->readers == 0);
	l->writer = 0;
	if(l->head != nil && l->head->state == Wwrite){
		go = takefirst(&l->head, &l->tail);
		go->next = nil;
		l->writer = 1;
	}else
		while(l->head != nil && l->head->state == Wread){
			q = takefirst(&l->head, &l->tail);
			q->next = nil;
			append(&go, &last, q);
			l->readers++;
		}
	unlock(&l->lock);
	for(; go != nil; go = q){
		q = go->next;	/* the entry is its owner's again once met */
		meet(go);
	}
}

void
rsleep(Rendez *r)
{
	QLp *q;

	assert(r->l != nil && r->l->locked);
	q = getqlp(0);
	append(&r->head, &r->tail, q);
	qunlock(r->l);
	waiton(q);
	qlock(r->l);
}

/* The caller holds r->l. The sleeper runs once it gets that lock back. */
int
rwakeup(Rendez *r)
{
	QLp *q;

	q = takefirst(&r->head, &r->tail);
	if(q == nil)
		return 0;
	meet(q);
	return 1;
}

int
rwakeupall(Rendez *r)
{
	int n = 0;

	while(rwakeup(r))
		n++;
	return n;
}

void
incref(Ref *r)
{
	ainc(&r->ref);
}

long
decref(Ref *r)
{
	long n = adec(&r->ref);

	assert(n >= 0);
	return n;
}

long
ainc(long *p)
{
	return __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST);
}

long
adec(long *p)
{
	return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST);
}
