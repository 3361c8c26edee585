/*
 * From patterns to the automaton, by operator precedence on two stacks, so
 * that no depth of parentheses can exhaust the machine's own. A fragment is
 * a piece of automaton that is entered at start and left through the out
 * field of its node end.
 */
#include <u.h>
#include <libc.h>
#include "grep.h"

typedef struct Frag Frag;
typedef struct Parser Parser;

struct Frag {
	int	start, end;
};

struct Parser {
	char	*p, *e;		/* what is left of the pattern */
	int	fold;
	Frag	*frag;		/* operands */
	int	nfrag, fragcap;
	int	*op;		/* pending '(', '|' and Cat */
	int	nop, opcap;
};

enum {
	Cat = '.',		/* the operator that is not written */
};

Inst	*insts;
int	ninst;
int	startinst = -1;

static int	instcap;

void*
emalloc(usize n)
{
	void *p;

	p = malloc(n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
erealloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

static int
newinst(int op)
{
	Inst *i;

	if(ninst == instcap){
		instcap = instcap*2 + 64;
		insts = erealloc(insts, instcap*sizeof *insts);
	}
	i = &insts[ninst];
	memset(i, 0, sizeof *i);
	i->op = op;
	i->set = -1;
	i->out = i->alt = -1;
	return ninst++;
}

static void
pushfrag(Parser *ps, int start, int last)
{
	if(ps->nfrag == ps->fragcap){
		ps->fragcap = ps->fragcap*2 + 16;
		ps->frag = erealloc(ps->frag, ps->fragcap*sizeof *ps->frag);
	}
	ps->frag[ps->nfrag].start = start;
	ps->frag[ps->nfrag].end = last;
	ps->nfrag++;
}

static Frag
alternate(Frag a, Frag b)
{
	Frag f;

	f.start = newinst(Isplit);
	f.end = newinst(Inop);
	insts[f.start].out = a.start;
	insts[f.start].alt = b.start;
	insts[a.end].out = f.end;
	insts[b.end].out = f.end;
	return f;
}

/* Apply the operator on top of the stack to the two operands on top of theirs. */
static void
reduce(Parser *ps)
{
	Frag a, b;

	assert(ps->nfrag >= 2 && ps->nop >= 1);
	b = ps->frag[--ps->nfrag];
	a = ps->frag[--ps->nfrag];
	if(ps->op[--ps->nop] == '|'){
		a = alternate(a, b);
		pushfrag(ps, a.start, a.end);
		return;
	}
	insts[a.end].out = b.start;
	pushfrag(ps, a.start, b.end);
}

/* Push an operator once those that bind at least as tightly are done. */
static void
pushop(Parser *ps, int op)
{
	while(op != '(' && ps->nop > 0){
		if(ps->op[ps->nop-1] == '(' || (op == Cat && ps->op[ps->nop-1] == '|'))
			break;
		reduce(ps);
	}
	if(ps->nop == ps->opcap){
		ps->opcap = ps->opcap*2 + 16;
		ps->op = erealloc(ps->op, ps->opcap*sizeof *ps->op);
	}
	ps->op[ps->nop++] = op;
}

static void
repeat(Parser *ps, int c)
{
	Frag *f;
	int s, e;

	assert(ps->nfrag > 0);
	f = &ps->frag[ps->nfrag-1];
	s = newinst(Isplit);
	insts[s].alt = f->start;
	if(c == '?'){
		e = newinst(Inop);
		insts[f->end].out = e;
		insts[s].out = e;
		f->start = s;
		f->end = e;
		return;
	}
	insts[f->end].out = s;
	f->end = s;
	if(c == '*')
		f->start = s;
}

/* The next rune of the pattern; a byte that is no UTF-8 counts as Runeerror. */
static Rune
getrune(Parser *ps)
{
	Rune r;
	int n;

	n = 1;
	r = (uchar)*ps->p;
	if(r >= Runeself){
		r = Runeerror;
		if(fullrune(ps->p, ps->e - ps->p))
			n = chartorune(&r, ps->p);
	}
	ps->p += n;
	return r;
}

static Rune
setrune(Parser *ps)
{
	Rune r;

	if(ps->p == ps->e)
		sysfatal("malformed '[]'");
	r = getrune(ps);
	if(r == '\\'){
		if(ps->p == ps->e)
			sysfatal("malformed '[]'");
		r = getrune(ps);
	}
	return r;
}

/* The inside of a bracket expression, up to and with its ]. */
static int
parseset(Parser *ps)
{
	int set, negate, node;
	Rune lo, hi;

	set = newset();
	negate = ps->p < ps->e && *ps->p == '^';
	if(negate)
		ps->p++;
	for(;;){
		if(ps->p < ps->e && *ps->p == ']')
			break;
		hi = lo = setrune(ps);
		if(ps->e - ps->p >= 2 && ps->p[0] == '-' && ps->p[1] != ']'){
			ps->p++;
			hi = setrune(ps);
		}
		if(hi < lo)
			sysfatal("malformed '[]'");
		addrange(set, lo, hi);
	}
	ps->p++;
	if(sets[set].n == 0)
		sysfatal("malformed '[]'");
	if(ps->fold)
		foldset(set);
	sealset(set, negate);
	node = newinst(Iset);
	insts[node].set = set;
	return node;
}

static int
anyrune(void)
{
	int set, node;

	set = newset();
	addrange(set, 0, '\n'-1);
	addrange(set, '\n'+1, Runemax);
	node = newinst(Iset);
	insts[node].set = set;
	return node;
}

/* An operand that begins with the rune r, already read. */
static int
operand(Parser *ps, Rune r)
{
	int node;

	switch(r){
	case '.':
		return anyrune();
	case '^':
		return newinst(Ibol);
	case '$':
		return newinst(Ieol);
	case '[':
		return parseset(ps);
	case '\\':
		if(ps->p == ps->e)
			sysfatal("trailing \\ in pattern");
		r = getrune(ps);
	}
	if(ps->fold)
		r = tolowerrune(r);
	node = newinst(Iset);
	insts[node].lo = insts[node].hi = r;
	return node;
}

static void
closeparen(Parser *ps)
{
	while(ps->nop > 0 && ps->op[ps->nop-1] != '(')
		reduce(ps);
	if(ps->nop == 0)
		sysfatal("unmatched right paren");
	ps->nop--;
}

/* An operand that is not there matches nothing at all, everywhere. */
static void
empty(Parser *ps)
{
	int node;

	node = newinst(Inop);
	pushfrag(ps, node, node);
}

/* One pattern. The result is the only fragment on the stack. */
static void
parse(Parser *ps)
{
	Rune r;
	int have, node;

	have = 0;	/* the text just read is a complete operand */
	while(ps->p < ps->e){
		r = getrune(ps);
		switch(r){
		case '*': case '+': case '?':
			if(!have)
				sysfatal("missing operand for %C", r);
			repeat(ps, r);
			continue;
		case '|':
		case ')':
			if(!have)
				empty(ps);
			have = r == ')';
			if(have)
				closeparen(ps);
			else
				pushop(ps, r);
			continue;
		}
		if(have)
			pushop(ps, Cat);
		have = r != '(';
		if(!have){
			pushop(ps, '(');
			continue;
		}
		node = operand(ps, r);
		pushfrag(ps, node, node);
	}
	if(!have)
		empty(ps);
	while(ps->nop > 0){
		if(ps->op[ps->nop-1] == '(')
			sysfatal("unmatched left paren");
		reduce(ps);
	}
}

static void
addpattern(Parser *ps, char *p, char *e)
{
	Frag f;
	int m, s;

	ps->p = p;
	ps->e = e;
	ps->nfrag = ps->nop = 0;
	parse(ps);
	assert(ps->nfrag == 1);
	f = ps->frag[0];
	m = newinst(Imatch);
	insts[f.end].out = m;
	if(startinst < 0){
		startinst = f.start;
		return;
	}
	s = newinst(Isplit);
	insts[s].out = startinst;
	insts[s].alt = f.start;
	startinst = s;
}

void
addpatterns(char *text, usize n, int fold)
{
	Parser ps;
	char *e, *nl;

	memset(&ps, 0, sizeof ps);
	ps.fold = fold;
	e = text + n;
	for(;;){
		nl = memchr(text, '\n', e - text);
		addpattern(&ps, text, nl != nil ? nl : e);
		if(nl == nil)
			break;
		text = nl + 1;
	}
	free(ps.frag);
	free(ps.op);
}
