/*
 * process.md 1, 2 and 3.7: what a system call preserves, how wide its arguments are, what
 * bad pointers and unknown numbers do, the error string, the old calls.
 */
#include "guest.h"

enum { NREG = 16, BP = 6, SP = 7, R14 = 14, R15 = 15 };

/* In the order ax bx cx dx si di bp sp r8-r15, then the flags. */
uvlong callin[NREG + 1], callout[NREG + 1], callarg[6], callsp;
uchar fxin[512] __attribute__((aligned(16))), fxout[512] __attribute__((aligned(16)));
void rawcall(void);
extern char rawresume[];

__asm__(".text\n"
	".globl rawcall, rawresume\n"
	"rawcall:\n"
	"	pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
	"	movq %rsp, callsp(%rip)\n"
	"	fxrstor64 fxin(%rip)\n"
	"	movq callin+7*8(%rip), %rax\n"
	"	testq %rax, %rax; jnz 1f\n"
	"	leaq -128(%rsp), %rax\n"
	"	movq %rax, callin+7*8(%rip)\n"
	"	movq callarg+0(%rip), %rcx; movq %rcx, 8(%rax)\n"
	"	movq callarg+8(%rip), %rcx; movq %rcx, 16(%rax)\n"
	"	movq callarg+16(%rip), %rcx; movq %rcx, 24(%rax)\n"
	"	movq callarg+24(%rip), %rcx; movq %rcx, 32(%rax)\n"
	"	movq callarg+32(%rip), %rcx; movq %rcx, 40(%rax)\n"
	"1:	pushq callin+16*8(%rip); popfq\n"
	"	movq callin+0*8(%rip), %rax; movq callin+1*8(%rip), %rbx\n"
	"	movq callin+2*8(%rip), %rcx; movq callin+3*8(%rip), %rdx\n"
	"	movq callin+4*8(%rip), %rsi; movq callin+5*8(%rip), %rdi\n"
	"	movq callin+6*8(%rip), %rbp; movq callin+7*8(%rip), %rsp\n"
	"	movq callin+8*8(%rip), %r8; movq callin+9*8(%rip), %r9\n"
	"	movq callin+10*8(%rip), %r10; movq callin+11*8(%rip), %r11\n"
	"	movq callin+12*8(%rip), %r12; movq callin+13*8(%rip), %r13\n"
	"	movq callin+14*8(%rip), %r14; movq callin+15*8(%rip), %r15\n"
	"	syscall\n"
	"rawresume:\n"
	"	movq %rax, callout+0*8(%rip); movq %rbx, callout+1*8(%rip)\n"
	"	movq %rcx, callout+2*8(%rip); movq %rdx, callout+3*8(%rip)\n"
	"	movq %rsi, callout+4*8(%rip); movq %rdi, callout+5*8(%rip)\n"
	"	movq %rbp, callout+6*8(%rip); movq %rsp, callout+7*8(%rip)\n"
	"	movq %r8, callout+8*8(%rip); movq %r9, callout+9*8(%rip)\n"
	"	movq %r10, callout+10*8(%rip); movq %r11, callout+11*8(%rip)\n"
	"	movq %r12, callout+12*8(%rip); movq %r13, callout+13*8(%rip)\n"
	"	movq %r14, callout+14*8(%rip); movq %r15, callout+15*8(%rip)\n"
	"	movq callsp(%rip), %rsp\n"
	"	pushfq; popq callout+16*8(%rip)\n"
	"	cld\n"
	"	fxsave64 fxout(%rip)\n"
	"	pushq $0x202; popfq\n"
	"	popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx\n"
	"	ret\n");

/* ---- registers ---- */

static uvlong rawprep(int n, uvlong flags)
{
	int i;

	for (i = 0; i < NREG; i++)
		callin[i] = 0x1111111111111111ULL * i + 0x0123456789abcdefULL;
	callin[SP] = 0;
	callin[BP] = 0xdeadbeef00000000ULL | (uint)n;
	callin[NREG] = flags;
	memset(callarg, 0x5a, sizeof callarg);
	__asm__ volatile("fxsave64 %0" : "=m"(fxin));
	for (i = 0; i < 16; i++)
		memset(fxin + 160 + 16 * i, 0x30 + i, 16);
	fxin[0] = 0x7f, fxin[1] = 0x0f; /* control word: round to zero, all masked */
	fxin[24] = 0xc0, fxin[25] = 0x7f; /* MXCSR: round to zero, DAZ */
	return 0;
}

static char *keeps(void)
{
	static char buf[200];
	static char *names[] = { "ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "r8", "r9", "r10",
		"r11", "r12", "r13", "r14", "r15", "flags" };
	int i;

	for (i = 0; i <= NREG; i++) {
		int must = i == SP || i == R14 || i == R15 || i == NREG;
		int may = i == 0 || i == 2 || i == 11;

		if (callout[i] == callin[i] || may || (!must && callout[i] == 0))
			continue;
		snprint(buf, sizeof buf, "%s: 0x%llux before, 0x%llux after", names[i], callin[i],
			callout[i]);
		return buf;
	}
	if (callout[2] != A(rawresume))
		return "cx is not the resume address";
	if (callout[11] != callin[NREG])
		return "r11 is not the flags";
	if (memcmp(fxin + 160, fxout + 160, 256) != 0)
		return "an xmm register changed";
	if (memcmp(fxin, fxout, 2) != 0 || memcmp(fxin + 24, fxout + 24, 4) != 0)
		return "a floating point control word changed";
	return "";
}

static char *scribbler(void *arg)
{
	USED(arg);
	for (;;)
		__asm__ volatile(
			"pcmpeqd %%xmm0, %%xmm0; movaps %%xmm0, %%xmm5; movaps %%xmm0, %%xmm15" ::
				: "xmm0", "xmm5", "xmm15");
	return nil;
}

static void registers(void)
{
	int pid;

	rawprep(SLEEP, 0x202);
	callarg[0] = 0;
	rawcall();
	is("sleep result", callout[0], 0);
	same("sleep keeps registers", keeps(), "");
	rawprep(CLOSE, 0x202);
	callarg[0] = 1000;
	rawcall();
	is("failure is all ones", callout[0], ~0ULL);
	same("a failing call keeps registers", keeps(), "");
	rawprep(SLEEP, 0x202 | 0x400 | 0x800 | 1 | 4 | 0x10 | 0x40 | 0x80);
	callarg[0] = 0;
	rawcall();
	same("direction and arithmetic flags are kept", keeps(), "");
	rawprep(SLEEP, 0x202 | 0x40000);
	callarg[0] = 0;
	rawcall();
	same("AC is kept", keeps(), "");
	rawprep(SLEEP, 0x202 | 0x4000);
	callarg[0] = 0;
	rawcall();
	same("NT is kept", keeps(), "");
	pid = start(0, scribbler, nil);
	rawprep(SLEEP, 0x602);
	callarg[0] = 50;
	rawcall();
	same("a sleeping call keeps registers", keeps(), "");
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
	rawprep(SYS_NSEC, 0x202);
	rawcall();
	same("_nsec keeps registers", keeps(), "");
	yes("_nsec is in RAX", callout[0] > 1000000000ULL * 1000000000ULL);
}

/* A child goes on where its parent does, with the same registers, flags and control words. */
static void forking(void)
{
	int pid;

	rawprep(RFORK, 0x202 | 0x400 | 0x800 | 0x40000 | 1);
	callarg[0] = WIDE(RFPROC);
	rawcall();
	pid = (int)callout[0];
	if (pid == 0)
		_exits(keeps());
	same("rfork keeps registers", keeps(), "");
	same("and the child has them", statusof(pid), "");
}

/* ---- selectors ---- */

static void setselectors(ushort s)
{
	__asm__ volatile("movw %0, %%ds; movw %0, %%es; movw %0, %%fs; movw %0, %%gs" : : "r"(s));
}

static int hasselectors(ushort s)
{
	ushort ds, es, fs, gs;

	__asm__ volatile("movw %%ds, %0; movw %%es, %1; movw %%fs, %2; movw %%gs, %3"
		: "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return ds == s && es == s && fs == s && gs == s;
}

static char *others(void *arg)
{
	USED(arg);
	setselectors(0);
	for (;;)
		sleep(0);
	return nil;
}

static char *hasthem(void *arg)
{
	USED(arg);
	return hasselectors(0x23) ? "" : "other selectors";
}

static void selectors(void)
{
	static uvlong here = 0x1122334455667788;
	uvlong there = 0;
	int pid = start(0, others, nil);

	__asm__ volatile("movq %%fs:%1, %0" : "=r"(there) : "m"(here));
	is("the base of FS is 0", there, here);
	setselectors(0x23);
	sleep(50);
	is("data selectors are kept", hasselectors(0x23), 1);
	same("and inherited", run(0, hasthem, nil), "");
	setselectors(0);
	sleep(50);
	is("null ones too", hasselectors(0), 1);
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
}

/* The arguments may lie anywhere readable; nothing need be aligned. */
static char *sleepsat(void *sp)
{
	notify(nil);
	rawprep(SLEEP, 0x202);
	callin[SP] = A(sp);
	rawcall();
	return "went on";
}

static void stackanywhere(void)
{
	static char area[256];
	char *sp = area + 101;
	uvlong ms = WIDE(1);

	memmove(sp + 8, &ms, 8);
	rawprep(SLEEP, 0x202);
	callin[SP] = A(sp);
	rawcall();
	is("stack pointer in data, odd", callout[0], 0);
	same("it is kept", keeps(), "");
	sp = segattach(0, "memory", (void *)0x10000000, 4096);
	rawprep(SLEEP, 0x202);
	callin[SP] = A(sp) + 4096 - 48;
	rawcall();
	is("48 bytes at the end of a segment", callout[0], 0);
	begins("47 bytes", run(0, sleepsat, sp + 4096 - 47), "sys: bad address in syscall pc=0x");
	segdetach(sp);
	same("the last slot of the stack", run(0, sleepsat, (void *)(USTKTOP - 16)), "went on");
	same("slots beyond the stack are zero", run(0, sleepsat, (void *)(USTKTOP - 8)), "went on");
	begins("no stack above", run(0, sleepsat, (void *)USTKTOP),
		"sys: bad address in syscall pc=0x");
}

/* ---- width ---- */

static void widths(void)
{
	char buf[16], err[ERRMAX];
	int fd, fd2, p[2];
	vlong off, t;
	int sem = 0;

	fd = (int)_syscall(OPEN, A("/dev/zero"), WIDE(OREAD), 0, 0, 0);
	yes("open mode", fd >= 0);
	is("pread fd and count", _syscall(PREAD, WIDE(fd), A(buf), WIDE(7), 0, 0), 7);
	is("_read fd and count", _syscall(SYS_READ, WIDE(fd), A(buf), WIDE(7), 0, 0), 7);
	fd2 = (int)_syscall(DUP, WIDE(fd), WIDE(-1), 0, 0, 0);
	yes("dup", fd2 > fd);
	is("close", _syscall(CLOSE, WIDE(fd2), 0, 0, 0, 0), 0);
	is("seek", _syscall(SEEK, A(&off), WIDE(fd), 4, WIDE(0), 0), 0);
	is("oseek is signed", _syscall(OSEEK, WIDE(fd), WIDE(-2), WIDE(1), 0, 0), 2);
	is("fd2path", _syscall(FD2PATH, WIDE(fd), A(buf), WIDE(sizeof buf), 0, 0), 0);
	close(fd);
	t = nsec();
	is("sleep", _syscall(SLEEP, 0x18ea516300000001ULL, 0, 0, 0, 0), 0);
	yes("sleep of one millisecond", nsec() - t >= 1000000 && nsec() - t < 5000000000LL);
	is("sleep of a negative time", _syscall(SLEEP, WIDE(-1), 0, 0, 0, 0), 0);
	is("alarm", _syscall(ALARM, WIDE(100000), 0, 0, 0, 0), 0);
	t = _syscall(ALARM, WIDE(0), 0, 0, 0, 0);
	yes("alarm gives what was left", t > 90000 && t <= 100000);
	is("semrelease", _syscall(SEMRELEASE, A(&sem), WIDE(2), 0, 0, 0), 2);
	is("semacquire", _syscall(SEMACQUIRE, A(&sem), WIDE(0), 0, 0, 0), 1);
	is("tsemacquire", _syscall(TSEMACQUIRE, A(&sem), WIDE(5), 0, 0, 0), 1);
	werrstr("text");
	is("errstr", _syscall(ERRSTR, A(err), WIDE(sizeof err), 0, 0, 0), 0);
	is("rfork", _syscall(RFORK, WIDE(RFENVG), 0, 0, 0, 0), 0);
	is("bind flag", _syscall(BIND, A("/dev"), A("/mnt"), WIDE(MREPL), 0, 0), 0);
	is("unmount", unmount(nil, "/mnt"), 0);
	is("create", (int)_syscall(CREATE, A("/tmp/calls"), WIDE(ORDWR), WIDE(0600), 0, 0) >= 0, 1);
	remove("/tmp/calls");
	fd = (int)_syscall(OPEN, A("/dev/null"), WIDE(ORDWR), 0, 0, 0);
	is("pwrite", _syscall(PWRITE, WIDE(fd), A(buf), WIDE(3), 0, 0), 3);
	close(fd);
	is("pipe", pipe(p), 0);
	is("_write", _syscall(SYS_WRITE, WIDE(p[0]), A("abc"), WIDE(3), 0, 0), 3);
	is("_read", _syscall(SYS_READ, WIDE(p[1]), A(buf), WIDE(3), 0, 0), 3);
	close(p[0]);
	close(p[1]);
}

/* ---- notes for bad arguments ---- */

static char lastnote[ERRMAX];
static int nnotes;

static void onnote(void *u, char *note)
{
	USED(u);
	strecpy(lastnote, lastnote + sizeof lastnote, note);
	nnotes++;
	noted(NCONT);
}

/* A call that must fail for a pointer: note and error. What the kernel prints is in said. */
static char said[1024];
static int saidfd[2];

static void listening(void)
{
	pipe(saidfd);
	dup(saidfd[0], 2);
	close(saidfd[0]);
}

static char *heard(void)
{
	Dir *d;
	long n, total = 0;
	vlong queued;

	do {
		d = dirfstat(saidfd[1]);
		queued = d == nil ? 0 : d->length;
		free(d);
		if (total > (long)sizeof said / 2)
			total = 0;
		if (queued > 0 && (n = read(saidfd[1], said + total, sizeof said - 1 - total)) > 0)
			total += n;
	} while (queued > 0);
	said[total] = '\0';
	return said;
}

static void badpointer(char *name, uvlong r)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	if (r != ~0ULL || strcmp(err, "bad arg in system call") != 0)
		notok(name, "got 0x%llux, `%s', expected all ones, `bad arg in system call'", r,
			err);
	else if (nnotes != 1 || strncmp(lastnote, "sys: bad address in syscall pc=0x", 33) != 0)
		notok(name,
			"got %d notes, the last `%s', expected `sys: bad address in syscall ...'",
			nnotes, lastnote);
	else
		ok(name);
	nnotes = 0;
	lastnote[0] = '\0';
}

static void addresses(int fd, int nullfd)
{
	char buf[64];
	uvlong bad[] = { 0, 8, 0x1000, UTZERO - 1, USTKTOP, USTKTOP - USTKSIZE - 4096,
		0x8000000000000000ULL, 0xffffffff80000000ULL, 0xffff800000000000ULL,
		0xffffffffffffffffULL, 0x0000800000000000ULL };
	uint i;

	for (i = 0; i < nelem(bad); i++) {
		snprint(buf, sizeof buf, "read to 0x%llux", bad[i]);
		badpointer(buf, _syscall(PREAD, fd, bad[i], 1, ~0ULL, 0));
		snprint(buf, sizeof buf, "write from 0x%llux", bad[i]);
		badpointer(buf, _syscall(PWRITE, nullfd, bad[i], 1, ~0ULL, 0));
		snprint(buf, sizeof buf, "open 0x%llux", bad[i]);
		badpointer(buf, _syscall(OPEN, bad[i], OREAD, 0, 0, 0));
	}
}

static void pointers(void)
{
	static char nul[1];
	static uvlong badargv[] = { 0x10, 0 };
	char buf[64], want[64], *here;
	int fd = open("/dev/zero", OREAD), nullfd = open("/dev/null", OWRITE);
	uvlong untouched = 77;

	notify(onnote);
	listening();
	nnotes = 0;
	addresses(fd, nullfd);
	heard();
	badpointer("what the kernel says", _syscall(PREAD, fd, 0x1234, 5, ~0ULL, 0));
	here = heard();
	snprint(want, sizeof want, "calls %d: suicide: invalid address 0x1234/5 in sys call pc=0x",
		getpid());
	begins("its words", here, want);
	badpointer("what the kernel says of nil", _syscall(PREAD, fd, 0, 5, ~0ULL, 0));
	here = heard();
	snprint(want, sizeof want, "calls %d: suicide: invalid address 0x0/5 in sys call pc=0x",
		getpid());
	begins("its words of nil", here, want);
	badpointer("read into text", _syscall(PREAD, fd, A(pointers), 1, ~0ULL, 0));
	badpointer("read of -1 bytes", _syscall(PREAD, fd, A(buf), WIDE(-1), ~0ULL, 0));
	badpointer("write of -1 bytes", _syscall(PWRITE, nullfd, A(buf), WIDE(-1), ~0ULL, 0));
	badpointer("read past the stack", _syscall(PREAD, fd, USTKTOP - 8, 9, ~0ULL, 0));
	badpointer("pipe", _syscall(PIPE, 0x10, 0, 0, 0, 0));
	badpointer("pipe into text", _syscall(PIPE, A(pointers), 0, 0, 0, 0));
	badpointer("errstr", _syscall(ERRSTR, 0x10, 128, 0, 0, 0));
	badpointer("stat name", _syscall(STAT, 0x10, A(buf), sizeof buf, 0, 0));
	badpointer("stat buffer", _syscall(STAT, A("/"), 0x10, 100, 0, 0));
	badpointer("fstat buffer", _syscall(FSTAT, fd, A(pointers), 100, 0, 0));
	badpointer("await", _syscall(AWAIT, 0x10, 100, 0, 0, 0));
	badpointer("fd2path", _syscall(FD2PATH, fd, 0x10, 100, 0, 0));
	badpointer("seek", _syscall(SEEK, 0x10, fd, 0, 0, 0));
	badpointer("exec file", _syscall(EXEC, 0x10, A(badargv), 0, 0, 0));
	badpointer("exec argv", _syscall(EXEC, A("/bin/echo"), 0x10, 0, 0, 0));
	badpointer("exec argument", _syscall(EXEC, A("/bin/echo"), A(badargv), 0, 0, 0));
	badpointer("semacquire", _syscall(SEMACQUIRE, 0x10, 0, 0, 0, 0));
	badpointer("semrelease", _syscall(SEMRELEASE, 0x10, 1, 0, 0, 0));
	badpointer("tsemacquire", _syscall(TSEMACQUIRE, A(pointers), 1, 0, 0, 0));
	badpointer("bind", _syscall(BIND, 0x10, A("/mnt"), 0, 0, 0));
	badpointer("bind old", _syscall(BIND, A("/mnt"), 0x10, 0, 0, 0));
	badpointer("chdir", _syscall(CHDIR, 0x10, 0, 0, 0, 0));
	badpointer("create", _syscall(CREATE, 0x10, 0, 0, 0, 0));
	badpointer("remove", _syscall(REMOVE, 0x10, 0, 0, 0, 0));
	badpointer("segattach class", _syscall(SEGATTACH, 0, 0x10, 0, 4096, 0));
	badpointer("unmount", _syscall(UNMOUNT, 0, 0x10, 0, 0, 0));
	badpointer("fversion", _syscall(FVERSION, fd, 0, 0x10, 10, 0));
	char *seg = segattach(0, "memory", (void *)0x100000000, 4096);
	memset(seg, 'x', 4096);
	badpointer("a name without an end", _syscall(OPEN, A(seg + 4000), 0, 0, 0, 0));
	segdetach(seg);
	_syscall(SEEK, A(&untouched), 1000, 0, 0, 0);
	is("seek writes nothing when it fails", untouched, 77);
	is("no byte needs no buffer in a segment of its own",
		_syscall(PREAD, fd, A(buf), 0, ~0ULL, 0), 0);
	extern char edata[], end[];
	uvlong page = (A(edata) + 4095) & ~4095ULL;
	if (page + 8 < A(end))
		is("a buffer may span data and bss",
			_syscall(PWRITE, nullfd, page - 8, 16, ~0ULL, 0), 16);
	fails("empty name", _syscall(OPEN, A(nul), 0, 0, 0, 0) == ~0ULL ? -1 : 0,
		"empty file name");
	is("no note for that", nnotes, 0);
	notify(nil);
	close(fd);
	close(nullfd);
}

static char *readnowhere(void *arg)
{
	notify(nil);
	_syscall(PREAD, open("/dev/zero", OREAD), A(arg), 1, ~0ULL, 0);
	return "went on";
}

static char *unknown(void *arg)
{
	notify(nil);
	_syscall((int)(uintptr)arg, 0, 0, 0, 0, 0);
	return "went on";
}

/* A stack pointer that cannot be read: the arguments cannot, and no handler can run. */
static char *nostack(void *arg)
{
	if (arg != nil)
		notify(onnote);
	rawprep(SLEEP, 0x202);
	callin[SP] = 0x1000;
	rawcall();
	return "went on";
}

static void numbers(void)
{
	int n[] = { 48, 49, 54, 55, 100, 1000, 0x7fffffff, -1, (int)0x80000000 };
	char name[40];
	uint i;

	notify(onnote);
	for (i = 0; i < nelem(n); i++) {
		nnotes = 0;
		snprint(name, sizeof name, "call number %d", n[i]);
		fails(name, _syscall(n[i], 0, 0, 0, 0, 0), "bad arg in system call");
		snprint(name, sizeof name, "note of call number %d", n[i]);
		begins(name, lastnote, "sys: bad sys call pc=0x");
		is("one note", nnotes, 1);
	}
	notify(nil);
	heard();
	begins("death by pointer", run(0, readnowhere, (void *)16),
		"sys: bad address in syscall pc=0x");
	yes("it says suicide",
		strstr(heard(), ": suicide: sys: bad address in syscall pc=0x") != nil);
	begins("death by number", run(0, unknown, (void *)48), "sys: bad sys call pc=0x");
	yes("that says suicide too", strstr(heard(), ": suicide: sys: bad sys call pc=0x") != nil);
	begins("no stack, no handler", run(0, nostack, nil), "sys: bad address in syscall pc=0x");
	heard();
	same("no stack for a handler", run(0, nostack, (void *)1), "Suicide");
	yes("it says so", strstr(heard(), "suicide: bad address in notify") != nil);
}

/* ---- errstr ---- */

static char *birth(void *arg)
{
	static char err[ERRMAX];

	USED(arg);
	strcpy(err, "x");
	_syscall(ERRSTR, A(err), sizeof err, 0, 0, 0);
	return err;
}

static void errors(void)
{
	char a[ERRMAX], b[300];
	Rune r = 0x20ac;

	strcpy(a, "first");
	is("errstr", _syscall(ERRSTR, A(a), sizeof a, 0, 0, 0), 0);
	strcpy(a, "second");
	_syscall(ERRSTR, A(a), sizeof a, 0, 0, 0);
	same("errstr gives the old", a, "first");
	_syscall(ERRSTR, A(a), sizeof a, 0, 0, 0);
	same("errstr exchanges", a, "second");
	close(1000);
	is("a call that succeeds", sleep(0), 0);
	strcpy(a, "");
	_syscall(ERRSTR, A(a), sizeof a, 0, 0, 0);
	same("leaves the error alone", a, "fd out of range or not open");
	fails("errstr of no bytes", _syscall(ERRSTR, A(a), 0, 0, 0, 0), "bad arg in system call");
	strcpy(a, "0123456789");
	_syscall(ERRSTR, A(a), sizeof a, 0, 0, 0);
	strcpy(a, "zzz");
	_syscall(ERRSTR, A(a), 5, 0, 0, 0);
	same("errstr cuts what it gives", a, "0123");
	memset(b, 'q', sizeof b);
	_syscall(ERRSTR, A(b), sizeof b, 0, 0, 0);
	memset(b, 0, sizeof b);
	_syscall(ERRSTR, A(b), sizeof b, 0, 0, 0);
	is("errstr cuts at 127 bytes", strlen(b), 127);
	memset(a, 'q', 126);
	runetochar(a + 126, &r);
	strcpy(b, "");
	memmove(b, a, 126);
	runetochar(b + 126, &r);
	b[129] = '\0';
	_syscall(ERRSTR, A(b), sizeof b, 0, 0, 0);
	strcpy(b, "");
	_syscall(ERRSTR, A(b), sizeof b, 0, 0, 0);
	is("errstr cuts between characters", strlen(b), 126);
	close(1000);
	strcpy(b, "x");
	is("_errstr", _syscall(SYS_ERRSTR, A(b), 0, 0, 0, 0), 0);
	same("gives the error", b, "fd out of range or not open");
	close(1000);
	same("a child is born without error", run(0, birth, nil), "");
}

/* ---- the old calls ---- */

static char *leave(void *arg)
{
	return arg;
}

static char *asnone(void *arg)
{
	static char err[ERRMAX];

	USED(arg);
	if (puts("#c/user", "none") < 0)
		return "still the owner";
	if (_syscall(SYSR1, 0, 0, 0, 0, 0) == 0)
		return "allowed";
	rerrstr(err, sizeof err);
	return err;
}

static uint get4(char *p)
{
	uchar *b = (uchar *)p;

	return b[0] | b[1] << 8 | b[2] << 16 | (uint)b[3] << 24;
}

/* The old record against the new one. */
static void oldrecord(void)
{
	char rec[116];
	Dir *d;

	close(create("/tmp/oldrecord", OWRITE, 0640));
	puts("/tmp/oldrecord", "12345");
	d = dirstat("/tmp/oldrecord");
	is("_stat of a file", _syscall(SYS_STAT, A("/tmp/oldrecord"), A(rec), 0, 0, 0), 0);
	same("name", rec, d->name);
	same("uid", rec + 28, d->uid);
	same("gid", rec + 56, d->gid);
	is("qid path", get4(rec + 84), (uint)d->qid.path & 0x7fffffff);
	is("qid version", get4(rec + 88), d->qid.vers);
	is("mode", get4(rec + 92), 0640);
	is("atime", get4(rec + 96), d->atime);
	is("mtime", get4(rec + 100), d->mtime);
	is("length", get4(rec + 104), 5);
	is("its upper half", get4(rec + 108), 0);
	is("type and dev", get4(rec + 112), 'M' | (d->dev & 0xffff) << 16);
	free(d);
	remove("/tmp/oldrecord");
}

static void old(void)
{
	char buf[256], want[64];
	int fd, n, pid, p[2];
	vlong t, last;

	is("sysr1 for the host owner", _syscall(SYSR1, 0, 0, 0, 0, 0), 0);
	same("and for nobody else", run(0, asnone, nil), "permission denied");
	oldrecord();
	strcpy(buf, "x");
	is("_fsession", _syscall(SYS_FSESSION, 0, A(buf), 8, 0, 0), 0);
	same("gives an empty string", buf, "");
	fails("_fsession of no bytes", _syscall(SYS_FSESSION, 0, A(buf), 0, 0, 0),
		"bad arg in system call");
	fails("_wstat", _syscall(SYS_WSTAT, 0, 0, 0, 0, 0), "old wstat system call - recompile");
	fails("_fwstat", _syscall(SYS_FWSTAT, 0, 0, 0, 0, 0), "old fwstat system call - recompile");
	memset(buf, 'x', sizeof buf);
	is("_stat", _syscall(SYS_STAT, A("/dev/null"), A(buf), 0, 0, 0), 0);
	same("name", buf, "null");
	is("the name is padded", buf[27], 0);
	is("mode",
		(uint)((uchar)buf[92] | (uchar)buf[93] << 8 | (uchar)buf[94] << 16 |
			(uint)(uchar)buf[95] << 24),
		0666);
	is("type", (uchar)buf[112] | (uchar)buf[113] << 8, 'c');
	is("116 bytes", buf[116], 'x');
	fd = open("/dev", OREAD);
	is("_fstat", _syscall(SYS_FSTAT, fd, A(buf), 0, 0, 0), 0);
	is("a directory's top bit", (uchar)buf[87] & 0x80, 0x80);
	close(fd);
	notify(onnote);
	pipe(p);
	failsas("_mount on nothing that speaks",
		(close(p[1]), _syscall(SYS_MOUNT, p[0], A("/mnt"), 0, A(""), 0)), "");
	close(p[0]);
	notify(nil);
	pid = start(0, leave, "why");
	memset(buf, 'x', sizeof buf);
	is("_wait gives the pid", (int)_syscall(SYS_WAIT, A(buf), 0, 0, 0, 0), pid);
	is("pid[12]", atoi(buf), pid);
	snprint(want, sizeof want, "calls %d: why", pid);
	n = 4 * 12;
	same("msg[64]", buf + n, want);
	pid = start(0, leave, "");
	is("_wait needs no buffer", (int)_syscall(SYS_WAIT, 0, 0, 0, 0, 0), pid);
	last = 0;
	for (n = 0; n < 2000; n++, last = t)
		if ((t = _syscall(SYS_NSEC, 0, 0, 0, 0, 0)) < last)
			break;
	is("_nsec never goes back", n, 2000);
	fd = open("/dev/zero", OREAD);
	is("oseek", _syscall(OSEEK, fd, 100, 0, 0, 0), 100);
	close(fd);
}

void main(int argc, char **argv)
{
	begin("calls", 90);
	registers();
	forking();
	selectors();
	stackanywhere();
	widths();
	pointers();
	numbers();
	errors();
	old();
	done();
}
