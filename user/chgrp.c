/*
 * chgrp [-uo] group file ...: give files to another group; with -u or -o, to another
 * owner. What is allowed is up to the server.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: chgrp [-uo] group file ...\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	Dir d;
	int i, owner, failed;

	owner = failed = 0;
	ARGBEGIN{
	case 'o':
	case 'u':
		owner = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc < 2)
		usage();
	nulldir(&d);
	if (owner)
		d.uid = argv[0];
	else
		d.gid = argv[0];
	for (i = 1; i < argc; i++)
		if (dirwstat(argv[i], &d) < 0) {
			fprint(2, "chgrp: can't wstat %s: %r\n", argv[i]);
			failed = 1;
		}
	exits(failed ? "errors" : nil);
}
