/*
 * Buffers: opening, closing, flushing, seeking, errors. Every function here
 * and in its neighbours takes a Biobuf or its header, as void*.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "state.h"

enum {
	MOREBUFS = 16,		/* places added when the table is full */
};

/*
 * What is open for writing. A buffer belongs to the process that began it: a forked copy is not
 * flushed twice. A table rather than links in the buffers, since a program may forget a buffer
 * that lay on its stack.
 */
typedef struct Wbuf Wbuf;
struct Wbuf {
	Biobufhdr *b;
	int	pid;
};
static Wbuf *wbufs;
static int nwbufs;
static Lock listlock;
static int installed;		/* the process that flushes at its end */

static void
flushall(void)
{
	int i, pid = getpid();

	for(i = 0; i < nwbufs; i++)
		if(wbufs[i].b != nil && wbufs[i].pid == pid)
			Bflush(wbufs[i].b);
}

/* The place of b in the table, or a free one; nil if there is no memory for one. */
static Wbuf*
place(Biobufhdr *b)
{
	Wbuf *w;
	int i, free = -1;

	for(i = 0; i < nwbufs; i++){
		if(wbufs[i].b == b)
			return &wbufs[i];
		if(wbufs[i].b == nil && free < 0)
			free = i;
	}
	if(free >= 0)
		return &wbufs[free];
	w = realloc(wbufs, (ulong)(nwbufs + MOREBUFS) * sizeof *w);
	if(w == nil)
		return nil;
	memset(w + nwbufs, 0, MOREBUFS * sizeof *w);
	wbufs = w;
	nwbufs += MOREBUFS;
	return &wbufs[i];
}

/* Has b flushed at exits; -1 if there is no memory to remember it. */
static int
remember(Biobufhdr *b)
{
	int old, pid = getpid();
	Wbuf *w;

	lock(&listlock);
	w = place(b);
	if(w == nil){
		unlock(&listlock);
		return -1;
	}
	w->b = b;
	w->pid = pid;
	old = installed;
	installed = pid;
	unlock(&listlock);
	if(old != pid){
		atexitdont(flushall);
		atexit(flushall);
	}
	return 0;
}

static void
forget(Biobufhdr *b)
{
	int i;

	lock(&listlock);
	for(i = 0; i < nwbufs; i++)
		if(wbufs[i].b == b)
			wbufs[i].b = nil;
	unlock(&listlock);
}

static int
defread(Biobufhdr *b, void *buf, long n)
{
	return (int)read(b->fid, buf, n);
}

static int
defwrite(Biobufhdr *b, void *buf, long n)
{
	return (int)write(b->fid, buf, n);
}

/* Begins buffering fd in the given memory, of which Bungetsize bytes are kept for going back. */
int
Binits(void *v, int fd, int mode, uchar *buf, int size)
{
	Biobufhdr *b = v;

	if(size <= Bungetsize){
		werrstr("Binits: buffer too small");
		return Beof;
	}
	memset(b, 0, sizeof *b);
	b->fid = fd;
	b->bbuf = buf + Bungetsize;
	b->bsize = size - Bungetsize;
	b->ebuf = b->bbuf + b->bsize;
	b->gbuf = b->ebuf;
	switch(mode & ~(OTRUNC|OCEXEC|ORCLOSE|OEXCL)){
	case OREAD:
		b->state = Bracteof;
		b->iof = defread;
		return 0;
	case OWRITE:
		b->state = Bwactive;
		b->ocount = -b->bsize;
		b->iof = defwrite;
		return remember(b) < 0 ? Beof : 0;
	}
	werrstr("Binits: unknown mode %d", mode);
	return Beof;
}

int
Binit(Biobuf *b, int fd, int mode)
{
	return Binits(&b->hdr, fd, mode, b->b, sizeof b->b);
}

Biobuf*
Bfdopen(int fd, int mode)
{
	Biobuf *b;

	b = malloc(sizeof *b);
	if(b == nil)
		return nil;
	if(Binit(b, fd, mode) < 0){
		free(b);
		return nil;
	}
	b->hdr.flag = Bowned;
	return b;
}

/* OWRITE creates the file. */
Biobuf*
Bopen(char *name, int mode)
{
	Biobuf *b;
	int fd;

	switch(mode & ~(OTRUNC|OCEXEC|ORCLOSE|OEXCL)){
	case OREAD:
		fd = open(name, mode);
		break;
	case OWRITE:
		fd = create(name, mode, 0666);
		break;
	default:
		werrstr("Bopen: unknown mode %d", mode);
		return nil;
	}
	if(fd < 0)
		return nil;
	b = Bfdopen(fd, mode);
	if(b == nil)
		close(fd);
	return b;
}

/* Flushes; what Bopen or Bfdopen made is closed and freed. */
int
Bterm(void *v)
{
	Biobufhdr *b = v;
	int r;

	r = Bflush(b);
	forget(b);
	b->state = Binactive;
	if(b->flag == Bowned){
		b->flag = 0;
		if(close(b->fid) < 0)
			r = Beof;
		free(b);
	}
	return r;
}

/* Replaces the function that moves data; nil restores read or write. */
void
Biofn(void *v, int (*f)(Biobufhdr*, void*, long))
{
	Biobufhdr *b = v;

	if(f == nil)
		f = b->state == Bwactive ? defwrite : defread;
	b->iof = f;
}

static void
fatal(char *text)
{
	sysfatal("%s", text);
}

/* From now on errors call f(text); nil ends the program. */
void
Blethal(void *v, void (*f)(char*))
{
	Biobufhdr *b = v;

	b->errorf = f != nil ? f : fatal;
}

void
Berror(void *v, char *fmt, ...)
{
	Biobufhdr *b = v;
	char buf[ERRMAX];
	va_list args;

	if(b->errorf == nil)
		return;
	va_start(args, fmt);
	vseprint(buf, buf + sizeof buf, fmt, args);
	va_end(args);
	b->errorf(buf);
}

/* Writes what is buffered, or drops what was read ahead. */
int
Bflush(void *v)
{
	Biobufhdr *b = v;
	int n, c;

	switch(b->state){
	case Bwactive:
		n = b->bsize + b->ocount;
		if(n == 0)
			return 0;
		c = b->iof(b, b->bbuf, n);
		if(c == n){
			b->offset += n;
			b->ocount = -b->bsize;
			return 0;
		}
		b->state = Binactive;
		b->ocount = 0;
		Berror(b, "write error: %r");
		return Beof;
	case Bracteof:
		b->state = Bractive;
		b->icount = 0;
		b->gbuf = b->ebuf;
		return 0;
	case Bractive:
		b->icount = 0;
		b->gbuf = b->ebuf;
		return 0;
	}
	return Beof;
}

/* The place in the file of the next byte to be read or written. */
vlong
Boffset(void *v)
{
	Biobufhdr *b = v;

	switch(b->state){
	case Bwactive:
		return b->offset + b->bsize + b->ocount;
	case Bracteof:
	case Bractive:
		return b->offset + b->icount;
	}
	Berror(b, "Boffset: unknown state %d", b->state);
	return Beof;
}

vlong
Bseek(void *v, vlong offset, int base)
{
	Biobufhdr *b = v;
	vlong n, d;

	switch(b->state){
	case Bracteof:
		b->state = Bractive;
		b->icount = 0;
		b->gbuf = b->ebuf;
		/* fall through */
	case Bractive:
		n = offset;
		if(base == 1){
			n += Boffset(b);
			base = 0;
		}
		d = base == 0 ? n - Boffset(b) : 1;
		if(base == 0 && d <= 0 && d >= -(b->ebuf - b->gbuf + b->icount)){
			b->icount += (int)d;		/* still in the buffer */
			return n;
		}
		if(base == 0 && d > 0 && d <= -b->icount){
			b->icount += (int)d;
			return n;
		}
		n = seek(b->fid, n, base);
		b->icount = 0;
		b->gbuf = b->ebuf;
		break;
	case Bwactive:
		if(Bflush(b) < 0)
			return Beof;
		n = seek(b->fid, offset, base);
		break;
	default:
		Berror(b, "Bseek: unknown state %d", b->state);
		return Beof;
	}
	if(n >= 0)
		b->offset = n;
	return n;
}

/* Bytes that can be read without input, or that wait to be written. */
int
Bbuffered(void *v)
{
	Biobufhdr *b = v;

	switch(b->state){
	case Bracteof:
	case Bractive:
		return -b->icount;
	case Bwactive:
		return b->bsize + b->ocount;
	}
	return 0;
}

int
Bfildes(void *v)
{
	return ((Biobufhdr*)v)->fid;
}

int
Blinelen(void *v)
{
	return ((Biobufhdr*)v)->rdline;
}
