/*
 * cmp: where two files begin to differ, or with -l all bytes that do.
 * Bytes and lines count from 1, at the offsets given if there are any.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct In In;

struct In {
	char	*name;
	int	fd;
	uchar	buf[32*1024];
	long	pos, have;
	vlong	read;		/* bytes taken from it */
};

static int	lflag, Lflag, sflag;
static In	a, b;
static Biobuf	out;

static void
usage(void)
{
	fprint(2, "usage: cmp [-lLs] file1 file2 [offset1 [offset2]]\n");
	exits("usage");
}

/* Print what is buffered and exit. */
NORETURN static void
finish(char *status)
{
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(status);
}

static void
openin(In *in, char *name, char *offset)
{
	vlong o;
	char *e;

	in->name = name;
	in->fd = strcmp(name, "-") == 0 ? 0 : open(name, OREAD);
	if(in->fd < 0){
		if(!sflag)
			fprint(2, "cmp: %s: %r\n", name);
		exits("open");
	}
	if(offset == nil)
		return;
	o = strtoll(offset, &e, 0);
	if(e == offset || *e != '\0' || o < 0)
		usage();
	if(seek(in->fd, o, 0) < 0){
		if(!sflag)
			fprint(2, "cmp: %s: seek: %r\n", name);
		exits("seek");
	}
}

/* The bytes at hand, after reading more if there are none; 0 at the end. */
static long
fill(In *in)
{
	if(in->pos < in->have)
		return in->have - in->pos;
	in->pos = 0;
	in->have = read(in->fd, in->buf, sizeof in->buf);
	if(in->have < 0){
		if(!sflag)
			fprint(2, "cmp: %s: %r\n", in->name);
		finish("read error");
	}
	return in->have;
}

/* The number of bytes at the front that are equal; *line counts the newlines among them. */
static long
common(uchar *p, uchar *q, long n, vlong *line)
{
	long i;

	for(i = 0; i < n && p[i] == q[i]; i++)
		*line += p[i] == '\n';
	return i;
}

static void
take(In *in, long n)
{
	in->pos += n;
	in->read += n;
}

/* One byte differs. */
static void
differing(vlong line)
{
	if(sflag)
		finish("differ");
	if(lflag){
		Bprint(&out, "%6lld 0x%.2x 0x%.2x\n", a.read + 1, a.buf[a.pos], b.buf[b.pos]);
		return;
	}
	Bprint(&out, "%s %s differ: char %lld", a.name, b.name, a.read + 1);
	if(Lflag)
		Bprint(&out, " line %lld", line);
	Bputc(&out, '\n');
	finish("differ");
}

static void
compare(void)
{
	vlong line;
	long n, m, i;
	int differ;

	line = 1;
	differ = 0;
	for(;;){
		n = fill(&a);
		m = fill(&b);
		if(n == 0 || m == 0)
			break;
		if(m < n)
			n = m;
		i = common(a.buf + a.pos, b.buf + b.pos, n, &line);
		take(&a, i);
		take(&b, i);
		if(i == n)
			continue;
		differing(line);
		differ = 1;
		line += a.buf[a.pos] == '\n';
		take(&a, 1);
		take(&b, 1);
	}
	if(n != m){
		if(!sflag)
			Bprint(&out, "EOF on %s after %lld bytes\n",
				n == 0 ? a.name : b.name, a.read);
		finish("EOF");
	}
	finish(differ ? "differ" : nil);
}

void
main(int argc, char *argv[])
{
	argv0 = "cmp";
	ARGBEGIN{
	case 'l': lflag = 1; break;
	case 'L': Lflag = 1; break;
	case 's': sflag = 1; break;
	default: usage();
	}ARGEND
	if(argc < 2 || argc > 4)
		usage();
	Binit(&out, 1, OWRITE);
	openin(&a, argv[0], argc > 2 ? argv[2] : nil);
	openin(&b, argv[1], argc > 3 ? argv[3] : nil);
	compare();
}
