/*
 * mv from to, mv from ... dir: move files. Within a directory that is a change of
 * name; between directories a plain file is copied, with its mode and modification
 * time, and removed. A directory can't leave the directory it is in.
 */
#include <u.h>
#include <libc.h>
#include "user/file.h"

static void
usage(void)
{
	fprint(2, "usage: mv fromfile tofile\n");
	fprint(2, "       mv fromfile ... todir\n");
	exits("usage");
}

static int
fail(char *what, char *name)
{
	fprint(2, "mv: %s %s: %r\n", what, name);
	return -1;
}

/* last returns the last element of a clean name. */
static char *
last(char *name)
{
	char *slash;

	slash = strrchr(name, '/');
	return slash == nil || slash[1] == '\0' ? name : slash + 1;
}

/* parent returns the allocated name of the directory a clean name is in. */
static char *
parent(char *name)
{
	char *slash, *dir;

	slash = strrchr(name, '/');
	if (slash == nil)
		dir = strdup(".");
	else if (slash == name)
		dir = strdup("/");
	else
		dir = smprint("%.*s", utfnlen(name, slash - name), name);
	if (dir == nil)
		sysfatal("no memory: %r");
	return dir;
}

static int
samedir(char *from, char *to)
{
	char *fdir, *tdir;
	Dir *a, *b;
	int r;

	fdir = parent(from);
	tdir = parent(to);
	a = dirstat(fdir);
	b = dirstat(tdir);
	r = samefile(a, b);
	free(a);
	free(b);
	free(fdir);
	free(tdir);
	return r;
}

static int
rename(char *from, char *to)
{
	Dir d;

	nulldir(&d);
	d.name = last(to);
	if (dirwstat(from, &d) < 0)
		return fail("can't rename", from);
	return 0;
}

/* copy makes to a copy of from, which is described by d. */
static int
copy(char *from, char *to, Dir *d)
{
	int ffd, tfd, r;
	Dir new;

	ffd = open(from, OREAD);
	if (ffd < 0)
		return fail("can't open", from);
	tfd = create(to, OWRITE, d->mode & 0777);
	if (tfd < 0) {
		close(ffd);
		return fail("can't create", to);
	}
	r = copydata(ffd, tfd, from, to);
	if (r == 0) {
		nulldir(&new);
		new.mode = d->mode;
		new.mtime = d->mtime;
		if (dirfwstat(tfd, &new) < 0)
			r = fail("can't wstat", to);
	}
	close(ffd);
	close(tfd);
	if (r < 0)
		remove(to);
	return r;
}

/* replace moves from to to, where to may be an existing file but not a directory. */
static int
replace(char *from, char *to, Dir *d, Dir *old)
{
	if (old != nil && (old->mode & DMDIR)) {
		werrstr("is a directory");
		return fail("can't replace", to);
	}
	if (samedir(from, to)) {
		if (old != nil && remove(to) < 0)
			return fail("can't remove", to);
		return rename(from, to);
	}
	if (d->mode & DMDIR) {
		werrstr("a directory can't move to another");
		return fail("can't rename", from);
	}
	if (copy(from, to, d) < 0)
		return -1;
	if (remove(from) < 0)
		return fail("can't remove", from);
	return 0;
}

static int
move(char *from, char *to)
{
	Dir *d, *old;
	int r;

	d = dirstat(from);
	if (d == nil)
		return fail("can't stat", from);
	old = dirstat(to);
	if (samefile(d, old)) {
		fprint(2, "mv: %s and %s are the same file\n", from, to);
		r = -1;
	} else
		r = replace(from, to, d, old);
	free(d);
	free(old);
	return r;
}

static int
moveinto(char *from, char *dir)
{
	char *to;
	int r;

	to = smprint("%s/%s", dir, last(from));
	if (to == nil)
		sysfatal("no memory: %r");
	r = move(from, cleanname(to));
	free(to);
	return r;
}

void
main(int argc, char *argv[])
{
	int i, todir, failed;
	char *to;

	ARGBEGIN{
	default:
		usage();
	}ARGEND
	argv0 = "mv";
	if (argc < 2)
		usage();
	for (i = 0; i < argc; i++)
		cleanname(argv[i]);
	to = argv[argc - 1];
	todir = isdir(to);
	if (!todir && argc > 2) {
		fprint(2, "mv: %s is not a directory\n", to);
		exits("errors");
	}
	failed = 0;
	for (i = 0; i < argc - 1; i++)
		if ((todir ? moveinto(argv[i], to) : move(argv[i], to)) < 0)
			failed = 1;
	exits(failed ? "errors" : nil);
}
