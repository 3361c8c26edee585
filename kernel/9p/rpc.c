/*
 * Calls over one 9P connection. Requests of all processes share it. There is no
 * receiving process: among those who wait for answers one is the reader, who
 * takes messages off the transport and hands each to its owner by tag; when its
 * own answer has come it passes the part on.
 *
 * A call that a note interrupts sends Tflush and waits for Rflush or the late
 * answer, whichever comes first, but for PATIENCE_NS at most. A third interruption
 * abandons the call at once, and so does a kill: nobody can be held by a server that
 * does not answer. A record without a
 * process then waits for what would make a fid, to clunk that. A clunk is never flushed:
 * such a record waits for it too.
 *
 * Tags go round: a number comes again only after all others, so that an answer
 * given twice or after its Rflush meets no new call. The tag of a flushed call
 * stays reserved until the last flush of it has been answered.
 *
 * Locks: Mnt.write (a turn) around a message on the transport; Mnt.lk
 * (spin) for the queue, tags and buffers; below it the Rendez of a call.
 */
#include "9p/conn.h"
#include "base/ktrace.h"

enum { INTERRUPTS_MAX = 2, SMALL_REQUEST = 256, LOOSE_MAX = 16 };
#define PATIENCE_NS	(2 * 1000000000ULL)

/* ---- sending ---- */

/*
 * CALLs are not sent at all if a note comes while others are sending; what must reach the server
 * some time goes with the next message then.
 */
enum Urgency { CALLING, SOMETIME };

/*
 * Of buf, which is a message or m->unsent, so much has been sent: the next message follows the
 * rest. Holds write.
 */
static ERR keep_unsent(Mnt *m, u8 *buf, usize size, usize sent) REQUIRES(m->write)
{
	usize left = size - sent;
	if (left == 0) {
		kfree(m->unsent);
		m->unsent = nil;
	} else {
		if (m->unsent == nil && (m->unsent = kalloc(left)) == nil)
			return Enomem;
		memmove(m->unsent, buf + sent, left);
		mnt_sweep_soon();
	}
	POKE(m->nunsent, left);
	return nil;
}

/* What was cut off goes first. Holds write. */
static ERR append_unsent(Mnt *m, const u8 *buf, usize size) REQUIRES(m->write)
{
	u8 *all = kalloc(m->nunsent + size);
	if (all == nil)
		return Enomem;
	if (m->nunsent > 0)
		memmove(all, m->unsent, m->nunsent);
	memmove(all + m->nunsent, buf, size);
	kfree(m->unsent);
	m->unsent = all;
	POKE(m->nunsent, m->nunsent + size);
	return nil;
}

/* Then what others left to the next writer, one by one: each goes or stays. Holds write. */
static ERR append_late(Mnt *m) REQUIRES(m->write)
{
	Err e = nil;
	for (Late *l; e == nil && (l = mnt_late_take(m)) != nil; ) {
		e = append_unsent(m, l->data, l->size);
		if (e != nil)
			mnt_late_return(m, l);
		else
			kfree(l);
	}
	return e;
}

ERR mnt_put(Chan *transport, u8 *buf, usize size, usize *sent)
{
	usize n;
	Err e;
	*sent = 0;
	do {
		Iobuf b = iobuf_kernel(buf + *sent, size - *sent);
		n = 0;
		e = transport->dev->write(transport, &b, 0, &n);
		*sent += n;
	} while (e == nil && n > 0 && *sent < size);
	return e == nil && *sent < size ? "the transport of 9P messages takes no more" : e;
}

/*
 * Bytes on the transport, the last `own' of them the caller's message; what a note keeps from going
 * there follows later. It is then the wait for the answer that the note breaks. After an error the
 * message is not sent and never will be; when a part of a message has gone, that is the end of the
 * connection. Holds write.
 */
static inline __attribute__((always_inline)) ERR put(Mnt *m, u8 *buf, usize size, usize own)
	REQUIRES(m->write)
{
	usize sent;
	Err e = mnt_put(m->transport, buf, size, &sent);
	if (e == Eintr) {
		proc_interrupt(up);
		e = nil;
	}
	if (e == nil && (sent < size || m->unsent != nil))
		e = keep_unsent(m, buf, size, sent);
	if (e != nil && sent > 0)
		mnt_die(m, e);
	else if (e != nil && m->unsent != nil)
		POKE(m->nunsent, m->nunsent - own);
	return e;
}

/* Put a message on the transport, after what waits there. */
static ERR transmit(Mnt *m, u8 *buf, usize size, enum Urgency urgency)
{
	if (!turn_wait(&m->write)) {
		if (urgency == CALLING)
			return Eintr;
		proc_interrupt(up);
		return mnt_late_add(m, buf, size);
	}
	Err e = PEEK(m->dead);
	if (e == nil && PEEK(m->late) != nil)
		e = append_late(m);
	if (e == nil && m->unsent == nil)
		e = put(m, buf, size, size);
	else if (e == nil && (e = append_unsent(m, buf, size)) == nil)
		e = put(m, m->unsent, m->nunsent, size);
	turn_pass(&m->write);
	return e;
}

void mnt_send_late(Mnt *m)
{
	if (!turn_wait(&m->write))
		return;
	Err e = PEEK(m->dead);
	if (e == nil)
		e = append_late(m);
	if (e == nil && m->nunsent > 0)
		e = put(m, m->unsent, m->nunsent, 0);
	(void)e;		/* it was the end of the connection, or the next may try */
	turn_pass(&m->write);
}

static ERR send_large(Mnt *m, Fcall *t, const Iobuf *data)
{
	Msgbuf *b = mnt_msgbuf_get(m);
	if (b == nil)
		return Enomem;
	usize size = fcall_encode(t, b->data, m->msize);
	Err e = size == 0 ? Emountrpc : nil;
	if (e == nil && data != nil)
		e = iobuf_get(data, 0, b->data + size - t->data.n, t->data.n);
	if (e == nil)
		e = transmit(m, b->data, size, CALLING);
	mnt_msgbuf_put(m, b);
	return e;
}

static ERR send(Mnt *m, Fcall *t, const Iobuf *data)
{
	if (ktracing(KT_9P))
		ktrace(up->pid, KT_SEND, m->id, t->type, t->tag, t->fid);
	u8 small[SMALL_REQUEST];
	usize size = data == nil ? fcall_encode(t, small, sizeof small) : 0;
	return size == 0 ? send_large(m, t, data) : transmit(m, small, size, CALLING);
}

/* A flush or a clunk. If it cannot be sent the connection is of no use. */
static void send_sometime(Mnt *m, Fcall *t)
{
	u8 small[32];
	usize size = fcall_encode(t, small, sizeof small);
	assert(size > 0);
	Err e = transmit(m, small, size, SOMETIME);
	if (e != nil)
		mnt_die(m, e);
}

/* Ask the server to forget r. Failing to ask changes nothing: the caller goes on waiting. */
static __attribute__((noinline)) void send_flush(Mnt *m, Rpc *r)
{
	Rpc *f = kalloc(sizeof *f);
	if (f == nil)
		return;
	lock(&m->lk);
	bool go = !r->done && m->dead == nil && mnt_tag_take(m, f);
	if (go) {
		f->target = r;
		f->target_tag = r->tag;
		if (r->last_flush != nil) {
			r->last_flush->superseded = true;
			r->last_flush->target = nil;
		}
		r->last_flush = f;
		mnt_loose_add(m, f, FLUSH);
	}
	Fcall t = { .type = Tflush, .tag = f->tag, .oldtag = r->tag };
	unlock(&m->lk);		/* f may go at once, if the server guesses its tag */
	if (go)
		send_sometime(m, &t);
	else
		kfree(f);
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

/*
 * An abandoned request was answered after all, so that its fid may be known to the server: clunk
 * it. The record becomes that of the clunk.
 */
static void clunk_born(Mnt *m, Rpc *r)
{
	Fcall t;
	fcall_init(&t, Tclunk);
	t.fid = r->fid;
	lock(&m->lk);
	bool go = m->dead == nil && mnt_tag_take(m, r);
	if (go)
		mnt_loose_add(m, r, CLUNK);
	t.tag = r->tag;
	unlock(&m->lk);
	if (go)
		send_sometime(m, &t);
	else {
		mnt_losefid(m, t.fid);
		kfree(r);
	}
}

/*
 * The message at the start of m->in is for r. True if r was a BIRTH with success, which is the
 * caller's now.
 */
static bool deliver(Mnt *m, Rpc *r, usize size, Msgbuf **fresh) REQUIRES(m->lk)
{
	switch (r->kind) {
	case FLUSH:
		mnt_finish_flush(m, r);
		return false;
	case CLUNK:
		mnt_loose_drop(m, r);
		return false;
	case BIRTH:
		mnt_born(m, r);
		if (m->in->data[4] != Rerror)
			return true;
		fid_free(m, r->fid);
		kfree(r);
		return false;
	case CALL:
		break;
	}
	mnt_finish(m, r, hand_over(m, r, size, fresh));
	return false;
}

/* Deliver the message of that size and remove it. The caller is the reader. */
static void dispatch(Mnt *m, usize size)
{
	usize left = m->nin - size;
	if (ktracing(KT_9P))
		ktrace(up->pid, KT_RECEIVE, m->id, m->in->data[4], get16le(m->in->data + 5), size);
	bool large = size > sizeof ((Reply *)0)->small;
	lock(&m->lk);
	Msgbuf *fresh = large ? mnt_pool_take(m) : nil;
	if (large && fresh == nil) {
		unlock(&m->lk);
		fresh = mnt_msgbuf_new(m);
		lock(&m->lk);
	}
	Rpc *r = mnt_find(m, get16le(m->in->data + 5));
	bool born = r != nil && deliver(m, r, size, &fresh);
	fresh = mnt_pool_give(m, fresh);
	if (left == 0 && m->reader->done) {	/* else the reader goes on, or stops by itself */
		m->nin = 0;
		mnt_stop_reading(m);
		unlock(&m->lk);
	} else {
		unlock(&m->lk);
		if (m->nin != left)
			memmove(m->in->data, m->in->data + size, left);
		m->nin = left;
	}
	mnt_msgbuf_delete(fresh);
	if (born)
		clunk_born(m, r);
}

/*
 * Read one message off the transport and deliver it. Eintr: a note came first. Anything else that
 * fails ends the connection.
 */
static inline __attribute__((always_inline)) ERR receive(Mnt *m)
{
	for (;;) {
		usize size = m->nin >= 4 ? get32le(m->in->data) : HEADER_SIZE;
		if (size < HEADER_SIZE || size > m->msize) {
			mnt_die(m, Emountrpc);
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
			mnt_die(m, e != nil ? e : Ehungup);
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
		mnt_stop_reading(m);
		unlock(&m->lk);
	}
	return is_done(r) ? nil : e;
}

/* Nobody waits for an answer of his own. */
static bool calls_none(Mnt *m)
{
	lock(&m->lk);
	bool none = m->dead == nil && m->nloose > 0 && mnt_first_call(m) == nil;
	unlock(&m->lk);
	return none;
}

void mnt_read_loose(Mnt *m)
{
	static Rpc nobody = { .kind = CALL };	/* waits for no answer; nothing writes to it */
	lock(&m->lk);
	bool mine = m->reader == nil && m->dead == nil;
	if (mine)
		m->reader = &nobody;
	unlock(&m->lk);
	if (!mine)
		return;
	while (calls_none(m) && receive(m) == nil)
		;
	lock(&m->lk);
	mnt_stop_reading(m);
	unlock(&m->lk);
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
			mnt_pass_reading(m);	/* the wake-up may have been meant for that */
		unlock(&m->lk);
		if (done || e != nil)
			return done ? nil : e;
		if (read_it)
			return read_until_done(m, r);
		e = sleep(&r->rendez, may_go_on, r);
	}
}

/* ---- a call ---- */

static ERR rpc_start(Mnt *m, Rpc *r)
{
	rendez_init(&r->rendez);
	lock(&m->lk);
	Err e = m->dead;
	if (e == nil && !mnt_tag_take(m, r))
		e = Enomem;
	if (e == nil)
		list_append(&m->queue, &r->link);
	unlock(&m->lk);
	return e;
}

/* The fid that t would make, or NOFID. */
static u32 fid_made(const Fcall *t)
{
	switch (t->type) {
	case Twalk:
		return t->newfid;
	case Tattach:
		return t->fid;
	case Tauth:
		return t->afid;
	default:
		return NOFID;
	}
}

/* m->lk is held, r not done: birth, if not nil, waits in its place. */
static void replace(Mnt *m, Rpc *r, Rpc *birth) REQUIRES(m->lk)
{
	list_remove(&r->link);
	mnt_slot(m, r->tag)->r = birth;
	if (r->last_flush != nil)
		r->last_flush->target = birth;
	if (birth == nil)
		return;
	birth->tag = r->tag;
	birth->last_flush = r->last_flush;
	birth->since_ns = r->since_ns;
	mnt_loose_add(m, birth, BIRTH);
}

/*
 * Leave without an answer. The tag stays reserved until the flush is answered (without memory for
 * a flush: for ever), and a fid that t would make is not the caller's any more. False if the
 * answer came meanwhile.
 */
static bool abandon(Mnt *m, Rpc *r, const Fcall *t)
{
	u32 fid = fid_made(t);
	Rpc *birth = fid != NOFID ? kalloc(sizeof *birth) : nil;
	if (birth != nil)
		birth->fid = fid;
	lock(&m->lk);
	bool gone = !r->done;
	if (gone)
		replace(m, r, birth);
	mnt_pass_reading(m);
	unlock(&m->lk);
	if (!gone)
		kfree(birth);
	else if (fid != NOFID && birth == nil)
		mnt_losefid(m, fid);
	return gone;
}

/*
 * A process that wants its call to end interrupts itself when it has waited long enough, whatever
 * it waits for. A note is waiting for it then, so that one interruption too many changes nothing.
 */
static void out_of_patience(Timer *t) { proc_interrupt(t->arg); }

static ERR await_reply(Mnt *m, Rpc *r, const Fcall *t, bool *abandoned)
{
	Timer patience = { .f = out_of_patience, .arg = up };
	u64 end = 0;
	for (u32 interrupts = 0; progress(m, r) != nil; interrupts++) {
		if (end == 0) {
			end = arch_nsec() + PATIENCE_NS;
			timer_set(&patience, end);
		}
		bool last = interrupts == INTERRUPTS_MAX || arch_nsec() >= end;
		if (!last)
			send_flush(m, r);
		if (!last && up->ctl != CTL_EXIT)
			continue;
		*abandoned = abandon(m, r, t);
		if (*abandoned)
			r->error = Eintr;
		break;
	}
	if (end != 0)
		timer_cancel(&patience);
	if (end != 0 && r->error == nil)
		park_keep_note();	/* the system call may not be over */
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
	Rpc r = { .reply = reply, .type = t->type, .pid = up->pid };
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
			mnt_finish(m, &r, e);
		mnt_pass_reading(m);
		unlock(&m->lk);
	} else
		e = await_reply(m, &r, t, abandoned);
	if (e == nil)
		e = interpret(t, &r, reply);
	else
		reply->buf = r.buf;
	if (e != nil)
		reply_free(reply);
	return e;
}

/*
 * Whether not to wait for a clunk at all: the process was killed, or it exits and the server owes
 * it or others answers for which they stopped waiting.
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
		loose->tag = r->tag;
		loose->since_ns = r->since_ns;
		loose->fid = fid;
		list_remove(&r->link);
		mnt_slot(m, r->tag)->r = loose;
		mnt_loose_add(m, loose, CLUNK);
		mnt_pass_reading(m);
	}
	unlock(&m->lk);
	if (!go)
		kfree(loose);
	return go;
}

void mnt_clunk(Mnt *m, u32 fid, bool wait)
{
	Reply reply;
	Rpc r = { .reply = &reply, .type = Tclunk, .pid = up->pid };
	reply.mnt = m;
	if (rpc_start(m, &r) != nil) {
		mnt_losefid(m, fid);
		return;
	}
	Fcall t;
	fcall_init(&t, Tclunk);
	t.tag = r.tag;
	t.fid = fid;
	send_sometime(m, &t);
	wait = (wait || PEEK(m->nloose) >= LOOSE_MAX) && !impatient(m);
	Timer patience = { .f = out_of_patience, .arg = up };
	if (wait && up->fgrp == nil)
		timer_set(&patience, arch_nsec() + PATIENCE_NS);
	while (!(wait && progress(m, &r) == nil) && !detach(m, &r, fid))
		wait = true;
	timer_cancel(&patience);
	if (r.done) {
		mnt_dropfid(m, fid);
		reply.buf = r.buf;
		reply_free(&reply);
	}
}

void reply_free(Reply *r)
{
	mnt_msgbuf_put(r->mnt, r->buf);
	r->buf = nil;
}
