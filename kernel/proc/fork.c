/*
 * rfork (process.md 4) and kernel processes. Everything that can fail is done
 * before anything changes: a child is made aside and published when it is
 * whole; a process that changes its own groups first makes all the new ones.
 */
#include "proc/groups.h"
#include "proc/private.h"

/* The groups of a process, as rfork takes them over: each a reference. */
typedef struct Groups Groups;
struct Groups { struct Pgrp *pgrp; struct Fgrp *fgrp; struct Egrp *egrp; struct Rgrp *rgrp; };

/* ---- groups ---- */

static ERR name_group(u32 flags, struct Pgrp *old, struct Pgrp **out)
{
	if (flags & RFNAMEG)
		return pgrp_copy(old, out);
	if (flags & RFCNAMEG) {
		*out = pgrp_new();
		if (*out != nil)
			pgrp_inherit_mask(*out, old);
		return *out != nil ? nil : Enomem;
	}
	pgrp_incref(old);
	*out = old;
	return nil;
}

static ERR fd_group(u32 flags, struct Fgrp *old, struct Fgrp **out)
{
	if (flags & RFFDG)
		return fgrp_copy(old, out);
	if (flags & RFCFDG)
		return (*out = fgrp_new()) != nil ? nil : Enomem;
	fgrp_incref(old);
	*out = old;
	return nil;
}

static ERR env_group(u32 flags, struct Egrp *old, struct Egrp **out)
{
	if (flags & RFENVG)
		return egrp_copy(old, out);
	if (flags & RFCENVG)
		return (*out = egrp_new()) != nil ? nil : Enomem;
	egrp_incref(old);
	*out = old;
	return nil;
}

static ERR rendez_group(u32 flags, struct Rgrp *old, struct Rgrp **out)
{
	if (flags & RFREND)
		return (*out = rgrp_new()) != nil ? nil : Enomem;
	rgrp_incref(old);
	*out = old;
	return nil;
}

static void groups_put(Groups *g)
{
	if (g->fgrp != nil)
		fgrp_put(g->fgrp);
	if (g->egrp != nil)
		egrp_put(g->egrp);
	if (g->rgrp != nil)
		rgrp_put(g->rgrp);
	if (g->pgrp != nil)
		pgrp_put(g->pgrp);
}

/* The groups that flags ask for, made from those of the running process. */
static ERR groups_make(u32 flags, Groups *g)
{
	Proc *p = up;
	*g = (Groups){ 0 };
	Err err = name_group(flags, p->pgrp, &g->pgrp);
	if (err == nil)
		err = fd_group(flags, p->fgrp, &g->fgrp);
	if (err == nil)
		err = env_group(flags, p->egrp, &g->egrp);
	if (err == nil)
		err = rendez_group(flags, p->rgrp, &g->rgrp);
	if (err != nil)
		groups_put(g);
	return err;
}

/* ---- rfork without RFPROC ---- */

static ERR change_self(u32 flags)
{
	Proc *p = up;
	Groups fresh;
	TRY(groups_make(flags, &fresh));
	ilock(&p->lk);
	Groups old = { p->pgrp, p->fgrp, p->egrp, p->rgrp };
	p->pgrp = fresh.pgrp;
	p->fgrp = fresh.fgrp;
	p->egrp = fresh.egrp;
	p->rgrp = fresh.rgrp;
	iunlock(&p->lk);
	groups_put(&old);
	if (flags & RFNOMNT)
		pgrp_forbid_mounts(p->pgrp);
	if (flags & RFNOTEG)
		proc_newgroup(p);
	return nil;
}

/* ---- children ---- */

/* Nobody else has the child yet; what the parent is called others may change, by /proc. */
static NO_TSA void inherit(Proc *child, Proc *parent, u32 flags)
{
	proc_setname(child, parent->name);
	ilock(&parent->lk);
	memmove(child->args, parent->args, sizeof child->args);
	child->args_len = parent->args_len;
	child->args_written = parent->args_written;
	strecpy(child->user, child->user + sizeof child->user, parent->user);
	iunlock(&parent->lk);
	child->noteid = (flags & RFNOTEG) ? 0 : PEEK(parent->noteid);
	child->procmode = PEEK(parent->procmode);
	child->notify = parent->notify;
	child->basepri = child->pri = parent->basepri;
	child->fixedpri = parent->fixedpri;
	child->wired = parent->wired;
	child->hang = parent->hang;
	child->private = parent->private;
	child->space.noswap = parent->space.noswap;
	child->starved = parent->starved;
	child->unusual = parent->unusual & UNUSUAL_TRACED;
	proc_mark(child, UNUSUAL_SET, child->fixedpri || child->wired >= 0);
	child->ppid = parent->pid;
	child->slash = parent->slash;
	child->dot = parent->dot;
	child->text = parent->text;
	chan_incref(child->slash);
	chan_incref(child->dot);
	if (child->text != nil)
		chan_incref(child->text);
}

/* Fill the child's memory and groups from the running process. On failure it has no groups. */
static ERR copy_into(Proc *child, Proc *parent, u32 flags, const Ureg *u)
{
	Groups g;
	TRY(groups_make(flags, &g));
	qlock(&parent->space.lk);
	Err err = seg_fork(&child->space, &parent->space, (flags & RFMEM) != 0,
		uaddr_of(ureg_pc(u)), uaddr_of(ureg_sp(u)));
	qunlock(&parent->space.lk);
	if (err != nil) {
		groups_put(&g);
		return err;
	}
	child->pgrp = g.pgrp;
	child->fgrp = g.fgrp;
	child->egrp = g.egrp;
	child->rgrp = g.rgrp;
	inherit(child, parent, flags);
	fpu_save(child->fpu);
	return nil;
}

static NO_TSA void adopt(Proc *child, Proc *parent, u32 flags)
{
	if (flags & RFNOWAIT)
		return;
	child->parent = parent;
	qlock(&parent->childlk);
	list_append(&parent->children, &child->sibling);
	qunlock(&parent->childlk);
}

/* The first steps of a new process: on its way to user mode with start_ureg. */
void proc_start_user(void *arg)
{
	Proc *p = arg;
	sched_finish();
	assert(p == up);
	spllo();
	trap_leave(&p->start_ureg);
	touser(&p->start_ureg);
}

/* What rfork keeps, 0 as its result; a call's frame holds nothing else of the program now. */
static Ureg first_frame(const Ureg *u)
{
	return (Ureg){
		.bx = u->bx, .bp = u->bp, .r12 = u->r12, .r13 = u->r13, .r14 = u->r14,
		.r15 = u->r15, .type = u->type, .pc = u->pc,
		.cs = u->cs, .flags = u->flags, .sp = u->sp, .ss = u->ss,
		.cx = u->pc, .r11 = u->flags,
	};
}

static ERR make_child(u32 flags, const Ureg *u, u32 *pid)
{
	Proc *child, *parent = up;
	TRY(proc_alloc(false, &child));
	Err err = copy_into(child, parent, flags, u);
	if (err != nil) {
		proc_discard(child);
		return err;
	}
	if (flags & RFNOMNT)
		pgrp_forbid_mounts(child->pgrp);
	child->start_ureg = first_frame(u);
	child->ureg = &child->start_ureg;
	label_init(&child->sched, child->kstack, proc_start_user, child);
	adopt(child, parent, flags);
	proc_publish(child);
	*pid = child->pid;
	parent->skip_notes = true;
	ready(child);
	return nil;
}

static bool contradictory(u32 flags)
{
	if ((flags & RFNAMEG) && (flags & RFCNAMEG))
		return true;
	if ((flags & RFENVG) && (flags & RFCENVG))
		return true;
	if ((flags & RFFDG) && (flags & RFCFDG))
		return true;
	return !(flags & RFPROC) && (flags & (RFMEM | RFNOWAIT));
}

Err proc_rfork(u32 flags, Ureg *u, u32 *pid)
{
	*pid = 0;
	if (contradictory(flags))
		return Ebadarg;
	return (flags & RFPROC) ? make_child(flags, u, pid) : change_self(flags);
}

/* ---- kernel processes ---- */

void proc_start_kernel(void *arg)
{
	Proc *p = arg;
	sched_finish();
	assert(p == up);
	spllo();
	p->kfunc(p->karg);
	pexit("", true);
}

/* It has the root of whoever makes it, if there is one, and no groups. */
Err kproc(const char *name, void (*f)(void *), void *arg)
{
	Proc *p;
	TRY(proc_alloc(true, &p));
	proc_setname(p, name);
	proc_setuser(p, eve);
	p->basepri = p->pri = PRI_KPROC;
	p->kfunc = f;
	p->karg = arg;
	if (up != nil && up->slash != nil) {
		p->slash = up->slash;
		p->dot = up->slash;
		chan_incref(p->slash);
		chan_incref(p->dot);
	}
	label_init(&p->sched, p->kstack, proc_start_kernel, p);
	proc_publish(p);
	ready(p);
	return nil;
}
