/* What test/host/alloc.c knows of the kernel's allocations. */
#ifndef TEST_ALLOC_H
#define TEST_ALLOC_H

#include "base/base.h"

/* Between on and off every caller of the heap is one that keeps objects for later use. */
void alloc_learn(bool on);
/* Allocations from now on are those after this mark. */
u64 alloc_mark(void);
/*
 * Call f for each made after the mark and not freed; returns how many. Callers that keep objects
 * may have `slack` more than at the mark.
 */
u32 alloc_leaks(u64 mark, u32 slack, void (*f)(const void *site, usize size));
/* Really free what kfree kept back to catch later uses of it. */
void alloc_settle(void);

#endif
