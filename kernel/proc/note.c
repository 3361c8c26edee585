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
	if (PEEK(p->noteid) == g->noteid && p != g->except && !p->kproc && !p->exiting) {
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
 * Take the oldest note to be the last one, its text completed with the PC if it comes from the
 * system.
 */
static bool take_note(Proc *p, const Ureg *u)
{
	Note *n = &p->last_note;
	ilock(&p->lk);
	bool some = notes_deliverable(p);
	if (some) {
		*n = p->notes[0];
		p->nnote--;
		if (p->nnote == 0)
			sleep_hear_nothing(p);
		else
			memmove(&p->notes[0], &p->notes[1], p->nnote * sizeof p->notes[0]);
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

static bool frame_possible(Proc *p, u64 frame_at)
{
	return seg_covers_in(&p->space, TSEG, p->notify, 1, false) &&
		seg_covers_in(&p->space, SSEG, uaddr_of(frame_at), sizeof(NoteFrame), true);
}

/*
 * All of the frame but the text, while the note is still in the queue: so the memory is there when
 * it is taken out. The frame begins and ends with what is written here.
 */
static ERR write_frame(const Proc *p, const Ureg *u, u64 frame_at)
{
	u64 U = frame_at + offsetof(NoteFrame, ureg);
	u64 head[] = { 0, U, frame_at + offsetof(NoteFrame, text) };
	const UserPart parts[] = {
		{ head, nelem(head) }, { nil, ERRMAX / sizeof(u64) }, { &p->note_ureg, 1 },
		{ u, sizeof *u / sizeof(u64) },
	};
	static_assert(sizeof head == offsetof(NoteFrame, text), "what lies before the text");
	return copyout_parts(uaddr_of(frame_at), parts, nelem(parts));
}

/* Put the text into the frame on the user's stack and make u enter the handler. */
static void enter_handler(Proc *p, Ureg *u, u64 frame_at)
{
	const UserPart text = { p->last_note.text, ERRMAX / sizeof(u64) };
	u64 U = frame_at + offsetof(NoteFrame, ureg);
	Err e;
	while ((e = copyout_parts(uaddr_of(frame_at + offsetof(NoteFrame, text)), &text, 1)) != nil
	    && try_again(e))
		;
	if (e != nil && !passes(e))
		suicide("suicide: bad address in notify");
	fpu_save(p->note_fpu);
	p->note_ureg = uaddr_of(U);
	p->note_flags = u->flags;
	p->notified = true;
	u->sp = frame_at;
	u->bp = U;
	u->pc = p->notify.a;
}

/*
 * When there is no memory for the frame, or reading it was interrupted, something is done about
 * that, and the note is to be tried again.
 */
void notes_deliver(Ureg *u)
{
	Proc *p = up;
	bool heard = p->notify.a != 0 && !p->notified;
	u64 frame_at = frame_address(u);
	Err e = heard && frame_possible(p, frame_at) ? write_frame(p, u, frame_at) : Ebadarg;
	if (unlikely(passes(e))) {
		if (e == Enofree)
			proc_oom();
		return;
	}
	if (!take_note(p, u))
		return;
	if (!heard)
		die_of(&p->last_note);
	if (unlikely(e != nil))
		suicide("suicide: bad address in notify");
	enter_handler(p, u, frame_at);
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

/* The end of a frame. */
typedef struct Saved { u64 outer; Ureg ureg; } Saved;
static_assert(sizeof(Saved) == sizeof(NoteFrame) - offsetof(NoteFrame, outer), "nothing between");

/*
 * Reread the frame at U as the user left it. What it says must be usable. Of the flags the low byte
 * is the user's, the rest is as it was when the note came: a signed comparison may have been
 * interrupted before its branch.
 */
static ERR reread(Proc *p, Ureg *present, Saved *s)
{
	u64 flags = present->flags;
	TRY(copyin(s, uaddr_of(p->note_ureg.a - offsetof(Saved, ureg)), sizeof *s));
	present->flags = p->note_flags;
	ureg_sanitize(&s->ureg, present);
	present->flags = flags;
	bool usable = seg_covers_in(&p->space, TSEG, uaddr_of(ureg_pc(&s->ureg)), 1, false) &&
		seg_covers_in(&p->space, SSEG, uaddr_of(ureg_sp(&s->ureg)), 8, false);
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
	Saved s;
	TRY(reread(p, u, &s));
	if (action == NSAVE)
		TRY(resume_in_frame(p, &s.ureg));
	else
		p->note_ureg = uaddr_of(s.outer);
	*u = s.ureg;
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
