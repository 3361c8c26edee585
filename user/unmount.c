/*
 * unmount [new] old: undo the bind or mount of new on old, or all of them on old.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: unmount [new] old\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	char *new, *old;

	ARGBEGIN{
	default:
		usage();
	}ARGEND
	if (argc < 1 || argc > 2)
		usage();
	new = argc == 2 ? argv[0] : nil;
	old = argv[argc - 1];
	if (unmount(new, old) < 0) {
		fprint(2, "unmount: %s: %r\n", old);
		exits("unmount");
	}
	exits(nil);
}
