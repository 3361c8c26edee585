/*
 * Descriptors: tables of channels, shared or copied by rfork. Close-on-exec
 * belongs to the descriptor, offset and mode to the channel.
 *
 * Fgrp.lk is a spin lock; channels are closed after it is released.
 */
#include "chan/chan.h"

static LOCK_CLASS(fgrp_class, "chan.fgrp");

NO_TSA Fgrp *fgrp_new(void)
{
	Fgrp *f = kalloc(sizeof(*f));

	if (f == nil)
		return nil;
	f->fd = kalloc(FD_GROW * sizeof(Chan *));
	f->flag = kalloc(FD_GROW);
	if (f->fd == nil || f->flag == nil) {
		kfree(f->fd);
		kfree(f->flag);
		kfree(f);
		return nil;
	}
	f->ref.n = 1;
	f->nfd = FD_GROW;
	f->maxfd = -1;
	lock_init(&f->lk, &fgrp_class);
	return f;
}

void fgrp_incref(Fgrp *f)
{
	ref_take(&f->ref);
}

NO_TSA void fgrp_put(Fgrp *f)
{
	if (f == nil || ref_drop(&f->ref) > 0)
		return;
	for (s32 i = 0; i <= f->maxfd; i++)
		chan_close(f->fd[i]);
	kfree(f->fd);
	kfree(f->flag);
	kfree(f);
}

/* Make room for descriptor fd; f->lk held. */
static ERR fgrp_grow(Fgrp *f, u32 fd) REQUIRES(f->lk)
{
	if (fd < f->nfd)
		return nil;
	if (fd >= FD_MAX)
		return Enofd;
	u32 nfd = (fd / FD_GROW + 1) * FD_GROW;
	Chan **table = kalloc(nfd * sizeof(Chan *));
	u8 *flag = kalloc(nfd);

	if (table == nil || flag == nil) {
		kfree(table);
		kfree(flag);
		return Enomem;
	}
	memcpy(table, f->fd, f->nfd * sizeof(Chan *));
	memcpy(flag, f->flag, f->nfd);
	kfree(f->fd);
	kfree(f->flag);
	f->fd = table;
	f->flag = flag;
	f->nfd = nfd;
	return nil;
}

NO_TSA Err fgrp_copy(Fgrp *from, Fgrp **out)
{
	Fgrp *f = fgrp_new();
	Err err;

	if (f == nil)
		return Enomem;
	lock(&from->lk);
	err = fgrp_grow(f, from->nfd - 1);
	if (err == nil) {
		for (s32 i = 0; i <= from->maxfd; i++) {
			f->fd[i] = from->fd[i];
			f->flag[i] = from->flag[i];
			if (f->fd[i] != nil)
				chan_incref(f->fd[i]);
		}
		f->maxfd = from->maxfd;
	}
	unlock(&from->lk);
	if (err != nil) {
		fgrp_put(f);
		return err;
	}
	*out = f;
	return nil;
}

/* Put c at fd, which is free and in the table; f->lk held. */
static void fd_set(Fgrp *f, u32 fd, Chan *c, bool cexec) REQUIRES(f->lk)
{
	assert(fd < f->nfd && f->fd[fd] == nil && c != nil);
	f->fd[fd] = c;
	f->flag[fd] = cexec ? CCEXEC : 0;
	f->maxfd = MAX(f->maxfd, (s32)fd);
}

/* Empty slot fd; the channel that was there, or nil. f->lk held. */
static Chan *fd_take(Fgrp *f, u32 fd) REQUIRES(f->lk)
{
	Chan *c = f->fd[fd];

	f->fd[fd] = nil;
	f->flag[fd] = 0;
	while (f->maxfd >= 0 && f->fd[f->maxfd] == nil)
		f->maxfd--;
	return c;
}

/* The lowest free descriptor from `from` on, the table grown for it; f->lk held. */
static ERR fd_free(Fgrp *f, u32 from, u32 *fd) REQUIRES(f->lk)
{
	u32 i = from;

	while (i < f->nfd && f->fd[i] != nil)
		i++;
	*fd = i;
	return fgrp_grow(f, i);
}

Err fd_new(Chan *c, bool cexec, s32 *fd)
{
	Fgrp *f = up->fgrp;
	u32 i;

	lock(&f->lk);
	Err err = fd_free(f, 0, &i);

	if (err == nil) {
		fd_set(f, i, c, cexec);
		*fd = (s32)i;
	}
	unlock(&f->lk);
	return err;
}

Err fd_new_pair(Chan *c[2], s32 fd[2])
{
	Fgrp *f = up->fgrp;
	u32 a, b;
	Err err;

	lock(&f->lk);
	if ((err = fd_free(f, 0, &a)) == nil && (err = fd_free(f, a + 1, &b)) == nil) {
		fd_set(f, a, c[0], false);
		fd_set(f, b, c[1], false);
		fd[0] = (s32)a;
		fd[1] = (s32)b;
	}
	unlock(&f->lk);
	return err;
}

static bool mode_permits(const Chan *c, s32 mode)
{
	if (mode < 0 || c->mode == ORDWR)
		return true;
	if ((mode & OTRUNC) && c->mode == OREAD)
		return false;
	return c->mode == ((u32)mode & ~(u32)OTRUNC);
}

static Chan *hold_locked(Fgrp *f, s32 fd)
{
	Chan *c = nil;

	lock(&f->lk);
	if (fd >= 0 && (u32)fd < f->nfd && (c = f->fd[fd]) != nil)
		chan_incref(c);
	unlock(&f->lk);
	return c;
}

/*
 * The channel of fd with a reference, nil when there is none. Who has the table alone needs no
 * lock: what another closes through /proc/n/ctl cannot go while it is borrowed.
 */
static inline NO_TSA Chan *hold(s32 fd)
{
	Proc *p = up;
	Fgrp *f = p->fgrp;

	if (unlikely(__atomic_load_n(&f->ref.n, __ATOMIC_ACQUIRE) != 1 || p->borrowed != nil))
		return hold_locked(f, fd);
	Chan *c = fd >= 0 && (u32)fd < f->nfd ? PEEK(f->fd[fd]) : nil;

	if (c == nil)
		return nil;
	__atomic_store_n(&p->borrowed, c, __ATOMIC_SEQ_CST);
	bool there = __atomic_load_n(&f->fd[fd], __ATOMIC_SEQ_CST) == c;

	if (likely(there))
		chan_incref(c);
	fd_return(c);
	return there ? c : nil;
}

Err fd_chan(s32 fd, s32 mode, bool check_msg, Chan **out)
{
	Chan *c = hold(fd);

	if (c == nil)
		return Ebadfd;
	if ((check_msg && (c->flag & CMSG)) || !mode_permits(c, mode)) {
		/* A directory cannot have been opened for writing: say that instead. */
		bool dir = mode == OWRITE && (c->qid.type & QTDIR);

		chan_close(c);
		return dir ? Eisdir : Ebadusefd;
	}
	*out = c;
	return nil;
}

Chan *fd_borrow_counted(s32 fd, u32 mode, Err *err)
{
	Chan *c = nil;

	*err = fd_chan(fd, (s32)mode, true, &c);
	return c;
}

/* The mark of a reference that was left to the borrower. */
static Chan *marked(Chan *c)
{
	return (Chan *)(void *)((u8 *)c + 1);
}

/* There was a reference, or there is one now. */
void fd_return_counted(Chan *c)
{
	Chan *mine = marked(c);

	__atomic_compare_exchange_n(&up->borrowed, &mine, nil, false, __ATOMIC_SEQ_CST,
		__ATOMIC_SEQ_CST);
	chan_close(c);
}

void fd_let_go(Proc *p, Chan *c)
{
	Chan *borrowed = c;

	if (c != nil && !__atomic_compare_exchange_n(&p->borrowed, &borrowed, marked(c), false,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		chan_close(c);
}

Err fd_close(s32 fd)
{
	Fgrp *f = up->fgrp;
	Chan *c = nil;

	lock(&f->lk);
	if (fd >= 0 && (u32)fd < f->nfd)
		c = fd_take(f, (u32)fd);
	unlock(&f->lk);
	if (c == nil)
		return Ebadfd;
	chan_close(c);
	return nil;
}

Err fd_dup(s32 old, s32 new_, s32 *out)
{
	Fgrp *f = up->fgrp;
	Chan *c = nil, *replaced = nil;
	u32 fd = (u32)new_;
	Err err;

	TRY(fd_chan(old, -1, false, &c));
	lock(&f->lk);
	if (new_ == -1)
		err = fd_free(f, 0, &fd);
	else if (new_ < 0 || (u32)new_ >= f->nfd + FD_GROW)
		err = Ebadfd;
	else if ((err = fgrp_grow(f, fd)) == nil)
		replaced = fd_take(f, fd);
	if (err == nil)
		fd_set(f, fd, c, false);
	unlock(&f->lk);
	chan_close(err == nil ? replaced : c);
	if (err == nil)
		*out = (s32)fd;
	return err;
}

void fd_close_exec(Fgrp *f)
{
	for (s32 i = 0; ; i++) {
		Chan *c = nil;

		lock(&f->lk);
		bool more = i <= f->maxfd;

		if (more && (f->flag[i] & CCEXEC))
			c = fd_take(f, (u32)i);
		unlock(&f->lk);
		chan_close(c);
		if (!more)
			return;
	}
}

static const char *const mode_columns[4] = { "r ", "w ", "rw", "r " };

Err fd_line(Proc *p, u32 fd, char *buf, usize size, usize *n)
{
	Fgrp *f = nil;
	Chan *c = nil;

	*n = 0;
	ilock(&p->lk);
	if (p->fgrp != nil) {
		f = p->fgrp;
		fgrp_incref(f);
	}
	iunlock(&p->lk);
	if (f == nil)
		return Eprocdied;
	lock(&f->lk);
	if (fd < f->nfd && (c = f->fd[fd]) != nil)
		chan_incref(c);
	unlock(&f->lk);
	fgrp_put(f);
	if (c == nil)
		return nil;
	char letter[8] = { 0 };

	rune_encode(letter, c->dev->letter);
	char *end = seprint(buf, buf + size, "%3u %s %s %4u (%016lx %u %02x) %5u %8lu %s\n", fd,
		mode_columns[c->mode & 3], letter, c->instance, c->qid.path, c->qid.vers,
		c->qid.type, c->iounit, PEEK(c->offset), c->path == nil ? "" : c->path->name);
	*n = (usize)(end - buf);
	chan_close(c);
	return nil;
}
