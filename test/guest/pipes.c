/*
 * process.md 3.2 and devices.md 1.5 and 6: blocks, ends, notes, limits and throughput of pipes.
 */
#include "guest.h"

enum { BLOCK = 65536, LIMIT = 256 * 1024 };

static char buf[2 * LIMIT];
static char last[ERRMAX];
static int count;

static void record(void *u, char *note)
{
	USED(u);
	strecpy(last, last + sizeof last, note);
	count++;
	noted(NCONT);
}

static long queued(int fd)
{
	Dir *d = dirfstat(fd);
	long n = d == nil ? -1 : d->length;

	free(d);
	return n;
}

/* ---- blocks ---- */

static void blocks(void)
{
	int p[2], i;
	Dir *d;

	is("pipe", pipe(p), 0);
	fd2path(p[0], buf, sizeof buf);
	same("path of the first end", buf, "#|/data");
	fd2path(p[1], buf, sizeof buf);
	same("path of the second", buf, "#|/data1");
	d = dirfstat(p[0]);
	yes("stat", d != nil && d->type == '|' && d->mode == 0666 && strcmp(d->name, "data") == 0);
	free(d);
	write(p[0], "0123456789", 10);
	write(p[0], "abcde", 5);
	is("length: bytes queued", queued(p[1]), 15);
	is("the writer's own queue", queued(p[0]), 0);
	is("one block a read", read(p[1], buf, 100), 10);
	is("the next", read(p[1], buf, 2), 2);
	is("its rest", read(p[1], buf, 100), 3);
	is("which is right", memcmp(buf, "cde", 3), 0);
	write(p[1], "back", 4);
	is("the other way", read(p[0], buf, 100), 4);
	write(p[0], "", 0);
	write(p[0], "x", 1);
	is("a write of nothing is a read of nothing", read(p[1], buf, 100), 0);
	is("once", read(p[1], buf, 100), 1);
	for (i = 0; i < 200000; i++)
		buf[i] = (char)(i * 31 >> 3);
	is("a large write", write(p[0], buf, 200000), 200000);
	memset(buf, 0, sizeof buf);
	is("is cut in blocks of 64 KiB", read(p[1], buf, sizeof buf), BLOCK);
	is("is cut in blocks of 64 KiB", read(p[1], buf + BLOCK, sizeof buf - BLOCK), BLOCK);
	is("is cut in blocks of 64 KiB", read(p[1], buf + 2 * BLOCK, BLOCK), BLOCK);
	is("and the rest", read(p[1], buf + 3 * BLOCK, BLOCK), 200000 - 3 * BLOCK);
	for (i = 0; i < 200000 && buf[i] == (char)(i * 31 >> 3); i++)
		;
	is("as they were", i, 200000);
	fails("seek", seek(p[0], 0, 0), "seek on a stream");
	fails("seek to the end", seek(p[0], 0, 2), "seek on a stream");
	write(p[0], "abc", 3);
	is("pread is read", pread(p[1], buf, 10, 1000), 3);
	close(p[0]);
	close(p[1]);
}

/* ---- the end ---- */

static void ends(void)
{
	int p[2], q;

	notify(record);
	pipe(p);
	write(p[0], "last words", 10);
	close(p[0]);
	is("what is queued is read", read(p[1], buf, 100), 10);
	is("then nothing", read(p[1], buf, 100), 0);
	is("three times", read(p[1], buf, 100), 0);
	is("three times", read(p[1], buf, 100), 0);
	fails("then the error", read(p[1], buf, 100), "i/o on hungup channel");
	fails("again", read(p[1], buf, 100), "i/o on hungup channel");
	count = 0;
	fails("write", write(p[1], "x", 1), "i/o on hungup channel");
	is("note", count, 1);
	begins("its text", last, "sys: write on closed pipe pc=0x");
	close(p[1]);
	pipe(p);
	q = dup(p[0], -1);
	close(p[0]);
	is("a copy keeps the end open", write(p[1], "x", 1), 1);
	close(q);
	count = 0;
	fails("until it is closed", write(p[1], "x", 1), "i/o on hungup channel");
	is("note", count, 1);
	close(p[1]);
	notify(nil);
}

static char *writesclosed(void *arg)
{
	int p[2];

	USED(arg);
	notify(nil);
	pipe(p);
	close(p[1]);
	write(p[0], "x", 1);
	return "went on";
}

static char *reads(void *arg)
{
	int *p = arg;

	close(p[1]);
	return read(p[0], buf, 100) == 0 ? "" : "not the end";
}

static char *writes(void *arg)
{
	int *p = arg;
	char err[ERRMAX];
	long r;

	notify(record);
	count = 0;
	close(p[1]);
	r = write(p[0], buf, 2 * LIMIT);
	rerrstr(err, sizeof err);
	if (r != -1)
		return "no error";
	if (strcmp(err, "i/o on hungup channel") != 0)
		return smprint("the error `%s'", err);
	return count == 1 ? "" : "not one note";
}

static void waits(void)
{
	int p[2], pid;
	long n, total;

	begins("death by a closed pipe", run(RFFDG, writesclosed, nil),
		"sys: write on closed pipe");
	pipe(p);
	pid = start(RFFDG, reads, p);
	close(p[0]);
	reaches(pid, "Pread");
	close(p[1]);
	same("a waiting reader sees the end", statusof(pid), "");
	pipe(p);
	pid = start(RFFDG, writes, p);
	close(p[0]);
	reaches(pid, "Pwrite");
	close(p[1]);
	same("a waiting writer gets the error", statusof(pid), "");
	/* the limit */
	pipe(p);
	notify(record);
	for (total = 0; total < 2 * LIMIT; total += n) {
		alarm(200);
		n = write(p[0], buf, 16384);
		alarm(0);
		if (n < 0)
			break;
	}
	fails("a writer over the limit sleeps", n, "interrupted");
	yes("the limit is about 256 KiB", total >= LIMIT - 16384 && total <= LIMIT);
	yes("its data is queued first", queued(p[1]) > total);
	notify(nil);
	close(p[0]);
	close(p[1]);
}

/* ---- named pipes, wstat ---- */

static void named(void)
{
	int fd, fd2;
	Dir d;

	rfork(RFNAMEG);
	is("bind", bind("#|", "/mnt", MREPL), 0);
	fd = open("/mnt/data", OWRITE);
	fd2 = open("/mnt/data1", OREAD);
	yes("open", fd >= 0 && fd2 >= 0);
	is("write", write(fd, "abc", 3), 3);
	is("read", read(fd2, buf, 10), 3);
	fails("the open mode counts", read(fd, buf, 10), "inappropriate use of fd");
	nulldir(&d);
	d.length = LIMIT + 1;
	yes("a limit that is too large", dirwstat("/mnt/data", &d) == -1);
	d.length = 1000;
	yes("wstat of the limit", dirwstat("/mnt/data", &d) >= 0);
	notify(record);
	count = 0;
	is("below it", write(fd, buf, 900), 900);
	alarm(100);
	fails("above it", write(fd, buf, 900), "interrupted");
	notify(nil);
	close(fd);
	close(fd2);
	fd = open("/mnt/data", OREAD);
	fd2 = open("/mnt/data1", OWRITE);
	is("when both ends are closed it is as new", write(fd2, "xyz", 3), 3);
	is("empty", queued(fd), 3);
	close(fd);
	close(fd2);
	fails("no other name", open("/mnt/data2", OREAD), "'/mnt/data2' file does not exist");
	unmount(nil, "/mnt");
}

/* ---- throughput ---- */

enum { TOTAL = 10 * 1024 * 1024 };

static uint next(uint *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x;
}

/* Bytes of a known sequence in pieces of any size. */
static char *source(void *arg)
{
	int fd = *(int *)arg, i, n;
	uint x = 1, size = 7;
	long total;

	for (total = 0; total < TOTAL; total += n) {
		n = 1 + next(&size) % 100000;
		if (n > TOTAL - total)
			n = TOTAL - total;
		for (i = 0; i < n; i++)
			buf[i] = (char)(next(&x) >> 24);
		if (write(fd, buf, n) != n)
			return "write failed";
	}
	return "";
}

static void throughput(void)
{
	int p[2], pid, i, n, good = 1;
	uint x = 1, size = 99;
	long total = 0;

	pipe(p);
	pid = start(RFFDG, source, &p[0]);
	close(p[0]);
	while ((n = read(p[1], buf, 1 + next(&size) % 70000)) > 0) {
		for (i = 0; i < n; i++)
			good &= buf[i] == (char)(next(&x) >> 24);
		total += n;
	}
	is("10 MiB arrive", total, TOTAL);
	is("as they were sent", good, 1);
	same("and are written", statusof(pid), "");
	close(p[1]);
}

/* Several writers of small records: none is torn. */
static char *scribe(void *arg)
{
	char record[64];
	int fd = *(int *)arg, i;

	memset(record, 'a' + getpid() % 26, sizeof record);
	for (i = 0; i < 2000; i++)
		if (write(fd, record, sizeof record) != sizeof record)
			return "write failed";
	return "";
}

static void atomic(void)
{
	int p[2], i, n, records = 0, torn = 0;

	pipe(p);
	for (i = 0; i < 4; i++)
		start(RFFDG, scribe, &p[0]);
	close(p[0]);
	while ((n = read(p[1], buf, sizeof buf)) > 0) {
		records++;
		torn += n != 64;
		for (i = 1; i < n; i++)
			if (buf[i] != buf[0]) {
				torn++;
				break;
			}
	}
	is("8000 records of four writers", records, 8000);
	is("none torn", torn, 0);
	close(p[1]);
	while (waitpid() > 0)
		;
}

/* What a pipe keeps of an emptied block for the next write is no heap that is held. */
static void kept(void)
{
	int p[2], i;
	vlong before, held;

	pipe(p);
	counted("heap bytes");
	before = counted("heap bytes");
	write(p[0], buf, BLOCK);
	held = counted("heap bytes");
	yes("a queued block is held", held >= before + BLOCK && held < before + 2 * BLOCK);
	readn(p[1], buf, BLOCK);
	held = counted("heap bytes");
	yes("an emptied one is not", held < before + 4096 && held > before - 4096);
	for (i = 0; i < 10; i++) {
		write(p[0], buf, BLOCK / (i % 3 + 1));
		readn(p[1], buf, BLOCK / (i % 3 + 1));
	}
	close(p[0]);
	close(p[1]);
	held = counted("heap bytes");
	yes("neither is it when its pipe is gone", held < before + 4096 && held > before - 4096);
}

void main(int argc, char **argv)
{
	begin("pipes", 90);
	blocks();
	ends();
	waits();
	named();
	throughput();
	atomic();
	kept();
	done();
}
