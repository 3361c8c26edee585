/*
 * read [-m] [-n lines] [-c bytes] [-r runes] [file ...]: copy one line, or as many
 * lines, bytes or runes as asked, or with -m every line as it comes, reading nothing
 * beyond. The exit status is eof when the end came before that.
 */
#include <u.h>
#include <libc.h>

enum {
	LINES,
	BYTES,
	RUNES,
};

static int unit = LINES;
static int multi;
static vlong count = 1;

static void
usage(void)
{
	fprint(2, "usage: read [-m] [-n nlines] [-c nbytes] [-r nrunes] [file ...]\n");
	exits("usage");
}

static void
out(char *buf, long n)
{
	if (n > 0 && write(1, buf, n) != n)
		sysfatal("write error: %r");
}

/* getbyte reads one byte; 0 at the end of the file. */
static int
getbyte(int fd, char *name, char *c)
{
	long n;

	n = read(fd, c, 1);
	if (n < 0)
		sysfatal("error reading %s: %r", name);
	return n > 0;
}

/* copyline copies a line in one write; 0 if the file was at its end. */
static int
copyline(int fd, char *name)
{
	static char *line;
	static long size;
	long n;

	for (n = 0;; n++) {
		if (n == size) {
			size = size * 2 + 256;
			line = realloc(line, (ulong)size);
			if (line == nil)
				sysfatal("no memory: %r");
		}
		if (!getbyte(fd, name, line + n))
			break;
		if (line[n] == '\n') {
			n++;
			break;
		}
	}
	out(line, n);
	return n > 0;
}

/* copyrune copies one rune; 0 if the file was at its end. */
static int
copyrune(int fd, char *name)
{
	char rune[UTFmax];
	int n;

	for (n = 0; n < UTFmax; n++) {
		if (!getbyte(fd, name, rune + n))
			break;
		if (fullrune(rune, n + 1)) {
			n++;
			break;
		}
	}
	out(rune, n);
	return n > 0;
}

/* copybytes copies up to want bytes; 0 if the file ended before that. */
static int
copybytes(int fd, char *name, vlong want)
{
	char buf[8192];
	vlong done;
	long n;

	for (done = 0; done < want; done += n) {
		n = want - done < (vlong)sizeof buf ? (long)(want - done) : (long)sizeof buf;
		n = read(fd, buf, n);
		if (n < 0)
			sysfatal("error reading %s: %r", name);
		if (n == 0)
			break;
		out(buf, n);
	}
	return done == want;
}

/* copy does what was asked with one file; 0 if it ended before that. */
static int
copy(int fd, char *name)
{
	vlong i;

	if (unit == BYTES)
		return copybytes(fd, name, count);
	for (i = 0; multi || i < count; i++)
		if (!(unit == RUNES ? copyrune(fd, name) : copyline(fd, name)))
			return 0;
	return 1;
}

static void
setcount(int what, char *text)
{
	char *rest;

	unit = what;
	count = strtoll(text, &rest, 0);
	if (rest == text || *rest != '\0' || count < 0)
		usage();
}

void
main(int argc, char *argv[])
{
	int fd, eof;

	ARGBEGIN{
	case 'm':
		multi = 1;
		unit = LINES;
		break;
	case 'n':
		setcount(LINES, EARGF(usage()));
		break;
	case 'c':
		setcount(BYTES, EARGF(usage()));
		break;
	case 'r':
		setcount(RUNES, EARGF(usage()));
		break;
	default:
		usage();
	}ARGEND
	eof = 0;
	if (argc == 0)
		eof = !copy(0, "<stdin>");
	for (; argc > 0; argc--, argv++) {
		fd = open(*argv, OREAD);
		if (fd < 0)
			sysfatal("can't open %s: %r", *argv);
		eof = !copy(fd, *argv);
		close(fd);
	}
	exits(eof ? "eof" : nil);
}
