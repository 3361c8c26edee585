/*
 * Addresses: . $ n 'x /re/ ?re? followed by offsets; , and ; between them.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "ed.h"

int	addr1, addr2;
int	naddr;
char	*cp;

static Reprog	*lastre;	/* for the empty regular expression */

void
regerror(char *msg)
{
	error("%s", msg);
}

void
skipblanks(void)
{
	while(*cp == ' ' || *cp == '\t')
		cp++;
}

/*
 * The text up to a delimiter, malloc'd; backslashes stay, except before the
 * delimiter. *closed says whether the delimiter was there.
 */
char*
delimited(int delim, int *closed)
{
	char *s, *q;
	int set;

	s = q = emalloc(strlen(cp) + 1);
	set = 0;
	while(*cp != '\0' && (set || *cp != delim)){
		if(*cp == '[')
			set = strchr(cp, ']') != nil;
		else if(*cp == ']')
			set = 0;
		if(*cp == '\\' && cp[1] == delim){
			if(strchr(".*+?[]()|\\^$", delim) != nil)
				*q++ = '\\';
			cp++;
		}else if(*cp == '\\' && cp[1] != '\0')
			*q++ = *cp++;
		*q++ = *cp++;
	}
	*q = '\0';
	*closed = *cp == delim;
	if(*closed)
		cp++;
	return s;
}

/* A regular expression; the empty one is the last that was compiled. */
Reprog*
compile(int delim, int *closed)
{
	Reprog *re;
	char *s;

	s = delimited(delim, closed);
	if(*s == '\0'){
		free(s);
		if(lastre == nil)
			error("no previous pattern");
		return lastre;
	}
	re = regcomp(s);
	free(s);
	if(re == nil)
		error("bad pattern");
	free(lastre);
	lastre = re;
	return re;
}

/*
 * The library ends a text at a NUL, so a line that holds one is searched in
 * a copy where a byte that is no UTF-8, and so an ordinary character, stands
 * for it.
 */
static char*
withoutnul(char *s, usize n)
{
	static char *copy;
	static usize cap;
	usize i;

	if(n + 1 > cap){
		cap = 2*n + 64;
		copy = erealloc(copy, cap);
	}
	for(i = 0; i < n; i++)
		copy[i] = s[i] != '\0' ? s[i] : (char)0xff;
	copy[n] = '\0';
	return copy;
}

/* Search a line from an offset on. */
int
search(Reprog *re, Line *l, usize from, Resub *m)
{
	char *s;
	int i, r;

	s = l->text;
	if(memchr(s, '\0', l->n) != nil)
		s = withoutnul(s, l->n);
	memset(m, 0, Nsub*sizeof *m);
	m[0].sp = s + from;
	m[0].ep = s + l->n;
	r = regexec(re, s, m, Nsub);
	if(r < 0)
		error("out of memory");
	for(i = 0; r > 0 && s != l->text && i < Nsub; i++)
		if(m[i].sp != nil){
			m[i].sp = l->text + (m[i].sp - s);
			m[i].ep = l->text + (m[i].ep - s);
		}
	return r;
}

/* The next line that matches after from, forward or backward, round the ends. */
static int
find(int delim, int from)
{
	Resub m[Nsub];
	Reprog *re;
	int i, n, closed;

	re = compile(delim, &closed);
	i = from;
	for(n = 0; n < dol; n++){
		if(delim == '/')
			i = i >= dol ? 1 : i + 1;
		else
			i = i <= 1 ? dol : i - 1;
		checkintr();
		if(search(re, lineat(i), 0, m))
			return i;
	}
	error("no match");
}

static int
digit(int c)
{
	return c >= '0' && c <= '9';
}

static int
number(void)
{
	vlong n;

	for(n = 0; digit(*cp); cp++)
		if(n < 1<<30)
			n = n*10 + *cp - '0';
	return n < 1<<30 ? n : 1<<30;
}

/* One address without its offsets; 0 if there is none. from is where searches start. */
static int
primary(int *a, int from)
{
	int c;

	c = *cp;
	if(digit(c)){
		*a = number();
		return 1;
	}
	switch(c){
	case '.':
		*a = dot;
		break;
	case '$':
		*a = dol;
		break;
	case '\'':
		cp++;
		if(*cp < 'a' || *cp > 'z')
			error("bad mark");
		*a = getmark(*cp);
		break;
	case '/':
	case '?':
		cp++;
		*a = find(c, from);
		return 1;
	default:
		return 0;
	}
	cp++;
	return 1;
}

/* One address; 0 if there is none. It may lie outside the buffer: callers check. */
static int
address(int *a)
{
	int any, c, n;

	skipblanks();
	any = primary(a, dot);
	for(;;){
		skipblanks();
		c = *cp;
		if(c != '+' && c != '-' && c != '^' && !(any && digit(c)))
			break;
		if(!any)
			*a = dot;
		any = 1;
		if(!digit(c))
			cp++;
		skipblanks();
		n = digit(*cp) ? number() : 1;
		*a += c == '-' || c == '^' ? -n : n;
		if(*a > 1<<30 || *a < -(1<<30))
			error("bad address");
	}
	return any;
}

/*
 * All addresses of a command: addr1 and addr2 are the last two, and naddr
 * says how many of them were given. Before a separator a missing address is
 * line 1 (or . before ;), and after such a one it is $; after another it is
 * that one again.
 */
void
addresses(void)
{
	int a, any, sep, whole;

	naddr = 0;
	addr1 = addr2 = dot;
	for(whole = 0; ; whole = !any){
		any = address(&a);
		skipblanks();
		sep = *cp == ',' || *cp == ';';
		if(!any && !sep && naddr == 0)
			return;
		if(!any && naddr == 0)
			a = *cp == ';' ? dot : dol > 0;
		else if(!any)
			a = whole ? dol : addr2;
		addr1 = naddr == 0 ? a : addr2;
		addr2 = a;
		naddr = naddr < 2 ? naddr + 1 : 2;
		if(!sep)
			break;
		if(*cp == ';'){
			if(addr2 < 1 || addr2 > dol)
				error("bad address");
			dot = addr2;
		}
		cp++;
	}
	if(addr1 > addr2 || addr1 < 0 || addr2 > dol)
		error("bad address");
}
