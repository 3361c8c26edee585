/*
 * init [-ctm] [command]: the first program. The kernel starts it as the host owner
 * with the console on descriptors 0, 1 and 2 and its devices bound in a bare root.
 *
 * It names the owner if nobody has, sets the environment, posts what serves /n, /mnt
 * and /mnt/exportfs, sets the name space of /lib/namespace, /tmp and the time, and then runs
 * /boot/run if that exists, reports how it ended and turns the machine off; or else
 * keeps a shell on the console. What fails on the way is said on the console, and init
 * carries on.
 *
 * -t runs /rc/bin/termrc and the user's profile first, -c /rc/bin/cpurc, -m nothing; a
 * command takes the place of the first shell. Without a letter $service decides, which
 * the kernel sets to `terminal' if its configuration says nothing else.
 */
#include <u.h>
#include <libc.h>
#include "newns.h"

#define OWNER	"glenda"
#define SYSNAME	"lux9"
#define RUN	"/boot/run"

enum {
	LASTFD = 29,		/* the highest descriptor that may have been left open */
};

static volatile int child;	/* what init waits for, or 0 */
static volatile int gotnote;	/* since the wait began */

/* The shell that runs these stays to talk to the user. */
#define INTERACT	"; cflag=() status=''; flag i +; . -i /fd/0"

static char *cpurc = "/rc/bin/cpurc" INTERACT;
static char *termrc = ". /rc/bin/termrc; home=/usr/$user; cd && . ./lib/profile" INTERACT;

static void
usage(void)
{
	fprint(2, "usage: init [-ctm] [command]\n");
	exits("usage");
}

/* readfile reads up to n-1 bytes and terminates them; "" if that fails. */
static long
readfile(char *file, char *buf, long n)
{
	long got;
	int fd;

	fd = open(file, OREAD);
	got = fd < 0 ? -1 : readn(fd, buf, n - 1);
	if (fd >= 0)
		close(fd);
	buf[got < 0 ? 0 : got] = '\0';
	return got;
}

/* writefile writes the text in one write; -1 if that fails. */
static int
writefile(char *file, char *text)
{
	int fd, r;

	fd = open(file, OWRITE);
	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) == strlen(text) ? 0 : -1;
	close(fd);
	return r;
}

/* complain says on the console what failed; init goes on without it. */
static void
complain(char *what)
{
	fprint(2, "init: %s: %r\n", what);
}

static void
setname(char *name, char *value)
{
	if (setvar(name, value, strlen(value) + 1) < 0)
		complain(name);
}

/* onnote passes an interrupt on to the child's group; nothing ends init but a trap. */
static void
onnote(void *ureg, char *note)
{
	char saved[ERRMAX];

	USED(ureg);
	if (strncmp(note, "sys: trap", 9) == 0)
		noted(NDFLT);
	saved[0] = '\0';
	errstr(saved, sizeof saved);
	gotnote = 1;
	if (child > 0 && strcmp(note, "interrupt") == 0)
		postnote(PNGROUP, child, note);
	errstr(saved, sizeof saved);
	noted(NCONT);
}

/* waitfor waits for one child and returns its record, or nil. */
static Waitmsg *
waitfor(int pid)
{
	Waitmsg *w;

	for (child = pid;;) {
		gotnote = 0;
		w = wait();
		if (w != nil && w->pid == pid)
			break;
		if (w == nil && !gotnote)
			break;
		free(w);
	}
	child = 0;
	return w;
}

/* start runs a program as a child in a note group of its own, with the descriptors
 * in, out and out; it returns the child's pid. */
static int
start(int in, int out, char *argv[])
{
	int pid, fd;

	pid = rfork(RFPROC | RFFDG | RFNOTEG);
	if (pid != 0)
		return pid;
	if (in != 0)
		dup(in, 0);
	if (out != 1)
		dup(out, 1);
	if (out != 2)
		dup(out, 2);
	for (fd = 3; fd <= LASTFD; fd++)
		close(fd);
	exec(argv[0], argv);
	fprint(2, "init: %s: %r\n", argv[0]);
	exits("exec");
}

/* run starts a program on the console and returns its wait record, or nil. */
static Waitmsg *
run(char *argv[])
{
	int pid;

	pid = start(0, 1, argv);
	if (pid < 0)
		return nil;
	return waitfor(pid);
}

/* owner makes sure that the host has one. */
static void
owner(void)
{
	char name[64];

	if (readfile("#c/hostowner", name, sizeof name) > 0)
		return;
	if (writefile("#c/hostowner", OWNER) < 0)
		complain("can't set the host owner");
}

/* configured is the service that init is for if no flag says so. */
static char *
configured(void)
{
	char *service;

	service = getenv("service");
	return service != nil && strcmp(service, "terminal") == 0 ? service : "cpu";
}

/* relist makes a variable of the configuration a list of the words between its blanks. */
static void
relist(char *name)
{
	char file[160], text[4096], *p, *to;
	long n;

	if (name[0] == '*' || strncmp(name, "fn#", 3) == 0 || utflen(name) == 1)
		return;
	snprint(file, sizeof file, "#ec/%s", name);
	n = readfile(file, text, sizeof text);
	if (n <= 0 || n == sizeof text - 1 || strchr(text, ' ') == nil)
		return;
	for (p = to = text; *p != '\0'; p++)
		if (*p != ' ')
			*to++ = *p;
		else if (to > text && to[-1] != '\0')
			*to++ = '\0';
	if (setvar(name, text, to - text) < 0)
		complain(name);
}

/* configuration makes lists of what the boot loader could only give as texts. */
static void
configuration(void)
{
	Dir *d;
	long i, n;
	int fd;

	fd = open("#ec", OREAD);
	n = fd < 0 ? -1 : dirreadall(fd, &d);
	if (fd >= 0)
		close(fd);
	for (i = 0; i < n; i++)
		relist(d[i].name);
	if (n > 0)
		free(d);
}

static void
environment(char *service)
{
	static char zone[64 * 1024];
	char *cputype, name[256];

	cputype = getenv("cputype");
	if (cputype == nil || cputype[0] == '\0') {
		cputype = "amd64";
		setname("cputype", cputype);
	}
	setname("objtype", cputype);
	setname("service", service);
	if (readfile("/adm/timezone/local", zone, sizeof zone) > 0)
		setname("timezone", zone);
	else
		complain("/adm/timezone/local");
	if (readfile("#c/sysname", name, sizeof name) <= 0) {
		strcpy(name, SYSNAME);
		if (writefile("#c/sysname", name) < 0)
			complain("can't set the system's name");
	}
	setname("sysname", name);
	if (setvar("path", "/bin\0.", 7) < 0)
		complain("path");
}

static void
namespace(void)
{
	char user[64], home[80];

	if (readfile("#c/user", user, sizeof user) <= 0)
		strcpy(user, OWNER);
	if (newns(user, "/lib/namespace") >= 0)
		return;
	complain("can't build the name space");
	snprint(home, sizeof home, "/usr/%s", user);
	setname("user", user);
	setname("home", home);
}

/* serve starts a file server, which returns when what it makes can be used. */
static void
serve(char *argv[])
{
	Waitmsg *w;

	if (access(argv[0], AEXEC) < 0)
		return;
	w = run(argv);
	if (w == nil)
		fprint(2, "init: can't start %s: %r\n", argv[0]);
	else if (w->msg[0] != '\0')
		fprint(2, "init: %s\n", w->msg);
	free(w);
}

/* mountpoints posts the servers of places to mount on that /lib/namespace mounts. */
static void
mountpoints(void)
{
	char *n[] = {"/bin/mntgen", "-s", "slashn", "/n", nil};
	char *mnt[] = {"/bin/mntgen", "-s", "slashmnt", "/mnt", nil};
	char *export[] = {"/bin/mntgen", "-s", "mntexport", "/mnt/exportfs", nil};

	serve(n);
	serve(mnt);
	serve(export);
}

static void
temporaries(void)
{
	char *argv[] = {"/bin/ramfs", "-m", "/tmp", nil};

	serve(argv);
}

static void
clock(void)
{
	char now[64], *p;

	if (readfile("#r/rtc", now, sizeof now) <= 0) {
		complain("can't read the clock");
		return;
	}
	p = now + strspn(now, " ");
	p[strcspn(p, " ")] = '\0';
	if (writefile("#c/time", p) < 0)
		complain("can't set the time");
}

/* halt turns the machine off; if that can't be, init ends and the kernel says why. */
static void
halt(void)
{
	if (writefile("#c/reboot", "halt") < 0)
		sysfatal("can't halt: %r");
	for (;;)
		sleep(1000);
}

/* status returns the exit string of a wait record, without who exited. */
static char *
status(Waitmsg *w)
{
	char *p;

	if (w == nil)
		return "no wait record";
	p = strstr(w->msg, ": ");
	return p == nil ? w->msg : p + 2;
}

/* report writes the one line that whoever runs the machine waits for. */
static void
report(char *text)
{
	char *line, *p;

	line = smprint("lux9: exit %s", text);
	if (line == nil)
		sysfatal("no memory: %r");
	for (p = line; *p != '\0'; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	*p = '\n';
	write(1, line, p + 1 - line);
	free(line);
}

/* runboot runs /boot/run with its output on the second serial line, if there is one. */
static void
runboot(void)
{
	char *argv[] = {"/bin/rc", RUN, nil};
	Waitmsg *w;
	int in, out, pid;

	in = open("/dev/null", OREAD);
	out = open("/dev/eia1", OWRITE);
	if (out < 0)
		out = 1;
	pid = start(in < 0 ? 0 : in, out, argv);
	if (in >= 0)
		close(in);
	if (pid < 0)
		sysfatal("can't run %s: %r", RUN);
	w = waitfor(pid);
	if (out != 1)
		close(out);
	report(status(w));
	free(w);
	halt();
}

/* shells keeps a shell on the console; the first one runs command, unless it is nil.
 * One that fails at once is given a second before the next. */
static void
shells(char *command)
{
	char *first[] = {"/bin/rc", "-c", command, nil};
	char *next[] = {"/bin/rc", "-i", nil};
	Waitmsg *w;

	if (access("/bin/rc", AEXEC) < 0)
		sysfatal("no shell: %r");
	free(run(command == nil ? next : first));
	for (;;) {
		print("init: starting /bin/rc\n");
		w = run(next);
		if (w == nil)
			sysfatal("can't run a shell: %r");
		if (strcmp(status(w), "exec") == 0)
			sysfatal("no shell");
		if (w->msg[0] != '\0' && w->time[2] < 1000)
			sleep(1000);
		free(w);
	}
}

void
main(int argc, char *argv[])
{
	char *service, *command, pri[64];
	int fd;

	service = nil;
	command = termrc;
	ARGBEGIN{
	case 'c':
		service = "cpu";
		break;
	case 't':
		service = "terminal";
		break;
	case 'm':
		command = nil;
		break;
	default:
		usage();
	}ARGEND
	if (argc > 1)
		usage();
	if (service == nil)
		service = configured();
	if (command == termrc && strcmp(service, "cpu") == 0)
		command = cpurc;
	if (argc == 1)
		command = argv[0];
	argv0 = "init";
	for (fd = 3; fd <= LASTFD; fd++)
		close(fd);
	notify(onnote);
	owner();
	snprint(pri, sizeof pri, "#p/%d/ctl", getpid());
	if (writefile(pri, "pri 10") < 0)
		complain("can't set the priority");
	configuration();
	environment(service);
	mountpoints();
	namespace();
	temporaries();
	clock();
	if (access(RUN, AREAD) == 0)
		runboot();
	shells(command);
}
