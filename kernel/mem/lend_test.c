/*
 * Offers and loans between address spaces made for the purpose: every sequence of a few steps, and
 * memory that fails at each place in turn. In between the auditor looks.
 */
#include "arch/host/host.h"
#include "mem/frame.h"
#include "proc/proc.h"
#include "unit.h"

void lend_test(void);

#define BASE	(UTZERO + 0x100000)
enum { NSPACES = 3, NPAGES = 3 };

static Space space[NSPACES];

static void complain(void *arg, const char *text)
{
	if (strstr(text, " 0 violations") == nil)
		check_text(text, "no violation");
}

/* The word at va as a program of s would see it; nil when it may not. */
static u32 *word(Space *s, u64 va, u32 prot)
{
	Mapping m;
	if (fault(s, uaddr_of(va), prot) != nil || !plookup(&s->pt, uaddr_of(va), &m) ||
		(m.prot & prot) != prot)
		return nil;
	return (u32 *)(void *)((u8 *)kaddr(m.pa) + va % BY2PG);
}

/* Each space has NPAGES pages of its own; page i of space k holds 16 k + i. */
static void begin(void)
{
	for (u32 k = 0; k < NSPACES; k++) {
		Segment *s = nil;
		check(space_init(&space[k]) == nil);
		check(newseg(SG_BSS, uaddr_of(BASE), NPAGES * BY2PG, &s) == nil);
		seg_attach(&space[k], BSEG, s);
		for (u32 i = 0; i < NPAGES; i++)
			*word(&space[k], BASE + i * BY2PG, PROT_WRITE) = 16 * k + i;
	}
}

static void end(void)
{
	for (u32 k = 0; k < NSPACES; k++)
		space_free(&space[k]);
}

/* ---- every sequence of a few steps ---- */

/*
 * A step is a number below NSTEPS: who does what. There are two offers at most. What each step
 * does to a frame is own_test's matter; here segments, tables and frames must agree after any
 * of them, and everything must come to an end.
 */
enum { NOFFERS = 2, NKINDS = 3 };
enum { STEP_OFFER, STEP_ACCEPT = 9, STEP_RETURN = 15, STEP_REVOKE = 17, STEP_CANCEL = 19,
	STEP_EXIT = 21, STEP_FORK = 24, STEP_WRITE = 27, NSTEPS = 30 };
static Offer *offers[NOFFERS];
static u32 noffers;

static void offer(u32 k, enum OfferKind kind)
{
	Offer *o;
	if (noffers < NOFFERS && offer_make(&space[k], k + 1, kind, uaddr_of(BASE),
		NPAGES * BY2PG, &o) == nil)
		offers[noffers++] = o;
}

/* A space ends and another takes its place. */
static void renew(u32 k)
{
	Segment *s = nil;
	space_free(&space[k]);
	check(space_init(&space[k]) == nil);
	check(newseg(SG_BSS, uaddr_of(BASE), NPAGES * BY2PG, &s) == nil);
	seg_attach(&space[k], BSEG, s);
}

static void fork_and_end(u32 k)
{
	static Space child;
	check(space_init(&child) == nil);
	check(seg_fork(&child, &space[k], false, uaddr_of(0), uaddr_of(0)) == nil);
	for (u32 i = 0; i < NSEG; i++)
		check(child.seg[i] == nil || child.seg[i]->loan == nil);
	space_free(&child);
}

/* Whoever else may write a page, a program must not. */
static void touch(u32 k)
{
	for (u32 i = 0; i < NSEG; i++) {
		const Segment *s = space[k].seg[i];
		u32 *w = s != nil ? word(&space[k], s->base, PROT_WRITE) : nil;
		if (w != nil)
			(*w)++;
	}
}

static void step(u32 n)
{
	Err e = nil;
	if (n < STEP_ACCEPT)
		offer(n / NKINDS, n % NKINDS);
	else if (n >= STEP_WRITE)
		touch(n - STEP_WRITE);
	else if (n >= STEP_FORK)
		fork_and_end(n - STEP_FORK);
	else if (n >= STEP_EXIT)
		renew(n - STEP_EXIT);
	else if (n < STEP_RETURN && (n - STEP_ACCEPT) / NSPACES < noffers)
		e = offer_accept(offers[(n - STEP_ACCEPT) / NSPACES],
			&space[(n - STEP_ACCEPT) % NSPACES], 1, 0);
	else if (n >= STEP_CANCEL && n - STEP_CANCEL < noffers)
		e = offer_cancel(offers[n - STEP_CANCEL], &space[0]);
	else if (n >= STEP_REVOKE && n < STEP_CANCEL && n - STEP_REVOKE < noffers)
		e = offer_revoke(offers[n - STEP_REVOKE], &space[0]);
	else if (n >= STEP_RETURN && n < STEP_REVOKE && n - STEP_RETURN < noffers)
		e = offer_return(offers[n - STEP_RETURN], &space[1]);
	(void)e;	/* what is refused has changed nothing */
}

static void finish(void)
{
	end();
	for (u32 i = 0; i < noffers; i++) {
		check(offer_ended(offers[i]));
		offer_put(offers[i]);
	}
	noffers = 0;
}

static void test_sequences(void)
{
	enum { DEPTH = 4 };
	u64 total = 1, free = frames_free();
	for (u32 i = 1; i < DEPTH; i++)
		total *= NSTEPS;
	/* the first step is an offer by the first space: others are the same under other names */
	for (u64 n = 0; n < total * NKINDS; n++) {
		begin();
		step((u32)(n % NKINDS));
		u64 rest = n / NKINDS;
		for (u32 i = 1; i < DEPTH; i++, rest /= NSTEPS)
			step((u32)(rest % NSTEPS));
		if (n % 7 == 0)
			audit(complain, nil);
		finish();
	}
	audit(complain, nil);
	check(free - frames_free() < 100);	/* what the heap keeps */
}

/* ---- all or nothing ---- */

static u32 segments_of(const Space *s)
{
	u32 n = 0;
	for (u32 i = 0; i < NSEG; i++)
		n += s->seg[i] != nil;
	return n;
}

static Page *taken[8192];
static u32 ntaken;

static void take_all_frames(void)
{
	while (ntaken < nelem(taken) && (taken[ntaken] = page_alloc(0, KERNEL_OTHER)) != nil)
		ntaken++;
	check(ntaken < nelem(taken));
}

static void give_frames(u32 n)
{
	while (n-- > 0 && ntaken > 0)
		page_free(taken[--ntaken], 0);
}

/* Acceptance with one more free frame each time, until it succeeds: before that, nothing. */
static void accept_without_memory(enum OfferKind kind)
{
	u32 failures = 0;
	OfferInfo info;
	begin();
	offer(0, kind);
	take_all_frames();
	for (;; give_frames(1)) {
		Err e = offer_accept(offers[0], &space[1], 7, 0);
		offer_info(offers[0], &info);
		if (e == nil || failures == ntaken)
			break;
		failures++;
		check(e == Enofree && info.state == OFFER_OFFERED && segments_of(&space[1]) == 1);
		check(space[0].seg[BSEG]->npages == NPAGES);
		audit(complain, nil);
	}
	check(failures > 0 && info.state == OFFER_ACCEPTED && info.taker == 7);
	give_frames(ntaken);
	u32 *w = word(&space[1], info.va + 2 * BY2PG, PROT_READ);
	check(w != nil && *w == 2);
	finish();
}

/* What is made at the offer: frames for pages never touched, or none at all. */
static void offer_without_memory(void)
{
	Offer *o;
	begin();
	check(seg_resize(space[0].seg[BSEG], uaddr_of(BASE + 20 * BY2PG)) == nil);
	take_all_frames();
	give_frames(10);
	u64 free = frames_free();
	check(offer_make(&space[0], 1, OFFER_LEND, uaddr_of(BASE), 20 * BY2PG, &o) == Enofree);
	check(frames_free() == free && space[0].seg[BSEG]->npages == NPAGES);
	check(offer_make(&space[0], 1, OFFER_MOVE, uaddr_of(BASE), 20 * BY2PG, &o) == nil);
	offers[noffers++] = o;
	give_frames(ntaken);
	finish();
}

/* A fixed segment keeps its frames; what is lent of it comes back. */
static void test_pinned(void)
{
	Segment *s = nil;
	Paddr pa;
	Offer *o;
	begin();
	check(newseg(SG_FIXED, uaddr_of(BASE + (1UL << 20)), 2 * BY2PG, &s) == nil);
	check(seg_fill_adjacent(s, &pa) == nil);
	seg_attach(&space[0], SEG1, s);
	check(offer_make(&space[0], 1, OFFER_MOVE, uaddr_of(s->base), BY2PG, &o) == Enotowner);
	check(offer_make(&space[0], 1, OFFER_LEND, uaddr_of(s->base), BY2PG, &o) == nil);
	offers[noffers++] = o;
	check(offer_accept(o, &space[1], 2, 0) == nil);
	check(word(&space[0], s->base, PROT_READ) == nil);
	check(offer_return(o, &space[1]) == nil);
	check(word(&space[0], s->base, PROT_WRITE) == kaddr(pa));
	finish();
}

void lend_test(void)
{
	for (u32 kind = OFFER_MOVE; kind <= OFFER_LEND; kind++)
		accept_without_memory(kind);
	offer_without_memory();
	test_pinned();
	test_sequences();
}
