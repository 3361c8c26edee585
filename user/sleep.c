/*
 * sleep seconds[.fraction]: do nothing for that long.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: sleep n[.frac]\n");
	exits("usage");
}

/* parse splits the number in text into whole seconds and milliseconds. */
static void
parse(char *text, vlong *sec, int *ms)
{
	int unit;
	char *p;

	p = text;
	for (*sec = 0; *p >= '0' && *p <= '9' && *sec < 1LL << 50; p++)
		*sec = *sec * 10 + *p - '0';
	*ms = 0;
	if (*p == '.')
		for (p++, unit = 100; *p >= '0' && *p <= '9'; p++, unit /= 10)
			*ms += (*p - '0') * unit;
	if (*p != '\0' || p == text)
		usage();
}

void
main(int argc, char *argv[])
{
	vlong sec;
	int ms;

	ARGBEGIN{
	default:
		usage();
	}ARGEND
	if (argc != 1)
		usage();
	parse(argv[0], &sec, &ms);
	for (; sec > 0; sec--)
		if (sleep(1000) < 0)
			sysfatal("%r");
	if (ms > 0 && sleep(ms) < 0)
		sysfatal("%r");
	exits(nil);
}
