/*
 * dd [-option value] ...: copy a file in blocks.
 *
 *	-if -of file	instead of the standard input and output
 *	-ibs -obs -bs n	bytes of a block read, written, either (512)
 *	-count n	copy n input blocks
 *	-skip n		read and drop n input blocks
 *	-iseek -oseek n	seek over n blocks of the input, of the output
 *	-trunc 0	leave an existing output file's other data
 *	-quiet 1	don't report the blocks copied
 *	-cbs n		bytes of a record, for block and unblock
 *	-conv list	conversions, separated by commas (conv.c)
 *
 * Sizes end in k, b (512) or m for those multiples, and AxB is a product. With -bs,
 * unless a conversion makes other blocks, each is written as it was read.
 */
#include <u.h>
#include <libc.h>
#include "dd.h"

static char *infile, *outfile;
static vlong ibs = 512, obs = 512, bs;
static vlong count = -1, skip, iseek, oseek;
static int trunc = 1, quiet;

static char *ibuf, *obuf;
static vlong nobuf;			/* bytes waiting in obuf */
static int ifd, ofd = 1;
static uvlong fullin, partin, fullout, partout;

static void
usage(void)
{
	fprint(2, "usage: dd [-if infile] [-of outfile] [-ibs n] [-obs n] [-bs n] [-cbs n]\n");
	fprint(2, "          [-count n] [-skip n] [-iseek n] [-oseek n] [-trunc 0] [-quiet 1]\n");
	fprint(2, "          [-conv list]\n");
	exits("usage");
}

static void
stats(void)
{
	if (quiet)
		return;
	fprint(2, "%llud+%llud records in\n", fullin, partin);
	fprint(2, "%llud+%llud records out\n", fullout, partout);
	if (truncated > 0)
		fprint(2, "%llud truncated records\n", truncated);
}

static void
fail(char *what, char *name)
{
	fprint(2, "dd: %s %s: %r\n", what, name);
	stats();
	exits("errors");
}

/* size reads a number with its multipliers. */
static vlong
size(char *text)
{
	vlong n, product;
	char *p;

	product = 1;
	for (;;) {
		n = strtoll(text, &p, 0);
		if (p == text || n < 0)
			break;
		for (; *p != '\0' && strchr("kbm", *p) != nil; p++)
			n *= *p == 'k' ? 1024 : *p == 'b' ? 512 : 1024 * 1024;
		product *= n;
		if (*p == '\0')
			return product;
		if (*p != 'x' && *p != '*')
			break;
		text = p + 1;
	}
	fprint(2, "dd: bad number: %s\n", text);
	exits("usage");
}

static vlong
blocksize(char *text)
{
	vlong n;

	n = size(text);
	if (n == 0 || n > 1LL << 40) {
		fprint(2, "dd: bad block size: %s\n", text);
		exits("usage");
	}
	return n;
}

static void
option(char *name, char *value)
{
	if (strcmp(name, "if") == 0)
		infile = value;
	else if (strcmp(name, "of") == 0)
		outfile = value;
	else if (strcmp(name, "ibs") == 0)
		ibs = blocksize(value);
	else if (strcmp(name, "obs") == 0)
		obs = blocksize(value);
	else if (strcmp(name, "bs") == 0)
		bs = blocksize(value);
	else if (strcmp(name, "cbs") == 0)
		cbs = blocksize(value);
	else if (strcmp(name, "count") == 0)
		count = size(value);
	else if (strcmp(name, "skip") == 0)
		skip = size(value);
	else if (strcmp(name, "iseek") == 0 || strcmp(name, "seek") == 0)
		iseek = size(value);
	else if (strcmp(name, "oseek") == 0)
		oseek = size(value);
	else if (strcmp(name, "trunc") == 0)
		trunc = size(value) != 0;
	else if (strcmp(name, "quiet") == 0)
		quiet = size(value) != 0;
	else if (strcmp(name, "conv") == 0)
		setconversion(value);
	else
		usage();
}

static void
put(char *p, vlong n)
{
	if (n == 0)
		return;
	if (write(ofd, p, n) != n)
		fail("error writing", outfile == nil ? "<stdout>" : outfile);
	if (n == obs)
		fullout++;
	else
		partout++;
}

/* output cuts what comes into blocks of obs bytes. */
void
output(char *p, vlong n)
{
	vlong k;

	if (bs != 0 && !(conv & REMAKES)) {
		put(p, n);
		return;
	}
	for (; n > 0; p += k, n -= k) {
		k = obs - nobuf < n ? obs - nobuf : n;
		memmove(obuf + nobuf, p, (ulong)k);
		nobuf += k;
		if (nobuf == obs) {
			put(obuf, obs);
			nobuf = 0;
		}
	}
}

/* input reads a block; 0 at the end. A bad block is skipped, and zeros, if -conv noerror. */
static vlong
input(void)
{
	char *name;
	vlong n;

	name = infile == nil ? "<stdin>" : infile;
	n = read(ifd, ibuf, ibs);
	if (n < 0) {
		if (!(conv & NOERROR))
			fail("error reading", name);
		fprint(2, "dd: error reading %s: %r\n", name);
		if (seek(ifd, ibs, 1) < 0)
			fail("can't seek in", name);
		memset(ibuf, 0, (ulong)ibs);
		n = ibs;
	}
	if (n == ibs)
		fullin++;
	else if (n > 0)
		partin++;
	if (n > 0 && n < ibs && (conv & SYNC)) {
		memset(ibuf + n, conv & (BLOCK | UNBLOCK) ? ' ' : 0, (ulong)(ibs - n));
		n = ibs;
	}
	return n;
}

/* openall opens the files and goes to where the copy begins. */
static void
openall(void)
{
	vlong i;

	if (infile != nil && (ifd = open(infile, OREAD)) < 0)
		fail("can't open", infile);
	if (outfile != nil) {
		ofd = trunc ? -1 : open(outfile, OWRITE);
		if (ofd < 0)
			ofd = create(outfile, OWRITE, 0666);
		if (ofd < 0)
			fail("can't create", outfile);
	}
	if (iseek != 0 && seek(ifd, iseek * ibs, 0) < 0)
		fail("can't seek in", infile == nil ? "<stdin>" : infile);
	if (oseek != 0 && seek(ofd, oseek * obs, 0) < 0)
		fail("can't seek in", outfile == nil ? "<stdout>" : outfile);
	for (i = 0; i < skip && read(ifd, ibuf, ibs) > 0; i++)
		;
}

void
main(int argc, char *argv[])
{
	vlong i, n;

	argv0 = argv[0];
	for (i = 1; i < argc; i += 2) {
		if (argv[i][0] != '-' || i + 1 == argc)
			usage();
		option(argv[i] + 1, argv[i + 1]);
	}
	if (bs != 0)
		ibs = obs = bs;
	ibuf = malloc((ulong)ibs);
	obuf = malloc((ulong)obs);
	if (ibuf == nil || obuf == nil)
		sysfatal("no memory for the blocks: %r");
	convstart();
	openall();
	for (i = 0; count < 0 || i < count; i++) {
		n = input();
		if (n == 0)
			break;
		convert(ibuf, n);
	}
	convend();
	put(obuf, nobuf);
	stats();
	exits(nil);
}
