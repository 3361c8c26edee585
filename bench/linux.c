/*
 * The Linux side of `make bench`: the init of a small Linux that measures the rows of bench.c
 * there, by the same method, and restarts the machine, which ends QEMU. tools/bench boots it.
 * Rows that Linux has no operation for are not there; the pair of semaphores is POSIX's.
 *
 * Arguments that init gets: `scale` measures the rows of scale.c instead.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "scale.h"

typedef unsigned long long u64;
typedef struct Row Row;
struct Row {
	const char *name;
	void (*run)(long n);
	long n;			/* operations in a run */
	double unit;		/* divide by this: bytes of one operation, or 1 */
	void (*prepare)(void);
};

enum { RUNS = 5, PAGE = 4096, BIG = 65536 };

static int zero, pipes[2], back[2], tmpfile_fd;
static char buf[BIG];
static pid_t partner;
static sem_t *sems;

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	fflush(stdout);
	sync();
	reboot(RB_AUTOBOOT);
}

static u64 cycles(void)
{
	return __builtin_ia32_rdtsc();
}

/* ---- calls and files ---- */

static void null_call(long n)
{
	while (n-- > 0)
		syscall(SYS_getppid);
}

static void read_zero(long n)
{
	while (n-- > 0)
		must(read(zero, buf, 1) == 1, "read");
}

static void open_close(long n)
{
	while (n-- > 0)
		close(open("/tmp/bench", O_RDONLY));
}

static void stat_file(long n)
{
	struct stat st;
	while (n-- > 0)
		stat("/tmp/bench", &st);
}

static void chdir_tmp(long n)
{
	while (n-- > 0)
		chdir("/tmp");
}

static void bind_unmount(long n)
{
	while (n-- > 0) {
		must(mount("/tmp", "/mnt", NULL, MS_BIND, NULL) == 0, "mount");
		umount("/mnt");
	}
}

/* ---- processes that answer ---- */

static void open_pipes(void)
{
	must(pipe(pipes) == 0 && pipe(back) == 0, "pipe");
}

static void end_partner(void)
{
	if (partner > 0) {
		kill(partner, SIGKILL);
		waitpid(partner, NULL, 0);
	}
	partner = 0;
}

static void start_echo(void)
{
	open_pipes();
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0)
		if (read(pipes[0], buf, 1) != 1 || write(back[1], buf, 1) != 1)
			_exit(1);
}

static void ping(long n)
{
	while (n-- > 0)
		must(write(pipes[1], "x", 1) == 1 && read(back[0], buf, 1) == 1, "ping");
}

static void start_sink(void)
{
	open_pipes();
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0)
		if (read(pipes[0], buf, BIG) <= 0)
			_exit(1);
}

static void pipe_8k(long n)
{
	while (n-- > 0)
		must(write(pipes[1], buf, 8192) == 8192, "write");
}

static void pipe_64k(long n)
{
	while (n-- > 0)
		must(write(pipes[1], buf, BIG) == BIG, "write");
}

/*
 * A megabyte there and back, each page looked at: an object of memory that both have open, mapped
 * with all its pages by the one that was told, after the other has let go of it.
 */
enum { MEG = 1 << 20 };
static int object;

static char *map_object(int from)
{
	must(read(from, buf, 1) == 1, "read");
	char *p = mmap(NULL, MEG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, object, 0);
	must(p != MAP_FAILED, "mmap");
	return p;
}

static void give_object(char *p, int to)
{
	munmap(p, MEG);
	must(write(to, "x", 1) == 1, "write");
}

static void start_exchange(void)
{
	open_pipes();
	object = memfd_create("exchange", 0);
	must(object >= 0 && ftruncate(object, MEG) == 0, "memfd_create");
	char *p = mmap(NULL, MEG, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
	for (long i = 0; i < MEG; i += PAGE)
		p[i] = 1;
	munmap(p, MEG);
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0)
		give_object(map_object(pipes[0]), back[1]);
}

static void exchange(long n)
{
	while (n-- > 0) {
		must(write(pipes[1], "x", 1) == 1, "write");
		char *p = map_object(back[0]);
		for (long i = 0; i < MEG; i += PAGE)
			must(p[i] == 1, "contents");
		munmap(p, MEG);
	}
}

static void *shared_memory(long size)
{
	void *p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	must(p != MAP_FAILED, "mmap");
	return p;
}

static void start_sem(void)
{
	sems = shared_memory(PAGE);
	must(sem_init(&sems[0], 1, 0) == 0 && sem_init(&sems[1], 1, 0) == 0, "sem_init");
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0) {
		sem_wait(&sems[0]);
		sem_post(&sems[1]);
	}
}

static void sem_ping(long n)
{
	while (n-- > 0) {
		sem_post(&sems[0]);
		sem_wait(&sems[1]);
	}
}

/* The scheduler of real-time processes gives way at each call, as Plan 9's sleep(0) does. */
static void start_yield(void)
{
	struct sched_param p = { .sched_priority = 1 };
	must(sched_setscheduler(0, SCHED_FIFO, &p) == 0, "sched_setscheduler");
	partner = fork();
	must(partner >= 0, "fork");
	while (partner == 0)
		sched_yield();
}

/* Each turn goes to the partner and back: two switches. */
static void yield_twice(long n)
{
	while (n-- > 0)
		sched_yield();
}

/* ---- processes ---- */

static void fork_wait(long n)
{
	while (n-- > 0) {
		if (fork() == 0)
			_exit(0);
		wait(NULL);
	}
}

static void exec_wait(long n)
{
	char *argv[] = { "tiny", NULL }, *envp[] = { NULL };
	while (n-- > 0) {
		if (fork() == 0) {
			execve("/tiny", argv, envp);
			_exit(1);
		}
		int status;
		must(wait(&status) > 0 && status == 0, "tiny");
	}
}

static void handler(int s)
{
	(void)s;
}

static void start_note(void)
{
	signal(SIGUSR1, handler);
}

static void note_self(long n)
{
	while (n-- > 0)
		kill(getpid(), SIGUSR1);
}

/* ---- memory ---- */

static char *fresh_memory(long n)
{
	char *p = mmap(NULL, (size_t)n * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(p != MAP_FAILED, "mmap");
	madvise(p, (size_t)n * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static void fresh_pages(long n)
{
	char *p = fresh_memory(n);
	for (long i = 0; i < n; i++)
		p[i * PAGE] = 1;
	munmap(p, (size_t)n * PAGE);
}

/* A child holds what the parent writes to. */
static void copied_pages(long n)
{
	char *p = fresh_memory(n);
	for (long i = 0; i < n; i++)
		p[i * PAGE] = 1;
	pid_t pid = fork();
	while (pid == 0)
		pause();
	u64 t0 = cycles();
	for (long i = 0; i < n; i++)
		p[i * PAGE] = 2;
	u64 t1 = cycles();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	munmap(p, (size_t)n * PAGE);
	printf("copy-on-write fault\t%.1f\n", (double)(t1 - t0) / (double)n);
}

/* ---- files of tmpfs ---- */

static void tmp_byte(long n)
{
	while (n-- > 0)
		must(pread(tmpfile_fd, buf, 1, 0) == 1, "pread");
}

static void tmp_read(long n)
{
	while (n-- > 0)
		must(pread(tmpfile_fd, buf, 8192, 0) == 8192, "pread");
}

static void tmp_create(long n)
{
	while (n-- > 0) {
		close(open("/tmp/made", O_WRONLY | O_CREAT | O_TRUNC, 0666));
		unlink("/tmp/made");
	}
}

static Row rows[] = {
	{ "null system call", null_call, 10000, 1, NULL },
	{ "read 1 byte of /dev/zero", read_zero, 10000, 1, NULL },
	{ "open + close of /dev/null", open_close, 2000, 1, NULL },
	{ "stat of the same", stat_file, 2000, 1, NULL },
	{ "pipe, 1 byte there and back", ping, 2000, 1, start_echo },
	{ "pipe, per byte, 8 KiB writes", pipe_8k, 500, 8192, start_sink },
	{ "pipe, per byte, 64 KiB writes", pipe_64k, 100, BIG, start_sink },
	{ "fork + exit + wait", fork_wait, 100, 1, NULL },
	{ "fork + exec + wait", exec_wait, 100, 1, NULL },
	{ "fresh page touched", fresh_pages, 4096, 1, NULL },
	{ "semaphore there and back", sem_ping, 2000, 1, start_sem },
	{ "note to self, handled", note_self, 2000, 1, start_note },
	{ "9P round trip, 1-byte pread", tmp_byte, 1000, 1, NULL },
	{ "ramfs read, per byte, 8 KiB", tmp_read, 500, 8192, NULL },
	{ "ramfs open + close", open_close, 500, 1, NULL },
	{ "ramfs create + remove", tmp_create, 200, 1, NULL },
	{ "bind + unmount", bind_unmount, 200, 1, NULL },
	{ "chdir", chdir_tmp, 2000, 1, NULL },
	{ "exchange, per KiB, 1 MiB moved", exchange, 20, 2 * 1024, start_exchange },
	/* Leaves this process a real-time one: the last. */
	{ "yield to another process", yield_twice, 2000, 2, start_yield },
};

static void bench(const Row *r)
{
	double best = 0;
	if (r->prepare != NULL)
		r->prepare();
	for (int i = 0; i < RUNS; i++) {
		u64 t0 = cycles();
		r->run(r->n);
		u64 t1 = cycles();
		if (i == 0 || (double)(t1 - t0) < best)
			best = (double)(t1 - t0);
	}
	end_partner();
	printf("%s\t%.2f\n", r->name, best / (double)r->n / r->unit);
}

static void make_files(void)
{
	mkdir("/dev", 0755);
	mkdir("/tmp", 0755);
	mkdir("/mnt", 0755);
	mknod("/dev/zero", S_IFCHR | 0666, makedev(1, 5));
	must(mount("tmp", "/tmp", "tmpfs", 0, NULL) == 0, "mount /tmp");
	zero = open("/dev/zero", O_RDONLY);
	tmpfile_fd = open("/tmp/bench", O_RDWR | O_CREAT, 0666);
	must(zero >= 0 && tmpfile_fd >= 0, "open");
	must(write(tmpfile_fd, buf, BIG) == BIG, "write");
}

int main(int argc, char **argv)
{
	u64 started = cycles();
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_files();
	printf("\n");	/* the kernel may have left the line unfinished */
	if (argc > 1 && strcmp(argv[argc - 1], "scale") == 0) {
		scale((int)sysconf(_SC_NPROCESSORS_ONLN));
	} else {
		for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
			bench(&rows[i]);
		copied_pages(1024);
		printf("kernel entry to the first program\t%llu\n", started);
	}
	printf("done\n");
	fflush(stdout);
	sync();
	reboot(RB_AUTOBOOT);
}
