/*
 * mount [-abcCnNq] [-k pattern] srv dir [spec]: attach to the 9P server behind the
 * file srv and make its tree appear at dir. There is no factotum here, so a server
 * that insists on authentication is refused; -n does not even ask it. -N mounts as
 * the user none.
 */
#include <u.h>
#include <libc.h>
#include "user/mount.h"

static int quiet;

static void
usage(void)
{
	fprint(2, "usage: mount [-a|-b] [-cCnNq] [-k keypattern] /srv/service dir [spec]\n");
	exits("usage");
}

static void
fail(char *what, char *status)
{
	if (!quiet)
		fprint(2, "mount: %s: %r\n", what);
	exits(status);
}

/* wantsauth asks the server whether attaching to spec needs a ticket. */
static int
wantsauth(int fd, char *spec)
{
	int afd;

	afd = fauth(fd, spec);
	if (afd < 0)
		return 0;
	close(afd);
	werrstr("server wants authentication, which is not available");
	return 1;
}

void
main(int argc, char *argv[])
{
	int fd, flag, noauth, none;
	char *spec, *pattern;

	flag = MREPL;
	noauth = none = 0;
	ARGBEGIN{
	case 'a':
	case 'b':
	case 'c':
	case 'C':
		flag |= mountflag(ARGC());
		break;
	case 'k':
		pattern = EARGF(usage());
		USED(pattern);
		break;
	case 'n':
		noauth = 1;
		break;
	case 'N':
		none = noauth = 1;
		break;
	case 'q':
		quiet = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc < 2 || argc > 3 || (flag & MORDER) == MORDER)
		usage();
	spec = argc == 3 ? argv[2] : "";
	if (none && becomenone() < 0)
		fail("can't become none", "mount");
	fd = open(argv[0], ORDWR);
	if (fd < 0)
		fail(argv[0], "open");
	if (!noauth && wantsauth(fd, spec))
		fail(argv[0], "mount");
	if (mount(fd, -1, argv[1], flag, spec) < 0)
		fail(argv[1], "mount");
	exits(nil);
}
