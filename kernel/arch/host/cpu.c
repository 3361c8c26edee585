/*
 * Processors, interrupts and time. Each processor is a stack of its own that
 * runs the kernel; one goes on at a time, until it passes a point where it could
 * be overtaken: there the seed decides who goes on. Every look at cpu() is such a
 * point, so every lock taken or released, every use of `up`, every change of the
 * interrupt mask; and every turn of a spin loop.
 *
 * Without a seed there is one processor, time moves only when looked at or when
 * everybody sleeps, and nothing depends on the host's time.
 */
#include "arch/host/host.h"
#include "arch/host/os.h"
#include "mem/mem.h"
#include "proc/proc.h"

enum { STEP_NS = 200, IDLE_STACK = 64 * 1024 };

typedef struct Vcpu {
	Cpu cpu;
	uintptr sp;		/* where it goes on, while another does */
	bool interrupts_on;
	bool idle;		/* in arch_idle */
	bool kicked;		/* and nothing has come of it yet */
	u64 deadline_ns;	/* 0: none */
	const ArchSpace *space;
} Vcpu;

static Vcpu vcpus[HOST_CPUS_MAX];
u32 arch_ncpu = 1;
static u32 current;
static u64 now_ns = 1;

static bool exploring;
static HostExplore how;
static u64 state;		/* of the random numbers */
static u64 steps;
static u32 fuse;		/* points to pass before the next choice */
static u32 nallocations, nfailed;

/* ---- the seed ---- */

/* SplitMix64: any state gives a good sequence. */
static u64 next_random(void)
{
	u64 z = state += 0x9e3779b97f4a7c15UL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return z ^ z >> 31;
}

u32 host_random(u32 n)
{
	assert(n > 0);
	return (u32)((next_random() >> 32) * n >> 32);
}

bool host_exploring(void)
{
	return exploring;
}

bool host_fail(void)
{
	const Proc *p = vcpus[current].cpu.proc;
	if (!exploring || p == nil || p->pid <= 1 || p->syscall < 0)
		return false;
	nallocations++;
	bool fails = nallocations == how.fail_at ||
		(how.fail_every != 0 && host_random(how.fail_every) == 0);
	nfailed += fails;
	return fails;
}

u32 host_allocations(u32 *failed)
{
	*failed = nfailed;
	return nallocations;
}

void host_calm(void)
{
	how.fail_at = how.fail_every = 0;
}

/* ---- who goes on ---- */

static void go_on_with(u32 index)
{
	u32 me = current;
	if (index == me)
		return;
	current = index;
	host_stack_switch(&vcpus[me].sp, vcpus[index].sp);
	assert(current == me);
}

static void count_step(void)
{
	if (++steps < how.steps_max)
		return;
	how.steps_max = ~0UL;
	host_processes();
	panic("host: no end after %lu steps", steps);
}

static bool due(const Vcpu *v)
{
	return v->deadline_ns != 0 && now_ns >= v->deadline_ns;
}

static void fire(Vcpu *v)
{
	Ureg u = { .type = 32 };
	v->deadline_ns = 0;
	v->interrupts_on = false;
	v->cpu.in_interrupt = true;
	clock_interrupt(&u);
	v->cpu.in_interrupt = false;
	v->interrupts_on = true;
}

void host_clock(void)
{
	Vcpu *v = &vcpus[current];
	if (v->interrupts_on && due(v))
		fire(v);
}

static void choose(void)
{
	count_step();
	fuse = 1 + host_random(2 * how.mean);
	go_on_with(host_random(arch_ncpu));
	host_clock();
}

static inline void point(void)
{
	if (unlikely(exploring) && --fuse == 0)
		choose();
}

Cpu *cpu(void)
{
	point();
	return &vcpus[current].cpu;
}

Cpu *cpu_get(u32 index) { return index < arch_ncpu ? &vcpus[index].cpu : nil; }

/* Who spins waits for another processor. */
void arch_relax(void)
{
	assert(exploring && arch_ncpu > 1);
	count_step();
	go_on_with(host_random(arch_ncpu));
}

/* ---- interrupts ---- */

bool splhi(void)
{
	bool on = vcpus[current].interrupts_on;
	vcpus[current].interrupts_on = false;
	return on;
}

void splx(bool on)
{
	vcpus[current].interrupts_on = on;
	host_clock();
	point();
}

void spllo(void)
{
	splx(true);
}

bool islo(void)
{
	return vcpus[current].interrupts_on;
}

/* ---- time ---- */

/* The earliest deadline of all; 0: there is none. */
static u64 first_deadline(void)
{
	u64 first = 0;
	for (u32 i = 0; i < arch_ncpu; i++) {
		u64 d = vcpus[i].deadline_ns;
		if (d != 0 && (first == 0 || d < first))
			first = d;
	}
	return first;
}

/* Time passes in steps of very different lengths. */
static u64 random_step(void)
{
	u32 kind = host_random(256);
	u64 first = first_deadline();
	if (kind == 0 && first > now_ns)
		return first - now_ns + host_random(2);
	return kind < 8 ? host_random(100000) : host_random(2 * STEP_NS);
}

u64 arch_nsec(void)
{
	return now_ns += exploring ? random_step() : STEP_NS;
}

void host_pass(u64 ns)
{
	now_ns += ns;
}

u64 arch_cycles(void) { return arch_nsec(); }
u64 arch_cyclehz(void) { return 1000000000; }
s64 arch_wallclock(void) { return 1000000000; }
ERR arch_wallclock_set(s64 seconds) { return nil; }

void arch_timer_set(u64 at_ns)
{
	vcpus[current].deadline_ns = at_ns;
}

/* Another processor that has something to do; arch_ncpu: there is none. */
static u32 busy_other(void)
{
	u32 from = exploring ? host_random(arch_ncpu) : 0;
	for (u32 i = 0; i < arch_ncpu; i++) {
		u32 c = (from + i) % arch_ncpu;
		if (c != current && !vcpus[c].idle)
			return c;
	}
	return arch_ncpu;
}

/* Everybody sleeps: time jumps to the first timer. With none, nobody will ever wake. */
static void jump(void)
{
	u64 first = first_deadline();
	if (first == 0) {
		host_processes();
		panic("host: every process waits and no timer is set");
	}
	now_ns = MAX(now_ns, first);
	for (u32 i = 0; i < arch_ncpu; i++)
		if (due(&vcpus[i])) {
			go_on_with(i);
			return;
		}
}

void arch_idle(void)
{
	Vcpu *v = &vcpus[current];
	assert(!v->interrupts_on);
	if (exploring)
		count_step();
	v->idle = !v->kicked;
	if (v->idle && !due(v)) {
		u32 other = busy_other();
		if (other < arch_ncpu)
			go_on_with(other);	/* whoever comes back here wakes us */
		else
			jump();
	}
	v->idle = v->kicked = false;
	spllo();
}

void arch_kick(u32 index)
{
	vcpus[index].kicked = true;
	vcpus[index].idle = false;
}

/* One goes on at a time. */
void arch_stop_others(void)
{
}

const Ureg *arch_stopped(u32 index)
{
	return nil;
}

/* ---- address spaces ---- */

void mmuswitch(ArchSpace *s)
{
	vcpus[current].space = s;
}

bool host_space_current(const ArchSpace *s)
{
	for (u32 i = 0; i < arch_ncpu; i++)
		if (vcpus[i].space == s)
			return true;
	return false;
}

/* ---- exploring ---- */

bool host_stack_waiting(uintptr bottom, uintptr top)
{
	for (u32 i = 0; i < arch_ncpu; i++)
		if (i != current && vcpus[i].sp >= bottom && vcpus[i].sp < top)
			return true;
	return false;
}

/* A processor's first steps. What it allocates once may not fail later. */
static void start_processor(void *arg)
{
	kfree(kalloc(1));
	schedinit();
}

static void add_processor(u32 index)
{
	Vcpu *v = &vcpus[index];
	Label start;
	v->cpu.self = &v->cpu;
	v->cpu.index = index;
	label_init(&start, kstack_alloc(), start_processor, nil);
	v->sp = start.sp;
}

void host_explore(const HostExplore *e)
{
	assert(!exploring && e->ncpus >= 1 && e->ncpus <= HOST_CPUS_MAX && e->mean > 0);
	how = *e;
	state = e->seed;
	fuse = 1;
	for (u32 i = 1; i < e->ncpus; i++)
		add_processor(i);
	for (u32 i = 1; i < e->ncpus; i++) {
		arch_ncpu = i + 1;
		go_on_with(i);	/* until it idles */
	}
	exploring = true;
}

/* ---- what everybody does ---- */

static bool say(Proc *p, void *arg)
{
	char text[160], *end = text + sizeof text;
	char *at = seprint(text, end, "%4u %-8s %-10s", p->pid, p->name,
		proc_state_names[p->state]);
	const char *doing = proc_doing(p);
	at = seprint(at, end, " %s notes %u%s%s%s", doing != nil ? doing : "-",
		p->nnote, p->exiting ? " exiting" : "", p->on_cpu ? " on cpu" : "",
		sleep_will_fail(p) ? " pending" : "");
	at = seprint(at, end, "\n");
	os_stderr(text, (usize)(at - text));
	return true;
}

void host_processes(void)
{
	exploring = false;
	proc_each(say, nil);
}
