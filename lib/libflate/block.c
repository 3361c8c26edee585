/*
 * Deflate, the output: each block is sent in the shortest of the three forms.
 */
#include "deflate.h"

enum {
	MAXSTORED = 65535,
	MAXLENS = NLITUSED + NDIST,
};

typedef struct Lens Lens;

/* The code lengths of a block, and how they are sent. */
struct Lens {
	uchar	lit[NLIT], dist[NDIST+2];
	int	nlit, ndist, nclen;	/* sent of each */
	uchar	sym[MAXLENS];		/* symbols of the code for lengths, */
	uchar	extra[MAXLENS];		/* and what follows each */
	int	nsym;
	uint	freq[NCLEN];
	uchar	clen[NCLEN];
};

static uchar clextra[NCLEN] = { [CLCOPY] = 2, [CLZERO3] = 3, [CLZERO11] = 7 };

static void
flush(Deflate *s)
{
	if(s->nout > 0 && s->err == FlateOk && s->w(s->warg, s->out, s->nout) != s->nout)
		s->err = FlateOutputFail;
	s->nout = 0;
}

/* n at most 32 */
static void
bits(Deflate *s, uint v, int n)
{
	s->acc |= (uvlong)v << s->nacc;
	s->nacc += n;
	while(s->nacc >= 8){
		if(s->nout == OUTBUF)
			flush(s);
		s->out[s->nout++] = (uchar)s->acc;
		s->acc >>= 8;
		s->nacc -= 8;
	}
}

/* Up to the next whole byte. */
static void
align(Deflate *s)
{
	if(s->nacc > 0)
		bits(s, 0, 8 - s->nacc);
}

void
_drain(Deflate *s)
{
	align(s);
	flush(s);
}

static void
stored(Deflate *s, int last)
{
	uchar *p = s->buf + s->start, *e = s->buf + s->pos;
	int n;

	do{
		n = e - p > MAXSTORED ? MAXSTORED : (int)(e - p);
		bits(s, last && p + n == e, 1);
		bits(s, STORED, 2);
		align(s);
		bits(s, (uint)n, 16);
		bits(s, (uint)n ^ 0xFFFF, 16);
		for(; n > 0; n--)
			bits(s, *p++, 8);
	}while(p < e);
}

static void
sendsyms(Deflate *s, uchar *lit, uchar *dist)
{
	ushort litcode[NLIT], distcode[NDIST+2];
	int i, sym;
	uint v, d;

	_codes(lit, NLIT, litcode);
	_codes(dist, NDIST+2, distcode);
	for(i = 0; i < s->nsym; i++){
		v = s->litlen[i];
		d = s->dist[i];
		if(d == 0){
			bits(s, litcode[v], lit[v]);
			continue;
		}
		sym = s->lensym[v];
		bits(s, litcode[LEN0+sym], lit[LEN0+sym]);
		bits(s, v + MINMATCH - _lenbase[sym], _lenextra[sym]);
		sym = _distsym(s, d);
		bits(s, distcode[sym], dist[sym]);
		bits(s, d - _distbase[sym], _distextra[sym]);
	}
	bits(s, litcode[ENDBLOCK], lit[ENDBLOCK]);
}

static void
addlen(Lens *l, int sym, int extra)
{
	l->sym[l->nsym] = (uchar)sym;
	l->extra[l->nsym++] = (uchar)extra;
	l->freq[sym]++;
}

/* Runs of n times v as symbols of the code for lengths. */
static void
addrun(Lens *l, uchar v, int n)
{
	int m;

	if(v != 0){
		addlen(l, v, 0);
		n--;
	}
	while(n >= 3){
		if(v != 0){
			m = n > 6 ? 6 : n;
			addlen(l, CLCOPY, m - 3);
		}else if(n <= 10){
			m = n;
			addlen(l, CLZERO3, m - 3);
		}else{
			m = n > 138 ? 138 : n;
			addlen(l, CLZERO11, m - 11);
		}
		n -= m;
	}
	while(n-- > 0)
		addlen(l, v, 0);
}

/* Chooses the codes of a dynamic block and how to send their lengths. */
static void
plan(Deflate *s, Lens *l)
{
	uchar all[MAXLENS];
	int i, n, run;

	memset(l, 0, sizeof *l);
	_codelens(s->litfreq, NLITUSED, MAXCODE, l->lit);
	_codelens(s->distfreq, NDIST, MAXCODE, l->dist);
	for(l->nlit = NLITUSED; l->lit[l->nlit-1] == 0; l->nlit--)
		;
	for(l->ndist = NDIST; l->ndist > 1 && l->dist[l->ndist-1] == 0; l->ndist--)
		;
	memmove(all, l->lit, (ulong)l->nlit);
	memmove(all + l->nlit, l->dist, (ulong)l->ndist);
	n = l->nlit + l->ndist;
	for(i = 0; i < n; i += run){
		for(run = 1; i + run < n && all[i+run] == all[i]; run++)
			;
		addrun(l, all[i], run);
	}
	_codelens(l->freq, NCLEN, MAXCLCODE, l->clen);
	for(l->nclen = NCLEN; l->nclen > 4 && l->clen[_clorder[l->nclen-1]] == 0; l->nclen--)
		;
}

static void
sendlens(Deflate *s, Lens *l)
{
	ushort code[NCLEN];
	int i;

	bits(s, (uint)l->nlit - 257, 5);
	bits(s, (uint)l->ndist - 1, 5);
	bits(s, (uint)l->nclen - 4, 4);
	for(i = 0; i < l->nclen; i++)
		bits(s, l->clen[_clorder[i]], 3);
	_codes(l->clen, NCLEN, code);
	for(i = 0; i < l->nsym; i++){
		bits(s, code[l->sym[i]], l->clen[l->sym[i]]);
		bits(s, l->extra[i], clextra[l->sym[i]]);
	}
}

/* Bits of the block's symbols in a code. */
static uvlong
symbits(Deflate *s, uchar *lit, uchar *dist)
{
	uvlong n = 0;
	int i;

	for(i = 0; i < NLITUSED; i++)
		n += (uvlong)s->litfreq[i] * (lit[i] + (i >= LEN0 ? _lenextra[i-LEN0] : 0u));
	for(i = 0; i < NDIST; i++)
		n += (uvlong)s->distfreq[i] * (uint)(dist[i] + _distextra[i]);
	return n;
}

static uvlong
lenbits(Lens *l)
{
	uvlong n = 5 + 5 + 4 + 3 * (uint)l->nclen;
	int i;

	for(i = 0; i < NCLEN; i++)
		n += (uvlong)l->freq[i] * (uint)(l->clen[i] + clextra[i]);
	return n;
}

/* Sends what has been gathered. */
void
_block(Deflate *s, int last)
{
	uchar lit[NLIT], dist[NDIST+2];
	uvlong ndyn, nfix, nstore;
	Lens l;

	s->litfreq[ENDBLOCK]++;
	plan(s, &l);
	_fixedlens(lit, dist);
	ndyn = lenbits(&l) + symbits(s, l.lit, l.dist);
	nfix = symbits(s, lit, dist);
	nstore = 8 * (uvlong)(s->pos - s->start) + 40 * ((uvlong)(s->pos - s->start)/MAXSTORED + 1);
	if(s->debug)
		fprint(2, "block of %d bytes, %d symbols: "
			"%llud bits stored, %llud fixed, %llud dynamic\n",
			s->pos - s->start, s->nsym, nstore, nfix, ndyn);
	if(s->store || (nstore <= ndyn && nstore <= nfix))
		stored(s, last);
	else{
		bits(s, (uint)last, 1);
		bits(s, nfix <= ndyn ? FIXED : DYNAMIC, 2);
		if(nfix <= ndyn)
			sendsyms(s, lit, dist);
		else{
			sendlens(s, &l);
			sendsyms(s, l.lit, l.dist);
		}
	}
	memset(s->litfreq, 0, sizeof s->litfreq);
	memset(s->distfreq, 0, sizeof s->distfreq);
	s->nsym = 0;
	s->start = s->pos;
}
