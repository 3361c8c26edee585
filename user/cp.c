/*
 * cp [-gux] from to, cp [-gux] from ... dir: copy files. -x keeps the mode and the
 * modification time, -u the owner, -g the group.
 */
#include <u.h>
#include <libc.h>
#include "user/file.h"

static int gflag, uflag, xflag;

static void
usage(void)
{
	fprint(2, "usage: cp [-gux] fromfile tofile\n");
	fprint(2, "       cp [-gux] fromfile ... todir\n");
	exits("usage");
}

/* same says whether two names stand for one file. */
static int
same(Dir *a, char *to)
{
	Dir *b;
	int r;

	b = dirstat(to);
	r = samefile(a, b);
	free(b);
	return r;
}

/* keep gives the copy the attributes that were asked for. */
static int
keep(int tfd, Dir *d, char *to)
{
	Dir new;

	if (!xflag && !uflag && !gflag)
		return 0;
	nulldir(&new);
	if (xflag) {
		new.mode = d->mode;
		new.mtime = d->mtime;
	}
	if (uflag)
		new.uid = d->uid;
	if (gflag)
		new.gid = d->gid;
	if (dirfwstat(tfd, &new) >= 0)
		return 0;
	fprint(2, "cp: warning: can't wstat %s: %r\n", to);
	return -1;
}

/* copyopen copies the open file ffd, described by d. */
static int
copyopen(int ffd, Dir *d, char *from, char *to)
{
	int tfd, r;

	if (d->mode & DMDIR) {
		fprint(2, "cp: %s is a directory\n", from);
		return -1;
	}
	if (same(d, to)) {
		fprint(2, "cp: %s and %s are the same file\n", from, to);
		return -1;
	}
	tfd = create(to, OWRITE, d->mode & 0777);
	if (tfd < 0) {
		fprint(2, "cp: can't create %s: %r\n", to);
		return -1;
	}
	r = copydata(ffd, tfd, from, to);
	if (r == 0)
		r = keep(tfd, d, to);
	close(tfd);
	return r;
}

static int
copy(char *from, char *to)
{
	Dir *d;
	int ffd, r;

	ffd = open(from, OREAD);
	d = ffd < 0 ? nil : dirfstat(ffd);
	if (d == nil) {
		fprint(2, "cp: can't open %s: %r\n", from);
		return -1;
	}
	r = copyopen(ffd, d, from, to);
	free(d);
	close(ffd);
	return r;
}

static int
copyinto(char *from, char *dir)
{
	char *to, *base;
	int r;

	cleanname(from);
	base = strrchr(from, '/');
	to = smprint("%s/%s", dir, base == nil ? from : base + 1);
	if (to == nil)
		sysfatal("no memory: %r");
	r = copy(from, to);
	free(to);
	return r;
}

void
main(int argc, char *argv[])
{
	int i, failed;

	ARGBEGIN{
	case 'g':
		gflag = 1;
		break;
	case 'u':
		uflag = gflag = 1;
		break;
	case 'x':
		xflag = 1;
		break;
	default:
		usage();
	}ARGEND
	argv0 = "cp";
	if (argc < 2)
		usage();
	failed = 0;
	if (!isdir(argv[argc - 1])) {
		if (argc > 2) {
			fprint(2, "cp: %s is not a directory\n", argv[argc - 1]);
			exits("errors");
		}
		exits(copy(argv[0], argv[1]) < 0 ? "errors" : nil);
	}
	for (i = 0; i < argc - 1; i++)
		if (copyinto(argv[i], argv[argc - 1]) < 0)
			failed = 1;
	exits(failed ? "errors" : nil);
}
