/*
 * User address spaces: the hardware tables of each process, derived from its
 * segments by mem/. The upper half of every root is a copy of the kernel's,
 * whose slots are all there from the start, so it never needs to be copied again.
 *
 * A block, 512 pages whose frames lie side by side, may have one entry in the level
 * above: for pmap it is split into a table, and what changes a part of it lets it go.
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

/* ---- tables ---- */

/*
 * Which entries of a table were ever set, a bit for each group of 16 in the
 * frame's word: most tables have a few entries, a root some at both ends, and looking at
 * all 512 for each fork and exec would cost more than the rest of it.
 */
enum { GROUP = NENTRY / 32 };

static inline u32 *groups_of(u64 table)
{
	return page_word(page_of(paddr_of(table)));
}

static inline void group_add(u64 table, u32 index)
{
	*groups_of(table) |= 1U << (index / GROUP);
}

/* The groups of entries from..to, to > from. */
static inline u32 groups_between(u32 from, u32 to)
{
	return ~0U << (from / GROUP) & ~0U >> (31 - (to - 1) / GROUP);
}

/*
 * Empty tables ready for use, a stack per processor: taking one is cheaper than
 * clearing a frame. Roots keep the kernel's half, which never changes.
 */
enum { POOL_MAX = 16 };
typedef struct Pool { u32 n; u64 table[POOL_MAX]; } Pool;
static Pool pools[NCPU_MAX], root_pools[NCPU_MAX];

static u64 pool_take(Pool *p)
{
	if (p->n > 0)
		return p->table[--p->n];
	Page *page = page_alloc(0, KERNEL_TABLE);
	return page != nil ? page_paddr(page).a : 0;
}

/* Clear what was set and keep the table, or give the frame back. */
static void pool_give(Pool *p, u64 table)
{
	u32 *groups = groups_of(table);
	if (p->n == POOL_MAX) {
		page_free(page_of(paddr_of(table)), 0);
		return;
	}
	for (u32 left = *groups; left != 0; left &= left - 1)
		memset(table_of(table) + (u32)__builtin_ctz(left) * GROUP, 0, GROUP * sizeof(u64));
	*groups = 0;
	p->table[p->n++] = table;
}

static void pool_each(const Pool *p, void (*f)(void *arg, Paddr frame), void *arg)
{
	for (u32 i = 0; i < p->n; i++)
		f(arg, paddr_of(p->table[i]));
}

Err arch_space_init(ArchSpace *s)
{
	u64 root = pool_take(&root_pools[cpu()->index]);
	if (root == 0)
		return Enofree;
	u64 *kernel_half = table_of(root) + USER_SLOTS;
	/* a new one: the kernel's own slot is empty */
	if (kernel_half[NENTRY - USER_SLOTS - 1] == 0)
		memmove(kernel_half, table_of(kernel_root.a) + USER_SLOTS,
			USER_SLOTS * sizeof(u64));
	*s = (ArchSpace){ .root = paddr_of(root), .ntables = 1 };
	return nil;
}

static void free_table(ArchSpace *s, u64 table, u32 level);

static inline bool is_block(u64 e)
{
	return (e & PTE_PS) != 0;
}

/* In the checked build frames know how many entries have them: one more (1) is e, or less (-1). */
static void count_entry(u64 e, bool block, s32 n)
{
	for (u64 i = 0; CHECKED && (e & PTE_P) != 0 && i < (block ? NENTRY : 1); i++)
		page_entries(paddr_of((e & PTE_ADDR) + i * PAGE_SIZE), n);
}

/* The entries of a table that goes. */
static void forget_entries(u64 table, u32 level)
{
	for (u32 i = 0; i < NENTRY && level < LEVEL_ROOT; i++) {
		u64 e = table_of(table)[i];
		if (level == 0 || (level == 1 && is_block(e)))
			count_entry(e, level == 1, -1);
	}
}

/* Free the tables that a table above the lowest names. */
static void free_below(ArchSpace *s, u64 table, u32 level)
{
	const u64 *t = table_of(table);
	for (u32 left = *groups_of(table); left != 0; left &= left - 1) {
		u32 first = (u32)__builtin_ctz(left) * GROUP;
		for (u32 i = first; i < first + GROUP; i++)
			if (is_table(t[i], level))
				free_table(s, t[i] & PTE_ADDR, level - 1);
	}
}

/* Free a table and those below it. */
static void free_table(ArchSpace *s, u64 table, u32 level)
{
	if (level > 0)
		free_below(s, table, level);
	if (CHECKED)
		forget_entries(table, level);
	pool_give(level == LEVEL_ROOT ? &root_pools[cpu()->index] : &pools[cpu()->index], table);
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

/* An empty table for s; 0 without memory. */
static __attribute__((noinline)) u64 table_take(ArchSpace *s)
{
	u64 fresh = pool_take(&pools[cpu()->index]);
	s->ntables += fresh != 0;
	return fresh;
}

/* The table below entry i of a table, made when absent; 0 without memory. */
static __attribute__((noinline)) u64 table_make(ArchSpace *s, u64 table, u32 i)
{
	u64 fresh = table_take(s);
	if (fresh == 0)
		return 0;
	table_of(table)[i] = fresh | PTE_P | PTE_W | PTE_U | PTE_A;
	group_add(table, i);
	return fresh;
}

static void flush_pages(ArchSpace *s, u64 va, u64 npages);

/*
 * A table in place of the entry of a block, which is no more one thing. The old entry is out of
 * every TLB before there are others for the same addresses. False without memory.
 */
static bool block_split(ArchSpace *s, u64 table, u64 va)
{
	u64 *block = &table_of(table)[level_index(va, 1)];
	u64 first = *block & ~PTE_PS, fresh = table_take(s);
	if (fresh == 0)
		return false;
	for (u32 i = 0; i < NENTRY; i++)
		table_of(fresh)[i] = first + i * PAGE_SIZE;
	*groups_of(fresh) = ~0U;
	*block = 0;
	flush_pages(s, round_down(va, BLOCK_SIZE), NENTRY);
	*block = fresh | PTE_P | PTE_W | PTE_U | PTE_A;
	return true;
}

/* The same by way of the tables above, which are made when absent; nil without memory. */
static __attribute__((noinline)) u64 *leaf_make(ArchSpace *s, u64 va)
{
	u64 at = s->root.a;
	for (u32 level = LEVEL_ROOT; level > 0; level--) {
		u64 *e = &table_of(at)[level_index(va, level)];
		if (*e == 0 && table_make(s, at, level_index(va, level)) == 0)
			return nil;
		if (unlikely((*e & PTE_PS) != 0) && !block_split(s, at, va))
			return nil;
		at = *e & PTE_ADDR;
	}
	s->leaf = table_of(at);
	s->leaf_va = va;
	s->leaf_groups = groups_of(at);
	return s->leaf;
}

/* The lowest table for va if it was the last one that was used. */
static inline bool is_leaf_at_hand(const ArchSpace *s, u64 va)
{
	return s->leaf != nil && (s->leaf_va ^ va) < BLOCK_SIZE;
}

/* The entry for va in the lowest table, made when absent; nil without memory. */
static inline u64 *entry_make(ArchSpace *s, u64 va)
{
	if (unlikely(!is_leaf_at_hand(s, va)) && leaf_make(s, va) == nil)
		return nil;
	u32 i = level_index(va, 0);
	*s->leaf_groups |= 1U << (i / GROUP);
	return &s->leaf[i];
}

/*
 * The entry that names the lowest table for va, or a block; nil when there is neither. *skip is the
 * first address that it is not for.
 */
static u64 *leaf_find(const ArchSpace *s, u64 va, u64 *skip)
{
	u64 at = s->root.a;
	for (u32 level = LEVEL_ROOT;; level--) {
		u64 *e = &table_of(at)[level_index(va, level)];
		u64 span = 1UL << level_shift(level);
		*skip = round_down(va, span) + span;
		if (*e == 0)
			return nil;
		if (level == 1)
			return e;
		at = *e & PTE_ADDR;
	}
}

/*
 * The entry for va, or 0, for a page of a block as if it had one of its own; *skip is the first
 * address after va that may have one.
 */
static u64 entry_find(const ArchSpace *s, u64 va, u64 *skip)
{
	const u64 *leaf = leaf_find(s, va, skip);
	if (leaf == nil)
		return 0;
	*skip = va + PAGE_SIZE;
	return is_block(*leaf) ? (*leaf & ~PTE_PS) + level_index(va, 0) * PAGE_SIZE :
		table_of(*leaf)[level_index(va, 0)];
}

typedef struct Flush { const ArchSpace *s; u64 va, npages, number; } Flush;

/* In the checked build flushes are numbered: the last one that each processor made. */
static u64 last_flush;			/* [a] */
static u64 flushed[NCPU_MAX];		/* each by its own processor */

static void note_flushed(u64 number)
{
	u64 *mine = &flushed[cpu()->index];
	*mine = MAX(*mine, number);
}

/* A processor that has another space loaded by now holds nothing of this one. */
static void flush_here(void *arg)
{
	const Flush *f = arg;
	if (CHECKED)
		note_flushed(f->number);
	if (!is_current(f->s))
		return;
	if (f->npages > INVLPG_MAX) {
		flushmmu();
		return;
	}
	for (u64 i = 0; i < f->npages; i++)
		invlpg(f->va + i * PAGE_SIZE);
}

/*
 * The checked build looks after a flush whether every processor that has the space loaded made
 * it, and tries some of the pages there: what their entries forbid now must fail, or the TLB
 * still has what was there before.
 */
enum { PROBES_MAX = 8, PROBE_LOOKS_MAX = 256 };
typedef struct Probe {
	const ArchSpace *s;
	u64 va[PROBES_MAX];
	bool write[PROBES_MAX];
	u32 n;
	u64 number;		/* of the flush */
	u64 stale;		/* [a] the processors where one succeeded, or that did not flush */
	u64 where;		/* [a] which */
} Probe;

static void probe_here(void *arg)
{
	Probe *p = arg;
	if (is_current(p->s) && flushed[cpu()->index] < p->number)
		__atomic_fetch_or(&p->stale, 1UL << cpu()->index, __ATOMIC_RELEASE);
	for (u32 i = 0; i < p->n && is_current(p->s); i++)
		if (user_probe((void *)p->va[i], p->write[i])) {
			__atomic_store_n(&p->where, p->va[i], __ATOMIC_RELAXED);
			__atomic_fetch_or(&p->stale, 1UL << cpu()->index, __ATOMIC_RELEASE);
		}
}

static void probe_add(Probe *p, u64 va, u64 e)
{
	bool present = (e & PTE_P) != 0;
	if (p->n == PROBES_MAX || (present && (e & PTE_W) != 0))
		return;
	p->va[p->n] = va;
	p->write[p->n++] = present;
}

/* The first and the last page, which have changed, and read-only ones from anywhere on. */
static void probes_choose(Probe *p, const ArchSpace *s, u64 va, u64 npages)
{
	static u64 turn;
	u64 end = va + npages * PAGE_SIZE, skip, looks = 0;
	u64 from = __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) * 7919 % npages;
	probe_add(p, va, entry_find(s, va, &skip));
	probe_add(p, end - PAGE_SIZE, entry_find(s, end - PAGE_SIZE, &skip));
	for (u64 at = va + from * PAGE_SIZE; at < end && looks++ < PROBE_LOOKS_MAX; at = skip) {
		u64 e = entry_find(s, at, &skip);
		if ((e & PTE_P) != 0)
			probe_add(p, at, e);
	}
}

static void check_flushed(ArchSpace *s, u64 va, u64 npages, u64 others, u64 number)
{
	Probe p = { .s = s, .number = number, .where = va };
	probes_choose(&p, s, va, npages);
	probe_here(&p);
	if (others != 0)
		ipi_call(others, probe_here, &p);
	if (p.stale != 0)
		panic("cpu%u still has the old translation of %#lx: the TLB was not flushed",
			(u32)__builtin_ctzl(p.stale), p.where);
}

/*
 * The entries were changed. A processor that loads s now has set its bit before, so that either its
 * bit is seen here or it sees the entries as they are.
 */
static void flush_pages(ArchSpace *s, u64 va, u64 npages)
{
	Flush f = { s, va, npages, 0 };
	u64 others = 0;
	if (CHECKED)
		f.number = __atomic_add_fetch(&last_flush, 1, __ATOMIC_RELAXED);
	flush_here(&f);
	if (cpu_count() > 1) {
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		others = __atomic_load_n(&s->cpus, __ATOMIC_SEQ_CST) & ~(1UL << cpu()->index);
		if (others != 0)
			ipi_call(others, flush_here, &f);
	}
	if (CHECKED)
		check_flushed(s, va, npages, others, f.number);
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
	count_entry(*e, false, 1);
	count_entry(old, false, -1);
	if (old != 0 && old != *e)
		flush_pages(s, va.a, 1);
	return nil;
}

Err pmap_reserve(ArchSpace *s, Uaddr va, u64 npages)
{
	assert(va_ok(va.a, npages));
	u64 end = va.a + npages * PAGE_SIZE;
	for (u64 at = va.a; at < end; at = round_down(at, BLOCK_SIZE) + BLOCK_SIZE)
		if (entry_make(s, at) == nil)
			return Enofree;
	return nil;
}

Err pmap_run(ArchSpace *s, Uaddr va, Page *const *pages, u64 n, u32 prot)
{
	u64 bits = prot_bits(prot);
	assert(va_ok(va.a, n));
	for (u64 i = 0, end; i < n; i = end) {
		u64 at = va.a + i * PAGE_SIZE;
		if (!is_leaf_at_hand(s, at) && leaf_make(s, at) == nil)
			return Enofree;
		u32 first = level_index(at, 0);
		end = MIN(n, i + NENTRY - first);
		*s->leaf_groups |= groups_between(first, first + (u32)(end - i));
		u64 *e = s->leaf + first - i;
		for (u64 k = i; k < end; k++) {
			if (pages[k] == nil)
				continue;
			u64 old = e[k];
			e[k] = page_paddr(pages[k]).a | bits;
			count_entry(e[k], false, 1);
			count_entry(old, false, -1);
			if (unlikely(old != 0) && old != e[k])
				flush_pages(s, va.a + k * PAGE_SIZE, 1);
		}
	}
	return nil;
}

bool pmap_block_room(ArchSpace *s, Uaddr va)
{
	u64 skip;
	assert(va_ok(va.a, NENTRY) && va.a % BLOCK_SIZE == 0);
	return leaf_find(s, va.a, &skip) == nil;
}

Err pmap_block(ArchSpace *s, Uaddr va, Paddr pa, u32 prot)
{
	assert(pmap_block_room(s, va) && pa.a % BLOCK_SIZE == 0);
	u64 at = s->root.a;
	for (u32 level = LEVEL_ROOT; level > 1; level--) {
		u32 i = level_index(va.a, level);
		if (table_of(at)[i] == 0 && table_make(s, at, i) == 0)
			return Enofree;
		at = table_of(at)[i] & PTE_ADDR;
	}
	table_of(at)[level_index(va.a, 1)] = pa.a | prot_bits(prot) | PTE_PS;
	count_entry(table_of(at)[level_index(va.a, 1)], true, 1);
	group_add(at, level_index(va.a, 1));
	return nil;
}

/* Entries of a table that were changed, a half-open range; an end of 0: none. */
typedef struct Span { u32 first, end; } Span;

/* Take `bits` out of entries from..to of a table, of which only these groups have any. */
static Span leaf_clear(u64 *t, u32 groups, u32 from, u32 to, u64 bits)
{
	Span s = { 0, 0 };
	for (u32 left = groups & groups_between(from, to); left != 0; left &= left - 1) {
		u32 first = (u32)__builtin_ctz(left) * GROUP;
		for (u32 i = MAX(from, first); i < MIN(to, first + GROUP); i++) {
			if ((t[i] & bits) == 0)
				continue;
			if (bits == ~0UL)
				count_entry(t[i], false, -1);
			t[i] &= ~bits;
			s.first = s.end == 0 ? i : s.first;
			s.end = i + 1;
		}
	}
	return s;
}

/* The groups of which all entries lie in from..to. */
static inline u32 groups_within(u32 from, u32 to)
{
	u32 first = (from + GROUP - 1) / GROUP, end = to / GROUP;
	return first < end ? groups_between(first * GROUP, end * GROUP) : 0;
}

/* The same in the table that an entry names. */
static Span table_clear(u64 e, u32 from, u32 to, u64 bits)
{
	u32 *groups = groups_of(e & PTE_ADDR);
	Span cleared = leaf_clear(table_of(e), *groups, from, to, bits);
	if (bits == ~0UL)
		*groups &= ~groups_within(from, to);
	return cleared;
}

/*
 * The same for a block, which goes if only some of its pages are meant: faults bring back the
 * others.
 */
static Span block_clear(u64 *block, u32 from, u32 to, u64 bits)
{
	if ((*block & bits) == 0)
		return (Span){ 0, 0 };
	u64 left = *block & (to - from == NENTRY ? ~bits : 0);
	if (left == 0)
		count_entry(*block, true, -1);
	*block = left;
	return (Span){ 0, NENTRY };
}

/*
 * Take `bits` out of the entries of npages pages from va that have one of them (all
 * bits: clear the entry), and flush those.
 */
static void entries_clear(ArchSpace *s, u64 va, u64 npages, u64 bits)
{
	assert(va_ok(va, npages));
	u64 end = va + npages * PAGE_SIZE, first = 0, last = 0, skip;
	for (u64 at = va; at < end; at = skip) {
		u64 *leaf = leaf_find(s, at, &skip);
		if (leaf == nil)
			continue;
		u64 base = round_down(at, BLOCK_SIZE);
		u32 from = level_index(at, 0), to = (u32)((MIN(end, skip) - base) / PAGE_SIZE);
		Span cleared = is_block(*leaf) ? block_clear(leaf, from, to, bits) :
			table_clear(*leaf, from, to, bits);
		if (cleared.end == 0)
			continue;
		first = first == 0 ? base + cleared.first * PAGE_SIZE : first;
		last = base + (cleared.end - 1) * PAGE_SIZE;
	}
	if (first != 0)
		flush_pages(s, first, (last - first) / PAGE_SIZE + 1);
}

void punmap(ArchSpace *s, Uaddr va, u64 npages)
{
	entries_clear(s, va.a, npages, ~0UL);
}

void pprotect_readonly(ArchSpace *s, Uaddr va, u64 npages)
{
	entries_clear(s, va.a, npages, PTE_W | PTE_D);
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
	u64 e = entry_find(s, round_down(va.a, PAGE_SIZE), &skip);
	if (e == 0)
		return false;
	*m = mapping_of(round_down(va.a, PAGE_SIZE), e);
	return true;
}

void pwalk(ArchSpace *s, bool (*f)(void *arg, const Mapping *m), void *arg)
{
	u64 skip;
	for (u64 at = 0; at < 1UL << 47; at = skip) {
		u64 e = entry_find(s, at, &skip);
		if (e == 0)
			continue;
		Mapping m = mapping_of(at, e);
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
	for (u32 i = 0; i < NCPU_MAX; i++) {
		pool_each(&pools[i], f, arg);
		pool_each(&root_pools[i], f, arg);
	}
}

/* Guard pages of stacks lie between. */
bool arch_kernel_data(void (*f)(const void *from, const void *to))
{
	extern const u8 __data_start[], __bss_end[];
	for (const u8 *page = __data_start; page < __bss_end; page += BY2PG)
		if (kernel_mapped(page, BY2PG))
			f(page, page + BY2PG);
	return true;
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
	if (CHECKED)
		note_flushed(PEEK(last_flush));
	if (old != nil)
		__atomic_fetch_and(&old->cpus, ~(1UL << i), __ATOMIC_SEQ_CST);
}

void flushmmu(void)
{
	cpu()->ntlbpurge++;
	write_cr3(read_cr3());
}
