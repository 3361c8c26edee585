/*
 * The side that is called: announcing, waiting for calls, taking and
 * refusing them; and what either side can do with a conversation.
 */
#include "sys.h"
#include "net.h"

static int
doannounce(char *clone, char *addr, void *dir)
{
	int fd = _netctl(clone, _netparent(clone), dir);

	if(fd >= 0 && fprint(fd, "announce %s", addr) < 0){
		close(fd);
		return -1;
	}
	return fd;
}

/* Returns the ctl, which must stay open; listen wants dir, of NETPATHLEN bytes. */
int
announce(char *addr, char *dir)
{
	Netaddr a;

	if(_netaddr(&a, addr) < 0)
		return -1;
	return _netcall(&a, a.netdir[0] != 0 ? a.netdir : "/net", doannounce, dir);
}

/* Waits for a call; returns its ctl and, in newdir, its directory. */
int
listen(char *dir, char *newdir)
{
	char name[NETPATHLEN + 8];

	snprint(name, sizeof name, "%s/listen", dir);
	return _netctl(name, _netparent(dir), newdir);
}

/* Takes the call; returns its data file. The ctl may then be closed. */
int
accept(int ctl, char *dir)
{
	char name[NETPATHLEN + 8];

	USED(ctl);
	snprint(name, sizeof name, "%s/data", dir);
	return open(name, ORDWR);
}

/* Refuses the call, whose number is the last of dir, for that cause. */
int
reject(int ctl, char *dir, char *cause)
{
	return fprint(ctl, "reject %s %s", dir + _netparent(dir) + 1, cause) < 0 ? -1 : 0;
}

int
hangup(int ctl)
{
	return write(ctl, "hangup", 6) == 6 ? 0 : -1;
}

/* ---- who talks with whom ---- */

/* Reads dir/file, `address!service', into two strings; what is not known is `???'. */
static void
endpoint(char *dir, char *file, char **sys, char **serv)
{
	char buf[128], name[NETPATHLEN + 8], *f[2] = { "???", "???" };
	long n = -1;
	int fd;

	snprint(name, sizeof name, "%s/%s", dir, file);
	fd = open(name, OREAD);
	if(fd >= 0){
		n = read(fd, buf, sizeof buf - 1);
		close(fd);
	}
	if(n > 0){
		buf[n] = 0;
		getfields(buf, f, 2, 1, "! \n");
		f[1][strcspn(f[1], " \n")] = 0;
	}
	*sys = strdup(f[0]);
	*serv = strdup(f[1]);
}

void
freenetconninfo(NetConnInfo *c)
{
	if(c == nil)
		return;
	free(c->dir);
	free(c->root);
	free(c->spec);
	free(c->lsys);
	free(c->lserv);
	free(c->rsys);
	free(c->rserv);
	free(c->laddr);
	free(c->raddr);
	free(c);
}

/* Puts together what is told of the conversation in dir, netdir/proto/N. */
static NetConnInfo*
conninfo(char *dir, Dir *d)
{
	NetConnInfo *c = mallocz(sizeof *c, 1);
	char net[NETPATHLEN], *proto;

	if(c == nil)
		return nil;
	strecpy(net, net + sizeof net, dir);
	net[_netparent(net)] = 0;
	proto = net + _netparent(net) + 1;
	c->dir = strdup(dir);
	c->spec = smprint("#%C%d", d->type, d->dev);
	endpoint(dir, "local", &c->lsys, &c->lserv);
	endpoint(dir, "remote", &c->rsys, &c->rserv);
	c->laddr = smprint("%s!%s!%s", proto, c->lsys, c->lserv);
	c->raddr = smprint("%s!%s!%s", proto, c->rsys, c->rserv);
	if(proto > net)
		proto[-1] = 0;
	c->root = strdup(net);
	if(c->dir == nil || c->spec == nil || c->lsys == nil || c->lserv == nil || c->rsys == nil
	|| c->rserv == nil || c->laddr == nil || c->raddr == nil || c->root == nil){
		freenetconninfo(c);
		return nil;
	}
	return c;
}

/* Of the conversation in dir or, if that is nil, of which fd is a file; nil on failure. */
NetConnInfo*
getnetconninfo(char *dir, int fd)
{
	char path[128];
	NetConnInfo *c;
	Dir *d;
	int i, n;

	if(dir == nil){
		if(fd2path(fd, path, sizeof path) < 0)
			return nil;
		if((n = _netparent(path)) > 0)
			path[n] = 0;
		dir = path;
	}
	for(i = n = 0; dir[i] != 0; i++)
		n += dir[i] == '/';
	if(n < 2 || i >= NETPATHLEN){
		werrstr("no directory of a conversation: %s", dir);
		return nil;
	}
	d = dirstat(dir);
	if(d == nil)
		return nil;
	c = conninfo(dir, d);
	free(d);
	return c;
}
