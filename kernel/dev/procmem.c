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
	qlock(&p->space.lk);
	const Segment *s = seg_find(&p->space, uaddr_of(va), nil);
	usize left = s != nil ? MIN(n, s->top - va) : 0;
	qunlock(&p->space.lk);
	return left;
}

static ERR transfer(Proc *p, const Iobuf *b, u64 va, bool write, usize *n)
{
	if (p->kproc)
		return Ebadarg;
	usize size = within_segment(p, va, b->size);
	if (size == 0)
		return b->size == 0 ? nil : Ebadarg;
	u8 *page = kalloc(BY2PG);
	if (page == nil)
		return Enomem;
	Err err = nil;
	for (*n = 0; *n < size && err == nil;) {
		usize part = MIN(size - *n, BY2PG - (va + *n) % BY2PG);
		if (write)
			err = iobuf_get(b, *n, page, part);
		if (err == nil)
			err = peek(p, va + *n, page, part, write);
		if (err == nil && !write)
			err = iobuf_put(b, *n, page, part);
		if (err == nil)
			*n += part;
	}
	kfree(page);
	return *n > 0 ? nil : err;
}

Err procmem_read(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	return transfer(p, b, off, false, n);
}

Err procmem_write(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (p->state != Stopped)
		return Ebadctl;
	return transfer(p, b, off, true, n);
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
	if (p->on_cpu)
		return Enoreg;
	label_ureg(&p->sched, &u);
	return slice(b, off, &u, sizeof u, n);
}

Err procregs_read(Proc *p, enum ProcFile f, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (f == PF_KREGS)
		return kernel_registers(p, b, off, n);
	if (f == PF_FPREGS)
		return p->fpu == nil || p->on_cpu ? Enoreg : slice(b, off, p->fpu, fpu_size(), n);
	return p->ureg == nil ? Enoreg : slice(b, off, p->ureg, sizeof *p->ureg, n);
}

/* Whatever is written, the process cannot gain what user mode may not have. */
Err procregs_write(Proc *p, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	if (p->ureg == nil)
		return Enoreg;
	if (p->on_cpu)
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
