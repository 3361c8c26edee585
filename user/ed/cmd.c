/*
 * The commands. Each is given addr1 and addr2, checked to lie in 0..dol.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "ed.h"

static int	form;		/* p, l or n after a command: print the current line so */
static int	warned;		/* that the buffer is modified */

/* The end of a command, after which p, l or n may stand. */
static void
suffix(void)
{
	form = 0;
	for(; *cp == 'p' || *cp == 'l' || *cp == 'n'; cp++)
		form = *cp;
	skipblanks();
	if(*cp != '\0')
		error("bad suffix");
}

static void
noaddress(void)
{
	if(naddr > 0)
		error("unexpected address");
}

/* The lines must exist. */
static void
nonzero(void)
{
	if(addr1 < 1 || addr2 > dol)
		error("bad address");
}

static void
setdefault(int a, int b)
{
	if(naddr == 0){
		addr1 = a;
		addr2 = b;
	}
}

/* The file name that follows a command, malloc'd; without one, the remembered name. */
static char*
fileargument(int remember)
{
	char *e;

	if(*cp != '\0' && *cp != ' ' && *cp != '\t')
		error("bad suffix");
	skipblanks();
	for(e = cp + strlen(cp); e > cp && (e[-1] == ' ' || e[-1] == '\t'); e--)
		e[-1] = '\0';
	if(*cp == '\0'){
		if(filename == nil)
			error("no file name");
		return estrdup(filename);
	}
	if(*cp != '!' && (remember || filename == nil)){
		free(filename);
		filename = estrdup(cp);
	}
	return estrdup(cp);
}

static void
insert(int after)
{
	Line **lines;
	int n;

	n = readtext(&lines);
	splice(after + 1, 0, lines, n);
	free(lines);
	dot = after + n;
}

static void
change(void)
{
	Line **lines;
	int n, at;

	nonzero();
	at = addr1;
	n = readtext(&lines);
	cut(addr1, addr2);
	splice(at, 0, lines, n);
	free(lines);
	dot = n > 0 ? at + n - 1 : at < dol ? at : dol;
}

static void
delete(void)
{
	nonzero();
	cut(addr1, addr2);
	dot = addr1 < dol ? addr1 : dol;
}

/* b: a page forward from the address or the next line, or backward up to it. */
static void
browse(void)
{
	static int size = 20, how = 'p';
	int i, back;

	back = *cp == '-';
	if(*cp == '-' || *cp == '+')
		cp++;
	if(*cp >= '1' && *cp <= '9'){
		size = strtol(cp, &cp, 10);
		if(size < 1 || size > 1<<20)
			size = 1<<20;
	}
	suffix();
	if(form != 0)
		how = form;
	form = 0;
	if(naddr == 0 && !back && dot < dol)
		addr2 = dot + 1;
	addr1 = addr2;
	if(back)
		addr1 = addr2 > size ? addr2 - size + 1 : 1;
	else
		addr2 = dol - addr1 < size ? dol : addr1 + size - 1;
	nonzero();
	for(i = addr1; i <= addr2; i++)
		printline(i, how);
	dot = back ? addr1 : addr2;
}

/* The first time that a modified buffer would be lost, object. */
static void
checkmodified(void)
{
	if(!modified || dol == 0 || warned)
		return;
	warned = 1;
	error("warning: modified");
}

/* q and Q, and the end of the input. With -o the buffer then goes to the standard output. */
void
quit(int force)
{
	if(oflag && !force)
		writefile("/fd/1", 1, dol, 0);
	else if(!force)
		checkmodified();
	Bflush(&out);
	exits(errors > 0 ? "errors" : nil);
}

static void
edit(int force)
{
	char *name;

	noaddress();
	if(!force)
		checkmodified();
	name = fileargument(1);
	if(dol > 0)
		splice(1, dol, nil, 0);
	dot = 0;
	discardundo();
	modified = 0;
	readinto(name, 0);
	free(name);
	discardundo();
	modified = 0;
}

static void
showname(void)
{
	noaddress();
	if(*cp != '\0')
		free(fileargument(1));
	if(filename == nil)
		error("no file name");
	Bprint(&out, "%s\n", filename);
}

static void
join(void)
{
	Line *l;
	char *s, *p;
	usize n;
	int i;

	setdefault(dot, dot + 1);
	nonzero();
	if(addr1 == addr2)
		return;
	n = 0;
	for(i = addr1; i <= addr2; i++)
		n += lineat(i)->n;
	s = p = emalloc(n + 1);
	for(i = addr1; i <= addr2; i++){
		memmove(p, lineat(i)->text, lineat(i)->n);
		p += lineat(i)->n;
	}
	l = newline(s, n);
	free(s);
	cut(addr1, addr2);
	splice(addr1, 0, &l, 1);
	dot = addr1;
}

static void
mark(void)
{
	int c;

	c = *cp;
	if(c < 'a' || c > 'z')
		error("bad mark");
	cp++;
	suffix();
	nonzero();
	setmark(c, addr2);
}

/* The line that m and t put things behind. */
static int
destination(void)
{
	int from, to, n;

	from = addr1;
	to = addr2;
	addresses();
	n = naddr;
	suffix();
	if(n == 0)
		addr2 = dot;
	n = addr2;
	addr1 = from;
	addr2 = to;
	nonzero();
	return n;
}

/* m and t: the lines addr1 to addr2 go behind another, and stay where they were with t. */
static void
transfer(int move)
{
	Line **lines, *l;
	int i, n, to;

	to = destination();
	if(move && to >= addr1 && to < addr2)
		error("bad destination");
	n = addr2 - addr1 + 1;
	lines = emalloc(n*sizeof *lines);
	for(i = 0; i < n; i++){
		l = lineat(addr1 + i);
		lines[i] = move ? l : newline(l->text, l->n);
		lines[i]->ref += move;
	}
	if(move)
		splice(addr1, n, nil, 0);
	if(move && to >= addr2)
		to -= n;
	splice(to + 1, 0, lines, n);
	for(i = 0; move && i < n; i++)
		lines[i]->ref--;
	free(lines);
	dot = to + n;
}

static void
printlines(int how)
{
	int i;

	nonzero();
	suffix();
	if(form != 0)
		how = form;
	form = 0;
	for(i = addr1; i <= addr2; i++)
		printline(i, how);
	dot = addr2;
}

static void
readcommand(void)
{
	char *name;

	setdefault(dol, dol);
	name = fileargument(0);
	readinto(name, addr2);
	free(name);
}

/* w, wq, W. */
static void
writecommand(int append)
{
	char *name;
	int leave;

	setdefault(dol > 0, dol);
	leave = *cp == 'q' && (cp[1] == '\0' || cp[1] == ' ');
	if(leave)
		cp++;
	name = fileargument(0);
	writefile(name, addr1, addr2, append);
	free(name);
	if(leave)
		quit(0);
}

/* The list of a global command: the rest of the line, and lines after it while they end in \. */
static char*
commandlist(void)
{
	char *list, *s;
	usize n, len;

	list = estrdup(*cp != '\0' ? cp : "p");
	for(n = strlen(list); n > 0 && list[n-1] == '\\'; n += len){
		list[n-1] = '\n';
		s = readcmd();
		if(s == nil)
			error("unexpected end of input");
		len = strlen(s);
		list = erealloc(list, n + len + 1);
		memmove(list + n, s, len + 1);
	}
	return list;
}

/* The next selected line from i on, round the end; 0 if there is none. */
static int
nextselected(int i, uint gen)
{
	int n;

	for(n = 0; n < dol; n++, i++){
		if(i < 1 || i > dol)
			i = 1;
		if(lineat(i)->gen == gen)
			return i;
	}
	return 0;
}

static void
globalcommand(int c)
{
	static uint gen;
	Resub m[Nsub];
	Reprog *re;
	char *list;
	int i, closed, delim;

	if(inglobal())
		error("nested global");
	setdefault(dol > 0, dol);
	if(dol > 0)
		nonzero();
	delim = *cp;
	if(delim == '\0' || delim == ' ' || delim == '\\' || (delim & 0x80))
		error("bad delimiter");
	cp++;
	re = compile(delim, &closed);
	list = commandlist();
	gen++;
	for(i = addr1; i >= 1 && i <= addr2; i++)
		if(search(re, lineat(i), 0, m) == (c == 'g'))
			lineat(i)->gen = gen;
	for(i = addr1; (i = nextselected(i, gen)) != 0; ){
		checkintr();
		lineat(i)->gen = 0;
		dot = i;
		setglobal(list);
		while((cp = readcmd()) != nil)
			command();
		setglobal(nil);
	}
	free(list);
	form = 0;
}

static void
nextlines(void)
{
	if(naddr == 0)
		addr1 = addr2 = dot + 1;
	nonzero();
	printline(addr2, 'p');
	dot = addr2;
}

/* Commands that change lines. */
static int
changing(int c)
{
	switch(c){
	case 'a':
		suffix();
		insert(addr2);
		break;
	case 'c':
		suffix();
		change();
		break;
	case 'd':
		suffix();
		delete();
		break;
	case 'i':
		suffix();
		insert(addr2 > 0 ? addr2 - 1 : 0);
		break;
	case 'j':
		suffix();
		join();
		break;
	case 'm':
		transfer(1);
		break;
	case 's':
		substitute();
		break;
	case 't':
		transfer(0);
		break;
	case 'u':
		suffix();
		noaddress();
		undo();
		break;
	case 'x':
		suffix();
		put(addr2);
		break;
	default:
		return 0;
	}
	return 1;
}

/* Commands about files and the editor itself. */
static int
other(int c)
{
	switch(c){
	case 'e':
	case 'E':
		edit(c == 'E');
		break;
	case 'f':
		showname();
		break;
	case 'P':
		suffix();
		prompting = !prompting;
		break;
	case 'q':
	case 'Q':
		noaddress();
		suffix();
		quit(c == 'Q');
		break;
	case 'r':
		readcommand();
		break;
	case 'w':
	case 'W':
		writecommand(c == 'W');
		break;
	case '!':
		shell(cp);
		break;
	default:
		return 0;
	}
	return 1;
}

/* Run the command at cp. */
void
command(void)
{
	int c;

	if(!inglobal())
		startundo();
	form = 0;
	addresses();
	c = *cp;
	if(c != '\0')
		cp++;
	if(!strchr("qe", c))
		warned = 0;
	switch(c){
	case '\0':
		nextlines();
		break;
	case 'b':
		browse();
		break;
	case 'g':
	case 'v':
		globalcommand(c);
		break;
	case 'k':
		mark();
		break;
	case 'l':
	case 'n':
	case 'p':
		printlines(c);
		break;
	case '=':
		setdefault(dol, dol);
		suffix();
		Bprint(&out, "%d\n", addr2);
		break;
	default:
		if(!changing(c) && !other(c))
			error("unknown command");
	}
	if(form != 0 && dol > 0)
		printline(dot, form);
	form = 0;
}
