/*
 * tar: archives in the format of POSIX.1 (ustar and pax), read also as GNU tar
 * and older ones write them.
 *
 *	main.c		the key and the arguments
 *	block.c		the archive as a sequence of blocks, compressed or not
 *	header.c	headers to Entries and back
 *	pax.c		extended headers, sparse files
 *	read.c		keys t and x
 *	write.c		keys c and r
 */
#ifndef TAR_H
#define TAR_H

#include <u.h>
#include <libc.h>

enum {
	BLOCK = 512,
	RECORD = 20*BLOCK,		/* what is written at once; archives are padded to it */
	NAMELEN = 100,
	PREFIXLEN = 155,
	IDLEN = 32,
	MAXMETA = 1<<20,		/* bytes of an extended header or a long name */
	MAXDIGITSIZE = 33,		/* bits of a size that octal digits hold */

	/* types of entries */
	TOLD = 0,
	TFILE = '0',
	TLINK = '1',
	TSYMLINK = '2',
	TCHAR = '3',
	TBLOCK = '4',
	TDIR = '5',
	TFIFO = '6',
	TCONT = '7',
	TPAX = 'x',
	TGLOBAL = 'g',
	TGNUNAME = 'L',
	TGNULINK = 'K',
	TGNUSPARSE = 'S',
	TGNUDIR = 'D',
	TGNULABEL = 'V',
};

typedef struct Entry Entry;
typedef struct Header Header;
typedef struct Hole Hole;
typedef struct Pax Pax;

/* As it lies in the archive. */
struct Header {
	char	name[NAMELEN];
	char	mode[8];
	char	uid[8];
	char	gid[8];
	char	size[12];
	char	mtime[12];
	char	chksum[8];
	char	type;
	char	linkname[NAMELEN];
	char	magic[6];
	char	version[2];
	char	uname[IDLEN];
	char	gname[IDLEN];
	char	major[8];
	char	minor[8];
	char	prefix[PREFIXLEN];	/* GNU: times and the map of a sparse file */
	char	pad[12];
};

_Static_assert(sizeof(Header) == BLOCK, "a header is a block");

/* Data of a sparse file: len bytes for off. */
struct Hole {
	uvlong	off, len;
};

struct Entry {
	int	type;
	char	*name, *link;		/* malloc'd */
	char	uname[256], gname[256];
	uint	mode;			/* permissions */
	vlong	mtime;
	uvlong	size;			/* bytes in the archive */
	uvlong	realsize;		/* of the file, if sparse */
	int	sparse;
	Hole	*map;
	int	nmap;
};

/* What extended headers say; nil or -1 where they say nothing. */
struct Pax {
	char	*path, *linkpath, *uname, *gname;
	vlong	size, mtime;
	int	sparsemajor;		/* version of the form of a sparse map */
	char	*sparsename;
	vlong	realsize;
	Hole	*map;
	int	nmap;
	int	half;			/* an offset whose length is to come */
};

extern int	key;
extern int	verbose, keep, settime, rooted, ignore, oldstyle, compress;
extern vlong	setuid, setgid;
extern char	*archive;
extern char	*status;

/* block.c */
void	openarchive(int mode);
void	closearchive(void);
int	getblock(void*);
int	getdata(void*, uvlong *left);
int	skipdata(uvlong);
void	drain(void);
void	ungetblock(void);
void	putblock(void*);
void	positionend(void);
int	isarchive(Dir*);

/* header.c */
int	iszero(Header*);
int	goodsum(Header*);
char	*decode(Header*, Entry*);
int	encode(Header*, Entry*);
void	setsum(Header*);
void	clearentry(Entry*);

/* pax.c */
void	paxclear(Pax*);
void	paxcopy(Pax*, Pax*);
char	*paxparse(Pax*, char*, uvlong);
char	*paxapply(Pax*, Entry*);
char	*paxmap(Entry*, uvlong *left);
char	*gnumap(Header*, Entry*);
uvlong	paxrecord(char*, uvlong, char*, char*);

int	nextentry(Entry*, Pax *global);
int	hasdata(Entry*);
void	readarchive(char**, int);
void	writearchive(char**, int);

void	*emalloc(ulong);
void	*erealloc(void*, ulong);
char	*estrdup(char*);
void	complain(char*, ...);

#endif
