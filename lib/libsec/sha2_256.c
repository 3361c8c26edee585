/*
 * SHA-224 and SHA-256, FIPS 180.
 */
#include "impl.h"

/* Of the cube roots of the first 64 primes, the first 32 bits after the point. */
static u32int k256[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static void
seed256(DigestState *s)
{
	static u32int first[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memmove(s->state, first, sizeof first);
}

static void
seed224(DigestState *s)
{
	static u32int first[8] = {
		0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
		0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
	};

	memmove(s->state, first, sizeof first);
}

static void
block(DigestState *s, uchar *p)
{
	u32int h[8], t1, t2, w[64], x, y;
	int i;

	for(i = 0; i < 16; i++, p += 4)
		w[i] = _big32(p);
	for(; i < 64; i++){
		x = w[i-15];
		y = w[i-2];
		w[i] = w[i-16] + w[i-7] + (_ror(x, 7) ^ _ror(x, 18) ^ x>>3)
			+ (_ror(y, 17) ^ _ror(y, 19) ^ y>>10);
	}
	memmove(h, s->state, sizeof h);
	for(i = 0; i < 64; i++){
		x = h[4];
		y = h[0];
		t1 = h[7] + (_ror(x, 6) ^ _ror(x, 11) ^ _ror(x, 25))
			+ ((x & h[5]) ^ (~x & h[6])) + k256[i] + w[i];
		t2 = (_ror(y, 2) ^ _ror(y, 13) ^ _ror(y, 22))
			+ ((y & h[1]) ^ (y & h[2]) ^ (h[1] & h[2]));
		memmove(h+1, h, 7 * sizeof h[0]);
		h[4] += t1;
		h[0] = t1 + t2;
	}
	for(i = 0; i < 8; i++)
		s->state[i] += h[i];
}

static Digest alg256 = {
	.block = 64, .lenbytes = 8, .dlen = SHA2_256dlen, .word = 4,
	.seed = seed256, .add = block,
};

static Digest alg224 = {
	.block = 64, .lenbytes = 8, .dlen = SHA2_224dlen, .word = 4,
	.seed = seed224, .add = block,
};

DigestState*
sha2_256(uchar *p, ulong n, uchar *digest, DigestState *s)
{
	return _digest(&alg256, p, n, digest, s);
}

DigestState*
sha2_224(uchar *p, ulong n, uchar *digest, DigestState *s)
{
	return _digest(&alg224, p, n, digest, s);
}
