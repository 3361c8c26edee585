/* SHA-1 and its HMAC against the examples of FIPS 180 and RFC 2202. */
#include "unit.h"

void sha1_test(void);

static bool is(const u8 digest[SHA1_SIZE], const char *hex)
{
	char text[2 * SHA1_SIZE + 1] = "";
	for (u32 i = 0; i < SHA1_SIZE; i++)
		snprint(text + 2 * i, 3, "%02x", digest[i]);
	return strcmp(text, hex) == 0;
}

static void digests(void)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	static char many[1000000];
	u8 d[SHA1_SIZE];
	sha1("", 0, d);
	check(is(d, "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
	sha1("abc", 3, d);
	check(is(d, "a9993e364706816aba3e25717850c26c9cd0d89d"));
	sha1(two, strlen(two), d);
	check(is(d, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"));
	memset(many, 'a', sizeof many);
	sha1(many, sizeof many, d);
	check(is(d, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"));
}

static void keyed(void)
{
	static const char what[] = "what do ya want for nothing?";
	static const char larger[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	u8 key[80], d[SHA1_SIZE];
	hmac_sha1("Jefe", 4, what, strlen(what), d);
	check(is(d, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
	memset(key, 0x0b, 20);
	hmac_sha1(key, 20, "Hi There", 8, d);
	check(is(d, "b617318655057264e28bc0b6fb378c8ef146be00"));
	memset(key, 0xaa, sizeof key);
	hmac_sha1(key, sizeof key, larger, strlen(larger), d);
	check(is(d, "aa4ae5e15272d00e95705637ce8a3b55ed402112"));
}

void sha1_test(void)
{
	digests();
	keyed();
}
