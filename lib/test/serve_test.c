/*
 * lib9p with a server of its own: answers that wait, flushes in both
 * manners, walks by walk1, generated directories, and the defaults. Over
 * lux9 also requests that block in other processes, and a mount.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>
#include "check.h"
#include "client.h"

/* The files: their qid path is their place here. */
enum {
	Qroot,
	Qhello,
	Qwait,			/* a read is answered when go is written */
	Qgo,
	Qctl,
	Qslow,			/* a read sleeps in the call-back */
	Qqueued,		/* a read sleeps in a queue's process */
	Qmax,
};

static char *names[] = { "/", "hello", "wait", "go", "ctl", "slow", "queued" };
static Req *waiting[10];
static int nwaiting;
static Reqqueue *queue;

static void
xattach(Req *r)
{
	r->ofcall.qid = (Qid){ Qroot, 0, QTDIR };
	respond(r, nil);
}

static char*
xwalk1(Fid *f, char *name, Qid *q)
{
	int i;

	if(strcmp(name, "..") == 0){
		*q = (Qid){ Qroot, 0, QTDIR };
		return nil;
	}
	for(i = 1; i < Qmax; i++)
		if(f->qid.path == Qroot && strcmp(names[i], name) == 0){
			*q = (Qid){ (uvlong)i, 0, 0 };
			return nil;
		}
	return "file does not exist";
}

static int
gen(int i, Dir *d, void *aux)
{
	USED(aux);
	if(i+1 >= Qmax)
		return -1;
	d->qid.path = (uvlong)i+1;
	d->mode = 0666;
	d->name = estrdup9p(names[i+1]);
	d->uid = estrdup9p("u");
	d->gid = estrdup9p("u");
	d->muid = estrdup9p("u");
	return 0;
}

static void
xstat(Req *r)
{
	gen((int)r->fid->qid.path - 1, &r->d, nil);
	r->d.qid = r->fid->qid;
	r->d.mode = r->fid->qid.type & QTDIR ? DMDIR|0777 : 0666;
	respond(r, nil);
}

static void
nap(Req *r)
{
	if(sleep(r->ifcall.offset > 0 ? 5000 : 20) < 0)
		respond(r, "interrupted");
	else{
		readstr(r, "slept");
		respond(r, nil);
	}
}

static void
xread(Req *r)
{
	switch(r->fid->qid.path){
	case Qroot:
		dirread9p(r, gen, nil);
		break;
	case Qhello:
		readstr(r, "hello, world\n");
		break;
	case Qwait:
		waiting[nwaiting++] = r;
		return;
	case Qslow:
		srvrelease(r->srv);
		sleep(100);
		srvacquire(r->srv);
		break;
	case Qqueued:
		reqqueuepush(queue, r, nap);
		return;
	}
	respond(r, nil);
}

static Cmdtab cmds[] = {
	{ 1, "stop", 1 }, { 2, "set", 3 }, { 3, "any", 0 },
};

static void
xwrite(Req *r)
{
	Cmdbuf *cb;
	Cmdtab *ct;

	r->ofcall.count = r->ifcall.count;
	switch(r->fid->qid.path){
	case Qgo:
		while(nwaiting > 0){
			Req *w = waiting[--nwaiting];
			readstr(w, "go");
			respond(w, nil);
		}
		break;
	case Qctl:
		cb = parsecmd(r->ifcall.data, (int)r->ifcall.count);
		ct = lookupcmd(cb, cmds, nelem(cmds));
		if(ct == nil)
			respondcmderror(r, cb, "%r");
		else
			respond(r, nil);
		free(cb);
		return;
	}
	respond(r, nil);
}

static void
xflush(Req *r)
{
	int i;

	if(r->oldreq->queue != nil)
		reqqueueflush(queue, r->oldreq);
	for(i = 0; i < nwaiting; i++)
		if(waiting[i] == r->oldreq){
			waiting[i] = waiting[--nwaiting];
			respond(r->oldreq, "interrupted");
			break;
		}
	respond(r, nil);
}

static Srv fs = {
	.attach = xattach,
	.walk1 = xwalk1,
	.stat = xstat,
	.read = xread,
	.write = xwrite,
};

/* Starts the server in a child on the other end of fd. */
static void
start(void)
{
	int p[2];

	if(pipe(p) < 0)
		sysfatal("pipe: %r");
	switch(fork()){
	case -1:
		sysfatal("fork: %r");
	case 0:
		close(p[0]);
		fs.infd = fs.outfd = p[1];
		queue = reqqueuecreate();
		srv(&fs);
		if(queue != nil)
			reqqueuefree(queue);
		_exits(nil);
	}
	close(p[1]);
	fd = p[0];
	Fcall t = { .type = Tversion, .msize = MSIZE, .version = VERSION9P }, r;
	CHECK(rpc(&t, &r));
	CHECK(attach(0, "u"));
}

static void
stop(void)
{
	Waitmsg *w;

	close(fd);
	w = wait();
	CHECK(w != nil && w->msg[0] == 0);
	free(w);
}

static void
plain(void)
{
	char buf[MSIZE], name[64];
	long n, i, count = 0, off;
	Dir d, nd;

	CHECK(walk(0, 1, "hello") == 1 && fsopen(1, ORDWR));
	CHECK(fsread(1, buf, 5, 7) == 5);
	SAME(buf, "world");
	CHECK(walk(0, 2, "hello/x") == 1);
	CHECK(walk(0, 2, "x/hello") == -1);
	CHECK(walk(0, 2, "../ctl") == 2 && fsopen(2, OWRITE));
	CHECK(fsstat(2, &d, name) && d.qid.path == Qctl);
	SAME(name, "ctl");
	CHECK(fswrite(2, "stop\n", 5, 0) == 5);
	CHECK(fswrite(2, "any thing goes", 14, 0) == 14);
	CHECK(fswrite(2, "set x", 5, 0) == -1);
	SAME(err, "wrong #args in control message: \"set x\"");
	CHECK(fswrite(2, "fly 'to me'", 11, 0) == -1);
	SAME(err, "unknown control message: \"fly 'to me'\"");
	nulldir(&nd);
	nd.mode = 0600;
	CHECK(!fswstat(2, &nd));
	SAME(err, "wstat prohibited");
	CHECK(walk(0, 3, "") == 0);
	CHECK(!fscreate(3, "new", 0666, OREAD));
	SAME(err, "create prohibited");
	CHECK(fsopen(3, OREAD));
	for(off = 0; (n = fsread(3, buf, 120, off)) > 0; off += n)
		for(i = 0; i < n; i += BIT16SZ + GBIT16((uchar*)buf + i))
			count++;
	CHECK(n == 0 && count == Qmax - 1);
	CHECK(!fsremove(3) && !clunk(3));
	CHECK(clunk(1) && clunk(2));
}

/* Reads wait under tags 10 and 11 while others are answered. */
static void
waits(int interrupts)
{
	Fcall t = { .type = Tread, .fid = 1, .count = 100 }, f = { .type = Tflush }, r;

	CHECK(walk(0, 1, "wait") == 1 && fsopen(1, OREAD));
	CHECK(walk(0, 2, "go") == 1 && fsopen(2, OWRITE));
	send(&t, 10);
	send(&t, 11);
	CHECK(fsread(2, nil, 0, 0) == -1);	/* still serving */
	send(&t, 10);				/* a tag in use */
	CHECK(receive(&r) == 10 && r.type == Rerror);
	f.oldtag = 10;
	send(&f, 12);
	if(interrupts){
		CHECK(receive(&r) == 10 && r.type == Rerror);
		SAME(err, "interrupted");
		CHECK(receive(&r) == 12 && r.type == Rflush);
		f.oldtag = 11;
		send(&f, 12);
		CHECK(receive(&r) == 11 && r.type == Rerror);
		CHECK(receive(&r) == 12 && r.type == Rflush);
	}else{
		f.oldtag = 10;
		send(&f, 13);			/* twice, answered in order after the read */
		Fcall w = { .type = Twrite, .fid = 2, .count = 1, .data = "x" };
		send(&w, 14);
		CHECK(receive(&r) == 11 && r.type == Rread && r.count == 2);
		CHECK(receive(&r) == 10 && r.type == Rread);
		CHECK(receive(&r) == 12 && r.type == Rflush);
		CHECK(receive(&r) == 13 && r.type == Rflush);
		CHECK(receive(&r) == 14 && r.type == Rwrite);
	}
	CHECK(clunk(1) && clunk(2));
}

/* While one read sleeps others are served; flushing reaches a queue's process. */
static void
blocking(void)
{
	Fcall t = { .type = Tread, .fid = 1, .count = 100 }, f = { .type = Tflush }, r;
	char buf[20];

	CHECK(walk(0, 1, "slow") == 1 && fsopen(1, OREAD));
	CHECK(walk(0, 2, "hello") == 1 && fsopen(2, OREAD));
	CHECK(walk(0, 3, "queued") == 1 && fsopen(3, OREAD));
	send(&t, 20);
	CHECK(fsread(2, buf, 5, 0) == 5);	/* overtakes */
	CHECK(receive(&r) == 20 && r.type == Rread);
	t.fid = 3;
	send(&t, 20);
	CHECK(fsread(2, buf, 5, 0) == 5);
	CHECK(receive(&r) == 20 && r.type == Rread && r.count == 5);
	t.offset = 1;				/* five seconds, but flushed */
	send(&t, 20);
	send(&t, 21);
	sleep(50);
	f.oldtag = 21;
	send(&f, 22);				/* still in the queue */
	CHECK(receive(&r) == 21 && r.type == Rerror);
	CHECK(receive(&r) == 22 && r.type == Rflush);
	f.oldtag = 20;
	send(&f, 22);				/* in the midst of sleep */
	CHECK(receive(&r) == 20 && r.type == Rerror);
	CHECK(receive(&r) == 22 && r.type == Rflush);
	CHECK(clunk(1) && clunk(2) && clunk(3));
}

/* Through the kernel: postmountsrv, reads, an alarm that interrupts a read. */
static void
mounted(void)
{
	char buf[50];
	int mfd;
	Dir *d;

	fs.flush = xflush;
	postmountsrv(&fs, "servetest", "/mnt", MREPL);
	mfd = open("/mnt/hello", OREAD);
	CHECK(mfd >= 0 && read(mfd, buf, 50) == 13);
	close(mfd);
	mfd = open("/mnt", OREAD);
	CHECK(dirreadall(mfd, &d) == Qmax - 1);
	close(mfd);
	CHECK(open("/mnt/nosuch", OREAD) < 0);
	mfd = open("/mnt/ctl", OWRITE);
	CHECK(mfd >= 0 && write(mfd, "fly", 3) < 0);
	close(mfd);
	mfd = open("/mnt/wait", OREAD);
	alarm(50);
	CHECK(read(mfd, buf, 50) < 0);
	rerrstr(buf, sizeof buf);
	SAME(buf, "interrupted");
	close(mfd);
	CHECK(access("/srv/servetest", AEXIST) == 0);
	CHECK(unmount(nil, "/mnt") == 0);
	CHECK(remove("/srv/servetest") == 0);
}

static int
onalarm(void *u, char *s)
{
	USED(u);
	return strcmp(s, "alarm") == 0;
}

void
main(int argc, char **argv)
{
	int shares;

	USED(argc, argv);
	switch(rfork(RFPROC|RFMEM|RFNOWAIT)){
	case 0:
		_exits(nil);
	case -1:
		shares = 0;
		break;
	default:
		shares = 1;
		break;
	}
	start();
	plain();
	waits(0);
	stop();
	fs.flush = xflush;
	start();
	waits(1);
	if(shares)
		blocking();
	stop();
	atnotify(onalarm, 1);
	if(shares)
		mounted();
	finish();
}
