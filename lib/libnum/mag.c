/*
 * Magnitudes: multiplication, schoolbook and Karatsuba's, and long division.
 */
#include <u.h>
#include <libc.h>
#include <num.h>
#include "impl.h"

enum {
	Small = 32,		/* limbs up to which the schoolbook is faster */
};

Num*
num_alloc(vlong limbs)
{
	Num *a;

	if(limbs > Maxdigits/Digits)
		sysfatal("number too long");
	a = malloc(sizeof *a + (ulong)limbs*sizeof a->d[0]);
	if(a == nil)
		sysfatal("out of memory");
	a->ref = 1;
	a->neg = 0;
	a->scale = 0;
	a->n = (int)limbs;
	memset(a->d, 0, (ulong)limbs*sizeof a->d[0]);
	return a;
}

Num*
num_trim(Num *a)
{
	while(a->n > 0 && a->d[a->n-1] == 0)
		a->n--;
	if(a->n == 0)
		a->neg = 0;
	return a;
}

uint
num_pow10(int n)
{
	static uint p[] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	};

	return p[n];
}

int
num_cmpmag(uint *a, int n, uint *b, int m)
{
	while(n > 0 && a[n-1] == 0)
		n--;
	while(m > 0 && b[m-1] == 0)
		m--;
	if(n != m)
		return n < m ? -1 : 1;
	while(n-- > 0)
		if(a[n] != b[n])
			return a[n] < b[n] ? -1 : 1;
	return 0;
}

/* r += a; r must have room for the carry. */
static void
addto(uint *r, uint *a, int n)
{
	uint carry, t;
	int i;

	carry = 0;
	for(i = 0; i < n || carry; i++){
		t = r[i] + (i < n ? a[i] : 0) + carry;
		carry = t >= Base;
		r[i] = carry ? t - Base : t;
	}
}

/* r -= a, which is not greater. */
static void
subfrom(uint *r, uint *a, int n)
{
	uint borrow, t;
	int i;

	borrow = 0;
	for(i = 0; i < n || borrow; i++){
		t = (i < n ? a[i] : 0) + borrow;
		borrow = r[i] < t;
		r[i] = borrow ? r[i] + Base - t : r[i] - t;
	}
}

static void
schoolbook(uint *r, uint *a, int n, uint *b, int m)
{
	uvlong t;
	int i, j;

	memset(r, 0, (ulong)(n + m)*sizeof *r);
	for(i = 0; i < n; i++){
		t = 0;
		for(j = 0; j < m; j++){
			t += (uvlong)a[i]*b[j] + r[i+j];
			r[i+j] = (uint)(t%Base);
			t /= Base;
		}
		r[i+m] = (uint)t;
	}
}

static void	multiply(uint*, uint*, int, uint*, int);

/*
 * Both have n limbs. With halves a = a1 x + a0 and b likewise the product is
 * a1 b1 x^2 + ((a1 + a0)(b1 + b0) - a1 b1 - a0 b0) x + a0 b0.
 */
static void
karatsuba(uint *r, uint *a, uint *b, int n)
{
	uint *sa, *sb, *p;
	int m = (n + 1)/2, h = n - m;

	sa = mallocz((4*(ulong)m + 8)*sizeof *sa, 1);
	if(sa == nil)
		sysfatal("out of memory");
	sb = sa + m + 2;
	p = sb + m + 2;
	memmove(sa, a, (ulong)m*sizeof *a);
	addto(sa, a + m, h);
	memmove(sb, b, (ulong)m*sizeof *b);
	addto(sb, b + m, h);
	multiply(p, sa, m + 1, sb, m + 1);
	multiply(r, a, m, b, m);
	multiply(r + 2*m, a + m, h, b + m, h);
	subfrom(p, r, 2*m);
	subfrom(p, r + 2*m, 2*h);
	for(n = 2*m + 2; n > 0 && p[n-1] == 0; n--)
		;
	addto(r + m, p, n);
	free(sa);
}

/* r has n + m limbs and is none of the others. */
static void
multiply(uint *r, uint *a, int n, uint *b, int m)
{
	uint *t;
	int i, k;

	if(n < m){
		multiply(r, b, m, a, n);
		return;
	}
	if(m <= Small){
		schoolbook(r, a, n, b, m);
		return;
	}
	if(n == m){
		karatsuba(r, a, b, n);
		return;
	}
	/* Pieces of the longer one. */
	t = malloc(2*(ulong)m*sizeof *t);
	if(t == nil)
		sysfatal("out of memory");
	memset(r, 0, (ulong)(n + m)*sizeof *r);
	for(i = 0; i < n; i += m){
		k = n - i < m ? n - i : m;
		multiply(t, b, m, a + i, k);
		addto(r + i, t, m + k);
	}
	free(t);
}

Num*
num_mul(Num *a, Num *b)
{
	Num *r;

	r = num_alloc((vlong)a->n + b->n);
	if(r->n > 0)
		multiply(r->d, a->d, a->n, b->d, b->n);
	r->neg = a->neg != b->neg;
	return num_trim(r);
}

uint
num_divsmall(Num *a, uint by)
{
	uvlong t;
	int i;

	t = 0;
	for(i = a->n - 1; i >= 0; i--){
		t = t*Base + a->d[i];
		a->d[i] = (uint)(t/by);
		t %= by;
	}
	num_trim(a);
	return (uint)t;
}

/* a*by + add. */
Num*
num_muladd(Num *a, uint by, uint add)
{
	Num *r;
	uvlong t;
	int i;

	r = num_alloc((vlong)a->n + 2);
	t = add;
	for(i = 0; i < a->n; i++){
		t += (uvlong)a->d[i]*by;
		r->d[i] = (uint)(t%Base);
		t /= Base;
	}
	r->d[i++] = (uint)(t%Base);
	r->d[i] = (uint)(t/Base);
	r->neg = a->neg;
	r->scale = a->scale;
	numfree(a);
	return num_trim(r);
}

/* One limb of a quotient: u, of m + 1 limbs, less than v times Base, becomes the rest. */
static uint
quotientlimb(uint *u, uint *v, int m)
{
	uvlong q, r, t;
	vlong d, borrow;
	int i;

	t = (uvlong)u[m]*Base + u[m-1];
	q = t/v[m-1];
	r = t%v[m-1];
	while(q >= Base || (m > 1 && q*v[m-2] > r*Base + u[m-2])){
		q--;
		r += v[m-1];
		if(r >= Base)
			break;
	}
	borrow = 0;
	t = 0;
	for(i = 0; i < m; i++){
		t += q*v[i];
		d = (vlong)u[i] - (vlong)(t%Base) - borrow;
		t /= Base;
		borrow = d < 0;
		u[i] = (uint)(d < 0 ? d + Base : d);
	}
	d = (vlong)u[m] - (vlong)t - borrow;
	u[m] = (uint)d;
	if(d < 0){
		q--;
		u[m] += Base;
		addto(u, v, m);
		u[m] %= Base;
	}
	return (uint)q;
}

/*
 * Long division, limb by limb, with both scaled so that the divisor's first
 * limb is at least half of Base and a guess is wrong by two at most.
 */
Num*
num_div(Num *a, Num *b, Num **rest)
{
	Num *q, *u, *v;
	uint scale;
	int i, m;

	assert(b->n > 0);
	m = b->n;
	scale = Base/(b->d[m-1] + 1);
	u = num_muladd(numref(a), scale, 0);
	v = num_muladd(numref(b), scale, 0);
	q = num_alloc((vlong)a->n + 3);
	memmove(q->d, u->d, (ulong)u->n*sizeof u->d[0]);
	i = u->n;
	numfree(u);
	u = q;			/* with zeros in front */
	q = num_alloc(i + 1);
	for(i -= m; i >= 0; i--)
		q->d[i] = quotientlimb(u->d + i, v->d, m);
	numfree(v);
	if(rest != nil){
		u->neg = 0;
		num_trim(u);
		num_divsmall(u, scale);
		*rest = u;
	}else
		numfree(u);
	return num_trim(q);
}

Num*
num_shift(Num *a, int digits)
{
	Num *r;
	int limbs;

	if(digits >= 0){
		limbs = digits/Digits;
		r = num_alloc((vlong)a->n + limbs);
		memmove(r->d + limbs, a->d, (ulong)a->n*sizeof a->d[0]);
		r->neg = a->neg;
		r->scale = a->scale;
		num_trim(r);
		return digits%Digits == 0 ? r : num_muladd(r, num_pow10(digits%Digits), 0);
	}
	digits = -digits;
	limbs = digits/Digits;
	if(limbs >= a->n)
		limbs = a->n;
	r = num_alloc(a->n - limbs);
	memmove(r->d, a->d + limbs, (ulong)r->n*sizeof a->d[0]);
	r->neg = a->neg;
	r->scale = a->scale;
	if(digits%Digits != 0)
		num_divsmall(r, num_pow10(digits%Digits));
	return num_trim(r);
}
