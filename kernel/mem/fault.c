/*
 * Page faults. What a fault at va finds, and what it does:
 *
 *   no segment, or access the segment forbids    Ebadarg
 *   no frame yet, anonymous                      a zeroed frame, OWNED
 *   a slot of the swap file                      a frame with what is in it, OWNED
 *   no frame yet, backed by an image             reading, or text: the cached frame, shared;
 *                                                writing: a copy of it, OWNED
 *   FROZEN frame, writing                        the last holder thaws it; others get a copy
 *   lent by this segment                         for reading: only that; for writing: Ebadarg
 *   a loan that was revoked                      Erevoked
 *   frame there, entry missing or too weak       map it
 *   the next page of a long row, no frames       a block of frames side by side, with one entry
 *
 * then the frame is mapped with what its state allows: writable only when OWNED, or borrowed for
 * writing. Neighbours come along: what is at hand already, and pages that are about to be touched
 * because those before them were, one after the other.
 *
 * Locks: Segment.lk (sleeping) around the whole; below it Image.lk while a page is
 * read; Space.ptlock around the change of the tables.
 */
#include "mem/frame.h"

enum {
	FAULT_AROUND = 16,	/* pages that are at hand are mapped so many at once */
	AHEAD_MAX = 16,		/* pages touched in a row come so many at once */
};

/* A frozen frame has one holder less, who has no entry for it any more. */
static void let_go(Page *p)
{
	bool freed;
	own_must(own_drop(p, &freed), OWN_DROP, p);
	if (freed)
		frame_give(p, 0);
}

/* A private copy of a frozen frame in its place. */
static ERR copy_frozen(Segment *s, u64 va, Page **slot, const Space *except, Page **old)
	REQUIRES(s->lk)
{
	Page *frozen = *slot, *copy = frame_get(0);
	if (copy == nil)
		return Enofree;
	own_must(own_allocate(copy, s), OWN_ALLOCATE, copy);
	memmove(page_kaddr(copy), page_kaddr(frozen), BY2PG);
	seg_unmap_everywhere(s, va, 1, except);
	*slot = copy;
	if (except != nil)
		*old = frozen;
	else
		let_go(frozen);
	return nil;
}

ERR seg_make_writable(Segment *s, u64 va, Page **slot, const Space *except, Page **old)
{
	Page *p = *slot;
	if (p->state == FRAME_OWNED)
		return nil;
	if (p->state != FRAME_FROZEN)
		return p->state == FRAME_LENT_MUT && s->loan != nil ? nil : Ebadarg;
	if (own_thaw(p, s) == nil)
		return nil;
	return copy_frozen(s, va, slot, except, old);
}

ERR seg_fill_slot(Segment *s, u64 va, Page **slot)
{
	Page *p = nil;
	if (unlikely(s->unusual)) {
		if (*slot != nil)
			return swap_in(s, slot);
		if (s->loan != nil)
			return Erevoked;
	}
	if (s->image != nil)
		TRY(image_page(s->image, s->piece, (va - s->base) >> PGSHIFT, &p));
	if (p == nil)
		p = newpage(s);
	if (p == nil)
		return Enofree;
	*slot = p;
	s->npages++;
	return nil;
}

/* For writing, so that its owner may not even look at it. */
static bool lent_away(const Segment *s, const Page *p)
{
	return p->state == FRAME_LENT_MUT && s->loan == nil;
}

/* What user mode may do with the page in its slot; 0: there is none for it. */
static u32 allowed(const Segment *s, const Page *p) REQUIRES(s->lk)
{
	if (!is_frame(p) || lent_away(s, p))
		return 0;
	u32 prot = PROT_READ;
	if (s->exec)
		prot |= PROT_EXEC;
	if (seg_writable(s) && (p->state == FRAME_OWNED || p->state == FRAME_LENT_MUT))
		prot |= PROT_WRITE;
	return prot;
}

static ERR enter(Space *space, Segment *s, u64 va, const Page *p) REQUIRES(s->lk)
{
	lock(&space->ptlock);
	Err e = pmap(&space->pt, uaddr_of(va), page_paddr(p), allowed(s, p));
	if (unlikely(e != nil))		/* the entry may be for a frame that is about to go */
		punmap(&space->pt, uaddr_of(va), 1);
	unlock(&space->ptlock);
	return e;
}

/* Enter what there is. */
static void map_run(Space *space, Segment *s, u64 first, u64 n) REQUIRES(s->lk)
{
	Page **slot = &seg_chunk(s, first / SEG_CHUNK)->slot[first % SEG_CHUNK];
	lock(&space->ptlock);
	for (u64 i = 0, end; i < n; i = end) {
		u32 prot = allowed(s, slot[i]);
		for (end = i + 1; end < n && allowed(s, slot[end]) == prot; end++)
			;
		if (prot != 0 && pmap_run(&space->pt, uaddr_of(s->base + (first + i) * BY2PG),
			slot + i, end - i, prot) != nil)
			break;
	}
	unlock(&space->ptlock);
}

/*
 * The next two take pages of one chunk, n of them at most from number `first` on, go on as long as
 * each is like the one before, and enter them; they return how many they took.
 *
 * Zeroed frames where there are none; nobody waits, and nothing is given up for them.
 */
static u64 fill_run(Space *space, Segment *s, u64 first, u64 n) REQUIRES(s->lk)
{
	Chunk *k = seg_chunk(s, first / SEG_CHUNK);
	Page **slot = &k->slot[first % SEG_CHUNK];
	u64 i = 0;
	for (bool ready = true; i < n && slot[i] == nil; i++) {
		Page *p = ready ? frame_ready() : nil;
		ready = p != nil;
		if (!ready && (p = frame_take(0)) == nil)
			break;
		own_must(own_allocate(p, s), OWN_ALLOCATE, p);
		if (!ready)
			memset(page_kaddr(p), 0, BY2PG);
		slot[i] = p;
	}
	if (i == 0)
		return 0;
	k->used |= low_bits(i) << (first % SEG_CHUNK);
	s->npages += i;
	map_run(space, s, first, i);
	return i;
}

/* Frozen frames that can be written to afterwards. */
static u64 thaw_run(Space *space, Segment *s, u64 first, u64 n) REQUIRES(s->lk)
{
	Page **slot = &seg_chunk(s, first / SEG_CHUNK)->slot[first % SEG_CHUNK];
	Page *old[AHEAD_MAX];
	u64 i = 0;
	for (; i < n && is_frame(slot[i]) && slot[i]->state == FRAME_FROZEN; i++) {
		old[i] = nil;
		if (seg_make_writable(s, s->base + (first + i) * BY2PG, &slot[i], space,
			&old[i]) != nil)
			break;
	}
	if (i > 0)
		map_run(space, s, first, i);
	for (u64 k = 0; k < i; k++)
		if (old[k] != nil)
			let_go(old[k]);
	return i;
}

/*
 * Pages that are touched one after the other come in growing numbers, but never more than were
 * touched in a row before: at worst half of them are not needed. va was touched, and mapped.
 */
static void touch_ahead(Space *space, Segment *s, u64 va, bool fresh) REQUIRES(s->lk)
{
	bool row = va == s->next_touch && frames_plenty();
	u64 next = ((va - s->base) >> PGSHIFT) + 1, end = (s->top - s->base) >> PGSHIFT, n;
	u64 in_block = (0 - (va + BY2PG)) % BLOCK_SIZE >> PGSHIFT;	/* before the next block */
	s->ahead = row ? MIN(2 * s->ahead, AHEAD_MAX) : 1;
	n = MIN((u64)s->ahead - 1, MIN(end - next, round_up(next, SEG_CHUNK) - next));
	n = MIN(n, in_block);
	if (n > 0)
		n = fresh ? fill_run(space, s, next, n) : thaw_run(space, s, next, n);
	s->next_touch = va + (1 + n) * BY2PG;
	s->in_row = (row ? s->in_row : 0) + 1 + (u32)n;
}

/* ---- blocks ---- */

static bool block_entered(Space *space, Segment *s, u64 va, const Page *first) REQUIRES(s->lk)
{
	lock(&space->ptlock);
	Err e = pmap_block_room(&space->pt, uaddr_of(va)) ?
		pmap_block(&space->pt, uaddr_of(va), page_paddr(first), allowed(s, first)) :
		Enofree;
	unlock(&space->ptlock);
	return e == nil;
}

/* Room in the map for a block, of which no page may have anything yet. */
static bool block_is_empty(Segment *s, u64 va) REQUIRES(s->lk)
{
	for (u64 i = 0; i < BLOCK_PAGES;) {
		u64 page = ((va - s->base) >> PGSHIFT) + i;
		u64 n = MIN(BLOCK_PAGES - i, SEG_CHUNK - page % SEG_CHUNK);
		const Chunk *k = seg_chunk_make(s, page / SEG_CHUNK);
		if (k == nil)
			return false;
		for (u64 c = 0; c < n; c++, i++)
			if (k->slot[page % SEG_CHUNK + c] != nil)
				return false;
	}
	return true;
}

static void block_fill(Segment *s, u64 va, Page *first) REQUIRES(s->lk)
{
	memset(page_kaddr(first), 0, BLOCK_SIZE);
	for (u64 i = 0; i < BLOCK_PAGES; i++) {
		Page **slot = seg_slot(s, va + i * BY2PG, true);
		own_must(own_allocate(first + i, s), OWN_ALLOCATE, first + i);
		*slot = first + i;
	}
	s->npages += BLOCK_PAGES;
	s->blocks = true;
}

/*
 * The page at va is the first of a block, and at least as many pages before it were touched one
 * after the other: the block gets its frames at once, which again is no more than were touched in
 * a row. False: only the page.
 */
static bool touch_block(Space *space, Segment *s, u64 va) REQUIRES(s->lk)
{
	if (va != s->next_touch || s->in_row < BLOCK_PAGES || s->top - va < BLOCK_SIZE ||
		s->image != nil || s->exec || s->unusual || seg_pinned(s) || !seg_writable(s))
		return false;
	Page *first = block_is_empty(s, va) ? frame_take_block() : nil;
	if (first == nil)
		return false;
	block_fill(s, va, first);
	s->in_row += BLOCK_PAGES;
	s->next_touch = va + BLOCK_SIZE;
	return block_entered(space, s, va, first);
}

/* Another space that has the segment has entered nothing of the block yet: the same for it. */
static bool map_block(Space *space, Segment *s, u64 va) REQUIRES(s->lk)
{
	u64 base = round_down(va, BLOCK_SIZE);
	if (base < s->base || s->top - base < BLOCK_SIZE || s->exec)
		return false;
	lock(&space->ptlock);
	bool room = pmap_block_room(&space->pt, uaddr_of(base));
	unlock(&space->ptlock);
	const Page *first = room ? seg_block(s, base) : nil;
	return first != nil && block_entered(space, s, base, first);
}

void seg_map_around(Space *space, Segment *s, u64 va)
{
	u64 page = (va - s->base) >> PGSHIFT, first = round_down(page, FAULT_AROUND);
	u64 n = MIN(FAULT_AROUND, ((s->top - s->base) >> PGSHIFT) - first);
	Chunk *k = seg_chunk(s, page / SEG_CHUNK);
	u32 at = first % SEG_CHUNK;
	u64 all = low_bits(n);
	if (k == nil || k->slot == nil)
		return;
	if (s->image != nil && !seg_writable(s) && (k->used >> at & all) != all) {
		u64 found = image_pages_cached(s->image, s->piece, first, n, &k->slot[at]);
		k->used |= found << at;
		for (u64 left = found; left != 0; left &= left - 1)
			s->npages++;
	}
	map_run(space, s, first, n);
}

static ERR resolve(Space *space, Segment *s, u64 va, u32 prot) REQUIRES(s->lk)
{
	if (va >= s->top)	/* shrunk while we waited */
		return Ebadarg;
	if ((s->type & SG_FAULT) || ((prot & PROT_WRITE) && !seg_writable(s)))
		return Ebadarg;
	if ((prot & PROT_EXEC) && !s->exec)
		return Ebadarg;
	Page **slot = seg_slot(s, va, true);
	if (slot == nil)
		return Enofree;
	bool fresh = !is_frame(*slot);
	if (fresh && va % BLOCK_SIZE == 0 && touch_block(space, s, va))
		return nil;
	if (unlikely(s->blocks) && !fresh && !(prot & PROT_THERE) && map_block(space, s, va))
		return nil;
	if (!is_frame(*slot))
		TRY(seg_fill_slot(s, va, slot));
	if (lent_away(s, *slot))
		return Ebadarg;
	bool frozen = (*slot)->state == FRAME_FROZEN;
	Page *old = nil;
	if (prot & PROT_WRITE)
		TRY(seg_make_writable(s, va, slot, space, &old));
	Err e = enter(space, s, va, *slot);
	if (old != nil)
		let_go(old);
	TRY(e);
	if ((fresh && s->image == nil) || ((prot & PROT_THERE) && frozen))
		touch_ahead(space, s, va, fresh);
	else if (!(prot & PROT_THERE))
		seg_map_around(space, s, va);
	return nil;
}

ERR fault(Space *space, Uaddr at, u32 prot)
{
	u64 va = round_down(at.a, BY2PG);
	Segment *s = seg_find(space, at, nil);
	if (s == nil)
		return Ebadarg;
	cpu()->nfault++;
	qlock(&s->lk);
	Err e = resolve(space, s, va, prot);
	qunlock(&s->lk);
	return e;
}

NO_TSA ERR seg_touch(Segment *s, Uaddr at, bool write, void **k)
{
	u64 va = round_down(at.a, BY2PG);
	qlock(&s->lk);
	Page **slot = va < s->top ? seg_slot(s, va, true) : nil;
	Err e = va < s->top ? slot == nil ? Enofree : nil : Ebadarg;
	if (e == nil && !is_frame(*slot))
		e = seg_fill_slot(s, va, slot);
	if (e == nil && lent_away(s, *slot))
		e = Ebadarg;
	if (e == nil && write)
		e = seg_make_writable(s, va, slot, nil, nil);
	if (e != nil) {
		qunlock(&s->lk);
		return e;
	}
	frame_show(*slot, true);	/* it may be lent: from now on it can be seen */
	*k = (u8 *)page_kaddr(*slot) + (at.a & (BY2PG - 1));
	return nil;
}

NO_TSA ERR seg_peek(const Space *space, Uaddr at, bool write, Segment **locked, void **k)
{
	enum SegSlot slot;
	Segment *s = seg_of(space, at, &slot);
	if (s == nil)
		return Ebadarg;
	TRY(seg_touch(s, at, write, k));
	*locked = s;
	return nil;
}
