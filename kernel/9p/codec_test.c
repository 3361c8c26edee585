/* 9P messages: what is encoded decodes to the same; everything else is refused. */
#include "9p/9p.h"
#include "unit.h"

void codec_test(void);

static const u8 tversion[] = { 19, 0, 0, 0, 100, 0xff, 0xff, 0x18, 0x20, 0, 0, 6, 0, '9', 'P', '2',
	'0', '0', '0' };
static const u8 twalk[] = { 23, 0, 0, 0, 110, 5, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 0, 'a', 1, 0,
	'b' };
static const u8 ropen[] = { 24, 0, 0, 0, 113, 7, 0, 0x80, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 4,
	0, 0 };

static void test_known(void)
{
	Fcall f = { .type = Tversion, .tag = NOTAG, .msize = 8216, .version = bytes_of("9P2000") };
	u8 buf[64];
	check(fcall_encode(&f, buf, sizeof buf) == sizeof tversion);
	check(memcmp(buf, tversion, sizeof tversion) == 0);
	f = (Fcall){ .type = Twalk, .tag = 5, .fid = 1, .newfid = 2, .nwname = 2 };
	f.wname[0] = bytes_of("a");
	f.wname[1] = bytes_of("b");
	check(fcall_encode(&f, buf, sizeof buf) == sizeof twalk);
	check(memcmp(buf, twalk, sizeof twalk) == 0);
	f = (Fcall){ .type = Ropen, .tag = 7, .qid = { .type = QTDIR, .vers = 1, .path = 2 },
		.iounit = 0x400 };
	check(fcall_encode(&f, buf, sizeof buf) == sizeof ropen);
	check(memcmp(buf, ropen, sizeof ropen) == 0);
	check(fcall_decode(twalk, sizeof twalk, &f) && f.nwname == 2 && f.wname[1].p[0] == 'b');
	check_text(fcall_name(Twalk), "Twalk");
	check_text(fcall_name(99), "T?");
}

static u8 text[300];

static Bytes some_text(void)
{
	return (Bytes){ text, unit_random(20) };
}

static Qid some_qid(void)
{
	return (Qid){ .type = (u8)unit_random(256), .vers = unit_random(~0u),
		.path = (u64)unit_random(~0u) << 32 | unit_random(~0u) };
}

static Fcall some_message(u8 type)
{
	Fcall f = { .type = type, .tag = (u16)unit_random(65536), .oldtag = (u16)unit_random(65536),
		.mode = (u8)unit_random(256), .msize = unit_random(~0u), .fid = unit_random(~0u),
		.afid = unit_random(~0u), .newfid = unit_random(~0u), .iounit = unit_random(~0u),
		.perm = unit_random(~0u), .count = unit_random(~0u), .offset = unit_random(~0u),
		.qid = some_qid(), .version = some_text(), .ename = some_text(),
		.uname = some_text(), .aname = some_text(), .name = some_text(),
		.data = { text, unit_random(sizeof text) }, .stat = { text, unit_random(100) } };
	f.nwname = (u16)unit_random(MAXWELEM + 1);
	f.nwqid = (u16)unit_random(MAXWELEM + 1);
	for (u32 i = 0; i < MAXWELEM; i++) {
		f.wname[i] = some_text();
		f.wqid[i] = some_qid();
	}
	return f;
}

/* Decoding and encoding again gives the same bytes; any other length is refused. */
static void test_type(u8 type)
{
	static u8 buf[4096], again[4096];
	u32 bad = 0;
	for (u32 round = 0; round < 200; round++) {
		Fcall f = some_message(type), back;
		usize n = fcall_encode(&f, buf, sizeof buf);
		bad += n == 0 || n != fcall_size(&f) || get32le(buf) != n;
		bad += !fcall_decode(buf, n, &back) || back.tag != f.tag;
		bad += fcall_encode(&back, again, sizeof again) != n || memcmp(buf, again, n) != 0;
		bad += fcall_encode(&f, again, n - 1) != 0;
		for (usize cut = 0; cut < n; cut++) {
			put32le(buf, (u32)cut);
			bad += fcall_decode(buf, cut, &back);
		}
		put32le(buf, (u32)n + 1);
		bad += fcall_decode(buf, n + 1, &back);
		bad += fcall_decode(buf, n, &back);
	}
	if (!check(bad == 0))
		print("    in %s\n", fcall_name(type));
}

static void test_refused(void)
{
	static u8 buf[200000], long_text[70000];
	Fcall f = { .type = Tcreate, .name = { long_text, 65536 } }, back;
	check(fcall_encode(&f, buf, sizeof buf) == 0);
	f.name.n = 65535;
	check(fcall_encode(&f, buf, sizeof buf) > 65535);
	f = (Fcall){ .type = Twalk, .nwname = MAXWELEM + 1 };
	check(fcall_encode(&f, buf, sizeof buf) == 0);
	f = (Fcall){ .type = Terror };
	check(fcall_encode(&f, buf, sizeof buf) == 0 && fcall_size(&f) == 0);
	f = (Fcall){ .type = Tmax };
	check(fcall_encode(&f, buf, sizeof buf) == 0);
	f = (Fcall){ .type = Rerror, .ename = { (const u8 *)"a\0b", 3 } };
	usize n = fcall_encode(&f, buf, sizeof buf);
	check(n > 0 && !fcall_decode(buf, n, &back));
	u8 walk[sizeof twalk];
	memmove(walk, twalk, sizeof walk);
	put16le(walk + 15, MAXWELEM + 1);
	check(!fcall_decode(walk, sizeof walk, &back));
}

/* Hostile bytes never lead outside the message. */
static void test_noise(void)
{
	u32 outside = 0;
	for (u32 round = 0; round < 100000; round++) {
		u8 m[80];
		Fcall f;
		usize n = HEADER_SIZE + unit_random(60);
		for (usize i = 0; i < n; i++)
			m[i] = (u8)(unit_random(3) == 0 ? unit_random(256) : unit_random(4));
		put32le(m, (u32)n);
		m[4] = (u8)(Tversion + unit_random(30));
		if (fcall_decode(m, n, &f) && f.data.n > 0)
			outside += f.data.p < m || f.data.p + f.data.n > m + n;
		if (round % 1000 == 0)
			outside += fcall_decode(m, 0, &f);
	}
	check(outside == 0);
}

void codec_test(void)
{
	for (u32 i = 0; i < sizeof text; i++)
		text[i] = (u8)(1 + i % 255);
	test_known();
	for (u8 type = Tversion; type < Tmax; type++)
		if (type != Terror)
			test_type(type);
	test_refused();
	test_noise();
}
