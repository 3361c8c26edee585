/*
 * What nobody waits for. A process that exits, or was killed, leaves its clunks to
 * others: to the next writer where it could not wait until it was its turn, and
 * their answers to the next who reads. Where none comes, the process `9p' sends and
 * reads: within two seconds or so, without holding up who left them, and with no
 * timer while there is nothing of the kind. It waits for a server for a moment
 * only, and comes again.
 */
#include "9p/conn.h"

#define PERIOD_MS	1000
#define OLD_NS		500000000UL	/* of an answer that nobody reads */
#define PATIENCE_NS	100000000UL	/* for one connection */

static Rendez sweeper = RENDEZ_INIT;
static bool wanted;		/* [a] there is something to sweep, perhaps */

void mnt_sweep_soon(void)
{
	if (unlikely(!PEEK(wanted)) && !__atomic_exchange_n(&wanted, true, __ATOMIC_SEQ_CST))
		wakeup(&sweeper);
}

static bool is_wanted(void *arg)
{
	return __atomic_load_n(&wanted, __ATOMIC_ACQUIRE);
}

/* Without a call in progress nobody reads; an answer that was read is no more on the queue. */
static bool unread(const Mnt *m) REQUIRES(m->lk)
{
	u64 now = arch_nsec();
	if (mnt_first_call(m) != nil)
		return false;
	for (List *l = m->queue.next; l != &m->queue; l = l->next) {
		if (now - list_entry(l, Rpc, link)->since_ns > OLD_NS)
			return true;
	}
	return false;
}

static bool has_late(const Mnt *m)
{
	return PEEK(m->late) != nil || PEEK(m->nunsent) > 0;
}

/* m cannot go: its transport is held. */
static void sweep(Mnt *m)
{
	if (has_late(m))
		mnt_send_late(m);
	lock(&m->lk);
	bool read = m->dead == nil && unread(m);
	unlock(&m->lk);
	if (read)
		mnt_read_loose(m);
}

static void out_of_patience(Timer *t) { proc_interrupt(t->arg); }

static void forget_interrupts(void)
{
	Err ignored = proc_nointerrupt(up);
	(void)ignored;
}

static bool has_more(Mnt *m)
{
	lock(&m->lk);
	bool more = m->dead == nil && (m->nloose > 0 || has_late(m));
	unlock(&m->lk);
	return more;
}

/* Every connection once. Is there anything left? */
static bool sweep_all(void)
{
	Timer patience = { .f = out_of_patience, .arg = up };
	bool more = false;
	Mnt *m;
	for (u32 id = 0; (m = mnt_hold_next(id)) != nil;) {
		id = mnt_id(m);
		if (has_more(m)) {
			timer_set(&patience, arch_nsec() + PATIENCE_NS);
			sweep(m);
			timer_cancel(&patience);
			forget_interrupts();
			more = has_more(m) || more;
		}
		chan_close(m->transport);
	}
	return more;
}

static void sweeper_main(void *arg)
{
	for (;;) {
		sleep_uninterruptible(&sweeper, is_wanted, nil);
		Err ignored = proc_sleep(PERIOD_MS);
		(void)ignored;
		forget_interrupts();
		__atomic_store_n(&wanted, false, __ATOMIC_SEQ_CST);
		if (sweep_all())
			__atomic_store_n(&wanted, true, __ATOMIC_SEQ_CST);
	}
}

void mnt_sweep_init(void)
{
	Err err = kproc("9p", sweeper_main, nil);
	if (err != nil)
		print("9p: no process for what nobody waits for: %s\n", err);
}
