/*
 * cat [file ...]: copy the files, or the standard input, to the standard output.
 */
#include <u.h>
#include <libc.h>

static char buf[32 * 1024];

static void
copy(int fd, char *name)
{
	long n;

	while ((n = read(fd, buf, sizeof buf)) > 0)
		if (write(1, buf, n) != n)
			sysfatal("error writing %s: %r", name);
	if (n < 0)
		sysfatal("error reading %s: %r", name);
}

void
main(int argc, char *argv[])
{
	int fd;

	ARGBEGIN{
	default:
		fprint(2, "usage: %s [file ...]\n", argv0);
		exits("usage");
	}ARGEND
	if (argc == 0)
		copy(0, "<stdin>");
	for (; argc > 0; argc--, argv++) {
		fd = open(*argv, OREAD);
		if (fd < 0)
			sysfatal("can't open %s: %r", *argv);
		copy(fd, *argv);
		close(fd);
	}
	exits(nil);
}
