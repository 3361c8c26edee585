/*
 * What the files of chan/ share about evaluating names: the mount table as a
 * walk sees it, and the trail of elements from which a Path is made.
 */
#ifndef CHAN_NAMES_H
#define CHAN_NAMES_H

#include "chan/chan.h"

/*
 * The mount table and the known names are read without a lock: between ns_enter and ns_leave, where
 * nobody sleeps, the processor says in which name space it reads. Who has taken something out
 * of them, under Pgrp.ns, frees it after ns_settle, when no reader can have it any more.
 */
typedef struct NsReader { const Pgrp *in; } __attribute__((aligned(64))) NsReader;
extern NsReader ns_readers[NCPU_MAX];		/* [a] */
static inline NsReader *ns_enter(const Pgrp *p)
{
	NsReader *r = &ns_readers[cpu()->index];
	__atomic_store_n(&r->in, p, __ATOMIC_SEQ_CST);
	return r;
}
static inline void ns_leave(NsReader *r)
{
	__atomic_store_n(&r->in, nil, __ATOMIC_RELEASE);
}
void ns_settle(const Pgrp *p);

/*
 * Look the files qid[0..n) of one device instance up in the mount table of the
 * running process, in order. At the first that is a mount point: true, its index in
 * *at, a reference to the first thing mounted there in *to and to the head in *mh.
 */
bool mount_find(const Dev *dev, u32 instance, const Qid *qid, u32 n, u32 *at, Chan **to,
	Mhead **mh);
static inline u32 mount_hash(u64 path)
{
	return (u32)(path ^ path >> 5 ^ path >> 32) % MNT_HASH;
}
/* Without the lock: can this path be a mount point? A bind at this very moment may be missed. */
static inline bool mount_maybe(const Pgrp *p, u64 path)
{
	return __atomic_load_n(&p->hash[mount_hash(path)], __ATOMIC_RELAXED) != nil;
}
/* The i-th member of a union with a reference, nil beyond the last. */
Chan *mhead_member(Mhead *mh, u32 i);
/* The first member that accepts new files; nil when none does. */
Chan *mhead_creator(Mhead *mh);
u32 mhead_count(Mhead *mh);
void mhead_incref(Mhead *mh);
void mhead_put(Mhead *mh);		/* nil is fine; may sleep */
/*
 * A union that belongs to no name space (#σ): made on from, a reference; joined by `to` as its last
 * member, a reference; left by that member, which is to be freed with mounts_free.
 */
Mhead *mhead_new(Chan *from);
ERR mhead_join(Mhead *mh, Chan *to, u32 flag, Mount **out);
Mount *mhead_leave(Mhead *mh, Mount *m);
void mounts_free(Mount *m);		/* nil is fine; may sleep */

/*
 * Names that need no walk (known.c). A Known is what a name led to: a file of a fixed device,
 * which a channel can be made from.
 */
struct Known {
	Known *next;		/* of those that are forgotten */
	Chan *root;		/* where the name began */
	Path *path;
	u32 hash, length;	/* of the name */
	u32 instance;
	const Dev *dev;
	Qid qid;
	void *aux;
	u64 aux2;
};
/* Is this name of the running process known? with_path: out->path is a new reference. */
bool known_find(const char *name, bool with_path, Known *out);
/* The name led to c, through fixed devices only, after known_stamp had given stamp. */
void known_add(const char *name, const Chan *c, u64 stamp);
static inline u64 known_stamp(const Pgrp *p)
{
	return __atomic_load_n(&p->stamp, __ATOMIC_ACQUIRE);
}
/* The mount table has changed: what is returned is for known_free, after ns_settle. */
Known *known_forget(Pgrp *p) REQUIRES(p->ns);
void known_free(Known *k);		/* nil is fine; may sleep */

/* One element of a name being evaluated, and the channel covered there (nil: none). */
typedef struct Step {
	const char *name;
	u32 len;
	bool owned;		/* covered is a reference of the trail, not of its base */
	Chan *covered;
} Step;

enum { TRAIL_INLINE = 12 };
typedef struct Trail {
	Path *base;		/* a reference: the first steps borrow from it */
	u32 nbase;		/* steps it has */
	u32 same;		/* leading steps that are still as in base */
	u32 n, room;
	bool owns;		/* some step is `owned` */
	Step *step;		/* inline_, or allocated */
	Step inline_[TRAIL_INLINE];
} Trail;

/* Start at base; a reference is taken. */
ERR trail_init(Trail *t, Path *base);
/* Go down to an element; name must live as long as the trail. */
ERR trail_push(Trail *t, const char *name);
/* Leave the last element (never the root). */
void trail_pop(Trail *t);
/* Something is mounted on `covered` at the last element; nil: forget that. Takes a reference. */
void trail_cover(Trail *t, Chan *covered);
/* The channel covered at the last element, or nil; no reference. */
Chan *trail_covered(const Trail *t);
/* The Path of the present steps, a new reference; nil without memory. */
Path *trail_path(const Trail *t);
void trail_free(Trail *t);

/* Stat c into kernel memory of any size: a kalloc'd or stack buffer. *buf is stack on entry. */
ERR chan_stat(Chan *c, u8 *stack, usize size, u8 **buf, usize *n);

/* namec with Aaccess for who has found out that the name is not known. */
ERR namec_unknown(const char *name, Chan **out);

/* namec for unmount: a masked device may be named. */
ERR namec_masked(const char *name, enum Access access, Chan **out);

/* Let go of a channel whose device has dropped it already (remove). */
void chan_discard(Chan *c);

#endif
