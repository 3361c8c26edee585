/*
 * 9P messages in wire form. One description of each message's body, as a
 * string of field letters, serves sizing, encoding and decoding alike.
 */
#include "sys.h"
#include "fcall.h"

/*
 * Field letters: f fid, n newfid, a afid, g oldtag, m msize, v version, e ename,
 * q qid, Q aqid, i iounit, u uname, w aname, N name, p perm, o mode, W names of
 * a walk, R qids of a walk, O offset, c count, d data with count, s stat.
 */
static char*
body(int type)
{
	static char *bodies[Tmax - Tversion] = {
		[Tversion-Tversion] = "mv", [Rversion-Tversion] = "mv",
		[Tauth-Tversion] = "auw", [Rauth-Tversion] = "Q",
		[Tattach-Tversion] = "fauw", [Rattach-Tversion] = "q",
		[Rerror-Tversion] = "e",
		[Tflush-Tversion] = "g", [Rflush-Tversion] = "",
		[Twalk-Tversion] = "fnW", [Rwalk-Tversion] = "R",
		[Topen-Tversion] = "fo", [Ropen-Tversion] = "qi",
		[Tcreate-Tversion] = "fNpo", [Rcreate-Tversion] = "qi",
		[Tread-Tversion] = "fOc", [Rread-Tversion] = "d",
		[Twrite-Tversion] = "fOd", [Rwrite-Tversion] = "c",
		[Tclunk-Tversion] = "f", [Rclunk-Tversion] = "",
		[Tremove-Tversion] = "f", [Rremove-Tversion] = "",
		[Tstat-Tversion] = "f", [Rstat-Tversion] = "s",
		[Twstat-Tversion] = "fs", [Rwstat-Tversion] = "",
	};

	if(type < Tversion || type >= Tmax)
		return nil;
	return bodies[type - Tversion];
}

static char**
stringfield(Fcall *f, int c)
{
	switch(c){
	case 'v':
		return &f->version;
	case 'e':
		return &f->ename;
	case 'u':
		return &f->uname;
	case 'w':
		return &f->aname;
	case 'N':
		return &f->name;
	}
	return nil;
}

static uint*
longfield(Fcall *f, int c)
{
	switch(c){
	case 'f':
		return &f->fid;
	case 'n':
		return &f->newfid;
	case 'a':
		return &f->afid;
	case 'm':
		return &f->msize;
	case 'i':
		return &f->iounit;
	case 'p':
		return &f->perm;
	case 'c':
		return &f->count;
	}
	return nil;
}

static uint
sizestring(char *s)
{
	return BIT16SZ + (s != nil ? (uint)strlen(s) : 0);
}

static uint
sizefield(Fcall *f, int c)
{
	uint n = BIT16SZ;
	int i;

	if(stringfield(f, c) != nil)
		return sizestring(*stringfield(f, c));
	if(longfield(f, c) != nil)
		return BIT32SZ;
	switch(c){
	case 'o':
		return BIT8SZ;
	case 'g':
		return BIT16SZ;
	case 'O':
		return BIT64SZ;
	case 'q':
	case 'Q':
		return QIDSZ;
	case 'W':
		for(i = 0; i < f->nwname; i++)
			n += sizestring(f->wname[i]);
		return n;
	case 'R':
		return BIT16SZ + f->nwqid*QIDSZ;
	case 'd':
		return BIT32SZ + f->count;
	}
	return BIT16SZ + f->nstat;	/* 's' */
}

/* The length of the message f describes; 0 if it describes none. */
uint
sizeS2M(Fcall *f)
{
	uint n = BIT32SZ + BIT8SZ + BIT16SZ;
	char *b = body(f->type);

	if(b == nil || (f->type == Twalk && f->nwname > MAXWELEM)
	|| (f->type == Rwalk && f->nwqid > MAXWELEM))
		return 0;
	for(; *b != 0; b++)
		n += sizefield(f, *b);
	return n;
}

static uchar*
putstring(uchar *p, char *s)
{
	uint n = s != nil ? (uint)strlen(s) : 0;

	PBIT16(p, n);
	if(n > 0)
		memmove(p + BIT16SZ, s, n);
	return p + BIT16SZ + n;
}

static uchar*
putqid(uchar *p, Qid *q)
{
	PBIT8(p, q->type);
	PBIT32(p+1, q->vers);
	PBIT64(p+5, q->path);
	return p + QIDSZ;
}

static uchar*
putfield(uchar *p, Fcall *f, int c)
{
	int i;

	if(stringfield(f, c) != nil)
		return putstring(p, *stringfield(f, c));
	if(longfield(f, c) != nil){
		PBIT32(p, *longfield(f, c));
		return p + BIT32SZ;
	}
	switch(c){
	case 'o':
		PBIT8(p, f->mode);
		return p + BIT8SZ;
	case 'g':
		PBIT16(p, f->oldtag);
		return p + BIT16SZ;
	case 'O':
		PBIT64(p, f->offset);
		return p + BIT64SZ;
	case 'q':
		return putqid(p, &f->qid);
	case 'Q':
		return putqid(p, &f->aqid);
	case 'W':
		PBIT16(p, f->nwname);
		p += BIT16SZ;
		for(i = 0; i < f->nwname; i++)
			p = putstring(p, f->wname[i]);
		return p;
	case 'R':
		PBIT16(p, f->nwqid);
		p += BIT16SZ;
		for(i = 0; i < f->nwqid; i++)
			p = putqid(p, &f->wqid[i]);
		return p;
	case 'd':
		PBIT32(p, f->count);
		if(f->count > 0)
			memmove(p + BIT32SZ, f->data, f->count);
		return p + BIT32SZ + f->count;
	}
	PBIT16(p, f->nstat);
	if(f->nstat > 0)
		memmove(p + BIT16SZ, f->stat, f->nstat);
	return p + BIT16SZ + f->nstat;
}

/* Whether every string is short enough for its two-byte count. */
static int
encodable(Fcall *f, char *b)
{
	int i;

	for(; *b != 0; b++){
		if(stringfield(f, *b) != nil && sizestring(*stringfield(f, *b)) > BIT16SZ + 0xFFFF)
			return 0;
		if(*b == 'W')
			for(i = 0; i < f->nwname; i++)
				if(sizestring(f->wname[i]) > BIT16SZ + 0xFFFF)
					return 0;
	}
	return 1;
}

/* Encodes f; returns the length, or 0 if it does not fit or is no message. */
uint
convS2M(Fcall *f, uchar *buf, uint n)
{
	uint size = sizeS2M(f);
	char *b = body(f->type);
	uchar *p;

	if(size == 0 || size > n || !encodable(f, b))
		return 0;
	PBIT32(buf, size);
	PBIT8(buf+4, f->type);
	PBIT16(buf+5, f->tag);
	p = buf + 7;
	for(; *b != 0; b++)
		p = putfield(p, f, *b);
	return (uint)(p - buf) == size ? size : 0;
}

/* Each get function returns what follows its field, or nil if the message ends in it. */
static uchar*
getstring(uchar *p, uchar *e, char **s)
{
	uint n;

	if(p == nil || e - p < BIT16SZ)
		return nil;
	n = GBIT16(p);
	if((uint)(e - p) < BIT16SZ + n || memchr(p + BIT16SZ, 0, n) != nil)
		return nil;
	/* moved over its count, so that there is room for a NUL */
	*s = memmove(p + BIT16SZ-1, p + BIT16SZ, n);
	(*s)[n] = 0;
	return p + BIT16SZ + n;
}

static uchar*
getqid(uchar *p, uchar *e, Qid *q)
{
	if(p == nil || e - p < QIDSZ)
		return nil;
	q->type = GBIT8(p);
	q->vers = GBIT32(p+1);
	q->path = GBIT64(p+5);
	return p + QIDSZ;
}

static uchar*
getblock(uchar *p, uchar *e, uint n)
{
	return (uint)(e - p) < n ? nil : p + n;
}

static uchar*
getwalk(uchar *p, uchar *e, Fcall *f, int c)
{
	uint i, n;

	if(e - p < BIT16SZ || (n = GBIT16(p)) > MAXWELEM)
		return nil;
	p += BIT16SZ;
	if(c == 'W'){
		f->nwname = (ushort)n;
		for(i = 0; i < n; i++)
			p = getstring(p, e, &f->wname[i]);
	}else{
		f->nwqid = (ushort)n;
		for(i = 0; i < n; i++)
			p = getqid(p, e, &f->wqid[i]);
	}
	return p;
}

static uchar*
getfield(uchar *p, uchar *e, Fcall *f, int c)
{
	long left = e - p;

	if(stringfield(f, c) != nil)
		return getstring(p, e, stringfield(f, c));
	if(longfield(f, c) != nil){
		if(left < BIT32SZ)
			return nil;
		*longfield(f, c) = GBIT32(p);
		return p + BIT32SZ;
	}
	switch(c){
	case 'o':
		if(left < BIT8SZ)
			return nil;
		f->mode = GBIT8(p);
		return p + BIT8SZ;
	case 'g':
		if(left < BIT16SZ)
			return nil;
		f->oldtag = (ushort)GBIT16(p);
		return p + BIT16SZ;
	case 'O':
		if(left < BIT64SZ)
			return nil;
		f->offset = (vlong)GBIT64(p);
		return p + BIT64SZ;
	case 'q':
		return getqid(p, e, &f->qid);
	case 'Q':
		return getqid(p, e, &f->aqid);
	case 'W':
	case 'R':
		return getwalk(p, e, f, c);
	case 'd':
		if(left < BIT32SZ)
			return nil;
		f->count = GBIT32(p);
		f->data = (char*)p + BIT32SZ;
		return getblock(p + BIT32SZ, e, f->count);
	}
	if(left < BIT16SZ)
		return nil;
	f->nstat = (ushort)GBIT16(p);
	f->stat = p + BIT16SZ;
	return getblock(p + BIT16SZ, e, f->nstat);
}

/* Decodes the message of exactly n bytes at buf; returns n, or 0 if it is not one. */
uint
convM2S(uchar *buf, uint n, Fcall *f)
{
	uchar *p = buf + 7, *e = buf + n;
	char *b;

	if(n < 7 || GBIT32(buf) != n)
		return 0;
	f->type = GBIT8(buf+4);
	f->tag = (ushort)GBIT16(buf+5);
	b = body(f->type);
	if(b == nil)
		return 0;
	for(; *b != 0 && p != nil; b++)
		p = getfield(p, e, f, *b);
	return p == e ? n : 0;
}

/* Reads one whole message; 0 at the end, -1 on error or if it exceeds n. */
int
read9pmsg(int fd, void *v, uint n)
{
	uchar *buf = v;
	long m;
	uint len;

	m = readn(fd, buf, BIT32SZ);
	if(m != BIT32SZ){
		if(m > 0)
			werrstr("9P message cut short");
		return m > 0 ? -1 : (int)m;
	}
	len = GBIT32(buf);
	if(len <= BIT32SZ || len > n){
		werrstr("bad length in 9P2000 message header");
		return -1;
	}
	len -= BIT32SZ;
	m = readn(fd, buf + BIT32SZ, len);
	if(m != (long)len){
		if(m >= 0)
			werrstr("9P message cut short");
		return -1;
	}
	return (int)(len + BIT32SZ);
}
