/*
 * Which files are there, and their identity. Clients tell files apart by qid
 * alone, while here they come from many devices, whose numbers overlap.
 */
#include "exportfs.h"
#include <regexp.h>

enum {
	NHASH = 256,
	PATHBITS = 48,			/* of a path that is kept; the device is above */
	MAXDEV = 0xFFFF,		/* stands for a path from the table */
	MAXPATTERN = 1024,
};

typedef struct Odd Odd;
typedef struct Pattern Pattern;

/* A path too large to keep. */
struct Odd {
	int	dev;
	uvlong	path;
	uvlong	unique;
	Odd	*next;
};

struct Pattern {
	Reprog	*prog;
	int	include;
	Pattern	*next;
};

static QLock lk;
static struct {
	ushort	type;
	uint	dev;
} *devs;
static int ndev;
static Odd *odd[NHASH];
static uvlong nodd;
static Pattern *patterns;

static int
devindex(ushort type, uint dev)
{
	int i;

	for(i = 0; i < ndev; i++)
		if(devs[i].type == type && devs[i].dev == dev)
			return i;
	devs = erealloc(devs, (ulong)(ndev + 1) * sizeof devs[0]);
	devs[ndev].type = type;
	devs[ndev].dev = dev;
	return ndev++;
}

static uvlong
oddpath(int dev, uvlong path)
{
	Odd **h = &odd[(path ^ path>>32 ^ (uint)dev) % NHASH], *o;

	for(o = *h; o != nil; o = o->next)
		if(o->dev == dev && o->path == path)
			return o->unique;
	o = emalloc(sizeof *o);
	o->dev = dev;
	o->path = path;
	o->unique = (uvlong)MAXDEV<<PATHBITS | nodd++;
	o->next = *h;
	*h = o;
	return o->unique;
}

/* The qid of a file of ours as clients are to see it. */
Qid
uniqueqid(Dir *d)
{
	Qid q = d->qid;
	int dev;

	qlock(&lk);
	dev = devindex(d->type, d->dev);
	if(dev < MAXDEV && q.path>>PATHBITS == 0)
		q.path |= (uvlong)dev << PATHBITS;
	else
		q.path = oddpath(dev, q.path);
	qunlock(&lk);
	return q;
}

static void
addpattern(char *line)
{
	Pattern *p;

	p = emalloc(sizeof *p);
	p->include = line[0] == '+';
	p->prog = regcomp(line + 1);
	if(p->prog == nil)
		sysfatal("bad pattern: %s", line);
	p->next = patterns;
	patterns = p;
}

/* A file of lines `+pattern' and `-pattern'. */
void
readpatterns(char *file)
{
	char *text, *line[MAXPATTERN];
	Dir *d;
	int fd, i, n;

	fd = open(file, OREAD);
	d = fd < 0 ? nil : dirfstat(fd);
	if(d == nil)
		sysfatal("%s: %r", file);
	text = emalloc((ulong)d->length + 1);
	if(readn(fd, text, d->length) != d->length)
		sysfatal("%s: can't read", file);
	close(fd);
	free(d);
	n = getfields(text, line, MAXPATTERN, 1, "\n");
	for(i = 0; i < n; i++)
		if(line[i][0] == '+' || line[i][0] == '-')
			addpattern(line[i]);
		else if(line[i][0] != 0 && line[i][0] != '#')
			sysfatal("%s: `%s' begins with neither + nor -", file, line[i]);
	free(text);
}

int
havepatterns(void)
{
	return patterns != nil;
}

/* Whether all + patterns match the name below the root, and no - pattern. */
int
exported(char *path)
{
	Pattern *p;

	if(patterns == nil || isroot(path))
		return 1;
	if(!isroot("/"))
		path += strlen(root);
	for(p = patterns; p != nil; p = p->next)
		if((regexec(p->prog, path, nil, 0) > 0) != p->include)
			return 0;
	return 1;
}
