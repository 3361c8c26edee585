/*
 * Programs and processes: options, the ways to end, errors, notes, waiting.
 * What ends a process happens in a child whose output is read from a pipe.
 * With arguments this program is the one that those tests execute.
 */
#include <u.h>
#include <libc.h>
#include "check.h"

static char *self;
static char output[2048];
static Waitmsg *ended;

/* Runs f in a child, which sees fds 1 and 2 as a pipe; its output and end are left above. */
static void
child(void (*f)(void))
{
	int fd[2];
	long n;

	free(ended);
	if(pipe(fd) < 0)
		sysfatal("pipe: %r");
	if(fork() == 0){
		dup(fd[1], 1);
		dup(fd[1], 2);
		close(fd[0]);
		close(fd[1]);
		f();
		_exits("came back");
	}
	close(fd[1]);
	n = readn(fd[0], output, sizeof output - 1);
	output[n > 0 ? n : 0] = 0;
	close(fd[0]);
	ended = wait();
	if(ended == nil)
		sysfatal("wait: %r");
}

/* What is behind `name pid: ' in a status. */
static char*
status(void)
{
	char *s = strstr(ended->msg, ": ");

	return s != nil ? s + 2 : ended->msg;
}

/* ---- options ---- */

/* Parses words separated by blanks and tells what it saw; EARGF's complaint is a bar. */
static char*
options(char *words)
{
	static char text[256];
	char line[128], *args[16], **argv = args, *p = text, *e = text + sizeof text, *s;
	int argc;

	strecpy(line, line + sizeof line, words);
	argc = tokenize(line, args, nelem(args) - 1);
	args[argc] = nil;
	text[0] = 0;
	ARGBEGIN{
	case 'f':
		s = ARGF();
		p = seprint(p, e, "f(%s)", s);
		break;
	case 'g':
		s = EARGF(print("|"));
		p = seprint(p, e, "g(%s)", s);
		break;
	case 0x4e16:
		p = seprint(p, e, "W");
		break;
	default:
		p = seprint(p, e, "%C", ARGC());
	}ARGEND
	p = seprint(p, e, " %d", argc);
	while(argc-- > 0)
		p = seprint(p, e, " %s", *argv++);
	CHECK(*argv == nil);
	return text;
}

static void
eargf(void)
{
	options("p -g");
}

static void
failedassert(void)
{
	int zero = 0;

	assert(zero == 1);
}

static void
arguments(void)
{
	static char *t[][2] = {
		{ "p", " 0" }, { "p a b", " 2 a b" }, { "p -a -bc x -d", "abc 2 x -d" },
		{ "p -ffile x", "f(file) 1 x" }, { "p -f file x", "f(file) 1 x" },
		{ "p -af file", "af(file) 0" }, { "p -f", "f(<nil>) 0" },
		{ "p -g1 -g 2", "g(1)g(2) 0" }, { "p -- -a", " 1 -a" }, { "p -a -- -b", "a 1 -b" },
		{ "p - -a", " 2 - -a" }, { "p -a - b", "a 2 - b" }, { "p -a世b", "aWb 0" },
		{ "p -é", "é 0" }, { "p -f -- x", "f(--) 1 x" }, { "p '' -a", " 2  -a" },
	};
	int i;

	for(i = 0; i < (int)nelem(t); i++)
		SAME(options(t[i][0]), t[i][1]);
	child(eargf);
	CHECK(output[0] == '|');
	CHECK(strncmp(status(), "sys: ", 5) == 0);
	child(failedassert);
	CHECK(strstr(output, "zero == 1") != nil && strncmp(status(), "sys: ", 5) == 0);
}

static void
macros(void)
{
	struct { char a; vlong b; int c[7]; } s;
	int x, y;
	char *z;

	SET(x, y, z);
	CHECK(x == 0 && y == 0 && z == nil);
	SET(x);
	USED(x, y, z);
	memset(&s, 0, sizeof s);
	CHECK(nelem(s.c) == 7);
	CHECK((char*)&s + offsetof(__typeof__(s), c) == (char*)s.c);
}

/* ---- ends ---- */

static void
first(void)
{
	print("first ");
}

static void
second(void)
{
	print("second ");
}

static void
never(void)
{
	print("never ");
}

static void
withatexit(void)
{
	atexit(first);
	atexit(never);
	atexit(second);
	atexitdont(never);
	if(fork() == 0)
		exits(nil);		/* functions are the process's that asked for them */
	free(wait());
	exits("done");
}

static void
withoutatexit(void)
{
	atexit(never);
	_exits("quick");
}

static void
fullatexit(void)
{
	int i;

	for(i = 0; i < 33; i++)
		if(!atexit(first))
			exits("early");
	if(atexit(first))
		exits("late");
	_exits(nil);
}

static void
empty(void)
{
	exits("");
}

static void
fatal(void)
{
	argv0 = "prog";
	sysfatal("it is %d", 7);
}

static void
fatalnameless(void)
{
	werrstr("no good");
	argv0 = nil;
	sysfatal("why: %r");
}

static void
aborts(void)
{
	abort();
}

/* Longer than a status may be: what arrives is its beginning. */
static void
longstatus(void)
{
	char s[300];

	memset(s, 'x', sizeof s);
	s[sizeof s - 1] = 0;
	exits(s);
}

static void
ends(void)
{
	child(withatexit);
	SAME(output, "second first ");
	SAME(status(), "done");
	child(withoutatexit);
	SAME(output, "");
	SAME(status(), "quick");
	child(fullatexit);
	SAME(ended->msg, "");
	child(empty);
	SAME(ended->msg, "");
	child(fatal);
	SAME(output, "prog: it is 7\n");
	SAME(status(), "it is 7");
	child(fatalnameless);
	SAME(output, "why: no good\n");
	child(aborts);
	CHECK(strncmp(status(), "sys: trap: ", 11) == 0);
	child(longstatus);
	CHECK(strlen(status()) >= 64 && strspn(status(), "x") == strlen(status()));
}

/* ---- other programs ---- */

static void
runs(void)
{
	char *argv[] = { "zero", "echo", "one word", nil };

	exec(self, argv);
}

static void
runslist(void)
{
	execl(self, "zero", "echo", "a", "b", nil);
}

static void
runsmain(void)
{
	execl(self, "zero", "return", nil);
}

static void
runsnone(void)
{
	if(exec("/nosuch/program", (char*[]){ "x", nil }) != -1)
		exits("exec");
	print("%r\n");
	if(chdir("/bin") < 0 || execl("/nosuch/echo", "echo", nil) != -1)
		exits("execl");
	if(chdir("/") < 0 || execl("echo", "echo", "searched", nil) != -1)
		exits("search");
	exits("none");
}

static void
programs(void)
{
	child(runs);
	SAME(output, "zero 'echo' 'one word' ");
	SAME(ended->msg, "");
	child(runslist);
	SAME(output, "zero 'echo' 'a' 'b' ");
	child(runsmain);
	SAME(status(), "main");
	child(runsnone);
	SAME(status(), "none");
	CHECK(strstr(output, "does not exist") != nil);
}

static int
asnumber(char *file)
{
	char buf[32];
	int fd = open(file, OREAD);
	long n = read(fd, buf, sizeof buf - 1);

	close(fd);
	buf[n > 0 ? n : 0] = 0;
	return (int)strtol(buf, nil, 10);
}

static void
showparent(void)
{
	print("%d %d", getpid(), getppid());
	exits(nil);
}

static void
waiting(void)
{
	char buf[256], want[64], *f[5];
	int pid, n, me = getpid();

	CHECK(me > 0 && me == asnumber("/dev/pid") && me == (int)_tos->pid);
	child(showparent);
	snprint(want, sizeof want, "%d %d", ended->pid, me);
	SAME(output, want);
	CHECK(getppid() == asnumber("/dev/ppid"));
	pid = fork();
	if(pid == 0){
		sleep(60);
		exits("it's over");
	}
	/* the raw record: pid, three times in milliseconds, and the quoted text */
	n = await(buf, sizeof buf);
	CHECK(n > 0 && n < (int)sizeof buf && strlen(buf) >= n);
	buf[n > 0 ? n : 0] = 0;
	CHECK(strstr(buf, "it''s over'") != nil && tokenize(buf, f, 5) == 5);
	CHECK(atoi(f[0]) == pid && atoi(f[3]) >= 50 && strstr(f[4], ": it's over") != nil);
	pid = fork();
	if(pid == 0)
		exits(nil);
	CHECK(waitpid() == pid && waitpid() == -1 && wait() == nil && await(buf, 10) == -1);
	CHECK(getuser() != nil && getuser()[0] != 0 && getuser() == getuser());
	CHECK(sysname() != nil && sysname()[0] != 0 && sysname() == sysname());
}

static void
renames(void)
{
	char name[32], buf[64];
	int fd;
	long n;

	procsetname("called %d", 12);
	snprint(name, sizeof name, "/proc/%d/args", getpid());
	fd = open(name, OREAD);
	n = read(fd, buf, sizeof buf - 1);
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	SAME(buf, "called 12 [written]");
}

/* ---- errors ---- */

static void
complains(void)
{
	werrstr("broken");
	perror("thing");
	perror(nil);
	exits(nil);
}

static void
errors(void)
{
	char buf[ERRMAX], small[4], *big;
	int i;

	werrstr("error %d", 1);
	rerrstr(buf, sizeof buf);
	SAME(buf, "error 1");
	rerrstr(buf, sizeof buf);	/* a copy: it is still there */
	SAME(buf, "error 1");
	rerrstr(small, sizeof small);
	SAME(small, "err");
	strcpy(buf, "mine");
	errstr(buf, sizeof buf);	/* an exchange */
	SAME(buf, "error 1");
	rerrstr(buf, sizeof buf);
	SAME(buf, "mine");
	werrstr("%r, and more");
	rerrstr(buf, sizeof buf);
	SAME(buf, "mine, and more");
	big = smprint("%*s", 300, "é");
	for(i = 0; i < 299; i++)
		big[i] = 'a';
	werrstr("%s", big);
	rerrstr(buf, sizeof buf);
	CHECK(strlen(buf) == ERRMAX - 1 && strspn(buf, "a") == ERRMAX - 1);
	free(big);
	child(complains);
	SAME(output, "thing: broken\nbroken\n");
}

/* ---- notes and jumps ---- */

static volatile int ncalls;

static int
agree(void *u, char *s)
{
	USED(u);
	ncalls++;
	return strcmp(s, "mine") == 0 || strcmp(s, "alarm") == 0;
}

static int
decline(void *u, char *s)
{
	USED(u, s);
	ncalls += 100;
	return 0;
}

static void
declined(void)
{
	atnotify(decline, 1);
	postnote(PNPROC, getpid(), "unwanted");
	sleep(1000);
}

static int (*many[34])(void*, char*);

#define H(n)	static int h##n(void *u, char *s) { USED(u, s); return n == 99; }
H(0) H(1) H(2) H(3) H(4) H(5) H(6) H(7) H(8) H(9) H(10) H(11) H(12) H(13) H(14) H(15) H(16)
H(17) H(18) H(19) H(20) H(21) H(22) H(23) H(24) H(25) H(26) H(27) H(28) H(29) H(30) H(31) H(32)
H(33)

static void
fullatnotify(void)
{
	int (*f[])(void*, char*) = {
		h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11, h12, h13, h14, h15, h16, h17,
		h18, h19, h20, h21, h22, h23, h24, h25, h26, h27, h28, h29, h30, h31, h32, h33,
	};
	int i;

	memmove(many, f, sizeof f);
	for(i = 0; i < 33; i++)
		if(!atnotify(many[i], 1))
			exits("early");
	if(atnotify(many[33], 1))
		exits("late");
	if(!atnotify(many[5], 0) || !atnotify(many[33], 1))
		exits("not again");
	exits(nil);
}

static void
handler(void *u, char *s)
{
	USED(u);
	ncalls++;
	noted(strcmp(s, "go on") == 0 ? NCONT : NDFLT);
}

static void
bydefault(void)
{
	notify(handler);
	postnote(PNPROC, getpid(), "go on");
	if(ncalls != 1)
		exits("not called");
	postnote(PNPROC, getpid(), "the end");
	exits("survived");
}

static void
notes(void)
{
	CHECK(atnotify(agree, 1) && atnotify(decline, 1));
	CHECK(postnote(PNPROC, getpid(), "mine") == 0);
	sleep(1);
	CHECK(ncalls == 1);		/* who accepts ends the search */
	CHECK(alarm(50000) == 0);
	sleep(1);
	long left = alarm(0);
	CHECK(left > 40000 && left <= 50000);
	CHECK(alarm(0) == 0);
	CHECK(alarm(20) == 0 && sleep(20000) < 0 && ncalls == 2);
	CHECK(atnotify(agree, 0) && atnotify(decline, 0));
	CHECK(postnote(PNPROC, 0x7ffffff0, "x") == -1);
	ncalls = 0;
	child(declined);
	SAME(status(), "unwanted");
	child(fullatnotify);
	SAME(ended->msg, "");
	child(bydefault);
	SAME(status(), "the end");
}

static void
jumps(void)
{
	static jmp_buf jb;
	volatile int n = 0;
	int r;

	r = setjmp(jb);
	CHECK(r == (n == 0 ? 0 : n == 1 ? 7 : 1));
	if(n++ == 0)
		longjmp(jb, 7);
	if(n == 2)
		longjmp(jb, 0);		/* setjmp never returns 0 a second time */
	CHECK(n == 3);
	/* the first two words are stack pointer and pc */
	CHECK(jb[0] - (uvlong)(uintptr)&n + 65536 < 2*65536);
	CHECK(jb[1] > 0x200000 && jb[1] < (uvlong)(uintptr)sbrk(0));
}

static uintptr
callee(int n)
{
	return getcallerpc(&n);
}

static void
memory(void)
{
	uintptr (*volatile f)(int) = callee;
	char *top = sbrk(0);

	CHECK(f(1) != 0 && f(1) < (uintptr)sbrk(0));
	CHECK(sbrk(8192) == top && sbrk(0) == top + 8192 && top[8191] == 0);
	CHECK(sbrk(-8192) == top + 8192 && sbrk(0) == top);
	CHECK(sbrk((intptr)1 << 46) == (void*)-1 && sbrk(0) == top);
}

void
main(int argc, char **argv)
{
	int i;

	self = argv[0];
	if(argc > 1 && strcmp(argv[1], "return") == 0)
		return;
	if(argc > 1){
		print("%s ", argv[0]);
		for(i = 1; i < argc; i++)
			print("'%s' ", argv[i]);
		exits(nil);
	}
	arguments();
	macros();
	ends();
	programs();
	waiting();
	if(access("/dev/drivers", AEXIST) == 0)	/* Linux shows no such name */
		renames();
	errors();
	notes();
	jumps();
	memory();
	finish();
}
