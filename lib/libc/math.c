/*
 * Mathematics on the x87, whose registers carry more bits than a double:
 * arguments outside a function's domain give NaN, without a trap.
 */
#include "sys.h"

typedef union Bits Bits;
union Bits {
	double	d;
	uvlong	v;
};

enum {
	EXPMASK = 0x7ff,
	BIAS = 1023,
};
#define MANTMASK	(((uvlong)1 << 52) - 1)

double
NaN(void)
{
	Bits b = { .v = 0x7ff8000000000000ULL };

	return b.d;
}

double
Inf(int sign)
{
	Bits b = { .v = 0x7ff0000000000000ULL };

	if(sign < 0)
		b.v |= (uvlong)1 << 63;
	return b.d;
}

int
isNaN(double d)
{
	Bits b = { .d = d };

	return (b.v << 1) > (uvlong)0x7ff << 53;
}

/* sign 0: either infinity */
int
isInf(double d, int sign)
{
	Bits b = { .d = d };

	if((b.v << 1) != (uvlong)0x7ff << 53)
		return 0;
	return sign == 0 || (sign < 0) == (int)(b.v >> 63);
}

double
fabs(double d)
{
	Bits b = { .d = d };

	b.v &= ~((uvlong)1 << 63);
	return b.d;
}

double
frexp(double d, int *ep)
{
	Bits b = { .d = d };
	int e = (int)(b.v >> 52) & EXPMASK;

	*ep = 0;
	if(d == 0 || e == EXPMASK)
		return d;
	if(e == 0){
		b.d = d * 18014398509481984.0;		/* 2^54 makes it normal */
		e = ((int)(b.v >> 52) & EXPMASK) - 54;
	}
	*ep = e - (BIAS-1);
	b.v = (b.v & ~((uvlong)EXPMASK << 52)) | (uvlong)(BIAS-1) << 52;
	return b.d;
}

double
ldexp(double d, int n)
{
	Bits b = { .d = d };
	int e;

	if(d == 0 || isNaN(d) || isInf(d, 0))
		return d;
	d = frexp(d, &e);
	n = n > 5000 ? 5000 : n < -5000 ? -5000 : n;
	e += n;
	if(e > BIAS+1)
		return Inf(b.v >> 63 ? -1 : 1);
	b.d = d;
	if(e >= -BIAS+2){
		b.v = (b.v & ~((uvlong)EXPMASK << 52)) | (uvlong)(e + BIAS-1) << 52;
		return b.d;
	}
	if(e < -1100)
		return b.v >> 63 ? -0.0 : 0.0;
	b.v = (b.v & ~((uvlong)EXPMASK << 52)) | (uvlong)(e + BIAS-1 + 64) << 52;
	return b.d * 5.421010862427522170037e-20;	/* 2^-64, rounded once */
}

/* Towards zero. */
static double
trunc(double d)
{
	Bits b = { .d = d };
	int e = ((int)(b.v >> 52) & EXPMASK) - BIAS;

	if(e >= 52)
		return d;
	if(e < 0)
		b.v &= (uvlong)1 << 63;
	else
		b.v &= ~(MANTMASK >> e);
	return b.d;
}

double
floor(double d)
{
	double t;

	if(isNaN(d))
		return d;
	t = trunc(d);
	return t > d ? t - 1 : t;
}

double
ceil(double d)
{
	double t;

	if(isNaN(d))
		return d;
	t = trunc(d);
	return t < d ? t + 1 : t;
}

double
modf(double d, double *ip)
{
	if(isNaN(d) || isInf(d, 0)){
		*ip = d;
		return isNaN(d) ? d : 0;
	}
	*ip = trunc(d);
	return d - *ip;
}

double
sqrt(double d)
{
	double r;

	if(isNaN(d) || d < 0)
		return NaN();
	__asm__("sqrtsd %1, %0" : "=x"(r) : "x"(d));
	return r;
}

/* The remainder with the sign of x, exact. */
double
fmod(double x, double y)
{
	long double r, d = y;

	if(isNaN(x) || isNaN(y) || isInf(x, 0) || y == 0)
		return NaN();
	if(isInf(y, 0))
		return x;
	__asm__("1: fprem; fnstsw %%ax; testb $4, %%ah; jnz 1b"
		: "=t"(r) : "0"((long double)x), "u"(d) : "ax", "cc");
	return (double)r;
}

/* Large arguments are brought into the range of fsin and its like first. */
static long double
reduce(double x)
{
	static long double twopi = 6.283185307179586476925286766559L;
	long double r = x;

	if(fabs(x) < 1e9)
		return r;
	__asm__("1: fprem; fnstsw %%ax; testb $4, %%ah; jnz 1b"
		: "=t"(r) : "0"((long double)x), "u"(twopi) : "ax", "cc");
	return r;
}

static int
finite(double d)
{
	return !isNaN(d) && !isInf(d, 0);
}

double
sin(double x)
{
	long double r;

	if(!finite(x))
		return NaN();
	__asm__("fsin" : "=t"(r) : "0"(reduce(x)));
	return (double)r;
}

double
cos(double x)
{
	long double r;

	if(!finite(x))
		return NaN();
	__asm__("fcos" : "=t"(r) : "0"(reduce(x)));
	return (double)r;
}

double
tan(double x)
{
	long double s, c;

	if(!finite(x))
		return NaN();
	__asm__("fsincos" : "=t"(c), "=u"(s) : "0"(reduce(x)));
	return (double)(s / c);
}

double
atan2(double y, double x)
{
	long double r;

	if(isNaN(x) || isNaN(y))
		return NaN();
	__asm__("fpatan" : "=t"(r) : "0"((long double)x), "u"((long double)y) : "st(1)");
	return (double)r;
}

double
atan(double x)
{
	return atan2(x, 1);
}

double
asin(double x)
{
	if(isNaN(x) || fabs(x) > 1)
		return NaN();
	return atan2(x, sqrt((1 - x) * (1 + x)));
}

double
acos(double x)
{
	if(isNaN(x) || fabs(x) > 1)
		return NaN();
	return atan2(sqrt((1 - x) * (1 + x)), x);
}

/* scale * log2(x), x positive and finite */
static long double
ylog2x(long double scale, long double x)
{
	long double r;

	__asm__("fyl2x" : "=t"(r) : "0"(x), "u"(scale) : "st(1)");
	return r;
}

static double
anylog(long double scale, double x)
{
	if(isNaN(x) || x < 0)
		return NaN();
	if(x == 0)
		return Inf(-1);
	if(isInf(x, 1))
		return x;
	return (double)ylog2x(scale, x);
}

double
log(double x)
{
	return anylog(0.693147180559945309417232121458L, x);
}

double
log10(double x)
{
	return anylog(0.301029995663981195213738894724L, x);
}

/* A long double cut to a double, without the traps of overflow. */
static double
narrow(long double x)
{
	if(x > (long double)HUGE)
		return Inf(1);
	if(x < (long double)-HUGE)
		return Inf(-1);
	return (double)x;
}

/* 2^x */
static long double
exp2l(long double x)
{
	long double i, f, r;

	if(x > 16000)
		x = 16000;
	if(x < -16000)
		return 0;
	__asm__("frndint" : "=t"(i) : "0"(x));
	f = x - i;
	__asm__("f2xm1" : "=t"(r) : "0"(f));
	__asm__("fscale" : "=t"(r) : "0"(r + 1), "u"(i));
	return r;
}

double
exp(double x)
{
	/* x*log2(e) in two parts, so that large x keep their last bits */
	static long double hi = 1.442695040888963407L, lo = 3.0e-20L;
	long double n, r;

	if(isNaN(x))
		return x;
	if(x > 710)
		return Inf(1);
	if(x < -746)
		return 0;
	__asm__("frndint" : "=t"(n) : "0"((long double)x * hi));
	r = ((long double)x - n*0.693147180369123816490L) - n*1.90821492927058770002e-10L;
	r = exp2l(r*hi + r*lo);
	__asm__("fscale" : "=t"(r) : "0"(r), "u"(n));
	return narrow(r);
}

static double
intpow(double x, int n)
{
	long double r = 1, b = x;
	uint m = n < 0 ? 0u - (uint)n : (uint)n;

	for(; m > 1; m >>= 1){
		if(m & 1)
			r *= b;
		b *= b;
	}
	if(m == 1)		/* and no square beyond it, which could overflow */
		r *= b;
	if(n < 0)
		return r == 0 ? Inf(1) : narrow(1 / r);
	return narrow(r);
}

double
pow(double x, double y)
{
	int odd, isint;
	long double r;

	if(y == 0 || x == 1)
		return 1;
	if(isNaN(x) || isNaN(y))
		return NaN();
	isint = trunc(y) == y;
	odd = isint && fabs(y) < 9007199254740992.0 && fmod(fabs(y), 2) == 1;
	if(isInf(y, 0)){
		if(fabs(x) == 1)
			return 1;
		return (fabs(x) > 1) == (y > 0) ? Inf(1) : 0;
	}
	if(x == 0 || isInf(x, 0)){
		r = (x == 0) == (y > 0) ? 0 : Inf(1);
		return odd && (x < 0) ? -(double)r : (double)r;
	}
	if(x < 0 && !isint)
		return NaN();
	if(isint && fabs(y) <= 64 && fabs(x) < 1e60 && fabs(x) > 1e-60)
		return intpow(x, (int)y);
	r = exp2l(ylog2x(y, fabs(x)));
	return odd && x < 0 ? -narrow(r) : narrow(r);
}

double
pow10(int n)
{
	char buf[16];

	snprint(buf, sizeof buf, "1e%d", n);
	return strtod(buf, nil);
}

/* e^x / 2, where e^x alone may be too large. */
static double
halfexp(double x)
{
	double e = exp(x > 1400 ? 700 : x/2);

	return narrow((long double)e / 2 * e);
}

double
sinh(double x)
{
	double e;

	if(fabs(x) < 1e-5)
		return x + x*x*x/6;
	if(fabs(x) > 709)
		return x < 0 ? -halfexp(-x) : halfexp(x);
	e = exp(x);
	return (e - 1/e) / 2;
}

double
cosh(double x)
{
	double e;

	if(fabs(x) > 709)
		return halfexp(fabs(x));
	e = exp(fabs(x));
	return (e + 1/e) / 2;
}

double
tanh(double x)
{
	double e;

	if(isNaN(x))
		return x;
	if(fabs(x) < 1e-5)
		return x - x*x*x/3;
	if(fabs(x) > 20)
		return x < 0 ? -1 : 1;
	e = exp(2*x);
	return (e - 1) / (e + 1);
}

double
hypot(double x, double y)
{
	long double a = x, b = y, r;

	if(isInf(x, 0) || isInf(y, 0))
		return Inf(1);
	if(isNaN(x) || isNaN(y))
		return NaN();
	r = a*a + b*b;
	__asm__("fsqrt" : "=t"(r) : "0"(r));
	return narrow(r);
}

/*
 * The control word as Plan 9 shows it: a set bit enables that trap. Both
 * units, x87 and SSE, are kept alike.
 */
uint
getfcr(void)
{
	uint csr;

	__asm__ volatile("stmxcsr %0" : "=m"(csr));
	csr >>= 7;
	return ((csr & 0x3f) ^ 0x3f) | ((csr & 0xc0) << 4);
}

void
setfcr(uint fcr)
{
	ushort cw;
	uint csr, mask = (fcr & 0x3f) ^ 0x3f, round = fcr & FPRMASK;

	__asm__ volatile("fnclex");
	__asm__ volatile("fnstcw %0" : "=m"(cw));
	cw = (ushort)((cw & ~(uint)(0x3f | FPRMASK)) | mask | round);
	__asm__ volatile("fldcw %0" : : "m"(cw));
	__asm__ volatile("stmxcsr %0" : "=m"(csr));
	csr = (csr & ~(uint)(0x3f<<7 | 3<<13 | 0x3f)) | mask<<7 | round<<3;
	__asm__ volatile("ldmxcsr %0" : : "m"(csr));
}

uint
getfsr(void)
{
	ushort sw;
	uint csr;

	__asm__ volatile("fnstsw %0" : "=m"(sw));
	__asm__ volatile("stmxcsr %0" : "=m"(csr));
	return (sw | csr) & 0x3f;
}

void
setfsr(uint fsr)
{
	uint csr;

	__asm__ volatile("fnclex");
	__asm__ volatile("stmxcsr %0" : "=m"(csr));
	csr = (csr & ~0x3fu) | (fsr & 0x3f);
	__asm__ volatile("ldmxcsr %0" : : "m"(csr));
}
