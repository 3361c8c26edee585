/*
 * BUILD=cover: the compiler counts how often each arc of the code is taken, in arrays that
 * boot/kernel.ld gathers. Where the machine ends they go to QEMU's debug port as they are;
 * tools/cover knows from the kernel's ELF file which count is whose.
 */
#define BUILD_COVER 1	/* for those who look at every file */
#include "arch/amd64/amd64.h"

enum { DEBUG_PORT = 0xe9 };

extern const u8 __cover_start[], __cover_end[];

/* gcc's tables name the function that would add two runs up; nobody calls it here. */
void __gcov_merge_add(void);
void __gcov_merge_add(void) { }

static void out(const void *p, usize n)
{
	const u8 *b = p;
	for (usize i = 0; i < n; i++)
		arch_out8(DEBUG_PORT, b[i]);
}

void cover_out(void)
{
	static bool done;	/* [a] one processor does it, once */
	u64 n = (u64)(__cover_end - __cover_start);

	splhi();
	if (__atomic_exchange_n(&done, true, __ATOMIC_RELAXED))
		return;
	out("lux9cov1", 8);
	out(&n, sizeof n);
	out(__cover_start, n);
}
