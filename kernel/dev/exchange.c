/*
 * #X: handing pages to another process (doc/ownership.md). Opening clone makes a
 * directory n with ctl and status. `offer` written to ctl offers pages of the
 * writer, `accept` takes them; mem/lend.c does the work.
 *
 * An unopened channel names its directory by number and finds it again; an open one
 * keeps it. A directory lives while one of its files is open, and until its offer
 * has ended; while it is open it takes another offer then.
 */
#include "dev/devices.h"

enum { KIND_ROOT, KIND_CLONE, KIND_DIR, KIND_CTL, KIND_STATUS, KIND_SHIFT = 3 };
enum { ENTRIES_MAX = 4096, CTL_PERM = 0600, STATUS_PERM = 0444 };

static LOCK_CLASS(exchange_class, "exchange");
static QLock x_lock = QLOCK_INIT(&exchange_class);

typedef struct Entry Entry;
struct Entry {
	Entry *next GUARDED_BY(x_lock);	/* ascending numbers */
	u32 number;		/* [I] from 1 */
	char owner[28];		/* [I] */
	u32 perm GUARDED_BY(x_lock);	/* of ctl */
	u32 nopen GUARDED_BY(x_lock);	/* files open */
	u32 nctl GUARDED_BY(x_lock);	/* of them ctl */
	Offer *offer GUARDED_BY(x_lock);	/* the newest, once one was made; a reference */
	bool answer GUARDED_BY(x_lock);	/* the taker has not read yet where its pages are */
};

static Entry *entries GUARDED_BY(x_lock);
static u32 nentries GUARDED_BY(x_lock);
static u32 last_number GUARDED_BY(x_lock);
static const char Enothing[] = "nothing is offered";

static u32 kind_of(const Chan *c)
{
	return (u32)c->qid.path & ((1U << KIND_SHIFT) - 1);
}

static Qid qid_of(u32 number, u32 kind)
{
	return (Qid){
		.path = (u64)number << KIND_SHIFT | kind,
		.type = kind == KIND_ROOT || kind == KIND_DIR ? QTDIR : 0,
	};
}

/* ---- entries; x_lock is held ---- */

/* Nothing refers to it, and nothing will happen to it any more. */
static bool is_idle(const Entry *e) REQUIRES(x_lock)
{
	return e->nopen == 0 && (e->offer == nil || offer_ended(e->offer));
}

static void sweep(void) REQUIRES(x_lock)
{
	for (Entry **at = &entries; *at != nil;) {
		Entry *e = *at;
		if (!is_idle(e)) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		nentries--;
		if (e->offer != nil)
			offer_put(e->offer);
		kfree(e);
	}
}

void exchange_ended(void)
{
	qlock(&x_lock);
	sweep();
	qunlock(&x_lock);
}

/* The entry of a channel; nil when it is gone. */
static Entry *entry_of(const Chan *c) REQUIRES(x_lock)
{
	Entry *e = entries;
	while (e != nil && e->number != c->qid.path >> KIND_SHIFT)
		e = e->next;
	return e;
}

static ERR entry_new(Entry **out) REQUIRES(x_lock)
{
	if (nentries == ENTRIES_MAX)
		return Enodev;
	Entry *e = kalloc(sizeof *e), **at = &entries;
	if (e == nil)
		return Enomem;
	e->number = ++last_number;
	e->perm = CTL_PERM;
	strecpy(e->owner, e->owner + sizeof e->owner, up->user);
	while (*at != nil)
		at = &(*at)->next;
	*at = e;
	nentries++;
	*out = e;
	return nil;
}

/* ---- the tree ---- */

/* Names and owners must outlive the lock: they go to d->room. */
enum { OWNER_AT = 32 };

static void entry_dir(Chan *c, const Entry *e, u32 kind, Dir *d) REQUIRES(x_lock)
{
	static const char *const names[] = { [KIND_CTL] = "ctl", [KIND_STATUS] = "status" };
	char *owner = d->room + OWNER_AT;
	u32 perm = kind == KIND_DIR ? 0555 : kind == KIND_CTL ? e->perm : (u32)STATUS_PERM;
	strecpy(owner, d->room + sizeof d->room, e->owner);
	if (kind == KIND_DIR)
		snprint(d->room, OWNER_AT, "%u", e->number);
	else
		strecpy(d->room, owner, names[kind]);
	devdir(c, qid_of(e->number, kind), d->room, 0, owner, perm, d);
}

static void root_dir(Chan *c, u32 kind, Dir *d)
{
	if (kind == KIND_ROOT)
		devdir(c, qid_of(0, kind), "#X", 0, eve, 0555, d);
	else
		devdir(c, qid_of(0, kind), "clone", 0, eve, 0666, d);
}

/* The i-th entry, or the one with that name. */
static const Entry *entry_nth(const char *name, s64 i) REQUIRES(x_lock)
{
	const char *end = "";
	const Entry *e = entries;
	if (name == nil) {
		while (e != nil && i-- > 0)
			e = e->next;
		return e;
	}
	u64 number = strtou64(name, &end, 10);
	while (e != nil && e->number != number)
		e = e->next;
	return *end == '\0' && i == 0 ? e : nil;
}

/* Clone, then the directories. */
static int root_gen(Chan *c, const char *name, s64 i, Dir *d) REQUIRES(x_lock)
{
	if (i == 0 && (name == nil || strcmp(name, "clone") == 0)) {
		root_dir(c, KIND_CLONE, d);
		return 1;
	}
	const Entry *e = entry_nth(name, name != nil ? i : i - 1);
	if (e == nil)
		return -1;
	entry_dir(c, e, KIND_DIR, d);
	return 1;
}

static int gen_locked(Chan *c, const char *name, s64 i, Dir *d) REQUIRES(x_lock)
{
	if (i == DEVDOTDOT) {
		root_dir(c, KIND_ROOT, d);
		return 1;
	}
	if (kind_of(c) == KIND_ROOT)
		return root_gen(c, name, i, d);
	const Entry *e = entry_of(c);
	if (e == nil || i > KIND_STATUS - KIND_CTL)
		return -1;
	entry_dir(c, e, KIND_CTL + (u32)i, d);
	return 1;
}

static int x_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	qlock(&x_lock);
	int got = gen_locked(c, name, i, d);
	qunlock(&x_lock);
	return got;
}

static Err x_attach(const Dev *d, const char *spec, Chan **out)
{
	if (spec[0] != '\0')
		return Ebadspec;
	TRY(devattach(d, spec, out));
	(*out)->qid = qid_of(0, KIND_ROOT);
	return nil;
}

static Err x_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, nil, 0, x_gen, w);
}

static Err x_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	u32 kind = kind_of(c);
	Dir d = { 0 };
	qlock(&x_lock);
	const Entry *e = entry_of(c);
	bool there = e != nil || kind == KIND_ROOT || kind == KIND_CLONE;
	if (e != nil)
		entry_dir(c, e, kind, &d);
	else if (there)
		root_dir(c, kind, &d);
	qunlock(&x_lock);
	return there ? devstatput(&d, buf, size, n) : Enonexist;
}

/* ---- opening and closing ---- */

static ERR open_entry(Chan *c, u32 mode) REQUIRES(x_lock)
{
	Entry *e = entry_of(c);
	if (kind_of(c) == KIND_CLONE) {
		TRY(entry_new(&e));
		c->qid = qid_of(e->number, KIND_CTL);
	} else if (e == nil) {
		return Enonexist;
	}
	u32 kind = kind_of(c), perm = kind == KIND_CTL ? e->perm : (u32)STATUS_PERM;
	TRY(devpermcheck(e->owner, perm, mode & ~(u32)(OCEXEC | ORCLOSE)));
	e->nopen++;
	e->nctl += kind == KIND_CTL;
	c->aux = e;
	return nil;
}

static Err x_open(Chan *c, u32 mode, Chan **out)
{
	u32 omode;
	if (c->qid.type & QTDIR)
		return devopen(c, mode, nil, 0, x_gen, out);
	TRY(devopenmode(mode, &omode));
	qlock(&x_lock);
	Err err = open_entry(c, mode);
	qunlock(&x_lock);
	TRY(err);
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

/* Without a ctl file nobody who knows of the offer can accept it. */
static void x_close(Chan *c)
{
	Entry *e = c->aux;
	if (!(c->flag & COPEN) || e == nil)
		return;
	qlock(&x_lock);
	if (kind_of(c) == KIND_CTL && --e->nctl == 0 && e->offer != nil)
		offer_abandon(e->offer);
	e->nopen--;
	sweep();
	qunlock(&x_lock);
}

/* ---- ctl ---- */

enum Verb { VERB_OFFER, VERB_ACCEPT, VERB_CANCEL, VERB_RETURN, VERB_REVOKE };
static const Cmdtab verbs[] = {
	{ VERB_OFFER, "offer", 4 }, { VERB_ACCEPT, "accept", 0 }, { VERB_CANCEL, "cancel", 1 },
	{ VERB_RETURN, "return", 1 }, { VERB_REVOKE, "revoke", 1 },
};
static const char *const kinds[] = {
	[OFFER_MOVE] = "move", [OFFER_SHARE] = "share", [OFFER_LEND] = "lend",
};

static ERR number(const char *text, u64 *n)
{
	const char *end;
	*n = strtou64(text, &end, 0);
	return end != text && *end == '\0' ? nil : Ebadarg;
}

static ERR kind_named(const char *name, enum OfferKind *kind)
{
	for (u32 i = 0; i < nelem(kinds); i++)
		if (strcmp(name, kinds[i]) == 0) {
			*kind = i;
			return nil;
		}
	return Ebadarg;
}

/* The offer of an entry, with a reference; nil when none was made. */
static Offer *offer_of(Entry *e)
{
	qlock(&x_lock);
	Offer *o = e->offer;
	if (o != nil)
		offer_incref(o);
	qunlock(&x_lock);
	return o;
}

/* o takes the place of an offer that has ended. */
static ERR replace_offer(Entry *e, Offer *o)
{
	qlock(&x_lock);
	Offer *old = e->offer;
	Err err = old == nil || offer_ended(old) ? nil : Einuse;
	if (err == nil) {
		e->offer = o;
		e->answer = false;
	}
	qunlock(&x_lock);
	if (err == nil && old != nil)
		offer_put(old);
	return err;
}

/* offer KIND VA LEN */
static ERR make_offer(Entry *e, char **f)
{
	enum OfferKind kind;
	u64 va, len;
	Offer *o;
	TRY(kind_named(f[1], &kind));
	TRY(number(f[2], &va));
	TRY(number(f[3], &len));
	TRY(offer_make(&up->space, up->pid, kind, uaddr_of(va), len, &o));
	Err err = replace_offer(e, o);
	if (err != nil) {
		offer_abandon(o);
		offer_put(o);
	}
	return err;
}

static ERR accept(Entry *e, Offer *o, const char *where)
{
	u64 va = 0;
	if (where != nil) {
		TRY(number(where, &va));
		if (va < BY2PG)
			return Ebadarg;
	}
	TRY(offer_accept(o, &up->space, up->pid, va));
	qlock(&x_lock);
	e->answer = e->offer == o;
	qunlock(&x_lock);
	return nil;
}

/* What is done with an offer that is there. */
static ERR use_offer(Entry *e, Offer *o, enum Verb verb, const char *where)
{
	switch (verb) {
	case VERB_ACCEPT:
		return accept(e, o, where);
	case VERB_CANCEL:
		return offer_cancel(o, &up->space);
	case VERB_RETURN:
		return offer_return(o, &up->space);
	default:
		return offer_revoke(o, &up->space);
	}
}

static ERR command(Entry *e, Cmdbuf *cb)
{
	const Cmdtab *verb;
	TRY(cmd_lookup(cb, verbs, nelem(verbs), &verb));
	if (verb->index == VERB_ACCEPT && cb->nf > 2)
		return cmd_wrongargs(cb);
	if (verb->index == VERB_OFFER)
		return make_offer(e, cb->f);
	Offer *o = offer_of(e);
	if (o == nil)
		return Enothing;
	Err err = use_offer(e, o, verb->index, cb->nf == 2 ? cb->f[1] : nil);
	offer_put(o);
	return err;
}

static Err x_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (c->qid.type & QTDIR)
		return Eisdir;
	if (kind_of(c) != KIND_CTL)
		return Eperm;
	Cmdbuf *cb;
	TRY(cmd_read(b, &cb));
	Err err = command(c->aux, cb);
	kfree(cb);
	if (err == nil)
		*n = b->size;
	return err;
}

/* ---- reading ---- */

static void look(Entry *e, OfferInfo *info, bool *there)
{
	Offer *o = offer_of(e);
	*info = (OfferInfo){ 0 };
	*there = o != nil;
	if (o == nil)
		return;
	offer_info(o, info);
	offer_put(o);
}

/*
 * The taker learns where its pages are; its first read after `accept` gives all of that,
 * wherever the offset stands that it may share with the offerer. Others get the number.
 */
static ERR ctl_read(Entry *e, const Iobuf *b, u64 off, usize *n)
{
	char text[64], *p = text, *end = text + sizeof text;
	OfferInfo info;
	bool there;
	look(e, &info, &there);
	if (!there || info.taker != up->pid) {
		p = seprint(p, end, "%u", e->number);
		return readstr(b, off, text, (usize)(p - text), n);
	}
	qlock(&x_lock);
	if (e->answer)
		off = 0;
	e->answer = false;
	qunlock(&x_lock);
	p = seprint(p, end, "%#lx %lu %s\n", info.va, info.size, kinds[info.kind]);
	return readstr(b, off, text, (usize)(p - text), n);
}

static ERR status_read(Entry *e, const Iobuf *b, u64 off, usize *n)
{
	static const char *const states[] = {
		[OFFER_OFFERED] = "OFFERED", [OFFER_ACCEPTED] = "ACCEPTED",
		[OFFER_RETURNED] = "RETURNED", [OFFER_CANCELLED] = "CANCELLED",
		[OFFER_REVOKED] = "REVOKED",
	};
	char text[96], *p = text, *end = text + sizeof text;
	OfferInfo info;
	bool there;
	look(e, &info, &there);
	p = seprint(p, end, "%11u %-9s %-5s %11u %11u %11lu\n", e->number,
		there ? states[info.state] : "NEW", there ? kinds[info.kind] : "-",
		info.offerer, info.taker, info.size);
	return readstr(b, off, text, (usize)(p - text), n);
}

static Err x_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (c->qid.type & QTDIR)
		return devdirread(c, b, nil, 0, x_gen, n);
	return kind_of(c) == KIND_CTL ? ctl_read(c->aux, b, off, n) :
		status_read(c->aux, b, off, n);
}

/* ---- the mode of ctl ---- */

static ERR change(Chan *c, const Dir *d) REQUIRES(x_lock)
{
	Entry *e = entry_of(c);
	if (e == nil)
		return Enonexist;
	if (strcmp(e->owner, up->user) != 0 && !iseve())
		return Eperm;
	if (d->name[0] != '\0' || d->uid[0] != '\0')
		return Eperm;
	if (d->mode != ~0U)
		e->perm = d->mode & 0777;
	return nil;
}

static Err x_wstat(Chan *c, const u8 *buf, usize size)
{
	return kind_of(c) == KIND_CTL ? devwstat(c, buf, size, &x_lock, change) : Eperm;
}

const Dev devexchange = {
	.letter = 'X',
	.name = "exchange",
	.attach = x_attach,
	.walk = x_walk,
	.stat = x_stat,
	.open = x_open,
	.create = dev_nocreate,
	.close = x_close,
	.read = x_read,
	.write = x_write,
	.remove = dev_noremove,
	.wstat = x_wstat,
};
