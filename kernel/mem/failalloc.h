/*
 * mem/failalloc: allocations that fail on purpose, in the checked build only
 * (/dev/failalloc).
 */
#ifndef MEM_FAILALLOC_H
#define MEM_FAILALLOC_H

#include "base/base.h"

/* Is the allocation that returns to pc to fail? Any context. */
bool failalloc(uintptr pc);
#define FAILALLOC() (CHECKED && failalloc((uintptr)__builtin_return_address(0)))
/* proc/ supplies: is the running process one of those whose allocations may fail? */
bool failalloc_marked(void);

/*
 * From now on: the first allocation at a place that never failed, once; or, nth > 0, the nth one.
 * Disarming tells whether it has happened.
 */
void failalloc_arm(u64 nth);
bool failalloc_disarm(void);
/* What the boot option failalloc=N asks for; when the first program is about to run. */
void failalloc_boot(void);
/* The i-th place that was seen; false beyond the last. */
bool failalloc_site(u32 i, uintptr *pc, u32 *asked, u32 *failed);

#endif
