/*
 * Sorting in memory. Lines are gathered until they take Runmem bytes; each
 * such run is sorted and, when there is more than one, kept in a temporary
 * file to be merged.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "sort.h"

typedef struct Block Block;
typedef struct Run Run;

/* Text of lines. */
struct Block {
	Block	*next;
	usize	used, cap;
	char	text[];
};

struct Run {
	Block	*blocks;
	Line	*line;
	usize	n, cap;
	usize	size;		/* bytes in all */
};

enum {
	Blocksize = 256*1024,
	Runmem = 16*1024*1024,
	Maxmerge = 64,		/* files that are merged at a time */
};

static char*
alloctext(Run *r, usize n)
{
	Block *b;
	usize cap;

	b = r->blocks;
	if(b == nil || b->cap - b->used < n){
		cap = n > Blocksize ? n : Blocksize;
		b = emalloc(sizeof *b + cap);
		b->next = r->blocks;
		b->used = 0;
		b->cap = cap;
		r->blocks = b;
		r->size += cap;
	}
	b->used += n;
	return b->text + b->used - n;
}

static void
addline(Run *r, Line *l)
{
	if(r->n == r->cap){
		r->cap = 2*r->cap + 1024;
		r->line = erealloc(r->line, r->cap*sizeof *r->line);
	}
	r->line[r->n].s = alloctext(r, l->n);
	r->line[r->n].n = l->n;
	memmove(r->line[r->n].s, l->s, l->n);
	r->n++;
	r->size += 2*sizeof *l;	/* sorting needs a second array */
}

static void
resetrun(Run *r)
{
	Block *b;

	while((b = r->blocks) != nil){
		r->blocks = b->next;
		free(b);
	}
	r->n = r->size = 0;
}

/* Stable merge sort of a[0..n); tmp has room for half of them. */
static void
mergesort(Line *a, usize n, Line *tmp)
{
	usize h, i, j, k;

	if(n < 2)
		return;
	h = n/2;
	mergesort(a, h, tmp);
	mergesort(a + h, n - h, tmp);
	if(linecmp(&a[h-1], &a[h]) <= 0)
		return;
	memmove(tmp, a, h*sizeof *a);
	for(i = 0, j = h, k = 0; i < h; k++){
		if(j < n && linecmp(&tmp[i], &a[j]) > 0)
			a[k] = a[j++];
		else
			a[k] = tmp[i++];
	}
}

static void
sortrun(Run *r)
{
	Line *tmp;

	tmp = emalloc((r->n/2 + 1)*sizeof *tmp);
	mergesort(r->line, r->n, tmp);
	free(tmp);
}

static void
writerun(Run *r, int fd)
{
	Biobuf out;
	usize i, last;

	Binit(&out, fd, OWRITE);
	last = 0;
	for(i = 0; i < r->n; i++){
		if(uflag && i > 0 && linecmp(&r->line[last], &r->line[i]) == 0)
			continue;
		writeline(&out, &r->line[i]);
		last = i;
	}
	if(Bterm(&out) < 0)
		sysfatal("write error: %r");
}

/* Write a sorted run to a temporary file, which becomes a source. */
static In*
spill(Run *r)
{
	int fd;

	fd = createtemp();
	writerun(r, fd);
	resetrun(r);
	seek(fd, 0, 0);
	return newin(nil, fd);
}

static int
openout(char *name)
{
	int fd;

	if(name == nil)
		return 1;
	fd = create(name, OWRITE, 0666);
	if(fd < 0)
		sysfatal("%s: %r", name);
	return fd;
}

/*
 * Merge any number of sources into the output, in rounds of Maxmerge. With
 * -o the last round goes through a temporary file while a source may still
 * be the output itself.
 */
void
output(In **in, int n, char *name)
{
	int i, j, k, fd, named;

	named = 0;
	for(i = 0; i < n; i++)
		named |= in[i]->name != nil;
	while(n > Maxmerge || (n > 0 && named && name != nil)){
		for(i = j = 0; i < n; i += k){
			k = n - i < Maxmerge ? n - i : Maxmerge;
			fd = createtemp();
			merge(in + i, k, fd);
			seek(fd, 0, 0);
			in[j++] = newin(nil, fd);
		}
		n = j;
		named = 0;
	}
	merge(in, n, openout(name));
}

void
sortfiles(In **in, int n, char *name)
{
	Run run;
	In **temp;
	int i, ntemp;

	memset(&run, 0, sizeof run);
	temp = nil;
	ntemp = 0;
	for(i = 0; i < n; i++){
		while(nextline(in[i])){
			addline(&run, &in[i]->line);
			if(run.size < Runmem)
				continue;
			sortrun(&run);
			temp = erealloc(temp, (ntemp+2)*sizeof *temp);
			temp[ntemp++] = spill(&run);
		}
		closein(in[i]);
	}
	sortrun(&run);
	if(ntemp == 0){
		writerun(&run, openout(name));
		return;
	}
	temp[ntemp++] = spill(&run);
	output(temp, ntemp, name);
}
