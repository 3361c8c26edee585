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

/* The wait of p was broken off. nil: somebody met it first, and the note is for the next wait. */
static ERR broken_off(struct Rgrp *r, Proc *p)
{
	Err err = nil;
	ilock(&r->lk);
	if (p->rendmet) {
		park_keep_note();
	} else {
		withdraw(r, p);
		err = Eintr;
	}
	iunlock(&r->lk);
	return err;
}

/* Only a meeting or a note ends the wait. Who was met is in nobody's table, and needs no lock. */
static ERR wait_for_partner(struct Rgrp *r, Proc *p, u64 tag, u64 value, u64 *result)
	RELEASES(r->lk)
{
	Proc **first = bucket(r, tag);
	p->rendtag = tag;
	p->rendval = value;
	p->rendmet = false;
	p->rendnext = *first;
	*first = p;
	Err err = likely(park(&r->lk, met, p)) ? nil : broken_off(r, p);
	assert(err != nil || p->rendmet);
	*result = err == nil ? p->rendval : ~0UL;
	return err;
}

Err proc_rendezvous(u64 tag, u64 value, u64 *result)
{
	Proc *p = up;
	struct Rgrp *r = p->rgrp;
	ilock_on(&r->lk);
	Proc *other = take_waiter(r, tag);
	if (other == nil)
		return wait_for_partner(r, p, tag, value, result);
	*result = other->rendval;
	other->rendval = value;
	other->rendmet = true;
	rouse(other);
	iunlock_on(&r->lk);
	return nil;
}
