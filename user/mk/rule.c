/*
 * Rules: those that name their targets, and metarules, whose targets are
 * patterns with % or &, or regular expressions.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "mk.h"

enum {
	Nhash = 1021,
};

Rule	*metarules;
Word	*firsttargets;

static Rule	**lastmeta = &metarules;
static Rule	*rules[Nhash];

static uint
hash(char *s)
{
	uint h;

	for(h = 0; *s != 0; s++)
		h = h*31 + (uchar)*s;
	return h%Nhash;
}

/* The first rule for a target; the others follow by next. */
Rule*
explicitrule(char *target)
{
	Rule *r;

	for(r = rules[hash(target)]; r != nil; r = r->chain)
		if(strcmp(r->target, target) == 0)
			return r;
	return nil;
}

static void
addexplicit(Rule *r)
{
	Rule *first, **l;
	uint h;

	first = explicitrule(r->target);
	if(first == nil){
		h = hash(r->target);
		r->chain = rules[h];
		rules[h] = r;
		return;
	}
	for(l = &first; *l != nil; l = &(*l)->next){
		/* The same header again: a later recipe takes the place of an earlier one. */
		if((*l)->attr == r->attr && samewords((*l)->prereqs, r->prereqs)
		&& samewords((*l)->all, r->all)){
			if(r->recipe != nil){
				(*l)->recipe = r->recipe;
				(*l)->prog = r->prog;
			}
			return;
		}
	}
	*l = r;
}

/* The message for a regular expression that is none. */
void
regerror(char *s)
{
	fatal("%s:%d: regular expression: %s", readname, readline, s);
}

static void
addone(char *target, Word *all, Word *prereqs, char *recipe, int attr, char *prog, int line)
{
	Rule *r;

	r = emalloc(sizeof *r);
	r->target = estrdup(target);
	r->all = all;
	r->prereqs = prereqs;
	r->recipe = recipe;
	r->attr = attr;
	r->prog = prog;
	r->file = readname;
	r->line = line;
	if(attr & Aregex)
		r->re = regcomp(smprint("^(%s)$", target));
	if((attr & Aregex) || strpbrk(target, "%&") != nil){
		r->attr |= Ameta;
		*lastmeta = r;
		lastmeta = &r->next;
	}else
		addexplicit(r);
}

void
addrule(Word *targets, Word *prereqs, char *recipe, int attr, char *prog, int line)
{
	Word *w;
	int meta;

	meta = (attr & Aregex) != 0;
	for(w = targets; w != nil; w = w->next){
		addone(w->s, targets, prereqs, recipe, attr, prog, line);
		meta |= strpbrk(w->s, "%&") != nil;
	}
	if(firsttargets == nil && !meta)
		firsttargets = targets;
}

/* What a metarule's pattern stands for in a name, or nil if it does not match. */
Match*
matchrule(Rule *r, char *name)
{
	Resub sub[Nsub + 1];
	Match *m;
	char *stem;
	int i;

	if(!(r->attr & Aregex)){
		stem = percent(r->target, name);
		if(stem == nil)
			return nil;
		m = emalloc(sizeof *m);
		m->stem[0] = stem;
		return m;
	}
	memset(sub, 0, sizeof sub);
	if(!regexec(r->re, name, sub, nelem(sub)))
		return nil;
	m = emalloc(sizeof *m);
	for(i = 0; i < Nsub; i++){
		/* The first parentheses are ours. */
		if(sub[i + 1].sp == nil)
			continue;
		m->stem[i] = estrdup(sub[i + 1].sp);
		m->stem[i][sub[i + 1].ep - sub[i + 1].sp] = 0;
	}
	return m;
}

/* A target or prerequisite of a rule for what it matched. */
char*
instance(Rule *r, Match *m, char *pattern)
{
	Buf b = { nil, 0, 0 };
	int i;

	if(m == nil)
		return pattern;
	if(!(r->attr & Aregex))
		return putstem(pattern, m->stem[0]);
	bufputs(&b, "");
	for(; *pattern != 0; pattern++){
		if(pattern[0] == '\\' && pattern[1] >= '0' && pattern[1] <= '9'){
			i = *++pattern - '0';
			bufputs(&b, m->stem[i] != nil ? m->stem[i] : "");
		}else
			bufputc(&b, *pattern);
	}
	return b.s;
}
