/*
 * The server loop: reads messages, makes requests of them, and has each
 * dispatched while slock is held, so that call-backs run one at a time
 * unless they step aside with srvrelease.
 */
#include "impl.h"

int chatty9p;

char _Ebadoffset[] = "bad offset";
char _Ebadfid[] = "unknown fid";
char _Ecreate[] = "create prohibited";
char _Eremove[] = "remove prohibited";
char _Ewrite[] = "write prohibited";
char _Estat[] = "stat prohibited";
char _Ewstat[] = "wstat prohibited";
char _Enoread[] = "no srv->read";
char _Edupfid[] = "duplicate fid";
char _Eperm[] = "permission denied";
char _Enotdir[] = "not a directory";
char _Eisdir[] = "file is a directory";
char _Enoent[] = "file does not exist";
char _Eopen[] = "fid is not open for that";
char _Eexist[] = "file already exists";
char _Enotempty[] = "directory not empty";
char _Einterrupted[] = "interrupted";
char _Ebadname[] = "bad character in file name";
char _Enotag[] = "duplicate tag";
char _Emalformed[] = "malformed message";

void
_trace(char *arrow, Fcall *f)
{
	fmtinstall('F', fcallfmt);
	fprint(2, "%s %F\n", arrow, f);
}

/* Has a whole message at rat; its size, 0 at the end, -1 for what is no message. */
static int
fill(Srv *s)
{
	uint n, size;
	long m;

	for(;;){
		n = s->rend - s->rat;
		size = n >= BIT32SZ ? GBIT32(s->rbuf + s->rat) : BIT32SZ + 1;
		if(size <= BIT32SZ || size > s->msize)
			return -1;
		if(n >= size)
			return (int)size;
		if(s->rat > 0){
			memmove(s->rbuf, s->rbuf + s->rat, n);
			s->rat = 0;
			s->rend = n;
		}
		m = read(s->infd, s->rbuf + n, MAXMSIZE - n);
		if(m <= 0)
			return m == 0 && n == 0 ? 0 : -1;
		s->rend += (uint)m;
	}
}

/* Takes the message of n bytes at rat for r. */
static uchar*
take(Srv *s, Req *r, uint n)
{
	uchar *msg = s->rbuf + s->rat;

	s->rat += n;
	if(n <= sizeof r->small)
		return memmove(r->small, msg, n);
	r->buf = _newrbuf(s);
	if(s->rat == n && s->rend == n){	/* nothing else in the buffer */
		s->rbuf = r->buf;
		s->rat = s->rend = 0;
		return r->buf = msg;
	}
	return memmove(r->buf, msg, n);
}

/*
 * Reads one message; nil when the client has gone. What cannot be decoded
 * is answered with an error if it has a tag at all.
 */
static Req*
getreq(Srv *s)
{
	uchar *msg;
	Req *r;
	int n;

	qlock(&s->rlock);
	n = fill(s);
	if(n <= 0){
		qunlock(&s->rlock);
		return nil;
	}
	r = _newreq(s);
	msg = take(s, r, (uint)n);
	qunlock(&s->rlock);
	if(convM2S(msg, (uint)n, &r->ifcall) != (uint)n){
		memset(&r->ifcall, 0, sizeof r->ifcall);
		r->ifcall.tag = n >= 7 ? (ushort)GBIT16(msg+5) : NOTAG;
		r->error = estrdup9p(_Emalformed);
	}else if(!_enterreq(s->rpool, r))
		r->error = estrdup9p(_Enotag);
	if(chatty9p && r->error == nil)
		_trace("<-", &r->ifcall);
	return r;
}

/* Call-backs of one server exclude each other, whoever is connected. */
static QLock*
slock(Srv *s)
{
	return s->listener != nil ? &s->listener->slock : &s->slock;
}

static void
work(Srv *s)
{
	Req *r;

	while((r = getreq(s)) != nil){
		incref(&s->rref);
		qlock(slock(s));
		if(r->error != nil)
			respond(r, r->error);
		else
			_dispatch(s, r);
		qunlock(slock(s));
		if(s->sref.ref > 8 && s->spid != getpid())
			break;		/* enough processes read already */
	}
}

/* The client has gone and every request is answered. */
static void
over(Srv *s)
{
	_freefidpool(s->fpool);
	if(s->end != nil)
		s->end(s);
	if(s->listener != nil){
		close(s->infd);
		_freereqpool(s->rpool);
		free(s->fpool);
		free(s->rbuf);
		free(s->spare);
		free(s->wbuf);
		free(s);
	}
}

static void
leave(Srv *s)
{
	if(decref(&s->sref) > 0)
		return;
	if(decref(&s->rref) == 0)	/* else whoever answers the last request ends it */
		over(s);
}

/*
 * Serves s->infd and s->outfd until the client has gone. Returns in the
 * process that called it; fids are clunked when the last request is done.
 */
void
srv(Srv *s)
{
	s->spid = getpid();
	s->sref.ref = 1;
	s->rref.ref = 1;
	s->msize = MAXMSIZE;
	s->wbuf = emalloc9p(MAXMSIZE);
	s->fpool = _allocfidpool(s);
	s->rpool = _allocreqpool(s);
	s->rbuf = _newrbuf(s);
	s->rat = s->rend = 0;
	if(s->start != nil)
		s->start(s);
	work(s);
	leave(s);
}

static void
another(void *v)
{
	Srv *s = v;

	qunlock(slock(s));
	work(s);
	leave(s);
}

/*
 * Called in a call-back about to block: lets other requests in, if need be
 * from a new process that shares memory.
 */
void
srvrelease(Srv *s)
{
	if(decref(&s->sref) == 0){
		incref(&s->sref);
		if(_srvfork(another, s, 0) >= 0)
			return;			/* the new process lets go of slock */
		decref(&s->sref);		/* no concurrency then, but no harm */
	}
	qunlock(slock(s));
}

void
srvacquire(Srv *s)
{
	incref(&s->sref);
	qlock(slock(s));
}

/* The message in wbuf, or around data that lies in the request's own buffer. */
static uchar*
pack(Srv *s, Req *r, uint *n)
{
	Fcall *f = &r->ofcall;
	uchar *p;

	if(f->type == Rread && r->rbuf != nil && (uchar*)f->data == r->rbuf + RDATA
	&& f->count <= s->msize - RREADHDR && f->count <= r->rcap - RDATA){
		p = r->rbuf + RDATA - RREADHDR;
		*n = RREADHDR + f->count;
		PBIT32(p, *n);
		p[4] = f->type;
		PBIT16(p+5, f->tag);
		PBIT32(p+7, f->count);
		return p;
	}
	*n = convS2M(f, s->wbuf, s->msize);
	if(*n == 0){
		f->type = Rerror;
		f->ename = "reply too long";
		*n = convS2M(f, s->wbuf, s->msize);
	}
	return s->wbuf;
}

/*
 * Sends the answer, or an error in its place when it does not fit. The tag
 * is given up in the same critical section: before the client may use it
 * again, and not so early that a flush could overtake the answer.
 */
static void
send(Srv *s, Req *r)
{
	uchar *p;
	uint n;

	qlock(&s->wlock);
	_removereq(r);
	if(r->aborted){
		qunlock(&s->wlock);
		return;
	}
	p = pack(s, r, &n);
	if(chatty9p)
		_trace("->", &r->ofcall);
	write(s->outfd, p, n);	/* if the client is gone, reading will tell */
	qunlock(&s->wlock);
}

/* Queues a flush behind the request it names, if that is still unanswered. */
static int
waitforold(Req *r)
{
	Req *old = r->oldreq;

	if(old == nil || old == r)
		return 0;
	qlock(&old->lk);
	if(old->responded){
		qunlock(&old->lk);
		return 0;
	}
	old->flush = erealloc9p(old->flush, (ulong)(old->nflush + 1) * sizeof old->flush[0]);
	old->flush[old->nflush++] = r;
	qunlock(&old->lk);
	return 1;
}

/*
 * Answers r: nil for success. Flushes of it are answered right after, in
 * the order in which they came.
 */
void
respond(Req *r, char *error)
{
	Srv *s = r->srv;
	int i;

	assert(!r->responded);
	if(r->ifcall.type == Tflush && error == nil && waitforold(r))
		return;
	if(r->pool != nil || error == nil)
		_finish(r, &error);
	r->ofcall.tag = r->ifcall.tag;
	r->ofcall.type = r->ifcall.type + 1;
	if(error != nil){
		r->ofcall.type = Rerror;
		r->ofcall.ename = error;
	}
	qlock(&r->lk);			/* a flush that finds r waits here */
	send(s, r);
	r->responded = 1;
	qunlock(&r->lk);
	for(i = 0; i < r->nflush; i++)
		respond(r->flush[i], nil);
	_closereq(r);
	if(decref(&s->rref) == 0)
		over(s);
}

void
responderror(Req *r)
{
	char err[ERRMAX];

	rerrstr(err, sizeof err);
	respond(r, err);
}
