/*
 * Reading directories: whole entries only, one member of a union after the
 * other, and the entries of mount points rewritten to show what is mounted.
 *
 * A rewritten entry may be longer than the device's; what then does not fit
 * the caller's buffer waits in c->rock, rewritten when its turn comes.
 */
#include "chan/names.h"

enum { STAT_INLINE = 256, CHUNK = 8192 };

static void dir_rewind(Chan *c) REQUIRES(c->diroff)
{
	chan_close(c->umc);
	c->umc = nil;
	c->uri = 0;
	c->dri = 0;
	c->devoffset = 0;
	kfree(c->rock);
	c->rock = nil;
	c->nrock = 0;
}

/* The next entries of one directory as its device gives them. */
static ERR device_read(Chan *c, u8 *buf, usize size, usize *n)
{
	Iobuf b = iobuf_kernel(buf, size);

	*n = 0;
	TRY(c->dev->read(c, &b, c->devoffset, n));
	assert(*n <= size);
	c->devoffset += *n;
	return nil;
}

/* Open the uri-th member of the union: a private channel in c->umc, nil beyond the last. */
static ERR member_open(Chan *c) REQUIRES(c->diroff)
{
	Chan *member = mhead_member(c->umh, c->uri), *mine, *opened;
	Err err;

	if (member == nil)
		return nil;
	err = chan_clone(member, &mine);
	chan_close(member);
	TRY(err);
	err = mine->dev->open(mine, OREAD, &opened);
	if (err != nil) {
		chan_close(mine);
		return err;
	}
	c->umc = opened;
	return nil;
}

/* The next entries of a union; members that fail are passed over. */
static ERR union_read(Chan *c, u8 *buf, usize size, usize *n) REQUIRES(c->diroff)
{
	*n = 0;
	for (;; c->uri++) {
		Err err = nil;

		if (c->umc == nil) {
			err = member_open(c);
			if (err == nil && c->umc == nil)
				return nil;
		}
		if (err == nil)
			err = device_read(c->umc, buf, size, n);
		if (err == Eintr || err == Eshort)
			return err;
		if (err == nil && *n > 0)
			return nil;
		chan_close(c->umc);
		c->umc = nil;
	}
}

/*
 * If the entry is a mount point, write the entry of what is mounted there to
 * out, the name kept. *used is 0 when the entry stays as it is, and larger than
 * size when there is no room.
 */
static ERR entry_rewrite(const u8 *entry, usize len, Rune letter, u8 *out, usize size, usize *used)
{
	u8 stack[STAT_INLINE], *stat;
	Qid qid = { .type = entry[8], .vers = get32le(entry + 9), .path = get64le(entry + 13) };
	const Dev *dev = dev_find(letter);
	Chan *to;
	Mhead *mh;
	u32 at;
	usize n;

	*used = 0;
	if (dev == nil || !mount_find(dev, get32le(entry + 4), &qid, 1, &at, &to, &mh))
		return nil;
	mhead_put(mh);
	Err err = chan_stat(to, stack, sizeof(stack), &stat, &n);

	chan_close(to);
	if (err != nil)
		return err == Eintr ? err : nil;
	*used = dir_rename(stat, n, (const char *)entry + 43, get16le(entry + 41), out, size);
	if (*used == 0)
		*used = size + 1;
	if (stat != stack)
		kfree(stat);
	return nil;
}

/*
 * Copy entries from in[0..nin) to out, rewriting; *taken bytes of in made *n bytes of out. A note
 * leaves everything where it is.
 */
static ERR entries_rewrite(const u8 *in, usize nin, u8 *out, usize size, usize *taken, usize *n)
{
	*taken = *n = 0;
	while (*taken < nin) {
		const u8 *entry = in + *taken;
		usize len = dir_check(entry, nin - *taken), used;

		if (len == 0)
			return *n > 0 ? nil : Ebaddirent;
		Err err = entry_rewrite(entry, len, get16le(entry + 2), out + *n, size - *n, &used);
		if (err != nil) {
			*taken = *n = 0;
			return err;
		}
		if (used == 0) {
			used = len;
			if (len <= size - *n)
				memcpy(out + *n, entry, len);
		}
		if (used > size - *n)
			break;
		*n += used;
		*taken += len;
	}
	return *n == 0 && nin > 0 ? Eshort : nil;
}

/* Keep in[0..n) for the next read. */
static ERR rock_keep(Chan *c, const u8 *in, usize n) REQUIRES(c->diroff)
{
	u8 *rock = nil;

	if (n > 0) {
		if ((rock = kalloc(n)) == nil)
			return Enomem;
		memcpy(rock, in, n);
	}
	kfree(c->rock);
	c->rock = rock;
	c->nrock = n;
	return nil;
}

/* One read into kernel memory: raw and out have size bytes each. */
static ERR read_entries(Chan *c, u8 *raw, u8 *out, usize size, usize *n) REQUIRES(c->diroff)
{
	const u8 *in = raw;
	usize nin = 0, taken;

	if (c->nrock > 0) {
		in = c->rock;
		nin = c->nrock;
	} else if (c->umh != nil) {
		TRY(union_read(c, raw, size, &nin));
	} else {
		TRY(device_read(c, raw, size, &nin));
	}
	Err err = entries_rewrite(in, nin, out, size, &taken, n);

	if (taken < nin || c->nrock > 0)
		TRY(rock_keep(c, in + taken, nin - taken));
	return err;
}

/* One read of at most size bytes into the caller's memory. */
static ERR read_chunk(Chan *c, const Iobuf *b, usize size, usize *n) REQUIRES(c->diroff)
{
	u8 *raw = kalloc(2 * size);

	if (raw == nil)
		return Enomem;
	Err err = read_entries(c, raw, raw + size, size, n);

	if (err == nil)
		err = iobuf_put(b, 0, raw + size, *n);
	kfree(raw);
	return err;
}

static ERR dir_pread_locked(Chan *c, const Iobuf *b, s64 off, usize *n) REQUIRES(c->diroff)
{
	usize size = MIN(b->size, (usize)DIRREADLIM);

	if (off == -1)
		off = (s64)c->offset;
	if (off == 0) {
		dir_rewind(c);
		c->offset = 0;
	} else if ((u64)off != c->offset) {
		return Edirseek;
	}
	if (size < STATFIXLEN)
		return Eshort;
	/* A few pages do, unless a single entry is larger. */
	Err err = read_chunk(c, b, MIN(size, (usize)CHUNK), n);

	if (err == Eshort && size > CHUNK)
		err = read_chunk(c, b, size, n);
	if (err == nil)
		c->offset += *n;
	return err;
}

Err dir_pread(Chan *c, const Iobuf *b, s64 off, usize *n)
{
	assert(c->qid.type & QTDIR);
	*n = 0;
	if (!turn_wait(&c->diroff))
		return Eintr;
	Err err = dir_pread_locked(c, b, off, n);

	turn_pass(&c->diroff);
	return err;
}
