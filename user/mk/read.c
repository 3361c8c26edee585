/*
 * Reading mkfiles: logical lines, assignments, rules with their recipes,
 * and files and commands that are included.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "mk.h"

enum {
	Maxinclude = 50,
};

char	*readname;
int	readline;		/* where the present line began */

static int	lines;		/* of the file that were read, and one */
static int	depth;

static char	letters[] = "DENnQRUV";
static int	attrs[] = {
	Adelete, Aignore, Anorecipe, Anotvirtual, Aquiet, Aregex, Aupdated, Avirtual,
};

/* Starts a command; what it prints can be read from the descriptor. */
static int
command(char *cmd)
{
	int p[2];

	Bflush(&bout);
	if(pipe(p) < 0)
		fatal("pipe: %r");
	switch(rfork(RFPROC|RFFDG|RFENVG)){
	case -1:
		fatal("fork: %r");
	case 0:
		close(p[0]);
		dup(p[1], 1);
		close(p[1]);
		putenviron();
		execl("/bin/rc", "rc", "-c", cmd, nil);
		fprint(2, "mk: /bin/rc: %r\n");
		_exits("exec");
	}
	close(p[1]);
	return p[0];
}

/* What a command prints. */
char*
backquote(char *cmd)
{
	Buf b = { nil, 0, 0 };
	char buf[1024];
	long n;
	int fd;

	fd = command(cmd);
	bufputs(&b, "");
	while((n = read(fd, buf, sizeof buf)) > 0)
		bufadd(&b, buf, (usize)n);
	close(fd);
	waitpid();
	return b.s;
}

/*
 * The next line with those that continue it, without comments; nil at the
 * end. Newlines in quotes and commands belong to it.
 */
static char*
logicalline(Biobuf *in)
{
	Buf b = { nil, 0, 0 };
	char *s, *e;
	int c, quote, braces;

	quote = braces = 0;
	readline = lines;
	bufputs(&b, "");
	for(;;){
		c = Bgetc(in);
		if(c < 0)
			break;
		if(c == '\n')
			lines++;
		if(quote != 0){
			if(c == quote && !(c == '}' && --braces > 0))
				quote = 0;
			else if(quote == '}' && c == '{')
				braces++;
		}else if(c == '\\'){
			c = Bgetc(in);
			if(c == '\n'){
				lines++;
				c = ' ';
			}else{
				if(c >= 0)
					Bungetc(in);
				c = '\\';
			}
		}else if(c == '#'){
			while((c = Bgetc(in)) >= 0 && c != '\n')
				;
			if(c == '\n')
				lines++;
			break;
		}else if(c == '\'')
			quote = '\'';
		else if(c == '`'){
			bufputc(&b, c);
			c = Bgetc(in);
			quote = c == '{' ? '}' : '`';
			braces = 1;
		}else if(c == '\n')
			break;
		if(c >= 0)
			bufputc(&b, c);
	}
	if(quote != 0)
		fatal("%s:%d: missing %c", readname, readline, quote);
	if(c < 0 && b.n == 0)
		return nil;
	for(s = b.s; *s == ' ' || *s == '\t'; s++)
		;
	for(e = b.s + b.n; e > s && (e[-1] == ' ' || e[-1] == '\t' || e[-1] == '\r'); e--)
		;
	*e = 0;
	return s;
}

/* The indented lines that follow a rule, each without its first blank; nil if there are none. */
static char*
recipe(Biobuf *in)
{
	Buf b = { nil, 0, 0 };
	int c;

	for(;;){
		c = Bgetc(in);
		if(c == '#'){
			while((c = Bgetc(in)) >= 0 && c != '\n')
				;
			lines += c == '\n';
			continue;
		}
		if(c != ' ' && c != '\t')
			break;
		while((c = Bgetc(in)) >= 0){
			bufputc(&b, c);
			if(c == '\n')
				break;
		}
		lines++;
	}
	if(c >= 0)
		Bungetc(in);
	if(b.n > 0 && b.s[b.n - 1] != '\n')
		bufputc(&b, '\n');
	return b.s;
}

/* The first character of s outside quotes that is one of those. */
static char*
find(char *s, char *those)
{
	while(*s != 0){
		if(strchr(those, *s) != nil)
			return s;
		s = skipquoted(s);
	}
	return nil;
}

/* The attributes between the colons of a rule. */
static int
attributes(char *s, char **prog)
{
	char *l;
	int attr;

	attr = 0;
	for(; *s != 0; s++){
		if(*s == ' ' || *s == '\t')
			continue;
		if(*s == 'P'){
			*prog = estrdup(s + 1);
			break;
		}
		l = strchr(letters, *s);
		if(l == nil)
			fatal("%s:%d: unknown attribute %c", readname, readline, *s);
		attr |= attrs[l - letters];
	}
	return attr;
}

static void
rule(Biobuf *in, char *s, char *colon)
{
	Word *targets, *prereqs;
	char *second, *prog;
	int attr;
	attr = 0;
	prog = nil;
	*colon++ = 0;
	targets = expand(s);
	second = find(colon, ":");
	if(second != nil){
		*second = 0;
		attr = attributes(colon, &prog);
		colon = second + 1;
	}
	if(targets == nil)
		fatal("%s:%d: a rule without a target", readname, readline);
	prereqs = expand(colon);
	addrule(targets, prereqs, recipe(in), attr, prog, readline);
}

/* name=value or name=U=value; fixed if the command line says so. Returns 0 if it is none. */
int
assignment(char *s, int fixed)
{
	char *eq, *e, *name;
	Var *v;
	int local;

	eq = find(s, "=:<");
	if(eq == nil || *eq != '=')
		return 0;
	for(e = eq; e > s && (e[-1] == ' ' || e[-1] == '\t'); e--)
		;
	name = estrdup(s);
	name[e - s] = 0;
	if(name[0] == 0 || strpbrk(name, " \t$`'/") != nil)
		fatal("%s:%d: bad variable name '%s'", readname, readline, name);
	local = 0;
	eq++;
	if(eq[0] == 'U' && eq[1] == '='){
		local = 1;
		eq += 2;
	}
	v = variable(name);
	if(v->fixed && !fixed)
		return 1;
	setvar(name, expand(eq));
	v->local = local;
	v->fixed = fixed;
	return 1;
}

static void
include(char *s)
{
	Word *w;
	char *name;
	int fd, line, next;

	name = readname;
	line = readline;
	next = lines;
	if(depth == Maxinclude)
		fatal("%s:%d: files include each other without end", name, line);
	if(*s == '|'){
		readmkfile(s, command(s + 1));
		waitpid();
	}else for(w = expand(s); w != nil; w = w->next){
		fd = open(w->s, OREAD);
		if(fd < 0)
			fatal("%s:%d: %s: %r", name, line, w->s);
		readmkfile(w->s, fd);
	}
	readname = name;
	readline = line;
	lines = next;
}

/* Reads the mkfile that fd is open on, and closes it. */
void
readmkfile(char *name, int fd)
{
	Biobuf in;
	char *s, *p;

	depth++;
	readname = estrdup(name);
	lines = 1;
	Binit(&in, fd, OREAD);
	while((s = logicalline(&in)) != nil){
		if(*s == 0)
			continue;
		if(*s == '<'){
			include(s + 1);
			continue;
		}
		p = find(s, ":=<");
		if(p != nil && *p == ':')
			rule(&in, s, p);
		else if(p == nil || *p != '=' || !assignment(s, 0))
			fatal("%s:%d: neither a rule nor an assignment: %s", readname, readline, s);
	}
	Bterm(&in);
	close(fd);
	depth--;
}
