/* Linux and the sanitizers, as arch/host sees them. */
#ifndef HOST_OS_H
#define HOST_OS_H

void *os_map(unsigned long size);	/* zeroed; never fails (ends the process) */
void os_guard(void *page, unsigned long size);
void os_stderr(const char *text, unsigned long n);
/* The functions that are being called, by address, to standard error. */
void os_backtrace(void);
/* Function, file and line of an address, to standard error. */
void os_symbol(const void *pc);

/*
 * The address sanitizer wants to know when the stack changes: before (with the
 * stack that follows) and after.
 */
void os_fiber_here(void);	/* the present stack is the main one */
void os_fiber_leave(void **saved, const void *bottom, unsigned long size);
void os_fiber_back(void *saved);
void os_fiber_entered(void);	/* for the first time */
void os_fiber_main(void);	/* the main one follows */
void os_fiber_cut(void);	/* what this stack holds is forgotten */

/* Memory nobody may touch; nothing without the address sanitizer. */
enum { OS_POISON =
#ifdef __SANITIZE_ADDRESS__
	1
#else
	0
#endif
};
void os_poison(const void *p, unsigned long n);
void os_unpoison(const void *p, unsigned long n);
int os_poisoned(const void *p);

#endif
