/*
 * #M, the mount driver: operations on channels become 9P messages. It cannot be
 * attached by name; mount, fauth and fversion come in through the mnt_ functions
 * of chan/chan.h. Every channel holds its transport, and the connection lives as
 * long as the transport channel does (mnt_muxclose).
 */
#include "9p/mnt.h"

/* ---- version ---- */

/*
 * Send the proposal and read one whole answer into buf; both go past the multiplexer, which does
 * not exist yet.
 */
static ERR version_exchange(Chan *c, u32 msize, const char *version, u8 *buf, Fcall *answer)
{
	Fcall t = { .type = Tversion, .tag = NOTAG, .msize = msize, .version = bytes_of(version) };
	usize size = fcall_encode(&t, buf, VERSION_MSIZE), n = 0, got = 0;
	if (size == 0)
		return "bad 9P version specification";
	TRY(mnt_put(c, buf, size, &n));
	while (got < 4 || got < get32le(buf)) {
		Iobuf b = iobuf_kernel(buf + got, VERSION_MSIZE - got);
		TRY(c->dev->read(c, &b, 0, &n));
		if (n == 0)
			return "EOF receiving fversion reply";
		got += n;
		if (got >= 4 && (get32le(buf) < HEADER_SIZE || get32le(buf) > VERSION_MSIZE))
			return Emountrpc;
	}
	if (got != get32le(buf) || !fcall_decode(buf, got, answer))
		return Emountrpc;
	if (answer->type == Rerror)
		return mnt_error(answer);
	return answer->type == Rversion && answer->tag == NOTAG ? nil : Emountrpc;
}

static ERR version_check(const Fcall *answer, u32 msize, const char *proposed)
{
	if (answer->msize > msize)
		return "server tries to increase msize in fversion";
	if (answer->msize < MSIZE_MIN || answer->msize > MSIZE_MAX)
		return "nonsense value of msize in fversion";
	if (answer->version.n == 0 || answer->version.n > strlen(proposed) ||
	    strncmp((const char *)answer->version.p, proposed, answer->version.n) != 0)
		return "bad 9P version returned from server";
	return nil;
}

static ERR negotiate(Chan *c, u32 msize, const char *version)
{
	Fcall answer;
	char agreed[32];
	u8 *buf = kalloc(VERSION_MSIZE);
	if (buf == nil)
		return Enomem;
	Err e = version_exchange(c, msize, version, buf, &answer);
	if (e == nil)
		e = version_check(&answer, msize, version);
	if (e == nil) {
		snprint(agreed, sizeof agreed, "%.*s", (int)answer.version.n,
			(const char *)answer.version.p);
		c->carried = mnt_new(c, answer.msize, agreed);
		e = c->carried == nil ? Enomem : nil;
	}
	kfree(buf);
	return e;
}

static ERR settle_version(Chan *c, u32 msize, const char *version)
{
	if (c->carried != nil) {
		const char *agreed = mnt_agreed_version(c->carried);
		if (strncmp(version, agreed, strlen(agreed)) != 0)
			return errorf("incompatible 9P versions %s %s", agreed, version);
		return nil;
	}
	if (mnt_depth(c->mux) == MNT_DEPTH_MAX)
		return "too many 9P connections through each other";
	if (c->iounit != 0)
		msize = MIN(msize, c->iounit);
	TRY(negotiate(c, msize, version));
	lock(&c->lk);
	c->flag |= CMSG;
	unlock(&c->lk);
	return nil;
}

ERR mnt_version(Chan *c, u32 msize, char *vers, usize size, usize *n)
{
	if ((s32)msize < 0)
		return "bad iounit in version call";
	if (msize == 0)
		msize = MSIZE_DEFAULT;
	const char *version = vers == nil || vers[0] == '\0' ? "9P2000" : vers;
	if (strncmp(version, "9P2000", 6) != 0 || strlen(version) >= 32)
		return "bad 9P version specification";
	/* a transport is no directory; a silent server holds up this channel only */
	if (!turn_wait(&c->diroff))
		return Eintr;
	Err e = settle_version(c, msize, version);
	turn_pass(&c->diroff);
	if (e != nil || vers == nil)
		return e;
	*n = strlen(mnt_agreed_version(c->carried));
	if (*n > size)
		return Eshort;
	memmove(vers, mnt_agreed_version(c->carried), *n);	/* without a NUL */
	return nil;
}

void mnt_muxclose(Chan *c)
{
	if ((c->flag & CMSG) && c->carried != nil)
		mnt_delete(c->carried);
	c->carried = nil;
}

/* ---- channels ---- */

static ERR mntchan(Chan *transport, Chan **out)
{
	Chan *c = chan_new();
	if (c == nil)
		return Enomem;
	chan_incref(transport);
	c->dev = &devmnt;
	c->instance = mnt_id(transport->carried);
	c->mchan = transport;
	c->mux = transport->carried;
	c->fid = mnt_newfid(c->mux);
	mnt_countchans(c->mux, 1);
	*out = c;
	return nil;
}

/* The fid has been clunked, or somebody else sees to it: the channel is to have none any more. */
static void leave_transport(Chan *c)
{
	if (unlikely(c->fid != NOFID))
		panic("9p: fid %u of the server of %s, walked by process %u as %s, is not clunked",
			c->fid, mnt_name(c->mux), c->maker,
			c->path != nil ? c->path->name : "a part of a name");
	mnt_countchans(c->mux, -1);
	chan_close(c->mchan);
	c->mchan = nil;
	c->mux = nil;
}

/* After a call that failed with e: if the answer made no sense the server may know the fid. */
static void give_up_fid(Chan *c, Err e)
{
	if (e != Emountrpc)
		mnt_dropfid(c->mux, c->fid);
	else
		mnt_losefid(c->mux, c->fid);
}

/* Undo mntchan after a call that failed with e, or, nil, made no fid. */
static void mntchan_drop(Chan *c, Err e, bool abandoned)
{
	if (!abandoned)
		give_up_fid(c, e);
	c->fid = NOFID;
	leave_transport(c);
	c->dev = nil;
	chan_close(c);
}

ERR mnt_attach(Chan *transport, Chan *ac, const char *aname, u32 flag, Chan **out)
{
	Chan *c;
	Reply r;
	bool abandoned;
	TRY(mnt_version(transport, 0, nil, 0, nil));
	if (ac != nil && (ac->mchan != transport || !(ac->qid.type & QTAUTH)))
		return Ebadusefd;
	TRY(mntchan(transport, &c));
	Fcall t = { .type = Tattach, .fid = c->fid, .afid = ac != nil ? ac->fid : NOFID,
		.uname = bytes_of(up->user), .aname = bytes_of(aname) };
	Err e = mnt_call(c->mux, &t, nil, &r, &abandoned);
	if (e != nil) {
		mntchan_drop(c, e, abandoned);
		return e;
	}
	c->qid = c->mqid = r.f.qid;
	if (flag & MCACHE)
		c->flag |= CCACHE;
	reply_free(&r);
	*out = c;
	return nil;
}

ERR mnt_auth(Chan *transport, const char *aname, Chan **out)
{
	Chan *c;
	Reply r;
	bool abandoned;
	TRY(mnt_version(transport, 0, nil, 0, nil));
	TRY(mntchan(transport, &c));
	Fcall t = { .type = Tauth, .afid = c->fid, .uname = bytes_of(up->user),
		.aname = bytes_of(aname) };
	Err e = mnt_call(c->mux, &t, nil, &r, &abandoned);
	if (e != nil) {
		mntchan_drop(c, e, abandoned);
		return e;
	}
	c->qid = c->mqid = r.f.qid;
	c->qid.type |= QTAUTH;
	c->mode = ORDWR;
	c->flag |= COPEN;
	reply_free(&r);
	*out = c;
	return nil;
}

static ERR mnt_noattach(const Dev *d, const char *spec, Chan **out)
{
	return Enoattach;
}

/* ---- walking ---- */

static void walked(const Chan *c, Chan *n, const Fcall *f)
{
	n->qid = f->nwqid > 0 ? f->wqid[f->nwqid - 1] : c->qid;
	n->mqid = c->mqid;
	n->flag |= c->flag & CCACHE;
}

static ERR mnt_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	Reply r;
	Chan *n;
	bool abandoned;
	assert(nnames <= MAXWELEM && nc == nil);
	w->clone = nil;
	w->nqid = 0;
	TRY(mntchan(c->mchan, &n));
	Fcall t = { .type = Twalk, .fid = c->fid, .newfid = n->fid, .nwname = (u16)nnames };
	for (u32 i = 0; i < nnames; i++)
		t.wname[i] = bytes_of(names[i]);
	Err e = mnt_call(c->mux, &t, nil, &r, &abandoned);
	if (e != nil) {
		mntchan_drop(n, e, abandoned);
		return e;
	}
	if (r.f.nwqid > nnames || (nnames > 0 && r.f.nwqid == 0))
		e = Emountrpc;
	else {
		w->nqid = r.f.nwqid;
		memmove(w->qid, r.f.wqid, w->nqid * sizeof(Qid));
	}
	if (e == nil && w->nqid == nnames) {
		walked(c, n, &r.f);
		w->clone = n;
	} else
		mntchan_drop(n, e, false);
	reply_free(&r);
	return e;
}

/* ---- open, create, close, remove ---- */

static ERR opened(Chan *c, Fcall *t, u32 mode)
{
	Reply r;
	bool abandoned;
	TRY(mnt_call(c->mux, t, nil, &r, &abandoned));
	c->qid = r.f.qid;
	c->iounit = r.f.iounit;
	if (c->iounit == 0 || c->iounit > mnt_msize(c->mux) - IOHDRSZ)
		c->iounit = mnt_msize(c->mux) - IOHDRSZ;
	c->mode = (mode & 3) == OEXEC ? OREAD : mode & 3;
	c->offset = 0;
	c->flag |= COPEN;
	reply_free(&r);
	return nil;
}

static ERR mnt_open(Chan *c, u32 mode, Chan **out)
{
	Fcall t = { .type = Topen, .fid = c->fid, .mode = (u8)(mode & (3 | OTRUNC | ORCLOSE)) };
	TRY(opened(c, &t, mode));
	*out = c;
	return nil;
}

static ERR mnt_create(Chan *c, const char *name, u32 mode, u32 perm)
{
	Fcall t = { .type = Tcreate, .fid = c->fid, .name = bytes_of(name), .perm = perm,
		.mode = (u8)(mode & (3 | OTRUNC | ORCLOSE)) };
	return opened(c, &t, mode);
}

/*
 * The clunk of a file that was open is over when this returns. Others are answered at leisure,
 * but the last on a connection: a server should not find it closed before it has answered.
 */
static void mnt_close(Chan *c)
{
	mnt_clunk(c->mux, c->fid, (c->flag & COPEN) || mnt_countchans(c->mux, 0) == 1);
	c->fid = NOFID;
	leave_transport(c);
}

/* The fid is gone whatever the server says. */
static ERR mnt_remove(Chan *c)
{
	Reply r;
	bool abandoned;
	Fcall t = { .type = Tremove, .fid = c->fid };
	Err e = mnt_call(c->mux, &t, nil, &r, &abandoned);
	if (e == nil)
		reply_free(&r);
	if (abandoned)
		mnt_losefid(c->mux, c->fid);
	else
		give_up_fid(c, e);
	c->fid = NOFID;
	leave_transport(c);
	return e;
}

/* ---- stat, wstat ---- */

/* The kernel's own idea of type and device. */
static void mark_entry(const Chan *c, u8 *entry)
{
	put16le(entry + 2, (u16)devmnt.letter);
	put32le(entry + 4, c->instance);
}

/* The entry's size from its count field, when it is well formed and within n; else 0. */
static usize entry_size(const u8 *p, usize n)
{
	if (n < STATFIXLEN)
		return 0;
	usize size = (usize)get16le(p) + 2, at = STATFIXLEN - 8;
	if (size < STATFIXLEN || size > n)
		return 0;
	for (u32 i = 0; i < 4; i++) {
		if (at + 2 > size)
			return 0;
		usize length = get16le(p + at);
		if (length > size - at - 2 || memchr(p + at + 2, 0, length) != nil)
			return 0;
		at += 2 + length;
	}
	return at == size ? size : 0;
}

static ERR mnt_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Reply r;
	bool abandoned;
	Fcall t = { .type = Tstat, .fid = c->fid };
	TRY(mnt_call(c->mux, &t, nil, &r, &abandoned));
	usize total = entry_size(r.f.stat.p, r.f.stat.n);
	Err e = total == 0 || total != r.f.stat.n ? Ebaddirent : size < 2 ? Eshortstat : nil;
	if (e == nil && total > size) {
		put16le(buf, (u16)(total - 2));
		*n = 2;
	} else if (e == nil) {
		memmove(buf, r.f.stat.p, total);
		mark_entry(c, buf);
		*n = total;
	}
	reply_free(&r);
	return e;
}

static ERR mnt_wstat(Chan *c, const u8 *buf, usize n)
{
	Reply r;
	bool abandoned;
	Fcall t = { .type = Twstat, .fid = c->fid, .stat = { buf, (u32)n } };
	TRY(mnt_call(c->mux, &t, nil, &r, &abandoned));
	reply_free(&r);
	return nil;
}

/* ---- read, write ---- */

static ERR check_entries(const Chan *c, u8 *p, usize n)
{
	while (n > 0) {
		usize size = entry_size(p, n);
		if (size == 0)
			return Ebaddirent;
		mark_entry(c, p);
		p += size;
		n -= size;
	}
	return nil;
}

/* One Tread of at most want bytes into b from at on. */
static ERR read_some(Chan *c, const Iobuf *b, usize at, usize want, u64 off, usize *got)
{
	Reply r;
	bool abandoned;
	Fcall t;
	fcall_init(&t, Tread);
	t.fid = c->fid;
	t.offset = off;
	t.count = (u32)want;
	TRY(mnt_call(c->mux, &t, nil, &r, &abandoned));
	usize n = MIN((usize)r.f.data.n, want);
	Err e = nil;
	if (c->qid.type & QTDIR)
		e = n < r.f.data.n ? Ebaddirent : check_entries(c, (u8 *)(uintptr)r.f.data.p, n);
	if (e == nil)
		e = iobuf_put(b, at, r.f.data.p, n);
	reply_free(&r);
	*got = n;
	return e;
}

static ERR write_some(Chan *c, const Iobuf *b, usize at, usize want, u64 off, usize *got)
{
	Reply r;
	bool abandoned;
	Iobuf from = iobuf_from(b, at, want);
	Fcall t;
	fcall_init(&t, Twrite);
	t.fid = c->fid;
	t.offset = off;
	t.data.n = (u32)want;
	TRY(mnt_call(c->mux, &t, &from, &r, &abandoned));
	*got = MIN((usize)r.f.count, want);
	reply_free(&r);
	return nil;
}

typedef Err Transfer(Chan *c, const Iobuf *b, usize at, usize want, u64 off, usize *got);

/*
 * Pieces of iounit, until one is short, a note is pending or all is moved. What was moved before an
 * error counts.
 */
static ERR transfer(Chan *c, const Iobuf *b, u64 off, usize *n, Transfer *some)
{
	usize done = 0, got, want;
	usize unit = c->iounit != 0 ? c->iounit : mnt_msize(c->mux) - IOHDRSZ;
	do {
		want = MIN(b->size - done, unit);
		Err e = some(c, b, done, want, off + done, &got);
		if (e != nil && done == 0)
			return e;
		if (e != nil)
			break;
		done += got;
	} while (got == want && done < b->size && !sleep_will_fail(up) &&
		!(c->qid.type & QTDIR));
	*n = done;
	return nil;
}

static ERR mnt_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return transfer(c, b, off, n, read_some);
}

static ERR mnt_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return transfer(c, b, off, n, write_some);
}

const Dev devmnt = {
	.letter = 'M',
	.name = "mnt",
	.init = mnt_watch_init,
	.attach = mnt_noattach,
	.walk = mnt_walk,
	.stat = mnt_stat,
	.open = mnt_open,
	.create = mnt_create,
	.close = mnt_close,
	.read = mnt_read,
	.write = mnt_write,
	.remove = mnt_remove,
	.wstat = mnt_wstat,
};
