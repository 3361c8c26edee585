/*
 * The deterministic automaton: what matches, where, both syntaxes, and that
 * time stays linear.
 */
#include <u.h>
#include <libc.h>
#include <dfa.h>
#include "check.h"

/* The bounds of the first match as text, `no', or what is wrong with the expression. */
static char*
bounds(char *re, char *s, int flags)
{
	static char buf[256];
	uchar *m[2], *e = (uchar*)s + strlen(s);
	Dfa *d;
	int r;

	d = dfacomp(re, (usize)strlen(re), flags);
	if(d == nil){
		rerrstr(buf, sizeof buf);
		return buf;
	}
	r = dfasearch(d, (uchar*)s, e, 1, m);
	CHECK(dfamatch(d, (uchar*)s, e) == r);
	if(r){
		CHECK(dfalongest(d, m[0], e, m[0] == (uchar*)s) == m[1]);
		snprint(buf, sizeof buf, "(%d,%d)", (int)(m[0] - (uchar*)s),
			(int)(m[1] - (uchar*)s));
	}else
		strcpy(buf, "no");
	dfafree(d);
	return buf;
}

static void
plain(void)
{
	SAME(bounds("b+", "abbbc", 0), "(1,4)");
	SAME(bounds("a|ab|abc", "xabcd", 0), "(1,4)");
	SAME(bounds("^a", "ba", 0), "no");
	SAME(bounds("a$", "aba", 0), "(2,3)");
	SAME(bounds("x*", "aaa", 0), "(0,0)");
	SAME(bounds("$", "aaa", 0), "(3,3)");
	SAME(bounds("^$", "", 0), "(0,0)");
	SAME(bounds("(a|b)*c", "xababc", 0), "(1,6)");
	SAME(bounds(".", "\n", 0), "no");
	SAME(bounds("[^a]", "\n", 0), "no");
	SAME(bounds("a{2}", "a{2}", 0), "(0,4)");
	SAME(bounds("ÉT", "l'été", DFAfold), "(2,5)");
	SAME(bounds("x\ny", "aby", DFAlines), "(2,3)");
	SAME(bounds("(", "", 0), "unmatched left paren");
	SAME(bounds("a)", "", 0), "unmatched right paren");
	SAME(bounds("[a", "", 0), "malformed '[]'");
	SAME(bounds("*", "", 0), "missing operand for *");
}

static void
posix(void)
{
	SAME(bounds(".", "\n", DFAposix), "(0,1)");
	SAME(bounds("[^a]", "a\n", DFAposix), "(1,2)");
	SAME(bounds("[[:digit:]]+", "ab123c", DFAposix), "(2,5)");
	SAME(bounds("[]x]+", "a]x]", DFAposix), "(1,4)");
	SAME(bounds("[[.a.][=b=]]+", "cab", DFAposix), "(1,3)");
	SAME(bounds("a{2}", "aaa", DFAposix), "(0,2)");
	SAME(bounds("a{2,}", "aaaa", DFAposix), "(0,4)");
	SAME(bounds("ba{0,1}c", "bac", DFAposix), "(0,3)");
	SAME(bounds("xy{2}", "xyxyy", DFAposix), "(2,5)");
	SAME(bounds("(ab){1,2}*", "ababab", DFAposix), "(0,6)");
	SAME(bounds("a{x", "a{x", DFAposix), "(0,3)");
	SAME(bounds("\\t\\101", "\tA", DFAposix), "(0,2)");
	SAME(bounds("*a", "*a", DFAposix), "(0,2)");
	SAME(bounds("[[:nosuch:]]", "", DFAposix), "no such class in '[]'");
	SAME(bounds("a{2,1}", "", DFAposix), "bad repetition count");
	SAME(bounds("((a{999}){999}){999}", "", DFAposix), "pattern too large");
}

static void
linear(void)
{
	static char text[20001];

	memset(text, 'a', sizeof text - 1);
	SAME(bounds("(a+a+)+$", text, 0), "(0,20000)");
	SAME(bounds("(a?){50}a{50}", text, DFAposix), "(0,100)");
	SAME(bounds("(a|b)*a(a|b){12}", text, DFAposix), "(0,20000)");
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	plain();
	posix();
	linear();
	finish();
}
