/*
 * The allocator. Memory comes from sbrk in arenas; an arena is a row of
 * blocks, each with a header that holds its size and a tag, and, while it is
 * free, its size again at its end, so that neighbours merge at once. Free
 * blocks hang in lists by size. One Lock guards everything, so processes
 * that share memory may all allocate.
 *
 * A block's header also carries a seal of its size; a header or list that
 * does not match has been overwritten, and the program is aborted with the
 * address rather than left to run on.
 */
#include "sys.h"

enum {
	ALIGN = 16,
	HDR = 32,		/* sizeof(Block) up to the user's bytes */
	MINBLOCK = 64,		/* header, links, size at the end */
	NSMALL = 64,		/* lists of exactly 16*i bytes */
	NLIST = NSMALL + 4*64,	/* then four lists for each power of two */
	ARENA = 256*1024,	/* the least taken from sbrk at once */
	SPARE = 4*1024*1024,	/* free bytes at the end beyond which most are given back */

	Free = 1,		/* bits of size */
	Prevfree = 2,
	Fence = 4,		/* the end of an arena */
	Bits = ALIGN-1,
};

#define SEAL	0x6c75783968656170ULL

typedef struct Block Block;
struct Block {
	ulong	size;		/* whole block, and bits */
	ulong	seal;		/* size without bits, exclusive or SEAL and the address */
	uintptr	tag;		/* who allocated */
	uintptr	retag;		/* who reallocated */
	/* of a free block only */
	Block	*next;
	Block	*prev;
};

static struct {
	Lock	lock;
	Block	*list[NLIST];
	ulong	map[NLIST/64];	/* which lists hold something */
	char	*top;		/* end of the last arena, where the break was */
} heap;

static ulong
size(Block *b)
{
	return b->size & ~(ulong)Bits;
}

static void
corrupt(char *what, void *p)
{
	unlock(&heap.lock);
	fprint(2, "%s: malloc: %s at %#p\n", argv0 ? argv0 : "program", what, p);
	abort();
}

static void
seal(Block *b)
{
	b->seal = size(b) ^ SEAL ^ (uintptr)b;
}

static void
check(Block *b)
{
	if(b->seal != (size(b) ^ SEAL ^ (uintptr)b))
		corrupt("corrupt block", b);
}

static Block*
after(Block *b)
{
	return (Block*)((char*)b + size(b));
}

/* The last word of a free block, where the next block finds its size. */
static ulong*
foot(Block *b)
{
	return (ulong*)((char*)b + size(b)) - 1;
}

static int
listof(ulong n)
{
	int log;

	if(n < NSMALL*ALIGN)
		return (int)(n / ALIGN);
	log = 63 - __builtin_clzl(n);
	return NSMALL + (log - 10)*4 + (int)(n >> (log-2) & 3);
}

static void
link(Block *b)
{
	int i = listof(size(b));

	b->size |= Free;
	*foot(b) = size(b);
	after(b)->size |= Prevfree;
	b->prev = nil;
	b->next = heap.list[i];
	if(b->next != nil)
		b->next->prev = b;
	heap.list[i] = b;
	heap.map[i/64] |= 1UL << i%64;
}

static void
unlink(Block *b)
{
	int i = listof(size(b));

	check(b);
	if((b->next != nil && b->next->prev != b)
	|| (b->prev != nil ? b->prev->next != b : heap.list[i] != b))
		corrupt("corrupt free list", b);
	if(b->next != nil)
		b->next->prev = b->prev;
	if(b->prev != nil)
		b->prev->next = b->next;
	else{
		heap.list[i] = b->next;
		if(b->next == nil)
			heap.map[i/64] &= ~(1UL << i%64);
	}
	b->size &= ~(ulong)Free;
	after(b)->size &= ~(ulong)Prevfree;
}

/* Frees b, which is in no list, merging it with free neighbours. */
static void
release(Block *b)
{
	Block *p;

	p = after(b);
	if(p->size & Free){
		unlink(p);
		b->size += size(p);
	}
	if(b->size & Prevfree){
		p = (Block*)((char*)b - ((ulong*)b)[-1]);
		if(!(p->size & Free) || after(p) != b)
			corrupt("corrupt block", b);
		unlink(p);
		p->size += size(b);
		b = p;
	}
	seal(b);
	link(b);
}

/* Cuts b, which is in no list, to n bytes and frees the rest. */
static void
trim(Block *b, ulong n)
{
	Block *rest;

	if(size(b) - n < MINBLOCK)
		return;
	rest = (Block*)((char*)b + n);
	rest->size = size(b) - n;
	b->size = n | (b->size & Bits);
	seal(b);
	seal(rest);
	release(rest);
}

/* A free block of n bytes at least, out of its list; nil if there is none. */
static Block*
find(ulong n)
{
	int i = listof(n), w;
	ulong m;
	Block *b, *best = nil;
	int tries = 0;

	if(i >= NSMALL){		/* the list of n's size holds smaller ones too */
		for(b = heap.list[i]; b != nil && tries < 64; b = b->next, tries++)
			if(size(b) >= n && (best == nil || size(b) < size(best)))
				best = b;
		i++;
	}
	for(w = i/64; best == nil && w < NLIST/64; w++){
		m = heap.map[w];
		if(w == i/64)
			m &= ~0UL << i%64;
		if(m != 0)
			best = heap.list[w*64 + __builtin_ctzl(m)];
	}
	if(best != nil)
		unlink(best);
	return best;
}

/* Gets another arena with a block of n bytes at least; joins it to the last one if it follows. */
static int
extend(ulong n)
{
	ulong want = n + 2*HDR + ALIGN;
	char *p, *e;
	Block *b, *fence;

	if(want < ARENA)
		want = ARENA;
	else
		want += want/8;
	want = (want + BY2PG-1) & ~(ulong)(BY2PG-1);
	p = sbrk((intptr)want);
	if(p == (void*)-1){
		want = (n + 2*HDR + ALIGN + BY2PG-1) & ~(ulong)(BY2PG-1);
		p = sbrk((intptr)want);
		if(p == (void*)-1)
			return 0;
	}
	e = (char*)((uintptr)(p + want) & ~(uintptr)(ALIGN-1));
	if(p == heap.top)
		b = (Block*)(p - HDR);		/* the old fence becomes part of the new block */
	else{
		b = (Block*)(((uintptr)p + ALIGN-1) & ~(uintptr)(ALIGN-1));
		b->size = 0;
	}
	fence = (Block*)(e - HDR);
	b->size = (ulong)((char*)fence - (char*)b) | (b->size & Prevfree);
	fence->size = HDR | Fence;
	seal(fence);
	seal(b);
	heap.top = e;
	release(b);
	return 1;
}

/*
 * Gives the end of the heap back when a lot of it is free. The kernel
 * refuses while processes share the memory, and then it is kept.
 */
static void
shrink(void)
{
	Block *fence, *b;
	char *top = heap.top;
	ulong cut;

	if(top == nil)
		return;
	fence = (Block*)(top - HDR);
	if(!(fence->size & Prevfree) || ((ulong*)fence)[-1] < SPARE || sbrk(0) != top)
		return;
	b = (Block*)((char*)fence - ((ulong*)fence)[-1]);
	cut = (size(b) - ARENA) & ~(ulong)(BY2PG-1);
	unlink(b);
	if(sbrk(-(intptr)cut) != (void*)-1){
		heap.top = top - cut;
		b->size -= cut;
		fence = after(b);
		fence->size = HDR | Fence;
		seal(fence);
		seal(b);
	}
	link(b);
}

static Block*
blockof(void *v)
{
	Block *b = (Block*)((char*)v - HDR);

	if(((uintptr)v & (ALIGN-1)) != 0)
		corrupt("not a block", v);
	check(b);
	if(b->size & (Free|Fence))
		corrupt("block freed twice", v);
	return b;
}

static ulong
roundup(ulong n)
{
	n = (n + HDR + ALIGN-1) & ~(ulong)(ALIGN-1);
	return n < MINBLOCK ? MINBLOCK : n;
}

/* The block for n user bytes, marked in use; the lock is held. */
static Block*
alloc(ulong n)
{
	Block *b;

	if(n > (ulong)1 << 46)
		return nil;
	n = roundup(n);
	b = find(n);
	if(b == nil){
		if(!extend(n))
			return nil;
		b = find(n);
		if(b == nil)
			return nil;
	}
	trim(b, n);
	return b;
}

static void*
finish(Block *b, uintptr pc)
{
	unlock(&heap.lock);
	if(b == nil){
		werrstr("out of memory");
		return nil;
	}
	b->tag = pc;
	b->retag = 0;
	return (char*)b + HDR;
}

void*
malloc(ulong n)
{
	Block *b;

	lock(&heap.lock);
	b = alloc(n);
	return finish(b, getcallerpc(&n));
}

void*
mallocz(ulong n, int clear)
{
	void *v;
	Block *b;

	lock(&heap.lock);
	b = alloc(n);
	v = finish(b, getcallerpc(&n));
	if(v != nil && clear)
		memset(v, 0, n);
	return v;
}

void*
calloc(ulong n, ulong each)
{
	ulong total;
	void *v;

	if(__builtin_mul_overflow(n, each, &total)){
		werrstr("out of memory");
		return nil;
	}
	v = mallocz(total, 1);
	if(v != nil)
		setmalloctag(v, getcallerpc(&n));
	return v;
}

void
free(void *v)
{
	if(v == nil)
		return;
	lock(&heap.lock);
	release(blockof(v));
	shrink();
	unlock(&heap.lock);
}

/* Grows b in place over a free neighbour if that is enough. */
static int
widen(Block *b, ulong n)
{
	Block *p = after(b);

	if(!(p->size & Free) || size(b) + size(p) < n)
		return 0;
	unlink(p);
	b->size += size(p);
	seal(b);
	return 1;
}

void*
realloc(void *v, ulong n)
{
	ulong want = roundup(n), old;
	Block *b;
	void *w;

	if(v == nil){
		w = malloc(n);
		if(w != nil)
			setmalloctag(w, getcallerpc(&v));
		return w;
	}
	if(n > (ulong)1 << 46){
		werrstr("out of memory");
		return nil;
	}
	lock(&heap.lock);
	b = blockof(v);
	if(size(b) >= want || widen(b, want)){
		trim(b, want);
		unlock(&heap.lock);
		setrealloctag(v, getcallerpc(&v));
		return v;
	}
	old = size(b) - HDR;
	unlock(&heap.lock);
	w = malloc(n);
	if(w == nil)
		return nil;
	memmove(w, v, old < n ? old : n);
	setmalloctag(w, getmalloctag(v));
	setrealloctag(w, getcallerpc(&v));
	free(v);
	return w;
}

/*
 * n bytes such that (address - offset) is a multiple of align and the block
 * does not cross a multiple of span, each condition absent when it is 0.
 */
void*
mallocalign(ulong n, ulong align, long offset, ulong span)
{
	ulong room;
	uintptr p, lo;
	Block *b, *c;

	if(align < ALIGN)
		align = ALIGN;
	if((span != 0 && n > span) || ((ulong)offset & (ALIGN-1)) != 0 || (align & (ALIGN-1)) != 0){
		werrstr("bad arg in mallocalign");
		return nil;
	}
	room = n + align + span + MINBLOCK;
	lock(&heap.lock);
	b = room < n ? nil : alloc(room);
	if(b == nil)
		return finish(nil, 0);
	lo = (uintptr)b + HDR;
	for(;;){
		p = lo - (ulong)offset;
		p = (p + align-1) / align * align + (ulong)offset;
		if(span != 0 && p / span != (p + n - 1) / span && n > 0){
			lo = (p + span-1) / span * span;
			continue;
		}
		if(p != (uintptr)b + HDR && p - ((uintptr)b + HDR) < MINBLOCK){
			/* what lies before must be a block */
			lo = (uintptr)b + HDR + MINBLOCK;
			continue;
		}
		break;
	}
	if(p + n > (uintptr)after(b)){
		release(b);
		return finish(nil, 0);
	}
	c = (Block*)(p - HDR);
	if(c != b){
		c->size = (ulong)((char*)after(b) - (char*)c);
		b->size = (ulong)((char*)c - (char*)b) | (b->size & Bits);
		seal(b);
		seal(c);
		release(b);
	}
	trim(c, roundup(n));
	return finish(c, getcallerpc(&n));
}

/* The bytes that may be used, at least what was asked for. */
ulong
msize(void *v)
{
	ulong n;

	if(v == nil)
		return 0;
	lock(&heap.lock);
	n = size(blockof(v)) - HDR;
	unlock(&heap.lock);
	return n;
}

void
setmalloctag(void *v, uintptr tag)
{
	if(v != nil)
		((Block*)((char*)v - HDR))->tag = tag;
}

uintptr
getmalloctag(void *v)
{
	return ((Block*)((char*)v - HDR))->tag;
}

void
setrealloctag(void *v, uintptr tag)
{
	if(v != nil)
		((Block*)((char*)v - HDR))->retag = tag;
}

uintptr
getrealloctag(void *v)
{
	return ((Block*)((char*)v - HDR))->retag;
}
