/*
 * The life of a system call between its entry, which has read the five slots,
 * and its return: run the function, store the result or the error string,
 * account for the time. Everything unusual (calls are traced, notes wait, the
 * quantum is over, ...) hides behind one look before the function and one after.
 * What a call allocates for its arguments is freed here, so the functions just
 * return.
 */
#include "base/ktrace.h"
#include "sys/sys.h"

enum { ARGS_CHECKED = 48, TRACE_MAX = 1024 };

/* ---- pointers ---- */

Err call_badaddr(Call *c, u64 addr, u64 len)
{
	postnote(up, "sys: bad address in syscall", NDebug);
	pprint("suicide: invalid address 0x%lx/%d in sys call pc=0x%lx", addr, (int)len,
		(u64)ureg_pc(&c->u));
	return Ebadarg;
}

Err call_range_slowly(Call *c, u32 slot, u64 len, bool write)
{
	Uaddr a = call_addr(c, slot);
	assert(slot < NSYSARG);
	if ((s32)len < 0 || len >> 32 != 0)
		return call_badaddr(c, a.a, len);
	if (len > 0 && !seg_covers(&up->space, a, len, write))
		return call_badaddr(c, a.a, len);
	return nil;
}

/* What a call allocated, linked by what stands before it. */
typedef struct Owned { struct Owned *next; u64 unused; } Owned;

Err call_alloc(usize size, void **out)
{
	Proc *p = up;
	Owned *o = kalloc(sizeof *o + size);
	if (o == nil)
		return Enomem;
	o->next = p->call_owned;
	p->call_owned = o;
	p->owes = true;
	*out = o + 1;
	return nil;
}

static void release_all(Proc *p)
{
	for (Owned *o = p->call_owned, *next; o != nil; o = next) {
		next = o->next;
		kfree(o);
	}
	p->call_owned = nil;
	p->owes = false;
}

Err call_string(Call *c, u32 slot, CallName *name)
{
	Uaddr a = call_addr(c, slot);
	void *buf = name->small;
	usize length;
	Err err = copyinstr(buf, a, sizeof name->small, &length);
	if (err == Etoolong) {
		TRY(call_alloc(NAME_MAX_BYTES + 1, &buf));
		err = copyinstr(buf, a, NAME_MAX_BYTES + 1, &length);
	}
	if (err == Ebadarg)
		return call_badaddr(c, a.a, 1);
	name->text = buf;
	return err;
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
	p = seprint(p, end, " 0x%lx", a.a);
	return err == nil ? seprint(p, end, "/\"%s\"", text) : p;
}

static char *trace_args(const Call *c, const char *t, char *p, char *end)
{
	for (u32 i = 0; t[i] != '\0'; i++)
		if (t[i] == 'N')
			p = trace_string(p, end, call_addr(c, i));
		else if (t[i] == 'P' || t[i] == 'X')
			p = seprint(p, end, " 0x%lx", c->arg[i]);
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

static COLD void trace_begin(Proc *p, u32 number, const Call *c)
{
	char *text = kalloc(TRACE_MAX);
	if (text != nil) {
		char *end = text + TRACE_MAX;
		char *at = seprint(text, end, "%u %s %s 0x%lx", p->pid, p->name,
			systab[number].name, (u64)ureg_pc(&c->u));
		trace_args(c, systab[number].types, at, end);
	}
	trace_stop(p, text);
	p->trace_start = (u64)time_nsec();
}

static COLD void trace_end(Proc *p, const Call *c, bool failed)
{
	char *text = kalloc(TRACE_MAX);
	if (text != nil)
		snprint(text, TRACE_MAX, " = %ld \"%s\" %lu %ld\n",
			(s64)c->result, failed ? p->errstr : "",
			p->trace_start, time_nsec());
	trace_stop(p, text);
}

/* ---- the call ---- */

static COLD void fail(Proc *p, Call *c, Err err)
{
	strecpy(p->errstr, p->errstr + ERRMAX, err);
	c->result = ~0UL;
}

Err sys_unknown(Call *c)
{
	postnote(up, "sys: bad sys call", NDebug);
	return Ebadarg;
}

static bool is_ktraced(void)
{
	return ktracing(KT_CALLS);
}

static bool is_known(u32 number)
{
	return number < NSYSCALL && systab[number].name != nil;
}

static COLD void begin_unusual(Proc *p, const Call *c)
{
	u32 number = (u32)p->syscall;
	if (is_ktraced())
		ktrace(p->pid, KT_CALL, number, ureg_pc(&c->u), 0, 0);
	if (p->ctl == CTL_TRACE_SYSCALL && is_known(number))
		trace_begin(p, number, c);
}

/* Interrupts are off, and so they are again when the process may go to user mode. */
static COLD void end_unusual(Proc *p, Call *c)
{
	u32 number = (u32)p->syscall;
	bool failed = c->result == ~0UL;
	c->u.ax = c->result;
	p->kernel_since = arch_cycles();
	spllo();
	if (p->owes)
		release_all(p);
	if (is_ktraced() && failed)
		ktrace_text(p->pid, KT_ERROR, number, p->errstr);
	else if (is_ktraced())
		ktrace(p->pid, KT_RETURN, number, c->result, 0, 0);
	if (p->ctl == CTL_TRACE_SYSCALL && is_known(number))
		trace_end(p, c, failed);
	p->syscall = -1;
	trap_leave(&c->u);
	c->result = c->u.ax;	/* a debugger may have changed it */
}

u64 syscall(Call *c)
{
	Proc *p = up;
	cpu_count_syscall();
	if (!proc_at_ease(p))
		begin_unusual(p, c);
	u32 number = (u32)p->syscall;
	Err err = likely(number < NSYSCALL) ? systab[number].f(c) : sys_unknown(c);
	if (unlikely(err != nil))
		fail(p, c, err);
	proc_tell_cycles(p);
	intr_off();
	if (!proc_at_ease(p))
		end_unusual(p, c);
	p->syscall = -1;
	return c->result;
}

/* In the top stack page there may be fewer slots than five: those that are there. */
static ERR fetch_last(Call *c, u64 sp)
{
	u64 there = USTKTOP - MIN(sp + 8, USTKTOP);
	return copyin(c->arg, uaddr_of(sp + 8), MIN(there, sizeof c->arg));
}

u64 syscall_fetch(Call *c, Err err)
{
	u64 sp = ureg_sp(&c->u);
	memset(c, 0, offsetof(Call, u));
	if (err == nil || err == Ebadarg)
		err = sp >= USTKTOP - BY2PG && sp < USTKTOP ? fetch_last(c, sp) : Ebadarg;
	if (err == nil)
		return syscall(c);
	if (err == Ebadarg)
		err = call_badaddr(c, sp, ARGS_CHECKED);
	fail(up, c, err);
	intr_off();
	end_unusual(up, c);
	return c->result;
}
