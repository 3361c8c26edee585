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

/* A verb that shows what it was given. */
static int
show(Fmt *f)
{
	int v = va_arg(f->args, int);

	if(v < 0)
		return -1;
	return fmtprint(f, "[%lux %d %d %C %d]", f->flags, f->flags & FmtWidth ? f->width : 0,
		f->flags & FmtPrec ? f->prec : 0, f->r, v);
}

/* The ways in which an installed verb can emit. */
static int
emits(Fmt *f)
{
	Rune r[] = { 'r', 0xe9, 0 };

	if(fmtstrcpy(f, va_arg(f->args, char*)) < 0)
		return -1;
	f->flags = 0;
	return fmtrune(f, 0x4e16) < 0 ? -1 : fmtrunestrcpy(f, r);
}

static void
verbs(void)
{
	char *none = nil;
	Rune *norunes = nil;

	CHECK(FmtWidth == 1 && FmtLeft == 2 && FmtPrec == 4 && FmtSharp == 8 && FmtSpace == 16
		&& FmtSign == 32 && FmtZero == 64 && FmtUnsigned == 128 && FmtShort == 256
		&& FmtLong == 512 && FmtVLong == 1024 && FmtComma == 2048 && FmtByte == 4096);
	CHECK(fmtinstall('W', show) == 0 && fmtinstall(0x4e16, emits) == 0);
	P("[0 0 0 W 5]", "%W", 5);
	P("[1 7 0 W 5]", "%7W", 5);
	P("[7 7 3 W 5]", "%-7.3W", 5);
	P("[7 8 9 W 5]", "%*.*W", -8, 9, 5);
	P("[38 0 0 W 5]", "%#+ W", 5);
	P("[8c0 0 0 W 5]", "%0,uW", 5);
	P("[100 0 0 W 5][1100 0 0 W 5]", "%hW%hhW", 5, 5);
	P("[200 0 0 W 5][600 0 0 W 5]", "%lW%llW", 5, 5);
	P("   ab世ré", "%5世", "ab");
	P("ab 世ré", "%-3.2世", "abc");
	P("x", "x%W", -1);			/* a verb that fails ends it all */
	P("%y% %?%", "%y %?");
	P("<nil> <nil>", "%s %S", none, norunes);
}

static void
called(char *want, char *fmt, ...)
{
	char s[128], *m;
	va_list a;

	va_start(a, fmt);
	CHECK(vsnprint(s, sizeof s, fmt, a) == strlen(want));
	va_end(a);
	SAME(s, want);
	va_start(a, fmt);
	CHECK(vseprint(s, s + sizeof s, fmt, a) == s + strlen(want));
	va_end(a);
	SAME(s, want);
	va_start(a, fmt);
	m = vsmprint(fmt, a);
	va_end(a);
	SAME(m, want);
	free(m);
}

static void
runescalled(char *want, char *fmt, ...)
{
	Rune r[64], *m;
	va_list a;

	va_start(a, fmt);
	CHECK(runevsnprint(r, nelem(r), fmt, a) == utflen(want));
	va_end(a);
	P(want, "%S", r);
	va_start(a, fmt);
	CHECK(runevseprint(r, r + 3, fmt, a) == r + 2 && r[2] == 0);
	va_end(a);
	va_start(a, fmt);
	m = runevsmprint(fmt, a);
	va_end(a);
	P(want, "%S", m);
	free(m);
}

static void
family(void)
{
	Rune r[32], *m;
	char b[8];

	called("12-é", "%d-%s", 12, "é");
	runescalled("12-é世", "%d-%s", 12, "é世");
	CHECK(sprint(buf, "%s", "abc") == 3 && runesprint(r, "é%d", 4) == 2 && r[0] == 0xe9);
	CHECK(runeseprint(r, r + 4, "%s", "abcdef") == r + 3 && r[3] == 0);
	m = runesmprint("%d", 77);
	CHECK(runestrlen(m) == 2 && m[1] == '7');
	free(m);
	memset(b, '#', sizeof b);
	CHECK(snprint(b, 1, "abc") == 0 && b[0] == 0 && b[1] == '#');
	CHECK(seprint(b, b, "abc") == b && b[0] == 0 && seprint(b + 3, b + 2, "x") == b + 3);
}

/* What goes to a descriptor: in one write, or pieces of at most 256 bytes. */
static void
descriptors(void)
{
	char in[600], piece[40];
	int fd[2], got;
	long n;
	Fmt f;

	CHECK(pipe(fd) == 0);
	CHECK(fprint(fd[0], "%d and %s", 1, "two") == 9 && read(fd[1], in, sizeof in) == 9
		&& memcmp(in, "1 and two", 9) == 0);
	CHECK(fprint(fd[0], "%0300d", 7) == 300);
	for(got = 0; got < 300; got += (int)n){
		n = read(fd[1], in, sizeof in);
		if(n <= 0)
			break;
		if(access("/dev/drivers", AEXIST) == 0)	/* Linux joins what is written */
			CHECK(n == (got == 0 ? 256 : 44));
	}
	CHECK(got == 300);
	CHECK(fmtfdinit(&f, fd[0], piece, sizeof piece) == 0);
	CHECK(fmtprint(&f, "%s", "part ") == 0 && fmtprint(&f, "%d", 2) == 0);
	CHECK(fmtrune(&f, 0xe9) == 0 && fmtfdflush(&f) == 7);
	CHECK(read(fd[1], in, sizeof in) == 8 && memcmp(in, "part 2é", 8) == 0);
	close(fd[0]);
	close(fd[1]);
	CHECK(fprint(fd[0], "x") == -1 && fprint(-1, "%s", "") == 0);
}

/* As a program's own function that prints: over vfprint, and over fmtvprint in a verb. */
static int
tofd(int fd, char *fmt, ...)
{
	va_list a;
	int n;

	va_start(a, fmt);
	n = vfprint(fd, fmt, a);
	va_end(a);
	return n;
}

static int
nested(Fmt *f, char *fmt, ...)
{
	va_list a;
	int n;

	va_start(a, fmt);
	n = fmtvprint(f, fmt, a);
	va_end(a);
	return n;
}

static int
twice(Fmt *f)
{
	int v = va_arg(f->args, int);

	return nested(f, "%d %x", v, v) < 0 || f->r != 'T' ? -1 : 0;
}

static void
overva(void)
{
	char in[32];
	int fd[2];

	CHECK(pipe(fd) == 0 && tofd(fd[0], "%s-%d", "a", 5) == 3);
	CHECK(read(fd[1], in, sizeof in) == 3 && memcmp(in, "a-5", 3) == 0);
	close(fd[0]);
	close(fd[1]);
	CHECK(fmtinstall('T', twice) == 0);
	P("<10 a> 3", "<%T> %d", 10, 3);
}

static int
format(Fmt *f, char *fmt, ...)
{
	int n;

	va_start(f->args, fmt);
	n = dofmt(f, fmt);
	va_end(f->args);
	return n;
}

static void
streams(void)
{
	Rune *r;
	char *s;
	Fmt f;
	int i;

	CHECK(fmtstrinit(&f) == 0);
	for(i = 0; i < 100; i++)
		CHECK(format(&f, "%d,%s;", i % 10, "é") == 4);
	s = fmtstrflush(&f);
	CHECK(utflen(s) == 400 && strcmp(s + 495, "9,é;") == 0);
	free(s);
	CHECK(runefmtstrinit(&f) == 0 && fmtprint(&f, "%s", "aé") == 0);
	r = runefmtstrflush(&f);
	CHECK(r[0] == 'a' && r[1] == 0xe9 && r[2] == 0);
	free(r);
}

static int
quotex(int c)
{
	return c == 'x';
}

static void
quoting(void)
{
	static char *need = "`^#*[]=|\\?${}()'<>&;";
	char one[2] = "", *s, *none = nil;
	Rune r[] = { 'a', ' ', 0xe9, 0 }, *m;
	int c;

	for(c = 1; c < 127; c++){
		one[0] = (char)c;
		CHECK(!needsrcquote(c) == !(c <= ' ' || strchr(need, c) != nil));
		snprint(buf, sizeof buf, "%q", one);
		CHECK(strlen(buf) == (needsrcquote(c) ? c == '\'' ? 4 : 3 : 1));
	}
	CHECK(!needsrcquote(0x4e16));
	P("'a é' 'plain'", "%Q %#q", r, "plain");
	P("'a b'|  ''''|<nil>", "%.3q|%6q|%q", "a b c", "'", none);
	m = quoterunestrdup(r);
	CHECK(runestrlen(m) == 5 && m[0] == '\'' && m[4] == '\'');
	free(m);
	doquote = quotex;
	P("'ax' b", "%q %q", "ax", "b");
	doquote = nil;
	s = unquotestrdup("a'b ''c'd");
	SAME(s, "ab 'cd");
	free(s);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	integers();
	strings();
	floats();
	installed();
	verbs();
	family();
	descriptors();
	overva();
	streams();
	quoting();
	finish();
}
