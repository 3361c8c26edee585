/*
 * From words to lists of strings: variables, command substitution, carets, and
 * last the patterns. A pattern character is magic only where the source has it
 * unquoted, so each string carries a byte of magic per byte when there is any.
 * All of it lives in `temp'.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

static int expand(Node *, Words *);

/* The shell's ends of the pipes of <{ } and its like, innermost last. */
static int *pipefiles;
static int npipefiles;

static void
pipefile_keep(int fd)
{
	pipefiles = erealloc(pipefiles, (npipefiles + 1) * sizeof pipefiles[0]);
	pipefiles[npipefiles++] = fd;
}

/* pipefile_depth is what to pass to pipefile_close after a command. */
int
pipefile_depth(void)
{
	return npipefiles;
}

void
pipefile_close(int depth)
{
	while (npipefiles > depth)
		close(pipefiles[--npipefiles]);
}

void
words_init(Words *w)
{
	w->first = nil;
	w->tail = &w->first;
	w->count = 0;
}

/* words_add appends s, which must live as long as the list does. */
void
words_add(Words *w, char *s, uchar *magic)
{
	Word *p;

	p = arena_alloc(&temp, sizeof *p);
	p->s = s;
	p->magic = magic;
	*w->tail = p;
	w->tail = &p->next;
	w->count++;
}

char *
words_join(Words *w)
{
	Word *p;
	char *joined, *s;
	usize size, n;

	size = 1;
	for (p = w->first; p != nil; p = p->next)
		size += strlen(p->s) + 1;
	joined = s = arena_alloc(&temp, size);
	for (p = w->first; p != nil; p = p->next) {
		if (p != w->first)
			*s++ = ' ';
		n = strlen(p->s);
		memmove(s, p->s, n);
		s += n;
	}
	return joined;
}

/* words_from is the end of a list: p and what follows. */
Words
words_from(Words *w, Word *p)
{
	Words end;

	words_init(&end);
	end.first = p;
	if (p != nil)
		end.tail = w->tail;
	for (; p != nil; p = p->next)
		end.count++;
	return end;
}

/* literal makes a string of a word of the source and notes its magic. */
static void
literal(Node *n, Words *out)
{
	uchar *magic;
	usize i, len;

	len = strlen(n->s);
	magic = nil;
	if (!n->quoted)
		for (i = 0; i < len; i++)
			if (strchr("*?[", n->s[i]) != nil) {
				if (magic == nil)
					magic = arena_alloc(&temp, len);
				magic[i] = 1;
			}
	words_add(out, arena_copy(&temp, n->s, len), magic);
}

int
expand_name(Node *n, char **name)
{
	Words w;

	words_init(&w);
	if (expand(n, &w) == Unwind)
		return Unwind;
	if (w.count != 1) {
		error("variable name not singleton!");
		return Unwind;
	}
	*name = w.first->s;
	return Next;
}

/* position tells which element of $* a name means; 0: none, it is a variable's. */
static int
position(char *name)
{
	char *s;

	if (name[0] == 0 || name[0] == '0')
		return 0;
	for (s = name; *s >= '0' && *s <= '9'; s++)
		;
	return *s != 0 || s - name > 8 ? 0 : atoi(name);
}

/* value adds what $name stands for. */
static void
value(char *name, Words *out)
{
	Value *v;
	char *s;
	int i, n;

	n = position(name);
	if (n > 0) {
		s = var_element("*", n - 1);
		if (s != nil)
			words_add(out, arena_copy(&temp, s, strlen(s)), nil);
		return;
	}
	v = var_value(name);
	for (i = 0; v != nil && i < v->count; i++)
		words_add(out, arena_copy(&temp, v->s[i], strlen(v->s[i])), nil);
}

/* variable expands $x, $#x and $"x. */
static int
variable(Node *n, Words *out)
{
	Words w;
	char *name, count[20];

	if (expand_name(n->a, &name) == Unwind)
		return Unwind;
	if (n->kind == NVar) {
		value(name, out);
		return Next;
	}
	words_init(&w);
	value(name, &w);
	if (n->kind == NJoined)
		words_add(out, words_join(&w), nil);
	else {
		snprint(count, sizeof count, "%d", w.count);
		words_add(out, arena_copy(&temp, count, strlen(count)), nil);
	}
	return Next;
}

/* bound reads the number at *s, with a limit that no list reaches. */
static int
bound(char **s)
{
	int n;

	for (n = 0; **s >= '0' && **s <= '9'; ++*s)
		if (n < 100000000)
			n = 10 * n + **s - '0';
	return n;
}

/* subscript adds the elements that n, n-m or n- selects. */
static void
subscript(char *s, char **elements, int count, Words *out)
{
	int i, low, high;

	low = high = bound(&s);
	if (*s == '-') {
		s++;
		high = *s == 0 ? count : bound(&s);
	}
	if (*s != 0)
		return;
	for (i = low < 1 ? 1 : low; i <= high && i <= count; i++)
		words_add(out, elements[i - 1], nil);
}

/* index expands $x(subscripts). */
static int
index(Node *n, Words *out)
{
	Words w, subs;
	Word *p;
	char *name, **elements;
	Node *sub;
	int i;

	if (expand_name(n->a, &name) == Unwind)
		return Unwind;
	words_init(&subs);
	for (sub = n->b; sub != nil; sub = sub->next)
		if (expand(sub, &subs) == Unwind)
			return Unwind;
	words_init(&w);
	value(name, &w);
	elements = arena_alloc(&temp, w.count * sizeof *elements);
	for (i = 0, p = w.first; p != nil; p = p->next)
		elements[i++] = p->s;
	for (p = subs.first; p != nil; p = p->next)
		subscript(p->s, elements, w.count, out);
	return Next;
}

/* paste adds a and b as one string. */
static void
paste(Word *a, Word *b, Words *out)
{
	uchar *magic;
	char *s;
	usize na, nb;

	na = strlen(a->s);
	nb = strlen(b->s);
	s = arena_alloc(&temp, na + nb + 1);
	memmove(s, a->s, na);
	memmove(s + na, b->s, nb);
	magic = nil;
	if (a->magic != nil || b->magic != nil) {
		magic = arena_alloc(&temp, na + nb);
		if (a->magic != nil)
			memmove(magic, a->magic, na);
		if (b->magic != nil)
			memmove(magic + na, b->magic, nb);
	}
	words_add(out, s, magic);
}

/* concat expands a^b: pairs, or one distributed over the other. */
static int
concat(Node *n, Words *out)
{
	Words left, right;
	Word *a, *b;

	words_init(&left);
	words_init(&right);
	if (expand(n->a, &left) == Unwind || expand(n->b, &right) == Unwind)
		return Unwind;
	if (left.count == 0 && right.count == 0)
		return Next;
	if (left.count == 0 || right.count == 0) {
		error("null list in concatenation");
		return Unwind;
	}
	if (left.count != right.count && left.count != 1 && right.count != 1) {
		error("mismatched list lengths in concatenation");
		return Unwind;
	}
	a = left.first;
	b = right.first;
	while (a != nil && b != nil) {
		paste(a, b, out);
		if (a->next == nil && b->next == nil)
			break;
		if (left.count > 1)
			a = a->next;
		if (right.count > 1)
			b = b->next;
	}
	return Next;
}

/* separates tells whether the rune at s is one of the separators. */
static int
separates(char *s, char *separators, int *len)
{
	Rune r;

	*len = chartorune(&r, s);
	return *s == 0 || utfrune(separators, r) != nil;
}

/* split adds the pieces of the n bytes at s. */
static void
split(char *s, usize n, char *separators, Words *out)
{
	char *end, *start;
	int len;

	end = s + n;
	start = s;
	while (s < end) {
		if (!separates(s, separators, &len)) {
			s += len;
			continue;
		}
		if (s > start)
			words_add(out, arena_copy(&temp, start, s - start), nil);
		s += len;
		start = s;
	}
	if (end > start)
		words_add(out, arena_copy(&temp, start, end - start), nil);
}

/*
 * beside runs commands in a child that has one end of a pipe as descriptor `to', and
 * returns the other end; -1 when that can't be.
 */
static int
beside(Node *seq, int to, int *pid)
{
	int fd[2];

	if (pipe(fd) < 0) {
		error("can't make a pipe: %s", proc_reason());
		return -1;
	}
	*pid = proc_fork(0);
	if (*pid == 0) {
		close(fd[0]);
		redirect_fd(fd[1], to, nil);
		proc_run_child(seq);
	}
	close(fd[1]);
	if (*pid < 0) {
		close(fd[0]);
		return -1;
	}
	return fd[0];
}

/* output collects what the commands of a substitution print. */
static int
output(Node *seq, Buf *b)
{
	char data[2048], *text;
	long n;
	int fd, pid;

	fd = beside(seq, 1, &pid);
	if (fd < 0)
		return Unwind;
	proc_keep(pid);
	while ((n = read(fd, data, sizeof data)) != 0)
		if (n > 0)
			buf_bytes(b, data, n);
		else if (!proc_interrupted())
			break;
	close(fd);
	text = proc_wait_copy(pid);
	status_set(text);
	free(text);
	return Next;
}

/* backquote expands `{ } and `s{ }. */
static int
backquote(Node *n, Words *out)
{
	Buf b = { nil, 0, 0 };
	Words w;
	char *separators;

	words_init(&w);
	if (n->a != nil && expand(n->a, &w) == Unwind)
		return Unwind;
	separators = n->a != nil ? words_join(&w) : var_joined("ifs");
	if (output(n->b, &b) == Unwind) {
		buf_free(&b);
		return Unwind;
	}
	buf_bytes(&b, "", 0);
	split(b.s, b.len, separators, out);
	buf_free(&b);
	return Next;
}

/*
 * pipefile expands <{ }, >{ } and <>{ }: the name of our end of a pipe, on whose
 * other end the commands run at the same time. Our end is open until the command
 * is done that the word belongs to.
 */
static int
pipefile(Node *n, Words *out)
{
	char name[30];
	int fd, pid;

	fd = beside(n->b, n->op == RRead, &pid);
	if (fd < 0)
		return Unwind;
	pipefile_keep(fd);
	snprint(name, sizeof name, "/fd/%d", fd);
	words_add(out, arena_copy(&temp, name, strlen(name)), nil);
	return Next;
}

/* expand adds what a word stands for, with its magic, to out. */
static int
expand(Node *n, Words *out)
{
	switch (n->kind) {
	case NWord:
		literal(n, out);
		return Next;
	case NVar:
	case NCount:
	case NJoined:
		return variable(n, out);
	case NIndex:
		return index(n, out);
	case NConcat:
		return concat(n, out);
	case NBackquote:
		return backquote(n, out);
	case NPipeFile:
		return pipefile(n, out);
	}
	assert(n->kind == NParen);
	for (n = n->a; n != nil; n = n->next)
		if (expand(n, out) == Unwind)
			return Unwind;
	return Next;
}

int
expand_patterns(Node *n, Words *out)
{
	words_init(out);
	for (; n != nil; n = n->next)
		if (expand(n, out) == Unwind)
			return Unwind;
	return Next;
}

int
expand_list(Node *n, Words *out)
{
	Words w;

	if (expand_patterns(n, &w) == Unwind)
		return Unwind;
	words_init(out);
	glob(&w, out);
	return Next;
}

/* substitute adds the value of the name at s to b and returns what follows it. */
static char *
substitute(char *s, Buf *b)
{
	Words w;
	char *end;

	for (end = s; isnamechar((uchar)*end); end++)
		;
	words_init(&w);
	value(arena_copy(&temp, s, end - s), &w);
	buf_puts(b, words_join(&w));
	return *end == '^' ? end + 1 : end;
}

/* expand_here replaces the variables in the text of a here document. */
void
expand_here(char *s, Buf *b)
{
	Mark mark;

	mark = arena_mark(&temp);
	while (*s != 0) {
		if (s[0] == '$' && s[1] == '$') {
			buf_byte(b, '$');
			s += 2;
		} else if (s[0] == '$' && isnamechar((uchar)s[1]))
			s = substitute(s + 1, b);
		else
			buf_byte(b, *s++);
	}
	arena_release(&temp, mark);
}
