/*
 * Servers that others reach: in a share, over a network that pipes stand
 * for, and by clients who prove who they are to a factotum of our own.
 * Over Linux, which mounts nothing, only what fails without that is tried.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>
#include "check.h"
#include "client.h"

/* ---- the server: says how many times it was opened, and by whom ---- */

static long nopen;		/* shared by all connections */
static Ref inside;
static volatile int together;

static void
xopen(Req *r)
{
	if(r->ifcall.mode == OREAD && !(r->fid->qid.type & (QTDIR|QTAUTH))){
		ainc(&inside.ref);
		sleep(1);		/* call-backs exclude each other */
		if(inside.ref != 1)
			together = 1;
		adec(&inside.ref);
		nopen++;
	}
	respond(r, nil);
}

static void
xread(Req *r)
{
	char buf[64];

	if(r->fid->qid.type & QTAUTH){
		authread(r);
		return;
	}
	snprint(buf, sizeof buf, "%s %ld%s", r->fid->uid, nopen, together ? " together" : "");
	readstr(r, buf);
	respond(r, nil);
}

static void
xwrite(Req *r)
{
	if(r->fid->qid.type & QTAUTH)
		authwrite(r);
	else
		respond(r, "not writable");
}

static void
xattach(Req *r)
{
	if(r->srv->auth == nil || authattach(r) == 0)
		respond(r, nil);
}

static void
xdestroyfid(Fid *f)
{
	authdestroy(f);
}

static Srv fs = {
	.open = xopen, .read = xread, .write = xwrite, .attach = xattach,
	.destroyfid = xdestroyfid, .keyspec = "dom=test",
};

static char*
contents(char *name)
{
	static char buf[128];
	int f = open(name, OREAD);
	long n = read(f, buf, sizeof buf - 1);

	close(f);
	buf[n > 0 ? n : 0] = 0;
	return f < 0 ? "none" : buf;
}

/* Speaks 9P on fd as user, opens the file and says what it holds. */
static char*
session(int f, char *user)
{
	static char buf[MSIZE];
	Fcall t = { .type = Tversion, .msize = MSIZE, .version = VERSION9P }, r;

	fd = f;
	CHECK(rpc(&t, &r) && attach(0, user) && walk(0, 1, "count") == 1 && fsopen(1, OREAD));
	CHECK(fsread(1, buf, 100, 0) > 0);
	return buf;
}

/* ---- a share ---- */

static void
shares(void)
{
	char want[64];

	postsharesrv(&fs, nil, "posttest", "one");
	snprint(want, sizeof want, "%s 1", getuser());
	SAME(contents("#σ/posttest/count"), want);
	if(fork() == 0){		/* a name space of its own sees it too */
		rfork(RFCNAMEG);
		_exits(strcmp(contents("#σ/posttest/count"), "none") == 0 ? "none" : nil);
	}
	Waitmsg *w = wait();
	CHECK(w != nil && w->msg[0] == 0);
	free(w);
	CHECK(remove("#σc/posttest/one") == 0 && remove("#σc/posttest") == 0);
	SAME(contents("#σ/posttest/count"), "none");
}

/* Posted, for others to mount; postsrv itself mounts nothing. */
static void
posts(void)
{
	int f = postsrv(&fs, "posttest"), g;

	CHECK(f >= 0 && access("/srv/posttest", AEXIST) == 0);
	SAME(session(f, "ann"), "ann 1");
	g = open("/srv/posttest", ORDWR);
	CHECK(g >= 0);
	close(f);
	fd = g;
	CHECK(clunk(1) && clunk(0));
	close(g);
	remove("/srv/posttest");
}

/* ---- a network: conversation 7 listens, and 8 and 9 are the calls ---- */

static void
put(char *name, char *text)
{
	int f = text != nil ? create(name, ORDWR, 0666) : create(name, OREAD, DMDIR|0777);

	if(f < 0 || (text != nil && write(f, text, strlen(text)) < 0))
		sysfatal("%s: %r", name);
	close(f);
}

static void
listens(void)
{
	char dir[] = "/tmp/post_test.XXXXXXXXXXX", name[64], *what[] = { "7", "8", "9", "q" };
	int calls, keep, a, b, i;

	mktemp(dir);
	put(dir, nil);
	CHECK(bind(dir, "/net", MREPL|MCREATE) >= 0);
	put("/net/tcp", nil);
	put("/net/tcp/clone", "7");
	for(i = 0; i < (int)nelem(what); i++){
		snprint(name, sizeof name, "/net/tcp/%s", what[i]);
		put(name, nil);
		if(i > 0)
			CHECK(bind("#|", name, MREPL) >= 0);
	}
	put("/net/tcp/7/listen", "");
	CHECK(bind("/net/tcp/q/data", "/net/tcp/7/listen", MREPL) >= 0);
	listensrv(&fs, "tcp!*!564");
	SAME(contents("/net/tcp/clone"), "7announce *!564");
	calls = open("/net/tcp/q/data1", ORDWR);
	keep = open("/net/tcp/q/data", ORDWR);	/* else the first call's end closes the pipe */
	a = open("/net/tcp/8/data1", ORDWR);
	b = open("/net/tcp/9/data1", ORDWR);
	CHECK(calls >= 0 && keep >= 0 && a >= 0 && b >= 0);
	CHECK(write(calls, "8", 1) == 1);
	SAME(session(a, "ann"), "ann 1");
	CHECK(write(calls, "9", 1) == 1);
	/* both share memory, and neither has the other's fids */
	SAME(session(b, "bob"), "bob 2");
	fd = a;
	CHECK(walk(0, 2, "count") == 1 && fsopen(2, OREAD) && clunk(2) && clunk(1));
	close(a);				/* one goes, the other goes on */
	fd = b;
	CHECK(fsread(1, name, 60, 0) > 0);
	SAME(name, "bob 3");
	close(b);
	close(calls);
	close(keep);
	unmount(nil, "/net");
}

/* ---- authentication ---- */

/*
 * A factotum whose only protocol is: the client writes its name, which must
 * begin with `key-', and reads a confirmation.
 */
typedef struct Conv Conv;
struct Conv {
	char	reply[128];
	int	n;
	char	who[64];
	int	step;
};

static void
fopen9(Req *r)
{
	r->fid->aux = emalloc9p(sizeof(Conv));
	respond(r, nil);
}

static void
say(Conv *c, char *s)
{
	c->n = snprint(c->reply, sizeof c->reply, "%s", s);
}

static void
proof(Conv *c)
{
	int i, k;

	if(c->step != 3){
		say(c, "error not proved");
		return;
	}
	memmove(c->reply, "ok ", 3);
	c->n = 3;
	for(i = 0; i < 4; i++){			/* cuid, suid, cap, secret */
		k = i == 0 ? strlen(c->who) : 1;
		PBIT16((uchar*)c->reply + c->n, k);
		memmove(c->reply + c->n + 2, i == 0 ? c->who : "x", (ulong)k);
		c->n += 2 + k;
	}
}

static void
fwrite9(Req *r)
{
	Conv *c = r->fid->aux;
	char t[64];

	snprint(t, sizeof t, "%.*s", (int)r->ifcall.count, r->ifcall.data);
	if(strcmp(t, "start proto=p9any role=server dom=test") == 0)
		say(c, "ok");
	else if(strncmp(t, "write key-", 10) == 0 && c->step == 0){
		c->step = 1;
		strcpy(c->who, t + 10);
		say(c, "ok");
	}else if(strcmp(t, "read") == 0 && c->step == 1){
		c->step = 2;
		say(c, "ok welcome");
	}else if(strcmp(t, "read") == 0 && c->step == 2){
		c->step = 3;
		say(c, "done haveai");
	}else if(strcmp(t, "authinfo") == 0)
		proof(c);
	else if(strncmp(t, "write", 5) == 0)
		say(c, "error bad key");
	else
		say(c, "phase not now");
	r->ofcall.count = r->ifcall.count;
	respond(r, nil);
}

static void
fread9(Req *r)
{
	Conv *c = r->fid->aux;

	r->ifcall.offset = 0;
	readbuf(r, c->reply, c->n);
	respond(r, nil);
}

static Srv factotum = { .open = fopen9, .read = fread9, .write = fwrite9 };

static int
auth(uint afid, char *user)
{
	Fcall t = { .type = Tauth, .afid = afid, .uname = user, .aname = "" }, r;

	return rpc(&t, &r) && (r.aqid.type & QTAUTH);
}

static int
attachby(uint afid, char *user)
{
	Fcall t = { .type = Tattach, .fid = afid + 100, .afid = afid, .uname = user,
		.aname = "" }, r;

	return rpc(&t, &r) != 0;
}

/* Starts the server that wants proof in a child, and begins a session with it. */
static void
start(void)
{
	Fcall t = { .type = Tversion, .msize = MSIZE, .version = VERSION9P }, r;
	int p[2];

	pipe(p);
	if(rfork(RFPROC|RFFDG|RFNOWAIT) == 0){
		close(p[0]);
		fs.auth = auth9p;
		fs.infd = fs.outfd = p[1];
		srv(&fs);
		_exits(nil);
	}
	close(p[1]);
	fd = p[0];
	CHECK(rpc(&t, &r) && !attach(0, "ann"));
	SAME(err, "not authenticated");
}

static void
proofs(void)
{
	Tree *t = alloctree(nil, nil, DMDIR|0777, nil);
	File *d = createfile(t->root, "factotum", nil, DMDIR|0777, nil);
	char buf[MSIZE];

	createfile(d, "rpc", nil, 0666, nil);
	factotum.tree = t;
	postmountsrv(&factotum, nil, "/mnt", MREPL);
	start();
	CHECK(auth(1, "ann") && !attachby(1, "ann"));
	SAME(err, "authentication not complete");
	CHECK(fsread(1, buf, 100, 0) < 0);
	SAME(err, "phase not now");
	CHECK(fswrite(1, "lock-ann", 8, 0) < 0);
	SAME(err, "bad key");
	CHECK(fswrite(1, "key-ann", 7, 0) == 7 && fsread(1, buf, 100, 0) == 7);
	SAME(buf, "welcome");
	CHECK(fsread(1, buf, 100, 0) == 0 && fsread(1, buf, 100, 0) == 0);
	CHECK(!attachby(1, "bob"));
	SAME(err, "attach does not match auth");
	CHECK(attachby(1, "ann") && walk(101, 2, "count") == 1 && fsopen(2, OREAD));
	CHECK(fsread(2, buf, 100, 0) > 0 && strncmp(buf, "ann ", 4) == 0);
	/* the last answer may be fetched by the attach itself; a lie is found out */
	CHECK(auth(3, "bob") && fswrite(3, "key-bob", 7, 0) == 7 && fsread(3, buf, 100, 0) == 7);
	CHECK(attachby(3, "bob"));
	CHECK(auth(4, "eve") && fswrite(4, "key-ann", 7, 0) == 7 && fsread(4, buf, 100, 0) == 7);
	CHECK(fsread(4, buf, 100, 0) < 0);
	SAME(err, "auth uname mismatch");
	CHECK(!attachby(4, "eve") && clunk(4) && clunk(1) && clunk(3));
	CHECK(attachby(2, "ann") == 0);		/* an afid that is none */
	SAME(err, "not authenticated");
	close(fd);
	unmount(nil, "/mnt");
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	fs.tree = alloctree(nil, nil, DMDIR|0777, nil);
	createfile(fs.tree->root, "count", nil, 0666, nil);
	rfork(RFNAMEG);
	start();
	CHECK(!auth(1, "ann"));			/* there is no factotum */
	CHECK(strstr(err, "does not exist") != nil);
	close(fd);
	if(access("/dev/drivers", AEXIST) == 0){
		shares();
		posts();
		listens();
		proofs();
	}
	finish();
}
