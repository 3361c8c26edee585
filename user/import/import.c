/*
 * import [-abcCq] [-s srvname] file [mtpt], import -e [...] command [mtpt]: make the
 * files that an exportfs serves at the other end of a pipe, a serial line or
 * any file of two directions appear on mtpt, by default /n/import. With -e the other
 * end is a command that rc runs with its descriptors 0 and 1 on a pipe.
 * A serial line must be set up, and the exporter be there, before.
 */
#include <u.h>
#include <libc.h>

static int quiet;

static void
usage(void)
{
	fprint(2, "usage: import [-abcCq] [-s srvname] file [mtpt]\n");
	fprint(2, "       import -e [-abcCq] [-s srvname] command [mtpt]\n");
	exits("usage");
}

static void
fail(char *what, char *name, char *status)
{
	if(!quiet)
		fprint(2, "import: %s %s: %r\n", what, name);
	exits(status);
}

/* One end of a pipe; the command has the other. */
static int
start(char *command)
{
	int p[2];

	if(pipe(p) < 0)
		fail("can't make a pipe for", command, "import: error");
	switch(rfork(RFPROC|RFFDG|RFNOTEG|RFNOWAIT)){
	case -1:
		fail("can't fork for", command, "import: error");
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

static void
post(int fd, char *name)
{
	char *file, text[16];
	int sfd, n;

	file = smprint("/srv/%s", name);
	sfd = create(file, OWRITE, 0600);
	if(sfd < 0)
		fail("can't create", file, "import: error");
	n = snprint(text, sizeof text, "%d", fd);
	if(write(sfd, text, n) != n)
		fail("can't post", file, "import: error");
	close(sfd);
	free(file);
}

void
main(int argc, char *argv[])
{
	char *service = nil, *mtpt, version[64];
	int flag = MREPL, command = 0, fd;

	ARGBEGIN{
	case 'a':
		flag |= MAFTER;
		break;
	case 'b':
		flag |= MBEFORE;
		break;
	case 'c':
		flag |= MCREATE;
		break;
	case 'C':
		flag |= MCACHE;
		break;
	case 'e':
		command = 1;
		break;
	case 'q':
		quiet = 1;
		break;
	case 's':
		service = EARGF(usage());
		break;
	default:
		usage();
	}ARGEND
	if(argc < 1 || argc > 2 || (flag & MORDER) == MORDER)
		usage();
	mtpt = argc == 2 ? argv[1] : "/n/import";
	fd = command ? start(argv[0]) : open(argv[0], ORDWR);
	if(fd < 0)
		fail("can't open", argv[0], "open");
	version[0] = 0;
	if(fversion(fd, 0, version, sizeof version) < 0)
		fail("no exporter behind", argv[0], "import: error");
	if(service != nil)
		post(fd, service);
	if(mount(fd, -1, mtpt, flag, "") < 0)
		fail("can't mount on", mtpt, "mount");
	exits(nil);
}
