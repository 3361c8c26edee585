/*
 * The trace of what processes do and when (/proc/trace): records of 16 bytes in
 * a ring. Whoever does not read fast enough loses the oldest. The ring is there
 * while the trace is open.
 */
#include "proc/private.h"

enum { RING_RECORDS = 4096 };
static_assert(sizeof(TraceRecord) == 16, "a record of the trace is 16 bytes");

static LOCK_CLASS(trace_class, "proc.trace");
static Lock trace_lk = LOCK_INIT(&trace_class);
static TraceRecord *ring GUARDED_BY(trace_lk);
static u64 written GUARDED_BY(trace_lk), taken GUARDED_BY(trace_lk);	/* records ever */
static bool tracing GUARDED_BY(trace_lk);	/* to change */

void trace_record(const Proc *p, enum TraceEvent e)
{
	if (!__atomic_load_n(&tracing, __ATOMIC_ACQUIRE))
		return;
	TraceRecord r = { p->pid, (u32)e, (u64)time_nsec() };
	ilock(&trace_lk);
	if (tracing)
		ring[written++ % RING_RECORDS] = r;
	iunlock(&trace_lk);
}

Err trace_open(void)
{
	TraceRecord *fresh = kalloc(RING_RECORDS * sizeof *fresh);
	if (fresh == nil)
		return Enomem;
	ilock(&trace_lk);
	bool open = ring != nil;
	if (!open) {
		ring = fresh;
		taken = written;
		__atomic_store_n(&tracing, true, __ATOMIC_RELEASE);
	}
	iunlock(&trace_lk);
	if (!open)
		return nil;
	kfree(fresh);
	return errorf("already open");
}

void trace_close(void)
{
	ilock(&trace_lk);
	TraceRecord *left = ring;
	__atomic_store_n(&tracing, false, __ATOMIC_RELEASE);
	ring = nil;
	iunlock(&trace_lk);
	kfree(left);
}

bool trace_next(TraceRecord *r)
{
	ilock(&trace_lk);
	if (written - taken > RING_RECORDS)
		taken = written - RING_RECORDS;
	bool some = taken != written;
	if (some)
		*r = ring[taken++ % RING_RECORDS];
	iunlock(&trace_lk);
	return some;
}
