/*
 * Variables and functions, by name. Binding is dynamic: making a variable local
 * puts its value aside and restores it later. What has changed since it was last
 * written to /env is marked.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	NHash = 256,
};

static Var *table[NHash];

static uint
hash(char *s)
{
	uint h;

	for (h = 5381; *s != 0; s++)
		h = 33 * h + (uchar)*s;
	return h % NHash;
}

Var *
var_lookup(char *name)
{
	Var *v;

	for (v = table[hash(name)]; v != nil; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v;
	return nil;
}

Var *
var_find(char *name)
{
	Var **bucket, *v;

	v = var_lookup(name);
	if (v != nil)
		return v;
	bucket = &table[hash(name)];
	v = emalloc(sizeof *v);
	memset(v, 0, sizeof *v);
	v->name = estrdup(name);
	v->next = *bucket;
	*bucket = v;
	return v;
}

void
var_each(void (*f)(Var *))
{
	Var *v;
	int i;

	for (i = 0; i < NHash; i++)
		for (v = table[i]; v != nil; v = v->next)
			f(v);
}

/* value_make copies words into one block. */
static Value *
value_make(Words *w)
{
	Value *value;
	Word *p;
	char *s;
	usize size;
	int i;

	size = 0;
	for (p = w->first; p != nil; p = p->next)
		size += strlen(p->s) + 1;
	value = emalloc(sizeof *value + w->count * sizeof value->s[0] + size);
	value->count = w->count;
	s = (char *)&value->s[w->count];
	for (i = 0, p = w->first; p != nil; i++, p = p->next) {
		value->s[i] = s;
		size = strlen(p->s) + 1;
		memmove(s, p->s, size);
		s += size;
	}
	return value;
}

static int
same(Value *a, Value *b)
{
	int i;

	if (a == nil || b == nil || a->count != b->count)
		return a == b;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->s[i], b->s[i]) != 0)
			return 0;
	return 1;
}

/* put replaces the value, which may be nil. */
static void
put(Var *v, Value *value)
{
	if (!same(v->value, value))
		v->changed = 1;
	free(v->value);
	v->value = value;
}

void
var_set(Var *v, Words *w)
{
	put(v, value_make(w));
}

void
var_set1(char *name, char *s)
{
	Word word = { s, nil, nil };
	Words w = { &word, nil, 1 };

	var_set(var_find(name), &w);
}

/* var_import sets a variable to the n bytes of its /env file: elements that end in NUL. */
void
var_import(char *name, char *data, usize n)
{
	Words w;
	Mark mark;
	Var *v;
	usize i, start;

	mark = arena_mark(&temp);
	words_init(&w);
	for (i = start = 0; i <= n; i++) {
		if (i < n ? data[i] != 0 : start == n)
			continue;
		words_add(&w, arena_copy(&temp, data + start, i - start), nil);
		start = i + 1;
		if (i == n)
			break;
	}
	v = var_find(name);
	var_set(v, &w);
	v->changed = 0;
	arena_release(&temp, mark);
}

void
var_local(Scope *scope, char *name, Words *w)
{
	Var *v;

	v = var_find(name);
	scope->var = v;
	scope->value = v->value;
	v->value = value_make(w);
	if (!same(scope->value, v->value))
		v->changed = 1;
}

void
var_restore(Scope *scope)
{
	put(scope->var, scope->value);
}

/* var_fn defines a function, or with a nil body removes it. */
void
var_fn(Var *v, Code *code, Node *body)
{
	Code *old;

	old = v->code;
	v->code = body == nil ? nil : code_hold(code);
	v->body = body;
	v->fnchanged = 1;
	if (old != nil)
		code_release(old);
}

Value *
var_value(char *name)
{
	Var *v;

	v = var_lookup(name);
	return v == nil ? nil : v->value;
}

int
var_count(char *name)
{
	Value *value;

	value = var_value(name);
	return value == nil ? 0 : value->count;
}

char *
var_element(char *name, int i)
{
	Value *value;

	value = var_value(name);
	return value == nil || i >= value->count ? nil : value->s[i];
}

char *
var_joined(char *name)
{
	Value *value;
	Words w;
	int i;

	words_init(&w);
	value = var_value(name);
	for (i = 0; value != nil && i < value->count; i++)
		words_add(&w, value->s[i], nil);
	return words_join(&w);
}

void
status_set(char *s)
{
	var_set1("status", s);
}

char *
status_text(void)
{
	return var_joined("status");
}

int
status_true(void)
{
	Value *value;
	char *s;
	int i;

	value = var_value("status");
	for (i = 0; value != nil && i < value->count; i++)
		for (s = value->s[i]; *s != 0; s++)
			if (*s != '0' && *s != '|')
				return 0;
	return 1;
}

Code *
code_new(char *file)
{
	Code *c;

	c = emalloc(sizeof *c);
	memset(c, 0, sizeof *c);
	c->ref = 1;
	c->file = estrdup(file);
	return c;
}

Code *
code_hold(Code *c)
{
	c->ref++;
	return c;
}

void
code_release(Code *c)
{
	if (--c->ref > 0)
		return;
	arena_free(&c->arena);
	free(c->file);
	free(c);
}
