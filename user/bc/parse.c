/*
 * Statements and expressions, by recursive descent. One line is parsed at a
 * time, so that it can be performed before the next one is read.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

static int	depth;		/* of braces */
static int	loops;
static int	infunction;
static int	ended;		/* the newline behind the last statement has been read */

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

static void
expect(int t)
{
	if(tok != t)
		syntax(nil);
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
	switch(n->op){
	case Evar: case Eelem: case Escale: case Eibase: case Eobase: case Elast:
		return 1;
	}
	return 0;
}

/* A call's arguments, with the parenthesis behind them. */
static Node*
arguments(void)
{
	Node *first, **l;

	first = nil;
	advance();
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

static Node*
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
	Node *n;
	int by;

	checkstack();
	if(tok == Tincr || tok == Tdecr){
		by = tok == Tincr ? 1 : -1;
		advance();
		n = node(Epreinc, primary(), nil);
		if(!islvalue(n->a))
			syntax(nil);
		n->n = by;
		return n;
	}
	if(tok == '-'){
		advance();
		return node(Eneg, primary(), nil);
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
power(void)
{
	Node *n;

	n = primary();
	if(tok != '^')
		return n;
	advance();
	return node(Epow, n, power());
}

static Node*
product(void)
{
	Node *n;
	int op;

	n = power();
	while(tok == '*' || tok == '/' || tok == '%'){
		op = tok == '*' ? Emul : tok == '/' ? Ediv : Emod;
		advance();
		n = node(op, n, power());
	}
	return n;
}

static Node*
sum(void)
{
	Node *n;
	int op;

	n = product();
	while(tok == '+' || tok == '-'){
		op = tok == '+' ? Eadd : Esub;
		advance();
		n = node(op, n, product());
	}
	return n;
}

static Node*
relation(void)
{
	Node *n;
	int op;

	n = sum();
	for(;;){
		switch(tok){
		case '<': op = Elt; break;
		case '>': op = Egt; break;
		case Tle: op = Ele; break;
		case Tge: op = Ege; break;
		case Teq: op = Eeq; break;
		case Tne: op = Ene; break;
		default: return n;
		}
		advance();
		n = node(op, n, sum());
	}
}

static Node*
negation(void)
{
	if(tok != '!')
		return relation();
	advance();
	checkstack();
	return node(Enot, negation(), nil);
}

static Node*
conjunction(void)
{
	Node *n;

	n = negation();
	while(tok == Tand){
		advance();
		n = node(Eand, n, negation());
	}
	return n;
}

static Node*
expr(void)
{
	Node *n;

	n = conjunction();
	while(tok == Tor){
		advance();
		n = node(Eor, n, conjunction());
	}
	return n;
}

/* The statements behind an opening brace, and the closing one. */
static Node*
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
block(void)
{
	expect('{');
	return statements();
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
	skipnewlines();
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

static Node*
statement(void)
{
	Node *n;

	checkstack();
	ended = 0;
	switch(tok){
	case '{': return block();
	case Tif: return branch();
	case Twhile:
		n = node(Swhile, nil, nil);
		n->a = condition();
		return loop(n);
	case Tfor: return forloop();
	case Treturn: return returning();
	case Tprint: return printing();
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

static void
definition(void)
{
	Func *f;
	Name *n;

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
}

/* A line of statements, which may be a definition and then is empty. */
Node*
parseline(void)
{
	Node *n, **l;

	depth = loops = infunction = 0;
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
		if(tok == Tdefine)
			definition();
		else{
			*l = statement();
			if((*l)->op == Squit)
				return n;
			l = &(*l)->next;
		}
		if(tok != '\n' && tok != ';' && tok != Tend)
			syntax(nil);
	}
}
