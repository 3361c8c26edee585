/*
 * The print family over Runes.
 */
#include "sys.h"
#include "fmt.h"

Rune*
runevseprint(Rune *buf, Rune *e, char *fmt, va_list args)
{
	Fmt f;

	if(buf == nil || e <= buf)
		return buf;
	memset(&f, 0, sizeof f);
	f.runes = 1;
	f.start = f.to = buf;
	f.stop = e - 1;
	va_copy(f.args, args);
	dofmt(&f, fmt);
	va_end(f.args);
	*(Rune*)f.to = 0;
	return f.to;
}

Rune*
runeseprint(Rune *buf, Rune *e, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf = runevseprint(buf, e, fmt, args);
	va_end(args);
	return buf;
}

int
runevsnprint(Rune *buf, int n, char *fmt, va_list args)
{
	if(n <= 0)
		return 0;
	return runevseprint(buf, buf + n, fmt, args) - buf;
}

int
runesnprint(Rune *buf, int n, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	n = runevsnprint(buf, n, fmt, args);
	va_end(args);
	return n;
}

int
runesprint(Rune *buf, char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = runevsnprint(buf, 65536, fmt, args);	/* the caller vouches for the room */
	va_end(args);
	return n;
}

Rune*
runevsmprint(char *fmt, va_list args)
{
	Fmt f;

	if(runefmtstrinit(&f) < 0)
		return nil;
	va_copy(f.args, args);
	dofmt(&f, fmt);
	va_end(f.args);
	return runefmtstrflush(&f);
}

Rune*
runesmprint(char *fmt, ...)
{
	va_list args;
	Rune *s;

	va_start(args, fmt);
	s = runevsmprint(fmt, args);
	va_end(args);
	return s;
}
