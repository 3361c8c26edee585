/*
 * The forms in which differences are shown.
 *
 *	0	1,2c3 and the lines of both files
 *	n	the same with file names, for a user who points at them
 *	e	a script for ed, last change first
 *	f	a similar script, first change first
 *	c, a	changes with three lines, or all, of what surrounds them
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "diff.h"

enum {
	Context = 3,
};

static void
putline(File *f, int i)
{
	Bwrite(&out, f->line[i], f->line[i+1] - f->line[i]);
	if(i == f->nline - 1 && f->nonl)
		Bputc(&out, '\n');
}

static void
putlines(File *f, int from, int to, char *prefix)
{
	int i;

	for(i = from; i < to; i++){
		Bwrite(&out, prefix, strlen(prefix));
		putline(f, i);
		if(i == f->nline - 1 && f->nonl)
			Bprint(&out, "\\ No newline at end of file\n");
	}
}

/* Lines lo to hi-1, counted from 0, as they are written; an empty range is the line before it. */
static void
putrange(int lo, int hi, char *sep)
{
	if(lo >= hi)
		Bprint(&out, "%d", hi);
	else if(hi - lo == 1)
		Bprint(&out, "%d", hi);
	else
		Bprint(&out, "%d%s%d", lo + 1, sep, hi);
}

static int
verb(Hunk *h)
{
	return h->a1 == h->a2 ? 'a' : h->b1 == h->b2 ? 'd' : 'c';
}

static void
normal(File *a, File *b, Hunk *h)
{
	if(mode == 'n')
		Bprint(&out, "%s:", a->name);
	putrange(h->a1, h->a2, ",");
	if(mode == 'n')
		Bprint(&out, " %c %s:", verb(h), b->name);
	else
		Bputc(&out, verb(h));
	putrange(h->b1, h->b2, ",");
	Bputc(&out, '\n');
	putlines(a, h->a1, h->a2, "< ");
	if(verb(h) == 'c')
		Bprint(&out, "---\n");
	putlines(b, h->b1, h->b2, "> ");
}

/* Text that ends with a dot; a line that is itself a dot is put in as two, and one is taken out. */
static void
scripttext(File *f, int from, int to)
{
	int i, isdot;

	isdot = 0;
	for(i = from; i < to; i++){
		if(isdot)
			Bprint(&out, "a\n");
		isdot = f->line[i][0] == '.'
			&& (f->line[i] + 1 == f->line[i+1] || f->line[i][1] == '\n');
		if(isdot && mode == 'e')
			Bprint(&out, "..\n.\ns/.//\n");
		else{
			isdot = 0;
			putline(f, i);
		}
	}
	if(!isdot && from < to)
		Bprint(&out, ".\n");
}

static void
script(File *b, Hunk *h)
{
	if(mode == 'f')
		Bputc(&out, verb(h));
	putrange(h->a1, h->a2, mode == 'f' ? " " : ",");
	if(mode == 'e')
		Bputc(&out, verb(h));
	Bputc(&out, '\n');
	scripttext(b, h->b1, h->b2);
}

/* Changes first to last-1 with n lines before and after. */
static void
contextgroup(File *a, File *b, Hunk *first, Hunk *last, int n)
{
	Hunk *h;
	int before, after, at;

	before = first->a1 < n ? first->a1 : n;
	after = a->nline - last[-1].a2 < n ? a->nline - last[-1].a2 : n;
	Bprint(&out, "%s:", a->name);
	putrange(first->a1 - before, last[-1].a2 + after, ",");
	Bprint(&out, " - %s:", b->name);
	putrange(first->b1 - before, last[-1].b2 + after, ",");
	Bputc(&out, '\n');
	at = first->a1 - before;
	for(h = first; h < last; h++){
		putlines(a, at, h->a1, "  ");
		putlines(a, h->a1, h->a2, "- ");
		putlines(b, h->b1, h->b2, "+ ");
		at = h->a2;
	}
	putlines(a, at, at + after, "  ");
}

static void
context(File *a, File *b, Hunks *hs)
{
	int i, j, n;

	n = mode == 'a' ? a->nline + b->nline : Context;
	for(i = 0; i < hs->n; i = j){
		for(j = i + 1; j < hs->n && hs->h[j].a1 - hs->h[j-1].a2 <= 2*n; j++)
			;
		contextgroup(a, b, hs->h + i, hs->h + j, n);
	}
}

void
show(File *a, File *b, Hunks *hs)
{
	int i;

	switch(mode){
	case 'a':
	case 'c':
		context(a, b, hs);
		break;
	case 'e':
		for(i = hs->n - 1; i >= 0; i--)
			script(b, &hs->h[i]);
		break;
	case 'f':
		for(i = 0; i < hs->n; i++)
			script(b, &hs->h[i]);
		break;
	default:
		for(i = 0; i < hs->n; i++)
			normal(a, b, &hs->h[i]);
	}
	if(mode == 'e' || mode == 'f'){
		if(a->nonl)
			fprint(2, "diff: %s: no newline at end of file\n", a->name);
		if(b->nonl)
			fprint(2, "diff: %s: no newline at end of file\n", b->name);
	}
}
