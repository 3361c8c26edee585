/*
 * process.md 5: brk and the segment calls, execute permission, copies at rfork, the stack's
 * growth, what happens when memory runs out; the counters of Tos.
 */
#include "guest.h"

enum { PAGE = 4096, MEG = 1 << 20 };

static char name[64];

static int brk_(uvlong addr)
{
	return (int)_syscall(BRK_, addr, 0, 0, 0, 0);
}

static uvlong attach(int attr, char *class, uvlong va, uvlong len)
{
	return _syscall(SEGATTACH, attr, A(class), va, len, 0);
}

static int detach(uvlong va)
{
	return (int)_syscall(SEGDETACH, va, 0, 0, 0, 0);
}

static int segfree_(uvlong va, uvlong len)
{
	return (int)_syscall(SEGFREE, va, len, 0, 0, 0);
}

static int flush(uvlong va, uvlong len)
{
	return (int)_syscall(SEGFLUSH, va, len, 0, 0, 0);
}

/* Base and top of the nth segment of a type, by /proc. */
static int segmentof(int pid, char *type, int nth, uvlong *base, uvlong *top)
{
	char *lines[16], *f[8];
	int i, n, k;

	n = getfields(contents(procfile(pid, "segment")), lines, nelem(lines), 1, "\n");
	for (i = 0; i < n; i++)
		if (strncmp(lines[i], type, strlen(type)) == 0 && nth-- == 0) {
			k = tokenize(lines[i], f, nelem(f)) - 3;
			*base = strtoull(f[k], nil, 16);
			*top = strtoull(f[k + 1], nil, 16);
			return 0;
		}
	return -1;
}

static int segment(char *type, int nth, uvlong *base, uvlong *top)
{
	return segmentof(getpid(), type, nth, base, top);
}

/* ---- a place that faults ---- */

static jmp_buf back;
static char lastnote[ERRMAX];

static void caught(void *u, char *note)
{
	strecpy(lastnote, lastnote + sizeof lastnote, note);
	if (strncmp(note, "sys:", 4) != 0)
		noted(NDFLT);
	notejmp(u, back, 1);
}

enum { READ, WRITE, EXECUTE };

/* Does the access fault? */
static int faults(uvlong va, int how)
{
	volatile int r = 1;

	notify(caught);
	if (setjmp(back) == 0) {
		if (how == READ)
			*(volatile char *)va;
		else if (how == WRITE)
			*(volatile char *)va = *(volatile char *)va;
		else
			((void (*)(void))va)();
		r = 0;
	}
	notify(nil);
	return r;
}

/* ---- brk ---- */

static int *count; /* shared by all */

static char *grower(void *arg)
{
	*(volatile char *)A(arg) = 7;
	count[0] = 1;
	while (count[0] == 1)
		sleep(1);
	return "";
}

static char *attacher(void *arg)
{
	count[0] = attach(0, "memory", A(arg), PAGE) == A(arg) ? 1 : 3;
	while (count[0] == 1)
		sleep(1);
	return "";
}

static void brks(void)
{
	uvlong base, top, dbase, dtop, end, high;
	int pid;

	segment("Bss", 0, &base, &top);
	segment("Data", 0, &dbase, &dtop);
	/* The result is 64 bits wide. */
	is("brk_(0) gives the bss base", _syscall(BRK_, 0, 0, 0, 0, 0), base);
	end = top;
	is("grow", brk_(end + 1), 0);
	segment("Bss", 0, &base, &top);
	is("rounded up to a page", top, end + PAGE);
	is("it is zero", *(char *)end, 0);
	*(char *)end = 5;
	is("shrink", brk_(end), 0);
	is("gone", faults(end, READ), 1);
	is("grow again", brk_(end + PAGE), 0);
	is("zero again", *(char *)end, 0);
	fails("below data", brk_(UTZERO + 8), "virtual memory allocation failed");
	fails("one byte of address space", brk_(8), "virtual memory allocation failed");
	fails("beyond the address space", brk_(0xfffffffffffffff0ULL),
		"virtual memory allocation failed");
	fails("beyond 64 GiB", brk_(end + (65ULL << 30)), "virtual memory allocation failed");
	high = end + 16 * MEG;
	is("a segment above", attach(0, "memory", high, PAGE), high);
	fails("growing into it", brk_(high + 1), "segments overlap");
	is("up to it", brk_(high), 0);
	is("detach", detach(high), 0);
	is("700 MiB", brk_(end + 700ULL * MEG), 0);
	*(char *)(end + 699ULL * MEG) = 1;
	is("its middle is zero", *(char *)(end + 350ULL * MEG), 0);
	is("shrink", brk_(end + PAGE), 0);
	*(char *)end = 0;
	pid = start(RFMEM, grower, (void *)end);
	while (count[0] == 0)
		sleep(1);
	is("shared", *(volatile char *)end, 7);
	fails("shrinking a shared segment", brk_(end), "device or object already in use");
	is("growing it", brk_(end + 2 * PAGE), 0);
	count[0] = 2;
	statusof(pid);
	pid = start(RFMEM, grower, (void *)(end + PAGE));
	while (count[0] == 2)
		sleep(1);
	is("growth is visible to sharers", *(volatile char *)(end + PAGE), 7);
	count[0] = 2;
	statusof(pid);
	is("back", brk_(end), 0);
	pid = start(RFMEM, attacher, (void *)high);
	while (count[0] == 2)
		sleep(1);
	fails("growing into what a sharer has", brk_(high + 1), "segments overlap");
	is("up to it", brk_(high), 0);
	count[0] = 2;
	statusof(pid);
	is("when it is gone", brk_(high + 1), 0);
	is("back", brk_(end), 0);
	count[0] = 0;
}

/* An address within the data is the bss base. What is in the bss is gone then. */
static char *intodata(void *arg)
{
	uvlong data = A(arg);

	if ((int)_syscall(BRK_, data + 8, 0, 0, 0, 0) != 0)
		return "refused";
	_syscall(SLEEP, 1000000, 0, 0, 0, 0);
	return "woke";
}

static void brkindata(void)
{
	uvlong base, top, dbase, dtop;
	int pid;

	segment("Data", 0, &dbase, &dtop);
	pid = start(0, intodata, (void *)dbase);
	reaches(pid, "Sleep");
	segmentof(pid, "Bss", 0, &base, &top);
	is("brk_ into data frees all of the bss", top, base);
	post(pid, "end");
	same("the process lives", statusof(pid), "end");
}

/* ---- attaching ---- */

static void attaching(void)
{
	uvlong a, b, seg[8], stack = USTKTOP - USTKSIZE, tbase, ttop;
	int i;

	a = attach(0, "memory", 0, 3 * PAGE);
	is("the highest hole below the stack", a, stack - 3 * PAGE);
	b = attach(0, "memory", 0, 1);
	is("working down", b, a - PAGE);
	is("zero-filled", *(char *)a, 0);
	is("detach by any address inside", detach(a + 2 * PAGE + 17), 0);
	is("the hole is used again", attach(0, "shared", 0, 2 * PAGE), stack - 2 * PAGE);
	is("detach", detach(stack - 1), 0);
	is("detach", detach(b), 0);
	fails("nothing there", detach(b), "bad arg in system call");
	fails("the stack", detach(USTKTOP - 8), "bad arg in system call");
	a = attach(0, "memory", 0x10000123, PAGE);
	is("va rounds down", a, 0x10000000);
	segment("Bss", 1, &tbase, &ttop);
	is("va+len rounds up", ttop, 0x10002000);
	fails("collision", attach(0, "memory", 0x10001000, PAGE), "segments overlap");
	fails("collision from below", attach(0, "memory", 0xffff000, 2 * PAGE), "segments overlap");
	fails("collision with text", attach(0, "memory", UTZERO, PAGE), "segments overlap");
	fails("collision with the stack", attach(0, "memory", USTKTOP - 8192, PAGE),
		"segments overlap");
	detach(a);
	fails("no length", attach(0, "memory", 0, 0), "bad arg in system call");
	fails("va at USTKTOP", attach(0, "memory", USTKTOP, PAGE), "bad arg in system call");
	fails("va beyond", attach(0, "memory", 0xffffffff80000000, PAGE), "bad arg in system call");
	fails("page 0", attach(0, "memory", 1, PAGE), "bad arg in system call");
	fails("another class", attach(0, "nonesuch", 0, PAGE), "bad arg in system call");
	is("the length has 32 bits", attach(0, "memory", 0x10000000, 0x7dff00000000ULL | PAGE),
		0x10000000);
	detach(0x10000000);
	a = attach(SG_RONLY, "memory", 0, PAGE);
	is("SG_RONLY: reading", faults(a, READ), 0);
	is("SG_RONLY: writing", faults(a, WRITE), 1);
	detach(a);
	a = attach(SG_FAULT, "memory", 0, PAGE);
	is("SG_FAULT: reading", faults(a, READ), 1);
	is("SG_FAULT: writing", faults(a, WRITE), 1);
	detach(a);
	fails("below UTZERO", attach(0, "memory", UTZERO - PAGE, PAGE),
		"virtual memory allocation failed");
	fails("page 1", attach(0, "memory", PAGE, PAGE), "virtual memory allocation failed");
	for (i = 0; i < 8; i++)
		if ((seg[i] = attach(0, "memory", 0, PAGE)) == ~0ULL)
			break;
	is("five can be attached", i, 4); /* one is count's */
	fails("no slot", -1, "virtual memory allocation failed");
	while (--i >= 0)
		detach(seg[i]);
}

static void resizing(void)
{
	uvlong a = attach(0, "memory", 0x10000000, 2 * PAGE), base, top;

	fails("segbrk of the stack", _syscall(SEGBRK, USTKTOP - 8, USTKTOP, 0, 0, 0),
		"bad arg in system call");
	fails("segbrk of text", _syscall(SEGBRK, UTZERO, UTZERO + PAGE, 0, 0, 0),
		"bad arg in system call");
	fails("segbrk of nothing", _syscall(SEGBRK, 0x30000000, 0x30001000, 0, 0, 0),
		"bad arg in system call");
	is("segbrk", _syscall(SEGBRK, a + 5, a + 5 * PAGE, 0, 0, 0), 0);
	segment("Bss", 1, &base, &top);
	is("it has grown", top, a + 5 * PAGE);
	is("zero", *(char *)(a + 4 * PAGE), 0);
	is("shrink", _syscall(SEGBRK, a, a + PAGE, 0, 0, 0), 0);
	is("gone", faults(a + PAGE, READ), 1);
	is("segbrk to 0 gives the base", _syscall(SEGBRK, a, 0, 0, 0, 0), a);
	detach(a);
	a = attach(0, "shared", 0x10000000, 2 * PAGE);
	is("segbrk of a shared segment", _syscall(SEGBRK, a, a + 4 * PAGE, 0, 0, 0), 0);
	*(char *)(a + 3 * PAGE) = 1;
	is("and back", _syscall(SEGBRK, a, a + PAGE, 0, 0, 0), 0);
	is("gone", faults(a + PAGE, READ), 1);
	fails("segbrk into another segment", _syscall(SEGBRK, a, USTKTOP - 4096, 0, 0, 0),
		"virtual memory allocation failed");
	fails("segbrk below its base", _syscall(SEGBRK, a, a - PAGE, 0, 0, 0),
		"virtual memory allocation failed");
	detach(a);
}

/* ---- segfree, segflush ---- */

static char initialised[3 * PAGE] = { 1 };

static void freeing(void)
{
	uvlong a = attach(0, "memory", 0, 4 * PAGE),
	       data = (A(initialised) + PAGE - 1) & ~(PAGE - 1ULL);
	char first;

	memset((char *)a, 9, 4 * PAGE);
	is("segfree", segfree_(a + 1, 3 * PAGE - 1), 0);
	is("the page that is not whole", *(char *)a, 9);
	is("whole pages", *(char *)(a + PAGE), 0);
	is("both of them", *(char *)(a + 2 * PAGE + 4095), 0);
	is("the page after", *(char *)(a + 3 * PAGE), 9);
	is("less than a page", segfree_(a + 3 * PAGE + 1, PAGE - 1), 0);
	is("frees none", *(char *)(a + 3 * PAGE), 9);
	fails("past the end", segfree_(a + 2 * PAGE, 3 * PAGE), "bad arg in system call");
	fails("where nothing is", segfree_(0x30000000, PAGE), "bad arg in system call");
	detach(a);
	first = *(char *)data;
	memset((char *)data, 3, PAGE);
	is("segfree of data", segfree_(data, PAGE), 0);
	is("which has file contents again", *(char *)data, first);
}

static void executing(void)
{
	uvlong a = attach(0, "memory", 0, 2 * PAGE), b;
	uchar *onstack = (uchar *)(((uvlong)&a - 8192) & ~15ULL);

	*(uchar *)a = 0xc3;
	*(uchar *)(a + PAGE) = 0xc3;
	is("no execution before segflush", faults(a, EXECUTE), 1);
	is("segflush", flush(a, 16), 0);
	is("execution after it", faults(a, EXECUTE), 0);
	is("of the whole segment", faults(a + PAGE, EXECUTE), 0);
	onstack[0] = 0xc3;
	is("no execution on the stack", faults(A(onstack), EXECUTE), 1);
	is("segflush of the stack", flush(A(onstack), 16), 0);
	onstack[0] = 0xc3;
	is("still none", faults(A(onstack), EXECUTE), 1);
	b = attach(SG_NOEXEC, "memory", 0, PAGE);
	*(uchar *)b = 0xc3;
	is("segflush may span segments", flush(b, 2 * PAGE), 0);
	is("SG_NOEXEC", faults(b, EXECUTE), 1);
	detach(b);
	fails("segflush with a gap", flush(a - PAGE, 2 * PAGE), "bad arg in system call");
	fails("segflush of nothing", flush(0x30000000, 16), "bad arg in system call");
	detach(a);
	is("address 0", faults(0, READ), 1);
	is("below UTZERO", faults(UTZERO - 1, READ), 1);
	is("text can be read", faults(UTZERO, READ), 0);
	is("not written", faults(UTZERO, WRITE), 1);
	is("the last byte of the stack", faults(USTKTOP - 1, READ), 0);
	is("beyond the stack", faults(USTKTOP, READ), 1);
	is("no address", faults(0x0000900000000000, READ), 1);
}

/* ---- copies ---- */

enum { NPAGE = 16 };
static volatile uint gen[NPAGE * PAGE / 4] __attribute__((aligned(PAGE)));

/* Writes generation after generation, page after page. */
static char *writer(void *arg)
{
	uint g;
	int i;

	USED(arg);
	for (g = 1; count[0] == 0; g++)
		for (i = 0; i < NPAGE; i++)
			gen[i * PAGE / 4] = g;
	return "";
}

static char *snapshot(void *arg)
{
	uint seen[NPAGE];
	int i, k;

	USED(arg);
	for (i = 0; i < NPAGE; i++)
		seen[i] = gen[i * PAGE / 4];
	for (i = 1; i < NPAGE; i++)
		if (seen[i] > seen[i - 1] || seen[i] + 1 < seen[0])
			return "pages of different times";
	for (k = 0; k < 5; k++) {
		sleep(2);
		for (i = 0; i < NPAGE; i++)
			if (gen[i * PAGE / 4] != seen[i])
				return "a page changed later";
	}
	return "";
}

static char *childwrites(void *arg)
{
	char *p = arg;
	int i;

	for (i = 0; i < 64; i++)
		if (p[i * PAGE] != (char)i)
			return "not the parent's";
	for (i = 0; i < 64; i++)
		p[i * PAGE] = 100;
	return "";
}

static void copying(void)
{
	char *p = (char *)attach(0, "memory", 0, 64 * PAGE),
	     *s = (char *)attach(0, "shared", 0, PAGE);
	int i, good, pid;

	for (i = 0; i < 64; i++)
		p[i * PAGE] = (char)i;
	same("a child sees the parent's pages", run(0, childwrites, p), "");
	for (good = i = 0; i < 64; i++)
		good += p[i * PAGE] == (char)i;
	is("and does not write them", good, 64);
	s[0] = 0;
	same("a child sharing memory", run(RFMEM, childwrites, p), "");
	is("writes them", p[0], 100);
	detach(A(p));
	detach(A(s));
	count[0] = 0;
	pid = start(RFMEM, writer, nil);
	for (good = i = 0; i < 20; i++)
		good += strcmp(run(0, snapshot, nil), "") == 0;
	is("a copy is a snapshot", good, 20);
	count[0] = 1;
	statusof(pid);
}

/* ---- the stack ---- */

static int deep(int n)
{
	volatile char page[PAGE];

	page[0] = (char)n;
	if (n > 0)
		return deep(n - 1) + (page[0] == (char)n);
	return 0;
}

static char *recurses(void *arg)
{
	int n = (int)(uintptr)arg;

	notify(nil);
	return deep(n) == n ? "" : "the stack has changed";
}

static void stacks(void)
{
	same("a stack of 15 MiB", run(0, recurses, (void *)3700), "");
	begins("a stack of 17 MiB", run(0, recurses, (void *)4200),
		"sys: trap: fault write addr=0x7ffffe");
	is("anywhere in its range", faults(USTKTOP - USTKSIZE, READ), 0);
	is("not below", faults(USTKTOP - USTKSIZE - 1, READ), 1);
}

/* ---- running out ---- */

/* Pages in use by users, by /dev/swap. */
static long used(void)
{
	char *p = strstr(contents("/dev/swap"), " user\n");

	if (p == nil)
		return -1;
	while (p[-1] != '\n')
		p--;
	return atol(p);
}

static char *hog(void *arg)
{
	uvlong base, top, a;

	USED(arg);
	segment("Bss", 0, &base, &top);
	if (brk_(top + (16ULL << 30)) < 0)
		return "brk";
	for (a = top; a < top + (16ULL << 30); a += PAGE)
		*(char *)a = 1;
	return "";
}

static char *sleeps(void *arg)
{
	USED(arg);
	sleep(100000);
	return "";
}

/* Takes three quarters of the free memory, says so by a byte to fd, and stays. */
static char *spares(void *arg)
{
	int *p = arg;
	char *s = strstr(contents("/dev/swap"), " user\n");
	uvlong base, top, a, size;
	long use, all;

	while (s[-1] != '\n')
		s--;
	use = strtol(s, &s, 10);
	all = strtol(s + 1, nil, 10);
	size = (uvlong)(all - use) / 4 * 3 * PAGE;
	segment("Bss", 0, &base, &top);
	puts(procfile(getpid(), "ctl"), "noswap");
	if (brk_(top + size) < 0)
		return "brk";
	for (a = top; a < top + size; a += PAGE)
		*(char *)a = 1;
	write(p[1], "x", 1);
	sleep(100000);
	return "";
}

static char *pipehog(void *arg)
{
	static char block[65536];
	int p[2], i;

	USED(arg);
	for (;;) {
		if (pipe(p) < 0)
			return "";
		for (i = 0; i < 3; i++)
			if (write(p[0], block, sizeof block) < 0)
				return "";
	}
}

static void exhaustion(void)
{
	long before, after;
	int pid[5000], gone, i, n, p[2], spared;
	char *s, buf[1];

	sleep(100);
	before = used();
	same("a process that takes all memory", run(0, hog, nil),
		"Killed: Insufficient physical memory");
	same("and again", run(0, hog, nil), "Killed: Insufficient physical memory");
	for (i = 0; i < 100 && used() > before + 16; i++)
		sleep(10);
	after = used();
	yes("its memory comes back", before > 0 && after <= before + 16);
	pipe(p);
	spared = start(0, spares, p);
	is("a larger one that set noswap", read(p[0], buf, 1), 1);
	same("is spared", run(0, hog, nil), "Killed: Insufficient physical memory");
	yes("it lives", stateof(spared)[0] != '\0');
	puts(procfile(spared, "ctl"), "kill");
	same("until it is killed", statusof(spared), "Killed");
	close(p[0]);
	close(p[1]);
	for (n = 0; n < (int)nelem(pid) && (pid[n] = start(0, sleeps, nil)) > 0; n++)
		;
	yes("many processes", n > 80);
	if (n < (int)nelem(pid)) {
		char err[ERRMAX];

		rerrstr(err, sizeof err);
		if (strcmp(err, "no procs") == 0 || strcmp(err, "no free memory") == 0)
			ok("then there are no more");
		else
			notok("then there are no more", "got `%s', expected `no procs'", err);
	}
	for (i = 0; i < n; i++)
		puts(procfile(pid[i], "ctl"), "kill");
	while (waitpid() > 0)
		;
	for (gone = i = 0; i < n; i++)
		gone += stateof(pid[i])[0] == '\0';
	is("all can be killed", gone, n);
	s = run(RFFDG, pipehog, nil);
	yes("pipes filled with data", s != nil && (s[0] == '\0' || strncmp(s, "Killed", 6) == 0));
	same("the machine goes on", run(0, recurses, (void *)10), "");
}

/* ---- Tos ---- */

static void counters(void)
{
	Tos *t = _tos;
	uvlong k = t->kcycles, p = t->pcycles;
	uint clock, most, me = t->pid;
	vlong start_ns;

	is("Tos lies at the top", A(t), USTKTOP - 72);
	is("pid", t->pid, getpid());
	sleep(0);
	yes("kcycles grow", t->kcycles > k);
	yes("pcycles grow", t->pcycles > p);
	p = t->pcycles;
	sleep(300);
	if (t->cyclefreq != 0)
		yes("not while asleep", t->pcycles - p < t->cyclefreq / 10);
	clock = t->clock;
	start_ns = nsec();
	while (nsec() - start_ns < 500000000)
		;
	clock = t->clock - clock;
	most = (nsec() - start_ns) / 1000000 + 20;
	snprint(name, sizeof name, "clock adds 10 a tick in user mode (%ud)", clock);
	yes(name, clock % 10 == 0 && clock <= most);
	t->kcycles = 1000000000000000;
	t->pcycles = 7;
	t->pid = 7;
	t->clock = 0x10000000;
	sleep(0);
	yes("kcycles are added to what is there",
		t->kcycles > 1000000000000000 && t->kcycles < 1001000000000000);
	yes("pcycles and pid are replaced", t->pcycles > p && t->pid == me);
	start_ns = nsec();
	while (nsec() - start_ns < 200000000)
		;
	yes("clock is added to what is there", t->clock >= 0x10000000 && t->clock < 0x10100000);
}

void main(int argc, char **argv)
{
	begin("memory", 90);
	free(malloc(16384)); /* so that what follows need not move the break */
	count = (int *)attach(0, "shared", 0x700000000000, PAGE);
	brks();
	brkindata();
	attaching();
	resizing();
	freeing();
	executing();
	copying();
	stacks();
	counters();
	exhaustion();
	done();
}
