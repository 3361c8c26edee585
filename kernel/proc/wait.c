/*
 * Wait records: what a child leaves to its parent, newest first, and the ways
 * to read them. childlk guards the list; a reader that must block releases it
 * and keeps `waiting`, so that there is one reader at a time.
 */
#include "proc/private.h"

/* Looked at without childlk too. */
static bool has_children(const Proc *p)
{
	return PEEK(p->children.next) != &p->children;
}

/* Only the process itself is told that no record can come: others wait for children to come. */
static bool none_to_come(const Proc *p) REQUIRES(p->childlk)
{
	return p->exiting || (p == up && !has_children(p));
}

typedef struct Look { const Proc *of; bool own; } Look;

/* Looked at by whoever wakes the reader: `up` is not the reader here. */
static bool have_record(void *arg)
{
	const Look *l = arg;
	const Proc *p = l->of;
	return PEEK(p->nwait) > 0 || PEEK(p->exiting) || (l->own && !has_children(p));
}

/* Take the newest record, waiting for one. nil error: *out is the caller's. */
static ERR take_record(Proc *p, WaitRecord **out)
{
	Err err = nil;
	Look look = { p, p == up };
	qlock(&p->childlk);
	if (p->waiting) {
		qunlock(&p->childlk);
		return Einuse;
	}
	if (p->nwait == 0 && none_to_come(p)) {
		qunlock(&p->childlk);
		return p == up ? Enochild : Eprocdied;
	}
	p->waiting = true;
	while (p->nwait == 0 && err == nil) {
		qunlock(&p->childlk);
		err = sleep(&p->waitr, have_record, &look);
		qlock(&p->childlk);
		if (err == nil && p->nwait == 0 && none_to_come(p))
			err = p == up ? Enochild : Eprocdied;
	}
	p->waiting = false;
	if (err == nil) {
		*out = p->waits;
		p->waits = (*out)->next;
		p->nwait--;
	}
	qunlock(&p->childlk);
	return err;
}

Err proc_wait_record(Proc *p, WaitRecord *out)
{
	WaitRecord *w;
	TRY(take_record(p, &w));
	*out = *w;
	kfree(w);
	return nil;
}

Err proc_wait_text(Proc *p, char *buf, usize size, usize *n)
{
	WaitRecord w;
	char quoted[2 * ERRMAX + 3];
	TRY(proc_wait_record(p, &w));
	quote(quoted, sizeof quoted, w.msg, false);
	*n = snprint(buf, size, "%u %lu %lu %lu %s", w.pid, w.user_ms, w.sys_ms, w.real_ms, quoted);
	return nil;
}

Err proc_await(char *buf, usize size, usize *n)
{
	return proc_wait_text(up, buf, size, n);
}
