/*
 * The words of bc.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

int	inlibrary;

static Keyword words[] = {
	{ "if", Tif }, { "else", Telse }, { "while", Twhile }, { "for", Tfor },
	{ "break", Tbreak }, { "continue", Tcontinue }, { "return", Treturn },
	{ "define", Tdefine }, { "auto", Tauto }, { "quit", Tquit }, { "halt", Thalt },
	{ "print", Tprint }, { "length", Tlength }, { "sqrt", Tsqrt }, { "scale", Tscale },
	{ "ibase", Tibase }, { "obase", Tobase }, { "last", Tlast }, { "read", Tread },
};

void
syntax(char *what)
{
	error("%s:%d: %s", source, line, what != nil ? what : "syntax error");
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
	int point;

	point = 0;
	begintext();
	while(isdigitchar(c) || (c == '.' && !point)){
		point |= c == '.';
		addtext(c);
		while((c = get()) == '\\' && next('\n'))
			;
	}
	unget(c);
	if(strcmp(toktext, ".") == 0)
		return Tlast;
	return Tnumber;
}

static int
string(void)
{
	int c;

	begintext();
	while((c = get()) != '"'){
		if(c < 0)
			syntax("string without end");
		addtext(c);
	}
	return Tstring;
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
		tok = word(c, isnamechar, words, nelem(words));
	else if(c == '"')
		tok = string();
	else{
		tok = operator(c);
		if(tok < Tend && (tok == 0 || strchr("+-*/%^!<>(){}[],;\n", tok) == nil))
			syntax("illegal character");
	}
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
