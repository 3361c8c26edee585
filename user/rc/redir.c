/*
 * Redirections happen to the shell's own descriptors, in order, and are undone
 * when the command is over; programs just inherit them. The descriptors that the
 * shell needs for itself, here and for the files it reads, are Owned: they move
 * away when a number is wanted, and children close them.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

static Owned *owned;

/* own registers fd as the shell's. */
void
own(Owned *o, int fd)
{
	o->fd = fd;
	o->next = owned;
	owned = o;
}

void
disown(Owned *o)
{
	Owned **p;

	for (p = &owned; *p != nil; p = &(*p)->next)
		if (*p == o) {
			*p = o->next;
			break;
		}
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

/* owns tells whether fd is open only for the shell itself, which no command may see. */
static int
owns(int fd)
{
	Owned *o;

	for (o = owned; o != nil; o = o->next)
		if (o->fd == fd) {
			werrstr("fd out of range or not open");
			return 1;
		}
	return 0;
}

/* make_way moves what the shell has at fd to another number. */
static void
make_way(int fd)
{
	Owned *o;

	for (o = owned; o != nil; o = o->next)
		if (o->fd == fd)
			o->fd = dup(fd, -1);
}

/* close_owned is for children, which never come back to what these were kept for. */
void
close_owned(void)
{
	Owned *o;

	for (o = owned; o != nil; o = o->next) {
		if (o->fd >= 0)
			close(o->fd);
		o->fd = -1;
	}
	owned = nil;
}

/* remember notes for redirect_undo that fd was what `copy' is; -1: it was closed. */
static void
remember(int fd, int copy, Saved **undo)
{
	Saved *s;

	if (undo == nil)
		return;
	s = arena_alloc(&temp, sizeof *s);
	s->fd = fd;
	s->below = *undo;
	*undo = s;
	own(&s->copy, copy);
}

/* save makes fd free to be replaced. */
static void
save(int fd, Saved **undo)
{
	make_way(fd);
	if (undo != nil)
		remember(fd, dup(fd, -1), undo);
}

void
redirect_undo(Saved *s)
{
	for (; s != nil; s = s->below) {
		if (s->copy.fd >= 0)
			dup(s->copy.fd, s->fd);
		else
			close(s->fd);
		disown(&s->copy);
	}
}

/* redirect_fd makes `to' what `from' is, and closes `from'. */
int
redirect_fd(int from, int to, Saved **undo)
{
	int flow;

	flow = Next;
	if (from == to) {
		remember(to, -1, undo);
		return flow;
	}
	save(to, undo);
	if (dup(from, to) < 0) {
		error("can't use descriptor %d: %s", to, proc_reason());
		flow = Unwind;
	}
	close(from);
	return flow;
}

/* fail reports that a file could not be had; the reason becomes the status. */
static int
fail(char *op, char *file)
{
	char *reason;

	reason = proc_reason();
	message("%s can't open: %s: %s", op, file, reason);
	status_set(reason);
	return -1;
}

/* open_file opens what a redirection names. */
static int
open_file(Node *n, char *op, char *file)
{
	int fd;

	switch (n->op) {
	case RRead:
		fd = open(file, OREAD);
		break;
	case RReadWrite:
		fd = open(file, ORDWR);
		break;
	case RAppend:
		fd = open(file, OWRITE);
		if (fd >= 0) {
			seek(fd, 0, 2);
			break;
		}
		/* fall through */
	default:
		fd = create(file, OWRITE, 0666);
	}
	return fd < 0 ? fail(op, file) : fd;
}

/* here_file makes a file of a document's text, which vanishes when it is closed. */
static int
here_file(Node *n)
{
	Buf b = { nil, 0, 0 };
	char name[60];
	static int serial;
	int fd;

	buf_bytes(&b, "", 0);
	if (n->a->quoted)
		buf_puts(&b, n->s);
	else
		expand_here(n->s, &b);
	snprint(name, sizeof name, "/tmp/here.%d.%d", getpid(), serial++);
	fd = create(name, ORDWR | ORCLOSE, 0600);
	if (fd < 0)
		fail("<<", name);
	else if (write(fd, b.s, b.len) != (long)b.len) {
		close(fd);
		fd = fail("<<", name);
	} else
		seek(fd, 0, 0);
	buf_free(&b);
	return fd;
}

/* file_for opens the file that n wants, or returns -1 with everything reported. */
static int
file_for(Node *n)
{
	static char *ops[] = { "<", ">", ">>", "<>", "<<" };
	Words w;

	if (n->kind == NHere)
		return here_file(n);
	if (expand_list(n->a, &w) == Unwind)
		return -1;
	if (w.count != 1) {
		error(w.count == 0 ? "%s requires file" : "%s requires singleton", ops[n->op]);
		return -1;
	}
	return open_file(n, ops[n->op], w.first->s);
}

/* redirect carries out redirections from left to right; *undo is for redirect_undo. */
int
redirect(Node *n, Saved **undo)
{
	int fd;

	for (; n != nil; n = n->next) {
		switch (n->kind) {
		case NClose:
			save(n->fd0, undo);
			close(n->fd0);
			break;
		case NDup:
			if (n->fd0 == n->fd1)
				break;
			save(n->fd0, undo);
			if (owns(n->fd1) || dup(n->fd1, n->fd0) < 0) {
				error("can't dup %d: %s", n->fd1, proc_reason());
				return Unwind;
			}
			break;
		default:
			fd = file_for(n);
			if (fd < 0)
				return Unwind;
			if (redirect_fd(fd, n->fd0, undo) == Unwind)
				return Unwind;
		}
	}
	return Next;
}
