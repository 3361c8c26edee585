/*
 * devices.md 5: who may do what to the files of /proc, and what a control message leaves behind.
 */
#include "guest.h"

static volatile int *both;	/* with every child */
static char buf[8192];

static char *errtext(void)
{
	static char err[ERRMAX];

	rerrstr(err, sizeof err);
	return err;
}

static char *mine(char *file)
{
	return procfile(getpid(), file);
}

static char *sleeps(void *arg)
{
	sleep((int)(uintptr)arg);
	return "";
}

static int sleeper(void)
{
	int pid = start(0, sleeps, (void *)100000);

	reaches(pid, "Sleep");
	return pid;
}

static int ctl(int pid, char *text)
{
	return puts(procfile(pid, "ctl"), text);
}

static void end(int pid)
{
	ctl(pid, "kill");
	statusof(pid);
}

static int basepri(int pid)
{
	return atoi(contents(procfile(pid, "status")) + 68 + 7 * 12);
}

/* ---- users ---- */

static char *nonesleeps(void *arg)
{
	puts("#c/user", "none");
	return sleeps(arg);
}

/* The host owner is in the group of everything, and nothing more. */
static void modes(void)
{
	int pid = start(0, nonesleeps, (void *)100000), fd;
	Dir *d, n;

	reaches(pid, "Sleep");
	d = dirstat(procfile(pid, "status"));
	same("files belong to the process's user", d == nil ? nil : d->uid, "none");
	free(d);
	fd = open(procfile(pid, "mem"), OREAD);
	yes("the host owner as group: read", fd >= 0);
	close(fd);
	failsas("not write", open(procfile(pid, "mem"), OWRITE), "permission denied");
	failsas("not note", open(procfile(pid, "note"), OWRITE), "permission denied");
	nulldir(&n);
	n.mode = 0664;
	yes("but wstat", dirwstat(procfile(pid, "status"), &n) > 0);
	is("changes the mode of ctl", modeof(procfile(pid, "ctl")), 0664);
	is("not that of status", modeof(procfile(pid, "status")), 0444);
	is("read bits reach the others", modeof(procfile(pid, "watchpt")), 0644);
	is("and kregs", modeof(procfile(pid, "kregs")), 0444);
	failsas("wstat of notepg", dirwstat(procfile(pid, "notepg"), &n), "permission denied");
	failsas("wstat of trace", dirwstat("/proc/trace", &n), "permission denied");
	snprint(buf, sizeof buf, "/proc/%d", pid);
	failsas("wstat of the directory", dirwstat(buf, &n), "permission denied");
	end(pid);
}

static char *asnone(void *arg)
{
	int pid = (int)(uintptr)arg, i;
	static char *files[] = { "args", "ctl", "fd", "fpregs", "kregs", "mem", "note", "noteid",
		"ns", "ppid", "proc", "profile", "regs", "segment", "status", "syscall", "text",
		"wait", "watchpt" };
	Dir d;

	puts("#c/user", "none");
	for (i = 0; i < (int)nelem(files); i++)
		if (open(procfile(pid, files[i]), OREAD) >= 0)
			return files[i];
	if (open(mine("status"), OREAD) < 0 || open(mine("text"), OREAD) < 0)
		return "own files";
	if (open("/proc/trace", OREAD) >= 0)
		return "trace";
	nulldir(&d);
	d.uid = "glenda";
	if (dirwstat(mine("ctl"), &d) >= 0)
		return "became glenda";
	if (dirwstat(procfile(pid, "ctl"), &d) >= 0)
		return "wstat of another's";
	if (ctl(getpid(), "pri 11") == 0)
		return "pri 11";
	if (strcmp(errtext(), "permission denied") != 0 || ctl(getpid(), "pri 9") < 0)
		return errtext();
	return basepri(getpid()) == 9 ? "" : "not 9";
}

static char *loses(void *arg)
{
	USED(arg);
	ctl(getpid(), "pri 15");
	if (basepri(getpid()) != 15)
		return "not 15";
	puts("#c/user", "none");
	return basepri(getpid()) == 10 ? "" : "not 10";
}

static char *foreigngroup(void *arg)
{
	char text[20];

	snprint(text, sizeof text, "%d", (int)(uintptr)arg);
	puts("#c/user", "none");
	if (puts(mine("noteid"), text) == 0)
		return "joined";
	return errtext();
}

static void users(void)
{
	int pid = sleeper();

	same("none and the others' files", run(0, asnone, (void *)(uintptr)pid), "");
	same("another user has priority 10", run(0, loses, nil), "");
	same("a group of another user only", run(RFNOTEG, foreigngroup,
		(void *)(uintptr)atoi(contents(procfile(pid, "noteid")))), "permission denied");
	end(pid);
}

/* ---- waiting for a stop ---- */

static void onnote(void *u, char *note)
{
	USED(u);
	noted(strcmp(note, "alarm") == 0 ? NCONT : NDFLT);
}

static char *waitstops(void *arg)
{
	return ctl((int)(uintptr)arg, "waitstop") == 0 ? "" : errtext();
}

static void debuggers(void)
{
	int pid = sleeper(), other = start(0, waitstops, (void *)(uintptr)pid);

	yes("a debugger waits", reaches(other, "Stopwait"));
	fails("another", ctl(pid, "waitstop"), "device or object already in use");
	fails("another's stop", ctl(pid, "stop"), "device or object already in use");
	puts(procfile(pid, "note"), "bye");
	statusof(other);
	pid = sleeper();
	notify(onnote);
	alarm(50);
	fails("it can be interrupted", ctl(pid, "waitstop"), "interrupted");
	notify(nil);
	other = start(0, waitstops, (void *)(uintptr)pid);
	reaches(other, "Stopwait");
	ctl(pid, "kill");
	same("the process exits", statusof(other), "process exited");
}

/* ---- what exec and rfork keep ---- */

static char *marks(void *arg)
{
	char *argv[] = { "sleep", "100", nil };

	USED(arg);
	ctl(getpid(), "private");
	ctl(getpid(), "noswap");
	exec("/bin/sleep", argv);
	return "exec failed";
}

/* Its child inherits the hang and stops at its exec. */
static char *hangs(void *arg)
{
	char *argv[] = { "two words", "it's", "x", nil };

	int pid;

	USED(arg);
	ctl(getpid(), "hang");
	pid = rfork(RFPROC);
	if (pid == 0) {
		exec("/bin/echo", argv);
		_exits("exec failed");
	}
	both[0] = pid;
	ctl(getpid(), "nohang");
	sleep(100000);
	return "";
}

static void inherited(void)
{
	int pid = start(0, marks, nil), fd, i;

	for (i = 0; i < 500 && strncmp(contents(procfile(pid, "status")), "sleep ", 6) != 0; i++)
		sleep(10);
	fd = open(procfile(pid, "mem"), OREAD);
	yes("exec ends private", fd >= 0);
	close(fd);
	end(pid);
	both[0] = 0;
	pid = start(0, hangs, nil);
	while (both[0] == 0)
		sleep(1);
	yes("a child inherits hang", reaches(both[0], "Stopped"));
	same("arguments are quoted", contents(procfile(both[0], "args")),
		"'two words' 'it''s' x");
	ctl(both[0], "kill");
	end(pid);
}

/* ---- single messages ---- */

static void messages(void)
{
	int pid = sleeper();

	is("pri below 0", ctl(pid, "pri -3"), 0);
	is("is 0", basepri(pid), 0);
	fails("pri of a word", ctl(pid, "pri high"), "bad arg in system call");
	is("wired -1 picks one", ctl(pid, "wired -1"), 0);
	is("wired is modulo", ctl(pid, "wired 1000"), 0);
	fails("close of what is not open", ctl(pid, "close 999"), "fd out of range or not open");
	is("noswap", ctl(pid, "noswap"), 0);
	is("nointerrupt", ctl(pid, "nointerrupt"), 0);
	is("trace toggles", ctl(pid, "trace"), 0);
	is("trace 0", ctl(pid, "trace 0"), 0);
	is("args longer than one may write", pwrite(open(procfile(pid, "args"), OWRITE), buf, 128,
		0), -1);
	fails("syscall takes nothing", write(open(procfile(pid, "syscall"), ORDWR), "x", 1),
		"fd out of range or not open");
	same("no traced call", contents(procfile(pid, "syscall")), "");
	fails("an empty note", read(open(procfile(pid, "note"), OREAD), buf, 0),
		"read or write too small");
	end(pid);
}

static char untouched[64 * 1024];

/* Another's memory, as far as it was not touched yet. */
static void faults(void)
{
	int pid = sleeper(), fd = open(procfile(pid, "mem"), OREAD), i;

	memset(buf, 1, sizeof buf);
	is("mem of pages not touched", pread(fd, buf, sizeof buf, A(untouched)), sizeof buf);
	for (i = 0; i < (int)sizeof buf && buf[i] == 0; i++)
		;
	is("is zero", i, sizeof buf);
	close(fd);
	failsas("notepg is not read", open(procfile(pid, "notepg"), OREAD), "permission denied");
	failsas("notepg both ways", open(procfile(pid, "notepg"), ORDWR), "permission denied");
	end(pid);
}

/* ---- the name space ---- */

static int posts(char *name, int fd)
{
	char text[12];
	int s = create(name, OWRITE | ORCLOSE, 0600);

	snprint(text, sizeof text, "%d", fd);
	write(s, text, strlen(text));
	return s;
}

/* Does some line of the name space say that? */
static int nsline(char *want)
{
	int fd = open(mine("ns"), OREAD), found = 0;
	long n;

	while ((n = read(fd, buf, sizeof buf - 1)) > 0) {
		buf[n] = '\0';
		found |= strcmp(buf, want) == 0;
	}
	close(fd);
	return found;
}

/* The number that a lease says. */
static int nth(int lease)
{
	char text[16] = { 0 };

	pread(lease, text, sizeof text - 1, 0);
	return atoi(text);
}

static void namespace(void)
{
	int pid, fd, first, second;
	char line[64];

	rfork(RFNAMEG);
	fd = ramfs(RFNOWAIT, &pid);
	first = posts("#s/pr first", fd);
	second = posts("#s/prsecond", fd);
	close(fd);
	fd = open("#s/prsecond", ORDWR);
	is("mount", mount(fd, -1, "/mnt", MREPL, "") >= 0, 1);
	yes("ns: the first name, no flags, no spec", nsline("mount  '#s/pr first' /mnt\n"));
	fd = open("#s/prsecond", ORDWR);
	is("mount", mount(fd, -1, "/n", MAFTER | MCREATE | MCACHE, "") >= 0, 1);
	yes("ns: all flags", nsline("mount -acC '#s/pr first' /n\n"));
	bind("/env", "/n", MREPL);
	yes("ns: a bind without flags", nsline("bind  /env /n\n"));
	unmount(nil, "/n");
	unmount(nil, "/mnt");
	close(first);
	close(second);
	first = open("#s/clone", OREAD);
	snprint(line, sizeof line, "#s/%d/in", nth(first));
	fd = ramfs(RFNOWAIT, &pid);
	second = posts(line, fd);
	is("mount", mount(fd, -1, "/mnt", MREPL, "") >= 0, 1);
	snprint(line, sizeof line, "mount  '#s/%d/in' /mnt\n", nth(first));
	yes("ns: a service of a board", nsline(line));
	unmount(nil, "/mnt");
	close(second);
	close(first);
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("procrules", 60);
	both = segattach(0, "shared", nil, 4096);
	modes();
	users();
	debuggers();
	inherited();
	messages();
	faults();
	namespace();
	done();
}
