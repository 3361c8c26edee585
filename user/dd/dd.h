/*
 * dd: main.c reads and writes blocks, conv.c changes what is between.
 */

enum {
	LCASE = 1,
	UCASE = 2,
	SWAB = 4,
	NOERROR = 8,
	SYNC = 16,
	BLOCK = 32,
	UNBLOCK = 64,
	ASCII = 128,
	EBCDIC = 256,
	IBM = 512,

	/* the bytes that go out are others than came in */
	REMAKES = BLOCK | UNBLOCK | ASCII | EBCDIC | IBM,
};

extern int conv;		/* the bits above */
extern vlong cbs;		/* bytes of a record of fixed length; 0: no such records */
extern uvlong truncated;	/* lines that were longer than a record */

/* conv.c */
void	setconversion(char *list);	/* may exit */
void	convstart(void);		/* all options are known */
void	convert(char *p, vlong n);	/* change a block and pass it to output */
void	convend(void);			/* pass on what is left at the end */

/* main.c */
void	output(char *p, vlong n);
