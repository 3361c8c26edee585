/*
 * Servers in programs of threads: the server is a proc that shares memory.
 */
#include "impl.h"
#include <thread.h>

enum {
	STACK = 64*1024,
};

static int
forkproc(void (*f)(void*), void *arg, int flags)
{
	return procrfork(f, arg, STACK, flags);
}

static void
serve(void *v)
{
	Srv *s = v;

	close(s->srvfd);
	srv(s);
}

/* As srv, in the calling thread's proc. */
void
threadsrv(Srv *s)
{
	_srvfork = forkproc;
	srv(s);
}

/* As postsrv; the server has descriptors, a name space and a note group of its own. */
int
threadpostsrv(Srv *s, char *name)
{
	int sfd, id;

	_srvfork = forkproc;
	sfd = _postpipe(s, name);
	if(sfd == -2)
		return -1;
	id = procrfork(serve, s, STACK, RFFDG|RFNAMEG|RFNOTEG);
	close(s->outfd);		/* the server has its own */
	if(sfd >= 0)
		close(sfd);
	if(id >= 0)
		return s->srvfd;
	close(s->srvfd);
	return -1;
}

/* As postmountsrv. */
void
threadpostmountsrv(Srv *s, char *name, char *mtpt, int flag)
{
	int fd = threadpostsrv(s, name);

	if(fd < 0)
		sysfatal("threadpostsrv: %r");
	if(mtpt == nil)
		close(fd);
	else if(mount(fd, -1, mtpt, flag, "") < 0)
		sysfatal("mount %s: %r", mtpt);
}

/* As postsharesrv. */
void
threadpostsharesrv(Srv *s, char *name, char *share, char *desc)
{
	int fd = threadpostsrv(s, name);

	if(fd < 0)
		sysfatal("threadpostsrv: %r");
	if(share == nil)
		close(fd);
	else
		_share(share, desc, fd);
}

/* What a listening proc starts with: the server, and the directory to listen in. */
typedef struct Listener Listener;
struct Listener {
	Srv	*s;
	char	dir[NETPATHLEN];
};

static void
listener(void *v)
{
	Listener *l = v;

	_listen(l->s, l->dir);
	free(l);
}

/* As listensrv. */
void
threadlistensrv(Srv *s, char *addr)
{
	Listener *l = emalloc9p(sizeof *l);
	int ctl;

	_srvfork = forkproc;
	l->s = s;
	ctl = announce(addr, l->dir);
	if(ctl < 0)
		sysfatal("announce %s: %r", addr);
	if(procrfork(listener, l, STACK, RFFDG|RFNAMEG|RFNOTEG) < 0)
		sysfatal("procrfork: %r");
	close(ctl);
}
