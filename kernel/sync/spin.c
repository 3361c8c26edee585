/*
 * Spin locks: ticket locks, so that waiters are served in order of arrival.
 * A lock knows its class and its holder; waiting far too long, taking a lock
 * this processor already holds, and releasing one it does not hold are panics
 * that name the lock, the holder and where it was taken. Taking a free lock and
 * releasing one is inline (sync.h); here is what happens otherwise.
 */
#include "sync/sync.h"
#include "arch/arch.h"

/*
 * A wait is a hang after so many turns of the loop and so much time: the time alone would accuse a
 * machine that stood still, the turns alone a fast one.
 */
enum { SPIN_TURNS_MIN = 1 << 20 };
#define SPIN_NS_MAX 5000000000UL

static const char *class_name(const LockClass *class)
{
	return class != nil ? class->name : "(no class)";
}

static void NORETURN lock_complain(const Lock *l, uintptr pc, const char *what)
{
	const Cpu *holder = PEEK(l->holder);
	if (holder == nil)
		panic("lock %s %s: wanted by %s, held by nobody, last taken by %s",
			class_name(l->class), what, pcname(pc), pcname(l->pc));
	panic("lock %s %s: wanted by %s, held by cpu%u, taken by %s", class_name(l->class), what,
		pcname(pc), holder->index, pcname(l->pc));
}

void lock_init(Lock *l, LockClass *class)
{
	*l = (Lock)LOCK_INIT(class);
}

/* How many are before us says how long it will take at least: look only so often. */
COLD void spin_wait(Lock *l, u32 ticket, uintptr pc)
{
	if (lock_held(l))
		lock_complain(l, pc, "taken twice by one processor");
	if (l->class != nil)
		__atomic_fetch_add(&l->class->contended, 1, __ATOMIC_RELAXED);
	u64 start = arch_nsec();
	u32 before;
	for (u64 turns = 1; (before = ticket -
		__atomic_load_n(&l->serving, __ATOMIC_ACQUIRE)) != 0; turns++) {
		for (u32 i = 0; i < MIN(before, (u32)NCPU_MAX); i++)
			arch_relax();
		if (turns % SPIN_TURNS_MIN == 0 && !panicking && arch_nsec() - start > SPIN_NS_MAX)
			lock_complain(l, pc, "waited for too long");
	}
}

COLD void spin_not_held(const Lock *l, uintptr pc)
{
	lock_complain(l, pc, "released by a processor that does not hold it");
}

COLD void spin_needed(const Lock *l, uintptr pc)
{
	lock_complain(l, pc, "is needed and not held");
}

void spin_panic(const char *doing)
{
	const Cpu *c = cpu();
	for (u32 i = 0; i < CPU_HELD; i++) {
		const Lock *l = c->held[i];
		if (l != nil && PEEK(l->holder) == c)
			panic("spin lock %s, taken by %s, is held %s", class_name(l->class),
				pcname(l->pc), doing);
	}
	panic("%u spin locks are held %s", c->nlocks, doing);
}

/* Of the locks that a processor took last, those that it still holds. */
static void report_held(u32 index)
{
	const Cpu *c = cpu_get(index);
	for (u32 i = 0; c->nlocks > 0 && i < CPU_HELD; i++) {
		const Lock *l = c->held[i];
		if (l == nil || PEEK(l->holder) != c)
			continue;
		print("  cpu%u holds the spin lock %s, taken by %s\n", index, class_name(l->class),
			pcname(l->pc));
	}
}

void spin_report(void)
{
	for (u32 i = 0; i < cpu_count(); i++)
		report_held(i);
}
