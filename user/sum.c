/*
 * sum: a checksum and the size of each file. Without options it is the
 * CRC-32 of ISO 3309 (polynomial 0xEDB88320, all bits inverted before and
 * after, as in gzip) in hexadecimal and the size in bytes. -r is the rotating
 * 16-bit sum of BSD with the size in units of 1024 bytes, -5 the sum of
 * System V with units of 512.
 */
#include <u.h>
#include <libc.h>

typedef struct Sum Sum;

struct Sum {
	uint	value;
	vlong	size;
};

static uint	crctab[256];
static int	kind;		/* 0, 'r' or '5' */
static char	*status;

static void
makecrctab(void)
{
	uint i, j, c;

	for(i = 0; i < 256; i++){
		c = i;
		for(j = 0; j < 8; j++)
			c = c & 1 ? c>>1 ^ 0xEDB88320 : c>>1;
		crctab[i] = c;
	}
}

static uint
crc(uint v, uchar *p, long n)
{
	while(n-- > 0)
		v = crctab[(v ^ *p++) & 0xff] ^ v>>8;
	return v;
}

static uint
bsd(uint v, uchar *p, long n)
{
	while(n-- > 0){
		v = v>>1 | (v & 1)<<15;
		v = (v + *p++) & 0xffff;
	}
	return v;
}

static uint
sysv(uint v, uchar *p, long n)
{
	while(n-- > 0)
		v += *p++;
	return v;
}

static void
add(Sum *s, uchar *p, long n)
{
	s->size += n;
	switch(kind){
	case 'r':
		s->value = bsd(s->value, p, n);
		break;
	case '5':
		s->value = sysv(s->value, p, n);
		break;
	default:
		s->value = crc(s->value, p, n);
	}
}

static void
show(Sum *s, char *name)
{
	uint v;

	v = s->value;
	switch(kind){
	case 'r':
		print("%.5ud %5lld", v, (s->size + 1023)/1024);
		break;
	case '5':
		v = (v & 0xffff) + (v>>16);
		v = (v & 0xffff) + (v>>16);
		print("%ud %lld", v, (s->size + 511)/512);
		break;
	default:
		print("%.8ux %6lld", ~v, s->size);
	}
	if(name != nil)
		print(" %s", name);
	if(print("\n") < 0)
		sysfatal("write error: %r");
}

static void
sum(int fd, char *name)
{
	static uchar buf[32*1024];
	Sum s;
	long n;

	s.size = 0;
	s.value = kind == 0 ? ~0u : 0;
	while((n = read(fd, buf, sizeof buf)) > 0)
		add(&s, buf, n);
	if(n < 0){
		fprint(2, "sum: %s: %r\n", name != nil ? name : "stdin");
		status = "errors";
		return;
	}
	show(&s, name);
}

static void
usage(void)
{
	fprint(2, "usage: sum [-r5] [file ...]\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	int fd;

	argv0 = "sum";
	ARGBEGIN{
	case 'r': case '5': kind = ARGC(); break;
	default: usage();
	}ARGEND
	makecrctab();
	if(argc == 0)
		sum(0, nil);
	for(; argc > 0; argc--, argv++){
		fd = open(argv[0], OREAD);
		if(fd < 0){
			fprint(2, "sum: %s: %r\n", argv[0]);
			status = "errors";
			continue;
		}
		sum(fd, argv[0]);
		close(fd);
	}
	exits(status);
}
