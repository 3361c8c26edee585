/*
 * look: the lines of a sorted file that begin with a string, found by
 * halving the file.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

static int	dflag, fflag, nflag, xflag;
static Rune	tab;		/* ends the key; 0: the line does */
static int	fd;
static Biobuf	in;
static vlong	base;		/* where in reads from */
static Biobuf	out;

static void
usage(void)
{
	fprint(2, "usage: look [-dfinx] [-t c] [string] [file]\n");
	exits("usage");
}

static int
counts(Rune r)
{
	return r == ' ' || r == '\t' || (r >= '0' && r <= '9') || isalpharune(r);
}

/* The part of a line that is compared, malloc'd. */
static char*
canon(char *s)
{
	char *t, *to, *e;
	Rune r;

	t = to = malloc(2*(ulong)strlen(s) + UTFmax + 1);
	if(t == nil)
		sysfatal("out of memory");
	e = tab != 0 ? utfrune(s, tab) : nil;
	while(*s != 0 && s != e){
		s += chartorune(&r, s);
		if(dflag && !counts(r))
			continue;
		if(fflag)
			r = tolowerrune(r);
		to += runetochar(to, &r);
	}
	*to = 0;
	return t;
}

/* The place of a line relative to the key: 0 if it is one that is looked for. */
static int
compare(char *line, char *key)
{
	char *s;
	double x, y;
	int c;

	s = canon(line);
	if(nflag){
		x = strtod(s, nil);
		y = strtod(key, nil);
		c = x < y ? -1 : x > y;
	}else if(xflag)
		c = strcmp(s, key);
	else
		c = strncmp(s, key, strlen(key));
	free(s);
	return c;
}

static vlong
offset(void)
{
	return base + Boffset(&in);
}

/* The line that begins at an offset or first after it, and where; nil at the end. */
static char*
lineat(vlong *off)
{
	int c;

	base = *off > 0 ? *off - 1 : 0;
	if(seek(fd, base, 0) < 0)
		sysfatal("seek: %r");
	Binit(&in, fd, OREAD);
	if(*off > 0)
		while((c = Bgetc(&in)) >= 0 && c != '\n')
			;
	*off = offset();
	return Brdstr(&in, '\n', 1);
}

/*
 * Where the first line that is not before the key begins. All lines that
 * begin below lo are before it, and none that begins at hi or later is.
 */
static vlong
find(char *key, vlong size)
{
	vlong lo, hi, mid, at;
	char *s;

	lo = 0;
	hi = size;
	while(lo < hi){
		mid = at = lo + (hi - lo)/2;
		s = lineat(&at);
		if(s != nil && at < hi && compare(s, key) < 0)
			lo = offset();
		else
			hi = mid;
		free(s);
	}
	return lo;
}

static int
look(char *arg)
{
	char *key, *s;
	vlong off;
	int found;

	key = canon(arg);
	found = 0;
	off = find(key, seek(fd, 0, 2));
	s = lineat(&off);
	for(; s != nil && compare(s, key) == 0; s = Brdstr(&in, '\n', 1)){
		Bprint(&out, "%s\n", s);
		found = 1;
		free(s);
	}
	free(s);
	free(key);
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	return found;
}

/* -i: one string after the other from the standard input. */
static void
interactive(void)
{
	Biobuf *keys;
	char *s;

	keys = Bfdopen(0, OREAD);
	if(keys == nil)
		sysfatal("%r");
	while((s = Brdstr(keys, '\n', 1)) != nil){
		if(!look(s))
			Bprint(&out, "*\n");
		Bflush(&out);
		free(s);
	}
}

void
main(int argc, char *argv[])
{
	char *key, *file, *s;
	int iflag;

	argv0 = "look";
	iflag = 0;
	ARGBEGIN{
	case 'd': dflag = 1; break;
	case 'f': fflag = 1; break;
	case 'i': iflag = 1; break;
	case 'n': nflag = 1; break;
	case 'x': xflag = 1; break;
	case 't':
		s = EARGF(usage());
		if(*s == 0 || s[chartorune(&tab, s)] != 0)
			usage();
		break;
	default: usage();
	}ARGEND
	key = nil;
	if(!iflag){
		if(argc == 0)
			usage();
		key = *argv++;
		argc--;
	}
	if(argc > 1)
		usage();
	file = argc > 0 ? argv[0] : "/lib/words";
	if(argc == 0)
		dflag = fflag = 1;
	fd = open(file, OREAD);
	if(fd < 0)
		sysfatal("can't open %s: %r", file);
	Binit(&out, 1, OWRITE);
	if(iflag){
		interactive();
		exits(nil);
	}
	exits(look(key) ? nil : "not found");
}
