/*
 * ramfs spoken to in 9P over a pipe: every rule of a file server that
 * programs rely on. The program is found beside this one's /bin.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include "check.h"
#include "client.h"

/* Makes a file with that content under fid 0's directory. */
static void
make(char *name, char *text, uint perm)
{
	CHECK(walk(0, 99, "") == 0);
	CHECK(fscreate(99, name, perm, perm & DMDIR ? OREAD : OWRITE));
	if(*text != 0)
		CHECK(fswrite(99, text, (uint)strlen(text), 0) == strlen(text));
	CHECK(clunk(99));
}

static void
session(void)
{
	Fcall t = { .type = Tversion, .msize = MSIZE, .version = "9P2000.u" }, r;

	CHECK(rpc(&t, &r) && r.msize == MSIZE);
	SAME(r.version, "9P2000");
	t.version = "8P";
	CHECK(rpc(&t, &r));
	SAME(r.version, "unknown");
	t.version = "9P2000";
	CHECK(rpc(&t, &r));
	Fcall a = { .type = Tauth, .afid = 3, .uname = "u", .aname = "" };
	CHECK(!rpc(&a, &r));
	SAME(err, "ramfs: authentication not required");
	CHECK(attach(0, getuser()));
	CHECK(!attach(0, "someone"));
	SAME(err, "duplicate fid");
	CHECK(attach(50, "someone"));
	Fcall b = { .type = Tattach, .fid = 9, .afid = NOFID, .uname = "u", .aname = "x" };
	CHECK(!rpc(&b, &r));
	SAME(err, "unknown specifier in attach");
}

static void
content(void)
{
	char buf[MSIZE], name[64];
	Dir d, nd;
	uint vers;
	int i;

	make("a", "hello", 0666);
	CHECK(walk(0, 1, "a") == 1);
	CHECK(fsstat(1, &d, name));
	SAME(name, "a");
	CHECK(d.length == 5 && d.mode == 0666);
	vers = d.qid.vers;
	CHECK(fsread(1, buf, 10, 0) == -1);
	CHECK(walk(0, 1, "a") == -1);		/* fid in use */
	CHECK(fsopen(1, ORDWR));
	CHECK(!fsopen(1, ORDWR));
	CHECK(fsread(1, buf, 100, 0) == 5);
	SAME(buf, "hello");
	CHECK(fsread(1, buf, 3, 3) == 2);
	CHECK(fsread(1, buf, 3, 5) == 0);
	CHECK(fsread(1, buf, 3, 1LL << 60) == 0);
	CHECK(fswrite(1, "J", 1, 0) == 1);
	CHECK(fsstat(1, &d, name) && d.qid.vers != vers);
	/* a hole, far away, costs nothing and reads as zeros */
	CHECK(fswrite(1, "end", 3, 1LL << 40) == 3);
	CHECK(fsread(1, buf, 8, (1LL << 40) - 5) == 8);
	CHECK(memcmp(buf, "\0\0\0\0\0end", 8) == 0);
	CHECK(fsread(1, buf, 6, 0) == 6 && memcmp(buf, "Jello", 6) == 0);
	CHECK(fswrite(1, "x", 1, 0x7fffffffffffffffLL) == -1);
	CHECK(fsstat(1, &d, name) && d.length == (1LL << 40) + 3);
	nulldir(&nd);
	nd.length = 3;
	CHECK(fswstat(1, &nd));
	CHECK(fsread(1, buf, 10, 0) == 3);
	nd.length = 10000;
	CHECK(fswstat(1, &nd));
	CHECK(fsread(1, buf, 10, 0) == 10 && memcmp(buf, "Jel\0\0\0\0\0\0\0", 10) == 0);
	for(i = 0; i < 300; i++){		/* several blocks of several nodes */
		memset(buf, 'a' + i%26, 8192);
		CHECK(fswrite(1, buf, 8192, 8192LL*i + 100) == 8192);
	}
	CHECK(fsread(1, buf, 2, 8192*27 + 99) == 2 && buf[0] == 'a' && buf[1] == 'b');
	CHECK(clunk(1));
	CHECK(walk(0, 1, "a") == 1);
	CHECK(fsopen(1, OREAD|OTRUNC));
	CHECK(fsread(1, buf, 2, 0) == 0);
	CHECK(fswrite(1, "x", 1, 0) == -1);
	CHECK(clunk(1));
	CHECK(!clunk(1));
	SAME(err, "unknown fid");
}

static void
append(void)
{
	char buf[100];

	make("log", "one ", DMAPPEND|0666);
	CHECK(walk(0, 1, "log") == 1);
	CHECK(fsopen(1, ORDWR|OTRUNC));
	CHECK(fswrite(1, "two", 3, 0) == 3);
	CHECK(fsread(1, buf, 50, 0) == 7);
	SAME(buf, "one two");
	CHECK(clunk(1));
	make("lock", "", DMEXCL|0666);
	CHECK(walk(0, 1, "lock") == 1 && walk(0, 2, "lock") == 1);
	CHECK(fsopen(1, OREAD));
	CHECK(!fsopen(2, OREAD));
	CHECK(clunk(1));
	CHECK(fsopen(2, OREAD));
	CHECK(clunk(2));
}

static void
directories(void)
{
	char buf[MSIZE], name[64];
	long n, i, count = 0, off;
	Dir d;

	make("d", "", DMDIR|0777);
	CHECK(walk(0, 1, "d") == 1);
	CHECK(fscreate(1, "x", 0777, OWRITE));
	CHECK(fsstat(1, &d, name) && d.mode == 0777);
	CHECK(clunk(1));
	make("e", "", DMDIR|0751);
	CHECK(walk(0, 1, "e") == 1 && fscreate(1, "x", 0666, OWRITE));
	CHECK(fsstat(1, &d, name) && d.mode == 0640);
	CHECK(clunk(1));
	CHECK(walk(0, 1, "d/x/y") == 2);	/* partial: the fid was not made */
	CHECK(!clunk(1));
	CHECK(walk(0, 1, "nosuch/y") == -1);
	SAME(err, "file does not exist");
	CHECK(walk(0, 1, "d/../d/../../../d") == 7);
	CHECK(fscreate(1, "x", 0666, OWRITE) == 0);
	SAME(err, "file already exists");
	CHECK(!fscreate(1, "..", 0666, OWRITE));
	CHECK(!fscreate(1, "a/b", 0666, OWRITE));
	CHECK(!fscreate(1, "", 0666, OWRITE));
	CHECK(!fscreate(1, "s", DMDIR|0777, OWRITE));
	CHECK(!fsopen(1, OWRITE));
	CHECK(!fsremove(1));
	SAME(err, "directory not empty");
	CHECK(walk(0, 1, "d/x") == 2);
	CHECK(walk(1, 2, "y") == -1);
	CHECK(fsremove(1));
	make("many", "", DMDIR|0777);
	for(i = 0; i < 500; i++){
		snprint(name, sizeof name, "file%ld", i);
		CHECK(walk(0, 1, "many") == 1 && fscreate(1, name, 0600, OREAD) && clunk(1));
	}
	CHECK(walk(0, 1, "many") == 1 && fsopen(1, OREAD));
	for(off = 0; (n = fsread(1, buf, 1000, off)) > 0; off += n)
		for(i = 0; i < n; i += BIT16SZ + GBIT16((uchar*)buf + i))
			count++;
	CHECK(n == 0 && count == 500);
	CHECK(fsread(1, buf, 1000, 17) == -1);
	CHECK(fsread(1, buf, 1000, 0) > 0);
	CHECK(clunk(1));
	CHECK(walk(0, 1, "many/file499") == 2 && fsremove(1));
}

static void
rights(void)
{
	Dir d, nd;
	char name[64], buf[10];

	make("ro", "", DMDIR|0777);
	CHECK(walk(0, 1, "ro") == 1 && fscreate(1, "f", 0644, OWRITE) && clunk(1));
	CHECK(walk(0, 1, "ro") == 1);
	nulldir(&nd);
	nd.mode = DMDIR|0555;
	CHECK(fswstat(1, &nd));
	CHECK(!fscreate(1, "g", 0644, OWRITE));
	SAME(err, "permission denied");
	CHECK(walk(0, 2, "ro/f") == 2);
	CHECK(!fsremove(2));			/* not even the owner */
	SAME(err, "permission denied");
	CHECK(walk(0, 2, "ro/f") == 2);
	nulldir(&nd);
	nd.name = "h";
	CHECK(!fswstat(2, &nd));
	CHECK(walk(50, 51, "ro/f") == 2);	/* another user */
	CHECK(!fsopen(51, OWRITE));
	nulldir(&nd);
	nd.mode = 0777;
	CHECK(!fswstat(51, &nd));
	CHECK(fsopen(51, OREAD) && clunk(51));
	nulldir(&nd);
	nd.mode = DMDIR|0700;
	CHECK(fswstat(1, &nd));
	CHECK(walk(50, 51, "ro/f") == 1);
	nulldir(&nd);
	nd.name = "h";
	nd.mtime = 77;
	nd.atime = 78;
	CHECK(fswstat(2, &nd));
	CHECK(fsstat(2, &d, name) && d.mtime == 77 && d.atime == 78);
	SAME(name, "h");
	CHECK(walk(0, 3, "ro/f") == 1);
	nd.uid = "someone";
	CHECK(!fswstat(2, &nd));
	nulldir(&nd);
	nd.name = "a/b";
	CHECK(!fswstat(2, &nd));
	nulldir(&nd);
	CHECK(fswstat(2, &nd));			/* nothing touched: sync */
	CHECK(fsopen(2, OREAD|ORCLOSE) && clunk(2));
	CHECK(walk(0, 2, "ro/h") == 1);
	CHECK(clunk(1));
	/* removed but open */
	make("tmp", "abc", 0666);
	CHECK(walk(0, 1, "tmp") == 1 && fsopen(1, OREAD) && walk(0, 2, "tmp") == 1 && fsremove(2));
	CHECK(fsread(1, buf, 3, 0) == 3);
	CHECK(clunk(1));
	CHECK(walk(0, 1, "tmp") == -1);
}

static void
oddities(void)
{
	Fcall t = { .type = Tflush, .oldtag = 1234 }, r;
	uchar junk[20];

	CHECK(rpc(&t, &r));
	memset(junk, 0, sizeof junk);
	PBIT32(junk, 20);
	junk[4] = Twalk;
	PBIT16(junk+5, 7);
	PBIT16(junk+15, 9);			/* nine names that are not there */
	CHECK(write(fd, junk, 20) == 20);
	CHECK(read9pmsg(fd, mbuf, sizeof mbuf) > 7 && mbuf[4] == Rerror && GBIT16(mbuf+5) == 7);
	t.type = Tversion;			/* all fids go */
	t.msize = MSIZE;
	t.version = VERSION9P;
	CHECK(rpc(&t, &r));
	CHECK(walk(0, 1, "") == -1);
	CHECK(attach(0, getuser()));
	CHECK(walk(0, 1, "log") == 1);
}

/*
 * Messages at random, well formed and not, with few fids and few names so
 * that they meet. Each must be answered, and the server must live.
 */
static void
storm(void)
{
	static char *names[] = { "a", "b", "c", "..", ".", "", "d/e" };
	static uchar types[] = {
		Twalk, Twalk, Twalk, Topen, Tcreate, Tcreate, Tread, Twrite, Tclunk, Tremove,
		Tstat, Twstat,
		Tattach, Tflush, Tauth,
	};
	uchar st[512];
	char data[300];
	Fcall t, r;
	Dir d;
	int i, j, m;

	srand(9);
	memset(data, 'x', sizeof data);
	for(i = 0; i < 20000; i++){
		memset(&t, 0, sizeof t);
		t.type = types[nrand(nelem(types))];
		t.fid = (uint)nrand(6);
		t.newfid = (uint)nrand(6);
		t.afid = nrand(2) ? NOFID : (uint)nrand(6);
		t.uname = nrand(3) ? getuser() : "other";
		t.aname = "";
		t.name = names[nrand(nelem(names))];
		t.nwname = (ushort)nrand(4);
		for(j = 0; j < t.nwname; j++)
			t.wname[j] = names[nrand(nelem(names))];
		t.perm = nrand(3) ? 0666 : nrand(2) ? DMDIR|0777 : (uint)lrand() << 1;
		t.mode = (uchar)(nrand(4) ? nrand(4) : lrand());
		t.offset = nrand(3) ? nrand(100) : nrand(2) ? lrand() * 1000003 : -1;
		t.count = t.type == Twrite ? (uint)nrand(sizeof data) : (uint)lrand();
		t.data = data;
		nulldir(&d);
		if(nrand(2))
			d.name = names[nrand(nelem(names))];
		if(nrand(2))
			d.length = nrand(2) ? nrand(20000) : lrand() << 20;
		if(nrand(2))
			d.mode = (uint)lrand();
		t.stat = st;
		t.nstat = (ushort)convD2M(&d, st, sizeof st);
		t.tag = 1;
		m = (int)convS2M(&t, mbuf, sizeof mbuf);
		if(nrand(10) == 0)
			mbuf[7 + nrand(m)] ^= (uchar)(1 << nrand(8));
		if(write(fd, mbuf, m) != m || receive(&r) != 1)
			break;
	}
	CHECK(i == 20000);
}

void
main(int argc, char **argv)
{
	int p[2];

	USED(argc, argv);
	if(pipe(p) < 0)
		sysfatal("pipe: %r");
	switch(fork()){
	case -1:
		sysfatal("fork: %r");
	case 0:
		dup(p[1], 0);
		dup(p[1], 1);
		close(p[0]);
		close(p[1]);
		execl("/bin/ramfs", "ramfs", "-i", nil);
		sysfatal("/bin/ramfs: %r");
	}
	close(p[1]);
	fd = p[0];
	session();
	content();
	append();
	directories();
	rights();
	oddities();
	storm();
	close(fd);
	Waitmsg *w = wait();
	CHECK(w != nil && w->msg[0] == 0);
	finish();
}
