/*
 * What comes in and goes out: command lines and text from the standard
 * input or from the list of a global command, files, and the shell.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "ed.h"

enum {
	Foldcol = 70,		/* where l breaks lines */
};

static char	*global;	/* the rest of a global command's list, or nil */

static char	inbuf[8192];	/* from the standard input */
static int	inpos, inhave;

static char	*cmdline;	/* the line read last */
static usize	cmdcap;

int
inglobal(void)
{
	return global != nil;
}

/* Take commands from s, or from the standard input if it is nil; returns the previous source. */
char*
setglobal(char *s)
{
	char *old;

	old = global;
	global = s;
	return old;
}

static int
inbyte(void)
{
	if(inpos == inhave){
		Bflush(&out);
		inpos = inhave = 0;
		inhave = read(0, inbuf, sizeof inbuf);
		if(inhave <= 0){
			inhave = 0;
			checkintr();
			return -1;
		}
	}
	return (uchar)inbuf[inpos++];
}

/* The next line of input into cmdline; its length, or -1 at the end. */
static long
inputline(void)
{
	usize n;
	int c;

	for(n = 0; ; n++){
		if(n + 1 >= cmdcap){
			cmdcap = 2*cmdcap + 256;
			cmdline = erealloc(cmdline, cmdcap);
		}
		c = inbyte();
		if(c < 0 || c == '\n')
			break;
		cmdline[n] = c;
	}
	cmdline[n] = '\0';
	return c < 0 && n == 0 ? -1 : (long)n;
}

/* The next line of the global list. */
static long
globalline(void)
{
	usize n;

	if(*global == '\0')
		return -1;
	n = strcspn(global, "\n");
	if(n + 1 >= cmdcap){
		cmdcap = n + 256;
		cmdline = erealloc(cmdline, cmdcap);
	}
	memmove(cmdline, global, n);
	cmdline[n] = '\0';
	global += n;
	if(*global == '\n')
		global++;
	return n;
}

static long
nextline(void)
{
	return global != nil ? globalline() : inputline();
}

/* A line of commands, or nil at the end; valid until the next is read. */
char*
readcmd(void)
{
	return nextline() < 0 ? nil : cmdline;
}

/* Text up to a line with a dot; the lines are returned in a malloc'd array. */
int
readtext(Line ***lines)
{
	Line **a;
	int n, cap;
	long len;

	a = nil;
	n = cap = 0;
	while((len = nextline()) >= 0){
		if(len == 1 && cmdline[0] == '.')
			break;
		if(n == cap){
			cap = 2*cap + 16;
			a = erealloc(a, cap*sizeof *a);
		}
		a[n++] = newline(cmdline, len);
	}
	*lines = a;
	return n;
}

/* Start rc on a command with its fd on a pipe; returns our end. */
static int
pipeto(char *cmd, int fd, int *pid)
{
	int p[2];

	if(pipe(p) < 0)
		error("pipe: %r");
	Bflush(&out);
	*pid = fork();
	if(*pid < 0){
		close(p[0]);
		close(p[1]);
		error("fork: %r");
	}
	if(*pid == 0){
		dup(p[1], fd);
		close(p[0]);
		close(p[1]);
		execl("/bin/rc", "rc", "-c", cmd, nil);
		fprint(2, "/bin/rc: %r\n");
		_exits("exec");
	}
	close(p[1]);
	return p[0];
}

static void
waitshell(int pid)
{
	int w;

	do
		w = waitpid();
	while(w != pid && (w >= 0 || interrupted));
}

void
shell(char *cmd)
{
	int pid;

	Bflush(&out);
	pid = fork();
	if(pid < 0)
		error("fork: %r");
	if(pid == 0){
		execl("/bin/rc", "rc", "-c", cmd, nil);
		fprint(2, "/bin/rc: %r\n");
		_exits("exec");
	}
	waitshell(pid);
	Bprint(&out, "!\n");
}

/* Cut what was read into lines. */
static void
addlines(Line ***lines, int *n, char *s, usize size)
{
	char *p, *e, *nl;
	int cap;

	cap = 0;
	e = s + size;
	for(p = s; p < e; p = nl + 1){
		nl = memchr(p, '\n', e - p);
		if(nl == nil)
			nl = e;
		if(*n == cap){
			cap = 2*cap + 256;
			*lines = erealloc(*lines, cap*sizeof **lines);
		}
		(*lines)[(*n)++] = newline(p, nl - p);
	}
}

/* r: a file, or the output of a command after !, goes behind a line. */
void
readinto(char *name, int after)
{
	Line **lines;
	char *s;
	usize have, cap;
	long n;
	int fd, pid, nlines;

	pid = -1;
	fd = *name == '!' ? pipeto(name + 1, 1, &pid) : open(name, OREAD);
	if(fd < 0)
		error("%s: %r", name);
	s = nil;
	have = cap = 0;
	do{
		if(cap - have < 4096){
			cap = 2*cap + 16384;
			s = erealloc(s, cap);
		}
		n = read(fd, s + have, cap - have);
		if(n > 0)
			have += n;
	}while(n > 0);
	close(fd);
	if(pid >= 0)
		waitshell(pid);
	lines = nil;
	nlines = 0;
	addlines(&lines, &nlines, s, have);
	free(s);
	splice(after + 1, 0, lines, nlines);
	free(lines);
	dot = after + nlines;
	if(n < 0)
		error("%s: %r", name);
	if(verbose)
		Bprint(&out, "%lld\n", (vlong)have);
}

static int
opentowrite(char *name, int append)
{
	int fd;

	if(strcmp(name, "/fd/1") == 0)
		return dup(1, -1);
	if(append){
		fd = open(name, OWRITE);
		if(fd >= 0){
			seek(fd, 0, 2);
			return fd;
		}
	}
	return create(name, OWRITE, 0666);
}

/* w and W: lines go to a file, or to a command after !. */
void
writefile(char *name, int from, int to, int append)
{
	Biobuf *b;
	Line *l;
	vlong count;
	int i, fd, pid, failed;

	pid = -1;
	fd = *name == '!' ? pipeto(name + 1, 0, &pid) : opentowrite(name, append);
	if(fd < 0)
		error("%s: %r", name);
	b = Bfdopen(fd, OWRITE);
	if(b == nil)
		error("out of memory");
	count = 0;
	failed = 0;
	for(i = from; i >= 1 && i <= to && !failed; i++){
		l = lineat(i);
		failed = Bwrite(b, l->text, l->n) < 0 || Bputc(b, '\n') < 0;
		count += l->n + 1;
	}
	failed |= Bterm(b) < 0;
	if(pid >= 0)
		waitshell(pid);
	else if(failed)
		error("%s: %r", name);
	else if(from <= 1 && to == dol)
		modified = 0;
	if(verbose)
		Bprint(&out, "%lld\n", count);
}

/* Save the buffer when the terminal goes away. */
void
lostline(void)
{
	if(modified && dol > 0){
		verbose = 0;
		writefile("ed.hup", 1, dol, 0);
	}
	exits("hangup");
}

/* l: nothing invisible, lines broken, and $ at the end. */
static void
list(Line *l)
{
	static char from[] = "\\\a\b\f\n\r\t\v", to[] = "\\abfnrtv";
	char buf[8], *q;
	usize i;
	int c, n, col;

	col = 0;
	for(i = 0; i < l->n; i++){
		c = (uchar)l->text[i];
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
	Bprint(&out, "$\n");
}

/* Print a line in the form p, l or n. */
void
printline(int i, int form)
{
	Line *l;

	checkintr();
	l = lineat(i);
	if(form == 'n')
		Bprint(&out, "%d\t", i);
	if(form == 'l')
		list(l);
	else{
		Bwrite(&out, l->text, l->n);
		Bputc(&out, '\n');
	}
}
