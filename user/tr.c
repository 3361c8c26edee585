/*
 * tr: translate, delete or squeeze runes. Each argument stands for a list of
 * runes: a-z is a range, \ooo and \xhhhh a rune by its number, and any other
 * rune after \ itself. A byte of the input that is no UTF-8 has a code of its
 * own above all runes, so that it comes out as it went in.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct List List;
typedef struct Range Range;

struct Range {
	Rune	lo, hi;
	uvlong	pos;		/* of lo in the list */
};

struct List {
	Range	*r;		/* in the order written */
	Range	*sorted;	/* by lo; where they overlap the last one written decides */
	int	n, cap;
	uvlong	len;
};

enum {
	Byte = Runemax + 1,	/* the code of a stray byte 0 */
	Ncodes = Byte + 256,
	Deleted = -1,
	Cached = 256,		/* codes whose translation is looked up once */
};

static int	cflag, dflag, sflag;
static List	from, to;
static Biobuf	in, out;

static void
usage(void)
{
	fprint(2, "usage: tr [-cds] string1 [string2]\n");
	exits("usage");
}

static void
readerror(char *msg)
{
	sysfatal("stdin: %s", msg);
}

static void
add(List *l, Rune lo, Rune hi)
{
	if(l->n == l->cap){
		l->cap = 2*l->cap + 16;
		l->r = realloc(l->r, l->cap*sizeof *l->r);
		if(l->r == nil)
			sysfatal("out of memory");
	}
	l->r[l->n].lo = lo;
	l->r[l->n].hi = hi;
	l->r[l->n].pos = l->len;
	l->n++;
	l->len += hi - lo + 1;
}

static int
digit(int c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if(c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Up to max digits in a base; what is no digit ends them. */
static Rune
number(char **sp, int base, int max)
{
	Rune r;
	char *s;

	r = 0;
	for(s = *sp; max > 0 && digit(*s) < base; max--)
		r = r*base + digit(*s++);
	*sp = s;
	return r;
}

/* One rune of an argument, escapes undone. */
static Rune
getrune(char **sp)
{
	Rune r;
	char *s;

	s = *sp;
	if(s[0] == '\\' && s[1] >= '0' && s[1] <= '7'){
		*sp = s + 1;
		return number(sp, 8, 3);
	}
	if(s[0] == '\\' && s[1] == 'x' && digit(s[2]) < 16){
		*sp = s + 2;
		return number(sp, 16, 4);
	}
	if(s[0] == '\\' && s[1] != '\0')
		s++;
	*sp = s + chartorune(&r, s);
	return r;
}

static void
parse(List *l, char *s)
{
	Rune lo, hi;

	while(*s != '\0'){
		hi = lo = getrune(&s);
		if(s[0] == '-' && s[1] != '\0'){
			s++;
			hi = getrune(&s);
			if(hi < lo)
				sysfatal("bad range");
		}
		add(l, lo, hi);
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
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

/* Cut the ranges so that none overlap, the later ones winning, and sort them. */
static void
settle(List *l)
{
	List m;
	Range *r, *s;
	Rune lo;
	int i, j;
	Rune hi;

	memset(&m, 0, sizeof m);
	for(i = 0; i < l->n; i++){
		r = &l->r[i];
		for(lo = r->lo; lo <= r->hi; lo = hi + 1){
			/* From lo on: what no later range takes, or else what one does. */
			hi = r->hi;
			for(j = i + 1; j < l->n; j++){
				s = &l->r[j];
				if(s->lo <= lo && lo <= s->hi)
					break;
				if(lo < s->lo && s->lo <= hi)
					hi = s->lo - 1;
			}
			if(j < l->n){
				hi = l->r[j].hi;
				continue;
			}
			add(&m, lo, hi);
			m.r[m.n-1].pos = r->pos + (lo - r->lo);
		}
	}
	if(m.n > 0)
		qsort(m.r, m.n, sizeof *m.r, rangecmp);
	l->sorted = m.r;
	l->cap = m.n;
}

/* Where a code stands in a settled list; -1 if it does not. */
static vlong
position(List *l, int c)
{
	Range *r;
	int lo, hi, m;

	lo = 0;
	hi = l->cap;
	while(lo < hi){
		m = (lo + hi)/2;
		r = &l->sorted[m];
		if(c < (int)r->lo)
			hi = m;
		else if(c > (int)r->hi)
			lo = m + 1;
		else
			return r->pos + (c - r->lo);
	}
	return -1;
}

/* The rune at a place of a list; past its end the last one stands. */
static int
at(List *l, vlong pos)
{
	int lo, hi, m;

	if(pos >= (vlong)l->len)
		pos = l->len - 1;
	lo = 0;
	hi = l->n;
	while(hi - lo > 1){
		m = (lo + hi)/2;
		if((vlong)l->r[m].pos <= pos)
			lo = m;
		else
			hi = m;
	}
	return l->r[lo].lo + (pos - l->r[lo].pos);
}

/* Replace a list by what it does not hold, in order. */
static void
complement(List *l)
{
	List m;
	Range *r;
	Rune next;
	int i;

	memset(&m, 0, sizeof m);
	next = 0;
	for(i = 0; i < l->cap; i++){
		r = &l->sorted[i];
		if(r->lo > next)
			add(&m, next, r->lo - 1);
		next = r->hi + 1;
	}
	if(next < Ncodes)
		add(&m, next, Ncodes - 1);
	free(l->r);
	free(l->sorted);
	*l = m;
	settle(l);
}

/* What a code becomes. */
static int
translate(int c)
{
	vlong p;

	p = position(&from, c);
	if(p < 0)
		return c;
	if(dflag)
		return Deleted;
	return to.n > 0 ? at(&to, p) : c;
}

/* The next code of the input, or -1. */
static int
getcode(void)
{
	char buf[UTFmax];
	Rune r;
	int c, i, n;

	c = Bgetc(&in);
	if(c < Runeself)
		return c;
	buf[0] = c;
	for(n = 1; n < UTFmax && !fullrune(buf, n); n++){
		c = Bgetc(&in);
		if(c < 0)
			break;
		buf[n] = c;
	}
	i = 1;
	if(fullrune(buf, n))
		i = chartorune(&r, buf);
	while(n > i){
		Bungetc(&in);
		n--;
	}
	return i == 1 ? Byte + (uchar)buf[0] : (int)r;
}

static void
putcode(int c)
{
	int ok;

	ok = c < Runeself ? Bputc(&out, c) : c >= Byte ? Bputc(&out, c - Byte) : Bputrune(&out, c);
	if(ok < 0)
		sysfatal("write error: %r");
}

static void
tr(void)
{
	static int cache[Cached];
	List *squeezed;
	int c, last;

	for(c = 0; c < Cached; c++)
		cache[c] = translate(c);
	squeezed = to.n > 0 ? &to : &from;
	last = -1;
	while((c = getcode()) >= 0){
		c = c < Cached ? cache[c] : translate(c);
		if(c == Deleted)
			continue;
		if(sflag && c == last && position(squeezed, c) >= 0)
			continue;
		last = c;
		putcode(c);
	}
}

void
main(int argc, char *argv[])
{
	argv0 = "tr";
	ARGBEGIN{
	case 'c': cflag = 1; break;
	case 'd': dflag = 1; break;
	case 's': sflag = 1; break;
	default: usage();
	}ARGEND
	if(argc < 1 || argc > 2 || (argc == 1 && !dflag && !sflag))
		usage();
	parse(&from, argv[0]);
	settle(&from);
	if(cflag)
		complement(&from);
	if(argc == 2){
		parse(&to, argv[1]);
		if(to.n == 0 && !dflag)
			sysfatal("string2 is empty");
	}
	settle(&to);
	Binit(&in, 0, OREAD);
	Blethal(&in, readerror);
	Binit(&out, 1, OWRITE);
	tr();
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
