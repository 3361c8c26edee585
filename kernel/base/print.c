/*
 * Formatted output. No allocation, no locks, bounded by the buffer: safe from
 * any context.
 */
#include "base/base.h"

typedef struct Format {
	bool left, zero, sign, space, sharp;
	int width, precision;	/* precision -1: none */
	int length;		/* 0 int, 1 long or size, -1 short, -2 char */
} Format;

typedef struct Out { char *p, *end; } Out;

static void put(Out *o, char c)
{
	if (o->p < o->end - 1)
		*o->p++ = c;
}

static void pad(Out *o, int n, char c)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(Out *o, const Format *f, const char *s, int n)
{
	if (!f->left)
		pad(o, f->width - n, ' ');
	for (int i = 0; i < n; i++)
		put(o, s[i]);
	if (f->left)
		pad(o, f->width - n, ' ');
}

/* Digits of v, most significant first, with at least `precision` of them. */
static int digits(char *buf, int size, u64 v, u32 base, bool upper, int precision)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int n = 0;
	char reversed[72];
	while (v != 0 || (n == 0 && precision != 0)) {
		reversed[n++] = set[v % base];
		v /= base;
	}
	while (n < precision && n < (int)sizeof reversed)
		reversed[n++] = '0';
	assert(n <= size);
	for (int i = 0; i < n; i++)
		buf[i] = reversed[n - 1 - i];
	return n;
}

static void put_number(Out *o, const Format *f, u64 v, bool negative, u32 base, bool upper)
{
	char body[80], prefix[4];
	int nprefix = 0;
	if (negative)
		prefix[nprefix++] = '-';
	else if (f->sign)
		prefix[nprefix++] = '+';
	else if (f->space)
		prefix[nprefix++] = ' ';
	if (f->sharp && base == 16 && v != 0) {
		prefix[nprefix++] = '0';
		prefix[nprefix++] = upper ? 'X' : 'x';
	}
	int n = digits(body, sizeof body, v, base, upper, f->precision);
	int fill = f->width - n - nprefix;
	bool zeros = f->zero && !f->left && f->precision < 0;
	if (!f->left && !zeros)
		pad(o, fill, ' ');
	for (int i = 0; i < nprefix; i++)
		put(o, prefix[i]);
	if (zeros)
		pad(o, fill, '0');
	for (int i = 0; i < n; i++)
		put(o, body[i]);
	if (f->left)
		pad(o, fill, ' ');
}

static const char *parse_number(const char *s, int *n)
{
	*n = 0;
	while (*s >= '0' && *s <= '9' && *n < 100000)
		*n = *n * 10 + (*s++ - '0');
	return s;
}

static const char *parse_flags(const char *s, Format *f)
{
	for (;; s++) {
		if (*s == '-')
			f->left = true;
		else if (*s == '0')
			f->zero = true;
		else if (*s == '+')
			f->sign = true;
		else if (*s == ' ')
			f->space = true;
		else if (*s == '#')
			f->sharp = true;
		else
			return s;
	}
}

static const char *parse_length(const char *s, Format *f)
{
	for (;; s++) {
		if (*s == 'l' || *s == 'z')
			f->length = 1;
		else if (*s == 'h')
			f->length--;
		else
			return s;
	}
}

typedef struct Args { va_list list; } Args;

static const char *parse_format(const char *s, Format *f, Args *args)
{
	*f = (Format){ .precision = -1 };
	s = parse_flags(s, f);
	if (*s == '*') {
		f->width = va_arg(args->list, int);
		if (f->width < 0) {
			f->left = true;
			f->width = -f->width;
		}
		s++;
	} else
		s = parse_number(s, &f->width);
	if (*s == '.') {
		if (s[1] == '*') {
			f->precision = va_arg(args->list, int);
			s += 2;
		} else
			s = parse_number(s + 1, &f->precision);
	}
	return parse_length(s, f);
}

static u64 unsigned_arg(const Format *f, Args *args)
{
	if (f->length > 0)
		return va_arg(args->list, u64);
	u32 v = va_arg(args->list, u32);
	return f->length == -1 ? (u16)v : f->length <= -2 ? (u8)v : v;
}

static void put_signed(Out *o, const Format *f, Args *args)
{
	s64 v = f->length > 0 ? va_arg(args->list, s64) : va_arg(args->list, s32);
	put_number(o, f, v < 0 ? -(u64)v : (u64)v, v < 0, 10, false);
}

static void put_string(Out *o, const Format *f, Args *args)
{
	const char *s = va_arg(args->list, const char *);
	if (s == nil)
		s = "<nil>";
	put_text(o, f, s, (int)(f->precision >= 0 ? strnlen(s, (usize)f->precision) : strlen(s)));
}

static void put_pointer(Out *o, const Format *f, Args *args)
{
	Format hex = *f;
	hex.sharp = false;
	hex.precision = 16;
	put(o, '0');
	put(o, 'x');
	put_number(o, &hex, (u64)(uintptr)va_arg(args->list, void *), false, 16, false);
}

static void put_verb(Out *o, char verb, const Format *f, Args *args)
{
	char c;
	switch (verb) {
	case 'd':
	case 'i':
		put_signed(o, f, args);
		break;
	case 'u':
		put_number(o, f, unsigned_arg(f, args), false, 10, false);
		break;
	case 'x':
	case 'X':
		put_number(o, f, unsigned_arg(f, args), false, 16, verb == 'X');
		break;
	case 'o':
		put_number(o, f, unsigned_arg(f, args), false, 8, false);
		break;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_text(o, f, &c, 1);
		break;
	case 's':
		put_string(o, f, args);
		break;
	case 'p':
		put_pointer(o, f, args);
		break;
	default:
		put(o, '%');
		if (verb != '%')
			put(o, verb);
	}
}

usize vsnprint(char *buf, usize size, const char *fmt, va_list list)
{
	assert(size > 0);
	Out o = { buf, buf + size };
	Args args;
	va_copy(args.list, list);
	while (*fmt != '\0') {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		Format f;
		fmt = parse_format(fmt + 1, &f, &args);
		if (*fmt == '\0')
			break;
		put_verb(&o, *fmt++, &f, &args);
	}
	va_end(args.list);
	*o.p = '\0';
	return (usize)(o.p - buf);
}

usize snprint(char *buf, usize size, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	usize n = vsnprint(buf, size, fmt, args);
	va_end(args);
	return n;
}

char *seprint(char *p, char *end, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	usize n = vsnprint(p, (usize)(end - p), fmt, args);
	va_end(args);
	return p + n;
}
