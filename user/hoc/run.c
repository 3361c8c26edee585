/*
 * Performing statements.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

typedef struct Frame Frame;
struct Frame {
	Frame	*prev;
	char	*name;
	int	n;
	double	arg[];
};

static Frame	*frame;
static double	returned;

static double	eval(Node*);
static int	execute(Node*);

void
unwind(void)
{
	Frame *f;

	while((f = frame) != nil){
		frame = f->prev;
		free(f);
	}
}

static double
checked(double d, char *what)
{
	if(isNaN(d))
		error("%s: argument out of domain", what);
	if(isInf(d, 0))
		error("%s: result out of range", what);
	return d;
}

static double*
place(Node *n, int reading)
{
	if(n->op == Earg){
		if(frame == nil || n->n < 1 || n->n > frame->n)
			error("%s: not enough arguments", frame != nil ? frame->name : "$");
		return &frame->arg[n->n - 1];
	}
	if(n->name->func != nil && !n->name->isset)
		error("%s is a function", n->name->s);
	if(reading && !n->name->isset)
		error("undefined variable %s", n->name->s);
	if(!reading){
		if(n->name->constant)
			error("%s is a constant", n->name->s);
		if(n->name->builtin != nil)
			error("%s is a function", n->name->s);
		n->name->isset = 1;
	}
	return &n->name->val;
}

static double
arith(int op, double a, double b)
{
	switch(op){
	case Eadd: return checked(a + b, "+");
	case Esub: return checked(a - b, "-");
	case Emul: return checked(a*b, "*");
	case Epow: return checked(pow(a, b), "^");
	}
	if(b == 0)
		error("division by zero");
	return checked(op == Ediv ? a/b : fmod(a, b), "/");
}

static double
call(Node *n)
{
	Func *f = n->name->func;
	Frame *fr;
	Node *a;
	double v;
	int count;

	checkstack();
	count = 0;
	for(a = n->a; a != nil; a = a->next)
		count++;
	if(n->name->builtin != nil){
		if(count != 1)
			error("%s needs one argument", n->name->s);
		return checked(n->name->builtin(eval(n->a)), n->name->s);
	}
	if(f == nil)
		error("undefined function %s", n->name->s);
	if(f->nparam > 0 && count != f->nparam)
		error("%s needs %d arguments", n->name->s, f->nparam);
	fr = emalloc(sizeof *fr + (usize)count*sizeof fr->arg[0]);
	fr->name = n->name->s;
	for(a = n->a; a != nil; a = a->next){
		v = eval(a);
		fr->arg[fr->n++] = v;
	}
	fr->prev = frame;
	frame = fr;
	returned = 0;
	if(!execute(f->body) && !f->isproc)
		error("%s returns no value", n->name->s);
	frame = fr->prev;
	free(fr);
	v = returned;
	returned = 0;
	return v;
}

static double
assignment(Node *n)
{
	double v;

	v = eval(n->b);
	if(n->n != Eassign)
		v = arith(n->n, *place(n->a, 1), v);
	return *place(n->a, 0) = v;
}

static double
increment(Node *n)
{
	double v;

	v = *place(n->a, 1);
	*place(n->a, 0) = v + n->n;
	return n->op == Epreinc ? v + n->n : v;
}

static double
input(Node *n)
{
	double d;

	if(!readnumber(&d))
		return 0;
	*place(n->a, 0) = d;
	return 1;
}

static double
eval(Node *n)
{
	double a, b;

	switch(n->op){
	case Enum: return n->val;
	case Evar:
	case Earg: return *place(n, 1);
	case Eassign: return assignment(n);
	case Epreinc:
	case Epostinc: return increment(n);
	case Eneg: return -eval(n->a);
	case Enot: return eval(n->a) == 0;
	case Eand: return eval(n->a) != 0 && eval(n->b) != 0;
	case Eor: return eval(n->a) != 0 || eval(n->b) != 0;
	case Ecall: return call(n);
	case Eread: return input(n);
	}
	a = eval(n->a);
	b = eval(n->b);
	switch(n->op){
	case Elt: return a < b;
	case Ele: return a <= b;
	case Eeq: return a == b;
	case Ene: return a != b;
	case Ege: return a >= b;
	case Egt: return a > b;
	}
	return arith(n->op, a, b);
}

/* An expression that is a line of its own is printed. */
static void
show(Node *n)
{
	Name *last;
	double v;

	v = eval(n);
	if(n->op == Eassign || (n->op == Ecall && n->name->func != nil && n->name->func->isproc))
		return;
	Bprint(&bout, "%.12g\n", v);
	last = lookup("_");
	last->val = v;
	last->isset = 1;
}

static void
printing(Node *n)
{
	for(n = n->a; n != nil; n = n->next){
		if(n->op == Sstring)
			Bprint(&bout, "%s", n->s);
		else
			Bprint(&bout, "%.12g ", eval(n->a));
	}
}

/* Returns 1 if it was left by return. */
static int
execute(Node *n)
{
	switch(n->op){
	case Sexpr: eval(n->a); break;
	case Sprint: printing(n); break;
	case Sblock:
		for(n = n->a; n != nil; n = n->next)
			if(execute(n))
				return 1;
		break;
	case Sif:
		if(eval(n->a) != 0)
			return execute(n->b);
		return n->c != nil ? execute(n->c) : 0;
	case Swhile:
		while(eval(n->a) != 0)
			if(execute(n->d))
				return 1;
		break;
	case Sfor:
		if(n->a != nil)
			eval(n->a);
		for(; n->b == nil || eval(n->b) != 0; n->c != nil ? eval(n->c) : 0)
			if(execute(n->d))
				return 1;
		break;
	case Sreturn:
		if(n->a != nil)
			returned = eval(n->a);
		return 1;
	}
	return 0;
}

void
run(Node *n)
{
	for(n = n->a; n != nil; n = n->next){
		if(n->op == Sexpr)
			show(n->a);
		else
			execute(n);
	}
	if(Bflush(&bout) < 0)
		sysfatal("write error: %r");
}
