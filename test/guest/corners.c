/*
 * What no other program does (make cover): wstat, `..` and listings of small devices, the names
 * in the text of a traced call, directories whose entries grow. devices.md 5 to 8, 15 to 17;
 * process.md for what holds of every directory.
 */
#include "guest.h"

static char buf[8192];

/* How many entries a directory lists, and how many have that name. */
static int lists(char *dir, char *name, int *found)
{
	int fd = open(dir, OREAD), i;
	Dir *d = nil;
	long n = dirreadall(fd, &d);

	*found = 0;
	for (i = 0; i < n; i++)
		*found += strcmp(d[i].name, name) == 0;
	free(d);
	close(fd);
	return n;
}

static int chown(char *file, char *owner)
{
	Dir d;

	nulldir(&d);
	d.uid = owner;
	return dirwstat(file, &d);
}

static int chmod(char *file, int mode)
{
	Dir d;

	nulldir(&d);
	d.mode = mode;
	return dirwstat(file, &d);
}

static char *ownerof(char *file)
{
	static char owner[64];
	Dir *d = dirstat(file);

	strecpy(owner, owner + sizeof owner, d == nil ? "" : d->uid);
	free(d);
	return owner;
}

/* ---- #g ---- */

static char *nonechmods(void *arg)
{
	puts("#c/user", "none");
	return chmod(arg, 0666) < 0 ? "" : "changed";
}

static void named(void)
{
	int fd, found, before = lists("#g", "corner", &found);
	Dir *d = dirstat("#g"), n;

	yes("#g d0777", d != nil && (d->mode & 0777) == 0777 && (d->mode & DMDIR) != 0);
	free(d);
	failsas("#g: its own mode", chmod("#g", 0555), "permission denied");
	close(create("#g/corner", OREAD, DMDIR | 0777));
	close(create("#g/other", OREAD, DMDIR | 0777));
	is("#g: two more", lists("#g", "corner", &found), before + 2);
	is("#g: one of the name", found, 1);
	is("#g: chdir", chdir("#g/corner"), 0);
	is("#g: up and down", modeof("../other/data"), 0660);
	chdir("/");
	yes("#g: mode", chmod("#g/corner/ctl", 0600) > 0);
	is("#g: it is that", modeof("#g/corner/ctl"), 0600);
	nulldir(&n);
	n.name = "edge";
	failsas("#g: no other name", dirwstat("#g/corner", &n), "permission denied");
	same("#g: others may not", run(0, nonechmods, "#g/corner/ctl"), "");
	fd = open("#g/corner/data", OREAD);
	is("#g: remove", remove("#g/corner"), 0);
	nulldir(&n);
	n.mode = 0666;
	fails("#g: mode of what is removed", dirfwstat(fd, &n), "file does not exist");
	close(fd);
	yes("#g: owner", chown("#g/other", "hilda") > 0);
	same("#g: it is hers", ownerof("#g/other"), "hilda");
	is("#g: eve removes it", remove("#g/other"), 0);
}

/* ---- #σ, #s, #|, #d, /  ---- */

static void shares(void)
{
	int pid, fd = ramfs(RFNOWAIT, &pid), found, c, before = lists("#σ", "one", &found);

	close(create("#σc/one", OREAD, DMDIR | 0777));
	close(create("#σc/two", OREAD, DMDIR | 0777));
	is("#σ: two more", lists("#σ", "two", &found), before + 2);
	is("#σ: one of the name", found, 1);
	c = create("#σc/one/m", OWRITE | ORCLOSE, 0666);
	snprint(buf, sizeof buf, "%d\nnosuch", fd);
	fails("#σ: an aname", write(c, buf, strlen(buf)), "unknown specifier in attach");
	close(c);
	c = create("#σc/one/m", OWRITE | ORCLOSE, 0666);
	snprint(buf, sizeof buf, "%d\n", fd);
	is("#σ: an empty one", write(c, buf, strlen(buf)), strlen(buf));
	yes("#σ: it is mounted", modeof("#σ/one") != -1 &&
		close(create("#σ/one/file", OWRITE, 0666)) == 0);
	close(c);
	failsas("#σ: until that is closed", open("#σ/one/file", OREAD), "file does not exist");
	yes("#σ: owner", chown("#σc/two", "hilda") > 0);
	same("#σ: it is hers", ownerof("#σc/two"), "hilda");
	is("#σ: remove", remove("#σc/one"), 0);
	is("#σ: hers, too", remove("#σc/two"), 0);
	close(fd);
}

static void boards(void)
{
	int fd = open("#s/clone", OREAD);
	long n = read(fd, buf, 20);
	char dir[40];

	yes("#s: a board", n > 0);
	buf[n > 0 ? n : 0] = '\0';
	snprint(dir, sizeof dir, "#s/%s", buf);
	is("#s: chdir", chdir(dir), 0);
	is("#s: up", modeof("../clone"), 0444);
	is("#s: up twice stays", modeof("../../clone"), 0444);
	chdir("/");
	close(fd);
}

static void refusals(void)
{
	int fd, p[2];

	failsas("#|: remove", remove("#|/data"), "permission denied");
	fd = open("/dev/null", ORDWR);
	snprint(buf, sizeof buf, "#d/%dctl", fd);
	failsas("#d: write a ctl", open(buf, OWRITE), "permission denied");
	snprint(buf, sizeof buf, "#d/%d", fd);
	failsas("#d: remove", remove(buf), "permission denied");
	close(fd);
	failsas("#/: write a file of the archive", open("#//boot/run", OWRITE),
		"permission denied");
	failsas("#¤: remove capuse", remove("#¤/capuse"), "permission denied");
	pipe(p);
	snprint(buf, sizeof buf, "#d/%d", p[0]);
	fd = open(buf, ORDWR);
	write(p[1], "abc", 3);
	is("#d: the same pipe", read(fd, buf, 10), 3);
	close(fd);
	close(p[0]);
	close(p[1]);
}

/* ---- #t, #P, the clock ---- */

static void serial(void)
{
	is("eia: chdir", chdir("#t"), 0);
	is("eia: up", modeof("../eia1"), 0660);
	chdir("/");
	is("eia: a break", puts("#t/eia0ctl", "break"), 0);
	fails("eia: too large a q", puts("#t/eia0ctl", "q99999999999"), "bad arg in system call");
}

static int portwrite(char *file, vlong port, long n)
{
	int fd = open(file, OWRITE);
	long r = pwrite(fd, "\x11\x22\x33\x44", n, port);

	close(fd);
	return r;
}

static void ports(void)
{
	int fd = open("#P/iow", OREAD);

	is("ports: a word", pread(fd, buf, 2, 0x80), 2);
	close(fd);
	is("ports: write a word", portwrite("#P/iow", 0x80, 2), 2);
	is("ports: write a long", portwrite("#P/iol", 0x80, 4), 4);
	fails("ports: half a long", portwrite("#P/iol", 0x80, 2), "bad arg in system call");
}

/* A number of the clock's may have blanks around it. */
static void clocktext(void)
{
	char now[32];

	snprint(now, sizeof now, " %lld ", (vlong)time(0));
	is("time: blanks", puts("/dev/time", now), 0);
	fails("time: words", puts("/dev/time", "12 34"), "bad time control");
}

/* ---- the text of a traced call ---- */

static volatile int *both;	/* with every child */

/* Else it would stay as a broken process. */
static void ends(void *u, char *note)
{
	USED(u);
	_exits(note);
}

static char *opens(void *arg)
{
	notify(ends);
	both[0] = 1;
	while (both[1] == 0)
		;
	open(arg, OREAD);
	return "done";
}

/* The text of the call that a child makes, at its entry; then it goes on. */
static char *traced(char *name, char **status)
{
	static char text[512];
	int pid, i;

	both[0] = both[1] = 0;
	pid = start(0, opens, name);
	while (both[0] == 0)
		sleep(1);
	puts(procfile(pid, "ctl"), "stop");
	both[1] = 1;
	puts(procfile(pid, "ctl"), "startsyscall");
	puts(procfile(pid, "ctl"), "waitstop");
	strecpy(text, text + sizeof text, contents(procfile(pid, "syscall")));
	puts(procfile(pid, "ctl"), "start");
	*status = statusof(pid);
	for (i = 0; i < 3 && text[0] != '\0'; i++)	/* pid, name, call */
		memmove(text, strchr(text, ' ') + 1, strlen(strchr(text, ' ')));
	return text;
}

static void tracing(void)
{
	static char path[200];
	char *s, *status;

	both = segattach(0, "shared", nil, 4096);
	s = traced("/no/such/file", &status);
	yes("trace: a name", strstr(s, "/\"/no/such/file\"") != nil);
	same("trace: the call is made", status, "done");
	memset(path, 'x', sizeof path - 1);
	s = traced(path, &status);
	yes("trace: the start of a long one", strstr(s, "/\"xxxxxxxxxxxxxxxx") != nil);
	same("trace: that, too", status, "done");
	s = traced(nil, &status);
	yes("trace: nil has no text", s[0] != '\0' && strchr(s, '"') == nil);
	begins("trace: and is refused", status, "sys: bad address in syscall");
	segdetach((void *)both);
}

/* ---- directories whose entries grow ---- */

static int wanted;	/* entries seen, a bit for a, b, c */

static void see(uchar *p, long n)
{
	Dir d;
	long at, size;

	for (at = 0; at < n; at += size) {
		size = (p[at] | p[at + 1] << 8) + 2;
		if (convM2D(p + at, size, &d, buf) == 0 || d.name[1] != '\0')
			wanted |= 1 << 30;
		else
			wanted ^= 1 << (d.name[0] - 'a');
	}
}

/*
 * What is mounted on a and b has a longer owner than they: of what was read for a buffer that all
 * three just fit, some must wait for the next read.
 */
static void growing(void)
{
	static uchar raw[1024];
	int pid, fd, i;
	long plain, n;

	is("dirs: ramfs", mount(ramfs(RFNOWAIT, &pid), -1, "/mnt", MREPL | MCREATE, ""), 0);
	for (i = 'a'; i <= 'c'; i++) {
		snprint(buf, sizeof buf, "/mnt/%c", i);
		close(create(buf, OREAD, DMDIR | 0777));
	}
	fd = open("/mnt", OREAD);
	plain = read(fd, raw, sizeof raw);
	close(fd);
	close(create("#g/rock", OREAD, DMDIR | 0777));
	chown("#g/rock", "an.owner.with.a.very.long.n");
	is("dirs: on a", bind("#g/rock", "/mnt/a", MREPL) >= 0, 1);
	is("dirs: on b", bind("#g/rock", "/mnt/b", MREPL) >= 0, 1);
	fd = open("/mnt", OREAD);
	for (wanted = 0; (n = read(fd, raw, plain)) > 0; )
		see(raw, n);
	is("dirs: the end", n, 0);
	is("dirs: each once", wanted, 7);
	seek(fd, 0, 0);
	fails("dirs: no room for one", read(fd, raw, plain / 3), "i/o count too small");
	for (wanted = 0; (n = read(fd, raw, sizeof raw)) > 0; )
		see(raw, n);
	is("dirs: each once after that", wanted, 7);
	close(fd);
	unmount(nil, "/mnt/a");
	unmount(nil, "/mnt/b");
	unmount(nil, "/mnt");
	remove("#g/rock");
}

/* ---- channels that hold others, deeper than the kernel's stack ---- */

enum { DEEP = 300 };

/* Each mount point is held by the name of the next one alone, once they are unmounted. */
static char *mountpoints(void *arg)
{
	static char name[2 * DEEP + 8] = "/mnt";
	int i;

	USED(arg);
	chdir("/mnt");
	for (i = 0; i < DEEP; i++) {
		close(create("d", OREAD, DMDIR | 0777));
		if (bind("d", "d", MREPL | MCREATE) < 0 || chdir("d") < 0)
			return "bind";
	}
	for (i = 0; i < DEEP; i++) {
		strcat(name, "/d");
		if (unmount(nil, name) < 0)
			return "unmount";
	}
	return chdir("/") < 0 ? "chdir" : "";
}

/* The lease of each board is posted in the next, and open nowhere else. */
static char *leases(void *arg)
{
	char name[64];
	int i, last = open("/dev/null", OREAD), lease, fd;
	long n;

	USED(arg);
	for (i = 0; i < DEEP; i++) {
		lease = open("#s/clone", OREAD);
		n = pread(lease, buf, 20, 0);
		snprint(name, sizeof name, "#s/%.*s/x", (int)(n < 0 ? 0 : n), buf);
		fd = create(name, OWRITE, 0600);
		snprint(name, sizeof name, "%d", last);
		if (write(fd, name, strlen(name)) < 0)
			return "post";
		close(fd);
		close(last);
		last = lease;
	}
	close(last);
	return "";
}

static void deep(void)
{
	vlong channels = counted("channels");
	int pid;

	is("deep: ramfs", mount(ramfs(RFNOWAIT, &pid), -1, "/mnt", MREPL | MCREATE, ""), 0);
		same("deep: mount points", run(RFFDG | RFNAMEG, mountpoints, nil), "");
	unmount(nil, "/mnt");
	same("deep: leases", run(RFFDG, leases, nil), "");
	yes("deep: all are closed", counted("channels") < channels + 20);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("corners", 60);
	named();
	shares();
	boards();
	refusals();
	serial();
	ports();
	clocktext();
	tracing();
	growing();
	deep();
	done();
}
