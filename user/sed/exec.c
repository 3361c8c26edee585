/*
 * Running the commands on the pattern space. What a and r add is kept in a
 * queue until the cycle ends or another line is read.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "sed.h"

static Buf	space;		/* the pattern space */
static Buf	hold;
static Buf	scratch;
static Reprog	*lastre;	/* for the empty regular expression */
static int	substituted;	/* since the last line was read or t branched */

static Cmd	**queue;
static int	nqueue, queuecap;

enum {
	Foldcol = 70,		/* where l breaks lines */
};

static void
putspace(Biobuf *b, char *s, usize n)
{
	if(Bwrite(b, s, n) < 0 || Bputc(b, '\n') < 0)
		sysfatal("write error: %r");
	if(uflag)
		Bflush(b);
}

static void
enqueue(Cmd *c)
{
	if(nqueue == queuecap){
		queuecap = 2*queuecap + 16;
		queue = erealloc(queue, queuecap*sizeof *queue);
	}
	queue[nqueue++] = c;
}

static void
copyfile(char *name)
{
	char buf[8192];
	long n;
	int fd;

	fd = open(name, OREAD);
	if(fd < 0)
		return;
	while((n = read(fd, buf, sizeof buf)) > 0)
		Bwrite(&out, buf, n);
	close(fd);
}

static void
flushqueue(void)
{
	int i;

	for(i = 0; i < nqueue; i++){
		if(queue[i]->c == 'r')
			copyfile(queue[i]->text.s);
		else
			Bwrite(&out, queue[i]->text.s, queue[i]->text.n);
	}
	nqueue = 0;
	if(uflag)
		Bflush(&out);
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

/* Find re in the pattern space from offset from on; m is filled in. */
static int
search(Reprog *re, usize from, Resub *m)
{
	char *s;
	int i, r;

	if(re != nil)
		lastre = re;
	else if(lastre == nil)
		sysfatal("no previous regular expression");
	s = space.s;
	if(memchr(s, '\0', space.n) != nil)
		s = withoutnul(s, space.n);
	memset(m, 0, Nsub*sizeof *m);
	m[0].sp = s + from;
	m[0].ep = s + space.n;
	r = regexec(lastre, s, m, Nsub);
	if(r < 0)
		sysfatal("out of memory");
	for(i = 0; r > 0 && s != space.s && i < Nsub; i++)
		if(m[i].sp != nil){
			m[i].sp = space.s + (m[i].sp - s);
			m[i].ep = space.s + (m[i].ep - s);
		}
	return r;
}

static int
match(Addr *a)
{
	Resub m[Nsub];

	switch(a->kind){
	case Aline:
		return a->line == lineno;
	case Alast:
		return lastline();
	case Are:
		return search(a->re, 0, m);
	}
	return 1;
}

/* Whether the addresses of a command select the present line. */
static int
selected(Cmd *c)
{
	c->rangeend = 1;
	if(c->a2.kind == Anone)
		return match(&c->a1) != c->negate;
	if(!c->inrange){
		if(!match(&c->a1))
			return c->negate;
		c->inrange = c->a2.kind != Aline || c->a2.line > lineno;
		if(c->a2.kind == Alast && lastline())
			c->inrange = 0;
		c->rangeend = !c->inrange;
		return !c->negate;
	}
	if(c->a2.kind == Aline){
		/* Lines may have gone by unseen. */
		if(lineno > c->a2.line){
			c->inrange = 0;
			return match(&c->a1) != c->negate;
		}
		c->inrange = lineno < c->a2.line;
	}else
		c->inrange = !match(&c->a2);
	c->rangeend = !c->inrange;
	return !c->negate;
}

static void
addreplacement(Buf *b, Buf *text, Resub *m)
{
	char *s, *e;
	int i;

	e = text->s + text->n;
	for(s = text->s; s < e; s++){
		i = -1;
		if(*s == '&')
			i = 0;
		else if(*s == '\\' && s + 1 < e){
			s++;
			if(*s >= '0' && *s <= '9')
				i = *s - '0';
			else if(*s == 'n'){
				bufadd(b, "\n", 1);
				continue;
			}
		}
		if(i < 0)
			bufadd(b, s, 1);
		else if(m[i].sp != nil)
			bufadd(b, m[i].sp, m[i].ep - m[i].sp);
	}
}

/* The length of the rune at offset i of the pattern space. */
static int
runeat(usize i)
{
	Rune r;

	if(!fullrune(space.s + i, space.n - i))
		return 1;
	return chartorune(&r, space.s + i);
}

static void
swapbufs(Buf *a, Buf *b)
{
	Buf t;

	t = *a;
	*a = *b;
	*b = t;
}

/*
 * Replace matches from the nth on. An empty match right after another
 * match does not count. Returns whether anything was replaced.
 */
static int
substitute(Cmd *c)
{
	Resub m[Nsub];
	usize at, last, start, n;
	int count, done;

	bufclear(&scratch);
	count = done = 0;
	at = 0;
	last = (usize)-1;
	while(at <= space.n && !(done && !c->global) && search(c->re, at, m)){
		start = m[0].sp - space.s;
		n = m[0].ep - m[0].sp;
		bufadd(&scratch, space.s + at, start - at);
		at = start;
		if(n > 0 || start != last){
			if(++count >= c->nth){
				addreplacement(&scratch, &c->text, m);
				done = 1;
			}else
				bufadd(&scratch, m[0].sp, n);
			at = last = start + n;
		}
		if(n == 0){
			if(at == space.n)
				break;
			n = runeat(at);
			bufadd(&scratch, space.s + at, n);
			at += n;
		}
	}
	if(!done)
		return 0;
	bufadd(&scratch, space.s + at, space.n - at);
	swapbufs(&space, &scratch);
	return 1;
}

static void
scommand(Cmd *c)
{
	if(!substitute(c))
		return;
	substituted = 1;
	if(c->print)
		putspace(&out, space.s, space.n);
	if(c->file != nil)
		putspace(c->file->out, space.s, space.n);
}

static void
transliterate(Cmd *c)
{
	char utf[UTFmax];
	Rune r;
	usize i;
	int j, n;

	bufclear(&scratch);
	for(i = 0; i < space.n; i += n){
		n = runeat(i);
		r = (uchar)space.s[i];
		if(n > 1)
			chartorune(&r, space.s + i);
		else if(r >= Runeself)
			r = Runemax + 1;	/* a stray byte, equal to no rune */
		for(j = 0; j < c->nrune && c->from[j] != r; j++)
			;
		if(j < c->nrune)
			bufadd(&scratch, utf, runetochar(utf, &c->to[j]));
		else
			bufadd(&scratch, space.s + i, n);
	}
	swapbufs(&space, &scratch);
}

/* l: the pattern space without anything invisible, in short lines. */
static void
list(void)
{
	static char from[] = "\\\a\b\f\n\r\t\v", to[] = "\\abfnrtv";
	char buf[8], *q;
	usize i;
	int c, n, col;

	col = 0;
	for(i = 0; i < space.n; i++){
		c = (uchar)space.s[i];
		q = c != 0 ? strchr(from, c) : nil;
		if(q != nil)
			n = snprint(buf, sizeof buf, "\\%c", to[q-from]);
		else if(c < ' ' || c >= 0x7f)
			n = snprint(buf, sizeof buf, "\\%.3o", c);
		else
			n = snprint(buf, sizeof buf, "%c", c);
		if(col + n > Foldcol - 1){
			Bprint(&out, "\\\n");
			col = 0;
		}
		Bwrite(&out, buf, n);
		col += n;
	}
	putspace(&out, "$", 1);
}

static void
endcycle(int print)
{
	if(print && !nflag)
		putspace(&out, space.s, space.n);
	flushqueue();
}

NORETURN static void
finish(void)
{
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(failed ? "errors" : nil);
}

/* q, or n without another line. */
NORETURN static void
quit(void)
{
	endcycle(1);
	finish();
}

/* n and N: the next line; at the end of the input the pattern space is printed and sed ends. */
static void
nextinput(int append)
{
	if(lastline())
		quit();
	if(append){
		flushqueue();
		bufadd(&space, "\n", 1);
	}else{
		endcycle(1);
		bufclear(&space);
	}
	readline(&space);
}

static char*
newline(void)
{
	return memchr(space.s, '\n', space.n);
}

/* Commands that move text between the two spaces, or print. */
static void
simple(Cmd *c)
{
	char *nl;

	switch(c->c){
	case '=':
		Bprint(&out, "%lld\n", lineno);
		break;
	case 'g':
		bufclear(&space);
		bufadd(&space, hold.s, hold.n);
		break;
	case 'G':
		bufadd(&space, "\n", 1);
		bufadd(&space, hold.s, hold.n);
		break;
	case 'h':
		bufclear(&hold);
		bufadd(&hold, space.s, space.n);
		break;
	case 'H':
		bufadd(&hold, "\n", 1);
		bufadd(&hold, space.s, space.n);
		break;
	case 'i':
		Bwrite(&out, c->text.s, c->text.n);
		break;
	case 'l':
		list();
		break;
	case 'p':
		putspace(&out, space.s, space.n);
		break;
	case 'P':
		nl = newline();
		putspace(&out, space.s, nl != nil ? (usize)(nl - space.s) : space.n);
		break;
	case 's':
		scommand(c);
		break;
	case 'w':
		putspace(c->file->out, space.s, space.n);
		break;
	case 'x':
		swapbufs(&space, &hold);
		break;
	case 'y':
		transliterate(c);
		break;
	}
}

/* D: drop the first line. Returns 0 if that was all there was. */
static int
dropline(void)
{
	char *nl;
	usize n;

	nl = newline();
	if(nl == nil)
		return 0;
	n = nl + 1 - space.s;
	space.n -= n;
	memmove(space.s, nl + 1, space.n + 1);
	return 1;
}

/* One cycle over the pattern space. Returns 1 if the next one is to start without reading. */
static int
cycle(void)
{
	Cmd *c;
	int pc, again;

	for(pc = 0; pc < nprog; ){
		c = &prog[pc++];
		if(c->c == '}' || c->c == ':')
			continue;
		if(!selected(c)){
			if(c->c == '{')
				pc = c->target;
			continue;
		}
		switch(c->c){
		case '{':
			break;
		case 'b':
			pc = c->target;
			break;
		case 't':
			if(substituted)
				pc = c->target;
			substituted = 0;
			break;
		case 'a':
		case 'r':
			enqueue(c);
			break;
		case 'c':
			if(c->rangeend || c->negate)
				Bwrite(&out, c->text.s, c->text.n);
			endcycle(0);
			return 0;
		case 'd':
			endcycle(0);
			return 0;
		case 'D':
			again = dropline();
			endcycle(0);
			return again;
		case 'n':
		case 'N':
			nextinput(c->c == 'N');
			break;
		case 'q':
			quit();
		default:
			simple(c);
		}
	}
	endcycle(1);
	return 0;
}

/* Run the script over all of the input, and exit. */
NORETURN void
run(void)
{
	bufclear(&hold);
	bufclear(&space);
	while(readline(&space)){
		substituted = 0;
		while(cycle())
			;
		bufclear(&space);
	}
	finish();
}
