/*
 * A 9P server that lies. Each session is a process at the end of a pipe; the name of a file
 * says what is wrong with its answers, the name of the session what is wrong with the whole.
 * What the server saw is counted in memory that all share.
 */
#ifndef LIAR_H
#define LIAR_H

#include "guest.h"
#include "lib/include/fcall.h"

enum { NFID = 4000, MSIZE = 32768 + 24, NHELD = 64 };

typedef struct Seen {
	int nfid; /* fids in use */
	int count[Tmax]; /* messages by type */
	int badfid, badtag; /* requests that name a fid or tag they must not */
	int badmessage;
	int manynames; /* the most names in a walk */
	int mixeddots; /* walks with .. among other names */
	int mode;
	uint perm, msize, iosize, afid;
	int versiontag;
	int nmute; /* reads that are never answered; from then on no flush is */
	int deaf; /* do not read requests after one of `deaf' */
	char version[32], uname[32], aname[32];
	uchar stat[512];
	int nstat;
} Seen;

typedef struct Fidinfo {
	int used, open;
	uint fid;
	char name[32];
} Fidinfo;

static Seen *seen;
static Fidinfo *fids;
static uchar *inuse; /* by tag: asked and not answered */
static char *lie;
static int serverfd;
static uchar inbuf[MSIZE + 100], outbuf[MSIZE + 100];
static Fcall held[NHELD]; /* reads that wait */
static char heldname[NHELD][32];
static int nheld;

static inline uchar contentat(char *name, vlong offset)
{
	return (uchar)(offset * 7 + (offset >> 9) + name[0]);
}

static inline int isdirname(char *name)
{
	return name[0] == '\0' || strncmp(name, "dir", 3) == 0 || name[0] == 'n';
}

static inline Qid qidof(char *name)
{
	Qid q = { 1, 7, 0 };

	q.type = isdirname(name) ? QTDIR : 0;
	for (; *name != '\0'; name++)
		q.path = q.path * 31 + (uchar)*name;
	return q;
}

static inline Fidinfo *fidof(uint fid)
{
	int i;

	for (i = 0; i < NFID; i++)
		if (fids[i].used && fids[i].fid == fid)
			return &fids[i];
	return nil;
}

static inline Fidinfo *newfid(uint fid, char *name)
{
	int i;

	if (fidof(fid) != nil)
		seen->badfid++;
	for (i = 0; i < NFID && fids[i].used; i++)
		;
	if (i == NFID)
		sysfatal("liar: no fids");
	memset(&fids[i], 0, sizeof fids[i]);
	fids[i].used = 1;
	fids[i].fid = fid;
	strecpy(fids[i].name, fids[i].name + sizeof fids[i].name, name);
	seen->nfid++;
	return &fids[i];
}

static inline void clunk(Fidinfo *f)
{
	f->used = 0;
	seen->nfid--;
}

static inline void sendraw(void *p, long n)
{
	if (write(serverfd, p, n) != n)
		_exits(nil);
}

static inline void answer(Fcall *r)
{
	uint n = convS2M(r, outbuf, sizeof outbuf);

	if (n == 0)
		sysfatal("liar: cannot encode type %d", r->type);
	if (r->tag != NOTAG)
		inuse[r->tag] = 0;
	sendraw(outbuf, n);
}

static inline void refuse(Fcall *t, char *why)
{
	Fcall r = { .type = Rerror, .tag = t->tag, .ename = why };

	answer(&r);
}

static inline long entry(uchar *p, long n, char *name)
{
	Dir d = {
		.qid = qidof(name), .mode = isdirname(name) ? DMDIR | 0777 : 0666, .length = 1000
	};

	d.name = name[0] == '\0' ? "/" : name;
	d.uid = d.gid = d.muid = "liar";
	d.type = 99;
	d.dev = 99;
	return convD2M(&d, p, n);
}

/* ---- reads ---- */

static inline void answerdata(Fcall *t, char *name, uint count)
{
	static uchar data[MSIZE];
	Fcall r = { .type = Rread, .tag = t->tag, .count = count, .data = (char *)data };
	uint i;

	for (i = 0; i < count; i++)
		data[i] = contentat(name, t->offset + i);
	answer(&r);
}

/* A message of that type with count bytes of body, whatever the type wants. */
static inline void answerbody(int type, uint tag, void *body, uint n)
{
	PBIT32(outbuf, 7 + n);
	outbuf[4] = (uchar)type;
	PBIT16(outbuf + 5, tag);
	memmove(outbuf + 7, body, n);
	sendraw(outbuf, 7 + n);
	inuse[tag] = 0;
}

static inline void readdirectory(Fcall *t, Fidinfo *f)
{
	static uchar data[4096];
	Fcall r = { .type = Rread, .tag = t->tag, .data = (char *)data };
	long n = strcmp(f->name, "dirmute") == 0 ? 0 : entry(data, sizeof data, "first");

	r.count = n;
	if (n == 0) {
		seen->nmute++;
		return;
	}
	if (strcmp(f->name, "direndless") == 0) {
		answer(&r);
		return;
	}
	if (t->offset > 0)
		r.count = 0;
	else if (strcmp(f->name, "dirgarbage") == 0)
		memset(data, 0xff, n);
	else if (strcmp(f->name, "dirshort") == 0)
		r.count = n - 3;
	else if (strcmp(f->name, "dirtiny") == 0)
		r.count = 1;
	else if (strcmp(f->name, "dirlength") == 0)
		data[41] = 200; /* the length of the name */
	else if (strcmp(f->name, "dirtwo") == 0)
		r.count += entry(data + n, sizeof data - n, "second");
	else if (strcmp(f->name, "direrror") == 0) {
		refuse(t, "no reading here");
		return;
	}
	answer(&r);
}

static inline void hold(Fcall *t, Fidinfo *f)
{
	if (nheld == NHELD)
		sysfatal("liar: too much held");
	strcpy(heldname[nheld], f->name);
	held[nheld++] = *t;
}

/* Answers held reads but the newest keep, newest first. */
static inline void release(int keep)
{
	Fcall last;
	char name[32];
	int i;

	if (nheld == 0)
		return;
	last = held[nheld - 1];
	strcpy(name, heldname[nheld - 1]);
	for (i = nheld - 1 - keep; i >= 0; i--)
		answerdata(&held[i], heldname[i], held[i].count > MSIZE ? 0 : held[i].count);
	nheld = 0;
	if (keep) {
		held[0] = last;
		strcpy(heldname[0], name);
		nheld = 1;
	}
}

static inline void readfile(Fcall *t, Fidinfo *f)
{
	uchar body[64] = { 0 };
	static int turn;
	char *name = f->name, longtext[400];

	if (strcmp(name, "type") == 0)
		answerbody(Rwrite, t->tag, body, 4);
	else if (strcmp(name, "truncated") == 0) {
		PBIT32(body, 50);
		answerbody(Rread, t->tag, body, 14);
	} else if (strcmp(name, "trailing") == 0) {
		PBIT32(body, 2);
		answerbody(Rread, t->tag, body, 14);
	} else if (strcmp(name, "tag") == 0) {
		answerbody(Rread, 0x7777, body, 4);
		answerdata(t, name, t->count);
	} else if (strcmp(name, "more") == 0)
		answerdata(t, name, t->count + 90);
	else if (strcmp(name, "short") == 0)
		answerdata(t, name, t->count / 2);
	else if (strcmp(name, "error") == 0)
		refuse(t, "this is not to be read");
	else if (strcmp(name, "longerror") == 0) {
		memset(longtext, 'e', sizeof longtext);
		longtext[sizeof longtext - 1] = '\0';
		refuse(t, longtext);
	} else if (strcmp(name, "size3") == 0)
		sendraw("\003\0\0\0\0\0\0", 7);
	else if (strcmp(name, "size4g") == 0)
		sendraw("\377\377\377\377\165\1\0", 7);
	else if (strcmp(name, "half") == 0) {
		sendraw("\100\0\0\0\165", 5);
		_exits(nil);
	} else if (strcmp(name, "die") == 0)
		_exits(nil);
	else if (strcmp(name, "mute") == 0)
		seen->nmute++;
	else if (strcmp(name, "deaf") == 0) {
		answerdata(t, name, t->count);
		while (seen->deaf)
			sleep(10);
	} else if (strcmp(name, "block") == 0 || strcmp(name, "late") == 0 ||
		strcmp(name, "second") == 0)
		hold(t, f);
	else if (strcmp(name, "a") == 0)
		hold(t, f);
	else if (strcmp(name, "b") == 0) {
		answerdata(t, name, t->count);
		release(0);
	} else if (strcmp(name, "shuffle") == 0) {
		hold(t, f);
		if (nheld >= 3)
			release(0);
	} else if (strcmp(name, "sometimes") == 0 && ++turn % 3 == 0)
		hold(t, f);
	else
		answerdata(t, name, t->count);
}

/* ---- the other requests ---- */

static inline void doversion(Fcall *t)
{
	Fcall r = { .type = Rversion, .tag = t->tag, .msize = t->msize, .version = "9P2000" };

	seen->msize = t->msize;
	seen->versiontag = t->tag;
	strecpy(seen->version, seen->version + sizeof seen->version, t->version);
	if (strcmp(lie, "vnever") == 0)
		return;
	if (strcmp(lie, "veof") == 0)
		_exits(nil);
	if (strcmp(lie, "verror") == 0) {
		refuse(t, "no version for you");
		return;
	}
	if (strcmp(lie, "vmore") == 0)
		r.msize++;
	if (strcmp(lie, "vless") == 0)
		r.msize = 100;
	if (strcmp(lie, "vsmall") == 0)
		r.msize = 1000;
	if (strcmp(lie, "vunknown") == 0)
		r.version = "unknown";
	if (strcmp(lie, "vtype") == 0)
		r.type = Rflush;
	answer(&r);
}

static inline void dowalk(Fcall *t, Fidinfo *f)
{
	Fcall r = { .type = Rwalk, .tag = t->tag };
	char name[32];
	int i;

	if (t->nwname > seen->manynames)
		seen->manynames = t->nwname;
	strcpy(name, f->name);
	for (i = 0; i < t->nwname; i++) {
		if (strcmp(t->wname[i], "..") == 0 && t->nwname > 1)
			seen->mixeddots++;
		if (strncmp(t->wname[i], "none", 4) == 0)
			break;
		strecpy(name, name + sizeof name,
			strcmp(t->wname[i], "..") == 0 ? "" : t->wname[i]);
		r.wqid[r.nwqid++] = qidof(name);
	}
	if (t->nwname > 0 && r.nwqid == 0) {
		refuse(t, "file does not exist");
		return;
	}
	if (t->nwname > 0 && strcmp(name, "walkmore") == 0)
		r.nwqid++;
	else if (t->nwname > 0 && strcmp(name, "walkless") == 0 && r.nwqid > 1)
		r.nwqid--;
	else if (r.nwqid == t->nwname) {
		if (t->newfid == t->fid)
			strcpy(f->name, name);
		else
			newfid(t->newfid, name);
	}
	answer(&r);
}

static inline void dostat(Fcall *t, Fidinfo *f)
{
	static uchar data[600];
	Fcall r = { .type = Rstat, .tag = t->tag, .stat = data };

	r.nstat = entry(data, sizeof data, f->name);
	if (strcmp(f->name, "badstat") == 0)
		data[0] += 5;
	if (strcmp(f->name, "tinystat") == 0)
		r.nstat = 20;
	if (strcmp(f->name, "badstat") == 0 || strcmp(f->name, "tinystat") == 0) {
		memmove(outbuf + 2, data, r.nstat);
		PBIT16(outbuf, r.nstat);
		memmove(data, outbuf, r.nstat + 2);
		answerbody(Rstat, t->tag, data, r.nstat + 2);
		return;
	}
	answer(&r);
}

static inline void doflush(Fcall *t)
{
	static Fcall waiting;
	Fcall r = { .type = Rflush, .tag = t->tag };
	static int turn;
	int i;

	if (seen->nmute > 0)
		return;
	for (i = 0; i < nheld && held[i].tag != t->oldtag; i++)
		;
	if (i < nheld && strcmp(heldname[i], "second") == 0 && waiting.type == 0) {
		waiting = *t;
		return;
	}
	if (i < nheld) {
		if (strcmp(heldname[i], "late") == 0 ||
			(strcmp(heldname[i], "sometimes") == 0 && ++turn % 2))
			answerdata(&held[i], heldname[i], held[i].count);
		else
			inuse[held[i].tag] = 0;
		nheld--;
		held[i] = held[nheld];
		memmove(heldname[i], heldname[nheld], sizeof heldname[i]);
	}
	if (waiting.type != 0) {
		r.tag = waiting.tag;
		waiting.type = 0;
		answer(&r);
		r.tag = t->tag;
	}
	answer(&r);
}

static inline void doopen(Fcall *t, Fidinfo *f)
{
	Fcall r = { .type = t->type + 1, .tag = t->tag };

	seen->mode = t->mode;
	if (t->type == Tcreate) {
		seen->perm = t->perm;
		strecpy(f->name, f->name + sizeof f->name, t->name);
	}
	r.qid = qidof(f->name);
	if (strcmp(f->name, "iounit") == 0)
		r.iounit = 10;
	if (strcmp(f->name, "openerror") == 0) {
		refuse(t, "not to be opened");
		return;
	}
	f->open = 1;
	if (strcmp(f->name, "nonemute") == 0 || strcmp(f->name, "openmute") == 0)
		seen->nmute++;
	else
		answer(&r);
}

static inline void doattach(Fcall *t)
{
	Fcall r = { .type = Rattach, .tag = t->tag, .qid = qidof("") };

	strecpy(seen->uname, seen->uname + sizeof seen->uname, t->uname);
	strecpy(seen->aname, seen->aname + sizeof seen->aname, t->aname);
	seen->afid = t->afid;
	if (strcmp(t->aname, "refuse") == 0) {
		refuse(t, "no such tree");
		return;
	}
	newfid(t->fid, "");
	answer(&r);
}

static inline void doauth(Fcall *t)
{
	Fcall r = { .type = Rauth, .tag = t->tag, .aqid = { 5, 0, QTAUTH } };

	if (strcmp(lie, "auth") != 0) {
		refuse(t, "no authentication here");
		return;
	}
	newfid(t->afid, "authfile")->open = 1;
	answer(&r);
}

static inline void dispatch(Fcall *t)
{
	Fidinfo *f = nil;
	Fcall r = { .type = t->type + 1, .tag = t->tag, .count = t->count };

	if (t->type == Tversion || t->type == Tauth || t->type == Tattach || t->type == Tflush) {
		(t->type == Tversion		     ? doversion
				: t->type == Tauth   ? doauth
				: t->type == Tattach ? doattach
						     : doflush)(t);
		return;
	}
	if ((f = fidof(t->fid)) == nil) {
		seen->badfid++;
		refuse(t, "unknown fid");
		return;
	}
	switch (t->type) {
	case Twalk:
		dowalk(t, f);
		break;
	case Topen:
	case Tcreate:
		doopen(t, f);
		break;
	case Tread:
		if (t->count > seen->iosize)
			seen->iosize = t->count;
		if (isdirname(f->name))
			readdirectory(t, f);
		else
			readfile(t, f);
		break;
	case Twrite:
		if (strcmp(f->name, "shortwrite") == 0)
			r.count = t->count / 2;
		if (strcmp(f->name, "morewrite") == 0)
			r.count = t->count * 2;
		answer(&r);
		break;
	case Tclunk:
	case Tremove:
		if (t->type == Tremove && strcmp(f->name, "removemute") == 0)
			seen->nmute++;
		else if (strcmp(f->name, "clunkerror") == 0)
			refuse(t, "not to be clunked");
		else
			answer(&r);
		clunk(f);
		break;
	case Tstat:
		dostat(t, f);
		break;
	case Twstat:
		memmove(seen->stat, t->stat, t->nstat < sizeof seen->stat ? t->nstat : 0);
		seen->nstat = t->nstat;
		answer(&r);
		break;
	}
}

static inline void onidle(void *u, char *note)
{
	USED(u);
	noted(strcmp(note, "alarm") == 0 ? NCONT : NDFLT);
}

static inline void serve(void)
{
	Fcall t;
	int n;

	fids = mallocz(NFID * sizeof *fids, 1);
	inuse = mallocz(65536, 1);
	notify(onidle);
	for (;;) {
		alarm(nheld > 0 && strcmp(heldname[0], "shuffle") == 0 ? 10 : 0);
		n = read9pmsg(serverfd, inbuf, sizeof inbuf);
		if (n < 0 && nheld > 0) {
			release(0);
			continue;
		}
		if (n <= 0)
			_exits(nil);
		memset(&t, 0, sizeof t);
		if (convM2S(inbuf, n, &t) != (uint)n) {
			seen->badmessage++;
			_exits("bad message");
		}
		if (t.type < Tmax)
			seen->count[t.type]++;
		if (t.tag != NOTAG && inuse[t.tag])
			seen->badtag++;
		if (t.tag != NOTAG)
			inuse[t.tag] = 1;
		dispatch(&t);
	}
}

/* Starts a session; returns the client's end of the pipe and the server's pid. */
static inline int liar(char *session, int *pid)
{
	int p[2], i;

	if (seen == nil)
		seen = segattach(0, "shared", nil, sizeof *seen);
	memset(seen, 0, sizeof *seen);
	if (pipe(p) < 0)
		sysfatal("pipe: %r");
	*pid = rfork(RFPROC | RFFDG);
	if (*pid == 0) {
		serverfd = p[1];
		lie = session;
		for (i = 3; i < 40; i++)
			if (i != serverfd)
				close(i);
		serve();
	}
	close(p[1]);
	return p[0];
}

#endif
