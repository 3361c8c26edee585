/*
 * Inflate. Codes are looked up in a table of FAST bits; longer ones go on in
 * the canonical way, a bit at a time. Bytes are taken from the input only
 * when a code needs their bits, so that what follows the data is left alone.
 */
#include "impl.h"

enum {
	FAST = 10,
	OUT = 2*WINDOW,			/* power of two */
	STEP = 8,
};

typedef struct Code Code;
typedef struct Inflate Inflate;

/* count[n] codes have n bits; sym lists their symbols, in order of codes. */
struct Code {
	ushort	fast[1<<FAST];		/* symbol<<4 | length; 0: longer than FAST, or no code */
	ushort	count[MAXCODE+1];
	ushort	sym[NLIT];
};

struct Inflate {
	void	*garg;
	int	(*get)(void*);
	void	*warg;
	int	(*w)(void*, void*, int);
	uint	bits;			/* not yet used, the next one lowest */
	int	nbits;
	uchar	out[OUT];		/* cyclic */
	uint	pos;			/* of the next byte; cyclic too */
	uint	start;			/* of what has not been written */
	uvlong	total;
	Code	lit, dist;
};

int
inflateinit(void)
{
	return FlateOk;
}

static uint
reverse(uint v, int n)
{
	uint r = 0;

	while(n-- > 0){
		r = r<<1 | (v & 1);
		v >>= 1;
	}
	return r;
}

/*
 * Makes the tables of a code from its lengths. It must be complete, but for
 * one of a single symbol, whose length is 1, or of none at all.
 */
static int
mkcode(Code *c, uchar *lens, int n)
{
	ushort next[MAXCODE+2];
	int i, left, max, len;
	uint code, v;

	memset(c, 0, sizeof *c);
	for(i = 0; i < n; i++)
		c->count[lens[i]]++;
	c->count[0] = 0;
	left = 1;
	max = 0;
	for(len = 1; len <= MAXCODE; len++){
		left = 2*left - c->count[len];
		if(left < 0)
			return FlateCorrupted;
		if(c->count[len] > 0)
			max = len;
	}
	if(left > 0 && max > 1)
		return FlateCorrupted;
	next[1] = 0;
	for(len = 1; len <= MAXCODE; len++)
		next[len+1] = (ushort)(next[len] + c->count[len]);
	for(i = 0; i < n; i++)
		if(lens[i] != 0)
			c->sym[next[lens[i]]++] = (ushort)i;
	code = 0;
	i = 0;
	for(len = 1; len <= FAST; len++, code <<= 1)
		for(left = c->count[len]; left > 0; left--, code++, i++)
			for(v = reverse(code, len); v < 1<<FAST; v += 1u<<len)
				c->fast[v] = (ushort)(c->sym[i]<<4 | len);
	return FlateOk;
}

static int
fill(Inflate *s)
{
	int c;

	c = s->get(s->garg);
	if(c < 0)
		return FlateInputFail;
	s->bits |= (uint)c << s->nbits;
	s->nbits += 8;
	return FlateOk;
}

/* The next n bits, n at most 16, or an error. */
static int
getbits(Inflate *s, int n)
{
	int v;

	while(s->nbits < n)
		if(fill(s) < 0)
			return FlateInputFail;
	v = (int)(s->bits & ((1u<<n) - 1));
	s->bits >>= n;
	s->nbits -= n;
	return v;
}

/* The next symbol, found a bit at a time. */
static int
slowsym(Inflate *s, Code *c)
{
	int code = 0, first = 0, index = 0, len, n;

	for(len = 1; len <= MAXCODE; len++){
		if(s->nbits < len && fill(s) < 0)
			return FlateInputFail;
		code |= (int)(s->bits >> (len-1) & 1);
		n = c->count[len];
		if(code - first < n){
			s->bits >>= len;
			s->nbits -= len;
			return c->sym[index + code - first];
		}
		index += n;
		first = (first + n) << 1;
		code <<= 1;
	}
	return FlateCorrupted;
}

static int
getsym(Inflate *s, Code *c)
{
	uint e, n;

	for(;;){
		e = c->fast[s->bits & ((1<<FAST) - 1)];
		n = e & 15;
		if(n != 0 && n <= (uint)s->nbits){
			s->bits >>= n;
			s->nbits -= (int)n;
			return (int)(e >> 4);
		}
		if(n == 0)
			return slowsym(s, c);
		if(fill(s) < 0)
			return FlateInputFail;
	}
}

/* Writes what is new, which never wraps. */
static int
flush(Inflate *s)
{
	int n = (int)(s->pos - s->start);

	if(n > 0 && s->w(s->warg, s->out + s->start, n) != n)
		return FlateOutputFail;
	s->total += (uvlong)n;
	if(s->pos == OUT)
		s->pos = 0;
	s->start = s->pos;
	return FlateOk;
}

static int
put(Inflate *s, int c)
{
	s->out[s->pos++] = (uchar)c;
	return s->pos == OUT ? flush(s) : FlateOk;
}

/*
 * Steps of eight bytes where they do not overlap. What is stored beyond the end is
 * older than the window.
 */
static void
copyfast(uchar *to, uchar *from, uint len, uint dist)
{
	uchar *e = to + len;

	if(dist >= STEP)
		for(; to < e; to += STEP, from += STEP)
			memcpy(to, from, STEP);
	else
		while(to < e)
			*to++ = *from++;
}

static int
copy(Inflate *s, uint len, uint dist)
{
	uint from = (s->pos - dist) & (OUT-1);
	int e;

	if(dist > s->total + (s->pos - s->start))
		return FlateCorrupted;
	if(s->pos + len + STEP < OUT && from + len + STEP <= OUT){
		copyfast(s->out + s->pos, s->out + from, len, dist);
		s->pos += len;
		return FlateOk;
	}
	while(len-- > 0)
		if((e = put(s, s->out[(s->pos - dist) & (OUT-1)])) != FlateOk)
			return e;
	return FlateOk;
}

static int
stored(Inflate *s)
{
	int n, m, e;

	getbits(s, s->nbits & 7);
	n = getbits(s, 16);
	m = n < 0 ? n : getbits(s, 16);
	if(m < 0)
		return m;
	if(n != (~m & 0xFFFF))
		return FlateCorrupted;
	while(n-- > 0){
		m = getbits(s, 8);
		if(m < 0)
			return m;
		if((e = put(s, m)) != FlateOk)
			return e;
	}
	return FlateOk;
}

/* A match whose length symbol is known. */
static int
match(Inflate *s, int sym)
{
	int len, dist, n;

	sym -= LEN0;
	if(sym >= NLITUSED-LEN0)
		return FlateCorrupted;
	n = getbits(s, _lenextra[sym]);
	if(n < 0)
		return n;
	len = _lenbase[sym] + n;
	sym = getsym(s, &s->dist);
	if(sym < 0)
		return sym;
	if(sym >= NDIST)
		return FlateCorrupted;
	n = getbits(s, _distextra[sym]);
	if(n < 0)
		return n;
	dist = _distbase[sym] + n;
	return copy(s, (uint)len, (uint)dist);
}

static int
coded(Inflate *s)
{
	int sym, e;

	for(;;){
		sym = getsym(s, &s->lit);
		if(sym < 0)
			return sym;
		if(sym == ENDBLOCK)
			return FlateOk;
		if(sym < ENDBLOCK && s->pos < OUT-1){
			s->out[s->pos++] = (uchar)sym;
			continue;
		}
		e = sym < ENDBLOCK ? put(s, sym) : match(s, sym);
		if(e != FlateOk)
			return e;
	}
}

/* Reads n code lengths, which are themselves coded. */
static int
readlens(Inflate *s, Code *c, uchar *lens, int n)
{
	int i, sym, rep;
	uchar v;

	for(i = 0; i < n; ){
		sym = getsym(s, c);
		if(sym < 0)
			return sym;
		if(sym < CLCOPY){
			lens[i++] = (uchar)sym;
			continue;
		}
		if(sym == CLCOPY && i == 0)
			return FlateCorrupted;
		rep = getbits(s, sym == CLCOPY ? 2 : sym == CLZERO3 ? 3 : 7);
		if(rep < 0)
			return rep;
		rep += sym == CLZERO11 ? 11 : 3;
		if(rep > n - i)
			return FlateCorrupted;
		v = sym == CLCOPY ? lens[i-1] : 0;
		memset(lens + i, v, (ulong)rep);
		i += rep;
	}
	return FlateOk;
}

static int
dynamic(Inflate *s)
{
	uchar lens[NLIT + 32], clens[NCLEN];
	int nlit, ndist, nclen, i, n;

	nlit = getbits(s, 5);
	ndist = nlit < 0 ? nlit : getbits(s, 5);
	nclen = ndist < 0 ? ndist : getbits(s, 4);
	if(nclen < 0)
		return nclen;
	nlit += 257;
	ndist += 1;
	nclen += 4;
	if(nlit > NLITUSED || ndist > NDIST)
		return FlateCorrupted;
	memset(clens, 0, sizeof clens);
	for(i = 0; i < nclen; i++){
		n = getbits(s, 3);
		if(n < 0)
			return n;
		clens[_clorder[i]] = (uchar)n;
	}
	if((n = mkcode(&s->lit, clens, NCLEN)) != FlateOk)
		return n;
	if((n = readlens(s, &s->lit, lens, nlit + ndist)) != FlateOk)
		return n;
	if(lens[ENDBLOCK] == 0)
		return FlateCorrupted;
	if((n = mkcode(&s->lit, lens, nlit)) != FlateOk)
		return n;
	if((n = mkcode(&s->dist, lens + nlit, ndist)) != FlateOk)
		return n;
	return coded(s);
}

static int
fixed(Inflate *s)
{
	uchar lit[NLIT], dist[NDIST+2];

	_fixedlens(lit, dist);
	if(mkcode(&s->lit, lit, NLIT) != FlateOk || mkcode(&s->dist, dist, NDIST+2) != FlateOk)
		return FlateInternal;
	return coded(s);
}

static int
blocks(Inflate *s)
{
	int last, e;

	do{
		last = getbits(s, 1);
		if(last < 0)
			return last;
		switch(getbits(s, 2)){
		case STORED:
			e = stored(s);
			break;
		case FIXED:
			e = fixed(s);
			break;
		case DYNAMIC:
			e = dynamic(s);
			break;
		case FlateInputFail:
			return FlateInputFail;
		default:
			return FlateCorrupted;
		}
		if(e != FlateOk)
			return e;
	}while(!last);
	return flush(s);
}

int
inflate(void *warg, int (*w)(void*, void*, int), void *garg, int (*get)(void*))
{
	Inflate *s;
	int e;

	s = malloc(sizeof *s);
	if(s == nil)
		return FlateNoMem;
	s->warg = warg;
	s->w = w;
	s->garg = garg;
	s->get = get;
	s->bits = 0;
	s->nbits = 0;
	s->pos = s->start = 0;
	s->total = 0;
	e = blocks(s);
	free(s);
	return e;
}

int
inflateblock(uchar *dst, int dsize, uchar *src, int ssize)
{
	Mem in = { src, src + ssize }, out = { dst, dst + dsize };
	int e;

	e = inflate(&out, _memput, &in, _memget);
	return e == FlateOk ? (int)(out.p - dst) : e;
}
