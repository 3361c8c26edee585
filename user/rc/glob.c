/*
 * Patterns: matching a string, and replacing a word that has magic characters by
 * the names of the files that match it.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

/*
 * class matches rune r with the class at p, whose [ is magic, and returns what
 * follows the class, or nil if r is not in it or it has no end.
 */
static char *
class(Rune r, char *p)
{
	Rune low, high;
	int complement, in;

	p++;
	complement = *p == '~';
	if (complement)
		p++;
	in = 0;
	while (*p != ']') {
		if (*p == 0)
			return nil;
		p += chartorune(&low, p);
		high = low;
		if (p[0] == '-' && p[1] != ']' && p[1] != 0)
			p += 1 + chartorune(&high, p + 1);
		if (low <= r && r <= high)
			in = 1;
	}
	return in != complement ? p + 1 : nil;
}

/* step matches the first rune of s, of length n, with one element of the pattern. */
static char *
step(char *s, int n, Rune r, char *p, int magic)
{
	if (magic && *p == '?')
		return p + 1;
	if (magic && *p == '[')
		return class(r, p);
	return strncmp(s, p, n) == 0 ? p + n : nil;
}

/* match tells whether all of s matches p; on failure the last * takes one rune more. */
int
match(char *s, char *p, uchar *magic)
{
	char *pattern, *next, *star, *retry;
	Rune r;
	int n;

	pattern = p;
	star = retry = nil;
	for (;;) {
		if (magic != nil && *p == '*' && magic[p - pattern]) {
			star = ++p;
			retry = s;
			continue;
		}
		if (*s == 0 && *p == 0)
			return 1;
		next = nil;
		n = chartorune(&r, s);
		if (*s != 0 && *p != 0)
			next = step(s, n, r, p, magic != nil && magic[p - pattern]);
		if (next != nil) {
			s += n;
			p = next;
			continue;
		}
		if (star == nil || *retry == 0)
			return 0;
		retry += chartorune(&r, retry);
		s = retry;
		p = star;
	}
}

/* component is the length of the pattern up to the next slash. */
static usize
component(char *p)
{
	char *slash;

	slash = strchr(p, '/');
	return slash == nil ? (usize)strlen(p) : (usize)(slash - p);
}

static int
ismagic(uchar *magic, usize n)
{
	usize i;

	for (i = 0; i < n; i++)
		if (magic[i])
			return 1;
	return 0;
}

static int names(Buf *, char *, uchar *, Words *);

/* candidate goes on with the directory entry d if it matches the component of n bytes. */
static int
candidate(Buf *path, Dir *d, char *p, uchar *magic, usize n, Words *out)
{
	char *pattern;
	usize len;
	Mark mark;
	int yes;

	if (p[n] == '/' && (d->mode & DMDIR) == 0)
		return 0;
	if (strcmp(d->name, ".") == 0 || strcmp(d->name, "..") == 0)
		if (p[0] != '.')
			return 0;
	mark = arena_mark(&temp);
	pattern = arena_copy(&temp, p, n);
	yes = match(d->name, pattern, magic);
	arena_release(&temp, mark);
	if (!yes)
		return 0;
	len = path->len;
	buf_puts(path, d->name);
	names(path, p + n, magic + n, out);
	path->len = len;
	path->s[len] = 0;
	return 1;
}

/* search tries all entries of the directory that path names. */
static void
search(Buf *path, char *p, uchar *magic, usize n, Words *out)
{
	Dir *d;
	long i, count;
	int fd;

	fd = open(path->len == 0 ? "." : path->s, OREAD | OCEXEC);
	if (fd < 0)
		return;
	while ((count = dirread(fd, &d)) > 0) {
		for (i = 0; i < count; i++)
			candidate(path, &d[i], p, magic, n, out);
		free(d);
	}
	close(fd);
}

/* names adds the files whose name is path followed by a match of p; 0 if there are none. */
static int
names(Buf *path, char *p, uchar *magic, Words *out)
{
	usize n, len;
	int before;

	before = out->count;
	len = path->len;
	for (;;) {
		n = component(p);
		if (ismagic(magic, n))
			break;
		buf_bytes(path, p, n);
		p += n;
		magic += n;
		if (*p == 0) {
			if (access(path->s, AEXIST) >= 0)
				words_add(out, arena_copy(&temp, path->s, path->len), nil);
			goto done;
		}
		while (*p == '/') {
			buf_byte(path, *p++);
			magic++;
		}
	}
	buf_bytes(path, "", 0);
	search(path, p, magic, n, out);
done:
	path->len = len;
	path->s[len] = 0;
	return out->count > before;
}

static int
order(void *a, void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

/* sorted adds found to out by the order of bytes, each name once. */
static void
sorted(Words *found, Words *out)
{
	Word *p;
	char **v;
	int i, n;

	v = arena_alloc(&temp, found->count * sizeof *v);
	n = 0;
	for (p = found->first; p != nil; p = p->next)
		v[n++] = p->s;
	qsort(v, n, sizeof *v, order);
	for (i = 0; i < n; i++)
		if (i == 0 || strcmp(v[i - 1], v[i]) != 0)
			words_add(out, v[i], nil);
}

/* glob adds the words of in to out, patterns replaced by the files that match, if any. */
void
glob(Words *in, Words *out)
{
	Buf path = { nil, 0, 0 };
	Words found;
	Word *p;

	for (p = in->first; p != nil; p = p->next) {
		words_init(&found);
		if (p->magic != nil) {
			path.len = 0;
			names(&path, p->s, p->magic, &found);
		}
		if (found.count > 0)
			sorted(&found, out);
		else
			words_add(out, p->s, nil);
	}
	buf_free(&path);
}
