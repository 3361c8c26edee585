/*
 * The life of a system call: fetch the five slots once, run the function,
 * store the result or the error string. What a call allocates for its
 * arguments is freed here, so the functions just return.
 */
#include "base/ktrace.h"
#include "sys/sys.h"

enum { ARGS_CHECKED = 48, NAME_SHORT = 256, TRACE_MAX = 1024 };

/* ---- pointers ---- */

Err call_badaddr(Call *c, u64 addr, u64 len)
{
	postnote(up, "sys: bad address in syscall", NDebug);
	pprint("suicide: invalid address 0x%lx/%d in sys call pc=0x%lx", addr, (int)len,
		(u64)ureg_pc(c->u));
	return Ebadarg;
}

Err call_range(Call *c, u32 slot, u64 len, bool write)
{
	Uaddr a = call_addr(c, slot);
	assert(slot < NSYSARG);
	if ((s32)len < 0 || len >> 32 != 0)
		return call_badaddr(c, a.a, len);
	if (len > 0 && !seg_covers(&up->space, a, len, write))
		return call_badaddr(c, a.a, len);
	return nil;
}

Err call_alloc(Call *c, usize size, void **out)
{
	assert(c->nowned < nelem(c->owned));
	*out = kalloc(MAX(size, 1UL));
	if (*out == nil)
		return Enomem;
	c->owned[c->nowned++] = *out;
	return nil;
}

static void release_last(Call *c)
{
	assert(c->nowned > 0);
	kfree(c->owned[--c->nowned]);
}

static void release_all(Call *c)
{
	while (c->nowned > 0)
		release_last(c);
}

Err call_string(Call *c, u32 slot, char **out)
{
	Uaddr a = call_addr(c, slot);
	void *buf;
	usize length;
	TRY(call_alloc(c, NAME_SHORT, &buf));
	Err err = copyinstr(buf, a, NAME_SHORT, &length);
	if (err == Etoolong) {
		release_last(c);
		TRY(call_alloc(c, NAME_MAX_BYTES + 1, &buf));
		err = copyinstr(buf, a, NAME_MAX_BYTES + 1, &length);
	}
	if (err == Ebadarg)
		return call_badaddr(c, a.a, 1);
	*out = buf;
	return err;
}

/* ---- arguments ---- */

/* In the top stack page there may be fewer slots than five: those that are there. */
static ERR fetch_last_args(Call *c, u64 sp)
{
	u64 there = USTKTOP - MIN(sp + 8, USTKTOP);
	memset(c->arg, 0, sizeof c->arg);
	return copyin(c->arg, uaddr_of(sp + 8), MIN(there, sizeof c->arg));
}

/* Reading all slots at once has failed with err. */
static COLD ERR fetch_failed(Call *c, Err err)
{
	u64 sp = ureg_sp(c->u);
	if (err == Ebadarg && sp >= USTKTOP - BY2PG && sp < USTKTOP)
		err = fetch_last_args(c, sp);
	return err == Ebadarg ? call_badaddr(c, sp, ARGS_CHECKED) : err;
}

/* The slots above the return address. */
static inline ERR fetch_args(Call *c)
{
	Err err = copyin_slots(c->arg, uaddr_of(ureg_sp(c->u)));
	return likely(err == nil) ? nil : fetch_failed(c, err);
}

/* ---- tracing, for /proc/n/syscall ---- */

static char *trace_string(char *p, char *end, Uaddr a)
{
	char text[64];
	usize length;
	Err err = a.a == 0 ? Ebadarg : copyinstr(text, a, sizeof text, &length);
	if (err == Etoolong && copyin(text, a, sizeof text - 1) == nil) {
		text[sizeof text - 1] = '\0';
		err = nil;
	}
	p = seprint(p, end, " %#lx", a.a);
	return err == nil ? seprint(p, end, "/\"%s\"", text) : p;
}

static char *trace_args(const Call *c, char *p, char *end)
{
	const char *t = c->entry->types;
	for (u32 i = 0; t[i] != '\0'; i++)
		if (t[i] == 'N')
			p = trace_string(p, end, call_addr(c, i));
		else if (t[i] == 'P' || t[i] == 'X')
			p = seprint(p, end, " %#lx", c->arg[i]);
		else if (t[i] == 'U')
			p = seprint(p, end, " %u", call_u32(c, i));
		else if (t[i] == 'V')
			p = seprint(p, end, " %ld", (s64)c->arg[i]);
		else
			p = seprint(p, end, " %d", call_s32(c, i));
	return p;
}

/* Put the text (nil: empty) where /proc/n/syscall finds it and stop until started. */
static void trace_stop(Proc *p, char *text)
{
	qlock(&p->debug);
	kfree(p->syscall_trace);
	p->syscall_trace = text;
	qunlock(&p->debug);
	proc_stop_self();
}

static COLD void trace_begin(Proc *p, const Call *c)
{
	char *text = kalloc(TRACE_MAX);
	if (text != nil) {
		char *end = text + TRACE_MAX;
		char *at = seprint(text, end, "%u %s %s %#lx", p->pid, p->name, c->entry->name,
			(u64)ureg_pc(c->u));
		trace_args(c, at, end);
	}
	trace_stop(p, text);
	p->trace_start = (u64)time_nsec();
}

static COLD void trace_end(Proc *p, const Call *c, Err err)
{
	char *text = kalloc(TRACE_MAX);
	if (text != nil)
		snprint(text, TRACE_MAX, " = %ld \"%s\" %lu %ld\n",
			(s64)(err != nil ? ~0UL : c->result), err != nil ? p->errstr : "",
			p->trace_start, time_nsec());
	trace_stop(p, text);
}

/* ---- the call ---- */

static COLD void fail(Proc *p, Ureg *u, Err err)
{
	strecpy(p->errstr, p->errstr + ERRMAX, err);
	u->ax = ~0ULL;
}

static COLD void unknown_call(Proc *p, Ureg *u)
{
	postnote(p, "sys: bad sys call", NDebug);
	fail(p, u, Ebadarg);
}

static inline bool is_traced(const Proc *p)
{
	return unlikely(p->ctl == CTL_TRACE_SYSCALL);
}

static inline ERR run(Proc *p, Call *c)
{
	TRY(fetch_args(c));
	if (is_traced(p))
		trace_begin(p, c);
	return c->entry->f(c);
}

void syscall(Ureg *u)
{
	Proc *p = up;
	u32 number = (u32)u->bp;
	Call c;
	if (unlikely(number >= NSYSCALL || systab[number].name == nil)) {
		unknown_call(p, u);
		return;
	}
	c.u = u;
	c.entry = &systab[number];
	c.result = 0;
	c.keep_registers = false;
	c.nowned = 0;
	p->syscall = (s32)number;
	p->sysarg = c.arg;
	p->wait_reason = c.entry->name;
	Err err = run(p, &c);
	if (c.nowned > 0)
		release_all(&c);
	if (unlikely(err != nil))
		fail(p, u, err);
	else if (!c.keep_registers)
		u->ax = c.result;
	if (is_traced(p))
		trace_end(p, &c, err);
	p->wait_reason = nil;
	p->syscall = -1;
}

void syscall_traced(Ureg *u)
{
	const Proc *p = up;
	u32 number = (u32)u->bp;
	ktrace(p->pid, KT_CALL, number, ureg_pc(u), 0, 0);
	syscall(u);
	if (u->ax == ~0ULL)
		ktrace_text(p->pid, KT_ERROR, number, p->errstr);
	else
		ktrace(p->pid, KT_RETURN, number, u->ax, 0, 0);
}
