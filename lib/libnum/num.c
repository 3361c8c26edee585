/*
 * Arithmetic with scales.
 */
#include <u.h>
#include <libc.h>
#include <num.h>
#include "impl.h"

Num*
numint(vlong v)
{
	Num *a;
	uvlong u;
	int i;

	a = num_alloc(3);
	u = v < 0 ? -(uvlong)v : (uvlong)v;
	for(i = 0; i < 3; i++){
		a->d[i] = (uint)(u%Base);
		u /= Base;
	}
	a->neg = v < 0;
	return num_trim(a);
}

Num*
numref(Num *a)
{
	a->ref++;
	return a;
}

void
numfree(Num *a)
{
	if(a != nil && --a->ref == 0)
		free(a);
}

int
numiszero(Num *a)
{
	return a->n == 0;
}

vlong
numvlong(Num *a)
{
	Num *t;
	uvlong v;
	int i;

	t = num_shift(a, -a->scale);
	v = 0;
	for(i = t->n - 1; i >= 0; i--){
		if(v > 9000000000ULL){
			v = 9223372036854775807ULL;
			break;
		}
		v = v*Base + t->d[i];
	}
	numfree(t);
	return a->neg ? -(vlong)v : (vlong)v;
}

/* Decimal digits of the integer; 0 for zero. */
static int
digits(Num *a)
{
	uint top;
	int n;

	if(a->n == 0)
		return 0;
	n = (a->n - 1)*Digits;
	for(top = a->d[a->n-1]; top > 0; top /= 10)
		n++;
	return n;
}

int
numlength(Num *a)
{
	int n = digits(a);

	if(n < a->scale)
		n = a->scale;
	return n > 0 ? n : 1;
}

Num*
numrescale(Num *a, int scale)
{
	Num *r;

	if(scale == a->scale)
		return numref(a);
	r = num_shift(a, scale - a->scale);
	r->scale = scale;
	return r;
}

static Num*
cut(Num *a, int scale)
{
	Num *r;

	if(a->scale <= scale)
		return a;
	r = numrescale(a, scale);
	numfree(a);
	return r;
}

static int
max(int a, int b)
{
	return a > b ? a : b;
}

/* |a| + |b| or |a| - |b|; both have the same scale, and a is not the smaller for the latter. */
static Num*
combine(Num *a, Num *b, int subtract)
{
	Num *r;
	vlong t, carry;
	int i, n;

	n = max(a->n, b->n);
	r = num_alloc((vlong)n + 1);
	carry = 0;
	for(i = 0; i <= n; i++){
		t = i < b->n ? b->d[i] : 0;
		t = (i < a->n ? a->d[i] : 0) + (subtract ? -t : t) + carry;
		carry = t < 0 ? -1 : t >= Base;
		r->d[i] = (uint)(t - carry*Base);
	}
	r->scale = a->scale;
	return r;
}

static Num*
sum(Num *a, Num *b, int bneg)
{
	Num *r, *t;
	int scale, c;

	scale = max(a->scale, b->scale);
	a = numrescale(a, scale);
	b = numrescale(b, scale);
	c = num_cmpmag(a->d, a->n, b->d, b->n);
	if(a->neg == bneg){
		r = combine(a, b, 0);
		r->neg = bneg;
	}else if(c >= 0){
		r = combine(a, b, 1);
		r->neg = a->neg;
	}else{
		r = combine(b, a, 1);
		r->neg = bneg;
	}
	t = num_trim(r);
	numfree(a);
	numfree(b);
	return t;
}

Num*
numadd(Num *a, Num *b)
{
	return sum(a, b, b->neg);
}

Num*
numsub(Num *a, Num *b)
{
	return sum(a, b, !b->neg);
}

Num*
numneg(Num *a)
{
	Num *r;

	r = num_shift(a, 0);
	r->neg = r->n > 0 && !a->neg;
	return r;
}

int
numcmp(Num *a, Num *b)
{
	Num *x, *y;
	int scale, c;

	if(a->neg != b->neg)
		return a->neg ? -1 : 1;
	scale = max(a->scale, b->scale);
	x = numrescale(a, scale);
	y = numrescale(b, scale);
	c = num_cmpmag(x->d, x->n, y->d, y->n);
	numfree(x);
	numfree(y);
	return a->neg ? -c : c;
}

Num*
nummul(Num *a, Num *b, int scale)
{
	Num *r;

	r = num_mul(a, b);
	r->scale = a->scale + b->scale;
	return cut(r, max(scale, max(a->scale, b->scale)));
}

Num*
numdiv(Num *a, Num *b, int scale)
{
	Num *u, *v, *q;
	int k;

	if(b->n == 0){
		werrstr("divide by zero");
		return nil;
	}
	k = scale + b->scale - a->scale;
	u = num_shift(a, k > 0 ? k : 0);
	v = num_shift(b, k < 0 ? -k : 0);
	q = num_div(u, v, nil);
	q->neg = q->n > 0 && a->neg != b->neg;
	q->scale = scale;
	numfree(u);
	numfree(v);
	return q;
}

/* a - (a/b)*b, with the quotient at the scale. */
Num*
nummod(Num *a, Num *b, int scale)
{
	Num *q, *p, *r;
	int rscale;

	q = numdiv(a, b, scale);
	if(q == nil)
		return nil;
	rscale = max(a->scale, b->scale + scale);
	p = nummul(q, b, rscale);
	r = numsub(a, p);
	numfree(q);
	numfree(p);
	return cut(r, rscale);
}

static Num*
power(Num *a, uvlong e)
{
	Num *r, *sq, *t;
	int scale;

	r = numint(1);
	sq = numref(a);
	for(; e > 0; e >>= 1){
		if(e & 1){
			scale = r->scale + sq->scale;
			t = num_mul(r, sq);
			t->scale = scale;
			numfree(r);
			r = t;
		}
		if(e > 1){
			t = num_mul(sq, sq);
			t->scale = 2*sq->scale;
			numfree(sq);
			sq = t;
		}
	}
	numfree(sq);
	return r;
}

Num*
numpow(Num *a, Num *e, int scale)
{
	Num *r, *t, *one;
	uvlong n;

	n = (uvlong)(e->neg ? -numvlong(e) : numvlong(e));
	/* 0 and powers of one are the exceptions, and cost too little to tell apart. */
	if(a->n > 0 && n > (uvlong)(Maxdigits/4)/(uvlong)max(digits(a), a->scale + 1)){
		werrstr("exponent too large");
		return nil;
	}
	if(a->n == 0 && n > 1)
		n = 1;
	r = power(a, n);
	if(!e->neg){
		if((uvlong)a->scale*n < (uvlong)max(scale, a->scale))
			scale = (int)((uvlong)a->scale*n);
		else
			scale = max(scale, a->scale);
		return cut(r, scale);
	}
	one = numint(1);
	t = numdiv(one, r, scale);
	numfree(one);
	numfree(r);
	return t;
}

/* A number of digits/2 digits that is not below the root. */
static Num*
guess(Num *a)
{
	Num *r, *t;
	double top;
	int n, i, shift;

	n = digits(a);
	shift = n > 17 ? n - 17 : 0;
	if((n - shift - n)%2 != 0)
		shift++;
	t = num_shift(a, -shift);
	top = 0;
	for(i = t->n - 1; i >= 0; i--)
		top = top*Base + t->d[i];
	numfree(t);
	t = numint((vlong)sqrt(top) + 2);
	r = num_shift(t, shift/2);
	numfree(t);
	return r;
}

/* Newton's method on integers, from above. */
static Num*
isqrt(Num *a)
{
	Num *x, *q, *s;

	x = guess(a);
	for(;;){
		q = num_div(a, x, nil);
		s = numadd(x, q);
		numfree(q);
		num_divsmall(s, 2);
		if(numcmp(s, x) >= 0)
			break;
		numfree(x);
		x = s;
	}
	numfree(s);
	return x;
}

Num*
numsqrt(Num *a, int scale)
{
	Num *r, *t;

	if(a->neg){
		werrstr("square root of a negative number");
		return nil;
	}
	scale = max(scale, a->scale);
	t = num_shift(a, 2*scale - a->scale);
	t->scale = 0;
	r = t->n == 0 ? numref(t) : isqrt(t);
	numfree(t);
	if(r->ref > 1)
		r->ref--;
	r->scale = scale;
	return r;
}

/* (a*b) mod m, of integers; takes the reference to a. */
static Num*
mulmod(Num *a, Num *b, Num *m)
{
	Num *p, *r;

	p = num_mul(a, b);
	r = nummod(p, m, 0);
	numfree(p);
	numfree(a);
	return r;
}

Num*
numpowmod(Num *a, Num *e, Num *m)
{
	Num *base, *n, *r;
	uint bit;

	if(m->n == 0){
		werrstr("modulus is zero");
		return nil;
	}
	if(e->neg){
		werrstr("negative exponent");
		return nil;
	}
	a = numrescale(a, 0);
	m = numrescale(m, 0);
	base = nummod(a, m, 0);
	n = num_shift(e, -e->scale);
	r = numint(1);
	while(n->n > 0){
		bit = num_divsmall(n, 2);
		if(bit)
			r = mulmod(r, base, m);
		if(n->n > 0)
			base = mulmod(numref(base), base, m);
	}
	numfree(n);
	numfree(base);
	base = nummod(r, m, 0);
	numfree(r);
	numfree(a);
	numfree(m);
	return base;
}
