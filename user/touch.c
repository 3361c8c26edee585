/*
 * touch [-c] [-t seconds] file ...: set the modification time of files to now, or to
 * the time given, and make those that do not exist unless -c is given.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: touch [-c] [-t seconds] file ...\n");
	exits("usage");
}

static int
settime(char *name, uint t)
{
	Dir d;

	nulldir(&d);
	d.mtime = t;
	return dirwstat(name, &d);
}

/* touch returns -1 after saying why it failed. */
static int
touch(char *name, uint t, int timegiven, int make)
{
	int fd;

	if (settime(name, t) >= 0)
		return 0;
	if (!make || access(name, AEXIST) == 0) {
		fprint(2, "touch: %s: cannot wstat: %r\n", name);
		return -1;
	}
	fd = create(name, OREAD | OEXCL, 0666);
	if (fd < 0) {
		fprint(2, "touch: %s: cannot create: %r\n", name);
		return -1;
	}
	close(fd);
	if (timegiven && settime(name, t) < 0) {
		fprint(2, "touch: %s: cannot wstat: %r\n", name);
		return -1;
	}
	return 0;
}

void
main(int argc, char *argv[])
{
	char *text, *rest;
	int i, make, timegiven, failed;
	uint t;

	make = 1;
	timegiven = failed = 0;
	t = (uint)time(nil);
	ARGBEGIN{
	case 'c':
		make = 0;
		break;
	case 't':
		text = EARGF(usage());
		t = (uint)strtoul(text, &rest, 0);
		if (rest == text || *rest != '\0')
			usage();
		timegiven = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc == 0)
		usage();
	for (i = 0; i < argc; i++)
		if (touch(argv[i], t, timegiven, make) < 0)
			failed = 1;
	exits(failed ? "touch" : nil);
}
