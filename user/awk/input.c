/*
 * Reading records: from the files that are the arguments, and for getline
 * from files and commands.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

enum {
	Bufsize = 32*1024,
};

Input	*inputs;

static Input	*mainin;	/* the argument being read */
static int	argno;		/* the last one looked at */
static int	anyfile;	/* an argument named a file */

static Input*
newinput(char *name, int kind, int fd, int pid)
{
	Input *in;

	in = ealloc(sizeof *in);
	in->name = estrdup(name);
	in->kind = kind;
	in->fd = fd;
	in->pid = pid;
	return in;
}

static void
freeinput(Input *in)
{
	if(in->fd != 0)
		close(in->fd);
	free(in->name);
	free(in->buf);
	free(in);
}

/* Reads more behind what is there; 0 at the end, -1 for an error. */
static int
fill(Input *in)
{
	long n;

	if(in->eof)
		return 0;
	if(in->beg > 0){
		memmove(in->buf, in->buf + in->beg, in->end - in->beg);
		in->end -= in->beg;
		in->beg = 0;
	}
	if(in->cap - in->end < Bufsize/2){
		in->cap = 2*in->cap + Bufsize;
		in->buf = egrow(in->buf, in->cap + 1);
	}
	if(in->fd == 0)
		flushall();
	n = read(in->fd, in->buf + in->end, (long)(in->cap - in->end));
	if(n <= 0){
		in->eof = 1;
		return n < 0 ? -1 : 0;
	}
	in->end += (usize)n;
	in->buf[in->end] = 0;
	return 1;
}

/* A record of n bytes, and skip more that separate it from the next. */
static int
take(Input *in, usize n, usize skip, char **s, usize *size)
{
	*s = in->buf + in->beg;
	*size = n;
	in->beg += n + skip;
	return 1;
}

/* What is left at the end of the file, if anything is. */
static int
last(Input *in, int r, char **s, usize *n)
{
	if(r < 0)
		return -1;
	if(in->beg == in->end)
		return 0;
	return take(in, in->end - in->beg, 0, s, n);
}

static int
readto(Input *in, int c, char **s, usize *n)
{
	usize seen;
	char *p;
	int r;

	for(seen = 0;;){
		p = in->beg + seen < in->end ?
			memchr(in->buf + in->beg + seen, c, in->end - in->beg - seen) : nil;
		if(p != nil)
			return take(in, (usize)(p - in->buf) - in->beg, 1, s, n);
		seen = in->end - in->beg;
		r = fill(in);
		if(r <= 0)
			return last(in, r, s, n);
	}
}

/* Records are separated by empty lines. */
static int
readparagraph(Input *in, char **s, usize *n)
{
	usize i;
	int r;

	for(;;){
		while(in->beg < in->end && in->buf[in->beg] == '\n')
			in->beg++;
		if(in->beg < in->end)
			break;
		r = fill(in);
		if(r <= 0)
			return r;
	}
	for(i = 0;; i++){
		while(in->beg + i + 1 >= in->end){
			r = fill(in);
			if(r < 0)
				return -1;
			if(r == 0){
				i = in->end - in->beg;
				r = in->buf[in->end - 1] == '\n';
				return take(in, i - (usize)r, (usize)r, s, n);
			}
		}
		if(in->buf[in->beg + i] == '\n' && in->buf[in->beg + i + 1] == '\n')
			return take(in, i, 2, s, n);
	}
}

/* A separator that ends where the buffer does may be longer in the file. */
static int
readregex(Input *in, Dfa *re, char **s, usize *n)
{
	uchar *p, *m[2];
	int r, found;

	for(;;){
		p = (uchar*)in->buf + in->beg;
		found = in->beg < in->end && dfasearch(re, p, (uchar*)in->buf + in->end, 1, m);
		if(found && m[1] == m[0])
			found = 0;
		if(found && (in->eof || m[1] < (uchar*)in->buf + in->end))
			return take(in, (usize)(m[0] - p), (usize)(m[1] - m[0]), s, n);
		r = fill(in);
		if(r < 0 || (r == 0 && !found))
			return last(in, r, s, n);
	}
}

/* The next record as RS has it, good until the next call: 1, or 0 at the end, or -1. */
int
readrecord(Input *in, char **s, usize *n)
{
	Str *rs;
	int r;

	rs = tostr(&globals[VRS]->v);
	if(rs->n == 0)
		r = readparagraph(in, s, n);
	else if(rs->n == 1)
		r = readto(in, rs->s[0], s, n);
	else
		r = readregex(in, dynamic(rs), s, n);
	strfree(rs);
	return r;
}

/* Opens the next argument that is a file; 0 if there is none left. */
static int
openargument(void)
{
	char key[16];
	Str *k, *s;
	Elem *e;
	int fd;

	while(argno + 1 < tonum(&globals[VARGC]->v)){
		snprint(key, sizeof key, "%d", ++argno);
		k = newstr(key, (usize)strlen(key));
		e = arrayfind(globals[VARGV]->a, k);
		strfree(k);
		if(e == nil)
			continue;
		s = tostr(&e->v);
		if(s->n > 0 && !assignoperand(s->s)){
			anyfile = 1;
			fd = strcmp(s->s, "-") == 0 ? 0 : open(s->s, OREAD);
			if(fd < 0)
				fatal("can't open %s: %r", s->s);
			mainin = newinput(s->s, Ifile, fd, 0);
			setvar(VFILENAME, vstr(s));
			setvar(VFNR, vnum(0));
			return 1;
		}
		strfree(s);
	}
	if(anyfile)
		return 0;
	anyfile = 1;
	mainin = newinput("", Ifile, 0, 0);
	return 1;
}

/* The next record of the arguments, counted in NR and FNR. */
int
mainrecord(char **s, usize *n)
{
	int r;

	for(;;){
		if(mainin == nil && !openargument())
			return 0;
		r = readrecord(mainin, s, n);
		if(r > 0){
			setvar(VNR, vnum(tonum(&globals[VNR]->v) + 1));
			setvar(VFNR, vnum(tonum(&globals[VFNR]->v) + 1));
			return 1;
		}
		if(r < 0)
			fatal("can't read %s: %r", mainin->name);
		nextfile();
	}
}

void
nextfile(void)
{
	if(mainin != nil)
		freeinput(mainin);
	mainin = nil;
}

/* The file or command that getline reads; nil if it can not be opened. */
Input*
openinput(int kind, Str *name)
{
	Input *in;
	int fd, pid;

	for(in = inputs; in != nil; in = in->next)
		if(in->kind == kind && strcmp(in->name, name->s) == 0)
			return in;
	pid = 0;
	if(kind == Ipipe)
		fd = command(name->s, 1, &pid);
	else if(strcmp(name->s, "-") == 0 || strcmp(name->s, "/dev/stdin") == 0)
		fd = 0;
	else
		fd = open(name->s, OREAD);
	if(fd < 0)
		return nil;
	in = newinput(name->s, kind, fd, pid);
	in->next = inputs;
	inputs = in;
	return in;
}

void
closeinput(Input *in)
{
	Input **l;

	for(l = &inputs; *l != in; l = &(*l)->next)
		;
	*l = in->next;
	freeinput(in);
}
