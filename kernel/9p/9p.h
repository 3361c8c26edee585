/*
 * 9p: the 9P2000 message codec and the mount driver, the client that turns
 * operations on channels into messages. Facts: doc/9p.md.
 */
#ifndef NINEP_9P_H
#define NINEP_9P_H

#include "base/base.h"
#include "base/error.h"
#include "chan/chan.h"

enum FcallType {
	Tversion = 100, Rversion, Tauth, Rauth, Tattach, Rattach, Terror, Rerror, Tflush, Rflush,
	Twalk, Rwalk,
	Topen, Ropen, Tcreate, Rcreate, Tread, Rread, Twrite, Rwrite, Tclunk, Rclunk, Tremove,
	Rremove,
	Tstat, Rstat, Twstat, Rwstat, Tmax
};

enum { NOTAG = 0xFFFF, IOHDRSZ = 24, HEADER_SIZE = 7, MSIZE_DEFAULT = 32768 + IOHDRSZ,
	MSIZE_MIN = 256,
	MSIZE_MAX = 1 << 20, VERSION_MSIZE = 8216 };
#define NOFID	0xFFFFFFFFU

/* A string or bytes inside a message; not terminated. */
typedef struct Bytes { const u8 *p; u32 n; } Bytes;

/* Every field of every message; which ones count depends on type. */
typedef struct Fcall Fcall;
struct Fcall {
	u8 type, mode;
	u16 tag, oldtag, nwname, nwqid;
	u32 msize, fid, afid, newfid, iounit, perm, count;
	u64 offset;
	Qid qid;
	Bytes version, ename, uname, aname, name, data, stat;
	/* The first nwname and nwqid of these. They stay last: fcall_init leaves them alone. */
	Bytes wname[MAXWELEM];
	Qid wqid[MAXWELEM];
};

/* A message of that type, all of it 0. */
static inline void fcall_init(Fcall *f, u8 type)
{
	memset(f, 0, __builtin_offsetof(Fcall, wname));
	f->type = type;
}

static inline Bytes bytes_of(const char *s) { return (Bytes){ (const u8 *)s, (u32)strlen(s) }; }

/* The size of the encoded message; 0 for an unknown type. */
usize fcall_size(const Fcall *f);
/*
 * Encode into buf of n bytes; the size, or 0 when it does not fit. Twrite and Rread: data.p nil
 * leaves room for data.n bytes.
 */
usize fcall_encode(const Fcall *f, u8 *buf, usize n);
/*
 * Decode exactly one message of n bytes, size field included. Pointers lie in buf. False when it is
 * malformed in any way.
 */
bool fcall_decode(const u8 *buf, usize n, Fcall *f);
const char *fcall_name(u32 type);

/* The mount driver: #M (9p/devmnt.c). */
extern const Dev devmnt;

#endif
