/*
 * The border between kernel and user mode: what happens at every entry and
 * every return, and the accounting of time that is done there. Only cycles
 * are counted; they become nanoseconds when somebody asks.
 *
 * While a process has a processor, it has used arch_cycles() - cycles_base
 * cycles, and those since kernel_since are the kernel's; when it has none,
 * pcycles and kcycles hold the sums.
 */
#include "proc/private.h"

static u64 hz;			/* [I] cycles in a second */

void account_prepare(void)
{
	hz = arch_cyclehz();
	assert(hz != 0);
}

static u64 to_ns(u64 cycles)
{
	return cycles / hz * 1000000000 + cycles % hz * 1000000000 / hz;
}

/* Charge the kernel's cycles; returns what the process has used since exec. */
static u64 charge(Proc *p)
{
	u64 now = arch_cycles();
	p->kcycles += now - p->kernel_since;
	p->kernel_since = now;
	return now - p->cycles_base;
}

void account_leave(Proc *p)
{
	p->pcycles = charge(p);
}

u64 account_away_ns(const Proc *p)
{
	u64 now = arch_cycles(), since = p->kernel_since;
	return since != 0 && now > since ? to_ns(now - since) : 0;
}

void account_enter(Proc *p)
{
	p->kernel_since = arch_cycles();
	p->cycles_base = p->kernel_since - p->pcycles;
}

void account_exec(Proc *p)
{
	p->past_pcycles += charge(p);
	p->past_kcycles += p->kcycles;
	p->cycles_base = p->kernel_since;
	p->kcycles = p->told_kcycles = 0;
	p->clock_ms = p->told_ms = 0;
}

void proc_cpu_ns(const Proc *p, u64 *user, u64 *sys)
{
	u64 pc = p->past_pcycles + (p->on_cpu ? arch_cycles() - p->cycles_base : p->pcycles);
	u64 kc = p->past_kcycles + p->kcycles;
	if (p == up)
		kc += arch_cycles() - p->kernel_since;
	*sys = to_ns(kc);
	*user = pc > kc ? to_ns(pc - kc) : 0;
}

/*
 * The kernel's fields of the Tos: what was used since it was last told is added to what the program
 * has there. A process without a writable stack does without.
 */
static inline void tos_update(Proc *p, u64 pcycles)
{
	static_assert(offsetof(Tos, kcycles) + 24 == sizeof(Tos) &&
		offsetof(Tos, clock) == offsetof(Tos, pid) + 4, "these end the Tos");
	u64 kcycles = p->kcycles - p->told_kcycles;
	u32 ms = p->clock_ms, clock = ms - p->told_ms;	/* a tick may come now */
	p->told_kcycles = p->kcycles;
	p->told_ms = ms;
	Err ignored = copyout_top(kcycles, pcycles, p->pid, clock);
	(void)ignored;
}

/* Is there anything to do before user mode? The common answer costs three loads. */
static inline bool held_back(const Proc *p)
{
	if (likely((cpu()->resched | p->ctl | p->nnote) == 0))
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
	if (CHECKED) {
		order_check_none();
		assert(p != nil && ureg_isuser(u));
	}
	if (unlikely(cpu()->nlocks != 0))
		spin_panic("on the way to user mode");
	p->ureg = u;
	do {
		spllo();
		while (held_back(p))
			attend(p, u);
		tos_update(p, charge(p));
		intr_off();
	} while (held_back(p));
	p->skip_notes = false;
}
