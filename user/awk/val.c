/*
 * Values: numbers, strings, and strings from outside that are numbers if
 * they look like one.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

enum {
	Small = 256,		/* strings that get no room to grow */
};

char	*convfmt = "%.6g";

Str*
allocstr(usize n)
{
	Str *s;

	s = egrow(nil, sizeof *s + n + 1);
	s->ref = 1;
	s->n = s->cap = n;
	s->s[n] = 0;
	return s;
}

Str*
newstr(char *p, usize n)
{
	Str *s;

	s = allocstr(n);
	memmove(s->s, p, n);
	return s;
}

/* A string and n more bytes; takes the reference, and leaves room if it was the only one. */
Str*
strappend(Str *s, char *p, usize n)
{
	Str *t;

	if(s->ref > 1){
		t = allocstr(s->n + n);
		memmove(t->s, s->s, s->n);
		memmove(t->s + s->n, p, n);
		strfree(s);
		return t;
	}
	if(s->cap - s->n < n){
		s->cap = s->n + n < Small ? s->n + n : 2*(s->n + n);
		s = egrow(s, sizeof *s + s->cap + 1);
	}
	memmove(s->s + s->n, p, n);
	s->n += n;
	s->s[s->n] = 0;
	return s;
}

void
strfree(Str *s)
{
	if(--s->ref == 0)
		free(s);
}

Val
vnum(double d)
{
	return (Val){ Vnum, d, nil };
}

Val
vstr(Str *s)
{
	return (Val){ Vstr, 0, s };
}

Val
vmaybe(char *s, usize n)
{
	return (Val){ Vmaybe, 0, newstr(s, n) };
}

Val
vdup(Val *v)
{
	if(v->kind >= Vstr)
		v->s->ref++;
	return *v;
}

void
vfree(Val *v)
{
	if(v->kind >= Vstr)
		strfree(v->s);
}

void
vset(Val *to, Val v)
{
	Val old = *to;

	*to = v;
	vfree(&old);
}

static int
isblank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static int
isdigit(int c)
{
	return c >= '0' && c <= '9';
}

/* The number at s, up to e, that is not a small integer. */
static double
slownumber(char *s, char *e)
{
	char buf[128], *t;
	double d;

	if(e - s < (int)sizeof buf){
		memmove(buf, s, (usize)(e - s));
		buf[e - s] = 0;
		return strtod(buf, nil);
	}
	t = ealloc((usize)(e - s) + 1);
	memmove(t, s, (usize)(e - s));
	d = strtod(t, nil);
	free(t);
	return d;
}

/* The decimal number that a string begins with; *all says whether it is nothing else. */
double
strtonum(char *s, usize n, int *all)
{
	char *e = s + n, *p, *digits;
	double d;
	vlong v;
	int any;

	while(s < e && isblank(*s))
		s++;
	p = s;
	if(p < e && (*p == '+' || *p == '-'))
		p++;
	digits = p;
	for(v = 0; p < e && isdigit(*p); p++)
		if(p - digits < 18)
			v = v*10 + *p - '0';
	any = p > digits;
	d = *s == '-' ? (double)-v : (double)v;
	if(p - digits >= 18 || (p < e && (*p == '.' || *p == 'e' || *p == 'E')) || v == 0){
		if(p < e && *p == '.')
			for(p++; p < e && isdigit(*p); p++)
				any = 1;
		if(any && p < e && (*p == 'e' || *p == 'E')){
			digits = p + 1;
			if(digits < e && (*digits == '+' || *digits == '-'))
				digits++;
			for(; digits < e && isdigit(*digits); digits++)
				p = digits + 1;
		}
		d = any ? slownumber(s, p) : 0;
	}
	if(all != nil){
		while(p < e && isblank(*p))
			p++;
		*all = any && p == e;
	}
	return d;
}

/* Decides about a string from outside. */
static void
settle(Val *v)
{
	int all;

	if(v->kind == Vmaybe){
		v->num = strtonum(v->s->s, v->s->n, &all);
		v->kind = all ? Vnumstr : Vstr;
	}
}

double
tonum(Val *v)
{
	settle(v);
	switch(v->kind){
	case Vnum:
	case Vnumstr:
		return v->num;
	case Vstr:
		return strtonum(v->s->s, v->s->n, nil);
	}
	return 0;
}

static Str*
numtostr(double d, char *fmt)
{
	char buf[32], *p;
	Node arg;
	Str *s, *r;
	vlong v;
	int neg;

	if(d == floor(d) && fabs(d) < 1e18){
		v = (vlong)d;
		neg = v < 0;
		if(neg)
			v = -v;
		p = buf + sizeof buf;
		do{
			*--p = (char)('0' + v%10);
			v /= 10;
		}while(v > 0);
		if(neg)
			*--p = '-';
		return newstr(p, (usize)(buf + sizeof buf - p));
	}
	if(d == floor(d) && !isInf(d, 0))
		fmt = "%d";
	memset(&arg, 0, sizeof arg);
	arg.op = Econst;
	arg.val = vnum(d);
	s = newstr(fmt, (usize)strlen(fmt));
	r = format(s, &arg);
	strfree(s);
	return r;
}

static Str*
tostrfmt(Val *v, char *fmt)
{
	switch(v->kind){
	case Vnil:
		return newstr("", 0);
	case Vnum:
		return numtostr(v->num, fmt);
	}
	v->s->ref++;
	return v->s;
}

Str*
tostr(Val *v)
{
	return tostrfmt(v, convfmt);
}

Str*
outstr(Val *v)
{
	Str *fmt, *s;

	if(v->kind != Vnum)
		return tostr(v);
	fmt = tostr(&globals[VOFMT]->v);
	s = tostrfmt(v, fmt->s);
	strfree(fmt);
	return s;
}

int
istrue(Val *v)
{
	settle(v);
	switch(v->kind){
	case Vnum:
	case Vnumstr:
		return v->num != 0;
	case Vstr:
		return v->s->n > 0;
	}
	return 0;
}

int
isnumeric(Val *v)
{
	settle(v);
	return v->kind != Vstr;
}

/* -1, 0 or 1 as a is less than, equal to or greater than b; 2 if it is none, as NaN. */
int
compare(Val *a, Val *b)
{
	Str *s, *t;
	usize n;
	double x, y;
	int r;

	if(isnumeric(a) && isnumeric(b)){
		x = tonum(a);
		y = tonum(b);
		return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
	}
	s = tostr(a);
	t = tostr(b);
	n = s->n < t->n ? s->n : t->n;
	r = memcmp(s->s, t->s, n);
	if(r == 0)
		r = s->n < t->n ? -1 : s->n > t->n;
	r = (r > 0) - (r < 0);
	strfree(s);
	strfree(t);
	return r;
}

void
bufadd(Buf *b, char *s, usize n)
{
	if(b->cap - b->n < n){
		b->cap = 2*b->cap + n + 64;
		b->s = egrow(b->s, b->cap);
	}
	memmove(b->s + b->n, s, n);
	b->n += n;
}

void
bufpad(Buf *b, int c, vlong n)
{
	char ch = (char)c;

	for(; n > 0; n--)
		bufadd(b, &ch, 1);
}

Str*
bufstr(Buf *b)
{
	Str *s;

	s = newstr(b->s, b->n);
	free(b->s);
	return s;
}
