/*
 * What follows a call-back's answer before it is sent: the state of fids
 * and files is brought in line with success or failure.
 */
#include "impl.h"

/* A fid that should not exist after all. */
static void
dropfid(Req *r, uint n)
{
	_closefid(_removefid(r->srv->fpool, n));
}

static void
rwalk(Req *r, char **error)
{
	int want = r->ifcall.nwname, got = r->ofcall.nwqid;

	if(*error == nil && want > 0 && got == 0)
		*error = _Enoent;
	if(*error != nil || got < want){
		if(r->newfid != nil && r->newfid != r->fid)
			dropfid(r, r->ifcall.newfid);
		return;
	}
	r->newfid->qid = want > 0 ? r->ofcall.wqid[want-1] : r->fid->qid;
}

static void
rstat(Req *r, char **error)
{
	uint n;

	if(*error != nil)
		return;
	n = sizeD2M(&r->d);
	r->ofcall.stat = emalloc9p(n);
	r->ofcall.nstat = (ushort)convD2M(&r->d, r->ofcall.stat, n);
	if(r->ofcall.nstat <= BIT16SZ)
		*error = "stat too long";
}

static void
rremove(Req *r, char **error)
{
	char err[ERRMAX];

	if(*error != nil || r->fid->file == nil)
		return;
	if(removefile(r->fid->file) < 0){
		rerrstr(err, sizeof err);
		*error = r->error = estrdup9p(err);
	}
}

static void
rread(Req *r, char **error)
{
	if(*error == nil && (r->fid->qid.type & QTDIR))
		r->fid->diroffset = r->ifcall.offset + r->ofcall.count;
}

void
_finish(Req *r, char **error)
{
	switch(r->ifcall.type){
	case Tauth:
		if(*error != nil && r->afid != nil)
			dropfid(r, r->ifcall.afid);
		break;
	case Tattach:
		if(*error == nil)
			r->fid->qid = r->ofcall.qid;
		else if(r->fid != nil)
			dropfid(r, r->ifcall.fid);
		break;
	case Twalk:
		rwalk(r, error);
		break;
	case Topen:
	case Tcreate:
		if(*error == nil){
			r->fid->omode = r->ifcall.mode;
			r->fid->qid = r->ofcall.qid;
		}
		break;
	case Tread:
		rread(r, error);
		break;
	case Tremove:
		rremove(r, error);
		break;
	case Tstat:
		rstat(r, error);
		break;
	}
}
