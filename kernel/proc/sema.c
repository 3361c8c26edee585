/*
 * Semaphores (process.md 10): words in user memory, touched only by
 * compare-and-swap. The waiters of a segment stand in one list in order of
 * arrival. A wake-up takes one out of the list and is permission to try again;
 * who finds that somebody was faster goes back to its place. One that reaches a
 * process that no longer needs it is passed on.
 *
 * A process looks at the word after it is listed, whoever releases looks at the
 * list after the word has changed: so one of the two sees the other.
 */
#include "proc/private.h"

struct SemaWait {
	Uaddr addr;
	Proc *p;
	u64 since;		/* when it came, in cycles */
	bool listed;		/* [Segment.sema_lk] to set; false: woken */
	struct SemaWait *next;	/* [Segment.sema_lk] */
};
typedef struct SemaWait SemaWait;

static void enlist(Segment *s, SemaWait *w)
{
	ilock_on(&s->sema_lk);
	SemaWait **at = &s->sema;
	while (*at != nil && (*at)->since <= w->since)
		at = &(*at)->next;
	w->next = *at;
	w->listed = true;
	*at = w;
	iunlock_on(&s->sema_lk);
}

/* Wake the first n waiters at addr. */
static void wake(Segment *s, Uaddr addr, s64 n) REQUIRES(s->sema_lk)
{
	for (SemaWait **at = &s->sema, *w; (w = *at) != nil && n > 0;) {
		if (w->addr.a != addr.a) {
			at = &w->next;
			continue;
		}
		Proc *p = w->p;
		*at = w->next;
		__atomic_store_n(&w->listed, false, __ATOMIC_SEQ_CST);
		rouse(p);
		n--;
	}
}

/* A wake-up that was not needed here is passed on. */
static void delist(Segment *s, const SemaWait *w)
{
	ilock(&s->sema_lk);
	if (w->listed) {
		SemaWait **at = &s->sema;
		for (; *at != w; at = &(*at)->next)
			assert(*at != nil);
		*at = w->next;
	} else {
		wake(s, w->addr, 1);
	}
	iunlock(&s->sema_lk);
}

static bool woken(void *arg)
{
	return !PEEK(((const SemaWait *)arg)->listed);
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

/* The value did not allow it: wait for a wake-up or, if there is one, the deadline. */
static ERR wait_wakeup(Segment *s, SemaWait *w, u64 deadline_ns)
{
	if (park_unlocked(&s->sema_lk, woken, w, deadline_ns))
		return nil;
	Err err = nil;
	ilock(&s->sema_lk);
	if (w->listed)
		err = Eintr;
	else
		park_keep_note();
	iunlock(&s->sema_lk);
	return err;
}

/* Who was woken is in no list, and whoever woke it has finished with it: no lock is needed. */
static ERR wait_turn(Segment *s, Uaddr addr, s64 timeout_ms, bool *taken)
{
	SemaWait w = { .addr = addr, .p = up, .since = arch_cycles() };
	u64 deadline_ns = timeout_ms < 0 ? 0 : arch_nsec() + (u64)timeout_ms * 1000000;
	Err err;
	enlist(s, &w);
	for (;;) {
		err = try(addr, taken);
		if (err != nil || *taken || (deadline_ns != 0 && arch_nsec() >= deadline_ns))
			break;
		err = wait_wakeup(s, &w, deadline_ns);
		if (err != nil)
			break;
		if (PEEK(w.listed))
			continue;
		err = try(addr, taken);
		if (*taken)
			return nil;
		if (err != nil)
			break;
		enlist(s, &w);
	}
	delist(s, &w);
	return err;
}

/* Only the running process changes the set of its segments, so s stays while the call lasts. */
Err proc_semacquire(Segment *s, Uaddr addr, bool block, s64 timeout_ms, u64 *result)
{
	bool taken;
	Err err = try(addr, &taken);
	if (err == nil && !taken && block)
		err = wait_turn(s, addr, timeout_ms, &taken);
	*result = taken;
	return err;
}

/* The waiters are looked for after the value has changed, and they look at it when listed. */
Err proc_semrelease(Segment *s, Uaddr addr, s32 count, u64 *result)
{
	u32 seen = 0, expected;
	if (count < 0)
		return Ebadarg;
	do {
		expected = seen;
		if ((s32)seen < 0 || (s64)(s32)seen + count > 0x7fffffff)
			return Ebadarg;
		TRY(user_cas32(addr, &seen, seen + (u32)count));
	} while (seen != expected);
	if (PEEK(s->sema) != nil) {
		ilock_on(&s->sema_lk);
		wake(s, addr, count);
		iunlock_on(&s->sema_lk);
	}
	*result = (u64)(s64)(s32)(expected + (u32)count);
	return nil;
}
