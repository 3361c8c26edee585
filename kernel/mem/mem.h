/*
 * mem: frames and who owns them, the heap, segments, faults, the image cache.
 * Facts: Plan 9's memory model (doc/mem.md) and the ownership rules
 * (doc/ownership.md).
 */
#ifndef MEM_MEM_H
#define MEM_MEM_H

#include "arch/arch.h"
#include "base/base.h"
#include "base/error.h"
#include "mem/page.h"
#include "sync/sync.h"

struct Chan;
struct Proc;
typedef struct Segment Segment;
typedef struct Space Space;
typedef struct Image Image;
typedef struct Offer Offer;
typedef struct Made Made;

/* ---- frames ---- */

enum FrameState {
	FRAME_NONE,		/* not RAM, or not ours */
	FRAME_FREE,
	FRAME_KERNEL,		/* with a tag */
	FRAME_OWNED,
	FRAME_FROZEN,
	FRAME_LENT_SHARED,
	FRAME_LENT_MUT,
	FRAME_DEVICE,
};

enum KernelTag {
	KERNEL_BOOT, KERNEL_HEAP, KERNEL_TABLE, KERNEL_STACK, KERNEL_PERCPU, KERNEL_DMA,
		KERNEL_IMAGE,
	KERNEL_OTHER, KERNEL_NTAGS
};

/*
 * 2^order adjacent frames, state KERNEL(tag), zeroed; nil when there are none. Any context but
 * interrupts.
 */
Page *page_alloc(u32 order, enum KernelTag tag);
/* Give them back; a wrong state is a panic that names frame, state and last transition. */
void page_free(Page *p, u32 order);

/*
 * A processor without work, its interrupts off, clears a free frame for later and lets interrupts
 * come; false: there are enough.
 */
bool frames_prepare(void);

typedef struct MemStats MemStats;
struct MemStats {
	u64 total, free;		/* frames */
	u64 tagged[KERNEL_NTAGS];	/* KERNEL frames by tag */
	u64 user;			/* OWNED, FROZEN and LENT frames */
	u64 user_max;			/* how many there could be */
	u64 image;			/* of those, held by the image cache */
	u64 image_idle;			/* of those, mapped by nobody */
	u64 segments, images;		/* how many there are */
	u64 heap_bytes, heap_max;	/* handed out by kalloc now, at most */
	u64 heap_taken;			/* and what memory it takes for that */
};
void mem_stats(MemStats *s);

/* Boot, in this order (main.c). */
/* B0..B1: descriptors over the usable banks; page_alloc works from here on */
void frames_init(void);
void preallocpages(void);		/* fills this processor's frame list and the reserve */
/* hands the loader's memory to the free lists; counts; prints PB PF CL CN */
void pageinit(void);

/* ---- for panics: no locks ---- */

bool page_is_free(const Page *p);
/* Print the state of the frame, and the segments of a space, of which one may hold va. */
void frame_report(Paddr pa);
void segment_report(const Space *space, Uaddr va);

/* ---- what mem needs of the scheduler; proc/ supplies it ---- */

/*
 * Until others_go_on no other processor runs processes: each has come to where a process sleeps or
 * leaves for user mode, and waits. Nothing may sleep meanwhile. No spin locks held.
 */
void others_wait(void);
void others_go_on(void);

/* ---- the auditor ---- */

/*
 * Calls line for each violation, then once with the summary `N frames, M mappings, V violations`;
 * returns V.
 */
u64 audit(void (*line)(void *arg, const char *text), void *arg);
/* For a panic of the checked build: the first violations, and how many there are. */
void audit_report(void);

/* ---- heap ---- */

/* Zeroed memory, 16-byte aligned; nil when there is none. Any context but interrupts. */
void *kalloc(usize size) MUSTUSE;
void *kalloc_aligned(usize size, usize align) MUSTUSE;	/* align <= 4096, a power of two */
void kfree(void *p);					/* nil is fine */
usize kalloc_size(const void *p);			/* usable bytes */
/* The small object, of that many bytes, that an address of the direct map lies in; nil: in none. */
const void *kalloc_object(u64 a, usize *size);
char *kstrdup(const char *s) MUSTUSE;

/* ---- segments ---- */

enum { SEG_ESEG = 4 };			/* extra slots an ELF image may take */
enum SegSlot { SSEG, TSEG, DSEG, BSEG, ESEG, SEG1, SEG2, SEG3, SEG4, SEG5, NSEG_PLAN9,
	XSEG = NSEG_PLAN9, NSEG = XSEG + SEG_ESEG };

/*
 * SEG_CHUNK pages of a segment's map: their frames, slot nil where none was touched; and which of
 * them may have one, so that nobody looks at the others.
 */
enum { SEG_CHUNK = 64 };
typedef struct Chunk { Page **slot; u64 used; } Chunk;

/*
 * A segment maps [base, top) of every address space attached to it to frames.
 * type and attributes are the SG_ numbers of abi/plan9.h. Shared between
 * processes by reference.
 */
struct Segment {
	Ref ref;
	u32 type;		/* [I] SG_TYPE | SG_ attributes */
	QLock lk;
	u64 base, top;		/* base [I]; top [lk]: grows and shrinks with brk */
	/* nchunks of them from number `first` on; most segments have but one, which stands here */
	Chunk *map GUARDED_BY(lk);
	u64 first, nchunks GUARDED_BY(lk);
	Chunk only GUARDED_BY(lk);
	u64 npages GUARDED_BY(lk);	/* frames held, and pages in the swap file */
	List spaces GUARDED_BY(lk);	/* every Attach of an address space */
	Made *made;		/* [I] the lists of the processor where it was made */
	List link;		/* [made->lk] */
	/* [I] TEXT and DATA: where untouched pages come from; a reference */
	Image *image;
	u32 piece;		/* [I] which piece of the image; zero beyond its end */
	/*
	 * fault.c: how many pages were touched in a row, the page after them, and how many came
	 * with the last
	 */
	u32 in_row GUARDED_BY(lk);
	u64 next_touch GUARDED_BY(lk);
	u32 ahead GUARDED_BY(lk);
	bool exec GUARDED_BY(lk);	/* segflush made it executable */
	bool blocks GUARDED_BY(lk);	/* it got the frames of whole blocks once */
	u32 *profile;			/* [a] of TEXT: milliseconds, see seg_profile; never goes */
	u64 nprofile;			/* [I] once profile is there: counters */
	Offer *loan;		/* [I] the pages are borrowed by this offer; a reference */
	List offers;		/* [offers_lock, lend.c] offers and loans of its pages */
	bool offered;		/* [a] some pages were offered once */
	bool unusual GUARDED_BY(lk);	/* borrowed, or pages of it were in the swap file once */
	/* processes waiting on semaphores in it (proc/) */
	struct SemaWait *sema GUARDED_BY(sema_lk);
	Lock sema_lk;
};
typedef struct Attach { List link; Space *space; } Attach;

/* What a process has: its segments and the hardware tables derived from them. */
struct Space {
	ArchSpace pt GUARDED_BY(ptlock);
	Lock ptlock;
	QLock lk;
	/* [lk and ptlock] to change; the owner alone changes it, so it may read without */
	Segment *seg[NSEG];
	u32 hint;		/* [a] the slot found last: where to look first */
	Attach attach[NSEG];	/* [Segment.lk] */
	Made *made;		/* [I] the lists of the processor where it was made */
	List link;		/* [made->lk] while it is live */
	bool live GUARDED_BY(ptlock);	/* tables exist */
	bool noswap;		/* [a] what it has stays in memory */
};

ERR space_init(Space *s);
/* Detach and release everything, tables included. The space is empty afterwards. */
void space_free(Space *s);

/* A new segment of size bytes at base, nothing in it. nil, Enovmem or Enofree in *err. */
ERR newseg(u32 type, Uaddr base, u64 size, Segment **out);
void seg_incref(Segment *s);
/* Drop a reference; the last releases the frames. May sleep. */
void putseg(Segment *s);
/*
 * Put s (a reference passes) into slot of space; detach takes it out, clears its entries and puts
 * it.
 */
void seg_attach(Space *space, enum SegSlot slot, Segment *s);
void seg_detach(Space *space, enum SegSlot slot);
/* The segment and slot holding va; nil when none. The caller runs in space. */
Segment *seg_find(Space *space, Uaddr va, enum SegSlot *slot);
/* The same for others than the process whose space it is: where that looks first is its own. */
Segment *seg_of(const Space *space, Uaddr va, enum SegSlot *slot);
/*
 * A slot and room for another segment of size bytes: at va or, if va is 0, in the highest hole
 * below the stack. Esoverlap, Enovmem. space->lk is held.
 */
ERR seg_place(const Space *space, u64 va, u64 size, u64 *base, enum SegSlot *slot);
/*
 * seg_attach of a segment that may come to overlap another meanwhile, since others who have that
 * one let it grow: then Esoverlap, and the reference is still the caller's.
 */
ERR seg_attach_apart(Space *space, enum SegSlot slot, Segment *s);
/* Would [base, base+size) overlap a segment of space other than `except`? */
bool seg_overlaps(const Space *space, u64 base, u64 top, const Segment *except);
/*
 * rfork: fill child (fresh, space_init done) from parent: share text, shared and (with
 * share_memory) data; copy the rest by freezing. Both sides will go on at pc with the stack at sp:
 * what they touch there at once is prepared.
 */
ERR seg_fork(Space *child, Space *parent, bool share_memory, Uaddr pc, Uaddr sp);
/*
 * brk: move the top of the BSS or SHARED segment. Esoverlap, also for what is in the way in another
 * process that shares it; Einuse, Enovmem, Enofree as process.md 5; Elent when pages that would go
 * are lent, Enotowner when they are borrowed.
 */
ERR seg_resize(Segment *s, Uaddr new_top);
/* Release whole pages inside [va, va+len). Ebadarg beyond the segment; Elent, Enotowner. */
ERR seg_release_range(Space *space, Uaddr va, u64 len);
/* Make executable (segflush). Ebadarg at a gap. */
ERR seg_flush(Space *space, Uaddr va, u64 len);
/*
 * Is [va, va+len) wholly inside segments (writable ones if write)? For pointer checks; touches
 * nothing.
 */
bool seg_covers(Space *space, Uaddr va, u64 len, bool write);
static inline bool seg_writable(const Segment *s)
{
	return (s->type & SG_TYPE) != SG_TEXT && !(s->type & SG_RONLY);
}
/* As seg_covers, where the segment found last will do; false says nothing. */
static inline bool seg_covers_again(const Space *space, Uaddr va, u64 len, bool write)
{
	const Segment *s = space->seg[space->hint];
	return s != nil && va.a >= s->base && va.a < s->top && len <= s->top - va.a &&
		(!write || seg_writable(s));
}

/* As seg_covers, where that slot is likely to; what was found last stays so. */
static inline bool seg_covers_in(Space *space, enum SegSlot slot, Uaddr va, u64 len, bool write)
{
	const Segment *s = space->seg[slot];
	if (likely(s != nil && va.a >= s->base && va.a < s->top && len <= s->top - va.a &&
	    (!write || seg_writable(s))))
		return true;
	return seg_covers(space, va, len, write);
}

/* Allocate a zeroed frame OWNED by s; nil when there is none (after reclaiming the image cache). */
Page *newpage(Segment *s);
/*
 * Put an OWNED frame into its segment at va, whose place must be empty. Enofree when the map cannot
 * grow: the frame is given back then.
 */
ERR segpage(Segment *s, Uaddr va, Page *p);
/*
 * The frame at va as a debugger sees it, faulting it in; write makes a private copy even of text.
 * Kernel address in *k, valid while s->lk is held.
 */
ERR seg_peek(const Space *space, Uaddr va, bool write, Segment **locked, void **k);

/* The same for a segment that is in no space: its lk is held on success. */
ERR seg_touch(Segment *s, Uaddr va, bool write, void **k);
/*
 * Give a fresh segment all its frames now: zeroed, and for the second side by side, the first at
 * *pa. Enofree; Enovmem when so many cannot be side by side. On an error it is to be put.
 */
ERR seg_fill(Segment *s);
ERR seg_fill_adjacent(Segment *s, Paddr *pa);
/*
 * In slot of space put a copy that no other space shares, if any does now: for breakpoints in text.
 * space->lk is held. Enofree, Enovmem.
 */
ERR seg_unshare(Space *space, enum SegSlot slot);

/*
 * The profile of a segment: counter 0 is all milliseconds, counter n those in the
 * 8 bytes from base + 8n. seg_profile makes it or clears it; Enomem. seg_tick adds
 * ms at pc; any context.
 */
enum { PROFILE_SHIFT = 3 };
ERR seg_profile(Segment *s);
void seg_tick(Segment *s, u64 pc, u32 ms);

/*
 * Resolve a fault at va wanting prot (PROT_READ, PROT_WRITE or PROT_EXEC; PROT_THERE may be added).
 * nil: try again. Ebadarg: nothing there or forbidden. Enofree: no memory. Otherwise the text of a
 * failed page read.
 * May sleep.
 */
ERR fault(Space *s, Uaddr va, u32 prot);

/* ---- images: cached file contents for text and data ---- */

/*
 * The image of the file behind c (open for reading; a reference is taken), found
 * in the cache by device type, dev, qid or made anew. A piece is a run of file
 * bytes that memory holds from a page boundary on: text is one, data another.
 */
typedef struct ImagePiece { u64 file_offset, size; } ImagePiece;
ERR image_get(struct Chan *c, const ImagePiece *pieces, u32 npieces, Image **out);
void image_put(Image *i);
/*
 * Attach a piece to a segment at creation: pages of s from its base come from piece `which`. A
 * reference is taken.
 */
void seg_set_image(Segment *s, Image *i, u32 which);
struct Chan *image_chan(Image *i);
/* Drop cached pages nobody maps; returns frames freed. Called when memory is short. */
u64 image_reclaim(u64 wanted);

/* ---- handing pages to another process (lend.c): doc/ownership.md ---- */

enum { OFFER_BYTES_MAX = 1 << 30 };
enum OfferKind { OFFER_MOVE, OFFER_SHARE, OFFER_LEND };
enum OfferState {
	OFFER_OFFERED, OFFER_ACCEPTED, OFFER_RETURNED, OFFER_CANCELLED, OFFER_REVOKED
};
typedef struct OfferInfo OfferInfo;
struct OfferInfo {
	enum OfferKind kind;
	enum OfferState state;
	u64 size;			/* bytes */
	u32 offerer, taker;		/* pids; no taker: 0 */
	u64 va;				/* where the taker got it */
};

/*
 * Offer [va, va+len) of the running process, whose space it is; a reference in *out. The pages stay
 * where they are, and usable, until the offer is accepted.
 */
ERR offer_make(Space *space, u32 pid, enum OfferKind kind, Uaddr va, u64 len, Offer **out);
/* The running process takes it, at va or (0) anywhere. On an error nothing has changed. */
ERR offer_accept(Offer *o, Space *space, u32 pid, u64 va);
/* The running process holds what is offered and changed its mind. */
ERR offer_cancel(Offer *o, Space *space);
/* The running process ends the loan: as its borrower, as its owner. */
ERR offer_return(Offer *o, Space *space);
ERR offer_revoke(Offer *o, Space *space);
/* Nobody can accept it any more: cancel it if it still waits for that. */
void offer_abandon(Offer *o);
void offer_info(Offer *o, OfferInfo *info);
/* Will nothing ever happen to it again? Takes no lock. */
bool offer_ended(const Offer *o);
void offer_incref(Offer *o);
void offer_put(Offer *o);	/* drop a reference */

/* An offer has ended by itself, with a segment of it: dev/exchange.c forgets it. May sleep. */
void exchange_ended(void);

/* What a process may do with a run of its pages, and why. */
enum Holding { HOLD_OWN, HOLD_FROZEN, HOLD_LENT, HOLD_BORROWED, HOLD_REVOKED };
typedef struct HeldRange HeldRange;
struct HeldRange { u64 base, top; enum Holding how; bool read, write; u32 others; };
/* The first run of pages at or above `from`; false when there is none. space->lk is held. */
bool space_held(Space *space, u64 from, HeldRange *r);

/* ---- pages in a file: swap.c, proc/pager.c ---- */

/* Slots for so many times the memory, where a file's length does not say how many. */
enum { SWAP_PER_FRAME = 2 };
/*
 * Swap to the file behind c from now on; the reference passes on success. Its length in bytes, 0
 * if it grows. Einuse while pages are in another; Enoswap, Enomem.
 */
ERR swap_file(struct Chan *c, u64 bytes);
/* The file, with a reference; nil when there is none. */
struct Chan *swap_chan(void);
/* Pages that are in it, and those that fit. */
void swap_stats(u64 *used, u64 *total);

/* A page on its way out. There is one at a time: its buffer is BY2PG bytes. */
typedef struct SwapJob SwapJob;
struct SwapJob { u64 va, slot; Page *page; u8 *buf; };
enum SwapStep { SWAP_DONE, SWAP_NOTHING, SWAP_BUSY };
/*
 * The next page of the space at or above j->va that may go: SWAP_DONE, and then it is to be written
 * and committed, or abandoned. SWAP_BUSY: there may be one, but somebody holds a lock. Enoswap,
 * Enomem.
 */
ERR swap_choose(Space *space, SwapJob *j, enum SwapStep *step);
ERR swap_write(const SwapJob *j);
/* SWAP_NOTHING: it was changed or went meanwhile, and is abandoned. SWAP_BUSY: try again. */
enum SwapStep swap_commit(Space *space, SwapJob *j);
void swap_abandon(SwapJob *j);

/*
 * Programs leave n frames to the kernel and to processes that are noswap from now on. frames_room:
 * how many more the others may have; where that gets low swap_short is called.
 */
void frames_keep(u64 n);
u64 frames_room(void);
/*
 * Frames that other processors keep for themselves become everybody's: how many. For a process that
 * found none; no spin locks held.
 */
u64 frames_gather(void);
/* proc/pager.c: make room. Any context. And: may the running process use what others leave? */
void swap_short(void);
bool swap_exempt(void);

/* ---- what mem needs of the channel it reads pages from; chan/ supplies it ---- */

/* What names the contents of a file: two channels that agree in all of it read the same bytes. */
typedef struct FileId { u64 path; u32 letter, instance, version; u8 type; } FileId;
void chan_fileid(const struct Chan *c, FileId *id);
const char *chan_filename(const struct Chan *c);
void chan_incref(struct Chan *c);
void chan_close(struct Chan *c);
ERR chan_pread_kernel(struct Chan *c, void *buf, usize size, s64 off, usize *n);
ERR chan_pwrite_kernel(struct Chan *c, void *buf, usize size, s64 off, usize *n);

#endif
