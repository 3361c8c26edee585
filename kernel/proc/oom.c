/*
 * Out of memory, and the pager (pager.c) does not help: who has to go. Broken processes first; then
 * the largest process is killed, and whoever needed the memory waits a little. Nobody ends
 * inside this function: the victim, be it the caller, exits on its way to user
 * mode, when it holds no locks.
 */
#include "mem/failalloc.h"
#include "proc/private.h"

enum { SPARED_PAGES = 64, WAIT_MS = 20, INIT_WAITS_MAX = 50, INIT_CALM_NS = 1000000000,
	DYING_NS = 1000000000 };

static u64 killed_ns;		/* [a] when somebody was last killed here */

/* Pages that its end would free; 0 when its memory is being changed just now. */
static u64 resident_pages(Proc *p)
{
	u64 n = 0;
	if (!canqlock(&p->space.lk))
		return 0;
	for (u32 i = 0; i < NSEG; i++) {
		const Segment *s = p->space.seg[i];
		if (s != nil && (s->type & SG_TYPE) != SG_TEXT)
			n += PEEK(s->npages);
	}
	qunlock(&p->space.lk);
	return n;
}

static bool spared(const Proc *p)
{
	if (p->kproc || p->pid == 1 || p->exiting || p->ctl == CTL_EXIT)
		return true;
	return strcmp(p->user, eve) == 0 && (p->space.noswap || (PEEK(p->procmode) & 0222) == 0);
}

/* Its memory is on its way back: on another processor that may take longer than the wait here. */
static bool is_dying(const Proc *p)
{
	return PEEK(p->oom) && arch_nsec() - PEEK(killed_ns) < DYING_NS;
}

/*
 * The largest process that may be killed, held; nil when there is none worth it. *dying: one was
 * killed just now and is not gone yet.
 */
static Proc *find_victim(bool *dying)
{
	Proc *victim = nil, *p;
	u64 most = SPARED_PAGES;
	*dying = false;
	for (u32 pid = 0; (p = proc_from(pid)) != nil;) {
		pid = p->pid + 1;
		*dying = *dying || is_dying(p);
		u64 n = spared(p) ? 0 : resident_pages(p);
		if (n <= most) {
			proc_put(p);
			continue;
		}
		if (victim != nil)
			proc_put(victim);
		victim = p;
		most = n;
	}
	return victim;
}

/*
 * The first process is nobody's victim: it waits, a second without any success in between, for
 * memory that others give back.
 */
static bool init_waits(void)
{
	static u64 last;
	static u32 n;
	u64 now = arch_nsec();
	if (up->pid != 1)
		return false;
	n = now - last > INIT_CALM_NS ? 0 : n + 1;
	last = now;
	return n < INIT_WAITS_MAX;
}

/* Somebody has to go, unless somebody does already; true: the running process. */
static bool kill_one(void)
{
	bool dying;
	Proc *p = find_victim(&dying);
	if (p == nil && !dying && !init_waits()) {
		p = up;
		ref_take(&p->ref);
	}
	if (p == nil)
		return false;
	if (!dying) {
		print("%s %d: killed: insufficient physical memory\n", p->name, (int)p->pid);
		POKE(killed_ns, arch_nsec());
		POKE(p->oom, true);
		proc_kill(p);
	}
	proc_put(p);
	return p == up && !dying;
}

void proc_oom(void)
{
	if (pager_wait() != Enofree || PEEK(up->ctl) == CTL_EXIT)
		return;
	if (broken_release(0) == 0 && kill_one())
		return;
	Err ignored = proc_sleep(WAIT_MS);	/* a note merely shortens it */
	(void)ignored;
}

bool failalloc_marked(void)
{
	return up != nil && up->starved;
}
