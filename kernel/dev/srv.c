/*
 * #s: names for open channels. A program creates a file and writes a
 * descriptor's number into it; whoever opens the file gets that channel.
 * Opening `clone` makes a board: a directory of its own that lives as long as
 * the channel so opened.
 *
 * The tree is guarded by one sleeping lock. A node lives by references: one of
 * the tree, one of each channel on it, one of each child.
 */
#include "dev/devices.h"

enum {
	SRV_NAME_MAX = 128, FD_TEXT_MAX = 31,
	KIND_NODE = 0, KIND_CLONE = 1, KIND_LEASE = 2, KIND_SHIFT = 2,
};

static LOCK_CLASS(srv_class, "srv");
static QLock srv_lock = QLOCK_INIT(&srv_class);

typedef struct Node Node;
struct Node {
	Ref ref;
	Node *parent;		/* [I] a reference; the root's is nil */
	Node *child GUARDED_BY(srv_lock);	/* services first, then boards */
	Node *sibling GUARDED_BY(srv_lock);
	char *name GUARDED_BY(srv_lock);
	char owner[28] GUARDED_BY(srv_lock);
	u32 perm GUARDED_BY(srv_lock);
	u64 number;		/* [I] */
	bool board;		/* [I] */
	bool gone GUARDED_BY(srv_lock);	/* removed; its board's lease ended */
	Chan *posted GUARDED_BY(srv_lock);	/* a reference; nil until one was written */
	u32 nboards GUARDED_BY(srv_lock);	/* names given to boards in it */
};

static u64 last_number GUARDED_BY(srv_lock);
static Node *root;		/* [I] */

/* ---- nodes ---- */

/* Whom nobody has any more needs no lock. */
static NO_TSA void node_put(Node *n)
{
	while (n != nil && ref_drop(&n->ref) == 0) {
		Node *parent = n->parent;

		assert(n->posted == nil && n->child == nil);
		kfree(n->name);
		kfree(n);
		n = parent;
	}
}

static Node *node_new(Node *parent, const char *name, const char *owner, u32 perm, bool board)
	REQUIRES(srv_lock)
{
	Node *n = kalloc(sizeof(*n));

	if (n == nil || (n->name = kstrdup(name)) == nil) {
		kfree(n);
		return nil;
	}
	n->ref.n = 1;
	strecpy(n->owner, n->owner + sizeof(n->owner), owner);
	n->perm = perm;
	n->board = board;
	n->number = last_number++;
	n->parent = parent;
	if (parent != nil) {
		Node **at = &parent->child;

		ref_take(&parent->ref);
		while (*at != nil && (board || !(*at)->board))
			at = &(*at)->sibling;
		n->sibling = *at;
		*at = n;
	}
	return n;
}

static Node *node_find(Node *dir, const char *name) REQUIRES(srv_lock)
{
	Node *n = dir->child;

	while (n != nil && strcmp(n->name, name) != 0)
		n = n->sibling;
	return n;
}

/* Take n out of its directory; what it posted goes to *closing. srv_lock held. */
static void node_unlink(Node *n, Chan **closing) REQUIRES(srv_lock)
{
	Node **at = &n->parent->child;

	while (*at != n)
		at = &(*at)->sibling;
	*at = n->sibling;
	n->sibling = nil;
	n->gone = true;
	*closing = n->posted;
	n->posted = nil;
	node_put(n);
}

static Qid node_qid(const Node *n, u32 kind)
{
	return (Qid){
		.path = n->number << KIND_SHIFT | kind,
		.type = n->board && kind == KIND_NODE ? QTDIR : 0,
	};
}

static u32 kind_of(const Chan *c)
{
	return (u32)c->qid.path & ((1U << KIND_SHIFT) - 1);
}

/* ---- the device ---- */

static NO_TSA void srv_init(void)
{
	root = node_new(nil, "#s", eve, 0777, true);
	if (root == nil)
		panic("srv_init: no memory for the root of #s");
}

static Err srv_attach(const Dev *d, const char *spec, Chan **out)
{
	if (spec[0] != '\0')
		return Ebadspec;
	TRY(devattach(d, spec, out));
	(*out)->aux = root;
	(*out)->qid = node_qid(root, KIND_NODE);
	ref_take(&root->ref);
	return nil;
}

/* From n by one name; srv_lock held. */
static ERR walk_one(Node **n, u32 *kind, const char *name) REQUIRES(srv_lock)
{
	Node *at = *n;

	if (!at->board || *kind != KIND_NODE)
		return Enotdir;
	if (strcmp(name, ".") == 0)
		return nil;
	if (strcmp(name, "..") == 0) {
		if (at->parent != nil)
			*n = at->parent;
		return nil;
	}
	if (at->gone)
		return Eshutdown;
	if (at != root)
		TRY(devpermcheck(at->owner, at->perm, OEXEC));
	if (strcmp(name, "clone") == 0) {
		*kind = KIND_CLONE;
		return nil;
	}
	Node *next = node_find(at, name);

	if (next == nil)
		return Enonexist;
	if (next->board)
		TRY(devpermcheck(next->owner, next->perm, OEXEC));
	*n = next;
	return nil;
}

static Err srv_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	Node *at = c->aux;
	u32 kind = kind_of(c);
	Err err = nil;

	assert(nc == nil);
	w->clone = nil;
	w->nqid = 0;
	if ((nc = devclone(c)) == nil)
		return Enomem;
	qlock(&srv_lock);
	for (u32 i = 0; i < nnames && err == nil; i++)
		if ((err = walk_one(&at, &kind, names[i])) == nil)
			w->qid[w->nqid++] = node_qid(at, kind);
	if (w->nqid == nnames)
		ref_take(&at->ref);
	qunlock(&srv_lock);
	if (w->nqid < nnames) {
		chan_discard_fresh(nc);
		return w->nqid == 0 ? err : nil;
	}
	nc->aux = at;
	nc->qid = node_qid(at, kind);
	w->clone = nc;
	return nil;
}

/* The entry of n or of the clone file in it; srv_lock held. */
static void node_dir(Chan *c, const Node *n, u32 kind, Dir *d) REQUIRES(srv_lock)
{
	strecpy(d->room, d->room + sizeof(d->room), kind == KIND_CLONE ? "clone" : n->name);
	devdir(c, node_qid(n, kind), d->room, 0, n->owner, kind == KIND_NODE ? n->perm : 0444, d);
}

static Err srv_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Dir d;

	qlock(&srv_lock);
	node_dir(c, c->aux, kind_of(c), &d);
	Err err = devstatput(&d, buf, size, n);

	qunlock(&srv_lock);
	return err;
}

/* Make a board in dir; c becomes its lease. srv_lock held. */
static ERR open_clone(Chan *c, Node *dir) REQUIRES(srv_lock)
{
	char name[24];

	if (dir->gone)
		return Eshutdown;
	snprint(name, sizeof(name), "%u", dir->nboards);
	Node *board = node_new(dir, name, up->user, 0770, true);

	if (board == nil)
		return Enomem;
	dir->nboards++;
	ref_take(&board->ref);
	node_put(c->aux);
	c->aux = board;
	c->qid = node_qid(board, KIND_LEASE);
	return nil;
}

/* The channel posted at n, with a reference; srv_lock held. */
static ERR open_service(Node *n, u32 mode, u32 omode, Chan **out) REQUIRES(srv_lock)
{
	if (mode & OTRUNC)
		return Eexist;
	if (mode & ORCLOSE)
		return Eperm;
	if (n->gone || n->posted == nil)
		return Eshutdown;
	if (n->posted->mode != ORDWR && n->posted->mode != omode)
		return Eperm;
	TRY(devpermcheck(n->owner, n->perm, omode));
	chan_incref(n->posted);
	*out = n->posted;
	return nil;
}

static Err srv_open(Chan *c, u32 mode, Chan **out)
{
	Node *n = c->aux;
	Chan *posted = nil;
	u32 omode;
	Err err = nil;

	TRY(devopenmode(mode, &omode));
	qlock(&srv_lock);
	if (kind_of(c) == KIND_CLONE)
		err = omode == OREAD ? open_clone(c, n) : Eperm;
	else if (!n->board)
		err = open_service(n, mode, omode, &posted);
	else if (omode != OREAD || (mode & (OTRUNC | ORCLOSE)))
		err = Eperm;
	else
		err = devpermcheck(n->owner, n->perm, OREAD);
	qunlock(&srv_lock);
	if (err != nil)
		return err;
	if (posted != nil) {
		chan_close(c);
		*out = posted;
		return nil;
	}
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

static Err srv_create(Chan *c, const char *name, u32 mode, u32 perm)
{
	Node *dir = c->aux, *n = nil;
	u32 omode;
	Err err;

	TRY(devopenmode(mode, &omode));
	if (omode != OWRITE || (perm & DMDIR))
		return Eperm;
	if (strlen(name) >= SRV_NAME_MAX)
		return Etoolong;
	qlock(&srv_lock);
	if (!dir->board || kind_of(c) != KIND_NODE)
		err = Enotdir;
	else if (dir->gone)
		err = Eshutdown;
	else if ((err = devpermcheck(dir->owner, dir->perm, OWRITE)) == nil &&
	    (strcmp(name, "clone") == 0 || node_find(dir, name) != nil))
		err = Eexist;
	if (err == nil && (n = node_new(dir, name, up->user, perm & 0777, false)) == nil)
		err = Enomem;
	if (err == nil) {
		ref_take(&n->ref);
		c->aux = n;
		c->qid = node_qid(n, KIND_NODE);
		node_put(dir);
	}
	qunlock(&srv_lock);
	if (err != nil)
		return err;
	c->mode = OWRITE;
	c->offset = 0;
	c->flag |= COPEN;
	return nil;
}

/* Take the service out of the tree. */
static void service_remove(Node *n)
{
	Chan *closing = nil;

	qlock(&srv_lock);
	if (!n->gone)
		node_unlink(n, &closing);
	qunlock(&srv_lock);
	chan_close(closing);
}

/* Everything in the board goes, boards inside it too, then the board. */
static void board_remove(Node *board)
{
	for (;;) {
		Chan *closing = nil;
		Node *n = board;

		qlock(&srv_lock);
		while (n->child != nil)
			n = n->child;
		bool done = n == board;

		if (!n->gone)
			node_unlink(n, &closing);
		qunlock(&srv_lock);
		chan_close(closing);
		if (done)
			return;
	}
}

static Err srv_remove(Chan *c)
{
	Node *n = c->aux;
	Err err = nil;

	qlock(&srv_lock);
	if (n->board)
		err = Eperm;
	else if (strcmp(n->owner, up->user) != 0 && !iseve())
		err = Eperm;
	else if (n->gone)
		err = Enonexist;
	qunlock(&srv_lock);
	if (err == nil)
		service_remove(n);
	node_put(n);
	return err;
}

static void srv_close(Chan *c)
{
	Node *n = c->aux;

	if ((c->flag & COPEN) && kind_of(c) == KIND_LEASE)
		board_remove(n);
	else if ((c->flag & CRCLOSE) && !n->board)
		service_remove(n);
	node_put(n);
}

static int srv_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	const Node *dir = c->aux, *n = nil;

	qlock(&srv_lock);
	if (i == 0) {
		node_dir(c, dir, KIND_CLONE, d);
	} else {
		for (n = dir->child; n != nil && i > 1; i--)
			n = n->sibling;
		if (n != nil)
			node_dir(c, n, KIND_NODE, d);
	}
	/* The owner's name must outlive the lock. */
	char *uid = d->room + SRV_NAME_MAX;

	if (i == 0 || n != nil) {
		strecpy(uid, d->room + sizeof(d->room), d->uid);
		d->uid = d->muid = uid;
	}
	qunlock(&srv_lock);
	return i == 0 || n != nil ? 1 : -1;
}

static Err srv_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	const Node *node = c->aux;
	char name[SRV_NAME_MAX];

	*n = 0;
	if (c->qid.type & QTDIR)
		return PEEK(node->gone) ? Eshutdown : devdirread(c, b, nil, 0, srv_gen, n);
	if (kind_of(c) != KIND_LEASE)
		return Eperm;
	qlock(&srv_lock);	/* the name may change while the reader's memory is brought in */
	strecpy(name, name + sizeof(name), node->name);
	qunlock(&srv_lock);
	return readstr(b, off, name, strlen(name), n);
}

/* "#s" and the names down to n, as much as fits. Boards nest as deep as somebody likes. */
static void node_path(const Node *n, char *path, usize size) REQUIRES(srv_lock)
{
	const Node *m;
	usize at = strlen(root->name), last = size - 1;

	for (m = n; m != root; m = m->parent)
		at += 1 + strlen(m->name);
	path[MIN(at, last)] = '\0';
	for (m = n; m != root; m = m->parent) {
		usize length = strlen(m->name);

		at -= 1 + length;
		if (at >= last)
			continue;
		path[at] = '/';
		memmove(path + at + 1, m->name, MIN(length, last - at - 1));
	}
	memmove(path, root->name, at);
}

/* Post the channel at n; its first posted name stays with it. srv_lock held. */
static ERR post(Node *n, Chan *posted) REQUIRES(srv_lock)
{
	char name[2 * SRV_NAME_MAX];

	if (n->gone)
		return Eshutdown;
	if (n->posted != nil)
		return Ebadusefd;
	if (posted->qid.type & QTAUTH)
		return "cannot post auth file in srv";
	node_path(n, name, sizeof(name));
	if (posted->srvname == nil) {
		char *first = kstrdup(name);

		if (first == nil)
			return Enomem;
		/* /proc/n/ns looks at it without this lock */
		__atomic_store_n(&posted->srvname, first, __ATOMIC_RELEASE);
	}
	n->posted = posted;
	return nil;
}

static Err srv_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[FD_TEXT_MAX + 1];
	const char *end;
	Chan *posted;

	*n = 0;
	if (b->size > FD_TEXT_MAX)
		return Etoobig;
	TRY(writestr(b, text, sizeof(text)));
	const char *digits = text;

	while (*digits == ' ' || *digits == '\t')
		digits++;
	u64 fd = strtou64(digits, &end, 0);

	if (end == digits || fd > FD_MAX)
		return Ebadfd;
	TRY(fd_chan((s32)fd, -1, false, &posted));
	qlock(&srv_lock);
	Err err = post(c->aux, posted);

	qunlock(&srv_lock);
	if (err != nil)
		chan_close(posted);
	else
		*n = b->size;
	return err;
}

/* Apply a checked change; srv_lock held. */
static ERR change(Chan *c, const Dir *d) REQUIRES(srv_lock)
{
	Node *n = c->aux;

	if (n->gone)
		return Enonexist;
	if (strcmp(n->owner, up->user) != 0 && !iseve())
		return Eperm;
	if (d->name[0] != '\0' && strcmp(d->name, n->name) != 0) {
		if (strlen(d->name) >= SRV_NAME_MAX)
			return Etoolong;
		if (strcmp(d->name, "clone") == 0 || node_find(n->parent, d->name) != nil)
			return Eexist;
		char *name = kstrdup(d->name);

		if (name == nil)
			return Enomem;
		kfree(n->name);
		n->name = name;
	}
	if (d->uid[0] != '\0')
		strecpy(n->owner, n->owner + sizeof(n->owner), d->uid);
	if (d->mode != ~0U)
		n->perm = d->mode & 0777;
	return nil;
}

static Err srv_wstat(Chan *c, const u8 *buf, usize size)
{
	return c->aux != root && kind_of(c) == KIND_NODE ?
		devwstat(c, buf, size, &srv_lock, change) : Eperm;
}

/* The next of the tree, parents before children; nil behind the last. */
static Node *node_next(Node *n) REQUIRES(srv_lock)
{
	if (n->child != nil)
		return n->child;
	while (n != nil && n->sibling == nil)
		n = n->parent;
	return n != nil ? n->sibling : nil;
}

void srv_renameuser(const char *old, const char *new_name)
{
	qlock(&srv_lock);
	for (Node *n = root; n != nil; n = node_next(n))
		if (strcmp(n->owner, old) == 0)
			strecpy(n->owner, n->owner + sizeof(n->owner), new_name);
	qunlock(&srv_lock);
}

const Dev devsrv = {
	.letter = 's',
	.name = "srv",
	.init = srv_init,
	.attach = srv_attach,
	.walk = srv_walk,
	.stat = srv_stat,
	.open = srv_open,
	.create = srv_create,
	.close = srv_close,
	.read = srv_read,
	.write = srv_write,
	.remove = srv_remove,
	.wstat = srv_wstat,
};
