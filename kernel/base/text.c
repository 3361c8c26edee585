/*
 * Text beyond C's string functions: bounded copies, runes, numbers, rc quoting
 * and splitting.
 */
#include "base/base.h"

enum { RUNE_ERROR = 0xFFFD, RUNE_MAX = 0x10FFFF };

char *strecpy(char *to, char *end, const char *from)
{
	assert(to < end);
	char *start = to;
	while (to < end - 1 && *from != '\0')
		*to++ = *from++;
	if (*from != '\0')	/* cut: drop a half sequence */
		while (to > start && ((u8)*from & 0xC0) == 0x80) {
			from--;
			to--;
		}
	*to = '\0';
	return to;
}

/* Sequence length that a first byte announces; 0 for none. */
static usize sequence_length(u8 c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xC2 && c < 0xE0)
		return 2;
	if (c >= 0xE0 && c < 0xF0)
		return 3;
	if (c >= 0xF0 && c < 0xF5)
		return 4;
	return 0;
}

usize rune_decode(Rune *r, const char *s, usize n)
{
	static const Rune lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const u8 *p = (const u8 *)s;
	usize len = n == 0 ? 0 : sequence_length(p[0]);
	*r = RUNE_ERROR;
	if (len == 0 || len > n)
		return 1;
	if (len == 1) {
		*r = p[0];
		return 1;
	}
	Rune v = p[0] & (0xFFU >> (len + 1));
	for (usize i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 1;
		v = v << 6 | (p[i] & 0x3F);
	}
	if (v < lowest[len] || v > RUNE_MAX || (v >= 0xD800 && v < 0xE000))
		return 1;
	*r = v;
	return len;
}

usize rune_encode(char *s, Rune r)
{
	if (r > RUNE_MAX || (r >= 0xD800 && r < 0xE000))
		r = RUNE_ERROR;
	if (r < 0x80) {
		s[0] = (char)r;
		return 1;
	}
	usize len = r < 0x800 ? 2 : r < 0x10000 ? 3 : 4;
	for (usize i = len - 1; i > 0; i--) {
		s[i] = (char)(0x80 | (r & 0x3F));
		r >>= 6;
	}
	s[0] = (char)((0xF00U >> len) | r);
	return len;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

u64 strtou64(const char *s, const char **end, int base)
{
	if (base == 0 && s[0] == '0')
		base = (s[1] == 'x' || s[1] == 'X') ? 16 : 8;
	if (base == 0)
		base = 10;
	if (base == 16 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16)
		s += 2;
	u64 v = 0;
	for (; digit_value(*s) < base; s++)
		if (!mul_u64(v, (u64)base, &v) || !add_u64(v, (u64)digit_value(*s), &v))
			v = ~0UL;
	if (end != nil)
		*end = s;
	return v;
}

static bool must_quote(const char *s)
{
	if (*s == '\0')
		return true;
	for (; *s != '\0'; s++)
		if ((u8)*s <= ' ' || strchr("`^#*[]=|?${}()'<>&;\\\"", *s) != nil)
			return true;
	return false;
}

usize quote(char *buf, usize size, const char *s, bool force)
{
	assert(size > 0);
	char *p = buf, *end = buf + size;
	if (!force && !must_quote(s))
		return (usize)(strecpy(buf, end, s) - buf);
	p = seprint(p, end, "'");
	for (; *s != '\0' && p < end - 1; s++) {
		if (*s == '\'' && p < end - 2)
			*p++ = '\'';
		*p++ = *s;
	}
	*p = '\0';
	return (usize)(seprint(p, end, "'") - buf);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

usize tokenize(char *text, char **words, usize max)
{
	usize n = 0;
	char *from = text;
	while (n < max) {
		while (is_blank(*from))
			from++;
		if (*from == '\0')
			break;
		char *to = from;
		bool quoted = false;
		words[n++] = to;
		for (; *from != '\0'; from++) {
			if (*from == '\'') {
				if (quoted && from[1] == '\'')
					*to++ = *from++;
				else
					quoted = !quoted;
				continue;
			}
			if (!quoted && is_blank(*from))
				break;
			*to++ = *from;
		}
		if (*from != '\0')
			from++;
		*to = '\0';
	}
	return n;
}
