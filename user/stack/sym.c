/*
 * Function symbols, from a Plan 9 a.out or an ELF file. Where there are none,
 * whatever is called directly somewhere in the text is taken for a function.
 */
#include "stack.h"

enum {
	AOUTMAGIC = 0x8A97,
	AOUTHDR = 40,
	MAXSYMS = 64*1024*1024,		/* bytes of a table that is believed */

	EHSIZE = 64,
	SHSIZE = 64,
	SYMSIZE = 24,
	SHTSYMTAB = 2,
	STTFUNC = 2,
	STTNOTYPE = 0,
};

static uvlong
big(uchar *p, int n)
{
	uvlong v = 0;

	while(n-- > 0)
		v = v<<8 | *p++;
	return v;
}

static uvlong
little(uchar *p, int n)
{
	uvlong v = 0;

	while(n-- > 0)
		v = v<<8 | p[n];
	return v;
}

/* n bytes of the file at off, with a NUL after them, malloc'd; nil if it has not so many. */
static uchar*
part(int fd, uvlong off, uvlong n)
{
	uchar *p;
	uvlong got;
	long m;

	if(n > MAXSYMS || off > 1ULL<<40)
		return nil;
	p = emalloc(n + 1);
	for(got = 0; got < n; got += (uvlong)m){
		m = pread(fd, p + got, (long)(n - got), (vlong)(off + got));
		if(m <= 0){
			free(p);
			return nil;
		}
	}
	p[n] = 0;
	return p;
}

static Sym*
addsym(Symtab *t, uvlong value, char *name)
{
	Sym *s;

	if((t->n & (t->n - 1)) == 0)
		t->sym = erealloc(t->sym, (ulong)(t->n > 0 ? 2*t->n : 1) * sizeof t->sym[0]);
	s = &t->sym[t->n++];
	s->value = value;
	s->name = name;
	s->frame = -1;
	return s;
}

static int
cmpsym(void *va, void *vb)
{
	Sym *a = va, *b = vb;

	if(a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return 0;
}

/* The length of a name of file history: pairs of bytes, the last of them zeros. */
static long
historylen(uchar *p, uchar *e)
{
	uchar *s = p;

	for(p++; e - p >= 2; p += 2)
		if(p[0] == 0 && p[1] == 0)
			return p + 2 - s;
	return e - s;
}

/* The symbols stay in p. An `m' gives the frame of the function before it. */
static void
aoutsyms(uchar *p, uchar *e, Symtab *t)
{
	uvlong value;
	Sym *fn = nil;
	int type;

	while(e - p > 9){
		value = big(p, 8);
		type = p[8] & 0x7F;
		p += 9;
		switch(type){
		case 'T': case 't': case 'L': case 'l':
			fn = addsym(t, value, (char*)p);
			break;
		case 'm':
			if(fn != nil && value >= 8 && value < 1<<30)
				fn->frame = (long)value - 8;
			break;
		case 'z': case 'Z':
			p += historylen(p, e);
			continue;
		}
		p += strlen((char*)p) + 1;
	}
}

static int
loadaout(int fd, Symtab *t)
{
	uchar hdr[AOUTHDR], *p;
	uvlong off, size;

	if(pread(fd, hdr, AOUTHDR, 0) != AOUTHDR || big(hdr, 4) != AOUTMAGIC)
		return 0;
	off = AOUTHDR + big(hdr+4, 4) + big(hdr+8, 4);
	size = big(hdr+16, 4);
	t->entry = big(hdr+32, 8);
	p = size > 0 ? part(fd, off, size) : nil;
	if(p != nil)
		aoutsyms(p, p + size, t);
	return 1;
}

/* A function, or a label of an assembler file, of which the compiler makes none. */
static int
isfunc(uchar *p)
{
	int type = p[4] & 15, section = (int)little(p+6, 2);

	return section != 0 && section < 0xFF00 && (type == STTFUNC || type == STTNOTYPE);
}

static void
elfsyms(int fd, uchar *sh, uchar *str, Symtab *t)
{
	uvlong size = little(sh+32, 8), nstr = little(str+32, 8), i, name;
	uchar *p, *s;

	p = part(fd, little(sh+24, 8), size);
	s = p == nil ? nil : part(fd, little(str+24, 8), nstr);
	if(s != nil)
		for(i = 0; i + SYMSIZE <= size; i += SYMSIZE){
			name = little(p+i, 4);
			if(isfunc(p+i) && name < nstr && s[name] != 0 && s[name] != '$')
				addsym(t, little(p+i+8, 8), (char*)s + name);
		}
	free(p);
}

static int
loadelf(int fd, Symtab *t)
{
	uchar hdr[EHSIZE], *sh;
	uint i, n, link;

	if(pread(fd, hdr, EHSIZE, 0) != EHSIZE || memcmp(hdr, "\177ELF\2\1", 6) != 0)
		return 0;
	t->entry = little(hdr+24, 8);
	n = (uint)little(hdr+60, 2);
	if(little(hdr+58, 2) != SHSIZE || n == 0)
		return 1;
	sh = part(fd, little(hdr+40, 8), n * SHSIZE);
	for(i = 0; sh != nil && i < n; i++){
		link = (uint)little(sh + i*SHSIZE + 40, 4);
		if(little(sh + i*SHSIZE + 4, 4) == SHTSYMTAB && link < n)
			elfsyms(fd, sh + i*SHSIZE, sh + link*SHSIZE, t);
	}
	free(sh);
	return 1;
}

void
loadsyms(int fd, Symtab *t)
{
	memset(t, 0, sizeof *t);
	if(!loadaout(fd, t) && !loadelf(fd, t))
		return;
	t->named = t->n > 0;
	if(t->n > 0)
		qsort(t->sym, t->n, sizeof t->sym[0], cmpsym);
}

/* In place of symbols: what direct calls lead to, if compilers put functions there. */
void
guesssyms(Process *pr, Symtab *t)
{
	uvlong n = pr->texttop - pr->textbase, i, to;
	int j, k;

	for(i = 0; i + 5 <= n; i++){
		if(pr->text[i] != 0xE8)
			continue;
		to = pr->textbase + i + 5 + (uvlong)(int)little(pr->text + i + 1, 4);
		if(to >= pr->textbase && to < pr->texttop)
			addsym(t, to, nil);
	}
	if(t->entry != 0)
		addsym(t, t->entry, nil);
	if(t->n == 0)
		return;
	qsort(t->sym, t->n, sizeof t->sym[0], cmpsym);
	for(j = k = 1; j < t->n; j++)
		if(t->sym[j].value != t->sym[k-1].value)
			t->sym[k++] = t->sym[j];
	t->n = k;
}

/* The last symbol at or below pc, nil if there is none. */
Sym*
findsym(Symtab *t, uvlong pc)
{
	int lo = 0, hi = t->n, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(t->sym[mid].value <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	while(lo > 1 && t->sym[lo-2].value == t->sym[lo-1].value)
		lo--;
	return lo > 0 ? &t->sym[lo-1] : nil;
}
