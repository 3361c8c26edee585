/*
 * Page faults. What a fault at va finds, and what it does:
 *
 *   no segment, or access the segment forbids    Ebadarg
 *   no frame yet, anonymous                      a zeroed frame, OWNED
 *   no frame yet, backed by an image             reading, or text: the cached frame, shared;
 *                                                writing: a copy of it, OWNED
 *   FROZEN frame, writing                        the last holder thaws it; others get a copy
 *   frame there, entry missing or too weak       map it
 *
 * then the frame is mapped with what its state allows: writable only when OWNED.
 *
 * Locks: Segment.lk (sleeping) around the whole; below it Image.lk while a page is
 * read; Space.ptlock around the change of the tables.
 */
#include "mem/frame.h"

enum { FAULT_AROUND = 16 };	/* pages of text mapped at once when they are cached */

/*
 * A private copy of a frozen frame in its place. Other address spaces of the segment must let go of
 * the old one.
 */
static ERR copy_frozen(Segment *s, u64 va, Page **slot) REQUIRES(s->lk)
{
	Page *old = *slot, *copy = frame_take(0);
	if (copy == nil && image_reclaim(64) > 0)
		copy = frame_take(0);
	if (copy == nil)
		return Enofree;
	own_must(own_allocate(copy, s), OWN_ALLOCATE, copy);
	memmove(page_kaddr(copy), page_kaddr(old), BY2PG);
	seg_unmap_everywhere(s, va, 1, nil);
	seg_drop_page(s, slot);
	*slot = copy;
	s->npages++;
	return nil;
}

static ERR make_writable(Segment *s, u64 va, Page **slot) REQUIRES(s->lk)
{
	Page *p = *slot;
	if (p->state == FRAME_LENT_SHARED || p->state == FRAME_LENT_MUT)
		return Ebadarg;
	if (p->state != FRAME_FROZEN)
		return nil;
	if (own_thaw(p, s) == nil)
		return nil;
	return copy_frozen(s, va, slot);
}

/* The first touch of a page: from the image, or zero. */
static ERR fill(Segment *s, u64 va, Page **slot) REQUIRES(s->lk)
{
	Page *p = nil;
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

static u32 allowed(const Segment *s, const Page *p) REQUIRES(s->lk)
{
	u32 prot = PROT_READ;
	if (s->exec)
		prot |= PROT_EXEC;
	if (seg_writable(s) && p->state == FRAME_OWNED)
		prot |= PROT_WRITE;
	return prot;
}

static ERR enter(Space *space, Segment *s, u64 va, const Page *p) REQUIRES(s->lk)
{
	lock(&space->ptlock);
	Err e = pmap(&space->pt, uaddr_of(va), page_paddr(p), allowed(s, p));
	unlock(&space->ptlock);
	return e;
}

/*
 * Map what is already at hand of the following pages of a read-only segment: no allocation, no
 * waiting.
 */
static void map_around(Space *space, Segment *s, u64 va) REQUIRES(s->lk)
{
	u64 end = MIN(s->top, round_down(va, FAULT_AROUND * BY2PG) + FAULT_AROUND * BY2PG);
	for (u64 a = MAX(s->base, round_down(va, FAULT_AROUND * BY2PG)); a < end; a += BY2PG) {
		Page **slot = seg_slot(s, a, true);
		if (slot == nil || a == va)
			continue;
		if (*slot == nil) {
			*slot = image_page_cached(s->image, s->piece, (a - s->base) >> PGSHIFT);
			s->npages += *slot != nil;
		}
		if (*slot != nil && enter(space, s, a, *slot) != nil)
			return;
	}
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
	bool fresh = *slot == nil;
	if (fresh)
		TRY(fill(s, va, slot));
	if (prot & PROT_WRITE)
		TRY(make_writable(s, va, slot));
	TRY(enter(space, s, va, *slot));
	if (fresh && s->image != nil && !seg_writable(s))
		map_around(space, s, va);
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
	if (e == nil && *slot == nil)
		e = fill(s, va, slot);
	if (e == nil && write && (*slot)->state != FRAME_OWNED)
		e = make_writable(s, va, slot);
	if (e != nil) {
		qunlock(&s->lk);
		return e;
	}
	*k = (u8 *)page_kaddr(*slot) + (at.a & (BY2PG - 1));
	return nil;
}

NO_TSA ERR seg_peek(Space *space, Uaddr at, bool write, Segment **locked, void **k)
{
	Segment *s = seg_find(space, at, nil);
	if (s == nil)
		return Ebadarg;
	TRY(seg_touch(s, at, write, k));
	*locked = s;
	return nil;
}
