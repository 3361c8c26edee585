/*
 * #/: the tree that is there before any file server. Fixed directories, the
 * boot modules under /boot, and the contents of those that are tar archives,
 * later ones over earlier ones. File data is used where the loader put it.
 *
 * The tree is built at boot by one processor and never changes afterwards:
 * no lock.
 */
#include "dev/devices.h"
#include "dev/tar.h"

enum { NHASH = 1024, WHY_SIZE = 256 };

typedef struct Node Node;
struct Node {
	Node *parent, *child, **child_tail, *sibling;
	Node *hash;
	char *name;
	const u8 *data;
	u64 size;
	u64 number;		/* qid.path */
	u32 mode;		/* permission | DMDIR */
	u32 mtime;
};

static Node *hash_table[NHASH];
static Node *root;
static u64 last_number;

static const char *const fixed[] = {
	"boot", "bin", "dev", "env", "fd", "mnt", "n", "net", "net.alt", "proc", "rc", "root",
	"srv", "shr",
};

/* ---- the tree ---- */

static u32 hash_name(const Node *dir, const char *name)
{
	u64 h = dir->number * 0x9E3779B97F4A7C15UL;

	for (; *name != '\0'; name++)
		h = (h ^ (u8)*name) * 0x100000001B3UL;
	return (u32)(h >> 32) % NHASH;
}

static Node *node_find(const Node *dir, const char *name)
{
	for (Node *n = hash_table[hash_name(dir, name)]; n != nil; n = n->hash)
		if (n->parent == dir && strcmp(n->name, name) == 0)
			return n;
	return nil;
}

/* A new file in dir (nil: the root itself); nil without memory. */
static Node *node_new(Node *dir, const char *name, u32 mode)
{
	Node *n = kalloc(sizeof(*n));

	if (n == nil || (n->name = kstrdup(name)) == nil) {
		kfree(n);
		return nil;
	}
	n->mode = mode;
	n->number = last_number++;
	n->mtime = dev_mtime;
	n->child_tail = &n->child;
	n->parent = dir == nil ? n : dir;
	if (dir != nil) {
		Node **bucket = &hash_table[hash_name(dir, name)];

		n->hash = *bucket;
		*bucket = n;
		*dir->child_tail = n;
		dir->child_tail = &n->sibling;
	}
	return n;
}

/* The next element of a path, cut out in place; nil at its end. Empty elements and dots vanish. */
static char *next_element(char **path)
{
	char *p = *path;

	for (;;) {
		while (*p == '/')
			p++;
		if (*p == '\0')
			return nil;
		char *element = p;

		while (*p != '\0' && *p != '/')
			p++;
		if (*p == '/')
			*p++ = '\0';
		*path = p;
		if (strcmp(element, ".") != 0)
			return element;
	}
}

/* The file of that path, made with its directories when it is missing; path is cut up. */
static ERR node_make(char *path, u32 mode, Node **out)
{
	Node *at = root;
	char *element = next_element(&path);

	while (element != nil) {
		char *following = next_element(&path);
		Node *next = node_find(at, element);

		if (!(at->mode & DMDIR))
			return "a file where a directory is needed";
		if (next == nil)
			next = node_new(at, element, following == nil ? mode : DMDIR | 0555);
		if (next == nil)
			return Enomem;
		at = next;
		element = following;
	}
	*out = at;
	return nil;
}

static ERR node_set(Node *n, const u8 *data, u64 size, u32 mode, u32 mtime)
{
	if (((n->mode ^ mode) & DMDIR) && (n->child != nil || n == root))
		return "a file where a directory is";
	n->mode = mode;
	n->mtime = mtime;
	n->data = data;
	n->size = size;
	return nil;
}

static ERR add(char *path, const u8 *data, u64 size, u32 mode, u32 mtime)
{
	Node *n;

	TRY(node_make(path, mode, &n));
	return node_set(n, data, size, mode, mtime);
}

Err root_addfile(const char *path, const void *data, u64 size, u32 mode)
{
	char *copy = kstrdup(path);

	if (copy == nil)
		return Enomem;
	Err err = add(copy, data, size, mode & (DMDIR | 0555), dev_mtime);

	kfree(copy);
	return err;
}

/* ---- archives ---- */

static ERR visit_link(char *path, TarText target, const TarEntry *e)
{
	char *from = kalloc(target.len + 1);
	Node *at = root;

	if (from == nil)
		return Enomem;
	memcpy(from, target.text, target.len);
	char *rest = from;

	for (char *element; at != nil && (element = next_element(&rest)) != nil; )
		at = node_find(at, element);
	kfree(from);
	if (at == nil || (at->mode & DMDIR))
		return "a link to nothing";
	return add(path, at->data, at->size, at->mode, e->mtime);
}

static Err visit(void *arg, const TarEntry *e)
{
	char *path = kalloc(e->prefix.len + 1 + e->name.len + 1);
	Err err;

	if (path == nil)
		return Enomem;
	memcpy(path, e->prefix.text, e->prefix.len);
	path[e->prefix.len] = '/';
	memcpy(path + e->prefix.len + 1, e->name.text, e->name.len);
	if (e->kind == TAR_DIR)
		err = add(path, nil, 0, DMDIR | (e->mode & 0555), e->mtime);
	else if (e->kind == TAR_LINK)
		err = visit_link(path, e->link, e);
	else
		err = add(path, e->data, e->size, e->mode & 0555, e->mtime);
	kfree(path);
	return err;
}

static bool ends_with(const char *s, const char *tail)
{
	usize n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

Err initrd_register(const BootModule *m)
{
	static char why[WHY_SIZE], text[WHY_SIZE + 80];
	char path[80];
	const char *name = strrchr(m->path, '/');

	name = name == nil ? m->path : name + 1;
	snprint(path, sizeof(path), "/boot/%s", name[0] == '\0' ? "module" : name);
	Err err = root_addfile(path, m->data, m->size, 0555);

	if (err == nil && tar_is(m->data, m->size))
		err = tar_parse(m->data, m->size, visit, nil, why, sizeof(why));
	else if (err == nil && ends_with(m->path, ".tar"))
		err = m->size == 0 ? "empty archive" : "damaged archive: no tar header at byte 0";
	if (err == nil)
		return nil;
	snprint(text, sizeof(text), "boot module %s: %s",
		m->path[0] == '\0' ? "(no name)" : m->path, err);
	return text;
}

/* ---- the device ---- */

static void root_reset(void)
{
	root = node_new(nil, "/", DMDIR | 0555);
	if (root == nil)
		panic("root_reset: no memory for the root directory");
	for (u32 i = 0; i < nelem(fixed); i++)
		if (node_new(root, fixed[i], DMDIR | 0555) == nil)
			panic("root_reset: no memory for /%s", fixed[i]);
}

static Qid node_qid(const Node *n)
{
	return (Qid){ .path = n->number, .type = (u8)(n->mode >> 24) };
}

static Err root_attach(const Dev *d, const char *spec, Chan **out)
{
	if (spec[0] != '\0')
		return Ebadspec;
	TRY(devattach(d, spec, out));
	Path *path = path_new("/");

	if (path == nil) {
		chan_close(*out);
		return Enomem;
	}
	chan_setpath(*out, path);
	(*out)->aux = root;
	(*out)->qid = node_qid(root);
	return nil;
}

static Err root_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	Node *at = c->aux;

	w->clone = nil;
	for (w->nqid = 0; w->nqid < nnames; w->nqid++) {
		const char *name = names[w->nqid];
		Node *next = at;

		if (!(at->mode & DMDIR))
			return w->nqid == 0 ? Enotdir : nil;
		if (name[0] != '.' || (name[1] != '\0' && strcmp(name, "..") != 0))
			next = node_find(at, name);
		else if (name[1] == '.')
			next = at->parent;
		if (next == nil)
			return w->nqid == 0 ? Enonexist : nil;
		at = next;
		w->qid[w->nqid] = node_qid(at);
	}
	if (nc == nil && (nc = devclone(c)) == nil)
		return Enomem;
	nc->aux = at;
	nc->qid = node_qid(at);
	w->clone = nc;
	return nil;
}

static void node_dir(Chan *c, const Node *n, Dir *d)
{
	devdir(c, node_qid(n), n->name, n->size, eve, n->mode & 0777, d);
	d->mtime = n->mtime;
}

static Err root_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Dir d;

	node_dir(c, c->aux, &d);
	return devstatput(&d, buf, size, n);
}

static Err root_open(Chan *c, u32 mode, Chan **out)
{
	const Node *n = c->aux;
	u32 omode;

	TRY(devopenmode(mode, &omode));
	if (omode != OREAD || (mode & (OTRUNC | ORCLOSE)))
		return Eperm;
	TRY(devpermcheck(eve, n->mode, mode & 3));
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

/* c->aux2 remembers the entry that dri counts to. */
static ERR root_dirread(Chan *c, const Iobuf *b, usize *n)
{
	const Node *dir = c->aux;
	Node *at = c->dri == 0 ? dir->child : (Node *)c->aux2;
	Dir d;

	for (; at != nil; at = at->sibling) {
		node_dir(c, at, &d);
		d.atime = d.mtime;
		usize used = dir_encode(&d, b->kaddr + *n, b->size - *n);

		if (used == 0)
			break;
		*n += used;
		c->dri++;
	}
	c->aux2 = (u64)at;
	return at != nil && *n == 0 ? Eshort : nil;
}

static Err root_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	const Node *node = c->aux;

	*n = 0;
	if (node->mode & DMDIR)
		return root_dirread(c, b, n);
	return readstr(b, off, (const char *)node->data, node->size, n);
}

const Dev devroot = {
	.letter = '/',
	.name = "root",
	.fixed = true,
	.reset = root_reset,
	.attach = root_attach,
	.walk = root_walk,
	.stat = root_stat,
	.open = root_open,
	.create = dev_nocreate,
	.close = dev_noclose,
	.read = root_read,
	.write = dev_nowrite,
	.remove = dev_noremove,
	.wstat = dev_nowstat,
};
