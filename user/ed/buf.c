/*
 * The buffer: an array of lines with a gap where the last change was, so
 * that a run of changes near each other costs little. Every change is a
 * splice, and what it took out is logged until the next command that
 * changes anything; undo is the same splices the other way round.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "ed.h"

typedef struct Change Change;
typedef struct Log Log;

/* nnew lines stand at line at where the nold lines old stood. */
struct Change {
	int	at;
	int	nold, nnew;
	Line	**old;
};

struct Log {
	Change	*c;
	int	n, cap;
	int	dot;		/* before the command */
};

int	dot, dol;
int	modified;

static Line	**array;	/* arraycap slots: lines, the gap, lines */
static int	arraycap;
static int	gap;		/* lines before the gap */

static Log	changes;
static int	fresh;		/* the next change starts a new log */
static Line	*marks[26];
static Line	**cutlines;	/* what x puts */
static int	ncut;

Line*
newline(char *s, usize n)
{
	Line *l;

	l = emalloc(sizeof *l + n + 1);
	l->ref = 0;
	l->gen = 0;
	l->n = n;
	memmove(l->text, s, n);
	l->text[n] = '\0';
	return l;
}

void
unref(Line *l)
{
	if(l != nil && --l->ref <= 0)
		free(l);
}

static Line**
slot(int i)
{
	assert(i >= 1 && i <= dol);
	return i <= gap ? &array[i-1] : &array[i - 1 + arraycap - dol];
}

Line*
lineat(int i)
{
	return *slot(i);
}

/* The number of a line, or 0. */
int
indexof(Line *l)
{
	int i;

	for(i = 1; i <= dol; i++)
		if(lineat(i) == l)
			return i;
	return 0;
}

/* Move the gap behind line i. */
static void
movegap(int i)
{
	int size;

	size = arraycap - dol;
	if(i < gap)
		memmove(array + i + size, array + i, (gap - i)*sizeof *array);
	else if(i > gap)
		memmove(array + gap, array + gap + size, (i - gap)*sizeof *array);
	gap = i;
}

/* Make the gap at least n wide. */
static void
growgap(int n)
{
	int cap, tail;

	if(arraycap - dol >= n)
		return;
	if(n > (1<<30) - dol)
		error("too many lines");
	cap = dol + n + dol/2 + 64;
	array = erealloc(array, cap*sizeof *array);
	tail = dol - gap;
	memmove(array + cap - tail, array + arraycap - tail, tail*sizeof *array);
	arraycap = cap;
}

static void
freelog(Log *g)
{
	int i, j;

	for(i = 0; i < g->n; i++){
		for(j = 0; j < g->c[i].nold; j++)
			unref(g->c[i].old[j]);
		free(g->c[i].old);
	}
	free(g->c);
	memset(g, 0, sizeof *g);
}

static Change*
addchange(Log *g)
{
	if(g->n == g->cap){
		g->cap = 2*g->cap + 8;
		g->c = erealloc(g->c, g->cap*sizeof *g->c);
	}
	return &g->c[g->n++];
}

/* Replace ndel lines from line at on by n others. */
void
splice(int at, int ndel, Line **lines, int n)
{
	Change *c;
	Line **old;
	int i;

	assert(at >= 1 && at + ndel - 1 <= dol && ndel >= 0 && n >= 0);
	if(ndel == 0 && n == 0)
		return;
	if(fresh){
		freelog(&changes);
		changes.dot = dot;
		fresh = 0;
	}
	growgap(n);
	old = emalloc((ndel + 1)*sizeof *old);
	movegap(at - 1);
	for(i = 0; i < ndel; i++)
		old[i] = lineat(at + i);
	dol -= ndel;
	for(i = 0; i < n; i++){
		lines[i]->ref++;
		array[gap+i] = lines[i];
	}
	gap += n;
	dol += n;
	c = addchange(&changes);
	c->at = at;
	c->nold = ndel;
	c->nnew = n;
	c->old = old;
	modified = 1;
}

/* Put another line in the place of one, whose marks it inherits. */
void
replaceline(int at, Line *l)
{
	Line *old;
	int i;

	old = lineat(at);
	splice(at, 1, &l, 1);
	for(i = 0; i < 26; i++)
		if(marks[i] == old){
			old->ref--;
			l->ref++;
			marks[i] = l;
		}
}

/* A command begins: what it changes is undone as one. */
void
startundo(void)
{
	fresh = 1;
}

void
undo(void)
{
	Log g;
	Change *c;
	int i, d;

	if(changes.n == 0)
		error("nothing to undo");
	g = changes;
	memset(&changes, 0, sizeof changes);
	changes.dot = dot;
	fresh = 0;
	for(i = g.n - 1; i >= 0; i--){
		c = &g.c[i];
		splice(c->at, c->nnew, c->old, c->nold);
	}
	d = g.dot;
	freelog(&g);
	dot = d <= dol ? d : dol;
}

/* Forget what could be undone: another file is being edited. */
void
discardundo(void)
{
	freelog(&changes);
	fresh = 1;
}

void
setmark(int c, int i)
{
	Line *l;

	l = lineat(i);
	l->ref++;
	unref(marks[c-'a']);
	marks[c-'a'] = l;
}

int
getmark(int c)
{
	int i;

	i = marks[c-'a'] != nil ? indexof(marks[c-'a']) : 0;
	if(i == 0)
		error("mark not set");
	return i;
}

/* Delete lines and keep them for x. */
void
cut(int from, int to)
{
	int i;

	for(i = 0; i < ncut; i++)
		unref(cutlines[i]);
	ncut = 0;
	cutlines = erealloc(cutlines, (to - from + 2)*sizeof *cutlines);
	for(i = from; i <= to; i++){
		cutlines[ncut] = lineat(i);
		cutlines[ncut++]->ref++;
	}
	splice(from, to - from + 1, nil, 0);
}

/* x: insert copies of the lines cut last. */
void
put(int after)
{
	Line **copy;
	int i;

	if(ncut == 0)
		error("nothing to put");
	copy = emalloc(ncut*sizeof *copy);
	for(i = 0; i < ncut; i++)
		copy[i] = newline(cutlines[i]->text, cutlines[i]->n);
	splice(after + 1, 0, copy, ncut);
	free(copy);
	dot = after + ncut;
}
