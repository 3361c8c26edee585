/*
 * Tar archives. Every length in an archive is a claim: each is checked against
 * what is left of the buffer before it is used.
 */
#include "dev/tar.h"

enum { TBLOCK = 512 };

/* A header, by byte offsets of ustar. */
enum {
	H_NAME = 0, H_MODE = 100, H_SIZE = 124, H_MTIME = 136, H_SUM = 148, H_TYPE = 156,
	H_LINK = 157, H_MAGIC = 257, H_PREFIX = 345,
};

typedef struct Parse {
	const u8 *buf;
	u64 n, at;		/* at: the header being looked at */
	TarText path, link;	/* from pax or GNU headers, for the next entry; text nil: none */
	u64 size;		/* the same */
	bool has_size;
	char *why;
	usize why_size;
} Parse;

/* Say what is wrong at the present header. */
static Err damaged(Parse *p, const char *what)
{
	snprint(p->why, p->why_size, "damaged archive: %s at byte %lu", what, p->at);
	return p->why;
}

static TarText field(const u8 *h, usize at, usize size)
{
	const char *s = (const char *)h + at;

	return (TarText){ s, strnlen(s, size) };
}

/* An octal field, or a positive base-256 one. false: malformed, negative, too large. */
static bool number(const u8 *f, usize size, u64 *value)
{
	u64 v = 0;
	usize i = 0;

	if (f[0] & 0x80) {
		if (f[0] != 0x80)
			return false;
		for (i = 1; i < size; i++) {
			if (v >> 55 != 0)
				return false;
			v = v << 8 | f[i];
		}
		*value = v;
		return true;
	}
	while (i < size && f[i] == ' ')
		i++;
	for (; i < size && f[i] >= '0' && f[i] <= '7'; i++)
		v = v << 3 | (u64)(f[i] - '0');
	for (; i < size; i++)
		if (f[i] != ' ' && f[i] != '\0')
			return false;
	*value = v;
	return true;
}

static bool all_zero(const u8 *h)
{
	for (usize i = 0; i < TBLOCK; i++)
		if (h[i] != 0)
			return false;
	return true;
}

static bool checksum_ok(const u8 *h)
{
	u64 claimed, sum = 0;

	if (!number(h + H_SUM, 8, &claimed))
		return false;
	for (usize i = 0; i < TBLOCK; i++)
		sum += i >= H_SUM && i < H_SUM + 8 ? ' ' : h[i];
	return sum == claimed;
}

bool tar_is(const u8 *buf, u64 n)
{
	return n >= TBLOCK && (memcmp(buf + H_MAGIC, "ustar", 5) == 0 ||
		(!all_zero(buf) && checksum_ok(buf)));
}

/* No element may climb out of the tree, and no byte be NUL. */
static bool path_ok(TarText t)
{
	usize start = 0;

	if (memchr(t.text, '\0', t.len) != nil)
		return false;
	for (usize i = 0; i <= t.len; i++) {
		if (i < t.len && t.text[i] != '/')
			continue;
		if (i - start == 2 && t.text[start] == '.' && t.text[start + 1] == '.')
			return false;
		start = i + 1;
	}
	return true;
}

static bool text_is(TarText t, const char *s)
{
	return t.len == strlen(s) && memcmp(t.text, s, t.len) == 0;
}

/* One pax record `length key=value\n` at *at; false when it is malformed. */
static bool pax_record(const char *s, usize n, usize *at, TarText *key, TarText *value)
{
	usize i = *at, len = 0;

	for (; i < n && s[i] >= '0' && s[i] <= '9' && len < n; i++)
		len = len * 10 + (usize)(s[i] - '0');
	if (i == *at || i >= n || s[i] != ' ' || len > n - *at || len < i + 1 - *at + 2)
		return false;
	const char *start = s + i + 1, *end = s + *at + len - 1;
	const char *equals = memchr(start, '=', (usize)(end - start));

	if (*end != '\n' || equals == nil)
		return false;
	*key = (TarText){ start, (usize)(equals - start) };
	*value = (TarText){ equals + 1, (usize)(end - equals - 1) };
	*at += len;
	return true;
}

static ERR pax_header(Parse *p, const u8 *data, u64 size)
{
	usize at = 0;
	TarText key, value;

	while (at < size) {
		if (!pax_record((const char *)data, size, &at, &key, &value))
			return damaged(p, "malformed pax record");
		if (text_is(key, "path")) {
			p->path = value;
		} else if (text_is(key, "linkpath")) {
			p->link = value;
		} else if (text_is(key, "size")) {
			u64 v = 0;

			for (usize i = 0; i < value.len; i++) {
				if (value.text[i] < '0' || value.text[i] > '9' || v >> 58 != 0)
					return damaged(p, "impossible size in a pax record");
				v = v * 10 + (u64)(value.text[i] - '0');
			}
			p->size = v;
			p->has_size = true;
		}
	}
	return nil;
}

/* A GNU header whose data is the name of the next entry. */
static TarText long_name(const u8 *data, u64 size)
{
	const char *s = (const char *)data;

	return (TarText){ s, strnlen(s, size) };
}

static ERR entry_paths(Parse *p, const u8 *h, TarEntry *e)
{
	e->name = p->path.text != nil ? p->path : field(h, H_NAME, 100);
	e->link = p->link.text != nil ? p->link : field(h, H_LINK, 100);
	e->prefix = (TarText){ "", 0 };
	if (p->path.text == nil && memcmp(h + H_MAGIC, "ustar\0", 6) == 0)
		e->prefix = field(h, H_PREFIX, 155);
	if (!path_ok(e->prefix) || !path_ok(e->name))
		return damaged(p, "a name with `..'");
	if (e->name.len == 0)
		return damaged(p, "an empty name");
	if (e->kind == TAR_LINK && !path_ok(e->link))
		return damaged(p, "a link with `..'");
	return nil;
}

/* A header that stands for something in the tree. */
static ERR entry(Parse *p, const u8 *h, const u8 *data, u64 size, TarVisit *visit, void *arg)
{
	TarEntry e = { .kind = TAR_FILE, .data = data, .size = size };
	u64 mode, mtime;

	switch (h[H_TYPE]) {
	case '0': case '\0': case '7':
		break;
	case '1':
		e.kind = TAR_LINK;
		break;
	case '5':
		e.kind = TAR_DIR;
		break;
	case '2': case '3': case '4': case '6':
		return nil;
	default:
		return damaged(p, "an entry of unknown kind");
	}
	if (!number(h + H_MODE, 8, &mode) || !number(h + H_MTIME, 12, &mtime))
		return damaged(p, "malformed mode or time");
	TRY(entry_paths(p, h, &e));
	if (e.name.text[e.name.len - 1] == '/')
		e.kind = TAR_DIR;
	e.mode = (u32)mode & 0777;
	e.mtime = (u32)mtime;
	return visit(arg, &e);
}

/* The header at p->at, whose data lies inside the buffer. */
static ERR header(Parse *p, const u8 *h, const u8 *data, u64 size, TarVisit *visit, void *arg)
{
	switch (h[H_TYPE]) {
	case 'x':
		return pax_header(p, data, size);
	case 'g':
		return nil;
	case 'L':
		p->path = long_name(data, size);
		return nil;
	case 'K':
		p->link = long_name(data, size);
		return nil;
	}
	Err err = entry(p, h, data, size, visit, arg);

	p->path.text = p->link.text = nil;
	p->has_size = false;
	return err;
}

/* Is this a header about headers? */
static bool describes_next(u8 type)
{
	return type == 'x' || type == 'g' || type == 'L' || type == 'K';
}

static bool carries_data(u8 type)
{
	return type < '1' || type > '6';
}

Err tar_parse(const u8 *buf, u64 n, TarVisit *visit, void *arg, char *why, usize why_size)
{
	Parse p = { .buf = buf, .n = n, .why = why, .why_size = why_size };

	while (p.n - p.at >= TBLOCK) {
		const u8 *h = buf + p.at;
		u64 size, left = n - p.at - TBLOCK;

		if (all_zero(h))
			return p.path.text == nil ? nil :
				damaged(&p, "a long name without its file");
		if (!checksum_ok(h))
			return damaged(&p, "bad checksum");
		if (!number(h + H_SIZE, 12, &size))
			return damaged(&p, "impossible size");
		if (p.has_size && !describes_next(h[H_TYPE]))
			size = p.size;
		if (!carries_data(h[H_TYPE]))
			size = 0;
		if (size > left)
			return damaged(&p, "archive cut short inside a file");
		TRY(header(&p, h, h + TBLOCK, size, visit, arg));
		u64 whole = round_up(size, TBLOCK);

		p.at += TBLOCK + MIN(whole, left);
	}
	return damaged(&p, "archive cut short: no end mark");
}
