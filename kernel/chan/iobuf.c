/*
 * Iobuf: the memory of one read or write, the kernel's or the user's, and the
 * two common ways to serve a text with it.
 */
#include "chan/chan.h"

static bool inside(const Iobuf *b, usize at, usize n)
{
	return at <= b->size && n <= b->size - at;
}

Err iobuf_put(const Iobuf *b, usize at, const void *from, usize n)
{
	assert(inside(b, at, n));
	if (b->kaddr == nil)
		return copyout(uaddr_of(b->uaddr.a + at), from, n);
	memcpy(b->kaddr + at, from, n);
	return nil;
}

Err iobuf_get(const Iobuf *b, usize at, void *to, usize n)
{
	assert(inside(b, at, n));
	if (b->kaddr == nil)
		return copyin(to, uaddr_of(b->uaddr.a + at), n);
	memcpy(to, b->kaddr + at, n);
	return nil;
}

Iobuf iobuf_from(const Iobuf *b, usize at, usize n)
{
	assert(inside(b, at, n));
	if (b->kaddr == nil)
		return iobuf_user(uaddr_of(b->uaddr.a + at), n);
	return iobuf_kernel(b->kaddr + at, n);
}

Err readstr(const Iobuf *b, u64 off, const char *text, usize len, usize *n)
{
	*n = 0;
	if (off >= len)
		return nil;
	usize count = MIN(b->size, len - off);

	TRY(iobuf_put(b, 0, text + off, count));
	*n = count;
	return nil;
}

Err writestr(const Iobuf *b, char *text, usize size)
{
	usize n = b->size;

	if (n >= size)
		return Etoobig;
	TRY(iobuf_get(b, 0, text, n));
	if (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return nil;
}
