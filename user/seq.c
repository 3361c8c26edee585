/*
 * seq: the numbers from first to last. Whole numbers are counted exactly;
 * others are printed with as many decimals as first and increment have, or
 * as %g if one of the arguments has an exponent.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

static Biobuf	out;
static char	*format;
static int	wflag;

static void
usage(void)
{
	fprint(2, "usage: seq [-w] [-f format] [first [incr]] last\n");
	exits("usage");
}

/* A format takes exactly one number: one verb of e E f g G, and any number of %%. */
static void
checkformat(char *f)
{
	char *s;
	int verbs;

	verbs = 0;
	for(s = f; (s = strchr(s, '%')) != nil; s++){
		s++;
		if(*s == '%')
			continue;
		s += strspn(s, "+- #0,");
		s += strspn(s, "0123456789");
		if(*s == '.')
			s += 1 + strspn(s + 1, "0123456789");
		if(*s == '\0' || strchr("eEfgG", *s) == nil)
			sysfatal("bad format: %s", f);
		verbs++;
	}
	if(verbs != 1)
		sysfatal("bad format: %s", f);
}

static int
isnumber(char *s)
{
	double d;
	char *e;

	d = strtod(s, &e);
	return e != s && *e == '\0' && !isNaN(d);
}

static double
number(char *s)
{
	if(!isnumber(s))
		sysfatal("bad number: %s", s);
	return strtod(s, nil);
}

/* Digits after the point; -1 if the number has an exponent or no digits. */
static int
decimals(char *s)
{
	char *p;

	if(s[strspn(s, "+-0123456789.")] != '\0')
		return -1;
	p = strchr(s, '.');
	return p != nil ? strlen(p + 1) : 0;
}

/* A whole number small enough that no sum overflows. */
static int
whole(char *s, vlong *v)
{
	char *e;

	*v = strtoll(s, &e, 10);
	return e != s && *e == '\0' && *v < 1LL<<61 && *v > -(1LL<<61);
}

static void
putline(char *s)
{
	if(Bwrite(&out, s, strlen(s)) < 0 || Bputc(&out, '\n') < 0)
		sysfatal("write error: %r");
}

/* Print s in at least width columns, with zeros between the sign and the digits. */
static void
padded(char *s, int width)
{
	int n;

	n = strlen(s);
	if(*s == '-'){
		Bputc(&out, '-');
		s++;
	}
	for(; n < width; n++)
		Bputc(&out, '0');
	putline(s);
}

static void
wholes(vlong first, vlong incr, vlong last)
{
	char buf[32];
	int width, n;

	width = 0;
	if(wflag){
		width = snprint(buf, sizeof buf, "%lld", first);
		n = snprint(buf, sizeof buf, "%lld", last);
		if(n > width)
			width = n;
	}
	for(; incr > 0 ? first <= last : first >= last; first += incr){
		snprint(buf, sizeof buf, "%lld", first);
		padded(buf, width);
	}
}

static char*
show(char *fmt, double d)
{
	char *s;

	s = smprint(fmt, d);
	if(s == nil)
		sysfatal("out of memory");
	return s;
}

static int
shownlen(char *fmt, double d)
{
	char *s;
	int n;

	s = show(fmt, d);
	n = strlen(s);
	free(s);
	return n;
}

static void
reals(double first, double incr, double last, char *fmt)
{
	double steps, i;
	char *s;
	int width, n;

	width = 0;
	if(wflag && format == nil){
		width = shownlen(fmt, first);
		n = isInf(last, 0) ? 0 : shownlen(fmt, last);
		if(n > width)
			width = n;
	}
	/* A little more, because 0.1 and its like are not exact. */
	steps = isInf(last, 0) ? HUGE : (last - first)/incr + 1e-10;
	for(i = 0; i <= steps; i++){
		s = show(fmt, first + i*incr);
		padded(s, width);
		free(s);
	}
}

/* The format for numbers with the decimals of two arguments. */
static char*
choose(char *first, char *incr, char *last)
{
	char *f;
	int a, b;

	if(format != nil)
		return format;
	a = decimals(first);
	b = decimals(incr);
	if(a < 0 || b < 0 || decimals(last) < 0)
		return "%g";
	f = smprint("%%.%df", a > b ? a : b);
	if(f == nil)
		sysfatal("out of memory");
	return f;
}

/* Options; returns the index of the first number, which may begin with a minus. */
static int
options(int argc, char *argv[])
{
	int i;
	char *s;

	for(i = 1; i < argc && argv[i][0] == '-'; i++){
		s = argv[i] + 1;
		if(strcmp(s, "-") == 0)
			return i + 1;
		if(isnumber(argv[i]))
			break;
		for(; *s == 'w'; s++)
			wflag = 1;
		if(*s == 'f'){
			format = s[1] != '\0' ? s + 1 : argv[++i];
			if(format == nil)
				usage();
			checkformat(format);
		}else if(*s != '\0' || s == argv[i] + 1)
			usage();
	}
	return i;
}

void
main(int argc, char *argv[])
{
	char *first, *incr, *last;
	vlong a, b, c;
	int i, n;

	argv0 = "seq";
	i = options(argc, argv);
	n = argc - i;
	if(n < 1 || n > 3)
		usage();
	first = n > 1 ? argv[i] : "1";
	incr = n > 2 ? argv[i+1] : "1";
	last = argv[argc-1];
	if(number(incr) == 0)
		sysfatal("zero increment");
	Binit(&out, 1, OWRITE);
	if(format == nil && whole(first, &a) && whole(incr, &b) && whole(last, &c))
		wholes(a, b, c);
	else
		reals(number(first), number(incr), number(last), choose(first, incr, last));
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
