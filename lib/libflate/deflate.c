/*
 * Deflate, the search for matches: hash chains over the last 32K, and lazy
 * matching, which keeps a match back until the next byte has been seen to
 * start none that is longer.
 */
#include "deflate.h"

enum {
	FAR = 4096,	/* a match of three from farther away costs more than it saves */
	ROOM = MAXMATCH + 2,	/* a match held back may grow, a literal at a time */
	BASEMAX = 1<<30,		/* then the chains are forgotten and begun anew */
};

static Level levels[10] = {
	{ 0, 0, 0, 0 },
	{ 4, 0, 8, 4 },
	{ 4, 0, 16, 8 },
	{ 4, 4, 32, 16 },
	{ 4, 4, 16, 24 },
	{ 8, 16, 32, 48 },
	{ 8, 16, 128, 160 },
	{ 8, 32, 128, 320 },
	{ 32, 128, 258, 1200 },
	{ 32, 258, 258, 4096 },
};

int
deflateinit(void)
{
	return FlateOk;
}

static uint
hash(uchar *p)
{
	uint v = p[0] | p[1]<<8 | p[2]<<16;

	return v * 2654435761u >> (32 - HASHBITS);
}

/* Enters the string at pos and returns where the last with its hash was. */
static uint
enter(Deflate *s, int pos)
{
	uint *h = &s->head[hash(s->buf + pos)], old = *h, at = (uint)pos + s->base;

	s->prev[at & (WINDOW-1)] = old;
	*h = at;
	return old;
}

static int
common(uchar *a, uchar *b, int max)
{
	uvlong x, y;
	int n;

	for(n = 0; n + 8 <= max; n += 8){
		memcpy(&x, a + n, 8);
		memcpy(&y, b + n, 8);
		if(x != y)
			return n + __builtin_ctzll(x ^ y) / 8;
	}
	while(n < max && a[n] == b[n])
		n++;
	return n;
}

/*
 * The longest match for pos that is longer than best: its length and, in
 * *dist, its distance. Without one, best.
 */
static int
longest(Deflate *s, int pos, uint from, int best, int *dist)
{
	uint here = (uint)pos + s->base;
	int max = s->end - pos, chain = s->level.chain, n;
	uchar *p = s->buf + pos, *q;

	if(max > MAXMATCH)
		max = MAXMATCH;
	if(best >= max)
		return best;
	if(best >= s->level.good)
		chain >>= 2;
	for(; from != 0 && here - from < WINDOW && chain-- > 0; from = s->prev[from & (WINDOW-1)]){
		q = p - (here - from);
		if(q[best] != p[best] || q[0] != p[0])
			continue;
		n = common(p, q, max);
		if(n <= best || (n == MINMATCH && here - from > FAR))
			continue;
		best = n;
		*dist = (int)(here - from);
		if(n >= s->level.nice || n == max)
			break;
	}
	return best;
}

int
_distsym(Deflate *s, uint dist)
{
	dist--;
	return dist < 256 ? s->distsym[dist] : s->distsym[256 + (dist>>7)];
}

static void
symtables(Deflate *s)
{
	int i, sym;

	for(i = sym = 0; i <= MAXMATCH-MINMATCH; i++){
		while(sym+1 < NLITUSED-LEN0 && _lenbase[sym+1] <= i + MINMATCH)
			sym++;
		s->lensym[i] = (uchar)sym;
	}
	for(i = sym = 0; i < WINDOW; i++){
		while(sym+1 < NDIST && _distbase[sym+1] <= i + 1)
			sym++;
		if(i < 256)
			s->distsym[i] = (uchar)sym;
		else
			s->distsym[256 + (i>>7)] = (uchar)sym;
	}
}

static void
literal(Deflate *s, uchar c)
{
	s->dist[s->nsym] = 0;
	s->litlen[s->nsym++] = c;
	s->litfreq[c]++;
}

static void
match(Deflate *s, int len, int dist)
{
	s->dist[s->nsym] = (ushort)dist;
	s->litlen[s->nsym++] = (uchar)(len - MINMATCH);
	s->litfreq[LEN0 + s->lensym[len - MINMATCH]]++;
	s->distfreq[_distsym(s, (uint)dist)]++;
}

/* The last window goes to the front of the buffer. A block has just ended. */
static void
slide(Deflate *s)
{
	int n = s->pos - WINDOW;

	if(n <= 0)
		return;
	memmove(s->buf, s->buf + n, (ulong)(s->end - n));
	s->end -= n;
	s->pos -= n;
	s->start -= n;
	s->base += (uint)n;
	if(s->base > BASEMAX){
		memset(s->head, 0, sizeof s->head);
		s->base = WINDOW;
	}
}

static void
fill(Deflate *s)
{
	int n;

	while(s->end < BUF && !s->eof){
		n = s->r(s->rarg, s->buf + s->end, BUF - s->end);
		if(n < 0){
			s->err = FlateInputFail;
			return;
		}
		if(n == 0)
			s->eof = 1;
		s->end += n;
	}
}

/* Enters the strings that a match covers, all but its first, and steps over it. */
static void
skip(Deflate *s, int n)
{
	for(; n > 0; n--, s->pos++)
		if(s->pos + MINMATCH <= s->end)
			enter(s, s->pos);
}

/* Codes the buffer up to stop, or beyond by what a match covers, in blocks. */
static void
search(Deflate *s, int stop)
{
	int len = 0, dist = 0, prevlen, prevdist, held = 0;
	uint from;

	while(s->pos < stop){
		if(s->nsym >= NSYM - ROOM && !held){
			_block(s, 0);
			if(s->err != FlateOk)
				return;
		}
		prevlen = held ? len : 0;
		prevdist = dist;
		len = prevlen > MINMATCH-1 ? prevlen : MINMATCH-1;
		if(s->pos + MINMATCH <= s->end){
			from = enter(s, s->pos);
			len = longest(s, s->pos, from, len, &dist);
		}
		if(held && len <= prevlen){		/* the one kept back is the better */
			match(s, prevlen, prevdist);
			s->pos++;
			skip(s, prevlen - 2);
			held = 0;
			continue;
		}
		if(held)
			literal(s, s->buf[s->pos-1]);
		held = 0;
		if(len < MINMATCH)
			literal(s, s->buf[s->pos++]);
		else if(len < s->level.lazy){
			held = 1;
			s->pos++;
		}else{
			match(s, len, dist);
			s->pos++;
			skip(s, len - 1);
		}
	}
	if(held){
		match(s, len, dist);
		skip(s, len - 1);
	}
}

static void
compress(Deflate *s)
{
	do{
		slide(s);
		fill(s);
		if(s->err != FlateOk)
			return;
		if(s->store)
			s->pos = s->end;
		else
			search(s, s->eof ? s->end : s->end - AHEAD);
		if(s->err != FlateOk)
			return;
		_block(s, s->eof);
	}while(!s->eof && s->err == FlateOk);
	_drain(s);
}

int
deflate(void *warg, int (*w)(void*, void*, int), void *rarg, int (*r)(void*, void*, int),
	int level, int debug)
{
	Deflate *s;
	int e;

	if(level < 0 || level > 9)
		return FlateInternal;
	s = mallocz(sizeof *s, 1);
	if(s == nil)
		return FlateNoMem;
	s->warg = warg;
	s->w = w;
	s->rarg = rarg;
	s->r = r;
	s->level = levels[level];
	s->store = level == 0;
	s->debug = debug;
	s->base = WINDOW;
	symtables(s);
	compress(s);
	e = s->err;
	free(s);
	return e;
}

int
deflateblock(uchar *dst, int dsize, uchar *src, int ssize, int level, int debug)
{
	Mem in = { src, src + ssize }, out = { dst, dst + dsize };
	int e;

	e = deflate(&out, _memput, &in, _memtake, level, debug);
	return e == FlateOk ? (int)(out.p - dst) : e;
}
