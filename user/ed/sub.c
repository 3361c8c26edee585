/*
 * The s command: s[n]/pattern/replacement/[n][g][pln]. A backslash before
 * the end of the line puts a newline into the replacement.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "ed.h"

typedef struct Buf Buf;
typedef struct Sub Sub;

struct Buf {
	char	*s;
	usize	n, cap;
};

struct Sub {
	Reprog	*re;
	int	nth;		/* the first match to be replaced */
	int	all;		/* and those after it */
	int	form;		/* how to print the last line: p, l, n or 0 */
};

static Buf	text;		/* the replacement, backslashes and all */
static Buf	result;

static void
bufadd(Buf *b, char *s, usize n)
{
	if(b->n + n + 1 > b->cap){
		b->cap = 2*(b->n + n) + 64;
		b->s = erealloc(b->s, b->cap);
	}
	memmove(b->s + b->n, s, n);
	b->n += n;
	b->s[b->n] = '\0';
}

/* Read the replacement. Returns whether its delimiter was there. */
static int
replacement(int delim)
{
	text.n = 0;
	bufadd(&text, "", 0);
	for(; *cp != delim; cp++){
		if(*cp == '\0')
			return 0;
		if(*cp != '\\'){
			bufadd(&text, cp, 1);
			continue;
		}
		cp++;
		if(*cp == '\0'){
			bufadd(&text, "\\\n", 2);
			cp = readcmd();
			if(cp == nil)
				error("unexpected end of input");
			cp--;
			continue;
		}
		if(*cp != delim || delim == '&')
			bufadd(&text, "\\", 1);
		bufadd(&text, cp, 1);
	}
	cp++;
	return 1;
}

static int
count(void)
{
	vlong n;

	n = strtoll(cp, &cp, 10);
	if(n < 1 || n > 1<<30)
		error("bad count");
	return n;
}

static void
parse(Sub *s)
{
	int delim, closed;

	memset(s, 0, sizeof *s);
	s->nth = 1;
	if(*cp >= '0' && *cp <= '9')
		s->nth = count();
	delim = *cp;
	if(delim == '\0' || delim == ' ' || delim == '\\' || (delim & 0x80))
		error("bad delimiter");
	cp++;
	s->re = compile(delim, &closed);
	if(!closed)
		error("missing delimiter");
	if(!replacement(delim)){
		s->form = 'p';
		return;
	}
	for(; *cp != '\0'; ){
		if(*cp >= '0' && *cp <= '9'){
			s->nth = count();
			continue;
		}
		switch(*cp){
		case 'g':
			s->all = 1;
			break;
		case 'p': case 'l': case 'n':
			s->form = *cp;
			break;
		default:
			error("bad suffix");
		}
		cp++;
	}
}

static void
addreplacement(Resub *m)
{
	char *s, *e;
	int i;

	e = text.s + text.n;
	for(s = text.s; s < e; s++){
		i = -1;
		if(*s == '&')
			i = 0;
		else if(*s == '\\' && s + 1 < e){
			s++;
			if(*s >= '0' && *s <= '9')
				i = *s - '0';
		}
		if(i < 0)
			bufadd(&result, s, 1);
		else if(m[i].sp != nil)
			bufadd(&result, m[i].sp, m[i].ep - m[i].sp);
	}
}

static int
runeat(Line *l, usize i)
{
	Rune r;

	return fullrune(l->text + i, l->n - i) ? chartorune(&r, l->text + i) : 1;
}

/*
 * Make result of a line; 0 if nothing is replaced. An empty match right
 * after another match does not count.
 */
static int
replace(Sub *s, Line *l)
{
	Resub m[Nsub];
	usize at, start, last, n;
	int k, done;

	result.n = 0;
	k = done = 0;
	at = 0;
	last = (usize)-1;
	while(at <= l->n && !(done && !s->all) && search(s->re, l, at, m)){
		start = m[0].sp - l->text;
		n = m[0].ep - m[0].sp;
		bufadd(&result, l->text + at, start - at);
		at = start;
		if(n > 0 || start != last){
			if(++k >= s->nth){
				addreplacement(m);
				done = 1;
			}else
				bufadd(&result, m[0].sp, n);
			at = last = start + n;
		}
		if(n == 0){
			if(at == l->n)
				break;
			n = runeat(l, at);
			bufadd(&result, l->text + at, n);
			at += n;
		}
	}
	if(done)
		bufadd(&result, l->text + at, l->n - at);
	return done;
}

/* Put result in the place of line i, cut at newlines; returns the number of lines it makes. */
static int
install(int i)
{
	Line **lines;
	char *p, *e, *nl;
	int n;

	e = result.s + result.n;
	nl = memchr(result.s, '\n', result.n);
	if(nl == nil){
		replaceline(i, newline(result.s, result.n));
		return 1;
	}
	n = 2;
	for(p = nl + 1; (p = memchr(p, '\n', e - p)) != nil; p++)
		n++;
	lines = emalloc(n*sizeof *lines);
	n = 0;
	for(p = result.s; ; p = nl + 1){
		nl = memchr(p, '\n', e - p);
		lines[n++] = newline(p, (nl != nil ? nl : e) - p);
		if(nl == nil)
			break;
	}
	splice(i, 1, lines, n);
	free(lines);
	return n;
}

void
substitute(void)
{
	Sub s;
	int i, last, n, any;

	parse(&s);
	if(addr1 < 1)
		error("bad address");
	any = 0;
	last = addr2;
	for(i = addr1; i <= last; i += n){
		checkintr();
		n = 1;
		if(!replace(&s, lineat(i)))
			continue;
		n = install(i);
		last += n - 1;
		dot = i + n - 1;
		any = 1;
	}
	if(!any && !inglobal())
		error("no match");
	if(any && s.form != 0)
		printline(dot, s.form);
}
