/*
 * Every device there is; dev/devtab.c lists them.
 */
#ifndef DEV_DEVICES_H
#define DEV_DEVICES_H

#include "chan/chan.h"

extern const Dev devroot;	/* #/ */
extern const Dev devcons;	/* #c */
extern const Dev devenv;	/* #e */
extern const Dev devproc;	/* #p */
extern const Dev devpipe;	/* #| */
extern const Dev devsrv;	/* #s */
extern const Dev devmnt;	/* #M */
extern const Dev devdup;	/* #d */
extern const Dev devuart;	/* #t */
extern const Dev devrtc;	/* #r */
extern const Dev devarch;	/* #P */
extern const Dev devswap;	/* #¶ */
extern const Dev devcap;	/* #¤ */
extern const Dev devshr;		/* #σ */
extern const Dev devsegment;	/* #g */
extern const Dev devexchange;	/* #X */

/* The line discipline of the console (dev/consline.c). */
void consline_init(void);
void consline_opened(void);			/* the running process opened cons */
ERR consline_read(const Iobuf *b, usize *n);
usize consline_length(void);
void consline_raw(bool raw);

/*
 * For segattach: the segment of #g with that name, a reference; nil in *out when there is none.
 * Eperm, or it has no memory yet.
 */
ERR segment_named(const char *name, Segment **out);

/* The owner of the machine has a new name: entries of the old one in #s and #σ follow. */
void srv_renameuser(const char *old, const char *new_name);
void shr_renameuser(const char *old, const char *new_name);

#endif
