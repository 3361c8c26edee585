/*
 * Segments and address spaces. The segment's map of frames is the record of
 * what a process has; hardware tables are derived from it by fault() and taken
 * away here, in every address space that the segment is attached to.
 *
 * Lock order: Space.lk, Segment.lk, Image.lk, Space.ptlock, frame bit lock.
 */
#include "mem/frame.h"

enum { CHUNK_BYTES = SEG_CHUNK * BY2PG };
#define SEG_SIZE_MAX	(64UL << 30)

/* Several are held by lend.c alone, in ascending order of their addresses. */
LOCK_CLASS(segment_class, "mem.segment", .nests = true);
static LOCK_CLASS(space_class, "mem.space");
static LOCK_CLASS(ptlock_class, "mem.ptlock");
static LOCK_CLASS(sema_class, "mem.sema");
static LOCK_CLASS(all_class, "mem.all");

/*
 * All there are, for who looks at everything: each in the lists of the processor where it was made,
 * so that processes that come and go at the same time do not meet.
 */
struct Made {
	Lock lk;
	List segments GUARDED_BY(lk), spaces GUARDED_BY(lk);
} __attribute__((aligned(64)));
static Made made[NCPU_MAX];

NO_TSA void segments_init(void)
{
	for (Made *m = made; m < made + NCPU_MAX; m++) {
		lock_init(&m->lk, &all_class);
		list_init(&m->segments);
		list_init(&m->spaces);
	}
}

static inline Made *made_here(void)
{
	return &made[cpu()->index];
}

/* For the auditor, which runs when nothing else does. */
NO_TSA void segments_each(void (*f)(Segment *s, void *arg), void *arg)
{
	for (u32 i = 0; i < cpu_count(); i++)
		list_each(n, &made[i].segments)
			f(list_entry(n, Segment, link), arg);
}

NO_TSA void spaces_each(void (*f)(Space *s, void *arg), void *arg)
{
	for (u32 i = 0; i < cpu_count(); i++)
		list_each(n, &made[i].spaces)
			f(list_entry(n, Space, link), arg);
}

/* ---- a segment's map ---- */

/*
 * Make the map cover chunk c. It grows to twice its size in that direction, within the segment:
 * what is filled page by page copies it but a few times.
 */
static __attribute__((noinline)) ERR map_cover(Segment *s, u64 c) REQUIRES(s->lk)
{
	u64 all = (s->top - s->base + CHUNK_BYTES - 1) / CHUNK_BYTES;
	u64 lo = s->first, hi = s->first + s->nchunks;
	if (s->nchunks == 0) {
		s->map = &s->only;
		s->first = c;
		s->nchunks = 1;
		return nil;
	}
	if (c < lo)
		lo = MIN(c, lo - MIN(lo, s->nchunks));
	else
		hi = MAX(c + 1, MIN(all, hi + s->nchunks));
	Chunk *map = kalloc((hi - lo) * sizeof *map);
	if (map == nil)
		return Enofree;
	memmove(map + (s->first - lo), s->map, s->nchunks * sizeof *map);
	if (s->map != &s->only)
		kfree(s->map);
	s->map = map;
	s->first = lo;
	s->nchunks = hi - lo;
	return nil;
}

Chunk *seg_chunk_make(Segment *s, u64 c)
{
	Chunk *k = seg_chunk(s, c);
	if (unlikely(k == nil)) {
		if (map_cover(s, c) != nil)
			return nil;
		k = seg_chunk(s, c);
	}
	if (unlikely(k->slot == nil))
		k->slot = kalloc(SEG_CHUNK * sizeof(Page *));
	return k->slot != nil ? k : nil;
}

Page **seg_slot(Segment *s, u64 va, bool create)
{
	assert(va >= s->base && va < s->top);
	u64 n = (va - s->base) >> PGSHIFT;
	Chunk *k = create ? seg_chunk_make(s, n / SEG_CHUNK) : seg_chunk(s, n / SEG_CHUNK);
	if (k == nil || k->slot == nil)
		return nil;
	if (create)
		k->used |= 1UL << (n % SEG_CHUNK);
	return &k->slot[n % SEG_CHUNK];
}

u64 seg_run(Segment *s, u64 va, u64 end, Page ***slots)
{
	u64 n = (va - s->base) >> PGSHIFT;
	Chunk *k = seg_chunk(s, n / SEG_CHUNK);
	*slots = k != nil && k->slot != nil ? &k->slot[n % SEG_CHUNK] : nil;
	return MIN((end - va) >> PGSHIFT, SEG_CHUNK - n % SEG_CHUNK);
}

ERR seg_reserve(Segment *s, u64 npages)
{
	u64 nchunks = (npages + SEG_CHUNK - 1) / SEG_CHUNK;
	for (u64 c = nchunks; c-- > 0;) {
		Chunk *k = seg_chunk_make(s, c);
		if (k == nil)
			return Enofree;
		k->used = ~0UL;
	}
	return nil;
}

void seg_extent(Segment *s, u64 *from, u64 *to)
{
	u64 lo = 0, hi = s->nchunks;
	while (lo < hi && s->map[lo].used == 0)
		lo++;
	while (hi > lo && s->map[hi - 1].used == 0)
		hi--;
	*from = *to = s->base;
	if (lo == hi)
		return;
	u64 first = (s->first + lo) * SEG_CHUNK + (u64)__builtin_ctzl(s->map[lo].used);
	u64 last = (s->first + hi) * SEG_CHUNK - 1 - (u64)__builtin_clzl(s->map[hi - 1].used);
	*from = MIN(s->base + first * BY2PG, s->top);	/* bits may outlive their pages */
	*to = MIN(s->base + (last + 1) * BY2PG, s->top);
}

bool seg_pinned(const Segment *s)
{
	return (s->type & SG_TYPE) == SG_FIXED || (s->type & SG_TYPE) == SG_STICKY;
}

void seg_drop_page(Segment *s, Page **slot)
{
	Page *p = *slot;
	bool freed = true;
	if (p->state == FRAME_FROZEN)
		own_must(own_drop(p, &freed), OWN_DROP, p);
	else
		own_must(own_release(p, s), OWN_RELEASE, p);
	*slot = nil;
	s->npages--;
	if (freed)
		frame_give(p, 0);
}

/* Of the 64 pages of chunk c, those in [from, to), which number pages of the segment. */
static u64 pages_of_chunk(u64 c, u64 from, u64 to)
{
	u64 base = c * SEG_CHUNK, mask = ~0UL;
	if (from > base)
		mask = from - base < SEG_CHUNK ? mask << (from - base) : 0;
	if (to < base + SEG_CHUNK)
		mask = to > base ? mask & low_bits(to - base) : 0;
	return mask;
}

Page *seg_block(Segment *s, u64 va)
{
	Page *first = nil, **slot;
	for (u64 i = 0; i < BLOCK_PAGES;) {
		u64 n = seg_run(s, va + i * BY2PG, va + BLOCK_SIZE, &slot);
		for (u64 k = 0; k < n; k++, i++) {
			Page *p = slot != nil ? slot[k] : nil;
			first = i == 0 ? p : first;
			if (!is_frame(p) || p != first + i || p->state != FRAME_OWNED)
				return nil;
		}
	}
	return first->number % BLOCK_PAGES == 0 ? first : nil;
}

/* Its frames go back side by side, as they came; nothing when there is no block at va. */
static void drop_block(Segment *s, u64 va) REQUIRES(s->lk)
{
	Page *first = seg_block(s, va), **slot;
	if (first == nil)
		return;
	u64 page = (va - s->base) >> PGSHIFT;
	for (u64 i = 0; i < BLOCK_PAGES;) {
		u64 n = seg_run(s, va + i * BY2PG, va + BLOCK_SIZE, &slot);
		u64 c = (page + i) / SEG_CHUNK;
		memset(slot, 0, n * sizeof *slot);
		seg_chunk(s, c)->used &= ~pages_of_chunk(c, page, page + BLOCK_PAGES);
		for (u64 end = i + n; i < end; i++)
			own_must(own_release(first + i, s), OWN_RELEASE, first + i);
	}
	s->npages -= BLOCK_PAGES;
	frame_give(first, BLOCK_ORDER);
}

/* The whole blocks of [from, to) that the map covers. */
static void drop_blocks(Segment *s, u64 from, u64 to) REQUIRES(s->lk)
{
	u64 lo = MAX(from, s->base + s->first * CHUNK_BYTES);
	u64 hi = MIN(to, s->base + (s->first + s->nchunks) * CHUNK_BYTES);
	for (u64 va = round_up(lo, BLOCK_SIZE); va + BLOCK_SIZE <= hi; va += BLOCK_SIZE)
		drop_block(s, va);
}

/* Drop all frames of [from, to); their mappings are gone already. */
static void drop_range(Segment *s, u64 from, u64 to) REQUIRES(s->lk)
{
	if (unlikely(s->blocks))
		drop_blocks(s, from, to);
	u64 first = (from - s->base) >> PGSHIFT, end = (to - s->base) >> PGSHIFT;
	u64 lo = MAX(first / SEG_CHUNK, s->first);
	u64 hi = MIN((end + SEG_CHUNK - 1) / SEG_CHUNK, s->first + s->nchunks);
	for (u64 c = lo; c < hi && s->npages > 0; c++) {
		Chunk *k = &s->map[c - s->first];
		u64 mask = pages_of_chunk(c, first, end);
		for (u64 left = k->used & mask; left != 0; left &= left - 1) {
			Page **slot = &k->slot[__builtin_ctzl(left)];
			if (is_frame(*slot))
				seg_drop_page(s, slot);
			else if (*slot != nil)
				swap_forget(s, slot);
		}
		k->used &= ~mask;
	}
}

void seg_unmap_everywhere(Segment *s, u64 va, u64 npages, const Space *except)
{
	list_each(n, &s->spaces) {
		Space *space = list_entry(n, Attach, link)->space;
		if (space == except)
			continue;
		lock(&space->ptlock);
		if (likely(space->live))
			punmap(&space->pt, uaddr_of(va), npages);
		unlock(&space->ptlock);
	}
}

void seg_protect_everywhere(Segment *s, u64 va, u64 npages)
{
	list_each(n, &s->spaces) {
		Space *space = list_entry(n, Attach, link)->space;
		lock(&space->ptlock);
		if (likely(space->live))
			pprotect_readonly(&space->pt, uaddr_of(va), npages);
		unlock(&space->ptlock);
	}
}

/* ---- life of a segment ---- */

NO_TSA ERR newseg(u32 type, Uaddr base, u64 size, Segment **out)
{
	assert(base.a % BY2PG == 0 && size % BY2PG == 0);
	if (size > SEG_SIZE_MAX || base.a < UTZERO || base.a + size > USTKTOP ||
		base.a + size < base.a)
		return Enovmem;
	Segment *s = kalloc(sizeof *s);
	if (s == nil)
		return Enofree;
	s->ref.n = 1;
	TAKEN(&s->ref.takers);
	s->type = type;
	s->base = base.a;
	s->top = base.a + size;
	s->exec = (type & SG_TYPE) == SG_TEXT && !(type & SG_NOEXEC);
	qlock_init(&s->lk, &segment_class);
	lock_init(&s->sema_lk, &sema_class);
	list_init(&s->spaces);
	list_init(&s->offers);
	Made *m = s->made = made_here();
	lock(&m->lk);
	list_append(&m->segments, &s->link);
	unlock(&m->lk);
	*out = s;
	return nil;
}

void seg_set_image(Segment *s, Image *i, u32 which)
{
	assert(s->image == nil);
	image_incref(i);
	s->image = i;
	s->piece = which;
}

void seg_incref(Segment *s)
{
	ref_take(&s->ref);
}

NO_TSA void putseg(Segment *s)
{
	if (s == nil || ref_drop(&s->ref) > 0)
		return;
	assert(list_empty(&s->spaces) && s->sema == nil);
	if (s->offered)
		offers_end(s);
	if (s->loan != nil)
		loan_leave(s);
	drop_range(s, s->base, s->top);
	assert(s->npages == 0);
	for (u64 c = 0; c < s->nchunks; c++)
		kfree(s->map[c].slot);
	if (s->map != &s->only)
		kfree(s->map);
	kfree(s->profile);
	Made *m = s->made;
	lock(&m->lk);
	list_remove(&s->link);
	unlock(&m->lk);
	if (s->image != nil)
		image_put(s->image);
	kfree(s);
}

Page *newpage(Segment *s)
{
	Page *p = frame_ready();
	if (p == nil && (p = frame_get(0)) != nil)
		memset(page_kaddr(p), 0, BY2PG);
	if (p != nil)
		own_must(own_allocate(p, s), OWN_ALLOCATE, p);
	return p;
}

ERR segpage(Segment *s, Uaddr va, Page *p)
{
	qlock(&s->lk);
	Page **slot = seg_slot(s, va.a, true);
	if (slot != nil) {
		assert(*slot == nil && p->state == FRAME_OWNED && p->owner == s);
		*slot = p;
		s->npages++;
	}
	qunlock(&s->lk);
	if (slot != nil)
		return nil;
	own_must(own_release(p, s), OWN_RELEASE, p);
	frame_give(p, 0);
	return Enofree;
}

ERR seg_fill(Segment *s)
{
	for (u64 va = s->base; va < s->top; va += BY2PG) {
		Page *p = newpage(s);
		if (p == nil)
			return Enofree;
		TRY(segpage(s, uaddr_of(va), p));
	}
	return nil;
}

/* Of a block of frames the first npages are for s, the others go back. */
static void claim_block(Segment *s, Page *p, u64 npages, u64 nblock)
{
	for (u64 i = 0; i < nblock; i++) {
		if (i >= npages) {
			frame_give(p + i, 0);
			continue;
		}
		own_must(own_allocate(p + i, s), OWN_ALLOCATE, p + i);
		memset(page_kaddr(p + i), 0, BY2PG);
	}
}

static void release_run(Segment *s, Page *p, u64 npages)
{
	for (u64 i = 0; i < npages; i++) {
		own_must(own_release(p + i, s), OWN_RELEASE, p + i);
		frame_give(p + i, 0);
	}
}

ERR seg_fill_adjacent(Segment *s, Paddr *pa)
{
	u64 npages = (s->top - s->base) >> PGSHIFT;
	u32 order = 0;
	while (1UL << order < npages)
		if (++order > ORDER_MAX)
			return Enovmem;
	Page *p = frame_get(order);
	if (p == nil)
		return Enofree;
	claim_block(s, p, npages, 1UL << order);
	*pa = page_paddr(p);
	for (u64 i = 0; i < npages; i++) {
		Err e = segpage(s, uaddr_of(s->base + i * BY2PG), p + i);
		if (e != nil) {
			release_run(s, p + i, npages - i);
			return e;
		}
	}
	return nil;
}

/* ---- address spaces ---- */

ERR space_init(Space *s)
{
	*s = (Space){ .ptlock = LOCK_INIT(&ptlock_class), .lk = QLOCK_INIT(&space_class) };
	TRY(arch_space_init(&s->pt));
	for (u32 i = 0; i < NSEG; i++)
		s->attach[i].space = s;
	POKE(s->live, true);
	Made *m = s->made = made_here();
	lock(&m->lk);
	list_append(&m->spaces, &s->link);
	unlock(&m->lk);
	return nil;
}

void seg_attach(Space *space, enum SegSlot slot, Segment *s)
{
	assert(space->seg[slot] == nil);
	qlock(&s->lk);
	list_push(&s->spaces, &space->attach[slot].link);
	qunlock(&s->lk);
	lock(&space->ptlock);
	space->seg[slot] = s;
	unlock(&space->ptlock);
}

/*
 * Whoever lets a segment grow sets its top and then looks at the slots, here it is the other way
 * round: one of the two sees the other.
 */
ERR seg_attach_apart(Space *space, enum SegSlot slot, Segment *s)
{
	seg_attach(space, slot, s);
	lock(&space->ptlock);
	bool apart = !seg_overlaps(space, s->base, PEEK(s->top), s);
	unlock(&space->ptlock);
	if (apart)
		return nil;
	seg_incref(s);
	seg_detach(space, slot);
	return Esoverlap;
}

void seg_detach(Space *space, enum SegSlot slot)
{
	Segment *s = space->seg[slot];
	u64 from, to;
	assert(s != nil);
	qlock(&s->lk);
	seg_extent(s, &from, &to);
	list_remove(&space->attach[slot].link);
	lock(&space->ptlock);
	space->seg[slot] = nil;
	if (from < to)
		punmap(&space->pt, uaddr_of(from), (to - from) >> PGSHIFT);
	unlock(&space->ptlock);
	qunlock(&s->lk);
	putseg(s);
}

static void leave_segment(Space *space, enum SegSlot slot)
{
	Segment *s = space->seg[slot];
	qlock(&s->lk);
	list_remove(&space->attach[slot].link);
	qunlock(&s->lk);
}

/*
 * The tables go first, as a whole, while whoever takes pages out of a segment still finds the space
 * there; the segments go when nobody finds it.
 */
void space_free(Space *s)
{
	if (!PEEK(s->live))
		return;
	Made *m = s->made;
	lock(&m->lk);
	list_remove(&s->link);
	unlock(&m->lk);
	lock(&s->ptlock);
	arch_space_free(&s->pt);
	s->live = false;
	unlock(&s->ptlock);
	for (u32 i = 0; i < NSEG; i++)
		if (s->seg[i] != nil)
			leave_segment(s, i);
	for (u32 i = 0; i < NSEG; i++) {
		putseg(s->seg[i]);
		s->seg[i] = nil;
	}
}

static inline bool contains(const Segment *s, Uaddr va)
{
	return s != nil && va.a >= s->base && va.a < s->top;
}

Segment *seg_of(const Space *space, Uaddr va, enum SegSlot *slot)
{
	for (u32 i = 0; i < NSEG; i++)
		if (contains(space->seg[i], va)) {
			*slot = i;
			return space->seg[i];
		}
	return nil;
}

Segment *seg_find(Space *space, Uaddr va, enum SegSlot *slot)
{
	enum SegSlot found = space->hint;
	if (unlikely(!contains(space->seg[found], va))) {
		if (seg_of(space, va, &found) == nil)
			return nil;
		space->hint = found;
	}
	if (slot != nil)
		*slot = found;
	return space->seg[found];
}

bool seg_overlaps(const Space *space, u64 base, u64 top, const Segment *except)
{
	for (u32 i = 0; i < NSEG; i++) {
		const Segment *s = space->seg[i];
		if (s != nil && s != except && base < s->top && s->base < top)
			return true;
	}
	return false;
}

static ERR free_slot(const Space *space, enum SegSlot *slot)
{
	for (u32 i = SEG1; i <= SEG5; i++)
		if (space->seg[i] == nil) {
			*slot = i;
			return nil;
		}
	return Enovmem;
}

/* The lowest base among the segments that [base, base+size) meets; 0 when it meets none. */
static u64 lowest_in_the_way(const Space *space, u64 base, u64 size)
{
	u64 lowest = 0;
	for (u32 i = 0; i < NSEG; i++) {
		const Segment *s = space->seg[i];
		if (s == nil || base >= s->top || base + size <= s->base)
			continue;
		if (lowest == 0 || s->base < lowest)
			lowest = s->base;
	}
	return lowest;
}

/* The highest hole below the stack. */
static ERR find_hole(const Space *space, u64 size, u64 *base)
{
	for (u64 top = USTKTOP - USTKSIZE; top > size && top - size >= UTZERO;) {
		*base = top - size;
		top = lowest_in_the_way(space, *base, size);
		if (top == 0)
			return nil;
	}
	return Enovmem;
}

ERR seg_place(const Space *space, u64 va, u64 size, u64 *base, enum SegSlot *slot)
{
	*base = va;
	if (va == 0)
		TRY(find_hole(space, size, base));
	else if (seg_overlaps(space, va, va + size, nil))
		return Esoverlap;
	return free_slot(space, slot);
}

bool seg_covers(Space *space, Uaddr va, u64 len, bool write)
{
	u64 end;
	if (!add_u64(va.a, len, &end))
		return false;
	u64 at = va.a;
	do {
		const Segment *s = seg_find(space, uaddr_of(at), nil);
		if (s == nil || (write && !seg_writable(s)))
			return false;
		at = s->top;
	} while (at < end);
	return true;
}

/* ---- profiles ---- */

ERR seg_profile(Segment *s)
{
	Err e = nil;
	qlock(&s->lk);
	u64 n = (s->top - s->base) >> PROFILE_SHIFT;
	if (s->profile != nil) {
		memset(s->profile, 0, s->nprofile * sizeof *s->profile);
	} else {
		u32 *counters = kalloc(n * sizeof *counters);
		s->nprofile = n;
		__atomic_store_n(&s->profile, counters, __ATOMIC_RELEASE);
		e = counters != nil ? nil : Enomem;
	}
	qunlock(&s->lk);
	return e;
}

void seg_tick(Segment *s, u64 pc, u32 ms)
{
	u32 *counters = __atomic_load_n(&s->profile, __ATOMIC_ACQUIRE);
	if (likely(counters == nil))
		return;
	u64 n = (pc - s->base) >> PROFILE_SHIFT;
	__atomic_fetch_add(&counters[0], ms, __ATOMIC_RELAXED);
	if (pc >= s->base && n > 0 && n < s->nprofile)
		__atomic_fetch_add(&counters[n], ms, __ATOMIC_RELAXED);
}

/* ---- changes asked for by system calls ---- */

static ERR shrink(Segment *s, u64 top) REQUIRES(s->lk)
{
	if (ref_count(&s->ref) > 1)
		return Einuse;
	if (s->offered && seg_lends(s, top, s->top))
		return Elent;
	seg_unmap_everywhere(s, top, (s->top - top) >> PGSHIFT, nil);
	drop_range(s, top, s->top);
	s->top = top;
	return nil;
}

/* Does something stand below top in the way of s, in any address space that has it? */
static bool is_in_the_way(Segment *s, u64 top) REQUIRES(s->lk)
{
	bool found = false;
	list_each(n, &s->spaces) {
		Space *space = list_entry(n, Attach, link)->space;
		lock(&space->ptlock);	/* perhaps another process's: its slots stay as they are */
		found = found || seg_overlaps(space, s->base, top, s);
		unlock(&space->ptlock);
	}
	return found;
}

static ERR grow(Segment *s, u64 top) REQUIRES(s->lk)
{
	if (top > USTKTOP || top - s->base > SEG_SIZE_MAX)
		return Enovmem;
	u64 before = s->top;
	__atomic_store_n(&s->top, top, __ATOMIC_RELAXED);	/* who attaches now sees it */
	if (!is_in_the_way(s, top))
		return nil;
	__atomic_store_n(&s->top, before, __ATOMIC_RELAXED);	/* no fault came in between: lk */
	return Esoverlap;
}

ERR seg_resize(Segment *s, Uaddr new_top)
{
	u64 top = round_up(new_top.a, BY2PG);
	if (s->loan != nil)
		return Enotowner;
	if (top < new_top.a || top < s->base)
		return Enovmem;
	qlock(&s->lk);
	Err e = top < s->top ? shrink(s, top) : grow(s, top);
	qunlock(&s->lk);
	return e;
}

ERR seg_release_range(Space *space, Uaddr va, u64 len)
{
	Segment *s = seg_find(space, va, nil);
	u64 end;
	if (s == nil || !add_u64(va.a, len, &end))
		return Ebadarg;
	u64 from = round_up(va.a, BY2PG), to = round_down(end, BY2PG);
	qlock(&s->lk);
	Err e = end > s->top || seg_pinned(s) ? Ebadarg : s->loan != nil ? Enotowner : nil;
	if (e == nil && s->offered && seg_lends(s, from, to))
		e = Elent;
	if (e == nil && from < to) {
		seg_unmap_everywhere(s, from, (to - from) >> PGSHIFT, nil);
		drop_range(s, from, to);
	}
	qunlock(&s->lk);
	return e;
}

/* Entries without execute permission must go; faults bring them back with it. */
static void make_executable(Segment *s)
{
	qlock(&s->lk);
	if (!s->exec && !(s->type & SG_NOEXEC) && (s->type & SG_TYPE) != SG_STACK) {
		s->exec = true;
		seg_unmap_everywhere(s, s->base, (s->top - s->base) >> PGSHIFT, nil);
	}
	qunlock(&s->lk);
}

ERR seg_flush(Space *space, Uaddr va, u64 len)
{
	u64 end;
	if (!add_u64(va.a, len, &end) || !seg_covers(space, va, len, false))
		return Ebadarg;
	for (u64 at = va.a; at < end;) {
		Segment *s = seg_find(space, uaddr_of(at), nil);
		make_executable(s);
		at = s->top;
	}
	return nil;
}
