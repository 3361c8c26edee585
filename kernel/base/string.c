/*
 * C's string functions, freestanding. memcpy, memmove and memset are the
 * architecture's. The hosted build (arch/host) takes all of them from the C
 * library instead.
 */
#include "base/base.h"

#ifndef ARCH_HOST

static bool same8(const u8 *a, const u8 *b)
{
	u64 x, y;
	__builtin_memcpy(&x, a, 8);
	__builtin_memcpy(&y, b, 8);
	return x == y;
}

int memcmp(const void *a, const void *b, usize n)
{
	const u8 *x = a, *y = b;
	usize i = 0;
	while (n - i >= 8 && same8(x + i, y + i))
		i += 8;
	for (; i < n; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

void *memchr(const void *s, int c, usize n)
{
	const u8 *p = s;
	for (usize i = 0; i < n; i++)
		if (p[i] == (u8)c)
			return (void *)(uintptr)(p + i);
	return nil;
}

usize strlen(const char *s)
{
	usize n = 0;
	while (s[n] != '\0')
		n++;
	return n;
}

usize strnlen(const char *s, usize n)
{
	usize i = 0;
	while (i < n && s[i] != '\0')
		i++;
	return i;
}

int strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, usize n)
{
	while (n > 0 && *a != '\0' && *a == *b) {
		a++;
		b++;
		n--;
	}
	return n == 0 ? 0 : (u8)*a - (u8)*b;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr)s;
		if (*s == '\0')
			return nil;
	}
}

char *strrchr(const char *s, int c)
{
	char *found = nil;
	for (;; s++) {
		if (*s == (char)c)
			found = (char *)(uintptr)s;
		if (*s == '\0')
			return found;
	}
}

char *strstr(const char *s, const char *t)
{
	usize n = strlen(t);
	for (; *s != '\0' || n == 0; s++)
		if (strncmp(s, t, n) == 0)
			return (char *)(uintptr)s;
	return nil;
}

#endif
