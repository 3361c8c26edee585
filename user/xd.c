/*
 * xd: dump bytes. Each group of 16 bytes is printed once in every format
 * asked for; the address stands before each line, with zeros in front on
 * the first line of a group and blanks on the others. A last line has the
 * address of the end.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct Format Format;

struct Format {
	int	size;		/* of a cell: 1, 2, 4 or 8 bytes */
	int	style;		/* 'o', 'd' or 'x' */
	int	chars;		/* characters where there are any */
};

enum {
	Group = 16,
};

static Format	*formats;
static int	nformat;
static int	addrstyle = 'x';
static int	rflag, sflag, uflag;
static char	**files;
static char	*name;		/* of the open one */
static Biobuf	*in;
static Biobuf	out;
static char	*status;

static void
usage(void)
{
	fprint(2, "usage: xd [-u] [-r] [-s] [-a{odx}] [-c] [-{1248bwlv}{odx}] ... [file ...]\n");
	exits("usage");
}

static void
addformat(Format *f)
{
	formats = realloc(formats, (nformat + 1)*sizeof *formats);
	if(formats == nil)
		sysfatal("out of memory");
	formats[nformat++] = *f;
}

static uvlong
cell(uchar *p, int size)
{
	uvlong v;
	int i;

	v = 0;
	for(i = 0; i < size; i++)
		v = v<<8 | p[sflag ? size-1-i : i];
	return v;
}

/* Digits that the largest cell needs. */
static int
digits(int size, int style)
{
	static int octal[] = { 3, 6, 11, 22 }, decimal[] = { 3, 5, 10, 20 };
	int i;

	i = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
	return style == 'o' ? octal[i] : style == 'd' ? decimal[i] : 2*size;
}

static void
putnumber(uvlong v, int width, int style)
{
	switch(style){
	case 'o':
		Bprint(&out, "%.*llo", width, v);
		break;
	case 'd':
		Bprint(&out, "%.*llud", width, v);
		break;
	default:
		Bprint(&out, "%.*llux", width, v);
	}
}

/* A byte as a character, as an escape, or else as a number. */
static void
putchar(int c, Format *f)
{
	static char from[] = "\a\b\f\n\r\t\v", to[] = "abfnrtv";
	int width;
	char *q;

	width = f->style == 'x' ? 2 : 3;
	q = c != 0 ? strchr(from, c) : nil;
	if(q != nil)
		Bprint(&out, "%*s\\%c", width - 2, "", to[q-from]);
	else if(c >= ' ' && c < 0x7f)
		Bprint(&out, "%*c", width, c);
	else
		putnumber(c, width, f->style);
}

static void
putaddr(vlong addr, int first)
{
	char *f;

	if(addrstyle == 'o')
		f = first ? "%.7llo " : "%7llo ";
	else if(addrstyle == 'd')
		f = first ? "%.7lld " : "%7lld ";
	else
		f = first ? "%.7llux " : "%7llux ";
	Bprint(&out, f, addr);
}

/* Print the n bytes of a group; those after them are zero. */
static void
dump(uchar *p, int n, vlong addr)
{
	Format *f;
	int i, j, width;

	for(i = 0; i < nformat; i++){
		f = &formats[i];
		width = digits(f->size, f->style);
		putaddr(addr, i == 0);
		for(j = 0; j < n; j += f->size){
			Bputc(&out, ' ');
			if(f->chars)
				putchar(p[j], f);
			else
				putnumber(cell(p + j, f->size), width, f->style);
		}
		Bputc(&out, '\n');
	}
}

/* Open the next file; 0 if there is none. */
static int
nextfile(void)
{
	while(in == nil && *files != nil){
		name = *files++;
		in = strcmp(name, "-") == 0 ? Bfdopen(dup(0, -1), OREAD) : Bopen(name, OREAD);
		if(in == nil){
			fprint(2, "xd: %s: %r\n", name);
			status = "errors";
		}
	}
	return in != nil;
}

/* Read up to n bytes of the files one after another. */
static int
readgroup(uchar *p, int n)
{
	int have;
	long r;

	have = 0;
	while(have < n && nextfile()){
		r = Bread(in, p + have, n - have);
		if(r > 0){
			have += r;
			continue;
		}
		if(r < 0){
			fprint(2, "xd: %s: %r\n", name);
			status = "errors";
		}
		Bterm(in);
		in = nil;
	}
	return have;
}

static void
xd(void)
{
	static uchar buf[4096];
	uchar last[Group], cur[Group];
	vlong addr;
	int i, n, k, repeats;

	addr = 0;
	repeats = 0;
	while((n = readgroup(buf, uflag ? Group : sizeof buf)) > 0){
		for(i = 0; i < n; i += k){
			k = n - i < Group ? n - i : Group;
			memset(cur, 0, sizeof cur);
			memmove(cur, buf + i, k);
			if(rflag && addr > 0 && k == Group && memcmp(cur, last, Group) == 0){
				if(!repeats)
					Bprint(&out, "*\n");
				repeats = 1;
			}else{
				dump(cur, k, addr);
				repeats = 0;
			}
			memmove(last, cur, Group);
			addr += k;
		}
		if(uflag)
			Bflush(&out);
	}
	putaddr(addr, 1);
	Bputc(&out, '\n');
}

static int
isstyle(int c)
{
	return c == 'o' || c == 'd' || c == 'x';
}

static int
sizeletter(int c)
{
	switch(c){
	case '1': case 'b': return 1;
	case '2': case 'w': return 2;
	case '4': case 'l': return 4;
	case '8': case 'v': return 8;
	}
	return 0;
}

/*
 * The letters of one argument: flags, and the parts of one format. Returns
 * whether -a used the next argument.
 */
static int
letters(char *s, char *next)
{
	Format f;
	int used;

	memset(&f, 0, sizeof f);
	used = 0;
	for(; *s != '\0'; s++){
		if(*s == 'u')
			uflag = 1;
		else if(*s == 'r')
			rflag = 1;
		else if(*s == 's')
			sflag = 1;
		else if(*s == 'c')
			f.chars = 1;
		else if(*s == 'a'){
			used = s[1] == '\0';
			addrstyle = used ? (next != nil ? next[0] : 0) : *++s;
			if(!isstyle(addrstyle) || (used && next[1] != '\0'))
				usage();
		}else if(isstyle(*s) && f.style == 0)
			f.style = *s;
		else if(sizeletter(*s) != 0 && f.size == 0)
			f.size = sizeletter(*s);
		else
			usage();
	}
	if(f.chars || f.size != 0 || f.style != 0){
		if(f.chars && f.size > 1)
			usage();
		if(f.size == 0)
			f.size = f.chars ? 1 : 4;
		if(f.style == 0)
			f.style = 'x';
		addformat(&f);
	}
	return used;
}

void
main(int argc, char *argv[])
{
	static char *standard[] = { "-", nil };
	static Format normal = { 4, 'x', 0 };
	int i;

	argv0 = "xd";
	for(i = 1; i < argc; i++){
		if(argv[i][0] != '-' || argv[i][1] == '\0')
			break;
		if(strcmp(argv[i], "--") == 0){
			i++;
			break;
		}
		i += letters(argv[i] + 1, argv[i+1]);
	}
	if(nformat == 0)
		addformat(&normal);
	files = i < argc ? argv + i : standard;
	Binit(&out, 1, OWRITE);
	xd();
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(status);
}
