/*
 * tail: the end of a file, or all of it from a place on. In a file that can
 * be sought the place is found from the end; other input is kept in memory,
 * no more of it than may be needed.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct Text Text;

/* The input from some offset on. */
struct Text {
	char	*s;
	usize	n, cap;
};

enum {
	Chunk = 32*1024,
	Everything = 1LL<<62,
};

static vlong	count = 10;
static int	unit = 'l';	/* l, b or c */
static int	fromstart;	/* + */
static int	counted;
static int	fflag, rflag;
static char	*name = "stdin";
static Biobuf	out;

static void
usage(void)
{
	fprint(2, "usage: tail [+-N[lbc][rf]] [-fr] [-n N] [-c N] [file]\n");
	exits("usage");
}

static void
put(char *s, usize n)
{
	if(Bwrite(&out, s, n) < 0)
		sysfatal("write error: %r");
}

static long
readin(int fd, void *buf, long n)
{
	n = read(fd, buf, n);
	if(n < 0)
		sysfatal("%s: %r", name);
	return n;
}

/* Read more to the end of t; 0 at the end of the input. */
static int
more(int fd, Text *t)
{
	long n;

	if(t->cap - t->n < Chunk){
		t->cap = 2*t->cap + 2*Chunk;
		t->s = realloc(t->s, t->cap);
		if(t->s == nil)
			sysfatal("out of memory");
	}
	n = readin(fd, t->s + t->n, t->cap - t->n);
	t->n += n;
	return n > 0;
}

static void
drop(Text *t, usize n)
{
	t->n -= n;
	memmove(t->s, t->s + n, t->n);
}

/* Where the last count lines or bytes of t begin. */
static usize
lastpart(Text *t)
{
	vlong lines;
	usize i;

	if(unit != 'l')
		return (vlong)t->n > count ? t->n - count : 0;
	if(count == 0)
		return t->n;
	lines = 0;
	for(i = t->n; i > 0; i--)
		if(t->s[i-1] == '\n' && i < t->n && ++lines == count)
			return i;
	return 0;
}

/* Copy the rest of the input. */
static void
copy(int fd)
{
	static char buf[Chunk];
	long n;

	while((n = readin(fd, buf, sizeof buf)) > 0)
		put(buf, n);
}

/* Skip to the place that +N means; what was read after it is left in t. */
static void
skip(int fd, Text *t)
{
	vlong left;
	usize i;

	left = count > 0 ? count - 1 : 0;
	if(unit == 'b')
		left *= 1024;
	for(; left > 0 && more(fd, t); drop(t, i)){
		i = t->n;
		if(unit != 'l'){
			if((vlong)i > left)
				i = left;
			left -= i;
			continue;
		}
		for(i = 0; i < t->n && left > 0; i++)
			left -= t->s[i] == '\n';
	}
}

/*
 * Seek to the place that -N means; 0 if the file is none that can be sought,
 * or one whose length is not known.
 */
static int
seekback(int fd)
{
	static char buf[Chunk];
	vlong at, size, lines;
	Dir *d;
	long n, i;

	d = dirfstat(fd);
	if(d == nil)
		return 0;
	size = d->mode & DMDIR ? 0 : d->length;
	free(d);
	if(size <= 0 || seek(fd, 0, 1) != 0 || seek(fd, 0, 2) != size)
		return 0;
	if(unit != 'l'){
		seek(fd, count < size ? size - count : 0, 0);
		return 1;
	}
	lines = 0;
	for(at = size; at > 0 && count > 0; at -= n){
		n = at < Chunk ? at : Chunk;
		if(pread(fd, buf, n, at - n) != n)
			sysfatal("%s: file changed", name);
		for(i = n; i > 0; i--)
			if(buf[i-1] == '\n' && at - n + i < size && ++lines == count){
				seek(fd, at - n + i, 0);
				return 1;
			}
	}
	seek(fd, count > 0 ? 0 : size, 0);
	return 1;
}

/* Gather the end of input that can not be sought. */
static void
gather(int fd, Text *t)
{
	usize limit, i;

	limit = 8*Chunk;
	while(more(fd, t)){
		if(t->n < limit)
			continue;
		i = lastpart(t);
		drop(t, i);
		limit = 2*t->n + 8*Chunk;
	}
	drop(t, lastpart(t));
}

static void
putreversed(Text *t)
{
	usize i, e;

	for(e = t->n; e > 0; e = i){
		for(i = e - 1; i > 0 && t->s[i-1] != '\n'; i--)
			;
		put(t->s + i, e - i);
		if(t->s[e-1] != '\n')
			put("\n", 1);
	}
}

/* -f: copy what is added, and begin again when the file gets shorter. */
static void
follow(int fd)
{
	Dir *d;

	for(;;){
		if(Bflush(&out) < 0)
			sysfatal("write error: %r");
		sleep(1000);
		copy(fd);
		d = dirfstat(fd);
		if(d != nil && d->length > 0 && d->length < seek(fd, 0, 1))
			seek(fd, 0, 0);
		free(d);
	}
}

static void
tail(int fd)
{
	Text t;

	memset(&t, 0, sizeof t);
	if(fromstart)
		skip(fd, &t);
	else if(!seekback(fd))
		gather(fd, &t);
	if(rflag){
		while(more(fd, &t))
			;
		putreversed(&t);
	}else{
		put(t.s, t.n);
		copy(fd);
	}
	if(fflag)
		follow(fd);
}

/* [+-]N; returns what follows. */
static char*
number(char *s)
{
	fromstart = *s == '+';
	if(*s == '+' || *s == '-')
		s++;
	if(*s < '0' || *s > '9')
		usage();
	for(count = 0; *s >= '0' && *s <= '9'; s++)
		if(count < 1LL<<40)
			count = count*10 + *s - '0';
	counted = 1;
	return s;
}

/* The value of -n or -c: the rest of the word, or the next. */
static void
value(int u, char *rest, char *next, int *i)
{
	if(*rest == '\0'){
		if(next == nil)
			usage();
		rest = next;
		++*i;
	}
	if(*number(rest) != '\0')
		usage();
	unit = u;
}

static void
letters(char *s, char *next, int *i)
{
	for(; *s != '\0'; s++)
		switch(*s){
		case 'l': case 'b': unit = *s; break;
		case 'f': fflag = 1; break;
		case 'r': rflag = 1; break;
		case 'n': value('l', s + 1, next, i); return;
		case 'c':
			value('c', s + 1, next, i);
			return;
		default: usage();
		}
}

static int
options(int argc, char *argv[])
{
	char *s;
	int i;

	for(i = 1; i < argc; i++){
		s = argv[i];
		if(strcmp(s, "--") == 0)
			return i + 1;
		if((s[0] != '-' && s[0] != '+') || s[1] == '\0')
			break;
		if(s[1] >= '0' && s[1] <= '9'){
			s = number(s);
			if(*s == 'l' || *s == 'b' || *s == 'c')
				unit = *s++;
			if(strspn(s, "rf") != (long)strlen(s))
				usage();
			letters(s, nil, &i);
		}else if(s[0] == '+')
			break;
		else
			letters(s + 1, argv[i+1], &i);
	}
	return i;
}

void
main(int argc, char *argv[])
{
	int i, fd;

	argv0 = "tail";
	i = options(argc, argv);
	if(argc - i > 1 || (fflag && rflag) || (rflag && unit != 'l'))
		usage();
	if(rflag && !counted)
		count = Everything;
	if(!fromstart && unit == 'b')
		count *= 1024;
	fd = 0;
	if(i < argc){
		name = argv[i];
		fd = open(name, OREAD);
		if(fd < 0)
			sysfatal("%s: %r", name);
	}
	Binit(&out, 1, OWRITE);
	tail(fd);
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
