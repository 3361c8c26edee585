/*
 * Pseudo-random numbers (a 64-bit xorshift with a multiplied output), and
 * true ones from /dev/random.
 */
#include "sys.h"

static uvlong state = 0x9E3779B97F4A7C15ULL;
static Lock randlock;

void
srand(long seed)
{
	lock(&randlock);
	state = ((uvlong)seed + 1) * 0x9E3779B97F4A7C15ULL;
	if(state == 0)
		state = 1;
	unlock(&randlock);
}

/* 0 to 2^31-1 */
long
lrand(void)
{
	uvlong x;

	lock(&randlock);
	x = state;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	state = x;
	unlock(&randlock);
	return (long)((x * 0x2545F4914F6CDD1DULL) >> 33);
}

/* 0 to 2^15-1 */
int
rand(void)
{
	return (int)(lrand() >> 16);
}

/* 0 to n-1, all equally likely */
long
lnrand(long n)
{
	long limit, r;

	if(n <= 0)
		return 0;
	limit = 0x80000000L - 0x80000000L % n;
	if(limit == 0)
		return lrand() % n;
	while((r = lrand()) >= limit)
		;
	return r % n;
}

int
nrand(int n)
{
	return (int)lnrand(n);
}

double
frand(void)
{
	return ((double)lrand() * 2147483648.0 + (double)lrand()) / 4611686018427387904.0;
}

ulong
truerand(void)
{
	uint v = 0;
	int fd;

	fd = open("/dev/random", OREAD);
	if(fd < 0)
		fd = open("#c/random", OREAD);
	if(fd < 0 || readn(fd, &v, sizeof v) != sizeof v)
		sysfatal("can't read /dev/random: %r");
	close(fd);
	return v;
}

ulong
ntruerand(ulong n)
{
	ulong limit, r;

	if(n == 0)
		return 0;
	limit = (1UL << 32) - (1UL << 32) % n;
	while((r = truerand()) >= limit)
		;
	return r % n;
}

int
abs(int n)
{
	return n < 0 ? -n : n;
}

long
labs(long n)
{
	return n < 0 ? -n : n;
}
