/*
 * Reading: bytes, runes, lines, blocks.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "state.h"

static int
readable(Biobufhdr *b)
{
	return b->state == Bractive || b->state == Bracteof;
}

/* How many bytes before p, the next to be read, are there to go back to and worth keeping. */
static int
kept(Biobufhdr *b, uchar *p)
{
	return p - b->gbuf < Bungetsize ? (int)(p - b->gbuf) : Bungetsize;
}

/*
 * Reads more when the buffer is empty. The last few bytes are kept in front
 * of it for Bungetc. Returns what was read: 0 at the end, -1 on error.
 */
int
_bfill(Biobufhdr *b)
{
	int n, keep;

	if(!readable(b))
		return -1;
	keep = kept(b, b->ebuf);
	memmove(b->bbuf - Bungetsize, b->ebuf - Bungetsize, Bungetsize);
	n = b->iof(b, b->bbuf, b->bsize);
	b->gbuf = b->bbuf - keep;
	if(n <= 0){
		/* what was kept lies before bbuf: move it to where ebuf expects it */
		memmove(b->ebuf - Bungetsize, b->bbuf - Bungetsize, Bungetsize);
		b->gbuf = b->ebuf - keep;
		b->state = Bracteof;
		if(n < 0)
			Berror(b, "read error: %r");
		return n;
	}
	b->state = Bractive;
	if(n < b->bsize){		/* the data must end at ebuf */
		memmove(b->ebuf - n - Bungetsize, b->bbuf - Bungetsize, (ulong)(n + Bungetsize));
		b->gbuf = b->ebuf - n - keep;
	}
	b->icount = -n;
	b->offset += n;
	return n;
}

int
Bgetc(void *v)
{
	Biobufhdr *b = v;

	if(b->icount == 0 && _bfill(b) <= 0)
		return Beof;
	b->runesize = 1;
	return b->ebuf[b->icount++];
}

int
Bungetc(void *v)
{
	Biobufhdr *b = v;

	if(!readable(b) || b->ebuf + b->icount <= b->gbuf)
		return Beof;
	b->icount--;
	return 1;
}

long
Bgetrune(void *v)
{
	Biobufhdr *b = v;
	char s[UTFmax+1];
	int c, n;
	Rune r;

	c = Bgetc(b);
	if(c < Runeself){
		b->runesize = 1;
		return c;
	}
	s[0] = (char)c;
	for(n = 1; !fullrune(s, n); n++){
		c = Bgetc(b);
		if(c < 0)
			break;
		s[n] = (char)c;
	}
	s[n] = 0;
	b->runesize = chartorune(&r, s);
	for(; n > b->runesize; n--)	/* what followed a bad byte is read again */
		Bungetc(b);
	return r;
}

int
Bungetrune(void *v)
{
	Biobufhdr *b = v;

	if(!readable(b) || b->ebuf + b->icount - b->runesize < b->gbuf)
		return Beof;
	b->icount -= b->runesize;
	b->runesize = 0;
	return 1;
}

/* What charstod reads from, and the last it was given. */
typedef struct Source Source;
struct Source {
	Biobufhdr *b;
	int	c;
};

static int
getcarg(void *v)
{
	Source *s = v;

	s->c = Bgetc(s->b);
	return s->c;
}

/* Reads a number; the character after it can be read next. */
int
Bgetd(void *v, double *d)
{
	Biobufhdr *b = v;
	Source s = { b, 0 };
	int c;

	do
		c = Bgetc(b);
	while(c == ' ' || c == '\t' || c == '\n');
	if(c < 0)
		return Beof;
	Bungetc(b);
	*d = charstod(getcarg, &s);
	if(s.c >= 0)
		Bungetc(b);
	return 1;
}

long
Bread(void *v, void *buf, long n)
{
	Biobufhdr *b = v;
	uchar *p = buf;
	long left, m;

	for(left = n; left > 0; left -= m){
		m = -b->icount;
		if(m == 0){
			m = _bfill(b);
			if(m < 0)
				return left == n ? Beof : n - left;
			if(m == 0)
				break;
		}
		if(m > left)
			m = left;
		memmove(p, b->ebuf + b->icount, (ulong)m);
		b->icount += (int)m;
		p += m;
	}
	return n - left;
}

/*
 * Moves the unread bytes to the front and reads until delim appears, the
 * buffer is full or input ends. Returns the line's length or 0.
 */
static int
gather(Biobufhdr *b, int delim)
{
	uchar *p;
	int n = -b->icount, m, keep = kept(b, b->ebuf + b->icount);

	memmove(b->bbuf - Bungetsize, b->ebuf + b->icount - Bungetsize, (ulong)(n + Bungetsize));
	p = nil;
	while(n < b->bsize && p == nil){
		m = b->iof(b, b->bbuf + n, b->bsize - n);
		if(m <= 0){
			if(m < 0)
				Berror(b, "read error: %r");
			break;
		}
		b->offset += m;
		p = memchr(b->bbuf + n, delim, (ulong)m);
		n += m;
	}
	m = p != nil ? (int)(p - b->bbuf) + 1 : 0;
	memmove(b->ebuf - n - Bungetsize, b->bbuf - Bungetsize, (ulong)(n + Bungetsize));
	b->gbuf = b->ebuf - n - keep;
	b->icount = -n;
	b->state = n > 0 ? Bractive : Bracteof;
	return m;
}

/*
 * The next line, delimiter included, inside the buffer. nil at the end, or
 * if the line is longer than the buffer or has no delimiter; then Blinelen
 * is what can be had with Bread.
 */
void*
Brdline(void *v, int delim)
{
	Biobufhdr *b = v;
	uchar *start, *p;
	int n;

	b->rdline = 0;
	if(!readable(b))
		return nil;
	start = b->ebuf + b->icount;
	p = memchr(start, delim, (ulong)-b->icount);
	if(p != nil)
		n = (int)(p - start) + 1;
	else{
		n = gather(b, delim);
		start = b->ebuf + b->icount;
	}
	if(n == 0){
		b->rdline = -b->icount;
		return nil;
	}
	b->rdline = n;
	b->icount += n;
	return start;
}

/* The next line in memory of its own, however long; nulldelim removes the delimiter. */
char*
Brdstr(void *v, int delim, int nulldelim)
{
	Biobufhdr *b = v;
	char *line = nil, *t, *p;
	long n = 0, m;

	for(;;){
		p = Brdline(b, delim);
		m = b->rdline;
		if(p == nil && m == 0 && n == 0)
			return nil;
		t = realloc(line, (ulong)(n + m) + 1);
		if(t == nil){
			free(line);
			return nil;
		}
		line = t;
		if(p != nil)
			memmove(line + n, p, (ulong)m);
		else
			m = Bread(b, line + n, m);
		n += m;
		line[n] = 0;
		if(p != nil || m == 0)
			break;
	}
	if(nulldelim && n > 0 && p != nil)
		line[--n] = 0;
	b->rdline = (int)n;
	return line;
}
