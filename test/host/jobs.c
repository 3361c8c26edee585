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

void job_end(int status)
{
	fflush(stdout);
	fflush(stderr);
	_exit(status);
}

int job_wait(int *status)
{
	return wait(status);
}
