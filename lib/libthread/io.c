/*
 * System calls that may block, made in a proc of their own so that the
 * caller's other threads go on.
 */
#include "impl.h"

struct Ioproc {
	QLock	use;		/* one call at a time */
	Channel	*request, *reply;
	int	tid;
	long	(*op)(va_list*);
	va_list	arg;
	long	result;
	char	err[ERRMAX];
};

static void
serve(void *v)
{
	Ioproc *io = v;
	ulong go;

	threadsetname("ioproc");
	for(;;){
		go = recvul(io->request);
		if(go == ~0UL)
			continue;
		if(go == 0)
			break;
		io->result = io->op(&io->arg);
		if(io->result < 0)
			rerrstr(io->err, sizeof io->err);
		while(sendul(io->reply, 1) < 0)
			;
	}
	chanfree(io->request);
	chanfree(io->reply);
	free(io);
}

Ioproc*
ioproc(void)
{
	Ioproc *io = mallocz(sizeof *io, 1);

	if(io == nil)
		sysfatal("no memory for an ioproc");
	io->request = chancreate(sizeof(ulong), 0);
	io->reply = chancreate(sizeof(ulong), 0);
	io->tid = proccreate(serve, io, MINSTACK);
	if(io->tid < 0)
		sysfatal("ioproc: %r");
	return io;
}

/* No call may be going on. */
void
closeioproc(Ioproc *io)
{
	if(io != nil)
		while(sendul(io->request, 0) < 0)
			;
}

/* Ends the system call it is in with an error. */
void
iointerrupt(Ioproc *io)
{
	threadint(io->tid);
}

/* The arguments after op as op takes them; its result and error. */
long
iocall(Ioproc *io, long (*op)(va_list*), ...)
{
	long r;

	qlock(&io->use);
	va_start(io->arg, op);
	io->op = op;
	while(sendul(io->request, 1) < 0)
		;
	while(recvul(io->reply) == ~0UL)
		iointerrupt(io);	/* the call must end before its arguments go */
	va_end(io->arg);
	r = io->result;
	if(r < 0)
		werrstr("%s", io->err);
	qunlock(&io->use);
	return r;
}

static long
doopen(va_list *arg)
{
	char *name = va_arg(*arg, char*);

	return open(name, va_arg(*arg, int));
}

int
ioopen(Ioproc *io, char *name, int mode)
{
	return (int)iocall(io, doopen, name, mode);
}

static long
doclose(va_list *arg)
{
	return close(va_arg(*arg, int));
}

int
ioclose(Ioproc *io, int fd)
{
	return (int)iocall(io, doclose, fd);
}

static long
dodial(va_list *arg)
{
	char *addr = va_arg(*arg, char*), *local = va_arg(*arg, char*), *dir = va_arg(*arg, char*);

	return dial(addr, local, dir, va_arg(*arg, int*));
}

int
iodial(Ioproc *io, char *addr, char *local, char *dir, int *cfd)
{
	return (int)iocall(io, dodial, addr, local, dir, cfd);
}

static long
doread(va_list *arg)
{
	int fd = va_arg(*arg, int);
	void *v = va_arg(*arg, void*);

	return read(fd, v, va_arg(*arg, long));
}

long
ioread(Ioproc *io, int fd, void *v, long n)
{
	return iocall(io, doread, fd, v, n);
}

static long
doreadn(va_list *arg)
{
	int fd = va_arg(*arg, int);
	void *v = va_arg(*arg, void*);

	return readn(fd, v, va_arg(*arg, long));
}

long
ioreadn(Ioproc *io, int fd, void *v, long n)
{
	return iocall(io, doreadn, fd, v, n);
}

static long
dowrite(va_list *arg)
{
	int fd = va_arg(*arg, int);
	void *v = va_arg(*arg, void*);

	return write(fd, v, va_arg(*arg, long));
}

long
iowrite(Ioproc *io, int fd, void *v, long n)
{
	return iocall(io, dowrite, fd, v, n);
}

static long
dosleep(va_list *arg)
{
	return sleep(va_arg(*arg, long));
}

int
iosleep(Ioproc *io, long ms)
{
	return (int)iocall(io, dosleep, ms);
}
