/*
 * Interrupts from one processor to another: a kick, after which it looks at what was asked of it;
 * a call, a short function that it runs while the caller waits; the end, by NMI.
 *
 * Whoever is called answers in the interrupt or, with interrupts off, in whatever loop it spins:
 * every such loop takes its turns by arch_relax. So a caller may hold spin locks and have
 * interrupts off, and two may call each other.
 */
#include "arch/amd64/amd64.h"
#include "base/ktrace.h"
#include "sync/sync.h"

enum { STOP_TURNS = 50000000 };

typedef struct CpuCall { IpiFunction *f; void *arg; u64 left; } CpuCall;
static CpuCall calls[NCPU_MAX];		/* by who calls; left [a]: who has still to answer */
static u64 asked[NCPU_MAX];		/* [a] by who is called: the callers */

static u32 stopper;			/* [a] its index + 1: all others stop for good */
static const Ureg *stopped[NCPU_MAX];	/* [a] where they were */

void arch_kick(u32 index)
{
	apic_send(cpu_apic_id(index), IPI_FIXED | VEC_KICK);
}

/* ---- calls ---- */

void ipi_serve(void)
{
	u32 me = cpu()->index;
	u64 callers = __atomic_exchange_n(&asked[me], 0, __ATOMIC_ACQ_REL);
	for (; callers != 0; callers &= callers - 1) {
		CpuCall *c = &calls[__builtin_ctzl(callers)];
		c->f(c->arg);
		__atomic_fetch_and(&c->left, ~(1UL << me), __ATOMIC_RELEASE);
	}
}

void arch_relax(void)
{
	__builtin_ia32_pause();
	if (cpu_count() > 1 && unlikely(PEEK(asked[cpu()->index]) != 0))
		ipi_serve();
}

void ipi_call(u64 cpus, IpiFunction *f, void *arg)
{
	bool on = splhi();
	u32 me = cpu()->index;
	CpuCall *c = &calls[me];
	cpus &= ~(1UL << me);
	assert(PEEK(c->left) == 0 || panicking);
	c->f = f;
	c->arg = arg;
	__atomic_store_n(&c->left, cpus, __ATOMIC_RELEASE);
	for (u64 rest = cpus; rest != 0; rest &= rest - 1) {
		u32 i = (u32)__builtin_ctzl(rest);
		__atomic_fetch_or(&asked[i], 1UL << me, __ATOMIC_SEQ_CST);
		apic_send(cpu_apic_id(i), IPI_FIXED | VEC_CALL);
	}
	while (__atomic_load_n(&c->left, __ATOMIC_ACQUIRE) != 0 && !panicking)
		arch_relax();
	splx(on);
}

static u64 everybody(void)
{
	u32 n = cpu_count();
	return n == 64 ? ~0UL : (1UL << n) - 1;
}

void ipi_all(IpiFunction *f, void *arg)
{
	if (cpu_count() > 1)
		ipi_call(everybody(), f, arg);
	f(arg);
}

/* ---- the end ---- */

/* One that does not answer an NMI is left alone. */
void arch_stop_others(void)
{
	u32 me = cpu()->index, nobody = 0;
	if (cpu_count() == 1 || !__atomic_compare_exchange_n(&stopper, &nobody, me + 1, false,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	for (u32 i = 0; i < cpu_count(); i++)
		if (i != me)
			apic_send(cpu_apic_id(i), IPI_NMI);
	for (u32 i = 0, turns = 0; i < cpu_count(); i++)
		while (i != me && arch_stopped(i) == nil && turns++ < STOP_TURNS)
			__builtin_ia32_pause();
}

const Ureg *arch_stopped(u32 index)
{
	return __atomic_load_n(&stopped[index], __ATOMIC_ACQUIRE);
}

void ipi_nmi(const Ureg *u)
{
	u32 me = cpu()->index, by = __atomic_load_n(&stopper, __ATOMIC_ACQUIRE);
	if (by == 0 || by == me + 1)
		return;
	__atomic_store_n(&stopped[me], u, __ATOMIC_RELEASE);
	arch_halt();
}

/* They stop first: an INIT takes effect at some time after it was sent. */
void ipi_reset_others(void)
{
	arch_stop_others();
	for (u32 i = 0; i < cpu_count(); i++)
		if (i != cpu()->index)
			apic_send(cpu_apic_id(i), IPI_INIT);
}
