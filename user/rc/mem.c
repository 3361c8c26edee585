/*
 * Memory: allocation that cannot fail for the caller, arenas that are released
 * back to a mark, and texts that grow.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	ChunkSize = 4000,
	SpareMax = 16 * ChunkSize,
	Align = 16,
};

struct Chunk {
	Chunk	*below;
	usize	used;
	usize	size;
	uvlong	pad;
	char	data[];
};

Arena temp;

void *
emalloc(usize n)
{
	void *p;

	p = malloc(n == 0 ? 1 : n);
	if (p == nil) {
		fprint(2, "rc: out of memory\n");
		exits("out of memory");
	}
	return p;
}

void *
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if (p == nil) {
		fprint(2, "rc: out of memory\n");
		exits("out of memory");
	}
	return p;
}

char *
estrdup(char *s)
{
	usize n;

	n = strlen(s) + 1;
	return memmove(emalloc(n), s, n);
}

/* chunk_push makes room for n more bytes on top of the arena. */
static void
chunk_push(Arena *a, usize n)
{
	Chunk *c;

	c = a->spare;
	a->spare = nil;
	if (c == nil || c->size < n) {
		free(c);
		if (n < ChunkSize)
			n = ChunkSize;
		c = emalloc(sizeof *c + n);
		c->size = n;
	}
	c->used = 0;
	c->below = a->top;
	a->top = c;
}

void *
arena_alloc(Arena *a, usize n)
{
	void *p;

	n = (n + Align - 1) & ~(usize)(Align - 1);
	if (a->top == nil || a->top->size - a->top->used < n)
		chunk_push(a, n);
	p = a->top->data + a->top->used;
	a->top->used += n;
	return memset(p, 0, n);
}

char *
arena_copy(Arena *a, char *s, usize n)
{
	char *p;

	p = arena_alloc(a, n + 1);
	memmove(p, s, n);
	return p;
}

Mark
arena_mark(Arena *a)
{
	Mark m;

	m.top = a->top;
	m.used = a->top == nil ? 0 : a->top->used;
	return m;
}

void
arena_release(Arena *a, Mark m)
{
	Chunk *c;

	while (a->top != m.top) {
		c = a->top;
		a->top = c->below;
		if (c->size > SpareMax) {
			free(c);
			continue;
		}
		free(a->spare);
		a->spare = c;
	}
	if (a->top != nil)
		a->top->used = m.used;
}

void
arena_free(Arena *a)
{
	Mark bottom = { nil, 0 };

	arena_release(a, bottom);
	free(a->spare);
	a->spare = nil;
}

void
buf_bytes(Buf *b, char *s, usize n)
{
	if (b->size - b->len < n + 1) {
		b->size = 2 * b->size + n + 64;
		b->s = erealloc(b->s, b->size);
	}
	memmove(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = 0;
}

void
buf_byte(Buf *b, int c)
{
	char ch;

	ch = c;
	if (b->size - b->len < 2) {
		buf_bytes(b, &ch, 1);
		return;
	}
	b->s[b->len++] = ch;
	b->s[b->len] = 0;
}

void
buf_puts(Buf *b, char *s)
{
	buf_bytes(b, s, strlen(s));
}

/* quoted puts s between quotes. */
static void
quoted(Buf *b, char *s)
{
	buf_byte(b, '\'');
	for (; *s != 0; s++) {
		if (*s == '\'')
			buf_byte(b, '\'');
		buf_byte(b, *s);
	}
	buf_byte(b, '\'');
}

void
buf_quote(Buf *b, char *s)
{
	char *p;

	for (p = s; *p != 0; p++)
		if ((uchar)*p <= ' ' || *p == 0x7f || strchr("`^#*[]=|?${}()'<>&;\\", *p) != nil)
			break;
	if (*s == 0 || *p != 0)
		quoted(b, s);
	else
		buf_puts(b, s);
}

char *
buf_text(Buf *b)
{
	return b->s == nil ? "" : b->s;
}

void
buf_write(Buf *b, int fd)
{
	if (b->len > 0)
		write(fd, b->s, b->len);
	buf_free(b);
}

void
buf_free(Buf *b)
{
	free(b->s);
	memset(b, 0, sizeof *b);
}
