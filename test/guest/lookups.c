/*
 * Names looked up while binds move them, on whatever processors there are. What a name leads
 * to must be what it led to at some moment of the look: not what was before the last bind that
 * had ended, not what nobody has bound yet.
 */
#include "guest.h"

enum { LOOKERS = 2, ROUNDS = 300, GROUPS = 30, PROCESSORS = 4, SPARES = 24 };

/* A busy host gets through few rounds. */
#define MOVING_NS	4000000000LL

/* The name leads to what turn % 3 says. The turn is begun, then made, then over. */
#define NAME "/lib/namespace"
static volatile uint begun, over, stop, wrong, looks;
static uchar leads[3][2];	/* type and number of the file */

static int statfile(uchar file[2])
{
	uchar d[256];

	if (stat(NAME, d, sizeof d) < 0)
		return -1;
	file[0] = d[2];
	file[1] = d[13];
	return 0;
}

static int openfile(uchar file[2])
{
	uchar d[256];
	int fd = open(NAME, OREAD);
	long n = fstat(fd, d, sizeof d);

	close(fd);
	file[0] = d[2];
	file[1] = d[13];
	return n;
}

static int turn(int n)
{
	switch (n % 3) {
	case 1:
		return bind("#c/null", NAME, MREPL);
	case 2:
		return bind("#c/zero", NAME, MREPL);
	}
	return unmount(nil, NAME);
}

/* Is that what it led to in one of the turns? */
static int led(uchar file[2], uint from, uint to)
{
	for (uint n = from; n <= to && n < from + 3; n++)
		if (memcmp(leads[n % 3], file, 2) == 0)
			return 1;
	return 0;
}

static char *looker(void *arg)
{
	uchar file[2] = { 0, 0 };

	USED(arg);
	for (uint n = 0; !stop; n++) {
		uint from = over;

		if ((n % 2 == 0 ? openfile(file) : statfile(file)) < 0 || !led(file, from, begun))
			wrong++;
		looks++;
		if (n % 64 == 0)
			sleep(0);
	}
	return "";
}

/* Groups of their own, which end with names known. */
static char *groups(void *arg)
{
	uchar file[2];
	int bad = 0;

	USED(arg);
	for (int i = 0; i < GROUPS && !stop; i++) {
		int pid = rfork(RFPROC | RFNAMEG | RFMEM);

		if (pid == 0) {
			bind("#c/zero", NAME, MREPL);
			if (openfile(file) < 0 || memcmp(file, leads[2], 2) != 0)
				_exits("opened another");
			if (statfile(file) < 0 || memcmp(file, leads[2], 2) != 0)
				_exits("another's entry");
			_exits(nil);
		}
		bad += strcmp(statusof(pid), "") != 0;
	}
	return bad == 0 ? "" : "wrong";
}

static void mover(void)
{
	uchar file[2];
	int own = 0;
	vlong until = nsec() + MOVING_NS;

	for (uint n = 1; n <= ROUNDS && (n < 6 || nsec() < until); n++) {
		begun = n;
		turn(n);
		over = n;
		own += statfile(file) < 0 || !led(file, n, n);
		own += openfile(file) < 0 || !led(file, n, n);
		if (n % 16 == 0)
			sleep(0);
	}
	is("who binds sees it at once, or else", own, 0);
}

/*
 * Each processor keeps some dead channels and paths: that it has as many as it keeps, whatever
 * ran where, so that what is held before and after can be compared.
 */
static char *fillspares(void *arg)
{
	char command[32];
	int fd[SPARES];

	snprint(command, sizeof command, "wired %d", (int)(uintptr)arg);
	if (puts(procfile(getpid(), "ctl"), command) < 0)
		return "wired failed";
	for (int i = 0; i < SPARES; i++)
		fd[i] = open("#c/null", OREAD);
	for (int i = 0; i < SPARES; i++)
		close(fd[i]);
	return "";
}

void main(int argc, char **argv)
{
	int other;

	USED(argc);
	USED(argv);
	begin("lookups", 120);
	rfork(RFNAMEG);
	for (int i = 0; i < 3; i++) {
		if (i > 0)
			turn(i);
		yes("what it leads to", openfile(leads[i]) >= 0);
	}
	turn(0);
	for (int i = 0; i < LOOKERS; i++)
		start(RFMEM, looker, nil);
	other = start(RFMEM | RFNAMEG, groups, nil);
	mover();
	stop = 1;
	same("groups of their own", statusof(other), "");
	for (int i = 0; i < LOOKERS; i++)
		waitpid();
	is("looks that found what was not there", wrong, 0);
	yes("there were some", looks > 0);
	for (uintptr i = 0; i < PROCESSORS; i++)
		same("spares", run(RFFDG, fillspares, (void *)i), "");
	done();
}
