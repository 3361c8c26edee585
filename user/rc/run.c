/*
 * Walking the tree: every kind of command but the simple one.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	StackMax = 4 << 20,	/* of the 16 MB that a process has, and others less */
};

Place place;
Code *running;
int ifnot;			/* the last if did not run its body */

static char *stack_base;

void
stack_start(void *p)
{
	stack_base = p;
}

/* stack_low tells whether recursion has gone as far as is safe. */
int
stack_low(void)
{
	char here;

	return stack_base - &here > StackMax;
}

/* vmessage prints text on descriptor 2 after the place it is about. */
static void
vmessage(char *fmt, va_list args)
{
	char *text, *s;

	text = vsmprint(fmt, args);
	if (place.file != nil)
		s = smprint("%s:%d: %s\n", place.file, place.line, text);
	else
		s = smprint("rc: %s\n", text);
	if (s != nil)
		write(2, s, strlen(s));
	free(text);
	free(s);
}

void
message(char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(fmt, args);
	va_end(args);
}

void
error(char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(fmt, args);
	va_end(args);
	status_set("error");
}

/* check_exit ends the shell after a failure, if -e is set and this was no condition. */
void
check_exit(int how)
{
	if ((how & Checked) && flag['e'] && !(input != nil && input->quiet) && !status_true())
		shell_exit();
}

/* last tells whether nothing follows n, if it runs its body, but `if not's that will not. */
static int
last(Node *n)
{
	if (n->kind == NIf || n->kind == NIfNot)
		while (n->next != nil && n->next->kind == NIfNot)
			n = n->next;
	return n->next == nil;
}

static int
run_seq(Node *n, int how)
{
	for (n = n->a; n != nil; n = n->next)
		if (run(n, last(n) ? how : how & ~Tail) == Unwind)
			return Unwind;
	return Next;
}

/* run_redirected runs a command between redirections and their undoing. */
static int
run_redirected(Node *redirs, Node *body, int how)
{
	Saved *undo;
	int flow;

	undo = nil;
	flow = redirect(redirs, &undo);
	if (flow == Next)
		flow = run(body, how);
	redirect_undo(undo);
	return flow;
}

/* condition runs a list for its status; nothing is true. */
static int
condition(Node *seq)
{
	if (seq->a == nil)
		status_set("");
	return run(seq, 0);
}

static int
run_if(Node *n, int how)
{
	int flow;

	if (condition(n->a) == Unwind)
		return Unwind;
	if (!status_true()) {
		ifnot = 1;
		return Next;
	}
	flow = run(n->b, how);
	ifnot = 0;
	return flow;
}

static int
run_while(Node *n, int how)
{
	for (;;) {
		if (notes && notes_handle() == Unwind)
			return Unwind;
		if (condition(n->a) == Unwind)
			return Unwind;
		if (!status_true())
			return Next;
		if (run(n->b, how & ~Tail) == Unwind)
			return Unwind;
	}
}

/* star lists $*, for a for without in. */
static void
star(Words *w)
{
	char *s;
	int i;

	words_init(w);
	for (i = 0; (s = var_element("*", i)) != nil; i++)
		words_add(w, arena_copy(&temp, s, strlen(s)), nil);
}

static int
run_for(Node *n, int how)
{
	Scope scope;
	Words list, none;
	Word *w;
	char *name;
	int flow;

	if (expand_name(n->a, &name) == Unwind)
		return Unwind;
	star(&list);
	if (n->has && expand_list(n->b, &list) == Unwind)
		return Unwind;
	words_init(&none);
	var_local(&scope, name, &none);
	flow = Next;
	for (w = list.first; w != nil && flow == Next; w = w->next) {
		var_set1(name, w->s);
		flow = run(n->c, how & ~Tail);
		if (notes && flow == Next)
			flow = notes_handle();
	}
	var_restore(&scope);
	return flow;
}

/* matches sets *yes if s matches one of the patterns that n and its followers give. */
static int
matches(char *s, Node *n, int *yes)
{
	Words patterns;
	Word *p;

	*yes = 0;
	if (expand_patterns(n, &patterns) == Unwind)
		return Unwind;
	for (p = patterns.first; p != nil && !*yes; p = p->next)
		*yes = match(s, p->s, p->magic);
	return Next;
}

/* subject is the string that ~ and switch compare. */
static int
subject(Node *n, char **s)
{
	Words w;

	words_init(&w);
	if (expand_patterns(n, &w) == Unwind)
		return Unwind;
	*s = words_join(&w);
	return Next;
}

static int
run_switch(Node *n, int how)
{
	Node *c;
	char *s;
	int yes;

	if (subject(n->a, &s) == Unwind)
		return Unwind;
	yes = 0;
	for (c = n->b->a; c != nil && !yes; c = c->next)
		if (iscase(c) && matches(s, c->a->next, &yes) == Unwind)
			return Unwind;
	for (; c != nil && !iscase(c); c = c->next)
		if (run(c, c->next == nil || iscase(c->next) ? how : how & ~Tail) == Unwind)
			return Unwind;
	return Next;
}

static int
run_match(Node *n, int how)
{
	char *s;
	int yes;

	if (subject(n->a, &s) == Unwind || matches(s, n->b, &yes) == Unwind)
		return Unwind;
	status_set(yes ? "" : "no match");
	check_exit(how);
	return Next;
}

static int
run_fn(Node *n)
{
	Words names;
	Word *w;

	if (expand_list(n->a, &names) == Unwind)
		return Unwind;
	for (w = names.first; w != nil; w = w->next)
		var_fn(var_find(w->s), running, n->b);
	return Next;
}

/* run_and runs && and ||: the right side depends on the status of the left. */
static int
run_and(Node *n, int how)
{
	if (run(n->a, 0) == Unwind)
		return Unwind;
	return status_true() == (n->kind == NAnd) ? run(n->b, how) : Next;
}

static int
run_not(Node *n)
{
	if (run(n->a, 0) == Unwind)
		return Unwind;
	status_set(status_true() ? "false" : "");
	return Next;
}

static int
run_subshell(Node *n, int how)
{
	char *text;
	int pid;

	if ((how & Tail) && inchild)
		return run(n->a, how);
	pid = proc_fork(0);
	if (pid < 0)
		return Unwind;
	if (pid == 0)
		proc_run_child(n->a);
	proc_keep(pid);
	text = proc_wait_copy(pid);
	status_set(text);
	free(text);
	check_exit(how);
	return Next;
}

static int
run_async(Node *n)
{
	char s[20];
	int fd, pid;

	pid = proc_fork(RFNOTEG);
	if (pid < 0)
		return Unwind;
	if (pid == 0) {
		fd = open("/dev/null", OREAD);
		if (fd >= 0)
			redirect_fd(fd, 0, nil);
		else
			close(0);
		proc_run_child(n->a);
	}
	proc_keep(pid);
	snprint(s, sizeof s, "%d", pid);
	var_set1("apid", s);
	return Next;
}

/* run_assign sets a chain of variables, for the command at its end if there is one. */
static int
run_assign(Node *n, int how)
{
	Scope scope;
	Words w;
	Node *end;
	char *name;
	int flow;

	if (expand_name(n->a, &name) == Unwind || expand_list(n->b, &w) == Unwind)
		return Unwind;
	for (end = n->c; end != nil && end->kind == NAssign; end = end->c)
		;
	if (end == nil) {
		var_set(var_find(name), &w);
		return run(n->c, how);
	}
	var_local(&scope, name, &w);
	flow = run(n->c, how);
	var_restore(&scope);
	return flow;
}

static int
dispatch(Node *n, int how)
{
	switch (n->kind) {
	case NSeq:
		return run_seq(n, how);
	case NAsync:
		return run_async(n);
	case NSimple:
		return run_simple(n, how);
	case NBlock:
		return n->b == nil ? run(n->a, how) : run_redirected(n->b, n->a, how);
	case NRedirected:
		return run_redirected(n->a, n->b, how);
	case NIf:
		return run_if(n, how);
	case NIfNot:
		return ifnot ? run(n->a, how) : Next;
	case NFor:
		return run_for(n, how);
	case NWhile:
		return run_while(n, how);
	case NSwitch:
		return run_switch(n, how);
	case NFn:
		return run_fn(n);
	case NMatch:
		return run_match(n, how);
	case NAnd:
	case NOr:
		return run_and(n, how);
	case NPipe:
		return run_pipe(n, how);
	case NNot:
		return run_not(n);
	case NSubshell:
		return run_subshell(n, how);
	}
	assert(n->kind == NAssign);
	return run_assign(n, how);
}

/* trace shows what is about to be run, for -r. */
static void
trace(Node *n)
{
	Buf b = { nil, 0, 0 };

	print_node(&b, n);
	message("%s", b.s);
	buf_free(&b);
}

/* run walks one command. What it computes and the pipes it names end with it. */
int
run(Node *n, int how)
{
	Mark mark;
	int flow, depth;

	if (n == nil)
		return Next;
	place.line = n->line;
	if (notes && notes_handle() == Unwind)
		return Unwind;
	if (stack_low()) {
		error("nested too deeply");
		return Unwind;
	}
	if (flag['r'] && n->kind != NSeq)
		trace(n);
	mark = arena_mark(&temp);
	depth = pipefile_depth();
	flow = dispatch(n, how);
	pipefile_close(depth);
	arena_release(&temp, mark);
	return flow;
}

/* run_body runs the body of a function, which may be redefined meanwhile. */
int
run_body(Var *v, int how)
{
	Code *caller, *code;
	Place at;
	int flow;

	at = place;
	caller = running;
	code = code_hold(v->code);
	running = code;
	place.file = code->file;
	flow = run(v->body, how);
	running = caller;
	place = at;
	code_release(code);
	return flow;
}

int
call_function(Var *v, Words *args, int how)
{
	Scope scope;
	Words rest;
	int flow;

	rest = words_from(args, args->first->next);
	var_local(&scope, "*", &rest);
	flow = run_body(v, how);
	var_restore(&scope);
	return flow;
}

/* report_status is what -s asks for. */
static void
report_status(Input *in)
{
	Mark mark;
	char *s;

	if (!flag['s'] || in->quiet || status_true())
		return;
	mark = arena_mark(&temp);
	s = smprint("status=%s\n", status_text());
	if (s != nil)
		write(2, s, strlen(s));
	free(s);
	arena_release(&temp, mark);
}

/* run_line runs what was parsed. */
static int
run_line(Input *in, Code *code, int how)
{
	int flow;

	running = code;
	place.file = code->file;
	flow = run(code->root, input_done(in) ? how : how & ~Tail);
	code_release(code);
	return flow;
}

/*
 * run_input reads commands and runs them to the end of the input. Unwinding ends
 * at an interactive one. A syntax error ends any other, and what called for it
 * goes on.
 */
int
run_input(Input *in, int how)
{
	Code *caller, *code;
	Place at;
	int flow, result;

	at = place;
	caller = running;
	in->below = input;
	input = in;
	flow = Next;
	do {
		flow = Next;
		report_status(in);
		result = parse(in, &code);
		if (result == ParseOk)
			flow = run_line(in, code, how);
		else if (result == ParseInterrupted && in->interactive)
			write(2, "\n", 1);
		if (notes && flow == Next)
			flow = notes_handle();
	} while (in->interactive ? result != ParseEof
		: flow == Next && (result == ParseOk || result == ParseInterrupted));
	if (in->interactive)
		flow = Next;
	input = in->below;
	running = caller;
	place = at;
	return flow;
}
