/*
 * devices.md 1, 2, 5, 7, 9, 10, 15, 17: the rules that hold for every device, and those of single
 * files that need two processes, two users, or an odd order of things.
 */
#include "guest.h"

static char buf[8192];

/* ---- #t ---- */

static char *serialasnone(void *arg)
{
	Dir d;

	USED(arg);
	puts("#c/user", "none");
	nulldir(&d);
	d.mode = 0666;
	return dirwstat("#t/eia0", &d) < 0 ? "" : "changed";
}

/* On COM1: COM2 carries what the tests say. */
static void serial(void)
{
	int fd, r;
	Dir d;

	nulldir(&d);
	d.mode = 0600;
	yes("eia: wstat of the mode", dirwstat("#t/eia0", &d) >= 0);
	is("eia: it is that", modeof("#t/eia0"), 0600);
	is("eia: that of its ctl stays", modeof("#t/eia0ctl"), 0660);
	d.mode = 0660;
	dirwstat("#t/eia0", &d);
	nulldir(&d);
	d.name = "tty";
	failsas("eia: wstat of the name", dirwstat("#t/eia0", &d), "permission denied");
	same("eia: wstat by others", run(0, serialasnone, nil), "");
	is("eia: q", puts("#t/eia0ctl", "q1000"), 0);
	is("eia: a large q", puts("#t/eia0ctl", "Q65536"), 0);
	fails("eia: q of nothing", puts("#t/eia0ctl", "q0"), "bad arg in system call");
	fails("eia: no number", puts("#t/eia0ctl", "bfast"), "bad arg in system call");
	fails("eia: no such word", puts("#t/eia0ctl", "z1"), "bad arg in system call");
	is("eia: many words",
		puts("#t/eia0ctl", "b115200 l8 pn s1 c0 d1 e0 m0 r1 i8 n0 x0 w10 f"), 0);
	begins("eia: as they were given", contents("#t/eia0status"),
		"b115200 c0 d1 e0 l8 m0 pn r1 s1 i8\ndev(0) type(");
	is("eia: the other case", puts("#t/eia0ctl", "L7 Pe S2"), 0);
	begins("eia: changed", contents("#t/eia0status"), "b115200 c0 d1 e0 l7 m0 pe r1 s2 i8\n");
	puts("#t/eia0ctl", "l8 pn s1");
	is("eia: break", puts("#t/eia0ctl", "k1"), 0);
	fd = open("#t/eia0", ORDWR);
	is("eia: hang up", puts("#t/eia0ctl", "h"), 0);
	is("eia: a read then", read(fd, buf, 10), 0);
	fails("eia: a write then", write(fd, "x", 1), "i/o on hungup channel");
	close(fd);
	fd = open("#t/eia0", OWRITE);
	r = write(fd, "", 0);
	is("eia: the next open is as new", r, 0);
	close(fd);
}

/* ---- #/, #d, /proc/n/fd ---- */

static void boot(void)
{
	int fd = open("#//boot", OREAD), n, i, good = 0, bad = 0;
	char name[128];
	Dir *d;

	while ((n = dirread(fd, &d)) > 0) {
		for (i = 0; i < n; i++) {
			snprint(name, sizeof name, "#//boot/%s", d[i].name);
			if (strstr(d[i].name, ".tar") == nil)
				continue;
			if (d[i].mode == 0555)
				good++;
			else
				bad++;
		}
		free(d);
	}
	close(fd);
	yes("boot: files handed to the kernel", good > 0);
	is("boot: of mode 0555", bad, 0);
}

static void fdlines(void)
{
	int fd[3], i;
	static char *mode[] = { "r ", "w ", "rw" };
	char name[32], want[16];

	for (i = 0; i < 3; i++) {
		fd[i] = open("/dev/null", i);
		snprint(name, sizeof name, "#d/%dctl", fd[i]);
		snprint(want, sizeof want, "%3d %s c ", fd[i], mode[i]);
		begins("fd: mode in two columns", contents(name), want);
	}
	for (i = 0; i < 3; i++)
		close(fd[i]);
}

/* ---- /proc ---- */

static char *sleeps(void *arg)
{
	sleep((int)(uintptr)arg);
	return "";
}

/* Has a child when it is told to, which leaves a record. */
static char *forks(void *arg)
{
	int *p = arg;

	read(p[0], buf, 1);
	if (rfork(RFPROC) == 0)
		_exits("child");
	sleep(10000);
	return "";
}

static char *forksandexits(void *arg)
{
	int *p = arg;

	read(p[0], buf, 1);
	return "";
}

/* Another's wait file waits also while there is no child. */
static void waitfile(void)
{
	int p[2], pid, reader;

	pipe(p);
	pid = start(0, forks, p);
	reader = rfork(RFPROC);
	if (reader == 0) {
		int fd = open(procfile(pid, "wait"), OREAD);
		long n = read(fd, buf, sizeof buf - 1);

		buf[n < 0 ? 0 : n] = '\0';
		_exits(strstr(buf, "child'") != nil ? nil : "no record");
	}
	yes("wait of another blocks", reaches(reader, "Pread"));
	write(p[1], "x", 1);
	same("until a child leaves a record", statusof(reader), "");
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
	pid = start(0, forksandexits, p);
	reader = rfork(RFPROC);
	if (reader == 0) {
		int fd = open(procfile(pid, "wait"), OREAD);

		read(fd, buf, sizeof buf);
		rerrstr(buf, sizeof buf);
		_exits(buf);
	}
	yes("wait of one without children", reaches(reader, "Pread"));
	write(p[1], "x", 1);
	same("until it exits", statusof(reader), "process exited");
	close(p[0]);
	close(p[1]);
}

static void vanished(void)
{
	int pid = start(0, sleeps, (void *)10000), fd;
	char dir[32], name[64];

	snprint(dir, sizeof dir, "/proc/%d", pid);
	fd = open(dir, OREAD);
	is("chdir to a process", chdir(dir), 0);
	puts("ctl", "kill");
	statusof(pid);
	fails("read of its directory", read(fd, buf, sizeof buf), "process exited");
	fails("open in it", open("status", OREAD), "'status' process exited");
	snprint(name, sizeof name, "../%d/status", getpid());
	pid = open(name, OREAD);
	yes("the way out of it", pid >= 0);
	close(pid);
	chdir("/");
	close(fd);
}

static void messages(void)
{
	fails("ctl: requoted", puts(procfile(getpid(), "ctl"), "trace 1 'a b'"),
		"wrong #args in control message \"trace 1 'a b'\"");
	fails("ctl: requoted", puts(procfile(getpid(), "ctl"), "'it''s' x"),
		"unknown control message \"'it''s' x\"");
	fails("ctl: blanks", puts(procfile(getpid(), "ctl"), "  frob \t now\n"),
		"unknown control message \"frob now\"");
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("devrules", 60);
	serial();
	boot();
	fdlines();
	waitfile();
	vanished();
	messages();
	done();
}
