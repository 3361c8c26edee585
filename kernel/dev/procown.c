/*
 * /proc/n/own: what a process owns, lends and borrows (doc/ownership.md), a line for each run
 * of pages that are alike: base, top, how it has them, what it may do, how many others have them.
 */
#include "dev/procdev.h"

Err procown_line(Proc *p, ProcLines *l)
{
	static const char *const names[] = {
		[HOLD_OWN] = "own", [HOLD_FROZEN] = "frozen", [HOLD_LENT] = "lent",
		[HOLD_BORROWED] = "borrowed", [HOLD_REVOKED] = "revoked",
	};
	HeldRange r;
	qlock(&p->space.lk);
	bool found = space_held(&p->space, l->next, &r);
	qunlock(&p->space.lk);
	l->length = 0;
	if (!found)
		return nil;
	l->next = r.top;
	l->length = snprint(l->text, sizeof l->text, "%#lx %#lx %s %s %u\n", r.base, r.top,
		names[r.how], r.write ? "rw" : r.read ? "r" : "-", r.others);
	return nil;
}
