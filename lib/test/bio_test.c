/*
 * libbio: lines, runes and numbers, going back and seeking, errors, buffers
 * of the caller's and what exits does with all of them. The file's bytes say
 * where they are: the one at place i is pattern(i).
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "check.h"

enum {
	SIZE = 3*Bsize + 100,
};

static char name[] = "/tmp/bio_test.XXXXXXXXXXX";

static int
pattern(vlong i)
{
	return (int)('a' + (i*7 + i/251) % 23);
}

static void
makefile(void)
{
	Biobuf *b = Bopen(name, OWRITE);
	int i;

	CHECK(b != nil);
	for(i = 0; i < SIZE; i++)
		Bputc(b, pattern(i));
	CHECK(Boffset(b) == SIZE && Bterm(b) == 0);
}

/* The whole of a file that this program just wrote. */
static char*
contents(void)
{
	static char buf[4096];
	int fd = open(name, OREAD);
	long n = fd < 0 ? -1 : readn(fd, buf, sizeof buf - 1);

	close(fd);
	buf[n > 0 ? n : 0] = 0;
	return buf;
}

/* From every place near the ends of a buffer, steps of every small size both ways. */
static void
seeks(void)
{
	static vlong from[] = {
		0, 3, Bsize-5, Bsize-1, Bsize, Bsize+1, Bsize+4, 2*Bsize+2, SIZE-1,
	};
	Biobuf *b = Bopen(name, OREAD);
	int i, k, bad = 0;
	vlong to;

	CHECK(b != nil);
	for(i = 0; i < (int)nelem(from); i++)
		for(k = -12; k <= 12; k++){
			to = from[i] + 1 + k;
			if(to < 0 || to >= SIZE)
				continue;
			bad += Bseek(b, from[i], 0) != from[i] || Bgetc(b) != pattern(from[i]);
			bad += Bseek(b, k, 1) != to || Boffset(b) != to || Bgetc(b) != pattern(to);
		}
	CHECK(bad == 0);
	/* after a real seek nothing of what was before may be taken for the bytes in between */
	CHECK(Bseek(b, 0, 0) == 0 && Bgetc(b) == pattern(0));
	CHECK(Bseek(b, 2*Bsize, 0) == 2*Bsize && Bgetc(b) == pattern(2*Bsize));
	for(k = 1; k <= Bungetsize; k++){
		CHECK(Bseek(b, 2*Bsize - k, 0) == 2*Bsize - k && Bgetc(b) == pattern(2*Bsize - k));
		CHECK(Bseek(b, 0, 0) == 0 && Bgetc(b) == pattern(0)
			&& Bseek(b, 2*Bsize, 0) == 2*Bsize && Bgetc(b) == pattern(2*Bsize));
	}
	CHECK(Bseek(b, Bsize + 10, 0) == Bsize + 10 && Bungetc(b) == Beof);
	CHECK(Bseek(b, -1, 2) == SIZE-1 && Bgetc(b) == pattern(SIZE-1) && Bgetc(b) == Beof);
	CHECK(Bseek(b, -5, 0) < 0);
	Bterm(b);
}

/* What Bungetc gives back across the border of two buffers, and at the end. */
static void
goingback(void)
{
	Biobuf *b = Bopen(name, OREAD);
	int i, k;

	CHECK(Bungetc(b) == Beof);
	for(i = 0; i < Bsize + 1; i++)
		Bgetc(b);
	for(k = 0; k < Bungetsize; k++)
		CHECK(Bungetc(b) == 1);
	for(i = Bsize + 1 - Bungetsize; i < Bsize + 3; i++)
		CHECK(Bgetc(b) == pattern(i));
	while(Bgetc(b) != Beof)
		;
	CHECK(Boffset(b) == SIZE && Bungetc(b) == 1 && Boffset(b) == SIZE-1
		&& Bgetc(b) == pattern(SIZE-1) && Bgetc(b) == Beof);
	Bterm(b);
}

static int
viaargs(void *b, char *fmt, ...)
{
	va_list a;
	int n;

	va_start(a, fmt);
	n = Bvprint(b, fmt, a);
	va_end(a);
	return n;
}

static void
lines(void)
{
	uchar mem[64 + Bungetsize];
	Biobufhdr b;
	Biobuf *w = Bopen(name, OWRITE);
	char *s, buf[200];
	int i, fd;

	CHECK(Bprint(w, "one\n%0100d\n", 5) == 4 + 101 && viaargs(w, "%s\npart", "two") == 8);
	CHECK(Bbuffered(w) == 113 && Bflush(w) == 0 && Bbuffered(w) == 0);
	Bterm(w);
	fd = open(name, OREAD);
	CHECK(Binits(&b, fd, OREAD, mem, sizeof mem) == 0 && Bfildes(&b) == fd);
	s = Brdline(&b, '\n');
	CHECK(s != nil && Blinelen(&b) == 4 && memcmp(s, "one\n", 4) == 0);
	/* a line longer than the buffer: nil, and Blinelen says what can be read of it */
	CHECK(Brdline(&b, '\n') == nil && Blinelen(&b) == 64 && Bbuffered(&b) == 64);
	CHECK(Bread(&b, buf, 64) == 64 && buf[0] == '0');
	s = Brdline(&b, '\n');
	CHECK(s != nil && Blinelen(&b) == 37 && s[35] == '5');
	s = Brdstr(&b, '\n', 0);
	SAME(s, "two\n");
	CHECK(Blinelen(&b) == 4);
	free(s);
	/* the unfinished last line */
	CHECK(Brdline(&b, '\n') == nil && Blinelen(&b) == 4);
	CHECK(Bread(&b, buf, sizeof buf) == 4 && memcmp(buf, "part", 4) == 0);
	CHECK(Brdline(&b, '\n') == nil && Blinelen(&b) == 0);
	CHECK(Bseek(&b, 0, 0) == 0);
	for(i = 0; (s = Brdstr(&b, '\n', 1)) != nil; i++){
		CHECK(strlen(s) == Blinelen(&b) && strchr(s, '\n') == nil);
		free(s);
	}
	CHECK(i == 4);
	/* Bterm leaves the descriptor of Binits open */
	CHECK(Bterm(&b) == 0 && seek(fd, 0, 0) == 0 && close(fd) == 0);
	CHECK(Binits(&b, 0, OREAD, mem, Bungetsize) == Beof);
	CHECK(Binits(&b, 0, ORDWR, mem, sizeof mem) == Beof && Bopen(name, ORDWR) == nil);
}

static void
runes(void)
{
	Biobuf *b = Bopen(name, OWRITE);
	static Rune r[] = { 'a', 0xe9, 0x4e16, 0x1f600 };
	double d;
	int i;

	for(i = 0; i < (int)nelem(r); i++)
		CHECK(Bputrune(b, r[i]) == runelen(r[i]));
	CHECK(Bwrite(b, "\xe4\xb8z -12.5e1,7 x", 15) == 15);
	CHECK(Bgetc(b) == Beof);		/* a buffer either reads or writes */
	Bterm(b);
	b = Bfdopen(open(name, OREAD), OREAD);
	for(i = 0; i < (int)nelem(r); i++)
		CHECK(Bgetrune(b) == (long)r[i] && Bungetrune(b) == 1 && Bgetrune(b) == (long)r[i]);
	CHECK(Bgetrune(b) == Runeerror && Bgetrune(b) == Runeerror && Bgetrune(b) == 'z');
	CHECK(Bgetd(b, &d) == 1 && d == -125 && Bgetc(b) == ',');
	CHECK(Bgetd(b, &d) == 1 && d == 7 && Bgetc(b) == ' ' && Bgetc(b) == 'x');
	CHECK(Bgetd(b, &d) == Beof && Bgetrune(b) == Beof);
	CHECK(Bputc(b, 'x') == Beof && Bwrite(b, "x", 1) == Beof && Bprint(b, "x") == Beof);
	CHECK(Bterm(b) == 0);
}

static char complaint[ERRMAX];

static void
complain(char *s)
{
	strecpy(complaint, complaint + sizeof complaint, s);
}

static int left;

/* A source of `left' bytes, then an error. */
static int
source(Biobufhdr *b, void *v, long n)
{
	USED(b);
	if(left == 0){
		werrstr("it broke");
		return -1;
	}
	if(n > left)
		n = left;
	memset(v, 'q', (ulong)n);
	left -= (int)n;
	return (int)n;
}

static void
errors(void)
{
	Biobuf b;
	int i, pid;
	Waitmsg *w;

	CHECK(Binit(&b, -1, OREAD) == 0);
	Biofn(&b, source);
	Blethal(&b, complain);
	left = 10;
	for(i = 0; Bgetc(&b) == 'q'; i++)
		;
	CHECK(i == 10);
	SAME(complaint, "read error: it broke");
	Biofn(&b, nil);
	CHECK(Bgetc(&b) == Beof && strncmp(complaint, "read error: ", 12) == 0);
	Berror(&b, "mine %d", 5);
	SAME(complaint, "mine 5");
	Bterm(&b);
	CHECK(Binit(&b, -1, OWRITE) == 0);
	Blethal(&b, complain);
	CHECK(Bputc(&b, 'x') == 0 && Bflush(&b) == Beof && Bputc(&b, 'x') == Beof);
	CHECK(strncmp(complaint, "write error: ", 13) == 0);
	Bterm(&b);
	pid = fork();
	if(pid == 0){
		close(2);
		Binit(&b, -1, OREAD);
		Blethal(&b, nil);
		Bgetc(&b);
		_exits("survived");
	}
	w = wait();
	CHECK(w != nil && w->pid == pid && strstr(w->msg, "read error") != nil);
	free(w);
}

/* However many are open, exits flushes them; a forked child does not flush its parent's. */
static void
atend(void)
{
	enum { N = 100 };
	static Biobuf bufs[N];
	char *s;
	int i, fd;

	fd = create(name, OWRITE, 0666);
	if(fork() == 0){
		for(i = 0; i < N; i++){
			Binit(&bufs[i], fd, OWRITE);
			Bputc(&bufs[i], '0' + i % 10);
		}
		if(fork() == 0)
			exits(nil);
		free(wait());
		exits(nil);
	}
	free(wait());
	close(fd);
	s = contents();
	CHECK(strlen(s) == N && strspn(s, "0123456789") == N);
	remove(name);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	mktemp(name);
	makefile();
	seeks();
	goingback();
	lines();
	runes();
	errors();
	atend();
	finish();
}
