/*
 * Expressions, by recursive descent: one function for each level of
 * precedence, the loosest last. An assignment is recognised wherever a
 * variable, field or element can stand, as in a && b = 1.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

/* More flags of ours, for what stands behind $, ++ and getline. */
enum {
	Noassign = 4,
	Nopost = 8,
};

static Node	*primary(int);
static Node	*unary(int);

int
islvalue(Node *n)
{
	return n->op == Eglobal || n->op == Elocal || n->op == Efield || n->op == Eindex;
}

static Node*
constant(Val v)
{
	Node *n = node(Econst, nil, nil);

	n->val = v;
	return n;
}

static Node*
regex(void)
{
	Node *n = node(Eregex, nil, nil);

	n->val = vstr(tokstr);
	n->re = dfacomp(tokstr->s, tokstr->n, DFAposix);
	if(n->re == nil)
		fatal("%s:%d: regular expression /%s/: %r", tokfile, tokline, tokstr->s);
	advance();
	return n;
}

/* A name that is no function's: a variable or an element. */
static Node*
name(void)
{
	Node *n;
	int i;

	i = localindex(tokname);
	n = node(i >= 0 ? Elocal : Eglobal, nil, nil);
	n->n = i >= 0 ? i : variable(tokname);
	if(i < 0 && n->n == VENVIRON)
		useenviron = 1;
	advance();
	if(tok == '['){
		advance();
		n = node(Eindex, n, exprlist(0, ']'));
		if(n->b == nil)
			syntax(nil);
		expect(']');
	}
	return n;
}

/* Takes parentheses off; only `in' and print may have a list in them. */
static Node*
single(Node *n)
{
	if(n->op != Egroup)
		return n;
	if(n->a->next != nil)
		syntax(nil);
	return n->a;
}

/* Expressions up to the token end, which is left; nil if there are none. */
Node*
exprlist(int flags, int end)
{
	Node *first, **l;

	first = nil;
	for(l = &first; tok != end || first != nil; l = &(*l)->next){
		*l = expr(flags);
		if(!(flags & Nogt))
			*l = single(*l);
		if(tok != ',')
			break;
		advance();
		skipnewlines();
	}
	return first;
}

static Node*
call(void)
{
	Node *n;

	n = node(Ecall, nil, nil);
	n->f = function(tokname);
	advance();
	expect('(');
	skipnewlines();
	n->a = exprlist(0, ')');
	skipnewlines();
	expect(')');
	return n;
}

static struct {
	char	min, max;
} arity[] = {
	[Flength] = { 0, 1 }, [Fsubstr] = { 2, 3 }, [Findex] = { 2, 2 }, [Fsplit] = { 2, 3 },
	[Fsub] = { 2, 3 }, [Fgsub] = { 2, 3 }, [Fmatch] = { 2, 2 }, [Fsprintf] = { 1, 127 },
	[Fsin] = { 1, 1 }, [Fcos] = { 1, 1 }, [Fatan2] = { 2, 2 }, [Fexp] = { 1, 1 },
	[Flog] = { 1, 1 }, [Fsqrt] = { 1, 1 }, [Fint] = { 1, 1 }, [Frand] = { 0, 0 },
	[Fsrand] = { 0, 1 }, [Ftolower] = { 1, 1 }, [Ftoupper] = { 1, 1 }, [Fsystem] = { 1, 1 },
	[Fclose] = { 1, 1 }, [Ffflush] = { 0, 1 },
};

static Node*
builtincall(void)
{
	Node *n, *a;
	char *fname = tokname;
	int count;

	n = node(Ebuiltin, nil, nil);
	n->n = tokop;
	advance();
	if(tok == '('){
		advance();
		skipnewlines();
		n->a = exprlist(0, ')');
		skipnewlines();
		expect(')');
	}else if(n->n != Flength)
		syntax(nil);
	count = 0;
	for(a = n->a; a != nil; a = a->next)
		count++;
	if(count < arity[n->n].min || (count > arity[n->n].max && n->n != Fsprintf))
		fatal("%s:%d: wrong number of arguments of %s", tokfile, tokline, fname);
	a = n->n == Fsplit ? n->a->next : nil;
	if(a != nil && a->op != Eglobal && a->op != Elocal)
		fatal("%s:%d: split needs an array", tokfile, tokline);
	return n;
}

/* ( expression ), or ( list ) for `in' and print. */
static Node*
group(void)
{
	Node *n;

	advance();
	skipnewlines();
	n = exprlist(0, ')');
	skipnewlines();
	expect(')');
	if(n == nil)
		syntax(nil);
	return node(Egroup, n, nil);
}

/* getline with what follows; from: the command before |, or nil. */
static Node*
getline(Node *from)
{
	Node *n;

	n = node(Egetline, nil, from);
	n->n = from != nil ? Ipipe : Igetline;
	advance();
	if(tok == Tname || tok == '$'){
		n->a = primary(Noassign | Nopost);
		if(!islvalue(n->a))
			syntax(nil);
	}
	if(from == nil && tok == '<'){
		advance();
		n->n = Ifile;
		n->b = single(primary(Noassign));
	}
	return n;
}

static Node*
increment(void)
{
	Node *n;
	int op;

	op = tok == Tincr ? Epreinc : Epredec;
	advance();
	n = primary(Noassign | Nopost);
	if(!islvalue(n))
		syntax(nil);
	return node(op, n, nil);
}

static Node*
dollar(void)
{
	int op;

	advance();
	if(tok == '-' || tok == '+' || tok == '!'){
		op = tok == '-' ? Eneg : tok == '+' ? Eplus : Enot;
		advance();
		return node(Efield, node(op, single(primary(Noassign | Nopost)), nil), nil);
	}
	return node(Efield, single(primary(Noassign | Nopost)), nil);
}

static Node*
operand(void)
{
	Node *n;

	switch(tok){
	case Tnumber:
		n = constant(vnum(toknum));
		break;
	case Tstring:
		n = constant(vstr(tokstr));
		break;
	case '/':
		lexregex();
		return regex();
	case Tassign:
		if(tokop != Ediv)
			syntax(nil);
		lexregex();
		return regex();
	case Tname:
		return name();
	case Tfuncname:
		return call();
	case Tbuiltin:
		return builtincall();
	case '(':
		return group();
	case '$':
		return dollar();
	case Tgetline:
		return getline(nil);
	case Tincr:
	case Tdecr:
		return increment();
	default:
		syntax(nil);
	}
	advance();
	return n;
}

/* An operand with the increments and the assignment behind it. */
static Node*
primary(int flags)
{
	Node *n, *a;

	checkstack();
	n = operand();
	if(!islvalue(n))
		return n;
	if(!(flags & Nopost) && (tok == Tincr || tok == Tdecr)){
		n = node(tok == Tincr ? Epostinc : Epostdec, n, nil);
		advance();
		return n;
	}
	if(!(flags & Noassign) && tok == Tassign){
		a = node(Eassign, n, nil);
		a->n = tokop;
		advance();
		skipnewlines();
		a->b = single(expr(flags));
		return a;
	}
	return n;
}

static Node*
power(int flags)
{
	Node *n, *r;

	n = primary(flags);
	if(tok != '^')
		return n;
	advance();
	r = tok == '-' || tok == '+' || tok == '!' ? unary(flags) : power(flags);
	return node(Epow, single(n), single(r));
}

static Node*
unary(int flags)
{
	int op;

	switch(tok){
	case '-': op = Eneg; break;
	case '+': op = Eplus; break;
	case '!': op = Enot; break;
	default: return power(flags);
	}
	advance();
	checkstack();
	return node(op, single(unary(flags)), nil);
}

static Node*
product(int flags)
{
	Node *n;
	int op;

	n = unary(flags);
	while(tok == '*' || tok == '/' || tok == '%'){
		op = tok == '*' ? Emul : tok == '/' ? Ediv : Emod;
		advance();
		n = node(op, single(n), nil);
		n->b = single(unary(flags));
	}
	return n;
}

static Node*
sum(int flags)
{
	Node *n;
	int op;

	n = product(flags);
	while(tok == '+' || tok == '-'){
		op = tok == '+' ? Eadd : Esub;
		advance();
		n = node(op, single(n), nil);
		n->b = single(product(flags));
	}
	return n;
}

static int
startsoperand(void)
{
	switch(tok){
	case Tname: case Tfuncname: case Tbuiltin: case Tnumber: case Tstring:
	case '$': case '(': case Tincr: case Tdecr:
		return 1;
	}
	return 0;
}

Node*
concatenation(int flags)
{
	Node *n;

	n = sum(flags);
	while(startsoperand()){
		n = node(Econcat, single(n), nil);
		n->b = single(sum(flags));
	}
	return n;
}

static Node*
piped(int flags)
{
	Node *n;

	n = concatenation(flags);
	while(tok == '|' && nextisgetline()){
		advance();
		n = getline(single(n));
	}
	return n;
}

static Node*
comparison(int flags)
{
	Node *n;
	int op;

	n = piped(flags);
	for(;;){
		switch(tok){
		case '<': op = Elt; break;
		case Tle: op = Ele; break;
		case Teq: op = Eeq; break;
		case Tne: op = Ene; break;
		case Tge: op = Ege; break;
		case '>': op = flags & Nogt ? 0 : Egt; break;
		default: op = 0;
		}
		if(op == 0)
			return n;
		advance();
		n = node(op, single(n), nil);
		n->b = single(piped(flags));
	}
}

static Node*
matching(int flags)
{
	Node *n;

	n = comparison(flags);
	while(tok == '~' || tok == Tnomatch){
		n = node(tok == '~' ? Ematch : Enomatch, single(n), nil);
		advance();
		n->b = single(comparison(flags));
	}
	return n;
}

static Node*
membership(int flags)
{
	Node *n;

	n = matching(flags);
	while(tok == Tin && !(flags & Noin)){
		n = node(Ein, n->op == Egroup ? n->a : n, nil);
		advance();
		if(tok != Tname)
			syntax(nil);
		n->b = name();
		if(n->b->op == Eindex)
			syntax(nil);
	}
	return n;
}

static Node*
conjunction(int flags)
{
	Node *n;

	n = membership(flags);
	while(tok == Tand){
		advance();
		skipnewlines();
		n = node(Eand, single(n), nil);
		n->b = single(membership(flags));
	}
	return n;
}

static Node*
disjunction(int flags)
{
	Node *n;

	n = conjunction(flags);
	while(tok == Tor){
		advance();
		skipnewlines();
		n = node(Eor, single(n), nil);
		n->b = single(conjunction(flags));
	}
	return n;
}

Node*
expr(int flags)
{
	Node *n;

	checkstack();
	n = disjunction(flags);
	if(tok != '?')
		return n;
	advance();
	skipnewlines();
	n = node(Econd, single(n), nil);
	n->b = single(expr(flags));
	skipnewlines();
	expect(':');
	skipnewlines();
	n->c = single(expr(flags));
	return n;
}
