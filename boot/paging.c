/*
 * Page tables: four levels, 2 MiB pages where the borders allow it and 4 KiB
 * pages elsewhere. The HHDM is writable and never executable but for the one
 * page of enter.S; the framebuffer is write-combining in it; the kernel has
 * the permissions of its segments. There is no identity map in the final
 * tables.
 */
#include "boot.h"

#define PTE_P 0x1ull
#define PTE_W 0x2ull
#define PTE_PWT 0x8ull
#define PTE_BIG 0x80ull
#define PTE_PAT 0x80ull
#define PTE_BIGPAT 0x1000ull
#define PTE_NX 0x8000000000000000ull
#define PTE_ADDR 0x000ffffffffff000ull

enum {
	NPTE = PAGE / 8,
	HHDM_SLOT = 256,	/* of the top table */
};

static u64 *top;

static u64 *
new_table(void)
{
	return mem_alloc(PAGE, PAGE, MEM_LOADER, "page tables");
}

static u64 *
table_of(u64 entry)
{
	return at((u32)(entry & PTE_ADDR));
}

/* Turns the 2 MiB page of an entry into 512 small ones with the same rights. */
static void
split(u64 *entry)
{
	u64 *t = new_table();
	u64 flags = *entry & ~(PTE_ADDR | PTE_BIG);
	u64 base = *entry & PTE_ADDR & ~PTE_BIGPAT;
	u32 i;

	if (*entry & PTE_BIGPAT)
		flags |= PTE_PAT;
	for (i = 0; i < NPTE; i++)
		t[i] = (base + i * (u64)PAGE) | flags;
	*entry = phys(t) | PTE_P | PTE_W;
}

/* The entry for va at a level: 1 for 4 KiB pages, 2 for 2 MiB pages. */
static u64 *
walk(u64 va, int level)
{
	u64 *t = top;
	u64 *entry;
	int l;

	for (l = 4; ; l--) {
		entry = &t[va >> (12 + 9 * (l - 1)) & (NPTE - 1)];
		if (l == level)
			return entry;
		if ((*entry & PTE_P) == 0)
			*entry = phys(new_table()) | PTE_P | PTE_W;
		else if (l == 2 && (*entry & PTE_BIG))
			split(entry);
		t = table_of(*entry);
	}
}

/* Maps [base, end) into the HHDM; `wc` makes it write-combining. */
static void
map_hhdm(u64 base, u64 end, int wc)
{
	u64 flags = PTE_P | PTE_W | PTE_NX | (wc ? PTE_PWT : 0);

	while (base < end) {
		if (base % BIGPAGE == 0 && end - base >= BIGPAGE) {
			*walk(HHDM + base, 2) = base | flags | PTE_BIG | (wc ? PTE_BIGPAT : 0);
			base += BIGPAGE;
		} else {
			*walk(HHDM + base, 1) = base | flags | (wc ? PTE_PAT : 0);
			base += PAGE;
		}
	}
}

static int
wants_hhdm(u32 type)
{
	return type == MEM_USABLE || type == MEM_ACPI || type == MEM_LOADER || type == MEM_KERNEL;
}

static void
map_kernel(void)
{
	u64 flags, off;
	u32 page;

	for (page = 0; page < kernel.size / PAGE; page++) {
		if ((kernel.flags[page] & KPAGE_MAPPED) == 0)
			continue;
		flags = PTE_P;
		if (kernel.flags[page] & KPAGE_WRITE)
			flags |= PTE_W;
		if ((kernel.flags[page] & KPAGE_EXEC) == 0)
			flags |= PTE_NX;
		off = page * (u64)PAGE;
		*walk(kernel.vbase + off, 1) = (phys(kernel.image) + off) | flags;
	}
}

void
paging_build(Handover *h)
{
	const Range *r;
	u64 *start;
	u32 i;

	top = new_table();
	start = new_table();
	map_hhdm(0, GIB4, 0);
	for (i = 0; i < mem_count(); i++) {
		r = mem_range(i);
		if (r->end > GIB4 && wants_hhdm(r->type))
			map_hhdm(r->base < GIB4 ? GIB4 : r->base, r->end, 0);
	}
	for (i = 0; i < mem_count(); i++) {
		r = mem_range(i);
		if (r->type == MEM_FRAMEBUFFER)
			map_hhdm(r->base, r->end, 1);
	}
	map_kernel();
	*walk(HHDM + phys(enter_page), 1) = phys(enter_page) | PTE_P;

	/* For the switch alone, the first 512 GiB of the HHDM appear at 0 as well. */
	memcpy(start, top, PAGE);
	start[0] = start[HHDM_SLOT];
	h->start_cr3 = phys(start);
	h->final_cr3 = phys(top);
}
