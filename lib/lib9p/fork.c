/*
 * How servers get further processes.
 */
#include "impl.h"

static int
forkproc(void (*f)(void*), void *arg, int flags)
{
	int pid = rfork(RFPROC|RFMEM|RFNOWAIT|flags);

	if(pid != 0)
		return pid;
	f(arg);
	_exits(nil);
}

int (*_srvfork)(void (*)(void*), void*, int) = forkproc;
