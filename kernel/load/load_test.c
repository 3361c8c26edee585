/* Headers of executables: what they ask for, and everything they may not ask for. */
#include "abi/plan9.h"
#include "load/load.h"
#include "unit.h"

void load_test(void);

#define MIB2 (2UL << 20)

/* ---- a.out ---- */

static void make_aout(u8 *h, u32 magic, u32 text, u32 data, u32 bss, u64 entry)
{
	u32 words[8] = { magic, text, data, bss, 0, 0, 0, 0 };
	for (u32 i = 0; i < 8; i++)
		put32be(h + 4 * i, words[i]);
	put64be(h + 32, entry);
}

static Err parse_aout(u32 text, u32 data, u32 bss, u64 entry, LoadPlan *p)
{
	u8 h[40];
	make_aout(h, 0x8a97, text, data, bss, entry);
	return aout_parse(h, sizeof h, p);
}

static void test_aout(void)
{
	LoadPlan p;
	u64 start = UTZERO + 40;
	check(parse_aout(0x1000, 0x234, 0x5000, start, &p) == nil);
	check(p.npieces == 2 && p.entry == start);
	check(p.piece[0].kind == LOAD_TEXT && p.piece[0].base == UTZERO);
	check(p.piece[0].file_offset == 0 && p.piece[0].file_size == 40 + 0x1000);
	check(p.piece[1].kind == LOAD_DATA && p.piece[1].base == UTZERO + MIB2);
	check(p.piece[1].file_offset == 40 + 0x1000 && p.piece[1].file_size == 0x234);
	check(p.bss_base == p.piece[1].base + BY2PG && p.bss_top == p.piece[1].base + 0x6000);
	check(parse_aout(0x1000, 0, 0, start, &p) == nil && p.npieces == 1 &&
		p.bss_base == p.bss_top);
	check(parse_aout(MIB2 - 40, 8, 0, start, &p) == nil && p.piece[1].base == UTZERO + MIB2);
	check(parse_aout(MIB2 - 39, 8, 0, start, &p) == nil &&
		p.piece[1].base == UTZERO + 2 * MIB2);
	check(parse_aout(0x1000, 0, 0, start - 1, &p) == Ebadexec);
	check(parse_aout(0x1000, 0, 0, start + 0x1000, &p) == Ebadexec);
	check(parse_aout(0x1000, 0, 0, start + 0xfff, &p) == nil);
	check(parse_aout(~0u, ~0u, ~0u, start, &p) == nil);	/* 12 GiB fit the address space */
	u8 h[40];
	make_aout(h, 0x8a97, 0x1000, 0, 0, start);
	for (usize n = 0; n < sizeof h; n++)
		check(aout_parse(h, n, &p) == Ebadexec);
	make_aout(h, 0x1eb, 0x1000, 0, 0, start);
	check(aout_parse(h, sizeof h, &p) == Ebadexec);
}

/* ---- ELF ---- */

typedef struct Elf { u8 bytes[64 + 56 * 8]; u32 n; } Elf;

static Elf make_elf(u64 entry)
{
	Elf e = { .n = 0 };
	u8 *h = e.bytes;
	memmove(h, "\177ELF\2\1\1", 7);
	put16le(h + 16, 2);
	put16le(h + 18, 62);
	put32le(h + 20, 1);
	put64le(h + 24, entry);
	put64le(h + 32, 64);
	put16le(h + 52, 64);
	put16le(h + 54, 56);
	return e;
}

static u8 *add_load(Elf *e, u32 flags, u64 offset, u64 va, u64 filesz, u64 memsz)
{
	u8 *p = e->bytes + 64 + 56 * e->n++;
	put32le(p, 1);
	put32le(p + 4, flags);
	put64le(p + 8, offset);
	put64le(p + 16, va);
	put64le(p + 32, filesz);
	put64le(p + 40, memsz);
	put64le(p + 48, BY2PG);
	put16le(e->bytes + 56, (u16)e->n);
	return p;
}

static Err parse(const Elf *e, LoadPlan *p)
{
	return elf_parse(e->bytes, sizeof e->bytes, p);
}

enum { R = 4, W = 2, X = 1 };

/* Text, constants, data with bss: what gcc makes. */
static Elf usual(void)
{
	Elf e = make_elf(UTZERO + 0x10);
	add_load(&e, R | X, 0, UTZERO, 0x1800, 0x1800);
	add_load(&e, R, 0x2000, UTZERO + 0x2000, 0x500, 0x500);
	add_load(&e, R | W, 0x2500, UTZERO + 0x3500, 0x300, 0x3000);
	return e;
}

static void test_elf(void)
{
	LoadPlan p;
	Elf e = usual();
	check(parse(&e, &p) == nil && p.npieces == 3 && p.entry == UTZERO + 0x10);
	check(p.piece[0].kind == LOAD_TEXT && p.piece[0].top == UTZERO + 0x2000);
	check(p.piece[1].kind == LOAD_EXTRA && p.piece[1].file_size == 0x500);
	check(p.piece[2].kind == LOAD_DATA && p.piece[2].base == UTZERO + 0x3000);
	check(p.piece[2].file_offset == 0x2000 && p.piece[2].file_size == 0x800);
	check(p.bss_base == UTZERO + 0x4000 && p.bss_top == UTZERO + 0x7000);
	check(elf_is(e.bytes, 4) && !elf_is(e.bytes, 3));
	check(load_parse(e.bytes, sizeof e.bytes, &p) == nil);
	for (usize n = 0; n < 64 + 56 * 3; n++)
		check(elf_parse(e.bytes, n, &p) == Ebadexec);
	Elf only_text = make_elf(UTZERO);
	add_load(&only_text, R | X, 0, UTZERO, 0x100, 0x100);
	check(parse(&only_text, &p) == nil && p.npieces == 1 && p.bss_base == UTZERO + BY2PG &&
		p.bss_top == p.bss_base);
}

/* Each of these spoils the usual one in one byte or field. */
static void test_elf_header(void)
{
	static const struct { u32 at; u8 value; } spoilt[] = {
		{ 0, 'E' }, { 4, 1 }, { 5, 2 }, { 6, 0 }, { 16, 3 }, { 18, 3 }, { 20, 0 }, { 52,
			63 },
		{ 54, 32 }, { 56, 0 }, { 56, 65 }, { 39, 1 }, { 24 + 1, 0x30 }, { 24 + 6, 1 },
	};
	LoadPlan p;
	for (u32 i = 0; i < nelem(spoilt); i++) {
		Elf e = usual();
		e.bytes[spoilt[i].at] = spoilt[i].value;
		check(parse(&e, &p) == Ebadexec);
	}
}

static Err with(u32 flags, u64 offset, u64 va, u64 filesz, u64 memsz)
{
	LoadPlan p;
	Elf e = make_elf(UTZERO);
	add_load(&e, R | X, 0, UTZERO, 0x1000, 0x1000);
	add_load(&e, flags, offset, va, filesz, memsz);
	return parse(&e, &p);
}

static void test_elf_segments(void)
{
	u64 at = UTZERO + 0x10000, top = USTKTOP - USTKSIZE;
	LoadPlan p;
	check(with(R | W, 0, at, 0x100, 0x100) == nil);
	check(with(R | W, 0, at, 0x101, 0x100) == Ebadexec);
	check(with(R | W | X, 0, at, 0x100, 0x100) == Ebadexec);
	check(with(W, 0, at, 0x100, 0x100) == Ebadexec);
	check(with(R | X, 0, at, 0x100, 0x100) == Ebadexec);
	check(with(R | W, 0x10, at, 0x100, 0x100) == Ebadexec);
	check(with(R | W, ~0UL - 0xfff, at, 0x2000, 0x2000) == Ebadexec);
	check(with(R | W, 0, UTZERO - BY2PG, 0x100, 0x100) == Ebadexec);
	check(with(R | W, 0, top - BY2PG, 0x100, BY2PG) == nil);
	check(with(R | W, 0, top - BY2PG, 0x100, BY2PG + 1) == Ebadexec);
	check(with(R | W, 0, at, 0x100, ~0UL) == Ebadexec);
	check(with(R | W, 0, UTZERO + 0xfff, 1, 1) == Ebadexec);
	check(with(R | W, 0, UTZERO, 0x100, 0x100) == Ebadexec);
	Elf e = usual();
	put32le(e.bytes + 64 + 56, 3);
	check(parse(&e, &p) == Ebadexec);
	e = usual();
	put64le(e.bytes + 64 + 48, 3);
	check(parse(&e, &p) == Ebadexec);
	e = usual();
	add_load(&e, R, 0, at, 0x100, 0x100);
	add_load(&e, R, 0, at + 0x1000, 0x100, 0x100);
	add_load(&e, R, 0, at + 0x2000, 0x100, 0x100);
	check(parse(&e, &p) == nil && p.npieces == LOAD_PIECES_MAX);
	add_load(&e, R, 0, at + 0x3000, 0x100, 0x100);
	check(parse(&e, &p) == Ebadexec);
}

/* ---- scripts ---- */

static Err parse_script(const char *text, char *words[SCRIPT_WORDS_MAX], u32 *n)
{
	static char buf[4096];
	memset(buf, 0, sizeof buf);
	strecpy(buf, buf + sizeof buf, text);
	return script_parse(buf, strlen(text), words, n);
}

static void test_script(void)
{
	char *w[SCRIPT_WORDS_MAX], line[512];
	u32 n;
	check(script_is((const u8 *)"#!", 2) && !script_is((const u8 *)"#!", 1));
	check(parse_script("#!/bin/rc -e 'a b'\nrest", w, &n) == nil && n == 3);
	check_text(w[0], "/bin/rc");
	check_text(w[2], "a b");
	check(parse_script("#! /bin/rc\n", w, &n) == nil && n == 1);
	check(parse_script("#!\n", w, &n) == Ebadexec);
	check(parse_script("#!/bin/rc", w, &n) == Ebadexec);
	memset(line, 'x', sizeof line);
	memmove(line, "#!/", 3);
	line[SCRIPT_LINE_MAX - 1] = '\n';
	line[SCRIPT_LINE_MAX] = '\0';
	check(parse_script(line, w, &n) == nil);
	line[SCRIPT_LINE_MAX - 1] = 'x';
	line[SCRIPT_LINE_MAX] = '\n';
	line[SCRIPT_LINE_MAX + 1] = '\0';
	check(parse_script(line, w, &n) == Ebadexec);
	strecpy(line, line + sizeof line, "#!a");
	while (strlen(line) < 65)	/* 32 words are as many as there may be */
		strecpy(line + strlen(line), line + sizeof line, " a");
	strecpy(line + 65, line + sizeof line, "\n");
	check(parse_script(line, w, &n) == nil && n == SCRIPT_WORDS_MAX);
	strecpy(line + 65, line + sizeof line, " a\n");
	check(parse_script(line, w, &n) == Ebadexec);
}

/* Nothing a header says leads outside user memory. */
static void test_noise(void)
{
	u32 bad = 0;
	for (u32 round = 0; round < 50000; round++) {
		Elf e = usual();
		LoadPlan p;
		for (u32 k = 1 + unit_random(4); k > 0; k--)
			e.bytes[unit_random(64 + 56 * 3)] = (u8)unit_random(256);
		if (parse(&e, &p) != nil)
			continue;
		for (u32 i = 0; i < p.npieces; i++)
			bad += p.piece[i].base < UTZERO || p.piece[i].top > USTKTOP - USTKSIZE ||
				p.piece[i].base >= p.piece[i].top || p.piece[i].base % BY2PG != 0 ||
				p.piece[i].file_size > p.piece[i].top - p.piece[i].base;
		bad += p.bss_base > p.bss_top || p.bss_top > USTKTOP - USTKSIZE;
	}
	check(bad == 0);
}

void load_test(void)
{
	test_aout();
	test_elf();
	test_elf_header();
	test_elf_segments();
	test_script();
	test_noise();
}
