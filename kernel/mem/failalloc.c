/*
 * Allocations that fail on purpose (checked build): so that what follows from a
 * lack of memory is tried at every place that asks for some. Only marked
 * processes are concerned, or with the boot option failalloc=N everybody. A
 * place is the return address of the call; with failalloc=ADDRESS that one fails,
 * once, be it before there are processes.
 */
#include "mem/failalloc.h"
#include "arch/arch.h"
#include "sync/sync.h"

enum { SITES_MAX = 1024 };

typedef struct Site { uintptr pc; u32 asked, failed; } Site;

static LOCK_CLASS(failalloc_class, "mem.failalloc");
static Lock sites_lock = LOCK_INIT(&failalloc_class);
static Site sites[SITES_MAX] GUARDED_BY(sites_lock);	/* in order of appearance */
static u32 nsites;		/* [a] */
static enum FailMode mode GUARDED_BY(sites_lock);	/* what places that never failed do */
static u32 hits GUARDED_BY(sites_lock);		/* that failed since it was armed */
static u64 countdown GUARDED_BY(sites_lock);	/* else the so-manieth allocation, 0: none */
static uintptr wanted;		/* [a] else the next one that returns there */
static bool everybody;		/* [I] the processes are not asked whether they are marked */
static uintptr last;		/* [a] the place whose allocation failed last */

static Site *site_of(uintptr pc) REQUIRES(sites_lock)
{
	u32 i = 0;
	while (i < nsites && sites[i].pc != pc)
		i++;
	if (i == nsites) {
		if (nsites == SITES_MAX)
			return nil;
		sites[i].pc = pc;
		__atomic_store_n(&nsites, nsites + 1, __ATOMIC_RELEASE);
	}
	return &sites[i];
}

static bool chosen(const Site *s) REQUIRES(sites_lock)
{
	if (s->pc == PEEK(wanted)) {
		__atomic_store_n(&wanted, 0, __ATOMIC_RELAXED);
		return true;
	}
	if (countdown > 0)
		return --countdown == 0;
	if (mode == FAIL_NONE || s->failed > 0)
		return false;
	if (mode == FAIL_ONE)
		mode = FAIL_NONE;
	return true;
}

bool failalloc(uintptr pc)
{
	bool marked = everybody || (!cpu()->in_interrupt && failalloc_marked());
	if (!marked && pc != PEEK(wanted))
		return false;
	ilock(&sites_lock);
	Site *s = site_of(pc);
	bool fail = s != nil && chosen(s);
	if (s != nil) {
		s->asked++;
		s->failed += fail;
		hits += fail;
	}
	iunlock(&sites_lock);
	if (fail)
		failalloc_note(pc);
	return fail;
}

void failalloc_note(uintptr pc)
{
	__atomic_store_n(&last, pc, __ATOMIC_RELAXED);
}

void failalloc_report(void)
{
	if (last != 0)
		print("the last allocation that failed was for %s\n", pcname(last));
}

static void arm(enum FailMode how, u64 nth, uintptr pc)
{
	ilock(&sites_lock);
	mode = how;
	countdown = nth;
	hits = 0;
	__atomic_store_n(&wanted, pc, __ATOMIC_RELAXED);
	iunlock(&sites_lock);
}

void failalloc_arm(enum FailMode how) { arm(how, 0, 0); }
void failalloc_nth(u64 nth) { arm(FAIL_NONE, nth, 0); }
void failalloc_place(uintptr pc) { arm(FAIL_NONE, 0, pc); }

u32 failalloc_disarm(void)
{
	ilock(&sites_lock);
	u32 n = hits;
	iunlock(&sites_lock);
	arm(FAIL_NONE, 0, 0);
	return n;
}

/* Kernel addresses begin with a one bit; no count does. */
void failalloc_boot(bool programs)
{
	char text[24];
	if (!CHECKED || !boot_option("failalloc", text, sizeof text))
		return;
	u64 n = strtou64(text, nil, 0);
	if (n >> 63 != 0 && !programs)
		failalloc_place(n);
	if (n >> 63 == 0 && programs) {
		everybody = true;
		failalloc_nth(n);
	}
}

NO_TSA bool failalloc_site(u32 i, uintptr *pc, u32 *asked, u32 *failed)
{
	if (i >= __atomic_load_n(&nsites, __ATOMIC_ACQUIRE))
		return false;
	*pc = sites[i].pc;
	*asked = PEEK(sites[i].asked);
	*failed = PEEK(sites[i].failed);
	return true;
}
