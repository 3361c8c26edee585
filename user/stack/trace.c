/*
 * The calls under way. Code keeps no frame pointers, so a return address is
 * recognised by the call before it: a direct call of the function that the
 * frame below is in, or an indirect call. Such words also lie about as garbage;
 * the trace is the first sequence, from the innermost frame out, that ends in the
 * function where programs begin. Where none does, it is what the nearest such
 * words give.
 */
#include "stack.h"

enum {
	MAXSTACK = 1024*1024,		/* bytes that are looked at */
	MAXDEPTH = 4096,
};

typedef struct Trace Trace;
struct Trace {
	Process	*p;
	Symtab	*t;
	uvlong	sp;			/* where word[0] is */
	uvlong	*word;
	int	n;
	uchar	*tried;			/* no sequence from here ends well */
	int	*frame;			/* words that are return addresses */
	int	nframe;
	int	loose;			/* any call will do, for what it calls may jump on */
};

enum {
	NOCALL,
	DIRECT,
	INDIRECT,
};

/* The length of an indirect call at p, 0 if there is none. */
static int
indirectlen(uchar *p)
{
	int mod, rm, n = 2;

	if(p[0] != 0xFF || (p[1]>>3 & 7) != 2)
		return 0;
	mod = p[1] >> 6;
	rm = p[1] & 7;
	if(mod == 3)
		return n;
	if(rm == 4)
		n++;
	if(mod == 1)
		n++;
	else if(mod == 2 || rm == 5)
		n += 4;
	return n;
}

/* What kind of call ends at pc; *to is where a direct one leads. */
static int
callbefore(Process *pr, uvlong pc, uvlong *to)
{
	uchar *p;
	int n;

	if(pc < pr->textbase + 8 || pc >= pr->texttop)
		return NOCALL;
	p = pr->text + (pc - pr->textbase);
	if(p[-5] == 0xE8){
		*to = pc + (uvlong)(int)((uint)p[-4] | (uint)p[-3]<<8 | (uint)p[-2]<<16
			| (uint)p[-1]<<24);
		if(*to >= pr->textbase && *to < pr->texttop)
			return DIRECT;
	}
	for(n = 2; n <= 7; n++)
		if(indirectlen(p - n) == n)
			return INDIRECT;
	return NOCALL;
}

static int
isfirst(Trace *t, uvlong pc)
{
	return t->t->entry != 0 && findsym(t->t, pc) == findsym(t->t, t->t->entry);
}

/* Whether word i may be where the function that pc is in returns to. */
static int
returns(Trace *t, int i, uvlong pc)
{
	Sym *s;
	uvlong to;

	switch(callbefore(t->p, t->word[i], &to)){
	case INDIRECT:
		return 1;
	case DIRECT:
		s = findsym(t->t, pc);
		return t->loose || (s != nil && s->value == to);
	}
	return 0;
}

/*
 * The next candidate at or after word i, -1 if there is none. The symbol table
 * of an a.out file says where it is; at the function's first instruction it is on top.
 */
static int
candidate(Trace *t, int i, uvlong pc, int first)
{
	Sym *s = findsym(t->t, pc);
	uvlong to;
	long at;

	if(s != nil && s->frame >= 0){
		at = pc == s->value ? i : i + s->frame/8;
		if(first && at < t->n && callbefore(t->p, t->word[at], &to) != NOCALL)
			return (int)at;
		if(!t->loose)
			return -1;
	}
	for(; i < t->n; i++)
		if(!t->tried[i] && returns(t, i, pc))
			return i;
	return -1;
}

/*
 * Looks for a sequence that ends well, with a stack of its own: frame[0 .. n-1] are the
 * choices made. Each word is chosen once at most, for what follows depends
 * on nothing else.
 */
static int
search(Trace *t)
{
	uvlong pc = t->p->regs.pc;
	int i = 0, first = 1;

	memset(t->tried, 0, (ulong)t->n);
	t->nframe = 0;
	for(;;){
		if(isfirst(t, pc))
			return 1;
		i = t->nframe < MAXDEPTH ? candidate(t, i, pc, first) : -1;
		if(i >= 0 && !t->tried[i]){
			t->tried[i] = 1;
			t->frame[t->nframe++] = i;
			pc = t->word[i++];
			first = 1;
			continue;
		}
		if(t->nframe == 0)
			return 0;
		i = t->frame[--t->nframe] + 1;
		pc = t->nframe > 0 ? t->word[t->frame[t->nframe-1]] : t->p->regs.pc;
		first = 0;
	}
}

/* The nearest candidate each time. */
static void
greedy(Trace *t)
{
	uvlong pc = t->p->regs.pc;
	int i, at;

	memset(t->tried, 0, (ulong)t->n);
	t->nframe = 0;
	for(i = 0; t->nframe < MAXDEPTH && !isfirst(t, pc); i++){
		t->loose = 0;
		at = candidate(t, i, pc, 1);
		if(at < 0){
			t->loose = 1;
			at = candidate(t, i, pc, 1);
		}
		if(at < 0)
			break;
		t->frame[t->nframe++] = i = at;
		pc = t->word[i];
	}
}

static void
readstack(Trace *t)
{
	uvlong sp = t->p->regs.sp, top = sp;
	Region *r;
	int i;

	for(i = 0; i < t->p->nregion; i++){
		r = &t->p->region[i];
		if(sp >= r->base && sp < r->top)
			top = r->top;
	}
	if(top - sp > MAXSTACK)
		top = sp + MAXSTACK;
	t->sp = sp;
	t->n = (int)((top - sp) / 8);
	t->word = emalloc((ulong)t->n * 8 + 8);
	t->tried = emalloc((ulong)t->n + 1);
	t->frame = emalloc((ulong)(t->n + 1) * sizeof t->frame[0]);
	t->n = readmem(t->p, sp, t->word, (long)t->n * 8) / 8;
}

static void
show(Trace *t, uvlong pc, uvlong sp)
{
	Sym *s = findsym(t->t, pc);

	if(s == nil || pc >= t->p->texttop)
		print("\t%#.8llux  ?", pc);
	else if(s->name != nil)
		print("\t%#.8llux  %s+%#llux", pc, s->name, pc - s->value);
	else
		print("\t%#.8llux  %#llux+%#llux", pc, s->value, pc - s->value);
	print("\tsp=%#llux\n", sp);
}

void
printstack(Process *p, Symtab *tab)
{
	Trace t = { .p = p, .t = tab };
	int i, sure;

	if(p->regs.sp & 7){
		print("\tthe stack pointer %#llux is odd\n", p->regs.sp);
		return;
	}
	readstack(&t);
	sure = search(&t);
	if(!sure){
		t.loose = 1;
		sure = search(&t);
	}
	if(!sure)
		greedy(&t);
	show(&t, p->regs.pc, t.sp);
	for(i = 0; i < t.nframe; i++)
		show(&t, t.word[t.frame[i]], t.sp + (uvlong)t.frame[i]*8 + 8);
	if(!sure)
		print("\tthis is a guess: it does not lead to where the program begins\n");
	free(t.word);
	free(t.tried);
	free(t.frame);
}
