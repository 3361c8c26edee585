/*
 * The states of a buffer. While reading, the bytes not yet taken are the
 * last -icount before ebuf; gbuf is the first byte that is still there to
 * go back to. While writing, -ocount bytes are free before ebuf.
 */
enum {
	Binactive = 0,		/* closed, or a write failed */
	Bractive,
	Bwactive,
	Bracteof,		/* reading; the end was seen or nothing was read yet */

	Bowned = 0x42494f21,	/* flag: Bterm closes and frees */
};

int	_bfill(Biobufhdr*);
