/*
 * The record and its fields. Each is made from the other only when it is
 * asked for: splitrecord makes $1 ... of $0, joinrecord $0 of $1 ...
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

enum {
	Maxfield = 50*1000*1000,
};

static Val	*field;		/* $0 $1 ... */
static usize	nf, fieldcap;
static int	unsplit;	/* the fields are not those of $0 yet */
static int	unjoined;	/* $0 is not that of the fields yet */

static void
growfields(usize n)
{
	usize cap;

	if(n < fieldcap)
		return;
	cap = 2*n + 64;
	field = egrow(field, cap*sizeof *field);
	memset(field + fieldcap, 0, (cap - fieldcap)*sizeof *field);
	fieldcap = cap;
}

static void
notenf(void)
{
	vset(&globals[VNF]->v, vnum((double)nf));
}

static void
addfield(char *s, usize n, void *arg)
{
	USED(arg);
	growfields(nf + 1);
	vset(&field[++nf], vmaybe(s, n));
}

void
setrecord(char *s, usize n)
{
	growfields(0);
	vset(&field[0], vmaybe(s, n));
	unsplit = 1;
	unjoined = 0;
}

void
splitrecord(void)
{
	Str *s, *fs, *rs;

	growfields(0);
	if(!unsplit)
		return;
	unsplit = 0;
	nf = 0;
	s = tostr(&field[0]);
	fs = tostr(&globals[VFS]->v);
	rs = tostr(&globals[VRS]->v);
	split(s, fs, nil, rs->n == 0, addfield, nil);
	strfree(s);
	strfree(fs);
	strfree(rs);
	notenf();
}

void
joinrecord(void)
{
	Str *ofs, **f, *s;
	usize i, n;
	char *p;

	growfields(0);
	if(!unjoined)
		return;
	unjoined = 0;
	ofs = tostr(&globals[VOFS]->v);
	f = egrow(nil, (nf + 1)*sizeof *f);
	n = 0;
	for(i = 1; i <= nf; i++){
		f[i] = tostr(&field[i]);
		n += f[i]->n + ofs->n;
	}
	s = allocstr(nf > 0 ? n - ofs->n : 0);
	p = s->s;
	for(i = 1; i <= nf; i++){
		if(i > 1)
			p = (char*)memmove(p, ofs->s, ofs->n) + ofs->n;
		p = (char*)memmove(p, f[i]->s, f[i]->n) + f[i]->n;
		strfree(f[i]);
	}
	free(f);
	strfree(ofs);
	vset(&field[0], vstr(s));
	field[0].kind = Vmaybe;
}

static usize
fieldindex(double d)
{
	if(!(d >= 0 && d <= Maxfield))
		fatal("no such field: $%g", d);
	return (usize)d;
}

/* The field's value, good until a field is assigned. */
Val*
getfield(double d)
{
	static Val none;
	usize n = fieldindex(d);

	if(n == 0){
		joinrecord();
		return &field[0];
	}
	splitrecord();
	return n <= nf ? &field[n] : &none;
}

/* There are n fields now. */
static void
resize(usize n)
{
	usize i;

	growfields(n);
	for(i = nf + 1; i <= n; i++)
		vset(&field[i], vstr(newstr("", 0)));
	nf = n;
	notenf();
}

void
setfield(double d, Val v)
{
	usize n = fieldindex(d);
	Str *s;

	if(n == 0){
		s = tostr(&v);
		vfree(&v);
		setrecord(s->s, s->n);
		strfree(s);
		return;
	}
	splitrecord();
	if(n > nf)
		resize(n);
	vset(&field[n], v);
	unjoined = 1;
}

void
setnf(double d)
{
	usize n = fieldindex(d);

	splitrecord();
	resize(n);
	unjoined = 1;
}

static int
isblank(int c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static usize
splitblanks(char *p, char *e, void (*add)(char*, usize, void*), void *arg)
{
	char *s;
	usize n;

	for(n = 0;; n++){
		while(p < e && isblank(*p))
			p++;
		if(p == e)
			return n;
		for(s = p; p < e && !isblank(*p); p++)
			;
		add(s, (usize)(p - s), arg);
	}
}

static usize
splitrunes(char *p, char *e, void (*add)(char*, usize, void*), void *arg)
{
	usize n;
	Rune r;
	int len;

	for(n = 0; p < e; n++){
		len = fullrune(p, (int)(e - p)) ? chartorune(&r, p) : 1;
		add(p, (usize)len, arg);
		p += len;
	}
	return n;
}

static usize
splitat(char *p, char *e, int c, int lines, void (*add)(char*, usize, void*), void *arg)
{
	char *s;
	usize n;

	for(n = 1;; n++){
		for(s = p; p < e && *p != c && !(lines && *p == '\n'); p++)
			;
		add(s, (usize)(p - s), arg);
		if(p == e)
			return n;
		p++;
	}
}

/* Where a separator stands in [p, e): 1 and its bounds in m, or 0. One must not be empty. */
static int
separator(Dfa *re, uchar *p, uchar *start, uchar *e, int lines, uchar *m[2])
{
	uchar *from, *nl;
	Rune r;
	int found;

	for(from = p;; from = m[0] + (*m[0] < Runeself ? 1 : chartorune(&r, (char*)m[0]))){
		found = from <= e && dfasearch(re, from, e, from == start, m);
		if(!found || m[1] > m[0] || m[0] >= e)
			break;
	}
	if(found && m[1] == m[0])
		found = 0;
	nl = lines ? memchr(p, '\n', (ulong)(e - p)) : nil;
	if(nl != nil && (!found || nl < m[0])){
		m[0] = nl;
		m[1] = nl + 1;
		found = 1;
	}
	return found;
}

/*
 * Calls add for each field of s, as the separator re or else fs has it;
 * lines: newlines separate too. Returns how many there were.
 */
usize
split(Str *s, Str *fs, Dfa *re, int lines, void (*add)(char*, usize, void*), void *arg)
{
	char *p = s->s, *e = p + s->n;
	uchar *m[2];
	usize n;

	if(s->n == 0)
		return 0;
	if(re == nil){
		if(fs->n == 1 && fs->s[0] == ' ')
			return splitblanks(p, e, add, arg);
		if(fs->n == 0)
			return splitrunes(p, e, add, arg);
		if(fs->n == 1)
			return splitat(p, e, fs->s[0], lines, add, arg);
		re = dynamic(fs);
	}
	for(n = 1; separator(re, (uchar*)p, (uchar*)s->s, (uchar*)e, lines, m); n++){
		add(p, (usize)((char*)m[0] - p), arg);
		p = (char*)m[1];
	}
	add(p, (usize)(e - p), arg);
	return n;
}
