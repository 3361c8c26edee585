/*
 * cleanname [-d dir] name ...: print the names without empty, `.' and `..' elements;
 * -d puts dir before those that are not absolute.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: cleanname [-d dir] name ...\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	char *dir, *name;
	int i;

	dir = nil;
	ARGBEGIN{
	case 'd':
		dir = EARGF(usage());
		break;
	default:
		usage();
	}ARGEND
	if (argc < 1)
		usage();
	for (i = 0; i < argc; i++) {
		if (dir == nil || argv[i][0] == '/' || argv[i][0] == '#')
			name = strdup(argv[i]);
		else
			name = smprint("%s/%s", dir, argv[i]);
		if (name == nil)
			sysfatal("no memory: %r");
		if (print("%s\n", cleanname(name)) < 0)
			sysfatal("write error: %r");
		free(name);
	}
	exits(nil);
}
