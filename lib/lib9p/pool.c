/*
 * The fids and requests of a session, by number. Both are counted: the pool
 * holds one reference, each user another.
 */
#include "impl.h"

Fidpool*
_allocfidpool(Srv *srv)
{
	Fidpool *p = emalloc9p(sizeof *p);

	p->srv = srv;
	p->destroy = srv->destroyfid;
	return p;
}

static Fid**
fidslot(Fidpool *p, uint n)
{
	Fid **f = &p->hash[n % NHASH];

	while(*f != nil && (*f)->fid != n)
		f = &(*f)->next;
	return f;
}

/* nil if the number is in use. */
Fid*
_allocfid(Fidpool *p, uint n)
{
	Fid *f = emalloc9p(sizeof *f), **slot;

	f->fid = n;
	f->omode = -1;
	f->pool = p;
	f->ref.ref = 2;			/* the pool's and the caller's */
	lock(&p->lock);
	slot = fidslot(p, n);
	if(*slot != nil){
		unlock(&p->lock);
		free(f);
		return nil;
	}
	*slot = f;
	unlock(&p->lock);
	return f;
}

Fid*
_lookupfid(Fidpool *p, uint n)
{
	Fid *f;

	lock(&p->lock);
	f = *fidslot(p, n);
	if(f != nil)
		incref(&f->ref);
	unlock(&p->lock);
	return f;
}

/* Takes a fid out; the pool's reference becomes the caller's. */
Fid*
_removefid(Fidpool *p, uint n)
{
	Fid *f, **slot;

	lock(&p->lock);
	slot = fidslot(p, n);
	f = *slot;
	if(f != nil)
		*slot = f->next;
	unlock(&p->lock);
	return f;
}

/* The last user of a fid removes a file that was opened to be removed. */
void
_closefid(Fid *f)
{
	if(f == nil || decref(&f->ref) > 0)
		return;
	if(f->pool->destroy != nil)
		f->pool->destroy(f);
	closedirfile(f->rdir);
	if(f->file != nil){
		if(f->omode != -1 && (f->omode & ORCLOSE))
			removefile(f->file);
		closefile(f->file);
	}
	free(f->uid);
	free(f);
}

/* Clunks every fid; those that requests still use stay until they are done. */
void
_freefidpool(Fidpool *p)
{
	Fid *f;
	int i;

	for(i = 0; i < NHASH; i++)
		while((f = p->hash[i]) != nil)
			_closefid(_removefid(p, f->fid));
}

Reqpool*
_allocreqpool(Srv *srv)
{
	Reqpool *p = emalloc9p(sizeof *p);

	p->srv = srv;
	p->destroy = srv->destroyreq;
	return p;
}

/* No request may be outstanding. */
void
_freereqpool(Reqpool *p)
{
	Req *r;

	while((r = p->free) != nil){
		p->free = r->next;
		free(r->rbuf);
		free(r);
	}
	free(p);
}

static Req**
reqslot(Reqpool *p, ushort tag)
{
	Req **r = &p->hash[tag % NHASH];

	while(*r != nil && (*r)->tag != tag)
		r = &(*r)->next;
	return r;
}

/* A request that is not in the pool yet. Its rbuf may be one used before. */
Req*
_newreq(Srv *srv)
{
	Reqpool *p = srv->rpool;
	Req *r;
	uchar *rbuf;
	uint rcap;

	lock(&p->lock);
	r = p->free;
	if(r != nil){
		p->free = r->next;
		p->nfree--;
	}
	unlock(&p->lock);
	if(r == nil)
		r = emalloc9p(sizeof *r);
	rbuf = r->rbuf;
	rcap = r->rcap;
	memset(r, 0, offsetof(Req, small));
	r->rbuf = rbuf;
	r->rcap = rcap;
	r->srv = srv;
	r->ref.ref = 1;
	return r;
}

/* Puts r into the pool, which takes a reference; 0 if its tag is in use. */
int
_enterreq(Reqpool *p, Req *r)
{
	Req **slot;

	r->tag = r->ifcall.tag;
	lock(&p->lock);
	slot = reqslot(p, r->tag);
	if(*slot != nil){
		unlock(&p->lock);
		return 0;
	}
	r->ref.ref++;
	r->pool = p;
	*slot = r;
	unlock(&p->lock);
	return 1;
}

/* A buffer for the next messages. */
uchar*
_newrbuf(Srv *srv)
{
	uchar *b;

	lock(&srv->rpool->lock);
	b = srv->spare;
	srv->spare = nil;
	unlock(&srv->rpool->lock);
	return b != nil ? b : emalloc9p(MAXMSIZE);
}

/* Keeps r, and a message buffer that it no longer needs, for requests to come. */
static void
recycle(Req *r)
{
	Reqpool *p = r->srv->rpool;
	uchar *buf = r->buf;
	int keep;

	lock(&p->lock);
	if(buf != nil && r->srv->spare == nil){
		r->srv->spare = buf;
		buf = nil;
	}
	keep = p->nfree < MAXFREE;
	if(keep){
		r->next = p->free;
		p->free = r;
		p->nfree++;
	}
	unlock(&p->lock);
	free(buf);
	if(!keep){
		free(r->rbuf);
		free(r);
	}
}

Req*
_lookupreq(Reqpool *p, ushort tag)
{
	Req *r;

	lock(&p->lock);
	r = *reqslot(p, tag);
	if(r != nil)
		incref(&r->ref);
	unlock(&p->lock);
	return r;
}

/* Frees the tag for the next request and gives up the pool's reference. */
void
_removereq(Req *r)
{
	Reqpool *p = r->pool;
	Req **slot;

	if(p == nil)
		return;
	lock(&p->lock);
	slot = reqslot(p, r->tag);
	if(*slot == r)
		*slot = r->next;
	r->pool = nil;
	unlock(&p->lock);
	_closereq(r);
}

void
_closereq(Req *r)
{
	if(r == nil || decref(&r->ref) > 0)
		return;
	if(r->srv->rpool->destroy != nil)
		r->srv->rpool->destroy(r);
	_closefid(r->fid);
	_closefid(r->newfid);
	_closefid(r->afid);
	_closereq(r->oldreq);
	free(r->d.name);
	free(r->d.uid);
	free(r->d.gid);
	free(r->d.muid);
	free(r->ofcall.stat);
	free(r->flush);
	free(r->error);
	recycle(r);
}

/* A new session begins: what is outstanding will not be answered. */
void
_abortreqs(Reqpool *p)
{
	Req *r;
	int i;

	lock(&p->lock);
	for(i = 0; i < NHASH; i++)
		for(r = p->hash[i]; r != nil; r = r->next)
			r->aborted = 1;
	unlock(&p->lock);
}
