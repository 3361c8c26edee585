/*
 * Allocations that fail on purpose (checked build): so that what follows from a
 * lack of memory is tried at every place that asks for some. Only marked
 * processes are concerned, or with the boot option failalloc=N all of them. A
 * place is the return address of the call.
 */
#include "mem/failalloc.h"
#include "arch/arch.h"

enum { SITES_MAX = 1024 };

typedef struct Site { uintptr pc; u32 asked, failed; } Site;

static Site sites[SITES_MAX];	/* in order of appearance; interrupts off to change */
static u32 nsites;
static bool armed;		/* the next place that never failed fails, once */
static u64 countdown;		/* else the so-manieth allocation, 0: none */
static bool everybody;		/* the processes are not asked whether they are marked */

static Site *site_of(uintptr pc)
{
	u32 i = 0;
	while (i < nsites && sites[i].pc != pc)
		i++;
	if (i == nsites) {
		if (nsites == SITES_MAX)
			return nil;
		sites[nsites++].pc = pc;
	}
	return &sites[i];
}

static bool chosen(Site *s)
{
	if (countdown > 0)
		return --countdown == 0;
	if (!armed || s->failed > 0)
		return false;
	armed = false;
	return true;
}

bool failalloc(uintptr pc)
{
	if (!everybody && (cpu()->in_interrupt || !failalloc_marked()))
		return false;
	bool on = splhi();
	Site *s = site_of(pc);
	bool fail = s != nil && chosen(s);
	if (s != nil) {
		s->asked++;
		s->failed += fail;
	}
	splx(on);
	return fail;
}

void failalloc_arm(u64 nth)
{
	countdown = nth;
	armed = nth == 0;
}

bool failalloc_disarm(void)
{
	bool waiting = armed || countdown > 0;
	armed = false;
	countdown = 0;
	return !waiting;
}

void failalloc_boot(void)
{
	char text[24];
	if (!boot_option("failalloc", text, sizeof text))
		return;
	everybody = true;
	countdown = strtou64(text, nil, 10);
}

bool failalloc_site(u32 i, uintptr *pc, u32 *asked, u32 *failed)
{
	if (i >= nsites)
		return false;
	*pc = sites[i].pc;
	*asked = sites[i].asked;
	*failed = sites[i].failed;
	return true;
}
