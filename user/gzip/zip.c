/*
 * One file to one member.
 */
#include "gzip.h"

typedef struct Zip Zip;
struct Zip {
	int	in, out;
	ulong	crc;
	uvlong	size;
};

static int
source(void *arg, void *buf, int n)
{
	Zip *z = arg;

	n = (int)read(z->in, buf, n);
	if(n > 0){
		z->crc = blockcrc(crctab, z->crc, buf, n);
		z->size += (uvlong)n;
	}
	return n;
}

static int
sink(void *arg, void *buf, int n)
{
	Zip *z = arg;

	return (int)write(z->out, buf, n);
}

static void
put32(uchar *p, uint v)
{
	p[0] = (uchar)v;
	p[1] = (uchar)(v >> 8);
	p[2] = (uchar)(v >> 16);
	p[3] = (uchar)(v >> 24);
}

/* Returns 0, or -1 with the reason in the error string. */
int
zip(int in, int out, Member *m, int level)
{
	Zip z = { .in = in, .out = out };
	uchar b[10 + sizeof m->name];
	int n, e;

	memset(b, 0, sizeof b);
	b[0] = MAGIC1;
	b[1] = MAGIC2;
	b[2] = METHOD;
	b[3] = m->name[0] != 0 ? FNAME : 0;
	put32(b+4, m->mtime);
	b[8] = level == 9 ? 2 : level == 1 ? 4 : 0;
	b[9] = OSPLAN9;
	n = 10;
	if(m->name[0] != 0){
		strcpy((char*)b + n, m->name);
		n += (int)strlen(m->name) + 1;
	}
	if(write(out, b, n) != n)
		return -1;
	e = deflate(&z, sink, &z, source, level, debug);
	if(e != FlateOk){
		if(e != FlateInputFail && e != FlateOutputFail)
			werrstr("%s", flateerr(e));
		return -1;
	}
	m->size = z.size;
	put32(b, (uint)z.crc);
	put32(b+4, (uint)z.size);
	return write(out, b, 8) == 8 ? 0 : -1;
}
