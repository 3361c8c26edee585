/*
 * Channels: birth, references, death, and input and output on them. A channel
 * is freed by the chan_close that drops its last reference, which may sleep.
 */
#include "chan/names.h"

static LOCK_CLASS(chan_class, "chan");
static LOCK_CLASS(diroff_class, "chan.diroff");
static s64 chans_live;

/*
 * Channels come and go with every open: a few dead ones wait on each processor,
 * linked by aux. No lock: nothing here sleeps, and interrupts make no channels.
 */
enum { SPARES_MAX = 16 };
static struct { Chan *first; u32 count; } spares[NCPU_MAX];

u64 chan_count(void)
{
	return (u64)__atomic_load_n(&chans_live, __ATOMIC_RELAXED);
}

Chan *chan_new(void)
{
	u32 here = cpu()->index;
	Chan *c = spares[here].first;

	if (c != nil) {
		spares[here].first = c->aux;
		spares[here].count--;
		memset(c, 0, sizeof(*c));
	} else if ((c = kalloc(sizeof(*c))) == nil) {
		return nil;
	}
	c->ref.n = 1;
	lock_init(&c->lk, &chan_class);
	qlock_init(&c->diroff, &diroff_class);
	__atomic_fetch_add(&chans_live, 1, __ATOMIC_RELAXED);
	return c;
}

void chan_incref(Chan *c)
{
	ref_take(&c->ref);
}

/* Everything the channel holds, then itself. The device has been told. */
static void chan_free(Chan *c)
{
	if (c->flag & CMSG)
		mnt_muxclose(c);
	path_put(c->path);
	if (c->umh != nil) {
		mhead_put(c->umh);
		chan_close(c->umc);
	}
	assert(c->umc == nil || c->umh != nil);
	if (c->rock != nil)
		kfree(c->rock);
	if (c->srvname != nil)
		kfree(c->srvname);
	c->dev = nil;
	__atomic_fetch_sub(&chans_live, 1, __ATOMIC_RELAXED);
	u32 here = cpu()->index;

	if (spares[here].count == SPARES_MAX) {
		kfree(c);
		return;
	}
	c->aux = spares[here].first;
	spares[here].first = c;
	spares[here].count++;
}

void chan_close(Chan *c)
{
	if (c == nil || ref_drop(&c->ref) > 0)
		return;
	if (c->dev != nil)
		c->dev->close(c);
	chan_free(c);
}

void chan_discard(Chan *c)
{
	assert(ref_count(&c->ref) == 1);
	chan_free(c);
}

Err chan_clone(Chan *c, Chan **out)
{
	Walkqid w;

	w.clone = nil;
	w.nqid = 0;
	TRY(c->dev->walk(c, nil, nil, 0, &w));
	assert(w.clone != nil && w.clone != c);
	if (w.clone->path == nil && c->path != nil) {
		path_incref(c->path);
		w.clone->path = c->path;
	}
	*out = w.clone;
	return nil;
}

void chan_fileid(const Chan *c, FileId *id)
{
	*id = (FileId){ c->qid.path, c->dev->letter, c->instance, c->qid.vers, c->qid.type };
}

const char *chan_filename(const Chan *c)
{
	return c->path != nil ? c->path->name : "?";
}

bool chan_same(const Chan *a, const Chan *b)
{
	return a->dev == b->dev && a->instance == b->instance && a->qid.path == b->qid.path &&
		((a->qid.type ^ b->qid.type) & QTDIR) == 0;
}

Err chan_pread(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (c->qid.type & QTDIR)
		return dir_pread(c, b, (s64)off, n);
	*n = 0;
	return c->dev->read(c, b, off, n);
}

Err chan_pwrite(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (c->qid.type & QTDIR)
		return Eisdir;
	*n = 0;
	return c->dev->write(c, b, off, n);
}

Err chan_pread_kernel(Chan *c, void *buf, usize size, s64 off, usize *n)
{
	Iobuf b = iobuf_kernel(buf, size);

	if (off < 0)
		return Enegoff;
	return chan_pread(c, &b, (u64)off, n);
}

Err chan_stat(Chan *c, u8 *stack, usize size, u8 **buf, usize *n)
{
	*buf = stack;
	assert(size >= STATFIXLEN);
	TRY(c->dev->stat(c, stack, size, n));
	if (*n != 2)
		return nil;
	usize needed = (usize)get16le(stack) + 2;
	u8 *bigger = kalloc(needed);

	if (bigger == nil)
		return Enomem;
	Err err = c->dev->stat(c, bigger, needed, n);

	if (err == nil && *n == 2)
		err = Ebadstat;		/* it grew meanwhile; the caller may try again */
	if (err != nil) {
		kfree(bigger);
		return err;
	}
	*buf = bigger;
	return nil;
}
