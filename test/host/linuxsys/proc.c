/*
 * Processes and notes on Linux. A signal becomes a note: the interrupted
 * state is laid out on the stack exactly as the kernel would, and the
 * program's trampoline is entered.
 */
#include "linux.h"

enum {
	NSIG = 32,
	Sighup = 1, Sigint = 2, Sigill = 4, Sigtrap = 5, Sigbus = 7, Sigfpe = 8, Sigkill = 9,
	Sigusr1 = 10, Sigsegv = 11, Sigpipe = 13, Sigalrm = 14, Sigterm = 15, Sigchld = 17,

	Siginfo = 4,
	Restorer = 0x04000000,

	NQUEUE = 5,
	NNOWAIT = 64,
	NARG = 1024,
};

/* Linux's general registers inside a signal frame, at offset 40 of the ucontext. */
enum {
	R8 = 0, R9, R10, R11, R12, R13, R14, R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP, RIP,
	RFLAGS,
	FPSTATE = 23,
};

static uvlong tramp;
static Ureg *inhandler;		/* the innermost Ureg, nil outside handlers */
static char queue[NQUEUE][ERRMAX];
static int nqueue;
static uchar fpsave[512] __attribute__((aligned(16)));
static int nowait[NNOWAIT];
int isleader;

/* The exit text waits in a file for the parent's await. */
void
linuxexit(char *s)
{
	char name[PATHLEN], text[ERRMAX];
	int fd;

	text[0] = 0;
	if(s != nil && *s != 0)
		snprint(text, sizeof text, "%s %d: %s", procname, (int)_tos->pid, s);
	snprint(name, sizeof name, "%s/exit.%d", rundir, (int)_tos->pid);
	fd = (int)lx(Lopenat, ATCWD, (long)name, 01101, 0600, 0, 0);
	if(fd >= 0){
		char line[ERRMAX + 32];
		int n = snprint(line, sizeof line, "%lld\n%s", (now() - startns)/1000000, text);
		lx(Lwrite, fd, (long)line, n, 0, 0, 0);
	}
	if(isleader)
		cleanup();
	for(;;)
		lx(Lexitgroup, text[0] != 0, 0, 0, 0, 0, 0);
}

static char*
notetext(int sig, vlong *info, char *buf)
{
	char name[PATHLEN];
	int fd, n = 0;

	switch(sig){
	case Sighup:
		return "hangup";
	case Sigint:
		return "interrupt";
	case Sigalrm:
		return "alarm";
	case Sigterm:
		return "kill";
	case Sigpipe:
		return "sys: write on closed pipe";
	case Sigtrap:
		return "sys: breakpoint";
	case Sigill:
		return "sys: trap: invalid opcode";
	case Sigfpe:
		return "sys: trap: divide error";
	case Sigsegv:
	case Sigbus:
		snprint(buf, ERRMAX, "sys: trap: fault read addr=%#llux", info[2]);
		return buf;
	}
	snprint(name, sizeof name, "%s/note.%d", rundir, (int)_tos->pid);
	fd = (int)lx(Lopenat, ATCWD, (long)name, 0, 0, 0, 0);
	if(fd >= 0){
		n = (int)lx(Lread, fd, (long)buf, ERRMAX-1, 0, 0, 0);
		lx(Lclose, fd, 0, 0, 0, 0, 0);
		lx(Lunlink, (long)name, 0, 0, 0, 0, 0);
	}
	buf[n > 0 ? n : 0] = 0;
	return buf;
}

/* Lays the note's frame below s and returns the place of its Ureg. */
static Ureg*
frame(Ureg *regs, char *text)
{
	uvlong u = regs->sp - 440;
	uvlong *w = (uvlong*)(uintptr)(u - 160);

	memmove((void*)(uintptr)u, regs, sizeof *regs);
	w[0] = 0;
	w[1] = u;
	w[2] = u - 136;
	strecpy((char*)(uintptr)(u - 136), (char*)(uintptr)(u - 8), text);
	w[19] = (uvlong)(uintptr)inhandler;
	inhandler = (Ureg*)(uintptr)u;
	return inhandler;
}

static void
onsignal(int sig, vlong *info, uvlong *uc)
{
	uvlong *g = uc + 5;
	char buf[ERRMAX], full[ERRMAX], *text = notetext(sig, info, buf);
	Ureg r, *u;

	if(strncmp(text, "sys: trap", 9) == 0){
		snprint(full, sizeof full, "%s pc=%#llux", text, g[RIP]);
		text = full;
	}
	if(tramp == 0){
		if(strncmp(text, "sys: trap", 9) == 0)
			fprint(2, "suicide: %s\n", text);
		linuxexit(text);
	}
	if(inhandler != nil){
		if(strncmp(text, "sys: trap", 9) == 0)
			linuxexit(text);
		if(nqueue < NQUEUE)
			strecpy(queue[nqueue++], (char*)queue + sizeof queue, text);
		return;
	}
	memset(&r, 0, sizeof r);
	r.ax = g[RAX]; r.bx = g[RBX]; r.cx = g[RCX]; r.dx = g[RDX];
	r.si = g[RSI]; r.di = g[RDI]; r.bp = g[RBP]; r.sp = g[RSP];
	r.r8 = g[R8]; r.r9 = g[R9]; r.r10 = g[R10]; r.r11 = g[R11];
	r.r12 = g[R12]; r.r13 = g[R13]; r.r14 = g[R14]; r.r15 = g[R15];
	r.pc = g[RIP];
	r.flags = g[RFLAGS];
	r.cs = 0x2b;
	r.ss = 0x23;
	if(g[FPSTATE] != 0)
		memmove(fpsave, (void*)(uintptr)g[FPSTATE], sizeof fpsave);
	u = frame(&r, text);
	g[RSP] = (uvlong)(uintptr)u - 160;
	g[RBP] = (uvlong)(uintptr)u;
	g[RIP] = tramp;
}

static vlong
donoted(int action)
{
	Ureg r, *u = inhandler;

	if(u == nil && action != NRSTR){
		fprint(2, "call to noted() when not notified\n");
		linuxexit("Suicide");
	}
	if(action == NDFLT || u == nil || action < NCONT || action > NRSTR)
		linuxexit(u != nil ? (char*)u - 136 : "Suicide");
	if(action == NSAVE)
		linuxexit("NSAVE under Linux");
	r = *u;
	inhandler = *(Ureg**)(uintptr)((uvlong)(uintptr)u - 8);
	if(nqueue > 0 && inhandler == nil){
		char text[ERRMAX];
		strecpy(text, text + sizeof text, queue[0]);
		nqueue--;
		memmove(queue[0], queue[1], sizeof queue - sizeof queue[0]);
		u = frame(&r, text);
		r.pc = tramp;
		r.sp = (uvlong)(uintptr)u - 160;
		r.bp = (uvlong)(uintptr)u;
		r.flags = 0x202;
		_resume(&r);
	}
	__asm__ volatile("fxrstor64 %0" : : "m"(fpsave));
	_resume(&r);
}

/* A write to /proc/n/note, notepg or ctl. */
int
writenote(Fd *f, char *s, int n)
{
	static struct { char *text; int sig; } sigs[] = {
		{ "interrupt", Sigint }, { "hangup", Sighup }, { "alarm", Sigalrm },
		{ "kill", Sigterm },
		{ "sys: write on closed pipe", Sigpipe },
	};
	char name[PATHLEN], text[ERRMAX];
	int sig = Sigusr1, pid = f->pid, i, fd;
	long r;

	if(n >= ERRMAX)
		return fail("read or write too large");
	memmove(text, s, (ulong)n);
	text[n] = 0;
	if(n > 0 && text[n-1] == '\n' && f->kind == Kctl)
		text[n-1] = 0;
	for(i = 0; i < (int)nelem(sigs); i++)
		if(strcmp(text, sigs[i].text) == 0)
			sig = sigs[i].sig;
	if(f->kind == Kctl){
		if(strcmp(text, "kill") != 0)
			return fail("bad process or channel control request");
		sig = Sigkill;
	}
	if(sig == Sigusr1){
		snprint(name, sizeof name, "%s/note.%d", rundir, pid);
		fd = (int)lx(Lopenat, ATCWD, (long)name, 01101, 0600, 0, 0);
		if(fd >= 0){
			lx(Lwrite, fd, (long)text, strlen(text), 0, 0, 0);
			lx(Lclose, fd, 0, 0, 0, 0, 0);
		}
	}
	if(f->kind == Knotepg)
		pid = -(int)lx(Lgetpgid, pid, 0, 0, 0, 0, 0);
	r = lx(Lkill, pid, sig, 0, 0, 0, 0);
	return r < 0 ? fail("process exited") : n;
}

void
initnotes(void)
{
	static int sigs[] = {
		Sighup, Sigint, Sigill, Sigtrap, Sigbus, Sigfpe, Sigusr1, Sigsegv, Sigpipe,
		Sigalrm, Sigterm,
	};
	uvlong act[4] = {
		(uvlong)(uintptr)onsignal, Siginfo|Restorer, (uvlong)(uintptr)_sigreturn, 0,
	};
	uvlong none = 0;
	int i;

	for(i = 0; i < (int)nelem(sigs); i++)
		lx(Lsigaction, sigs[i], (long)act, 0, 8, 0, 0);
	lx(Lsigprocmask, 2, (long)&none, 0, 8, 0, 0);
}

static vlong
dorfork(int flags)
{
	long pid;
	int i;

	if(!(flags & RFPROC)){
		if(flags & (RFMEM|RFNOWAIT))
			return fail("bad arg in system call");
		pid = 0;
	}else{
		if(flags & RFMEM)
			return fail("no shared memory under Linux");
		pid = lx(Lfork, 0, 0, 0, 0, 0, 0);
		if(pid < 0)
			return failno(pid, nil);
		if(pid > 0){
			for(i = 0; (flags & RFNOWAIT) && i < NNOWAIT; i++)
				if(nowait[i] == 0){
					nowait[i] = (int)pid;
					break;
				}
			return pid;
		}
		isleader = 0;
		nqueue = 0;
		memset(nowait, 0, sizeof nowait);
		_tos->pid = (uint)lx(Lgetpid, 0, 0, 0, 0, 0, 0);
		startns = now();
	}
	if(flags & RFNOTEG)
		lx(Lsetpgid, 0, 0, 0, 0, 0, 0);
	if(flags & (RFENVG|RFCENVG))
		copyenv(flags & RFENVG);
	for(i = 0; (flags & RFCFDG) && i < NFD; i++)
		lx(Lclose, i, 0, 0, 0, 0, 0);
	return 0;
}

/* Reads what linuxexit left; a process that a signal killed left nothing. */
static void
exittext(int pid, int status, char *text, int n, int *real)
{
	char name[PATHLEN], *p;
	int fd, m = 0;

	text[0] = 0;
	*real = 0;
	snprint(name, sizeof name, "%s/exit.%d", rundir, pid);
	fd = (int)lx(Lopenat, ATCWD, (long)name, 0, 0, 0, 0);
	if(fd >= 0){
		m = (int)lx(Lread, fd, (long)text, n-1, 0, 0, 0);
		lx(Lclose, fd, 0, 0, 0, 0, 0);
		lx(Lunlink, (long)name, 0, 0, 0, 0, 0);
	}
	if(fd >= 0 && m > 0){
		text[m] = 0;
		p = strchr(text, '\n');
		*real = atoi(text);
		if(p != nil)
			memmove(text, p+1, (ulong)strlen(p+1) + 1);
	}else if((status & 0x7f) == Sigkill)
		snprint(text, n, "process %d: Killed", pid);
	else if((status & 0x7f) != 0)
		snprint(text, n, "process %d: signal %d", pid, status & 0x7f);
	else if((status & 0xff00) != 0)
		snprint(text, n, "process %d: %d", pid, status >> 8);
}

static vlong
doawait(char *buf, int n)
{
	vlong ru[18];
	char text[ERRMAX + 32];
	int status, i, real;
	long pid;

again:
	pid = lx(Lwait4, -1, (long)&status, 0, (long)ru, 0, 0);
	if(pid < 0)
		return failno(pid, nil);
	exittext((int)pid, status, text, sizeof text, &real);
	for(i = 0; i < NNOWAIT; i++)
		if(nowait[i] == pid){
			nowait[i] = 0;
			goto again;
		}
	quotefmtinstall();
	return snprint(buf, n, "%d %d %d %d %#q", (int)pid, (int)(ru[0]*1000 + ru[1]/1000),
		(int)(ru[2]*1000 + ru[3]/1000), real, text);
}

/* Splits the first line of a script into words; returns their count, 0 if it is none. */
static int
script(char *host, char *line, int n, char **words, int max)
{
	int fd, m;
	char *p;

	fd = (int)lx(Lopenat, ATCWD, (long)host, 0, 0, 0, 0);
	if(fd < 0)
		return 0;
	m = (int)lx(Lread, fd, (long)line, n-1, 0, 0, 0);
	lx(Lclose, fd, 0, 0, 0, 0, 0);
	if(m < 3 || line[0] != '#' || line[1] != '!')
		return 0;
	line[m] = 0;
	p = strchr(line, '\n');
	if(p == nil)
		return 0;
	*p = 0;
	return tokenize(line+2, words, max);
}

static vlong
doexec(char *name, char **argv)
{
	char host[PATHLEN], interp[PATHLEN], line[256], *words[32], *args[NARG], *base;
	int i, n = 0, k;
	long r;

	if(hostname(name, host) < 0)
		return -1;
	if(argv[0] == nil)
		return fail("bad arg in system call");
	base = strrchr(name, '/');
	base = base != nil ? base+1 : name;
	k = script(host, line, sizeof line, words, nelem(words));
	if(k == 0){
		r = lx(Lexecve, (long)host, (long)argv, (long)execenv(base), 0, 0, 0);
		return failno(r, name);
	}
	if(hostname(words[0], interp) < 0)
		return -1;
	args[n++] = base;
	for(i = 1; i < k; i++)
		args[n++] = words[i];
	args[n++] = name;
	for(i = 1; argv[i] != nil && n < NARG-1; i++)
		args[n++] = argv[i];
	args[n] = nil;
	r = lx(Lexecve, (long)interp, (long)args, (long)execenv(base), 0, 0, 0);
	return failno(r, words[0]);
}

static vlong
dosleep(vlong ms)
{
	vlong ts[2] = { ms/1000, ms%1000*1000000 };
	long r;

	if(ms <= 0){
		lx(Lyield, 0, 0, 0, 0, 0, 0);
		return 0;
	}
	r = lx(Lnanosleep, (long)ts, 0, 0, 0, 0, 0);
	return r < 0 ? failno(r, nil) : 0;
}

static vlong
doalarm(uvlong ms)
{
	vlong new[4] = { 0, 0, (vlong)(ms/1000), (vlong)(ms%1000*1000) }, old[4];

	lx(Lsetitimer, 0, (long)new, (long)old, 0, 0, 0);
	return old[2]*1000 + old[3]/1000;
}

vlong
proccall(int n, uvlong *a)
{
	switch(n){
	case EXITS:
		linuxexit((char*)(uintptr)a[0]);
	case RFORK:
		return dorfork((int)a[0]);
	case EXEC:
		return doexec((char*)(uintptr)a[0], (char**)(uintptr)a[1]);
	case AWAIT:
		return doawait((char*)(uintptr)a[0], (int)a[1]);
	case SLEEP:
		return dosleep((int)a[0]);
	case ALARM:
		return doalarm((uint)a[0]);
	case NOTIFY:
		tramp = a[0];
		return 0;
	}
	return donoted((int)a[0]);
}
