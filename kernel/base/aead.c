/*
 * ChaCha20 and Poly1305 and the two together, which keep a text secret and tell
 * whether it was changed: RFC 8439. aead_test.c has its examples.
 */
#include "base/base.h"

enum { BLOCK = 64, POLY_BLOCK = 16, ROUNDS = 10 };

static inline u32 rotate(u32 v, u32 n)
{
	return v << n | v >> (32 - n);
}

static inline void quarter(u32 *s, u32 a, u32 b, u32 c, u32 d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

void chacha20_block(const u32 in[16], u32 out[16])
{
	memmove(out, in, 16 * sizeof in[0]);
	for (u32 round = 0; round < ROUNDS; round++) {
		for (u32 i = 0; i < 4; i++)
			quarter(out, i, 4 + i, 8 + i, 12 + i);
		quarter(out, 0, 5, 10, 15);
		quarter(out, 1, 6, 11, 12);
		quarter(out, 2, 7, 8, 13);
		quarter(out, 3, 4, 9, 14);
	}
	for (u32 i = 0; i < 16; i++)
		out[i] += in[i];
}

void chacha20(const u8 key[AEAD_KEY], const u8 nonce[AEAD_NONCE], u32 counter, u8 *text, usize n)
{
	u32 in[16] = CHACHA20_CONSTANTS, stream[16];
	for (u32 i = 0; i < AEAD_KEY / 4; i++)
		in[4 + i] = get32le(key + 4 * i);
	for (u32 i = 0; i < AEAD_NONCE / 4; i++)
		in[13 + i] = get32le(nonce + 4 * i);
	for (; n >= BLOCK; n -= BLOCK, text += BLOCK) {
		in[12] = counter++;
		chacha20_block(in, stream);
		for (u32 i = 0; i < BLOCK / 4; i++)
			put32le(text + 4 * i, get32le(text + 4 * i) ^ stream[i]);
	}
	in[12] = counter;
	chacha20_block(in, stream);
	for (usize i = 0; i < n; i++)
		text[i] ^= (u8)(stream[i / 4] >> 8 * (i % 4));
}

/* ---- Poly1305: numbers modulo 2^130 - 5, as 44, 44 and 42 bits ---- */

typedef unsigned __int128 u128;
#define LIMB	((1UL << 44) - 1)
#define TOP	((1UL << 42) - 1)

typedef struct Poly { u64 r[3], h[3], pad[2]; } Poly;

/* What the low 128 bits of a number are as limbs. */
static void limbs(u64 low, u64 high, u64 out[3])
{
	out[0] = low & LIMB;
	out[1] = (low >> 44 | high << 20) & LIMB;
	out[2] = high >> 24 & TOP;
}

static void poly_start(Poly *p, const u8 key[32])
{
	limbs(get64le(key) & 0x0ffffffc0fffffff, get64le(key + 8) & 0x0ffffffc0ffffffc, p->r);
	p->h[0] = p->h[1] = p->h[2] = 0;
	p->pad[0] = get64le(key + 16);
	p->pad[1] = get64le(key + 24);
}

/* h = (h + block + 2^128) * r; what is 2^130 and more comes back times 5. */
static void poly_block(Poly *p, const u8 block[POLY_BLOCK])
{
	u64 m[3], s1 = p->r[1] * 20, s2 = p->r[2] * 20;
	limbs(get64le(block), get64le(block + 8), m);
	u64 h0 = p->h[0] + m[0], h1 = p->h[1] + m[1], h2 = p->h[2] + m[2] + (1UL << 40);
	u128 d0 = (u128)h0 * p->r[0] + (u128)h1 * s2 + (u128)h2 * s1;
	u128 d1 = (u128)h0 * p->r[1] + (u128)h1 * p->r[0] + (u128)h2 * s2;
	u128 d2 = (u128)h0 * p->r[2] + (u128)h1 * p->r[1] + (u128)h2 * p->r[0];
	d1 += (u64)(d0 >> 44);
	d2 += (u64)(d1 >> 44);
	u64 low = ((u64)d0 & LIMB) + (u64)(d2 >> 42) * 5;
	p->h[0] = low & LIMB;
	p->h[1] = ((u64)d1 & LIMB) + (low >> 44);
	p->h[2] = (u64)d2 & TOP;
}

/* Whole blocks; a rest is filled up with zeros, as both parts of an AEAD's text are. */
static void poly_padded(Poly *p, const u8 *text, usize n)
{
	u8 last[POLY_BLOCK] = { 0 };
	for (; n >= POLY_BLOCK; n -= POLY_BLOCK, text += POLY_BLOCK)
		poly_block(p, text);
	if (n == 0)
		return;
	memmove(last, text, n);
	poly_block(p, last);
}

static void poly_end(Poly *p, u8 tag[AEAD_TAG])
{
	u64 *h = p->h, g[3];
	for (u32 i = 0; i < 2; i++) {	/* carry all the way round, twice */
		h[1] += h[0] >> 44;
		h[0] &= LIMB;
		h[2] += h[1] >> 44;
		h[1] &= LIMB;
		h[0] += (h[2] >> 42) * 5;
		h[2] &= TOP;
	}
	h[1] += h[0] >> 44;
	h[0] &= LIMB;
	/* h - (2^130 - 5), if that is not below 0 */
	g[0] = h[0] + 5;
	g[1] = h[1] + (g[0] >> 44);
	g[2] = h[2] + (g[1] >> 44);
	u64 keep = 0 - (u64)(g[2] >> 42 == 0);
	for (u32 i = 0; i < 3; i++)
		h[i] = (h[i] & keep) | (g[i] & (i == 2 ? TOP : LIMB) & ~keep);
	u128 low = (u128)(h[0] | h[1] << 44) + p->pad[0];
	u64 high = (h[1] >> 20 | h[2] << 24) + p->pad[1] + (u64)(low >> 64);
	put64le(tag, (u64)low);
	put64le(tag + 8, high);
}

static void make_tag(const u8 key[AEAD_KEY], const u8 nonce[AEAD_NONCE], const u8 *more,
	usize nmore, const u8 *text, usize n, u8 tag[AEAD_TAG])
{
	Poly p;
	u8 once[32] = { 0 }, sizes[POLY_BLOCK] = { 0 };
	chacha20(key, nonce, 0, once, sizeof once);
	poly_start(&p, once);
	poly_padded(&p, more, nmore);
	poly_padded(&p, text, n);
	put32le(sizes, (u32)nmore);
	put32le(sizes + 8, (u32)n);
	poly_block(&p, sizes);
	poly_end(&p, tag);
}

void aead_seal(const u8 key[AEAD_KEY], const u8 nonce[AEAD_NONCE], const u8 *more, usize nmore,
	u8 *text, usize n, u8 tag[AEAD_TAG])
{
	chacha20(key, nonce, 1, text, n);
	make_tag(key, nonce, more, nmore, text, n, tag);
}

bool aead_open(const u8 key[AEAD_KEY], const u8 nonce[AEAD_NONCE], const u8 *more, usize nmore,
	u8 *text, usize n, const u8 tag[AEAD_TAG])
{
	u8 found[AEAD_TAG], differ = 0;
	make_tag(key, nonce, more, nmore, text, n, found);
	for (u32 i = 0; i < AEAD_TAG; i++)
		differ |= found[i] ^ tag[i];
	if (differ != 0)
		return false;
	chacha20(key, nonce, 1, text, n);
	return true;
}
