/*
 * The verbs for 9P messages (F), directory entries (D) and modes (M).
 */
#include "sys.h"
#include "fcall.h"

enum {
	NDUMP = 64,		/* bytes of data shown */
};

static char*
rwx(uint m, char *s)
{
	*s++ = m & 4 ? 'r' : '-';
	*s++ = m & 2 ? 'w' : '-';
	*s++ = m & 1 ? 'x' : '-';
	return s;
}

/* d-rwxr-xr-x */
int
dirmodefmt(Fmt *f)
{
	uint m = va_arg(f->args, uint);
	char buf[16], *s = buf;

	*s++ = m & DMDIR ? 'd' : m & DMAPPEND ? 'a' : m & DMAUTH ? 'A' : '-';
	*s++ = m & DMEXCL ? 'l' : '-';
	s = rwx(m >> 6, s);
	s = rwx(m >> 3, s);
	s = rwx(m, s);
	*s = 0;
	return fmtstrcpy(f, buf);
}

static char*
qidtext(char *buf, char *e, Qid *q)
{
	char *s = buf, *t = "";

	if(q->type & QTDIR)
		t = "d";
	else if(q->type & QTAPPEND)
		t = "a";
	else if(q->type & QTAUTH)
		t = "A";
	seprint(s, e, "(%.16llux %lud %s)", q->path, (ulong)q->vers, t);
	return buf;
}

static int
printdir(Fmt *f, Dir *d)
{
	char qid[64];

	return fmtprint(f, "'%s' '%s' '%s' '%s' q %s m %#luo at %ld mt %ld l %lld t %d d %d",
		d->name, d->uid, d->gid, d->muid, qidtext(qid, qid + sizeof qid, &d->qid),
		(ulong)d->mode, (long)d->atime, (long)d->mtime, d->length, d->type, (int)d->dev);
}

int
dirfmt(Fmt *f)
{
	return printdir(f, va_arg(f->args, Dir*));
}

static int
printstat(Fmt *f, uchar *buf, uint n)
{
	char *strs;
	Dir d;
	int r;

	strs = malloc(n + 1);
	if(strs == nil)
		return -1;
	if(convM2D(buf, n, &d, strs) == 0)
		r = fmtprint(f, " stat(%ud bytes)", n);
	else{
		fmtprint(f, " stat ");
		r = printdir(f, &d);
	}
	free(strs);
	return r;
}

/* Data as text if it looks like it, else in hexadecimal. */
static int
printdata(Fmt *f, uchar *p, uint n)
{
	uint i, shown = n < NDUMP ? n : NDUMP;

	for(i = 0; i < shown; i++)
		if(p[i] >= 0x7f || (p[i] < ' ' && p[i] != '\n' && p[i] != '\t'))
			break;
	if(i == shown)
		return fmtprint(f, " '%.*s'", (int)shown, p);
	fmtprint(f, " ");
	for(i = 0; i < shown; i++)
		fmtprint(f, i > 0 && i % 4 == 0 ? " %.2ux" : "%.2ux", p[i]);
	return 0;
}

static int
printwalk(Fmt *f, Fcall *c)
{
	char qid[64];
	int i;

	if(c->type == Twalk){
		fmtprint(f, "Twalk tag %ud fid %ud newfid %ud nwname %d", c->tag, c->fid,
			c->newfid, c->nwname);
		for(i = 0; i < c->nwname && i < MAXWELEM; i++)
			fmtprint(f, " %d:%s", i, c->wname[i]);
		return 0;
	}
	fmtprint(f, "Rwalk tag %ud nwqid %ud", c->tag, c->nwqid);
	for(i = 0; i < c->nwqid && i < MAXWELEM; i++)
		fmtprint(f, " %d:%s", i, qidtext(qid, qid + sizeof qid, &c->wqid[i]));
	return 0;
}

static int
printio(Fmt *f, Fcall *c)
{
	switch(c->type){
	case Tread:
		return fmtprint(f, "Tread tag %ud fid %ud offset %lld count %ud",
			c->tag, c->fid, c->offset, c->count);
	case Rread:
		fmtprint(f, "Rread tag %ud count %ud", c->tag, c->count);
		return printdata(f, (uchar*)c->data, c->count);
	case Twrite:
		fmtprint(f, "Twrite tag %ud fid %ud offset %lld count %ud",
			c->tag, c->fid, c->offset, c->count);
		return printdata(f, (uchar*)c->data, c->count);
	}
	return fmtprint(f, "Rwrite tag %ud count %ud", c->tag, c->count);
}

static int
printopen(Fmt *f, Fcall *c)
{
	char qid[64];

	switch(c->type){
	case Topen:
		return fmtprint(f, "Topen tag %ud fid %ud mode %d", c->tag, c->fid, c->mode);
	case Tcreate:
		return fmtprint(f, "Tcreate tag %ud fid %ud name %s perm %M mode %d",
			c->tag, c->fid, c->name, c->perm, c->mode);
	}
	return fmtprint(f, "%s tag %ud qid %s iounit %ud", c->type == Ropen ? "Ropen" : "Rcreate",
		c->tag, qidtext(qid, qid + sizeof qid, &c->qid), c->iounit);
}

static int
printsession(Fmt *f, Fcall *c)
{
	char qid[64];

	switch(c->type){
	case Tversion:
	case Rversion:
		return fmtprint(f, "%s tag %ud msize %ud version '%s'",
			c->type == Tversion ? "Tversion" : "Rversion", c->tag,
			c->msize, c->version);
	case Tauth:
		return fmtprint(f, "Tauth tag %ud afid %d uname %s aname %s",
			c->tag, (int)c->afid, c->uname, c->aname);
	case Rauth:
		return fmtprint(f, "Rauth tag %ud qid %s", c->tag,
			qidtext(qid, qid + sizeof qid, &c->aqid));
	case Tattach:
		return fmtprint(f, "Tattach tag %ud fid %ud afid %d uname %s aname %s",
			c->tag, c->fid, (int)c->afid, c->uname, c->aname);
	case Rattach:
		return fmtprint(f, "Rattach tag %ud qid %s", c->tag,
			qidtext(qid, qid + sizeof qid, &c->qid));
	case Rerror:
		return fmtprint(f, "Rerror tag %ud ename %s", c->tag, c->ename);
	case Tflush:
		return fmtprint(f, "Tflush tag %ud oldtag %ud", c->tag, c->oldtag);
	}
	return fmtprint(f, "Rflush tag %ud", c->tag);
}

int
fcallfmt(Fmt *f)
{
	Fcall *c = va_arg(f->args, Fcall*);

	fmtinstall('M', dirmodefmt);
	switch(c->type){
	case Twalk:
	case Rwalk:
		return printwalk(f, c);
	case Topen:
	case Ropen:
	case Tcreate:
	case Rcreate:
		return printopen(f, c);
	case Tread:
	case Rread:
	case Twrite:
	case Rwrite:
		return printio(f, c);
	case Tclunk:
		return fmtprint(f, "Tclunk tag %ud fid %ud", c->tag, c->fid);
	case Rclunk:
		return fmtprint(f, "Rclunk tag %ud", c->tag);
	case Tremove:
		return fmtprint(f, "Tremove tag %ud fid %ud", c->tag, c->fid);
	case Rremove:
		return fmtprint(f, "Rremove tag %ud", c->tag);
	case Tstat:
		return fmtprint(f, "Tstat tag %ud fid %ud", c->tag, c->fid);
	case Rstat:
		fmtprint(f, "Rstat tag %ud", c->tag);
		return printstat(f, c->stat, c->nstat);
	case Twstat:
		fmtprint(f, "Twstat tag %ud fid %ud", c->tag, c->fid);
		return printstat(f, c->stat, c->nstat);
	case Rwstat:
		return fmtprint(f, "Rwstat tag %ud", c->tag);
	}
	if(c->type < Tversion || c->type >= Tmax || c->type == Terror)
		return fmtprint(f, "unknown type %d", c->type);
	return printsession(f, c);
}
