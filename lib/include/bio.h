/*
 * Buffered input and output. A Biobuf reads or writes, never both. All
 * open buffers are flushed at exits.
 */
#ifndef BIO_H
#define BIO_H

enum {
	Bsize = 8*1024,
	Bungetsize = 4,		/* bytes that Bungetc and Bungetrune can give back */
	Beof = -1,
	Bbad = -2,
};

typedef struct Biobufhdr Biobufhdr;
struct Biobufhdr {
	int	icount;		/* reading: minus the bytes left before ebuf */
	int	ocount;		/* writing: minus the room left before ebuf */
	int	rdline;		/* length of the last Brdline */
	int	runesize;	/* bytes of the last rune read */
	int	state;
	int	fid;
	int	flag;		/* Bmagic when Bterm is to close and free */
	vlong	offset;		/* of the file after what the buffer has moved */
	int	bsize;
	uchar	*bbuf;
	uchar	*ebuf;
	uchar	*gbuf;		/* first good byte when reading */
	void	(*errorf)(char*);
	int	(*iof)(Biobufhdr*, void*, long);
	void	*aux;
};

typedef struct Biobuf Biobuf;
struct Biobuf {
	Biobufhdr hdr;
	uchar	b[Bungetsize+Bsize];
};

/*
 * Every function takes a Biobuf* or a Biobufhdr*, whence void*.
 */
Biobuf	*Bopen(char*, int);
Biobuf	*Bfdopen(int, int);
int	Binit(Biobuf*, int, int);
int	Binits(void*, int, int, uchar*, int);
int	Bterm(void*);
void	Biofn(void*, int (*)(Biobufhdr*, void*, long));
void	Blethal(void*, void (*)(char*));
void	Berror(void*, char*, ...);
int	Bbuffered(void*);
int	Bfildes(void*);
int	Bflush(void*);
int	Bgetc(void*);
int	Bgetd(void*, double*);
long	Bgetrune(void*);
int	Blinelen(void*);
vlong	Boffset(void*);
int	Bprint(void*, char*, ...);
int	Bvprint(void*, char*, va_list);
int	Bputc(void*, int);
int	Bputrune(void*, long);
void	*Brdline(void*, int);
char	*Brdstr(void*, int, int);
long	Bread(void*, void*, long);
vlong	Bseek(void*, vlong, int);
int	Bungetc(void*);
int	Bungetrune(void*);
long	Bwrite(void*, void*, long);

#define BLINELEN(bp)	Blinelen(bp)
#define BFILDES(bp)	Bfildes(bp)

#endif
