#!/usr/bin/env python3
"""Writes normtab.c: canonical decompositions and combining classes of Unicode's characters.

usage: mkrunenorm.py > normtab.c
"""
import unicodedata

MAX = 0x110000


def decompositions():
    """Of one character: (character, other). Of two: (character, first, second). One step each."""
    singles, pairs = [], []
    for c in range(MAX):
        d = unicodedata.decomposition(chr(c))
        if d == "" or d[0] == "<":
            continue
        parts = [int(x, 16) for x in d.split()]
        (singles if len(parts) == 1 else pairs).append(tuple([c] + parts))
    return singles, pairs


def compositions(pairs):
    """The places of those pairs that are composed again, in the order of their parts."""
    ok = [i for i, (c, a, b) in enumerate(pairs)
          if unicodedata.normalize("NFC", chr(a) + chr(b)) == chr(c)]
    return [(i,) for i in sorted(ok, key=lambda i: pairs[i][1:])]


def classes():
    out = []
    for c in range(MAX):
        k = unicodedata.combining(chr(c))
        if k == 0:
            continue
        if out and out[-1][1] == c - 1 and out[-1][2] == k:
            out[-1] = (out[-1][0], c, k)
        else:
            out.append((c, c, k))
    return out


def table(kind, name, rows, form):
    print("%s _%ss[] = {" % (kind, name))
    line = "\t"
    for r in rows:
        cell = form % r + ", "
        if len(line) + len(cell) > 92:
            print(line.rstrip())
            line = "\t"
        line += cell
    print(line.rstrip())
    print("};\nint _n%s = nelem(_%ss);\n" % (name, name))


print("""/*
 * Canonical decompositions and combining classes, written by mkrunenorm.py from Unicode %s.
 */
#include "sys.h"
#include "unicode.h"
""" % unicodedata.unidata_version)
singles, pairs = decompositions()
table("Single", "single", singles, "{0x%x,0x%x}")
table("Pair", "pair", pairs, "{0x%x,0x%x,0x%x}")
table("ushort", "compose", compositions(pairs), "%d")
table("Combining", "combining", classes(), "{0x%x,0x%x,%d}")
