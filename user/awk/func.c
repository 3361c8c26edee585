/*
 * The functions that awk has.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

static uvlong	seed;
static uvlong	random = 88172645463325252ULL;

/* Runes in n bytes. */
static usize
runes(char *s, usize n)
{
	return (usize)utfnlen(s, (long)n);
}

static Val
length(Node *a)
{
	Cell *c;
	Str *s;
	usize n;

	if(a != nil && (a->op == Eglobal || a->op == Elocal)){
		c = cellof(a);
		if(c->a != nil || (c->from != nil && c->from->a != nil))
			return vnum((double)evalarray(a)->n);
	}
	s = a != nil ? evalstr(a) : tostr(getfield(0));
	n = runes(s->s, s->n);
	strfree(s);
	return vnum((double)n);
}

static char*
skiprunes(char *p, char *e, double n)
{
	Rune r;

	for(; n > 0 && p < e; n--)
		p += (uchar)*p < Runeself ? 1 : chartorune(&r, p);
	return p;
}

static Val
substr(Node *a)
{
	Str *s, *t;
	char *p, *q, *e;
	double m, n;

	s = evalstr(a);
	m = evalnum(a->next);
	n = a->next->next != nil ? evalnum(a->next->next) : HUGE;
	e = s->s + s->n;
	if(m < 1)
		m = 1;
	p = isNaN(m) ? e : skiprunes(s->s, e, floor(m) - 1);
	q = isNaN(n) ? p : skiprunes(p, e, floor(n));
	t = newstr(p, (usize)(q - p));
	strfree(s);
	return vstr(t);
}

static Val
index(Node *a)
{
	Str *s, *t;
	char *p, *e;
	double r;

	s = evalstr(a);
	t = evalstr(a->next);
	r = 0;
	e = s->s + s->n;
	for(p = s->s; t->n > 0 && (usize)(e - p) >= t->n; p++){
		p = memchr(p, t->s[0], (ulong)(e - p) - t->n + 1);
		if(p == nil)
			break;
		if(memcmp(p, t->s, t->n) == 0){
			r = (double)runes(s->s, (usize)(p - s->s)) + 1;
			break;
		}
	}
	strfree(s);
	strfree(t);
	return vnum(r);
}

static Val
match(Node *a)
{
	Str *s;
	uchar *m[2], *p;
	double start, len;

	s = evalstr(a);
	p = (uchar*)s->s;
	start = 0;
	len = -1;
	if(dfasearch(evalregex(a->next), p, p + s->n, 1, m)){
		start = (double)runes(s->s, (usize)(m[0] - p)) + 1;
		len = (double)runes((char*)m[0], (usize)(m[1] - m[0]));
	}
	strfree(s);
	setvar(VRSTART, vnum(start));
	setvar(VRLENGTH, vnum(len));
	return vnum(start);
}

static void
addelement(char *s, usize n, void *arg)
{
	Array *a = arg;
	char key[24];

	snprint(key, sizeof key, "%lud", a->n + 1);
	arrayset(a, key, vmaybe(s, n));
}

static Val
splitting(Node *a)
{
	Node *sep = a->next->next;
	Array *to;
	Str *s, *fs;
	Dfa *re;
	usize n;

	s = evalstr(a);
	re = nil;
	fs = nil;
	if(sep != nil && sep->op == Eregex)
		re = sep->re;
	else
		fs = sep != nil ? evalstr(sep) : tostr(&globals[VFS]->v);
	to = evalarray(a->next);
	arrayclear(to);
	n = split(s, fs, re, 0, addelement, to);
	strfree(s);
	if(fs != nil)
		strfree(fs);
	return vnum((double)n);
}

/* Adds what replaces a match: & is the match, \& an ampersand, \\ a backslash. */
static void
replace(Buf *b, Str *with, uchar *m[2])
{
	char *p, *e, *s;

	e = with->s + with->n;
	for(p = with->s; p < e; p++){
		for(s = p; p < e && *p != '&' && *p != '\\'; p++)
			;
		bufadd(b, s, (usize)(p - s));
		if(p == e)
			break;
		if(*p == '&')
			bufadd(b, (char*)m[0], (usize)(m[1] - m[0]));
		else{
			if(p + 1 < e && (p[1] == '&' || p[1] == '\\'))
				p++;
			bufadd(b, p, 1);
		}
	}
}

/* Replaces the first match in s, or all; returns how many there were. */
static usize
substitute(Buf *b, Dfa *re, Str *with, Str *s, int all)
{
	uchar *p, *e, *start, *last, *m[2];
	usize n, len;
	Rune r;

	start = p = (uchar*)s->s;
	e = p + s->n;
	last = nil;
	n = 0;
	while((n == 0 || all) && dfasearch(re, p, e, p == start, m)){
		bufadd(b, (char*)p, (usize)(m[0] - p));
		p = m[1];
		if(m[1] > m[0] || m[0] != last){
			replace(b, with, m);
			n++;
		}
		last = m[1];
		if(m[1] == m[0]){
			/* An empty match: the rune behind it stays. */
			if(p == e || (n > 0 && !all))
				break;
			len = *p < Runeself ? 1 : (usize)chartorune(&r, (char*)p);
			bufadd(b, (char*)p, len);
			p += len;
			last = nil;
		}
	}
	bufadd(b, (char*)p, (usize)(e - p));
	return n;
}

static Val
substitution(Node *a, int all)
{
	Node *target = a->next->next, whole;
	Buf b = { nil, 0, 0 };
	Node zero;
	Str *pat, *with, *s;
	Dfa *re;
	Val v;
	usize n;

	memset(&whole, 0, sizeof whole);
	memset(&zero, 0, sizeof zero);
	zero.op = Econst;
	zero.val = vnum(0);
	whole.op = Efield;
	whole.a = &zero;
	if(target == nil)
		target = &whole;
	pat = a->op == Eregex ? nil : evalstr(a);
	with = evalstr(a->next);
	s = evalstr(target);
	re = pat == nil ? a->re : dynamic(pat);
	n = substitute(&b, re, with, s, all);
	if(n > 0 && islvalue(target)){
		v = vstr(bufstr(&b));
		assign(target, v);
	}else
		free(b.s);
	if(pat != nil)
		strfree(pat);
	strfree(with);
	strfree(s);
	return vnum((double)n);
}

static Val
changecase(Node *a, Rune (*change)(Rune))
{
	Buf b = { nil, 0, 0 };
	Str *s;
	char *p, *e, buf[UTFmax];
	Rune r, t;
	int n;

	s = evalstr(a);
	e = s->s + s->n;
	for(p = s->s; p < e; p += n){
		n = chartorune(&r, p);
		if(r == Runeerror && n == 1){
			bufadd(&b, p, 1);
			continue;
		}
		t = change(r);
		bufadd(&b, buf, (usize)runetochar(buf, &t));
	}
	strfree(s);
	return vstr(bufstr(&b));
}

static Val
seeding(Node *a)
{
	double old = (double)seed;
	double d;

	d = a != nil ? evalnum(a) : (double)time(nil);
	seed = (uvlong)(vlong)d;
	random = seed*0x9E3779B97F4A7C15ULL + 88172645463325252ULL;
	if(random == 0)
		random = 1;
	return vnum(old);
}

/* At least 0 and less than 1. */
static double
randomnumber(void)
{
	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	return (double)(random*0x2545F4914F6CDD1DULL >> 11)/9007199254740992.0;
}

static double
onname(Node *a, double (*f)(Str*))
{
	Str *s;
	double r;

	s = evalstr(a);
	r = f(s);
	strfree(s);
	return r;
}

static double
flush(Str *s)
{
	return flushname(s);
}

static double
arctangent(Node *a)
{
	double y = evalnum(a);

	return atan2(y, evalnum(a->next));
}

static double
integerpart(double d)
{
	return d < 0 ? ceil(d) : floor(d);
}

static Val
formatted(Node *a)
{
	Str *fmt, *s;

	fmt = evalstr(a);
	s = format(fmt, a->next);
	strfree(fmt);
	return vstr(s);
}

Val
builtin(Node *n)
{
	Node *a = n->a;

	switch(n->n){
	case Flength: return length(a);
	case Fsubstr: return substr(a);
	case Findex: return index(a);
	case Fsplit: return splitting(a);
	case Fsub: return substitution(a, 0);
	case Fgsub: return substitution(a, 1);
	case Fmatch: return match(a);
	case Fsprintf: return formatted(a);
	case Fsin: return vnum(sin(evalnum(a)));
	case Fcos: return vnum(cos(evalnum(a)));
	case Fatan2: return vnum(arctangent(a));
	case Fexp: return vnum(exp(evalnum(a)));
	case Flog: return vnum(log(evalnum(a)));
	case Fsqrt: return vnum(sqrt(evalnum(a)));
	case Fint: return vnum(integerpart(evalnum(a)));
	case Frand: return vnum(randomnumber());
	case Fsrand: return seeding(a);
	case Ftolower: return changecase(a, tolowerrune);
	case Ftoupper: return changecase(a, toupperrune);
	case Fsystem: return vnum(onname(a, runsystem));
	case Fclose: return vnum(onname(a, closename));
	case Ffflush:
		if(a != nil)
			return vnum(onname(a, flush));
		flushall();
		break;
	}
	return vnum(0);
}
