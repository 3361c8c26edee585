/*
 * One function a system call. Kernel and program agree on 32 bits for
 * counts and descriptors, so int results are the low half of what came back.
 */
#include "sys.h"

#define P(x)	((uvlong)(uintptr)(x))
#define V(x)	((uvlong)(x))
#define CALL(n, a, b, c, d, e)	_syscall(n, (a), (b), (c), (d), (e))
#define ICALL(n, a, b, c, d, e)	((int)_syscall(n, (a), (b), (c), (d), (e)))

enum {
	MAXIO = 0x7ffff000,	/* the largest count that is positive in 32 bits */
};

/* A longer transfer is legal but comes back short. */
static uvlong
count(long n)
{
	return n > MAXIO ? MAXIO : (uvlong)n;
}

int
open(char *name, int mode)
{
	return ICALL(OPEN, P(name), V(mode), 0, 0, 0);
}

int
create(char *name, int mode, uint perm)
{
	return ICALL(CREATE, P(name), V(mode), perm, 0, 0);
}

int
close(int fd)
{
	return ICALL(CLOSE, V(fd), 0, 0, 0, 0);
}

long
pread(int fd, void *buf, long n, vlong off)
{
	return ICALL(PREAD, V(fd), P(buf), count(n), V(off), 0);
}

long
pwrite(int fd, void *buf, long n, vlong off)
{
	return ICALL(PWRITE, V(fd), P(buf), count(n), V(off), 0);
}

long
read(int fd, void *buf, long n)
{
	return pread(fd, buf, n, -1);
}

long
write(int fd, void *buf, long n)
{
	return pwrite(fd, buf, n, -1);
}

vlong
seek(int fd, vlong off, int type)
{
	vlong r = -1;

	if(ICALL(SEEK, P(&r), V(fd), V(off), V(type), 0) == -1)
		return -1;
	return r;
}

int
dup(int old, int new)
{
	return ICALL(DUP, V(old), V(new), 0, 0, 0);
}

int
pipe(int *fd)
{
	return ICALL(PIPE, P(fd), 0, 0, 0, 0);
}

int
remove(char *name)
{
	return ICALL(REMOVE, P(name), 0, 0, 0, 0);
}

int
chdir(char *name)
{
	return ICALL(CHDIR, P(name), 0, 0, 0, 0);
}

int
fd2path(int fd, char *buf, int n)
{
	return ICALL(FD2PATH, V(fd), P(buf), V(n), 0, 0);
}

int
bind(char *new, char *old, int flag)
{
	return ICALL(BIND, P(new), P(old), V(flag), 0, 0);
}

int
mount(int fd, int afd, char *old, int flag, char *aname)
{
	return ICALL(MOUNT, V(fd), V(afd), P(old), V(flag), P(aname));
}

int
unmount(char *new, char *old)
{
	return ICALL(UNMOUNT, P(new), P(old), 0, 0, 0);
}

int
fauth(int fd, char *aname)
{
	return ICALL(FAUTH, V(fd), P(aname), 0, 0, 0);
}

int
fversion(int fd, int msize, char *buf, int n)
{
	return ICALL(FVERSION, V(fd), V(msize), P(buf), V(n), 0);
}

int
stat(char *name, uchar *buf, int n)
{
	return ICALL(STAT, P(name), P(buf), V(n), 0, 0);
}

int
fstat(int fd, uchar *buf, int n)
{
	return ICALL(FSTAT, V(fd), P(buf), V(n), 0, 0);
}

int
wstat(char *name, uchar *buf, int n)
{
	return ICALL(WSTAT, P(name), P(buf), V(n), 0, 0);
}

int
fwstat(int fd, uchar *buf, int n)
{
	return ICALL(FWSTAT, V(fd), P(buf), V(n), 0, 0);
}

void
_exits(char *s)
{
	for(;;)
		CALL(EXITS, P(s), 0, 0, 0, 0);
}

int
errstr(char *buf, uint n)
{
	return ICALL(ERRSTR, P(buf), n, 0, 0, 0);
}

int
rfork(int flags)
{
	return ICALL(RFORK, V(flags), 0, 0, 0, 0);
}

int
exec(char *name, char **argv)
{
	return ICALL(EXEC, P(name), P(argv), 0, 0, 0);
}

int
await(char *buf, int n)
{
	return ICALL(AWAIT, P(buf), V(n), 0, 0, 0);
}

int
sleep(long ms)
{
	return ICALL(SLEEP, V(ms), 0, 0, 0, 0);
}

long
alarm(ulong ms)
{
	return ICALL(ALARM, ms, 0, 0, 0, 0);
}

int
noted(int action)
{
	return ICALL(NOTED, V(action), 0, 0, 0, 0);
}

void*
rendezvous(void *tag, void *value)
{
	return (void*)(uintptr)CALL(RENDEZVOUS, P(tag), P(value), 0, 0, 0);
}

int
semacquire(int *p, int block)
{
	return ICALL(SEMACQUIRE, P(p), V(block), 0, 0, 0);
}

int
tsemacquire(int *p, ulong ms)
{
	return ICALL(TSEMACQUIRE, P(p), ms, 0, 0, 0);
}

int
semrelease(int *p, int n)
{
	return ICALL(SEMRELEASE, P(p), V(n), 0, 0, 0);
}

void*
segattach(int attr, char *class, void *va, ulong len)
{
	return (void*)(uintptr)CALL(SEGATTACH, V(attr), P(class), P(va), len, 0);
}

int
segdetach(void *va)
{
	return ICALL(SEGDETACH, P(va), 0, 0, 0, 0);
}

int
segfree(void *va, ulong len)
{
	return ICALL(SEGFREE, P(va), len, 0, 0, 0);
}

int
segflush(void *va, ulong len)
{
	return ICALL(SEGFLUSH, P(va), len, 0, 0, 0);
}

void*
segbrk(void *base, void *va)
{
	return (void*)(uintptr)CALL(SEGBRK, P(base), P(va), 0, 0, 0);
}

int
brk(void *va)
{
	return ICALL(BRK_, P(va), 0, 0, 0, 0);
}
