/*
 * process.md 4 and 9: rfork with every flag, wait records, broken processes.
 */
#include "guest.h"

static volatile int *shared; /* memory that every child shares */
static int datum = 1;

/* ---- rfork ---- */

static char *birth(void *arg)
{
	if (_tos->pid != (uint)atoi(contents("#c/pid")))
		return "Tos.pid is not the child's";
	datum = 2;
	*(int *)arg = 2;
	shared[0] = 2;
	return "";
}

static char *closes(void *arg)
{
	return close((int)(uintptr)arg) == 0 ? "" : "was not open";
}

static char *setsenv(void *arg)
{
	int fd = create("#e/procs", OWRITE, 0666);

	USED(arg);
	if (write(fd, "child", 5) != 5)
		return "cannot write";
	close(fd);
	return "";
}

static char *hasenv(void *arg)
{
	USED(arg);
	return open("#e/procs", OREAD) < 0 ? "no" : "yes";
}

static char *binds(void *arg)
{
	USED(arg);
	return bind("/dev", "/mnt", MREPL) < 0 ? "bind failed" : "";
}

static char *names(void *arg)
{
	USED(arg);
	return open("/dev/null", OREAD) < 0 ? open("/", OREAD) < 0 ? "no root" : "empty" : "full";
}

static char *devices(void *arg)
{
	char *good[] = { "#|", "#d", "#e", "#c", "#p" }, *bad[] = { "#s", "#/", "#t", "#r" };
	char err[ERRMAX];
	uint i;

	USED(arg);
	for (i = 0; i < nelem(good); i++)
		if (open(good[i], OREAD) < 0)
			return good[i];
	for (i = 0; i < nelem(bad); i++) {
		if (open(bad[i], OREAD) >= 0)
			return bad[i];
		rerrstr(err, sizeof err);
		if (strstr(err, "mount/attach disallowed") == nil)
			return "another error";
	}
	if (mount(0, -1, "/mnt", MREPL, "") >= 0)
		return "mount";
	rerrstr(err, sizeof err);
	return strcmp(err, "mount/attach disallowed") == 0 ? "" : "another error of mount";
}

static char *moves(void *arg)
{
	USED(arg);
	return chdir("/dev") < 0 ? "chdir failed" : "";
}

static char *meets(void *arg)
{
	alarm((ulong)(uintptr)arg);
	return rendezvous((void *)0x77, (void *)1) == (void *)2 ? "met" : "not met";
}

static char *quiet(void *arg)
{
	return arg;
}

static void ignore(void *u, char *note)
{
	USED(u);
	USED(note);
	noted(NCONT);
}

static void flags(void)
{
	int onstack = 1, pid, fd,
	    bad[] = { RFNAMEG | RFCNAMEG, RFENVG | RFCENVG, RFFDG | RFCFDG, RFMEM, RFNOWAIT,
		    RFMEM | RFNOWAIT };
	char name[64], dir[64];
	uint i;

	for (i = 0; i < nelem(bad); i++) {
		snprint(name, sizeof name, "flags 0x%x", bad[i]);
		fails(name, rfork(bad[i]), "bad arg in system call");
	}
	for (i = 0; i < 3; i++) {
		snprint(name, sizeof name, "flags 0x%x", bad[i] | RFPROC);
		fails(name, rfork(bad[i] | RFPROC), "bad arg in system call");
	}
	fd = open("/dev/null", OREAD);
	fails("checked before anything changes", rfork(RFCFDG | RFMEM), "bad arg in system call");
	is("nothing has changed", close(fd), 0);
	is("unknown bits are ignored", rfork(0x7f000000 | 0x100 | 0x80), 0);
	same("a copy of memory", run(0, birth, &onstack), "");
	is("data is copied", datum, 1);
	is("the stack is copied", onstack, 1);
	is("shared memory is shared", shared[0], 2);
	same("RFMEM", run(RFMEM, birth, &onstack), "");
	is("data is shared", datum, 2);
	is("the stack is copied even so", onstack, 1);
	pid = start(0, quiet, "");
	yes("pid", pid > 1 && pid <= 0x7fffffff);
	statusof(pid);

	fd = open("/dev/null", OREAD);
	same("descriptors are shared", run(0, closes, (void *)(uintptr)fd), "");
	fails("closed by the child", close(fd), "fd out of range or not open");
	fd = open("/dev/null", OREAD);
	same("RFFDG", run(RFFDG, closes, (void *)(uintptr)fd), "");
	is("still open", close(fd), 0);
	fd = open("/dev/null", OREAD);
	same("RFCFDG", run(RFCFDG, closes, (void *)(uintptr)fd), "was not open");
	close(fd);

	same("environment of a child with RFENVG", run(RFENVG, setsenv, nil), "");
	same("not seen", hasenv(nil), "no");
	same("shared environment", run(0, setsenv, nil), "");
	same("seen", hasenv(nil), "yes");
	same("RFENVG copies", run(RFENVG, hasenv, nil), "yes");
	same("RFCENVG empties", run(RFCENVG, hasenv, nil), "no");
	remove("#e/procs");

	same("name space of a child with RFNAMEG", run(RFNAMEG, binds, nil), "");
	fails("not seen", unmount(nil, "/mnt"), "not mounted");
	same("shared name space", run(0, binds, nil), "");
	is("seen", unmount(nil, "/mnt"), 0);
	same("RFCNAMEG", run(RFCNAMEG, names, nil), "empty");
	same("RFNAMEG", run(RFNAMEG, names, nil), "full");
	same("RFNOMNT", run(RFNAMEG | RFNOMNT, devices, nil), "");
	getwd(dir, sizeof dir);
	same("a child's current directory", run(0, moves, nil), "");
	same("is its own", getwd(name, sizeof name), dir);

	notify(ignore);
	pid = start(0, meets, nil);
	is("rendezvous group shared", A(rendezvous((void *)0x77, (void *)2)), 1);
	same("met", statusof(pid), "met");
	pid = start(RFREND, meets, (void *)200);
	alarm(100);
	is("RFREND", A(rendezvous((void *)0x77, (void *)2)), ~0ULL);
	same("not met", statusof(pid), "not met");
	notify(nil);
}

/* ---- what a child inherits besides ---- */

/* Looks for the parent's marks; the last is that its exec stops. */
static char *heir(void *arg)
{
	char *argv[] = { "tiny", nil }, *f[16];
	int n = tokenize(contents(procfile(getpid(), "status")), f, nelem(f));

	USED(arg);
	if (n < 12 || atoi(f[10]) != 7)
		return "another priority";
	if (open(procfile(getpid(), "mem"), OREAD) >= 0)
		return "not private";
	exec("/t/tiny", argv);
	return "exec failed";
}

static char *ancestor(void *arg)
{
	char *mark[] = { "pri 7", "private", "hang" };
	uint i;
	int pid;

	USED(arg);
	for (i = 0; i < nelem(mark); i++)
		if (puts(procfile(getpid(), "ctl"), mark[i]) < 0)
			return mark[i];
	pid = start(0, heir, nil);
	for (i = 0; i < 500 && strcmp(stateof(pid), "Stopped") != 0; i++)
		sleep(10);
	puts(procfile(pid, "ctl"), "kill");
	return statusof(pid);
}

/* ---- rfork without RFPROC ---- */

/* What this process has: descriptor 3, $procs, /dev/null, its parent at the rendezvous. */
static char *has(void)
{
	static char text[8];

	snprint(text, sizeof text, "%c%c%c", fd2path(3, (char *)&shared[20], 40) == 0 ? 'f' : '-',
		access("#e/procs", AEXIST) == 0 ? 'e' : '-',
		access("/dev/null", AEXIST) == 0 ? 'n' : '-');
	return text;
}

static char *becomes(void *arg)
{
	if (rfork((int)(uintptr)arg) != 0)
		return "failed";
	return has();
}

/* Takes a group of its own, and changes it. */
static char *changes(void *arg)
{
	if (rfork((int)(uintptr)arg) != 0)
		return "failed";
	close(3);
	remove("#e/procs");
	bind("#p", "/dev", MREPL);
	return has();
}

static char *masked(void *arg)
{
	char err[ERRMAX];

	rfork(RFNOMNT);
	if (rfork((int)(uintptr)arg) != 0 || open("#s", OREAD) >= 0)
		return "attached";
	rerrstr(err, sizeof err);
	return strcmp(err, "mount/attach disallowed") == 0 ? "" : "another error";
}

static char *meetsalone(void *arg)
{
	rfork(RFREND);
	return meets(arg);
}

static void alone(void)
{
	int pid, fd;

	close(3);
	fd = open("/dev/null", OREAD);
	is("descriptor", fd, 3);
	close(create("#e/procs", OWRITE, 0666));
	same("nothing is left behind", run(RFFDG, becomes, nil), "fen");
	same("RFCFDG", run(0, becomes, (void *)RFCFDG), "-en");
	same("RFCENVG", run(0, becomes, (void *)RFCENVG), "f-n");
	same("RFCNAMEG", run(0, becomes, (void *)RFCNAMEG), "fe-");
	same("all of them", run(0, becomes, (void *)(RFCFDG | RFCENVG | RFCNAMEG)), "---");
	same("copies", run(0, becomes, (void *)(RFFDG | RFENVG | RFNAMEG)), "fen");
	same("that can be changed", run(0, changes, (void *)(RFFDG | RFENVG | RFNAMEG)), "---");
	same("without anybody's notice", has(), "fen");
	same("RFFDG alone", run(0, changes, (void *)(RFFDG | RFNAMEG)), "---");
	same("what is shared is changed", has(), "f-n");
	close(3);
	same("priority, private and hang are inherited", run(0, ancestor, nil), "Killed");
	same("RFNOMNT and an empty name space", run(RFNAMEG, masked, (void *)RFCNAMEG), "");
	same("and a copy of it", run(RFNAMEG, masked, (void *)RFNAMEG), "");
	notify(ignore);
	pid = start(0, meetsalone, (void *)200);
	alarm(100);
	is("RFREND", A(rendezvous((void *)0x77, (void *)2)), ~0ULL);
	same("not met", statusof(pid), "not met");
	notify(nil);
}

/* ---- wait ---- */

/* So many milliseconds of its own time: others may have the processor meanwhile. */
static char *burns(void *arg)
{
	long t[4];

	do
		times(t);
	while (t[0] + t[1] < (long)(uintptr)arg);
	return "";
}

static char *burnstwice(void *arg)
{
	run(0, burns, arg);
	return burns(arg);
}

static char *orphan(void *arg)
{
	USED(arg);
	if (rfork(RFPROC) == 0) {
		while (shared[1] == 0)
			sleep(1);
		shared[2] = atoi(contents("#c/ppid"));
		shared[1] = 2;
		_exits(nil);
	}
	return "";
}

/* Another process of the same memory has no children of this one's. */
static char *adopts(void *arg)
{
	char buf[128];

	USED(arg);
	if (await(buf, sizeof buf) != -1)
		return "a record";
	rerrstr(buf, sizeof buf);
	return strcmp(buf, "no living children") == 0 ? "" : "another error";
}

static char *quietly(void *arg)
{
	rfork(RFPROC | RFNOWAIT);
	return quiet(arg);
}

static void records(void)
{
	char buf[512], want[512], longtext[200];
	char *f[6];
	int pid, pid2, n;

	fails("no children", await(buf, sizeof buf), "no living children");
	pid = start(0, quiet, "it's");
	n = await(buf, sizeof buf);
	is("await gives the length", n, strlen(buf));
	snprint(want, sizeof want, "'procs %d: it''s'", pid);
	yes("the message is quoted",
		strlen(buf) > strlen(want) && strcmp(buf + strlen(buf) - strlen(want), want) == 0);
	is("five fields", tokenize(buf, f, nelem(f)), 5);
	is("pid first", atoi(f[0]), pid);
	pid = start(0, quiet, "");
	await(buf, sizeof buf);
	yes("an empty message is quoted",
		strlen(buf) > 3 && strcmp(buf + strlen(buf) - 3, " ''") == 0);
	pid = start(0, quiet, "something");
	memset(buf, 'x', sizeof buf);
	is("await cuts", await(buf, 4), 3);
	is("and ends with NUL", buf[3], 0);
	fails("the record is gone", await(buf, sizeof buf), "no living children");
	memset(longtext, 'z', sizeof longtext);
	longtext[199] = '\0';
	pid = start(0, quiet, longtext);
	await(buf, sizeof buf);
	tokenize(buf, f, nelem(f));
	is("the message is cut to 127 bytes", strlen(f[4]), 127);
	pid = start(0, (char *(*)(void *))quiet, (void *)0x1000);
	same("a bad exit string", statusof(pid), "invalid exit string");
	pid = start(0, burnstwice, (void *)120);
	await(buf, sizeof buf);
	tokenize(buf, f, nelem(f));
	n = atoi(f[1]) + atoi(f[2]);
	yes("times include those of children", n >= 180 && n <= 2000);
	yes("real time", atoi(f[3]) >= 240 && atoi(f[3]) < 20000);
	pid = start(0, quiet, "older");
	while (stateof(pid)[0] != '\0')
		sleep(1);
	pid2 = start(0, quiet, "newer");
	while (stateof(pid2)[0] != '\0')
		sleep(1);
	await(buf, sizeof buf);
	is("newest first", atoi(buf), pid2);
	await(buf, sizeof buf);
	is("then the older", atoi(buf), pid);
}

/* Whose children they are, and how many records there can be. */
static void children(void)
{
	char buf[512];
	int pid, n, i;

	pid = start(RFNOWAIT, quiet, "");
	fails("RFNOWAIT", await(buf, sizeof buf), "no living children");
	same("of a child too", run(0, quietly, ""), "");
	start(0, quiet, "of the parent");
	same("RFMEM shares no children", run(RFMEM, adopts, nil), "");
	while (waitpid() > 0)
		;
	start(0, quiet, "");
	is("await of no bytes", await(buf, 0), 0);
	fails("takes the record", await(buf, sizeof buf), "no living children");
	for (i = 0; i < 140; i++) {
		pid = start(0, quiet, "");
		while (stateof(pid)[0] != '\0')
			sleep(0);
	}
	for (n = 0; await(buf, sizeof buf) > 0; n++)
		;
	is("128 records are kept", n, 128);
	shared[1] = 0;
	pid = start(0, orphan, nil);
	statusof(pid);
	shared[1] = 1;
	for (i = 0; i < 1000 && shared[1] != 2; i++)
		sleep(1);
	is("an orphan's parent id stays", shared[2], pid);
	fails("and it leaves no record", await(buf, sizeof buf), "no living children");
}

static char *untilread(void *arg)
{
	int i;

	USED(arg);
	for (i = 0; i < 1000 && shared[3] == 0; i++)
		sleep(5);
	return "";
}

static void waitfile(void)
{
	char buf[256];
	int fd, me, pid, other;
	Dir *d;

	fd = open(procfile(getpid(), "wait"), OREAD);
	fails("own wait file without children", read(fd, buf, sizeof buf), "no living children");
	pid = start(0, quiet, "text");
	while (stateof(pid)[0] != '\0')
		sleep(1);
	d = dirfstat(fd);
	is("its length is the number waiting", d == nil ? -1 : d->length, 1);
	free(d);
	memset(buf, 0, sizeof buf);
	yes("a record",
		read(fd, buf, sizeof buf - 1) > 0 && atoi(buf) == pid &&
			strstr(buf, ": text'") != nil);
	me = getpid();
	pid = start(0, untilread, nil);
	other = rfork(RFPROC | RFNOWAIT);
	if (other == 0) {
		reaches(me, "Await");
		if (read(fd, buf, sizeof buf) == -1) {
			rerrstr(buf, sizeof buf);
			shared[3] = strcmp(buf, "device or object already in use") == 0 ? 1 : 2;
		} else
			shared[3] = 3;
		_exits(nil);
	}
	await(buf, sizeof buf);
	is("another reader while one waits", shared[3], 1);
	close(fd);
}

/* ---- broken processes ---- */

static char *breaks(void *arg)
{
	notify(nil);
	datum = 0x1234;
	__asm__ volatile("ud2" : : "b"(0xabcdef));
	return arg;
}

static void broken(void)
{
	int pid, old[6], fd, i, n, v = 0;
	Ureg u;
	Waitmsg *w;

	memset(&u, 0, sizeof u);
	fd = dup(2, -1);
	dup(open("/dev/null", OWRITE), 2);
	pid = start(0, breaks, nil);
	w = wait();
	yes("its record comes at once",
		w != nil && w->pid == pid &&
			strstr(w->msg, "sys: trap: invalid opcode pc=0x") != nil);
	free(w);
	yes("state Broken", reaches(pid, "Broken"));
	n = open(procfile(pid, "mem"), OREAD);
	is("memory is readable", pread(n, &v, sizeof v, (vlong)A(&datum)), sizeof v);
	is("as it was", v, 0x1234);
	close(n);
	n = open(procfile(pid, "regs"), OREAD);
	is("registers are readable", pread(n, &u, sizeof u, 0), sizeof u);
	is("as they were", u.bx, 0xabcdef);
	close(n);
	yes("descriptors are closed", strstr(contents(procfile(pid, "fd")), "null") == nil);
	is("kill", puts(procfile(pid, "ctl"), "kill"), 0);
	for (i = 0; i < 500 && stateof(pid)[0] != '\0'; i++)
		sleep(1);
	same("is gone", stateof(pid), "");
	for (i = 0; i < 6; i++) {
		old[i] = start(0, breaks, nil);
		statusof(old[i]);
		reaches(old[i], "Broken");
	}
	for (n = i = 0; i < 6; i++)
		n += strcmp(stateof(old[i]), "Broken") == 0;
	is("four are kept", n, 4);
	same("the newest ones", stateof(old[5]), "Broken");
	for (i = 0; i < 500 && stateof(old[0])[0] != '\0'; i++)
		sleep(1);
	same("not the oldest", stateof(old[0]), "");
	for (i = 0; i < 6; i++)
		puts(procfile(old[i], "ctl"), "kill");
	dup(fd, 2);
	close(fd);
}

/* ---- crowds ---- */

enum { CROWD = 120, CROWDS = 40 };

/* Waits until nobody holds the other end. */
static char *incrowd(void *arg)
{
	int *p = arg;
	char c;

	close(p[1]);
	read(p[0], &c, 1);
	return "";
}

/* Many are there at once, and end at once: how many were made. */
static int crowd(void)
{
	int p[2], n = 0;

	if (pipe(p) < 0)
		return -1;
	while (n < CROWD && start(RFFDG, incrowd, p) > 0)
		n++;
	close(p[0]);
	close(p[1]);
	while (waitpid() > 0)
		;
	return n;
}

/* Were a part of their memory lost, a small machine would soon have none. */
static void crowds(void)
{
	int i, n = 0;

	for (i = 0; i < CROWDS; i++)
		n += crowd() == CROWD;
	is("crowds come and go", n, CROWDS);
}

void main(int argc, char **argv)
{
	begin("procs", 90);
	shared = segattach(0, "shared", nil, 4096);
	flags();
	alone();
	records();
	children();
	waitfile();
	broken();
	crowds();
	done();
}
