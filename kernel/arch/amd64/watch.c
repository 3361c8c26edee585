/*
 * Watchpoints, in the four debug registers. What an instruction met is in DR6;
 * an instruction that is itself watched has not run yet, so that the frame gets
 * the resume flag, or the process would never come past it.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"

enum { DR7_FIXED = 0x400, DR7_EXACT = 0x300, DR6_HITS = 15 };
#define DR6_CLEAR	0xffff0ff0UL

static bool aligned(const Watchpt *w)
{
	bool power = w->length != 0 && w->length <= 8 && (w->length & (w->length - 1)) == 0;
	return power && (w->addr & (w->length - 1)) == 0;
}

Err arch_watch_check(const Watchpt *w, u32 n)
{
	if (n > NWATCH_MAX)
		return "the processor has four watchpoints";
	for (u32 i = 0; i < n; i++, w++) {
		if (w->type != WATCH_WRITE && w->type != (WATCH_READ | WATCH_WRITE) &&
			w->type != WATCH_EXEC)
			return "the processor watches rw-, -w- and --x";
		if (w->type == WATCH_EXEC && w->length != 1)
			return "the length of --x is 1";
		if (!aligned(w))
			return "the length is 1, 2, 4 or 8, and the address a multiple of it";
	}
	return nil;
}

static u64 control_bits(const Watchpt *w, u32 i)
{
	static const u8 length_bits[9] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };
	u64 kind = w->type == WATCH_EXEC ? 0 : w->type == WATCH_WRITE ? 1 : 3;
	u64 length = length_bits[w->length];
	return 1UL << 2 * i | (kind | length << 2) << (16 + 4 * i);
}

void arch_watch_load(const Watchpt *w, u32 n)
{
	u64 a[NWATCH_MAX] = { 0 }, control = DR7_FIXED | (n > 0 ? DR7_EXACT : 0);
	assert(n <= NWATCH_MAX);
	for (u32 i = 0; i < n; i++) {
		a[i] = w[i].addr;
		control |= control_bits(&w[i], i);
	}
	__asm__ volatile("movq %0, %%dr7" : : "r"((u64)DR7_FIXED));
	__asm__ volatile("movq %0, %%dr0; movq %1, %%dr1; movq %2, %%dr2; movq %3, %%dr3"
		: : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]));
	__asm__ volatile("movq %0, %%dr6" : : "r"(DR6_CLEAR));
	__asm__ volatile("movq %0, %%dr7" : : "r"(control));
}

u64 watch_status(u32 *hits)
{
	u64 dr6, dr7;
	*hits = 0;
	__asm__ volatile("movq %%dr6, %0; movq %%dr7, %1" : "=r"(dr6), "=r"(dr7));
	__asm__ volatile("movq %0, %%dr6" : : "r"(DR6_CLEAR));
	for (u32 i = 0; i < NWATCH_MAX; i++)
		if ((dr6 >> i & 1) != 0 && (dr7 >> 2 * i & 1) != 0)
			*hits |= 1U << i;
	return dr6;
}

void watch_note(u32 hits, char *note, usize size)
{
	const char *separator = " ";
	char *p = seprint(note, note + size, "sys: watchpoint");
	for (u32 i = 0; i < NWATCH_MAX; i++)
		if ((hits >> i & 1) != 0) {
			p = seprint(p, note + size, "%s%u", separator, i);
			separator = ",";
		}
}
