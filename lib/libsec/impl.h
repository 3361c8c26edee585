/*
 * What the digests share: they differ in the size of a block, the order of
 * its bytes, the first values, and what a block does to the state.
 */
#ifndef LIBSEC_IMPL_H
#define LIBSEC_IMPL_H

#include <u.h>
#include <libc.h>
#include <libsec.h>

enum {
	MAXBLOCK = 128,
};

typedef struct Digest Digest;
struct Digest {
	int	block;			/* bytes of one */
	int	lenbytes;		/* of the count of bits at the end */
	int	little;			/* words and count have their least byte first */
	int	dlen;			/* bytes of the result */
	int	word;			/* bytes of a word of the state */
	void	(*seed)(DigestState*);
	void	(*add)(DigestState*, uchar*);	/* one block */
};

DigestState	*_digest(Digest*, uchar*, ulong, uchar*, DigestState*);

static inline u32int
_rol(u32int x, int n)
{
	return x << n | x >> (32 - n);
}

static inline u32int
_ror(u32int x, int n)
{
	return x >> n | x << (32 - n);
}

static inline u64int
_ror64(u64int x, int n)
{
	return x >> n | x << (64 - n);
}

/* n bytes, most significant first. */
static inline u64int
_bigget(uchar *p, int n)
{
	u64int v = 0;

	while(n-- > 0)
		v = v<<8 | *p++;
	return v;
}

static inline u32int
_big32(uchar *p)
{
	return (u32int)p[0]<<24 | (u32int)p[1]<<16 | (u32int)p[2]<<8 | p[3];
}

#endif
