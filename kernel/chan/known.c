/*
 * Names that need no walk: what an absolute name led to, kept by the name space for whoever
 * opens or stats it next. Kept are names of files, not of directories, that led through fixed
 * devices alone (Dev.fixed): nothing but a change of the mount table can lead them elsewhere,
 * and every change forgets them all while it holds Pgrp.ns.
 *
 * A Known is what a channel may be made from, not a channel. Nothing is kept alive by it but a
 * Path, whose channels the mount table holds as well, and the processes' root directory. The
 * name is the Path's own, so it has neither dots nor empty elements.
 *
 * Who looks takes no lock (ns_enter).
 */
#include "chan/names.h"

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
	const Pgrp *p = up->pgrp;
	u32 length, hash = hash_name(name, &length);
	NsReader *reader = ns_enter(p);
	const Known *k = __atomic_load_n(&p->known[hash % NKNOWN], __ATOMIC_SEQ_CST);
	bool found = k != nil && k->hash == hash && k->length == length &&
		k->root == up->slash && memcmp(k->path->name, name, length) == 0;

	if (found) {
		*out = *k;
		if (with_path)
			path_incref(k->path);
	}
	ns_leave(reader);
	return found;
}

void known_free(Known *k)
{
	for (Known *next; k != nil; k = next) {
		next = k->next;
		chan_close(k->root);
		path_put(k->path);
		kfree(k);
	}
}

static Known *known_new(const Chan *c, u32 hash)
{
	Known *k = kalloc(sizeof(*k));

	if (k == nil)
		return nil;
	*k = (Known){ .root = up->slash, .path = c->path, .hash = hash,
		.length = c->path->length, .instance = c->instance, .dev = c->dev, .qid = c->qid,
		.aux = c->aux, .aux2 = c->aux2 };
	chan_incref(k->root);
	path_incref(k->path);
	return k;
}

void known_add(const char *name, const Chan *c, u64 stamp)
{
	Pgrp *p = up->pgrp;
	u32 length;

	if (strcmp(name, c->path->name) != 0)
		return;
	u32 hash = hash_name(name, &length);
	Known *k = known_new(c, hash);

	if (k == nil)
		return;
	lock(&p->ns);
	if (p->stamp == stamp) {
		Known **at = &p->known[hash % NKNOWN], *replaced = *at;

		p->nknown += replaced == nil;
		__atomic_store_n(at, k, __ATOMIC_SEQ_CST);
		k = replaced;
	}
	unlock(&p->ns);
	if (k != nil)
		ns_settle(p);
	known_free(k);
}

Known *known_forget(Pgrp *p)
{
	Known *all = nil;

	for (u32 i = 0; p->nknown > 0; i++) {
		Known *k = p->known[i];

		if (k == nil)
			continue;
		__atomic_store_n(&p->known[i], nil, __ATOMIC_SEQ_CST);
		k->next = all;
		all = k;
		p->nknown--;
	}
	/* After what changed: who finds the new stamp finds the new table (mount_maybe). */
	__atomic_store_n(&p->stamp, p->stamp + 1, __ATOMIC_RELEASE);
	return all;
}
