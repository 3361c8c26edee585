/*
 * process.md 7 and 8: the frame of a note handler to the byte, noted's actions, queues and
 * classes, the texts of traps, floating point state, groups.
 */
#include "guest.h"

enum { NREG = 16, SP = 7, FRAME = 600 };

/* In the order of Ureg, then pc, flags; what the handler was entered with, and what it left. */
uvlong atentry[NREG], want[NREG];
uvlong saved_sp, handler_sp, dowhat;
uchar fpin[512] __attribute__((aligned(16))), fpout[512] __attribute__((aligned(16)));
void trapwith(void);
void handler(void);
extern char trap_at[], trap_next[];
void inhandler(void);
int fillframe;

/*
 * trapwith loads the registers of want (sp last) and executes ud2. handler stores the
 * registers it finds into atentry, and goes on in C on another stack. dowhat is noted's argument.
 */
__asm__(".text\n"
	".globl trapwith, trap_at, trap_next, handler\n"
	"trapwith:\n"
	"	pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
	"	movq %rsp, saved_sp(%rip)\n"
	"	fxrstor64 fpin(%rip)\n"
	"	pushq $0x202|0x400|1; popfq\n"
	"	movq want+0*8(%rip), %rax; movq want+1*8(%rip), %rbx\n"
	"	movq want+2*8(%rip), %rcx; movq want+3*8(%rip), %rdx\n"
	"	movq want+4*8(%rip), %rsi; movq want+5*8(%rip), %rdi\n"
	"	movq want+6*8(%rip), %rbp\n"
	"	movq want+8*8(%rip), %r8; movq want+9*8(%rip), %r9\n"
	"	movq want+10*8(%rip), %r10; movq want+11*8(%rip), %r11\n"
	"	movq want+12*8(%rip), %r12; movq want+13*8(%rip), %r13\n"
	"	movq want+14*8(%rip), %r14; movq want+15*8(%rip), %r15\n"
	"	movq want+7*8(%rip), %rsp\n"
	"trap_at:\n"
	"	ud2\n"
	"trap_next:\n"
	"	movq %rax, want+0*8(%rip); movq %rbx, want+1*8(%rip)\n"
	"	movq %rcx, want+2*8(%rip); movq %rdx, want+3*8(%rip)\n"
	"	movq %rsi, want+4*8(%rip); movq %rdi, want+5*8(%rip)\n"
	"	movq %rbp, want+6*8(%rip); movq %rsp, want+7*8(%rip)\n"
	"	movq %r8, want+8*8(%rip); movq %r9, want+9*8(%rip)\n"
	"	movq %r10, want+10*8(%rip); movq %r11, want+11*8(%rip)\n"
	"	movq %r12, want+12*8(%rip); movq %r13, want+13*8(%rip)\n"
	"	movq %r14, want+14*8(%rip); movq %r15, want+15*8(%rip)\n"
	"	movq saved_sp(%rip), %rsp\n"
	"	cld\n"
	"	fxsave64 fpout(%rip)\n"
	"	popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx\n"
	"	ret\n"
	"handler:\n"
	"	movq %rax, atentry+0*8(%rip); movq %rbx, atentry+1*8(%rip)\n"
	"	movq %rcx, atentry+2*8(%rip); movq %rdx, atentry+3*8(%rip)\n"
	"	movq %rsi, atentry+4*8(%rip); movq %rdi, atentry+5*8(%rip)\n"
	"	movq %rbp, atentry+6*8(%rip); movq %rsp, atentry+7*8(%rip)\n"
	"	movq %r8, atentry+8*8(%rip); movq %r9, atentry+9*8(%rip)\n"
	"	movq %r10, atentry+10*8(%rip); movq %r11, atentry+11*8(%rip)\n"
	"	movq %r12, atentry+12*8(%rip); movq %r13, atentry+13*8(%rip)\n"
	"	movq %r14, atentry+14*8(%rip); movq %r15, atentry+15*8(%rip)\n"
	"	cld\n"
	"	movq saved_sp(%rip), %rsp\n"
	"	subq $4096, %rsp\n"
	"	andq $-16, %rsp\n"
	"	call inhandler\n"
	"	ud2\n");

/* The kernel's own entry of a handler, without the library between. */
static void rawnotify(void (*f)(void))
{
	_syscall(NOTIFY, A((void *)(uintptr)f), 0, 0, 0, 0);
}

/* ---- the frame ---- */

static uchar area[8192] __attribute__((aligned(16)));
static uchar frame[FRAME];
static int entered;

void inhandler(void)
{
	Ureg *u = (Ureg *)atentry[6];

	entered++;
	if (fillframe)
		memmove(frame, (uchar *)want[SP] - FRAME, FRAME);
	if (u->pc == A(trap_at))
		u->pc = A(trap_next);
	/* Floating point in a handler: lux9 permits it, and the interrupted state comes back. */
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm7, %%xmm7; pxor %%xmm15, %%xmm15" ::
				 : "xmm0", "xmm7", "xmm15");
	noted((int)dowhat);
}

static uvlong at(uvlong s, long offset)
{
	uvlong v;

	memmove(&v, frame + FRAME + offset, sizeof v);
	USED(s);
	return v;
}

static void layout(uvlong s)
{
	uvlong before[NREG];
	Ureg u;
	int i, untouched;

	memset(area, 0xa5, sizeof area);
	for (i = 0; i < NREG; i++)
		want[i] = 0x0101010101010101ULL * (i + 3);
	want[SP] = s;
	memmove(before, want, sizeof want);
	__asm__ volatile("fxsave64 %0" : "=m"(fpin));
	for (i = 0; i < 256; i++)
		fpin[160 + i] = (uchar)(i * 7 + 1);
	fpin[24] = 0xc0, fpin[25] = 0x7f;
	rawnotify(handler);
	fillframe = 1;
	dowhat = NCONT;
	entered = 0;
	trapwith();
	is("the handler ran", entered, 1);
	is("RSP is U-160", atentry[SP], s - 440 - 160);
	is("RBP is U", atentry[6], s - 440);
	for (i = 0; i < NREG; i++)
		if (i != SP && i != 6 && atentry[i] != before[i])
			break;
	is("the other registers keep their values", i, NREG);
	for (untouched = 0, i = FRAME - 256; i < FRAME; i++)
		untouched += frame[i] == 0xa5;
	is("256 bytes below s are untouched", untouched, 256);
	is("U-160: 0", at(s, -440 - 160), 0);
	is("U-152: U", at(s, -440 - 152), s - 440);
	is("U-144: the text", at(s, -440 - 144), s - 440 - 136);
	char text[128];
	snprint(text, sizeof text, "sys: trap: invalid opcode pc=0x%llux", A(trap_at));
	same("U-136: the text", (char *)frame + FRAME - 440 - 136, text);
	is("U-8: no outer handler", at(s, -440 - 8), 0);
	memmove(&u, frame + FRAME - 440, sizeof u);
	is("Ureg ax", u.ax, before[0]);
	is("Ureg bx", u.bx, before[1]);
	is("Ureg cx", u.cx, before[2]);
	is("Ureg dx", u.dx, before[3]);
	is("Ureg si", u.si, before[4]);
	is("Ureg di", u.di, before[5]);
	is("Ureg bp", u.bp, before[6]);
	is("Ureg r8", u.r8, before[8]);
	is("Ureg r9", u.r9, before[9]);
	is("Ureg r10", u.r10, before[10]);
	is("Ureg r11", u.r11, before[11]);
	is("Ureg r12", u.r12, before[12]);
	is("Ureg r13", u.r13, before[13]);
	is("Ureg r14", u.r14, before[14]);
	is("Ureg r15", u.r15, before[15]);
	is("Ureg type", u.type, 6);
	is("Ureg error", u.error, 0);
	is("Ureg pc", u.pc, A(trap_at));
	is("Ureg cs", u.cs, 0x2b);
	is("Ureg ss", u.ss, 0x23);
	is("Ureg sp", u.sp, s);
	is("Ureg flags", u.flags & 0xfff, 0x603 & ~0ULL);
	before[SP] = s;
	for (i = 0; i < NREG; i++)
		if (want[i] != before[i])
			break;
	is("NCONT restores every register", i, NREG);
	is("and the vector registers", memcmp(fpin + 160, fpout + 160, 256), 0);
	is("and MXCSR", memcmp(fpin + 24, fpout + 24, 4), 0);
	fillframe = 0;
	rawnotify(nil);
}

/* ---- handlers in C ---- */

static char last[8][ERRMAX];
static int count, action;
static Ureg lastureg;
static uvlong resume; /* where a trap goes on, 0 if where it was */

static void record(void *u, char *note)
{
	Ureg *r = u;

	strecpy(last[count % 8], last[count % 8] + ERRMAX, note);
	lastureg = *r;
	count++;
	if (resume != 0 && r->type != 64) {
		r->pc = resume;
		resume = 0;
	}
	noted(action);
}

static void fresh(void)
{
	count = 0;
	action = NCONT;
	resume = 0;
	memset(last, 0, sizeof last);
	notify(record);
}

/* ---- the texts of traps ---- */

static uvlong trapvalue; /* RCX at the instructions */

#define TRAP(instructions, value) \
	do { \
		fresh(); \
		trapvalue = (value); \
		__asm__ volatile( \
			"leaq 1f(%%rip), %%rax; movq %%rax, %0; movq %1, %%rcx; " instructions \
			"; 1:" \
			: "=m"(resume) \
			: "m"(trapvalue) \
			: "rax", "rcx", "rdx", "memory"); \
	} while (0)

static char *nopc(char *s)
{
	char *p = strstr(s, " pc=0x");

	if (p == nil)
		return "no pc";
	*p = '\0';
	return s;
}

static void traps(void)
{
	char *seg;

	TRAP("xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx; divl %%ecx", 0);
	same("divide", nopc(last[0]), "sys: trap: divide error");
	is("divide: vector", lastureg.type, 0);
	TRAP("ud2", 0);
	same("ud2", nopc(last[0]), "sys: trap: invalid opcode");
	TRAP("hlt", 0);
	same("hlt", nopc(last[0]), "sys: trap: general protection violation");
	TRAP("movq $0xdead000000000000, %%rcx; movq (%%rcx), %%rcx", 0);
	same("an address that is none", nopc(last[0]), "sys: trap: general protection violation");
	TRAP("movq (%%rcx), %%rdx", (16));
	same("read of page 0", nopc(last[0]), "sys: trap: fault read addr=0x10");
	is("fault: vector", lastureg.type, 14);
	TRAP("movq %%rdx, (%%rcx)", (0));
	same("write of page 0", nopc(last[0]), "sys: trap: fault write addr=0x0");
	TRAP("movq %%rdx, (%%rcx)", (UTZERO));
	same("write of text", nopc(last[0]), "sys: trap: fault write addr=0x200000");
	TRAP("movq (%%rcx), %%rdx", (0xffffffff80000000));
	same("read of the kernel", nopc(last[0]), "sys: trap: fault read addr=0xffffffff80000000");
	TRAP("movq (%%rcx), %%rdx", (USTKTOP - USTKSIZE - 8192));
	same("below the stack", nopc(last[0]), "sys: trap: fault read addr=0x7ffffeffd000");
	TRAP("jmp *%%rcx", (0x5000));
	same("a jump to nowhere", nopc(last[0]), "sys: trap: fault read addr=0x5000");
	is("its pc", lastureg.pc, 0x5000);
	seg = segattach(0, "memory", nil, 4096);
	seg[0] = (char)0xc3;
	TRAP("jmp *%%rcx", (A(seg)));
	sprint(last[7], "sys: trap: fault read addr=0x%llux", A(seg));
	same("data is not executable", nopc(last[0]), last[7]);
	segdetach(seg);
	uchar code[16] = { 0xc3 };
	TRAP("jmp *%%rcx", (A(code)));
	sprint(last[7], "sys: trap: fault read addr=0x%llux", A(code));
	same("the stack is not executable", nopc(last[0]), last[7]);
	TRAP("int3", 0);
	same("int3", nopc(last[0]), "sys: breakpoint");
	is("int3: vector", lastureg.type, 3);
	uvlong bp;
	__asm__ volatile(
		"leaq 1f(%%rip), %%rax; movq %%rax, %0\n"
		"leaq 0f(%%rip), %%rcx; movq %%rcx, %1; 0: int3; 1:"
		: "=m"(resume), "=m"(bp)
		:
		: "rax", "rcx", "memory");
	is("int3: the pc is that of the instruction", lastureg.pc, bp);
	TRAP("int $0x40", 0);
	same("a gate that is not there", nopc(last[0]), "sys: trap: general protection violation");
	TRAP("movl $0, %%ecx; rdmsr", 0);
	same("rdmsr", nopc(last[0]), "sys: trap: general protection violation");
	TRAP("cli", 0);
	same("cli", nopc(last[0]), "sys: trap: general protection violation");
	TRAP("inb $0x60, %%al", 0);
	same("inb", nopc(last[0]), "sys: trap: general protection violation");
	fresh();
	__asm__ volatile(
		"pushfq; orl $0x100, (%%rsp); popfq; nop; pushfq; andl $~0x100, (%%rsp); popfq" ::
			: "memory", "cc");
	begins("single step", last[0], "sys: debug exception dr6=0x");
	notify(nil);
}

static char *sse(void *arg)
{
	float a = arg == nil ? 1.0f : 0.0f, b = 0.0f;

	__asm__ volatile("divss %1, %0" : "+x"(a) : "x"(b));
	return "went on";
}

static char *x87(void *arg)
{
	USED(arg);
	__asm__ volatile("fld1; fldz; fdivrp; fwait");
	return "went on";
}

/* QEMU's own translation never delivers SIMD exceptions. */
static int emulated(void)
{
	uint ax = 0x40000000, bx, cx = 0, dx;

	__asm__ volatile("cpuid" : "+a"(ax), "=b"(bx), "+c"(cx), "=d"(dx));
	return bx == 0x54474354; /* TCGT */
}

static void floating(void)
{
	ushort cw;
	uint mxcsr;
	char *s;

	__asm__ volatile("fnstcw %0; stmxcsr %1" : "=m"(cw), "=m"(mxcsr));
	is("x87 control word at exec", cw, 0x0232);
	is("MXCSR at exec", mxcsr & ~0x3f, 0x1900);
	if (!emulated()) {
		s = run(0, sse, nil);
		begins("SSE divide by zero", s, "sys: fp: division by zero fppc=0x");
		yes("it has the status",
			strstr(s, " status=0x") != nil && strstr(s, " pc=0x") != nil);
		begins("SSE invalid", run(0, sse, (void *)1), "sys: fp: invalid operation fppc=0x");
	}
	begins("x87 divide by zero", run(0, x87, nil), "sys: fp: division by zero fppc=0x");
}

/* ---- queues, classes, groups ---- */

static char *snooze(void *arg)
{
	sleep((int)(uintptr)arg);
	return "woke";
}

static volatile int *ready; /* in memory that children share */

/* Starts f, which says when it is ready; writes to its ctl file then, if there is something. */
static int startready(char *(*f)(void *), char *ctl)
{
	int pid;

	*ready = 0;
	pid = start(0, f, nil);
	while (*ready == 0)
		sleep(1);
	if (ctl != nil)
		is(ctl, puts(procfile(pid, "ctl"), ctl), 0);
	return pid;
}

static char *catchall(void *arg)
{
	int i;

	USED(arg);
	fresh();
	*ready = 1;
	while (*(volatile int *)&count == 0)
		;
	for (i = 0; i < 50; i++)
		sleep(1);
	snprint(last[7], sizeof last[7], "%d %s %s %s %s %s", count, last[0], last[1], last[2],
		last[3], last[4]);
	return last[7];
}

/* Stopped before its notes can be delivered. */
static void queues(void)
{
	int pid, i, fd;
	char long_note[200], buf[200], *s;

	pid = startready(catchall, "stop");
	same("state", stateof(pid), "Stopped");
	for (i = 0; i < 5; i++) {
		snprint(buf, sizeof buf, "n%d", i);
		is("post", post(pid, buf), 0);
	}
	fails("a sixth note", post(pid, "n5"), "note not posted");
	is("start", puts(procfile(pid, "ctl"), "start"), 0);
	same("first in, first out", statusof(pid), "5 n0 n1 n2 n3 n4");
	pid = start(0, snooze, (void *)100000);
	reaches(pid, "Sleep");
	memset(long_note, 'x', sizeof long_note);
	long_note[128] = '\0';
	fails("128 bytes", post(pid, long_note), "read or write too large");
	long_note[127] = '\0';
	is("127 bytes", post(pid, long_note), 0);
	yes("are the status, cut",
		(s = statusof(pid)) != nil && strlen(s) > 100 && strspn(s, "x") == strlen(s));
	pid = start(0, snooze, (void *)100000);
	reaches(pid, "Sleep");
	post(pid, "hangup");
	same("User class: exit quietly", statusof(pid), "hangup");
	pid = start(0, snooze, (void *)100000);
	reaches(pid, "Sleep");
	puts(procfile(pid, "ctl"), "kill");
	same("ctl kill", statusof(pid), "Killed");
	pid = startready(catchall, nil);
	puts(procfile(pid, "ctl"), "kill");
	same("ctl kill with a handler", statusof(pid), "Killed");
	/* a note taken by reading */
	pid = startready(catchall, "stop");
	same("state", stateof(pid), "Stopped");
	post(pid, "taken");
	post(pid, "left");
	fd = open(procfile(pid, "note"), OREAD);
	memset(buf, 'x', sizeof buf);
	i = read(fd, buf, sizeof buf);
	yes("note file gives the oldest", i >= 5 && strcmp(buf, "taken") == 0);
	fails("room for none", read(fd, buf, 0), "read or write too small");
	close(fd);
	puts(procfile(pid, "ctl"), "start");
	same("which is not delivered", statusof(pid), "1 left    ");
}

static void groups(void)
{
	int pid[3], i, self = getpid(), group;

	/* A new group with this process as one of four. */
	rfork(RFNOTEG);
	group = atoi(contents(procfile(self, "noteid")));
	for (i = 0; i < 3; i++) {
		pid[i] = start(i == 2 ? RFNOTEG : 0, snooze, (void *)100000);
		reaches(pid[i], "Sleep");
	}
	is("a child in it", atoi(contents(procfile(pid[0], "noteid"))), group);
	is("a child that leads another", atoi(contents(procfile(pid[2], "noteid"))), pid[2]);
	fresh();
	is("notepg", puts(procfile(self, "notepg"), "bang"), 0);
	sleep(10);
	is("not to the writer", count, 0);
	same("to a member", statusof(pid[0]), "bang");
	reaches(pid[2], "Sleep");
	same("not to the other group", stateof(pid[2]), "Sleep");
	post(pid[2], "x");
	statusof(pid[2]);
	pid[0] = start(0, snooze, (void *)100000);
	reaches(pid[0], "Sleep");
	rfork(RFNOTEG);
	yes("RFNOTEG leaves it", atoi(contents(procfile(self, "noteid"))) != group);
	is("the others stay", atoi(contents(procfile(pid[0], "noteid"))), group);
	puts(procfile(self, "notepg"), "bang");
	sleep(10);
	same("who hear nothing more of it", stateof(pid[0]), "Sleep");
	post(pid[0], "x");
	statusof(pid[0]);
	notify(nil);
}

/* ---- noted ---- */

static char *withaction(void *arg)
{
	fresh();
	action = (int)(uintptr)arg;
	post(getpid(), "user note");
	sleep(0);
	return "went on";
}

static char *trapaction(void *arg)
{
	fresh();
	action = (int)(uintptr)arg;
	__asm__ volatile("ud2");
	return "went on";
}

static char *outside(void *arg)
{
	noted((int)(uintptr)arg);
	return "went on";
}

static char *nested(void *arg)
{
	notify(arg == nil ? nil : record);
	__asm__ volatile("ud2");
	return "went on";
}

static void trapinside(void *u, char *note)
{
	USED(u);
	USED(note);
	__asm__ volatile("hlt");
}

static char *doublefault(void *arg)
{
	USED(arg);
	notify(trapinside);
	__asm__ volatile("ud2");
	return "went on";
}

static void spoil(void *u, char *note)
{
	USED(note);
	((Ureg *)u)->pc = 0x3000;
	noted(NCONT);
}

static void spoilsp(void *u, char *note)
{
	USED(note);
	((Ureg *)u)->sp = 0x3000;
	noted(NCONT);
}

static char *spoiled(void *arg)
{
	notify((void (*)(void *, char *))(uintptr)arg);
	post(getpid(), "x");
	sleep(0);
	return "went on";
}

static void forceselectors(void *u, char *note)
{
	Ureg *r = u;

	USED(note);
	r->cs = 8;
	r->ss = 16;
	r->flags = 0xffffffffffffffff & ~0x500ULL;
	lastureg = *r;
	noted(NCONT);
}

/* NSAVE: the outer handler goes on as ordinary code, an inner one finds its U. */
static uvlong outer, inner, innerouter;
static int stage;

static void innerhandler(void *u, char *note)
{
	USED(note);
	inner = A(u);
	innerouter = ((uvlong *)u)[-1];
	stage = 2;
	noted(NCONT);
}

void savedpart(void);
void insaved(void *, char *);

/* Runs with RSP = U-160, as a handler that is none any more. */
__asm__(".text\n"
	".globl savedpart\n"
	"savedpart:\n"
	"	cld\n"
	"	movq 8(%rsp), %rdi\n"
	"	movq 16(%rsp), %rsi\n"
	"	andq $-16, %rsp\n"
	"	call insaved\n"
	"	ud2\n");

static uvlong originalpc;
static char savednote[ERRMAX];

void insaved(void *u, char *note)
{
	strecpy(savednote, savednote + sizeof savednote, note);
	stage = 1;
	notify(innerhandler);
	post(getpid(), "inner");
	sleep(0);
	((Ureg *)u)->pc = originalpc;
	noted(NRSTR);
}

static void outerhandler(void *u, char *note)
{
	USED(note);
	outer = A(u);
	originalpc = ((Ureg *)u)->pc;
	((Ureg *)u)->pc = A((void *)(uintptr)savedpart);
	noted(NSAVE);
}

static void actions(void)
{
	same("NCONT", run(0, withaction, (void *)NCONT), "went on");
	same("NDFLT of a user note", run(0, withaction, (void *)NDFLT), "user note");
	same("another action", run(0, withaction, (void *)17), "user note");
	begins("NDFLT of a trap", run(0, trapaction, (void *)NDFLT),
		"sys: trap: invalid opcode pc=0x");
	same("NRSTR in a handler", run(0, withaction, (void *)NRSTR), "went on");
	same("NCONT outside a handler", run(0, outside, (void *)NCONT), "Suicide");
	same("NDFLT outside a handler", run(0, outside, (void *)NDFLT), "Suicide");
	same("NSAVE outside a handler", run(0, outside, (void *)NSAVE), "Suicide");
	begins("a trap in a handler", run(0, doublefault, nil),
		"sys: trap: general protection violation pc=0x");
	begins("a trap without a handler", run(0, nested, nil), "sys: trap: invalid opcode pc=0x");
	same("an unreadable pc", run(0, spoiled, (void *)(uintptr)spoil), "Suicide");
	same("an unreadable sp", run(0, spoiled, (void *)(uintptr)spoilsp), "Suicide");
	notify(forceselectors);
	TRAP("nop", 0);
	notify(forceselectors);
	post(getpid(), "x");
	sleep(0);
	ok("cs, ss and flags are forced");
	stage = 0;
	outer = inner = innerouter = 1;
	notify(outerhandler);
	post(getpid(), "outer");
	sleep(0);
	is("NSAVE, a nested note, NRSTR", stage, 2);
	same("the saved handler has its arguments", savednote, "outer");
	is("the inner frame names the outer", innerouter, outer);
	yes("and lies below it", inner < outer - 160 && inner > outer - 4096);
	fresh();
	post(getpid(), "again");
	sleep(0);
	same("notes work as before", last[0], "again");
	is("with no outer frame", count, 1);
	notify(nil);
}

/* User notes wait for the handler's end; a held one interrupts a sleep inside it. */
static int sleepresult, heldcount;
static char heldtext[2][ERRMAX];

static void holding(void *u, char *note)
{
	USED(u);
	strecpy(heldtext[heldcount & 1], heldtext[heldcount & 1] + ERRMAX, note);
	if (heldcount++ == 0) {
		post(getpid(), "second");
		sleepresult = sleep(2000);
		if (sleep(1) != 0)
			sleepresult = -2;
	}
	noted(NCONT);
}

static void held(void)
{
	heldcount = 0;
	notify(holding);
	post(getpid(), "first");
	sleep(0);
	sleep(0);
	is("a held note comes later", heldcount, 2);
	same("in order", heldtext[1], "second");
	is("it interrupts one sleep of the handler", sleepresult, -1);
	notify(nil);
}

/* ---- a handler that cannot be entered ---- */

void badstack(void);
__asm__(".text\n"
	"badstack:\n"
	"	movq $0x100, %rsp\n"
	"	ud2\n");

static char *noframe(void *arg)
{
	notify(record);
	if (arg != nil)
		rawnotify((void (*)(void))(uintptr)arg);
	badstack();
	return "went on";
}

static char *nohandler(void *arg)
{
	long r = _syscall(NOTIFY, A(arg), 0, 0, 0, 0);

	return r == -1 ? "refused" : "accepted";
}

static void unusable(void)
{
	same("no room for the frame", run(0, noframe, nil), "Suicide");
	begins("a handler that is nowhere", run(0, nohandler, (void *)0x3000), "");
}

void main(int argc, char **argv)
{
	begin("notes", 90);
	ready = segattach(0, "shared", nil, 4096);
	floating();
	layout(A(area + 4096));
	layout(A(area + 4096 + 3));
	traps();
	queues();
	groups();
	actions();
	held();
	unusable();
	done();
}
