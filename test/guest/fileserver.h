/*
 * A 9P server in one process that speaks as badly as a case wants: an honest answer is
 * made first, then the case's bend() may change it, break it, hold it back or send what
 * it likes. Its tree: / holds file and dir, dir holds file; any other name is a file too
 * if it begins with x, and new ones can be created. Byte o of a file of path p is
 * byteat(p, o): reading and writing need no memory, and both sides can check all data.
 *
 * The server keeps books of its fids and ends with `fids N` if N are left when the
 * client has gone.
 */
#include "guest.h"
#include "lib/include/fcall.h"

enum {
	SRVMSIZE = 8192 + IOHDRSZ,
	PROOT = 0, PFILE = 1, PDIR = 2, PINNER = 3, PMADE = 1000,
	FILELEN = 40000,
	NFIDS = 4096,
	STALLED = 1 << 20,
};

typedef struct Book Book;
struct Book {
	int live;
	uint fid;
	uvlong path;
};

static int sfd;			/* the server's end of the connection */
static Fcall T, R;		/* a request, and the answer to it */
static uchar in[STALLED], out[STALLED];
static int outn;
static Book books[NFIDS];
static int nrequest[Tmax];	/* requests of each type so far */
static int nbent;		/* requests that were answered badly */

static inline int byteat(uvlong path, vlong off)
{
	return (uchar)(path * 131 + (uvlong)off * 7 + (uvlong)off / 251);
}

/* ---- sending ---- */

static inline void encode(void)
{
	R.tag = T.tag;
	outn = (int)convS2M(&R, out, sizeof out);
}

static inline void put(void *p, long n)
{
	if (write(sfd, p, n) != n)
		_exits("server cannot write");
}

static inline void send(void)
{
	put(out, outn);
}

/* In a bend: this one is answered honestly after all. */
static inline void pass(void)
{
	nbent--;
	send();
}

static inline void refuse(char *why)
{
	memset(&R, 0, sizeof R);
	R.type = Rerror;
	R.ename = why;
	encode();
}

/* ---- the tree ---- */

static inline Book *book(uint fid)
{
	int i;

	for (i = 0; i < NFIDS; i++)
		if (books[i].live && books[i].fid == fid)
			return &books[i];
	return nil;
}

static inline int newbook(uint fid, uvlong path)
{
	int i;

	if (book(fid) != nil)
		return 0;
	for (i = 0; books[i].live; i++)
		if (i == NFIDS - 1)
			return 0;
	books[i] = (Book){ 1, fid, path };
	return 1;
}

static inline Qid qidof(uvlong path)
{
	Qid q = { .path = path, .vers = 1, .type = path == PROOT || path == PDIR ? QTDIR : 0 };
	return q;
}

static inline int entry(uvlong path, char *name, uchar *buf, uint n)
{
	Dir d;

	memset(&d, 0, sizeof d);
	d.qid = qidof(path);
	d.mode = (uint)d.qid.type << 24 | 0777;
	d.length = d.qid.type & QTDIR ? 0 : FILELEN;
	d.name = name;
	d.uid = d.gid = d.muid = "glenda";
	return (int)convD2M(&d, buf, n);
}

/* 0 and the file's path, or -1. */
static inline int child(uvlong dir, char *name, uvlong *path)
{
	*path = ~0ULL;
	if (dir != PROOT && dir != PDIR)
		return -1;
	if (strcmp(name, "..") == 0)
		*path = PROOT;
	else if (strcmp(name, "file") == 0)
		*path = dir == PROOT ? PFILE : PINNER;
	else if (strcmp(name, "dir") == 0)
		*path = PDIR;
	else if (name[0] == 'x')
		*path = PMADE + (uvlong)atoi(name + 1);
	return *path == ~0ULL ? -1 : 0;
}

static inline char *dowalk(Book *b)
{
	uvlong path = b->path;
	int i;

	R.nwqid = 0;
	for (i = 0; i < T.nwname && child(path, T.wname[i], &path) == 0; i++)
		R.wqid[R.nwqid++] = qidof(path);
	if (i < T.nwname)
		return i == 0 ? "file does not exist" : nil;
	if (T.newfid == T.fid)
		b->path = path;
	else if (!newbook(T.newfid, path))
		return "fid in use";
	return nil;
}

static inline char *doread(Book *b)
{
	static uchar data[STALLED];
	uint i, n = 0;

	if (qidof(b->path).type & QTDIR) {
		if (T.offset == 0) {
			n = (uint)entry(b->path == PROOT ? PFILE : PINNER, "file", data, 500);
			if (b->path == PROOT)
				n += (uint)entry(PDIR, "dir", data + n, 500);
		}
	} else {
		for (i = 0; i < T.count && T.offset + i < FILELEN; i++)
			data[i] = (uchar)byteat(b->path, T.offset + i);
		n = i;
	}
	R.data = (char *)data;
	R.count = n;
	return nil;
}

static inline char *dowrite(Book *b)
{
	uint i;

	for (i = 0; i < T.count; i++)
		if ((uchar)T.data[i] != byteat(b->path, T.offset + i))
			return "the server got other data than was sent";
	R.count = T.count;
	return nil;
}

/* What an honest server does with T on fid b; an error text or nil. */
static inline char *perform(Book *b)
{
	static uchar stat[512];

	switch (T.type) {
	case Twalk:
		return dowalk(b);
	case Topen:
		R.qid = qidof(b->path);
		return nil;
	case Tcreate:
		b->path = PMADE;
		R.qid = qidof(b->path);
		return nil;
	case Tread:
		return doread(b);
	case Twrite:
		return dowrite(b);
	case Tclunk:
	case Tremove:
		b->live = 0;
		return nil;
	case Tstat:
		R.nstat = (ushort)entry(b->path, b->path == PROOT ? "/" :
			b->path == PDIR ? "dir" : "file", stat, sizeof stat);
		R.stat = stat;
		return nil;
	case Twstat:
		return nil;
	default:
		return "no such message";
	}
}

/* Makes the honest answer to T. */
static inline void honest(void)
{
	char *err = nil;
	Book *b;

	memset(&R, 0, sizeof R);
	switch (T.type) {
	case Tversion:
		R.msize = T.msize < SRVMSIZE ? T.msize : SRVMSIZE;
		R.version = "9P2000";
		break;
	case Tauth:
		err = "no authentication";
		break;
	case Tattach:
		R.qid = qidof(PROOT);
		err = newbook(T.fid, PROOT) ? nil : "fid in use";
		break;
	case Tflush:
		break;
	default:
		b = book(T.fid);
		err = b == nil ? "unknown fid" : perform(b);
	}
	R.type = (uchar)(T.type + 1);
	if (err != nil)
		refuse(err);
	else
		encode();
}

/* ---- the server's life ---- */

/* Reads on without answering until the client has gone. */
static inline void stall(void)
{
	while (read(sfd, in, sizeof in) > 0)
		;
	_exits(nil);
}

static inline int request(void)
{
	int n = read9pmsg(sfd, in, sizeof in);

	if (n <= 0)
		return 0;
	if (convM2S(in, (uint)n, &T) != (uint)n)
		_exits("the kernel sent a bad message");
	nrequest[T.type]++;
	return 1;
}

static inline void endserver(void)
{
	char status[32];
	int i, left = 0;

	for (i = 0; i < NFIDS; i++)
		left += books[i].live;
	snprint(status, sizeof status, "fids %d", left);
	_exits(left == 0 ? nil : status);
}

/*
 * Starts a server in a child; the descriptor to mount is returned. bend is called for the
 * first so many requests of that type (0: any) after honest(), and must send what is to be sent.
 */
static inline int serve(int type, void (*bend)(void), int times, int *pid)
{
	int fd[2];

	if (pipe(fd) < 0)
		sysfatal("pipe: %r");
	*pid = rfork(RFPROC | RFFDG | RFNOTEG | RFNAMEG);
	if (*pid < 0)
		sysfatal("rfork: %r");
	if (*pid > 0) {
		close(fd[1]);
		return fd[0];
	}
	close(fd[0]);
	alarm(0);
	notify(nil);
	sfd = fd[1];
	while (request()) {
		honest();
		if (bend != nil && (type == 0 || type == T.type) && nbent < times) {
			nbent++;
			bend();
		} else
			send();
	}
	endserver();
	return -1;
}
