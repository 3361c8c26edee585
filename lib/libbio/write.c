/*
 * Writing: bytes, runes, formatted text, blocks.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "state.h"

int
Bputc(void *v, int c)
{
	Biobufhdr *b = v;

	if(b->state != Bwactive || (b->ocount == 0 && Bflush(b) < 0))
		return Beof;
	b->ebuf[b->ocount++] = (uchar)c;
	return 0;
}

long
Bwrite(void *v, void *buf, long n)
{
	Biobufhdr *b = v;
	uchar *p = buf;
	long left, m;

	if(b->state != Bwactive)
		return Beof;
	for(left = n; left > 0; left -= m){
		if(b->ocount == 0 && Bflush(b) < 0)
			return Beof;
		m = -b->ocount < left ? -b->ocount : left;
		memmove(b->ebuf + b->ocount, p, (ulong)m);
		b->ocount += (int)m;
		p += m;
	}
	return n;
}

int
Bputrune(void *v, long c)
{
	char s[UTFmax];
	Rune r = (Rune)c;
	int n;

	if(r < Runeself)
		return Bputc(v, (int)r) < 0 ? Beof : 1;
	n = runetochar(s, &r);
	return Bwrite(v, s, n) < 0 ? Beof : n;
}

/* Formatting fills the buffer itself; when that is full it is flushed and filled again. */
static int
fmtflush(Fmt *f)
{
	Biobufhdr *b = f->farg;

	b->ocount = (int)((uchar*)f->to - b->ebuf);
	if(Bflush(b) < 0)
		return 0;
	f->to = b->ebuf + b->ocount;
	return 1;
}

int
Bvprint(void *v, char *fmt, va_list args)
{
	Biobufhdr *b = v;
	Fmt f;
	int n;

	if(b->state != Bwactive)
		return Beof;
	memset(&f, 0, sizeof f);
	f.start = b->bbuf;
	f.to = b->ebuf + b->ocount;
	f.stop = b->ebuf;
	f.flush = fmtflush;
	f.farg = b;
	va_copy(f.args, args);
	n = dofmt(&f, fmt);
	va_end(f.args);
	if(b->state == Bwactive)
		b->ocount = (int)((uchar*)f.to - b->ebuf);
	return n < 0 ? Beof : n;
}

int
Bprint(void *v, char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = Bvprint(v, fmt, args);
	va_end(args);
	return n;
}
