/*
 * The machine as #P shows it: devices.md 16. Needs a PC as QEMU makes it.
 */
#include "guest.h"

static char *lines[128];

static int split(char *text)
{
	return getfields(text, lines, nelem(lines), 1, "\n");
}

static int reads(char *file, vlong off, void *buf, long n)
{
	int fd = open(file, OREAD);
	long r = pread(fd, buf, n, off);

	close(fd);
	return r;
}

static int writes(char *file, vlong off, void *buf, long n)
{
	int fd = open(file, OWRITE);
	long r = pwrite(fd, buf, n, off);

	close(fd);
	return r;
}

static void ports(void)
{
	uchar b[4];
	char *s;
	int i, n, ordered = 1;

	b[0] = 1;
	fails("port of a driver", reads("#P/iob", 0x3f8, b, 1), "permission denied");
	fails("word beside it", reads("#P/iow", 0x3f6, b, 4), "permission denied");
	is("free port", reads("#P/iob", 0x80, b, 1), 1);
	b[0] = 0x5a;
	is("write a free port", writes("#P/iob", 0x80, b, 1), 1);
	is("vga", reads("#P/iob", 0x3da, b, 1), 1);
	fails("odd count", reads("#P/iow", 0x80, b, 3), "bad arg in system call");
	fails("no long", reads("#P/iol", 0xcf8, b, 2), "bad arg in system call");
	is("long", reads("#P/iol", 0xcf8, b, 4), 4);
	fails("no such port", reads("#P/iob", 0x10000, b, 1), "bad arg in system call");
	s = contents("#P/ioalloc");
	yes("ioalloc has COM1", strstr(s, "     3f8      3ff eia0        \n") != nil);
	n = split(s);
	for (i = 1; i < n; i++)
		ordered &= strcmp(lines[i - 1], lines[i]) < 0;
	yes("ioalloc ascends", n > 3 && ordered);
	yes("irqalloc has COM1", strstr(contents("#P/irqalloc"), "          4 eia0\n") != nil);
}

/* A range is made, told, changed; the device memory it is on stays as it is used. */
static void caches(void)
{
	static char *bad = "bad arg in system call";

	is("a cache range", puts("#P/archctl", "cache 0x80000000 0x100000 uc"), 0);
	yes("is told", strstr(contents("#P/archctl"),
		"cache 0x0000000080000000         1048576 uc\n") != nil);
	is("another type", puts("#P/archctl", "cache 0x80000000 1048576 wt"), 0);
	yes("is told", strstr(contents("#P/archctl"),
		"cache 0x0000000080000000         1048576 wt\n") != nil);
	yes("and not the first", strstr(contents("#P/archctl"), " 1048576 uc\n") == nil);
	fails("one in it", puts("#P/archctl", "cache 0x80000000 4096 wp"),
		"cache range overlaps another");
	is("as it was", puts("#P/archctl", "cache 0x80000000 0x100000 uc"), 0);
	fails("no such type", puts("#P/archctl", "cache 0xfd000000 4096 xx"), bad);
	fails("no power of two", puts("#P/archctl", "cache 0xfd000000 12288 uc"), bad);
	fails("at no multiple", puts("#P/archctl", "cache 0xfd001000 8192 uc"), bad);
	fails("beyond memory", puts("#P/archctl", "cache 0xfff0000000000000 4096 uc"), bad);
	fails("no number", puts("#P/archctl", "cache here 4096 uc"), bad);
	fails("arguments", puts("#P/archctl", "cache 0 4096"),
		"wrong #args in control message \"cache 0 4096\"");
}

/* Each barrier is taken, told, and used by what programs the interrupt controller. */
static void barriers(void)
{
	static char *names[] = { "mb386", "mb586", "mfence", "nop" };
	char verb[32], line[32];
	uint i;
	int several = strchr(contents("#c/sysstat"), '\n')[1] != '\0';

	for (i = 0; i < nelem(names); i++) {
		snprint(verb, sizeof verb, "coherence %s", names[i]);
		snprint(line, sizeof line, "\n%s\n", verb);
		if (several && strcmp(names[i], "nop") == 0) {
			fails(verb, puts("#P/archctl", verb),
				"cannot disable coherence on a multiprocessor");
			continue;
		}
		is(verb, puts("#P/archctl", verb), 0);
		yes("is told", strstr(contents("#P/archctl"), line) != nil);
	}
	fails("no such barrier", puts("#P/archctl", "coherence lfence"),
		"invalid coherence: none of mb386, mb586, mfence, nop");
	is("mfence again", puts("#P/archctl", "coherence mfence"), 0);
	yes("is told", strstr(contents("#P/archctl"), "\ncoherence mfence\n") != nil);
}

static void processor(void)
{
	uvlong v[2], again;
	char *s;
	int n;

	is("msr", reads("#P/msr", 0xc0000080LL, v, 8), 8);
	yes("EFER has NXE, LMA, SCE", (v[0] & 0xc01) == 0xc01);
	fails("msr count", reads("#P/msr", 0xc0000080LL, v, 4), "bad arg in system call");
	fails("msr beyond 32 bits", reads("#P/msr", 1LL << 32, v, 8), "bad arg in system call");
	is("msr written", writes("#P/msr", 0xc0000102LL, (reads("#P/msr", 0xc0000102LL, &again, 8),
		&again), 8), 8);
	s = contents("#P/cputype");
	n = strlen(s);
	yes("cputype", n > 4 && s[n - 1] == '\n' && strrchr(s, ' ') != nil &&
		atoi(strrchr(s, ' ') + 1) > 0);
	s = contents("#P/archctl");
	begins("archctl", s, "cpu ");
	yes("pge on", strstr(s, " pge\npge on\ncoherence mfence\ncmpswap cmpswap486\narch ") !=
		nil);
	is("pge off", puts("#P/archctl", "pge off"), 0);
	yes("pge is off", strstr(contents("#P/archctl"), "\npge off\n") != nil);
	is("pge on again", puts("#P/archctl", "pge on"), 0);
	caches();
	barriers();
	failsas("archctl's verbs", puts("#P/archctl", "frob"), "unknown control message \"frob\"");
}

static void firmware(void)
{
	static uchar buf[65536];
	uchar b[4];
	long n, at, size;

	n = reads("#P/acpitbls", 0, buf, sizeof buf);
	yes("acpitbls", n > 36);
	for (at = 0; at + 36 <= n; at += size) {
		size = buf[at + 4] | buf[at + 5] << 8 | buf[at + 6] << 16;
		if (size < 36)
			break;
	}
	is("whole tables", at, n);
	is("by pieces", reads("#P/acpitbls", 4, b, 4), 4);
	is("the same", memcmp(b, buf + 4, 4), 0);
	is("realmodemem", reads("#P/realmodemem", 0, b, 4), 4);
	is("its end", reads("#P/realmodemem", 0xffffe, b, 4), 2);
	is("beyond", reads("#P/realmodemem", 0x100000, b, 4), 0);
	fails("write low memory", writes("#P/realmodemem", 0, b, 1), "bad arg in system call");
	is("write video memory", writes("#P/realmodemem", 0xb8000, b, 2), 2);
	failsas("spec", open("#Px", OREAD), "bad attach specifier");
	fails("acpimem elsewhere", reads("#P/acpimem", 0x100000, b, 4), "bad arg in system call");
}

void main(int argc, char **argv)
{
	USED(argc);
	USED(argv);
	begin("devarch", 60);
	ports();
	processor();
	firmware();
	done();
}
