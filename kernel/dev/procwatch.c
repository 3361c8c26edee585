/*
 * /proc/n/watchpt: a line a watchpoint, `rw- 0x0000000000201000 0x0000000000000004`.
 * A write is taken as a whole or not at all.
 */
#include "dev/procdev.h"

enum { WRITE_MAX = 4096, LINE_MAX = 128, TYPE_LETTERS = 3 };

char *procwatch_text(const Proc *p, char *at, char *end)
{
	for (u32 i = 0; i < p->nwatch; i++) {
		const Watchpt *w = &p->watch[i];
		at = seprint(at, end, "%c%c%c 0x%016lx 0x%016lx\n",
			(w->type & WATCH_READ) ? 'r' : '-', (w->type & WATCH_WRITE) ? 'w' : '-',
			(w->type & WATCH_EXEC) ? 'x' : '-', w->addr, w->length);
	}
	return at;
}

static ERR parse_type(const char *text, u32 *type)
{
	*type = 0;
	for (; *text != '\0'; text++)
		if (*text == 'r')
			*type |= WATCH_READ;
		else if (*text == 'w')
			*type |= WATCH_WRITE;
		else if (*text == 'x')
			*type |= WATCH_EXEC;
		else if (*text != '-')
			return "invalid type";
	return *type != 0 ? nil : "invalid type";
}

static bool parse_number(const char *text, u64 *n)
{
	const char *end;
	*n = strtou64(text, &end, 0);
	return end != text && *end == '\0';
}

static ERR parse_line(char *line, Watchpt *w)
{
	char *field[TYPE_LETTERS + 2];
	if (tokenize(line, field, nelem(field)) != 3)
		return "wrong number of fields";
	TRY(parse_type(field[0], &w->type));
	if (!parse_number(field[1], &w->addr))
		return "invalid address";
	if (!parse_number(field[2], &w->length) || w->length == 0)
		return "invalid length";
	if (w->addr >= USTKTOP || w->length > USTKTOP - w->addr)
		return "bad address";
	return nil;
}

/* The lines of text, added to the n watchpoints there are; *used: the bytes of whole lines. */
static ERR parse(char *text, usize size, Watchpt *w, u32 *n, usize *used)
{
	char *nl;
	*used = 0;
	while ((nl = memchr(text + *used, '\n', size - *used)) != nil) {
		char *line = text + *used;
		if (nl - line >= LINE_MAX)
			return "line too long";
		*nl = '\0';
		Watchpt one;
		TRY(parse_line(line, &one));
		if (*n <= NWATCH_MAX)
			w[(*n)++] = one;
		*used = (usize)(nl - text) + 1;
	}
	if (*used == 0 && size > 0)
		return size >= LINE_MAX ? "line too long" : "wrong number of fields";
	return nil;
}

Err procwatch_write(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	Watchpt w[NWATCH_MAX + 1];	/* one too many is enough for the error */
	u32 count = off == 0 ? 0 : p->nwatch;
	if (b->size > WRITE_MAX)
		return Etoobig;
	char *text = kalloc(WRITE_MAX);
	if (text == nil)
		return Enomem;
	memmove(w, p->watch, count * sizeof *w);
	Err err = iobuf_get(b, 0, text, b->size);
	if (err == nil)
		err = parse(text, b->size, w, &count, n);
	if (err == nil)
		err = proc_setwatch(p, w, count);
	kfree(text);
	return err;
}
