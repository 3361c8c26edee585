/*
 * Numbers from text and to text, in any base.
 */
#include <u.h>
#include <libc.h>
#include <num.h>
#include "impl.h"

typedef struct Text Text;
struct Text {
	char	*s;
	ulong	n, max;
};

static void
put(Text *t, char *s, ulong n)
{
	if(t->max - t->n < n + 1){
		t->max = 2*t->max + n + 32;
		t->s = realloc(t->s, t->max);
		if(t->s == nil)
			sysfatal("out of memory");
	}
	memmove(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = 0;
}

static int
digit(int c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decimal digits, of which nfrac are behind the point. */
static Num*
decimal(char *s, int ndigits, int nfrac)
{
	Num *a;
	int i, place;

	a = num_alloc((vlong)ndigits/Digits + 1);
	place = ndigits;
	for(; place > 0; s++){
		if(*s == '.')
			continue;
		place--;
		i = place/Digits;
		a->d[i] += (uint)digit(*s)*num_pow10(place%Digits);
	}
	a->scale = nfrac;
	return num_trim(a);
}

/* The same in another base: the fraction is cut off at as many decimal digits. */
static Num*
based(char *s, int ndigits, int nfrac, int base, int clip)
{
	Num *a, *b, *p, *r;
	int i, v;

	a = numint(0);
	for(i = 0; i < ndigits; s++){
		if(*s == '.')
			continue;
		v = digit(*s);
		/* A whole part of one digit has any. */
		if(clip && v >= base && !(i == 0 && ndigits - nfrac == 1))
			v = base - 1;
		a = num_muladd(a, (uint)base, (uint)v);
		i++;
	}
	if(nfrac == 0)
		return a;
	b = numint(base);
	r = numint(nfrac);
	p = numpow(b, r, 0);
	numfree(b);
	numfree(r);
	r = numdiv(a, p, nfrac);
	numfree(a);
	numfree(p);
	return r;
}

Num*
numparse(char *s, int base, int clip)
{
	char *p;
	int ndigits, nfrac, point, big;

	point = ndigits = nfrac = big = 0;
	while(*s == '0')
		s++;
	for(p = s; digit(*p) >= 0 || (*p == '.' && !point); p++){
		if(*p == '.'){
			point = 1;
			continue;
		}
		ndigits++;
		nfrac += point;
		big |= digit(*p) > 9;
	}
	if(base == 10 && !big)
		return decimal(s, ndigits, nfrac);
	return based(s, ndigits, nfrac, base, clip);
}

static char*
text10(Num *a)
{
	Text t = { nil, 0, 0 };
	char buf[Digits + 1], *all;
	ulong len, scale = (ulong)a->scale, i;
	int k;

	put(&t, "", 0);
	for(k = a->n - 1; k >= 0; k--){
		snprint(buf, sizeof buf, k == a->n - 1 ? "%ud" : "%.9ud", a->d[k]);
		put(&t, buf, (ulong)strlen(buf));
	}
	all = t.s;
	len = t.n;
	t.s = nil;
	t.n = t.max = 0;
	if(a->neg)
		put(&t, "-", 1);
	if(a->n == 0)
		put(&t, "0", 1);
	else if(len > scale)
		put(&t, all, len - scale);
	if(scale > 0 && a->n > 0){
		put(&t, ".", 1);
		for(i = len; i < scale; i++)
			put(&t, "0", 1);
		if(len > scale)
			put(&t, all + len - scale, scale);
		else
			put(&t, all, len);
	}
	free(all);
	return t.s;
}

static void
putdigit(Text *t, uint v, vlong base, int first)
{
	char buf[16];
	uvlong last;
	int width;

	if(base <= 16){
		buf[0] = "0123456789ABCDEF"[v];
		put(t, buf, 1);
		return;
	}
	width = 0;
	for(last = (uvlong)base - 1; last > 0; last /= 10)
		width++;
	snprint(buf, sizeof buf, first ? "%.*ud" : " %.*ud", width, v);
	put(t, buf, (ulong)strlen(buf));
}

static void
integerpart(Text *t, Num *a, vlong base)
{
	Num *n;
	uint *v;
	ulong count, max;

	n = num_shift(a, -a->scale);
	v = nil;
	count = max = 0;
	while(n->n > 0){
		if(count == max){
			max = 2*max + 64;
			v = realloc(v, max*sizeof *v);
			if(v == nil)
				sysfatal("out of memory");
		}
		v[count++] = num_divsmall(n, (uint)base);
	}
	numfree(n);
	while(count > 0)
		putdigit(t, v[--count], base, 0);
	free(v);
}

/* As many digits as it takes to tell fractions of the scale apart. */
static void
fraction(Text *t, Num *a, vlong base)
{
	Num *whole, *f, *w, *g;
	vlong v;
	double have;

	whole = numrescale(a, 0);
	f = numsub(a, whole);
	numfree(whole);
	f->neg = 0;
	put(t, ".", 1);
	for(have = 0; have < a->scale; have += log10((double)base)){
		f = num_muladd(f, (uint)base, 0);
		w = numrescale(f, 0);
		v = numvlong(w);
		putdigit(t, (uint)v, base, have == 0);
		g = numsub(f, w);
		numfree(f);
		numfree(w);
		f = g;
	}
	numfree(f);
}

char*
numtext(Num *a, vlong base)
{
	Text t = { nil, 0, 0 };

	if(base == 10)
		return text10(a);
	if(a->n == 0){
		put(&t, "0", 1);
		return t.s;
	}
	if(a->neg)
		put(&t, "-", 1);
	put(&t, "", 0);
	integerpart(&t, a, base);
	if(a->scale > 0)
		fraction(&t, a, base);
	return t.s;
}
