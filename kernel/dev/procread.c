/*
 * What the text files of #p read. Columns are those of devices.md 5.
 */
#include "dev/procdev.h"

/* Large enough for every text but the segment list, which has at most NSEG lines. */
enum { TEXT_MAX = 2048 };

static char *args_text(Proc *p, char *at, char *end)
{
	ilock(&p->lk);
	char text[PROC_ARGS_MAX + 1];
	u32 length = p->args_len;
	bool written = p->args_written;
	memmove(text, p->args, length);
	iunlock(&p->lk);
	text[length] = '\0';
	return seprint(at, end, "%s%s", text, written ? " [written]" : "");
}

static const char *segment_type(const Segment *s)
{
	static const char *const names[] = {
		[SG_TEXT] = "Text", [SG_DATA] = "Data", [SG_BSS] = "Bss", [SG_STACK] = "Stack",
		[SG_SHARED] = "Shared", [SG_PHYSICAL] = "Phys", [SG_FIXED] = "Fixed",
		[SG_STICKY] = "Sticky",
	};
	return names[s->type & SG_TYPE];
}

static char *segment_text(Proc *p, char *at, char *end)
{
	qlock(&p->space.lk);
	for (u32 i = 0; i < NSEG; i++) {
		const Segment *s = p->space.seg[i];
		if (s == nil)
			continue;
		char flag = (s->type & SG_FAULT) ? 'F' : (s->type & SG_RONLY) ? 'R' : ' ';
		at = seprint(at, end, "%-6s %c%c %8lx %8lx %4d\n", segment_type(s), flag,
			s->profile != nil ? 'P' : ' ', s->base, s->top, (int)ref_count(&s->ref));
	}
	qunlock(&p->space.lk);
	return at;
}

/* Resident memory in KB. */
static u64 memory_kb(Proc *p)
{
	u64 npages = 0;
	qlock(&p->space.lk);
	for (u32 i = 0; i < NSEG; i++)
		if (p->space.seg[i] != nil)
			npages += PEEK(p->space.seg[i]->npages);
	qunlock(&p->space.lk);
	return npages * (BY2PG / 1024);
}

static char *status_text(Proc *p, char *at, char *end)
{
	u64 ms[6];
	char name[PROC_NAME_MAX], user[sizeof p->user];
	ilock(&p->lk);
	strecpy(name, name + sizeof name, p->name);
	strecpy(user, user + sizeof user, p->user);
	iunlock(&p->lk);
	proc_times(p, ms);
	at = seprint(at, end, "%-27.27s %-27.27s %-11s ", name, user, proc_state_text(p));
	for (u32 i = 0; i < nelem(ms); i++)
		at = seprint(at, end, "%11lu ", ms[i]);
	return seprint(at, end, "%11lu %11u %11u\n", memory_kb(p), p->basepri, p->pri);
}

static ERR make_text(Proc *p, enum ProcFile f, char *at, char *end, char **out) REQUIRES(p->debug)
{
	switch (f) {
	case PF_ARGS:
		*out = args_text(p, at, end);
		break;
	case PF_CTL:
		*out = seprint(at, end, "%11u ", p->pid);
		break;
	case PF_NOTEID:
		*out = seprint(at, end, "%11u ", PEEK(p->noteid));
		break;
	case PF_PPID:
		*out = seprint(at, end, "%11u ", p->ppid);
		break;
	case PF_SEGMENT:
		*out = segment_text(p, at, end);
		break;
	case PF_STATUS:
		*out = status_text(p, at, end);
		break;
	case PF_SYSCALL:
		*out = p->syscall_trace != nil ? strecpy(at, end, p->syscall_trace) : at;
		break;
	case PF_WATCHPT:
		*out = procwatch_text(p, at, end);
		break;
	default:
		return Eperm;
	}
	return nil;
}

/* p->debug is held; how, the analysis cannot see. */
NO_TSA Err procread_text(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n)
{
	char *end, *text = kalloc(TEXT_MAX);
	if (text == nil)
		return Enomem;
	Err err = make_text(p, f, text, text + TEXT_MAX, &end);
	if (err == nil)
		err = readstr(b, off, text, (usize)(end - text), n);
	kfree(text);
	return err;
}

/* ---- a line a read ---- */

static ERR directory_line(Proc *p, ProcLines *l) REQUIRES(l->lk)
{
	Chan *dot = nil;
	ilock(&p->lk);
	if (p->dot != nil) {
		dot = p->dot;
		chan_incref(dot);
	}
	iunlock(&p->lk);
	if (dot == nil)
		return Eprocdied;
	l->length = snprint(l->text, sizeof l->text, "%s\n",
		dot->path != nil ? dot->path->name : "");
	chan_close(dot);
	return nil;
}

/* The directory, then the open descriptors in order. */
static ERR next_fd_line(Proc *p, ProcLines *l) REQUIRES(l->lk)
{
	if (l->next == 0) {
		l->next = 1;
		return directory_line(p, l);
	}
	for (l->length = 0; l->next <= FD_MAX && l->length == 0; l->next++)
		TRY(fd_line(p, (u32)l->next - 1, l->text, sizeof l->text, &l->length));
	return nil;
}

static ERR next_ns_line(Proc *p, ProcLines *l) REQUIRES(l->lk)
{
	return pgrp_nsline(p, l->next++, l->text, sizeof l->text, &l->length);
}

static ERR next_line(Proc *p, enum ProcFile f, ProcLines *l) REQUIRES(l->lk)
{
	if (f == PF_OWN)
		return procown_line(p, l);
	return f == PF_FD ? next_fd_line(p, l) : next_ns_line(p, l);
}

Err procread_lines(Proc *p, Chan *c, const Iobuf *b, u64 off, usize *n)
{
	ProcLines *l = c->aux;
	Err err = nil;
	qlock(&l->lk);
	if (off == 0)
		l->next = l->length = l->used = 0;
	if (l->used == l->length) {
		l->used = l->length = 0;
		err = next_line(p, proc_file(c), l);
	}
	if (err == nil) {
		*n = MIN(b->size, l->length - l->used);
		err = iobuf_put(b, 0, l->text + l->used, *n);
		l->used += *n;
	}
	qunlock(&l->lk);
	return err;
}

/* ---- what is consumed by reading ---- */

/* Whole records; 0 when there are none. */
Err proctrace_read(const Iobuf *b, usize *n)
{
	TraceRecord r;
	while (*n + sizeof r <= b->size && trace_next(&r)) {
		TRY(iobuf_put(b, *n, &r, sizeof r));
		*n += sizeof r;
	}
	return nil;
}

Err procread_wait(Proc *p, const Iobuf *b, usize *n)
{
	char text[4 * 24 + 2 * ERRMAX + 8];
	usize length;
	TRY(proc_wait_text(p, text, sizeof text, &length));
	*n = MIN(length, b->size);
	return iobuf_put(b, 0, text, *n);
}

Err procread_note(Proc *p, const Iobuf *b, usize *n)
{
	char text[ERRMAX];
	if (b->size < 1)
		return Etoosmall;
	if (!proc_takenote(p, text))
		return nil;
	*n = MIN(strlen(text) + 1, b->size);
	text[*n - 1] = '\0';
	return iobuf_put(b, 0, text, *n);
}
