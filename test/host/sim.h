/*
 * Deterministic simulation: scenarios run on the portable kernel with one seed
 * behind everything a real machine leaves open (arch/host).
 */
#ifndef TEST_SIM_H
#define TEST_SIM_H

#include "calls.h"

typedef struct Scenario { const char *name; void (*run)(void); } Scenario;
/* They end with a nil name. */
extern const Scenario sim_proc[], sim_mem[], sim_lend[], sim_chan[], sim_9p[];

/* What holds in every run. A failure ends the scenario and is told with its seed. */
void sim_check(bool good, const char *fmt, ...) PRINTF(2, 3);
/* May calls fail for want of memory in this run? */
bool sim_failing(void);
/* In this scenario they may. */
void sim_expect_failures(void);
/* True once in n times. */
static inline bool chance(u32 n) { return host_random(n) == 0; }
/* rfork until it succeeds or memory fails; the pid, 0 when it did. */
u32 sim_spawn(u32 flags, HostMain *f);
/* Wait for every child there is. */
void sim_reap(void);
/* The same; who has not ended after some seconds is killed, again and again. */
void sim_reap_or_kill(void);
/* A process that the scenario made and that still is; 0: there is none. */
u32 sim_other(void);
/* What notes do to most programs here: nothing, unless the system says that it cannot go on. */
u32 sim_ignore(const char *note);

/* The initrd: programs whose text or data spans pages; see sim_tree.c. */
usize sim_initrd(u8 *tar, usize size);
enum { SIM_INITRD_MAX = 1 << 19, SIM_NPROGRAMS = 3, SIM_TEXT_PAGES = 6, SIM_DATA_PAGES = 3 };
/* Program i of the initrd runs f when it is executed. */
extern HostMain *const sim_programs[SIM_NPROGRAMS];
/* The file of program i. */
const u8 *sim_program(u32 i, usize *size);
/* Does the running program's memory hold what its file says? */
bool sim_text_good(u32 page);
bool sim_data_good(u32 page);

#endif
