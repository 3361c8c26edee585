/*
 * Extended headers, `length key=value' NL each, and the maps of sparse files
 * in the four forms that GNU tar has had.
 */
#include "tar.h"

enum {
	MAXMAP = 1<<20,			/* pieces of a file */

	/* GNU's own form: the map is in the header and in blocks after it */
	GNUMAP = 386,
	GNUINHEADER = 4,
	GNUMORE = 482,
	GNUREALSIZE = 483,
	GNUINBLOCK = 21,
	GNUBLOCKMORE = 504,
	GNUDIGITS = 12,
};

void
paxclear(Pax *p)
{
	free(p->path);
	free(p->linkpath);
	free(p->uname);
	free(p->gname);
	free(p->sparsename);
	free(p->map);
	memset(p, 0, sizeof *p);
	p->size = p->mtime = p->realsize = -1;
}

static char*
copystring(char *s)
{
	return s != nil ? estrdup(s) : nil;
}

/* p becomes what the global headers say. */
void
paxcopy(Pax *p, Pax *global)
{
	paxclear(p);
	p->path = copystring(global->path);
	p->linkpath = copystring(global->linkpath);
	p->uname = copystring(global->uname);
	p->gname = copystring(global->gname);
	p->size = global->size;
	p->mtime = global->mtime;
}

/* A decimal number up to 2^63; nil if there is none, else what follows it. */
static char*
number(char *s, vlong *v)
{
	uvlong n = 0;

	if(*s < '0' || *s > '9')
		return nil;
	for(; *s >= '0' && *s <= '9'; s++){
		if(n > (~0ULL>>1)/10 - 1)
			return nil;
		n = 10*n + (uint)(*s - '0');
	}
	*v = (vlong)n;
	return s;
}

static void
setstring(char **to, char *value)
{
	free(*to);
	*to = value[0] != 0 ? estrdup(value) : nil;
}

static int
addpiece(Hole **map, int *nmap, vlong off, vlong len)
{
	if(*nmap >= MAXMAP)
		return -1;
	if((*nmap & (*nmap - 1)) == 0)
		*map = erealloc(*map, (ulong)(*nmap > 0 ? 2 * *nmap : 1) * sizeof **map);
	(*map)[*nmap].off = (uvlong)off;
	(*map)[(*nmap)++].len = (uvlong)len;
	return 0;
}

/* `off,len,off,len ...' */
static int
mapstring(Pax *p, char *s)
{
	vlong off, len;

	while(*s != 0){
		s = number(s, &off);
		if(s == nil || *s++ != ',')
			return -1;
		s = number(s, &len);
		if(s == nil || (*s != 0 && *s++ != ',')
		|| addpiece(&p->map, &p->nmap, off, len) < 0)
			return -1;
	}
	return 0;
}

static int
sparsekey(Pax *p, char *word, char *value)
{
	vlong n = 0;

	if(strcmp(word, "name") == 0){
		setstring(&p->sparsename, value);
		return 0;
	}
	if(strcmp(word, "map") == 0)
		return mapstring(p, value);
	if(number(value, &n) == nil)
		return -1;
	if(strcmp(word, "major") == 0)
		p->sparsemajor = (int)n;
	else if(strcmp(word, "size") == 0 || strcmp(word, "realsize") == 0)
		p->realsize = n;
	else if(strcmp(word, "offset") == 0){
		p->half = 1;
		return addpiece(&p->map, &p->nmap, n, 0);
	}else if(strcmp(word, "numbytes") == 0){
		if(!p->half)
			return -1;
		p->map[p->nmap-1].len = (uvlong)n;
		p->half = 0;
	}
	return 0;
}

/* Keys that mean nothing here are passed over. */
static int
setkey(Pax *p, char *word, char *value)
{
	vlong n = -1;

	if(strcmp(word, "path") == 0)
		setstring(&p->path, value);
	else if(strcmp(word, "linkpath") == 0)
		setstring(&p->linkpath, value);
	else if(strcmp(word, "uname") == 0)
		setstring(&p->uname, value);
	else if(strcmp(word, "gname") == 0)
		setstring(&p->gname, value);
	else if(strcmp(word, "size") == 0){
		if(number(value, &n) == nil)
			return -1;
		p->size = n;
	}else if(strcmp(word, "mtime") == 0)
		p->mtime = number(value, &n) != nil ? n : 0;	/* before 1970: what we can say */
	else if(strncmp(word, "GNU.sparse.", 11) == 0)
		return sparsekey(p, word + 11, value);
	return 0;
}

/* Adds the records of text, n bytes; returns what is wrong with them, or nil. */
char*
paxparse(Pax *p, char *text, uvlong n)
{
	char *s = text, *e = text + n, *word, *value, *end;
	vlong len;

	while(s < e && *s != 0){
		word = number(s, &len);
		if(word == nil || *word != ' ' || len > e - s || len < word + 3 - s)
			return "bad length in extended header";
		end = s + len - 1;
		word++;
		if(*end != '\n')
			return "record of extended header does not end with its line";
		*end = 0;
		value = strchr(word, '=');
		if(value == nil)
			return "record of extended header has no value";
		*value++ = 0;
		if(setkey(p, word, value) < 0)
			return "bad value in extended header";
		s = end + 1;
	}
	return nil;
}

static void
overname(char **to, char *from)
{
	if(from != nil){
		free(*to);
		*to = estrdup(from);
	}
}

/* The pieces must be in order, inside the file, and as long together as the data. */
static char*
checkmap(Entry *e, uvlong data)
{
	uvlong end = 0, sum = 0;
	int i;

	for(i = 0; i < e->nmap; i++){
		if(e->map[i].off < end || e->map[i].len > e->realsize
		|| e->map[i].off > e->realsize - e->map[i].len)
			return "bad map of a sparse file";
		end = e->map[i].off + e->map[i].len;
		sum += e->map[i].len;
	}
	return sum == data ? nil : "map of a sparse file does not fit its data";
}

/* What extended headers say goes before what the header says. */
char*
paxapply(Pax *p, Entry *e)
{
	overname(&e->name, p->path);
	overname(&e->link, p->linkpath);
	if(p->uname != nil)
		strecpy(e->uname, e->uname + sizeof e->uname, p->uname);
	if(p->gname != nil)
		strecpy(e->gname, e->gname + sizeof e->gname, p->gname);
	if(p->size >= 0)
		e->size = (uvlong)p->size;
	if(p->mtime >= 0)
		e->mtime = p->mtime;
	if(p->realsize < 0 || (p->sparsemajor == 0 && p->nmap == 0))
		return nil;
	overname(&e->name, p->sparsename);
	e->sparse = 1;
	e->realsize = (uvlong)p->realsize;
	if(p->sparsemajor > 0)
		return nil;			/* the map is before the data */
	e->map = p->map;
	e->nmap = p->nmap;
	p->map = nil;
	p->nmap = 0;
	return checkmap(e, e->size);
}

/* A line of the map before the data; *at is where in b it is. */
static int
mapline(uchar *b, int *at, uvlong *left, vlong *v)
{
	uvlong n = 0;
	int digits = 0, c;

	for(;;){
		if(*at == BLOCK){
			if(*left == 0 || getdata(b, left) < 0)
				return -1;
			*at = 0;
		}
		c = b[(*at)++];
		if(c == '\n')
			break;
		if(c < '0' || c > '9' || ++digits > 18)
			return -1;
		n = 10*n + (uint)(c - '0');
	}
	*v = (vlong)n;
	return digits > 0 ? 0 : -1;
}

/* Reads the map that comes with the data of an entry, if that has one. */
char*
paxmap(Entry *e, uvlong *left)
{
	uchar b[BLOCK];
	vlong n, off, len;
	int at = BLOCK;

	if(!e->sparse || e->map != nil)
		return nil;
	if(mapline(b, &at, left, &n) < 0)
		return "bad map of a sparse file";
	for(; n > 0; n--)
		if(mapline(b, &at, left, &off) < 0 || mapline(b, &at, left, &len) < 0
		|| addpiece(&e->map, &e->nmap, off, len) < 0)
			return "bad map of a sparse file";
	return checkmap(e, *left);
}

/* Octal digits, or a binary number in the last eight bytes. */
static int
gnunumber(uchar *p, vlong *v)
{
	int i, n = 0;

	*v = 0;
	if(p[0] & 0x80){
		for(i = 4; i < GNUDIGITS; i++)
			*v = (vlong)((uvlong)*v<<8 | p[i]);
		return *v < 0 ? -1 : 0;
	}
	for(i = 0; i < GNUDIGITS && p[i] >= '0' && p[i] <= '7'; i++, n++)
		*v = *v<<3 | (p[i] - '0');
	return n > 0 ? 0 : -1;
}

static int
gnupieces(Entry *e, uchar *p, int n)
{
	vlong off, len;

	for(; n > 0 && p[0] != 0; n--, p += 2*GNUDIGITS)
		if(gnunumber(p, &off) < 0 || gnunumber(p + GNUDIGITS, &len) < 0
		|| addpiece(&e->map, &e->nmap, off, len) < 0)
			return -1;
	return 0;
}

/* The map of an entry of type S, from its header and from blocks after that. */
char*
gnumap(Header *h, Entry *e)
{
	uchar *p = (uchar*)h, b[BLOCK];
	vlong size;
	int more = p[GNUMORE];

	if(gnunumber(p + GNUREALSIZE, &size) < 0 || gnupieces(e, p + GNUMAP, GNUINHEADER) < 0)
		return "bad map of a sparse file";
	e->sparse = 1;
	e->realsize = (uvlong)size;
	while(more){
		if(getblock(b) <= 0 || gnupieces(e, b, GNUINBLOCK) < 0)
			return "bad map of a sparse file";
		more = b[GNUBLOCKMORE];
	}
	if(e->map == nil)
		e->map = emalloc(sizeof *e->map);
	return checkmap(e, e->size);
}

/*
 * Stores a record at to[n] and returns the new n. Its length counts its own
 * digits.
 */
uvlong
paxrecord(char *to, uvlong n, char *word, char *value)
{
	uint len = (uint)(strlen(word) + strlen(value)) + 3, digits = 1, limit;

	for(limit = 10; len + digits >= limit; limit *= 10)
		digits++;
	return n + (uvlong)sprint(to + n, "%ud %s=%s\n", len + digits, word, value);
}
