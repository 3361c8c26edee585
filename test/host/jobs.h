/* Children of this Linux process, each from the state it is in. */
#ifndef TEST_JOBS_H
#define TEST_JOBS_H

/* 0 in the child, which ends by job_end and after so many seconds at the latest; else its number. */
int job_start(unsigned seconds);
void job_end(int status) __attribute__((noreturn));
/* The number of a child that has ended; *status 0 when it called job_end(0). */
int job_wait(int *status);

#endif
