/*
 * The program behind md5sum and its like: `digest TAB name' for each file, or
 * the digest of the standard input alone.
 */
#include "impl.h"

enum {
	CHUNK = 64*1024,
};

static DigestAlg *alg;
static int dlen;
static char *status;

static void
usage(void)
{
	fprint(2, "usage: %s [file ...]\n", argv0);
	exits("usage");
}

static void
sum(int fd, char *name)
{
	static uchar buf[CHUNK];
	uchar digest[64];
	DigestState s;
	long n;

	memset(&s, 0, sizeof s);
	while((n = read(fd, buf, sizeof buf)) > 0)
		alg(buf, (ulong)n, nil, &s);
	if(n < 0){
		fprint(2, "%s: %s: %r\n", argv0, name != nil ? name : "<stdin>");
		status = "errors";
		return;
	}
	alg(nil, 0, digest, &s);
	print("%.*lH", dlen, digest);
	if(name != nil)
		print("\t%s", name);
	if(print("\n") < 0)
		sysfatal("write error: %r");
}

void
digestfiles(int argc, char **argv, DigestAlg *digest, int len)
{
	int fd;

	alg = digest;
	dlen = len;
	fmtinstall('H', encodefmt);
	ARGBEGIN{
	default:
		usage();
	}ARGEND
	if(argc == 0)
		sum(0, nil);
	for(; argc > 0; argc--, argv++){
		fd = open(argv[0], OREAD);
		if(fd < 0){
			fprint(2, "%s: %s: %r\n", argv0, argv[0]);
			status = "errors";
			continue;
		}
		sum(fd, argv[0]);
		close(fd);
	}
	exits(status);
}
