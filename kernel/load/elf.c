/*
 * Static ELF64 for x86-64. Of the loadable segments one may be executable (the
 * text), one writable (data, with bss behind it), and up to four read-only.
 * File offsets and addresses must agree within a page, so that pages of the
 * file are pages of memory.
 */
#include "abi/plan9.h"
#include "load/load.h"

enum {
	EHDR_SIZE = 64, PHDR_SIZE = 56, PHNUM_MAX = 64,
	CLASS_64 = 2, DATA_LITTLE = 1, VERSION = 1, ET_EXEC = 2, EM_X86_64 = 62,
	PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3,
	PF_X = 1, PF_W = 2, PF_R = 4,
};
#define IMAGE_TOP	(USTKTOP - USTKSIZE)

typedef struct Phdr Phdr;
struct Phdr { u32 type, flags; u64 offset, vaddr, filesz, memsz, align; };

bool elf_is(const u8 *buf, usize n)
{
	return n >= 4 && memcmp(buf, "\177ELF", 4) == 0;
}

static bool header_ok(const u8 *h)
{
	if (h[4] != CLASS_64 || h[5] != DATA_LITTLE || h[6] != VERSION)
		return false;
	if (get16le(h + 16) != ET_EXEC || get16le(h + 18) != EM_X86_64
	    || get32le(h + 20) != VERSION)
		return false;
	return get16le(h + 52) == EHDR_SIZE && get16le(h + 54) == PHDR_SIZE;
}

static Phdr decode(const u8 *p)
{
	return (Phdr){
		.type = get32le(p), .flags = get32le(p + 4),
		.offset = get64le(p + 8), .vaddr = get64le(p + 16),
		.filesz = get64le(p + 32), .memsz = get64le(p + 40), .align = get64le(p + 48),
	};
}

static bool phdr_ok(const Phdr *p)
{
	u64 end;
	if (p->filesz > p->memsz || !add_u64(p->offset, p->filesz, &end) || end >> 63 != 0)
		return false;
	if (p->vaddr < UTZERO || !add_u64(p->vaddr, p->memsz, &end) || end > IMAGE_TOP)
		return false;
	if ((p->align & (p->align - 1)) != 0)
		return false;
	if (p->align > 1 && (p->vaddr - p->offset) % p->align != 0)
		return false;
	if (!(p->flags & PF_R) || (p->flags & (PF_W | PF_X)) == (PF_W | PF_X))
		return false;
	return (p->vaddr - p->offset) % BY2PG == 0;
}

static enum LoadKind kind_of(const Phdr *p)
{
	return (p->flags & PF_X) ? LOAD_TEXT : (p->flags & PF_W) ? LOAD_DATA : LOAD_EXTRA;
}

/* At most one text and one data, SEG_ESEG = 4 others. */
static bool room_for(const LoadPlan *plan, enum LoadKind kind)
{
	u32 count = 0;
	for (u32 i = 0; i < plan->npieces; i++)
		count += plan->piece[i].kind == kind;
	return plan->npieces < LOAD_PIECES_MAX && count < (kind == LOAD_EXTRA ? 4U : 1U);
}

static ERR add(LoadPlan *plan, const Phdr *p)
{
	enum LoadKind kind = kind_of(p);
	u64 skew = p->vaddr % BY2PG;
	u64 base = p->vaddr - skew;
	u64 top = round_up(p->vaddr + (kind == LOAD_DATA ? p->filesz : p->memsz), BY2PG);
	if (kind == LOAD_DATA) {
		if (plan->bss_top != 0)
			return Ebadexec;
		if (p->filesz == 0)
			top = base;
		plan->bss_base = top;
		plan->bss_top = round_up(p->vaddr + p->memsz, BY2PG);
		if (top == base)
			return nil;
	}
	if (!room_for(plan, kind))
		return Ebadexec;
	plan->piece[plan->npieces++] = (LoadPiece){
		.kind = kind, .base = base, .top = top,
		.file_offset = p->offset - skew, .file_size = p->filesz > 0 ? p->filesz + skew : 0,
	};
	return nil;
}

static bool overlap(u64 a, u64 a_top, u64 b, u64 b_top)
{
	return a < b_top && b < a_top;
}

static bool disjoint(const LoadPlan *plan)
{
	for (u32 i = 0; i < plan->npieces; i++) {
		const LoadPiece *p = &plan->piece[i];
		if (overlap(p->base, p->top, plan->bss_base, plan->bss_top))
			return false;
		for (u32 j = 0; j < i; j++)
			if (overlap(p->base, p->top, plan->piece[j].base, plan->piece[j].top))
				return false;
	}
	return true;
}

static bool entry_in_text(const LoadPlan *plan, const Phdr *text)
{
	return plan->entry >= text->vaddr && plan->entry - text->vaddr < text->memsz;
}

/* Without data the bss is empty and lies above everything, ready to grow. */
static void place_empty_bss(LoadPlan *plan)
{
	for (u32 i = 0; i < plan->npieces; i++)
		plan->bss_base = MAX(plan->bss_base, plan->piece[i].top);
	plan->bss_top = plan->bss_base;
}

Err elf_parse(const u8 *buf, usize n, LoadPlan *plan)
{
	Phdr text = { 0 };
	if (n < EHDR_SIZE || !elf_is(buf, n) || !header_ok(buf))
		return Ebadexec;
	u64 phoff = get64le(buf + 32);
	u32 phnum = get16le(buf + 56);
	if (phnum == 0 || phnum > PHNUM_MAX || phoff > n || n - phoff < (u64)phnum * PHDR_SIZE)
		return Ebadexec;
	*plan = (LoadPlan){ .entry = get64le(buf + 24) };
	for (u32 i = 0; i < phnum; i++) {
		Phdr p = decode(buf + phoff + i * PHDR_SIZE);
		if (p.type == PT_DYNAMIC || p.type == PT_INTERP)
			return Ebadexec;
		if (p.type != PT_LOAD || p.memsz == 0)
			continue;
		if (!phdr_ok(&p))
			return Ebadexec;
		TRY(add(plan, &p));
		if (kind_of(&p) == LOAD_TEXT)
			text = p;
	}
	if (!entry_in_text(plan, &text))
		return Ebadexec;
	if (plan->bss_top == 0)
		place_empty_bss(plan);
	return disjoint(plan) ? nil : Ebadexec;
}
