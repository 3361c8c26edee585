/*
 * Files on Linux: modes, directory entries in 9P form, stat and wstat.
 */
#include "linux.h"

enum {
	LOWRONLY = 01, LORDWR = 02, LOCREAT = 0100, LOEXCL = 0200, LOTRUNC = 01000,
	LOAPPEND = 02000,
	LODIRECTORY = 0200000, LOCLOEXEC = 02000000,
	IFMT = 0170000, IFDIR = 0040000, IFCHR = 0020000,
	EMPTYPATH = 0x1000,
	DBUF = 8192,
};

/* Linux's struct stat, as x86-64 lays it out. */
typedef struct Lstat Lstat;
struct Lstat {
	ulong	dev, ino, nlink;
	uint	mode, uid, gid, pad;
	ulong	rdev;
	vlong	size, blksize, blocks;
	vlong	atime, atimens, mtime, mtimens, ctime, ctimens;
	vlong	unused[3];
};

static int
adopt(long fd, int kind)
{
	if(fd >= NFD){
		lx(Lclose, fd, 0, 0, 0, 0, 0);
		return fail("no free file descriptors");
	}
	free(fds[fd].dbuf);
	memset(&fds[fd], 0, sizeof fds[fd]);
	fds[fd].kind = kind;
	return (int)fd;
}

static int
isdir(int fd)
{
	Lstat st;

	return lx(Lfstat, fd, (long)&st, 0, 0, 0, 0) == 0 && (st.mode & IFMT) == IFDIR;
}

static vlong
doopen(char *name, int mode, int extra, uint perm)
{
	static int rw[] = { 0, LOWRONLY, LORDWR, 0 };
	char host[PATHLEN];
	int fd, flags = rw[mode & 3] | extra;
	long r;

	if(openspecial(name, mode, &fd))
		return fd < 0 ? failno(fd, name) : fd;
	if(hostname(name, host) < 0)
		return -1;
	if(mode & OTRUNC)
		flags |= LOTRUNC;
	if(mode & OCEXEC)
		flags |= LOCLOEXEC;
	r = lx(Lopenat, ATCWD, (long)host, flags, perm & 0777, 0, 0);
	if(r < 0)
		return failno(r, name);
	if(mode & ORCLOSE)		/* the open file outlives its name */
		lx(Lunlink, (long)host, 0, 0, 0, 0, 0);
	return adopt(r, isdir((int)r) ? Kdir : Kplain);
}

static vlong
docreate(char *name, int mode, uint perm)
{
	char host[PATHLEN];
	long r;

	if(perm & DMDIR){
		if(hostname(name, host) < 0)
			return -1;
		r = lx(Lmkdir, (long)host, perm & 0777, 0, 0, 0, 0);
		if(r < 0 && (r != -Eexist || (mode & OEXCL)))
			return failno(r, name);
		return doopen(name, mode & ~OEXCL, 0, 0);
	}
	return doopen(name, (mode & ~OEXCL) | OTRUNC,
		LOCREAT | (mode & OEXCL ? LOEXCL : 0) | (perm & DMAPPEND ? LOAPPEND : 0), perm);
}

static void
statdir(Lstat *st, char *name, Dir *d)
{
	static char owner[16];

	memset(d, 0, sizeof *d);
	d->type = (st->mode & IFMT) == IFCHR ? 'c' : 'M';
	d->dev = (uint)st->dev;
	d->qid.path = st->ino;
	d->qid.vers = (uint)(st->mtime ^ st->mtimens ^ st->size << 8);
	d->mode = st->mode & 0777;
	if((st->mode & IFMT) == IFDIR){
		d->qid.type = QTDIR;
		d->mode |= DMDIR;
	}else
		d->length = st->size;
	d->atime = (uint)st->atime;
	d->mtime = (uint)st->mtime;
	d->name = name;
	d->uid = d->gid = d->muid = username();
	if((long)st->uid != lx(Lgetuid, 0, 0, 0, 0, 0, 0)){
		snprint(owner, sizeof owner, "%ud", st->uid);
		d->uid = d->gid = d->muid = owner;
	}
}

static char*
lastelem(char *name)
{
	char *s = strrchr(name, '/');

	return s != nil && s[1] != 0 ? s+1 : name;
}

static vlong
dostat(char *name, int fd, uchar *buf, int n)
{
	char host[PATHLEN], link[64];
	Lstat st;
	Dir d;
	long r;
	int special;

	if(n < BIT16SZ)
		return fail("stat buffer too small");
	if(name != nil && openspecial(name, OREAD, &special)){
		if(special < 0)
			return failno(special, name);
		r = lx(Lfstat, special, (long)&st, 0, 0, 0, 0);
		lx(Lclose, special, 0, 0, 0, 0, 0);
		strecpy(host, host + sizeof host, name);
	}else if(name != nil){
		if(hostname(name, host) < 0)
			return -1;
		r = lx(Lfstatat, ATCWD, (long)host, (long)&st, 0, 0, 0);
		strecpy(host, host + sizeof host, name);
		cleanname(host);
	}else{
		r = lx(Lfstat, fd, (long)&st, 0, 0, 0, 0);
		snprint(link, sizeof link, "/proc/self/fd/%d", fd);
		long k = lx(Lreadlink, (long)link, (long)host, sizeof host - 1, 0, 0, 0);
		host[k > 0 ? k : 0] = 0;
	}
	if(r < 0)
		return failno(r, name);
	statdir(&st, lastelem(host), &d);
	r = convD2M(&d, buf, (uint)n);
	return r;
}

static vlong
dowstat(char *name, int fd, uchar *buf, int n)
{
	char host[PATHLEN], to[PATHLEN], link[64], *strs, *p;
	Dir d;
	long r = 0;

	if(statcheck(buf, (uint)n) < 0)
		return fail("malformed stat buffer");
	if(name != nil){
		if(hostname(name, host) < 0)
			return -1;
	}else{
		snprint(link, sizeof link, "/proc/self/fd/%d", fd);
		r = lx(Lreadlink, (long)link, (long)host, sizeof host - 1, 0, 0, 0);
		if(r < 0)
			return failno(r, nil);
		host[r] = 0;
		r = 0;
	}
	strs = malloc((ulong)n);
	convM2D(buf, (uint)n, &d, strs);
	if(d.mode != ~0u)
		r = lx(Lchmod, (long)host, d.mode & 0777, 0, 0, 0, 0);
	if(r >= 0 && d.length != -1){
		int tfd = (int)lx(Lopenat, ATCWD, (long)host, LOWRONLY, 0, 0, 0);
		r = tfd < 0 ? tfd : lx(Lftruncate, tfd, (long)d.length, 0, 0, 0, 0);
		lx(Lclose, tfd, 0, 0, 0, 0, 0);
	}
	if(r >= 0 && d.mtime != ~0u){
		vlong ts[4] = { d.atime != ~0u ? d.atime : d.mtime, 0, d.mtime, 0 };
		r = lx(Lutimensat, ATCWD, (long)host, (long)ts, 0, 0, 0);
	}
	if(r >= 0 && d.name[0] != 0 && strcmp(d.name, lastelem(host)) != 0){
		strecpy(to, to + sizeof to, host);
		p = strrchr(to, '/');
		strecpy(p != nil ? p+1 : to, to + sizeof to, d.name);
		Lstat st;
		r = -Eexist;
		if(lx(Lfstatat, ATCWD, (long)to, (long)&st, 0, 0, 0) < 0)
			r = lx(Lrename, (long)host, (long)to, 0, 0, 0, 0);
	}
	free(strs);
	return r < 0 ? failno(r, name) : n;
}

/* Whole entries up to n bytes; the names come from a buffer of Linux's. */
static vlong
readdir(int fd, uchar *buf, int n)
{
	Fd *f = &fds[fd];
	int got = 0, reclen;
	uint k;
	char *name;
	Lstat st;
	Dir d;

	if(f->dbuf == nil)
		f->dbuf = malloc(DBUF);
	for(;;){
		if(f->doff >= f->dn){
			f->dn = (int)lx(Lgetdents, fd, (long)f->dbuf, DBUF, 0, 0, 0);
			f->doff = 0;
			if(f->dn <= 0)
				return got;
		}
		reclen = *(ushort*)(f->dbuf + f->doff + 16);
		name = (char*)f->dbuf + f->doff + 19;
		if(strcmp(name, ".") != 0 && strcmp(name, "..") != 0
		&& lx(Lfstatat, fd, (long)name, (long)&st, 0x100, 0, 0) == 0){
			statdir(&st, name, &d);
			k = sizeD2M(&d);
			if(k > (uint)(n - got))
				return got > 0 ? got : fail("i/o count too small");
			got += (int)convD2M(&d, buf + got, (uint)(n - got));
		}
		f->doff += reclen;
	}
}

static vlong
doread(int fd, uchar *buf, long n, vlong off)
{
	long r;

	if(fd < 0 || fd >= NFD)
		return fail("fd out of range or not open");
	if(fds[fd].kind == Kdir){
		if(off == 0){
			lx(Llseek, fd, 0, 0, 0, 0, 0);
			fds[fd].dn = fds[fd].doff = 0;
		}
		return readdir(fd, buf, (int)n);
	}
	r = off == -1 ? lx(Lread, fd, (long)buf, n, 0, 0, 0)
		: lx(Lpread, fd, (long)buf, n, (long)off, 0, 0);
	if(r == -Espipe)
		r = lx(Lread, fd, (long)buf, n, 0, 0, 0);
	if(r == -Econnreset)
		return 0;
	return r < 0 ? failno(r, nil) : r;
}

static vlong
dowrite(int fd, uchar *buf, long n, vlong off)
{
	long r;

	if(fd < 0 || fd >= NFD)
		return fail("fd out of range or not open");
	if(fds[fd].kind >= Knote && fds[fd].kind <= Kctl)
		return writenote(&fds[fd], (char*)buf, (int)n);
	r = off == -1 ? lx(Lwrite, fd, (long)buf, n, 0, 0, 0)
		: lx(Lpwrite, fd, (long)buf, n, (long)off, 0, 0);
	if(r == -Espipe)
		r = lx(Lwrite, fd, (long)buf, n, 0, 0, 0);
	return r < 0 ? failno(r, nil) : r;
}

static vlong
doseek(vlong *result, int fd, vlong off, int type)
{
	long r;

	if(fd < 0 || fd >= NFD)
		return fail("fd out of range or not open");
	fds[fd].dn = fds[fd].doff = 0;
	r = lx(Llseek, fd, (long)off, type, 0, 0, 0);
	if(r < 0)
		return failno(r, nil);
	*result = r;
	return 0;
}

static vlong
dodup(int old, int new)
{
	long r;

	if(old < 0 || old >= NFD || new >= NFD)
		return fail("fd out of range or not open");
	r = new < 0 ? lx(Ldup, old, 0, 0, 0, 0, 0) : lx(Ldup2, old, new, 0, 0, 0, 0);
	if(r < 0)
		return failno(r, nil);
	if(r != old){
		int fd = adopt(r, fds[old].kind);
		if(fd >= 0)
			fds[fd].pid = fds[old].pid;
		return fd;
	}
	return r;
}

static vlong
doremove(char *name)
{
	char host[PATHLEN];
	long r;

	if(hostname(name, host) < 0)
		return -1;
	r = lx(Lunlink, (long)host, 0, 0, 0, 0, 0);
	if(r == -Eisdir || r == -1)
		r = lx(Lrmdir, (long)host, 0, 0, 0, 0, 0);
	return r < 0 ? failno(r, name) : 0;
}

static vlong
dofd2path(int fd, char *buf, int n)
{
	char link[64], host[PATHLEN];
	long r;

	snprint(link, sizeof link, "/proc/self/fd/%d", fd);
	r = lx(Lreadlink, (long)link, (long)host, sizeof host - 1, 0, 0, 0);
	if(r < 0)
		return fail("fd out of range or not open");
	host[r] = 0;
	return guestname(host, buf, n);
}

static vlong
dochdir(char *name)
{
	char host[PATHLEN];
	long r;

	if(hostname(name, host) < 0)
		return -1;
	r = lx(Lchdir, (long)host, 0, 0, 0, 0, 0);
	return r < 0 ? failno(r, name) : 0;
}

static vlong
dobind(char *new, char *old, int flag)
{
	char host[PATHLEN], clean[PATHLEN];

	if((flag & MORDER) != MREPL)
		return fail("no unions under Linux");
	if(hostname(new, host) < 0)
		return -1;
	strecpy(clean, clean + sizeof clean, old);
	return mapname(cleanname(clean), host);
}

static vlong
doclose(int fd)
{
	long r = lx(Lclose, fd, 0, 0, 0, 0, 0);

	if(r < 0)
		return failno(r, nil);
	if(fd < NFD){
		free(fds[fd].dbuf);
		memset(&fds[fd], 0, sizeof fds[fd]);
	}
	return 0;
}

vlong
filecall(int n, uvlong *a)
{
	char *s = (char*)(uintptr)a[0];
	void *p = (void*)(uintptr)a[1];
	int fd = (int)a[0];
	long r;

	switch(n){
	case OPEN:
		return doopen(s, (int)a[1], 0, 0);
	case CREATE:
		return docreate(s, (int)a[1], (uint)a[2]);
	case CLOSE:
		return doclose(fd);
	case PREAD:
		return doread(fd, p, (long)a[2], (vlong)a[3]);
	case PWRITE:
		return dowrite(fd, p, (long)a[2], (vlong)a[3]);
	case SEEK:
		return doseek((vlong*)(uintptr)a[0], (int)a[1], (vlong)a[2], (int)a[3]);
	case DUP:
		return dodup(fd, (int)a[1]);
	case PIPE:
		r = lx(Lsocketpair, 1, 1, 0, (long)s, 0, 0);
		if(r < 0)
			return failno(r, nil);
		adopt(((int*)s)[0], Kplain);
		adopt(((int*)s)[1], Kplain);
		return 0;
	case REMOVE:
		return doremove(s);
	case CHDIR:
		return dochdir(s);
	case FD2PATH:
		return dofd2path(fd, p, (int)a[2]);
	case STAT:
		return dostat(s, -1, p, (int)a[2]);
	case FSTAT:
		return dostat(nil, fd, p, (int)a[2]);
	case WSTAT:
		return dowstat(s, -1, p, (int)a[2]);
	case FWSTAT:
		return dowstat(nil, fd, p, (int)a[2]);
	case BIND:
		return dobind(s, p, (int)a[2]);
	case UNMOUNT:
		return unmapname(p);
	}
	return fail("system call %d is not there under Linux", n);
}
