/*
 * The tables of RFC 1951, the checksums, the texts of errors, and memory in
 * the place of functions.
 */
#include "impl.h"

ushort _lenbase[NLITUSED-LEN0] = {
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31,
	35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
};

uchar _lenextra[NLITUSED-LEN0] = {
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
	3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
};

ushort _distbase[NDIST] = {
	1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769,
	1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
};

uchar _distextra[NDIST] = {
	0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8,
	9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
};

uchar _clorder[NCLEN] = {
	16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
};

/* The code lengths of blocks that send none. dist has room for NDIST+2. */
void
_fixedlens(uchar *lit, uchar *dist)
{
	int i;

	for(i = 0; i < NLIT; i++)
		lit[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	memset(dist, 5, NDIST + 2);
}

char*
flateerr(int e)
{
	switch(e){
	case FlateOk:
		return "no error";
	case FlateNoMem:
		return "out of memory";
	case FlateInputFail:
		return "input error";
	case FlateOutputFail:
		return "output error";
	case FlateCorrupted:
		return "corrupted data";
	case FlateInternal:
		return "internal error";
	}
	return "unknown error";
}

ulong*
mkcrctab(ulong poly)
{
	ulong *tab, c;
	int i, j;

	tab = malloc(256 * sizeof tab[0]);
	if(tab == nil)
		return nil;
	for(i = 0; i < 256; i++){
		c = (ulong)i;
		for(j = 0; j < 8; j++)
			c = c & 1 ? c>>1 ^ poly : c>>1;
		tab[i] = c;
	}
	return tab;
}

ulong
blockcrc(ulong *tab, ulong crc, void *buf, int n)
{
	uchar *p = buf, *e = p + n;

	crc ^= 0xFFFFFFFF;
	while(p < e)
		crc = tab[(crc ^ *p++) & 0xFF] ^ crc>>8;
	return crc ^ 0xFFFFFFFF;
}

ulong
adler32(ulong adler, void *buf, int n)
{
	enum { MOD = 65521, RUN = 5552 };	/* as many as cannot pass 32 bits */
	uint a = adler & 0xFFFF, b = adler>>16 & 0xFFFF;
	uchar *p = buf;
	int m;

	while(n > 0){
		m = n < RUN ? n : RUN;
		n -= m;
		while(m-- > 0){
			a += *p++;
			b += a;
		}
		a %= MOD;
		b %= MOD;
	}
	return (ulong)b<<16 | a;
}

int
_memput(void *arg, void *buf, int n)
{
	Mem *m = arg;

	if(m->e - m->p < n)
		return -1;
	memmove(m->p, buf, (ulong)n);
	m->p += n;
	return n;
}

int
_memtake(void *arg, void *buf, int n)
{
	Mem *m = arg;

	if(m->e - m->p < n)
		n = (int)(m->e - m->p);
	memmove(buf, m->p, (ulong)n);
	m->p += n;
	return n;
}

int
_memget(void *arg)
{
	Mem *m = arg;

	return m->p < m->e ? *m->p++ : -1;
}
