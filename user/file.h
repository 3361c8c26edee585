/*
 * What the programs that copy, move and remove files have in common.
 */

/* isdir tells whether a directory has that name. */
static inline int
isdir(char *name)
{
	Dir *d;
	int dir;

	d = dirstat(name);
	dir = d != nil && (d->mode & DMDIR);
	free(d);
	return dir;
}

/* samefile tells whether both, which may be nil, describe one file. */
static inline int
samefile(Dir *a, Dir *b)
{
	return a != nil && b != nil && a->type == b->type && a->dev == b->dev &&
		a->qid.path == b->qid.path && a->qid.type == b->qid.type;
}

/* copydata copies what is left to read; -1 after a complaint. */
static inline int
copydata(int ffd, int tfd, char *from, char *to)
{
	static char buf[64 * 1024];
	long n;

	while ((n = read(ffd, buf, sizeof buf)) > 0)
		if (write(tfd, buf, n) != n) {
			fprint(2, "%s: error writing %s: %r\n", argv0, to);
			return -1;
		}
	if (n < 0) {
		fprint(2, "%s: error reading %s: %r\n", argv0, from);
		return -1;
	}
	return 0;
}
