/*
 * p [-lines] [file ...]: show files a screen of 22 lines at a time. After each the
 * program waits for a line from /dev/cons: empty goes on, q leaves, ! and a command
 * runs it and waits again.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

static Biobuf bout;
static Biobuf *cons;
static int lines = 22;

static void
usage(void)
{
	fprint(2, "usage: p [-number] [file ...]\n");
	exits("usage");
}

/* run hands a line to the shell and waits for it. */
static void
run(char *command)
{
	int pid;

	pid = fork();
	if (pid < 0) {
		fprint(2, "p: can't fork: %r\n");
		return;
	}
	if (pid == 0) {
		dup(Bfildes(cons), 0);
		execl("/bin/rc", "rc", "-c", command, nil);
		sysfatal("can't run /bin/rc: %r");
	}
	while (waitpid() != pid)
		;
	print("!\n");
}

/* prompt waits for the user to want more. */
static void
prompt(void)
{
	char *line;

	Bflush(&bout);
	for (;;) {
		line = Brdstr(cons, '\n', 1);
		if (line == nil || line[0] == 'q')
			exits(nil);
		if (line[0] != '!') {
			free(line);
			return;
		}
		run(line + 1);
		free(line);
	}
}

/* show copies a file; the pause comes before a line that would not fit, the newline
 * of the last line being the user's to type. */
static void
show(Biobuf *in)
{
	char *line;
	int n;

	n = 0;
	while ((line = Brdstr(in, '\n', 1)) != nil) {
		if (n == lines) {
			prompt();
			n = 0;
		} else if (n > 0)
			Bputc(&bout, '\n');
		Bwrite(&bout, line, strlen(line));
		free(line);
		n++;
	}
	if (n > 0)
		Bputc(&bout, '\n');
	Bflush(&bout);
}

void
main(int argc, char *argv[])
{
	Biobuf *in;
	int i;

	argv0 = argv[0];
	argc--;
	argv++;
	if (argc > 0 && argv[0][0] == '-' && argv[0][1] != '\0') {
		lines = atoi(argv[0] + 1);
		if (lines <= 0)
			usage();
		argc--;
		argv++;
	}
	cons = Bopen("/dev/cons", OREAD);
	if (cons == nil)
		sysfatal("can't open /dev/cons: %r");
	Binit(&bout, 1, OWRITE);
	if (argc == 0) {
		in = Bfdopen(0, OREAD);
		if (in == nil)
			sysfatal("no memory: %r");
		show(in);
	}
	for (i = 0; i < argc; i++) {
		in = Bopen(argv[i], OREAD);
		if (in == nil)
			sysfatal("can't open %s: %r", argv[i]);
		show(in);
		Bterm(in);
	}
	exits(nil);
}
