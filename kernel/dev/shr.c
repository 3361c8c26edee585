/*
 * #σ: shares, mount points that every name space has. #σc is where they are
 * made: a directory there is a share, and a descriptor written to a file in it
 * is mounted in the share. #σ shows each share as a directory whose contents are
 * the union of what is mounted there: it has a Mhead of its own, and namec
 * crosses it as it does those of a name space (Dev.cross).
 *
 * Channels name shares and files by number in Qid.path and hold no references;
 * what was removed is not there any more. Servers are talked to without the lock.
 */
#include "chan/names.h"
#include "dev/devices.h"

enum {
	KIND_ROOT, KIND_SHARE, KIND_CONTROL, KIND_CSHARE, KIND_FILE, KIND_SHIFT = 3,
	SHR_NAME_MAX = 128, WRITE_MAX = 1024,
};

static LOCK_CLASS(shr_class, "shr");
static QLock shr_lock = QLOCK_INIT(&shr_class);

typedef struct Entry Entry;

/* A share or a file in one. */
struct Entry {
	Entry *next GUARDED_BY(shr_lock);	/* in the order in which they were made */
	u64 number;		/* [I] from 1 */
	char name[SHR_NAME_MAX] GUARDED_BY(shr_lock);
	char owner[28] GUARDED_BY(shr_lock);
	u32 perm GUARDED_BY(shr_lock);
	Entry *share;		/* [I] of a file: where it is; nil of a share */
	Entry *files GUARDED_BY(shr_lock);	/* of a share */
	Mhead *mh;		/* [I] of a share; a reference */
	Chan *transport GUARDED_BY(shr_lock);	/* a file's: a reference; nil until written */
	Mount *mount GUARDED_BY(shr_lock);	/* of a file */
};

static Entry *shares GUARDED_BY(shr_lock);
static u64 last_number GUARDED_BY(shr_lock);

static u32 kind_of(const Chan *c)
{
	return (u32)c->qid.path & ((1U << KIND_SHIFT) - 1);
}

static Qid qid_of(u64 number, u32 kind)
{
	return (Qid){
		.path = number << KIND_SHIFT | kind, .type = kind == KIND_FILE ? 0 : QTDIR,
	};
}

/* ---- finding; shr_lock held from here on ---- */

static Entry *numbered(Entry *list, u64 number) REQUIRES(shr_lock)
{
	while (list != nil && list->number != number)
		list = list->next;
	return list;
}

static Entry *named(Entry *list, const char *name) REQUIRES(shr_lock)
{
	while (list != nil && strcmp(list->name, name) != 0)
		list = list->next;
	return list;
}

/* What a channel stands for; nil for the roots and for what was removed. */
static Entry *entry_of(const Chan *c) REQUIRES(shr_lock)
{
	u64 number = c->qid.path >> KIND_SHIFT;
	Entry *e = nil;

	if (kind_of(c) == KIND_SHARE || kind_of(c) == KIND_CSHARE)
		return numbered(shares, number);
	if (kind_of(c) == KIND_FILE)
		for (Entry *s = shares; s != nil && e == nil; s = s->next)
			e = numbered(s->files, number);
	return e;
}

static bool is_root(const Chan *c)
{
	return kind_of(c) == KIND_ROOT || kind_of(c) == KIND_CONTROL;
}

static bool owns(const Entry *e)
{
	return strcmp(e->owner, up->user) == 0 || iseve();
}

/* In a share of the host owner nobody else adds and removes. */
static bool may_change(const Entry *share)
{
	return strcmp(share->owner, eve) != 0 || iseve();
}

/* ---- the trees ---- */

static void root_dir(Chan *c, u32 kind, Dir *d)
{
	devdir(c, qid_of(0, kind), kind == KIND_ROOT ? "#σ" : "#σc", 0, eve,
		kind == KIND_ROOT ? 0555 : 0777, d);
}

/* Names and owners must outlive the lock: they go to d->room. */
static void entry_dir(Chan *c, const Entry *e, u32 kind, Dir *d) REQUIRES(shr_lock)
{
	char *owner = d->room + SHR_NAME_MAX, *end = d->room + sizeof(d->room);

	strecpy(owner, end, e->owner);
	strecpy(d->room, owner, e->name);
	devdir(c, qid_of(e->number, kind), d->room, 0, owner,
		kind == KIND_SHARE ? e->perm & 0555 : e->perm, d);
}

/* The directory above c, which is a directory. */
static void parent_dir(Chan *c, Dir *d)
{
	u32 kind = kind_of(c);

	root_dir(c, kind == KIND_SHARE || kind == KIND_ROOT ? KIND_ROOT : KIND_CONTROL, d);
}

static int shr_gen_locked(Chan *c, const char *name, s64 i, Dir *d) REQUIRES(shr_lock)
{
	static const u32 below[] = {
		[KIND_ROOT] = KIND_SHARE, [KIND_CONTROL] = KIND_CSHARE, [KIND_CSHARE] = KIND_FILE,
	};
	const Entry *dir = entry_of(c);

	if (i == DEVDOTDOT) {
		parent_dir(c, d);
		return 1;
	}
	if (kind_of(c) == KIND_SHARE || (dir == nil && !is_root(c)))
		return -1;
	Entry *e = is_root(c) ? shares : dir->files;

	if (name != nil)
		e = i == 0 ? named(e, name) : nil;
	for (; name == nil && e != nil && i > 0; i--)
		e = e->next;
	if (e == nil)
		return -1;
	entry_dir(c, e, below[kind_of(c)], d);
	return 1;
}

static int shr_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	qlock(&shr_lock);
	int got = shr_gen_locked(c, name, i, d);

	qunlock(&shr_lock);
	return got;
}

static Err shr_attach(const Dev *dev, const char *spec, Chan **out)
{
	bool control = strcmp(spec, "c") == 0;

	if (spec[0] != '\0' && !control)
		return Ebadspec;
	TRY(devattach(dev, spec, out));
	(*out)->qid = qid_of(0, control ? KIND_CONTROL : KIND_ROOT);
	return nil;
}

/* A walk that enters a share stops there: what follows is looked up in what is mounted. */
static Err shr_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	u32 n = kind_of(c) == KIND_ROOT ? MIN(nnames, 1U) : nnames;

	return devwalk(c, nc, names, n, nil, 0, shr_gen, w);
}

/* Who may not search the directory does not get in. */
static bool shr_cross(Chan *c, Chan **to, Mhead **mh)
{
	bool crossed = false;

	if (kind_of(c) != KIND_SHARE)
		return false;
	qlock(&shr_lock);
	const Entry *s = entry_of(c);

	if (s != nil && devpermcheck(s->owner, s->perm, OEXEC) == nil &&
	    (*to = mhead_member(s->mh, 0)) != nil) {
		mhead_incref(s->mh);
		*mh = s->mh;
		crossed = true;
	}
	qunlock(&shr_lock);
	return crossed;
}

static Err shr_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Dir d = { 0 };

	qlock(&shr_lock);
	const Entry *e = entry_of(c);
	bool there = e != nil || is_root(c);

	if (e != nil)
		entry_dir(c, e, kind_of(c), &d);
	else
		root_dir(c, kind_of(c), &d);
	qunlock(&shr_lock);
	return there ? devstatput(&d, buf, size, n) : Enonexist;
}

/* ---- opening ---- */

static ERR open_directory(const Chan *c, u32 mode, u32 omode) REQUIRES(shr_lock)
{
	const Entry *e = entry_of(c);

	if (e == nil && !is_root(c))
		return Enonexist;
	if (omode != OREAD || (mode & (OTRUNC | ORCLOSE)))
		return Eperm;
	return e != nil ? devpermcheck(e->owner, e->perm, OREAD) : nil;
}

/* The channel to the server, with a reference. */
static ERR open_file(const Chan *c, u32 mode, u32 omode, Chan **out) REQUIRES(shr_lock)
{
	const Entry *e = entry_of(c);

	if (e == nil)
		return Enonexist;
	if (mode & OTRUNC)
		return Eexist;
	if (mode & ORCLOSE)
		return Eperm;
	if (e->transport == nil)
		return Eshutdown;
	if (e->transport->mode != omode)
		return Eperm;
	TRY(devpermcheck(e->owner, e->perm, omode));
	chan_incref(e->transport);
	*out = e->transport;
	return nil;
}

static Err shr_open(Chan *c, u32 mode, Chan **out)
{
	Chan *transport = nil;
	u32 omode;

	TRY(devopenmode(mode, &omode));
	qlock(&shr_lock);
	Err err = kind_of(c) == KIND_FILE ? open_file(c, mode, omode, &transport) :
		open_directory(c, mode, omode);

	qunlock(&shr_lock);
	TRY(err);
	if (transport != nil) {
		chan_close(c);
		*out = transport;
		return nil;
	}
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

/* ---- making ---- */

static void entry_add(Entry *e, const char *name, u32 perm) REQUIRES(shr_lock)
{
	Entry **at = e->share != nil ? &e->share->files : &shares;

	e->number = ++last_number;
	e->perm = perm & 0777;
	strecpy(e->name, e->name + sizeof(e->name), name);
	strecpy(e->owner, e->owner + sizeof(e->owner), up->user);
	while (*at != nil)
		at = &(*at)->next;
	*at = e;
}

/* The union of a share is covered by a channel on its directory in the user's view. */
static ERR share_add(Chan *c, Entry *e, const char *name, u32 perm) REQUIRES(shr_lock)
{
	Chan *from;

	if (named(shares, name) != nil)
		return Eexist;
	TRY(devattach(c->dev, "", &from));
	e->mh = mhead_new(from);
	if (e->mh != nil) {
		entry_add(e, name, perm);
		from->qid = qid_of(e->number, KIND_SHARE);
		c->qid = qid_of(e->number, KIND_CSHARE);
	}
	chan_close(from);
	return e->mh != nil ? nil : Enomem;
}

static ERR file_add(Chan *c, Entry *e, const char *name, u32 perm) REQUIRES(shr_lock)
{
	Entry *share = entry_of(c);

	if (share == nil)
		return Enonexist;
	if (!may_change(share))
		return Eperm;
	TRY(devpermcheck(share->owner, share->perm, OWRITE));
	if (named(share->files, name) != nil)
		return Eexist;
	e->share = share;
	entry_add(e, name, perm);
	c->qid = qid_of(e->number, KIND_FILE);
	return nil;
}

/* May the process mount at all? */
static ERR may_mount(void)
{
	if (!pgrp_devallowed(up->pgrp, dev_find('M')))
		return Enoattach;
	return strcmp(up->user, "none") != 0 ? nil : Eperm;
}

static ERR create_check(const Chan *c, const char *name, u32 omode, u32 perm)
{
	if (strlen(name) >= SHR_NAME_MAX)
		return Etoolong;
	if (kind_of(c) == KIND_CONTROL && (perm & DMDIR) && omode == OREAD)
		return nil;
	if (kind_of(c) == KIND_CSHARE && !(perm & DMDIR) && omode == OWRITE)
		return may_mount();
	return Eperm;
}

static Err shr_create(Chan *c, const char *name, u32 mode, u32 perm)
{
	u32 omode;

	TRY(devopenmode(mode, &omode));
	TRY(create_check(c, name, omode, perm));
	Entry *e = kalloc(sizeof(*e));

	if (e == nil)
		return Enomem;
	qlock(&shr_lock);
	Err err = kind_of(c) == KIND_CONTROL ? share_add(c, e, name, perm) :
		file_add(c, e, name, perm);

	qunlock(&shr_lock);
	if (err != nil) {
		kfree(e);
		return err;
	}
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	return nil;
}

/* ---- mounting: `fd` or `fd NL aname` ---- */

static ERR parse(char *text, s32 *fd, const char **aname)
{
	const char *end;
	char *nl = strchr(text, '\n');

	*aname = "";
	if (nl != nil) {
		*nl = '\0';
		*aname = nl + 1;
	}
	u64 n = strtou64(text, &end, 0);

	if (end == text || n > FD_MAX)
		return Ebadfd;
	*fd = (s32)n;
	return name_check_aname(*aname);
}

/* Put what the server gave into the share, if the file is still there and was not written. */
static ERR commit(Chan *c, Chan *transport, Chan *root) REQUIRES(shr_lock)
{
	Entry *e = entry_of(c);

	if (e == nil)
		return Enonexist;
	if (e->transport != nil)
		return Ebadusefd;
	if (!may_change(e->share))
		return Eperm;
	TRY(mhead_join(e->share->mh, root, (e->perm & 0222) ? MCREATE : 0, &e->mount));
	chan_incref(transport);
	e->transport = transport;
	return nil;
}

static ERR mount_at(Chan *c, Chan *transport, const char *aname)
{
	Chan *root;

	TRY(mnt_attach(transport, nil, aname, 0, &root));
	Err err = nil;

	if (root->path == nil && (root->path = path_new("#σ")) == nil)
		err = Enomem;
	if (err == nil) {
		qlock(&shr_lock);
		err = commit(c, transport, root);
		qunlock(&shr_lock);
	}
	chan_close(root);
	return err;
}

static Err shr_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[WRITE_MAX];
	const char *aname;
	Chan *transport;
	s32 fd;

	*n = 0;
	if (kind_of(c) != KIND_FILE)
		return Eisdir;
	TRY(writestr(b, text, sizeof(text)));
	TRY(may_mount());
	TRY(parse(text, &fd, &aname));
	TRY(fd_chan(fd, ORDWR, false, &transport));
	Err err = mount_at(c, transport, aname);

	chan_close(transport);
	if (err == nil)
		*n = b->size;
	return err;
}

static Err shr_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	return c->qid.type & QTDIR ? devdirread(c, b, nil, 0, shr_gen, n) : Eperm;
}

/* ---- removing ---- */

/* Take e out of its list; it is the caller's now. */
static void entry_unlink(Entry *e) REQUIRES(shr_lock)
{
	Entry **at = e->share != nil ? &e->share->files : &shares;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
}

/* It is in no list any more. */
static NO_TSA void entry_free(Entry *e, Mount *gone)
{
	mounts_free(gone);
	chan_close(e->transport);
	mhead_put(e->mh);
	kfree(e);
}

static ERR may_remove(const Entry *e) REQUIRES(shr_lock)
{
	if (e == nil)
		return Enonexist;
	if (!owns(e) || (e->share != nil && !may_change(e->share)))
		return Eperm;
	return e->files == nil ? nil : "directory not empty";
}

static ERR remove_entry(Chan *c)
{
	Mount *gone = nil;

	qlock(&shr_lock);
	Entry *e = entry_of(c);
	Err err = may_remove(e);

	if (err == nil) {
		entry_unlink(e);
		if (e->mount != nil)
			gone = mhead_leave(e->share->mh, e->mount);
	}
	qunlock(&shr_lock);
	if (err == nil)
		entry_free(e, gone);
	return err;
}

static Err shr_remove(Chan *c)
{
	return kind_of(c) == KIND_CSHARE || kind_of(c) == KIND_FILE ? remove_entry(c) : Eperm;
}

static void shr_close(Chan *c)
{
	if ((c->flag & COPEN) && (c->flag & CRCLOSE) && kind_of(c) == KIND_FILE) {
		Err err = remove_entry(c);

		(void)err;	/* it may be gone already */
	}
}

/* ---- changes ---- */

static ERR change(Chan *c, const Dir *d) REQUIRES(shr_lock)
{
	Entry *e = entry_of(c);

	if (e == nil)
		return Enonexist;
	if (!owns(e))
		return Eperm;
	if (d->name[0] != '\0' && strcmp(d->name, e->name) != 0) {
		if (strlen(d->name) >= SHR_NAME_MAX)
			return Etoolong;
		if (named(e->share != nil ? e->share->files : shares, d->name) != nil)
			return Eexist;
		strecpy(e->name, e->name + sizeof(e->name), d->name);
	}
	if (d->uid[0] != '\0')
		strecpy(e->owner, e->owner + sizeof(e->owner), d->uid);
	if (d->mode != ~0U)
		e->perm = d->mode & 0777;
	return nil;
}

static Err shr_wstat(Chan *c, const u8 *buf, usize size)
{
	return kind_of(c) == KIND_CSHARE || kind_of(c) == KIND_FILE ?
		devwstat(c, buf, size, &shr_lock, change) : Eperm;
}

static void rename_all(Entry *e, const char *old, const char *new_name) REQUIRES(shr_lock)
{
	for (; e != nil; e = e->next) {
		if (strcmp(e->owner, old) == 0)
			strecpy(e->owner, e->owner + sizeof(e->owner), new_name);
		rename_all(e->files, old, new_name);
	}
}

void shr_renameuser(const char *old, const char *new_name)
{
	qlock(&shr_lock);
	rename_all(shares, old, new_name);
	qunlock(&shr_lock);
}

const Dev devshr = {
	.letter = 0x3C3,
	.name = "shr",
	.attach = shr_attach,
	.walk = shr_walk,
	.cross = shr_cross,
	.stat = shr_stat,
	.open = shr_open,
	.create = shr_create,
	.close = shr_close,
	.read = shr_read,
	.write = shr_write,
	.remove = shr_remove,
	.wstat = shr_wstat,
};
