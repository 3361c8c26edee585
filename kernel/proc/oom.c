/*
 * Out of memory, and the pager (pager.c) does not help: who has to go. Broken processes first; then
 * the largest process is killed, and whoever needed the memory waits a little. Nobody ends
 * inside this function: the victim, be it the caller, exits on its way to user
 * mode, when it holds no locks.
 */
#include "mem/failalloc.h"
#include "proc/private.h"

enum { SPARED_PAGES = 64, WAIT_NS = 20000000, INIT_WAITS_MAX = 50, INIT_CALM_NS = 1000000000 };

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
	return strcmp(p->user, eve) == 0 && (p->space.noswap || (p->procmode & 0222) == 0);
}

/* The largest process that may be killed, held; nil when there is none worth it. */
static Proc *find_victim(void)
{
	Proc *victim = nil, *p;
	u64 most = SPARED_PAGES;
	for (u32 i = 0; (p = proc_nth(i)) != nil; i++) {
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

static bool never(void *arg)
{
	return false;
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

void proc_oom(void)
{
	if (pager_wait() != Enofree)
		return;
	if (broken_release(0) == 0) {
		Proc *p = find_victim();
		if (p == nil && !init_waits()) {
			p = up;
			ref_take(&p->ref);
		}
		if (p != nil) {
			print("%s %d: killed: insufficient physical memory\n", p->name,
				(int)p->pid);
			p->oom = true;
			proc_kill(p);
			proc_put(p);
		}
		if (p == up)
			return;
	}
	Err ignored = tsleep(&up->sleepr, never, nil, WAIT_NS);	/* a note merely shortens it */
	(void)ignored;
}

bool failalloc_marked(void)
{
	return up != nil && up->starved;
}
