/* The wire form of directory entries. */
#include "chan/chan.h"
#include "unit.h"

void dir_test(void);

static const Dir sample = { .type = 'M', .dev = 7, .qid = { .path = 0x123456789a, .vers = 3,
	.type = QTDIR }, .mode = DMDIR | 0755, .atime = 1000, .mtime = 2000, .length = 1UL << 40,
	.name = "name", .uid = "user", .gid = "group", .muid = "" };

static void test_round_trip(void)
{
	u8 buf[200];
	char strs[200];
	Dir d;
	usize n = dir_encode(&sample, buf, sizeof buf);
	check(n == STATFIXLEN + 4 + 4 + 5 && n == dir_size(&sample) && get16le(buf) + 2U == n);
	check(dir_check(buf, n) == n && dir_check(buf, n + 1) == n && dir_check(buf, n - 1) == 0);
	check(dir_decode(buf, n, &d, strs) == nil);
	check(d.type == 'M' && d.dev == 7 && d.qid.path == 0x123456789a && d.qid.vers == 3 &&
		d.qid.type == QTDIR);
	check(d.mode == (DMDIR | 0755) && d.atime == 1000 && d.mtime == 2000 &&
		d.length == 1UL << 40);
	check_text(d.name, "name");
	check_text(d.uid, "user");
	check_text(d.gid, "group");
	check_text(d.muid, "");
	check(dir_encode(&sample, buf, n - 1) == 0);
	check(dir_decode(buf, n + 1, &d, strs) == Ebadstat);
}

static void test_null(void)
{
	u8 buf[100];
	Dir d;
	dir_null(&d);
	check(dir_encode(&d, buf, sizeof buf) == STATFIXLEN);
	u32 ones = 0;
	for (u32 i = 2; i < 41; i++)
		ones += buf[i] == 0xff;
	check(ones == 39);
}

static void test_rename(void)
{
	u8 in[200], out[200];
	char strs[200];
	Dir d;
	usize n = dir_encode(&sample, in, sizeof in);
	usize m = dir_rename(in, n, "longer name", 11, out, sizeof out);
	check(m == n + 7 && dir_check(out, m) == m && dir_decode(out, m, &d, strs) == nil);
	check_text(d.name, "longer name");
	check_text(d.gid, "group");
	check(d.length == sample.length);
	check(dir_rename(in, n, "longer name", 11, out, m - 1) == 0);
	check(dir_rename(in, n, "", 0, out, sizeof out) == n - 4);
}

static void test_limits(void)
{
	static char name[65536];
	static u8 buf[70000];
	Dir d = sample;
	memset(name, 'x', sizeof name - 1);
	d.name = name;
	check(dir_size(&d) == 0 && dir_encode(&d, buf, sizeof buf) == 0);
	d.uid = d.gid = "";
	name[65535 - STATFIXLEN] = '\0';
	check(dir_encode(&d, buf, sizeof buf) == 65535 && dir_check(buf, sizeof buf) == 65535);
	name[65535 - STATFIXLEN] = 'x';
	name[65535 - STATFIXLEN + 1] = '\0';
	check(dir_encode(&d, buf, sizeof buf) == 0);
}

/* Whatever passes the check can be decoded without leaving the entry. */
static void test_noise(void)
{
	u32 good = 0;
	for (u32 round = 0; round < 50000; round++) {
		u8 buf[200];
		char strs[200];
		Dir d;
		usize n = dir_encode(&sample, buf, sizeof buf);
		for (u32 k = 1 + unit_random(3); k > 0; k--)
			buf[unit_random(2) ? unit_random(2) : 41 + unit_random((u32)n - 41)] =
				(u8)unit_random(unit_random(2) ? 8 : 256);
		usize size = dir_check(buf, n);
		if (size == 0)
			continue;
		good++;
		check(dir_decode(buf, size, &d, strs) == nil);
		usize texts = strlen(d.name) + strlen(d.uid) + strlen(d.gid) + strlen(d.muid);
		check(texts + STATFIXLEN == size);
	}
	check(good > 100);
}

void dir_test(void)
{
	test_round_trip();
	test_null();
	test_rename();
	test_limits();
	test_noise();
}
