/*
 * Calls over one 9P connection. Requests of all processes share it. There is no
 * receiving process: among those who wait for answers one is the reader, who
 * takes messages off the transport and hands each to its owner by tag; when its
 * own answer has come it passes the part on.
 *
 * A call that a note interrupts sends Tflush and waits for Rflush or the late
 * answer, whichever comes first. A third interruption abandons the call: nobody
 * can be held by a server that does not answer. A tag is used again only when
 * the last flush of it has been answered.
 *
 * Locks: Mnt.write_lk (sleeping) around a message on the transport; Mnt.lk
 * (spin) for the queue, tags and buffers; below it the Rendez of a call.
 */
#include "9p/mnt.h"

enum { POOL_MAX = 3, TAG_MAX = 0xFFFE, INTERRUPTS_MAX = 2, SMALL_REQUEST = 256 };

struct Msgbuf { Msgbuf *next; u8 *data; };

/* A request whose answer is out. Tflush requests have target_tag and nobody waiting. */
struct Rpc {
	Rpc *next;		/* [lk] queue */
	u16 tag;		/* [I] */
	bool flush;		/* [I] a Tflush */
	bool done;		/* [lk] answered or given up */
	bool waiting;		/* [lk] a process sleeps on it or soon will */
	Err error;		/* [lk] why there is no answer */
	usize size;		/* [lk] of the answer */
	Msgbuf *buf;		/* [lk] the answer, unless it is in small */
	Reply *reply;		/* [I] where small answers go */
	Rendez rendez;
	/* of a Tflush: */
	Rpc *target;		/* [lk] the call to end; nil once that is over */
	bool superseded;	/* [lk] a newer Tflush answers for this one */
	u16 target_tag;		/* [I] */
	/* of a flushed call: */
	Rpc *last_flush;	/* [lk] the newest Tflush, which frees the tag */
};

struct Mnt {
	Lock lk;
	Chan *transport;	/* [I] not counted: it owns us */
	u32 id, msize;		/* [I] */
	char version[32];	/* [I] */
	QLock write_lk;
	Rpc *queue;		/* [lk] unanswered */
	Rpc *reader;		/* [lk] who reads the transport */
	Err dead;		/* [lk] why the connection is over */
	u16 *free_tags;		/* [lk] a stack */
	u32 nfree_tags, free_tags_room, next_tag;	/* [lk] */
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

static Msgbuf *msgbuf_get(Mnt *m)
{
	lock(&m->lk);
	Msgbuf *b = m->pool;
	if (b != nil) {
		m->pool = b->next;
		m->npool--;
	}
	unlock(&m->lk);
	if (b != nil)
		return b;
	b = kalloc(sizeof *b);
	if (b != nil && (b->data = kalloc(m->msize)) == nil) {
		kfree(b);
		b = nil;
	}
	return b;
}

static void msgbuf_put(Mnt *m, Msgbuf *b)
{
	if (b == nil)
		return;
	lock(&m->lk);
	bool keep = m->npool < POOL_MAX;
	if (keep) {
		b->next = m->pool;
		m->pool = b;
		m->npool++;
	}
	unlock(&m->lk);
	if (!keep)
		msgbuf_delete(b);
}

Mnt *mnt_new(Chan *c, u32 msize, const char *version)
{
	Mnt *m = kalloc(sizeof *m);
	if (m == nil)
		return nil;
	lock_init(&m->lk, &mnt_class);
	qlock_init(&m->write_lk, &write_class);
	m->transport = c;
	m->msize = msize;
	m->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	m->next_tag = 1;
	strecpy(m->version, m->version + sizeof m->version, version);
	m->in = msgbuf_get(m);
	if (m->in == nil) {
		kfree(m);
		return nil;
	}
	return m;
}

void mnt_delete(Mnt *m)
{
	assert(m->reader == nil);
	while (m->queue != nil) {	/* abandoned calls and flushes without an answer */
		Rpc *r = m->queue;
		m->queue = r->next;
		assert(!r->waiting);
		kfree(r);
	}
	while (m->pool != nil) {
		Msgbuf *b = m->pool;
		m->pool = b->next;
		msgbuf_delete(b);
	}
	msgbuf_delete(m->in);
	kfree(m->free_tags);
	kfree(m);
}

u32 mnt_msize(const Mnt *m) { return m->msize; }
u32 mnt_id(const Mnt *m) { return m->id; }
const char *mnt_agreed_version(const Mnt *m) { return m->version; }

/* ---- tags ---- */

static u16 tag_new(Mnt *m) REQUIRES(m->lk)
{
	if (m->nfree_tags > 0)
		return m->free_tags[--m->nfree_tags];
	return m->next_tag <= TAG_MAX ? (u16)m->next_tag++ : NOTAG;
}

/* Where the stack cannot grow the number is lost, which costs nothing but the number. */
static void tag_free(Mnt *m, u16 tag) REQUIRES(m->lk)
{
	if (m->nfree_tags == m->free_tags_room) {
		u32 room = m->free_tags_room == 0 ? 32 : 2 * m->free_tags_room;
		u16 *bigger = kalloc(room * sizeof *bigger);
		if (bigger == nil)
			return;
		if (m->free_tags != nil)
			memmove(bigger, m->free_tags, m->nfree_tags * sizeof *bigger);
		kfree(m->free_tags);
		m->free_tags = bigger;
		m->free_tags_room = room;
	}
	m->free_tags[m->nfree_tags++] = tag;
}

/* ---- the queue ---- */

static void enqueue(Mnt *m, Rpc *r) REQUIRES(m->lk)
{
	r->next = m->queue;
	m->queue = r;
}

static void unqueue(Mnt *m, Rpc *r) REQUIRES(m->lk)
{
	Rpc **at = &m->queue;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
}

static Rpc *find(Mnt *m, u16 tag) REQUIRES(m->lk)
{
	Rpc *r = m->queue;
	while (r != nil && r->tag != tag)
		r = r->next;
	return r;
}

/*
 * The call is over, with an answer or an error. Its tag is free unless a flush of it is still out.
 */
static void finish(Mnt *m, Rpc *r, Err error) REQUIRES(m->lk)
{
	unqueue(m, r);
	if (r->last_flush == nil)
		tag_free(m, r->tag);
	else
		r->last_flush->target = nil;
	r->error = error;
	r->done = true;
	if (r->waiting)
		wakeup(&r->rendez);
	else {
		msgbuf_delete(r->buf);
		kfree(r);	/* abandoned */
	}
}

static void finish_flush(Mnt *m, Rpc *f) REQUIRES(m->lk)
{
	unqueue(m, f);
	tag_free(m, f->tag);
	if (!f->superseded && f->target != nil) {
		f->target->last_flush = nil;
		finish(m, f->target, Eintr);
	} else if (!f->superseded)
		tag_free(m, f->target_tag);
	kfree(f);
}

static void die(Mnt *m, Err why)
{
	lock(&m->lk);
	if (m->dead == nil)
		m->dead = why;
	while (m->queue != nil) {
		Rpc *r = m->queue;
		if (r->flush) {
			unqueue(m, r);
			if (!r->superseded && r->target != nil)
				r->target->last_flush = nil;
			kfree(r);
		} else
			finish(m, r, why);
	}
	unlock(&m->lk);
}

/* Nobody reads: let somebody who waits do so. */
static void pass_reading(Mnt *m) REQUIRES(m->lk)
{
	if (m->reader != nil)
		return;
	for (Rpc *r = m->queue; r != nil; r = r->next)
		if (r->waiting) {
			wakeup(&r->rendez);
			return;
		}
}

/* ---- receiving ---- */

/*
 * Hand the message at the start of m->in to its owner. fresh replaces the buffer if that goes
 * along.
 */
static Msgbuf *hand_over(Mnt *m, Rpc *r, usize size, Msgbuf *fresh) REQUIRES(m->lk)
{
	r->size = size;
	if (size <= sizeof r->reply->small && r->waiting) {
		memmove(r->reply->small, m->in->data, size);
		return fresh;
	}
	if (fresh == nil || !r->waiting)
		return fresh;
	r->buf = m->in;
	memmove(fresh->data, m->in->data + size, m->nin - size);
	m->in = fresh;
	return nil;
}

static void dispatch(Mnt *m, usize size)
{
	u16 tag = get16le(m->in->data + 5);
	Msgbuf *fresh = size > sizeof(((Reply *)0)->small) ? msgbuf_get(m) : nil;
	bool swapped = false;
	lock(&m->lk);
	Rpc *r = find(m, tag);
	if (r != nil && r->flush)
		finish_flush(m, r);
	else if (r != nil) {
		Msgbuf *left = hand_over(m, r, size, fresh);
		swapped = fresh != nil && left == nil;
		bool lost = size > sizeof r->reply->small && r->waiting && !swapped;
		fresh = left;
		finish(m, r, lost ? Enomem : nil);
	}
	unlock(&m->lk);
	msgbuf_put(m, fresh);
	if (!swapped)
		memmove(m->in->data, m->in->data + size, m->nin - size);
	m->nin -= size;
}

static usize message_size(const Mnt *m)
{
	return m->nin >= 4 ? get32le(m->in->data) : 4;
}

static bool size_is_bad(const Mnt *m)
{
	return m->nin >= 4 && (message_size(m) < HEADER_SIZE || message_size(m) > m->msize);
}

/*
 * Read one message off the transport and deliver it. Eintr: a note came first. Anything else that
 * fails ends the connection.
 */
static ERR receive(Mnt *m)
{
	while (!size_is_bad(m) && m->nin < message_size(m)) {
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
	if (size_is_bad(m))
		die(m, Emountrpc);
	else
		dispatch(m, message_size(m));
	return nil;
}

static bool may_go_on(void *arg)
{
	Rpc *r = arg;
	return __atomic_load_n(&r->done, __ATOMIC_ACQUIRE) ||
		__atomic_load_n(&r->reply->mnt->reader, __ATOMIC_ACQUIRE) == nil;
}

/* Wait, reading when nobody else does, until r is done or a note comes. */
static ERR progress(Mnt *m, Rpc *r)
{
	for (;;) {
		lock(&m->lk);
		if (r->done) {
			pass_reading(m);
			unlock(&m->lk);
			return nil;
		}
		bool read_it = m->reader == nil;
		if (read_it)
			m->reader = r;
		unlock(&m->lk);
		Err e = read_it ? receive(m) : sleep(&r->rendez, may_go_on, r);
		if (read_it) {
			lock(&m->lk);
			m->reader = nil;
			unlock(&m->lk);
		}
		if (e != nil) {
			lock(&m->lk);
			bool done = r->done;
			if (!done)
				pass_reading(m);
			unlock(&m->lk);
			if (!done)
				return e;
		}
	}
}

/* ---- sending ---- */

static ERR transmit(Mnt *m, u8 *buf, usize size)
{
	Iobuf b = iobuf_kernel(buf, size);
	usize sent = 0;
	qlock(&m->write_lk);
	Err e = m->dead;
	if (e == nil)
		e = m->transport->dev->write(m->transport, &b, 0, &sent);
	qunlock(&m->write_lk);
	/*
	 * A transport queues a whole message before it waits for room: interrupted then means sent.
	 */
	return e == Eintr ? nil : e;
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
	if (data != nil || fcall_size(t) > sizeof small)
		return send_large(m, t, data);
	usize size = fcall_encode(t, small, sizeof small);
	return size == 0 ? Emountrpc : transmit(m, small, size);
}

/* Ask the server to forget r. Failing to ask changes nothing: the caller goes on waiting. */
static void send_flush(Mnt *m, Rpc *r)
{
	Rpc *f = kalloc(sizeof *f);
	if (f == nil)
		return;
	lock(&m->lk);
	u16 tag = r->done || m->dead != nil ? NOTAG : tag_new(m);
	if (tag != NOTAG) {
		f->tag = tag;
		f->flush = true;
		f->target = r;
		f->target_tag = r->tag;
		if (r->last_flush != nil)
			r->last_flush->superseded = true;
		r->last_flush = f;
		enqueue(m, f);
	}
	unlock(&m->lk);
	if (tag == NOTAG) {
		kfree(f);
		return;
	}
	Fcall t = { .type = Tflush, .tag = tag, .oldtag = r->tag };
	Err e = send(m, &t, nil);
	if (e != nil)
		die(m, e);
}

/* ---- a call ---- */

static ERR rpc_start(Mnt *m, Reply *reply, Rpc **out)
{
	Rpc *r = kalloc(sizeof *r);
	if (r == nil)
		return Enomem;
	rendez_init(&r->rendez);
	r->reply = reply;
	r->waiting = true;
	lock(&m->lk);
	Err e = m->dead;
	if (e == nil && (r->tag = tag_new(m)) == NOTAG)
		e = Enomem;
	if (e == nil)
		enqueue(m, r);
	unlock(&m->lk);
	if (e != nil)
		kfree(r);
	*out = r;
	return e;
}

/* Leave without an answer: the Rpc stays to catch a late one. True if it was answered meanwhile. */
static bool abandon(Mnt *m, Rpc *r)
{
	lock(&m->lk);
	bool done = r->done;
	if (!done)
		r->waiting = false;
	pass_reading(m);
	unlock(&m->lk);
	return done;
}

static ERR await_reply(Mnt *m, Rpc *r, bool *abandoned)
{
	for (u32 interrupts = 0; progress(m, r) != nil; interrupts++) {
		if (interrupts >= INTERRUPTS_MAX) {
			if (abandon(m, r))
				break;
			*abandoned = true;
			return Eintr;
		}
		send_flush(m, r);
	}
	return r->error;
}

/* The answer's meaning: an Rerror becomes its text, a wrong or undecodable type Emountrpc. */
static ERR interpret(const Fcall *t, Rpc *r, Reply *reply)
{
	const u8 *message = r->buf != nil ? r->buf->data : reply->small;
	reply->buf = r->buf;
	if (!fcall_decode(message, r->size, &reply->f))
		return Emountrpc;
	if (reply->f.type == Rerror)
		return errorf("%.*s", (int)MIN(reply->f.ename.n, (u32)ERRMAX - 1),
			(const char *)reply->f.ename.p);
	return reply->f.type == t->type + 1 ? nil : Emountrpc;
}

ERR mnt_call(Mnt *m, Fcall *t, const Iobuf *data, Reply *reply, bool *abandoned)
{
	Rpc *r;
	reply->mnt = m;
	reply->buf = nil;
	*abandoned = false;
	TRY(rpc_start(m, reply, &r));
	t->tag = r->tag;
	Err e = send(m, t, data);
	if (e != nil) {
		lock(&m->lk);
		if (!r->done)
			finish(m, r, e);
		pass_reading(m);
		unlock(&m->lk);
	} else
		e = await_reply(m, r, abandoned);
	if (*abandoned)
		return e;
	if (e == nil)
		e = interpret(t, r, reply);
	else
		reply->buf = r->buf;
	kfree(r);
	if (e != nil)
		reply_free(reply);
	return e;
}

void reply_free(Reply *r)
{
	msgbuf_put(r->mnt, r->buf);
	r->buf = nil;
}
