/*
 * uniq: of adjacent equal lines keep one. -n leaves the first n fields out
 * of the comparison, with the blanks before each, and +n (or -s n) the n
 * characters after them.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct Line Line;

struct Line {
	char	*s;
	usize	n, cap;
};

static vlong	fields, chars;
static int	cflag, dflag, uflag;
static char	*name = "stdin";
static Biobuf	*in, out;

static void
usage(void)
{
	fprint(2, "usage: uniq [-cdu] [-fields] [+chars] [-s chars] [file]\n");
	exits("usage");
}

static void
readerror(char *msg)
{
	sysfatal("%s: %s", name, msg);
}

static void
set(Line *l, char *s, usize n)
{
	if(n > l->cap){
		l->cap = 2*n;
		l->s = realloc(l->s, l->cap);
		if(l->s == nil)
			sysfatal("out of memory");
	}
	memmove(l->s, s, n);
	l->n = n;
}

/* Read a line without its newline; 0 at the end. */
static int
readline(Line *l)
{
	char *p;
	usize n;

	p = Brdline(in, '\n');
	if(p != nil){
		set(l, p, Blinelen(in) - 1);
		return 1;
	}
	p = Brdstr(in, '\n', 0);
	if(p == nil)
		return 0;
	n = Blinelen(in);
	if(n > 0 && p[n-1] == '\n')
		n--;
	set(l, p, n);
	free(p);
	return 1;
}

static int
isblank(int c)
{
	return c == ' ' || c == '\t';
}

/* The part of a line that is compared begins here. */
static char*
key(Line *l)
{
	char *p, *e;
	vlong i;
	Rune r;

	p = l->s;
	e = p + l->n;
	for(i = 0; i < fields && p < e; i++){
		while(p < e && isblank(*p))
			p++;
		while(p < e && !isblank(*p))
			p++;
	}
	for(i = 0; i < chars && p < e; i++)
		p += fullrune(p, e - p) ? chartorune(&r, p) : 1;
	return p;
}

static int
same(Line *a, Line *b)
{
	char *p, *q;
	usize n, m;

	p = key(a);
	q = key(b);
	n = a->s + a->n - p;
	m = b->s + b->n - q;
	return n == m && memcmp(p, q, n) == 0;
}

static void
show(Line *l, vlong count)
{
	if(!cflag && (dflag || uflag) && !(count > 1 ? dflag : uflag))
		return;
	if(cflag)
		Bprint(&out, "%4lld ", count);
	if(Bwrite(&out, l->s, l->n) < 0 || Bputc(&out, '\n') < 0)
		sysfatal("write error: %r");
}

static void
uniq(void)
{
	Line a, b, t;
	vlong count;

	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	if(!readline(&a))
		return;
	for(count = 1; readline(&b); count++){
		if(same(&a, &b))
			continue;
		show(&a, count);
		t = a;
		a = b;
		b = t;
		count = 0;
	}
	show(&a, count);
}

static vlong
number(char *s)
{
	vlong n;
	char *e;

	if(s == nil)
		usage();
	n = strtoll(s, &e, 10);
	if(e == s || *e != '\0' || n < 0)
		usage();
	return n;
}

static int
digit(int c)
{
	return c >= '0' && c <= '9';
}

static void
letters(char *s, int argc, char *argv[], int *i)
{
	for(; *s != '\0'; s++)
		switch(*s){
		case 'c': cflag = 1; break;
		case 'd': dflag = 1; break;
		case 'u': uflag = 1; break;
		case 's':
			if(s[1] == '\0' && *i + 1 >= argc)
				usage();
			chars = number(s[1] != '\0' ? s + 1 : argv[++*i]);
			return;
		default: usage();
		}
}

void
main(int argc, char *argv[])
{
	int i;

	argv0 = "uniq";
	for(i = 1; i < argc; i++){
		if(argv[i][0] == '+' && digit(argv[i][1]))
			chars = number(argv[i] + 1);
		else if(argv[i][0] == '-' && digit(argv[i][1]))
			fields = number(argv[i] + 1);
		else if(strcmp(argv[i], "--") == 0){
			i++;
			break;
		}else if(argv[i][0] == '-' && argv[i][1] != '\0')
			letters(argv[i] + 1, argc, argv, &i);
		else
			break;
	}
	if(argc - i > 1)
		usage();
	if(i < argc)
		name = argv[i];
	in = i < argc ? Bopen(name, OREAD) : Bfdopen(0, OREAD);
	if(in == nil)
		sysfatal("%s: %r", name);
	Blethal(in, readerror);
	Binit(&out, 1, OWRITE);
	uniq();
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
