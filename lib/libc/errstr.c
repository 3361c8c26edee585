/*
 * The error string. errstr exchanges it with a buffer; two exchanges read it.
 */
#include "sys.h"

void
werrstr(char *fmt, ...)
{
	char buf[ERRMAX];
	va_list args;

	va_start(args, fmt);
	vseprint(buf, buf + sizeof buf, fmt, args);
	va_end(args);
	errstr(buf, sizeof buf);
}

void
rerrstr(char *buf, uint n)
{
	char tmp[ERRMAX];

	if(n == 0)
		return;
	tmp[0] = 0;
	errstr(tmp, sizeof tmp);
	utfecpy(buf, buf + n, tmp);
	errstr(tmp, sizeof tmp);
}

void
perror(char *s)
{
	if(s != nil && *s != 0)
		fprint(2, "%s: %r\n", s);
	else
		fprint(2, "%r\n");
}

/* The %r verb. */
int
errfmt(Fmt *f)
{
	char buf[ERRMAX];

	rerrstr(buf, sizeof buf);
	return fmtstrcpy(f, buf);
}
