/*
 * /dev/trace and /dev/kprof: the kernel's own trace and profile, as texts. Both
 * are told to start and stop by a write and keep what they have until the next
 * start. A read of trace takes the records out, oldest first.
 */
#include "base/ktrace.h"
#include "dev/cons.h"

enum { LINE_SIZE = 160, PROF_LINE = 120 };

static LOCK_CLASS(trace_class, "cons.trace");
static QLock trace_lk = QLOCK_INIT(&trace_class);
static u64 lost GUARDED_BY(trace_lk);		/* records, not yet told of */
static u32 *counts GUARDED_BY(trace_lk);	/* of the profile; stays once allocated */

/* ---- the lines of the trace ---- */

static const char *message_name(u64 type)
{
	static const char *const names[] = {
		"Tversion", "Rversion", "Tauth", "Rauth", "Tattach", "Rattach", "Terror", "Rerror",
		"Tflush", "Rflush", "Twalk", "Rwalk", "Topen", "Ropen", "Tcreate", "Rcreate",
		"Tread", "Rread", "Twrite", "Rwrite", "Tclunk", "Rclunk", "Tremove", "Rremove",
		"Tstat", "Rstat", "Twstat", "Rwstat",
	};
	return type - 100 < nelem(names) ? names[type - 100] : "unknown";
}

static const char *access_name(u64 prot)
{
	return prot == PROT_WRITE ? "write" : prot == PROT_EXEC ? "execute" : "read";
}

static char *event_text(char *p, char *end, const KtraceRecord *r)
{
	switch ((enum KtraceKind)r->kind) {
	case KT_RUN:
		return seprint(p, end, "run %lu after %lu %s", r->a, r->b,
			r->b != 0 ? proc_state_names[r->c % NPROCSTATE] : "Idle");
	case KT_READY:
		return seprint(p, end, "ready %lu", r->a);
	case KT_CALL:
		return seprint(p, end, "call %s %#lx", call_name((u32)r->a), r->b);
	case KT_RETURN:
		return seprint(p, end, "return %s %ld", call_name((u32)r->a), (s64)r->b);
	case KT_ERROR:
		return seprint(p, end, "error %s %.*s", call_name((u32)r->a), KTRACE_TEXT, r->text);
	case KT_FAULT:
		return seprint(p, end, "fault %s %#lx %lu%s", access_name(r->b), r->a, r->c,
			r->d != 0 ? " refused" : "");
	case KT_SEND:
		return seprint(p, end, "send %lu %s %lu %lu", r->a, message_name(r->b), r->c, r->d);
	case KT_RECEIVE:
		return seprint(p, end, "receive %lu %s %lu %lu", r->a, message_name(r->b), r->c,
			r->d);
	}
	return p;
}

static usize line_text(char *line, char *end, const KtraceRecord *r)
{
	char *p = line;
	p = seprint(p, end, "%lu.%09lu %u %u ", r->time_ns / 1000000000, r->time_ns % 1000000000,
		r->cpu, r->pid);
	p = event_text(p, end - 1, r);
	for (char *c = line; c < p; c++)
		if ((u8)*c < ' ')
			*c = '?';	/* a server's error text may hold anything */
	*p++ = '\n';
	return (usize)(p - line);
}

static ERR read_lines(const Iobuf *b, usize *n) REQUIRES(trace_lk)
{
	char line[LINE_SIZE];
	KtraceRecord r;
	while (b->size - *n >= LINE_SIZE && ktrace_next(&r, &lost)) {
		usize size = line_text(line, line + sizeof(line), &r);
		TRY(iobuf_put(b, *n, line, size));
		*n += size;
	}
	if (lost > 0 && b->size - *n >= LINE_SIZE) {
		usize size = snprint(line, sizeof line, "lost %lu\n", lost);
		lost = 0;
		TRY(iobuf_put(b, *n, line, size));
		*n += size;
	}
	return nil;
}

/* Whole lines, taken out of the rings; none left is the end of the file, for now. */
Err trace_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (b->size < LINE_SIZE)
		return Etoosmall;
	qlock(&trace_lk);
	Err err = read_lines(b, n);
	qunlock(&trace_lk);
	return err;
}

/* ---- control ---- */

enum { START, STOP };

static const Cmdtab commands[] = {
	{ START, "start", 0 },
	{ STOP, "stop", 1 },
};

static u32 group_of(const char *word)
{
	static const struct { const char *name; u32 bit; } groups[] = {
		{ "sched", KT_SCHED }, { "calls", KT_CALLS }, { "faults", KT_FAULTS },
		{ "9p", KT_9P },
	};
	for (u32 i = 0; i < nelem(groups); i++)
		if (strcmp(groups[i].name, word) == 0)
			return groups[i].bit;
	return 0;
}

static ERR give_rings(void) REQUIRES(trace_lk)
{
	for (u32 i = 0; i < cpu_count(); i++) {
		if (ktrace_has_ring(i))
			continue;
		KtraceRecord *ring = kalloc(KTRACE_RECORDS * sizeof *ring);
		if (ring == nil)
			return Enomem;
		ktrace_give_ring(i, ring);
	}
	return nil;
}

/* `start` and groups, none for all; what was not read is forgotten. */
static ERR trace_start(const Cmdbuf *cb) REQUIRES(trace_lk)
{
	u32 groups = cb->nf == 1 ? KT_ALL : 0;
	KtraceRecord r;
	for (u32 i = 1; i < cb->nf; i++) {
		u32 bit = group_of(cb->f[i]);
		if (bit == 0)
			return Ebadarg;
		groups |= bit;
	}
	TRY(give_rings());
	ktrace_start(0);
	while (ktrace_next(&r, &lost))
		;
	lost = 0;
	ktrace_start(groups);
	return nil;
}

static ERR trace_command(const Cmdbuf *cb, u32 command) REQUIRES(trace_lk)
{
	if (command == START)
		return trace_start(cb);
	TRY(give_rings());
	ktrace_start(0);
	return nil;
}

static ERR prof_command(const Cmdbuf *cb, u32 command) REQUIRES(trace_lk)
{
	usize size = (pcindex_end() + 1) * sizeof *counts;
	kprof_start(nil);
	if (command == STOP)
		return nil;
	if (counts == nil && (counts = kalloc(size)) == nil)
		return Enomem;
	memset(counts, 0, size);
	kprof_start(counts);
	return nil;
}

static ERR control(const Iobuf *b, usize *n, Err (*f)(const Cmdbuf *, u32 command))
{
	const Cmdtab *command;
	if (!iseve())
		return Eperm;
	Cmdbuf *cb;
	TRY(cmd_read(b, &cb));
	Err err = cmd_lookup(cb, commands, nelem(commands), &command);
	qlock(&trace_lk);
	if (err == nil)
		err = f(cb, command->index);
	qunlock(&trace_lk);
	kfree(cb);
	*n = b->size;
	return err;
}

Err trace_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return control(b, n, trace_command);
}

Err kprof_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return control(b, n, prof_command);
}

/* ---- the profile ---- */

/* The element with the largest count below limit or, among equal ones, the first after `after`. */
static bool next_largest(u32 *at, u32 *count) REQUIRES(trace_lk)
{
	bool found = false;
	u32 limit = *count, after = *at;
	for (u32 i = 0; i <= pcindex_end(); i++) {
		u32 k = PEEK(counts[i]);
		if (k == 0 || k > limit || (k == limit && i <= after) || (found && k <= *count))
			continue;
		found = true;
		*at = i;
		*count = k;
	}
	return found;
}

static char *prof_lines(char *p, char *end) REQUIRES(trace_lk)
{
	u64 total = 0;
	u32 at = 0, count = ~0U;
	for (u32 i = 0; i <= pcindex_end(); i++)
		total += PEEK(counts[i]);
	while (next_largest(&at, &count))
		p = seprint(p, end, "%8u %3lu%% %s\n", count, count * 100UL / total,
			at == pcindex_end() ? "(user)" : pcindex_name(at));
	return p;
}

/* Ticks go on while the text is made: a profile that runs may tell a function twice or not. */
static ERR prof_text(char **text, usize *length)
{
	u32 lines = 0;
	qlock(&trace_lk);
	for (u32 i = 0; counts != nil && i <= pcindex_end(); i++)
		lines += PEEK(counts[i]) != 0;
	usize size = (lines + 8UL) * PROF_LINE;
	*text = kalloc(size);
	if (*text != nil && counts != nil)
		*length = (usize)(prof_lines(*text, *text + size) - *text);
	qunlock(&trace_lk);
	return *text != nil ? nil : Enomem;
}

Err kprof_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return snapshot_read(c, b, off, n, prof_text);
}
