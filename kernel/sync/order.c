/*
 * The order of locks, learned as the kernel runs (checked build): whenever a lock
 * is wanted while others are held, "held before wanted" is recorded for their
 * classes. The first acquisition that would close a cycle is a panic that names
 * both orders and where each was seen, whether or not it deadlocked this time.
 * Also found: a class taken in an interrupt and elsewhere with interrupts on, and
 * locks held on the way to user mode.
 */
#include "sync/sync.h"
#include "arch/arch.h"

enum { CLASS_MAX = 128, WORDS = CLASS_MAX / 64 };

typedef struct Edge { uintptr held_pc, wanted_pc; } Edge;

static LockClass *classes[CLASS_MAX];		/* [a] by number */
static u32 nclasses;				/* [a] the last number given */
/* [a] after[a] has b: a was held when b was wanted */
static u64 after[CLASS_MAX][WORDS];
static Edge edges[CLASS_MAX][CLASS_MAX];	/* where that was seen first */
static HeldLocks spinning[NCPU_MAX];		/* each processor's own */
static HeldLocks before_processes;		/* sleeping locks while there is no process */

static u32 number_of(LockClass *class)
{
	u32 n = __atomic_load_n(&class->number, __ATOMIC_ACQUIRE);
	if (n != 0)
		return n;
	n = __atomic_add_fetch(&nclasses, 1, __ATOMIC_RELAXED);
	if (n >= CLASS_MAX)
		panic("lock classes: more than %d", CLASS_MAX - 1);
	u32 none = 0;
	if (!__atomic_compare_exchange_n(&class->number, &none, n, false, __ATOMIC_ACQ_REL,
		__ATOMIC_ACQUIRE))
		return none;	/* another processor was faster; the number is lost */
	classes[n] = class;
	return n;
}

static bool has_edge(u32 a, u32 b)
{
	return (__atomic_load_n(&after[a][b / 64], __ATOMIC_RELAXED) & 1UL << (b % 64)) != 0;
}

/*
 * Is there a way from a to b? next[] is filled with it. Depth is bounded by the number of classes.
 */
static bool path(u32 a, u32 b, u64 visited[WORDS], u32 *step)
{
	if (has_edge(a, b)) {
		*step = b;
		return true;
	}
	visited[a / 64] |= 1UL << (a % 64);
	for (u32 c = 1; c <= nclasses && c < CLASS_MAX; c++) {
		u32 ignored;
		if (!has_edge(a, c) || (visited[c / 64] & 1UL << (c % 64)) != 0)
			continue;
		if (path(c, b, visited, &ignored)) {
			*step = c;
			return true;
		}
	}
	return false;
}

static void NORETURN complain(u32 held, uintptr held_pc, u32 wanted, uintptr wanted_pc, u32 step)
{
	const Edge *e = &edges[wanted][step];
	print("lock order: %s, taken at %#lx, is held and %s wanted at %#lx\n", classes[held]->name,
		held_pc, classes[wanted]->name, wanted_pc);
	print("before: %s, taken at %#lx, was held and %s wanted at %#lx\n", classes[wanted]->name,
		e->held_pc, classes[step]->name, e->wanted_pc);
	panic("locks %s and %s are taken in both orders", classes[held]->name,
		classes[wanted]->name);
}

static void add_edge(const HeldLock *h, LockClass *class, uintptr pc)
{
	u32 a = number_of(h->class), b = number_of(class), step;
	if (a == b) {
		if (class->nests)
			return;
		panic("lock order: %s, taken at %#lx, is held and another %s wanted at %#lx",
			class->name, h->pc,
			class->name, pc);
	}
	if (has_edge(a, b))
		return;
	u64 visited[WORDS] = { 0 };
	if (path(b, a, visited, &step))
		complain(a, h->pc, b, pc, step);
	edges[a][b] = (Edge){ h->pc, pc };
	__atomic_fetch_or(&after[a][b / 64], 1UL << (b % 64), __ATOMIC_RELAXED);
}

static HeldLocks *sleeping_held(void)
{
	struct Proc *p = sync_self();
	return p != nil ? sync_held(p) : &before_processes;
}

static void check_masking(LockClass *class, uintptr pc)
{
	if (cpu()->in_interrupt)
		class->interrupt = true;
	else if (islo() && class->unmasked_pc == 0)
		class->unmasked_pc = pc;
	if (class->interrupt && class->unmasked_pc != 0)
		panic("lock %s is taken in interrupts, and at %#lx with interrupts on", class->name,
			class->unmasked_pc);
}

void order_wanted(LockClass *class, const void *lock, uintptr pc, bool spin)
{
	if (class == nil || panicking)
		return;
	(void)lock;
	const HeldLocks *h = &spinning[cpu()->index];
	for (u32 i = 0; i < h->n; i++)
		add_edge(&h->held[i], class, pc);
	/* what the interrupted process holds is not the handler's */
	if (cpu()->in_interrupt)
		return;
	h = sleeping_held();
	for (u32 i = 0; i < h->n; i++)
		add_edge(&h->held[i], class, pc);
	(void)spin;
}

void order_taken(LockClass *class, const void *lock, uintptr pc, bool spin)
{
	if (class == nil || panicking)
		return;
	if (spin)
		check_masking(class, pc);
	HeldLocks *h = spin ? &spinning[cpu()->index] : sleeping_held();
	if (h->n == HELD_MAX)
		panic("lock order: more than %d locks held at %#lx", HELD_MAX, pc);
	h->held[h->n++] = (HeldLock){ class, lock, pc };
}

void order_released(const void *lock, bool spin)
{
	HeldLocks *h = spin ? &spinning[cpu()->index] : sleeping_held();
	for (u32 i = h->n; i > 0; i--)
		if (h->held[i - 1].lock == lock) {
			memmove(&h->held[i - 1], &h->held[i], (h->n - i) * sizeof h->held[0]);
			h->n--;
			return;
		}
}

void order_check_none(void)
{
	const HeldLocks *h = sleeping_held();
	if (h->n != 0)
		panic("lock %s, taken at %#lx, is still held on the way to user mode",
			h->held[0].class->name,
			h->held[0].pc);
}
