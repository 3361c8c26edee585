/*
 * Files beyond the system calls: whole reads, scattered reads, names.
 */
#include "sys.h"

/* Reads until n bytes or the end; a short count is not an error. */
long
readn(int fd, void *buf, long n)
{
	long got = 0, m;

	while(got < n){
		m = read(fd, (char*)buf + got, n - got);
		if(m <= 0)
			return got > 0 ? got : m;
		got += m;
	}
	return got;
}

static long
total(IOchunk *io, int nio)
{
	ulong n = 0;
	int i;

	for(i = 0; i < nio; i++)
		n += io[i].len;
	return (long)n;
}

/* One read of the whole, then spread: a device sees one request. */
long
preadv(int fd, IOchunk *io, int nio, vlong off)
{
	char *buf, *p;
	long n, m, r;
	int i;

	n = total(io, nio);
	if(nio == 1)
		return pread(fd, io[0].addr, n, off);
	buf = malloc((ulong)n);
	if(buf == nil)
		return -1;
	r = pread(fd, buf, n, off);
	p = buf;
	for(n = r, i = 0; n > 0 && i < nio; i++){
		m = (long)io[i].len < n ? (long)io[i].len : n;
		memmove(io[i].addr, p, (ulong)m);
		p += m;
		n -= m;
	}
	free(buf);
	return r;
}

long
pwritev(int fd, IOchunk *io, int nio, vlong off)
{
	char *buf, *p;
	long r;
	int i;

	if(nio == 1)
		return pwrite(fd, io[0].addr, (long)io[0].len, off);
	p = buf = malloc((ulong)total(io, nio));
	if(buf == nil)
		return -1;
	for(i = 0; i < nio; i++){
		memmove(p, io[i].addr, io[i].len);
		p += io[i].len;
	}
	r = pwrite(fd, buf, p - buf, off);
	free(buf);
	return r;
}

long
readv(int fd, IOchunk *io, int nio)
{
	return preadv(fd, io, nio, -1);
}

long
writev(int fd, IOchunk *io, int nio)
{
	return pwritev(fd, io, nio, -1);
}

/* Whether name can be opened so; AEXIST only asks whether it is there. */
int
access(char *name, int mode)
{
	static int omode[] = {
		0, OEXEC, OWRITE, ORDWR, OREAD, OEXEC, ORDWR, ORDWR,
	};
	uchar buf[2];
	int fd;

	if(mode == AEXIST)
		return stat(name, buf, sizeof buf) < 0 ? -1 : 0;
	fd = open(name, omode[mode & 7]);
	if(fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* The largest transfer that stays one request; 0 if the file does not say. */
int
iounit(int fd)
{
	char buf[128], name[32], *f[12];
	int n, cfd;

	snprint(name, sizeof name, "#d/%dctl", fd);
	cfd = open(name, OREAD);
	if(cfd < 0)
		return 0;
	n = read(cfd, buf, sizeof buf - 1);
	close(cfd);
	if(n <= 0)
		return 0;
	buf[n] = 0;
	n = tokenize(buf, f, nelem(f));
	return n < 8 ? 0 : (int)strtol(f[7], nil, 10);
}

char*
getwd(char *buf, int n)
{
	int fd, r;

	fd = open(".", OREAD);
	if(fd < 0)
		return nil;
	r = fd2path(fd, buf, n);
	close(fd);
	return r < 0 ? nil : buf;
}

/* Replaces trailing X's by the process id behind a letter, until the name is unused. */
char*
mktemp(char *template)
{
	uchar buf[2];
	char *s = template + strlen(template);
	int c, pid = getpid();

	for(; s > template+1 && s[-1] == 'X'; s--){
		s[-1] = (char)('0' + pid % 10);
		pid /= 10;
	}
	if(*s == 0)
		return template;
	for(c = 'a'; c <= 'z'; c++){
		*s = (char)c;
		if(stat(template, buf, sizeof buf) < 0)
			return template;
	}
	return "/";
}
