/*
 * `*e820=type base top ...` of the command line: a map of memory that takes away
 * from the loader's. Numbers are hexadecimal and top is the first address behind;
 * types are those of the PC's firmware, of which 1 is usable memory. What the
 * loader calls usable stays so where an entry of type 1 covers it and no other
 * does; nothing becomes usable by it, since only the loader knows where it put
 * the kernel. A list that says nothing sensible is an error, not a guess.
 */
#include "arch/arch.h"
#include "base/base.h"

enum { ENTRIES_MAX = 64, TYPE_USABLE = 1, TYPE_MAX = 5, FRAME = 4096, ADDRESS_BITS = 52 };

typedef struct Entry { u64 base, top; bool usable; } Entry;
typedef struct Map { Entry entry[ENTRIES_MAX]; u32 n; } Map;

/* The hexadecimal number at *s, which a blank or the end must follow. */
static bool take_number(const char **s, u64 *v)
{
	const char *end;
	while (**s == ' ')
		(*s)++;
	*v = strtou64(*s, &end, 16);
	bool good = end != *s && (*end == ' ' || *end == '\0');
	*s = end;
	return good;
}

static ERR parse(Map *m, const char *s)
{
	bool usable = false;
	for (m->n = 0; *s != '\0'; m->n++) {
		u64 type, base, top;
		if (m->n == ENTRIES_MAX)
			return "more than 64 entries";
		if (!take_number(&s, &type) || !take_number(&s, &base) || !take_number(&s, &top))
			return "not `type base top ...' in hexadecimal";
		if (type < 1 || type > TYPE_MAX)
			return "a type that is not 1 to 5";
		if (top >> ADDRESS_BITS != 0)
			return "an address of more than 52 bits";
		if (base >= top)
			return "an entry that ends before it begins";
		m->entry[m->n] = (Entry){ base, top, type == TYPE_USABLE };
		usable = usable || type == TYPE_USABLE;
		while (*s == ' ')
			s++;
	}
	return usable ? nil : "no usable memory";
}

/* Is the frame at a, all of it, usable? And up to where is that the same. */
static bool usable_at(const Map *m, u64 a, u64 *until)
{
	bool in = false, out = false;
	for (u32 i = 0; i < m->n; i++) {
		const Entry *e = &m->entry[i];
		u64 base = e->usable ? round_up(e->base, FRAME) : round_down(e->base, FRAME);
		u64 top = e->usable ? round_down(e->top, FRAME) : round_up(e->top, FRAME);
		if (a < base && base < *until)
			*until = base;
		if (a < top && top < *until)
			*until = top;
		if (a >= base && a < top)
			*(e->usable ? &in : &out) = true;
	}
	return in && !out;
}

static ERR add(BootBank *out, u32 *n, u64 base, u64 size, u32 type)
{
	BootBank *last = *n > 0 ? &out[*n - 1] : nil;
	if (last != nil && last->type == type && last->base.a + last->size == base) {
		last->size += size;
		return nil;
	}
	if (*n == BOOT_BANKS_MAX)
		return "too many separate pieces of memory";
	out[(*n)++] = (BootBank){ paddr_of(base), size, type };
	return nil;
}

Err boot_limit_memory(const char *list)
{
	static Map map;
	static BootBank out[BOOT_BANKS_MAX];
	u32 n = 0;
	TRY(parse(&map, list));
	for (u32 i = 0; i < boot.nbanks; i++) {
		const BootBank *b = &boot.banks[i];
		u64 end = b->base.a + b->size, until;
		if (b->type != BANK_USABLE) {
			TRY(add(out, &n, b->base.a, b->size, b->type));
			continue;
		}
		for (u64 a = b->base.a; a < end; a = until) {
			until = end;
			bool usable = usable_at(&map, a, &until);
			TRY(add(out, &n, a, until - a, usable ? BANK_USABLE : BANK_RESERVED));
		}
	}
	memmove(boot.banks, out, n * sizeof out[0]);
	boot.nbanks = n;
	return nil;
}
