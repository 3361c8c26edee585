/*
 * hoc: files and errors.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

enum {
	Maxstack = 6*1024*1024,
};

Biobuf	bout;

static jmp_buf	top;
static char	*stackbase;

static void
usage(void)
{
	fprint(2, "usage: hoc [-e text] [file ...]\n");
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
	fprint(2, "hoc: %s:%d: %s\n", source, line - (tok == '\n'),
		s != nil ? s : "out of memory");
	free(s);
	longjmp(top, 1);
}

void
checkstack(void)
{
	char here;

	if((intptr)stackbase - (intptr)&here > Maxstack)
		error("nested too deeply");
}

/* Performs what can be read, whatever errors there are. */
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

static void
performfile(char *name)
{
	int fd;

	fd = strcmp(name, "-") == 0 ? 0 : open(name, OREAD);
	if(fd < 0)
		sysfatal("can't open %s: %r", name);
	lexfile(fd == 0 ? "stdin" : name, fd);
	interpret();
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
		interpret();
	}
	if(argc == 0 && text == nil)
		performfile("-");
	for(; argc > 0; argc--, argv++)
		performfile(argv[0]);
	exits(nil);
}
