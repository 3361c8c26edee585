/*
 * diff: options, and which files and directories are compared with which.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "diff.h"

int	bflag, wflag, mode;
Biobuf	out;

static int	mflag;		/* name the files before each comparison */
static int	rflag;
static int	differ;
static int	failed;

static void	difftree(char *a, char *b, int depth);

static void
usage(void)
{
	fprint(2, "usage: diff [-abcefmnrw] file1 ... file2\n");
	exits("usage");
}

static void
complain(char *name)
{
	fprint(2, "diff: %s: %r\n", name);
	failed = 1;
}

static char*
join(char *dir, char *name)
{
	char *s;

	s = smprint("%s/%s", dir, name);
	if(s == nil){
		fprint(2, "diff: out of memory\n");
		exits("error");
	}
	return s;
}

static int
load(File *f, char *name)
{
	int fd, r;

	memset(f, 0, sizeof *f);
	f->name = name;
	fd = strcmp(name, "-") == 0 ? dup(0, -1) : open(name, OREAD);
	if(fd < 0){
		complain(name);
		return -1;
	}
	r = readfile(f, fd);
	if(r < 0)
		complain(name);
	close(fd);
	return r;
}

static void
header(char *a, char *b)
{
	if(!mflag)
		return;
	Bprint(&out, "diff ");
	if(mode != 0)
		Bprint(&out, "-%c ", mode);
	Bprint(&out, "%s %s\n", a, b);
}

static void
compared(File *a, File *b)
{
	Hunks hs;

	if(a->size == b->size && memcmp(a->text, b->text, a->size) == 0)
		return;
	if(isbinary(a) || isbinary(b)){
		header(a->name, b->name);
		Bprint(&out, "binary files %s %s differ\n", a->name, b->name);
		differ = 1;
		return;
	}
	memset(&hs, 0, sizeof hs);
	compare(a, b, number(a, b), &hs);
	if(hs.n > 0){
		header(a->name, b->name);
		show(a, b, &hs);
		differ = 1;
	}
	free(hs.h);
}

static void
difffiles(char *aname, char *bname)
{
	File a, b;
	int ok;

	ok = load(&a, aname) == 0;
	if(load(&b, bname) == 0 && ok)
		compared(&a, &b);
	freefile(&a);
	freefile(&b);
}

static int
namecmp(void *a, void *b)
{
	return strcmp(((Dir*)a)->name, ((Dir*)b)->name);
}

/* The entries of a directory by name, or -1. */
static long
entries(char *name, Dir **d)
{
	long n;
	int fd;

	*d = nil;
	fd = open(name, OREAD);
	if(fd < 0){
		complain(name);
		return -1;
	}
	n = dirreadall(fd, d);
	close(fd);
	if(n < 0)
		complain(name);
	else
		qsort(*d, n, sizeof **d, namecmp);
	return n;
}

static void
onlyin(char *dir, char *name)
{
	Bprint(&out, "Only in %s: %s\n", dir, name);
	differ = 1;
}

static void
diffdirs(char *a, char *b, int depth)
{
	Dir *da, *db;
	char *na, *nb;
	long n, m, i, j;
	int c;

	n = entries(a, &da);
	m = entries(b, &db);
	for(i = j = 0; n >= 0 && m >= 0 && (i < n || j < m); ){
		c = i == n ? 1 : j == m ? -1 : strcmp(da[i].name, db[j].name);
		if(c == 0){
			na = join(a, da[i].name);
			nb = join(b, db[j].name);
			difftree(na, nb, depth + 1);
			free(na);
			free(nb);
		}
		if(c < 0)
			onlyin(a, da[i].name);
		else if(c > 0)
			onlyin(b, db[j].name);
		i += c <= 0;
		j += c >= 0;
	}
	free(da);
	free(db);
}

/* 1 for a directory, 0 for another file, -1 with a message for neither. */
static int
isdir(char *name)
{
	Dir *d;
	int r;

	if(strcmp(name, "-") == 0)
		return 0;
	d = dirstat(name);
	if(d == nil){
		complain(name);
		return -1;
	}
	r = (d->mode & DMDIR) != 0;
	free(d);
	return r;
}

static char*
basename(char *s)
{
	char *p;

	p = strrchr(s, '/');
	return p != nil ? p + 1 : s;
}

static void
mixed(char *a, char *b, int adir)
{
	Bprint(&out, "File %s is a %s while file %s is a %s\n",
		a, adir ? "directory" : "regular file",
		b, adir ? "regular file" : "directory");
	differ = 1;
}

/* Compare two names; depth is 0 for those of the command line. */
static void
difftree(char *a, char *b, int depth)
{
	char *name;
	int adir, bdir;

	adir = isdir(a);
	bdir = isdir(b);
	if(adir < 0 || bdir < 0)
		return;
	if(adir && bdir){
		if(depth == 0 || rflag)
			diffdirs(a, b, depth);
		else
			Bprint(&out, "Common subdirectories: %s and %s\n", a, b);
		return;
	}
	if(!adir && !bdir){
		difffiles(a, b);
		return;
	}
	if(depth > 0){
		mixed(a, b, adir);
		return;
	}
	name = adir ? join(a, basename(b)) : join(b, basename(a));
	if(adir)
		difftree(name, b, 1);
	else
		difftree(a, name, 1);
	free(name);
}

static void
setmode(int c)
{
	if(mode != 0 && mode != c)
		usage();
	mode = c;
}

void
main(int argc, char *argv[])
{
	int i;

	argv0 = "diff";
	ARGBEGIN{
	case 'a': case 'c': case 'e': case 'f': case 'n': setmode(ARGC()); break;
	case 'b': bflag = 1; break;
	case 'm': mflag = 1; break;
	case 'r': rflag = 1; break;
	case 'w': wflag = 1; break;
	default: usage();
	}ARGEND
	if(argc < 2)
		usage();
	Binit(&out, 1, OWRITE);
	if(argc > 2 || rflag || (isdir(argv[0]) == 1 && isdir(argv[argc-1]) == 1))
		mflag = 1;
	if(failed)
		exits("error");
	for(i = 0; i < argc - 1; i++)
		difftree(argv[i], argv[argc-1], 0);
	if(Bflush(&out) < 0)
		complain("write error");
	exits(failed ? "error" : differ ? "some" : nil);
}
