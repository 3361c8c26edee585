/*
 * mntgen [-D] [-s srvname] [mtpt]: a directory, by default on /n, in which every
 * name is an empty directory: places to mount things on. A name is listed while
 * somebody uses it.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>

typedef struct Place Place;

struct Place {
	char	*name;
	uvlong	path;			/* of its qid; the root has 0 */
	int	ref;			/* fids */
	Place	*next;
};

static Place *places;
static uvlong lastpath;
static uint starttime;
static char *user;

static void
fillqid(Qid *q, Place *p)
{
	q->type = QTDIR;
	q->vers = 0;
	q->path = p != nil ? p->path : 0;
}

static void
filldir(Dir *d, Place *p)
{
	memset(d, 0, sizeof *d);
	fillqid(&d->qid, p);
	d->mode = DMDIR|0555;
	d->atime = d->mtime = starttime;
	d->name = estrdup9p(p != nil ? p->name : "/");
	d->uid = estrdup9p(user);
	d->gid = estrdup9p(user);
	d->muid = estrdup9p(user);
}

/* The place of that name, one more of whose fids there is. */
static Place*
getplace(char *name)
{
	Place *p;

	for(p = places; p != nil && strcmp(p->name, name) != 0; p = p->next)
		;
	if(p == nil){
		p = emalloc9p(sizeof *p);
		p->name = estrdup9p(name);
		p->path = ++lastpath;
		p->ref = 0;
		p->next = places;
		places = p;
	}
	p->ref++;
	return p;
}

static void
putplace(Place *p)
{
	Place **l;

	if(p == nil || --p->ref > 0)
		return;
	for(l = &places; *l != p; l = &(*l)->next)
		;
	*l = p->next;
	free(p->name);
	free(p);
}

static void
fsattach(Req *r)
{
	if(r->ifcall.aname[0] != 0){
		respond(r, "bad attach specifier");
		return;
	}
	fillqid(&r->ofcall.qid, nil);
	respond(r, nil);
}

static char*
fsclone(Fid *old, Fid *new)
{
	Place *p = old->aux;

	if(p != nil)
		p->ref++;
	new->aux = p;
	return nil;
}

static char*
fswalk1(Fid *fid, char *name, Qid *qid)
{
	Place *p = fid->aux;

	if(strcmp(name, "..") == 0){
		fid->aux = nil;
		putplace(p);
	}else if(p != nil)
		return "file does not exist";
	else
		fid->aux = getplace(name);
	fillqid(qid, fid->aux);
	return nil;
}

static void
fsopen(Req *r)
{
	int mode = r->ifcall.mode;

	r->ofcall.qid = r->fid->qid;
	respond(r, mode == OREAD || mode == OEXEC ? nil : "permission denied");
}

/* The nth name that is used otherwise than by listing. */
static int
gen(int n, Dir *d, void *aux)
{
	Place *p;

	if(aux != nil)
		return -1;
	for(p = places; p != nil && n > 0; p = p->next)
		n--;
	if(p == nil)
		return -1;
	filldir(d, p);
	return 0;
}

static void
fsread(Req *r)
{
	dirread9p(r, gen, r->fid->aux);
	respond(r, nil);
}

static void
fsstat(Req *r)
{
	filldir(&r->d, r->fid->aux);
	respond(r, nil);
}

static void
fsdestroyfid(Fid *fid)
{
	putplace(fid->aux);
	fid->aux = nil;
}

static Srv fs = {
	.attach = fsattach,
	.clone = fsclone,
	.walk1 = fswalk1,
	.open = fsopen,
	.read = fsread,
	.stat = fsstat,
	.destroyfid = fsdestroyfid,
};

/* Name spaces made later mount it, whoever's they are. */
static void
public(char *service)
{
	char *file = smprint("/srv/%s", service);
	Dir d;

	nulldir(&d);
	d.mode = 0666;
	if(file == nil || dirwstat(file, &d) < 0)
		fprint(2, "mntgen: can't change the mode of %s: %r\n", file);
	free(file);
}

static void
usage(void)
{
	fprint(2, "usage: mntgen [-D] [-s srvname] [mtpt]\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	char *service = nil;

	ARGBEGIN{
	case 'D':
		chatty9p++;
		break;
	case 's':
		service = EARGF(usage());
		break;
	default:
		usage();
	}ARGEND
	if(argc > 1)
		usage();
	user = estrdup9p(getuser());
	starttime = (uint)time(nil);
	postmountsrv(&fs, service, argc == 1 ? argv[0] : "/n", MREPL);
	if(service != nil)
		public(service);
	exits(nil);
}
