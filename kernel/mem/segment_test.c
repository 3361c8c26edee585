/* Segments and faults, on address spaces made for the purpose. */
#include "mem/frame.h"
#include "proc/proc.h"
#include "unit.h"

void segment_test(void);

#define BASE	(UTZERO + 0x100000)

static Space one, two;

static Segment *add(Space *s, u32 type, enum SegSlot slot, u64 base, u64 npages)
{
	Segment *g = nil;
	check(newseg(type, uaddr_of(base), npages * BY2PG, &g) == nil);
	seg_attach(s, slot, g);
	return g;
}

/* The word at va as a program of s would see it. */
static u32 *word(Space *s, u64 va, u32 prot)
{
	Mapping m;
	Err e = fault(s, uaddr_of(va), prot);
	check(e == nil && plookup(&s->pt, uaddr_of(va), &m) && (m.prot & prot) == prot);
	return (u32 *)(void *)((u8 *)kaddr(m.pa) + va % BY2PG);
}

static bool mapped(Space *s, u64 va, u32 prot)
{
	Mapping m;
	return plookup(&s->pt, uaddr_of(va), &m) && (m.prot & prot) == prot;
}

static void begin(void)
{
	check(space_init(&one) == nil && space_init(&two) == nil);
}

static void end(void)
{
	space_free(&one);
	space_free(&two);
	space_free(&two);	/* nothing is there any more */
}

static void test_limits(void)
{
	Segment *s;
	check(newseg(SG_BSS, uaddr_of(0), BY2PG, &s) == Enovmem);
	check(newseg(SG_BSS, uaddr_of(USTKTOP - BY2PG), 2 * BY2PG, &s) == Enovmem);
	check(newseg(SG_BSS, uaddr_of(UTZERO), 65UL << 30, &s) == Enovmem);
	check(newseg(SG_BSS, uaddr_of(BASE), ~0UL - BY2PG + 1, &s) == Enovmem);
	check(newseg(SG_BSS, uaddr_of(BASE), 0, &s) == nil);
	putseg(s);
}

static void test_faults(void)
{
	begin();
	add(&one, SG_BSS, BSEG, BASE, 4);
	add(&one, SG_TEXT | SG_RONLY, TSEG, UTZERO, 2);
	check(fault(&one, uaddr_of(BASE - 1), PROT_READ) == Ebadarg);
	check(fault(&one, uaddr_of(BASE + 4 * BY2PG), PROT_READ) == Ebadarg);
	check(fault(&one, uaddr_of(UTZERO), PROT_WRITE) == Ebadarg);
	check(fault(&one, uaddr_of(BASE), PROT_EXEC) == Ebadarg);
	check(*word(&one, BASE, PROT_READ) == 0);
	*word(&one, BASE + 4, PROT_WRITE) = 7;
	check(*word(&one, BASE + 4, PROT_READ) == 7);
	check(*word(&one, BASE + 2 * BY2PG, PROT_READ) == 0);
	check(*word(&one, UTZERO, PROT_EXEC) == 0 && !mapped(&one, UTZERO, PROT_WRITE));
	check(one.seg[BSEG]->npages == 2);
	check(seg_covers(&one, uaddr_of(BASE), 4 * BY2PG, true));
	check(!seg_covers(&one, uaddr_of(BASE), 4 * BY2PG + 1, true));
	check(!seg_covers(&one, uaddr_of(UTZERO), 8, true) &&
		seg_covers(&one, uaddr_of(UTZERO), 8, false));
	check(!seg_covers(&one, uaddr_of(~0UL - 3), 8, false));
	check(seg_overlaps(&one, BASE - 1, BASE + 1, nil) &&
		!seg_overlaps(&one, BASE - 9, BASE, nil));
	check(!seg_overlaps(&one, BASE, BASE + 1, one.seg[BSEG]));
	end();
}

/* Touch n pages of s and see what was there; how many were not mapped. */
static u32 touch_row(Space *s, u32 n, u32 was, u32 is)
{
	u32 faults = 0, wrong = 0;
	for (u32 i = 0; i < n; i++) {
		u64 va = BASE + i * BY2PG;
		Mapping m;
		faults += !mapped(s, va, PROT_WRITE);
		if (!mapped(s, va, PROT_WRITE))
			check(fault(s, uaddr_of(va), PROT_WRITE | PROT_THERE) == nil);
		if (!plookup(&s->pt, uaddr_of(va), &m))
			return 0;
		u32 *w = kaddr(m.pa);
		wrong += *w != (was != 0 ? was + i : 0);
		*w = is + i;
		wrong += s->seg[BSEG]->npages > n || (was == 0 &&
			s->seg[BSEG]->npages > MIN(2 * i + 1, i + 16));
	}
	check(wrong == 0);
	return faults;
}

enum { ROW = 4 * BLOCK_PAGES };

/* Touch the pages of a segment in a row; never more come than were touched or there before. */
static void fill_row(Space *space, Segment *s)
{
	u64 wrong = 0, before = s->npages;
	for (u32 i = 0; i < ROW; i++) {
		if (!mapped(space, BASE + i * BY2PG, PROT_WRITE))
			check(fault(space, uaddr_of(BASE + i * BY2PG), PROT_WRITE) == nil);
		*word(space, BASE + i * BY2PG, PROT_WRITE) = i;
		wrong += s->npages > before + 2 * i + 1;
	}
	check(wrong == 0 && s->npages == ROW);
}

static u32 wrong_in(Space *space, u64 from, u64 to)
{
	u32 wrong = 0;
	for (u64 i = from; i < to; i++)
		wrong += *word(space, BASE + i * BY2PG, PROT_READ) != i;
	return wrong;
}

/*
 * In the end whole blocks are frames side by side, which all spaces enter as such, and which a
 * fork, or a page that goes, takes apart.
 */
static void test_blocks(void)
{
	u64 block = round_up(BASE + BLOCK_SIZE, BLOCK_SIZE);
	u64 page = (block - BASE) / BY2PG;
	begin();
	Segment *s = add(&one, SG_BSS, BSEG, BASE, ROW);
	fill_row(&one, s);
	qlock(&s->lk);
	check(s->blocks && seg_block(s, block) != nil && seg_block(s, BASE) == nil);
	qunlock(&s->lk);
	seg_incref(s);
	seg_attach(&two, BSEG, s);
	check(*word(&two, block + 5 * BY2PG, PROT_WRITE) == page + 5);
	check(mapped(&two, block, PROT_WRITE) && !mapped(&two, block - BY2PG, PROT_READ));
	check(seg_release_range(&two, uaddr_of(block + BY2PG), BY2PG) == nil);
	check(!mapped(&one, block + BY2PG, PROT_READ) && s->npages == ROW - 1);
	check(wrong_in(&one, 0, page + 1) == 0 && wrong_in(&two, page + 2, ROW) == 0);
	check(*word(&one, block + BY2PG, PROT_READ) == 0);
	seg_detach(&two, BSEG);
	check(seg_fork(&two, &one, false, uaddr_of(0), uaddr_of(0)) == nil);
	*word(&two, block + BLOCK_SIZE, PROT_WRITE) = 1;
	check(wrong_in(&one, page + 2, ROW) == 0 && !two.seg[BSEG]->blocks);
	end();
	check(frames_listed() == frames_free());
}

/* No block where something was before. */
static void test_no_blocks(void)
{
	u64 block = round_up(BASE + BLOCK_SIZE, BLOCK_SIZE);
	begin();
	Segment *s = add(&one, SG_BSS, BSEG, BASE, ROW);
	for (u64 va = BASE + ROW * BY2PG; (va -= BLOCK_SIZE / 2) > BASE;)
		*word(&one, va, PROT_WRITE) = (u32)((va - BASE) / BY2PG);
	fill_row(&one, s);
	qlock(&s->lk);
	check(!s->blocks && seg_block(s, block) == nil);
	qunlock(&s->lk);
	check(wrong_in(&one, 0, ROW) == 0);
	end();
}

/*
 * Pages that are touched one after the other come along, never more than were touched before;
 * pages here and there do not.
 */
static void test_in_a_row(void)
{
	begin();
	Segment *s = add(&one, SG_BSS, BSEG, BASE, 200);
	for (u32 i = 0; i < 4; i++)
		*word(&one, BASE + i * 37 % 100 * BY2PG, PROT_WRITE) = 1;
	check(s->npages == 4);
	check(seg_resize(s, uaddr_of(BASE)) == nil && s->npages == 0);
	check(seg_resize(s, uaddr_of(BASE + 200 * BY2PG)) == nil);
	check(touch_row(&one, 200, 0, 1000) < 25 && s->npages == 200);
	check(seg_fork(&two, &one, false, uaddr_of(0), uaddr_of(0)) == nil);
	u64 free = frames_free();
	check(touch_row(&one, 200, 1000, 2000) < 25 && free - frames_free() == 200);
	check(*word(&two, BASE, PROT_READ) == 1000);	/* makes the tables */
	free = frames_free();
	/* the last holder */
	check(touch_row(&two, 200, 1000, 3000) < 25 && free == frames_free());
	check(*word(&one, BASE + 199 * BY2PG, PROT_READ) == 2199);
	end();
}

/* After a fork each sees what was there, and nobody the other's later writes. */
static void test_fork(void)
{
	begin();
	add(&one, SG_DATA, DSEG, BASE, 600);
	add(&one, SG_SHARED, SEG1, BASE + (8UL << 20), 2);
	u64 far = BASE + 599 * BY2PG, shared = BASE + (8UL << 20);
	*word(&one, BASE, PROT_WRITE) = 1;
	*word(&one, far, PROT_WRITE) = 2;
	*word(&one, shared, PROT_WRITE) = 3;
	check(seg_fork(&two, &one, false, uaddr_of(0), uaddr_of(0)) == nil);
	check(!mapped(&one, BASE, PROT_WRITE) && mapped(&one, BASE, PROT_READ));
	check(*word(&two, BASE, PROT_READ) == 1 && *word(&two, far, PROT_READ) == 2);
	*word(&one, BASE, PROT_WRITE) = 10;
	*word(&two, far, PROT_WRITE) = 20;
	check(*word(&two, BASE, PROT_READ) == 1 && *word(&one, far, PROT_READ) == 2);
	*word(&two, shared, PROT_WRITE) = 30;
	check(*word(&one, shared, PROT_READ) == 30 && one.seg[SEG1] == two.seg[SEG1]);
	check(one.seg[DSEG] != two.seg[DSEG] && two.seg[DSEG]->npages == 2);
	space_free(&two);
	u64 free = frames_free();
	*word(&one, far, PROT_WRITE) = 22;	/* the last holder writes in place */
	check(frames_free() == free);
	end();
}

/* The stack's page in use and the Tos's are copied at once, and both sides have them mapped. */
static void test_fork_hot(void)
{
	u64 tos = USTKTOP - 8, sp = USTKTOP - 5 * BY2PG + 100, deep = USTKTOP - 9 * BY2PG;
	begin();
	add(&one, SG_STACK, SSEG, USTKTOP - USTKSIZE, USTKSIZE / BY2PG);
	*word(&one, tos, PROT_WRITE) = 1;
	*word(&one, sp, PROT_WRITE) = 2;
	*word(&one, deep, PROT_WRITE) = 3;
	check(seg_fork(&two, &one, false, uaddr_of(0), uaddr_of(sp)) == nil);
	check(mapped(&one, tos, PROT_WRITE) && mapped(&one, sp, PROT_WRITE));
	check(!mapped(&one, deep, PROT_WRITE) && mapped(&two, sp, PROT_WRITE));
	check(two.seg[SSEG]->npages == 3);
	*word(&one, sp, PROT_WRITE) = 20;
	*word(&one, tos, PROT_WRITE) = 10;
	*word(&one, deep, PROT_WRITE) = 30;
	check(*word(&two, sp, PROT_WRITE) == 2 && *word(&two, tos, PROT_WRITE) == 1);
	check(*word(&two, deep, PROT_WRITE) == 3);
	end();
}

static void test_fork_shared(void)
{
	begin();
	add(&one, SG_BSS, BSEG, BASE, 2);
	add(&one, SG_STACK, SSEG, USTKTOP - USTKSIZE, USTKSIZE / BY2PG);
	*word(&one, USTKTOP - 8, PROT_WRITE) = 5;
	check(seg_fork(&two, &one, true, uaddr_of(0), uaddr_of(0)) == nil);
	*word(&two, BASE, PROT_WRITE) = 1;
	*word(&two, USTKTOP - 8, PROT_WRITE) = 6;
	check(*word(&one, BASE, PROT_READ) == 1 && *word(&one, USTKTOP - 8, PROT_READ) == 5);
	end();
}

static void test_resize(void)
{
	begin();
	Segment *s = add(&one, SG_BSS, BSEG, BASE, 4);
	add(&one, SG_BSS, SEG1, BASE + 16 * BY2PG, 1);
	*word(&one, BASE + 3 * BY2PG, PROT_WRITE) = 9;
	check(seg_resize(s, uaddr_of(BASE + 15 * BY2PG + 1)) == nil &&
		s->top == BASE + 16 * BY2PG);
	check(seg_resize(s, uaddr_of(BASE + 16 * BY2PG + 1)) == Esoverlap);
	check(seg_resize(s, uaddr_of(BASE - BY2PG)) == Enovmem);
	check(seg_resize(s, uaddr_of(~0UL)) == Enovmem);
	check(seg_resize(s, uaddr_of(USTKTOP + 1)) == Enovmem);
	check(seg_resize(s, uaddr_of(BASE + BY2PG)) == nil && s->npages == 0);
	check(!mapped(&one, BASE + 3 * BY2PG, PROT_READ));
	check(seg_resize(s, uaddr_of(BASE + 4 * BY2PG)) == nil);
	check(*word(&one, BASE + 3 * BY2PG, PROT_READ) == 0);
	check(seg_fork(&two, &one, true, uaddr_of(0), uaddr_of(0)) == nil);
	check(seg_resize(s, uaddr_of(BASE)) == Einuse);
	end();
}

static void test_release(void)
{
	begin();
	Segment *s = add(&one, SG_BSS, BSEG, BASE, 4);
	for (u32 i = 0; i < 4; i++)
		*word(&one, BASE + i * BY2PG, PROT_WRITE) = i + 1;
	check(seg_release_range(&one, uaddr_of(BASE + 1), 3 * BY2PG - 1) == nil && s->npages == 2);
	check(*word(&one, BASE, PROT_READ) == 1 && *word(&one, BASE + BY2PG, PROT_READ) == 0);
	check(*word(&one, BASE + 3 * BY2PG, PROT_READ) == 4);
	check(seg_release_range(&one, uaddr_of(BASE), 5 * BY2PG) == Ebadarg);
	check(seg_release_range(&one, uaddr_of(BASE - BY2PG), BY2PG) == Ebadarg);
	check(seg_release_range(&one, uaddr_of(BASE), ~0UL) == Ebadarg);
	end();
}

/* What has no page left, and then shrinks, is forked like anything else. */
static void test_fork_emptied(void)
{
	u64 from, to;
	begin();
	Segment *s = add(&one, SG_BSS, BSEG, BASE, 4);
	*word(&one, BASE + 2 * BY2PG, PROT_WRITE) = 1;
	qlock(&s->lk);
	seg_unmap_everywhere(s, BASE + 2 * BY2PG, 1, nil);
	seg_drop_page(s, seg_slot(s, BASE + 2 * BY2PG, false));
	qunlock(&s->lk);
	check(s->npages == 0 && seg_resize(s, uaddr_of(BASE + BY2PG)) == nil);
	qlock(&s->lk);
	seg_extent(s, &from, &to);
	qunlock(&s->lk);
	check(from <= to && to <= s->top);
	check(seg_fork(&two, &one, false, uaddr_of(0), uaddr_of(0)) == nil);
	end();
}

static void test_flush(void)
{
	begin();
	add(&one, SG_BSS, BSEG, BASE, 2);
	add(&one, SG_BSS, SEG1, BASE + 2 * BY2PG, 1);
	*word(&one, BASE, PROT_WRITE) = 1;
	check(fault(&one, uaddr_of(BASE), PROT_EXEC) == Ebadarg);
	check(seg_flush(&one, uaddr_of(BASE), 3 * BY2PG) == nil);
	check(*word(&one, BASE, PROT_EXEC) == 1 && *word(&one, BASE + 2 * BY2PG, PROT_EXEC) == 0);
	check(seg_flush(&one, uaddr_of(BASE), 3 * BY2PG + 1) == Ebadarg);
	end();
}

static void test_peek(void)
{
	Segment *locked;
	void *k;
	begin();
	add(&one, SG_BSS, BSEG, BASE, 1);
	*word(&one, BASE + 8, PROT_WRITE) = 77;
	check(seg_fork(&two, &one, false, uaddr_of(0), uaddr_of(0)) == nil);
	check(seg_peek(&two, uaddr_of(BASE + 8), true, &locked, &k) == nil);
	check(*(u32 *)k == 77);
	*(u32 *)k = 78;
	qunlock(&locked->lk);
	check(*word(&two, BASE + 8, PROT_READ) == 78 && *word(&one, BASE + 8, PROT_READ) == 77);
	check(seg_peek(&two, uaddr_of(BASE + BY2PG), false, &locked, &k) == Ebadarg);
	end();
}

/* Without frames a fault is an error and changes nothing; with them it succeeds. */
static void test_no_memory(void)
{
	static Page *all[8192];
	u32 n = 0;
	begin();
	Segment *s = add(&one, SG_BSS, BSEG, BASE, 8);
	*word(&one, BASE, PROT_WRITE) = 1;
	while (n < nelem(all) && (all[n] = page_alloc(0, KERNEL_OTHER)) != nil)
		n++;
	check(fault(&one, uaddr_of(BASE + BY2PG), PROT_WRITE) == Enofree && s->npages == 1);
	while (n > 0)
		page_free(all[--n], 0);
	*word(&one, BASE + BY2PG, PROT_WRITE) = 2;
	end();
}

void segment_test(void)
{
	u64 free = frames_free();
	test_limits();
	test_faults();
	test_in_a_row();
	test_blocks();
	test_no_blocks();
	test_fork();
	test_fork_hot();
	test_fork_emptied();
	test_fork_shared();
	test_resize();
	test_release();
	test_flush();
	test_peek();
	test_no_memory();
	MemStats m;
	mem_stats(&m);
	check(free - frames_free() < 40);	/* what the heap keeps */
}
