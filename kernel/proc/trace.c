/*
 * The trace of what processes do and when (/proc/trace): records of 16 bytes in
 * a ring. Whoever does not read fast enough loses the oldest. The ring is
 * allocated by the first who opens the trace and stays.
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
	TraceRecord *fresh = PEEK(ring) == nil ? kalloc(RING_RECORDS * sizeof *fresh) : nil;
	Err err = nil;
	ilock(&trace_lk);
	if (tracing) {
		err = errorf("already open");
	} else if (ring == nil && fresh == nil) {
		err = Enomem;
	} else {
		if (ring == nil) {
			ring = fresh;
			fresh = nil;
		}
		taken = written;
		__atomic_store_n(&tracing, true, __ATOMIC_RELEASE);
	}
	iunlock(&trace_lk);
	kfree(fresh);
	return err;
}

void trace_close(void)
{
	ilock(&trace_lk);
	__atomic_store_n(&tracing, false, __ATOMIC_RELEASE);
	iunlock(&trace_lk);
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
