/*
 * Frames of RAM: their descriptors, and the free ones. A machine's physical
 * addresses are cut into sections; a section with RAM has an array of
 * descriptors for just the frames it has. Free frames stand in buddy lists by
 * order, and a few single frames in a list per processor, which needs no lock
 * because the kernel does not preempt itself and interrupts do not allocate.
 * Between the two lies the depot: batches of single frames that processors give
 * and take whole, so that a frame seldom costs a look for its neighbours.
 */
#include "mem/failalloc.h"
#include "mem/frame.h"
#include "bootmarks.h"

enum { NO_FRAME = 0xffffffff };
/* free frames that are described from the start, if there are so many */
enum { AWAKE_MIN = 16384 };
enum { CACHE_MAX = 64, BATCH_ORDER = 5, CACHE_BATCH = 1 << BATCH_ORDER, DEPOT_MAX = 256 };

Section *sections;
u32 nsections;
static u64 nframes;			/* [a] described */
static BootBank given[BOOT_BANKS_MAX];	/* the banks as the loader gave them */

static LOCK_CLASS(buddy_class, "mem.buddy");
static Lock buddy_lock = LOCK_INIT(&buddy_class);
static u32 free_head[ORDER_MAX + 1] GUARDED_BY(buddy_lock);
static u64 buddy_free GUARDED_BY(buddy_lock);	/* frames */
static u64 asleep_frames GUARDED_BY(buddy_lock);	/* usable, in sections that sleep */
/* Batches of CACHE_BATCH single frames, each a list by u.link.next. */
static Page *depot[DEPOT_MAX] GUARDED_BY(buddy_lock);
static u32 ndepot GUARDED_BY(buddy_lock);

/* The zeroed ones were cleared while the processor had nothing to do. */
enum { ZEROED_MAX = 32 };
typedef struct FrameCache FrameCache;
struct FrameCache { u32 n, nzeroed; Page *frame[CACHE_MAX], *zeroed[ZEROED_MAX]; };
static FrameCache caches[NCPU_MAX];

static u64 kernel_tagged[KERNEL_NTAGS];	/* [a] */

/*
 * Whether programs may have all frames: of all at most user_max, and what leaves at least `kept`
 * free.
 */
enum { KERNEL_PERCENT_MAX = 90, ROOM_LOW = 64 };
#define NO_LIMIT	(~0UL)
static bool limited;		/* [a] */
static u64 user_max = NO_LIMIT;	/* [I] once processes run */
static u64 kept;		/* [a] */

/* ---- the buddy lists ---- */

static void list_in(Page *p, u32 order) REQUIRES(buddy_lock)
{
	p->order = (u8)order;
	p->u.link.prev = NO_FRAME;
	p->u.link.next = free_head[order];
	if (free_head[order] != NO_FRAME)
		page_number(free_head[order])->u.link.prev = p->number;
	free_head[order] = p->number;
}

static void list_out(Page *p) REQUIRES(buddy_lock)
{
	if (p->u.link.prev != NO_FRAME)
		page_number(p->u.link.prev)->u.link.next = p->u.link.next;
	else
		free_head[p->order] = p->u.link.next;
	if (p->u.link.next != NO_FRAME)
		page_number(p->u.link.next)->u.link.prev = p->u.link.prev;
	p->order = ORDER_NONE;
}

static bool wake_one(void) REQUIRES(buddy_lock);

static Page *buddy_take(u32 order) REQUIRES(buddy_lock)
{
	u32 o = order;
	while (o <= ORDER_MAX && free_head[o] == NO_FRAME)
		o++;
	if (o > ORDER_MAX)
		return wake_one() ? buddy_take(order) : nil;
	Page *p = page_number(free_head[o]);
	list_out(p);
	while (o > order) {
		o--;
		list_in(page_number(p->number + (1UL << o)), o);
	}
	buddy_free -= 1UL << order;
	return p;
}

static void buddy_give(Page *p, u32 order) REQUIRES(buddy_lock)
{
	assert(order <= ORDER_MAX && p->order == ORDER_NONE);
	buddy_free += 1UL << order;
	u64 number = p->number;
	while (order < ORDER_MAX) {
		Page *b = page_number(number ^ (1UL << order));
		if (b == nil || PEEK(b->state) != FRAME_FREE || b->order != order)
			break;
		list_out(b);
		number &= ~(1UL << order);
		order++;
	}
	list_in(page_number(number), order);
}

/* ---- taking and giving ---- */

static void cache_put(FrameCache *c, Page *p)
{
	p->order = ORDER_CACHED;
	c->frame[c->n++] = p;
}

static bool has_block(u32 order) REQUIRES(buddy_lock)
{
	while (order <= ORDER_MAX && free_head[order] == NO_FRAME)
		order++;
	return order <= ORDER_MAX;
}

/* From the depot, else a block of the lists, else what there is. */
static __attribute__((noinline)) void cache_fill(FrameCache *c)
{
	Page *p;
	lock(&buddy_lock);
	if (ndepot > 0) {
		for (p = depot[--ndepot]; c->n < CACHE_BATCH; p = page_number(p->u.link.next))
			c->frame[c->n++] = p;
	} else if (has_block(BATCH_ORDER)) {
		p = buddy_take(BATCH_ORDER);
		for (u32 i = CACHE_BATCH; i-- > 0;)
			cache_put(c, p + i);
	} else
		while (c->n < CACHE_BATCH && (p = buddy_take(0)) != nil)
			cache_put(c, p);
	unlock(&buddy_lock);
}

static void to_buddy(Page *p) REQUIRES(buddy_lock)
{
	assert(p->order == ORDER_CACHED);
	p->order = ORDER_NONE;
	buddy_give(p, 0);
}

/* Half of a full list goes to the depot, else to the lists. */
static __attribute__((noinline)) void cache_drain(FrameCache *c)
{
	Page *batch = nil;
	lock(&buddy_lock);
	bool room = ndepot < DEPOT_MAX;
	while (c->n > CACHE_MAX - CACHE_BATCH) {
		Page *p = c->frame[--c->n];
		if (!room) {
			to_buddy(p);
			continue;
		}
		p->u.link.next = batch != nil ? batch->number : NO_FRAME;
		batch = p;
	}
	if (room)
		depot[ndepot++] = batch;
	unlock(&buddy_lock);
}

static u64 cache_empty(FrameCache *c) REQUIRES(buddy_lock)
{
	u64 n = c->n + c->nzeroed;
	while (c->n > 0)
		to_buddy(c->frame[--c->n]);
	while (c->nzeroed > 0)
		to_buddy(c->zeroed[--c->nzeroed]);
	return n;
}

/* Single frames may be what keeps blocks apart: those of this processor and of the depot join. */
static void join_singles(FrameCache *c) REQUIRES(buddy_lock)
{
	cache_empty(c);
	while (ndepot > 0) {
		Page *p = depot[--ndepot];
		for (u32 i = 0; i < CACHE_BATCH; i++) {
			Page *next = page_number(p->u.link.next);
			to_buddy(p);
			p = next;
		}
	}
}

/* In the checked build whoever touches a free frame is caught at once. */
static void hide_frames(const Page *p, u64 n)
{
	if (CHECKED)
		arch_direct_map(page_paddr(p), n, false);
}

void frame_show(const Page *p, bool on)
{
	if (CHECKED)
		arch_direct_map(page_paddr(p), 1, on);
}

static __attribute__((noinline)) Page *take_block(u32 order)
{
	lock(&buddy_lock);
	Page *p = buddy_take(order);
	if (p == nil) {
		join_singles(&caches[cpu()->index]);
		p = buddy_take(order);
	}
	unlock(&buddy_lock);
	return p;
}

static inline Page *cached(Page *p)
{
	assert(p->state == FRAME_FREE && p->order == ORDER_CACHED);
	p->order = ORDER_NONE;
	return p;
}

static inline Page *take_frames(u32 order)
{
	if (unlikely(order != 0))
		return take_block(order);
	FrameCache *c = &caches[cpu()->index];
	if (unlikely(c->n == 0))
		cache_fill(c);
	if (likely(c->n > 0))
		return cached(c->frame[--c->n]);
	return c->nzeroed > 0 ? cached(c->zeroed[--c->nzeroed]) : nil;
}

bool frames_prepare(void)
{
	FrameCache *c = &caches[cpu()->index];
	if (CHECKED || c->nzeroed == ZEROED_MAX || !frames_plenty())
		return false;
	if (c->n == 0)
		cache_fill(c);
	if (c->n == 0)
		return false;
	Page *p = c->frame[--c->n];
	memset(page_kaddr(p), 0, BY2PG);
	c->zeroed[c->nzeroed++] = p;
	spllo();
	arch_relax();	/* an interrupt may come here */
	splhi();
	return true;
}

Page *frame_take(u32 order)
{
	assert(order <= ORDER_MAX);
	Page *p = take_frames(order);
	if (CHECKED && p != nil)
		arch_direct_map(page_paddr(p), 1UL << order, true);
	return p;
}

Page *frame_ready(void)
{
	FrameCache *c = &caches[cpu()->index];
	return c->nzeroed > 0 && likely(!PEEK(limited)) ? cached(c->zeroed[--c->nzeroed]) : nil;
}

void frame_give(Page *p, u32 order)
{
	assert(p->state == FRAME_FREE && p->order == ORDER_NONE);
	if (CHECKED)
		memset(page_kaddr(p), 0xdb, (usize)BY2PG << order);
	hide_frames(p, 1UL << order);
	if (order == 0) {
		FrameCache *c = &caches[cpu()->index];
		if (unlikely(c->n == CACHE_MAX))
			cache_drain(c);
		cache_put(c, p);
		return;
	}
	lock(&buddy_lock);
	buddy_give(p, order);
	unlock(&buddy_lock);
}

static inline Page *take_or_reclaim(u32 order)
{
	Page *p = frame_take(order);
	if (likely(p != nil))
		return p;
	if (image_reclaim(MAX(64UL, 1UL << order)) > 0)
		p = frame_take(order);
	if (p == nil)
		failalloc_note((uintptr)__builtin_return_address(0));
	return p;
}

/* Free frames of sections that are awake. */
static u64 free_here(void)
{
	u64 n = PEEK(buddy_free) + PEEK(ndepot) * (u64)CACHE_BATCH;
	for (u32 i = 0; i < cpu_count(); i++)
		n += PEEK(caches[i].n) + PEEK(caches[i].nzeroed);
	return n;
}

/* No frame was left, but what other processors keep for themselves. They wait meanwhile. */
u64 frames_gather(void)
{
	u64 n = 0;
	u32 me = cpu()->index;
	for (u32 i = 0; i < cpu_count(); i++)
		n += i != me ? PEEK(caches[i].n) + PEEK(caches[i].nzeroed) : 0;
	if (n == 0 || frames_room() == 0)
		return 0;
	n = 0;
	others_wait();
	lock(&buddy_lock);
	for (u32 i = 0; i < cpu_count(); i++)
		n += i != me ? cache_empty(&caches[i]) : 0;
	unlock(&buddy_lock);
	others_go_on();
	return n;
}

/* ---- the share of programs ---- */

/* The lock keeps sections from waking meanwhile. */
static u64 user_frames(void)
{
	lock(&buddy_lock);
	u64 all = PEEK(nframes), n = all - free_here();
	for (u32 t = 0; t < KERNEL_NTAGS; t++)
		n -= PEEK(kernel_tagged[t]);
	unlock(&buddy_lock);
	return n <= all ? n : 0;	/* frames between two hands are counted twice, or not */
}

u64 frames_room(void)
{
	u64 free = frames_free(), keep = PEEK(kept), most = PEEK(user_max);
	u64 room = free > keep ? free - keep : 0;
	if (most == NO_LIMIT)
		return room;
	u64 user = user_frames();
	return user < most ? MIN(room, most - user) : 0;
}

/*
 * May n more frames become a program's? The pager hears of it before there is none left; image
 * pages that nobody maps make room first.
 */
static bool user_room(u64 n)
{
	u64 room = frames_room();
	if (room < n + ROOM_LOW && PEEK(kept) != 0)
		swap_short();
	if (room >= n || (swap_exempt() && frames_free() > n + PEEK(kept) / 4))
		return true;
	return image_reclaim(MAX(64UL, n)) > 0 && frames_room() >= n;
}

void frames_keep(u64 n)
{
	__atomic_store_n(&kept, n, __ATOMIC_RELAXED);
	__atomic_store_n(&limited, true, __ATOMIC_RELAXED);
}

/* `*kernelpercent=N`: so much of the memory is never a program's. */
static void limit_user(void)
{
	char text[8];
	u64 percent = boot_option_number("*kernelpercent", 0);
	u64 total = PEEK(nframes) + PEEK(asleep_frames);
	if (!boot_option("*kernelpercent", text, sizeof text))
		return;
	if (percent == 0 || percent > KERNEL_PERCENT_MAX) {
		print("*kernelpercent: not 1 to %d: %s\n", KERNEL_PERCENT_MAX, text);
		return;
	}
	user_max = total - total * percent / 100;
	limited = true;
}

Page *frame_get(u32 order)
{
	if (FAILALLOC() || (unlikely(PEEK(limited)) && !user_room(1UL << order)))
		return nil;
	return take_or_reclaim(order);
}

Page *page_alloc(u32 order, enum KernelTag tag)
{
	if (FAILALLOC())
		return nil;
	Page *p = take_or_reclaim(order);
	if (p == nil)
		return nil;
	for (u32 i = 0; i < 1U << order; i++) {
		own_must(own_allocate_kernel(p + i, tag), OWN_ALLOCATE, p + i);
		*page_word(p + i) = 0;
	}
	__atomic_fetch_add(&kernel_tagged[tag], 1UL << order, __ATOMIC_RELAXED);
	memset(page_kaddr(p), 0, (usize)BY2PG << order);
	return p;
}

void page_free(Page *p, u32 order)
{
	u8 tag = p->tag;
	for (u32 i = 0; i < 1U << order; i++) {
		assert(p[i].tag == tag || p[i].state != FRAME_KERNEL);
		own_must(own_release(p + i, nil), OWN_RELEASE, p + i);
	}
	__atomic_fetch_sub(&kernel_tagged[tag], 1UL << order, __ATOMIC_RELAXED);
	frame_give(p, order);
}

u64 frames_free(void)
{
	return free_here() + PEEK(asleep_frames);
}

static bool frames_plenty_for(u64 n)
{
	u64 enough = PEEK(nframes) / 8 + n;
	return PEEK(buddy_free) + PEEK(asleep_frames) > enough &&
		(likely(!PEEK(limited)) || frames_room() > enough);
}

bool frames_plenty(void)
{
	return frames_plenty_for(0);
}

Page *frame_take_block(void)
{
	if (!frames_plenty_for(BLOCK_PAGES))
		return nil;
	lock(&buddy_lock);
	Page *p = buddy_take(BLOCK_ORDER);
	unlock(&buddy_lock);
	if (CHECKED && p != nil)
		arch_direct_map(page_paddr(p), BLOCK_PAGES, true);
	return p;
}

NO_TSA u64 frames_listed(void)
{
	u64 n = 0;
	for (u32 order = 0; order <= ORDER_MAX; order++)
		for (u32 f = free_head[order]; f != NO_FRAME; f = page_number(f)->u.link.next)
			n += 1UL << order;
	for (u32 b = 0; b < ndepot; b++)
		for (const Page *p = depot[b]; p != nil && p->order == ORDER_CACHED;
			p = page_number(p->u.link.next))
			n++;
	for (u32 i = 0; i < cpu_count(); i++)
		n += PEEK(caches[i].n) + PEEK(caches[i].nzeroed);
	return n;
}

void frames_each(void (*f)(Page *p, void *arg), void *arg)
{
	for (u32 s = 0; s < nsections; s++)
		for (u32 i = 0; sections[s].pages != nil && i < sections[s].count; i++)
			if (sections[s].pages[i].state != FRAME_NONE)
				f(&sections[s].pages[i], arg);
}

static void count_user(Page *p, void *arg)
{
	MemStats *s = arg;
	if (p->state >= FRAME_OWNED && p->state <= FRAME_LENT_MUT)
		s->user++;
}

static void count_image(Page *p, void *arg)
{
	MemStats *s = arg;
	s->image++;
	s->image_idle += p->state == FRAME_FROZEN && PEEK(p->holders) == 1;
}

static void count_segment(Segment *segment, void *arg)
{
	MemStats *s = arg;
	(void)segment;
	s->segments++;
}

static void count_images(Image *i, void *arg)
{
	((MemStats *)arg)->images++;
	image_each_page(i, count_image, arg);
}

void mem_stats(MemStats *s)
{
	*s = (MemStats){ .total = PEEK(nframes) + PEEK(asleep_frames), .free = frames_free() };
	for (u32 t = 0; t < KERNEL_NTAGS; t++)
		s->tagged[t] = PEEK(kernel_tagged[t]);
	frames_each(count_user, s);
	others_wait();
	images_each(count_images, s);
	segments_each(count_segment, s);
	others_go_on();
	heap_stats(&s->heap_bytes, &s->heap_max, &s->heap_taken);
	s->heap_taken += s->tagged[KERNEL_HEAP] * BY2PG;
	s->user_max = MIN(user_max, s->user + s->free);
}

/* ---- sections: described at boot as far as needed, the rest when memory runs low ---- */

static bool described(const BootBank *b)
{
	return b->type == BANK_USABLE || b->type == BANK_LOADER || b->type == BANK_KERNEL;
}

/* Widen each section's range to cover the frames of the bank that lie in it. */
static void section_cover(const BootBank *b)
{
	u64 first = b->base.a >> PGSHIFT, end = (b->base.a + b->size + BY2PG - 1) >> PGSHIFT;
	for (u64 f = first; f < end; f = round_down(f, SECTION_FRAMES) + SECTION_FRAMES) {
		Section *s = &sections[f >> (SECTION_SHIFT - PGSHIFT)];
		u64 last = MIN(end, round_down(f, SECTION_FRAMES) + SECTION_FRAMES);
		if (s->count == 0)
			s->first = (u32)f;
		s->count = (u32)(last - s->first);
	}
}

/* The frames of a bank that lie in a section; false when there are none. */
static bool overlap(const BootBank *b, const Section *s, u64 *from, u64 *to)
{
	*from = MAX(b->base.a >> PGSHIFT, (u64)s->first);
	*to = MIN((b->base.a + b->size + BY2PG - 1) >> PGSHIFT, (u64)s->first + s->count);
	return *from < *to;
}

/* The end of the largest usable piece of a section, if it has room for n frames; else 0. */
static u64 room_in(const Section *s, u64 n)
{
	u64 from, to, best = n, at = 0;
	for (u32 i = 0; i < boot.nbanks; i++)
		if (boot.banks[i].type == BANK_USABLE && overlap(&boot.banks[i], s, &from, &to) &&
			to - from >= best) {
			best = to - from;
			at = to - n;
		}
	return at;
}

static u64 descriptor_frames(const Section *s)
{
	return (s->count * sizeof(Page) + BY2PG - 1) >> PGSHIFT;
}

/*
 * Memory taken before the lists exist: from the top of the largest usable bank, whose entry
 * shrinks.
 */
static u64 early_take(u64 nframes_wanted)
{
	BootBank *best = nil;
	u64 size = nframes_wanted << PGSHIFT;
	for (u32 i = 0; i < boot.nbanks; i++) {
		BootBank *b = &boot.banks[i];
		if (b->type == BANK_USABLE && (best == nil || b->size > best->size))
			best = b;
	}
	if (best == nil || best->size < size)
		panic("too little memory: %lu KiB to describe frames, %lu KiB in the largest bank",
			size >> 10, best != nil ? best->size >> 10 : 0);
	best->size -= size;
	return (best->base.a + best->size) >> PGSHIFT;
}

/* Everything in a section that is RAM, as belonging to the boot, for now. */
static void describe(Section *s, u64 at)
{
	u64 from, to;
	Page *pages = kaddr(paddr_of(at << PGSHIFT));
	memset(pages, 0, descriptor_frames(s) << PGSHIFT);
	for (u32 j = 0; j < s->count; j++) {
		pages[j].number = s->first + j;
		pages[j].order = ORDER_NONE;
	}
	__atomic_store_n(&s->pages, pages, __ATOMIC_RELEASE);	/* others count frames meanwhile */
	s->described = s->count;
	for (u32 i = 0; i < boot.nbanks; i++) {
		if (!described(&given[i]) || !overlap(&given[i], s, &from, &to))
			continue;
		for (Page *p = page_number(from); from < to; from++, p++) {
			if (p->state != FRAME_NONE)
				continue;	/* banks of other types may overlap */
			p->state = FRAME_KERNEL;
			p->tag = KERNEL_BOOT;
			__atomic_fetch_add(&kernel_tagged[KERNEL_BOOT], 1, __ATOMIC_RELAXED);
			__atomic_fetch_add(&nframes, 1, __ATOMIC_RELAXED);
		}
	}
}

/* Hand frames of the boot to the buddy lists in the largest aligned blocks. */
static void release_frames(u64 f, u64 end) REQUIRES(buddy_lock)
{
	for (u64 i = f; i < end; i++)
		own_must(own_release(page_number(i), nil), OWN_RELEASE, page_number(i));
	__atomic_fetch_sub(&kernel_tagged[KERNEL_BOOT], f < end ? end - f : 0, __ATOMIC_RELAXED);
	if (f < end)
		hide_frames(page_number(f), end - f);
	while (f < end) {
		u32 order = 0;
		while (order < ORDER_MAX && (f & ((2UL << order) - 1)) == 0 &&
			f + (2UL << order) <= end)
			order++;
		buddy_give(page_number(f), order);
		f += 1UL << order;
	}
}

/* Describe a section, in its own memory where it has room, and free what is usable of the rest. */
static void section_wake(Section *s) REQUIRES(buddy_lock)
{
	u64 n = descriptor_frames(s), at = room_in(s, n), from, to;
	if (at == 0)
		at = early_take(n);
	describe(s, at);
	for (u32 i = 0; i < boot.nbanks; i++) {
		if (boot.banks[i].type != BANK_USABLE || !overlap(&boot.banks[i], s, &from, &to))
			continue;
		release_frames(from, MIN(to, MAX(at, from)));
		release_frames(MAX(from, MIN(at + n, to)), to);
	}
	asleep_frames -= s->asleep;
	s->asleep = 0;
}

/* Wake the lowest section that sleeps; false when none does. */
static bool wake_one(void) REQUIRES(buddy_lock)
{
	for (u32 i = 0; i < nsections; i++)
		if (sections[i].asleep != 0) {
			section_wake(&sections[i]);
			return true;
		}
	return false;
}

/* A section of nothing but usable memory may sleep; its frames count as free. */
static void settle(Section *s) REQUIRES(buddy_lock)
{
	u64 from, to, usable = 0, n = descriptor_frames(s);
	for (u32 i = 0; i < boot.nbanks; i++)
		if (given[i].type == BANK_USABLE && overlap(&given[i], s, &from, &to))
			usable += to - from;
	if (usable == s->count && room_in(s, n) != 0) {
		s->asleep = (u32)(usable - n);
		asleep_frames += s->asleep;
	} else
		section_wake(s);
}

static void sections_make(void)
{
	u64 top = 0;
	for (u32 i = 0; i < boot.nbanks; i++)
		if (described(&given[i]))
			top = MAX(top, given[i].base.a + given[i].size);
	nsections = (u32)((top + (1UL << SECTION_SHIFT) - 1) >> SECTION_SHIFT);
	u64 n = (nsections * sizeof(Section) + BY2PG - 1) >> PGSHIFT;
	sections = kaddr(paddr_of(early_take(n) << PGSHIFT));
	memset(sections, 0, n << PGSHIFT);
	for (u32 i = 0; i < boot.nbanks; i++)
		if (described(&given[i]))
			section_cover(&given[i]);
}

NO_TSA void frames_init(void)
{
	boot_mark("B0");
	for (u32 o = 0; o <= ORDER_MAX; o++)
		free_head[o] = NO_FRAME;
	memmove(given, boot.banks, sizeof given);
	sections_make();
	lock(&buddy_lock);
	/* sections that cannot hold their own descriptors take from others, so they come first */
	for (u32 i = 0; i < nsections; i++)
		if (sections[i].count != 0 &&
			room_in(&sections[i], descriptor_frames(&sections[i])) == 0)
			section_wake(&sections[i]);
	for (u32 i = 0; i < nsections; i++)
		if (sections[i].count != 0 && sections[i].pages == nil)
			settle(&sections[i]);
	while (buddy_free < AWAKE_MIN && wake_one())
		;
	unlock(&buddy_lock);
	heap_init();
	segments_init();
	images_init();
	boot_mark("B1");
}

void preallocpages(void)
{
	limit_user();
	boot_mark("72");
	cache_fill(&caches[cpu()->index]);
	boot_mark("73");
}

/* Those that were free before there was a direct map of ours. */
static void hide_free(Page *p, void *arg)
{
	if (p->state == FRAME_FREE)
		hide_frames(p, 1);
}

static void print_banks(u64 *top)
{
	u32 letter = 0;
	for (u32 i = 0; i < boot.nbanks; i++) {
		const BootBank *b = &boot.banks[i];
		if (!described(b))
			continue;
		print("PB%c[%#lx %lu]\n", 'A' + letter++ % 26, b->base.a, b->size >> PGSHIFT);
		for (u64 a = round_up(b->base.a, 512UL << 20); a < b->base.a +
			b->size; a += 512UL << 20)
			print("CN[%#lx]\n", a);
		*top = MAX(*top, b->base.a + b->size);
	}
}

void pageinit(void)
{
	boot_mark("74");
	for (u32 i = 0; i < boot.nbanks; i++)
		if (boot.banks[i].type == BANK_LOADER) {
			u64 f = boot.banks[i].base.a >> PGSHIFT;
			lock(&buddy_lock);
			release_frames(f, f + (boot.banks[i].size >> PGSHIFT));
			unlock(&buddy_lock);
		}
	if (CHECKED)
		frames_each(hide_free, nil);
	u64 top = 0, first = boot.banks[0].base.a;
	char value[8];
	if (boot_option("marks", value, sizeof value)) {
		print_banks(&top);
		print("CL[%#lx]\n", top);
		print("KA[{%#lx} %#lx]\n", boot.hhdm, first);
		print("PF %lu U 0 I 0\n", frames_free());
	}
	boot_mark("75");
}
