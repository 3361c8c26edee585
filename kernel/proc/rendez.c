/*
 * rendezvous (process.md 10): two processes of a group meet at a tag and swap
 * values, exactly once. The group's lock decides every meeting: a waiter is
 * in the table from the moment it waits until it was met or withdrew.
 */
#include "proc/private.h"

static LOCK_CLASS(rgrp_class, "proc.rgrp");

struct Rgrp *rgrp_new(void)
{
	struct Rgrp *r = kalloc(sizeof *r);
	if (r != nil) {
		r->ref.n = 1;
		lock_init(&r->lk, &rgrp_class);
	}
	return r;
}

void rgrp_incref(struct Rgrp *r)
{
	ref_take(&r->ref);
}

void rgrp_put(struct Rgrp *r)
{
	if (ref_drop(&r->ref) > 0)
		return;
	for (u32 i = 0; i < RENDEZ_HASH; i++)
		assert(r->hash[i] == nil);
	kfree(r);
}

static Proc **bucket(struct Rgrp *r, u64 tag)
{
	return &r->hash[(tag >> 4 ^ tag >> 12) % RENDEZ_HASH];
}

/* r->lk is held. Take who waits at tag out of the table. */
static Proc *take_waiter(struct Rgrp *r, u64 tag)
{
	for (Proc **at = bucket(r, tag); *at != nil; at = &(*at)->rendnext) {
		Proc *p = *at;
		if (p->rendtag == tag) {
			*at = p->rendnext;
			p->rendnext = nil;
			return p;
		}
	}
	return nil;
}

static bool met(void *arg)
{
	return ((const Proc *)arg)->rendmet;
}

/* r->lk is held: nobody may meet p any more. */
static void withdraw(struct Rgrp *r, Proc *p)
{
	Proc **at = bucket(r, p->rendtag);
	while (*at != p) {
		assert(*at != nil);
		at = &(*at)->rendnext;
	}
	*at = p->rendnext;
	p->rendnext = nil;
}

static ERR wait_for_partner(struct Rgrp *r, Proc *p, u64 tag, u64 value, u64 *result)
	RELEASES(r->lk)
{
	p->rendtag = tag;
	p->rendval = value;
	p->rendmet = false;
	p->rendnext = *bucket(r, tag);
	*bucket(r, tag) = p;
	iunlock(&r->lk);
	Err err = sleep(&p->sleepr, met, p);
	ilock(&r->lk);
	if (p->rendmet)
		err = nil;
	else
		withdraw(r, p);
	iunlock(&r->lk);
	*result = err == nil ? p->rendval : ~0UL;
	return err;
}

Err proc_rendezvous(u64 tag, u64 value, u64 *result)
{
	Proc *p = up;
	struct Rgrp *r = p->rgrp;
	ilock(&r->lk);
	Proc *other = take_waiter(r, tag);
	if (other == nil)
		return wait_for_partner(r, p, tag, value, result);
	*result = other->rendval;
	other->rendval = value;
	other->rendmet = true;
	/* Under the lock, so that the other cannot be gone: it takes the lock before it leaves. */
	wakeup(&other->sleepr);
	iunlock(&r->lk);
	return nil;
}
