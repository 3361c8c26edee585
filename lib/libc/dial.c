/*
 * Calls over a network: an address becomes, with the help of the connection
 * server, a file to open and the text to write there.
 */
#include "sys.h"
#include "net.h"

enum {
	MAXADDR = 256,
};

/* Splits an address; without a protocol it is any's. */
int
_netaddr(Netaddr *a, char *addr)
{
	char *bang = strchr(addr, '!'), *slash = nil, *s;
	long n;

	memset(a, 0, sizeof *a);
	strcpy(a->proto, "net");
	a->rest = addr;
	if(bang == nil)
		return 0;
	for(s = addr; s < bang; s++)
		if(*s == '/')
			slash = s;
	s = slash != nil ? slash + 1 : addr;
	n = slash != nil ? slash - addr : 0;
	if(n >= NETPATHLEN || bang - s >= NETPATHLEN){
		werrstr("address too long");
		return -1;
	}
	memmove(a->netdir, addr, (ulong)n);
	if(slash == addr)
		strcpy(a->netdir, "/");
	memmove(a->proto, s, (ulong)(bang - s));
	a->proto[bang - s] = 0;
	a->rest = bang + 1;
	return 0;
}

/*
 * Opens a file that makes or takes a conversation and returns its ctl. The conversation's
 * directory, its number under the first n bytes of the file's name, goes to dir.
 */
int
_netctl(char *file, int n, char *dir)
{
	char num[32];
	int fd, m;

	fd = open(file, ORDWR);
	if(fd < 0)
		return -1;
	m = (int)read(fd, num, sizeof num - 1);
	num[m > 0 ? m : 0] = 0;
	if(m <= 0 || n < 0 || n + 1 + m >= NETPATHLEN){
		if(m >= 0)
			werrstr(m == 0 ? "no conversation from %s" : "%s: name too long", file);
		close(fd);
		return -1;
	}
	snprint(dir, NETPATHLEN, "%.*s/%s", n, file, num + strspn(num, " "));
	return fd;
}

/* The length of a name without its last element; -1 if it has no slash. */
int
_netparent(char *name)
{
	char *slash = strrchr(name, '/');

	return slash != nil ? (int)(slash - name) : -1;
}

/* Asks the connection server, and tries each of its answers until one succeeds. */
static int
translated(int cs, Netaddr *a, int (*try)(char*, char*, void*), void *aux)
{
	char buf[MAXADDR], *f[2];
	long n;
	int fd = -1;

	n = snprint(buf, sizeof buf, "%s!%s", a->proto, a->rest);
	if(write(cs, buf, n) != n)
		return -1;
	seek(cs, 0, 0);
	werrstr("no address for %s", buf);
	while(fd < 0 && (n = read(cs, buf, sizeof buf - 1)) > 0){
		buf[n] = 0;
		if(getfields(buf, f, 2, 1, " ") == 2)
			fd = try(f[0], f[1], aux);
	}
	return fd;
}

/* Tries to reach a through netdir; what try returned. */
int
_netcall(Netaddr *a, char *netdir, int (*try)(char*, char*, void*), void *aux)
{
	char name[2*NETPATHLEN + 8];
	int cs, fd;

	snprint(name, sizeof name, "%s/cs", netdir);
	cs = open(name, ORDWR);
	if(cs >= 0){
		fd = translated(cs, a, try, aux);
		close(cs);
		return fd;
	}
	snprint(name, sizeof name, "%s/%s/clone", netdir, a->proto);
	return try(name, a->rest, aux);
}

typedef struct Dial Dial;
struct Dial {
	char	*local;
	char	dir[NETPATHLEN];
	int	cfd;
};

static int
connect(char *clone, char *addr, void *v)
{
	char name[NETPATHLEN + 8];
	Dial *d = v;
	int fd = -1, r;

	d->cfd = _netctl(clone, _netparent(clone), d->dir);
	if(d->cfd < 0)
		return -1;
	if(d->local != nil)
		r = fprint(d->cfd, "connect %s %s", addr, d->local);
	else
		r = fprint(d->cfd, "connect %s", addr);
	if(r >= 0){
		snprint(name, sizeof name, "%s/data", d->dir);
		fd = open(name, ORDWR);
	}
	if(fd < 0)
		close(d->cfd);
	return fd;
}

/* Whether another network may be tried after this error. */
static int
elsewhere(void)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	return strstr(err, "refused") == nil && strstr(err, "interrupted") == nil;
}

/*
 * Calls addr, from local if that is not nil; returns the data file. The conversation's directory
 * goes to dir, of NETPATHLEN bytes, and its ctl to *cfd, unless these are nil.
 */
int
dial(char *addr, char *local, char *dir, int *cfd)
{
	char err[ERRMAX];
	Dial d = { .local = local };
	Netaddr a;
	int fd;

	if(_netaddr(&a, addr) < 0)
		return -1;
	fd = _netcall(&a, a.netdir[0] != 0 ? a.netdir : "/net", connect, &d);
	if(fd < 0 && a.netdir[0] == 0 && elsewhere() && access("/net.alt", AEXIST) == 0){
		rerrstr(err, sizeof err);
		fd = _netcall(&a, "/net.alt", connect, &d);
		if(fd < 0)
			werrstr("%s", err);
	}
	if(fd < 0)
		return -1;
	if(dir != nil)
		strcpy(dir, d.dir);
	if(cfd != nil)
		*cfd = d.cfd;
	else
		close(d.cfd);
	return fd;
}

/* Adds what is missing of proto!host!service; overwritten by the next call. */
char*
netmkaddr(char *host, char *defnet, char *defsvc)
{
	static char addr[MAXADDR];
	char *bang = strchr(host, '!'), *e = addr + sizeof addr, *p = addr;

	addr[0] = 0;
	if(bang == nil)
		p = seprint(p, e, "%s!", defnet != nil ? defnet : "net");
	p = seprint(p, e, "%s", host);
	if(defsvc != nil && (bang == nil || strchr(bang + 1, '!') == nil))
		seprint(p, e, "!%s", defsvc);
	return addr;
}

/* The network directory that x names: nil is /net, and what has no slash follows that. */
void
setnetmtpt(char *buf, int n, char *x)
{
	if(x != nil && x[0] == '/')
		utfecpy(buf, buf + n, x);
	else
		snprint(buf, n, "/net%s", x != nil ? x : "");
}
