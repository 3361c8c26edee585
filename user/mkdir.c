/*
 * mkdir [-p] [-m mode] dir ...: make directories; with -p, those that lead to them
 * as well, and none that exists is an error.
 */
#include <u.h>
#include <libc.h>

static uint mode = 0777;
static int failed;

static void
usage(void)
{
	fprint(2, "usage: mkdir [-p] [-m mode] dir ...\n");
	exits("usage");
}

static void
make(char *dir)
{
	int fd;

	if (access(dir, AEXIST) == 0) {
		fprint(2, "mkdir: %s already exists\n", dir);
		failed = 1;
		return;
	}
	fd = create(dir, OREAD, DMDIR | mode);
	if (fd < 0) {
		fprint(2, "mkdir: can't create %s: %r\n", dir);
		failed = 1;
		return;
	}
	close(fd);
}

/* makepath makes every directory along dir that is missing. */
static void
makepath(char *dir)
{
	char *slash;

	for (slash = strchr(dir + 1, '/'); slash != nil; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (access(dir, AEXIST) != 0)
			make(dir);
		*slash = '/';
	}
	if (access(dir, AEXIST) != 0)
		make(dir);
}

void
main(int argc, char *argv[])
{
	char *text, *rest;
	int i, path;

	path = 0;
	ARGBEGIN{
	case 'm':
		text = EARGF(usage());
		mode = (uint)strtoul(text, &rest, 8);
		if (rest == text || *rest != '\0' || mode > 0777)
			usage();
		break;
	case 'p':
		path = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc == 0)
		usage();
	for (i = 0; i < argc; i++) {
		if (path && argv[i][0] != '\0')
			makepath(cleanname(argv[i]));
		else
			make(argv[i]);
	}
	exits(failed ? "errors" : nil);
}
