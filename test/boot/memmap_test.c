/*
 * The loader's memory map on the host: statements in any order, unaligned and
 * contradicting each other, must become sorted, page-aligned ranges that do not
 * overlap, and taking memory must split and merge them. The random part
 * compares each page with a plain array.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../boot/boot.h"

enum { NPAGE = 64, NROUND = 2000 };

static unsigned npassed, nfailed;

_Noreturn void
stop(const char *fmt, ...)
{
	printf("the memory map stopped: %s\n", fmt);
	exit(1);
}

static void
check(int ok, const char *what)
{
	if (ok) {
		npassed++;
		return;
	}
	nfailed++;
	printf("failed: %s\n", what);
}

/* Whether ranges are sorted, disjoint, aligned, and neighbours of one type merged. */
static int
in_order(void)
{
	const Range *r, *before;
	u32 i;

	for (i = 0; i < mem_count(); i++) {
		r = mem_range(i);
		if (r->base >= r->end || r->base % PAGE != 0 || r->end % PAGE != 0)
			return 0;
		if (i == 0)
			continue;
		before = mem_range(i - 1);
		if (before->end > r->base || (before->end == r->base && before->type == r->type))
			return 0;
	}
	return 1;
}

static int
type_of(u64 addr)
{
	u32 i;

	for (i = 0; i < mem_count(); i++) {
		if (addr >= mem_range(i)->base && addr < mem_range(i)->end)
			return (int)mem_range(i)->type;
	}
	return -1;
}

/* A machine's usual map, in disorder and with holes, overlaps and odd borders. */
static void
test_known(void)
{
	mem_add(0x100000000, 0x40000000, MEM_USABLE);
	mem_add(0x100000, 0x7fe00000, MEM_USABLE);
	mem_add(0xfffc0000, 0x40000, MEM_RESERVED);
	mem_add(0, 0x9fc00, MEM_USABLE);
	mem_add(0x9fc00, 0x400, MEM_RESERVED);
	mem_add(0x7000000, 0x1001, MEM_RESERVED);
	mem_add(0x7001800, 0x10, MEM_ACPI);
	mem_add(0x8000001, 0xffe, MEM_BAD);
	mem_add(0x9000000, 0, MEM_RESERVED);
	mem_add(0xfffffffffffff000, 0x1000, MEM_USABLE);
	mem_add(0x200000000, 0xffffffffffffffff, MEM_RESERVED);
	mem_settle();
	check(in_order(), "the settled map is in disorder");
	check(type_of(0) == MEM_RESERVED, "the first page is not reserved");
	check(type_of(0x1000) == MEM_USABLE, "the second page is not usable");
	check(type_of(0x9e000) == MEM_USABLE, "memory below the EBDA is not usable");
	check(type_of(0x9f000) == MEM_RESERVED, "the EBDA's page is not reserved");
	check(type_of(0xa0000) == -1, "a hole is not a hole");
	check(type_of(0x7001000) == MEM_RESERVED, "the more cautious statement did not win");
	check(type_of(0x7002000) == MEM_USABLE, "memory after a reserved stretch is lost");
	check(type_of(0x8000000) == MEM_BAD, "bad memory does not fill its page");
	check(type_of(0x13ffff000) == MEM_USABLE, "memory above 4 GiB is lost");
	check(type_of(0x200000000) == MEM_RESERVED, "a wrapping statement is lost");
	check(mem_is_usable(0x100000, 0x7000000), "the main memory is not usable");
	check(!mem_is_usable(0x6fff000, 0x7001000), "reserved memory is usable");
	check(!mem_is_usable(0x9e000, 0x100000), "a hole is usable");
	check(mem_fits(0x1000000, BIGPAGE), "16 MiB do not fit");
	check(!mem_fits(0x80000000, PAGE), "2 GiB fit below 4 GiB, where there are none");
}

/* Random statements and changes above the known map, against an array of types. */
static void
test_random(void)
{
	int types[NPAGE];
	const u64 start = 0x1000000000;
	u32 round, first, n, type, i;

	for (i = 0; i < NPAGE; i++)
		types[i] = -1;
	mem_set(0x200000000, 0x10000000000000, MEM_NVS);
	for (i = 0; i < NPAGE; i++)
		types[i] = MEM_NVS;
	srand(9);
	for (round = 0; round < NROUND; round++) {
		first = (u32)rand() % NPAGE;
		n = 1 + (u32)rand() % (NPAGE - first);
		type = (u32)rand() % 8;
		mem_set(start + first * (u64)PAGE, start + (first + n) * (u64)PAGE, type);
		for (i = first; i < first + n; i++)
			types[i] = (int)type;
		for (i = 0; i < NPAGE; i++) {
			if (type_of(start + i * (u64)PAGE) != types[i]) {
				check(0, "a page has another type than was set");
				return;
			}
		}
		if (!in_order()) {
			check(0, "a change left disorder");
			return;
		}
	}
	check(1, "random changes");
}

int
main(void)
{
	test_known();
	test_random();
	printf("%u passed, %u failed\n", npassed, nfailed);
	return nfailed != 0;
}
