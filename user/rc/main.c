/*
 * rc [-srdiIlxebpvV] [-c command] [-m init] [file [arg ...]]: the start. All that
 * the flags ask for is done by /rc/lib/rcmain, which is itself in rc.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

char flag[128];

static void
usage(void)
{
	fprint(2, "usage: rc [-srdiIlxebpvV] [-c command] [-m init] [file [arg ...]]\n");
	exits("usage");
}

/* on_console tells whether a person types what fd 0 reads. */
static int
on_console(void)
{
	static char cons[] = "/dev/cons";
	char name[256];
	long n;

	if (fd2path(0, name, sizeof name) < 0)
		return 0;
	n = strlen(name) - (long)strlen(cons);
	return n >= 0 && strcmp(name + n, cons) == 0;
}

/* set_list sets a variable to argv, and to nothing if that is nil. */
static void
set_list(char *name, char **argv)
{
	Words w;

	words_init(&w);
	for (; argv != nil && *argv != nil; argv++)
		words_add(&w, *argv, nil);
	var_set(var_find(name), &w);
}

/* variables sets what every shell begins with, over what the environment brought. */
static void
variables(char **argv, char *rcname, char *cflag)
{
	char pid[20];

	status_set("");
	snprint(pid, sizeof pid, "%d", getpid());
	var_set1("pid", pid);
	var_set1("rcname", rcname);
	set_list("cflag", nil);
	if (cflag != nil)
		var_set1("cflag", cflag);
	set_list("*", argv);
}

/* start runs `. -bq init $*'. */
static void
start(char *init, char **argv)
{
	Words w;

	if (access(init, AREAD) < 0) {
		fprint(2, "rc: can't open %s: %s\n", init, proc_reason());
		exits("no rcmain");
	}
	words_init(&w);
	words_add(&w, ".", nil);
	words_add(&w, "-bq", nil);
	words_add(&w, init, nil);
	for (; *argv != nil; argv++)
		words_add(&w, *argv, nil);
	run_command(&w, Tail | Checked, 0);
	shell_exit();
}

void
main(int argc, char **argv)
{
	char *cflag, *init, *rcname;

	stack_start(&argc);
	rcname = argc > 0 ? argv[0] : "rc";
	init = "/rc/lib/rcmain";
	cflag = nil;
	flag['l'] = rcname[0] == '-';
	ARGBEGIN {
	case 'c':
		cflag = EARGF(usage());
		break;
	case 'm':
		init = EARGF(usage());
		break;
	default:
		if (ARGC() >= sizeof flag || strchr("srdiIlxebpvV", ARGC()) == nil)
			usage();
		flag[ARGC()] = 1;
	} ARGEND
	if (argc == 0 && cflag == nil && !flag['i'] && on_console())
		flag['i'] = 1;
	if (flag['I'])
		flag['i'] = 0;
	notes_start();
	env_import();
	variables(argv, rcname, cflag);
	start(init, argv);
}
