/*
 * What a panic says of memory: the state of a frame, the segments of a space.
 * No locks: what is being changed may look torn, and what is no descriptor is
 * not followed.
 */
#include "mem/frame.h"

bool page_is_free(const Page *p)
{
	return p->state == FRAME_FREE;
}

static const char *tag_name(u32 tag)
{
	static const char *const names[KERNEL_NTAGS] = { "boot", "heap", "page table", "stack",
		"per processor", "DMA", "image cache", "other" };
	return tag < KERNEL_NTAGS ? names[tag] : "?";
}

void frame_report(Paddr pa)
{
	const Page *p = page_of(pa);
	if (p == nil) {
		print("  physical %#lx is no RAM of ours\n", pa.a);
		return;
	}
	print("  frame %#lx %s", pa.a & ~(u64)(BY2PG - 1), frame_state_name(p->state));
	if (p->state == FRAME_KERNEL)
		print(" (%s)", tag_name(p->tag));
	if (p->owner != nil)
		print(" owner %p", p->owner);
	char history[HISTORY_TEXT];
	own_history(p, history, history + sizeof history);
	print(" holders %u%s, %s\n", p->holders, p->locked != 0 ? " locked" : "", history);
}

void segment_report(const Space *space, Uaddr va)
{
	static const char *const names[NSEG] = { "stack", "text", "data", "bss", "exec" };
	for (u32 i = 0; i < NSEG; i++) {
		const Segment *s = space->seg[i];
		if (s == nil)
			continue;
		print("  %s segment %s %#lx-%#lx, %lu frames%s\n",
			va.a >= s->base && va.a < s->top ? "in" : "--",
			names[i] != nil ? names[i] : "attached", s->base, s->top, PEEK(s->npages),
			s->loan != nil ? ", borrowed" :
			(s->type & SG_RONLY) != 0 ? ", read-only" : "");
	}
}
