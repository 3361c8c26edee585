/*
 * Threads, channels, procs, io procs, programs in place of procs, and a server in a proc.
 * Over Linux, where memory cannot be shared, only what one proc does is tried.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <thread.h>
#include <9p.h>
#include "check.h"

enum {
	STACK = 32*1024,
	NTHREAD = 20,
	NROUND = 500,
};

int mainstacksize = 128*1024;

static Channel *done;
static QLock ql;
static long counter;
static int order[8], norder;
static int killedran;

/* ---- one proc ---- */

static void
adder(void *v)
{
	Channel *c = v;
	long i, n;

	for(i = 0; i < NROUND; i++){
		qlock(&ql);
		n = counter;
		if(i % 7 == 0)
			yield();
		counter = n + 1;
		qunlock(&ql);
	}
	sendul(c, (ulong)threadid());
}

static void
threads(void)
{
	Channel *c = chancreate(sizeof(ulong), 0);
	ulong sum = 0, want = 0;
	int i;

	for(i = 0; i < NTHREAD; i++)
		want += (ulong)threadcreate(adder, c, STACK);
	for(i = 0; i < NTHREAD; i++)
		sum += recvul(c);
	CHECK(sum == want);
	CHECK(counter == NTHREAD*NROUND);
	CHECK(threadpid(threadid()) == getpid());
	CHECK(threadpid(123456) == -1);
	threadsetname("it is %d", 5);
	SAME(threadgetname(), "it is 5");
	*threaddata() = &ql;
	*procdata() = &counter;
	yield();
	CHECK(*threaddata() == &ql && *procdata() == &counter);
	chanfree(c);
}

static void
producer(void *v)
{
	Channel *c = v;
	int i;

	for(i = 0; i < 100; i++)
		send(c, &i);
	chanclose(c);
}

static void
sequences(int nbuf)
{
	Channel *c = chancreate(sizeof(int), nbuf);
	int i, v, bad = 0;

	threadcreate(producer, c, STACK);
	for(i = 0; i < 100; i++)
		if(recv(c, &v) != 1 || v != i)
			bad++;
	CHECK(bad == 0);
	v = 7;
	CHECK(recv(c, &v) == -1 && v == 0);
	CHECK(send(c, &v) == -1);
	CHECK(chanclose(c) == -1);
	CHECK(chanclosing(c) == 0);
	chanfree(c);
}

static void
buffers(void)
{
	Channel *c = chancreate(sizeof(ulong), 3);
	char *s;

	CHECK(nbrecvul(c) == 0);
	CHECK(nbsendul(c, 1) == 1 && nbsendul(c, 2) == 1 && nbsendul(c, 3) == 1);
	CHECK(nbsendul(c, 4) == 0);
	CHECK(chanclosing(c) == -1);
	CHECK(chanclose(c) == 0 && chanclosing(c) == 3);
	CHECK(recvul(c) == 1 && recvul(c) == 2 && recvul(c) == 3 && recvul(c) == ~0UL);
	chanfree(c);
	c = chancreate(sizeof(char*), 2);
	CHECK(chanprint(c, "%d and %s", 12, "more") == 1);
	s = recvp(c);
	SAME(s, "12 and more");
	free(s);
	CHECK(nbrecvp(c) == nil && nbsendp(c, &ql) == 1 && nbrecvp(c) == &ql);
	chanfree(c);
	CHECK(chancreate(-1, 0) == nil);
	c = chancreate(0, 1);		/* signals without content */
	CHECK(nbsend(c, nil) == 1 && nbsend(c, nil) == 0 && nbrecv(c, nil) == 1);
	chanfree(c);
}

static void
echo(void *v)
{
	Channel **c = v;
	ulong n;

	while((n = recvul(c[0])) != ~0UL)
		sendul(c[1], n * 2);
	sendul(done, 1);
}

static void
alts(void)
{
	Channel *c[4];
	Alt a[5];
	ulong in = 5, out = 0, v[2];
	int i, seen[2] = { 0, 0 };

	for(i = 0; i < 4; i++)
		c[i] = chancreate(sizeof(ulong), 0);
	threadcreate(echo, c, STACK);
	threadcreate(echo, c + 2, STACK);
	memset(a, 0, sizeof a);
	a[0] = (Alt){ .c = c[0], .v = &in, .op = CHANSND };
	a[1] = (Alt){ .c = c[1], .v = &out, .op = CHANRCV };
	a[2] = (Alt){ .c = c[2], .v = &in, .op = CHANNOP };
	a[3].op = CHANEND;
	CHECK(alt(a) == 0);
	a[0].op = CHANNOP;
	CHECK(alt(a) == 1 && out == 10);
	a[1].op = CHANNOP;
	a[3].op = CHANNOBLK;
	CHECK(alt(a) == 3);
	a[2].op = CHANSND;
	yield();			/* the second echo waits */
	CHECK(alt(a) == 2);
	CHECK(recvul(c[3]) == 10);
	for(i = 0; i < 2; i++)
		c[1+2*i] = chancreate(sizeof(ulong), 1000);
	for(i = 0; i < 1000; i++){
		sendul(c[1], 1);
		sendul(c[3], 2);
	}
	a[0] = (Alt){ .c = c[1], .v = &v[0], .op = CHANRCV };
	a[1] = (Alt){ .c = c[3], .v = &v[1], .op = CHANRCV };
	a[2].op = CHANEND;
	for(i = 0; i < 1000; i++)
		seen[alt(a)]++;
	CHECK(seen[0] > 300 && seen[1] > 300);
	chanclose(c[1]);
	a[1].op = CHANNOP;
	while(chanclosing(c[1]) > 0)
		CHECK(alt(a) == 0 && a[0].err == nil && v[0] == 1);
	CHECK(alt(a) == 0 && a[0].err != nil);
	chanclose(c[0]);
	chanclose(c[2]);
	CHECK(recvul(done) == 1 && recvul(done) == 1);
}

static void
waiter(void *v)
{
	ulong x;
	int r = recv(v, &x);
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	order[norder++] = r;
	sendul(done, r < 0 && strcmp(err, "interrupted") == 0);
	recv(v, &x);
	killedran = 1;
}

static void
interrupts(void)
{
	Channel *c = chancreate(sizeof(ulong), 0);
	int id = threadcreate(waiter, c, STACK), old = threadsetgrp(77), i;

	yield();
	threadint(id);
	CHECK(recvul(done) == 1);
	yield();
	threadkill(id);
	for(i = 0; i < 3; i++)
		yield();
	CHECK(threadpid(id) == -1 && !killedran);
	threadcreate(waiter, c, STACK);
	threadcreate(waiter, c, STACK);
	yield();
	threadsetgrp(old);
	CHECK(threadgetgrp() == old);
	CHECK(threadintgrp(77) == 2);
	CHECK(recvul(done) == 1 && recvul(done) == 1);
	yield();
	CHECK(threadkillgrp(77) == 2);
	for(i = 0; i < 3; i++)
		yield();
	CHECK(threadkillgrp(77) == 0 && !killedran);
	CHECK(nbsendul(c, 1) == 0);	/* nobody waits there any more */
	chanfree(c);
}

/* ---- the smaller calls ---- */

static int nnotes;

static int
onmine(void *u, char *note)
{
	USED(u);
	if(strcmp(note, "mine") != 0)
		return 0;
	nnotes++;
	return 1;
}

static void
words(void *v)
{
	Channel *c = v;

	CHECK(*threaddata() == nil);		/* each thread's own, */
	*threaddata() = "mine";
	yield();
	CHECK(strcmp(*threaddata(), "mine") == 0);
	CHECK(strcmp(*procdata(), "the proc's") == 0);	/* the proc's, */
	CHECK(threadgetname() == nil);
	threadsetname("%s %d", "thread", 2);
	SAME(threadgetname(), "thread 2");
	sendp(c, v);
}

static void
small(void)
{
	Channel *c = chancreate(sizeof(void*), 0);

	*procdata() = "the proc's";
	*threaddata() = "main's";
	threadcreate(words, c, STACK);
	CHECK(recvp(c) == c && strcmp(*threaddata(), "main's") == 0);
	CHECK(threadnotify(onmine, 1));
	CHECK(postnote(PNPROC, getpid(), "mine") == 0);
	sleep(1);
	CHECK(nnotes == 1 && threadnotify(onmine, 0));
	CHECK(chanclose(c) == 0 && chanclose(c) == -1 && sendp(c, c) == -1 && recvp(c) == nil);
	CHECK(nbsendp(c, c) == -1);
	chanfree(c);
	chanfree(nil);
}

/* ---- many procs ---- */

static void
procadder(void *v)
{
	adder(v);
	threadexits(nil);
}

static void
relay(void *v)
{
	Channel **c = v;
	ulong n;

	while((n = recvul(c[0])) != 0)
		sendul(c[1], n + 1);
	sendul(c[1], 0);
}

static int
procs(void)
{
	Channel *c[9];
	ulong i, bad = 0, sum = 0, want = 0;

	for(i = 0; i < 9; i++)
		c[i] = chancreate(sizeof(ulong), i % 3 == 0 ? 0 : 4);
	for(i = 0; i < 8; i++)
		if(proccreate(relay, c + i, STACK) < 0){
			print("%r: procs not tried\n");
			return 0;
		}
	for(i = 1; i < 300; i++){
		sendul(c[0], i);
		if(recvul(c[8]) != i + 8)
			bad++;
	}
	CHECK(bad == 0);
	sendul(c[0], 0);
	CHECK(recvul(c[8]) == 0);
	counter = 0;
	for(i = 0; i < 6; i++)
		want += (ulong)(i % 2 ? threadcreate : proccreate)(procadder, c[0], STACK);
	for(i = 0; i < 6; i++)
		sum += recvul(c[0]);
	CHECK(sum == want && counter == 6*NROUND);
	return 1;
}

static void
ticker(void *v)
{
	int *n = v;

	while(*n >= 0){
		++*n;
		yield();
	}
}

static void
stopper(void *v)
{
	sleep(50);
	iointerrupt(v);
}

static void
iocalls(void)
{
	Ioproc *io = ioproc();
	char buf[20];
	int fd[2], n = 0, before;
	char err[ERRMAX];

	pipe(fd);
	threadcreate(ticker, &n, STACK);
	before = n;
	iosleep(io, 50);
	CHECK(n > before + 10);
	CHECK(iowrite(io, fd[0], "hello", 5) == 5);
	CHECK(ioreadn(io, fd[1], buf, 5) == 5 && memcmp(buf, "hello", 5) == 0);
	CHECK(ioopen(io, "/no/such", OREAD) == -1);
	rerrstr(err, sizeof err);
	CHECK(strstr(err, "does not exist") != nil);
	proccreate(stopper, io, STACK);
	CHECK(ioread(io, fd[1], buf, 5) == -1);
	rerrstr(err, sizeof err);
	SAME(err, "interrupted");
	CHECK(ioclose(io, fd[1]) == 0 && close(fd[1]) == -1);
	close(fd[0]);
	n = -100000000;
	yield();
	closeioproc(io);
}

static void
runs(void *v)
{
	procexecl(v, "/bin/echo", "echo", "-n", "", nil);
	threadexits("no exec");
}

static void
runsnothing(void *v)
{
	procexecl(v, "/no/such/program", "x", nil);
	sendul(done, 4);
}

static void
programs(void)
{
	Channel *w = threadwaitchan(), *pidc = chancreate(sizeof(ulong), 0);
	Waitmsg *m;
	ulong pid;
	char err[ERRMAX];
	int n = 0;

	proccreate(runs, pidc, STACK);
	pid = recvul(pidc);
	m = recvp(w);
	CHECK(pid != ~0UL && m != nil && m->pid == (int)pid && m->msg[0] == 0);
	free(m);
	proccreate(runsnothing, pidc, STACK);
	CHECK(recvul(pidc) == ~0UL);
	CHECK(recvul(done) == 4);
	threadcreate(ticker, &n, STACK);
	werrstr("none");
	procexecl(nil, "/bin/echo", "echo", nil);
	rerrstr(err, sizeof err);
	SAME(err, "procexec: the proc has other threads");
	n = -100;
	yield();
}

/* A proc with descriptors of its own, and data that no other has. */
static void
apart(void *v)
{
	int *fd = v;

	CHECK(*procdata() == nil);
	close(fd[0]);
	sendul(done, (ulong)getpid());
	threadexits(nil);
}

static long
addup(va_list *arg)
{
	long a = va_arg(*arg, long), b = va_arg(*arg, int);
	char *s = va_arg(*arg, char*);

	if(a < 0){
		werrstr("%s %d", s, getpid());
		return -1;
	}
	return a + b + strlen(s);
}

static void
put(char *name, char *text)
{
	int fd = text != nil ? create(name, ORDWR, 0666) : create(name, OREAD, DMDIR|0777);

	CHECK(fd >= 0);
	if(text != nil)
		write(fd, text, strlen(text));
	close(fd);
}

/* Over files that stand for a network, as in net_test. */
static void
iodials(Ioproc *io)
{
	char dir[] = "/tmp/thread_test.XXXXXXXXXXX", conv[NETPATHLEN], buf[10];
	int fd, cfd;

	mktemp(dir);
	put(dir, nil);
	CHECK(bind(dir, "/net", MREPL|MCREATE) >= 0);
	put("/net/tcp", nil);
	put("/net/tcp/clone", "4");
	put("/net/tcp/4", nil);
	put("/net/tcp/4/data", "data");
	fd = iodial(io, "tcp!host!svc", nil, conv, &cfd);
	CHECK(fd >= 0 && cfd >= 0 && ioread(io, fd, buf, sizeof buf) == 4);
	SAME(conv, "/net/tcp/4");
	ioclose(io, fd);
	ioclose(io, cfd);
	CHECK(iodial(io, "udp!host!svc", nil, nil, nil) == -1);
	remove("/net/tcp/4/data");
	remove("/net/tcp/4");
	remove("/net/tcp/clone");
	remove("/net/tcp");
	unmount(nil, "/net");
	remove(dir);
}

static void
apartness(void)
{
	Ioproc *io = ioproc();
	char err[ERRMAX];
	int fd[2];
	ulong pid;

	CHECK(pipe(fd) == 0);
	CHECK(procrfork(apart, fd, STACK, RFFDG) > 0);
	pid = recvul(done);
	CHECK(pid != (ulong)getpid() && write(fd[0], "x", 1) == 1);
	CHECK(iocall(io, addup, 5L, 6, "seven") == 16);
	CHECK(iocall(io, addup, -1L, 6, "in") == -1);
	rerrstr(err, sizeof err);
	CHECK(strncmp(err, "in ", 3) == 0 && strtol(err + 3, nil, 10) != getpid());
	iodials(io);
	closeioproc(io);
	close(fd[0]);
	close(fd[1]);
}

/* ---- a server that shares memory ---- */

static void
fsread(Req *r)
{
	char buf[32];

	if(r->ifcall.offset == 0 && r->ifcall.count == 1){
		srvrelease(r->srv);
		sendul(r->fid->file->aux, 1);	/* while others are served */
		recvul(r->fid->file->aux);
		srvacquire(r->srv);
	}
	snprint(buf, sizeof buf, "%ld", counter);
	readstr(r, buf);
	respond(r, nil);
}

static Srv fs = { .read = fsread }, again = { .read = fsread };

static void
blocked(void *v)
{
	char c;
	int fd = open("/mnt/counter", OREAD);

	USED(v);
	sendul(done, (ulong)pread(fd, &c, 1, 0));
	close(fd);
}

static void
server(void)
{
	Channel *c = chancreate(sizeof(ulong), 0);
	char buf[32];
	long n;
	int fd;

	fs.tree = alloctree(nil, nil, DMDIR|0777, nil);
	closefile(createfile(fs.tree->root, "counter", nil, 0444, c));
	threadpostmountsrv(&fs, nil, "/mnt", MREPL);
	counter = 4711;
	fd = open("/mnt/counter", OREAD);
	n = pread(fd, buf, sizeof buf - 1, 0);
	buf[n < 0 ? 0 : n] = 0;
	SAME(buf, "4711");
	proccreate(blocked, nil, STACK);
	CHECK(recvul(c) == 1);
	CHECK(pread(fd, buf, 4, 0) == 4);
	sendul(c, 1);
	CHECK(recvul(done) == 1);
	close(fd);
	unmount(nil, "/mnt");
	again.tree = fs.tree;
	threadpostsharesrv(&again, nil, "threadtest", "counter");
	fd = open("#σ/threadtest/counter", OREAD);
	CHECK(fd >= 0 && pread(fd, buf, 4, 0) == 4);
	close(fd);
	CHECK(remove("#σc/threadtest/counter") == 0 && remove("#σc/threadtest") == 0);
}

/* A server that is called, over pipes that stand for a network (post_test has more of it). */
static void
listens(void)
{
	static char *names[] = { "/net/tcp", "/net/tcp/7", "/net/tcp/8", "/net/tcp/q" };
	char dir[] = "/tmp/thread_test.XXXXXXXXXXX", buf[10];
	int i, calls, keep, fd;

	mktemp(dir);
	put(dir, nil);
	CHECK(bind(dir, "/net", MREPL|MCREATE) >= 0);
	for(i = 0; i < (int)nelem(names); i++)
		put(names[i], nil);
	put("/net/tcp/clone", "7");
	put("/net/tcp/7/listen", "");
	CHECK(bind("#|", "/net/tcp/8", MREPL) >= 0 && bind("#|", "/net/tcp/q", MREPL) >= 0);
	CHECK(bind("/net/tcp/q/data", "/net/tcp/7/listen", MREPL) >= 0);
	threadlistensrv(&again, "tcp!*!564");
	calls = open("/net/tcp/q/data1", ORDWR);
	keep = open("/net/tcp/q/data", ORDWR);
	fd = open("/net/tcp/8/data1", ORDWR);
	CHECK(calls >= 0 && keep >= 0 && fd >= 0 && write(calls, "8", 1) == 1);
	CHECK(mount(fd, -1, "/mnt", MREPL, "") >= 0);
	fd = open("/mnt/counter", OREAD);
	CHECK(fd >= 0 && pread(fd, buf, 4, 0) == 4 && memcmp(buf, "4711", 4) == 0);
	close(fd);
	CHECK(unmount(nil, "/mnt") >= 0);
	close(calls);
	close(keep);
	unmount(nil, "/net/tcp/7/listen");
	unmount(nil, "/net/tcp/q");
	unmount(nil, "/net/tcp/8");
	remove("/net/tcp/7/listen");
	remove("/net/tcp/clone");
	for(i = nelem(names) - 1; i >= 0; i--)
		remove(names[i]);
	unmount(nil, "/net");
	CHECK(remove(dir) == 0);
}

static void
forever(void *v)
{
	USED(v);
	for(;;)
		sleep(10000);
}

void
threadmain(int argc, char **argv)
{
	USED(argc, argv);
	done = chancreate(sizeof(ulong), 4);
	threads();
	sequences(0);
	sequences(1);
	sequences(7);
	buffers();
	alts();
	interrupts();
	small();
	if(procs()){
		iocalls();
		apartness();
		programs();
		server();
		listens();
		proccreate(forever, nil, STACK);
	}
	print("%d passed, %d failed\n", npassed, nfailed);
	threadexitsall(nfailed > 0 ? "failed" : nil);
}
