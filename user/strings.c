/*
 * strings: the runs of printable characters in files of any kind, with the
 * place where each begins.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

enum {
	Maxline = 70,		/* runes on a line */
};

static long	min = 6;
static Biobuf	out;

static void
usage(void)
{
	fprint(2, "usage: strings [-m min] [file ...]\n");
	exits("usage");
}

static int
isprint(long c)
{
	if(c < Runeself)
		return (c >= ' ' && c < 0x7F) || c == '\t';
	return c >= 0xA0 && c != Runeerror && c != 0x2028 && c != 0x2029 &&
		!(c >= 0xD800 && c < 0xF900) && c != 0xFEFF && c < 0x30000;
}

/* A byte that is no UTF-8 ends a string. */
static void
strings(Biobuf *in)
{
	Rune buf[Maxline + 1];
	vlong start;
	long c, n;
	int more;		/* the string began on an earlier line */

	n = more = 0;
	start = 0;
	for(;;){
		c = Bgetrune(in);
		if(c >= 0 && isprint(c)){
			if(n == 0)
				start = Boffset(in) - runelen((Rune)c);
			buf[n++] = (Rune)c;
			if(n < Maxline)
				continue;
		}
		buf[n] = 0;
		if(n >= min || (more && n > 0))
			Bprint(&out, "%8lld: %S%s\n", start, buf, n == Maxline ? "..." : "");
		more = n == Maxline;
		n = 0;
		if(c < 0)
			return;
	}
}

void
main(int argc, char *argv[])
{
	Biobuf *in;
	char *s, *e;

	argv0 = "strings";
	ARGBEGIN{
	case 'm': case 'n':
		s = EARGF(usage());
		min = strtol(s, &e, 10);
		if(e == s || *e != 0 || min < 1 || min > Maxline)
			usage();
		break;
	default: usage();
	}ARGEND
	Binit(&out, 1, OWRITE);
	if(argc == 0){
		in = Bfdopen(0, OREAD);
		if(in == nil)
			sysfatal("%r");
		strings(in);
	}
	for(; argc > 0; argc--, argv++){
		in = Bopen(argv[0], OREAD);
		if(in == nil)
			sysfatal("can't open %s: %r", argv[0]);
		strings(in);
		Bterm(in);
	}
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
