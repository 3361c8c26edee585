/*
 * Processes: forked copies of the shell, waiting for them, and becoming a program.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	KeepMax = 1024,		/* forgotten children of `&' beyond these are dropped */
};

/* A child that someone will wait for. Others' exits are of no interest. */
typedef struct Child Child;
struct Child {
	int	pid;
	int	done;
	char	*text;
	Child	*next;
};

static Child *children;
static int nchildren;

int inchild;

/* forget removes a child from the list. */
static void
forget(Child *c)
{
	Child **p;

	for (p = &children; *p != c; p = &(*p)->next)
		;
	*p = c->next;
	nchildren--;
	free(c->text);
	free(c);
}

/* drop_oldest makes sure that children never waited for do not pile up. */
static void
drop_oldest(void)
{
	Child *c, *oldest;

	oldest = nil;
	for (c = children; c != nil; c = c->next)
		if (c->done)
			oldest = c;
	if (oldest != nil)
		forget(oldest);
}

void
proc_keep(int pid)
{
	Child *c;

	if (nchildren >= KeepMax)
		drop_oldest();
	c = emalloc(sizeof *c);
	c->pid = pid;
	c->done = 0;
	c->text = nil;
	c->next = children;
	children = c;
	nchildren++;
}

static Child *
child(int pid)
{
	Child *c;

	for (c = children; c != nil && c->pid != pid; c = c->next)
		;
	return c;
}

int
proc_interrupted(void)
{
	char err[128];

	rerrstr(err, sizeof err);
	return strcmp(err, "interrupted") == 0;
}

/* reap waits for one child and notes its end; 0 if there are none. */
static int
reap(void)
{
	Waitmsg *w;
	Child *c;

	while ((w = wait()) == nil)
		if (!proc_interrupted())
			return 0;
	c = child(w->pid);
	if (c != nil) {
		c->done = 1;
		c->text = estrdup(w->msg);
	}
	free(w);
	return 1;
}

/* proc_wait returns the exit text of a kept child and forgets it. */
char *
proc_wait(int pid)
{
	Child *c;
	char *text;

	c = child(pid);
	if (c == nil)
		return estrdup("no such child");
	while (!c->done && reap())
		;
	text = c->text == nil ? estrdup("") : c->text;
	c->text = nil;
	forget(c);
	return text;
}

/* record is the length of `name pid: ' at the start of a wait record; 0 if it is none. */
static usize
record(char *s)
{
	char *p;

	for (p = s; *p != 0 && *p != ' '; p++)
		;
	if (*p != ' ' || p == s || p[1] < '0' || p[1] > '9')
		return 0;
	for (p++; *p >= '0' && *p <= '9'; p++)
		;
	return p[0] == ':' && p[1] == ' ' ? (usize)(p + 2 - s) : 0;
}

/*
 * proc_wait_copy is proc_wait for a forked copy of the shell. A copy that ends as
 * a child of its own did only passes that child's record on.
 */
char *
proc_wait_copy(int pid)
{
	char *text, *inner;
	usize n;

	text = proc_wait(pid);
	n = record(text);
	if (n == 0 || record(text + n) == 0)
		return text;
	inner = estrdup(text + n);
	free(text);
	return inner;
}

/* proc_wait_all waits for every child; the status is the first kept one that is not true. */
void
proc_wait_all(void)
{
	while (reap())
		;
	status_set("");
	while (children != nil) {
		if (children->text != nil && children->text[0] != 0)
			status_set(children->text);
		forget(children);
	}
}

/* proc_fork makes a copy of the shell, in which notes have their default effect. */
int
proc_fork(int flags)
{
	int pid;

	env_export();
	pid = rfork(RFFDG | RFREND | RFPROC | flags);
	if (pid < 0)
		error("can't fork: %s", proc_reason());
	if (pid == 0) {
		inchild = 1;
		notes_default();
		close_owned();
		while (children != nil)
			forget(children);
	}
	return pid;
}

/* proc_run_child is all that a forked copy does. */
void
proc_run_child(Node *n)
{
	run(n, Tail | Checked);
	shell_exit();
}

/* proc_reason is the error string without the name of a file, quoted, before or after. */
char *
proc_reason(void)
{
	char err[128], *s, *end;

	rerrstr(err, sizeof err);
	s = err;
	if (*s == '\'') {
		for (end = s + 1; *end != 0 && (end[0] != '\'' || end[1] == '\''); end++)
			if (*end == '\'')
				end++;
		if (end[0] == '\'' && end[1] == ' ')
			s = end + 2;
	}
	end = strstr(s, ": '");
	if (end != nil)
		*end = 0;
	return arena_copy(&temp, s, strlen(s));
}

/* path_complete tells whether a name is used as it is rather than looked up. */
int
path_complete(char *s)
{
	if (s[0] == '/' || s[0] == '#')
		return 1;
	if (s[0] == '.' && s[1] == '.')
		s++;
	return s[0] == '.' && (s[1] == '/' || s[1] == 0);
}

/* path_join is the name of a file in a directory. */
char *
path_join(char *dir, char *name)
{
	Buf b = { nil, 0, 0 };
	char *s;

	buf_puts(&b, dir);
	if (b.len > 0 && b.s[b.len - 1] != '/')
		buf_byte(&b, '/');
	buf_puts(&b, name);
	s = arena_copy(&temp, b.s, b.len);
	buf_free(&b);
	return s;
}

/* proc_absent tells whether a reason only means that the file is not in that directory. */
int
proc_absent(char *reason)
{
	return strstr(reason, "not exist") != nil || strstr(reason, "not a directory") != nil;
}

/* try_path tries the program under each directory of $path; it returns why that failed. */
static char *
try_path(char **argv)
{
	char *dir, *reason, *best;
	int i;

	best = "file does not exist";
	for (i = 0; (dir = var_element("path", i)) != nil; i++) {
		exec(path_join(dir, argv[0]), argv);
		reason = proc_reason();
		if (!proc_absent(reason))
			best = reason;
	}
	return best;
}

/* proc_exec becomes a program, or says why it cannot and ends with that status. */
void
proc_exec(Words *args)
{
	Word *w;
	char **argv, *reason;
	int n;

	argv = arena_alloc(&temp, (args->count + 1) * sizeof *argv);
	for (n = 0, w = args->first; w != nil; w = w->next)
		argv[n++] = w->s;
	env_export();
	close_owned();
	if (path_complete(argv[0])) {
		exec(argv[0], argv);
		reason = proc_reason();
	} else
		reason = try_path(argv);
	message("%s: %s", argv[0], reason);
	status_set(reason);
	shell_exit();
}
