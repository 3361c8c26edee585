/*
 * The words of hoc, and its names.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

int	tok, tokop;
double	tokval;
char	*toktext;		/* allocated for each word */
int	line;
char	*source;		/* the file's name */

static Biobuf	in;
static char	*mem;		/* if not nil, what is read instead */
static int	back = -2;	/* a character that was not used */
static Name	*names;

static struct {
	char	*s;
	int	tok;
} words[] = {
	{ "if", Tif }, { "else", Telse }, { "while", Twhile }, { "for", Tfor }, { "func", Tfunc },
	{ "proc", Tproc }, { "return", Treturn }, { "print", Tprint }, { "read", Tread },
};

Name*
lookup(char *s)
{
	Name *n;

	for(n = names; n != nil; n = n->next)
		if(strcmp(n->s, s) == 0)
			return n;
	n = emalloc(sizeof *n);
	n->s = s;
	n->next = names;
	names = n;
	return n;
}

void
lextext(char *name, char *text)
{
	source = name;
	line = 1;
	mem = text;
	back = -2;
}

void
lexfile(char *name, int fd)
{
	source = name;
	line = 1;
	mem = nil;
	back = -2;
	Binit(&in, fd, OREAD);
}

static int
get(void)
{
	int c;

	if(back != -2){
		c = back;
		back = -2;
	}else if(mem != nil)
		c = *mem != 0 ? (uchar)*mem++ : -1;
	else{
		if(Bfildes(&in) == 0 && Bbuffered(&in) == 0)
			Bflush(&bout);
		c = Bgetc(&in);
	}
	if(c == '\n')
		line++;
	return c;
}

static void
unget(int c)
{
	if(c == '\n')
		line--;
	back = c;
}

static int
next(int c)
{
	int d;

	d = get();
	if(d == c)
		return 1;
	unget(d);
	return 0;
}

/* The rest of a line that has an error. */
void
skipline(void)
{
	int c;

	if(tok == '\n')
		return;
	while((c = get()) >= 0 && c != '\n')
		;
	tok = c < 0 ? Tend : '\n';
}

static void
append(usize *n, usize *max, int c)
{
	if(*n + 1 >= *max){
		*max = 2**max + 32;
		toktext = erealloc(toktext, *max);
	}
	toktext[(*n)++] = (char)c;
	toktext[*n] = 0;
}

static int
isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static int
isname(int c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isdigit(c) ||
		c >= Runeself;
}

/* Collects what strtod reads. */
static void
digits(int c)
{
	usize n = 0, max = 0;
	int last;

	toktext = nil;
	last = 0;
	while(isdigit(c) || c == '.' || c == 'e' || c == 'E' ||
	((c == '+' || c == '-') && (last == 'e' || last == 'E'))){
		append(&n, &max, c);
		last = c;
		c = get();
	}
	unget(c);
}

static int
number(int c)
{
	char *e;

	digits(c);
	tokval = strtod(toktext, &e);
	if(*e != 0)
		error("malformed number %s", toktext);
	return Tnumber;
}

static int
word(int c)
{
	usize n = 0, max = 0;
	uint i;

	toktext = nil;
	for(; isname(c); c = get())
		append(&n, &max, c);
	unget(c);
	for(i = 0; i < nelem(words); i++)
		if(strcmp(words[i].s, toktext) == 0)
			return words[i].tok;
	return Tname;
}

static int
string(void)
{
	static char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	usize n = 0, max = 0;
	char *p;
	int c;

	toktext = nil;
	append(&n, &max, 0);
	n = 0;
	while((c = get()) != '"'){
		if(c < 0 || c == '\n'){
			tok = c < 0 ? Tend : c;
			error("missing quote");
		}
		if(c == '\\'){
			c = get();
			p = c > 0 ? strchr(from, c) : nil;
			if(p != nil)
				c = to[p - from];
		}
		append(&n, &max, c);
	}
	toktext[n] = 0;
	return Tstring;
}

static int
argument(void)
{
	int c, n;

	n = 0;
	while(isdigit(c = get()))
		if(n < 1000000)
			n = n*10 + c - '0';
	unget(c);
	tokval = n;
	return Targ;
}

static int
operator(int c)
{
	static char arith[] = "+-*/%^";
	static int ops[] = { Eadd, Esub, Emul, Ediv, Emod, Epow };
	char *a;

	a = c > 0 ? strchr(arith, c) : nil;
	if(a != nil){
		tokop = ops[a - arith];
		if(next('='))
			return Tassign;
		if((c == '+' || c == '-') && next(c))
			return c == '+' ? Tincr : Tdecr;
		return c;
	}
	switch(c){
	case '=':
		tokop = Eassign;
		return next('=') ? Teq : Tassign;
	case '!': return next('=') ? Tne : '!';
	case '<': return next('=') ? Tle : '<';
	case '>': return next('=') ? Tge : '>';
	case '&': return next('&') ? Tand : '&';
	case '|': return next('|') ? Tor : '|';
	case '$': return argument();
	}
	return c;
}

void
advance(void)
{
	int c;

	do{
		c = get();
		if(c == '#')
			while((c = get()) >= 0 && c != '\n')
				;
		if(c == '\\' && next('\n'))
			c = ' ';
	}while(c == ' ' || c == '\t' || c == '\r');
	tok = c;
	if(c < 0)
		tok = Tend;
	else if(isdigit(c) || c == '.')
		tok = number(c);
	else if(isname(c))
		tok = word(c);
	else if(c == '"')
		tok = string();
	else
		tok = operator(c);
}

/* read(x): the next number of the input; 0 at the end or if there is none. */
int
readnumber(double *d)
{
	char *e;
	int c, neg;

	do
		c = get();
	while(c == ' ' || c == '\t' || c == '\n' || c == '\r');
	neg = c == '-';
	if(neg || c == '+')
		c = get();
	if(!isdigit(c) && c != '.'){
		unget(c);
		return 0;
	}
	digits(c);
	*d = strtod(toktext, &e);
	if(neg)
		*d = -*d;
	return *e == 0;
}
