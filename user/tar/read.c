/*
 * Listing and extracting. Nothing is made outside of the current directory:
 * leading slashes go, unless R asks for them, and names with `..' are refused.
 */
#include "tar.h"

enum {
	CHUNK = 64*BLOCK,
};

typedef struct Later Later;
typedef struct Stream Stream;

/* A directory that gets its mode and time when its files are there. */
struct Later {
	char	*name;
	uint	mode;
	vlong	mtime;
	Later	*next;
};

/* The data of an entry. */
struct Stream {
	uvlong	left;			/* not yet read */
	uchar	b[BLOCK];
	int	at, n;			/* of b */
	int	failed;			/* the archive has ended */
};

static Later *later;
static int *found;			/* which arguments have been met */

/* Whether data follows the header. */
int
hasdata(Entry *e)
{
	return e->type < TLINK || e->type > TFIFO;
}

/* The data of an extended header or long name, with a NUL after it; nil if it cannot be read. */
static char*
meta(uvlong n)
{
	uvlong left = n;
	char *s, *p;
	int m;

	if(n > MAXMETA){
		complain("extended header of %llud bytes is too large", n);
		return nil;
	}
	s = p = emalloc(n + BLOCK + 1);
	while(left > 0){
		m = getdata(p, &left);
		if(m < 0){
			free(s);
			return nil;
		}
		p += m;
	}
	*p = 0;
	return s;
}

/* Takes in an entry that says something of the next ones. -1: the archive is of no use further. */
static int
special(Entry *e, Pax *pax, Pax *global)
{
	char *s, *error = nil;

	s = meta(e->size);
	if(s == nil)
		return -1;
	switch(e->type){
	case TPAX:
		error = paxparse(pax, s, e->size);
		break;
	case TGLOBAL:
		error = paxparse(global, s, e->size);
		break;
	case TGNUNAME:
		free(pax->path);
		pax->path = estrdup(s);
		break;
	case TGNULINK:
		free(pax->linkpath);
		pax->linkpath = estrdup(s);
		break;
	}
	free(s);
	if(error != nil){
		complain("%s", error);
		return ignore ? 0 : -1;
	}
	return 0;
}

static int
isspecial(Entry *e)
{
	return e->type == TPAX || e->type == TGLOBAL || e->type == TGNUNAME || e->type == TGNULINK;
}

/* The next header: 1, 0 at the end, -1 if the archive is of no use further. */
static int
nextheader(Header *h, Entry *e)
{
	char *error;
	int r, bad = 0;

	for(;;){
		r = getblock(h);
		if(r <= 0)
			return r;
		if(iszero(h)){
			if(ignore)
				continue;
			ungetblock();
			return 0;
		}
		error = goodsum(h) ? decode(h, e) : "a header's checksum is wrong";
		if(error == nil)
			return 1;
		if(!bad)
			complain("%s%s", error, ignore ? "; looking for the next" : "");
		if(!ignore)
			return -1;
		bad = 1;
	}
}

/* The next entry, with all that was said of it. Returns as nextheader. */
int
nextentry(Entry *e, Pax *global)
{
	Header h;
	Pax pax;
	char *error;
	int r;

	memset(&pax, 0, sizeof pax);
	paxcopy(&pax, global);
	while((r = nextheader(&h, e)) > 0 && isspecial(e)){
		r = special(e, &pax, global);
		clearentry(e);
		if(r < 0)
			break;
	}
	if(r > 0){
		error = paxapply(&pax, e);
		if(error == nil && e->type == TGNUSPARSE){
			error = gnumap(&h, e);
			e->type = TFILE;
		}
		if(error != nil){
			complain("%s: %s", e->name, error);
			e->sparse = -1;
		}
	}
	paxclear(&pax);
	return r;
}

/* ---- names ---- */

static int
wanted(char *name, char **want, int nwant)
{
	int i, ok = nwant == 0;
	long n;

	while(name[0] == '.' && name[1] == '/')
		name += 2;
	for(i = 0; i < nwant; i++){
		n = strlen(want[i]);
		if(strncmp(name, want[i], n) == 0 && (name[n] == 0 || name[n] == '/')){
			found[i] = 1;
			ok = 1;
		}
	}
	return ok;
}

/* The name under which to make the file, malloc'd, or nil if it is not to be made. */
static char*
safename(char *name)
{
	char *s, *p;

	if(!rooted)
		while(*name == '/')
			name++;
	for(p = name; p != nil; p = strchr(p, '/')){
		while(*p == '/')
			p++;
		if(p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == 0)){
			complain("%s: name leads out of the directory", name);
			return nil;
		}
	}
	/* #x names a device unless something is before it */
	s = smprint("%s%s", name[0] == '/' ? "" : "./", name);
	if(s == nil)
		sysfatal("out of memory");
	cleanname(s);
	if(s[0] != '#')
		return s;
	p = smprint("./%s", s);
	free(s);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

/* Makes the directories that lead to a file. */
static void
makeparents(char *name)
{
	char *p;
	int fd;

	for(p = strchr(name + 1, '/'); p != nil; p = strchr(p + 1, '/')){
		*p = 0;
		if(access(name, AEXIST) < 0){
			fd = create(name, OREAD, DMDIR|0777);
			if(fd >= 0)
				close(fd);
		}
		*p = '/';
	}
}

/* ---- making files ---- */

static void
attributes(int fd, char *name, uint mode, vlong mtime)
{
	Dir d, *old;

	old = fd >= 0 ? dirfstat(fd) : dirstat(name);
	if(old == nil)
		return;
	nulldir(&d);
	if(((old->mode ^ mode) & 0777) != 0)
		d.mode = (old->mode & ~0777u) | (mode & 0777);
	if(settime)
		d.mtime = (uint)mtime;
	if(d.mode != ~0u || settime){
		if(fd >= 0)
			dirfwstat(fd, &d);
		else
			dirwstat(name, &d);
	}
	free(old);
}

static void
makedir(char *name, Entry *e)
{
	Later *l;
	int fd;

	if(access(name, AEXIST) < 0){
		fd = create(name, OREAD, DMDIR|0700|(e->mode & 0777));
		if(fd < 0){
			makeparents(name);
			fd = create(name, OREAD, DMDIR|0700|(e->mode & 0777));
		}
		if(fd < 0){
			complain("%s: %r", name);
			return;
		}
		close(fd);
	}
	l = emalloc(sizeof *l);
	l->name = estrdup(name);
	l->mode = e->mode;
	l->mtime = e->mtime;
	l->next = later;
	later = l;
}

/* The last made goes first, so that no directory is closed before those in it. */
static void
finishdirs(void)
{
	Later *l;

	while((l = later) != nil){
		later = l->next;
		attributes(-1, l->name, l->mode, l->mtime);
		free(l->name);
		free(l);
	}
}

static int
makefile(char *name, uint mode)
{
	int fd;
	Dir *d;

	fd = create(name, OWRITE, mode & 0777);
	if(fd >= 0)
		return fd;
	d = dirstat(name);
	if(d == nil)
		makeparents(name);
	else if(!(d->mode & DMDIR))
		remove(name);
	free(d);
	fd = create(name, OWRITE, mode & 0777);
	if(fd < 0)
		complain("%s: %r", name);
	return fd;
}

static long
take(Stream *s, uchar *p, uvlong max)
{
	long n;

	if(s->at == s->n){
		s->at = 0;
		s->n = getdata(s->b, &s->left);
		if(s->n < 0){
			s->failed = 1;
			return -1;
		}
	}
	n = s->n - s->at;
	if((uvlong)n > max)
		n = (long)max;
	memmove(p, s->b + s->at, (ulong)n);
	s->at += (int)n;
	return n;
}

/* One piece of a file. -1 when writing fails or the archive ends. */
static int
piece(Stream *s, int fd, char *name, uvlong off, uvlong len)
{
	static uchar buf[CHUNK];
	long n, m;

	while(len > 0){
		for(n = 0; n + BLOCK <= CHUNK && len > 0; n += m){
			m = take(s, buf + n, len);
			if(m < 0)
				return -1;
			len -= (uvlong)m;
		}
		if(pwrite(fd, buf, n, (vlong)off) != n){
			complain("%s: %r", name);
			return -1;
		}
		off += (uvlong)n;
	}
	return 0;
}

/* The data of e to fd, with holes where it has them. What is left in s is to be skipped. */
static void
pieces(Stream *s, int fd, char *name, Entry *e)
{
	uvlong end = 0;
	int i;

	if(!e->sparse){
		piece(s, fd, name, 0, e->size);
		return;
	}
	for(i = 0; i < e->nmap; i++){
		if(piece(s, fd, name, e->map[i].off, e->map[i].len) < 0)
			return;
		if(e->map[i].len > 0)
			end = e->map[i].off + e->map[i].len;
	}
	if(e->realsize > end && pwrite(fd, "", 1, (vlong)e->realsize - 1) != 1)
		complain("%s: %r", name);
}

static int
extractfile(char *name, Entry *e)
{
	Stream s = { .left = e->size };
	char *error;
	int fd = -1;

	error = paxmap(e, &s.left);
	if(error != nil)
		complain("%s: %s", name, error);
	else if(!keep || access(name, AEXIST) < 0)
		fd = makefile(name, e->mode);
	if(fd >= 0){
		pieces(&s, fd, name, e);
		attributes(fd, name, e->mode, e->mtime);
		close(fd);
	}
	return s.failed ? -1 : skipdata(s.left);
}

/* There are no links here: the file gets the contents of that which was extracted before. */
static void
copylink(char *name, Entry *e)
{
	static uchar buf[CHUNK];
	char *from;
	int in, out = -1;
	long n;

	from = safename(e->link);
	if(from == nil || (keep && access(name, AEXIST) >= 0)){
		free(from);
		return;
	}
	in = open(from, OREAD);
	if(in < 0)
		complain("%s: link to %s: %r", name, from);
	else if(strcmp(name, from) != 0)
		out = makefile(name, e->mode);
	if(out >= 0){
		while((n = read(in, buf, sizeof buf)) > 0)
			if(write(out, buf, n) != n){
				complain("%s: %r", name);
				break;
			}
		attributes(out, name, e->mode, e->mtime);
		close(out);
	}
	if(in >= 0)
		close(in);
	free(from);
}

/* Returns -1 if the archive has ended. */
static int
extract(Entry *e)
{
	char *name = safename(e->name);
	int r = 0;

	if(name == nil || e->sparse < 0){
		free(name);
		return hasdata(e) ? skipdata(e->size) : 0;
	}
	if(verbose)
		fprint(2, "x %s\n", e->name);
	switch(e->type){
	case TDIR:
		makedir(name, e);
		break;
	case TLINK:
		copylink(name, e);
		break;
	case TSYMLINK:
		fprint(2, "tar: %s: symbolic link to %s not made\n", e->name, e->link);
		break;
	case TCHAR: case TBLOCK: case TFIFO:
		fprint(2, "tar: %s: special file not made\n", e->name);
		break;
	case TFILE:
		r = extractfile(name, e);
		break;
	case TGNULABEL: case TGNUDIR:
		r = skipdata(e->size);
		break;
	default:
		if(e->type >= 'A' && e->type <= 'Z'){
			complain("%s: entry of unknown type %c left out", e->name, e->type);
			r = skipdata(e->size);
		}else
			r = extractfile(name, e);
	}
	free(name);
	return r;
}

/* ---- listing ---- */

static void
list(Entry *e)
{
	char mode[] = "----------", *type;
	Tm *t;
	int i;

	if(!verbose){
		print("%s\n", e->name);
		return;
	}
	type = strchr("1h2l3c4b5d6p", e->type);
	if(type != nil && e->type != 0)
		mode[0] = type[1];
	for(i = 0; i < 9; i++)
		if(e->mode & (0400u >> i))
			mode[1+i] = "rwx"[i%3];
	t = localtime((long)e->mtime);
	print("%s %s/%s %12llud %.4d-%.2d-%.2d %.2d:%.2d %s", mode, e->uname, e->gname,
		e->sparse > 0 ? e->realsize : hasdata(e) ? e->size : 0,
		t->year, t->mon + 1, t->mday, t->hour, t->min, e->name);
	if(e->type == TLINK || e->type == TSYMLINK)
		print(" -> %s", e->link);
	print("\n");
}

void
readarchive(char **want, int nwant)
{
	Pax global;
	Entry e;
	int i, r;

	found = emalloc((ulong)nwant * sizeof found[0] + 1);
	memset(&global, 0, sizeof global);
	paxclear(&global);
	for(i = 0; i < nwant; i++)
		cleanname(want[i]);
	openarchive(OREAD);
	while((r = nextentry(&e, &global)) > 0){
		if(wanted(e.name, want, nwant) && key == 'x')
			r = extract(&e);
		else{
			if(wanted(e.name, want, nwant))
				list(&e);
			r = hasdata(&e) ? skipdata(e.size) : 0;
		}
		clearentry(&e);
		if(r < 0)
			break;
	}
	finishdirs();
	if(r == 0)
		drain();
	for(i = 0; i < nwant; i++)
		if(!found[i])
			complain("%s: not in the archive", want[i]);
	closearchive();
}
