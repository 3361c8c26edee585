/*
 * Procs and threads. A proc is a process that shares memory with the others of
 * the program; a thread is a coroutine in one proc and gives way to the others
 * there only in the calls below and in qlock, rsleep and their like. A program
 * defines threadmain instead of main.
 */
#ifndef THREAD_H
#define THREAD_H

typedef struct Channel Channel;
typedef struct Alt Alt;
typedef struct Ioproc Ioproc;
typedef struct Thread Thread;

typedef enum {
	CHANEND,		/* ends the array: wait until one is ready */
	CHANSND,
	CHANRCV,
	CHANNOP,		/* not for now */
	CHANNOBLK,		/* ends the array: do not wait */
} ChanOp;

/* One operation of an alt. The caller fills the first three. */
struct Alt {
	Channel	*c;
	void	*v;		/* the element, or where to put it; nil: zeros, or drop it */
	ChanOp	op;
	char	*err;		/* set if the channel was closed */
	/* the library's */
	Thread	*thread;
	Alt	*next, *prev;
	Alt	*first;		/* of the array */
};

extern int mainstacksize;	/* may be defined by the program */

void	threadmain(int, char**);
int	threadcreate(void (*)(void*), void*, uint);
int	proccreate(void (*)(void*), void*, uint);
int	procrfork(void (*)(void*), void*, uint, int);
NORETURN void	threadexits(char*);
NORETURN void	threadexitsall(char*);
void	yield(void);

int	threadid(void);
int	threadpid(int);
int	threadsetgrp(int);
int	threadgetgrp(void);
void	threadsetname(char*, ...);
char	*threadgetname(void);
void	**threaddata(void);
void	**procdata(void);
void	threadint(int);
int	threadintgrp(int);
void	threadkill(int);
int	threadkillgrp(int);
int	threadnotify(int (*)(void*, char*), int);

void	procexec(Channel*, char*, char**);
void	procexecl(Channel*, char*, ...);
Channel	*threadwaitchan(void);

Channel	*chancreate(int, int);
void	chanfree(Channel*);
int	chanclose(Channel*);
int	chanclosing(Channel*);
int	chanprint(Channel*, char*, ...);
int	alt(Alt*);
int	send(Channel*, void*);
int	recv(Channel*, void*);
int	nbsend(Channel*, void*);
int	nbrecv(Channel*, void*);
int	sendp(Channel*, void*);
void	*recvp(Channel*);
int	nbsendp(Channel*, void*);
void	*nbrecvp(Channel*);
int	sendul(Channel*, ulong);
ulong	recvul(Channel*);
int	nbsendul(Channel*, ulong);
ulong	nbrecvul(Channel*);

Ioproc	*ioproc(void);
void	closeioproc(Ioproc*);
void	iointerrupt(Ioproc*);
long	iocall(Ioproc*, long (*)(va_list*), ...);
int	ioopen(Ioproc*, char*, int);
int	ioclose(Ioproc*, int);
int	iodial(Ioproc*, char*, char*, char*, int*);
long	ioread(Ioproc*, int, void*, long);
long	ioreadn(Ioproc*, int, void*, long);
long	iowrite(Ioproc*, int, void*, long);
int	iosleep(Ioproc*, long);

#endif
