/*
 * What a 9P connection keeps: buffers, tags, the queue of requests whose answers are out. rpc.c
 * makes calls of them and says what locks there are.
 */
#include "9p/conn.h"

enum { POOL_MAX = 3, TAG_MAX = 0xFFFE, NSLOTS_FIRST = 32 };

static LOCK_CLASS(mnt_class, "9p.mnt");
static u32 last_id;		/* [a] */

/* ---- connections ---- */

void mnt_msgbuf_delete(Msgbuf *b)
{
	if (b != nil)
		kfree(b->data);
	kfree(b);
}

Msgbuf *mnt_msgbuf_new(const Mnt *m)
{
	Msgbuf *b = kalloc(sizeof *b);
	if (b != nil && (b->data = kalloc(m->msize)) == nil) {
		kfree(b);
		b = nil;
	}
	return b;
}

Msgbuf *mnt_pool_take(Mnt *m) REQUIRES(m->lk)
{
	Msgbuf *b = m->pool;
	if (b != nil) {
		m->pool = b->next;
		m->npool--;
	}
	return b;
}

Msgbuf *mnt_pool_give(Mnt *m, Msgbuf *b) REQUIRES(m->lk)
{
	if (b == nil || m->npool >= POOL_MAX)
		return b;
	b->next = m->pool;
	m->pool = b;
	m->npool++;
	return nil;
}

Msgbuf *mnt_msgbuf_get(Mnt *m)
{
	lock(&m->lk);
	Msgbuf *b = mnt_pool_take(m);
	unlock(&m->lk);
	return b != nil ? b : mnt_msgbuf_new(m);
}

void mnt_msgbuf_put(Mnt *m, Msgbuf *b)
{
	if (b == nil)
		return;
	lock(&m->lk);
	b = mnt_pool_give(m, b);
	unlock(&m->lk);
	mnt_msgbuf_delete(b);
}

NO_TSA Mnt *mnt_new(Chan *c, u32 msize, const char *version)
{
	Mnt *m = kalloc(sizeof *m);
	if (m == nil)
		return nil;
	lock_init(&m->lk, &mnt_class);
	turn_init(&m->write);
	m->late_end = &m->late;
	list_init(&m->queue);
	m->transport = c;
	m->msize = msize;
	m->depth = mnt_depth(c->mux);
	m->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	strecpy(m->version, m->version + sizeof m->version, version);
	m->nslots = NSLOTS_FIRST;
	m->slots = kalloc(m->nslots * sizeof *m->slots);
	m->in = mnt_msgbuf_new(m);
	if (m->slots == nil || m->in == nil) {
		mnt_delete(m);
		return nil;
	}
	mnt_watch(m);
	return m;
}

NO_TSA void mnt_delete(Mnt *m)
{
	assert(m->reader == nil);
	mnt_unwatch(m);
	lock(&m->lk);
	while (!list_empty(&m->queue))
		mnt_loose_drop(m, list_entry(m->queue.next, Rpc, link));
	unlock(&m->lk);
	while (m->pool != nil) {
		Msgbuf *b = m->pool;
		m->pool = b->next;
		mnt_msgbuf_delete(b);
	}
	fids_end(m);
	mnt_msgbuf_delete(m->in);
	kfree(m->slots);
	kfree(m->unsent);
	mnt_late_free(m->late);
	kfree(m);
}

/* ---- messages that wait for the next writer ---- */

Err mnt_late_add(Mnt *m, const u8 *p, usize n)
{
	Late *l = kalloc(sizeof *l + n);
	if (l == nil)
		return Enomem;
	l->size = n;
	memmove(l->data, p, n);
	lock(&m->lk);
	*m->late_end = l;
	m->late_end = &l->next;
	unlock(&m->lk);
	mnt_sweep_soon();
	return nil;
}

Late *mnt_late_take(Mnt *m)
{
	lock(&m->lk);
	Late *l = m->late;
	if (l != nil && (m->late = l->next) == nil)
		m->late_end = &m->late;
	unlock(&m->lk);
	return l;
}

void mnt_late_return(Mnt *m, Late *l)
{
	lock(&m->lk);
	if ((l->next = m->late) == nil)
		m->late_end = &l->next;
	m->late = l;
	unlock(&m->lk);
}

void mnt_late_free(Late *l)
{
	for (Late *next; l != nil; l = next) {
		next = l->next;
		kfree(l);
	}
}

u32 mnt_countchans(Mnt *m, s32 delta)
{
	return __atomic_add_fetch(&m->nchans, (u32)delta, __ATOMIC_RELAXED);
}

u32 mnt_msize(const Mnt *m) { return m->msize; }
u32 mnt_depth(const Mnt *m) { return m != nil ? m->depth + 1 : 0; }
u32 mnt_id(const Mnt *m) { return m->id; }
const char *mnt_agreed_version(const Mnt *m) { return m->version; }

/* ---- tags ---- */

Slot *mnt_slot(const Mnt *m, u16 tag) REQUIRES(m->lk)
{
	return &m->slots[tag & (m->nslots - 1)];
}

/* Twice the slots. Without memory it stays as it is. */
static void slots_grow(Mnt *m) REQUIRES(m->lk)
{
	u32 n = m->nslots, mask = 2 * n - 1;
	Slot *bigger = n > TAG_MAX ? nil : kalloc(2 * n * sizeof *bigger);
	if (bigger == nil)
		return;
	for (u32 i = 0; i < n; i++)
		if (m->slots[i].used)
			bigger[m->slots[i].tag & mask] = m->slots[i];
	kfree(m->slots);
	m->slots = bigger;
	m->nslots = 2 * n;
}

static void slot_give(Mnt *m, Slot *s, Rpc *r) REQUIRES(m->lk)
{
	if (s->used)
		panic("9p: tag %u of the server of %s, on connection %u, is given out twice: "
			"process %u has it", m->last_tag, mnt_name(m), m->id,
			s->r != nil ? s->r->pid : 0);
	*s = (Slot){ .r = r, .tag = m->last_tag, .used = true };
	POKE(m->nused, m->nused + 1);
	r->tag = m->last_tag;
	r->since_ns = arch_nsec();
}

bool mnt_tag_take(Mnt *m, Rpc *r) REQUIRES(m->lk)
{
	if (m->nused > m->nslots / 2)
		slots_grow(m);
	for (u32 tries = 0; tries < 2 * m->nslots; tries++) {
		m->last_tag = m->last_tag < TAG_MAX ? m->last_tag + 1 : 1;
		Slot *s = mnt_slot(m, m->last_tag);
		if (!s->used) {
			slot_give(m, s, r);
			return true;
		}
	}
	return false;
}

static void mnt_tag_free(Mnt *m, u16 tag) REQUIRES(m->lk)
{
	Slot *s = mnt_slot(m, tag);
	assert(s->used && s->tag == tag);
	*s = (Slot){ .used = false };
	POKE(m->nused, m->nused - 1);
}

Rpc *mnt_find(Mnt *m, u16 tag) REQUIRES(m->lk)
{
	Slot *s = mnt_slot(m, tag);
	return s->used && s->tag == tag ? s->r : nil;
}

/* ---- the queue ---- */

/* Out of the queue. Its tag is free unless a flush of it is still out. */
static void retire(Mnt *m, Rpc *r) REQUIRES(m->lk)
{
	list_remove(&r->link);
	if (r->last_flush == nil)
		mnt_tag_free(m, r->tag);
	else {
		mnt_slot(m, r->tag)->r = nil;
		r->last_flush->target = nil;
	}
}

void mnt_finish(Mnt *m, Rpc *r, Err error) REQUIRES(m->lk)
{
	assert(r->kind == CALL && !r->done);
	retire(m, r);
	r->error = error;
	__atomic_store_n(&r->done, true, __ATOMIC_RELEASE);
	if (r != m->reader)
		wakeup(&r->rendez);
}

void mnt_loose_add(Mnt *m, Rpc *r, enum RpcKind kind)
{
	assert(kind != CALL);
	r->kind = kind;
	list_append(&m->queue, &r->link);
	m->nloose++;
	mnt_sweep_soon();
}

void mnt_loose_drop(Mnt *m, Rpc *r)
{
	assert(r->kind != CALL);
	list_remove(&r->link);
	m->nloose--;
	mnt_tag_free(m, r->tag);
	if (r->kind != FLUSH)
		fid_free(m, r->fid);
	kfree(r);
}

void mnt_born(Mnt *m, Rpc *r)
{
	assert(r->kind == BIRTH);
	m->nloose--;
	retire(m, r);
}

/* The newest flush of a call is answered: that answers the earlier ones too. */
void mnt_finish_flush(Mnt *m, Rpc *f) REQUIRES(m->lk)
{
	u16 tag = f->target_tag;
	Rpc *target = f->target;
	bool newest = !f->superseded;
	mnt_loose_drop(m, f);
	if (!newest)
		return;
	for (List *l = m->queue.next, *next; l != &m->queue; l = next) {
		Rpc *old = list_entry(l, Rpc, link);
		next = l->next;
		if (old->kind == FLUSH && old->target_tag == tag)
			mnt_loose_drop(m, old);
	}
	if (target == nil) {
		mnt_tag_free(m, tag);
		return;
	}
	target->last_flush = nil;
	if (target->kind == CALL)
		mnt_finish(m, target, Eintr);
	else
		mnt_loose_drop(m, target);
}

void mnt_die(Mnt *m, Err why)
{
	lock(&m->lk);
	if (m->dead == nil)
		m->dead = why;
	for (List *l = m->queue.next, *next; l != &m->queue; l = next) {
		Rpc *r = list_entry(l, Rpc, link);
		next = l->next;
		if (r->kind == CALL)
			mnt_finish(m, r, why);
	}
	while (!list_empty(&m->queue))
		mnt_loose_drop(m, list_entry(m->queue.next, Rpc, link));
	unlock(&m->lk);
}

void mnt_pass_reading(Mnt *m) REQUIRES(m->lk)
{
	Rpc *r = m->reader == nil ? mnt_first_call(m) : nil;
	if (r != nil)
		wakeup(&r->rendez);
}

void mnt_stop_reading(Mnt *m) REQUIRES(m->lk)
{
	m->reader = nil;
	mnt_pass_reading(m);
}
