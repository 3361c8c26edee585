/*
 * The work of scale on Linux (scale.h), for linux.c.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "scale.h"

enum { PAGE = 4096, PAGES = 64, FAULTS_MAX = 64 * PAGES * PAGE, LOOP = 10000, STACK = 65536 };

static char *common_memory, *memory;
static int file, to[2], from[2];
static char buf[8192];
static void (*body_of_all)(int worker);

static void must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static void loop(int worker)
{
	(void)worker;
	for (volatile long i = 0; i < LOOP; i++)
		;
}

static void calls(int worker)
{
	(void)worker;
	for (int i = 0; i < 100; i++)
		syscall(SYS_getppid);
}

static void *map(long size, int kind)
{
	void *p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
	must(p != MAP_FAILED, "mmap");
	return p;
}

/* Touch some pages and give them back. */
static void touch(char *p)
{
	for (long i = 0; i < PAGES; i++)
		p[i * PAGE] = 1;
	must(madvise(p, PAGES * PAGE, MADV_DONTNEED) == 0, "madvise");
}

static void own_memory(int worker)
{
	(void)worker;
	memory = map(PAGES * PAGE, MAP_PRIVATE);
}

static void own_faults(int worker)
{
	(void)worker;
	touch(memory);
}

static void make_common_memory(void)
{
	if (common_memory == NULL)
		common_memory = map(FAULTS_MAX, MAP_PRIVATE);
}

static void common_faults(int worker)
{
	touch(common_memory + worker * PAGES * PAGE);
}

static void fork_exec(int worker)
{
	char *argv[] = { "tiny", NULL }, *envp[] = { NULL };
	(void)worker;
	pid_t pid = fork();
	if (pid == 0) {
		execve("/tiny", argv, envp);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void open_pair(int worker)
{
	(void)worker;
	must(pipe(to) == 0 && pipe(from) == 0, "pipe");
	pid_t pid = fork();
	must(pid >= 0, "fork");
	if (pid != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(to[0], buf, 1) == 1 && write(from[1], buf, 1) == 1)
		;
	_exit(0);
}

static void pair(int worker)
{
	(void)worker;
	must(write(to[1], "x", 1) == 1 && read(from[0], buf, 1) == 1, "pair");
}

static void open_file(int worker)
{
	(void)worker;
	file = open("/init", O_RDONLY);
	must(file >= 0, "/init");
}

static void read_file(int worker)
{
	(void)worker;
	must(pread(file, buf, sizeof buf, 0) == sizeof buf, "/init");
}

const Work works[] = {
	{ "independent loops", NULL, NULL, loop },
	{ "independent system calls", NULL, NULL, calls },
	{ "faults, separate segments", NULL, own_memory, own_faults },
	{ "faults, one shared segment", make_common_memory, NULL, common_faults },
	{ "fork + exec + wait", NULL, NULL, fork_exec },
	{ "pipe pairs", NULL, open_pair, pair },
	{ "reads of one file", NULL, open_file, read_file },
};
const int nworks = sizeof works / sizeof works[0];

unsigned long long scale_now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000ULL + (unsigned long long)t.tv_nsec;
}

void scale_sleep_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}

void scale_yield(void)
{
	sched_yield();
}

void *scale_shared(long size)
{
	return map(size, MAP_SHARED);
}

static int enter(void *arg)
{
	body_of_all((int)(long)arg);
	_exit(0);
}

/* Workers on common memory are threads, which Linux counts as processes all the same. */
void scale_start(void (*body)(int worker), int worker, int common)
{
	body_of_all = body;
	int flags = common ? CLONE_VM | CLONE_FILES : 0;
	char *stack = map(STACK, MAP_PRIVATE);
	must(clone(enter, stack + STACK, flags | SIGCHLD, (void *)(long)worker) > 0, "clone");
}

void scale_wait(int n)
{
	while (n-- > 0)
		must(wait(NULL) > 0, "wait");
}

void scale_say(const char *name, double per_second)
{
	printf("%s\t%.0f\n", name, per_second);
}
