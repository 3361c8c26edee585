/*
 * What one process may do to another through /proc: kill, stop, start. The
 * target acts itself, on its way to user mode (ctl_obey) or, for a traced
 * call, in the middle of it (proc_stop_self).
 */
#include "proc/private.h"

bool ctl_wants(const Proc *p)
{
	switch (p->ctl) {
	case CTL_STOP:
	case CTL_EXIT:
		return true;
	case CTL_START_STOP:
		return PEEK(p->nnote) > 0;
	case CTL_NONE:
	case CTL_TRACE_SYSCALL:
		break;
	}
	return false;
}

void ctl_obey(Proc *p)
{
	assert(p == up);
	if (p->ctl == CTL_EXIT) {
		p->ctl = CTL_NONE;
		pexit(p->oom ? "Killed: Insufficient physical memory" : "Killed", true);
	}
	if (ctl_wanted(p))
		proc_stop_self();
}

void proc_stop_self(void)
{
	Proc *p = up;
	ilock(&p->lk);
	bool killed = p->ctl == CTL_EXIT;	/* while it was on its way here */
	if (!killed) {
		p->ctl = CTL_NONE;
		p->state = Stopped;
	}
	iunlock(&p->lk);
	if (!killed) {
		wakeup(&p->stop_wait);
		sched();
	}
	if (p->ctl == CTL_EXIT)
		ctl_obey(p);
}

Err proc_start(Proc *p, enum ProcCtl how)
{
	Err err = nil;
	ilock(&p->lk);
	if (p->state == Stopped) {
		p->ctl = how;
		ready(p);
	} else {
		err = Ebadctl;
	}
	iunlock(&p->lk);
	return err;
}

void proc_kill(Proc *p)
{
	ilock(&p->lk);
	if (p->exiting && p->state != Broken) {
		p->unwanted = true;
		iunlock(&p->lk);
		return;
	}
	p->ctl = CTL_EXIT;
	if (p->state == Stopped || p->state == Broken)
		ready(p);
	else
		sleep_interrupt(p);
	iunlock(&p->lk);
}

static bool stopped_or_gone(void *arg)
{
	const Proc *p = arg;
	return p->state == Stopped || p->exiting;
}

/* Become the debugger that waits; Einuse, and nothing has changed, when there is one. */
static ERR attach_debugger(Proc *p, bool stop)
{
	ilock(&p->lk);
	bool busy = p->debugger != nil;
	if (!busy && p != up)
		p->debugger = up;
	/* A sleep is not broken: the process stops when its call is over. */
	if (!busy && stop && p->state != Stopped && p->ctl != CTL_EXIT)
		p->ctl = CTL_STOP;
	iunlock(&p->lk);
	if (!busy && stop)
		sched_poke(p);
	return busy ? Einuse : nil;
}

static ERR wait_stopped(Proc *p)
{
	const char *call = up->wait_reason;
	up->wait_reason = "Stopwait";
	Err err = sleep(&p->stop_wait, stopped_or_gone, p);
	up->wait_reason = call;
	ilock(&p->lk);
	p->debugger = nil;
	iunlock(&p->lk);
	return err == nil && p->exiting ? Eprocdied : err;
}

Err proc_stop(Proc *p)
{
	if (p->state == Broken)
		return nil;
	TRY(attach_debugger(p, true));
	return p == up ? nil : wait_stopped(p);
}

Err proc_waitstop(Proc *p)
{
	if (p == up || p->state == Broken)
		return nil;
	TRY(attach_debugger(p, false));
	return wait_stopped(p);
}

bool proc_is_off(const Proc *p)
{
	while (__atomic_load_n(&p->on_cpu, __ATOMIC_ACQUIRE)) {
		if (PEEK(p->state) == Running)
			return false;
		bool on = splhi();
		hold_if_asked();	/* its processor may be waiting for that already */
		splx(on);
		arch_relax();
	}
	return true;
}

Err proc_setwatch(Proc *p, const Watchpt *w, u32 n)
{
	assert(qlock_held(&p->debug));
	TRY(arch_watch_check(w, n));
	if (n == 0 && p->nwatch == 0)
		return nil;
	bool on = splhi();
	for (u32 i = 0; i < n; i++)
		p->watch[i] = w[i];
	p->nwatch = n;
	proc_mark(p, UNUSUAL_WATCHED, n > 0);
	splx(on);
	sched_watch(p);
	return nil;
}
