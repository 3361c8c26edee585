/*
 * #¤: capabilities. The host owner stores hashes in caphash; whoever knows the
 * secret behind one becomes the user that it was made for, once, by writing
 * `user@secret` or `from@to@secret` to capuse.
 */
#include "dev/devices.h"

enum { QDIR, QHASH, QUSE };
enum { CAPS_MAX = 256, USE_MAX = 1023 };
#define LIFETIME_NS	(60UL * 1000000000)

static const Dirtab cap_files[] = {
	{ "capuse", { .path = QUSE }, 0, 0222 },
	{ "caphash", { .path = QHASH }, 0, 0200 },	/* last: goes when it is removed */
};

typedef struct Cap { u8 hash[SHA1_SIZE]; u64 stored_ns; } Cap;

static LOCK_CLASS(cap_class, "cap");
static Lock cap_lock = LOCK_INIT(&cap_class);
static Cap caps[CAPS_MAX] GUARDED_BY(cap_lock);	/* the oldest first */
static u32 ncaps GUARDED_BY(cap_lock);
static bool closed;		/* [a] caphash was removed; what was stored stays good */

/* ---- the store; cap_lock held ---- */

static void forget(u32 i) REQUIRES(cap_lock)
{
	assert(i < ncaps);
	ncaps--;
	memmove(&caps[i], &caps[i + 1], (ncaps - i) * sizeof caps[0]);
	memset(&caps[ncaps], 0, sizeof caps[0]);
}

static void forget_old(void) REQUIRES(cap_lock)
{
	u64 now = arch_nsec();
	while (ncaps > 0 && now - caps[0].stored_ns > LIFETIME_NS)
		forget(0);
}

static void store(const u8 hash[SHA1_SIZE])
{
	lock(&cap_lock);
	forget_old();
	if (ncaps == CAPS_MAX)
		forget(0);
	memcpy(caps[ncaps].hash, hash, SHA1_SIZE);
	caps[ncaps++].stored_ns = arch_nsec();
	unlock(&cap_lock);
}

/* Take the hash out; false when it is not there. */
static bool spend(const u8 hash[SHA1_SIZE])
{
	u32 i = 0;
	lock(&cap_lock);
	forget_old();
	while (i < ncaps && memcmp(caps[i].hash, hash, SHA1_SIZE) != 0)
		i++;
	bool found = i < ncaps;
	if (found)
		forget(i);
	unlock(&cap_lock);
	return found;
}

/* ---- the device ---- */

static u32 nfiles(void)
{
	return (u32)nelem(cap_files) - (__atomic_load_n(&closed, __ATOMIC_RELAXED) ? 1 : 0);
}

static int cap_gen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	return devgen(c, name, cap_files, nfiles(), i, d);
}

static Err cap_attach(const Dev *d, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(d, spec, out) : Ebadspec;
}

static Err cap_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, nil, 0, cap_gen, w);
}

static Err cap_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	Dir d;
	if (c->qid.path != QDIR)
		return devstat(c, buf, size, nil, 0, cap_gen, n);
	devdir(c, c->qid, "#¤", 0, eve, 0500, &d);
	return devstatput(&d, buf, size, n);
}

static Err cap_open(Chan *c, u32 mode, Chan **out)
{
	if (c->qid.path == QHASH && !iseve())
		return Eperm;
	if (c->qid.path == QDIR)
		TRY(devpermcheck(eve, 0500, mode & 3));
	return devopen(c, mode, nil, 0, cap_gen, out);
}

static Err cap_remove(Chan *c)
{
	if (c->qid.path != QHASH || !iseve())
		return Eperm;
	__atomic_store_n(&closed, true, __ATOMIC_RELAXED);
	return nil;
}

static Err cap_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	return c->qid.type & QTDIR ? devdirread(c, b, nil, 0, cap_gen, n) : Eperm;
}

static ERR write_hash(const Iobuf *b)
{
	u8 hash[SHA1_SIZE];
	if (b->size < sizeof hash)
		return Eshort;
	if (nfiles() < nelem(cap_files))
		return Enonexist;
	TRY(iobuf_get(b, 0, hash, sizeof hash));
	store(hash);
	return nil;
}

/* text is `user@secret` or `from@to@secret`: the last @ ends what the hash is of. */
static ERR use(char *text)
{
	u8 hash[SHA1_SIZE];
	char *secret = strrchr(text, '@');
	if (secret == nil)
		return Eshort;
	*secret++ = '\0';
	hmac_sha1(secret, strlen(secret), text, strlen(text), hash);
	if (!spend(hash))
		return errorf("invalid capability %s@%s", text, secret);
	char *to = strchr(text, '@');
	if (to != nil) {
		*to++ = '\0';
		if (strcmp(text, up->user) != 0)
			return "capability must match user";
	} else {
		to = text;
	}
	if (to[0] == '\0' || strlen(to) >= sizeof up->user)
		return Ebadarg;
	proc_setuser(up, to);
	return nil;
}

static ERR write_use(const Iobuf *b)
{
	char *text = kalloc(USE_MAX + 1);
	if (text == nil)
		return Enomem;
	Err err = iobuf_get(b, 0, text, b->size);
	if (err == nil)
		err = use(text);
	memset(text, 0, USE_MAX + 1);
	kfree(text);
	return err;
}

static Err cap_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (b->size > USE_MAX)
		return Etoobig;
	if (c->qid.path == QHASH)
		TRY(write_hash(b));
	else if (c->qid.path == QUSE)
		TRY(write_use(b));
	else
		return Eisdir;
	*n = b->size;
	return nil;
}

const Dev devcap = {
	.letter = 0xA4,
	.name = "cap",
	.attach = cap_attach,
	.walk = cap_walk,
	.stat = cap_stat,
	.open = cap_open,
	.create = dev_nocreate,
	.close = dev_noclose,
	.read = cap_read,
	.write = cap_write,
	.remove = cap_remove,
	.wstat = dev_nowstat,
};
