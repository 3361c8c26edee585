/*
 * What srv and import have in common: a server that is a command, posting it, and the end
 * when something fails, silent with -q.
 */
static int quiet;

static inline void
fail(char *what, char *name, char *status)
{
	if (!quiet)
		fprint(2, "%s: %s %s: %r\n", argv0, what, name);
	exits(status);
}

/* broken is fail with the status `PROGRAM: error`. */
static inline void
broken(char *what, char *name)
{
	char status[64];

	snprint(status, sizeof status, "%s: error", argv0);
	fail(what, name, status);
}

/* start runs a command on one end of a pipe and returns the other. */
static inline int
start(char *command)
{
	int p[2];

	if (pipe(p) < 0)
		broken("can't make a pipe for", command);
	switch (rfork(RFPROC | RFFDG | RFNOTEG | RFNOWAIT)) {
	case -1:
		broken("can't fork for", command);
		break;
	case 0:
		dup(p[0], 0);
		dup(p[0], 1);
		close(p[0]);
		close(p[1]);
		execl("/bin/rc", "rc", "-c", command, nil);
		sysfatal("can't run /bin/rc: %r");
	}
	close(p[0]);
	return p[1];
}

/* under returns the allocated name of a file in a directory, or a full name as it is. */
static inline char *
under(char *dir, char *name)
{
	char *s;

	s = name[0] == '/' ? strdup(name) : smprint("%s/%s", dir, name);
	if (s == nil)
		sysfatal("no memory: %r");
	return s;
}

/* post makes fd a service. */
static inline void
post(int fd, char *file, ulong mode)
{
	char text[32];
	int sfd, n;

	sfd = create(file, OWRITE, mode);
	if (sfd < 0)
		broken("can't create", file);
	n = snprint(text, sizeof text, "%d", fd);
	if (write(sfd, text, n) != n)
		broken("can't post", file);
	close(sfd);
}
