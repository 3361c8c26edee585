/*
 * The environment. A variable is the file /env/name, each element followed by a
 * NUL; a function is /env/fn#name, its definition. What changed is written just
 * before another process could look.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	DirSize = 4096,		/* read of a directory at once; no entry of /env is as large */
};

static Buf listing;		/* the names last seen in /env */
static int fresh;		/* no other process can have changed it for us since */

/* read_all returns what the file holds, terminated, and its length; nil if it cannot. */
static char *
read_all(char *file, usize *np)
{
	Buf b = { nil, 0, 0 };
	char data[2048];
	long n;
	int fd;

	fd = open(file, OREAD | OCEXEC);
	if (fd < 0)
		return nil;
	buf_bytes(&b, "", 0);
	do {
		n = read(fd, data, sizeof data);
		if (n > 0)
			buf_bytes(&b, data, n);
	} while (n == sizeof data);
	close(fd);
	*np = b.len;
	return b.s;
}

static char *
env_name(char *prefix, char *name)
{
	Buf b = { nil, 0, 0 };

	buf_puts(&b, "/env/");
	buf_puts(&b, prefix);
	buf_puts(&b, name);
	return b.s;
}

/* list_add adds the name of one entry, unless it is a directory. */
static void
list_add(Buf *names, uchar *entry, uint n)
{
	char strings[DirSize];
	Dir d;

	if (n > sizeof strings || convM2D(entry, n, &d, strings) == 0 || (d.mode & DMDIR))
		return;
	buf_bytes(names, d.name, strlen(d.name) + 1);
}

/* list reads the names of the files of /env, each ended by a NUL. */
static void
list(Buf *names)
{
	uchar data[DirSize];
	long n, at;
	uint size;
	int fd;

	names->len = 0;
	fd = open("/env", OREAD | OCEXEC);
	if (fd < 0)
		return;
	while ((n = read(fd, data, sizeof data)) > 0)
		for (at = 0; at + 1 < n; at += size) {
			size = data[at] + (uint)data[at + 1] * 256 + 2;
			if (size > n - at)
				break;
			list_add(names, data + at, size);
		}
	close(fd);
}

/* each calls f for every listed variable, or function, with its name, contents and size. */
static void
each(Buf *names, int functions, void (*f)(char *, char *, usize))
{
	char *file, *data, *name, *end;
	usize size;

	name = buf_text(names);
	end = name + names->len;
	for (; name < end; name += strlen(name) + 1) {
		if ((strncmp(name, "fn#", 3) == 0) != functions)
			continue;
		file = env_name("", name);
		data = read_all(file, &size);
		free(file);
		if (data != nil && size > 0)
			f(name, data, size);
		free(data);
	}
}

void
env_import(void)
{
	list(&listing);
	fresh = 1;
	each(&listing, 0, var_import);
}

/* define runs the definition that an fn# file holds. */
static void
define(char *name, char *data, usize size)
{
	Input in;
	Buf b = { nil, 0, 0 };
	char *file;
	usize i;

	for (i = 0; i < size; i++)
		if (data[i] != 0)
			buf_byte(&b, data[i]);
	file = env_name("", name);
	input_text(&in, file, 1, buf_text(&b));
	in.quiet = 1;
	in.whole = 1;
	run_input(&in, 0);
	input_close(&in);
	free(file);
	buf_free(&b);
	if (name[3] != 0)
		var_find(name + 3)->fnchanged = 0;
}

int
env_functions(void)
{
	Buf names;

	if (!fresh)
		list(&listing);
	fresh = 0;
	names = listing;
	memset(&listing, 0, sizeof listing);
	each(&names, 1, define);
	buf_free(&names);
	return Next;
}

/* exportable tells whether a file of /env can have the name. */
static int
exportable(char *name)
{
	return name[0] != 0 && strchr(name, '/') == nil && strcmp(name, ".") != 0
		&& strcmp(name, "..") != 0;
}

/* put replaces the contents of a file. */
static void
put(char *file, char *s, usize n)
{
	int fd;

	fd = create(file, OWRITE, 0666);
	if (fd < 0)
		return;
	if (n > 0)
		write(fd, s, n);
	close(fd);
}

static void
export_value(Var *v)
{
	Buf b = { nil, 0, 0 };
	char *file;
	int i;

	file = env_name("", v->name);
	if (v->value == nil)
		remove(file);
	else {
		for (i = 0; i < v->value->count; i++)
			buf_bytes(&b, v->value->s[i], strlen(v->value->s[i]) + 1);
		put(file, b.s, b.len);
	}
	buf_free(&b);
	free(file);
}

static void
export_function(Var *v)
{
	Buf b = { nil, 0, 0 };
	char *file;

	file = env_name("fn#", v->name);
	if (v->body == nil)
		remove(file);
	else {
		buf_puts(&b, "fn ");
		buf_quote(&b, v->name);
		buf_byte(&b, ' ');
		print_fn(&b, v->body);
		put(file, b.s, b.len);
	}
	buf_free(&b);
	free(file);
}

static void
export(Var *v)
{
	if (v->changed) {
		v->changed = 0;
		if (exportable(v->name))
			export_value(v);
	}
	if (v->fnchanged) {
		v->fnchanged = 0;
		if (exportable(v->name))
			export_function(v);
	}
}

void
env_export(void)
{
	fresh = 0;
	var_each(export);
}
