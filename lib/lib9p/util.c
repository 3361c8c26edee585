/*
 * Small things for servers: memory that is there or the server ends, reads
 * from what lies in memory, control messages.
 */
#include "impl.h"

void*
emalloc9p(ulong n)
{
	void *v;

	v = mallocz(n, 1);
	if(v == nil)
		sysfatal("out of memory");
	setmalloctag(v, getcallerpc(&n));
	return v;
}

void*
erealloc9p(void *v, ulong n)
{
	v = realloc(v, n);
	if(v == nil && n > 0)
		sysfatal("out of memory");
	setrealloctag(v, getcallerpc(&v));
	return v;
}

char*
estrdup9p(char *s)
{
	s = strdup(s);
	if(s == nil)
		sysfatal("out of memory");
	setmalloctag(s, getcallerpc(&s));
	return s;
}

/* Answers a read with its part of the n bytes at buf. */
void
readbuf(Req *r, void *buf, long n)
{
	vlong off = r->ifcall.offset;
	long count = r->ifcall.count;

	if(off >= n){
		r->ofcall.count = 0;
		return;
	}
	if(count > n - off)
		count = (long)(n - off);
	memmove(r->ofcall.data, (char*)buf + off, (ulong)count);
	r->ofcall.count = (uint)count;
}

void
readstr(Req *r, char *s)
{
	readbuf(r, s, strlen(s));
}

/*
 * Answers a directory read by gen, which fills the i-th Dir with malloc'd
 * strings and returns 0, or -1 past the last.
 */
void
dirread9p(Req *r, int (*gen)(int, Dir*, void*), void *aux)
{
	uint got = 0, n, max = r->ifcall.count;
	long i = r->ifcall.offset == 0 ? 0 : r->fid->dirindex;
	Dir d;

	for(;; i++){
		memset(&d, 0, sizeof d);
		if(gen((int)i, &d, aux) < 0)
			break;
		n = convD2M(&d, (uchar*)r->ofcall.data + got, max - got);
		free(d.name);
		free(d.uid);
		free(d.gid);
		free(d.muid);
		if(n <= BIT16SZ)
			break;
		got += n;
	}
	r->fid->dirindex = i;
	r->ofcall.count = got;
}

/* Splits a control message into fields; one block, for free. */
Cmdbuf*
parsecmd(char *p, int n)
{
	Cmdbuf *cb;
	int nf = n/2 + 2;
	char *s;

	cb = emalloc9p(sizeof *cb + (ulong)nf * sizeof cb->f[0] + (ulong)n + 1);
	cb->f = (char**)(cb + 1);
	cb->buf = s = (char*)(cb->f + nf);
	memmove(s, p, (ulong)n);
	if(n > 0 && s[n-1] == '\n')
		n--;
	s[n] = 0;
	cb->nf = tokenize(s, cb->f, nf);
	return cb;
}

/* The entry for the message, or nil with an error; a command of "*" takes any. */
Cmdtab*
lookupcmd(Cmdbuf *cb, Cmdtab *tab, int ntab)
{
	int i;

	if(cb->nf == 0){
		werrstr("empty control message");
		return nil;
	}
	for(i = 0; i < ntab; i++){
		if(strcmp(tab[i].cmd, "*") != 0 && strcmp(tab[i].cmd, cb->f[0]) != 0)
			continue;
		if(tab[i].narg != 0 && tab[i].narg != cb->nf){
			werrstr("wrong #args in control message");
			return nil;
		}
		return &tab[i];
	}
	werrstr("unknown control message");
	return nil;
}

/* Answers with the formatted complaint followed by the message itself. */
void
respondcmderror(Req *r, Cmdbuf *cb, char *fmt, ...)
{
	char err[ERRMAX], *p = err, *e = err + sizeof err;
	va_list args;
	int i;

	va_start(args, fmt);
	p = vseprint(p, e, fmt, args);
	va_end(args);
	p = seprint(p, e, ": \"");
	quotefmtinstall();
	for(i = 0; i < cb->nf; i++)
		p = seprint(p, e, i > 0 ? " %q" : "%q", cb->f[i]);
	seprint(p, e, "\"");
	respond(r, err);
}
