/*
 * sim [-j JOBS] [-n COUNT] [-o SCENARIO] [SEED...]: run scenarios, each decided by its seed
 * alone. The machine boots once; a child of this Linux process runs each seed from
 * there. With -n the seeds are COUNT from the first one given (1). Afterwards the
 * audit must be clean and everything given back. A failure prints its seed, and
 * `sim SEED` shows it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include "alloc.h"
#include "arch/host/os.h"
#include "chan/names.h"
#include "jobs.h"
#include "mem/mem.h"
#include "sim.h"

enum { STEPS_MAX = 4000000, JOBS_MAX = 16, NSCENARIOS_MAX = 64, SECONDS_MAX = 60,
	SETTLE_MS = 20000, KILL_MS = 3000 };

static const Scenario *scenarios[NSCENARIOS_MAX];
static u32 nscenarios;
static u64 seed;
static bool failing, talkative;
static u32 passed, failed;
static const char *program_name, *only;	/* only: the scenario to run */

/* ---- what scenarios use ---- */

static const Scenario *scenario(void)
{
	return scenarios[seed % nscenarios];
}

static void NORETURN fail(void)
{
	host_processes();
	job_end(1);
}

void sim_check(bool good, const char *fmt, ...)
{
	char text[200];
	if (good)
		return;
	va_list args;
	va_start(args, fmt);
	vsnprint(text, sizeof text, fmt, args);
	va_end(args);
	fprintf(stderr, "seed %lu, %s: process %u: %s (last error: %s)\n", seed, scenario()->name,
		up->pid, text, up->errstr);
	fail();
}

bool sim_failing(void)
{
	return failing;
}

void sim_expect_failures(void)
{
	failing = true;
}

u32 sim_spawn(u32 flags, HostMain *f)
{
	for (u32 attempts = 0; attempts < 10; attempts++) {
		s64 pid = (s64)host_rfork(flags | RFPROC, f);
		if (pid > 0)
			return (u32)pid;
		sim_check(sim_failing(), "rfork fails");
	}
	return 0;
}

void sim_reap(void)
{
	while (u_await(nil) >= 0 || strcmp(u_error(), "no living children") != 0)
		;
}

static u32 last_before;	/* the newest process when the seed begins */

u32 sim_other(void)
{
	Proc *p = proc_from(last_before + 1);
	u32 pid = p != nil ? p->pid : 0;
	if (p != nil)
		proc_put(p);
	return pid;
}

void sim_reap_or_kill(void)
{
	for (u32 ms = 0; sim_other() != 0; ms += 10) {
		if (ms > KILL_MS)
			u_ctl(sim_other(), "kill");
		u_sleep(10);
	}
	sim_reap();
}

/* Going on after a page that cannot be had would only fail again. */
u32 sim_ignore(const char *note)
{
	bool fatal = strncmp(note, "sys: ", 5) == 0 && strstr(note, "closed pipe") == nil;
	return fatal ? NDFLT : NCONT;
}

/* ---- what there is before and after ---- */

typedef struct Counts { u64 frames, heap, tables, chans, procs, mark; } Counts;

/* What the name space knows of names is kept for the next look. */
static void forget_names(void)
{
	Pgrp *p = up->pgrp;
	lock(&p->ns);
	Known *all = known_forget(p);
	unlock(&p->ns);
	ns_settle(p);
	known_free(all);
}

static void count(Counts *c)
{
	MemStats m;
	alloc_settle();
	forget_names();
	image_reclaim(~0UL >> 1);
	alloc_settle();
	mem_stats(&m);
	*c = (Counts){ .frames = m.user, .heap = m.heap_bytes, .tables = m.tagged[KERNEL_TABLE],
		.chans = chan_count(), .procs = proc_count() };
}

static void leak(const void *site, usize size)
{
	fprintf(stderr, "leak of %lu bytes that were allocated here:\n", size);
	os_symbol(site);
}

static void same(const char *what, u64 before, u64 after)
{
	sim_check(before == after, "%s: %lu before, %lu after", what, before, after);
}

static void audit_line(void *arg, const char *text)
{
	if (strstr(text, " 0 violations") == nil)
		fprintf(stderr, "audit: %s\n", text);
}

static void compare(const Counts *before)
{
	Counts now;
	count(&now);
	sim_check(audit(audit_line, nil) == 0, "the audit finds violations");
	same("processes", before->procs, now.procs);
	same("channels", before->chans, now.chans);
	sim_check(alloc_leaks(before->mark, 20 * HOST_CPUS_MAX, leak) == 0, "memory leaks");
	same("frames", before->frames, now.frames);
	same("page tables", before->tables, now.tables);
}

/* Objects that chan/ and 9p/ keep for the next use. */
static void learn_caches(void)
{
	u32 fid_take(void);
	void fid_give(u32 fid);
	alloc_learn(true);
	fid_give(fid_take());
	chan_close(chan_new());
	path_put(path_new("/x"));
	alloc_learn(false);
}

/* ---- one seed ---- */

/* Everybody else must come to an end; whom nobody needs any more is killed. */
static void finish(void)
{
	host_calm();
	for (u32 ms = 0; sim_other() != 0; ms += 5) {
		if (ms >= SETTLE_MS / 2)
			u_ctl(sim_other(), "kill");
		sim_check(ms < SETTLE_MS, "process %u does not end", sim_other());
		u_sleep(5);
	}
	sim_reap();
	u_sleep(1000);
}

/* How the seed sets the stage. */
static HostExplore stage(void)
{
	static const u32 means[] = { 2, 5, 20, 60, 200 };
	u64 s = seed / nscenarios * 0x9e3779b97f4a7c15UL + seed;
	s = (s ^ s >> 29) * 0xbf58476d1ce4e5b9UL;
	s ^= s >> 32;
	HostExplore e = { .seed = s, .ncpus = 1 + (u32)(s % 3), .steps_max = STEPS_MAX };
	e.mean = means[(s >> 8) % nelem(means)];
	failing = (s >> 16) % 3 == 0;
	if (failing && (s >> 20) % 2 == 0)
		e.fail_every = 20 << (s >> 24) % 6;
	else if (failing)
		e.fail_at = 1 + (u32)(s >> 32) % 600;
	return e;
}

static void run_seed(void)
{
	Counts before;
	HostExplore e = stage();
	u32 nfailed;
	host_explore(&e);
	count(&before);
	before.mark = alloc_mark();
	while (sim_other() != 0)
		last_before = sim_other();
	scenario()->run();
	finish();
	compare(&before);
	u32 n = host_allocations(&nfailed);
	if (talkative)
		fprintf(stderr,
			"seed %lu, %s: good; %u processors, mean %u, %u of %u allocations failed\n",
			seed, scenario()->name, e.ncpus, e.mean, nfailed, n);
	job_end(0);
}

/* ---- many seeds ---- */

static struct { int pid; u64 seed; } jobs[JOBS_MAX];
static u32 njobs, njobs_max = 2;

static void start(u64 s)
{
	seed = s;
	int pid = job_start(SECONDS_MAX);
	if (pid == 0)
		run_seed();
	jobs[njobs].pid = pid;
	jobs[njobs++].seed = s;
}

static void collect(void)
{
	int status;
	int pid = job_wait(&status);
	for (u32 i = 0; i < njobs; i++) {
		if (jobs[i].pid != pid)
			continue;
		seed = jobs[i].seed;
		passed += status == 0;
		failed += status != 0;
		if (status != 0)
			printf("not ok sim %s: again with: %s %lu\n", scenario()->name,
				program_name, seed);
		jobs[i] = jobs[--njobs];
	}
}

static void run_from(u64 first, u64 n)
{
	for (u64 s = first; s < first + n; s++) {
		seed = s;
		if (only != nil && strcmp(only, scenario()->name) != 0)
			continue;
		start(s);
		while (njobs >= njobs_max)
			collect();
	}
	while (njobs > 0)
		collect();
}

/* ---- the machine ---- */

static int nargs;
static char **arg;
static u64 nseeds;

static const char *nothing(void)
{
	return nil;
}

/* What is made once and stays, such as page tables, is made before anything is counted. */
static void warm_up(void)
{
	for (u32 i = 0; i < HOST_SLOTS; i++)
		host_user_string("", i);
	u64 va = u_share(BY2PG);
	u_put32(va, 1);
	host_syscall(SEGDETACH, va, 0, 0, 0, 0);
	sim_spawn(RFFDG, nothing);
	sim_reap();
	learn_caches();
}

static int first_program(void)
{
	u_bind("#c", "/dev", MAFTER);
	u_bind("#p", "/proc", MREPL);
	u_open("/dev/null", ORDWR);
	u_open("/dev/null", ORDWR);
	u_open("/dev/null", ORDWR);
	u_notify(sim_ignore);
	warm_up();
	if (nargs == 0 || nseeds > 0)
		run_from(nargs > 0 ? strtou64(arg[0], nil, 10) : 1, nseeds > 0 ? nseeds : 100);
	for (int i = 0; nseeds == 0 && i < nargs; i++)
		run_from(strtou64(arg[i], nil, 10), 1);
	return failed != 0;
}

static void add(const Scenario *s)
{
	for (; s->name != nil; s++) {
		assert(nscenarios < NSCENARIOS_MAX);
		scenarios[nscenarios++] = s;
	}
}

static void usage(void)
{
	fprintf(stderr, "usage: sim [-j JOBS] [-n COUNT] [-o SCENARIO] [SEED...]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static u8 tar[SIM_INITRD_MAX];
	int at = 1;
	program_name = argv[0];
	for (; at + 1 < argc && argv[at][0] == '-'; at += 2)
		if (strcmp(argv[at], "-j") == 0)
			njobs_max = (u32)strtou64(argv[at + 1], nil, 10);
		else if (strcmp(argv[at], "-n") == 0)
			nseeds = strtou64(argv[at + 1], nil, 10);
		else if (strcmp(argv[at], "-o") == 0)
			only = argv[at + 1];
		else
			usage();
	if (njobs_max < 1 || njobs_max > JOBS_MAX || (at < argc && argv[at][0] == '-'))
		usage();
	nargs = argc - at;
	arg = argv + at;
	talkative = nargs > 0 && nseeds == 0;
	add(sim_proc);
	add(sim_mem);
	add(sim_chan);
	add(sim_9p);
	add(sim_lend);
	host_boot(8UL << 20, tar, sim_initrd(tar, sizeof tar), first_program);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
