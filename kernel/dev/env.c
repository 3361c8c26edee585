/*
 * #e: environment variables as files, one flat directory a group; #ec is the
 * one global group of the boot configuration.
 *
 * A channel that is not open means the caller's group of the moment; an open
 * one pins its group in aux. aux2 is 1 on channels of #ec.
 */
#include "dev/devices.h"

enum { VALUE_MAX = 512 * 1024, GROUP_MAX = 1024 * 1024, VAR_NAME_MAX = 128 };

typedef struct Var Var;
struct Var {
	Var *next;
	char *name;
	u8 *value;
	usize len, room;
	u64 path;		/* ascending along the list */
	u32 vers;
};

typedef struct Egrp Egrp;
struct Egrp {
	Ref ref;
	RWLock lk;		/* held while user memory is copied */
	Var *vars GUARDED_BY(lk);	/* in order of creation */
	u64 last_path GUARDED_BY(lk);
	usize size GUARDED_BY(lk);	/* bytes of all values */
};

struct Egrp *confenv;
static LOCK_CLASS(env_class, "env");

/* ---- groups ---- */

Egrp *egrp_new(void)
{
	Egrp *e = kalloc(sizeof(*e));

	if (e == nil)
		return nil;
	e->ref.n = 1;
	rwlock_init(&e->lk, &env_class);
	return e;
}

static void var_free(Var *v)
{
	kfree(v->name);
	kfree(v->value);
	kfree(v);
}

void egrp_incref(Egrp *e)
{
	ref_take(&e->ref);
}

NO_TSA void egrp_put(Egrp *e)
{
	if (e == nil || ref_drop(&e->ref) > 0)
		return;
	for (Var *v = e->vars, *next; v != nil; v = next) {
		next = v->next;
		var_free(v);
	}
	kfree(e);
}

static Var *var_new(const char *name, usize room)
{
	Var *v = kalloc(sizeof(*v));

	if (v == nil)
		return nil;
	v->name = kstrdup(name);
	v->value = room > 0 ? kalloc(room) : nil;
	v->room = room;
	if (v->name == nil || (room > 0 && v->value == nil)) {
		var_free(v);
		return nil;
	}
	return v;
}

NO_TSA Err egrp_copy(Egrp *from, Egrp **out)
{
	Egrp *e = egrp_new();
	Err err = nil;

	if (e == nil)
		return Enomem;
	Var **tail = &e->vars;

	rlock(&from->lk);
	for (Var *v = from->vars; v != nil; v = v->next) {
		Var *copy = var_new(v->name, v->len);

		if (copy == nil) {
			err = Enomem;
			break;
		}
		if (v->len > 0)
			memcpy(copy->value, v->value, v->len);
		copy->len = v->len;
		copy->path = v->path;
		copy->vers = v->vers;
		*tail = copy;
		tail = &copy->next;
	}
	e->last_path = from->last_path;
	e->size = from->size;
	runlock(&from->lk);
	if (err != nil) {
		egrp_put(e);
		return err;
	}
	*out = e;
	return nil;
}

static Var *find_name(Egrp *e, const char *name) REQUIRES_SHARED(e->lk)
{
	Var *v = e->vars;

	while (v != nil && strcmp(v->name, name) != 0)
		v = v->next;
	return v;
}

static Var *find_path(Egrp *e, u64 path) REQUIRES_SHARED(e->lk)
{
	Var *v = e->vars;

	while (v != nil && v->path != path)
		v = v->next;
	return v;
}

/* A new empty variable at the end of the list; lk held for writing. */
static ERR var_add(Egrp *e, const char *name, Var **out) REQUIRES(e->lk)
{
	Var *v = var_new(name, 0), **at = &e->vars;

	if (v == nil)
		return Enomem;
	while (*at != nil)
		at = &(*at)->next;
	v->path = ++e->last_path;
	*at = v;
	*out = v;
	return nil;
}

static void var_truncate(Egrp *e, Var *v) REQUIRES(e->lk)
{
	assert(e->size >= v->len);
	e->size -= v->len;
	v->len = 0;
	v->vers++;
}

/* Make the value len bytes long at least, zero-filled; lk held for writing. */
static ERR var_extend(Egrp *e, Var *v, usize len) REQUIRES(e->lk)
{
	if (len <= v->len)
		return nil;
	if (e != confenv && e->size - v->len + len > GROUP_MAX)
		return Enomem;
	if (len > v->room) {
		usize room = len < 64 ? len : len + len / 2;
		u8 *bigger = kalloc(room);

		if (bigger == nil)
			return Enomem;
		if (v->len > 0)
			memcpy(bigger, v->value, v->len);
		kfree(v->value);
		v->value = bigger;
		v->room = room;
	}
	memset(v->value + v->len, 0, len - v->len);
	e->size += len - v->len;
	v->len = len;
	return nil;
}

Err egrp_set(Egrp *e, const char *name, const void *value, usize n)
{
	Var *v;
	Err err = nil;

	if (strlen(name) >= VAR_NAME_MAX)
		return Etoolong;
	if (n > VALUE_MAX)
		return Etoobig;
	wlock(&e->lk);
	if ((v = find_name(e, name)) == nil)
		err = var_add(e, name, &v);
	if (err == nil) {
		var_truncate(e, v);
		err = var_extend(e, v, n);
	}
	if (err == nil && n > 0)
		memcpy(v->value, value, n);
	wunlock(&e->lk);
	return err;
}

/*
 * A `name=value` word, quoted where it must be; what a word cannot say becomes a blank. nil: no
 * memory.
 */
static char *env_word(const Var *v, char *p, char *end)
{
	usize n = strlen(v->name), size = n + v->len + 2;
	char *text = kalloc(size);

	if (text == nil)
		return nil;
	memcpy(text, v->name, n);
	text[n] = '=';
	for (usize i = 0; i < v->len; i++)
		text[n + 1 + i] = v->value[i] != '\0' ? (char)v->value[i] : ' ';
	p += quote(p, (usize)(end - p), text, false);
	kfree(text);
	return seprint(p, end, " ");
}

Err egrp_words(Egrp *e, char *buf, char *end)
{
	char *p = buf;

	*p = '\0';
	rlock(&e->lk);
	for (const Var *v = e->vars; v != nil && p != nil && p < end - 1; v = v->next)
		p = env_word(v, p, end);
	runlock(&e->lk);
	if (p == nil)
		return Enomem;
	return p < end - 1 ? nil : Etoobig;
}

/* ---- the device ---- */

static void env_reset(void)
{
	confenv = egrp_new();
	if (confenv == nil)
		panic("env_reset: no memory for the boot configuration");
}

/* The group that c means, for this process. */
static Egrp *group(const Chan *c)
{
	if (c->aux != nil)
		return c->aux;
	return c->aux2 == 1 ? confenv : up->egrp;
}

static bool may_write(const Chan *c)
{
	return (group(c) == up->egrp && c->aux2 == 0) || iseve();
}

static Err env_attach(const Dev *d, const char *spec, Chan **out)
{
	bool conf = strcmp(spec, "c") == 0;

	if (spec[0] != '\0' && !conf)
		return Ebadarg;
	TRY(devattach(d, spec, out));
	(*out)->aux2 = conf;
	return nil;
}

static Qid var_qid(const Var *v)
{
	return (Qid){ .path = v->path, .vers = v->vers };
}

/* lk held. */
static void var_dir(Chan *c, const Var *v, Dir *d)
{
	bool own = group(c) == up->egrp && c->aux2 == 0;

	strecpy(d->room, d->room + sizeof(d->room), v->name);
	devdir(c, var_qid(v), d->room, v->len, eve, own ? 0666 : 0664, d);
}

static ERR walk_name(Chan *c, Chan *nc, const char *name)
{
	if (!(nc->qid.type & QTDIR))
		return Enotdir;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return nil;
	Egrp *e = group(c);

	rlock(&e->lk);
	const Var *v = find_name(e, name);

	if (v != nil)
		nc->qid = var_qid(v);
	runlock(&e->lk);
	return v == nil ? Enonexist : nil;
}

static Err env_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	bool fresh = nc == nil;

	w->clone = nil;
	w->nqid = 0;
	if (fresh && (nc = devclone(c)) == nil)
		return Enomem;
	for (u32 i = 0; i < nnames; i++) {
		Err err = walk_name(c, nc, names[i]);

		if (err != nil) {
			if (fresh)
				chan_discard_fresh(nc);
			return i == 0 ? err : nil;
		}
		w->qid[w->nqid++] = nc->qid;
	}
	w->clone = nc;
	return nil;
}

static Err env_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Egrp *e = group(c);
	Dir d;

	if (c->qid.type & QTDIR) {
		devdir(c, c->qid, c->aux2 == 1 ? "#ec" : "#e", 0, eve, 0775, &d);
		return devstatput(&d, buf, size, n);
	}
	rlock(&e->lk);
	const Var *v = find_path(e, c->qid.path);

	if (v != nil)
		var_dir(c, v, &d);
	runlock(&e->lk);
	return v == nil ? Enonexist : devstatput(&d, buf, size, n);
}

/* The variable of c may be opened so: truncate it when asked. */
static ERR open_var(Chan *c, u32 mode)
{
	Egrp *e = group(c);
	Err err = nil;

	bool changes = (mode & 3) == OWRITE || (mode & 3) == ORDWR || (mode & (OTRUNC | ORCLOSE));

	if (changes && !may_write(c))
		return Eperm;
	if ((mode & 3) == OEXEC)
		return Eperm;
	wlock(&e->lk);
	Var *v = find_path(e, c->qid.path);

	if (v == nil)
		err = Enonexist;
	else if (mode & OTRUNC)
		var_truncate(e, v);
	if (v != nil)
		c->qid.vers = v->vers;
	wunlock(&e->lk);
	return err;
}

/* Mark c open and pin its group. */
static void pin(Chan *c, u32 omode)
{
	Egrp *e = group(c);

	assert(c->aux == nil);
	egrp_incref(e);
	c->aux = e;
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
}

static Err env_open(Chan *c, u32 mode, Chan **out)
{
	u32 omode;

	TRY(devopenmode(mode, &omode));
	if (c->qid.type & QTDIR) {
		if (omode != OREAD || (mode & (OTRUNC | ORCLOSE)))
			return Eperm;
	} else {
		TRY(open_var(c, mode));
	}
	pin(c, omode);
	*out = c;
	return nil;
}

static Err env_create(Chan *c, const char *name, u32 mode, u32 perm)
{
	Egrp *e = group(c);
	Var *v = nil;
	u32 omode;
	Err err = nil;

	if (!(c->qid.type & QTDIR) || !may_write(c))
		return Eperm;
	TRY(devopenmode(mode, &omode));
	if (strlen(name) >= VAR_NAME_MAX)
		return Etoolong;
	wlock(&e->lk);
	err = find_name(e, name) != nil ? Eexist : var_add(e, name, &v);
	if (err == nil)
		c->qid = var_qid(v);
	wunlock(&e->lk);
	if (err == nil)
		pin(c, omode);
	return err;
}

static ERR remove_var(Egrp *e, u64 path)
{
	Var **at = &e->vars, *v;

	wlock(&e->lk);
	while ((v = *at) != nil && v->path != path)
		at = &v->next;
	if (v != nil) {
		*at = v->next;
		e->size -= v->len;
	}
	wunlock(&e->lk);
	if (v == nil)
		return Enonexist;
	var_free(v);
	return nil;
}

static Err env_remove(Chan *c)
{
	if ((c->qid.type & QTDIR) || !may_write(c))
		return Eperm;
	return remove_var(group(c), c->qid.path);
}

static void env_close(Chan *c)
{
	if (!(c->flag & COPEN))
		return;
	if (c->flag & CRCLOSE) {
		Err gone = remove_var(c->aux, c->qid.path);

		/* Perhaps somebody else removed it. */
		assert(gone == nil || gone == Enonexist);
	}
	egrp_put(c->aux);
	c->aux = nil;
}

/* c->dri is the smallest path not yet shown, so that removals skip nothing. */
static ERR env_dirread(Chan *c, const Iobuf *b, usize *n)
{
	Egrp *e = group(c);
	Err err = nil;
	Dir d;

	rlock(&e->lk);
	for (const Var *v = e->vars; v != nil; v = v->next) {
		if (v->path < c->dri)
			continue;
		var_dir(c, v, &d);
		d.atime = d.mtime;
		usize used = dir_encode(&d, b->kaddr + *n, b->size - *n);

		if (used == 0) {
			err = *n == 0 ? Eshort : nil;
			break;
		}
		*n += used;
		c->dri = v->path + 1;
	}
	runlock(&e->lk);
	return err;
}

static Err env_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Egrp *e = group(c);
	Err err = Enonexist;

	*n = 0;
	if (c->qid.type & QTDIR)
		return env_dirread(c, b, n);
	rlock(&e->lk);
	const Var *v = find_path(e, c->qid.path);

	if (v != nil)
		err = readstr(b, off, (const char *)v->value, v->len, n);
	runlock(&e->lk);
	return err;
}

static Err env_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Egrp *e = group(c);

	*n = 0;
	if (off > VALUE_MAX || b->size > VALUE_MAX - off)
		return Etoobig;
	wlock(&e->lk);
	Var *v = find_path(e, c->qid.path);
	Err err = v == nil ? Enonexist : nil;

	if (err == nil && b->size > 0)
		err = var_extend(e, v, off + b->size);
	if (err == nil && b->size > 0)
		err = iobuf_get(b, 0, v->value + off, b->size);
	if (err == nil) {
		v->vers++;
		*n = b->size;
	}
	wunlock(&e->lk);
	return err;
}

const Dev devenv = {
	.letter = 'e',
	.name = "env",
	.reset = env_reset,
	.attach = env_attach,
	.walk = env_walk,
	.stat = env_stat,
	.open = env_open,
	.create = env_create,
	.close = env_close,
	.read = env_read,
	.write = env_write,
	.remove = env_remove,
	.wstat = dev_nowstat,
};
