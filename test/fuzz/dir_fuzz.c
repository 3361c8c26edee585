/* Directory entries of stat, wstat and directories: what decodes must encode to the same bytes. */
#include "chan/chan.h"

int LLVMFuzzerTestOneInput(const u8 *data, usize size);

/* With another name it is an entry still, or too long. */
static void check_rename(const u8 *data, usize size)
{
	static u8 renamed[1 << 16];
	usize n = dir_rename(data, size, "another", 7, renamed, sizeof renamed);
	assert(n == 0 || dir_check(renamed, n) == n);
}

int LLVMFuzzerTestOneInput(const u8 *data, usize size)
{
	static char strings[1 << 16];
	static u8 again[1 << 16];
	Dir d;
	usize n = dir_check(data, size);
	assert(n <= size);
	if (n == 0)
		return 0;
	if (dir_decode(data, n, &d, strings) != nil)
		__builtin_trap();
	assert(dir_size(&d) == n && dir_encode(&d, again, sizeof again) == n);
	assert(memcmp(again, data, n) == 0);
	check_rename(data, n);
	return 0;
}
