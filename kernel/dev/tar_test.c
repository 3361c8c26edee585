/* Archives: what is in them, and that no damage to one is believed. */
#include "base/error.h"
#include "dev/tar.h"
#include "unit.h"

void tar_test(void);

enum { BLOCK = 512, ARCHIVE_MAX = 64 * BLOCK };

static u8 archive[ARCHIVE_MAX];
static u64 size;
static char seen[1000];		/* what was visited, as text */
static char why[128];

static void checksum(u8 *h)
{
	u32 sum = 0;
	memset(h + 148, ' ', 8);
	for (u32 i = 0; i < BLOCK; i++)
		sum += h[i];
	snprint((char *)h + 148, 7, "%06o", sum);
}

static u8 *add(const char *name, char type, const void *data, u64 n)
{
	u8 *h = archive + size;
	memset(h, 0, BLOCK + round_up(n, BLOCK));
	strecpy((char *)h, (char *)h + 100, name);
	snprint((char *)h + 100, 8, "%07o", 0644);
	snprint((char *)h + 124, 12, "%011lo", n);
	snprint((char *)h + 136, 12, "%011o", 1);
	memmove(h + 257, "ustar\0" "00", 8);
	h[156] = (u8)type;
	checksum(h);
	memmove(h + BLOCK, data, n);
	size += BLOCK + round_up(n, BLOCK);
	return h;
}

static void begin(void)
{
	size = 0;
}

static void end(void)
{
	memset(archive + size, 0, 2 * BLOCK);
	size += 2 * BLOCK;
}

static Err visit(void *arg, const TarEntry *e)
{
	char *at = seen + strlen(seen), *last = seen + sizeof seen;
	at = seprint(at, last, "%c %.*s%s%.*s", "fdl"[e->kind], (int)e->prefix.len, e->prefix.text,
		e->prefix.len > 0 ? "/" : "", (int)e->name.len, e->name.text);
	if (e->kind == TAR_LINK)
		at = seprint(at, last, ">%.*s", (int)e->link.len, e->link.text);
	else if (e->kind == TAR_FILE)
		at = seprint(at, last, "=%.*s", (int)e->size, (const char *)e->data);
	seprint(at, last, ";");
	return arg;
}

static Err parse(void)
{
	seen[0] = '\0';
	return tar_parse(archive, size, visit, nil, why, sizeof why);
}

static void test_kinds(void)
{
	begin();
	add("bin/", '5', "", 0);
	add("bin/ls", '0', "LS", 2);
	add("old", '\0', "x", 1);
	u8 *h = add("lc", '1', "", 0);
	strecpy((char *)h + 157, (char *)h + 257, "bin/ls");
	checksum(h);
	add("sym", '2', "", 0);
	h = add("name", '0', "p", 1);
	strecpy((char *)h + 345, (char *)h + 500, "a/prefix");
	checksum(h);
	end();
	check(tar_is(archive, size) && !tar_is(archive, BLOCK - 1));
	check(parse() == nil);
	check_text(seen, "d bin/;f bin/ls=LS;f old=x;l lc>bin/ls;f a/prefix/name=p;");
}

static void test_long_names(void)
{
	static const char pax[] = "18 path=long/name\n15 size=000003\n";
	begin();
	add("x", 'x', pax, sizeof pax - 1);
	u8 *h = add("short", '0', "abc", 3);
	memmove(h + 124, "00000000000", 11);	/* the pax size counts */
	checksum(h);
	add("L", 'L', "gnu/long/name", 14);
	add("short", '0', "d", 1);
	add("g", 'g', "10 a=bcde\n", 10);
	add("after", '0', "e", 1);
	end();
	check(parse() == nil);
	check_text(seen, "f long/name=abc;f gnu/long/name=d;f after=e;");
}

/* Of a link, too, by either kind of header. */
static void test_long_links(void)
{
	static const char pax[] = "21 linkpath=long/old\n", up[] = "19 linkpath=a/../b\n";
	begin();
	add("x", 'x', pax, sizeof pax - 1);
	add("one", '1', "", 0);
	add("K", 'K', "gnu/old", 8);
	add("two", '1', "", 0);
	end();
	check(parse() == nil);
	check_text(seen, "l one>long/old;l two>gnu/old;");
	begin();
	add("x", 'x', up, sizeof up - 1);
	add("one", '1', "", 0);
	end();
	check_text(parse(), "damaged archive: a link with `..' at byte 1024");
}

/* An archive of before ustar: no magic, but a checksum that is right. */
static void test_old(void)
{
	begin();
	u8 *h = add("old", '0', "x", 1);
	memset(h + 257, 0, 8);
	checksum(h);
	end();
	check(tar_is(archive, size) && parse() == nil);
	check_text(seen, "f old=x;");
	memset(archive, 0, BLOCK);
	check(!tar_is(archive, size));
}

static Err with_name(const char *name)
{
	begin();
	add(name, '0', "x", 1);
	end();
	return parse();
}

static void test_refused(void)
{
	check(with_name("a/b") == nil && with_name("a/..b") == nil && with_name("a/...") == nil);
	check(with_name("..") != nil && with_name("../a") != nil && with_name("a/../b") != nil);
	check(with_name("a/..") != nil && with_name("") != nil);
	begin();
	add("a", '0', "x", 1);
	check_text(parse(), "damaged archive: archive cut short: no end mark at byte 1024");
	end();
	archive[3] ^= 1;
	check_text(parse(), "damaged archive: bad checksum at byte 0");
	begin();
	u8 *h = add("a", '0', "x", 1);
	memmove(h + 124, "77777777777", 11);
	checksum(h);
	end();
	check_text(parse(), "damaged archive: archive cut short inside a file at byte 0");
	memset(h + 124, 0xff, 12);
	checksum(h);
	check_text(parse(), "damaged archive: impossible size at byte 0");
	begin();
	add("a", 'Z', "", 0);
	end();
	check_text(parse(), "damaged archive: an entry of unknown kind at byte 0");
	begin();
	add("x", 'x', "999 path=a\n", 11);
	end();
	check_text(parse(), "damaged archive: malformed pax record at byte 0");
	begin();
	add("L", 'L', "name", 5);
	end();
	check(parse() != nil);
}

static void test_base256(void)
{
	begin();
	u8 *h = add("a", '0', "abc", 3);
	memset(h + 124, 0, 12);
	h[124] = 0x80;
	h[135] = 3;
	checksum(h);
	end();
	check(parse() == nil);
	check_text(seen, "f a=abc;");
}

static void test_error_of_visit(void)
{
	begin();
	add("a", '0', "x", 1);
	add("b", '0', "x", 1);
	end();
	seen[0] = '\0';
	check(tar_parse(archive, size, visit, (void *)(uintptr)Eio, why, sizeof why) == Eio);
	check_text(seen, "f a=x;");
}

/* Cut anywhere or spoilt anywhere, nothing outside the archive is touched. */
static void test_damage(void)
{
	static u8 whole[ARCHIVE_MAX];
	test_long_names();
	u64 n = size;
	memmove(whole, archive, n);
	for (size = 0; size < n - BLOCK; size += 100)
		check(parse() != nil || seen[0] != '\0');
	for (u32 round = 0; round < 20000; round++) {
		size = n;
		memmove(archive, whole, n);
		u8 *h = archive + BLOCK * unit_random((u32)(n / BLOCK));
		for (u32 k = 1 + unit_random(3); k > 0; k--)
			h[unit_random(2) ? 124 + unit_random(12) : unit_random(BLOCK)] =
				(u8)unit_random(256);
		checksum(h);
		Err e = parse();
		if (e != nil && strstr(e, "damaged archive: ") == nil)
			check_text(e, "damaged archive");
	}
}

void tar_test(void)
{
	test_kinds();
	test_long_names();
	test_long_links();
	test_old();
	test_refused();
	test_base256();
	test_error_of_visit();
	test_damage();
}
