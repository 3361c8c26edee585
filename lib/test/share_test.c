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

static void
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
			return;
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
	sharing();
	finish();
}
