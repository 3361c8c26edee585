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
