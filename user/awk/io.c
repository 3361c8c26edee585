/*
 * Files and commands that are written, commands that are run, and waiting
 * for them. Commands are rc's.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

typedef struct Output Output;
struct Output {
	Output	*next;
	char	*name;
	int	pid;		/* of a command */
	int	pipe;
	Biobuf	b;
};

/* A command that ended while another was waited for. */
typedef struct Ended Ended;
struct Ended {
	Ended	*next;
	int	pid;
	char	*msg;
};

static Output	*outputs;
static Ended	*ended;
static Biobuf	stdout, stderr;

void
ioinit(void)
{
	Binit(&stdout, 1, OWRITE);
	Binit(&stderr, 2, OWRITE);
}

/* To be called with the result of writing. */
void
written(Biobuf *b, long r)
{
	if(r < 0){
		if(b == &stdout){
			fprint(2, "awk: write error: %r\n");
			exits("write error");
		}
		fatal("write error: %r");
	}
	if(b == &stderr)
		Bflush(b);
}

static Output*
openoutput(int kind, char *name)
{
	Output *o;
	int fd, pid;

	pid = 0;
	if(kind == Opipe)
		fd = command(name, 0, &pid);
	else{
		fd = kind == Oappend ? open(name, OWRITE) : -1;
		if(fd >= 0)
			seek(fd, 0, 2);
		else
			fd = create(name, OWRITE, 0666);
	}
	if(fd < 0)
		fatal("can't open %s: %r", name);
	o = ealloc(sizeof *o);
	o->name = estrdup(name);
	o->pid = pid;
	o->pipe = kind == Opipe;
	Binit(&o->b, fd, OWRITE);
	o->next = outputs;
	outputs = o;
	return o;
}

/* Where print writes to; kind Oname is standard output, without a name. */
Biobuf*
output(int kind, Str *name)
{
	Output *o;

	if(kind == Oname)
		return &stdout;
	for(o = outputs; o != nil; o = o->next)
		if(o->pipe == (kind == Opipe) && strcmp(o->name, name->s) == 0)
			return &o->b;
	if(kind != Opipe && (strcmp(name->s, "/dev/stdout") == 0 || strcmp(name->s, "-") == 0))
		return &stdout;
	if(kind != Opipe && strcmp(name->s, "/dev/stderr") == 0)
		return &stderr;
	return &openoutput(kind, name->s)->b;
}

void
flushall(void)
{
	Output *o;

	if(Bflush(&stdout) < 0){
		fprint(2, "awk: write error: %r\n");
		_exits("write error");
	}
	for(o = outputs; o != nil; o = o->next)
		Bflush(&o->b);
}

/* fflush(name): 0, or -1 if it is not open. */
int
flushname(Str *name)
{
	Output *o;
	int r;

	r = -1;
	if(strcmp(name->s, "/dev/stdout") == 0 || name->n == 0){
		flushall();
		return 0;
	}
	for(o = outputs; o != nil; o = o->next)
		if(strcmp(o->name, name->s) == 0)
			r = Bflush(&o->b) < 0 ? -1 : 0;
	return r;
}

/* In a child: the others' ends of pipes are not its own. */
void
closefds(void)
{
	Output *o;
	Input *in;

	for(o = outputs; o != nil; o = o->next)
		close(Bfildes(&o->b));
	for(in = inputs; in != nil; in = in->next)
		if(in->fd != 0)
			close(in->fd);
}

NORETURN static void
execrc(char *cmd)
{
	execl("/bin/rc", "rc", "-c", cmd, nil);
	fprint(2, "awk: /bin/rc: %r\n");
	_exits("exec");
}

/* Starts a command with its fd on a pipe; returns our end, or -1. */
int
command(char *cmd, int fd, int *pid)
{
	int p[2];

	flushall();
	if(pipe(p) < 0)
		return -1;
	*pid = fork();
	switch(*pid){
	case -1:
		close(p[0]);
		close(p[1]);
		return -1;
	case 0:
		closefds();
		dup(p[1], fd);
		close(p[0]);
		close(p[1]);
		execrc(cmd);
	}
	close(p[1]);
	return p[0];
}

/* Waits for a command; its wait message is to be freed. */
static char*
waitfor(int pid)
{
	Ended *e, **l;
	Waitmsg *w;
	char *msg;

	for(l = &ended; (e = *l) != nil; l = &e->next)
		if(e->pid == pid){
			msg = e->msg;
			*l = e->next;
			free(e);
			return msg;
		}
	while((w = wait()) != nil){
		msg = estrdup(w->msg);
		if(w->pid == pid){
			free(w);
			return msg;
		}
		e = ealloc(sizeof *e);
		e->pid = w->pid;
		e->msg = msg;
		e->next = ended;
		ended = e;
		free(w);
	}
	return estrdup("");
}

/* The exit status of a command as a number: that of `name pid: number', 1 for other text. */
static double
waitstatus(int pid)
{
	char *msg, *s, *e;
	double d;

	msg = waitfor(pid);
	d = 0;
	if(msg[0] != 0){
		s = strstr(msg, ": ");
		s = s != nil ? s + 2 : msg;
		d = strtol(s, &e, 10);
		if(e == s || *e != 0)
			d = 1;
	}
	free(msg);
	return d;
}

static double
closeoutput(Output **l)
{
	Output *o = *l;
	double r;
	int fd;

	*l = o->next;
	r = Bflush(&o->b) < 0 ? -1 : 0;
	fd = Bfildes(&o->b);
	Bterm(&o->b);
	close(fd);
	if(o->pipe)
		r = waitstatus(o->pid);
	free(o->name);
	free(o);
	return r;
}

/* close(name): the exit status of a command, 0 for a file, -1 if it is not open. */
double
closename(Str *name)
{
	Output **l;
	Input *in, *next;
	double r;
	int pid;

	r = -1;
	for(l = &outputs; *l != nil;){
		if(strcmp((*l)->name, name->s) == 0)
			r = closeoutput(l);
		else
			l = &(*l)->next;
	}
	for(in = inputs; in != nil; in = next){
		next = in->next;
		if(strcmp(in->name, name->s) == 0){
			pid = in->kind == Ipipe ? in->pid : 0;
			closeinput(in);
			r = pid != 0 ? waitstatus(pid) : 0;
		}
	}
	return r;
}

void
closeall(void)
{
	Input *in;

	flushall();
	while(outputs != nil)
		closeoutput(&outputs);
	for(in = inputs; in != nil; in = in->next)
		if(in->fd != 0)
			close(in->fd);
}

double
runsystem(Str *cmd)
{
	int pid;

	flushall();
	pid = fork();
	if(pid < 0)
		fatal("fork: %r");
	if(pid == 0){
		closefds();
		execrc(cmd->s);
	}
	return waitstatus(pid);
}
