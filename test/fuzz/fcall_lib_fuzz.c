/* libc's side of 9P: what convM2S and convM2D accept becomes the same bytes again. */
#include "u.h"
#include "libc.h"
#include "fcall.h"

int LLVMFuzzerTestOneInput(const uchar *data, ulong size);

/* Not called. */
long readn(int fd, void *buf, long n) { abort(); }
int wstat(char *name, uchar *edir, int n) { abort(); }
int fwstat(int fd, uchar *edir, int n) { abort(); }
void werrstr(char *fmt, ...) { }

static void message(uchar *copy, const uchar *data, uint size)
{
	static uchar again[1 << 16];
	Fcall f;

	memmove(copy, (uchar *)data, size);
	if (convM2S(copy, size, &f) == 0)
		return;
	if (sizeS2M(&f) != size || convS2M(&f, again, sizeof again) != size
		|| memcmp(again, (uchar *)data, size) != 0)
		abort();
}

/* A string of an entry may hold a NUL, where it then ends. */
static void entry(uchar *copy, const uchar *data, uint size)
{
	static uchar again[1 << 16];
	Dir d;
	uint n;
	char *strings = malloc(size + 1);

	memmove(copy, (uchar *)data, size);
	if (statcheck(copy, size) == 0) {
		if (convM2D(copy, size, &d, strings) != size)
			abort();
		n = convD2M(&d, again, sizeof again);
		if (n > size || (n == size && memcmp(again, (uchar *)data, size) != 0))
			abort();
	}
	free(strings);
}

int LLVMFuzzerTestOneInput(const uchar *data, ulong size)
{
	uchar *copy = malloc(size);	/* of this size, so that what lies behind is not touched */

	message(copy, data, (uint)size);
	entry(copy, data, (uint)size);
	free(copy);
	return 0;
}
