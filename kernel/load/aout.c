/*
 * Plan 9's a.out for amd64: eight big-endian words and the 64-bit entry. The
 * header itself is the first part of the text and is mapped with it.
 */
#include "abi/plan9.h"
#include "load/load.h"

enum { AOUT_MAGIC = 0x8a97, AOUT_HEADER = 40 };
#define DATA_ALIGN	(2UL << 20)
#define TEXT_START	(UTZERO + AOUT_HEADER)
#define IMAGE_TOP	(USTKTOP - USTKSIZE)

static void add_piece(LoadPlan *plan, enum LoadKind kind, u64 base, u64 top, u64 file_offset,
	u64 file_size)
{
	assert(plan->npieces < LOAD_PIECES_MAX && base < top);
	plan->piece[plan->npieces++] = (LoadPiece){
		.kind = kind, .base = base, .top = top,
		.file_offset = file_offset, .file_size = file_size,
	};
}

Err aout_parse(const u8 *buf, usize n, LoadPlan *plan)
{
	if (n < AOUT_HEADER || get32be(buf) != AOUT_MAGIC)
		return Ebadexec;
	u64 text = get32be(buf + 4), data = get32be(buf + 8), bss = get32be(buf + 12);
	u64 entry = get64be(buf + 32);
	if (entry < TEXT_START || entry >= TEXT_START + text)
		return Ebadexec;
	u64 data_base = round_up(TEXT_START + text, DATA_ALIGN);
	u64 bss_base = round_up(data_base + data, BY2PG);
	u64 bss_top = round_up(data_base + data + bss, BY2PG);
	if (data_base >= IMAGE_TOP || bss_base >= IMAGE_TOP || bss_top >= IMAGE_TOP)
		return Ebadexec;
	*plan = (LoadPlan){ .entry = entry, .bss_base = bss_base, .bss_top = bss_top };
	add_piece(plan, LOAD_TEXT, UTZERO, data_base, 0, AOUT_HEADER + text);
	if (data > 0)
		add_piece(plan, LOAD_DATA, data_base, bss_base, AOUT_HEADER + text, data);
	return nil;
}
