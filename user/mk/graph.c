/*
 * The graph: a node for each name, with arcs to what it can be made from.
 * First every rule that fits is applied, metarules with the freedom to make
 * up names; then what was made up and leads nowhere is dropped.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "mk.h"

enum {
	Nhash = 4093,
};

Word	*changed;		/* -w: names to take for just modified */

static Node	*nodes[Nhash];
static int	nrep;		/* how often a metarule may be in a chain */

static uint
hash(char *s)
{
	uint h;

	for(h = 0; *s != 0; s++)
		h = h*31 + (uchar)*s;
	return h%Nhash;
}

Node*
findnode(char *name)
{
	Node *n;

	for(n = nodes[hash(name)]; n != nil; n = n->link)
		if(strcmp(n->name, name) == 0)
			return n;
	return nil;
}

static Node*
newnode(char *name)
{
	Node *n;
	uint h;

	h = hash(name);
	n = emalloc(sizeof *n);
	n->name = estrdup(name);
	n->time = hasword(changed, name) ? Forever : filetime(name);
	n->link = nodes[h];
	nodes[h] = n;
	return n;
}

static void
addarc(Node *n, Node *prereq, Rule *r, Match *m)
{
	Arc *a, **l;

	for(l = &n->arcs; *l != nil; l = &(*l)->next)
		;
	a = emalloc(sizeof *a);
	a->n = prereq;
	a->r = r;
	a->m = m;
	*l = a;
}

static Node	*apply(char*);

static void
applyrule(Node *n, Rule *r, Match *m)
{
	Word *w;

	if(r->uses >= nrep)
		return;
	r->uses++;
	if(r->prereqs == nil)
		addarc(n, nil, r, m);
	for(w = r->prereqs; w != nil; w = w->next)
		addarc(n, apply(instance(r, m, w->s)), r, m);
	r->uses--;
}

/* The node of a name, with all rules that fit applied. */
static Node*
apply(char *name)
{
	Node *n;
	Rule *r;
	Match *m;

	n = findnode(name);
	if(n == nil)
		n = newnode(name);
	if(n->applied)
		return n;
	n->applied = 1;
	for(r = explicitrule(name); r != nil; r = r->next){
		n->explicitly = 1;
		n->attr |= r->attr & Avirtual;
		if(r->recipe != nil || r->prereqs != nil || (r->attr & (Avirtual|Anorecipe)))
			applyrule(n, r, nil);
	}
	for(r = metarules; r != nil; r = r->next){
		if((r->recipe == nil && r->prereqs == nil) ||
		((r->attr & Anotvirtual) && (n->attr & Avirtual)))
			continue;
		m = matchrule(r, name);
		if(m != nil)
			applyrule(n, r, m);
	}
	return n;
}

static void
findcycles(Node *n)
{
	Arc *a;

	if(n->oncycle == 1)
		fatal("cycle in graph detected at target '%s'", n->name);
	if(n->oncycle == 2)
		return;
	n->oncycle = 1;
	for(a = n->arcs; a != nil; a = a->next)
		if(a->n != nil)
			findcycles(a->n);
	n->oncycle = 2;
}

/*
 * Whether nothing makes a node: no file, no explicit rule, and only
 * metarules that start from such nodes. Their arcs are dropped.
 */
static int
vacuous(Node *n)
{
	Arc *a, *b;
	int nothing;

	if(n->checked)
		return n->checked == 2;
	nothing = n->time == 0 && !n->explicitly;
	for(a = n->arcs; a != nil; a = a->next)
		a->dropped = a->n != nil && vacuous(a->n) && (a->r->attr & Ameta);
	/* A rule stays whole if anything speaks for it. */
	for(a = n->arcs; a != nil; a = a->next)
		if(!a->dropped){
			nothing = 0;
			for(b = n->arcs; b != nil; b = b->next)
				if(b->r == a->r)
					b->dropped = 0;
		}
	n->checked = nothing ? 2 : 1;
	return nothing;
}

static void
removedropped(Node *n)
{
	Arc **l;

	for(l = &n->arcs; *l != nil;)
		if((*l)->dropped)
			*l = (*l)->next;
		else
			l = &(*l)->next;
}

static void
complain(Node *n)
{
	Arc *a;

	Bflush(&bout);
	fprint(2, "mk: ambiguous recipes for '%s':\n", n->name);
	for(a = n->arcs; a != nil; a = a->next)
		if(a->r->recipe != nil)
			fprint(2, "\t%s <- %s (%s:%d)\n", n->name, a->n != nil ? a->n->name : "",
				a->r->file, a->r->line);
	exits("ambiguous recipes");
}

/* Leaves one recipe for each node: an explicit rule's rather than a metarule's. */
static void
choose(Node *n)
{
	Arc *a, *best;

	if(n->checked == 3)
		return;
	n->checked = 3;
	removedropped(n);
	best = nil;
	for(a = n->arcs; a != nil; a = a->next)
		if(a->r->recipe != nil &&
		(best == nil || (best->r->attr & Ameta) > (a->r->attr & Ameta)))
			best = a;
	for(a = n->arcs; a != nil; a = a->next){
		if(a->r->recipe == nil || a->r->recipe == best->r->recipe)
			continue;
		if((a->r->attr & Ameta) == (best->r->attr & Ameta))
			complain(n);
		a->dropped = 1;
	}
	removedropped(n);
	for(a = n->arcs; a != nil; a = a->next){
		n->attr |= a->r->attr & (Avirtual|Anorecipe);
		if(a->n != nil)
			choose(a->n);
	}
	if(n->attr & Avirtual)
		n->time = 0;
}

/* The graph of what a target depends on. */
Node*
graph(char *target)
{
	Node *n;
	Word *w;

	w = value("NREP");
	nrep = w != nil && atoi(w->s) > 0 ? atoi(w->s) : 1;
	n = apply(target);
	findcycles(n);
	vacuous(n);
	choose(n);
	return n;
}

/* For -d: every node once, with its arcs. */
void
showgraph(Node *n)
{
	Arc *a;

	if(n->checked == 4)
		return;
	n->checked = 4;
	Bprint(&bout, "%s: time %lld%s\n", n->name, n->time,
		n->attr & Avirtual ? ", virtual" : "");
	for(a = n->arcs; a != nil; a = a->next)
		Bprint(&bout, "\t<- %s (%s:%d)\n", a->n != nil ? a->n->name : "",
			a->r->file, a->r->line);
	for(a = n->arcs; a != nil; a = a->next)
		if(a->n != nil)
			showgraph(a->n);
}
