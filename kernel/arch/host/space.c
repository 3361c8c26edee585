/*
 * Address spaces: the same four-level tables as amd64's, in frames, walked by
 * software; and user copies through them, faulting pages in as the machine would.
 */
#include "arch/host/host.h"
#include "mem/mem.h"
#include "proc/proc.h"

enum { LEVELS = 4, ENTRIES = 512, PRESENT = 0x800, ALL_PROT = PROT_READ | PROT_WRITE | PROT_EXEC };

static u64 *table(Paddr pa)
{
	return kaddr(pa);
}

static u32 entry_index(u64 va, u32 level)
{
	return (u32)(va >> (PGSHIFT + 9 * level)) % ENTRIES;
}

static Paddr entry_frame(u64 e)
{
	return paddr_of(round_down(e, BY2PG));
}

ERR arch_space_init(ArchSpace *s)
{
	Page *p = page_alloc(0, KERNEL_TABLE);
	if (p == nil)
		return Enofree;
	s->root = page_paddr(p);
	s->ntables = 1;
	return nil;
}

/* An entry of the lowest tables changes. */
static void set(u64 *e, u64 to)
{
	if (to != 0)
		page_entries(entry_frame(to), 1);
	if (*e != 0)
		page_entries(entry_frame(*e), -1);
	*e = to;
}

static void free_tables(Paddr at, u32 level)
{
	for (u32 i = 0; i < ENTRIES; i++)
		if (level == 0)
			set(&table(at)[i], 0);
		else if (table(at)[i] != 0)
			free_tables(entry_frame(table(at)[i]), level - 1);
	page_free(page_of(at), 0);
}

void arch_space_free(ArchSpace *s)
{
	if (host_space_current(s))
		panic("host: the address space at %p is freed while a processor runs in it",
			(void *)s);
	free_tables(s->root, LEVELS - 1);
	s->ntables = 0;
}

/* The entry of va; nil when tables are missing and not to be made, or cannot be. */
static u64 *entry(ArchSpace *s, u64 va, bool create)
{
	Paddr at = s->root;
	for (u32 level = LEVELS - 1; level > 0; level--) {
		u64 *e = &table(at)[entry_index(va, level)];
		if (*e == 0) {
			Page *p = create ? page_alloc(0, KERNEL_TABLE) : nil;
			if (p == nil)
				return nil;
			*e = page_paddr(p).a | PRESENT;
			s->ntables++;
		}
		at = entry_frame(*e);
	}
	return &table(at)[entry_index(va, 0)];
}

ERR pmap(ArchSpace *s, Uaddr va, Paddr pa, u32 prot)
{
	u64 *e = entry(s, va.a, true);
	if (e == nil)
		return Enofree;
	set(e, pa.a | prot | PRESENT);
	return nil;
}

ERR pmap_reserve(ArchSpace *s, Uaddr va, u64 npages)
{
	u64 table_span = ENTRIES * BY2PG;
	for (u64 a = va.a; a < va.a + npages * BY2PG; a = round_down(a, table_span) + table_span)
		if (entry(s, a, true) == nil)
			return Enofree;
	return nil;
}

ERR pmap_run(ArchSpace *s, Uaddr va, Page *const *pages, u64 n, u32 prot)
{
	for (u64 i = 0; i < n; i++)
		if (pages[i] != nil)
			TRY(pmap(s, uaddr_of(va.a + i * BY2PG), page_paddr(pages[i]), prot));
	return nil;
}

bool pmap_block_room(ArchSpace *s, Uaddr va)
{
	return entry(s, va.a, false) == nil;
}

/* There are no entries of that kind here; the others do the same. */
ERR pmap_block(ArchSpace *s, Uaddr va, Paddr pa, u32 prot)
{
	for (u64 i = 0; i < BLOCK_PAGES; i++)
		TRY(pmap(s, uaddr_of(va.a + i * BY2PG), paddr_of(pa.a + i * BY2PG), prot));
	return nil;
}

/* Pages are skipped a missing table at a time. */
static u64 next_page(ArchSpace *s, u64 va)
{
	u64 table_span = ENTRIES * BY2PG;
	return entry(s, va, false) != nil ? va + BY2PG : round_down(va, table_span) + table_span;
}

void punmap(ArchSpace *s, Uaddr va, u64 npages)
{
	for (u64 a = va.a; a < va.a + npages * BY2PG; a = next_page(s, a)) {
		u64 *e = entry(s, a, false);
		if (e != nil)
			set(e, 0);
	}
}

void pprotect_readonly(ArchSpace *s, Uaddr va, u64 npages)
{
	for (u64 a = va.a; a < va.a + npages * BY2PG; a = next_page(s, a)) {
		u64 *e = entry(s, a, false);
		if (e != nil)
			*e &= ~(u64)PROT_WRITE;
	}
}

bool plookup(ArchSpace *s, Uaddr va, Mapping *m)
{
	u64 *e = entry(s, va.a, false);
	if (e == nil || *e == 0)
		return false;
	*m = (Mapping){ uaddr_of(round_down(va.a, BY2PG)), entry_frame(*e),
		*e & ALL_PROT };
	return true;
}

static bool walk(Paddr at, u32 level, u64 base, bool (*f)(void *, const Mapping *), void *arg)
{
	for (u32 i = 0; i < ENTRIES; i++) {
		u64 e = table(at)[i], va = base + ((u64)i << (PGSHIFT + 9 * level));
		if (e == 0)
			continue;
		Mapping m = { uaddr_of(va), entry_frame(e), e & ALL_PROT };
		if (level > 0 ? !walk(entry_frame(e), level - 1, va, f, arg) : !f(arg, &m))
			return false;
	}
	return true;
}

void pwalk(ArchSpace *s, bool (*f)(void *arg, const Mapping *m), void *arg)
{
	walk(s->root, LEVELS - 1, 0, f, arg);
}

static void walk_tables(Paddr at, u32 level, void (*f)(void *, Paddr), void *arg)
{
	f(arg, at);
	for (u32 i = 0; level > 0 && i < ENTRIES; i++)
		if (table(at)[i] != 0)
			walk_tables(entry_frame(table(at)[i]), level - 1, f, arg);
}

void pwalk_tables(ArchSpace *s, void (*f)(void *arg, Paddr frame), void *arg)
{
	walk_tables(s->root, LEVELS - 1, f, arg);
}

void arch_kernel_tables(void (*f)(void *arg, Paddr frame), void *arg) { }
bool arch_kernel_data(void (*f)(const void *from, const void *to)) { return false; }
void mmuinit(void) { }
void flushmmu(void) { }

/* ---- user copies ---- */

/* Where the byte at va is, after faulting it in for this access; nil and *e when it cannot be. */
static u8 *reach(u64 va, u32 prot, Err *e)
{
	Mapping m;
	*e = va >= UTZERO && va < USTKTOP ? nil : Ebadarg;
	while (*e == nil) {
		if (plookup(&up->space.pt, uaddr_of(va), &m) && (m.prot & prot) == prot)
			return (u8 *)kaddr(m.pa) + va % BY2PG;
		*e = fault(&up->space, uaddr_of(va), prot);
	}
	return nil;
}

static ERR copy(u64 va, u8 *k, const u8 *from, usize n, u32 prot)
{
	while (n > 0) {
		Err e;
		usize step = MIN(n, BY2PG - va % BY2PG);
		u8 *u = reach(va, prot, &e);
		if (u == nil)
			return e;
		if (prot == PROT_READ)
			memmove(k, u, step);
		else if (from != nil)
			memmove(u, from, step);
		else
			memset(u, 0, step);
		va += step;
		k = k != nil ? k + step : nil;
		from = from != nil ? from + step : nil;
		n -= step;
	}
	return nil;
}

ERR copyin(void *to, Uaddr from, usize n) { return copy(from.a, to, nil, n, PROT_READ); }
ERR copyout(Uaddr to, const void *from, usize n) { return copy(to.a, nil, from, n, PROT_WRITE); }
ERR zeroout(Uaddr to, usize n) { return copy(to.a, nil, nil, n, PROT_WRITE); }

ERR copyout_parts(Uaddr to, const UserPart *parts, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		usize size = parts[i].words * sizeof(u64);
		if (parts[i].from != nil)
			TRY(copyout(to, parts[i].from, size));
		to.a += size;
	}
	return nil;
}

void copyout_tos(u64 kcycles, u64 pcycles, u32 pid)
{
	Tos tos;
	if (copyin(&tos, uaddr_of(USTKTOP - sizeof tos), sizeof tos) != nil)
		return;
	tos.kcycles += kcycles;
	tos.pcycles = pcycles;
	tos.pid = pid;
	Err ignored = copyout(uaddr_of(USTKTOP - sizeof tos), &tos, sizeof tos);
	(void)ignored;
}

ERR copyinstr(char *to, Uaddr from, usize size, usize *length)
{
	for (usize i = 0; i < size; i++) {
		TRY(copyin(to + i, uaddr_of(from.a + i), 1));
		if (to[i] == '\0') {
			*length = i;
			return nil;
		}
	}
	return Etoolong;
}

ERR user_cas32(Uaddr a, u32 *old, u32 new_value)
{
	Err e;
	u32 *w = (u32 *)(void *)reach(a.a, PROT_WRITE, &e);
	if (w != nil)
		__atomic_compare_exchange_n(w, old, new_value, false, __ATOMIC_SEQ_CST,
			__ATOMIC_SEQ_CST);
	return e;
}
