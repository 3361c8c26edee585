/*
 * Notes only leave a mark; they are handled between commands, by the function
 * sigint or its like if there is one. The shell ends here too.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

static struct {
	char	*text;
	char	*fn;
	int	prefix;		/* more text may follow */
} table[] = {
	{ "hangup", "sighup", 0 },
	{ "interrupt", "sigint", 0 },
	{ "quit", "sigquit", 0 },
	{ "alarm", "sigalrm", 0 },
	{ "kill", "sigkill", 0 },
	{ "sys: fp: ", "sigfpe", 1 },
	{ "term", "sigterm", 0 },
};

static volatile int pending[nelem(table)];
volatile int notes;

/*
 * caught is the handler: it may run at any time, so it does no more than this.
 * An interactive shell does not end because a builtin prints for no one.
 */
static void
caught(void *ureg, char *note)
{
	static char closed[] = "sys: write on closed pipe";
	uint i;

	USED(ureg);
	if (flag['i'] && strncmp(note, closed, strlen(closed)) == 0)
		noted(NCONT);
	for (i = 0; i < nelem(table); i++)
		if (table[i].prefix ? strncmp(note, table[i].text, strlen(table[i].text)) == 0
		    : strcmp(note, table[i].text) == 0) {
			pending[i] = 1;
			notes = 1;
			noted(NCONT);
		}
	noted(NDFLT);
}

void
notes_start(void)
{
	notify(caught);
}

/* notes_default lets a forked copy end at any note, also one it was born with. */
void
notes_default(void)
{
	uint i;

	notify(nil);
	for (i = 0; i < nelem(table); i++)
		if (pending[i])
			_exits(table[i].text);
}

/* an_interactive tells whether there is a prompt to return to. */
static int
an_interactive(void)
{
	Input *in;

	for (in = input; in != nil; in = in->below)
		if (in->interactive)
			return 1;
	return 0;
}

/* handle runs the function for a note, or does without. */
static int
handle(uint i)
{
	Var *v;
	int flow, saved;

	v = var_lookup(table[i].fn);
	if (v != nil && v->body != nil) {
		saved = ifnot;
		flow = run_body(v, 0);
		ifnot = saved;
		return flow;
	}
	status_set(table[i].text);
	if (strcmp(table[i].fn, "sigint") != 0 && strcmp(table[i].fn, "sigquit") != 0)
		shell_exit();
	if (!an_interactive())
		shell_exit();
	return Unwind;
}

int
notes_handle(void)
{
	uint i;
	int flow;

	notes = 0;
	flow = Next;
	for (i = 0; i < nelem(table); i++)
		if (pending[i]) {
			pending[i] = 0;
			if (handle(i) == Unwind)
				flow = Unwind;
		}
	return flow;
}

/* notes_wanted tells whether a function of the shell is still to be called by its end or a note. */
int
notes_wanted(void)
{
	Var *v;
	uint i;

	if (inchild)
		return 0;
	v = var_lookup("sigexit");
	if (v != nil && v->body != nil)
		return 1;
	for (i = 0; i < nelem(table); i++) {
		v = var_lookup(table[i].fn);
		if (v != nil && v->body != nil)
			return 1;
	}
	return 0;
}

/*
 * shell_exit ends with $status. The shell itself, not a copy, calls sigexit first,
 * which may exit with another.
 */
void
shell_exit(void)
{
	Var *v;
	Code *code;
	Node *body;
	char *status;

	status = status_true() ? nil : estrdup(status_text());

	v = inchild ? nil : var_lookup("sigexit");
	if (v != nil && v->body != nil) {
		code = code_hold(v->code);
		body = v->body;
		var_fn(v, nil, nil);
		v->fnchanged = 0;
		running = code;
		place.file = code->file;
		run(body, 0);
	}
	exits(status);
}
