/*
 * Channels: birth, references, death, and input and output on them. A channel
 * is freed by the chan_close that drops its last reference, which may sleep.
 */
#include "chan/names.h"
#include "mem/refs.h"

static LOCK_CLASS(chan_class, "chan");
static s64 chans_live;

/*
 * All there are, dead ones (dev nil) that wait for another life included, for who asks what is
 * alive. While somebody looks at them, no path that a channel had is let go: see chan_setpath.
 */
static LOCK_CLASS(all_class, "chan.all");
static Lock all_lk = LOCK_INIT(&all_class);
static List all = { &all, &all };	/* [all_lk] linked by Chan.all */
static bool looking;			/* [a] somebody does, with all_lk held */

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

static Chan *chan_alloc(void)
{
	Chan *c = kalloc(sizeof(*c));

	if (c == nil)
		return nil;
	lock(&all_lk);
	list_append(&all, &c->all);
	unlock(&all_lk);
	return c;
}

static void chan_delete(Chan *c)
{
	lock(&all_lk);
	list_remove(&c->all);
	unlock(&all_lk);
	kfree(c);
}

Chan *chan_new(void)
{
	u32 here = cpu()->index;
	Chan *c = spares[here].first;

	if (c != nil) {
		spares[here].first = c->aux;
		spares[here].count--;
		memset(c, 0, __builtin_offsetof(Chan, all));
	} else if ((c = chan_alloc()) == nil) {
		return nil;
	}
	c->ref.n = 1;
	TAKEN(&c->ref.takers);
	c->maker = up != nil ? up->pid : 0;
	lock_init(&c->lk, &chan_class);
	turn_init(&c->diroff);
	__atomic_fetch_add(&chans_live, 1, __ATOMIC_RELAXED);
	return c;
}

void chan_incref(Chan *c)
{
	ref_take(&c->ref);
}

bool chan_hold(Chan *c)
{
	s32 n = ref_count(&c->ref);

	while (n > 0 && !__atomic_compare_exchange_n(&c->ref.n, &n, n + 1, false, __ATOMIC_ACQUIRE,
	    __ATOMIC_RELAXED))
		;
	return n > 0;
}

/* Who set `looking' before our exchange may still read the old path; who did after it will not. */
void chan_setpath(Chan *c, Path *p)
{
	Path *left = __atomic_exchange_n(&c->path, p, __ATOMIC_SEQ_CST);

	if (__atomic_load_n(&looking, __ATOMIC_SEQ_CST)) {
		lock(&all_lk);
		unlock(&all_lk);
	}
	path_put(left);
}

/* Who uses a channel without a reference of its own (fd_borrow) relies on that of the table. */
static void check_not_borrowed(const Chan *c)
{
	const Proc *p = up;

	if (unlikely(p != nil && PEEK(p->borrowed) == c))
		panic("channel %s, made by process %u, is closed once too often: process %u (%s) "
			"still uses it", chan_filename(c), c->maker, p->pid, p->name);
}

/* Everything the channel holds, then itself. The device has been told. */
static NO_TSA void chan_free(Chan *c)
{
	check_not_borrowed(c);
	if (c->flag & CMSG)
		mnt_muxclose(c);
	chan_setpath(c, nil);
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

	if (CHECKED || spares[here].count == SPARES_MAX) {
		chan_delete(c);
		return;
	}
	c->aux = spares[here].first;
	spares[here].first = c;
	spares[here].count++;
}

static void chan_end(Chan *c)
{
	if (c->dev != nil)
		c->dev->close(c);
	chan_free(c);
}

/*
 * The last reference went. What a channel holds may hold others, on and on: mount points of a
 * name, services of a board. Those of which the last goes while the process ends a channel wait
 * until that one is over.
 */
static __attribute__((noinline)) void chan_last(Chan *c)
{
	Proc *p = up;
	Chan *first = nil;

	if (p->closing != nil) {
		c->closing = nil;
		*p->closing = c;
		p->closing = &c->closing;
		return;
	}
	p->closing = &first;
	chan_end(c);
	while ((c = first) != nil) {
		if ((first = c->closing) == nil)
			p->closing = &first;
		chan_end(c);
	}
	p->closing = nil;
}

void chan_close(Chan *c)
{
	if (c != nil && ref_drop(&c->ref) == 0)
		chan_last(c);
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

Err chan_pread_kernel(Chan *c, void *buf, usize size, s64 off, usize *n)
{
	Iobuf b = iobuf_kernel(buf, size);

	if (off < 0)
		return Enegoff;
	return chan_pread(c, &b, (u64)off, n);
}

Err chan_pwrite_kernel(Chan *c, void *buf, usize size, s64 off, usize *n)
{
	Iobuf b = iobuf_kernel(buf, size);

	*n = 0;
	if (off < 0)
		return Enegoff;
	return (c->qid.type & QTDIR) ? Eisdir : c->dev->write(c, &b, (u64)off, n);
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

/* ---- the list of all ---- */

/* The line of c, or 0 bytes if it is dead. Looking is set. */
static usize chan_line(Chan *c, char *buf, usize size)
{
	static const char *const modes[4] = { "r ", " w", "rw", "r " };
	const Dev *dev = __atomic_load_n(&c->dev, __ATOMIC_RELAXED);
	char letter[8] = { 0 };

	if (dev == nil)
		return 0;
	rune_encode(letter, dev->letter);
	const Path *path = __atomic_load_n(&c->path, __ATOMIC_SEQ_CST);
	u32 flag = PEEK(c->flag);
	char *end = seprint(buf, buf + size, "%3u %5u %s %4u (%016lx %u %02x) %s %5u %s\n",
		(u32)ref_count(&c->ref), PEEK(c->maker), letter, PEEK(c->instance),
		PEEK(c->qid.path), PEEK(c->qid.vers), PEEK(c->qid.type),
		flag & CMSG ? "9P" : flag & COPEN ? modes[PEEK(c->mode) & 3] : "--", PEEK(c->fid),
		path == nil ? "" : path->name);

	end[-1] = '\n';		/* a long name is cut */
	return (usize)(end - buf);
}

/* For the search for references: nothing else runs. */
NO_TSA void chans_each(void (*f)(const Chan *c, const Ref *ref, void *arg), void *arg)
{
	list_each(l, &all) {
		const Chan *c = list_entry(l, Chan, all);

		if (ref_count(&c->ref) > 0)
			f(c, &c->ref, arg);
	}
}

u32 chan_maker(const Chan *c)
{
	return c->maker;
}

usize chan_list(char *buf, usize n, usize *wanted)
{
	char line[256];
	usize used = 0;

	*wanted = 0;
	lock(&all_lk);
	__atomic_store_n(&looking, true, __ATOMIC_SEQ_CST);
	for (List *l = all.next; l != &all; l = l->next) {
		usize length = chan_line(list_entry(l, Chan, all), line, sizeof(line));

		*wanted += length;
		if (*wanted <= n) {
			memcpy(buf + used, line, length);
			used += length;
		}
	}
	__atomic_store_n(&looking, false, __ATOMIC_SEQ_CST);
	unlock(&all_lk);
	return used;
}
