/*
 * srv -e [-abcCmnNq] command name [mtpt], srv [-abcCmnNq] addr [name [mtpt]]: post a 9P
 * server as /srv/name: a command that serves on its descriptors 0 and 1, or what an
 * address leads to, which is a file or a call over a network, to the service 9fs if
 * none is named. With a mount flag or mtpt it is mounted as well, on mtpt or /n/name.
 */
#include <u.h>
#include <libc.h>
#include "user/mount.h"
#include "user/service.h"

enum {
	PATIENCE = 60 * 1000,	/* milliseconds that a call may take to be answered */
};

static char *called;		/* the address, while nobody has answered */

static void
usage(void)
{
	fprint(2, "usage: srv [-abcCmnNq] addr [srvname [mtpt]]\n");
	fprint(2, "       srv -e [-abcCmnNq] command srvname [mtpt]\n");
	exits("usage");
}

/* late ends a call that nobody answers. */
static void
late(void *ureg, char *note)
{
	USED(ureg);
	if (strcmp(note, "alarm") != 0)
		noted(NDFLT);
	werrstr("nobody answers");
	fail("dial", called, "timeout");
}

static int
call(char *addr)
{
	int fd;

	called = addr;
	notify(late);
	alarm(PATIENCE);
	fd = dial(netmkaddr(addr, nil, "9fs"), nil, nil, nil);
	alarm(0);
	return fd;
}

/* reach opens what addr stands for: a file if it looks like the name of one. */
static int
reach(char *addr)
{
	int fd, file;

	file = strchr(addr, '!') == nil && (strchr(addr, '/') != nil || addr[0] == '#');
	fd = file ? open(addr, ORDWR) : call(addr);
	if (fd < 0)
		fail("dial", addr, "dial");
	return fd;
}

/* defaultname returns the last element of a file name; an address is one, too. */
static char *
defaultname(char *addr)
{
	char *p;

	p = strrchr(addr, '/');
	return p == nil || p[1] == '\0' ? addr : p + 1;
}

/* host returns the allocated host of an address, or of a name the name. */
static char *
host(char *name)
{
	char *p;

	p = strchr(name, '!');
	name = strdup(p == nil ? name : p + 1);
	if (name == nil)
		sysfatal("no memory: %r");
	name[strcspn(name, "!")] = '\0';
	return name;
}

/* existing opens a service posted before; a dead one is removed and -1 returned. */
static int
existing(char *file)
{
	int fd;

	fd = open(file, ORDWR);
	if (fd < 0)
		remove(file);
	return fd;
}

void
main(int argc, char *argv[])
{
	char *name, *file;
	int fd, flag, command, domount;

	flag = MREPL;
	command = domount = 0;
	ARGBEGIN{
	case 'a':
	case 'b':
	case 'c':
	case 'C':
		flag |= mountflag(ARGC());
		domount = 1;
		break;
	case 'e':
		command = 1;
		break;
	case 'm':
		domount = 1;
		break;
	case 'n':
		break;
	case 'N':
		if (becomenone() < 0)
			broken("can't become", "none");
		break;
	case 'q':
		quiet = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc < 1 + command || argc > 3 || (flag & MORDER) == MORDER)
		usage();
	name = argc > 1 ? argv[1] : defaultname(argv[0]);
	file = under("/srv", name);
	fd = existing(file);
	if (fd < 0) {
		fd = command ? start(argv[0]) : reach(argv[0]);
		post(fd, file, 0666);
	}
	if (argc < 3 && !domount)
		exits(nil);
	file = argc == 3 ? argv[2] : under("/n", host(defaultname(name)));
	if (mount(fd, -1, file, flag, "") < 0)
		fail("can't mount on", file, "mount");
	exits(nil);
}
