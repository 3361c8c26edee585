/*
 * process.md 10: rendezvous meets exactly once, semaphores count exactly and lose no wake-up,
 * waiters are woken in order of arrival; sleep(0) yields; the locks of libc on top of it all.
 */
#include "guest.h"

enum { NPROC = 6, ROUNDS = 3000 };

static int words[1024]; /* shared with RFMEM */
static int *sem = &words[0];
static char last[ERRMAX];
static int count;

static void record(void *u, char *note)
{
	USED(u);
	strecpy(last, last + sizeof last, note);
	count++;
	noted(NCONT);
}

/* ---- rendezvous ---- */

static uvlong meet(uvlong tag, uvlong value)
{
	return _syscall(RENDEZVOUS, tag, value, 0, 0, 0);
}

static char *exchanger(void *arg)
{
	uvlong v = meet(0x1234567890abcdefULL, 0xfedcba0987654321ULL);

	USED(arg);
	return v == 0x1122334455667788ULL ? "" : "another value";
}

/* Comes again, so that nobody is left alone for good. */
static void rearm(void *u, char *note)
{
	USED(u);
	if (strcmp(note, "alarm") != 0)
		noted(NDFLT);
	alarm(20);
	noted(NCONT);
}

/* Everyone meets somebody with the same tag; what is given must be what is got, in sum. */
static char *meets(void *arg)
{
	uvlong me = A(arg), v, gift;
	int i;

	notify(rearm);
	alarm(20);
	for (i = 0; words[120] < NPROC * ROUNDS; i++) {
		gift = me * 100000 + i;
		v = meet(0x100 + i % 3, gift);
		if (v == ~0ULL)
			continue;
		__atomic_add_fetch(&words[120], 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch((vlong *)&words[100], (vlong)gift - (vlong)v, __ATOMIC_SEQ_CST);
		if (i % 7 == 0)
			sleep(0);
	}
	alarm(0);
	return "";
}

/* Interrupted all the time; an interrupted meeting must not have happened. */
static char *flighty(void *arg)
{
	int side = (int)(uintptr)arg, i = 0;

	notify(record);
	while (i < 1000) {
		alarm(1 + side);
		if (meet(0x200, i * 2 + side) == ~0ULL)
			continue;
		words[110 + side]++;
		i++;
		if (words[112])
			break;
	}
	alarm(0);
	return "";
}

static void rendezvouses(void)
{
	int pid[NPROC], i, good = 0;

	pid[0] = start(0, exchanger, nil);
	reaches(pid[0], "Rendez");
	is("values are 64 bits wide", meet(0x1234567890abcdefULL, 0x1122334455667788ULL),
		0xfedcba0987654321ULL);
	same("both ways", statusof(pid[0]), "");
	notify(record);
	alarm(50);
	is("interrupted", meet(0x77, 1), ~0ULL);
	alarm(50);
	is("the entry was withdrawn", meet(0x77, 2), ~0ULL);
	notify(nil);
	for (i = 0; i < NPROC; i++)
		pid[i] = start(RFMEM, meets, (void *)(uintptr)(i + 1));
	for (i = 0; i < NPROC; i++)
		good += waitpid() > 0;
	is("meetings of six", good, NPROC);
	is("each gave what it got", *(vlong *)&words[100], 0);
	pid[0] = start(RFMEM, flighty, (void *)0);
	pid[1] = start(RFMEM, flighty, (void *)1);
	for (i = 0; i < 2; i++)
		waitpid();
	is("a meeting is one for both, notes or not", words[110], words[111]);
}

/* ---- semaphores: one caller ---- */

static void single(void)
{
	int *local = segattach(SG_RONLY, "memory", nil, 4096);
	vlong t;

	*sem = 2;
	is("acquire", semacquire(sem, 1), 1);
	is("takes one", *sem, 1);
	is("without blocking", semacquire(sem, 0), 1);
	is("none is left", semacquire(sem, 0), 0);
	is("and none was taken", *sem, 0);
	is("release", semrelease(sem, 5), 5);
	is("release none", semrelease(sem, 0), 5);
	is("the word", *sem, 5);
	is("a timed one", tsemacquire(sem, 0), 1);
	*sem = 0;
	is("with no time", tsemacquire(sem, 0), 0);
	t = nsec();
	is("with 50 ms", tsemacquire(sem, 50), 0);
	t = nsec() - t;
	yes("not early", t >= 50000000);
	yes("nor very late", t < 5000000000);
	fails("release of a negative count", semrelease(sem, -1), "bad arg in system call");
	*sem = -1;
	fails("acquire of a negative word", semacquire(sem, 0), "bad arg in system call");
	fails("timed acquire of it", tsemacquire(sem, 10), "bad arg in system call");
	fails("release of it", semrelease(sem, 1), "bad arg in system call");
	is("left alone", *sem, -1);
	*sem = 0x7ffffffe;
	fails("release beyond the largest value", semrelease(sem, 2), "bad arg in system call");
	is("nothing is added", *sem, 0x7ffffffe);
	is("release up to the most", semrelease(sem, 1), 0x7fffffff);
	fails("one more", semrelease(sem, 1), "bad arg in system call");
	is("the word never becomes negative", *sem, 0x7fffffff);
	*sem = 0;
	notify(record);
	count = 0;
	fails("a read-only word", semacquire(local, 0), "bad arg in system call");
	is("note", count, 1);
	begins("its text", last, "sys: bad address in syscall pc=0x");
	notify(nil);
	segdetach(local);
}

/* ---- semaphores: many ---- */

static char *taker(void *arg)
{
	int i, n = (int)(uintptr)arg;

	for (i = 0; i < n; i++)
		if (semacquire(sem, 1) != 1)
			return "no semaphore";
	return "";
}

static char *giver(void *arg)
{
	int i, n = (int)(uintptr)arg;

	for (i = 0; i < n; i++) {
		semrelease(sem, 1);
		if (i % 11 == 0)
			sleep(0);
	}
	return "";
}

/* Mutual exclusion by a semaphore. */
static char *excluder(void *arg)
{
	int i, *inside = &words[200], *total = &words[201];

	USED(arg);
	for (i = 0; i < 2000; i++) {
		semacquire(sem, 1);
		if (++*(volatile int *)inside != 1)
			words[202]++;
		if (i % 50 == 0)
			sleep(0);
		++*(volatile int *)total;
		--*(volatile int *)inside;
		semrelease(sem, 1);
	}
	return "";
}

/* Takes with limits and interruptions: counts what it got. */
static char *impatient(void *arg)
{
	int i, r;

	notify(record);
	for (i = 0; i < 500; i++) {
		if (i % 3 == 0)
			alarm(1);
		r = i % 2 ? tsemacquire(sem, 2) : semacquire(sem, 1);
		alarm(0);
		if (r == 1)
			__atomic_add_fetch(&words[210], 1, __ATOMIC_SEQ_CST);
		if (words[211])
			break;
	}
	alarm(0);
	__atomic_add_fetch(&words[212], 1, __ATOMIC_SEQ_CST);
	return "";
}

static char *queuer(void *arg)
{
	int me = (int)(uintptr)arg;

	semacquire(sem, 1);
	words[300 + __atomic_fetch_add(&words[299], 1, __ATOMIC_SEQ_CST)] = me;
	return "";
}

static void many(void)
{
	int pid[NPROC], i, n, good, given;

	*sem = 0;
	for (i = 0; i < 3; i++)
		start(RFMEM, taker, (void *)2000);
	for (i = 0; i < 3; i++)
		start(RFMEM, giver, (void *)2000);
	for (good = i = 0; i < 6; i++)
		good += waitpid() > 0;
	is("three give what three take", good, 6);
	is("none is left", *sem, 0);
	*sem = 1;
	for (i = 0; i < NPROC; i++)
		start(RFMEM, excluder, nil);
	for (i = 0; i < NPROC; i++)
		waitpid();
	is("mutual exclusion", words[202], 0);
	is("of all", words[201], 2000 * NPROC);
	is("given back", *sem, 1);
	/* nothing is lost on those who give up */
	*sem = 0;
	for (i = 0; i < 4; i++)
		start(RFMEM, impatient, nil);
	for (given = 0; words[212] < 4; given++) {
		semrelease(sem, 1);
		if (given % 4 == 0)
			sleep(given % 8 ? 0 : 1);
		if (given > 3000)
			words[211] = 1;
	}
	for (i = 0; i < 4; i++)
		waitpid();
	is("what was given was taken or is left", words[210] + *sem, given);
	/* order */
	*sem = 0;
	for (i = 0; i < NPROC; i++) {
		pid[i] = start(RFMEM, queuer, (void *)(uintptr)i);
		reaches(pid[i], "Semacquire");
	}
	for (i = 0; i < NPROC; i++) {
		semrelease(sem, 1);
		while (words[299] <= i)
			sleep(1);
	}
	for (good = i = 0; i < NPROC; i++)
		good += words[300 + i] == i;
	is("woken in order of arrival", good, NPROC);
	for (n = 0; waitpid() > 0; n++)
		;
	/* count wakes as many */
	words[299] = 0;
	*sem = 0;
	for (i = 0; i < NPROC; i++)
		reaches(start(RFMEM, queuer, nil), "Semacquire");
	is("release of six", semrelease(sem, NPROC), NPROC);
	for (i = 0; i < NPROC; i++)
		waitpid();
	is("wakes six", words[299], NPROC);
	is("which take all", *sem, 0);
}

/* A newcomer takes what the first waiter was woken for: that one waits again, still the first. */
static void places(void)
{
	int first, second;

	words[299] = 0;
	*sem = 0;
	is("all on one processor", puts(procfile(getpid(), "ctl"), "wired 0"), 0);
	first = start(RFMEM, queuer, (void *)1);
	reaches(first, "Semacquire");
	second = start(RFMEM, queuer, (void *)2);
	reaches(second, "Semacquire");
	is("a priority above theirs", puts(procfile(getpid(), "ctl"), "fixedpri 18"), 0);
	semrelease(sem, 1);
	is("a newcomer takes it", semacquire(sem, 0), 1);
	puts(procfile(getpid(), "ctl"), "pri 10");
	sleep(50);
	is("the woken gets nothing", words[299], 0);
	is("and waits", reaches(first, "Semacquire"), 1);
	semrelease(sem, 1);
	while (words[299] == 0)
		sleep(1);
	is("without losing its place", words[300], 1);
	semrelease(sem, 1);
	waitpid();
	waitpid();
	is("the second is the second", words[301], 2);
}

static char *copied(void *arg)
{
	USED(arg);
	return tsemacquire(sem, 100) == 0 ? "" : "taken";
}

static char *passesby(void *arg)
{
	USED(arg);
	semacquire(sem, 1);
	return "got it";
}

static void sharing(void)
{
	int pid;

	*sem = 0;
	pid = start(0, copied, nil);
	reaches(pid, "Tsemacquire");
	semrelease(sem, 1);
	same("a copy of the word is another semaphore", statusof(pid), "");
	*sem = 0;
	/* A waiter that is killed passes nothing by. */
	pid = start(RFMEM, passesby, nil);
	reaches(pid, "Semacquire");
	puts(procfile(pid, "ctl"), "kill");
	same("a waiter can be killed", statusof(pid), "Killed");
	is("and leaves the word", semrelease(sem, 1), 1);
	is("to others", semacquire(sem, 0), 1);
}

/* ---- yielding, fairness, libc's locks ---- */

static char *pongs(void *arg)
{
	int i;

	USED(arg);
	for (i = 0; i < 200; i++) {
		while (*(volatile int *)&words[410] != 2 * i + 1)
			sleep(0);
		words[410] = 2 * i + 2;
	}
	return "";
}

static QLock locked;
static Lock spin;
static RWLock shared;

static char *locker(void *arg)
{
	int i;

	USED(arg);
	for (i = 0; i < 1000; i++) {
		qlock(&locked);
		words[420]++;
		if (i % 100 == 0)
			sleep(1);
		qunlock(&locked);
		lock(&spin);
		words[421]++;
		unlock(&spin);
		if (i % 5)
			rlock(&shared);
		else
			wlock(&shared);
		if (i % 5 == 0)
			words[422]++;
		if (i % 5)
			runlock(&shared);
		else
			wunlock(&shared);
	}
	return "";
}

static void locks(void)
{
	int i, pid;
	vlong t;

	t = nsec();
	pid = start(RFMEM, pongs, nil);
	for (i = 0; i < 200; i++) {
		words[410] = 2 * i + 1;
		while (*(volatile int *)&words[410] != 2 * i + 2)
			sleep(0);
	}
	statusof(pid);
	yes("sleep(0) yields", nsec() - t < 3000000000);
	for (i = 0; i < 4; i++)
		start(RFMEM, locker, nil);
	for (i = 0; i < 4; i++)
		waitpid();
	is("QLock", words[420], 4000);
	is("Lock", words[421], 4000);
	is("RWLock", words[422], 800);
}

void main(int argc, char **argv)
{
	begin("sync", 90);
	rendezvouses();
	single();
	many();
	places();
	sharing();
	locks();
	done();
}
