/*
 * The process table: which processes there are, by pid. A Proc lives as long
 * as its reference count: the table holds one from publish until the process
 * is dead, and proc_get hands out more, so that what proc_get returned never
 * disappears under its holder (but it may have exited: see Proc.exiting).
 *
 * A pid is not given out again while a process carries it as pid, parent or
 * note group. The table is walked from interrupts (console keys post notes),
 * so its lock is taken with interrupts off.
 */
#include "proc/private.h"

enum { PID_MAX = 0x7fffffff, PID_HASH = 512 };
enum { PROCS_BASE = 100, PROCS_PER_MIB = 5, PROCS_MAX = 4000 };

LOCK_CLASS(proc_class, "proc.proc");
LOCK_CLASS(proc_debug_class, "proc.debug");
LOCK_CLASS(proc_child_class, "proc.children");
static LOCK_CLASS(table_class, "proc.table");

static Lock table_lk = LOCK_INIT(&table_class);
static List procs GUARDED_BY(table_lk) = { &procs, &procs };	/* ascending by pid */
static Proc *hash[PID_HASH] GUARDED_BY(table_lk);
static u32 nprocs GUARDED_BY(table_lk);	/* allocated, published or not */
static u32 last_pid GUARDED_BY(table_lk);
static bool pids_wrapped GUARDED_BY(table_lk);
static u32 nprocs_max;

char eve[28];

void procinit0(void)
{
	sched_prepare();
	list_init(&procs);
}

u32 proc_max(void)
{
	if (nprocs_max == 0) {
		MemStats m;
		mem_stats(&m);
		u64 mib = m.total * BY2PG >> 20;
		nprocs_max = (u32)MIN(PROCS_BASE + PROCS_PER_MIB * mib, (u64)PROCS_MAX);
	}
	return nprocs_max;
}

u32 proc_count(void)
{
	return __atomic_load_n(&nprocs, __ATOMIC_RELAXED);
}

/* ---- making and discarding ---- */

static bool reserve_place(void)
{
	u32 max = proc_max();
	ilock(&table_lk);
	bool ok = nprocs < max;
	if (ok)
		nprocs++;
	iunlock(&table_lk);
	return ok;
}

static void release_place(void)
{
	ilock(&table_lk);
	assert(nprocs > 0);
	nprocs--;
	iunlock(&table_lk);
}

static void init_locks(Proc *p)
{
	lock_init(&p->lk, &proc_class);
	qlock_init(&p->debug, &proc_debug_class);
	qlock_init(&p->childlk, &proc_child_class);
	rendez_init(&p->sleepr);
	rendez_init(&p->stop_wait);
	rendez_init(&p->waitr);
}

static void init_fields(Proc *p)
{
	init_locks(p);
	sleep_prepare(p);
	p->ref.n = 1;
	p->state = New;
	p->name = p->namebuf;
	p->procmode = 0640;
	p->wired = -1;
	p->syscall = -1;
	p->basepri = p->pri = PRI_NORMAL;
	p->start_ns = arch_nsec();
	p->cpu = cpu()->index;
}

/*
 * A process's frames: its Proc, then the two areas for its FPU's state. They wait for a later
 * process where the last one ended, so that what will be overwritten is not made and cleared
 * twice. The longest unused go first, and never those of the process before: who still has a
 * pointer to that one shall not take the next for it.
 */
enum { SPARES_MAX = 4 };
typedef struct Spares { u32 first, n; Proc *proc[SPARES_MAX]; } Spares;
static Spares spares[NCPU_MAX];

static usize fpu_area(void)
{
	return round_up(fpu_size(), 64);
}

static u32 parts_order(void)
{
	u32 order = 0;
	while ((usize)BY2PG << order < round_up(sizeof(Proc), 64) + 2 * fpu_area())
		order++;
	return order;
}

static Proc *spare_take(Spares *s)
{
	s->n--;
	return s->proc[s->first++ % SPARES_MAX];
}

/* Zeroed; what is in the FPU's areas is undefined. */
static Proc *parts_make(void)
{
	Spares *s = &spares[cpu()->index];
	if (s->n > 1)
		return memset(spare_take(s), 0, sizeof(Proc));
	Page *frames = page_alloc(parts_order(), KERNEL_OTHER);
	return frames != nil ? page_kaddr(frames) : nil;
}

/* What is used of it from now on is to be noticed in the checked build. */
static void parts_keep(Proc *p)
{
	Spares *s = &spares[cpu()->index];
	if (CHECKED)
		memset(p, 0xdd, sizeof *p);
	if (s->n == SPARES_MAX)
		page_free(page_of(paddr_ram(spare_take(s))), parts_order());
	s->proc[(s->first + s->n++) % SPARES_MAX] = p;
}

static NO_TSA void free_parts(Proc *p)
{
	if (p->kstack != nil)
		kstack_free(p->kstack);
	kfree(p->syscall_trace);
	kfree(p->edf);
	parts_keep(p);
	release_place();
}

/* What only a process with user memory has. */
static ERR init_user(Proc *p)
{
	p->fpu = (u8 *)p + round_up(sizeof *p, 64);
	p->note_fpu = (u8 *)p->fpu + fpu_area();
	return space_init(&p->space);
}

Err proc_alloc(bool is_kproc, Proc **out)
{
	if (!reserve_place())
		return Enoprocs;
	Proc *p = parts_make();
	if (p == nil) {
		release_place();
		return Enomem;
	}
	init_fields(p);
	p->kproc = is_kproc;
	p->kstack = kstack_alloc();
	Err err = p->kstack == nil ? Enomem : is_kproc ? nil : init_user(p);
	if (err != nil)
		free_parts(p);
	else
		*out = p;
	return err;
}

void proc_discard(Proc *p)
{
	assert(p->pid == 0 && p->state == New);
	if (!p->kproc)
		space_free(&p->space);
	free_parts(p);
}

/* ---- the table ---- */

static Proc *find_locked(u32 pid) REQUIRES(table_lk)
{
	Proc *p = hash[pid % PID_HASH];
	while (p != nil && p->pid != pid)
		p = p->hash_next;
	return p;
}

static bool pid_in_use(u32 pid) REQUIRES(table_lk)
{
	if (find_locked(pid) != nil)
		return true;
	if (!pids_wrapped)
		return false;
	list_each(l, &procs) {
		Proc *p = list_entry(l, Proc, table_link);
		if (p->ppid == pid || p->noteid == pid)
			return true;
	}
	return false;
}

static u32 next_pid(void) REQUIRES(table_lk)
{
	do {
		if (last_pid == PID_MAX) {
			last_pid = 0;
			pids_wrapped = true;
		}
		last_pid++;
	} while (pid_in_use(last_pid));
	return last_pid;
}

static bool others_in_group(const Proc *p, u32 noteid) REQUIRES(table_lk)
{
	list_each(l, &procs) {
		const Proc *q = list_entry(l, Proc, table_link);
		if (q != p && q->noteid == noteid)
			return true;
	}
	return false;
}

/* The new group has the process's own pid, unless others are left in a group of that name. */
void proc_newgroup(Proc *p)
{
	ilock(&table_lk);
	p->noteid = others_in_group(p, p->pid) ? next_pid() : p->pid;
	iunlock(&table_lk);
}

static void insert_ascending(Proc *p) REQUIRES(table_lk)
{
	List *at = procs.prev;
	while (at != &procs && list_entry(at, Proc, table_link)->pid > p->pid)
		at = at->prev;
	list_insert_after(at, &p->table_link);
}

static bool recognise(Proc *p, void *arg)
{
	static_assert(sizeof eve == sizeof p->user, "names padded with zeros");
	p->is_eve = __builtin_memcmp(eve, p->user, sizeof eve) == 0;
	return true;
}

void proc_publish(Proc *p)
{
	ilock(&table_lk);
	assert(p->pid == 0);
	p->pid = next_pid();
	if (p->noteid == 0)
		p->noteid = p->pid;
	recognise(p, nil);
	p->hash_next = hash[p->pid % PID_HASH];
	hash[p->pid % PID_HASH] = p;
	insert_ascending(p);
	iunlock(&table_lk);
}

void proc_unpublish(Proc *p)
{
	ilock(&table_lk);
	Proc **at = &hash[p->pid % PID_HASH];
	while (*at != nil && *at != p)
		at = &(*at)->hash_next;
	if (*at == nil)
		panic("proc_unpublish: process %s %d is not in the table", p->name, p->pid);
	*at = p->hash_next;
	list_remove(&p->table_link);
	iunlock(&table_lk);
}

Proc *proc_get(u32 pid)
{
	ilock(&table_lk);
	Proc *p = find_locked(pid);
	if (p != nil)
		ref_take(&p->ref);
	iunlock(&table_lk);
	return p;
}

/* The last holder frees what is left: the memory of the process went when it exited. */
void proc_put(Proc *p)
{
	if (ref_drop(&p->ref) > 0)
		return;
	assert(p->state == Moribund && !p->on_cpu && p->table_link.next == nil);
	p->state = Dead;
	free_parts(p);
}

Proc *proc_nth(u32 i)
{
	Proc *found = nil;
	ilock(&table_lk);
	list_each(l, &procs) {
		if (i-- > 0)
			continue;
		found = list_entry(l, Proc, table_link);
		ref_take(&found->ref);
		break;
	}
	iunlock(&table_lk);
	return found;
}

u32 proc_some(u32 pid, Proc *some[PROC_SOME])
{
	u32 n = 0;
	ilock(&table_lk);
	list_each(l, &procs) {
		Proc *p = list_entry(l, Proc, table_link);
		if (p->pid < pid)
			continue;
		if (n == PROC_SOME)
			break;
		ref_take(&p->ref);
		some[n++] = p;
	}
	iunlock(&table_lk);
	return n;
}

Proc *proc_from(u32 pid)
{
	Proc *found = nil;
	ilock(&table_lk);
	list_each(l, &procs) {
		Proc *p = list_entry(l, Proc, table_link);
		if (p->pid < pid)
			continue;
		ref_take(&p->ref);
		found = p;
		break;
	}
	iunlock(&table_lk);
	return found;
}

Proc *proc_hold(const Proc *p)
{
	Proc *found = nil;
	ilock(&table_lk);
	list_each(l, &procs)
		if (list_entry(l, Proc, table_link) == p) {
			found = list_entry(l, Proc, table_link);
			ref_take(&found->ref);
			break;
		}
	iunlock(&table_lk);
	return found;
}

bool proc_step(u32 *pid, bool (*f)(Proc *, void *), void *arg)
{
	bool found = false;
	ilock(&table_lk);
	for (List *l = procs.next; l != &procs && !found; l = l->next) {
		Proc *p = list_entry(l, Proc, table_link);
		if (p->pid < *pid)
			continue;
		found = true;
		*pid = p->pid + 1;
		f(p, arg);
	}
	iunlock(&table_lk);
	return found;
}

void proc_each(bool (*f)(Proc *, void *), void *arg)
{
	ilock(&table_lk);
	list_each(l, &procs)
		if (!f(list_entry(l, Proc, table_link), arg))
			break;
	iunlock(&table_lk);
}

NO_TSA void proc_each_unlocked(bool (*f)(Proc *, void *), void *arg)
{
	List *l = procs.next;
	for (u32 n = 0; l != nil && l != &procs && n < PROCS_MAX; n++, l = l->next)
		if (!f(list_entry(l, Proc, table_link), arg))
			return;
}

Proc *proc_take_parent(Proc *p)
{
	ilock(&table_lk);
	Proc *parent = p->parent;
	p->parent = nil;
	if (parent != nil)
		ref_take(&parent->ref);
	iunlock(&table_lk);
	return parent;
}

static bool forget_parent(Proc *p, void *arg)
{
	if (p->parent == arg)
		p->parent = nil;
	return true;
}

void proc_orphan(Proc *p)
{
	proc_each(forget_parent, p);
}

/* ---- small things about a process ---- */

void eve_changed(void)
{
	proc_each(recognise, nil);
}

void proc_setname(Proc *p, const char *name)
{
	ilock(&p->lk);
	strecpy(p->namebuf, p->namebuf + sizeof p->namebuf, name);
	iunlock(&p->lk);
}

void proc_setuser(Proc *p, const char *user)
{
	ilock(&p->lk);
	memset(p->user, 0, sizeof p->user);
	strecpy(p->user, p->user + sizeof p->user, user);
	recognise(p, nil);
	if (!p->kproc)
		p->basepri = PRI_NORMAL;
	iunlock(&p->lk);
}

void proc_setpri(Proc *p, s32 pri, bool fixed)
{
	ilock(&p->lk);
	p->basepri = (u32)MIN(MAX(pri, 0), NPRI - 1);
	p->fixedpri = fixed;
	proc_mark(p, UNUSUAL_SET, true);
	p->penalty = 0;
	iunlock(&p->lk);
	sched_requeue(p);
}

Err proc_wire(Proc *p, s32 n)
{
	s32 ncpu = (s32)cpu_count(), to = n < 0 ? (s32)p->pid % ncpu : n % ncpu;
	TRY(edf_wire(p, (u32)to));
	proc_mark(p, UNUSUAL_SET, true);
	sched_requeue(p);
	return nil;
}

const char *const proc_state_names[NPROCSTATE] = {
	[Dead] = "Dead", [Moribund] = "Moribund", [New] = "New", [Ready] = "Ready",
	[Scheding] = "Scheding", [Running] = "Running", [Queueing] = "Queueing",
	[QueueingR] = "QueueingR", [QueueingW] = "QueueingW", [Wakeme] = "Wakeme",
	[Broken] = "Broken", [Stopped] = "Stopped", [Rendezvous] = "Rendez",
	[Waitrelease] = "Waitrelease",
};

const char *proc_doing(const Proc *p)
{
	const char *reason = PEEK(p->wait_reason);
	s32 number = PEEK(p->syscall);
	return reason != nil || number == -1 ? reason : call_name((u32)number);
}

const char *proc_state_text(const Proc *p)
{
	const char *reason = proc_doing(p);
	u32 state = PEEK(p->state);
	if (state == Broken || state == Stopped || reason == nil)
		return proc_state_names[state];
	return reason;
}

void proc_times(Proc *p, u64 ms[6])
{
	u64 real = (arch_nsec() - p->start_ns) / 1000000;
	u64 user, sys;
	proc_cpu_ns(p, &user, &sys);
	ms[0] = user / 1000000;
	ms[1] = sys / 1000000;
	ms[2] = real;
	ms[3] = p->child_user_ns / 1000000;
	ms[4] = p->child_sys_ns / 1000000;
	ms[5] = real;
}
