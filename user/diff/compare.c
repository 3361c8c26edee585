/*
 * The comparison: Myers' greedy algorithm in linear space. A table of the
 * ways with d differences is kept for each diagonal x - y, from the front
 * and from the back at once; where the two meet, the problem falls into two
 * smaller ones. Lines that occur in one file only are left out beforehand,
 * and a search that takes too long is cut at the best point reached, so the
 * time stays near linear at the price of a result that is correct but may
 * not be the shortest.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "diff.h"

typedef struct Seq Seq;
typedef struct Search Search;

/* The lines of one file that the other file has too. */
struct Seq {
	int	*id;
	int	*from;		/* index in the file */
	int	n;
	uchar	*changed;	/* by index in the file */
};

/* Two sequences, and how far each diagonal has been followed. */
struct Search {
	Seq	a, b;
	int	*fwd, *back;	/* by x - y; may be indexed below 0 */
	int	limit;
};

/* The part of the sequences being compared: a[alo..ahi) with b[blo..bhi). */
typedef struct Box Box;
struct Box {
	int	alo, ahi;
	int	blo, bhi;
};

enum {
	Mincost = 1000,		/* differences that are always looked for */
};

static void
makeseq(Seq *s, File *f, uchar *other)
{
	int i;

	s->id = emalloc((f->nline + 1)*sizeof *s->id);
	s->from = emalloc((f->nline + 1)*sizeof *s->from);
	s->changed = emalloc(f->nline + 1);
	s->n = 0;
	for(i = 0; i < f->nline; i++){
		s->changed[i] = !other[f->id[i]];
		if(s->changed[i])
			continue;
		s->id[s->n] = f->id[i];
		s->from[s->n++] = i;
	}
	s->changed[f->nline] = 0;
}

/* Which numbers occur in a file. */
static uchar*
occurring(File *f, int nid)
{
	uchar *u;
	int i;

	u = emalloc(nid + 1);
	memset(u, 0, nid + 1);
	for(i = 0; i < f->nline; i++)
		u[f->id[i]] = 1;
	return u;
}

/* Where a search that took too long goes on: the point farthest from the start. */
static void
farthest(Search *s, Box *x, int lo, int hi, int *px, int *py)
{
	int k, best, px1, py1;

	best = -1;
	*px = x->alo;
	*py = x->blo;
	for(k = lo; k <= hi; k += 2){
		px1 = s->fwd[k] < x->ahi ? s->fwd[k] : x->ahi;
		py1 = px1 - k;
		if(py1 > x->bhi){
			py1 = x->bhi;
			px1 = py1 + k;
		}
		if(px1 + py1 > best && px1 + py1 < x->ahi + x->bhi){
			best = px1 + py1;
			*px = px1;
			*py = py1;
		}
	}
}

/* One more difference from the front, on diagonals lo to hi; 1 if the ways meet at (px, py). */
static int
forward(Search *s, Box *b, int lo, int hi, int blo, int bhi, int odd, int *px, int *py)
{
	int k, x, y;

	for(k = hi; k >= lo; k -= 2){
		x = s->fwd[k-1] + 1 > s->fwd[k+1] ? s->fwd[k-1] + 1 : s->fwd[k+1];
		y = x - k;
		while(x < b->ahi && y < b->bhi && s->a.id[x] == s->b.id[y]){
			x++;
			y++;
		}
		s->fwd[k] = x;
		if(odd && blo <= k && k <= bhi && s->back[k] <= x){
			*px = x;
			*py = y;
			return 1;
		}
	}
	return 0;
}

static int
backward(Search *s, Box *b, int lo, int hi, int flo, int fhi, int odd, int *px, int *py)
{
	int k, x, y;

	for(k = hi; k >= lo; k -= 2){
		x = s->back[k-1] < s->back[k+1] - 1 ? s->back[k-1] : s->back[k+1] - 1;
		y = x - k;
		while(x > b->alo && y > b->blo && s->a.id[x-1] == s->b.id[y-1]){
			x--;
			y--;
		}
		s->back[k] = x;
		if(!odd && flo <= k && k <= fhi && s->fwd[k] >= x){
			*px = x;
			*py = y;
			return 1;
		}
	}
	return 0;
}

/*
 * Find a point on the shortest way through a box without common ends.
 * Diagonals that leave the box are dropped two at a time, which keeps the
 * parity of those that remain.
 */
static void
middle(Search *s, Box *b, int *px, int *py)
{
	int min, max, flo, fhi, blo, bhi, odd, cost;

	min = b->alo - b->bhi;
	max = b->ahi - b->blo;
	flo = fhi = b->alo - b->blo;
	blo = bhi = b->ahi - b->bhi;
	odd = (flo - blo) & 1;
	s->fwd[flo] = b->alo;
	s->back[blo] = b->ahi;
	for(cost = 1; ; cost++){
		if(flo > min)
			s->fwd[--flo - 1] = -1;
		else
			flo++;
		if(fhi < max)
			s->fwd[++fhi + 1] = -1;
		else
			fhi--;
		if(forward(s, b, flo, fhi, blo, bhi, odd, px, py))
			return;
		if(blo > min)
			s->back[--blo - 1] = 1<<30;
		else
			blo++;
		if(bhi < max)
			s->back[++bhi + 1] = 1<<30;
		else
			bhi--;
		if(backward(s, b, blo, bhi, flo, fhi, odd, px, py))
			return;
		if(cost >= s->limit){
			farthest(s, b, flo, fhi, px, py);
			return;
		}
	}
}

static void
markall(Seq *s, int lo, int hi)
{
	for(; lo < hi; lo++)
		s->changed[s->from[lo]] = 1;
}

/* Mark what has to change in a box. The smaller half recurs, so the depth is logarithmic. */
static void
mark(Search *s, Box b)
{
	Box half;
	int x, y;

	for(;;){
		while(b.alo < b.ahi && b.blo < b.bhi && s->a.id[b.alo] == s->b.id[b.blo]){
			b.alo++;
			b.blo++;
		}
		while(b.alo < b.ahi && b.blo < b.bhi && s->a.id[b.ahi-1] == s->b.id[b.bhi-1]){
			b.ahi--;
			b.bhi--;
		}
		if(b.alo == b.ahi || b.blo == b.bhi)
			break;
		middle(s, &b, &x, &y);
		half = b;
		if(x - b.alo + y - b.blo < b.ahi - x + b.bhi - y){
			half.ahi = b.alo = x;
			half.bhi = b.blo = y;
		}else{
			half.alo = b.ahi = x;
			half.blo = b.bhi = y;
		}
		mark(s, half);
	}
	markall(&s->a, b.alo, b.ahi);
	markall(&s->b, b.blo, b.bhi);
}

static Hunk*
addhunk(Hunks *hs)
{
	if(hs->n == hs->cap){
		hs->cap = 2*hs->cap + 64;
		hs->h = erealloc(hs->h, hs->cap*sizeof *hs->h);
	}
	return &hs->h[hs->n++];
}

/* From marks to hunks: what is not marked pairs off in order. */
static void
makehunks(File *a, File *b, uchar *ac, uchar *bc, Hunks *hs)
{
	Hunk *h;
	int i, j;

	for(i = j = 0; i < a->nline || j < b->nline; i++, j++){
		if(!ac[i] && !bc[j])
			continue;
		h = addhunk(hs);
		h->a1 = i;
		h->b1 = j;
		while(i < a->nline && ac[i])
			i++;
		while(j < b->nline && bc[j])
			j++;
		h->a2 = i;
		h->b2 = j;
	}
}

/* Move a pure insertion or deletion down while it says the same; what precedes limit is common. */
static void
slide(Hunk *h, int *id, int *lo, int *hi, int limit)
{
	while(*hi < limit && id[*lo] == id[*hi]){
		h->a1++;
		h->a2++;
		h->b1++;
		h->b2++;
	}
}

/* Slide hunks to the lowest place, last first, and join those that then touch. */
static void
settle(File *a, File *b, Hunks *hs)
{
	Hunk h, *next;
	int i, w;

	w = hs->n;
	for(i = hs->n - 1; i >= 0; i--){
		h = hs->h[i];
		next = w < hs->n ? &hs->h[w] : nil;
		if(h.b1 == h.b2)
			slide(&h, a->id, &h.a1, &h.a2, next != nil ? next->a1 : a->nline);
		else if(h.a1 == h.a2)
			slide(&h, b->id, &h.b1, &h.b2, next != nil ? next->b1 : b->nline);
		if(next != nil && h.a2 == next->a1 && h.b2 == next->b1){
			next->a1 = h.a1;
			next->b1 = h.b1;
		}else
			hs->h[--w] = h;
	}
	hs->n -= w;
	if(w > 0)
		memmove(hs->h, hs->h + w, hs->n*sizeof *hs->h);
}

static void
freeseq(Seq *s)
{
	free(s->id);
	free(s->from);
	free(s->changed);
}

void
compare(File *a, File *b, int nid, Hunks *hs)
{
	Search s;
	Box all;
	uchar *ina, *inb;
	int *v, n;

	ina = occurring(a, nid);
	inb = occurring(b, nid);
	makeseq(&s.a, a, inb);
	makeseq(&s.b, b, ina);
	free(ina);
	free(inb);
	n = s.a.n + s.b.n + 3;
	v = emalloc(2*(usize)n*sizeof *v);
	s.fwd = v + s.b.n + 1;
	s.back = s.fwd + n;
	for(s.limit = Mincost; (vlong)s.limit*s.limit < n; s.limit *= 2)
		;
	all.alo = all.blo = 0;
	all.ahi = s.a.n;
	all.bhi = s.b.n;
	mark(&s, all);
	makehunks(a, b, s.a.changed, s.b.changed, hs);
	settle(a, b, hs);
	free(v);
	freeseq(&s.a);
	freeseq(&s.b);
}
