/*
 * Lists of words, and what stands for them in a mkfile: quotes, variables
 * and commands in backquotes.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "mk.h"

Word*
newword(char *s)
{
	Word *w;

	w = emalloc(sizeof *w);
	w->s = estrdup(s);
	return w;
}

void
addword(Word **l, char *s)
{
	while(*l != nil)
		l = &(*l)->next;
	*l = newword(s);
}

Word*
copywords(Word *w)
{
	Word *first, **l;

	first = nil;
	for(l = &first; w != nil; w = w->next){
		*l = newword(w->s);
		l = &(*l)->next;
	}
	return first;
}

int
samewords(Word *a, Word *b)
{
	for(; a != nil && b != nil; a = a->next, b = b->next)
		if(strcmp(a->s, b->s) != 0)
			return 0;
	return a == b;
}

int
hasword(Word *w, char *s)
{
	for(; w != nil; w = w->next)
		if(strcmp(w->s, s) == 0)
			return 1;
	return 0;
}

void
bufadd(Buf *b, char *s, usize n)
{
	if(b->cap - b->n < n + 1){
		b->cap = 2*b->cap + n + 64;
		b->s = erealloc(b->s, b->cap);
	}
	memmove(b->s + b->n, s, n);
	b->n += n;
	b->s[b->n] = 0;
}

void
bufputs(Buf *b, char *s)
{
	bufadd(b, s, (usize)strlen(s));
}

void
bufputc(Buf *b, int c)
{
	char ch = (char)c;

	bufadd(b, &ch, 1);
}

char*
joinwords(Word *w, char *sep)
{
	Buf b = { nil, 0, 0 };

	bufputs(&b, "");
	for(; w != nil; w = w->next){
		bufputs(&b, w->s);
		if(w->next != nil)
			bufputs(&b, sep);
	}
	return b.s;
}

/* Behind a quoted string, a command or a ${...} that begins at s; else behind one byte. */
char*
skipquoted(char *s)
{
	int depth;
	char end;

	if(*s == '\''){
		for(s++; *s != 0 && *s != '\''; s++)
			;
		return *s != 0 ? s + 1 : s;
	}
	if(*s == '$' && s[1] == '{')
		s++;
	else if(*s != '`')
		return s + 1;
	if(*s == '`' && s[1] != '{'){
		end = '`';
		for(s++; *s != 0 && *s != end; s = *s == '\'' ? skipquoted(s) : s + 1)
			;
		return *s != 0 ? s + 1 : s;
	}
	s += *s == '`';
	depth = 0;
	do{
		if(*s == '{')
			depth++;
		else if(*s == '}')
			depth--;
		s = *s == '\'' ? skipquoted(s) : s + 1;
	}while(*s != 0 && depth > 0);
	return s;
}

static int
isname(int c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || (c & 0xFF) >= Runeself;
}

/* What % stands for in s, or nil if s does not match. The pattern may have & instead. */
char*
percent(char *pattern, char *s)
{
	char *p, *stem;
	usize pre, post, n;

	p = strpbrk(pattern, "%&");
	if(p == nil)
		return nil;
	pre = (usize)(p - pattern);
	post = (usize)strlen(p + 1);
	n = (usize)strlen(s);
	if(n < pre + post || strncmp(s, pattern, (long)pre) != 0
	|| strcmp(s + n - post, p + 1) != 0)
		return nil;
	stem = estrdup(s + pre);
	stem[n - pre - post] = 0;
	if(*p == '&' && strpbrk(stem, "./") != nil)
		return nil;
	return stem;
}

/* The pattern with the stem in its place. */
char*
putstem(char *pattern, char *stem)
{
	Buf b = { nil, 0, 0 };
	char *p;

	p = strpbrk(pattern, "%&");
	if(p == nil)
		return estrdup(pattern);
	bufadd(&b, pattern, (usize)(p - pattern));
	bufputs(&b, stem);
	bufputs(&b, p + 1);
	return b.s;
}

/* ${name:A%B=C%D}, of which spec is what follows the colon. */
static Word*
substituted(char *name, char *spec)
{
	Word *w, *r, *to, *t;
	char *eq, *stem;

	eq = strchr(spec, '=');
	if(eq == nil || strchr(spec, '%') == nil || strchr(spec, '%') > eq)
		fatal("%s:%d: bad substitution ${%s:%s}", readname, readline, name, spec);
	*eq = 0;
	to = expand(eq + 1);
	r = nil;
	for(w = value(name); w != nil; w = w->next){
		stem = percent(spec, w->s);
		if(stem == nil)
			addword(&r, w->s);
		else
			for(t = to; t != nil; t = t->next)
				addword(&r, strchr(t->s, '%') != nil ? putstem(t->s, stem) : t->s);
	}
	return r;
}

/* The value of the variable that *p, behind the dollar, names; *p moves behind it. */
static Word*
reference(char **p)
{
	char *s = *p, *e, *name, *colon;

	if(*s == '{'){
		e = skipquoted(s - 1);
		if(e[-1] != '}')
			fatal("%s:%d: missing } in $%s", readname, readline, s);
		name = estrdup(s + 1);
		name[e - s - 2] = 0;
		*p = e;
		colon = strchr(name, ':');
		if(colon == nil)
			return value(name);
		*colon = 0;
		return substituted(name, colon + 1);
	}
	for(e = s; isname(*e); e++)
		;
	name = estrdup(s);
	name[e - s] = 0;
	*p = e;
	return value(name);
}

/* The words that a command prints. */
static Word*
commandwords(char **p)
{
	char *s = *p, *e, *cmd, *out, *t;
	Word *list;

	e = skipquoted(s);
	cmd = estrdup(s + 1 + (s[1] == '{'));
	cmd[strlen(cmd) - strlen(e) - 1] = 0;
	*p = e;
	list = nil;
	for(out = backquote(cmd); *out != 0; out = t){
		out += strspn(out, " \t\n");
		t = out + strcspn(out, " \t\n");
		if(t == out)
			break;
		if(*t != 0)
			*t++ = 0;
		addword(&list, out);
	}
	return list;
}

/* Adds list: its first word belongs to what is being built, its last stays open. */
static void
splice(Word **words, Buf *b, int *open, Word *list)
{
	for(; list != nil; list = list->next){
		bufputs(b, list->s);
		*open = 1;
		if(list->next != nil){
			addword(words, b->s);
			b->n = 0;
			bufputs(b, "");
		}
	}
}

/* The words of a text. */
Word*
expand(char *s)
{
	Buf b = { nil, 0, 0 };
	Word *words;
	int open;

	words = nil;
	open = 0;		/* a word is being built */
	bufputs(&b, "");
	while(*s != 0){
		switch(*s){
		case ' ': case '\t': case '\n':
			if(open)
				addword(&words, b.s);
			open = 0;
			b.n = 0;
			bufputs(&b, "");
			s++;
			break;
		case '\'':
			open = 1;
			for(s++; *s != 0; s++){
				if(*s == '\'' && *++s != '\'')
					break;
				bufputc(&b, *s);
			}
			break;
		case '$':
			s++;
			if(*s == '{' || isname(*s))
				splice(&words, &b, &open, reference(&s));
			else{
				bufputc(&b, '$');
				open = 1;
			}
			break;
		case '`':
			splice(&words, &b, &open, commandwords(&s));
			break;
		default:
			open = 1;
			bufputc(&b, *s++);
		}
	}
	if(open)
		addword(&words, b.s);
	return words;
}

/* A recipe as it is shown: with the values of the variables that mk knows. */
char*
expandrecipe(char *s)
{
	Buf b = { nil, 0, 0 };
	char *e, *name;

	bufputs(&b, "");
	while(*s != 0){
		if(*s == '\''){
			e = skipquoted(s);
			bufadd(&b, s, (usize)(e - s));
			s = e;
			continue;
		}
		if(*s != '$' || !isname(s[1])){
			bufputc(&b, *s++);
			continue;
		}
		for(e = s + 1; isname(*e); e++)
			;
		name = estrdup(s + 1);
		name[e - s - 1] = 0;
		if(*e == '(' || value(name) == nil)
			bufadd(&b, s, (usize)(e - s));
		else
			bufputs(&b, joinwords(value(name), " "));
		s = e;
	}
	return b.s;
}
