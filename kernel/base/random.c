/*
 * Random bytes: ChaCha20 (RFC 8439's block function) keyed from a pool. Each
 * mix and each fill replaces the key, so that earlier output cannot be
 * recovered from later state. Callers never wait.
 */
#include "base/base.h"

static u32 pool[8] = { 0x6c757839, 0x9e3779b9, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344,
	0xa4093822, 0x299f31d0 };
static u64 blocks;	/* [a] a number used once per block */

static u32 rotate(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

static void quarter(u32 *s, int a, int b, int c, int d)
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

static void block(const u32 key[8], u64 n, u32 out[16])
{
	u32 in[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	for (int i = 0; i < 8; i++)
		in[4 + i] = key[i];
	in[12] = (u32)n;
	in[13] = (u32)(n >> 32);
	memmove(out, in, sizeof in);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 4; i++)
			quarter(out, i, 4 + i, 8 + i, 12 + i);
		quarter(out, 0, 5, 10, 15);
		quarter(out, 1, 6, 11, 12);
		quarter(out, 2, 7, 8, 13);
		quarter(out, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		out[i] += in[i];
}

/* Racing callers may fold into the pool at once: the pool only ever gets harder to guess. */
static void rekey(const u32 words[8])
{
	for (int i = 0; i < 8; i++)
		__atomic_fetch_xor(&pool[i], words[i], __ATOMIC_RELAXED);
}

void random_mix(const void *data, usize n)
{
	const u8 *p = data;
	while (n > 0) {
		u32 words[8] = { 0 }, out[16];
		usize step = MIN(n, sizeof words);
		memmove(words, p, step);
		rekey(words);
		block(pool, __atomic_add_fetch(&blocks, 1, __ATOMIC_RELAXED), out);
		rekey(out);
		p += step;
		n -= step;
	}
}

void random_fill(void *buf, usize n)
{
	u8 *p = buf;
	u32 key[8], out[16];
	memmove(key, pool, sizeof key);
	while (n > 0) {
		block(key, __atomic_add_fetch(&blocks, 1, __ATOMIC_RELAXED), out);
		usize step = MIN(n, 32UL);
		memmove(p, out, step);
		memmove(key, out + 8, sizeof key);
		p += step;
		n -= step;
	}
	block(key, __atomic_add_fetch(&blocks, 1, __ATOMIC_RELAXED), out);
	rekey(out);
}
