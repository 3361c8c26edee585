/*
 * From a plan to segments. The pages come from the image of the file, lazily;
 * nothing of the running process changes here.
 */
#include "load/load.h"
#include "mem/mem.h"

static_assert(LOAD_PIECES_MAX == 2 + SEG_ESEG, "every piece has a slot");

static u32 type_of(enum LoadKind kind)
{
	switch (kind) {
	case LOAD_TEXT:
		return SG_TEXT | SG_RONLY;
	case LOAD_DATA:
		return SG_DATA;
	case LOAD_EXTRA:
		break;
	}
	return SG_TEXT | SG_RONLY | SG_NOEXEC;
}

static ERR add_pieces(Image *image, const LoadPlan *plan, Segment **seg)
{
	u32 extra = XSEG;
	for (u32 i = 0; i < plan->npieces; i++) {
		const LoadPiece *p = &plan->piece[i];
		u32 slot = p->kind == LOAD_TEXT ? TSEG : p->kind == LOAD_DATA ? DSEG : extra++;
		assert(slot < NSEG && seg[slot] == nil);
		TRY(newseg(type_of(p->kind), uaddr_of(p->base), p->top - p->base, &seg[slot]));
		seg_set_image(seg[slot], image, i);
	}
	return newseg(SG_BSS, uaddr_of(plan->bss_base), plan->bss_top - plan->bss_base, &seg[BSEG]);
}

Err load_segments(struct Chan *c, const LoadPlan *plan, Segment **seg, u32 nseg)
{
	ImagePiece pieces[LOAD_PIECES_MAX];
	Image *image;
	assert(nseg == NSEG);
	for (u32 i = 0; i < plan->npieces; i++)
		pieces[i] = (ImagePiece){ plan->piece[i].file_offset, plan->piece[i].file_size };
	TRY(image_get(c, pieces, plan->npieces, &image));
	Err err = add_pieces(image, plan, seg);
	image_put(image);
	for (u32 i = 0; err != nil && i < nseg; i++) {
		putseg(seg[i]);
		seg[i] = nil;
	}
	return err;
}
