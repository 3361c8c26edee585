/*
 * The start of a program, and memory that each process has to itself even
 * when data is shared: stacks are copied by rfork at the same addresses, so
 * an array in the first frame is private.
 */
#include "sys.h"

enum {
	NPRIVATE = 32,
};

char *argv0;
Tos *_tos;
void **_privates;
static int nprivate = Privfree;
static Lock privlock;

/* Called by crt0 with the Tos block and the arguments; never returns. */
void
_libcstart(Tos *tos, long argc, char **argv)
{
	void *privates[NPRIVATE];

	memset(privates, 0, sizeof privates);
	_privates = privates;
	_tos = tos;
	main((int)argc, argv);
	exits("main");
}

/* Returns the address of a word private to each process; nil when all are taken. */
void**
privalloc(void)
{
	void **p = nil;

	lock(&privlock);
	if(nprivate < NPRIVATE)
		p = &_privates[nprivate++];
	unlock(&privlock);
	return p;
}
