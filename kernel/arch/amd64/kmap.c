/*
 * The kernel's own page tables: the direct map (HHDM) of RAM, the kernel image
 * with the permissions of its parts, a window for device registers and one for
 * kernel stacks with guard pages.
 *
 * Kernel text and read-only data are not writable through the direct map
 * either. Page tables are: their frames come from anywhere in RAM, and making
 * each read-only would shatter the direct map into small pages.
 *
 * kmap_lk guards the windows; page_alloc may be called under it.
 */
#include "arch/amd64/table.h"
#include "base/error.h"
#include "mem/kasan.h"
#include "mem/mem.h"
#include "sync/sync.h"

extern u8 __text_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[],
	__kernel_end[];

enum {
	SLOT_KERNEL = 511,
	KSTACK_COUNT_MAX = 65536,	/* virtual room; each takes 16 KiB of RAM when used */
	KSTACK_CACHE_MAX = 16,	/* freed stacks kept mapped, on each processor and in the depot */
	KSTACK_BATCH = KSTACK_CACHE_MAX / 2,
	KSTACK_NPAGES = KSTACK_SIZE / PAGE_SIZE,
};
#define SLOT_SIZE (1UL << 39)

static LOCK_CLASS(kmap_class, "arch.kmap");
static Lock kmap_lk = LOCK_INIT(&kmap_class);

Paddr kernel_root;

/* RAM as the loader described it, before mem/ takes its part out of the banks. */
typedef struct Stretch { u64 start, end; } Stretch;
static Stretch ram[BOOT_BANKS_MAX];	/* [I] after ram_note; ascending, disjoint */
static u32 nram;

/* [I] after mmuinit: one past the highest address of the direct map */
static u64 ram_end;
static u64 mmio_base;			/* [I] */
static u64 mmio_next GUARDED_BY(kmap_lk);
static u64 kstack_base;			/* [I] */
static u64 kstack_used[KSTACK_COUNT_MAX / 64] GUARDED_BY(kmap_lk);
/* [kmap_lk] no free index is below it, in words of kstack_used */
static u32 kstack_hint;
/*
 * Freed stacks, mapped as they were. A processor's own need no lock: nothing here sleeps, and
 * interrupts make and free no process. The depot levels them out, a batch at a time, between
 * processors where more processes begin and those where more end.
 */
typedef struct Stacks { u32 n; void *top[KSTACK_CACHE_MAX]; } Stacks;
static Stacks kstacks[NCPU_MAX];
static Stacks kstack_depot GUARDED_BY(kmap_lk);

/* ---- addresses ---- */

void *kaddr(Paddr pa)
{
	assert(pa.a < 1UL << 52 && (ram_end == 0 || pa.a < ram_end));
	return (void *)(boot.hhdm + pa.a);
}

Paddr paddr(const void *p)
{
	u64 a = (u64)p;
	if (a >= (u64)__text_start && a < (u64)__kernel_end)
		return paddr_of(boot.kernel_base.a + (a - (u64)__text_start));
	if (a < boot.hhdm || (ram_end != 0 && a - boot.hhdm >= ram_end))
		panic("paddr: %p lies neither in the direct map nor in the kernel image", p);
	return paddr_of(a - boot.hhdm);
}

u64 *kernel_table(void)
{
	return table_of(kernel_root.a != 0 ? kernel_root.a : read_cr3());
}

/* The bytes from va to the end of the mapping that holds it; 0 when there is none. */
static u64 mapped_length(u64 va)
{
	if (va >> 47 != 0x1ffff)
		return 0;
	if (boot.hhdm == 0)	/* too early to walk tables; the image is there */
		return va < (u64)__text_start || va >= (u64)__kernel_end ? 0
									 : (u64)__kernel_end - va;
	u64 *t = kernel_table();
	for (u32 level = LEVEL_ROOT;; level--) {
		u64 e = t[level_index(va, level)];
		if ((e & PTE_P) == 0)
			return 0;
		if (!is_table(e, level))
			return (1UL << level_shift(level)) - va % (1UL << level_shift(level));
		t = table_of(e);
	}
}

bool kernel_mapped(const void *p, usize size)
{
	u64 va = (u64)p;
	while (size > 0) {
		u64 n = mapped_length(va);
		if (n == 0)
			return false;
		if (n >= size)
			return true;
		va += n;
		size -= n;
	}
	return true;
}

static bool is_window(u64 va, u64 base, u64 size)
{
	return va - base < size;
}

enum KernelRegion kernel_region(u64 va)
{
	if (va >= (u64)__text_start && va < round_up((u64)__kernel_end, 1UL << 30))
		return REGION_IMAGE;
	if (mmio_base != 0 && is_window(va, mmio_base, SLOT_SIZE))
		return REGION_DEVICES;
	if (kstack_base != 0 && is_window(va, kstack_base, kstack_window_size()))
		return REGION_STACKS;
	return boot.hhdm != 0 && is_window(va, boot.hhdm, 1UL << features.physbits) ?
		REGION_DIRECT : REGION_NONE;
}

/* The lock keeps stacks from being unmapped meanwhile. Device registers may act when read. */
ERR arch_kernel_read(void *to, u64 va, usize n)
{
	Err err = Ebadarg;
	assert(n <= PAGE_SIZE);
	if (va + n < va || is_window(va, mmio_base, SLOT_SIZE))
		return Ebadarg;
	ilock(&kmap_lk);
	if (kernel_mapped((const void *)va, n)) {
		memcpy(to, (const void *)va, n);
		err = nil;
	}
	iunlock(&kmap_lk);
	return err;
}

/* ---- making tables ---- */

static u64 kernel_table_alloc(void)
{
	Page *p = page_alloc(0, KERNEL_TABLE);
	return p != nil ? page_paddr(p).a : 0;
}

/* The entry for va at level, making the tables above it; nil without memory. */
static u64 *kernel_entry(u64 va, u32 level)
{
	u64 *t = table_of(kernel_root.a);
	for (u32 l = LEVEL_ROOT; l > level; l--) {
		u64 *e = &t[level_index(va, l)];
		if (*e == 0) {
			u64 table = kernel_table_alloc();
			if (table == 0)
				return nil;
			*e = table | PTE_P | PTE_W | PTE_A;
		}
		assert(is_table(*e, l));
		t = table_of(*e);
	}
	return &t[level_index(va, level)];
}

static u32 largest_level(u64 va, u64 pa, u64 size)
{
	for (u32 level = features.page1g ? 2 : 1; level > 0; level--) {
		u64 n = 1UL << level_shift(level);
		if (((va | pa) & (n - 1)) == 0 && size >= n)
			return level;
	}
	return 0;
}

/*
 * Map [pa, pa+size) at va with the largest pages that fit, up to a level; false without
 * memory.
 */
static bool kernel_map_upto(u32 highest, u64 va, u64 pa, u64 size, u64 bits)
{
	bits |= PTE_P | PTE_A | PTE_D | (features.pge ? PTE_G : 0);
	while (size > 0) {
		u32 level = MIN(highest, largest_level(va, pa, size));
		u64 *e = kernel_entry(va, level), n = 1UL << level_shift(level);
		if (e == nil)
			return false;
		*e = pa | bits | (level > 0 ? PTE_PS : 0);
		va += n;
		pa += n;
		size -= n;
	}
	return true;
}

static bool kernel_map(u64 va, u64 pa, u64 size, u64 bits)
{
	return kernel_map_upto(LEVEL_ROOT, va, pa, size, bits);
}

static void boot_map(u32 highest, u64 va, u64 pa, u64 size, u64 bits)
{
	if (!kernel_map_upto(highest, va, pa, size, bits))
		panic("mmuinit: no memory for the kernel's page tables");
}

/* ---- boot ---- */

static bool is_ram(u32 type)
{
	return type == BANK_USABLE || type == BANK_LOADER || type == BANK_KERNEL ||
		type == BANK_ACPI || type == BANK_NVS;
}

/* In the checked build frame by frame: see arch_direct_map. */
static void map_direct(u64 start, u64 end, u64 bits)
{
	if (start < end)
		boot_map(CHECKED ? 0 : LEVEL_ROOT, boot.hhdm + start, start, end - start, bits);
}

void arch_direct_map(Paddr pa, u64 n, bool on)
{
	if (!CHECKED || ram_end == 0)
		return;
	for (u64 i = 0; i < n; i++) {
		u64 va = boot.hhdm + pa.a + i * PAGE_SIZE, *e = kernel_entry(va, 0);
		assert(e != nil && (*e & PTE_ADDR) == pa.a + i * PAGE_SIZE);
		*e = on ? *e | PTE_P : *e & ~PTE_P;
		invlpg(va);
	}
}

/* A stretch of RAM, writable but where the kernel's text and read-only data are. */
static void map_ram(u64 start, u64 end)
{
	u64 lo = paddr(__text_start).a, hi = paddr(__rodata_end).a;
	lo = MIN(MAX(lo, start), end);
	hi = MAX(MIN(hi, end), lo);
	map_direct(start, lo, PTE_W | PTE_NX);
	map_direct(lo, hi, PTE_NX);
	map_direct(hi, end, PTE_W | PTE_NX);
}

/* Adjacent and overlapping banks become one stretch, so that large pages fit. */
void ram_note(void)
{
	assert(nram == 0);
	for (u32 i = 0; i < boot.nbanks; i++) {
		const BootBank *b = &boot.banks[i];
		u64 from = round_down(b->base.a, PAGE_SIZE);
		u64 to = round_up(b->base.a + b->size, PAGE_SIZE);
		if (!is_ram(b->type))
			continue;
		if (nram > 0 && from <= ram[nram - 1].end)
			ram[nram - 1].end = MAX(ram[nram - 1].end, to);
		else
			ram[nram++] = (Stretch){ from, to };
	}
}

static void map_image(u32 highest, const u8 *start, const u8 *end, u64 bits)
{
	boot_map(highest, (u64)start, paddr(start).a, (u64)(end - start), bits);
}

static void unmap_guard(const u8 *page)
{
	assert((u64)page % PAGE_SIZE == 0);
	*kernel_entry((u64)page, 0) = 0;
}

/* Data frame by frame, however much it is: the guards are frames in the middle of it. */
static void map_kernel(void)
{
	map_image(LEVEL_ROOT, __text_start, __text_end, 0);
	map_image(LEVEL_ROOT, __rodata_start, __rodata_end, PTE_NX);
	map_image(0, __data_start, __kernel_end, PTE_W | PTE_NX);
	unmap_guard(boot_stack);
	for (u32 i = 0; i < NIST; i++)
		unmap_guard(boot_istack[i].guard);
}

/* Give a root slot its table, so that roots of processes can copy the upper half once. */
static void make_slot(u32 slot)
{
	if (kernel_entry((0xffffUL << 48) | (u64)slot << 39, LEVEL_ROOT - 1) == nil)
		panic("mmuinit: no memory for the kernel's page tables");
}

/* The two windows take the highest slots that the direct map does not. */
static NO_TSA void choose_windows(u32 first, u32 last)
{
	u64 window[2];
	u32 n = 0;
	for (u32 slot = SLOT_KERNEL - 1; n < nelem(window) && slot >= USER_SLOTS; slot--)
		if (slot < first || slot > last)
			window[n++] = (0xffffUL << 48) | (u64)slot << 39;
	if (n < nelem(window) || last >= SLOT_KERNEL)
		panic("mmuinit: the direct map at %#lx leaves no room for the kernel's windows",
			boot.hhdm);
	mmio_base = mmio_next = window[0];
	kstack_base = window[1];
}

/* ---- the shadow of the address sanitizer ---- */

#define SHADOW_OFFSET 0xdffffc0000000000UL

/* Give the shadow of [start, end) frames of its own; all zeros: everything may be used. */
static bool shadow_map(u64 start, u64 end)
{
	u64 to = (end - 1) / 8 + SHADOW_OFFSET;
	for (u64 va = round_down(start / 8 + SHADOW_OFFSET, PAGE_SIZE); va <= to; va += PAGE_SIZE) {
		u64 *e = kernel_entry(va, 0);
		if (e != nil && *e != 0)
			continue;
		Page *p = e != nil ? page_alloc(0, KERNEL_OTHER) : nil;
		if (p == nil)
			return false;
		*e = page_paddr(p).a | PTE_P | PTE_A | PTE_D | PTE_W | PTE_NX;
	}
	return true;
}

static void shadow_boot(void)
{
	bool good = shadow_map((u64)__text_start, (u64)__kernel_end);
	for (u32 i = 0; i < nram && good; i++)
		good = shadow_map(boot.hhdm + ram[i].start, boot.hhdm + ram[i].end);
	if (!good)
		panic("mmuinit: no memory for the shadow of the address sanitizer");
}

bool arch_shadowed(u64 a)
{
	return a - boot.hhdm < ram_end || a - (u64)__text_start <
		(u64)(__kernel_end - __text_start) || a - kstack_base < kstack_window_size();
}

u64 arch_stack_end(u64 sp)
{
	if (sp - kstack_base < kstack_window_size())
		return round_up(sp, KSTACK_STRIDE);
	u64 end = (u64)boot_stack + sizeof boot_stack;
	return sp >= (u64)boot_stack && sp < end ? end : sp;
}

/* With CR4.PGE off and on again no translation of the loader's survives. */
void kernel_tables_load(void)
{
	u64 cr4 = read_cr4(), pge = features.pge ? 1UL << 7 : 0;
	write_cr4(cr4 & ~pge);
	write_cr3(kernel_root.a);
	write_cr4(cr4);
}

void mmuinit(void)
{
	assert(kernel_root.a == 0 && boot.nbanks > 0);
	kernel_root = paddr_of(kernel_table_alloc());
	if (kernel_root.a == 0)
		panic("mmuinit: no memory for the kernel's page tables");
	assert(nram > 0);
	u64 end = ram[nram - 1].end;
	u32 first = level_index(boot.hhdm, LEVEL_ROOT);
	u32 last = level_index(boot.hhdm + end - 1, LEVEL_ROOT);
	choose_windows(first, last);
	for (u32 slot = first; slot <= last; slot++)
		make_slot(slot);
	make_slot(level_index(mmio_base, LEVEL_ROOT));
	make_slot(level_index(kstack_base, LEVEL_ROOT));
	map_kernel();
	for (u32 i = 0; i < nram; i++)
		map_ram(ram[i].start, ram[i].end);
	if (SANITIZED)
		shadow_boot();
	kernel_tables_load();
	ram_end = end;
	if (SANITIZED)
		kasan_start();
}

/* ---- device registers ---- */

void *arch_mmio(Paddr pa, usize size)
{
	u64 start = round_down(pa.a, PAGE_SIZE), offset = pa.a - start;
	u64 length = round_up(offset + size, PAGE_SIZE);
	if (size == 0 || pa.a + size < pa.a || pa.a + size > 1UL << features.physbits)
		return nil;
	ilock(&kmap_lk);
	void *p = nil;
	assert(mmio_base != 0);
	if (length <= mmio_base + SLOT_SIZE - mmio_next &&
		kernel_map(mmio_next, start, length, PTE_W | PTE_NX | PTE_UNCACHED)) {
		p = (void *)(mmio_next + offset);
		mmio_next += length;
	}
	iunlock(&kmap_lk);
	return p;
}

/* ---- kernel stacks ---- */

u64 kstack_window(void)
{
	return kstack_base;
}

u64 kstack_window_size(void)
{
	return (u64)KSTACK_COUNT_MAX * KSTACK_STRIDE;
}

/* The stack with that index: its guard is the lower part of its stride. */
static u64 kstack_bottom(u32 index)
{
	return kstack_base + (u64)(index + 1) * KSTACK_STRIDE - KSTACK_SIZE;
}

/* The bottom of a stack that is nobody's; 0 when there are too many. */
static u64 kstack_place(void) REQUIRES(kmap_lk)
{
	for (; kstack_hint < nelem(kstack_used); kstack_hint++) {
		u64 word = kstack_used[kstack_hint];
		if (word != ~0UL) {
			u32 bit = (u32)__builtin_ctzl(~word);
			kstack_used[kstack_hint] |= 1UL << bit;
			return kstack_bottom(kstack_hint * 64 + bit);
		}
	}
	return 0;
}

static void kstack_leave(u64 bottom) REQUIRES(kmap_lk)
{
	u32 index = (u32)((bottom - kstack_base) / KSTACK_STRIDE);
	kstack_used[index / 64] &= ~(1UL << index % 64);
	kstack_hint = MIN(kstack_hint, index / 64);
}

/* A stack, its guard included, has a page of shadow for itself. */
_Static_assert(KSTACK_STRIDE == 8 * PAGE_SIZE, "a page of shadow tells of one stack");

static u64 kstack_shadow(u64 bottom)
{
	return round_down(bottom / 8 + SHADOW_OFFSET, PAGE_SIZE);
}

/* Some that are no stacks any more, and the frames that were theirs; 0: none. */
typedef struct Unmapped {
	u32 n;
	u64 bottom[KSTACK_BATCH], pa[KSTACK_BATCH][KSTACK_NPAGES + 1];
} Unmapped;

static void kstacks_flush(void *arg)
{
	const Unmapped *u = arg;
	for (u32 k = 0; k < u->n; k++) {
		for (u32 i = 0; i < KSTACK_NPAGES; i++)
			invlpg(u->bottom[k] + i * PAGE_SIZE);
		if (SANITIZED)
			invlpg(kstack_shadow(u->bottom[k]));
	}
}

/* Take the frame that is entered at va away, if there is one. */
static u64 kernel_unmap(u64 va)
{
	u64 *e = kernel_entry(va, 0), pa = 0;
	if (e != nil) {
		pa = *e & PTE_ADDR;
		*e = 0;
	}
	return pa;
}

static void kstack_unmap(u64 bottom, u64 pa[KSTACK_NPAGES + 1]) REQUIRES(kmap_lk)
{
	for (u32 i = 0; i < KSTACK_NPAGES; i++)
		pa[i] = kernel_unmap(bottom + i * PAGE_SIZE);
	pa[KSTACK_NPAGES] = SANITIZED ? kernel_unmap(kstack_shadow(bottom)) : 0;
}

/*
 * Until every processor has forgotten them neither the frames nor the places are used again. The
 * lock is not held meanwhile.
 */
static void kstacks_unmap(void *const *top, u32 n)
{
	Unmapped u = { .n = n };
	ilock(&kmap_lk);
	for (u32 k = 0; k < n; k++) {
		u.bottom[k] = (u64)top[k] - KSTACK_SIZE;
		kstack_unmap(u.bottom[k], u.pa[k]);
	}
	iunlock(&kmap_lk);
	ipi_all(kstacks_flush, &u);
	for (u32 k = 0; k < n; k++)
		for (u32 i = 0; i <= KSTACK_NPAGES; i++)
			if (u.pa[k][i] != 0)
				page_free(page_of(paddr_of(u.pa[k][i])), 0);
	ilock(&kmap_lk);
	for (u32 k = 0; k < n; k++)
		kstack_leave(u.bottom[k]);
	iunlock(&kmap_lk);
}

/* false: without memory; what is mapped already stays so. */
static bool kstack_map(u64 bottom) REQUIRES(kmap_lk)
{
	if (SANITIZED && !shadow_map(bottom, bottom + KSTACK_SIZE))
		return false;
	for (u32 i = 0; i < KSTACK_NPAGES; i++) {
		Page *p = page_alloc(0, KERNEL_STACK);
		u64 va = bottom + i * PAGE_SIZE;
		if (p != nil && kernel_map(va, page_paddr(p).a, PAGE_SIZE, PTE_W | PTE_NX))
			continue;
		if (p != nil)
			page_free(p, 0);
		return false;
	}
	return true;
}

/* As many as one has, the other has room for, and KSTACK_BATCH allows. */
static void stacks_move(Stacks *from, Stacks *to)
{
	for (u32 n = KSTACK_BATCH; n > 0 && from->n > 0 && to->n < KSTACK_CACHE_MAX; n--)
		to->top[to->n++] = from->top[--from->n];
}

/* From the depot, else one stack that was nobody's. */
static __attribute__((noinline)) void kstacks_fill(Stacks *here)
{
	u64 bottom = 0;
	bool good = true;
	ilock(&kmap_lk);
	stacks_move(&kstack_depot, here);
	if (here->n == 0 && (bottom = kstack_place()) != 0)
		good = kstack_map(bottom);
	iunlock(&kmap_lk);
	if (bottom == 0)
		return;
	void *top = (void *)(bottom + KSTACK_SIZE);
	if (good)
		here->top[here->n++] = top;
	else
		kstacks_unmap(&top, 1);
}

/* To the depot; what finds no room there is unmapped. */
static __attribute__((noinline)) void kstacks_drain(Stacks *here)
{
	ilock(&kmap_lk);
	stacks_move(here, &kstack_depot);
	iunlock(&kmap_lk);
	if (here->n == KSTACK_CACHE_MAX) {
		here->n -= KSTACK_BATCH;
		kstacks_unmap(&here->top[here->n], KSTACK_BATCH);
	}
}

/* The room for a user frame must hold nothing of the stack's former owner (entry.S). */
void *kstack_alloc(void)
{
	Stacks *here = &kstacks[cpu()->index];
	assert(kstack_base != 0);
	if (unlikely(here->n == 0))
		kstacks_fill(here);
	if (unlikely(here->n == 0))
		return nil;
	void *top = here->top[--here->n];
	if (SANITIZED)
		kasan_allow((u8 *)top - KSTACK_SIZE, KSTACK_SIZE);
	memset((u8 *)top - sizeof(Ureg), 0, sizeof(Ureg));
	return top;
}

void kstack_free(void *top)
{
	Stacks *here = &kstacks[cpu()->index];
	u64 a = (u64)top;
	assert(a > kstack_base && a <= kstack_base + kstack_window_size() &&
		(a - kstack_base) % KSTACK_STRIDE == 0);
	if (unlikely(here->n == KSTACK_CACHE_MAX))
		kstacks_drain(here);
	here->top[here->n++] = top;
}
