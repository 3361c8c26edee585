/* Children of this Linux process; apart because Linux's headers use names of ours. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobs.h"

int job_start(unsigned seconds)
{
	fflush(stdout);
	fflush(stderr);
	pid_t pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(2);
	}
	if (pid == 0)
		alarm(seconds);
	return pid;
}

/* Only a program built for coverage has it: its counts are written at exit, which we avoid. */
extern void __gcov_dump(void) __attribute__((weak));

void job_end(int status)
{
	if (__gcov_dump != NULL)
		__gcov_dump();
	fflush(stdout);
	fflush(stderr);
	_exit(status);
}

int job_wait(int *status)
{
	return wait(status);
}

static int ends[2];

void job_pipe(void)
{
	if (pipe(ends) < 0) {
		perror("pipe");
		exit(2);
	}
}

void job_tell(const void *p, unsigned long n)
{
	if (write(ends[1], p, n) != (ssize_t)n)
		perror("write");
}

int job_hear(void *p, unsigned long n)
{
	close(ends[1]);
	ssize_t got = read(ends[0], p, n);
	close(ends[0]);
	return got == (ssize_t)n;
}
