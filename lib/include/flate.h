/*
 * Deflate compression, RFC 1951, with zlib's wrapping, RFC 1950, and the
 * checksums of both. Results are FlateOk or one of the errors below.
 */
#ifndef FLATE_H
#define FLATE_H

enum {
	FlateOk = 0,
	FlateNoMem = -1,
	FlateInputFail = -2,		/* the input ended early or its function failed */
	FlateOutputFail = -3,
	FlateCorrupted = -4,
	FlateInternal = -5,
};

int	deflateinit(void);
int	inflateinit(void);
char	*flateerr(int);

/*
 * r(rarg, buf, n) returns the bytes it read, 0 at the end, or -1; w(warg, buf,
 * n) returns n or fails. get(garg) returns the next byte or -1; inflate takes
 * no byte beyond the last it needs. Level is 1 (fast) to 9 (small), 0 only
 * stores; debug prints the blocks on descriptor 2.
 */
int	deflate(void *warg, int (*w)(void*, void*, int), void *rarg, int (*r)(void*, void*, int),
		int level, int debug);
int	inflate(void *warg, int (*w)(void*, void*, int), void *garg, int (*get)(void*));
int	deflatezlib(void *warg, int (*w)(void*, void*, int), void *rarg,
		int (*r)(void*, void*, int), int level, int debug);
int	inflatezlib(void *warg, int (*w)(void*, void*, int), void *garg, int (*get)(void*));

/* From memory to memory: the bytes stored at dst, or an error. */
int	deflateblock(uchar *dst, int dsize, uchar *src, int ssize, int level, int debug);
int	inflateblock(uchar *dst, int dsize, uchar *src, int ssize);
int	deflatezlibblock(uchar *dst, int dsize, uchar *src, int ssize, int level, int debug);
int	inflatezlibblock(uchar *dst, int dsize, uchar *src, int ssize);

/*
 * CRC-32 of a reflected polynomial, gzip's being 0xEDB88320: a table of 256
 * entries to be freed (nil: no memory), and the sum so far, at first 0, with n bytes added.
 * adler32 is at first 1.
 */
ulong	*mkcrctab(ulong poly);
ulong	blockcrc(ulong *tab, ulong crc, void *buf, int n);
ulong	adler32(ulong adler, void *buf, int n);

#endif
