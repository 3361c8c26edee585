/*
 * Characters, and what is read alike.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "calc.h"

int	tok, tokop;
char	*toktext;
char	*source;
int	line;

static usize	ntext, maxtext;
static Biobuf	in;
static char	*mem;		/* if not nil, what is read instead */
static int	back = -2;	/* a character that was not used */

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
	lextext(name, nil);
	Binit(&in, fd, OREAD);
}

int
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

void
unget(int c)
{
	if(c == '\n')
		line--;
	back = c;
}

int
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

void
begintext(void)
{
	maxtext = 32;
	ntext = 0;
	toktext = emalloc(maxtext);
}

void
addtext(int c)
{
	if(ntext + 1 >= maxtext){
		maxtext *= 2;
		toktext = erealloc(toktext, maxtext);
	}
	toktext[ntext++] = (char)c;
	toktext[ntext] = 0;
}

/* A name that begins with c, or one of the n words. */
int
word(int c, int (*isname)(int), Keyword *words, int n)
{
	int i;

	begintext();
	for(; isname(c); c = get())
		addtext(c);
	unget(c);
	for(i = 0; i < n; i++)
		if(strcmp(words[i].s, toktext) == 0)
			return words[i].tok;
	return Tname;
}

/* The operator that begins with c; a character that begins none is returned. */
int
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
	}
	return c;
}
