/*
 * Rules, functions and statements, by recursive descent.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

Rule	*rules;

static Rule	**lastrule = &rules;
static Func	*functions;
static Func	*infunction;	/* the one being defined */
static int	loops;		/* around the statement */
static int	inaction;	/* of a rule: 1, of BEGIN or END: 2 */

static Node	*statement(void);
static Node	*block(void);

Node*
node(int op, Node *a, Node *b)
{
	Node *n;

	n = ealloc(sizeof *n);
	n->op = op;
	n->a = a;
	n->b = b;
	n->file = tokfile;
	n->line = tokline;
	return n;
}

int
got(int t)
{
	if(tok != t)
		return 0;
	advance();
	return 1;
}

void
expect(int t)
{
	if(!got(t))
		syntax(nil);
}

void
skipnewlines(void)
{
	while(tok == Tnewline)
		advance();
}

static void
skipends(void)
{
	while(tok == Tnewline || tok == ';')
		advance();
}

/* The index of a parameter, or -1. */
int
localindex(char *name)
{
	int i;

	if(infunction != nil)
		for(i = 0; i < infunction->nparam; i++)
			if(strcmp(infunction->param[i], name) == 0)
				return i;
	return -1;
}

Func*
function(char *name)
{
	Func *f;

	for(f = functions; f != nil; f = f->next)
		if(strcmp(f->name, name) == 0)
			return f;
	f = ealloc(sizeof *f);
	f->name = name;
	f->file = tokfile;
	f->line = tokline;
	f->next = functions;
	functions = f;
	return f;
}

/* The end of a simple statement; a closing brace is left. */
static void
endstatement(void)
{
	if(tok == '}' || tok == Tend)
		return;
	if(tok != ';' && tok != Tnewline)
		syntax(nil);
	advance();
	skipnewlines();
}

static Node*
printing(void)
{
	Node *n, *a;

	n = node(tok == Tprint ? Sprint : Sprintf, nil, nil);
	advance();
	if(tok != ';' && tok != Tnewline && tok != '}' && tok != '>' && tok != Tappend && tok != '|'
	&& tok != Tend)
		n->a = exprlist(Nogt, 0);
	if(n->a != nil && n->a->op == Egroup && n->a->next == nil)
		n->a = n->a->a;
	for(a = n->a; a != nil; a = a->next)
		if(a->op == Egroup && a->a->next != nil)
			syntax(nil);
	if(n->a == nil && n->op == Sprintf)
		syntax(nil);
	switch(tok){
	case '>': n->n = Ofile; break;
	case Tappend: n->n = Oappend; break;
	case '|': n->n = Opipe; break;
	default: return n;
	}
	advance();
	n->b = concatenation(Nogt | Noin);
	if(n->b->op == Egroup && n->b->a->next != nil)
		syntax(nil);
	return n;
}

static Node*
deletion(void)
{
	Node *n, *v;

	advance();
	if(tok != Tname)
		syntax(nil);
	v = concatenation(0);
	if(v->op == Eindex)
		return node(Sdelete, v->a, v->b);
	n = node(Sdelall, v, nil);
	if(v->op != Eglobal && v->op != Elocal)
		syntax(nil);
	return n;
}

static Node*
simple(int flags)
{
	Node *n;

	switch(tok){
	case Tprint:
	case Tprintf:
		return printing();
	case Tdelete:
		return deletion();
	}
	n = node(Sexpr, nil, nil);
	n->a = expr(flags);
	if(n->a->op == Egroup && n->a->a->next != nil)
		syntax(nil);
	return n;
}

/* The body of a loop or branch. */
static Node*
body(void)
{
	skipnewlines();
	if(tok == ';'){
		advance();
		skipnewlines();
		return node(Sblock, nil, nil);
	}
	return statement();
}

static Node*
loopbody(void)
{
	Node *n;

	loops++;
	n = body();
	loops--;
	return n;
}

static Node*
condition(void)
{
	Node *n;

	expect('(');
	skipnewlines();
	n = expr(0);
	if(n->op == Egroup && n->a->next != nil)
		syntax(nil);
	skipnewlines();
	expect(')');
	return n;
}

static Node*
ifstatement(void)
{
	Node *n;

	n = node(Sif, nil, nil);
	advance();
	n->a = condition();
	n->b = body();
	skipends();
	if(got(Telse))
		n->c = body();
	return n;
}

static Node*
dostatement(void)
{
	Node *n;

	n = node(Sdo, nil, nil);
	advance();
	n->b = loopbody();
	skipends();
	expect(Twhile);
	n->a = condition();
	endstatement();
	return n;
}

static Node*
whilestatement(void)
{
	Node *n;

	n = node(Swhile, nil, nil);
	advance();
	n->a = condition();
	n->b = loopbody();
	return n;
}

static Node*
forstatement(void)
{
	Node *n, *e;

	n = node(Sfor, nil, nil);
	advance();
	expect('(');
	skipnewlines();
	if(tok != ';')
		n->a = simple(0);
	e = n->a != nil && n->a->op == Sexpr ? n->a->a : nil;
	if(tok == ')' && e != nil && e->op == Ein && islvalue(e->a) && e->a->next == nil){
		advance();
		n->op = Sforin;
		n->a = e->a;
		n->b = e->b;
		n->d = loopbody();
		return n;
	}
	expect(';');
	skipnewlines();
	if(tok != ';')
		n->b = expr(0);
	expect(';');
	skipnewlines();
	if(tok != ')')
		n->c = simple(0);
	expect(')');
	n->d = loopbody();
	return n;
}

/* Statements of one word, some with a value. */
static Node*
jump(int op, int value)
{
	Node *n;

	if((op == Sbreak || op == Scontinue) && loops == 0)
		syntax("break or continue outside a loop");
	if(op == Sreturn && infunction == nil)
		syntax("return outside a function");
	if((op == Snext || op == Snextfile) && inaction == 2)
		syntax("next in BEGIN or END");
	n = node(op, nil, nil);
	advance();
	if(value && tok != ';' && tok != Tnewline && tok != '}' && tok != Tend)
		n->a = expr(0);
	endstatement();
	return n;
}

static Node*
statement(void)
{
	Node *n;

	checkstack();
	switch(tok){
	case '{':
		n = block();
		skipnewlines();
		return n;
	case Tif: return ifstatement();
	case Twhile: return whilestatement();
	case Tdo: return dostatement();
	case Tfor: return forstatement();
	case Tnext: return jump(Snext, 0);
	case Tnextfile: return jump(Snextfile, 0);
	case Texit: return jump(Sexit, 1);
	case Treturn: return jump(Sreturn, 1);
	case Tbreak: return jump(Sbreak, 0);
	case Tcontinue: return jump(Scontinue, 0);
	}
	n = simple(0);
	endstatement();
	return n;
}

static Node*
block(void)
{
	Node *n, **l;

	n = node(Sblock, nil, nil);
	expect('{');
	skipends();
	for(l = &n->a; tok != '}'; l = &(*l)->next){
		if(tok == Tend)
			syntax("missing }");
		*l = statement();
		skipends();
	}
	advance();
	return n;
}

static void
parameters(Func *f)
{
	expect('(');
	skipnewlines();
	while(tok != ')'){
		if(tok != Tname)
			syntax(nil);
		if(localindex(tokname) >= 0 || strcmp(tokname, f->name) == 0)
			syntax("parameter named twice");
		f->param = egrow(f->param, (usize)(f->nparam + 1)*sizeof f->param[0]);
		f->param[f->nparam++] = tokname;
		advance();
		skipnewlines();
		if(tok != ',' && tok != ')')
			syntax(nil);
		if(got(','))
			skipnewlines();
	}
	advance();
}

static void
definition(void)
{
	Func *f;

	advance();
	if(tok != Tname && tok != Tfuncname)
		syntax(nil);
	f = function(tokname);
	if(f->defined)
		syntax("function defined twice");
	f->defined = 1;
	advance();
	infunction = f;
	inaction = 0;
	parameters(f);
	skipnewlines();
	f->body = block();
	infunction = nil;
}

static void
rule(void)
{
	Rule *r;

	r = ealloc(sizeof *r);
	inaction = 1;
	if(tok == Tbegin || tok == Tendblock){
		r->kind = tok == Tbegin ? Rbegin : Rend;
		inaction = 2;
		advance();
		if(tok != '{')
			syntax("BEGIN and END need an action");
	}else{
		r->kind = Rmain;
		if(tok != '{')
			r->pattern = expr(0);
		if(got(',')){
			skipnewlines();
			r->kind = Rrange;
			r->last = expr(0);
		}
	}
	if(tok == '{')
		r->body = block();
	else if(tok != Tnewline && tok != ';' && tok != Tend)
		syntax(nil);
	*lastrule = r;
	lastrule = &r->next;
}

void
parse(void)
{
	Func *f;

	lexinit();
	advance();
	for(skipends(); tok != Tend; skipends()){
		if(tok == Tfunction)
			definition();
		else
			rule();
	}
	for(f = functions; f != nil; f = f->next)
		if(!f->defined)
			fatal("%s:%d: function %s is not defined", f->file, f->line, f->name);
}
