/*
 * What is read as words and numbers: control messages, the kernel's command line, the list of
 * memory in it, runes.
 */
#include "arch/arch.h"
#include "base/base.h"

int LLVMFuzzerTestOneInput(const u8 *data, usize size);

enum { TEXT_MAX = 2048, WORDS_MAX = 64 };

/* Words that are quoted again are the same words. */
static void check_words(const char *text)
{
	static char copy[TEXT_MAX], quoted[4 * TEXT_MAX];
	char *words[WORDS_MAX], *again[WORDS_MAX], *p = quoted;
	strecpy(copy, copy + sizeof copy, text);
	usize n = tokenize(copy, words, WORDS_MAX);
	assert(n <= WORDS_MAX);
	for (usize i = 0; i < n; i++) {
		p += quote(p, (usize)(quoted + sizeof quoted - p), words[i], i % 2 == 0);
		*p++ = ' ';
	}
	*p = '\0';
	assert(tokenize(quoted, again, WORDS_MAX) == n);
	for (usize i = 0; i < n; i++)
		assert(strcmp(words[i], again[i]) == 0);
}

static void check_runes(const char *s, usize n)
{
	char back[4];
	Rune r;
	for (usize i = 0, step; i < n; i += step) {
		step = rune_decode(&r, s + i, n - i);
		assert(step >= 1 && step <= n - i);
		usize length = rune_encode(back, r);
		assert(step == 1 || (length == step && memcmp(back, s + i, step) == 0));
	}
}

/* No memory becomes usable by the list, none is lost, and the banks ascend. */
static void check_memory(const char *list)
{
	u64 at = 0x1000;
	boot.nbanks = 2;
	boot.banks[0] = (BootBank){ paddr_of(0x1000), 0x9e000, BANK_USABLE };
	boot.banks[1] = (BootBank){ paddr_of(0x100000), 0x100000, BANK_RESERVED };
	if (boot_limit_memory(list) != nil)
		return;
	for (u32 i = 0; i < boot.nbanks; i++) {
		const BootBank *b = &boot.banks[i];
		at = b->base.a == 0x100000 ? 0x100000 : at;
		assert(b->base.a == at && b->size > 0 && b->size % 4096 == 0);
		at += b->size;
		assert(b->type == BANK_RESERVED || (b->type == BANK_USABLE && at <= 0x9f000));
	}
	assert(at == 0x200000);
}

int LLVMFuzzerTestOneInput(const u8 *data, usize size)
{
	static char text[TEXT_MAX];
	char value[32];
	const char *end;
	usize n = MIN(size, (usize)TEXT_MAX - 1);
	memmove(text, data, n);
	text[n] = '\0';
	check_runes(text, n);
	check_words(text);
	check_memory(text);
	strtou64(text, &end, n % 2 == 0 ? 0 : 16);
	assert(end >= text && end <= text + n);
	strecpy(boot.cmdline, boot.cmdline + sizeof boot.cmdline, text);
	if (boot_option("a", value, sizeof value))
		assert(strlen(value) < sizeof value);
	assert(boot_option_number("n", 7) <= 1000000);
	return 0;
}
