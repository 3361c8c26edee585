/*
 * sys: the system calls. call.c fetches and types the arguments by the table,
 * runs the function and stores the result; one file a family has the
 * functions. Facts: process.md 1 to 3; doc/sys.md.
 */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include "chan/chan.h"
#include "proc/proc.h"

/*
 * A call is described by its name (as /proc shows it), its function and the types
 * of its arguments, one letter a slot:
 *	P pointer, N pointer to a string, X unsigned 64, V signed 64,
 *	I and L signed 32, U unsigned 32.
 * The high halves of the 32-bit ones are garbage: call_s32 and call_u32 cut and extend them.
 */
typedef struct SysEntry SysEntry;
struct SysEntry {
	const char *name;
	ERR (*f)(Call *c);
	const char *types;
};
extern const SysEntry systab[NSYSCALL];		/* a nil name: there is no such call */

static inline Uaddr call_addr(const Call *c, u32 slot) { return uaddr_of(c->arg[slot]); }
static inline s32 call_s32(const Call *c, u32 slot) { return (s32)c->arg[slot]; }
static inline u32 call_u32(const Call *c, u32 slot) { return (u32)c->arg[slot]; }

/* Post the note for a bad pointer and say so on descriptor 2. Returns Ebadarg. */
ERR call_badaddr(Call *c, u64 addr, u64 len);
/* The pointer check: [slot, +len) inside (writable) segments, len not negative as 32 bits. */
ERR call_range_slowly(Call *c, u32 slot, u64 len, bool write);
static inline ERR call_range(Call *c, u32 slot, u64 len, bool write)
{
	if (likely(len >> 31 == 0 && seg_covers_again(&up->space, call_addr(c, slot), len, write)))
		return nil;
	return call_range_slowly(c, slot, len, write);
}
/* A copy of the string at a slot: lives as long as the name, and the call. */
typedef struct CallName { const char *text; char small[208]; } CallName;
/* Etoolong beyond NAME_MAX_BYTES. */
ERR call_string(Call *c, u32 slot, CallName *name);
/* Zeroed memory freed with the running process's call. Enomem. */
ERR call_alloc(usize size, void **out);

ERR sys_unknown(Call *c);		/* numbers that mean nothing */
ERR sysr1(Call *c);
ERR sys_errstr(Call *c);
ERR sys_olderrstr(Call *c);
ERR sys_alarm(Call *c);
ERR sys_exec(Call *c);
ERR sys_exits(Call *c);
ERR sys_sleep(Call *c);
ERR sys_rfork(Call *c);
ERR sys_notify(Call *c);
ERR sys_noted(Call *c);
ERR sys_rendezvous(Call *c);
ERR sys_semacquire(Call *c);
ERR sys_semrelease(Call *c);
ERR sys_tsemacquire(Call *c);
ERR sys_await(Call *c);
ERR sys_nsec(Call *c);

ERR sys_bind(Call *c);
ERR sys_chdir(Call *c);
ERR sys_close(Call *c);
ERR sys_dup(Call *c);
ERR sys_fauth(Call *c);
ERR sys_open(Call *c);
ERR sys_pipe(Call *c);
ERR sys_create(Call *c);
ERR sys_fd2path(Call *c);
ERR sys_remove(Call *c);
ERR sys_unmount(Call *c);
ERR sys_seek(Call *c);
ERR sys_fversion(Call *c);
ERR sys_stat(Call *c);
ERR sys_fstat(Call *c);
ERR sys_wstat(Call *c);
ERR sys_fwstat(Call *c);
ERR sys_mount(Call *c);
ERR sys_pread(Call *c);
ERR sys_pwrite(Call *c);

ERR sys_segbrk(Call *c);
ERR sys_brk(Call *c);
ERR sys_segattach(Call *c);
ERR sys_segdetach(Call *c);
ERR sys_segfree(Call *c);
ERR sys_segflush(Call *c);

ERR sys_oldfsession(Call *c);
ERR sys_oldfstat(Call *c);
ERR sys_oldmount(Call *c);
ERR sys_oldread(Call *c);
ERR sys_oldseek(Call *c);
ERR sys_oldstat(Call *c);
ERR sys_oldwrite(Call *c);
ERR sys_oldwstat(Call *c);
ERR sys_oldfwstat(Call *c);
ERR sys_oldwait(Call *c);

#endif
