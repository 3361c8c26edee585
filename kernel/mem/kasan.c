/*
 * The address sanitizer's run time (BUILD=san). A byte of shadow tells of eight
 * bytes of the direct map, the kernel's image and its stacks: 0, all may be
 * used; 1 to 7, so many of them; else why not. The compiler calls __asan_load
 * and __asan_store before each access; in the rooms that run only after the
 * shadow is mapped it also writes the shadow of the stack itself. The names are
 * the compiler's.
 */
#include "mem/kasan.h"
#include "arch/arch.h"
#include "sync/sync.h"

#define SHADOW_OFFSET 0xdffffc0000000000UL
enum { REST_MAX = 2048 };
#define REST_BYTES_MAX (2UL << 20)

typedef struct Rest { void *p; usize n; uintptr freed; } Rest;

static bool started;
static LOCK_CLASS(rest_class, "mem.kasan");
static Lock rest_lk = LOCK_INIT(&rest_class);
static Rest resting[REST_MAX] GUARDED_BY(rest_lk);	/* oldest first from rest_at */
static u32 rest_at GUARDED_BY(rest_lk), nresting GUARDED_BY(rest_lk);
static usize rest_bytes GUARDED_BY(rest_lk);

static u8 *shadow(u64 a)
{
	return (u8 *)((a >> 3) + SHADOW_OFFSET);
}

/* ---- reports ---- */

static const char *kind_name(u8 kind)
{
	switch (kind) {
	case KASAN_FREED:
		return "freed memory";
	case KASAN_BEHIND:
		return "memory behind an object";
	case KASAN_FRAME:
		return "a free frame";
	case 0xf9:
		return "memory behind a global";
	case 0xf1: case 0xf2: case 0xf3:
		return "memory beside a local variable";
	case 0xf8:
		return "a local variable out of scope";
	default:
		return kind < 8 ? "memory behind an object" : "memory nobody may use";
	}
}

/* Only on the way to a panic, without the lock: what it says may be torn. */
static NO_TSA void say_who_freed(u64 a)
{
	for (u32 i = 0; i < nresting; i++) {
		const Rest *r = &resting[(rest_at + i) % REST_MAX];
		if (a - (u64)r->p < r->n)
			print("the object %p of %lu bytes was freed by %s\n", r->p, r->n,
				pcname(r->freed));
	}
}

static void NORETURN report(u64 a, u64 at, usize n, bool write, u64 pc)
{
	u8 kind = *shadow(at);
	if (kind < 8 && (at & ~7UL) + 8 <= a + n)
		kind = MAX(kind, *shadow(at + 8));
	say_who_freed(at);
	panic("address sanitizer: %s of %lu bytes at %#lx by %s: %s", write ? "write" : "read", n,
		a, pcname(pc), kind_name(kind));
}

/* ---- checks ---- */

/* May all of [a, a+n) be used? *at is the first byte that may not. */
static bool usable(u64 a, usize n, u64 *at)
{
	for (u64 end = a + n; a < end; a = (a & ~7UL) + 8) {
		s8 s = (s8)*shadow(a);
		u64 last = MIN(end - 1, a | 7) & 7;
		if (unlikely(s != 0 && (s < 0 || last >= (u64)s))) {
			*at = a;
			return false;
		}
	}
	return true;
}

static inline void check(u64 a, usize n, bool write, u64 pc)
{
	u64 at;
	if (likely(started && arch_shadowed(a) && !panicking) && unlikely(!usable(a, n, &at)))
		report(a, at, n, write, pc);
}

#define PC ((u64)__builtin_return_address(0))
#define ACCESS(n) \
	void __asan_load##n##_noabort(u64 a); \
	void __asan_store##n##_noabort(u64 a); \
	void __asan_load##n##_noabort(u64 a) { check(a, n, false, PC); } \
	void __asan_store##n##_noabort(u64 a) { check(a, n, true, PC); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __asan_loadN_noabort(u64 a, usize n);
void __asan_storeN_noabort(u64 a, usize n);
void __asan_loadN_noabort(u64 a, usize n) { check(a, n, false, PC); }
void __asan_storeN_noabort(u64 a, usize n) { check(a, n, true, PC); }

/* ---- marking ---- */

static void mark(u64 a, usize n, u8 kind)
{
	u8 *s = shadow(a);
	usize whole = n >> 3;
	memset(s, kind, whole);
	if ((n & 7) != 0)
		s[whole] = kind == 0 ? (u8)(n & 7) : kind;
}

void kasan_allow(const void *p, usize n)
{
	if (started)
		mark((u64)p, n, 0);
}

void kasan_forbid(const void *p, usize n, enum KasanKind kind)
{
	u64 a = round_up((u64)p, 8), end = (u64)p + n;
	if (started && a < end)
		mark(a, end - a, (u8)kind);
}

void kasan_check_free(const void *p, uintptr pc)
{
	u64 at;
	if (!started || panicking || usable((u64)p, 1, &at))
		return;
	say_who_freed((u64)p);
	panic("address sanitizer: %p freed by %s: it is %s", p, pcname(pc),
		kind_name(*shadow((u64)p)));
}

static void *awaken(void) REQUIRES(rest_lk)
{
	Rest *r = &resting[rest_at];
	rest_at = (rest_at + 1) % REST_MAX;
	nresting--;
	rest_bytes -= r->n;
	mark((u64)r->p, r->n, 0);
	return r->p;
}

void *kasan_rest(void *p, usize n, uintptr pc)
{
	if (!started)
		return p;
	ilock(&rest_lk);
	void *old = nresting == REST_MAX || (nresting > 0 && rest_bytes > REST_BYTES_MAX) ?
		awaken() : nil;
	mark((u64)p, n, KASAN_FREED);
	resting[(rest_at + nresting) % REST_MAX] = (Rest){ p, n, pc };
	nresting++;
	rest_bytes += n;
	iunlock(&rest_lk);
	return old;
}

/* ---- globals ---- */

/* One variable, as the compiler describes it to a constructor of its file. */
typedef struct Global Global;
struct Global {
	u64 start, size, size_with_redzone;
	const char *name, *module;
	u64 has_dynamic_init;
	void *location;
	u64 odr;
};

void __asan_register_globals(const Global *g, usize n);
void __asan_unregister_globals(const Global *g, usize n);

void __asan_register_globals(const Global *g, usize n)
{
	for (usize i = 0; i < n; i++) {
		usize used = round_up(g[i].size, 8);
		mark(g[i].start, g[i].size, 0);
		mark(g[i].start + used, g[i].size_with_redzone - used, 0xf9);
	}
}

void __asan_unregister_globals(const Global *g, usize n) { }

void kasan_start(void)
{
	extern void (*const __init_array_start[])(void), (*const __init_array_end[])(void);
	started = true;
	for (void (*const *f)(void) = __init_array_start; f < __init_array_end; f++)
		(*f)();
}

/* ---- stacks ---- */

void __asan_poison_stack_memory(u64 a, usize n);
void __asan_unpoison_stack_memory(u64 a, usize n);
void __asan_handle_no_return(void);

void __asan_poison_stack_memory(u64 a, usize n)
{
	mark(a, round_up(n, 8), 0xf8);
}

void __asan_unpoison_stack_memory(u64 a, usize n)
{
	mark(a, n, 0);
}

/* The functions that called are left without their ends: what they forbade may be used again. */
void __asan_handle_no_return(void)
{
	u64 sp = round_down((u64)__builtin_frame_address(0), 8);
	if (started)
		mark(sp, arch_stack_end(sp) - sp, 0);
}
