/*
 * arch/host: the contract of arch.h as one Linux process, deterministic, so that
 * the portable rooms run under sanitizers and a debugger. A "program" is a C
 * function of the test; it makes system calls through host_syscall and reaches
 * user memory only through the addresses it passes.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "arch/arch.h"

/* What the first process runs instead of initcode. Returning ends the machine with its result. */
typedef int HostProgram(void);
/* Boot a machine with this much memory and an initrd (may be nil); returns what main returned. */
int host_boot(u64 memory, const void *initrd, usize size, HostProgram *main) ;

/*
 * One system call of the running process; the result as in RAX. Notes are delivered to the handler
 * on the way out.
 */
u64 host_syscall(u32 number, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4);
/*
 * The running process's scratch memory in its stack segment: copy a string or bytes there, or back.
 */
u64 host_user_string(const char *s, u32 slot);		/* slot 0..7, 1 KiB each */
enum { HOST_SLOT_SIZE = 1024, HOST_SLOTS = 8 };
u64 host_user_slot(u32 slot);
void host_read_user(void *to, u64 from, usize n);
void host_write_user(u64 to, const void *from, usize n);
/* rfork; the child runs f and then exits with its text. */
u64 host_rfork(u32 flags, const char *(*f)(void));

/* Private to arch/host. */
void host_clock(void);		/* deliver a due timer */
void host_ram(u64 size);

#endif
