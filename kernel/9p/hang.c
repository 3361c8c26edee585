/*
 * Servers that do not answer. The watchdog looks every second at the oldest
 * request of each connection and says so, once, when it is the same for as many
 * looks as the boot option watchdog9p says (60; 0: never). Looks are counted, not
 * time: a guest that stood still made none. A read, a write or an open may wait
 * as long as a server likes; it is what should be quick that accuses one,
 * forgetting such a request (Tflush) included. /dev/hang shows all of them. The
 * list of all connections is here, too.
 */
#include "9p/conn.h"

enum { LOOKS_DEFAULT = 60, LINE_MAX = 256 };

static LOCK_CLASS(all_class, "9p.all");
static Lock all_lk = LOCK_INIT(&all_class);
static List all = { &all, &all };	/* [all_lk] of Mnt.all, ascending id */
static u32 looks_max;			/* [I] */

void mnt_watch(Mnt *m)
{
	lock(&all_lk);
	List *at = all.prev;
	while (at != &all && list_entry(at, Mnt, all)->id > m->id)
		at = at->prev;
	list_insert_after(at, &m->all);
	unlock(&all_lk);
}

void mnt_unwatch(Mnt *m)
{
	if (m->all.next == nil)
		return;
	lock(&all_lk);
	list_remove(&m->all);
	unlock(&all_lk);
}

Mnt *mnt_hold_next(u32 id)
{
	Mnt *next = nil;
	lock(&all_lk);
	for (List *l = all.next; l != &all && next == nil; l = l->next) {
		Mnt *m = list_entry(l, Mnt, all);
		if (m->id > id && chan_hold(m->transport))
			next = m;
	}
	unlock(&all_lk);
	return next;
}

usize mnt_kept(void)
{
	usize n = 0;
	lock(&all_lk);
	for (List *l = all.next; l != &all; l = l->next) {
		const Mnt *m = list_entry(l, Mnt, all);
		n += PEEK(m->npool) * round_up(m->msize, BY2PG);
	}
	unlock(&all_lk);
	return n;
}

MntCounts mnt_counts(void)
{
	MntCounts n = { 0 };
	lock(&all_lk);
	for (List *l = all.next; l != &all; l = l->next) {
		const Mnt *m = list_entry(l, Mnt, all);
		n.fids += PEEK(m->nfids);
		n.tags += PEEK(m->nused);
	}
	unlock(&all_lk);
	return n;
}

void mnt_named(const Chan *root, const char *where)
{
	Mnt *m = root->mux;
	lock(&m->lk);
	if (m->where[0] == '\0')
		strecpy(m->where, m->where + sizeof m->where, where);
	unlock(&m->lk);
}

NO_TSA const char *mnt_name(const Mnt *m)
{
	return m->where[0] != '\0' ? m->where : chan_filename(m->transport);
}

static u8 type_of(const Rpc *r)
{
	switch (r->kind) {
	case FLUSH:
		return Tflush;
	case CLUNK:
		return Tclunk;
	case BIRTH:
		return Twalk;
	case CALL:
		break;
	}
	return r->type;
}

static bool may_take_long(u8 type)
{
	return type == Tread || type == Twrite || type == Topen || type == Tcreate;
}

static char *describe(const Rpc *r, char *s, char *end)
{
	u64 ms = (arch_nsec() - r->since_ns) / 1000000;
	s = seprint(s, end, "%s tag %u", fcall_name(type_of(r)), r->tag);
	if (r->kind == CALL)
		s = seprint(s, end, " of process %u", r->pid);
	return seprint(s, end, " for %lu.%03lu s", ms / 1000, ms % 1000);
}

/* ---- the watchdog ---- */

/*
 * The oldest request that should be quick; nil: none. Answers are read by processes that wait for
 * theirs: without one, those to records without a process may lie unread in the transport.
 */
static const Rpc *oldest_quick(const Mnt *m) REQUIRES(m->lk)
{
	const Rpc *oldest = nil;
	bool read = false;
	for (List *l = m->queue.next; l != &m->queue; l = l->next) {
		const Rpc *r = list_entry(l, Rpc, link);
		read = read || r->kind == CALL;
		if (!may_take_long(type_of(r)) && (oldest == nil || r->since_ns < oldest->since_ns))
			oldest = r;
	}
	return read ? oldest : nil;
}

static void look_at(Mnt *m) REQUIRES(m->lk)
{
	char text[LINE_MAX];
	const Rpc *r = oldest_quick(m);
	u64 since_ns = r != nil ? r->since_ns : 0;
	if (r == nil || since_ns != m->looked_ns) {
		m->looked_ns = since_ns;
		m->looks = 0;
		return;
	}
	if (++m->looks != looks_max)
		return;
	describe(r, text, text + sizeof text);
	print("watchdog: the 9P server of %s, on connection %u, does not answer: %s\n",
		mnt_name(m), m->id, text);
}

static void look(void)
{
	lock(&all_lk);
	for (List *l = all.next; l != &all; l = l->next) {
		Mnt *m = list_entry(l, Mnt, all);
		lock(&m->lk);
		look_at(m);
		unlock(&m->lk);
	}
	unlock(&all_lk);
}

void mnt_watch_init(void)
{
	looks_max = boot_option_number("watchdog9p", LOOKS_DEFAULT);
	if (looks_max > 0)
		watchdog_add(look);
	mnt_sweep_init();
}

/* ---- /dev/hang ---- */

static NO_TSA void list_requests(const Mnt *m, HangLine *line, void *arg)
{
	char text[LINE_MAX], *end = text + sizeof text;
	for (List *l = m->queue.next; l != nil && l != &m->queue; l = l->next) {
		char *s = seprint(text, end, "9P %s ", mnt_name(m));
		describe(list_entry(l, Rpc, link), s, end);
		line(arg, text);
	}
}

/*
 * In an interrupt the locks may be taken already: the lists may look torn, and where other
 * processors change them meanwhile they cannot be looked at.
 */
NO_TSA void mnt_hang_report(HangLine *line, void *arg)
{
	bool locks = !cpu()->in_interrupt && !panicking;
	if (!locks && !panicking && cpu_count() > 1) {
		line(arg, "9P requests: see /dev/hang");
		return;
	}
	if (locks)
		lock(&all_lk);
	for (List *l = all.next; l != nil && l != &all; l = l->next) {
		Mnt *m = list_entry(l, Mnt, all);
		if (locks)
			lock(&m->lk);
		list_requests(m, line, arg);
		if (locks)
			unlock(&m->lk);
	}
	if (locks)
		unlock(&all_lk);
}
