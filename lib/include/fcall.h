/*
 * 9P messages and their wire form. Strings and data of a converted message
 * point into the buffer it was converted from.
 */
#ifndef FCALL_H
#define FCALL_H

#define VERSION9P	"9P2000"

enum {
	MAXWELEM = 16,
	MAXWELEN = MAXWELEM,
	BIT8SZ = 1,
	BIT16SZ = 2,
	BIT32SZ = 4,
	BIT64SZ = 8,
	QIDSZ = BIT8SZ + BIT32SZ + BIT64SZ,
	STATFIXLEN = 49,		/* a Dir with four empty strings */
	IOHDRSZ = 24,			/* room for the header of Twrite or Rread */
	MINMSIZE = 256,
};

#define NOTAG	((ushort)~0U)
#define NOFID	(~0U)
#define NOUID	(-1)

enum {
	Tversion = 100,
	Rversion,
	Tauth = 102,
	Rauth,
	Tattach = 104,
	Rattach,
	Terror = 106,			/* illegal */
	Rerror,
	Tflush = 108,
	Rflush,
	Twalk = 110,
	Rwalk,
	Topen = 112,
	Ropen,
	Tcreate = 114,
	Rcreate,
	Tread = 116,
	Rread,
	Twrite = 118,
	Rwrite,
	Tclunk = 120,
	Rclunk,
	Tremove = 122,
	Rremove,
	Tstat = 124,
	Rstat,
	Twstat = 126,
	Rwstat,
	Tmax,
};

typedef struct Fcall Fcall;
struct Fcall {
	uchar	type;
	uint	fid;
	ushort	tag;
	uint	msize;			/* Tversion, Rversion */
	char	*version;		/* Tversion, Rversion */
	ushort	oldtag;			/* Tflush */
	char	*ename;			/* Rerror */
	Qid	qid;			/* Rattach, Ropen, Rcreate */
	uint	iounit;			/* Ropen, Rcreate */
	Qid	aqid;			/* Rauth */
	uint	afid;			/* Tauth, Tattach */
	char	*uname;			/* Tauth, Tattach */
	char	*aname;			/* Tauth, Tattach */
	uint	perm;			/* Tcreate */
	char	*name;			/* Tcreate */
	uchar	mode;			/* Tcreate, Topen */
	uint	newfid;			/* Twalk */
	ushort	nwname;			/* Twalk */
	char	*wname[MAXWELEM];	/* Twalk */
	ushort	nwqid;			/* Rwalk */
	Qid	wqid[MAXWELEM];		/* Rwalk */
	vlong	offset;			/* Tread, Twrite */
	uint	count;			/* Tread, Twrite, Rread, Rwrite */
	char	*data;			/* Twrite, Rread */
	ushort	nstat;			/* Twstat, Rstat */
	uchar	*stat;			/* Twstat, Rstat */
};

static inline uint
_gbit16(uchar *p)
{
	return p[0] | p[1]<<8;
}

static inline uint
_gbit32(uchar *p)
{
	return _gbit16(p) | _gbit16(p+2)<<16;
}

static inline uvlong
_gbit64(uchar *p)
{
	return _gbit32(p) | (uvlong)_gbit32(p+4)<<32;
}

static inline void
_pbit(uchar *p, uvlong v, int n)
{
	while(n-- > 0){
		*p++ = (uchar)v;
		v >>= 8;
	}
}

#define GBIT8(p)	((p)[0])
#define GBIT16(p)	_gbit16(p)
#define GBIT32(p)	_gbit32(p)
#define GBIT64(p)	_gbit64(p)
#define PBIT8(p, v)	((p)[0] = (uchar)(v))
#define PBIT16(p, v)	_pbit((p), (uvlong)(v), BIT16SZ)
#define PBIT32(p, v)	_pbit((p), (uvlong)(v), BIT32SZ)
#define PBIT64(p, v)	_pbit((p), (uvlong)(v), BIT64SZ)

uint	convM2S(uchar*, uint, Fcall*);
uint	convS2M(Fcall*, uchar*, uint);
uint	sizeS2M(Fcall*);
int	read9pmsg(int, void*, uint);
int	fcallfmt(Fmt*);
int	dirfmt(Fmt*);
int	dirmodefmt(Fmt*);

#endif
