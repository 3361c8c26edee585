/*
 * The words of a program. Whether / begins a regular expression only the
 * parser knows: it calls lexregex when it meets one where an operand belongs.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

typedef struct Source Source;
struct Source {
	Source	*next;
	char	*name;
	char	*text, *end;
};

int	tok, tokop;
char	*tokname;
Str	*tokstr;
double	toknum;
char	*tokfile;
int	tokline;

static Source	*sources, *now;
static char	*p;		/* what comes next */
static int	line;

static struct {
	char	*name;
	int	tok;
	int	fn;
} words[] = {
	{ "BEGIN", Tbegin, 0 }, { "END", Tendblock, 0 }, { "function", Tfunction, 0 },
	{ "func", Tfunction, 0 }, { "if", Tif, 0 }, { "else", Telse, 0 }, { "while", Twhile, 0 },
	{ "for", Tfor, 0 }, { "do", Tdo, 0 }, { "break", Tbreak, 0 },
	{ "continue", Tcontinue, 0 }, { "next", Tnext, 0 }, { "nextfile", Tnextfile, 0 },
	{ "exit", Texit, 0 }, { "return", Treturn, 0 }, { "delete", Tdelete, 0 },
	{ "in", Tin, 0 }, { "getline", Tgetline, 0 }, { "print", Tprint, 0 },
	{ "printf", Tprintf, 0 }, { "length", Tbuiltin, Flength }, { "substr", Tbuiltin, Fsubstr },
	{ "index", Tbuiltin, Findex }, { "split", Tbuiltin, Fsplit }, { "sub", Tbuiltin, Fsub },
	{ "gsub", Tbuiltin, Fgsub }, { "match", Tbuiltin, Fmatch },
	{ "sprintf", Tbuiltin, Fsprintf }, { "sin", Tbuiltin, Fsin }, { "cos", Tbuiltin, Fcos },
	{ "atan2", Tbuiltin, Fatan2 }, { "exp", Tbuiltin, Fexp }, { "log", Tbuiltin, Flog },
	{ "sqrt", Tbuiltin, Fsqrt }, { "int", Tbuiltin, Fint }, { "rand", Tbuiltin, Frand },
	{ "srand", Tbuiltin, Fsrand }, { "tolower", Tbuiltin, Ftolower },
	{ "toupper", Tbuiltin, Ftoupper }, { "system", Tbuiltin, Fsystem },
	{ "close", Tbuiltin, Fclose }, { "fflush", Tbuiltin, Ffflush },
};

static struct {
	char	text[4];
	int	tok;
	int	op;
} operators[] = {
	{ "**=", Tassign, Epow }, { "||", Tor, 0 }, { "&&", Tand, 0 }, { "!~", Tnomatch, 0 },
	{ "<=", Tle, 0 }, { "==", Teq, 0 }, { "!=", Tne, 0 }, { ">=", Tge, 0 },
	{ ">>", Tappend, 0 }, { "++", Tincr, 0 }, { "--", Tdecr, 0 }, { "+=", Tassign, Eadd },
	{ "-=", Tassign, Esub }, { "*=", Tassign, Emul }, { "/=", Tassign, Ediv },
	{ "%=", Tassign, Emod }, { "^=", Tassign, Epow }, { "**", '^', 0 },
	{ "=", Tassign, Eassign },
};

void
syntax(char *what)
{
	char *s, *e;

	if(what == nil)
		what = "syntax error";
	s = p;
	while(s > now->text && s[-1] != '\n')
		s--;
	for(e = p; e < now->end && *e != '\n'; e++)
		;
	fatal("%s:%d: %s near: %.*s", tokfile, tokline, what,
		utfnlen(s, e - s), s);
}

/* More of the program; text must live and be terminated. */
void
addsource(char *name, char *text, usize n)
{
	Source *s, **l;

	s = ealloc(sizeof *s);
	s->name = name;
	s->text = text;
	s->end = text + n;
	for(l = &sources; *l != nil; l = &(*l)->next)
		;
	*l = s;
}

void
lexinit(void)
{
	now = sources;
	p = now->text;
	line = 1;
}

static int
isname(int c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c >= Runeself;
}

static int
isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static void
skipblanks(void)
{
	for(;; p++){
		if(*p == '\\' && p[1] == '\n'){
			p++;
			line++;
		}else if(*p == '\\' && p[1] == '\r' && p[2] == '\n'){
			p += 2;
			line++;
		}else if(*p != ' ' && *p != '\t' && *p != '\r')
			break;
	}
	if(*p == '#')
		while(p < now->end && *p != '\n')
			p++;
}

static int
word(void)
{
	char *s = p;
	usize n;
	uint i;

	while(isname((uchar)*p))
		p++;
	n = (usize)(p - s);
	tokname = ealloc(n + 1);
	memmove(tokname, s, n);
	tokname[n] = 0;
	for(i = 0; i < nelem(words); i++)
		if(strcmp(words[i].name, tokname) == 0){
			free(tokname);
			tokname = words[i].name;
			tokop = words[i].fn;
			return words[i].tok;
		}
	return *p == '(' ? Tfuncname : Tname;
}

static int
number(void)
{
	char *s = p;

	while(isdigit(*p))
		p++;
	if(*p == '.')
		for(p++; isdigit(*p); p++)
			;
	if((*p == 'e' || *p == 'E') &&
	(isdigit(p[1]) || ((p[1] == '+' || p[1] == '-') && isdigit(p[2]))))
		for(p += 2; isdigit(*p); p++)
			;
	toknum = strtonum(s, (usize)(p - s), nil);
	return Tnumber;
}

static int
string(void)
{
	char *s = ++p;

	for(; *p != '"'; p++){
		if(*p == '\\' && p + 1 < now->end && *++p != '\n')
			continue;
		if(p >= now->end || (*p == '\n' && p[-1] != '\\'))
			syntax("unterminated string");
		if(*p == '\n')
			line++;
	}
	tokstr = allocstr((usize)(p - s));
	tokstr->n = unescape(tokstr->s, s, (usize)(p - s));
	tokstr->s[tokstr->n] = 0;
	p++;
	return Tstring;
}

static int
punctuation(void)
{
	usize n;
	uint i;

	for(i = 0; i < nelem(operators); i++){
		n = (usize)strlen(operators[i].text);
		if(strncmp(p, operators[i].text, (long)n) == 0){
			p += n;
			tokop = operators[i].op;
			return operators[i].tok;
		}
	}
	if(*p == 0 || strchr("{}()[];,+-*/%^!><|?:~$", *p) == nil)
		syntax("unexpected character");
	return *p++;
}

static int
lex(void)
{
	skipblanks();
	tokline = line;
	tokfile = now->name;
	if(p >= now->end){
		if(now->next == nil)
			return Tend;
		now = now->next;
		p = now->text;
		line = 1;
		return Tnewline;
	}
	if(*p == '\n'){
		p++;
		line++;
		return Tnewline;
	}
	if(isdigit(*p) || (*p == '.' && isdigit(p[1])))
		return number();
	if(*p == '"')
		return string();
	if(isname((uchar)*p))
		return word();
	return punctuation();
}

void
advance(void)
{
	tok = lex();
}

/* The token was / or /=: read a regular expression in its place. */
void
lexregex(void)
{
	char *s, *to;
	int set;

	s = p - (tok == Tassign);
	set = 0;
	p = s;
	for(; *p != '/' || set; p++){
		if(p >= now->end || *p == '\n')
			syntax("unterminated regular expression");
		if(*p == '\\' && p[1] != '\n' && p + 1 < now->end)
			p++;
		else if(*p == '[' && !set){
			set = 1;
			p += p[1] == '^';
			p += p[1] == ']';
		}else if(*p == '[' && set && p[1] == ':'){
			while(p[1] != ']' && p[1] != '\n' && p + 1 < now->end)
				p++;
			p += p[1] == ']';
		}else if(*p == ']')
			set = 0;
	}
	tokstr = allocstr((usize)(p - s));
	to = tokstr->s;
	for(; s < p; s++){
		if(*s == '\\' && s[1] == '/')
			s++;
		else if(*s == '\\')
			*to++ = *s++;
		*to++ = *s;
	}
	*to = 0;
	tokstr->n = (usize)(to - tokstr->s);
	p++;
	tok = Tregex;
}

/* Whether getline stands behind the present token. */
int
nextisgetline(void)
{
	skipblanks();
	return strncmp(p, "getline", 7) == 0 && !isname((uchar)p[7]);
}
