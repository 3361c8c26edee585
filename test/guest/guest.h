/*
 * What the guest's test programs share. Each check prints `ok PROGRAM NAME`, or `not ok
 * PROGRAM NAME: got ..., expected ...`; done() ends with `N passed, N failed`. What is
 * expected comes from the specification, never from what the kernel does.
 *
 * begin() leaves a watcher behind: the checks run in a child of it, in a note group and a
 * name space of their own, and are ended when they take too long.
 */
#ifndef GUEST_H
#define GUEST_H

#include "lib/include/u.h"
#include "lib/include/libc.h"

/* The call as the kernel sees it: slots of 64 bits, a result of 64 bits. */
uvlong _syscall(int n, uvlong, uvlong, uvlong, uvlong, uvlong);

#define A(x) ((uvlong)(uintptr)(x))
/* What a 32-bit argument looks like when the caller did not clear the rest of its slot. */
#define WIDE(x) ((uvlong)(uint)(x) | 0x7dff5a5a00000000ULL)

static char *program;
static int passed, failed;

static inline void ok(char *name)
{
	passed++;
	print("ok %s %s\n", program, name);
}

static inline void notok(char *name, char *fmt, ...)
{
	char buf[1024];
	va_list arg;

	va_start(arg, fmt);
	vsnprint(buf, sizeof buf, fmt, arg);
	va_end(arg);
	failed++;
	print("not ok %s %s: %s\n", program, name, buf);
}

static inline int yes(char *name, int cond)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	if (cond)
		ok(name);
	else
		notok(name, "got no, expected yes (last error: %s)", err);
	return cond;
}

static inline int is(char *name, vlong got, vlong want)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	if (got == want)
		ok(name);
	else
		notok(name, "got %lld (0x%llux), expected %lld (0x%llux) (last error: %s)", got,
			got, want, want, err);
	return got == want;
}

static inline int same(char *name, char *got, char *want)
{
	int equal = got != nil && strcmp(got, want) == 0;

	if (equal)
		ok(name);
	else
		notok(name, "got `%s', expected `%s'", got == nil ? "(nil)" : got, want);
	return equal;
}

static inline int begins(char *name, char *got, char *want)
{
	int good = got != nil && strncmp(got, want, strlen(want)) == 0;

	if (good)
		ok(name);
	else
		notok(name, "got `%s', expected `%s...'", got == nil ? "(nil)" : got, want);
	return good;
}

/* The call just made returned r: -1, with the error want. */
static inline int fails(char *name, vlong r, char *want)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	if (r != -1)
		notok(name, "got result %lld, expected error `%s'", r, want);
	else
		return same(name, err, want);
	return 0;
}

/* The same for an error that begins with a file name. */
static inline int failsas(char *name, vlong r, char *want)
{
	char err[ERRMAX];
	long n, m = strlen(want);

	rerrstr(err, sizeof err);
	n = strlen(err);
	if (r == -1 && n >= m && strcmp(err + n - m, want) == 0) {
		ok(name);
		return 1;
	}
	notok(name, "got result %lld, error `%s', expected error `...%s'", r, err, want);
	return 0;
}

/* ---- children ---- */

/* A process tells its end before its memory goes, on another processor perhaps: wait for that, on a
 * busy host for some seconds. One that stays Broken keeps it. */
static inline void untilgone(int pid)
{
	char name[64], text[128], err[ERRMAX];
	int i, fd;

	rerrstr(err, sizeof err);
	snprint(name, sizeof name, "/proc/%d/status", pid);
	for (i = 0; i < 20000 && (fd = open(name, OREAD)) >= 0; i++) {
		memset(text, 0, sizeof text);
		read(fd, text, sizeof text - 1);
		close(fd);
		if (strstr(text, "Broken") != nil)
			break;
		sleep(1);
	}
	werrstr("%s", err);
}

/* Waits for pid, and drops what other children leave. The part of its message that follows
 * `name pid: ' is returned in a static buffer; nil if there is no such child. */
static inline char *statusof(int pid)
{
	static char status[ERRMAX + 64];
	Waitmsg *w;
	char *p;

	while ((w = wait()) != nil) {
		if (w->pid != pid) {
			free(w);
			continue;
		}
		p = strstr(w->msg, ": ");
		strecpy(status, status + sizeof status, p == nil ? w->msg : p + 2);
		free(w);
		untilgone(pid);
		return status;
	}
	return nil;
}

/* Runs f in a child made with those flags besides RFPROC; f's result is its exit string. */
static inline int start(int flags, char *(*f)(void *), void *arg)
{
	int pid = rfork(RFPROC | flags);

	if (pid == 0)
		_exits(f(arg));
	return pid;
}

static inline char *run(int flags, char *(*f)(void *), void *arg)
{
	int pid = start(flags, f, arg);

	return pid < 0 ? "rfork failed" : statusof(pid);
}

/* Of the descriptors p of a pipe, the second becomes ramfs's connection. */
static inline char *beramfs(void *arg)
{
	int *p = arg;

	dup(p[1], 0);
	dup(p[1], 1);
	close(p[0]);
	close(p[1]);
	execl("/bin/ramfs", "ramfs", "-i", nil);
	return "exec";
}

/* Starts a ramfs with a name space and a note group of its own, and those flags besides. The
 * descriptor to mount is returned, -1 if there is none; *pid is its pid. */
static inline int ramfs(int flags, int *pid)
{
	int p[2];

	if (pipe(p) < 0)
		return -1;
	*pid = start(RFFDG | RFNOTEG | RFNAMEG | flags, beramfs, p);
	close(p[1]);
	if (*pid >= 0)
		return p[0];
	close(p[0]);
	return -1;
}

/* ---- files ---- */

/* Reads a whole file into a static buffer, as a string; empty, with the reason in the
 * error string, if it cannot be read. */
static inline char *contents(char *name)
{
	static char buf[16384];
	int fd = open(name, OREAD);
	long n, total = 0;

	if (fd >= 0) {
		while ((n = read(fd, buf + total, sizeof buf - 1 - total)) > 0)
			total += n;
		close(fd);
	}
	buf[total] = '\0';
	return buf;
}

static inline int processors(void)
{
	return strlen(contents("#c/sysstat")) / 121;
}

static inline int puts(char *name, char *text)
{
	int fd = open(name, OWRITE);
	long n = strlen(text);
	int r = -1;

	if (fd >= 0) {
		r = write(fd, text, n) == n ? 0 : -1;
		close(fd);
	}
	return r;
}

static inline char *procfile(int pid, char *file)
{
	static char name[64];

	snprint(name, sizeof name, "/proc/%d/%s", pid, file);
	return name;
}

/* How many of something the kernel has, by a line of /dev/counts; -1 if it counts no such thing. */
static inline vlong counted(char *what)
{
	char *line, *name, *end;
	vlong n;

	for (line = contents("#c/counts"); (end = strchr(line, '\n')) != nil; line = end + 1) {
		*end = '\0';
		n = strtoll(line, &name, 10);
		if (strcmp(name + (*name == ' '), what) == 0)
			return n;
	}
	return -1;
}

/* Two texts of /dev/counts: there is no more of anything than before. Of the heap there may be a
 * little more, since what is kept for the next process differs by processor. */
static inline int nomore(char *name, char *before, char *after)
{
	char *b = before, *a = after, *what;
	vlong slack;

	while (*a != '\0' && *b != '\0') {
		vlong was = strtoll(b, nil, 10), n = strtoll(a, &what, 10);

		slack = strncmp(what, " heap", 5) == 0 ? 8192 : 0;
		if (n > was + slack)
			break;
		for (; *a != '\0' && *a++ != '\n'; )
			;
		for (; *b != '\0' && *b++ != '\n'; )
			;
	}
	if (*a == '\0' && *b == '\0' && after[0] != '\0')
		ok(name);
	else
		notok(name, "got `%s', expected no more than `%s'", after, before);
	return *a == '\0';
}

/* The mode of a file, -1 if it has none. */
static inline vlong modeof(char *name)
{
	Dir *d = dirstat(name);
	vlong mode = d == nil ? -1 : (vlong)d->mode;

	free(d);
	return mode;
}

/* Posts a note to a process. */
static inline int post(int pid, char *note)
{
	return puts(procfile(pid, "note"), note);
}

/* The state field of /proc/pid/status; empty if there is none. */
static inline char *stateof(int pid)
{
	static char state[32];
	char *s = contents(procfile(pid, "status")), *e;

	state[0] = '\0';
	if (strlen(s) > 56) {
		strecpy(state, state + sizeof state, s + 56);
		if ((e = strchr(state, ' ')) != nil)
			*e = '\0';
	}
	return state;
}

/* Waits up to five seconds for a process to be in a state, at two looks in a row: on another
 * processor it may be on its way there still at the first. */
static inline int reaches(int pid, char *state)
{
	int i, seen = 0;

	for (i = 0; i < 500; i++) {
		seen = strcmp(stateof(pid), state) == 0 ? seen + 1 : 0;
		if (seen == 2)
			return 1;
		sleep(10);
	}
	return 0;
}

/* ---- the program ---- */

static int watched;

static inline void onalarm(void *u, char *note)
{
	USED(u);
	if (strcmp(note, "alarm") != 0)
		noted(NDFLT);
	noted(NCONT);
}

/* A kernel that checks every access takes longer: $slow times as long. */
static inline void begin(char *name, int seconds)
{
	char *slow = getenv("slow");
	Waitmsg *w;

	if (slow != nil && atoi(slow) > 1)
		seconds *= atoi(slow);
	free(slow);
	program = name;
	watched = rfork(RFPROC | RFFDG | RFNOTEG | RFREND);
	if (watched == 0) {
		/* /mnt and /n are ours to mount on */
		rfork(RFNAMEG);
		unmount(nil, "/mnt");
		unmount(nil, "/n");
		return;
	}
	if (watched < 0)
		sysfatal("rfork: %r");
	notify(onalarm);
	alarm(seconds * 1000);
	w = wait();
	if (w == nil || w->pid != watched) {
		print("%s", contents("#c/hang"));
		postnote(PNGROUP, watched, "kill");
		puts(procfile(watched, "ctl"), "kill");
		print("not ok %s: got no end, expected one within %d seconds\n", program, seconds);
		print("0 passed, 1 failed\n");
		_exits("hung");
	}
	if (w->msg[0] != '\0' && strstr(w->msg, ": failed") == nil) {
		print("not ok %s: got `%s', expected an orderly end\n", program, w->msg);
		print("0 passed, 1 failed\n");
	}
	_exits(w->msg[0] == '\0' ? nil : "failed");
}

static inline void done(void)
{
	print("%d passed, %d failed\n", passed, failed);
	_exits(failed == 0 ? nil : "failed");
}

#endif
