/*
 * Blocks of bytes; memmove and memset are in amd64/mem.S.
 */
#include "sys.h"

void*
memccpy(void *to, void *from, int c, ulong n)
{
	uchar *t = to, *f = from;

	for(; n > 0; n--)
		if((*t++ = *f++) == (uchar)c)
			return t;
	return nil;
}

int
memcmp(void *a, void *b, ulong n)
{
	uchar *p = a, *q = b;
	uvlong v, w;

	for(; n >= sizeof v; n -= sizeof v){
		__builtin_memcpy(&v, p, sizeof v);
		__builtin_memcpy(&w, q, sizeof w);
		if(v != w)
			break;
		p += sizeof v;
		q += sizeof w;
	}
	for(; n > 0; n--, p++, q++)
		if(*p != *q)
			return *p < *q ? -1 : 1;
	return 0;
}

void*
memchr(void *s, int c, ulong n)
{
	uvlong ones = 0x0101010101010101ULL, tops = ones << 7, v;
	uchar *p = s;

	/* eight at a time while none of them is c: v - ones borrows only from a zero byte */
	for(; n >= sizeof v; n -= sizeof v, p += sizeof v){
		__builtin_memcpy(&v, p, sizeof v);
		v ^= ones * (uchar)c;
		if((v - ones) & ~v & tops)
			break;
	}
	for(; n > 0; n--, p++)
		if(*p == (uchar)c)
			return p;
	return nil;
}
