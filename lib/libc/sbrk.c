/*
 * The break. The kernel keeps the segment's end; the library remembers
 * where it put it, one value for all processes that share the segment.
 */
#include "sys.h"

extern char end[];		/* of bss, from the linker */

static char *cur = end;
static Lock brklock;

void*
sbrk(intptr n)
{
	char *p;

	lock(&brklock);
	p = cur;
	if(n != 0 && brk(p + n) < 0)
		p = (void*)-1;
	else
		cur = p + n;
	unlock(&brklock);
	return p;
}
