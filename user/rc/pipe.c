/*
 * Pipelines. All elements but the last run in children; the last runs in the shell
 * itself, so that what it assigns stays.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

typedef struct Element Element;
struct Element {
	Node	*n;
	int	in;		/* the descriptor that the pipe before comes in by */
	int	out;		/* the descriptor that the pipe after leaves by */
	int	pid;
};

/* flatten lists the elements from left to right and returns how many they are. */
static int
flatten(Node *n, Element **ep)
{
	Element *e;
	Node *left;
	int i, count;

	count = 1;
	for (left = n; left != nil && left->kind == NPipe; left = left->a)
		count++;
	e = arena_alloc(&temp, count * sizeof *e);
	for (i = count - 1; i > 0; i--, n = n->a) {
		e[i].n = n->b;
		e[i].in = n->fd1;
		e[i - 1].out = n->fd0;
	}
	e[0].n = n;
	*ep = e;
	return count;
}

/*
 * start forks an element that reads from `from', unless that is -1, and returns
 * the end of the pipe that it writes; -1 when it cannot be had.
 */
static int
start(Element *e, int from)
{
	int fd[2];

	e->pid = -1;
	if (pipe(fd) < 0) {
		error("can't make a pipe: %s", proc_reason());
		return -1;
	}
	e->pid = proc_fork(0);
	if (e->pid == 0) {
		close(fd[0]);
		if (fd[1] == e->in)
			fd[1] = dup(fd[1], -1);
		if (from >= 0 && redirect_fd(from, e->in, nil) == Unwind)
			shell_exit();
		if (redirect_fd(fd[1], e->out, nil) == Unwind)
			shell_exit();
		proc_run_child(e->n);
	}
	close(fd[1]);
	if (e->pid < 0) {
		close(fd[0]);
		return -1;
	}
	proc_keep(e->pid);
	return fd[0];
}

/* finish waits for the first n elements; the status becomes all of theirs and the last's. */
static void
finish(Element *e, int n, int flow)
{
	Buf b = { nil, 0, 0 };
	char *text;
	int i;

	for (i = 0; i < n; i++) {
		if (e[i].pid < 0)
			continue;
		text = proc_wait_copy(e[i].pid);
		buf_puts(&b, text);
		buf_byte(&b, '|');
		free(text);
	}
	if (flow == Next) {
		buf_puts(&b, status_text());
		status_set(buf_text(&b));
	}
	buf_free(&b);
}

int
run_pipe(Node *n, int how)
{
	Element *e;
	Saved *undo;
	int i, count, fd, from, flow;

	count = flatten(n, &e);
	from = -1;
	for (i = 0; i < count - 1; i++) {
		fd = start(&e[i], from);
		if (from >= 0)
			close(from);
		from = fd;
		if (fd < 0)
			break;
	}
	flow = Unwind;
	if (from >= 0) {
		undo = nil;
		flow = redirect_fd(from, e[i].in, &undo);
		if (flow == Next)
			flow = run(e[i].n, how & ~Tail);
		redirect_undo(undo);
	}
	finish(e, i, flow);
	return flow;
}
