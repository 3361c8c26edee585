/*
 * sha1sum [file ...]: the SHA-1 digest of each file, or of the standard input.
 */
#include <u.h>
#include <libc.h>
#include <libsec.h>

void
main(int argc, char *argv[])
{
	argv0 = "sha1sum";
	digestfiles(argc, argv, sha1, SHA1dlen);
}
