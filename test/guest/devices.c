/*
 * devices.md 2 to 4, 7, 9, 15, 17: the root, the console's files, environments, services,
 * descriptors as files, serial lines, the clock, memory.
 */
#include "guest.h"

static char buf[70000];

static int isnumber(char *s, int width)
{
	int i = 0;

	while (i < width - 2 && s[i] == ' ')
		i++;
	for (; i < width - 1; i++)
		if (s[i] < '0' || s[i] > '9')
			return 0;
	return s[width - 1] == ' ';
}

/* Numbers of those widths, and no more. */
static int arenumbers(char *s, int *width, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if ((int)strlen(s) < width[i] || !isnumber(s, width[i]))
			return 0;
		s += width[i];
	}
	return *s == '\0';
}

static int lists(char *dir, char *name)
{
	int fd = open(dir, OREAD), i, found = 0;
	long n;
	Dir *d;

	while ((n = dirread(fd, &d)) > 0) {
		for (i = 0; i < n; i++)
			found += strcmp(d[i].name, name) == 0;
		free(d);
	}
	close(fd);
	return found;
}

/* ---- #/ ---- */

static void root(void)
{
	char *dirs[] = { "bin", "boot", "dev", "env", "fd", "mnt", "n", "net", "net.alt", "proc",
		"rc", "root", "srv", "shr" };
	char name[64];
	int fd;
	uint i;

	for (i = 0; i < nelem(dirs); i++) {
		snprint(name, sizeof name, "#//%s", dirs[i]);
		is(name, modeof(name), DMDIR | 0555);
		is("listed", lists("#/", dirs[i]), 1);
	}
	is("mode of the root", modeof("#/"), DMDIR | 0555);
	fd = open("/", OREAD);
	fd2path(fd, buf, sizeof buf);
	same("its path", buf, "/");
	close(fd);
	fd = open("/..", OREAD);
	fd2path(fd, buf, sizeof buf);
	same("dot-dot stays", buf, "/");
	close(fd);
	failsas("creation", create("#//boot/x", OWRITE, 0666), "permission denied");
	fails("writing a directory", open("#//boot", OWRITE), "'#//boot' permission denied");
	fd = open("/bin/ls", OREAD);
	is("a file at any offset", pread(fd, buf, 3, 1) == 3 && memcmp(buf, "ELF", 3) == 0, 1);
	is("beyond the end", pread(fd, buf, 3, 100000000), 0);
	close(fd);
}

/* ---- #c ---- */

static void consmodes(void)
{
	static struct {
		char *name;
		uint mode;
	} files[] = { { "bintime", 0664 }, { "cons", 0660 }, { "consctl", 0220 },
		{ "config", 0444 }, { "cputime", 0444 }, { "drivers", 0666 },
		{ "failalloc", 0660 },
		{ "hang", 0444 }, { "hostdomain", 0664 }, { "hostowner", 0664 }, { "kmesg", 0440 },
		{ "kprint", 0440 | DMEXCL }, { "kprof", 0660 }, { "locks", 0444 },
		{ "mordor", 0666 },
		{ "null", 0666 },
		{ "osversion", 0444 }, { "pid", 0444 }, { "ppid", 0444 }, { "random", 0444 },
		{ "reboot", 0220 }, { "sysname", 0664 }, { "sysstat", 0664 }, { "time", 0664 },
		{ "trace", 0660 },
		{ "user", 0666 }, { "zero", 0444 } };
	char name[64];
	uint i;

	for (i = 0; i < nelem(files); i++) {
		snprint(name, sizeof name, "#c/%s", files[i].name);
		is(name, modeof(name), files[i].mode);
		is("listed", lists("#c", files[i].name), 1);
	}
}

/* A line of five fields for each class; a build that counts has counted. */
static void locks(void)
{
	char *s = contents("#c/locks"), *line[200], *f[6];
	int n = getfields(s, line, nelem(line), 1, "\n"), i, good = 0, known = 0;

	for (i = 0; i < n; i++) {
		if (tokenize(line[i], f, nelem(f)) == 5)
			good++;
		if (strcmp(f[0], "mem.heap") == 0 || strcmp(f[0], "proc.table") == 0)
			known += strcmp(f[2], "-") == 0 || atoll(f[2]) > 0;
	}
	yes("locks: five fields a line", n > 20 && good == n);
	is("locks: the heap and the processes have some", known, 2);
	fails("locks: written", open("#c/locks", OWRITE), "'#c/locks' permission denied");
}

/* A child that waits in a pipe is told with what it waits for and the functions it waits in. */
static void hang(void)
{
	char want[64], *s = nil, *line = nil;
	int p[2], pid, i;

	pipe(p);
	switch (pid = fork()) {
	case 0:
		close(p[0]);
		read(p[1], want, 1);
		exits(nil);
	}
	close(p[1]);
	snprint(want, sizeof want, "%d devices Wakeme Pread ", pid);
	for (i = 0; line == nil && i < 500; i++) {
		sleep(10);
		s = contents("#c/hang");
		line = strstr(s, want);
	}
	yes("hang: who waits, and in what", line != nil);
	if (line == nil)
		return;
	yes("hang: how long, and until when", strstr(line, " s until is_woken\n") != nil);
	line = strchr(line, '\n');
	yes("hang: where", line != nil && strncmp(line, "\n\t", 2) == 0 &&
		strstr(line, " < queue_read+0x") != nil);
	snprint(want, sizeof want, "%d devices Running Pread\n", getpid());
	yes("hang: who runs", strstr(s, want) != nil);
	fails("hang: written", open("#c/hang", OWRITE), "'#c/hang' permission denied");
	close(p[0]);
	waitpid();
}

static void numbers(void)
{
	int six[] = { 12, 12, 12, 12, 12, 12 }, four[] = { 12, 22, 22, 22 }, one[] = { 12 };
	int ten[] = { 12, 12, 12, 12, 12, 12, 12, 12, 12, 12 };
	vlong t;
	char *s, *end, *f[4];

	yes("cputime", arenumbers(contents("#c/cputime"), six, 6));
	yes("time", arenumbers(contents("#c/time"), four, 4));
	tokenize(contents("#c/time"), f, 4);
	t = atoll(f[1]) / 1000000000;
	yes("seconds and nanoseconds", t - atoll(f[0]) <= 1 && t - atoll(f[0]) >= 0);
	yes("this century", atoll(f[0]) > 1700000000);
	yes("ticks and their rate", atoll(f[2]) > 0 && atoll(f[3]) > 1000);
	yes("pid", arenumbers(contents("#c/pid"), one, 1) && atoi(contents("#c/pid")) == getpid());
	yes("ppid", arenumbers(contents("#c/ppid"), one, 1));
	same("osversion", contents("#c/osversion"), "2000");
	s = contents("#c/sysstat");
	yes("sysstat: lines of 121 bytes", strlen(s) > 0 && strlen(s) % 121 == 0);
	end = strchr(s, '\n');
	yes("ten numbers", end == s + 120 && (*end = '\0', arenumbers(s, ten, 10)));
	is("processor 0", atoi(s), 0);
	yes("system calls", atoi(s + 36) > 0);
	is("a write", puts("#c/sysstat", "x"), 0);
	s = contents("#c/sysstat");
	yes("clears them", atoi(s + 36) < 100);
	yes("bintime", nsec() / 1000000000 >= t);
}

static void bintime(void)
{
	uchar b[32];
	uvlong v[3];
	int fd = open("#c/bintime", ORDWR), i, k;

	is("24 bytes", read(fd, b, 32), 24);
	for (i = 0; i < 3; i++)
		for (v[i] = k = 0; k < 8; k++)
			v[i] = v[i] << 8 | b[8 * i + k];
	yes("nanoseconds", v[0] > 1700000000000000000ULL);
	yes("rate", v[2] > 1000);
	is("16 bytes", read(fd, b, 23), 16);
	is("8 bytes", read(fd, b, 15), 8);
	fails("a short command", write(fd, "n", 1), "bad time control");
	fails("an unknown one", write(fd, "x12345678", 9), "bad time control");
	close(fd);
	fails("time: no number", puts("#c/time", "abc"), "bad time control");
	fails("time: 0", puts("#c/time", "0"), "bad time control");
}

static void texts(void)
{
	char domain[100], *s;
	int fd, kfd;
	long n;

	s = contents("#c/drivers");
	yes("drivers", strstr(s, "#c cons\n") != nil && strstr(s, "#p proc\n") != nil);
	fails("chdev", puts("#c/drivers", "chdev"), "bad arg in system call");
	fails("chdev with another sign", puts("#c/drivers", "chdev + s"), "bad arg in system call");
	fails("another command", puts("#c/drivers", "frob & s"), "bad arg in system call");
	yes("config", contents("#c/config")[0] != '\0');
	strecpy(domain, domain + sizeof domain, contents("#c/hostdomain"));
	is("hostdomain", puts("#c/hostdomain", "example.org"), 0);
	same("is set", contents("#c/hostdomain"), "example.org");
	memset(buf, 'd', 48);
	buf[48] = '\0';
	fails("48 bytes", puts("#c/hostdomain", buf), "bad arg in system call");
	buf[47] = '\0';
	is("47 bytes", puts("#c/hostdomain", buf), 0);
	if (domain[0] != '\0')
		puts("#c/hostdomain", domain);
	same("hostowner", contents("#c/hostowner"), getuser());
	same("user", contents("#c/user"), getuser());
	fails("user: another", puts("#c/user", "nonesuch"), "permission denied");
	strecpy(domain, domain + sizeof domain, contents("#c/sysname"));
	is("sysname", puts("#c/sysname", "lynx\n"), 0);
	same("without its newline", contents("#c/sysname"), "lynx");
	memset(buf, 's', 256);
	buf[256] = '\0';
	yes("256 bytes", puts("#c/sysname", buf) == -1);
	puts("#c/sysname", domain);
	fd = open("#c/random", OREAD);
	is("random is never short", read(fd, buf, 60000), 60000);
	is("nor the same", memcmp(buf, buf + 30000, 30000) == 0, 0);
	close(fd);
	fd = open("#c/zero", OREAD);
	memset(buf, 1, 1000);
	is("zero", read(fd, buf, 1000), 1000);
	is("zero", buf[999], 0);
	close(fd);
	fails("mordor", (fd = open("#c/mordor", ORDWR), read(fd, buf, 1)),
		"one does not simply read from mordor");
	fails("mordor", write(fd, buf, 1), "one does not simply write into mordor");
	close(fd);
	kfd = open("#c/kprint", OREAD);
	yes("kprint", kfd >= 0);
	failsas("once", open("#c/kprint", OREAD), "device or object already in use");
	fd = open("#c/cons", OWRITE);
	n = write(fd, "BOOT of devices.c\n", 18); /* a line that smoke takes for the kernel's */
	is("cons", n, 18);
	close(fd);
	n = read(kfd, buf, 1000);
	buf[n < 0 ? 0 : n] = '\0';
	yes("kprint has it", strstr(buf, "BOOT of devices.c") != nil);
	close(kfd);
	yes("kmesg too", strstr(contents("#c/kmesg"), "BOOT of devices.c\n") != nil);
	yes("kmesg has the kernel's lines", strstr(contents("#c/kmesg"), "clock: ") != nil);
	fails("reboot", puts("#c/reboot", "frob"), "unknown control message \"frob\"");
	fails("reboot of nothing", puts("#c/reboot", "\n"), "empty control message");
	failsas("a kernel that is not", puts("#c/reboot", "reboot /none/such"), "");
	failsas("no such file", open("#c/swap", OREAD), "file does not exist");
	fails("spec", open("#cx", OREAD), "bad attach specifier");
}

/* ---- #e ---- */

static char *foreign(void *arg)
{
	USED(arg);
	if (puts("#c/user", "none") < 0)
		return "user";
	return create("#e/foreign", OWRITE, 0666) < 0 ? "refused" : "created";
}

static void environments(void)
{
	int fd, fd2;
	char name[200];
	Dir *d, null;
	uint vers;

	rfork(RFENVG);
	fd = create("#e/v", ORDWR, 0);
	yes("create", fd >= 0);
	is("perm is ignored", modeof("#e/v"), 0666);
	d = dirfstat(fd);
	vers = d->qid.vers;
	free(d);
	is("write", write(fd, "a\0b", 3), 3);
	is("write", write(fd, "cd", 2), 2);
	d = dirfstat(fd);
	is("vers counts writes", d->qid.vers - vers, 2);
	is("length", d->length, 5);
	free(d);
	is("read at an offset", pread(fd, buf, 10, 3), 2);
	is("write beyond the end", pwrite(fd, "z", 1, 9), 1);
	is("length", pread(fd, buf, 100, 0), 10);
	is("zeros between", memcmp(buf, "a\0bcd\0\0\0\0z", 10), 0);
	fd2 = open("#e/v", OWRITE | OTRUNC);
	is("OTRUNC empties", pread(fd, buf, 10, 0), 0);
	close(fd2);
	fails("too large", pwrite(fd, "z", 1, 512 * 1024), "read or write too large");
	is("not too large", pwrite(fd, "z", 1, 512 * 1024 - 1), 1);
	failsas("an existing name", create("#e/v", OWRITE | OEXCL, 0), "file already exists");
	nulldir(&null);
	null.mode = 0600;
	failsas("wstat", dirwstat("#e/v", &null), "permission denied");
	is("remove", remove("#e/v"), 0);
	fails("an open file that was removed", pread(fd, buf, 10, 0), "file does not exist");
	close(fd);
	fd = create("#e/w", OWRITE | ORCLOSE, 0);
	close(fd);
	failsas("ORCLOSE", open("#e/w", OREAD), "file does not exist");
	memset(name, 'n', sizeof name);
	memmove(name, "#e/", 3);
	name[3 + 128] = '\0';
	failsas("a name of 128 bytes", create(name, OWRITE, 0), "name too long");
	name[3 + 127] = '\0';
	fd = create(name, OWRITE, 0);
	yes("of 127", fd >= 0);
	close(fd);
	remove(name);
	fd = create("#e/dir", OREAD, DMDIR | 0777);
	is("a directory is none", modeof("#e/dir"), 0666);
	close(fd);
	fails("another spec", open("#ex", OREAD), "bad arg in system call");
	is("#ec", modeof("#ec/cputype"), 0664);
	same("cputype", contents("#ec/cputype"), "amd64");
	memset(buf, 'g', sizeof buf);
	for (fd2 = 0; fd2 < 40; fd2++) {
		snprint(name, sizeof name, "#e/big%d", fd2);
		fd = create(name, OWRITE, 0);
		if (write(fd, buf, 65000) != 65000)
			break;
		close(fd);
	}
	fails("a group above 1 MB", -1, "kernel allocate failed");
	yes("not below", fd2 >= 15 && fd2 <= 16);
	close(fd);
	rfork(RFCENVG);
	same("none writes in its own group", run(RFENVG, foreign, nil), "created");
}

/* ---- #s ---- */

static char *stranger(void *arg)
{
	USED(arg);
	if (puts("#c/user", "none") < 0)
		return "user";
	if (remove("#s/guest") >= 0)
		return "removed";
	if (open("#s/guest", ORDWR) >= 0)
		return "opened";
	return "";
}

static void services(void)
{
	int fd, fd2, p[2];
	char name[200];
	Dir null, *d;
	long n;

	is("mode", modeof("#s"), DMDIR | 0777);
	fd = open("#s", OREAD);
	n = dirread(fd, &d);
	yes("clone comes first", n > 0 && strcmp(d[0].name, "clone") == 0);
	is("its mode", n > 0 ? d[0].mode : 0, 0444);
	free(d);
	close(fd);
	failsas("create for reading", create("#s/guest", OREAD, 0600), "permission denied");
	fd = create("#s/guest", OWRITE, 0640);
	is("its mode", modeof("#s/guest"), 0640);
	fails("no number", write(fd, "abc", 3), "fd out of range or not open");
	fails("no descriptor", write(fd, "999", 3), "fd out of range or not open");
	failsas("nothing posted yet", open("#s/guest", ORDWR), "device shut down");
	pipe(p);
	snprint(name, sizeof name, "0x%x", p[0]);
	n = strlen(name);
	is("a number as strtoul takes it", write(fd, name, n), n);
	fails("once", write(fd, name, n), "inappropriate use of fd");
	close(fd);
	failsas("OTRUNC", open("#s/guest", ORDWR | OTRUNC), "file already exists");
	failsas("ORCLOSE", open("#s/guest", ORDWR | ORCLOSE), "permission denied");
	fd = open("#s/guest", OREAD);
	yes("a mode below ORDWR", fd >= 0);
	close(fd);
	same("another user", run(0, stranger, nil), "");
	nulldir(&null);
	null.name = "clone";
	failsas("a name that is taken", dirwstat("#s/guest", &null), "");
	null.name = "renamed";
	null.mode = 0666;
	yes("wstat", dirwstat("#s/guest", &null) > 0);
	is("mode and name", modeof("#s/renamed"), 0666);
	failsas("the old name", open("#s/guest", ORDWR), "file does not exist");
	is("remove", remove("#s/renamed"), 0);
	close(p[0]);
	is("drops the channel", read(p[1], buf, 10), 0);
	close(p[1]);
	/* a channel for reading is opened for nothing else */
	fd2 = open("/dev/zero", OREAD);
	fd = create("#s/zero", OWRITE | ORCLOSE, 0666);
	snprint(name, sizeof name, "%d", fd2);
	write(fd, name, strlen(name));
	failsas("the mode of the channel", open("#s/zero", OWRITE), "permission denied");
	p[0] = open("#s/zero", OREAD);
	is("for reading", read(p[0], buf, 5), 5);
	close(p[0]);
	close(fd2);
	close(fd);
	failsas("ORCLOSE at create", open("#s/zero", OREAD), "file does not exist");
	memset(name, 's', sizeof name);
	memmove(name, "#s/", 3);
	name[3 + 128] = '\0';
	failsas("a name of 128 bytes", create(name, OWRITE, 0600), "name too long");
	failsas("clone", create("#s/clone", OWRITE | OEXCL, 0600), "file already exists");
}

static void boards(void)
{
	int board = open("#s/clone", OREAD), fd, inner;
	char dir[64], name[80];
	long n;

	n = read(board, buf, 20);
	buf[n < 0 ? 0 : n] = '\0';
	snprint(dir, sizeof dir, "#s/%d", atoi(buf));
	yes("a number", n > 0 && buf[0] >= '0' && buf[0] <= '9');
	is("the board", modeof(dir), DMDIR | 0770);
	snprint(name, sizeof name, "%s/x", dir);
	fd = create(name, OWRITE, 0600);
	is("a service in it", write(fd, "0", 1), 1);
	close(fd);
	inner = open(name, OREAD);
	yes("can be opened", inner >= 0);
	close(inner);
	is("it has its own clone", lists(dir, "clone"), 1);
	fd = open(dir, OREAD);
	close(board);
	failsas("the board ends with its lease", open(name, OREAD), "");
	n = read(fd, buf, sizeof buf);
	fails("and further use", n, "device shut down");
	close(fd);
}

/* ---- #d ---- */

static void dups(void)
{
	int fd = open("/dev/zero", OREAD), fd2, w = open("/dev/null", OWRITE),
	    b = open("/dev/null", ORDWR);
	char name[32], want[200];
	Dir *d;

	snprint(name, sizeof name, "#d/%d", fd);
	is("mode of a descriptor for reading", modeof(name), 0400);
	fails("for writing", open(name, OWRITE),
		(snprint(want, sizeof want, "'%s' inappropriate use of fd", name), want));
	failsas("ORCLOSE", open(name, OREAD | ORCLOSE), "permission denied");
	fd2 = open(name, OREAD);
	read(fd, buf, 100);
	is("one offset", seek(fd2, 0, 1), 100);
	close(fd2);
	snprint(name, sizeof name, "#d/%dctl", fd);
	is("mode of ctl", modeof(name), 0400);
	d = dirfstat(fd);
	snprint(want, sizeof want, "%3d r  c %4d (%.16llux %d %.2ux) %5d %8d /dev/zero\n", fd,
		d->dev, d->qid.path, d->qid.vers, d->qid.type, 0, 100);
	free(d);
	same("its line", contents(name), want);
	snprint(name, sizeof name, "#d/%d", w);
	is("mode of one for writing", modeof(name), 0200);
	snprint(name, sizeof name, "#d/%d", b);
	is("for both", modeof(name), 0600);
	fd2 = open(name, OREAD);
	yes("for both, opened for reading", fd2 >= 0);
	close(fd2);
	close(fd);
	close(w);
	close(b);
	snprint(name, sizeof name, "%d", b);
	is("closed ones are not listed", lists("#d", name), 0);
	failsas("nor there", open("#d/999", OREAD), "file does not exist");
}

/* ---- #t, #r, memory ---- */

static void serial(void)
{
	char *s;

	is("eia1", modeof("#t/eia1"), 0660);
	is("eia1ctl", modeof("#t/eia1ctl"), 0660);
	is("eia1status", modeof("#t/eia1status"), 0444);
	s = contents("#t/eia1status");
	yes("status, the first line",
		s[0] == 'b' && strstr(s, " c") != nil && strstr(s, " l8 ") != nil &&
			strstr(s, " pn ") != nil && strstr(s, " s1 ") != nil &&
			strchr(s, '\n') != nil);
	s = strchr(s, '\n');
	yes("the second",
		s != nil && strncmp(s + 1, "dev(", 4) == 0 && strstr(s, ") type(") != nil &&
			strstr(s, ") framing(") != nil && strstr(s, ") overruns(") != nil &&
			strstr(s, ") berr(") != nil && strstr(s, ") serr(") != nil);
	yes("its end", s != nil && s[strlen(s) - 1] == '\n');
	fails("a bad value", puts("#t/eia1ctl", "l9"), "bad arg in system call");
	fails("a bad parity", puts("#t/eia1ctl", "pz"), "bad arg in system call");
	is("a good one", puts("#t/eia1ctl", "l8"), 0);
	is("two", puts("#t/eia1ctl", "l8 S1"), 0);
	yes("ctl reads a number", isnumber(contents("#t/eia1ctl"), 12));
}

static void clocks(void)
{
	vlong now, t;
	int one[] = { 12 };

	is("rtc", modeof("#r/rtc"), 0664);
	is("nvram", modeof("#r/nvram"), 0664);
	yes("rtc has 12 bytes", arenumbers(contents("#r/rtc"), one, 1));
	t = atoll(contents("#r/rtc"));
	now = nsec() / 1000000000;
	yes("it goes as the clock", t - now <= 2 && now - t <= 2);
	yes("rtc takes numbers only", puts("#r/rtc", "abc") == -1);
}

static void memories(void)
{
	char *s = contents("/dev/swap"), *lines[16],
	     *names[] = { " memory", " pagesize", " kernel", " user", " swap", " reclaim",
		     " kernel malloc", " kernel draw", " kernel secret" };
	int i, n = getfields(s, lines, 16, 1, "\n"), good = 0;
	long k;
	uvlong u, of;

	for (i = 0; i < n && i < (int)nelem(names); i++) {
		k = strspn(lines[i], "0123456789/");
		good += k > 0 && strcmp(lines[i] + k, names[i]) == 0;
	}
	is("lines of swap", good, nelem(names));
	same("pagesize", lines[1], "4096 pagesize");
	/* used and of how much; of malloc the third is the most there was */
	for (i = 3; i < n; i++) {
		u = strtoull(lines[i], &s, 10);
		of = strtoull(s + 1, &s, 10);
		yes(lines[i], u <= of && (strstr(lines[i], "malloc") == nil ||
			strtoull(s + 1, nil, 10) >= u));
	}
	s = contents("/dev/audit");
	yes("audit", strstr(s, ", 0 violations\n") != nil);
}

void main(int argc, char **argv)
{
	begin("devices", 90);
	root();
	consmodes();
	numbers();
	locks();
	hang();
	bintime();
	texts();
	environments();
	services();
	boards();
	dups();
	serial();
	clocks();
	memories();
	done();
}
