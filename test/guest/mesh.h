/*
 * What the kinds of stress of mesh.c share: a board that all processes of a kind see, chance from
 * a seed, workers that are started and gathered. Whatever a worker finds wrong it writes on the
 * board, and everybody stops.
 */
#ifndef MESH_H
#define MESH_H

#include "guest.h"

enum { PAGE = 4096, NCELL = 256, NWORKER = 32, PATIENCE_MS = 30000 };

/* Shared by all processes of one kind, whatever else they share. */
typedef struct Board {
	volatile int stop;
	int wrongs;
	char wrong[256];	/* the first thing that was wrong */
	uvlong steps;
	volatile uvlong cell[NCELL];
	int sem[16];
} Board;

typedef char *Worker(void *);

static Board *board;
static uint seed;
static int seconds;
static int worker[NWORKER], nworker;	/* started by this process, to be gathered by it */

static void wrong(char *fmt, ...)
{
	va_list arg;

	if (__atomic_fetch_add(&board->wrongs, 1, __ATOMIC_SEQ_CST) == 0) {
		va_start(arg, fmt);
		vsnprint(board->wrong, sizeof board->wrong, fmt, arg);
		va_end(arg);
	}
	board->stop = 1;
}

static inline void step(void)
{
	__atomic_fetch_add(&board->steps, 1, __ATOMIC_RELAXED);
}

static inline int isfull(void)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	return strcmp(err, "no procs") == 0;
}

/* rfork; where there are all the processes that there may be, the others' end is waited for. */
static int spawn(int flags)
{
	int pid, tries;

	for (tries = 0; (pid = rfork(flags)) < 0 && isfull() && tries < PATIENCE_MS / 20; tries++)
		sleep(20);
	return pid;
}

static inline uvlong add(volatile uvlong *cell, uvlong n)
{
	return __atomic_add_fetch(cell, n, __ATOMIC_SEQ_CST);
}

/* ---- chance ---- */

/* What a worker's chance begins with; it is kept on its stack, which nobody shares. */
static inline uint seedof(uint n)
{
	return (seed * 1000 + n) * 2654435761u;
}

static inline uint below(uint *x, uint n)
{
	*x = *x * 1664525 + 1013904223;
	return (*x >> 8) % n;
}

/* ---- files of /proc, by those who share static memory ---- */

static inline int tell(int pid, char *file, char *text)
{
	char name[40];
	int fd, r;

	snprint(name, sizeof name, "/proc/%d/%s", pid, file);
	fd = open(name, OWRITE);
	if (fd < 0)
		return -1;
	r = (int)write(fd, text, strlen(text));
	close(fd);
	return r < 0 ? -1 : 0;
}

/* Now and then a worker gives way, or goes to another processor. */
static inline void wander(uint *x)
{
	char command[16];

	switch (below(x, 128)) {
	case 0:
		sleep(0);
		break;
	case 1:
		snprint(command, sizeof command, "wired %d", (int)below(x, 8));
		tell(getpid(), "ctl", command);
		break;
	case 2:
	case 3:
		tell(getpid(), "ctl", "wired -1");
		break;
	}
}

/* Alarms that go on until the process ends. Each process has a beat of its own. */
static inline void onbeat(void *u, char *note)
{
	USED(u);
	if (strcmp(note, "alarm") != 0)
		noted(NDFLT);
	alarm(10 + (ulong)getpid() % 23);
	noted(NCONT);
}

static inline void beat(void)
{
	notify(onbeat);
	alarm(10);
}

/* ---- children ---- */

/* The text of what await() wrote, nil if it is no record; its pid goes to *pid. */
static inline char *record(char *buf, int *pid)
{
	char *field[5], *colon;

	if (tokenize(buf, field, 5) != 5)
		return nil;
	*pid = atoi(field[0]);
	colon = strstr(field[4], ": ");
	return colon == nil ? field[4] : colon + 2;
}

static void work(int flags, Worker *f, uint n)
{
	int pid;

	if (nworker == NWORKER)
		sysfatal("more workers than there is room for");
	pid = start(flags, f, (void *)(uintptr)n);
	if (pid < 0)
		wrong("rfork: %r");
	else
		worker[nworker++] = pid;
}

/*
 * Waits for all workers, which must end well. Once something is wrong the others may wait for
 * what never comes: they are ended.
 */
static void gather(void)
{
	char buf[ERRMAX + 128], *text;
	int i, pid = 0, left = nworker;

	notify(onalarm);
	while (left > 0) {
		alarm(PATIENCE_MS / 10);
		if (await(buf, sizeof buf) < 0) {
			for (i = 0; board->wrongs && i < nworker; i++)
				tell(worker[i], "ctl", "kill");
			continue;
		}
		text = record(buf, &pid);
		for (i = 0; i < nworker && worker[i] != pid; i++)
			;
		if (i == nworker || text == nil)
			wrong("a record of process %d, which is no worker", pid);
		else
			left--;
		if (text != nil && text[0] != '\0')
			wrong("a worker ended with `%s'", text);
	}
	alarm(0);
	nworker = 0;
}

#endif
