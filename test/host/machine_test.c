/*
 * The portable rooms booted inside one Linux process under sanitizers: the first
 * process is main_program below; it forks, pipes, binds, waits and looks at /proc
 * through the real system call table. Programs cannot copy a C stack, so a child
 * runs a function given to host_rfork.
 */
#include <stdio.h>
#include <stdlib.h>
#include "arch/host/host.h"
#include "chan/chan.h"
#include "proc/proc.h"

static int passed, failed;

static void check(bool good, const char *what)
{
	if (good) {
		passed++;
		return;
	}
	failed++;
	printf("not ok: %s (error: %s)\n", what, up->errstr);
}

/* ---- system calls of this test's programs ---- */

static s32 sys_open(const char *name, u32 mode)
{
	return (s32)host_syscall(OPEN, host_user_string(name, 0), mode, 0, 0, 0);
}

static s32 sys_create(const char *name, u32 mode, u32 perm)
{
	return (s32)host_syscall(CREATE, host_user_string(name, 0), mode, perm, 0, 0);
}

static s64 sys_read(s32 fd, void *buf, usize n)
{
	assert(n <= HOST_SLOT_SIZE);
	s64 got = (s64)host_syscall(PREAD, (u64)fd, host_user_slot(1), n, ~0UL, 0);
	if (got > 0)
		host_read_user(buf, host_user_slot(1), (usize)got);
	return got;
}

static s64 sys_write(s32 fd, const char *text)
{
	usize n = strlen(text);
	host_write_user(host_user_slot(2), text, n);
	return (s64)host_syscall(PWRITE, (u64)fd, host_user_slot(2), n, ~0UL, 0);
}

static void sys_close(s32 fd)
{
	host_syscall(CLOSE, (u64)fd, 0, 0, 0, 0);
}

static bool read_is(s32 fd, const char *wanted)
{
	char buf[HOST_SLOT_SIZE + 1];
	s64 n = sys_read(fd, buf, HOST_SLOT_SIZE);
	return n == (s64)strlen(wanted) && memcmp(buf, wanted, (usize)n) == 0;
}

static bool file_is(const char *name, const char *wanted)
{
	s32 fd = sys_open(name, OREAD);
	bool good = fd >= 0 && read_is(fd, wanted);
	if (fd >= 0)
		sys_close(fd);
	return good;
}

static bool await_is(const char *tail)
{
	char buf[256] = { 0 };
	s64 n = (s64)host_syscall(AWAIT, host_user_slot(3), 256, 0, 0, 0);
	if (n <= 0)
		return false;
	host_read_user(buf, host_user_slot(3), (usize)n + 1);
	usize length = strlen(buf), want = strlen(tail);
	return length >= want && strcmp(buf + length - want, tail) == 0;
}

static void sys_bind(const char *what, const char *where, u32 flag)
{
	u64 from = host_user_string(what, 0), to = host_user_string(where, 4);
	check((s32)host_syscall(BIND, from, to, flag, 0, 0) >= 0, "bind");
}

/* ---- programs ---- */

static s32 ends[2];

static const char *child_writes(void)
{
	sys_close(ends[0]);
	sys_write(ends[1], "from the child");
	return "42";
}

static const char *child_sleeps(void)
{
	host_syscall(SLEEP, 5, 0, 0, 0, 0);
	return nil;
}

static const char *child_namespace(void)
{
	sys_bind("/lib", "/mnt", MREPL);
	return file_is("/mnt/hello", "hello, world\n") ? nil : "no file";
}

static void make_pipe(void)
{
	check(host_syscall(PIPE, host_user_slot(5), 0, 0, 0, 0) == 0, "pipe");
	host_read_user(ends, host_user_slot(5), sizeof ends);
}

static void test_files(void)
{
	check(file_is("/lib/hello", "hello, world\n"), "a file of the initrd");
	check(sys_open("/lib/nosuch", OREAD) == -1 &&
		strcmp(up->errstr, "'/lib/nosuch' file does not exist") == 0,
		"the error of a missing file");
	check(sys_open("/lib/hello/x", OREAD) == -1, "walking through a file");
	check(sys_create("/lib/new", OWRITE, 0666) == -1, "the root refuses files");
	sys_bind("#c", "/dev", MAFTER);
	s32 fd = sys_open("/dev/null", ORDWR);
	check(fd >= 0 && sys_write(fd, "gone") == 4 && read_is(fd, ""), "/dev/null");
	sys_close(fd);
	sys_bind("#e", "/env", MAFTER | MCREATE);
	fd = sys_create("/env/x", OWRITE, 0666);
	check(fd >= 0 && sys_write(fd, "value") == 5, "create a variable");
	sys_close(fd);
	check(file_is("/env/x", "value"), "read the variable");
}

static void test_processes(void)
{
	make_pipe();
	u64 pid = host_rfork(RFPROC | RFFDG, child_writes);
	check((s64)pid > 1, "rfork");
	sys_close(ends[1]);
	check(read_is(ends[0], "from the child"), "a pipe between processes");
	check(read_is(ends[0], ""), "end of file when the writer is gone");
	sys_close(ends[0]);
	char tail[64];
	snprint(tail, sizeof tail, " %lu: 42'", pid);
	check(await_is(tail), "await gives the exit string");
	host_rfork(RFPROC | RFFDG, child_sleeps);
	check(await_is("''"), "await after a sleep");
	check((s64)host_syscall(AWAIT, host_user_slot(3), 256, 0, 0, 0) == -1,
		"no living children");
	host_rfork(RFPROC | RFFDG | RFNAMEG, child_namespace);
	check(await_is("''"), "a name space of the child's own");
	check(sys_open("/mnt/hello", OREAD) == -1, "the parent does not see it");
}

static void test_many(void)
{
	MemStats before, after;
	for (int round = 0; round < 2; round++) {
		if (round == 1)
			mem_stats(&before);
		for (int i = 0; i < 100; i++) {
			host_rfork(RFPROC | RFFDG, child_sleeps);
			check(await_is("''"), "await");
		}
	}
	host_syscall(SLEEP, 50, 0, 0, 0, 0);
	mem_stats(&after);
	check(before.user == after.user, "user frames come back");
	check(before.heap_bytes == after.heap_bytes, "heap bytes come back");
}

static void audit_line(void *arg, const char *text)
{
	fprintf(stderr, "audit: %s\n", text);
}

static int main_program(void)
{
	test_files();
	test_processes();
	test_many();
	check(audit(audit_line, nil) == 0, "the audit is clean");
	return failed != 0;
}

/* ---- an initrd with one file ---- */

static usize make_initrd(u8 *tar)
{
	const char *text = "hello, world\n";
	char *h = (char *)tar;
	memset(tar, 0, 2048);
	strecpy(h, h + 100, "lib/hello");
	snprint(h + 100, 8, "%07o", 0644);
	snprint(h + 124, 12, "%011lo", strlen(text));
	snprint(h + 136, 12, "%011o", 0);
	memmove(h + 257, "ustar\0" "00", 8);
	h[156] = '0';
	memset(h + 148, ' ', 8);
	u32 sum = 0;
	for (int i = 0; i < 512; i++)
		sum += tar[i];
	snprint(h + 148, 8, "%06o", sum);
	memmove(tar + 512, text, strlen(text));
	return 2048;
}

int main(void)
{
	static u8 tar[2048];
	host_boot(32UL << 20, tar, make_initrd(tar), main_program);
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
