/*
 * mesh [KIND [SEED [SECONDS]]]: stress for several processors, whose results are checked. KIND is
 * one of those below, `turns' for one after the other, `all' for all at once, which is the
 * default, or `rounds' for both, again and again. Unlike storm.c, which calls whatever comes to
 * mind, each kind knows what must come out: what goes through pipes comes out once and in order,
 * counters under locks add up, waits tell of the right children, memory holds what was written, no
 * note is lost. What was wrong first is told; where something does not end, so is what everybody
 * waits for.
 */
#include "mesh.h"
#include "mesh_talk.inc"
#include "mesh_life.inc"
#include "mesh_mem.inc"

enum { SECONDS = 15, WARM_SECONDS = 2, TURN_SECONDS = 4, GRACE = 120 };

typedef struct Kind {
	char *name;
	void (*run)(void);
} Kind;

static Kind kinds[] = {
	{ "pipes", pipes },
	{ "rendezvous", meetings },
	{ "semaphores", semaphores },
	{ "notes", notes },
	{ "forks", forks },
	{ "execs", execs },
	{ "proc", procs },
	{ "segments", segments },
	{ "mounts", mounts },
};

static Board *boards;		/* one for each kind */

/* Ends a kind in time; on a busy machine not before it has done anything. */
static char *clockwork(void *arg)
{
	vlong until = nsec() + seconds * 1000000000LL;

	USED(arg);
	while ((nsec() < until || board->steps == 0) && !board->stop)
		sleep(20);
	board->stop = 1;
	return "";
}

/* A kind, in groups of its own. */
static char *leads(void *arg)
{
	uintptr i = (uintptr)arg;

	rfork(RFNAMEG | RFREND | RFFDG | RFENVG);
	board = &boards[i];
	work(0, clockwork, 0);
	kinds[i].run();
	return "";
}

/* Processes of this run: all that are younger. */
static void endall(int first)
{
	int fd = open("#p", OREAD);
	Dir *d = nil;
	long i, n = dirreadall(fd, &d);

	close(fd);
	for (i = 0; i < n; i++)
		if (atoi(d[i].name) > first)
			tell(atoi(d[i].name), "ctl", "kill");
	free(d);
}

static void hung(int left)
{
	uint i;

	notok("an end", "%d kinds go on after %d seconds; /dev/hang says:", left, seconds + GRACE);
	for (i = 0; i < nelem(kinds); i++)
		print("# %s: %llud steps, %s\n", kinds[i].name, boards[i].steps,
			boards[i].stop ? "was told to stop" : "not told to stop");
	print("%s", contents("#c/hang"));
	endall(getpid());
}

/* Waits for so many kinds, or reports on them. */
static void ends(int left)
{
	notify(onalarm);
	alarm((ulong)(seconds + GRACE) * 1000);
	while (left > 0) {
		if (waitpid() >= 0) {
			left--;
			continue;
		}
		hung(left);
		while (waitpid() >= 0)
			;
		break;
	}
	alarm(0);
}

static void judge(uint i)
{
	char name[80];

	if (boards[i].wrongs != 0)
		notok(kinds[i].name, "seed %ud: %d wrong, the first: %s", seed, boards[i].wrongs,
			boards[i].wrong);
	else {
		snprint(name, sizeof name, "%s: seed %ud, %llud steps", kinds[i].name, seed,
			boards[i].steps);
		ok(name);
	}
}

static int kind(char *name)
{
	uint i;

	for (i = 0; i < nelem(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return (int)i;
	fprint(2, "usage: mesh [KIND|turns|all|rounds [SEED [SECONDS]]]\n");
	exits("usage");
	return -1;
}

/* The kinds [from, to), one after the other or all at once. */
static void go(uint from, uint to, int together)
{
	uint i;

	memset(boards, 0, sizeof(Board) * nelem(kinds));
	for (i = from; i < to; i++) {
		start(0, leads, (void *)(uintptr)i);
		if (!together)
			ends(1);
	}
	if (together)
		ends((int)nelem(kinds));
	for (i = from; i < to; i++)
		judge(i);
}

/* For long: turns and all at once, each time with another seed. */
static void rounds(int total)
{
	vlong until = nsec() + total * 1000000000LL;

	do {
		seconds = total < TURN_SECONDS ? total : TURN_SECONDS;
		go(0, nelem(kinds), 0);
		seconds *= (int)nelem(kinds);
		go(0, nelem(kinds), 1);
		seed++;
	} while (nsec() < until && failed == 0);
}

void main(int argc, char **argv)
{
	char *what = argc > 1 ? argv[1] : "all";
	int together = strcmp(what, "all") == 0, each;

	argv0 = argv[0];
	if (argc > 2 && strcmp(what, "child") == 0)
		bechild(argc, argv);
	seed = argc > 2 ? (uint)strtoul(argv[2], nil, 0) : 1;
	seconds = argc > 3 ? atoi(argv[3]) : SECONDS;
	if (getenv("warm") != nil && seconds > WARM_SECONDS)
		seconds = WARM_SECONDS;
	each = (int)nelem(kinds) * (seconds + GRACE);
	begin("mesh", strcmp(what, "rounds") == 0 ? 3 * each : each);
	boards = segattach(0, "shared", (void *)0x700000000000, sizeof(Board) * nelem(kinds));
	if (together || strcmp(what, "turns") == 0)
		go(0, nelem(kinds), together);
	else if (strcmp(what, "rounds") == 0)
		rounds(seconds);
	else
		go((uint)kind(what), (uint)kind(what) + 1, 0);
	done();
}
