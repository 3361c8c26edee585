/*
 * time command [arg ...]: run a command and say on descriptor 2 how long it took, as
 * user, system and real time. The exit status is the command's.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: time command [arg ...]\n");
	exits("usage");
}

/* run replaces the process by the command; it returns if there is none. */
static void
run(char *argv[])
{
	char *name, why[ERRMAX];

	exec(argv[0], argv);
	if (argv[0][0] == '/' || argv[0][0] == '#' || strncmp(argv[0], "./", 2) == 0 ||
		strncmp(argv[0], "../", 3) == 0)
		return;
	rerrstr(why, sizeof why);
	name = smprint("/bin/%s", argv[0]);
	if (name != nil)
		exec(name, argv);
}

/* onnote lets the command alone decide what an interrupt does. */
static void
onnote(void *ureg, char *note)
{
	USED(ureg);
	if (strcmp(note, "interrupt") == 0)
		noted(NCONT);
	noted(NDFLT);
}

static Waitmsg *
waitfor(int pid)
{
	Waitmsg *w;
	char why[ERRMAX];

	for (;;) {
		w = wait();
		if (w == nil) {
			rerrstr(why, sizeof why);
			if (strcmp(why, "interrupted") != 0)
				sysfatal("can't wait: %r");
		} else if (w->pid == pid)
			return w;
		free(w);
	}
}

static void
seconds(Fmt *f, uint ms, char unit)
{
	fmtprint(f, "%ud.%.2ud%c ", ms / 1000, ms % 1000 / 10, unit);
}

static void
report(Waitmsg *w, int argc, char *argv[])
{
	char buf[256];
	Fmt f;
	int i;

	fmtfdinit(&f, 2, buf, sizeof buf);
	seconds(&f, w->time[0], 'u');
	seconds(&f, w->time[1], 's');
	seconds(&f, w->time[2], 'r');
	fmtprint(&f, "\t");
	for (i = 0; i < argc && i < 5; i++)
		fmtprint(&f, " %s", argv[i]);
	if (argc >= 5)
		fmtprint(&f, " ...");
	if (w->msg[0] != '\0')
		fmtprint(&f, " # status=%s", w->msg);
	fmtprint(&f, "\n");
	fmtfdflush(&f);
}

void
main(int argc, char *argv[])
{
	Waitmsg *w;
	int pid;

	argv0 = argv[0];
	argc--;
	argv++;
	if (argc > 0 && strcmp(argv[0], "--") == 0) {
		argc--;
		argv++;
	}
	if (argc == 0 || (argv[0][0] == '-' && argv[0][1] != '\0'))
		usage();
	pid = fork();
	if (pid < 0)
		sysfatal("can't fork: %r");
	if (pid == 0) {
		run(argv);
		fprint(2, "time: %s: %r\n", argv[0]);
		exits("exec");
	}
	notify(onnote);
	w = waitfor(pid);
	report(w, argc, argv);
	exits(w->msg);
}
