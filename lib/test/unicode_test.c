/*
 * Unicode's algorithms: canonical forms (annex 15) and the breaks between
 * graphemes and words (annex 29). The forms of every character are checked
 * against sums that another implementation, Python's, gives:
 *
 *	for each c: for base in "", "a": normalize(form, base + c + U+0327 + U+0301)
 *
 * by 64-bit FNV-1a over the code points.
 */
#include <u.h>
#include <libc.h>
#include "check.h"

#define FNV	0xcbf29ce484222325ULL

static uvlong
fnv(uvlong h, Rune *r)
{
	for(; *r != 0; r++)
		h = (h ^ *r) * 0x100000001b3ULL;
	return h;
}

static void
every(void)
{
	Rune s[5], d[32], c[32], e[32];
	uvlong hd = FNV, hc = FNV;
	int i, n, bad = 0;
	Rune r;

	for(r = 1; r <= Runemax; r++){
		if(r >= 0xd800 && r < 0xe000)
			continue;
		for(i = 0; i < 2; i++){
			n = 0;
			if(i == 1)
				s[n++] = 'a';
			s[n++] = r;
			s[n++] = 0x327;
			s[n++] = 0x301;
			s[n] = 0;
			bad += runedecomp(d, s, nelem(d)) != runestrlen(d) + 1;
			bad += runecomp(c, s, nelem(c)) != runestrlen(c) + 1;
			runecomp(e, d, nelem(e));		/* each from the other */
			bad += runestrcmp(e, c) != 0;
			runedecomp(e, c, nelem(e));
			bad += runestrcmp(e, d) != 0;
			hd = fnv(hd, d);
			hc = fnv(hc, c);
		}
	}
	CHECK(bad == 0);
	CHECK(hd == 0xad327c3e32ceea58ULL);
	CHECK(hc == 0x2d45ee9949bf29e9ULL);
}

/* Text, its NFC and its NFD. */
static void
forms(void)
{
	static char *t[][3] = {
		{ "", "", "" }, { "plain", "plain", "plain" },
		{ "é", "é", "e\xcc\x81" }, { "e\xcc\x81", "é", "e\xcc\x81" },
		{ "\xe2\x84\xab", "Å", "A\xcc\x8a" },		/* the unit */
		{ "\xe1\xb8\x8b\xcc\xa3", "\xe1\xb8\x8d\xcc\x87", "d\xcc\xa3\xcc\x87" },
		{ "q\xcc\x87\xcc\xa3", "q\xcc\xa3\xcc\x87", "q\xcc\xa3\xcc\x87" },
		{ "\xea\xb0\x81", "\xea\xb0\x81", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8" },
		{ "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", "\xea\xb0\x81",
			"\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8" },
		{ "\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc", "\xe0\xa4\x95\xe0\xa4\xbc" },
		{ "\xcc\x81" "a", "\xcc\x81" "a", "\xcc\x81" "a" },
		{ "\xef\xac\x81", "\xef\xac\x81", "\xef\xac\x81" },	/* fi: only compatible */
		{ "a\xff" "b", "a\xef\xbf\xbd" "b", "a\xef\xbf\xbd" "b" },
	};
	char buf[64];
	int i;

	for(i = 0; i < (int)nelem(t); i++){
		CHECK(utfcomp(buf, t[i][0], sizeof buf) == strlen(t[i][1]) + 1);
		SAME(buf, t[i][1]);
		CHECK(utfdecomp(buf, t[i][0], sizeof buf) == strlen(t[i][2]) + 1);
		SAME(buf, t[i][2]);
	}
	/* too little room: what fits, ended, and the count that it would take */
	CHECK(utfdecomp(buf, "éx", 3) == 5);
	SAME(buf, "e");
	CHECK(utfdecomp(buf, "éx", 4) == 5);
	SAME(buf, "e\xcc\x81");
	CHECK(utfcomp(buf, "é", 1) == 3 && buf[0] == 0);
	CHECK(utfcomp(nil, "é", 0) == 3);
}

/* More marks on one character than fit the stack, in an order that makes sorting slow. */
static void
marks(void)
{
	enum { N = 200000 };
	Rune *s = malloc((N + 2) * sizeof *s), *d = malloc((N + 2) * sizeof *d);
	int i;

	s[0] = 'a';
	for(i = 1; i <= N; i++)
		s[i] = i <= N/2 ? 0x301 : 0x327;
	s[N+1] = 0;
	CHECK(runedecomp(d, s, N + 2) == N + 2);
	for(i = 1; i <= N && d[i] == (i <= N/2 ? 0x327 : 0x301); i++)
		;
	CHECK(d[0] == 'a' && i == N + 1);
	CHECK(runecomp(d, s, N + 2) == N + 1 && d[0] == 0xe1 && d[1] == 0x327 && d[N-1] == 0x301);
	free(s);
	free(d);
}

/* The parts of s, in which | marks breaks, as the function finds them. */
static char*
parts(char *s, int words)
{
	static char buf[256];
	char text[128], *p = buf, *e = buf + sizeof buf, *q, *next, *t = text;
	Rune rs[128], *r, *rnext;

	for(; *s != 0; s++)
		if(*s != '|')
			*t++ = *s;
	*t = 0;
	buf[0] = 0;
	runesnprint(rs, nelem(rs), "%s", text);
	for(q = text, r = rs; *q != 0; q = next, r = rnext){
		next = words ? utfwbreak(q) : utfgbreak(q);
		rnext = words ? runewbreak(r) : runegbreak(r);
		if(next <= q || utfnlen(q, next - q) != rnext - r)
			return "the forms differ";
		p = seprint(p, e, "%s%.*s", q == text ? "" : "|", (int)(rnext - r), q);
	}
	return buf;
}

static void
graphemes(void)
{
	static char *t[] = {
		"a|b", "\r\n|a", "\r|\r", "a|\n|b", "\n|\xcc\x88", "a\xcc\x88|b",
		"a\xcc\x88\xe2\x80\x8d|b",
		"\xe1\x84\x80\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8|\xe1\x84\x80",	/* jamo */
		"\xea\xb0\x80\xe1\x86\xa8|\xe1\x84\x80", "\xea\xb0\x81\xe1\x86\xa8|\xe1\x85\xa1",
		"\xf0\x9f\x87\xa6\xf0\x9f\x87\xa7|\xf0\x9f\x87\xa8",		/* flags in pairs */
		"a|\xf0\x9f\x87\xa6\xf0\x9f\x87\xa7|\xf0\x9f\x87\xa8|b",
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7|x",
		"\xf0\x9f\x91\xb6\xf0\x9f\x8f\xbf|\xf0\x9f\x91\xb6",
		"a\xe2\x80\x8d|\xf0\x9f\x9b\x91",
		"\xf0\x9f\x9b\x91\xe2\x80\x8d\xf0\x9f\x9b\x91",
		"\xd8\x80q", "a\xe0\xa4\x83|b",		/* prepended; spacing mark */
	};
	int i;

	for(i = 0; i < (int)nelem(t); i++)
		SAME(parts(t[i], 0), t[i]);
	CHECK(*utfgbreak("") == 0 && *utfwbreak("") == 0);
}

static void
words(void)
{
	static char *t[] = {
		"The| |quick| |(|\"|brown|\"|)| |fox| |can't| |jump| |32.3| |feet|,| |right|?",
		"\r\n|a|\n|\n|b", "a|  |b", "a\xcc\x88" "b|.", "a|:|:|b", "a:b", "a.b|.",
		"a|,|b", "1,5|,|b", "3a|.|5", "a|.|5", "_a_1_|-|b",
		"\xe3\x82\xab\xe3\x83\x8a|\xe4\xb8\x96|\xe7\x95\x8c",
		"\xd7\x90'x", "\xd7\x90'|1", "\xd7\x90\"\xd7\x90|\"|a", "\xd7\x90'\xd7\x90",
		"\xf0\x9f\x87\xa6\xf0\x9f\x87\xa7|\xf0\x9f\x87\xa8",
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9|x", "a\xc2\xad" "b| |c",
		"a:\xe2\x80\x8d" "b", "\n|\xcc\x88|a",
	};
	int i;

	for(i = 0; i < (int)nelem(t); i++)
		SAME(parts(t[i], 1), t[i]);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	every();
	forms();
	marks();
	graphemes();
	words();
	finish();
}
