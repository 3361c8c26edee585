/*
 * SHA-1, FIPS 180. Collisions of it can be made; here for old formats.
 */
#include "impl.h"

static void
seed(DigestState *s)
{
	s->state[0] = 0x67452301;
	s->state[1] = 0xefcdab89;
	s->state[2] = 0x98badcfe;
	s->state[3] = 0x10325476;
	s->state[4] = 0xc3d2e1f0;
}

static void
block(DigestState *s, uchar *p)
{
	u32int a = s->state[0], b = s->state[1], c = s->state[2], d = s->state[3], e = s->state[4];
	u32int f, t, w[80];
	int i;

	for(i = 0; i < 16; i++, p += 4)
		w[i] = _big32(p);
	for(; i < 80; i++)
		w[i] = _rol(w[i-3] ^ w[i-8] ^ w[i-14] ^ w[i-16], 1);
	for(i = 0; i < 80; i++){
		if(i < 20)
			f = ((b & c) | (~b & d)) + 0x5a827999;
		else if(i < 40)
			f = (b ^ c ^ d) + 0x6ed9eba1;
		else if(i < 60)
			f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
		else
			f = (b ^ c ^ d) + 0xca62c1d6;
		t = _rol(a, 5) + f + e + w[i];
		e = d;
		d = c;
		c = _rol(b, 30);
		b = a;
		a = t;
	}
	s->state[0] += a;
	s->state[1] += b;
	s->state[2] += c;
	s->state[3] += d;
	s->state[4] += e;
}

static Digest alg = {
	.block = 64, .lenbytes = 8, .dlen = SHA1dlen, .word = 4, .seed = seed, .add = block,
};

DigestState*
sha1(uchar *p, ulong n, uchar *digest, DigestState *s)
{
	return _digest(&alg, p, n, digest, s);
}
