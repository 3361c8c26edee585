/*
 * The end of a process: descriptors, environment, name space and directory
 * are closed, the wait record is queued, the memory is released, in this
 * order. A process killed by a Debug note stays Broken before the last step,
 * for a debugger, until it is killed, memory runs short or four newer ones
 * are there.
 */
#include "proc/groups.h"
#include "proc/private.h"

static LOCK_CLASS(broken_class, "proc.broken");
static Lock broken_lk = LOCK_INIT(&broken_class);
static Proc *broken_first GUARDED_BY(broken_lk);	/* oldest */

/* ---- broken processes ---- */

static u32 count_broken(void) REQUIRES(broken_lk)
{
	u32 n = 0;
	for (Proc *p = broken_first; p != nil; p = p->broken_next)
		n++;
	return n;
}

u32 broken_release(u32 keep)
{
	u32 released = 0;
	ilock(&broken_lk);
	for (u32 n = count_broken(); n > keep; n--, released++) {
		Proc *p = broken_first;
		broken_first = p->broken_next;
		p->broken_next = nil;
		ilock(&p->lk);
		if (p->state == Broken)
			ready(p);
		iunlock(&p->lk);
	}
	iunlock(&broken_lk);
	return released;
}

static void broken_leave(Proc *p)
{
	ilock(&broken_lk);
	for (Proc **at = &broken_first; *at != nil; at = &(*at)->broken_next)
		if (*at == p) {
			*at = p->broken_next;
			break;
		}
	iunlock(&broken_lk);
}

/* Stay for a debugger until released, unless somebody wanted it to be gone before it was here. */
static void stay_broken(Proc *p)
{
	broken_release(NBROKEN_MAX - 1);
	ilock(&broken_lk);
	Proc **at = &broken_first;
	while (*at != nil)
		at = &(*at)->broken_next;
	*at = p;
	ilock(&p->lk);
	bool stays = !p->unwanted && p->ctl != CTL_EXIT;
	if (stays)
		p->state = Broken;
	iunlock(&p->lk);
	iunlock(&broken_lk);
	if (stays)
		sched();
	broken_leave(p);
}

/* ---- the steps of an exit ---- */

/* Others look at these under p->lk and take references of their own. */
static void close_files(Proc *p)
{
	ilock(&p->lk);
	struct Fgrp *fgrp = p->fgrp;
	struct Egrp *egrp = p->egrp;
	struct Pgrp *pgrp = p->pgrp;
	struct Rgrp *rgrp = p->rgrp;
	struct Chan *slash = p->slash, *dot = p->dot;
	p->fgrp = nil;
	p->egrp = nil;
	p->rgrp = nil;
	iunlock(&p->lk);
	if (fgrp != nil)
		fgrp_put(fgrp);
	if (egrp != nil)
		egrp_put(egrp);
	if (rgrp != nil)
		rgrp_put(rgrp);
	ilock(&p->lk);
	p->pgrp = nil;
	p->slash = p->dot = nil;
	iunlock(&p->lk);
	chan_close(dot);
	chan_close(slash);
	if (pgrp != nil)
		pgrp_put(pgrp);
}

static WaitRecord *make_record(Proc *p, const char *status)
{
	WaitRecord *w = kalloc(sizeof *w);
	if (w == nil)
		return nil;
	u64 ms[6];
	proc_times(p, ms);
	w->pid = p->pid;
	w->user_ms = ms[0] + ms[3];
	w->sys_ms = ms[1] + ms[4];
	w->real_ms = ms[2];
	if (status[0] != '\0')
		snprint(w->msg, sizeof w->msg, "%s %u: %s", p->name, p->pid, status);
	return w;
}

/* Give the record to the parent; false: it takes no more. */
static bool give_record(Proc *parent, Proc *p, WaitRecord *w)
{
	bool given = false;
	u64 user, sys;
	proc_cpu_ns(p, &user, &sys);
	qlock(&parent->childlk);
	if (!parent->exiting) {
		list_remove(&p->sibling);
		parent->child_user_ns += user + p->child_user_ns;
		parent->child_sys_ns += sys + p->child_sys_ns;
		if (w != nil && parent->nwait < NWAIT_MAX) {
			w->next = parent->waits;
			parent->waits = w;
			parent->nwait++;
			given = true;
		}
	}
	qunlock(&parent->childlk);
	wakeup(&parent->waitr);
	return given;
}

/* Part p from its parent, who is returned, held; nil when it has none that listens. */
static Proc *take_parent(Proc *p)
{
	ilock(&p->lk);
	Proc *parent = p->parent;
	p->parent = nil;
	if (parent != nil)
		ref_take(&parent->ref);
	iunlock(&p->lk);
	return parent;
}

static void tell_parent(Proc *p, const char *status)
{
	Proc *parent = take_parent(p);
	if (parent == nil)
		return;
	WaitRecord *w = make_record(p, status);
	if (!give_record(parent, p, w))
		kfree(w);
	proc_put(parent);
}

/*
 * From now on they have no parent. One that took it before waits for childlk; others may be gone
 * once their lock is released.
 */
static void part_from_children(Proc *p) REQUIRES(p->childlk)
{
	while (!list_empty(&p->children)) {
		Proc *child = list_entry(p->children.next, Proc, sibling);
		list_remove(&child->sibling);
		ilock(&child->lk);
		child->parent = nil;
		iunlock(&child->lk);
	}
}

static void forget_children(Proc *p)
{
	qlock(&p->childlk);
	p->exiting = true;
	WaitRecord *w = p->waits;
	p->waits = nil;
	p->nwait = 0;
	part_from_children(p);
	qunlock(&p->childlk);
	while (w != nil) {
		WaitRecord *next = w->next;
		kfree(w);
		w = next;
	}
	wakeup(&p->waitr);
	wakeup(&p->stop_wait);
}

/* Owners get back what was borrowed before the parent hears of the end and may tell them. */
static void return_loans(Proc *p)
{
	qlock(&p->space.lk);
	for (u32 i = 0; i < NSEG; i++)
		if (p->space.seg[i] != nil && p->space.seg[i]->loan != nil)
			seg_detach(&p->space, i);
	qunlock(&p->space.lk);
}

static void release_memory(Proc *p)
{
	qlock(&p->debug);
	struct Chan *text = p->text;
	p->text = nil;
	if (!p->kproc) {
		splhi();
		p->spaceless = true;
		mmuswitch(nil);
		spllo();
		qlock(&p->space.lk);
		space_free(&p->space);
		qunlock(&p->space.lk);
	}
	qunlock(&p->debug);
	chan_close(text);
}

void pexit(const char *status, bool free_memory)
{
	Proc *p = up;
	char text[ERRMAX];
	strecpy(text, text + sizeof text, status != nil ? status : "");
	assert(p != nil && cpu()->nlocks == 0 && !p->exiting);
	if (p->pid == 1)
		panic("boot process died: %s", text[0] != '\0' ? text : "it exited without a word");
	spllo();
	timer_cancel(&p->alarm);
	p->wait_reason = nil;
	p->syscall = -1;
	close_files(p);
	forget_children(p);
	edf_expel(p);
	if (free_memory && !p->kproc)
		return_loans(p);
	tell_parent(p, text);
	if (!free_memory && !p->kproc)
		stay_broken(p);
	release_memory(p);
	proc_unpublish(p);
	splhi();
	p->state = Moribund;
	sched();
	panic("pexit: process %s %d runs on after its end", p->name, p->pid);
}
