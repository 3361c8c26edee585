/*
 * RFC 1950: two bytes before deflated data, its Adler-32 after.
 */
#include "impl.h"

enum {
	METHOD = 8,			/* deflate */
	MAXWINDOW = 7,			/* 32K */
	PRESET = 0x20,			/* a dictionary that we do not have */
};

typedef struct Tap Tap;

/* The caller's functions, and the sum of what has passed. */
struct Tap {
	void	*arg;
	int	(*w)(void*, void*, int);
	int	(*r)(void*, void*, int);
	ulong	adler;
};

static int
tapwrite(void *arg, void *buf, int n)
{
	Tap *t = arg;

	t->adler = adler32(t->adler, buf, n);
	return t->w(t->arg, buf, n);
}

static int
tapread(void *arg, void *buf, int n)
{
	Tap *t = arg;

	n = t->r(t->arg, buf, n);
	if(n > 0)
		t->adler = adler32(t->adler, buf, n);
	return n;
}

int
deflatezlib(void *warg, int (*w)(void*, void*, int), void *rarg, int (*r)(void*, void*, int),
	int level, int debug)
{
	Tap t = { .arg = rarg, .r = r, .adler = 1 };
	uchar b[4];
	int e;

	b[0] = MAXWINDOW<<4 | METHOD;
	b[1] = (uchar)((level <= 1 ? 0 : level < 6 ? 1 : level == 6 ? 2 : 3) << 6);
	b[1] |= (uchar)(31 - (b[0]<<8 | b[1]) % 31);
	if(w(warg, b, 2) != 2)
		return FlateOutputFail;
	e = deflate(warg, w, &t, tapread, level, debug);
	if(e != FlateOk)
		return e;
	b[0] = (uchar)(t.adler >> 24);
	b[1] = (uchar)(t.adler >> 16);
	b[2] = (uchar)(t.adler >> 8);
	b[3] = (uchar)t.adler;
	return w(warg, b, 4) == 4 ? FlateOk : FlateOutputFail;
}

int
inflatezlib(void *warg, int (*w)(void*, void*, int), void *garg, int (*get)(void*))
{
	Tap t = { .arg = warg, .w = w, .adler = 1 };
	int a, b, i, e;
	ulong sum;

	a = get(garg);
	b = a < 0 ? a : get(garg);
	if(b < 0)
		return FlateInputFail;
	if((a & 15) != METHOD || a>>4 > MAXWINDOW || (a<<8 | b) % 31 != 0 || (b & PRESET))
		return FlateCorrupted;
	e = inflate(&t, tapwrite, garg, get);
	if(e != FlateOk)
		return e;
	sum = 0;
	for(i = 0; i < 4; i++){
		a = get(garg);
		if(a < 0)
			return FlateInputFail;
		sum = sum<<8 | (ulong)a;
	}
	return sum == t.adler ? FlateOk : FlateCorrupted;
}

int
deflatezlibblock(uchar *dst, int dsize, uchar *src, int ssize, int level, int debug)
{
	Mem in = { src, src + ssize }, out = { dst, dst + dsize };
	int e;

	e = deflatezlib(&out, _memput, &in, _memtake, level, debug);
	return e == FlateOk ? (int)(out.p - dst) : e;
}

int
inflatezlibblock(uchar *dst, int dsize, uchar *src, int ssize)
{
	Mem in = { src, src + ssize }, out = { dst, dst + dsize };
	int e;

	e = inflatezlib(&out, _memput, &in, _memget);
	return e == FlateOk ? (int)(out.p - dst) : e;
}
