/*
 * System calls about segments: brk and its kin, attaching and detaching.
 */
#include "dev/devices.h"
#include "sys/sys.h"

static ERR resize(Segment *s, u64 addr)
{
	Space *space = &up->space;
	qlock(&space->lk);
	Err err = seg_resize(s, uaddr_of(addr));
	qunlock(&space->lk);
	return err;
}

/* An address within the data means the start of the bss. */
Err sys_brk(Call *c)
{
	u64 addr = c->arg[0];
	Segment *bss = up->space.seg[BSEG];
	const Segment *data = up->space.seg[DSEG];
	if (bss == nil)
		return Enovmem;
	if (addr == 0) {
		c->result = bss->base;
		return nil;
	}
	if (addr < bss->base) {
		if (data == nil || addr < data->base)
			return Enovmem;
		addr = bss->base;
	}
	return resize(bss, addr);
}

Err sys_segbrk(Call *c)
{
	u64 addr = c->arg[1];
	Segment *bss = up->space.seg[BSEG];
	Segment *s = seg_find(&up->space, call_addr(c, 0), nil);
	if (s == nil && bss != nil && c->arg[0] == bss->base)
		s = bss;
	if (s == nil || ((s->type & SG_TYPE) != SG_BSS && (s->type & SG_TYPE) != SG_SHARED))
		return Ebadarg;
	if (addr == 0) {
		c->result = s->base;
		return nil;
	}
	return resize(s, addr);
}

/* ---- segattach ---- */

static ERR class_type(const char *class, u32 *type)
{
	if (strcmp(class, "memory") == 0)
		*type = SG_BSS;
	else if (strcmp(class, "shared") == 0)
		*type = SG_SHARED;
	else
		return Ebadarg;
	return nil;
}

/* The range as whole pages; base 0: anywhere. */
static ERR choose_range(u64 va, u64 len, u64 *base, u64 *size)
{
	if (len == 0 || va >= USTKTOP || (va != 0 && va < BY2PG))
		return Ebadarg;
	*base = round_down(va, BY2PG);
	*size = round_up(va + len, BY2PG) - *base;
	return nil;
}

static ERR attach(Call *c, Space *space, u32 type)
{
	enum SegSlot slot;
	Segment *s;
	u64 base, size;
	TRY(choose_range(c->arg[2], call_u32(c, 3), &base, &size));
	TRY(seg_place(space, base, size, &base, &slot));
	TRY(newseg(type, uaddr_of(base), size, &s));
	Err err = seg_attach_apart(space, slot, s);
	if (err != nil)
		putseg(s);
	c->result = base;
	return err;
}

/* A segment of #g, at its own address; the reference passes on success. */
static ERR attach_named(Call *c, Space *space, Segment *s)
{
	enum SegSlot slot;
	u64 base;
	TRY(seg_place(space, s->base, s->top - s->base, &base, &slot));
	c->result = s->base;
	return seg_attach_apart(space, slot, s);
}

Err sys_segattach(Call *c)
{
	enum { ATTR_ALLOWED = SG_RONLY | SG_CEXEC | SG_FAULT | SG_NOEXEC };
	Space *space = &up->space;
	Segment *named;
	CallName class;
	u32 type = 0;
	TRY(call_string(c, 1, &class));
	TRY(segment_named(class.text, &named));
	if (named == nil)
		TRY(class_type(class.text, &type));
	qlock(&space->lk);
	Err err = named != nil ? attach_named(c, space, named) :
		attach(c, space, type | (call_u32(c, 0) & ATTR_ALLOWED));
	qunlock(&space->lk);
	if (err != nil)
		putseg(named);
	return err;
}

Err sys_segdetach(Call *c)
{
	Space *space = &up->space;
	enum SegSlot slot;
	Err err = Ebadarg;
	qlock(&space->lk);
	if (seg_find(space, call_addr(c, 0), &slot) != nil && slot != SSEG) {
		seg_detach(space, slot);
		err = nil;
	}
	qunlock(&space->lk);
	return err;
}

Err sys_segfree(Call *c)
{
	return seg_release_range(&up->space, call_addr(c, 0), call_u32(c, 1));
}

Err sys_segflush(Call *c)
{
	return seg_flush(&up->space, call_addr(c, 0), call_u32(c, 1));
}
