/*
 * Notes (process.md 8): posting, delivery on the way to user mode, and noted.
 *
 * At delivery the handler's frame goes below the interrupted stack pointer s:
 *
 *	s-256 .. s	untouched
 *	U = s-440	Ureg, 184 bytes
 *	U-8		the U of an outer handler
 *	U-136		the text, 128 bytes
 *	U-144, U-152	pointer to the text, U: the arguments
 *	U-160		0, where the handler's return address would be: the new SP
 *
 * The interrupted floating point state stays in the kernel, in note_fpu.
 */
#include "proc/private.h"

enum { RED_ZONE = 256, PC_TEXT_MAX = 23 };

/* The frame as it lies in memory, from U-160 up. */
typedef struct NoteFrame NoteFrame;
struct NoteFrame {
	u64 return_address, arg_ureg, arg_text;
	char text[ERRMAX];
	u64 outer;
	Ureg ureg;
};
static_assert(sizeof(NoteFrame) == 344, "the note frame is 344 bytes");
static_assert(offsetof(NoteFrame, ureg) == 160, "the Ureg lies 160 bytes up");

/* ---- posting ---- */

bool postnote(Proc *p, const char *text, enum NoteClass class)
{
	bool queued = false;
	ilock(&p->lk);
	bool deadly = class != NUser && (p->notify.a == 0 || p->notified);
	if (deadly)
		p->nnote = 0;
	if (p->nnote < NOTE_MAX) {
		Note *n = &p->notes[p->nnote];
		strecpy(n->text, n->text + ERRMAX, text);
		n->class = class;
		n->deadly = deadly;
		p->nnote++;
		queued = true;
	}
	sleep_interrupt(p);
	iunlock(&p->lk);
	return queued;
}

struct GroupPost { u32 noteid, count; const char *text; enum NoteClass class; Proc *except; };

static bool post_member(Proc *p, void *arg)
{
	struct GroupPost *g = arg;
	if (p->noteid == g->noteid && p != g->except && !p->kproc && !p->exiting) {
		postnote(p, g->text, g->class);
		g->count++;
	}
	return true;
}

u32 postnote_group(u32 noteid, const char *text, enum NoteClass class, Proc *except)
{
	struct GroupPost g = { .noteid = noteid, .text = text, .class = class, .except = except };
	proc_each(post_member, &g);
	return g.count;
}

void trap_note(Ureg *u, const char *text)
{
	assert(up != nil && ureg_isuser(u));
	postnote(up, text, NDebug);
}

bool proc_takenote(Proc *p, char text[ERRMAX])
{
	ilock(&p->lk);
	bool some = p->nnote > 0;
	if (some) {
		strecpy(text, text + ERRMAX, p->notes[0].text);
		p->nnote--;
		memmove(&p->notes[0], &p->notes[1], p->nnote * sizeof p->notes[0]);
	}
	if (p->nnote == 0)
		sleep_hear_nothing(p);
	iunlock(&p->lk);
	return some;
}

void proc_interrupt(Proc *p)
{
	ilock(&p->lk);
	sleep_interrupt(p);
	iunlock(&p->lk);
}

Err proc_nointerrupt(Proc *p)
{
	ilock(&p->lk);
	Err err = p->nnote > 0 ? Enotespending : nil;
	if (err == nil)
		sleep_hear_nothing(p);
	iunlock(&p->lk);
	return err;
}

void notes_reset(Proc *p)
{
	ilock(&p->lk);
	p->nnote = 0;
	sleep_hear_nothing(p);
	p->notified = false;
	p->notify = p->note_ureg = uaddr_of(0);
	p->note_flags = 0;
	iunlock(&p->lk);
}

/* ---- delivery ---- */

/*
 * While a handler runs notes wait, but for one that came when no handler could take it: that is the
 * end of the process. A trap that came just before the handler was entered waits too.
 */
bool notes_deliverable(const Proc *p)
{
	return PEEK(p->nnote) > 0 && (!p->notified || PEEK(p->notes[0].deadly));
}

/* Take the oldest note, its text completed with the PC if it comes from the system. */
static bool take_note(Proc *p, const Ureg *u, Note *n)
{
	ilock(&p->lk);
	bool some = notes_deliverable(p);
	if (some) {
		*n = p->notes[0];
		p->nnote--;
		memmove(&p->notes[0], &p->notes[1], p->nnote * sizeof p->notes[0]);
		if (p->nnote == 0)
			sleep_hear_nothing(p);
	}
	iunlock(&p->lk);
	if (some && strncmp(n->text, "sys:", 4) == 0) {
		usize length = MIN(strlen(n->text), (usize)(ERRMAX - PC_TEXT_MAX));
		snprint(n->text + length, ERRMAX - length, " pc=0x%lx", (u64)ureg_pc(u));
	}
	return some;
}

/* The status of who dies of a note: its text; the bare error for a page that cannot be had. */
static const char *note_status(const char *text)
{
	bool load = strncmp(text, "sys: ", 5) == 0 &&
		strncmp(text + 5, Eioload, strlen(Eioload)) == 0;
	return load ? Eioload : text;
}

static void NORETURN die_of(const Note *n)
{
	char text[ERRMAX];
	strecpy(text, text + ERRMAX, n->text);
	if (n->class != NDebug)
		pexit(text, true);
	pprint("suicide: %s", text);
	pexit(note_status(text), false);
}

static void NORETURN suicide(const char *why)
{
	pprint("%s", why);
	pexit("Suicide", false);
}

static u64 frame_address(const Ureg *u)
{
	return ureg_sp(u) - RED_ZONE - sizeof(NoteFrame);
}

/* An error that has nothing to do with the address. */
static bool passes(Err e)
{
	return e == Enofree || e == Eintr;
}

/*
 * Copying to or from the note's frame failed so: may it go better? What memory is short of is
 * waited for, and a note that came while a page was read changes nothing.
 */
static bool try_again(Err e)
{
	if (e == Enofree)
		proc_oom();
	return passes(e) && up->ctl != CTL_EXIT;
}

/*
 * Have the memory of the frame ready while the note is still in the queue. false: there was none,
 * or reading it was interrupted; something was done about that, and the note is to be tried again.
 */
static bool frame_ready(const Ureg *u)
{
	Err err = zeroout(uaddr_of(frame_address(u)), sizeof(NoteFrame));
	if (err == Enofree)
		proc_oom();
	return !passes(err);
}

/* Put the frame on the user's stack and make u enter the handler. */
static void enter_handler(Proc *p, Ureg *u, const Note *n)
{
	u64 frame_at = frame_address(u);
	u64 U = frame_at + offsetof(NoteFrame, ureg);
	NoteFrame f = {
		.arg_ureg = U, .arg_text = frame_at + offsetof(NoteFrame, text),
		.outer = p->note_ureg.a, .ureg = *u,
	};
	strecpy(f.text, f.text + ERRMAX, n->text);
	Err e = Ebadarg;
	if (seg_covers(&p->space, p->notify, 1, false)
	    && seg_covers(&p->space, uaddr_of(frame_at), sizeof f, true))
		while ((e = copyout(uaddr_of(frame_at), &f, sizeof f)) != nil && try_again(e))
			;
	if (e != nil && !passes(e))
		suicide("suicide: bad address in notify");
	fpu_save(p->note_fpu);
	p->last_note = *n;
	p->note_ureg = uaddr_of(U);
	p->note_flags = u->flags;
	p->notified = true;
	u->sp = frame_at;
	u->bp = U;
	u->pc = p->notify.a;
}

void notes_deliver(Ureg *u)
{
	Proc *p = up;
	Note n;
	if (p->notify.a != 0 && !p->notified && !frame_ready(u))
		return;
	if (!take_note(p, u, &n))
		return;
	if (p->notify.a == 0 || p->notified)
		die_of(&n);
	enter_handler(p, u, &n);
}

Err proc_notify(Uaddr handler)
{
	Proc *p = up;
	if (handler.a != 0 && !seg_covers(&p->space, handler, 1, false))
		return Ebadarg;
	ilock(&p->lk);
	p->notify = handler;
	iunlock(&p->lk);
	return nil;
}

/* ---- noted ---- */

/*
 * Reread the frame at U as the user left it. What it says must be usable. Of the flags the low byte
 * is the user's, the rest is as it was when the note came: a signed comparison may have been
 * interrupted before its branch.
 */
static ERR reread(Proc *p, const Ureg *present, Ureg *fresh, u64 *outer)
{
	Uaddr U = p->note_ureg;
	Ureg old = *present;
	old.flags = p->note_flags;
	TRY(copyin(fresh, U, sizeof *fresh));
	TRY(copyin(outer, uaddr_of(U.a - 8), sizeof *outer));
	ureg_sanitize(fresh, &old);
	bool usable = seg_covers(&p->space, uaddr_of(ureg_pc(fresh)), 1, false)
		&& seg_covers(&p->space, uaddr_of(ureg_sp(fresh)), 8, false);
	return usable ? nil : Ebadarg;
}

/* Run at the pc of the frame, in the handler's frame once more, ready for further notes. */
static ERR resume_in_frame(Proc *p, Ureg *u)
{
	u64 U = p->note_ureg.a;
	u64 words[3] = { 0, U, U - offsetof(NoteFrame, ureg) + offsetof(NoteFrame, text) };
	u->sp = U - offsetof(NoteFrame, ureg);
	u->bp = U;
	return copyout(uaddr_of(u->sp), words, sizeof words);
}

/* Nothing has changed after an error. */
static ERR resume(Proc *p, Ureg *u, u32 action)
{
	Ureg fresh;
	u64 outer;
	TRY(reread(p, u, &fresh, &outer));
	if (action == NSAVE)
		TRY(resume_in_frame(p, &fresh));
	else
		p->note_ureg = uaddr_of(outer);
	*u = fresh;
	return nil;
}

Err proc_noted(Ureg *u, u32 action)
{
	Proc *p = up;
	if (!p->notified && action != NRSTR)
		suicide("call to noted() when not notified");
	if (p->notified)
		fpu_restore(p->note_fpu);
	p->notified = false;
	if (action != NCONT && action != NRSTR && action != NSAVE) {
		if (action != NDFLT)
			p->last_note.class = NDebug;
		die_of(&p->last_note);
	}
	Err e;
	while ((e = resume(p, u, action)) != nil && try_again(e))
		;
	/* what passes is left when it was told to exit, which it will now */
	if (e != nil && !passes(e))
		suicide("suicide: bad ureg in noted");
	return nil;
}
