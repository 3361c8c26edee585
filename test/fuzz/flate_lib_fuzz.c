/* libflate: whatever is to be inflated fits or is an error; what was deflated comes back. */
#include "u.h"
#include "libc.h"
#include "flate.h"

int LLVMFuzzerTestOneInput(const uchar *data, ulong size);

enum { OUT = 1 << 14 };

int fprint(int fd, char *fmt, ...) { return 0; }

void *mallocz(ulong n, int clear)
{
	void *p = malloc(n);

	return p != nil && clear ? memset(p, 0, n) : p;
}

static void back(uchar *in, int size)
{
	static uchar small[OUT], same[OUT];
	int n = deflatezlibblock(small, sizeof small, in, size, 1 + size % 9, 0);

	if (n < 0 || inflatezlibblock(same, size, small, n) != size || memcmp(same, in, size) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uchar *data, ulong size)
{
	static uchar out[OUT];
	static int begun;
	uchar *in = malloc(size);

	if (!begun++ && (inflateinit() != FlateOk || deflateinit() != FlateOk))
		abort();
	memmove(in, (uchar *)data, size);
	if (inflateblock(out, sizeof out, in, (int)size) > OUT
		|| inflatezlibblock(out, sizeof out, in, (int)size) > OUT)
		abort();
	if (size > 0 && in[0] % 16 == 0)
		back(in, (int)size);
	free(in);
	return 0;
}
