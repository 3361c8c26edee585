/*
 * The archive, a block at a time. Compressed ones pass through another
 * program, chosen by the archive's name.
 */
#include "tar.h"

static int fd;
static uchar buf[RECORD];
static long nbuf, at;			/* bytes in buf; where the next block is */
static int writing;
static int filter;			/* pid of the program that compresses */

static struct {
	char	*suffix;
	char	*pack, *unpack;
} programs[] = {
	{ ".gz", "gzip", "gunzip" },
	{ ".tgz", "gzip", "gunzip" },
	{ ".bz2", "bzip2", "bunzip2" },
	{ ".tbz", "bzip2", "bunzip2" },
	{ ".tbz2", "bzip2", "bunzip2" },
	{ ".Z", "compress", "uncompress" },
	{ ".tz", "compress", "uncompress" },
	{ ".xz", "xz", "unxz" },
	{ ".txz", "xz", "unxz" },
	{ ".zst", "zstd", "unzstd" },
};

static char*
program(void)
{
	long n = archive != nil ? strlen(archive) : 0, m;
	uint i;

	for(i = 0; i < nelem(programs); i++){
		m = strlen(programs[i].suffix);
		if(n > m && strcmp(archive + n - m, programs[i].suffix) == 0)
			break;
	}
	if(i == nelem(programs))
		i = 0;
	return writing ? programs[i].pack : programs[i].unpack;
}

/* Puts the program between us and fd. */
static void
throughfilter(void)
{
	char *name = program(), file[64];
	int p[2];

	if(pipe(p) < 0)
		sysfatal("pipe: %r");
	filter = fork();
	if(filter < 0)
		sysfatal("fork: %r");
	if(filter == 0){
		dup(writing ? p[1] : fd, 0);
		dup(writing ? fd : p[1], 1);
		close(p[0]);
		close(p[1]);
		if(fd > 2)
			close(fd);
		snprint(file, sizeof file, "/bin/%s", name);
		execl(file, name, nil);
		fprint(2, "tar: can't run %s: %r\n", name);
		exits("exec");
	}
	close(p[1]);
	if(fd > 2)
		close(fd);
	fd = p[0];
}

/* How the program fared; it has said why. */
static void
waitfilter(void)
{
	Waitmsg *w;

	while(filter > 0 && (w = wait()) != nil){
		if(w->pid == filter){
			if(w->msg[0] != 0)
				status = "errors";
			filter = 0;
		}
		free(w);
	}
}

/* Opens it OREAD, OWRITE, or ORDWR to add to it. */
void
openarchive(int mode)
{
	writing = mode != OREAD;
	if(mode == ORDWR && (archive == nil || compress))
		sysfatal("only a plain file can be appended to");
	if(archive == nil)
		fd = writing ? 1 : 0;
	else if(mode == OWRITE)
		fd = create(archive, OWRITE, 0666);
	else
		fd = open(archive, mode);
	if(fd < 0)
		sysfatal("%s: %r", archive);
	if(compress)
		throughfilter();
}

static void
flush(void)
{
	if(at > 0 && write(fd, buf, at) != at)
		sysfatal("write error: %r");
	at = 0;
}

/* Ends it: two blocks of zeros or more. */
void
closearchive(void)
{
	static uchar zero[BLOCK];

	if(writing){
		putblock(zero);
		putblock(zero);
		while(at != 0)
			putblock(zero);
	}
	if(close(fd) < 0)
		sysfatal("close: %r");
	waitfilter();
}

/* 1, 0 at the end, or -1 when it ends within a block or cannot be read. */
int
getblock(void *p)
{
	long n;

	if(at == nbuf){
		at = 0;
		for(nbuf = 0; nbuf == 0 || nbuf % BLOCK != 0; nbuf += n){
			n = read(fd, buf + nbuf, RECORD - nbuf);
			if(n < 0){
				complain("read error: %r");
				nbuf = 0;
				return -1;
			}
			if(n == 0)
				break;
		}
		if(nbuf == 0)
			return 0;
		if(nbuf % BLOCK != 0){
			nbuf = 0;
			complain("archive ends within a block");
			return -1;
		}
	}
	memmove(p, buf + at, BLOCK);
	at += BLOCK;
	return 1;
}

/*
 * A block of an entry of which left bytes are not yet read. Returns how many of them
 * it has, -1 if the archive ends before.
 */
int
getdata(void *p, uvlong *left)
{
	long n = *left < BLOCK ? (long)*left : BLOCK;
	int r;

	r = getblock(p);
	if(r <= 0){
		if(r == 0)
			complain("unexpected end of archive");
		return -1;
	}
	*left -= (uvlong)n;
	return (int)n;
}

/* Steps over n bytes of an entry. */
int
skipdata(uvlong n)
{
	uchar b[BLOCK];

	while(n > 0)
		if(getdata(b, &n) < 0)
			return -1;
	return 0;
}

/* The rest of what a program sends, which would fail if nobody read it. */
void
drain(void)
{
	uchar b[BLOCK];

	if(filter > 0)
		while(getblock(b) > 0)
			;
}

void
putblock(void *p)
{
	memmove(buf + at, p, BLOCK);
	at += BLOCK;
	if(at == RECORD)
		flush();
}

/* After reading up to the end mark of a file: what is put next goes over it. */
void
positionend(void)
{
	vlong off;

	off = seek(fd, 0, 1);
	if(off < 0)
		sysfatal("can't append to %s: %r", archive);
	off -= nbuf - at;
	if(seek(fd, off - off % RECORD, 0) < 0)
		sysfatal("can't append to %s: %r", archive);
	at = off % RECORD;
	if(at > 0 && (readn(fd, buf, at) != at || seek(fd, off - at, 0) < 0))
		sysfatal("can't read %s again: %r", archive);
	nbuf = 0;
}

/* The last block gotten is to be gotten once more. */
void
ungetblock(void)
{
	at -= BLOCK;
}

/* Whether the file is the archive itself. */
int
isarchive(Dir *d)
{
	static Dir *a;

	if(archive == nil || compress)
		return 0;
	if(a == nil)
		a = dirfstat(fd);
	return a != nil && a->type == d->type && a->dev == d->dev
		&& a->qid.path == d->qid.path && a->qid.type == d->qid.type;
}
