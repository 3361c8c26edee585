/*
 * scale: what n workers get done in a second, on any system. scale.c counts; a system's own file
 * (scale-lux9.c, scale-linux.c) supplies the work and the functions below.
 */
#ifndef BENCH_SCALE_H
#define BENCH_SCALE_H

/*
 * A worker prepares itself, then repeats the operation until it is told to stop. Work that needs
 * something which all workers share makes it in `common`, before they start.
 */
typedef struct Work {
	const char *name;
	void (*common)(void);	/* nil: nothing */
	void (*prepare)(int worker);	/* nil: nothing */
	void (*operate)(int worker);
} Work;

extern const Work works[];
extern const int nworks;

/* Measure every work with n workers; a line each: name, operations a second. */
void scale(int n);

unsigned long long scale_now_ns(void);
void scale_sleep_ms(int ms);
void scale_yield(void);
/* Memory that workers share with their parent. */
void *scale_shared(long size);
/* A process that runs body(worker) and ends; common: the work is on memory made for all. */
void scale_start(void (*body)(int worker), int worker, int common);
void scale_wait(int n);
void scale_say(const char *name, double per_second);

#endif
