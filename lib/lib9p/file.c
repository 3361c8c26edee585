/*
 * Trees of files for servers that keep their names in memory. One lock a
 * tree guards names and shape; children are found by a hash and listed in
 * order of creation.
 */
#include "impl.h"

struct Readdir {
	File	**file;		/* the children as they were, each referenced */
	uint	n;
	uint	next;
};

static uint
hashof(char *s)
{
	uint h = 5381;

	while(*s != 0)
		h = h*33 + (uchar)*s++;
	return h;
}

/* The link that points at the child of that name, or at the end of its chain. */
static File**
slot(File *dir, char *name)
{
	File **p = &dir->hash[hashof(name) % dir->nhash];

	while(*p != nil && strcmp((*p)->name, name) != 0)
		p = &(*p)->hnext;
	return p;
}

/* Keeps chains short as children come. */
static void
rehash(File *dir)
{
	File *f, **p;
	uint n = dir->nhash == 0 ? 8 : 4*dir->nhash;

	if(dir->nhash != 0 && dir->nchild < 2*dir->nhash)
		return;
	free(dir->hash);
	dir->hash = emalloc9p(n * sizeof dir->hash[0]);
	dir->nhash = n;
	for(f = dir->first; f != nil; f = f->next){
		f->hnext = nil;
		p = slot(dir, f->name);
		*p = f;
	}
}

static void
touch(File *dir, char *uid)
{
	dir->mtime = (uint)time(nil);
	dir->qid.vers++;
	if(strcmp(dir->muid, uid) != 0){
		free(dir->muid);
		dir->muid = estrdup9p(uid);
	}
}

static File*
newfile(Tree *t, char *name, char *uid, char *gid, uint perm, void *aux)
{
	File *f = emalloc9p(sizeof *f);

	f->tree = t;
	f->name = estrdup9p(name);
	f->uid = estrdup9p(uid);
	f->gid = estrdup9p(gid);
	f->muid = estrdup9p(uid);
	f->qid.path = t->qidgen++;
	f->qid.type = (uchar)(perm >> 24);
	f->mode = perm;
	f->atime = f->mtime = (uint)time(nil);
	f->aux = aux;
	return f;
}

/* uid and gid may be nil: the user who runs the server. mode needs DMDIR. */
Tree*
alloctree(char *uid, char *gid, uint mode, void (*destroy)(File*))
{
	Tree *t = emalloc9p(sizeof *t);
	char *user = estrdup9p(uid != nil ? uid : getuser());

	t->destroy = destroy;
	t->root = newfile(t, "/", user, gid != nil ? gid : user, mode | DMDIR, nil);
	t->root->ref = 1;
	t->root->parent = t->root;
	free(user);
	return t;
}

/* Frees a file whose last reference went; its parent loses one. */
static void
destroy(File *f)
{
	File *parent = f->parent;

	if(f->tree->destroy != nil)
		f->tree->destroy(f);
	free(f->hash);
	free(f->name);
	free(f->uid);
	free(f->gid);
	free(f->muid);
	free(f);
	if(parent != nil && parent != f)
		closefile(parent);
}

void
closefile(File *f)
{
	if(f != nil && decref(&f->refs) == 0)
		destroy(f);
}

/* Every file that is not in use by a fid goes. */
static void
prune(File *f)
{
	File *c;

	while((c = f->first) != nil){
		prune(c);
		incref(&c->refs);
		removefile(c);
		closefile(c);
	}
}

void
freetree(Tree *t)
{
	prune(t->root);
	closefile(t->root);
	free(t);
}

/* Makes a child; nil with an error if the name is taken or dir is not a live directory. */
File*
createfile(File *dir, char *name, char *uid, uint perm, void *aux)
{
	Tree *t = dir->tree;
	File *f;

	if(!(dir->qid.type & QTDIR)){
		werrstr("%s", _Enotdir);
		return nil;
	}
	wlock(&t->lock);
	rehash(dir);
	if(dir->dead || *slot(dir, name) != nil){
		wunlock(&t->lock);
		werrstr("%s", dir->dead ? _Enoent : _Eexist);
		return nil;
	}
	f = newfile(t, name, uid != nil ? uid : dir->uid, dir->gid, perm, aux);
	f->ref = 2;			/* the tree's and the caller's */
	f->parent = dir;
	incref(&dir->refs);
	*slot(dir, name) = f;
	f->prev = dir->last;
	if(dir->last != nil)
		dir->last->next = f;
	else
		dir->first = f;
	dir->last = f;
	dir->nchild++;
	touch(dir, f->uid);
	wunlock(&t->lock);
	return f;
}

/* Takes f out of its directory. Those who hold it may go on using it. */
int
removefile(File *f)
{
	Tree *t = f->tree;
	File *dir = f->parent;

	wlock(&t->lock);
	if(f->dead || dir == f || f->nchild > 0){
		wunlock(&t->lock);
		werrstr("%s", f->dead ? _Enoent : dir == f ? _Eperm : _Enotempty);
		return -1;
	}
	*slot(dir, f->name) = f->hnext;
	if(f->next != nil)
		f->next->prev = f->prev;
	else
		dir->last = f->prev;
	if(f->prev != nil)
		f->prev->next = f->next;
	else
		dir->first = f->next;
	dir->nchild--;
	f->dead = 1;
	touch(dir, dir->muid);
	wunlock(&t->lock);
	closefile(f);
	return 0;
}

/* Gives f another name in its directory; -1 if that is taken. */
int
renamefile(File *f, char *name)
{
	Tree *t = f->tree;
	File *dir = f->parent;

	if(strcmp(f->name, name) == 0)
		return 0;
	wlock(&t->lock);
	if(f->dead || dir == f || *slot(dir, name) != nil){
		wunlock(&t->lock);
		werrstr("%s", f->dead ? _Enoent : dir == f ? _Eperm : _Eexist);
		return -1;
	}
	*slot(dir, f->name) = f->hnext;
	f->hnext = nil;
	free(f->name);
	f->name = estrdup9p(name);
	*slot(dir, name) = f;
	touch(dir, dir->muid);
	wunlock(&t->lock);
	return 0;
}

/* Follows a path of elements; .. at the root stays. nil if something is missing. */
File*
walkfile(File *f, char *path)
{
	Tree *t = f->tree;
	char *buf = estrdup9p(path), *elem, *rest;

	rlock(&t->lock);
	incref(&f->refs);
	for(elem = buf; elem != nil && f != nil; elem = rest){
		File *nf = nil;
		rest = strchr(elem, '/');
		if(rest != nil)
			*rest++ = 0;
		if(*elem == 0 || strcmp(elem, ".") == 0)
			continue;
		if(strcmp(elem, "..") == 0)
			nf = f->parent;
		else if(f->nhash > 0)
			nf = *slot(f, elem);
		if(nf != nil)
			incref(&nf->refs);
		runlock(&t->lock);
		closefile(f);
		rlock(&t->lock);
		f = nf;
	}
	runlock(&t->lock);
	free(buf);
	return f;
}

Readdir*
opendirfile(File *dir)
{
	Readdir *r = emalloc9p(sizeof *r);
	File *f;

	rlock(&dir->tree->lock);
	r->file = emalloc9p((dir->nchild + 1) * sizeof r->file[0]);
	for(f = dir->first; f != nil; f = f->next){
		incref(&f->refs);
		r->file[r->n++] = f;
	}
	runlock(&dir->tree->lock);
	return r;
}

/* Encodes whole entries, as many as fit n bytes; files removed meanwhile are left out. */
long
readdirfile(Readdir *r, uchar *buf, long n, long unused)
{
	long got = 0;
	uint m;
	File *f;
	Dir d;

	USED(unused);
	for(; r->next < r->n; r->next++){
		f = r->file[r->next];
		rlock(&f->tree->lock);
		if(f->dead){
			runlock(&f->tree->lock);
			continue;
		}
		d = f->dir;
		if(d.qid.type & QTDIR)
			d.length = 0;
		m = convD2M(&d, buf + got, (uint)(n - got));
		runlock(&f->tree->lock);
		if(m <= BIT16SZ)
			break;
		got += m;
	}
	return got;
}

void
closedirfile(Readdir *r)
{
	uint i;

	if(r == nil)
		return;
	for(i = 0; i < r->n; i++)
		closefile(r->file[i]);
	free(r->file);
	free(r);
}

/*
 * Whether uid has all rights of p (DMREAD, DMWRITE, DMEXEC) on f. Without a
 * user database, each user is the sole member and leader of their own group.
 */
int
hasperm(File *f, char *uid, int p)
{
	uint m = f->mode & 7;

	if(strcmp(f->uid, uid) == 0)
		m |= f->mode >> 6 & 7;
	if(strcmp(f->gid, uid) == 0)
		m |= f->mode >> 3 & 7;
	return (m & (uint)p) == (uint)p;
}
