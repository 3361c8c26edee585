/*
 * base/ktrace: the trace of the kernel (/dev/trace) and its profile (/dev/kprof), as those see
 * them who write and read them. While nobody traces, a place that could write costs one look at
 * a word of this processor that is read there anyway or near there.
 */
#ifndef BASE_KTRACE_H
#define BASE_KTRACE_H

#include "arch/arch.h"

/* What can be asked for: bits of Cpu.tracing. */
enum KtraceGroup { KT_SCHED = 1, KT_CALLS = 2, KT_FAULTS = 4, KT_9P = 8, KT_ALL = 15 };

/* a to d of each; a pid of 0 is the idle loop or an interrupt before there was a process. */
enum KtraceKind {
	KT_RUN,		/* who runs now, who did, the latter's state (enum ProcState) */
	KT_READY,	/* who becomes ready */
	KT_CALL,	/* number, pc */
	KT_RETURN,	/* number, result */
	KT_ERROR,	/* number, then text */
	KT_FAULT,	/* address, access (PROT_), ns it took, was it refused */
	KT_SEND,	/* connection, type, tag, fid */
	KT_RECEIVE,	/* connection, type, tag, size */
};

enum { KTRACE_TEXT = 24, KTRACE_RECORDS = 4096 };
typedef struct KtraceRecord KtraceRecord;
struct KtraceRecord {
	u64 serial;		/* [a] of this processor's, from 1; 0 while it is written */
	u64 time_ns;
	u32 pid;		/* on whose behalf */
	u16 cpu, kind;
	u64 a;
	union { struct { u64 b, c, d; }; char text[KTRACE_TEXT]; };
};

/* Any context; takes no lock. A processor keeps the last KTRACE_RECORDS. */
void ktrace(u32 pid, enum KtraceKind kind, u64 a, u64 b, u64 c, u64 d);
void ktrace_text(u32 pid, enum KtraceKind kind, u64 a, const char *text);
static inline bool ktracing(enum KtraceGroup group)
{
	return unlikely((cpu()->tracing & group) != 0);
}

/*
 * Write what belongs to groups from now on, 0: nothing. Every processor must have a ring of
 * KTRACE_RECORDS by then, which it keeps.
 */
bool ktrace_has_ring(u32 cpu);
void ktrace_give_ring(u32 cpu, KtraceRecord *ring);
void ktrace_start(u32 groups);
/* Take the oldest record out; *lost grows by those that were overwritten. One reader at a time. */
bool ktrace_next(KtraceRecord *r, u64 *lost);

/* ---- the profile: how often a tick met each function ---- */

/* Count into counts, which has pcindex_end() + 1 elements, the last for user mode; nil: stop. */
void kprof_start(u32 *counts);
extern u32 *kprof_counts;	/* [a] nil: nobody profiles */
void kprof_count(u64 pc, bool user);
static inline void kprof_tick(u64 pc, bool user)
{
	if (unlikely(__atomic_load_n(&kprof_counts, __ATOMIC_RELAXED) != nil))
		kprof_count(pc, user);
}

#endif
