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
	u16 size;		/* [I] of an object */
	u64 per_byte;		/* [I] what divides an offset by size: a multiplication */
	u64 taken[SLAB_OBJECTS_MAX / 64];	/* [a] handed out by kalloc */
	/* [class lock] out of the slab: handed out or in a magazine */
	u64 cached[SLAB_OBJECTS_MAX / 64];
};

typedef struct Class {
	Lock lk;
	List partial GUARDED_BY(lk);	/* slabs with at least one object inside */
	u32 nempty GUARDED_BY(lk);	/* of them, wholly unused */
	u64 nout GUARDED_BY(lk);	/* objects out of all slabs: handed out or in a magazine */
} Class;

typedef struct Magazine { u32 n; void *object[MAGAZINE_MAX]; } Magazine;

static LOCK_CLASS(heap_class, "mem.heap");
static Class classes[NCLASS];
static Magazine *magazines[NCPU_MAX];	/* NCLASS each */
static Magazine first_magazines[NCLASS];
/* Size in steps of 16 bytes, to the class that has room. */
static u8 class_by_size[2048 / 16 + 1];
static u64 large_out;			/* [a] bytes of runs of frames */
static u64 resting;			/* [a] bytes freed that the address sanitizer keeps */
static u64 bytes_max;			/* [a] seen when the heap grew */

static u32 slab_order(u32 class)
{
	return class_size[class] <= 512 ? 0 : 2;
}

static usize slab_bytes(u32 class)
{
	return (usize)BY2PG << slab_order(class);
}

NO_TSA void heap_init(void)
{
	for (u32 c = 0, step = 0; c < NCLASS; c++) {
		lock_init(&classes[c].lk, &heap_class);
		list_init(&classes[c].partial);
		while (step * 16 <= class_size[c])
			class_by_size[step++] = (u8)c;
	}
	magazines[cpu()->index] = first_magazines;
}

/* The first allocation of another processor. */
static __attribute__((noinline)) void magazines_make(u32 i)
{
	Page *p = page_alloc(1, KERNEL_PERCPU);
	if (p == nil)
		panic("heap: no memory for the magazines of cpu%u", i);
	static_assert(sizeof(Magazine) * NCLASS <= 2 * BY2PG, "magazines fit two frames");
	magazines[i] = page_kaddr(p);
}

static inline Magazine *magazine(u32 class)
{
	u32 i = cpu()->index;
	if (unlikely(magazines[i] == nil))
		magazines_make(i);
	return &magazines[i][class];
}

static inline u32 class_for(usize size)
{
	return class_by_size[(size + 15) / 16];
}

/* What is out of the slabs and in no magazine. Other processors go on meanwhile. */
static NO_TSA u64 bytes_now(void)
{
	u64 bytes = PEEK(large_out) - PEEK(resting);
	for (u32 c = 0; c < NCLASS; c++) {
		s64 objects = (s64)PEEK(classes[c].nout);
		for (u32 i = 0; i < cpu_count(); i++)
			if (PEEK(magazines[i]) != nil)
				objects -= PEEK(magazines[i][c].n);
		bytes += objects > 0 ? (u64)objects * class_size[c] : 0;
	}
	return bytes;
}

static void note_max(void)
{
	u64 now = bytes_now();
	if (now > PEEK(bytes_max))
		__atomic_store_n(&bytes_max, now, __ATOMIC_RELAXED);
}

void heap_stats(u64 *bytes, u64 *max, u64 *large)
{
	note_max();
	*bytes = bytes_now();
	*max = PEEK(bytes_max);
	*large = PEEK(large_out);
}

/* ---- slabs ---- */

/* The slab that p lies in, from its frame's descriptor. */
static inline Slab *slab_of(const void *p)
{
	Page *page = page_of(paddr_ram(p));
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
	*s = (Slab){ .base = base, .class = (u16)class, .size = class_size[class],
		.per_byte = (1UL << 32) / class_size[class] + 1 };
	s->nobjects = (u16)MIN((slab_bytes(class) - sizeof(Slab)) / class_size[class],
		(usize)SLAB_OBJECTS_MAX);
	s->nfree = s->nobjects;
	for (u32 i = 0; i < 1U << order; i++)
		p[i].owner = s;
	return s;
}

static void slab_delete(Slab *s)
{
	Page *p = page_of(paddr_ram(s->base));
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
		return s->base + (usize)i * s->size;
	}
	panic("heap: slab %p counts %u free objects and has none", (void *)s, s->nfree);
}

static void NORETURN not_an_object(const Slab *s, const void *p)
{
	panic("heap: %p is not the start of an object of %u bytes", p, s->size);
}

static inline u32 object_index(const Slab *s, const void *p)
{
	u64 offset = (u64)((const u8 *)p - s->base), i = offset * s->per_byte >> 32;
	if (unlikely(i * s->size != offset || i >= s->nobjects))
		not_an_object(s, p);
	return (u32)i;
}

/* Fill a magazine half way from the slabs; false when there is no memory. */
static __attribute__((noinline)) bool refill(Magazine *m, u32 class)
{
	Class *c = &classes[class];
	while (m->n < MAGAZINE_MAX / 2) {
		lock(&c->lk);
		if (list_empty(&c->partial)) {
			unlock(&c->lk);
			note_max();
			Slab *fresh = slab_new(class);
			if (fresh == nil)
				return m->n > 0;
			lock(&c->lk);
			list_push(&c->partial, &fresh->link);
			c->nempty++;
		}
		Slab *s = list_entry(c->partial.next, Slab, link);
		c->nempty -= s->nfree == s->nobjects;
		u32 before = m->n;
		while (s->nfree > 0 && m->n < MAGAZINE_MAX / 2)
			m->object[m->n++] = slab_take(s);
		c->nout += m->n - before;
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
	c->nout--;
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

/*
 * In the checked build the end of every object says what it is. Between what was asked for and
 * that lie marks, which must be there when it is freed; what was freed must be as it was left
 * when it is handed out again.
 */
enum { TAIL = CHECKED && !SANITIZED ? 16 : 0, MARK_BEHIND = 0xcb, MARK_FREED = 0xdd,
	TAIL_USED = 0x5eed0001, TAIL_FREED = 0x5eed0002 };
typedef struct Tail {
	u32 sum;	/* TAIL_USED or TAIL_FREED, mixed with the rest */
	u32 size;	/* as asked for */
	u64 pc;		/* who allocated it, or freed it */
} Tail;
static_assert(TAIL == 0 || TAIL == sizeof(Tail), "the tail has its room");

static u32 tail_sum(const Tail *t, u32 kind)
{
	return kind ^ t->size ^ (u32)t->pc;
}

static Tail *tail_of(const void *p, usize room)
{
	return (Tail *)(uintptr)((const u8 *)p + room - TAIL);
}

static void tail_write(void *p, usize room, usize size, u32 kind, uintptr pc)
{
	Tail *t = tail_of(p, room);
	*t = (Tail){ .size = (u32)size, .pc = pc };
	t->sum = tail_sum(t, kind);
}

static bool all_marks(const u8 *p, usize n, u8 mark)
{
	for (usize i = 0; i < n; i++)
		if (p[i] != mark)
			return false;
	return true;
}

/* Who writes far enough destroys the tail as well; then the address is all there is to say. */
static void check_behind(const void *p, usize room, uintptr pc)
{
	const Tail *t = tail_of(p, room);
	if (t->sum != tail_sum(t, TAIL_USED) || t->size > room - TAIL)
		panic("heap: far beyond the end of %p, which has room for %lu bytes, was written;"
			" now freed by %s", p, room - TAIL, pcname(pc));
	if (!all_marks((const u8 *)p + t->size, room - TAIL - t->size, MARK_BEHIND))
		panic("heap: beyond the end of %p, %u bytes allocated by %s, was written; now freed"
			" by %s", p, t->size, pcname(t->pc), pcname(pc));
}

/* An object that was never handed out has no tail yet. */
static void check_freed(const void *p, usize room)
{
	const Tail *t = tail_of(p, room);
	if (t->sum == tail_sum(t, TAIL_FREED) && t->size == 0 && t->pc != 0 &&
	    !all_marks(p, room - TAIL, MARK_FREED))
		panic("heap: %p, room for %lu bytes, was written after %s freed it", p, room - TAIL,
			pcname(t->pc));
}

static void *small_alloc(u32 class)
{
	Magazine *m = magazine(class);
	if (unlikely(m->n == 0) && !refill(m, class))
		return nil;
	void *p = m->object[--m->n];
	if (CHECKED)
		m->object[m->n] = nil;	/* refs.c would find it there */
	Slab *s = slab_of(p);
	u32 i = object_index(s, p);
	u64 bit = 1UL << (i % 64);
	u64 old = __atomic_fetch_or(&s->taken[i / 64], bit, __ATOMIC_RELAXED);
	assert((old & bit) == 0);
	if (TAIL != 0)
		check_freed(p, s->size);
	return memset(p, 0, s->size);
}

static void NORETURN freed_twice(const Slab *s, const void *p, uintptr pc)
{
	panic("heap: %p, of %u bytes, freed twice, the second time by %s", p, s->size, pcname(pc));
}

static __attribute__((noinline)) void empty_half(Magazine *m, u32 class)
{
	while (m->n > MAGAZINE_MAX / 2)
		put_back(class, m->object[--m->n]);
}

static void small_free(Slab *s, void *p, uintptr pc)
{
	u32 class = s->class, i = object_index(s, p);
	u64 bit = 1UL << (i % 64);
	u64 old = __atomic_fetch_and(&s->taken[i / 64], ~bit, __ATOMIC_RELAXED);
	if (unlikely((old & bit) == 0))
		freed_twice(s, p, pc);
	if (TAIL != 0)
		check_behind(p, s->size, pc);
	if (CHECKED)
		memset(p, MARK_FREED, s->size);
	if (TAIL != 0)
		tail_write(p, s->size, 0, TAIL_FREED, pc);
	Magazine *m = magazine(class);
	if (unlikely(m->n == MAGAZINE_MAX))
		empty_half(m, class);
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
	__atomic_fetch_add(&large_out, frames << PGSHIFT, __ATOMIC_RELAXED);
	note_max();
	return page_kaddr(p);
}

static void large_free(Page *p, void *address, uintptr pc)
{
	if (p == nil || p->state != FRAME_KERNEL || p->tag != KERNEL_OTHER || p->holders == 0 ||
	    page_kaddr(p) != address)
		panic("heap: %p, freed by %s, was never handed out", address, pcname(pc));
	u64 frames = p->holders;
	if (TAIL != 0)
		check_behind(address, frames << PGSHIFT, pc);
	p->holders = 0;
	__atomic_fetch_sub(&large_out, frames << PGSHIFT, __ATOMIC_RELAXED);
	for (u64 i = 0; i < frames; i++)
		page_free(p + i, 0);
}

/* ---- what others call ---- */

/* Only as much as was asked for may be used. */
static inline void *guarded(void *p, usize size, uintptr pc)
{
	if (p == nil)
		return nil;
	if (SANITIZED) {
		kasan_allow(p, size);
		kasan_forbid((u8 *)p + size, kalloc_size(p) - size, KASAN_BEHIND);
	}
	if (TAIL != 0) {
		memset((u8 *)p + size, MARK_BEHIND, kalloc_size(p) - size);
		tail_write(p, kalloc_size(p) + TAIL, size, TAIL_USED, pc);
	}
	return p;
}

static usize with_guard(usize size)
{
	return size + (SANITIZED ? (usize)KASAN_REDZONE : (usize)TAIL);
}

static inline void *allocate(usize size, uintptr pc)
{
	usize all = with_guard(size);
	if (likely(all <= class_size[NCLASS - 1]))
		return guarded(small_alloc(class_for(all)), size, pc);
	return guarded(large_alloc(all), size, pc);
}

void *kalloc(usize size)
{
	return FAILALLOC() ? nil : allocate(size, (uintptr)__builtin_return_address(0));
}

void *kalloc_aligned(usize size, usize align)
{
	uintptr pc = (uintptr)__builtin_return_address(0);
	assert(align <= BY2PG && (align & (align - 1)) == 0);
	if (FAILALLOC())
		return nil;
	if (align <= 16)
		return allocate(size, pc);
	usize all = with_guard(size);
	if (align <= 64 && all <= class_size[NCLASS - 1]) {
		u32 class = class_for(all);
		while (class_size[class] % align != 0)
			class++;
		return guarded(small_alloc(class), size, pc);
	}
	return guarded(large_alloc(all), size, pc);
}

/* p rests for a while; what comes back instead, or nil, is to be freed. */
static void *rest(void *p, uintptr pc)
{
	kasan_check_free(p, pc);
	usize n = kalloc_size(p);
	__atomic_fetch_add(&resting, n, __ATOMIC_RELAXED);
	p = kasan_rest(p, n, pc);
	if (p != nil)
		__atomic_fetch_sub(&resting, kalloc_size(p), __ATOMIC_RELAXED);
	return p;
}

void kfree(void *p)
{
	uintptr pc = (uintptr)__builtin_return_address(0);
	if (SANITIZED && p != nil)
		p = rest(p, pc);
	if (p == nil)
		return;
	Slab *s = slab_of(p);
	if (likely(s != nil))
		small_free(s, p, pc);
	else
		large_free(page_of(paddr_ram(p)), p, pc);
}

usize kalloc_size(const void *p)
{
	const Slab *s = slab_of(p);
	usize room = s != nil ? s->size : (usize)page_of(paddr_ram(p))->holders << PGSHIFT;
	return room > (usize)TAIL ? room - TAIL : 0;
}

const void *kalloc_object(u64 a, usize *size)
{
	const Page *page = page_of(paddr_of(a - boot.hhdm));
	if (page == nil || page->state != FRAME_KERNEL || page->tag != KERNEL_HEAP)
		return nil;
	const Slab *s = page->owner;
	*size = class_size[s->class];
	u64 i = (a - (u64)s->base) / *size;
	return i < s->nobjects ? s->base + i * *size : nil;
}

char *kstrdup(const char *s)
{
	usize n = strlen(s) + 1;
	char *copy = FAILALLOC() ? nil : allocate(n, (uintptr)__builtin_return_address(0));
	if (copy != nil)
		memmove(copy, s, n);
	return copy;
}
