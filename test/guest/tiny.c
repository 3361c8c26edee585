/* The smallest program: what fork+exec+exit costs is the kernel's. */
#include <u.h>
#include <libc.h>

void main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	_exits(nil);
}
