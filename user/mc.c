/*
 * mc [-width] [file ...]: print lines in columns, as many as fit in a line of that
 * many characters (80), down the first column and then the next.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

enum {
	MAXWIDTH = 10000,
	GAP = 1,		/* blanks between columns, at least */
};

static char **item;
static long nitem, maxitem;
static int width = 80;
static Biobuf bout;
static char *status;

static void
usage(void)
{
	fprint(2, "usage: mc [-width] [file ...]\n");
	exits("usage");
}

static void
add(char *s)
{
	if (nitem == maxitem) {
		maxitem = maxitem * 2 + 64;
		item = realloc(item, (ulong)maxitem * sizeof item[0]);
		if (item == nil)
			sysfatal("no memory: %r");
	}
	item[nitem++] = s;
}

static void
collect(Biobuf *in, char *name)
{
	char *line;

	if (in == nil) {
		fprint(2, "mc: can't open %s: %r\n", name);
		status = "errors";
		return;
	}
	while ((line = Brdstr(in, '\n', 1)) != nil)
		add(line);
	Bterm(in);
}

/* show prints the items, each line with every rows-th of them. */
static void
show(void)
{
	long i, row, rows, columns;
	int w, cell;

	cell = 0;
	for (i = 0; i < nitem; i++) {
		w = utflen(item[i]) + GAP;
		if (w > cell)
			cell = w;
	}
	columns = cell == 0 ? 1 : (width + GAP) / cell;
	if (columns < 1)
		columns = 1;
	rows = (nitem + columns - 1) / columns;
	for (row = 0; row < rows; row++) {
		for (i = row; i + rows < nitem; i += rows)
			Bprint(&bout, "%-*s", cell, item[i]);
		Bprint(&bout, "%s\n", item[i]);
	}
}

void
main(int argc, char *argv[])
{
	char *rest;

	argv0 = argv[0];
	argc--;
	argv++;
	if (argc > 0 && argv[0][0] == '-' && argv[0][1] != '\0') {
		if (strcmp(argv[0], "--") != 0) {
			width = (int)strtol(argv[0] + 1, &rest, 10);
			if (*rest != '\0' || width < 1 || width > MAXWIDTH)
				usage();
		}
		argc--;
		argv++;
	}
	if (argc == 0)
		collect(Bfdopen(0, OREAD), "the standard input");
	for (; argc > 0; argc--, argv++)
		collect(Bopen(argv[0], OREAD), argv[0]);
	Binit(&bout, 1, OWRITE);
	show();
	if (Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(status);
}
