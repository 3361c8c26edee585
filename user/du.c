/*
 * du [-aefhnqstu] [-b size] [-p prefix] [file ...]: print for each directory, and
 * for each file with -a, how much is in it: kilobytes, TAB, name. Every file is
 * rounded up to blocks of size bytes (1024) and counted once in a run.
 *
 * -n prints bytes, -t modification (with -u access) times, -q qid paths; each is of
 * every file, for a directory the sum or the largest. -s prints only the totals of
 * the operands, -f hides errors, -h scales the numbers, -p to one scale, -e prints
 * them with exponents.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct Seen Seen;
struct Seen {
	Seen	*next;
	uvlong	path;
	uint	dev;
	ushort	type;
};

enum {
	NHASH = 1024,
};

static int aflag, eflag, fflag, hflag, nflag, qflag, sflag, tflag, uflag;
static uvlong blocksize = 1024;
static int prefix;		/* index in prefixes of -p, or -1 */
static char prefixes[] = "\0KMGTPE";
static Seen *seen[NHASH];
static Biobuf bout;
static int failed;

static void
usage(void)
{
	fprint(2, "usage: du [-aefhnqstu] [-b size] [-p si-pfx] [file ...]\n");
	exits("usage");
}

static void
complain(char *what, char *name)
{
	if (fflag)
		return;
	Bflush(&bout);
	fprint(2, "du: %s %s: %r\n", what, name);
	failed = 1;
}

/* again says whether the file was met before, and remembers it. */
static int
again(Dir *d)
{
	Seen *s, **bucket;

	bucket = &seen[d->qid.path % NHASH];
	for (s = *bucket; s != nil; s = s->next)
		if (s->path == d->qid.path && s->dev == d->dev && s->type == d->type)
			return 1;
	s = malloc(sizeof *s);
	if (s == nil)
		sysfatal("no memory: %r");
	s->path = d->qid.path;
	s->dev = d->dev;
	s->type = d->type;
	s->next = *bucket;
	*bucket = s;
	return 0;
}

/* scaled formats n bytes in the unit 1024^k, two digits after the point at most. */
static void
scaled(char *buf, int size, uvlong n, int k)
{
	double v;
	int i;

	v = (double)n;
	for (i = 0; i < k; i++)
		v /= 1024;
	if (eflag)
		snprint(buf, size, "%.4e", v);
	else if (k == 0)
		snprint(buf, size, "%llud", n);
	else
		snprint(buf, size, v < 10 ? "%.2f" : v < 100 ? "%.1f" : "%.0f", v);
	if (k > 0) {
		i = strlen(buf);
		snprint(buf + i, size - i, "%c", prefixes[k]);
	}
}

static void
show(uvlong n, char *name)
{
	char buf[64];
	int k;

	if (hflag) {
		for (k = 0; k < 6 && n >> (10 * k) >= 1024; k++)
			;
		scaled(buf, sizeof buf, n, k);
	} else if (prefix >= 0)
		scaled(buf, sizeof buf, n, prefix);
	else if (qflag)
		snprint(buf, sizeof buf, "%.16llux", n);
	else if (nflag || tflag)
		snprint(buf, sizeof buf, eflag ? "%.4e" : "%.0f", (double)n);
	else if (eflag)
		snprint(buf, sizeof buf, "%.4e", (double)n / 1024);
	else
		snprint(buf, sizeof buf, "%llud", n / 1024);
	Bprint(&bout, "%s\t%q\n", buf, name);
}

/* measure is the number that is printed and summed for one file. */
static uvlong
measure(Dir *d)
{
	uvlong length;

	if (tflag)
		return uflag ? d->atime : d->mtime;
	if (qflag)
		return d->qid.path;
	length = d->mode & DMDIR ? 0 : (uvlong)d->length;
	if (nflag)
		return length;
	return (length + blocksize - 1) / blocksize * blocksize;
}

static uvlong
combine(uvlong total, uvlong n)
{
	if (tflag || qflag)
		return n > total ? n : total;
	return total + n;
}

/* du measures the directory name, described by dir, printing what is below it. */
static uvlong
du(char *name, Dir *dir, int top)
{
	Dir *entries, *d;
	uvlong total, n;
	char *path;
	long i, count;
	int fd;

	total = measure(dir);
	fd = open(name, OREAD);
	count = fd < 0 ? -1 : dirreadall(fd, &entries);
	if (count < 0)
		complain("can't read", name);
	close(fd);
	for (i = 0; i < count; i++) {
		d = &entries[i];
		if (again(d))
			continue;
		path = strcmp(name, "/") == 0 ? smprint("/%s", d->name)
			: smprint("%s/%s", name, d->name);
		if (path == nil)
			sysfatal("no memory: %r");
		if (d->mode & DMDIR)
			n = du(path, d, 0);
		else {
			n = measure(d);
			if (aflag && !sflag)
				show(n, path);
		}
		total = combine(total, n);
		free(path);
	}
	if (count >= 0)
		free(entries);
	if (top || !sflag)
		show(total, name);
	return total;
}

static void
operand(char *name)
{
	Dir *d;

	d = dirstat(name);
	if (d == nil) {
		complain("can't stat", name);
		return;
	}
	again(d);
	if (d->mode & DMDIR)
		du(cleanname(name), d, 1);
	else
		show(measure(d), name);
	free(d);
}

static uvlong
getblocksize(char *text)
{
	char *rest;
	uvlong n;

	n = strtoull(text, &rest, 0);
	if (*rest == 'k' || *rest == 'K') {
		n *= 1024;
		rest++;
	} else if (*rest == 'm' || *rest == 'M') {
		n *= 1024 * 1024;
		rest++;
	}
	if (rest == text || *rest != '\0' || n == 0)
		usage();
	return n;
}

static int
getprefix(char *text)
{
	int i;

	if (text[0] == '\0')
		return 0;
	for (i = 1; i <= 6; i++)
		if (prefixes[i] == text[0] || prefixes[i] == text[0] - 'a' + 'A')
			return i;
	usage();
	return -1;
}

void
main(int argc, char *argv[])
{
	char dot[] = ".";
	int i;

	prefix = -1;
	ARGBEGIN{
	case 'a':
		aflag = 1;
		break;
	case 'b':
		blocksize = getblocksize(EARGF(usage()));
		break;
	case 'e':
		eflag = 1;
		break;
	case 'f':
		fflag = 1;
		break;
	case 'h':
		hflag = 1;
		break;
	case 'n':
		nflag = aflag = 1;
		break;
	case 'p':
		prefix = getprefix(EARGF(usage()));
		break;
	case 'q':
		qflag = aflag = 1;
		break;
	case 's':
		sflag = 1;
		break;
	case 't':
		tflag = aflag = 1;
		break;
	case 'u':
		uflag = 1;
		break;
	default:
		usage();
	}ARGEND
	quotefmtinstall();
	Binit(&bout, 1, OWRITE);
	if (argc == 0)
		operand(dot);
	for (i = 0; i < argc; i++)
		operand(argv[i]);
	if (Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(failed ? "errors" : nil);
}
