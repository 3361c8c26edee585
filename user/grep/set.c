/*
 * Sets of runes, as written between brackets: sorted arrays of ranges.
 * A set is filled by addrange and ready for inset after sealset.
 */
#include <u.h>
#include <libc.h>
#include "grep.h"

Set	*sets;
int	nset;

static int	setcap;

int
newset(void)
{
	if(nset == setcap){
		setcap = setcap*2 + 16;
		sets = erealloc(sets, setcap*sizeof *sets);
	}
	sets[nset].r = nil;
	sets[nset].n = 0;
	return nset++;
}

void
addrange(int set, Rune lo, Rune hi)
{
	Set *s;

	s = &sets[set];
	if((s->n & (s->n-1)) == 0)
		s->r = erealloc(s->r, (s->n == 0 ? 1 : 2*s->n)*sizeof *s->r);
	s->r[s->n].lo = lo;
	s->r[s->n].hi = hi;
	s->n++;
}

/* Add the lower-case form of every member: the text is folded likewise. */
void
foldset(int set)
{
	int i, n;
	Range x;
	Rune r, l;

	n = sets[set].n;
	for(i = 0; i < n; i++){
		x = sets[set].r[i];
		for(r = x.lo; r <= x.hi; r++){
			l = tolowerrune(r);
			if(l != r && (l < x.lo || l > x.hi))
				addrange(set, l, l);
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

/* Replace a sorted, disjoint set by its complement, which never holds the newline. */
static void
complement(int set)
{
	Set old;
	Rune next;
	int i;

	addrange(set, '\n', '\n');
	sealset(set, 0);
	old = sets[set];
	sets[set].r = nil;
	sets[set].n = 0;
	next = 0;
	for(i = 0; i < old.n; i++){
		if(old.r[i].lo > next)
			addrange(set, next, old.r[i].lo - 1);
		next = old.r[i].hi + 1;
	}
	if(next <= Runemax)
		addrange(set, next, Runemax);
	free(old.r);
}

/* Sort a set and join what touches; negate turns it into its complement. */
void
sealset(int set, int negate)
{
	Range *r;
	int i, j, n;

	r = sets[set].r;
	n = sets[set].n;
	if(n > 0){
		qsort(r, n, sizeof *r, rangecmp);
		for(i = 0, j = 1; j < n; j++){
			if(r[j].lo > r[i].hi + 1)
				r[++i] = r[j];
			else if(r[j].hi > r[i].hi)
				r[i].hi = r[j].hi;
		}
		/* addrange counts on a capacity of the next power of two, which is still there. */
		sets[set].n = i + 1;
	}
	if(negate)
		complement(set);
}

int
inset(int set, Rune c)
{
	Range *r;
	int lo, hi, m;

	r = sets[set].r;
	lo = 0;
	hi = sets[set].n;
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
