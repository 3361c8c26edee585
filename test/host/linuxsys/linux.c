/*
 * The gate: every Plan 9 system call of a program arrives in _syscall and
 * is answered by Linux. Errors become Plan 9's texts.
 */
#include "linux.h"

Fd fds[NFD];
char **hostenv;
char procname[64];
vlong startns;
static char saved[ERRMAX];
static Tos tos;

/* One Linux system call: a result, or a negated error number. */
long
lx(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long r;

	__asm__ volatile("syscall" : "=a"(r)
		: "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return r;
}

/* Sets the error string; returns -1. */
int
fail(char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vseprint(saved, saved + sizeof saved, fmt, args);
	va_end(args);
	return -1;
}

static char*
errtext(long e)
{
	switch(e){
	case Enoent:
		return "file does not exist";
	case Eintr:
		return "interrupted";
	case Enoexec:
		return "exec header invalid";
	case Ebadf:
		return "fd out of range or not open";
	case Echild:
		return "no living children";
	case Eacces:
	case 1:
		return "permission denied";
	case Eexist:
		return "file already exists";
	case Enotdir:
		return "not a directory";
	case Eisdir:
		return "file is a directory";
	case Einval:
		return "bad arg in system call";
	case Emfile:
		return "no free file descriptors";
	case Enospc:
		return "file system full";
	case Espipe:
		return "seek on a stream";
	case Erofs:
		return "read only file system";
	case Epipe:
	case Econnreset:
		return "i/o on hungup channel";
	case Enotempty:
		return "directory not empty";
	case Eagain:
		return "no procs";
	}
	return "i/o error";
}

/* As fail, for the result of lx; name may be nil. */
int
failno(long r, char *name)
{
	if(name != nil)
		return fail("'%s' %s", name, errtext(-r));
	return fail("%s", errtext(-r));
}

vlong
now(void)
{
	vlong ts[2];

	lx(Lclockgettime, 0, (long)ts, 0, 0, 0, 0);
	return ts[0]*1000000000 + ts[1];
}

static int
exchange(char *buf, uint n)
{
	char tmp[ERRMAX];

	if(n == 0)
		return fail("bad arg in system call");
	if(n > ERRMAX)
		n = ERRMAX;
	memset(tmp, 0, sizeof tmp);
	utfecpy(tmp, tmp + n, buf);
	utfecpy(buf, buf + n, saved);
	memmove(saved, tmp, sizeof saved);
	return 0;
}

/* The heap lies after bss at fixed addresses; pages are mapped as the break grows. */
static vlong
setbrk(uvlong addr)
{
	extern char end[];
	static uvlong top;
	uvlong base = ((uvlong)(uintptr)end + BY2PG-1) & ~(uvlong)(BY2PG-1);
	long r;

	if(top == 0)
		top = base;
	if(addr == 0)
		return (vlong)base;
	addr = (addr + BY2PG-1) & ~(uvlong)(BY2PG-1);
	if(addr > top){
		r = lx(Lmmap, (long)top, (long)(addr - top), 3, 0x22|0x100000, -1, 0);
		if(r < 0 || (uvlong)r != top)
			return fail("virtual memory allocation failed");
	}else if(addr >= base && addr < top)
		lx(Lmunmap, (long)addr, (long)(top - addr), 0, 0, 0, 0);
	else if(addr < base)
		return fail("virtual memory allocation failed");
	top = addr;
	return 0;
}

/* value > 0: take one; else wait, for ms at most unless that is negative. */
static vlong
acquire(int *p, int block, vlong ms)
{
	vlong ts[2] = { ms/1000, ms%1000*1000000 };
	int v;

	for(;;){
		v = __atomic_load_n(p, __ATOMIC_SEQ_CST);
		if(v < 0)
			return fail("bad arg in system call");
		if(v > 0){
			if(__atomic_compare_exchange_n(p, &v, v-1, 0, __ATOMIC_SEQ_CST,
				__ATOMIC_SEQ_CST))
				return 1;
			continue;
		}
		if(!block)
			return 0;
		long r = lx(Lfutex, (long)p, 0, 0, ms < 0 ? 0 : (long)ts, 0, 0);
		if(r == -Eintr)
			return failno(r, nil);
		if(r == -110)
			return 0;
	}
}

uvlong
_syscall(int n, uvlong a, uvlong b, uvlong c, uvlong d, uvlong e)
{
	uvlong args[5] = { a, b, c, d, e };
	int v;

	switch(n){
	case ERRSTR:
		return (uvlong)exchange((char*)(uintptr)a, (uint)b);
	case BRK_:
		return (uvlong)setbrk(a);
	case SYS_NSEC:
		return (uvlong)now();
	case SEMACQUIRE:
		return (uvlong)acquire((int*)(uintptr)a, (int)b, -1);
	case TSEMACQUIRE:
		return (uvlong)acquire((int*)(uintptr)a, b != 0, (vlong)b);
	case SEMRELEASE:
		v = __atomic_add_fetch((int*)(uintptr)a, (int)b, __ATOMIC_SEQ_CST);
		lx(Lfutex, (long)a, 1, (int)b, 0, 0, 0);
		return (uvlong)(vlong)v;
	case RENDEZVOUS:
		fail("no shared memory under Linux: nobody to meet");
		linuxexit("rendezvous under Linux");
	case EXITS:
	case RFORK:
	case EXEC:
	case AWAIT:
	case SLEEP:
	case ALARM:
	case NOTIFY:
	case NOTED:
		return (uvlong)proccall(n, args);
	}
	return (uvlong)filecall(n, args);
}

/* Called by crt0 with the stack as Linux made it. */
void
_linuxstart(long *sp)
{
	long argc = sp[0];
	char **argv = (char**)(sp + 1);

	hostenv = argv + argc + 1;
	lx(Lumask, 0, 0, 0, 0, 0, 0);
	_tos = &tos;
	tos.pid = (uint)lx(Lgetpid, 0, 0, 0, 0, 0, 0);
	startns = now();
	initnames();
	initnotes();
	_libcstart(&tos, argc, argv);
}

uvlong
_syscall0(int n)
{
	return _syscall(n, 0, 0, 0, 0, 0);
}

uvlong
_syscall1(uvlong a, int n)
{
	return _syscall(n, a, 0, 0, 0, 0);
}

uvlong
_syscall2(uvlong a, uvlong b, int n)
{
	return _syscall(n, a, b, 0, 0, 0);
}

uvlong
_syscall3(uvlong a, uvlong b, uvlong c, int n)
{
	return _syscall(n, a, b, c, 0, 0);
}

uvlong
_syscall4(uvlong a, uvlong b, uvlong c, uvlong d, int n)
{
	return _syscall(n, a, b, c, d, 0);
}
