/*
 * What a process shares and proc/ only passes on: name space, descriptors,
 * environment, files. chan/ and dev/env.c keep them (chan/chan.h has the same
 * functions with their contracts); to proc/ they are opaque.
 */
#ifndef PROC_GROUPS_H
#define PROC_GROUPS_H

#include "base/base.h"

struct Chan;
struct Egrp;
struct Fgrp;
struct Pgrp;

struct Pgrp *pgrp_new(void) MUSTUSE;
ERR pgrp_copy(struct Pgrp *from, struct Pgrp **out);
void pgrp_incref(struct Pgrp *p);
void pgrp_put(struct Pgrp *p);
void pgrp_inherit_mask(struct Pgrp *p, const struct Pgrp *from);
void pgrp_forbid_mounts(struct Pgrp *p);

struct Fgrp *fgrp_new(void) MUSTUSE;
ERR fgrp_copy(struct Fgrp *from, struct Fgrp **out);
void fgrp_incref(struct Fgrp *f);
void fgrp_put(struct Fgrp *f);

struct Egrp *egrp_new(void) MUSTUSE;
ERR egrp_copy(struct Egrp *from, struct Egrp **out);
void egrp_incref(struct Egrp *e);
void egrp_put(struct Egrp *e);

void chan_incref(struct Chan *c);
void chan_close(struct Chan *c);
/* Write to descriptor 2 of the running process, if it can be; may sleep. */
void chan_complain(const char *text, usize n);

#endif
