/*
 * Servers that are called over a network: a process waits for calls, and
 * each is served by one of its own, which shares memory with the others.
 */
#include "impl.h"

static void
serve(void *v)
{
	srv(v);
}

/* A connection has fids, requests and messages of its own. It goes when its client does. */
static Srv*
connection(Srv *s, int fd)
{
	Srv *c = emalloc9p(sizeof *c);

	*c = *s;
	memset(&c->fpool, 0, sizeof *c - offsetof(Srv, fpool));
	c->listener = s;
	c->infd = c->outfd = fd;
	c->srvfd = -1;
	return c;
}

/* Serves whoever calls at the announcement in dir, until that is gone. */
void
_listen(Srv *s, char *dir)
{
	char conv[NETPATHLEN];
	int ctl, fd;
	Srv *c;

	while((ctl = listen(dir, conv)) >= 0){
		fd = accept(ctl, conv);
		close(ctl);
		if(fd < 0)
			continue;
		c = connection(s, fd);
		if(_srvfork(serve, c, 0) < 0){
			close(fd);
			free(c);
		}
	}
}

/*
 * Announces addr and serves whoever calls, in a child with its own name space and note group.
 * Ends the program on failure.
 */
void
listensrv(Srv *s, char *addr)
{
	char dir[NETPATHLEN];
	int ctl;

	ctl = announce(addr, dir);
	if(ctl < 0)
		sysfatal("announce %s: %r", addr);
	switch(rfork(RFPROC|RFFDG|RFNAMEG|RFNOTEG|RFNOWAIT|RFREND)){
	case -1:
		sysfatal("fork: %r");
	case 0:
		_listen(s, dir);
		_exits(nil);
	}
	close(ctl);
}
