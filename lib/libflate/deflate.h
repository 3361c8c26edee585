/*
 * The state of a compression, which match.c and block.c share.
 */
#ifndef FLATE_DEFLATE_H
#define FLATE_DEFLATE_H

#include "impl.h"

enum {
	HASHBITS = 15,
	AHEAD = MAXMATCH + MINMATCH + 1,	/* what lazy matching looks at */
	FRESH = 256*1024,
	BUF = WINDOW + FRESH,
	NSYM = 32*1024,			/* symbols of a block */
	OUTBUF = 16*1024,
};

typedef struct Deflate Deflate;
typedef struct Level Level;

struct Level {
	int	good;			/* a match this long: look less for a better one */
	int	lazy;			/* this long: look for none at the next byte */
	int	nice;			/* this long: stop looking */
	int	chain;			/* how many places to look at */
};

/* Places in buf are ints; in head and prev they have base added, and 0 is nowhere. */
struct Deflate {
	void	*rarg;
	int	(*r)(void*, void*, int);
	void	*warg;
	int	(*w)(void*, void*, int);
	Level	level;
	int	store;			/* do not compress */
	int	debug;
	int	err;

	uchar	buf[BUF];
	int	end;			/* of what has been read */
	int	pos;			/* the byte to be coded next */
	int	start;			/* of the block */
	int	eof;
	uint	base;
	uint	head[1<<HASHBITS];
	uint	prev[WINDOW];

	ushort	dist[NSYM];		/* of a match; 0: litlen is a literal */
	uchar	litlen[NSYM];		/* literal, or length of a match less MINMATCH */
	int	nsym;
	uint	litfreq[NLIT];
	uint	distfreq[NDIST];
	uchar	lensym[MAXMATCH-MINMATCH+1];	/* its symbol less LEN0, of each length */
	uchar	distsym[512];		/* of distances up to 256, then of each 128 */

	uvlong	acc;			/* bits not yet in out */
	int	nacc;
	uchar	out[OUTBUF];
	int	nout;
};

int	_distsym(Deflate*, uint);
void	_block(Deflate*, int);
void	_drain(Deflate*);

#endif
