/*
 * Expressions and statements, by recursive descent. One line is parsed at a time, so
 * that it can be performed before the next one is read.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "calc.h"

int	loops, lownot;

static int	depth;		/* of braces */
static int	ended;		/* the newline behind the last statement has been read */

/* Binary operators by level, the tightest first. */
enum {
	Lproduct, Lsum, Lrelation, Land, Lor,
};

static struct {
	int	tok, op, level;
} operators[] = {
	{ '*', Emul, Lproduct }, { '/', Ediv, Lproduct }, { '%', Emod, Lproduct },
	{ '+', Eadd, Lsum }, { '-', Esub, Lsum },
	{ '<', Elt, Lrelation }, { Tle, Ele, Lrelation }, { '>', Egt, Lrelation },
	{ Tge, Ege, Lrelation }, { Teq, Eeq, Lrelation }, { Tne, Ene, Lrelation },
	{ Tand, Eand, Land }, { Tor, Eor, Lor },
};

Node*
node(int op, Node *a, Node *b)
{
	Node *n;

	n = emalloc(sizeof *n);
	n->op = op;
	n->a = a;
	n->b = b;
	return n;
}

void
expect(int t)
{
	if(tok != t)
		syntax(nil);
	advance();
}

void
skipnewlines(void)
{
	while(tok == '\n')
		advance();
}

/* A call's arguments, with their parentheses. */
Node*
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
		if(tok == ')')
			syntax(nil);
	}
	expect(')');
	return first;
}

Node*
variable(void)
{
	Node *n;
	int by;

	checkstack();
	if(tok == Tincr || tok == Tdecr){
		by = tok == Tincr ? 1 : -1;
		advance();
		n = node(Epreinc, operand(), nil);
		if(!islvalue(n->a))
			syntax(nil);
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
binary(int level)
{
	Node *n;
	uint i;

	if(level < Lproduct)
		return unary();
	if(level == Lrelation && lownot && tok == '!'){
		advance();
		checkstack();
		return node(Enot, binary(level), nil);
	}
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

Node*
expr(void)
{
	return binary(Lor);
}

/* The statements behind an opening brace, and the closing one. */
Node*
statements(void)
{
	Node *n, **l;

	n = node(Sblock, nil, nil);
	depth++;
	for(l = &n->a;;){
		while(tok == '\n' || tok == ';')
			advance();
		if(tok == '}')
			break;
		if(tok == Tend)
			syntax("missing }");
		*l = statement();
		l = &(*l)->next;
		if(tok != '\n' && tok != ';' && tok != '}' && !ended)
			syntax(nil);
	}
	depth--;
	advance();
	return n;
}

static Node*
condition(void)
{
	Node *n;

	advance();
	expect('(');
	n = expr();
	expect(')');
	skipnewlines();
	return n;
}

static Node*
branch(void)
{
	Node *n;

	n = node(Sif, condition(), nil);
	n->b = statement();
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
loop(Node *n)
{
	loops++;
	n->d = statement();
	loops--;
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
	return loop(n);
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

Node*
statement(void)
{
	checkstack();
	ended = 0;
	switch(tok){
	case '{':
		advance();
		return statements();
	case Tif: return branch();
	case Twhile: return loop(node(Swhile, condition(), nil));
	case Tfor: return forloop();
	case Tprint: return printing();
	}
	return ownstatement();
}

/* A line of statements; one that definition takes for its own leaves nothing to do. */
Node*
statementline(int (*definition)(void))
{
	Node *n, **l;

	depth = loops = 0;
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
		if(!definition()){
			*l = statement();
			if((*l)->op == Squit)
				return n;
			l = &(*l)->next;
		}
		if(tok != '\n' && tok != ';' && tok != Tend)
			syntax(nil);
	}
}
