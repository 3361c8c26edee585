/* Frames: taken, zeroed, given back, joined again; and every wrong use of one. */
#include "mem/frame.h"
#include "unit.h"

void frame_test(void);

enum { MANY = 8192 };

static Page *taken[MANY];

static bool is_zero(const Page *p, u32 order)
{
	const u64 *w = page_kaddr(p);
	for (usize i = 0; i < ((usize)BY2PG << order) / sizeof *w; i++)
		if (w[i] != 0)
			return false;
	return true;
}

static void test_orders(void)
{
	MemStats before, now;
	mem_stats(&before);
	for (u32 order = 0; order <= ORDER_MAX; order++) {
		Page *p = page_alloc(order, KERNEL_DMA);
		if (!check(p != nil))
			continue;
		check(page_paddr(p).a % ((u64)BY2PG << order) == 0 && is_zero(p, order));
		check(page_of(page_paddr(p)) == p && p->state == FRAME_KERNEL &&
			p->tag == KERNEL_DMA);
		mem_stats(&now);
		check(now.tagged[KERNEL_DMA] == before.tagged[KERNEL_DMA] + (1UL << order));
		check(now.free == before.free - (1UL << order));
		memset(page_kaddr(p), 0xee, (usize)BY2PG << order);
		page_free(p, order);
	}
	mem_stats(&now);
	check(now.free == before.free && now.total == before.total);
	check(page_of(paddr_of(1UL << 40)) == nil);
}

static u32 take_all(void)
{
	u32 n = 0;
	while (n < MANY && (taken[n] = page_alloc(0, KERNEL_OTHER)) != nil)
		n++;
	return n;
}

static void shuffle(u32 n)
{
	for (u32 i = n; i > 1; i--) {
		u32 j = unit_random(i);
		Page *p = taken[i - 1];
		taken[i - 1] = taken[j];
		taken[j] = p;
	}
}

/* Everything can be had, no frame twice; what comes back in any order joins to large blocks. */
static void test_all(void)
{
	u64 free = frames_free();
	u32 n = take_all(), twice = 0;
	check(n == free && frames_free() == 0 && page_alloc(0, KERNEL_OTHER) == nil);
	for (u32 i = 0; i < n; i++) {
		twice += taken[i]->seen == 4711;
		taken[i]->seen = 4711;
	}
	check(twice == 0);
	shuffle(n);
	for (u32 i = 0; i < n; i++)
		page_free(taken[i], 0);
	check(frames_free() == free && frames_listed() == free);
	Page *p = page_alloc(ORDER_MAX, KERNEL_OTHER);
	if (check(p != nil))
		page_free(p, ORDER_MAX);
}

/* One frame kept in each block: no larger one is left, and none is pretended. */
static void test_fragments(void)
{
	u64 free = frames_free();
	u32 n = take_all();
	for (u32 i = 0; i < n; i++)
		if (taken[i]->number % 2 == 0)
			page_free(taken[i], 0);
	check(page_alloc(1, KERNEL_OTHER) == nil);
	for (u32 i = 0; i < n; i++)
		if (taken[i]->number % 2 != 0)
			page_free(taken[i], 0);
	check(frames_free() == free);
}

/* ---- the transitions, as the kernel asks for them; own_test has all of them ---- */

static int owner_a, owner_b;

static void test_transitions(void)
{
	bool freed;
	Page *p = frame_take(0);
	check(own_allocate(p, &owner_a) == nil && p->state == FRAME_OWNED);
	check(own_release(p, &owner_b) == Enotowner && own_freeze(p, &owner_b) == Enotowner);
	check(own_freeze(p, &owner_a) == nil && p->state == FRAME_FROZEN && p->holders == 1);
	check(own_release(p, &owner_a) == Eshared && own_share(p) == nil && p->holders == 2);
	check(own_thaw(p, &owner_a) == Eshared);
	check(own_drop(p, &freed) == nil && !freed && own_thaw(p, &owner_b) == nil);
	check(own_move(p, &owner_b, &owner_a) == nil && own_release(p, &owner_a) == nil);
	frame_give(p, 0);
	check_text(own_op_name(OWN_FREEZE), "freeze");
	check_text(frame_state_name(FRAME_LENT_MUT), "LENT_MUT");
}

static void free_twice(void)
{
	Page *p = page_alloc(0, KERNEL_OTHER);
	page_free(p, 0);
	page_free(p, 0);
}

static void free_owned(void)
{
	Page *p = frame_take(0);
	own_must(own_allocate(p, &owner_a), OWN_ALLOCATE, p);
	page_free(p, 0);
}

static void give_used(void)
{
	frame_give(page_alloc(0, KERNEL_OTHER), 0);
}

void frame_test(void)
{
	test_orders();
	test_all();
	test_fragments();
	test_transitions();
	check_panics(free_twice, "release");
	check_panics(free_twice, "last release by ");
	check_panics(free_twice, ", before that allocate by ");
	check_panics(free_owned, "OWNED");
	check_panics(give_used, "p->state == FRAME_FREE");
}
