/*
 * Files and names: reading and writing in pieces, modes, directories and
 * what is known of files, the environment, log files.
 */
#include <u.h>
#include <libc.h>
#include <fcall.h>
#include "check.h"

static char dir[] = "/tmp/file_test.XXXXXXXXXXX";
static char buf[4096];

/* The name of a file in the test's own directory. */
static char*
in(char *name)
{
	static char s[2][128];
	static int i;

	i = !i;
	snprint(s[i], sizeof s[i], "%s/%s", dir, name);
	return s[i];
}

/* Makes a file with that text. */
static void
put(char *name, char *text)
{
	int fd = create(in(name), OWRITE, 0666);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == strlen(text));
	close(fd);
}

static char*
get(char *name)
{
	int fd = open(name, OREAD);
	long n = readn(fd, buf, sizeof buf - 1);

	close(fd);
	buf[n > 0 ? n : 0] = 0;
	return buf;
}

static void
opening(void)
{
	int fd, d2;

	fd = create(in("f"), ORDWR, 0666);
	CHECK(fd >= 0 && write(fd, "hello", 5) == 5);
	CHECK(seek(fd, 1, 0) == 1 && read(fd, buf, 10) == 4);
	CHECK(memcmp(buf, "ello", 4) == 0);
	close(fd);
	fd = create(in("f"), OWRITE, 0666);	/* truncates */
	CHECK(fd >= 0 && seek(fd, 0, 2) == 0 && read(fd, buf, 1) < 0);
	write(fd, "abcdef", 6);
	close(fd);
	CHECK(create(in("f"), OWRITE|OEXCL, 0666) < 0);
	fd = create(in("new"), OWRITE|OEXCL, 0666);
	CHECK(fd >= 0 && close(fd) == 0 && remove(in("new")) == 0 && remove(in("new")) < 0);
	fd = open(in("f"), ORDWR|OTRUNC);
	CHECK(fd >= 0 && read(fd, buf, 10) == 0 && write(fd, "xyz", 3) == 3);
	close(fd);
	fd = open(in("f"), OREAD|ORCLOSE);
	CHECK(fd >= 0 && read(fd, buf, 10) == 3);
	close(fd);
	CHECK(access(in("f"), AEXIST) < 0);
	put("f", "0123456789");
	fd = open(in("f"), OREAD);
	CHECK(seek(fd, 4, 0) == 4 && seek(fd, 2, 1) == 6 && seek(fd, -1, 2) == 9);
	CHECK(seek(fd, -1, 0) < 0 && seek(fd, 0, 1) == 9);
	d2 = dup(fd, -1);
	CHECK(d2 >= 0 && d2 != fd && read(d2, buf, 5) == 1 && seek(fd, 0, 1) == 10);
	CHECK(dup(fd, 20) == 20 && seek(20, 3, 0) == 3 && seek(d2, 0, 1) == 3);
	CHECK(close(20) == 0 && close(20) < 0 && close(d2) == 0);
	/* pread leaves the offset alone */
	CHECK(pread(fd, buf, 2, 8) == 2 && memcmp(buf, "89", 2) == 0 && seek(fd, 0, 1) == 3);
	CHECK(fd2path(fd, buf, sizeof buf) == 0 && strcmp(buf, in("f")) == 0);
	CHECK(iounit(fd) >= 0);
	close(fd);
}

static void
pieces(void)
{
	char a[3], b[4], c[8];
	IOchunk io[3] = { { a, 3 }, { b, 4 }, { c, 8 } };
	int fd[2], f, i;

	f = create(in("v"), ORDWR, 0666);
	memmove(a, "abc", 3);
	memmove(b, "defg", 4);
	memmove(c, "hijklmno", 8);
	CHECK(writev(f, io, 3) == 15 && seek(f, 0, 1) == 15);
	CHECK(pwritev(f, io, 1, 20) == 3 && seek(f, 0, 1) == 15);
	memset(a, 0, 3);
	memset(b, 0, 4);
	memset(c, 0, 8);
	CHECK(preadv(f, io, 3, 1) == 15 && seek(f, 0, 1) == 15);
	CHECK(memcmp(a, "bcd", 3) == 0 && memcmp(b, "efgh", 4) == 0);
	CHECK(memcmp(c, "ijklmno\0", 8) == 0);
	CHECK(seek(f, 18, 0) == 18 && readv(f, io, 2) == 5 && seek(f, 0, 1) == 23);
	CHECK(memcmp(a, "\0\0a", 3) == 0 && memcmp(b, "bcgh", 4) == 0);
	CHECK(readv(f, io, 3) == 0 && readv(-1, io, 3) < 0);
	close(f);
	/* a pipe gives what was written a piece at a time; readn goes on to n, or the end */
	CHECK(pipe(fd) == 0);
	for(i = 0; i < 3; i++)
		write(fd[0], "four", 4);
	CHECK(read(fd[1], buf, 4) == 4);
	CHECK(readn(fd[1], buf, 6) == 6 && memcmp(buf, "fourfo", 6) == 0);
	write(fd[1], "back", 4);		/* both ways */
	CHECK(read(fd[0], buf, 100) == 4 && memcmp(buf, "back", 4) == 0);
	close(fd[0]);
	CHECK(readn(fd[1], buf, 100) == 2 && readn(fd[1], buf, 100) == 0);
	close(fd[1]);
	CHECK(readn(-1, buf, 1) < 0);
}

/* Whether this is lux9 and not the aid on Linux, which leaves permissions to that. */
static int
native(void)
{
	return access("/dev/drivers", AEXIST) == 0;
}

static void
accesses(void)
{
	Dir d;
	int fd;

	put("r", "x");
	CHECK(access(in("r"), AEXIST) == 0 && access(in("r"), AREAD) == 0
		&& access(in("r"), AWRITE) == 0 && access(in("r"), AREAD|AWRITE) == 0);
	CHECK((access(in("r"), AEXEC) < 0 || !native()) && access(in("none"), AREAD) < 0);
	nulldir(&d);
	d.mode = 0755;
	CHECK(dirwstat(in("r"), &d) >= 0 && access(in("r"), AEXEC) == 0);
	/* permissions of what is created are and-ed with the directory's */
	fd = create(in("sub"), OREAD, DMDIR|0750);
	CHECK(fd >= 0);
	close(fd);
	fd = create(in("sub/f"), OREAD, 0666);
	CHECK(fd >= 0);
	close(fd);
	Dir *s = dirstat(in("sub/f"));
	CHECK(s != nil && ((s->mode & 07) == 0 || !native()));
	free(s);
	CHECK(remove(in("sub")) < 0 && remove(in("sub/f")) == 0 && remove(in("sub")) == 0);
}

/* What is known of a file, as Dir and as bytes. */
static void
stats(void)
{
	uchar raw[512], small[BIT16SZ];
	char strs[512];
	Dir *d, e;
	int fd, n;

	put("s", "12345");
	d = dirstat(in("s"));
	CHECK(d != nil && d->length == 5 && d->mode == (d->mode & 0777) && d->qid.type == 0);
	SAME(d->name, "s");
	SAME(d->uid, getuser());
	CHECK(d->mtime > 1600000000 && (uint)time(nil) - d->mtime < 3600);
	/* the strings lie in the same block */
	CHECK((uchar*)d->name > (uchar*)d && (uchar*)d->muid < (uchar*)d + msize(d));
	fd = open(in("s"), ORDWR);
	Dir *f = dirfstat(fd);
	CHECK(f != nil && f->qid.path == d->qid.path && f->type == d->type && f->dev == d->dev);
	free(f);
	n = stat(in("s"), raw, sizeof raw);
	CHECK(n > STATFIXLEN && statcheck(raw, (uint)n) == 0
		&& convM2D(raw, (uint)n, &e, strs) == (uint)n && e.qid.path == d->qid.path);
	CHECK(fstat(fd, raw, sizeof raw) == n);
	/* too small a buffer holds the size it takes */
	CHECK(stat(in("s"), small, sizeof small) == BIT16SZ && GBIT16(small) + BIT16SZ >= (uint)n);
	CHECK(stat(in("none"), raw, sizeof raw) < 0 && dirstat(in("none")) == nil
		&& dirfstat(-1) == nil);
	nulldir(&e);
	CHECK(e.mode == ~0u && e.mtime == ~0u && e.length == -1 && e.qid.path == ~(uvlong)0
		&& e.name[0] == 0 && e.uid[0] == 0 && e.gid[0] == 0 && e.muid[0] == 0);
	CHECK(dirfwstat(fd, &e) >= 0);		/* only syncs */
	e.length = 3;
	CHECK(dirfwstat(fd, &e) >= 0);
	SAME(get(in("s")), "123");
	nulldir(&e);
	e.mtime = 1000000000;
	e.mode = 0600;
	n = (int)convD2M(&e, raw, sizeof raw);
	CHECK(fwstat(fd, raw, n) >= 0);
	nulldir(&e);
	e.name = "t";
	n = (int)convD2M(&e, raw, sizeof raw);
	CHECK(wstat(in("s"), raw, n) >= 0 && access(in("s"), AEXIST) < 0);
	free(d);
	d = dirstat(in("t"));
	CHECK(d != nil && d->mtime == 1000000000 && d->mode == 0600 && d->length == 3);
	free(d);
	close(fd);
}

/* By dirread in batches and dirreadall at once: the same entries, each once. */
static void
directories(void)
{
	enum { N = 700 };
	char name[64], seen[N];
	long n, i, total = 0;
	int fd, k;
	Dir *d;

	for(i = 0; i < N; i++){
		snprint(name, sizeof name, "entry-with-a-long-name-%ld", i);
		put(name, "");
	}
	memset(seen, 0, sizeof seen);
	fd = open(dir, OREAD);
	while((n = dirread(fd, &d)) > 0){
		for(i = 0; i < n; i++)
			if(strncmp(d[i].name, "entry", 5) == 0){
				k = (int)strtol(d[i].name + 23, nil, 10);
				CHECK(k >= 0 && k < N && !seen[k]);
				seen[k] = 1;
				total++;
			}
		free(d);
	}
	CHECK(n == 0 && d == nil && total == N);
	seek(fd, 0, 0);
	n = dirreadall(fd, &d);
	CHECK(n >= N);
	free(d);
	CHECK(dirreadall(fd, &d) == 0 && d == nil);
	close(fd);
	CHECK(dirread(-1, &d) == -1 && d == nil && dirreadall(-1, &d) == -1 && d == nil);
	fd = open(dir, OREAD);
	n = dirreadall(fd, &d);
	close(fd);
	for(i = 0; i < n; i++)
		if(strncmp(d[i].name, "entry", 5) == 0)
			remove(in(d[i].name));
	free(d);
}

static void
names(void)
{
	char template[64], other[64];
	int fd;

	CHECK(chdir(dir) == 0 && getwd(buf, sizeof buf) == buf);
	SAME(buf, dir);
	fd = create("here", OWRITE, 0666);
	CHECK(fd >= 0 && access(in("here"), AEXIST) == 0);
	close(fd);
	CHECK(chdir("here") < 0 && chdir("/") == 0);
	SAME(getwd(buf, sizeof buf), "/");
	strcpy(template, in("m.XXXXXXXXXXX"));
	strcpy(other, template);
	CHECK(mktemp(template) == template && strchr(template, 'X') == nil);
	CHECK(strlen(template) == strlen(other) && access(template, AEXIST) < 0);
	close(create(template, OWRITE, 0666));
	CHECK(strcmp(mktemp(other), template) != 0);
	strcpy(template, in("none"));
	SAME(mktemp(template), in("none"));
}

static void
environment(void)
{
	char *s;
	int fd;

	rfork(RFENVG);
	CHECK(putenv("FILETEST", "a value") == 0);
	s = getenv("FILETEST");
	SAME(s, "a value");
	free(s);
	SAME(get("/env/FILETEST"), "a value");
	fd = create("/env/FILETEST", OWRITE, 0666);
	write(fd, "one\0two\0\0", 9);
	close(fd);
	s = getenv("FILETEST");		/* a list */
	SAME(s, "one two");
	free(s);
	CHECK(putenv("FILETEST", "") == 0);
	s = getenv("FILETEST");
	SAME(s, "");
	free(s);
	CHECK(getenv("NOSUCHVARIABLE") == nil && getenv("a/b") == nil && putenv("a/b", "x") < 0);
	s = malloc(5001);
	memset(s, 'v', 5000);
	s[5000] = 0;
	CHECK(putenv("FILETEST", s) == 0);
	char *t = getenv("FILETEST");
	CHECK(t != nil && strcmp(s, t) == 0);
	free(s);
	free(t);
}

/* A line is added if the file is there, and nothing is made. */
static void
logs(void)
{
	char want[256], *date, *s;

	rfork(RFNAMEG);
	CHECK(bind(dir, "/sys/log", MREPL) >= 0);
	put("present", "before\n");
	do{
		date = ctime(time(nil));
		snprint(want, sizeof want, "before\n%s %.15s number 5\n", sysname(), date + 4);
		put("present", "before\n");
		syslog(0, "present", "number %d", 5);
	}while(strcmp(date, ctime(time(nil))) != 0);
	SAME(get(in("present")), want);
	syslog(0, "absent", "text");
	CHECK(access(in("absent"), AEXIST) < 0);
	s = smprint("%4000d", 1);		/* however long, one line */
	put("present", "");
	syslog(0, "present", "%s", s);
	get(in("present"));
	CHECK(strlen(buf) > 500 && strchr(buf, '\n') == buf + strlen(buf) - 1);
	free(s);
	unmount(nil, "/sys/log");
}

/* To the console as well, if asked: a file in its place sees the same line. */
static void
console(void)
{
	char *line;

	rfork(RFNAMEG);
	put("cons", "");
	put("log", "");
	CHECK(bind(dir, "/sys/log", MREPL) >= 0 && bind(in("cons"), "/dev/cons", MREPL) >= 0);
	syslog(1, "log", "to %s", "both");
	line = strdup(get("/sys/log/log"));
	CHECK(strstr(line, " to both\n") != nil);
	SAME(get(in("cons")), line);
	syslog(1, nil, "to one alone");
	CHECK(strstr(get(in("cons")), " to one alone\n") != nil);
	SAME(get("/sys/log/log"), line);
	free(line);
	unmount(nil, "/dev/cons");
	unmount(nil, "/sys/log");
}

/* Numbers that programs built elsewhere hold. */
static void
constants(void)
{
	CHECK(OREAD == 0 && OWRITE == 1 && ORDWR == 2 && OEXEC == 3 && OTRUNC == 16
		&& OCEXEC == 32 && ORCLOSE == 64 && OEXCL == 0x1000);
	CHECK((uint)DMDIR == 1u<<31 && DMAPPEND == 1<<30 && DMEXCL == 1<<29 && DMMOUNT == 1<<28
		&& DMAUTH == 1<<27 && DMTMP == 1<<26);
	CHECK(AEXIST == 0 && AEXEC == 1 && AWRITE == 2 && AREAD == 4);
	CHECK(MREPL == 0 && MBEFORE == 1 && MAFTER == 2 && MCREATE == 4 && MCACHE == 16);
	CHECK(RFNAMEG == 1 && RFENVG == 2 && RFFDG == 4 && RFNOTEG == 8 && RFPROC == 16
		&& RFMEM == 32 && RFNOWAIT == 64 && RFCNAMEG == 1024 && RFCENVG == 2048
		&& RFCFDG == 4096 && RFREND == 8192 && RFNOMNT == 16384);
	CHECK(NCONT == 0 && NDFLT == 1 && NSAVE == 2 && NRSTR == 3 && PNPROC == 1 && PNGROUP == 2);
	CHECK(SG_RONLY == 040 && SG_CEXEC == 0100);
	CHECK(sizeof(int) == 4 && sizeof(vlong) == 8 && sizeof(usize) == 8 && sizeof(Rune) == 4);
	CHECK(sizeof((Dir*)0)->mode == 4 && sizeof((Waitmsg*)0)->time[0] == 4
		&& sizeof((Qid*)0)->vers == 4);
}

static void
cleanup(void)
{
	Dir *d;
	long n, i;
	int fd = open(dir, OREAD);

	n = dirreadall(fd, &d);
	close(fd);
	for(i = 0; i < n; i++)
		remove(in(d[i].name));
	free(d);
	CHECK(remove(dir) == 0);
}

void
main(int argc, char **argv)
{
	int fd;

	USED(argc, argv);
	mktemp(dir);
	fd = create(dir, OREAD, DMDIR|0777);
	if(fd < 0)
		sysfatal("%s: %r", dir);
	close(fd);
	opening();
	pieces();
	accesses();
	stats();
	directories();
	names();
	environment();
	logs();
	if(native())
		console();
	constants();
	cleanup();
	finish();
}
