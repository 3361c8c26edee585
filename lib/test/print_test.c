/*
 * The print family: every verb and flag, cut-off buffers, installed verbs.
 */
#include <u.h>
#include <libc.h>
#include "check.h"

static char buf[1024];

#define P(want, ...)	do{ snprint(buf, sizeof buf, __VA_ARGS__); SAME(buf, want); }while(0)

static void
integers(void)
{
	P("42 -42 +42  42", "%d %d %+d % d", 42, -42, 42, 42);
	P("   42|42   |00042|-0042", "%5d|%-5d|%05d|%05d", 42, 42, 42, -42);
	P("00042|  00042|", "%.5d|%7.5d|%.0d", 42, 42, 0);
	P("4294967295 18446744073709551615", "%ud %llud", 0xffffffffu, ~(uvlong)0);
	P("-9223372036854775808", "%lld", (vlong)((uvlong)1 << 63));
	P("ff FF 0xff 0XFF -1", "%x %X %#x %#X %x", 255, 255, 255, 255, -1);
	P("777 0777 0 101", "%o %#o %#o %b", 0777, 0777, 0, 5);
	P("-128 200 -1 65535", "%hhd %uhhd %hd %uhd", 128, 200, 0xffff, 0xffff);
	P("1,234,567 123 -1,000", "%,d %,d %,d", 1234567, 123, -1000);
	P("  7|7  |7", "%*d|%*d|%-*d", 3, 7, -3, 7, 1, 7);
	P("123456789012345 -5", "%ld %zd", 123456789012345L, (intptr)-5);
	P("0xabc abc 0x00ab", "%#p %p %#.4ux", (void*)0xabc, (void*)0xabc, 0xab);
	P("0", "%#x", 0);
}

static void
strings(void)
{
	char *none = nil;
	int n = -1;
	Rune r[] = { 'h', 0xe9, 0x4e16, 0 };

	P("hello|   hi|hi   |he", "%s|%5s|%-5s|%.2s", "hello", "hi", "hi", "hello");
	P("<nil>", "%s", none);
	P("hé世|  hé|hé世", "%S|%4.2S|%s", r, r, "hé世");
	P("x é 世", "%c %C %C", 'x', 0xe9, 0x4e16);
	P("  x|x  |", "%3c|%-3c|", 'x', 'x');
	P("100%|%y%", "100%%|%y");
	P("abc", "abc%n", &n);
	CHECK(n == 3);
	CHECK(snprint(buf, 4, "hello") == 3);
	SAME(buf, "hel");
	CHECK(snprint(buf, 4, "aaé") == 2);	/* no half runes */
	SAME(buf, "aa");
	CHECK(snprint(buf, 0, "x") == 0);
	CHECK(seprint(buf, buf + 6, "%s", "abcdefgh") == buf + 5);
	werrstr("what %d", 7);
	P("what 7", "%r");
	werrstr("again: %r");
	P("again: what 7", "%r");
}

static void
floats(void)
{
	P("1.500000 1.5 1.500000e+00", "%f %g %e", 1.5, 1.5, 1.5);
	P("0.1 0.10000000000000001 0.1000000000000000055511", "%g %.17g %.22f", 0.1, 0.1, 0.1);
	P("2|3|0|2|4", "%.0f|%.0f|%.0f|%.0f|%.0f", 1.5, 2.5000001, 0.5, 2.5, 3.5);
	P("1e+100 1e-05 0.0001 100000 1e+06", "%g %g %g %g %g", 1e100, 1e-5, 1e-4, 1e5, 1e6);
	P("4.940656e-324 1.797693e+308", "%e %e", 4.9406564584124654e-324, HUGE);
	P("-0 0 1.|1.00000", "%g %g %#.0f|%#g", -0.0, 0.0, 1.0, 1.0);
	P("   3.14|3.14   |0003.14|+3.14", "%7.2f|%-7.2f|%07.2f|%+.2f", 3.14159, 3.14159, 3.14159,
		3.14159);
	P("NaN +Inf -Inf", "%g %g %g", NaN(), Inf(1), Inf(-1));
	P("9.9|10|1e+01", "%.1f|%.0f|%.0e", 9.94, 9.95, 9.95);
	P("1,234,567.89", "%,.2f", 1234567.89);
	P("123456789", "%.9g", 123456789.0);
	P("1E+10", "%G", 1e10);
}

static int
pair(Fmt *f)
{
	int a = va_arg(f->args, int), b = va_arg(f->args, int);

	return fmtprint(f, "<%d,%d>", a, b);
}

static void
installed(void)
{
	char *s, *t;
	uchar raw[] = { 0xde, 0xad, 0xbe, 0xef };

	quotefmtinstall();
	P("plain 'two words' '' 'it''s' '#x'", "%q %q %q %q %q", "plain", "two words", "", "it's",
		"#x");
	P("'plain'|   'a b'|'a b'   |", "%#q|%8q|%-8q|", "plain", "a b", "a b");
	CHECK(fmtinstall('P', pair) == 0);
	P("<1,2> 3", "%P %d", 1, 2, 3);
	fmtinstall('H', encodefmt);
	fmtinstall('[', encodefmt);
	fmtinstall('<', encodefmt);
	P("DEADBEEF deadbeef 3q2+7w== 32W353Y=", "%.4H %.4lH %.4[ %.4<", raw, raw, raw, raw);
	s = quotestrdup("a'b c");
	SAME(s, "'a''b c'");
	t = unquotestrdup(s);
	SAME(t, "a'b c");
	free(s);
	free(t);
	s = smprint("%1000d", 1);
	CHECK(strlen(s) == 1000 && s[999] == '1');
	free(s);
	Rune r[10];
	CHECK(runesnprint(r, nelem(r), "é%dxxxxxxxxxxxxx", 5) == 9);
	CHECK(r[0] == 0xe9 && r[1] == '5' && r[9] == 0);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	integers();
	strings();
	floats();
	installed();
	finish();
}
