/*
 * The parser of scripts. Blocks are matched with a stack; branches are
 * resolved when all labels are known.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "sed.h"

Cmd	*prog;
int	nprog;

static int	progcap;
static char	*p;		/* what is left of the script */
static Wfile	*wfiles;

/* Stop with a message that shows the line of the script. */
NORETURN static void
bad(char *msg, char *at)
{
	char *e;

	e = strchr(at, '\n');
	if(e == nil)
		e = at + strlen(at);
	sysfatal("%s: %.*s", msg, utfnlen(at, e - at), at);
}

void
regerror(char *msg)
{
	sysfatal("regular expression: %s", msg);
}

static void
blanks(void)
{
	while(*p == ' ' || *p == '\t')
		p++;
}

static Cmd*
newcmd(void)
{
	if(nprog == progcap){
		progcap = 2*progcap + 16;
		prog = erealloc(prog, progcap*sizeof *prog);
	}
	memset(&prog[nprog], 0, sizeof *prog);
	return &prog[nprog++];
}

/* Copy a rune, and move on. */
static void
addrune(Buf *b)
{
	Rune r;
	int n;

	n = chartorune(&r, p);
	bufadd(b, p, n);
	p += n;
}

static int
isdelim(char *s, char *delim, int n)
{
	return strncmp(s, delim, n) == 0;
}

/*
 * A regular expression that ends with delim, which is n bytes long. A
 * quoted delimiter stands for itself, \n for a newline, and between
 * brackets the delimiter needs no quoting.
 */
static Reprog*
regex(char *delim, int n)
{
	Buf b;
	Reprog *re;
	char *start;
	int set;

	memset(&b, 0, sizeof b);
	bufclear(&b);
	start = p;
	set = 0;
	while(set || !isdelim(p, delim, n)){
		if(*p == '\0' || *p == '\n')
			bad("unterminated regular expression", start);
		if(*p == '['){
			set = 1;
		}else if(*p == ']'){
			set = 0;
		}else if(*p == '\\' && p[1] == 'n'){
			bufadd(&b, "\n", 1);
			p += 2;
			continue;
		}else if(*p == '\\' && isdelim(p + 1, delim, n)){
			if(strchr(".*+?[]()|\\^$", *delim) != nil)
				bufadd(&b, "\\", 1);
			p++;
		}else if(*p == '\\' && p[1] != '\0' && p[1] != '\n')
			bufadd(&b, p++, 1);
		addrune(&b);
	}
	p += n;
	if(b.n == 0){
		free(b.s);
		return nil;
	}
	re = regcomp(b.s);
	if(re == nil)
		bad("bad regular expression", start);
	free(b.s);
	return re;
}

/* The delimiter at p: stored in d, its length returned. */
static int
delimiter(char *d)
{
	Rune r;
	int n;

	n = chartorune(&r, p);
	if(*p == '\0' || *p == '\n' || *p == '\\')
		bad("missing delimiter", p);
	memmove(d, p, n);
	d[n] = '\0';
	p += n;
	return n;
}

static void
address(Addr *a)
{
	char d[UTFmax+1];
	int n;

	a->kind = Anone;
	if(*p >= '0' && *p <= '9'){
		a->kind = Aline;
		a->line = strtoll(p, &p, 10);
	}else if(*p == '$'){
		a->kind = Alast;
		p++;
	}else if(*p == '/' || *p == '\\'){
		if(*p == '\\')
			p++;
		n = delimiter(d);
		a->kind = Are;
		a->re = regex(d, n);
	}
}

/* The text of a, c and i: to the first newline without a backslash before it. */
static void
text(Cmd *c)
{
	bufclear(&c->text);
	blanks();
	if(*p == '\\'){
		p++;
		blanks();
		if(*p == '\n')
			p++;
	}
	while(*p != '\0' && *p != '\n'){
		if(*p == '\\' && p[1] != '\0')
			p++;
		addrune(&c->text);
	}
	bufadd(&c->text, "\n", 1);
}

/* A file name, to the end of the line. */
static char*
filename(void)
{
	char *s, *e;

	blanks();
	e = strchr(p, '\n');
	if(e == nil)
		e = p + strlen(p);
	if(e == p)
		bad("missing file name", p);
	s = emalloc(e - p + 1);
	memmove(s, p, e - p);
	s[e-p] = '\0';
	p = e;
	return s;
}

static Wfile*
wfile(void)
{
	Wfile *w;
	char *name;
	int fd;

	name = filename();
	for(w = wfiles; w != nil; w = w->next)
		if(strcmp(w->name, name) == 0){
			free(name);
			return w;
		}
	fd = create(name, OWRITE, 0666);
	if(fd < 0)
		sysfatal("%s: %r", name);
	w = emalloc(sizeof *w);
	w->name = name;
	w->out = Bfdopen(fd, OWRITE);
	if(w->out == nil)
		sysfatal("out of memory");
	w->next = wfiles;
	wfiles = w;
	return w;
}

/* A label ends at a blank, a semicolon or the end of the line. */
static void
label(Cmd *c)
{
	usize n;

	blanks();
	n = strcspn(p, c->c == ':' ? " \t;\n" : " \t;}\n");
	if(n == 0){
		if(c->c == ':')
			bad("missing label", p);
		return;
	}
	c->label = emalloc(n + 1);
	memmove(c->label, p, n);
	c->label[n] = '\0';
	p += n;
}

static void
flags(Cmd *c)
{
	char *start;
	vlong n;

	start = p;
	for(;;)
		switch(*p){
		case 'g':
			c->global = 1;
			p++;
			break;
		case 'p':
			c->print = 1;
			p++;
			break;
		case '0': case '1': case '2': case '3': case '4':
		case '5': case '6': case '7': case '8': case '9':
			n = strtoll(p, &p, 10);
			if(n <= 0 || n > 1<<30)
				bad("bad number after s", start);
			c->nth = n;
			break;
		case 'w':
			p++;
			c->file = wfile();
			return;
		default:
			return;
		}
}

static void
substitute(Cmd *c)
{
	char d[UTFmax+1], *start;
	int n;

	start = p;
	n = delimiter(d);
	c->re = regex(d, n);
	bufclear(&c->text);
	while(!isdelim(p, d, n)){
		if(*p == '\0' || *p == '\n')
			bad("unterminated s", start);
		if(*p == '\\' && p[1] != '\0'){
			if(isdelim(p + 1, d, n) && *d != '&')
				p++;
			else
				bufadd(&c->text, p++, 1);
		}
		addrune(&c->text);
	}
	p += n;
	flags(c);
	if(c->nth == 0){
		c->nth = 1;
		c->global |= gflag;
	}
}

/* One side of y, as an array of runes. */
static int
side(Rune **rp, char *d, int n)
{
	Rune *r;
	char *start;
	int i;

	start = p;
	r = emalloc((strlen(p) + 1)*sizeof *r);
	for(i = 0; !isdelim(p, d, n); i++){
		if(*p == '\0' || *p == '\n')
			bad("unterminated y", start);
		if(*p == '\\' && (p[1] == '\\' || isdelim(p + 1, d, n)))
			p++;
		else if(*p == '\\' && p[1] == 'n'){
			r[i] = '\n';
			p += 2;
			continue;
		}
		p += chartorune(&r[i], p);
	}
	p += n;
	*rp = r;
	return i;
}

static void
transliterate(Cmd *c)
{
	char d[UTFmax+1], *start;
	int n;

	start = p;
	n = delimiter(d);
	c->nrune = side(&c->from, d, n);
	if(side(&c->to, d, n) != c->nrune)
		bad("y strings of different length", start);
}

/* What follows the letter of a command. */
static void
arguments(Cmd *c)
{
	switch(c->c){
	case 'a': case 'c': case 'i':
		text(c);
		break;
	case ':': case 'b': case 't':
		label(c);
		break;
	case 'r':
		c->text.s = filename();
		break;
	case 'w':
		c->file = wfile();
		break;
	case 's':
		substitute(c);
		break;
	case 'y':
		transliterate(c);
		break;
	case '{': case '}': case '=': case 'd': case 'D': case 'g': case 'G': case 'h':
	case 'H': case 'l': case 'n': case 'N': case 'p': case 'P': case 'q': case 'x':
		break;
	default:
		bad("unknown command", p - 1);
	}
}

/* After a command: blanks, then a semicolon, a newline, a closing brace or the end. */
static void
terminator(Cmd *c)
{
	if(c->c == '{')
		return;
	blanks();
	if(*p == ';' || *p == '\n')
		p++;
	else if(*p != '\0' && *p != '}' && *p != '#')
		bad("extra characters after command", p);
}

static void
command(void)
{
	Cmd *c;
	char *start;

	start = p;
	c = newcmd();
	address(&c->a1);
	if(c->a1.kind != Anone){
		blanks();
		if(*p == ','){
			p++;
			blanks();
			address(&c->a2);
			if(c->a2.kind == Anone)
				bad("bad address", start);
		}
	}
	blanks();
	while(*p == '!'){
		c->negate = 1;
		p++;
		blanks();
	}
	if(*p == '\0' || *p == '\n')
		bad("missing command", start);
	c->c = *p++;
	if((c->c == ':' || c->c == '}') && c->a1.kind != Anone)
		bad("address before : or }", start);
	arguments(c);
	terminator(c);
}

/* Point each { past its }, and each branch to its label or to the end. */
static void
resolve(void)
{
	int i, j, n, *open;

	open = emalloc((nprog + 1)*sizeof *open);
	n = 0;
	for(i = 0; i < nprog; i++){
		if(prog[i].c == '{')
			open[n++] = i;
		else if(prog[i].c == '}'){
			if(n == 0)
				sysfatal("unexpected }");
			prog[open[--n]].target = i + 1;
		}
		if(prog[i].c != 'b' && prog[i].c != 't')
			continue;
		prog[i].target = nprog;
		if(prog[i].label == nil)
			continue;
		for(j = 0; j < nprog; j++)
			if(prog[j].c == ':' && strcmp(prog[j].label, prog[i].label) == 0)
				break;
		if(j == nprog)
			sysfatal("undefined label: %s", prog[i].label);
		prog[i].target = j;
	}
	if(n > 0)
		sysfatal("unmatched {");
	free(open);
}

void
parse(char *script)
{
	p = script;
	if(p[0] == '#' && p[1] == 'n' && (p[2] == '\n' || p[2] == '\0'))
		nflag = 1;
	for(;;){
		p += strspn(p, " \t;\n");
		if(*p == '\0')
			break;
		if(*p == '#')
			p += strcspn(p, "\n");
		else
			command();
	}
	resolve();
}
