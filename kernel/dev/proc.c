/*
 * #p: a directory for each process, named by its pid. A channel names its
 * process by pid alone; every operation looks the process up again, so a file
 * held open across an exit gives `process exited`.
 */
#include "dev/procdev.h"

LOCK_CLASS(proclines_class, "devproc.lines");

/* pm: the mode is just the procmode. secret: not opened of private or kernel processes. */
typedef struct ProcEntry ProcEntry;
struct ProcEntry { const char *name; enum ProcFile file; u32 perm; bool pm, secret; };

static const ProcEntry entries[] = {
	{ "args", PF_ARGS, 0660, false, false },
	{ "ctl", PF_CTL, 0, true, false },
	{ "fd", PF_FD, 0444, false, false },
	{ "fpregs", PF_FPREGS, 0, true, true },
	{ "kfpregs", PF_KFPREGS, 0400, false, false },
	{ "kregs", PF_KREGS, 0400, false, false },
	{ "mem", PF_MEM, 0, true, true },
	{ "note", PF_NOTE, 0, true, false },
	{ "noteid", PF_NOTEID, 0664, false, false },
	{ "notepg", PF_NOTEPG, 0, true, false },
	{ "ns", PF_NS, 0444, false, false },
	{ "own", PF_OWN, 0444, false, false },
	{ "ppid", PF_PPID, 0444, false, false },
	{ "proc", PF_PROC, 0400, false, false },
	{ "profile", PF_PROFILE, 0400, false, true },
	{ "regs", PF_REGS, 0, true, true },
	{ "segment", PF_SEGMENT, 0444, false, false },
	{ "status", PF_STATUS, 0444, false, false },
	{ "syscall", PF_SYSCALL, 0400, false, true },
	{ "text", PF_TEXT, 0, true, false },
	{ "wait", PF_WAIT, 0400, false, false },
	{ "watchpt", PF_WATCHPT, 0600, false, true },
};

static const ProcEntry *entry_of(enum ProcFile f)
{
	for (u32 i = 0; i < nelem(entries); i++)
		if (entries[i].file == f)
			return &entries[i];
	return nil;
}

static u32 perm_of(const Proc *p, const ProcEntry *e)
{
	u32 mode = PEEK(p->procmode);
	return e->pm ? mode : e->perm | (mode & 0444);
}

/* ---- the tree ---- */

/* Names made up by a generator live in d->room: the file's, then the user's. */
enum { USER_AT = 64, STATUS_LENGTH = 176 };

static const char *user_in(Dir *d, Proc *p)
{
	char *user = d->room + USER_AT;
	ilock(&p->lk);
	strecpy(user, d->room + sizeof d->room, p->user);
	iunlock(&p->lk);
	return user;
}

static void gen_trace(Chan *c, Dir *d)
{
	devdir(c, (Qid){ .path = PF_TRACE }, "trace", 0, eve, 0400, d);
}

static void gen_process(Chan *c, Proc *p, Dir *d)
{
	Qid q = { .path = (u64)p->pid << 8 | PF_DIR, .vers = p->pid, .type = QTDIR };
	snprint(d->room, USER_AT, "%u", p->pid);
	devdir(c, q, d->room, 0, user_in(d, p), 0555, d);
}

static void gen_file(Chan *c, Proc *p, const ProcEntry *e, Dir *d)
{
	Qid q = { .path = (u64)p->pid << 8 | e->file, .vers = p->pid };
	u64 length = e->file == PF_WAIT ? p->nwait : e->file == PF_STATUS ? STATUS_LENGTH : 0;
	devdir(c, q, e->name, length, user_in(d, p), perm_of(p, e), d);
}

/* The process that a name of the root stands for. */
static Proc *process_named(const char *name)
{
	const char *end;
	if (name[0] < '1' || name[0] > '9')
		return nil;
	u64 pid = strtou64(name, &end, 10);
	return *end == '\0' && pid <= 0x7fffffff ? proc_get((u32)pid) : nil;
}

/*
 * Entry 0 is trace, entry i > 0 the first process with a pid of at least i. A
 * directory read goes on behind that pid (it steps Chan.dri), so processes that
 * come and go meanwhile neither hide nor double others.
 */
static int gen_root(Chan *c, const char *name, s64 i, Dir *d)
{
	if (i == 0 && (name == nil || strcmp(name, "trace") == 0)) {
		gen_trace(c, d);
		return 1;
	}
	if (i > 0x7fffffff || (name != nil && i > 0))
		return -1;
	Proc *p = name != nil ? process_named(name) : proc_from((u32)i);
	if (p == nil)
		return -1;
	if (name == nil && (c->flag & COPEN))
		c->dri = p->pid;
	gen_process(c, p, d);
	proc_put(p);
	return 1;
}

static int procgen(Chan *c, const char *name, const Dirtab *tab, u32 ntab, s64 i, Dir *d)
{
	enum ProcFile f = proc_file(c);
	if (i == DEVDOTDOT) {
		devdir(c, (Qid){ .path = PF_ROOT, .type = QTDIR }, "#p", 0, eve, 0555, d);
		return 1;
	}
	if (f == PF_ROOT || f == PF_TRACE)
		return gen_root(c, name, i, d);
	if (i >= (s64)nelem(entries))
		return -1;
	Proc *p = proc_get(proc_file_pid(c));
	if (p == nil)
		return -1;
	gen_file(c, p, &entries[i], d);
	proc_put(p);
	return 1;
}

static ERR proc_attach(const Dev *dev, const char *spec, Chan **out)
{
	if (spec[0] != '\0')
		return Ebadspec;
	return devattach(dev, spec, out);
}

/* Nothing is found in the directory of a process that is gone, but the way out of it. */
static ERR still_there(const Chan *c)
{
	Proc *p = proc_get(proc_file_pid(c));
	if (p == nil)
		return Eprocdied;
	proc_put(p);
	return nil;
}

static ERR proc_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	if (proc_file(c) == PF_DIR && nnames > 0 && strcmp(names[0], "..") != 0)
		TRY(still_there(c));
	return devwalk(c, nc, names, nnames, nil, 0, procgen, w);
}

static ERR proc_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	enum ProcFile f = proc_file(c);
	Dir d = { 0 };
	if (f == PF_ROOT)
		devdir(c, c->qid, path_last(c->path), 0, eve, 0555, &d);
	else if (f == PF_TRACE)
		gen_trace(c, &d);
	if (f == PF_ROOT || f == PF_TRACE)
		return devstatput(&d, buf, size, n);
	Proc *p = proc_get(proc_file_pid(c));
	if (p == nil)
		return Eprocdied;
	if (f == PF_DIR)
		gen_process(c, p, &d);
	else
		gen_file(c, p, entry_of(f), &d);
	proc_put(p);
	return devstatput(&d, buf, size, n);
}

/* ---- processes behind channels ---- */

/*
 * The process of a channel, held, its debug lock taken, not gone. What is grabbed is let go, or
 * its debug lock is dropped and the process is put.
 */
static NO_TSA ERR grab(Chan *c, Proc **out)
{
	Proc *p = proc_get(proc_file_pid(c));
	if (p == nil)
		return Eprocdied;
	qlock(&p->debug);
	if (p->spaceless || p->state == Moribund) {
		qunlock(&p->debug);
		proc_put(p);
		return Eprocdied;
	}
	*out = p;
	return nil;
}

static NO_TSA void drop_debug(Proc *p)
{
	qunlock(&p->debug);
}

static void let_go(Proc *p)
{
	drop_debug(p);
	proc_put(p);
}

/* ---- opening ---- */

/* What a kernel process never lets be written, besides the secret files and the notes. */
static bool kproc_forbids(const ProcEntry *e, u32 mode)
{
	bool writing = (mode & 3) == OWRITE || (mode & 3) == ORDWR;
	switch (e->file) {
	case PF_NOTE:
	case PF_NOTEPG:
		return true;
	case PF_CTL:
	case PF_ARGS:
	case PF_WAIT:
	case PF_NOTEID:
		return writing;
	default:
		return e->secret;
	}
}

static ERR may_open(Proc *p, const ProcEntry *e, u32 mode)
{
	if (strcmp(up->user, "none") == 0 && p != up)
		return Eperm;
	if (p->kproc && kproc_forbids(e, mode))
		return Eperm;
	if (p->private && e->secret)
		return Eperm;
	if (e->file == PF_NOTEPG && (mode & 3) != OWRITE)
		return Eperm;
	return devpermcheck(p->user, perm_of(p, e), mode & ~(u32)(OCEXEC | ORCLOSE));
}

/* The executable's own channel takes the place of c. */
static ERR open_text(Proc *p, Chan *c, u32 omode, Chan **out)
{
	if (omode != OREAD)
		return Eperm;
	if (p->text == nil)
		return Enonexist;
	chan_incref(p->text);
	*out = p->text;
	POKE((*out)->offset, 0);	/* whoever else reads by it has the same channel */
	return nil;
}

static ERR open_lines(Chan *c)
{
	ProcLines *l = kalloc(sizeof *l);
	if (l == nil)
		return Enomem;
	qlock_init(&l->lk, &proclines_class);
	c->aux = l;
	return nil;
}

static ERR open_file(Proc *p, Chan *c, u32 mode, Chan **out)
{
	enum ProcFile f = proc_file(c);
	u32 omode;
	*out = c;
	TRY(devopenmode(mode, &omode));
	TRY(may_open(p, entry_of(f), mode));
	if (f == PF_TEXT)
		return open_text(p, c, omode, out);
	if (f == PF_FD || f == PF_NS || f == PF_OWN)
		TRY(open_lines(c));
	if (f == PF_NOTEPG)
		c->aux2 = PEEK(p->noteid);
	if (f == PF_WATCHPT && (mode & OTRUNC))
		TRY(proc_setwatch(p, nil, 0));
	c->mode = omode;
	c->offset = 0;
	c->flag |= COPEN;
	return nil;
}

static ERR open_root(Chan *c, u32 mode, Chan **out)
{
	if ((mode & ~(u32)OCEXEC) != OREAD)
		return Eperm;
	c->mode = OREAD;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

/* For eve alone, whatever the group and the others may. */
static ERR open_trace(Chan *c, u32 mode, Chan **out)
{
	if (!iseve() || (mode & ~(u32)OCEXEC) != OREAD)
		return Eperm;
	TRY(trace_open());
	c->mode = OREAD;
	c->offset = 0;
	c->flag |= COPEN;
	*out = c;
	return nil;
}

static ERR proc_open(Chan *c, u32 mode, Chan **out)
{
	enum ProcFile f = proc_file(c);
	Proc *p;
	if (f == PF_ROOT)
		return open_root(c, mode, out);
	if (f == PF_TRACE)
		return open_trace(c, mode, out);
	if (f == PF_DIR)
		return devopen(c, mode, nil, 0, procgen, out);
	TRY(grab(c, &p));
	Err err = open_file(p, c, mode, out);
	let_go(p);
	if (err == nil && *out != c)
		chan_close(c);
	return err;
}

static void proc_close(Chan *c)
{
	if (!(c->flag & COPEN))
		return;
	if (proc_file(c) == PF_TRACE)
		trace_close();
	kfree(c->aux);	/* lines, if it has any */
	c->aux = nil;
}

/* ---- reading and writing ---- */

/* Reads that may wait or look at other locks: the process is held, no more. */
static ERR read_unlocked(Proc *p, Chan *c, const Iobuf *b, u64 off, usize *n)
{
	switch (proc_file(c)) {
	case PF_FD:
	case PF_NS:
	case PF_OWN:
		return procread_lines(p, c, b, off, n);
	case PF_WAIT:
		return procread_wait(p, b, n);
	default:
		return procread_note(p, b, n);
	}
}

static bool is_unlocked(enum ProcFile f)
{
	return f == PF_FD || f == PF_NS || f == PF_OWN || f == PF_WAIT || f == PF_NOTE;
}

static ERR read_locked(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n)
{
	switch (f) {
	case PF_MEM:
		return procmem_read(p, b, off, n);
	case PF_REGS:
	case PF_KREGS:
	case PF_FPREGS:
	case PF_KFPREGS:
	case PF_PROC:
		return procregs_read(p, f, b, off, n);
	case PF_PROFILE:
		return procprofile_read(p, b, off, n);
	default:
		return procread_text(p, f, b, off, n);
	}
}

static ERR proc_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	enum ProcFile f = proc_file(c);
	Proc *p;
	*n = 0;
	if (f == PF_DIR)
		TRY(still_there(c));
	if (c->qid.type & QTDIR)
		return devdirread(c, b, nil, 0, procgen, n);
	if (f == PF_TRACE)
		return proctrace_read(b, n);
	TRY(grab(c, &p));
	if (!is_unlocked(f)) {
		Err err = read_locked(p, f, b, off, n);
		let_go(p);
		return err;
	}
	drop_debug(p);
	Err err = read_unlocked(p, c, b, off, n);
	proc_put(p);
	return err;
}

static ERR write_memory(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n)
{
	qlock(&p->debug);
	Err err = p->spaceless ? Eprocdied : nil;
	if (err == nil && f == PF_MEM)
		err = procmem_write(p, b, off, n);
	else if (err == nil && f == PF_WATCHPT)
		err = procwatch_write(p, b, off, n);
	else if (err == nil)
		err = procregs_write(p, f, b, off, n);
	qunlock(&p->debug);
	return err;
}

static ERR write_to(Proc *p, Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = b->size;
	switch (proc_file(c)) {
	case PF_ARGS:
		return procwrite_args(p, b, off);
	case PF_CTL:
		return procctl_write(p, b);
	case PF_NOTE:
		return procwrite_note(p, b);
	case PF_NOTEID:
		return procwrite_noteid(p, b);
	case PF_MEM:
	case PF_REGS:
	case PF_FPREGS:
	case PF_WATCHPT:
		return write_memory(p, proc_file(c), b, off, n);
	default:
		return Eperm;
	}
}

static ERR proc_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	Proc *p;
	*n = b->size;
	if (c->qid.type & QTDIR)
		return Eisdir;
	if (proc_file(c) == PF_NOTEPG)
		return procwrite_notepg((u32)c->aux2, b);
	if (proc_file(c) == PF_TRACE)
		return Eperm;
	/* The running process is there, and its notes have a lock of their own. */
	if (proc_file(c) == PF_NOTE && proc_file_pid(c) == up->pid)
		return procwrite_note(up, b);
	TRY(grab(c, &p));
	drop_debug(p);
	Err err = write_to(p, c, b, off, n);
	proc_put(p);
	return err;
}

/* ---- wstat ---- */

static ERR change_held(Proc *p, const Dir *d)
{
	if (strcmp(up->user, p->user) != 0 && !iseve())
		return Eperm;
	bool new_user = d->uid[0] != '\0' && strcmp(d->uid, p->user) != 0;
	if (new_user && strcmp(d->uid, "none") != 0 && !iseve())
		return Eperm;
	if (new_user)
		proc_setuser(p, d->uid);
	if (d->mode != ~0U)
		POKE(p->procmode, d->mode & 0777);
	return nil;
}

static ERR change(Chan *c, const Dir *d)
{
	Proc *p;
	TRY(grab(c, &p));
	Err err = change_held(p, d);
	let_go(p);
	return err;
}

static ERR proc_wstat(Chan *c, const u8 *buf, usize n)
{
	enum ProcFile f = proc_file(c);
	return (c->qid.type & QTDIR) == 0 && f != PF_NOTEPG && f != PF_TRACE ?
		devwstat(c, buf, n, nil, change) : Eperm;
}

const Dev devproc = {
	.letter = 'p',
	.name = "proc",
	.attach = proc_attach,
	.walk = proc_walk,
	.stat = proc_stat,
	.open = proc_open,
	.create = dev_nocreate,
	.close = proc_close,
	.read = proc_read,
	.write = proc_write,
	.remove = dev_noremove,
	.wstat = proc_wstat,
};
