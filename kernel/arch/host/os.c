/*
 * The few things taken from Linux, apart because its headers and ours use the
 * same names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "arch/host/os.h"

void *os_map(unsigned long size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (p == MAP_FAILED)
		abort();
	return p;
}

void os_guard(void *page, unsigned long size)
{
	mprotect(page, size, PROT_NONE);
}

void os_unmap(void *p, unsigned long size)
{
	munmap(p, size);
}

void os_stderr(const char *text, unsigned long n)
{
	fwrite(text, 1, n, stderr);
}
