/*
 * Calls over one 9P connection. Requests of all processes share it. There is no
 * receiving process: among those who wait for answers one is the reader, who
 * takes messages off the transport and hands each to its owner by tag; when its
 * own answer has come it passes the part on.
 *
 * A call that a note interrupts sends Tflush and waits for Rflush or the late
 * answer, whichever comes first. A third interruption abandons the call, and a kill
 * does at once: nobody can be held by a server that does not answer. A clunk is never
 * flushed: when nobody waits for it any more, a record without a process does.
 *
 * Tags go round: a number comes again only after all others, so that an answer
 * given twice or after its Rflush meets no new call. The tag of a flushed call
 * stays reserved until the last flush of it has been answered.
 *
 * Locks: Mnt.write_lk (sleeping) around a message on the transport; Mnt.lk
 * (spin) for the queue, tags and buffers; below it the Rendez of a call.
 */
#include "9p/mnt.h"

enum {
	POOL_MAX = 3, TAG_MAX = 0xFFFE, NSLOTS_FIRST = 32, INTERRUPTS_MAX = 2, SMALL_REQUEST = 256,
	LOOSE_MAX = 16,
};

enum RpcKind { CALL, FLUSH, CLUNK };

struct Msgbuf { Msgbuf *next; u8 *data; };

/*
 * A request whose answer is out. A CALL lies on the stack of its process. Nobody waits for
 * a FLUSH or CLUNK, which lies in the heap.
 */
struct Rpc {
	List link;		/* [lk] Mnt.queue */
	u16 tag;		/* [I] */
	enum RpcKind kind;	/* [I] */
	bool done;		/* [lk] answered or given up */
	Err error;		/* [lk] why there is no answer */
	usize size;		/* [lk] of the answer */
	Msgbuf *buf;		/* [lk] the answer, unless it is in small */
	Reply *reply;		/* [I] where small answers go */
	Rendez rendez;
	u32 fid;		/* [I] of a CLUNK: free when it is answered */
	/* of a FLUSH: */
	Rpc *target;		/* [lk] the call to end; nil once that is over */
	bool superseded;	/* [lk] a newer Tflush answers for this one */
	u16 target_tag;		/* [I] */
	/* of a flushed call: */
	Rpc *last_flush;	/* [lk] the newest Tflush, which frees the tag */
};

/* A tag in use has the slot of its number modulo nslots. r nil: reserved for a flushed call. */
typedef struct Slot { Rpc *r; u16 tag; bool used; } Slot;

struct Mnt {
	Lock lk;
	Chan *transport;	/* [I] not counted: it owns us */
	u32 id, msize;		/* [I] */
	u32 nchans;		/* [a] channels mounted through it */
	u32 *lost_fids;		/* [lk] not to be used before the connection has ended */
	u32 nlost_fids, lost_fids_room;	/* [lk] */
	char version[32];	/* [I] */
	QLock write_lk;
	u8 *unsent;		/* [write_lk] of messages cut by a note; goes before the next */
	usize nunsent;		/* [write_lk] */
	List queue;		/* [lk] unanswered */
	u32 nloose;		/* [lk] of them nobody waits for */
	Rpc *reader;		/* [lk] who reads the transport; only the reader ends that */
	Err dead;		/* [lk] why the connection is over */
	Slot *slots;		/* [lk] a power of two of them */
	u32 nslots, nused;	/* [lk] */
	u16 last_tag;		/* [lk] */
	Msgbuf *pool;		/* [lk] of msize bytes each */
	u32 npool;		/* [lk] */
	Msgbuf *in;		/* [reader] a message being received */
	usize nin;		/* [reader] bytes of it */
};

static LockClass mnt_class = { .name = "9p.mnt" };
static LockClass write_class = { .name = "9p.write" };
static u32 last_id;		/* [a] */

/* ---- connections ---- */

static void msgbuf_delete(Msgbuf *b)
{
	if (b != nil)
		kfree(b->data);
	kfree(b);
}

static Msgbuf *msgbuf_new(const Mnt *m)
{
	Msgbuf *b = kalloc(sizeof *b);
	if (b != nil && (b->data = kalloc(m->msize)) == nil) {
		kfree(b);
		b = nil;
	}
	return b;
}

static Msgbuf *pool_take(Mnt *m) REQUIRES(m->lk)
{
	Msgbuf *b = m->pool;
	if (b != nil) {
		m->pool = b->next;
		m->npool--;
	}
	return b;
}

/* What the pool does not keep is returned, to be deleted. */
static Msgbuf *pool_give(Mnt *m, Msgbuf *b) REQUIRES(m->lk)
{
	if (b == nil || m->npool >= POOL_MAX)
		return b;
	b->next = m->pool;
	m->pool = b;
	m->npool++;
	return nil;
}

static Msgbuf *msgbuf_get(Mnt *m)
{
	lock(&m->lk);
	Msgbuf *b = pool_take(m);
	unlock(&m->lk);
	return b != nil ? b : msgbuf_new(m);
}

static void msgbuf_put(Mnt *m, Msgbuf *b)
{
	if (b == nil)
		return;
	lock(&m->lk);
	b = pool_give(m, b);
	unlock(&m->lk);
	msgbuf_delete(b);
}

Mnt *mnt_new(Chan *c, u32 msize, const char *version)
{
	Mnt *m = kalloc(sizeof *m);
	if (m == nil)
		return nil;
	lock_init(&m->lk, &mnt_class);
	qlock_init(&m->write_lk, &write_class);
	list_init(&m->queue);
	m->transport = c;
	m->msize = msize;
	m->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	strecpy(m->version, m->version + sizeof m->version, version);
	m->nslots = NSLOTS_FIRST;
	m->slots = kalloc(m->nslots * sizeof *m->slots);
	m->in = msgbuf_new(m);
	if (m->slots == nil || m->in == nil) {
		mnt_delete(m);
		return nil;
	}
	return m;
}

static void loose_drop(Mnt *m, Rpc *r) REQUIRES(m->lk);

void mnt_delete(Mnt *m)
{
	assert(m->reader == nil);
	lock(&m->lk);
	while (!list_empty(&m->queue))
		loose_drop(m, list_entry(m->queue.next, Rpc, link));
	unlock(&m->lk);
	while (m->pool != nil) {
		Msgbuf *b = m->pool;
		m->pool = b->next;
		msgbuf_delete(b);
	}
	for (u32 i = 0; i < m->nlost_fids; i++)
		fid_free(m->lost_fids[i]);
	kfree(m->lost_fids);
	msgbuf_delete(m->in);
	kfree(m->slots);
	kfree(m->unsent);
	kfree(m);
}

/* Where the list cannot grow the number is lost for ever. */
void mnt_losefid(Mnt *m, u32 fid)
{
	lock(&m->lk);
	if (m->nlost_fids == m->lost_fids_room) {
		u32 room = m->lost_fids_room == 0 ? 8 : 2 * m->lost_fids_room;
		u32 *bigger = kalloc(room * sizeof *bigger);
		if (bigger != nil) {
			if (m->lost_fids != nil)
				memmove(bigger, m->lost_fids, m->nlost_fids * sizeof *bigger);
			kfree(m->lost_fids);
			m->lost_fids = bigger;
			m->lost_fids_room = room;
		}
	}
	if (m->nlost_fids < m->lost_fids_room)
		m->lost_fids[m->nlost_fids++] = fid;
	unlock(&m->lk);
}

u32 mnt_countchans(Mnt *m, s32 delta)
{
	return __atomic_add_fetch(&m->nchans, (u32)delta, __ATOMIC_RELAXED);
}

u32 mnt_msize(const Mnt *m) { return m->msize; }
u32 mnt_id(const Mnt *m) { return m->id; }
const char *mnt_agreed_version(const Mnt *m) { return m->version; }

/* ---- tags ---- */

static Slot *slot_of(const Mnt *m, u16 tag) { return &m->slots[tag & (m->nslots - 1)]; }

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

/* Give r the next tag in turn. False: all are in use. */
static bool tag_take(Mnt *m, Rpc *r) REQUIRES(m->lk)
{
	if (m->nused > m->nslots / 2)
		slots_grow(m);
	for (u32 tries = 0; tries < 2 * m->nslots; tries++) {
		m->last_tag = m->last_tag < TAG_MAX ? m->last_tag + 1 : 1;
		Slot *s = slot_of(m, m->last_tag);
		if (!s->used) {
			*s = (Slot){ .r = r, .tag = m->last_tag, .used = true };
			m->nused++;
			r->tag = m->last_tag;
			return true;
		}
	}
	return false;
}

static void tag_free(Mnt *m, u16 tag) REQUIRES(m->lk)
{
	Slot *s = slot_of(m, tag);
	assert(s->used && s->tag == tag);
	*s = (Slot){ .used = false };
	m->nused--;
}

static Rpc *find(Mnt *m, u16 tag) REQUIRES(m->lk)
{
	Slot *s = slot_of(m, tag);
	return s->used && s->tag == tag ? s->r : nil;
}

/* ---- the queue ---- */

/* Out of the queue. Its tag is free unless a flush of it is still out. */
static void retire(Mnt *m, Rpc *r) REQUIRES(m->lk)
{
	list_remove(&r->link);
	if (r->last_flush == nil)
		tag_free(m, r->tag);
	else {
		slot_of(m, r->tag)->r = nil;
		r->last_flush->target = nil;
	}
}

/* The call is over, with an answer or an error. Unless it reads, its process wakes up. */
static void finish(Mnt *m, Rpc *r, Err error) REQUIRES(m->lk)
{
	assert(r->kind == CALL && !r->done);
	retire(m, r);
	r->error = error;
	__atomic_store_n(&r->done, true, __ATOMIC_RELEASE);
	if (r != m->reader)
		wakeup(&r->rendez);
}

/* A request that nobody waits for is over. */
static void loose_drop(Mnt *m, Rpc *r)
{
	assert(r->kind != CALL);
	list_remove(&r->link);
	m->nloose--;
	tag_free(m, r->tag);
	if (r->kind == CLUNK)
		fid_free(r->fid);
	kfree(r);
}

/* The newest flush of a call is answered: that answers the earlier ones too. */
static void finish_flush(Mnt *m, Rpc *f) REQUIRES(m->lk)
{
	u16 tag = f->target_tag;
	Rpc *target = f->target;
	bool newest = !f->superseded;
	loose_drop(m, f);
	if (!newest)
		return;
	for (List *l = m->queue.next, *next; l != &m->queue; l = next) {
		Rpc *old = list_entry(l, Rpc, link);
		next = l->next;
		if (old->kind == FLUSH && old->target_tag == tag)
			loose_drop(m, old);
	}
	if (target == nil) {
		tag_free(m, tag);
		return;
	}
	target->last_flush = nil;
	finish(m, target, Eintr);
}

static void die(Mnt *m, Err why)
{
	lock(&m->lk);
	if (m->dead == nil)
		m->dead = why;
	for (List *l = m->queue.next, *next; l != &m->queue; l = next) {
		Rpc *r = list_entry(l, Rpc, link);
		next = l->next;
		if (r->kind == CALL)
			finish(m, r, why);
	}
	while (!list_empty(&m->queue))
		loose_drop(m, list_entry(m->queue.next, Rpc, link));
	unlock(&m->lk);
}

/* Nobody reads: let somebody who waits do so. */
static void pass_reading(Mnt *m) REQUIRES(m->lk)
{
	if (m->reader != nil)
		return;
	for (List *l = m->queue.next; l != &m->queue; l = l->next) {
		Rpc *r = list_entry(l, Rpc, link);
		if (r->kind == CALL) {
			wakeup(&r->rendez);
			return;
		}
	}
}

static void stop_reading(Mnt *m) REQUIRES(m->lk)
{
	m->reader = nil;
	pass_reading(m);
}

/* ---- receiving ---- */

/*
 * Hand the message at the start of m->in to its owner. A large one takes the buffer along,
 * and fresh takes its place.
 */
static ERR hand_over(Mnt *m, Rpc *r, usize size, Msgbuf **fresh) REQUIRES(m->lk)
{
	r->size = size;
	if (size <= sizeof r->reply->small) {
		memmove(r->reply->small, m->in->data, size);
		return nil;
	}
	if (*fresh == nil)
		return Enomem;
	memmove((*fresh)->data, m->in->data + size, m->nin - size);
	r->buf = m->in;
	m->in = *fresh;
	*fresh = nil;
	m->nin -= size;
	return nil;
}

/* Deliver the message of that size and remove it. The caller is the reader. */
static void dispatch(Mnt *m, usize size)
{
	usize left = m->nin - size;
	bool large = size > sizeof ((Reply *)0)->small;
	Msgbuf *fresh = large && m->npool == 0 ? msgbuf_new(m) : nil;
	lock(&m->lk);
	if (large && fresh == nil)
		fresh = pool_take(m);
	Rpc *r = find(m, get16le(m->in->data + 5));
	if (r != nil && r->kind == FLUSH)
		finish_flush(m, r);
	else if (r != nil && r->kind == CLUNK)
		loose_drop(m, r);
	else if (r != nil)
		finish(m, r, hand_over(m, r, size, &fresh));
	fresh = pool_give(m, fresh);
	if (left == 0 && m->reader->done) {	/* else the reader goes on, or stops by itself */
		m->nin = 0;
		stop_reading(m);
		unlock(&m->lk);
	} else {
		unlock(&m->lk);
		if (m->nin != left)
			memmove(m->in->data, m->in->data + size, left);
		m->nin = left;
	}
	msgbuf_delete(fresh);
}

/*
 * Read one message off the transport and deliver it. Eintr: a note came first. Anything else that
 * fails ends the connection.
 */
static ERR receive(Mnt *m)
{
	for (;;) {
		usize size = m->nin >= 4 ? get32le(m->in->data) : HEADER_SIZE;
		if (size < HEADER_SIZE || size > m->msize) {
			die(m, Emountrpc);
			return nil;
		}
		if (m->nin >= size) {
			dispatch(m, size);
			return nil;
		}
		Iobuf b = iobuf_kernel(m->in->data + m->nin, m->msize - m->nin);
		usize got = 0;
		Err e = m->transport->dev->read(m->transport, &b, 0, &got);
		if (e == Eintr)
			return Eintr;
		if (e != nil || got == 0) {
			die(m, e != nil ? e : Ehungup);
			return nil;
		}
		m->nin += got;
	}
}

static bool is_done(const Rpc *r) { return __atomic_load_n(&r->done, __ATOMIC_ACQUIRE); }

static bool may_go_on(void *arg)
{
	Rpc *r = arg;
	return is_done(r) || __atomic_load_n(&r->reply->mnt->reader, __ATOMIC_ACQUIRE) == nil;
}

/* Be the reader until r is done or a note comes. */
static ERR read_until_done(Mnt *m, Rpc *r)
{
	Err e = nil;
	while (e == nil && !is_done(r))
		e = receive(m);
	if (__atomic_load_n(&m->reader, __ATOMIC_RELAXED) == r) {
		lock(&m->lk);
		stop_reading(m);
		unlock(&m->lk);
	}
	return is_done(r) ? nil : e;
}

/* Wait, reading when nobody else does, until r is done or a note comes. */
static ERR progress(Mnt *m, Rpc *r)
{
	Err e = nil;
	for (;;) {
		lock(&m->lk);
		bool done = r->done, read_it = !done && e == nil && m->reader == nil;
		if (read_it)
			m->reader = r;
		else if (!done && e != nil)
			pass_reading(m);	/* the wake-up may have been meant for that */
		unlock(&m->lk);
		if (done || e != nil)
			return done ? nil : e;
		if (read_it)
			return read_until_done(m, r);
		e = sleep(&r->rendez, may_go_on, r);
	}
}

/* ---- sending ---- */

/* Keep what a note cut off, for the next message to follow. Holds write_lk. */
static ERR keep_unsent(Mnt *m, const u8 *p, usize n)
{
	u8 *rest = kalloc(n);
	if (rest == nil)
		return Enomem;
	memmove(rest, p, n);
	kfree(m->unsent);
	m->unsent = rest;
	m->nunsent = n;
	return nil;
}

/* What was cut off goes first. Holds write_lk. */
static ERR append_unsent(Mnt *m, const u8 *buf, usize size)
{
	u8 *all = kalloc(m->nunsent + size);
	if (all == nil)
		return Enomem;
	memmove(all, m->unsent, m->nunsent);
	memmove(all + m->nunsent, buf, size);
	kfree(m->unsent);
	m->unsent = all;
	m->nunsent += size;
	return nil;
}

/*
 * Put a message on the transport. One that queues whole messages is interrupted, with a
 * count of 0, only after it has done so; one that takes bytes says how many: the rest
 * follows later.
 */
static ERR transmit(Mnt *m, u8 *buf, usize size)
{
	usize sent = 0;
	qlock(&m->write_lk);
	Err e = m->dead;
	if (e == nil && m->unsent != nil) {
		e = append_unsent(m, buf, size);
		buf = m->unsent;
		size = m->nunsent;
	}
	if (e == nil) {
		Iobuf b = iobuf_kernel(buf, size);
		e = m->transport->dev->write(m->transport, &b, 0, &sent);
		if (e == Eintr) {
			/* the wait for the answer is what the note breaks */
			proc_interrupt(up);
			e = nil;
			if (sent > 0 && sent < size)
				e = keep_unsent(m, buf + sent, size - sent);
		} else if (m->unsent != nil) {
			kfree(m->unsent);
			m->unsent = nil;
		}
	}
	qunlock(&m->write_lk);
	return e;
}

static ERR send_large(Mnt *m, Fcall *t, const Iobuf *data)
{
	Msgbuf *b = msgbuf_get(m);
	if (b == nil)
		return Enomem;
	usize size = fcall_encode(t, b->data, m->msize);
	Err e = size == 0 ? Emountrpc : nil;
	if (e == nil && data != nil)
		e = iobuf_get(data, 0, b->data + size - t->data.n, t->data.n);
	if (e == nil)
		e = transmit(m, b->data, size);
	msgbuf_put(m, b);
	return e;
}

static ERR send(Mnt *m, Fcall *t, const Iobuf *data)
{
	u8 small[SMALL_REQUEST];
	usize size = data == nil ? fcall_encode(t, small, sizeof small) : 0;
	return size == 0 ? send_large(m, t, data) : transmit(m, small, size);
}

/* Ask the server to forget r. Failing to ask changes nothing: the caller goes on waiting. */
static void send_flush(Mnt *m, Rpc *r)
{
	Rpc *f = kalloc(sizeof *f);
	if (f == nil)
		return;
	lock(&m->lk);
	bool go = !r->done && m->dead == nil && tag_take(m, f);
	if (go) {
		f->kind = FLUSH;
		m->nloose++;
		f->target = r;
		f->target_tag = r->tag;
		if (r->last_flush != nil) {
			r->last_flush->superseded = true;
			r->last_flush->target = nil;
		}
		r->last_flush = f;
		list_append(&m->queue, &f->link);
	}
	Fcall t = { .type = Tflush, .tag = f->tag, .oldtag = r->tag };
	unlock(&m->lk);		/* f may go at once, if the server guesses its tag */
	if (!go) {
		kfree(f);
		return;
	}
	Err e = send(m, &t, nil);
	if (e != nil)
		die(m, e);
}

/* ---- a call ---- */

static ERR rpc_start(Mnt *m, Rpc *r)
{
	rendez_init(&r->rendez);
	lock(&m->lk);
	Err e = m->dead;
	if (e == nil && !tag_take(m, r))
		e = Enomem;
	if (e == nil)
		list_append(&m->queue, &r->link);
	unlock(&m->lk);
	return e;
}

/*
 * Leave without an answer. The tag stays reserved until the flush is answered. False if the
 * answer came meanwhile.
 */
static bool abandon(Mnt *m, Rpc *r)
{
	lock(&m->lk);
	bool gone = !r->done;
	if (gone && r->last_flush != nil)
		retire(m, r);
	else if (gone) {
		list_remove(&r->link);
		slot_of(m, r->tag)->r = nil;	/* no memory for a flush: never used again */
	}
	pass_reading(m);
	unlock(&m->lk);
	return gone;
}

static ERR await_reply(Mnt *m, Rpc *r, bool *abandoned)
{
	for (u32 interrupts = 0; progress(m, r) != nil; interrupts++) {
		bool killed = up->ctl == CTL_EXIT;
		if (interrupts < INTERRUPTS_MAX)
			send_flush(m, r);
		if (interrupts < INTERRUPTS_MAX && !killed)
			continue;
		*abandoned = abandon(m, r);
		if (*abandoned)
			return Eintr;
		break;
	}
	return r->error;
}

/* What an Rerror says, cut between characters. */
Err mnt_error(const Fcall *f)
{
	const u8 *p = f->ename.p;
	u32 n = MIN(f->ename.n, (u32)ERRMAX - 1);
	while (n > 0 && n < f->ename.n && (p[n] & 0xC0) == 0x80)
		n--;
	return errorf("%.*s", (int)n, (const char *)p);
}

/* The answer's meaning: an Rerror becomes its text, a wrong or undecodable type Emountrpc. */
static ERR interpret(const Fcall *t, Rpc *r, Reply *reply)
{
	const u8 *message = r->buf != nil ? r->buf->data : reply->small;
	reply->buf = r->buf;
	if (!fcall_decode(message, r->size, &reply->f))
		return Emountrpc;
	if (reply->f.type == Rerror)
		return mnt_error(&reply->f);
	return reply->f.type == t->type + 1 ? nil : Emountrpc;
}

ERR mnt_call(Mnt *m, Fcall *t, const Iobuf *data, Reply *reply, bool *abandoned)
{
	Rpc r = { .reply = reply };
	reply->mnt = m;
	reply->buf = nil;
	*abandoned = false;
	if (up->ctl == CTL_EXIT)
		return Eintr;		/* killed, and told so already */
	TRY(rpc_start(m, &r));
	t->tag = r.tag;
	Err e = send(m, t, data);
	if (e != nil) {
		lock(&m->lk);
		if (!r.done)
			finish(m, &r, e);
		pass_reading(m);
		unlock(&m->lk);
	} else
		e = await_reply(m, &r, abandoned);
	if (e == nil)
		e = interpret(t, &r, reply);
	else
		reply->buf = r.buf;
	if (e != nil)
		reply_free(reply);
	return e;
}

/*
 * Whether not to wait for a clunk: the process was killed, or it exits and the server owes it
 * or others answers for which they stopped waiting.
 */
static bool impatient(Mnt *m)
{
	return up->ctl == CTL_EXIT ||
		(up->fgrp == nil && __atomic_load_n(&m->nloose, __ATOMIC_RELAXED) > 0);
}

/* Let a record in the heap wait for the answer to r, a clunk. False if r must wait itself. */
static bool detach(Mnt *m, Rpc *r, u32 fid)
{
	Rpc *loose = kalloc(sizeof *loose);
	if (loose == nil)
		return false;
	lock(&m->lk);
	bool go = !r->done;
	if (go) {
		loose->kind = CLUNK;
		loose->tag = r->tag;
		loose->fid = fid;
		list_remove(&r->link);
		list_append(&m->queue, &loose->link);
		slot_of(m, r->tag)->r = loose;
		m->nloose++;
		pass_reading(m);
	}
	unlock(&m->lk);
	if (!go)
		kfree(loose);
	return go;
}

void mnt_clunk(Mnt *m, u32 fid, bool wait)
{
	Reply reply;
	Rpc r = { .reply = &reply };
	reply.mnt = m;
	if (rpc_start(m, &r) != nil) {
		fid_free(fid);
		return;
	}
	Fcall t;
	fcall_init(&t, Tclunk);
	t.tag = r.tag;
	t.fid = fid;
	Err e = send(m, &t, nil);
	if (e != nil)
		die(m, e);
	wait = (wait || m->nloose >= LOOSE_MAX) && !impatient(m);
	do {
		if (wait && progress(m, &r) == nil)
			break;
		if (detach(m, &r, fid))
			return;
		wait = true;
	} while (true);
	fid_free(fid);
	reply.buf = r.buf;
	reply_free(&reply);
}

void reply_free(Reply *r)
{
	msgbuf_put(r->mnt, r->buf);
	r->buf = nil;
}
