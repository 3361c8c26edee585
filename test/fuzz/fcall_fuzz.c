/* 9P messages: what decodes must encode to the same bytes again, whatever the input. */
#include "9p/9p.h"

int LLVMFuzzerTestOneInput(const u8 *data, usize size);

int LLVMFuzzerTestOneInput(const u8 *data, usize size)
{
	static u8 again[1 << 17];
	Fcall f;
	if (!fcall_decode(data, size, &f))
		return 0;
	if (size > sizeof again)
		return 0;
	usize n = fcall_encode(&f, again, sizeof again);
	assert(n == size);
	assert(memcmp(again, data, n) == 0);
	return 0;
}
