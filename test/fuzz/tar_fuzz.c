/* Tar archives: every piece handed out lies inside the archive, and no path escapes. */
#include "dev/tar.h"

int LLVMFuzzerTestOneInput(const u8 *data, usize size);

typedef struct Archive { const u8 *p; usize n; } Archive;

static void inside(const Archive *a, const void *p, usize n)
{
	const u8 *at = p;
	assert(n == 0 || (at >= a->p && at <= a->p + a->n && n <= (usize)(a->p + a->n - at)));
}

static Err visit(void *arg, const TarEntry *e)
{
	const Archive *a = arg;
	inside(a, e->name.text, e->name.len);
	inside(a, e->prefix.text, e->prefix.len);
	if (e->kind == TAR_FILE)
		inside(a, e->data, e->size);
	if (e->kind == TAR_LINK)
		inside(a, e->link.text, e->link.len);
	assert(!(e->name.len == 2 && memcmp(e->name.text, "..", 2) == 0));
	return nil;
}

int LLVMFuzzerTestOneInput(const u8 *data, usize size)
{
	char why[128];
	Archive a = { data, size };
	Err e = tar_parse(data, size, visit, &a, why, sizeof why);
	if (e != nil)
		assert(strlen(e) > 0);
	return 0;
}
