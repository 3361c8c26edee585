/*
 * #g: segments with names. A directory is made for each; `va base length` in its
 * ctl gives it memory, data shows the contents, and segattach with the name as
 * its class puts the same memory into any process that may read and write it.
 *
 * A channel names its segment by number in Qid.path and holds no reference: one
 * whose directory was removed is not there any more. Processes keep what they
 * attached.
 */
#include "dev/devices.h"

enum { KIND_ROOT, KIND_DIR, KIND_CTL, KIND_DATA, KIND_SHIFT = 2 };
enum { GSEGS_MAX = 100, GSEG_NAME_MAX = 128, FILE_PERM = 0660 };

static LOCK_CLASS(gseg_class, "segment");
static QLock gseg_lock = QLOCK_INIT(&gseg_class);

typedef struct Gseg Gseg;
struct Gseg {
	Gseg *next GUARDED_BY(gseg_lock);
	u64 number;		/* [I] from 1 */
	char name[GSEG_NAME_MAX];	/* [I] */
	char owner[28] GUARDED_BY(gseg_lock);
	u32 perm GUARDED_BY(gseg_lock);	/* of ctl and data */
	Segment *segment GUARDED_BY(gseg_lock);	/* a reference; nil until va is written */
	Paddr pa GUARDED_BY(gseg_lock);	/* of a fixed one */
};

static Gseg *gsegs GUARDED_BY(gseg_lock);	/* oldest first */
static u32 ngsegs GUARDED_BY(gseg_lock);
static u64 last_number GUARDED_BY(gseg_lock);
static const char Enotyet[] = "segment not yet allocated";

static u32 kind_of(const Chan *c)
{
	return (u32)c->qid.path & ((1U << KIND_SHIFT) - 1);
}

static Qid qid_of(const Gseg *g, u32 kind)
{
	u64 number = g != nil ? g->number : 0;
	return (Qid){
		.path = number << KIND_SHIFT | kind,
		.type = kind == KIND_ROOT || kind == KIND_DIR ? QTDIR : 0,
	};
}

/* The segment of a channel; nil when it was removed. gseg_lock held, as below. */
static Gseg *gseg_of(const Chan *c) REQUIRES(gseg_lock)
{
	Gseg *g = gsegs;
	while (g != nil && g->number != c->qid.path >> KIND_SHIFT)
		g = g->next;
	return g;
}

static Gseg *gseg_named(const char *name) REQUIRES(gseg_lock)
{
	Gseg *g = gsegs;
	while (g != nil && strcmp(g->name, name) != 0)
		g = g->next;
	return g;
}

/* ---- the tree ---- */

static u64 data_length(const Gseg *g) REQUIRES(gseg_lock)
{
	return g->segment != nil ? g->segment->top - g->segment->base : 0;
}

/* Names and owners must outlive the lock: they go to d->room. */
static void gseg_dir(Chan *c, const Gseg *g, u32 kind, Dir *d) REQUIRES(gseg_lock)
{
	static const char *const names[] = { [KIND_CTL] = "ctl", [KIND_DATA] = "data" };
	char *owner = d->room + GSEG_NAME_MAX, *end = d->room + sizeof d->room;
	if (kind == KIND_ROOT) {
		devdir(c, qid_of(nil, kind), "#g", 0, eve, 0777, d);
		return;
	}
	strecpy(owner, end, g->owner);
	strecpy(d->room, owner, kind == KIND_DIR ? g->name : names[kind]);
	devdir(c, qid_of(g, kind), d->room, kind == KIND_DATA ? data_length(g) : 0, owner,
		kind == KIND_DIR ? 0777 : g->perm, d);
}

static int root_gen(Chan *c, const char *name, s64 i, Dir *d) REQUIRES(gseg_lock)
{
	const Gseg *g = gsegs;
	if (name != nil)
		g = i == 0 ? gseg_named(name) : nil;
	for (; name == nil && g != nil && i > 0; i--)
		g = g->next;
	if (g == nil)
		return -1;
	gseg_dir(c, g, KIND_DIR, d);
	return 1;
}

static int gseg_gen_locked(Chan *c, const char *name, s64 i, Dir *d) REQUIRES(gseg_lock)
{
	if (i == DEVDOTDOT) {
		gseg_dir(c, nil, KIND_ROOT, d);
		return 1;
	}
	if (kind_of(c) == KIND_ROOT)
		return root_gen(c, name, i, d);
	const Gseg *g = gseg_of(c);
	if (g == nil || i > KIND_DATA - KIND_CTL)
		return -1;
	gseg_dir(c, g, KIND_CTL + (u32)i, d);
	return 1;
}

static int gseg_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	qlock(&gseg_lock);
	int got = gseg_gen_locked(c, name, i, d);
	qunlock(&gseg_lock);
	return got;
}

static Err gseg_attach(const Dev *dev, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(dev, spec, out) : Ebadspec;
}

static Err gseg_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, nil, 0, gseg_gen, w);
}

static Err gseg_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Dir d = { 0 };
	qlock(&gseg_lock);
	const Gseg *g = gseg_of(c);
	bool there = g != nil || kind_of(c) == KIND_ROOT;
	if (there)
		gseg_dir(c, g, kind_of(c), &d);
	qunlock(&gseg_lock);
	return there ? devstatput(&d, buf, size, n) : Enonexist;
}

static ERR may_open(const Chan *c, u32 mode, u32 omode) REQUIRES(gseg_lock)
{
	if (kind_of(c) == KIND_ROOT || kind_of(c) == KIND_DIR)
		return omode == OREAD && !(mode & (OTRUNC | ORCLOSE)) ? nil : Eperm;
	const Gseg *g = gseg_of(c);
	return g != nil ? devpermcheck(g->owner, g->perm, mode & (3 | OTRUNC)) : Enonexist;
}

static Err gseg_open(Chan *c, u32 mode, Chan **out)
{
	u32 omode;
	TRY(devopenmode(mode, &omode));
	qlock(&gseg_lock);
	Err err = may_open(c, mode, omode);
	qunlock(&gseg_lock);
	TRY(err);
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

/* ---- making and removing ---- */

static ERR check_name(const char *name) REQUIRES(gseg_lock)
{
	if (strlen(name) >= GSEG_NAME_MAX)
		return Etoolong;
	if (strcmp(name, "memory") == 0 || strcmp(name, "shared") == 0)
		return "name collision with physical segment";
	if (gseg_named(name) != nil)
		return Eexist;
	return ngsegs < GSEGS_MAX ? nil : "too many global segments";
}

static void enter(Gseg *g, const char *name) REQUIRES(gseg_lock)
{
	Gseg **at = &gsegs;
	g->number = ++last_number;
	g->perm = FILE_PERM;
	strecpy(g->name, g->name + sizeof g->name, name);
	strecpy(g->owner, g->owner + sizeof g->owner, up->user);
	while (*at != nil)
		at = &(*at)->next;
	*at = g;
	ngsegs++;
}

static Err gseg_create(Chan *c, const char *name, u32 mode, u32 perm)
{
	u32 omode;
	TRY(devopenmode(mode, &omode));
	if (kind_of(c) != KIND_ROOT || !(perm & DMDIR) || omode != OREAD)
		return Eperm;
	Gseg *g = kalloc(sizeof *g);
	if (g == nil)
		return Enomem;
	qlock(&gseg_lock);
	Err err = check_name(name);
	if (err == nil) {
		enter(g, name);
		c->qid = qid_of(g, KIND_DIR);
		g = nil;
	}
	qunlock(&gseg_lock);
	kfree(g);
	TRY(err);
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	return nil;
}

static bool owns(const Gseg *g)
{
	return strcmp(g->owner, up->user) == 0 || iseve();
}

static Err gseg_remove(Chan *c)
{
	Err err = nil;
	Segment *left = nil;
	if (kind_of(c) != KIND_DIR)
		return Eperm;
	qlock(&gseg_lock);
	Gseg *g = gseg_of(c), **at = &gsegs;
	if (g == nil)
		err = Enonexist;
	else if (!owns(g))
		err = Eperm;
	if (err == nil) {
		while (*at != g)
			at = &(*at)->next;
		*at = g->next;
		ngsegs--;
		left = g->segment;
	}
	qunlock(&gseg_lock);
	TRY(err);
	putseg(left);
	kfree(g);
	return nil;
}

static ERR change(Chan *c, const Dir *d) REQUIRES(gseg_lock)
{
	Gseg *g = gseg_of(c);
	if (g == nil)
		return Enonexist;
	if (!owns(g) || d->name[0] != '\0')
		return Eperm;
	if (d->uid[0] != '\0')
		strecpy(g->owner, g->owner + sizeof g->owner, d->uid);
	if (d->mode != ~0U)
		g->perm = d->mode & 0777;
	return nil;
}

static Err gseg_wstat(Chan *c, const u8 *buf, usize size)
{
	return kind_of(c) != KIND_ROOT ? devwstat(c, buf, size, &gseg_lock, change) : Eperm;
}

/* ---- ctl ---- */

/* An address or a length, in any base. */
static ERR number(const char *text, u64 *n)
{
	const char *end;
	*n = strtou64(text, &end, 0);
	return end != text && *end == '\0' ? nil : Ebadarg;
}

static ERR parse(Cmdbuf *cb, u64 *base, u64 *size, u32 *type)
{
	static const Cmdtab verbs[] = { { 0, "va", 0 } };
	const Cmdtab *verb;
	u64 length, top;
	TRY(cmd_lookup(cb, verbs, nelem(verbs), &verb));
	if (cb->nf != 3 && cb->nf != 4)
		return cmd_wrongargs(cb);
	TRY(number(cb->f[1], base));
	TRY(number(cb->f[2], &length));
	if (length == 0 || *base < BY2PG || *base >= USTKTOP || length > USTKTOP - *base)
		return Ebadarg;
	top = round_up(*base + length, BY2PG);
	*base = round_down(*base, BY2PG);
	*size = top - *base;
	*type = SG_SHARED;
	if (cb->nf == 4 && strcmp(cb->f[3], "fixed") == 0)
		*type = SG_FIXED;
	else if (cb->nf == 4 && strcmp(cb->f[3], "sticky") == 0)
		*type = SG_STICKY;
	else if (cb->nf == 4)
		return Ebadarg;
	return *type == SG_SHARED || iseve() ? nil : Eperm;
}

/* A fixed segment has its frames side by side, a sticky one all of them from the start. */
static ERR make_segment(Gseg *g, u64 base, u64 size, u32 type) REQUIRES(gseg_lock)
{
	Segment *s;
	TRY(newseg(type, uaddr_of(base), size, &s));
	Err err = nil;
	if (type == SG_FIXED)
		err = seg_fill_adjacent(s, &g->pa);
	else if (type == SG_STICKY)
		err = seg_fill(s);
	if (err == nil)
		g->segment = s;
	else
		putseg(s);
	return err;
}

static ERR ctl_write(Chan *c, const Iobuf *b)
{
	u64 base = 0, size = 0;
	u32 type = SG_SHARED;
	Cmdbuf *cb;
	TRY(cmd_read(b, &cb));
	Err err = parse(cb, &base, &size, &type);
	kfree(cb);
	TRY(err);
	qlock(&gseg_lock);
	Gseg *g = gseg_of(c);
	if (g == nil)
		err = Enonexist;
	else if (g->segment != nil)
		err = "already has a virtual address";
	else
		err = make_segment(g, base, size, type);
	qunlock(&gseg_lock);
	return err;
}

static ERR ctl_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[128], *p = text, *end = text + sizeof text;
	qlock(&gseg_lock);
	const Gseg *g = gseg_of(c);
	const Segment *s = g != nil ? g->segment : nil;
	if (s != nil)
		p = seprint(p, end, "va %#lx %#lx", s->base, s->top - s->base);
	if (s != nil && (s->type & SG_TYPE) == SG_FIXED)
		p = seprint(p, end, " fixed %#lx", g->pa.a);
	else if (s != nil && (s->type & SG_TYPE) == SG_STICKY)
		p = seprint(p, end, " sticky");
	qunlock(&gseg_lock);
	if (s == nil)
		return g != nil ? Enotyet : Enonexist;
	p = seprint(p, end, "\n");
	return readstr(b, off, text, (usize)(p - text), n);
}

/* ---- data ---- */

/* The segment of c with a reference. */
static ERR hold_segment(Chan *c, Segment **out)
{
	qlock(&gseg_lock);
	const Gseg *g = gseg_of(c);
	*out = g != nil ? g->segment : nil;
	if (*out != nil)
		seg_incref(*out);
	qunlock(&gseg_lock);
	return *out != nil ? nil : g != nil ? Enotyet : Enonexist;
}

/* Within one page, through buf: the caller's own memory may be this segment. */
static NO_TSA ERR move(Segment *s, u64 va, u8 *buf, usize n, bool write)
{
	void *k;
	TRY(seg_touch(s, uaddr_of(va), write, &k));
	if (write)
		memmove(k, buf, n);
	else
		memmove(buf, k, n);
	qunlock(&s->lk);
	return nil;
}

static ERR transfer(Segment *s, const Iobuf *b, u64 off, bool write, usize *n)
{
	u64 length = s->top - s->base;
	usize size = off < length ? MIN(b->size, length - off) : 0;
	u8 *page = kalloc(BY2PG);
	Err err = page != nil ? nil : Enomem;
	while (*n < size && err == nil) {
		u64 va = s->base + off + *n;
		usize part = MIN(size - *n, BY2PG - va % BY2PG);
		if (write)
			err = iobuf_get(b, *n, page, part);
		if (err == nil)
			err = move(s, va, page, part, write);
		if (err == nil && !write)
			err = iobuf_put(b, *n, page, part);
		if (err == nil)
			*n += part;
	}
	kfree(page);
	return *n > 0 ? nil : err;
}

static ERR data_io(Chan *c, const Iobuf *b, u64 off, bool write, usize *n)
{
	Segment *s;
	TRY(hold_segment(c, &s));
	Err err = transfer(s, b, off, write, n);
	putseg(s);
	return err;
}

static Err gseg_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (c->qid.type & QTDIR)
		return devdirread(c, b, nil, 0, gseg_gen, n);
	return kind_of(c) == KIND_CTL ? ctl_read(c, b, off, n) : data_io(c, b, off, false, n);
}

static Err gseg_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (c->qid.type & QTDIR)
		return Eisdir;
	if (kind_of(c) == KIND_DATA)
		return data_io(c, b, off, true, n);
	TRY(ctl_write(c, b));
	*n = b->size;
	return nil;
}

/* ---- segattach ---- */

Err segment_named(const char *name, Segment **out)
{
	Err err = nil;
	*out = nil;
	qlock(&gseg_lock);
	const Gseg *g = gseg_named(name);
	if (g != nil)
		err = devpermcheck(g->owner, g->perm, ORDWR);
	if (g != nil && err == nil && g->segment == nil)
		err = Enotyet;
	if (g != nil && err == nil) {
		seg_incref(g->segment);
		*out = g->segment;
	}
	qunlock(&gseg_lock);
	return err;
}

const Dev devsegment = {
	.letter = 'g',
	.name = "segment",
	.attach = gseg_attach,
	.walk = gseg_walk,
	.stat = gseg_stat,
	.open = gseg_open,
	.create = gseg_create,
	.close = dev_noclose,
	.read = gseg_read,
	.write = gseg_write,
	.remove = gseg_remove,
	.wstat = gseg_wstat,
};
