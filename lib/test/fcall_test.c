/*
 * 9P messages and directory entries there and back, cut short everywhere;
 * and buffered input and output.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <fcall.h>
#include "check.h"

static uchar buf[2048], copy[2048];

static void
messages(void)
{
	static uchar statbuf[] = "stat";
	Fcall all[] = {
		{ .type = Tversion, .tag = NOTAG, .msize = 8192, .version = "9P2000" },
		{ .type = Rversion, .tag = NOTAG, .msize = 8192, .version = "9P2000" },
		{ .type = Tauth, .afid = 5, .uname = "u", .aname = "" },
		{ .type = Rauth, .aqid = { 1, 2, 3 } },
		{ .type = Tattach, .fid = 1, .afid = NOFID, .uname = "glenda", .aname = "main" },
		{ .type = Rattach, .qid = { ~(uvlong)0, ~0u, 0x80 } },
		{ .type = Rerror, .ename = "no" },
		{ .type = Tflush, .oldtag = 77 }, { .type = Rflush },
		{ .type = Twalk, .fid = 1, .newfid = 2, .nwname = 3, .wname = { "a", "bé", "" } },
		{ .type = Rwalk, .nwqid = 2, .wqid = { { 1, 2, 3 }, { 4, 5, 6 } } },
		{ .type = Topen, .fid = 1, .mode = OTRUNC|ORDWR },
		{ .type = Ropen, .qid = { 1, 2, 3 }, .iounit = 4 },
		{ .type = Tcreate, .fid = 1, .name = "x", .perm = DMDIR|0777, .mode = OREAD },
		{ .type = Rcreate, .qid = { 1, 2, 3 }, .iounit = 4 },
		{ .type = Tread, .fid = 1, .offset = (vlong)1 << 40, .count = 100 },
		{ .type = Rread, .count = 4, .data = "data" },
		{ .type = Twrite, .fid = 1, .offset = 9, .count = 5, .data = "a\0b\xff\n" },
		{ .type = Rwrite, .count = 5 }, { .type = Tclunk, .fid = 1 }, { .type = Rclunk },
		{ .type = Tremove, .fid = 1 }, { .type = Rremove }, { .type = Tstat, .fid = 1 },
		{ .type = Rstat, .nstat = 4, .stat = statbuf },
		{ .type = Twstat, .fid = 3, .nstat = 4, .stat = statbuf },
		{ .type = Rwstat },
	};
	Fcall f;
	uint n, m, i;
	char *text;

	fmtinstall('F', fcallfmt);
	for(i = 0; i < nelem(all); i++){
		all[i].tag = 1234;
		n = convS2M(&all[i], buf, sizeof buf);
		CHECK(n > 0 && n == sizeS2M(&all[i]));
		CHECK(convS2M(&all[i], copy, n-1) == 0);
		/* cut short, with the count as it was and corrected */
		for(m = 0; m < n; m++){
			memmove(copy, buf, n);
			if(convM2S(copy, m, &f) != 0)
				break;
			PBIT32(copy, m);
			if(convM2S(copy, m, &f) != 0)
				break;
		}
		CHECK(m == n);
		memmove(copy, buf, n);
		memset(&f, 0, sizeof f);
		CHECK(convM2S(copy, n, &f) == n);
		CHECK(convS2M(&f, copy + 1024, 1024) == n && memcmp(copy + 1024, buf, n) == 0);
		PBIT32(buf, n+1);		/* a byte too many */
		CHECK(convM2S(buf, n+1, &f) == 0);
		text = smprint("%F", &all[i]);
		CHECK(text != nil && (text[0] == 'T' || text[0] == 'R'));
		free(text);
	}
}

/* Any bytes at all: refused, or a message that encodes to as many. */
static void
randombytes(void)
{
	Fcall f;
	uint i, m, n;

	for(i = 0; i < 200000; i++){
		m = 7 + (uint)nrand(60);
		for(n = 7; n < m; n++)
			buf[n] = (uchar)(nrand(4) ? nrand(4) : nrand(256));
		PBIT32(buf, m);
		buf[4] = (uchar)(Tversion + nrand(30));
		PBIT16(buf+5, 9);
		memset(&f, 0, sizeof f);
		if(convM2S(buf, m, &f) != 0 && convS2M(&f, copy, sizeof copy) != m)
			break;
	}
	CHECK(i == 200000);
}

/* What is no field of the message does not matter; what is one is within its limits. */
static void
illegal(void)
{
	Fcall f;
	uint n;
	int i;

	for(i = Tversion; i < Tmax; i++){
		memset(&f, 0xff, sizeof f);
		f.type = (uchar)i;
		f.version = f.ename = f.uname = f.aname = f.name = nil;
		f.count = f.nstat = 0;
		n = sizeS2M(&f);
		CHECK((n == 0) == (i == Terror || i == Twalk || i == Rwalk));
		CHECK(convS2M(&f, buf, sizeof buf) == n);
	}
	f.type = Twalk;
	f.nwname = MAXWELEN + 1;
	CHECK(sizeS2M(&f) == 0);
	memset(buf, 0, 7);
	PBIT32(buf, 7);
	buf[4] = Terror;
	CHECK(convM2S(buf, 7, &f) == 0);
}

/* Numbers lie with the low byte first. */
static void
numbers(void)
{
	uchar b[8] = { 0x01, 0x82, 0x03, 0x84, 0x05, 0x06, 0x07, 0x88 };

	CHECK(GBIT8(b+1) == 0x82 && GBIT16(b) == 0x8201 && GBIT32(b) == 0x84038201
		&& GBIT64(b) == 0x8807060584038201ULL);
	PBIT8(b, 0xfe);
	PBIT16(b+1, 0x1234);
	CHECK(b[0] == 0xfe && b[1] == 0x34 && b[2] == 0x12 && b[3] == 0x84);
	PBIT32(b, 0xa1b2c3d4);
	CHECK(b[0] == 0xd4 && b[3] == 0xa1 && b[4] == 0x05);
	PBIT64(b, 0x1122334455667788ULL);
	CHECK(b[0] == 0x88 && b[7] == 0x11);
	CHECK(strcmp(VERSION9P, "9P2000") == 0 && NOTAG == 0xffff && NOFID == 0xffffffff);
	CHECK(IOHDRSZ == 24 && STATFIXLEN == 49 && MAXWELEN == 16 && BIT8SZ == 1 && BIT16SZ == 2
		&& BIT32SZ == 4 && BIT64SZ == 8 && QIDSZ == 13);
}

/* Strings and data of a decoded message point into the buffer. */
static void
inplace(void)
{
	Fcall f = { .type = Twrite, .tag = 1, .fid = 2, .count = 3, .data = "abc" }, g;
	uint n = convS2M(&f, buf, sizeof buf);

	CHECK(convM2S(buf, n, &g) == n && (uchar*)g.data >= buf && (uchar*)g.data < buf + n);
	f = (Fcall){ .type = Tcreate, .tag = 1, .name = "name" };
	n = convS2M(&f, buf, sizeof buf);
	CHECK(convM2S(buf, n, &g) == n && (uchar*)g.name > buf && (uchar*)g.name < buf + n);
	SAME(g.name, "name");
}

/* One whole message at a time, however it arrives. */
static void
reading(void)
{
	Fcall f = { .type = Tclunk, .tag = 7, .fid = 1 };
	uint n = convS2M(&f, buf, sizeof buf);
	int fd[2];

	CHECK(pipe(fd) == 0);
	write(fd[0], buf, 3);
	write(fd[0], buf + 3, n - 3);
	write(fd[0], buf, n);
	CHECK(read9pmsg(fd[1], copy, sizeof copy) == (int)n && memcmp(copy, buf, n) == 0);
	CHECK(read9pmsg(fd[1], copy, n - 1) == -1);		/* more than there is room for */
	CHECK(readn(fd[1], copy, n - 4) == n - 4);
	write(fd[0], "\1\0\0\0", 4);
	CHECK(read9pmsg(fd[1], copy, sizeof copy) == -1);
	write(fd[0], buf, n - 1);
	close(fd[0]);
	CHECK(read9pmsg(fd[1], copy, sizeof copy) == -1);	/* cut short */
	CHECK(read9pmsg(fd[1], copy, sizeof copy) == 0);
	close(fd[1]);
}

static void
directories(void)
{
	Dir d = { .type = 'M', .dev = 7, .qid = { 1, 2, QTDIR }, .mode = DMDIR|0755, .atime = 1,
		.mtime = 2,
		.length = (vlong)1 << 40, .name = "name", .uid = "u", .gid = "gé", .muid = "" }, e;
	char strs[256], *s;
	uint n, m;

	n = convD2M(&d, buf, sizeof buf);
	CHECK(n == sizeD2M(&d) && n == STATFIXLEN + 8 && statcheck(buf, n) == 0);
	for(m = 0; m < n; m++)
		if(statcheck(buf, m) == 0 || convM2D(buf, m, &e, strs) != 0)
			break;
	CHECK(m == n);
	CHECK(convM2D(buf, n, &e, strs) == n && e.length == d.length && e.qid.vers == 2
		&& e.dev == 7);
	SAME(e.name, "name");
	SAME(e.gid, "gé");
	CHECK(convD2M(&d, copy, 10) == BIT16SZ && GBIT16(copy) == n - BIT16SZ
		&& convD2M(&d, copy, 1) == 0);
	fmtinstall('D', dirfmt);
	fmtinstall('M', dirmodefmt);
	s = smprint("%M %M %M", d.mode, DMAPPEND|DMEXCL|0640, 0111);
	SAME(s, "d-rwxr-xr-x alrw-r----- ----x--x--x");
	s = smprint("%D", &d);
	CHECK(strncmp(s, "'name' 'u' 'gé' ''", 18) == 0);
}

static void
buffers(void)
{
	char name[] = "/tmp/fcall_test.XXXXXXXXXXX", *s;
	Biobuf *b;
	int i, n;
	double d;

	mktemp(name);
	b = Bopen(name, OWRITE);
	CHECK(b != nil);
	for(i = 0; i < 5000; i++)
		CHECK(Bprint(b, "line %d\n", i) > 0);
	Bputrune(b, 0x4e16);
	for(i = 0; i < 20000; i++)
		Bputc(b, 'x');
	Bprint(b, "\n3.5e2,tail");
	vlong end = Boffset(b);
	CHECK(Bterm(b) == 0);
	b = Bopen(name, OREAD);
	for(i = 0; i < 5000; i++){
		s = Brdline(b, '\n');
		if(s == nil || (n = Blinelen(b)) < 7 || s[n-1] != '\n' || atoi(s+5) != i)
			break;
	}
	CHECK(i == 5000);
	CHECK(Bgetrune(b) == 0x4e16 && Bungetrune(b) == 1 && Bgetrune(b) == 0x4e16);
	vlong at = Boffset(b);
	CHECK(Brdline(b, '\n') == nil && Blinelen(b) > 0);
	s = Brdstr(b, '\n', 1);
	CHECK(strlen(s) == 20000 && Blinelen(b) == 20000 && Boffset(b) == at + 20001);
	free(s);
	CHECK(Bgetd(b, &d) == 1 && d == 350 && Bgetc(b) == ',');
	CHECK(Bgetc(b) == 't' && Bungetc(b) == 1 && Bungetc(b) == 1 && Bgetc(b) == ',');
	s = Brdstr(b, '\n', 1);
	SAME(s, "tail");
	CHECK(Brdstr(b, '\n', 1) == nil && Bgetc(b) == Beof && Boffset(b) == end);
	CHECK(Bseek(b, 5, 0) == 5 && Bgetc(b) == '0' && Bseek(b, 6, 1) == 12 && Bgetc(b) == '1');
	CHECK(Bseek(b, -4, 2) == end - 4 && Bgetc(b) == 't' && Bseek(b, -1, 1) == end - 4
		&& Bgetc(b) == 't');
	char part[10];
	CHECK(Bread(b, part, 10) == 3 && Bread(b, part, 10) == 0);
	CHECK(Bterm(b) == 0);
	remove(name);
	CHECK(Bopen("/nosuch/file", OREAD) == nil);
}

static void
files(void)
{
	char name[] = "/tmp/lib_test.XXXXXXXXXXX", sub[64], buf1[64];
	Dir *d, nd;
	int fd, i;
	long n;

	mktemp(name);
	fd = create(name, OREAD, DMDIR|0777);
	CHECK(fd >= 0);
	close(fd);
	for(i = 0; i < 40; i++){
		snprint(sub, sizeof sub, "%s/%d", name, i);
		fd = create(sub, ORDWR, 0600);
		CHECK(fd >= 0 && write(fd, sub, i) == i && seek(fd, 0, 0) == 0
			&& read(fd, buf1, 60) == i);
		close(fd);
	}
	fd = open(name, OREAD);
	n = dirreadall(fd, &d);
	CHECK(n == 40);
	close(fd);
	for(i = 0; i < n; i++)
		if(d[i].length != atoi(d[i].name) || d[i].mode != 0600)
			break;
	CHECK(i == 40);
	free(d);
	nulldir(&nd);
	nd.name = "new";
	nd.mode = 0400;
	nd.mtime = 1000;
	CHECK(dirwstat(sub, &nd) > 0 && dirstat(sub) == nil);
	rerrstr(buf1, sizeof buf1);
	CHECK(strstr(buf1, "does not exist") != nil);
	CHECK(access(sub, AEXIST) < 0 && access(name, AEXIST) == 0);
	snprint(sub, sizeof sub, "%s/new", name);
	d = dirstat(sub);
	CHECK(d != nil && d->mtime == 1000 && d->mode == 0400);
	free(d);
	CHECK(remove(name) < 0);
	remove(sub);
	for(i = 0; i < 39; i++){
		snprint(sub, sizeof sub, "%s/%d", name, i);
		CHECK(remove(sub) == 0);
	}
	CHECK(remove(name) == 0);
	putenv("v", "x");
	SAME(getenv("v"), "x");
	CHECK(getenv("nosuch") == nil && getenv("a/b") == nil && putenv("..", "x") < 0);
}

void
main(int argc, char **argv)
{
	USED(argc, argv);
	messages();
	randombytes();
	illegal();
	numbers();
	inplace();
	reading();
	directories();
	buffers();
	files();
	finish();
}
