/*
 * Spin locks: ticket locks, so that waiters are served in order of arrival.
 * A lock knows its class and its holder; waiting far too long, taking a lock
 * this processor already holds, and releasing one it does not hold are panics
 * that name the lock, the holder and where it was taken.
 */
#include "sync/sync.h"
#include "arch/arch.h"

/*
 * A wait is a hang after so many turns of the loop and so much time: the time alone would accuse a
 * machine that stood still, the turns alone a fast one.
 */
enum { SPIN_TURNS_MIN = 1 << 20 };
#define SPIN_NS_MAX 5000000000UL

/* Where the function that this stands in was called from. */
#define CALLER	((uintptr)__builtin_return_address(0))

static const char *class_name(const LockClass *class)
{
	return class != nil ? class->name : "(no class)";
}

static void NORETURN lock_complain(const Lock *l, uintptr pc, const char *what)
{
	if (l->cpu == 0)
		panic("lock %s %s: wanted by %s, held by nobody, last taken by %s",
			class_name(l->class), what, pcname(pc), pcname(l->pc));
	panic("lock %s %s: wanted by %s, held by cpu%d, taken by %s", class_name(l->class), what,
		pcname(pc), (int)l->cpu - 1, pcname(l->pc));
}

void lock_init(Lock *l, LockClass *class)
{
	*l = (Lock)LOCK_INIT(class);
}

/* Out of the way of those who need not wait. */
static __attribute__((noinline)) void spin(Lock *l, u32 ticket, uintptr pc)
{
	if (PEEK(l->cpu) == cpu()->index + 1)
		lock_complain(l, pc, "taken twice by one processor");
	if (l->class != nil)
		__atomic_fetch_add(&l->class->contended, 1, __ATOMIC_RELAXED);
	u64 start = arch_nsec();
	for (u64 turns = 1; __atomic_load_n(&l->serving, __ATOMIC_ACQUIRE) != ticket; turns++) {
		arch_relax();
		if (turns % SPIN_TURNS_MIN == 0 && !panicking && arch_nsec() - start > SPIN_NS_MAX)
			lock_complain(l, pc, "waited for too long");
	}
}

static inline void taken(Lock *l, uintptr pc)
{
	Cpu *c = cpu();
	l->cpu = c->index + 1;
	l->pc = pc;
	c->held[c->nlocks++ % CPU_HELD] = l;
	if (CHECKED)
		order_taken(l->class, l, pc, true);
}

static inline void acquire(Lock *l, uintptr pc)
{
	if (CHECKED)
		order_wanted(l->class, pc, true);
	u32 ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);
	if (unlikely(__atomic_load_n(&l->serving, __ATOMIC_ACQUIRE) != ticket))
		spin(l, ticket, pc);
	taken(l, pc);
}

static inline void release(Lock *l)
{
	Cpu *c = cpu();
	if (unlikely(l->cpu != c->index + 1))
		lock_complain(l, CALLER, "released by a processor that does not hold it");
	if (CHECKED)
		order_released(l, true);
	l->cpu = 0;
	c->nlocks--;
	__atomic_store_n(&l->serving, l->serving + 1, __ATOMIC_RELEASE);
}

NO_TSA void lock(Lock *l)
{
	acquire(l, CALLER);
}

NO_TSA bool canlock(Lock *l)
{
	u32 serving = __atomic_load_n(&l->serving, __ATOMIC_ACQUIRE);
	u32 expected = serving;
	if (!__atomic_compare_exchange_n(&l->next, &expected, serving + 1, false, __ATOMIC_ACQUIRE,
		__ATOMIC_RELAXED))
		return false;
	taken(l, CALLER);
	return true;
}

NO_TSA void unlock(Lock *l)
{
	release(l);
}

NO_TSA void ilock(Lock *l)
{
	bool on = splhi();
	acquire(l, CALLER);
	l->interrupts_were_on = on;
}

NO_TSA void iunlock(Lock *l)
{
	bool on = l->interrupts_were_on;
	release(l);
	splx(on);
}

bool lock_held(const Lock *l)
{
	return PEEK(l->cpu) == cpu()->index + 1;
}

void spin_panic(const char *doing)
{
	const Cpu *c = cpu();
	for (u32 i = 0; i < CPU_HELD; i++) {
		const Lock *l = c->held[i];
		if (l != nil && PEEK(l->cpu) == c->index + 1)
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
		if (l == nil || PEEK(l->cpu) != index + 1)
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
