/* Simulated: one name space, one table of descriptors, one pipe, used by many. */
#include "sim.h"

enum { NWRITERS = 4, MESSAGE = 16 };

/* ---- mount against unmount ---- */

static const char *const places[] = { "/mnt", "/n", "/mnt/x", "/tmp" };
static const char *const things[] = { "/a", "/b", "/c", "/d" };

static const char *place(void)
{
	return places[host_random(2)];
}

/* What is there may change at any moment, but it is always one of the files. */
static void look_at(const char *dir)
{
	char name[64], c = 0;
	snprint(name, sizeof name, "%s/which", dir);
	s32 fd = u_open(name, OREAD);
	if (fd < 0)
		return;
	s64 n = u_pread(fd, &c, 1, 0);
	sim_check(n == 1 && c >= 'a' && c <= 'd', "%s holds %d bytes, %#x", name, (int)n, (u8)c);
	u_close(fd);
}

/* Descriptors that others close and open again may give anything. */
static void list(const char *dir, bool shared)
{
	u8 buf[HOST_SLOT_SIZE];
	s64 n;
	s32 fd = u_open(dir, OREAD);
	if (fd < 0)
		return;
	while ((n = u_read(fd, buf, sizeof buf)) > 0)
		for (usize at = 0; at < (usize)n;) {
			usize size = dir_check(buf + at, (usize)n - at);
			sim_check(size > 0 || shared, "a malformed entry in %s", dir);
			if (size == 0)
				break;
			at += size;
		}
	u_close(fd);
}

static void read_name_space(void)
{
	char name[64], line[200];
	snprint(name, sizeof name, "#p/%u/ns", up->pid);
	s32 fd = u_open(name, OREAD);
	if (fd < 0)
		return;
	while (u_read(fd, line, sizeof line) > 0)
		;
	u_close(fd);
}

static const char *mounts(void);

static void change_name_space(void)
{
	static const u32 flags[] = { MREPL, MBEFORE, MAFTER, MAFTER | MCREATE };
	const char *thing = things[host_random(nelem(things))];
	switch (host_random(9)) {
	case 0:
	case 1:
	case 2:
		u_bind(thing, place(), flags[host_random(nelem(flags))]);
		break;
	case 3:
		u_unmount(chance(2) ? thing : nil, place());
		break;
	case 4:
		look_at(place());
		break;
	case 5:
		list(place(), false);
		break;
	case 6:
		read_name_space();
		break;
	case 7:
		if (chance(3))
			host_syscall(RFORK, RFNAMEG, 0, 0, 0, 0);
		else if (chance(3))
			sim_spawn(RFFDG | RFNOWAIT, mounts);
		break;
	case 8:
		host_syscall(CHDIR, host_user_string(chance(2) ? place() : "/", 0), 0, 0, 0, 0);
		break;
	}
}

static const char *mounts(void)
{
	for (u32 n = host_random(16); n > 0; n--)
		change_name_space();
	return nil;
}

static const char *leads_mounts(void)
{
	for (u32 n = 2 + host_random(4); n > 0; n--)
		sim_spawn(RFFDG, mounts);
	for (u32 n = host_random(20); n > 0; n--)
		change_name_space();
	sim_reap();
	return nil;
}

static void mount_unmount(void)
{
	sim_spawn(RFFDG | RFNAMEG, leads_mounts);
	sim_reap();
}

/* ---- one table of descriptors ---- */

static void use_descriptors(void)
{
	char name[32], c = 0;
	s32 fd = (s32)host_random(12) + 3, pair[2];
	switch (host_random(7)) {
	case 0:
	case 1:
		snprint(name, sizeof name, "%s/which", things[host_random(nelem(things))]);
		u_open(name, chance(2) ? OREAD : OREAD | OCEXEC);
		break;
	case 2:
		u_close(fd);
		break;
	case 3:
		host_syscall(DUP, (u64)fd, chance(2) ? ~0UL : host_random(40), 0, 0, 0);
		break;
	case 4:
		if (u_length(fd) == 1 && u_pread(fd, &c, 1, 0) == 1)
			sim_check(c >= 'a' && c <= 'd', "descriptor %d reads %#x", fd, (u8)c);
		break;
	case 5:
		if (u_pipe(pair) >= 0) {
			u_close(pair[0]);
			u_close(pair[1]);
		}
		break;
	case 6:
		list("#d", true);
		break;
	}
}

static const char *uses_descriptors(void)
{
	for (u32 n = host_random(30); n > 0; n--)
		use_descriptors();
	if (chance(4))
		host_syscall(RFORK, chance(2) ? RFFDG : RFCFDG, 0, 0, 0, 0);
	return nil;
}

static const char *leads_descriptors(void)
{
	for (u32 n = 2 + host_random(4); n > 0; n--)
		sim_spawn(chance(5) ? RFFDG : 0, uses_descriptors);
	uses_descriptors();
	return nil;
}

static void descriptors(void)
{
	sim_spawn(RFFDG, leads_descriptors);
	/* a descriptor may become that of an empty pipe before it is read */
	sim_reap_or_kill();
}

/* ---- one environment ---- */

static void use_environment(void)
{
	char name[32], value[64];
	snprint(name, sizeof name, "#e/v%u", host_random(4));
	s32 fd = chance(2) ? u_create(name, ORDWR, 0666) : u_open(name, ORDWR);
	if (fd >= 0) {
		u_write(fd, "value", host_random(6));
		s64 n = u_pread(fd, value, sizeof value, 0);
		sim_check(n <= 0 || strncmp(value, "value", (usize)MIN(n, 1)) == 0,
			"a variable holds %d bytes", (int)n);
		u_close(fd);
	}
	if (chance(4))
		u_remove(name);
	if (chance(4))
		list("#e", false);
}

static const char *uses_environment(void)
{
	for (u32 n = host_random(20); n > 0; n--)
		use_environment();
	if (chance(4))
		host_syscall(RFORK, chance(2) ? RFENVG : RFCENVG, 0, 0, 0, 0);
	return nil;
}

static const char *leads_environment(void)
{
	for (u32 n = 2 + host_random(4); n > 0; n--)
		sim_spawn(RFFDG, uses_environment);
	sim_reap();
	return nil;
}

static void environment(void)
{
	sim_spawn(RFFDG | RFENVG, leads_environment);
	sim_reap();
}

/* ---- pipes ---- */

static s32 ends[2];
static u32 roles, sent[NWRITERS], received[NWRITERS];

/* Messages come whole, and those of one writer in order. */
static const char *reads_pipe(void)
{
	u32 message[MESSAGE / 4];
	u_notify(sim_ignore);
	u_close(ends[1]);
	for (s64 n; (n = u_read(ends[0], message, sizeof message)) != 0;) {
		if (n < 0) {
			if (strcmp(u_error(), "interrupted") == 0 || sim_failing())
				continue;
			break;
		}
		sim_check(n == MESSAGE, "a message of %d bytes", (int)n);
		u32 writer = message[0], number = message[1];
		sim_check(writer < NWRITERS && number > 0 && number <= sent[writer],
			"message %u of writer %u", number, writer);
		received[writer]++;
	}
	return nil;
}

static const char *writes_pipe(void)
{
	u32 me = roles++, message[MESSAGE / 4] = { me };
	u_notify(sim_ignore);
	u_close(ends[0]);
	for (u32 n = host_random(30); n > 0; n--) {
		message[1] = ++sent[me];
		s64 written = u_write(ends[1], message, sizeof message);
		sim_check(written == MESSAGE || written < 0, "%d bytes written", (int)written);
		if (chance(4))
			host_tick();
	}
	return nil;
}

static void pipes(void)
{
	u32 pids[2 * NWRITERS], n = 0, nreaders = 1 + host_random(2);
	sim_check(u_pipe(ends) >= 0, "pipe");
	for (u32 i = 0; i < nreaders; i++)
		pids[n++] = sim_spawn(RFFDG, reads_pipe);
	for (u32 i = 0; i < NWRITERS; i++)
		pids[n++] = sim_spawn(RFFDG, writes_pipe);
	u_close(ends[0]);
	u_close(ends[1]);
	bool notes = chance(2);
	for (u32 i = host_random(30); i > 0 && notes; i--)
		u_note(pids[host_random(n)], "interrupt");
	sim_reap();
	for (u32 i = 0; i < NWRITERS; i++)
		sim_check(notes || sim_failing() || received[i] == sent[i],
			"%u of %u messages of writer %u", received[i], sent[i], i);
}

/* ---- wake-ups and notes at the same moment: neither may be lost ---- */

enum { NREADERS = 4, PATIENCE_MS = 200 };

static u32 nread, nwritten, heard[NREADERS], next_reader;
static bool over;
static u32 role_of[1000];	/* by pid */

static u32 hears(const char *note)
{
	heard[role_of[up->pid % nelem(role_of)]]++;
	return NCONT;
}

static const char *reads_exactly(void)
{
	u32 message[MESSAGE / 4];
	role_of[up->pid % nelem(role_of)] = next_reader;
	u_notify(hears);
	next_reader++;		/* before that a note would be heard by the parent's handler */
	u_close(ends[1]);
	while (!over)
		if (u_read(ends[0], message, sizeof message) == MESSAGE)
			nread++;
		else if (chance(2))
			u_sleep(2 * PATIENCE_MS);	/* what woke it is for another */
	return nil;
}

/*
 * A message is read though whoever was woken for it was interrupted: the last reader gets no notes
 * and is always there.
 */
static void expect_read(void)
{
	for (u32 ms = 0; nread != nwritten; ms++) {
		sim_check(ms < PATIENCE_MS, "%u of %u messages read", nread, nwritten);
		u_sleep(1);
	}
}

/* A note is heard though it came with a message. */
static void expect_heard(u32 reader, u32 before)
{
	for (u32 ms = 0; heard[reader] == before; ms++) {
		sim_check(ms < PATIENCE_MS, "reader %u does not hear its note", reader);
		u_sleep(1);
	}
}

static void handover(void)
{
	u32 pids[NREADERS], message[MESSAGE / 4] = { 0 };
	sim_check(u_pipe(ends) >= 0, "pipe");
	for (u32 i = 0; i < NREADERS; i++) {
		pids[i] = sim_spawn(RFFDG, reads_exactly);
		for (u32 ms = 0; next_reader == i && pids[i] != 0 && ms < PATIENCE_MS; ms++)
			u_sleep(1);
	}
	for (u32 n = host_random(20); n > 0 && !sim_failing(); n--) {
		u32 reader = host_random(NREADERS - 1), before = heard[reader];
		bool first = chance(2), both = !chance(4);
		if (first && both)
			u_note(pids[reader], "interrupt");
		nwritten += u_write(ends[1], message, sizeof message) == MESSAGE;
		if (!first && both)
			u_note(pids[reader], "interrupt");
		expect_read();
		if (both)
			expect_heard(reader, before);
	}
	over = true;
	u_close(ends[0]);
	u_close(ends[1]);
	sim_reap_or_kill();
}

const Scenario sim_chan[] = {
	{ "handover", handover },
	{ "mount-unmount", mount_unmount },
	{ "descriptors", descriptors },
	{ "environment", environment },
	{ "pipes", pipes },
	{ nil, nil },
};
