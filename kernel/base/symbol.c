/*
 * Addresses of the kernel's text as functions, from the table that tools/ksyms
 * puts into the image. Without a table (a program on the host) an address stays
 * a number. No locks, no allocation: a panic may ask.
 */
#include "base/base.h"

enum { NAMES = 16, NAME_SIZE = 80 };
#define LOW24 0xffffffUL

/* Functions in ascending order of address; the last entry ends the text. */
typedef struct Ksym { u64 address; const char *name; } Ksym;
/* The first has their number for an address. */
extern const Ksym ksyms[] __attribute__((weak));

static u64 count(void)
{
	const Ksym *table = ksyms;
	return table != nil ? table->address : 0;
}

/* The function that pc lies in; nil when it lies in none. */
static const Ksym *find(u64 pc)
{
	const Ksym *sym = ksyms + 1;
	u64 low = 0, high = count();
	if (high == 0 || pc < sym[0].address || pc >= sym[high - 1].address)
		return nil;
	while (high - low > 1) {
		u64 middle = low + (high - low) / 2;
		if (sym[middle].address <= pc)
			low = middle;
		else
			high = middle;
	}
	return &sym[low];
}

const char *pcname(u64 pc)
{
	static char names[NAMES][NAME_SIZE];
	static u32 last;
	char *buf = names[__atomic_fetch_add(&last, 1, __ATOMIC_RELAXED) % NAMES];
	const Ksym *s = find(pc);
	if (s == nil)
		snprint(buf, NAME_SIZE, "%#lx", pc);
	else if (pc == s->address)
		snprint(buf, NAME_SIZE, "%s", s->name);
	else
		snprint(buf, NAME_SIZE, "%s+%#lx", s->name, pc - s->address);
	return buf;
}

const char *pcname_low24(u32 low)
{
	u64 text = count() > 0 ? ksyms[1].address & ~LOW24 : 0;
	return pcname(text | (low & LOW24));
}

/* Without a table everything is in function 0. */
u32 pcindex_end(void)
{
	return count() > 0 ? (u32)count() : 1;
}

u32 pcindex(u64 pc)
{
	const Ksym *s = find(pc);
	return s != nil ? (u32)(s - (ksyms + 1)) : 0;
}

const char *pcindex_name(u32 i)
{
	return count() > 0 ? ksyms[1 + i].name : "(unknown)";
}
