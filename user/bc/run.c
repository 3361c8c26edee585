/*
 * Performing statements. Parameters and automatic variables are dynamic: a
 * call saves what their names stood for and puts it back at its end.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "bc.h"

typedef struct Saved Saved;
struct Saved {
	Saved	*prev;
	Name	*name;
	Num	*var;		/* or */
	Array	*array;
};

enum {
	Cnormal, Cbreak, Ccontinue, Creturn,
	Maxscale = 1 << 24,
};

static Saved	*saved;
static Num	*returned;

static Num	*eval(Node*);
static int	execute(Node*);

static void
save(Name *n, Num *var, Array *array)
{
	Saved *s;

	s = emalloc(sizeof *s);
	s->name = n;
	s->prev = saved;
	saved = s;
	if(var != nil){
		s->var = n->var;
		n->var = var;
	}else{
		s->array = n->array;
		n->array = array;
	}
}

static void
restore(Saved *to)
{
	Saved *s;

	while((s = saved) != to){
		if(s->var != nil){
			numfree(s->name->var);
			s->name->var = s->var;
		}else{
			arrayfree(s->name->array);
			s->name->array = s->array;
		}
		saved = s->prev;
		free(s);
	}
}

/* After an error: leaves all functions. */
void
unwind(void)
{
	restore(nil);
}

static Num*
check(Num *r)
{
	if(r == nil)
		error("%r");
	return r;
}

static Num*
call(Node *n)
{
	Func *f = n->name->func;
	Saved *base, *s;
	Local *l;
	Node *a;
	Num *r;

	checkstack();
	if(f == nil)
		error("function %s is not defined", n->name->s);
	base = saved;
	/* All arguments first: a parameter may have the name of a variable in a later one. */
	for(a = n->a, l = f->params; a != nil && l != nil; a = a->next, l = l->next){
		if((a->op == Earray) != l->isarray)
			error("wrong kind of argument of %s", n->name->s);
		s = emalloc(sizeof *s);
		s->name = l->name;
		if(l->isarray)
			s->array = arraycopy(a->name->array);
		else
			s->var = eval(a);
		s->prev = nil;
		a->d = (Node*)(void*)s;
	}
	if(a != nil || l != nil)
		error("wrong number of arguments of %s", n->name->s);
	for(a = n->a; a != nil; a = a->next){
		s = (Saved*)(void*)a->d;
		save(s->name, s->var, s->array);
		free(s);
	}
	for(l = f->autos; l != nil; l = l->next){
		if(l->isarray)
			save(l->name, nil, newarray());
		else
			save(l->name, numint(0), nil);
	}
	execute(f->body);
	restore(base);
	r = returned;
	returned = nil;
	return r != nil ? r : numint(0);
}

static int
small(Num *v, char *what, vlong min, vlong max)
{
	vlong i = numvlong(v);

	if(i < min || i > max)
		error("%s out of range", what);
	return (int)i;
}

/* Stores a value, keeping a reference. */
static void
store(Node *lv, Num *v)
{
	Num **p, *i;

	switch(lv->op){
	case Escale: scale = small(v, "scale", 0, Maxscale); return;
	case Eibase: ibase = small(v, "ibase", 2, 16); return;
	case Eobase: obase = small(v, "obase", 2, 1000000000); return;
	case Elast: p = &last; break;
	case Evar: p = &lv->name->var; break;
	default:
		i = eval(lv->a);
		p = element(lv->name->array, i);
		numfree(i);
		break;
	}
	numref(v);
	numfree(*p);
	*p = v;
}

static Num*
arith(int op, Num *a, Num *b)
{
	Num *r;

	switch(op){
	case Eadd: r = numadd(a, b); break;
	case Esub: r = numsub(a, b); break;
	case Emul: r = nummul(a, b, scale); break;
	case Ediv: r = numdiv(a, b, scale); break;
	case Emod: r = nummod(a, b, scale); break;
	default: r = numpow(a, b, scale); break;
	}
	numfree(a);
	numfree(b);
	return check(r);
}

static Num*
assignment(Node *n)
{
	Num *v;

	v = eval(n->b);
	if(n->n != Eassign)
		v = arith(n->n, eval(n->a), v);
	store(n->a, v);
	return v;
}

static Num*
increment(Node *n)
{
	Num *old, *v;

	old = eval(n->a);
	v = arith(Eadd, numref(old), numint(n->n));
	store(n->a, v);
	if(n->op == Epostinc){
		numfree(v);
		return old;
	}
	numfree(old);
	return v;
}

static int
istrue(Node *n)
{
	Num *v;
	int r;

	v = eval(n);
	r = !numiszero(v);
	numfree(v);
	return r;
}

static int
relation(Node *n)
{
	Num *a, *b;
	int c;

	a = eval(n->a);
	b = eval(n->b);
	c = numcmp(a, b);
	numfree(a);
	numfree(b);
	switch(n->op){
	case Elt: return c < 0;
	case Ele: return c <= 0;
	case Eeq: return c == 0;
	case Ene: return c != 0;
	case Ege: return c >= 0;
	}
	return c > 0;
}

static Num*
constant(Node *n)
{
	int base = n->fixed ? 10 : ibase;

	if(n->num == nil || n->base != base){
		numfree(n->num);
		n->num = numparse(n->s, base, 1);
		n->base = base;
	}
	return numref(n->num);
}

static Num*
property(Node *n)
{
	Num *v, *r;
	int k;

	v = eval(n->a);
	if(n->op == Esqrt)
		r = check(numsqrt(v, scale));
	else{
		k = n->op == Elength ? numlength(v) : v->scale;
		r = numint(k);
	}
	numfree(v);
	return r;
}

static Num*
input(void)
{
	char *s;
	Num *v, *r;

	s = readnumber();
	v = numparse(s + (*s == '-'), ibase, 1);
	r = *s == '-' ? numneg(v) : numref(v);
	numfree(v);
	return r;
}

static Num*
eval(Node *n)
{
	Num *v, *r;

	switch(n->op){
	case Enum: return constant(n);
	case Evar: return numref(n->name->var);
	case Eelem:
		v = eval(n->a);
		r = numref(*element(n->name->array, v));
		numfree(v);
		return r;
	case Escale: return numint(scale);
	case Eibase: return numint(ibase);
	case Eobase: return numint(obase);
	case Elast: return last != nil ? numref(last) : numint(0);
	case Eassign: return assignment(n);
	case Epreinc:
	case Epostinc: return increment(n);
	case Eneg:
		v = eval(n->a);
		r = numneg(v);
		numfree(v);
		return r;
	case Elt: case Ele: case Eeq: case Ene: case Ege: case Egt:
		return numint(relation(n));
	case Enot: return numint(!istrue(n->a));
	case Eand: return numint(istrue(n->a) && istrue(n->b));
	case Eor: return numint(istrue(n->a) || istrue(n->b));
	case Elength: case Esqrt: case Escaleof: return property(n);
	case Eread: return input();
	case Ecall: return call(n);
	case Eparen: return eval(n->a);
	case Earray: error("an array is no value");
	}
	v = eval(n->a);
	return arith(n->op, v, eval(n->b));
}

/* The strings of print have escapes. */
static void
printstring(char *s)
{
	static char from[] = "abfnqrt\\\"", to[] = "\a\b\f\n\"\r\t\\\"";
	char buf[2], *p;

	buf[1] = 0;
	for(; *s != 0; s++){
		buf[0] = *s;
		if(*s == '\\' && s[1] != 0 && (p = strchr(from, s[1])) != nil){
			buf[0] = to[p - from];
			s++;
		}
		outtext(buf);
	}
}

static void
printing(Node *n)
{
	Num *v;

	for(n = n->a; n != nil; n = n->next){
		if(n->op == Sstring){
			printstring(n->s);
			continue;
		}
		v = eval(n->a);
		outnum(v);
		numfree(v);
	}
}

static void
expression(Node *n)
{
	Num *v;

	v = eval(n);
	if(n->op != Eassign){
		outnum(v);
		outtext("\n");
		numfree(last);
		last = numref(v);
	}
	numfree(v);
}

static void
discard(Node *n)
{
	if(n != nil)
		numfree(eval(n));
}

static int
loop(Node *n)
{
	int how;

	if(n->op == Sfor)
		discard(n->a);
	while((n->op == Sfor ? n->b : n->a) == nil || istrue(n->op == Sfor ? n->b : n->a)){
		how = execute(n->d);
		if(how == Creturn)
			return how;
		if(how == Cbreak)
			break;
		if(n->op == Sfor)
			discard(n->c);
	}
	return Cnormal;
}

static int
execute(Node *n)
{
	int how;

	switch(n->op){
	case Sexpr: expression(n->a); break;
	case Sstring: outtext(n->s); break;
	case Sprint: printing(n); break;
	case Sblock:
		for(n = n->a; n != nil; n = n->next)
			if((how = execute(n)) != Cnormal)
				return how;
		break;
	case Sif:
		if(istrue(n->a))
			return execute(n->b);
		return n->c != nil ? execute(n->c) : Cnormal;
	case Swhile:
	case Sfor: return loop(n);
	case Sbreak: return Cbreak;
	case Scontinue: return Ccontinue;
	case Sreturn:
		numfree(returned);
		returned = n->a != nil ? eval(n->a) : numint(0);
		return Creturn;
	case Shalt:
	case Squit:
		exits(nil);
	}
	return Cnormal;
}

void
run(Node *n)
{
	execute(n);
}
