/*
 * Blocks, padding and the life of a state, for every digest.
 */
#include "impl.h"

static void
put(uchar *p, u64int v, int n, int little)
{
	int i;

	for(i = 0; i < n; i++)
		p[little ? i : n-1-i] = (uchar)(v >> 8*i);
}

/* Blocks go straight from the data when none is unfinished. */
static void
add(Digest *d, DigestState *s, uchar *p, ulong n)
{
	ulong room;

	s->len += n;
	while(n > 0){
		if(s->blen == 0 && n >= (ulong)d->block){
			d->add(s, p);
			p += d->block;
			n -= (ulong)d->block;
			continue;
		}
		room = (ulong)(d->block - s->blen);
		if(room > n)
			room = n;
		memmove(s->buf + s->blen, p, room);
		s->blen += (int)room;
		p += room;
		n -= room;
		if(s->blen == d->block){
			d->add(s, s->buf);
			s->blen = 0;
		}
	}
}

/* A one bit, zeros up to the end of a block, and at that end the count of bits. */
static void
finish(Digest *d, DigestState *s, uchar *digest)
{
	uchar pad[2*MAXBLOCK], out[64];
	u64int bits = s->len << 3;
	int i, n;

	n = d->block - s->blen;
	if(n < 1 + d->lenbytes)
		n += d->block;
	memset(pad, 0, sizeof pad);
	pad[0] = 0x80;
	put(pad + n - 8, bits, 8, d->little);
	if(d->lenbytes == 16)
		pad[n-9] = (uchar)(s->len >> 61);
	add(d, s, pad, (ulong)n);
	for(i = 0; i < (d->dlen + d->word - 1) / d->word; i++)
		put(out + i*d->word, d->word == 8 ? s->bstate[i] : s->state[i], d->word, d->little);
	memmove(digest, out, (ulong)d->dlen);
}

static DigestState*
start(void)
{
	DigestState *s;

	s = mallocz(sizeof *s, 1);
	if(s != nil)
		s->malloced = 1;
	return s;
}

static void
update(Digest *d, DigestState *s, uchar *p, ulong n)
{
	if(!s->seeded){
		d->seed(s);
		s->seeded = 1;
	}
	add(d, s, p, n);
}

/* What md5 and the rest do (libsec.h). A finished state is wiped. */
DigestState*
_digest(Digest *d, uchar *p, ulong n, uchar *digest, DigestState *s)
{
	DigestState local;
	int malloced;

	if(digest == nil){
		if(s == nil)
			s = start();
		if(s != nil)
			update(d, s, p, n);
		return s;
	}
	memset(&local, 0, sizeof local);
	if(s == nil)
		s = &local;
	update(d, s, p, n);
	finish(d, s, digest);
	malloced = s->malloced;
	memset(s, 0, sizeof *s);
	if(malloced)
		free(s);
	return nil;
}
