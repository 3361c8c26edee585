/* ChaCha20, Poly1305 and both against the examples of RFC 8439, and changes that must be seen. */
#include "unit.h"

void aead_test(void);

static void from_hex(const char *hex, u8 *to)
{
	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		char byte[3] = { hex[0], hex[1], '\0' };
		*to++ = (u8)strtou64(byte, nil, 16);
		hex++;
	}
}

static bool is(const u8 *bytes, const char *hex)
{
	u8 want[256];
	usize n = 0;
	from_hex(hex, want);
	for (const char *s = hex; *s != '\0'; s++)
		n += *s != ' ';
	return memcmp(bytes, want, n / 2) == 0;
}

static char sunscreen[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one "
	"tip for the future, sunscreen would be it.";

/* Section 2.4.2. */
static void test_cipher(void)
{
	u8 key[AEAD_KEY], nonce[AEAD_NONCE], text[sizeof sunscreen];
	usize n = sizeof sunscreen - 1;
	for (u32 i = 0; i < sizeof key; i++)
		key[i] = (u8)i;
	from_hex("00000000 0000004a 00000000", nonce);
	memmove(text, sunscreen, n);
	chacha20(key, nonce, 1, text, n);
	check(is(text, "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
		"f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
		"07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
		"5af90bbf74a35be6b40b8eedf2785e42874d"));
	chacha20(key, nonce, 1, text, n);
	check(memcmp(text, sunscreen, n) == 0);
}

/* Section 2.8.2. */
static void test_both(void)
{
	u8 key[AEAD_KEY], nonce[AEAD_NONCE], more[12], text[sizeof sunscreen], tag[AEAD_TAG];
	usize n = sizeof sunscreen - 1;
	for (u32 i = 0; i < sizeof key; i++)
		key[i] = (u8)(0x80 + i);
	from_hex("07000000 4041424344454647", nonce);
	from_hex("50515253c0c1c2c3c4c5c6c7", more);
	memmove(text, sunscreen, n);
	aead_seal(key, nonce, more, sizeof more, text, n, tag);
	check(is(text, "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
		"3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
		"92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
		"3ff4def08e4b7a9de576d26586cec64b6116"));
	check(is(tag, "1ae10b594f09e26a7e902ecbd0600691"));
	for (usize i = 0; i < n; i += 7) {
		text[i] ^= 0x10;
		check(!aead_open(key, nonce, more, sizeof more, text, n, tag));
		text[i] ^= 0x10;
	}
	more[0]++;
	check(!aead_open(key, nonce, more, sizeof more, text, n, tag));
	more[0]--;
	check(!aead_open(key, nonce, more, sizeof more, text, n - 1, tag));
	check(aead_open(key, nonce, more, sizeof more, text, n, tag));
	check(memcmp(text, sunscreen, n) == 0);
}

/*
 * Tags of texts of many sizes, all of them together: numbers with all bits set are where a carry
 * that is lost shows. What they should make was computed with another implementation.
 */
static void test_roundtrips(void)
{
	u8 key[AEAD_KEY], nonce[AEAD_NONCE] = { 0 }, text[200], tag[AEAD_TAG];
	u8 all[AEAD_TAG] = { 0 };
	for (u32 round = 0; round < 400; round++) {
		usize n = round / 2;
		memset(key, round % 2 == 0 ? 0xff : (int)round, sizeof key);
		memset(text, 0xff, sizeof text);
		nonce[0] = (u8)round;
		aead_seal(key, nonce, text, 0, text, n, tag);
		for (u32 i = 0; i < AEAD_TAG; i++)
			all[i] ^= tag[i];
		check(aead_open(key, nonce, text, 0, text, n, tag));
		tag[round % AEAD_TAG] ^= 1;
		check(!aead_open(key, nonce, text, 0, text, n, tag));
	}
	check(is(all, "db974b5efcc3108ad7e9db56aae842ec"));
}

void aead_test(void)
{
	test_cipher();
	test_both();
	test_roundtrips();
}
