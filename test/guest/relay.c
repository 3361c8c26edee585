/*
 * A pipeline that hands 64 MiB from stage to stage without a copy: an example of exoffer(2), and
 * its test. A source makes the pages a megabyte at a time, each stage changes a word of each, and
 * the sink looks whether all stages have had them all.
 */
#include "guest.h"

enum { PAGE = 4096, PIECE = 1 << 20, NPIECES = 64, NSTAGES = 4 };

/* From one process to the next: the offers, and a pipe for saying that there is one. */
typedef struct Link Link;
struct Link { int offers, pipe[2]; };

static void linkup(Link *l)
{
	l->offers = open("/dev/exchange/clone", ORDWR);
	if (l->offers < 0 || pipe(l->pipe) < 0)
		sysfatal("link: %r");
}

/* The next process is to have the piece at p. It has it when this returns. */
static void give(Link *l, void *p)
{
	char c = 0;

	if (exreoffer(l->offers, "move", p, PIECE) < 0 || write(l->pipe[0], &c, 1) != 1 ||
		read(l->pipe[0], &c, 1) != 1)
		sysfatal("give: %r");
}

/* The next piece from the process before this; nil: there is none. */
static uint *take(Link *l)
{
	uint *p;
	char c;

	if (read(l->pipe[1], &c, 1) != 1)
		return nil;
	p = exaccept(l->offers, nil, nil);
	if (p == (void *)-1 || write(l->pipe[1], &c, 1) != 1)
		sysfatal("take: %r");
	return p;
}

/* What has moved away reads as zeros again: the source's place serves for every piece. */
static void source(Link *to)
{
	uint *p = segattach(0, "memory", nil, PIECE);
	int piece, page;

	for (piece = 0; piece < NPIECES; piece++) {
		for (page = 0; page < PIECE / PAGE; page++)
			p[page * PAGE / 4] = (uint)(piece * PIECE / PAGE + page);
		give(to, p);
	}
}

static void stage(Link *from, Link *to)
{
	uint *p;
	int page;

	while ((p = take(from)) != nil) {
		for (page = 0; page < PIECE / PAGE; page++)
			p[page * PAGE / 4 + 1]++;
		give(to, p);
		segdetach(p);
	}
}

/* How many pages have come, each in its turn and through all stages. */
static int sink(Link *from)
{
	uint *p;
	int page, n = 0;

	while ((p = take(from)) != nil) {
		for (page = 0; page < PIECE / PAGE; page++)
			n += p[page * PAGE / 4] == (uint)n && p[page * PAGE / 4 + 1] == NSTAGES;
		segdetach(p);
	}
	return n;
}

/* Child i is the source or a stage. It closes what is not its own, so that ends are seen. */
static void child(Link *link, int i)
{
	int k;

	for (k = 0; k <= NSTAGES; k++) {
		if (k != i)
			close(link[k].pipe[0]);
		if (k != i - 1)
			close(link[k].pipe[1]);
	}
	if (i == 0)
		source(&link[0]);
	else
		stage(&link[i - 1], &link[i]);
	_exits(nil);
}

void main(int argc, char **argv)
{
	Link link[NSTAGES + 1];
	int i;

	USED(argc);
	USED(argv);
	begin("relay", 60);
	for (i = 0; i <= NSTAGES; i++)
		linkup(&link[i]);
	for (i = 0; i <= NSTAGES; i++)
		if (rfork(RFPROC | RFFDG) == 0)
			child(link, i);
	for (i = 0; i <= NSTAGES; i++) {
		close(link[i].pipe[0]);
		if (i < NSTAGES)
			close(link[i].pipe[1]);
	}
	is("pages through the pipeline", sink(&link[NSTAGES]), NPIECES * (PIECE / PAGE));
	for (i = 0; i <= NSTAGES; i++)
		is("a process ends", waitpid() > 0, 1);
	done();
}
