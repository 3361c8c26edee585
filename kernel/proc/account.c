/*
 * The border between kernel and user mode: what happens at a return that is
 * not the straight one of a system call (sys/call.c), and the accounting of
 * time. Only cycles are counted; they become nanoseconds when somebody asks.
 *
 * A process has used arch_cycles() - cycles_base cycles since exec. Its visit to
 * the kernel began at kernel_since; kcycles are those of the visits before.
 * While it has no processor, away_since is where its time stands still: when it
 * gets one again the other two move on by as much as it was away.
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

u64 account_away_ns(const Proc *p)
{
	u64 now = arch_cycles(), since = p->away_since;
	return since != 0 && now > since ? to_ns(now - since) : 0;
}

void account_exec(Proc *p)
{
	u64 now = arch_cycles();
	p->past_pcycles += now - p->cycles_base;
	p->past_kcycles += p->kcycles + now - p->kernel_since;
	p->cycles_base = p->kernel_since = now;
	p->kcycles = 0;
	p->clock_ms = p->told_ms = 0;
}

static u64 cycles_between(u64 since, u64 now)
{
	return now > since ? now - since : 0;
}

/* Of what runs elsewhere nobody knows whether it is in the kernel: that visit counts later. */
void proc_cpu_ns(const Proc *p, u64 *user, u64 *sys)
{
	bool runs = PEEK(p->on_cpu);
	u64 now = runs ? arch_cycles() : PEEK(p->away_since);
	u64 pc = PEEK(p->past_pcycles) + cycles_between(PEEK(p->cycles_base), now);
	u64 kc = PEEK(p->past_kcycles) + PEEK(p->kcycles);
	if (p == up || !runs)
		kc += cycles_between(PEEK(p->kernel_since), now);
	*sys = to_ns(kc);
	*user = pc > kc ? to_ns(pc - kc) : 0;
}

/* An average that forgets with a time constant of a second; 1000 is one process all the time. */
void load_update(Sched *s, Cpu *c, u32 nrunning, u64 now_ns)
{
	u64 dt = MIN(now_ns - s->load_ns, 1000000000UL);
	s64 target = (s64)nrunning * 1000000;
	s64 load = (s64)c->load * 1000;
	load += (target - load) / 1000 * (s64)(dt / 1000000);
	c->load = load > 0 ? (u64)load / 1000 : 0;
	s->load_ns = now_ns;
}

/* The program's count of milliseconds that ticks found it in user mode. */
static void tell_clock(Proc *p)
{
	Uaddr at = uaddr_of(USTKTOP - sizeof(u32));
	u32 clock, ms = p->clock_ms;
	static_assert(offsetof(Tos, clock) + sizeof(u32) == sizeof(Tos), "it ends the Tos");
	if (copyin(&clock, at, sizeof clock) == nil) {
		clock += ms - p->told_ms;
		Err ignored = copyout(at, &clock, sizeof clock);
		(void)ignored;		/* without a writable stack it does without */
	}
	p->told_ms = ms;
}

void sched_poke(const Proc *p)
{
	if (cpu_count() == 1)
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	u32 where = PEEK(p->cpu);
	if (PEEK(p->on_cpu) && where != cpu()->index)
		arch_kick(where);
}

static inline bool held_back(const Proc *p)
{
	if (proc_at_ease(p))
		return false;
	return PEEK(cpu()->resched) || ctl_wanted(p) || (!p->skip_notes && notes_deliverable(p));
}

static void attend(Proc *p, Ureg *u)
{
	if (ctl_wanted(p))
		ctl_obey(p);
	if (!p->skip_notes && notes_deliverable(p))
		notes_deliver(u);
	if (PEEK(cpu()->resched))
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
		if (unlikely(p->clock_ms != p->told_ms))
			tell_clock(p);
		proc_tell_cycles(p);
		p->kernel_since = arch_cycles();
		intr_off();
	} while (held_back(p));
	p->skip_notes = false;
}
