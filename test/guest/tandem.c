/*
 * Two processes that use the same thing of the kernel at once, on whatever processors there are:
 * descriptors that another closes, mounts that another takes away, a pipe whose ends others open
 * and close. Each may fail as it would have failed a moment earlier or later, and in no other way.
 * And a look at who waits for which lock, while they wait, get it and end.
 */
#include "guest.h"

enum { FD = 30, GUARD_MS = 20000, WAITERS = 3, PAGE = 4096 };

/* A busy host gets through few rounds. */
#define ROUND_NS	1500000000LL

static volatile uint stop;
static uint wrong, rounds, through;

static void guard(void)
{
	stop = wrong = rounds = 0;
}

static int over(vlong end)
{
	return rounds % 32 == 0 && nsec() >= end;
}

/* ---- descriptors ---- */

static char *closer(void *arg)
{
	int pid = (int)(uintptr)arg, fd = open(procfile(pid, "ctl"), OWRITE);
	char text[32];

	snprint(text, sizeof text, "close %d", FD);
	while (!stop)
		write(fd, text, strlen(text));
	close(fd);
	return "";
}

/* A descriptor that may be closed at any moment is the file it was opened as, or it is closed. */
static void closing(void)
{
	vlong end = nsec() + ROUND_NS;
	uchar want[256], got[256];
	int pid, zero = open("#c/zero", OREAD), copy;

	guard();
	fstat(zero, want, sizeof want);
	pid = start(RFMEM | RFFDG, closer, (void *)(uintptr)getpid());
	for (; !over(end); rounds++) {
		dup(zero, FD);
		if (fstat(FD, got, sizeof got) > 0)
			wrong += got[2] != want[2] || got[13] != want[13];
		seek(FD, 0, 0);
		if ((copy = dup(FD, -1)) < 0)
			continue;
		wrong += fstat(copy, got, sizeof got) <= 0 || got[13] != want[13];
		close(copy);
	}
	stop = 1;
	statusof(pid);
	close(FD);
	close(zero);
	is("descriptors that another closes", wrong, 0);
	yes("they were used", rounds > 0);
}

/* ---- mounts ---- */

static char *unbinder(void *arg)
{
	USED(arg);
	while (!stop)
		unmount(nil, "/mnt");
	return "";
}

/* A mount may be gone when bind returns. */
static void binding(void)
{
	vlong end = nsec() + ROUND_NS;
	int pid;

	guard();
	pid = start(RFMEM, unbinder, nil);
	for (; !over(end); rounds++) {
		wrong += bind(rounds % 2 == 0 ? "#c" : "#d", "/mnt", MAFTER) != 0;
	}
	stop = 1;
	statusof(pid);
	unmount(nil, "/mnt");
	is("binds that another undoes", wrong, 0);
	yes("there were some", rounds > 0);
}

/* ---- a pipe with names ---- */

static char *opener(void *arg)
{
	USED(arg);
	while (!stop) {
		int a = open("/n/data", ORDWR), b = open("/n/data1", ORDWR);

		close(b);
		close(a);
	}
	return "";
}

static void ignore(void *u, char *note)
{
	USED(u);
	noted(strcmp(note, "alarm") == 0 ? NDFLT : NCONT);
}

/* The pipe may have hung up before. If not it cannot any more: what was written is there. */
static int oneround(void)
{
	int a = open("/n/data", ORDWR), b = open("/n/data1", ORDWR);
	int wrote = write(a, "x", 1) == 1, bad;
	char c = 0;

	through += wrote;
	bad = a < 0 || b < 0 || (wrote && (read(b, &c, 1) != 1 || c != 'x'));
	close(b);
	close(a);
	return bad;
}

static void reopening(void)
{
	vlong end = nsec() + ROUND_NS;
	int pid;

	guard();
	notify(ignore);
	bind("#|", "/n", MREPL);
	pid = start(RFMEM, opener, nil);
	alarm(GUARD_MS);
	for (; !over(end); rounds++)
		wrong += oneround();
	alarm(0);
	stop = 1;
	statusof(pid);
	unmount(nil, "/n");
	is("a pipe whose ends others open and close", wrong, 0);
	yes("bytes went through it", through > 0);
}

/* ---- who waits for whom ---- */

static char pages[2 * PAGE];

static char *fights(void *arg)
{
	volatile char *page = (char *)(((uintptr)pages + PAGE - 1) & ~(uintptr)(PAGE - 1));

	USED(arg);
	for (int i = 0; i < 200 && !stop; i++) {
		*page = 1;
		segfree((void *)page, PAGE);
	}
	return "";
}

static char *shortlived(void *arg)
{
	USED(arg);
	while (!stop)
		statusof(start(RFMEM, fights, nil));
	return "";
}

static void looking(void)
{
	vlong end = nsec() + ROUND_NS;
	int i;

	guard();
	for (i = 0; i < WAITERS; i++)
		start(RFMEM, shortlived, nil);
	for (; nsec() < end; rounds++)
		wrong += strstr(contents("#c/hang"), "1 init ") == nil;
	stop = 1;
	while (waitpid() > 0)
		;
	is("looks at who waits for whom", wrong, 0);
	yes("there were some of them", rounds > 0);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("tandem", 120);
	rfork(RFNAMEG);
	closing();
	binding();
	reopening();
	looking();
	done();
}
