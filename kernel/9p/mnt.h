/*
 * Private to 9p/: the connection behind mounted channels, and calls over it.
 */
#ifndef NINEP_MNT_H
#define NINEP_MNT_H

#include "9p/9p.h"

typedef struct Mnt Mnt;
typedef struct Rpc Rpc;
typedef struct Msgbuf Msgbuf;

/* The answer to a call: decoded, its pointers into buf or small. Freed by reply_free. */
typedef struct Reply {
	Fcall f;
	Mnt *mnt;
	Msgbuf *buf;
	u8 small[200];
} Reply;

/*
 * Every connection through a file of another takes its share of the stack in a call, a page fault
 * in the middle of it as much again: no more than these lie upon each other.
 */
enum { MNT_DEPTH_MAX = 3 };

/* Bytes on a transport, which may take them in parts: how many, nil for all. */
ERR mnt_put(Chan *transport, u8 *buf, usize size, usize *sent);
/*
 * Send t (its tag is filled in) and wait for the answer. For Twrite, data (not nil) is
 * where the bytes come from. nil: r holds an answer of the right type, to be freed.
 * Otherwise the server's error, Emountrpc, Ehungup or Eintr; nothing to free. May sleep.
 * *abandoned: the server never settled whether the call happened. A fid that t would have made
 * is not the caller's any more then.
 */
ERR mnt_call(Mnt *m, Fcall *t, const Iobuf *data, Reply *r, bool *abandoned);
void reply_free(Reply *r);
/*
 * Clunk a fid, whatever the server says, and free its number when the server has answered. With
 * wait that is before this returns, unless a note comes first.
 */
void mnt_clunk(Mnt *m, u32 fid, bool wait);
/* The text of an Rerror. */
MUSTUSE Err mnt_error(const Fcall *f);

/* A connection on c, version agreed; c->carried. nil without memory. */
Mnt *mnt_new(Chan *c, u32 msize, const char *version);
void mnt_delete(Mnt *m);
/* Count the channels that use it up or down; how many there are then. */
u32 mnt_countchans(Mnt *m, s32 delta);
u32 mnt_msize(const Mnt *m);
/* How many connections the files of m are reached through, m among them; 0 for nil. */
u32 mnt_depth(const Mnt *m);
u32 mnt_id(const Mnt *m);
const char *mnt_agreed_version(const Mnt *m);
/* Where it is mounted, or what its transport is called. Any context. */
const char *mnt_name(const Mnt *m);

/* At boot: have the watchdog look for servers that do not answer. */
void mnt_watch_init(void);

/*
 * Fids (fid.c). A new number, unique in this kernel; it is over; nobody knows whether the server
 * has it, so that it rests until the connection ends.
 */
u32 mnt_newfid(Mnt *m) MUSTUSE;
void mnt_dropfid(Mnt *m, u32 fid);
void mnt_losefid(Mnt *m, u32 fid);

#endif
