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

/* ---- section 1 ---- */

static char *keeps(void *arg)
{
	USED(arg);
	bind("#s", "/mnt", MREPL);
	if (puts("#c/drivers", "chdev & cpeλ") < 0)
		return "chdev";
	if (strcmp(contents("#c/drivers"), "#c cons\n#e env\n#p proc\n") != 0)
		return contents("#c/drivers");
	if (open("#d/0", OREAD) >= 0)
		return "#d";
	rerrstr(buf, sizeof buf);
	if (strcmp(buf, "mount/attach disallowed") != 0)
		return buf;
	if (open("/mnt", OREAD) < 0)
		return "what is bound stays";
	rfork(RFCNAMEG);
	if (open("#d/0", OREAD) >= 0)
		return "not in a new name space";
	if (puts("#c/drivers", "chdev ~") < 0)
		return "chdev ~";
	return open("#c/null", OREAD) < 0 ? "" : "not all";
}

static void naming(void)
{
	char name[300];
	Dir *d, *e;

	memset(name, 'x', sizeof name);
	memmove(name, "#c", 2);
	name[128] = '\0';
	failsas("a device with 128 bytes", open(name, OREAD), "file name syntax");
	name[127] = '\0';
	failsas("with 127", open(name, OREAD), "bad attach specifier");
	failsas("no such device", open("#", OREAD), "unknown device in # filename");
	same("chdev", run(RFNAMEG, keeps, nil), "");
	d = dirstat("#c/null");
	e = dirstat("#P");
	if (yes("stat", d != nil && e != nil)) {
		is("type", d->type, 'c');
		is("dev", d->dev, 0);
		same("uid", d->uid, getuser());
		same("gid", d->gid, getuser());
		same("muid", d->muid, getuser());
		yes("atime is now", time(nil) - (long)d->atime <= 2 && d->atime <= time(nil) + 1);
		yes("mtime is the kernel's", d->mtime > 1700000000 && d->mtime <= d->atime &&
			d->mtime == e->mtime);
		is("a directory", e->mode, DMDIR | 0555);
		same("its name", e->name, "#P");
	}
	free(d);
	free(e);
	failsas("directories are read only", open("#c", ORDWR), "permission denied");
	failsas("not removed at close", open("#c", OREAD | ORCLOSE), "permission denied");
	failsas("create", create("#c/x", OWRITE, 0666), "permission denied");
	failsas("remove", remove("#c/null"), "permission denied");
}

/* ---- #c ---- */

static char *consasnone(void *arg)
{
	static char *files[] = { "hostdomain", "hostowner", "time", "sysname", "cons", "consctl",
		"kmesg", "reboot", "bintime", "sysstat" };
	uint i;

	USED(arg);
	puts("#c/user", "none");
	for (i = 0; i < nelem(files); i++) {
		snprint(buf, sizeof buf, "#c/%s", files[i]);
		if (puts(buf, "1000000000") == 0)
			return files[i];
	}
	return open("#c/kmesg", OREAD) >= 0 ? "kmesg" : "";
}

static void console(void)
{
	static char *elsewhere[] = { "swap", "noteid", "pgrpid" };
	char name[40];
	int fd, i;

	same("what none may not write", run(0, consasnone, nil), "");
	memset(name, 'o', 28);
	name[28] = '\0';
	fails("hostowner of 28 bytes", puts("#c/hostowner", name), "bad arg in system call");
	fd = open("#c/sysname", OWRITE);
	is("sysname elsewhere than at 0", pwrite(fd, "x", 1, 1), -1);
	close(fd);
	fails("time of 13 bytes", puts("#c/time", "1795360139   "), "bad time control");
	for (i = 0; i < 3; i++) {
		snprint(buf, sizeof buf, "#c/%s", elsewhere[i]);
		failsas(elsewhere[i], open(buf, OREAD), "file does not exist");
	}
	fails("consctl", puts("#c/consctl", "cooked"), "bad arg in system call");
	failsas("consctl is not read", open("#c/consctl", OREAD), "permission denied");
	fd = open("#c/bintime", OREAD);
	yes("bintime of 7 bytes", read(fd, buf, 7) < 8);
	is("bintime at any offset", pread(fd, buf, 100, 1000), 24);
	close(fd);
	fd = open("#c/kmesg", OREAD);
	yes("kmesg has 16384 bytes at most", read(fd, buf, 8192) <= 8192 &&
		pread(fd, buf, 10, 16384) == 0);
	close(fd);
}

/* ---- #c/hostowner: processes and services follow ---- */

enum { NEST = 600 };

/* Boards in boards, deeper than the kernel's stack would be if each took some of it. */
static char *deepservice(void *arg)
{
	char *old = arg, name[32];
	Dir *d;
	long n;
	int i;

	chdir("#s");
	for (i = 0; i < NEST; i++) {
		n = read(open("clone", OREAD), name, sizeof name - 1);
		name[n < 0 ? 0 : n] = '\0';
		if (chdir(name) < 0)
			return "no board";
	}
	if (write(create("x", OWRITE, 0600), "0", 1) != 1)
		return "not posted";
	puts("#c/hostowner", "bootes");
	d = dirstat("x");
	puts("#c/hostowner", old);
	return d != nil && strcmp(d->uid, "bootes") == 0 ? "" : "did not follow";
}

static void hostowner(void)
{
	char old[32], *user;
	int pid = start(0, sleeps, (void *)100000), fd;
	Dir *d;

	strecpy(old, old + sizeof old, contents("#c/hostowner"));
	fd = create("#s/owned", OWRITE | ORCLOSE, 0600);
	close(create("#σc/owned", OREAD, DMDIR | 0700));
	reaches(pid, "Sleep");
	is("a new host owner", puts("#c/hostowner", "bootes"), 0);
	same("is told", contents("#c/hostowner"), "bootes");
	same("and the writer", contents("#c/user"), "bootes");
	user = contents(procfile(pid, "status"));
	begins("processes follow", user + 28, "bootes ");
	d = dirstat("#s/owned");
	same("services follow", d == nil ? nil : d->uid, "bootes");
	free(d);
	d = dirstat("#σc/owned");
	same("shares follow", d == nil ? nil : d->uid, "bootes");
	free(d);
	d = dirstat("#c/null");
	same("devices are his", d == nil ? nil : d->gid, "bootes");
	free(d);
	is("back again", puts("#c/hostowner", old), 0);
	same("the deepest service too", run(RFFDG, deepservice, old), "");
	same("the user too", getuser(), old);
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
	remove("#σc/owned");
	close(fd);
}

/* ---- #e ---- */

static char *envasnone(void *arg)
{
	USED(arg);
	puts("#c/user", "none");
	if (contents("#ec/cputype")[0] == '\0')
		return "cannot read";
	if (open("#ec/cputype", OWRITE) >= 0 || create("#ec/new", OWRITE, 0666) >= 0 ||
		remove("#ec/cputype") >= 0)
		return "changed";
	return "";
}

static void environment(void)
{
	int fd;
	Dir *d;

	rfork(RFCENVG);
	puts("#e/none", "");
	fd = create("#e/pinned", ORDWR, 0666);
	write(fd, "value", 5);
	chdir("#e");
	rfork(RFCENVG);
	is("an open variable stays", pread(fd, buf, 10, 0), 5);
	d = dirfstat(fd);
	is("as another group's", d == nil ? 0 : d->mode, 0664);
	free(d);
	failsas("a name means the group of now", open("pinned", OREAD), "file does not exist");
	fd = create("here", OWRITE, 0666);
	yes("create by it", fd >= 0);
	close(fd);
	yes("is in this group", open("#e/here", OREAD) >= 0);
	chdir("/");
	same("the configuration and others", run(0, envasnone, nil), "");
	fd = create("#ec/ours", OWRITE, 0666);
	yes("the host owner changes it", fd >= 0);
	close(fd);
	is("and removes", remove("#ec/ours"), 0);
}

/* ---- #s ---- */

static char *boardasnone(void *arg)
{
	char *dir = arg, name[64];
	Dir d;

	puts("#c/user", "none");
	snprint(name, sizeof name, "%s/clone", dir);
	if (open(name, OREAD) >= 0)
		return "walked into the board";
	rerrstr(name, sizeof name);
	if (strstr(name, "permission denied") == nil) {
		memmove(buf, name, sizeof name);
		return buf;
	}
	nulldir(&d);
	d.mode = 0777;
	return dirwstat(dir, &d) < 0 ? "" : "wstat";
}

static void services(void)
{
	int board = open("#s/clone", OREAD), fd, inner, i, at[3] = { -1, -1, -1 };
	char dir[40], name[64];
	Dir *d, null;
	long n;

	n = read(board, name, sizeof name - 1);
	name[n < 0 ? 0 : n] = '\0';
	snprint(dir, sizeof dir, "#s/%s", name);
	snprint(name, sizeof name, "%s/clone", dir);
	inner = open(name, OREAD);
	yes("a board in a board", inner >= 0);
	snprint(name, sizeof name, "%s/x", dir);
	fd = create(name, OWRITE, 0600);
	memset(buf, '1', 32);
	fails("32 bytes", write(fd, buf, 32), "read or write too large");
	is("blanks, a hexadecimal number", write(fd, " 0x0", 4), 4);
	close(fd);
	fd = open(dir, OREAD);
	n = dirread(fd, &d);
	for (i = 0; i < n; i++)
		at[strcmp(d[i].name, "clone") == 0 ? 0 : strcmp(d[i].name, "x") == 0 ? 1 : 2] = i;
	free(d);
	close(fd);
	yes("clone, services, boards", at[0] == 0 && at[1] == 1 && at[2] == 2);
	same("a board and others", run(0, boardasnone, dir), "");
	nulldir(&null);
	null.mode = 0555;
	failsas("wstat of clone", dirwstat("#s/clone", &null), "permission denied");
	failsas("remove of a board", remove(dir), "permission denied");
	close(board);
	snprint(name, sizeof name, "%s/0", dir);
	failsas("inner boards end too", open(name, OREAD), "file does not exist");
	close(inner);
}

/* ---- #r, #¶, #g ---- */

static char *clockasnone(void *arg)
{
	USED(arg);
	puts("#c/user", "none");
	if (open("#r/nvram", OREAD) >= 0 || open("#r/rtc", OWRITE) >= 0)
		return "opened";
	return contents("#r/rtc")[0] != '\0' ? "" : "cannot read";
}

static void clocks(void)
{
	int fd = open("#r/nvram", ORDWR);
	static char memory[256];
	long n = read(fd, memory, sizeof memory);

	yes("nvram is what is above the clock", n == 128 - 14 || n == 256 - 14);
	is("nvram from within", pread(fd, buf, 10, n - 3), 3);
	is("it goes on there", memcmp(buf, memory + n - 3, 3), 0);
	is("its end", pread(fd, buf, 10, n), 0);
	is("written at 0", pwrite(fd, memory, 4, 0), 4);
	is("nowhere else", pwrite(fd, memory, 4, 4), -1);
	close(fd);
	snprint(buf, sizeof buf, "%ld", time(nil));
	is("rtc written", puts("#r/rtc", buf), 0);
	same("rtc and others", run(0, clockasnone, nil), "");
	failsas("rtc: spec", open("#r1", OREAD), "bad attach specifier");
}

static char *fixedasnone(void *arg)
{
	USED(arg);
	puts("#c/user", "none");
	close(create("#g/rules", OREAD, DMDIR | 0777));
	if (puts("#g/rules/ctl", "va 0x40000000 4096 fixed") == 0 ||
		puts("#g/rules/ctl", "va 0x40000000 4096 sticky") == 0)
		return "made";
	rerrstr(buf, sizeof buf);
	remove("#g/rules");
	return buf;
}

static void memories(void)
{
	Dir *d;

	is("swapfile", modeof("#¶/swapfile"), 0600);
	is("swap", modeof("#¶/swap"), 0664);
	is("swap to nothing", puts("#¶/swap", "999"), -1);
	same("fixed and sticky are the host owner's", run(0, fixedasnone, nil),
		"permission denied");
	close(create("#g/rules", OREAD, DMDIR | 0700));
	is("a segment's directory", modeof("#g/rules"), DMDIR | 0777);
	is("its ctl", modeof("#g/rules/ctl"), 0660);
	d = dirstat("#g/rules/data");
	is("nothing yet", d == nil ? -1 : d->length, 0);
	free(d);
	fails("data", read(open("#g/rules/data", OREAD), buf, 1), "segment not yet allocated");
	fails("requoted", puts("#g/rules/ctl", "va 'a b'"),
		"wrong #args in control message \"va 'a b'\"");
	fails("another word", puts("#g/rules/ctl", "pa 1 2"), "unknown control message \"pa 1 2\"");
	remove("#g/rules");
}

/* ---- #| ---- */

static void pipes(void)
{
	int fd, p[2];
	Dir *d;

	is("a pipe's directory", modeof("#|"), DMDIR | 0500);
	failsas("another spec", open("#|x", OREAD), "bad attach specifier");
	rfork(RFNAMEG);
	bind("#|", "/mnt", MREPL);
	fd = open("/mnt", OREAD);
	is("two files", dirread(fd, &d), 2);
	free(d);
	close(fd);
	fd = open("/mnt/data", OEXEC);
	yes("any mode", fd >= 0);
	close(fd);
	unmount(nil, "/mnt");
	pipe(p);
	is("iounit", iounit(p[0]), 65536);
	close(p[0]);
	close(p[1]);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("devrules", 60);
	naming();
	console();
	hostowner();
	environment();
	services();
	clocks();
	memories();
	pipes();
	serial();
	boot();
	fdlines();
	waitfile();
	vanished();
	messages();
	done();
}
