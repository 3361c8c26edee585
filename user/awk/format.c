/*
 * printf's conversions. Widths and precisions of strings count runes.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

typedef struct Conv Conv;
struct Conv {
	int	left, plus, space, alt, zero;
	vlong	width;
	vlong	prec;		/* -1: none given */
};

enum {
	Maxwidth = 1 << 24,
};

/* Adds sign or prefix and text, filled up to the width. */
static void
fill(Buf *b, Conv *c, char *sign, char *s, usize n, int zero)
{
	vlong pad;

	pad = c->width - strlen(sign) - utfnlen(s, (long)n);
	if(!c->left && !zero)
		bufpad(b, ' ', pad);
	bufadd(b, sign, (usize)strlen(sign));
	if(!c->left && zero)
		bufpad(b, '0', pad);
	bufadd(b, s, n);
	if(c->left)
		bufpad(b, ' ', pad);
}

static char*
signof(Conv *c, int negative)
{
	return negative ? "-" : c->plus ? "+" : c->space ? " " : "";
}

static void
integer(Buf *b, Conv *c, int verb, double d)
{
	char buf[400], *p, *e, *sign, *digit;
	uvlong v;
	uint base;
	Buf t = { nil, 0, 0 };

	base = verb == 'o' ? 8 : verb == 'x' || verb == 'X' ? 16 : 10;
	digit = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	sign = signof(c, d < 0);
	p = e = buf + sizeof buf;
	if(fabs(d) >= 9223372036854775808.0){
		p = buf;
		e = seprint(buf, buf + sizeof buf, "%.0f", fabs(d));
	}else{
		v = d < 0 ? -(uvlong)(vlong)d : (uvlong)d;
		if(v == 0)
			sign = signof(c, 0);
		if(verb != 'd' && d < 0){
			v = -v;
			sign = "";
		}
		if(v == 0 && c->prec != 0)
			*--p = '0';
		for(; v > 0; v /= base)
			*--p = digit[v%base];
	}
	if(verb != 'd' && sign[0] != '-')
		sign = "";
	if(c->alt && base == 16 && d != 0)
		sign = verb == 'x' ? "0x" : "0X";
	if(c->alt && base == 8 && *p != '0')
		*--p = '0';
	bufpad(&t, '0', c->prec - (e - p));
	bufadd(&t, p, (usize)(e - p));
	fill(b, c, sign, t.s, t.n, c->zero && c->prec < 0);
	free(t.s);
}

static int
isnegative(double d)
{
	union { double d; uvlong u; } x = { d };

	return x.u >> 63 != 0;
}

static void
floating(Buf *b, Conv *c, int verb, double d)
{
	char fmt[8], *s, *sign;

	if(isNaN(d) || isInf(d, 0)){
		sign = signof(c, isnegative(d));
		s = isNaN(d) ? "nan" : "inf";
		fill(b, c, sign, s, 3, 0);
		return;
	}
	snprint(fmt, sizeof fmt, "%%%s.*%c", c->alt ? "#" : "", verb == 'F' ? 'f' : verb);
	s = smprint(fmt, c->prec < 0 ? 6 : (int)c->prec, fabs(d));
	if(s == nil)
		fatal("out of memory");
	fill(b, c, signof(c, isnegative(d)), s, (usize)strlen(s), c->zero);
	free(s);
}

static void
character(Buf *b, Conv *c, Val *v)
{
	char buf[UTFmax];
	Rune r;
	Str *s;
	int n;

	if(v->kind == Vnum || (v->kind == Vmaybe && isnumeric(v)) || v->kind == Vnumstr){
		r = (Rune)(vlong)tonum(v);
		n = runetochar(buf, &r);
		fill(b, c, "", buf, (usize)n, 0);
		return;
	}
	s = tostr(v);
	n = s->n == 0 ? 0 : chartorune(&r, s->s);
	fill(b, c, "", s->s, (usize)n, 0);
	strfree(s);
}

static void
text(Buf *b, Conv *c, Val *v)
{
	Str *s;
	char *p, *e;
	vlong i;
	Rune r;

	s = tostr(v);
	p = s->s + s->n;
	if(c->prec >= 0 && c->prec < (vlong)s->n){
		e = p;
		p = s->s;
		for(i = 0; i < c->prec && p < e; i++)
			p += (uchar)*p < Runeself ? 1 : chartorune(&r, p);
	}
	fill(b, c, "", s->s, (usize)(p - s->s), 0);
	strfree(s);
}

static Val
nextarg(Node **args)
{
	Val v;

	if(*args == nil)
		return (Val){ Vnil, 0, nil };
	v = eval(*args);
	*args = (*args)->next;
	return v;
}

/* A width or precision, in digits or from an argument. */
static char*
amount(char *p, vlong *n, Node **args)
{
	Val v;
	double d;

	*n = 0;
	if(*p == '*'){
		v = nextarg(args);
		d = tonum(&v);
		vfree(&v);
		if(!(d > -Maxwidth && d < Maxwidth))
			fatal("printf: width out of range");
		*n = (vlong)d;
		return p + 1;
	}
	for(; *p >= '0' && *p <= '9'; p++){
		*n = *n*10 + *p - '0';
		if(*n > Maxwidth)
			fatal("printf: width out of range");
	}
	return p;
}

/* Reads what stands between % and the verb. */
static char*
flags(char *p, Conv *c, Node **args)
{
	memset(c, 0, sizeof *c);
	for(;; p++){
		switch(*p){
		case '-': c->left = 1; continue;
		case '+': c->plus = 1; continue;
		case ' ': c->space = 1; continue;
		case '#': c->alt = 1; continue;
		case '0': c->zero = 1; continue;
		}
		break;
	}
	p = amount(p, &c->width, args);
	if(c->width < 0){
		c->left = 1;
		c->width = -c->width;
	}
	c->prec = -1;
	if(*p == '.'){
		p = amount(p + 1, &c->prec, args);
		if(c->prec < 0)
			c->prec = -1;
	}
	while(*p == 'l' || *p == 'h' || *p == 'L' || *p == 'q')
		p++;
	return p;
}

static void
convert(Buf *b, Conv *c, int verb, Val *v)
{
	double d;

	switch(verb){
	case 'c':
		character(b, c, v);
		break;
	case 's':
		text(b, c, v);
		break;
	case 'd': case 'i': case 'o': case 'x': case 'X': case 'u':
		d = tonum(v);
		if(isNaN(d) || isInf(d, 0))
			floating(b, c, 'f', d);
		else
			integer(b, c, verb == 'i' ? 'd' : verb, d);
		break;
	default:
		floating(b, c, verb, tonum(v));
		break;
	}
}

Str*
format(Str *fmt, Node *args)
{
	Buf b = { nil, 0, 0 };
	char *p, *e, *s;
	Conv c;
	Val v;

	e = fmt->s + fmt->n;
	for(p = fmt->s; p < e; p++){
		s = memchr(p, '%', (ulong)(e - p));
		if(s == nil)
			s = e;
		bufadd(&b, p, (usize)(s - p));
		if(s == e)
			break;
		p = flags(s + 1, &c, &args);
		if(*p == '%'){
			bufadd(&b, "%", 1);
			continue;
		}
		if(*p == 0 || strchr("csdioxXufFeEgG", *p) == nil){
			/* Nothing that we know: it stands for itself. */
			bufadd(&b, s, (usize)(p - s) + (p < e));
			continue;
		}
		v = nextarg(&args);
		convert(&b, &c, *p, &v);
		vfree(&v);
	}
	return bufstr(&b);
}
