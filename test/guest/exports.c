/*
 * 9p.md 2 and 3, and userland.md 7, as exportfs keeps them towards a client that does what
 * no kernel does: every request is answered, a wrong one with an error, a flush after what it
 * flushes; what blocks holds up nothing; nothing ends the server but the end of its input.
 */
#include "guest.h"
#include "lib/include/fcall.h"

enum {
	BUFSIZE = 64 * 1024,
	DEFMSIZE = 32 * 1024 + IOHDRSZ,
	NBLOCKED = 100,
	NGARBAGE = 3000,
	FROOT = 1,		/* a fid on the root */
	FPIPE = 2,		/* one on a pipe that nobody writes to */
};

static int fd;
static int server;
static uchar buf[BUFSIZE];
static Fcall R;

/* ---- a client ---- */

static void connect(char *root)
{
	int p[2];

	if (pipe(p) < 0)
		sysfatal("pipe: %r");
	server = fork();
	if (server == 0) {
		dup(p[0], 0);
		dup(p[0], 1);
		close(p[0]);
		close(p[1]);
		execl("/bin/exportfs", "exportfs", "-r", root, nil);
		_exits("no exportfs");
	}
	close(p[0]);
	fd = p[1];
}

static void put(Fcall t, int tag)
{
	uint n;

	t.tag = (ushort)tag;
	n = convS2M(&t, buf, sizeof buf);
	if (n == 0 || write(fd, buf, n) != (long)n)
		sysfatal("cannot send: %r");
}

/* The next answer; its tag. */
static int get(void)
{
	int n = read9pmsg(fd, buf, sizeof buf);

	if (n <= 0)
		sysfatal("no answer: %r");
	memset(&R, 0, sizeof R);
	if (convM2S(buf, (uint)n, &R) != (uint)n)
		sysfatal("bad answer");
	return R.tag;
}

static void ask(Fcall t)
{
	put(t, t.type == Tversion ? NOTAG : 7);
	get();
}

/* t must be answered with an error that contains text. */
static void refused(char *name, Fcall t, char *text)
{
	ask(t);
	if (R.type != Rerror)
		notok(name, "got answer of type %d, expected an error", R.type);
	else if (strstr(R.ename, text) == nil)
		notok(name, "got error `%s', expected one with `%s'", R.ename, text);
	else
		ok(name);
}

static int granted(char *name, Fcall t)
{
	ask(t);
	if (R.type == t.type + 1)
		ok(name);
	else
		notok(name, "got answer of type %d (%s), expected %d", R.type,
			R.type == Rerror ? R.ename : "", t.type + 1);
	return R.type == t.type + 1;
}

#define VERSION(m, v) (Fcall){ .type = Tversion, .msize = (m), .version = (v) }
#define ATTACH(f) (Fcall){ .type = Tattach, .fid = (f), .afid = NOFID, .uname = "u", .aname = "" }
#define WALK1(f, n, s) \
	(Fcall){ .type = Twalk, .fid = (f), .newfid = (n), .nwname = 1, .wname = { s } }
#define CLONE(f, n) (Fcall){ .type = Twalk, .fid = (f), .newfid = (n) }
#define ON(t, f) (Fcall){ .type = (t), .fid = (f) }
#define READ(f, o, n) (Fcall){ .type = Tread, .fid = (f), .offset = (o), .count = (n) }
#define FLUSH(o) (Fcall){ .type = Tflush, .oldtag = (o) }

/* ---- the checks ---- */

static void sessions(void)
{
	refused("small message size", VERSION(100, "9P2000"), "too small");
	granted("other protocol", VERSION(8192, "8P"));
	same("is unknown", R.version, "unknown");
	granted("dialect", VERSION(8192, "9P2000.u"));
	same("is not spoken", R.version, "9P2000");
	granted("version", VERSION(1 << 30, "9P2000"));
	is("message size", R.msize, DEFMSIZE);
	refused("auth", (Fcall){ .type = Tauth, .afid = 9, .uname = "u", .aname = "" },
		"authentication not required");
	refused("afid", (Fcall){ .type = Tattach, .fid = 9, .afid = 3, .uname = "u", .aname = "" },
		"authentication not required");
	refused("aname", (Fcall){ .type = Tattach, .fid = 9, .afid = NOFID, .uname = "u",
		.aname = "x" }, "bad attach specifier");
	granted("attach", ATTACH(FROOT));
	refused("attach twice", ATTACH(FROOT), "fid");
	granted("stat of the root", ON(Tstat, FROOT));
}

static void walks(void)
{
	Fcall t = CLONE(FROOT, 10);
	int i;

	refused("unknown fid", CLONE(99, 10), "unknown fid");
	refused("missing file", WALK1(FROOT, FROOT, "nosuch"), "does not exist");
	granted("clone", CLONE(FROOT, 10));
	refused("clone onto another", CLONE(FROOT, 10), "fid");
	refused("dot", WALK1(FROOT, 11, "."), "bad character");
	refused("slash", WALK1(FROOT, 11, "a/b"), "bad character");
	refused("empty name", WALK1(FROOT, 11, ""), "bad character");
	t.newfid = 11;
	t.nwname = MAXWELEM;
	for (i = 0; i < MAXWELEM; i++)
		t.wname[i] = "..";
	granted("dotdot from the root", t);
	is("all its steps", R.nwqid, MAXWELEM);
	t.newfid = 12;
	t.nwname = 3;
	t.wname[0] = "file";
	granted("walk through a file", t);
	is("its first step", R.nwqid, 1);
	refused("its fid", ON(Tstat, 12), "unknown fid");
	granted("clunk", ON(Tclunk, 11));
	refused("clunk again", ON(Tclunk, 11), "unknown fid");
	granted("clunk the clone", ON(Tclunk, 10));
}

static void files(void)
{
	Fcall t = ON(Topen, 10);

	granted("walk to file", WALK1(FROOT, 10, "file"));
	refused("read before open", READ(10, 0, 10), "not open");
	t.mode = 0x80;
	refused("odd mode", t, "bad arg");
	t.mode = OREAD;
	granted("open", t);
	refused("open again", t, "open");
	refused("walk an open fid", CLONE(10, 11), "open");
	granted("read too much", READ(10, 0, 0xFFFFFFFF));
	is("gets all", R.count, 5);
	refused("read before the start", READ(10, -1, 10), "negative");
	granted("read past the end", READ(10, 100, 10));
	is("gets nothing", R.count, 0);
	refused("write", (Fcall){ .type = Twrite, .fid = 10, .count = 1, .data = "x" },
		"inappropriate use of fd");
	refused("bad wstat", (Fcall){ .type = Twstat, .fid = 10, .nstat = 4,
		.stat = (uchar *)"abcd" }, "");
	granted("close", ON(Tclunk, 10));
	granted("clone", CLONE(FROOT, 10));
	t.mode = OWRITE;
	refused("write a directory", t, "directory");
	t.mode = OREAD;
	granted("open a directory", t);
	refused("seek in it", READ(10, 3, 1000), "directory");
	ask(READ(10, 0, 3));
	yes("a small read of it", R.type == Rerror || R.count == 0);
	granted("read it", READ(10, 0, 1000));
	refused("read it again elsewhere", READ(10, 1, 1000), "directory");
	granted("close it", ON(Tclunk, 10));
}

static Fcall creation(char *name)
{
	return (Fcall){ .type = Tcreate, .fid = 10, .name = name, .perm = 0666, .mode = ORDWR };
}

static void creations(void)
{
	granted("clone", CLONE(FROOT, 10));
	refused("create dotdot", creation(".."), "bad character");
	refused("create a/b", creation("a/b"), "bad character");
	refused("create nothing", creation(""), "bad character");
	refused("create what exists", creation("file"), "file already exists");
	granted("create", creation("new"));
	granted("write it", (Fcall){ .type = Twrite, .fid = 10, .count = 3, .data = "abc" });
	granted("remove it", ON(Tremove, 10));
	refused("its fid", ON(Tclunk, 10), "unknown fid");
	granted("clone", CLONE(FROOT, 10));
	refused("remove the root", ON(Tremove, 10), "permission denied");
	refused("that fid", ON(Tclunk, 10), "unknown fid");
}

/* Waits for the answers to n tags from first on; how many were errors, which they may be. */
static int answers(int first, int n)
{
	static uchar seen[1000];
	int i, tag, errors = 0;

	memset(seen, 0, sizeof seen);
	for (i = 0; i < n; i++) {
		tag = get() - first;
		if (tag < 0 || tag >= n || seen[tag]++)
			return -1;
		errors += R.type == Rerror;
	}
	return errors;
}

static void flushes(void)
{
	int i;

	granted("flush nothing", FLUSH(500));
	granted("walk to a pipe", (Fcall){ .type = Twalk, .fid = FROOT, .newfid = FPIPE,
		.nwname = 2, .wname = { "pipe", "data" } });
	granted("open it", (Fcall){ .type = Topen, .fid = FPIPE, .mode = ORDWR });
	put(READ(FPIPE, 0, 10), 20);
	granted("stat meanwhile", ON(Tstat, FROOT));
	put(ON(Tstat, FROOT), 20);
	is("duplicate tag", get() == 20 && R.type == Rerror, 1);
	put(FLUSH(20), 21);
	put(FLUSH(20), 22);
	is("flushed first", get(), 20);
	is("with an error", R.type, Rerror);
	same("that says so", R.ename, "interrupted");
	is("then the flush", get(), 21);
	is("then the next", get(), 22);
	put(ON(Tstat, FROOT), 20);
	is("the tag is free", get() == 20 && R.type == Rstat, 1);
	for (i = 0; i < NBLOCKED; i++)
		put(READ(FPIPE, 0, 10), 100 + i);
	granted("stat among many", ON(Tstat, FROOT));
	for (i = 0; i < NBLOCKED; i++) {
		put(FLUSH(100 + i), 300);
		if (get() != 100 + i || R.type != Rerror || get() != 300)
			break;
	}
	is("each flushed", i, NBLOCKED);
}

/* A new session ends what is under way, and answers none of it. */
static void restart(void)
{
	int i;

	for (i = 0; i < 10; i++)
		put(READ(FPIPE, 0, 10), 100 + i);
	granted("version again", VERSION(8192, "9P2000"));
	is("its size", R.msize, 8192);
	refused("old fid", ON(Tstat, FROOT), "unknown fid");
	granted("attach again", ATTACH(FROOT));
	for (i = 0; i < 10; i++)
		put(ON(Tstat, FROOT), 100 + i);
	is("old tags", answers(100, 10), 0);
}

/* Messages of the right length and random content, each of which gets one answer. */
static void garbage(void)
{
	int i, j, n;
	uchar m[64];

	srand(3);
	for (i = 0; i < NGARBAGE; i++) {
		n = 7 + nrand(sizeof m - 7);
		for (j = 4; j < n; j++)
			m[j] = (uchar)(nrand(4) == 0 ? nrand(256) : nrand(4));
		PBIT32(m, n);
		m[4] = (uchar)(Tauth + nrand(Tmax - Tauth));
		PBIT16(m + 5, 40);
		if (write(fd, m, n) != n || get() != 40)
			break;
	}
	is("garbage", i, NGARBAGE);
	granted("still there", VERSION(8192, "9P2000"));
	granted("attach after it", ATTACH(FROOT));
}

static void end(char *name)
{
	char *s;

	alarm(5000);
	s = statusof(server);
	alarm(0);
	same(name, s, "");
}

static int make(char *name, char *text)
{
	int f = create(name, OWRITE, 0666);
	int r = f >= 0 && write(f, text, strlen(text)) == strlen(text);

	close(f);
	return r;
}

/* What is exported: a memory file system with a file, a pipe in it. */
static void furnish(void)
{
	int pid;

	rfork(RFNAMEG);
	pid = fork();
	if (pid == 0) {
		execl("/bin/ramfs", "ramfs", "-m", "/tmp", nil);
		_exits("no ramfs");
	}
	yes("ramfs", pid > 0);
	waitpid();
	close(create("/tmp/pipe", OREAD, DMDIR | 0777));
	yes("furnish", make("/tmp/file", "hello") && bind("#|", "/tmp/pipe", MREPL) >= 0);
}

void main(int argc, char **argv)
{
	USED(argc, argv);
	begin("exports", 60);
	furnish();
	connect("/tmp");
	sessions();
	walks();
	files();
	creations();
	flushes();
	restart();
	garbage();
	put(READ(FPIPE, 0, 10), 1);
	get();
	write(fd, "\x20\0\0\0\x74", 5);
	close(fd);
	end("ends in the middle of a message");
	connect("/tmp");
	granted("another", VERSION(8192, "9P2000"));
	granted("attach", ATTACH(FROOT));
	granted("walk", (Fcall){ .type = Twalk, .fid = FROOT, .newfid = FPIPE, .nwname = 2,
		.wname = { "pipe", "data" } });
	granted("open", (Fcall){ .type = Topen, .fid = FPIPE, .mode = ORDWR });
	put(READ(FPIPE, 0, 10), 1);
	put(READ(FPIPE, 0, 10), 2);
	granted("stat", ON(Tstat, FROOT));
	close(fd);
	end("ends while others wait");
	unmount(nil, "/tmp/pipe");
	done();
}
