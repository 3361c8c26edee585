/*
 * devices.md 17, #¶: swapping to a file. A boot in which programs have a small share of the
 * memory (*kernelpercent); the file is served by a program that is noswap and keeps the pages
 * in variables of #ec, which are the kernel's memory. What is checked: programs larger than
 * the memory see what they wrote, whoever shares or copies it; errors and stalls of the server
 * end who needs the page, and nobody else; nothing is left.
 */
#include "fileserver.h"

enum { PAGE = 4096, STORE = 64 * 1024, NSTORE = 256, SPACE = 64 << 20 };

/* What the server is to do with reads and writes of the file. */
enum { HONEST, NOREAD, NOWRITE, LIES, SHORT, STALLS };
static volatile int *mode;	/* in memory shared with the server */
static int stores[NSTORE];
static int file = -1;		/* a descriptor of the swap file */
static int server;		/* pid */

/* ---- the server ---- */

static int storeof(uvlong offset)
{
	char name[32];
	int i = (int)(offset / STORE);

	if (i >= NSTORE)
		_exits("the file became too long");
	if (stores[i] == 0) {
		/* an earlier server, still on its way out, removes those that it made */
		snprint(name, sizeof name, "#ec/swap.%d.%d", getpid(), i);
		stores[i] = create(name, ORDWR | ORCLOSE, 0666);
	}
	return stores[i];
}

static void readpage(void)
{
	static uchar data[SRVMSIZE];
	long n = pread(storeof(T.offset), data, T.count, T.offset % STORE);

	memset(&R, 0, sizeof R);
	R.type = Rread;
	R.data = (char *)data;
	R.count = (uint)n;
	if (*mode == LIES)
		data[R.count / 2] ^= 1;
	if (*mode == SHORT)
		R.count = 0;
	if (*mode == NOREAD || n < 0)
		refuse("the disk is gone");
	else
		encode();
}

static void writepage(void)
{
	long n = pwrite(storeof(T.offset), T.data, T.count, T.offset % STORE);

	memset(&R, 0, sizeof R);
	R.type = Rwrite;
	R.count = (uint)n;
	if (*mode == NOWRITE || n < 0)
		refuse("the disk is full");
	else
		encode();
}

static void bend(void)
{
	if ((T.type == Tread || T.type == Twrite) && *mode == STALLS)
		stall();
	if (T.type == Tread)
		readpage();
	else if (T.type == Twrite)
		writepage();
	else if (T.type == Tstat) {
		memset(R.stat + 33, 0, 8);	/* it is as long as one likes */
		encode();
	}
	send();
}

static void startserver(void)
{
	int fd = serve(0, bend, 1 << 30, &server);

	*mode = HONEST;
	is("the server is noswap", puts(procfile(server, "ctl"), "noswap"), 0);
	yes("mount", mount(fd, -1, "/mnt", MREPL, "") >= 0);
	file = open("/mnt/x1", ORDWR);
	yes("the file", file >= 0);
}

static int usefile(int fd)
{
	char text[16];

	snprint(text, sizeof text, "%d\n", fd);
	return puts("/dev/swap", text);
}

static void stopserver(void)
{
	close(file);
	unmount(nil, "/mnt");
}

/* ---- what /dev/swap says ---- */

/* The numbers of a line `n/n name`. */
static void numbers(char *name, long *used, long *all)
{
	char *s = strstr(contents("/dev/swap"), name);

	*used = *all = -1;
	if (s == nil)
		return;
	while (s[-1] != '\n')
		s--;
	*used = strtol(s, &s, 10);
	*all = strtol(s + 1, nil, 10);
}

static long swapped(void)
{
	long used, all;

	numbers(" swap\n", &used, &all);
	return used;
}

/* Does it become so few within five seconds? */
static int swapsto(long n)
{
	int i;

	for (i = 0; i < 500 && swapped() > n; i++)
		sleep(10);
	return swapped() <= n;
}

/* ---- memory ---- */

/* Pages beyond those that are free for programs, by which a large process is too large. */
enum { EXCESS = 700 };

static uchar *area;	/* SPACE bytes in every process, by segattach */
static long npages;	/* of which so many are used */

static void mark(uchar *p, long i, int with)
{
	int k;

	for (k = 0; k < 8; k++)
		p[k * 500 + i % 500] = (uchar)(i * 7 + k + with);
}

static int marked(uchar *p, long i, int with)
{
	int k, good = 1;

	for (k = 0; k < 8; k++)
		good &= p[k * 500 + i % 500] == (uchar)(i * 7 + k + with);
	return good;
}

static void markall(int with)
{
	long i;

	for (i = 0; i < npages; i++)
		mark(area + i * PAGE, i, with);
}

/* The first page that has another mark; -1: none. */
static long wrong(int with)
{
	long i;

	for (i = 0; i < npages; i++)
		if (!marked(area + i * PAGE, i, with))
			return i;
	return -1;
}

static void toolarge(void)
{
	long used, all;

	numbers(" user\n", &used, &all);
	npages = all - used + EXCESS;
}

static char *fillstwice(void)
{
	static char what[64];
	int with;

	for (with = 0; with < 2; with++) {
		markall(with);
		if (wrong(with) >= 0) {
			snprint(what, sizeof what, "page %ld of round %d", wrong(with), with);
			return what;
		}
	}
	return swapped() > EXCESS / 2 ? nil : "too little is in the file";
}

/* Both see what was there before, and then each its own. */
static char *forks(void)
{
	int pid, bad;

	markall(1);
	pid = rfork(RFPROC);
	if (pid < 0)
		return "no fork";
	npages = 300;
	bad = wrong(1) >= 0;
	markall(pid == 0 ? 2 : 3);
	bad |= wrong(pid == 0 ? 2 : 3) >= 0;
	if (pid == 0)
		return bad ? "the child's are wrong" : nil;
	if (strcmp(statusof(pid), "") != 0)
		return "the child failed";
	return bad || wrong(3) >= 0 ? "the parent's are wrong" : nil;
}

/* Two processes in one memory: what one writes the other reads. */
static char *shares(void)
{
	int pid;
	long n = npages;

	pid = rfork(RFPROC | RFMEM);
	if (pid == 0) {
		markall(5);
		_exits(nil);
	}
	statusof(pid);
	npages = n;
	return wrong(5) >= 0 ? "it does not see what the other wrote" : nil;
}

/* Some memory, and then as much time as the pager needs to take it. */
static int wake[2];

static char *looksagain(void)
{
	char c;

	npages = 200;
	markall(9);
	write(wake[1], "x", 1);
	read(wake[1], &c, 1);
	return wrong(9) >= 0 ? "its memory is wrong" : nil;
}

static char *stayslooking(void)
{
	puts(procfile(getpid(), "ctl"), "noswap");
	return looksagain();
}

static int handled;

/* The frame of the note is in the file when noted looks at it. */
static void inhandler(void *u, char *note)
{
	char c;

	USED(u);
	handled++;
	write(wake[1], "x", 1);
	read(wake[1], &c, 1);
	noted(strcmp(note, "a note") == 0 ? NCONT : NDFLT);
}

static char *handles(void)
{
	npages = 20;
	markall(9);
	notify(inhandler);
	if (postnote(PNPROC, getpid(), "a note") < 0)
		return "no note";
	return handled == 1 && wrong(9) < 0 ? nil : "it is not as it was before the note";
}

/* What is in the file comes back to be handed over. */
static char *handsover(void)
{
	static char text[64];
	char *status, *why = looksagain();
	int fd = open("#X/clone", ORDWR), pid;

	snprint(text, sizeof text, "offer move %#p %ld", area, npages * PAGE);
	if (why != nil || write(fd, text, strlen(text)) < 0)
		return "no offer";
	pid = rfork(RFPROC);
	if (pid == 0) {
		if (write(fd, "accept", 6) != 6 || pread(fd, text, sizeof text, 0) <= 0)
			_exits("not accepted");
		area = (uchar *)strtoull(text, nil, 0);
		_exits(wrong(9) < 0 ? nil : "the taker's are wrong");
	}
	status = statusof(pid);
	return status[0] != '\0' ? status : area[0] == 0 ? nil : "they are still there";
}

/*
 * These programs are this one again, since the tests themselves are noswap and exec ends that.
 * What segattach made stays over exec.
 */
static char *self;
static struct { char *name; char *(*f)(void); } parts[] = {
	{ "fillstwice", fillstwice }, { "forks", forks }, { "shares", shares },
	{ "handles", handles }, { "handsover", handsover }, { "looksagain", looksagain },
	{ "stayslooking", stayslooking },
};

static char *becomes(void *name)
{
	char where[3][32];

	snprint(where[0], sizeof where[0], "%#p", area);
	snprint(where[1], sizeof where[1], "%ld", npages);
	snprint(where[2], sizeof where[2], "%d", wake[1]);
	close(2);
	create("/tmp/swap.said", OWRITE, 0666);	/* descriptor 2: what the kernel says of it */
	execl(self, self, name, where[0], where[1], where[2], nil);
	return "no exec";
}

static void part(char **argv)
{
	int i;

	area = (uchar *)strtoull(argv[2], nil, 0);
	npages = atol(argv[3]);
	wake[1] = atoi(argv[4]);
	for (i = 0; i < (int)nelem(parts); i++)
		if (strcmp(argv[1], parts[i].name) == 0)
			_exits(parts[i].f());
	_exits("no such part");
}

static int startlooker(char *name)
{
	char c;
	int pid;

	pipe(wake);
	pid = start(RFFDG, becomes, name);
	close(wake[1]);
	read(wake[0], &c, 1);
	return pid;
}

static char *endlooker(int pid)
{
	write(wake[0], "x", 1);
	close(wake[0]);
	return statusof(pid);
}

/* All that run so far stay in memory, so that what is in the file is the test's alone. */
static void keepothers(void)
{
	Dir *d;
	long n, i;
	int fd = open("/proc", OREAD);

	n = dirreadall(fd, &d);
	close(fd);
	for (i = 0; i < n; i++)
		puts(procfile(atoi(d[i].name), "ctl"), "noswap");
	free(d);
}

/* ---- the checks ---- */

static void refusals(void)
{
	long used, all;
	int fd, p[2];

	fails("start without a file", puts("/dev/swap", "start"), "no swap file");
	fails("no number", puts("/dev/swap", "x"), "bad arg in system call");
	fails("more than a number", puts("/dev/swap", "3 4"), "bad arg in system call");
	fails("a negative one", puts("/dev/swap", "-1"), "bad arg in system call");
	fails("nothing open", puts("/dev/swap", "77"), "fd out of range or not open");
	fd = open("/dev/null", OREAD);
	fails("a file that is not written", usefile(fd), "inappropriate use of fd");
	close(fd);
	fd = open("/", OREAD);
	failsas("a directory", usefile(fd), "inappropriate use of fd");
	close(fd);
	numbers(" swap\n", &used, &all);
	yes("there is no file", used == 0 && all == 0);
	fd = open("#\u00b6/swapfile", OREAD);
	is("swapfile without one", read(fd, p, sizeof p), 0);
	close(fd);
	fails("swapfile is not written", puts("#\u00b6/swapfile", "x"), "permission denied");
	fd = create("#ec/swapsmall", ORDWR | ORCLOSE, 0666);
	write(fd, "x", 1);
	fails("a file below a page", usefile(fd), "no free swap");
	close(fd);
}

/* The server of the run before ends when its file is no more swapped to: its memory comes back. */
static void earliergone(void)
{
	char prefix[32];
	Dir *d;
	long n, i;
	int fd, tries, others = 1;

	snprint(prefix, sizeof prefix, "swap.%d.", server);
	for (tries = 0; tries < 2000 && others; tries++) {
		fd = open("#ec", OREAD);
		n = dirreadall(fd, &d);
		close(fd);
		for (i = others = 0; i < n; i++)
			others |= strncmp(d[i].name, "swap.", 5) == 0 &&
				strncmp(d[i].name, prefix, strlen(prefix)) != 0;
		free(d);
		if (others)
			sleep(10);
	}
	is("an earlier server is gone", others, 0);
}

/* A program beyond memory, in all the ways in which memory is shared. */
static void large(void)
{
	static char plain[PAGE], cipher[PAGE];
	long used, all, memory, i;
	int fd, pid;

	startserver();
	is("the file is taken", usefile(file), 0);
	earliergone();
	numbers(" swap\n", &used, &all);
	memory = strtol(contents("/dev/swap"), nil, 10) / PAGE;
	is("room for twice the memory", all, 2 * memory);
	is("nothing in it", used, 0);
	is("start", puts("/dev/swap", "start"), 0);
	toolarge();
	same("a program that needs more than there is", run(0, becomes, "fillstwice"), "");
	yes("its slots are free", swapsto(0));
	same("one that forks", run(0, becomes, "forks"), "");
	yes("their slots are free", swapsto(0));
	same("two in one memory", run(0, becomes, "shares"), "");
	yes("their slots are free", swapsto(0));
	for (i = 0; i < 2; i++) {
		pid = startlooker(i == 0 ? "handles" : "handsover");
		run(0, becomes, "fillstwice");
		yes("its pages went", swapped() > 5);
		same(i == 0 ? "a note's frame" : "an offer", endlooker(pid), "");
	}
	yes("their slots are free", swapsto(0));
	fd = open("#\u00b6/swapfile", OREAD);
	is("swapfile", pread(fd, cipher, PAGE, PAGE), PAGE);
	is("the file", pread(file, plain, PAGE, PAGE), PAGE);
	close(fd);
	is("is the file", memcmp(plain, cipher, PAGE), 0);
	for (i = used = 0; i < PAGE; i++)
		used += cipher[i] == 0;
	yes("and is not to be read", used < PAGE / 64);
}

static int saidwhy(char *why)
{
	char want[128];

	snprint(want, sizeof want, ": suicide: sys: i/o error in demand load accessing /mnt/x1: %s",
		why);
	return strstr(contents("/tmp/swap.said"), want) != nil;
}

/* What is in memory stays usable, and so does what is noswap, when the server is in trouble. */
static void troubles(void)
{
	static struct { int mode; char *what; } bad[] = {
		{ NOREAD, "the disk is gone" },
		{ LIES, "not what was written" },
		{ SHORT, "i/o count too small" },
	};
	char *status;
	int pid, i;

	for (i = 0; i < (int)nelem(bad); i++) {
		pid = startlooker("looksagain");
		run(0, becomes, "fillstwice");
		yes("its pages went", swapped() > 100);
		fails("another file meanwhile", usefile(file), "device or object already in use");
		*mode = bad[i].mode;
		status = endlooker(pid);
		puts(procfile(pid, "ctl"), "kill");	/* it is Broken */
		same("a page that cannot be read", status, "i/o error in demand load");
		yes(bad[i].what, saidwhy(bad[i].what));
		*mode = HONEST;
		yes("its slots are free", swapsto(0));
	}
	pid = startlooker("stayslooking");
	run(0, becomes, "fillstwice");
	yes("pages that are noswap stay", swapsto(0));
	*mode = NOREAD;
	same("and need no server", endlooker(pid), "");
	pid = startlooker("looksagain");
	*mode = NOWRITE;
	same("a file that takes no more", run(0, becomes, "fillstwice"),
		"Killed: Insufficient physical memory");
	same("what did not go there", endlooker(pid), "");
	*mode = HONEST;
	is("start again", puts("/dev/swap", "start"), 0);
	same("goes on", run(0, becomes, "fillstwice"), "");
	yes("its slots are free", swapsto(0));
}

/* Only who needs a page waits for a server that does not answer, and can be killed. */
static void stalls(void)
{
	int waiter, pid;

	waiter = startlooker("looksagain");
	run(0, becomes, "fillstwice");
	yes("its pages went", swapped() > 100);
	*mode = STALLS;
	same("a program that is too large then", run(0, becomes, "fillstwice"),
		"Killed: Insufficient physical memory");
	write(wake[0], "x", 1);
	yes("who needs a page waits", reaches(waiter, "Fault"));
	pid = startlooker("stayslooking");
	same("others go on", endlooker(pid), "");
	puts(procfile(waiter, "ctl"), "kill");
	same("and it can be killed", statusof(waiter), "Killed");
	yes("its slots are free, but one that is being written", swapsto(1));
	puts(procfile(server, "ctl"), "kill");
	statusof(server);
	stopserver();
	yes("what was being written is given up", swapsto(0));
	startserver();
	is("another file", usefile(file), 0);
	is("and start", puts("/dev/swap", "start"), 0);
	same("goes on", run(0, becomes, "fillstwice"), "");
	pid = startlooker("looksagain");
	run(0, becomes, "fillstwice");
	puts(procfile(server, "ctl"), "kill");
	statusof(server);
	same("a server that is gone", endlooker(pid), "i/o error in demand load");
	yes("i/o on hungup channel", saidwhy("i/o on hungup channel"));
	puts(procfile(pid, "ctl"), "kill");
	yes("its slots are free", swapsto(0));
	stopserver();
}

void main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1)
		part(argv);
	begin("swap", 200);
	keepothers();
	mode = segattach(0, "shared", nil, PAGE);
	area = segattach(0, "memory", nil, SPACE);
	yes("memory", mode != (void *)-1 && area != (void *)-1);
	if (swapped() == 0 && strstr(contents("/dev/swap"), "\n0/0 swap\n") != nil)
		refusals();
	large();
	if (getenv("warm") == nil) {
		troubles();
		stalls();
	}
	remove("/tmp/swap.said");
	done();
}
