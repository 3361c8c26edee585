/*
 * Making, naming, finding and ending threads and procs.
 */
#include "impl.h"

static Thread*
find(int id)
{
	Thread *t;

	for(t = _allthreads; t != nil && t->id != id; t = t->next)
		;
	return t;
}

/* Returns the new thread's id. It inherits the group. */
int
threadcreate(void (*f)(void*), void *arg, uint stack)
{
	Thread *me = _thread(), *t = _newthread(_proc(), f, arg, stack, nil);

	t->grp = me->grp;
	return t->id;
}

/* A thread in a new proc, made with those flags of rfork; its id, or -1. */
int
procrfork(void (*f)(void*), void *arg, uint stack, int flags)
{
	Proc *p = _proc(), *new = _newproc();
	Thread *me = p->current, *t = _newthread(new, f, arg, stack, nil);
	int id = t->id;

	t->grp = me->grp;
	p->fork = new;
	p->forkflags = flags & ~(RFPROC|RFMEM|RFNOWAIT);
	_ready(me);
	_sched();
	return p->forkpid < 0 ? -1 : id;
}

int
proccreate(void (*f)(void*), void *arg, uint stack)
{
	return procrfork(f, arg, stack, 0);
}

int
threadid(void)
{
	return _thread()->id;
}

/* The process in which a thread runs; -1 if there is no such thread. */
int
threadpid(int id)
{
	Thread *t;
	int pid = -1;

	lock(&_threadlock);
	t = id < 0 ? nil : id == 0 ? _thread() : find(id);
	if(t != nil)
		pid = t->proc->pid;
	unlock(&_threadlock);
	return pid;
}

/* Returns the group that was. */
int
threadsetgrp(int grp)
{
	Thread *t = _thread();
	int old = t->grp;

	t->grp = grp;
	return old;
}

int
threadgetgrp(void)
{
	return _thread()->grp;
}

void
threadsetname(char *fmt, ...)
{
	Thread *t = _thread();
	va_list arg;
	char *new, *old;

	va_start(arg, fmt);
	new = vsmprint(fmt, arg);
	va_end(arg);
	lock(&_threadlock);
	old = t->name;
	t->name = new;
	unlock(&_threadlock);
	free(old);
}

char*
threadgetname(void)
{
	return _thread()->name;
}

void**
threaddata(void)
{
	return &_thread()->data;
}

void**
procdata(void)
{
	return &_proc()->data;
}

/*
 * Ends what t waits for: its alt, or the system call in which its process is. threadlock
 * is held, so that t stays.
 */
static void
interrupt(Thread *t)
{
	if(!_unblock(t) && t->proc->current == t && t != _thread())
		postnote(PNPROC, t->proc->pid, "threadint");
}

void
threadint(int id)
{
	Thread *t;

	lock(&_threadlock);
	if((t = find(id)) != nil)
		interrupt(t);
	unlock(&_threadlock);
}

static int
group(int grp, int kill)
{
	Thread *t;
	int n = 0;

	lock(&_threadlock);
	for(t = _allthreads; t != nil; t = t->next)
		if(t->grp == grp){
			if(kill)
				t->killed = 1;
			interrupt(t);
			n++;
		}
	unlock(&_threadlock);
	return n;
}

int
threadintgrp(int grp)
{
	return group(grp, 0);
}

/* A thread ends when it next waits or is about to go on after waiting. */
void
threadkill(int id)
{
	Thread *t;

	lock(&_threadlock);
	if((t = find(id)) != nil){
		t->killed = 1;
		interrupt(t);
	}
	unlock(&_threadlock);
}

int
threadkillgrp(int grp)
{
	return group(grp, 1);
}

int
threadnotify(int (*f)(void*, char*), int in)
{
	return atnotify(f, in);
}
