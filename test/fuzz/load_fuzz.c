/* a.out, ELF and script headers: a plan that is accepted must be sound. */
#include "abi/plan9.h"
#include "load/load.h"

int LLVMFuzzerTestOneInput(const u8 *data, usize size);

static void check_plan(const LoadPlan *p)
{
	bool entry_found = false;
	assert(p->npieces <= LOAD_PIECES_MAX);
	assert(p->bss_base <= p->bss_top && p->bss_top <= USTKTOP - USTKSIZE);
	for (u32 i = 0; i < p->npieces; i++) {
		const LoadPiece *a = &p->piece[i];
		assert(a->base >= UTZERO && a->base < a->top && a->top <= USTKTOP - USTKSIZE);
		assert(a->base % BY2PG == 0 && a->top % BY2PG == 0);
		assert(a->file_size <= a->top - a->base);
		assert(a->file_offset + a->file_size >= a->file_offset);
		entry_found |= p->entry >= a->base && p->entry < a->top;
		for (u32 j = 0; j < i; j++)
			assert(a->top <= p->piece[j].base || p->piece[j].top <= a->base);
	}
	assert(entry_found);
}

int LLVMFuzzerTestOneInput(const u8 *data, usize size)
{
	LoadPlan plan;
	if (load_parse(data, size, &plan) == nil)
		check_plan(&plan);
	if (script_is(data, size)) {
		char line[SCRIPT_LINE_MAX + 1] = { 0 };
		char *words[SCRIPT_WORDS_MAX];
		u32 n = 0;
		usize length = size < SCRIPT_LINE_MAX ? size : SCRIPT_LINE_MAX;
		memmove(line, data, length);
		if (script_parse(line, length, words, &n) == nil) {
			assert(n > 0 && n <= SCRIPT_WORDS_MAX);
			for (u32 i = 0; i < n; i++)
				assert(words[i] >= line && words[i] < line + sizeof line);
		}
	}
	return 0;
}
