/*
 * Much memory touched page by page, where the kernel may map many pages as one: whatever is done to
 * a part of it afterwards concerns that part and nothing else. process.md 5, ownership.md.
 */
#include "exchange.h"

enum { LARGE = 64 * MEG, SMALL = 8 * MEG, ROOMY = 256, PAGES_TOLD = 16 };

static ulong size = SMALL;	/* of the memory */
static int roomy;		/* the machine has enough for everything */

static uvlong *page(char *p, ulong n)
{
	return (uvlong *)(void *)(p + n * PAGE);
}

/* The memory, of some class, in which every page holds its number + 1. nil: something was there. */
static char *filled(char *class)
{
	char *p = segattach(0, class, nil, size);
	ulong i, dirty = 0;

	if (p == (void *)-1)
		sysfatal("segattach: %r");
	for (i = 0; i < size / PAGE; i++) {
		dirty += *page(p, i) != 0 || page(p, i)[PAGE / 8 - 1] != 0;
		*page(p, i) = i + 1;
	}
	is("fresh pages are zero", dirty, 0);
	return p;
}

/* How many pages of [from, to) do not hold their number + 1. */
static ulong others(char *p, ulong from, ulong to)
{
	ulong n = 0;

	for (; from < to; from++)
		n += *page(p, from) != from + 1;
	return n;
}

/* And how many are not zero. */
static ulong nonzero(char *p, ulong from, ulong to)
{
	ulong n = 0;

	for (; from < to; from++)
		n += *page(p, from) != 0;
	return n;
}

/* Page faults of all processors so far. */
static vlong pagefaults(void)
{
	char *lines[64], *f[10];
	vlong sum = 0;
	int i, n = getfields(contents("/dev/sysstat"), lines, nelem(lines), 1, "\n");

	for (i = 0; i < n; i++)
		if (tokenize(lines[i], f, nelem(f)) == nelem(f))
			sum += atoi(f[4]);
	return sum;
}

/* Sixteen pages a fault would be 1024 for the large one. */
static void fewfaults(void)
{
	vlong before = pagefaults(), n;
	char *p = filled("memory");

	n = pagefaults() - before;
	if (roomy)
		yes("few faults for a long row", n > 0 && n < LARGE / PAGE / PAGES_TOLD / 2);
	is("all of it", others(p, 0, size / PAGE), 0);
	is("detach", segdetach(p), 0);
}

/* ---- copies ---- */

static char *copied(void *arg)
{
	char *p = arg;
	ulong i, n = size / PAGE;

	if (others(p, 0, n) != 0)
		return "not what the parent had";
	for (i = 0; i < n; i += 3)
		*page(p, i) = 7;
	for (i = 0; i < n; i++)
		if (*page(p, i) != (i % 3 == 0 ? 7 : i + 1))
			return "not what the child wrote";
	return "";
}

static void forks(void)
{
	char *p = filled("memory");
	ulong i, n = size / PAGE, wrong = 0;
	int pid = start(0, copied, p);

	for (i = 0; i < n; i += 5)
		*page(p, i) += n;
	same("the child's own", statusof(pid), "");
	for (i = 0; i < n; i++)
		wrong += *page(p, i) != i + 1 + (i % 5 == 0 ? n : 0);
	is("the parent's own", wrong, 0);
	segdetach(p);
}

/* ---- parts that go ---- */

static void parts(void)
{
	char *p = filled("memory"), *top = p + size;
	ulong n = size / PAGE, mid = n / 2 + 100;

	is("segfree within", segfree(p + mid * PAGE, 3 * PAGE), 0);
	is("before it", others(p, 0, mid), 0);
	is("freed", nonzero(p, mid, mid + 3), 0);
	is("after it", others(p, mid + 3, n), 0);
	is("segfree of much", segfree(p + PAGE, size / 2), 0);
	is("freed", nonzero(p, 1, n / 2 + 1), 0);
	is("before it", others(p, 0, 1), 0);
	is("after it", others(p, n / 2 + 1, mid), 0);
	yes("segbrk", segbrk(p, top - 100 * PAGE) != (void *)-1);
	yes("beyond the top", faults(top - 100 * PAGE, READ));
	is("below the top", others(p, mid + 3, n - 100), 0);
	yes("segbrk back", segbrk(p, top) != (void *)-1);
	is("zero again", nonzero(p, n - 100, n), 0);
	is("below it", others(p, mid + 3, n - 100), 0);
	is("segflush", segflush(p + mid * PAGE, PAGE), 0);
	is("the same after segflush", others(p, mid + 3, n - 100), 0);
	*page(p, n - 1) = 1;
	is("writable after segflush", *page(p, n - 1), 1);
	segdetach(p);
}

/* ---- other processes ---- */

static char *sharer(void *arg)
{
	char *p = arg;
	ulong i, n = size / PAGE, wrong = others(p, 0, n);

	for (i = 0; i < n; i++)
		*page(p, i) += n;
	return wrong == 0 ? "" : "not what the other wrote";
}

static void shared(char *class, int flags)
{
	char *p = filled(class);
	ulong i, n = size / PAGE, wrong = 0;

	same("sees it", run(flags, sharer, p), "");
	for (i = 0; i < n; i++)
		wrong += *page(p, i) != i + 1 + n;
	is("and changes it", wrong, 0);
	is("segfree", segfree(p, size), 0);
	is("nothing is left", nonzero(p, 0, n), 0);
	segdetach(p);
}

static char *freer(void *arg)
{
	return segfree(arg, size / 2) == 0 ? "" : "segfree";
}

/* What one process frees, the other has no longer. */
static void freedby(void)
{
	char *p = filled("shared");

	same("another frees half", run(0, freer, p), "");
	is("it is zero here", nonzero(p, 0, size / PAGE / 2), 0);
	is("the rest is not", others(p, size / PAGE / 2, size / PAGE), 0);
	segdetach(p);
}

static char *waits(void *arg)
{
	char *p = arg;
	ulong n = size / PAGE;

	rendezvous(p, 0);
	while (*(volatile uvlong *)page(p, n / 2 + 7) != 4711)
		sleep(1);
	*page(p, n / 2 + 7) = n / 2 + 8;
	return others(p, 0, n) == 0 ? "" : "something else was written";
}

static void debugged(void)
{
	char *p = filled("memory");
	uvlong word = 4711, at = A(page(p, size / PAGE / 2 + 7)), got = 0;
	int pid = start(0, waits, p), fd;

	rendezvous(p, 0);
	puts(procfile(pid, "ctl"), "stop");
	yes("stopped", reaches(pid, "Stopped"));
	fd = open(procfile(pid, "mem"), ORDWR);
	is("mem read", pread(fd, &got, 8, (vlong)at), 8);
	is("what it holds", (vlong)got, (vlong)(size / PAGE / 2 + 8));
	is("mem written", pwrite(fd, &word, 8, (vlong)at), 8);
	close(fd);
	puts(procfile(pid, "ctl"), "start");
	same("it sees that and the rest", statusof(pid), "");
	is("the parent's stays", others(p, 0, size / PAGE), 0);
	segdetach(p);
}

/* ---- handed over ---- */

static char *takes(int fd, char *p)
{
	ulong first = size / PAGE / 2 + 100, i;

	USED(fd);
	for (i = 0; i < MEG / PAGE; i++)
		if (*page(p, i) != first + i + 1)
			return "not what was handed over";
	up(&board->ready);
	return down(&board->end) == 1 ? "" : "not told to end";
}

static void handed(char *kind, int readable, int writable)
{
	char *p = filled("memory"), *at = p + size / 2 + 100 * PAGE;
	int pid = taker(takes), fd = exoffer(kind, at, MEG);
	ulong first = size / PAGE / 2 + 100, end = first + MEG / PAGE, i;

	board->number = exnumber(fd);
	up(&board->go);
	is(kind, down(&board->ready), 1);
	is("its owner may read", !faults(at + PAGE, READ), readable);
	is("and write", !faults(at + PAGE, WRITE), writable);
	is("before it", others(p, 0, first), 0);
	is("after it", others(p, end, size / PAGE), 0);
	for (i = 0; i < size / PAGE; i++)
		if (i < first || i >= end)
			*page(p, i) = i + 1;
	up(&board->end);
	same("taker", statusof(pid), "");
	close(fd);
	if (strcmp(kind, "move") == 0)
		is("gone", nonzero(p, first, end), 0);
	else
		is("back", others(p, first, end), 0);
	segdetach(p);
}

static int clean(void)
{
	return strstr(contents("/dev/audit"), ", 0 violations\n") != nil;
}

static void eachpart(void)
{
	fewfaults();
	forks();
	parts();
	shared("memory", RFMEM);
	shared("shared", 0);
	freedby();
	debugged();
	handed("share", 1, 0);
	handed("lend", 0, 0);
	handed("move", 1, 1);
}

void main(int argc, char **argv)
{
	char *p;

	begin("blocks", 100);
	board = segattach(0, "shared", nil, PAGE);
	roomy = strtoll(contents("/dev/swap"), nil, 10) / MEG >= ROOMY;
	size = roomy ? LARGE : SMALL;
	eachpart();
	p = filled("memory");
	same("a child with the same", run(0, copied, p), "");
	yes("audit", clean());
	segdetach(p);
	yes("audit after all of it", clean());
	done();
}
