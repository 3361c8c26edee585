/*
 * split: cut a file into pieces of so many lines, or before each line that
 * matches an expression.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>

enum {
	Letters = 26,
};

static char	*stem = "x", *suffix = "";
static int	iflag, xflag;
static int	number;		/* of the next piece */
static Biobuf	*out;
static Reprog	*re;

static void
usage(void)
{
	fprint(2, "usage: split [-n lines] [-e expr] [-f stem] [-s suffix] [-ix] [file]\n");
	exits("usage");
}

static void
finish(void)
{
	if(out != nil && Bterm(out) < 0)
		sysfatal("write error: %r");
	out = nil;
}

static void
openpiece(char *name)
{
	finish();
	out = Bopen(name, OWRITE);
	if(out == nil)
		sysfatal("can't create %s: %r", name);
	free(name);
}

/* The names xaa, xab ... xzz. */
static char*
nextname(char *suf)
{
	char *s;

	if(number == Letters*Letters)
		sysfatal("too many pieces");
	s = smprint("%s%c%c%s", stem, 'a' + number/Letters, 'a' + number%Letters, suf);
	if(s == nil)
		sysfatal("out of memory");
	number++;
	return s;
}

static char*
lower(char *s)
{
	char *t, *p;
	Rune r;

	t = p = malloc(2*(ulong)strlen(s) + UTFmax + 1);
	if(t == nil)
		sysfatal("out of memory");
	while(*s != 0){
		s += chartorune(&r, s);
		r = tolowerrune(r);
		p += runetochar(p, &r);
	}
	*p = 0;
	return t;
}

/* Whether a line begins a piece; then *name is its file's. */
static int
matches(char *line, char **name)
{
	Resub m[2];
	char *text, *s;
	int r;

	text = iflag ? lower(line) : line;
	memset(m, 0, sizeof m);
	r = regexec(re, text, m, nelem(m));
	if(r){
		if(m[1].sp == nil || m[1].ep == m[1].sp)
			*name = nextname(suffix);
		else{
			s = malloc((ulong)(m[1].ep - m[1].sp) + (ulong)strlen(suffix) + 1);
			if(s == nil)
				sysfatal("out of memory");
			memmove(s, m[1].sp, (ulong)(m[1].ep - m[1].sp));
			strcpy(s + (m[1].ep - m[1].sp), suffix);
			*name = s;
		}
	}
	if(text != line)
		free(text);
	return r;
}

static void
splitat(Biobuf *in)
{
	char *line, *name;

	for(; (line = Brdstr(in, '\n', 1)) != nil; free(line)){
		if(matches(line, &name)){
			openpiece(name);
			if(xflag)
				continue;
		}
		if(out == nil)
			openpiece(nextname(suffix));
		if(Bprint(out, "%s\n", line) < 0)
			sysfatal("write error: %r");
	}
}

static void
splitlines(Biobuf *in, vlong lines)
{
	vlong n;
	int c;

	n = 0;
	while((c = Bgetc(in)) >= 0){
		if(out == nil)
			openpiece(nextname(""));
		if(Bputc(out, c) < 0)
			sysfatal("write error: %r");
		if(c == '\n' && ++n == lines){
			finish();
			n = 0;
		}
	}
}

void
regerror(char *s)
{
	sysfatal("%s", s);
}

void
main(int argc, char *argv[])
{
	vlong lines;
	char *expr, *e, *s;
	Biobuf *in;

	argv0 = "split";
	lines = 1000;
	expr = nil;
	ARGBEGIN{
	case 'n': case 'l':
		s = EARGF(usage());
		lines = strtoll(s, &e, 10);
		if(e == s || *e != 0 || lines < 1)
			usage();
		break;
	case 'e': expr = EARGF(usage()); break;
	case 'f': stem = EARGF(usage()); break;
	case 's': suffix = EARGF(usage()); break;
	case 'i': iflag = 1; break;
	case 'x': xflag = 1; break;
	default: usage();
	}ARGEND
	if(argc > 1)
		usage();
	in = argc > 0 && strcmp(argv[0], "-") != 0 ? Bopen(argv[0], OREAD) : Bfdopen(0, OREAD);
	if(in == nil)
		sysfatal("can't open %s: %r", argv[0]);
	if(expr != nil){
		re = regcomp(iflag ? lower(expr) : expr);
		splitat(in);
	}else
		splitlines(in, lines);
	finish();
	exits(nil);
}
