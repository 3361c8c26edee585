/*
 * The scheduler of each proc, and main. The scheduler runs on the stack that
 * the kernel gave the process, which rfork copies; threads run on stacks from
 * malloc, which all share. So it is the scheduler that forks, on behalf of a
 * thread that asks for it and yields.
 */
#include "impl.h"

#define STACKMARK	0x6b6361747374726aULL

int mainstacksize __attribute__((weak));
Lock _threadlock;
Thread *_allthreads;
static Proc *allprocs;
static volatile int exiting;
static char exitstatus[ERRMAX];
static void **procword;
static int lastid;

extern void *(*_rendezvousp)(void*, void*);

static struct {
	Lock	lock;
	Thread	*hash[RENDHASH];
} rend;

Proc*
_proc(void)
{
	return *procword;
}

Thread*
_thread(void)
{
	return _proc()->current;
}

/* ---- birth ---- */

static void
launch(void)
{
	Thread *t = _thread();

	t->f(t->arg);
	threadexits(nil);
}

/* A thread of p, ready to run; the program ends when there is no memory. */
Thread*
_newthread(Proc *p, void (*f)(void*), void *arg, uint size, char *name)
{
	Thread *t = mallocz(sizeof *t, 1);
	uvlong sp;

	if(size < MINSTACK)
		size = MINSTACK;
	if(t == nil || (t->stack = malloc(size)) == nil)
		sysfatal("no memory for a thread");
	*(uvlong*)t->stack = STACKMARK;
	sp = (((uvlong)(uintptr)t->stack + size) & ~(uvlong)15) - 24;
	*(uvlong*)(uintptr)sp = 0;
	t->regs[JMPBUFSP] = sp;
	t->regs[JMPBUFPC] = (uvlong)(uintptr)launch;
	t->f = f;
	t->arg = arg;
	t->proc = p;
	t->name = name != nil ? strdup(name) : nil;
	lock(&_threadlock);
	t->id = ++lastid;
	t->next = _allthreads;
	_allthreads = t;
	unlock(&_threadlock);
	lock(&p->lock);
	p->nthread++;
	unlock(&p->lock);
	_ready(t);
	return t;
}

Proc*
_newproc(void)
{
	Proc *p = mallocz(sizeof *p, 1);

	if(p == nil)
		sysfatal("no memory for a proc");
	lock(&_threadlock);
	p->next = allprocs;
	allprocs = p;
	unlock(&_threadlock);
	return p;
}

/* ---- switching ---- */

/* Puts t at the end of its proc's queue. */
void
_ready(Thread *t)
{
	Proc *p = t->proc;
	int wake;

	lock(&p->lock);
	t->nextready = nil;
	if(p->head == nil)
		p->head = t;
	else
		p->tail->nextready = t;
	p->tail = t;
	wake = p->idle;
	p->idle = 0;
	unlock(&p->lock);
	if(wake)
		semrelease(&p->sem, 1);
}

/* Leaves the thread for its proc's scheduler; returns when somebody made it ready. */
static void
leave(void)
{
	Proc *p = _proc();

	if(setjmp(p->current->regs) == 0)
		longjmp(p->regs, 1);
}

/* The same where a thread may be killed. */
void
_sched(void)
{
	leave();
	if(_thread()->killed)
		threadexits("Killed");
}

/* The next thread to run, waited for; nil when there is none left. */
static Thread*
next(Proc *p)
{
	Thread *t;

	for(;;){
		lock(&p->lock);
		t = p->head;
		if(t != nil)
			p->head = t->nextready;
		p->idle = t == nil && p->nthread > 0;
		if(!p->idle){
			unlock(&p->lock);
			return t;
		}
		unlock(&p->lock);
		while(semacquire(&p->sem, 1) < 0)	/* a note is no reason to wake */
			if(exiting)
				_exits(exitstatus);
	}
}

static void
bury(Proc *p, Thread *t)
{
	Thread **l;

	lock(&_threadlock);
	for(l = &_allthreads; *l != t; l = &(*l)->next)
		;
	*l = t->next;
	unlock(&_threadlock);
	lock(&p->lock);
	p->nthread--;
	unlock(&p->lock);
	free(t->stack);
	free(t->name);
	free(t);
}

static void
forget(Proc *p)
{
	Proc **l;

	lock(&_threadlock);
	for(l = &allprocs; *l != p; l = &(*l)->next)
		;
	*l = p->next;
	unlock(&_threadlock);
	free(p);
}

static NORETURN void
endproc(Proc *p)
{
	char status[ERRMAX];

	strecpy(status, status + sizeof status, p->exitstr);
	forget(p);
	exits(status[0] != 0 ? status : nil);
}

static NORETURN void schedule(Proc*);

/* The variables of the fork are the stack's: the child shares all others. */
static void
dofork(Proc *p)
{
	Proc *new = p->fork;
	int pid;

	p->fork = nil;
	pid = rfork(RFPROC|RFMEM|RFNOWAIT|p->forkflags);
	if(pid == 0){
		*procword = new;
		new->pid = getpid();
		schedule(new);
	}
	p->forkpid = pid;
	if(pid > 0){
		new->pid = pid;
		return;
	}
	bury(new, next(new));
	forget(new);
}

/* exec never returns in the child: what is wrong goes through the pipe. */
static void
doexec(Proc *p)
{
	char err[ERRMAX], *prog = p->prog, **argv = p->argv;
	int fd = p->execfd, pid;

	p->prog = nil;
	pid = rfork(RFPROC|RFMEM|RFFDG|RFREND|RFNOTEG);
	if(pid == 0){
		exec(prog, argv);
		rerrstr(err, sizeof err);
		write(fd, err, strlen(err) + 1);
		_exits("exec failed");
	}
	p->forkpid = pid;
}

static void
switchto(Proc *p)
{
	if(setjmp(p->regs) == 0)
		longjmp(p->current->regs, 1);
}

static NORETURN void
schedule(Proc *p)
{
	Thread *t;

	for(;;){
		if(exiting)
			_exits(exitstatus);
		t = next(p);
		if(t == nil)
			endproc(p);
		p->current = t;
		switchto(p);
		if(*(uvlong*)t->stack != STACKMARK)
			sysfatal("thread %d: stack too small", t->id);
		p->current = nil;
		if(p->fork != nil)
			dofork(p);
		if(p->prog != nil)
			doexec(p);
		if(t->dead)
			bury(p, t);
	}
}

/* ---- the end ---- */

void
threadexits(char *s)
{
	Proc *p = _proc();

	if(s != nil)
		strecpy(p->exitstr, p->exitstr + sizeof p->exitstr, s);
	p->current->dead = 1;
	leave();
	abort();
}

void
threadexitsall(char *s)
{
	Proc *p;
	int me = getpid();

	if(s != nil)
		strecpy(exitstatus, exitstatus + sizeof exitstatus, s);
	exiting = 1;
	lock(&_threadlock);
	for(p = allprocs; p != nil; p = p->next)
		if(p->pid != 0 && p->pid != me)
			postnote(PNPROC, p->pid, "threadexitsall");
	unlock(&_threadlock);
	exits(s);
}

void
yield(void)
{
	_ready(_thread());
	_sched();
}

/* ---- what the library does with its own notes, and qlock's rendezvous ---- */

int
_intnote(void *ureg, char *note)
{
	USED(ureg);
	if(exiting)
		_exits(exitstatus);
	return strcmp(note, "threadint") == 0;
}

/* Like rendezvous, but only the thread waits. */
void*
_threadrendezvous(void *tag, void *value)
{
	Thread *t, **l, *me = *procword != nil ? _thread() : nil;
	void *v;

	if(me == nil)
		return rendezvous(tag, value);
	lock(&rend.lock);
	for(l = &rend.hash[(uvlong)(uintptr)tag/16 % RENDHASH]; (t = *l) != nil; l = &t->nextrend)
		if(t->tag == tag){
			*l = t->nextrend;
			v = t->value;
			t->value = value;
			t->tag = nil;
			unlock(&rend.lock);
			_ready(t);
			return v;
		}
	me->tag = tag;
	me->value = value;
	me->nextrend = nil;
	*l = me;
	unlock(&rend.lock);
	do
		leave();
	while(me->tag != nil);
	return me->value;
}

/* ---- main ---- */

static int mainargc;

static void
runmain(void *argv)
{
	threadmain(mainargc, argv);
	threadexits(nil);
}

void
main(int argc, char **argv)
{
	Proc *p;

	procword = privalloc();
	_rendezvousp = _threadrendezvous;
	atnotify(_intnote, 1);
	p = _newproc();
	p->pid = getpid();
	*procword = p;
	mainargc = argc;
	_newthread(p, runmain, argv, mainstacksize != 0 ? (uint)mainstacksize : 256*1024,
		"threadmain");
	schedule(p);
}
