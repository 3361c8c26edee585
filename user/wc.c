/*
 * wc: lines, words, runes, broken runes and bytes. A word is what stands
 * between blanks, tabs and newlines; a rune is a well-formed UTF-8 sequence,
 * and each byte that is not part of one counts as broken.
 */
#include <u.h>
#include <libc.h>

typedef struct Count Count;

struct Count {
	vlong	lines, words, runes, bad, bytes;
};

static int	lflag, wflag, rflag, bflag, cflag;
static char	*status;

static void
usage(void)
{
	fprint(2, "usage: wc [-lwrbc] [file ...]\n");
	exits("usage");
}

/* Lines and words of a piece; *inword carries over from one piece to the next. */
static void
countwords(Count *c, uchar *p, long n, int *inword)
{
	int w;

	w = *inword;
	for(; n > 0; n--, p++){
		if(*p == ' ' || *p == '\t' || *p == '\n'){
			c->lines += *p == '\n';
			w = 0;
		}else if(!w){
			c->words++;
			w = 1;
		}
	}
	*inword = w;
}

/* Runes of a piece; returns how many bytes at its end may be a part of one. */
static long
countrunes(Count *c, uchar *p, long n, int last)
{
	Rune r;
	int k;

	while(n > 0){
		if(*p < Runeself){
			c->runes++;
			p++;
			n--;
			continue;
		}
		if(!fullrune((char*)p, n)){
			if(!last)
				return n;
			k = 1;
			c->bad++;
		}else{
			k = chartorune(&r, (char*)p);
			if(r == Runeerror && k == 1)
				c->bad++;
			else
				c->runes++;
		}
		p += k;
		n -= k;
	}
	return 0;
}

static void
show(Count *c, char *name)
{
	char buf[256], *p, *e;

	p = buf;
	*p = '\0';
	e = buf + sizeof buf;
	if(lflag)
		p = seprint(p, e, " %7lld", c->lines);
	if(wflag)
		p = seprint(p, e, " %7lld", c->words);
	if(rflag)
		p = seprint(p, e, " %7lld", c->runes);
	if(bflag)
		p = seprint(p, e, " %7lld", c->bad);
	if(cflag)
		seprint(p, e, " %7lld", c->bytes);
	if((name != nil ? print("%s %s\n", buf + 1, name) : print("%s\n", buf + 1)) < 0)
		sysfatal("write error: %r");
}

static void
count(int fd, char *name, Count *total)
{
	static uchar buf[UTFmax + 64*1024];
	Count c;
	long n, left;
	int inword;

	memset(&c, 0, sizeof c);
	left = 0;
	inword = 0;
	while((n = read(fd, buf + left, sizeof buf - left)) > 0){
		c.bytes += n;
		if(lflag || wflag)
			countwords(&c, buf + left, n, &inword);
		if(!rflag && !bflag)
			continue;
		n += left;
		left = countrunes(&c, buf, n, 0);
		memmove(buf, buf + n - left, left);
	}
	if(n < 0){
		fprint(2, "wc: %s: %r\n", name != nil ? name : "stdin");
		status = "errors";
	}
	countrunes(&c, buf, left, 1);
	show(&c, name);
	total->lines += c.lines;
	total->words += c.words;
	total->runes += c.runes;
	total->bad += c.bad;
	total->bytes += c.bytes;
}

void
main(int argc, char *argv[])
{
	Count total;
	int i, fd;

	argv0 = "wc";
	ARGBEGIN{
	case 'l': lflag = 1; break;
	case 'w': wflag = 1; break;
	case 'r': rflag = 1; break;
	case 'b': bflag = 1; break;
	case 'c': cflag = 1; break;
	default: usage();
	}ARGEND
	if(!lflag && !wflag && !rflag && !bflag && !cflag)
		lflag = wflag = cflag = 1;
	memset(&total, 0, sizeof total);
	if(argc == 0)
		count(0, nil, &total);
	for(i = 0; i < argc; i++){
		fd = open(argv[i], OREAD);
		if(fd < 0){
			fprint(2, "wc: %s: %r\n", argv[i]);
			status = "errors";
			continue;
		}
		count(fd, argv[i], &total);
		close(fd);
	}
	if(argc > 1)
		show(&total, "total");
	exits(status);
}
