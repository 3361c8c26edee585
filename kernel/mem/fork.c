/*
 * What a child gets of its parent's memory: text and shared segments by
 * reference, the rest as a copy whose frames both hold, frozen, until one
 * writes. The few pages that both will use at once are copied and entered
 * into the child's tables here, so that neither has to fault for them.
 */
#include "mem/frame.h"

/*
 * What the child gets for a frame of the parent: the frame itself, frozen for both, a copy of what
 * is lent, or nothing.
 */
static ERR fork_page(Segment *from, Segment *to, Page *p, Page **out)
{
	*out = nil;
	if (p->state == FRAME_LENT_MUT)
		return nil;	/* only its borrower may look at it */
	if (p->state == FRAME_LENT_SHARED) {
		Page *copy = newpage(to);
		if (copy == nil)
			return Enofree;
		frame_show(p, true);
		memmove(page_kaddr(copy), page_kaddr(p), BY2PG);
		frame_show(p, false);
		*out = copy;
		return nil;
	}
	if (p->state == FRAME_OWNED)
		own_must(own_freeze(p, from), OWN_FREEZE, p);
	TRY(own_share(p));
	*out = p;
	return nil;
}

static ERR fork_chunk(Segment *from, Segment *to, u64 c) REQUIRES(from->lk, to->lk)
{
	const Chunk *source = seg_chunk(from, c);
	if (source->used == 0)
		return nil;
	Chunk *copy = seg_chunk_make(to, c);
	if (copy == nil)
		return Enofree;
	for (u64 left = source->used; left != 0; left &= left - 1) {
		u32 i = (u32)__builtin_ctzl(left);
		Page *p = source->slot[i];
		if (copy->slot[i] != nil)
			continue;
		if (is_frame(p)) {
			TRY(fork_page(from, to, p, &copy->slot[i]));
		} else if (p != nil) {
			TRY(swap_share(p));
			copy->slot[i] = p;
			to->unusual = true;
		}
		if (copy->slot[i] == nil)
			continue;
		copy->used |= 1UL << i;
		to->npages++;
	}
	return nil;
}

/*
 * Both sides will write to the page at va as soon as they run: it is copied now, and nobody has to
 * fault. false: it is to be frozen like the others.
 */
static bool fork_hot(Segment *from, Segment *to, u64 va) REQUIRES(from->lk, to->lk)
{
	Page **slot = va >= from->base && va < from->top ? seg_slot(from, va, false) : nil;
	Page **copy = slot != nil && is_frame(*slot) && (*slot)->state == FRAME_OWNED &&
		frames_plenty() ? seg_slot(to, va, true) : nil;
	if (copy == nil || *copy != nil)
		return false;
	Page *p = frame_get(0);
	if (p == nil)
		return false;
	own_must(own_allocate(p, to), OWN_ALLOCATE, p);
	memmove(page_kaddr(p), page_kaddr(*slot), BY2PG);
	*copy = p;
	to->npages++;
	return true;
}

/* The pages of the stack in use, by sp, and of the Tos, which the kernel writes. */
static ERR fork_pages(Segment *from, Segment *to, u64 sp) REQUIRES(from->lk, to->lk)
{
	u64 lo, hi, hot[] = { round_down(sp, BY2PG), USTKTOP - BY2PG };
	seg_extent(from, &lo, &hi);
	if (lo == hi)
		return nil;
	u64 last = ((hi - 1 - from->base) >> PGSHIFT) / SEG_CHUNK;
	for (u32 i = 0; i < nelem(hot); i++) {
		if (!fork_hot(from, to, hot[i]))
			continue;
		if (lo < hot[i])
			seg_protect_everywhere(from, lo, (hot[i] - lo) >> PGSHIFT);
		lo = hot[i] + BY2PG;
	}
	if (lo < hi)
		seg_protect_everywhere(from, lo, (hi - lo) >> PGSHIFT);
	for (u64 c = from->first; c <= last; c++)
		TRY(fork_chunk(from, to, c));
	return nil;
}

static NO_TSA ERR fork_copy(Segment *s, u64 sp, Segment **out)
{
	Segment *copy = nil;
	qlock(&s->lk);
	Err e = newseg(s->type, uaddr_of(s->base), s->top - s->base, &copy);
	if (e == nil) {
		copy->exec = s->exec;
		if (s->image != nil)
			seg_set_image(copy, s->image, s->piece);
		e = fork_pages(s, copy, sp);
	}
	qunlock(&s->lk);
	if (e != nil)
		putseg(copy);
	*out = copy;
	return e;
}

static bool fork_shares(const Segment *s, bool share_memory)
{
	switch (s->type & SG_TYPE) {
	case SG_STACK:
		return false;
	case SG_DATA:
	case SG_BSS:
		return share_memory;
	default:
		return true;
	}
}

/* What the child is about to use of a segment, if anything. */
static void enter_first(Space *child, Segment *s, u64 va)
{
	if (va < s->base || va >= s->top)
		return;
	qlock(&s->lk);
	seg_map_around(child, s, va);
	qunlock(&s->lk);
}

ERR seg_fork(Space *child, Space *parent, bool share_memory, Uaddr pc, Uaddr sp)
{
	for (u32 i = 0; i < NSEG; i++) {
		Segment *s = parent->seg[i];
		if (s == nil || s->loan != nil)
			continue;	/* a borrowing is never duplicated */
		if (fork_shares(s, share_memory))
			seg_incref(s);
		else
			TRY(fork_copy(s, sp.a, &s));
		seg_attach(child, i, s);
		enter_first(child, s, i == SSEG ? sp.a : pc.a);
	}
	return nil;
}

ERR seg_unshare(Space *space, enum SegSlot slot)
{
	Segment *copy;
	assert(space->seg[slot] != nil);
	if (ref_count(&space->seg[slot]->ref) == 1)
		return nil;
	TRY(fork_copy(space->seg[slot], 0, &copy));
	seg_detach(space, slot);
	seg_attach(space, slot, copy);
	return nil;
}
