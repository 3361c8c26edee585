/*
 * Pages in a file. Where a segment's map would hold a frame it may hold the
 * number of a slot of the swap file instead; a fault reads it back. Only memory
 * without a fixed place goes, that is neither offered nor borrowed nor a file's,
 * and only of spaces that are not noswap. The kernel process that decides when and whose
 * is proc/pager.c; here is how, in three steps, of which the middle one waits:
 *
 *   swap_choose   a page is frozen, held by its segment and by the job, and its
 *                 contents go, encrypted, to the job's buffer
 *   swap_write    the buffer goes to the file, with no lock held
 *   swap_commit   if the segment still holds just that frame, the slot takes its
 *                 place; whoever wrote to the page meanwhile got a copy of it
 *
 * A slot is counted: fork shares it as it shares a frame. What is in the file is
 * ChaCha20-Poly1305 (base/aead.c) with a key made when swapping starts and a
 * nonce for each writing; the tags are kept here, so that a server that returns
 * anything else than what was written there is found out.
 *
 * Locks: Space.lk, Segment.lk and then swap.lk (spin). The file is changed only
 * while no slot is in use, so whoever holds one may use the channel without it.
 */
#include "mem/frame.h"

typedef struct Slot Slot;
struct Slot {
	u64 version;		/* the nonce of what is in it */
	u8 tag[AEAD_TAG];
	u16 refs;		/* [lk] places of maps that name it, and the job that fills it */
	u16 seen;		/* the auditor's count */
};
enum { CHUNK = BY2PG / sizeof(Slot), REFS_MAX = 65535 };

static LOCK_CLASS(swap_class, "mem.swap");
static Lock swap_lk = LOCK_INIT(&swap_class);
static struct Chan *chan GUARDED_BY(swap_lk);	/* a reference; see above */
static Slot **chunks GUARDED_BY(swap_lk);	/* nil where no slot was used yet */
static u64 total GUARDED_BY(swap_lk), used GUARDED_BY(swap_lk);
static u64 hint GUARDED_BY(swap_lk);		/* no slot below it is free */
static u64 versions;				/* [a] nonces used */
static u8 key[AEAD_KEY];			/* [I] once there is a file */
static SwapJob *working;	/* [a] the job that holds a frame, for the auditor */

/* ---- slots ---- */

static u64 number_of(const Page *entry)
{
	assert(entry != nil && !is_frame(entry));
	return (uintptr)entry - 1;
}

static Page *entry_of(u64 n)
{
	return (Page *)(uintptr)(n + 1);
}

static Slot *slot_of(u64 n) REQUIRES(swap_lk)
{
	assert(n < total && chunks[n / CHUNK] != nil);
	return &chunks[n / CHUNK][n % CHUNK];
}

/* Its contents belong to whoever holds it. */
static Slot *held_slot(u64 n)
{
	lock(&swap_lk);
	Slot *s = slot_of(n);
	assert(s->refs > 0);
	unlock(&swap_lk);
	return s;
}

/* The lowest free slot, perhaps of a chunk that is not there yet; total: none. */
static u64 find_slot(void) REQUIRES(swap_lk)
{
	for (; hint < total; hint++) {
		const Slot *chunk = chunks[hint / CHUNK];
		if (chunk == nil || chunk[hint % CHUNK].refs == 0)
			break;
	}
	return hint;
}

/* Take a slot, if its chunk is there; `spare` becomes the chunk if it is not. */
static ERR slot_try(u64 *n, Slot **spare) REQUIRES(swap_lk)
{
	*n = find_slot();
	if (*n == total)
		return Enoswap;
	Slot **chunk = &chunks[*n / CHUNK];
	if (*chunk == nil) {
		*chunk = *spare;
		*spare = nil;
	}
	if (*chunk == nil)
		return Enomem;
	slot_of(*n)->refs = 1;
	used++;
	return nil;
}

static ERR slot_take(u64 *n)
{
	Slot *spare = nil;
	lock(&swap_lk);
	Err e = slot_try(n, &spare);
	unlock(&swap_lk);
	if (e != Enomem || (spare = kalloc(CHUNK * sizeof *spare)) == nil)
		return e;
	lock(&swap_lk);
	e = slot_try(n, &spare);
	unlock(&swap_lk);
	kfree(spare);
	return e;
}

static void slot_drop(u64 n)
{
	lock(&swap_lk);
	Slot *s = slot_of(n);
	assert(s->refs > 0);
	if (--s->refs == 0) {
		used--;
		hint = MIN(hint, n);
	}
	unlock(&swap_lk);
}

Err swap_share(const Page *entry)
{
	Err e = nil;
	lock(&swap_lk);
	Slot *s = slot_of(number_of(entry));
	assert(s->refs > 0);
	if (s->refs == REFS_MAX)
		e = Enofree;
	else
		s->refs++;
	unlock(&swap_lk);
	return e;
}

void swap_forget(Segment *s, Page **slot)
{
	slot_drop(number_of(*slot));
	*slot = nil;
	s->npages--;
}

/* ---- the file ---- */

static void free_chunks(Slot **old, u64 n)
{
	for (u64 i = 0; old != nil && i < (n + CHUNK - 1) / CHUNK; i++)
		kfree(old[i]);
	kfree(old);
}

/* Apart, or the compiler makes two places that allocate of one, the second for 16 GiB of file. */
static __attribute__((noinline)) u64 slots_for(u64 bytes)
{
	MemStats m;
	mem_stats(&m);
	return MIN(bytes != 0 ? bytes / BY2PG : SWAP_PER_FRAME * m.total, (u64)SWAP_SLOTS_MAX);
}

Err swap_file(struct Chan *c, u64 bytes)
{
	u64 n = slots_for(bytes);
	if (n == 0)
		return Enoswap;
	Slot **fresh = kalloc((n + CHUNK - 1) / CHUNK * sizeof *fresh);
	if (fresh == nil)
		return Enomem;
	lock(&swap_lk);
	if (used != 0) {
		unlock(&swap_lk);
		kfree(fresh);
		return Einuse;
	}
	if (chan == nil)
		random_fill(key, sizeof key);
	struct Chan *old = chan;
	Slot **old_chunks = chunks;
	u64 old_total = total;
	chan = c;
	chunks = fresh;
	total = n;
	hint = 0;
	unlock(&swap_lk);
	free_chunks(old_chunks, old_total);
	chan_close(old);
	return nil;
}

struct Chan *swap_chan(void)
{
	lock(&swap_lk);
	struct Chan *c = chan;
	if (c != nil)
		chan_incref(c);
	unlock(&swap_lk);
	return c;
}

void swap_stats(u64 *in_use, u64 *of)
{
	lock(&swap_lk);
	*in_use = used;
	*of = total;
	unlock(&swap_lk);
}

/* What the nonce of a version is, and what its tag vouches for besides the page. */
static void seal_words(u64 version, u64 n, u8 nonce[AEAD_NONCE], u8 place[8])
{
	memset(nonce, 0, AEAD_NONCE);
	put64le(nonce, version);
	put64le(place, n);
}

static ERR read_slot(u64 n, u8 *k)
{
	usize got, all = 0;
	u8 nonce[AEAD_NONCE], place[8];
	const Slot *s = held_slot(n);
	struct Chan *c = PEEK(chan);
	while (all < BY2PG) {
		Err e = chan_pread_kernel(c, k + all, BY2PG - all, (s64)(n * BY2PG + all), &got);
		if (e == Eintr || e == Enofree)
			return e;
		if (e != nil || got == 0)
			return errorf("%s accessing %s: %s", Eioload, chan_filename(c),
				e != nil ? e : Eshort);
		all += got;
	}
	seal_words(s->version, n, nonce, place);
	if (!aead_open(key, nonce, place, sizeof place, k, BY2PG, s->tag))
		return errorf("%s accessing %s: not what was written", Eioload, chan_filename(c));
	return nil;
}

/* The frame is the kernel's until it has its contents. */
Err swap_in(Segment *s, Page **slot)
{
	u64 n = number_of(*slot);
	Page *p = frame_get(0);
	if (p == nil)
		return Enofree;
	own_must(own_allocate_kernel(p, KERNEL_OTHER), OWN_ALLOCATE, p);
	Err e = read_slot(n, page_kaddr(p));
	own_must(own_release(p, nil), OWN_RELEASE, p);
	if (e != nil) {
		frame_give(p, 0);
		return e;
	}
	own_must(own_allocate(p, s), OWN_ALLOCATE, p);
	*slot = p;
	slot_drop(n);
	return nil;
}

Err swap_in_range(Segment *s, u64 from, u64 to)
{
	Page **slots;
	u64 n;
	for (u64 va = from; va < to; va += n * BY2PG) {
		n = seg_run(s, va, to, &slots);
		for (u64 i = 0; slots != nil && i < n; i++)
			if (slots[i] != nil && !is_frame(slots[i]))
				TRY(swap_in(s, &slots[i]));
	}
	return nil;
}

/* ---- the way out ---- */

/* Offered pages are those of #X, and what is noswap in one of its spaces stays for all. */
static bool may_go(Segment *s) REQUIRES(s->lk)
{
	u32 type = s->type & SG_TYPE;
	if (s->loan != nil || s->offered ||
		(type != SG_STACK && type != SG_DATA && type != SG_BSS && type != SG_SHARED))
		return false;
	list_each(n, &s->spaces)
		if (PEEK(list_entry(n, Attach, link)->space->noswap))
			return false;
	return true;
}

/*
 * Of frozen frames those that fork shares out go as well, each segment's hold for itself; those of
 * a file can be had from there.
 */
static bool page_may_go(const Segment *s, Page *p) REQUIRES(s->lk)
{
	return is_frame(p) && (p->state == FRAME_OWNED ||
		(p->state == FRAME_FROZEN && (s->image == nil || own_thaw(p, s) == nil)));
}

/* The place of the next frame of s at or above *va that may go; nil: there is none. */
static Page **next_frame(Segment *s, u64 *va) REQUIRES(s->lk)
{
	Page **slots;
	for (u64 n; *va < s->top; *va += n * BY2PG) {
		n = seg_run(s, *va, s->top, &slots);
		for (u64 i = 0; slots != nil && i < n; i++) {
			if (!page_may_go(s, slots[i]))
				continue;
			*va += i * BY2PG;
			return &slots[i];
		}
	}
	return nil;
}

static ERR take_job(Segment *s, Page *p, SwapJob *j) REQUIRES(s->lk)
{
	u8 nonce[AEAD_NONCE], place[8];
	TRY(slot_take(&j->slot));
	if (p->state == FRAME_OWNED)
		own_must(own_freeze(p, s), OWN_FREEZE, p);
	Err e = own_share(p);
	if (e != nil) {
		slot_drop(j->slot);
		return e;
	}
	j->page = p;
	__atomic_store_n(&working, j, __ATOMIC_RELEASE);
	seg_protect_everywhere(s, j->va, 1);
	memmove(j->buf, page_kaddr(p), BY2PG);
	Slot *slot = held_slot(j->slot);
	slot->version = __atomic_add_fetch(&versions, 1, __ATOMIC_RELAXED);
	seal_words(slot->version, j->slot, nonce, place);
	aead_seal(key, nonce, place, sizeof place, j->buf, BY2PG, slot->tag);
	return nil;
}

/* The segment with the lowest base that reaches above va. */
static Segment *segment_above(const Space *space, u64 va)
{
	Segment *next = nil;
	for (u32 i = 0; i < NSEG; i++) {
		Segment *s = space->seg[i];
		if (s != nil && s->top > va && (next == nil || s->base < next->base))
			next = s;
	}
	return next;
}

static ERR choose(const Space *space, SwapJob *j, enum SwapStep *step)
{
	Segment *s;
	while ((s = segment_above(space, j->va)) != nil) {
		j->va = MAX(j->va, s->base);
		if (!canqlock(&s->lk)) {
			*step = SWAP_BUSY;
		} else {
			Page **slot = may_go(s) ? next_frame(s, &j->va) : nil;
			Err e = slot != nil ? take_job(s, *slot, j) : nil;
			qunlock(&s->lk);
			if (slot != nil) {
				*step = SWAP_DONE;
				return e;
			}
		}
		j->va = s->top;
	}
	return nil;
}

Err swap_choose(Space *space, SwapJob *j, enum SwapStep *step)
{
	*step = SWAP_NOTHING;
	assert(j->page == nil);
	if (PEEK(space->noswap))
		return nil;
	if (!canqlock(&space->lk)) {
		*step = SWAP_BUSY;
		return nil;
	}
	Err e = choose(space, j, step);
	qunlock(&space->lk);
	return e;
}

Err swap_write(const SwapJob *j)
{
	usize done, all = 0;
	while (all < BY2PG) {
		TRY(chan_pwrite_kernel(PEEK(chan), j->buf + all, BY2PG - all,
			(s64)(j->slot * BY2PG + all), &done));
		if (done == 0)
			return Eshort;
		all += done;
	}
	return nil;
}

/* The job lets go of its frame; perhaps it was the last to hold it. */
static void let_go(SwapJob *j)
{
	bool last;
	Page *p = j->page;
	__atomic_store_n(&working, nil, __ATOMIC_RELEASE);
	j->page = nil;
	own_must(own_drop(p, &last), OWN_DROP, p);
	if (last)
		frame_give(p, 0);
}

void swap_abandon(SwapJob *j)
{
	let_go(j);
	slot_drop(j->slot);
}

/* Is the frame still in its place? Then it is as it was: the job's hold keeps it frozen. */
static bool unchanged(Segment *s, const SwapJob *j) REQUIRES(s->lk)
{
	Page **slot = j->va < s->top ? seg_slot(s, j->va, false) : nil;
	return slot != nil && *slot == j->page && may_go(s);
}

static NO_TSA enum SwapStep commit(const Space *space, SwapJob *j)
{
	enum SegSlot at;
	Segment *s = seg_of(space, uaddr_of(j->va), &at);
	if (s != nil && !canqlock(&s->lk))
		return SWAP_BUSY;
	enum SwapStep step = SWAP_NOTHING;
	if (s != nil && unchanged(s, j)) {
		Page **slot = seg_slot(s, j->va, false);
		seg_unmap_everywhere(s, j->va, 1, nil);
		seg_drop_page(s, slot);
		*slot = entry_of(j->slot);
		s->unusual = true;
		s->npages++;
		let_go(j);
		step = SWAP_DONE;
	}
	if (s != nil)
		qunlock(&s->lk);
	return step;
}

enum SwapStep swap_commit(Space *space, SwapJob *j)
{
	if (!canqlock(&space->lk))
		return SWAP_BUSY;
	enum SwapStep step = commit(space, j);
	qunlock(&space->lk);
	if (step == SWAP_NOTHING)
		swap_abandon(j);
	return step;
}

/* ---- for the auditor: no locks ---- */

NO_TSA void swap_audit_begin(void)
{
	for (u64 i = 0; i < total; i++)
		if (chunks[i / CHUNK] != nil)
			chunks[i / CHUNK][i % CHUNK].seen = 0;
	const SwapJob *j = working;
	if (j == nil)
		return;
	j->page->seen++;
	chunks[j->slot / CHUNK][j->slot % CHUNK].seen++;
}

NO_TSA bool swap_audit_entry(const Page *entry)
{
	u64 n = number_of(entry);
	if (n >= total || chunks[n / CHUNK] == nil)
		return false;
	chunks[n / CHUNK][n % CHUNK].seen++;
	return true;
}

NO_TSA bool swap_audit_slot(u64 *n, u32 *refs, u32 *seen)
{
	for (; *n < total; ++*n) {
		const Slot *chunk = chunks[*n / CHUNK];
		if (chunk == nil || chunk[*n % CHUNK].refs == chunk[*n % CHUNK].seen)
			continue;
		*refs = chunk[*n % CHUNK].refs;
		*seen = chunk[*n % CHUNK].seen;
		return true;
	}
	return false;
}
