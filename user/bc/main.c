/*
 * bc: files and output.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

static int	column, width = 70;

static void
usage(void)
{
	fprint(2, "usage: bc [-l] [file ...]\n");
	exits("usage");
}

void
error(char *fmt, ...)
{
	va_list args;

	column = 0;
	va_start(args, fmt);
	abandon("", fmt, args);
}

static void
put(char *s, int fold)
{
	for(; *s != 0; s++){
		if(*s == '\n')
			column = 0;
		else if(++column == width - 1 && fold){
			Bputc(&bout, '\\');
			Bputc(&bout, '\n');
			column = 1;
		}
		if(Bputc(&bout, *s) < 0)
			sysfatal("write error: %r");
	}
}

void
outtext(char *s)
{
	put(s, 0);
}

/* A number; lines longer than 70 characters are folded. */
void
outnum(Num *v)
{
	char *s;

	s = numtext(v, obase);
	put(s, width > 2);
	free(s);
}

void
main(int argc, char *argv[])
{
	char here, *s;
	int lflag, fd;

	argv0 = "bc";
	lflag = 0;
	ARGBEGIN{
	case 'l': lflag = 1; break;
	case 'q': case 's': case 'w': break;
	default: usage();
	}ARGEND
	Binit(&bout, 1, OWRITE);
	s = getenv("BC_LINE_LENGTH");
	if(s != nil)
		width = atoi(s);
	if(lflag){
		inlibrary = 1;
		lextext("library", library);
		interpret(&here);
		inlibrary = 0;
	}
	for(; argc > 0; argc--, argv++){
		fd = open(argv[0], OREAD);
		if(fd < 0)
			sysfatal("can't open %s: %r", argv[0]);
		lexfile(argv[0], fd);
		interpret(&here);
		close(fd);
	}
	lexfile("stdin", 0);
	interpret(&here);
	if(Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
