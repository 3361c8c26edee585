/*
 * Spin locks. Whoever finds one free takes it; the others look again and again, after longer and
 * longer rests. Who has waited for a millisecond has lost patience and says so in the lock: from
 * then on those who have not lose every race, and only the impatient race each other. Where
 * somebody is impatient already, patience lasts for ten milliseconds: so a processor passes one
 * that waits at most once in that time.
 *
 * A strict order of arrival would be worse: in a virtual machine whose host has stopped the
 * processor that is next, all others would stand still until it runs again. So would less patience:
 * of two processors that the host runs by turns on one of its own one would find the lock taken
 * whenever it runs, and free only while it does not. Ten milliseconds are longer than such a turn.
 *
 * A lock knows its class and its holder; waiting far too long, taking a lock this processor
 * already holds, and releasing one it does not hold are panics that name the lock, the holder and
 * where it was taken. Taking a free lock and releasing one is inline (sync.h); here is what happens
 * otherwise.
 */
#include "sync/sync.h"
#include "arch/arch.h"

/*
 * A wait is a hang after so many turns of the loop and so much time: the time alone would accuse a
 * machine that stood still, the turns alone a fast one.
 */
enum { SPIN_TURNS_MIN = 1 << 16, REST_MAX = 16 };
#define SPIN_NS_MAX 5000000000UL
#define PATIENCE_NS 1000000UL		/* while nobody is impatient */
#define COURTESY_NS 10000000UL		/* while somebody is */

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

/* mine: what our own impatience has added to the state, 0 while we have patience. */
static bool spin_again(Lock *l, u32 mine)
{
	u32 now = __atomic_load_n(&l->state, __ATOMIC_RELAXED);
	if (mine == 0 ? now != 0 : (now & LOCK_HELD) != 0)
		return false;
	return __atomic_compare_exchange_n(&l->state, &now, now - mine + LOCK_HELD, false,
		__ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static bool loses_patience(const Lock *l, u64 waited)
{
	bool others = __atomic_load_n(&l->state, __ATOMIC_RELAXED) >= LOCK_IMPATIENT;
	return waited > (others ? COURTESY_NS : PATIENCE_NS);
}

COLD void spin_wait(Lock *l, uintptr pc)
{
	if (lock_held(l))
		lock_complain(l, pc, "taken twice by one processor");
	if (l->class != nil)
		__atomic_fetch_add(&l->class->contended, 1, __ATOMIC_RELAXED);
	u64 start = arch_nsec(), waited = 0;
	u32 mine = 0;
	for (u64 turns = 1; !spin_again(l, mine); turns++) {
		for (u64 rest = MIN(turns, (u64)REST_MAX); rest > 0; rest--)
			arch_relax();
		waited = arch_nsec() - start;
		if (mine == 0 && loses_patience(l, waited)) {
			mine = LOCK_IMPATIENT;
			__atomic_fetch_add(&l->state, mine, __ATOMIC_RELAXED);
		}
		if (turns > SPIN_TURNS_MIN && waited > SPIN_NS_MAX && !panicking)
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
