/* Simulated: memory that is shared, copied, executed, given back and reclaimed. */
#include "mem/mem.h"
#include "sim.h"

enum { NPAGES = 8, NGROUPS = 64, SLOT_GROUP = 7 };

/* ---- the image cache against exec and reclaim ---- */

static u32 runs;

/*
 * Programs run sim_proc.c's code when executed; children of ours look at the files they came
 * from.
 */
static const char *executes_file(void)
{
	char file[16];
	snprint(file, sizeof file, "/bin/p%u", host_random(SIM_NPROGRAMS));
	u_exec(file, "program");
	sim_check(sim_failing(), "exec fails");
	return nil;
}

static void reclaim(void *arg)
{
	for (u32 n = 0; n < 20; n++) {
		image_reclaim(host_random(30));
		yield();
	}
}

static void image_exec(void)
{
	runs = 4 + host_random(12);
	if (chance(2))
		sim_check(kproc("reclaim", reclaim, nil) == nil, "kproc");
	while (runs-- > 0) {
		sim_spawn(RFFDG, executes_file);
		if (chance(3))
			image_reclaim(host_random(100));
		if (chance(4))
			u_await(nil);
	}
	sim_reap();
}

/* ---- fork against fault ---- */

/*
 * Memory belongs to a group of processes that share it; a fork makes a new group,
 * whose ancestors wrote what it finds. Nothing of others may ever be seen.
 */
static u64 memory;
static u32 ngroups, depth, parent_of[NGROUPS];
static u32 nwrites, born[NGROUPS];	/* writes so far; before a group's first step */

/* A value names its writer and the number of the write. */
static bool may_be_seen(u32 value, u32 group)
{
	u32 writer = value >> 24, last = nwrites;
	for (u32 g = group;; g = parent_of[g]) {
		if (writer == g)
			return (value & 0xffffff) <= last;
		if (g == 0)
			return false;
		last = MIN(last, born[g]);
	}
}

static void use_memory(u32 group)
{
	u64 va = memory + host_random(NPAGES) * BY2PG + 4 * host_random(4);
	if (chance(2)) {
		u_put32(va, group << 24 | ++nwrites);
	} else {
		u32 v = u_get32(va);
		sim_check(may_be_seen(v, group), "group %u sees %#x", group, v);
	}
}

static const char *has_memory(void);

static void fork_again(u32 group)
{
	bool share = chance(3);
	if (depth >= 24 || (!share && ngroups == NGROUPS))
		return;
	depth++;
	u32 g = share ? group : ngroups++;
	if (!share)
		parent_of[g] = group;
	u_put32(host_user_slot(SLOT_GROUP), g);
	sim_spawn(RFFDG | RFMEM * share, has_memory);
}

/* A process finds its group on its stack, which is always copied. */
static const char *has_memory(void)
{
	u32 group = u_get32(host_user_slot(SLOT_GROUP));
	if (born[group] == 0)
		born[group] = nwrites + 1;
	for (u32 n = 10 + host_random(30); n > 0; n--) {
		if (chance(16))
			fork_again(group);
		else if (chance(20))
			host_syscall(SEGFREE, memory + host_random(NPAGES) * BY2PG, BY2PG, 0, 0, 0);
		else
			use_memory(group);
		if (chance(8))
			host_tick();
	}
	return nil;
}

static void fork_fault(void)
{
	memory = host_syscall(SEGATTACH, 0, host_user_string("memory", 0), 0, NPAGES * BY2PG, 0);
	sim_check(memory != ~0UL, "segattach");
	ngroups = 1;
	u_put32(host_user_slot(SLOT_GROUP), 0);
	has_memory();
	sim_reap();
	u_sleep(500);
	host_syscall(SEGDETACH, memory, 0, 0, 0, 0);
}

/* ---- segments that come and go under faults ---- */

static u64 common;

static void change_segments(u64 *own, u32 nown)
{
	u32 i = host_random(nown);
	if (own[i] == 0) {
		own[i] = host_syscall(SEGATTACH, 0,
			host_user_string(chance(2) ? "memory" : "shared", 0),
			0, (1 + host_random(600)) * BY2PG, 0);
		if (own[i] == ~0UL)
			own[i] = 0;
		return;
	}
	switch (host_random(5)) {
	case 0:
		host_syscall(SEGDETACH, own[i], 0, 0, 0, 0);
		own[i] = 0;
		break;
	case 1:
		host_syscall(SEGBRK, own[i], own[i] + host_random(8) * BY2PG, 0, 0, 0);
		break;
	case 2:
		host_syscall(SEGFLUSH, own[i], BY2PG, 0, 0, 0);
		break;
	case 3:
		host_syscall(SEGFREE, own[i], 4 * BY2PG, 0, 0, 0);
		break;
	case 4:
		u_pread(3, nil, 0, 0);
		break;
	}
}

static const char *changes_segments(void)
{
	u64 own[3] = { 0 };
	for (u32 n = 10 + host_random(30); n > 0; n--) {
		change_segments(own, nelem(own));
		if (chance(3))
			host_syscall(SEGFREE, common + host_random(NPAGES) * BY2PG, BY2PG, 0, 0, 0);
		else
			u_put32(common + host_random(NPAGES) * BY2PG, 7);
		u32 v = u_get32(common + host_random(NPAGES) * BY2PG);
		sim_check(v == 0 || v == 7, "a shared page holds %#x", v);
	}
	return nil;
}

static void segments(void)
{
	common = u_share(NPAGES * BY2PG);
	sim_check(common != 0, "segattach");
	for (u32 n = 2 + host_random(4); n > 0; n--)
		sim_spawn(RFFDG | RFMEM, changes_segments);
	sim_reap();
	host_syscall(SEGDETACH, common, 0, 0, 0, 0);
}

/* ---- more than there is ---- */

enum { HUGE_PAGES = 1600 };

static const char *fills_memory(void)
{
	u64 va = host_syscall(SEGATTACH, 0, host_user_string("memory", 0), 0, HUGE_PAGES * BY2PG,
		0);
	if (va == ~0UL)
		return "no segment";
	for (u32 n = host_random(HUGE_PAGES); n > 0; n--) {
		u64 at = va + n * BY2PG;
		u_put32(at, n);
		if (chance(200)) {
			if (chance(2))
				sim_spawn(RFFDG | RFNOWAIT, executes_file);
			u32 seen = u_get32(at);
			sim_check(seen == n, "page %u holds %u", n, seen);
		}
	}
	return nil;
}

/* Somebody has to go; who stays finds its memory as it was. */
static void exhaustion(void)
{
	sim_expect_failures();
	for (u32 n = 2 + host_random(4); n > 0; n--)
		sim_spawn(RFFDG, fills_memory);
	sim_reap_or_kill();
}

const Scenario sim_mem[] = {
	{ "exhaustion", exhaustion },
	{ "image-exec", image_exec },
	{ "fork-fault", fork_fault },
	{ "segments", segments },
	{ nil, nil },
};
