/*
 * The words of bc.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

int	tok, tokop;
char	*toktext;		/* of numbers, names and strings; allocated for each */
int	inlibrary;

static char	*name;		/* of the file */
static int	line;
static Biobuf	in;
static char	*mem;		/* if not nil, what is read instead */
static int	isstdin;
static int	back = -2;	/* a character that was not used */

static struct {
	char	*s;
	int	tok;
} words[] = {
	{ "if", Tif }, { "else", Telse }, { "while", Twhile }, { "for", Tfor },
	{ "break", Tbreak }, { "continue", Tcontinue }, { "return", Treturn },
	{ "define", Tdefine }, { "auto", Tauto }, { "quit", Tquit }, { "halt", Thalt },
	{ "print", Tprint }, { "length", Tlength }, { "sqrt", Tsqrt }, { "scale", Tscale },
	{ "ibase", Tibase }, { "obase", Tobase }, { "last", Tlast }, { "read", Tread },
};

void
syntax(char *what)
{
	error("%s:%d: %s", name, line, what != nil ? what : "syntax error");
}

void
lextext(char *n, char *text)
{
	name = n;
	line = 1;
	mem = text;
	back = -2;
}

void
lexfile(char *n, int fd)
{
	name = n;
	line = 1;
	mem = nil;
	back = -2;
	isstdin = fd == 0;
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
		if(isstdin && Bbuffered(&in) == 0)
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

static void
blockcomment(void)
{
	int c;

	for(;;){
		c = get();
		if(c < 0)
			syntax("comment without end");
		if(c == '*' && next('/'))
			return;
	}
}

/* The next character that is no blank, comment or joined line. */
static int
skipblanks(void)
{
	int c;

	for(;;){
		c = get();
		if(c == ' ' || c == '\t' || c == '\r' || (c == '\\' && next('\n')))
			continue;
		if(c == '/' && next('*'))
			blockcomment();
		else if(c == '#'){
			while((c = get()) >= 0 && c != '\n')
				;
			return c;
		}else
			return c;
	}
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
isdigitchar(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static int
isnamechar(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static int
number(int c)
{
	usize n = 0, max = 0;
	int point;

	point = 0;
	toktext = nil;
	while(isdigitchar(c) || (c == '.' && !point)){
		point |= c == '.';
		append(&n, &max, c);
		while((c = get()) == '\\' && next('\n'))
			;
	}
	unget(c);
	if(n == 1 && point)
		return Tlast;
	return Tnumber;
}

static int
word(int c)
{
	usize n = 0, max = 0;
	uint i;

	toktext = nil;
	for(; isnamechar(c); c = get())
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
	usize n = 0, max = 0;
	int c;

	toktext = nil;
	append(&n, &max, 0);
	for(n = 0; (c = get()) != '"';){
		if(c < 0)
			syntax("string without end");
		append(&n, &max, c);
	}
	toktext[n] = 0;
	return Tstring;
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
	case '&':
		if(next('&'))
			return Tand;
		break;
	case '|':
		if(next('|'))
			return Tor;
		break;
	case '(': case ')': case '{': case '}': case '[': case ']': case ',': case ';': case '\n':
		return c;
	}
	tok = c;
	syntax("illegal character");
}

void
advance(void)
{
	int c;

	c = skipblanks();
	tok = c;
	if(c < 0)
		tok = Tend;
	else if(isdigitchar(c) || c == '.')
		tok = number(c);
	else if(c >= 'a' && c <= 'z')
		tok = word(c);
	else if(c == '"')
		tok = string();
	else
		tok = operator(c);
}

/* read(): the text of a number from the standard input. */
char*
readnumber(void)
{
	static char buf[4096];
	usize n;
	int c;

	n = 0;
	while((c = get()) >= 0 && c != '\n')
		if(n < sizeof buf - 1 && (isdigitchar(c) || c == '.' || (c == '-' && n == 0)))
			buf[n++] = (char)c;
	buf[n] = 0;
	return buf;
}
