/*
 * The frame descriptor and the way to it, for lookups without a call: every page
 * table that is changed and every object of the heap that is freed needs some.
 * The fields are mem's own (frame.h); the rest of the kernel uses the functions.
 */
#ifndef MEM_PAGE_H
#define MEM_PAGE_H

#include "arch/arch.h"
#include "base/base.h"

typedef struct Page Page;
typedef struct Borrow Borrow;

/* Transitions that a frame remembers besides the last one. */
enum { HISTORY = CHECKED ? 4 : 0 };

/* [pg] the frame's own bit lock, [buddy] the buddy lock, [I] immutable. */
struct Page {
	u8 state;		/* [pg] FrameState */
	u8 tag;			/* [pg] KernelTag of a KERNEL frame */
	/* [buddy] of the first frame of a free block; else ORDER_NONE or ORDER_CACHED */
	u8 order;
	u8 locked;		/* [a] the bit lock */
	u16 holders;		/* [pg] FROZEN: segments and images; LENT_SHARED: borrowers */
	u16 seen;		/* the auditor's count */
	/* [pg] OWNED, LENT: the segment or image; KERNEL heap: see heap.c */
	const void *owner;
	union {
		struct { u32 next, prev; } link;	/* [buddy] frame numbers in a free list */
		Borrow *borrows;			/* [pg] LENT */
	} u;
	u32 number;		/* [I] physical address / 4096 */
	/* [pg] last transition: operation << 24 | text offset of who asked */
	u32 last;
	u32 earlier[HISTORY];	/* [pg] those before it, the newest first */
	u32 mapped[CHECKED];	/* [a] how many entries of user page tables have it */
};
static_assert(sizeof(Page) == 32 || CHECKED, "a descriptor costs 32 bytes a frame");

/*
 * Frames from number first on. Without pages it is asleep: its usable frames count in asleep.
 * Awake, it has `described` of them, all there are.
 */
enum { SECTION_SHIFT = 27, SECTION_FRAMES = 1 << (SECTION_SHIFT - PGSHIFT) };
typedef struct Section { Page *pages; u32 first, count, asleep, described; } Section;
extern Section *sections;
extern u32 nsections;

/* nil when it is no RAM of ours */
static inline Page *page_number(u64 number)
{
	u64 s = number >> (SECTION_SHIFT - PGSHIFT);
	if (unlikely(s >= nsections))
		return nil;
	u32 i = (u32)number - sections[s].first;
	return likely(i < sections[s].described) ? &sections[s].pages[i] : nil;
}

static inline Page *page_of(Paddr pa) { return page_number(pa.a >> PGSHIFT); }
static inline Paddr page_paddr(const Page *p) { return paddr_of((u64)p->number << PGSHIFT); }
static inline void *page_kaddr(const Page *p) { return kaddr_ram(page_paddr(p)); }

/* The checked build counts: n more entries have the frame at pa, or fewer. Told by arch. */
static inline void page_entries(Paddr pa, s32 n)
{
	Page *p = CHECKED ? page_of(pa) : nil;
	if (CHECKED && p != nil)
		__atomic_fetch_add(&p->mapped[0], (u32)n, __ATOMIC_RELAXED);
}

static inline bool page_is_mapped(const Page *p)
{
	return CHECKED && __atomic_load_n(&p->mapped[0], __ATOMIC_RELAXED) != 0;
}

/* A word of a KERNEL frame that belongs to whoever holds the frame; 0 at first. */
static inline u32 *page_word(Page *p) { return &p->u.link.next; }

#endif
