/*
 * A program for the guest, built against lib/: what process.md 3 and
 * devices.md promise about names, descriptors, name spaces and the devices of
 * this room's neighbours. One line a failure, then `files: N passed, M failed`.
 */
#include <u.h>
#include <libc.h>

static int passed, failed;
static char *where;

static void check(int ok, char *what)
{
	char err[ERRMAX];

	if (ok) {
		passed++;
		return;
	}
	failed++;
	rerrstr(err, sizeof err);
	print("not ok: %s: %s (error: %s)\n", where, what, err);
}

/* The call just made failed and left this error. */
static void fails(long r, char *want)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	if (r == -1 && strcmp(err, want) == 0) {
		passed++;
		return;
	}
	failed++;
	print("not ok: %s: result %ld, error `%s', wanted `%s'\n", where, r, err, want);
}

static char notes[4][ERRMAX];
static int nnotes;

static int onnote(void *u, char *text)
{
	USED(u);
	if (nnotes < 4)
		strcpy(notes[nnotes], text);
	nnotes++;
	return 1;
}

static void names(void)
{
	int fd;
	char buf[256], longname[300];

	where = "names";
	fails(open("", OREAD), "empty file name");
	fails(open("/nonesuch", OREAD), "'/nonesuch' file does not exist");
	fails(open("/nonesuch/x/y", OREAD), "'/nonesuch' file does not exist");
	fails(open("/dev/null/x", OREAD), "'/dev/null' not a directory");
	fails(open("/dev/null/", OREAD), "'/dev/null' not a directory");
	fails(open("/dev/null/.", OREAD), "'/dev/null' not a directory");
	fails(open("/dev/null/..", OREAD), "'/dev/null' not a directory");
	fails(open("/a\001b", OREAD), "bad character in file name: /a\001b");
	fails(open("#zz/x", OREAD), "unknown device in # filename");
	fails(open("#", OREAD), "unknown device in # filename");
	fails(open("#cspec", OREAD), "bad attach specifier");
	fails(open("#M", OREAD), "mount/attach disallowed");
	fails(open("/it's", OREAD), "'/it''s' file does not exist");
	fails(open("/dev", OEXEC), "'/dev' cannot exec directory");
	fails(open("/dev", OWRITE), "'/dev' permission denied");
	fails(open("/dev/null", 0x80), "bad arg in system call");
	fails(open("/dev/null", OEXCL), "bad arg in system call");
	memset(longname, 'x', sizeof longname);
	longname[0] = '/';
	longname[sizeof longname - 1] = 0;
	check(open(longname, OREAD) == -1, "long name");
	rerrstr(buf, sizeof buf);
	check(strncmp(buf, "'...xx", 6) == 0 && strstr(buf, "' file does not exist") != 0 &&
		strlen(buf) <= 127 && strlen(buf) > 120, "long name is cut in front");
	check((fd = open("//dev/./..//dev/null", OREAD)) >= 0, "dots and slashes");
	check(fd2path(fd, buf, sizeof buf) == 0 && strcmp(buf, "/dev/null") == 0, "fd2path");
	close(fd);
	check((fd = open("#c/null", OREAD)) >= 0, "#c/null");
	check(fd2path(fd, buf, sizeof buf) == 0 && strcmp(buf, "#c/null") == 0,
		"fd2path of #c/null");
	check(fd2path(fd, buf, 4) == 0 && strcmp(buf, "#c/") == 0, "fd2path cut");
	close(fd);
	check((fd = open("/..", OREAD)) >= 0 && fd2path(fd, buf, sizeof buf) == 0 &&
		strcmp(buf, "/") == 0, "dot-dot of the root");
	close(fd);
	check(chdir("/dev") == 0, "chdir");
	check((fd = open(".", OREAD)) >= 0 && fd2path(fd, buf, sizeof buf) == 0 &&
		strcmp(buf, "/dev") == 0, "dot");
	close(fd);
	check((fd = open("..", OREAD)) >= 0 && fd2path(fd, buf, sizeof buf) == 0 &&
		strcmp(buf, "/") == 0, "dot-dot");
	close(fd);
	fails(chdir("null"), "'null' not a directory");
	fails(chdir("nonesuch/x"), "'nonesuch' file does not exist");
	chdir("/tmp");
}

static void descriptors(void)
{
	int fd, i, fds[2];

	where = "descriptors";
	fails(close(1000), "fd out of range or not open");
	fails(dup(1000, -1), "fd out of range or not open");
	fails(dup(0, 4999999), "fd out of range or not open");
	check((fd = dup(0, -1)) > 2, "dup");
	check(dup(0, fd) == fd, "dup onto itself");
	close(fd);
	fails(read(fd, &i, 1), "fd out of range or not open");
	check((fd = open("/dev/null", OREAD)) >= 0, "open");
	fails(write(fd, "x", 1), "inappropriate use of fd");
	close(fd);
	check((fd = open("/dev/null", OWRITE)) >= 0, "open");
	fails(read(fd, &i, 1), "inappropriate use of fd");
	fails(pread(fd, &i, 1, -5), "inappropriate use of fd");
	fails(pwrite(fd, &i, 1, -5), "negative i/o offset");
	close(fd);
	for (i = 0; i < 1500; i++)
		if (dup(0, -1) < 0)
			break;
	check(i == 1500, "1500 descriptors");
	for (; i < 6000; i++)
		if (dup(0, -1) < 0)
			break;
	fails(-1, "no free file descriptors");
	check(i > 4900 && i < 5100, "about 5000 descriptors");
	fails(pipe(fds), "no free file descriptors");
	for (i = 3; i < 5100; i++)
		close(i);
}

static void creating(void)
{
	int fd;
	char buf[64];

	where = "creating";
	remove("/tmp/f");
	check((fd = create("/tmp/f", OWRITE, 0666)) >= 0, "create");
	check(write(fd, "hello", 5) == 5, "write");
	close(fd);
	fails(create("/tmp/f", OWRITE|OEXCL, 0666), "'/tmp/f' file already exists");
	fails(create("/", OREAD, 0666), "'/' file already exists");
	fails(create("/tmp/g/", OREAD, 0666), "'/tmp' create without DMDIR");
	fails(create("/tmp/none/g", OREAD, 0666), "'/tmp/none' file does not exist");
	fails(create("/dev/x", OREAD, 0666), "'/dev/x' mounted directory forbids creation");
	fails(create("#c/x", OREAD, 0666), "'#c/x' permission denied");
	check((fd = create("/tmp/f", ORDWR, 0600)) >= 0, "create again");
	check(read(fd, buf, sizeof buf) == 0, "is truncated");
	check(write(fd, "abcdef", 6) == 6, "write");
	check(seek(fd, 0, 0) == 0 && read(fd, buf, 3) == 3 && memcmp(buf, "abc", 3) == 0, "read");
	check(pread(fd, buf, 2, 4) == 2 && memcmp(buf, "ef", 2) == 0, "pread");
	check(read(fd, buf, 3) == 3 && memcmp(buf, "def", 3) == 0, "pread leaves the offset");
	check(seek(fd, -2, 1) == 4, "seek back");
	check(seek(fd, -1, 2) == 5, "seek from the end");
	fails(seek(fd, -10, 1), "negative i/o offset");
	fails(seek(fd, 0, 3), "bad arg in system call");
	close(fd);
	check((fd = create("/tmp/d", OREAD, DMDIR|0777)) >= 0, "create a directory");
	fails(write(fd, "x", 1), "file is a directory");
	fails(seek(fd, 1, 0), "file is a directory");
	check(seek(fd, 0, 0) == 0, "rewind");
	close(fd);
	check((fd = open("/tmp/f", OREAD|ORCLOSE)) >= 0, "ORCLOSE");
	close(fd);
	fails(open("/tmp/f", OREAD), "'/tmp/f' file does not exist");
	check(remove("/tmp/d") == 0, "remove");
	fails(remove("/tmp/d"), "'/tmp/d' file does not exist");
	fails(remove("/tmp"), "'/tmp' is a mount point");
	check(remove("/dev/null") == -1, "remove of a device file");
}

static int contains(char *dir, char *name)
{
	Dir *d;
	int fd, i, found = 0;
	long n;

	if ((fd = open(dir, OREAD)) < 0)
		return -1;
	while ((n = dirread(fd, &d)) > 0) {
		for (i = 0; i < n; i++)
			if (strcmp(d[i].name, name) == 0)
				found++;
		free(d);
	}
	close(fd);
	return found;
}

static void touch(char *name, char *text)
{
	int fd = create(name, OWRITE, 0666);

	if (fd >= 0) {
		write(fd, text, strlen(text));
		close(fd);
	}
}

static void mkdir(char *name)
{
	close(create(name, OREAD, DMDIR|0777));
}

static char *contents(char *name)
{
	static char buf[1024];
	int fd = open(name, OREAD);
	long n = fd < 0 ? -1 : read(fd, buf, sizeof buf - 1);

	close(fd);
	buf[n < 0 ? 0 : n] = 0;
	return buf;
}

static void namespace(void)
{
	char buf[128];
	int fd = -1;

	where = "name space";
	rfork(RFNAMEG);
	mkdir("/tmp/a");
	mkdir("/tmp/b");
	mkdir("/tmp/c");
	mkdir("/tmp/a/sub");
	touch("/tmp/a/fa", "a");
	touch("/tmp/b/fb", "b");
	touch("/tmp/b/same", "from b");
	touch("/tmp/a/same", "from a");
	fails(bind("/tmp/a", "/tmp/b", 8), "bad arg in system call");
	fails(bind("/tmp/a", "/tmp/b", MBEFORE|MAFTER), "bad arg in system call");
	fails(bind("/tmp/a/fa", "/tmp/b", MREPL), "inconsistent mount");
	fails(bind("/tmp/a/fa", "/tmp/b/fb", MAFTER), "inconsistent mount");
	fails(bind("/tmp/none", "/tmp/b", MREPL), "'/tmp/none' file does not exist");
	fails(unmount(0, "/tmp/b"), "not mounted");
	check(bind("/tmp/a", "/tmp/b", MAFTER) == 0, "bind -a");
	check(contains("/tmp/b", "fa") == 1 && contains("/tmp/b", "fb") == 1 &&
		contains("/tmp/b", "same") == 2, "union is read whole");
	check(strcmp(contents("/tmp/b/same"), "from b") == 0, "the original comes first");
	fails(create("/tmp/b/new", OREAD, 0666), "'/tmp/b/new' mounted directory forbids creation");
	check(bind("/tmp/c", "/tmp/b", MBEFORE|MCREATE) == 0, "bind -bc");
	touch("/tmp/b/new", "n");
	check(strcmp(contents("/tmp/c/new"), "n") == 0, "created in the first member with -c");
	touch("/tmp/b/same", "changed");
	check(strcmp(contents("/tmp/b/same"), "changed") == 0, "existing file of a union");
	fails(remove("/tmp/b"), "'/tmp/b' is a mount point");
	check(chdir("/tmp/b/sub") == 0, "chdir below a union");
	check(chdir("..") == 0 && (fd = open(".", OREAD)) >= 0 &&
		fd2path(fd, buf, sizeof buf) == 0 && strcmp(buf, "/tmp/b") == 0,
		"dot-dot to a union");
	close(fd);
	check(contains(".", "fa") == 1 && contains(".", "fb") == 1 && contains(".", "new") == 1,
		"which is whole again");
	chdir("/tmp");
	fails(unmount("/tmp/a/sub", "/tmp/b"), "not in union");
	check(unmount("/tmp/a", "/tmp/b") == 0, "unmount one");
	check(contains("/tmp/b", "fa") == 0 && contains("/tmp/b", "fb") == 1, "it is gone");
	check(unmount(0, "/tmp/b") == 0, "unmount all");
	check(contains("/tmp/b", "new") == 0 && contains("/tmp/b", "fb") == 1, "all is gone");
}

/* Files, unions bound elsewhere, and the way out. */
static void binds(void)
{
	char buf[128];
	int fd = -1;

	where = "binds";
	check(bind("/tmp/a/fa", "/tmp/b/fb", MREPL) == 0, "bind a file");
	check(strcmp(contents("/tmp/b/fb"), "a") == 0, "file shows");
	fails(unmount("/tmp/c", "/tmp/b/fb"), "not in union");
	check(unmount("/tmp/a/fa", "/tmp/b/fb") == 0, "unmount file");
	check(bind("/tmp/a", "/tmp/c", MREPL) == 0 && bind("/tmp/b", "/tmp/c", MAFTER) == 0,
		"replace, then after");
	check(contains("/tmp/c", "fa") == 1 && contains("/tmp/c", "fb") == 1, "both");
	mkdir("/tmp/e");
	check(bind("/tmp/c", "/tmp/e", MREPL) == 0 && contains("/tmp/e", "fa") == 1 &&
		contains("/tmp/e", "fb") == 1, "binding a union copies its members");
	fails(bind("/tmp/c", "/tmp/e", MREPL|MCREATE), "inconsistent mount");
	unmount(0, "/tmp/e");
	unmount(0, "/tmp/c");
	/* Out through the mount, not through the thing mounted. */
	check(bind("/tmp/a", "/mnt", MREPL) == 0 && chdir("/mnt/sub/../..") == 0 &&
		(fd = open(".", OREAD)) >= 0 && fd2path(fd, buf, sizeof buf) == 0 &&
		strcmp(buf, "/") == 0 && contains(".", "tmp") == 1, "dot-dot out of a bind");
	close(fd);
	unmount(0, "/mnt");
	chdir("/tmp");
}

/* What namespace and binds leave behind. */
static void cleanup(void)
{
	static char *left[] = {
		"/tmp/a/fa", "/tmp/a/same", "/tmp/a/sub", "/tmp/b/fb", "/tmp/b/same", "/tmp/c/new",
		"/tmp/a", "/tmp/b", "/tmp/c", "/tmp/e",
	};

	for (int i = 0; i < (int)nelem(left); i++)
		remove(left[i]);
}

static void directories(void)
{
	char buf[8192];
	uchar st[300];
	long n, total, step;
	int fd;
	Dir *d;

	where = "directories";
	check((fd = open("/dev", OREAD)) >= 0, "open");
	fails(read(fd, buf, 10), "i/o count too small");
	check((n = read(fd, buf, 200)) >= 49, "small reads give whole entries");
	fails(pread(fd, buf, sizeof buf, 17), "seek in directory");
	check(pread(fd, buf, sizeof buf, n) > 0, "pread at the offset goes on");
	check(pread(fd, buf, sizeof buf, 0) >= n, "pread at 0 rewinds");
	close(fd);
	fd = open("/dev", OREAD);
	for (total = 0; (n = read(fd, buf, 120)) > 0; total += n)
		;
	check(n == 0, "small reads end well");
	close(fd);
	fd = open("/dev", OREAD);
	for (step = 0; (n = read(fd, buf, sizeof buf)) > 0; step += n)
		;
	check(total == step, "small and large reads give as much");
	close(fd);
	check(contains("/", "dev") == 1 && contains("/fd", "0") == 1 &&
		contains("/fd", "0ctl") == 1,
		"listing");
	check((d = dirstat("/")) != 0 && d->name[0] == 0 && (d->mode & DMDIR), "stat /");
	free(d);
	check((d = dirstat("/dev/null")) != 0 && strcmp(d->name, "null") == 0 && d->type == 'c' &&
		d->length == 0, "stat /dev/null");
	free(d);
	check((d = dirstat("/dev")) != 0 && strcmp(d->name, "dev") == 0 && d->type == 'c',
		"stat of a mount point");
	free(d);
	check(stat("/dev/null", st, 2) == 2 && (st[0] | st[1] << 8) > 49, "short form");
	fails(stat("/dev/null", st, 1), "stat buffer too small");
	check((n = stat("/dev/null", st, sizeof st)) == (st[0] | st[1] << 8) + 2, "stat");
	fails(wstat("/dev/null", st, n - 1), "malformed stat buffer");
	check(wstat("/dev/null", st, n) == -1, "wstat of a device");
}

static void pipes(void)
{
	int p[2], i;
	char buf[128], *big;
	long n;
	Dir *d;

	where = "pipes";
	check(pipe(p) == 0, "pipe");
	check(fd2path(p[0], buf, sizeof buf) == 0 && strcmp(buf, "#|/data") == 0, "path of end 0");
	check(fd2path(p[1], buf, sizeof buf) == 0 && strcmp(buf, "#|/data1") == 0, "path of end 1");
	check(write(p[0], "0123456789", 10) == 10 && write(p[0], "abcdefghij", 10) == 10,
		"two writes");
	check((d = dirfstat(p[1])) != 0 && d->length == 20, "length");
	free(d);
	check(read(p[1], buf, 100) == 10, "one block a read");
	check(read(p[1], buf, 4) == 4 && read(p[1], buf, 100) == 6 && memcmp(buf, "efghij", 6) == 0,
		"the rest of a block");
	check(write(p[1], "", 0) == 0 && read(p[0], buf, 10) == 0, "zero-length write");
	fails(seek(p[0], 0, 0), "seek on a stream");
	check(write(p[1], "back", 4) == 4 && read(p[0], buf, 10) == 4, "the other way");
	big = malloc(200000);
	memset(big, 'z', 200000);
	check(write(p[0], big, 200000) == 200000, "write below the limit does not block");
	for (n = 0; n < 200000; n += i)
		if ((i = read(p[1], big, 200000)) <= 0 || i > 65536)
			break;
	check(n == 200000, "blocks of 64 KiB");
	write(p[0], "last", 4);
	close(p[0]);
	check(read(p[1], buf, 10) == 4, "drain");
	check(read(p[1], buf, 10) == 0 && read(p[1], buf, 10) == 0 && read(p[1], buf, 10) == 0,
		"three ends");
	fails(read(p[1], buf, 10), "i/o on hungup channel");
	nnotes = 0;
	fails(write(p[1], "x", 1), "i/o on hungup channel");
	check(nnotes == 1 && strncmp(notes[0], "sys: write on closed pipe pc=0x", 31) == 0, "note");
	close(p[1]);
	pipe(p);
	nnotes = 0;
	alarm(50);
	fails(read(p[0], buf, 1), "interrupted");
	alarm(50);
	fails(write(p[0], big, 200000) < 0 ? -1 : write(p[0], big, 200000), "interrupted");
	check(nnotes == 2 && strcmp(notes[0], "alarm") == 0, "alarms");
	close(p[0]);
	close(p[1]);
	free(big);
	check(bind("#|", "/mnt", MREPL) == 0, "bind #|");
	check((p[0] = open("/mnt/data", OWRITE)) >= 0 && (p[1] = open("/mnt/data1", OREAD)) >= 0,
		"named pipe");
	check(write(p[0], "abc", 3) == 3 && read(p[1], buf, 10) == 3, "works");
	close(p[0]);
	close(p[1]);
	unmount(0, "/mnt");
}

static void busypipe(void)
{
	enum { N = 10*1024*1024, CHUNK = 65536 };
	int p[2], n;
	long total = 0;
	vlong start = nsec();
	char *buf = malloc(CHUNK);

	where = "busy pipe";
	pipe(p);
	if (fork() == 0) {
		close(p[1]);
		for (total = 0; total < N; total += CHUNK)
			write(p[0], buf, CHUNK);
		exits(0);
	}
	close(p[0]);
	while ((n = read(p[1], buf, CHUNK)) > 0)
		total += n;
	close(p[1]);
	free(wait());
	check(total == N, "10 MB arrive");
	print("files: 10 MB through a pipe in %lld us\n", (nsec() - start) / 1000);
	free(buf);
}

static void services(void)
{
	int fd, fd2, board, p[2];
	char buf[128];

	where = "srv";
	remove("/srv/x");
	fails(open("/srv/none", ORDWR), "'/srv/none' file does not exist");
	fails(create("/srv/x", ORDWR, 0600), "'/srv/x' permission denied");
	check((fd = create("/srv/x", OWRITE, 0600)) >= 0, "create");
	fails(open("/srv/x", OREAD), "'/srv/x' device shut down");
	fails(create("/srv/x", OWRITE, 0600), "'/srv/x' file already exists");
	pipe(p);
	sprint(buf, "%d", p[0]);
	check(write(fd, buf, strlen(buf)) == (long)strlen(buf), "post");
	fails(write(fd, buf, strlen(buf)), "inappropriate use of fd");
	close(fd);
	close(p[0]);
	check((fd = open("/srv/x", ORDWR)) >= 0, "open");
	check(write(p[1], "abc", 3) == 3 && read(fd, buf, 10) == 3, "it is the channel");
	check(fd2path(fd, buf, sizeof buf) == 0 && strcmp(buf, "#|/data") == 0, "itself");
	close(fd);
	check(remove("/srv/x") == 0, "remove");
	check(read(p[1], buf, 10) == 0, "the last reference went");
	close(p[1]);
	fd = open("/env/files_test", OREAD);
	fd = create("/tmp/off", ORDWR, 0666);
	write(fd, "abcdef", 6);
	seek(fd, 0, 0);
	fd2 = create("/srv/x", OWRITE|ORCLOSE, 0600);
	sprint(buf, "%d", fd);
	write(fd2, buf, strlen(buf));
	board = open("/srv/x", ORDWR);
	check(read(board, buf, 2) == 2 && read(fd, buf, 2) == 2 && memcmp(buf, "cd", 2) == 0,
		"shared offset");
	close(board);
	close(fd2);
	fails(open("/srv/x", ORDWR), "'/srv/x' file does not exist");
	close(fd);
	remove("/tmp/off");
	check((board = open("/srv/clone", OREAD)) >= 0, "clone");
	check((fd = read(board, buf, 20)) > 0, "read its number");
	buf[fd > 0 ? fd : 0] = 0;
	check(contains("/srv", buf) == 1, "board is listed");
	memmove(buf + 64, buf, 20);
	sprint(buf, "/srv/%s/s", buf + 64);
	check((fd = create(buf, OWRITE, 0600)) >= 0 && write(fd, "0", 1) == 1, "post in it");
	close(fd);
	check((fd = open(buf, OREAD)) >= 0, "open in it");
	close(fd);
	close(board);
	check(open(buf, OREAD) == -1, "board ends with its lease");
}

static void environment(void)
{
	int fd, i;
	char buf[64];
	Waitmsg *w;

	where = "env";
	check((fd = create("/env/ft", OWRITE, 0)) >= 0 && write(fd, "a\0b", 3) == 3, "create");
	close(fd);
	check((fd = open("/env/ft", OREAD)) >= 0 && read(fd, buf, sizeof buf) == 3 &&
		memcmp(buf, "a\0b", 3) == 0,
		"read");
	close(fd);
	if (fork() == 0) {
		rfork(RFENVG);
		touch("/env/ft", "changed");
		exits(strcmp(contents("/env/ft"), "changed") == 0 ? "" : "bad");
	}
	w = wait();
	check(w != 0 && w->msg[0] == 0, "child has its own");
	free(w);
	fd = open("/env/ft", ORDWR);
	check(read(fd, buf, sizeof buf) == 3 && memcmp(buf, "a\0b", 3) == 0, "parent unchanged");
	check(pwrite(fd, "z", 1, 6) == 1 && pread(fd, buf, sizeof buf, 0) == 7 &&
		memcmp(buf, "a\0b\0\0\0z", 7) == 0, "zero fill");
	fails(pwrite(fd, "z", 1, 600000), "read or write too large");
	check(remove("/env/ft") == 0, "remove");
	fails(read(fd, buf, 1), "file does not exist");
	close(fd);
	for (i = 0; i < 130; i++)
		buf[i % 64] = 'n';
	fails(open("#ex/y", OREAD), "bad arg in system call");
	check(open("#ec/cputype", OREAD) >= 0, "#ec");
}

static void console(void)
{
	char buf[100];
	int fd, fd2;
	long n;

	where = "cons";
	fd = open("/dev/time", OREAD);
	check(read(fd, buf, sizeof buf) == 78, "time");
	seek(fd, 0, 0);
	for (n = 0; n < 7; n++)
		check(read(fd, buf, 10) == 10, "time by tens");
	check(read(fd, buf, 10) == 8 && read(fd, buf, 10) == 0, "time ends");
	close(fd);
	check((fd = open("/dev/bintime", OREAD)) >= 0 && read(fd, buf, 24) == 24 &&
		read(fd, buf, 23) == 16 &&
		read(fd, buf, 8) == 8, "bintime");
	close(fd);
	check(strlen(contents("/dev/cputime")) == 72, "cputime");
	check(strlen(contents("/dev/pid")) == 12 && atoi(contents("/dev/pid")) == getpid(), "pid");
	check(strlen(contents("/dev/sysstat")) % 121 == 0, "sysstat");
	check(strcmp(contents("/dev/osversion"), "2000") == 0, "osversion");
	check((fd = open("/dev/random", OREAD)) >= 0 && read(fd, buf, 100) == 100, "random");
	close(fd);
	memset(buf, 1, sizeof buf);
	check((fd = open("/dev/zero", OREAD)) >= 0 && read(fd, buf, 100) == 100 &&
		buf[0] == 0 && buf[99] == 0,
		"zero");
	close(fd);
	check((fd = open("/dev/null", ORDWR|OTRUNC)) >= 0 && write(fd, buf, 77) == 77 &&
		read(fd, buf, 1) == 0,
		"null");
	close(fd);
	fd = open("/dev/mordor", ORDWR);
	fails(read(fd, buf, 1), "one does not simply read from mordor");
	fails(write(fd, buf, 1), "one does not simply write into mordor");
	close(fd);
	check((fd = open("/dev/kprint", OREAD)) >= 0, "kprint");
	fails(fd2 = open("/dev/kprint", OREAD), "'/dev/kprint' device or object already in use");
	close(fd);
	check((fd = open("/dev/user", ORDWR)) >= 0, "user");
	fails(write(fd, "nonesuch", 8), "permission denied");
	if (fork() == 0) {
		n = write(fd, "none", 4);
		if (n != 4 || strcmp(contents("/dev/user"), "none") != 0)
			exits("user");
		if (write(fd, "none", 4) != 4 || create("/dev/hostowner", OWRITE, 0) >= 0)
			exits("hostowner");
		exits(0);
	}
	Waitmsg *w = wait();
	check(w != 0 && w->msg[0] == 0, "become none");
	free(w);
	close(fd);
	fd = open("/dev/reboot", OWRITE);
	fails(write(fd, "frob", 4), "unknown control message \"frob\"");
	fails(write(fd, "halt now", 8), "wrong #args in control message \"halt now\"");
	fails(write(fd, "\n", 1), "empty control message");
	close(fd);
	fd = open("/dev/consctl", OWRITE);
	fails(write(fd, "frob", 4), "bad arg in system call");
	check(write(fd, "rawon", 5) == 5 && write(fd, "rawoff", 6) == 6, "consctl");
	close(fd);
	check(strstr(contents("/dev/swap"), "4096 pagesize\n") != 0, "swap");
	fd = open("/dev/audit", OREAD);
	n = read(fd, buf, sizeof buf - 1);
	buf[n < 0 ? 0 : n] = 0;
	check(strstr(buf, ", 0 violations\n") != 0, "audit");
	close(fd);
}

static void dups(void)
{
	int fd, fd2;
	char buf[200], name[20];
	long n = 0;

	where = "dup device";
	fd = open("/dev/null", OREAD);
	sprint(name, "#d/%d", fd);
	fails(open(name, OWRITE), (sprint(buf, "'%s' inappropriate use of fd", name), buf));
	check((fd2 = open(name, OREAD|OCEXEC)) >= 0, "open");
	close(fd2);
	sprint(name, "#d/%dctl", fd);
	check((fd2 = open(name, OREAD)) >= 0 && (n = read(fd2, buf, sizeof buf - 1)) > 0, "ctl");
	buf[n] = 0;
	sprint(name, "%3d r  c    0 (", fd);
	check(strncmp(buf, name, strlen(name)) == 0 && strstr(buf, " /dev/null\n") != 0,
		"ctl line");
	close(fd2);
	close(fd);
	fails(open("#d/99", OREAD), "'#d/99' file does not exist");
	fails(open("#d/0x", OREAD), "'#d/0x' file does not exist");
}

static void masks(void)
{
	Waitmsg *w;

	where = "device masks";
	if (fork() == 0) {
		rfork(RFNAMEG|RFNOMNT);
		if (open("#s", OREAD) >= 0 || open("#c/null", OREAD) < 0 || open("/srv", OREAD) < 0)
			exits("nomount");
		if (mount(0, -1, "/mnt", MREPL, "") != -1)
			exits("mount");
		exits(0);
	}
	w = wait();
	check(w != 0 && w->msg[0] == 0, w == 0 ? "no message" : w->msg);
	free(w);
	if (fork() == 0) {
		rfork(RFNAMEG);
		touch("/dev/drivers", "chdev &~ s");
		if (open("#s", OREAD) >= 0 || open("#e", OREAD) < 0)
			exits("chdev");
		if (strstr(contents("/dev/drivers"), "#s srv\n") != 0)
			exits("drivers");
		if (unmount("#s", "/srv") != 0)
			exits("unmount");
		exits(0);
	}
	w = wait();
	check(w != 0 && w->msg[0] == 0, w == 0 ? "no message" : w->msg);
	free(w);
}

static void speed(void)
{
	enum { N = 20000 };
	vlong start = nsec();
	int i;

	for (i = 0; i < N; i++)
		close(open("/dev/null", OREAD));
	print("files: open and close of /dev/null in %lld ns\n", (nsec() - start) / N);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	atnotify(onnote, 1);
	names();
	descriptors();
	creating();
	namespace();
	binds();
	cleanup();
	directories();
	pipes();
	busypipe();
	services();
	environment();
	console();
	dups();
	masks();
	speed();
	print("files: %d passed, %d failed\n", passed, failed);
	exits(failed == 0 ? 0 : "failed");
}
