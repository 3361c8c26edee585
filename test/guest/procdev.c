/*
 * devices.md 5: the files of /proc to the column, and the rules of writing them.
 */
#include "guest.h"

static int sharedword; /* with RFMEM */
static volatile int *both; /* with every child */
static char buf[8192];

static char *sleeps(void *arg)
{
	USED(arg);
	sleep(100000);
	return "";
}

static char *spins(void *arg)
{
	volatile int *w = arg;

	notify(nil);
	both[0] = 1;
	while (*w == 0)
		;
	return "spun";
}

/* A sleeping child; a spinning one; their end. */
static int sleeper(void)
{
	int pid = start(0, sleeps, nil);

	reaches(pid, "Sleep");
	return pid;
}

static int spinner(void)
{
	int pid;

	both[0] = sharedword = 0;
	pid = start(0, spins, &sharedword);
	while (both[0] == 0)
		sleep(1);
	return pid;
}

static void end(int pid)
{
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
}

static long readfile(int pid, char *file, void *p, long n, vlong offset)
{
	int fd = open(procfile(pid, file), OREAD);
	long r = fd < 0 ? -1 : pread(fd, p, n, offset);

	if (fd >= 0)
		close(fd);
	return r;
}

static int ctl(int pid, char *text)
{
	return puts(procfile(pid, "ctl"), text);
}

/* Right-justified in width-1 columns, then a blank. */
static int isnumber(char *s, int width)
{
	int i = 0;

	while (i < width - 2 && s[i] == ' ')
		i++;
	for (; i < width - 1; i++)
		if (s[i] < '0' || s[i] > '9')
			return 0;
	return s[width - 1] == ' ' || s[width - 1] == '\n';
}

/* ---- formats ---- */

static void modes(void)
{
	static struct {
		char *name;
		uint mode;
	} files[] = { { "args", 0660 }, { "ctl", 0640 }, { "fd", 0444 }, { "fpregs", 0640 },
		{ "kregs", 0440 }, { "mem", 0640 }, { "note", 0640 }, { "noteid", 0664 },
		{ "notepg", 0640 }, { "ns", 0444 }, { "ppid", 0444 }, { "proc", 0440 },
		{ "profile", 0440 }, { "regs", 0640 }, { "segment", 0444 }, { "status", 0444 },
		{ "syscall", 0440 }, { "text", 0640 }, { "wait", 0440 }, { "watchpt", 0640 } };
	char name[64];
	Dir *d;
	uint i;

	for (i = 0; i < nelem(files); i++) {
		snprint(name, sizeof name, "mode of %s", files[i].name);
		is(name, modeof(procfile(getpid(), files[i].name)), files[i].mode);
	}
	d = dirstat("/proc/1/status");
	is("length of status", d == nil ? -1 : d->length, 176);
	free(d);
	is("mode of /proc", modeof("/proc"), DMDIR | 0555);
	snprint(buf, sizeof buf, "/proc/%d", getpid());
	d = dirstat(buf);
	is("mode of a process", modeof(buf), DMDIR | 0555);
	same("its owner", d == nil ? nil : d->uid, getuser());
	free(d);
	is("mode of trace", modeof("/proc/trace"), 0400);
	failsas("no such process", open("/proc/999999/status", OREAD), "");
	failsas("no such file", open("/proc/1/nonesuch", OREAD), "file does not exist");
}

static void statusline(void)
{
	int pid = sleeper(), i, good = 1;
	char *s = contents(procfile(pid, "status")), name[64];

	is("status has 176 bytes", strlen(s), 176);
	snprint(name, sizeof name, "%-27s %-27s %-11s ", "procdev", getuser(), "Sleep");
	begins("name, user, state", s, name);
	for (i = 0; i < 9; i++)
		good &= isnumber(s + 68 + 12 * i, 12);
	is("nine numbers of 12 columns", good, 1);
	is("ends with a newline", s[175], '\n');
	is("base priority", atoi(s + 68 + 7 * 12), 10);
	yes("memory in KB", atoi(s + 68 + 6 * 12) > 8);
	yes("real time", atoi(s + 68 + 2 * 12) < 5000);
	snprint(name, sizeof name, "%11d ", pid);
	same("ctl reads the pid", contents(procfile(pid, "ctl")), name);
	snprint(name, sizeof name, "%11d ", getpid());
	same("ppid", contents(procfile(pid, "ppid")), name);
	same("noteid", contents(procfile(pid, "noteid")), name);
	end(pid);
}

static void lines(void)
{
	char want[200], *s, *cwd;
	int fd, file = open("/dev/null", OREAD), other = open("/env", OREAD), n;
	Dir *d;

	chdir("/env");
	fd = open(procfile(getpid(), "fd"), OREAD);
	n = read(fd, buf, sizeof buf);
	buf[n > 0 ? n : 0] = '\0';
	same("fd: the current directory first", buf, "/env\n");
	d = dirfstat(file);
	snprint(want, sizeof want, "%3d r  c %4d (%.16llux %d %.2ux) %5d %8d /dev/null\n", file,
		d->dev, d->qid.path, d->qid.vers, d->qid.type, 0, 0);
	free(d);
	s = "";
	while ((n = read(fd, buf, sizeof buf - 1)) > 0) {
		buf[n] = '\0';
		if (strchr(buf, '\n') != buf + n - 1)
			s = "more than a line";
		if (atoi(buf) == file)
			same("fd: a line", buf, want);
	}
	same("one line a read", s, "");
	close(fd);
	close(file);
	close(other);
	chdir("/");

	rfork(RFNAMEG);
	bind("/n", "/mnt", MBEFORE | MCREATE);
	fd = open(procfile(getpid(), "ns"), OREAD);
	s = "missing";
	cwd = "";
	while ((n = read(fd, buf, sizeof buf - 1)) > 0) {
		buf[n] = '\0';
		if (strchr(buf, '\n') != buf + n - 1)
			s = "more than a line";
		if (strcmp(buf, "bind -bc /n /mnt\n") == 0 ||
			strcmp(buf, "bind -cb /n /mnt\n") == 0)
			s = "";
		strecpy(want, want + sizeof want, buf);
		cwd = want;
	}
	same("ns: a line", s, "");
	same("ns: the last", cwd, "cd /\n");
	close(fd);
	unmount(nil, "/mnt");

	s = contents(procfile(getpid(), "segment"));
	/* type[6] flags[2] base[8] top[8] refs[4] */
	begins("segment: the stack", s, "Stack     7ffffefff000 7ffffffff000 ");
	s = strstr(s, "\nText ");
	yes("segment: text", s != nil && strncmp(s + 1, "Text   R    200000 ", 19) == 0);
	if (s != nil && (s = strstr(s, "\nBss ")) != nil) {
		snprint(want, sizeof want, "Bss   ");
		yes("segment: bss", strncmp(s + 1, want, 6) == 0);
	} else
		notok("segment: bss", "got none");
}

static void argsfile(void)
{
	int fd, pid = sleeper();
	char text[140];

	same("args", contents(procfile(pid, "args")), "/t/procdev");
	fd = open(procfile(pid, "args"), ORDWR);
	is("write", write(fd, "a new name", 10), 10);
	same("args", contents(procfile(pid, "args")), "a new name [written]");
	memset(text, 'x', sizeof text);
	yes("too long", pwrite(fd, text, 128, 0) == -1);
	is("not too long", pwrite(fd, text, 127, 0), 127);
	close(fd);
	end(pid);
}

/* ---- memory and registers ---- */

static int victimword = 0x11111111;

static void memory(void)
{
	int pid = spinner(), fd, v = 0, textword, other;
	Ureg u;

	fd = open(procfile(pid, "mem"), ORDWR);
	yes("mem", fd >= 0);
	is("read", pread(fd, &v, sizeof v, A(&victimword)), sizeof v);
	is("what is there", v, 0x11111111);
	fails("an address that is not", pread(fd, &v, sizeof v, 0x1000), "bad arg in system call");
	fails("write while running", pwrite(fd, &v, sizeof v, A(&victimword)),
		"bad process or channel control request");
	is("stop", ctl(pid, "stop"), 0);
	v = 0x22222222;
	is("write while stopped", pwrite(fd, &v, sizeof v, A(&victimword)), sizeof v);
	v = 0;
	pread(fd, &v, sizeof v, A(&victimword));
	is("is written", v, 0x22222222);
	is("not here", victimword, 0x11111111);
	pread(fd, &textword, sizeof textword, A(memory));
	v = ~textword;
	is("write of text", pwrite(fd, &v, sizeof v, A(memory)), sizeof v);
	other = 0;
	pread(fd, &other, sizeof other, A(memory));
	is("a private copy", other, v);
	is("ours is as before", *(int *)A(memory), textword);
	yes("a read stops at the segment's end", pread(fd, buf, 64, USTKTOP - 16) == 16);
	close(fd);
	is("regs", readfile(pid, "regs", &u, sizeof u, 0), sizeof u);
	yes("pc in text", u.pc >= UTZERO && u.pc < UTZERO + 0x100000);
	yes("sp in the stack", u.sp > USTKTOP - USTKSIZE && u.sp < USTKTOP);
	is("cs", u.cs, 0x2b);
	/* stop the spinning by its memory */
	v = 1;
	fd = open(procfile(pid, "mem"), ORDWR);
	pwrite(fd, &v, sizeof v, A(&sharedword));
	close(fd);
	/* flags: the low eight bits count, cs is forced */
	u.flags = ~0ULL & ~0x500ULL;
	u.cs = 8;
	u.ss = 16;
	fd = open(procfile(pid, "regs"), ORDWR);
	is("write of regs", pwrite(fd, &u, sizeof u, 0), sizeof u);
	is("start", ctl(pid, "start"), 0);
	same("it went on", statusof(pid), "spun");
	fails("regs of a process that is gone", pread(fd, &u, sizeof u, 0), "process exited");
	close(fd);
}

static void textfile(void)
{
	int fd = open(procfile(getpid(), "text"), OREAD), fd2;
	char a[64], b[64];

	fd2path(fd, a, sizeof a);
	same("text is the program's own file", a, "/t/procdev");
	is("at its beginning", read(fd, a, 4), 4);
	fd2 = open("/t/procdev", OREAD);
	read(fd2, b, 4);
	is("the same", memcmp(a, b, 4), 0);
	close(fd);
	close(fd2);
	failsas("only for reading", open(procfile(getpid(), "text"), OWRITE), "");
}

/* ---- ctl ---- */

static char *calls(void *arg)
{
	USED(arg);
	both[0] = 1;
	while (both[1] == 0)
		;
	close(999);
	_syscall(BRK_, 0, 0, 0, 0, 0);
	return "done";
}

static void control(void)
{
	int pid = spinner();

	fails("unknown", ctl(pid, "frob"), "unknown control message \"frob\"");
	fails("too many words", ctl(pid, "hang now"),
		"wrong #args in control message \"hang now\"");
	fails("nothing", ctl(pid, "\n"), "empty control message");
	fails("too few words", ctl(pid, "pri"), "wrong #args in control message \"pri\"");
	fails("start of one that runs", ctl(pid, "start"),
		"bad process or channel control request");
	is("stop", ctl(pid, "stop"), 0);
	same("state", stateof(pid), "Stopped");
	is("waitstop of one that is stopped", ctl(pid, "waitstop"), 0);
	is("pri", ctl(pid, "pri 5"), 0);
	is("base priority", atoi(contents(procfile(pid, "status")) + 68 + 7 * 12), 5);
	is("pri is clamped", ctl(pid, "pri 99"), 0);
	is("base priority", atoi(contents(procfile(pid, "status")) + 68 + 7 * 12), 19);
	is("fixedpri", ctl(pid, "fixedpri 3"), 0);
	is("wired", ctl(pid, "wired 0"), 0);
	is("start", ctl(pid, "start"), 0);
	is("startstop is for the stopped", ctl(pid, "startstop"), -1);
	is("close", ctl(pid, "close 0") == 0 || 1, 1);
	end(pid);
	/* startstop: until the next note */
	pid = spinner();
	ctl(pid, "stop");
	if (rfork(RFPROC | RFNOWAIT) == 0) {
		sleep(100);
		post(pid, "a note");
		_exits(nil);
	}
	is("startstop", ctl(pid, "startstop"), 0);
	same("stops at the note", stateof(pid), "Stopped");
	ctl(pid, "start");
	same("which is then delivered", statusof(pid), "a note");
}

static void tracing(void)
{
	int pid;
	char *s;

	both[0] = both[1] = 0;
	pid = start(0, calls, nil);
	while (both[0] == 0)
		sleep(1);
	ctl(pid, "stop");
	both[1] = 1;
	is("startsyscall", ctl(pid, "startsyscall"), 0);
	is("waitstop", ctl(pid, "waitstop"), 0);
	s = contents(procfile(pid, "syscall"));
	snprint(buf, sizeof buf, "%d procdev Close 0x", pid);
	begins("at its entry", s, buf);
	yes("with its argument", strstr(s, " 999") != nil);
	is("startsyscall", ctl(pid, "startsyscall"), 0);
	is("waitstop", ctl(pid, "waitstop"), 0);
	s = contents(procfile(pid, "syscall"));
	yes("at its exit", strstr(s, " = -1 \"fd out of range or not open\" ") != nil);
	is("startsyscall", ctl(pid, "startsyscall"), 0);
	is("waitstop", ctl(pid, "waitstop"), 0);
	s = contents(procfile(pid, "syscall"));
	snprint(buf, sizeof buf, "%d procdev Brk 0x", pid);
	begins("the next", s, buf);
	yes("an address of 0", strlen(s) > 4 && strcmp(s + strlen(s) - 4, " 0x0") == 0);
	ctl(pid, "start");
	same("goes on", statusof(pid), "done");
}

static void breaking(void)
{
	int pid, fd;

	pid = sleeper();
	is("interrupt", ctl(pid, "interrupt"), 0);
	same("breaks the sleep", statusof(pid), "");
	pid = spinner();
	ctl(pid, "stop");
	post(pid, "x");
	fails("nointerrupt with notes", ctl(pid, "nointerrupt"), "notes pending");
	end(pid);
	/* private */
	pid = sleeper();
	is("private", ctl(pid, "private"), 0);
	failsas("mem of it", open(procfile(pid, "mem"), OREAD), "permission denied");
	failsas("regs of it", open(procfile(pid, "regs"), OREAD), "permission denied");
	end(pid);
	/* a file held beyond its process */
	pid = sleeper();
	fd = open(procfile(pid, "status"), OREAD);
	end(pid);
	fails("status of one that is gone", read(fd, buf, sizeof buf), "process exited");
	close(fd);
}

static char *hangs(void *arg)
{
	char *argv[] = { "echo", nil };

	USED(arg);
	ctl(getpid(), "hang");
	exec("/bin/echo", argv);
	return "exec failed";
}

static char *closes(void *arg)
{
	USED(arg);
	ctl(getpid(), "close 0");
	if (close(0) != -1)
		return "0 is open";
	ctl(getpid(), "closefiles");
	return close(1) == -1 && close(2) == -1 ? "" : "1 is open";
}

static void stopping(void)
{
	Ureg u;
	int pid = start(RFFDG, hangs, nil);

	yes("hang", reaches(pid, "Stopped"));
	readfile(pid, "regs", &u, sizeof u, 0);
	is("before the first instruction", u.ax, USTKTOP - 72);
	begins("of the new program", contents(procfile(pid, "status")), "echo ");
	end(pid);
	same("close and closefiles", run(RFFDG, closes, nil), "");
}

/* ---- noteid, wstat, none ---- */

static char *ownnoteid(void *arg)
{
	char text[20];
	int fd = open(procfile(getpid(), "noteid"), ORDWR);

	if (atoi(contents(procfile(getpid(), "noteid"))) != getpid())
		return "RFNOTEG";
	snprint(text, sizeof text, "%d", (int)(uintptr)arg);
	if (write(fd, text, strlen(text)) < 0)
		return "joining the parent's";
	if (atoi(contents(procfile(getpid(), "noteid"))) != (int)(uintptr)arg)
		return "not joined";
	if (pwrite(fd, "0", 1, 0) != -1 || pwrite(fd, "-5", 2, 0) != -1)
		return "0";
	snprint(text, sizeof text, "%d", getpid());
	if (pwrite(fd, text, strlen(text), 0) < 0)
		return "own pid";
	return "";
}

static char *isnone(void *arg)
{
	int pid = (int)(uintptr)arg;

	if (puts("/dev/user", "none") < 0)
		return "becoming none";
	if (strncmp(contents(procfile(getpid(), "status")) + 28, "none ", 5) != 0)
		return "status";
	if (open(procfile(pid, "mem"), OREAD) >= 0 || open(procfile(pid, "note"), OWRITE) >= 0 ||
		open(procfile(pid, "ctl"), OWRITE) >= 0 || open(procfile(pid, "text"), OREAD) >= 0)
		return "opened";
	if (puts("/dev/user", "glenda") >= 0)
		return "undone";
	return "";
}

static void owners(void)
{
	int pid, id = atoi(contents(procfile(getpid(), "noteid")));
	Dir d;

	same("noteid", run(RFNOTEG, ownnoteid, (void *)(uintptr)id), "");
	pid = sleeper();
	same("user none", run(0, isnone, (void *)(uintptr)pid), "");
	nulldir(&d);
	d.mode = 0600;
	yes("wstat of the mode", dirwstat(procfile(pid, "ctl"), &d) > 0);
	is("sets that of all", modeof(procfile(pid, "mem")), 0600);
	nulldir(&d);
	d.mode = 0660; /* for the end */
	dirwstat(procfile(pid, "ctl"), &d);
	nulldir(&d);
	d.uid = "none";
	yes("wstat of the user", dirwstat(procfile(pid, "ctl"), &d) > 0);
	yes("sets it", strncmp(contents(procfile(pid, "status")) + 28, "none ", 5) == 0);
	end(pid);
}

/* The kernel's own processes let nobody at them. */
static void kernelprocs(void)
{
	char *writable[] = { "ctl", "args", "noteid", "note", "notepg", "mem", "regs" };
	int pid, i, found = 0, opened = 0;

	for (pid = 2; pid < 10 && !found; pid++)
		if (contents(procfile(pid, "segment"))[0] == '\0' && stateof(pid)[0] != '\0')
			found = pid;
	if (!yes("there is a kernel process", found))
		return;
	for (i = 0; i < (int)nelem(writable); i++)
		opened += open(procfile(found, writable[i]), OWRITE) >= 0;
	is("files of a kernel process that open for writing", opened, 0);
}

void main(int argc, char **argv)
{
	begin("procdev", 90);
	both = segattach(0, "shared", nil, 4096);
	modes();
	statusline();
	lines();
	argsfile();
	memory();
	textfile();
	control();
	tracing();
	breaking();
	stopping();
	owners();
	kernelprocs();
	done();
}
