/*
 * Bugs on purpose (BUILD=san): writing `bug NAME` to /dev/reboot commits one, to
 * show that the sanitizers see it and what they say. Each must end in a panic.
 */
#include "dev/cons.h"

static volatile u8 sink;
static volatile s32 number;
static u8 global[40];

/* Where the compiler cannot see how far. */
static __attribute__((noinline)) void touch(volatile u8 *p, usize at)
{
	p[at] = 1;
}

static void heap_behind(usize n)
{
	u8 *p = kalloc(n);
	touch(p, n);
	kfree(p);
}

static void heap_freed(usize n)
{
	u8 *p = kalloc(n);
	kfree(p);
	sink = ((volatile u8 *)p)[0];
}

static void heap_twice(usize n)
{
	u8 *p = kalloc(n);
	kfree(p);
	kfree(p);
	sink = 1;
}

static void global_behind(usize n)
{
	touch(global, n);
}

static void stack_behind(usize n)
{
	u8 local[40];
	touch(local, n);
}

static void shift(usize n)
{
	sink = (u8)(1 << n);
}

static void overflow(usize n)
{
	s32 big = 0x7fffffff;
	number = big + (s32)n;
}

static void outside(usize n)
{
	volatile u8 local[40] = { 0 };
	sink = local[n];
}

static const struct { const char *name; void (*f)(usize); usize n; } bugs[] = {
	{ "heap", heap_behind, 40 }, { "freed", heap_freed, 100 }, { "twice", heap_twice, 5000 },
	{ "global", global_behind, 40 }, { "stack", stack_behind, 40 }, { "shift", shift, 40 },
	{ "overflow", overflow, 40 }, { "index", outside, 40 },
};

Err sanbug(const char *name)
{
	for (u32 i = 0; i < nelem(bugs); i++)
		if (strcmp(bugs[i].name, name) == 0)
			bugs[i].f(bugs[i].n);
	return Ebadarg;
}
