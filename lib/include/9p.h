/*
 * The file server framework. A program fills a Srv with call-backs, and
 * perhaps a tree of Files, and gives it to srv() or postmountsrv(). Each
 * call-back gets a Req whose arguments the library has checked, and answers
 * it once with respond(), then or later, from that process or another that
 * shares memory.
 */
#ifndef NINEP_H
#define NINEP_H

typedef struct Fid Fid;
typedef struct Req Req;
typedef struct Fidpool Fidpool;
typedef struct Reqpool Reqpool;
typedef struct File File;
typedef struct Tree Tree;
typedef struct Readdir Readdir;
typedef struct Srv Srv;
typedef struct Reqqueue Reqqueue;
typedef struct Cmdbuf Cmdbuf;
typedef struct Cmdtab Cmdtab;

enum {
	NHASH = 128,		/* chains of a fid or request pool */
	SMALLMSG = 192,		/* messages up to this size need no memory of their own */
};

struct Fid {
	uint	fid;
	int	omode;		/* -1 until opened */
	File	*file;		/* of the tree, if there is one */
	char	*uid;
	Qid	qid;
	void	*aux;
	/* the library's */
	Readdir	*rdir;
	Ref	ref;
	Fidpool	*pool;
	vlong	diroffset;
	long	dirindex;
	Fid	*next;
};

struct Req {
	ushort	tag;
	void	*aux;
	Fcall	ifcall;
	Fcall	ofcall;
	Dir	d;		/* stat: to be filled; wstat: the changes */
	Req	*oldreq;	/* flush */
	Fid	*fid;
	Fid	*afid;
	Fid	*newfid;
	Srv	*srv;
	/* the library's */
	QLock	lk;
	Ref	ref;
	Reqpool	*pool;
	uchar	*buf;		/* the message that ifcall points into, unless it is small */
	uchar	*rbuf;		/* of rcap bytes: data of the reply, room for its header before */
	uint	rcap;
	int	responded;
	int	aborted;	/* a new session began: nobody waits for the answer */
	char	*error;
	Req	**flush;	/* flushes waiting for this one */
	int	nflush;
	Req	*next;		/* hash chain */
	Reqqueue *queue;
	Req	*qnext;
	void	(*qfn)(Req*);
	uchar	small[SMALLMSG];
};

/* A file of a tree: the fields of a Dir, and a reference count. */
struct File {
	union {
		Ref	refs;
		long	ref;
	};
	union {
		Dir	dir;
		struct {
			DIRFIELDS
		};
	};
	File	*parent;	/* the root's is itself */
	void	*aux;
	/* the library's, under the tree's lock */
	Tree	*tree;
	int	dead;		/* removed from its parent */
	File	*first, *last;	/* children, in order of creation */
	File	*next, *prev;	/* siblings */
	File	**hash;		/* children by name */
	uint	nhash;
	uint	nchild;
	File	*hnext;
};

struct Tree {
	File	*root;
	void	(*destroy)(File*);
	/* the library's */
	RWLock	lock;		/* guards names and the shape of the tree */
	uvlong	qidgen;
};

struct Srv {
	Tree	*tree;
	void	(*destroyfid)(Fid*);
	void	(*destroyreq)(Req*);
	void	(*start)(Srv*);
	void	(*end)(Srv*);
	void	*aux;
	char	*keyspec;

	void	(*attach)(Req*);
	void	(*auth)(Req*);
	void	(*open)(Req*);
	void	(*create)(Req*);
	void	(*read)(Req*);
	void	(*write)(Req*);
	void	(*remove)(Req*);
	void	(*flush)(Req*);
	void	(*stat)(Req*);
	void	(*wstat)(Req*);
	void	(*walk)(Req*);
	char	*(*clone)(Fid*, Fid*);
	char	*(*walk1)(Fid*, char*, Qid*);

	int	infd;
	int	outfd;
	int	srvfd;

	/* the library's */
	Fidpool	*fpool;
	Reqpool	*rpool;
	uint	msize;
	uchar	*rbuf;		/* bytes rat to rend of it are read but no request yet */
	uint	rat, rend;
	uchar	*spare;		/* another like it, or nil; under rpool's lock */
	QLock	rlock;
	uchar	*wbuf;
	QLock	wlock;
	QLock	slock;		/* held while a call-back runs */
	Srv	*listener;	/* of a connection: its slock counts for all of them */
	Ref	sref;		/* processes inside srv() */
	Ref	rref;		/* unanswered requests, and one for the loop */
	int	spid;
};

struct Cmdbuf {
	char	*buf;
	char	**f;
	int	nf;
};

struct Cmdtab {
	int	index;
	char	*cmd;
	int	narg;		/* fields, the command included; 0 means any number */
};

extern int chatty9p;

void	srv(Srv*);
int	postsrv(Srv*, char*);
void	postmountsrv(Srv*, char*, char*, int);
void	postsharesrv(Srv*, char*, char*, char*);
void	listensrv(Srv*, char*);
void	threadsrv(Srv*);
int	threadpostsrv(Srv*, char*);
void	threadpostmountsrv(Srv*, char*, char*, int);
void	threadpostsharesrv(Srv*, char*, char*, char*);
void	threadlistensrv(Srv*, char*);
void	srvrelease(Srv*);
void	srvacquire(Srv*);
void	respond(Req*, char*);
void	responderror(Req*);

void	readstr(Req*, char*);
void	readbuf(Req*, void*, long);
void	dirread9p(Req*, int (*)(int, Dir*, void*), void*);

/*
 * Trees. createfile and walkfile return a reference that closefile gives
 * back; a Fid holds one of its file. removefile keeps the caller's.
 * The tree's destroy is called as a file's last reference goes.
 */
Tree	*alloctree(char*, char*, uint, void (*)(File*));
void	freetree(Tree*);
File	*createfile(File*, char*, char*, uint, void*);
int	removefile(File*);
int	renamefile(File*, char*);
File	*walkfile(File*, char*);
void	closefile(File*);
Readdir	*opendirfile(File*);
long	readdirfile(Readdir*, uchar*, long, long);
void	closedirfile(Readdir*);
int	hasperm(File*, char*, int);

/*
 * Authentication by factotum. auth9p is a Srv's auth; the others are for its read and write of
 * a fid whose qid has QTAUTH, its destroyfid, and its attach, which goes on unless it gets -1.
 */
void	auth9p(Req*);
void	authread(Req*);
void	authwrite(Req*);
int	authattach(Req*);
void	authdestroy(Fid*);

Cmdbuf	*parsecmd(char*, int);
Cmdtab	*lookupcmd(Cmdbuf*, Cmdtab*, int);
void	respondcmderror(Req*, Cmdbuf*, char*, ...);

Reqqueue *reqqueuecreate(void);
void	reqqueuepush(Reqqueue*, Req*, void (*)(Req*));
void	reqqueueflush(Reqqueue*, Req*);
void	reqqueuefree(Reqqueue*);

void	*emalloc9p(ulong);
void	*erealloc9p(void*, ulong);
char	*estrdup9p(char*);

#endif
