/*
 * Unit tests: each room's *_test.c has one function named here; checks print what
 * does not hold and go on.
 */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include "base/base.h"

typedef struct Unit { const char *name; void (*run)(void); } Unit;

/* Both evaluate their arguments once. */
#define check(e)	check_that(e, __FILE__, __LINE__, #e)
#define check_text(got, wanted)	check_same_text(got, wanted, __FILE__, __LINE__, #got)
bool check_that(bool good, const char *file, int line, const char *what);
bool check_same_text(const char *got, const char *wanted, const char *file, int line,
	const char *what);
/* f must panic, in a text that contains this. It runs in a process of its own. */
void check_panics(void (*f)(void), const char *text);
/* From now on what is printed is kept, too; the last of it; no more. */
void unit_listen(void);
const char *unit_heard(void);
void unit_listen_no_more(void);
/* A number below n, the same ones on every run. */
u32 unit_random(u32 n);
/* Run one in a process of its own and count what it found; one that dies counts as failed. */
void unit_run(const Unit *u);
/* The last line; the exit status. */
int unit_end(void);

#endif
