/*
 * chan: channels, the name space, mounts, descriptors, and the table of
 * devices behind them. Facts: process.md 3, devices.md 1; doc/chan.md.
 */
#ifndef CHAN_CHAN_H
#define CHAN_CHAN_H

#include "abi/plan9.h"
#include "base/base.h"
#include "base/error.h"
#include "sync/sync.h"
#include "proc/proc.h"

typedef struct Qid { u64 path; u32 vers; u8 type; } Qid;
typedef struct Chan Chan;
typedef struct Dev Dev;
typedef struct Path Path;
typedef struct Mount Mount;
typedef struct Mhead Mhead;
typedef struct Known Known;
typedef struct Pgrp Pgrp;
typedef struct Fgrp Fgrp;
typedef struct Iobuf Iobuf;
typedef struct Walkqid Walkqid;
typedef struct Dir Dir;
typedef struct Dirtab Dirtab;

enum {
	MAXWELEM = 16, STATFIXLEN = 49, DIRREADLIM = 65536, NAME_MAX_BYTES = 65535,
	IOUNIT_MAX = 65536,
};

/*
 * The memory of one read or write: kernel memory (kaddr not nil) or user memory.
 * Devices move bytes with the two functions only. A user page may be faulted in,
 * so no spin lock may be held.
 */
struct Iobuf { u8 *kaddr; Uaddr uaddr; usize size; };
static inline Iobuf iobuf_kernel(void *p, usize n) { return (Iobuf){ .kaddr = p, .size = n }; }
static inline Iobuf iobuf_user(Uaddr a, usize n) { return (Iobuf){ .uaddr = a, .size = n }; }
/* Into the caller's buffer (a read), and out of it (a write). */
ERR iobuf_put(const Iobuf *b, usize at, const void *from, usize n);
ERR iobuf_get(const Iobuf *b, usize at, void *to, usize n);
static inline ERR iobuf_zero(const Iobuf *b, usize at, usize n)
{
	assert(at <= b->size && n <= b->size - at);
	if (b->kaddr == nil)
		return zeroout(uaddr_of(b->uaddr.a + at), n);
	memset(b->kaddr + at, 0, n);
	return nil;
}
/* The rest of a buffer from `at` on. */
Iobuf iobuf_from(const Iobuf *b, usize at, usize n);
/* Serve a read of a text of len bytes at file offset off: slices, sets *n. */
ERR readstr(const Iobuf *b, u64 off, const char *text, usize len, usize *n);
/* Fetch a control message of at most size-1 bytes, terminated, one newline removed; Etoobig. */
ERR writestr(const Iobuf *b, char *text, usize size);

/* One directory entry in memory; strings are borrowed. All-ones / empty = leave alone (wstat). */
struct Dir {
	u16 type;
	u32 dev;
	Qid qid;
	u32 mode, atime, mtime;
	u64 length;
	const char *name, *uid, *gid, *muid;
	char room[160];		/* where a generator may make up the name */
};
usize dir_size(const Dir *d);
usize dir_encode(const Dir *d, u8 *buf, usize n);	/* bytes used, 0 when it does not fit */
/* Decode one entry of exactly n bytes; strings are copied to strs (n bytes suffice). Ebadstat. */
ERR dir_decode(const u8 *buf, usize n, Dir *d, char *strs);
/* The bytes of the entry at the start of buf, or 0 when it is cut short or malformed. */
usize dir_check(const u8 *buf, usize n);
/* Copy the entry in[0..nin) to out with another name; the bytes used, 0 when out is too small. */
usize dir_rename(const u8 *in, usize nin, const char *name, usize name_len, u8 *out, usize size);
void dir_null(Dir *d);

/*
 * Waiting for a condition under a spin lock by any number of processes, each
 * wait ended by a note. The lock is taken with ilock; waitq_sleep releases it
 * while asleep and holds it again on return (Eintr: a note came).
 */
typedef struct Waitq { List waiters; } Waitq;
void waitq_init(Waitq *w);
ERR waitq_sleep(Waitq *w, Lock *held) REQUIRES(held);
void waitq_wake(Waitq *w);		/* the longest waiting; lock held */
void waitq_wakeall(Waitq *w);

/* A sleeping lock for what another party may hold up: a note ends the wait for it (chan/turn.c). */
typedef struct CAPABILITY("turn") Turn Turn;
struct Turn {
	Lock lk;
	Waitq waiting GUARDED_BY(lk);
	Proc *holder;			/* [own] */
	u32 state;			/* [a] TURN_FREE .. */
};
enum { TURN_FREE, TURN_TAKEN, TURN_WANTED };	/* wanted: taken, and perhaps waited for */
void turn_init(Turn *t);
bool turn_wait(Turn *t) TRY_ACQUIRES(true, t);	/* false: a note came, Eintr */
void turn_pass(Turn *t) RELEASES(t);

struct Walkqid { Chan *clone; u32 nqid; Qid qid[MAXWELEM]; };

/*
 * The absolute name by which a channel was reached, and the mount crossings
 * undone by "..". Entry 0 of mounted_on stands for the root (`/` or `#c`), entry i
 * for the i-th element after it; entries beyond nmount are nil.
 */
struct Path {
	Ref ref;
	char *name;		/* [I] terminated */
	u32 length;		/* [I] of name */
	u32 nmount;		/* [I] entries below */
	bool small;		/* [I] of the common size */
	Chan **mounted_on;	/* [I] channel covered by a mount at each element, or nil */
};
Path *path_new(const char *name) MUSTUSE;	/* nil without memory */
void path_incref(Path *p);
void path_put(Path *p);				/* nil is fine; may sleep */
/* The last element of the name: what stat reports. Empty for `/`. */
const char *path_last(const Path *p);

enum ChanFlags {
	COPEN = 1,		/* open */
	CMSG = 2,		/* a 9P connection rides on it: no read, write */
	CCEXEC = 4,		/* of a descriptor: see Fgrp */
	CRCLOSE = 8,		/* remove on close */
	CCACHE = 16,		/* MCACHE mount */
};

struct Chan {
	Ref ref;
	Lock lk;
	const Dev *dev;		/* [I] its type; nil once freed */
	u32 instance;		/* [I] Dir.dev */
	Qid qid;		/* [own until open] */
	u32 mode;		/* OREAD.. after open */
	u32 flag;		/* [lk] ChanFlags */
	u64 offset;		/* [a] of the descriptor */
	u64 devoffset;		/* [diroff] where the device is in a directory */
	u64 dri;		/* [diroff] directory index (dirread by generator) */
	u32 iounit;		/* 0: no limit known */
	Path *path;		/* [a] set by chan_setpath, fixed after the walk */
	Mhead *umh;		/* [diroff] once it is open: the union being read */
	Chan *umc GUARDED_BY(diroff);	/* its current member */
	u32 uri GUARDED_BY(diroff);	/* its index */
	Turn diroff;		/* directory reads; 9p: version negotiation */
	u8 *rock GUARDED_BY(diroff);	/* entries that did not fit the last read */
	usize nrock GUARDED_BY(diroff);	/* bytes of them */
	Chan *mchan;		/* 9p: the connection channel of a mount */
	struct Mnt *mux;	/* 9p: the connection that this is a file of */
	struct Mnt *carried;	/* 9p: the connection on this transport; it may be a file itself */
	u32 fid;		/* 9p */
	Qid mqid;		/* qid of the mounted root as the server gave it */
	bool ismtpt;		/* a mount starts here */
	void *aux;		/* the device's */
	u64 aux2;
	Chan *closing;		/* [own] its end waits, and the next one's (chan_close) */
	char *srvname;		/* set once, in #s: first name posted in #s, or nil */
	u32 maker;		/* [I] pid of the process that made it, 0 for none */
	List all;		/* [chan.c] stays when the rest is cleared for another life */
};

/* A device: one file in dev/, one table. Every function may sleep unless it says otherwise. */
struct Dev {
	Rune letter;
	const char *name;
	/*
	 * The tree of files is fixed once processes run: a walk gives always and for everybody
	 * the same, devclone makes whole channels, and stat and the close of an unopened
	 * channel do not care which channel it is.
	 */
	bool fixed;
	void (*reset)(void);		/* chandevreset: before any process; may not sleep */
	void (*init)(void);		/* chandevinit: in proc0, may sleep */
	ERR (*attach)(const Dev *d, const char *spec, Chan **out);
	/*
	 * Walk from c; nc: walk into it or nil to have one made. On full success w->clone is
	 * the new channel; less: nil. w->nqid < nnames with nnames > 0 and no error: partial.
	 * Error when the first element fails. w->clone with fewer: go on from there.
	 */
	ERR (*walk)(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w);
	/*
	 * What is mounted on c in every name space: a reference to the first of the union and
	 * to the union. nil for most devices.
	 */
	bool (*cross)(Chan *c, Chan **to, Mhead **mh);
	ERR (*stat)(Chan *c, u8 *buf, usize size, usize *n);
	/* *out is c or a replacement; c is consumed when another is returned. */
	ERR (*open)(Chan *c, u32 mode, Chan **out);
	ERR (*create)(Chan *c, const char *name, u32 mode, u32 perm);
	void (*close)(Chan *c);		/* last reference; test COPEN */
	ERR (*read)(Chan *c, const Iobuf *b, u64 off, usize *n);
	ERR (*write)(Chan *c, const Iobuf *b, u64 off, usize *n);
	ERR (*remove)(Chan *c);		/* the caller frees c without Dev.close, even on an error */
	ERR (*wstat)(Chan *c, const u8 *buf, usize n);
};
extern const Dev *const devtab[];	/* dev/devtab.c, nil-terminated */
const Dev *dev_find(Rune letter);
void chandevreset(void);
void chandevinit(void);

/* ---- helpers for devices that are tables of files (chan/dev.c) ---- */

struct Dirtab { const char *name; Qid qid; u64 length; u32 perm; };
/*
 * Generator: fill d for entry i of directory c; 1 done, 0 skip, -1 end. i ==
 * DEVDOTDOT: the parent. name not nil: the only entry that matters; a generator
 * may then find it by itself at i == 0, or say -1 when there is none.
 */
enum { DEVDOTDOT = -2 };
typedef int Devgen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d);
int devgen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d);
void devdir(Chan *c, Qid qid, const char *name, u64 length, const char *uid, u32 perm, Dir *d);
/* A fresh channel on the root directory, path "#Xspec". */
ERR devattach(const Dev *dev, const char *spec, Chan **out);
ERR devwalk(Chan *c, Chan *nc, const char **names, u32 nnames, const Dirtab *tab, u32 ntab,
	Devgen *gen, Walkqid *w);
ERR devstat(Chan *c, u8 *buf, usize size, const Dirtab *tab, u32 ntab, Devgen *gen, usize *n);
ERR devdirread(Chan *c, const Iobuf *b, const Dirtab *tab, u32 ntab, Devgen *gen, usize *n);
ERR devopen(Chan *c, u32 mode, const Dirtab *tab, u32 ntab, Devgen *gen, Chan **out);
ERR devpermcheck(const char *uid, u32 perm, u32 mode);
/* wstat: change, with lk held unless it is nil, makes of c what d says; d lasts as long. */
ERR devwstat(Chan *c, const u8 *buf, usize size, QLock *lk, Err (*change)(Chan *c, const Dir *d));
ERR devopenmode(u32 mode, u32 *omode);		/* strips OTRUNC.., Ebadarg; OEXEC becomes OREAD */
/* Close a channel that its device has not seen yet. */
void chan_discard_fresh(Chan *c);
/* A copy of c for a walk: same device, instance, qid, aux, path; not open. nil without memory. */
Chan *devclone(Chan *c) MUSTUSE;
/* Store d as the answer to a stat: the whole entry or the 2-byte short form. Eshortstat. */
ERR devstatput(Dir *d, u8 *buf, usize size, usize *n);
extern u32 dev_mtime;				/* what device files show as their time of change */
/* Defaults for operations a device has not. */
ERR dev_nocreate(Chan *c, const char *name, u32 mode, u32 perm);
ERR dev_nowrite(Chan *c, const Iobuf *b, u64 off, usize *n);
ERR dev_noremove(Chan *c);
ERR dev_nowstat(Chan *c, const u8 *buf, usize n);
void dev_noclose(Chan *c);
/* Control messages (devices.md 1.6): split in place, look up, check the count. */
typedef struct Cmdtab { u32 index; const char *word; u32 nargs; } Cmdtab;	/* 0: any number */
typedef struct Cmdbuf { char *f[32]; u32 nf; char buf[1024]; } Cmdbuf;
/* The message as its words; to be given to kfree. Enomem, Etoobig. */
ERR cmd_read(const Iobuf *b, Cmdbuf **cb);
ERR cmd_lookup(Cmdbuf *cb, const Cmdtab *tab, u32 ntab, const Cmdtab **out);
/* The error of a message whose number of words the table left open. */
ERR cmd_wrongargs(Cmdbuf *cb);

/* ---- channels ---- */

Chan *chan_new(void) MUSTUSE;		/* ref 1, nothing set; nil without memory */
void chan_incref(Chan *c);
/* The same for who found c in a list that its end takes it out of: false, the last has gone. */
bool chan_hold(Chan *c) MUSTUSE;
/* Drop a reference; the last closes and may sleep. nil is fine. */
void chan_close(Chan *c);
ERR chan_clone(Chan *c, Chan **out);	/* an unopened copy (walk of no elements) */
/* By the device, directories by the union rules. */
ERR chan_pread(Chan *c, const Iobuf *b, u64 off, usize *n);
ERR chan_pread_kernel(Chan *c, void *buf, usize size, s64 off, usize *n);
ERR chan_length(Chan *c, u64 *length);	/* of an open file, by stat */
bool chan_same(const Chan *a, const Chan *b);	/* same device type, instance, qid.path and type */
u64 chan_count(void);			/* live channels, for leak tests */
/*
 * Write a line for each live channel, as many whole lines as fit n bytes: references, maker,
 * device, instance, qid, mode, fid, name. The bytes written; *wanted is what all would take.
 */
usize chan_list(char *buf, usize n, usize *wanted);
void chan_setpath(Chan *c, Path *p);	/* takes over the reference */

enum Access { Aaccess, Abind, Atodir, Aopen, Amount, Acreate, Aremove };
/*
 * Resolve a name for the running process (process.md 3.1). Abind: what is mounted on the
 * last element stays a union; Atodir: chdir; Amount: not crossed at all. Aopen and Acreate open
 * with omode and perm. Errors carry the name as 'name' error.
 */
ERR namec(const char *name, enum Access access, u32 omode, u32 perm, Chan **out);
/* Check a name coming from user memory: length, characters. */
ERR name_check(const char *name, bool slash_ok);
/* The same for an attach name, which may be empty. */
ERR name_check_aname(const char *aname);

/* ---- name space ---- */

struct Mount {
	Mount *next, *order;
	u64 id;
	Mhead *head;
	Chan *to;
	u32 flag;
	char *spec;
};
struct Mhead { Ref ref; Lock lk; Chan *from; Mount *mount; Mhead *hash; };	/* mount set [lk] */
enum { MNT_HASH = 32, NKNOWN = 64 };
struct Pgrp {
	Ref ref;
	Lock ns;			/* the table; before Mhead.lk */
	Mhead *hash[MNT_HASH] GUARDED_BY(ns);	/* read without it, too (ns_enter) */
	Mount *order GUARDED_BY(ns);	/* every mount, ascending id, linked by Mount.order */
	u64 next_id GUARDED_BY(ns);
	u64 stamp;			/* [a] another after every change; set under ns */
	Known *known[NKNOWN];		/* [a] names that need no walk (known.c); set under ns */
	u32 nknown GUARDED_BY(ns);	/* how many */
	u64 devmask[4] GUARDED_BY(ns);	/* bit per index in devtab: 1 = forbidden */
	bool nomount;			/* RFNOMNT */
};
Pgrp *pgrp_new(void) MUSTUSE;
ERR pgrp_copy(Pgrp *from, Pgrp **out);
void pgrp_incref(Pgrp *p);
void pgrp_put(Pgrp *p);
bool pgrp_devallowed(Pgrp *p, const Dev *d);
/* Forbid what `from` forbids (RFCNAMEG keeps the mask). */
void pgrp_inherit_mask(Pgrp *p, const Pgrp *from);
/* Take devices away from p: keep only those in list, or drop those in list (chdev). */
void pgrp_maskdevs(Pgrp *p, const char *list, bool keep);
void pgrp_forbid_mounts(Pgrp *p);	/* RFNOMNT: no mounts, and of the devices few */
ERR chan_bind(Chan *new_, Chan *old, u32 flag, const char *spec);	/* cmount */
ERR chan_unbind(Chan *old, Chan *which);		/* which nil: all */
/* The nth line of /proc/n/ns, in mount order, `cd` last. */
ERR pgrp_nsline(Proc *p, u64 nth, char *buf, usize size, usize *n);	/* *n 0 past the end */

/* ---- descriptors ---- */

enum { FD_GROW = 20, FD_MAX = 5000 };
struct Fgrp {
	Ref ref;
	Lock lk;
	Chan **fd GUARDED_BY(lk);
	u8 *flag GUARDED_BY(lk);	/* CCEXEC */
	u32 nfd GUARDED_BY(lk);	/* size of the table */
	s32 maxfd GUARDED_BY(lk);	/* highest open, -1 none */
};
Fgrp *fgrp_new(void) MUSTUSE;
ERR fgrp_copy(Fgrp *from, Fgrp **out);
void fgrp_incref(Fgrp *f);
void fgrp_put(Fgrp *f);
ERR fd_new(Chan *c, bool cexec, s32 *fd);	/* takes over the reference on success */
ERR fd_new_pair(Chan *c[2], s32 fd[2]);
/* The channel of fd with a reference; mode -1 any, else OREAD..; check_msg: no 9P connection. */
ERR fd_chan(s32 fd, s32 mode, bool check_msg, Chan **out);
/*
 * fd_borrow is the same for the time of one operation, always without a 9P connection; fd_return
 * ends it. Who alone has a table is the only one who closes its descriptors, except through
 * /proc/n/ctl. So a reference is not needed if that exception looks at what is borrowed: each says
 * first what it does and then looks at what the other says (fd_let_go).
 */
void fd_return_counted(Chan *c);
static inline void fd_return(Chan *c)
{
	Chan *mine = c;
	if (unlikely(!__atomic_compare_exchange_n(&up->borrowed, &mine, nil, false,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)))
		fd_return_counted(c);
}
/* Where that does not do; nil, and *err. */
Chan *fd_borrow_counted(s32 fd, u32 mode, Err *err);
static inline NO_TSA Chan *fd_borrow(s32 fd, u32 mode, Err *err)
{
	Proc *p = up;
	Fgrp *f = p->fgrp;
	if (unlikely(__atomic_load_n(&f->ref.n, __ATOMIC_ACQUIRE) != 1 || p->borrowed != nil ||
		(u32)fd >= f->nfd))
		return fd_borrow_counted(fd, mode, err);
	Chan **slot = &f->fd[fd], *c = PEEK(*slot);
	if (unlikely(c == nil))
		return fd_borrow_counted(fd, mode, err);
	__atomic_store_n(&p->borrowed, c, __ATOMIC_SEQ_CST);
	if (likely(__atomic_load_n(slot, __ATOMIC_SEQ_CST) == c && !(c->flag & CMSG) &&
		(c->mode == mode || c->mode == ORDWR)))
		return c;
	fd_return(c);
	return fd_borrow_counted(fd, mode, err);
}
/* c was taken out of the table of p, maybe by another: drop the reference that the table had. */
void fd_let_go(Proc *p, Chan *c);
ERR fd_close(s32 fd);
ERR fd_dup(s32 old, s32 new_, s32 *out);
void fd_close_exec(Fgrp *f);			/* exec: drop those marked */
/* The line of /proc/n/fd; *n 0 when closed. */
ERR fd_line(Proc *p, u32 fd, char *buf, usize size, usize *n);

/* ---- calls of process.md 3 on the running process; names already in kernel memory ---- */

ERR sys_open_name(const char *name, u32 mode, s32 *fd);
ERR sys_create_name(const char *name, u32 mode, u32 perm, s32 *fd);
/* Write to descriptor 2, if it can be; may sleep. */
void chan_complain(const char *text, usize n);
/* Directory reads (dirread.c), under c->diroff. off -1: go on from the shared offset. */
ERR dir_pread(Chan *c, const Iobuf *b, s64 off, usize *n);
/* off -1: the shared offset, which moves by what is read. Inline: many calls are reads. */
static inline ERR file_pread(s32 fd, const Iobuf *b, s64 off, usize *n)
{
	Err err;
	Chan *c = fd_borrow(fd, OREAD, &err);
	*n = 0;
	if (unlikely(c == nil))
		return err;
	if (unlikely(off < -1)) {
		err = Enegoff;
	} else if (unlikely(c->qid.type & QTDIR)) {
		err = dir_pread(c, b, off, n);
	} else {
		err = c->dev->read(c, b, off == -1 ? PEEK(c->offset) : (u64)off, n);
		if (off == -1 && err == nil)
			__atomic_fetch_add(&c->offset, *n, __ATOMIC_RELAXED);
	}
	fd_return(c);
	return err;
}
ERR file_pwrite(s32 fd, const Iobuf *b, s64 off, usize *n);
ERR file_seek(s32 fd, s64 off, s32 type, s64 *result);
ERR file_stat(const char *name, u8 *buf, usize size, usize *n);	/* with the 2-byte short form */
ERR file_fstat(s32 fd, u8 *buf, usize size, usize *n);
ERR file_wstat(const char *name, const u8 *buf, usize n);
ERR file_fwstat(s32 fd, const u8 *buf, usize n);
ERR file_remove(const char *name);
ERR file_chdir(const char *name);
ERR file_pipe(s32 fd[2]);
ERR file_fd2path(s32 fd, char *buf, usize size);
ERR file_bind(const char *name, const char *old, u32 flag);
ERR file_mount(s32 fd, s32 afd, const char *old, u32 flag, const char *aname);
ERR file_unmount(const char *name, const char *old);		/* name nil: all */
ERR file_fversion(s32 fd, u32 msize, char *vers, usize size, usize *n);
ERR file_fauth(s32 fd, const char *aname, s32 *afd);

/* ---- environment groups (dev/env.c) ---- */
struct Egrp *egrp_new(void) MUSTUSE;
ERR egrp_copy(struct Egrp *from, struct Egrp **out);
void egrp_incref(struct Egrp *e);
void egrp_put(struct Egrp *e);
ERR egrp_set(struct Egrp *e, const char *name, const void *value, usize n);
extern struct Egrp *confenv;		/* #ec */
/* All variables as words `name=value `, quoted, up to end; Etoobig when they do not fit. */
ERR egrp_words(struct Egrp *e, char *buf, char *end);

/* ---- the root tree (dev/root.c) ---- */
/*
 * Add a boot module to #/: itself under /boot, and the files of a tar archive to the tree,
 * later ones over earlier ones, data used in place. A damaged archive: an error text.
 */
ERR initrd_register(const BootModule *m);
ERR root_addfile(const char *path, const void *data, u64 size, u32 mode);

/* ---- 9P client (9p/): what chan calls ---- */
ERR mnt_version(Chan *c, u32 msize, char *vers, usize size, usize *n);
ERR mnt_auth(Chan *c, const char *aname, Chan **out);
ERR mnt_attach(Chan *c, Chan *ac, const char *aname, u32 flag, Chan **out);
/* On all connections: fids in use, and requests whose answers are out. */
typedef struct MntCounts { u32 fids, tags; } MntCounts;
MntCounts mnt_counts(void);
usize mnt_kept(void);				/* bytes of buffers that connections keep at hand */
/* The root of a connection was mounted there: what it is called when it does not answer. */
void mnt_named(const Chan *root, const char *where);
/* A line for each of those requests. Any context. */
void mnt_hang_report(HangLine *line, void *arg);
void mnt_muxclose(Chan *c);	/* c, the transport of a connection (CMSG), is being freed */

/*
 * ---- queues of bytes: pipes, serial lines (chan/queue.c), devices.md 1.5 ----
 * A queue made with Q_COALESCE is a ring of limit bytes and may be used from
 * interrupts; the others are lists of blocks.
 */
typedef struct Queue Queue;
enum { Q_COALESCE = 1, Q_MESSAGE = 2, Q_NONBLOCK = 4 };
Queue *queue_new(usize limit, u32 flags) MUSTUSE;
void queue_free(Queue *q);
ERR queue_read(Queue *q, const Iobuf *b, usize *n);
ERR queue_write(Queue *q, const Iobuf *b, usize *n);	/* Eintr: *n bytes are in it */
usize queue_length(Queue *q);
usize queue_kept(void);	/* bytes of the heap in blocks that queues keep for the next write */
void queue_hangup(Queue *q, Err why);		/* nil: Ehungup */
void queue_reopen(Queue *q);		/* empty and open again */
bool queue_ishungup(Queue *q);
void queue_setlimit(Queue *q, usize limit);	/* of a ring: at most what it was made with */
/* From interrupts: bytes into the queue; returns how many fitted. */
usize queue_produce(Queue *q, const void *p, usize n);
/* From interrupts: what is there, up to n. */
usize queue_consume(Queue *q, void *p, usize n);

#endif
