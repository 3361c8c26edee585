/*
 * The kernel's heap: slabs of equal objects for small sizes, runs of frames for
 * large ones. A slab is one or four frames; its header stands at its end, so
 * that objects of a size that is a multiple of 64 are 64-byte aligned. A bit per
 * object says whether it is handed out: freeing twice or freeing what was never
 * given is a panic. Freed objects rest in a small magazine per processor and
 * size, which needs no lock (see frame.c).
 */
#include "mem/failalloc.h"
#include "mem/frame.h"
#include "mem/kasan.h"

enum { NCLASS = 14, MAGAZINE_MAX = 16, SLAB_OBJECTS_MAX = 256 };

static const u16 class_size[NCLASS] = { 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024,
	1344, 2048 };

typedef struct Slab Slab;
struct Slab {
	List link;		/* [class lock] in the class's list of slabs with free objects */
	u8 *base;		/* [I] */
	u16 class, nobjects;	/* [I] */
	u16 nfree;		/* [class lock] */
	u16 unused;
	u64 taken[SLAB_OBJECTS_MAX / 64];	/* [a] handed out by kalloc */
	/* [class lock] out of the slab: handed out or in a magazine */
	u64 cached[SLAB_OBJECTS_MAX / 64];
};

typedef struct Class {
	Lock lk;
	List partial GUARDED_BY(lk);	/* slabs with at least one object inside */
	u32 nempty GUARDED_BY(lk);	/* of them, wholly unused */
} Class;

typedef struct Magazine { u32 n; void *object[MAGAZINE_MAX]; } Magazine;

static LOCK_CLASS(heap_class, "mem.heap");
static Class classes[NCLASS];
static Magazine *magazines[NCPU_MAX];	/* NCLASS each */
static Magazine first_magazines[NCLASS];
static u64 bytes_out, bytes_max;	/* [a] */

static u32 slab_order(u32 class)
{
	return class_size[class] <= 512 ? 0 : 2;
}

static usize slab_bytes(u32 class)
{
	return (usize)BY2PG << slab_order(class);
}

static void heap_start(void)
{
	for (u32 c = 0; c < NCLASS; c++) {
		lock_init(&classes[c].lk, &heap_class);
		list_init(&classes[c].partial);
	}
	magazines[0] = first_magazines;
}

static Magazine *magazine(u32 class)
{
	u32 i = cpu()->index;
	if (unlikely(magazines[0] == nil))
		heap_start();
	if (unlikely(magazines[i] == nil)) {
		Page *p = page_alloc(1, KERNEL_PERCPU);
		if (p == nil)
			panic("heap: no memory for the magazines of cpu%u", i);
		static_assert(sizeof(Magazine) * NCLASS <= 2 * BY2PG, "magazines fit two frames");
		magazines[i] = page_kaddr(p);
	}
	return &magazines[i][class];
}

static u32 class_for(usize size)
{
	u32 c = 0;
	while (class_size[c] < size)
		c++;
	return c;
}

static void count_out(s64 bytes)
{
	u64 now = __atomic_add_fetch(&bytes_out, (u64)bytes, __ATOMIC_RELAXED);
	if (now > bytes_max)
		bytes_max = now;
}

void heap_stats(u64 *bytes, u64 *max)
{
	*bytes = bytes_out;
	*max = bytes_max;
}

/* ---- slabs ---- */

/* The slab that p lies in, from its frame's descriptor. */
static Slab *slab_of(const void *p)
{
	Page *page = page_of(paddr(p));
	return page != nil && page->state == FRAME_KERNEL && page->tag == KERNEL_HEAP ?
		(Slab *)(uintptr)page->owner : nil;
}

static Slab *slab_new(u32 class)
{
	u32 order = slab_order(class);
	Page *p = page_alloc(order, KERNEL_HEAP);
	if (p == nil)
		return nil;
	u8 *base = page_kaddr(p);
	Slab *s = (Slab *)(void *)(base + slab_bytes(class) - sizeof(Slab));
	*s = (Slab){ .base = base, .class = (u16)class };
	s->nobjects = (u16)MIN((slab_bytes(class) - sizeof(Slab)) / class_size[class],
		(usize)SLAB_OBJECTS_MAX);
	s->nfree = s->nobjects;
	for (u32 i = 0; i < 1U << order; i++)
		p[i].owner = s;
	return s;
}

static void slab_delete(Slab *s)
{
	Page *p = page_of(paddr(s->base));
	page_free(p, slab_order(s->class));
}

static void *slab_take(Slab *s)
{
	for (u32 w = 0; w < nelem(s->cached); w++) {
		if (~s->cached[w] == 0)
			continue;
		u32 i = w * 64 + (u32)__builtin_ctzl(~s->cached[w]);
		if (i >= s->nobjects)
			break;
		s->cached[w] |= 1UL << (i % 64);
		s->nfree--;
		return s->base + (usize)i * class_size[s->class];
	}
	panic("heap: slab %p counts %u free objects and has none", (void *)s, s->nfree);
}

static u32 object_index(const Slab *s, const void *p)
{
	usize offset = (usize)((const u8 *)p - s->base);
	u32 i = (u32)(offset / class_size[s->class]);
	if (offset % class_size[s->class] != 0 || i >= s->nobjects)
		panic("heap: %p is not the start of an object of %u bytes", p,
			class_size[s->class]);
	return i;
}

/* Fill a magazine half way from the slabs; false when there is no memory. */
static bool refill(Magazine *m, u32 class)
{
	Class *c = &classes[class];
	while (m->n < MAGAZINE_MAX / 2) {
		lock(&c->lk);
		if (list_empty(&c->partial)) {
			unlock(&c->lk);
			Slab *fresh = slab_new(class);
			if (fresh == nil)
				return m->n > 0;
			lock(&c->lk);
			list_push(&c->partial, &fresh->link);
			c->nempty++;
		}
		Slab *s = list_entry(c->partial.next, Slab, link);
		c->nempty -= s->nfree == s->nobjects;
		while (s->nfree > 0 && m->n < MAGAZINE_MAX / 2)
			m->object[m->n++] = slab_take(s);
		if (s->nfree == 0)
			list_remove(&s->link);
		unlock(&c->lk);
	}
	return true;
}

/* Put one object back into its slab; an unused slab beyond the first goes back to the frames. */
static void put_back(u32 class, void *p)
{
	Class *c = &classes[class];
	Slab *s = slab_of(p), *unused = nil;
	u32 i = object_index(s, p);
	lock(&c->lk);
	assert(s->cached[i / 64] & 1UL << (i % 64));
	s->cached[i / 64] &= ~(1UL << (i % 64));
	if (s->nfree++ == 0)
		list_push(&c->partial, &s->link);
	if (s->nfree == s->nobjects && c->nempty++ > 0) {
		c->nempty--;
		list_remove(&s->link);
		unused = s;
	}
	unlock(&c->lk);
	if (unused != nil)
		slab_delete(unused);
}

static void *small_alloc(u32 class)
{
	Magazine *m = magazine(class);
	if (m->n == 0 && !refill(m, class))
		return nil;
	void *p = m->object[--m->n];
	Slab *s = slab_of(p);
	u32 i = object_index(s, p);
	u64 bit = 1UL << (i % 64), old = __atomic_fetch_or(&s->taken[i / 64], bit,
		__ATOMIC_RELAXED);
	assert((old & bit) == 0);
	memset(p, 0, class_size[class]);
	count_out(class_size[class]);
	return p;
}

static void small_free(Slab *s, void *p)
{
	u32 class = s->class, i = object_index(s, p);
	u64 bit = 1UL << (i % 64), old = __atomic_fetch_and(&s->taken[i / 64], ~bit,
		__ATOMIC_RELAXED);
	if ((old & bit) == 0)
		panic("heap: %p, of %u bytes, freed twice, the second time by %s", p,
			class_size[class], pcname((u64)__builtin_return_address(0)));
	if (CHECKED)
		memset(p, 0xdd, class_size[class]);
	count_out(-(s64)class_size[class]);
	Magazine *m = magazine(class);
	if (m->n == MAGAZINE_MAX)
		while (m->n > MAGAZINE_MAX / 2)
			put_back(class, m->object[--m->n]);
	m->object[m->n++] = p;
}

/* ---- runs of frames: the first frame's holders is the length, the rest have none ---- */

static void *large_alloc(usize size)
{
	u64 frames = (size + BY2PG - 1) >> PGSHIFT;
	u32 order = 0;
	while (order <= ORDER_MAX && 1UL << order < frames)
		order++;
	if (order > ORDER_MAX)
		return nil;
	Page *p = page_alloc(order, KERNEL_OTHER);
	if (p == nil)
		return nil;
	for (u64 i = frames; i < 1UL << order; i++)
		page_free(p + i, 0);
	p->holders = (u16)frames;
	count_out((s64)(frames << PGSHIFT));
	return page_kaddr(p);
}

static void large_free(Page *p, void *address)
{
	if (p == nil || p->state != FRAME_KERNEL || p->tag != KERNEL_OTHER || p->holders == 0 ||
	    page_kaddr(p) != address)
		panic("heap: %p, freed by %s, was never handed out", address,
			pcname((u64)__builtin_return_address(0)));
	u64 frames = p->holders;
	p->holders = 0;
	count_out(-(s64)(frames << PGSHIFT));
	for (u64 i = 0; i < frames; i++)
		page_free(p + i, 0);
}

/* ---- what others call ---- */

/* Only as much as was asked for may be used (address sanitizer). */
static void *guarded(void *p, usize size)
{
	if (SANITIZED && p != nil) {
		kasan_allow(p, size);
		kasan_forbid((u8 *)p + size, kalloc_size(p) - size, KASAN_BEHIND);
	}
	return p;
}

static void *allocate(usize size)
{
	usize all = SANITIZED ? size + KASAN_REDZONE : size;
	if (all <= class_size[NCLASS - 1])
		return guarded(small_alloc(class_for(MAX(all, (usize)1))), size);
	return guarded(large_alloc(all), size);
}

void *kalloc(usize size)
{
	return FAILALLOC() ? nil : allocate(size);
}

void *kalloc_aligned(usize size, usize align)
{
	assert(align <= BY2PG && (align & (align - 1)) == 0);
	if (FAILALLOC())
		return nil;
	if (align <= 16)
		return allocate(size);
	usize all = SANITIZED ? size + KASAN_REDZONE : size;
	if (align <= 64 && all <= class_size[NCLASS - 1]) {
		u32 class = class_for(MAX(all, (usize)1));
		while (class_size[class] % align != 0)
			class++;
		return guarded(small_alloc(class), size);
	}
	return guarded(large_alloc(all), size);
}

/* p rests for a while; what comes back instead, or nil, is to be freed. */
static void *rest(void *p, uintptr pc)
{
	kasan_check_free(p, pc);
	usize n = kalloc_size(p);
	count_out(-(s64)n);
	p = kasan_rest(p, n, pc);
	if (p != nil)
		count_out((s64)kalloc_size(p));
	return p;
}

void kfree(void *p)
{
	if (SANITIZED && p != nil)
		p = rest(p, (uintptr)__builtin_return_address(0));
	if (p == nil)
		return;
	Slab *s = slab_of(p);
	if (s != nil)
		small_free(s, p);
	else
		large_free(page_of(paddr(p)), p);
}

usize kalloc_size(const void *p)
{
	const Slab *s = slab_of(p);
	return s != nil ? class_size[s->class] : (usize)page_of(paddr(p))->holders << PGSHIFT;
}

char *kstrdup(const char *s)
{
	usize n = strlen(s) + 1;
	char *copy = FAILALLOC() ? nil : allocate(n);
	if (copy != nil)
		memmove(copy, s, n);
	return copy;
}
