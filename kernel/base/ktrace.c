/*
 * The rings of the kernel's trace, one a processor, and the counts of its
 * profile. Writers take no lock: an interrupt that comes while a record is
 * written takes the next one. A reader knows by the serial number whether what
 * it copied was whole.
 */
#include "base/ktrace.h"

/* record [I] once given; written [a] records ever; taken: the reader's. */
typedef struct Ring { KtraceRecord *record; u64 written, taken; } Ring;

static Ring rings[NCPU_MAX];

static KtraceRecord *begin(u32 pid, enum KtraceKind kind, u64 a, u64 *serial)
{
	u32 i = cpu()->index;
	u64 n = __atomic_fetch_add(&rings[i].written, 1, __ATOMIC_RELAXED);
	KtraceRecord *r = &rings[i].record[n % KTRACE_RECORDS];
	__atomic_store_n(&r->serial, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);	/* what follows is stored later */
	r->time_ns = arch_nsec();
	r->pid = pid;
	r->cpu = (u16)i;
	r->kind = (u16)kind;
	r->a = a;
	*serial = n + 1;
	return r;
}

void ktrace(u32 pid, enum KtraceKind kind, u64 a, u64 b, u64 c, u64 d)
{
	u64 serial;
	KtraceRecord *r = begin(pid, kind, a, &serial);
	r->b = b;
	r->c = c;
	r->d = d;
	__atomic_store_n(&r->serial, serial, __ATOMIC_RELEASE);
}

void ktrace_text(u32 pid, enum KtraceKind kind, u64 a, const char *text)
{
	u64 serial;
	KtraceRecord *r = begin(pid, kind, a, &serial);
	strecpy(r->text, r->text + sizeof r->text, text);
	__atomic_store_n(&r->serial, serial, __ATOMIC_RELEASE);
}

bool ktrace_has_ring(u32 i)
{
	return rings[i].record != nil;
}

void ktrace_give_ring(u32 i, KtraceRecord *ring)
{
	rings[i].record = ring;
}

void ktrace_start(u32 groups)
{
	for (u32 i = 0; i < cpu_count(); i++) {
		assert(ktrace_has_ring(i));
		__atomic_store_n(&cpu_get(i)->tracing, groups, __ATOMIC_RELEASE);
	}
}

/* A copy that a writer may spoil meanwhile. */
static void copy(const KtraceRecord *from, KtraceRecord *to)
{
	static_assert(sizeof *to % sizeof(u64) == 0, "copied by words");
	const u64 *words = (const u64 *)from;
	for (u32 i = 0; i < sizeof *to / sizeof(u64); i++)
		((u64 *)to)[i] = __atomic_load_n(&words[i], __ATOMIC_RELAXED);
}

/* The oldest record of a ring, left in it. */
static bool peek(Ring *r, KtraceRecord *out, u64 *lost)
{
	u64 written = __atomic_load_n(&r->written, __ATOMIC_ACQUIRE);
	if (written - r->taken > KTRACE_RECORDS) {
		*lost += written - r->taken - KTRACE_RECORDS;
		r->taken = written - KTRACE_RECORDS;
	}
	for (; r->taken != written; r->taken++, (*lost)++) {
		const KtraceRecord *k = &r->record[r->taken % KTRACE_RECORDS];
		u64 before = __atomic_load_n(&k->serial, __ATOMIC_ACQUIRE);
		copy(k, out);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		u64 after = __atomic_load_n(&k->serial, __ATOMIC_RELAXED);
		if (before == r->taken + 1 && after == before)
			return true;
	}
	return false;
}

bool ktrace_next(KtraceRecord *out, u64 *lost)
{
	KtraceRecord r;
	Ring *oldest = nil;
	for (u32 i = 0; i < cpu_count(); i++)
		if (rings[i].record != nil && peek(&rings[i], &r, lost) &&
			(oldest == nil || r.time_ns < out->time_ns)) {
			*out = r;
			oldest = &rings[i];
		}
	if (oldest != nil)
		oldest->taken++;
	return oldest != nil;
}

/* ---- the profile ---- */

u32 *kprof_counts;

void kprof_start(u32 *counts)
{
	__atomic_store_n(&kprof_counts, counts, __ATOMIC_RELEASE);
}

void kprof_count(u64 pc, bool user)
{
	u32 *counts = __atomic_load_n(&kprof_counts, __ATOMIC_ACQUIRE);
	u32 i = user ? pcindex_end() : pcindex(pc);
	if (counts != nil)
		__atomic_fetch_add(&counts[i], 1, __ATOMIC_RELAXED);
}
