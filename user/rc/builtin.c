/*
 * The commands that only the shell itself can carry out.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

/* usage complains about how a builtin was called. */
static int
usage(char *text)
{
	fprint(2, "usage: %s\n", text);
	status_set("usage");
	return Next;
}

/* argument is the nth word after the command's name, or nil. */
static char *
argument(Words *args, int n)
{
	Word *w;

	for (w = args->first; w != nil && n > 0; n--)
		w = w->next;
	return w == nil ? nil : w->s;
}

/* number reads a decimal number; -1 if s is none. */
static int
number(char *s)
{
	char *end;
	long n;

	if (*s < '0' || *s > '9')
		return -1;
	n = strtol(s, &end, 10);
	return *end != 0 || n > 0x7fffffff ? -1 : (int)n;
}

static int
builtin_builtin(Words *args, int how)
{
	Words rest;

	if (args->count < 2)
		return usage("builtin command [arg ...]");
	rest = words_from(args, args->first->next);
	return run_command(&rest, how, 0);
}

/* tell_wdir lets the window system know where an interactive shell is. */
static void
tell_wdir(void)
{
	char dir[512];
	int fd;

	if (!flag['i'] || getwd(dir, sizeof dir) == nil)
		return;
	fd = open("/dev/wdir", OWRITE | OCEXEC);
	if (fd < 0)
		return;
	write(fd, dir, strlen(dir));
	close(fd);
}

/* cd_along tries dir under each element of $cdpath and says where it was found. */
static int
cd_along(char *dir)
{
	char *under, *path;
	int i;

	if (path_complete(dir) || var_count("cdpath") == 0)
		return chdir(dir);
	for (i = 0; (under = var_element("cdpath", i)) != nil; i++) {
		path = path_join(under, dir);
		if (chdir(path) < 0)
			continue;
		if (under[0] != 0 && strcmp(under, ".") != 0)
			fprint(1, "%s\n", path);
		return 0;
	}
	return -1;
}

static int
builtin_cd(Words *args, int how)
{
	char *dir;

	if (args->count > 2)
		return usage("cd [directory]");
	dir = args->count == 2 ? argument(args, 1) : var_element("home", 0);
	if (dir == nil) {
		fprint(2, "Can't cd: $home is not set\n");
		status_set("can't cd");
	} else if (args->count == 2 ? cd_along(dir) < 0 : chdir(dir) < 0) {
		fprint(2, "Can't cd %s: %s\n", dir, proc_reason());
		status_set("can't cd");
	} else {
		status_set("");
		tell_wdir();
	}
	return Next;
}

/* not_text refuses directories, whose bytes are no commands. */
static int
not_text(int fd)
{
	Dir *d;
	int yes;

	d = dirfstat(fd);
	yes = d != nil && (d->mode & DMDIR);
	free(d);
	if (yes) {
		close(fd);
		werrstr("file is a directory");
	}
	return yes;
}

/* dot_try opens one file for `.'; -1 if it can't be. */
static int
dot_try(char *file)
{
	int fd;

	fd = open(file, OREAD | OCEXEC);
	return fd < 0 || not_text(fd) ? -1 : fd;
}

/* dot_open finds the file of `.' as commands are found, and says why if it can't be. */
static int
dot_open(char *file, char **reason)
{
	char *dir, *why;
	int fd, i;

	if (path_complete(file)) {
		fd = dot_try(file);
		*reason = proc_reason();
		return fd;
	}
	*reason = "file does not exist";
	for (i = 0; (dir = var_element("path", i)) != nil; i++) {
		fd = dot_try(path_join(dir, file));
		if (fd >= 0)
			return fd;
		why = proc_reason();
		if (!proc_absent(why))
			*reason = why;
	}
	return -1;
}

/* dot_run reads the open file with its own $0 and $*. */
static int
dot_run(Input *in, Words *args, int how)
{
	Scope star, zero;
	Words name, rest;
	int flow;

	words_init(&name);
	words_add(&name, args->first->s, nil);
	rest = words_from(args, args->first->next);
	var_local(&zero, "0", &name);
	var_local(&star, "*", &rest);
	flow = run_input(in, how);
	var_restore(&star);
	var_restore(&zero);
	input_close(in);
	return flow;
}

static int
builtin_dot(Words *args, int how)
{
	Input in;
	Words rest;
	Word *w;
	char given[128] = { 0 }, *s;
	int fd;

	for (w = args->first->next; w != nil && w->s[0] == '-' && w->s[1] != 0; w = w->next)
		for (s = w->s + 1; *s != 0; s++) {
			if (strchr("biq", *s) == nil)
				return usage(". [-biq] file [arg ...]");
			given[(uchar)*s] = 1;
		}
	if (w == nil)
		return usage(". [-biq] file [arg ...]");
	rest = words_from(args, w);
	fd = dot_open(w->s, &s);
	if (fd < 0) {
		if (!given['q'])
			message(". can't open: %s: %s", w->s, s);
		status_set(s);
		return given['q'] ? Next : Unwind;
	}
	input_file(&in, w->s, fd);
	in.whole = given['b'] || (flag['b'] && !given['i']);
	in.interactive = given['i'];
	in.quiet = given['q'];
	return dot_run(&in, &rest, how);
}

static int
builtin_eval(Words *args, int how)
{
	Input in;
	Words rest;
	int flow;

	rest = words_from(args, args->first->next);
	if (input != nil && input->quiet)
		input_text(&in, "rc", 1, words_join(&rest));
	else
		input_text(&in, place.file, place.line, words_join(&rest));
	flow = run_input(&in, how);
	input_close(&in);
	return flow;
}

static int
builtin_exec(Words *args, int how)
{
	Words rest;

	if (args->count < 2) {
		error("empty argument list");
		return Unwind;
	}
	rest = words_from(args, args->first->next);
	proc_exec(&rest);
}

static int
builtin_exit(Words *args, int how)
{
	Words rest;

	rest = words_from(args, args->first->next);
	if (rest.count > 0)
		status_set(words_join(&rest));
	shell_exit();
}

static int
builtin_flag(Words *args, int how)
{
	char *f, *value;

	f = argument(args, 1);
	value = argument(args, 2);
	if (args->count < 2 || args->count > 3 || f[0] == 0 || (f[0] & 0x80) || f[1] != 0
	    || (value != nil && strcmp(value, "+") != 0 && strcmp(value, "-") != 0))
		return usage("flag letter [+-]");
	if (value != nil)
		flag[(uchar)f[0]] = value[0] == '+';
	status_set(value != nil || flag[(uchar)f[0]] ? "" : "flag not set");
	return Next;
}

static int
builtin_finit(Words *args, int how)
{
	env_functions();
	return Next;
}

static int
builtin_rfork(Words *args, int how)
{
	static char letters[] = "nNeEsfFm";
	static int bits[] = {
		RFNAMEG, RFCNAMEG, RFENVG, RFCENVG, RFNOTEG, RFFDG, RFCFDG, RFNOMNT,
	};
	char *s, *letter;
	int flags;

	flags = 0;
	for (s = args->count == 1 ? "ens" : argument(args, 1); *s != 0; s++) {
		letter = strchr(letters, *s);
		if (letter == nil || args->count > 2)
			return usage("rfork [nNeEsfFm]");
		flags |= bits[letter - letters];
	}
	env_export();
	if (rfork(flags) < 0) {
		s = proc_reason();
		message("rfork: %s", s);
		status_set(s);
	} else
		status_set("");
	return Next;
}

static int
builtin_shift(Words *args, int how)
{
	Words left;
	char *s;
	int n;

	n = args->count == 1 ? 1 : args->count == 2 ? number(argument(args, 1)) : -1;
	if (n < 0)
		return usage("shift [n]");
	words_init(&left);
	for (; (s = var_element("*", n)) != nil; n++)
		words_add(&left, arena_copy(&temp, s, strlen(s)), nil);
	var_set(var_find("*"), &left);
	status_set("");
	return Next;
}

static int
builtin_wait(Words *args, int how)
{
	char *text;
	int pid;

	if (args->count == 1) {
		proc_wait_all();
		return Next;
	}
	pid = number(argument(args, 1));
	if (args->count > 2 || pid < 0)
		return usage("wait [pid]");
	text = proc_wait(pid);
	status_set(text);
	free(text);
	return Next;
}

/* show_value prints an assignment that would give v its value. */
static void
show_value(Buf *b, Var *v)
{
	int i;

	buf_quote(b, v->name);
	buf_byte(b, '=');
	if (v->value->count != 1)
		buf_byte(b, '(');
	for (i = 0; i < v->value->count; i++) {
		if (i > 0)
			buf_byte(b, ' ');
		buf_quote(b, v->value->s[i]);
	}
	if (v->value->count != 1)
		buf_byte(b, ')');
	buf_byte(b, '\n');
}

/* is_program tells whether the file can be executed; a directory cannot. */
static int
is_program(char *file)
{
	Dir *d;
	int yes;

	d = dirstat(file);
	yes = d != nil && (d->mode & DMDIR) == 0 && access(file, AEXEC) >= 0;
	free(d);
	return yes;
}

/* show_program prints where a program is; 0 if there is none. */
static int
show_program(Buf *b, char *name)
{
	char *dir, *file;
	int i;

	if (path_complete(name)) {
		if (!is_program(name))
			return 0;
		buf_puts(b, name);
		buf_byte(b, '\n');
		return 1;
	}
	for (i = 0; (dir = var_element("path", i)) != nil; i++) {
		file = path_join(dir, name);
		if (is_program(file)) {
			buf_puts(b, file);
			buf_byte(b, '\n');
			return 1;
		}
	}
	return 0;
}

/* show_command prints what a command of that name would be; 0 if there is none. */
static int
show_command(Buf *b, char *name)
{
	Var *v;

	v = var_lookup(name);
	if (v != nil && v->body != nil) {
		buf_puts(b, "fn ");
		buf_quote(b, name);
		buf_byte(b, ' ');
		print_fn(b, v->body);
		return 1;
	}
	if (builtin_find(name) != nil) {
		buf_puts(b, "builtin ");
		buf_quote(b, name);
		buf_byte(b, '\n');
		return 1;
	}
	return show_program(b, name);
}

static int
builtin_whatis(Words *args, int how)
{
	Buf b = { nil, 0, 0 };
	Word *w;
	Var *v;
	int found;

	if (args->count == 1)
		return usage("whatis name ...");
	status_set("");
	for (w = args->first->next; w != nil; w = w->next) {
		v = var_lookup(w->s);
		found = v != nil && v->value != nil;
		if (found)
			show_value(&b, v);
		if (show_command(&b, w->s))
			found = 1;
		buf_write(&b, 1);
		if (!found) {
			fprint(2, "%s: not found\n", w->s);
			status_set("not found");
		}
	}
	return Next;
}

static struct {
	char	*name;
	Builtin	*f;
} builtins[] = {
	{ ".", builtin_dot },
	{ "builtin", builtin_builtin },
	{ "cd", builtin_cd },
	{ "eval", builtin_eval },
	{ "exec", builtin_exec },
	{ "exit", builtin_exit },
	{ "finit", builtin_finit },
	{ "flag", builtin_flag },
	{ "rfork", builtin_rfork },
	{ "shift", builtin_shift },
	{ "wait", builtin_wait },
	{ "whatis", builtin_whatis },
};

Builtin *
builtin_find(char *name)
{
	uint i;

	for (i = 0; i < nelem(builtins); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return builtins[i].f;
	return nil;
}
