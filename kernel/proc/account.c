/*
 * The border between kernel and user mode: what happens at every entry and
 * every return, and the accounting of time that is done there. Cycles are
 * counted and turned into nanoseconds as they are charged.
 */
#include "proc/private.h"

static bool have_cycles;	/* [I] else nanoseconds stand in for cycles */
static u64 ns_per_cycle_32;	/* [I] fixed point, 32 bits of fraction */

void account_prepare(void)
{
	u64 hz = arch_cyclehz();
	have_cycles = hz != 0;
	ns_per_cycle_32 = have_cycles ? (1000000000UL << 32) / hz : 1UL << 32;
}

u64 account_cycles(void)
{
	return have_cycles ? arch_cycles() : arch_nsec();
}

static u64 to_ns(u64 cycles)
{
	if (likely(cycles >> 30 == 0))
		return cycles * ns_per_cycle_32 >> 32;
	return (cycles >> 16) * ns_per_cycle_32 >> 16;
}

static u64 charge(Proc *p)
{
	u64 now = account_cycles();
	u64 d = now - p->account_cycles;
	p->account_cycles = now;
	p->pcycles += d;
	return d;
}

void account_kernel(Proc *p)
{
	u64 d = charge(p);
	p->kcycles += d;
	p->sys_ns += to_ns(d);
}

u64 account_away_ns(const Proc *p)
{
	u64 now = account_cycles(), since = p->account_cycles;
	return since != 0 && now > since ? to_ns(now - since) : 0;
}

void account_resume(Proc *p)
{
	p->account_cycles = account_cycles();
}

void trap_enter(Ureg *u)
{
	Proc *p = up;
	assert(p != nil && !p->kproc && ureg_isuser(u));
	p->user_ns += to_ns(charge(p));
	p->ureg = u;
}

/* The kernel's fields of the Tos. A process without a writable stack does without. */
static void tos_update(Proc *p)
{
	struct { u64 kcycles, pcycles; u32 pid, clock; } fields = {
		p->kcycles, p->pcycles, p->pid, p->clock_ms
	};
	static_assert(sizeof fields == sizeof(Tos) - offsetof(Tos, kcycles), "these end the Tos");
	Err ignored = copyout(uaddr_of(USTKTOP - sizeof fields), &fields, sizeof fields);
	(void)ignored;
}

/* Is there anything to do before user mode? The common answer costs three loads. */
static inline bool held_back(const Proc *p)
{
	if (likely(!cpu()->resched && p->ctl == CTL_NONE && p->nnote == 0))
		return false;
	return cpu()->resched || ctl_wanted(p) || (!p->skip_notes && notes_deliverable(p));
}

static void attend(Proc *p, Ureg *u)
{
	if (ctl_wanted(p))
		ctl_obey(p);
	if (!p->skip_notes && notes_deliverable(p))
		notes_deliver(u);
	if (cpu()->resched)
		sched_preempt();
}

/* The few instructions after the Tos was written count as the program's. */
void trap_leave(Ureg *u)
{
	Proc *p = up;
	if (CHECKED)
		order_check_none();
	assert(p != nil && cpu()->nlocks == 0 && ureg_isuser(u));
	p->ureg = u;
	do {
		spllo();
		while (held_back(p))
			attend(p, u);
		account_kernel(p);
		tos_update(p);
		splhi();
	} while (held_back(p));
	p->skip_notes = false;
}
