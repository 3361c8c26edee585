/*
 * dc: files, output and errors.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "dc.h"

Biobuf	bout;

static Biobuf	bin;
static int	column, width = 70;

static void
usage(void)
{
	fprint(2, "usage: dc [-e text] [-f file] [file ...]\n");
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

void
complain(char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = vsmprint(fmt, args);
	va_end(args);
	Bflush(&bout);
	fprint(2, "dc: %s\n", s != nil ? s : "out of memory");
	free(s);
}

/* Numbers are folded, at 70 characters. */
void
outtext(char *s, int fold)
{
	for(; *s != 0; s++){
		if(*s == '\n')
			column = 0;
		else if(++column == width && fold && width > 2){
			Bprint(&bout, "\\\n");
			column = 1;
		}
		if(Bputc(&bout, *s) < 0)
			sysfatal("write error: %r");
	}
}

char*
readline(void)
{
	return Brdstr(&bin, '\n', 1);
}

static void
performfile(char *name)
{
	char *s;
	usize n, max;
	long r;
	int fd;

	fd = strcmp(name, "-") == 0 ? 0 : open(name, OREAD);
	if(fd < 0)
		sysfatal("can't open %s: %r", name);
	s = nil;
	n = max = 0;
	do{
		if(max - n < 4096)
			s = erealloc(s, max = 2*max + 8192);
		r = read(fd, s + n, (long)(max - n));
		if(r < 0)
			sysfatal("can't read %s: %r", name);
		n += (usize)r;
	}while(r > 0);
	if(fd != 0)
		close(fd);
	perform(newstr(s, n));
	free(s);
}

/* Whether a line leaves a string open. */
static int
isopen(char *s)
{
	int nest;

	for(nest = 0; *s != 0; s++)
		nest += (*s == '[') - (*s == ']');
	return nest > 0;
}

/* The standard input, line by line, so that ? and a terminal work. */
static void
interactive(void)
{
	char *s, *more, *both;

	for(;;){
		Bflush(&bout);
		s = readline();
		if(s == nil)
			break;
		while(isopen(s)){
			more = readline();
			if(more == nil)
				break;
			both = smprint("%s\n%s", s, more);
			if(both == nil)
				sysfatal("out of memory");
			free(s);
			free(more);
			s = both;
		}
		perform(newstr(s, (usize)strlen(s)));
		free(s);
	}
}

void
main(int argc, char *argv[])
{
	char *s;
	int any;

	argv0 = "dc";
	any = 0;
	Binit(&bout, 1, OWRITE);
	Binit(&bin, 0, OREAD);
	s = getenv("DC_LINE_LENGTH");
	if(s != nil)
		width = atoi(s);
	ARGBEGIN{
	case 'e':
		s = EARGF(usage());
		perform(newstr(s, (usize)strlen(s)));
		any = 1;
		break;
	case 'f':
		performfile(EARGF(usage()));
		any = 1;
		break;
	default: usage();
	}ARGEND
	for(; argc > 0; argc--, argv++){
		performfile(argv[0]);
		any = 1;
	}
	if(!any)
		interactive();
	if(Bflush(&bout) < 0)
		sysfatal("write error: %r");
	exits(nil);
}
