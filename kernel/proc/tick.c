/*
 * The tick: the running process grows older, who starves is helped, and a processor that has less
 * to do than another takes a process over.
 *
 * Where processes do not divide evenly among the processors those of one have more than those of
 * another. So that all get their share over a second, a processor that has one more gives one away
 * every few ticks: of three processes on two processors each is alone for a while in turn.
 */
#include "proc/runq.h"

enum { PENALTY_MAX = 8, BOOST_NS = 1000000000, BOOST_LOOK_NS = BOOST_NS / 10 };
enum { SHARE_NS = 45000000, FEW = 16 };		/* five ticks */

/* Has it been so long since? `since` may be a little later than now_ns, and another clock's. */
static bool is_long_ago(u64 now_ns, u64 since_ns, u64 ns)
{
	return (s64)(now_ns - since_ns) >= (s64)ns;
}

/* Lift whoever has been ready for too long to the normal priority. */
static void boost(Sched *s, u64 now_ns)
{
	ilock(&s->lk);
	for (u32 pri = 0; pri < PRI_NORMAL; pri++) {
		Proc *before = nil, *next;
		for (Proc *p = s->head[pri]; p != nil; p = next) {
			next = p->qnext;
			if (!is_long_ago(now_ns, p->ready_ns, BOOST_NS) || p->fixedpri) {
				before = p;
				continue;
			}
			unlink_after(s, pri, before, p);
			p->penalty = 0;
			enqueue(s, p, PRI_NORMAL);
		}
	}
	iunlock(&s->lk);
	s->boost_ns = now_ns;
}

/* Is there more to do for `other` than here, or something more urgent than what runs here? */
static bool is_worse_off(const Sched *other, const Sched *s, u32 pri)
{
	return PEEK(other->nonempty) >> pri >> 1 != 0 || PEEK(other->nready) > PEEK(s->nready) + 1;
}

/* The i-th of the other processors, counted from this one on. */
static Sched *neighbour(u32 i)
{
	return sched_get((cpu()->index + i) % cpu_count());
}

/*
 * A processor that is busy takes one process at a tick from the first that has more to do, the one
 * that has waited for longest there: it comes before the others here.
 */
static void balance(Sched *s, u32 pri)
{
	bool soon;
	for (u32 i = 1; i < cpu_count(); i++) {
		Sched *other = neighbour(i);
		if (!is_worse_off(other, s, pri))
			continue;
		bool longer = PEEK(other->nready) > PEEK(s->nready) + 1;
		Proc *p = sched_take(other, longer ? 0 : pri + 1, true, &soon);
		if (p == nil)
			continue;
		ilock(&s->lk);
		u64 since_ns = p->ready_ns;
		p->cpu = cpu()->index;
		enqueue_first(s, p);
		p->ready_ns = since_ns;
		iunlock(&s->lk);
		return;
	}
}

/* Do fewer wait there than here, of those that could run at that priority, for a while now? */
static bool is_better_off(const Sched *other, const Sched *s, u32 pri, u64 now_ns)
{
	return PEEK(other->running) <= pri + 1 &&
		is_long_ago(now_ns, PEEK(other->even_ns), SHARE_NS) &&
		(PEEK(other->nonempty) >> pri == 0 || PEEK(other->nready) < PEEK(s->nready));
}

/* Has nobody who waits here stayed for longer than p, which runs? Many are not looked at. */
static bool stayed_longest(Sched *s, const Proc *p)
{
	bool longest = PEEK(s->nready) <= FEW;
	ilock(&s->lk);
	for (const Proc *q = s->head[p->pri]; longest && q != nil; q = q->qnext)
		longest = q->moved_ns >= p->moved_ns || PEEK(q->wired) >= 0;
	iunlock(&s->lk);
	return longest;
}

/*
 * Others wait for this processor, and fewer for another one, and that has been so for some ticks:
 * who has been here for longest goes there when it has to make room now. So it is everybody's turn
 * to have a processor with fewer.
 */
static void even_out(Sched *s, Proc *p, u64 now_ns)
{
	if (PEEK(s->nonempty) >> p->pri == 0 || PEEK(p->wired) >= 0 ||
	    !is_long_ago(now_ns, PEEK(s->even_ns), SHARE_NS))
		return;
	for (u32 i = 1; i < cpu_count(); i++) {
		Sched *other = neighbour(i);
		if (!is_better_off(other, s, p->pri, now_ns))
			continue;
		if (stayed_longest(s, p)) {
			POKE(other->even_ns, now_ns);
			POKE(s->even_ns, now_ns);
			p->moved_ns = now_ns;
			p->moves_to = 1 + (cpu()->index + i) % cpu_count();
		}
		return;
	}
}

void sched_tick(Sched *s, u64 now_ns, bool in_user)
{
	Proc *p = up;
	sched_queue_next(s);
	load_update(s, cpu(), PEEK(s->nready) + 1, now_ns);
	if (now_ns - s->boost_ns >= BOOST_LOOK_NS)
		boost(s, now_ns);
	if (in_user)
		p->clock_ms += TICK_NS / 1000000;
	if (arch_cycles() - p->last_cycles >= arch_cyclehz() / (2 * TICKHZ) &&
	    p->penalty < PENALTY_MAX)
		p->penalty++;
	p->pri = effective_pri(p);
	if (cpu_count() > 1) {
		balance(s, p->pri);
		p->moves_to = 0;
		even_out(s, p, now_ns);
	}
	/* one that was about to halt may have been overlooked when something was queued */
	if (PEEK(s->nready) > 0)
		sched_wake_idle(~0UL);
	running_is(s, p);
	if (PEEK(s->nonempty) >> p->pri != 0 || is_misplaced(p))
		POKE(cpu()->resched, true);
}

