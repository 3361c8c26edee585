/*
 * sed: options, buffers and the input, which is all files one after another.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <regexp.h>
#include "sed.h"

int	gflag, nflag, uflag;
Biobuf	out;
vlong	lineno;
int	failed;

static char	**files;	/* those not yet opened */
static int	nfile;
static Biobuf	*in;		/* the open one, or nil */
static char	*inname;

void*
emalloc(usize n)
{
	void *p;

	p = malloc(n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void
bufadd(Buf *b, char *s, usize n)
{
	if(b->n + n + 1 > b->cap){
		b->cap = 2*(b->n + n) + 64;
		b->s = erealloc(b->s, b->cap);
	}
	memmove(b->s + b->n, s, n);
	b->n += n;
	b->s[b->n] = '\0';
}

void
bufclear(Buf *b)
{
	b->n = 0;
	bufadd(b, "", 0);
}

static void
readerror(char *msg)
{
	fprint(2, "sed: %s: %s\n", inname, msg);
	failed = 1;
}

/* Open the next file that can be; 0 if there is none. */
static int
nextfile(void)
{
	while(in == nil && nfile > 0){
		inname = *files++;
		nfile--;
		in = strcmp(inname, "-") == 0 ? Bfdopen(dup(0, -1), OREAD) : Bopen(inname, OREAD);
		if(in == nil){
			fprint(2, "sed: %s: %r\n", inname);
			failed = 1;
		}else
			Blethal(in, readerror);
	}
	return in != nil;
}

static void
closefile(void)
{
	Bterm(in);
	in = nil;
}

/* Append the next line, without its newline, to b; 0 at the end of the input. */
int
readline(Buf *b)
{
	char *p;
	usize n;

	for(; nextfile(); closefile()){
		p = Brdline(in, '\n');
		if(p != nil){
			bufadd(b, p, Blinelen(in) - 1);
			lineno++;
			return 1;
		}
		p = Brdstr(in, '\n', 0);
		if(p == nil)
			continue;
		n = Blinelen(in);
		if(n > 0 && p[n-1] == '\n')
			n--;
		bufadd(b, p, n);
		free(p);
		lineno++;
		return 1;
	}
	return 0;
}

/* Whether no line follows. */
int
lastline(void)
{
	for(; nextfile(); closefile())
		if(Bgetc(in) >= 0){
			Bungetc(in);
			return 0;
		}
	return 1;
}

static void
usage(void)
{
	fprint(2, "usage: sed [-gnu] [-e script] [-f file] [script] [file ...]\n");
	exits("usage");
}

static void
addscript(Buf *b, char *s, usize n)
{
	if(b->s != nil)
		bufadd(b, "\n", 1);
	bufadd(b, s, n);
}

static void
addfile(Buf *b, char *name)
{
	char buf[8192];
	Buf text;
	long n;
	int fd;

	fd = open(name, OREAD);
	if(fd < 0)
		sysfatal("%s: %r", name);
	memset(&text, 0, sizeof text);
	bufclear(&text);
	while((n = read(fd, buf, sizeof buf)) > 0)
		bufadd(&text, buf, n);
	if(n < 0)
		sysfatal("%s: %r", name);
	close(fd);
	if(memchr(text.s, '\0', text.n) != nil)
		sysfatal("%s: NUL in script", name);
	if(text.n > 0 && text.s[text.n-1] == '\n')
		text.n--;
	addscript(b, text.s, text.n);
	free(text.s);
}

void
main(int argc, char *argv[])
{
	static char *standard[] = { "-" };
	Buf script;
	char *s;

	argv0 = "sed";
	memset(&script, 0, sizeof script);
	ARGBEGIN{
	case 'e': s = EARGF(usage()); addscript(&script, s, strlen(s)); break;
	case 'f': s = EARGF(usage()); addfile(&script, s); break;
	case 'g': gflag = 1; break;
	case 'n': nflag = 1; break;
	case 'u': uflag = 1; break;
	default: usage();
	}ARGEND
	if(script.s == nil){
		if(argc == 0)
			usage();
		addscript(&script, argv[0], strlen(argv[0]));
		argc--;
		argv++;
	}
	Binit(&out, 1, OWRITE);
	parse(script.s);
	files = argc > 0 ? argv : standard;
	nfile = argc > 0 ? argc : 1;
	run();
}
