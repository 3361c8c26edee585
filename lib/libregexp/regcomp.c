/*
 * From the text of a regular expression to instructions: a recursive
 * descent over alternation, concatenation and repetition. A Reprog is one
 * malloc'd block, so that programs can free it.
 */
#include <u.h>
#include <libc.h>
#include <regexp.h>
#include "prog.h"

typedef struct Parse Parse;
struct Parse {
	Reprog	p;		/* being built */
	char	*s;		/* what is left of the text */
	int	literal;	/* no character is special */
	int	nl;		/* . and [^...] match newline */
	int	depth;
	char	*error;		/* nil until something is wrong */
};

enum {
	MAXDEPTH = 10000,	/* nested parentheses, for the stack's sake */
};

static void alternatives(Parse*);

static void
fail(Parse *c, char *what)
{
	if(c->error == nil)
		c->error = what;
}

/* Makes room for an instruction at place i, moving what follows; returns it. */
static Inst*
insert(Parse *c, int i, int op)
{
	Reprog *p = &c->p;
	Inst *in;
	int max;

	if(p->ninst == p->maxinst){
		max = 2*p->maxinst + 16;
		in = realloc(p->inst, (ulong)max * sizeof *in);
		if(in == nil){
			fail(c, "out of memory");
			if(p->ninst == 0)
				return nil;
			return &p->inst[p->ninst-1];	/* the program is thrown away anyway */
		}
		p->inst = in;
		p->maxinst = max;
	}
	in = &p->inst[i];
	memmove(in+1, in, (ulong)(p->ninst - i) * sizeof *in);
	p->ninst++;
	memset(in, 0, sizeof *in);
	in->op = op;
	return in;
}

static void
emit(Parse *c, int op, uint arg)
{
	Inst *in = insert(c, c->p.ninst, op);

	if(in != nil)
		in->arg = arg;
}

static void
addrange(Parse *c, Class *k, Rune lo, Rune hi)
{
	Rune (*r)[2];
	int max;

	if(lo > hi){
		fail(c, "malformed '[]'");
		return;
	}
	if(k->n == k->max){
		max = 2*k->max + 8;
		r = realloc(k->r, (ulong)max * sizeof r[0]);
		if(r == nil){
			fail(c, "out of memory");
			return;
		}
		k->r = r;
		k->max = max;
	}
	k->r[k->n][0] = lo;
	k->r[k->n][1] = hi;
	k->n++;
}

/* One character of a set, which \ may quote; 0 at the end of the text. */
static Rune
setrune(Parse *c, int *quoted)
{
	Rune r;

	*quoted = 0;
	if(*c->s == '\\' && c->s[1] != 0){
		*quoted = 1;
		c->s++;
	}
	if(*c->s == 0)
		return 0;
	c->s += chartorune(&r, c->s);
	return r;
}

/* A set, of which [ has been read. */
static void
set(Parse *c)
{
	Class *k;
	Rune lo, hi;
	int quoted, first;

	k = realloc(c->p.class, (ulong)(c->p.nclass + 1) * sizeof *k);
	if(k == nil){
		fail(c, "out of memory");
		return;
	}
	c->p.class = k;
	k += c->p.nclass++;
	memset(k, 0, sizeof *k);
	k->nl = c->nl;
	if(*c->s == '^'){
		k->negated = 1;
		c->s++;
	}
	for(first = 1; c->error == nil; first = 0){
		lo = setrune(c, &quoted);
		if(lo == 0){
			fail(c, "malformed '[]'");
			return;
		}
		if(lo == ']' && !quoted){
			if(first)
				fail(c, "malformed '[]'");
			break;
		}
		hi = lo;
		if(c->s[0] == '-' && c->s[1] != ']'){
			c->s++;
			hi = setrune(c, &quoted);
			if(hi == 0)
				fail(c, "malformed '[]'");
		}
		addrange(c, k, lo, hi);
	}
	emit(c, Iclass, (uint)c->p.nclass - 1);
}

static void
group(Parse *c)
{
	int sub = c->p.nsub + 1;

	if(++c->depth > MAXDEPTH){
		fail(c, "too many '('");
		return;
	}
	if(sub < NSUBEXP){
		c->p.nsub = sub;
		emit(c, Isave, 2*(uint)sub);
	}
	alternatives(c);
	if(sub < NSUBEXP)
		emit(c, Isave, 2*(uint)sub + 1);
	if(*c->s != ')')
		fail(c, "unmatched left paren");
	else
		c->s++;
	c->depth--;
}

/* One operand. Returns 0 if none begins here. */
static int
operand(Parse *c)
{
	Rune r;

	if(*c->s == 0)
		return 0;
	if(!c->literal){
		if(strchr("|)", *c->s) != nil)
			return 0;
		if(strchr("*+?", *c->s) != nil){
			fail(c, "missing operand for *, + or ?");
			return 0;
		}
	}
	c->s += chartorune(&r, c->s);
	if(c->literal){
		emit(c, Ichar, r);
		return 1;
	}
	switch(r){
	case '.':
		emit(c, c->nl ? Iall : Iany, 0);
		break;
	case '^':
		emit(c, Ibol, 0);
		break;
	case '$':
		emit(c, Ieol, 0);
		break;
	case '[':
		set(c);
		break;
	case '(':
		group(c);
		break;
	case '\\':
		if(*c->s != 0)
			c->s += chartorune(&r, c->s);
		/* fall through */
	default:
		emit(c, Ichar, r);
		break;
	}
	return 1;
}

/* An operand and the repetitions behind it. */
static int
repeated(Parse *c)
{
	int start = c->p.ninst, n;
	Inst *in;

	if(!operand(c))
		return 0;
	while(!c->literal && c->error == nil && *c->s != 0 && strchr("*+?", *c->s) != nil){
		n = c->p.ninst - start;
		switch(*c->s++){
		case '*':
			in = insert(c, start, Isplit);
			if(in != nil){
				in->x = 1;
				in->y = n + 2;
			}
			in = insert(c, c->p.ninst, Ijump);
			if(in != nil)
				in->x = -(n + 1);
			break;
		case '+':
			in = insert(c, c->p.ninst, Isplit);
			if(in != nil){
				in->x = -n;
				in->y = 1;
			}
			break;
		case '?':
			in = insert(c, start, Isplit);
			if(in != nil){
				in->x = 1;
				in->y = n + 1;
			}
			break;
		}
	}
	return 1;
}

static void
alternatives(Parse *c)
{
	int start = c->p.ninst, left, right;
	Inst *in;

	while(c->error == nil && repeated(c))
		;
	if(c->error != nil || c->literal || *c->s != '|')
		return;
	c->s++;
	left = c->p.ninst - start;
	in = insert(c, start, Isplit);
	if(in != nil){
		in->x = 1;
		in->y = left + 2;
	}
	in = insert(c, c->p.ninst, Ijump);
	right = c->p.ninst;
	if(++c->depth > MAXDEPTH)
		fail(c, "too many '|'");
	alternatives(c);
	c->depth--;
	if(in != nil)
		c->p.inst[right-1].x = c->p.ninst - right + 1;
}

/* Copies what was built into one block. */
static Reprog*
pack(Parse *c)
{
	Reprog *p = &c->p, *q;
	ulong n = sizeof *q + (ulong)p->ninst * sizeof(Inst) + (ulong)p->nclass * sizeof(Class);
	char *to;
	int i;

	for(i = 0; i < p->nclass; i++)
		n += (ulong)p->class[i].n * sizeof p->class[i].r[0];
	q = malloc(n);
	if(q == nil){
		fail(c, "out of memory");
		return nil;
	}
	*q = *p;
	to = (char*)(q+1);
	q->class = memmove(to, p->class, (ulong)p->nclass * sizeof(Class));
	to += (ulong)p->nclass * sizeof(Class);
	q->inst = memmove(to, p->inst, (ulong)p->ninst * sizeof(Inst));
	to += (ulong)p->ninst * sizeof(Inst);
	for(i = 0; i < p->nclass; i++){
		n = (ulong)p->class[i].n * sizeof p->class[i].r[0];
		q->class[i].r = memmove(to, p->class[i].r, n);
		to += n;
	}
	return q;
}

static Reprog*
compile(char *s, int literal, int nl)
{
	Parse c;
	Reprog *p = nil;
	int i;

	memset(&c, 0, sizeof c);
	c.s = s;
	c.literal = literal;
	c.nl = nl;
	emit(&c, Isave, 0);
	alternatives(&c);
	if(*c.s == ')')
		fail(&c, "unmatched right paren");
	emit(&c, Isave, 1);
	emit(&c, Imatch, 0);
	if(c.error == nil){
		for(i = 0; c.p.inst[i].op == Isave; i++)
			;
		if(c.p.inst[i].op == Ichar)
			c.p.first = c.p.inst[i].arg;
		p = pack(&c);
	}
	free(c.p.inst);
	for(i = 0; i < c.p.nclass; i++)
		free(c.p.class[i].r);
	free(c.p.class);
	if(p == nil)
		regerror(c.error);
	return p;
}

Reprog*
regcomp(char *s)
{
	return compile(s, 0, 0);
}

Reprog*
regcomplit(char *s)
{
	return compile(s, 1, 0);
}

Reprog*
regcompnl(char *s)
{
	return compile(s, 0, 1);
}
