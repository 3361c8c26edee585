/*
 * grep: options, files and output. A file is read in large pieces; the
 * buffer always holds whole lines, and grows when one does not fit.
 * Matching is the library's (dfa.h), in time linear in the text.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>

typedef struct Pats Pats;

/* The text of the patterns, one a line. */
struct Pats {
	char	*s;
	usize	n;
	int	any;		/* there is one, perhaps empty */
};

enum {
	Inbuf = 64*1024,
};

static int	bflag, cflag, iflag, Lflag, lflag, nflag, sflag, vflag;
static int	tagged;		/* lines carry the name of their file */
static int	found;		/* something was selected, in any file */
static char	*failure;	/* the exit string of a file that could not be read */
static Biobuf	out;
static Dfa	*dfa;

static uchar	*buf;
static usize	bufcap;

static void
usage(void)
{
	fprint(2, "usage: grep [-bchiLlnsv] [-e pattern] [-f file] [pattern] [file ...]\n");
	exits("usage");
}

static void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

static void
addtext(Pats *p, char *s, usize n)
{
	p->s = erealloc(p->s, p->n + n + 1);
	if(p->any)
		p->s[p->n++] = '\n';
	memmove(p->s + p->n, s, n);
	p->n += n;
	p->any = 1;
}

/* Add the lines of a file of patterns; an empty file adds none. */
static void
addfile(Pats *p, char *name)
{
	char *s;
	usize n, cap;
	long r;
	int fd;

	fd = open(name, OREAD);
	if(fd < 0){
		fprint(2, "grep: %s: %r\n", name);
		exits("open");
	}
	s = nil;
	n = cap = 0;
	do{
		if(n == cap){
			cap = 2*cap + 8192;
			s = erealloc(s, cap);
		}
		r = read(fd, s + n, cap - n);
		if(r < 0)
			sysfatal("%s: %r", name);
		n += r;
	}while(r > 0);
	close(fd);
	if(n > 0 && s[n-1] == '\n')
		addtext(p, s, n - 1);
	else if(n > 0)
		addtext(p, s, n);
	free(s);
}

static void
writeline(char *name, vlong line, uchar *p, usize n)
{
	if(tagged)
		Bprint(&out, "%s:", name);
	if(nflag)
		Bprint(&out, "%lld: ", line);
	if(Bwrite(&out, p, n) < 0 || Bputc(&out, '\n') < 0)
		sysfatal("write error: %r");
	if(bflag)
		Bflush(&out);
}

/* Search the whole lines in [p, e); returns how many were selected. The count may stop early. */
static vlong
lines(char *name, vlong *line, uchar *p, uchar *e)
{
	uchar *nl;
	vlong count;

	count = 0;
	for(; p < e; p = nl + 1){
		nl = memchr(p, '\n', e - p);
		++*line;
		if(dfamatch(dfa, p, nl) == vflag)
			continue;
		count++;
		if(sflag || lflag || Lflag)
			break;
		if(!cflag)
			writeline(name, *line, p, nl - p);
	}
	return count;
}

static uchar*
lastnewline(uchar *p, uchar *e)
{
	while(e > p && e[-1] != '\n')
		e--;
	return e > p ? e : nil;
}

/* The lines selected in a file, or -1 if it can not be read. */
static vlong
search(int fd, char *name)
{
	usize have;
	vlong count, line;
	uchar *e;
	long n;

	have = 0;
	count = line = 0;
	while(count == 0 || !(sflag || lflag || Lflag)){
		if(bufcap - have < Inbuf){
			bufcap = 2*bufcap + 2*Inbuf;
			buf = erealloc(buf, bufcap + 1);
		}
		n = read(fd, buf + have, bufcap - have);
		if(n < 0)
			return -1;
		if(n == 0){
			if(have > 0){
				buf[have] = '\n';
				count += lines(name, &line, buf, buf + have + 1);
			}
			break;
		}
		e = lastnewline(buf + have, buf + have + n);
		have += n;
		if(e == nil)
			continue;
		count += lines(name, &line, buf, e);
		have -= e - buf;
		memmove(buf, e, have);
	}
	return count;
}

static void
grep(int fd, char *name)
{
	vlong count;

	count = search(fd, name);
	if(count < 0){
		fprint(2, "grep: %s: %r\n", name);
		failure = "read";
		return;
	}
	if(Lflag ? count == 0 : count > 0)
		found = 1;
	if(sflag)
		return;
	if(lflag ? count > 0 : Lflag && count == 0)
		Bprint(&out, "%s\n", name);
	else if(cflag && !lflag && !Lflag){
		if(tagged)
			Bprint(&out, "%s:", name);
		Bprint(&out, "%lld\n", count);
	}
	if(bflag)
		Bflush(&out);
}

static void
grepfiles(int argc, char *argv[])
{
	int i, fd;

	for(i = 0; i < argc; i++){
		if(sflag && found)
			break;
		fd = open(argv[i], OREAD);
		if(fd < 0){
			fprint(2, "grep: %s: %r\n", argv[i]);
			failure = "open";
			continue;
		}
		grep(fd, argv[i]);
		close(fd);
	}
}

void
main(int argc, char *argv[])
{
	Pats pats;
	char *s;
	int hflag;

	argv0 = "grep";
	memset(&pats, 0, sizeof pats);
	hflag = 0;
	s = nil;
	ARGBEGIN{
	case 'b': bflag = 1; break;
	case 'c': cflag = 1; break;
	case 'e': s = EARGF(usage()); addtext(&pats, s, strlen(s)); break;
	case 'f': s = EARGF(usage()); addfile(&pats, s); break;
	case 'h': hflag = 1; break;
	case 'i': iflag = 1; break;
	case 'L': Lflag = 1; break;
	case 'l': lflag = 1; break;
	case 'n': nflag = 1; break;
	case 's': sflag = 1; break;
	case 'v': vflag = 1; break;
	default: usage();
	}ARGEND
	if(s == nil){
		if(argc == 0)
			usage();
		addtext(&pats, argv[0], strlen(argv[0]));
		argc--;
		argv++;
	}
	if(!pats.any)
		exits("no matches");
	dfa = dfacomp(pats.s, pats.n, DFAlines | (iflag ? DFAfold : 0));
	if(dfa == nil)
		sysfatal("%r");
	Binit(&out, 1, OWRITE);
	tagged = argc > 1 && !hflag;
	if(argc == 0)
		grep(0, "stdin");
	else
		grepfiles(argc, argv);
	if(Bflush(&out) < 0)
		sysfatal("write error: %r");
	exits(failure != nil && !(sflag && found) ? failure : found ? nil : "no matches");
}
