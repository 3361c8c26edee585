/*
 * Private to mem/: the frame descriptor and the operations on it. Every change
 * of hands of a frame is one of the own_ functions (own.c); nothing else writes
 * state, holders or owner.
 */
#ifndef MEM_FRAME_H
#define MEM_FRAME_H

#include "mem/mem.h"

struct Borrow { Borrow *next; const void *borrower; };

enum { ORDER_MAX = 10, ORDER_NONE = 0xff, ORDER_CACHED = 0xfe };
enum { HOLDERS_MAX = 65535 };

enum OwnOp {
	OWN_NONE, OWN_ALLOCATE, OWN_RELEASE, OWN_FREEZE, OWN_SHARE, OWN_DROP, OWN_THAW, OWN_MOVE,
	OWN_LEND_SHARED, OWN_LEND_MUT, OWN_RETURN, OWN_REVOKE, NOWNOP
};

/*
 * The transitions. Each checks its row of the table in doc/ownership.md, then does it;
 * on an error nothing has changed.
 */
ERR own_allocate_kernel(Page *p, enum KernelTag tag);		/* FREE -> KERNEL */
ERR own_allocate(Page *p, const void *owner);			/* FREE -> OWNED */
/* OWNED by owner, KERNEL (owner nil) -> FREE */
ERR own_release(Page *p, const void *owner);
ERR own_freeze(Page *p, const void *owner);			/* OWNED -> FROZEN, one holder */
ERR own_share(Page *p);						/* FROZEN n -> n+1 */
/* FROZEN n -> n-1; the last: FREE */
ERR own_drop(Page *p, bool *freed);
ERR own_thaw(Page *p, const void *owner);			/* FROZEN 1 -> OWNED */
ERR own_move(Page *p, const void *from, const void *to);	/* OWNED -> OWNED */
/*
 * The same for the frames of n slots, which go to as many others; nil is left out. It must be
 * allowed. How many there were.
 */
u64 own_move_run(Page **slots, Page **to_slots, u64 n, const void *from, const void *to);
ERR own_lend_shared(Page *p, const void *owner, const void *borrower, Borrow *record);
ERR own_lend_mut(Page *p, const void *owner, const void *borrower, Borrow *record);
/* the record comes back to be freed */
ERR own_return(Page *p, const void *borrower, Borrow **record);
/* of one borrower, or of all (nil) */
ERR own_revoke(Page *p, const void *owner, const void *borrower, Borrow **records);
bool own_borrows(const Page *p, const void *borrower);
/*
 * The kernel asked, so it must be allowed: panic naming operation, frame, state, owner, last
 * transition.
 */
void own_must(Err e, enum OwnOp op, const Page *p);
const char *own_op_name(enum OwnOp op);
/* `last OP by FUNCTION`, and what is known of before; the end of the text. Any context. */
enum { HISTORY_TEXT = 320 };
char *own_history(const Page *p, char *at, char *end);
const char *frame_state_name(enum FrameState s);

/* Frames without contents promised, state still FREE: the caller makes the transition at once. */
Page *frame_take(u32 order);
/* The same; where there is none the image cache gives some back first. */
Page *frame_get(u32 order);
/*
 * Those of a block, if so many that lie side by side are free and plenty besides; single ones are
 * not put together for it.
 */
enum { BLOCK_ORDER = 9 };
static_assert(1 << BLOCK_ORDER == BLOCK_PAGES, "so many are a block");
Page *frame_take_block(void);
/* A single one with zeros in it, if some were prepared. */
Page *frame_ready(void);
/* In the checked build: may the kernel touch the frame, though no program asks it to? */
void frame_show(const Page *p, bool on);
/* A frame whose transition to FREE is done goes back to the lists. */
void frame_give(Page *p, u32 order);
u64 frames_free(void);
/* Are so many free that some may be taken before anybody asks for them? */
bool frames_plenty(void);
/* All descriptors in ascending order of address. */
void frames_each(void (*f)(Page *p, void *arg), void *arg);
/* For the auditor: frames on the lists, counted one by one. */
u64 frames_listed(void);

/*
 * A place of a segment's map is nil, or has a frame, or the number of a slot of the swap file
 * (swap.c), which is small.
 */
enum { SWAP_SLOTS_MAX = 1 << 22 };
static inline bool is_frame(const Page *p) { return (uintptr)p > SWAP_SLOTS_MAX; }
/* Of such an entry: another map has it too (Enofree: too many do); it goes. */
ERR swap_share(const Page *entry);
void swap_forget(Segment *s, Page **slot) REQUIRES(s->lk);
/* The page comes back, OWNED. Enofree, Eintr, or what reading it said. May sleep. */
ERR swap_in(Segment *s, Page **slot) REQUIRES(s->lk);
ERR swap_in_range(Segment *s, u64 from, u64 to) REQUIRES(s->lk);
/*
 * For the auditor: begin; each entry of a map (false: no such slot); then the slots from *n on
 * that more or fewer name than they count.
 */
void swap_audit_begin(void);
bool swap_audit_entry(const Page *entry);
bool swap_audit_slot(u64 *n, u32 *refs, u32 *seen);

/* Shared by segment.c, fault.c, image.c, audit.c. */
extern LockClass segment_class;
/* nil: no memory, or (without create) nothing there */
Page **seg_slot(Segment *s, u64 va, bool create) REQUIRES(s->lk);
/* Chunk c of the segment; nil when the map does not cover it. */
static inline Chunk *seg_chunk(Segment *s, u64 c) REQUIRES(s->lk)
{
	u64 i = c - s->first;
	return likely(i < s->nchunks) ? &s->map[i] : nil;
}
/* The same, made with room for frames; nil without memory. */
Chunk *seg_chunk_make(Segment *s, u64 c) REQUIRES(s->lk);
/* The pages that may have frames, or entries in a table, lie in [*from, *to). */
void seg_extent(Segment *s, u64 *from, u64 *to) REQUIRES(s->lk);
/* How many pages of [va, end) lie in one part of the map; their slots, nil for an empty part. */
u64 seg_run(Segment *s, u64 va, u64 end, Page ***slots) REQUIRES(s->lk);
void seg_protect_everywhere(Segment *s, u64 va, u64 npages) REQUIRES(s->lk);
void seg_unmap_everywhere(Segment *s, u64 va, u64 npages, const Space *except) REQUIRES(s->lk);
/* The frame leaves the segment. */
void seg_drop_page(Segment *s, Page **slot) REQUIRES(s->lk);
/* Its frames stay as long as it does. */
bool seg_pinned(const Segment *s);
/* Room in the map for npages pages from the base, so that seg_slot cannot fail. Enofree. */
ERR seg_reserve(Segment *s, u64 npages) REQUIRES(s->lk);
/* A page that has no frame: from the swap file if it is there, from the image, or zero. */
ERR seg_fill_slot(Segment *s, u64 va, Page **slot) REQUIRES(s->lk);
/* Enter into space what is at hand of the pages around va. No error: a fault will do it. */
void seg_map_around(Space *space, Segment *s, u64 va) REQUIRES(s->lk);
/*
 * The frames of the block at va when each of its pages is the segment's own and they lie side by
 * side as the block needs them; else nil.
 */
Page *seg_block(Segment *s, u64 va) REQUIRES(s->lk);
/*
 * A FROZEN frame becomes OWNED: thawed, or copied, and then no space but `except` has an entry for
 * it any more; where there is one, *old is the frame of which the segment is still a holder until
 * that entry is gone. Ebadarg when it is lent.
 */
ERR seg_make_writable(Segment *s, u64 va, Page **slot, const Space *except, Page **old)
	REQUIRES(s->lk);
/* s has no references left: its loans and offers end, what it borrowed goes back. */
void offers_end(Segment *s);
void loan_leave(Segment *s);
/* What a borrower's segment holds: all that was lent, or nothing after the end. For the auditor. */
u64 loan_pages(const Segment *t);
/* Is a page of [from, to) lent? */
bool seg_lends(Segment *s, u64 from, u64 to) REQUIRES(s->lk);
void segments_each(void (*f)(Segment *s, void *arg), void *arg);
void spaces_each(void (*f)(Space *s, void *arg), void *arg);
void images_each(void (*f)(Image *i, void *arg), void *arg);
/*
 * The frozen frame that caches page number n of a piece, loaded if need be; a holder is added for
 * the caller. nil in *out beyond the piece.
 */
ERR image_page(Image *i, u32 piece, u64 n, Page **out);
/*
 * Fill those of n slots that are empty with the frames that cache pages first.. of a piece, where
 * they are there already; holders are added. A bit for each that was filled.
 */
u64 image_pages_cached(Image *i, u32 piece, u64 first, u64 n, Page **slots);
void image_each_page(Image *i, void (*f)(Page *p, void *arg), void *arg);
void image_incref(Image *i);
void heap_init(void);		/* once there are frames */
void segments_init(void);
void images_init(void);
/* Handed out now; at most; and of the former what are whole frames and no objects of slabs. */
void heap_stats(u64 *bytes, u64 *max, u64 *large);

#endif
