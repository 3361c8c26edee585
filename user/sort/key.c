/*
 * Keys: which part of a line is compared, and how. A key runs from a
 * character of a field to a character of another. Fields are separated by
 * the rune of -t, or begin where blanks follow something else; the blanks
 * then belong to the field.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "sort.h"

typedef struct Key Key;

enum {
	Fold = 1<<0,		/* f */
	Dict = 1<<1,		/* d: letters, digits and blanks alone count */
	Print = 1<<2,		/* i: printing characters alone count */
	Nowhite = 1<<3,		/* w: blanks do not count */
	Numeric = 1<<4,		/* n */
	Float = 1<<5,		/* g */
	Month = 1<<6,		/* M */
	Reverse = 1<<7,		/* r */
	Startblank = 1<<8,	/* b at the start: blanks before the key are skipped */
	Endblank = 1<<9,	/* b at the end */
	Filters = Fold|Dict|Print|Nowhite,
};

struct Key {
	vlong	sfield, schar;	/* skip so many fields, then characters */
	vlong	efield, echar;	/* likewise; echar 0 is the end of the field before efield */
	int	toend;		/* no end was given */
	int	flags;
	int	own;		/* flags were given with the key */
};

static Key	*keys;
static int	nkey;
static int	global;		/* flags given apart */
static char	sep[UTFmax+1];
static int	nsep;

void
setsep(char *s)
{
	Rune r;

	nsep = chartorune(&r, s);
	if(*s == '\0' || s[nsep] != '\0')
		sysfatal("-t needs one character");
	memmove(sep, s, nsep);
}

static int
flagbit(int c, int atend)
{
	switch(c){
	case 'b': return atend ? Endblank : Startblank;
	case 'd': return Dict;
	case 'f': return Fold;
	case 'g': return Float;
	case 'i': return Print;
	case 'M': return Month;
	case 'n': return Numeric;
	case 'r': return Reverse;
	case 'w': return Nowhite;
	}
	return 0;
}

/* A flag given apart from keys; 0 if there is no such flag. */
int
setglobal(int c)
{
	int bit;

	bit = flagbit(c, 0);
	if(bit == Startblank)
		bit |= Endblank;
	global |= bit;
	return bit != 0;
}

static vlong
number(char **sp, char *spec)
{
	char *s;
	vlong n;

	s = *sp;
	if(*s < '0' || *s > '9')
		sysfatal("bad key: %s", spec);
	for(n = 0; *s >= '0' && *s <= '9'; s++)
		if(n < 1LL<<40)
			n = n*10 + *s - '0';
	*sp = s;
	return n;
}

/* One end of a key: field[.char][flags]. Returns what follows it. */
static char*
position(char *s, char *spec, vlong *field, vlong *chr, Key *k, int atend)
{
	int bit;

	*field = number(&s, spec);
	*chr = 0;
	if(*s == '.'){
		s++;
		*chr = number(&s, spec);
	}
	for(; *s != '\0' && *s != ','; s++){
		bit = flagbit(*s, atend);
		if(bit == 0)
			sysfatal("bad key: %s", spec);
		k->flags |= bit;
		k->own = 1;
	}
	return s;
}

static Key*
newkey(void)
{
	Key *k;

	keys = erealloc(keys, (nkey+1)*sizeof *keys);
	k = &keys[nkey++];
	memset(k, 0, sizeof *k);
	k->toend = 1;
	return k;
}

/* -k f[.c][flags][,f[.c][flags]]: counted from 1, both ends included. */
void
addkey(char *spec)
{
	Key *k;
	char *s, *dot;

	k = newkey();
	dot = strpbrk(spec, ".,");
	s = position(spec, spec, &k->sfield, &k->schar, k, 0);
	if(k->sfield == 0 || (dot != nil && *dot == '.' && k->schar == 0))
		sysfatal("bad key: %s", spec);
	k->sfield--;
	if(k->schar > 0)
		k->schar--;
	if(*s != ',')
		return;
	s = position(s+1, spec, &k->efield, &k->echar, k, 1);
	if(*s != '\0' || k->efield == 0)
		sysfatal("bad key: %s", spec);
	k->toend = 0;
	if(k->echar > 0)
		k->efield--;
}

/* +f[.c][flags]: what is skipped before the key. */
void
addoldkey(char *spec)
{
	Key *k;

	k = newkey();
	if(*position(spec+1, spec, &k->sfield, &k->schar, k, 0) != '\0')
		sysfatal("bad key: %s", spec);
}

/* -f[.c][flags] after it: what is skipped before the end. */
void
oldkeyend(char *spec)
{
	Key *k;

	k = &keys[nkey-1];
	if(*position(spec+1, spec, &k->efield, &k->echar, k, 1) != '\0')
		sysfatal("bad key: %s", spec);
	k->toend = 0;
}

/* Give the keys without flags of their own the global ones. */
void
endkeys(void)
{
	int i;

	for(i = 0; i < nkey; i++)
		if(!keys[i].own)
			keys[i].flags = global;
	if(nkey == 0 && (global & ~Reverse) != 0)
		newkey()->flags = global;
}

static int
isblank(int c)
{
	return c == ' ' || c == '\t';
}

/* The separator at or after p, or e. */
static char*
findsep(char *p, char *e)
{
	while((p = memchr(p, sep[0], e - p)) != nil){
		if(e - p >= nsep && memcmp(p, sep, nsep) == 0)
			return p;
		p++;
	}
	return e;
}

static char*
skipblanks(char *p, char *e)
{
	while(p < e && isblank(*p))
		p++;
	return p;
}

/* The end of the field that begins at p. */
static char*
fieldend(char *p, char *e)
{
	if(nsep > 0)
		return findsep(p, e);
	p = skipblanks(p, e);
	while(p < e && !isblank(*p))
		p++;
	return p;
}

static char*
skipchars(char *p, char *e, vlong n)
{
	Rune r;

	for(; n > 0 && p < e; n--){
		if((uchar)*p < Runeself || !fullrune(p, e - p))
			p++;
		else
			p += chartorune(&r, p);
	}
	return p;
}

static void
cutkey(Key *k, Line *l, char **start, char **last)
{
	char *p, *e;
	vlong n;

	e = l->s + l->n;
	p = l->s;
	for(n = k->sfield; n > 0 && p < e; n--){
		p = fieldend(p, e);
		if(nsep > 0 && p < e)
			p += nsep;
	}
	if(k->flags & Startblank)
		p = skipblanks(p, e);
	*start = skipchars(p, e, k->schar);
	*last = e;
	if(k->toend)
		return;
	p = l->s;
	for(n = k->efield; n > 0 && p < e; n--){
		p = fieldend(p, e);
		if(nsep > 0 && p < e && (n > 1 || k->echar > 0))
			p += nsep;
	}
	if(k->echar > 0){
		if(k->flags & Endblank)
			p = skipblanks(p, e);
		p = skipchars(p, e, k->echar);
	}
	*last = p > *start ? p : *start;
}

static int
bytecmp(char *a, char *ae, char *b, char *be)
{
	usize n;
	int c;

	n = ae - a < be - b ? ae - a : be - b;
	c = memcmp(a, b, n);
	if(c != 0)
		return c;
	return ae - a < be - b ? -1 : ae - a > be - b;
}

/* The next rune that counts under flags, or -1. */
static int
filtered(char **pp, char *e, int flags)
{
	Rune r;
	char *p;

	for(p = *pp; p < e; ){
		r = (uchar)*p;
		if(r < Runeself || !fullrune(p, e - p))
			p++;
		else
			p += chartorune(&r, p);
		if((flags & Dict) && !isblank(r) && !isalpharune(r) && !isdigitrune(r))
			continue;
		if((flags & Print) && (r < ' ' || (r >= 0x7f && r < 0xa0)))
			continue;
		if((flags & Nowhite) && isblank(r))
			continue;
		*pp = p;
		return flags & Fold ? toupperrune(r) : r;
	}
	*pp = e;
	return -1;
}

static int
filtercmp(char *a, char *ae, char *b, char *be, int flags)
{
	int x, y;

	do{
		x = filtered(&a, ae, flags);
		y = filtered(&b, be, flags);
	}while(x == y && x >= 0);
	return x < y ? -1 : x > y;
}

/* The sign of a number, and where its digits begin without leading zeros. */
static int
sign(char **pp, char *e)
{
	char *p, *q;
	int neg;

	p = skipblanks(*pp, e);
	neg = p < e && *p == '-';
	if(p < e && (*p == '-' || *p == '+'))
		p++;
	while(p < e && *p == '0')
		p++;
	*pp = p;
	for(q = p; q < e && (*q == '0' || *q == '.'); q++)
		if(*q == '.' && memchr(p, '.', q - p) != nil)
			break;
	if(q == e || *q < '0' || *q > '9')
		return 0;
	return neg ? -1 : 1;
}

static int
isdigit(char *p, char *e)
{
	return p < e && *p >= '0' && *p <= '9';
}

/* Compare two runs of digits with what follows the point; no leading zeros. */
static int
magcmp(char *a, char *ae, char *b, char *be)
{
	int c, x, y;

	c = 0;
	for(; isdigit(a, ae) && isdigit(b, be); a++, b++)
		if(c == 0)
			c = *a - *b;
	if(isdigit(a, ae) || isdigit(b, be))
		return isdigit(a, ae) ? 1 : -1;
	if(c != 0)
		return c;
	a += a < ae && *a == '.' ? 1 : ae - a;
	b += b < be && *b == '.' ? 1 : be - b;
	while(isdigit(a, ae) || isdigit(b, be)){
		x = isdigit(a, ae) ? *a++ : '0';
		y = isdigit(b, be) ? *b++ : '0';
		if(x != y)
			return x - y;
	}
	return 0;
}

static int
numcmp(char *a, char *ae, char *b, char *be)
{
	int x, y;

	x = sign(&a, ae);
	y = sign(&b, be);
	if(x != y)
		return x < y ? -1 : 1;
	if(x == 0)
		return 0;
	return x*magcmp(a, ae, b, be);
}

/* The floating-point number at p; 0 if there is none. */
static int
getfloat(char *p, char *e, double *d)
{
	char small[128], *s, *t;
	int ok;

	s = small;
	if(e - p >= (vlong)sizeof small)
		s = emalloc(e - p + 1);
	memmove(s, p, e - p);
	s[e-p] = '\0';
	*d = strtod(s, &t);
	ok = t != s;
	if(s != small)
		free(s);
	return ok;
}

/* What is no number comes first, then NaN, then the others. */
static int
floatcmp(char *a, char *ae, char *b, char *be)
{
	double x, y;
	int kx, ky;

	kx = getfloat(a, ae, &x);
	ky = getfloat(b, be, &y);
	if(kx && !isNaN(x))
		kx = 2;
	if(ky && !isNaN(y))
		ky = 2;
	if(kx != ky || kx != 2)
		return kx - ky;
	return x < y ? -1 : x > y;
}

static int
month(char *p, char *e)
{
	static char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	int i;

	p = skipblanks(p, e);
	if(e - p < 3)
		return 0;
	for(i = 0; i < 12; i++)
		if(cistrncmp(p, names + 3*i, 3) == 0)
			return i + 1;
	return 0;
}

static int
keycmp(Key *k, Line *a, Line *b)
{
	char *as, *ae, *bs, *be;
	int c;

	cutkey(k, a, &as, &ae);
	cutkey(k, b, &bs, &be);
	if(k->flags & Month)
		c = month(as, ae) - month(bs, be);
	else if(k->flags & Float)
		c = floatcmp(as, ae, bs, be);
	else if(k->flags & Numeric)
		c = numcmp(as, ae, bs, be);
	else if(k->flags & Filters)
		c = filtercmp(as, ae, bs, be, k->flags);
	else
		c = bytecmp(as, ae, bs, be);
	return k->flags & Reverse ? -c : c;
}

/* The order of lines. Without -u, lines whose keys are equal are ordered by all their bytes. */
int
linecmp(Line *a, Line *b)
{
	int i, c;

	for(i = 0; i < nkey; i++){
		c = keycmp(&keys[i], a, b);
		if(c != 0)
			return c;
	}
	if(uflag && nkey > 0)
		return 0;
	c = bytecmp(a->s, a->s + a->n, b->s, b->s + b->n);
	return global & Reverse ? -c : c;
}
