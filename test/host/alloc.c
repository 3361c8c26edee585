/*
 * Between the kernel and its allocators, by the linker's --wrap: here the seed
 * makes allocations fail; who allocated what is remembered, to name leaks; and
 * under the address sanitizer what was freed may not be touched for a while, nor
 * what lies beyond the size asked for.
 */
#include "alloc.h"
#include "arch/host/host.h"
#include "arch/host/os.h"
#include "mem/frame.h"

enum { KEPT_MAX = 512, LIVE_MAX = 1 << 14, SITES_MAX = 32 };

/* Freed and not to be used: kept from the heap, oldest first. */
static void *kept[KEPT_MAX];
static u32 kept_at, nkept;

/* Handed out and not freed: a hash table with open addressing. */
typedef struct Live { void *p; void *site; usize size; u64 serial; } Live;
static Live live[LIVE_MAX];
static u32 nlive;
static u64 serial;

/* Callers that keep a few objects for themselves. */
static struct { void *site; u32 live, before; } caches[SITES_MAX];
static u32 ncaches;
static bool learning;

void *__real_kalloc(usize size);
void *__real_kalloc_aligned(usize size, usize align);
void __real_kfree(void *p);
Page *__real_page_alloc(u32 order, enum KernelTag tag);
Page *__real_frame_get(u32 order);

void *__wrap_kalloc(usize size);
void *__wrap_kalloc_aligned(usize size, usize align);
char *__wrap_kstrdup(const char *s);
void __wrap_kfree(void *p);
Page *__wrap_page_alloc(u32 order, enum KernelTag tag);
Page *__wrap_frame_get(u32 order);

/* ---- who has what ---- */

static u32 place_of(const void *p)
{
	return (u32)((uintptr)p * 0x9e3779b97f4a7c15UL >> 51);
}

/* Where p stands, or would. */
static u32 find(const void *p)
{
	u32 i = place_of(p);
	while (live[i].p != nil && live[i].p != p)
		i = (i + 1) % LIVE_MAX;
	return i;
}

static void remember(void *p, usize size, void *site)
{
	u32 i = find(p);
	assert(live[i].p == nil && nlive < LIVE_MAX * 3 / 4);
	nlive++;
	live[i] = (Live){ p, site, size, ++serial };
	if (learning && ncaches < SITES_MAX)
		caches[ncaches++].site = site;
}

/* What stands behind moves up, so that it is found. */
static void forget(const void *p)
{
	u32 i = find(p);
	if (live[i].p == nil)
		return;
	live[i].p = nil;
	nlive--;
	for (u32 j = (i + 1) % LIVE_MAX; live[j].p != nil; j = (j + 1) % LIVE_MAX) {
		Live moved = live[j];
		live[j].p = nil;
		live[find(moved.p)] = moved;
	}
}

static u32 cache_of(const void *site)
{
	u32 c = 0;
	while (c < ncaches && caches[c].site != site)
		c++;
	return c;
}

void alloc_learn(bool on)
{
	learning = on;
}

static void count_caches(void)
{
	for (u32 c = 0; c < ncaches; c++)
		caches[c].live = 0;
	for (u32 i = 0; i < LIVE_MAX; i++) {
		u32 c = live[i].p != nil ? cache_of(live[i].site) : ncaches;
		if (c < ncaches)
			caches[c].live++;
	}
}

u64 alloc_mark(void)
{
	count_caches();
	for (u32 c = 0; c < ncaches; c++)
		caches[c].before = caches[c].live;
	return serial;
}

u32 alloc_leaks(u64 mark, u32 slack, void (*f)(const void *site, usize size))
{
	u32 n = 0;
	count_caches();
	for (u32 i = 0; i < LIVE_MAX; i++) {
		if (live[i].p == nil || live[i].serial <= mark)
			continue;
		u32 c = cache_of(live[i].site);
		if (c < ncaches && caches[c].live <= caches[c].before + slack)
			continue;
		f(live[i].site, live[i].size);
		n++;
	}
	return n;
}

/* ---- what was freed rests ---- */

static void release_oldest(void)
{
	void *p = kept[kept_at];
	kept_at = (kept_at + 1) % KEPT_MAX;
	nkept--;
	os_unpoison(p, kalloc_size(p));
	__real_kfree(p);
}

void alloc_settle(void)
{
	while (nkept > 0)
		release_oldest();
}

/* Only as much as was asked for may be used. */
static void *given(void *p, usize size, void *site)
{
	if (p == nil)
		return nil;
	remember(p, size, site);
	size = MAX(size, 1UL);
	if (OS_POISON && kalloc_size(p) > size)	/* of no bytes there may be none */
		os_poison((u8 *)p + size, kalloc_size(p) - size);
	return p;
}

void *__wrap_kalloc(usize size)
{
	void *site = __builtin_return_address(0);
	return host_fail() ? nil : given(__real_kalloc(size), size, site);
}

void *__wrap_kalloc_aligned(usize size, usize align)
{
	void *site = __builtin_return_address(0);
	return host_fail() ? nil : given(__real_kalloc_aligned(size, align), size, site);
}

char *__wrap_kstrdup(const char *s)
{
	usize n = strlen(s) + 1;
	char *p = host_fail() ? nil : given(__real_kalloc(n), n, __builtin_return_address(0));
	if (p != nil)
		memmove(p, s, n);
	return p;
}

void __wrap_kfree(void *p)
{
	if (p == nil)
		return;
	if (OS_POISON && os_poisoned(p))
		panic("heap: %p freed twice, the second time by %p", p,
			__builtin_return_address(0));
	forget(p);
	if (!OS_POISON) {
		__real_kfree(p);
		return;
	}
	while (nkept == KEPT_MAX)	/* another processor may fill it again meanwhile */
		release_oldest();
	os_poison(p, kalloc_size(p));
	kept[(kept_at + nkept) % KEPT_MAX] = p;
	nkept++;
}

Page *__wrap_page_alloc(u32 order, enum KernelTag tag)
{
	return host_fail() ? nil : __real_page_alloc(order, tag);
}

Page *__wrap_frame_get(u32 order)
{
	return host_fail() ? nil : __real_frame_get(order);
}
