/*
 * Making archives and adding to them. What a ustar header cannot hold goes into an
 * extended header before it.
 */
#include "tar.h"

enum {
	CHUNK = 64*BLOCK,
};

static void	add(char*);

static void
putdata(char *p, uvlong n)
{
	char b[BLOCK];

	for(; n >= BLOCK; n -= BLOCK, p += BLOCK)
		putblock(p);
	if(n > 0){
		memset(b, 0, sizeof b);
		memmove(b, p, n);
		putblock(b);
	}
}

static char*
lastelem(char *s)
{
	char *p = strrchr(s, '/');

	return p != nil && p[1] != 0 ? p+1 : s;
}

/* Everything that may not fit, whether it does or not. */
static void
putextended(Entry *e)
{
	char *text, size[32], name[NAMELEN];
	Header h;
	Entry x;
	uvlong n = 0;

	text = emalloc(strlen(e->name) + strlen(e->uname) + strlen(e->gname) + 256);
	n = paxrecord(text, n, "path", e->name);
	snprint(size, sizeof size, "%llud", e->size);
	n = paxrecord(text, n, "size", size);
	n = paxrecord(text, n, "uname", e->uname);
	n = paxrecord(text, n, "gname", e->gname);
	memset(&x, 0, sizeof x);
	snprint(name, sizeof name, "PaxHeaders/%s", lastelem(e->name));
	x.name = name;
	x.type = TPAX;
	x.mode = 0644;
	x.mtime = e->mtime;
	x.size = n;
	encode(&h, &x);
	putblock(&h);
	putdata(text, n);
	free(text);
}

static int
puthead(Entry *e)
{
	Header h;

	if(!encode(&h, e)){
		if(oldstyle){
			complain("%s: name or size does not fit the old format", e->name);
			return -1;
		}
		putextended(e);
	}
	putblock(&h);
	if(verbose)
		fprint(2, "%c %s\n", key == 'c' ? 'a' : key, e->name);
	return 0;
}

/* As many bytes as the header says, whatever becomes of the file. */
static void
putfile(int fd, char *name, uvlong size)
{
	static char buf[CHUNK];
	uvlong left = size;
	long want, n;

	while(left > 0){
		want = left < CHUNK ? (long)left : CHUNK;
		n = fd >= 0 ? readn(fd, buf, want) : 0;
		if(n < want && fd >= 0){
			if(n < 0)
				complain("%s: %r", name);
			else
				complain("%s: file became shorter, filled with zeros", name);
			fd = -1;
		}
		if(n < 0)
			n = 0;
		memset(buf + n, 0, (ulong)(want - n));
		putdata(buf, (uvlong)want);
		left -= (uvlong)want;
	}
}

static int
cmpdir(void *va, void *vb)
{
	Dir *a = va, *b = vb;

	return strcmp(a->name, b->name);
}

static void
adddir(int fd, char *name)
{
	char *s;
	Dir *d;
	long n, i;

	n = dirreadall(fd, &d);
	if(n < 0){
		complain("%s: %r", name);
		return;
	}
	if(n > 0)
		qsort(d, n, sizeof d[0], cmpdir);
	for(i = 0; i < n; i++){
		s = smprint("%s%s%s", name, name[strlen(name)-1] == '/' ? "" : "/", d[i].name);
		if(s == nil)
			sysfatal("out of memory");
		add(s);
		free(s);
	}
	if(n > 0)
		free(d);
}

static void
describe(Entry *e, Dir *d, char *name)
{
	memset(e, 0, sizeof *e);
	e->type = d->mode & DMDIR ? TDIR : oldstyle ? TOLD : TFILE;
	e->name = smprint("%s%s", name, d->mode & DMDIR && strcmp(name, "/") != 0 ? "/" : "");
	if(e->name == nil)
		sysfatal("out of memory");
	if(d->mode & DMDIR && oldstyle)
		e->type = TOLD;
	strecpy(e->uname, e->uname + sizeof e->uname, d->uid);
	strecpy(e->gname, e->gname + sizeof e->gname, d->gid);
	e->mode = d->mode & 0777;
	e->mtime = d->mtime;
	e->size = d->mode & DMDIR ? 0 : (uvlong)d->length;
}

static void
add(char *name)
{
	Entry e;
	Dir *d;
	int fd;

	fd = open(name, OREAD);
	d = fd < 0 ? nil : dirfstat(fd);
	if(d == nil){
		complain("%s: %r", name);
		if(fd >= 0)
			close(fd);
		return;
	}
	if(!isarchive(d)){
		describe(&e, d, name);
		if(puthead(&e) >= 0 && !(d->mode & DMDIR))
			putfile(fd, name, e.size);
		clearentry(&e);
		if(d->mode & DMDIR)
			adddir(fd, name);
	}
	free(d);
	close(fd);
}

/* Reads up to the end mark. */
static void
findend(void)
{
	Pax global;
	Entry e;
	int r;

	memset(&global, 0, sizeof global);
	paxclear(&global);
	while((r = nextentry(&e, &global)) > 0){
		r = hasdata(&e) ? skipdata(e.size) : 0;
		clearentry(&e);
		if(r < 0)
			break;
	}
	if(r < 0)
		exits("errors");
	positionend();
}

/* A file that is an argument. ./#x is a file, #x a device. */
static void
addnamed(char *name)
{
	char *s;

	int dotted = name[0] == '.';

	cleanname(name);
	if(!dotted || name[0] != '#'){
		add(name);
		return;
	}
	s = smprint("./%s", name);
	if(s == nil)
		sysfatal("out of memory");
	add(s);
	free(s);
}

void
writearchive(char **name, int n)
{
	int i;

	ignore = 0;
	openarchive(key == 'r' ? ORDWR : OWRITE);
	if(key == 'r')
		findend();
	for(i = 0; i < n; i++)
		addnamed(name[i]);
	closearchive();
}
