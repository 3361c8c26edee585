/*
 * memcpy, memmove and memset, which the compiler also calls by itself. A string
 * instruction moves eight bytes a step, and real processors make it faster yet.
 */
#include "base/base.h"

static u64 load8(const u8 *p)
{
	u64 w;
	__builtin_memcpy(&w, p, 8);
	return w;
}

static void store8(u8 *p, u64 w)
{
	__builtin_memcpy(p, &w, 8);
}

/* Less than eight bytes: two moves that may overlap, both loaded before one is stored. */
static void copy_few(u8 *to, const u8 *from, usize n)
{
	if (n >= 4) {
		u32 first, last;
		__builtin_memcpy(&first, from, 4);
		__builtin_memcpy(&last, from + n - 4, 4);
		__builtin_memcpy(to, &first, 4);
		__builtin_memcpy(to + n - 4, &last, 4);
	} else if (n > 0) {
		u8 first = from[0], middle = from[n >> 1], last = from[n - 1];
		to[0] = first;
		to[n >> 1] = middle;
		to[n - 1] = last;
	}
}

/*
 * One string instruction moves eight bytes a step; processors with fast strings do better still.
 * The last word, which may overlap the one before, is loaded first: memmove wants that.
 */
void *memcpy(void *restrict to, const void *restrict from, usize n)
{
	void *d = to;
	const void *s = from;
	usize words = n >> 3;
	if (words == 0) {
		copy_few(to, from, n);
		return to;
	}
	u64 last = load8((const u8 *)from + n - 8);
	__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
	store8((u8 *)to + n - 8, last);
	return to;
}

static void copy_down(u8 *to, const u8 *from, usize n)
{
	while (n >= 8) {
		u64 w;
		n -= 8;
		__builtin_memcpy(&w, from + n, 8);
		__builtin_memcpy(to + n, &w, 8);
	}
	while (n > 0) {
		n--;
		to[n] = from[n];
	}
}

void *memmove(void *to, const void *from, usize n)
{
	uintptr t = (uintptr)to, f = (uintptr)from;
	if (t - f >= n)
		return memcpy(to, from, n);
	copy_down(to, from, n);
	return to;
}

void *memset(void *to, int c, usize n)
{
	u64 pattern = 0x0101010101010101UL * (u8)c;
	void *d = to;
	usize words = n >> 3;
	__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	u8 *dp = d;
	for (usize i = 0; i < (n & 7); i++)
		dp[i] = (u8)c;
	return to;
}
