/*
 * 9p.md: a server that lies, garbles, stalls or dies harms nobody but the call that it
 * answers. Each case mounts a bent server (fileserver.h) on /mnt and makes calls; all the
 * while an honest one on /n must go on working. All cases run several times: in the end
 * processes, pages and heap bytes must be where they were.
 */
#include "fileserver.h"

enum {
	LOOSE = 1,		/* the case upsets the server's books of fids */
	DEAD = 2,		/* the connection does not survive */
	STALL = 4,		/* the server must be killed in the end */
	TDIRREAD = Tmax,	/* the one operation not named after a message */
	MANY = 1 << 30,
	POKE_MS = 30,
};

typedef struct Case Case;
struct Case {
	char *name;
	int type;		/* the request answered badly, and the call that sends it */
	void (*bend)(void);
	char *want;		/* the call's error, several with | between; nil: it succeeds */
	int flags;
	void (*use)(int srvpid);	/* instead of the call and what follows */
};

static char why[256];		/* the first thing wrong with this case */
static char rpc[] = "mount rpc error", hung[] = "i/o on hungup channel|mount rpc error";
static char entryerr[] = "invalid directory entry received from server";

static void bad(char *fmt, ...)
{
	va_list arg;

	if (why[0] != '\0')
		return;
	va_start(arg, fmt);
	vsnprint(why, sizeof why, fmt, arg);
	va_end(arg);
}

/* Whether s ends with one of the texts. */
static int endsin(char *s, char *texts)
{
	char text[ERRMAX], *bar;
	long n = strlen(s), m;

	for (;; texts = bar + 1) {
		strecpy(text, text + sizeof text, texts);
		bar = strchr(texts, '|');
		if (bar != nil)
			text[bar - texts] = '\0';
		m = strlen(text);
		if (n >= m && strcmp(s + n - m, text) == 0)
			return 1;
		if (bar == nil)
			return 0;
	}
}

/* The call just made returned r; want says how it was to end. */
static void ended(char *what, vlong r, char *want)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	if (want == nil && r < 0)
		bad("%s: got error `%s', expected success", what, err);
	else if (want != nil && r >= 0)
		bad("%s: got %lld, expected error `%s'", what, r, want);
	else if (want != nil && !endsin(err, want))
		bad("%s: got error `%s', expected `%s'", what, err, want);
}

/* The exit string of a child, whichever order they end in; nil if there is none. */
static char *reap(int pid)
{
	static struct { int pid; char s[ERRMAX + 64]; } kept[64];
	static int n;
	Waitmsg *w;
	char *p;
	int i;

	for (;;) {
		for (i = 0; i < n; i++)
			if (kept[i].pid == pid) {
				kept[i].pid = 0;
				return kept[i].s;
			}
		w = wait();
		if (w == nil)
			return nil;
		for (i = 0; i < n && kept[i].pid != 0; i++)
			;
		if (i == n && n < (int)nelem(kept))
			n++;
		p = strstr(w->msg, ": ");
		kept[i].pid = w->pid;
		strecpy(kept[i].s, kept[i].s + sizeof kept[i].s, p == nil ? w->msg : p + 2);
		free(w);
	}
}

static void kill(int pid)
{
	puts(procfile(pid, "ctl"), "kill");
}

/* ---- calls ---- */

static int holds(uvlong path, vlong off, uchar *p, long n)
{
	long i;

	for (i = 0; i < n; i++)
		if (p[i] != byteat(path, off + i)) {
			bad("byte %lld of file %llud: got %d, expected %d", off + i, path, p[i],
				byteat(path, off + i));
			return 0;
		}
	return 1;
}

static vlong readat(char *name, vlong off, long n)
{
	static uchar buf[65536];
	int fd = open(name, OREAD);
	long got, total = 0;

	if (fd < 0)
		return -1;
	memset(buf, 0xEE, sizeof buf);
	while (total < n && (got = pread(fd, buf + total, n - total, off + total)) > 0)
		total += got;
	if (total == 0)
		total = got;
	close(fd);
	if (total > 0)
		holds(PFILE, off, buf, total);
	if (buf[n] != 0xEE)
		bad("a read of %ld bytes wrote beyond them", n);
	return total;
}

static vlong writeat(char *name, vlong off, long n)
{
	static uchar buf[65536];
	int fd = open(name, OWRITE);
	long i;

	if (fd < 0)
		return -1;
	for (i = 0; i < n; i++)
		buf[i] = (uchar)byteat(PFILE, off + i);
	i = pwrite(fd, buf, n, off);
	close(fd);
	return i;
}

static vlong opened(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd;
}

static vlong readdir(char *name)
{
	int fd = open(name, OREAD);
	Dir *d = nil;
	long n;

	if (fd < 0)
		return -1;
	n = dirread(fd, &d);
	close(fd);
	free(d);
	return n;
}

static vlong statof(char *name)
{
	Dir *d = dirstat(name);

	free(d);
	return d == nil ? -1 : 0;
}

static vlong setmode(char *name)
{
	Dir d;

	nulldir(&d);
	d.mode = 0600;
	return dirwstat(name, &d);
}

/* The call that sends a message of that type. */
static vlong call(int type)
{
	switch (type) {
	case Twalk:
	case Topen:
		return opened(open("/mnt/file", OREAD));
	case Tcreate:
		return opened(create("/mnt/new", OWRITE, 0666));
	case Tread:
		return readat("/mnt/file", 3, 100);
	case TDIRREAD:
		return readdir("/mnt/dir");
	case Twrite:
		return writeat("/mnt/file", 3, 100);
	case Tclunk:
		return opened(open("/mnt/file", OREAD));
	case Tremove:
		return remove("/mnt/file");
	case Tstat:
		return statof("/mnt/file");
	case Twstat:
		return setmode("/mnt/file");
	default:
		return 0;
	}
}

/* Reading, writing and listing work and give the right bytes. */
static void works(char *where)
{
	char name[64];

	snprint(name, sizeof name, "%s/file", where);
	ended(name, readat(name, 1000, 300), nil);
	ended(name, writeat(name, 77, 90), nil);
	ended(where, statof(name), nil);
	if (readdir(where) != 2)
		bad("%s: not two entries", where);
}

static void onnote(void *u, char *note)
{
	USED(u);
	USED(note);
	if (strcmp(note, "alarm") == 0) {
		bad("hangs");
		alarm(500);
	} else if (strcmp(note, "poke") != 0)
		bad("note `%s'", note);
	noted(NCONT);
}

#include "hostile_bends.inc"
#include "hostile_uses.inc"
#include "hostile_cases.inc"

/* ---- running ---- */

static int mounted(Case *c)
{
	return c->type != Tversion && c->type != Tattach && c->type != Tauth && c->type != -1;
}

static void trycase(Case *c, int fd, int pid)
{
	if (!mounted(c) && c->use == nil) {
		ended("mount", mount(fd, -1, "/mnt", MREPL | MCREATE, ""), c->want);
		if (c->want != nil)
			close(fd);
		else
			works("/mnt");
		return;
	}
	mountfd = fd;
	if (mounted(c)) {
		ended("mount", mount(fd, -1, "/mnt", MREPL | MCREATE, ""), nil);
		mountfd = -1;
	}
	if (c->use != nil) {
		c->use(pid);
		if (mountfd >= 0)
			close(mountfd);
		return;
	}
	ended("call", call(c->type), c->want);
	if (c->flags & DEAD)
		ended("afterwards", call(Tstat), hung);
	else
		works("/mnt");
}

static void runcase(Case *c, int report)
{
	int fd, pid, type = c->type == TDIRREAD ? Tread : c->type;
	char *s;

	why[0] = '\0';
	notify(onnote);
	alarm(5000);
	fd = serve(type < 0 ? 0 : type, c->bend, c->use == nil ? 1 : MANY, &pid);
	trycase(c, fd, pid);
	chdir("/");
	if (c->flags & STALL)
		kill(pid);
	unmount(nil, "/mnt");
	works("/n");
	s = reap(pid);
	if (s == nil || (s[0] != '\0' && !(c->flags & (LOOSE | DEAD | STALL))))
		bad("the server ends with `%s'", s == nil ? "nothing" : s);
	alarm(0);
	if (why[0] != '\0')
		notok(c->name, "%s", why);
	else if (report)
		ok(c->name);
}

/* The lines of /dev/counts: what there is of everything. */
static void counts(char buf[256])
{
	strecpy(buf, buf + 256, contents("/dev/counts"));
}

static void runall(int report)
{
	int i;

	for (i = 0; i < (int)nelem(cases); i++)
		runcase(&cases[i], report);
}

void main(int argc, char **argv)
{
	char before[256], after[256];
	int i, j, pid, fd;

	begin("hostile", 300);
	fd = serve(0, nil, 0, &pid);
	if (mount(fd, -1, "/n", MREPL | MCREATE, "") < 0)
		sysfatal("mount: %r");
	/* to find what a case leaves behind */
	for (i = 0; argc > 1 && i < (int)nelem(cases); i++)
		for (j = 0; j < 3 && strstr(cases[i].name, argv[1]) != nil; j++) {
			runcase(&cases[i], 1);
			counts(before);
			print("%s", before);
		}
	if (argc > 1)
		done();
	runall(1);
	if (getenv("warm") != nil)
		done();
	counts(after);		/* for what that takes when it is first done */
	runall(0);
	sleep(100);
	counts(before);
	runall(0);
	sleep(100);
	counts(after);
	nomore("everything as it was", before, after);
	yes("audit clean", strstr(contents("/dev/audit"), ", 0 violations") != nil);
	unmount(nil, "/n");
	same("the honest server's books", reap(pid), "");
	done();
}
