/*
 * File content as a tree of fan-out FANOUT over blocks, as high as the
 * largest block number needs. Holes have no blocks. A file that fits in one
 * block has no tree, and its block is only as large as it needs.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include <9p.h>
#include "data.h"

enum {
	BLOCK = 8192,
	LOGFAN = 9,
	FANOUT = 1 << LOGFAN,
	MINCAP = 64,
};

/* Blocks that a tree of that height can number. */
static uvlong
span(int height)
{
	return height*LOGFAN >= 63 ? ~(uvlong)0 : (uvlong)1 << height*LOGFAN;
}

/* Makes the lone block n bytes large at least; 0 when there is no memory. */
static int
widen(Data *d, uint n)
{
	uint cap = d->cap != 0 ? d->cap : MINCAP;
	char *p;

	if(n <= d->cap)
		return 1;
	while(cap < n)
		cap *= 2;
	p = realloc(d->root, cap);
	if(p == nil)
		return 0;
	memset(p + d->cap, 0, cap - d->cap);
	d->root = p;
	d->cap = cap;
	return 1;
}

/* Adds levels until block n can be numbered. */
static int
raise(Data *d, uvlong n)
{
	void **node;

	while(n >= span(d->height)){
		if(d->height == 0 && d->root != nil && !widen(d, BLOCK))
			return 0;
		if(d->root != nil){
			node = mallocz(FANOUT * sizeof node[0], 1);
			if(node == nil)
				return 0;
			node[0] = d->root;
			d->root = node;
		}
		d->height++;
	}
	return 1;
}

/* Block n, or nil if it is a hole. */
static uchar*
find(Data *d, uvlong n)
{
	void *p = d->root;
	int h;

	if(n >= span(d->height))
		return nil;
	for(h = d->height; h > 0 && p != nil; h--)
		p = ((void**)p)[n >> (h-1)*LOGFAN & (FANOUT-1)];
	return p;
}

/* Block n with room for bytes up to end, made if need be; nil when there is no memory. */
static uchar*
make(Data *d, uvlong n, uint end)
{
	void **p;
	int h;

	if(n == 0 && d->height == 0)
		return widen(d, end) ? d->root : nil;
	if(!raise(d, n))
		return nil;
	p = &d->root;
	for(h = d->height; h > 0; h--){
		if(*p == nil && (*p = mallocz(FANOUT * sizeof p[0], 1)) == nil)
			return nil;
		p = &((void**)*p)[n >> (h-1)*LOGFAN & (FANOUT-1)];
	}
	if(*p == nil)
		*p = mallocz(BLOCK, 1);
	return *p;
}

/* Reads within the length; the count. */
long
dataread(Data *d, void *v, long n, vlong off)
{
	uchar *to = v, *b;
	long left, m, o, have;

	if(off >= d->length)
		return 0;
	if(n > d->length - off)
		n = (long)(d->length - off);
	for(left = n; left > 0; left -= m){
		o = (long)(off % BLOCK);
		m = BLOCK - o < left ? BLOCK - o : left;
		b = find(d, (uvlong)off / BLOCK);
		have = b == nil ? 0 : d->height == 0 ? (long)d->cap : BLOCK;
		have = have < o ? 0 : have - o < m ? have - o : m;
		if(have > 0)
			memmove(to, b + o, (ulong)have);
		memset(to + have, 0, (ulong)(m - have));
		to += m;
		off += m;
	}
	return n;
}

/* Writes all n bytes, or returns -1: then what was before is still there up to the old length. */
int
datawrite(Data *d, void *v, long n, vlong off)
{
	uchar *from = v, *b;
	vlong at;
	long left, m, o;

	if(off + n < off){
		werrstr("file too large");
		return -1;
	}
	/* memory for all of it first, so that failure leaves the content alone */
	for(at = off, left = n; left > 0; left -= m, at += m){
		o = (long)(at % BLOCK);
		m = BLOCK - o < left ? BLOCK - o : left;
		if(make(d, (uvlong)at / BLOCK, (uint)(o + m)) == nil){
			werrstr("file system full");
			return -1;
		}
	}
	for(left = n; left > 0; left -= m){
		o = (long)(off % BLOCK);
		m = BLOCK - o < left ? BLOCK - o : left;
		b = find(d, (uvlong)off / BLOCK);
		memmove(b + o, from, (ulong)m);
		from += m;
		off += m;
	}
	if(off > d->length)
		d->length = off;
	return 0;
}

/* Frees block first and all beyond, below a node of that height; nil if nothing is left. */
static void*
prune(void *p, int height, uvlong first)
{
	void **node = p;
	uvlong each;
	int i, any = 0;

	if(p == nil)
		return nil;
	if(height == 0){
		if(first > 0)
			return p;
		free(p);
		return nil;
	}
	each = span(height-1);
	for(i = 0; i < FANOUT; i++){
		if((uvlong)(i+1) * each > first)
			node[i] = prune(node[i], height-1,
				first > (uvlong)i*each ? first - (uvlong)i*each : 0);
		any |= node[i] != nil;
	}
	if(any)
		return p;
	free(p);
	return nil;
}

/* Sets the length; what is cut off never comes back. */
void
datatrunc(Data *d, vlong length)
{
	uvlong first = ((uvlong)length + BLOCK-1) / BLOCK;
	uint o = (uint)(length % BLOCK), cap;
	uchar *b;

	if(length < d->length || length == 0){
		d->root = prune(d->root, d->height, first);
		if(d->root == nil){
			d->height = 0;
			d->cap = 0;
		}
		b = o != 0 ? find(d, (uvlong)length / BLOCK) : nil;
		cap = d->height == 0 ? d->cap : BLOCK;
		if(b != nil && o < cap)
			memset(b + o, 0, cap - o);
	}
	d->length = length;
}
