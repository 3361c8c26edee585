/*
 * sha256sum [file ...]: the SHA-256 digest of each file, or of the standard input.
 */
#include <u.h>
#include <libc.h>
#include <libsec.h>

void
main(int argc, char *argv[])
{
	argv0 = "sha256sum";
	digestfiles(argc, argv, sha2_256, SHA2_256dlen);
}
