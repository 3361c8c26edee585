/*
 * What the programs that test #X share: pages with known contents, children that take
 * them, and a board in shared memory by which all take turns.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "guest.h"

enum { PAGE = 4096, MEG = 1 << 20, NPAGES = 8, LEN = NPAGES * PAGE };

/* Shared by all: semaphores for taking turns, and the number of an offer. */
typedef struct Board Board;
struct Board { int ready, go, end, number; };
static Board *board;

static inline char *fresh(void)
{
	char *p = segattach(0, "memory", nil, LEN);
	int i;

	if (p == (void *)-1)
		sysfatal("segattach: %r");
	for (i = 0; i < LEN; i++)
		p[i] = (char)(i / PAGE + 1);
	return p;
}

static inline int intact(char *p)
{
	int i;

	for (i = 0; i < LEN; i++)
		if (p[i] != (char)(i / PAGE + 1))
			return 0;
	return 1;
}

static inline int zero(char *p)
{
	int i;

	for (i = 0; i < LEN; i++)
		if (p[i] != 0)
			return 0;
	return 1;
}

static inline int clone(void)
{
	return open("/dev/exchange/clone", ORDWR);
}

/* One control message; 0 or -1. */
static inline int tell(int fd, char *fmt, ...)
{
	char buf[256];
	va_list arg;
	long n;

	va_start(arg, fmt);
	n = vsnprint(buf, sizeof buf, fmt, arg);
	va_end(arg);
	return write(fd, buf, n) == n ? 0 : -1;
}

/* The state of an offer. */
static inline char *stateof_number(int n)
{
	static Exstatus s;

	return exstatus(n, &s) < 0 ? "no status" : s.state;
}

/* The same of the offer behind fd, which shows its taker an address instead of the number. */
static inline char *state(int fd)
{
	Dir *d = dirfstat(fd);
	int n = d == nil ? -1 : (int)(d->qid.path >> 3);

	free(d);
	return stateof_number(n);
}

static inline void up(int *sem)
{
	semrelease(sem, 1);
}

static inline int down(int *sem)
{
	return tsemacquire(sem, 20000);
}

/* ---- a place that faults ---- */

static jmp_buf back;
static char lastnote[ERRMAX];

static inline void caught(void *u, char *note)
{
	strecpy(lastnote, lastnote + sizeof lastnote, note);
	if (strncmp(note, "sys:", 4) != 0)
		noted(NDFLT);
	notejmp(u, back, 1);
}

enum { READ, WRITE };

static inline int faults(void *va, int how)
{
	volatile int r = 1;

	notify(caught);
	if (setjmp(back) == 0) {
		if (how == READ)
			*(volatile char *)va;
		else
			*(volatile char *)va = *(volatile char *)va;
		r = 0;
	}
	notify(nil);
	return r;
}

/* ---- takers: children that accept the offer whose number stands on the board ---- */

/* Waits for the offer, accepts it, calls f on it; the result is the exit string. */
static inline int taker(char *(*f)(int fd, char *p))
{
	int pid = rfork(RFPROC | RFFDG), fd;
	char *p;

	if (pid != 0)
		return pid;
	if (down(&board->go) != 1)
		_exits("nobody said go");
	fd = exopen(board->number);
	p = fd < 0 ? (void *)-1 : exaccept(fd, nil, nil);
	if (p == (void *)-1) {
		print("# taker: %r\n");
		_exits("no pages");
	}
	_exits(f(fd, p));
	return 0;
}

/* The taker may go: fd's offer is for it. */
static inline void go(int fd)
{
	board->number = exnumber(fd);
	up(&board->go);
}

/* Says that it has the pages and waits to be told to end. */
static inline char *hold(int fd, char *p)
{
	USED(fd);
	USED(p);
	up(&board->ready);
	down(&board->end);
	return "";
}

/* Waits for n children; how many end without a word. */
static inline int ends(int n)
{
	int good = 0;
	Waitmsg *w;

	while (n-- > 0 && (w = wait()) != nil) {
		good += w->msg[0] == '\0';
		if (w->msg[0] != '\0')
			print("# %s\n", w->msg);
		free(w);
	}
	return good;
}

#endif
