/*
 * 9p.md 2 to 4 and process.md 3.4 to 3.5: what the mount driver sends, and what becomes of
 * calls when the server is slow, dies, or lies. Nothing may hang; every fid is given back.
 */
#include "liar.h"

static int server;
static int nalarm;

static void onnote(void *u, char *note)
{
	USED(u);
	if (strcmp(note, "alarm") != 0 && strcmp(note, "again") != 0)
		noted(NDFLT);
	nalarm++;
	noted(NCONT);
}

static int mountliar(char *session, char *aname)
{
	int fd = liar(session, &server);
	int r;

	alarm(3000);
	r = mount(fd, -1, "/mnt", MREPL | MCREATE, aname);
	alarm(0);
	if (r < 0)
		close(fd);
	return r;
}

/* Unmounts; the server must end by itself, without fids. */
static void leave(char *name)
{
	char *s;
	int n;

	unmount(nil, "/mnt");
	alarm(5000);
	s = statusof(server);
	alarm(0);
	n = seen->nfid;
	if (s == nil)
		notok(name, "got a server that goes on, with %d fids", n);
	else if (n != 0 || s[0] != '\0' || seen->badfid || seen->badtag || seen->badmessage)
		notok(name,
			"got `%s', %d fids left, bad: %d fids, %d tags, %d messages, expected none",
			s, n, seen->badfid, seen->badtag, seen->badmessage);
	else
		ok(name);
}

static char buf[200000];

/* Opens, reads, closes, within seconds; the result of read, with its error. */
static long attempt(char *file, long n)
{
	char name[64], err[ERRMAX];
	int fd;
	long r;

	snprint(name, sizeof name, "/mnt/%s", file);
	alarm(4000);
	fd = open(name, OREAD);
	r = fd < 0 ? -2 : read(fd, buf, n);
	rerrstr(err, sizeof err);
	alarm(0);
	if (fd >= 0)
		close(fd);
	errstr(err, sizeof err);
	return r;
}

static int good(char *name, long n)
{
	long i;

	for (i = 0; i < n; i++)
		if ((uchar)buf[i] != contentat(name, i))
			return 0;
	return 1;
}

/* ---- version, attach, auth ---- */

static void refused(char *session, char *aname, char *want)
{
	char name[64];

	snprint(name, sizeof name, "session %s%s", session, aname);
	fails(name, mountliar(session, aname), want);
	alarm(5000);
	statusof(server);
	alarm(0);
}

static void versions(void)
{
	char v[32];
	int fd, p[2];
	Dir *d;

	refused("vmore", "", "server tries to increase msize in fversion");
	refused("vless", "", "nonsense value of msize in fversion");
	refused("vunknown", "", "bad 9P version returned from server");
	refused("verror", "", "no version for you");
	refused("veof", "", "EOF receiving fversion reply");
	refused("", "refuse", "no such tree");
	yes("a reply of the wrong type", mountliar("vtype", "") == -1);
	statusof(server);

	fd = liar("", &server);
	strcpy(v, "9P2000");
	fails("negative msize", fversion(fd, -1, v, sizeof v), "bad iounit in version call");
	strcpy(v, "9Q");
	fails("another protocol", fversion(fd, 0, v, sizeof v), "bad 9P version specification");
	memset(v, 'x', sizeof v);
	yes("no end of the version", fversion(fd, 0, v, sizeof v) == -1);
	strcpy(v, "");
	is("fversion", fversion(fd, 0, v, sizeof v), 6);
	is("what it returns", strncmp(v, "9P2000", 6), 0);
	is("the default msize", seen->msize, MSIZE);
	same("the version sent", seen->version, "9P2000");
	is("its tag", seen->versiontag, NOTAG);
	strcpy(v, "9P2000");
	is("once more", fversion(fd, 0, v, sizeof v), 6);
	is("without a message", seen->count[Tversion], 1);
	memset(v, 0, sizeof v);
	is("just enough room: no NUL", fversion(fd, 0, v, 6), 6);
	same("what it returns", v, "9P2000");
	memset(v, 0, sizeof v);
	fails("one byte less", fversion(fd, 0, v, 5), "i/o count too small");
	d = dirfstat(fd);
	yes("its entry says so", d != nil && (d->qid.type & 0x10) && (d->mode & 0x10000000));
	free(d);
	strcpy(v, "9P2000");
	fails("a small buffer", fversion(fd, 0, v, 3), "bad arg in system call");
	strcpy(v, "9P1999");
	yes("another version", fversion(fd, 0, v, sizeof v) == -1);
	fails("reading a channel with a version", read(fd, v, 1), "inappropriate use of fd");
	fails("writing it", write(fd, v, 1), "inappropriate use of fd");
	is("mount", mount(fd, -1, "/mnt", MREPL, "tree"), 0);
	fails("mount closes the descriptor", close(fd), "fd out of range or not open");
	same("uname", seen->uname, getuser());
	same("aname", seen->aname, "tree");
	is("afid", seen->afid, NOFID);
	leave("the end of a session");

	fails("mount of no descriptor", mount(99, -1, "/mnt", 0, ""),
		"fd out of range or not open");
	pipe(p);
	fd = open("#d/0", OREAD);
	fails("mount of a descriptor for reading", mount(fd, -1, "/mnt", 0, ""),
		"inappropriate use of fd");
	close(fd);
	fails("bad flags", mount(p[0], -1, "/mnt", 8, ""), "bad arg in system call");
	close(p[0]);
	close(p[1]);
}

/* The proposal, and transfers that are cut by what was agreed. */
static void sizes(void)
{
	char v[32];
	int fd = liar("", &server);

	strcpy(v, "9P2000");
	is("a large msize", fversion(fd, 1 << 21, v, sizeof v), 6);
	is("is cut to what the channel takes", seen->msize, 65536);
	close(fd);
	statusof(server);
	is("a small msize", mountliar("vsmall", ""), 0);
	is("reads are cut by it", attempt("plain", 5000), 5000);
	is("into pieces of msize-24", seen->iosize, 976);
	yes("right", good("plain", 5000));
	leave("the end of that");
}

/* Is fd closed in a program that is executed? */
static int closedbyexec(int fd)
{
	char *argv[] = { "sleep", "1000", nil }, line[20];
	int pid, closed;

	snprint(line, sizeof line, "\n%3d ", fd);
	pid = rfork(RFPROC | RFFDG);
	if (pid == 0) {
		exec("/bin/sleep", argv);
		_exits("exec");
	}
	reaches(pid, "Sleep");
	closed = strstr(contents(procfile(pid, "fd")), line) == nil;
	post(pid, "end");
	return closed && strcmp(statusof(pid), "end") == 0;
}

static void auths(void)
{
	int fd = liar("", &server), fd2, afd, plain, srv;

	fails("fauth refused", fauth(fd, ""), "no authentication here");
	close(fd);
	statusof(server);
	fd = liar("auth", &server);
	afd = fauth(fd, "tree");
	yes("fauth", afd >= 0);
	snprint(buf, sizeof buf, "%d", afd);
	srv = create("#s/afid", OWRITE | ORCLOSE, 0600);
	fails("posting it", write(srv, buf, strlen(buf)), "cannot post auth file in srv");
	close(srv);
	is("is closed by exec", closedbyexec(afd), 1);
	is("the conversation", read(afd, buf, 10), 10);
	is("both ways", write(afd, buf, 10), 10);
	fails("afd of something else", mount(fd, 0, "/mnt", 0, "tree"), "inappropriate use of fd");
	fd2 = dup(fd, -1);
	is("mount", mount(fd, afd, "/mnt", 0, "tree"), 0);
	yes("attach names the afid", seen->afid != NOFID);
	is("an afid serves twice", mount(dup(fd2, -1), afd, "/n", 0, "tree"), 0);
	unmount(nil, "/n");
	plain = open("/mnt/plain", ORDWR);
	fails("a file that is no afid", mount(fd2, plain, "/n", 0, "tree"),
		"inappropriate use of fd");
	close(plain);
	close(fd2);
	close(afd);
	leave("the end of a session with auth");
}

/* ---- what is sent ---- */

static void messages(void)
{
	char name[400];
	int fd, i, n;

	is("mount", mountliar("", ""), 0);
	is("plain read", attempt("plain", 100), 100);
	yes("right", good("plain", 100));
	fd = open("/mnt/plain", OEXEC | OCEXEC);
	is("OEXEC is 3, OCEXEC is not sent", seen->mode, 3);
	close(fd);
	fd = open("/mnt/plain", ORDWR | OTRUNC | ORCLOSE);
	is("OTRUNC and ORCLOSE are", seen->mode, ORDWR | OTRUNC | ORCLOSE);
	is("a close is a clunk at once",
		(i = seen->count[Tclunk], close(fd), seen->count[Tclunk] > i), 1);
	fd = create("/mnt/none1", OWRITE | OEXCL, 0751);
	yes("create", fd >= 0);
	is("OEXCL is not sent", seen->mode, OWRITE);
	is("perm is", seen->perm, 0751);
	close(fd);
	fd = create("/mnt/nonedir", OREAD, DMDIR | 0700);
	is("DMDIR", seen->perm, DMDIR | 0700);
	close(fd);
	strcpy(name, "/mnt");
	for (i = 0; i < 40; i++)
		sprint(name + strlen(name), "/n%d", i);
	fd = open(name, OREAD);
	yes("40 names", fd >= 0);
	close(fd);
	is("16 at a time", seen->manynames, 16);
	fd = open("/mnt/n1/../n2/../plain", OREAD);
	yes("dots among them", fd >= 0);
	is("each alone", seen->mixeddots, 0);
	close(fd);
	failsas("a missing name", open("/mnt/n1/none/x", OREAD), "file does not exist");
	seen->iosize = 0;
	is("a large read", attempt("plain", 100000), 100000);
	yes("whole", good("plain", 100000));
	is("in pieces of msize-24", seen->iosize, MSIZE - 24);
	n = seen->count[Tread];
	is("iounit", attempt("iounit", 100), 100);
	is("pieces of 10", seen->count[Tread] - n, 10);
	n = seen->count[Tread];
	is("a short piece", attempt("short", 100000), (MSIZE - 24) / 2);
	is("is the last", seen->count[Tread] - n, 1);
	fd = open("/mnt/shortwrite", OWRITE);
	is("a short write", write(fd, buf, 100), 50);
	close(fd);
	fd = open("/mnt/morewrite", OWRITE);
	n = write(fd, buf, 100);
	yes("a write of more than was sent", n == -1 || n == 100);
	close(fd);
	fd = open("/mnt/clunkerror", OREAD);
	is("close cannot fail", close(fd), 0);
	n = seen->count[Tclunk];
	is("remove", remove("/mnt/plain"), 0);
	is("is no clunk besides", seen->count[Tremove], 1);
	leave("every fid comes back");
}

static void stats(void)
{
	char st[512];
	int n;
	Dir *d, null;

	is("mount", mountliar("", ""), 0);
	d = dirstat("/mnt/plain");
	yes("type is M, the name that of the walk",
		d != nil && d->type == 'M' && strcmp(d->name, "plain") == 0);
	free(d);
	d = dirstat("/mnt");
	yes("the root's name is the mount point's",
		d != nil && strcmp(d->name, "mnt") == 0 && (d->mode & DMDIR));
	free(d);
	is("stat, short form", stat("/mnt/plain", (uchar *)st, 20), 2);
	n = (uchar)st[0] | (uchar)st[1] << 8;
	yes("which has the size", n > 49 && n < 100);
	nulldir(&null);
	yes("wstat of nothing", dirwstat("/mnt/plain", &null) > 0);
	is("is sent, to sync", seen->count[Twstat], 1);
	memset(st, 0xff, sizeof st);
	is("untouched", memcmp(seen->stat + 2, st, 39), 0);
	fails("malformed", wstat("/mnt/plain", (uchar *)st, 60), "malformed stat buffer");
	null.name = "new";
	null.mode = 0600;
	yes("a name and a mode", dirwstat("/mnt/plain", &null) > 0);
	is("mode", seen->stat[21] | seen->stat[22] << 8, 0600);
	is("name", memcmp(seen->stat + 41, "\3\0new", 5), 0);
	leave("none is left by stats");
}

/* ---- lies ---- */

static char *mounterror = "mount rpc error";

static void lies(void)
{
	char err[ERRMAX];
	uchar st[300];
	int fd, i, n;

	is("mount", mountliar("", ""), 0);
	is("type", attempt("type", 10), -1);
	fails("a reply of the wrong type", -1, mounterror);
	is("truncated", attempt("truncated", 10), -1);
	fails("a reply with less data than it says", -1, mounterror);
	is("trailing", attempt("trailing", 10), -1);
	fails("a reply with more after its end", -1, mounterror);
	is("a reply with an unknown tag is ignored", attempt("tag", 10), 10);
	yes("the right one counts", good("tag", 10));
	memset(buf, 'x', 200);
	n = attempt("more", 10);
	yes("no more than count is believed", n <= 10 && buf[10] == 'x');
	is("Rerror", attempt("error", 10), -1);
	fails("its text", -1, "this is not to be read");
	is("a long Rerror", attempt("longerror", 10), -1);
	rerrstr(err, sizeof err);
	is("is cut", strlen(err), 127);
	is("open refused", attempt("openerror", 10), -2);
	failsas("its text", -1, "not to be opened");
	is("walkmore", attempt("walkmore", 10), -2);
	failsas("more qids than names", -1, mounterror);
	is("walkless", attempt("n1/walkless", 10), -2);
	failsas("fewer qids", -1, "file does not exist");
	yes("a bad stat", stat("/mnt/badstat", st, sizeof st) == -1);
	yes("a tiny stat", stat("/mnt/tinystat", st, sizeof st) == -1);
	is("a directory", attempt("dirtwo", 1000) > 100, 1);
	is("type is M", st[0] = buf[2], 'M');
	is("garbage", attempt("dirgarbage", 1000), -1);
	fails("in a directory", -1, "invalid directory entry received from server");
	is("a fraction", attempt("dirshort", 1000), -1);
	fails("of an entry", -1, "invalid directory entry received from server");
	is("one byte", attempt("dirtiny", 1000), -1);
	fails("of an entry", -1, "invalid directory entry received from server");
	is("a name longer than its entry", attempt("dirlength", 1000), -1);
	fails("is none", -1, "invalid directory entry received from server");
	is("direrror", attempt("direrror", 1000), -1);
	fails("a directory that cannot be read", -1, "no reading here");
	fd = open("/mnt/direndless", OREAD);
	for (i = 0; i < 200 && read(fd, buf, 1000) > 0; i++)
		;
	is("an endless directory", i, 200);
	close(fd);
	is("bind", bind("/mnt/direrror", "/mnt/dirtwo", MBEFORE), 0);
	n = attempt("dirtwo", 1000);
	yes("a union skips what cannot be read", n > 100);
	unmount(nil, "/mnt/dirtwo");
	leave("after all lies every fid comes back");
}

/* Those after which the connection is of no use. */
static void deadly(char *file)
{
	char name[64], err[ERRMAX];
	long r;

	mountliar("", "");
	r = attempt(file, 10);
	rerrstr(err, sizeof err);
	snprint(name, sizeof name, "%s fails the call", file);
	if (r == -1 && (strcmp(err, mounterror) == 0 || strcmp(err, "i/o on hungup channel") == 0))
		ok(name);
	else
		notok(name, "got %ld, `%s', expected -1, `%s'", r, err, mounterror);
	snprint(name, sizeof name, "%s fails later calls", file);
	puts(procfile(server, "ctl"), "kill");
	statusof(server);
	r = attempt("plain", 10);
	rerrstr(err, sizeof err);
	if (r < 0 &&
		(strstr(err, mounterror) != nil || strstr(err, "i/o on hungup channel") != nil))
		ok(name);
	else
		notok(name, "got %ld, `%s', expected -1, `...%s'", r, err, mounterror);
	is("unmount", unmount(nil, "/mnt"), 0);
}

/* ---- concurrency, flush ---- */

static char *reader(void *arg)
{
	char *name = arg, path[40];
	int fd;

	snprint(path, sizeof path, "/mnt/%s", name);
	fd = open(path, OREAD);
	if (read(fd, buf, 100) != 100)
		return "read failed";
	close(fd);
	return good(name, 100) ? "" : "wrong data";
}

static char *shuffler(void *arg)
{
	int fd = open("/mnt/shuffle", OREAD), i, k, n;
	vlong offset;

	srand((long)(uintptr)arg);
	for (i = 0; i < 100; i++) {
		offset = nrand(1000000);
		n = 1 + nrand(3000);
		if (pread(fd, buf, n, offset) != n)
			return "read failed";
		for (k = 0; k < n; k++)
			if ((uchar)buf[k] != contentat("shuffle", offset + k))
				return "the data of another";
	}
	close(fd);
	return "";
}

/* Comes again until the call is over: the first may come before the call sleeps. */
static void rearm(void *u, char *note)
{
	USED(u);
	if (strcmp(note, "alarm") != 0)
		noted(NDFLT);
	alarm(3);
	noted(NCONT);
}

static char *flusher(void *arg)
{
	int fd = open("/mnt/sometimes", OREAD), i, k;
	char err[ERRMAX];
	vlong offset;
	long r;

	notify(rearm);
	srand((long)(uintptr)arg);
	for (i = 0; i < 60; i++) {
		offset = nrand(1000000);
		alarm(1 + nrand(10));
		r = pread(fd, buf, 500, offset);
		alarm(0);
		rerrstr(err, sizeof err);
		if (r == -1 && strcmp(err, "interrupted") != 0)
			return "another error";
		if (r != -1 && r != 500)
			return "another count";
		for (k = 0; k < r; k++)
			if ((uchar)buf[k] != contentat("sometimes", offset + k))
				return "the data of another";
	}
	alarm(0);
	close(fd);
	return "";
}

static int together(char *(*f)(void *), int n)
{
	int pid[16], i, right = 0;
	Waitmsg *w;

	for (i = 0; i < n; i++)
		pid[i] = start(RFFDG, f, (void *)(uintptr)(i + 1));
	while (n > 0 && (w = wait()) != nil) {
		for (i = 0; i < (int)nelem(pid) && pid[i] != w->pid; i++)
			;
		if (i < (int)nelem(pid)) {
			right += w->msg[0] == '\0';
			if (w->msg[0] != '\0')
				print("# %s\n", w->msg);
			n--;
		}
		free(w);
	}
	return right;
}

static void concurrency(void)
{
	int pid;

	mountliar("", "");
	pid = start(0, reader, "a");
	reaches(pid, "Pread");
	same("the second of two requests answered first", reader("b"), "");
	same("then the first", statusof(pid), "");
	is("eight readers, answers out of order", together(shuffler, 8), 8);
	leave("nothing is left of them");
}

static void flushes(void)
{
	int fd, pid, i, me = getpid();

	mountliar("", "");
	fd = open("/mnt/block", OREAD);
	alarm(50);
	fails("a flush", read(fd, buf, 100), "interrupted");
	is("one was sent", seen->count[Tflush], 1);
	close(fd);
	fd = open("/mnt/late", OREAD);
	alarm(50);
	is("a reply before Rflush counts", read(fd, buf, 100), 100);
	yes("its data too", good("late", 100));
	close(fd);
	fd = open("/mnt/second", OREAD);
	pid = rfork(RFPROC);
	if (pid == 0) {
		reaches(me, "Pread");
		for (i = 0; i < 2; i++) {
			sleep(100);
			post(me, "again");
		}
		_exits(nil);
	}
	i = seen->count[Tflush];
	fails("two interruptions", read(fd, buf, 100), "interrupted");
	is("two flushes", seen->count[Tflush] - i, 2);
	close(fd);
	statusof(pid);
	is("the session goes on", attempt("plain", 10), 10);
	is("a storm of flushes", together(flusher, 6), 6);
	leave("nothing is left of it");
}

/* ---- servers that never answer: one note is enough ---- */

/* Runs f in a process, interrupts it once when it waits, and says how it ended. */
static char *interrupted(char *(*f)(void *), char *state)
{
	int pid = start(RFFDG, f, nil);

	if (!reaches(pid, state))
		return "it does not wait";
	post(pid, "again");
	return statusof(pid);
}

static char *lasterror(long r)
{
	static char err[ERRMAX];

	rerrstr(err, sizeof err);
	return r < 0 ? err : "success";
}

static char *readsmute(void *arg)
{
	int fd = open("/mnt/mute", OREAD);

	USED(arg);
	return lasterror(read(fd, buf, 10));
}

static int sharedfd;

static char *readsshared(void *arg)
{
	USED(arg);
	return lasterror(read(sharedfd, buf, 1000));
}

static char *writeslarge(void *arg)
{
	USED(arg);
	return lasterror(pwrite(sharedfd, buf, 20000, 0));
}

static char *creates(void *arg)
{
	USED(arg);
	return lasterror(create("/mnt/nonemute", OWRITE, 0666));
}

static char *unmounts(void *arg)
{
	USED(arg);
	return lasterror(unmount("/mnt/openmute", "/n"));
}

static char *statsfile(void *arg)
{
	Dir *d = dirfstat(sharedfd);

	USED(arg);
	return lasterror(d == nil ? -1 : 0);
}

static char *negotiates(void *arg)
{
	char v[32] = "9P2000";

	USED(arg);
	return lasterror(fversion(sharedfd, 0, v, sizeof v));
}

static char *dies(void *arg)
{
	notify(nil);
	return readsmute(arg);
}

/* The second of two that do the same thing is interrupted first. */
static void bothinterrupted(char *name, char *(*f)(void *), char *state)
{
	int first = start(RFFDG, f, nil);

	reaches(first, state);
	sleep(100);
	same(name, interrupted(f, state), "interrupted");
	same("the first still waits", stateof(first), state);
	post(first, "again");
	same("and is interrupted too", statusof(first), "interrupted");
}

static void silence(void)
{
	vlong begun;

	mountliar("", "");
	begun = nsec();
	same("one note ends a read", interrupted(readsmute, "Pread"), "interrupted");
	yes("within seconds", nsec() - begun < 20 * 1000000000LL);
	is("a flush was sent", seen->count[Tflush], 1);
	same("one note ends a process", interrupted(dies, "Pread"), "again");
	same("one note ends a create", interrupted(creates, "Create"), "interrupted");
	bind("/mnt", "/n", MREPL);
	same("one note ends an unmount", interrupted(unmounts, "Unmount"), "interrupted");
	unmount(nil, "/n");
	is("the session goes on", attempt("plain", 10), 10);
	sharedfd = open("/mnt/dirmute", OREAD);
	bothinterrupted("a directory that others wait for", readsshared, "Pread");
	close(sharedfd);
	is("after that too", attempt("plain", 10), 10);
	leave("nothing is left of it");

	sharedfd = liar("vnever", &server);
	bothinterrupted("a version that others wait for", negotiates, "Fversion");
	close(sharedfd);
	same("the server ends", statusof(server), "");
}

/* A server that reads nothing, and a pipe that holds little. */
static void deafness(void)
{
	Dir d;
	int fd = liar("", &server), first, deaf;

	nulldir(&d);
	d.length = 1000;
	dirfwstat(fd, &d);
	mount(fd, -1, "/mnt", MREPL | MCREATE, "");
	sharedfd = open("/mnt/plain", OWRITE);
	seen->deaf = 1;
	deaf = open("/mnt/deaf", OREAD);
	is("a server goes deaf", read(deaf, buf, 10), 10);
	first = start(RFFDG, writeslarge, nil);
	reaches(first, "Pwrite");
	sleep(100);
	same("a request that cannot be sent", interrupted(statsfile, "Fstat"), "interrupted");
	same("another still waits", stateof(first), "Pwrite");
	post(first, "again");
	same("and is interrupted too", statusof(first), "interrupted");
	seen->deaf = 0;
	is("the session goes on", attempt("plain", 10), 10);
	close(deaf);
	close(sharedfd);
	leave("nothing is left of it");
}

static char *blocks(void *arg)
{
	static char err[ERRMAX];

	USED(arg);
	notify(nil);
	if (attempt("block", 10) != -1)
		return "read succeeded";
	rerrstr(err, sizeof err);
	return err;
}

static void death(void)
{
	int pid[4], i, n, fd;
	char *s, want[64];

	mountliar("", "");
	fd = open("/mnt/plain", OREAD);
	for (i = 0; i < 4; i++) {
		pid[i] = start(0, blocks, nil);
		reaches(pid[i], "Pread");
	}
	snprint(want, sizeof want, " of process %d for ", pid[2]);
	s = strstr(contents("/dev/hang"), want);
	yes("hang: who waits for an answer", s != nil);
	while (s != nil && s[-1] != '\n')
		s--;
	yes("hang: from whom, and what it asked", s != nil && strncmp(s, "9P ", 3) == 0 &&
		strstr(s, " Tread tag ") != nil && strstr(s, " Tread tag ") < strchr(s, '\n'));
	puts(procfile(pid[3], "ctl"), "kill");
	same("a reader can be killed", statusof(pid[3]), "Killed");
	puts(procfile(server, "ctl"), "kill");
	for (n = i = 0; i < 3; i++) {
		s = nil;
		if (i == 0) {
			Waitmsg *w;

			while (n < 3 && (w = wait()) != nil) {
				s = strstr(w->msg, ": ");
				if (s != nil &&
					(strcmp(s + 2, mounterror) == 0 ||
						strcmp(s + 2, "i/o on hungup channel") == 0))
					n++;
				else if (w->pid != server)
					print("# %s\n", w->msg);
				free(w);
			}
		}
	}
	is("every waiting call fails when the server dies", n, 3);
	yes("an open file too", read(fd, buf, 10) == -1);
	is("close", close(fd), 0);
	yes("the root", open("/mnt", OREAD) == -1);
	is("unmount", unmount(nil, "/mnt"), 0);
}

void main(int argc, char **argv)
{
	begin("p9", 120);
	rfork(RFNAMEG);
	notify(onnote);
	versions();
	sizes();
	auths();
	messages();
	stats();
	lies();
	deadly("size3");
	deadly("size4g");
	deadly("half");
	deadly("die");
	concurrency();
	flushes();
	silence();
	deafness();
	death();
	done();
}
