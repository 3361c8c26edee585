/*
 * bind [-abcq] new old: make the file or directory new appear at old as well, in
 * place of it (the default), before (-b) or after (-a) what is there; -c lets files
 * be created in it.
 */
#include <u.h>
#include <libc.h>
#include "user/mount.h"

static void
usage(void)
{
	fprint(2, "usage: bind [-b|-a|-c|-bc|-ac] [-q] new old\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	int flag, quiet;

	flag = MREPL;
	quiet = 0;
	ARGBEGIN{
	case 'a':
	case 'b':
	case 'c':
		flag |= mountflag(ARGC());
		break;
	case 'q':
		quiet = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc != 2 || (flag & MORDER) == MORDER)
		usage();
	if (bind(argv[0], argv[1], flag) < 0) {
		if (!quiet)
			fprint(2, "bind: %s %s: %r\n", argv[0], argv[1]);
		exits("bind");
	}
	exits(nil);
}
