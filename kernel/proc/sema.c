/*
 * Semaphores (process.md 10): words in user memory, touched only by
 * compare-and-swap. The waiters of a segment stand in one list in order of
 * arrival. A wake-up is permission to try again; one that reaches a process
 * that no longer needs it is passed on.
 */
#include "proc/private.h"

struct SemaWait {
	Uaddr addr;
	Proc *p;
	bool waiting;		/* [a] cleared by the wake-up */
	struct SemaWait *next;	/* [Segment.sema_lk] */
};
typedef struct SemaWait SemaWait;

static void enqueue(Segment *s, SemaWait *w)
{
	ilock(&s->sema_lk);
	SemaWait **at = &s->sema;
	while (*at != nil)
		at = &(*at)->next;
	*at = w;
	iunlock(&s->sema_lk);
}

/* Wake the first n waiters at addr that were not woken yet. */
static void wake(Segment *s, Uaddr addr, s64 n) REQUIRES(s->sema_lk)
{
	for (SemaWait *w = s->sema; w != nil && n > 0; w = w->next) {
		if (w->addr.a != addr.a || !PEEK(w->waiting))
			continue;
		__atomic_store_n(&w->waiting, false, __ATOMIC_SEQ_CST);
		rouse(w->p);
		n--;
	}
}

/* A wake-up that was not needed here is passed on. */
static void dequeue(Segment *s, SemaWait *w)
{
	ilock(&s->sema_lk);
	SemaWait **at = &s->sema;
	while (*at != w) {
		assert(*at != nil);
		at = &(*at)->next;
	}
	*at = w->next;
	if (!PEEK(w->waiting))
		wake(s, w->addr, 1);
	iunlock(&s->sema_lk);
}

static bool woken(void *arg)
{
	return !PEEK(((const SemaWait *)arg)->waiting);
}

/*
 * Take one if the value allows it. Ebadarg for a negative value or an address that vanished. Most
 * semaphores are one or zero: that is tried without looking.
 */
static ERR try(Uaddr addr, bool *taken)
{
	u32 seen = 1, expected;
	*taken = false;
	do {
		expected = seen;
		TRY(user_cas32(addr, &seen, expected - 1));
		if (seen == expected) {
			*taken = true;
			return nil;
		}
	} while ((s32)seen > 0);
	return (s32)seen < 0 ? Ebadarg : nil;
}

/* The value did not allow it: wait for a wake-up, unless one has come already, or the deadline. */
static ERR wait_wakeup(Segment *s, SemaWait *w, u64 deadline_ns)
{
	Err err = nil;
	ilock(&s->sema_lk);
	if (!PEEK(w->waiting)) {
		iunlock(&s->sema_lk);
		return nil;
	}
	if (deadline_ns == 0 ? park(&s->sema_lk, woken, w) :
	    park_before(&s->sema_lk, woken, w, deadline_ns))
		return nil;
	ilock(&s->sema_lk);
	if (PEEK(w->waiting))
		err = Eintr;
	else
		park_keep_note();
	iunlock(&s->sema_lk);
	return err;
}

/* A wake-up is taken by the try that follows it: that one waits for another, or passes it on. */
static ERR wait_turn(Segment *s, Uaddr addr, s64 timeout_ms, bool *taken)
{
	SemaWait w = { .addr = addr, .p = up };
	u64 deadline_ns = timeout_ms < 0 ? 0 : arch_nsec() + (u64)timeout_ms * 1000000;
	Err err = nil;
	enqueue(s, &w);
	while (err == nil) {
		__atomic_store_n(&w.waiting, true, __ATOMIC_SEQ_CST);
		err = try(addr, taken);
		if (err != nil || *taken || (deadline_ns != 0 && arch_nsec() >= deadline_ns))
			break;
		err = wait_wakeup(s, &w, deadline_ns);
	}
	dequeue(s, &w);
	return err;
}

/*
 * The segment of a semaphore, which the caller has found writable. Only the running process
 * changes the set of its segments, so it stays while this call lasts.
 */
static Segment *sema_segment(Uaddr addr)
{
	return seg_find(&up->space, addr, nil);
}

Err proc_semacquire(Uaddr addr, bool block, s64 timeout_ms, u64 *result)
{
	bool taken;
	Segment *s = sema_segment(addr);
	if (s == nil)
		return Ebadarg;
	Err err = try(addr, &taken);
	if (err == nil && !taken && block)
		err = wait_turn(s, addr, timeout_ms, &taken);
	*result = taken;
	return err;
}

/* The waiters are looked for after the value has changed, and they look at it when listed. */
Err proc_semrelease(Uaddr addr, s32 count, u64 *result)
{
	Segment *s = sema_segment(addr);
	u32 seen = 0, expected;
	if (s == nil || count < 0)
		return Ebadarg;
	do {
		expected = seen;
		if ((s32)seen < 0 || (s64)(s32)seen + count > 0x7fffffff)
			return Ebadarg;
		TRY(user_cas32(addr, &seen, seen + (u32)count));
	} while (seen != expected);
	if (PEEK(s->sema) != nil) {
		ilock(&s->sema_lk);
		wake(s, addr, count);
		iunlock(&s->sema_lk);
	}
	*result = (u64)(s64)(s32)(expected + (u32)count);
	return nil;
}
