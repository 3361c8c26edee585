/*
 * Where a text may be divided: between graphemes, which readers take for
 * one character, and between words. The rules are those of Unicode's
 * annex 29, and their names there are given beside them. A text begins at
 * a break, so that only what was passed since needs to be known.
 */
#include "sys.h"
#include "unicode.h"

/* A place in a string of bytes or, if that is nil, of Runes. */
typedef struct Place Place;
struct Place {
	char	*s;
	Rune	*r;
};

static Break
find(Rune r)
{
	static Break none;
	int lo = 0, hi = _nbreak, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(r > _breaks[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < _nbreak && r >= _breaks[lo].lo ? _breaks[lo] : none;
}

/* Takes the rune at p; 0, and stays, at the end. */
static Rune
take(Place *p)
{
	Rune r;

	if(p->s == nil){
		r = *p->r;
		p->r += r != 0;
	}else{
		int n = chartorune(&r, p->s);
		p->s += r != 0 ? n : 0;
	}
	return r;
}

/* ---- graphemes ---- */

static int
gclass(Rune r, Break *b)
{
	*b = find(r);
	if(r - Sbase < Scount)
		return (r - Sbase) % Tcount == 0 ? Glv : Glvt;
	return b->grapheme;
}

static int
iscontrol(int g)
{
	return g == Gcr || g == Glf || g == Gcontrol;
}

/* Whether what is of class a and what is of class b belong together. */
static int
joined(int a, int b)
{
	if(a == Gcr && b == Glf)					/* GB3 */
		return 1;
	if(iscontrol(a) || iscontrol(b))				/* GB4, 5 */
		return 0;
	if(a == Gl && (b == Gl || b == Gv || b == Glv || b == Glvt))	/* GB6 */
		return 1;
	if((a == Glv || a == Gv) && (b == Gv || b == Gt))		/* GB7 */
		return 1;
	if((a == Glvt || a == Gt) && b == Gt)				/* GB8 */
		return 1;
	return b == Gextend || b == Gzwj || b == Gspacing || a == Gprepend;	/* GB9 */
}

static Place
gbreak(Place p)
{
	int g, prev, regional, pict;	/* pict: one, then Extend (1), then ZWJ (2) */
	Place next = p;
	Break b;
	Rune r;

	r = take(&next);
	if(r == 0)
		return p;
	prev = gclass(r, &b);
	regional = prev == Gregional;
	pict = b.pict;
	for(p = next; (r = take(&next)) != 0; p = next){
		g = gclass(r, &b);
		if(!joined(prev, g) && !(pict == 2 && b.pict)		/* GB11 */
		&& !(g == Gregional && regional % 2 == 1))		/* GB12, 13 */
			break;
		if(b.pict)
			pict = 1;
		else if(g == Gzwj && pict == 1)
			pict = 2;
		else if(g != Gextend || pict == 2)
			pict = 0;
		regional = g == Gregional ? regional + 1 : 0;
		prev = g;
	}
	return p;
}

/* ---- words ---- */

static int
isnewline(int w)
{
	return w == Wcr || w == Wlf || w == Wnewline;
}

static int
isignored(int w)
{
	return w == Wextend || w == Wformat || w == Wzwj;
}

static int
isletter(int w)
{
	return w == Wletter || w == Whebrew;
}

static int
inletters(int w)
{
	return w == Wmidletter || w == Wmidnumlet || w == Wsingle;
}

static int
innumber(int w)
{
	return w == Wmidnum || w == Wmidnumlet || w == Wsingle;
}

/* The class of the next rune that counts. */
static int
ahead(Place p)
{
	Rune r;
	int w;

	while((r = take(&p)) != 0)
		if(!isignored(w = find(r).word))
			return w;
	return Wother;
}

/* Whether w goes on with the word that ends in before, prev; next follows it. */
static int
goeson(int before, int prev, int w, int next)
{
	if(isletter(prev)){
		if(isletter(w) || w == Wnumeric || w == Wextendnumlet)	/* WB5, 9, 13a */
			return 1;
		if(inletters(w) && isletter(next))			/* WB6 */
			return 1;
		if(prev == Whebrew && (w == Wsingle || (w == Wdouble && next == Whebrew)))
			return 1;					/* WB7a, b */
	}
	if(isletter(w)){
		if(isletter(before) && inletters(prev))			/* WB7 */
			return 1;
		if(before == Whebrew && prev == Wdouble && w == Whebrew)	/* WB7c */
			return 1;
	}
	if(prev == Wnumeric){
		if(w == Wnumeric || isletter(w) || w == Wextendnumlet)	/* WB8, 10, 13a */
			return 1;
		if(innumber(w) && next == Wnumeric)			/* WB12 */
			return 1;
	}
	if(before == Wnumeric && innumber(prev) && w == Wnumeric)	/* WB11 */
		return 1;
	if(prev == Wkatakana)
		return w == Wkatakana || w == Wextendnumlet;		/* WB13, 13a */
	if(prev == Wextendnumlet)					/* WB13a, b */
		return w == Wextendnumlet || isletter(w) || w == Wnumeric || w == Wkatakana;
	return 0;
}

static Place
wbreak(Place p)
{
	int w, raw, prev, before = Wother, regional;
	Place next = p;
	Break b;
	Rune r;

	r = take(&next);
	if(r == 0)
		return p;
	raw = prev = find(r).word;
	regional = prev == Wregional;
	for(p = next; (r = take(&next)) != 0; p = next, raw = w){
		b = find(r);
		w = b.word;
		if(isnewline(raw) || isnewline(w)){			/* WB3, 3a, 3b */
			if(raw == Wcr && w == Wlf)
				continue;
			break;
		}
		if(isignored(w))					/* WB4 */
			continue;
		if(!(raw == Wzwj && b.pict) && !(raw == Wspace && w == Wspace)	/* WB3c, d */
		&& !(w == Wregional && regional % 2 == 1)		/* WB15, 16 */
		&& !goeson(before, prev, w, ahead(next)))
			break;
		regional = w == Wregional ? regional + 1 : 0;
		before = prev;
		prev = w;
	}
	return p;
}

/* Each returns the next place after s where the text may be divided, its end if there is none. */
char*
utfgbreak(char *s)
{
	return gbreak((Place){ s, nil }).s;
}

Rune*
runegbreak(Rune *s)
{
	return gbreak((Place){ nil, s }).r;
}

char*
utfwbreak(char *s)
{
	return wbreak((Place){ s, nil }).s;
}

Rune*
runewbreak(Rune *s)
{
	return wbreak((Place){ nil, s }).r;
}
