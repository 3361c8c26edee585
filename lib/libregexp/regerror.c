/*
 * Where complaints about an expression go unless the program has its own.
 */
#include <u.h>
#include <libc.h>
#include <regexp.h>

void
regerror(char *s)
{
	fprint(2, "regerror: %s\n", s);
	exits("regerr");
}
