/*
 * Simple commands: a function, a builtin or a program, in this order.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

/* trace prints the command for -x. */
static void
trace(Words *args)
{
	Buf b = { nil, 0, 0 };
	Word *w;

	for (w = args->first; w != nil; w = w->next) {
		buf_quote(&b, w->s);
		buf_byte(&b, w->next == nil ? '\n' : ' ');
	}
	buf_write(&b, 2);
}

/* program runs one in a child, or in place of the shell if nothing is left to do. */
static int
program(Words *args, int how)
{
	char *text;
	int pid;

	if ((how & Tail) && !notes_wanted())
		proc_exec(args);
	pid = proc_fork(0);
	if (pid < 0)
		return Unwind;
	if (pid == 0)
		proc_exec(args);
	proc_keep(pid);
	text = proc_wait(pid);
	status_set(text);
	free(text);
	return Next;
}

/* run_command runs args, which are not empty; functions says whether those count. */
int
run_command(Words *args, int how, int functions)
{
	Builtin *builtin;
	Var *v;

	v = functions ? var_lookup(args->first->s) : nil;
	if (v != nil && v->body != nil)
		return call_function(v, args, how);
	builtin = builtin_find(args->first->s);
	if (builtin != nil)
		return builtin(args, how);
	return program(args, how);
}

int
run_simple(Node *n, int how)
{
	Saved *undo;
	Words args;
	int flow;

	undo = nil;
	flow = redirect(n->b, &undo);
	if (flow == Next)
		flow = expand_list(n->a, &args);
	if (flow == Next && args.count == 0) {
		error("empty argument list");
		flow = Unwind;
	}
	if (flow == Next) {
		if (flag['x'] && !(input != nil && input->quiet))
			trace(&args);
		flow = run_command(&args, how, 1);
	}
	redirect_undo(undo);
	if (flow == Next)
		check_exit(how);
	return flow;
}
