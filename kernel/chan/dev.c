/*
 * Help for devices that are tables of files: attach, walk, stat, directory
 * reads and opening from one generator, and the defaults for operations that
 * a device has not.
 */
#include "chan/chan.h"

u32 dev_mtime;
/* Seconds since 1970, from the linking of the kernel (kernel.mk); absent in kernels for tests. */
extern const u64 kernel_built __attribute__((weak));

const Dev *dev_find(Rune letter)
{
	for (const Dev *const *d = devtab; *d != nil; d++)
		if ((*d)->letter == letter)
			return *d;
	return nil;
}

void chandevreset(void)
{
	dev_mtime = &kernel_built != nil ? (u32)kernel_built : 0;
	for (const Dev *const *d = devtab; *d != nil; d++)
		if ((*d)->reset != nil)
			(*d)->reset();
}

void chandevinit(void)
{
	for (const Dev *const *d = devtab; *d != nil; d++)
		if ((*d)->init != nil)
			(*d)->init();
}

void devdir(Chan *c, Qid qid, const char *name, u64 length, const char *uid, u32 perm, Dir *d)
{
	d->type = (u16)c->dev->letter;
	d->dev = c->instance;
	d->qid = qid;
	d->mode = perm | (u32)qid.type << 24;
	d->atime = 0;
	d->mtime = dev_mtime;
	d->length = length;
	d->name = name;
	d->uid = uid;
	d->gid = eve;
	d->muid = uid;
}

/* The whole table is one flat directory whose parent is itself. */
int devgen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	if (i == DEVDOTDOT) {
		d->name = "";
		d->qid = (Qid){ .path = c->qid.path, .type = QTDIR };
		return 1;
	}
	if (name != nil) {
		for (; i < ntab && strcmp(tab[i].name, name) != 0; i++)
			;
	}
	if (i < 0 || i >= ntab)
		return -1;
	devdir(c, tab[i].qid, tab[i].name, tab[i].length, eve, tab[i].perm, d);
	return 1;
}

Err devattach(const Dev *dev, const char *spec, Chan **out)
{
	char name[136], letter[8] = { 0 };
	Chan *c = chan_new();

	if (c == nil)
		return Enomem;
	c->dev = dev;
	c->qid = (Qid){ .path = 0, .type = QTDIR };
	rune_encode(letter, dev->letter);
	snprint(name, sizeof(name), "#%s%s", letter, spec);
	c->path = path_new(name);
	if (c->path == nil) {
		chan_discard_fresh(c);
		return Enomem;
	}
	*out = c;
	return nil;
}

void chan_discard_fresh(Chan *c)
{
	c->dev = nil;
	chan_close(c);
}

Chan *devclone(Chan *c)
{
	Chan *nc = chan_new();

	assert(!(c->flag & COPEN));
	if (nc == nil)
		return nil;
	nc->dev = c->dev;
	nc->instance = c->instance;
	nc->qid = c->qid;
	nc->aux = c->aux;
	nc->aux2 = c->aux2;
	return nc;
}

/* One element from c's qid; Enotdir, Enonexist, or what the generator found in *d. */
static ERR walk_one(Chan *c, const char *name, const Dirtab *tab, u32 ntab, Devgen *gen, Dir *d)
{
	if (!(c->qid.type & QTDIR))
		return Enotdir;
	bool dot = name[0] == '.';

	if (dot && name[1] == '\0') {
		d->qid = c->qid;
		return nil;
	}
	if (dot && strcmp(name, "..") == 0)
		return gen(c, nil, tab, ntab, DEVDOTDOT, d) == 1 ? nil : Enonexist;
	for (s64 i = 0; ; i++) {
		int got = gen(c, name, tab, ntab, i, d);

		if (got < 0)
			return Enonexist;
		if (got == 1 && strcmp(d->name, name) == 0)
			return nil;
	}
}

Err devwalk(Chan *c, Chan *nc, const char **names, u32 nnames, const Dirtab *tab, u32 ntab,
	Devgen *gen, Walkqid *w)
{
	bool fresh = nc == nil;
	Dir d;

	w->nqid = 0;
	w->clone = nil;
	if (fresh && (nc = devclone(c)) == nil)
		return Enomem;
	if (!fresh)
		nc->qid = c->qid;
	for (u32 i = 0; i < nnames; i++) {
		Err err = walk_one(nc, names[i], tab, ntab, gen, &d);

		if (err != nil) {
			if (fresh)
				chan_discard_fresh(nc);
			return i == 0 ? err : nil;
		}
		nc->qid = d.qid;
		w->qid[w->nqid++] = d.qid;
	}
	w->clone = nc;
	return nil;
}

/* Device files were read just now: looked at only when an entry is shown, walks need no clock. */
static void fill_atime(Dir *d)
{
	if (d->atime == 0)
		d->atime = (u32)(time_nsec() / 1000000000);
}

Err devstatput(Dir *d, u8 *buf, usize size, usize *n)
{
	if (size < 2)
		return Eshortstat;
	fill_atime(d);
	*n = dir_encode(d, buf, size);
	if (*n == 0) {
		put16le(buf, (u16)(dir_size(d) - 2));
		*n = 2;
	}
	return nil;
}

Err devstat(Chan *c, u8 *buf, usize size, const Dirtab *tab, u32 ntab, Devgen *gen, usize *n)
{
	Dir d;

	for (s64 i = 0; ; i++) {
		int got = gen(c, nil, tab, ntab, i, &d);

		if (got == 1 && d.qid.path == c->qid.path && d.qid.type == c->qid.type)
			return devstatput(&d, buf, size, n);
		if (got < 0)
			break;
	}
	if (!(c->qid.type & QTDIR))
		return Enonexist;
	devdir(c, c->qid, c->path == nil ? "" : path_last(c->path), 0, eve, 0555, &d);
	return devstatput(&d, buf, size, n);
}

Err devdirread(Chan *c, const Iobuf *b, const Dirtab *tab, u32 ntab, Devgen *gen, usize *n)
{
	Dir d;

	assert(b->kaddr != nil);
	*n = 0;
	for (;; c->dri++) {
		int got = gen(c, nil, tab, ntab, (s64)c->dri, &d);

		if (got < 0)
			return nil;
		if (got == 0)
			continue;
		fill_atime(&d);
		usize used = dir_encode(&d, b->kaddr + *n, b->size - *n);

		if (used == 0)
			return *n == 0 ? Eshort : nil;
		*n += used;
	}
}

NO_TSA Err devwstat(Chan *c, const u8 *buf, usize size, QLock *lk,
	Err (*change)(Chan *c, const Dir *d))
{
	Dir d;
	char *strs = kalloc(size);

	if (strs == nil)
		return Enomem;
	Err err = dir_decode(buf, size, &d, strs);

	if (err == nil) {
		if (lk != nil)
			qlock(lk);
		err = change(c, &d);
		if (lk != nil)
			qunlock(lk);
	}
	kfree(strs);
	return err;
}

Err devpermcheck(const char *uid, u32 perm, u32 mode)
{
	static const u8 wanted[4] = { 4, 2, 6, 1 };
	u32 shift = 0;

	if (strcmp(up->user, uid) == 0)
		shift = 6;
	else if (strcmp(up->user, eve) == 0)
		shift = 3;
	u32 need = wanted[mode & 3];

	if (mode & OTRUNC)
		need |= 2;
	return (perm >> shift & need) == need ? nil : Eperm;
}

Err devopenmode(u32 mode, u32 *omode)
{
	mode &= ~(u32)(OTRUNC | OCEXEC | ORCLOSE);
	if (mode > OEXEC)
		return Ebadarg;
	*omode = mode == OEXEC ? OREAD : mode;
	return nil;
}

Err devopen(Chan *c, u32 mode, const Dirtab *tab, u32 ntab, Devgen *gen, Chan **out)
{
	u32 omode;
	Dir d;

	TRY(devopenmode(mode, &omode));
	if ((c->qid.type & QTDIR) && (mode & ~(u32)OCEXEC) != OREAD)
		return Eperm;
	for (s64 i = 0; ; i++) {
		int got = gen(c, nil, tab, ntab, i, &d);

		if (got < 0)
			break;
		if (got == 1 && d.qid.path == c->qid.path && d.qid.type == c->qid.type) {
			TRY(devpermcheck(d.uid, d.mode, mode & ~(u32)(OCEXEC | ORCLOSE)));
			break;
		}
	}
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

Err dev_nocreate(Chan *c, const char *name, u32 mode, u32 perm)
{
	return Eperm;
}

Err dev_nowrite(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return Eperm;
}

Err dev_noremove(Chan *c)
{
	return Eperm;
}

Err dev_nowstat(Chan *c, const u8 *buf, usize n)
{
	return Eperm;
}

void dev_noclose(Chan *c)
{
}
