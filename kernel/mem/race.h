/*
 * mem/race: the race detector of BUILD=race. Other builds call none of it: `if (RACES)`.
 */
#ifndef MEM_RACE_H
#define MEM_RACE_H

#include "base/base.h"

/* The clock runs: watch from now on. */
void race_start(void);
/* A line for each race found so far; how many there are. */
u32 races_each(void (*line)(void *arg, const char *text), void *arg);
/* How many accesses were watched. */
u64 race_watched(void);
/* proc/ supplies: the running process in a few words. Any context. */
void race_process(char *text, usize size);

#endif
