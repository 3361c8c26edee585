/*
 * ls [-dlmnpqrstuFQT] [name ...]: list directories and files. The entries of a
 * directory, or the files named in a row, are one batch: sorted together, and with
 * the fields of long listings padded to the widest so far.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <fcall.h>

typedef struct Entry Entry;
struct Entry {
	Dir	*d;
	char	*name;		/* as printed */
};

enum {
	DAY = 24 * 60 * 60,
	OLD = 180 * DAY,
};

static int dflag, lflag, mflag, nflag, pflag, qflag, rflag, sflag, tflag, uflag;
static int Fflag, Qflag, Tflag;

static Biobuf bout;
static Entry *batch;
static long nbatch, batchmax;
static long now;

/* Widths of the fields that vary. */
static int kbwidth, verswidth, devwidth, uidwidth, gidwidth, lengthwidth;

static void
usage(void)
{
	fprint(2, "usage: ls [-dlmnpqrstuFQT] [file ...]\n");
	exits("usage");
}

static int
digits(uvlong n)
{
	int w;

	for (w = 1; n >= 10; n /= 10)
		w++;
	return w;
}

static void
widen(int *width, int n)
{
	if (n > *width)
		*width = n;
}

static uvlong
kilobytes(Dir *d)
{
	return ((uvlong)d->length + 1023) / 1024;
}

static void
measure(Dir *d)
{
	widen(&kbwidth, digits(kilobytes(d)));
	widen(&verswidth, digits(d->qid.vers));
	widen(&devwidth, digits(d->dev));
	widen(&uidwidth, utflen(d->uid));
	widen(&gidwidth, utflen(d->gid));
	widen(&lengthwidth, digits((uvlong)d->length));
}

/* add puts a file on the batch; name is kept, d is not copied. */
static void
add(Dir *d, char *name)
{
	if (nbatch == batchmax) {
		batchmax = batchmax * 2 + 64;
		batch = realloc(batch, (ulong)batchmax * sizeof batch[0]);
	}
	if (batch == nil || name == nil)
		sysfatal("no memory: %r");
	batch[nbatch].d = d;
	batch[nbatch].name = name;
	nbatch++;
	measure(d);
}

static uint
when(Dir *d)
{
	return uflag ? d->atime : d->mtime;
}

static int
compare(void *va, void *vb)
{
	Entry *a, *b;
	int order;

	a = va;
	b = vb;
	order = 0;
	if (tflag && when(a->d) != when(b->d))
		order = when(a->d) < when(b->d) ? 1 : -1;
	if (order == 0)
		order = strcmp(a->name, b->name);
	return rflag ? -order : order;
}

/* date formats a time in twelve columns: with the hour if it is near, else the year. */
static void
date(char *buf, int n, uint t)
{
	static char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	Tm *tm;
	char *month;

	tm = localtime(t);
	month = months + 3 * tm->mon;
	if ((vlong)t < now - OLD || (vlong)t > now + DAY)
		snprint(buf, n, "%.3s %2d  %4d", month, tm->mday, tm->year);
	else
		snprint(buf, n, "%.3s %2d %.2d:%.2d", month, tm->mday, tm->hour, tm->min);
}

static char *
suffix(Dir *d)
{
	if (!Fflag)
		return "";
	if (d->mode & DMDIR)
		return "/";
	return d->mode & 0111 ? "*" : "";
}

static void
show(Entry *e)
{
	Dir *d;
	char t[32];

	d = e->d;
	if (sflag)
		Bprint(&bout, "%*llud ", kbwidth, kilobytes(d));
	if (mflag)
		Bprint(&bout, "[%q] ", d->muid);
	if (qflag)
		Bprint(&bout, "(%.16llux %*ud %.2ux) ", d->qid.path, verswidth, d->qid.vers,
			(uint)d->qid.type);
	if (Tflag)
		Bprint(&bout, "%c ", d->mode & DMTMP ? 't' : '-');
	if (lflag) {
		date(t, sizeof t, when(d));
		Bprint(&bout, "%M %C %*ud %-*s %-*s %*lld %s ", d->mode,
			d->type == 0 ? ' ' : d->type, devwidth, d->dev, uidwidth, d->uid,
			gidwidth, d->gid, lengthwidth, d->length, t);
	}
	Bprint(&bout, Qflag ? "%s%s\n" : "%q%s\n", e->name, suffix(d));
}

/* flush prints the batch and empties it. */
static void
flush(void)
{
	long i;

	if (!nflag && nbatch > 0)
		qsort(batch, nbatch, sizeof batch[0], compare);
	for (i = 0; i < nbatch; i++) {
		show(&batch[i]);
		free(batch[i].name);
	}
	nbatch = 0;
}

static int
complain(char *name)
{
	Bflush(&bout);
	fprint(2, "ls: %s: %r\n", name);
	return 1;
}

/* listdir prints the entries of a directory as prefix/name, or name if prefix is nil. */
static int
listdir(char *dir, char *prefix)
{
	Dir *entries;
	long i, n;
	int fd;

	flush();
	fd = open(dir, OREAD);
	if (fd < 0)
		return complain(dir);
	n = dirreadall(fd, &entries);
	close(fd);
	if (n < 0)
		return complain(dir);
	if (prefix != nil)
		cleanname(prefix);
	for (i = 0; i < n; i++) {
		if (prefix == nil)
			add(&entries[i], strdup(entries[i].name));
		else if (strcmp(prefix, "/") == 0)
			add(&entries[i], smprint("/%s", entries[i].name));
		else
			add(&entries[i], smprint("%s/%s", prefix, entries[i].name));
	}
	flush();
	free(entries);
	return 0;
}

/* list prints or queues one operand; it returns 1 if that failed. */
static int
list(char *name, int named)
{
	char *base;
	Dir *d;

	d = dirstat(name);
	if (d == nil)
		return complain(name);
	if ((d->mode & DMDIR) && !dflag) {
		free(d);
		return listdir(name, named && !pflag ? name : nil);
	}
	base = cleanname(name);
	if (pflag && strrchr(base, '/') != nil && base[1] != '\0')
		base = strrchr(base, '/') + 1;
	add(d, strdup(base));
	return 0;
}

static int *
flagof(Rune c)
{
	switch (c) {
	case 'd': return &dflag;
	case 'l': return &lflag;
	case 'm': return &mflag;
	case 'n': return &nflag;
	case 'p': return &pflag;
	case 'q': return &qflag;
	case 'r': return &rflag;
	case 's': return &sflag;
	case 't': return &tflag;
	case 'u': return &uflag;
	case 'F': return &Fflag;
	case 'Q': return &Qflag;
	case 'T': return &Tflag;
	}
	usage();
	return nil;
}

void
main(int argc, char *argv[])
{
	char dot[] = ".";
	int i, failed;

	ARGBEGIN{
	default:
		*flagof(ARGC()) = 1;
	}ARGEND
	quotefmtinstall();
	fmtinstall('M', dirmodefmt);
	Binit(&bout, 1, OWRITE);
	now = time(nil);
	failed = 0;
	if (argc == 0)
		failed |= list(dot, 0);
	for (i = 0; i < argc; i++)
		failed |= list(argv[i], 1);
	flush();
	if (Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(failed ? "errors" : nil);
}
