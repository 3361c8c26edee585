/*
 * The built-in verbs for characters, strings and integers, and the flags.
 */
#include "sys.h"
#include "fmt.h"

int
_fmtcharfmt(Fmt *f)
{
	Rune r[2];

	r[0] = (Rune)va_arg(f->args, int);
	if(f->r == 'c')
		r[0] &= 0xff;
	r[1] = 0;
	f->flags &= ~(ulong)FmtPrec;
	if(r[0] == 0){			/* a NUL is a character too */
		if(!(f->flags & FmtLeft) && _fmtpad(f, f->width-1, ' ') < 0)
			return -1;
		if(_fmtputr(f, 0) < 0)
			return -1;
		return f->flags & FmtLeft ? _fmtpad(f, f->width-1, ' ') : 0;
	}
	return fmtrunestrcpy(f, r);
}

int
_fmtstrfmt(Fmt *f)
{
	if(f->r == 'S')
		return fmtrunestrcpy(f, va_arg(f->args, Rune*));
	return fmtstrcpy(f, va_arg(f->args, char*));
}

int
_fmtpercent(Fmt *f)
{
	return _fmtputr(f, '%');
}

int
_fmtcount(Fmt *f)
{
	*va_arg(f->args, int*) = f->nfmt;
	return 0;
}

int
_fmtbad(Fmt *f)
{
	if(_fmtputr(f, '%') < 0 || _fmtputr(f, (Rune)f->r) < 0)
		return -1;
	return _fmtputr(f, '%');
}

/* Returns the bits that a flag character adds; FmtFlag marks it as a flag, not a verb. */
int
_fmtflag(Fmt *f)
{
	switch(f->r){
	case '-':
		return FmtFlag | FmtLeft;
	case '+':
		return FmtFlag | FmtSign;
	case ' ':
		return FmtFlag | FmtSpace;
	case '#':
		return FmtFlag | FmtSharp;
	case '0':
		return FmtFlag | FmtZero;
	case ',':
		return FmtFlag | FmtComma;
	case 'u':
		return FmtFlag | FmtUnsigned;
	case 'h':
		return FmtFlag | (f->flags & FmtShort ? FmtByte : FmtShort);
	case 'l':
		return FmtFlag | (f->flags & FmtLong ? FmtVLong : FmtLong);
	case 'z':
		return FmtFlag | FmtLong;
	}
	return FmtFlag;
}

/* Fetches the integer argument; *neg tells whether it was negative. */
static uvlong
integer(Fmt *f, int *neg)
{
	vlong v;

	*neg = 0;
	if(f->r == 'p')
		return (uvlong)(uintptr)va_arg(f->args, void*);
	if(f->flags & FmtVLong)
		v = va_arg(f->args, vlong);
	else if(f->flags & FmtLong)
		v = va_arg(f->args, long);
	else{
		v = va_arg(f->args, int);
		if(f->flags & FmtByte)
			v = f->flags & FmtUnsigned ? (vlong)(uchar)v : (vlong)(schar)v;
		else if(f->flags & FmtShort)
			v = f->flags & FmtUnsigned ? (vlong)(ushort)v : (vlong)(short)v;
		else if(f->flags & FmtUnsigned)
			v = (uint)v;
	}
	if(!(f->flags & FmtUnsigned) && v < 0){
		*neg = 1;
		return 0 - (uvlong)v;
	}
	return (uvlong)v;
}

/*
 * Formats integers. The buffer is filled from its end: digits, zeros for
 * the precision or a zero-padded width, then the prefix and sign.
 */
int
_fmtintfmt(Fmt *f)
{
	char buf[512], *p = buf + sizeof buf, *digits = "0123456789abcdef", *prefix = "";
	int neg, n = 0, min = 1, base = 10, nprefix, sign;
	uvlong v, v0;

	v0 = v = integer(f, &neg);
	switch(f->r){
	case 'X':
		digits = "0123456789ABCDEF";
		prefix = "X0";
		base = 16;
		break;
	case 'x':
	case 'p':
		prefix = "x0";
		base = 16;
		break;
	case 'o':
		prefix = "0";
		base = 8;
		break;
	case 'b':
		base = 2;
		break;
	}
	if(!(f->flags & FmtSharp) || (v0 == 0 && f->r != 'p'))
		prefix = "";
	nprefix = strlen(prefix);
	sign = neg ? '-' : f->flags & FmtSign ? '+' : f->flags & FmtSpace ? ' ' : 0;
	if(f->flags & FmtPrec)
		min = f->prec;
	else if((f->flags & (FmtZero|FmtWidth|FmtLeft)) == (FmtZero|FmtWidth))
		min = f->width - nprefix - (sign != 0);
	if(min > 300)
		min = 300;
	for(; v != 0; v /= (uint)base){
		if((f->flags & FmtComma) && base == 10 && n > 0 && n % 3 == 0)
			*--p = ',';
		*--p = digits[v % (uint)base];
		n++;
	}
	while(buf + sizeof buf - p < min || (n == 0 && min > 0)){
		*--p = '0';
		n++;
	}
	while(*prefix != 0)
		*--p = *prefix++;
	if(sign != 0)
		*--p = (char)sign;
	return _fmtascii(f, p, buf + sizeof buf - p);
}
