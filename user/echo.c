/*
 * echo [-n] [word ...]: print the words joined by blanks, and a newline unless -n
 * is given, in one write.
 */
#include <u.h>
#include <libc.h>

/* join returns the words as one allocated line of *np bytes. */
static char *
join(int argc, char *argv[], int newline, long *np)
{
	char *line, *p;
	usize size;
	int i;

	size = 1;
	for (i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	line = malloc(size);
	if (line == nil)
		sysfatal("no memory: %r");
	p = line;
	for (i = 0; i < argc; i++) {
		if (i > 0)
			*p++ = ' ';
		memmove(p, argv[i], strlen(argv[i]));
		p += strlen(argv[i]);
	}
	if (newline)
		*p++ = '\n';
	*np = p - line;
	return line;
}

void
main(int argc, char *argv[])
{
	char *line;
	long n;
	int newline;

	argv0 = argv[0];
	newline = 1;
	argc--;
	argv++;
	if (argc > 0 && strcmp(argv[0], "-n") == 0) {
		newline = 0;
		argc--;
		argv++;
	}
	line = join(argc, argv, newline, &n);
	if (n > 0 && write(1, line, n) != n) {
		fprint(2, "echo: write error: %r\n");
		exits("write error");
	}
	exits(nil);
}
