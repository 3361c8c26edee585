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
	return (int)_syscall2(OPEN, P(name), V(mode));
}

int
create(char *name, int mode, uint perm)
{
	return (int)_syscall3(CREATE, P(name), V(mode), perm);
}

int
close(int fd)
{
	return (int)_syscall1(CLOSE, V(fd));
}

long
pread(int fd, void *buf, long n, vlong off)
{
	return (int)_syscall4(PREAD, V(fd), P(buf), count(n), V(off));
}

long
pwrite(int fd, void *buf, long n, vlong off)
{
	return (int)_syscall4(PWRITE, V(fd), P(buf), count(n), V(off));
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

	if((int)_syscall4(SEEK, P(&r), V(fd), V(off), V(type)) == -1)
		return -1;
	return r;
}

int
dup(int old, int new)
{
	return (int)_syscall2(DUP, V(old), V(new));
}

int
pipe(int *fd)
{
	return (int)_syscall1(PIPE, P(fd));
}

int
remove(char *name)
{
	return (int)_syscall1(REMOVE, P(name));
}

int
chdir(char *name)
{
	return (int)_syscall1(CHDIR, P(name));
}

int
fd2path(int fd, char *buf, int n)
{
	return (int)_syscall3(FD2PATH, V(fd), P(buf), V(n));
}

int
bind(char *new, char *old, int flag)
{
	return (int)_syscall3(BIND, P(new), P(old), V(flag));
}

int
mount(int fd, int afd, char *old, int flag, char *aname)
{
	return (int)_syscall(MOUNT, V(fd), V(afd), P(old), V(flag), P(aname));
}

int
unmount(char *new, char *old)
{
	return (int)_syscall2(UNMOUNT, P(new), P(old));
}

int
fauth(int fd, char *aname)
{
	return (int)_syscall2(FAUTH, V(fd), P(aname));
}

int
fversion(int fd, int msize, char *buf, int n)
{
	return (int)_syscall4(FVERSION, V(fd), V(msize), P(buf), V(n));
}

int
stat(char *name, uchar *buf, int n)
{
	return (int)_syscall3(STAT, P(name), P(buf), V(n));
}

int
fstat(int fd, uchar *buf, int n)
{
	return (int)_syscall3(FSTAT, V(fd), P(buf), V(n));
}

int
wstat(char *name, uchar *buf, int n)
{
	return (int)_syscall3(WSTAT, P(name), P(buf), V(n));
}

int
fwstat(int fd, uchar *buf, int n)
{
	return (int)_syscall3(FWSTAT, V(fd), P(buf), V(n));
}

void
_exits(char *s)
{
	for(;;)
		_syscall1(EXITS, P(s));
}

int
errstr(char *buf, uint n)
{
	return (int)_syscall2(ERRSTR, P(buf), n);
}

int
rfork(int flags)
{
	return (int)_syscall1(RFORK, V(flags));
}

int
exec(char *name, char **argv)
{
	return (int)_syscall2(EXEC, P(name), P(argv));
}

int
await(char *buf, int n)
{
	return (int)_syscall2(AWAIT, P(buf), V(n));
}

int
sleep(long ms)
{
	return (int)_syscall1(SLEEP, V(ms));
}

long
alarm(ulong ms)
{
	return (int)_syscall1(ALARM, ms);
}

int
noted(int action)
{
	return (int)_syscall1(NOTED, V(action));
}

void*
rendezvous(void *tag, void *value)
{
	return (void*)(uintptr)_syscall2(RENDEZVOUS, P(tag), P(value));
}

int
semacquire(int *p, int block)
{
	return (int)_syscall2(SEMACQUIRE, P(p), V(block));
}

int
tsemacquire(int *p, ulong ms)
{
	return (int)_syscall2(TSEMACQUIRE, P(p), ms);
}

int
semrelease(int *p, int n)
{
	return (int)_syscall2(SEMRELEASE, P(p), V(n));
}

void*
segattach(int attr, char *class, void *va, ulong len)
{
	return (void*)(uintptr)_syscall4(SEGATTACH, V(attr), P(class), P(va), len);
}

int
segdetach(void *va)
{
	return (int)_syscall1(SEGDETACH, P(va));
}

int
segfree(void *va, ulong len)
{
	return (int)_syscall2(SEGFREE, P(va), len);
}

int
segflush(void *va, ulong len)
{
	return (int)_syscall2(SEGFLUSH, P(va), len);
}

void*
segbrk(void *base, void *va)
{
	return (void*)(uintptr)_syscall2(SEGBRK, P(base), P(va));
}

int
brk(void *va)
{
	return (int)_syscall1(BRK_, P(va));
}
