/*
 * Who waits for what: a line for each process with its state, for how long, on
 * what and on whom, and a line with where in the kernel it waits. For /dev/hang,
 * the key of the console, and the watchdog. A process holds whom it looks at, an
 * interrupt keeps the table locked, and a panic takes no locks; what is just changing
 * may look torn.
 */
#include "proc/private.h"

enum { LINE_MAX = 400, CALLERS_MAX = 12 };

const char *proc_label(const Proc *p)
{
	return p->name != nil && p->name[0] != '\0' ? p->name : "unnamed";
}

/* Is it no process that looks, which could wait for the table? */
static bool cannot_wait(void)
{
	return up == nil || cpu()->in_interrupt || panicking;
}

typedef struct Holder { const Proc *p; char *s, *end; } Holder;

static bool tell_holder(Proc *p, void *arg)
{
	Holder *h = arg;
	if (p != h->p)
		return true;
	h->s = seprint(h->s, h->end, ", held by process %u (%s)", p->pid, proc_label(p));
	return false;
}

/* A holder may have ended with the lock, and is nothing to look at then. */
char *hang_lock(const LockWait *w, char *s, char *end)
{
	Holder h = { lockwait_holder(w), nil, end };
	s = h.s = seprint(s, end, "lock %s, wanted by %s", lockwait_class(w), pcname(w->pc));
	if (h.p == nil)
		return s;
	if (cannot_wait())
		proc_each_unlocked(tell_holder, &h);
	else
		proc_each(tell_holder, &h);
	if (h.s == s)
		h.s = seprint(s, end, ", held by a process that has ended");
	return seprint(h.s, end, ", taken by %s", pcname(lockwait_taken(w)));
}

static char *why(const Proc *p, char *s, char *end)
{
	if (PEEK(p->lockwait.lock) != nil)
		return hang_lock(&p->lockwait, seprint(s, end, "for "), end);
	if (is_asleep(p))
		return seprint(s, end, "until %s%s", pcname((u64)(uintptr)PEEK(p->sleep_cond)),
			is_deaf(p) ? ", no note ends it" : "");
	if (p->state == Ready)
		return seprint(s, end, "for a processor, at priority %u", p->pri);
	return s;
}

static void hang_callers(const Proc *p, HangLine *line, void *arg)
{
	char text[LINE_MAX], *s = text, *end = text + sizeof text;
	u64 pc[CALLERS_MAX];
	u32 n = arch_callers(&p->sched, pc, CALLERS_MAX);
	for (u32 i = 0; i < n; i++)
		s = seprint(s, end, "%s%s", i == 0 ? "\t" : " < ", pcname(pc[i] - (i > 0)));
	if (n > 0)
		line(arg, text);
}

void hang_process(const Proc *p, HangLine *line, void *arg)
{
	char text[LINE_MAX], *s = text, *end = text + sizeof text;
	bool runs = p->on_cpu;
	u64 ms = runs ? 0 : account_away_ns(p) / 1000000;
	const char *doing = proc_doing(p);
	s = seprint(s, end, "%u %s %s %s", p->pid, proc_label(p), proc_state_names[p->state],
		doing != nil ? doing : "-");
	if (!runs) {
		s = seprint(s, end, " %lu.%03lu s ", ms / 1000, ms % 1000);
		why(p, s, end);
	}
	line(arg, text);
	if (!runs)
		hang_callers(p, line, arg);
}

typedef struct Listing { HangLine *line; void *arg; } Listing;

static bool list_process(Proc *p, void *arg)
{
	const Listing *l = arg;
	hang_process(p, l->line, l->arg);
	return true;
}

/*
 * A process can wait for the table, and then nothing goes away under it. Who holds it keeps
 * interrupts off: no interrupt comes upon that; but others should not wait for all the lines.
 */
void hang_report(HangLine *line, void *arg)
{
	Listing l = { line, arg };
	u32 pid = 0;
	if (panicking) {
		proc_each_unlocked(list_process, &l);
		return;
	}
	if (cannot_wait()) {
		while (proc_step(&pid, list_process, &l))
			;
		return;
	}
	for (Proc *p = proc_from(0); p != nil;) {
		u32 next = p->pid + 1;
		hang_process(p, line, arg);
		proc_put(p);
		p = proc_from(next);
	}
}
