/*
 * Matching: all paths through the instructions are followed in step with
 * the text, each at most once for every position, so time is linear in the
 * text. Threads stand in the list in order of preference: first by where
 * their match began, then as repetition prefers to go on. The longest of
 * the leftmost matches wins.
 */
#include <u.h>
#include <libc.h>
#include <regexp.h>
#include "prog.h"

typedef struct Thread Thread;
struct Thread {
	int	pc;
	char	**cap;		/* bounds noted so far */
};

typedef struct List List;
struct List {
	int	n;
	Thread	*t;
};

/* A step of the walk through instructions that read nothing. */
typedef struct Step Step;
struct Step {
	int	pc;		/* -1: put back the bound slot */
	int	slot;
	char	*old;
};

typedef struct Exec Exec;
struct Exec {
	Reprog	*p;
	int	runes;
	char	*bol;		/* the text's beginning */
	char	*end;		/* nil: at the NUL */
	int	ncap;		/* bounds to keep: twice the sub-matches wanted */
	uint	*mark;		/* of each instruction: the generation that added it */
	uint	gen;
	Step	*stack;
	char	**cap;		/* bounds of the path being walked */
	char	**best;
	int	matched;
};

static int
inclass(Class *k, Rune r)
{
	int i;

	for(i = 0; i < k->n; i++)
		if(r >= k->r[i][0] && r <= k->r[i][1])
			return !k->negated;
	return k->negated && (r != '\n' || k->nl);
}

static int
takes(Exec *x, Inst *in, Rune r)
{
	switch(in->op){
	case Ichar:
		return r == in->arg;
	case Iany:
		return r != '\n';
	case Iall:
		return 1;
	case Iclass:
		return inclass(&x->p->class[in->arg], r);
	}
	return 0;
}

/* The rune at s and the bytes it takes; 0 and 0 at the end. */
static int
fetch(Exec *x, char *s, Rune *r)
{
	*r = 0;
	if(x->end != nil && s >= x->end)
		return 0;
	if(x->runes){
		*r = *(Rune*)(void*)s;
		return *r != 0 ? (int)sizeof(Rune) : 0;
	}
	if(*s == 0)
		return 0;
	if((uchar)*s < Runeself){
		*r = (uchar)*s;
		return 1;
	}
	return chartorune(r, s);
}

static int
atbol(Exec *x, char *s)
{
	if(s == x->bol)
		return 1;
	return x->runes ? ((Rune*)(void*)s)[-1] == '\n' : s[-1] == '\n';
}

/*
 * Adds to l every instruction that reads, reached from pc without reading,
 * with x->cap as their bounds. r is the rune at s.
 */
static void
add(Exec *x, List *l, int pc, char *s, Rune r)
{
	Step *sp = x->stack;
	Thread *t;
	Inst *in;

	*sp++ = (Step){ pc, 0, nil };
	while(sp > x->stack){
		sp--;
		if(sp->pc < 0){
			x->cap[sp->slot] = sp->old;
			continue;
		}
		pc = sp->pc;
	again:
		if(x->mark[pc] == x->gen)
			continue;
		x->mark[pc] = x->gen;
		in = &x->p->inst[pc];
		switch(in->op){
		case Ijump:
			pc += in->x;
			goto again;
		case Isplit:
			*sp++ = (Step){ pc + in->y, 0, nil };
			pc += in->x;
			goto again;
		case Isave:
			if((int)in->arg < x->ncap){
				*sp++ = (Step){ -1, (int)in->arg, x->cap[in->arg] };
				x->cap[in->arg] = s;
			}
			pc++;
			goto again;
		case Ibol:
			if(atbol(x, s)){
				pc++;
				goto again;
			}
			break;
		case Ieol:
			if(r == 0 || r == '\n'){
				pc++;
				goto again;
			}
			break;
		default:
			t = &l->t[l->n++];
			t->pc = pc;
			if(x->ncap > 0)
				memmove(t->cap, x->cap, (ulong)x->ncap * sizeof t->cap[0]);
			break;
		}
	}
}

static void
setcap(Exec *x, char **cap)
{
	if(x->ncap > 0)
		memmove(x->cap, cap, (ulong)x->ncap * sizeof cap[0]);
}

/* Notes a match if it is the first, or begins with the best one and ends later. */
static void
found(Exec *x, char **cap)
{
	if(x->matched && (cap[0] > x->best[0] || (cap[0] == x->best[0] && cap[1] <= x->best[1])))
		return;
	x->matched = 1;
	if(x->ncap > 0)
		memmove(x->best, cap, (ulong)x->ncap * sizeof cap[0]);
}

static void
run(Exec *x, char *s, List *now, List *next)
{
	List *tmp;
	Thread *t;
	Inst *in;
	Rune r, after;
	int i, n;

	now->n = 0;
	x->gen = 1;
	for(;; s += n){
		n = fetch(x, s, &r);
		if(!x->matched){
			if(now->n == 0 && x->p->first != 0){
				while(n > 0 && r != x->p->first){
					s += n;
					n = fetch(x, s, &r);
				}
				if(n == 0)
					return;
			}
			memset(x->cap, 0, (ulong)x->ncap * sizeof x->cap[0]);
			add(x, now, 0, s, r);
		}
		if(now->n == 0 && (x->matched || n == 0))
			return;
		x->gen++;
		next->n = 0;
		fetch(x, s + n, &after);
		for(i = 0; i < now->n; i++){
			t = &now->t[i];
			in = &x->p->inst[t->pc];
			if(x->matched && x->ncap > 0 && t->cap[0] > x->best[0])
				break;
			if(in->op == Imatch){
				found(x, t->cap);
				if(x->ncap == 0)
					return;
				continue;
			}
			if(n > 0 && takes(x, in, r)){
				setcap(x, t->cap);
				add(x, next, t->pc + 1, s + n, after);
			}
		}
		if(n == 0)
			return;
		tmp = now;
		now = next;
		next = tmp;
	}
}

/* One block for lists, bounds, marks and stack; small ones on our own stack. */
static int
exec1(Exec *x, char *start)
{
	ulong n = (ulong)x->p->ninst, c = (ulong)x->ncap, size;
	char small[4096] __attribute__((aligned(16))), *mem = small, *p;
	List a, b;
	ulong i;

	size = 2*n*sizeof(Thread) + (2*n + 1)*c*sizeof(char*)
		+ (2*n + 2)*sizeof(Step) + n*sizeof(uint);
	if(size > sizeof small && (mem = malloc(size)) == nil)
		return -1;
	p = mem;
	a.t = (Thread*)(void*)p;
	p += n*sizeof(Thread);
	b.t = (Thread*)(void*)p;
	p += n*sizeof(Thread);
	for(i = 0; i < n; i++){
		a.t[i].cap = (char**)(void*)p;
		p += c*sizeof(char*);
		b.t[i].cap = (char**)(void*)p;
		p += c*sizeof(char*);
	}
	x->cap = (char**)(void*)p;
	p += c*sizeof(char*);
	x->stack = (Step*)(void*)p;
	p += (2*n + 2)*sizeof(Step);
	x->mark = (uint*)(void*)p;
	memset(x->mark, 0, n*sizeof(uint));
	run(x, start, &a, &b);
	if(mem != small)
		free(mem);
	return x->matched;
}

static int
match(Reprog *p, int runes, char *s, Resub *m, int nm)
{
	char *best[2*NSUBEXP], *start = s;
	Exec x;
	int i, r;

	memset(&x, 0, sizeof x);
	memset(best, 0, sizeof best);
	x.p = p;
	x.runes = runes;
	x.bol = s;
	x.best = best;
	if(m != nil && nm > 0){
		x.ncap = 2 * (nm < p->nsub + 1 ? nm : p->nsub + 1);
		if(m[0].sp != nil)
			start = m[0].sp;
		x.end = m[0].ep;
	}
	r = exec1(&x, start);
	if(r <= 0)
		return r;
	for(i = 0; m != nil && i < nm; i++){
		m[i].sp = 2*i < x.ncap ? best[2*i] : nil;
		m[i].ep = 2*i < x.ncap ? best[2*i+1] : nil;
		if(m[i].ep == nil || m[i].sp == nil)
			m[i].sp = m[i].ep = nil;
	}
	return r;
}

int
regexec(Reprog *p, char *s, Resub *m, int nm)
{
	return match(p, 0, s, m, nm);
}

int
rregexec(Reprog *p, Rune *s, Resub *m, int nm)
{
	return match(p, 1, (char*)s, m, nm);
}
