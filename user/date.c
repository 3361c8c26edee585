/*
 * date [-itun] [-f format] [seconds]: print the time, now by default. -n prints the
 * seconds since 1970, -i the ISO date, -t the ISO date and time, -f what the format
 * of tmfmt says; -u is for universal time.
 */
#include <u.h>
#include <libc.h>

enum {
	CTIME,
	SECONDS,
	ISODATE,
	ISOTIME,
	FORMAT,
};

static void
usage(void)
{
	fprint(2, "usage: date [-itun] [-f fmt] [seconds]\n");
	exits("usage");
}

/* now reads the clock, so that a machine without one is noticed. */
static vlong
now(void)
{
	vlong t;

	t = time(nil);
	if (t < 0)
		sysfatal("can't read the time: %r");
	return t;
}

static vlong
parse(char *text)
{
	char *rest;
	vlong t;

	t = strtoll(text, &rest, 0);
	if (rest == text || *rest != '\0')
		usage();
	return t;
}

static int
isotime(Tm *tm)
{
	int off;

	off = tm->tzoff < 0 ? -tm->tzoff : tm->tzoff;
	return print("%.4d-%.2d-%.2dT%.2d:%.2d:%.2d%c%.2d:%.2d\n", tm->year, tm->mon + 1, tm->mday,
		tm->hour, tm->min, tm->sec, tm->tzoff < 0 ? '-' : '+', off / 3600, off / 60 % 60);
}

/* show prints the time; -1 if that can't be. */
static int
show(vlong t, int form, char *fmt, Tzone *tz)
{
	Tm tm;

	if (form == SECONDS)
		return print("%lld\n", t);
	if (tmtime(&tm, t, tz) == nil)
		sysfatal("%lld: not a time: %r", t);
	if (form == FORMAT)
		return print("%τ\n", tmfmt(&tm, fmt));
	if (form == ISODATE)
		return print("%.4d-%.2d-%.2d\n", tm.year, tm.mon + 1, tm.mday);
	if (form == ISOTIME)
		return isotime(&tm);
	return print("%s", asctime(&tm));
}

void
main(int argc, char *argv[])
{
	char *fmt;
	int form, utc;
	vlong t;

	fmt = nil;
	form = CTIME;
	utc = 0;
	ARGBEGIN{
	case 'f':
		form = FORMAT;
		fmt = EARGF(usage());
		break;
	case 'i':
		form = ISODATE;
		break;
	case 'n':
		form = SECONDS;
		break;
	case 't':
		form = ISOTIME;
		break;
	case 'u':
		utc = 1;
		break;
	default:
		usage();
	}ARGEND
	if (argc > 1)
		usage();
	tmfmtinstall();
	t = argc == 1 ? parse(argv[0]) : now();
	if (show(t, form, fmt, utc ? nil : tzload("local")) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
