/*
 * rm [-fr] file ...: remove files and empty directories; with -r, what is in a
 * directory first; with -f, without a word about what fails.
 */
#include <u.h>
#include <libc.h>
#include "user/file.h"

static int force;
static int failed;

static void
usage(void)
{
	fprint(2, "usage: rm [-fr] file ...\n");
	exits("usage");
}

static void
complain(char *name)
{
	if (force)
		return;
	fprint(2, "rm: %s: %r\n", name);
	failed = 1;
}

static void removetree(char*);

/* removeall empties a directory. */
static void
removeall(char *dir)
{
	Dir *entries;
	char *name;
	long i, n;
	int fd;

	fd = open(dir, OREAD);
	if (fd < 0) {
		complain(dir);
		return;
	}
	n = dirreadall(fd, &entries);
	close(fd);
	if (n < 0) {
		complain(dir);
		return;
	}
	for (i = 0; i < n; i++) {
		name = smprint("%s/%s", dir, entries[i].name);
		if (name == nil)
			sysfatal("no memory: %r");
		if (remove(name) < 0) {
			if (entries[i].mode & DMDIR)
				removetree(name);
			else
				complain(name);
		}
		free(name);
	}
	free(entries);
}

static void
removetree(char *dir)
{
	removeall(dir);
	if (remove(dir) < 0)
		complain(dir);
}

void
main(int argc, char *argv[])
{
	int i, recur;

	recur = 0;
	ARGBEGIN{
	case 'f':
		force = 1;
		break;
	case 'r':
		recur = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc == 0 && !force)
		usage();
	for (i = 0; i < argc; i++) {
		if (remove(argv[i]) >= 0)
			continue;
		if (recur && isdir(argv[i]))
			removetree(argv[i]);
		else
			complain(argv[i]);
	}
	exits(failed ? "errors" : nil);
}
