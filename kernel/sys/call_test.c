/* System calls: how arguments are taken, and what each call refuses. */
#include "sim.h"
#include "sys/sys.h"
#include "unit.h"

void call_test(void);

#define ALL_ONES (~0UL)

/* What a child that runs f leaves as its status. */
static const char *status_of(HostMain *f)
{
	static char status[ERRMAX];
	host_rfork(RFPROC | RFFDG, f);
	check(u_await(status) > 0);
	const char *text = strstr(status, ": ");
	return text != nil ? text + 2 : status;
}

/* ---- pointers and numbers ---- */

static struct { u32 number; u64 arg[5]; } bad;

static const char *makes_bad_call(void)
{
	host_syscall(bad.number, bad.arg[0], bad.arg[1], bad.arg[2], bad.arg[3], bad.arg[4]);
	return "survived";
}

static const char *handled(void)
{
	u_notify(nil);
	return makes_bad_call();
}

static void refused(u32 number, u64 a0, u64 a1, u64 a2, u64 a3)
{
	bad.number = number;
	u64 args[] = { a0, a1, a2, a3 };
	memmove(bad.arg, args, sizeof args);
	check(strstr(status_of(handled), "sys: bad address in syscall pc=0x") != nil);
}

static void test_pointers(void)
{
	static const u64 evil[] = { 0, 8, UTZERO - 1, USTKTOP, 1UL << 47, ALL_ONES,
		0xffff800000000000UL };
	for (u32 i = 0; i < nelem(evil); i++) {
		refused(OPEN, evil[i], OREAD, 0, 0);
		refused(PREAD, 0, evil[i], 1, ALL_ONES);
	}
	refused(PREAD, 0, UTZERO, 8, ALL_ONES);		/* text cannot be written */
	refused(PREAD, 0, USTKTOP - 8, 16, ALL_ONES);
	refused(PIPE, UTZERO, 0, 0, 0);
	refused(AWAIT, ALL_ONES, 10, 0, 0);
	refused(NOTIFY, 0x1000, 0, 0, 0);
	refused(SEMACQUIRE, 0x1000, 1, 0, 0);
}

static void test_numbers(void)
{
	bad.number = 1000;
	check(strstr(status_of(handled), "sys: bad sys call pc=0x") != nil);
	bad.number = NSYSCALL;
	check(strstr(status_of(handled), "sys: bad sys call pc=0x") != nil);
	bad.number = 49;
	check(strstr(status_of(handled), "sys: bad sys call pc=0x") != nil);
	check((s32)host_syscall(CLOSE, 0xffffffff00000063UL, 0, 0, 0, 0) < 0);	/* cut to 32 bits */
	check_text(u_error(), "fd out of range or not open");
	for (u32 n = 0; n < NSYSCALL; n++)
		check(systab[n].name == nil || strlen(systab[n].types) <= NSYSARG);
}

/* ---- files ---- */

static s64 seek_to(s32 fd, s64 off, s32 type)
{
	s64 result = -1;
	if ((s32)host_syscall(SEEK, host_user_slot(5), (u64)fd, (u64)off, (u64)type, 0) < 0)
		return -1;
	host_read_user(&result, host_user_slot(5), sizeof result);
	return result;
}

static void test_files(void)
{
	char text[64];
	s32 fd = u_open("/bin/p0", OREAD), ends[2];
	check(seek_to(fd, 5, 0) == 5 && seek_to(fd, 3, 1) == 8 && seek_to(fd, -8, 1) == 0);
	s64 size = seek_to(fd, 0, 2);
	check(size == (SIM_TEXT_PAGES + SIM_DATA_PAGES) * BY2PG && u_read(fd, text, 10) == 0);
	check(seek_to(fd, -1, 0) < 0);
	check_text(u_error(), "negative i/o offset");
	check(seek_to(fd, 0, 7) < 0);
	check(u_pread(fd, text, 4, 0) == 4 && seek_to(fd, 0, 1) == size);
	check((s32)host_syscall(FD2PATH, (u64)fd, host_user_slot(5), 20, 0, 0) == 0);
	host_read_user(text, host_user_slot(5), 20);
	check_text(text, "/bin/p0");
	check(u_write(fd, "x", 1) < 0);
	check_text(u_error(), "inappropriate use of fd");
	u_close(fd);
	check(u_pipe(ends) >= 0 && seek_to(ends[0], 0, 0) < 0);
	check_text(u_error(), "seek on a stream");
	check(u_length(ends[0]) == 0 && u_write(ends[1], "abc", 3) == 3 && u_length(ends[0]) == 3);
	u_close(ends[1]);
	check(u_read(ends[0], text, 10) == 3 && u_read(ends[0], text, 10) == 0);
	u_close(ends[0]);
	check((s32)host_syscall(STAT, host_user_string("/a/which", 0), host_user_slot(5), 1, 0,
		0) < 0);
	check((s32)host_syscall(STAT, host_user_string("/a/which", 0), host_user_slot(5), 2, 0,
		0) == 2);
}

/* ---- the error string ---- */

static void test_errstr(void)
{
	char text[ERRMAX];
	u_open("/none", OREAD);
	host_user_string("mine", 5);
	check((s32)host_syscall(ERRSTR, host_user_slot(5), ERRMAX, 0, 0, 0) == 0);
	host_read_user(text, host_user_slot(5), sizeof text);
	check_text(text, "'/none' file does not exist");
	check_text(u_error(), "mine");
	check((s32)host_syscall(ERRSTR, host_user_slot(5), 6, 0, 0, 0) == 0);
	host_read_user(text, host_user_slot(5), 6);
	check_text(text, "mine");
}

/* ---- processes ---- */

static void test_rfork(void)
{
	static const u32 contradictory[] = { RFNAMEG | RFCNAMEG, RFENVG | RFCENVG, RFFDG | RFCFDG,
		RFMEM, RFNOWAIT };
	for (u32 i = 0; i < nelem(contradictory); i++) {
		check((s32)host_syscall(RFORK, contradictory[i], 0, 0, 0, 0) < 0);
		check_text(u_error(), "bad arg in system call");
	}
	check((s32)host_syscall(RFORK, RFREND | RFENVG, 0, 0, 0, 0) == 0);
	check(u_await(nil) < 0);
	check_text(u_error(), "no living children");
}

static const char *long_status(void)
{
	static char text[400];
	memset(text, 's', sizeof text - 1);
	return text;
}

static const char *no_status(void)
{
	return nil;
}

static void test_exits(void)
{
	check(strlen(status_of(long_status)) < ERRMAX && strlen(status_of(long_status)) > 100);
	check_text(status_of(no_status), "");
	s32 first = (s32)host_rfork(RFPROC, no_status), second = (s32)host_rfork(RFPROC, no_status);
	u_sleep(5);
	check(u_await(nil) == second && u_await(nil) == first);	/* newest first */
	host_rfork(RFPROC | RFNOWAIT, no_status);
	check(u_await(nil) < 0);
}

/* ---- memory ---- */

static void test_segments(void)
{
	u64 name = host_user_string("shared", 0);
	check(host_syscall(SEGATTACH, 0, name, UTZERO, 100, 0) == ALL_ONES);
	check_text(u_error(), "segments overlap");
	check(host_syscall(SEGATTACH, 0, name, 0, 0, 0) == ALL_ONES);
	check(host_syscall(SEGATTACH, 0, host_user_string("none", 0), 0, 100, 0) == ALL_ONES);
	u64 va[6];
	for (u32 i = 0; i < 6; i++)
		va[i] = u_share(BY2PG);
	check(va[0] != 0 && va[4] != 0 && va[4] < va[0] && va[5] == 0);
	check_text(u_error(), "virtual memory allocation failed");
	u_put32(va[3] + 100, 5);
	check(u_get32(va[3] + 100) == 5);
	for (u32 i = 0; i < 5; i++)
		check((s32)host_syscall(SEGDETACH, va[i] + 5, 0, 0, 0, 0) == 0);
	check((s32)host_syscall(SEGDETACH, va[0], 0, 0, 0, 0) < 0);
	check((s32)host_syscall(SEGDETACH, USTKTOP - 8, 0, 0, 0, 0) < 0);
	check((s32)host_syscall(SEGFREE, USTKTOP - 64, 1000, 0, 0, 0) < 0);
	check((s32)host_syscall(BRK_, UTZERO, 0, 0, 0, 0) < 0);
}

static void test_semaphores(void)
{
	u64 va = u_share(BY2PG);
	u_put32(va, 1);
	check((s32)host_syscall(SEMACQUIRE, va, 0, 0, 0, 0) == 1);
	check((s32)host_syscall(SEMACQUIRE, va, 0, 0, 0, 0) == 0);
	check((s32)host_syscall(TSEMACQUIRE, va, 3, 0, 0, 0) == 0);
	check((s32)host_syscall(SEMRELEASE, va, 2, 0, 0, 0) == 2 && u_get32(va) == 2);
	check((s32)host_syscall(SEMRELEASE, va, ALL_ONES, 0, 0, 0) < 0);
	u_put32(va, 0xffffffff);
	check((s32)host_syscall(SEMACQUIRE, va, 1, 0, 0, 0) < 0);
	check_text(u_error(), "bad arg in system call");
	u_put32(va, 0x7fffffff);
	check((s32)host_syscall(SEMRELEASE, va, 1, 0, 0, 0) < 0);
	host_syscall(SEGDETACH, va, 0, 0, 0, 0);
}

static u64 met;

static const char *meets(void)
{
	met = u_rendezvous(7, 100);
	return nil;
}

static void test_rendezvous(void)
{
	host_rfork(RFPROC, meets);
	check(u_rendezvous(7, 200) == 100);
	check(u_await(nil) > 0 && met == 200);
}

void call_test(void)
{
	test_pointers();
	test_numbers();
	test_files();
	test_errstr();
	test_rfork();
	test_exits();
	test_segments();
	test_semaphores();
	test_rendezvous();
}
