/*
 * exec (process.md 6). The new image is built aside: segments from the file, a
 * stack with the arguments copied out of the old memory. Only then does the
 * old image go; from that point on nothing can fail.
 */
#include "chan/chan.h"
#include "load/load.h"
#include "proc/proc.h"

/* What is to be executed, and from where the arguments come. */
typedef struct Exec Exec;
struct Exec {
	struct Chan *c;
	LoadPlan plan;
	char line[SCRIPT_LINE_MAX + 1];		/* a script's first line */
	const char *word[SCRIPT_WORDS_MAX + 2];	/* arguments before those of the caller */
	u32 nwords;
	u32 skip;				/* how many of the caller's those replace */
	Uaddr argv;
	Uaddr bad;				/* the address, if any, that could not be read */

	u64 narg, nbytes;			/* all arguments, their bytes with NULs */
	u64 sp, tos;
	Segment *seg[NSEG];
	Page **page;				/* of the stack, from stack_base up */
	u64 stack_base, npages;
	char args[PROC_ARGS_MAX];		/* for /proc/n/args */
	u32 args_len;
};

static const char *last_element(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash != nil ? slash + 1 : name;
}

/* ---- the file ---- */

static ERR read_header(struct Chan *c, u8 *buf, usize *n)
{
	*n = 0;
	while (*n < LOAD_HEADER_MAX) {
		usize got = 0;
		TRY(chan_pread_kernel(c, buf + *n, LOAD_HEADER_MAX - *n, (s64)*n, &got));
		if (got == 0)
			break;
		*n += got;
	}
	return nil;
}

static ERR open_file(Exec *x, const char *name, u8 *header, usize *n)
{
	TRY(namec(name, Aopen, OEXEC, 0, &x->c));
	return read_header(x->c, header, n);
}

/* The script's words become arguments; its interpreter becomes the file. */
static ERR use_interpreter(Exec *x, const char *file, u8 *header, usize *n)
{
	char *words[SCRIPT_WORDS_MAX];
	u32 nwords;
	usize length = MIN(*n, (usize)SCRIPT_LINE_MAX);
	memmove(x->line, header, length);
	TRY(script_parse(x->line, length, words, &nwords));
	x->word[0] = last_element(file);
	for (u32 i = 1; i < nwords; i++)
		x->word[i] = words[i];
	x->word[nwords] = file;
	x->nwords = nwords + 1;
	x->skip = 1;
	chan_close(x->c);
	x->c = nil;
	TRY(open_file(x, words[0], header, n));
	return script_is(header, *n) ? Ebadexec : nil;
}

static ERR find_program(Exec *x, const char *file)
{
	usize n;
	u8 *header = kalloc(LOAD_HEADER_MAX);
	if (header == nil)
		return Enomem;
	Err err = open_file(x, file, header, &n);
	if (err == nil && script_is(header, n))
		err = use_interpreter(x, file, header, &n);
	if (err == nil)
		err = load_parse(header, n, &x->plan);
	kfree(header);
	return err;
}

/* ---- measuring the arguments ---- */

/* Bytes from a to the end of its page, at most size. */
static usize chunk_at(Uaddr a, usize size)
{
	return MIN(size, (usize)(BY2PG - a.a % BY2PG));
}

static ERR fetch(Exec *x, void *to, Uaddr from, usize n)
{
	Err err = copyin(to, from, n);
	if (err == Ebadarg)
		x->bad = from;
	return err;
}

/* The length of a user string; Enovmem when it would not fit a stack. */
static ERR user_strlen(Exec *x, Uaddr s, u64 *length)
{
	char buf[256];
	for (u64 n = 0; n < USTKSIZE;) {
		usize size = chunk_at(uaddr_of(s.a + n), sizeof buf);
		TRY(fetch(x, buf, uaddr_of(s.a + n), size));
		const char *nul = memchr(buf, '\0', size);
		if (nul != nil) {
			*length = n + (u64)(nul - buf);
			return nil;
		}
		n += size;
	}
	return Enovmem;
}

static ERR nth_pointer(Exec *x, u64 i, Uaddr *s)
{
	return fetch(x, &s->a, uaddr_of(x->argv.a + 8 * i), sizeof s->a);
}

/* 8(n+1) + roundup(S+72, 8), and the count below. */
static u64 stack_bytes(const Exec *x)
{
	return 8 * (x->narg + 1) + round_up(x->nbytes + sizeof(Tos), 8) + 8;
}

static ERR measure(Exec *x)
{
	Uaddr s;
	TRY(nth_pointer(x, 0, &s));
	if (s.a == 0)
		return Ebadarg;
	for (u32 i = 0; i < x->nwords; i++)
		x->nbytes += strlen(x->word[i]) + 1;
	x->narg = x->nwords;
	for (u64 i = x->skip;; i++) {
		u64 length;
		TRY(nth_pointer(x, i, &s));
		if (s.a == 0)
			break;
		TRY(user_strlen(x, s, &length));
		x->nbytes += length + 1;
		x->narg++;
		if (stack_bytes(x) >= USTKSIZE)
			return Enovmem;
	}
	return nil;
}

/* ---- the stack ---- */

static ERR make_stack(Exec *x)
{
	Segment **seg = &x->seg[SSEG];
	u64 bytes = stack_bytes(x);
	x->tos = USTKTOP - sizeof(Tos);
	x->sp = USTKTOP - bytes;
	x->npages = round_up(bytes, BY2PG) / BY2PG;
	x->stack_base = USTKTOP - x->npages * BY2PG;
	TRY(newseg(SG_STACK, uaddr_of(USTKTOP - USTKSIZE), USTKSIZE, seg));
	x->page = kalloc(x->npages * sizeof(Page *));
	if (x->page == nil)
		return Enomem;
	for (u64 i = 0; i < x->npages; i++) {
		Page *p = newpage(*seg);
		if (p == nil)
			return Enofree;
		TRY(segpage(*seg, uaddr_of(x->stack_base + i * BY2PG), p));
		x->page[i] = p;
	}
	return nil;
}

static void store(Exec *x, u64 va, const void *from, usize n)
{
	const u8 *f = from;
	assert(va >= x->stack_base && va + n <= USTKTOP);
	while (n > 0) {
		usize part = chunk_at(uaddr_of(va), n);
		u8 *page = page_kaddr(x->page[(va - x->stack_base) / BY2PG]);
		memmove(page + va % BY2PG, f, part);
		va += part;
		f += part;
		n -= part;
	}
}

/* Remember an argument for /proc/n/args, as far as there is room. */
static void note_arg(Exec *x, const char *arg)
{
	char *at = x->args + x->args_len, *end = x->args + sizeof x->args;
	if (end - at < 4)
		return;
	if (x->args_len > 0)
		*at++ = ' ';
	at += quote(at, (usize)(end - at), arg, false);
	x->args_len = (u32)(at - x->args);
}

/* Copy a user string to va; its end goes to *end. Ebadarg when it grew since it was measured. */
static ERR store_string(Exec *x, u64 va, Uaddr s, u64 *end)
{
	char buf[256];
	for (u64 n = 0;;) {
		usize size = chunk_at(uaddr_of(s.a + n), sizeof buf - 1);
		TRY(fetch(x, buf, uaddr_of(s.a + n), size));
		buf[size] = '\0';
		usize length = strlen(buf);
		if (n == 0)
			note_arg(x, buf);
		bool last = length < size;
		if (va + length + last > x->tos)
			return Ebadarg;
		store(x, va, buf, length + last);
		va += length + last;
		n += length;
		if (last)
			break;
	}
	*end = va;
	return nil;
}

static void store_word(Exec *x, u64 slot, u64 value)
{
	store(x, x->sp + 8 * slot, &value, sizeof value);
}

/* argc, argv and the strings. Ebadarg when another thread changed them since they were measured. */
static ERR fill_stack(Exec *x)
{
	u64 at = x->tos - x->nbytes, slot = 1;
	store_word(x, 0, x->narg);
	for (u32 i = 0; i < x->nwords; i++) {
		usize size = strlen(x->word[i]) + 1;
		note_arg(x, x->word[i]);
		store_word(x, slot++, at);
		store(x, at, x->word[i], size);
		at += size;
	}
	for (u64 i = x->skip; slot <= x->narg; i++) {
		Uaddr s;
		store_word(x, slot++, at);
		TRY(nth_pointer(x, i, &s));
		TRY(store_string(x, at, s, &at));
	}
	if (at != x->tos)
		return Ebadarg;
	Tos tos = { .cyclefreq = arch_cyclehz(), .pid = up->pid };
	store(x, x->tos, &tos, sizeof tos);
	return nil;
}

/* ---- the change ---- */

static bool collides(const Segment *s, Segment *const *fresh)
{
	for (u32 i = 0; i < NSEG; i++)
		if (fresh[i] != nil && s->base < fresh[i]->top && fresh[i]->base < s->top)
			return true;
	return false;
}

static bool is_attached_slot(u32 slot)
{
	return slot >= SEG1 && slot <= SEG5;
}

static void replace_segments(Space *space, Segment **fresh)
{
	qlock(&space->lk);
	for (u32 i = 0; i < NSEG; i++) {
		const Segment *s = space->seg[i];
		if (s == nil)
			continue;
		if (!is_attached_slot(i) || (s->type & SG_CEXEC) || collides(s, fresh))
			seg_detach(space, i);
	}
	for (u32 i = 0; i < NSEG; i++)
		if (fresh[i] != nil) {
			seg_attach(space, i, fresh[i]);
			fresh[i] = nil;
		}
	qunlock(&space->lk);
}

static void commit(Exec *x, const char *file, Ureg *u)
{
	Proc *p = up;
	fd_close_exec(p->fgrp);
	qlock(&p->debug);
	replace_segments(&p->space, x->seg);
	struct Chan *old_text = p->text;
	p->text = x->c;
	x->c = nil;
	proc_newimage(last_element(file), x->args, x->args_len);
	ureg_init(u, uaddr_of(x->plan.entry), uaddr_of(x->sp), uaddr_of(x->tos));
	qunlock(&p->debug);
	chan_close(old_text);
}

static ERR prepare(Exec *x, const char *file)
{
	TRY(find_program(x, file));
	TRY(measure(x));
	TRY(load_segments(x->c, &x->plan, x->seg, NSEG));
	TRY(make_stack(x));
	return fill_stack(x);
}

Err proc_exec(const char *file, Uaddr argv, Ureg *u, Uaddr *bad)
{
	Exec *x = kalloc(sizeof *x);
	if (x == nil)
		return Enomem;
	x->argv = argv;
	Err err = prepare(x, file);
	if (err == nil)
		commit(x, file, u);
	*bad = x->bad;
	chan_close(x->c);
	for (u32 i = 0; i < NSEG; i++)
		putseg(x->seg[i]);
	kfree(x->page);
	kfree(x);
	return err;
}
