/*
 * The calls of process.md 3 that work on names and on entries: stat, wstat,
 * remove, chdir, bind, mount, unmount.
 */
#include "chan/names.h"

enum { STAT_INLINE = 256 };

/* ---- stat ---- */

static bool has_name(const u8 *stat, const char *name, usize len)
{
	return get16le(stat + 41) == len && memcmp(stat + 43, name, len) == 0;
}

/*
 * Stat c with that name, the one used to reach it, into buf; the 2-byte short form when it does
 * not fit. A device that gives just that name has it done.
 */
static ERR stat_named(Chan *c, const char *name, u8 *buf, usize size, usize *n)
{
	u8 small[STAT_INLINE], *stack = size >= sizeof small ? buf : small, *stat;
	usize nstat;

	if (size < 2)
		return Eshortstat;
	TRY(chan_stat(c, stack, STAT_INLINE, &stat, &nstat));
	if (c->flag & CMSG) {
		stat[8] |= QTMOUNT;
		put32le(stat + 21, get32le(stat + 21) | DMMOUNT);
	}
	usize name_len = strlen(name);

	if (stat == buf && has_name(stat, name, name_len)) {
		*n = nstat;
		return nil;
	}
	if (stat == buf)
		stat = memcpy(small, buf, nstat);
	*n = dir_rename(stat, nstat, name, name_len, buf, size);
	if (*n == 0) {
		usize needed = nstat - get16le(stat + 41) + name_len;

		put16le(buf, (u16)MIN(needed - 2, (usize)65535));
		*n = 2;
	}
	if (stat != stack && stat != small)
		kfree(stat);
	return nil;
}

static ERR stat_chan(Chan *c, u8 *buf, usize size, usize *n)
{
	return stat_named(c, c->path == nil ? "" : path_last(c->path), buf, size, n);
}

/* A fixed device wants to know which file it is: that needs no channel of its own. */
static ERR stat_known(const Known *k, const char *name, u8 *buf, usize size, usize *n)
{
	Chan c = { .dev = k->dev, .instance = k->instance, .qid = k->qid, .aux = k->aux,
		.aux2 = k->aux2 };
	const char *last = name + k->length;

	while (last[-1] != '/')
		last--;
	return stat_named(&c, last, buf, size, n);
}

Err file_stat(const char *name, u8 *buf, usize size, usize *n)
{
	Known k;
	Chan *c;

	if (known_find(name, false, &k))
		return stat_known(&k, name, buf, size, n);
	TRY(namec_unknown(name, &c));
	Err err = stat_chan(c, buf, size, n);

	chan_close(c);
	return err;
}

Err file_fstat(s32 fd, u8 *buf, usize size, usize *n)
{
	Chan *c;

	TRY(fd_chan(fd, -1, false, &c));
	Err err = stat_chan(c, buf, size, n);

	chan_close(c);
	return err;
}

/* ---- wstat ---- */

/* Is c something mounted, or something that a mount covers? */
static bool is_mount_point(Chan *c)
{
	Path *p = c->path;
	Chan *to;
	Mhead *mh;
	u32 at;

	if (p != nil && p->nmount > 0 && p->mounted_on[p->nmount - 1] != nil) {
		u32 nelem = 0;

		for (const char *s = p->name + (p->name[0] == '/'); *s != '\0'; s++)
			nelem += *s == '/';
		if (p->name[0] == '/' && p->name[1] != '\0')
			nelem++;
		if (p->nmount == nelem + 1)
			return true;
	}
	if (!mount_find(c->dev, c->instance, &c->qid, 1, &at, &to, &mh))
		return false;
	chan_close(to);
	mhead_put(mh);
	return true;
}

/* A well-formed entry whose count field says n - 2, its name legal. */
static ERR wstat_check(Chan *c, const u8 *buf, usize n)
{
	char name[256];

	if (n < STATFIXLEN || dir_check(buf, n) != n)
		return Ebadstat;
	usize len = get16le(buf + 41);

	if (len == 0)
		return nil;
	for (usize i = 0; i < len; i++)
		if (buf[43 + i] < 0x20 || buf[43 + i] == 0x7f || buf[43 + i] == '/') {
			usize shown = MIN(len, sizeof(name) - 1);

			memcpy(name, buf + 43, shown);
			name[shown] = '\0';
			return errorf("%s: %s", Ebadchar, name);
		}
	return is_mount_point(c) ? Eismtpt : nil;
}

static ERR wstat_chan(Chan *c, const u8 *buf, usize n)
{
	TRY(wstat_check(c, buf, n));
	return c->dev->wstat(c, buf, n);
}

Err file_wstat(const char *name, const u8 *buf, usize n)
{
	Chan *c;

	if (n < STATFIXLEN || dir_check(buf, n) != n)
		return Ebadstat;
	TRY(namec(name, Aaccess, 0, 0, &c));
	Err err = wstat_chan(c, buf, n);

	chan_close(c);
	return err;
}

Err file_fwstat(s32 fd, const u8 *buf, usize n)
{
	Chan *c;

	TRY(fd_chan(fd, -1, true, &c));
	Err err = wstat_chan(c, buf, n);

	chan_close(c);
	return err;
}

/* ---- remove, chdir ---- */

Err file_remove(const char *name)
{
	Chan *c;

	TRY(namec(name, Aremove, 0, 0, &c));
	assert(ref_count(&c->ref) == 1);
	Err err = c->dev->remove(c);

	chan_discard(c);
	return err;
}

Err file_chdir(const char *name)
{
	Chan *c;

	TRY(namec(name, Atodir, 0, 0, &c));
	ilock(&up->lk);		/* /proc/n/ns of others reads it */
	Chan *left = up->dot;

	up->dot = c;
	iunlock(&up->lk);
	chan_close(left);
	return nil;
}

/* ---- name space ---- */

static ERR flag_check(u32 flag)
{
	if ((flag & ~(u32)MMASK) || (flag & MORDER) == (MBEFORE | MAFTER))
		return Ebadarg;
	return nil;
}

Err file_bind(const char *name, const char *old, u32 flag)
{
	Chan *from, *on;

	TRY(flag_check(flag));
	TRY(namec(name, Abind, 0, 0, &from));
	Err err = namec(old, Amount, 0, 0, &on);

	if (err == nil) {
		err = chan_bind(from, on, flag, nil);
		chan_close(on);
	}
	chan_close(from);
	return err;
}

/* The root of what the server behind fd offers, as the caller's user. */
static ERR mount_attach(s32 fd, s32 afd, u32 flag, const char *aname, Chan **root)
{
	const Dev *mnt = dev_find('M');
	Chan *c, *ac = nil;
	Err err;

	if (mnt == nil || up->pgrp->nomount || !pgrp_devallowed(up->pgrp, mnt))
		return Enoattach;
	TRY(fd_chan(fd, ORDWR, false, &c));
	err = afd < 0 ? nil : fd_chan(afd, ORDWR, false, &ac);
	if (err == nil)
		err = mnt_attach(c, ac, aname, flag, root);
	chan_close(ac);
	chan_close(c);
	return err;
}

Err file_mount(s32 fd, s32 afd, const char *old, u32 flag, const char *aname)
{
	Chan *root, *on;

	TRY(flag_check(flag));
	TRY(name_check_aname(aname));
	TRY(mount_attach(fd, afd, flag, aname, &root));
	Err err = namec(old, Amount, 0, 0, &on);

	if (err == nil) {
		err = chan_bind(root, on, flag, aname);
		if (err == nil)
			mnt_named(root, chan_filename(on));
		chan_close(on);
	}
	chan_close(root);
	if (err == nil) {
		Err gone = fd_close(fd);

		(void)gone;	/* it is mounted, whoever closed the descriptor meanwhile */
	}
	return err;
}

/* A bare `#X` may be unmounted even where the device is masked. */
static bool bare_device(const char *name)
{
	Rune r;

	return name[0] == '#' && name[1] != '\0' &&
		name[1 + rune_decode(&r, name + 1, strlen(name + 1))] == '\0';
}

/* Opening shows the channel behind a name in /srv or /fd; else a name stands for itself. */
static ERR mounted_thing(const char *name, Chan **out)
{
	Err err = namec(name, Aopen, OREAD, 0, out);

	return err == nil || err == Eintr ? err : namec(name, Abind, 0, 0, out);
}

Err file_unmount(const char *name, const char *old)
{
	Chan *which = nil, *on;
	Err err = nil;

	TRY(namec(old, Amount, 0, 0, &on));
	if (name != nil && bare_device(name))
		err = namec_masked(name, Abind, &which);
	else if (name != nil)
		err = mounted_thing(name, &which);
	if (err == nil)
		err = chan_unbind(on, which);
	chan_close(which);
	chan_close(on);
	return err;
}
