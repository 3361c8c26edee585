/*
 * Strings of bytes and of Runes, classes of characters, encodings with other
 * alphabets, numbers read from text, chance, memory's tags, and the parts of
 * the floating-point unit that programs may set.
 */
#include <u.h>
#include <libc.h>
#include <ctype.h>
#include "check.h"

static void
bytes(void)
{
	char buf[32];
	uchar mem[8];
	int i;

	CHECK(memccpy(buf, "abcdef", 'c', 6) == buf + 3 && memcmp(buf, "abc", 3) == 0);
	CHECK(memccpy(buf, "abcdef", 'x', 4) == nil && memcmp(buf, "abcd", 4) == 0);
	CHECK(memchr("a\0b", 'b', 3) != nil && memchr("abc", 'c', 2) == nil);
	CHECK(memchr("a\xff", 0xff, 2) != nil && memchr("", 0, 0) == nil);
	CHECK(memcpy(buf, "xyz", 4) == buf && memcmp("\x7f", "\x80", 1) < 0);
	CHECK(memset(mem, 0x1ab, 8) == mem);
	for(i = 0; i < 8 && mem[i] == 0xab; i++)
		;
	CHECK(i == 8);
	memset(buf, '#', sizeof buf);
	CHECK(strncpy(buf, "ab", 5) == buf && memcmp(buf, "ab\0\0\0#", 6) == 0);
	CHECK(strncpy(buf, "abcdef", 3) == buf && memcmp(buf, "abc\0\0#", 6) == 0);
	strcpy(buf, "ab");
	SAME(strncat(buf, "cdef", 2), "abcd");
	SAME(strncat(buf, "e", 10), "abcde");
	char *d = strdup(buf);
	SAME(d, "abcde");
	free(d);
	CHECK(strecpy(buf, buf, "x") == buf && buf[0] == 'a');
	CHECK(strecpy(buf, buf + 1, "x") == buf && buf[0] == 0);
	CHECK(strecpy(buf, buf + 10, "ab") == buf + 2 && strrchr("abc", 0) != nil);
	CHECK(strrchr("", 'a') == nil && strpbrk("abc", "xyz") == nil && strspn("", "a") == 0);
	CHECK(cistrcmp("abc", "ABD") < 0 && cistrcmp("É", "é") != 0 && cistrncmp("a", "b", 0) == 0);
	CHECK(cistrstr("", "") != nil && cistrstr("abc", "x") == nil);
	SAME(cistrstr("xaAb", "AB"), "Ab");
}

static void
runestrings(void)
{
	Rune a[32], b[] = { 'b', 0xe9, 'a', 0xe9, 0x4e16, 0 }, e[] = { 0 }, *p;

	CHECK(runestrlen(b) == 5 && runestrlen(e) == 0);
	CHECK(runestrcpy(a, b) == a && runestrcmp(a, b) == 0 && runestrcmp(e, b) < 0
		&& runestrcmp(b, e) > 0);
	CHECK(runestrchr(a, 0xe9) == a+1 && runestrrchr(a, 0xe9) == a+3
		&& runestrchr(a, 0) == a+5 && runestrchr(a, 'x') == nil);
	CHECK(runestrstr(a, b+3) == a+3 && runestrstr(a, e) == a && runestrstr(b+3, a) == nil);
	a[1] = 0;
	CHECK(runestrcat(a, b) == a && runestrlen(a) == 6 && a[2] == 0xe9);
	CHECK(runestrncat(a, b, 2) == a && runestrlen(a) == 8 && a[7] == 0xe9);
	CHECK(runestrncmp(a, b, 1) == 0 && runestrncmp(a, b, 2) < 0 && runestrncmp(b, a, 2) > 0);
	a[4] = 'Z';
	CHECK(runestrncpy(a, b+3, 4) == a && a[0] == 0xe9 && a[2] == 0 && a[3] == 0 && a[4] == 'Z');
	CHECK(runestrncpy(a, b, 2) == a && a[1] == 0xe9 && a[2] == 0);
	CHECK(runestrecpy(a, a+3, b) == a+2 && a[2] == 0 && runestrecpy(a, a, b) == a);
	p = runestrdup(b);
	CHECK(p != nil && runestrcmp(p, b) == 0);
	free(p);
	CHECK(runenlen(b, 5) == 1 + 2 + 1 + 2 + 3 && runelen(0x10ffff) == 4);
}

static void
utf(void)
{
	char *s = "aéb世é", buf[8];
	Rune r;

	CHECK(utfutf(s, "世") == s + 4 && utfutf(s, "x") == nil && utfutf(s, "") == s);
	CHECK(utfrune(s, 0) == s + 9 && utfrune(s, 'x') == nil);
	CHECK(utfrrune(s, 0xe9) == s + 7 && utfrrune(s, 'x') == nil);
	CHECK(utflen("") == 0 && utfnlen(s, 9) == 5 && utfnlen(s, 2) == 1 && utfnlen(s, 100) == 5);
	CHECK(utfecpy(buf, buf + 4, "éé") == buf + 2 && utfecpy(buf, buf, "x") == buf);
	SAME(buf, "é");
	CHECK(fullrune("\xe4\xb8", 2) == 0 && fullrune("\xe4\xb8\x96", 3) && fullrune("a", 1)
		&& fullrune("\xff", 1) && fullrune("\xe4z", 2) && !fullrune("a", 0));
	r = 0xd800;				/* what is no character is stored as the error */
	CHECK(runetochar(buf, &r) == 3 && memcmp(buf, "\xef\xbf\xbd", 3) == 0);
	CHECK(Runeerror == 0xfffd && Runemax == 0x10ffff && UTFmax == 4 && Runeself == 0x80
		&& Runesync == 0x80);
	CHECK(istitlerune(0x1c5) && !istitlerune('A') && totitlerune(0x1c6) == 0x1c5
		&& totitlerune('a') == 'A' && toupperrune(0x1c6) == 0x1c4);
	CHECK(islowerrune('a') && islowerrune(0xe9) && !islowerrune('A') && !isupperrune('1'));
	CHECK(isspacerune(' ') && isspacerune(0x2028) && !isspacerune('_') && !isdigitrune('a'));
}

/* By the classes of C, over all of ASCII and what is beyond it. */
static void
classes(void)
{
	char *digit = "0123456789", *upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		*lower = "abcdefghijklmnopqrstuvwxyz", *hex = "0123456789abcdefABCDEF",
		*punct = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
	int c, in, bad = 0;

#define IN(s)	(in && strchr(s, c) != nil)
	for(c = -300; c < 600; c++){
		in = c > 0 && c < 0x80;
		bad += !isascii(c) != !(in || c == 0) || !isdigit(c) != !IN(digit)
			|| !isupper(c) != !IN(upper) || !islower(c) != !IN(lower)
			|| !isalpha(c) != !(IN(upper) || IN(lower))
			|| !isalnum(c) != !(IN(upper) || IN(lower) || IN(digit))
			|| !isxdigit(c) != !IN(hex) || !isspace(c) != !IN(" \t\n\v\f\r")
			|| !ispunct(c) != !IN(punct) || !iscntrl(c) != !(c == 0 || c == 127
				|| (in && c < 32))
			|| !isprint(c) != !(in && c >= 32 && c < 127)
			|| !isgraph(c) != !(in && c > 32 && c < 127)
			|| toupper(c) != (IN(lower) ? c - 32 : c)
			|| tolower(c) != (IN(upper) ? c + 32 : c) || toascii(c) != (c & 127);
	}
	CHECK(bad == 0);
}

static void
splitting(void)
{
	char buf[64], *f[4];

	strcpy(buf, " a\tb\r\nc  d ");
	CHECK(tokenize(buf, f, 4) == 4);
	SAME(f[3], "d");
	strcpy(buf, "a 'b c");			/* a quote that is never closed */
	CHECK(tokenize(buf, f, 4) == 2);
	SAME(f[1], "b c");
	strcpy(buf, "a b c d e");
	CHECK(tokenize(buf, f, 2) == 2);
	SAME(f[1], "b");
	strcpy(buf, "");
	CHECK(tokenize(buf, f, 4) == 0 && gettokens(buf, f, 4, ",") == 0);
	CHECK(getfields(buf, f, 4, 1, ",") == 0 && getfields(buf, f, 4, 0, ",") == 1);
	strcpy(buf, ",a,'b,c'");
	CHECK(getfields(buf, f, 4, 0, ",") == 4);	/* quotes are nothing to it */
	SAME(f[0], "");
	SAME(f[2], "'b");
	strcpy(buf, "a,b,c");
	CHECK(getfields(buf, f, 2, 0, ",") == 2);
	SAME(f[1], "b,c");
	strcpy(buf, "aéb世c");
	CHECK(getfields(buf, f, 4, 0, "世é") == 3);
	SAME(f[1], "b");
	strcpy(buf, "a,,b;'c,d'");
	CHECK(gettokens(buf, f, 4, ",;") == 3);
	SAME(f[2], "'c,d'");
}

static int
up(int v)
{
	return "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[v];
}

static int
down(int c)
{
	int i;

	for(i = 0; i < 64; i++)
		if(up(i) == c)
			return i;
	return -1;
}

static void
alphabets(void)
{
	uchar in[] = { 0xff, 0xfe, 0x00, 0x10, 0x83 }, out[8];
	char buf[16];

	CHECK(enc64x(buf, sizeof buf, in, 5, up) == 8 && dec64x(out, 8, buf, 8, down) == 5
		&& memcmp(in, out, 5) == 0);
	SAME(buf, "__U048c=");
	CHECK(enc32x(buf, sizeof buf, in, 5, up) == 8 && dec32x(out, 8, buf, 8, down) == 5
		&& memcmp(in, out, 5) == 0);
	SAME(buf, "vvv00443");
	CHECK(enc64chr(0) == 'A' && enc64chr(63) == '/' && dec64chr('/') == 63);
	CHECK(dec64chr('=') == -1 && dec64chr('A') == 0);
	CHECK(enc32chr(31) == '7' && dec32chr('7') == 31 && dec32chr('1') == -1);
	CHECK(enc16chr(15) == 'F' && dec16chr('f') == 15 && dec16chr('g') == -1);
	CHECK(dec64(out, 4, "AA AA\nAA==", 10) == 4 && out[3] == 0);
	CHECK(enc16(buf, 3, in, 1) == 2 && enc16(buf, 2, in, 1) == -1);
	CHECK(dec64(out, 2, "AAAA", 4) == -1);
}

static char *source;

static int
getsource(void *v)
{
	USED(v);
	return *source != 0 ? *source++ : -1;
}

static void
numbers(void)
{
	char *end;

	CHECK(atof("2.5x") == 2.5 && atol("-12") == -12 && atoll("0x10") == 16 && atoi("x") == 0);
	CHECK(strtoul("4294967296", &end, 10) == 4294967296UL && *end == 0);
	CHECK(strtoul("-1", nil, 10) == ~0UL && strtoul("0777", nil, 0) == 511);
	CHECK(strtol("zZ", &end, 36) == 35*36+35 && strtol("12", &end, 2) == 1 && *end == '2');
	CHECK(strtol("  \t-0x1g", &end, 16) == -1 && *end == 'g');
	source = " -1.25e2,";
	CHECK(charstod(getsource, nil) == -125 && *source == 0);
	CHECK(abs(-5) == 5 && abs(5) == 5 && labs(-5000000000L) == 5000000000L);
}

static void
chance(void)
{
	int i, bad = 0, seen = 0;
	long l[4];
	double d;

	for(i = 0; i < 20000; i++){
		bad += rand() < 0 || rand() >= 1<<15;
		bad += lrand() < 0 || lrand() > 0x7fffffff;
		bad += nrand(10) < 0 || nrand(10) >= 10 || lnrand(1000000) >= 1000000;
		d = frand();
		bad += d < 0 || d >= 1;
		seen |= 1 << nrand(16);
		bad += i < 100 && ntruerand(7) >= 7;
	}
	CHECK(bad == 0 && seen == 0xffff && nrand(1) == 0);
	srand(5);
	for(i = 0; i < 4; i++)
		l[i] = lrand();
	srand(5);
	for(i = 0; i < 4; i++)
		CHECK(lrand() == l[i]);
	CHECK(truerand() != truerand() || truerand() != truerand());
}

static void
memory(void)
{
	uchar *p;
	int i;

	p = mallocz(1000, 1);
	for(i = 0; i < 1000 && p[i] == 0; i++)
		;
	CHECK(i == 1000 && msize(p) >= 1000);
	setmalloctag(p, 0x1234);
	setrealloctag(p, 0x5678);
	CHECK(getmalloctag(p) == 0x1234 && getrealloctag(p) == 0x5678);
	memset(p, 7, msize(p));			/* all that msize says may be used */
	p = realloc(p, 5000);
	CHECK(p != nil && p[0] == 7 && p[999] == 7);
	free(p);
	free(nil);
	p = realloc(nil, 10);
	CHECK(p != nil && msize(p) >= 10);
	free(p);
	p = malloc(0);
	free(p);
}

static void
damaged(void)
{
	uchar *p = malloc(100), *q = malloc(100);

	memset(p, 0xff, msize(p) + 64);
	free(q);
	free(p);
	exits("unnoticed");
}

static void
damage(void)
{
	Waitmsg *w;

	if(fork() == 0){
		close(2);
		damaged();
	}
	w = wait();
	CHECK(w != nil && w->msg[0] != 0 && strstr(w->msg, "unnoticed") == nil);
	free(w);
}

static int
close1(double a, double b)
{
	return fabs(a - b) <= 1e-15 * fabs(b);
}

static void
mathematics(void)
{
	volatile double zero = 0, one = 1;
	double i;
	uint old = getfcr();

	CHECK(close1(sinh(1), 1.1752011936438014) && close1(cosh(1), 1.5430806348152437));
	CHECK(close1(asin(0.5), 0.5235987755982989) && close1(acos(0.5), 1.0471975511965979));
	CHECK(close1(atan(1), PI/4) && atan2(-1, -1) < -2.35);
	CHECK(modf(-2.75, &i) == -0.75 && i == -2);
	CHECK(sqrt(2)*sqrt(2) - 2 < 1e-15 && fabs(-1) == 1);
	CHECK(isNaN(NaN()) && isInf(Inf(1), 1) && isInf(Inf(-1), -1) && !isInf(Inf(1), -1)
		&& isInf(Inf(-1), 0) && !isNaN(1) && !isInf(1, 0));
	setfcr(0);				/* nothing traps */
	setfsr(0);
	CHECK(getfcr() == 0 && getfsr() == 0);
	CHECK(isInf(one/zero, 1) && (getfsr() & FPZDIV) && !(getfsr() & FPINVAL));
	CHECK(isNaN(zero/zero) && (getfsr() & FPINVAL));
	setfcr(FPRZ);
	CHECK(one/3 < 0.33333333333333337 && getfcr() == FPRZ);
	setfcr(FPRPINF);
	CHECK(one/3*3 > 1);
	setfcr(FPINVAL|FPOVFL|FPZDIV);
	CHECK(getfcr() == (FPINVAL|FPOVFL|FPZDIV));
	setfsr(0);
	setfcr(old);
	if(access("/dev/drivers", AEXIST) == 0)		/* lux9 and not Linux */
		CHECK(old == (FPINVAL|FPOVFL|FPZDIV));
}

static int
byname(void *a, void *b)
{
	return strcmp(*(char**)a, *(char**)b);
}

static void
sorting(void)
{
	char *s[] = { "pear", "apple", "fig" };

	qsort(s, nelem(s), sizeof s[0], byname);
	SAME(s[0], "apple");
	SAME(s[2], "pear");
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	bytes();
	runestrings();
	utf();
	classes();
	splitting();
	alphabets();
	numbers();
	chance();
	memory();
	damage();
	mathematics();
	sorting();
	finish();
}
