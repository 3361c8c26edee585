/*
 * Processes that share memory: locks under contention, private words, notes
 * and jumps out of them, a server that steps aside. Over Linux, where memory
 * cannot be shared, only the notes are tried.
 */
#include <u.h>
#include <libc.h>
#include "check.h"

enum {
	NPROC = 4,
	NROUND = 300,
};

static Lock spin;
static QLock ql;
static RWLock rw;
static Rendez rz;
static long count[3], inside, readers, turns;
static void **word;
static int finished;

/* Each way of locking around a count that only stays right if it excludes. */
static void
contend(int me)
{
	long v, i;

	*word = (void*)(uintptr)me;
	for(i = 0; i < NROUND; i++){
		lock(&spin);
		v = count[0];
		if(i % 16 == 0)
			sleep(0);
		count[0] = v+1;
		unlock(&spin);
		qlock(&ql);
		v = count[1];
		sleep(0);
		count[1] = v+1;
		qunlock(&ql);
		if(i % 4 == me % 4){
			wlock(&rw);
			v = count[2];
			if(ainc(&inside) != 1 || readers != 0)
				count[2] += 1000000;
			sleep(0);
			adec(&inside);
			count[2] = v+1;
			wunlock(&rw);
		}else{
			rlock(&rw);
			ainc(&readers);
			if(inside != 0)
				count[2] += 1000000;
			sleep(0);
			adec(&readers);
			runlock(&rw);
		}
		if(*word != (void*)(uintptr)me)
			count[0] += 1000000;
	}
}

/* Hands a turn around the circle with rsleep and rwakeupall. */
static void
circle(int me)
{
	int i;

	for(i = 0; i < 50; i++){
		qlock(&ql);
		while(turns % NPROC != me)
			rsleep(&rz);
		turns++;
		rwakeupall(&rz);
		qunlock(&ql);
	}
}

/* Whether memory can be shared. */
static int
sharing(void)
{
	char *p;
	int i, sem = 0;
	Waitmsg *w;

	word = privalloc();
	rz.l = &ql;
	for(i = 0; i < NPROC; i++)
		switch(rfork(RFPROC|RFMEM)){
		case -1:
			print("%r: locks not tried\n");
			return 0;
		case 0:
			contend(i);
			circle(i);
			p = malloc(100);
			free(p);
			semrelease(&finished, 1);
			_exits(nil);
		}
	for(i = 0; i < NPROC; i++){
		w = wait();
		CHECK(w != nil && w->msg[0] == 0);
		free(w);
	}
	CHECK(finished == NPROC);
	CHECK(count[0] == NPROC*NROUND && count[1] == NPROC*NROUND);
	CHECK(count[2] == NPROC*NROUND/4);
	CHECK(turns == NPROC*50);
	CHECK(tsemacquire(&sem, 20) == 0);
	return 1;
}

static void
writer(void *v)
{
	int *step = v;

	wlock(&rw);
	*step = 2;
	wunlock(&rw);
}

static void
sleeper(void *v)
{
	int *n = v;

	qlock(&ql);
	semrelease(&n[0], 1);
	rsleep(&rz);
	CHECK(!canqlock(&ql));		/* it has the lock again */
	n[1]++;
	qunlock(&ql);
	semrelease(&n[2], 1);
}

static void
starter(void (*f)(void*), void *v)
{
	if(rfork(RFPROC|RFMEM|RFNOWAIT) == 0){
		f(v);
		_exits(nil);
	}
}

/* A writer that waits goes before new readers; rwakeup says how many it woke. */
static void
fairness(void)
{
	static int step, n[3];
	int i;

	rlock(&rw);
	CHECK(canrlock(&rw) && !canwlock(&rw));
	runlock(&rw);
	starter(writer, &step);
	for(i = 0; i < 1000 && canrlock(&rw); i++){
		runlock(&rw);
		sleep(1);
	}
	CHECK(i < 1000 && step == 0);	/* the writer waits, and a reader would behind it */
	runlock(&rw);
	rlock(&rw);
	CHECK(step == 2);
	runlock(&rw);
	qlock(&ql);
	CHECK(rwakeup(&rz) == 0 && rwakeupall(&rz) == 0);
	qunlock(&ql);
	for(i = 0; i < 3; i++)
		starter(sleeper, n);
	for(i = 0; i < 3; i++)
		semacquire(&n[0], 1);
	qlock(&ql);
	CHECK(rwakeup(&rz) == 1);
	CHECK(n[1] == 0);		/* who is woken waits for the lock */
	qunlock(&ql);
	semacquire(&n[2], 1);
	qlock(&ql);
	CHECK(n[1] == 1 && rwakeupall(&rz) == 2 && rwakeupall(&rz) == 0);
	qunlock(&ql);
	semacquire(&n[2], 1);
	semacquire(&n[2], 1);
	CHECK(n[1] == 3);
}

/* rendezvous exchanges two values; a note ends it with all ones. */
static void
meets(void *v)
{
	USED(v);
	rendezvous(&rz, (void*)(uintptr)(rendezvous(&rz, (void*)5) == (void*)7 ? 8 : 9));
}

static int onalarm(void*, char*);

static void
meeting(void)
{
	starter(meets, nil);
	CHECK(rendezvous(&rz, (void*)7) == (void*)5);
	CHECK(rendezvous(&rz, nil) == (void*)8);
	CHECK(atnotify(onalarm, 1));
	alarm(20);
	CHECK(rendezvous(&rz, nil) == (void*)-1);
	CHECK(atnotify(onalarm, 0));
}

/* What one process can see of locks by itself. */
static void
alone(void)
{
	Lock l = { 0 };
	Ref r = { 0 };
	long n = 0;

	CHECK(canlock(&l) && !canlock(&l));
	unlock(&l);
	lock(&l);
	CHECK(!canlock(&l));
	unlock(&l);
	incref(&r);
	incref(&r);
	CHECK(decref(&r) == 1 && decref(&r) == 0);
	CHECK(ainc(&n) == 1 && ainc(&n) == 2 && adec(&n) == 1 && n == 1);
}

static volatile int nalarm;
static jmp_buf out;

static int
onalarm(void *u, char *s)
{
	USED(u);
	if(strcmp(s, "alarm") != 0)
		return 0;
	nalarm++;
	return 1;
}

static void
onfault(void *u, char *s)
{
	if(strncmp(s, "sys: trap: fault", 16) == 0)
		notejmp(u, out, 3);
	noted(NDFLT);
}

/* A handler in the midst of arithmetic must not disturb it. */
static void
notes(void)
{
	volatile double x = 1;
	int i, r;

	CHECK(atnotify(onalarm, 1));
	alarm(30);
	CHECK(sleep(2000) == -1);
	CHECK(nalarm == 1);
	alarm(20);
	for(i = 0; i < 200000000 && nalarm < 2; i++)
		x = x*1.0000001 + 0.5 - 0.5;
	CHECK(nalarm == 2 && x >= 1);
	CHECK(postnote(PNPROC, getpid(), "alarm") == 0);
	sleep(10);
	CHECK(nalarm == 3);
	CHECK(atnotify(onalarm, 0));
	notify(onfault);
	for(i = 0; i < 3; i++){
		r = setjmp(out);
		if(r == 0)
			*(volatile char*)(uintptr)(16 + NPROC*i) = 1;
		CHECK(r == 3);
	}
	notify(nil);
}

static void
ends(void)
{
	Waitmsg *w;
	int pid;

	if(fork() == 0){
		close(2);
		abort();
	}
	w = wait();
	CHECK(w != nil && strstr(w->msg, "sys: trap: invalid opcode") != nil);
	free(w);
	pid = fork();
	if(pid == 0){
		sleep(10000);
		exits(nil);
	}
	sleep(50);
	CHECK(postnote(PNPROC, pid, "interrupt") == 0);
	w = wait();
	CHECK(w != nil && w->pid == pid && strstr(w->msg, ": interrupt") != nil);
	free(w);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	notes();
	ends();
	alone();
	if(sharing()){
		fairness();
		meeting();
	}
	finish();
}
