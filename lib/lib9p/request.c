/*
 * What is checked and done before a call-back sees a request, one function
 * a message type. Whatever is wrong is answered here.
 */
#include "impl.h"

static int
badname(char *s)
{
	return *s == 0 || strcmp(s, ".") == 0 || strcmp(s, "..") == 0 || strchr(s, '/') != nil;
}

/* A later Tversion ends the session that was. */
static void
sversion(Srv *s, Req *r)
{
	char *dot;
	uint msize;

	r->ofcall.version = "9P2000";
	dot = strchr(r->ifcall.version, '.');
	if(dot != nil)
		*dot = 0;
	if(strcmp(r->ifcall.version, "9P2000") != 0)
		r->ofcall.version = "unknown";
	msize = r->ifcall.msize < MAXMSIZE ? r->ifcall.msize : MAXMSIZE;
	if(msize < MINMSIZE){
		respond(r, "message size too small");
		return;
	}
	_abortreqs(s->rpool);
	r->aborted = 0;
	_freefidpool(s->fpool);
	qlock(&s->wlock);
	s->msize = msize;
	qunlock(&s->wlock);
	r->ofcall.msize = msize;
	respond(r, nil);
}

static void
sauth(Srv *s, Req *r)
{
	char err[ERRMAX];

	r->afid = _allocfid(s->fpool, r->ifcall.afid);
	if(r->afid == nil){
		respond(r, _Edupfid);
		return;
	}
	r->afid->uid = estrdup9p(r->ifcall.uname);
	if(s->auth != nil){
		s->auth(r);
		return;
	}
	snprint(err, sizeof err, "%s: authentication not required",
		argv0 != nil ? argv0 : "server");
	respond(r, err);
}

static void
sattach(Srv *s, Req *r)
{
	r->fid = _allocfid(s->fpool, r->ifcall.fid);
	if(r->fid == nil){
		respond(r, _Edupfid);
		return;
	}
	r->fid->uid = estrdup9p(r->ifcall.uname);
	if(r->ifcall.afid != NOFID){
		r->afid = _lookupfid(s->fpool, r->ifcall.afid);
		if(r->afid == nil){
			respond(r, _Ebadfid);
			return;
		}
	}
	if(s->tree != nil){
		r->fid->file = s->tree->root;
		incref(&r->fid->file->refs);
		r->ofcall.qid = r->fid->qid = r->fid->file->qid;
	}
	if(s->attach != nil)
		s->attach(r);
	else if(s->tree != nil && r->ifcall.aname[0] != 0)
		respond(r, "unknown specifier in attach");
	else
		respond(r, nil);
}

static void
sflush(Srv *s, Req *r)
{
	r->oldreq = _lookupreq(s->rpool, r->ifcall.oldtag);
	if(r->oldreq != nil && r->oldreq != r && s->flush != nil)
		s->flush(r);
	else
		respond(r, nil);
}

/* Walks in a tree; qids of the steps that succeed go to the reply. */
static char*
walktree(Req *r)
{
	File *f = r->fid->file, *nf;
	char *err = nil;
	int i;

	incref(&f->refs);
	for(i = 0; i < r->ifcall.nwname; i++){
		if(!(f->qid.type & QTDIR)){
			err = _Enotdir;
			break;
		}
		if(!hasperm(f, r->fid->uid, DMEXEC)){
			err = _Eperm;
			break;
		}
		nf = walkfile(f, r->ifcall.wname[i]);
		if(nf == nil){
			err = _Enoent;
			break;
		}
		closefile(f);
		f = nf;
		r->ofcall.wqid[i] = f->qid;
	}
	r->ofcall.nwqid = (ushort)i;
	if(i < r->ifcall.nwname){
		closefile(f);
		return i == 0 ? err : nil;
	}
	if(r->newfid->file != nil)
		closefile(r->newfid->file);
	r->newfid->file = f;
	return nil;
}

/* A fid that no client sees, to walk in place of f. */
static Fid*
standin(Srv *s, Fid *f)
{
	Fid *t = emalloc9p(sizeof *t);

	t->fid = NOFID;
	t->omode = -1;
	t->uid = estrdup9p(f->uid);
	t->pool = s->fpool;
	t->ref.ref = 1;
	return t;
}

/* What walk1 moved becomes f's, and what f had goes with the stand-in. */
static void
exchange(Fid *f, Fid *t)
{
	void *aux = f->aux;
	Qid qid = f->qid;

	f->aux = t->aux;
	f->qid = t->qid;
	t->aux = aux;
	t->qid = qid;
}

/*
 * Walks by the server's walk1, which moves a fid by one name. A fid that is to move itself stays
 * where it is unless every step succeeds, so with several another moves in its place.
 */
static char*
walkone(Srv *s, Req *r)
{
	char *err = nil;
	Fid *f = r->newfid;
	Qid q;
	int i;

	if(f == r->fid && r->ifcall.nwname > 1)
		f = standin(s, r->fid);
	if(f != r->fid){
		if(s->clone != nil)
			err = s->clone(r->fid, f);
		else
			f->aux = r->fid->aux;
	}
	q = f->qid = r->fid->qid;
	for(i = 0; i < r->ifcall.nwname && err == nil; i++){
		err = s->walk1(f, r->ifcall.wname[i], &q);
		if(err != nil)
			break;
		r->ofcall.wqid[i] = f->qid = q;
	}
	r->ofcall.nwqid = (ushort)i;
	if(f != r->newfid){
		if(i == r->ifcall.nwname)
			exchange(r->fid, f);
		_closefid(f);
	}
	return i == 0 ? err : nil;
}

static void
swalk(Srv *s, Req *r)
{
	r->fid = _lookupfid(s->fpool, r->ifcall.fid);
	if(r->fid == nil){
		respond(r, _Ebadfid);
		return;
	}
	if(r->fid->omode != -1){
		respond(r, "cannot clone open fid");
		return;
	}
	if(r->ifcall.nwname > 0 && !(r->fid->qid.type & QTDIR)){
		respond(r, _Enotdir);
		return;
	}
	if(r->ifcall.fid == r->ifcall.newfid){
		incref(&r->fid->ref);
		r->newfid = r->fid;
	}else{
		r->newfid = _allocfid(s->fpool, r->ifcall.newfid);
		if(r->newfid == nil){
			respond(r, _Edupfid);
			return;
		}
		r->newfid->uid = estrdup9p(r->fid->uid);
		r->newfid->qid = r->fid->qid;
	}
	if(r->fid->file != nil)
		respond(r, walktree(r));
	else if(s->walk != nil)
		s->walk(r);
	else if(s->walk1 != nil)
		respond(r, walkone(s, r));
	else if(r->ifcall.nwname == 0)
		respond(r, nil);
	else
		respond(r, "no walk function, no file trees");
}

/* Finds the fid a request names. Returns 0 after answering if there is none. */
static int
needfid(Srv *s, Req *r)
{
	r->fid = _lookupfid(s->fpool, r->ifcall.fid);
	if(r->fid != nil)
		return 1;
	respond(r, _Ebadfid);
	return 0;
}

/* Whether the file may be opened so by the fid's user. */
static char*
mayopen(Req *r)
{
	static int need[] = { DMREAD, DMWRITE, DMREAD|DMWRITE, DMEXEC };
	int mode = r->ifcall.mode, p = need[mode & 3];
	File *f = r->fid->file;

	if(mode & OTRUNC)
		p |= DMWRITE;
	if(!hasperm(f, r->fid->uid, p))
		return _Eperm;
	if((mode & ORCLOSE) && !hasperm(f->parent, r->fid->uid, DMWRITE))
		return _Eperm;
	return nil;
}

static void
sopen(Srv *s, Req *r)
{
	char *err;
	int mode = r->ifcall.mode;

	if(!needfid(s, r))
		return;
	if(r->fid->omode != -1){
		respond(r, "fid already open");
		return;
	}
	if(mode & ~(3|OTRUNC|ORCLOSE)){
		respond(r, "bad arg in system call");
		return;
	}
	if((r->fid->qid.type & QTDIR) && mode != OREAD && mode != OEXEC){
		respond(r, _Eisdir);
		return;
	}
	r->ofcall.qid = r->fid->qid;
	if(r->fid->file != nil){
		if((err = mayopen(r)) != nil){
			respond(r, err);
			return;
		}
		r->ofcall.qid = r->fid->file->qid;
	}
	if(s->open != nil)
		s->open(r);
	else
		respond(r, nil);
}

static void
screate(Srv *s, Req *r)
{
	Fcall *f = &r->ifcall;
	uint mask;

	if(!needfid(s, r))
		return;
	if(r->fid->omode != -1)
		respond(r, "fid already open");
	else if(!(r->fid->qid.type & QTDIR))
		respond(r, _Enotdir);
	else if(badname(f->name))
		respond(r, _Ebadname);
	else if(f->mode & ~(3|OTRUNC|ORCLOSE))
		respond(r, "bad arg in system call");
	else if((f->perm & DMDIR) && f->mode != OREAD && f->mode != OEXEC)
		respond(r, _Eisdir);
	else if(r->fid->file != nil && !hasperm(r->fid->file, r->fid->uid, DMWRITE))
		respond(r, _Eperm);
	else if(s->create == nil)
		respond(r, _Ecreate);
	else{
		if(r->fid->file != nil){
			mask = f->perm & DMDIR ? 0777 : 0666;
			f->perm &= ~mask | (r->fid->file->mode & mask);
		}
		s->create(r);
	}
}

static int
canread(Fid *f)
{
	int m = f->omode & 3;

	return f->omode != -1 && (m == OREAD || m == ORDWR || m == OEXEC);
}

static int
canwrite(Fid *f)
{
	int m = f->omode & 3;

	return f->omode != -1 && (m == OWRITE || m == ORDWR);
}

static void
sread(Srv *s, Req *r)
{
	long n;

	if(!needfid(s, r))
		return;
	if(!canread(r->fid)){
		respond(r, _Eopen);
		return;
	}
	if(r->ifcall.count > s->msize - IOHDRSZ)
		r->ifcall.count = s->msize - IOHDRSZ;
	if(r->ifcall.offset < 0
	|| ((r->fid->qid.type & QTDIR) && r->ifcall.offset != 0
	&& r->ifcall.offset != r->fid->diroffset)){
		respond(r, _Ebadoffset);
		return;
	}
	if(r->rcap < RDATA + r->ifcall.count + 1){
		free(r->rbuf);
		r->rcap = RDATA + r->ifcall.count + 1;
		r->rbuf = emalloc9p(r->rcap);
	}
	r->ofcall.data = (char*)r->rbuf + RDATA;
	r->ofcall.count = 0;
	if((r->fid->qid.type & QTDIR) && r->fid->file != nil){
		if(r->fid->rdir == nil || r->ifcall.offset == 0){
			closedirfile(r->fid->rdir);
			r->fid->rdir = opendirfile(r->fid->file);
		}
		n = readdirfile(r->fid->rdir, r->rbuf + RDATA, r->ifcall.count, 0);
		r->ofcall.count = (uint)n;
		respond(r, nil);
		return;
	}
	if(s->read != nil)
		s->read(r);
	else
		respond(r, _Enoread);
}

static void
swrite(Srv *s, Req *r)
{
	if(!needfid(s, r))
		return;
	if(!canwrite(r->fid))
		respond(r, _Eopen);
	else if(r->fid->qid.type & QTDIR)
		respond(r, _Eisdir);
	else if(r->ifcall.offset < 0)
		respond(r, _Ebadoffset);
	else if(s->write == nil)
		respond(r, _Ewrite);
	else
		s->write(r);
}

static void
sclunk(Srv *s, Req *r)
{
	r->fid = _removefid(s->fpool, r->ifcall.fid);
	respond(r, r->fid == nil ? _Ebadfid : nil);
}

static void
sremove(Srv *s, Req *r)
{
	File *f;

	r->fid = _removefid(s->fpool, r->ifcall.fid);
	if(r->fid == nil){
		respond(r, _Ebadfid);
		return;
	}
	f = r->fid->file;
	if(f != nil && (f->parent == f || !hasperm(f->parent, r->fid->uid, DMWRITE)))
		respond(r, _Eperm);
	else if(f != nil && f->nchild > 0)
		respond(r, _Enotempty);
	else if(s->remove != nil)
		s->remove(r);
	else
		respond(r, f != nil ? nil : _Eremove);
}

static void
sstat(Srv *s, Req *r)
{
	File *f;

	if(!needfid(s, r))
		return;
	f = r->fid->file;
	if(f != nil){
		rlock(&f->tree->lock);
		r->d = f->dir;
		r->d.name = estrdup9p(f->name);
		runlock(&f->tree->lock);
		r->d.uid = estrdup9p(f->uid);
		r->d.gid = estrdup9p(f->gid);
		r->d.muid = estrdup9p(f->muid);
		if(f->qid.type & QTDIR)
			r->d.length = 0;
	}
	if(s->stat != nil)
		s->stat(r);
	else
		respond(r, f != nil ? nil : _Estat);
}

/* What no server may change must be untouched, or as it is in a tree's file. */
static char*
checkwstat(Req *r)
{
	Dir *d = &r->d;
	File *f = r->fid->file;

	if(d->type != (ushort)~0 && (f == nil || d->type != f->type))
		return "wstat -- attempt to change type";
	if(d->dev != ~0u && (f == nil || d->dev != f->dev))
		return "wstat -- attempt to change dev";
	if(d->qid.type != (uchar)~0 && d->qid.type != r->fid->qid.type)
		return "wstat -- attempt to change qid.type";
	if(d->qid.vers != ~0u && (f == nil || d->qid.vers != f->qid.vers))
		return "wstat -- attempt to change qid.vers";
	if(d->qid.path != ~(uvlong)0 && d->qid.path != r->fid->qid.path)
		return "wstat -- attempt to change qid.path";
	if(d->mode != ~0u && ((d->mode & DMDIR) != 0) != ((r->fid->qid.type & QTDIR) != 0))
		return "wstat -- attempt to change DMDIR bit";
	if(d->uid[0] != 0 && (f == nil || strcmp(d->uid, f->uid) != 0))
		return "wstat -- attempt to change uid";
	if(d->muid[0] != 0 && (f == nil || strcmp(d->muid, f->muid) != 0))
		return "wstat -- attempt to change muid";
	if(d->length < -1)
		return "wstat -- negative length";
	if(d->name[0] != 0 && badname(d->name) && (f == nil || strcmp(d->name, f->name) != 0))
		return _Ebadname;
	return nil;
}

static void
swstat(Srv *s, Req *r)
{
	char *strs, *err;

	if(!needfid(s, r))
		return;
	if(statcheck(r->ifcall.stat, r->ifcall.nstat) < 0){
		respond(r, "malformed stat buffer");
		return;
	}
	strs = emalloc9p(r->ifcall.nstat);
	convM2D(r->ifcall.stat, r->ifcall.nstat, &r->d, strs);
	r->d.name = estrdup9p(r->d.name);
	r->d.uid = estrdup9p(r->d.uid);
	r->d.gid = estrdup9p(r->d.gid);
	r->d.muid = estrdup9p(r->d.muid);
	free(strs);
	if((err = checkwstat(r)) != nil)
		respond(r, err);
	else if(s->wstat == nil)
		respond(r, _Ewstat);
	else
		s->wstat(r);
}

void
_dispatch(Srv *s, Req *r)
{
	static void (*fn[Tmax - Tversion])(Srv*, Req*) = {
		[Tversion-Tversion] = sversion,
		[Tauth-Tversion] = sauth,
		[Tattach-Tversion] = sattach,
		[Tflush-Tversion] = sflush,
		[Twalk-Tversion] = swalk,
		[Topen-Tversion] = sopen,
		[Tcreate-Tversion] = screate,
		[Tread-Tversion] = sread,
		[Twrite-Tversion] = swrite,
		[Tclunk-Tversion] = sclunk,
		[Tremove-Tversion] = sremove,
		[Tstat-Tversion] = sstat,
		[Twstat-Tversion] = swstat,
	};
	int t = r->ifcall.type;

	if(t < Tversion || t >= Tmax || fn[t - Tversion] == nil)
		respond(r, "bad message type");
	else
		fn[t - Tversion](s, r);
}
