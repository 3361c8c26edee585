/*
 * Unicode's canonical forms: characters taken apart (NFD), or taken apart
 * and put together again (NFC), with what combines with a character in a
 * fixed order behind it. The text is worked on a character and its
 * followers at a time.
 */
#include "sys.h"
#include "unicode.h"

enum {
	NLOCAL = 32,		/* a character and its followers; more are in memory from malloc */
	NFEW = 16,		/* as many are put in order one by one */
	NCLASS = 256,
};

typedef struct Norm Norm;
struct Norm {
	int	compose;
	Rune	*seg;		/* a character and what combines with it; then as much to sort in */
	int	n, max;
	int	failed;		/* no memory */
	Rune	local[2*NLOCAL];
	/* the result, in one of two forms; need counts on when it is full */
	int	utf;
	Rune	*rto;
	char	*to;
	int	room;		/* elements left, without that for the NUL */
	int	need;
};

static int
class(Rune r)
{
	int lo = 0, hi = _ncombining, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(r > _combinings[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < _ncombining && r >= _combinings[lo].lo ? _combinings[lo].class : 0;
}

static Pair*
findpair(Rune r)
{
	int lo = 0, hi = _npair, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(r > _pairs[mid].c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < _npair && _pairs[lo].c == r ? &_pairs[lo] : nil;
}

static Rune
findsingle(Rune r)
{
	int lo = 0, hi = _nsingle, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(r > _singles[mid].c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < _nsingle && _singles[lo].c == r ? _singles[lo].to : 0;
}

/* What a and b make together; 0 if they do not. */
static Rune
together(Rune a, Rune b)
{
	int lo = 0, hi = _ncompose, mid;
	Pair *p;

	if(a - Lbase < Lcount && b - Vbase < Vcount)
		return Sbase + ((a - Lbase)*Vcount + b - Vbase)*Tcount;
	if(a - Sbase < Scount && (a - Sbase) % Tcount == 0 && b - Tbase - 1 < Tcount - 1)
		return a + b - Tbase;
	while(lo < hi){
		mid = (lo + hi) / 2;
		p = &_pairs[_composes[mid]];
		if(a > p->a || (a == p->a && b > p->b))
			lo = mid + 1;
		else
			hi = mid;
	}
	if(lo == _ncompose)
		return 0;
	p = &_pairs[_composes[lo]];
	return p->a == a && p->b == b ? p->c : 0;
}

/* ---- the result ---- */

static void
put(Norm *x, Rune r)
{
	int n = x->utf ? runelen(r) : 1;

	x->need += n;
	if(x->room < n){
		x->room = 0;		/* nothing may follow what was left out */
		return;
	}
	x->room -= n;
	if(x->utf)
		x->to += runetochar(x->to, &r);
	else
		*x->rto++ = r;
}

static void
flush(Norm *x)
{
	int i;

	for(i = 0; i < x->n; i++)
		put(x, x->seg[i]);
	x->n = 0;
}

/* ---- a character and its followers ---- */

static void
sortfew(Rune *seg, int n)
{
	int i, j, k;
	Rune r;

	for(i = 1; i < n; i++){
		r = seg[i];
		k = class(r);
		for(j = i; j > 0 && class(seg[j-1]) > k; j--)
			seg[j] = seg[j-1];
		seg[j] = r;
	}
}

/* Puts what combines in the order of its class, and those of one class as they came. */
static void
order(Norm *x)
{
	int at[NCLASS + 1], i;
	Rune *to = x->seg + x->max;

	if(x->n <= NFEW){
		sortfew(x->seg, x->n);
		return;
	}
	memset(at, 0, sizeof at);
	for(i = 0; i < x->n; i++)
		at[class(x->seg[i]) + 1]++;
	for(i = 1; i < NCLASS; i++)
		at[i] += at[i-1];
	for(i = 0; i < x->n; i++)
		to[at[class(x->seg[i])]++] = x->seg[i];
	memmove(x->seg, to, (ulong)x->n * sizeof to[0]);
}

/* Composes the first with those behind it that nothing of the same class keeps away from it. */
static void
compose(Norm *x)
{
	int i, n = 1, last = 0, k;
	Rune r;

	order(x);
	if(!x->compose || x->n == 0 || class(x->seg[0]) != 0)
		return;
	for(i = 1; i < x->n; i++){
		k = class(x->seg[i]);
		if(k > last){
			r = together(x->seg[0], x->seg[i]);
			if(r != 0){
				x->seg[0] = r;
				continue;
			}
		}
		last = k;
		x->seg[n++] = x->seg[i];
	}
	x->n = n;
}

static int
grow(Norm *x)
{
	Rune *p;

	if(x->n < x->max)
		return 0;
	p = realloc(x->seg == x->local ? nil : x->seg, 4*(ulong)x->max * sizeof *p);
	if(p == nil){
		x->failed = 1;
		return -1;
	}
	if(x->seg == x->local)
		memmove(p, x->local, NLOCAL * sizeof *p);
	x->seg = p;
	x->max *= 2;
	return 0;
}

/* The next rune, which cannot be taken apart. */
static void
add(Norm *x, Rune r)
{
	Rune c;

	if(class(r) == 0){
		compose(x);
		if(x->compose && x->n == 1 && (c = together(x->seg[0], r)) != 0){
			x->seg[0] = c;
			return;
		}
		flush(x);
	}
	if(grow(x) == 0)
		x->seg[x->n++] = r;
}

static void
takeapart(Norm *x, Rune r)
{
	Rune s = r - Sbase, one;
	Pair *p;

	if(r < 0xC0){
		add(x, r);
		return;
	}
	if(s < Scount){
		add(x, Lbase + s / (Vcount*Tcount));
		add(x, Vbase + s % (Vcount*Tcount) / Tcount);
		if(s % Tcount != 0)
			add(x, Tbase + s % Tcount);
		return;
	}
	if((p = findpair(r)) != nil){
		takeapart(x, p->a);
		add(x, p->b);
	}else if((one = findsingle(r)) != 0)
		takeapart(x, one);
	else
		add(x, r);
}

/* Normalizes s or, if that is nil, rs, into what x says. */
static int
normalize(Norm *x, char *s, Rune *rs, int max)
{
	Rune r;

	x->seg = x->local;
	x->max = NLOCAL;
	x->room = max - 1;
	for(;;){
		if(s != nil)
			s += chartorune(&r, s);
		else
			r = *rs++;
		if(r == 0)
			break;
		takeapart(x, r);
	}
	compose(x);
	flush(x);
	if(x->seg != x->local)
		free(x->seg);
	if(max > 0 && x->utf)
		*x->to = 0;
	else if(max > 0)
		*x->rto = 0;
	return x->failed ? -1 : x->need + 1;
}

int
runecomp(Rune *dst, Rune *src, int max)
{
	Norm x = { .compose = 1, .rto = dst };

	return normalize(&x, nil, src, max);
}

int
runedecomp(Rune *dst, Rune *src, int max)
{
	Norm x = { .rto = dst };

	return normalize(&x, nil, src, max);
}

int
utfcomp(char *dst, char *src, int max)
{
	Norm x = { .compose = 1, .utf = 1, .to = dst };

	return normalize(&x, src, nil, max);
}

int
utfdecomp(char *dst, char *src, int max)
{
	Norm x = { .utf = 1, .to = dst };

	return normalize(&x, src, nil, max);
}
