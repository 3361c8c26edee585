/*
 * Clocks.
 */
#include "sys.h"
#include "fcall.h"

/* Nanoseconds since 1970. */
vlong
nsec(void)
{
	return (vlong)_syscall0(SYS_NSEC);
}

long
time(long *tp)
{
	long t = nsec() / 1000000000;

	if(tp != nil)
		*tp = t;
	return t;
}

void
cycles(uvlong *v)
{
	*v = __builtin_ia32_rdtsc();
}

/* Milliseconds: user, system, and both of the children that were waited for; returns real. */
long
times(long *t)
{
	char buf[200], *f[6];
	int fd, n;

	if(t != nil)
		t[0] = t[1] = t[2] = t[3] = 0;
	fd = open("/dev/cputime", OREAD);
	if(fd < 0)
		return -1;
	n = read(fd, buf, sizeof buf - 1);
	close(fd);
	if(n <= 0)
		return -1;
	buf[n] = 0;
	if(tokenize(buf, f, nelem(f)) < 6){
		werrstr("bad format in /dev/cputime");
		return -1;
	}
	if(t != nil){
		t[0] = strtol(f[0], nil, 10);
		t[1] = strtol(f[1], nil, 10);
		t[2] = strtol(f[3], nil, 10);
		t[3] = strtol(f[4], nil, 10);
	}
	return strtol(f[2], nil, 10);
}

/* Processor time of the process and its children in seconds. */
double
cputime(void)
{
	long t[4];

	if(times(t) < 0)
		return 0;
	return (double)(t[0] + t[1] + t[2] + t[3]) / 1000.0;
}
