/*
 * Sources of lines, temporary files, and the merge of sorted sources by a
 * heap. Sources that compare equal come out in the order they were given.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "sort.h"

typedef struct Merger Merger;

struct Merger {
	In	**in;
	int	*heap;		/* indices of in; the least line first */
	int	n;
};

enum {
	Inbuf = 64*1024,
};

char	*tmpdir = "/tmp";

void*
emalloc(usize n)
{
	void *p;

	p = malloc(n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

In*
newin(char *name, int fd)
{
	In *in;

	in = emalloc(sizeof *in);
	memset(in, 0, sizeof *in);
	in->name = name;
	in->fd = fd;
	return in;
}

static void
openin(In *in)
{
	if(strcmp(in->name, "-") == 0)
		in->fd = 0;
	else
		in->fd = open(in->name, OREAD);
	if(in->fd < 0)
		sysfatal("%s: %r", in->name);
}

void
closein(In *in)
{
	if(in->fd > 0)
		close(in->fd);
	free(in->buf);
	free(in);
}

/* Make room and read more; 0 at the end. What is unread moves to the front. */
static int
fill(In *in)
{
	long n;

	if(in->eof)
		return 0;
	memmove(in->buf, in->buf + in->pos, in->have - in->pos);
	in->have -= in->pos;
	in->pos = 0;
	if(in->cap - in->have < Inbuf/2){
		in->cap = 2*in->cap + Inbuf;
		in->buf = erealloc(in->buf, in->cap);
	}
	n = read(in->fd, in->buf + in->have, in->cap - in->have);
	if(n < 0)
		sysfatal("%s: %r", in->name != nil ? in->name : "temporary file");
	in->have += n;
	in->eof = n == 0;
	return n > 0;
}

/* Advance to the next line; 0 if there is none. The last one may lack its newline. */
int
nextline(In *in)
{
	char *nl;
	usize seen;

	if(in->fd < 0)
		openin(in);
	seen = 0;
	for(;;){
		nl = nil;
		if(in->have > in->pos + seen)
			nl = memchr(in->buf + in->pos + seen, '\n', in->have - in->pos - seen);
		if(nl != nil)
			break;
		seen = in->have - in->pos;
		if(!fill(in)){
			if(seen == 0)
				return 0;
			nl = in->buf + in->have;
			break;
		}
	}
	in->line.s = in->buf + in->pos;
	in->line.n = nl - in->line.s;
	in->pos += in->line.n;
	if(in->pos < in->have)
		in->pos++;
	return 1;
}

void
writeline(Biobuf *out, Line *l)
{
	if(Bwrite(out, l->s, l->n) < 0 || Bputc(out, '\n') < 0)
		sysfatal("write error: %r");
}

/* A file that goes away when it is closed. */
int
createtemp(void)
{
	static int seq;
	char *name;
	int fd, tries;

	for(tries = 0; tries < 100; tries++){
		name = smprint("%s/sort.%d.%d", tmpdir, getpid(), seq++);
		if(name == nil)
			sysfatal("out of memory");
		fd = create(name, ORDWR|ORCLOSE|OEXCL, 0600);
		free(name);
		if(fd >= 0)
			return fd;
	}
	sysfatal("temporary file in %s: %r", tmpdir);
}

static int
before(Merger *m, int i, int j)
{
	int c;

	c = linecmp(&m->in[m->heap[i]]->line, &m->in[m->heap[j]]->line);
	return c < 0 || (c == 0 && m->heap[i] < m->heap[j]);
}

static void
siftdown(Merger *m, int i)
{
	int c, t;

	for(; (c = 2*i + 1) < m->n; i = c){
		if(c + 1 < m->n && before(m, c + 1, c))
			c++;
		if(before(m, i, c))
			break;
		t = m->heap[i];
		m->heap[i] = m->heap[c];
		m->heap[c] = t;
	}
}

/* Keep a copy of the line just written, for -u. */
static void
remember(Line *last, usize *cap, Line *l)
{
	if(l->n >= *cap){
		*cap = 2*l->n + 64;
		last->s = erealloc(last->s, *cap);
	}
	memmove(last->s, l->s, l->n);
	last->n = l->n;
}

/* Merge n sources into a file and close them. */
void
merge(In **in, int n, int outfd)
{
	Merger m;
	Biobuf out;
	Line last, *l;
	usize cap;
	int i;

	m.in = in;
	m.n = 0;
	m.heap = emalloc(n*sizeof *m.heap + 1);
	for(i = 0; i < n; i++)
		if(nextline(in[i]))
			m.heap[m.n++] = i;
	for(i = m.n/2; i >= 0; i--)
		siftdown(&m, i);
	Binit(&out, outfd, OWRITE);
	memset(&last, 0, sizeof last);
	cap = 0;
	for(; m.n > 0; siftdown(&m, 0)){
		l = &in[m.heap[0]]->line;
		if(!uflag || last.s == nil || linecmp(&last, l) != 0){
			writeline(&out, l);
			if(uflag)
				remember(&last, &cap, l);
		}
		if(!nextline(in[m.heap[0]]))
			m.heap[0] = m.heap[--m.n];
	}
	if(Bterm(&out) < 0)
		sysfatal("write error: %r");
	for(i = 0; i < n; i++)
		closein(in[i]);
	free(last.s);
	free(m.heap);
}
