/*
 * Arrays: hash tables whose elements are also in a list, so that `for in'
 * visits them in the order in which they were made.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

enum {
	Minsize = 16,
};

Array*
newarray(void)
{
	Array *a;

	a = ealloc(sizeof *a);
	a->ref = 1;
	a->size = Minsize;
	a->hash = ealloc(a->size*sizeof a->hash[0]);
	return a;
}

static uint
hash(Str *s)
{
	uint h;
	usize i;

	h = 2166136261u;
	for(i = 0; i < s->n; i++)
		h = (h ^ (uchar)s->s[i])*16777619u;
	return h ^ h >> 15;
}

static void
elemfree(Elem *e)
{
	strfree(e->key);
	vfree(&e->v);
	free(e);
}

void
arrayclear(Array *a)
{
	Elem *e, *next;

	for(e = a->first; e != nil; e = next){
		next = e->next;
		elemfree(e);
	}
	memset(a->hash, 0, a->size*sizeof a->hash[0]);
	a->first = a->last = nil;
	a->n = 0;
}

void
arrayfree(Array *a)
{
	if(--a->ref > 0)
		return;
	arrayclear(a);
	free(a->hash);
	free(a);
}

static Elem*
lookup(Array *a, Str *key, uint h)
{
	Elem *e;

	for(e = a->hash[h & (a->size-1)]; e != nil; e = e->link)
		if(e->hash == h && e->key->n == key->n && memcmp(e->key->s, key->s, key->n) == 0)
			return e;
	return nil;
}

Elem*
arrayfind(Array *a, Str *key)
{
	return lookup(a, key, hash(key));
}

static void
rehash(Array *a)
{
	Elem *e, **l;

	free(a->hash);
	a->size *= 4;
	a->hash = ealloc(a->size*sizeof a->hash[0]);
	for(e = a->first; e != nil; e = e->next){
		l = &a->hash[e->hash & (a->size-1)];
		e->link = *l;
		*l = e;
	}
}

Elem*
arrayget(Array *a, Str *key)
{
	Elem *e, **l;
	uint h;

	h = hash(key);
	e = lookup(a, key, h);
	if(e != nil)
		return e;
	if(a->n++ > a->size && a->size < 1u<<28)
		rehash(a);
	e = ealloc(sizeof *e);
	e->hash = h;
	key->ref++;
	e->key = key;
	l = &a->hash[h & (a->size-1)];
	e->link = *l;
	*l = e;
	e->prev = a->last;
	if(a->last != nil)
		a->last->next = e;
	else
		a->first = e;
	a->last = e;
	return e;
}

void
arrayremove(Array *a, Str *key)
{
	Elem *e, **l;

	e = arrayfind(a, key);
	if(e == nil)
		return;
	for(l = &a->hash[e->hash & (a->size-1)]; *l != e; l = &(*l)->link)
		;
	*l = e->link;
	if(e->prev != nil)
		e->prev->next = e->next;
	else
		a->first = e->next;
	if(e->next != nil)
		e->next->prev = e->prev;
	else
		a->last = e->prev;
	a->n--;
	elemfree(e);
}

void
arrayset(Array *a, char *key, Val v)
{
	Str *s;

	s = newstr(key, (usize)strlen(key));
	vset(&arrayget(a, s)->v, v);
	strfree(s);
}
