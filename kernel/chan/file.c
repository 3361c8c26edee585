/*
 * The calls of process.md 3 on descriptors, for the running process. Arguments
 * have been copied out of user memory; user data stays behind Iobufs. The
 * calls that take names are in filename.c.
 */
#include "chan/names.h"

enum { OMODES = 3 | OTRUNC | OCEXEC | ORCLOSE };

/* Put the opened channel into the table. */
static ERR descriptor(Chan *c, u32 mode, s32 *fd)
{
	Err err = fd_new(c, mode & OCEXEC, fd);

	if (err != nil)
		chan_close(c);
	return err;
}

Err sys_open_name(const char *name, u32 mode, s32 *fd)
{
	Chan *c;

	if (mode & ~(u32)OMODES)
		return Ebadarg;
	TRY(namec(name, Aopen, mode, 0, &c));
	return descriptor(c, mode, fd);
}

Err sys_create_name(const char *name, u32 mode, u32 perm, s32 *fd)
{
	Chan *c;

	if (mode & ~(u32)(OMODES | OEXCL))
		return Ebadarg;
	TRY(namec(name, Acreate, mode, perm, &c));
	return descriptor(c, mode, fd);
}

/* A write at the shared offset claims its range first: concurrent writers do not overlap. */
static ERR write_shared(Chan *c, const Iobuf *b, usize *n)
{
	u64 off = __atomic_fetch_add(&c->offset, b->size, __ATOMIC_RELAXED);
	Err err = c->dev->write(c, b, off, n);
	usize moved = err == nil ? *n : 0;

	assert(moved <= b->size);
	if (unlikely(moved < b->size))
		__atomic_fetch_sub(&c->offset, b->size - moved, __ATOMIC_RELAXED);
	return err;
}

Err file_pwrite(s32 fd, const Iobuf *b, s64 off, usize *n)
{
	Err err;
	Chan *c = fd_borrow(fd, OWRITE, &err);

	*n = 0;
	if (unlikely(c == nil))
		return err;
	if (unlikely(c->qid.type & QTDIR))
		err = Eisdir;
	else if (off < -1)
		err = Enegoff;
	else if (off == -1)
		err = write_shared(c, b, n);
	else
		err = c->dev->write(c, b, (u64)off, n);
	fd_return(c);
	return err;
}

Err chan_length(Chan *c, u64 *length)
{
	u8 stack[256], *stat;
	usize n;

	TRY(chan_stat(c, stack, sizeof(stack), &stat, &n));
	*length = get64le(stat + 33);
	if (stat != stack)
		kfree(stat);
	return nil;
}

/* Where a seek leads from base; below zero or past what a signed offset can say: Enegoff. */
static ERR seek_target(u64 base, s64 off, s64 *result)
{
	if (__builtin_add_overflow((s64)base, off, result) || *result < 0)
		return Enegoff;
	return nil;
}

static ERR seek_chan(Chan *c, s64 off, s32 type, s64 *result)
{
	u64 length = 0;

	if (c->dev->letter == '|')
		return Eisstream;
	if (type < 0 || type > 2)
		return Ebadarg;
	if ((c->qid.type & QTDIR) && (type != 0 || off != 0))
		return Eisdir;
	if (type == 2)
		TRY(chan_length(c, &length));
	if (c->qid.type & QTDIR) {
		if (!turn_wait(&c->diroff))
			return Eintr;
		c->offset = 0;
		turn_pass(&c->diroff);
		*result = 0;
		return nil;
	}
	u64 was = PEEK(c->offset);

	do {
		TRY(seek_target(type == 0 ? 0 : type == 1 ? was : length, off, result));
	} while (!__atomic_compare_exchange_n(&c->offset, &was, (u64)*result, false,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return nil;
}

Err file_seek(s32 fd, s64 off, s32 type, s64 *result)
{
	Chan *c;

	TRY(fd_chan(fd, -1, true, &c));
	Err err = seek_chan(c, off, type, result);

	chan_close(c);
	return err;
}

Err file_fd2path(s32 fd, char *buf, usize size)
{
	Chan *c;

	if (size == 0)
		return Ebadarg;
	TRY(fd_chan(fd, -1, false, &c));
	strecpy(buf, buf + size, c->path == nil ? "" : c->path->name);
	chan_close(c);
	return nil;
}

/* One end of a fresh pipe, opened for reading and writing. */
static ERR pipe_end(Chan *root, const char *file, const char *path, Chan **out)
{
	Walkqid w = { .clone = nil };
	Chan *opened;

	TRY(root->dev->walk(root, nil, &file, 1, &w));
	assert(w.clone != nil);
	chan_setpath(w.clone, path_new(path));
	Err err = w.clone->path == nil ? Enomem : root->dev->open(w.clone, ORDWR, &opened);

	if (err != nil) {
		chan_close(w.clone);
		return err;
	}
	*out = opened;
	return nil;
}

Err file_pipe(s32 fd[2])
{
	const Dev *dev = dev_find('|');
	Chan *root, *c[2] = { nil, nil };
	Err err;

	assert(dev != nil);
	TRY(dev->attach(dev, "", &root));
	err = pipe_end(root, "data", "#|/data", &c[0]);
	if (err == nil)
		err = pipe_end(root, "data1", "#|/data1", &c[1]);
	if (err == nil)
		err = fd_new_pair(c, fd);
	if (err != nil) {
		chan_close(c[0]);
		chan_close(c[1]);
	}
	chan_close(root);
	return err;
}

Err file_fversion(s32 fd, u32 msize, char *vers, usize size, usize *n)
{
	Chan *c;

	TRY(fd_chan(fd, ORDWR, false, &c));
	Err err = mnt_version(c, msize, vers, size, n);

	chan_close(c);
	return err;
}

Err file_fauth(s32 fd, const char *aname, s32 *afd)
{
	Chan *c, *ac;

	TRY(name_check_aname(aname));
	TRY(fd_chan(fd, ORDWR, false, &c));
	Err err = mnt_auth(c, aname, &ac);

	chan_close(c);
	return err != nil ? err : descriptor(ac, OCEXEC, afd);
}

void chan_complain(const char *text, usize n)
{
	Iobuf b = iobuf_kernel((u8 *)(uintptr)text, n);
	usize written;
	Err ignored = file_pwrite(2, &b, -1, &written);

	(void)ignored;
}
