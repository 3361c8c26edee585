/*
 * basename [-d] name [suffix]: print the last element of a name, without the suffix;
 * with -d, what comes before the last element.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: basename [-d] string [suffix]\n");
	exits("usage");
}

/* cutsuffix shortens name by suffix if it ends so and is longer. */
static void
cutsuffix(char *name, char *suffix)
{
	usize n, k;

	n = strlen(name);
	k = strlen(suffix);
	if (n > k && strcmp(name + n - k, suffix) == 0)
		name[n - k] = '\0';
}

NORETURN static void
show(char *name)
{
	if (print("%s\n", name) < 0)
		sysfatal("write error: %r");
	exits(nil);
}

void
main(int argc, char *argv[])
{
	char *slash;
	int dirpart;

	dirpart = 0;
	ARGBEGIN{
	case 'd':
		dirpart = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc < 1 || argc > 2)
		usage();
	slash = strrchr(argv[0], '/');
	if (dirpart) {
		if (slash != nil)
			*slash = '\0';
		show(slash == nil ? "." : argv[0]);
	}
	if (slash != nil)
		argv[0] = slash + 1;
	if (argc == 2)
		cutsuffix(argv[0], argv[1]);
	show(argv[0]);
}
