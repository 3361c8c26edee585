/*
 * The deterministic automaton, built lazily. Runes fall into classes that
 * the patterns can not tell apart; a state is the set of nodes that the
 * text so far can have led to, with one transition for each class. When the
 * states take too much memory all of them are dropped and building starts
 * again from the present one, so that memory is bounded and each rune costs
 * at worst one pass over the nodes.
 */
#include <u.h>
#include <libc.h>
#include "grep.h"

typedef struct State State;

struct State {
	State	*link;		/* in its hash chain */
	uint	hash;
	int	bol;		/* nothing of the line has been read */
	int	matched;	/* a match is complete */
	int	eolmatch;	/* it is complete if the line ends here */
	int	n;
	int	*node;		/* Iset and Ieol nodes */
	State	*next[];	/* by class; nil: not known yet */
};

enum {
	Nhash = 4093,
	Maxmem = 4*1024*1024,	/* what the states may take */
};

static Rune	*bounds;	/* class i holds bounds[i] to bounds[i+1]-1 */
static int	nclass;
static int	asciiclass[Runeself];
static int	folding;

static State	*hash[Nhash];
static State	*initial;
static State	*matchstate;
static usize	used;

/* The nodes being collected, and marks of those already seen. */
static int	*list;
static int	nlist;
static uint	*mark;
static uint	generation;
static int	*stack;
static int	sawmatch;

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
makeclasses(void)
{
	int i, j, n;

	n = 1;
	for(i = 0; i < nset; i++)
		n += 2*sets[i].n;
	bounds = emalloc((n + 2*(usize)ninst)*sizeof *bounds);
	n = 0;
	bounds[n++] = 0;
	for(i = 0; i < nset; i++)
		for(j = 0; j < sets[i].n; j++){
			bounds[n++] = sets[i].r[j].lo;
			bounds[n++] = sets[i].r[j].hi + 1;
		}
	for(i = 0; i < ninst; i++)
		if(insts[i].op == Iset && insts[i].set < 0){
			bounds[n++] = insts[i].lo;
			bounds[n++] = insts[i].hi + 1;
		}
	qsort(bounds, n, sizeof *bounds, runecmp);
	nclass = 1;
	for(i = 1; i < n; i++)
		if(bounds[i] != bounds[nclass-1])
			bounds[nclass++] = bounds[i];
}

static int
classof(Rune r)
{
	int lo, hi, m;

	if(folding)
		r = tolowerrune(r);
	lo = 0;
	hi = nclass;
	while(hi - lo > 1){
		m = (lo + hi)/2;
		if(bounds[m] <= r)
			lo = m;
		else
			hi = m;
	}
	return lo;
}

static void
newlist(void)
{
	nlist = 0;
	sawmatch = 0;
	if(++generation == 0){
		memset(mark, 0, ninst*sizeof *mark);
		generation = 1;
	}
}

/* Collect what node i leads to without reading; bol and eol say which assertions hold. */
static void
follow(int i, int bol, int eol)
{
	int n;
	Inst *p;

	n = 0;
	stack[n++] = i;
	while(n > 0){
		i = stack[--n];
		if(i < 0 || mark[i] == generation)
			continue;
		mark[i] = generation;
		p = &insts[i];
		switch(p->op){
		case Isplit:
			stack[n++] = p->alt;
			stack[n++] = p->out;
			break;
		case Inop:
			stack[n++] = p->out;
			break;
		case Ibol:
			if(bol)
				stack[n++] = p->out;
			break;
		case Ieol:
			if(eol)
				stack[n++] = p->out;
			else
				list[nlist++] = i;
			break;
		case Iset:
			list[nlist++] = i;
			break;
		case Imatch:
			sawmatch = 1;
			break;
		}
	}
}

static State*
makestate(int *node, int n, int bol, uint h)
{
	State *s;
	usize size;

	size = sizeof *s + nclass*sizeof s->next[0] + n*sizeof *node;
	s = emalloc(size);
	memset(s, 0, size);
	used += size;
	s->bol = bol;
	s->hash = h;
	s->n = n;
	s->node = (int*)&s->next[nclass];
	memmove(s->node, node, n*sizeof *node);
	return s;
}

/* Whether a line that ends in state s matches. */
static int
endmatch(State *s)
{
	int i;

	newlist();
	for(i = 0; i < s->n; i++)
		if(insts[s->node[i]].op == Ieol)
			follow(insts[s->node[i]].out, s->bol, 1);
	return sawmatch;
}

/* The state for the nodes in list. */
static State*
findstate(int bol)
{
	State *s;
	uint h;
	int i;

	if(sawmatch)
		return matchstate;
	h = bol;
	for(i = 0; i < nlist; i++)
		h = h*31 + list[i];
	for(s = hash[h%Nhash]; s != nil; s = s->link)
		if(s->hash == h && s->bol == bol && s->n == nlist
		&& memcmp(s->node, list, nlist*sizeof *list) == 0)
			return s;
	s = makestate(list, nlist, bol, h);
	s->eolmatch = endmatch(s);
	s->link = hash[h%Nhash];
	hash[h%Nhash] = s;
	return s;
}

static void
flushstates(void)
{
	State *s, *next;
	int i;

	for(i = 0; i < Nhash; i++){
		for(s = hash[i]; s != nil; s = next){
			next = s->link;
			free(s);
		}
		hash[i] = nil;
	}
	initial = nil;
	used = 0;
}

/* The state after s when a rune of class c is read; s may be gone afterwards. */
static State*
step(State *s, int c)
{
	State *t;
	Inst *p;
	Rune r;
	int i;

	r = bounds[c];
	newlist();
	for(i = 0; i < s->n; i++){
		p = &insts[s->node[i]];
		if(p->op != Iset)
			continue;
		if(p->set < 0 ? p->lo <= r && r <= p->hi : inset(p->set, r))
			follow(p->out, 0, 0);
	}
	follow(startinst, 0, 0);
	if(used > Maxmem){
		flushstates();
		return findstate(0);
	}
	t = findstate(0);
	s->next[c] = t;
	return t;
}

static void
makeinitial(void)
{
	newlist();
	follow(startinst, 1, 0);
	initial = findstate(1);
}

void
dfainit(int fold)
{
	int i;

	folding = fold;
	makeclasses();
	list = emalloc(ninst*sizeof *list);
	mark = emalloc(ninst*sizeof *mark);
	memset(mark, 0, ninst*sizeof *mark);
	stack = emalloc((2*(usize)ninst + 2)*sizeof *stack);
	for(i = 0; i < Runeself; i++)
		asciiclass[i] = classof(i);
	matchstate = makestate(nil, 0, 0, 0);
	matchstate->matched = matchstate->eolmatch = 1;
	used = 0;
}

int
dfamatch(uchar *p, uchar *e)
{
	State *s, *t;
	Rune r;
	int c;

	if(initial == nil)
		makeinitial();
	s = initial;
	while(p < e && !s->matched){
		if(*p < Runeself)
			c = asciiclass[*p++];
		else{
			p += chartorune(&r, (char*)p);
			c = classof(r);
		}
		t = s->next[c];
		s = t != nil ? t : step(s, c);
	}
	return s->eolmatch;
}
