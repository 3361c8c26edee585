/*
 * The memory map. First the raw statements of the firmware are collected in
 * any order; mem_settle turns them into sorted, page-aligned ranges that do
 * not overlap, the more cautious statement winning; from then on the loader
 * takes memory by changing the type of a part of a range.
 */
#include "boot.h"

enum {
	NRANGE_MAX = 2048,
	ALLOC_MIN = 0x100000,	/* the first MiB is left for the kernel's trampolines */
};

static Range ranges[NRANGE_MAX];
static Range scratch[NRANGE_MAX];
static u32 nranges;

/* How cautious a statement about memory is: the highest wins an overlap. */
static const u8 caution[] = {
	[MEM_USABLE] = 0,
	[MEM_ACPI] = 1,
	[MEM_NVS] = 2,
	[MEM_RESERVED] = 3,
	[MEM_BAD] = 4,
};

static void
append(Range *list, u32 *n, u64 base, u64 end, u32 type)
{
	if (base >= end)
		return;
	if (*n > 0 && list[*n - 1].end == base && list[*n - 1].type == type) {
		list[*n - 1].end = end;
		return;
	}
	if (*n == NRANGE_MAX)
		stop("the memory map has more than %u ranges.", (u32)NRANGE_MAX);
	list[*n] = (Range){ base, end, type };
	(*n)++;
}

/* Records a statement of the firmware; usable memory shrinks to whole pages, the rest grows. */
void
mem_add(u64 base, u64 size, u32 type)
{
	u64 end;

	if (size == 0 || base >= PHYS_MAX)
		return;
	end = size > PHYS_MAX - base ? PHYS_MAX : base + size;
	if (type == MEM_USABLE) {
		base = round_up(base, PAGE);
		end = round_down(end, PAGE);
	} else {
		base = round_down(base, PAGE);
		end = round_up(end, PAGE);
	}
	if (base >= end)
		return;
	if (nranges == NRANGE_MAX)
		stop("the memory map has more than %u ranges.", (u32)NRANGE_MAX);
	ranges[nranges++] = (Range){ base, end, type };
}

/* The next place above `from` where some raw range begins or ends. */
static u64
next_border(u64 from)
{
	u64 next = PHYS_MAX;
	u32 i;

	for (i = 0; i < nranges; i++) {
		if (ranges[i].base > from && ranges[i].base < next)
			next = ranges[i].base;
		if (ranges[i].end > from && ranges[i].end < next)
			next = ranges[i].end;
	}
	return next;
}

/* Type of the byte at addr among the raw ranges, or -1. */
static int
raw_type(u64 addr)
{
	int type = -1;
	u32 i;

	for (i = 0; i < nranges; i++) {
		if (addr < ranges[i].base || addr >= ranges[i].end)
			continue;
		if (type < 0 || caution[ranges[i].type] > caution[type])
			type = (int)ranges[i].type;
	}
	return type;
}

void
mem_settle(void)
{
	u64 addr, next;
	u32 n = 0;
	int type;

	if (nranges == 0)
		stop("the boot loader passed no memory map.");
	for (addr = 0; addr < PHYS_MAX; addr = next) {
		next = next_border(addr);
		type = raw_type(addr);
		if (type >= 0)
			append(scratch, &n, addr, next, (u32)type);
	}
	memcpy(ranges, scratch, n * sizeof(*ranges));
	nranges = n;
	mem_set(0, PAGE, MEM_RESERVED);
}

/* Makes [base, end) be of the type, whatever it was; both on page borders. */
void
mem_set(u64 base, u64 end, u32 type)
{
	const Range *r;
	u32 i, n = 0;
	int placed = 0;

	for (i = 0; i < nranges; i++) {
		r = &ranges[i];
		append(scratch, &n, r->base, r->end < base ? r->end : base, r->type);
		if (!placed && r->end > base) {
			append(scratch, &n, base, end, type);
			placed = 1;
		}
		append(scratch, &n, r->base > end ? r->base : end, r->end, r->type);
	}
	if (!placed)
		append(scratch, &n, base, end, type);
	memcpy(ranges, scratch, n * sizeof(*ranges));
	nranges = n;
}

/* Whether all of [base, end) is usable; adjacent usable ranges are one. */
int
mem_is_usable(u64 base, u64 end)
{
	u32 i;

	for (i = 0; i < nranges; i++) {
		if (ranges[i].type == MEM_USABLE && base >= ranges[i].base && end <= ranges[i].end)
			return 1;
	}
	return 0;
}

/* The highest place below 4 GiB where size bytes fit, or 0. */
static u64
find(u64 size, u32 align)
{
	u64 top, base;
	u32 i;

	for (i = nranges; i-- > 0;) {
		if (ranges[i].type != MEM_USABLE)
			continue;
		top = ranges[i].end < GIB4 ? ranges[i].end : GIB4;
		if (top <= ranges[i].base || top - ranges[i].base < size)
			continue;
		base = round_down(top - size, align);
		if (base >= ranges[i].base && base >= ALLOC_MIN)
			return base;
	}
	return 0;
}

int
mem_fits(u64 size, u32 align)
{
	return find(size, align) != 0;
}

/* Zeroed memory in whole pages below 4 GiB; stops when there is none. */
void *
mem_alloc(u64 size, u32 align, u32 type, const char *what)
{
	u64 base;

	if (size > GIB4)
		stop("too little memory: %x bytes are needed for %s.", size, what);
	size = round_up(size, PAGE);
	base = find(size, align);
	if (base == 0)
		stop("too little memory: no room for %u KiB of %s.", (u32)(size >> 10), what);
	mem_set(base, base + size, type);
	return memset(at((u32)base), 0, (u32)size);
}

u32
mem_count(void)
{
	return nranges;
}

const Range *
mem_range(u32 i)
{
	return &ranges[i];
}
