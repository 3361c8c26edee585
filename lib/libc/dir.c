/*
 * Directory entries: between wire form and Dir, and the calls that use them.
 * A Dir and its strings lie in one malloc'd block.
 */
#include "sys.h"
#include "fcall.h"

enum {
	NSTR = 4,		/* name, uid, gid, muid */
	FIRSTTRY = 512,		/* bytes tried for one entry */
};

static char**
strings(Dir *d, int i)
{
	char **s[NSTR] = { &d->name, &d->uid, &d->gid, &d->muid };

	return s[i];
}

uint
sizeD2M(Dir *d)
{
	uint n = STATFIXLEN;
	int i;

	for(i = 0; i < NSTR; i++)
		if(*strings(d, i) != nil)
			n += (uint)strlen(*strings(d, i));
	return n;
}

/* Returns the size. If that does not fit, stores the count alone and returns 2; else 0. */
uint
convD2M(Dir *d, uchar *buf, uint nbuf)
{
	uint n, size = sizeD2M(d);
	uchar *p;
	int i;

	if(nbuf < BIT16SZ || size > STATMAX + BIT16SZ)
		return 0;
	PBIT16(buf, size - BIT16SZ);
	if(size > nbuf)
		return BIT16SZ;
	PBIT16(buf+2, d->type);
	PBIT32(buf+4, d->dev);
	PBIT8(buf+8, d->qid.type);
	PBIT32(buf+9, d->qid.vers);
	PBIT64(buf+13, d->qid.path);
	PBIT32(buf+21, d->mode);
	PBIT32(buf+25, d->atime);
	PBIT32(buf+29, d->mtime);
	PBIT64(buf+33, d->length);
	p = buf + 41;
	for(i = 0; i < NSTR; i++){
		char *s = *strings(d, i);
		n = s != nil ? (uint)strlen(s) : 0;
		PBIT16(p, n);
		if(n > 0)
			memmove(p+2, s, n);
		p += BIT16SZ + n;
	}
	return size;
}

/* Whether buf holds exactly one well-formed entry: 0, else -1. */
int
statcheck(uchar *buf, uint nbuf)
{
	uchar *p = buf + STATFIXLEN - NSTR*BIT16SZ, *e = buf + nbuf;
	int i;

	if(nbuf < STATFIXLEN || nbuf != BIT16SZ + GBIT16(buf))
		return -1;
	for(i = 0; i < NSTR; i++){
		if(e - p < BIT16SZ)
			return -1;
		p += BIT16SZ + GBIT16(p);
		if(p > e)
			return -1;
	}
	return p == e ? 0 : -1;
}

/*
 * Decodes one entry and returns its size, or 0. The strings go to strs,
 * which must have nbuf bytes; without it they are nil.
 */
uint
convM2D(uchar *buf, uint nbuf, Dir *d, char *strs)
{
	uchar *p = buf, *e = buf + nbuf;
	uint n;
	int i;

	if(nbuf < STATFIXLEN)
		return 0;
	d->type = (ushort)GBIT16(p+2);
	d->dev = GBIT32(p+4);
	d->qid.type = GBIT8(p+8);
	d->qid.vers = GBIT32(p+9);
	d->qid.path = GBIT64(p+13);
	d->mode = GBIT32(p+21);
	d->atime = GBIT32(p+25);
	d->mtime = GBIT32(p+29);
	d->length = (vlong)GBIT64(p+33);
	p += 41;
	for(i = 0; i < NSTR; i++){
		if(e - p < BIT16SZ)
			return 0;
		n = GBIT16(p);
		p += BIT16SZ;
		if(n > (uint)(e - p))
			return 0;
		*strings(d, i) = strs;
		if(strs != nil){
			memmove(strs, p, n);
			strs += n;
			*strs++ = 0;
		}
		p += n;
	}
	return (uint)(p - buf);
}

void
nulldir(Dir *d)
{
	memset(d, ~0, sizeof *d);
	d->name = d->uid = d->gid = d->muid = "";
}

/* One entry by name or, if that is nil, by descriptor; tried again with the size it reports. */
static Dir*
getdir(char *name, int fd)
{
	uint want = FIRSTTRY;
	uchar *buf;
	Dir *d;
	int n, tries;

	for(tries = 0; tries < 3; tries++){
		d = malloc(sizeof *d + 2*want);
		if(d == nil)
			return nil;
		buf = (uchar*)(d+1) + want;
		n = name != nil ? stat(name, buf, (int)want) : fstat(fd, buf, (int)want);
		if(n < BIT16SZ){
			free(d);
			return nil;
		}
		if(n > BIT16SZ && convM2D(buf, (uint)n, d, (char*)(d+1)) == (uint)n)
			return d;
		n = (int)(BIT16SZ + GBIT16(buf));
		free(d);
		if((uint)n <= want)
			break;
		want = (uint)n;
	}
	werrstr("malformed stat buffer");
	return nil;
}

Dir*
dirstat(char *name)
{
	return getdir(name, -1);
}

Dir*
dirfstat(int fd)
{
	return getdir(nil, fd);
}

static int
putdir(char *name, int fd, Dir *d)
{
	uint n = sizeD2M(d);
	uchar *buf;
	int r;

	buf = malloc(n);
	if(buf == nil)
		return -1;
	n = convD2M(d, buf, n);
	r = name != nil ? wstat(name, buf, (int)n) : fwstat(fd, buf, (int)n);
	free(buf);
	return r;
}

int
dirwstat(char *name, Dir *d)
{
	return putdir(name, -1, d);
}

int
dirfwstat(int fd, Dir *d)
{
	return putdir(nil, fd, d);
}

/* Turns n bytes of entries into an array of Dirs in one block; returns the count or -1. */
static long
unpack(uchar *buf, long n, Dir **dp)
{
	long i, size, count = 0, bytes = 0;
	char *s;
	Dir *d;

	*dp = nil;
	for(i = 0; i < n; i += size){
		size = n - i < BIT16SZ ? 0 : BIT16SZ + (long)GBIT16(buf+i);
		if(size == 0 || size > n - i || statcheck(buf+i, (uint)size) < 0){
			werrstr("malformed directory contents");
			return -1;
		}
		count++;
		bytes += (long)sizeof *d + size;
	}
	if(count == 0)
		return 0;
	d = malloc((ulong)bytes);
	if(d == nil)
		return -1;
	s = (char*)(d + count);
	for(i = 0, count = 0; i < n; i += size){
		size = convM2D(buf+i, (uint)(n-i), d+count, s);
		s += size;
		count++;
	}
	*dp = d;
	return count;
}

long
dirread(int fd, Dir **dp)
{
	uchar *buf;
	long n;

	*dp = nil;
	buf = malloc(DIRMAX);
	if(buf == nil)
		return -1;
	n = read(fd, buf, DIRMAX);
	if(n > 0)
		n = unpack(buf, n, dp);
	free(buf);
	return n;
}

long
dirreadall(int fd, Dir **dp)
{
	uchar *buf = nil, *p;
	long n = 0, m, size = 0;

	*dp = nil;
	for(;;){
		if(size - n < DIRMAX){
			size = 2*size + DIRMAX;
			p = realloc(buf, (ulong)size);
			if(p == nil){
				free(buf);
				return -1;
			}
			buf = p;
		}
		m = read(fd, buf + n, DIRMAX);
		if(m <= 0)
			break;
		n += m;
	}
	if(n > 0)
		m = unpack(buf, n, dp);
	free(buf);
	return m;
}
