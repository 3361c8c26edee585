/*
 * Names and what they stand for.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

enum {
	Nhash = 127,
	Maxindex = 1 << 24,
};

int	scale, ibase = 10, obase = 10;
Num	*last;

static Name	*names[Nhash];

Name*
lookup(char *s)
{
	Name *n;
	uint h;
	char *p;

	h = 0;
	for(p = s; *p != 0; p++)
		h = h*31 + (uchar)*p;
	h %= Nhash;
	for(n = names[h]; n != nil; n = n->next)
		if(strcmp(n->s, s) == 0)
			return n;
	n = emalloc(sizeof *n);
	n->s = s;
	n->var = numint(0);
	n->array = newarray();
	n->next = names[h];
	names[h] = n;
	return n;
}

Array*
newarray(void)
{
	Array *a;

	a = emalloc(sizeof *a);
	a->ref = 1;
	return a;
}

void
arrayfree(Array *a)
{
	int i;

	for(i = 0; i < a->n; i++)
		numfree(a->v[i]);
	free(a->v);
	free(a);
}

Array*
arraycopy(Array *a)
{
	Array *b;
	int i;

	b = newarray();
	b->v = emalloc(((usize)a->n + 1)*sizeof *b->v);
	b->n = a->n;
	for(i = 0; i < a->n; i++)
		b->v[i] = a->v[i] != nil ? numref(a->v[i]) : nil;
	return b;
}

/* Where an element is. */
Num**
element(Array *a, Num *index)
{
	vlong i = numvlong(index);
	int n;

	if(i < 0 || i >= Maxindex)
		error("array index out of range");
	if(i >= a->n){
		n = (int)i + 1 + (int)i/2;
		a->v = erealloc(a->v, (usize)n*sizeof *a->v);
		memset(a->v + a->n, 0, (usize)(n - a->n)*sizeof *a->v);
		a->n = n;
	}
	if(a->v[i] == nil)
		a->v[i] = numint(0);
	return &a->v[i];
}
