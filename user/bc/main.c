/*
 * bc: files, output and errors.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

enum {
	Maxstack = 6*1024*1024,
};

Biobuf	bout;

static jmp_buf	top;
static char	*stackbase;
static int	column, width = 70;

static void
usage(void)
{
	fprint(2, "usage: bc [-l] [file ...]\n");
	exits("usage");
}

void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
emalloc(usize n)
{
	return memset(erealloc(nil, n), 0, n);
}

/* Abandons the line. */
void
error(char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = vsmprint(fmt, args);
	va_end(args);
	Bflush(&bout);
	fprint(2, "bc: %s\n", s != nil ? s : "out of memory");
	free(s);
	column = 0;
	longjmp(top, 1);
}

/* Ends what nests too deeply while there is stack left. */
void
checkstack(void)
{
	char here;

	if((intptr)stackbase - (intptr)&here > Maxstack)
		error("nested too deeply");
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

/* Performs what can be read, line by line, whatever errors there are. */
static void
interpret(void)
{
	Node *n;

	while(setjmp(top) != 0){
		unwind();
		skipline();
		if(tok == Tend)
			return;
	}
	while((n = parseline()) != nil){
		run(n);
		if(tok == Tend)
			return;
	}
}

void
main(int argc, char *argv[])
{
	char here, *s;
	int lflag, fd;

	argv0 = "bc";
	stackbase = &here;
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
		interpret();
		inlibrary = 0;
	}
	for(; argc > 0; argc--, argv++){
		fd = open(argv[0], OREAD);
		if(fd < 0)
			sysfatal("can't open %s: %r", argv[0]);
		lexfile(argv[0], fd);
		interpret();
		close(fd);
	}
	lexfile("stdin", 0);
	interpret();
	if(Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
