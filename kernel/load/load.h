/*
 * load: executables. aout.c, elf.c and script.c read headers and nothing else
 * (no kernel calls: fuzzers drive them); load.c makes segments of what they
 * found. Facts: process.md 5 and 6; doc/load.md.
 */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include "base/base.h"
#include "base/error.h"

struct Chan;
struct Segment;
struct Space;

enum {
	LOAD_HEADER_MAX = 4096,		/* bytes of a file that are looked at */
	SCRIPT_LINE_MAX = 256,
	SCRIPT_WORDS_MAX = 32,
	LOAD_PIECES_MAX = 6,		/* text, data and four extra ones */
};

enum LoadKind { LOAD_TEXT, LOAD_DATA, LOAD_EXTRA };

/* A part of memory that comes from the file: zero beyond file_size. Page aligned, not empty. */
typedef struct LoadPiece LoadPiece;
struct LoadPiece {
	enum LoadKind kind;
	u64 base, top;			/* of memory */
	u64 file_offset, file_size;
};

/* What a header asks for. Pieces and bss do not overlap and lie between UTZERO and the stack. */
typedef struct LoadPlan LoadPlan;
struct LoadPlan {
	u64 entry;
	u32 npieces;
	LoadPiece piece[LOAD_PIECES_MAX];
	u64 bss_base, bss_top;		/* page aligned, may be empty */
};

/* The first n bytes of a file, as a plan. Ebadexec for whatever is wrong. */
ERR aout_parse(const u8 *buf, usize n, LoadPlan *plan);
ERR elf_parse(const u8 *buf, usize n, LoadPlan *plan);
bool elf_is(const u8 *buf, usize n);
ERR load_parse(const u8 *buf, usize n, LoadPlan *plan);	/* whichever it is */

/* `#!` scripts: the words of the first line, in place. */
bool script_is(const u8 *buf, usize n);
ERR script_parse(char *buf, usize n, char *words[SCRIPT_WORDS_MAX], u32 *nwords);

/* The segments of a plan, by slot (mem.h's SegSlot), each a reference; none on error. */
ERR load_segments(struct Chan *c, const LoadPlan *plan, struct Segment **seg, u32 nseg);

#endif
