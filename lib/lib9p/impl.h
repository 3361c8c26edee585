/*
 * What the files of lib9p share.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>

struct Fidpool {
	Lock	lock;
	Fid	*hash[NHASH];
	void	(*destroy)(Fid*);
	Srv	*srv;
};

struct Reqpool {
	Lock	lock;
	Req	*hash[NHASH];
	Req	*free;			/* for the next requests */
	int	nfree;
	void	(*destroy)(Req*);
	Srv	*srv;
};

enum {
	MAXMSIZE = 32*1024 + IOHDRSZ,	/* offered to clients */
	MAXFREE = 8,			/* requests kept for reuse */
	RREADHDR = 11,			/* bytes before the data of Rread */
	RDATA = 16,			/* where data begins in rbuf */
};

extern char _Ebadoffset[], _Ebadfid[], _Ecreate[], _Eremove[], _Ewrite[], _Estat[], _Ewstat[];
extern char _Enoread[], _Edupfid[], _Eperm[], _Enotdir[], _Eisdir[], _Enoent[], _Eopen[];
extern char _Eexist[], _Enotempty[], _Einterrupted[], _Ebadname[], _Enotag[], _Emalformed[];

/* pool.c: each alloc and lookup returns a reference for close to give back. */
Fidpool	*_allocfidpool(Srv*);
Fid	*_allocfid(Fidpool*, uint);
Fid	*_lookupfid(Fidpool*, uint);
Fid	*_removefid(Fidpool*, uint);
void	_closefid(Fid*);
void	_freefidpool(Fidpool*);
Reqpool	*_allocreqpool(Srv*);
void	_freereqpool(Reqpool*);
Req	*_newreq(Srv*);
int	_enterreq(Reqpool*, Req*);
uchar	*_newrbuf(Srv*);
Req	*_lookupreq(Reqpool*, ushort);
void	_removereq(Req*);
void	_closereq(Req*);
void	_abortreqs(Reqpool*);

/*
 * fork.c: runs f(arg) in a new process that shares memory, made with those further flags of
 * rfork; -1 if that fails. f does not return. Programs of threads have another (thread.c).
 */
extern int (*_srvfork)(void (*)(void*), void*, int);

/* srv.c, request.c, reply.c */
void	_dispatch(Srv*, Req*);
void	_finish(Req*, char**);
int	_postpipe(Srv*, char*);
void	_listen(Srv*, char*);
void	_share(char*, char*, int);
void	_trace(char*, Fcall*);
