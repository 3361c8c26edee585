/*
 * Calls: addresses, dial, announce and its kin. Over Linux the network is a
 * directory of plain files, where a ctl holds what was read and written
 * there; over lux9 also a server that translates, refuses and counts.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>
#include "check.h"

static char dir[] = "/tmp/net_test.XXXXXXXXXXX";

static void
put(char *name, char *text)
{
	char file[64];
	int fd;

	snprint(file, sizeof file, "%s/%s", dir, name);
	if(text == nil)
		fd = create(file, OREAD, DMDIR|0777);
	else
		fd = create(file, ORDWR, 0666);
	if(fd < 0 || (text != nil && write(fd, text, strlen(text)) < 0))
		sysfatal("%s: %r", file);
	close(fd);
}

static char*
get(char *name)
{
	static char buf[256];
	char file[64];
	int fd;
	long n;

	snprint(file, sizeof file, "%s/%s", dir, name);
	fd = open(file, OREAD);
	n = read(fd, buf, sizeof buf - 1);
	buf[n > 0 ? n : 0] = 0;
	close(fd);
	return buf;
}

/* ---- without a connection server ---- */

static char *files[] = {
	"tcp", nil, "tcp/clone", "7", "tcp/7", nil, "tcp/7/data", "hello", "tcp/7/ctl", "7",
	"tcp/7/listen", "8", "tcp/7/local", "192.0.2.1!5000\n", "tcp/7/remote", "192.0.2.9!564\n",
	"tcp/8", nil, "tcp/8/data", "call", "tls", nil, "tls/clone", "3", "tls/3", nil,
	"tls/3/data", "plain",
};

static void
calls(void)
{
	char conv[NETPATHLEN], newdir[NETPATHLEN], buf[64];
	int fd, cfd, lfd;

	fd = dial("tcp!192.0.2.9!564", nil, conv, &cfd);
	CHECK(fd >= 0 && cfd >= 0 && read(fd, buf, 10) == 5 && memcmp(buf, "hello", 5) == 0);
	SAME(conv, "/net/tcp/7");
	SAME(get("tcp/clone"), "7connect 192.0.2.9!564");
	CHECK(hangup(cfd) == 0);
	SAME(get("tcp/clone"), "7connect 192.0.2.9!564hangup");
	close(fd);
	close(cfd);
	put("tcp/clone", "7");
	fd = dial("/net/tcp!x!y", "*!700", nil, nil);
	CHECK(fd >= 0);
	close(fd);
	SAME(get("tcp/clone"), "7connect x!y *!700");
	CHECK(dial("udp!x!y", nil, nil, nil) < 0 && dial("/other/tcp!x!y", nil, nil, nil) < 0);
	CHECK(dial("justhost", nil, nil, nil) < 0);
	snprint(buf, sizeof buf, "/%060d/tcp!x", 1);
	CHECK(dial(buf, nil, nil, nil) < 0);

	put("tcp/clone", "7");
	cfd = announce("tcp!*!564", conv);
	CHECK(cfd >= 0);
	SAME(conv, "/net/tcp/7");
	SAME(get("tcp/clone"), "7announce *!564");
	lfd = listen(conv, newdir);
	CHECK(lfd >= 0);
	SAME(newdir, "/net/tcp/8");
	fd = accept(lfd, newdir);
	CHECK(fd >= 0 && read(fd, buf, 10) == 4 && memcmp(buf, "call", 4) == 0);
	close(fd);
	CHECK(reject(lfd, newdir, "busy now") == 0);
	SAME(get("tcp/7/listen"), "8reject 8 busy now");
	close(lfd);
	close(cfd);
	CHECK(listen("/net/tcp/9", newdir) < 0 && accept(-1, "/net/tcp/9") < 0
		&& hangup(-1) < 0 && reject(-1, "/net/tcp/8", "x") < 0);
}

static void
info(void)
{
	NetConnInfo *c;
	int fd;

	c = getnetconninfo("/net/tcp/7", -1);
	CHECK(c != nil);
	SAME(c->dir, "/net/tcp/7");
	SAME(c->root, "/net");
	CHECK(c->spec[0] == '#');
	SAME(c->lsys, "192.0.2.1");
	SAME(c->lserv, "5000");
	SAME(c->rsys, "192.0.2.9");
	SAME(c->rserv, "564");
	SAME(c->laddr, "tcp!192.0.2.1!5000");
	SAME(c->raddr, "tcp!192.0.2.9!564");
	freenetconninfo(c);
	fd = open("/net/tcp/8/data", OREAD);
	if(access("/dev/drivers", AEXIST) == 0){	/* Linux tells another path */
		c = getnetconninfo(nil, fd);
		CHECK(c != nil);
		SAME(c->dir, "/net/tcp/8");
		SAME(c->raddr, "tcp!\?\?\?!\?\?\?");
		freenetconninfo(c);
	}
	close(fd);
	freenetconninfo(nil);
	CHECK(getnetconninfo("/net", -1) == nil && getnetconninfo("/net/tcp/99", -1) == nil
		&& getnetconninfo(nil, -1) == nil);
}

static void
tls(void)
{
	static char want[] = "3fd 5 0x301secret sha1 aes_128_cbc 1 c2VjcmV0changecipheropened";
	char conv[NETPATHLEN], buf[32];
	int fd = pushtls(5, "sha1", "aes_128_cbc", 1, "c2VjcmV0", conv);

	CHECK(fd >= 0 && read(fd, buf, sizeof buf) == 5 && memcmp(buf, "plain", 5) == 0);
	close(fd);
	SAME(conv, "/net/tls/3");
	SAME(get("tls/clone"), want);
}

static void
addresses(void)
{
	char buf[32];

	SAME(netmkaddr("host", nil, nil), "net!host");
	SAME(netmkaddr("host", nil, "9fs"), "net!host!9fs");
	SAME(netmkaddr("host", "tcp", "9fs"), "tcp!host!9fs");
	SAME(netmkaddr("il!host", "tcp", "9fs"), "il!host!9fs");
	SAME(netmkaddr("il!host", "tcp", nil), "il!host");
	SAME(netmkaddr("il!host!exec", "tcp", "9fs"), "il!host!exec");
	SAME(netmkaddr("/net.alt/tcp!host", "x", "9fs"), "/net.alt/tcp!host!9fs");
	setnetmtpt(buf, sizeof buf, nil);
	SAME(buf, "/net");
	setnetmtpt(buf, sizeof buf, ".alt");
	SAME(buf, "/net.alt");
	setnetmtpt(buf, sizeof buf, "/n/other/net");
	SAME(buf, "/n/other/net");
	setnetmtpt(buf, 4, "/n/other");
	SAME(buf, "/n/");
}

/* ---- with one, inside lux9 ---- */

static char query[64], connected[64];

static void
fsopen(Req *r)
{
	if(strcmp(r->fid->file->name, "clone") == 0)
		r->fid->aux = "5";
	respond(r, nil);
}

/* The answers to a query, one a read; the number of a conversation. */
static void
fsread(Req *r)
{
	static char *answers[] = {
		"/net/tcp/clone 1.1.1.1!9", "/net/tcp/clone 2.2.2.2!9", "/net/tcp/clone 3.3.3.3!9",
	};
	char *name = r->fid->file->name;
	int i = (int)(uintptr)r->fid->aux;

	r->ofcall.count = 0;
	if(strcmp(name, "cs") == 0 && i < (int)nelem(answers)){
		r->fid->aux = (void*)(uintptr)(i + 1);
		r->ifcall.offset = 0;
		readstr(r, answers[i]);
	}else if(strcmp(name, "clone") == 0)
		readstr(r, "5");
	else if(strcmp(name, "data") == 0)
		readstr(r, connected);
	respond(r, nil);
}

static void
fswrite(Req *r)
{
	char text[64];

	snprint(text, sizeof text, "%.*s", (int)r->ifcall.count, r->ifcall.data);
	r->ofcall.count = r->ifcall.count;
	if(strcmp(r->fid->file->name, "cs") == 0){
		strcpy(query, text);
		if(strstr(text, "nohost") != nil){
			respond(r, "cs: can't translate address");
			return;
		}
	}else if(strstr(text, "1.1.1.1") != nil || strstr(query, "down") != nil){
		respond(r, "connection refused");
		return;
	}else
		snprint(connected, sizeof connected, "%s by %s", text, query);
	respond(r, nil);
}

static void
translations(void)
{
	Tree *t = alloctree(nil, nil, DMDIR|0777, nil);
	Srv s = { .tree = t, .open = fsopen, .read = fsread, .write = fswrite };
	File *tcp = createfile(t->root, "tcp", nil, DMDIR|0777, nil);
	File *conv = createfile(tcp, "5", nil, DMDIR|0777, nil);
	char buf[128], d[NETPATHLEN];
	int fd;
	long n;

	createfile(t->root, "cs", nil, 0666, nil);
	createfile(tcp, "clone", nil, 0666, nil);
	createfile(conv, "data", nil, 0666, nil);
	postmountsrv(&s, nil, "/net", MREPL);
	fd = dial("net!host!svc", nil, d, nil);	/* the first answer is refused, the second not */
	CHECK(fd >= 0);
	SAME(d, "/net/tcp/5");
	n = read(fd, buf, sizeof buf - 1);
	buf[n > 0 ? n : 0] = 0;
	SAME(buf, "connect 2.2.2.2!9 by net!host!svc");
	close(fd);
	fd = dial("justhost", nil, nil, nil);
	CHECK(fd >= 0 && (n = read(fd, buf, sizeof buf - 1)) > 0);
	buf[n > 0 ? n : 0] = 0;
	SAME(buf, "connect 2.2.2.2!9 by net!justhost");
	close(fd);
	CHECK(dial("net!nohost!svc", nil, nil, nil) < 0);
	snprint(buf, sizeof buf, "%r");
	SAME(buf, "cs: can't translate address");
	CHECK(dial("net!down!svc", nil, nil, nil) < 0);
	snprint(buf, sizeof buf, "%r");
	SAME(buf, "connection refused");
	unmount(nil, "/net");
}

/* A second network is asked if the first fails, unless that was refused. */
static void
alternative(void)
{
	char d[NETPATHLEN], buf[ERRMAX];
	int fd;

	CHECK(bind(dir, "/net.alt", MREPL) >= 0);
	put("tcp/clone", "7");
	fd = dial("tcp!x!y", nil, d, nil);
	CHECK(fd >= 0);
	SAME(d, "/net.alt/tcp/7");
	close(fd);
	CHECK(dial("/net/tcp!x!y", nil, nil, nil) < 0 && dial("udp!x!y", nil, nil, nil) < 0);
	snprint(buf, sizeof buf, "%r");
	CHECK(strstr(buf, "/net/udp") != nil);		/* the first network's error */
	unmount(nil, "/net.alt");
}

static void
removeall(void)
{
	char name[64];
	int i;

	remove("/net/tcp/clone");
	for(i = nelem(files) - 2; i >= 0; i -= 2){
		snprint(name, sizeof name, "%s/%s", dir, files[i]);
		remove(name);
	}
	CHECK(remove(dir) == 0);
}

void
main(int argc, char **argv)
{
	int i;

	USED(argc, argv);
	mktemp(dir);
	close(create(dir, OREAD, DMDIR|0777));
	for(i = 0; i < (int)nelem(files); i += 2)
		put(files[i], files[i+1]);
	rfork(RFNAMEG);
	CHECK(bind(dir, "/net", MREPL) >= 0);
	addresses();
	calls();
	info();
	tls();
	unmount(nil, "/net");
	if(access("/dev/drivers", AEXIST) == 0){
		translations();
		alternative();
	}
	removeall();
	finish();
}
