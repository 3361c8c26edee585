/*
 * What bc's grammar has besides that of ../calc.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

static int	infunction;

int
islvalue(Node *n)
{
	switch(n->op){
	case Evar: case Eelem: case Escale: case Eibase: case Eobase: case Elast:
		return 1;
	}
	return 0;
}

static Node*
name(void)
{
	Node *n;

	n = node(Evar, nil, nil);
	n->name = lookup(toktext);
	advance();
	if(tok == '('){
		n->op = Ecall;
		n->a = arguments();
	}else if(tok == '['){
		advance();
		n->op = Earray;
		if(tok != ']'){
			n->op = Eelem;
			n->a = expr();
		}
		expect(']');
	}
	return n;
}

/* length, sqrt, scale and read with what is in their parentheses. */
static Node*
builtin(int op)
{
	Node *n;

	n = node(op, nil, nil);
	advance();
	if(op == Escaleof && tok != '('){
		n->op = Escale;
		return n;
	}
	expect('(');
	if(op != Eread)
		n->a = expr();
	expect(')');
	return n;
}

static Node*
keyword(int op)
{
	advance();
	return node(op, nil, nil);
}

Node*
operand(void)
{
	Node *n;

	switch(tok){
	case Tnumber:
		n = node(Enum, nil, nil);
		n->s = toktext;
		n->fixed = inlibrary;
		advance();
		return n;
	case Tname: return name();
	case '(':
		advance();
		n = node(Eparen, expr(), nil);
		expect(')');
		return n;
	case Tlength: return builtin(Elength);
	case Tsqrt: return builtin(Esqrt);
	case Tscale: return builtin(Escaleof);
	case Tread: return builtin(Eread);
	case Tibase: return keyword(Eibase);
	case Tobase: return keyword(Eobase);
	case Tlast: return keyword(Elast);
	}
	syntax(nil);
}

static Node*
primary(void)
{
	if(tok != '-')
		return variable();
	checkstack();
	advance();
	return node(Eneg, primary(), nil);
}

/* A power binds looser than a minus in front of it. */
Node*
unary(void)
{
	Node *n;

	n = primary();
	if(tok != '^')
		return n;
	advance();
	return node(Epow, n, unary());
}

static Node*
returning(void)
{
	Node *n;

	if(!infunction)
		syntax("return outside a function");
	n = node(Sreturn, nil, nil);
	advance();
	if(tok != '\n' && tok != ';' && tok != '}'){
		if(tok == '('){
			n->a = expr();
			if(n->a->op == Eparen)
				n->a = n->a->a;
		}else
			n->a = expr();
	}
	return n;
}

Node*
ownstatement(void)
{
	Node *n;

	switch(tok){
	case Treturn: return returning();
	case Thalt: return keyword(Shalt);
	case Tquit: return keyword(Squit);
	case Tbreak:
	case Tcontinue:
		if(loops == 0)
			syntax("break or continue outside a loop");
		return keyword(tok == Tbreak ? Sbreak : Scontinue);
	case Tstring:
		n = node(Sstring, nil, nil);
		n->s = toktext;
		advance();
		return n;
	case ';':
	case '\n':
		return node(Sblock, nil, nil);
	}
	return node(Sexpr, expr(), nil);
}

/* Names between commas up to the token end, each perhaps with [ ]. */
static Local*
locals(int end)
{
	Local *first, **l;

	first = nil;
	for(l = &first; tok != end; l = &(*l)->next){
		if(tok != Tname)
			syntax(nil);
		*l = emalloc(sizeof **l);
		(*l)->name = lookup(toktext);
		advance();
		if(tok == '['){
			advance();
			expect(']');
			(*l)->isarray = 1;
		}
		if(tok != ',')
			break;
		advance();
	}
	return first;
}

/* A definition is carried out at once. */
static int
definition(void)
{
	Func *f;
	Name *n;

	if(tok != Tdefine)
		return 0;
	f = emalloc(sizeof *f);
	advance();
	if(tok != Tname)
		syntax(nil);
	n = lookup(toktext);
	advance();
	expect('(');
	f->params = locals(')');
	expect(')');
	skipnewlines();
	expect('{');
	while(tok == '\n' || tok == ';')
		advance();
	if(tok == Tauto){
		advance();
		f->autos = locals('\n');
		if(tok != ';' && tok != '\n')
			syntax(nil);
		advance();
	}
	infunction = 1;
	f->body = statements();
	infunction = 0;
	n->func = f;
	return 1;
}

Node*
parseline(void)
{
	infunction = 0;
	lownot = 1;
	return statementline(definition);
}
