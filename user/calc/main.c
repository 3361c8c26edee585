/*
 * Memory and errors.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "calc.h"

enum {
	Maxstack = 6*1024*1024,
};

Biobuf	bout;

static jmp_buf	top;
static char	*stackbase;

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

void
abandon(char *before, char *fmt, va_list args)
{
	char *s;

	s = vsmprint(fmt, args);
	Bflush(&bout);
	fprint(2, "%s: %s%s\n", argv0, before, s != nil ? s : "out of memory");
	free(s);
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

/* Performs what can be read, line by line, whatever errors there are. */
void
interpret(char *base)
{
	Node *n;

	stackbase = base;
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
