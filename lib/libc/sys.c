/*
 * One function a system call. Kernel and program agree on 32 bits for
 * counts and descriptors, so int results are the low half of what came back.
 */
#include "sys.h"

#define P(x)	((uvlong)(uintptr)(x))
#define V(x)	((uvlong)(x))

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
	return (int)_syscall2(P(name), V(mode), OPEN);
}

int
create(char *name, int mode, uint perm)
{
	return (int)_syscall3(P(name), V(mode), perm, CREATE);
}

int
close(int fd)
{
	return (int)_syscall1(V(fd), CLOSE);
}

long
pread(int fd, void *buf, long n, vlong off)
{
	return (long)_syscall4(V(fd), P(buf), count(n), V(off), PREAD);
}

long
pwrite(int fd, void *buf, long n, vlong off)
{
	return (long)_syscall4(V(fd), P(buf), count(n), V(off), PWRITE);
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

	if((int)_syscall4(P(&r), V(fd), V(off), V(type), SEEK) == -1)
		return -1;
	return r;
}

int
dup(int old, int new)
{
	return (int)_syscall2(V(old), V(new), DUP);
}

int
pipe(int *fd)
{
	return (int)_syscall1(P(fd), PIPE);
}

int
remove(char *name)
{
	return (int)_syscall1(P(name), REMOVE);
}

int
chdir(char *name)
{
	return (int)_syscall1(P(name), CHDIR);
}

int
fd2path(int fd, char *buf, int n)
{
	return (int)_syscall3(V(fd), P(buf), V(n), FD2PATH);
}

int
bind(char *new, char *old, int flag)
{
	return (int)_syscall3(P(new), P(old), V(flag), BIND);
}

int
mount(int fd, int afd, char *old, int flag, char *aname)
{
	return (int)_syscall(MOUNT, V(fd), V(afd), P(old), V(flag), P(aname));
}

int
unmount(char *new, char *old)
{
	return (int)_syscall2(P(new), P(old), UNMOUNT);
}

int
fauth(int fd, char *aname)
{
	return (int)_syscall2(V(fd), P(aname), FAUTH);
}

int
fversion(int fd, int msize, char *buf, int n)
{
	return (int)_syscall4(V(fd), V(msize), P(buf), V(n), FVERSION);
}

int
stat(char *name, uchar *buf, int n)
{
	return (int)_syscall3(P(name), P(buf), V(n), STAT);
}

int
fstat(int fd, uchar *buf, int n)
{
	return (int)_syscall3(V(fd), P(buf), V(n), FSTAT);
}

int
wstat(char *name, uchar *buf, int n)
{
	return (int)_syscall3(P(name), P(buf), V(n), WSTAT);
}

int
fwstat(int fd, uchar *buf, int n)
{
	return (int)_syscall3(V(fd), P(buf), V(n), FWSTAT);
}

void
_exits(char *s)
{
	for(;;)
		_syscall1(P(s), EXITS);
}

int
errstr(char *buf, uint n)
{
	return (int)_syscall2(P(buf), n, ERRSTR);
}

int
rfork(int flags)
{
	return (int)_syscall1(V(flags), RFORK);
}

int
exec(char *name, char **argv)
{
	return (int)_syscall2(P(name), P(argv), EXEC);
}

int
await(char *buf, int n)
{
	return (int)_syscall2(P(buf), V(n), AWAIT);
}

int
sleep(long ms)
{
	return (int)_syscall1(V(ms), SLEEP);
}

long
alarm(ulong ms)
{
	return (int)_syscall1(ms, ALARM);
}

int
noted(int action)
{
	return (int)_syscall1(V(action), NOTED);
}

void*
rendezvous(void *tag, void *value)
{
	return (void*)(uintptr)_syscall2(P(tag), P(value), RENDEZVOUS);
}

int
semacquire(int *p, int block)
{
	return (int)_syscall2(P(p), V(block), SEMACQUIRE);
}

int
tsemacquire(int *p, ulong ms)
{
	return (int)_syscall2(P(p), ms, TSEMACQUIRE);
}

int
semrelease(int *p, int n)
{
	return (int)_syscall2(P(p), V(n), SEMRELEASE);
}

void*
segattach(int attr, char *class, void *va, ulong len)
{
	return (void*)(uintptr)_syscall4(V(attr), P(class), P(va), len, SEGATTACH);
}

int
segdetach(void *va)
{
	return (int)_syscall1(P(va), SEGDETACH);
}

int
segfree(void *va, ulong len)
{
	return (int)_syscall2(P(va), len, SEGFREE);
}

int
segflush(void *va, ulong len)
{
	return (int)_syscall2(P(va), len, SEGFLUSH);
}

void*
segbrk(void *base, void *va)
{
	return (void*)(uintptr)_syscall2(P(base), P(va), SEGBRK);
}

int
brk(void *va)
{
	return (int)_syscall1(P(va), BRK_);
}
