/*
 * hoc: files.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

static char	*stackbase;

static void
usage(void)
{
	fprint(2, "usage: hoc [-e text] [file ...]\n");
	exits("usage");
}

void
error(char *fmt, ...)
{
	va_list args;
	char where[256];

	snprint(where, sizeof where, "%s:%d: ", source, line - (tok == '\n'));
	va_start(args, fmt);
	abandon(where, fmt, args);
}

static void
performfile(char *name)
{
	int fd;

	fd = strcmp(name, "-") == 0 ? 0 : open(name, OREAD);
	if(fd < 0)
		sysfatal("can't open %s: %r", name);
	lexfile(fd == 0 ? "stdin" : name, fd);
	interpret(stackbase);
	if(fd != 0)
		close(fd);
}

void
main(int argc, char *argv[])
{
	char here, *text;

	argv0 = "hoc";
	stackbase = &here;
	text = nil;
	setfcr(0);
	Binit(&bout, 1, OWRITE);
	addbuiltins();
	ARGBEGIN{
	case 'e': text = EARGF(usage()); break;
	default: usage();
	}ARGEND
	if(text != nil){
		lextext("-e", text);
		interpret(stackbase);
	}
	if(argc == 0 && text == nil)
		performfile("-");
	for(; argc > 0; argc--, argv++)
		performfile(argv[0]);
	exits(nil);
}
