/*
 * comm: lines of two sorted files in three columns: only in the first, only
 * in the second, and in both. -1, -2 and -3 leave columns out.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>

typedef struct File File;
struct File {
	Biobuf	*b;
	char	*name;
	char	*line;		/* nil at the end */
	usize	n;
};

static int	hide[3];
static Biobuf	out;

static void
usage(void)
{
	fprint(2, "usage: comm [-123] file1 file2\n");
	exits("usage");
}

static void
next(File *f)
{
	free(f->line);
	f->line = Brdstr(f->b, '\n', 0);
	if(f->line == nil)
		return;
	f->n = (usize)Blinelen(f->b);
	if(f->n > 0 && f->line[f->n-1] == '\n')
		f->n--;
}

static void
openfile(File *f, char *name)
{
	f->name = name;
	f->b = strcmp(name, "-") == 0 ? Bfdopen(0, OREAD) : Bopen(name, OREAD);
	if(f->b == nil)
		sysfatal("can't open %s: %r", name);
	next(f);
}

static void
show(File *f, int column)
{
	int i;

	if(!hide[column]){
		for(i = 0; i < column; i++)
			if(!hide[i])
				Bputc(&out, '\t');
		if(Bwrite(&out, f->line, (long)f->n) < 0 || Bputc(&out, '\n') < 0)
			sysfatal("write error: %r");
	}
}

static int
compare(File *a, File *b)
{
	usize n;
	int c;

	if(a->line == nil || b->line == nil)
		return a->line == nil ? 1 : -1;
	n = a->n < b->n ? a->n : b->n;
	c = memcmp(a->line, b->line, n);
	return c != 0 ? c : a->n < b->n ? -1 : a->n > b->n;
}

static void
comm(File *a, File *b)
{
	int c;

	while(a->line != nil || b->line != nil){
		c = compare(a, b);
		if(c < 0){
			show(a, 0);
			next(a);
		}else if(c > 0){
			show(b, 1);
			next(b);
		}else{
			show(a, 2);
			next(a);
			next(b);
		}
	}
}

void
main(int argc, char *argv[])
{
	File a, b;

	argv0 = "comm";
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	ARGBEGIN{
	case '1': case '2': case '3':
		hide[ARGC() - '1'] = 1;
		break;
	default: usage();
	}ARGEND
	if(argc != 2)
		usage();
	openfile(&a, argv[0]);
	openfile(&b, argv[1]);
	Binit(&out, 1, OWRITE);
	comm(&a, &b);
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
