#!/usr/bin/env python3
"""Writes runetype.c: the classes and cases of Unicode's characters as ranges.

usage: mkrunetype.py > runetype.c
"""
import unicodedata

MAX = 0x110000


def ranges(test):
    out, start = [], None
    for c in range(MAX + 1):
        ok = c < MAX and test(c)
        if ok and start is None:
            start = c
        elif not ok and start is not None:
            out.append((start, c - 1))
            start = None
    return out


def category(*names):
    return lambda c: unicodedata.category(chr(c)) in names


def cases(f):
    """Runs of characters mapped by one difference, step 1 or 2: (first, last, step, delta)."""
    pairs = [(c, ord(f(chr(c)))) for c in range(MAX)
             if len(f(chr(c))) == 1 and ord(f(chr(c))) != c]
    out = []
    for c, m in pairs:
        d = m - c
        if out and out[-1][3] == d:
            first, last, step, _ = out[-1]
            if c - last in (1, 2) and (first == last or c - last == step):
                out[-1] = (first, c, c - last, d)
                continue
        out.append((c, c, 1, d))
    return out


def table(name, rows):
    print("static Range %s[] = {" % name)
    line = "\t"
    for r in rows:
        cell = "{0x%x,0x%x}, " % r
        if len(line) + len(cell) > 92:
            print(line.rstrip())
            line = "\t"
        line += cell
    print(line.rstrip())
    print("};\n")


def casetable(name, rows):
    print("static Case %s[] = {" % name)
    line = "\t"
    for r in rows:
        cell = "{0x%x,0x%x,%d,%d}, " % r
        if len(line) + len(cell) > 92:
            print(line.rstrip())
            line = "\t"
        line += cell
    print(line.rstrip())
    print("};\n")


print("""/*
 * Classes and cases of runes, written by mkrunetype.py from Unicode %s.
 */
#include "sys.h"

typedef struct Range Range;
struct Range {
	uint	lo, hi;
};

/* Every step-th rune from lo to hi differs from its other case by delta. */
typedef struct Case Case;
struct Case {
	uint	lo, hi;
	int	step;
	int	delta;
};
""" % unicodedata.unidata_version)
table("alpha", ranges(category("Lu", "Ll", "Lt", "Lm", "Lo")))
table("digit", ranges(category("Nd")))
table("space", ranges(lambda c: unicodedata.category(chr(c)) in ("Zs", "Zl", "Zp")
                      or 9 <= c <= 13 or c == 0x85))
table("upper", ranges(category("Lu")))
table("lower", ranges(category("Ll")))
table("title", ranges(category("Lt")))
casetable("toup", cases(str.upper))
casetable("tolow", cases(str.lower))
casetable("totit", cases(str.title))
print("""/* Binary search for the first row that does not end before r. */
static int
inrange(Range *t, int n, Rune r)
{
	int lo = 0, hi = n, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(r > t[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && r >= t[lo].lo;
}

static Rune
mapcase(Case *t, int n, Rune r)
{
	int lo = 0, hi = n, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(r > t[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	if(lo < n && r >= t[lo].lo && (r - t[lo].lo) % (uint)t[lo].step == 0)
		return r + (uint)t[lo].delta;
	return r;
}
""")
for fn, t in (("isalpharune", "alpha"), ("isdigitrune", "digit"), ("isspacerune", "space"),
              ("isupperrune", "upper"), ("islowerrune", "lower"), ("istitlerune", "title")):
    print("int\n%s(Rune r)\n{\n\treturn inrange(%s, nelem(%s), r);\n}\n" % (fn, t, t))
for i, (fn, t) in enumerate((("toupperrune", "toup"), ("tolowerrune", "tolow"),
                             ("totitlerune", "totit"))):
    print("Rune\n%s(Rune r)\n{\n\treturn mapcase(%s, nelem(%s), r);\n}%s" %
          (fn, t, t, "\n" if i < 2 else ""))
