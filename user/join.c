/*
 * join: pairs of lines of two files, sorted by a field, that agree in it.
 * The lines of the second file with the same field are kept in memory.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct Line Line;
typedef struct File File;
typedef struct Out Out;

struct Line {
	char	*s;		/* nil at the end of the file; fields are terminated */
	char	**f;
	int	nf, max;
};

struct File {
	Biobuf	*b;
	int	field;		/* that is compared, from 0 */
	int	unpaired;	/* lines without a partner are wanted */
	Line	next;
};

/* An element of -o. */
struct Out {
	int	file;		/* 0: the field that was compared */
	int	field;
};

static File	file[2];
static Rune	sep;		/* 0: blanks */
static char	*filler = "";
static Out	*outs;
static int	nout;
static Biobuf	out;

static void
usage(void)
{
	fprint(2, "usage: join [-a n] [-e s] [-j[12] m] [-[12] m] [-o list] [-t c] file1 file2\n");
	exits("usage");
}

static void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

static void
addfield(Line *l, char *s)
{
	if(l->nf == l->max){
		l->max = 2*l->max + 8;
		l->f = erealloc(l->f, (usize)l->max*sizeof l->f[0]);
	}
	l->f[l->nf++] = s;
}

static void
cutblanks(Line *l)
{
	char *s = l->s;

	for(;;){
		while(*s == ' ' || *s == '\t')
			s++;
		if(*s == 0)
			return;
		addfield(l, s);
		while(*s != 0 && *s != ' ' && *s != '\t')
			s++;
		if(*s != 0)
			*s++ = 0;
	}
}

static void
cut(Line *l)
{
	char *s, *e;

	if(sep == 0){
		cutblanks(l);
		return;
	}
	for(s = l->s;; s = e + runelen(sep)){
		addfield(l, s);
		e = utfrune(s, sep);
		if(e == nil)
			return;
		*e = 0;
	}
}

static void
readline(File *f)
{
	Line *l = &f->next;

	memset(l, 0, sizeof *l);
	l->s = Brdstr(f->b, '\n', 1);
	if(l->s != nil)
		cut(l);
}

static void
freeline(Line *l)
{
	free(l->s);
	free(l->f);
}

static char*
fieldof(Line *l, int i)
{
	return l != nil && i < l->nf ? l->f[i] : "";
}

static char*
key(int which)
{
	return fieldof(&file[which].next, file[which].field);
}

static void
put(char *s, int *first)
{
	if(!*first){
		if(sep != 0)
			Bputrune(&out, (long)sep);
		else
			Bputc(&out, ' ');
	}
	*first = 0;
	Bprint(&out, "%s", *s != 0 ? s : filler);
}

static void
putrest(Line *l, int except, int *first)
{
	int i;

	for(i = 0; l != nil && i < l->nf; i++)
		if(i != except)
			put(l->f[i], first);
}

/* One of the lines may be missing. */
static void
show(Line *a, Line *b)
{
	Line *l;
	char *k;
	int i, first;

	first = 1;
	k = a != nil ? fieldof(a, file[0].field) : fieldof(b, file[1].field);
	for(i = 0; i < nout; i++){
		l = outs[i].file == 1 ? a : b;
		put(outs[i].file == 0 ? k : fieldof(l, outs[i].field), &first);
	}
	if(nout == 0){
		put(k, &first);
		putrest(a, file[0].field, &first);
		putrest(b, file[1].field, &first);
	}
	if(Bputc(&out, '\n') < 0)
		sysfatal("write error: %r");
}

/* The line of a file that has no partner. */
static void
single(int which)
{
	File *f = &file[which];

	if(f->unpaired)
		show(which == 0 ? &f->next : nil, which == 1 ? &f->next : nil);
	freeline(&f->next);
	readline(f);
}

/* All lines with the field that both files have now. */
static void
group(void)
{
	Line *b;
	char *k;
	int i, n, max;

	b = nil;
	n = max = 0;
	k = strdup(key(1));
	if(k == nil)
		sysfatal("out of memory");
	while(file[1].next.s != nil && strcmp(key(1), k) == 0){
		if(n == max){
			max = 2*max + 8;
			b = erealloc(b, (usize)max*sizeof *b);
		}
		b[n++] = file[1].next;
		readline(&file[1]);
	}
	while(file[0].next.s != nil && strcmp(key(0), k) == 0){
		for(i = 0; i < n; i++)
			show(&file[0].next, &b[i]);
		freeline(&file[0].next);
		readline(&file[0]);
	}
	for(i = 0; i < n; i++)
		freeline(&b[i]);
	free(b);
	free(k);
}

static void
join(void)
{
	int c;

	while(file[0].next.s != nil || file[1].next.s != nil){
		if(file[0].next.s == nil || file[1].next.s == nil)
			c = file[0].next.s == nil ? 1 : -1;
		else
			c = strcmp(key(0), key(1));
		if(c == 0)
			group();
		else
			single(c > 0);
	}
}

static int
number(char *s)
{
	char *e;
	vlong n;

	n = strtoll(s, &e, 10);
	if(e == s || *e != 0 || n < 1 || n > 1000000)
		usage();
	return (int)n;
}

/* A list of n.m and 0, with blanks or commas between. */
static void
addouts(char *s)
{
	char *e;
	vlong f, m;

	while(*s != 0){
		f = strtoll(s, &e, 10);
		m = 1;
		if(e != s && *e == '.')
			m = strtoll(e + 1, &e, 10);
		else if(f != 0)
			usage();
		if(e == s || f < 0 || f > 2 || m < 1 || m > 1000000)
			usage();
		outs = erealloc(outs, ((usize)nout + 1)*sizeof *outs);
		outs[nout].file = (int)f;
		outs[nout++].field = (int)m - 1;
		s = e + strspn(e, " \t,");
		if(s == e && *s != 0)
			usage();
	}
}

static int
islist(char *s)
{
	return s[0] != 0 && strspn(s, "0123456789., \t") == (long)strlen(s) &&
		(s[0] == '0' || s[1] == '.');
}

static void
openfile(File *f, char *name)
{
	f->b = strcmp(name, "-") == 0 ? Bfdopen(0, OREAD) : Bopen(name, OREAD);
	if(f->b == nil)
		sysfatal("can't open %s: %r", name);
	readline(f);
}

/* What follows -j: a field of both, or 1 or 2 and the field of that file. */
static void
joinfield(char *s, char *next, int *used)
{
	if((s[0] == '1' || s[0] == '2') && s[1] == 0 && next != nil){
		file[s[0] - '1'].field = number(next) - 1;
		*used = 1;
	}else
		file[0].field = file[1].field = number(s) - 1;
}

static void
unpaired(char *s)
{
	int n = number(s);

	if(n > 3)
		usage();
	file[0].unpaired |= n & 1;
	file[1].unpaired |= n & 2;
}

static void
separator(char *s)
{
	if(*s == 0 || s[chartorune(&sep, s)] != 0)
		usage();
}

void
main(int argc, char *argv[])
{
	char *s;
	int attached, used;

	argv0 = "join";
	ARGBEGIN{
	case 'a': unpaired(EARGF(usage())); break;
	case 'e': filler = EARGF(usage()); break;
	case 't': separator(EARGF(usage())); break;
	case '1': file[0].field = number(EARGF(usage())) - 1; break;
	case '2': file[1].field = number(EARGF(usage())) - 1; break;
	case 'j':
		attached = *_args != 0;
		s = EARGF(usage());
		used = 0;
		joinfield(s, attached ? argv[1] : nil, &used);
		argc -= used;
		argv += used;
		break;
	case 'o':
		addouts(EARGF(usage()));
		/* The list may be several words. */
		while(argc > 3 && islist(argv[1])){
			addouts(argv[1]);
			argc--;
			argv++;
		}
		break;
	default: usage();
	}ARGEND
	if(argc != 2)
		usage();
	Binit(&out, 1, OWRITE);
	openfile(&file[0], argv[0]);
	openfile(&file[1], argv[1]);
	join();
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
