/*
 * Exhaustive search of the ownership code: the real own.c is driven through
 * every operation from every reachable state of FRAMES frames and OWNERS owners,
 * breadth first. Each result, error text included, is compared with a model
 * written from the table in doc/ownership.md; after each step the invariants of
 * every frame are checked. Frames are interchangeable, so states are searched up
 * to their order.
 */
#include <stdio.h>
#include <stdlib.h>
#include "mem/frame.h"

#ifndef OWNERS_MAX
#define OWNERS_MAX 4
#endif
enum { FRAMES = 3, OWNERS = OWNERS_MAX, NSTATE = OWNERS > 4 ? 256 : 64, MAX_STATES = 1 << 20 };

/* One frame in the model. holders: bit per owner (FROZEN: who holds; LENT: who borrows). */
typedef struct Model { enum FrameState state; int owner; unsigned holders; } Model;

static Model models[NSTATE];
static int nmodels;
static char owner_names[OWNERS];	/* addresses stand for segments */
static long steps, passed, failed;

static const void *owner(int o)
{
	return &owner_names[o];
}

static int index_of(const Model *m)
{
	for (int i = 0; i < nmodels; i++)
		if (models[i].state == m->state && models[i].owner == m->owner &&
			models[i].holders == m->holders)
			return i;
	return -1;
}

static void add(enum FrameState state, int o, unsigned holders)
{
	if (nmodels == NSTATE)
		abort();
	models[nmodels++] = (Model){ state, o, holders };
}

/* Every state a frame can be in. */
static void enumerate(void)
{
	add(FRAME_FREE, -1, 0);
	add(FRAME_KERNEL, -1, 0);
	for (unsigned h = 1; h < 1U << OWNERS; h++)
		add(FRAME_FROZEN, -1, h);
	for (int o = 0; o < OWNERS; o++) {
		add(FRAME_OWNED, o, 0);
		for (unsigned b = 1; b < 1U << OWNERS; b++) {
			if (b & 1U << o)
				continue;
			add(FRAME_LENT_SHARED, o, b);
			if ((b & (b - 1)) == 0)
				add(FRAME_LENT_MUT, o, b);
		}
	}
}

/* ---- the real thing, made from a model and read back ---- */

static Borrow records[FRAMES][OWNERS], spare[FRAMES];

static void realise(Page *p, int frame, const Model *m)
{
	*p = (Page){ .state = (u8)m->state, .order = ORDER_NONE, .number = (u32)frame };
	if (m->owner >= 0)
		p->owner = owner(m->owner);
	p->holders = (u16)__builtin_popcount(m->holders);
	if (m->state != FRAME_LENT_SHARED && m->state != FRAME_LENT_MUT)
		return;
	for (int o = 0; o < OWNERS; o++)
		if (m->holders & 1U << o) {
			records[frame][o] = (Borrow){ p->u.borrows, owner(o) };
			p->u.borrows = &records[frame][o];
		}
}

/* Does the frame say what the model says? FROZEN frames know only how many hold them. */
static bool agrees(const Page *p, const Model *m)
{
	const void *o = m->owner >= 0 ? owner(m->owner) : nil;
	if (p->state != m->state || p->locked)
		return false;
	if (m->state == FRAME_OWNED || m->state == FRAME_LENT_SHARED ||
		m->state == FRAME_LENT_MUT) {
		if (p->owner != o)
			return false;
	} else if (p->owner != nil)
		return false;
	if (p->holders != __builtin_popcount(m->holders) && m->state != FRAME_FREE)
		return false;
	for (int i = 0; i < OWNERS; i++) {
		bool lent = m->state == FRAME_LENT_SHARED || m->state == FRAME_LENT_MUT;
		if (own_borrows(p, owner(i)) != (lent && (m->holders & 1U << i) != 0))
			return false;
	}
	return true;
}

/* ---- the model's idea of each operation: the table ---- */

static bool is_lent(const Model *m)
{
	return m->state == FRAME_LENT_SHARED || m->state == FRAME_LENT_MUT;
}

static Err refuse_owner(const Model *m, int a)
{
	if (is_lent(m))
		return Elent;
	if (m->state == FRAME_FROZEN)
		return Eshared;
	return m->state == FRAME_OWNED && m->owner == a ? nil : Enotowner;
}

static Err model_lend(Model *m, int a, int b, bool writing)
{
	if (m->state == FRAME_FROZEN)
		return Eshared;
	if ((m->state != FRAME_OWNED && !is_lent(m)) || m->owner != a || a == b)
		return Enotowner;
	if (m->state == FRAME_LENT_MUT)
		return writing ? Elent : Elentwrite;
	if (m->state == FRAME_LENT_SHARED && writing)
		return Elent;
	if (m->holders & 1U << b)
		return Ealreadylent;
	m->state = writing ? FRAME_LENT_MUT : FRAME_LENT_SHARED;
	m->holders |= 1U << b;
	return nil;
}

static Err model_frozen(Model *m, enum OwnOp op, int a, int b)
{
	if (m->state != FRAME_FROZEN)
		return is_lent(m) ? Elent : Enotowner;
	if (op == OWN_SHARE)
		m->holders |= 1U << b;
	else if (op == OWN_DROP) {
		m->holders &= ~(1U << a);
		if (m->holders == 0)
			m->state = FRAME_FREE;
	} else if (m->holders & (m->holders - 1))
		return Eshared;
	else
		*m = (Model){ FRAME_OWNED, a, 0 };
	return nil;
}

static Err model_owned(Model *m, enum OwnOp op, int a, int b)
{
	if (op == OWN_RELEASE && a < 0 && m->state == FRAME_KERNEL) {
		*m = (Model){ FRAME_FREE, -1, 0 };
		return nil;
	}
	Err e = refuse_owner(m, a);
	if (e != nil)
		return e;
	if (op == OWN_RELEASE)
		*m = (Model){ FRAME_FREE, -1, 0 };
	else if (op == OWN_FREEZE)
		*m = (Model){ FRAME_FROZEN, -1, 1U << a };
	else
		m->owner = b;
	return nil;
}

/* Revoking from oneself stands for revoking from all. */
static Err model_end_loan(Model *m, enum OwnOp op, int a, int b)
{
	if (op == OWN_REVOKE) {
		if (!is_lent(m) || m->owner != a)
			return Enotowner;
		if (a != b && !(m->holders & 1U << b))
			return Enotlent;
		m->holders &= a == b ? 0 : ~(1U << b);
	} else {
		if (!is_lent(m) || !(m->holders & 1U << a))
			return Enotlent;
		m->holders &= ~(1U << a);
	}
	if (m->holders == 0)
		m->state = FRAME_OWNED;
	return nil;
}

static Err model_step(Model *m, enum OwnOp op, int a, int b)
{
	switch (op) {
	case OWN_ALLOCATE:
		if (m->state != FRAME_FREE)
			return Enofree;
		*m = a < 0 ? (Model){ FRAME_KERNEL, -1, 0 } : (Model){ FRAME_OWNED, a, 0 };
		return nil;
	case OWN_RELEASE:
	case OWN_FREEZE:
	case OWN_MOVE:
		return model_owned(m, op, a, b);
	case OWN_SHARE:
	case OWN_DROP:
	case OWN_THAW:
		return model_frozen(m, op, a, b);
	case OWN_LEND_SHARED:
	case OWN_LEND_MUT:
		return model_lend(m, a, b, op == OWN_LEND_MUT);
	default:
		return model_end_loan(m, op, a, b);
	}
}

/* ---- the same on the real code ---- */

static Err real_step(Page *p, int frame, enum OwnOp op, int a, int b)
{
	bool freed;
	Borrow *r;
	Page *there = nil;
	switch (op) {
	case OWN_ALLOCATE:
		return a < 0 ? own_allocate_kernel(p, KERNEL_OTHER) : own_allocate(p, owner(a));
	case OWN_RELEASE:
		return own_release(p, a < 0 ? nil : owner(a));
	case OWN_FREEZE:
		return own_freeze(p, owner(a));
	case OWN_SHARE:
		return own_share(p);
	case OWN_DROP:
		return own_drop(p, &freed);
	case OWN_THAW:
		return own_thaw(p, owner(a));
	case OWN_MOVE:
		/* a run panics where a single move is refused */
		if (p->state != FRAME_OWNED || p->owner != owner(a) || frame % 2 == 0)
			return own_move(p, owner(a), owner(b));
		return own_move_run(&p, &there, 1, owner(a), owner(b)) == 1 && p == nil &&
			there != nil ? nil : Enotowner;
	case OWN_LEND_SHARED:
		return own_lend_shared(p, owner(a), owner(b), &spare[frame]);
	case OWN_LEND_MUT:
		return own_lend_mut(p, owner(a), owner(b), &spare[frame]);
	case OWN_RETURN:
		return own_return(p, owner(a), &r);
	default:
		return own_revoke(p, owner(a), a == b ? nil : owner(b), &r);
	}
}

/* Operations on frozen frames are the holders': the code counts, the caller knows who. */
static bool applies(const Model *m, enum OwnOp op, int a, int b)
{
	bool kernel = a < 0;
	if (kernel && op != OWN_ALLOCATE && op != OWN_RELEASE)
		return false;
	if (m->state == FRAME_FROZEN && op == OWN_SHARE)
		return (m->holders & 1U << b) == 0;
	if (m->state == FRAME_FROZEN && (op == OWN_DROP || op == OWN_THAW))
		return (m->holders & 1U << a) != 0;
	return true;
}

/* ---- the search ---- */

static unsigned char seen[NSTATE * NSTATE * NSTATE];
static int queue[MAX_STATES], head, tail;

static int pack(const int s[FRAMES])
{
	int a = s[0], b = s[1], c = s[2], t;
	if (a > b) { t = a; a = b; b = t; }
	if (b > c) { t = b; b = c; c = t; }
	if (a > b) { t = a; a = b; b = t; }
	return (a * NSTATE + b) * NSTATE + c;
}

static void visit(const int s[FRAMES])
{
	int k = pack(s);
	if (!seen[k]) {
		seen[k] = 1;
		queue[tail++] = k;
	}
}

static void try(const int s[FRAMES], int frame, enum OwnOp op, int a, int b)
{
	Page pages[FRAMES];
	Model after = models[s[frame]];
	if (!applies(&after, op, a, b))
		return;
	for (int f = 0; f < FRAMES; f++)
		realise(&pages[f], f, &models[s[f]]);
	Err expected = model_step(&after, op, a, b);
	Err got = real_step(&pages[frame], frame, op, a, b);
	steps++;
	bool good = got == expected && agrees(&pages[frame], &after);
	for (int f = 0; f < FRAMES; f++)
		if (f != frame)
			good = good && agrees(&pages[f], &models[s[f]]);
	int next[FRAMES] = { s[0], s[1], s[2] };
	next[frame] = index_of(&after);
	if (!good || next[frame] < 0) {
		failed++;
		if (failed < 20)
			printf("not ok: %s(%d, %d) on %s owner %d holders %x: %s, expected %s\n",
				own_op_name(op), a, b, frame_state_name(models[s[frame]].state),
				models[s[frame]].owner, models[s[frame]].holders,
				got ? got : "success", expected ? expected : "success");
		return;
	}
	passed++;
	visit(next);
}

static void expand(int k)
{
	int s[FRAMES] = { k / (NSTATE * NSTATE), k / NSTATE % NSTATE, k % NSTATE };
	for (int f = 0; f < FRAMES; f++) {
		if (f > 0 && s[f] == s[f - 1])
			continue;	/* the same by symmetry */
		for (int op = OWN_ALLOCATE; op < NOWNOP; op++)
			for (int a = -1; a < OWNERS; a++)
				for (int b = 0; b < OWNERS; b++)
					try(s, f, op, a, b);
	}
}

int main(void)
{
	enumerate();
	int start[FRAMES] = { 0 };
	visit(start);
	while (head < tail)
		expand(queue[head++]);
	printf("own: %d states of %d frames and %d owners, %ld steps\n", tail, FRAMES, OWNERS,
		steps);
	int reachable = 1, all = (nmodels * (nmodels + 1) * (nmodels + 2)) / 6;
	if (tail != all) {
		printf("not ok: %d of %d states reached\n", tail, all);
		reachable = 0;
	}
	printf("%d passed, %d failed\n", (failed == 0) + reachable, (failed != 0) + !reachable);
	return failed != 0 || !reachable;
}
