/*
 * lib9p's trees, and what the library does for a server that supplies
 * little: the refusals, the checks, the fate of fids whose walk stops
 * half-way, the calls at the beginning and the end.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>
#include "check.h"
#include "client.h"

/* ---- trees as such ---- */

static int ndestroyed;

static void
destroyed(File *f)
{
	USED(f);
	ndestroyed++;
}

static void
trees(void)
{
	char *aux = "aux", name[64];
	Tree *t = alloctree("owner", "group", DMDIR|0775, destroyed);
	File *dir, *f, *g;

	CHECK(t != nil && t->root->parent == t->root && (t->root->qid.type & QTDIR));
	SAME(t->root->uid, "owner");
	SAME(t->root->gid, "group");
	CHECK(t->root->mode == (DMDIR|0775));
	dir = createfile(t->root, "dir", nil, DMDIR|0700, aux);
	CHECK(dir != nil && dir->aux == aux && dir->parent == t->root && dir->mode == (DMDIR|0700));
	SAME(dir->uid, "owner");			/* nobody named: the directory's */
	f = createfile(dir, "f", "maker", 0640, nil);
	CHECK(f != nil && f->qid.type == 0 && f->qid.path != dir->qid.path);
	SAME(f->uid, "maker");
	SAME(f->gid, "group");
	CHECK(createfile(dir, "f", nil, 0666, nil) == nil);
	snprint(name, sizeof name, "%r");
	SAME(name, "file already exists");
	CHECK(createfile(f, "x", nil, 0666, nil) == nil);
	g = walkfile(t->root, "dir/f");
	CHECK(g == f && g->ref == 3);
	closefile(g);
	CHECK(f->ref == 2 && walkfile(t->root, "dir/none") == nil && walkfile(f, "x") == nil);
	g = walkfile(dir, "../dir/./f");
	CHECK(g == f);
	closefile(g);
	CHECK(removefile(dir) < 0 && removefile(t->root) < 0);
	CHECK(renamefile(f, "g") == 0 && walkfile(dir, "f") == nil);
	g = walkfile(dir, "g");
	CHECK(g == f);
	closefile(g);
	CHECK(ndestroyed == 0 && removefile(f) == 0 && ndestroyed == 0 && removefile(f) < 0);
	CHECK(walkfile(dir, "g") == nil);
	closefile(f);				/* the last reference */
	CHECK(ndestroyed == 1);
	closefile(dir);
	freetree(t);
	CHECK(ndestroyed == 3);
}

/* Many names in one directory, listed in the order of creation, whole entries at a time. */
static void
listing(void)
{
	enum { N = 300 };
	Tree *t = alloctree(nil, nil, DMDIR|0777, nil);
	char name[32], strs[300];
	uchar buf[300];
	long n, i, at = 0;
	Readdir *rd;
	File *f;
	Dir d;

	SAME(t->root->uid, getuser());
	for(i = 0; i < N; i++){
		snprint(name, sizeof name, "n%ld", i);
		closefile(createfile(t->root, name, nil, i % 2 ? DMDIR|0777 : 0666, nil));
	}
	rd = opendirfile(t->root);
	f = walkfile(t->root, "n298");		/* goes while it is being listed */
	CHECK(removefile(f) == 0);
	closefile(f);
	while((n = readdirfile(rd, buf, sizeof buf, at)) > 0)
		for(i = 0; i < n; at++){
			i += convM2D(buf + i, (uint)(n - i), &d, strs);
			if(at == 298)
				at++;
			snprint(name, sizeof name, "n%ld", at);
			SAME(d.name, name);
		}
	CHECK(n == 0 && at == N);
	closedirfile(rd);
	freetree(t);
}

static void
permissions(void)
{
	Tree *t = alloctree("u", "g", DMDIR|0777, nil);
	static struct { uint mode; char *who; int p, ok; } v[] = {
		{ 0400, "u", DMREAD, 1 }, { 0400, "x", DMREAD, 0 }, { 0040, "g", DMREAD, 1 },
		{ 0040, "u", DMREAD, 0 }, { 0004, "x", DMREAD, 1 }, { 0004, "u", DMREAD, 1 },
		{ 0200, "u", DMREAD|DMWRITE, 0 }, { 0600, "u", DMREAD|DMWRITE, 1 },
		{ 0420, "u", DMREAD|DMWRITE, 0 }, { 0777, "x", DMREAD|DMWRITE|DMEXEC, 1 },
		{ 0, "u", DMREAD, 0 }, { 0, "u", 0, 1 }, { 0100, "u", DMEXEC, 1 },
	};
	File *f = createfile(t->root, "f", "u", 0, nil);
	int i;

	for(i = 0; i < (int)nelem(v); i++){
		f->mode = v[i].mode;
		CHECK(!hasperm(f, v[i].who, v[i].p) == !v[i].ok);
	}
	closefile(f);
	freetree(t);
}

/* ---- servers in a child ---- */

static void
serve(Srv *s)
{
	Fcall t = { .type = Tversion, .msize = MSIZE, .version = VERSION9P }, r;
	int p[2];

	if(pipe(p) < 0)
		sysfatal("pipe: %r");
	if(fork() == 0){
		close(p[0]);
		s->infd = s->outfd = p[1];
		srv(s);
		_exits(nil);
	}
	close(p[1]);
	fd = p[0];
	CHECK(rpc(&t, &r));
	CHECK(attach(0, "u"));
}

static char*
finished(void)
{
	static char msg[ERRMAX];
	Waitmsg *w;

	close(fd);
	w = wait();
	strecpy(msg, msg + sizeof msg, w != nil ? w->msg : "no child");
	free(w);
	return msg;
}

static int
refused(int done, char *why)
{
	SAME(err, why);
	return !done;
}

/* A tree and nothing else. */
static void
defaults(void)
{
	Tree *t = alloctree("u", "u", DMDIR|0777, nil);
	Srv s = { .tree = t };
	Fcall a = { .type = Tauth, .afid = 7, .uname = "u", .aname = "" }, r;
	char buf[MSIZE], name[64];
	Dir d;

	closefile(createfile(t->root, "f", "u", 0666, nil));
	closefile(createfile(t->root, "d", "u", DMDIR|0777, nil));
	closefile(createfile(t->root, "secret", "u", 0600, nil));
	argv0 = "treesrv";
	serve(&s);
	CHECK(refused(rpc(&a, &r), "treesrv: authentication not required"));
	CHECK(walk(0, 1, "f") == 1 && fsopen(1, ORDWR));	/* nil open: allowed */
	CHECK(refused(fswrite(1, "x", 1, 0) >= 0, "write prohibited"));
	CHECK(refused(fsread(1, buf, 1, 0) >= 0, "no srv->read"));
	CHECK(fsstat(1, &d, name) && d.mode == 0666);
	nulldir(&d);
	d.mode = 0600;
	CHECK(refused(fswstat(1, &d), "wstat prohibited"));
	CHECK(walk(0, 2, "d") == 1 && refused(fscreate(2, "x", 0666, OREAD), "create prohibited"));
	CHECK(fsopen(2, OREAD) && fsread(2, buf, 100, 0) == 0);
	CHECK(refused(fsread(2, buf, 100, 5) >= 0, "bad offset"));
	CHECK(refused(fswrite(2, "x", 1, 0) >= 0, "fid is not open for that"));
	CHECK(refused(fsread(88, buf, 100, 0) >= 0, "unknown fid"));
	CHECK(refused(clunk(88), "unknown fid"));
	CHECK(refused(walk(88, 89, "f") >= 0, "unknown fid"));
	CHECK(refused(walk(0, 3, "none") >= 0, "file does not exist"));
	CHECK(refused(walk(0, 1, "f") >= 0, "duplicate fid"));
	CHECK(attach(20, "other"));
	CHECK(walk(20, 21, "secret") == 1 && refused(fsopen(21, OREAD), "permission denied"));
	CHECK(fsremove(1) && walk(0, 1, "f") == -1);	/* of a tree: allowed */
	SAME(finished(), "");
	freetree(t);
}

/* Neither tree nor call-backs: everything is refused. */
static void
nothing(void)
{
	Srv s = { .auth = nil };
	Dir d;
	char name[64];

	serve(&s);
	CHECK(walk(0, 1, "") == 0 && refused(fsremove(1), "remove prohibited"));
	CHECK(refused(fsstat(0, &d, name), "stat prohibited"));
	SAME(finished(), "");
}

/* ---- walk1, clone and the fids' own data ---- */

enum {
	Qdir = 1,
	Qend = 5,			/* the dir of a dir of ... */
};

static int live, nreqs, started;

static void
wattach(Req *r)
{
	r->ofcall.qid = (Qid){ Qdir, 0, QTDIR };
	r->fid->aux = malloc(1);
	live++;
	respond(r, nil);
}

static char*
wclone(Fid *old, Fid *new)
{
	CHECK(old->aux != nil && new->aux == nil);
	new->aux = malloc(1);
	live++;
	return nil;
}

/* Each directory but the last holds `down'; `bad' is an error of its own. */
static char*
wwalk1(Fid *f, char *name, Qid *q)
{
	if(strcmp(name, "bad") == 0)
		return "it is bad";
	if(strcmp(name, "down") != 0 || f->qid.path == Qend)
		return "file does not exist";
	*q = (Qid){ f->qid.path + 1, 0, QTDIR };
	return nil;
}

static void
wdestroyfid(Fid *f)
{
	if(f->aux == nil)
		return;
	free(f->aux);
	f->aux = nil;
	live--;
}

static void
wstat1(Req *r)
{
	r->d.qid = r->fid->qid;
	r->d.name = estrdup9p("here");
	r->d.uid = estrdup9p("u");
	r->d.gid = estrdup9p("u");
	r->d.muid = estrdup9p("u");
	r->aux = emalloc9p(10);
	nreqs++;
	respond(r, nil);
}

static void
wopen(Req *r)
{
	werrstr("opening fails");
	responderror(r);
}

static void
wdestroyreq(Req *r)
{
	if(r->aux != nil)
		nreqs--;
	free(r->aux);
}

static void
wstart(Srv *s)
{
	started = s->aux != nil;
}

static void
wend(Srv *s)
{
	USED(s);
	if(live != 0 || nreqs != 0 || !started || nfailed > 0){
		print("%d fids, %d requests left\n", live, nreqs);
		_exits("left");
	}
	_exits("ended");
}

static uvlong
where(uint fid)
{
	char name[64];
	Dir d;

	return fsstat(fid, &d, name) ? d.qid.path : 0;
}

static void
walks(void)
{
	Srv s = { .attach = wattach, .clone = wclone, .walk1 = wwalk1, .stat = wstat1,
		.open = wopen, .destroyfid = wdestroyfid, .destroyreq = wdestroyreq,
		.start = wstart, .end = wend, .aux = "aux" };

	serve(&s);
	CHECK(walk(0, 1, "down/down") == 2 && where(1) == 3);
	CHECK(walk(1, 2, "down/none/x") == 1 && where(2) == 0);
	SAME(err, "unknown fid");			/* not made */
	CHECK(refused(walk(1, 2, "bad/x") >= 0, "it is bad"));
	/* a fid that moves itself does so on full success alone */
	CHECK(walk(1, 1, "down/none") == 1 && where(1) == 3);
	CHECK(walk(1, 1, "down/down/down") == 2 && where(1) == 3);
	CHECK(walk(1, 1, "bad") == -1 && where(1) == 3);
	CHECK(walk(1, 1, "down/down") == 2 && where(1) == 5);
	CHECK(walk(0, 0, "") == 0 && where(0) == 1);
	CHECK(walk(0, 0, "down") == 1 && where(0) == 2);
	CHECK(refused(fsopen(1, OREAD), "opening fails"));
	CHECK(clunk(1) && !clunk(1));
	CHECK(strstr(finished(), "ended") != nil);
}

/* Every message, both ways, on descriptor 2. */
static void
traces(void)
{
	Srv s = { .tree = alloctree(nil, nil, DMDIR|0777, nil) };
	char text[1024];
	int p[2], old = dup(2, -1);
	long n;

	CHECK(pipe(p) == 0);
	dup(p[1], 2);
	chatty9p = 1;
	serve(&s);
	chatty9p = 0;
	dup(old, 2);
	close(p[1]);
	CHECK(walk(0, 1, "none") == -1);
	SAME(finished(), "");
	n = readn(p[0], text, sizeof text - 1);
	text[n > 0 ? n : 0] = 0;
	close(p[0]);
	close(old);
	CHECK(strncmp(text, "<- Tversion tag 65535 msize 8216 version '9P2000'\n", 50) == 0);
	CHECK(strstr(text, "\n-> Rversion ") != nil && strstr(text, "uname u aname \n") != nil);
	CHECK(strstr(text, "<- Twalk tag 1 fid 0 newfid 1 nwname 1 0:none\n") != nil);
	CHECK(strstr(text, "-> Rerror tag 1 ename file does not exist\n") != nil);
}

static void
helpers(void)
{
	char data[20], *s;
	Req r;
	int i;

	memset(&r, 0, sizeof r);
	r.ofcall.data = data;
	r.ifcall.count = 4;
	readbuf(&r, "0123456789", 10);
	CHECK(r.ofcall.count == 4 && memcmp(data, "0123", 4) == 0);
	r.ifcall.offset = 8;
	readbuf(&r, "0123456789", 10);
	CHECK(r.ofcall.count == 2 && memcmp(data, "89", 2) == 0);
	r.ifcall.offset = 10;
	readstr(&r, "0123456789");
	CHECK(r.ofcall.count == 0);
	r.ifcall.offset = 1LL << 62;
	readstr(&r, "0123456789");
	CHECK(r.ofcall.count == 0);
	s = emalloc9p(100);
	for(i = 0; i < 100 && s[i] == 0; i++)
		;
	CHECK(i == 100);
	strcpy(s, "kept");
	s = erealloc9p(s, 1000);
	SAME(s, "kept");
	free(s);
	Cmdbuf *cb = parsecmd("one 'two words'  three\n", 23);
	CHECK(cb->nf == 3);
	SAME(cb->f[1], "two words");
	SAME(cb->f[2], "three");
	free(cb);
	cb = parsecmd("", 0);
	Cmdtab tab[] = { { 1, "one", 1 }, { 2, "*", 0 } };
	CHECK(cb->nf == 0 && lookupcmd(cb, tab, 2) == nil);
	free(cb);
	cb = parsecmd("whatever", 8);
	CHECK(lookupcmd(cb, tab, 1) == nil && lookupcmd(cb, tab, 2) == &tab[1]);
	free(cb);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	trees();
	listing();
	permissions();
	helpers();
	defaults();
	nothing();
	walks();
	traces();
	finish();
}
