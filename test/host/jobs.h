/* Children of this Linux process, each from the state it is in. */
#ifndef TEST_JOBS_H
#define TEST_JOBS_H

/*
 * 0 in the child, which ends by job_end and after so many seconds at the latest; else its number.
 */
int job_start(unsigned seconds);
void job_end(int status) __attribute__((noreturn));
/* The number of a child that has ended; *status 0 when it called job_end(0). */
int job_wait(int *status);
/*
 * Before job_start: so that the child can tell, and after its end the parent hear; false:
 * nothing.
 */
void job_pipe(void);
void job_tell(const void *p, unsigned long n);
int job_hear(void *p, unsigned long n);

#endif
