/*
 * #p among its files: proc.c has the tree, procread.c what files read, procown.c
 * what own reads, procctl.c what they accept, procmem.c memory and registers,
 * procwatch.c watchpoints.
 */
#ifndef DEV_PROCDEV_H
#define DEV_PROCDEV_H

#include "dev/devices.h"
#include "load/load.h"
#include "proc/proc.h"

/* Files of a process directory; the low byte of Qid.path, the pid above it. */
enum ProcFile {
	PF_ROOT, PF_TRACE, PF_DIR,
	PF_ARGS, PF_CTL, PF_FD, PF_FPREGS, PF_KFPREGS, PF_KREGS, PF_MEM, PF_NOTE, PF_NOTEID,
	PF_NOTEPG, PF_NS, PF_OWN, PF_PPID, PF_PROC, PF_PROFILE, PF_REGS, PF_SEGMENT, PF_STATUS,
	PF_SYSCALL, PF_TEXT, PF_WAIT, PF_WATCHPT,
};
static inline enum ProcFile proc_file(const Chan *c) { return (enum ProcFile)(c->qid.path & 0xff); }
static inline u32 proc_file_pid(const Chan *c) { return (u32)(c->qid.path >> 8); }

/* A file that gives one line a read (fd, ns, own): Chan.aux while open. */
typedef struct ProcLines ProcLines;
struct ProcLines {
	QLock lk;
	u64 next GUARDED_BY(lk);	/* the line to come; of own: the address */
	usize length GUARDED_BY(lk), used GUARDED_BY(lk);	/* of text */
	char text[4096] GUARDED_BY(lk);
};
extern LockClass proclines_class;

/* p is held and its debug lock taken; it has not exited. */
ERR procread_text(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n);
/* p is held, no locks. */
ERR procread_lines(Proc *p, Chan *c, const Iobuf *b, u64 off, usize *n);
ERR procread_wait(Proc *p, const Iobuf *b, usize *n);
ERR procread_note(Proc *p, const Iobuf *b, usize *n);
/* The next line of own; l->lk is held. */
ERR procown_line(Proc *p, ProcLines *l) REQUIRES(l->lk);
/* No locks. */
ERR proctrace_read(const Iobuf *b, usize *n);
ERR procctl_write(Proc *p, const Iobuf *b);
ERR procwrite_note(Proc *p, const Iobuf *b);
ERR procwrite_notepg(u32 noteid, const Iobuf *b);
ERR procwrite_noteid(Proc *p, const Iobuf *b);
ERR procwrite_args(Proc *p, const Iobuf *b, u64 off);
/* p is held and its debug lock taken. */
ERR procmem_read(Proc *p, const Iobuf *b, u64 off, usize *n);
ERR procmem_write(Proc *p, const Iobuf *b, u64 off, usize *n);
ERR procprofile_read(Proc *p, const Iobuf *b, u64 off, usize *n);
ERR procwatch_write(Proc *p, const Iobuf *b, u64 off, usize *n);
char *procwatch_text(const Proc *p, char *at, char *end);
ERR procregs_read(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n);
ERR procregs_write(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n);

#endif
