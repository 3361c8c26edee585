/*
 * The race detector's run time (BUILD=race). The compiler calls __tsan_read and
 * __tsan_write before each plain access, and __tsan_atomic in place of each atomic
 * one. Now and then a plain access is watched: it is put on show in a slot, the
 * processor stalls, and if meanwhile another one, or an interrupt, uses the same
 * bytes and one of the two writes, that is a race, whatever came of it. Which locks
 * were held does not matter: who excludes the others does not meet them.
 *
 * PEEK, __atomic and volatile accesses are marked: they are never watched. A marked
 * write races with a plain access; a marked read with none, since a plain write of a
 * word by the holder of its lock is one store.
 *
 * Nothing here is instrumented, but what it calls is: `busy' says so.
 */
#include "mem/race.h"
#include "arch/arch.h"
#include "mem/mem.h"
#include "sync/sync.h"

enum { SLOTS = 64, PAIRS_MAX = 128, HELD_SHOWN = 4, PROCESS_TEXT = 40, UNIT = 8 };
/*
 * One plain access of so many is watched, for so long when alone and with other processors; and
 * no processor stalls for more than a part of its time, however long its stalls turn out to be.
 */
enum { EVERY = 1024, ALONE_US = 50, STALL_US = 30, PART = 4 };
enum { WRITE = 1, MARKED = 2 };
#define DIRECT_END 0xffffc00000000000UL	/* the direct map is below, the image and stacks above */

/*
 * What is watched: the number of an aligned unit of 8 bytes << 12 | a bit for each byte << 4 |
 * WRITE | WATCHED; MET when somebody used it; 0 for a free slot.
 */
enum { WATCHED = 8, MET = 4 };

typedef struct Side Side;
struct Side {
	u64 address, size;
	u32 how, cpu;
	bool interrupt;
	uintptr pc;
	u32 nheld;
	const char *held[HELD_SHOWN];
	char process[PROCESS_TEXT];
};

typedef struct ALIGNED(64) Mine Mine;
struct Mine {
	s32 left;	/* plain accesses until one is watched */
	u32 seed;
	u64 rest_until;	/* cycles: no stall before */
	bool busy;	/* inside the detector, interrupts off */
};

typedef struct Pair { uintptr a, b; u32 times; } Pair;

static bool started;
static u64 slots[SLOTS];	/* [a] */
static Side others[SLOTS];	/* who met what the slot shows */
static bool told[SLOTS];	/* [a] the Side is whole */
static Mine mine[NCPU_MAX];
static u64 watched;		/* [a] */
static u64 alone_cycles, stall_cycles;
static bool pairs_taken;	/* [a] a lock without a name, interrupts off */
static Pair pairs[PAIRS_MAX];
static u32 npairs;

/* ---- slots ---- */

static u32 slot_of(u64 unit)
{
	return (u32)(unit ^ unit >> 6) % SLOTS;
}

/* The part of [a, a+n) that lies in its first unit. */
static u64 encode(u64 a, u64 n, u32 how)
{
	u64 first = a % UNIT, count = MIN(n, UNIT - first);
	u64 mask = ((1UL << count) - 1) << first;
	return (a / UNIT) << 12 | mask << 4 | WATCHED | (how & WRITE);
}

static bool conflict(u64 shown, u64 code)
{
	return shown >> 12 == (code >> 12 & (~0UL >> 12)) && (shown & code & 0xff0) != 0 &&
		((shown | code) & WRITE) != 0;
}

static void describe(Side *s, u64 a, u64 n, u32 how, uintptr pc)
{
	const Cpu *c = cpu();
	*s = (Side){ .address = a, .size = n, .how = how, .cpu = c->index, .pc = pc,
		.interrupt = c->in_interrupt };
	s->nheld = order_held(s->held, HELD_SHOWN);
	race_process(s->process, sizeof s->process);
}

/* ---- reports ---- */

/* Is it the first time that these two meet? Counts. */
static bool first_time(uintptr a, uintptr b)
{
	uintptr low = MIN(a, b), high = MAX(a, b);
	u32 i = 0;
	while (__atomic_exchange_n(&pairs_taken, true, __ATOMIC_ACQUIRE))
		arch_relax();
	while (i < npairs && (pairs[i].a != low || pairs[i].b != high))
		i++;
	bool first = i == npairs;
	if (first && npairs < PAIRS_MAX)
		pairs[npairs++] = (Pair){ low, high, 0 };
	if (i < npairs)
		pairs[i].times++;
	__atomic_store_n(&pairs_taken, false, __ATOMIC_RELEASE);
	return first && i < PAIRS_MAX;
}

static void print_side(const char *lead, const Side *s)
{
	print("%s %s%s of %lu bytes at %#lx by %s, cpu%u, %s%s, holding", lead,
		(s->how & MARKED) != 0 ? "marked " : "", (s->how & WRITE) != 0 ? "write" : "read",
		s->size, s->address, pcname(s->pc), s->cpu, s->interrupt ? "interrupt in " : "",
		s->process);
	for (u32 i = 0; i < s->nheld; i++)
		print(" %s", s->held[i]);
	print("%s\n", s->nheld == 0 ? " no lock" : "");
}

static void print_object(u64 a)
{
	usize size;
	const void *p = a < DIRECT_END ? kalloc_object(a, &size) : nil;
	if (p != nil)
		print("race:   byte %lu of the heap's object %p of %lu bytes\n", a - (u64)p, p,
			size);
}

static void report(const Side *a, const Side *b, u64 before, u64 after)
{
	if (!first_time(a->pc, b != nil ? b->pc : 0))
		return;
	print_side("race:", a);
	if (b != nil)
		print_side("race:   meets", b);
	else
		print("race:   meets an unseen write, by assembly or a device\n");
	if (before != after)
		print("race:   the value went from %#lx to %#lx\n", before, after);
	print_object(a->address);
}

u32 races_each(void (*line)(void *arg, const char *text), void *arg)
{
	u32 n = __atomic_load_n(&npairs, __ATOMIC_ACQUIRE);
	for (u32 i = 0; i < n; i++) {
		char text[200];
		const Pair *p = &pairs[i];
		snprint(text, sizeof text, "race, %u times: %s and %s", p->times,
			p->a != 0 ? pcname(p->a) : "an unseen write", pcname(p->b));
		line(arg, text);
	}
	return n;
}

u64 race_watched(void)
{
	return __atomic_load_n(&watched, __ATOMIC_RELAXED);
}

/* ---- watching ---- */

/* Times between watched accesses vary, else a loop would show the same one for ever. */
static s32 next_left(Mine *m)
{
	m->seed = m->seed * 1664525 + 1013904223;
	return EVERY / 2 + (s32)(m->seed >> 8) % EVERY;
}

/* Of a unit's part. */
static u64 value(u64 a, u64 n)
{
	u64 v = 0;
	if (n == sizeof v)
		return *(volatile u64 *)a;
	for (u64 i = 0; i < MIN(n, sizeof v); i++)
		v |= (u64)((volatile u8 *)a)[i] << (8 * i);
	return v;
}

static void stall(u32 i, u64 code)
{
	u64 start = arch_cycles(), length = cpu_count() > 1 ? stall_cycles : alone_cycles;
	while (arch_cycles() - start < length &&
	       __atomic_load_n(&slots[i], __ATOMIC_RELAXED) == code)
		arch_relax();
}

/* The slot is free again; what came into it meanwhile, if anything, in *other. */
static bool take_back(u32 i, u64 code, Side *other)
{
	if (__atomic_compare_exchange_n(&slots[i], &code, 0, false, __ATOMIC_ACQ_REL,
		__ATOMIC_ACQUIRE))
		return false;
	while (!__atomic_load_n(&told[i], __ATOMIC_ACQUIRE))
		arch_relax();
	*other = others[i];
	__atomic_store_n(&told[i], false, __ATOMIC_RELAXED);
	__atomic_store_n(&slots[i], 0, __ATOMIC_RELEASE);
	return true;
}

static void tell(Mine *m, u64 a, u64 n, u32 how, uintptr pc, const Side *other, u64 before,
	u64 after)
{
	Side me;
	bool on = splhi();
	m->busy = true;
	describe(&me, a, n, how, pc);
	report(&me, other, before, after);
	m->busy = false;
	splx(on);
}

/* With interrupts off nobody can come in on a machine of one processor; own stacks are private. */
static COLD void watch(Mine *m, u64 a, u64 n, u32 how, uintptr pc)
{
	u64 sp = (u64)__builtin_frame_address(0), code = encode(a, n, how), none = 0;
	u32 i = slot_of(a / UNIT);
	Side other;
	m->left = next_left(m);
	u64 start = arch_cycles();
	if (m->busy || start < m->rest_until || a - sp < KSTACK_SIZE ||
	    (cpu_count() == 1 && !islo()))
		return;
	if (!__atomic_compare_exchange_n(&slots[i], &none, code, false, __ATOMIC_ACQ_REL,
		__ATOMIC_RELAXED))
		return;
	__atomic_fetch_add(&watched, 1, __ATOMIC_RELAXED);
	u64 before = value(a, n);
	stall(i, code);
	u64 after = value(a, n), end = arch_cycles();
	m->rest_until = end + (end - start) * (PART - 1);
	bool met = take_back(i, code, &other);
	/* what an interrupt leaves as it found it, such as how many locks are held, is its own */
	if (before != after || (met && other.cpu != cpu()->index))
		tell(m, a, n, how, pc, met ? &other : nil, before, after);
}

/* Somebody watches what is used here: tell who this is. */
static COLD void meet(u32 i, u64 shown, u64 a, u64 n, u32 how, uintptr pc)
{
	bool on = splhi();
	Mine *m = &mine[cpu()->index];
	if (!m->busy && __atomic_compare_exchange_n(&slots[i], &shown, MET, false,
		__ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		m->busy = true;
		describe(&others[i], a, n, how, pc);
		m->busy = false;
		__atomic_store_n(&told[i], true, __ATOMIC_RELEASE);
	}
	splx(on);
}

/* ---- accesses ---- */

static inline void look(u64 a, u64 n, u32 how, uintptr pc)
{
	u32 i = slot_of(a / UNIT);
	u64 shown = __atomic_load_n(&slots[i], __ATOMIC_RELAXED);
	if (unlikely(shown != 0) && conflict(shown, encode(a, n, how)))
		meet(i, shown, a, n, how, pc);
}

static inline void plain(u64 a, u64 n, u32 how, uintptr pc)
{
	if (unlikely(!started || panicking))
		return;
	Mine *m = &mine[cpu()->index];
	look(a, n, how, pc);
	if (unlikely(--m->left <= 0))
		watch(m, a, n, how, pc);
}

static inline void marked_write(const volatile void *a, u64 n, uintptr pc)
{
	if (likely(started && !panicking))
		look((u64)a, n, WRITE | MARKED, pc);
}

/* Of a long range each unit is looked at, and one, any, may be watched. */
static void range(u64 a, u64 n, u32 how, uintptr pc)
{
	u64 end = a + n;
	for (u64 next; a < end; a = next) {
		next = MIN(round_down(a, UNIT) + UNIT, end);
		plain(a, next - a, how, pc);
	}
}

#define PC ((uintptr)__builtin_return_address(0))
void __tsan_init(void);
void __tsan_init(void) { }

#define ACCESS(n, f) \
	void __tsan_read##n(u64 a); \
	void __tsan_write##n(u64 a); \
	void __tsan_volatile_read##n(u64 a); \
	void __tsan_volatile_write##n(u64 a); \
	void __tsan_read##n(u64 a) { f(a, n, 0, PC); } \
	void __tsan_write##n(u64 a) { f(a, n, WRITE, PC); } \
	void __tsan_volatile_read##n(u64 a) { } \
	void __tsan_volatile_write##n(u64 a) { marked_write((const void *)a, n, PC); }
ACCESS(1, plain)
ACCESS(2, plain)
ACCESS(4, plain)
ACCESS(8, plain)
ACCESS(16, range)
void __tsan_read_range(u64 a, u64 n);
void __tsan_write_range(u64 a, u64 n);
void __tsan_read_range(u64 a, u64 n) { range(a, n, 0, PC); }
void __tsan_write_range(u64 a, u64 n) { range(a, n, WRITE, PC); }

/* ---- atomics: the compiler leaves them to us whole ---- */

#define CHANGE(bits, T, name, builtin) \
	T __tsan_atomic##bits##_##name(volatile void *a, T v, int order); \
	T __tsan_atomic##bits##_##name(volatile void *a, T v, int order) \
	{ \
		marked_write(a, sizeof(T), PC); \
		return builtin((volatile T *)a, v, __ATOMIC_SEQ_CST); \
	}
#define EXCHANGE(bits, T, strength) \
	bool __tsan_atomic##bits##_compare_exchange_##strength(volatile void *a, void *old, T v, \
		int order, int otherwise); \
	bool __tsan_atomic##bits##_compare_exchange_##strength(volatile void *a, void *old, T v, \
		int order, int otherwise) \
	{ \
		bool done = __atomic_compare_exchange_n((volatile T *)a, (T *)old, v, false, \
			__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
		if (done) \
			marked_write(a, sizeof(T), PC); \
		return done; \
	}
#define ATOMICS(bits, T) \
	CHANGE(bits, T, exchange, __atomic_exchange_n) \
	CHANGE(bits, T, fetch_add, __atomic_fetch_add) \
	CHANGE(bits, T, fetch_sub, __atomic_fetch_sub) \
	CHANGE(bits, T, fetch_and, __atomic_fetch_and) \
	CHANGE(bits, T, fetch_or, __atomic_fetch_or) \
	CHANGE(bits, T, fetch_xor, __atomic_fetch_xor) \
	EXCHANGE(bits, T, strong) \
	EXCHANGE(bits, T, weak) \
	T __tsan_atomic##bits##_load(const volatile void *a, int order); \
	T __tsan_atomic##bits##_load(const volatile void *a, int order) \
	{ \
		return __atomic_load_n((const volatile T *)a, __ATOMIC_SEQ_CST); \
	} \
	void __tsan_atomic##bits##_store(volatile void *a, T v, int order); \
	void __tsan_atomic##bits##_store(volatile void *a, T v, int order) \
	{ \
		marked_write(a, sizeof(T), PC); \
		__atomic_store_n((volatile T *)a, v, __ATOMIC_RELEASE); \
	}
ATOMICS(8, u8)
ATOMICS(16, u16)
ATOMICS(32, u32)
ATOMICS(64, u64)
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/* ---- memory moved by assembly: the linker sends the calls here ---- */

void *__wrap_memmove(void *to, const void *from, usize n);
void *__wrap_memcpy(void *to, const void *from, usize n);
void *__wrap_memset(void *to, int c, usize n);
void *__real_memmove(void *to, const void *from, usize n);
void *__real_memset(void *to, int c, usize n);

void *__wrap_memmove(void *to, const void *from, usize n)
{
	range((u64)from, n, 0, PC);
	range((u64)to, n, WRITE, PC);
	return __real_memmove(to, from, n);
}

void *__wrap_memcpy(void *to, const void *from, usize n)
{
	range((u64)from, n, 0, PC);
	range((u64)to, n, WRITE, PC);
	return __real_memmove(to, from, n);
}

void *__wrap_memset(void *to, int c, usize n)
{
	range((u64)to, n, WRITE, PC);
	return __real_memset(to, c, n);
}

void race_start(void)
{
	alone_cycles = arch_cyclehz() / 1000000 * ALONE_US;
	stall_cycles = arch_cyclehz() / 1000000 * STALL_US;
	for (u32 i = 0; i < NCPU_MAX; i++)
		mine[i].seed = i;
	__atomic_store_n(&started, true, __ATOMIC_RELEASE);
}
