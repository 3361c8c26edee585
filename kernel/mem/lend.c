/*
 * Handing pages to another process: offers, what becomes of them when they are
 * accepted, and the ends of loans. dev/exchange.c is the face of it for programs.
 *
 * An offer names ranges of its owner's segments. Nothing happens to the pages until
 * it is accepted; then the taker gets a segment of its own with all of them, or
 * nothing changes. A moved page leaves the owner's segment. A lent one stays in
 * its map, as its record of what it owns, and is also in the borrower's. A borrower's
 * segment is attached to one space only, is never inherited, and holds nothing
 * else: after the loan it is empty and every touch is Erevoked.
 *
 * Who is under which lock: Offer.lk covers accept and every end, so that each end happens
 * once; while it is held and the loan lasts, its segments cannot go, since they must end the
 * loan first (offers_end, loan_leave). Transitions are made with the segments locked
 * whose entries change: the owners' on acceptance, the borrower's at the end. The end gives the
 * owner more than it had and takes nothing, so the owner need not be stopped for it.
 *
 * Lock order: Space.lk, exchange (dev/exchange.c), Offer.lk, Segment.lk, Space.ptlock, the
 * frame's bit lock.
 */
#include "mem/frame.h"

enum { RECORDS = BY2PG / sizeof(Borrow) };	/* in one piece of memory */

/* A range of one segment. */
typedef struct Piece Piece;
struct Piece {
	List link;		/* [offers_lock] in Segment.offers until the offer has ended */
	Offer *offer;		/* [I] */
	Segment *s;		/* [I] there as long as the piece is in its list */
	u64 va, npages;		/* [I] */
};

struct Offer {
	Ref ref;
	QLock lk;
	enum OfferKind kind;	/* [I] */
	u32 state;		/* [lk], [a] to look: enum OfferState */
	u32 offerer, taker;	/* [I], [lk] pids */
	u64 npages;		/* [I] */
	u64 va;			/* [lk] where the taker has them */
	Segment *borrower;	/* [lk] while they are lent */
	Borrow **records;	/* [lk] one a page, RECORDS together */
	u32 npieces;		/* [I] */
	Piece piece[];		/* [I] ascending, adjacent */
};

static LOCK_CLASS(offer_class, "mem.offer");
static LOCK_CLASS(offers_class, "mem.offers");
static Lock offers_lock = LOCK_INIT(&offers_class);

static const char Ealign[] = "not a whole number of pages";
static const char Elarge[] = "more than 1 GiB";
static const char Enotoffered[] = "nothing is offered";
static const char Enotaccepted[] = "nothing is lent";

/* ---- records: one a page ---- */

static void records_free(Offer *o)
{
	u64 n = (o->npages + RECORDS - 1) / RECORDS;
	for (u64 i = 0; o->records != nil && i < n; i++)
		kfree(o->records[i]);
	kfree(o->records);
	o->records = nil;
}

static ERR records_make(Offer *o)
{
	u64 n = (o->npages + RECORDS - 1) / RECORDS;
	o->records = kalloc(n * sizeof *o->records);
	if (o->records == nil)
		return Enofree;
	for (u64 i = 0; i < n; i++)
		if ((o->records[i] = kalloc(MIN(RECORDS, o->npages - i * RECORDS) *
			sizeof(Borrow))) == nil)
			return Enofree;
	return nil;
}

static Borrow *record_of(Offer *o, u64 i)
{
	return &o->records[i / RECORDS][i % RECORDS];
}

/* ---- references ---- */

void offer_incref(Offer *o)
{
	ref_take(&o->ref);
}

void offer_put(Offer *o)
{
	if (ref_drop(&o->ref) > 0)
		return;
	assert(o->borrower == nil && o->records == nil && offer_ended(o));
	kfree(o);
}

static void set_state(Offer *o, enum OfferState state)
{
	__atomic_store_n(&o->state, state, __ATOMIC_RELEASE);
}

bool offer_ended(const Offer *o)
{
	u32 state = __atomic_load_n(&o->state, __ATOMIC_ACQUIRE);
	return state != OFFER_OFFERED && (state != OFFER_ACCEPTED || o->kind == OFFER_MOVE);
}

static void link_pieces(Offer *o)
{
	lock(&offers_lock);
	for (u32 i = 0; i < o->npieces; i++)
		list_append(&o->piece[i].s->offers, &o->piece[i].link);
	unlock(&offers_lock);
}

static void unlink_pieces(Offer *o)
{
	lock(&offers_lock);
	for (u32 i = 0; i < o->npieces; i++)
		list_remove(&o->piece[i].link);
	unlock(&offers_lock);
}

/* Is the memory that was offered also that of this space, which is the running process's? */
static bool owns(const Space *space, const Offer *o)
{
	for (u32 i = 0; i < NSEG; i++)
		if (space->seg[i] != nil && space->seg[i] == o->piece[0].s)
			return true;
	return false;
}

/* ---- making an offer ---- */

/* What has to be done before pages can change hands: on how many, and with how many new frames. */
typedef struct Work { u64 pages, frames; } Work;

/*
 * A page that was never touched is zero for the taker of a move as well; a borrower must see the
 * very page. Only the process itself reads files for it.
 */
static ERR check_untouched(const Offer *o, const Segment *s, bool may_read, Work *w)
{
	if (s->image == nil && o->kind == OFFER_MOVE)
		return nil;
	w->pages++;
	w->frames++;
	return s->image == nil || may_read ? nil : Ebadarg;
}

/* A page that is not simply OWNED. */
static ERR check_page(const Offer *o, const Page *p, Work *w)
{
	if (p->state == FRAME_FROZEN) {
		w->pages++;
		w->frames += p->holders > 1;
		return nil;
	}
	if (o->kind == OFFER_SHARE)
		return p->state == FRAME_LENT_SHARED ? nil : Elentwrite;
	return Elent;
}

static ERR check(const Offer *o, const Piece *piece, bool may_read, Work *w)
	REQUIRES(piece->s->lk)
{
	Page **slots;
	u64 end = piece->va + piece->npages * BY2PG, n;
	if (end > piece->s->top)
		return Ebadarg;
	for (u64 va = piece->va; va < end; va += n * BY2PG) {
		n = seg_run(piece->s, va, end, &slots);
		for (u64 i = 0; i < n; i++) {
			if (slots != nil && slots[i] != nil && slots[i]->state == FRAME_OWNED)
				continue;
			TRY(slots == nil || slots[i] == nil ?
				check_untouched(o, piece->s, may_read, w) :
				check_page(o, slots[i], w));
		}
	}
	return nil;
}

/* A page that is not OWNED: read it, make it, thaw it or copy it. */
static ERR prepare_page(const Offer *o, Segment *s, u64 va) REQUIRES(s->lk)
{
	Page **slot = seg_slot(s, va, true);
	if (slot == nil)
		return Enofree;
	if (*slot == nil && (s->image != nil || o->kind != OFFER_MOVE))
		TRY(seg_fill_slot(s, va, slot));
	return *slot != nil && (*slot)->state == FRAME_FROZEN ?
		seg_make_writable(s, va, slot, nil, nil) : nil;
}

static bool enough_frames(u64 n)
{
	u64 free = frames_free();
	return n <= free || image_reclaim(n - free) >= n - free;
}

/* Make the pages such that they can change hands now. */
static ERR prepare(const Offer *o, const Piece *piece, bool may_read) REQUIRES(piece->s->lk)
{
	Work w = { 0 };
	TRY(check(o, piece, may_read, &w));
	if (w.pages == 0)
		return nil;
	if (!enough_frames(w.frames))
		return Enofree;
	for (u64 i = 0; i < piece->npages; i++)
		TRY(prepare_page(o, piece->s, piece->va + i * BY2PG));
	return nil;
}

/* What cannot be the process's own to give: text, read-only memory, what it borrowed. */
static bool is_own(const Segment *s, enum OfferKind kind)
{
	return seg_writable(s) && !(s->type & SG_FAULT) && s->loan == nil &&
		(kind != OFFER_MOVE || !seg_pinned(s));
}

/* The segments of [va, end) as pieces; without pieces they are counted. */
static ERR find_pieces(Space *space, enum OfferKind kind, u64 va, u64 end, Offer *o, u32 *n)
{
	for (*n = 0; va < end; ++*n) {
		Segment *s = seg_find(space, uaddr_of(va), nil);
		if (s == nil)
			return Ebadarg;
		if (!is_own(s, kind))
			return Enotowner;
		u64 to = MIN(end, s->top);
		if (o != nil)
			o->piece[*n] = (Piece){ .offer = o, .s = s, .va = va,
				.npages = (to - va) >> PGSHIFT };
		va = to;
	}
	return nil;
}

static ERR prepare_all(Offer *o)
{
	for (u32 i = 0; i < o->npieces; i++) {
		const Piece *piece = &o->piece[i];
		qlock(&piece->s->lk);
		piece->s->offered = true;	/* from now on its pages stay in memory */
		Err e = swap_in_range(piece->s, piece->va,
			MIN(piece->va + piece->npages * BY2PG, piece->s->top));
		if (e == nil)
			e = prepare(o, piece, true);
		qunlock(&piece->s->lk);
		TRY(e);
	}
	return nil;
}

ERR offer_make(Space *space, u32 pid, enum OfferKind kind, Uaddr va, u64 len, Offer **out)
{
	u32 n;
	if (va.a % BY2PG != 0 || len % BY2PG != 0)
		return Ealign;
	if (len > OFFER_BYTES_MAX)
		return Elarge;
	if (len == 0 || va.a >= USTKTOP || len > USTKTOP - va.a)
		return Ebadarg;
	TRY(find_pieces(space, kind, va.a, va.a + len, nil, &n));
	Offer *o = kalloc(sizeof *o + n * sizeof o->piece[0]);
	if (o == nil)
		return Enomem;
	*o = (Offer){ .ref.n = 1, .kind = kind, .state = OFFER_OFFERED, .offerer = pid,
		.npages = len >> PGSHIFT };
	qlock_init(&o->lk, &offer_class);
	Err e = find_pieces(space, kind, va.a, va.a + len, o, &o->npieces);
	if (e == nil)
		e = prepare_all(o);
	if (e != nil) {
		kfree(o);
		return e;
	}
	link_pieces(o);
	*out = o;
	return nil;
}

/* ---- accepting ---- */

/* The segment at the lowest address above that of `after`; nil behind the last. */
static Segment *next_owner(const Offer *o, const Segment *after)
{
	Segment *next = nil;
	for (u32 i = 0; i < o->npieces; i++) {
		Segment *s = o->piece[i].s;
		if (s > after && (next == nil || s < next))
			next = s;
	}
	return next;
}

static NO_TSA void unlock_owners(const Offer *o, const Segment *below)
{
	for (Segment *s = next_owner(o, nil); s != below; s = next_owner(o, s))
		qunlock(&s->lk);
}

/*
 * A page of a file may be on its way into a segment, from a server that may be the taker: for
 * such a one it does not wait.
 */
static NO_TSA ERR lock_owners(const Offer *o)
{
	for (Segment *s = next_owner(o, nil); s != nil; s = next_owner(o, s)) {
		if (s->image == nil) {
			qlock(&s->lk);
		} else if (!canqlock(&s->lk)) {
			unlock_owners(o, s);
			return Einuse;
		}
	}
	return nil;
}

/* Memory for everything that happens later. */
static ERR reserve(Offer *o, Space *space, Segment *t)
{
	qlock(&t->lk);
	Err e = seg_reserve(t, o->npages);
	qunlock(&t->lk);
	TRY(e);
	if (o->kind != OFFER_MOVE)
		TRY(records_make(o));
	lock(&space->ptlock);
	e = pmap_reserve(&space->pt, uaddr_of(t->base), o->npages);
	unlock(&space->ptlock);
	return e;
}

/* Lend the frames of n slots of s, the i-th page of the offer and up, which t gets as well. */
static void lend_run(Offer *o, Segment *s, Page **from, Segment *t, Page **to, u64 n, u64 i)
	REQUIRES(s->lk, t->lk)
{
	for (u64 k = 0; k < n; k++) {
		Page *p = from[k];
		assert(p != nil);
		if (o->kind == OFFER_SHARE)
			own_must(own_lend_shared(p, s, t, record_of(o, i + k)), OWN_LEND_SHARED, p);
		else
			own_must(own_lend_mut(p, s, t, record_of(o, i + k)), OWN_LEND_MUT, p);
		frame_show(p, false);
		to[k] = p;
	}
	t->npages += n;
}

/* The owner's entries go, or become read-only, before the pages change hands. */
static void withdraw(const Offer *o, const Piece *piece) REQUIRES(piece->s->lk)
{
	if (o->kind == OFFER_SHARE)
		seg_protect_everywhere(piece->s, piece->va, piece->npages);
	else
		seg_unmap_everywhere(piece->s, piece->va, piece->npages, nil);
}

/* Pages `first` and up of the offer, from their segment to t. */
static void take_piece(Offer *o, const Piece *piece, Segment *t, u64 first)
	REQUIRES(piece->s->lk, t->lk)
{
	Page **from, **to;
	u64 end = piece->va + piece->npages * BY2PG, n;
	withdraw(o, piece);
	for (u64 va = piece->va; va < end; va += n * BY2PG, first += n) {
		u64 there = seg_run(t, t->base + first * BY2PG, t->top, &to);
		n = MIN(there, seg_run(piece->s, va, end, &from));
		if (from == nil)
			continue;
		if (o->kind != OFFER_MOVE) {
			lend_run(o, piece->s, from, t, to, n, first);
			continue;
		}
		u64 moved = own_move_run(from, to, n, piece->s, t);
		piece->s->npages -= moved;
		t->npages += moved;
	}
}

/* Enter what is in t: nobody is to pay for a fault a page. The tables are there. */
static void enter_all(Space *space, Segment *t, enum OfferKind kind) REQUIRES(t->lk)
{
	Page **slots;
	u64 n;
	lock(&space->ptlock);
	for (u64 va = t->base; va < t->top; va += n * BY2PG) {
		n = seg_run(t, va, t->top, &slots);
		Err e = pmap_run(&space->pt, uaddr_of(va), slots, n,
			kind == OFFER_SHARE ? PROT_READ : PROT_READ | PROT_WRITE);
		assert(e == nil);
	}
	unlock(&space->ptlock);
}

/* Everything is locked that this needs; nothing of it can fail. */
static NO_TSA void commit(Offer *o, Space *space, Segment *t)
{
	u64 first = 0;
	for (u32 i = 0; i < o->npieces; first += o->piece[i++].npages)
		take_piece(o, &o->piece[i], t, first);
	enter_all(space, t, o->kind);
	o->va = t->base;
	set_state(o, OFFER_ACCEPTED);
	if (o->kind == OFFER_MOVE)
		return;
	o->borrower = t;
	t->loan = o;
	t->unusual = true;
	ref_take(&o->ref);
}

/*
 * Between this and the end the owners are locked: what was prepared stays so. As long as the pieces
 * are linked no owner can go, which would free the lock that we are about to release.
 */
static NO_TSA ERR hand_over(Offer *o, Space *space, enum SegSlot slot, Segment *t)
{
	Err e = nil;
	TRY(lock_owners(o));
	for (u32 i = 0; i < o->npieces && e == nil; i++)
		e = prepare(o, &o->piece[i], false);
	if (e == nil)
		e = seg_attach_apart(space, slot, t);
	if (e == nil) {
		qlock(&t->lk);
		commit(o, space, t);
		qunlock(&t->lk);
	}
	unlock_owners(o, nil);
	if (e == nil && o->kind == OFFER_MOVE)
		unlink_pieces(o);
	return e;
}

static ERR accept(Offer *o, Space *space, u64 va) REQUIRES(o->lk)
{
	static const u32 types[] = {
		[OFFER_MOVE] = SG_BSS, [OFFER_SHARE] = SG_BSS | SG_RONLY | SG_CEXEC,
		[OFFER_LEND] = SG_BSS | SG_CEXEC,
	};
	enum SegSlot slot;
	Segment *t;
	u64 base, size = o->npages << PGSHIFT;
	TRY(seg_place(space, va, size, &base, &slot));
	TRY(newseg(types[o->kind], uaddr_of(base), size, &t));
	Err e = reserve(o, space, t);
	if (e == nil)
		e = hand_over(o, space, slot, t);
	if (e != nil) {
		records_free(o);
		putseg(t);
	}
	return e;
}

ERR offer_accept(Offer *o, Space *space, u32 pid, u64 va)
{
	if (va % BY2PG != 0)
		return Ealign;
	if (va >= USTKTOP)
		return Ebadarg;
	qlock(&space->lk);
	qlock(&o->lk);
	Err e = o->state == OFFER_OFFERED ? accept(o, space, va) : Enotoffered;
	if (e == nil)
		o->taker = pid;
	qunlock(&o->lk);
	qunlock(&space->lk);
	return e;
}

/* ---- ends ---- */

static void end_offer(Offer *o) REQUIRES(o->lk)
{
	unlink_pieces(o);
	set_state(o, OFFER_CANCELLED);
}

static void give_back(Segment *t, Page **slot, enum OfferState how) REQUIRES(t->lk)
{
	Page *p = *slot;
	Borrow *record;
	if (how == OFFER_REVOKED)
		own_must(own_revoke(p, p->owner, t, &record), OWN_REVOKE, p);
	else
		own_must(own_return(p, t, &record), OWN_RETURN, p);
	if (p->state == FRAME_OWNED)
		frame_show(p, true);
	*slot = nil;
	t->npages--;
}

/* The borrower's entries go, then its hold on each page. */
static void end_loan(Offer *o, enum OfferState how) REQUIRES(o->lk)
{
	Segment *t = o->borrower;
	qlock(&t->lk);
	seg_unmap_everywhere(t, t->base, o->npages, nil);
	for (u64 i = 0; i < o->npages; i++)
		give_back(t, seg_slot(t, t->base + i * BY2PG, false), how);
	assert(t->npages == 0);
	qunlock(&t->lk);
	o->borrower = nil;
	records_free(o);
	unlink_pieces(o);
	set_state(o, how);
}

ERR offer_cancel(Offer *o, Space *space)
{
	Err e = nil;
	qlock(&o->lk);
	if (o->state != OFFER_OFFERED)
		e = Enotoffered;
	else if (!owns(space, o))
		e = Enotowner;
	else
		end_offer(o);
	qunlock(&o->lk);
	return e;
}

void offer_abandon(Offer *o)
{
	qlock(&o->lk);
	if (o->state == OFFER_OFFERED)
		end_offer(o);
	qunlock(&o->lk);
}

/* Moved pages are the taker's for good. */
static ERR may_revoke(const Offer *o, const Space *space)
{
	if (o->state != OFFER_ACCEPTED)
		return Enotaccepted;
	return o->kind != OFFER_MOVE && owns(space, o) ? nil : Enotowner;
}

ERR offer_revoke(Offer *o, Space *space)
{
	qlock(&o->lk);
	Err e = may_revoke(o, space);
	if (e == nil)
		end_loan(o, OFFER_REVOKED);
	qunlock(&o->lk);
	return e;
}

/* The slot with what the process borrowed by o. */
static ERR find_loan(const Space *space, const Offer *o, enum SegSlot *slot)
{
	for (u32 i = 0; i < NSEG; i++)
		if (space->seg[i] != nil && space->seg[i]->loan == o) {
			*slot = i;
			return nil;
		}
	return Enotlent;
}

ERR offer_return(Offer *o, Space *space)
{
	enum SegSlot slot;
	qlock(&space->lk);
	qlock(&o->lk);
	Err e = o->borrower != nil ? find_loan(space, o, &slot) : Enotlent;
	if (e == nil)
		end_loan(o, OFFER_RETURNED);
	qunlock(&o->lk);
	if (e == nil)
		seg_detach(space, slot);
	qunlock(&space->lk);
	return e;
}

/* An offer that the segment is in, with a reference; nil when there is none. */
static Offer *first_offer(Segment *s)
{
	Offer *o = nil;
	lock(&offers_lock);
	if (!list_empty(&s->offers)) {
		o = list_entry(s->offers.next, Piece, link)->offer;
		ref_take(&o->ref);
	}
	unlock(&offers_lock);
	return o;
}

void offers_end(Segment *s)
{
	Offer *o;
	while ((o = first_offer(s)) != nil) {
		qlock(&o->lk);
		if (o->state == OFFER_OFFERED)
			end_offer(o);
		else if (o->borrower != nil)
			end_loan(o, OFFER_REVOKED);
		qunlock(&o->lk);
		offer_put(o);
		exchange_ended();
	}
}

void loan_leave(Segment *t)
{
	Offer *o = t->loan;
	qlock(&o->lk);
	if (o->borrower == t)
		end_loan(o, OFFER_RETURNED);
	qunlock(&o->lk);
	offer_put(o);
	exchange_ended();
}

/* ---- looking ---- */

void offer_info(Offer *o, OfferInfo *info)
{
	qlock(&o->lk);
	*info = (OfferInfo){ .kind = o->kind, .state = o->state, .size = o->npages << PGSHIFT,
		.offerer = o->offerer, .taker = o->taker, .va = o->va };
	qunlock(&o->lk);
}

NO_TSA u64 loan_pages(const Segment *t)
{
	return t->loan->borrower == t ? t->loan->npages : 0;
}

static bool is_lent(const Page *p)
{
	return p->state == FRAME_LENT_SHARED || p->state == FRAME_LENT_MUT;
}

bool seg_lends(Segment *s, u64 from, u64 to)
{
	Page **slots;
	u64 n;
	for (u64 va = from; va < to; va += n * BY2PG) {
		n = seg_run(s, va, to, &slots);
		for (u64 i = 0; slots != nil && i < n; i++)
			if (is_frame(slots[i]) && is_lent(slots[i]))
				return true;
	}
	return false;
}

/* What s may do with the page at va; false when it has none there. */
static bool held_page(Segment *s, u64 va, HeldRange *r) REQUIRES(s->lk)
{
	Page **slot = seg_slot(s, va, false);
	const Page *p = slot != nil ? *slot : nil;
	*r = (HeldRange){ .base = va, .top = va + BY2PG, .read = true, .write = seg_writable(s) };
	if (p == nil) {
		r->how = HOLD_REVOKED;
		r->read = r->write = false;
		return s->loan != nil;
	}
	if (!is_frame(p)) {
		r->how = HOLD_OWN;	/* in the swap file: a touch brings it */
		return true;
	}
	r->others = p->holders;
	if (s->loan != nil) {
		r->how = HOLD_BORROWED;
	} else if (p->state == FRAME_OWNED) {
		r->how = HOLD_OWN;
	} else if (p->state == FRAME_FROZEN) {
		r->how = HOLD_FROZEN;
		r->others--;
		r->write = false;
	} else {
		r->how = HOLD_LENT;
		r->write = false;
		r->read = p->state == FRAME_LENT_SHARED;
	}
	return true;
}

static bool alike(const HeldRange *a, const HeldRange *b)
{
	return a->how == b->how && a->read == b->read && a->write == b->write &&
		a->others == b->others;
}

/* The first run in s at or above va. */
static bool segment_held(Segment *s, u64 va, HeldRange *r)
{
	HeldRange next;
	Page **slots;
	qlock(&s->lk);
	while (va < s->top && !held_page(s, va, r)) {
		u64 n = seg_run(s, va, s->top, &slots);
		va += slots == nil ? n * BY2PG : BY2PG;
	}
	bool found = va < s->top;
	while (found && r->top < s->top && held_page(s, r->top, &next) && alike(r, &next))
		r->top = next.top;
	qunlock(&s->lk);
	return found;
}

bool space_held(Space *space, u64 from, HeldRange *r)
{
	u64 va = from;
	for (;;) {
		Segment *next = nil;
		for (u32 i = 0; i < NSEG; i++) {
			Segment *s = space->seg[i];
			if (s != nil && s->top > va && (next == nil || s->base < next->base))
				next = s;
		}
		if (next == nil)
			return false;
		if (segment_held(next, MAX(va, next->base), r))
			return true;
		va = next->top;
	}
}
