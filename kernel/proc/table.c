/*
 * The process table: which processes there are, by pid. A Proc lives as long
 * as its reference count: the table holds one from publish until the process
 * is dead, and proc_get hands out more, so that what proc_get returned never
 * disappears under its holder (but it may have exited: see Proc.exiting).
 *
 * A pid is not given out again while a process carries it as pid, parent or
 * note group.
 *
 * The table is cut into buckets by pid, each with a lock of its own, and no
 * two are held at once: processes that come and go at the same time do not
 * meet. Who walks all of it may miss what comes or ends meanwhile, never what
 * is there all the time. It is walked from interrupts (console keys post
 * notes), so the locks are taken with interrupts off.
 */
#include "proc/private.h"

enum { PID_MAX = 0x7fffffff, NBUCKETS = 256 };
enum { PROCS_BASE = 100, PROCS_PER_MIB = 5, PROCS_MAX = 4000 };

LOCK_CLASS(proc_class, "proc.proc");
LOCK_CLASS(proc_debug_class, "proc.debug");
LOCK_CLASS(proc_child_class, "proc.children");
static LOCK_CLASS(table_class, "proc.table");

typedef struct Bucket {
	Lock lk;
	List procs GUARDED_BY(lk);	/* by Proc.table_link */
} __attribute__((aligned(64))) Bucket;
static Bucket table[NBUCKETS];
static u32 nprocs;			/* [a] allocated, published or not */
static u32 nprocs_max;
u64 pids_given;				/* [a] */

char eve[28];

NO_TSA void procinit0(void)
{
	sched_prepare();
	for (u32 i = 0; i < NBUCKETS; i++) {
		lock_init(&table[i].lk, &table_class);
		list_init(&table[i].procs);
	}
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
	return PEEK(nprocs);
}

/* ---- making and discarding ---- */

static void release_place(void)
{
	u32 before = __atomic_fetch_sub(&nprocs, 1, __ATOMIC_RELAXED);
	assert(before > 0);
}

static bool reserve_place(void)
{
	if (__atomic_add_fetch(&nprocs, 1, __ATOMIC_RELAXED) <= proc_max())
		return true;
	release_place();
	return false;
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

static NO_TSA void init_fields(Proc *p)
{
	init_locks(p);
	list_init(&p->children);
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

static inline Bucket *bucket_of(u32 pid)
{
	return &table[pid % NBUCKETS];
}

static Proc *find(Bucket *b, u32 pid) REQUIRES(b->lk)
{
	list_each(l, &b->procs) {
		Proc *p = list_entry(l, Proc, table_link);
		if (p->pid == pid)
			return p;
	}
	return nil;
}

void proc_each(bool (*f)(Proc *, void *), void *arg)
{
	bool more = true;
	for (Bucket *b = table; b < table + NBUCKETS && more; b++) {
		ilock(&b->lk);
		for (List *l = b->procs.next; l != &b->procs && more; l = l->next)
			more = f(list_entry(l, Proc, table_link), arg);
		iunlock(&b->lk);
	}
}

NO_TSA void proc_each_unlocked(bool (*f)(Proc *, void *), void *arg)
{
	u32 n = 0;
	for (Bucket *b = table; b < table + NBUCKETS; b++)
		for (List *l = b->procs.next; l != nil && l != &b->procs; l = l->next)
			if (n++ == PROCS_MAX || !f(list_entry(l, Proc, table_link), arg))
				return;
}

typedef struct Search { u32 pid; const Proc *p; bool found; } Search;

/* Does it carry the pid, in any way? */
static bool carries(Proc *p, void *arg)
{
	Search *s = arg;
	s->found = p->pid == s->pid || p->ppid == s->pid || PEEK(p->noteid) == s->pid;
	return !s->found;
}

static u32 next_pid(void)
{
	for (;;) {
		u64 n = __atomic_fetch_add(&pids_given, 1, __ATOMIC_RELAXED);
		Search s = { .pid = (u32)(n % PID_MAX) + 1 };
		if (unlikely(n >= PID_MAX))
			proc_each(carries, &s);
		if (!s.found)
			return s.pid;
	}
}

static bool in_group(Proc *p, void *arg)
{
	Search *s = arg;
	s->found = p != s->p && PEEK(p->noteid) == s->pid;
	return !s->found;
}

/* The new group has the process's own pid, unless others are left in a group of that name. */
void proc_newgroup(Proc *p)
{
	Search others = { .pid = p->pid, .p = p };
	proc_each(in_group, &others);
	POKE(p->noteid, others.found ? next_pid() : p->pid);
}

static bool recognise(Proc *p, void *arg)
{
	static_assert(sizeof eve == sizeof p->user, "names padded with zeros");
	POKE(p->is_eve, __builtin_memcmp(eve, p->user, sizeof eve) == 0);
	return true;
}

void proc_publish(Proc *p)
{
	assert(p->pid == 0);
	p->pid = next_pid();
	if (p->noteid == 0)
		p->noteid = p->pid;
	Bucket *b = bucket_of(p->pid);
	ilock(&b->lk);
	recognise(p, nil);
	list_push(&b->procs, &p->table_link);
	iunlock(&b->lk);
}

void proc_unpublish(Proc *p)
{
	Bucket *b = bucket_of(p->pid);
	ilock(&b->lk);
	assert(p->table_link.next != nil);
	list_remove(&p->table_link);
	iunlock(&b->lk);
}

Proc *proc_get(u32 pid)
{
	Bucket *b = bucket_of(pid);
	ilock(&b->lk);
	Proc *p = find(b, pid);
	if (p != nil)
		ref_take(&p->ref);
	iunlock(&b->lk);
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

static bool hold(Proc *p, void *arg)
{
	Search *s = arg;
	s->found = p == s->p;
	if (s->found)
		ref_take(&p->ref);
	return !s->found;
}

Proc *proc_hold(const Proc *p)
{
	Search s = { .p = p };
	proc_each(hold, &s);
	return s.found ? (Proc *)(uintptr)p : nil;
}

/* ---- in order ---- */

/* Ascending pids. */
typedef struct Pids { u32 n, max, pid[PROC_SOME]; } Pids;

/* The largest makes room. */
static void enter_pid(Pids *s, u32 pid)
{
	u32 at = s->n < s->max ? s->n++ : s->max - 1;
	for (; at > 0 && s->pid[at - 1] > pid; at--)
		s->pid[at] = s->pid[at - 1];
	s->pid[at] = pid;
}

static bool has_room(const Pids *s, u32 pid)
{
	return s->n < s->max || pid < s->pid[s->max - 1];
}

static void enter_bucket(Pids *s, Bucket *b, u32 from)
{
	if (PEEK(b->procs.next) == &b->procs)
		return;
	ilock(&b->lk);
	list_each(l, &b->procs) {
		u32 pid = list_entry(l, Proc, table_link)->pid;
		if (pid >= from && has_room(s, pid))
			enter_pid(s, pid);
	}
	iunlock(&b->lk);
}

/*
 * The smallest from a pid on, at most max; some may have ended by now. What is in a bucket that was
 * not looked at yet is no smaller than from + i.
 */
static void pids_from(u32 from, u32 max, Pids *s)
{
	assert(max > 0 && max <= PROC_SOME);
	s->n = 0;
	s->max = max;
	for (u32 i = 0; i < NBUCKETS && has_room(s, from + i); i++)
		enter_bucket(s, bucket_of(from + i), from);
}

u32 proc_some(u32 pid, Proc **some, u32 max)
{
	u32 n = 0;
	Pids s;
	do {
		pids_from(pid, max, &s);
		for (u32 i = 0; i < s.n; i++)
			if ((some[n] = proc_get(s.pid[i])) != nil)
				n++;
		pid = s.n > 0 ? s.pid[s.n - 1] + 1 : pid;
	} while (n == 0 && s.n > 0);
	return n;
}

Proc *proc_from(u32 pid)
{
	Proc *p;
	return proc_some(pid, &p, 1) > 0 ? p : nil;
}

bool proc_step(u32 *pid, bool (*f)(Proc *, void *), void *arg)
{
	Pids next;
	pids_from(*pid, 1, &next);
	if (next.n == 0)
		return false;
	*pid = next.pid[0] + 1;
	Bucket *b = bucket_of(next.pid[0]);
	ilock(&b->lk);
	Proc *p = find(b, next.pid[0]);
	if (p != nil)
		f(p, arg);
	iunlock(&b->lk);
	return true;
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
	ms[3] = PEEK(p->child_user_ns) / 1000000;
	ms[4] = PEEK(p->child_sys_ns) / 1000000;
	ms[5] = real;
}
