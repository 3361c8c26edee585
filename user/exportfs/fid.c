/*
 * Fids. A fid stays while the table or a job has a reference; its file is
 * closed with the last, so that no job finds its descriptor taken by another.
 */
#include "exportfs.h"

enum {
	NHASH = 256,
};

static QLock lk;
static Fid *hash[NHASH];

static Fid**
lookup(uint num)
{
	Fid **p;

	for(p = &hash[num % NHASH]; *p != nil && (*p)->num != num; p = &(*p)->next)
		;
	return p;
}

/* A new fid for the job, which puts it; nil when the number is taken or the session over. */
Fid*
fidnew(Job *j, uint num, char *path, Qid qid)
{
	Fid *f, **p;

	qlock(&lk);
	p = lookup(num);
	if(*p != nil || j->aborted){
		qunlock(&lk);
		return nil;
	}
	f = emalloc(sizeof *f);
	f->num = num;
	f->ref = 2;
	f->path = estrdup(path);
	f->qid = qid;
	f->fd = -1;
	*p = f;
	qunlock(&lk);
	return f;
}

Fid*
fidget(uint num)
{
	Fid *f;

	qlock(&lk);
	f = *lookup(num);
	if(f != nil)
		f->ref++;
	qunlock(&lk);
	return f;
}

void
fidput(Fid *f)
{
	int last;

	if(f == nil)
		return;
	qlock(&lk);
	last = --f->ref == 0;
	qunlock(&lk);
	if(!last)
		return;
	if(f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

/* Removes the fid from the table; its reference is the caller's now. */
Fid*
fidtake(uint num)
{
	Fid *f, **p;

	qlock(&lk);
	p = lookup(num);
	f = *p;
	if(f != nil)
		*p = f->next;
	qunlock(&lk);
	return f;
}

/* The end of a session. */
void
fidsclear(void)
{
	Fid *f, *list = nil;
	int i;

	qlock(&lk);
	for(i = 0; i < NHASH; i++)
		while((f = hash[i]) != nil){
			hash[i] = f->next;
			f->next = list;
			list = f;
		}
	qunlock(&lk);
	while((f = list) != nil){
		list = f->next;
		fidput(f);
	}
}

/* A copy of the fid's name. */
char*
fidpath(Fid *f)
{
	char *s;

	qlock(&lk);
	s = estrdup(f->path);
	qunlock(&lk);
	return s;
}

/* Its descriptor, -1 when it is not open. */
int
fidfd(Fid *f)
{
	int fd;

	qlock(&lk);
	fd = f->fd;
	qunlock(&lk);
	return fd;
}

void
fidmove(Fid *f, char *path, Qid qid)
{
	char *s = estrdup(path), *old;

	qlock(&lk);
	old = f->path;
	f->path = s;
	f->qid = qid;
	qunlock(&lk);
	free(old);
}

/* The fid is open now, unless another job was faster. */
int
fidopen(Fid *f, char *path, Qid qid, int fd)
{
	char *s = estrdup(path), *old = s;
	int ok;

	qlock(&lk);
	ok = f->fd < 0;
	if(ok){
		f->fd = fd;
		old = f->path;
		f->path = s;
		f->qid = qid;
	}
	qunlock(&lk);
	free(old);
	return ok;
}

/* A file was renamed: so are the fids on it and below. */
void
fidrename(char *from, char *to)
{
	long n = strlen(from);
	char *s;
	Fid *f;
	int i;

	qlock(&lk);
	for(i = 0; i < NHASH; i++)
		for(f = hash[i]; f != nil; f = f->next){
			if(strncmp(f->path, from, n) != 0 || (f->path[n] != 0 && f->path[n] != '/'))
				continue;
			s = smprint("%s%s", to, f->path + n);
			if(s == nil)
				sysfatal("out of memory");
			free(f->path);
			f->path = s;
		}
	qunlock(&lk);
}

int
isroot(char *path)
{
	return strcmp(path, root) == 0;
}

/* The name of a file of a directory, malloc'd; `..' at the root is the root. */
char*
join(char *dir, char *name)
{
	char *s, *p;

	if(strcmp(name, "..") == 0){
		s = estrdup(dir);
		p = strrchr(s, '/');
		if(!isroot(dir) && p != nil)
			p[p == s] = 0;
		return s;
	}
	s = smprint("%s%s%s", dir, dir[strlen(dir)-1] == '/' ? "" : "/", name);
	if(s == nil)
		sysfatal("out of memory");
	return s;
}
