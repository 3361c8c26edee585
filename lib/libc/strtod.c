/*
 * Floating-point numbers from text, correctly rounded. Small cases are
 * exact in floating point; the rest go through exact decimal arithmetic.
 */
#include "sys.h"
#include "dec.h"

enum {
	MANTBITS = 53,
	BIAS = 1023,
	EXPMAX = 100000,	/* exponents beyond are infinite or zero anyway */
};

typedef struct In In;
struct In {
	int	(*get)(void*);
	void	*arg;
	int	c;		/* the character looked at */
};

static void
next(In *in)
{
	in->c = in->get(in->arg);
}

static int
isdig(int c)
{
	return c >= '0' && c <= '9';
}

static double
frombits(uvlong mant, int exp)
{
	union {
		uvlong v;
		double d;
	} u;

	u.v = (mant & (((uvlong)1 << 52) - 1)) | (uvlong)exp << 52;
	return u.d;
}

/* Turns the decimal into the nearest double: scale into [1/2, 1), then take the bits. */
static double
todouble(Dec *a)
{
	int exp = 0, n;
	uvlong mant;

	if(a->nd == 0 || a->dp < -400)
		return 0;
	if(a->dp > 400)
		return Inf(1);
	while(a->dp > 0){
		n = a->dp >= 17 ? 56 : a->dp * 3;	/* 2^3 < 10 */
		_decshift(a, -n);
		exp += n;
	}
	while(a->dp < 0 || a->d[0] < 5){
		n = a->dp < -16 ? 53 : a->dp < 0 ? -a->dp * 3 : 1;
		_decshift(a, n);
		exp -= n;
	}
	exp--;				/* the value is now 2 * 0.x: in [1, 2) * 2^exp */
	n = MANTBITS;
	if(exp < 1 - BIAS){		/* a denormal has fewer bits */
		n -= 1 - BIAS - exp;
		exp = 1 - BIAS;
		if(n < 0)
			return 0;
	}
	_decshift(a, n);
	mant = _decint(a);
	if(mant == (uvlong)1 << MANTBITS){
		mant >>= 1;
		exp++;
	}
	if(exp > BIAS)
		return Inf(1);
	if(!(mant >> (MANTBITS-1)))
		return frombits(mant, 0);
	return frombits(mant, exp + BIAS);
}

/* With at most 15 digits and a power of ten below 10^22 one operation rounds once. */
static int
simple(Dec *a, double *d)
{
	static double tens[] = {
		1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	};
	int i, e = a->dp - a->nd;
	vlong v = 0;

	if(a->nd > 15 || e < -22 || e > 22)
		return 0;
	for(i = 0; i < a->nd; i++)
		v = v*10 + a->d[i];
	*d = e < 0 ? (double)v / tens[-e] : (double)v * tens[e];
	return 1;
}

/* Reads digits with a point into a; returns whether there was any digit. */
static int
digits(In *in, Dec *a)
{
	int any = 0, point = 0;

	a->nd = a->dp = a->trunc = 0;
	for(;; next(in)){
		if(in->c == '.' && !point){
			point = 1;
			continue;
		}
		if(!isdig(in->c))
			return any;
		any = 1;
		if(in->c == '0' && a->nd == 0){
			a->dp -= point;
			continue;
		}
		if(a->nd < DECMAX)
			a->d[a->nd++] = (uchar)(in->c - '0');
		else if(in->c != '0')
			a->trunc = 1;
		if(!point && a->dp < EXPMAX)
			a->dp++;
	}
}

static void
exponent(In *in, Dec *a, void (*mark)(void*), void *arg)
{
	int neg, e = 0;

	if(in->c != 'e' && in->c != 'E')
		return;
	next(in);
	neg = in->c == '-';
	if(in->c == '-' || in->c == '+')
		next(in);
	if(!isdig(in->c))
		return;
	for(; isdig(in->c); next(in))
		if(e < EXPMAX)
			e = e*10 + in->c - '0';
	if(a->nd > 0)
		a->dp += neg ? -e : e;
	if(mark != nil)
		mark(arg);
}

static int
word(In *in, char *lower)
{
	for(; *lower != 0; lower++){
		if((in->c | 0x20) != *lower)
			return 0;
		next(in);
	}
	return 1;
}

/*
 * Parses one number from in. mark(arg) is called each time that what was
 * read so far, without the character in hand, is a number.
 */
static double
parse(In *in, void (*mark)(void*), void *arg)
{
	double d = 0;
	int neg;
	Dec a;

	next(in);
	while(in->c == ' ' || (in->c >= '\t' && in->c <= '\r'))
		next(in);
	neg = in->c == '-';
	if(in->c == '-' || in->c == '+')
		next(in);
	if((in->c | 0x20) == 'n'){
		if(!word(in, "nan"))
			return 0;
		d = NaN();
	}else if((in->c | 0x20) == 'i'){
		if(!word(in, "inf"))
			return 0;
		d = Inf(1);
	}else{
		if(!digits(in, &a))
			return 0;
		if(mark != nil)
			mark(arg);
		exponent(in, &a, mark, arg);
		_dectrim(&a);
		if(!simple(&a, &d))
			d = todouble(&a);
		return neg ? -d : d;
	}
	if(mark != nil)
		mark(arg);
	return neg && !isNaN(d) ? Inf(-1) : d;
}

typedef struct Str Str;
struct Str {
	char	*p;		/* next to read */
	char	*good;		/* just after the longest number */
};

static int
strget(void *v)
{
	Str *s = v;
	int c = (uchar)*s->p;

	s->p++;
	return c;
}

static void
strmark(void *v)
{
	Str *s = v;

	s->good = s->p - 1;
}

double
strtod(char *s, char **end)
{
	Str str = { s, s };
	In in = { strget, &str, 0 };
	double d;

	d = parse(&in, strmark, &str);
	if(end != nil)
		*end = str.good;
	return d;
}

/* Reads from f until a character that cannot continue the number, which is consumed. */
double
charstod(int (*f)(void*), void *arg)
{
	In in = { f, arg, 0 };

	return parse(&in, nil, nil);
}
