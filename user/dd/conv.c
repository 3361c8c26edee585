/*
 * The conversions of dd. A block has its bytes swapped and translated in place; for
 * block and unblock it is then cut into records, which are lines on one side and cbs
 * bytes, filled up with blanks, on the other. EBCDIC is on the side of the records of
 * fixed length: ascii is translated before unblock, ebcdic and ibm after block.
 */
#include <u.h>
#include <libc.h>
#include "dd.h"

int conv;
vlong cbs;
uvlong truncated;

static vlong column;		/* bytes of the record so far */
static vlong blanks;		/* of the record, not yet passed on by unblock */

/* POSIX's table from ASCII to EBCDIC. */
static uchar ebcdic[256] = {
	0x00, 0x01, 0x02, 0x03, 0x37, 0x2d, 0x2e, 0x2f, 0x16, 0x05, 0x25, 0x0b,
	0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x3c, 0x3d, 0x32, 0x26,
	0x18, 0x19, 0x3f, 0x27, 0x1c, 0x1d, 0x1e, 0x1f, 0x40, 0x5a, 0x7f, 0x7b,
	0x5b, 0x6c, 0x50, 0x7d, 0x4d, 0x5d, 0x5c, 0x4e, 0x6b, 0x60, 0x4b, 0x61,
	0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0x7a, 0x5e,
	0x4c, 0x7e, 0x6e, 0x6f, 0x7c, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
	0xc8, 0xc9, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xe2,
	0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xad, 0xe0, 0xbd, 0x9a, 0x6d,
	0x79, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x91, 0x92,
	0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6,
	0xa7, 0xa8, 0xa9, 0xc0, 0x4f, 0xd0, 0x5f, 0x07, 0x20, 0x21, 0x22, 0x23,
	0x24, 0x15, 0x06, 0x17, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x09, 0x0a, 0x1b,
	0x30, 0x31, 0x1a, 0x33, 0x34, 0x35, 0x36, 0x08, 0x38, 0x39, 0x3a, 0x3b,
	0x04, 0x14, 0x3e, 0xe1, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
	0x49, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x62, 0x63,
	0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75,
	0x76, 0x77, 0x78, 0x80, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x6a,
	0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xaa, 0xab, 0xac, 0x4a, 0xae, 0xaf,
	0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb,
	0xbc, 0xa1, 0xbe, 0xbf, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xda, 0xdb,
	0xdc, 0xdd, 0xde, 0xdf, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef, 0xfa, 0xfb,
	0xfc, 0xfd, 0xfe, 0xff,
};

/* Where its table for IBM's printers differs. */
static struct {
	uchar	ascii;
	uchar	ibm;
} printers[] = {
	{0x5e, 0x5f}, {0x7e, 0xa1}, {0xcb, 0x9a}, {0xd5, 0xad}, {0xe5, 0xbd},
};

static uchar table[256];	/* the translation that was asked for */

static void
wrong(char *what, char *name)
{
	fprint(2, "dd: %s: %s\n", what, name);
	exits("usage");
}

static int
conversion(char *name)
{
	static struct {
		char	*name;
		int	bit;
	} known[] = {
		{"ascii", ASCII},
		{"block", BLOCK},
		{"ebcdic", EBCDIC},
		{"ibm", IBM},
		{"lcase", LCASE},
		{"noerror", NOERROR},
		{"swab", SWAB},
		{"sync", SYNC},
		{"ucase", UCASE},
		{"unblock", UNBLOCK},
	};
	uint i;

	for (i = 0; i < nelem(known); i++)
		if (strcmp(name, known[i].name) == 0)
			return known[i].bit;
	wrong("unknown conversion", name);
	return 0;
}

/* onlyone refuses conversions that exclude each other. */
static void
onlyone(int bits, char *names)
{
	bits &= conv;
	if (bits & (bits - 1))
		wrong("more than one conversion of", names);
}

void
setconversion(char *list)
{
	char *name, *next;

	for (name = list; name != nil; name = next) {
		next = strchr(name, ',');
		if (next != nil)
			*next++ = '\0';
		conv |= conversion(name);
	}
	onlyone(LCASE | UCASE, "lcase ucase");
	onlyone(BLOCK | UNBLOCK, "block unblock");
	onlyone(ASCII | EBCDIC | IBM, "ascii ebcdic ibm");
	onlyone(ASCII | BLOCK, "ascii block");
	onlyone(EBCDIC | IBM | UNBLOCK, "ebcdic ibm unblock");
}

void
convstart(void)
{
	uint i;

	if (conv & ASCII)
		conv |= UNBLOCK;
	if (conv & (EBCDIC | IBM))
		conv |= BLOCK;
	if (cbs == 0)
		conv &= ~(BLOCK | UNBLOCK);
	for (i = 0; i < 256; i++)
		if (conv & ASCII)
			table[ebcdic[i]] = (uchar)i;
		else
			table[i] = conv & (EBCDIC | IBM) ? ebcdic[i] : (uchar)i;
	for (i = 0; (conv & IBM) && i < nelem(printers); i++)
		table[printers[i].ascii] = printers[i].ibm;
}

static void
swap(char *p, vlong n)
{
	vlong i;
	char c;

	for (i = 0; i + 1 < n; i += 2) {
		c = p[i];
		p[i] = p[i + 1];
		p[i + 1] = c;
	}
}

static void
translate(char *p, vlong n)
{
	vlong i;

	for (i = 0; i < n; i++)
		p[i] = (char)table[(uchar)p[i]];
}

static void
changecase(char *p, vlong n)
{
	vlong i;

	for (i = 0; i < n; i++) {
		if ((conv & LCASE) && p[i] >= 'A' && p[i] <= 'Z')
			p[i] += 'a' - 'A';
		if ((conv & UCASE) && p[i] >= 'a' && p[i] <= 'z')
			p[i] -= 'a' - 'A';
	}
}

/* emit passes on one byte of a record, as EBCDIC if that was asked for. */
static void
emit(char c)
{
	if (conv & (EBCDIC | IBM))
		translate(&c, 1);
	output(&c, 1);
}

static void
fillup(void)
{
	for (; column < cbs; column++)
		emit(' ');
	column = 0;
}

/* block makes a line a record of cbs bytes. */
static void
block(char *p, vlong n)
{
	for (; n > 0; n--, p++) {
		if (*p == '\n') {
			fillup();
			continue;
		}
		if (column < cbs)
			emit(*p);
		else if (column == cbs)
			truncated++;
		column++;
	}
}

/* unblock makes cbs bytes a line without the blanks at its end. */
static void
unblock(char *p, vlong n)
{
	for (; n > 0; n--, p++) {
		if (column == cbs) {
			emit('\n');
			column = blanks = 0;
		}
		column++;
		if (*p == ' ') {
			blanks++;
			continue;
		}
		for (; blanks > 0; blanks--)
			emit(' ');
		emit(*p);
	}
}

void
convert(char *p, vlong n)
{
	if (conv & SWAB)
		swap(p, n);
	if (conv & ASCII)
		translate(p, n);
	if (conv & (LCASE | UCASE))
		changecase(p, n);
	if (conv & BLOCK)
		block(p, n);
	else if (conv & UNBLOCK)
		unblock(p, n);
	else {
		if (conv & (EBCDIC | IBM))
			translate(p, n);
		output(p, n);
	}
}

void
convend(void)
{
	if (column == 0)
		return;
	if (conv & BLOCK)
		fillup();
	else
		emit('\n');
}
