/*
 * Making the other processors wait, so that one can look at everything as if it were alone: at
 * lists without their locks, at frames that are just changing hands. They wait where a process
 * gives up the processor or is about to leave for user mode: they hold no spin lock there, and
 * nothing is in the middle of a change that it would not be in the middle of if it slept.
 */
#include "proc/private.h"

u64 holding;			/* [a] 0, or the number of this time */
static u64 times;		/* [a] */
static u64 waits[NCPU_MAX];	/* [a] for which time each processor waits or waited last */

/* Interrupts off. */
void hold_here(void)
{
	u32 me = cpu()->index;
	if (CHECKED)
		__builtin_unwind_init();	/* mem/refs.c finds pointers on stacks alone */
	for (u64 now; (now = __atomic_load_n(&holding, __ATOMIC_ACQUIRE)) != 0;) {
		__atomic_store_n(&waits[me], now, __ATOMIC_RELEASE);
		arch_relax();
	}
}

/* During boot the others do not run, and for a panic they were stopped. */
static bool alone(void)
{
	return cpu_count() == 1 || up == nil || panicking;
}

void others_wait(void)
{
	if (alone())
		return;
	u64 now = __atomic_add_fetch(&times, 1, __ATOMIC_RELAXED), free = 0;
	u32 me = cpu()->index;
	assert(cpu()->nlocks == 0 && !cpu()->in_interrupt);
	while (!__atomic_compare_exchange_n(&holding, &free, now, false, __ATOMIC_SEQ_CST,
		__ATOMIC_RELAXED)) {
		bool on = splhi();
		hold_here();
		splx(on);
		free = 0;
	}
	for (u32 i = 0; i < cpu_count(); i++)
		if (i != me)
			sched_prod(i);
	for (u32 i = 0; i < cpu_count(); i++)
		while (i != me && __atomic_load_n(&waits[i], __ATOMIC_ACQUIRE) != now)
			arch_relax();
}

void others_go_on(void)
{
	if (!alone())
		__atomic_store_n(&holding, 0, __ATOMIC_RELEASE);
}
