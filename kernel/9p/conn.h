/*
 * Private to 9p/ but devmnt.c: what a connection is made of. Locks: doc of rpc.c.
 */
#ifndef NINEP_CONN_H
#define NINEP_CONN_H

#include "9p/mnt.h"

struct Msgbuf { Msgbuf *next; u8 *data; };

/*
 * CALL: a process waits for the answer. The others nobody waits for: FLUSH, CLUNK, and BIRTH, an
 * abandoned request that may make a fid yet.
 */
enum RpcKind { CALL, FLUSH, CLUNK, BIRTH };

/* A request whose answer is out. A CALL lies on the stack of its process, others in the heap. */
struct Rpc {
	List link;		/* [lk] Mnt.queue */
	u16 tag;		/* [I] */
	u8 type;		/* [I] of a CALL: the message's */
	enum RpcKind kind;	/* [I] */
	u32 pid;		/* [I] of the process of a CALL */
	u64 since_ns;		/* [I] when the tag was given */
	bool done;		/* [lk] answered or given up */
	Err error;		/* [lk] why there is no answer */
	usize size;		/* [lk] of the answer */
	Msgbuf *buf;		/* [lk] the answer, unless it is in small */
	Reply *reply;		/* [I] where small answers go */
	Rendez rendez;
	u32 fid;		/* [I] of a CLUNK or BIRTH: free when that is over */
	/* of a FLUSH: */
	Rpc *target;		/* [lk] the CALL or BIRTH to end; nil once that is over */
	bool superseded;	/* [lk] a newer Tflush answers for this one */
	u16 target_tag;		/* [I] */
	/* of a flushed CALL or BIRTH: */
	Rpc *last_flush;	/* [lk] the newest Tflush, which frees the tag */
};

/* A message of a process that could not wait until others had sent theirs. */
typedef struct Late Late;
struct Late { Late *next; usize size; u8 data[]; };

/* A tag in use has the slot of its number modulo nslots. r nil: reserved for a flushed call. */
typedef struct Slot { Rpc *r; u16 tag; bool used; } Slot;

/* Fid numbers, in an array that grows. */
typedef struct Fids { u32 *fid; u32 n, room; } Fids;

struct Mnt {
	Lock lk;
	Chan *transport;	/* [I] not counted: it owns us */
	u32 id, msize;		/* [I] */
	u32 depth;		/* [I] connections that the transport goes through */
	char where[64];		/* [lk] where it was mounted first */
	List all;		/* [hang.c's lock] in the list of all connections */
	u64 looked_ns;		/* [lk] since_ns of the request that the watchdog saw last */
	u32 looks;		/* [lk] how often it saw that since */
	u32 nchans;		/* [a] channels mounted through it */
	u32 nfids GUARDED_BY(lk);	/* in use, those lost included */
	Fids lost_fids GUARDED_BY(lk);	/* not to be used before the connection has ended */
	u32 kept_fids[32] GUARDED_BY(lk), nkept_fids GUARDED_BY(lk);	/* free */
	char version[32];	/* [I] */
	Turn write;
	/* of messages cut by a note; goes before the next */
	u8 *unsent GUARDED_BY(write);
	usize nunsent GUARDED_BY(write);
	/* messages to go before the next, a list and its end */
	Late *late GUARDED_BY(lk);
	Late **late_end GUARDED_BY(lk);
	List queue GUARDED_BY(lk);	/* unanswered */
	u32 nloose GUARDED_BY(lk);	/* of them nobody waits for */
	Rpc *reader GUARDED_BY(lk);	/* who reads the transport; only the reader ends that */
	Err dead GUARDED_BY(lk);	/* why the connection is over */
	Slot *slots GUARDED_BY(lk);	/* a power of two of them */
	u32 nslots GUARDED_BY(lk), nused GUARDED_BY(lk);
	u16 last_tag GUARDED_BY(lk);
	Msgbuf *pool GUARDED_BY(lk);	/* of msize bytes each */
	u32 npool GUARDED_BY(lk);
	Msgbuf *in;		/* [reader] a message being received */
	usize nin;		/* [reader] bytes of it */
};

/*
 * What is left to others on some connection is sent, and its answers read, in a second or two
 * though nobody calls (sweep.c). mnt_send_late and mnt_read_loose are what that does to one, until
 * a note comes: Late messages go; answers are read, unless somebody does, while there are no calls.
 */
void mnt_sweep_init(void);
void mnt_sweep_soon(void);
void mnt_send_late(Mnt *m);
void mnt_read_loose(Mnt *m);
/* The first connection with a number above id, its transport held (hang.c); nil: none. */
Mnt *mnt_hold_next(u32 id) MUSTUSE;

/* The watchdog knows it from here on; and no more (hang.c). */
void mnt_watch(Mnt *m);
void mnt_unwatch(Mnt *m);

/* Buffers of msize bytes. The pool keeps a few. */
Msgbuf *mnt_msgbuf_new(const Mnt *m) MUSTUSE;	/* nil without memory */
Msgbuf *mnt_msgbuf_get(Mnt *m) MUSTUSE;
void mnt_msgbuf_put(Mnt *m, Msgbuf *b);
void mnt_msgbuf_delete(Msgbuf *b);
Msgbuf *mnt_pool_take(Mnt *m) REQUIRES(m->lk);
/* What the pool does not keep is returned, to be deleted. */
Msgbuf *mnt_pool_give(Mnt *m, Msgbuf *b) REQUIRES(m->lk);

/*
 * Keep a copy of a message for the next writer. The first of those kept, for the writer to free,
 * or nil; it could not be sent and is the first again.
 */
ERR mnt_late_add(Mnt *m, const u8 *p, usize n);
Late *mnt_late_take(Mnt *m) MUSTUSE;
void mnt_late_return(Mnt *m, Late *l);
void mnt_late_free(Late *l);

/* A fid is over (fid.c): free, or, if the connection broke but for a hangup, used no more. */
void fid_free(Mnt *m, u32 fid) REQUIRES(m->lk);
/* The connection ends: in the checked build a fid of it that is still in use is a panic. */
void fids_end(Mnt *m);
/* From and to the numbers that no connection keeps. */
u32 fid_take(void);
void fid_give(u32 fid);

/* Give r the next tag in turn. False: all are in use. */
bool mnt_tag_take(Mnt *m, Rpc *r) REQUIRES(m->lk);
Slot *mnt_slot(const Mnt *m, u16 tag) REQUIRES(m->lk);
/* The request that waits for an answer with that tag, or nil. */
Rpc *mnt_find(Mnt *m, u16 tag) REQUIRES(m->lk);

/* Who waits for an answer the longest; nil: nobody. */
static inline Rpc *mnt_first_call(const Mnt *m) REQUIRES(m->lk)
{
	for (List *l = m->queue.next; l != &m->queue; l = l->next) {
		Rpc *r = list_entry(l, Rpc, link);
		if (r->kind == CALL)
			return r;
	}
	return nil;
}

/* Put a request that nobody waits for on the queue; it is over; it is an answered FLUSH. */
void mnt_loose_add(Mnt *m, Rpc *r, enum RpcKind kind) REQUIRES(m->lk);
void mnt_loose_drop(Mnt *m, Rpc *r) REQUIRES(m->lk);
void mnt_finish_flush(Mnt *m, Rpc *f) REQUIRES(m->lk);
/* An answer has come for a BIRTH: take it off the queue. It still holds its fid. */
void mnt_born(Mnt *m, Rpc *r) REQUIRES(m->lk);
/* The CALL is over, with an answer or an error. Unless it reads, its process wakes up. */
void mnt_finish(Mnt *m, Rpc *r, Err error) REQUIRES(m->lk);
/* The connection is over. */
void mnt_die(Mnt *m, Err why);
/* Nobody reads: let somebody who waits do so. */
void mnt_pass_reading(Mnt *m) REQUIRES(m->lk);
void mnt_stop_reading(Mnt *m) REQUIRES(m->lk);

#endif
