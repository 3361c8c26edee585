/* System calls as programs of the tests make them, and what they often do together. */
#ifndef TEST_CALLS_H
#define TEST_CALLS_H

#include "arch/host/host.h"
#include "chan/chan.h"
#include "proc/proc.h"

s32 u_open(const char *name, u32 mode);
s32 u_create(const char *name, u32 mode, u32 perm);
/* At most HOST_SLOT_SIZE bytes; -1: an error. */
s64 u_read(s32 fd, void *buf, usize n);
s64 u_pread(s32 fd, void *buf, usize n, s64 off);
s64 u_write(s32 fd, const void *buf, usize n);
s32 u_close(s32 fd);
s32 u_pipe(s32 fd[2]);
s32 u_bind(const char *what, const char *where, u32 flag);
s32 u_unmount(const char *what, const char *where);	/* what nil: all */
s32 u_mount(s32 fd, const char *where, u32 flag, const char *aname);
s32 u_remove(const char *name);
s32 u_sleep(u32 ms);
u32 u_alarm(u32 ms);
s32 u_notify(HostHandler *f);
u64 u_rendezvous(u64 tag, u64 value);
/* The bytes in the queue behind a descriptor; -1: an error. */
s64 u_length(s32 fd);
/* Run a file with one argument. Returns only on an error. */
s32 u_exec(const char *file, const char *arg);
/*
 * Wait for a child; its pid, -1 when there is none or a note came. status of ERRMAX bytes or nil.
 */
s32 u_await(char *status);
/* Post a note through /proc; a name of the kernel's error text is u_error. */
s32 u_note(u32 pid, const char *text);
/* One line to /proc/pid/ctl. */
s32 u_ctl(u32 pid, const char *text);
const char *u_error(void);
/* A segment shared with children; its address. */
u64 u_share(u64 size);
u32 u_get32(u64 va);
void u_put32(u64 va, u32 value);

#endif
