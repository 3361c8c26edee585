/*
 * Reading tar archives in place: ustar with its prefix field, pax path, size
 * and linkpath records, GNU long names. Depends on base/ alone and keeps no
 * state, so that a fuzzer can drive it.
 */
#ifndef DEV_TAR_H
#define DEV_TAR_H

#include "base/base.h"

/* A piece of text inside the archive; not terminated. */
typedef struct TarText { const char *text; usize len; } TarText;

enum TarKind { TAR_FILE, TAR_DIR, TAR_LINK };

typedef struct TarEntry {
	enum TarKind kind;
	TarText prefix, name;	/* the path is name, or prefix/name; no element is ".." */
	TarText link;		/* TAR_LINK: the path of the file it is another name of */
	u32 mode, mtime;
	const u8 *data;		/* TAR_FILE */
	u64 size;
} TarEntry;

/* Called for each entry in order; an error ends the parse and is returned. */
typedef Err TarVisit(void *arg, const TarEntry *e);

/* Does this look like an archive? */
bool tar_is(const u8 *buf, u64 n);
/*
 * Visit every file, directory and hard link. What is damaged (or visit's
 * error) is returned as a text, in `why` when it was made for the occasion.
 * Symbolic links and devices are passed over: there is nothing they could become.
 */
ERR tar_parse(const u8 *buf, u64 n, TarVisit *visit, void *arg, char *why, usize size);

#endif
