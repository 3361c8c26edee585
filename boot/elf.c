/*
 * The kernel's ELF file: every number in it is checked before it is used,
 * because the file may be cut short, damaged or meant for another machine.
 * The image is placed in one stretch of memory, on a 2 MiB border when one
 * is free, so that the kernel can map itself with large pages.
 */
#include "boot.h"

enum {
	CLASS64 = 2,
	LITTLE = 1,
	TYPE_EXEC = 2,
	MACHINE_X86_64 = 62,
	PT_LOAD = 1,
	PF_X = 1,
	PF_W = 2,
	NPHDR_MAX = 64,
};

#define KERNEL_MIN 0xffffffff80000000ull
/* The last page stays out, so that no end address wraps to 0. */
#define KERNEL_MAX 0xfffffffffffff000ull

typedef struct Header {
	u8 magic[4];
	u8 class, data, version, abi;
	u8 pad[8];
	u16 type;
	u16 machine;
	u32 version2;
	u64 entry;
	u64 phoff;
	u64 shoff;
	u32 flags;
	u16 ehsize;
	u16 phentsize;
	u16 phnum;
	u16 shentsize;
	u16 shnum;
	u16 shstrndx;
} Header;

typedef struct Segment {
	u32 type;
	u32 flags;
	u64 offset;
	u64 vaddr;
	u64 paddr;
	u64 filesz;
	u64 memsz;
	u64 align;
} Segment;

_Static_assert(sizeof(Header) == 64, "ELF64 header");
_Static_assert(sizeof(Segment) == 56, "ELF64 program header");

Kernel kernel;

static Segment loads[NPHDR_MAX];
static u32 nloads;

/* Whether [offset, offset+size) leaves a file of `limit` bytes. */
static int
outside(u64 offset, u64 size, u64 limit)
{
	return offset > limit || size > limit - offset;
}

static void
check_header(const Module *file, const Header *h)
{
	if (file->size < sizeof(*h))
		stop("the kernel %s is cut short: %u bytes are less than an ELF header.",
			file->path, file->size);
	if (h->magic[0] != 0x7f || h->magic[1] != 'E' || h->magic[2] != 'L' || h->magic[3] != 'F')
		stop("the kernel %s is not an ELF file.", file->path);
	if (h->class != CLASS64 || h->data != LITTLE)
		stop("the kernel %s is not a 64-bit little-endian ELF file.", file->path);
	if (h->version != 1 || h->version2 != 1)
		stop("the kernel %s is damaged: its ELF version is %u.", file->path, h->version2);
	if (h->machine != MACHINE_X86_64)
		stop("the kernel %s is for ELF machine %u, not x86-64 (62).", file->path,
			(u32)h->machine);
	if (h->type != TYPE_EXEC)
		stop("the kernel %s has ELF type %u, not a fixed executable (2).", file->path,
			(u32)h->type);
	if (h->phnum == 0 || h->phnum > NPHDR_MAX || h->phentsize != sizeof(Segment))
		stop("the kernel %s is damaged: it has %u program headers of %u bytes.", file->path,
			(u32)h->phnum, (u32)h->phentsize);
	if (outside(h->phoff, (u64)h->phnum * sizeof(Segment), file->size))
		stop("the kernel %s is cut short: its program headers are at %x, its size is %x.",
			file->path, h->phoff, (u64)file->size);
	if (h->shoff != 0 && outside(h->shoff, (u64)h->shnum * h->shentsize, file->size))
		stop("the kernel %s is cut short: its section headers are at %x, its size is %x.",
			file->path, h->shoff, (u64)file->size);
}

static void
check_segment(const Module *file, const Segment *s, u32 i)
{
	if (s->filesz > s->memsz)
		stop("the kernel %s is damaged: segment %u is larger in the file than in memory.",
			file->path, i);
	if (outside(s->offset, s->filesz, file->size))
		stop("the kernel %s is cut short: segment %u takes %x bytes at %x of %x.",
			file->path, i, s->filesz, s->offset, (u64)file->size);
	if (s->vaddr < KERNEL_MIN || s->vaddr > KERNEL_MAX || s->memsz > KERNEL_MAX - s->vaddr)
		stop("the kernel %s is damaged: segment %u at %x is out of bounds.", file->path,
			i, s->vaddr);
}

/* Collects the loadable segments, sorted by address. */
static void
collect(const Module *file, const Header *h)
{
	Segment s;
	u32 i, j;

	for (i = 0; i < h->phnum; i++) {
		memcpy(&s, at(file->base + (u32)h->phoff + i * (u32)sizeof(s)), sizeof(s));
		if (s.type != PT_LOAD || s.memsz == 0)
			continue;
		check_segment(file, &s, i);
		for (j = nloads; j > 0 && loads[j - 1].vaddr > s.vaddr; j--)
			loads[j] = loads[j - 1];
		loads[j] = s;
		nloads++;
	}
	if (nloads == 0)
		stop("the kernel %s is damaged: it has no loadable segment.", file->path);
}

static void
check_overlaps(const Module *file)
{
	u64 end;
	u32 i;

	for (i = 1; i < nloads; i++) {
		end = loads[i - 1].vaddr + loads[i - 1].memsz;
		if (end > loads[i].vaddr)
			stop("the kernel %s is damaged: the segments at %x and %x overlap.",
				file->path, loads[i - 1].vaddr, loads[i].vaddr);
		if (round_up(end, PAGE) > round_down(loads[i].vaddr, PAGE)
			&& loads[i - 1].flags != loads[i].flags)
			stop("the kernel %s is damaged: segments that differ share the page at %x.",
				file->path, round_down(loads[i].vaddr, PAGE));
	}
}

static void
check_entry(const Module *file, u64 entry)
{
	u32 i;

	for (i = 0; i < nloads; i++) {
		if (entry >= loads[i].vaddr && entry - loads[i].vaddr < loads[i].filesz
			&& (loads[i].flags & PF_X))
			return;
	}
	stop("the kernel %s is damaged: its entry point %x is in no executable segment.",
		file->path, entry);
}

static void
place(const Module *file, const Segment *s)
{
	u32 off = (u32)(s->vaddr - kernel.vbase);
	u32 page, last;
	u8 flags = KPAGE_MAPPED;

	if (s->flags & PF_W)
		flags |= KPAGE_WRITE;
	if (s->flags & PF_X)
		flags |= KPAGE_EXEC;
	memcpy(kernel.image + off, at(file->base + (u32)s->offset), (u32)s->filesz);
	last = (off + (u32)s->memsz - 1) / PAGE;
	for (page = off / PAGE; page <= last; page++)
		kernel.flags[page] |= flags;
}

void
elf_load(const Module *file)
{
	const Header *h = at(file->base);
	u64 end;
	u32 i;

	check_header(file, h);
	collect(file, h);
	check_overlaps(file);
	check_entry(file, h->entry);

	kernel.vbase = round_down(loads[0].vaddr, PAGE);
	end = round_up(loads[nloads - 1].vaddr + loads[nloads - 1].memsz, PAGE);
	kernel.size = (u32)(end - kernel.vbase);
	kernel.entry = h->entry;
	kernel.image = mem_alloc(kernel.size, mem_fits(kernel.size, BIGPAGE) ? BIGPAGE : PAGE,
		MEM_KERNEL, "kernel");
	kernel.flags = mem_alloc(kernel.size / PAGE, PAGE, MEM_LOADER, "page flags");
	for (i = 0; i < nloads; i++)
		place(file, &loads[i]);
}
