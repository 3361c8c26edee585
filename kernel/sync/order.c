/*
 * The order of locks, learned as the kernel runs (checked build): whenever a lock
 * is wanted while others are held, "held before wanted" is recorded for their
 * classes. The first acquisition that would close a cycle is a panic that names
 * both orders and where each was seen, whether or not it deadlocked this time.
 * Also found: a sleeping lock wanted while a spin lock is held, a class taken in an
 * interrupt and elsewhere with interrupts on, and locks held on the way to user mode
 * or to sleep. For /dev/locks it counts, and remembers the longest hold of a class.
 */
#include "sync/sync.h"
#include "arch/arch.h"

enum { CLASS_MAX = 128, WORDS = CLASS_MAX / 64 };

typedef struct Edge { uintptr held_pc, wanted_pc; } Edge;

/* [a] after[a] has b: a was held when b was wanted */
static u64 after[CLASS_MAX][WORDS];
static Edge edges[CLASS_MAX][CLASS_MAX];	/* where that was seen first */
static HeldLocks spinning[NCPU_MAX];		/* each processor's own */
static HeldLocks before_processes;		/* sleeping locks while there is no process */

static u32 number_of(const LockClass *class)
{
	usize n = (usize)(class - __start_lockclasses);
	if (n >= CLASS_MAX || class >= __stop_lockclasses)
		panic("lock class %s is not among the first %d", class->name, CLASS_MAX);
	return (u32)n;
}

static u32 nclasses(void)
{
	return (u32)(__stop_lockclasses - __start_lockclasses);
}

/* ---- cycles ---- */

static bool has_edge(u32 a, u32 b)
{
	return (__atomic_load_n(&after[a][b / 64], __ATOMIC_RELAXED) & 1UL << (b % 64)) != 0;
}

/*
 * Is there a way from a to b? *step is the first class on it. Depth is bounded by the number of
 * classes.
 */
static bool path(u32 a, u32 b, u64 visited[WORDS], u32 *step)
{
	if (has_edge(a, b)) {
		*step = b;
		return true;
	}
	visited[a / 64] |= 1UL << (a % 64);
	for (u32 c = 0; c < nclasses() && c < CLASS_MAX; c++) {
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

static void print_order(const char *when, u32 held, u32 wanted, const Edge *e)
{
	print("lock order %s: %s, taken at %s, is held and %s wanted at %s\n", when,
		__start_lockclasses[held].name, pcname(e->held_pc),
		__start_lockclasses[wanted].name, pcname(e->wanted_pc));
}

/* Print the way from wanted back to held that the new order would close. */
static void NORETURN complain(u32 held, uintptr held_pc, u32 wanted, uintptr wanted_pc)
{
	u32 step;
	print_order("now", held, wanted, &(Edge){ held_pc, wanted_pc });
	for (u32 at = wanted; at != held; at = step) {
		u64 visited[WORDS] = { 0 };
		if (!path(at, held, visited, &step))
			break;
		print_order("before", at, step, &edges[at][step]);
	}
	panic("locks %s and %s are taken in both orders", __start_lockclasses[held].name,
		__start_lockclasses[wanted].name);
}

static void add_edge(const HeldLock *h, LockClass *class, uintptr pc)
{
	u32 a = number_of(h->class), b = number_of(class), step;
	if (a == b) {
		if (class->nests)
			return;
		panic("lock order: %s, taken at %s, is held and another %s wanted at %s",
			class->name, pcname(h->pc), class->name, pcname(pc));
	}
	if (has_edge(a, b))
		return;
	u64 visited[WORDS] = { 0 };
	if (path(b, a, visited, &step))
		complain(a, h->pc, b, pc);
	u64 bit = 1UL << (b % 64);
	if ((__atomic_fetch_or(&after[a][b / 64], bit, __ATOMIC_RELAXED) & bit) == 0)
		edges[a][b] = (Edge){ h->pc, pc };
}

/* ---- what is held ---- */

static HeldLocks *sleeping_held(void)
{
	struct Proc *p = sync_self();
	return p != nil ? sync_held(p) : &before_processes;
}

static void check_masking(LockClass *class, uintptr pc)
{
	if (cpu()->in_interrupt)
		POKE(class->interrupt, true);
	else if (islo() && PEEK(class->unmasked_pc) == 0)
		POKE(class->unmasked_pc, pc);
	if (PEEK(class->interrupt) && PEEK(class->unmasked_pc) != 0)
		panic("lock %s is taken in interrupts, and with interrupts on at %s; now at %s",
			class->name, pcname(class->unmasked_pc), pcname(pc));
}

/* May a sleeping lock be waited for here? */
static void check_sleepable(const LockClass *class, uintptr pc)
{
	const HeldLocks *h = &spinning[cpu()->index];
	if (cpu()->in_interrupt)
		panic("lock %s, which sleeps, is wanted in an interrupt at %s", class->name,
			pcname(pc));
	if (h->n > 0)
		panic("lock %s, which sleeps, is wanted at %s while spin lock %s, taken at %s, "
			"is held", class->name, pcname(pc), h->held[0].class->name,
			pcname(h->held[0].pc));
}

void order_wanted(LockClass *class, uintptr pc, bool spin)
{
	if (class == nil || panicking)
		return;
	if (!spin)
		check_sleepable(class, pc);
	const HeldLocks *h = &spinning[cpu()->index];
	for (u32 i = 0; i < h->n; i++)
		add_edge(&h->held[i], class, pc);
	/* what the interrupted process holds is not the handler's */
	if (cpu()->in_interrupt)
		return;
	h = sleeping_held();
	for (u32 i = 0; i < h->n; i++)
		add_edge(&h->held[i], class, pc);
}

void order_taken(LockClass *class, const void *lock, uintptr pc, bool spin)
{
	if (class == nil || panicking)
		return;
	if (spin)
		check_masking(class, pc);
	__atomic_fetch_add(&class->acquired, 1, __ATOMIC_RELAXED);
	bool on = splhi();	/* a handler adds to the same list */
	HeldLocks *h = spin ? &spinning[cpu()->index] : sleeping_held();
	if (h->n == HELD_MAX)
		panic("lock order: more than %d locks held by %s", HELD_MAX, pcname(pc));
	h->held[h->n++] = (HeldLock){ class, lock, pc, arch_nsec() };
	splx(on);
}

/* Another processor may be faster; then a hold that was nearly as long is told. */
static void note_hold(const HeldLock *h)
{
	u64 ns = arch_nsec() - h->since_ns;
	if (ns <= PEEK(h->class->longest_ns))
		return;
	POKE(h->class->longest_ns, ns);
	POKE(h->class->longest_pc, h->pc);
}

void order_released(const void *lock, bool spin)
{
	bool on = splhi();
	HeldLocks *h = spin ? &spinning[cpu()->index] : sleeping_held();
	u32 i = h->n;
	while (i > 0 && h->held[i - 1].lock != lock)
		i--;
	if (i > 0) {
		note_hold(&h->held[i - 1]);
		memmove(&h->held[i - 1], &h->held[i], (h->n - i) * sizeof h->held[0]);
		h->n--;
	}
	splx(on);
}

static void check_empty(const HeldLocks *h, const char *doing)
{
	if (h->n != 0 && !panicking)
		panic("lock %s, taken at %s, is held %s", h->held[0].class->name,
			pcname(h->held[0].pc), doing);
}

void order_check_spinning(const char *doing)
{
	check_empty(&spinning[cpu()->index], doing);
}

void order_check_none(void)
{
	order_check_spinning("on the way to user mode");
	check_empty(sleeping_held(), "on the way to user mode");
}

static u32 add_names(const HeldLocks *h, const char **names, u32 n, u32 max)
{
	for (u32 i = 0; i < h->n && n < max; i++)
		names[n++] = h->held[i].class->name;
	return n;
}

u32 order_held(const char **names, u32 max)
{
	u32 n = add_names(&spinning[cpu()->index], names, 0, max);
	return cpu()->in_interrupt ? n : add_names(sleeping_held(), names, n, max);
}
