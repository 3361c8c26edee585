/*
 * libsec: the examples of RFC 1321, FIPS 180, RFC 2202 and RFC 4231, whole and in
 * pieces.
 */
#include <u.h>
#include <libc.h>
#include <libsec.h>
#include "check.h"

enum {
	MAXDLEN = 64,
	MAX = 1000,
};

static char*
hex(uchar *p, int n)
{
	static char text[2*MAXDLEN + 1];

	snprint(text, sizeof text, "%.*lH", n, p);
	return text;
}

static void
is(DigestAlg *alg, int len, char *text, char *want)
{
	uchar d[MAXDLEN];

	CHECK(alg((uchar*)text, (ulong)strlen(text), d, nil) == nil);
	SAME(hex(d, len), want);
}

/* The same in one piece, in many with a state of ours, and of the library's. */
static void
pieces(DigestAlg *alg, int len)
{
	uchar text[MAX], whole[MAXDLEN], d[MAXDLEN];
	DigestState mine, *its;
	int n, i, m, bad = 0;

	for(i = 0; i < MAX; i++)
		text[i] = (uchar)nrand(256);
	for(n = 0; n < MAX; n += 1 + nrand(9)){
		alg(text, (ulong)n, whole, nil);
		memset(&mine, 0, sizeof mine);
		its = nil;
		for(i = 0; i < n; i += m){
			m = 1 + nrand(200);
			if(m > n - i)
				m = n - i;
			alg(text + i, (ulong)m, nil, &mine);
			its = alg(text + i, (ulong)m, nil, its);
		}
		alg(nil, 0, d, &mine);
		bad += memcmp(whole, d, (ulong)len) != 0;
		alg(nil, 0, d, its);
		bad += memcmp(whole, d, (ulong)len) != 0;
	}
	CHECK(bad == 0);
}

static void
digests(void)
{
	is(md5, MD5dlen, "", "d41d8cd98f00b204e9800998ecf8427e");
	is(md5, MD5dlen, "message digest", "f96b697d7cb7938d525a2f31aaf161d0");
	is(sha1, SHA1dlen, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
	is(sha1, SHA1dlen, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"84983e441c3bd26ebaae4aa1f95129e5e54670f1");
	is(sha2_224, SHA2_224dlen, "abc",
		"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
	is(sha2_256, SHA2_256dlen, "abc",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	is(sha2_256, SHA2_256dlen, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	is(sha2_384, SHA2_384dlen, "abc",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
		"1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
	is(sha2_512, SHA2_512dlen, "abc",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	pieces(md5, MD5dlen);
	pieces(sha1, SHA1dlen);
	pieces(sha2_224, SHA2_224dlen);
	pieces(sha2_256, SHA2_256dlen);
	pieces(sha2_384, SHA2_384dlen);
	pieces(sha2_512, SHA2_512dlen);
}

static void
hmacs(void)
{
	uchar *key = (uchar*)"Jefe", *text = (uchar*)"what do ya want for nothing?", d[MAXDLEN];
	uchar longkey[Hmacblksz + 1];
	DigestState *s;

	hmac_md5(text, 28, key, 4, d, nil);
	SAME(hex(d, MD5dlen), "750c783e6ab0b503eaa86e310a5db738");
	hmac_sha1(text, 28, key, 4, d, nil);
	SAME(hex(d, SHA1dlen), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	s = hmac_sha2_256(text, 10, key, 4, nil, nil);
	s = hmac_sha2_256(text + 10, 11, key, 4, nil, s);
	CHECK(hmac_sha2_256(text + 21, 7, key, 4, d, s) == nil);
	SAME(hex(d, SHA2_256dlen),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(longkey, 1, sizeof longkey);
	memset(d, 0, sizeof d);
	hmac_sha1(text, 28, longkey, sizeof longkey, d, nil);
	CHECK(d[0] == 0 && d[19] == 0);
}

void
main(int argc, char *argv[])
{
	USED(argc, argv);
	fmtinstall('H', encodefmt);
	srand(2);
	digests();
	hmacs();
	finish();
}
