/*
 * Who may touch a frame: the states and transitions of doc/ownership.md, and
 * nothing else changes them. Each function takes the frame's bit lock, checks
 * its row of the table, and either makes the transition or returns the row's
 * error with nothing changed. test/host/own_test.c drives this file through
 * every sequence of operations on a small set of frames and owners.
 */
#include "mem/frame.h"

static const char *const op_names[NOWNOP] = {
	"none", "allocate", "release", "freeze", "share", "drop", "thaw", "move", "lend shared",
		"lend mutable",
	"return", "revoke",
};

static const char *const state_names[] = {
	"none", "FREE", "KERNEL", "OWNED", "FROZEN", "LENT_SHARED", "LENT_MUT", "DEVICE",
};

const char *own_op_name(enum OwnOp op)
{
	return (u32)op < NOWNOP ? op_names[op] : "?";
}

const char *frame_state_name(enum FrameState s)
{
	return (u32)s < nelem(state_names) ? state_names[s] : "?";
}

/* What is a hang is what spin.c calls one. */
enum { TURNS_MIN = 1 << 20 };
#define WAIT_NS_MAX 5000000000UL

char *own_history(const Page *p, char *at, char *end)
{
	at = seprint(at, end, "last %s by %s", own_op_name(p->last >> 24), pcname_low24(p->last));
	for (u32 i = 0; i != HISTORY && p->earlier[i] != 0; i++)
		at = seprint(at, end, ", before that %s by %s",
			own_op_name(p->earlier[i] >> 24), pcname_low24(p->earlier[i]));
	return at;
}

static void NORETURN stays_locked(const Page *p)
{
	char history[HISTORY_TEXT];
	own_history(p, history, history + sizeof history);
	panic("frame %#lx: its bit lock stays taken, after %s", (u64)p->number << PGSHIFT,
		history);
}

static inline bool page_canlock(Page *p)
{
	return __atomic_exchange_n(&p->locked, 1, __ATOMIC_ACQUIRE) == 0;
}

static void page_wait(Page *p)
{
	u64 start = arch_nsec();
	for (u64 turns = 1; !page_canlock(p); turns++) {
		if (turns % TURNS_MIN == 0 && arch_nsec() - start > WAIT_NS_MAX)
			stays_locked(p);
		arch_relax();
	}
}

static inline void page_lock(Page *p)
{
	if (unlikely(!page_canlock(p)))
		page_wait(p);
}

static void page_unlock(Page *p)
{
	__atomic_store_n(&p->locked, 0, __ATOMIC_RELEASE);
}

/* Remember who made the last transition; kernel text lies within 16 MiB of its base. */
static void note_transition(Page *p, enum OwnOp op, const void *pc)
{
	for (u32 i = HISTORY; i > 0; i--)
		p->earlier[i - 1] = i > 1 ? p->earlier[i - 2] : p->last;
	p->last = (u32)op << 24 | ((u32)(uintptr)pc & 0xffffff);
}

#define FINISH(p, op) \
	(note_transition(p, op, __builtin_return_address(0)), page_unlock(p), (Err)nil)

static ERR refuse(Page *p, Err e)
{
	page_unlock(p);
	return e;
}

static bool lent(const Page *p)
{
	return p->state == FRAME_LENT_SHARED || p->state == FRAME_LENT_MUT;
}

/* The error of an operation that wants the owner of an OWNED frame. */
static Err owned_by(const Page *p, const void *owner)
{
	if (lent(p))
		return Elent;
	if (p->state == FRAME_FROZEN)
		return Eshared;
	if (p->state != FRAME_OWNED || p->owner != owner)
		return Enotowner;
	return nil;
}

ERR own_allocate_kernel(Page *p, enum KernelTag tag)
{
	page_lock(p);
	if (p->state != FRAME_FREE)
		return refuse(p, Enofree);
	p->state = FRAME_KERNEL;
	p->tag = (u8)tag;
	p->owner = nil;
	p->holders = 0;
	return FINISH(p, OWN_ALLOCATE);
}

ERR own_allocate(Page *p, const void *owner)
{
	assert(owner != nil);
	page_lock(p);
	if (p->state != FRAME_FREE)
		return refuse(p, Enofree);
	p->state = FRAME_OWNED;
	p->owner = owner;
	p->holders = 0;
	p->u.borrows = nil;
	return FINISH(p, OWN_ALLOCATE);
}

ERR own_release(Page *p, const void *owner)
{
	page_lock(p);
	if (p->state != FRAME_KERNEL || owner != nil) {
		Err e = owned_by(p, owner);
		if (e == nil && page_is_mapped(p))
			e = Emapped;
		if (e != nil)
			return refuse(p, e);
	}
	p->state = FRAME_FREE;
	p->owner = nil;
	return FINISH(p, OWN_RELEASE);
}

ERR own_freeze(Page *p, const void *owner)
{
	page_lock(p);
	Err e = owned_by(p, owner);
	if (e != nil)
		return refuse(p, e);
	p->state = FRAME_FROZEN;
	p->owner = nil;
	p->holders = 1;
	return FINISH(p, OWN_FREEZE);
}

ERR own_share(Page *p)
{
	page_lock(p);
	if (p->state != FRAME_FROZEN)
		return refuse(p, lent(p) ? Elent : Enotowner);
	if (p->holders == HOLDERS_MAX)
		return refuse(p, Eshared);
	p->holders++;
	return FINISH(p, OWN_SHARE);
}

ERR own_drop(Page *p, bool *freed)
{
	page_lock(p);
	if (p->state != FRAME_FROZEN)
		return refuse(p, lent(p) ? Elent : Enotowner);
	assert(p->holders > 0);
	p->holders--;
	*freed = p->holders == 0;
	if (*freed)
		p->state = FRAME_FREE;
	return FINISH(p, OWN_DROP);
}

ERR own_thaw(Page *p, const void *owner)
{
	assert(owner != nil);
	page_lock(p);
	if (p->state != FRAME_FROZEN)
		return refuse(p, lent(p) ? Elent : Enotowner);
	if (p->holders > 1)
		return refuse(p, Eshared);
	p->state = FRAME_OWNED;
	p->owner = owner;
	p->holders = 0;
	p->u.borrows = nil;
	return FINISH(p, OWN_THAW);
}

static inline ERR move(Page *p, const void *from, const void *to, const void *pc)
{
	page_lock(p);
	if (unlikely(p->state != FRAME_OWNED || p->owner != from))
		return refuse(p, owned_by(p, from));
	p->owner = to;
	note_transition(p, OWN_MOVE, pc);
	page_unlock(p);
	return nil;
}

ERR own_move(Page *p, const void *from, const void *to)
{
	assert(to != nil);
	return move(p, from, to, __builtin_return_address(0));
}

u64 own_move_run(Page **slots, Page **to_slots, u64 n, const void *from, const void *to)
{
	const void *pc = __builtin_return_address(0);
	u64 moved = 0;
	assert(to != nil);
	for (u64 i = 0; i < n; i++) {
		Page *p = slots[i];
		if (p == nil)
			continue;
		Err e = move(p, from, to, pc);
		if (e != nil)
			own_must(e, OWN_MOVE, p);
		slots[i] = nil;
		to_slots[i] = p;
		moved++;
	}
	return moved;
}

bool own_borrows(const Page *p, const void *borrower)
{
	if (!lent(p))
		return false;
	for (const Borrow *b = p->u.borrows; b != nil; b = b->next)
		if (b->borrower == borrower)
			return true;
	return false;
}

/* Who may lend: the owner of an OWNED frame, or of one lent for reading already. */
static Err may_lend(const Page *p, const void *owner, const void *borrower, bool writing)
{
	if (p->state == FRAME_FROZEN)
		return Eshared;
	if (p->state != FRAME_OWNED && !lent(p))
		return Enotowner;
	if (p->owner != owner || borrower == owner)
		return Enotowner;
	if (p->state == FRAME_LENT_MUT)
		return writing ? Elent : Elentwrite;
	if (p->state == FRAME_LENT_SHARED && writing)
		return Elent;
	if (own_borrows(p, borrower))
		return Ealreadylent;
	return p->holders == HOLDERS_MAX ? Eshared : nil;
}

static void lend(Page *p, const void *borrower, Borrow *record, enum FrameState state)
{
	if (p->state == FRAME_OWNED)
		p->u.borrows = nil;
	record->borrower = borrower;
	record->next = p->u.borrows;
	p->u.borrows = record;
	p->holders++;
	p->state = (u8)state;
}

ERR own_lend_shared(Page *p, const void *owner, const void *borrower, Borrow *record)
{
	page_lock(p);
	Err e = may_lend(p, owner, borrower, false);
	if (e != nil)
		return refuse(p, e);
	lend(p, borrower, record, FRAME_LENT_SHARED);
	return FINISH(p, OWN_LEND_SHARED);
}

ERR own_lend_mut(Page *p, const void *owner, const void *borrower, Borrow *record)
{
	page_lock(p);
	Err e = may_lend(p, owner, borrower, true);
	if (e != nil)
		return refuse(p, e);
	lend(p, borrower, record, FRAME_LENT_MUT);
	return FINISH(p, OWN_LEND_MUT);
}

/* Take the record of one borrower out of the list of a lent frame. */
static Borrow *end_loan(Page *p, const void *borrower)
{
	Borrow **at = &p->u.borrows;
	while ((*at)->borrower != borrower)
		at = &(*at)->next;
	Borrow *record = *at;
	*at = record->next;
	record->next = nil;
	assert(p->holders > 0);
	if (--p->holders == 0)
		p->state = FRAME_OWNED;
	assert((p->u.borrows == nil) == (p->holders == 0));
	return record;
}

ERR own_return(Page *p, const void *borrower, Borrow **record)
{
	page_lock(p);
	if (!own_borrows(p, borrower))
		return refuse(p, Enotlent);
	*record = end_loan(p, borrower);
	return FINISH(p, OWN_RETURN);
}

ERR own_revoke(Page *p, const void *owner, const void *borrower, Borrow **records)
{
	page_lock(p);
	if (!lent(p) || p->owner != owner)
		return refuse(p, Enotowner);
	if (borrower != nil && !own_borrows(p, borrower))
		return refuse(p, Enotlent);
	if (borrower != nil) {
		*records = end_loan(p, borrower);
		return FINISH(p, OWN_REVOKE);
	}
	*records = p->u.borrows;
	p->u.borrows = nil;
	p->holders = 0;
	p->state = FRAME_OWNED;
	return FINISH(p, OWN_REVOKE);
}

static void NORETURN refused(Err e, enum OwnOp op, const Page *p)
{
	char history[HISTORY_TEXT];
	own_history(p, history, history + sizeof history);
	panic("frame %#lx: %s refused: %s; %s, owner %p, %u holders, %s",
		(u64)p->number << PGSHIFT, own_op_name(op), e, frame_state_name(p->state),
		p->owner, p->holders, history);
}

void own_must(Err e, enum OwnOp op, const Page *p)
{
	if (e != nil)
		refused(e, op, p);
}
