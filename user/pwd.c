/*
 * pwd: print the name of the current directory.
 */
#include <u.h>
#include <libc.h>

static char dir[64 * 1024];

void
main(int argc, char *argv[])
{
	ARGBEGIN{
	default:
		fprint(2, "usage: pwd\n");
		exits("usage");
	}ARGEND
	if (argc != 0) {
		fprint(2, "usage: pwd\n");
		exits("usage");
	}
	if (getwd(dir, sizeof dir) == nil) {
		fprint(2, "pwd: %r\n");
		exits("getwd");
	}
	if (print("%s\n", dir) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
