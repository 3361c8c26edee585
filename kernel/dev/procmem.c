/*
 * Memory and registers of a process, for debuggers. Bytes go through a page of
 * the kernel's, because the reader's own memory may be what is read.
 */
#include "dev/procdev.h"

/* ---- memory ---- */

/* One page's worth at va of p's memory to or from buf. Locks: Space.lk, then the segment's. */
static NO_TSA ERR peek(Proc *p, u64 va, u8 *buf, usize n, bool write)
{
	Segment *s;
	void *k;
	qlock(&p->space.lk);
	Err err = seg_peek(&p->space, uaddr_of(va), write, &s, &k);
	if (err == nil) {
		if (write)
			memmove(k, buf, n);
		else
			memmove(buf, k, n);
		qunlock(&s->lk);
	}
	qunlock(&p->space.lk);
	return err;
}

/* How much of [va, va+n) lies in the segment of va; 0 when there is none. */
static usize within_segment(Proc *p, u64 va, usize n)
{
	if (p->kproc)
		return 0;
	qlock(&p->space.lk);
	enum SegSlot slot;
	const Segment *s = seg_of(&p->space, uaddr_of(va), &slot);
	usize left = s != nil ? MIN(n, s->top - va) : 0;
	qunlock(&p->space.lk);
	return left;
}

/* size bytes at va, page by page: from the kernel, from p's memory, or into it. */
enum What { KERNEL_READ, USER_READ, USER_WRITE };

static ERR transfer(Proc *p, const Iobuf *b, u64 va, usize size, enum What what, usize *n)
{
	u8 *page = kalloc(BY2PG);
	if (page == nil)
		return Enomem;
	Err err = nil;
	for (*n = 0; *n < size && err == nil;) {
		usize part = MIN(size - *n, BY2PG - (va + *n) % BY2PG);
		if (what == USER_WRITE)
			err = iobuf_get(b, *n, page, part);
		if (err == nil && what == KERNEL_READ)
			err = arch_kernel_read(page, va + *n, part);
		else if (err == nil)
			err = peek(p, va + *n, page, part, what == USER_WRITE);
		if (err == nil && what != USER_WRITE)
			err = iobuf_put(b, *n, page, part);
		if (err == nil)
			*n += part;
	}
	kfree(page);
	return *n > 0 ? nil : err;
}

/* An offset has 63 bits: the highest is the sign. */
static u64 address_of(u64 off)
{
	return (u64)((s64)(off << 1) >> 1);
}

static bool is_kernel(u64 va)
{
	return va >> 63 != 0;
}

Err procmem_read(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	u64 va = address_of(off);
	*n = 0;
	if (b->size == 0)
		return nil;
	if (is_kernel(va))
		return iseve() ? transfer(p, b, va, b->size, KERNEL_READ, n) : Eperm;
	usize size = within_segment(p, va, b->size);
	return size > 0 ? transfer(p, b, va, size, USER_READ, n) : Ebadarg;
}

/* What is written into text is not for those who share the text. */
static NO_TSA ERR unshare_text(Proc *p, u64 va)
{
	enum SegSlot slot;
	Err err = nil;
	qlock(&p->space.lk);
	const Segment *s = seg_of(&p->space, uaddr_of(va), &slot);
	if (s != nil && (s->type & SG_TYPE) == SG_TEXT)
		err = seg_unshare(&p->space, slot);
	qunlock(&p->space.lk);
	return err;
}

Err procmem_write(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	u64 va = address_of(off);
	*n = 0;
	if (is_kernel(va))
		return Eperm;
	if (p->state != Stopped)
		return Ebadctl;
	usize size = within_segment(p, va, b->size);
	if (size == 0)
		return b->size == 0 ? nil : Ebadarg;
	TRY(unshare_text(p, va));
	return transfer(p, b, va, size, USER_WRITE, n);
}

/* ---- registers ---- */

static ERR slice(const Iobuf *b, u64 off, const void *from, usize size, usize *n)
{
	const u8 *bytes = from;
	*n = off < size ? MIN(b->size, size - (usize)off) : 0;
	return iobuf_put(b, 0, bytes + (*n > 0 ? off : 0), *n);
}

static ERR kernel_registers(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	Ureg u;
	if (!proc_is_off(p))
		return Enoreg;
	label_ureg(&p->sched, &u);
	return slice(b, off, &u, sizeof u, n);
}

/* The counters of the text, 4 bytes each; the lock keeps them from being cleared half-way. */
NO_TSA Err procprofile_read(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	Segment *text = nil;
	*n = 0;
	qlock(&p->space.lk);
	if (p->space.seg[TSEG] != nil && p->space.seg[TSEG]->profile != nil) {
		text = p->space.seg[TSEG];
		seg_incref(text);
	}
	qunlock(&p->space.lk);
	if (text == nil)
		return "profile is off";
	Err err = slice(b, off, text->profile, text->nprofile * sizeof *text->profile, n);
	putseg(text);
	return err;
}

/* A copy, since the process may be let run meanwhile. */
static ERR fpregs_read(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	if (p->fpu == nil || !proc_is_off(p))
		return Enoreg;
	void *copy = kalloc(fpu_size());
	if (copy == nil)
		return Enomem;
	memmove(copy, p->fpu, fpu_size());
	fpu_settle(copy);
	Err err = slice(b, off, copy, fpu_size(), n);
	kfree(copy);
	return err;
}

Err procregs_read(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (f == PF_KREGS)
		return kernel_registers(p, b, off, n);
	if (f == PF_KFPREGS)	/* the kernel has no floating point state to save */
		return Enoreg;
	if (f == PF_PROC)
		return slice(b, off, p, sizeof *p, n);
	if (f == PF_FPREGS)
		return fpregs_read(p, b, off, n);
	return p->ureg == nil ? Enoreg : slice(b, off, p->ureg, sizeof *p->ureg, n);
}

/*
 * Whatever is written, the process cannot gain what user mode may not have. It may be let run at
 * any moment, so that nothing is stored that a processor would not load.
 */
static ERR fpregs_write(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	if (p->fpu == nil || !proc_is_off(p))
		return Enoreg;
	if (off >= fpu_size())
		return Ebadarg;
	usize size = MIN(b->size, fpu_size() - (usize)off);
	u8 *bytes = kalloc(size + 1), *area = kalloc(fpu_size());
	Err err = bytes != nil && area != nil ? iobuf_get(b, 0, bytes, size) : Enomem;
	if (err == nil && !proc_is_off(p))
		err = Enoreg;	/* it was let run while the bytes came */
	if (err == nil) {
		memmove(area, p->fpu, fpu_size());
		fpu_settle(area);
		memmove(area + off, bytes, size);
		fpu_sanitize(area);
		memmove(p->fpu, area, fpu_size());
		p->fpu_cpu = 0;		/* what a processor still holds is out of date */
		*n = size;
	}
	kfree(bytes);
	kfree(area);
	return err;
}

Err procregs_write(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (f == PF_FPREGS)
		return fpregs_write(p, b, off, n);
	if (p->ureg == nil)
		return Enoreg;
	if (!proc_is_off(p))
		return Ebadctl;
	Ureg u = *p->ureg;
	if (off >= sizeof u)
		return Ebadarg;
	usize size = MIN(b->size, sizeof u - (usize)off);
	TRY(iobuf_get(b, 0, (u8 *)&u + off, size));
	ureg_sanitize(&u, p->ureg);
	*p->ureg = u;
	*n = size;
	return nil;
}
