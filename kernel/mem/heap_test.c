/* The heap: sizes, alignment, exhaustion, and wrong frees. */
#include "alloc.h"
#include "mem/frame.h"
#include "unit.h"

void heap_test(void);

enum { MANY = 20000, LIVE = 500 };

static void *objects[MANY];

static bool all_bytes(const u8 *p, usize n, u8 v)
{
	for (usize i = 0; i < n; i++)
		if (p[i] != v)
			return false;
	return true;
}

static void test_sizes(void)
{
	for (usize size = 0; size < 20000; size += size < 3000 ? 7 : 997) {
		u8 *p = kalloc(size);
		if (!check(p != nil))
			return;
		check((uintptr)p % 16 == 0 && all_bytes(p, size, 0) && kalloc_size(p) >= size);
		memset(p, 0xff, size);
		kfree(p);
	}
	for (usize align = 1; align <= BY2PG; align *= 2)
		for (usize size = 1; size < 9000; size = size * 3 + 1) {
			u8 *p = kalloc_aligned(size, align);
			check(p != nil && (uintptr)p % align == 0 && all_bytes(p, size, 0));
			kfree(p);
		}
	kfree(nil);
	check(kalloc(64UL << 20) == nil && kalloc(~0UL >> 1) == nil);
	char *s = kstrdup("a copy");
	check_text(s, "a copy");
	kfree(s);
}

/* Objects of random sizes come and go; none lies in another. */
static void test_churn(void)
{
	static struct { u8 *p; usize size; u8 v; } live[LIVE];
	MemStats before, after;
	u32 bad = 0;
	alloc_settle();
	mem_stats(&before);
	for (u32 round = 0; round < 30000; round++) {
		u32 i = unit_random(LIVE);
		if (live[i].p != nil) {
			bad += !all_bytes(live[i].p, live[i].size, live[i].v);
			kfree(live[i].p);
			live[i].p = nil;
			continue;
		}
		live[i].size = unit_random(unit_random(20) == 0 ? 6000 : 300);
		live[i].v = (u8)round;
		live[i].p = kalloc(live[i].size);
		if (live[i].p == nil)
			break;
		memset(live[i].p, live[i].v, live[i].size);
	}
	check(bad == 0);
	for (u32 i = 0; i < LIVE; i++)
		kfree(live[i].p);
	alloc_settle();
	mem_stats(&after);
	check(before.heap_bytes == after.heap_bytes && after.heap_max >= after.heap_bytes);
}

/* Without memory kalloc says so, and all of it can be had again. */
static void test_exhaustion(void)
{
	u32 n = 0, again = 0;
	while (n < MANY && (objects[n] = kalloc(2000)) != nil)
		n++;
	check(n > 1000 && n < MANY && kalloc(16384) == nil);
	for (u32 i = 0; i < n; i++)
		kfree(objects[i]);
	alloc_settle();
	while (again < MANY && (objects[again] = kalloc(2000)) != nil)
		again++;
	check(again >= n - 20);
	for (u32 i = 0; i < again; i++)
		kfree(objects[i]);
	alloc_settle();
}

static void free_twice(void)
{
	void *p = kalloc(100);
	kfree(p);
	alloc_settle();
	kfree(p);
	alloc_settle();
}

static void free_twice_at_once(void)
{
	void *p = kalloc(100);
	kfree(p);
	kfree(p);
}

static void free_inside(void)
{
	u8 *p = kalloc(192);
	kfree(p + 16);
	alloc_settle();
}

static void free_frame(void)
{
	kfree(page_kaddr(page_alloc(0, KERNEL_OTHER)));
	alloc_settle();
}

void heap_test(void)
{
	test_sizes();
	test_churn();
	test_exhaustion();
	check_panics(free_twice, "freed twice");
	check_panics(free_twice_at_once, "freed twice");
	check_panics(free_inside, "is not the start of an object");
	check_panics(free_frame, "was never handed out");
}
