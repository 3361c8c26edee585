/*
 * ramfs: files that live in memory. Names, permissions and directories are
 * lib9p's tree; this file gives them content and changeable attributes.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>
#include "data.h"

static Data*
dataof(Req *r)
{
	return r->fid->file->aux;
}

/*
 * The time for a read: a tenth of a second may go by without asking for it, so that reading
 * is not mostly that.
 */
static uint
readtime(void)
{
	static uvlong asked;
	static uint then;
	uvlong now;

	cycles(&now);
	if(then == 0 || _tos->cyclefreq == 0 || now - asked > _tos->cyclefreq / 10){
		then = (uint)time(nil);
		asked = now;
	}
	return then;
}

/* The content changed: the version tells caches, and who and when shows in stat. */
static void
changed(File *f, char *uid)
{
	char *s;

	f->qid.vers++;
	f->mtime = f->atime = (uint)time(nil);
	if(strcmp(f->muid, uid) != 0){
		s = estrdup9p(uid);
		free(f->muid);
		f->muid = s;
	}
}

static void
setlength(File *f, vlong length, char *uid)
{
	Data *d = f->aux;

	datatrunc(d, length);
	f->length = length;
	changed(f, uid);
}

/* Exclusive-use files have one opener at a time. */
static int
takeexcl(File *f, Fid *fid)
{
	Data *d = f->aux;

	if(d == nil || !(f->mode & DMEXCL))
		return 1;
	if(d->excl != nil && d->excl != fid)
		return 0;
	d->excl = fid;
	return 1;
}

static void
fsopen(Req *r)
{
	File *f = r->fid->file;

	if(!takeexcl(f, r->fid)){
		respond(r, "exclusive use file already open");
		return;
	}
	if((r->ifcall.mode & OTRUNC) && !(f->mode & DMAPPEND)){
		setlength(f, 0, r->fid->uid);
		r->ofcall.qid = f->qid;
	}
	respond(r, nil);
}

static void
fscreate(Req *r)
{
	Data *d = nil;
	File *f;

	if(r->ifcall.perm & (DMMOUNT|DMAUTH)){
		respond(r, "bad arg in system call");
		return;
	}
	if(!(r->ifcall.perm & DMDIR))
		d = emalloc9p(sizeof *d);
	f = createfile(r->fid->file, r->ifcall.name, r->fid->uid, r->ifcall.perm, d);
	if(f == nil){
		free(d);
		responderror(r);
		return;
	}
	closefile(r->fid->file);
	r->fid->file = f;
	takeexcl(f, r->fid);
	r->ofcall.qid = f->qid;
	respond(r, nil);
}

static void
fsread(Req *r)
{
	long n;

	n = dataread(dataof(r), r->ofcall.data, r->ifcall.count, r->ifcall.offset);
	r->ofcall.count = (uint)n;
	r->fid->file->atime = readtime();
	respond(r, nil);
}

static void
fswrite(Req *r)
{
	File *f = r->fid->file;
	Data *d = dataof(r);
	vlong off = f->mode & DMAPPEND ? d->length : r->ifcall.offset;

	if(datawrite(d, r->ifcall.data, r->ifcall.count, off) < 0){
		responderror(r);
		return;
	}
	f->length = d->length;
	if(r->ifcall.count > 0)
		changed(f, r->fid->uid);
	r->ofcall.count = r->ifcall.count;
	respond(r, nil);
}

/* Why the wstat in r is not allowed, or nil. Nothing is changed yet. */
static char*
mayset(Req *r)
{
	Dir *d = &r->d;
	File *f = r->fid->file;
	char *uid = r->fid->uid;
	int owner = strcmp(uid, f->uid) == 0, leader = strcmp(uid, f->gid) == 0;

	if(d->name[0] != 0 && strcmp(d->name, f->name) != 0){
		File *other;

		if(f->parent == f || !hasperm(f->parent, uid, DMWRITE))
			return "permission denied";
		other = walkfile(f->parent, d->name);
		if(other != nil){
			closefile(other);
			return "file already exists";
		}
	}
	if(d->length != -1 && d->length != (f->mode & DMDIR ? 0 : f->length)){
		if(f->mode & DMDIR)
			return "file is a directory";
		if(!hasperm(f, uid, DMWRITE))
			return "permission denied";
	}
	if((d->mode != ~0u || d->mtime != ~0u || d->atime != ~0u) && !owner && !leader)
		return "permission denied";
	if(d->mode != ~0u && (d->mode & (DMMOUNT|DMAUTH)))
		return "bad arg in system call";
	/* a group's only member, and leader, is the user of that name */
	if(d->gid[0] != 0 && strcmp(d->gid, f->gid) != 0
	&& (strcmp(d->gid, uid) != 0 || (!owner && !leader)))
		return "permission denied";
	return nil;
}

static void
fswstat(Req *r)
{
	Dir *d = &r->d;
	File *f = r->fid->file;
	char *err = mayset(r), *gid;

	if(err != nil){
		respond(r, err);
		return;
	}
	if(d->name[0] != 0 && renamefile(f, d->name) < 0){
		responderror(r);
		return;
	}
	if(d->length != -1 && !(f->mode & DMDIR) && d->length != f->length)
		setlength(f, d->length, r->fid->uid);
	if(d->mode != ~0u){
		f->mode = d->mode;
		f->qid.type = (uchar)(d->mode >> 24);
	}
	if(d->mtime != ~0u)
		f->mtime = d->mtime;
	if(d->atime != ~0u)
		f->atime = d->atime;
	if(d->gid[0] != 0){
		gid = estrdup9p(d->gid);
		free(f->gid);
		f->gid = gid;
	}
	respond(r, nil);
}

static void
fsdestroyfid(Fid *fid)
{
	Data *d = fid->file != nil ? fid->file->aux : nil;

	if(d != nil && d->excl == fid)
		d->excl = nil;
}

static void
fsdestroyfile(File *f)
{
	Data *d = f->aux;

	if(d != nil){
		datatrunc(d, 0);
		free(d);
	}
}

static Srv fs = {
	.open = fsopen,
	.create = fscreate,
	.read = fsread,
	.write = fswrite,
	.wstat = fswstat,
	.destroyfid = fsdestroyfid,
};

/* Keeps others from looking into the process, whose memory holds the files. */
static void
private(void)
{
	char name[32];
	int fd;

	snprint(name, sizeof name, "/proc/%d/ctl", getpid());
	fd = open(name, OWRITE);
	if(fd < 0 || write(fd, "private", 7) != 7)
		sysfatal("can't make the process private: %r");
	close(fd);
}

static void
usage(void)
{
	fprint(2, "usage: ramfs [-Dipsubac] [-m mountpoint] [-S srvname]\n");
	exits("usage");
}

void
main(int argc, char **argv)
{
	char *mtpt = "/tmp", *service = nil;
	int flag = 0, stdio = 0, hide = 0;

	ARGBEGIN{
	case 'D':
		chatty9p++;
		break;
	case 'i':
		stdio = 1;
		break;
	case 'p':
		hide = 1;
		break;
	case 's':
		service = "ramfs";
		mtpt = nil;
		break;
	case 'S':
		service = EARGF(usage());
		mtpt = nil;
		break;
	case 'm':
		mtpt = EARGF(usage());
		break;
	case 'u':
		break;			/* asks for no limit on memory; there is none */
	case 'b':
		flag |= MBEFORE;
		break;
	case 'a':
		flag |= MAFTER;
		break;
	case 'c':
		flag |= MCREATE;
		break;
	default:
		usage();
	}ARGEND

	if(argc > 0 || (flag & MORDER) == MORDER)
		usage();
	if(flag == 0)
		flag = MREPL|MCREATE;
	if(hide)
		private();
	fs.tree = alloctree(nil, nil, DMDIR|0777, fsdestroyfile);
	if(stdio){
		fs.infd = 0;
		fs.outfd = 1;
		srv(&fs);
		exits(nil);
	}
	postmountsrv(&fs, service, mtpt, flag);
	exits(nil);
}
