/*
 * Random bytes: ChaCha20 (RFC 8439's block function) keyed from a pool. Each
 * mix and each fill replaces the key, so that earlier output cannot be
 * recovered from later state. Callers never wait.
 */
#include "base/base.h"

static u32 pool[8] = { 0x6c757839, 0x9e3779b9, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344,
	0xa4093822, 0x299f31d0 };
static u64 blocks;	/* [a] a number used once per block */

static void block(const u32 key[8], u64 n, u32 out[16])
{
	u32 in[16] = CHACHA20_CONSTANTS;
	memmove(in + 4, key, 8 * sizeof key[0]);
	in[12] = (u32)n;
	in[13] = (u32)(n >> 32);
	chacha20_block(in, out);
}

/* Racing callers may fold into the pool at once: the pool only ever gets harder to guess. */
static void rekey(const u32 words[8])
{
	for (int i = 0; i < 8; i++)
		__atomic_fetch_xor(&pool[i], words[i], __ATOMIC_RELAXED);
}

/* What it is by now, perhaps with a part of what is just being folded in. */
static void look(u32 key[8])
{
	for (int i = 0; i < 8; i++)
		key[i] = __atomic_load_n(&pool[i], __ATOMIC_RELAXED);
}

void random_mix(const void *data, usize n)
{
	const u8 *p = data;
	while (n > 0) {
		u32 words[8] = { 0 }, key[8], out[16];
		usize step = MIN(n, sizeof words);
		memmove(words, p, step);
		rekey(words);
		look(key);
		block(key, __atomic_add_fetch(&blocks, 1, __ATOMIC_RELAXED), out);
		rekey(out);
		p += step;
		n -= step;
	}
}

void random_fill(void *buf, usize n)
{
	u8 *p = buf;
	u32 key[8], out[16];
	look(key);
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
