/*
 * namec: from a name to a channel.
 *
 * A name is split into elements and walked in groups. A walk stops where the
 * mount table has something, continues there, and remembers in its trail what
 * was covered, so that ".." finds back. A Place is where the evaluation stands;
 * its channel may be one that others share, until `own` makes it private.
 */
#include "chan/names.h"

enum { NAME_INLINE = 200, NELEM_INLINE = 24, DEVNAME_MAX = 127 };

/* A name taken apart. text is the copy whose slashes became NULs. */
typedef struct Name {
	const char *whole;
	char *text;
	const char **elem;
	u32 nelem, room;
	u32 prefix;		/* bytes before the first element: "/", "#c" or nothing */
	bool mustdir;		/* it ends in / or /. */
	char text_inline[NAME_INLINE];
	const char *elem_inline[NELEM_INLINE];
} Name;

typedef struct Place {
	Chan *c;		/* a reference */
	Mhead *mh;		/* c is the first thing mounted there. A reference, or nil */
	bool nomount;		/* inside a # name */
	bool fixed;		/* every device that was asked is */
	u64 stamp;		/* of the mount table, before the first look at it */
	Trail trail;
} Place;

/* ---- taking names apart ---- */

static inline ERR check(const char *name, bool slash_ok, usize *length)
{
	const char *p = name;

	/* One comparison for most: neither control characters nor DEL nor beyond ASCII. */
	for (; *p != '\0'; p++) {
		u8 ch = (u8)*p, beyond = (u8)(ch - 0x20);

		if ((beyond >= 0x5f && ch < 0x80) || (ch == '/' && !slash_ok))
			return errorf("%s: %s", Ebadchar, name);
	}
	*length = (usize)(p - name);
	if (p == name)
		return Eempty;
	return p - name > NAME_MAX_BYTES ? Etoolong : nil;
}

Err name_check(const char *name, bool slash_ok)
{
	usize length;

	return check(name, slash_ok, &length);
}

Err name_check_aname(const char *aname)
{
	return aname[0] == '\0' ? nil : name_check(aname, true);
}

static void name_free(Name *n)
{
	if (n->elem != n->elem_inline)
		kfree(n->elem);
	if (n->text != n->text_inline)
		kfree(n->text);
}

static ERR name_add(Name *n, const char *element)
{
	if (n->nelem == n->room) {
		const char **bigger = kalloc(2 * n->room * sizeof(*bigger));

		if (bigger == nil)
			return Enomem;
		memcpy(bigger, n->elem, n->nelem * sizeof(*bigger));
		if (n->elem != n->elem_inline)
			kfree(n->elem);
		n->elem = bigger;
		n->room *= 2;
	}
	n->elem[n->nelem++] = element;
	return nil;
}

/* The length of what comes before the first element. */
static ERR name_prefix(const char *name, u32 *prefix)
{
	u32 n = 0;

	if (name[0] == '/') {
		n = 1;
	} else if (name[0] == '#') {
		n = name[1] == '\0' ? 1 : 2;
		while (name[n] != '\0' && name[n] != '/')
			n++;
		if (n > DEVNAME_MAX)
			return Efilename;
	}
	*prefix = n;
	return nil;
}

/* Cut text at its slashes; empty elements and dots vanish. */
static ERR name_cut(Name *n)
{
	char *p = n->text + n->prefix;

	n->mustdir = false;
	for (;;) {
		while (*p == '/') {
			*p++ = '\0';
			n->mustdir = true;
		}
		if (*p == '\0')
			return nil;
		char *element = p;

		while (*p != '\0' && *p != '/')
			p++;
		if (p - element == 1 && *element == '.') {
			n->mustdir = true;
			continue;
		}
		n->mustdir = false;
		TRY(name_add(n, element));
	}
}

static ERR name_split(Name *n, const char *name)
{
	usize length = 0;
	Err err;

	TRY(check(name, true, &length));
	usize size = length + 1;

	n->whole = name;
	n->nelem = 0;
	n->room = NELEM_INLINE;
	n->elem = n->elem_inline;
	TRY(name_prefix(name, &n->prefix));
	n->text = size <= sizeof(n->text_inline) ? n->text_inline : kalloc(size);
	if (n->text == nil)
		return Enomem;
	memcpy(n->text, name, size);
	if ((err = name_cut(n)) != nil)
		name_free(n);
	return err;
}

/* Bytes of the name up to the end of its first nelem elements; all of one that has none. */
static usize name_extent(const Name *n, u32 nelem)
{
	if (nelem == 0)
		return n->prefix == 0 ? strlen(n->whole) : n->prefix;
	const char *last = n->elem[nelem - 1];

	return (usize)(last - n->text) + strlen(last);
}

/*
 * `'name' error`, the first len bytes of the name, inner quotes doubled.
 * A long name keeps its tail behind `...`, so that the error stays whole.
 */
static Err name_error(const char *whole, usize len, Err err)
{
	char quoted[ERRMAX];
	usize room = ERRMAX - 1 - MIN(strlen(err), ERRMAX / 2) - 3, used = 0, start = len;

	if (err == Eintr)
		return err;	/* programs compare it whole */
	while (start > 0) {
		usize cost = whole[start - 1] == '\'' ? 2 : 1;

		if (used + cost > (start == 1 ? room : room - 3))
			break;
		used += cost;
		start--;
	}
	while (start > 0 && start < len && ((u8)whole[start] & 0xC0) == 0x80)
		start++;	/* never begin inside a rune */
	char *p = quoted, *end = quoted + sizeof(quoted);

	if (start > 0)
		p = strecpy(p, end, "...");
	for (usize i = start; i < len && p < end - 2; i++) {
		if (whole[i] == '\'')
			*p++ = '\'';
		*p++ = whole[i];
	}
	*p = '\0';
	return errorf("'%s' %s", quoted, err);
}

/* ---- walking ---- */

static bool isdotdot(const char *s)
{
	return s[0] == '.' && s[1] == '.' && s[2] == '\0';
}

static void place_free(Place *p)
{
	chan_close(p->c);
	mhead_put(p->mh);
	trail_free(&p->trail);
	p->c = nil;
	p->mh = nil;
}

/* Stand on c now (the reference passes), the first member of mh if that is not nil. */
static void place_move(Place *p, Chan *c, Mhead *mh)
{
	Chan *left = p->c;
	Mhead *left_mh = p->mh;

	p->c = c;
	p->mh = mh;
	chan_close(left);
	mhead_put(left_mh);
}

/* Where the present file is covered by a mount, go to what is mounted. */
static void place_cross(Place *p)
{
	Chan *to;
	Mhead *mh;
	u32 at;

	if (p->mh != nil)
		return;
	bool mounted = !p->nomount && mount_maybe(up->pgrp, p->c->qid.path) &&
		mount_find(p->c->dev, p->c->instance, &p->c->qid, 1, &at, &to, &mh);

	if (!mounted && p->c->dev->cross != nil)
		mounted = p->c->dev->cross(p->c, &to, &mh);
	if (!mounted)
		return;
	trail_cover(&p->trail, mh->from);
	place_move(p, to, mh);
}

/* ".." : from what was covered here, and back to what is covered above. */
static ERR walk_up(Place *p)
{
	static const char *dotdot[1] = { ".." };
	Walkqid w;
	Chan *base = trail_covered(&p->trail);

	if (base == nil)
		base = p->c;
	w.clone = nil;
	p->fixed = p->fixed && base->dev->fixed;
	TRY(base->dev->walk(base, nil, dotdot, 1, &w));
	if (w.clone == nil)
		return Enonexist;
	if (p->trail.n > 1)
		trail_pop(&p->trail);
	Chan *covered = trail_covered(&p->trail);

	if (covered != nil) {
		chan_incref(covered);
		chan_close(w.clone);
		w.clone = covered;
		trail_cover(&p->trail, nil);
	}
	place_move(p, w.clone, nil);
	return nil;
}

/* Ask the device, then the other members of the union, to walk; *from, a reference, did. */
static ERR walk_members(Place *p, const char **names, u32 n, Walkqid *w, Chan **from)
{
	Err err = p->c->dev->walk(p->c, nil, names, n, w);
	Chan *member;

	p->fixed = p->fixed && p->c->dev->fixed;
	if (err == nil) {
		chan_incref(p->c);
		*from = p->c;
		return nil;
	}
	if (p->mh == nil)
		return err;
	for (u32 i = 1; err != Eintr && (member = mhead_member(p->mh, i)) != nil; i++) {
		w->clone = nil;
		p->fixed = p->fixed && member->dev->fixed;
		if (member->dev->walk(member, nil, names, n, w) == nil) {
			*from = member;
			return nil;
		}
		chan_close(member);
	}
	return err;
}

/*
 * Walk up to MAXWELEM elements without "..". *done is how many were
 * passed; on an error, how many elements the error's name shows.
 */
static ERR walk_group(Place *p, const char **names, u32 n, u32 *done)
{
	Walkqid w;		/* large: no initialiser */
	Chan *from = nil, *to = nil;
	Mhead *mh = nil;
	u32 at = 0;
	Err err;

	*done = 1;
	w.clone = nil;
	w.nqid = 0;
	TRY(walk_members(p, names, n, &w, &from));
	assert(w.nqid <= n && (w.nqid < n || w.clone != nil));
	assert(w.nqid > 0 || w.clone == nil);
	bool mounted = !p->nomount && mount_find(from->dev, from->instance, w.qid,
		w.clone != nil ? w.nqid - 1 : w.nqid, &at, &to, &mh);

	chan_close(from);
	if (!mounted && w.clone == nil) {
		bool dir = w.nqid == 0 || (w.qid[w.nqid - 1].type & QTDIR);

		*done = dir ? w.nqid + 1 : w.nqid;
		return dir ? Enonexist : Enotdir;
	}
	*done = mounted ? at + 1 : w.nqid;
	for (u32 i = 0; i < *done; i++)
		if ((err = trail_push(&p->trail, names[i])) != nil)
			goto out;
	if (mounted) {
		trail_cover(&p->trail, mh->from);
		place_move(p, to, mh);
		chan_close(w.clone);
	} else {
		place_move(p, w.clone, nil);
	}
	return nil;
out:
	chan_close(to);
	mhead_put(mh);
	chan_close(w.clone);
	return err;
}

/* Walk all the names; on an error *failed is the number of elements its name shows. */
static ERR walk(Place *p, const char **names, u32 n, u32 *failed)
{
	u32 at = 0;

	while (at < n) {
		u32 count = 0, done = 0;
		Err err = nil;

		*failed = at;
		if (!(p->c->qid.type & QTDIR))
			return Enotdir;
		while (at + count < n && count < MAXWELEM && !isdotdot(names[at + count]))
			count++;
		if (count == 0) {
			err = walk_up(p);
			done = 1;
		} else {
			place_cross(p);
			err = walk_group(p, names + at, count, &done);
		}
		at += done;
		*failed = at;
		if (err != nil)
			return err;
	}
	return nil;
}

/* ---- starting and finishing ---- */

/* Attach the device that a # name begins with. */
static ERR attach(const Name *n, bool masked_ok, Chan **out)
{
	char prefix[DEVNAME_MAX + 1];
	Rune letter;

	memcpy(prefix, n->whole, n->prefix);
	prefix[n->prefix] = '\0';
	if (n->prefix == 1)
		return Ebadsharp;
	usize used = rune_decode(&letter, prefix + 1, n->prefix - 1);
	const Dev *dev = dev_find(letter);

	if (dev == nil)
		return Ebadsharp;
	if (!masked_ok && !pgrp_devallowed(up->pgrp, dev))
		return Enoattach;
	return dev->attach(dev, prefix + 1 + used, out);
}

static ERR place_start(Place *p, const Name *n, bool masked_ok)
{
	Chan *c;
	Err err;

	p->nomount = n->whole[0] == '#';
	p->mh = nil;
	p->fixed = n->whole[0] == '/';
	p->stamp = known_stamp(up->pgrp);
	if (p->nomount) {
		TRY(attach(n, masked_ok, &c));
	} else {
		c = n->whole[0] == '/' ? up->slash : up->dot;
		chan_incref(c);
	}
	assert(c->path != nil);
	if ((err = trail_init(&p->trail, c->path)) != nil) {
		chan_close(c);
		return err;
	}
	p->c = c;
	return nil;
}

/* Make the place's channel private and give it the path walked. */
static ERR own(Place *p)
{
	if (ref_count(&p->c->ref) != 1) {
		Chan *mine;

		TRY(chan_clone(p->c, &mine));
		chan_close(p->c);
		p->c = mine;
	}
	Path *path = trail_path(&p->trail);

	if (path == nil)
		return Enomem;
	chan_setpath(p->c, path);
	return nil;
}

/* Remember the union of a directory in its channel, for reading or binding it. */
static void keep_union(Place *p, Chan *c, bool always)
{
	if (p->mh == nil || c->umh != nil || (!always && mhead_count(p->mh) < 2))
		return;
	c->umh = p->mh;
	p->mh = nil;
}

/* Open a private channel; *c is then what it may have been replaced by. */
static ERR open_private(Chan **c, u32 omode)
{
	Chan *opened = nil;

	TRY((*c)->dev->open(*c, omode & ~(u32)OCEXEC, &opened));
	assert(opened != nil && (opened->flag & COPEN));
	if (opened == *c && (omode & ORCLOSE))
		opened->flag |= CRCLOSE;
	*c = opened;
	return nil;
}

/* Open the private channel of the place. */
static ERR place_open(Place *p, u32 omode)
{
	Chan *c = p->c;
	bool dir = c->qid.type & QTDIR;

	if (dir && (omode & 3) == OEXEC)
		return Eexecdir;
	TRY(open_private(&p->c, omode));
	if (dir && p->c == c)
		keep_union(p, c, false);
	return nil;
}

/* Create the last element in the directory where the place stands, crossed and with its mh. */
static ERR place_create(Place *p, const char *name, u32 omode, u32 perm)
{
	Chan *dir = p->c, *c;
	Err err;

	if (p->mh != nil) {
		dir = mhead_creator(p->mh);
		if (dir == nil)
			return Enocreate;
	} else {
		chan_incref(dir);
	}
	err = chan_clone(dir, &c);
	chan_close(dir);
	TRY(err);
	err = c->dev->create(c, name, omode & ~(u32)(OEXCL | OCEXEC), perm);
	if (err == nil && (err = trail_push(&p->trail, name)) == nil) {
		assert(c->flag & COPEN);
		if (omode & ORCLOSE)
			c->flag |= CRCLOSE;
		place_move(p, c, nil);
		return own(p);
	}
	chan_close(c);
	return err;
}

/* Open what the walk of the last element found, truncating it. */
static ERR open_existing(Place *p, u32 omode)
{
	if (omode & OEXCL)
		return Eexist;
	place_cross(p);
	TRY(own(p));
	return place_open(p, omode | OTRUNC);
}

/* The place stands on the directory of the last element. */
static ERR finish_create(Place *p, const Name *n, u32 omode, u32 perm, u32 *failed)
{
	const char *last = n->elem[n->nelem - 1];
	u32 ignored;

	*failed = n->nelem - 1;
	if (n->mustdir && !(perm & DMDIR))
		return Edmdir;
	place_cross(p);
	if (!(p->c->qid.type & QTDIR))
		return Enotdir;
	*failed = n->nelem;
	Err err = walk(p, &last, 1, &ignored);

	if (err == nil)
		return open_existing(p, omode);
	if (err == Eintr)
		return err;
	if (isdotdot(last))
		return Eexist;
	Err created = place_create(p, last, omode, perm);

	if (created == nil || created == Eintr || (omode & OEXCL))
		return created;
	/* Somebody may have been faster: once more. */
	if (walk(p, &last, 1, &ignored) != nil)
		return created;
	return open_existing(p, omode);
}

static ERR finish(Place *p, const Name *n, enum Access access, u32 omode, u32 perm, u32 *failed)
{
	Chan *to;
	Mhead *mh;
	u32 at;

	*failed = n->nelem;
	switch (access) {
	case Acreate:
		return finish_create(p, n, omode, perm, failed);
	case Aremove:
		if (!p->nomount &&
		    mount_find(p->c->dev, p->c->instance, &p->c->qid, 1, &at, &to, &mh)) {
			chan_close(to);
			mhead_put(mh);
			return Eismtpt;
		}
		break;
	case Aaccess:
	case Abind:
	case Aopen:
		place_cross(p);
		break;
	case Atodir:
	case Amount:
		break;
	}
	if ((n->mustdir || access == Atodir) && !(p->c->qid.type & QTDIR))
		return Enotdir;
	TRY(own(p));
	if (p->fixed && p->c->dev->fixed && !(p->c->qid.type & QTDIR) &&
	    (access == Aaccess || access == Aopen))
		known_add(n->whole, p->c, p->stamp);
	if (access == Abind)
		keep_union(p, p->c, true);
	return access == Aopen ? place_open(p, omode) : nil;
}

static ERR resolve(const char *name, enum Access access, u32 omode, u32 perm, bool masked_ok,
	Chan **out)
{
	Name n;
	Place p;
	u32 failed = 0;
	Err err;

	TRY(name_split(&n, name));
	if ((err = place_start(&p, &n, masked_ok)) != nil)
		goto out;
	if (access == Acreate && n.nelem == 0)
		err = Eexist;
	else
		err = walk(&p, n.elem, access == Acreate ? n.nelem - 1 : n.nelem, &failed);
	if (err == nil)
		err = finish(&p, &n, access, omode, perm, &failed);
	if (err != nil) {
		err = name_error(name, name_extent(&n, failed), err);
	} else {
		*out = p.c;
		p.c = nil;
	}
	place_free(&p);
out:
	name_free(&n);
	return err;
}

/* A channel for a known name. *k holds a reference to its path. */
static ERR resolve_known(const char *name, const Known *k, enum Access access, u32 omode,
	Chan **out)
{
	Chan *c = chan_new();

	if (c == nil) {
		path_put(k->path);
		return name_error(name, k->length, Enomem);
	}
	c->dev = k->dev;
	c->instance = k->instance;
	c->qid = k->qid;
	c->aux = k->aux;
	c->aux2 = k->aux2;
	c->path = k->path;
	Err err = access == Aopen ? open_private(&c, omode) : nil;

	if (err != nil) {
		chan_close(c);
		return name_error(name, k->length, err);
	}
	*out = c;
	return nil;
}

Err namec(const char *name, enum Access access, u32 omode, u32 perm, Chan **out)
{
	Known k;

	if ((access == Aopen || access == Aaccess) && known_find(name, true, &k))
		return resolve_known(name, &k, access, omode, out);
	return resolve(name, access, omode, perm, false, out);
}

Err namec_unknown(const char *name, Chan **out)
{
	return resolve(name, Aaccess, 0, 0, false, out);
}

Err namec_masked(const char *name, enum Access access, Chan **out)
{
	return resolve(name, access, 0, 0, true, out);
}
