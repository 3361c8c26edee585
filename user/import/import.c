/*
 * import [-abcCq] [-s srvname] file [mtpt], import -e [...] command [mtpt]: make the
 * files that an exportfs serves at the other end of a pipe, a serial line or
 * any file of two directions appear on mtpt, by default /n/import. With -e the other
 * end is a command that rc runs with its descriptors 0 and 1 on a pipe.
 * A serial line must be set up, and the exporter be there, before.
 */
#include <u.h>
#include <libc.h>
#include "user/mount.h"
#include "user/service.h"

static void
usage(void)
{
	fprint(2, "usage: import [-abcCq] [-s srvname] file [mtpt]\n");
	fprint(2, "       import -e [-abcCq] [-s srvname] command [mtpt]\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	char *service = nil, *mtpt, version[64];
	int flag = MREPL, command = 0, fd;

	ARGBEGIN{
	case 'a':
	case 'b':
	case 'c':
	case 'C':
		flag |= mountflag(ARGC());
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
		broken("no exporter behind", argv[0]);
	if(service != nil)
		post(fd, under("/srv", service), 0600);
	if(mount(fd, -1, mtpt, flag, "") < 0)
		fail("can't mount on", mtpt, "mount");
	exits(nil);
}
