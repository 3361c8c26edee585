/*
 * libflate: what goes in comes out, at every level; known streams; streams
 * that are wrong.
 */
#include <u.h>
#include <libc.h>
#include <flate.h>
#include "check.h"

enum {
	MAX = 300*1024,
	RUNS = 60,
	HOSTILE = 3000,
};

static uchar in[MAX], packed[MAX + MAX/100 + 1024], out[MAX];

/* Text of some kind: noise, runs, words from few, or repeats from afar. */
static int
make(int kind)
{
	int n = kind == 0 ? nrand(300) : nrand(MAX), i, period;

	period = 1 + nrand(40000);
	for(i = 0; i < n; i++)
		switch(kind){
		case 1:
			in[i] = (uchar)nrand(256);
			break;
		case 2:
			in[i] = i > 0 && nrand(50) != 0 ? in[i-1] : (uchar)nrand(256);
			break;
		case 3:
			in[i] = i < period ? (uchar)nrand(256) : in[i - period];
			break;
		default:
			in[i] = (uchar)"eetaoin shrdlu\n"[nrand(15)];
		}
	return n;
}

static void
roundtrips(void)
{
	int i, n, m, level;

	for(i = 0; i < RUNS; i++){
		n = make(i % 5);
		level = i % 10;
		m = deflateblock(packed, sizeof packed, in, n, level, 0);
		CHECK(m > 0);
		CHECK(inflateblock(out, sizeof out, packed, m) == n);
		CHECK(memcmp(in, out, (ulong)n) == 0);
		CHECK(n == 0 || inflateblock(out, n - 1, packed, m) == FlateOutputFail);
		CHECK(inflateblock(out, sizeof out, packed, m - 1) == FlateInputFail);
		CHECK(deflateblock(packed, m - 1, in, n, level, 0) == FlateOutputFail);
		m = deflatezlibblock(packed, sizeof packed, in, n, level, 0);
		CHECK(inflatezlibblock(out, sizeof out, packed, m) == n);
		packed[m-1]++;
		CHECK(inflatezlibblock(out, sizeof out, packed, m) == FlateCorrupted);
	}
	CHECK(deflateblock(packed, sizeof packed, in, 1, 10, 0) == FlateInternal);
}

static void
inflates(char *hex, char *want)
{
	uchar b[128];
	int n;

	n = inflateblock(out, sizeof out, b, dec16(b, sizeof b, hex, (int)strlen(hex)));
	out[n < 0 ? 0 : n] = 0;
	SAME((char*)out, want);
}

static void
fails(char *hex, int want)
{
	uchar b[128];

	CHECK(inflateblock(out, sizeof out, b, dec16(b, sizeof b, hex, (int)strlen(hex))) == want);
}

static void
known(void)
{
	inflates("0300", "");
	inflates("4B4C4A0600", "abc");
	inflates("010300FCFF616263", "abc");
	inflates("4B4C040300", "aaaaaaa");
	fails("07", FlateCorrupted);			/* a type of block that there is not */
	fails("010300FCFE616263", FlateCorrupted);	/* lengths that disagree */
	fails("4B4C4A", FlateInputFail);
	fails("", FlateInputFail);
	fails("0302", FlateCorrupted);		/* a match before the beginning */
	fails("FDFFFF", FlateCorrupted);		/* more codes than there are */
}

/* Anything ends, in some way. */
static void
hostile(void)
{
	int i, j, n, m, bad = 0;

	for(i = 0; i < HOSTILE; i++){
		n = make(0);
		m = deflateblock(packed, sizeof packed, in, n, 1 + i%9, 0);
		for(j = nrand(4); j >= 0; j--)
			packed[nrand(m)] ^= (uchar)(1 << nrand(8));
		n = inflateblock(out, sizeof out, packed, m);
		if(n < FlateCorrupted || n == FlateNoMem)
			bad++;
		for(j = 0; j < 40; j++)
			packed[j] = (uchar)nrand(256);
		n = inflateblock(out, sizeof out, packed, 40);
		if(n < FlateCorrupted || n == FlateNoMem)
			bad++;
	}
	CHECK(bad == 0);
}

static void
sums(void)
{
	ulong *tab = mkcrctab(0xEDB88320), crc;

	CHECK(tab != nil);
	CHECK(blockcrc(tab, 0, "123456789", 9) == 0xCBF43926);
	crc = blockcrc(tab, 0, "1234", 4);
	CHECK(blockcrc(tab, crc, "56789", 5) == 0xCBF43926);
	CHECK(adler32(1, "Wikipedia", 9) == 0x11E60398);
	CHECK(adler32(1, "", 0) == 1);
	memset(in, 0xFF, MAX);
	CHECK(adler32(adler32(1, in, 1000), in + 1000, MAX - 1000) == adler32(1, in, MAX));
	free(tab);
}

void
main(int argc, char *argv[])
{
	USED(argc, argv);
	srand(1);
	CHECK(deflateinit() == FlateOk && inflateinit() == FlateOk);
	known();
	sums();
	roundtrips();
	hostile();
	SAME(flateerr(FlateCorrupted), "corrupted data");
	SAME(flateerr(-77), "unknown error");
	finish();
}
