/*
 * Regular expressions: what matches, where, and that time stays linear.
 */
#include <u.h>
#include <libc.h>
#include <regexp.h>
#include "check.h"

static char *complaint;

/* Takes the place of the library's, which would exit. */
void
regerror(char *s)
{
	complaint = s;
}

/* The bounds of all sub-matches as text. */
static char*
bounds(char *re, char *s)
{
	static char buf[256];
	char *p = buf, *e = buf + sizeof buf;
	Reprog *prog = regcomp(re);
	Resub m[5];
	int i, n;

	if(prog == nil)
		return complaint;
	memset(m, 0, sizeof m);
	buf[0] = 0;
	n = regexec(prog, s, m, nelem(m));
	CHECK(regexec(prog, s, nil, 0) == n);
	for(i = 0; n > 0 && i < (int)nelem(m); i++)
		if(m[i].sp != nil)
			p = seprint(p, e, "(%d,%d)", (int)(m[i].sp - s), (int)(m[i].ep - s));
	free(prog);
	return n ? buf : "no";
}

static void
matches(void)
{
	static char *t[][3] = {
		{ "abc", "xabcy", "(1,4)" }, { "x", "abc", "no" }, { "", "abc", "(0,0)" },
		{ "a*", "baaa", "(0,0)" }, { "a+", "baaac", "(1,4)" }, { "a?b", "ab", "(0,2)" },
		{ "foo|foobar", "foobar", "(0,6)" }, { "(a|ab)(c|bcd)", "abcd", "(0,4)(0,1)(1,4)" },
		{ "x*y", "aaxxxy", "(2,6)" }, { "^b", "a\nb", "(2,3)" }, { "a$", "ba\nc", "(1,2)" },
		{ "^$", "a\n\nb", "(2,2)" }, { "a.c", "a\nc", "no" }, { "[^a]", "a\n", "no" },
		{ "[^a-c]+", "abcxyz", "(3,6)" }, { "[a\\]]+", "b]a", "(1,3)" },
		{ "[-a]+", "a-", "(0,2)" },
		{ "[\\^x]", "^", "(0,1)" }, { "é+", "caféé", "(3,7)" },
		{ "[α-ω]+", "aβγ", "(1,5)" },
		{ "\\(x\\)\\*", "a(x)*", "(1,5)" }, { "(a*)*", "b", "(0,0)" },
		{ "((a)|(b))*c", "abac", "(0,4)(2,3)(2,3)(1,2)" },
		{ "(a?)(a?)aaa", "aaa", "(0,3)(0,0)(0,0)" }, { "a**", "aaa", "(0,3)" },
		{ "(|a)b", "ab", "(0,2)(0,1)" },
		{ "a|b|c", "c", "(0,1)" }, { "(ab)+", "ababa", "(0,4)(2,4)" },
		{ "\\.", "a.b", "(1,2)" },
		{ "(", "", "unmatched left paren" }, { ")", "", "unmatched right paren" },
		{ "[a", "", "malformed '[]'" }, { "[]", "", "malformed '[]'" },
		{ "[z-a]", "", "malformed '[]'" },
		{ "*a", "", "missing operand for *, + or ?" },
		{ "a|*", "", "missing operand for *, + or ?" },
	};
	int i;

	for(i = 0; i < (int)nelem(t); i++)
		SAME(bounds(t[i][0], t[i][1]), t[i][2]);
}

static void
interface(void)
{
	char buf[64], *s = "one two three";
	Rune r[] = { 'a', 0x3b1, 0x3b2, 'b', 0 };
	Reprog *p = regcomp("([a-z]+) ([a-z]+)");
	Resub m[10];

	memset(m, 0, sizeof m);
	CHECK(regexec(p, s, m, nelem(m)));
	regsub("<\\2&\\1\\\\\\&>", buf, sizeof buf, m, nelem(m));
	SAME(buf, "<twoone twoone\\&>");
	regsub("&&&&&&&&&&&&&&&&", buf, 10, m, nelem(m));
	SAME(buf, "one twoon");
	memset(m, 0, sizeof m);
	m[0].sp = s + 4;
	m[0].ep = s + 11;
	CHECK(regexec(p, s, m, 1) && m[0].sp == s+4 && m[0].ep == s+11);
	free(p);
	p = regcomplit("a.*(");
	CHECK(regexec(p, "xa.*(y", nil, 0) && !regexec(p, "abc(", nil, 0));
	free(p);
	p = regcompnl("a.b");
	CHECK(regexec(p, "a\nb", nil, 0));
	free(p);
	p = regcomp("[α-ω]+");
	memset(m, 0, sizeof m);
	CHECK(rregexec(p, r, m, 1) && m[0].rsp == r+1 && m[0].rep == r+3);
	free(p);
	CHECK(regcomp("(((") == nil);
	Rune rd[16], rs[] = { '<', '\\', '0', '&', '\\', '9', '>', 0 };
	memset(m, 0, sizeof m);
	m[0].rsp = r+1;
	m[0].rep = r+3;
	rregsub(rs, rd, nelem(rd), m, 1);
	snprint(buf, sizeof buf, "%S", rd);
	SAME(buf, "<αβαβ>");
	rregsub(rs, rd, 4, m, 1);
	CHECK(runestrlen(rd) == 3);
	/* where the search begins, ^ is the beginning only of the text or a line */
	p = regcomp("^b");
	memset(m, 0, sizeof m);
	m[0].sp = (s = "ab\nb") + 1;
	CHECK(regexec(p, s, m, 1) && m[0].sp == s + 3);
	m[0].sp = s + 1;
	m[0].ep = s + 3;
	CHECK(!regexec(p, s, m, 1));
	free(p);
	p = regcomplit("^");
	CHECK(regexec(p, "a^", nil, 0) && !regexec(p, "a", nil, 0));
	free(p);
}

/* Exponential for a matcher that goes back; here a moment. */
static void
linear(void)
{
	char re[400], text[20001], *q = re;
	int i;

	for(i = 0; i < 60; i++)
		q = seprint(q, re + sizeof re, "a?");
	for(i = 0; i < 60; i++)
		q = seprint(q, re + sizeof re, "a");
	memset(text, 'a', sizeof text - 1);
	text[60] = 0;
	SAME(bounds(re, text), "(0,60)");
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = 0;
	SAME(bounds("(x+x+)+y", text), "no");
	SAME(bounds("(a|aa)+$", text), "(0,20000)(19999,20000)");
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	matches();
	interface();
	linear();
	finish();
}
