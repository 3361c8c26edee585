/*
 * Wait records: what a child leaves to its parent, newest first, and the ways
 * to read them. childlk guards the list; a reader that must block releases it
 * and keeps `waiting`, so that there is one reader at a time.
 */
#include "proc/private.h"

static bool have_record(void *arg)
{
	const Proc *p = arg;
	return p->nwait > 0 || p->nchild == 0 || p->exiting;
}

/* Take the newest record, waiting for one. nil error: *out is the caller's. */
static ERR take_record(Proc *p, WaitRecord **out)
{
	Err err = nil;
	qlock(&p->childlk);
	if (p->waiting) {
		qunlock(&p->childlk);
		return Einuse;
	}
	if (p->nwait == 0 && p->nchild == 0) {
		qunlock(&p->childlk);
		return Enochild;
	}
	p->waiting = true;
	while (p->nwait == 0 && err == nil) {
		qunlock(&p->childlk);
		err = sleep(&p->waitr, have_record, p);
		qlock(&p->childlk);
		if (err == nil && p->nwait == 0 && (p->nchild == 0 || p->exiting))
			err = p->exiting && p != up ? Eprocdied : Enochild;
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
