/*
 * The files of /proc that debuggers use: watchpoints, profile, trace, registers, kernel
 * memory, text made private, states. devices.md 5.
 */
#include "guest.h"

static volatile int word;
static volatile vlong wide[2] = { 1, 2 };
static char seen[ERRMAX];
static volatile int nseen;

static void handler(void *u, char *note)
{
	USED(u);
	if (nseen++ == 0)
		strecpy(seen, seen + sizeof seen, note);
	noted(NCONT);
}

static char *mine(char *file)
{
	return procfile(getpid(), file);
}

/* Writes a line for address a, in place of all others. */
static int watch(char *type, volatile void *a, int length)
{
	char line[80];

	snprint(line, sizeof line, "%s %#p %d\n", type, a, length);
	nseen = 0;
	seen[0] = '\0';
	return puts(mine("watchpt"), line);
}

static void append(char *text)
{
	int fd = open(mine("watchpt"), OWRITE);

	pwrite(fd, text, strlen(text), 1000);
	close(fd);
}

static __attribute__((noinline)) void touch(volatile int *p)
{
	*p = 7;
}

static int look(volatile int *p)
{
	return *p;
}

static void watchformat(void)
{
	char want[128], line[300];
	int fd;

	same("watchpt empty", contents(mine("watchpt")), "");
	is("watchpt -w-", watch("-w-", &word, 4), 0);
	snprint(want, sizeof want, "-w- 0x%016llux 0x0000000000000004\n", A(&word));
	same("watchpt line", contents(mine("watchpt")), want);
	append("rw- 0x300000 8\n");
	strcat(want, "rw- 0x0000000000300000 0x0000000000000008\n");
	same("watchpt appended", contents(mine("watchpt")), want);
	fails("watchpt fields", puts(mine("watchpt"), "rw- 0x300000\n"), "wrong number of fields");
	fails("watchpt type", puts(mine("watchpt"), "rq- 0x300000 1\n"), "invalid type");
	fails("watchpt address", puts(mine("watchpt"), "rw- hello 1\n"), "invalid address");
	fails("watchpt length", puts(mine("watchpt"), "rw- 0x300000 x\n"), "invalid length");
	fails("watchpt kernel", puts(mine("watchpt"), "rw- 0xffffffff80000000 1\n"), "bad address");
	memset(line, '0', sizeof line);
	memmove(line, "rw- 0x", 6);
	memmove(line + sizeof line - 5, " 1\n", 4);
	fails("watchpt line", puts(mine("watchpt"), line), "line too long");
	is("watchpt unaligned", puts(mine("watchpt"), "rw- 0x300001 4\n"), -1);
	is("watchpt r--", puts(mine("watchpt"), "r-- 0x300000 4\n"), -1);
	is("watchpt five", puts(mine("watchpt"), "-w- 0x300000 1\n-w- 0x300001 1\n"
		"-w- 0x300002 1\n-w- 0x300003 1\n-w- 0x300004 1\n"), -1);
	same("watchpt all or nothing", contents(mine("watchpt")), want);
	fd = open(mine("watchpt"), OWRITE | OTRUNC);
	close(fd);
	same("watchpt OTRUNC", contents(mine("watchpt")), "");
}

static char *isempty(void *arg)
{
	USED(arg);
	return contents(mine("watchpt"))[0] == '\0' ? nil : "has watchpoints";
}

static void watchhits(void)
{
	char line[80];
	int p[2];

	notify(handler);
	watch("-w-", &word, 4);
	touch(&word);
	begins("write is seen", seen, "sys: watchpoint 0 pc=0x");
	nseen = 0;
	look(&word);
	is("read is not", nseen, 0);
	watch("rw-", &word, 4);
	look(&word);
	begins("read is seen by rw-", seen, "sys: watchpoint 0 pc=0x");
	watch("--x", (volatile void *)touch, 1);
	touch(&word);
	begins("execution is seen", seen, "sys: watchpoint 0 pc=0x");
	is("once", nseen, 1);
	watch("--x", (volatile void *)touch, 1);
	append("-w- 0x300000 1\n");
	snprint(line, sizeof line, "--x %#p 1\n", (volatile void *)touch);
	append(line);
	touch(&word);
	begins("all that are met", seen, "sys: watchpoint 0,2 pc=0x");
	watch("-w-", &wide[1], 8);
	append("-w- 0x300000 1\n");
	wide[0] = 3;
	is("the neighbour is not watched", nseen, 0);
	pipe(p);
	write(p[1], "12345678", 8);
	read(p[0], (void *)&wide[1], 8);
	begins("the kernel's write is seen", seen, "sys: watchpoint 0 pc=0x");
	same("rfork does not inherit", run(0, isempty, nil), "");
	sleep(20);
	nseen = 0;
	wide[1] = 9;
	is("kept across switches", nseen, 1);
	watch("-w-", &word, 4);
	close(open(mine("watchpt"), OWRITE | OTRUNC));
	touch(&word);
	is("cleared", nseen, 0);
	notify(nil);
	close(p[0]);
	close(p[1]);
}

static char *spin(void *arg)
{
	vlong end = nsec() + 300000000LL;
	int i;

	USED(arg);
	while (nsec() < end)
		for (i = 0; i < 100000; i++)
			touch(&word);
	return nil;
}

static void profiling(void)
{
	static uint count[16384];
	char *s;
	int fd;
	long n, i;
	uvlong sum = 0;

	fails("profile is off", read(open(mine("profile"), OREAD), count, 4), "profile is off");
	is("profile", puts(mine("ctl"), "profile"), 0);
	spin(nil);
	fd = open(mine("profile"), OREAD);
	n = read(fd, count, sizeof count);
	close(fd);
	for (i = 1; i < n / 4; i++)
		sum += count[i];
	yes("profile counts", n > 64 && count[0] >= 10 && sum > 0 && sum <= count[0]);
	s = strstr(contents(mine("segment")), "Text");
	yes("segment shows P", s != nil && s[8] == 'P');
}

static int hasevent(uint *r, long n, uint pid, uint type)
{
	long i;

	for (i = 0; i + 4 <= n / 4; i += 4)
		if (r[i] == pid && r[i + 1] == type)
			return 1;
	return 0;
}

static void trace(void)
{
	static uint r[4096];
	int fd = open("/proc/trace", OREAD);
	uint pid = getpid();
	long n;

	yes("trace opens", fd >= 0);
	fails("trace again", open("/proc/trace", OREAD), "'/proc/trace' already open");
	is("trace empty", read(fd, r, sizeof r), 0);
	is("trace 1", puts(mine("ctl"), "trace 1"), 0);
	is("event", puts(mine("ctl"), "event"), 0);
	sleep(10);
	is("trace 0", puts(mine("ctl"), "trace 0"), 0);
	n = read(fd, r, sizeof r);
	is("records of 16 bytes", n % 16, 0);
	yes("user event", hasevent(r, n, pid, 13));
	yes("sleep", hasevent(r, n, pid, 5));
	yes("ready", hasevent(r, n, pid, 4));
	yes("run", hasevent(r, n, pid, 3));
	is("trace read", read(fd, r, sizeof r), 0);
	close(fd);
	failsas("trace args", puts(mine("ctl"), "trace 1 2"),
		"wrong #args in control message \"trace 1 2\"");
}

static char *hold(void *arg)
{
	USED(arg);
	touch(&word);
	sleep(10000);
	touch(&word);
	return word == 7 ? nil : "changed";
}

static void registers(void)
{
	static char buf[8192], again[8192];
	int pid, fd;
	long n;

	pid = start(0, hold, nil);
	reaches(pid, "Sleep");
	n = read(fd = open(procfile(pid, "kregs"), OREAD), buf, sizeof buf);
	is("kregs", n, 184);
	close(fd);
	n = read(fd = open(procfile(pid, "regs"), OREAD), buf, sizeof buf);
	is("regs", n, 184);
	close(fd);
	fails("kfpregs", read(fd = open(procfile(pid, "kfpregs"), OREAD), buf, sizeof buf),
		"process has no saved registers");
	close(fd);
	fd = open(procfile(pid, "fpregs"), ORDWR);
	n = read(fd, buf, sizeof buf);
	yes("fpregs", n >= 512);
	buf[24] = buf[25] = buf[26] = buf[27] = 0xff;	/* MXCSR with its reserved bits */
	is("fpregs written", pwrite(fd, buf, n, 0), n);
	is("fpregs read again", pread(fd, again, sizeof again, 0), n);
	is("fpregs' reserved bits are forced", again[26] | again[27], 0);
	close(fd);
	n = read(fd = open(procfile(pid, "proc"), OREAD), buf, sizeof buf);
	yes("proc", n > 512);
	close(fd);
	puts(procfile(pid, "ctl"), "kill");
	same("killed", statusof(pid), "Killed");
}

enum { FPSTATE = 512, FPHEADER = 64, XMM = 160, XMM15 = XMM + 15*16 };

/* What its registers hold after somebody wrote them. */
static char *firststate(void *arg)
{
	ushort control = 0;
	uvlong low = 1, full = ~0ULL;

	__asm__ volatile("movq %0, %%xmm15" : : "r"(full) : "xmm15");
	rendezvous(arg, 0);
	__asm__ volatile("fnstcw %0\n movq %%xmm15, %1" : "=m"(control), "=r"(low));
	return control == 0x37f && low == 0 ? nil : "not as at first";
}

/*
 * A part that the header of an XSAVE image says is as at first is so, whatever stands in its
 * place, and is read like that.
 */
static void firstregisters(void)
{
	static uchar was[8192], buf[8192], zero[256];
	int pid, fd;
	long n;

	pid = start(0, firststate, was);
	reaches(pid, "Rendez");
	fd = open(procfile(pid, "fpregs"), ORDWR);
	n = read(fd, was, sizeof was);
	if (n >= FPSTATE + FPHEADER) {
		is("parts in place", was[FPSTATE] & 3, 3);
		is("a register of the process", was[XMM15], 0xff);
		memmove(buf, was, sizeof buf);
		buf[0] ^= 0xff;
		memset(&buf[XMM], 0x5a, 256);
		memset(&buf[FPSTATE], 0, 8);
		is("none in use", pwrite(fd, buf, n, 0), n);
		is("read", pread(fd, buf, sizeof buf, 0), n);
		is("x87 control word", buf[0] | buf[1] << 8, 0x37f);
		yes("vector registers", memcmp(&buf[XMM], zero, 256) == 0);
		is("parts in place again", buf[FPSTATE], was[FPSTATE]);
		memset(&buf[FPSTATE], 0, 8);
		is("none in use any more", pwrite(fd, &buf[FPSTATE], 8, FPSTATE), 8);
	} else {
		was[0] = 0x7f;
		was[1] = 0x03;
		memset(&was[XMM], 0, 256);
		is("written", pwrite(fd, was, n, 0), n);
	}
	close(fd);
	rendezvous(was, 0);
	same("its registers", statusof(pid), "");
}

static void memory(void)
{
	char buf[16];
	uchar byte;
	int pid, fd;
	static char *text = (char *)touch;

	fd = open(mine("mem"), ORDWR);
	is("kernel text", pread(fd, buf, sizeof buf, 0x7fffffff80000000LL), sizeof buf);
	fails("nothing there", pread(fd, buf, sizeof buf, 0x7fffffffff000000LL),
		"bad arg in system call");
	fails("not canonical", pread(fd, buf, sizeof buf, 0x4000000000000000LL),
		"bad arg in system call");
	fails("kernel memory is read-only", pwrite(fd, buf, 1, 0x7fffffff80000000LL),
		"permission denied");
	fails("page 0", pread(fd, buf, 1, 0), "bad arg in system call");
	fails("write of the running", pwrite(fd, buf, 1, (uintptr)text),
		"bad process or channel control request");
	close(fd);
	pid = start(0, hold, nil);
	reaches(pid, "Sleep");
	is("interrupt", puts(procfile(pid, "ctl"), "stop") < 0 ? -1 : 0, 0);
	same("stopped", stateof(pid), "Stopped");
	fd = open(procfile(pid, "mem"), ORDWR);
	byte = 0xcc;
	is("write text", pwrite(fd, &byte, 1, (uintptr)text), 1);
	is("read it back", pread(fd, buf, 1, (uintptr)text), 1);
	yes("it is there", (uchar)buf[0] == 0xcc);
	yes("and not here", *(volatile uchar *)text != 0xcc);
	close(fd);
	is("start", puts(procfile(pid, "ctl"), "start"), 0);
	begins("breakpoint", statusof(pid), "sys: breakpoint pc=0x");
	puts(procfile(pid, "ctl"), "kill");
}

static char *errtext(void)
{
	static char err[ERRMAX];

	rerrstr(err, sizeof err);
	return err;
}

static void states(void)
{
	static char ppid[16];
	Dir *d;
	char *s;

	d = dirstat("/proc/1/status");
	yes("stat of status", d != nil && d->length == 176 && (d->mode & 0777) == 0444);
	free(d);
	is("status", strlen(contents("/proc/1/status")), 176);
	s = contents("/dev/hostowner");
	strecpy(ppid, ppid + sizeof ppid, s);
	yes("hostowner", ppid[0] != '\0');
	d = dirstat("/proc/2");
	yes("kernel processes are the host owner's", d != nil && strcmp(d->uid, ppid) == 0);
	free(d);
	begins("admit says why not", (puts(mine("ctl"), "admit"), errtext()), "not schedulable: ");
	failsas("event's arguments", puts(mine("ctl"), "event 1"),
		"wrong #args in control message \"event 1\"");
}

/* ---- waiting for a page ---- */

static char table[256 * 1024] = { 1 };

/* What runs from the server: touches its data when told. */
static void toucher(void)
{
	char c;

	read(0, &c, 1);
	_exits(((volatile char *)table)[200 * 1024] == 0 ? nil : "not zero");
}

static void copyfile(char *from, char *to)
{
	static char buf[8192];
	int in = open(from, OREAD), out = create(to, OWRITE, 0777);
	long n;

	while ((n = read(in, buf, sizeof buf)) > 0)
		write(out, buf, n);
	close(in);
	close(out);
}

/* A server that stops at its next request holds up whoever needs a page of it. */
static void faultstate(char *self)
{
	int p[2], server = -1, stopper, pid;

	rfork(RFNAMEG);
	yes("ramfs", mount(ramfs(0, &server), -1, "/tmp", MREPL | MCREATE, "") >= 0);
	copyfile(self, "/tmp/toucher");
	pipe(p);
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		dup(p[1], 0);
		close(p[0]);
		execl("/tmp/toucher", "toucher", "touch", nil);
		_exits("exec");
	}
	yes("it runs", reaches(pid, "Pread"));
	stopper = rfork(RFPROC | RFNOWAIT);
	if (stopper == 0) {
		puts(procfile(server, "ctl"), "stop");
		_exits(nil);
	}
	sleep(100);
	write(p[0], "x", 1);
	yes("state Fault", reaches(pid, "Fault"));
	reaches(server, "Stopped");
	is("go on", puts(procfile(server, "ctl"), "start"), 0);
	same("the page came", statusof(pid), "");
	puts(procfile(server, "ctl"), "kill");
	free(wait());
	unmount(nil, "/tmp");
}

void main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "touch") == 0)
		toucher();
	begin("devproc", 60);
	watchformat();
	watchhits();
	profiling();
	trace();
	registers();
	firstregisters();
	memory();
	states();
	faultstate(argv[0]);
	done();
}
