/*
 * Names that need no walk: what an absolute name led to, kept by the name space for whoever
 * opens or stats it next. Kept are names of files, not of directories, that led through fixed
 * devices alone (Dev.fixed): nothing but a change of the mount table can lead them elsewhere,
 * and every change forgets them all while it holds Pgrp.ns.
 *
 * An entry is what a channel may be made from, not a channel. Nothing is kept alive by it but a
 * Path, whose channels the mount table holds as well, and the processes' root directory. The
 * name is the Path's own, so it has neither dots nor empty elements.
 */
#include "chan/names.h"

enum { NKNOWN = 64 };

static u32 hash_name(const char *name, u32 *length)
{
	const char *p = name;
	u32 h = 0;

	for (; *p != '\0'; p++)
		h = h * 31 + (u8)*p;
	*length = (u32)(p - name);
	return h;
}

bool known_find(const char *name, bool with_path, Known *out)
{
	Pgrp *p = up->pgrp;
	bool found = false;
	u32 length;

	if (!known_any(p))
		return false;
	u32 hash = hash_name(name, &length);

	lock(&p->ns);
	if (p->known != nil) {
		const Known *k = &p->known[hash % NKNOWN];

		found = k->hash == hash && k->length == length && k->root == up->slash &&
			memcmp(k->path->name, name, length) == 0;
		if (found)
			*out = *k;
		if (found && with_path)
			path_incref(k->path);
	}
	unlock(&p->ns);
	return found;
}

static void known_put(Known *k)
{
	chan_close(k->root);
	path_put(k->path);
}

void known_add(const char *name, const Chan *c, u64 stamp)
{
	Pgrp *p = up->pgrp;
	Known k = { .root = up->slash, .path = c->path, .dev = c->dev, .instance = c->instance,
		.qid = c->qid, .aux = c->aux, .aux2 = c->aux2 };

	k.hash = hash_name(name, &k.length);
	if (k.length != k.path->length || memcmp(name, k.path->name, k.length) != 0)
		return;
	Known *table = known_any(p) ? nil : kalloc(NKNOWN * sizeof(Known));

	chan_incref(k.root);
	path_incref(k.path);
	lock(&p->ns);
	if (p->known == nil && p->stamp == stamp) {
		__atomic_store_n(&p->known, table, __ATOMIC_RELAXED);
		table = nil;
	}
	if (p->known != nil && p->stamp == stamp) {
		Known *at = &p->known[k.hash % NKNOWN], replaced = *at;

		*at = k;
		k = replaced;
	}
	unlock(&p->ns);
	known_put(&k);
	kfree(table);
}

Known *known_forget(Pgrp *p)
{
	Known *table = p->known;

	__atomic_store_n(&p->known, nil, __ATOMIC_RELAXED);
	/* After what changed: who finds the new stamp finds the new table (mount_maybe). */
	__atomic_store_n(&p->stamp, p->stamp + 1, __ATOMIC_RELEASE);
	return table;
}

void known_free(Known *table)
{
	if (table == nil)
		return;
	for (u32 i = 0; i < NKNOWN; i++)
		known_put(&table[i]);
	kfree(table);
}
