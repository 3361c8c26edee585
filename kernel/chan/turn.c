/*
 * Turns: locks whose holder may wait for another party for as long as that likes, so that a note
 * ends the wait for the lock too. They go to whoever comes when they are free; waiters are woken in
 * order of arrival.
 */
#include "chan/chan.h"

static LOCK_CLASS(turn_class, "chan.turn");

void turn_init(Turn *t)
{
	lock_init(&t->lk, &turn_class);
	waitq_init(&t->waiting);
	t->holder = nil;
	t->state = TURN_FREE;
}

/* A wake-up is permission to try again: somebody else may have been faster. */
static ERR wait_long(Turn *t)
{
	Err err = nil;

	ilock(&t->lk);
	while (err == nil &&
	    __atomic_exchange_n(&t->state, TURN_WANTED, __ATOMIC_ACQUIRE) != TURN_FREE)
		err = waitq_sleep(&t->waiting, &t->lk);
	iunlock(&t->lk);
	return err;
}

NO_TSA bool turn_wait(Turn *t)
{
	u32 expected = TURN_FREE;

	assert(PEEK(t->holder) != up);
	if (!__atomic_compare_exchange_n(&t->state, &expected, TURN_TAKEN, false, __ATOMIC_ACQUIRE,
	    __ATOMIC_RELAXED))
		if (wait_long(t) != nil)
			return false;
	t->holder = up;
	return true;
}

NO_TSA void turn_pass(Turn *t)
{
	u32 expected = TURN_TAKEN;

	assert(t->holder == up);
	t->holder = nil;
	if (__atomic_compare_exchange_n(&t->state, &expected, TURN_FREE, false, __ATOMIC_RELEASE,
	    __ATOMIC_RELAXED))
		return;
	ilock(&t->lk);
	__atomic_store_n(&t->state, TURN_FREE, __ATOMIC_RELEASE);
	waitq_wake(&t->waiting);
	iunlock(&t->lk);
}
