/*
 * SHA-1 and HMAC (FIPS 180-4, RFC 2104), for capabilities (#¤), whose format
 * asks for them.
 */
#include "base/base.h"

enum { BLOCK = 64, LENGTH_AT = 56 };

typedef struct Sha1 { u32 h[5]; u64 total; u8 block[BLOCK]; } Sha1;

static u32 rotate(u32 v, u32 n)
{
	return v << n | v >> (32 - n);
}

static u32 mix(u32 round, u32 b, u32 c, u32 d)
{
	if (round < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (round < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (round < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void compress(Sha1 *s)
{
	u32 w[80], v[5];
	for (u32 i = 0; i < 16; i++)
		w[i] = get32be(s->block + 4 * i);
	for (u32 i = 16; i < nelem(w); i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	memcpy(v, s->h, sizeof v);
	for (u32 i = 0; i < nelem(w); i++) {
		u32 next = rotate(v[0], 5) + mix(i, v[1], v[2], v[3]) + v[4] + w[i];
		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (u32 i = 0; i < nelem(v); i++)
		s->h[i] += v[i];
}

static void begin(Sha1 *s)
{
	*s = (Sha1){ .h = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };
}

static void add(Sha1 *s, const void *data, usize n)
{
	const u8 *p = data;
	for (usize i = 0; i < n; i++) {
		s->block[s->total++ % BLOCK] = p[i];
		if (s->total % BLOCK == 0)
			compress(s);
	}
}

static void end(Sha1 *s, u8 digest[SHA1_SIZE])
{
	u64 bits = s->total * 8;
	u8 mark = 0x80, zero = 0, length[8];
	put64be(length, bits);
	add(s, &mark, 1);
	while (s->total % BLOCK != LENGTH_AT)
		add(s, &zero, 1);
	add(s, length, sizeof length);
	for (u32 i = 0; i < nelem(s->h); i++)
		put32be(digest + 4 * i, s->h[i]);
}

void sha1(const void *data, usize n, u8 digest[SHA1_SIZE])
{
	Sha1 s;
	begin(&s);
	add(&s, data, n);
	end(&s, digest);
}

/* The digest of the padded key, each byte changed by `change`, and what follows it. */
static void keyed(const u8 key[BLOCK], u8 change, const void *data, usize n, u8 digest[SHA1_SIZE])
{
	u8 padded[BLOCK];
	Sha1 s;
	for (u32 i = 0; i < BLOCK; i++)
		padded[i] = key[i] ^ change;
	begin(&s);
	add(&s, padded, sizeof padded);
	add(&s, data, n);
	end(&s, digest);
}

void hmac_sha1(const void *key, usize nkey, const void *data, usize n, u8 digest[SHA1_SIZE])
{
	u8 block[BLOCK] = { 0 }, inner[SHA1_SIZE];
	if (nkey > BLOCK)
		sha1(key, nkey, block);
	else
		memcpy(block, key, nkey);
	keyed(block, 0x36, data, n, inner);
	keyed(block, 0x5c, inner, sizeof inner, digest);
}
