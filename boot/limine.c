/*
 * The kernel's requests: found in the placed image between their markers,
 * checked, and answered. Everything an answer points to is in memory of type
 * MEM_LOADER, reached through the HHDM. A feature that is not in the table
 * keeps its NULL.
 */
#include "limine.h"

enum {
	STACK_MIN = 64 << 10,
	NEXTRA = 8,		/* ranges that appear while the answers are allocated */
	MODEL_RGB = 1,
	BASE_REVISION = 2,
	REQUEST_SIZE = 48,
};

typedef u64 Answer(const Request *r);

/* A feature the loader answers: ids, bytes of request fields, who makes the response. */
typedef struct Feature {
	u64 id[2];
	u32 fields_size;
	Answer *answer;
	const char *name;
	Request *request;
} Feature;

static const u64 start_marker[] = {
	0xf6b8f4b39de7d1ae, 0xfab91a6940fcb9cf, 0x785c6ed015d3e316, 0x181e920a7852b9d9,
};
static const u64 end_marker[] = { 0xadc0e0531bb10d03, 0x9572709f31764c62 };
static const u64 revision_tag[] = { 0xf9562b2d5c95a6c8, 0x6a7b384944536bdc };

static u64 stack_size = STACK_MIN;

static u64
hhdm(const void *p)
{
	return HHDM + phys(p);
}

static void *
alloc(u64 size)
{
	return mem_alloc(size, PAGE, MEM_LOADER, "boot information");
}

/* A response of a revision 0 and up to two words. */
static u64
words(u64 a, u64 b)
{
	LimineWord *w = alloc(sizeof(*w));

	w->word[0] = a;
	w->word[1] = b;
	return hhdm(w);
}

static u64
answer_info(const Request *r)
{
	return words(hhdm("lux9 boot"), hhdm("1.0"));
}

static u64
answer_stack(const Request *r)
{
	if (r->field[0] > stack_size)
		stack_size = r->field[0];
	return words(0, 0);
}

static u64
answer_hhdm(const Request *r)
{
	return words(HHDM, 0);
}

static u64
answer_framebuffer(const Request *r)
{
	LimineFramebuffer *fb;
	LimineList *list;
	u64 *entry;

	if (boot.fb.pitch_bytes == 0)
		return 0;
	list = alloc(sizeof(*list) + sizeof(*entry) + sizeof(*fb));
	entry = (u64 *)(list + 1);
	fb = (LimineFramebuffer *)(entry + 1);
	fb->address = HHDM + boot.fb.base;
	fb->width = boot.fb.width;
	fb->height = boot.fb.height;
	fb->pitch = boot.fb.pitch_bytes;
	fb->bpp = boot.fb.bpp;
	fb->memory_model = MODEL_RGB;
	fb->red_size = boot.fb.red_size;
	fb->red_shift = boot.fb.red_shift;
	fb->green_size = boot.fb.green_size;
	fb->green_shift = boot.fb.green_shift;
	fb->blue_size = boot.fb.blue_size;
	fb->blue_shift = boot.fb.blue_shift;
	*entry = hhdm(fb);
	list->count = 1;
	list->list = hhdm(entry);
	return hhdm(list);
}

static u64
answer_paging(const Request *r)
{
	if (r->revision >= 1 && r->field[2] > 0)
		stop("the kernel demands 5-level paging, which this loader does not offer.");
	return words(0, 0);
}

static void
fill_file(LimineFile *f, const Module *m)
{
	f->address = HHDM + m->base;
	f->size = m->size;
	f->path = hhdm(m->path);
	f->cmdline = hhdm(m->args);
}

static u64
answer_kernel_file(const Request *r)
{
	LimineFile *f = alloc(sizeof(*f) + sizeof(LimineWord));
	LimineWord *w = (LimineWord *)(f + 1);

	fill_file(f, &boot.modules[0]);
	w->word[0] = hhdm(f);
	return hhdm(w);
}

static u64
answer_modules(const Request *r)
{
	u32 n = boot.nmodules - 1;
	LimineList *list = alloc(sizeof(*list) + n * (sizeof(u64) + sizeof(LimineFile)));
	u64 *entries = (u64 *)(list + 1);
	LimineFile *files = (LimineFile *)(entries + n);
	u32 i;

	if (r->revision >= 1 && r->field[0] != 0)
		stop("the kernel demands internal modules, which this loader cannot read.");
	for (i = 0; i < n; i++) {
		fill_file(&files[i], &boot.modules[i + 1]);
		entries[i] = hhdm(&files[i]);
	}
	list->count = n;
	list->list = hhdm(entries);
	return hhdm(list);
}

static u64
answer_rsdp(const Request *r)
{
	return boot.rsdp_size == 0 ? 0 : words(hhdm(boot.rsdp), 0);
}

static u64
answer_address(const Request *r)
{
	return words(phys(kernel.image), kernel.vbase);
}

/* Comes last: nothing may be allocated once the map is copied. */
static u64
answer_memmap(const Request *r)
{
	u32 max = mem_count() + NEXTRA;
	LimineList *list = alloc(sizeof(*list) + max * (sizeof(u64) + sizeof(LimineMapEntry)));
	u64 *entries = (u64 *)(list + 1);
	LimineMapEntry *e = (LimineMapEntry *)(entries + max);
	const Range *range;
	u32 i;

	for (i = 0; i < mem_count(); i++) {
		range = mem_range(i);
		e[i].base = range->base;
		e[i].length = range->end - range->base;
		e[i].type = range->type;
		entries[i] = hhdm(&e[i]);
	}
	list->count = mem_count();
	list->list = hhdm(entries);
	return hhdm(list);
}

static Feature features[] = {
	{ { 0xf55038d8e2a1202f, 0x279426fcf5f59740 }, 0, answer_info, "bootloader info", NULL },
	{ { 0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d }, 8, answer_stack, "stack size", NULL },
	{ { 0x48dcf1cb8ad2b852, 0x63984e959a98244b }, 0, answer_hhdm, "HHDM", NULL },
	{ { 0x9d5827dcd881dd75, 0xa3148604f6fab11b }, 0, answer_framebuffer, "framebuffer", NULL },
	{ { 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a }, 24, answer_paging, "paging mode", NULL },
	{ { 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69 }, 0, answer_kernel_file, "kernel file", NULL },
	{ { 0x3e7e279702be32af, 0xca1c4f3bd1280cee }, 16, answer_modules, "modules", NULL },
	{ { 0xc5e77b6b397e7b43, 0x27637845accdcf3c }, 0, answer_rsdp, "RSDP", NULL },
	{ { 0x71ba76863cc55f63, 0xb2644a48c516a487 }, 0, answer_address, "kernel address", NULL },
	{ { 0x67cf3d9d378a806f, 0xe304acdfc50c3c62 }, 0, answer_memmap, "memory map", NULL },
};

/* Offset of n words in the image at or after off, or the image's size. */
static u32
find(const u64 *what, u32 n, u32 off)
{
	const u64 *p;
	u32 i;

	for (; off + n * 8 <= kernel.size; off += 8) {
		p = (const u64 *)(kernel.image + off);
		for (i = 0; i < n && p[i] == what[i]; i++)
			continue;
		if (i == n)
			return off;
	}
	return kernel.size;
}

static void
check_revision(void)
{
	u32 off = find(revision_tag, nelem(revision_tag), 0);
	u64 *tag = (u64 *)(kernel.image + off);

	if (off >= kernel.size - 16)
		stop("the kernel %s has no Limine base revision tag.", boot.modules[0].path);
	if (tag[2] == BASE_REVISION)
		tag[2] = 0;
	else
		say("the kernel asks for Limine base revision %x, this loader has 2.", tag[2]);
}

static void
note_request(Request *r, u32 left)
{
	Feature *f;
	u32 fields;

	for (f = features; f < features + nelem(features); f++) {
		if (r->id[2] != f->id[0] || r->id[3] != f->id[1])
			continue;
		fields = r->revision > 0 || f->fields_size == 8 ? f->fields_size : 0;
		if (left < REQUEST_SIZE + fields)
			stop("the kernel's Limine request for %s is cut short.", f->name);
		if (f->request != NULL)
			stop("the kernel has two Limine requests for %s.", f->name);
		f->request = r;
	}
}

/* Finds every request between the markers; without markers, in the whole image. */
void
limine_check(void)
{
	static const u64 common[] = { LIMINE_COMMON0, LIMINE_COMMON1 };
	u32 off = find(start_marker, nelem(start_marker), 0);
	u32 end = find(end_marker, nelem(end_marker), 0);
	u32 nrequests = 0;

	check_revision();
	if ((off == kernel.size) != (end == kernel.size) || off > end)
		stop("the kernel's Limine requests have no start or no end marker.");
	if (off == kernel.size)
		off = 0;
	for (;; off += 8) {
		off = find(common, 2, off);
		if (off + REQUEST_SIZE > end)
			break;
		note_request((Request *)(kernel.image + off), end - off);
		nrequests++;
	}
	if (nrequests == 0)
		stop("the kernel %s has no Limine requests.", boot.modules[0].path);
}

void
limine_answer(Handover *h)
{
	Feature *stack = &features[1];
	Feature *f;
	u8 *p;

	if (stack->request != NULL)
		stack->request->response = stack->answer(stack->request);
	p = mem_alloc(stack_size, PAGE, MEM_LOADER, "kernel stack");
	h->stack = hhdm(p) + round_up(stack_size, PAGE);
	h->entry = kernel.entry;
	for (f = features; f < features + nelem(features); f++) {
		if (f != stack && f->request != NULL)
			f->request->response = f->answer(f->request);
	}
}
