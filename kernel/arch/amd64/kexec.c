/*
 * Another kernel in place of this one: what a loader does, done by a kernel. The file, which is an
 * ELF file for Limine's protocol, is checked and placed; page tables and answers to its
 * requests are made in one piece of memory, the arena; the modules stay where they are. Then
 * interrupts are turned off for good, the other processors reset, and the code of leave.S enters
 * the kernel, on the processor that the firmware started.
 *
 * Everything that can fail does so before anything is stopped.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"
#include "mem/mem.h"

enum {
	CLASS64 = 2, TYPE_EXEC = 2, MACHINE_X86_64 = 62, PT_LOAD = 1, PF_X = 1, PF_W = 2,
	BIGPAGE = 2 << 20, NPTE = PAGE_SIZE / 8, ORDER_MAX = 10,
	STACK_SIZE = 64 << 10, ANSWERS_SIZE = 192 << 10, NSPECIAL = BOOT_MODULES_MAX + 3,
};
#define KERNEL_MIN	0xffffffff80000000UL
#define KERNEL_MAX	(-(u64)PAGE_SIZE)
#define GIB		(1UL << 30)
#define PTE_P		1UL
#define PTE_W		2UL
#define PTE_BIG		0x80UL
#define PTE_NX		(1UL << 63)
#define PTE_ADDR	0x000ffffffffff000UL

typedef struct Header {
	u8 magic[4], class, data, version, abi, pad[8];
	u16 type, machine;
	u32 version2;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
} Header;

typedef struct Load {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
} Load;

typedef struct Region { u64 base, end; u32 type; } Region;

/* What leave.S reads. */
typedef struct Leave {
	u64 cr3, entry, stack;
	struct PACKED { u16 limit; u64 base; } gdtr;
} Leave;
_Static_assert(offsetof(Leave, gdtr) == 24, "leave.S");

typedef struct Next {
	const u8 *file;
	u64 size;
	const char *path, *cmdline;
	const Header *header;
	u64 vbase, vend;
	u8 *image, *arena;
	u32 image_order, arena_order;
	u64 used;		/* of the arena */
	bool full;		/* the arena was too small */
	u64 *top;
	u32 nspecial;
	Region special[NSPECIAL];	/* ascending: what is not just usable memory */
} Next;

extern const u8 leave_code[], leave_code_end[];

/* ---- the file ---- */

static const Load *load_of(const Next *n, u32 i)
{
	return (const Load *)(n->file + n->header->phoff) + i;
}

static bool is_load(const Load *l)
{
	return l->type == PT_LOAD && l->memsz > 0;
}

static ERR check_load(const Next *n, const Load *l)
{
	if (l->filesz > l->memsz || l->offset > n->size || l->filesz > n->size - l->offset)
		return "damaged kernel: a segment is not in the file";
	if (l->vaddr < KERNEL_MIN || l->vaddr > KERNEL_MAX || l->memsz > KERNEL_MAX - l->vaddr)
		return "damaged kernel: a segment is out of bounds";
	return nil;
}

static ERR check_file(Next *n)
{
	const Header *h = (const Header *)n->file;
	if (n->size < sizeof *h || memcmp(h->magic, "\177ELF", 4) != 0 || h->class != CLASS64 ||
		h->data != 1 || h->machine != MACHINE_X86_64 || h->type != TYPE_EXEC)
		return "not a kernel: no ELF program for x86-64";
	if (h->phentsize != sizeof(Load) || h->phoff % 8 != 0 || h->phoff > n->size ||
		h->phnum > (n->size - h->phoff) / sizeof(Load))
		return "damaged kernel: its program headers are not in the file";
	n->header = h;
	n->vbase = ~0UL;
	bool entry = false;
	for (u32 i = 0; i < h->phnum; i++) {
		const Load *l = load_of(n, i);
		if (!is_load(l))
			continue;
		TRY(check_load(n, l));
		n->vbase = MIN(n->vbase, round_down(l->vaddr, PAGE_SIZE));
		n->vend = MAX(n->vend, round_up(l->vaddr + l->memsz, PAGE_SIZE));
		entry = entry || ((l->flags & PF_X) != 0 && h->entry - l->vaddr < l->filesz);
	}
	return entry ? nil : "damaged kernel: no segment has its entry point";
}

/* ---- memory ---- */

static ERR allocate(u64 size, u8 **p, u32 *order)
{
	*order = 0;
	while (((u64)PAGE_SIZE << *order) < size)
		++*order;
	Page *pages = *order <= ORDER_MAX ? page_alloc(*order, KERNEL_OTHER) : nil;
	if (pages == nil)
		return Enomem;
	*p = page_kaddr(pages);
	return nil;
}

static void release(u8 *p, u32 order)
{
	if (p != nil)
		page_free(page_of(paddr(p)), order);
}

/* Zeroed bytes of the arena at a multiple of align; when it is full, any. */
static void *take(Next *n, u64 size, u64 align)
{
	u64 at = round_up(n->used, align);
	if (at + size > (u64)PAGE_SIZE << n->arena_order) {
		n->full = true;
		return n->arena;
	}
	n->used = at + size;
	return n->arena + at;
}

static u64 take_string(Next *n, const char *s)
{
	char *copy = take(n, strlen(s) + 1, 1);
	if (!n->full)
		memmove(copy, s, strlen(s) + 1);
	return (u64)copy;
}

/* The end of what the direct map covers: memory, and the first 4 GiB whatever is there. */
static u64 map_end(void)
{
	u64 end = 4 * GIB;
	for (u32 i = 0; i < boot.nbanks; i++) {
		const BootBank *b = &boot.banks[i];
		if (b->type == BANK_USABLE || b->type == BANK_LOADER || b->type == BANK_KERNEL)
			end = MAX(end, b->base.a + b->size);
	}
	return end;
}

static void special(Next *n, const void *p, u64 size, u32 type)
{
	u64 base = paddr(p).a;
	u32 at = n->nspecial++;
	assert(n->nspecial <= NSPECIAL);
	for (; at > 0 && n->special[at - 1].base > base; at--)
		n->special[at] = n->special[at - 1];
	n->special[at] = (Region){
		round_down(base, PAGE_SIZE), round_up(base + size, PAGE_SIZE), type
	};
}

static ERR place(Next *n)
{
	u64 tables = 16 + map_end() / GIB + (n->vend - n->vbase) / BIGPAGE;
	TRY(allocate(n->vend - n->vbase, &n->image, &n->image_order));
	TRY(allocate(STACK_SIZE + ANSWERS_SIZE + tables * PAGE_SIZE, &n->arena, &n->arena_order));
	for (u32 i = 0; i < n->header->phnum; i++) {
		const Load *l = load_of(n, i);
		if (is_load(l))
			memmove(n->image + (l->vaddr - n->vbase), n->file + l->offset, l->filesz);
	}
	special(n, n->image, n->vend - n->vbase, BANK_KERNEL);
	special(n, n->arena, (u64)PAGE_SIZE << n->arena_order, BANK_LOADER);
	special(n, n->file, n->size, BANK_LOADER);
	for (u32 i = 0; i < boot.nmodules; i++)
		special(n, boot.modules[i].data, boot.modules[i].size, BANK_KERNEL);
	return nil;
}

/* ---- page tables ---- */

/* The entry of va: in a table of 4 KiB pages (level 1) or of 2 MiB pages (level 2). */
static u64 *entry_of(Next *n, u64 va, u32 level)
{
	u64 *t = n->top;
	for (u32 l = 4;; l--) {
		u64 *e = &t[va >> (12 + 9 * (l - 1)) & (NPTE - 1)];
		if (l == level || n->full)
			return e;
		if ((*e & PTE_P) == 0)
			*e = paddr(take(n, PAGE_SIZE, PAGE_SIZE)).a | PTE_P | PTE_W;
		t = kaddr(paddr_of(*e & PTE_ADDR));
	}
}

/* Direct map and kernel, as the protocol has them; and code, at its own physical address. */
static void build_tables(Next *n, const void *code)
{
	n->top = take(n, PAGE_SIZE, PAGE_SIZE);
	for (u64 a = 0, end = map_end(); a < end; a += BIGPAGE)
		*entry_of(n, boot.hhdm + a, 2) = a | PTE_P | PTE_W | PTE_BIG | PTE_NX;
	for (u32 i = 0; i < n->header->phnum; i++) {
		const Load *l = load_of(n, i);
		u64 flags = PTE_P | ((l->flags & PF_W) != 0 ? PTE_W : 0) |
			((l->flags & PF_X) != 0 ? 0 : PTE_NX);
		u64 va = round_down(l->vaddr, PAGE_SIZE);
		for (; is_load(l) && va < l->vaddr + l->memsz; va += PAGE_SIZE)
			*entry_of(n, va, 1) = (paddr(n->image).a + (va - n->vbase)) | flags;
	}
	*entry_of(n, paddr(code).a, 1) = paddr(code).a | PTE_P;
}

/* ---- answers ---- */

typedef struct Request { u64 id[4], revision, response; } Request;
typedef struct File {
	u64 revision, address, size, path, cmdline;
	u8 rest[72];
} File;
_Static_assert(sizeof(File) == 112, "Limine's file");

static u64 words(Next *n, u64 a, u64 b)
{
	u64 *w = take(n, 3 * sizeof *w, 8);
	w[1] = a;
	w[2] = b;
	return (u64)w;
}

static u64 file(Next *n, const void *data, u64 size, const char *path, const char *args)
{
	File *f = take(n, sizeof *f, 8);
	f->address = (u64)data;
	f->size = size;
	f->path = take_string(n, path);
	f->cmdline = take_string(n, args);
	return (u64)f;
}

static u64 answer_info(Next *n)
{
	return words(n, take_string(n, "lux9 reboot"), take_string(n, "1.0"));
}

static u64 answer_nothing(Next *n)
{
	return words(n, 0, 0);
}

static u64 answer_hhdm(Next *n)
{
	return words(n, boot.hhdm, 0);
}

static u64 answer_kernel(Next *n)
{
	return words(n, file(n, n->file, n->size, n->path, n->cmdline), 0);
}

static u64 answer_modules(Next *n)
{
	u64 *list = take(n, BOOT_MODULES_MAX * sizeof *list, 8);
	for (u32 i = 0; i < boot.nmodules && !n->full; i++) {
		const BootModule *m = &boot.modules[i];
		list[i] = file(n, m->data, m->size, m->path, m->cmdline);
	}
	return words(n, boot.nmodules, (u64)list);
}

static u64 answer_rsdp(Next *n)
{
	u8 *copy = take(n, sizeof acpi_rsdp, 16);
	memmove(copy, acpi_rsdp, sizeof acpi_rsdp);
	return acpi_rsdp[0] != 0 ? words(n, (u64)copy, 0) : 0;
}

static u64 answer_time(Next *n)
{
	return words(n, (u64)arch_wallclock(), 0);
}

static u64 answer_address(Next *n)
{
	return words(n, paddr(n->image).a, n->vbase);
}

/* ---- the memory map ---- */

enum { NREGIONS = BOOT_BANKS_MAX + 2 * NSPECIAL };
typedef struct Map { u64 count, entry[NREGIONS]; Region region[NREGIONS]; } Map;

/* An entry is base, length, type. */
static void add_region(Map *m, u64 base, u64 end, u32 type)
{
	if (base >= end)
		return;
	assert(m->count < NREGIONS);
	m->region[m->count] = (Region){ base, end - base, type };
	m->entry[m->count] = (u64)&m->region[m->count];
	m->count++;
}

/* What was this kernel's is for the next to use; what was made for it is not. */
static u64 answer_memmap(Next *n)
{
	Map *m = take(n, sizeof *m, 8);
	for (u32 i = 0; i < boot.nbanks && !n->full; i++) {
		const BootBank *b = &boot.banks[i];
		u64 at = b->base.a, end = at + b->size;
		u32 type = b->type == BANK_LOADER || b->type == BANK_KERNEL ? BANK_USABLE : b->type;
		for (u32 k = 0; k < n->nspecial; k++) {
			const Region *s = &n->special[k];
			if (s->end <= at || s->base >= end)
				continue;
			add_region(m, at, s->base, type);
			add_region(m, MAX(at, s->base), MIN(end, s->end), s->type);
			at = MIN(end, s->end);
		}
		add_region(m, at, end, type);
	}
	return words(n, m->count, (u64)m->entry);
}

static const struct { u64 id[2]; u64 (*answer)(Next *); } answers[] = {
	{ { 0xf55038d8e2a1202f, 0x279426fcf5f59740 }, answer_info },
	{ { 0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d }, answer_nothing },	/* stack size */
	{ { 0x48dcf1cb8ad2b852, 0x63984e959a98244b }, answer_hhdm },
	{ { 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a }, answer_nothing },	/* 4 levels of paging */
	{ { 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69 }, answer_kernel },
	{ { 0x3e7e279702be32af, 0xca1c4f3bd1280cee }, answer_modules },
	{ { 0xc5e77b6b397e7b43, 0x27637845accdcf3c }, answer_rsdp },
	{ { 0x502746e184c088aa, 0xfbc5ec83e6327893 }, answer_time },
	{ { 0x71ba76863cc55f63, 0xb2644a48c516a487 }, answer_address },
	{ { 0x67cf3d9d378a806f, 0xe304acdfc50c3c62 }, answer_memmap },
};

/* The marks are kept inverted, lest a loader takes those here for requests. */
static const u64 not_common[2] = { ~0xc7b1dd30df4c8b88, ~0x0a82e883a194f07b };
static const u64 not_revision[2] = { ~0xf9562b2d5c95a6c8, ~0x6a7b384944536bdc };

static bool marked(const Request *r, const u64 mark[2])
{
	return r->id[0] == ~mark[0] && r->id[1] == ~mark[1];
}

/* Answer every request in the image; an image without any is no kernel. */
static ERR answer(Next *n)
{
	u32 answered = 0;
	for (u64 at = 0; at + sizeof(Request) <= n->vend - n->vbase; at += 8) {
		Request *r = (Request *)(n->image + at);
		if (marked(r, not_revision) && r->id[2] == 2)
			r->id[2] = 0;
		if (!marked(r, not_common))
			continue;
		for (u32 i = 0; i < nelem(answers); i++)
			if (memcmp(&r->id[2], answers[i].id, sizeof answers[i].id) == 0) {
				r->response = answers[i].answer(n);
				answered++;
			}
	}
	return answered > 0 ? nil : "not a kernel: it has no Limine requests";
}

/* ---- leaving ---- */

/* The tables for the switch: this kernel's half, and the page of the code. */
static u64 switch_tables(Next *n)
{
	u64 *t = take(n, PAGE_SIZE, PAGE_SIZE);
	const u64 *now = kaddr(paddr_of(read_cr3() & PTE_ADDR));
	memmove(t + NPTE / 2, now + NPTE / 2, PAGE_SIZE / 2);
	memmove(t, n->top, PAGE_SIZE / 2);
	return paddr(t).a;
}

static Leave *make_leave(Next *n)
{
	/* Null, code16, data16, code32, data32, code64, data64. */
	static const u64 descriptors[7] = {
		0, 0x00009b000000ffff, 0x000093000000ffff, 0x00cf9b000000ffff, 0x00cf93000000ffff,
		0x00af9b000000ffff, 0x00cf93000000ffff,
	};
	u64 *gdt = take(n, sizeof descriptors, 8);
	u8 *stack = take(n, STACK_SIZE, PAGE_SIZE);
	Leave *l = take(n, sizeof *l, 8);
	memmove(gdt, descriptors, sizeof descriptors);
	*l = (Leave){
		paddr(n->top).a, n->header->entry, (u64)stack + STACK_SIZE,
		{ sizeof descriptors - 1, (u64)gdt },
	};
	return l;
}

static ERR prepare(Next *n, Leave **leave, void **code)
{
	TRY(check_file(n));
	TRY(place(n));
	*code = take(n, PAGE_SIZE, PAGE_SIZE);
	memmove(*code, leave_code, (usize)(leave_code_end - leave_code));
	build_tables(n, *code);
	TRY(answer(n));
	*leave = make_leave(n);
	return n->full ? Enomem : nil;
}

Err arch_reboot_kernel(const void *data, u64 size, const char *path, const char *cmdline)
{
	Leave *leave = nil;
	void *code = nil;
	Next *n = kalloc(sizeof *n);
	if (n == nil)
		return Enomem;
	n->file = data;
	n->size = size;
	n->path = path;
	n->cmdline = cmdline;
	Err err = prepare(n, &leave, &code);
	u64 cr3 = err == nil ? switch_tables(n) : 0;
	if (err != nil || n->full) {
		release(n->image, n->image_order);
		release(n->arena, n->arena_order);
		kfree(n);
		return err != nil ? err : Enomem;
	}
	print("rebooting with %s\n", path);
	splhi();
	assert(cpu()->index == 0);
	ipi_reset_others();
	intr_quiet();
	cover_out();
	__asm__ volatile("movq %0, %%cr3; jmp *%1"
		: : "r"(cr3), "r"(paddr(code).a), "D"(leave) : "memory");
	__builtin_unreachable();
}
