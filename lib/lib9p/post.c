/*
 * Making a server reachable: a name in /srv, a mount, a process that serves.
 */
#include "impl.h"

/*
 * Posts the far end of s->srvfd under /srv. The descriptor stays open: the
 * name goes when the last process that holds it ends.
 */
static int
post(char *name, int fd)
{
	char file[128], num[16];
	int sfd, n;

	if(snprint(file, sizeof file, "/srv/%s", name) >= (int)sizeof file - 1){
		werrstr("name too long");
		return -1;
	}
	sfd = create(file, OWRITE|ORCLOSE|OCEXEC, 0600);
	if(sfd < 0)
		return -1;
	n = snprint(num, sizeof num, "%d", fd);
	if(write(sfd, num, n) != n){
		close(sfd);
		return -1;
	}
	return sfd;
}

/*
 * Makes the pipe of a server, posts the client's end (s->srvfd) if name is not nil. Returns
 * the descriptor of the name in /srv, -1 without one; -2 is failure.
 */
int
_postpipe(Srv *s, char *name)
{
	int fd[2], sfd = -1;

	if(pipe(fd) < 0)
		return -2;
	s->infd = s->outfd = fd[1];
	s->srvfd = fd[0];
	if(name != nil && (sfd = post(name, fd[0])) < 0){
		close(fd[0]);
		close(fd[1]);
		return -2;
	}
	return sfd;
}

/*
 * Starts the server in a child with its own name space and note group and,
 * if name is not nil, posts it. Returns a descriptor to mount, or -1.
 */
int
postsrv(Srv *s, char *name)
{
	int fd[2], sfd = _postpipe(s, name);

	if(sfd == -2)
		return -1;
	fd[0] = s->srvfd;
	fd[1] = s->outfd;
	switch(rfork(RFPROC|RFFDG|RFNAMEG|RFNOTEG|RFNOWAIT|RFREND)){
	case -1:
		close(fd[0]);
		close(fd[1]);
		close(sfd);
		return -1;
	case 0:
		close(fd[0]);
		srv(s);
		_exits(nil);
	}
	close(fd[1]);
	if(sfd >= 0)
		close(sfd);
	return fd[0];
}

/* As postsrv, and mounts it on mtpt unless that is nil. Ends the program on failure. */
void
postmountsrv(Srv *s, char *name, char *mtpt, int flag)
{
	int fd;

	fd = postsrv(s, name);
	if(fd < 0)
		sysfatal("postsrv: %r");
	if(mtpt == nil)
		close(fd);
	else if(mount(fd, -1, mtpt, flag, "") < 0)
		sysfatal("mount %s: %r", mtpt);
}

/* Mounts fd as desc in a share of all name spaces, which is made if it is not there. */
void
_share(char *share, char *desc, int fd)
{
	char name[128];
	int cfd;

	snprint(name, sizeof name, "#σc/%s", share);
	if(access(name, AEXIST) < 0){
		cfd = create(name, OREAD, DMDIR|0777);
		if(cfd < 0)
			sysfatal("%s: %r", name);
		close(cfd);
	}
	snprint(name, sizeof name, "#σc/%s/%s", share, desc);
	cfd = create(name, OWRITE, 0600);
	if(cfd < 0 || fprint(cfd, "%d\n", fd) < 0)
		sysfatal("%s: %r", name);
	close(cfd);
	close(fd);
}

/* As postsrv, and adds it to a share as desc, unless share is nil. Ends the program on failure. */
void
postsharesrv(Srv *s, char *name, char *share, char *desc)
{
	int fd;

	fd = postsrv(s, name);
	if(fd < 0)
		sysfatal("postsrv: %r");
	if(share == nil)
		close(fd);
	else
		_share(share, desc, fd);
}
