/*
 * md5sum [file ...]: the MD5 digest of each file, or of the standard input.
 */
#include <u.h>
#include <libc.h>
#include <libsec.h>

void
main(int argc, char *argv[])
{
	argv0 = "md5sum";
	digestfiles(argc, argv, md5, MD5dlen);
}
