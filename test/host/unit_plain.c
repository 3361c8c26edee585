/* Rooms that need no machine: what they compute from what they are given. */
#include "unit.h"

void base_test(void), sha1_test(void), aead_test(void), codec_test(void), load_test(void),
	tar_test(void), dir_test(void);

int main(void)
{
	static const Unit units[] = {
		{ "base", base_test }, { "sha1", sha1_test }, { "aead", aead_test },
		{ "codec", codec_test }, { "load", load_test },
		{ "tar", tar_test }, { "dir", dir_test },
	};
	for (u32 i = 0; i < nelem(units); i++)
		unit_run(&units[i]);
	return unit_end();
}
