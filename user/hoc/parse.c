/*
 * What hoc's grammar has besides that of ../calc.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

static Func	*current;	/* being defined */

void
syntax(char *what)
{
	error("%s", what != nil ? what : "syntax error");
}

int
islvalue(Node *n)
{
	return n->op == Evar || n->op == Earg;
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

Node*
operand(void)
{
	Node *n;

	switch(tok){
	case Tnumber:
		n = node(Enum, nil, nil);
		n->val = tokval;
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
			syntax(nil);
		expect(')');
		return n;
	case '(':
		advance();
		n = expr();
		expect(')');
		/* Something that is printed even if it is an assignment. */
		return n->op == Eassign ? node(Eadd, n, node(Enum, nil, nil)) : n;
	}
	syntax(nil);
}

Node*
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
	n = variable();
	if(tok != '^')
		return n;
	advance();
	return node(Epow, n, unary());
}

Node*
ownstatement(void)
{
	Node *n;

	if(tok != Treturn)
		return node(Sexpr, expr(), nil);
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

/* func name(...) statement: the parameters may have names, and then too are $1, $2 ... */
static int
definition(void)
{
	Func *f;
	Name *n;

	if(tok != Tfunc && tok != Tproc)
		return 0;
	f = emalloc(sizeof *f);
	f->isproc = tok == Tproc;
	advance();
	if(tok != Tname)
		syntax(nil);
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
	return 1;
}

Node*
parseline(void)
{
	current = nil;
	return statementline(definition);
}
