/*
 * process.md 7 and 8: what noted takes from the frame and what it does not, the order of notes
 * of both classes, what rfork and a system call show a handler, what the kernel says of the dead,
 * and the texts of x87 exceptions.
 */
#include "guest.h"

enum { CF = 1, DF = 0x400, OF = 0x800, AC = 0x40000, ARITH = 0xd5 };

static char last[8][ERRMAX];
static Ureg seen[8];
static volatile int count;

static void record(void *u, char *note)
{
	strecpy(last[count % 8], last[count % 8] + ERRMAX, note);
	seen[count % 8] = *(Ureg *)u;
	count++;
	noted(NCONT);
}

static void fresh(void (*f)(void *, char *))
{
	count = 0;
	memset(last, 0, sizeof last);
	memset(seen, 0, sizeof seen);
	notify(f);
}

/* ---- what noted takes ---- */

uvlong flagsin, flagsout, landed[4];
void trapflags(void), trapstack(void);
extern char flagsnext[], stacknext[];

/*
 * trapflags traps with the flags of flagsin and stores those it goes on with. trapstack traps with
 * 1 in RBX and stores RBX, R15 and how far the stack pointer has moved.
 */
__asm__(".text\n"
	".globl trapflags, flagsnext, trapstack, stacknext\n"
	"trapflags:\n"
	"	pushq flagsin(%rip); popfq\n"
	"	ud2\n"
	"flagsnext:\n"
	"	pushfq; popq flagsout(%rip)\n"
	"	pushq $0x202; popfq\n"
	"	ret\n"
	"trapstack:\n"
	"	pushq %rbx; pushq %r15; pushq %rbp\n"
	"	movq %rsp, %rbp\n"
	"	movl $1, %ebx\n"
	"	ud2\n"
	"stacknext:\n"
	"	movq %rbx, landed(%rip); movq %r15, 8+landed(%rip)\n"
	"	movq %rbp, %rax; subq %rsp, %rax; movq %rax, 16+landed(%rip)\n"
	"	movq %rbp, %rsp\n"
	"	popq %rbp; popq %r15; popq %rbx\n"
	"	ret\n");

static uvlong setflags; /* or-ed into the frame's flags */

static void flagger(void *u, char *note)
{
	Ureg *r = u;

	USED(note);
	r->flags |= setflags;
	r->pc = A(flagsnext);
	noted(NCONT);
}

/* The frame's pc and the flags' upper part are the kernel's to judge. */
static void mover(void *u, char *note)
{
	Ureg *r = u;

	USED(note);
	r->pc = A(stacknext) | 1ULL << 47 | 1ULL << 63;
	r->bx = 0x1234567812345678;
	r->r15 = 0x8765432187654321;
	r->sp -= 264;
	r->cs = 8;
	r->ss = 0;
	noted(NCONT);
}

static uvlong flagsafter(uvlong before, uvlong set)
{
	flagsin = before | 0x202;
	setflags = set;
	fresh(flagger);
	trapflags();
	notify(nil);
	return flagsout & ~0x202ULL;
}

static void frames(void)
{
	is("flags are as they were", flagsafter(CF | DF | OF | AC, 0), CF | DF | OF | AC);
	is("whatever the handler's are", flagsafter(0, 0), 0);
	is("the low byte is the frame's", flagsafter(OF, ARITH), OF | ARITH);
	is("nothing else is", flagsafter(0, 0xffffffffffffff00), 0);
	is("nor if it is there", flagsafter(DF | AC, ~0ULL), DF | AC | ARITH);
	fresh(mover);
	trapstack();
	notify(nil);
	is("a register of the frame", landed[0], 0x1234567812345678);
	is("another", landed[1], 0x8765432187654321);
	is("the stack pointer", landed[2], 264);
}

/* ---- what a handler sees of a call ---- */

static void ofcalls(void)
{
	char text[] = "x";
	int fd = open(procfile(getpid(), "note"), OWRITE);

	fresh(record);
	is("a write to the own note file", write(fd, text, 1), 1);
	is("type", seen[0].type, 64);
	is("ax is the result", seen[0].ax, 1);
	is("bp is the number", seen[0].bp, PWRITE);
	is("cs", seen[0].cs, 0x2b);
	is("ss", seen[0].ss, 0x23);
	is("error", seen[0].error, 0);
	yes("sp", seen[0].sp < A(&fd) + 256 && seen[0].sp > A(&fd) - 4096);
	write(fd, "sys: mine", 9);
	begins("any text that begins so gets the pc", last[1], "sys: mine pc=0x");
	write(fd, "sys", 3);
	same("no other", last[2], "sys");
	notify(nil);
	close(fd);
}

/* ---- order ---- */

static void threefold(void *u, char *note)
{
	if (count == 0) {
		post(getpid(), "two");
		post(getpid(), "three");
	}
	record(u, note);
}

static char *waits(void *arg)
{
	USED(arg);
	fresh(record);
	puts(procfile(getpid(), "ctl"), "stop");
	_syscall(PREAD, 0, 0x10, 1, 0, 0);
	snprint(last[7], ERRMAX, "%d %s", count, last[0]);
	return count == 2 && strncmp(last[1], "sys: bad address in syscall pc=0x", 33) == 0
		? last[7] : last[1];
}

static char *forks(void *arg)
{
	int pid;

	USED(arg);
	fresh(record);
	puts(procfile(getpid(), "ctl"), "stop");
	pid = rfork(RFPROC);
	if (pid == 0) {
		sleep(20);
		_exits(count == 0 ? nil : "the child has the note");
	}
	sleep(0);
	if (count != 1 || strcmp(last[0], "pending") != 0)
		return "no note";
	if (seen[0].type == 64 && seen[0].bp == RFORK)
		return "delivered on the way out of rfork";
	return statusof(pid);
}

/* Starts f, which stops itself, posts a note when it has entered the call, and lets it go on. */
static char *noteduring(char *(*f)(void *), char *call, char *note)
{
	char *s, want[64];
	int pid = start(0, f, nil), i;

	snprint(want, sizeof want, "%d handlers %s 0x", pid, call);
	reaches(pid, "Stopped");
	for (i = 0; i < 20; i++) {
		puts(procfile(pid, "ctl"), "startsyscall");
		puts(procfile(pid, "ctl"), "waitstop");
		s = contents(procfile(pid, "syscall"));
		if (strncmp(s, want, strlen(want)) == 0)
			break;
	}
	post(pid, note);
	puts(procfile(pid, "ctl"), "start");
	return statusof(pid);
}

static void order(void)
{
	fresh(threefold);
	post(getpid(), "one");
	sleep(0);
	is("three notes", count, 3);
	same("in order", last[2], "three");
	is("no instruction between the first and the second", seen[1].pc, seen[0].pc);
	is("nor before the third", seen[2].pc, seen[0].pc);
	notify(nil);
	same("a note, then one of the kernel's, before either is delivered",
		noteduring(waits, "Pread", "first"), "2 first");
	same("rfork: at the next kernel exit, and not to the child",
		noteduring(forks, "Rfork", "pending"), "");
}

/* ---- rfork in a handler ---- */

static void forking(void *u, char *note)
{
	int pid;

	if (count++ == 0) {
		pid = rfork(RFPROC);
		if (pid == 0) {
			post(getpid(), "to the child");
			sleep(0);
			_exits(count == 2 ? "a handler of its own" : "held");
		}
		strecpy(last[7], last[7] + ERRMAX, statusof(pid));
	}
	USED(u);
	USED(note);
	noted(NCONT);
}

static void handlerfork(void)
{
	fresh(forking);
	post(getpid(), "to the parent");
	sleep(0);
	same("a child is born outside the handler", last[7], "a handler of its own");
	is("the parent's goes on", count, 1);
	notify(nil);
}

/* ---- the dead ---- */

static char said[1024];

typedef struct Death Death;
struct Death {
	char *(*f)(void *);
	void *arg;
	int fd;
};

static char *dies(void *arg)
{
	Death *d = arg;

	dup(d->fd, 2);
	close(d->fd);
	return d->f(d->arg);
}

/* Runs f to its end; its status, and in said what was written on descriptor 2. */
static char *death(char *(*f)(void *), void *arg)
{
	Death d = { f, arg, -1 };
	int p[2], pid;
	long n, total = 0;

	pipe(p);
	d.fd = p[1];
	pid = start(RFFDG, dies, &d);
	close(p[1]);
	while ((n = read(p[0], said + total, sizeof said - 1 - total)) > 0)
		total += n;
	said[total] = '\0';
	close(p[0]);
	snprint(last[6], ERRMAX, "handlers %d: ", pid);
	return statusof(pid);
}

/* What was said is one line: who, and this. */
static void saidis(char *name, char *text)
{
	long n = strlen(last[6]);

	if (strncmp(said, last[6], n) == 0)
		begins(name, said + n, text);
	else
		same(name, said, last[6]);
}

static char *deaf(void *arg)
{
	notify(nil);
	post(getpid(), arg);
	return "went on";
}

static char *traps(void *arg)
{
	notify(arg == nil ? nil : (void (*)(void *, char *))(uintptr)arg);
	__asm__ volatile("ud2");
	return "went on";
}

static char *usernote(void *arg)
{
	notify((void (*)(void *, char *))(uintptr)arg);
	post(getpid(), "user");
	return "went on";
}

static void defaults(void *u, char *note)
{
	USED(u);
	USED(note);
	noted(NDFLT);
}

static void seventeen(void *u, char *note)
{
	USED(u);
	USED(note);
	noted(17);
}

static void heldthentrap(void *u, char *note)
{
	USED(u);
	USED(note);
	post(getpid(), "held");
	__asm__ volatile("ud2");
}

static void nostack(void *u, char *note)
{
	USED(note);
	((Ureg *)u)->sp = 0x3000;
	noted(NCONT);
}

static char *outside(void *arg)
{
	noted((int)(uintptr)arg);
	return "went on";
}

static char *closedpipe(void *arg)
{
	int p[2];

	USED(arg);
	notify(nil);
	pipe(p);
	close(p[0]);
	write(p[1], "x", 1);
	return "went on";
}

#define FN(f) ((void *)(uintptr)(f))

static void deaths(void)
{
	char longtext[ERRMAX + 1];

	same("a User note", death(deaf, "hangup"), "hangup");
	same("nothing is said", said, "");
	begins("a closed pipe", death(closedpipe, nil), "sys: write on closed pipe pc=0x");
	same("nothing is said", said, "");
	begins("a trap", death(traps, nil), "sys: trap: invalid opcode pc=0x");
	saidis("suicide and the note", "suicide: sys: trap: invalid opcode pc=0x");
	same("NDFLT of a User note", death(usernote, FN(defaults)), "user");
	same("nothing is said", said, "");
	begins("NDFLT of a trap", death(traps, FN(defaults)), "sys: trap: invalid opcode pc=0x");
	saidis("suicide and the note", "suicide: sys: trap: invalid opcode pc=0x");
	same("another action", death(usernote, FN(seventeen)), "user");
	saidis("is of the Debug class", "suicide: user\n");
	begins("a trap in a handler that holds a note", death(usernote, FN(heldthentrap)),
		"sys: trap: invalid opcode pc=0x");
	saidis("the held note is gone", "suicide: sys: trap: invalid opcode pc=0x");
	same("noted outside a handler", death(outside, (void *)NCONT), "Suicide");
	saidis("the reason", "call to noted() when not notified\n");
	same("NRSTR without a frame", death(outside, (void *)NRSTR), "Suicide");
	same("a frame without a stack", death(usernote, FN(nostack)), "Suicide");
	memset(longtext, 'x', ERRMAX);
	longtext[ERRMAX] = '\0';
	fails("notepg of 128 bytes", puts(procfile(getpid(), "notepg"), longtext),
		"read or write too large");
}

/* ---- x87 ---- */

enum { INVALID, ZERODIV, OVERFLOW, UNDERFLOW, PRECISION, DENORMAL };

static uchar big[10] = { 0, 0, 0, 0, 0, 0, 0, 0x80, 0xfe, 0x7f };
static uchar small[10] = { 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0 };
static uchar denormal[10] = { 1 };

static char *x87(void *arg)
{
	ushort cw = 0x0200;	/* nothing masked */

	notify(nil);
	if ((int)(uintptr)arg != PRECISION)
		cw |= 0x20;
	if ((int)(uintptr)arg != DENORMAL)
		cw |= 2;
	__asm__ volatile("fninit; fldcw %0" : : "m"(cw));
	switch ((int)(uintptr)arg) {
	case INVALID:
		__asm__ volatile("fldz; fldz; fdivrp; fwait");
		break;
	case ZERODIV:
		__asm__ volatile("fld1; fldz; fdivrp; fwait");
		break;
	case OVERFLOW:
		__asm__ volatile("fldt %0; fmul %%st(0); fwait" : : "m"(big));
		break;
	case UNDERFLOW:
		__asm__ volatile("fldt %0; fmul %%st(0); fwait" : : "m"(small));
		break;
	case PRECISION:
		__asm__ volatile("fld1; fldpi; fdivrp; fwait");
		break;
	case DENORMAL:
		__asm__ volatile("fldt %0; fld1; faddp; fwait" : : "m"(denormal));
		break;
	}
	return "went on";
}

static uint emulated(void)
{
	uint ax = 0x40000000, bx, cx = 0, dx;

	__asm__ volatile("cpuid" : "+a"(ax), "=b"(bx), "+c"(cx), "=d"(dx));
	return bx == 0x54474354; /* TCGT */
}

static void exceptions(void)
{
	char *what[] = { "invalid operation", "division by zero", "numeric overflow",
		"numeric underflow", "precision loss", "denormalized operand" };
	char want[64], *s;
	uint i;

	/* QEMU's own translation never notices a denormalized operand. */
	for (i = 0; i < nelem(what) - emulated(); i++) {
		snprint(want, sizeof want, "sys: fp: %s fppc=0x", what[i]);
		s = death(x87, (void *)(uintptr)i);
		begins(what[i], s, want);
		yes("its status and pc", strstr(s, " status=0x") != nil &&
			strstr(s, " pc=0x") != nil);
	}
}

void main(int argc, char **argv)
{
	begin("handlers", 90);
	frames();
	ofcalls();
	order();
	handlerfork();
	deaths();
	exceptions();
	done();
}
