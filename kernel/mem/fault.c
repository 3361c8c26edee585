/*
 * Page faults. What a fault at va finds, and what it does:
 *
 *   no segment, or access the segment forbids    Ebadarg
 *   no frame yet, anonymous                      a zeroed frame, OWNED
 *   no frame yet, backed by an image             reading, or text: the cached frame, shared;
 *                                                writing: a copy of it, OWNED
 *   FROZEN frame, writing                        the last holder thaws it; others get a copy
 *   lent by this segment                         for reading: only that; for writing: Ebadarg
 *   a loan that was revoked                      Erevoked
 *   frame there, entry missing or too weak       map it
 *
 * then the frame is mapped with what its state allows: writable only when OWNED, or borrowed for
 * writing.
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
	Page *old = *slot, *copy = frame_get(0);
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

ERR seg_make_writable(Segment *s, u64 va, Page **slot)
{
	Page *p = *slot;
	if (p->state == FRAME_OWNED)
		return nil;
	if (p->state != FRAME_FROZEN)
		return p->state == FRAME_LENT_MUT && s->loan != nil ? nil : Ebadarg;
	if (own_thaw(p, s) == nil)
		return nil;
	return copy_frozen(s, va, slot);
}

ERR seg_fill_slot(Segment *s, u64 va, Page **slot)
{
	Page *p = nil;
	if (s->loan != nil)
		return Erevoked;
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
	if (seg_writable(s) && (p->state == FRAME_OWNED || p->state == FRAME_LENT_MUT))
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

/* For writing, so that its owner may not even look at it. */
static bool lent_away(const Segment *s, const Page *p)
{
	return p->state == FRAME_LENT_MUT && s->loan == nil;
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
		TRY(seg_fill_slot(s, va, slot));
	if (lent_away(s, *slot))
		return Ebadarg;
	if (prot & PROT_WRITE)
		TRY(seg_make_writable(s, va, slot));
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
		e = seg_fill_slot(s, va, slot);
	if (e == nil && lent_away(s, *slot))
		e = Ebadarg;
	if (e == nil && write)
		e = seg_make_writable(s, va, slot);
	if (e != nil) {
		qunlock(&s->lk);
		return e;
	}
	frame_show(*slot, true);	/* it may be lent: from now on it can be seen */
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
