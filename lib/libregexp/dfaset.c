/*
 * Sets of runes, as written between brackets: sorted arrays of ranges.
 * A set is filled by dfa_addrange and ready for dfa_inset after dfa_sealset.
 */
#include <u.h>
#include <libc.h>
#include <dfa.h>
#include "dfaimpl.h"

int
dfa_newset(Dfa *d)
{
	if(d->nset == d->setcap){
		d->setcap = d->setcap*2 + 16;
		d->set = dfa_alloc(d->set, (usize)d->setcap*sizeof *d->set);
	}
	d->set[d->nset].r = nil;
	d->set[d->nset].n = 0;
	return d->nset++;
}

void
dfa_addrange(Dfa *d, int set, Rune lo, Rune hi)
{
	Set *s;

	s = &d->set[set];
	if((s->n & (s->n-1)) == 0)
		s->r = dfa_alloc(s->r, (usize)(s->n == 0 ? 1 : 2*s->n)*sizeof *s->r);
	s->r[s->n].lo = lo;
	s->r[s->n].hi = hi;
	s->n++;
}

static int isblankrune(Rune r) { return r == ' ' || r == '\t'; }
static int iscntrlrune(Rune r) { return r < ' ' || (r >= 0x7F && r < 0xA0); }
static int isxdigitrune(Rune r) { return r < Runeself && strchr("0123456789abcdefABCDEF", (int)r); }
static int isdecimalrune(Rune r) { return r >= '0' && r <= '9'; }
static int isalnumrune(Rune r) { return isalpharune(r) || isdecimalrune(r); }
static int isprintrune(Rune r) { return !iscntrlrune(r); }
static int isgraphrune(Rune r) { return !iscntrlrune(r) && !isspacerune(r); }
static int ispunctrune(Rune r) { return isgraphrune(r) && !isalnumrune(r); }

static struct {
	char	*name;
	int	(*is)(Rune);
} classes[] = {
	{ "alpha", isalpharune }, { "digit", isdecimalrune }, { "alnum", isalnumrune },
	{ "upper", isupperrune }, { "lower", islowerrune }, { "space", isspacerune },
	{ "blank", isblankrune }, { "punct", ispunctrune }, { "print", isprintrune },
	{ "graph", isgraphrune }, { "cntrl", iscntrlrune }, { "xdigit", isxdigitrune },
};

/* Add the runes of a class like alpha; 0 if there is none of that name. */
int
dfa_addclass(Dfa *d, int set, char *name, usize n)
{
	int (*is)(Rune);
	Rune r, lo;
	uint i;

	for(i = 0; i < nelem(classes); i++)
		if((usize)strlen(classes[i].name) == n && memcmp(classes[i].name, name, n) == 0)
			break;
	if(i == nelem(classes))
		return 0;
	is = classes[i].is;
	for(r = 1; r <= Runemax; r++){
		if(!is(r))
			continue;
		for(lo = r; r < Runemax && is(r + 1); r++)
			;
		dfa_addrange(d, set, lo, r);
	}
	return 1;
}

/* Add the lower-case form of every member: the text is folded likewise. */
void
dfa_foldset(Dfa *d, int set)
{
	int i, n;
	Range x;
	Rune r, l;

	n = d->set[set].n;
	for(i = 0; i < n; i++){
		x = d->set[set].r[i];
		for(r = x.lo; r <= x.hi; r++){
			l = tolowerrune(r);
			if(l != r && (l < x.lo || l > x.hi))
				dfa_addrange(d, set, l, l);
		}
	}
}

static int
rangecmp(void *a, void *b)
{
	Range *x, *y;

	x = a;
	y = b;
	if(x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return 0;
}

/* Replace a sorted, disjoint set by its complement, which holds no newline but in posix. */
static void
complement(Dfa *d, int set)
{
	Set old;
	Rune next;
	int i;

	if(!(d->flags & DFAposix)){
		dfa_addrange(d, set, '\n', '\n');
		dfa_sealset(d, set, 0);
	}
	old = d->set[set];
	d->set[set].r = nil;
	d->set[set].n = 0;
	next = 0;
	for(i = 0; i < old.n; i++){
		if(old.r[i].lo > next)
			dfa_addrange(d, set, next, old.r[i].lo - 1);
		next = old.r[i].hi + 1;
	}
	if(next <= Runemax)
		dfa_addrange(d, set, next, Runemax);
	free(old.r);
}

/* Sort a set and join what touches; negate turns it into its complement. */
void
dfa_sealset(Dfa *d, int set, int negate)
{
	Range *r;
	int i, j, n;

	r = d->set[set].r;
	n = d->set[set].n;
	if(n > 0){
		qsort(r, n, sizeof *r, rangecmp);
		for(i = 0, j = 1; j < n; j++){
			if(r[j].lo > r[i].hi + 1)
				r[++i] = r[j];
			else if(r[j].hi > r[i].hi)
				r[i].hi = r[j].hi;
		}
		/* dfa_addrange counts on room for the next power of two, which is still there. */
		d->set[set].n = i + 1;
	}
	if(negate)
		complement(d, set);
}

int
dfa_inset(Dfa *d, int set, Rune c)
{
	Range *r;
	int lo, hi, m;

	r = d->set[set].r;
	lo = 0;
	hi = d->set[set].n;
	while(lo < hi){
		m = (lo + hi)/2;
		if(c < r[m].lo)
			hi = m;
		else if(c > r[m].hi)
			lo = m + 1;
		else
			return 1;
	}
	return 0;
}
