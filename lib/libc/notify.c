/*
 * Notes. The kernel starts every handler at _notetramp, which calls
 * _notehandler; the process's own handler is kept in a private word so that
 * processes sharing memory may have different ones.
 */
#include "sys.h"

enum {
	NATNOTIFY = 33,
};

static int (*handlers[NATNOTIFY])(void*, char*);
static Lock handlerlock;

/* A handler that returns has not said what to do: the default happens. */
void
_notehandler(void *ureg, char *note)
{
	void (*f)(void*, char*);

	f = (void (*)(void*, char*))(uintptr)_privates[Privnote];
	if(f != nil)
		f(ureg, note);
	noted(NDFLT);
}

int
notify(void (*f)(void*, char*))
{
	void *old = _privates[Privnote];
	uvlong tramp = 0;

	if(f != nil){
		_privates[Privnote] = (void*)(uintptr)f;
		tramp = (uvlong)(uintptr)_notetramp;
	}
	if((int)_syscall1(tramp, NOTIFY) == -1){
		_privates[Privnote] = old;
		return -1;
	}
	return 0;
}

/* Leaves a note handler for the place where setjmp filled jb. */
void
notejmp(void *ureg, jmp_buf jb, int v)
{
	Ureg *u = ureg;

	jb[JMPBUFVAL] = (uint)v;
	u->ax = (uvlong)(uintptr)jb;
	u->pc = (uvlong)(uintptr)_notejmpland;
	u->sp = jb[JMPBUFSP];
	for(;;)
		noted(NCONT);
}

static void
dispatch(void *ureg, char *note)
{
	int i;

	for(i = 0; i < NATNOTIFY; i++)
		if(handlers[i] != nil && handlers[i](ureg, note))
			noted(NCONT);
	noted(NDFLT);
}

/* Adds f (in != 0) or removes it; returns 0 when the table is full. */
int
atnotify(int (*f)(void*, char*), int in)
{
	int i, ok = 0;

	lock(&handlerlock);
	for(i = 0; i < NATNOTIFY && !ok; i++){
		if(handlers[i] == (in ? nil : f)){
			handlers[i] = in ? f : nil;
			ok = 1;
		}
	}
	unlock(&handlerlock);
	if(in && ok && _privates[Privnote] != (void*)(uintptr)dispatch)
		notify(dispatch);
	return ok;
}

/* Posts text to a process or to its note group. */
int
postnote(int who, int pid, char *text)
{
	char name[64];
	int fd, r;

	snprint(name, sizeof name, "/proc/%d/%s", pid, who == PNGROUP ? "notepg" : "note");
	fd = open(name, OWRITE);
	if(fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) == strlen(text) ? 0 : -1;
	close(fd);
	return r;
}
