/*
 * aux/getflags [arg ...]: for rc scripts, cut the flags that $flagfmt knows from the
 * arguments and print assignments: an empty list to the variable of each flag, then 1
 * or the arguments for those given, and the rest to $*. What does not fit prints an
 * assignment of `usage' to $status instead.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "user/flagfmt.h"

enum {
	NFLAG = 128,
};

static Flag flags[NFLAG];
static int nflag;
static Biobuf bout;

/* wrong ends as the script is to take it, with nothing printed but the status. */
NORETURN static void
wrong(void)
{
	print("status=usage\n");
	_exits(nil);
}

static void
assign(Flag *f)
{
	if (f->name != nil)
		Bprint(&bout, "%q=", f->name);
	else
		Bprint(&bout, "flag%C=", f->letter);
}

/* list prints n words as a list. */
static void
list(char **word, int n)
{
	int i;

	Bprint(&bout, "(");
	for (i = 0; i < n; i++)
		Bprint(&bout, i == 0 ? "%q" : " %q", word[i]);
	Bprint(&bout, ")\n");
}

static Flag *
find(Rune letter)
{
	int i;

	for (i = 0; i < nflag; i++)
		if (flags[i].letter == letter)
			return &flags[i];
	wrong();
}

/* take assigns the arguments of f, the first of which may be rest; it returns what is left. */
static char **
take(Flag *f, char *rest, char **argv)
{
	int i;

	if (*rest != '\0')
		*--argv = rest;
	for (i = 0; i < f->narg; i++)
		if (argv[i] == nil)
			wrong();
	assign(f);
	list(argv, f->narg);
	return argv + f->narg;
}

/* word goes through the letters of one argument; it returns the arguments after it. */
static char **
word(char *s, char **argv)
{
	Flag *f;
	Rune r;

	while (*s != '\0') {
		s += chartorune(&r, s);
		f = find(r);
		if (f->narg > 0)
			return take(f, s, argv);
		assign(f);
		Bprint(&bout, "1\n");
	}
	return argv;
}

void
main(int argc, char *argv[])
{
	int i;

	argv0 = argv[0];
	quotefmtinstall();
	nflag = readflags(flags, NFLAG);
	Binit(&bout, 1, OWRITE);
	for (i = 0; i < nflag; i++) {
		assign(&flags[i]);
		list(nil, 0);
	}
	for (argv++; *argv != nil && argv[0][0] == '-' && argv[0][1] != '\0';) {
		if (strcmp(*argv++, "--") == 0)
			break;
		argv = word(argv[-1] + 1, argv);
	}
	for (argc = 0; argv[argc] != nil; argc++)
		;
	Bprint(&bout, "*=");
	list(argv, argc);
	Bflush(&bout);
	exits(nil);
}
