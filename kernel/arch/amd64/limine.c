/*
 * The boot protocol (doc/boot.md): the requests that the loader looks for in
 * the image, and its answers copied into `boot`, because they lie in memory
 * that is given away later. What is needed and was not answered, or makes no
 * sense, is named in one sentence and the machine stops.
 */
#include "arch/amd64/amd64.h"

/* Every request begins so; `response` is the loader's to fill in. */
typedef struct Request Request;
struct Request {
	u64 id[4];
	u64 revision;
	const void *volatile response;
};
typedef struct PagingRequest PagingRequest;
struct PagingRequest { Request r; u64 mode, max, min; };
typedef struct ModuleRequest ModuleRequest;
struct ModuleRequest { Request r; u64 ninternal; void *internal; };

typedef struct Word { u64 revision, word[2]; } Word;
typedef struct Text { u64 revision; const char *name, *version; } Text;
typedef struct Entries { u64 revision, count; const void *const *list; } Entries;
typedef struct MapEntry { u64 base, length, type; } MapEntry;
typedef struct File { u64 revision; u8 *address; u64 size; const char *path, *cmdline; } File;
typedef struct KernelFile { u64 revision; const File *file; } KernelFile;

#define COMMON 0xc7b1dd30df4c8b88, 0x0a82e883a194f07b
#define REQUESTS __attribute__((used, section(".limine_requests"), aligned(8)))
#define REQUEST(name, a, b) static Request name REQUESTS = { { COMMON, a, b }, 0, nil }

__attribute__((used, section(".limine_requests_start"), aligned(8)))
static u64 start_marker[4] = {
	0xf6b8f4b39de7d1ae, 0xfab91a6940fcb9cf, 0x785c6ed015d3e316, 0x181e920a7852b9d9,
};
__attribute__((used, section(".limine_requests_end"), aligned(8)))
static u64 end_marker[2] = { 0xadc0e0531bb10d03, 0x9572709f31764c62 };

/* The loader stores 0 in the third word when it speaks this revision. */
static volatile u64 base_revision[3] REQUESTS = { 0xf9562b2d5c95a6c8, 0x6a7b384944536bdc, 2 };

REQUEST(info_request, 0xf55038d8e2a1202f, 0x279426fcf5f59740);
REQUEST(hhdm_request, 0x48dcf1cb8ad2b852, 0x63984e959a98244b);
REQUEST(memmap_request, 0x67cf3d9d378a806f, 0xe304acdfc50c3c62);
REQUEST(kernel_file_request, 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69);
REQUEST(rsdp_request, 0xc5e77b6b397e7b43, 0x27637845accdcf3c);
REQUEST(time_request, 0x502746e184c088aa, 0xfbc5ec83e6327893);
REQUEST(address_request, 0x71ba76863cc55f63, 0xb2644a48c516a487);
static ModuleRequest module_request REQUESTS = {
	{ { COMMON, 0x3e7e279702be32af, 0xca1c4f3bd1280cee }, 0, nil }, 0, nil
};
static PagingRequest paging_request REQUESTS = {
	{ { COMMON, 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a }, 1, nil }, 0, 0, 0
};

BootInfo boot;
extern u8 __text_start[];

/* The answer to a request that the kernel cannot do without. */
static const void *needed(const Request *r, const char *feature)
{
	if (r->response == nil)
		panic("the loader did not answer the Limine request for %s, which lux9 needs",
			feature);
	return r->response;
}

static void read_text(char *to, usize size, const char *from)
{
	if (from != nil)
		strecpy(to, to + size, from);
}

/*
 * Sort key order is the loader's duty; disjointness of RAM is checked because all memory rests on
 * it.
 */
static void check_bank(const BootBank *b, u64 *end_of_ram)
{
	bool ram = b->type == BANK_USABLE || b->type == BANK_LOADER;
	if (b->base.a + b->size < b->base.a || b->base.a + b->size > 1UL << features.physbits)
		panic("the loader's memory map reaches beyond the end of memory: %#lx, %#lx bytes",
			b->base.a, b->size);
	if (!ram)
		return;
	if (b->base.a % PAGE_SIZE != 0 || b->size % PAGE_SIZE != 0)
		panic("the loader's memory map has memory not page aligned: %#lx, %#lx bytes",
			b->base.a, b->size);
	if (b->base.a < *end_of_ram)
		panic("the loader's memory map is not sorted or overlaps at %#lx", b->base.a);
	*end_of_ram = b->base.a + b->size;
}

static void add_bank(u64 base, u64 size, u32 type)
{
	BootBank *last = boot.nbanks > 0 ? &boot.banks[boot.nbanks - 1] : nil;
	if (last != nil && last->type == type && last->base.a + last->size == base) {
		last->size += size;
		return;
	}
	if (boot.nbanks == BOOT_BANKS_MAX)
		panic("the loader's memory map has more than %d separate entries", BOOT_BANKS_MAX);
	boot.banks[boot.nbanks++] = (BootBank){ paddr_of(base), size, type };
}

/* A part of memory that is not to be used must not be used: a wrong list ends the boot. */
static void limit_memmap(void)
{
	static char list[BOOT_CMDLINE_MAX];
	if (!boot_option("*e820", list, sizeof list))
		return;
	Err e = boot_limit_memory(list);
	if (e != nil)
		panic("*e820 of the command line has %s", e);
}

static void read_memmap(void)
{
	const Entries *map = needed(&memmap_request, "the memory map");
	for (u64 i = 0; i < map->count; i++) {
		const MapEntry *e = map->list[i];
		if (e->length != 0)
			add_bank(e->base, e->length,
				e->type <= BANK_FRAMEBUFFER ? (u32)e->type : BANK_RESERVED);
	}
	limit_memmap();
	u64 end_of_ram = 0;
	for (u32 i = 0; i < boot.nbanks; i++)
		check_bank(&boot.banks[i], &end_of_ram);
	if (end_of_ram == 0)
		panic("the loader's memory map has no usable memory");
}

static void read_modules(void)
{
	const Entries *answer = module_request.r.response;
	if (answer == nil)
		return;
	if (answer->count > BOOT_MODULES_MAX)
		print("boot: %lu modules were loaded, the first %d are used\n", answer->count,
			BOOT_MODULES_MAX);
	for (u64 i = 0; i < answer->count && boot.nmodules < BOOT_MODULES_MAX; i++) {
		const File *f = answer->list[i];
		BootModule *m = &boot.modules[boot.nmodules++];
		m->data = f->address;
		m->size = f->size;
		read_text(m->path, sizeof m->path, f->path);
		read_text(m->cmdline, sizeof m->cmdline, f->cmdline);
		if ((u64)m->data < boot.hhdm || (u64)m->data % PAGE_SIZE != 0)
			panic("the loader put module %s at %p, not at a page of the direct map",
				m->path, m->data);
	}
}

static void read_kernel(void)
{
	const Word *address = needed(&address_request, "the kernel address");
	boot.kernel_base = paddr_of(address->word[0]);
	if (address->word[1] != (u64)__text_start)
		panic("the loader put the kernel at %#lx; it is linked at %p", address->word[1],
			__text_start);
	if (boot.kernel_base.a % PAGE_SIZE != 0)
		panic("the loader put the kernel at physical %#lx, which is not page aligned",
			boot.kernel_base.a);
	const KernelFile *kernel = kernel_file_request.response;
	if (kernel != nil && kernel->file != nil)
		read_text(boot.cmdline, sizeof boot.cmdline, kernel->file->cmdline);
}

void limine_read(void)
{
	if (base_revision[2] != 0)
		panic("the loader does not speak Limine's revision 2, which lux9 needs");
	const Word *hhdm = needed(&hhdm_request, "the direct map (HHDM)");
	boot.hhdm = hhdm->word[0];
	if (boot.hhdm < 0xffff800000000000 || boot.hhdm % PAGE_SIZE != 0)
		panic("the loader put the direct map at %#lx, which is not in the upper half",
			boot.hhdm);
	const Word *paging = paging_request.r.response;
	if (paging != nil && paging->word[0] != 0)
		panic("the loader chose paging mode %lu; lux9 asked for 4-level paging",
			paging->word[0]);
	const Text *info = info_request.response;
	if (info != nil)
		snprint(boot.loader, sizeof boot.loader, "%s %s", info->name, info->version);
	read_kernel();
	read_memmap();
	read_modules();
	const Word *rsdp = rsdp_request.response;
	if (rsdp != nil && rsdp->word[0] != 0)
		boot.rsdp = rsdp->word[0] >= boot.hhdm ? rsdp->word[0] - boot.hhdm : rsdp->word[0];
	const Word *when = time_request.response;
	if (when != nil)
		boot.boot_seconds = (s64)when->word[0];
}
