/*
 * The name space: a table from covered files to what is mounted on them.
 * Each entry (Mhead) is a list of members in the order they are searched.
 *
 * Locks: Pgrp.ns, then Mhead.lk. Both are spin locks held for list work
 * only; channels are closed after they are released. Walks read the table without them
 * (ns_enter): what they follow, the heads of a bucket and the first member of
 * each, is entered and taken out by one store, and freed when none of them reads.
 */
#include "chan/names.h"

static LOCK_CLASS(ns_class, "chan.ns");
static LOCK_CLASS(mhead_class, "chan.mhead");
static const char allowed_after_nomount[] = "|decp";

/* ---- heads and members ---- */

void mhead_incref(Mhead *mh)
{
	ref_take(&mh->ref);
}

static void mount_free(Mount *m)
{
	chan_close(m->to);
	kfree(m->spec);
	kfree(m);
}

void mounts_free(Mount *m)
{
	for (Mount *next; m != nil; m = next) {
		next = m->next;
		mount_free(m);
	}
}

void mhead_put(Mhead *mh)
{
	if (mh == nil || ref_drop(&mh->ref) > 0)
		return;
	mounts_free(mh->mount);
	chan_close(mh->from);
	kfree(mh);
}

Chan *mhead_member(Mhead *mh, u32 i)
{
	Chan *c = nil;

	lock(&mh->lk);
	Mount *m = mh->mount;
	while (m != nil && i-- > 0)
		m = m->next;
	if (m != nil) {
		c = m->to;
		chan_incref(c);
	}
	unlock(&mh->lk);
	return c;
}

Chan *mhead_creator(Mhead *mh)
{
	Chan *c = nil;

	lock(&mh->lk);
	Mount *m = mh->mount;
	while (m != nil && !(m->flag & MCREATE))
		m = m->next;
	if (m != nil) {
		c = m->to;
		chan_incref(c);
	}
	unlock(&mh->lk);
	return c;
}

u32 mhead_count(Mhead *mh)
{
	u32 n = 0;

	lock(&mh->lk);
	for (Mount *m = mh->mount; m != nil; m = m->next)
		n++;
	unlock(&mh->lk);
	return n;
}

Mhead *mhead_new(Chan *from)
{
	Mhead *mh = kalloc(sizeof(*mh));

	if (mh == nil)
		return nil;
	mh->ref.n = 1;
	lock_init(&mh->lk, &mhead_class);
	mh->from = from;
	chan_incref(from);
	return mh;
}

/* ---- reading without a lock ---- */

NsReader ns_readers[NCPU_MAX];

void ns_settle(const Pgrp *p)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (u32 i = 0; i < cpu_count(); i++)
		while (__atomic_load_n(&ns_readers[i].in, __ATOMIC_ACQUIRE) == p)
			arch_relax();
}

static Mhead *next_head(Mhead *const *at) { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }
static void set_head(Mhead **at, Mhead *mh) { __atomic_store_n(at, mh, __ATOMIC_RELEASE); }
static void set_member(Mount **at, Mount *m) { __atomic_store_n(at, m, __ATOMIC_RELEASE); }

/* The head of a file. Between ns_enter and ns_leave, or with p->ns held. */
NO_TSA static Mhead *head_of(const Pgrp *p, const Dev *dev, u32 instance, const Qid *qid)
{
	Mhead *mh = next_head(&p->hash[mount_hash(qid->path)]);

	for (; mh != nil; mh = next_head(&mh->hash)) {
		const Chan *from = mh->from;

		if (from->qid.path == qid->path && from->dev == dev && from->instance == instance &&
		    ((from->qid.type ^ qid->type) & QTDIR) == 0)
			return mh;
	}
	return nil;
}

bool mount_find(const Dev *dev, u32 instance, const Qid *qid, u32 n, u32 *at, Chan **to,
	Mhead **mh)
{
	Pgrp *p = up->pgrp;
	Mhead *found = nil;
	u32 i = 0;

	while (n > 0 && !mount_maybe(p, qid[n - 1].path))
		n--;
	if (n == 0)
		return false;
	NsReader *reader = ns_enter(p);
	for (; i < n && found == nil; i++) {
		Mhead *head = head_of(p, dev, instance, &qid[i]);
		const Mount *first = head != nil ?
			__atomic_load_n(&head->mount, __ATOMIC_ACQUIRE) : nil;

		if (first == nil)
			continue;	/* or it is being unmounted */
		found = head;
		mhead_incref(head);
		*to = first->to;
		chan_incref(*to);
	}
	ns_leave(reader);
	*at = i - 1;
	*mh = found;
	return found != nil;
}

/* ---- groups ---- */

NO_TSA Pgrp *pgrp_new(void)
{
	Pgrp *p = kalloc(sizeof(*p));

	if (p == nil)
		return nil;
	p->ref.n = 1;
	p->next_id = 1;
	lock_init(&p->ns, &ns_class);
	return p;
}

void pgrp_incref(Pgrp *p)
{
	ref_take(&p->ref);
}

NO_TSA void pgrp_put(Pgrp *p)
{
	if (p == nil || ref_drop(&p->ref) > 0)
		return;
	known_free(known_forget(p));
	for (u32 i = 0; i < MNT_HASH; i++) {
		for (Mhead *mh = p->hash[i], *next; mh != nil; mh = next) {
			next = mh->hash;
			/* Others may still read the union; the members go with the head. */
			mhead_put(mh);
		}
	}
	kfree(p);
}

/* Another member like m; its id is given when it is linked. */
static Mount *mount_new(Chan *to, u32 flag, const char *spec)
{
	Mount *m = kalloc(sizeof(*m));

	if (m == nil)
		return nil;
	if (spec != nil && (m->spec = kstrdup(spec)) == nil) {
		kfree(m);
		return nil;
	}
	m->to = to;
	m->flag = flag;
	chan_incref(to);
	return m;
}

Err mhead_join(Mhead *mh, Chan *to, u32 flag, Mount **out)
{
	Mount *m = mount_new(to, flag, nil);

	if (m == nil)
		return Enomem;
	m->head = mh;
	*out = m;
	lock(&mh->lk);
	Mount **at = &mh->mount;

	while (*at != nil)
		at = &(*at)->next;
	*at = m;
	unlock(&mh->lk);
	return nil;
}

Mount *mhead_leave(Mhead *mh, Mount *m)
{
	lock(&mh->lk);
	Mount **at = &mh->mount;

	while (*at != m) {
		assert(*at != nil);
		at = &(*at)->next;
	}
	*at = m->next;
	m->next = nil;
	unlock(&mh->lk);
	return m;
}

/* Enter m into the order list; p->ns held. A copy keeps its id. */
static void order_add(Pgrp *p, Mount *m) REQUIRES(p->ns)
{
	Mount **at = &p->order;

	if (m->id == 0)
		m->id = p->next_id++;
	while (*at != nil && (*at)->id < m->id)
		at = &(*at)->order;
	m->order = *at;
	*at = m;
}

static void order_remove(Pgrp *p, Mount *m)
{
	Mount **at = &p->order;

	while (*at != m) {
		assert(*at != nil);
		at = &(*at)->order;
	}
	*at = m->order;
	m->order = nil;
}

/* A copy of one head with all members; from->ns held. */
static ERR mhead_copy(Pgrp *to, Mhead *from) REQUIRES(to->ns)
{
	Mhead *mh = mhead_new(from->from);

	if (mh == nil)
		return Enomem;
	Mount **tail = &mh->mount;

	for (Mount *m = from->mount; m != nil; m = m->next) {
		Mount *copy = mount_new(m->to, m->flag, m->spec);

		if (copy == nil) {
			for (Mount *done = mh->mount; done != nil; done = done->next)
				order_remove(to, done);
			mhead_put(mh);
			return Enomem;
		}
		copy->head = mh;
		copy->id = m->id;
		order_add(to, copy);
		*tail = copy;
		tail = &copy->next;
	}
	Mhead **bucket = &to->hash[mount_hash(mh->from->qid.path)];

	mh->hash = *bucket;
	*bucket = mh;
	return nil;
}

NO_TSA Err pgrp_copy(Pgrp *from, Pgrp **out)
{
	Pgrp *p = pgrp_new();
	Err err = nil;

	if (p == nil)
		return Enomem;
	lock(&from->ns);
	for (u32 i = 0; i < MNT_HASH && err == nil; i++)
		for (Mhead *mh = from->hash[i]; mh != nil && err == nil; mh = mh->hash)
			err = mhead_copy(p, mh);
	p->next_id = from->next_id;
	unlock(&from->ns);
	if (err != nil) {
		pgrp_put(p);
		return err;
	}
	pgrp_inherit_mask(p, from);
	*out = p;
	return nil;
}

/* ---- the device mask ---- */

static u32 dev_number(const Dev *d)
{
	u32 i = 0;

	while (devtab[i] != d) {
		assert(devtab[i] != nil);
		i++;
	}
	return i;
}

bool pgrp_devallowed(Pgrp *p, const Dev *d)
{
	u32 i = dev_number(d);

	if (__atomic_load_n(&p->nomount, __ATOMIC_RELAXED) &&
	    (d->letter >= 0x80 || strchr(allowed_after_nomount, (int)d->letter) == nil))
		return false;
	return (__atomic_load_n(&p->devmask[i / 64], __ATOMIC_RELAXED) >> i % 64 & 1) == 0;
}

void pgrp_inherit_mask(Pgrp *p, const Pgrp *from)
{
	for (u32 i = 0; i < nelem(p->devmask); i++)
		__atomic_fetch_or(&p->devmask[i],
			__atomic_load_n(&from->devmask[i], __ATOMIC_RELAXED), __ATOMIC_RELAXED);
	if (from->nomount)
		p->nomount = true;
}

static bool rune_in(Rune letter, const char *list)
{
	usize left = strlen(list);

	while (left > 0) {
		Rune r;
		usize n = rune_decode(&r, list, left);

		if (r == letter)
			return true;
		list += n;
		left -= n;
	}
	return false;
}

void pgrp_maskdevs(Pgrp *p, const char *list, bool keep)
{
	for (u32 i = 0; devtab[i] != nil; i++) {
		assert(i < 64 * nelem(p->devmask));
		if (rune_in(devtab[i]->letter, list) != keep)
			__atomic_fetch_or(&p->devmask[i / 64], 1UL << i % 64, __ATOMIC_RELAXED);
	}
}

void pgrp_forbid_mounts(Pgrp *p)
{
	pgrp_maskdevs(p, allowed_after_nomount, true);
	p->nomount = true;
}

/* ---- bind and unbind ---- */

/*
 * May these two be joined so? new_->umh is the union that new_ stands for, if any: it is read here
 * and by bind_members, then chan_bind lets go of it.
 */
static ERR bind_check(Chan *new_, Chan *old, u32 flag)
{
	Mhead *mh = new_->umh;

	if ((new_->qid.type ^ old->qid.type) & QTDIR)
		return Emount;
	if ((flag & MORDER) != MREPL && !(old->qid.type & QTDIR))
		return Emount;
	if ((flag & MCREATE) && mh != nil) {
		if (mhead_count(mh) > 1)
			return Emount;
		Chan *creator = mhead_creator(mh);

		chan_close(creator);
		if (creator == nil)
			return Emount;
	}
	return nil;
}

/* The members that a bind adds: new_ itself, then what else its union has. */
static ERR bind_members(Chan *new_, u32 flag, const char *spec, Mount **out)
{
	Mount *first = mount_new(new_, flag, spec);
	u32 rest = (flag & MORDER) == MREPL ? flag | MAFTER : flag;

	*out = first;
	if (first == nil)
		return Enomem;
	if (new_->umh == nil)
		return nil;
	Mount **tail = &first->next;
	Chan *c;

	for (u32 i = 1; (c = mhead_member(new_->umh, i)) != nil; i++) {
		*tail = mount_new(c, rest & ~(u32)MCREATE, nil);
		chan_close(c);
		if (*tail == nil) {
			mounts_free(first);
			return Enomem;
		}
		tail = &(*tail)->next;
	}
	return nil;
}

/* Join the members to mh as flag says; returns those replaced. p->ns and mh->lk held. */
static Mount *members_link(Pgrp *p, Mhead *mh, Mount *members, u32 flag) REQUIRES(p->ns)
{
	Mount *last = members, *replaced = nil;

	for (Mount *m = members; m != nil; m = m->next) {
		m->head = mh;
		if (m->id == 0)
			order_add(p, m);
		last = m;
	}
	if ((flag & MORDER) == MREPL) {
		replaced = mh->mount;
		for (Mount *m = replaced; m != nil; m = m->next)
			order_remove(p, m);
		set_member(&mh->mount, members);
	} else if (flag & MBEFORE) {
		last->next = mh->mount;
		set_member(&mh->mount, members);
	} else {
		Mount **at = &mh->mount;

		while (*at != nil)
			at = &(*at)->next;
		*at = members;
	}
	return replaced;
}

/* Enter the prepared head, or use the one that is there; what is not used comes back. */
static void bind_commit(Pgrp *p, Mhead **fresh, Mount **original, Mount *members, u32 flag,
	Mount **replaced)
{
	Chan *old = (*fresh)->from;

	lock(&p->ns);
	Mhead *mh = head_of(p, old->dev, old->instance, &old->qid);

	if (mh == nil) {
		Mhead **bucket = &p->hash[mount_hash(old->qid.path)];

		mh = *fresh;
		*fresh = nil;
		mh->hash = *bucket;
		if ((flag & MORDER) != MREPL) {
			mh->mount = *original;
			mh->mount->head = mh;
			order_add(p, mh->mount);
			*original = nil;
		}
		set_head(bucket, mh);
	}
	lock(&mh->lk);
	*replaced = members_link(p, mh, members, flag);
	unlock(&mh->lk);
	Known *forgotten = known_forget(p);

	unlock(&p->ns);
	ns_settle(p);
	known_free(forgotten);
}

Err chan_bind(Chan *new_, Chan *old, u32 flag, const char *spec)
{
	Pgrp *p = up->pgrp;
	Mount *members = nil, *replaced = nil;

	TRY(bind_check(new_, old, flag));
	TRY(bind_members(new_, flag, spec, &members));
	Mhead *fresh = mhead_new(old);
	Mount *original = fresh != nil ? mount_new(old, 0, nil) : nil;

	if (original == nil) {
		mhead_put(fresh);
		mounts_free(members);
		return Enomem;
	}
	/* A member that held its union could hold itself, when a union is bound onto itself. */
	mhead_put(new_->umh);
	new_->umh = nil;
	bind_commit(p, &fresh, &original, members, flag, &replaced);
	mhead_put(fresh);
	if (original != nil)
		mount_free(original);
	mounts_free(replaced);
	return nil;
}

/* Take the head out of the table when it has no member left; p->ns held. */
static bool head_unlink_empty(Pgrp *p, Mhead *mh)
{
	if (mh->mount != nil)
		return false;
	Mhead **at = &p->hash[mount_hash(mh->from->qid.path)];

	while (*at != mh)
		at = &(*at)->hash;
	set_head(at, mh->hash);		/* who stands on it goes on from there */
	return true;
}

/* Is this member the thing that `which` names? The mounted thing, or the connection it rides on. */
static bool member_is(const Mount *m, const Chan *which)
{
	const Chan *to = m->to;

	return chan_same(to, which) || (to->mchan != nil && chan_same(to->mchan, which));
}

/* Unlink what matches from mh; p->ns held. */
static Mount *members_unlink(Pgrp *p, Mhead *mh, Chan *which)
{
	Mount **at = &mh->mount, *gone = nil;

	lock(&mh->lk);
	while (*at != nil && which != nil && !member_is(*at, which))
		at = &(*at)->next;
	gone = *at;
	if (gone != nil && which == nil) {
		set_member(at, nil);
	} else if (gone != nil) {
		set_member(at, gone->next);
		gone->next = nil;
	}
	for (Mount *m = gone; m != nil; m = m->next)
		order_remove(p, m);
	unlock(&mh->lk);
	return gone;
}

Err chan_unbind(Chan *old, Chan *which)
{
	Pgrp *p = up->pgrp;

	lock(&p->ns);
	Mhead *mh = head_of(p, old->dev, old->instance, &old->qid);

	if (mh == nil) {
		unlock(&p->ns);
		return Eunmount;
	}
	Mount *gone = members_unlink(p, mh, which);
	bool empty = head_unlink_empty(p, mh);
	Known *forgotten = known_forget(p);

	unlock(&p->ns);
	ns_settle(p);
	known_free(forgotten);
	mounts_free(gone);
	if (empty)
		mhead_put(mh);
	return gone == nil ? Eunion : nil;
}

/* ---- the lines of /proc/n/ns ---- */

typedef struct NsLine { Path *to, *from; char *spec; u32 flag; } NsLine;

/* Pick the nth mount of p; references to what its line shows. */
static bool nsline_pick(Pgrp *p, u64 nth, NsLine *l)
{
	Mount *m;

	lock(&p->ns);
	for (m = p->order; m != nil && nth > 0; m = m->order)
		nth--;
	if (m != nil) {
		const Chan *server = m->spec == nil ? nil : m->to->mchan;

		l->flag = m->flag;
		l->spec = m->spec == nil ? nil : kstrdup(m->spec);
		l->to = server != nil && server->path != nil ? server->path : m->to->path;
		l->from = m->head->from->path;
		path_incref(l->to);
		path_incref(l->from);
		const char *srvname = server == nil ? nil :
			__atomic_load_n(&server->srvname, __ATOMIC_ACQUIRE);

		if (srvname != nil) {
			Path *posted = path_new(srvname);

			if (posted != nil) {
				path_put(l->to);
				l->to = posted;
			}
		}
	}
	unlock(&p->ns);
	return m != nil;
}

static void flag_letters(u32 flag, char *buf)
{
	char *p = buf;

	if (flag & (MORDER | MCREATE | MCACHE))
		*p++ = '-';
	if (flag & MAFTER)
		*p++ = 'a';
	if (flag & MBEFORE)
		*p++ = 'b';
	if (flag & MCREATE)
		*p++ = 'c';
	if (flag & MCACHE)
		*p++ = 'C';
	*p = '\0';
}

/* Append blank and the quoted word; the new end. */
static char *word(char *p, char *end, const char *s)
{
	if (p < end - 1)
		*p++ = ' ';
	return p + quote(p, (usize)(end - p), s, false);
}

static char *nsline_write(const NsLine *l, char *p, char *end)
{
	char flags[8];

	flag_letters(l->flag, flags);
	p = seprint(p, end, "%s %s", l->spec == nil ? "bind" : "mount", flags);
	p = word(p, end, l->to->name);
	p = word(p, end, l->from->name);
	if (l->spec != nil && l->spec[0] != '\0')
		p = word(p, end, l->spec);
	return seprint(p, end, "\n");
}

static usize cd_line(Proc *proc, char *buf, usize size)
{
	Path *dot = nil;
	char *p, *end = buf + size;

	ilock(&proc->lk);
	if (proc->dot != nil && proc->dot->path != nil) {
		dot = proc->dot->path;
		path_incref(dot);
	}
	iunlock(&proc->lk);
	if (dot == nil)
		return 0;
	p = seprint(buf, end, "cd");
	p = word(p, end, dot->name);
	p = seprint(p, end, "\n");
	path_put(dot);
	return (usize)(p - buf);
}

Err pgrp_nsline(Proc *proc, u64 nth, char *buf, usize size, usize *n)
{
	NsLine l = { .flag = 0 };
	Pgrp *p = nil;
	u64 nmount = 0;

	*n = 0;
	ilock(&proc->lk);
	if (proc->pgrp != nil) {
		p = proc->pgrp;
		pgrp_incref(p);
	}
	iunlock(&proc->lk);
	if (p == nil)
		return Eprocdied;
	if (nsline_pick(p, nth, &l)) {
		*n = (usize)(nsline_write(&l, buf, buf + size) - buf);
		path_put(l.to);
		path_put(l.from);
		kfree(l.spec);
		pgrp_put(p);
		return nil;
	}
	lock(&p->ns);
	for (Mount *m = p->order; m != nil; m = m->order)
		nmount++;
	unlock(&p->ns);
	pgrp_put(p);
	if (nth == nmount)
		*n = cd_line(proc, buf, size);
	return nil;
}
