/*
 * Statements and expressions, by recursive descent.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

static int	depth;		/* of braces */
static int	ended;		/* the newline behind the last statement has been read */
static Func	*current;	/* being defined */

static Node	*expr(void);
static Node	*statement(void);

static Node*
node(int op, Node *a, Node *b)
{
	Node *n;

	n = emalloc(sizeof *n);
	n->op = op;
	n->a = a;
	n->b = b;
	return n;
}

NORETURN static void
syntax(void)
{
	error("syntax error");
}

static void
expect(int t)
{
	if(tok != t)
		syntax();
	advance();
}

static void
skipnewlines(void)
{
	while(tok == '\n')
		advance();
}

static int
islvalue(Node *n)
{
	return n->op == Evar || n->op == Earg;
}

static Node*
arguments(void)
{
	Node *first, **l;

	first = nil;
	expect('(');
	for(l = &first; tok != ')'; l = &(*l)->next){
		*l = expr();
		if(tok != ',')
			break;
		advance();
	}
	expect(')');
	return first;
}

static Node*
name(void)
{
	Node *n;
	int i;

	n = node(Evar, nil, nil);
	n->name = lookup(toktext);
	advance();
	if(tok == '('){
		n->op = Ecall;
		n->a = arguments();
		return n;
	}
	for(i = 0; current != nil && i < current->nparam; i++)
		if(current->params[i] == n->name){
			n->op = Earg;
			n->n = i + 1;
		}
	return n;
}

static Node*
operand(void)
{
	Node *n;

	switch(tok){
	case Tnumber:
		n = node(Enum, nil, nil);
		n->d = tokval;
		advance();
		return n;
	case Targ:
		n = node(Earg, nil, nil);
		n->n = (int)tokval;
		if(current == nil)
			error("$%d outside a function", n->n);
		advance();
		return n;
	case Tname: return name();
	case Tread:
		advance();
		expect('(');
		n = node(Eread, operand(), nil);
		if(!islvalue(n->a))
			syntax();
		expect(')');
		return n;
	case '(':
		advance();
		n = expr();
		expect(')');
		/* Something that is printed even if it is an assignment. */
		return n->op == Eassign ? node(Eadd, n, node(Enum, nil, nil)) : n;
	}
	syntax();
}

static Node*
primary(void)
{
	Node *n;
	int by;

	checkstack();
	if(tok == Tincr || tok == Tdecr){
		by = tok == Tincr ? 1 : -1;
		advance();
		n = node(Epreinc, operand(), nil);
		if(!islvalue(n->a))
			syntax();
		n->n = by;
		return n;
	}
	n = operand();
	if(islvalue(n) && (tok == Tincr || tok == Tdecr)){
		n = node(Epostinc, n, nil);
		n->n = tok == Tincr ? 1 : -1;
		advance();
	}else if(islvalue(n) && tok == Tassign){
		n = node(Eassign, n, nil);
		n->n = tokop;
		advance();
		n->b = expr();
	}
	return n;
}

static Node*
unary(void)
{
	Node *n;
	int op;

	checkstack();
	if(tok == '-' || tok == '!' || tok == '+'){
		op = tok == '-' ? Eneg : Enot;
		if(tok == '+'){
			advance();
			return unary();
		}
		advance();
		return node(op, unary(), nil);
	}
	n = primary();
	if(tok != '^')
		return n;
	advance();
	return node(Epow, n, unary());
}

/* Binary operators by level, the tightest first. */
static struct {
	int	tok, op, level;
} operators[] = {
	{ '*', Emul, 0 }, { '/', Ediv, 0 }, { '%', Emod, 0 }, { '+', Eadd, 1 }, { '-', Esub, 1 },
	{ '<', Elt, 2 }, { Tle, Ele, 2 }, { '>', Egt, 2 }, { Tge, Ege, 2 }, { Teq, Eeq, 2 },
	{ Tne, Ene, 2 }, { Tand, Eand, 3 }, { Tor, Eor, 4 },
};

static Node*
binary(int level)
{
	Node *n;
	uint i;

	if(level < 0)
		return unary();
	n = binary(level - 1);
	for(;;){
		for(i = 0; i < nelem(operators); i++)
			if(operators[i].tok == tok && operators[i].level == level)
				break;
		if(i == nelem(operators))
			return n;
		advance();
		n = node(operators[i].op, n, binary(level - 1));
	}
}

static Node*
expr(void)
{
	return binary(4);
}

static Node*
block(void)
{
	Node *n, **l;

	n = node(Sblock, nil, nil);
	expect('{');
	depth++;
	for(l = &n->a;;){
		while(tok == '\n' || tok == ';')
			advance();
		if(tok == '}')
			break;
		if(tok == Tend)
			error("missing }");
		*l = statement();
		l = &(*l)->next;
		if(tok != '\n' && tok != ';' && tok != '}' && !ended)
			syntax();
	}
	depth--;
	advance();
	return n;
}

static Node*
condition(int op)
{
	Node *n;

	n = node(op, nil, nil);
	advance();
	expect('(');
	n->a = expr();
	expect(')');
	skipnewlines();
	n->b = statement();
	return n;
}

static Node*
branch(void)
{
	Node *n;

	n = condition(Sif);
	/* Inside braces else may be on a line of its own. */
	if(depth > 0 && tok == '\n'){
		skipnewlines();
		ended = 1;
	}
	if(tok == Telse){
		ended = 0;
		advance();
		skipnewlines();
		n->c = statement();
	}
	return n;
}

static Node*
forloop(void)
{
	Node *n;

	n = node(Sfor, nil, nil);
	advance();
	expect('(');
	if(tok != ';')
		n->a = expr();
	expect(';');
	if(tok != ';')
		n->b = expr();
	expect(';');
	if(tok != ')')
		n->c = expr();
	expect(')');
	skipnewlines();
	n->e = statement();
	return n;
}

static Node*
printing(void)
{
	Node *n, **l;

	n = node(Sprint, nil, nil);
	l = &n->a;
	do{
		advance();
		if(tok == Tstring){
			*l = node(Sstring, nil, nil);
			(*l)->s = toktext;
			advance();
		}else
			*l = node(Sexpr, expr(), nil);
		l = &(*l)->next;
	}while(tok == ',');
	return n;
}

static Node*
statement(void)
{
	Node *n;

	checkstack();
	ended = 0;
	switch(tok){
	case '{': return block();
	case Tif: return branch();
	case Twhile: return condition(Swhile);
	case Tfor: return forloop();
	case Tprint: return printing();
	case Treturn:
		if(current == nil)
			error("return outside a function");
		n = node(Sreturn, nil, nil);
		advance();
		if(tok != '\n' && tok != ';' && tok != '}')
			n->a = expr();
		if((n->a != nil) == current->isproc)
			error(n->a != nil ? "a procedure returns a value" :
				"a function returns no value");
		return n;
	}
	return node(Sexpr, expr(), nil);
}

/* func name(...) statement: the parameters may have names, and then too are $1, $2 ... */
static void
definition(void)
{
	Func *f;
	Name *n;

	f = emalloc(sizeof *f);
	f->isproc = tok == Tproc;
	advance();
	if(tok != Tname)
		syntax();
	n = lookup(toktext);
	if(n->builtin != nil)
		error("%s is built in", n->s);
	advance();
	expect('(');
	while(tok == Tname){
		f->params = erealloc(f->params, ((usize)f->nparam + 1)*sizeof f->params[0]);
		f->params[f->nparam++] = lookup(toktext);
		advance();
		if(tok != ',')
			break;
		advance();
	}
	expect(')');
	skipnewlines();
	current = f;
	f->body = statement();
	current = nil;
	n->func = f;
}

Node*
parseline(void)
{
	Node *n, **l;

	depth = 0;
	current = nil;
	advance();
	if(tok == Tend)
		return nil;
	n = node(Sblock, nil, nil);
	l = &n->a;
	for(;;){
		while(tok == ';')
			advance();
		if(tok == '\n' || tok == Tend)
			return n;
		if(tok == Tfunc || tok == Tproc)
			definition();
		else{
			*l = statement();
			l = &(*l)->next;
		}
		if(tok != '\n' && tok != ';' && tok != Tend)
			syntax();
	}
}
