/*
 * The counting part of scale, the same on all systems (scale.h). Workers say that they are ready,
 * begin together, and count what they do until the parent says stop.
 */
#include "scale.h"

enum { WORKERS_MAX = 64, LINE = 64, RUN_MS = 1000, RUNS = 3 };

typedef struct Counter {
	volatile unsigned long long n;
	volatile int ready;
	char rest[LINE - 16];	/* a line of the cache each */
} Counter;

typedef struct Shared {
	volatile int go, stop;
	char rest[LINE - 8];
	Counter worker[WORKERS_MAX];
} Shared;

static Shared *s;
static const Work *work;

static void body(int worker)
{
	Counter *c = &s->worker[worker];
	if (work->prepare != 0)
		work->prepare(worker);
	c->ready = 1;
	while (!s->go)
		scale_yield();
	while (!s->stop) {
		work->operate(worker);
		c->n++;
	}
}

static double run(int n)
{
	s->go = s->stop = 0;
	for (int i = 0; i < n; i++)
		s->worker[i].n = 0, s->worker[i].ready = 0;
	if (work->common != 0)
		work->common();
	for (int i = 0; i < n; i++)
		scale_start(body, i, work->common != 0);
	for (int i = 0; i < n; i++)
		while (!s->worker[i].ready)
			scale_sleep_ms(1);
	unsigned long long t0 = scale_now_ns(), done = 0;
	s->go = 1;
	scale_sleep_ms(RUN_MS);
	for (int i = 0; i < n; i++)
		done += s->worker[i].n;
	unsigned long long t1 = scale_now_ns();
	s->stop = 1;
	scale_wait(n);
	return (double)done * 1e9 / (double)(t1 - t0);
}

void scale(int n)
{
	s = scale_shared(sizeof *s);
	for (int i = 0; i < nworks; i++) {
		work = &works[i];
		double best = 0;
		for (int k = 0; k < RUNS; k++) {
			double rate = run(n);
			best = rate > best ? rate : best;
		}
		scale_say(work->name, best);
	}
}
