/*
 * From patterns to the automaton, by operator precedence on two stacks, so
 * that no depth of parentheses can exhaust the machine's own. A fragment is
 * a piece of automaton that is entered at start and left through the out
 * field of its node end; its nodes are those from first up to the next
 * fragment's, so that a counted repetition can copy them.
 */
#include <u.h>
#include <libc.h>
#include <dfa.h>
#include "dfaimpl.h"

typedef struct Frag Frag;
typedef struct Parser Parser;

struct Frag {
	int	start, end;
	int	first;
};

struct Parser {
	Dfa	*d;
	char	*p, *e;		/* what is left of the pattern */
	char	*error;		/* nil until something is wrong */
	Frag	*frag;		/* operands */
	int	nfrag, fragcap;
	int	*op;		/* pending '(', '|' and Cat */
	int	nop, opcap;
};

enum {
	Cat = '.',		/* the operator that is not written */
	MAXCOUNT = 1000,	/* in e{n} */
	MAXNODES = 1 << 20,
};

/* A block that grows. */
void*
dfa_alloc(void *p, usize n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

static void
fail(Parser *ps, char *what)
{
	if(ps->error == nil)
		ps->error = what;
	ps->p = ps->e;
}

static int
newnode(Dfa *d, int op)
{
	Node *n;

	if(d->nnode == d->nodecap){
		d->nodecap = d->nodecap*2 + 16;
		d->node = dfa_alloc(d->node, (usize)d->nodecap*sizeof *d->node);
	}
	n = &d->node[d->nnode];
	memset(n, 0, sizeof *n);
	n->op = op;
	n->set = -1;
	n->out = n->alt = -1;
	return d->nnode++;
}

static void
pushfrag(Parser *ps, int start, int last, int first)
{
	if(ps->nfrag == ps->fragcap){
		ps->fragcap = ps->fragcap*2 + 16;
		ps->frag = dfa_alloc(ps->frag, (usize)ps->fragcap*sizeof *ps->frag);
	}
	ps->frag[ps->nfrag++] = (Frag){ start, last, first };
}

/* The two top fragments, one after the other. */
static void
join(Parser *ps)
{
	Frag *f = &ps->frag[ps->nfrag - 2];

	ps->d->node[f[0].end].out = f[1].start;
	f[0].end = f[1].end;
	ps->nfrag--;
}

/* Apply the operator on top of the stack to the two operands on top of theirs. */
static void
reduce(Parser *ps)
{
	Node *n;
	Frag a, b;
	int s, e;

	assert(ps->nfrag >= 2 && ps->nop >= 1);
	if(ps->op[--ps->nop] != '|'){
		join(ps);
		return;
	}
	b = ps->frag[--ps->nfrag];
	a = ps->frag[--ps->nfrag];
	s = newnode(ps->d, Nsplit);
	e = newnode(ps->d, Nnop);
	n = ps->d->node;
	n[s].out = a.start;
	n[s].alt = b.start;
	n[a.end].out = e;
	n[b.end].out = e;
	pushfrag(ps, s, e, a.first);
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
		ps->op = dfa_alloc(ps->op, (usize)ps->opcap*sizeof *ps->op);
	}
	ps->op[ps->nop++] = op;
}

static void
repeat(Parser *ps, int c)
{
	Dfa *d = ps->d;
	Frag *f;
	int s, e;

	assert(ps->nfrag > 0);
	f = &ps->frag[ps->nfrag-1];
	s = newnode(d, Nsplit);
	d->node[s].alt = f->start;
	if(c == '?'){
		e = newnode(d, Nnop);
		d->node[f->end].out = e;
		d->node[s].out = e;
		f->start = s;
		f->end = e;
		return;
	}
	d->node[f->end].out = s;
	f->end = s;
	if(c == '*')
		f->start = s;
}

/* A copy of the nodes from first to last, as a fragment on the stack. */
static void
copyfrag(Parser *ps, Frag f, int last)
{
	Dfa *d = ps->d;
	int i, n, by;

	by = d->nnode - f.first;
	for(i = f.first; i < last; i++){
		n = newnode(d, Nnop);
		d->node[n] = d->node[i];
		if(d->node[n].out >= 0)
			d->node[n].out += by;
		if(d->node[n].alt >= 0)
			d->node[n].alt += by;
	}
	pushfrag(ps, f.start + by, f.end + by, f.first + by);
}

/* The top fragment min to max times; max < 0 is no limit. */
static void
count(Parser *ps, int min, int max)
{
	Frag f;
	int last, i, node;

	f = ps->frag[--ps->nfrag];
	last = ps->d->nnode;
	if((vlong)(last - f.first)*((max > min ? max : min) + 2LL) > MAXNODES){
		fail(ps, "pattern too large");
		return;
	}
	node = newnode(ps->d, Nnop);
	pushfrag(ps, node, node, f.first);
	for(i = 0; i < min; i++){
		copyfrag(ps, f, last);
		join(ps);
	}
	if(max < 0){
		copyfrag(ps, f, last);
		repeat(ps, '*');
		join(ps);
	}
	for(; i < max; i++){
		copyfrag(ps, f, last);
		repeat(ps, '?');
		join(ps);
	}
}

static int
number(char **p, char *e)
{
	int n;

	if(*p >= e || **p < '0' || **p > '9')
		return -1;
	for(n = 0; *p < e && **p >= '0' && **p <= '9'; ++*p)
		if(n <= MAXCOUNT)
			n = n*10 + **p - '0';
	return n;
}

/* Reads n}, n,} or n,m} behind a brace; 0 if it is none of them and so an ordinary brace. */
static int
interval(Parser *ps, int *min, int *max)
{
	char *p = ps->p;

	*max = *min = number(&p, ps->e);
	if(*min < 0)
		return 0;
	if(p < ps->e && *p == ','){
		p++;
		*max = number(&p, ps->e);
	}
	if(p >= ps->e || *p != '}')
		return 0;
	ps->p = p + 1;
	if(*min > MAXCOUNT || *max > MAXCOUNT || (*max >= 0 && *max < *min))
		fail(ps, "bad repetition count");
	return 1;
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
		if(fullrune(ps->p, (int)(ps->e - ps->p)))
			n = chartorune(&r, ps->p);
	}
	ps->p += n;
	return r;
}

/* What stands behind a backslash. */
static Rune
escape(Parser *ps)
{
	static char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	char *f;
	Rune r;
	int i;

	r = getrune(ps);
	if(!(ps->d->flags & DFAposix) || r >= Runeself || r == 0)
		return r;
	f = strchr(from, (int)r);
	if(f != nil)
		return (Rune)to[f - from];
	if(r < '0' || r > '7')
		return r;
	r -= '0';
	for(i = 1; i < 3 && ps->p < ps->e && *ps->p >= '0' && *ps->p <= '7'; i++)
		r = r*8 + (Rune)(*ps->p++ - '0');
	return r;
}

static Rune
setrune(Parser *ps)
{
	Rune r;

	if(ps->p == ps->e){
		fail(ps, "malformed '[]'");
		return 0;
	}
	r = getrune(ps);
	if(r == '\\'){
		if(ps->p == ps->e){
			fail(ps, "malformed '[]'");
			return 0;
		}
		r = escape(ps);
	}
	return r;
}

/* Reads [:name:], [=x=] or [.x.] of a set; 0 if none stands here. */
static int
namedclass(Parser *ps, int set)
{
	char *p = ps->p, *q, *e = ps->e;
	Rune r;

	if(!(ps->d->flags & DFAposix) || e - p < 2 || p[0] != '[' || strchr(":=.", p[1]) == nil
	|| p[1] == 0)
		return 0;
	for(q = p + 2; q + 1 < e && !(q[0] == p[1] && q[1] == ']'); q++)
		;
	if(q + 1 >= e)
		return 0;
	if(p[1] == ':'){
		if(!dfa_addclass(ps->d, set, p + 2, (usize)(q - p - 2)))
			fail(ps, "no such class in '[]'");
		else
			ps->p = q + 2;
		return 1;
	}
	ps->p = p + 2;
	r = getrune(ps);
	if(ps->p != q)
		fail(ps, "no such collating element in '[]'");
	else
		ps->p = q + 2;
	dfa_addrange(ps->d, set, r, r);
	return 1;
}

/* The inside of a bracket expression, up to and with its ]. */
static int
parseset(Parser *ps)
{
	Dfa *d = ps->d;
	int set, negate, node, first;
	Rune lo, hi;

	set = dfa_newset(d);
	negate = ps->p < ps->e && *ps->p == '^';
	if(negate)
		ps->p++;
	for(first = 1; ps->error == nil; first = 0){
		if(ps->p < ps->e && *ps->p == ']' && !(first && (d->flags & DFAposix)))
			break;
		if(namedclass(ps, set))
			continue;
		hi = lo = setrune(ps);
		if(ps->e - ps->p >= 2 && ps->p[0] == '-' && ps->p[1] != ']'){
			ps->p++;
			hi = setrune(ps);
		}
		if(hi < lo)
			fail(ps, "malformed '[]'");
		dfa_addrange(d, set, lo, hi);
	}
	ps->p++;
	if(d->set[set].n == 0)
		fail(ps, "malformed '[]'");
	if(ps->error != nil)
		ps->p = ps->e;
	if(d->flags & DFAfold)
		dfa_foldset(d, set);
	dfa_sealset(d, set, negate);
	node = newnode(d, Nset);
	d->node[node].set = set;
	return node;
}

static int
anyrune(Dfa *d)
{
	int set, node;

	node = newnode(d, Nset);
	if(d->flags & DFAposix){
		d->node[node].hi = Runemax;
		return node;
	}
	set = dfa_newset(d);
	dfa_addrange(d, set, 0, '\n'-1);
	dfa_addrange(d, set, '\n'+1, Runemax);
	d->node[node].set = set;
	return node;
}

/* An operand that begins with the rune r, already read. */
static int
operand(Parser *ps, Rune r)
{
	Dfa *d = ps->d;
	int node;

	switch(r){
	case '.':
		return anyrune(d);
	case '^':
		return newnode(d, Nbol);
	case '$':
		return newnode(d, Neol);
	case '[':
		return parseset(ps);
	case '\\':
		if(ps->p < ps->e)
			r = escape(ps);
		else if(!(d->flags & DFAposix))
			fail(ps, "trailing \\ in pattern");
	}
	if(d->flags & DFAfold)
		r = tolowerrune(r);
	node = newnode(d, Nset);
	d->node[node].lo = d->node[node].hi = r;
	return node;
}

static void
closeparen(Parser *ps)
{
	while(ps->nop > 0 && ps->op[ps->nop-1] != '(')
		reduce(ps);
	if(ps->nop == 0)
		fail(ps, "unmatched right paren");
	else
		ps->nop--;
}

/* An operand that is not there matches nothing at all, everywhere. */
static void
empty(Parser *ps)
{
	int node;

	node = newnode(ps->d, Nnop);
	pushfrag(ps, node, node, node);
}

/*
 * A repetition, if r is one; have says that an operand stands before it. In
 * posix it is an ordinary character where none does.
 */
static int
repetition(Parser *ps, Rune r, int have)
{
	int min, max, posix = ps->d->flags & DFAposix;

	switch(r){
	case '*': case '+': case '?':
		if(have)
			repeat(ps, (int)r);
		else if(posix)
			return 0;
		else
			fail(ps, r == '*' ? "missing operand for *" :
				r == '+' ? "missing operand for +" : "missing operand for ?");
		return 1;
	case '{':
		if(!posix || !have || !interval(ps, &min, &max))
			return 0;
		if(ps->error == nil)
			count(ps, min, max);
		return 1;
	}
	return 0;
}

/* One pattern. The result is the only fragment on the stack. */
static void
parse(Parser *ps)
{
	Rune r;
	int have, node, depth;

	have = 0;	/* the text just read is a complete operand */
	depth = 0;
	while(ps->p < ps->e){
		r = getrune(ps);
		if(repetition(ps, r, have))
			continue;
		if(r == '|' || (r == ')' && (depth > 0 || !(ps->d->flags & DFAposix)))){
			if(!have)
				empty(ps);
			have = r == ')';
			depth -= have;
			if(have)
				closeparen(ps);
			else
				pushop(ps, '|');
			continue;
		}
		if(have)
			pushop(ps, Cat);
		have = r != '(';
		if(!have){
			depth++;
			pushop(ps, '(');
			continue;
		}
		node = operand(ps, r);
		pushfrag(ps, node, node, node);
	}
	if(ps->error != nil)
		return;
	if(!have)
		empty(ps);
	while(ps->nop > 0 && ps->error == nil){
		if(ps->op[ps->nop-1] == '(')
			fail(ps, "unmatched left paren");
		else
			reduce(ps);
	}
}

static void
addpattern(Parser *ps, char *p, char *e)
{
	Dfa *d = ps->d;
	Frag f;
	int m, s;

	ps->p = p;
	ps->e = e;
	ps->nfrag = ps->nop = 0;
	parse(ps);
	if(ps->error != nil)
		return;
	assert(ps->nfrag == 1);
	f = ps->frag[0];
	m = newnode(d, Nmatch);
	d->node[f.end].out = m;
	if(d->start < 0){
		d->start = f.start;
		return;
	}
	s = newnode(d, Nsplit);
	d->node[s].out = d->start;
	d->node[s].alt = f.start;
	d->start = s;
}

char*
dfa_parse(Dfa *d, char *text, usize n)
{
	Parser ps;
	char *e, *nl;

	memset(&ps, 0, sizeof ps);
	ps.d = d;
	e = text + n;
	do{
		nl = d->flags & DFAlines ? memchr(text, '\n', (ulong)(e - text)) : nil;
		addpattern(&ps, text, nl != nil ? nl : e);
		text = nl + 1;
	}while(nl != nil && ps.error == nil);
	free(ps.frag);
	free(ps.op);
	return ps.error;
}
