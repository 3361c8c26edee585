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

	for(; n >= 8 && *(uvlong*)p == *(uvlong*)q; n -= 8){
		p += 8;
		q += 8;
	}
	for(; n > 0; n--, p++, q++)
		if(*p != *q)
			return *p < *q ? -1 : 1;
	return 0;
}

void*
memchr(void *s, int c, ulong n)
{
	uchar *p = s;

	for(; n > 0; n--, p++)
		if(*p == (uchar)c)
			return p;
	return nil;
}
