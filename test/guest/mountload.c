/*
 * Many processes on one 9P connection whose server answers in any order, at random times,
 * while notes interrupt and kills end what waits: every byte must be right, and in the end
 * fids, processes, pages and heap must be where they were. mountload [seed]
 */
#include "fileserver.h"

enum {
	NWORKER = 8,
	NROUND = 80,
	NVICTIM = 30,
	NPENDING = 256,
	MSGMAX = SRVMSIZE,
};

/* ---- a server that answers when it likes ---- */

typedef struct Pending Pending;
struct Pending {
	int n;			/* 0: free */
	uvlong order;
	uchar msg[MSGMAX];
};

static Lock poollock;
static Pending pool[NPENDING];
static int npending;
static uvlong lastorder;
static int arrived;		/* semaphore: one for each pending request */
static volatile int gone;
static uint seed = 1;

static uint chance(uint n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Reads requests for the answering process; runs with shared memory. */
static void reader(void)
{
	static uchar msg[MSGMAX];
	int n, i;

	while ((n = read9pmsg(sfd, msg, sizeof msg)) > 0) {
		lock(&poollock);
		for (i = 0; i < NPENDING && pool[i].n != 0; i++)
			;
		if (i == NPENDING)
			_exits("too many requests");
		memmove(pool[i].msg, msg, n);
		pool[i].n = n;
		pool[i].order = ++lastorder;
		npending++;
		unlock(&poollock);
		semrelease(&arrived, 1);
	}
	gone = 1;
	semrelease(&arrived, 1);
	_exits(nil);
}

static int oldtag(Pending *p)
{
	return p->n != 0 && p->msg[4] == Tflush ? (int)GBIT16(p->msg + 7) : -1;
}

/* Takes the request out of the pool, into T. */
static void takeout(Pending *p)
{
	int n = p->n;

	memmove(in, p->msg, n);
	p->n = 0;
	npending--;
	if (convM2S(in, (uint)n, &T) != (uint)n)
		_exits("the kernel sent a bad message");
}

static void answer(void)
{
	honest();
	send();
}

/* A flush: the request it names is answered before, or never. */
static void flush(int tag)
{
	Fcall f = T;
	int i;

	for (i = 0; i < NPENDING; i++)
		if (pool[i].n != 0 && pool[i].msg[4] != Tflush &&
		    (int)GBIT16(pool[i].msg + 5) == tag) {
			takeout(&pool[i]);
			while (semacquire(&arrived, 1) < 0)
				;
			if (chance(2))
				answer();
		}
	T = f;
	answer();
}

/* Of flushes of one request the oldest is answered first. */
static Pending *choose(void)
{
	int i, nth = (int)chance((uint)npending), tag;
	Pending *p = nil;

	for (i = 0; p == nil; i++)
		if (pool[i].n != 0 && nth-- == 0)
			p = &pool[i];
	tag = oldtag(p);
	for (i = 0; tag >= 0 && i < NPENDING; i++)
		if (oldtag(&pool[i]) == tag && pool[i].order < p->order)
			p = &pool[i];
	return p;
}

static int slowserver(int *pid)
{
	int fd[2];

	pipe(fd);
	*pid = rfork(RFPROC | RFFDG | RFNOTEG | RFNAMEG);
	if (*pid != 0) {
		close(fd[1]);
		return fd[0];
	}
	notify(nil);
	close(fd[0]);
	sfd = fd[1];
	if (rfork(RFPROC | RFMEM | RFNOWAIT) == 0)
		reader();
	for (;;) {
		while (semacquire(&arrived, 1) < 0)
			;
		if (gone)
			endserver();
		if (chance(8) == 0)
			sleep(chance(4));
		lock(&poollock);
		takeout(choose());
		if (T.type == Tflush)
			flush(T.oldtag);
		else
			answer();
		unlock(&poollock);
	}
}

/* ---- clients ---- */

static char wrong[ERRMAX];

static void onnote(void *u, char *note)
{
	USED(u);
	noted(strcmp(note, "poke") == 0 ? NCONT : NDFLT);
}

/* Whether a call that returned r was interrupted; any other failure is wrong. */
static int interrupted(vlong r, char *what)
{
	char err[ERRMAX];
	long n;

	if (r >= 0)
		return 0;
	rerrstr(err, sizeof err);
	n = strlen(err);
	if ((n < 11 || strcmp(err + n - 11, "interrupted") != 0) && wrong[0] == '\0')
		snprint(wrong, sizeof wrong, "%s: %s", what, err);
	return 1;
}

static void transfers(int fd, uvlong path)
{
	static uchar buf[20000];
	long n, got, i, off;
	int turn;

	for (turn = 0; turn < 4; turn++) {
		off = (long)chance(FILELEN - 20000);
		n = 1 + (long)chance(chance(3) ? 300 : sizeof buf - 1);
		for (i = 0; i < n; i++)
			buf[i] = turn % 2 ? 0 : (uchar)byteat(path, off + i);
		got = turn % 2 ? pread(fd, buf, n, off) : pwrite(fd, buf, n, off);
		if (interrupted(got, "transfer"))
			continue;
		if (got == 0 || got > n)
			snprint(wrong, sizeof wrong, "%ld bytes of %ld", got, n);
		for (i = 0; i < got; i++)
			if (buf[i] != byteat(path, off + i)) {
				snprint(wrong, sizeof wrong, "file %llud, byte %ld", path, off + i);
				return;
			}
	}
}

static void names(char *name)
{
	Dir *d = dirstat(name);

	if (!interrupted(d == nil ? -1 : 0, "stat") && d->length != FILELEN)
		strecpy(wrong, wrong + sizeof wrong, "length");
	free(d);
	if (access("/mnt/none", AEXIST) >= 0)
		strecpy(wrong, wrong + sizeof wrong, "a file that is not there");
}

static void listing(void)
{
	int fd = open("/mnt/dir", OREAD);
	Dir *d = nil;
	long n;

	if (interrupted(fd, "open of a directory"))
		return;
	n = dirread(fd, &d);
	if (!interrupted(n, "dirread") && (n != 1 || strcmp(d->name, "file") != 0))
		strecpy(wrong, wrong + sizeof wrong, "directory");
	free(d);
	close(fd);
}

static char *worker(void *v)
{
	long i, rounds = (long)(uintptr)v;
	char name[64];
	uvlong path;
	int fd;

	seed = (uint)getpid() * 77 + seed;
	notify(onnote);
	for (i = 0; i < rounds && wrong[0] == '\0'; i++) {
		path = chance(50);
		snprint(name, sizeof name, "/mnt/dir/../x%llud", path);
		fd = open(name, ORDWR);
		if (!interrupted(fd, "open")) {
			transfers(fd, PMADE + path);
			close(fd);
		}
		if (chance(3) == 0)
			names(name);
		if (chance(3) == 0)
			listing();
	}
	return wrong;
}

/* Interrupts the workers until there are none. */
static void poker(int *pid, int n)
{
	int i, left = 1;

	if (rfork(RFPROC | RFFDG | RFNOTEG | RFNOWAIT) != 0)
		return;
	while (left > 0) {
		sleep(chance(15));
		for (i = left = 0; i < n; i++)
			if (post(pid[i], "poke") == 0)
				left++;
	}
	_exits(nil);
}

static void load(int poked)
{
	int i, pid[NWORKER], left;
	Waitmsg *w;

	for (i = 0; i < NWORKER; i++)
		pid[i] = start(RFFDG, worker, (void *)NROUND);
	if (poked)
		poker(pid, NWORKER);
	/* the server goes on; the poker, which leaves no record, ends after the last of them */
	for (left = NWORKER; left > 0 && (w = wait()) != nil; left--) {
		same(poked ? "worker, interrupted" : "worker", w->msg, "");
		free(w);
	}
}

/* Processes killed in the midst of calls. */
static void kills(void)
{
	int i, pid;

	for (i = 0; i < NVICTIM; i++) {
		pid = start(RFFDG, worker, (void *)(uintptr)1000000);
		sleep(chance(60));
		puts(procfile(pid, "ctl"), "kill");
		if (strstr(statusof(pid), "Killed") == nil) {
			notok("killed", "got %s", wrong);
			return;
		}
	}
	ok("killed in calls");
}

static void session(int report)
{
	int pid, fd = slowserver(&pid);
	char *s;

	if (mount(fd, -1, "/mnt", MREPL | MCREATE, "") < 0)
		sysfatal("mount: %r");
	load(0);
	load(1);
	kills();
	worker((void *)10);
	if (report)
		same("and it still works", wrong, "");
	unmount(nil, "/mnt");
	s = statusof(pid);
	if (report)
		same("fids at the server", s, "");
}

void main(int argc, char **argv)
{
	char before[256], after[256];

	if (argc > 1)
		seed = (uint)atoi(argv[1]);
	begin("mountload", 400);
	session(1);
	if (getenv("warm") != nil)
		done();
	session(1);
	strecpy(after, after + sizeof after, contents("/dev/counts"));
	sleep(200);
	strecpy(before, before + sizeof before, contents("/dev/counts"));
	session(1);
	sleep(200);
	strecpy(after, after + sizeof after, contents("/dev/counts"));
	nomore("everything as it was", before, after);
	yes("audit clean", strstr(contents("/dev/audit"), ", 0 violations") != nil);
	done();
}
