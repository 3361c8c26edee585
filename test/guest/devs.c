/*
 * The table of checks of devices.md, section 22: the rows about devices that are there,
 * one after the other, named by their first column.
 */
#include "guest.h"

static char note[ERRMAX];

static void onnote(void *u, char *s)
{
	USED(u);
	strecpy(note, note + sizeof note, s);
	noted(NCONT);
}

static char *mine(char *file)
{
	return procfile(getpid(), file);
}

static void sizes(void)
{
	char buf[200];
	int fd, i;

	fd = open("#c/time", OREAD);
	is("read #c/time whole", read(fd, buf, sizeof buf), 78);
	seek(fd, 0, 0);
	for (i = 0; i < 7; i++)
		if (read(fd, buf, 10) != 10)
			break;
	is("#c/time 10 bytes at a time", i, 7);
	is("#c/time, the eighth read", read(fd, buf, 10), 8);
	is("#c/time, then", read(fd, buf, 10), 0);
	close(fd);
	is("read #c/cputime whole", read(fd = open("#c/cputime", OREAD), buf, sizeof buf), 72);
	close(fd);
	is("read #c/pid whole", read(fd = open("#c/pid", OREAD), buf, sizeof buf), 12);
	close(fd);
}

static char *becomenone(void *arg)
{
	USED(arg);
	if (puts("#c/user", "none") != 0)
		return "none was refused";
	if (puts("#c/user", "glenda") == 0 || strcmp(contents("#c/user"), "none") != 0)
		return "undone";
	return nil;
}

static char *unmountmasked(void *arg)
{
	USED(arg);
	if (bind("#s", "/srv", MREPL) < 0 || puts("#c/drivers", "chdev &~ s") != 0)
		return "no mask";
	if (open("#s", OREAD) >= 0)
		return "opened";
	return unmount("#s", "/srv") == 0 ? nil : "refused";
}

static void names(void)
{
	fails("write nonesuch to #c/user", puts("#c/user", "nonesuch"), "permission denied");
	same("exactly none succeeds", run(0, becomenone, nil), "");
	failsas("open #zz/x", open("#zz/x", OREAD), "unknown device in # filename");
	same("unmount of a masked device", run(RFNAMEG, unmountmasked, nil), "");
}

/* Reads the lines of /proc/n/ns: whether each read gives one line, the last being cd. */
static int onelineeach(void)
{
	static char buf[8192];
	int fd = open(mine("ns"), OREAD), last = 0, good = 1;
	long n;

	while ((n = read(fd, buf, sizeof buf - 1)) > 0) {
		buf[n] = '\0';
		good &= !last && strchr(buf, '\n') == buf + n - 1;
		last = strncmp(buf, "cd ", 3) == 0;
	}
	close(fd);
	return good && last && n == 0;
}

static char *privately(void *arg)
{
	static char err[ERRMAX];

	USED(arg);
	puts(mine("ctl"), "private");
	if (open(mine("mem"), OREAD) >= 0)
		return "opened";
	rerrstr(err, sizeof err);
	return err;
}

static char *waitless(void *arg)
{
	static char err[ERRMAX];
	char buf[64];

	USED(arg);
	if (read(open(mine("wait"), OREAD), buf, sizeof buf) >= 0)
		return "read";
	rerrstr(err, sizeof err);
	return err;
}

static void processes(void)
{
	static char big[129];
	Dir *d = dirstat("/proc/1/status");

	is("stat /proc/1/status: length", d->length, 176);
	is("stat /proc/1/status: mode", d->mode, 0444);
	free(d);
	yes("read /proc/n/ns", onelineeach());
	fails("write hang now to ctl", puts(mine("ctl"), "hang now"),
		"wrong #args in control message \"hang now\"");
	fails("write frob to ctl", puts(mine("ctl"), "frob"),
		"unknown control message \"frob\"");
	memset(big, 'x', 128);
	fails("write a 128-byte note", puts(mine("note"), big), "read or write too large");
	begins("open #p/n/mem after private", run(0, privately, nil), "'/proc/");
	yes("it is denied", strstr(statusof(start(0, privately, nil)), "permission denied") != nil);
	same("read own #p/n/wait without children", run(0, waitless, nil), "no living children");
}

static void pipes(void)
{
	char buf[200];
	int p[2];

	pipe(p);
	write(p[0], "0123456789", 10);
	write(p[0], "abcdefghij", 10);
	is("pipe: read 100", read(p[1], buf, 100), 10);
	is("pipe: read again", read(p[1], buf, 100), 10);
	fails("seek on a pipe", seek(p[0], 0, 0), "seek on a stream");
	close(p[0]);
	is("closed pipe: 1", read(p[1], buf, 100), 0);
	is("closed pipe: 2", read(p[1], buf, 100), 0);
	is("closed pipe: 3", read(p[1], buf, 100), 0);
	fails("closed pipe: then", read(p[1], buf, 100), "i/o on hungup channel");
	notify(onnote);
	fails("closed pipe: write", write(p[1], "x", 1), "i/o on hungup channel");
	begins("closed pipe: note", note, "sys: write on closed pipe");
	notify(nil);
	close(p[1]);
}

static void services(void)
{
	char buf[8];
	int fd, file, c;

	file = open("/bin/rc", OREAD);
	fd = create("#s/devs.x", OWRITE, 0600);
	failsas("open #s/x before writing it", open("#s/devs.x", OREAD), "device shut down");
	fprint(fd, "%d", file);
	close(fd);
	c = open("#s/devs.x", OREAD);
	is("open #s/x", read(c, buf, 5), 5);
	is("shares the offset", seek(file, 0, 1), 5);
	failsas("create #s/x twice", create("#s/devs.x", OWRITE, 0600), "file already exists");
	remove("#s/devs.x");
	snprint(buf, sizeof buf, "#d/%d", file);
	failsas("open #d/n of a read-only fd for writing", open(buf, OWRITE),
		"inappropriate use of fd");
	close(c);
	close(file);
}

static char *changeenv(void *arg)
{
	USED(arg);
	return puts("#e/devs", "changed") == 0 ? nil : "not written";
}

static void environment(void)
{
	char buf[16];
	int fd = create("#e/devs", OWRITE, 0666);

	write(fd, "a\0b", 3);
	close(fd);
	same("#e: change in a child", run(RFENVG, changeenv, nil), "");
	is("#e: length", read(fd = open("#e/devs", OREAD), buf, sizeof buf), 3);
	is("#e: parent unchanged", memcmp(buf, "a\0b", 3), 0);
	close(fd);
	remove("#e/devs");
}

static void directories(void)
{
	char buf[10];
	int fd, other;

	fd = open("#c/kprint", OREAD);
	other = open("#c/kprint", OREAD);
	failsas("two opens of kprint", other, "device or object already in use");
	close(fd);
	fd = open("#c", OREAD);
	fails("directory read with a 10-byte buffer", read(fd, buf, 10), "i/o count too small");
	fails("write to a directory", write(fd, "x", 1), "file is a directory");
	close(fd);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("devs", 60);
	sizes();
	names();
	processes();
	pipes();
	services();
	environment();
	directories();
	done();
}
