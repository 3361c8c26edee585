/*
 * arch/host: the contract of arch.h as one Linux process, deterministic, so that
 * the portable rooms run under sanitizers and a debugger. A "program" is a C
 * function of the test; it makes system calls through host_syscall and reaches
 * user memory only through the addresses it passes.
 *
 * The machine has one processor and everything happens in the same order on
 * every run. host_explore gives it several and one seed, which then decides what
 * a real machine leaves open: who runs when, when a timer interrupt comes, which
 * allocation fails. The same seed makes the same run.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "arch/arch.h"

/* What the first process runs instead of initcode. Returning ends the machine with its result. */
typedef int HostProgram(void);
/* Boot a machine with this much memory and an initrd (may be nil); returns what main returned. */
int host_boot(u64 memory, const void *initrd, usize size, HostProgram *main);

/* ---- programs ---- */

/* What other processes run; its result is their exit status (nil: none). */
typedef const char *HostMain(void);
/* A note handler; its result is the argument of noted. */
typedef u32 HostHandler(const char *note);

/*
 * The user addresses where fetching an instruction means running f. Every text that programs run
 * in starts with HOST_TEXT_SIZE bytes from host_text, so that an address means the same in all.
 */
u64 host_address(HostMain *f);
u64 host_handler(HostHandler *f);
enum { HOST_NFUNCTIONS = 250, HOST_TEXT_HEADER = 40,
	HOST_TEXT_SIZE = HOST_TEXT_HEADER + 8 * HOST_NFUNCTIONS };
extern const u8 initcode_start[];

/*
 * One system call of the running process; the result as in RAX. Notes are delivered to the handler
 * on the way out. An exec that succeeds does not return.
 */
u64 host_syscall(u32 number, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4);
/* rfork; the child runs f and then exits with its text. */
u64 host_rfork(u32 flags, HostMain *f);
/* A timer interrupt of user mode: time passes, others may run, notes arrive. */
void host_tick(void);

/*
 * The running process's scratch memory in its stack segment: copy a string or bytes there, or back.
 */
enum { HOST_SLOT_SIZE = 1024, HOST_SLOTS = 8 };
u64 host_user_string(const char *s, u32 slot);
u64 host_user_slot(u32 slot);
/* Loads and stores of user mode: they fault, and end the process as a bad address does. */
void host_read_user(void *to, u64 from, usize n);
void host_write_user(u64 to, const void *from, usize n);

/* Time passes; what is due by then fires when interrupts next can come. */
void host_pass(u64 ns);
/* Bytes arrive on the console's serial line; returns how many it had room for. */
usize host_type(const void *bytes, usize n);

/* ---- exploring ---- */

enum { HOST_CPUS_MAX = 4 };
typedef struct HostExplore HostExplore;
struct HostExplore {
	u64 seed;
	u32 ncpus;
	/* points passed, on the average, before another processor goes on */
	u32 mean;
	u32 fail_every;		/* one allocation of a system call in so many fails; 0: none */
	u32 fail_at;		/* the one with this number fails, counted from 1; 0: none */
	u64 steps_max;		/* more than so many points without an end is a hang */
};
/* From now on. Called by the first process, once. */
void host_explore(const HostExplore *e);
/* Let the machine be well again: no more failing allocations. */
void host_calm(void);
/* A number below n from the seed. */
u32 host_random(u32 n);
/* Allocations that could have failed so far, and how many did. */
u32 host_allocations(u32 *failed);
/* Say on standard error what every process does. */
void host_processes(void);

/* ---- private to arch/host ---- */

void host_clock(void);			/* fire this processor's timer if it is due */
void host_ram(u64 size);
bool host_exploring(void);
bool host_fail(void);			/* should this allocation fail? */
/* At the top of a kernel stack lies the frame of user mode. */
enum { HOST_FRAME = (sizeof(Call) + 15) / 16 * 16 };
void host_restart(void *top, void (*f)(void *), void *arg) NORETURN;
/* Switch stacks: *from is where this one goes on, to where another one stopped. */
void host_stack_switch(uintptr *from, uintptr to);
/* Something on the stack below top would go on at one of these: is it safe to give it away? */
bool host_stack_waiting(uintptr bottom, uintptr top);
bool host_space_current(const ArchSpace *s);

#endif
