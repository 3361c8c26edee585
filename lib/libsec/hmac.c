/*
 * HMAC, RFC 2104, over digests with blocks of 64 bytes. The key, padded, stays
 * in the far half of the state's buffer until the end.
 */
#include "impl.h"

enum {
	KEYAT = 128,			/* past the longest unfinished block */
	MAXDIGEST = 64,
};

static void
mask(uchar *to, uchar *key, uchar with)
{
	int i;

	for(i = 0; i < Hmacblksz; i++)
		to[i] = key[i] ^ with;
}

/* The inner digest of what has come so far. */
static DigestState*
inner(uchar *p, ulong n, uchar *key, ulong klen, DigestState *s, DigestAlg *x)
{
	uchar pad[Hmacblksz], padded[Hmacblksz];

	if(s == nil || !s->seeded){
		memset(padded, 0, sizeof padded);
		memmove(padded, key, klen);
		mask(pad, padded, 0x36);
		s = x(pad, Hmacblksz, nil, s);
		if(s != nil)
			memmove(s->buf + KEYAT, padded, Hmacblksz);
		memset(padded, 0, sizeof padded);
		memset(pad, 0, sizeof pad);
	}
	return s != nil ? x(p, n, nil, s) : nil;
}

DigestState*
hmac_x(uchar *p, ulong n, uchar *key, ulong klen, uchar *digest, DigestState *s,
	DigestAlg *x, int xlen)
{
	uchar pad[Hmacblksz], result[MAXDIGEST];
	DigestState local, outer;

	if(klen > Hmacblksz || xlen > MAXDIGEST)
		return nil;
	if(digest == nil)
		return inner(p, n, key, klen, s, x);
	memset(&local, 0, sizeof local);
	if(s == nil)
		s = &local;
	inner(p, n, key, klen, s, x);
	mask(pad, s->buf + KEYAT, 0x5c);
	x(nil, 0, result, s);
	memset(&outer, 0, sizeof outer);
	x(pad, Hmacblksz, nil, &outer);
	x(result, (ulong)xlen, digest, &outer);
	memset(pad, 0, sizeof pad);
	return nil;
}

DigestState*
hmac_md5(uchar *p, ulong n, uchar *key, ulong klen, uchar *digest, DigestState *s)
{
	return hmac_x(p, n, key, klen, digest, s, md5, MD5dlen);
}

DigestState*
hmac_sha1(uchar *p, ulong n, uchar *key, ulong klen, uchar *digest, DigestState *s)
{
	return hmac_x(p, n, key, klen, digest, s, sha1, SHA1dlen);
}

DigestState*
hmac_sha2_256(uchar *p, ulong n, uchar *key, ulong klen, uchar *digest, DigestState *s)
{
	return hmac_x(p, n, key, klen, digest, s, sha2_256, SHA2_256dlen);
}
