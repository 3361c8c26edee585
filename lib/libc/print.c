/*
 * The print family proper: a Fmt over a descriptor, a buffer, or memory
 * that grows.
 */
#include "sys.h"
#include "fmt.h"

/* Descriptors: farg holds the number; what is buffered goes in one write. */
static int
fdflush(Fmt *f)
{
	int n = (char*)f->to - (char*)f->start;

	if(n > 0 && write((int)(uintptr)f->farg, f->start, n) != n)
		return 0;
	f->to = f->start;
	return 1;
}

int
fmtfdinit(Fmt *f, int fd, char *buf, int size)
{
	memset(f, 0, sizeof *f);
	f->start = f->to = buf;
	f->stop = buf + size;
	f->flush = fdflush;
	f->farg = (void*)(uintptr)(uint)fd;
	return 0;
}

int
fmtfdflush(Fmt *f)
{
	return fdflush(f) ? f->nfmt : -1;
}

int
vfprint(int fd, char *fmt, va_list args)
{
	char buf[256];
	Fmt f;
	int n;

	fmtfdinit(&f, fd, buf, sizeof buf);
	va_copy(f.args, args);
	n = dofmt(&f, fmt);
	va_end(f.args);
	if(n > 0 && !fdflush(&f))
		return -1;
	return n;
}

int
fprint(int fd, char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vfprint(fd, fmt, args);
	va_end(args);
	return n;
}

int
print(char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vfprint(1, fmt, args);
	va_end(args);
	return n;
}

/* Formats into buf up to e, always terminating; returns the NUL's place. */
char*
vseprint(char *buf, char *e, char *fmt, va_list args)
{
	Fmt f;

	if(buf == nil || e <= buf)
		return buf;
	memset(&f, 0, sizeof f);
	f.start = f.to = buf;
	f.stop = e - 1;
	va_copy(f.args, args);
	dofmt(&f, fmt);
	va_end(f.args);
	*(char*)f.to = 0;
	return f.to;
}

char*
seprint(char *buf, char *e, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf = vseprint(buf, e, fmt, args);
	va_end(args);
	return buf;
}

int
vsnprint(char *buf, int n, char *fmt, va_list args)
{
	if(n <= 0)
		return 0;
	return vseprint(buf, buf + n, fmt, args) - buf;
}

int
snprint(char *buf, int n, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	n = vsnprint(buf, n, fmt, args);
	va_end(args);
	return n;
}

int
sprint(char *buf, char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprint(buf, 65536, fmt, args);	/* the caller vouches for the room */
	va_end(args);
	return n;
}

/* Memory: doubles the block. Room for the terminator stays beyond stop. */
static int
grow(Fmt *f)
{
	ulong used = (char*)f->to - (char*)f->start;
	ulong unit = f->runes ? sizeof(Rune) : 1;
	ulong size = 2 * ((char*)f->stop - (char*)f->start + unit);
	char *p;

	p = realloc(f->start, size);
	if(p == nil){
		f->farg = (void*)1;	/* remembered until the flush */
		return 0;
	}
	f->start = p;
	f->to = p + used;
	f->stop = p + size - unit;
	return 1;
}

static int
meminit(Fmt *f, int runes)
{
	ulong unit = runes ? sizeof(Rune) : 1;

	memset(f, 0, sizeof *f);
	f->runes = (uchar)runes;
	f->start = f->to = malloc(64 * unit);
	if(f->start == nil)
		return -1;
	f->stop = (char*)f->start + 63 * unit;
	f->flush = grow;
	return 0;
}

int
fmtstrinit(Fmt *f)
{
	return meminit(f, 0);
}

int
runefmtstrinit(Fmt *f)
{
	return meminit(f, 1);
}

char*
fmtstrflush(Fmt *f)
{
	if(f->start == nil)
		return nil;
	if(f->farg != nil){
		free(f->start);
		f->start = nil;
		return nil;
	}
	*(char*)f->to = 0;
	f->to = f->start;
	return f->start;
}

Rune*
runefmtstrflush(Fmt *f)
{
	if(f->start == nil)
		return nil;
	if(f->farg != nil){
		free(f->start);
		f->start = nil;
		return nil;
	}
	*(Rune*)f->to = 0;
	f->to = f->start;
	return f->start;
}

char*
vsmprint(char *fmt, va_list args)
{
	Fmt f;

	if(fmtstrinit(&f) < 0)
		return nil;
	va_copy(f.args, args);
	dofmt(&f, fmt);
	va_end(f.args);
	return fmtstrflush(&f);
}

char*
smprint(char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = vsmprint(fmt, args);
	va_end(args);
	return s;
}
