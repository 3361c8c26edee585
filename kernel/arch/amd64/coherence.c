/*
 * The barrier between memory and those who are told about it: what was stored
 * before is seen by whoever looks because a device register or another
 * processor's interrupt register was written after. Which instruction does it is
 * the host owner's choice, #P/archctl; all of them are right on this processor,
 * and `nop` where only one runs, which sees its own stores in order anyway.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"
#include "sync/sync.h"

enum Fence { FENCE_MFENCE, FENCE_MB386, FENCE_MB586, FENCE_NOP, NFENCE };

static const char *const names[NFENCE] = {
	[FENCE_MFENCE] = "mfence",	/* the instruction for it */
	[FENCE_MB386] = "mb386",	/* a locked access of memory */
	[FENCE_MB586] = "mb586",	/* CPUID, which waits for all that was before */
	[FENCE_NOP] = "nop",
};
static u32 fence;		/* [a] */

void coherence(void)
{
	u32 word = 0;
	switch (PEEK(fence)) {
	case FENCE_MFENCE:
		__asm__ volatile("mfence" : : : "memory");
		break;
	case FENCE_MB386:
		__asm__ volatile("lock; addl $0, %0" : "+m"(word) : : "memory", "cc");
		break;
	case FENCE_MB586:
		__asm__ volatile("cpuid" : "+a"(word) : : "ebx", "ecx", "edx", "memory");
		break;
	default:
		__asm__ volatile("" : : : "memory");
	}
}

const char *arch_coherence(void)
{
	return names[PEEK(fence)];
}

Err arch_set_coherence(const char *name)
{
	u32 want = 0;
	while (want < NFENCE && strcmp(names[want], name) != 0)
		want++;
	if (want == NFENCE)
		return "invalid coherence: none of mb386, mb586, mfence, nop";
	if (want == FENCE_NOP && cpu_count() > 1)
		return "cannot disable coherence on a multiprocessor";
	__atomic_store_n(&fence, want, __ATOMIC_RELAXED);
	return nil;
}
