/*
 * mem/refs: the auditor's search for references that nobody has.
 */
#ifndef MEM_REFS_H
#define MEM_REFS_H

#include "mem/mem.h"

/*
 * A line for each channel, segment and image with more references than pointers to it; how many.
 * The others wait. Only the checked build looks.
 */
u32 refs_missing(void (*line)(void *arg, const char *text), void *arg);
/* How many use it, and where those were taken. */
u32 image_users(const Image *i, const Takers **takers);

/* ---- what it needs of others: they wait, so that no locks are needed ---- */

/* chan/: every live channel. */
void chans_each(void (*f)(const struct Chan *c, const Ref *ref, void *arg), void *arg);
u32 chan_maker(const struct Chan *c);
/* proc/: what is in use of each kernel stack, of the running process's what lies above `above`. */
void kstacks_each(void (*f)(const void *from, const void *to), const void *above);

#endif
