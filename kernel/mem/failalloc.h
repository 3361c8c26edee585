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

enum FailMode { FAIL_NONE, FAIL_ONE, FAIL_EACH };
/*
 * From now on: the first allocation at a place that never failed, once; or the first one at each
 * such place; or the nth one; or, by failalloc_place, the next one that returns to pc, whoever
 * asks. Disarming tells how many have failed.
 */
void failalloc_arm(enum FailMode how);
void failalloc_nth(u64 nth);
void failalloc_place(uintptr pc);
u32 failalloc_disarm(void);
/*
 * What the boot option failalloc= asks for: a place, before anything is allocated, or, when the
 * first program is about to run, the n-th allocation from then.
 */
void failalloc_boot(bool programs);
/* Some allocation of any build that returns to pc failed; a piece of a panic names the last one. */
void failalloc_note(uintptr pc);
void failalloc_report(void);
/* The i-th place that was seen; false beyond the last. */
bool failalloc_site(u32 i, uintptr *pc, u32 *asked, u32 *failed);

#endif
