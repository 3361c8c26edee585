/*
 * The auditor: walks every segment, image and page table and checks each frame
 * against them (doc/ownership.md). It allocates nothing and takes no locks, so
 * that a panic can call it; the kernel does not preempt itself, and sleeping
 * processes leave the records consistent, so what it sees is one moment.
 */
#include "mem/frame.h"
#include "mem/refs.h"

typedef struct Audit {
	void (*line)(void *arg, const char *text);
	void *arg;
	u64 frames, mappings, violations, free;
	Segment *segment;	/* being walked */
	Space *space;
} Audit;

static void PRINTF(2, 3) complain(Audit *a, const char *fmt, ...)
{
	char text[600];
	va_list args;
	va_start(args, fmt);
	vsnprint(text, sizeof text, fmt, args);
	va_end(args);
	a->violations++;
	a->line(a->arg, text);
}

static void PRINTF(3, 4) complain_frame(Audit *a, const Page *p, const char *fmt, ...)
{
	char text[120];
	va_list args;
	va_start(args, fmt);
	vsnprint(text, sizeof text, fmt, args);
	va_end(args);
	char history[HISTORY_TEXT];
	own_history(p, history, history + sizeof history);
	complain(a, "frame %#lx %s owner %p holders %u %s: %s", (u64)p->number << PGSHIFT,
		frame_state_name(p->state), p->owner, p->holders, history, text);
}

static void forget(Page *p, void *arg)
{
	(void)arg;
	p->seen = 0;
}

/* ---- segments and images hold frames ---- */

static void check_held(Audit *a, Segment *s, Page *p, u64 va)
{
	p->seen++;
	switch (p->state) {
	case FRAME_OWNED:
	case FRAME_LENT_SHARED:
	case FRAME_LENT_MUT:
		if (p->owner != s && !own_borrows(p, s))
			complain_frame(a, p, "in segment %p at %#lx, neither owner nor borrower",
				(void *)s, va);
		else if ((s->loan != nil) != (p->owner != s))
			complain_frame(a, p, "in segment %p at %#lx, %s by loan", (void *)s, va,
				s->loan != nil ? "owned, though it is there" : "borrowed, not");
		break;
	case FRAME_FROZEN:
	case FRAME_DEVICE:
		break;
	default:
		complain_frame(a, p, "in segment %p at %#lx", (void *)s, va);
	}
}

static void check_segment(Segment *s, void *arg) REQUIRES(s->lk)
{
	Audit *a = arg;
	u64 held = 0;
	for (u64 c = 0; c < s->nchunks; c++)
		for (u64 i = 0; s->map[c].slot != nil && i < SEG_CHUNK; i++) {
			Page *p = s->map[c].slot[i];
			u64 va = s->base + ((s->first + c) * SEG_CHUNK + i) * BY2PG;
			if (p == nil)
				continue;
			held++;
			if (!is_frame(p)) {
				if (!swap_audit_entry(p))
					complain(a, "segment %p at %#lx names no slot of the swap "
						"file: %lu", (void *)s, va, (uintptr)p);
				continue;
			}
			if ((s->map[c].used >> i & 1) == 0)
				complain_frame(a, p, "in segment %p at %#lx, unmarked", (void *)s,
					va);
			if (va >= s->top)
				complain_frame(a, p, "in segment %p beyond its top %#lx", (void *)s,
					s->top);
			check_held(a, s, p, va);
		}
	if (s->loan != nil && held != loan_pages(s))
		complain(a, "segment %p at %#lx borrows %lu pages and holds %lu", (void *)s,
			s->base, loan_pages(s), held);
	if (held != s->npages)
		complain(a, "segment %p at %#lx counts %lu pages and holds %lu", (void *)s, s->base,
			s->npages, held);
}

static void check_image_page(Page *p, void *arg)
{
	Audit *a = arg;
	p->seen++;
	if (p->state != FRAME_FROZEN && p->state != FRAME_OWNED)
		complain_frame(a, p, "held by an image");
}

static void check_image(Image *i, void *arg)
{
	image_each_page(i, check_image_page, arg);
}

/* ---- page tables map frames ---- */

static NO_TSA bool check_mapping(void *arg, const Mapping *m)
{
	Audit *a = arg;
	a->mappings++;
	Page *p = page_of(m->pa);
	enum SegSlot at;
	Segment *s = seg_of(a->space, m->va, &at);
	if (s == nil) {
		complain(a, "entry for %#lx, frame %#lx, where the space has no segment", m->va.a,
			m->pa.a);
		return true;
	}
	Page **slot = seg_slot(s, m->va.a, false);
	if (p == nil || slot == nil || *slot != p) {
		complain(a, "entry for %#lx maps frame %#lx, the segment has %#lx", m->va.a,
			m->pa.a,
			slot != nil && is_frame(*slot) ? page_paddr(*slot).a : 0);
		return true;
	}
	bool may_write = seg_writable(s) &&
		(p->state == FRAME_OWNED || (p->state == FRAME_LENT_MUT && own_borrows(p, s)));
	if ((m->prot & PROT_WRITE) && !may_write)
		complain_frame(a, p, "mapped writable at %#lx", m->va.a);
	if (p->state == FRAME_LENT_MUT && p->owner == s)
		complain_frame(a, p, "lent for writing and mapped by its owner at %#lx", m->va.a);
	if ((m->prot & PROT_EXEC) && !PEEK(s->exec))
		complain_frame(a, p, "mapped executable at %#lx", m->va.a);
	return true;
}

static void check_table(void *arg, Paddr pa)
{
	Audit *a = arg;
	Page *p = page_of(pa);
	if (p == nil) {
		complain(a, "page table in %#lx, which is no frame", pa.a);
		return;
	}
	p->seen++;
	if (p->state != FRAME_KERNEL || p->tag != KERNEL_TABLE)
		complain_frame(a, p, "used as a page table");
}

static void check_space(Space *s, void *arg)
{
	Audit *a = arg;
	a->space = s;
	pwalk(&s->pt, check_mapping, a);
	pwalk_tables(&s->pt, check_table, a);
}

/* ---- each frame against what was found ---- */

static u64 expected(const Page *p)
{
	switch (p->state) {
	case FRAME_OWNED:
		return 1;
	case FRAME_FROZEN:
		return p->holders;
	case FRAME_LENT_SHARED:
	case FRAME_LENT_MUT:
		return 1U + p->holders;
	case FRAME_KERNEL:
		return p->tag == KERNEL_TABLE;
	default:
		return 0;
	}
}

/* The list of a lent frame is as long as it says. */
static void check_borrows(Audit *a, const Page *p)
{
	u32 n = 0;
	for (const Borrow *b = p->u.borrows; b != nil && n <= p->holders; b = b->next)
		n++;
	if (n != p->holders || (p->state == FRAME_LENT_MUT && n != 1))
		complain_frame(a, p, "%u borrowers in its list", n);
}

static void check_frame(Page *p, void *arg)
{
	Audit *a = arg;
	a->frames++;
	a->free += p->state == FRAME_FREE;
	if (p->state == FRAME_LENT_SHARED || p->state == FRAME_LENT_MUT)
		check_borrows(a, p);
	if (p->state == FRAME_FREE && page_is_mapped(p))
		complain_frame(a, p, "still mapped");
	if (p->seen != expected(p))
		complain_frame(a, p, "%lu holders expected, %u found%s", expected(p), p->seen,
			p->seen > 0 ? "" : p->state != FRAME_KERNEL ? ": a leak" :
			": a page table in no address space");
}

static void check_slots(Audit *a)
{
	u32 refs, seen;
	for (u64 n = 0; swap_audit_slot(&n, &refs, &seen); n++)
		complain(a, "slot %lu of the swap file counts %u holders, %u found", n, refs, seen);
}

u64 audit(void (*line)(void *arg, const char *text), void *arg)
{
	Audit a = { .line = line, .arg = arg };
	char summary[80];
	others_wait();
	frames_each(forget, nil);
	swap_audit_begin();
	segments_each(check_segment, &a);
	images_each(check_image, &a);
	spaces_each(check_space, &a);
	arch_kernel_tables(check_table, &a);
	frames_each(check_frame, &a);
	check_slots(&a);
	if (a.free != frames_listed())
		complain(&a, "%lu frames are FREE, the free lists hold %lu", a.free,
			frames_listed());
	a.violations += refs_missing(line, arg);
	others_go_on();
	snprint(summary, sizeof summary, "%lu frames, %lu mappings, %lu violations", a.frames,
		a.mappings, a.violations);
	line(arg, summary);
	return a.violations;
}

/* ---- in a panic ---- */

enum { SHOWN_MAX = 3 };

static void report_line(void *arg, const char *text)
{
	u32 *n = arg;
	if (++*n <= SHOWN_MAX)
		print("audit: %s\n", text);
}

/* Before there are processes, tables and lists may not be there yet. */
void audit_report(void)
{
	u32 n = 0;
	if (!CHECKED || up == nil)
		return;
	u64 violations = audit(report_line, &n);
	if (n > SHOWN_MAX)
		print("audit: %lu violations in all\n", violations);
}
