/*
 * The requests, each by the system calls it stands for. Each returns nil or
 * the error.
 */
#include "exportfs.h"

static char Eunknownfid[] = "unknown fid";
static char Edupfid[] = "duplicate fid";
static char Eopen[] = "file already open";
static char Enotopen[] = "file not open";
static char Ereadonly[] = "file system is read only";
static char Enotdir[] = "not a directory";
static char Enoent[] = "file does not exist";
static char Ename[] = "bad character in file name";
static char Earg[] = "bad arg in system call";

/*
 * The error of a system call. The kernel puts the name before it, in quotes: ours means nothing
 * to the client, whose kernel puts its own.
 */
static char*
syserror(Job *j)
{
	char *p;

	rerrstr(j->err, sizeof j->err);
	if(j->err[0] != '\'')
		return j->err;
	for(p = j->err + 1; *p != 0; p++)
		if(p[0] == '\'' && *++p != '\'')
			break;
	return p[0] == ' ' && p[1] != 0 ? p + 1 : j->err;
}

/*
 * What a file is: of fd if that is not -1, else of the name. With no lock
 * between the question whether the job is wanted and the call, an
 * interruption cannot get lost.
 */
static Dir*
getdir(Job *j, char *path, int fd)
{
	uchar *buf = nil;
	Dir *d;
	long n, size = 512;

	for(;;){
		buf = erealloc(buf, (ulong)size);
		if(jobdrop(j))
			n = -1;
		else
			n = fd >= 0 ? fstat(fd, buf, (int)size) : stat(path, buf, (int)size);
		if(n != BIT16SZ)
			break;
		size = GBIT16(buf) + BIT16SZ;
	}
	d = nil;
	if(n > BIT16SZ){
		d = emalloc(sizeof *d + (ulong)size);
		if(convM2D(buf, (uint)n, d, (char*)(d + 1)) == 0){
			werrstr("malformed stat buffer");
			free(d);
			d = nil;
		}
	}
	free(buf);
	return d;
}

static int
badname(char *name)
{
	return name[0] == 0 || strcmp(name, ".") == 0 || strchr(name, '/') != nil;
}

static char*
opattach(Job *j)
{
	Dir *d;
	Fid *f;

	if(j->in.afid != NOFID)
		return "authentication not required";
	if(j->in.aname[0] != 0)
		return "bad attach specifier";
	d = getdir(j, root, -1);
	if(d == nil)
		return syserror(j);
	j->out.qid = uniqueqid(d);
	free(d);
	f = fidnew(j, j->in.fid, root, j->out.qid);
	if(f == nil)
		return Edupfid;
	fidput(f);
	return nil;
}

/* From one file to another; *path is replaced on success. */
static char*
step(Job *j, char **path, Qid *qid, char *name)
{
	char *next;
	Dir *d;

	if(!(qid->type & QTDIR))
		return Enotdir;
	if(badname(name))
		return Ename;
	next = join(*path, name);
	if(!exported(next)){
		free(next);
		return Enoent;
	}
	d = getdir(j, next, -1);
	if(d == nil){
		free(next);
		return syserror(j);
	}
	*qid = uniqueqid(d);
	free(d);
	free(*path);
	*path = next;
	return nil;
}

static char*
opwalk(Job *j, Fid *f)
{
	char *path, *error = nil;
	Qid qid = f->qid;
	Fid *new;
	int i;

	if(fidfd(f) >= 0)
		return Eopen;
	path = fidpath(f);
	for(i = 0; i < j->in.nwname && error == nil; i++){
		error = step(j, &path, &qid, j->in.wname[i]);
		if(error == nil)
			j->out.wqid[j->out.nwqid++] = qid;
	}
	if(error != nil && j->out.nwqid > 0 && !j->flushed)
		error = nil;
	else if(error == nil && j->in.newfid == j->in.fid)
		fidmove(f, path, qid);
	else if(error == nil){
		new = fidnew(j, j->in.newfid, path, qid);
		if(new == nil)
			error = Edupfid;
		fidput(new);
	}
	free(path);
	return error;
}

/* The largest transfer that is not cut. */
static uint
unitof(int fd)
{
	uint n = (uint)iounit(fd);

	return n == 0 || n > messize - IOHDRSZ ? messize - IOHDRSZ : n;
}

/* What open and create do when the system call has succeeded. */
static char*
opened(Job *j, Fid *f, char *path, int fd)
{
	char *error;
	Dir *d;

	j->flushed = 0;		/* it is open: the client must know */
	d = getdir(j, path, fd);
	if(d == nil){
		error = syserror(j);
		close(fd);
		return error;
	}
	j->out.qid = uniqueqid(d);
	j->out.iounit = unitof(fd);
	free(d);
	if(!fidopen(f, path, j->out.qid, fd)){
		close(fd);
		return Eopen;
	}
	return nil;
}

static char*
opopen(Job *j, Fid *f)
{
	int mode = j->in.mode, fd;
	char *path, *error;

	if(fidfd(f) >= 0)
		return Eopen;
	if(mode & ~(3|OTRUNC|ORCLOSE))
		return Earg;
	if(readonly && ((mode & (OTRUNC|ORCLOSE)) || (mode & 3) == OWRITE || (mode & 3) == ORDWR))
		return Ereadonly;
	path = fidpath(f);
	fd = jobdrop(j) ? -1 : open(path, mode|OCEXEC);
	error = fd < 0 ? syserror(j) : opened(j, f, path, fd);
	free(path);
	return error;
}

static char*
opcreate(Job *j, Fid *f)
{
	int mode = j->in.mode, fd;
	char *path, *dir, *error;

	if(fidfd(f) >= 0)
		return Eopen;
	if(readonly)
		return Ereadonly;
	if(badname(j->in.name) || strcmp(j->in.name, "..") == 0)
		return Ename;
	if(mode & ~(3|OTRUNC|ORCLOSE))
		return Earg;
	dir = fidpath(f);
	path = join(dir, j->in.name);
	free(dir);
	if(!exported(path)){
		free(path);
		return "permission denied";
	}
	fd = jobdrop(j) ? -1 : create(path, mode|OEXCL|OCEXEC, j->in.perm);
	error = fd < 0 ? syserror(j) : opened(j, f, path, fd);
	free(path);
	return error;
}

/*
 * Entries of a directory get the qids they have for clients, and those that are
 * not exported are dropped. Returns the bytes left, -1 if they are not entries.
 */
static long
entries(Fid *f, uchar *buf, long n)
{
	uchar *p = buf, *e = buf + n, *to = buf;
	char *dir = fidpath(f), *path, *strs;
	uint size;
	Dir d;
	int drop;

	for(; p < e; p += size){
		size = e - p < BIT16SZ ? 0 : GBIT16(p) + BIT16SZ;
		if(size == 0 || size > (uint)(e - p) || statcheck(p, size) < 0){
			free(dir);
			werrstr("invalid directory entry");
			return -1;
		}
		strs = emalloc(size);
		convM2D(p, size, &d, strs);
		path = havepatterns() ? join(dir, d.name) : nil;
		drop = path != nil && !exported(path);
		free(path);
		if(!drop){
			d.qid = uniqueqid(&d);
			to += convD2M(&d, to, size);
		}
		free(strs);
	}
	free(dir);
	return to - buf;
}

static long
readdirectory(Job *j, Fid *f, int fd, long count)
{
	long n, m;

	qlock(&f->dirlock);
	if(j->in.offset == 0){
		seek(fd, 0, 0);
		f->diroff = 0;
	}
	if(j->in.offset != f->diroff){
		qunlock(&f->dirlock);
		werrstr("seek in directory");
		return -1;
	}
	do{
		n = jobdrop(j) ? -1 : read(fd, j->data, count);
		m = n > 0 ? entries(f, j->data, n) : n;
	}while(n > 0 && m == 0);
	if(m > 0)
		f->diroff += m;
	qunlock(&f->dirlock);
	return m;
}

static char*
opread(Job *j, Fid *f)
{
	long n, count = j->in.count;
	int fd = fidfd(f);

	if(fd < 0)
		return Enotopen;
	if(j->in.offset < 0)
		return "negative i/o offset";
	if(count > messize - IOHDRSZ)
		count = messize - IOHDRSZ;
	j->data = emalloc((ulong)count + 1);
	if(f->qid.type & QTDIR)
		n = readdirectory(j, f, fd, count);
	else
		n = jobdrop(j) ? -1 : pread(fd, j->data, count, j->in.offset);
	if(n < 0)
		return syserror(j);
	j->out.count = (uint)n;
	j->out.data = (char*)j->data;
	return nil;
}

static char*
opwrite(Job *j, Fid *f)
{
	int fd = fidfd(f);
	long n;

	if(fd < 0)
		return Enotopen;
	if(readonly)
		return Ereadonly;
	if(j->in.offset < 0)
		return "negative i/o offset";
	n = jobdrop(j) ? -1 : pwrite(fd, j->in.data, j->in.count, j->in.offset);
	if(n < 0)
		return syserror(j);
	j->out.count = (uint)n;
	return nil;
}

/* The caller took the fid from the table, so it goes in any case. */
static char*
opremove(Job *j, Fid *f)
{
	char *path, *error = nil;

	if(readonly)
		return Ereadonly;
	path = fidpath(f);
	if(isroot(path))
		error = "permission denied";
	else if(jobdrop(j) || remove(path) < 0)
		error = syserror(j);
	free(path);
	return error;
}

static char*
lastelem(char *path)
{
	char *p = strrchr(path, '/');

	return p != nil ? p+1 : path;
}

static char*
opstat(Job *j, Fid *f)
{
	char *path = fidpath(f);
	Dir *d;
	uint n;

	d = getdir(j, path, fidfd(f));
	if(d == nil){
		free(path);
		return syserror(j);
	}
	d->name = isroot(path) ? "/" : lastelem(path);
	d->qid = uniqueqid(d);
	n = sizeD2M(d);
	j->data = emalloc(n);
	j->out.stat = j->data;
	j->out.nstat = (ushort)convD2M(d, j->data, n);
	free(d);
	free(path);
	return nil;
}

static char*
opwstat(Job *j, Fid *f)
{
	int fd = fidfd(f), r;
	char *path, *dir, *to, *strs;
	Dir d;

	if(readonly)
		return Ereadonly;
	if(statcheck(j->in.stat, j->in.nstat) < 0)
		return "malformed stat buffer";
	strs = emalloc(j->in.nstat);
	convM2D(j->in.stat, j->in.nstat, &d, strs);
	path = fidpath(f);
	if(jobdrop(j))
		r = -1;
	else if(fd >= 0)
		r = fwstat(fd, j->in.stat, j->in.nstat);
	else
		r = wstat(path, j->in.stat, j->in.nstat);
	if(r >= 0 && d.name[0] != 0 && !isroot(path)){
		dir = join(path, "..");
		to = join(dir, d.name);
		fidrename(path, to);
		free(to);
		free(dir);
	}
	free(path);
	free(strs);
	return r < 0 ? syserror(j) : nil;
}

static char*
onfid(Job *j, Fid *f)
{
	switch(j->in.type){
	case Twalk:
		return opwalk(j, f);
	case Topen:
		return opopen(j, f);
	case Tcreate:
		return opcreate(j, f);
	case Tread:
		return opread(j, f);
	case Twrite:
		return opwrite(j, f);
	case Tclunk:
		return nil;
	case Tremove:
		return opremove(j, f);
	case Tstat:
		return opstat(j, f);
	case Twstat:
		return opwstat(j, f);
	}
	return "illegal 9P message";
}

char*
perform(Job *j)
{
	char *error;
	Fid *f;

	switch(j->in.type){
	case Tauth:
		return "authentication not required";
	case Tattach:
		return opattach(j);
	}
	if(j->in.type == Tclunk || j->in.type == Tremove)
		f = fidtake(j->in.fid);
	else
		f = fidget(j->in.fid);
	if(f == nil)
		return Eunknownfid;
	error = onfid(j, f);
	fidput(f);
	return error;
}
