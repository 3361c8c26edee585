/*
 * aux/usage: for rc scripts, print how the script that runs it is used: its flags, of
 * which $flagfmt tells, and $args. It exits with `usage'.
 */
#include <u.h>
#include <libc.h>
#include "user/flagfmt.h"

enum {
	NFLAG = 128,
};

/* plain prints the flags without arguments, all in one. */
static void
plain(Flag *f, int n)
{
	int i, any;

	any = 0;
	for (i = 0; i < n; i++)
		if (f[i].narg == 0)
			fprint(2, any++ ? "%C" : " [-%C", f[i].letter);
	if (any)
		fprint(2, "]");
}

void
main(int argc, char *argv[])
{
	Flag flags[NFLAG];
	char *name, *slash, *args;
	int i, k, n;

	USED(argc);
	argv0 = argv[0];
	name = getenv("0");
	if (name == nil)
		name = "command";
	slash = strrchr(name, '/');
	fprint(2, "usage: %s", slash == nil ? name : slash + 1);
	n = readflags(flags, NFLAG);
	plain(flags, n);
	for (i = 0; i < n; i++) {
		if (flags[i].narg == 0)
			continue;
		fprint(2, " [-%C", flags[i].letter);
		for (k = 0; k < flags[i].narg; k++)
			fprint(2, " %s", flags[i].arg[k]);
		fprint(2, "]");
	}
	args = getenv("args");
	if (args != nil && args[0] != '\0')
		fprint(2, " %s", args);
	fprint(2, "\n");
	exits("usage");
}
