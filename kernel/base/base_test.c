/* print, text, numbers, lists, the log, random bytes. */
#include "arch/arch.h"
#include "base/base.h"
#include "base/error.h"
#include "unit.h"

void base_test(void);

/* ---- formatted output ---- */

#define PRINTS(wanted, ...) do { \
		char text_[200]; \
		snprint(text_, sizeof text_, __VA_ARGS__); \
		check_text(text_, wanted); \
	} while (0)

static void test_numbers(void)
{
	PRINTS("0 -1 2147483647 -2147483648", "%d %d %d %i", 0, -1, 0x7fffffff, -0x7fffffff - 1);
	PRINTS("18446744073709551615", "%lu", ~0UL);
	PRINTS("-9223372036854775808", "%ld", (s64)(1UL << 63));
	PRINTS("ff FF 0xff 0XFF 0", "%x %X %#x %#X %#x", 255, 255, 255, 255, 0);
	PRINTS("755", "%o", 0755);
	PRINTS("[   42][42   ][00042][+42][ 42]", "[%5d][%-5d][%05d][%+d][% d]", 42, 42, 42, 42,
		42);
	PRINTS("[  -42][-0042]", "[%5d][%05d]", -42, -42);
	PRINTS("[  007][7    ]", "[%5.3d][%-5.1d]", 7, 7);
	PRINTS("[   7][7   ]", "[%*d][%*d]", 4, 7, -4, 7);
	PRINTS("[]", "[%.0d]", 0);
	PRINTS("255 65535 1", "%hhu %hu %zu", (u8)~0, (u16)~0, (usize)1);
}

static void test_texts(void)
{
	PRINTS("a b %", "%c %s %%", 'a', "b");
	PRINTS("[   abc][abc   ][ab]", "[%6s][%-6s][%.2s]", "abc", "abc", "abc");
	const char *volatile none = nil;
	PRINTS("<nil>", "%s", none);
	PRINTS("0x0000000000001234", "%p", (void *)0x1234);
	char small[4];
	check(snprint(small, sizeof small, "%s", "abcdef") == 3);
	check_text(small, "abc");
	char two[8], *p = seprint(two, two + sizeof two, "ab");
	p = seprint(p, two + sizeof two, "%d", 1234567);
	check_text(two, "ab12345");
	check(p == two + 7 && seprint(p, two + sizeof two, "more") == p);
}

/* ---- text ---- */

static void test_copy(void)
{
	char buf[8];
	check(strecpy(buf, buf + sizeof buf, "abc") == buf + 3);
	check_text(buf, "abc");
	strecpy(buf, buf + 5, "abcdefg");
	check_text(buf, "abcd");
	strecpy(buf, buf + 4, "ab\xc3\xa9");	/* the rune does not fit: none of it is there */
	check_text(buf, "ab");
	strecpy(buf, buf + 5, "ab\xc3\xa9");
	check_text(buf, "ab\xc3\xa9");
	strecpy(buf, buf + 1, "abc");
	check_text(buf, "");
}

static void test_runes(void)
{
	u32 bad = 0;
	for (Rune r = 0; r <= 0x10FFFF; r++) {
		char s[4];
		Rune back;
		usize n = rune_encode(s, r);
		bool surrogate = r >= 0xD800 && r < 0xE000;
		if (rune_decode(&back, s, n) != n || back != (surrogate ? 0xFFFD : r))
			bad++;
		for (usize cut = 1; cut < n; cut++)
			if (rune_decode(&back, s, cut) != 1 || back != 0xFFFD)
				bad++;
	}
	check(bad == 0);
	static const char *const wrong[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
		"\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xff", "\xed\xa0\x80",
		"\xc3(", "\xe2\x82(" };
	for (u32 i = 0; i < nelem(wrong); i++) {
		Rune r;
		check(rune_decode(&r, wrong[i], strlen(wrong[i])) == 1 && r == 0xFFFD);
	}
	Rune r;
	check(rune_decode(&r, "", 0) == 1 && r == 0xFFFD);
}

static void test_strtou64(void)
{
	const char *end;
	check(strtou64("123x", &end, 10) == 123 && *end == 'x');
	check(strtou64("0x1fg", &end, 0) == 0x1f && *end == 'g');
	check(strtou64("0xg", &end, 0) == 0 && *end == 'x');
	check(strtou64("017", nil, 0) == 15 && strtou64("17", nil, 0) == 17);
	check(strtou64("ff", nil, 16) == 255 && strtou64("0xFF", nil, 16) == 255);
	check(strtou64("18446744073709551615", nil, 10) == ~0UL);
	check(strtou64("18446744073709551616", nil, 10) == ~0UL);
	check(strtou64("99999999999999999999999", &end, 10) == ~0UL && *end == '\0');
	check(strtou64("", &end, 10) == 0 && *end == '\0');
}

static void test_words(void)
{
	char text[] = "  a 'b c'  d''e 'it''s' x'y'z ", *w[8];
	check(tokenize(text, w, 8) == 5);
	check_text(w[0], "a");
	check_text(w[1], "b c");
	check_text(w[2], "de");
	check_text(w[3], "it's");
	check_text(w[4], "xyz");
	char few[] = "a b c";
	check(tokenize(few, w, 2) == 2);
	char none[] = " \t\r\n";
	check(tokenize(none, w, 8) == 0);
}

/* What is quoted reads back the same. */
static void test_quote(void)
{
	static const char alphabet[] = "ab' \t`^#*[]=|?${}()<>&;\\\"\n";
	u32 bad = 0;
	char buf[64];
	for (u32 round = 0; round < 20000; round++) {
		char word[12], *w[3];
		u32 n = unit_random(sizeof word - 1);
		for (u32 i = 0; i < n; i++)
			word[i] = alphabet[unit_random(sizeof alphabet - 1)];
		word[n] = '\0';
		quote(buf, sizeof buf, word, unit_random(2) == 0);
		bad += tokenize(buf, w, 3) != 1 || strcmp(w[0], word) != 0;
	}
	check(bad == 0);
	check(quote(buf, sizeof buf, "plain", false) == 5);
	check_text(buf, "plain");
	quote(buf, sizeof buf, "plain", true);
	check_text(buf, "'plain'");
	quote(buf, sizeof buf, "", false);
	check_text(buf, "''");
	for (usize size = 1; size < 12; size++)
		check(quote(buf, size, "it's a test", true) < size);
}

/* ---- the rest ---- */

static void test_arithmetic(void)
{
	u64 v;
	u8 b[8];
	check(add_u64(~0UL - 1, 1, &v) && v == ~0UL && !add_u64(~0UL, 1, &v));
	check(mul_u64(1UL << 32, (1UL << 32) - 1, &v) && !mul_u64(1UL << 32, 1UL << 32, &v));
	put16le(b, 0x1234);
	check(b[0] == 0x34 && get16le(b) == 0x1234);
	put32le(b, 0x89abcdef);
	check(b[0] == 0xef && get32le(b) == 0x89abcdef && get32be(b) == 0xefcdab89);
	put64le(b, 0x8123456789abcdefUL);
	check(get64le(b) == 0x8123456789abcdefUL && get64be(b) == 0xefcdab8967452381UL);
	put64be(b, 0x8123456789abcdefUL);
	check(b[0] == 0x81 && get64be(b) == 0x8123456789abcdefUL);
	check(round_up(1, 4096) == 4096 && round_up(4096, 4096) == 4096 &&
		round_down(4097, 4096) == 4096);
}

typedef struct Item { u32 n; List link; } Item;

static void test_lists(void)
{
	List head;
	Item items[4] = { { .n = 0 }, { .n = 1 }, { .n = 2 }, { .n = 3 } };
	list_init(&head);
	check(list_empty(&head));
	list_append(&head, &items[1].link);
	list_append(&head, &items[2].link);
	list_push(&head, &items[0].link);
	list_insert_after(&items[2].link, &items[3].link);
	u32 n = 0;
	list_each(l, &head)
		check(list_entry(l, Item, link)->n == n++);
	check(n == 4);
	list_remove(&items[2].link);
	check(items[2].link.next == nil && items[1].link.next == &items[3].link);
	list_remove(&items[0].link);
	list_remove(&items[1].link);
	list_remove(&items[3].link);
	check(list_empty(&head));
}

static Ref gone;

static void drop_too_often(void)
{
	check(ref_drop(&gone) == 0);
}

static void test_refs(void)
{
	Ref r = { .n = 1 };
	check(ref_take(&r) == 2 && ref_count(&r) == 2 && ref_drop(&r) == 1 && ref_drop(&r) == 0);
	check_panics(drop_too_often, "assertion failed: n >= 0");
}

static __attribute__((noinline)) s32 takes(Ref *r)
{
	return ref_take(r);
}

/* Each place stands there once, the last first; the oldest make room. */
static void test_takers(void)
{
	Ref r = { .n = 1 };
	for (u32 i = 0; i < 3; i++)
		check(takes(&r) == 2 + (s32)i);
	u32 first = r.takers.at[0].by;
	check(first != 0 && r.takers.at[1].by == 0);
	check(takes(&r) == 5);
	u32 second = r.takers.at[0].by;
	check(second != first && r.takers.at[1].by == first && r.takers.at[2].by == 0);
	check(takes(&r) == 6 && r.takers.at[0].by != second);
	check(takes(&r) == 7);
	check(r.takers.at[3].by == first && r.takers.at[2].by == second);
	check(takes(&r) == 8 && r.takers.at[3].by == second);
	check(r.takers.at[0].its_caller == r.takers.at[3].its_caller);
}

static void test_log(void)
{
	static char text[LOG_SIZE + 100], back[LOG_SIZE];
	void (*console)(const char *, usize) = log_console;
	log_console = nil;
	for (usize i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	log_write("first\n", 6);
	check(log_read(back, sizeof back, 0) >= 6);
	log_write(text, sizeof text);
	check(log_read(back, sizeof back, 0) == LOG_SIZE);
	check(memcmp(back, text + 100, LOG_SIZE) == 0);
	check(log_read(back, 10, LOG_SIZE - 4) == 4 &&
		memcmp(back, text + sizeof text - 4, 4) == 0);
	check(log_read(back, 10, LOG_SIZE) == 0);
	print("%s\n", "end");
	check(log_read(back, 4, LOG_SIZE - 4) == 4 && memcmp(back, "end\n", 4) == 0);
	log_console = console;
}

/* ---- what a panic tells ---- */

static void piece_one(void) { print("piece one\n"); }
static void piece_that_fails(void) { panic("in a piece"); }
static void piece_three(void) { print("piece three\n"); }

static PanicPiece *const good_pieces[] = { piece_one, piece_three, nil };
static PanicPiece *const bad_pieces[] = { piece_one, piece_that_fails, piece_three, nil };

static void panics_with_pieces(void)
{
	panic_pieces = good_pieces;
	panic("why %d", 7);
}

static void panics_inside(void)
{
	panic_pieces = bad_pieces;
	panic("why");
}

static void tells_the_log(void)
{
	for (u32 i = 0; i < 5; i++)
		print("line %u\n\n", i);
	log_mark();
	print("after\n");
	log_tail(2);
	panic("told");
}

static void test_panics(void)
{
	check_panics(panics_with_pieces, "panic: why 7\npiece one\npiece three\n"
		"panic: the machine is stopped");
	check_panics(panics_inside, "piece one\npanic: while already panicking: in a piece\n"
		"piece three\npanic: the machine is stopped");
	check_panics(tells_the_log, "after\n  | line 3\n  | line 4\n\npanic: told");
	check_text(pcname(0x1234), "0x1234");
}

static void test_options(void)
{
	char v[16];
	strecpy(boot.cmdline, boot.cmdline + sizeof boot.cmdline,
		" one two=2\tthree=  twos=x four=a=b");
	check(boot_option("one", v, sizeof v) && v[0] == '\0');
	check(boot_option("two", v, sizeof v) && strcmp(v, "2") == 0);
	check(boot_option("three", v, sizeof v) && v[0] == '\0');
	check(boot_option("four", v, sizeof v) && strcmp(v, "a=b") == 0);
	check(boot_option("four", v, 3) && strcmp(v, "a=") == 0);
	check(!boot_option("tw", v, sizeof v) && !boot_option("x", v, sizeof v));
	check(boot_option_number("two", 7) == 2 && boot_option_number("tw", 7) == 7);
	check(boot_option_number("one", 7) == 0 && boot_option_number("four", 7) == 0);
	strecpy(boot.cmdline, boot.cmdline + sizeof boot.cmdline,
		"console='1 b9600' 'two=it''s x' three=a'b c'd");
	check(boot_option("console", v, sizeof v) && strcmp(v, "1 b9600") == 0);
	check(boot_option("two", v, sizeof v) && strcmp(v, "it's x") == 0);
	check(boot_option("three", v, sizeof v) && strcmp(v, "ab cd") == 0);
	boot.cmdline[0] = '\0';
	check(!boot_option("one", v, sizeof v));
}

static void set_banks(void)
{
	boot.nbanks = 4;
	boot.banks[0] = (BootBank){ paddr_of(0x1000), 0x9e000, BANK_USABLE };
	boot.banks[1] = (BootBank){ paddr_of(0xf0000), 0x10000, BANK_RESERVED };
	boot.banks[2] = (BootBank){ paddr_of(0x100000), 0x300000, BANK_KERNEL };
	boot.banks[3] = (BootBank){ paddr_of(0x400000), 0x7c00000, BANK_USABLE };
}

static bool bank_is(u32 i, u64 base, u64 top, u32 type)
{
	const BootBank *b = &boot.banks[i];
	return i < boot.nbanks && b->base.a == base && b->base.a + b->size == top &&
		b->type == type;
}

/* The list takes whole frames away, and never from what the loader had called something else. */
static void test_memmap(void)
{
	static const char *const wrong[] = {
		"", "1", "1 0", "1 0 zz", "1 0 1000,", "1 1000 1000", "1 2000 1000", "0 0 1000",
		"6 0 1000", "2 0 1000", "1 0 8000000 2", "one 0 1000",
		"1 0 10000000000000", "1 fffffffffffff001 ffffffffffffffff",
	};
	for (u32 i = 0; i < nelem(wrong); i++) {
		set_banks();
		check(boot_limit_memory(wrong[i]) != nil && boot.nbanks == 4);
	}
	check(boot_limit_memory("1 0 100000000") == nil && boot.nbanks == 4);
	check(bank_is(0, 0x1000, 0x9f000, BANK_USABLE));
	check(bank_is(3, 0x400000, 0x8000000, BANK_USABLE));
	check(boot_limit_memory(" 1  600800 4000fff 2 700fff 701001  1 5000000 10000000 ") == nil);
	check(boot.nbanks == 9 && bank_is(0, 0x1000, 0x9f000, BANK_RESERVED));
	check(bank_is(1, 0xf0000, 0x100000, BANK_RESERVED));
	check(bank_is(2, 0x100000, 0x400000, BANK_KERNEL));
	check(bank_is(3, 0x400000, 0x601000, BANK_RESERVED));
	check(bank_is(4, 0x601000, 0x700000, BANK_USABLE));
	check(bank_is(5, 0x700000, 0x702000, BANK_RESERVED));
	check(bank_is(6, 0x702000, 0x4000000, BANK_USABLE));
	check(bank_is(7, 0x4000000, 0x5000000, BANK_RESERVED));
	check(bank_is(8, 0x5000000, 0x8000000, BANK_USABLE));
	boot.nbanks = 0;
}

static void test_random(void)
{
	u8 a[64], b[64];
	u32 ones = 0;
	random_fill(a, sizeof a);
	random_fill(b, sizeof b);
	check(memcmp(a, b, sizeof a) != 0);
	for (u32 round = 0; round < 1000; round++) {
		random_fill(a, 5);
		for (u32 i = 0; i < 5; i++)
			ones += (u32)__builtin_popcount(a[i]);
		random_mix(a, 3);
	}
	check(ones > 19000 && ones < 21000);
}

static void fails(void)
{
	assert(1 + 1 == 3);
}

static void panics(void)
{
	panic("object %s is %d", "x", 7);
}

void base_test(void)
{
	test_numbers();
	test_texts();
	test_copy();
	test_runes();
	test_strtou64();
	test_words();
	test_quote();
	test_arithmetic();
	test_lists();
	test_refs();
	test_takers();
	test_log();
	test_panics();
	test_options();
	test_memmap();
	test_random();
	check_panics(fails, "assertion failed: 1 + 1 == 3, in fails at kernel/base/base_test.c");
	check_panics(panics, "panic: object x is 7");
	check_text(Enonexist, "file does not exist");
}
