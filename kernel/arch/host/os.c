/*
 * The few things taken from Linux and the compiler's run-time libraries, apart
 * because their headers and ours use the same names.
 */
#define _GNU_SOURCE
#include <execinfo.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "arch/host/os.h"
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

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

void os_stderr(const char *text, unsigned long n)
{
	fwrite(text, 1, n, stderr);
}

/* The program is linked to run where it is linked, so addresses are those of its file. */
static void symbols(void *const *pc, int n)
{
	char command[1200];
	int at = snprintf(command, sizeof command, "addr2line -fpse /proc/%d/exe", (int)getpid());
	for (int i = 0; i < n && at < (int)sizeof command - 40; i++)
		at += snprintf(command + at, sizeof command - (size_t)at, " %p",
			(void *)((char *)pc[i] - 1));
	snprintf(command + at, sizeof command - (size_t)at, " >&2");
	fflush(stderr);
	if (system(command) != 0)
		backtrace_symbols_fd(pc, n, STDERR_FILENO);
}

void os_symbol(const void *pc)
{
	void *one = (void *)(unsigned long)pc;
	symbols(&one, 1);
}

void os_backtrace(void)
{
	void *pc[30] = { NULL };
	symbols(pc, backtrace(pc, 30));
}

#ifdef __SANITIZE_ADDRESS__

static const void *main_bottom;
static size_t main_size;

void os_fiber_here(void)
{
	pthread_attr_t attr;
	void *bottom;
	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		abort();
	pthread_attr_getstack(&attr, &bottom, &main_size);
	main_bottom = bottom;
	pthread_attr_destroy(&attr);
}

/* bottom NULL: the main stack. */
void os_fiber_leave(void **saved, const void *bottom, unsigned long size)
{
	if (bottom == NULL)
		__sanitizer_start_switch_fiber(saved, main_bottom, main_size);
	else
		__sanitizer_start_switch_fiber(saved, bottom, size);
}

void os_fiber_back(void *saved)
{
	__sanitizer_finish_switch_fiber(saved, NULL, NULL);
}

void os_fiber_entered(void)
{
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
}

void os_fiber_main(void)
{
	__asan_handle_no_return();
	__sanitizer_start_switch_fiber(NULL, main_bottom, main_size);
}

void os_fiber_cut(void)
{
	__asan_handle_no_return();
}

void os_poison(const void *p, unsigned long n)
{
	ASAN_POISON_MEMORY_REGION(p, n);
}

void os_unpoison(const void *p, unsigned long n)
{
	ASAN_UNPOISON_MEMORY_REGION(p, n);
}

int os_poisoned(const void *p)
{
	return __asan_address_is_poisoned(p);
}

#else

void os_fiber_here(void) { }
void os_fiber_leave(void **saved, const void *bottom, unsigned long size) { }
void os_fiber_back(void *saved) { }
void os_fiber_entered(void) { }
void os_fiber_main(void) { }
void os_fiber_cut(void) { }
void os_poison(const void *p, unsigned long n) { }
void os_unpoison(const void *p, unsigned long n) { }
int os_poisoned(const void *p) { return 0; }

#endif
