/*
 * The deterministic automaton, built lazily. Runes fall into classes that
 * the patterns can not tell apart; a state is the set of nodes that the
 * text so far can have led to, with one transition for each class. When the
 * states take too much memory all of them are dropped and building starts
 * again from the present one, so that memory is bounded and each rune costs
 * at worst one pass over the nodes. There are two kinds of state: those that
 * search, where a match may also begin at every rune and the first one ends
 * the search, and those that follow the matches that begin at one place.
 */
#include <u.h>
#include <libc.h>
#include <dfa.h>
#include "dfaimpl.h"

struct State {
	State	*link;		/* in its hash chain */
	uint	hash;
	uchar	bol;		/* ^ matches here, as nothing has been read */
	uchar	search;		/* of the kind that searches */
	uchar	matched;	/* a match ends here */
	uchar	eolmatch;	/* one does if the text ends here */
	int	n;
	int	*node;		/* Nset and Neol nodes */
	State	*next[];	/* by class; nil: not known yet */
};

enum {
	Maxmem = 4*1024*1024,	/* what the states may take */
};

static int
runecmp(void *a, void *b)
{
	Rune x, y;

	x = *(Rune*)a;
	y = *(Rune*)b;
	return x < y ? -1 : x > y;
}

/* Cut the runes into classes at every edge of every set. */
static void
makeclasses(Dfa *d)
{
	int i, j, n;

	n = 1;
	for(i = 0; i < d->nset; i++)
		n += 2*d->set[i].n;
	d->bounds = dfa_alloc(nil, ((usize)n + 2*(usize)d->nnode)*sizeof *d->bounds);
	n = 0;
	d->bounds[n++] = 0;
	for(i = 0; i < d->nset; i++)
		for(j = 0; j < d->set[i].n; j++){
			d->bounds[n++] = d->set[i].r[j].lo;
			d->bounds[n++] = d->set[i].r[j].hi + 1;
		}
	for(i = 0; i < d->nnode; i++)
		if(d->node[i].op == Nset && d->node[i].set < 0){
			d->bounds[n++] = d->node[i].lo;
			d->bounds[n++] = d->node[i].hi + 1;
		}
	qsort(d->bounds, n, sizeof *d->bounds, runecmp);
	d->nclass = 1;
	for(i = 1; i < n; i++)
		if(d->bounds[i] != d->bounds[d->nclass-1])
			d->bounds[d->nclass++] = d->bounds[i];
}

static int
classof(Dfa *d, Rune r)
{
	int lo, hi, m;

	if(d->flags & DFAfold)
		r = tolowerrune(r);
	lo = 0;
	hi = d->nclass;
	while(hi - lo > 1){
		m = (lo + hi)/2;
		if(d->bounds[m] <= r)
			lo = m;
		else
			hi = m;
	}
	return lo;
}

static void
newlist(Dfa *d)
{
	d->nlist = 0;
	d->sawmatch = 0;
	if(++d->generation == 0){
		memset(d->mark, 0, (usize)d->nnode*sizeof *d->mark);
		d->generation = 1;
	}
}

/* Collect what node i leads to without reading; bol and eol say which assertions hold. */
static void
follow(Dfa *d, int i, int bol, int eol)
{
	int n, *stack;
	Node *p;

	n = 0;
	stack = d->stack;
	stack[n++] = i;
	while(n > 0){
		i = stack[--n];
		if(i < 0 || d->mark[i] == d->generation)
			continue;
		d->mark[i] = d->generation;
		p = &d->node[i];
		switch(p->op){
		case Nsplit:
			stack[n++] = p->alt;
			stack[n++] = p->out;
			break;
		case Nnop:
			stack[n++] = p->out;
			break;
		case Nbol:
			if(bol)
				stack[n++] = p->out;
			break;
		case Neol:
			if(eol)
				stack[n++] = p->out;
			else
				d->list[d->nlist++] = i;
			break;
		case Nset:
			d->list[d->nlist++] = i;
			break;
		case Nmatch:
			d->sawmatch = 1;
			break;
		}
	}
}

/* A state for the nodes in list. */
static State*
makestate(Dfa *d, int n)
{
	State *s;
	usize size;

	size = sizeof *s + (usize)d->nclass*sizeof s->next[0] + (usize)n*sizeof *s->node;
	s = dfa_alloc(nil, size);
	memset(s, 0, size);
	d->used += size;
	s->n = n;
	s->node = (int*)&s->next[d->nclass];
	memmove(s->node, d->list, (usize)n*sizeof *s->node);
	return s;
}

/* Whether a text that ends in state s matches. */
static int
endmatch(Dfa *d, State *s)
{
	int i;

	newlist(d);
	for(i = 0; i < s->n; i++)
		if(d->node[s->node[i]].op == Neol)
			follow(d, d->node[s->node[i]].out, s->bol, 1);
	return d->sawmatch;
}

/* The state for the nodes that were collected. */
static State*
findstate(Dfa *d, int bol, int search)
{
	State *s;
	uint h;
	int i, matched;

	matched = d->sawmatch;
	if(matched && search)
		return d->matchstate;
	h = (uint)(bol*4 + search*2 + matched);
	for(i = 0; i < d->nlist; i++)
		h = h*31 + (uint)d->list[i];
	for(s = d->hash[h%Nhash]; s != nil; s = s->link)
		if(s->hash == h && s->bol == bol && s->search == search && s->matched == matched
		&& s->n == d->nlist && memcmp(s->node, d->list, (usize)s->n*sizeof(int)) == 0)
			return s;
	s = makestate(d, d->nlist);
	s->hash = h;
	s->bol = (uchar)bol;
	s->search = (uchar)search;
	s->matched = (uchar)matched;
	s->eolmatch = (uchar)(matched || endmatch(d, s));
	s->link = d->hash[h%Nhash];
	d->hash[h%Nhash] = s;
	return s;
}

static void
flushstates(Dfa *d)
{
	State *s, *next;
	int i;

	for(i = 0; i < Nhash; i++){
		for(s = d->hash[i]; s != nil; s = next){
			next = s->link;
			free(s);
		}
		d->hash[i] = nil;
	}
	memset(d->initial, 0, sizeof d->initial);
	d->used = 0;
}

/* The state after s when a rune of class c is read; s may be gone afterwards. */
static State*
step(Dfa *d, State *s, int c)
{
	State *t;
	Node *p;
	Rune r;
	int i, search;

	r = d->bounds[c];
	search = s->search;
	newlist(d);
	for(i = 0; i < s->n; i++){
		p = &d->node[s->node[i]];
		if(p->op != Nset)
			continue;
		if(p->set < 0 ? p->lo <= r && r <= p->hi : dfa_inset(d, p->set, r))
			follow(d, p->out, 0, 0);
	}
	if(search)
		follow(d, d->start, 0, 0);
	if(d->used > Maxmem){
		flushstates(d);
		return findstate(d, 0, search);
	}
	t = findstate(d, 0, search);
	s->next[c] = t;
	return t;
}

static State*
initial(Dfa *d, int which)
{
	int search = which == 0, bol = which != 1;

	if(d->initial[which] == nil){
		newlist(d);
		follow(d, d->start, bol, 0);
		d->initial[which] = findstate(d, bol, search);
	}
	return d->initial[which];
}

Dfa*
dfacomp(char *pattern, usize n, int flags)
{
	Dfa *d;
	char *error;
	int i;

	d = dfa_alloc(nil, sizeof *d);
	memset(d, 0, sizeof *d);
	d->flags = flags;
	d->start = -1;
	error = dfa_parse(d, pattern, n);
	if(error != nil){
		dfafree(d);
		werrstr("%s", error);
		return nil;
	}
	makeclasses(d);
	d->list = dfa_alloc(nil, (usize)d->nnode*sizeof *d->list);
	d->mark = dfa_alloc(nil, (usize)d->nnode*sizeof *d->mark);
	memset(d->mark, 0, (usize)d->nnode*sizeof *d->mark);
	d->stack = dfa_alloc(nil, (2*(usize)d->nnode + 2)*sizeof *d->stack);
	for(i = 0; i < Runeself; i++)
		d->asciiclass[i] = classof(d, (Rune)i);
	d->matchstate = makestate(d, 0);
	d->matchstate->matched = d->matchstate->eolmatch = d->matchstate->search = 1;
	d->used = 0;
	return d;
}

void
dfafree(Dfa *d)
{
	int i;

	if(d == nil)
		return;
	flushstates(d);
	for(i = 0; i < d->nset; i++)
		free(d->set[i].r);
	free(d->set);
	free(d->node);
	free(d->bounds);
	free(d->list);
	free(d->mark);
	free(d->stack);
	free(d->matchstate);
	free(d);
}

/* The class of the rune at p, which is moved behind it. */
static int
nextclass(Dfa *d, uchar **p)
{
	Rune r;

	if(**p < Runeself)
		return d->asciiclass[*(*p)++];
	*p += chartorune(&r, (char*)*p);
	return classof(d, r);
}

int
dfamatch(Dfa *d, uchar *p, uchar *e)
{
	State *s, *t;
	int c;

	s = initial(d, 0);
	while(p < e && !s->matched){
		c = nextclass(d, &p);
		t = s->next[c];
		s = t != nil ? t : step(d, s, c);
	}
	return s->eolmatch;
}

uchar*
dfalongest(Dfa *d, uchar *p, uchar *e, int bol)
{
	State *s, *t;
	uchar *best;
	int c;

	best = nil;
	s = initial(d, 1 + bol);
	while(p < e && s->n > 0){
		if(s->matched)
			best = p;
		c = nextclass(d, &p);
		t = s->next[c];
		s = t != nil ? t : step(d, s, c);
	}
	if(s->matched || (p == e && s->eolmatch))
		best = p;
	return best;
}

/* Find the bytes that a match can begin with; all of them if it can be empty. */
static void
makefirst(Dfa *d)
{
	Node *p;
	State *s;
	int i, j, c;
	Rune r;

	d->hasfirst = 1;
	s = initial(d, 1);
	if(s->eolmatch || s->bol){
		memset(d->first, 1, sizeof d->first);
		return;
	}
	memset(d->first + Runeself, 1, Runeself);
	for(i = 0; i < s->n; i++){
		p = &d->node[s->node[i]];
		if(p->op == Neol)
			memset(d->first, 1, sizeof d->first);
		else for(j = 0; j < Runeself; j++){
			c = d->asciiclass[j];
			r = d->bounds[c];
			if(p->set < 0 ? p->lo <= r && r <= p->hi : dfa_inset(d, p->set, r))
				d->first[j] = 1;
		}
	}
}

int
dfasearch(Dfa *d, uchar *p, uchar *e, int bol, uchar *m[2])
{
	Rune r;

	if(!d->hasfirst)
		makefirst(d);
	for(;;){
		if(p == e || bol || d->first[*p]){
			m[1] = dfalongest(d, p, e, bol);
			if(m[1] != nil){
				m[0] = p;
				return 1;
			}
		}
		if(p >= e)
			return 0;
		p += *p < Runeself ? 1 : chartorune(&r, (char*)p);
		bol = 0;
	}
}
