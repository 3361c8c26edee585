/*
 * The verbs e, f and g. Digits are exact: the value is turned into a
 * decimal number in full and then rounded once, to nearest and even.
 */
#include "sys.h"
#include "fmt.h"
#include "dec.h"

typedef struct Out Out;
struct Out {
	char	*s;		/* malloc'd or the caller's */
	int	n;
};

static void
put(Out *o, int c)
{
	o->s[o->n++] = (char)c;
}

/* Fills a with |d|; d is finite. */
static void
exact(Dec *a, double d)
{
	union {
		double d;
		uvlong v;
	} u = { .d = d };
	uvlong mant = u.v & (((uvlong)1 << 52) - 1);
	int exp = (int)(u.v >> 52) & 0x7ff;

	if(exp == 0)
		exp = 1;
	else
		mant |= (uvlong)1 << 52;
	_decset(a, mant);
	_decshift(a, exp - 1075);
}

static int
digit(Dec *a, int i)
{
	return '0' + (i >= 0 && i < a->nd ? a->d[i] : 0);
}

/* ddd.ddd with prec digits after the point; sharp keeps a bare point. */
static void
fixed(Out *o, Dec *a, int prec, int sharp, int comma)
{
	int i;

	if(a->dp <= 0)
		put(o, '0');
	for(i = 0; i < a->dp; i++){
		if(comma && i > 0 && (a->dp - i) % 3 == 0)
			put(o, ',');
		put(o, digit(a, i));
	}
	if(prec > 0 || sharp)
		put(o, '.');
	for(i = 0; i < prec; i++)
		put(o, digit(a, a->dp + i));
}

/* d.ddde±dd */
static void
scientific(Out *o, Dec *a, int prec, int sharp, int e)
{
	int i, x = a->nd == 0 ? 0 : a->dp - 1;

	put(o, digit(a, 0));
	if(prec > 0 || sharp)
		put(o, '.');
	for(i = 1; i <= prec; i++)
		put(o, digit(a, i));
	put(o, e);
	put(o, x < 0 ? '-' : '+');
	if(x < 0)
		x = -x;
	if(x >= 100)
		put(o, '0' + x/100);
	put(o, '0' + x/10%10);
	put(o, '0' + x%10);
}

/* g: the shorter of both, without trailing zeros unless sharp. */
static void
general(Out *o, Dec *a, int prec, int sharp, int e, int comma)
{
	int x;

	if(prec == 0)
		prec = 1;
	_decround(a, prec);
	x = a->nd == 0 ? 0 : a->dp - 1;
	if(x < -4 || x >= prec){
		scientific(o, a, sharp ? prec-1 : a->nd > 0 ? a->nd-1 : 0, sharp, e);
		return;
	}
	prec = sharp ? prec-1-x : a->nd - a->dp;
	fixed(o, a, prec < 0 ? 0 : prec, sharp, comma);
}

static void
format(Fmt *f, Out *o, Dec *a)
{
	int prec = f->flags & FmtPrec ? f->prec : 6;
	int sharp = (f->flags & FmtSharp) != 0, comma = (f->flags & FmtComma) != 0;

	switch(f->r){
	case 'e':
	case 'E':
		_decround(a, prec + 1);
		scientific(o, a, prec, sharp, f->r);
		break;
	case 'g':
	case 'G':
		general(o, a, prec, sharp, f->r == 'g' ? 'e' : 'E', comma);
		break;
	default:
		_decround(a, a->dp + prec);
		fixed(o, a, prec, sharp, comma);
		break;
	}
}

/* Puts sign and digits, zeros between them if the width is to be filled so. */
static int
emit(Fmt *f, int sign, Out *o)
{
	int n = o->n + (sign != 0), pad = (f->flags & FmtWidth) && f->width > n ? f->width - n : 0;
	int zero = (f->flags & (FmtZero|FmtLeft)) == FmtZero;

	if(!zero && !(f->flags & FmtLeft) && _fmtpad(f, pad, ' ') < 0)
		return -1;
	if(sign != 0 && _fmtputr(f, (Rune)sign) < 0)
		return -1;
	if(zero && _fmtpad(f, pad, '0') < 0)
		return -1;
	if(_fmtputs(f, o->s, o->n) < 0)
		return -1;
	return f->flags & FmtLeft ? _fmtpad(f, pad, ' ') : 0;
}

int
_fmtfloat(Fmt *f)
{
	double d = va_arg(f->args, double);
	char small[512];
	Out o = { small, 0 };
	int sign, r, prec = f->flags & FmtPrec ? f->prec : 6;
	union {
		double d;
		uvlong v;
	} u = { .d = d };
	Dec a;

	sign = u.v >> 63 ? '-' : f->flags & FmtSign ? '+' : f->flags & FmtSpace ? ' ' : 0;
	if(isNaN(d) || isInf(d, 0)){
		f->flags &= ~(ulong)FmtZero;
		if(isNaN(d)){
			o.s = "NaN";
			sign = 0;
		}else
			o.s = "Inf";
		o.n = 3;
		if(isInf(d, 1) && sign == 0)
			sign = '+';
		return emit(f, sign, &o);
	}
	if(prec > 64){			/* 309 digits, commas, and the precision asked for */
		o.s = malloc(512 + (ulong)prec);
		if(o.s == nil)
			return -1;
	}
	exact(&a, d);
	format(f, &o, &a);
	r = emit(f, sign, &o);
	if(o.s != small)
		free(o.s);
	return r;
}
