/*
 * One file of any number of members, one after the other, to one.
 */
#include "gzip.h"

enum {
	CHUNK = 32*1024,
};

typedef struct Unzip Unzip;
struct Unzip {
	int	in, out;
	int	list;			/* write nothing */
	ulong	crc;			/* of what came out; while in the header, of the header */
	uvlong	size;
	uchar	buf[CHUNK];
	uchar	*p, *e;
	int	failed;			/* reading did, rather than end */
};

static int
get(void *arg)
{
	Unzip *z = arg;
	long n;

	if(z->p < z->e)
		return *z->p++;
	if(z->failed)
		return -1;
	n = read(z->in, z->buf, sizeof z->buf);
	if(n <= 0){
		z->failed = n < 0;
		return -1;
	}
	z->p = z->buf;
	z->e = z->buf + n;
	return *z->p++;
}

static int
sink(void *arg, void *buf, int n)
{
	Unzip *z = arg;

	z->crc = blockcrc(crctab, z->crc, buf, n);
	z->size += (uvlong)n;
	return z->list ? n : (int)write(z->out, buf, n);
}

static int
ended(Unzip *z)
{
	if(!z->failed)
		werrstr("unexpected end of file");
	return -1;
}

/* A byte of the header. */
static int
getc(Unzip *z)
{
	int c = get(z);
	uchar b = (uchar)c;

	if(c >= 0)
		z->crc = blockcrc(crctab, z->crc, &b, 1);
	return c;
}

/* n bytes of a number, least first; *ok is cleared at the end of the file. */
static uint
number(Unzip *z, int n, int *ok)
{
	uint v = 0;
	int i, c;

	for(i = 0; i < n; i++){
		c = getc(z);
		if(c < 0)
			*ok = 0;
		else
			v |= (uint)c << 8*i;
	}
	return v;
}

/* A string; what does not fit in to is dropped. */
static int
string(Unzip *z, char *to, int n)
{
	char *e = to + n - 1;
	int c;

	while((c = getc(z)) > 0)
		if(to < e)
			*to++ = (char)c;
	if(n > 0)
		*to = 0;
	return c;
}

/* What follows the magic number. */
static int
header(Unzip *z, Member *m)
{
	char skipped[1];
	int method, flags, ok = 1;
	uint n, sum;

	method = (int)number(z, 1, &ok);
	flags = (int)number(z, 1, &ok);
	m->mtime = number(z, 4, &ok);
	number(z, 2, &ok);
	if(!ok)
		return ended(z);
	if(method != METHOD){
		werrstr("unknown compression method %d", method);
		return -1;
	}
	if(flags & FRESERVED){
		werrstr("unknown flags 0x%.2ux in header", (uint)flags);
		return -1;
	}
	if(flags & FEXTRA)
		for(n = number(z, 2, &ok); n > 0 && ok; n--)
			number(z, 1, &ok);
	m->name[0] = 0;
	if((flags & FNAME) && string(z, m->name, sizeof m->name) < 0)
		ok = 0;
	if((flags & FCOMMENT) && string(z, skipped, sizeof skipped) < 0)
		ok = 0;
	sum = z->crc & 0xFFFF;
	if((flags & FHCRC) && number(z, 2, &ok) != sum && ok){
		werrstr("header corrupted: checksum differs");
		return -1;
	}
	return ok ? 0 : ended(z);
}

static int
trailer(Unzip *z)
{
	ulong crc = z->crc;
	uvlong size = z->size;
	uint sum, len;
	int ok = 1;

	sum = number(z, 4, &ok);
	len = number(z, 4, &ok);
	if(!ok)
		return ended(z);
	if(sum != crc){
		werrstr("data corrupted: checksum differs");
		return -1;
	}
	if(len != (uint)size){
		werrstr("data corrupted: length differs");
		return -1;
	}
	return 0;
}

static int
member(Unzip *z, Member *m)
{
	int e;

	if(header(z, m) < 0)
		return -1;
	z->crc = 0;
	z->size = 0;
	e = inflate(z, sink, z, get);
	if(e == FlateInputFail)
		return ended(z);
	if(e != FlateOk){
		if(e != FlateOutputFail)
			werrstr("%s", flateerr(e));
		return -1;
	}
	m->size += z->size;
	return trailer(z);
}

/*
 * Where a member could begin: 1 if one does, 0 at the end or where zeros fill
 * the file up, else -1.
 */
static int
more(Unzip *z, int first)
{
	int c;

	z->crc = 0;
	c = getc(z);
	if(!first)
		while(c == 0)
			c = getc(z);
	if(c < 0)
		return z->failed ? -1 : first ? ended(z) : 0;
	if(c == MAGIC1 && getc(z) == MAGIC2)
		return 1;
	werrstr(first ? "not in gzip format" : "garbage after the end of the data");
	return -1;
}

/* Returns 0, or -1 with the reason in the error string. m is of the first member. */
int
unzip(int in, int out, char *name, Member *m, int list)
{
	static Unzip z;
	Member other;
	int first, r;

	memset(&z, 0, sizeof z);
	z.in = in;
	z.out = out;
	z.list = list;
	m->size = 0;
	other.size = 0;
	for(first = 1; (r = more(&z, first)) > 0; first = 0)
		if((r = member(&z, first ? m : &other)) < 0)
			break;
	m->size += other.size;
	if(list && r == 0)
		print("%s\t%llud\n", m->name[0] != 0 ? m->name : name, m->size);
	return r;
}
