/*
 * Authentication of clients by factotum: what they read and write on an
 * authentication fid goes to a conversation with it, which ends with the
 * name of the user that they have proved to be.
 */
#include "impl.h"

enum {
	RPCMAX = 4096,
};

typedef struct Afid Afid;
struct Afid {
	int	fd;		/* the conversation with factotum */
	int	ok;		/* it ended well */
	char	*uname;		/* what the client asked to be, and to attach */
	char	*aname;
};

static uvlong nauth;		/* for qids */
static Lock authlock;

/*
 * Says a verb with n bytes of data. The reply's data goes to reply, of RPCMAX bytes; returns
 * their count, or -1. *done is set if the conversation is over.
 */
static long
rpc(Afid *a, char *verb, void *data, long n, char *reply, int *done)
{
	char buf[RPCMAX];
	long m = strlen(verb);

	*done = 0;
	if(n > RPCMAX - m - 1)
		n = RPCMAX - m - 1;
	memmove(buf, verb, (ulong)m);
	if(n > 0){
		buf[m++] = ' ';
		memmove(buf + m, data, (ulong)n);
		m += n;
	}
	if(write(a->fd, buf, m) != m)
		return -1;
	m = read(a->fd, buf, sizeof buf - 1);
	if(m < 0)
		return -1;
	buf[m] = 0;
	*done = m >= 4 && strncmp(buf, "done", 4) == 0;
	if(*done)
		return 0;
	if(m >= 2 && strncmp(buf, "ok", 2) == 0){
		n = m > 3 ? m - 3 : 0;
		memmove(reply, buf + 3, (ulong)n);
		return n;
	}
	werrstr("%s", strncmp(buf, "error ", 6) == 0 ? buf + 6
		: buf[0] != 0 ? buf : "factotum says nothing");
	return -1;
}

static void
freeafid(Afid *a)
{
	if(a == nil)
		return;
	if(a->fd >= 0)
		close(a->fd);
	free(a->uname);
	free(a->aname);
	free(a);
}

/* Begins: the client gets a fid to read and write on. */
void
auth9p(Req *r)
{
	Afid *a = emalloc9p(sizeof *a);
	char text[512], reply[RPCMAX], *keyspec = r->srv->keyspec;
	int done;
	long n;

	a->uname = estrdup9p(r->ifcall.uname);
	a->aname = estrdup9p(r->ifcall.aname);
	a->fd = open("/mnt/factotum/rpc", ORDWR|OCEXEC);
	n = snprint(text, sizeof text, "proto=p9any role=server %s", keyspec != nil ? keyspec : "");
	if(a->fd < 0 || rpc(a, "start", text, n, reply, &done) < 0){
		freeafid(a);
		responderror(r);
		return;
	}
	lock(&authlock);
	r->afid->qid = (Qid){ ++nauth, 0, QTAUTH };
	unlock(&authlock);
	r->ofcall.aqid = r->afid->qid;
	r->afid->omode = ORDWR;
	r->afid->aux = a;
	respond(r, nil);
}

/* Whether factotum's client is who it said: asked when the conversation is over. */
static int
proved(Afid *a)
{
	char reply[RPCMAX];
	int done;
	long n, len;

	n = rpc(a, "authinfo", nil, 0, reply, &done);
	if(n < 0)
		return -1;
	len = n >= BIT16SZ ? (long)GBIT16((uchar*)reply) : 0;
	if(len == 0 || len > n - BIT16SZ || len != strlen(a->uname)
	|| memcmp(reply + BIT16SZ, a->uname, (ulong)len) != 0){
		werrstr("auth uname mismatch");
		return -1;
	}
	a->ok = 1;
	return 0;
}

/* Takes what factotum has to say; -1 with an error. */
static long
receive(Afid *a, char *buf)
{
	int done;
	long n;

	if(a->ok)
		return 0;
	n = rpc(a, "read", nil, 0, buf, &done);
	return done ? proved(a) : n;
}

void
authread(Req *r)
{
	char buf[RPCMAX];
	Afid *a = r->fid->aux;
	long n;

	if(a == nil || !(r->fid->qid.type & QTAUTH)){
		respond(r, "not an auth fid");
		return;
	}
	n = receive(a, buf);
	if(n < 0){
		responderror(r);
		return;
	}
	if(n > r->ifcall.count)
		n = r->ifcall.count;
	memmove(r->ofcall.data, buf, (ulong)n);
	r->ofcall.count = (uint)n;
	respond(r, nil);
}

void
authwrite(Req *r)
{
	char reply[RPCMAX];
	Afid *a = r->fid->aux;
	int done;

	if(a == nil || !(r->fid->qid.type & QTAUTH)){
		respond(r, "not an auth fid");
		return;
	}
	if(rpc(a, "write", r->ifcall.data, r->ifcall.count, reply, &done) < 0){
		responderror(r);
		return;
	}
	r->ofcall.count = r->ifcall.count;
	respond(r, nil);
}

/* Whether the client of an attach has proved to be its user; else answers and returns -1. */
int
authattach(Req *r)
{
	char buf[RPCMAX];
	Afid *a = r->afid != nil ? r->afid->aux : nil;

	if(a == nil || !(r->afid->qid.type & QTAUTH)){
		respond(r, "not authenticated");
		return -1;
	}
	if(strcmp(a->uname, r->ifcall.uname) != 0 || strcmp(a->aname, r->ifcall.aname) != 0){
		respond(r, "attach does not match auth");
		return -1;
	}
	if(!a->ok && (receive(a, buf) != 0 || !a->ok)){
		respond(r, "authentication not complete");
		return -1;
	}
	return 0;
}

void
authdestroy(Fid *f)
{
	if(!(f->qid.type & QTAUTH))
		return;
	freeafid(f->aux);
	f->aux = nil;
}
