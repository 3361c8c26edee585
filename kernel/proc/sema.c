/*
 * Semaphores (process.md 10): words in user memory, touched only by
 * compare-and-swap. The waiters of a segment stand in one list in order of
 * arrival. A wake-up is permission to try again; one that reaches a process
 * that no longer needs it is passed on.
 */
#include "proc/private.h"

struct SemaWait {
	Uaddr addr;
	Rendez rendez;
	bool waiting;		/* [a] cleared by the wake-up */
	struct SemaWait *next;	/* [Segment.sema_lk] */
};
typedef struct SemaWait SemaWait;

static void enqueue(Segment *s, SemaWait *w)
{
	lock(&s->sema_lk);
	SemaWait **at = &s->sema;
	while (*at != nil)
		at = &(*at)->next;
	*at = w;
	unlock(&s->sema_lk);
}

static void dequeue(Segment *s, SemaWait *w)
{
	lock(&s->sema_lk);
	SemaWait **at = &s->sema;
	while (*at != w) {
		assert(*at != nil);
		at = &(*at)->next;
	}
	*at = w->next;
	unlock(&s->sema_lk);
}

/* Wake the first n waiters at addr that were not woken yet. */
static void wake(Segment *s, Uaddr addr, s64 n)
{
	lock(&s->sema_lk);
	for (SemaWait *w = s->sema; w != nil && n > 0; w = w->next) {
		if (w->addr.a != addr.a || !w->waiting)
			continue;
		__atomic_store_n(&w->waiting, false, __ATOMIC_SEQ_CST);
		wakeup(&w->rendez);
		n--;
	}
	unlock(&s->sema_lk);
}

static bool woken(void *arg)
{
	return !__atomic_load_n(&((const SemaWait *)arg)->waiting, __ATOMIC_SEQ_CST);
}

/* Take one if the value allows it. Ebadarg for a negative value or an address that vanished. */
static ERR try(Uaddr addr, bool *taken)
{
	u32 seen = 0;
	*taken = false;
	TRY(copyin(&seen, addr, sizeof seen));
	while ((s32)seen > 0) {
		u32 expected = seen;
		TRY(user_cas32(addr, &seen, seen - 1));
		if (seen == expected) {
			*taken = true;
			return nil;
		}
	}
	return (s32)seen < 0 ? Ebadarg : nil;
}

static ERR wait_turn(Segment *s, Uaddr addr, s64 timeout_ms, bool *taken)
{
	SemaWait w = { .addr = addr };
	u64 deadline = arch_nsec() + (u64)timeout_ms * 1000000;
	Err err = nil;
	rendez_init(&w.rendez);
	enqueue(s, &w);
	while (err == nil) {
		__atomic_store_n(&w.waiting, true, __ATOMIC_SEQ_CST);
		err = try(addr, taken);
		if (err != nil || *taken)
			break;
		if (timeout_ms < 0) {
			err = sleep(&w.rendez, woken, &w);
			continue;
		}
		u64 now = arch_nsec();
		if (now >= deadline)
			break;
		err = tsleep(&w.rendez, woken, &w, deadline - now);
	}
	dequeue(s, &w);
	if (!w.waiting)
		wake(s, addr, 1);	/* the wake-up was not needed here */
	return err;
}

/* The writable segment of a semaphore, held. */
static ERR sema_segment(Uaddr addr, Segment **out)
{
	Space *space = &up->space;
	if (!seg_covers(space, addr, sizeof(u32), true))
		return Ebadarg;
	*out = seg_find(space, addr, nil);
	assert(*out != nil);
	seg_incref(*out);
	return nil;
}

Err proc_semacquire(Uaddr addr, bool block, s64 timeout_ms, u64 *result)
{
	Segment *s;
	bool taken;
	TRY(sema_segment(addr, &s));
	Err err = try(addr, &taken);
	if (err == nil && !taken && block)
		err = wait_turn(s, addr, timeout_ms, &taken);
	putseg(s);
	*result = taken;
	return err;
}

Err proc_semrelease(Uaddr addr, s32 count, u64 *result)
{
	Segment *s;
	u32 seen = 0, expected;
	if (count < 0)
		return Ebadarg;
	TRY(sema_segment(addr, &s));
	Err err = copyin(&seen, addr, sizeof seen);
	do {
		expected = seen;
		if (err == nil && ((s32)seen < 0 || (s64)(s32)seen + count > 0x7fffffff))
			err = Ebadarg;
		if (err == nil)
			err = user_cas32(addr, &seen, seen + (u32)count);
	} while (err == nil && seen != expected);
	if (err == nil) {
		wake(s, addr, count);
		*result = (u64)(s64)(s32)(expected + (u32)count);
	}
	putseg(s);
	return err;
}
