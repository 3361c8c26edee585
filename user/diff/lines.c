/*
 * Files in memory and the numbers of their lines. Two lines have the same
 * number exactly when diff is to take them for equal, as -b and -w say.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "diff.h"

typedef struct Entry Entry;
typedef struct Table Table;

struct Entry {
	Entry	*link;
	uint	hash;
	int	id;
	usize	n;
	char	text[];
};

struct Table {
	Entry	**bucket;
	uint	nbucket;	/* a power of two */
	int	nid;
	char	*key;		/* the line being looked up, as it is compared */
	usize	keycap;
};

void*
emalloc(usize n)
{
	void *p;

	p = malloc(n);
	if(p == nil){
		fprint(2, "diff: out of memory\n");
		exits("error");
	}
	return p;
}

void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil){
		fprint(2, "diff: out of memory\n");
		exits("error");
	}
	return p;
}

static void
splitlines(File *f)
{
	char *p, *e, *nl;
	int cap;

	cap = 0;
	f->line = nil;
	f->nline = 0;
	e = f->text + f->size;
	for(p = f->text; ; p = nl){
		if(f->nline == cap){
			cap = 2*cap + 256;
			f->line = erealloc(f->line, cap*sizeof *f->line);
		}
		f->line[f->nline] = p;
		if(p == e)
			break;
		f->nline++;
		nl = memchr(p, '\n', e - p);
		nl = nl != nil ? nl + 1 : e;
	}
	f->nonl = f->size > 0 && e[-1] != '\n';
}

/* Read all of fd and find the lines; -1 if it can not be read. */
int
readfile(File *f, int fd)
{
	usize cap;
	long n;

	cap = 16*1024;
	f->text = emalloc(cap);
	f->size = 0;
	while((n = read(fd, f->text + f->size, cap - f->size)) > 0){
		f->size += n;
		if(cap - f->size < 8*1024){
			cap *= 2;
			f->text = erealloc(f->text, cap);
		}
	}
	if(n < 0)
		return -1;
	splitlines(f);
	return 0;
}

/* A file with a NUL near its beginning is not text. */
int
isbinary(File *f)
{
	usize n;

	n = f->size < 8192 ? f->size : 8192;
	return memchr(f->text, '\0', n) != nil;
}

void
freefile(File *f)
{
	free(f->text);
	free(f->line);
	free(f->id);
}

static int
isblank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Put the line [p, e) as it is compared into t->key; returns its length. */
static usize
makekey(Table *t, char *p, char *e)
{
	char *q;
	int gap;

	if((usize)(e - p) > t->keycap){
		t->keycap = 2*(e - p);
		t->key = erealloc(t->key, t->keycap);
	}
	if(!bflag && !wflag){
		memmove(t->key, p, e - p);
		return e - p;
	}
	gap = 0;
	for(q = t->key; p < e; p++){
		if(isblank(*p)){
			gap = 1;
			continue;
		}
		if(gap && !wflag)
			*q++ = ' ';
		gap = 0;
		*q++ = *p;
	}
	return q - t->key;
}

static int
lookup(Table *t, char *p, char *e)
{
	Entry *x, **b;
	usize n, i;
	uint h;

	n = makekey(t, p, e);
	h = 2166136261u;
	for(i = 0; i < n; i++)
		h = (h ^ (uchar)t->key[i])*16777619u;
	b = &t->bucket[(h ^ h>>15) & (t->nbucket-1)];
	for(x = *b; x != nil; x = x->link)
		if(x->hash == h && x->n == n && memcmp(x->text, t->key, n) == 0)
			return x->id;
	x = emalloc(sizeof *x + n);
	x->hash = h;
	x->n = n;
	x->id = t->nid++;
	memmove(x->text, t->key, n);
	x->link = *b;
	*b = x;
	return x->id;
}

static void
numberfile(Table *t, File *f)
{
	int i;

	f->id = emalloc((f->nline + 1)*sizeof *f->id);
	for(i = 0; i < f->nline; i++)
		f->id[i] = lookup(t, f->line[i], f->line[i+1]);
}

/* Number the lines of both files; returns how many numbers there are. */
int
number(File *a, File *b)
{
	Table t;
	Entry *x, *link;
	uint i;

	memset(&t, 0, sizeof t);
	t.nbucket = 1024;
	while(t.nbucket < (uint)a->nline + b->nline && t.nbucket < 1<<24)
		t.nbucket *= 2;
	t.bucket = emalloc(t.nbucket*sizeof *t.bucket);
	memset(t.bucket, 0, t.nbucket*sizeof *t.bucket);
	numberfile(&t, a);
	numberfile(&t, b);
	for(i = 0; i < t.nbucket; i++)
		for(x = t.bucket[i]; x != nil; x = link){
			link = x->link;
			free(x);
		}
	free(t.bucket);
	free(t.key);
	return t.nid;
}
