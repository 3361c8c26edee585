/*
 * ps [-apnr]: a line for each process, by process number. The columns are wide
 * enough that scripts cut them by position; all comes from /proc/N/status.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

enum {
	STATUSLEN = 176,	/* three names and nine numbers */
	NAMEAT = 0,
	USERAT = 28,
	STATEAT = 56,
	NUMBERAT = 68,
	NAMELEN = 27,
	STATELEN = 11,
	NUMBERLEN = 12,
};

/* The numbers of a status line, in order. */
enum {
	USERMS,
	SYSMS,
	REALMS,
	CHILDUSERMS,
	CHILDSYSMS,
	CHILDREALMS,
	MEMORYKB,
	BASEPRI,
	PRI,
};

static int aflag, nflag, pflag, rflag;
static Biobuf bout;

static void
usage(void)
{
	fprint(2, "usage: ps [-apnr]\n");
	exits("usage");
}

/* readfile reads a file of process pid whole; -1 if it or the process is gone. */
static long
readfile(char *pid, char *file, char *buf, long n)
{
	char name[64];
	long got;
	int fd;

	snprint(name, sizeof name, "/proc/%s/%s", pid, file);
	fd = open(name, OREAD);
	if (fd < 0)
		return -1;
	got = readn(fd, buf, n - 1);
	close(fd);
	if (got < 0)
		return -1;
	buf[got] = '\0';
	return got;
}

/* field terminates and trims the text of n columns at p. */
static char *
field(char *p, int n)
{
	while (n > 0 && p[n - 1] == ' ')
		n--;
	p[n] = '\0';
	return p;
}

static vlong
number(char *status, int which)
{
	return atoll(status + NUMBERAT + which * NUMBERLEN);
}

/* elapsed formats milliseconds as [days:]hours:minutes:seconds. */
static void
elapsed(char *buf, int n, vlong ms)
{
	vlong s;

	s = ms / 1000;
	if (s >= 24 * 60 * 60)
		snprint(buf, n, "%lld:%.2lld:%.2lld:%.2lld", s / (24 * 60 * 60),
			s / 3600 % 24, s / 60 % 60, s % 60);
	else
		snprint(buf, n, "%lld:%.2lld:%.2lld", s / 3600, s / 60 % 60, s % 60);
}

/* arguments prints the words of the process, or its name if it has none. */
static void
arguments(char *pid, char *name)
{
	char args[4096];
	long i, n;

	n = readfile(pid, "args", args, sizeof args);
	if (n <= 0) {
		Bprint(&bout, " %s", name);
		return;
	}
	for (i = 0; i < n; i++)
		if (args[i] == '\n')
			args[i] = ' ';
	Bprint(&bout, " %s", args);
}

static void
ps(char *pid)
{
	char status[STATUSLEN + 1], noteid[32], t[32];
	char *name, *user, *state;

	if (readfile(pid, "status", status, sizeof status) < STATUSLEN)
		return;
	name = field(status + NAMEAT, NAMELEN);
	user = field(status + USERAT, NAMELEN);
	state = field(status + STATEAT, STATELEN);
	Bprint(&bout, "%-10s %8s", user, pid);
	if (nflag) {
		if (readfile(pid, "noteid", noteid, sizeof noteid) < 0)
			noteid[0] = '\0';
		Bprint(&bout, " %7d", atoi(noteid));
	}
	if (rflag) {
		elapsed(t, sizeof t, number(status, REALMS));
		Bprint(&bout, " %12s", t);
	}
	Bprint(&bout, " %4lld:%.2lld %3lld:%.2lld ",
		number(status, USERMS) / 60000, number(status, USERMS) / 1000 % 60,
		number(status, SYSMS) / 60000, number(status, SYSMS) / 1000 % 60);
	if (pflag)
		Bprint(&bout, " %2lld %2lld", number(status, BASEPRI), number(status, PRI));
	Bprint(&bout, " %7lldK %-8.8s", number(status, MEMORYKB), state);
	if (aflag)
		arguments(pid, name);
	else
		Bprint(&bout, " %s", name);
	Bprint(&bout, "\n");
}

static int
bypid(void *va, void *vb)
{
	Dir *a, *b;

	a = va;
	b = vb;
	return atoi(a->name) - atoi(b->name);
}

void
main(int argc, char *argv[])
{
	Dir *procs;
	long i, n;
	int fd;

	ARGBEGIN{
	case 'a':
		aflag = 1;
		break;
	case 'n':
		nflag = 1;
		break;
	case 'p':
		pflag = 1;
		break;
	case 'r':
		rflag = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc != 0)
		usage();
	Binit(&bout, 1, OWRITE);
	fd = open("/proc", OREAD);
	if (fd < 0)
		sysfatal("can't open /proc: %r");
	n = dirreadall(fd, &procs);
	if (n < 0)
		sysfatal("can't read /proc: %r");
	if (n > 0)
		qsort(procs, n, sizeof procs[0], bypid);
	for (i = 0; i < n; i++)
		if (procs[i].name[0] >= '0' && procs[i].name[0] <= '9')
			ps(procs[i].name);
	if (Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
