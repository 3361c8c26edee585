/*
 * Who took references, in the checked build. Others may note theirs at the same
 * time: then one of the two may be lost.
 */
#include "base/base.h"

enum { LOW24 = 0xffffff, FRAME_MAX = 16384 };

/* The return address of the function that the one with this frame returns to; 0: unknown. */
static uintptr caller_of(const void *frame)
{
	const uintptr *mine = frame;
	uintptr above = mine[0];
	bool sound = above > (uintptr)mine && above - (uintptr)mine < FRAME_MAX && above % 8 == 0;
	return sound ? ((const uintptr *)above)[1] : 0;
}

void takers_note(Takers *t, uintptr by, const void *frame)
{
	u32 a = by & LOW24, b = caller_of(frame) & LOW24;
	for (s32 i = 0; i < REF_TAKERS; i++) {
		u32 was = __atomic_exchange_n(&t->at[i].by, a, __ATOMIC_RELAXED);
		u32 its = __atomic_exchange_n(&t->at[i].its_caller, b, __ATOMIC_RELAXED);
		if (was == (by & LOW24) || was == 0)
			break;
		a = was;
		b = its;
	}
}
