/*
 * What hostile.c does with a bent server where one call is not enough, and the bends that
 * only make sense with that.
 */
/* ---- cases with calls of their own ---- */

/* Posts n notes to this process, the first once it sleeps in a call of that name. */
static int poke(int n, char *state)
{
	int i, me = getpid(), pid = rfork(RFPROC | RFFDG | RFNOTEG);

	if (pid != 0)
		return pid;
	notify(nil);
	for (i = 0; i < 2; i++) {
		sleep(POKE_MS);
		reaches(me, state);
	}
	for (i = 0; i < n; i++) {
		sleep(POKE_MS);
		post(me, "poke");
	}
	_exits(nil);
	return -1;
}

static void pokedcall(int n, int type, char *want)
{
	int pid = poke(n, type == Tread ? "Pread" : "Open");

	ended("interrupted call", call(type), want);
	if (n >= 10)
		kill(pid);
	reap(pid);
}

static void u_poke1(int srv) { USED(srv); pokedcall(1, Tread, "interrupted"); works("/mnt"); }
static void u_poke1open(int srv) { USED(srv); pokedcall(1, Topen, "interrupted"); works("/mnt"); }
static void u_late(int srv) { USED(srv); pokedcall(1, Tread, nil); works("/mnt"); }
static void u_poke2(int srv) { USED(srv); pokedcall(2, Tread, "interrupted"); works("/mnt"); }
static void u_poke3(int srv) { USED(srv); pokedcall(3, Tread, "interrupted"); works("/mnt"); }
/* The close that follows is not answered either. */
static void u_pokeread(int srv) { USED(srv); pokedcall(10, Tread, "interrupted"); }
static void u_pokeopen(int srv) { USED(srv); pokedcall(10, Topen, "interrupted"); }

/* A held request: answered when its flush comes, in the manner of the case. */
static uchar held[STALLED];
static int nheld, nflushed;

static void hold(void) { memmove(held, out, outn); nheld = outn; }
static void sendheld(void) { put(held, nheld); }

static int holding(int type)
{
	if (T.type == type && nheld == 0) {
		hold();
		return 1;
	}
	return 0;
}

static void b_flushed(void) { if (!holding(Tread)) send(); }

static void b_flushedopen(void) { if (!holding(Topen)) send(); }

static void b_latefirst(void)
{
	if (holding(Tread))
		return;
	if (T.type == Tflush)
		sendheld();
	send();
}

/* Rflush, and then the answer that may not come any more. */
static void b_latelater(void)
{
	if (holding(Tread))
		return;
	send();
	if (T.type == Tflush)
		sendheld();
}

static void b_flusherror(void)
{
	if (holding(Tread))
		return;
	if (T.type == Tflush)
		refuse("no flush here");
	send();
}

static void b_flushtag(void)
{
	if (holding(Tread))
		return;
	if (T.type == Tflush)
		retag(T.tag ^ 0x70);
	send();
}

/* Only the second flush is answered, which answers the first as well. */
static void b_secondflush(void)
{
	if (!holding(Tread) && (T.type != Tflush || ++nflushed == 2))
		send();
}

static void b_noflush(void) { if (!holding(Tread) && T.type != Tflush) send(); }

/* Everything comes in the end, but only after the third interruption. */
static void b_verylate(void)
{
	if (holding(Topen))
		return;
	if (T.type == Tflush && ++nflushed < 3)
		return;
	if (T.type == Tstat)
		sendheld();
	send();
}

static void u_verylate(int srv)
{
	USED(srv);
	pokedcall(3, Topen, "interrupted");
	ended("stat", statof("/mnt/file"), nil);
	works("/mnt");
}

/* The rest of an answer comes when its first reader is gone. */
static void b_halves(void)
{
	if (T.type == Tread && nheld == 0) {
		hold();
		put(held, 20);
		return;
	}
	if (T.type == Tflush)
		put(held + 20, nheld - 20);
	send();
}

static int child_call(int type)
{
	int pid = rfork(RFPROC | RFFDG | RFNOTEG);

	if (pid == 0) {
		notify(nil);
		why[0] = '\0';
		_exits(call(type) < 0 ? "call failed" : why);
	}
	return pid;
}

/* A killed process ends at once though the server never says a word again. */
static void killed(int type)
{
	int pid = child_call(type);
	char *s;

	sleep(POKE_MS);
	kill(pid);
	s = reap(pid);
	if (s == nil)
		bad("a killed process does not end");
}

static void u_killread(int srv) { USED(srv); killed(Tread); }
static void u_killopen(int srv) { USED(srv); killed(Topen); }
static void u_killclose(int srv) { USED(srv); killed(Tclunk); }
static void u_killcreate(int srv) { USED(srv); killed(Tcreate); }

/* One process reads the connection for all: when it is killed another must take that over. */
static void u_killreader(int srv)
{
	int a = child_call(Tread), b;
	char *s;

	USED(srv);
	sleep(POKE_MS);
	b = child_call(Tstat);
	sleep(POKE_MS);
	kill(a);
	reap(a);
	if ((s = reap(b)) == nil || s[0] != '\0')
		bad("the other process: %s", s == nil ? "lost" : s);
	works("/mnt");
}

/* The first read is never answered, stats only after a while. */
static void b_slowstat(void)
{
	if (holding(Tread))
		return;
	if (T.type == Tstat)
		sleep(3 * POKE_MS);
	send();
}

/* A process that exits with a file open, the clunk unanswered, can be killed. */
static void b_noclunk(void) { if (T.type == Tclunk && nrequest[Topen] > 0) stall(); send(); }

static void u_exitopen(int srv)
{
	int pid = rfork(RFPROC | RFFDG | RFNOTEG);

	USED(srv);
	if (pid == 0) {
		notify(nil);
		open("/mnt/file", OREAD);
		_exits(nil);
	}
	sleep(POKE_MS);
	kill(pid);
	if (reap(pid) == nil)
		bad("a process does not end whose clunk is not answered");
}

/* Eight answers are collected and sent in reverse. */
static void b_reverse(void)
{
	static uchar *later[8];
	static int size[8], n;

	if (T.type != Tread || nrequest[Tread] > 8) {
		send();
		return;
	}
	later[n] = malloc(outn);
	memmove(later[n], out, outn);
	size[n++] = outn;
	while (n == 8 && nrequest[Tread] == 8) {
		int i;
		for (i = 7; i >= 0; i--)
			put(later[i], size[i]);
		return;
	}
}

static void u_eight(int srv)
{
	int i, pid[8], left = 8;
	Waitmsg *w;

	USED(srv);
	for (i = 0; i < 8; i++)
		pid[i] = child_call(Tread);
	USED(pid);
	while (left > 0 && (w = wait()) != nil) {
		if (w->msg[0] != '\0')
			bad("a reader: %s", w->msg);
		free(w);
		left--;
	}
	if (left > 0)
		bad("%d readers have not ended", left);
	works("/mnt");
}

/* Requests of the server's own, and answers to nothing. */
static void b_unsolicited(void)
{
	static Fcall odd[] = {
		{ .type = Tversion, .tag = 0xFFFF, .msize = 8192, .version = "9P2000" },
		{ .type = Rversion, .tag = 0xFFFF, .msize = 8192, .version = "9P2000" },
		{ .type = Rflush, .tag = 0x1234 }, { .type = Rerror, .tag = 0x7777, .ename = "so" },
		{ .type = Tclunk, .tag = 0x3333, .fid = 1 }, { .type = Tflush, .tag = 0x3334 },
	};
	uchar buf[64];
	int i;

	for (i = 0; i < (int)nelem(odd); i++)
		put(buf, (long)convS2M(&odd[i], buf, sizeof buf));
	send();
}

/* Every call on a connection that is over ends at once. */
static void u_dead(int srv)
{
	static int types[] = { Topen, Tcreate, Tstat, Twstat, Tremove, Tread, TDIRREAD };
	int i;

	USED(srv);
	ended("stat", call(Tstat), hung);
	for (i = 0; i < (int)nelem(types); i++)
		ended("call on a dead connection", call(types[i]), hung);
}

/* Open files of a dead connection can be used, to no end, and closed. */
static void b_dieread(void) { if (T.type == Tread) _exits(nil); send(); }

static void u_deadfile(int srv)
{
	char c = 0, buf[300];
	int fd = open("/mnt/file", ORDWR), d = open("/mnt/dir", OREAD);
	Dir *dir;

	if (fd < 0 || d < 0) {
		bad("open: %r");
		return;
	}
	ended("read", pread(fd, &c, 1, 0), hung);
	ended("read", pread(fd, &c, 1, 0), hung);
	ended("write", pwrite(fd, &c, 1, 0), hung);
	ended("fstat", (dir = dirfstat(fd)) == nil ? -1 : 0, hung);
	free(dir);
	ended("read of a directory", read(d, buf, sizeof buf), hung);
	close(fd);
	close(d);
}

/* The current directory is on a dead connection. */
static void u_deaddot(int srv)
{
	int fd;

	if (chdir("/mnt/dir") < 0)
		bad("chdir: %r");
	ended("read", call(Tread), hung);
	ended("open of a name below", fd = open("file", OREAD), hung);
	ended("chdir ..", chdir(".."), hung);
	ended("chdir /", chdir("/"), nil);
	if (fd >= 0)
		close(fd);
}

/* A file that says it is a directory once it is open. */
static void u_liesdir(int srv)
{
	char buf[300];
	int fd = open("/mnt/file", ORDWR);

	USED(srv);
	if (fd < 0)
		return;
	ended("read", read(fd, buf, sizeof buf), entryerr);
	write(fd, buf, 10);
	close(fd);
}

static void u_qidfile(int srv)
{
	USED(srv);
	ended("a file below a file", open("/mnt/dir/file/deeper", OREAD),
		"not a directory|file does not exist");
	ended("chdir", chdir("/mnt/dir"), "not a directory");
}

static void u_forever(int srv)
{
	char buf[600];
	int fd = open("/mnt/dir", OREAD), i, pid;

	USED(srv);
	for (i = 0; i < 300 && read(fd, buf, sizeof buf) > 0; i++)
		;
	if (i != 300)
		bad("an endless directory ends: %r");
	close(fd);
	pid = rfork(RFPROC | RFFDG | RFNOTEG);
	if (pid == 0) {
		notify(nil);
		for (fd = open("/mnt/dir", OREAD);;)
			read(fd, buf, sizeof buf);
	}
	sleep(POKE_MS);
	kill(pid);
	reap(pid);
	works("/mnt");
}

static void u_union(int srv)
{
	USED(srv);
	if (bind("/mnt/dir", "/mnt/dir", MAFTER) < 0)
		bad("bind: %r");
	readdir("/mnt/dir");
	unmount(nil, "/mnt/dir");
}

static void u_dirover(int srv)
{
	char buf[200];
	int fd = open("/mnt/dir", OREAD);

	USED(srv);
	ended("read", read(fd, buf, sizeof buf), entryerr);
	close(fd);
	works("/mnt");
}

static void u_dirasfile(int srv)
{
	char buf[200];
	int fd = open("/mnt/dir", OREAD);

	USED(srv);
	ended("read", read(fd, buf, sizeof buf), nil);
	close(fd);
	works("/n");
}

static void u_clone(int srv)
{
	int fd;

	USED(srv);
	ended("open of the root", fd = open("/mnt", OREAD), rpc);
	if (fd >= 0)
		close(fd);
}

static void u_longerr(int srv)
{
	char err[ERRMAX];
	Rune r;
	char *p;
	int n;

	USED(srv);
	if (call(Tstat) >= 0)
		bad("stat succeeds");
	rerrstr(err, sizeof err);
	for (p = err; *p != '\0'; p += n)
		if ((n = chartorune(&r, p)) == 1 && (uchar)*p >= Runeself)
			bad("the error ends within a character");
	p = strchr(err, '\xc3');
	if (p == nil)
		bad("got `%s', expected the server's text", err);
	ended("read", call(Tread), nil);
}

static void u_emptyerr(int srv)
{
	USED(srv);
	werrstr("before");
	if (call(Tstat) >= 0)
		bad("an empty Rerror is success");
	ended("read", call(Tread), nil);
}

static void u_statlong(int srv)
{
	Dir *d = dirstat("/mnt/file");
	uchar small[60];

	USED(srv);
	if (d == nil)
		bad("dirstat: %r");
	free(d);
	if (stat("/mnt/file", small, sizeof small) != BIT16SZ)
		bad("stat into 60 bytes is not the short form");
}

static void u_shortwrite(int srv)
{
	USED(srv);
	if (call(Twrite) != 0)
		bad("a write of which nothing is taken");
	ended("read", call(Tread), nil);
}

/* Nothing is to be remembered of a fid whose clunk or remove failed. */
static void u_again(int srv)
{
	int i;

	USED(srv);
	for (i = 0; i < 20; i++) {
		ended("close", call(Tclunk), nil);
		call(Tremove);
	}
	ended("read", call(Tread), nil);
}

static void b_clunkerror(void)
{
	if ((T.type == Tclunk || T.type == Tremove) && nrequest[Topen] > 0)
		refuse("you may not");
	send();
}

/* ---- sessions ---- */

static int mountfd;		/* for cases that mount themselves; -1 once it is used up */

static void u_auth(int srv)
{
	char buf[10];
	int afd = fauth(mountfd, "");

	USED(srv);
	if (afd < 0) {
		bad("fauth: %r");
		return;
	}
	ended("read", read(afd, buf, sizeof buf), nil);
	ended("write", write(afd, buf, sizeof buf), "no such fid");
	if (mount(mountfd, afd, "/mnt", MREPL | MCREATE, "") >= 0)
		mountfd = -1;
	else
		bad("mount: %r");
	close(afd);
	works("/mnt");
}

static void b_auth(void)
{
	if (T.type == Tauth) {
		memset(&R, 0, sizeof R);
		R.type = Rauth;
		R.aqid.path = 77;
		encode();
		newbook(T.afid, PMADE + 77);
	}
	if (T.type == Twrite && book(T.fid)->path == PMADE + 77)
		refuse("no such fid");
	send();
}

static void u_noauth(int srv)
{
	USED(srv);
	ended("fauth", fauth(mountfd, ""), "no authentication");
	ended("mount", mount(mountfd, -1, "/mnt", MREPL | MCREATE, ""), nil);
	mountfd = -1;
	works("/mnt");
}

static void u_authrpc(int srv)
{
	USED(srv);
	ended("fauth", fauth(mountfd, ""), rpc);
}

/* A connection that carries 9P is closed to read and write, and knows its version. */
static void u_version(int srv)
{
	char buf[32] = "9P2000";

	USED(srv);
	ended("fversion", fversion(mountfd, 0, buf, sizeof buf), nil);
	if (strcmp(buf, "9P2000") != 0)
		bad("version is `%s'", buf);
	ended("again", fversion(mountfd, 0, buf, sizeof buf), nil);
	strcpy(buf, "9P2001");
	ended("other version", fversion(mountfd, 0, buf, sizeof buf),
		"bad 9P version specification|"
		"incompatible 9P versions 9P2000 9P2001");
	strcpy(buf, "9P2000.x");
	ended("dialect", fversion(mountfd, 0, buf, sizeof buf), nil);
	ended("negative", fversion(mountfd, -1, buf, sizeof buf), "bad iounit in version call");
	ended("read", read(mountfd, buf, 1), "inappropriate use of fd");
	ended("write", write(mountfd, buf, 1), "inappropriate use of fd");
}

static void u_interruptversion(int srv)
{
	int pid = poke(1, "Mount");

	USED(srv);
	ended("mount", mount(mountfd, -1, "/mnt", MREPL | MCREATE, ""), "interrupted");
	reap(pid);
}

/* After a server died another may take its place. */
static void u_remount(int srv)
{
	int pid, fd;

	ended("read", call(Tread), hung);
	unmount(nil, "/mnt");
	fd = serve(0, nil, 0, &pid);
	ended("mount", mount(fd, -1, "/mnt", MREPL | MCREATE, ""), nil);
	works("/mnt");
	unmount(nil, "/mnt");
	if (strcmp(reap(pid), "") != 0)
		bad("the second server's fids");
}

/* The program is its own server: the call waits for itself until it is ended. */
static void u_self(int srv)
{
	int fd[2], pid;

	USED(srv);
	pipe(fd);
	pid = rfork(RFPROC | RFFDG | RFNOTEG | RFNAMEG);
	if (pid == 0) {
		notify(nil);
		mount(fd[0], -1, "/mnt", MREPL | MCREATE, "");
		_exits(nil);
	}
	close(fd[0]);
	sleep(POKE_MS);
	kill(pid);
	if (reap(pid) == nil)
		bad("a process that serves itself cannot be killed");
	close(fd[1]);
}

/* Programs of a bad server do not start, and end when their pages cannot be had. */
static void u_exec(int srv)
{
	char *argv[] = { "file", nil };
	int pid = rfork(RFPROC | RFFDG | RFNOTEG);

	USED(srv);
	if (pid == 0) {
		notify(nil);
		exec("/mnt/file", argv);
		_exits("no exec");
	}
	if (strcmp(reap(pid), "no exec") != 0)
		bad("a file that is no program runs");
}

static void u_cache(int srv)
{
	USED(srv);
	ended("mount", mount(mountfd, -1, "/mnt", MREPL | MCACHE, ""), nil);
	mountfd = -1;
	ended("read", call(Tread), nil);
	ended("write", call(Twrite), nil);
	ended("list", call(TDIRREAD), nil);
	works("/mnt");
}
