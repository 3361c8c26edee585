/*
 * tar {crtx}[PRTfgikmpsuvz] [argument ...] [file ...]
 */
#include "tar.h"

int key;
int verbose, keep, settime, rooted, ignore, oldstyle, compress;
vlong setuid = -1, setgid = -1;
char *archive;
char *status;

void*
emalloc(ulong n)
{
	void *p = mallocz(n, 1);

	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
erealloc(void *p, ulong n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

char*
estrdup(char *s)
{
	s = strdup(s);
	if(s == nil)
		sysfatal("out of memory");
	return s;
}

/* Says what went wrong; the work goes on. */
void
complain(char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprint(text, sizeof text, fmt, args);
	va_end(args);
	fprint(2, "tar: %s\n", text);
	status = "errors";
}

static void
usage(void)
{
	fprint(2, "usage: tar {crtx}[PRTfgikmpsuvz] [archive] [gid] [uid] [file ...]\n");
	exits("usage");
}

static char*
next(char ***argvp)
{
	if(**argvp == nil)
		usage();
	return *(*argvp)++;
}

static vlong
number(char *s)
{
	vlong n;
	char *e;

	n = strtoll(s, &e, 10);
	if(e == s || *e != 0 || n < 0)
		usage();
	return n;
}

static void
setkey(int c)
{
	if(key != 0)
		usage();
	key = c;
}

/* The letters of the key; their arguments follow in the same order. */
static void
letters(char *s, char ***argvp)
{
	for(; *s != 0; s++)
		switch(*s){
		case 'c': case 'r': case 't': case 'x':
			setkey(*s);
			break;
		case 'P':
			oldstyle = 1;
			break;
		case 'R':
			rooted = 1;
			break;
		case 'T':
			settime = 1;
			break;
		case 'f':
			archive = next(argvp);
			break;
		case 'g':
			setgid = number(next(argvp));
			break;
		case 'i':
			ignore = 1;
			break;
		case 'k':
			keep = 1;
			break;
		case 'm':
			settime = 0;
			break;
		case 'p':
			oldstyle = 0;
			break;
		case 's':
			break;		/* names are in the archive's order: no use to us */
		case 'u':
			setuid = number(next(argvp));
			break;
		case 'v':
			verbose = 1;
			break;
		case 'z':
			compress = 1;
			break;
		case '-':
			break;
		default:
			usage();
		}
}

void
main(int argc, char *argv[])
{
	argv0 = "tar";
	if(argc < 2)
		usage();
	argv++;
	letters(next(&argv), &argv);
	while(*argv != nil && argv[0][0] == '-' && argv[0][1] != 0)
		letters(next(&argv), &argv);
	if(key == 0)
		usage();
	if(archive != nil && strcmp(archive, "-") == 0)
		archive = nil;
	for(argc = 0; argv[argc] != nil; argc++)
		;
	if(key == 't' || key == 'x')
		readarchive(argv, argc);
	else
		writearchive(argv, argc);
	exits(status);
}
