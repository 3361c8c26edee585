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
};

typedef struct Trace Trace;
typedef struct Slot Slot;

/* A word that may be a return address. */
struct Slot {
	uvlong	sp;			/* above it */
	uvlong	pc;
	int	kind;
	uvlong	to;			/* what a direct call before it calls */
	int	tried;			/* no sequence from here ends well */
};

struct Trace {
	Process	*p;
	Symtab	*t;
	Slot	*slot;			/* by address */
	int	n;
	int	*frame;			/* those chosen */
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

/* Where programs begin, and Go's own beginnings: of its processes and of goroutines. */
static int
isfirst(Trace *t, uvlong pc)
{
	static char *first[] = {
		"runtime.rt0_go", "runtime.tstart_plan9", "runtime.goexit",
	};
	Sym *s = findsym(t->t, pc);
	long n;
	uint i;

	if(s == nil)
		return 0;
	for(i = 0; s->name != nil && i < nelem(first); i++){
		n = strlen(first[i]);
		if(strncmp(s->name, first[i], n) == 0 && (s->name[n] == 0 || s->name[n] == '.'))
			return 1;
	}
	return t->t->entry != 0 && s == findsym(t->t, t->t->entry);
}

/* The first frame of a goroutine returns to a place that never called it. */
static int
isgoexit(Trace *t, uvlong pc)
{
	Sym *s;

	if(pc < t->p->textbase || pc >= t->p->texttop)
		return 0;
	s = findsym(t->t, pc);
	return s != nil && s->name != nil && pc == s->value + 1
		&& strncmp(s->name, "runtime.goexit", 14) == 0;
}

/* The first slot above sp. */
static int
above(Trace *t, uvlong sp)
{
	int lo = 0, hi = t->n, mid;

	while(lo < hi){
		mid = (lo + hi) / 2;
		if(t->slot[mid].sp <= sp)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * Where the function that pc is in may return to, sp being its stack pointer: -1, or a
 * slot not yet tried. The symbol table of an a.out file says which it is; at the
 * function's first instruction it is on top.
 */
static int
candidate(Trace *t, uvlong pc, uvlong sp)
{
	Sym *s = findsym(t->t, pc);
	int i, start = above(t, sp);
	uvlong at;

	if(s != nil && s->frame >= 0){
		at = pc == s->value ? sp + 8 : sp + (uvlong)s->frame + 8;
		i = above(t, at - 8);
		if(i < t->n && t->slot[i].sp == at && !t->slot[i].tried)
			return i;
	}
	for(i = start; i < t->n; i++)
		if(!t->slot[i].tried && (t->slot[i].kind == INDIRECT
		|| (s != nil && t->slot[i].to == s->value)))
			return i;
	for(i = start; t->loose && i < t->n; i++)
		if(!t->slot[i].tried)
			return i;
	return -1;
}

/*
 * Looks for a sequence that ends well. Each slot is chosen once at most, for what
 * follows depends on nothing else.
 */
static int
search(Trace *t)
{
	uvlong pc, sp;
	int i;

	for(i = 0; i < t->n; i++)
		t->slot[i].tried = 0;
	t->nframe = 0;
	for(;;){
		pc = t->p->regs.pc;
		sp = t->p->regs.sp;
		if(t->nframe > 0){
			i = t->frame[t->nframe-1];
			pc = t->slot[i].pc;
			sp = t->slot[i].sp;
		}
		if(isfirst(t, pc))
			return 1;
		i = candidate(t, pc, sp);
		if(i >= 0){
			t->slot[i].tried = 1;
			t->frame[t->nframe++] = i;
		}else if(t->nframe-- == 0)
			return 0;
	}
}

/* The nearest candidate each time. */
static void
greedy(Trace *t)
{
	uvlong pc = t->p->regs.pc, sp = t->p->regs.sp;
	int i;

	for(i = 0; i < t->n; i++)
		t->slot[i].tried = 0;
	for(t->nframe = 0; !isfirst(t, pc); t->nframe++){
		i = candidate(t, pc, sp);
		if(i < 0)
			break;
		t->frame[t->nframe] = i;
		pc = t->slot[i].pc;
		sp = t->slot[i].sp;
	}
}

/* Finds the words of the stack that may be return addresses. */
static void
readstack(Trace *t)
{
	uvlong sp = t->p->regs.sp, top = sp, *word;
	Region *r;
	Slot s;
	int i, n;

	for(i = 0; i < t->p->nregion; i++){
		r = &t->p->region[i];
		if(sp >= r->base && sp < r->top)
			top = r->top;
	}
	if(top - sp > MAXSTACK)
		top = sp + MAXSTACK;
	word = emalloc((ulong)(top - sp) + 8);
	n = readmem(t->p, sp, word, (long)(top - sp)) / 8;
	for(i = 0; i < n; i++){
		memset(&s, 0, sizeof s);
		s.pc = word[i];
		s.sp = sp + 8*(uvlong)i + 8;
		s.kind = callbefore(t->p, s.pc, &s.to);
		if(s.kind == NOCALL && isgoexit(t, s.pc))
			s.kind = INDIRECT;
		if(s.kind == NOCALL)
			continue;
		if(s.kind == INDIRECT)
			s.to = 0;
		if((t->n & (t->n - 1)) == 0)
			t->slot = erealloc(t->slot,
				(ulong)(t->n > 0 ? 2*t->n : 1) * sizeof t->slot[0]);
		t->slot[t->n++] = s;
	}
	t->frame = emalloc((ulong)(t->n + 1) * sizeof t->frame[0]);
	free(word);
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
	show(&t, p->regs.pc, p->regs.sp);
	for(i = 0; i < t.nframe; i++)
		show(&t, t.slot[t.frame[i]].pc, t.slot[t.frame[i]].sp);
	if(!sure)
		print("\tthis is a guess: it does not lead to where the program begins\n");
	free(t.slot);
	free(t.frame);
}
