/*
 * The words of hoc, and its names.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

double	tokval;

static Name	*names;

static Keyword words[] = {
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
	int last;

	begintext();
	last = 0;
	while(isdigit(c) || c == '.' || c == 'e' || c == 'E' ||
	((c == '+' || c == '-') && (last == 'e' || last == 'E'))){
		addtext(c);
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
string(void)
{
	static char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	char *p;
	int c;

	begintext();
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
		addtext(c);
	}
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
		tok = word(c, isname, words, nelem(words));
	else if(c == '"')
		tok = string();
	else if(c == '$')
		tok = argument();
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
