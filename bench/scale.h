/*
 * scale: what n workers get done in a second, on any system. scale.c has the works and counts; a
 * system's own file (scale-lux9.c, scale-linux.c) supplies the operations below.
 */
#ifndef BENCH_SCALE_H
#define BENCH_SCALE_H

/* Measure every work with n workers; a line each: name, operations a second. */
void scale(int n);
/* A byte to `out` for each from `in`, until there are no more: what a partner does. */
void scale_answer(int in, int out);

/* ---- what a system supplies ---- */

unsigned long long scale_now_ns(void);
void scale_sleep_ms(int ms);
void scale_yield(void);
void scale_say(const char *name, double per_second);
/* End with a message that has the system's error in it, unless that is so. */
void scale_must(int ok, const char *what);

/* A process that runs body(worker) and ends; common: the work is on memory made for all. */
void scale_start(void (*body)(int worker), int worker, int common);
void scale_wait(int n);

/* Memory of a worker; what common workers touch; what all share with their parent. */
enum scale_kind { SCALE_OWN, SCALE_COMMON, SCALE_COUNTERS };
char *scale_memory(long size, enum scale_kind kind);
/* The pages are zero again and cost nothing. */
void scale_give_back(char *p, long size);

/* The cheapest system call. */
void scale_call(void);
/* The smallest program in a child, to its end. */
void scale_fork_exec(void);
/* A child that answers: where to write, where to read the answer. */
void scale_partner(int *to, int *from);
/* A file of 8 KiB at least, to be read. */
int scale_open(void);
long scale_read(int fd, void *p, long n);
long scale_read_start(int fd, void *p, long n);
long scale_write(int fd, const void *p, long n);

#endif
