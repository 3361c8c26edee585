/*
 * Variables: those of the environment, of the mkfiles and of the command
 * line, which recipes find in their environment again.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "mk.h"

enum {
	Nhash = 251,
};

static Var	*vars[Nhash];

static uint
hash(char *s)
{
	uint h;

	for(h = 0; *s != 0; s++)
		h = h*31 + (uchar)*s;
	return h%Nhash;
}

/* The variable of that name, which is made if there is none. */
Var*
variable(char *name)
{
	Var *v;
	uint h;

	h = hash(name);
	for(v = vars[h]; v != nil; v = v->next)
		if(strcmp(v->name, name) == 0)
			return v;
	v = emalloc(sizeof *v);
	v->name = estrdup(name);
	v->next = vars[h];
	vars[h] = v;
	return v;
}

Word*
value(char *name)
{
	return variable(name)->val;
}

void
setvar(char *name, Word *val)
{
	Var *v = variable(name);

	v->val = val;
	v->set = 1;
}

/* Variables that are rc's own business and have nothing to say to a mkfile. */
static int
isprivate(char *name)
{
	static char *names[] = {
		"*", "0", "ifs", "prompt", "status", "pid", "apid", "cflag", "rcname",
	};
	uint i;

	for(i = 0; i < nelem(names); i++)
		if(strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

static Word*
readlist(char *file)
{
	Buf b = { nil, 0, 0 };
	char buf[1024], *p, *e;
	Word *list, **l;
	long n;
	int fd;

	fd = open(file, OREAD);
	if(fd < 0)
		return nil;
	bufputs(&b, "");
	while((n = read(fd, buf, sizeof buf)) > 0)
		bufadd(&b, buf, (usize)n);
	close(fd);
	list = nil;
	l = &list;
	for(p = b.s; p < b.s + b.n; p = e + 1){
		e = p + strlen(p);
		*l = newword(p);
		l = &(*l)->next;
	}
	return list;
}

void
readenviron(void)
{
	Dir *d;
	char *file;
	long i, n;
	int fd;

	fd = open("/env", OREAD);
	if(fd < 0)
		return;
	n = dirreadall(fd, &d);
	close(fd);
	for(i = 0; i < n; i++){
		if(strncmp(d[i].name, "fn#", 3) == 0 || isprivate(d[i].name))
			continue;
		file = smprint("/env/%s", d[i].name);
		setvar(d[i].name, readlist(file));
		free(file);
	}
	if(n > 0)
		free(d);
}

/* Writes a variable as rc has it: each element and a NUL. */
void
putlist(char *name, Word *w)
{
	Buf b = { nil, 0, 0 };
	char *file;
	int fd;

	bufputs(&b, "");
	for(; w != nil; w = w->next)
		bufadd(&b, w->s, (usize)strlen(w->s) + 1);
	file = smprint("/env/%s", name);
	fd = create(file, OWRITE, 0666);
	if(fd < 0 || (b.n > 0 && write(fd, b.s, (long)b.n) != (long)b.n))
		fprint(2, "mk: %s: %r\n", file);
	close(fd);
	free(file);
	free(b.s);
}

/* In the environment of a recipe or command: all that were set. */
void
putenviron(void)
{
	Var *v;
	int i;

	for(i = 0; i < Nhash; i++)
		for(v = vars[i]; v != nil; v = v->next)
			if(v->set && !v->local)
				putlist(v->name, v->val);
}
