/*
 * Processes: how they begin, end, and wait for each other.
 */
#include "sys.h"

enum {
	NATEXIT = 33,
	WAITMAX = 512,		/* a wait record: five fields, quotes doubled */
};

static void (*exitfns[NATEXIT])(void);
static int exitpid[NATEXIT];
static Lock exitlock;

/* Runs f when this process, not one forked from it, calls exits; 0 when full. */
int
atexit(void (*f)(void))
{
	int i, ok = 0;

	lock(&exitlock);
	for(i = 0; i < NATEXIT && !ok; i++){
		if(exitfns[i] == nil){
			exitfns[i] = f;
			exitpid[i] = getpid();
			ok = 1;
		}
	}
	unlock(&exitlock);
	return ok;
}

void
atexitdont(void (*f)(void))
{
	int i, pid = getpid();

	for(i = 0; i < NATEXIT; i++)
		if(exitfns[i] == f && exitpid[i] == pid)
			exitfns[i] = nil;
}

void
exits(char *s)
{
	void (*f)(void);
	int i, pid = getpid();

	for(i = NATEXIT-1; i >= 0; i--){
		f = exitfns[i];
		if(f != nil && exitpid[i] == pid){
			exitfns[i] = nil;
			f();
		}
	}
	_exits(s);
}

void
abort(void)
{
	for(;;)
		__builtin_trap();
}

void
_assert(char *s)
{
	fprint(2, "%s: assertion failed: %s\n", argv0 ? argv0 : "program", s);
	abort();
}

void
sysfatal(char *fmt, ...)
{
	char buf[1024];
	va_list args;

	va_start(args, fmt);
	vseprint(buf, buf + sizeof buf, fmt, args);
	va_end(args);
	if(argv0 != nil)
		fprint(2, "%s: %s\n", argv0, buf);
	else
		fprint(2, "%s\n", buf);
	exits(buf);
}

int
fork(void)
{
	return rfork(RFPROC|RFFDG|RFREND);
}

int
execl(char *name, ...)
{
	va_list args;
	int n;

	va_start(args, name);
	for(n = 1; va_arg(args, char*) != nil; n++)
		;
	va_end(args);

	char **argv = malloc(n * sizeof argv[0]);
	if(argv == nil)
		return -1;
	va_start(args, name);
	for(int i = 0; i < n; i++)
		argv[i] = va_arg(args, char*);
	va_end(args);
	exec(name, argv);
	free(argv);
	return -1;
}

/* Returns the next ended child's record, one malloc'd block, or nil. */
Waitmsg*
wait(void)
{
	char buf[WAITMAX], *f[5];
	Waitmsg *w;
	int n;

	n = await(buf, sizeof buf);
	if(n < 0)
		return nil;
	buf[n < WAITMAX ? n : WAITMAX-1] = 0;
	if(tokenize(buf, f, nelem(f)) != nelem(f)){
		werrstr("couldn't parse wait message");
		return nil;
	}
	n = strlen(f[4]) + 1;
	w = malloc(sizeof *w + n);
	if(w == nil)
		return nil;
	w->pid = atoi(f[0]);
	for(int i = 0; i < 3; i++)
		w->time[i] = (uint)strtoul(f[1+i], nil, 10);
	w->msg = (char*)(w+1);
	memmove(w->msg, f[4], n);
	return w;
}

int
waitpid(void)
{
	char buf[WAITMAX];
	int n;

	n = await(buf, sizeof buf - 1);
	if(n < 0)
		return -1;
	buf[n] = 0;
	return atoi(buf);
}

int
getpid(void)
{
	return (int)_tos->pid;
}

/* Reads a small file into buf and terminates it; returns its length or -1. */
static int
readsmall(char *name, char *buf, int n)
{
	int fd, r;

	fd = open(name, OREAD);
	if(fd < 0)
		return -1;
	r = read(fd, buf, n-1);
	close(fd);
	if(r < 0)
		return -1;
	buf[r] = 0;
	return r;
}

int
getppid(void)
{
	char buf[32];

	if(readsmall("/dev/ppid", buf, sizeof buf) < 0 && readsmall("#c/ppid", buf, sizeof buf) < 0)
		return 0;
	return atoi(buf);
}

char*
getuser(void)
{
	static char user[64];

	if(readsmall("/dev/user", user, sizeof user) <= 0)
		strcpy(user, "none");
	return user;
}

char*
sysname(void)
{
	static char name[128];

	if(name[0] == 0 && readsmall("/dev/sysname", name, sizeof name) <= 0)
		return nil;
	return name;
}

/* Replaces what /proc/pid/args shows. */
void
procsetname(char *fmt, ...)
{
	char file[32], *text;
	va_list args;
	int fd;

	va_start(args, fmt);
	text = vsmprint(fmt, args);
	va_end(args);
	if(text == nil)
		return;
	snprint(file, sizeof file, "#p/%d/args", getpid());
	fd = open(file, OWRITE);
	if(fd >= 0){
		write(fd, text, strlen(text)+1);
		close(fd);
	}
	free(text);
}
