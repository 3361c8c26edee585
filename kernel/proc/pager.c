/*
 * Who goes to the swap file, and when. The kernel process `pager` runs once `start`
 * was written to /dev/swap. It is woken when programs have few frames left, and
 * writes pages out (mem/swap.c), process after process and page after page in turn,
 * until there is some room again. Who finds no frame waits for it a while
 * (pager_wait) before somebody has to be killed.
 *
 * The file may be served by a program that needs memory itself, so nobody waits for
 * the pager without a bound, and the pager for nobody: a write that takes too long
 * or fails ends the writing out until the next `start`, and then it is as without a
 * swap file. What is in the file stays there and can be read.
 */
#include "proc/private.h"

enum {
	ROOM_HIGH = 256, KEEP_MIN = 128, KEEP_MAX = 1024, KEEP_SHARE = 32,
	LOOKS_MAX = 400,	/* with nothing written out: two seconds */
	TRIES_MAX = 1000,	/* to get a lock, or memory for a write: one second */
};
#define LOOK_MS		5
#define TRY_MS		1
#define WRITE_NS	10000000000UL

static LOCK_CLASS(pager_class, "proc.pager");
static QLock pager_lk = QLOCK_INIT(&pager_class);	/* starting it */
static Rendez pager_r;
static bool made GUARDED_BY(pager_lk);	/* there is such a process */
static bool on;			/* [a] pages are written out */
static bool short_of_frames;	/* [a] it was asked for some */
static u32 written, fruitless;	/* [a] pages; times when there was none to write */
static SwapJob job;		/* [pager] */
static u32 at_pid;		/* [pager] whose pages are next, from job.va on */

static bool is_short(void *arg)
{
	return PEEK(short_of_frames);
}

void swap_short(void)
{
	if (PEEK(on) && !__atomic_exchange_n(&short_of_frames, true, __ATOMIC_ACQ_REL))
		wakeup(&pager_r);
}

bool swap_exempt(void)
{
	return up != nil && PEEK(up->space.noswap);
}

static void pause(s32 ms)
{
	Err ignored = proc_sleep(ms);
	(void)ignored;
}

/* ---- a page ---- */

static void from_process(u32 pid)
{
	at_pid = pid;
	job.va = 0;
}

/*
 * The next page that may go, of the process from where the last one was on, or of those after it,
 * or of any; its process is held then.
 */
static ERR next_page(Proc **of, enum SwapStep *step)
{
	bool busy = false;
	for (u32 rounds = 0; rounds < 2;) {
		Proc *p = proc_from(at_pid);
		if (p == nil) {
			from_process(0);
			rounds++;
			continue;
		}
		if (p->pid != at_pid)
			from_process(p->pid);
		Err e = nil;
		*step = SWAP_NOTHING;
		if (!p->kproc && !p->exiting && p->ctl != CTL_EXIT)
			e = swap_choose(&p->space, &job, step);
		if (e == nil && *step == SWAP_DONE) {
			*of = p;
			return nil;
		}
		proc_put(p);
		if (e != nil)
			return e;
		busy = busy || *step == SWAP_BUSY;
		from_process(at_pid + 1);
	}
	*step = busy ? SWAP_BUSY : SWAP_NOTHING;
	return nil;
}

static void out_of_patience(Timer *t)
{
	proc_interrupt(t->arg);
}

/* Memory for the message may be what is missing just now. */
static ERR write_page(void)
{
	Timer patience = { .f = out_of_patience, .arg = up };
	Err e = nil;
	timer_set(&patience, arch_nsec() + WRITE_NS);
	for (u32 i = 0; i < TRIES_MAX; i++) {
		e = swap_write(&job);
		if (e != Enomem && e != Enofree)
			break;
		pause(TRY_MS);
	}
	timer_cancel(&patience);
	Err ignored = proc_nointerrupt(up);
	(void)ignored;
	return e;
}

static void stop_writing(Err e)
{
	struct Chan *c = swap_chan();
	print("swap: writing to %s: %s; nothing more goes there\n", chan_filename(c), e);
	chan_close(c);
	__atomic_store_n(&on, false, __ATOMIC_RELAXED);
	frames_keep(0);
}

static void finish_page(Proc *p)
{
	Err e = write_page();
	if (e != nil) {
		stop_writing(e);	/* first: once the slot is free another file may be named */
		swap_abandon(&job);
		return;
	}
	enum SwapStep step = swap_commit(&p->space, &job);
	for (u32 i = 0; step == SWAP_BUSY && i < TRIES_MAX; i++) {
		pause(TRY_MS);
		step = swap_commit(&p->space, &job);
	}
	if (step == SWAP_BUSY)
		swap_abandon(&job);
	if (step == SWAP_DONE)
		__atomic_fetch_add(&written, 1, __ATOMIC_RELAXED);
	job.va += BY2PG;
}

/* One page less in memory; false when there is none that could go. */
static bool write_one(void)
{
	Proc *p = nil;
	enum SwapStep step = SWAP_NOTHING;
	Err e = next_page(&p, &step);
	if (e == Enomem || (e == nil && step == SWAP_BUSY)) {
		pause(TRY_MS);
		return true;
	}
	if (e != nil || step == SWAP_NOTHING) {
		__atomic_fetch_add(&fruitless, 1, __ATOMIC_RELAXED);
		return false;
	}
	finish_page(p);
	proc_put(p);
	return true;
}

static void pager_main(void *arg)
{
	for (;;) {
		Err ignored = sleep(&pager_r, is_short, nil);
		(void)ignored;
		__atomic_store_n(&short_of_frames, false, __ATOMIC_RELEASE);
		while (PEEK(on) && frames_room() < ROOM_HIGH && write_one())
			;
	}
}

/* ---- for others ---- */

static ERR make_pager(void) REQUIRES(pager_lk)
{
	if (made)
		return nil;
	job.buf = kalloc(BY2PG);
	if (job.buf == nil)
		return Enomem;
	Err e = kproc("pager", pager_main, nil);
	if (e != nil) {
		kfree(job.buf);
		job.buf = nil;
	}
	made = e == nil;
	return e;
}

Err pager_start(void)
{
	MemStats m;
	struct Chan *c = swap_chan();
	if (c == nil)
		return "no swap file";
	chan_close(c);
	qlock(&pager_lk);
	Err e = make_pager();
	qunlock(&pager_lk);
	TRY(e);
	mem_stats(&m);
	frames_keep(MIN(MAX(m.total / KEEP_SHARE, (u64)KEEP_MIN), (u64)KEEP_MAX));
	__atomic_store_n(&on, true, __ATOMIC_RELEASE);
	return nil;
}

Err pager_wait(void)
{
	u32 before = PEEK(written), tries = PEEK(fruitless);
	if (frames_gather() > 0)
		return nil;
	for (u32 i = 0; i < LOOKS_MAX; i++) {
		swap_short();
		if (!PEEK(on) || PEEK(fruitless) != tries)
			return Enofree;
		if (frames_room() > 0)
			return nil;
		TRY(proc_sleep(LOOK_MS));
		if (PEEK(written) != before) {
			before = PEEK(written);
			i = 0;
		}
	}
	return Enofree;
}
