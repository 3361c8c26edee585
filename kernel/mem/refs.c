/*
 * References that nobody has. Whoever has one of a channel, a segment or an image
 * has a pointer to it, in a structure of the kernel or on a kernel stack. So in the
 * checked build the auditor looks through the kernel's variables, its heap, its
 * processes and their stacks for pointers to each of them; when it finds fewer than
 * there are references, some were taken and never given back, and it says which
 * places took them last (Takers). Words that only look like pointers, or that were
 * left behind, make it find too many, so that what it tells is true and what it
 * does not tell proves nothing.
 *
 * It runs while nothing else does, and is no sanitizer's business: it reads what
 * nobody may (KBARE, TBARE in kernel.mk).
 */
#include "mem/refs.h"
#include "mem/frame.h"

/* Where there are more, the rest is not looked at. */
enum { COUNTED_MAX = CHECKED ? 8192 : 1, PROBES_MAX = 64, SAVED = 5 };

/* The object's address is kept inverted: this table lies in what is looked through. */
typedef struct Counted { u64 inverted; u32 found; } Counted;
static Counted table[COUNTED_MAX];
static bool overfull;

static u32 slot_of(u64 a)
{
	return (u32)(a * 0x9e3779b97f4a7c15UL >> 32) % COUNTED_MAX;
}

/* The entry of the object at a, or the free one where it would be; nil when there is no room. */
static Counted *entry_of(u64 a)
{
	for (u32 i = 0; i < PROBES_MAX; i++) {
		Counted *c = &table[(slot_of(a) + i) % COUNTED_MAX];
		if (c->inverted == ~a || c->inverted == 0)
			return c;
	}
	return nil;
}

static void enter(const void *object)
{
	Counted *c = entry_of((u64)(uintptr)object);
	if (c != nil)
		c->inverted = ~(u64)(uintptr)object;
	else
		overfull = true;
}

static u32 found(const void *object)
{
	const Counted *c = entry_of((u64)(uintptr)object);
	return c != nil ? c->found : 0;
}

/* ---- looking ---- */

/* Objects of the heap are aligned to 16; the last bit of a pointer may be a mark (chan/fgrp.c). */
static void look_through(const void *from, const void *to)
{
	const u64 *end = to;
	for (const u64 *p = from; p < end; p++) {
		u64 a = *p & ~1UL;
		if (a < boot.hhdm || a % 16 != 0)
			continue;
		Counted *c = entry_of(a);
		if (c != nil && c->inverted == ~a)
			c->found++;
	}
}

/* The heap, large objects, and the structures of processes, which are frames of their own. */
static void look_at_frame(Page *p, void *arg)
{
	if (p->state != FRAME_KERNEL || (p->tag != KERNEL_HEAP && p->tag != KERNEL_OTHER))
		return;
	const u8 *k = page_kaddr(p);
	look_through(k, k + BY2PG);
}

/* ---- what there is ---- */

static void enter_segment(Segment *s, void *arg) { enter(s); }
static void enter_image(Image *i, void *arg) { enter(i); }
static void enter_chan(const struct Chan *c, const Ref *ref, void *arg) { enter(c); }

/* ---- what is missing ---- */

typedef struct Teller {
	void (*line)(void *arg, const char *text);
	void *arg;
	u32 missing;
} Teller;

/* Besides references, `others' pointers are known to be there. */
static void tell(Teller *t, const char *what, const void *object, u32 others, u32 refs,
	const Takers *takers)
{
	char text[600], *end = text + sizeof text;
	u32 there = found(object);
	if (there >= refs + others)
		return;
	there -= MIN(there, others);
	char *s = seprint(text, end, "%s counts %u references, and %u are to be found: a leak; "
		"taken last by", what, refs, there);
	for (const Taker *k = takers->at; k < takers->at + REF_TAKERS && k->by != 0; k++) {
		s = seprint(s, end, "%s %s", k > takers->at ? "," : "", pcname_low24(k->by));
		s = seprint(s, end, " < %s", pcname_low24(k->its_caller));
	}
	t->missing++;
	t->line(t->arg, text);
}

static NO_TSA void check_segment(Segment *s, void *arg)
{
	char what[80];
	snprint(what, sizeof what, "segment %p at %#lx", (void *)s, s->base);
	tell(arg, what, s, 0, (u32)ref_count(&s->ref), &s->ref.takers);
}

/* Its bucket, or the one before it there, points at it too. */
static void check_image(Image *i, void *arg)
{
	char what[80];
	const Takers *takers;
	u32 users = image_users(i, &takers);
	snprint(what, sizeof what, "image %p of %s", (void *)i, image_chan(i) != nil ?
		chan_filename(image_chan(i)) : "a file");
	if (users > 0)
		tell(arg, what, i, 1, users, takers);
}

static void check_chan(const struct Chan *c, const Ref *ref, void *arg)
{
	char what[160];
	snprint(what, sizeof what, "channel %s, made by process %u,", chan_filename(c),
		chan_maker(c));
	tell(arg, what, c, 0, (u32)ref_count(ref), &ref->takers);
}

static void forget_all(void)
{
	memset(table, 0, sizeof table);
	overfull = false;
}

u32 refs_missing(void (*line)(void *arg, const char *text), void *arg)
{
	Teller t = { .line = line, .arg = arg };
	__builtin_unwind_init();	/* what callers keep in registers is in our frame now */
	if (!CHECKED || panicking)
		return 0;
	forget_all();
	segments_each(enter_segment, nil);
	images_each(enter_image, nil);
	chans_each(enter_chan, nil);
	if (overfull || !arch_kernel_data(look_through))
		return 0;
	frames_each(look_at_frame, nil);
	kstacks_each(look_through, (const u64 *)__builtin_frame_address(0) - SAVED);
	segments_each(check_segment, &t);
	images_each(check_image, &t);
	chans_each(check_chan, &t);
	return t.missing;
}
