/* Simulated: processes that come, wait, are told things and go. */
#include "sim.h"

enum { NCHILDREN_MAX = 8, NVALUES = 400 };

static u32 pids[NCHILDREN_MAX], npids;
static s32 ends[2];

static void spawn_some(u32 flags, HostMain *f)
{
	u32 want = 2 + host_random(NCHILDREN_MAX - 1);
	npids = 0;
	while (npids < want) {
		u32 pid = sim_spawn(flags, f);
		if (pid == 0)
			break;
		pids[npids++] = pid;
	}
}

static void look(u32 pid)
{
	static const char *const files[] = { "status", "ns", "fd", "segment", "args", "note",
		"regs", "ppid", "mem", "text", "noteid" };
	char name[64], buf[200];
	snprint(name, sizeof name, "#p/%u/%s", pid, files[host_random(nelem(files))]);
	s32 fd = u_open(name, OREAD);
	if (fd < 0)
		return;
	for (u32 i = host_random(4); i > 0; i--)
		u_pread(fd, buf, sizeof buf, chance(2) ? -1 : (s64)UTZERO);
	u_close(fd);
}

/* Anything that can be done to another process. */
static void harass(u32 pid, bool kill)
{
	static const char *const verbs[] = { "start", "interrupt", "nointerrupt", "pri 3",
		"fixedpri 12", "hang", "nohang", "startstop", "startsyscall", "start" };
	switch (host_random(kill ? 6 : 5)) {
	case 0:
		u_note(pid, chance(2) ? "interrupt" : "hello");
		break;
	case 1:
		u_ctl(pid, verbs[host_random(nelem(verbs))]);
		break;
	case 2:
		look(pid);
		break;
	case 3:
		u_sleep(host_random(3));
		break;
	case 4:
		u_ctl(pid, "interrupt");
		break;
	case 5:
		u_ctl(pid, "kill");
		break;
	}
}

static void end_all(void)
{
	for (u32 i = 0; i < npids; i++)
		u_ctl(pids[i], "kill");
	sim_reap();
}

/* ---- exit against wake-up ---- */

static const char *leaf(void)
{
	if (chance(2))
		u_sleep(host_random(2));
	return chance(2) ? "leaf" : nil;
}

static void wait_somehow(void)
{
	char buf[16];
	switch (host_random(8)) {
	case 0:
		u_rendezvous(host_random(3), 1);
		break;
	case 1:
		u_read(ends[0], buf, sizeof buf);
		break;
	case 2:
		u_write(ends[1], "xyz", 3);
		break;
	case 3:
		u_sleep(host_random(3));
		break;
	case 4:
		sim_spawn(chance(2) ? RFFDG : RFNOWAIT, leaf);
		break;
	case 5:
		u_alarm(host_random(4));
		break;
	case 6:
		u_await(nil);
		break;
	case 7:
		host_syscall(RFORK, RFFDG | RFREND, 0, 0, 0, 0);
		break;
	}
}

static const char *waits_and_exits(void)
{
	if (chance(2))
		u_notify(sim_ignore);
	for (u32 n = host_random(8); n > 0; n--)
		wait_somehow();
	return chance(3) ? "a status" : nil;
}

static void exit_wakeup(void)
{
	sim_check(u_pipe(ends) >= 0, "pipe");
	spawn_some(chance(2) ? RFFDG : 0, waits_and_exits);
	for (u32 n = host_random(30); n > 0; n--)
		if (chance(5))
			u_write(ends[1], "wake", 4);
		else
			harass(pids[host_random(MAX(npids, 1u))], true);
	u_close(ends[0]);
	u_close(ends[1]);
	end_all();
}

/* ---- notes against exec and exit ---- */

static u32 execs;

static const char *executes(void)
{
	char file[16];
	if (chance(2))
		u_notify(sim_ignore);
	u32 page = host_random(SIM_TEXT_PAGES);
	if (up->text != nil)
		sim_check(sim_text_good(page), "page %u of the text is wrong", page);
	if (execs > 0) {
		execs--;
		snprint(file, sizeof file, "/bin/p%u", host_random(SIM_NPROGRAMS));
		if (chance(4))
			sim_spawn(RFFDG | RFNOWAIT, leaf);
		u_exec(file, "program");
		sim_check(sim_failing() || strcmp(u_error(), "interrupted") == 0, "exec fails");
	}
	return nil;
}

HostMain *const sim_programs[SIM_NPROGRAMS] = { executes, executes, executes };

static void note_exec(void)
{
	execs = 2 + host_random(20);
	spawn_some(RFFDG, executes);
	for (u32 n = host_random(40); n > 0; n--)
		harass(pids[host_random(MAX(npids, 1u))], chance(4));
	end_all();
}

/* ---- rendezvous ---- */

static u64 met_with[NVALUES];
static u32 nvalues;
static bool over;

/* Every value is offered once. Who leaves with another's must have left its own there. */
static const char *meets(void)
{
	u_notify(sim_ignore);
	while (!over && nvalues < NVALUES - 1) {
		u64 mine = ++nvalues;
		u64 got = u_rendezvous(host_random(3), mine);
		if (got != ~0UL) {
			sim_check(got > 0 && got < NVALUES && got != mine,
				"rendezvous gives %lu for %lu", got, mine);
			met_with[mine] = got;
		}
		if (chance(3))
			host_tick();
	}
	return nil;
}

static void check_meetings(void)
{
	for (u64 v = 1; v <= nvalues; v++) {
		u64 w = met_with[v];
		if (w != 0)
			sim_check(met_with[w] == v || (sim_failing() && met_with[w] == 0),
				"%lu met %lu, which met %lu", v, w, met_with[w]);
	}
}

static void rendezvous(void)
{
	spawn_some(RFFDG, meets);
	for (u32 n = host_random(60); n > 0; n--)
		if (chance(2))
			u_sleep(host_random(2));
		else
			u_note(pids[host_random(MAX(npids, 1u))], "interrupt");
	over = true;
	for (u32 round = 0; sim_other() != 0; round++) {
		for (u32 i = 0; i < npids; i++)
			u_note(pids[i], "interrupt");
		u_sleep(1);
		sim_check(round < 200, "a rendezvous is not interrupted");
	}
	sim_reap();
	check_meetings();
}

/* ---- semaphores ---- */

static u64 sema;
static u32 inside, limit;

static bool acquire(void)
{
	if (chance(3))
		return (s32)host_syscall(TSEMACQUIRE, sema, host_random(4), 0, 0, 0) == 1;
	return (s32)host_syscall(SEMACQUIRE, sema, chance(4) ? 0 : 1, 0, 0, 0) == 1;
}

static const char *excludes(void)
{
	u_notify(sim_ignore);
	for (u32 n = 3 + host_random(20); n > 0; n--) {
		if (!acquire())
			continue;
		inside++;
		sim_check(inside <= limit, "%u inside, %u allowed", inside, limit);
		if (chance(2))
			host_tick();
		if (chance(6))
			u_sleep(1);
		inside--;
		s32 value = (s32)host_syscall(SEMRELEASE, sema, 1, 0, 0, 0);
		sim_check(value > 0, "semrelease gives %d", value);
	}
	return nil;
}

static void semaphores(void)
{
	sema = u_share(BY2PG);
	sim_check(sema != 0, "segattach");
	limit = 1 + host_random(2);
	u_put32(sema, limit);
	spawn_some(RFFDG | RFMEM, excludes);
	if (chance(2))
		for (u32 n = host_random(40); n > 0; n--)
			u_note(pids[host_random(MAX(npids, 1u))], "interrupt");
	sim_reap();
	if (!sim_failing())
		sim_check(u_get32(sema) == limit, "the semaphore ends at %u, not %u",
			u_get32(sema), limit);
	host_syscall(SEGDETACH, sema, 0, 0, 0, 0);
}

/* What is released goes to somebody, though whoever was woken for it gives up. */
static u32 ntaken;

static const char *takes_steadily(void)
{
	while (!over)
		ntaken += (s32)host_syscall(SEMACQUIRE, sema, 1, 0, 0, 0) == 1;
	return nil;
}

static const char *takes_sometimes(void)
{
	u_notify(sim_ignore);
	while (!over)
		if (acquire())
			ntaken++;
		else if (chance(2))
			u_sleep(400);
	return nil;
}

static void handing_on(void)
{
	u32 released = 0;
	sema = u_share(BY2PG);
	sim_check(sema != 0, "segattach");
	u_put32(sema, 0);
	npids = 0;
	for (u32 n = 1 + host_random(4); n > 0; n--)
		pids[npids++] = sim_spawn(RFFDG | RFMEM, takes_sometimes);
	pids[npids++] = sim_spawn(RFFDG | RFMEM, takes_steadily);
	u_sleep(2);
	for (u32 n = host_random(20); n > 0 && !sim_failing(); n--) {
		u32 pid = pids[host_random(npids - 1)];
		if (chance(2))
			u_note(pid, "interrupt");
		released += (s32)host_syscall(SEMRELEASE, sema, 1, 0, 0, 0) > 0;
		if (chance(2))
			u_note(pid, "interrupt");
		for (u32 ms = 0; ntaken != released; ms++) {
			sim_check(ms < 200, "%u released, %u taken", released, ntaken);
			u_sleep(1);
		}
	}
	over = true;
	end_all();
	sim_reap_or_kill();
	host_syscall(SEGDETACH, sema, 0, 0, 0, 0);
}

/* ---- stopping, tracing and starting ---- */

static const char *is_debugged(void)
{
	if (chance(2))
		u_notify(sim_ignore);
	for (u32 n = 5 + host_random(20); n > 0; n--) {
		host_tick();
		if (chance(4))
			u_sleep(host_random(2));
		if (chance(8))
			sim_spawn(RFFDG, leaf);
	}
	return nil;
}

static const char *debugs(void)
{
	u_notify(sim_ignore);
	for (u32 n = 10 + host_random(30); n > 0; n--) {
		u32 pid = pids[host_random(MAX(npids, 1u))];
		if (chance(5))
			u_alarm(1);
		if (chance(4))
			u_ctl(pid, chance(2) ? "waitstop" : "stop");
		else
			harass(pid, chance(10));
	}
	return nil;
}

static void debugging(void)
{
	spawn_some(RFFDG, is_debugged);
	u32 first = sim_spawn(RFFDG, debugs), second = sim_spawn(RFFDG, debugs);
	u_sleep(host_random(20));
	for (u32 n = host_random(30); n > 0; n--)
		harass(pids[host_random(MAX(npids, 1u))], true);
	u_ctl(first, "kill");
	u_ctl(second, "kill");
	end_all();
}

const Scenario sim_proc[] = {
	{ "exit-wakeup", exit_wakeup },
	{ "note-exec", note_exec },
	{ "rendezvous", rendezvous },
	{ "semaphores", semaphores },
	{ "handing-on", handing_on },
	{ "debugging", debugging },
	{ nil, nil },
};
