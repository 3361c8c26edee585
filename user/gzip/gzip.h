/*
 * gzip's own: files, RFC 1952, around libflate.
 */
#ifndef GZIP_H
#define GZIP_H

#include <u.h>
#include <libc.h>
#include <flate.h>

enum {
	MAGIC1 = 0x1F,
	MAGIC2 = 0x8B,
	METHOD = 8,			/* deflate */
	OSPLAN9 = 14,
	OSUNKNOWN = 255,

	FTEXT = 1,
	FHCRC = 2,			/* a sum of the header follows it */
	FEXTRA = 4,
	FNAME = 8,
	FCOMMENT = 16,
	FRESERVED = 0xE0,
};

typedef struct Member Member;

/* What a header and a trailer say. */
struct Member {
	char	name[256];		/* empty if there is none */
	uint	mtime;			/* 0: unknown */
	uvlong	size;			/* as counted */
};

extern int	debug;
extern ulong	*crctab;

int	zip(int in, int out, Member*, int level);
int	unzip(int in, int out, char *name, Member*, int list);

#endif
