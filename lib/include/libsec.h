/*
 * Message digests. Each function adds data to a state and, when given room
 * for the digest, finishes it. Whole messages: md5(p, n, digest, nil). In
 * pieces: s = md5(p, n, nil, nil) begins with a state of the library's,
 * md5(p, n, nil, s) goes on, md5(p, n, digest, s) ends and frees it; a zeroed
 * DigestState of the caller's serves as well and is not freed.
 */
#ifndef LIBSEC_H
#define LIBSEC_H

enum {
	MD5dlen = 16,
	SHA1dlen = 20,
	SHA2_224dlen = 28,
	SHA2_256dlen = 32,
	SHA2_384dlen = 48,
	SHA2_512dlen = 64,
	Hmacblksz = 64,
};

typedef struct DigestState DigestState;
struct DigestState {
	uvlong	len;			/* bytes added so far */
	union {
		u32int	state[16];
		u64int	bstate[8];
	};
	uchar	buf[256];		/* of an unfinished block; from 128 on, a key's */
	int	blen;
	char	malloced;
	char	seeded;
};

typedef DigestState MD5state;
typedef DigestState SHAstate;
typedef DigestState SHA1state;
typedef DigestState SHA2_224state;
typedef DigestState SHA2_256state;
typedef DigestState SHA2_384state;
typedef DigestState SHA2_512state;

typedef DigestState *DigestAlg(uchar*, ulong, uchar*, DigestState*);

DigestState	*md5(uchar*, ulong, uchar*, DigestState*);
DigestState	*sha1(uchar*, ulong, uchar*, DigestState*);
DigestState	*sha2_224(uchar*, ulong, uchar*, DigestState*);
DigestState	*sha2_256(uchar*, ulong, uchar*, DigestState*);
DigestState	*sha2_384(uchar*, ulong, uchar*, DigestState*);
DigestState	*sha2_512(uchar*, ulong, uchar*, DigestState*);

/*
 * Keyed: the message is data, the key at most 64 bytes (hash a longer one
 * first), x the digest function and xlen the length of its digest. States
 * are as above; the key is looked at when a state begins. HMAC of SHA-384
 * and SHA-512 has blocks of 128 bytes and is none of these.
 */
DigestState	*hmac_x(uchar*, ulong, uchar*, ulong, uchar*, DigestState*, DigestAlg*, int);
DigestState	*hmac_md5(uchar*, ulong, uchar*, ulong, uchar*, DigestState*);
DigestState	*hmac_sha1(uchar*, ulong, uchar*, ulong, uchar*, DigestState*);
DigestState	*hmac_sha2_256(uchar*, ulong, uchar*, ulong, uchar*, DigestState*);

/*
 * The whole of a program that prints digests of files: arguments, digest and
 * its length. Does not return.
 */
NORETURN void	digestfiles(int, char**, DigestAlg*, int);

#endif
