/*
 * process.md 5 and 6: what of a process exec keeps and what it resets.
 */
#include "execs.h"

static char *self = "/t/execstate";
static int datum = 1;

static void ignore(void *u, char *note)
{
	USED(u);
	USED(note);
	noted(NCONT);
}

static char *quiet(void *arg)
{
	return arg;
}

/* Writes what FXSAVE says at its first instruction; then exits. */
extern char fpprobe[], fpprobeend[];
__asm__(".text\n"
	".globl fpprobe, fpprobeend\n"
	"fpprobe:\n"
	"	subq $1024, %rsp\n"
	"	andq $-64, %rsp\n"
	"	fxsave64 64(%rsp)\n"
	"	leaq 64(%rsp), %rbx\n"
	"	movq $1, 8(%rsp); movq %rbx, 16(%rsp); movq $512, 24(%rsp); movq $-1, 32(%rsp)\n"
	"	movl $51, %ebp\n"
	"	syscall\n"
	"	movq $0, 8(%rsp)\n"
	"	movl $8, %ebp\n"
	"	syscall\n"
	"	ud2\n"
	"fpprobeend:\n");

/* ---- the state of the processor and of memory ---- */

/* The old program's floating point state is not the new one's. */
static void freshfloats(void)
{
	static uchar file[65536];
	static uchar fx[513];
	double one = 1.0;
	ushort cw = 0x37f;
	uint mxcsr = 0x1f80, i;
	long n = aout(file, 5000, 0, 0, 0x200028);

	memmove(file + 40, fpprobe, fpprobeend - fpprobe);
	writefile("/tmp/aout", 0755, file, n);
	__asm__ volatile("fldcw %0; ldmxcsr %1; fldl %2; movsd %2, %%xmm7"
		: : "m"(cw), "m"(mxcsr), "m"(one) : "xmm7");
	memset(fx, 0xff, sizeof fx);
	same("a program that looks", execute("/tmp/aout", nil, (char *)fx, sizeof fx), "");
	__asm__ volatile("fninit");
	is("x87 control word", fx[0] | fx[1] << 8, 0x0232);
	is("x87 status and tags", fx[2] | fx[3] | fx[4], 0);
	is("MXCSR", fx[24] | fx[25] << 8, 0x1900);
	for (i = 32; i < 32 + 8 * 16 + 16 * 16 && fx[i] == 0; i++)
		;
	is("the registers are zero", i, 32 + 8 * 16 + 16 * 16);
	remove("/tmp/aout");
}

/* An attached segment that is in the way of the new image goes. */
static char *attaches(void *arg)
{
	char *s = segattach(0, "memory", (void *)0x2000000, 4096);
	char *t = segattach(0, "memory", (void *)0x40000000, 4096);

	if (s == (void *)-1 || t == (void *)-1)
		return "segattach";
	return execs(arg);
}

static void collisions(void)
{
	static uchar file[65536];
	char *argv[] = { "zero", nil };
	Exec x = { "/tmp/aout", argv, -1 };
	int pid, p[2];
	char c;
	long n = aout(file, 5000, 0, 100, 0x200028);

	put4(file + 4, 0x4000000);
	writefile("/tmp/aout", 0755, file, n);
	pipe(p);
	x.out = p[1];
	pid = start(RFFDG, attaches, &x);
	close(p[1]);
	is("it runs", read(p[0], &c, 1), 1);
	reaches(pid, "Sleep");
	strecpy(segments, segments + sizeof segments, contents(procfile(pid, "segment")));
	segmentis("Text", UTZERO, 0x4400000);
	yes("what was in the way is gone", strstr(segments, "2000000 ") == nil);
	yes("the other is not", strstr(segments, "40000000 ") != nil);
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
	close(p[0]);
	remove("/tmp/aout");
}

/* ---- what exec keeps ---- */

/* Exec'd by keeps(): checks from inside, result as the status. */
static void keptchild(char **argv)
{
	char buf[ERRMAX] = "";
	char *kept = (char *)strtoull(argv[3], nil, 0), *gone = (char *)strtoull(argv[4], nil, 0);
	int fd = open("#c/null", OWRITE), keptfd = atoi(argv[5]), gonefd = atoi(argv[6]);
	uchar st[2];

	_syscall(ERRSTR, A(buf), sizeof buf, 0, 0, 0);
	if (buf[0] != '\0')
		exits("the error string was kept");
	if ((int)_tos->pid != atoi(argv[2]))
		exits("another pid");
	if (fstat(keptfd, st, 2) != 2)
		exits("a descriptor was closed");
	if (fd != gonefd && fstat(gonefd, st, 2) == 2)
		exits("an OCEXEC descriptor was kept");
	notify(ignore);
	_syscall(PWRITE, fd, A(gone), 1, ~0ULL, 0);
	rerrstr(buf, sizeof buf);
	if (strcmp(buf, "bad arg in system call") != 0)
		exits("an SG_CEXEC segment was kept");
	notify(nil);
	if (strcmp(kept, "kept") != 0)
		exits("a segment was lost");
	if (alarm(0) == 0)
		exits("the alarm was lost");
	if (waitpid() != atoi(argv[7]))
		exits("the children were lost");
	if (strncmp(contents(procfile(getpid(), "args")), "helper kept ", 12) != 0)
		exits("args");
	if (atoi(contents("#c/ppid")) != atoi(argv[8]))
		exits("another parent");
	if (atoi(contents(procfile(getpid(), "noteid"))) != atoi(argv[9]))
		exits("another note group");
	if (_tos->pcycles >= _tos->cyclefreq || _tos->kcycles >= _tos->cyclefreq)
		exits("cycles were kept");
	if (strcmp(contents("#c/user"), argv[10]) != 0)
		exits("another user");
	if (strcmp(contents("#e/kept"), "kept") != 0)
		exits("the environment was lost");
	if (access("/mnt/null", AEXIST) < 0 || access("null", AEXIST) < 0)
		exits("the name space or the current directory was lost");
	exits(nil);
}

static char *keeper(void *arg)
{
	char text[9][32];
	char *argv[] = { "helper", "kept", text[0], text[1], text[2], text[3], text[4], text[5],
		text[6], text[7], text[8], nil };
	char *kept = segattach(0, "memory", nil, 4096),
	     *gone = segattach(SG_CEXEC, "memory", nil, 4096);
	int fd = open("/dev/null", OREAD), gonefd = open("/dev/null", OREAD | OCEXEC);

	USED(arg);
	strcpy(kept, "kept");
	strcpy(gone, "gone");
	notify(ignore);
	alarm(20000);
	close(1000);
	snprint(text[0], 32, "%d", getpid());
	snprint(text[1], 32, "0x%llux", A(kept));
	snprint(text[2], 32, "0x%llux", A(gone));
	snprint(text[3], 32, "%d", fd);
	snprint(text[4], 32, "%d", gonefd);
	snprint(text[5], 32, "%d", start(0, quiet, ""));
	rfork(RFNOTEG | RFENVG | RFNAMEG);
	snprint(text[6], 32, "%d", getppid());
	snprint(text[7], 32, "%d", atoi(contents(procfile(getpid(), "noteid"))));
	strecpy(text[8], text[8] + 32, contents("#c/user"));
	putenv("kept", "kept");
	bind("/dev", "/mnt", MREPL);
	chdir("/mnt");
	/* More than a second, which the new program does not see. */
	_tos->kcycles += _tos->cyclefreq;
	while (_tos->pcycles < _tos->cyclefreq)
		sleep(0);
	exec(self, argv);
	return "exec failed";
}

static char *handlergone(void *arg)
{
	char *argv[] = { "helper", "sleep", nil };

	USED(arg);
	notify(ignore);
	exec(self, argv);
	return "exec failed";
}

/* A failing exec leaves everything as it was. */
static char *intact(void *arg)
{
	char *argv[] = { "x", nil };
	int fd = open("/dev/null", OREAD | OCEXEC);

	USED(arg);
	datum = 99;
	if (exec("/tmp/none", argv) != -1 || close(fd) != 0 || datum != 99)
		return "changed";
	return strcmp(contents("#c/pid"), "") != 0 ? "" : "no";
}

/* From a handler that holds a note: the new program is in no handler and has no note. */
static void executing(void *u, char *note)
{
	char *argv[] = { "helper", "handler", nil };

	USED(u);
	USED(note);
	post(getpid(), "held");
	exec(self, argv);
	exec(self, argv); /* the held note may interrupt one sleep */
	_exits("exec failed");
}

static char *inhandler(void *arg)
{
	USED(arg);
	notify(executing);
	post(getpid(), "x");
	return "went on";
}

static int heard;

static void hears(void *u, char *note)
{
	USED(u);
	heard += strcmp(note, "later") == 0;
	noted(NCONT);
}

static void handlerchild(void)
{
	notify(hears);
	post(getpid(), "later");
	sleep(0);
	if (heard != 1)
		exits("no note comes");
	notify(nil);
	noted(NCONT);
}

/* Marks that exec takes away. */
static char *marked(void *arg)
{
	char *argv[] = { "helper", "sleep", nil };
	char line[64];

	USED(arg);
	snprint(line, sizeof line, "-w- %#p 4\n", &datum);
	if (puts(procfile(getpid(), "watchpt"), line) < 0)
		return "watchpt";
	if (puts(procfile(getpid(), "ctl"), "private") < 0)
		return "private";
	if (open(procfile(getpid(), "mem"), OREAD) >= 0)
		return "not private";
	exec(self, argv);
	return "exec failed";
}

/* Stops where the new program begins. */
static char *hangs(void *arg)
{
	char *argv[] = { "zero", nil };

	USED(arg);
	puts(procfile(getpid(), "ctl"), "hang");
	exec("/tmp/aout", argv);
	return "exec failed";
}

static void marks(void)
{
	static uchar file[65536];
	Ureg u;
	int pid, fd;
	long n = aout(file, 5000, 0, 0, 0x200030);

	pid = start(RFFDG, marked, nil);
	reaches(pid, "Sleep");
	fd = open(procfile(pid, "mem"), OREAD);
	yes("private is reset", fd >= 0);
	close(fd);
	same("watchpoints are", contents(procfile(pid, "watchpt")), "");
	puts(procfile(pid, "ctl"), "kill");
	statusof(pid);
	memmove(file + 40, "\x0f\x0b", 2);
	writefile("/tmp/aout", 0755, file, n);
	pid = start(RFFDG, hangs, nil);
	yes("hang stops it", reaches(pid, "Stopped"));
	fd = open(procfile(pid, "regs"), OREAD);
	is("registers", read(fd, &u, sizeof u), sizeof u);
	is("before the first instruction", u.pc, 0x200030);
	is("with the address of Tos", u.ax, USTKTOP - 72);
	close(fd);
	puts(procfile(pid, "ctl"), "kill");
	same("it can be killed there", statusof(pid), "Killed");
	remove("/tmp/aout");
}

static void keeps(void)
{
	int pid;

	same("what exec keeps and resets", run(RFFDG, keeper, nil), "");
	pid = start(RFFDG, handlergone, nil);
	reaches(pid, "Sleep");
	sleep(50);
	puts(procfile(pid, "note"), "bye");
	same("the handler is reset", statusof(pid), "bye");
	same("a failing exec changes nothing", run(RFFDG, intact, nil), "");
	same("exec from a handler", run(RFFDG, inhandler, nil), "Suicide");
	marks();
	pid = start(RFFDG, handlergone, nil);
	sleep(50);
	reaches(pid, "Sleep");
	begins("the name of the process", contents(procfile(pid, "status")),
		"execstate                  ");
	same("its arguments", contents(procfile(pid, "args")), "helper sleep");
	puts(procfile(pid, "note"), "bye");
	statusof(pid);
}

/* ---- the helper ---- */

static void helper(char **argv)
{
	if (strcmp(argv[1], "kept") == 0)
		keptchild(argv);
	if (strcmp(argv[1], "handler") == 0)
		handlerchild();
	sleep(100000);
	exits(nil);
}

void main(int argc, char **argv)
{
	if (argc > 1)
		helper(argv);
	begin("execstate", 90);
	freshfloats();
	collisions();
	keeps();
	done();
}
