/*
 * The auditor and what panics say of memory: a space of three pages is damaged in one way after
 * the other, each must be named and, undone, be gone.
 */
#include "calls.h"
#include "mem/frame.h"
#include "unit.h"

void audit_test(void);

#define BASE	(UTZERO + 0x100000)
enum { NPAGES = 3 };

static Space space;
static Segment *segment, *stranger;

/* ---- what was damaged, to be undone ---- */

static Page *page_at(u32 i) NO_TSA
{
	return *seg_slot(segment, BASE + i * BY2PG, false);
}

static void counts_one_more(bool undo)
{
	segment->npages += undo ? -1 : 1;
}

static NO_TSA void forgets_a_mark(bool undo)
{
	segment->map[0].used ^= 1;
}

static void ends_early(bool undo)
{
	segment->top += undo ? BY2PG : -BY2PG;
}

static void is_a_strangers(bool undo)
{
	page_at(1)->owner = undo ? segment : stranger;
}

static void is_the_kernels(bool undo)
{
	page_at(1)->state = undo ? FRAME_OWNED : FRAME_KERNEL;
	page_at(1)->tag = KERNEL_HEAP;
}

static void is_free(bool undo)
{
	page_at(2)->state = undo ? FRAME_OWNED : FRAME_FREE;
}

/* Its frame is then nobody's, and mapped all the same. */
static NO_TSA void drops_a_page(bool undo)
{
	static Page *p;
	Page **slot = seg_slot(segment, BASE, false);
	p = undo ? p : *slot;
	*slot = undo ? p : nil;
	forgets_a_mark(undo);
	counts_one_more(!undo);
}

static void has_no_segment(bool undo)
{
	space.seg[BSEG] = undo ? segment : nil;
}

static void is_frozen(bool undo)
{
	page_at(0)->state = undo ? FRAME_OWNED : FRAME_FROZEN;
	page_at(0)->holders = undo ? 0 : 1;
}

static void is_lent_to_nobody(bool undo)
{
	page_at(0)->state = undo ? FRAME_OWNED : FRAME_LENT_SHARED;
	page_at(0)->holders = undo ? 0 : 1;
}

static void is_lent_and_used(bool undo)
{
	page_at(0)->state = undo ? FRAME_OWNED : FRAME_LENT_MUT;
	page_at(0)->holders = undo ? 0 : 1;
}

static void is_executable(bool undo)
{
	u32 prot = undo ? PROT_READ | PROT_WRITE : PROT_READ | PROT_EXEC;
	check(pmap(&space.pt, uaddr_of(BASE), page_paddr(page_at(0)), prot) == nil);
}

static void find_table(void *arg, Paddr pa)
{
	Page **found = arg;
	*found = page_of(pa);
}

static void is_no_table(bool undo)
{
	Page *table = nil;
	pwalk_tables(&space.pt, find_table, &table);
	if (check(table != nil))
		table->tag = undo ? KERNEL_TABLE : KERNEL_HEAP;
}

static void find_image_page(Page *p, void *arg)
{
	Page **found = arg;
	*found = p;
}

static void find_image(Image *i, void *arg)
{
	image_each_page(i, find_image_page, arg);
}

static void is_no_images(bool undo)
{
	static Page *p;
	if (!undo)
		images_each(find_image, &p);
	if (check(p != nil))
		p->state = undo ? FRAME_FROZEN : FRAME_KERNEL;
}

static const struct { void (*damage)(bool undo); const char *says; } damages[] = {
	{ counts_one_more, "counts 4 pages and holds 3" },
	{ forgets_a_mark, "unmarked" },
	{ ends_early, "beyond its top" },
	{ is_a_strangers, "neither owner nor borrower" },
	{ is_the_kernels, "0 holders expected, 1 found" },
	{ is_free, "frames are FREE, the free lists hold" },
	{ is_free, "still mapped" },
	{ drops_a_page, "maps frame" },
	{ drops_a_page, "1 holders expected, 0 found: a leak" },
	{ has_no_segment, "where the space has no segment" },
	{ is_frozen, "mapped writable" },
	{ is_lent_to_nobody, "0 borrowers in its list" },
	{ is_lent_and_used, "lent for writing and mapped by its owner" },
	{ is_executable, "mapped executable" },
	{ is_no_table, "used as a page table" },
	{ is_no_images, "held by an image" },
};

/* ---- looking ---- */

typedef struct Search { const char *text; bool found; } Search;

static void look(void *arg, const char *line)
{
	Search *s = arg;
	s->found = s->found || strstr(line, s->text) != nil;
}

static void test_damages(void)
{
	for (u32 i = 0; i < nelem(damages); i++) {
		Search s = { damages[i].says, false }, none = { "", false };
		damages[i].damage(false);
		u64 n = audit(look, &s);
		damages[i].damage(true);
		check_that(n > 0 && s.found, damages[i].says, 0, "is said of it");
		check_that(audit(look, &none) == 0, damages[i].says, 0, "is over");
	}
}

/* A frame that an entry has is not released, in whatever way the entry came and went. */
static void test_mapped(void)
{
	Page *p = page_at(0);
	u32 prot = PROT_READ | PROT_WRITE;
	check(own_release(p, segment) == Emapped && p->state == FRAME_OWNED);
	punmap(&space.pt, uaddr_of(BASE), 1);
	check(!page_is_mapped(p));
	check(pmap(&space.pt, uaddr_of(BASE), page_paddr(p), PROT_READ) == nil);
	check(pmap(&space.pt, uaddr_of(BASE), page_paddr(p), prot) == nil);
	pprotect_readonly(&space.pt, uaddr_of(BASE), 1);
	check(page_is_mapped(p));
	check(pmap(&space.pt, uaddr_of(BASE), page_paddr(page_at(1)), prot) == nil);
	check(!page_is_mapped(p));
	check(pmap_run(&space.pt, uaddr_of(BASE), &p, 1, prot) == nil);
	check(own_release(p, segment) == Emapped);
}

/* What a panic says of a frame in each state, and of the segments. */
static void test_reports(void)
{
	Page *heap = page_alloc(0, KERNEL_HEAP);
	unit_listen();
	frame_report(page_paddr(page_at(0)));
	frame_report(page_paddr(heap));
	frame_report(paddr_of(1UL << 50));
	segment_report(&space, uaddr_of(BASE + 1));
	unit_listen_no_more();
	check(strstr(unit_heard(), " OWNED owner ") != nil);
	check(strstr(unit_heard(), " KERNEL (heap)") != nil);
	check(strstr(unit_heard(), "physical 0x4000000000000 is no RAM of ours\n") != nil);
	check(strstr(unit_heard(), "  in segment bss ") != nil);
	check(strstr(unit_heard(), ", 3 frames\n") != nil);
	check(!page_is_free(heap));
	page_free(heap, 0);
	check(page_is_free(heap));
}

/* So that the cache has an image. */
static const char *runs(void)
{
	u_exec("/bin/p1", "p");
	return u_error();
}

void audit_test(void)
{
	check(host_rfork(RFPROC | RFFDG, runs) != 0 && u_await(nil) > 0);
	check(space_init(&space) == nil);
	check(newseg(SG_BSS, uaddr_of(BASE), NPAGES * BY2PG, &segment) == nil);
	check(newseg(SG_BSS, uaddr_of(BASE), NPAGES * BY2PG, &stranger) == nil);
	seg_attach(&space, BSEG, segment);
	for (u32 i = 0; i < NPAGES; i++)
		check(fault(&space, uaddr_of(BASE + i * BY2PG), PROT_WRITE) == nil);
	test_damages();
	test_reports();
	test_mapped();
	Page *first = page_at(0);
	seg_incref(segment);
	space_free(&space);
	check(first->state == FRAME_OWNED && !page_is_mapped(first));
	putseg(segment);
	check(first->state == FRAME_FREE);
	putseg(stranger);
}
