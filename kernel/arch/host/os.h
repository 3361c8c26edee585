/* Linux, as arch/host sees it. */
#ifndef HOST_OS_H
#define HOST_OS_H

void *os_map(unsigned long size);	/* zeroed; never fails (ends the process) */
void os_guard(void *page, unsigned long size);
void os_unmap(void *p, unsigned long size);
void os_stderr(const char *text, unsigned long n);

#endif
