/*
 * auth/newns [-a] [-n namespace] [command [arg ...]]: run a command, a shell by
 * default, in a new name space that a file describes; with -a in a copy of the present
 * one with what the file adds. auth/none, the same program under another name, becomes
 * the user none first.
 */
#include <u.h>
#include <libc.h>
#include "user/mount.h"
#include "user/init/newns.h"

static void
usage(void)
{
	fprint(2, "usage: auth/newns [-a] [-n namespace] [command [arg ...]]\n");
	fprint(2, "       auth/none [-n namespace] [command [arg ...]]\n");
	exits("usage");
}

/* run becomes the command; it returns if there is none. */
static void
run(char *argv[])
{
	char *name;

	if (argv[0][0] == '/' || argv[0][0] == '#' || strncmp(argv[0], "./", 2) == 0 ||
		strncmp(argv[0], "../", 3) == 0)
		name = argv[0];
	else
		name = smprint("/bin/%s", argv[0]);
	if (name != nil)
		exec(name, argv);
}

void
main(int argc, char *argv[])
{
	static char *shell[] = {"/bin/rc", "-i", nil};
	char *file, *base;
	int add, none;

	add = 0;
	file = "/lib/namespace";
	base = strrchr(argv[0], '/');
	none = strcmp(base == nil ? argv[0] : base + 1, "none") == 0;
	ARGBEGIN{
	case 'a':
		add = 1;
		break;
	case 'n':
		file = EARGF(usage());
		break;
	default:
		usage();
	}ARGEND
	if (add && none)
		usage();
	if (none && becomenone() < 0)
		sysfatal("can't become none: %r");
	if (add && rfork(RFNAMEG) < 0)
		sysfatal("can't have a name space: %r");
	if ((add ? addns(file) : newns(none ? "none" : getuser(), file)) < 0)
		sysfatal("%s: %r", file);
	if (argc == 0)
		argv = shell;
	run(argv);
	sysfatal("can't run %s: %r", argv[0]);
}
