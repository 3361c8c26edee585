/*
 * Headers. Numbers are octal digits, or binary where GNU tar finds digits too few.
 */
#include "tar.h"

enum {
	BINARY = 0x80,			/* of the first byte: the rest is a binary number */
	SUMSIZE = 8,
};

int
iszero(Header *h)
{
	char *p = (char*)h;
	int i;

	for(i = 0; i < BLOCK; i++)
		if(p[i] != 0)
			return 0;
	return 1;
}

/* *ok is cleared if it is no number, or too large or negative. */
static vlong
getnumber(char *p, int n, int *ok)
{
	uchar *u = (uchar*)p;
	uvlong v = 0;
	int i;

	if(u[0] & BINARY){
		v = u[0] & 0x3F;
		for(i = 1; i < n; i++){
			if(v>>55 != 0)
				*ok = 0;
			v = v<<8 | u[i];
		}
		if(u[0] & 0x40)
			*ok = 0;
		return (vlong)v;
	}
	for(i = 0; i < n && p[i] == ' '; i++)
		;
	for(; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		v = v<<3 | (uint)(p[i] - '0');
	if(i < n && p[i] != 0 && p[i] != ' ')
		*ok = 0;
	return (vlong)v;
}

/* The sum of all bytes, its own field taken as blanks. Some took bytes to be signed. */
static void
sums(Header *h, vlong *plain, vlong *sign)
{
	char *p = (char*)h;
	int i, c;

	*plain = *sign = 0;
	for(i = 0; i < BLOCK; i++){
		c = p + i >= h->chksum && p + i < h->chksum + SUMSIZE ? ' ' : p[i];
		*plain += (uchar)c;
		*sign += (schar)c;
	}
}

int
goodsum(Header *h)
{
	vlong want, plain, sign;
	int ok = 1;

	want = getnumber(h->chksum, SUMSIZE, &ok);
	sums(h, &plain, &sign);
	return ok && (want == plain || want == sign);
}

void
setsum(Header *h)
{
	vlong plain, sign;

	sums(h, &plain, &sign);
	snprint(h->chksum, SUMSIZE, "%.6llo", plain);
	h->chksum[SUMSIZE-1] = ' ';
}

/* A field that ends with a NUL or where it is full, malloc'd. */
static char*
field(char *p, int n)
{
	char *s, *e = memchr(p, 0, (ulong)n);
	long len = e != nil ? e - p : n;

	s = emalloc((ulong)len + 1);
	memmove(s, p, (ulong)len);
	return s;
}

static char*
fullname(Header *h)
{
	char *name = field(h->name, NAMELEN), *prefix, *s;

	/* POSIX's magic ends in NUL; after GNU's blank the prefix is something else */
	if(memcmp(h->magic, "ustar\0", 6) != 0 || h->prefix[0] == 0)
		return name;
	prefix = field(h->prefix, PREFIXLEN);
	s = smprint("%s/%s", prefix, name);
	if(s == nil)
		sysfatal("out of memory");
	free(prefix);
	free(name);
	return s;
}

static void
idname(char *to, char *from, vlong id, Header *h)
{
	if(memcmp(h->magic, "ustar", 5) == 0 && from[0] != 0){
		memmove(to, from, IDLEN);
		to[IDLEN] = 0;
	}else
		snprint(to, IDLEN, "%lld", id);
}

/* Fills the entry in; returns what is wrong with the header, or nil. */
char*
decode(Header *h, Entry *e)
{
	vlong size, uid, gid;
	int ok = 1, idok = 1;
	long n;

	memset(e, 0, sizeof *e);
	e->type = h->type;
	e->mode = (uint)getnumber(h->mode, sizeof h->mode, &ok) & 07777;
	size = getnumber(h->size, sizeof h->size, &ok);
	if(!ok || size < 0)
		return "bad number in header";
	e->size = (uvlong)size;
	ok = 1;
	e->mtime = getnumber(h->mtime, sizeof h->mtime, &ok);
	uid = getnumber(h->uid, sizeof h->uid, &idok);
	gid = getnumber(h->gid, sizeof h->gid, &idok);
	if(!ok)
		e->mtime = 0;
	idname(e->uname, h->uname, uid, h);
	idname(e->gname, h->gname, gid, h);
	e->name = fullname(h);
	e->link = field(h->linkname, NAMELEN);
	n = strlen(e->name);
	if((e->type == TOLD || e->type == TFILE) && n > 0 && e->name[n-1] == '/')
		e->type = TDIR;
	if(e->type == TOLD || e->type == TCONT)
		e->type = TFILE;
	return nil;
}

void
clearentry(Entry *e)
{
	free(e->name);
	free(e->link);
	free(e->map);
	memset(e, 0, sizeof *e);
}

/* Where a name can be cut at a slash into prefix and name; -1 if nowhere. */
static long
cut(char *name)
{
	long n = strlen(name), i;

	for(i = n - NAMELEN - 1 > 0 ? n - NAMELEN - 1 : 1; i <= PREFIXLEN && i < n - 1; i++)
		if(name[i] == '/')
			return i;
	return -1;
}

/* What does not fit is cut off; false then, and an extended header must say it. */
static int
putname(Header *h, char *name)
{
	long n = strlen(name), i;

	if(n <= NAMELEN){
		memmove(h->name, name, (ulong)n);
		return 1;
	}
	i = oldstyle ? -1 : cut(name);
	if(i > 0){
		memmove(h->prefix, name, (ulong)i);
		memmove(h->name, name + i + 1, (ulong)(n - i - 1));
		return 1;
	}
	memmove(h->name, name, NAMELEN);
	return 0;
}

static int
putid(char *to, char *name)
{
	long n = strlen(name);

	memmove(to, name, (ulong)(n < IDLEN-1 ? n : IDLEN-1));
	return n < IDLEN;
}

/* Makes a header; returns false when it cannot hold everything. */
int
encode(Header *h, Entry *e)
{
	int whole, large = e->size >> MAXDIGITSIZE != 0;
	vlong mtime = e->mtime;

	memset(h, 0, sizeof *h);
	whole = putname(h, e->name) && !large;
	snprint(h->mode, sizeof h->mode, "%.7uo", e->mode);
	snprint(h->uid, sizeof h->uid, "%.7llo", setuid >= 0 ? setuid & 07777777 : 0);
	snprint(h->gid, sizeof h->gid, "%.7llo", setgid >= 0 ? setgid & 07777777 : 0);
	snprint(h->size, sizeof h->size, "%.11llo", large ? 0 : e->size);
	snprint(h->mtime, sizeof h->mtime, "%.11llo", mtime);
	h->type = (char)e->type;
	if(!oldstyle){
		memmove(h->magic, "ustar", 6);
		memmove(h->version, "00", 2);
		if(!putid(h->uname, e->uname) || !putid(h->gname, e->gname))
			whole = 0;
		snprint(h->major, sizeof h->major, "%.7o", 0);
		snprint(h->minor, sizeof h->minor, "%.7o", 0);
	}
	setsum(h);
	return whole;
}
