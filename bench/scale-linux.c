/*
 * The operations of scale on Linux (scale.h), for linux.c.
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

enum { STACK = 65536 };

static void (*body_of_all)(int worker);

void scale_must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

void scale_call(void)
{
	syscall(SYS_getppid);
}

char *scale_memory(long size, enum scale_kind kind)
{
	int flags = MAP_ANONYMOUS | (kind == SCALE_COUNTERS ? MAP_SHARED : MAP_PRIVATE);
	void *p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, flags, -1, 0);
	scale_must(p != MAP_FAILED, "mmap");
	return p;
}

void scale_give_back(char *p, long size)
{
	scale_must(madvise(p, (size_t)size, MADV_DONTNEED) == 0, "madvise");
}

void scale_fork_exec(void)
{
	char *argv[] = { "tiny", NULL }, *envp[] = { NULL };
	pid_t pid = fork();
	if (pid == 0) {
		execve("/tiny", argv, envp);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

void scale_partner(int *to, int *from)
{
	int there[2], back[2];
	scale_must(pipe(there) == 0 && pipe(back) == 0, "pipe");
	pid_t pid = fork();
	scale_must(pid >= 0, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		scale_answer(there[0], back[1]);
		_exit(0);
	}
	*to = there[1];
	*from = back[0];
}

int scale_open(void)
{
	int fd = open("/init", O_RDONLY);
	scale_must(fd >= 0, "/init");
	return fd;
}

long scale_read(int fd, void *p, long n)
{
	return read(fd, p, (size_t)n);
}

long scale_read_start(int fd, void *p, long n)
{
	return pread(fd, p, (size_t)n, 0);
}

long scale_write(int fd, const void *p, long n)
{
	return write(fd, p, (size_t)n);
}

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
	char *stack = scale_memory(STACK, SCALE_OWN);
	scale_must(clone(enter, stack + STACK, flags | SIGCHLD, (void *)(long)worker) > 0, "clone");
}

void scale_wait(int n)
{
	while (n-- > 0)
		scale_must(wait(NULL) > 0, "wait");
}

void scale_say(const char *name, double per_second)
{
	printf("%s\t%.0f\n", name, per_second);
}
