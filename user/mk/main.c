/*
 * mk: the command line.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "mk.h"

int	aflag, eflag, iflag, kflag, nflag, sflag, tflag, debug;
int	errors;
Biobuf	bout;

static Buf	flags;		/* $MKFLAGS */

static void
usage(void)
{
	fprint(2, "usage: mk [-aeiknst] [-d[egp]] [-f file] [-w names] "
		"[name=value] [target ...]\n");
	exits("usage");
}

void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
emalloc(usize n)
{
	return memset(erealloc(nil, n), 0, n);
}

char*
estrdup(char *s)
{
	usize n = (usize)strlen(s) + 1;

	return memmove(erealloc(nil, n), s, n);
}

void
fatal(char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = vsmprint(fmt, args);
	va_end(args);
	Bflush(&bout);
	fprint(2, "mk: %s\n", s);
	exits(s);
}

/* When a file was modified; 0 if there is none. */
vlong
filetime(char *name)
{
	Dir *d;
	vlong t;

	d = dirstat(name);
	if(d == nil)
		return 0;
	t = d->mtime > 0 ? d->mtime : 1;
	free(d);
	return t;
}

static void
addflag(int c, char *arg)
{
	if(flags.n > 0)
		bufputs(&flags, " ");
	bufputs(&flags, "-");
	bufputc(&flags, c);
	if(arg != nil)
		bufputs(&flags, arg);
}

static void
readall(Word *files)
{
	int fd;

	if(files == nil){
		fd = open("mkfile", OREAD);
		if(fd < 0)
			fatal("no mkfile to consult: %r");
		readmkfile("mkfile", fd);
	}
	for(; files != nil; files = files->next){
		fd = strcmp(files->s, "-") == 0 ? 0 : open(files->s, OREAD);
		if(fd < 0)
			fatal("can't open %s: %r", files->s);
		readmkfile(files->s, fd);
	}
}

static void
target(char *name)
{
	Node *n;

	n = graph(name);
	if(debug){
		showgraph(n);
		Bflush(&bout);
	}
	if(errors == 0 || kflag)
		bring(n);
}

static void
maketargets(Word *targets)
{
	static char several[] = "command line arguments";

	if(targets == nil)
		targets = firsttargets;
	if(targets == nil)
		fatal("nothing to mk");
	if(!sflag && targets->next != nil){
		addrule(newword(several), targets, nil, Avirtual, nil, 0);
		targets = newword(several);
	}
	for(; targets != nil; targets = targets->next)
		target(targets->s);
}

/* The names of -w, which commas separate. */
static void
addchanged(char *s)
{
	char *args[256];
	int i, n;

	n = getfields(estrdup(s), args, nelem(args), 1, ",");
	for(i = 0; i < n; i++)
		addword(&changed, args[i]);
}

static void
options(int *argcp, char ***argvp, Word **files)
{
	int argc = *argcp;
	char **argv = *argvp, *s;

	ARGBEGIN{
	case 'a': aflag = 1; addflag('a', nil); break;
	case 'd': debug = 1; s = ARGF(); USED(s); break;
	case 'e': eflag = 1; addflag('e', nil); break;
	case 'f': addword(files, EARGF(usage())); break;
	case 'i': iflag = 1; addflag('i', nil); break;
	case 'k': kflag = 1; addflag('k', nil); break;
	case 'n': nflag = 1; addflag('n', nil); break;
	case 's': sflag = 1; addflag('s', nil); break;
	case 't': tflag = 1; addflag('t', nil); break;
	case 'w':
		s = EARGF(usage());
		addflag('w', s);
		addchanged(s);
		break;
	default: usage();
	}ARGEND
	*argcp = argc;
	*argvp = argv;
}

void
main(int argc, char *argv[])
{
	Word *files, *targets;

	argv0 = "mk";
	files = targets = nil;
	Binit(&bout, 1, OWRITE);
	bufputs(&flags, "");
	options(&argc, &argv, &files);
	rfork(RFENVG);
	readname = "command line";
	readline = 1;
	readenviron();
	for(; argc > 0; argc--, argv++)
		if(!assignment(argv[0], 1))
			addword(&targets, argv[0]);
	setvar("MKFLAGS", flags.n > 0 ? newword(flags.s) : nil);
	setvar("MKARGS", copywords(targets));
	readall(files);
	maketargets(targets);
	if(Bflush(&bout) < 0)
		fatal("write error: %r");
	exits(errors > 0 ? "error" : nil);
}
