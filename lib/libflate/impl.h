/*
 * What compressor and decompressor share: the alphabets of RFC 1951.
 */
#ifndef FLATE_IMPL_H
#define FLATE_IMPL_H

#include <u.h>
#include <libc.h>
#include <flate.h>

enum {
	WINDOW = 32*1024,		/* the farthest a match may lie */
	MINMATCH = 3,
	MAXMATCH = 258,
	MAXCODE = 15,			/* bits of a code */
	MAXCLCODE = 7,			/* of the code for code lengths */

	NLIT = 288,			/* literals, end of block, lengths; the last two unused */
	NLITUSED = 286,
	NDIST = 30,
	NCLEN = 19,
	ENDBLOCK = 256,
	LEN0 = 257,			/* the first length */

	CLCOPY = 16,			/* code lengths: repeat the last, or zeros */
	CLZERO3 = 17,
	CLZERO11 = 18,

	STORED = 0,
	FIXED = 1,
	DYNAMIC = 2,
};

extern ushort	_lenbase[NLITUSED-LEN0];	/* shortest match of each length symbol */
extern uchar	_lenextra[NLITUSED-LEN0];	/* bits that follow it */
extern ushort	_distbase[NDIST];
extern uchar	_distextra[NDIST];
extern uchar	_clorder[NCLEN];		/* in which lengths of that code are sent */

void	_fixedlens(uchar*, uchar*);
void	_codelens(uint*, int, int, uchar*);
void	_codes(uchar*, int, ushort*);

/* Memory as a source and a sink. */
typedef struct Mem Mem;
struct Mem {
	uchar	*p, *e;
};

int	_memput(void*, void*, int);
int	_memtake(void*, void*, int);
int	_memget(void*);

#endif
