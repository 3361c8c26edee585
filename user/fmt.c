/*
 * fmt: fill lines with words. A paragraph is a run of lines with the same
 * white space in front, which is kept; empty lines stay.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

enum {
	Tab = 8,
	Maxwidth = 100000,
};

static int	length = 70;
static int	extra;		/* indentation that -i adds */
static int	join = 1;
static Biobuf	out;

static int	indent;		/* of the paragraph, in columns */
static int	column;		/* where the line being made ends; 0: it is empty */

static void
usage(void)
{
	fprint(2, "usage: fmt [-j] [-i indent] [-l length] [-w length] [file ...]\n");
	exits("usage");
}

static void
endline(void)
{
	if(column > 0 && Bputc(&out, '\n') < 0)
		sysfatal("write error: %r");
	column = 0;
}

static void
putindent(int n)
{
	for(; n >= Tab; n -= Tab)
		Bputc(&out, '\t');
	for(; n > 0; n--)
		Bputc(&out, ' ');
}

static void
putword(char *s, long n)
{
	int w = utfnlen(s, n);

	if(column > 0 && column + 1 + w > length)
		endline();
	if(column == 0){
		putindent(indent + extra);
		column = indent + extra;
	}else{
		Bputc(&out, ' ');
		column++;
	}
	Bwrite(&out, s, n);
	column += w;
}

static void
line(char *s)
{
	char *e;
	int n;

	for(n = 0; *s == ' ' || *s == '\t'; s++)
		n = *s == '\t' ? n + Tab - n%Tab : n + 1;
	if(*s == 0){
		endline();
		Bputc(&out, '\n');
		return;
	}
	if(n != indent || !join)
		endline();
	indent = n;
	while(*s != 0){
		for(e = s; *e != 0 && *e != ' ' && *e != '\t'; e++)
			;
		putword(s, e - s);
		for(s = e; *s == ' ' || *s == '\t'; s++)
			;
	}
}

static void
fmt(Biobuf *in)
{
	char *s;

	while((s = Brdstr(in, '\n', 1)) != nil){
		line(s);
		free(s);
	}
	endline();
}

static int
number(char *s)
{
	char *e;
	long n;

	n = strtol(s, &e, 10);
	if(e == s || *e != 0 || n < 0 || n > Maxwidth)
		usage();
	return (int)n;
}

void
main(int argc, char *argv[])
{
	Biobuf *in;

	argv0 = "fmt";
	ARGBEGIN{
	case 'i': extra = number(EARGF(usage())); break;
	case 'j': join = 0; break;
	case 'l': case 'w': length = number(EARGF(usage())); break;
	default: usage();
	}ARGEND
	Binit(&out, 1, OWRITE);
	if(argc == 0){
		in = Bfdopen(0, OREAD);
		if(in == nil)
			sysfatal("%r");
		fmt(in);
	}
	for(; argc > 0; argc--, argv++){
		in = Bopen(argv[0], OREAD);
		if(in == nil)
			sysfatal("can't open %s: %r", argv[0]);
		fmt(in);
		Bterm(in);
		if(argc > 1)
			Bputc(&out, '\n');
	}
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
