/*
 * process.md 3: names, open modes, create, descriptors, offsets, name spaces, stat: what
 * files.c does not check.
 */
#include "guest.h"

static char buf[8192];

static int make(char *name, uint perm, char *text)
{
	int fd = create(name, perm & DMDIR ? OREAD : OWRITE, perm);
	long n = strlen(text);
	int r = fd < 0 || (n > 0 && write(fd, text, n) != n) ? -1 : 0;

	close(fd);
	return r;
}

static char *pathof(int fd)
{
	static char path[512];

	return fd2path(fd, path, sizeof path) < 0 ? "no path" : path;
}

/* The path that opening a name gives. */
static char *opened(char *name)
{
	static char path[512];
	int fd = open(name, OREAD);

	strecpy(path, path + sizeof path, fd < 0 ? "not opened" : pathof(fd));
	close(fd);
	return path;
}

static int count(char *dir, char *name)
{
	int fd = open(dir, OREAD), i, found = 0;
	long n;
	Dir *d;

	while ((n = dirread(fd, &d)) > 0) {
		for (i = 0; i < n; i++)
			found += name == nil || strcmp(d[i].name, name) == 0;
		free(d);
	}
	close(fd);
	return n < 0 ? -1 : found;
}

/* ---- evaluation ---- */

static void evaluation(void)
{
	char *longname = malloc(70000);
	int i;

	fails("DEL in a name", open("/a\177b", OREAD), "bad character in file name: /a\177b");
	for (i = 1; i < 0x20; i++) {
		snprint(buf, sizeof buf, "/tmp/%c", i);
		if (open(buf, OREAD) != -1 ||
			(rerrstr(buf, sizeof buf), strncmp(buf, "bad character", 13) != 0))
			break;
	}
	is("every control character", i, 0x20);
	memset(longname, '/', 69999);
	longname[69999] = '\0';
	fails("a name of 69999 bytes", open(longname, OREAD), "name too long");
	longname[65535] = '\0';
	same("one of 65535", opened(longname), "/");
	for (i = 0; i < 30000; i += 2)
		memmove(longname + i, "./", 2);
	strcpy(longname + 30000, "tmp");
	chdir("/");
	same("many dots", opened(longname), "/tmp");
	free(longname);
	same("slashes and dots vanish", opened("//.///tmp/././"), "/tmp");
	same("dot-dot", opened("/tmp/../tmp/.."), "/");
	make("/tmp/file", 0644, "text");
	failsas("a slash after a file", open("/tmp/file/", OREAD), "not a directory");
	failsas("a dot after a file", open("/tmp/file/.", OREAD), "not a directory");
	failsas("dot-dot of a file", open("/tmp/file/..", OREAD), "not a directory");
	failsas("a name below a file", open("/tmp/file/x", OREAD), "not a directory");
	failsas("chdir to a file", chdir("/tmp/file"), "not a directory");
	failsas("a device that is not", open("#\316\261x", OREAD), "unknown device in # filename");
	same("a device's name is its path", opened("#c/pid"), "#c/pid");
	same("dot-dot of a device", opened("#c/.."), "#c");
	rfork(RFNAMEG);
	bind("/tmp", "/dev", MBEFORE);
	failsas("mount points are not crossed in #", open("#//dev/file", OREAD),
		"file does not exist");
	unmount("/tmp", "/dev");
	remove("/tmp/file");
}

/* ---- open ---- */

static void opening(void)
{
	int fd, fd2, bit;

	make("/tmp/f", 0644, "text");
	for (bit = 4; bit <= 0x8000; bit <<= 1) {
		if (bit == OTRUNC || bit == OCEXEC || bit == ORCLOSE)
			continue;
		snprint(buf, sizeof buf, "open with 0x%x", bit);
		fails(buf, open("/tmp/f", bit), "bad arg in system call");
	}
	failsas("OEXEC of what is not executable", open("/tmp/f", OEXEC), "permission denied");
	failsas("OEXEC of a directory", open("/tmp", OEXEC), "cannot exec directory");
	failsas("a directory for writing", open("/tmp", OWRITE), "");
	failsas("a directory truncated", open("/tmp", OREAD | OTRUNC), "");
	make("/tmp/x", 0755, "code");
	fd = open("/tmp/x", OEXEC);
	is("OEXEC reads", read(fd, buf, 10), 4);
	fails("OEXEC does not write", write(fd, "x", 1), "inappropriate use of fd");
	close(fd);
	fd = open("/tmp/x", OREAD | OTRUNC);
	is("OTRUNC", read(fd, buf, 10), 0);
	close(fd);
	make("/tmp/ro", 0444, "text");
	failsas("OTRUNC needs write permission", open("/tmp/ro", OREAD | OTRUNC),
		"permission denied");
	failsas("OWRITE too", open("/tmp/ro", OWRITE), "permission denied");
	remove("/tmp/ro");
	make("/tmp/log", DMAPPEND | 0644, "one");
	fd = open("/tmp/log", OWRITE | OTRUNC);
	is("append-only", pwrite(fd, "two", 3, 0), 3);
	close(fd);
	same("not truncated, written at the end", contents("/tmp/log"), "onetwo");
	remove("/tmp/log");
	fd = open("/tmp/f", OREAD | ORCLOSE);
	fd2 = dup(fd, -1);
	close(fd);
	is("ORCLOSE: another reference", read(fd2, buf, 10), 4);
	close(fd2);
	failsas("ORCLOSE: none", open("/tmp/f", OREAD), "file does not exist");
	fd = open("/tmp/x", OREAD);
	fd2 = open("/tmp/x", OREAD);
	close(fd);
	is("the lowest free descriptor", open("/tmp/x", OREAD), fd);
	close(fd);
	close(fd2);
	remove("/tmp/x");
}

static void creating(void)
{
	int fd;

	make("/tmp/c", 0640, "text");
	fd = create("/tmp/c", OWRITE, 0777);
	yes("create of what exists", fd >= 0);
	is("truncates", modeof("/tmp/c") == 0640 && strcmp(contents("/tmp/c"), "") == 0, 1);
	close(fd);
	is("perm stays", modeof("/tmp/c"), 0640);
	failsas("OEXCL", create("/tmp/c", OWRITE | OEXCL, 0666), "file already exists");
	failsas("a slash after a file", create("/tmp/d/", OWRITE, 0666), "create without DMDIR");
	fd = create("/tmp/d/", OREAD, DMDIR | 0750);
	yes("a slash after a directory", fd >= 0);
	close(fd);
	is("its mode", modeof("/tmp/d"), DMDIR | 0750);
	fd = create("/tmp/d/f", OREAD, 0444);
	is("open in the mode asked, whatever perm", read(fd, buf, 1), 0);
	close(fd);
	fd = create("/tmp/d/g", OWRITE, 0400);
	is("even for writing", write(fd, "x", 1), 1);
	close(fd);
	fd = create("/tmp/d/h", OWRITE, 0666);
	close(fd);
	is("the directory's permissions mask", modeof("/tmp/d/h"), 0640);
	failsas("no elements", create("/", OREAD, 0666), "file already exists");
	failsas("in a file", create("/tmp/c/x", OWRITE, 0666), "not a directory");
	failsas("in nothing", create("/tmp/none/x", OWRITE, 0666), "file does not exist");
	failsas("a directory for writing", create("/tmp/e", OWRITE, DMDIR | 0777), "");
	failsas("a full directory", remove("/tmp/d"), "");
	remove("/tmp/d/f");
	remove("/tmp/d/g");
	remove("/tmp/d/h");
	is("an empty one", remove("/tmp/d"), 0);
	failsas("nothing", remove("/tmp/d"), "file does not exist");
	remove("/tmp/c");
}

/* ---- descriptors ---- */

/* Which of the descriptors a and b an exec leaves open: a bit each. */
static int survive(int a, int b)
{
	char text[2][20];
	char *argv[] = { "names", text[0], text[1], nil };
	int pid;

	snprint(text[0], sizeof text[0], "%d", a);
	snprint(text[1], sizeof text[1], "%d", b);
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		exec("/t/names", argv);
		_exits("exec");
	}
	return atoi(statusof(pid));
}

/* The program that survive executes. */
static void helper(char **argv)
{
	uchar st[2];

	snprint(buf, sizeof buf, "%d",
		(fstat(atoi(argv[1]), st, 2) == 2) | (fstat(atoi(argv[2]), st, 2) == 2) << 1);
	_exits(buf);
}

static void descriptors(void)
{
	int fd = open("/dev/zero", OREAD), fd2, i, top;

	fails("dup of none", dup(999, -1), "fd out of range or not open");
	fails("dup of -1", dup(-1, -1), "fd out of range or not open");
	fails("dup to -2", dup(fd, -2), "fd out of range or not open");
	fails("close of -1", close(-1), "fd out of range or not open");
	fails("close of the largest", close(0x7fffffff), "fd out of range or not open");
	fd2 = dup(fd, -1);
	read(fd, buf, 100);
	is("copies share an offset", seek(fd2, 0, 1), 100);
	is("dup onto another", dup(fd, fd2), fd2);
	fails("beyond the table and 20 more", dup(fd, 4000), "fd out of range or not open");
	is("not beyond", dup(fd, 25), 25);
	is("nor that", dup(fd, 44), 44);
	close(25);
	close(44);
	close(fd2);
	fd2 = open("/dev/null", OREAD | OCEXEC);
	i = dup(fd2, -1);
	is("OCEXEC goes at exec, its copy stays", survive(fd2, i), 2);
	i = dup(fd2, i);
	is("also over another", survive(fd2, i), 2);
	close(i);
	close(fd2);
	for (top = 0; top < 10000 && dup(fd, -1) >= 0; top++)
		;
	fails("the table is full", -1, "no free file descriptors");
	yes("near 5000", top >= 4900 && top <= 5100);
	fails("open", open("/dev/null", OREAD), "no free file descriptors");
	fails("pipe", pipe(&fd2), "no free file descriptors");
	for (i = 0; i < 10000 && top > 0; i++)
		if (i > fd && close(i) == 0)
			top--;
	is("all are closed", top, 0);
	is("and can be had again", dup(fd, -1) > 0, 1);
	for (i = fd; i < 60; i++)
		close(i);
}

static void offsets(void)
{
	int fd = create("/tmp/o", ORDWR, 0666);
	vlong at;

	is("write", write(fd, "0123456789", 10), 10);
	fails("seek before the beginning", seek(fd, -11, 2), "negative i/o offset");
	is("it stays", seek(fd, 0, 1), 10);
	fails("another type", seek(fd, 0, 7), "bad arg in system call");
	is("from the end", seek(fd, -3, 2), 7);
	is("relative", seek(fd, -2, 1), 5);
	is("beyond 4 GiB", seek(fd, 0x123456789aLL, 0), 0x123456789aLL);
	is("nothing there", read(fd, buf, 10), 0);
	at = 1;
	is("the result goes through the pointer", _syscall(SEEK, A(&at), fd, 3, 0, 0), 0);
	is("which has it", at, 3);
	is("read", read(fd, buf, 2), 2);
	is("at the offset", memcmp(buf, "34", 2), 0);
	is("pread", pread(fd, buf, 4, 0), 4);
	is("leaves the offset", seek(fd, 0, 1), 5);
	is("pwrite", pwrite(fd, "xy", 2, 8), 2);
	is("too", seek(fd, 0, 1), 5);
	is("pwrite at -1 uses it", pwrite(fd, "z", 1, -1), 1);
	is("and moves it", seek(fd, 0, 1), 6);
	same("together", contents("/tmp/o"), "01234z67xy");
	fails("pread at -2", pread(fd, buf, 1, -2), "negative i/o offset");
	fails("pwrite at the least", pwrite(fd, buf, 1, -0x7fffffffffffffffLL - 1),
		"negative i/o offset");
	close(fd);
	fd = open("/tmp/o", OWRITE);
	fails("reading what is open for writing", read(fd, buf, 1), "inappropriate use of fd");
	close(fd);
	remove("/tmp/o");
	fd = open("/dev", OREAD);
	is("a directory: the beginning", seek(fd, 0, 0), 0);
	fails("a directory: anywhere else", seek(fd, 10, 0), "file is a directory");
	fails("a directory: its end", seek(fd, 0, 2), "file is a directory");
	fails("a directory: from here", seek(fd, 0, 1), "file is a directory");
	fails("a small buffer", read(fd, buf, 20), "i/o count too small");
	at = pread(fd, buf, 100, 0);
	yes("pread of a directory", at > 49);
	fails("elsewhere", pread(fd, buf, 100, at + 1), "seek in directory");
	yes("where it was", pread(fd, buf, 100, at) > 49);
	fails("no further", pread(fd, buf, 100, at), "seek in directory");
	close(fd);
}

/* ---- name spaces ---- */

static void spaces(void)
{
	int n;
	Dir *d;

	rfork(RFNAMEG);
	make("/tmp/a", DMDIR | 0777, "");
	make("/tmp/b", DMDIR | 0777, "");
	make("/tmp/c", DMDIR | 0777, "");
	make("/tmp/a/in-a", 0666, "a");
	make("/tmp/b/in-b", 0666, "b");
	make("/tmp/file", 0666, "file");
	for (n = 8; n <= 0x8000; n <<= 1)
		if (n != MCACHE)
			fails("bind with another flag", bind("/tmp/a", "/tmp/b", n),
				"bad arg in system call");
	fails("before and after", bind("/tmp/a", "/tmp/b", 3), "bad arg in system call");
	fails("a file on a directory", bind("/tmp/file", "/tmp/b", 0), "inconsistent mount");
	fails("a directory on a file", bind("/tmp/b", "/tmp/file", 0), "inconsistent mount");
	fails("a file before a file", bind("/tmp/file", "/tmp/file", MBEFORE),
		"inconsistent mount");
	fails("not mounted", unmount(nil, "/tmp/b"), "not mounted");
	fails("not mounted", unmount("/tmp/a", "/tmp/b"), "not mounted");
	is("replace", bind("/tmp/a", "/tmp/b", MREPL), 0);
	is("the new", count("/tmp/b", "in-a"), 1);
	is("not the old", count("/tmp/b", "in-b"), 0);
	fails("a mount point without MCREATE", bind("/tmp/b", "/tmp/c", MBEFORE | MCREATE),
		"inconsistent mount");
	failsas("creation in it", create("/tmp/b/x", OWRITE, 0666),
		"mounted directory forbids creation");
	fails("another one", unmount("/tmp/c", "/tmp/b"), "not in union");
	is("by its name", unmount("/tmp/a", "/tmp/b"), 0);
	is("the old again", count("/tmp/b", "in-b"), 1);
	is("replace with creation", bind("/tmp/a", "/tmp/b", MREPL | MCREATE), 0);
	is("creation", make("/tmp/b/new", 0666, ""), 0);
	is("is in the new", count("/tmp/a", "new"), 1);
	remove("/tmp/a/new");
	fails("removing a mount point", remove("/tmp/b"), "'/tmp/b' is a mount point");
	d = dirstat("/tmp/b");
	yes("stat of a mount point", d != nil && strcmp(d->name, "b") == 0);
	nulldir(d);
	d->name = "other";
	failsas("renaming a mount point", dirwstat("/tmp/b", d), "is a mount point");
	free(d);
	is("mounted twice", bind("/tmp/c", "/tmp/b", MAFTER), 0);
	is("members", count("/tmp/b", "in-a"), 1);
	is("unmount of all", unmount(nil, "/tmp/b"), 0);
	is("a union", bind("/tmp/a", "/tmp/b", MBEFORE), 0);
	is("of two", count("/tmp/b", nil), 2);
	is("the same again", bind("/tmp/a", "/tmp/b", MAFTER), 0);
	is("duplicates are kept", count("/tmp/b", "in-a"), 2);
	unmount(nil, "/tmp/b");
}

/* Unions bound onto themselves and onto each other, in a name space that ends with the process. */
static char *circles(void *arg)
{
	USED(arg);
	if (bind("/tmp/a", "/tmp/b", MBEFORE) < 0 || bind("/tmp/b", "/tmp/b", MAFTER) < 0 ||
		bind("/tmp/b", "/tmp/b", MBEFORE) < 0 || bind("/tmp/b", "/tmp/c", MREPL) < 0 ||
		bind("/tmp/c", "/tmp/b", MAFTER) < 0 || bind("/tmp/c", "/tmp/c", MAFTER) < 0)
		return "bind failed";
	return count("/tmp/c", "in-a") > 2 ? "" : "not a union";
}

static void ends(void)
{
	vlong before = counted("channels");

	same("unions in circles", run(RFNAMEG | RFFDG, circles, nil), "");
	is("leave nothing", counted("channels"), before);
}

/* The channels that the kernel lists: one for each it counts, this process's among them. */
static void listed(void)
{
	int fd = open("/tmp/a/in-a", OREAD);
	char mine[64], *list = contents("#c/chans"), *p;
	vlong lines = 0;

	for (p = list; *p != '\0'; p++)
		lines += *p == '\n';
	snprint(mine, sizeof mine, "  1 %5d M ", getpid());
	for (p = list; (p = strstr(p, mine)) != nil; p++)
		if (strstr(p, " r ") != nil && strstr(p, " /tmp/a/in-a\n") != nil)
			break;
	yes("an open file is listed", p != nil);
	is("as many as are counted", lines, counted("channels"));
	close(fd);
	p = strstr(contents("#c/chans"), " /tmp/a/in-a\n");
	yes("and no more", p == nil);
}

static void crossings(void)
{
	int fd, n;
	Dir *d;

	/* entries that are mount points have the metadata of what is mounted */
	bind("/dev", "/tmp/c", MREPL);
	fd = open("/tmp", OREAD);
	while ((n = dirread(fd, &d)) > 0) {
		while (n-- > 0)
			if (strcmp(d[n].name, "c") == 0)
				is("an entry that is a mount point", d[n].type, 'c');
		free(d);
	}
	close(fd);
	unmount(nil, "/tmp/c");
	/* dot-dot undoes mounts */
	make("/tmp/a/sub", DMDIR | 0777, "");
	bind("/tmp/a", "/mnt", MREPL);
	same("dot-dot of a mount", opened("/mnt/.."), "/");
	same("below it", opened("/mnt/sub/.."), "/mnt");
	chdir("/mnt/sub");
	same("two of them", opened("../.."), "/");
	same("from below", opened("../../tmp"), "/tmp");
	chdir("/");
	is("a chain", bind("/mnt", "/n", MREPL), 0);
	same("of mounts", opened("/n/sub/../.."), "/");
	unmount(nil, "/n");
	unmount(nil, "/mnt");
	/* chdir stops before the mount on its last element: later unions appear */
	chdir("/tmp/c");
	bind("/tmp/a", "/tmp/c", MBEFORE);
	is("a union made later appears", count(".", "in-a"), 1);
	unmount(nil, "/tmp/c");
	is("and goes", count(".", "in-a"), 0);
	chdir("/");
	remove("/tmp/a/sub");
	remove("/tmp/a/in-a");
	remove("/tmp/b/in-b");
	remove("/tmp/a");
	remove("/tmp/b");
	remove("/tmp/c");
	remove("/tmp/file");
}

/* ---- stat ---- */

static void stats(void)
{
	uchar st[512];
	Dir null, *d;
	int fd, n;

	make("/tmp/s", 0644, "0123456789");
	d = dirstat("/tmp/s");
	yes("stat",
		d != nil && d->length == 10 && d->mode == 0644 && d->type == 'M' &&
			strcmp(d->uid, getuser()) == 0);
	free(d);
	is("stat in 2 bytes", stat("/tmp/s", st, 2), 2);
	n = st[0] | st[1] << 8;
	is("stat in just enough", stat("/tmp/s", st, n + 2), n + 2);
	is("stat in one less", stat("/tmp/s", st, n + 1), 2);
	fails("stat in 1 byte", stat("/tmp/s", st, 1), "stat buffer too small");
	fails("stat in none", stat("/tmp/s", st, 0), "stat buffer too small");
	stat("/tmp/s", st, sizeof st);
	fails("wstat that is short", wstat("/tmp/s", st, n + 1), "malformed stat buffer");
	fails("wstat that is long", wstat("/tmp/s", st, n + 3), "malformed stat buffer");
	nulldir(&null);
	null.length = 4;
	yes("wstat of the length", dirwstat("/tmp/s", &null) > 0);
	same("truncates", contents("/tmp/s"), "0123");
	nulldir(&null);
	null.mode = 0600;
	null.mtime = 1000000000;
	yes("of mode and time", dirwstat("/tmp/s", &null) > 0);
	d = dirstat("/tmp/s");
	yes("they are", d != nil && d->mode == 0600 && d->mtime == 1000000000);
	free(d);
	nulldir(&null);
	null.name = "a/b";
	yes("a slash in a name", dirwstat("/tmp/s", &null) == -1);
	null.name = "..";
	yes("dots as a name", dirwstat("/tmp/s", &null) == -1);
	fd = open("/tmp/s", OREAD);
	null.name = "t";
	yes("a name", dirfwstat(fd, &null) > 0);
	same("the path of an open file is not updated", pathof(fd), "/tmp/s");
	is("fd2path in 4 bytes", fd2path(fd, (char *)st, 4), 0);
	same("is cut", (char *)st, "/tm");
	close(fd);
	is("the new name", modeof("/tmp/t"), 0600);
	is("the old", modeof("/tmp/s"), -1);
	fails("fstat of none", fstat(999, st, sizeof st), "fd out of range or not open");
	fails("fwstat of none", fwstat(999, st, n + 2), "fd out of range or not open");
	fails("fd2path of none", fd2path(999, buf, 10), "fd out of range or not open");
	remove("/tmp/t");
}

/* The error of a name that is nowhere has all of it: did the kernel read it right? */
static int readright(char *at, int n)
{
	char want[ERRMAX], got[ERRMAX];

	at[0] = '/';
	for (int i = 1; i < n; i++)
		at[i] = 'a' + i % 26;
	at[n] = '\0';
	snprint(want, sizeof want, "'%s' file does not exist", at);
	if (open(at, OREAD) >= 0)
		return 0;
	rerrstr(got, sizeof got);
	return strcmp(got, want) == 0;
}

static void exitswith(void *u, char *note)
{
	_exits(note);
}

static char *opens(void *name)
{
	notify(exitswith);
	open(name, OREAD);
	return "went on";
}

/* Entries whose names have every length around that of a word. */
static void lengths(void)
{
	char name[48] = "#e/";
	int wrong = 0;

	for (int n = 1; n < 30; n++) {
		for (int i = 0; i < n; i++)
			name[3 + i] = 'a' + (n + i) % 26;
		name[3 + n] = '\0';
		close(create(name, OWRITE, 0644));
		Dir *d = dirstat(name);
		wrong += d == nil || strcmp(d->name, name + 3) != 0 || strcmp(d->uid, d->gid) != 0;
		free(d);
		remove(name);
	}
	is("entries of all lengths, wrong ones", wrong, 0);
}

/* Names at every place in a word, across a page's end, and at that of memory. */
static void addresses(void)
{
	int wrong = 0;
	char *p = segattach(0, "memory", (void *)0x10000000, 2 * 4096);

	memset(p, 'x', 2 * 4096);
	for (int n = 2; n < 40; n++)
		for (int at = 0; at < 48; at++)
			wrong += !readright(p + 4096 - at, n);
	is("names around a page's end, wrong ones", wrong, 0);
	for (int n = 2; n < 40; n++)
		wrong += !readright(p + 2 * 4096 - 1 - n, n);
	is("at the end of memory", wrong, 0);
	for (int n = 1; n < 20; n++) {
		memset(p + 2 * 4096 - n, 'x', n);
		wrong += strncmp(run(0, opens, p + 2 * 4096 - n),
			"sys: bad address in syscall", 27) != 0;
	}
	is("beyond it", wrong, 0);
	segdetach(p);
}

void main(int argc, char **argv)
{
	if (argc == 3)
		helper(argv);
	begin("names", 90);
	evaluation();
	opening();
	creating();
	descriptors();
	offsets();
	spaces();
	ends();
	listed();
	crossings();
	stats();
	addresses();
	lengths();
	done();
}
