/*
 * User address spaces: the hardware tables of each process, derived from its
 * segments by mem/. The upper half of every root is a copy of the kernel's,
 * whose slots are all there from the start, so it never needs to be copied again.
 *
 * The caller holds Space.ptlock. Accessed and dirty bits are set from the
 * start, because nothing reads them and the processor then need not.
 */
#include "arch/amd64/table.h"
#include "base/error.h"
#include "mem/mem.h"

enum { INVLPG_MAX = 64 };	/* more pages than this: reload the whole TLB */

/* The space whose tables each processor has loaded; nil: the kernel's. */
static ArchSpace *current[NCPU_MAX];

static bool is_current(const ArchSpace *s)
{
	return current[cpu()->index] == s;
}

static u64 table_alloc(void)
{
	Page *p = page_alloc(0, KERNEL_TABLE);
	return p != nil ? page_paddr(p).a : 0;
}

Err arch_space_init(ArchSpace *s)
{
	u64 root = table_alloc();
	if (root == 0)
		return Enofree;
	memmove(table_of(root) + USER_SLOTS, table_of(kernel_root.a) + USER_SLOTS,
		USER_SLOTS * sizeof(u64));
	*s = (ArchSpace){ .root = paddr_of(root), .ntables = 1 };
	return nil;
}

/* Free a table and those below it; no page may be mapped. */
static void free_table(ArchSpace *s, u64 table, u32 level)
{
	u64 *t = table_of(table);
	u32 n = level == LEVEL_ROOT ? USER_SLOTS : NENTRY;
	for (u32 i = 0; i < n; i++) {
		if (t[i] == 0)
			continue;
		if (!is_table(t[i], level))
			panic("arch_space_free: a page is still mapped: %#lx, level %u, root %#lx",
				t[i], level, s->root.a);
		free_table(s, t[i] & PTE_ADDR, level - 1);
	}
	page_free(page_of(paddr_of(table)), 0);
	s->ntables--;
}

void arch_space_free(ArchSpace *s)
{
	if (is_current(s))
		mmuswitch(nil);
	assert(s->cpus == 0);
	free_table(s, s->root.a, LEVEL_ROOT);
	assert(s->ntables == 0);
	s->root = paddr_of(0);
}

/* The entry for va in the lowest table, made when absent; nil without memory. */
static u64 *entry_make(ArchSpace *s, u64 va)
{
	u64 *t = table_of(s->root.a);
	for (u32 level = LEVEL_ROOT; level > 0; level--) {
		u64 *e = &t[level_index(va, level)];
		if (*e == 0) {
			u64 table = table_alloc();
			if (table == 0)
				return nil;
			s->ntables++;
			*e = table | PTE_P | PTE_W | PTE_U | PTE_A;
		}
		t = table_of(*e);
	}
	return &t[level_index(va, 0)];
}

/* The entry for va, or nil; *skip is the first address after va that may have one. */
static u64 *entry_find(const ArchSpace *s, u64 va, u64 *skip)
{
	u64 *t = table_of(s->root.a);
	for (u32 level = LEVEL_ROOT; level > 0; level--) {
		u64 e = t[level_index(va, level)];
		if (e == 0) {
			u64 span = 1UL << level_shift(level);
			*skip = round_down(va, span) + span;
			return nil;
		}
		t = table_of(e);
	}
	*skip = va + PAGE_SIZE;
	return &t[level_index(va, 0)];
}

static void flush_pages(ArchSpace *s, u64 va, u64 npages)
{
	if (!is_current(s))
		return;
	if (npages > INVLPG_MAX) {
		flushmmu();
		return;
	}
	for (u64 i = 0; i < npages; i++)
		invlpg(va + i * PAGE_SIZE);
}

static bool va_ok(u64 va, u64 npages)
{
	return va % PAGE_SIZE == 0 && va >= PAGE_SIZE && va <= USTKTOP &&
		npages <= (USTKTOP - va) / PAGE_SIZE;
}

static u64 prot_bits(u32 prot)
{
	return PTE_P | PTE_U | PTE_A | ((prot & PROT_WRITE) != 0 ? PTE_W | PTE_D : 0) |
		((prot & PROT_EXEC) == 0 ? PTE_NX : 0) |
		((prot & PROT_UNCACHED) != 0 ? PTE_UNCACHED : 0);
}

Err pmap(ArchSpace *s, Uaddr va, Paddr pa, u32 prot)
{
	assert(va_ok(va.a, 1) && pa.a % PAGE_SIZE == 0 && (pa.a & ~PTE_ADDR) == 0);
	u64 *e = entry_make(s, va.a);
	if (e == nil)
		return Enofree;
	u64 old = *e;
	*e = pa.a | prot_bits(prot);
	if (old != 0 && old != *e)
		flush_pages(s, va.a, 1);
	return nil;
}

void punmap(ArchSpace *s, Uaddr va, u64 npages)
{
	assert(va_ok(va.a, npages));
	u64 end = va.a + npages * PAGE_SIZE, first = 0, last = 0, skip;
	for (u64 at = va.a; at < end; at = skip) {
		u64 *e = entry_find(s, at, &skip);
		if (e == nil || *e == 0)
			continue;
		*e = 0;
		first = first == 0 ? at : first;
		last = at;
	}
	if (first != 0)
		flush_pages(s, first, (last - first) / PAGE_SIZE + 1);
}

void pprotect_readonly(ArchSpace *s, Uaddr va, u64 npages)
{
	assert(va_ok(va.a, npages));
	u64 end = va.a + npages * PAGE_SIZE, first = 0, last = 0, skip;
	for (u64 at = va.a; at < end; at = skip) {
		u64 *e = entry_find(s, at, &skip);
		if (e == nil || (*e & PTE_W) == 0)
			continue;
		*e &= ~(PTE_W | PTE_D);
		first = first == 0 ? at : first;
		last = at;
	}
	if (first != 0)
		flush_pages(s, first, (last - first) / PAGE_SIZE + 1);
}

static Mapping mapping_of(u64 va, u64 e)
{
	u32 prot = PROT_READ | ((e & PTE_W) != 0 ? PROT_WRITE : 0) |
		((e & PTE_NX) == 0 ? PROT_EXEC : 0) | ((e & PTE_PCD) != 0 ? PROT_UNCACHED : 0);
	return (Mapping){ uaddr_of(va), paddr_of(e & PTE_ADDR), prot };
}

bool plookup(ArchSpace *s, Uaddr va, Mapping *m)
{
	u64 skip;
	if (va.a >= USTKTOP)
		return false;
	u64 *e = entry_find(s, round_down(va.a, PAGE_SIZE), &skip);
	if (e == nil || *e == 0)
		return false;
	*m = mapping_of(round_down(va.a, PAGE_SIZE), *e);
	return true;
}

void pwalk(ArchSpace *s, bool (*f)(void *arg, const Mapping *m), void *arg)
{
	u64 skip;
	for (u64 at = 0; at < 1UL << 47; at = skip) {
		u64 *e = entry_find(s, at, &skip);
		if (e == nil || *e == 0)
			continue;
		Mapping m = mapping_of(at, *e);
		if (!f(arg, &m))
			return;
	}
}

static void walk_tables(
	u64 table, u32 level, u32 nslots, void (*f)(void *arg, Paddr frame), void *arg)
{
	f(arg, paddr_of(table));
	u64 *t = table_of(table);
	for (u32 i = 0; i < nslots; i++)
		if (is_table(t[i], level))
			walk_tables(t[i] & PTE_ADDR, level - 1, NENTRY, f, arg);
}

void pwalk_tables(ArchSpace *s, void (*f)(void *arg, Paddr frame), void *arg)
{
	if (s->root.a != 0)
		walk_tables(s->root.a, LEVEL_ROOT, USER_SLOTS, f, arg);
}

void arch_kernel_tables(void (*f)(void *arg, Paddr frame), void *arg)
{
	walk_tables(kernel_root.a, LEVEL_ROOT, NENTRY, f, arg);
}

void mmuswitch(ArchSpace *s)
{
	u32 i = cpu()->index;
	ArchSpace *old = current[i];
	if (old == s)
		return;
	if (s != nil)
		__atomic_fetch_or(&s->cpus, 1UL << i, __ATOMIC_SEQ_CST);
	current[i] = s;
	write_cr3(s != nil ? s->root.a : kernel_root.a);
	if (old != nil)
		__atomic_fetch_and(&old->cpus, ~(1UL << i), __ATOMIC_SEQ_CST);
}

void flushmmu(void)
{
	cpu()->ntlbpurge++;
	write_cr3(read_cr3());
}
