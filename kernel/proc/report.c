/*
 * What a panic says of processes, processors and locks. Nothing here takes a
 * lock or allocates; lists that were just being changed may look torn.
 */
#include "mem/race.h"
#include "mem/refs.h"
#include "proc/private.h"

enum { PROCS_SHOWN_MAX = 20, LOG_LINES = 10 };

/* ---- the running process ---- */

static void report_call(const Proc *p)
{
	static_assert(NSYSARG == 5, "all are printed");
	if (p->syscall < 0)
		return;
	const u64 *a = container_of(p->ureg, Call, u)->arg;
	print(", in system call %d %s(%#lx, %#lx, %#lx, %#lx, %#lx)", p->syscall,
		proc_doing(p), a[0], a[1], a[2], a[3], a[4]);
}

void report_process(void)
{
	const Proc *p = up;
	if (p == nil) {
		print("no process was running\n");
		return;
	}
	print("process %u (%s) of %s", p->pid, proc_label(p), p->user);
	report_call(p);
	print("\n");
	if (p->ureg != nil && !p->kproc)
		print("  from user mode at pc %#lx sp %#lx\n", ureg_pc(p->ureg), ureg_sp(p->ureg));
}

void race_process(char *text, usize size)
{
	const Proc *p = up;
	if (p == nil)
		strecpy(text, text + size, "no process");
	else
		snprint(text, size, "process %u %s", p->pid, proc_label(p));
}

/* ---- locks ---- */

static void report_waiter(const Proc *p)
{
	char lock[300];
	hang_lock(&p->lockwait, lock, lock + sizeof lock);
	print("  process %u (%s) waits for %s\n", p->pid, proc_label(p), lock);
}

static bool report_sleeping(Proc *p, void *arg)
{
	u32 *left = arg;
	if (p->lockwait.lock != nil) {
		report_waiter(p);
		--*left;
	}
	for (u32 i = 0; CHECKED && i < MIN(p->held.n, (u32)HELD_MAX) && *left > 0; i++) {
		const HeldLock *h = &p->held.held[i];
		print("  process %u (%s) holds %s, taken by %s\n", p->pid, proc_label(p),
			h->class->name, pcname(h->pc));
		--*left;
	}
	return *left > 0;
}

void report_locks(void)
{
	u32 left = PROCS_SHOWN_MAX;
	print("locks:\n");
	spin_report();
	proc_each_unlocked(report_sleeping, &left);
}

/* ---- processors ---- */

void report_processors(void)
{
	for (u32 i = 0; i < cpu_count(); i++) {
		const Cpu *c = cpu_get(i);
		const Proc *p = c->proc;
		print("cpu%u%s: ", i, c == cpu() ? " (this one)" : "");
		if (PEEK(c->idle) || p == nil)
			print("idle");
		else
			print("runs process %u (%s)", p->pid, proc_label(p));
		print("%s%s, %u spin locks, %lu switches, %lu interrupts\n",
			c->in_interrupt ? ", in an interrupt" : "",
			c->resched ? ", to give way" : "",
			c->nlocks, c->nswitch, c->nintr);
		if (arch_stopped(i) != nil)
			arch_backtrace(arch_stopped(i));
		else if (c != cpu())
			print("  it does not answer\n");
	}
}

void report_log(void)
{
	print("the log before:\n");
	log_tail(LOG_LINES);
}

/* ---- for the search for references ---- */

typedef struct Stacks { void (*f)(const void *from, const void *to); const void *above; } Stacks;

static bool stack_in_use(Proc *p, void *arg)
{
	const Stacks *s = arg;
	const u8 *top = p->kstack;
	if (p == up)
		s->f(s->above, top);
	else
		s->f(p->on_cpu ? top - KSTACK_SIZE : (const u8 *)p->sched.sp, top);
	return true;
}

void kstacks_each(void (*f)(const void *from, const void *to), const void *above)
{
	Stacks s = { f, above };
	proc_each_unlocked(stack_in_use, &s);
}

/* ---- whose stack is it ---- */

typedef struct Wanted { const void *kstack; Proc *found; } Wanted;

static bool has_stack(Proc *p, void *arg)
{
	Wanted *w = arg;
	if (p->kstack == w->kstack)
		w->found = p;
	return w->found == nil;
}

Proc *proc_of_kstack(const void *top)
{
	Wanted w = { top, nil };
	proc_each_unlocked(has_stack, &w);
	return w.found;
}
