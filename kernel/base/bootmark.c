/* Emitting the boot milestones of bootmarks.h, once and in order. */
#include "bootmarks.h"
#include "arch/arch.h"
#include "base/base.h"

typedef struct BootMark { const char *text; bool pair; } BootMark;

#define AS_MARK(pair, place, function, meaning) { pair, true },
#define AS_TEXT(text, place, function) { text, false },
static const BootMark table[] = { BOOTMARKS(AS_MARK, AS_TEXT) };

static u32 next;	/* only the boot path and proc0 get here */

/* A pair goes to the log always and to the console when asked for. */
static void emit_pair(const char *pair)
{
	char value[8], text[80];
	usize n = snprint(text, sizeof text, "\n[%s]\n", pair);
	if (boot_option("marks", value, sizeof value))
		log_write(text, n);
	else
		log_keep(text, n);
}

void boot_mark(const char *pair_or_text)
{
	if (next >= nelem(table) || strcmp(table[next].text, pair_or_text) != 0)
		panic("boot milestone %s out of order: %s was to come next", pair_or_text,
			next < nelem(table) ? table[next].text : "none");
	if (table[next].pair)
		emit_pair(table[next].text);
	else
		print("%s\n", table[next].text);
	next++;
}
