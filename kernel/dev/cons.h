/*
 * #c is a table of files, each with its own functions; they live in cons.c,
 * constime.c, consstat.c and consdebug.c. A missing function means permission denied.
 */
#ifndef DEV_CONS_H
#define DEV_CONS_H

#include "dev/devices.h"

typedef Err ConsRead(Chan *c, const Iobuf *b, u64 off, usize *n);
typedef Err ConsWrite(Chan *c, const Iobuf *b, u64 off, usize *n);

ConsRead time_read, bintime_read, cputime_read;
ConsWrite time_write, bintime_write;

ConsRead sysstat_read, audit_read, chans_read, counts_read, kmesg_read, kprint_read;
ConsWrite sysstat_write;
void audit_close(Chan *c);
void kprint_open(void);
void kprint_close(void);

ConsWrite reboot_write;

ConsRead locks_read, hang_read;
ConsRead trace_read, kprof_read, failalloc_read;
ConsWrite trace_write, kprof_write, failalloc_write;
/* A text that make allocates when a read begins at offset 0; in c->aux until snapshot_close. */
ERR snapshot_read(Chan *c, const Iobuf *b, u64 off, usize *n,
	Err (*make)(char **text, usize *length));
void snapshot_close(Chan *c);
/* BUILD=san: commit the bug of that name, which must panic; BUILD=race: try the race. */
ERR sanbug(const char *name);

#endif
