/*
 * What the files of #p accept: control messages, notes, note groups.
 */
#include "dev/procdev.h"

enum Verb {
	V_CLOSE, V_CLOSEFILES, V_HANG, V_NOHANG, V_KILL, V_STOP, V_WAITSTOP, V_START, V_STARTSTOP,
	V_STARTSYSCALL, V_PRI, V_FIXEDPRI, V_PRIVATE, V_NOSWAP, V_PROFILE, V_TRACE, V_WIRED,
	V_INTERRUPT, V_NOINTERRUPT, V_EVENT, V_PERIOD, V_DEADLINE,
	V_COST, V_SPORADIC, V_EXTRA, V_DEADLINENOTES, V_ADMIT, V_EXPEL,
};

static const Cmdtab verbs[] = {
	{ V_CLOSE, "close", 2 },
	{ V_CLOSEFILES, "closefiles", 1 },
	{ V_HANG, "hang", 1 },
	{ V_NOHANG, "nohang", 1 },
	{ V_KILL, "kill", 1 },
	{ V_STOP, "stop", 1 },
	{ V_WAITSTOP, "waitstop", 1 },
	{ V_START, "start", 1 },
	{ V_STARTSTOP, "startstop", 1 },
	{ V_STARTSYSCALL, "startsyscall", 1 },
	{ V_PRI, "pri", 2 },
	{ V_FIXEDPRI, "fixedpri", 2 },
	{ V_PRIVATE, "private", 1 },
	{ V_NOSWAP, "noswap", 1 },
	{ V_PROFILE, "profile", 1 },
	{ V_TRACE, "trace", 0 },
	{ V_WIRED, "wired", 2 },
	{ V_INTERRUPT, "interrupt", 1 },
	{ V_NOINTERRUPT, "nointerrupt", 1 },
	{ V_PERIOD, "period", 2 },
	{ V_DEADLINE, "deadline", 2 },
	{ V_COST, "cost", 2 },
	{ V_SPORADIC, "sporadic", 1 },
	{ V_EXTRA, "extra", 1 },
	{ V_DEADLINENOTES, "deadlinenotes", 1 },
	{ V_ADMIT, "admit", 1 },
	{ V_EXPEL, "expel", 1 },
	{ V_EVENT, "event", 1 },
};

/* A decimal number, perhaps negative, of 32 bits with its sign. */
static ERR number(const char *text, s32 *n)
{
	const char *end, *digits = text[0] == '-' ? text + 1 : text;
	if (digits[0] < '0' || digits[0] > '9')
		return Ebadarg;
	u64 v = strtou64(digits, &end, 10);
	if (*end != '\0' || v > 0x7fffffff)
		return Ebadarg;
	*n = digits == text ? (s32)v : -(s32)v;
	return nil;
}

/* ---- descriptors of another process ---- */

static struct Fgrp *hold_fds(Proc *p)
{
	ilock(&p->lk);
	struct Fgrp *f = p->fgrp;
	if (f != nil)
		fgrp_incref(f);
	iunlock(&p->lk);
	return f;
}

/* Take the channel of fd out of the table; nil when it is not open. */
static Chan *take_fd(struct Fgrp *f, u32 fd)
{
	Chan *c = nil;
	lock(&f->lk);
	if (fd < f->nfd) {
		c = f->fd[fd];
		f->fd[fd] = nil;
		f->flag[fd] = 0;
		while (f->maxfd >= 0 && f->fd[f->maxfd] == nil)
			f->maxfd--;
	}
	unlock(&f->lk);
	return c;
}

static ERR close_one(Proc *p, const char *arg)
{
	s32 fd;
	TRY(number(arg, &fd));
	struct Fgrp *f = hold_fds(p);
	if (f == nil)
		return Eprocdied;
	Chan *c = fd >= 0 ? take_fd(f, (u32)fd) : nil;
	fgrp_put(f);
	fd_let_go(p, c);
	return c != nil ? nil : Ebadfd;
}

static ERR close_all(Proc *p)
{
	struct Fgrp *f = hold_fds(p);
	if (f == nil)
		return Eprocdied;
	for (u32 fd = 0; fd < PEEK(f->nfd); fd++)
		fd_let_go(p, take_fd(f, fd));
	fgrp_put(f);
	return nil;
}

/* ---- control ---- */

static ERR set_priority(Proc *p, const char *arg, bool fixed)
{
	s32 pri;
	TRY(number(arg, &pri));
	if (pri > PRI_NORMAL && !iseve())
		return Eperm;
	proc_setpri(p, pri, fixed);
	return nil;
}

static ERR wire(Proc *p, const char *arg)
{
	s32 n;
	TRY(number(arg, &n));
	qlock(&p->debug);
	Err err = proc_wire(p, n);
	qunlock(&p->debug);
	return err;
}

static ERR start_and_wait(Proc *p)
{
	TRY(proc_start(p, CTL_START_STOP));
	return proc_waitstop(p);
}

static NO_TSA ERR start_profile(Proc *p)
{
	Err err = Ebadctl;
	qlock(&p->space.lk);
	Segment *text = p->space.seg[TSEG];
	if (!p->kproc && text != nil)
		err = seg_profile(text);
	qunlock(&p->space.lk);
	return err;
}

/* Toggle without an argument, else off by 0 and on by anything else. */
static ERR trace(Proc *p, Cmdbuf *cb)
{
	s32 on = (p->unusual & UNUSUAL_TRACED) == 0;
	if (cb->nf > 2)
		return cmd_wrongargs(cb);
	if (cb->nf == 2)
		TRY(number(cb->f[1], &on));
	proc_mark(p, UNUSUAL_TRACED, on != 0);
	return nil;
}

/* ---- real time ---- */

/* number[.fraction] with a unit: s, ms, us, µs or ns; none: s. */
static ERR parse_time(const char *text, u64 *ns)
{
	static const struct { const char *name; u64 ns; } units[] = {
		{ "", 1000000000 }, { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 },
		{ "µs", 1000 }, { "ns", 1 },
	};
	enum { WHOLE_MAX = 1000000000 };
	const char *end;
	u64 whole = strtou64(text, &end, 10), fraction = 0, scale = 1;
	bool digits = end != text;
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9'; end++, digits = true)
			if (scale < WHOLE_MAX) {
				fraction = 10 * fraction + (u64)(*end - '0');
				scale *= 10;
			}
	for (u32 i = 0; digits && whole <= WHOLE_MAX && i < nelem(units); i++)
		if (strcmp(end, units[i].name) == 0) {
			*ns = whole * units[i].ns + fraction * units[i].ns / scale;
			return nil;
		}
	return errorf("bad time %s", text);
}

static ERR set_time(Proc *p, enum EdfTime which, const char *text)
{
	u64 ns = 0;
	TRY(parse_time(text, &ns));
	return edf_set_time(p, which, ns);
}

static ERR realtime_locked(Proc *p, enum Verb v, const Cmdbuf *cb)
{
	switch (v) {
	case V_PERIOD:
		return set_time(p, EDF_PERIOD, cb->f[1]);
	case V_DEADLINE:
		return set_time(p, EDF_DEADLINE, cb->f[1]);
	case V_COST:
		return set_time(p, EDF_COST, cb->f[1]);
	case V_SPORADIC:
		return edf_set_flag(p, EDF_SPORADIC);
	case V_EXTRA:
		return edf_set_flag(p, EDF_EXTRA);
	case V_DEADLINENOTES:
		return edf_set_flag(p, EDF_NOTES);
	case V_ADMIT:
		return edf_admit(p);
	default:
		assert(v == V_EXPEL);
		edf_expel(p);
		return nil;
	}
}

static ERR realtime(Proc *p, enum Verb v, const Cmdbuf *cb)
{
	qlock(&p->debug);
	Err err = p->spaceless ? Eprocdied : realtime_locked(p, v, cb);
	qunlock(&p->debug);
	return err;
}

static ERR run_verb(Proc *p, enum Verb v, Cmdbuf *cb)
{
	switch (v) {
	case V_CLOSE:
		return close_one(p, cb->f[1]);
	case V_CLOSEFILES:
		return close_all(p);
	case V_HANG:
		p->hang = true;
		return nil;
	case V_NOHANG:
		p->hang = false;
		return nil;
	case V_KILL:
		proc_kill(p);
		return nil;
	case V_STOP:
		return proc_stop(p);
	case V_WAITSTOP:
		return proc_waitstop(p);
	case V_START:
		return proc_start(p, CTL_NONE);
	case V_STARTSTOP:
		return start_and_wait(p);
	case V_STARTSYSCALL:
		return proc_start(p, CTL_TRACE_SYSCALL);
	case V_PRI:
		return set_priority(p, cb->f[1], false);
	case V_FIXEDPRI:
		return set_priority(p, cb->f[1], true);
	case V_PRIVATE:
		p->private = true;
		return nil;
	case V_NOSWAP:
		p->space.noswap = true;
		return nil;
	case V_WIRED:
		return wire(p, cb->f[1]);
	case V_INTERRUPT:
		proc_interrupt(p);
		return nil;
	case V_NOINTERRUPT:
		return proc_nointerrupt(p);
	case V_PROFILE:
		return start_profile(p);
	case V_TRACE:
		return trace(p, cb);
	case V_EVENT:
		trace_event(p, TRACE_USER);
		return nil;
	default:
		return realtime(p, v, cb);
	}
}

Err procctl_write(Proc *p, const Iobuf *b)
{
	const Cmdtab *verb;
	Cmdbuf *cb;
	TRY(cmd_read(b, &cb));
	Err err = cmd_lookup(cb, verbs, nelem(verbs), &verb);
	if (err == nil)
		err = run_verb(p, (enum Verb)verb->index, cb);
	kfree(cb);
	return err;
}

/* ---- notes ---- */

static ERR note_text(const Iobuf *b, char text[ERRMAX])
{
	if (b->size >= ERRMAX)
		return Etoobig;
	TRY(iobuf_get(b, 0, text, b->size));
	text[b->size] = '\0';
	return nil;
}

Err procwrite_note(Proc *p, const Iobuf *b)
{
	char text[ERRMAX];
	TRY(note_text(b, text));
	if (p->kproc)
		return Eperm;
	return postnote(p, text, NUser) ? nil : Enotposted;
}

Err procwrite_notepg(u32 noteid, const Iobuf *b)
{
	char text[ERRMAX];
	TRY(note_text(b, text));
	postnote_group(noteid, text, NUser, up);
	return nil;
}

struct GroupSearch { u32 noteid; const char *user; bool exists, same_user; };

/* Who ends is no member any more, as for the group's notes. */
static bool look_at_member(Proc *p, void *arg)
{
	struct GroupSearch *g = arg;
	if (PEEK(p->noteid) == g->noteid && !PEEK(p->exiting)) {
		g->exists = true;
		g->same_user = g->same_user || strcmp(p->user, g->user) == 0;
	}
	return !g->same_user;
}

Err procwrite_noteid(Proc *p, const Iobuf *b)
{
	char text[32];
	s32 id;
	TRY(writestr(b, text, sizeof text));
	TRY(number(text, &id));
	if (id <= 0)
		return Ebadarg;
	if ((u32)id != p->pid) {
		struct GroupSearch g = { .noteid = (u32)id, .user = p->user };
		proc_each(look_at_member, &g);
		if (!g.exists)
			return Ebadarg;
		if (!g.same_user)
			return Eperm;
	}
	POKE(p->noteid, (u32)id);
	return nil;
}

Err procwrite_args(Proc *p, const Iobuf *b, u64 off)
{
	char text[PROC_ARGS_MAX];
	if (off != 0)
		return Ebadarg;
	if (b->size >= sizeof text)
		return Etoobig;
	TRY(iobuf_get(b, 0, text, b->size));
	ilock(&p->lk);
	memmove(p->args, text, b->size);
	p->args_len = (u32)b->size;
	p->args_written = true;
	iunlock(&p->lk);
	return nil;
}
