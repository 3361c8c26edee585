/*
 * System calls about the process itself: birth, exec, end, notes, time,
 * waiting for others, the error string.
 */
#include "sys/sys.h"

Err sysr1(Call *c)
{
	return iseve() ? nil : Eperm;
}

/* ---- the error string ---- */

static ERR exchange_errstr(Call *c, u64 size)
{
	char fresh[ERRMAX + 1], old[ERRMAX];
	Proc *p = up;
	if (size == 0)
		return Ebadarg;
	TRY(call_range(c, 0, size, true));
	size = MIN(size, (u64)ERRMAX);
	TRY(copyin(fresh, call_addr(c, 0), size));
	fresh[size] = '\0';
	strecpy(old, old + size, p->errstr);
	TRY(copyout(call_addr(c, 0), old, strlen(old) + 1));
	strecpy(p->errstr, p->errstr + size, fresh);
	return nil;
}

Err sys_errstr(Call *c)
{
	return exchange_errstr(c, call_u32(c, 1));
}

Err sys_olderrstr(Call *c)
{
	enum { OLD_SIZE = 64 };
	return exchange_errstr(c, OLD_SIZE);
}

/* ---- birth and end ---- */

Err sys_rfork(Call *c)
{
	u32 pid;
	TRY(proc_rfork(call_u32(c, 0), &c->u, &pid));
	c->result = pid;
	return nil;
}

Err sys_exec(Call *c)
{
	CallName file;
	TRY(call_string(c, 0, &file));
	TRY(call_range(c, 1, sizeof(u64), false));
	Uaddr bad;
	Err err = proc_exec(file.text, call_addr(c, 1), &c->u, &bad);
	if (err == Ebadarg && bad.a != 0)
		return call_badaddr(c, bad.a, 1);
	c->result = c->u.ax;
	return err;
}

/* At most ERRMAX-1 bytes of the status, not cutting a rune. */
static const char *exit_status(Uaddr a, char status[ERRMAX])
{
	char raw[ERRMAX + 1];
	usize length;
	if (a.a == 0)
		return "";
	Err err = copyinstr(raw, a, sizeof raw, &length);
	if (err == Etoolong) {
		err = copyin(raw, a, ERRMAX);
		raw[ERRMAX] = '\0';
	}
	if (err != nil)
		return "invalid exit string";
	strecpy(status, status + ERRMAX, raw);
	return status;
}

Err sys_exits(Call *c)
{
	char status[ERRMAX];
	pexit(exit_status(call_addr(c, 0), status), true);
}

Err sys_await(Call *c)
{
	char text[4 * 24 + 2 * ERRMAX + 8];
	u32 size = call_u32(c, 1);
	usize n;
	TRY(call_range(c, 0, size, true));
	TRY(proc_await(text, sizeof text, &n));
	if (size == 0)
		return nil;
	n = MIN(n, (usize)size - 1);
	text[n] = '\0';
	TRY(copyout(call_addr(c, 0), text, n + 1));
	c->result = n;
	return nil;
}

/* ---- notes ---- */

Err sys_notify(Call *c)
{
	Err err = proc_notify(call_addr(c, 0));
	return err == Ebadarg ? call_badaddr(c, c->arg[0], 1) : err;
}

Err sys_noted(Call *c)
{
	TRY(proc_noted(&c->u, call_u32(c, 0)));
	c->result = c->u.ax;
	return nil;
}

/* ---- time ---- */

Err sys_alarm(Call *c)
{
	u32 left;
	proc_alarm(call_u32(c, 0), &left);
	c->result = left;
	return nil;
}

Err sys_sleep(Call *c)
{
	return proc_sleep(call_s32(c, 0));
}

Err sys_nsec(Call *c)
{
	c->result = (u64)time_nsec();
	return nil;
}

/* ---- synchronisation ---- */

/* Interrupted, it returns ~0 and leaves the error string alone. */
Err sys_rendezvous(Call *c)
{
	Err err = proc_rendezvous(c->arg[0], c->arg[1], &c->result);
	if (err == Eintr) {
		c->result = ~0UL;
		return nil;
	}
	return err;
}

/* The segment of the semaphore at slot 0: most often the one that was found last. */
static inline ERR sema_segment(Call *c, Segment **s)
{
	Space *space = &up->space;
	Uaddr a = call_addr(c, 0);
	if (likely(seg_covers_again(space, a, sizeof(s32), true))) {
		*s = space->seg[space->hint];
		return nil;
	}
	TRY(call_range_slowly(c, 0, sizeof(s32), true));
	*s = seg_find(space, a, nil);
	return nil;
}

Err sys_semacquire(Call *c)
{
	Segment *s;
	TRY(sema_segment(c, &s));
	return proc_semacquire(s, call_addr(c, 0), call_s32(c, 1) != 0, -1, &c->result);
}

Err sys_tsemacquire(Call *c)
{
	u32 ms = call_u32(c, 1);
	Segment *s;
	TRY(sema_segment(c, &s));
	return proc_semacquire(s, call_addr(c, 0), ms > 0, ms, &c->result);
}

Err sys_semrelease(Call *c)
{
	Segment *s;
	TRY(sema_segment(c, &s));
	return proc_semrelease(s, call_addr(c, 0), call_s32(c, 1), &c->result);
}
