/*
 * The client's side of 9P, one message at a time or several under way.
 */
enum {
	MSIZE = 8192 + IOHDRSZ,
};

static int fd;
static uchar mbuf[64*1024];
static char err[ERRMAX];

static inline void
send(Fcall *t, ushort tag)
{
	uint n;

	t->tag = tag;
	n = convS2M(t, mbuf, sizeof mbuf);
	if(n == 0 || write(fd, mbuf, n) != (long)n)
		sysfatal("write: %r");
}

/* The tag of the next answer; the text of an error is left in err. */
static inline int
receive(Fcall *r)
{
	int m;

	m = read9pmsg(fd, mbuf, sizeof mbuf);
	if(m <= 0)
		sysfatal("no answer: %r");
	memset(r, 0, sizeof *r);
	if(convM2S(mbuf, (uint)m, r) != (uint)m)
		sysfatal("bad answer");
	err[0] = 0;
	if(r->type == Rerror)
		strecpy(err, err + sizeof err, r->ename);
	return r->tag;
}

/* Sends t and waits for the answer; its type, 0 for an error in err. */
static inline int
rpc(Fcall *t, Fcall *r)
{
	send(t, t->type == Tversion ? NOTAG : 1);
	if(receive(r) != t->tag || (r->type != Rerror && r->type != t->type + 1))
		sysfatal("answer of type %d, tag %d to %d", r->type, r->tag, t->type);
	return r->type == Rerror ? 0 : r->type;
}

static inline int
attach(uint fid, char *user)
{
	Fcall t = { .type = Tattach, .fid = fid, .afid = NOFID, .uname = user, .aname = "" }, r;

	return rpc(&t, &r);
}

/* Walks a path of elements separated by slashes; how many steps succeeded, -1 on error. */
static inline int
walk(uint from, uint to, char *path)
{
	Fcall t = { .type = Twalk, .fid = from, .newfid = to }, r;
	char buf[256];

	strecpy(buf, buf + sizeof buf, path);
	t.nwname = (ushort)getfields(buf, t.wname, MAXWELEM, 1, "/");
	return rpc(&t, &r) ? r.nwqid : -1;
}

static inline int
fsopen(uint fid, int mode)
{
	Fcall t = { .type = Topen, .fid = fid, .mode = (uchar)mode }, r;

	return rpc(&t, &r);
}

static inline int
fscreate(uint fid, char *name, uint perm, int mode)
{
	Fcall t = { .type = Tcreate, .fid = fid, .name = name, .perm = perm,
		.mode = (uchar)mode }, r;

	return rpc(&t, &r);
}

static inline int
clunk(uint fid)
{
	Fcall t = { .type = Tclunk, .fid = fid }, r;

	return rpc(&t, &r);
}

static inline int
fsremove(uint fid)
{
	Fcall t = { .type = Tremove, .fid = fid }, r;

	return rpc(&t, &r);
}

static inline long
fsread(uint fid, char *buf, uint n, vlong off)
{
	Fcall t = { .type = Tread, .fid = fid, .offset = off, .count = n }, r;

	if(!rpc(&t, &r))
		return -1;
	memmove(buf, r.data, r.count);
	buf[r.count] = 0;
	return r.count;
}

static inline long
fswrite(uint fid, char *s, uint n, vlong off)
{
	Fcall t = { .type = Twrite, .fid = fid, .offset = off, .count = n, .data = s }, r;

	return rpc(&t, &r) ? (long)r.count : -1;
}

/* The strings are lost with the buffer: only numbers and, in name, the name. */
static inline int
fsstat(uint fid, Dir *d, char *name)
{
	static char strs[1024];
	Fcall t = { .type = Tstat, .fid = fid }, r;

	if(!rpc(&t, &r) || convM2D(r.stat, r.nstat, d, strs) == 0)
		return 0;
	strcpy(name, d->name);
	return 1;
}

static inline int
fswstat(uint fid, Dir *d)
{
	uchar buf[1024];
	Fcall t = { .type = Twstat, .fid = fid, .stat = buf }, r;

	t.nstat = (ushort)convD2M(d, buf, sizeof buf);
	return rpc(&t, &r);
}
