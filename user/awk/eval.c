/*
 * Expressions: eval returns a value whose string is the caller's to free.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

typedef struct Frame Frame;
typedef struct Place Place;

/* A call's parameters and local variables. */
struct Frame {
	Frame	*prev;
	int	n;
	Cell	cell[];
};

/* Where a value can be stored. */
struct Place {
	Val	*v;		/* nil: a field */
	int	var;		/* the global variable's index, or -1 */
	double	field;
};

enum {
	Ncache = 64,
};

static Frame	*frame;
static Val	returned;

static struct {
	Str	*s;
	Dfa	*re;
} cache[Ncache];		/* of dynamic expressions, the last used first */

void
setreturned(Val v)
{
	vset(&returned, v);
}

Cell*
cellof(Node *n)
{
	return n->op == Eglobal ? globals[n->n] : &frame->cell[n->n];
}

/* The array that a name stands for, or nil if it is none as yet. */
static Array*
cellarray(Cell *c)
{
	if(c->a == nil && c->from != nil){
		c->a = cellarray(c->from);
		if(c->a != nil)
			c->a->ref++;
	}
	return c->a;
}

static Array*
makearray(Cell *c)
{
	if(cellarray(c) != nil)
		return c->a;
	if(c->v.kind != Vnil)
		fatal("a scalar is used as an array");
	if(c->from == nil)
		return c->a = newarray();
	c->a = makearray(c->from);
	c->a->ref++;
	return c->a;
}

Array*
evalarray(Node *n)
{
	return makearray(cellof(n));
}

static Val*
scalar(Node *n)
{
	Cell *c = cellof(n);

	if(cellarray(c) != nil)
		fatal("%s:%d: an array is used as a scalar", n->file, n->line);
	if(n->op == Eglobal && n->n == VNF)
		splitrecord();
	return &c->v;
}

/* The string that several subscripts stand for. */
Str*
subscript(Node *list)
{
	Buf b = { nil, 0, 0 };
	Str *s, *sep;

	s = evalstr(list);
	if(list->next == nil)
		return s;
	sep = tostr(&globals[VSUBSEP]->v);
	for(;;){
		bufadd(&b, s->s, s->n);
		strfree(s);
		list = list->next;
		if(list == nil)
			break;
		bufadd(&b, sep->s, sep->n);
		s = evalstr(list);
	}
	strfree(sep);
	return bufstr(&b);
}

void
setvar(int i, Val v)
{
	static Str *fmt;
	double d;

	switch(i){
	case VNF:
		d = tonum(&v);
		vfree(&v);
		setnf(d);
		return;
	case VFS:
	case VRS:
		splitrecord();
		break;
	case VOFS:
		joinrecord();
		break;
	}
	if(globals[i]->a != nil)
		fatal("array %s is used as a scalar", varname(i));
	vset(&globals[i]->v, v);
	if(i == VCONVFMT){
		if(fmt != nil)
			strfree(fmt);
		fmt = tostr(&globals[i]->v);
		convfmt = fmt->s;
	}
}

static void
place(Node *n, Place *p)
{
	Str *s;

	p->v = nil;
	p->var = -1;
	p->field = 0;
	switch(n->op){
	case Eglobal:
		p->var = n->n;
		/* fall through */
	case Elocal:
		p->v = scalar(n);
		break;
	case Efield:
		p->field = evalnum(n->a);
		break;
	case Eindex:
		s = subscript(n->b);
		p->v = &arrayget(evalarray(n->a), s)->v;
		strfree(s);
		break;
	}
}

static void
store(Place *p, Val v)
{
	if(p->v == nil)
		setfield(p->field, v);
	else if(p->var >= 0 && p->var < Nspecial)
		setvar(p->var, v);
	else
		vset(p->v, v);
}

void
assign(Node *lvalue, Val v)
{
	Place p;

	place(lvalue, &p);
	store(&p, v);
}

static double
arith(Node *n, int op, double a, double b)
{
	switch(op){
	case Eadd: return a + b;
	case Esub: return a - b;
	case Emul: return a * b;
	case Epow: return pow(a, b);
	}
	if(b == 0)
		fatal("%s:%d: division by zero", n->file, n->line);
	return op == Ediv ? a/b : fmod(a, b);
}

/* The strings of a concatenation behind its first operand. */
static void
pieces(Buf *b, Node *n, Node *first)
{
	Str *s;

	if(n == first)
		return;
	pieces(b, n->a, first);
	s = evalstr(n->b);
	bufadd(b, s->s, s->n);
	strfree(s);
}

/*
 * x = x y z appends to the string in place, so that building one piece by
 * piece takes no more than linear time. Returns 0 if it is something else.
 */
static int
append(Node *n, Val *v)
{
	Node *x = n->a, *e = n->b;
	Buf b = { nil, 0, 0 };
	Val *to;

	while(e->op == Econcat)
		e = e->a;
	if(n->n != Eassign || e == n->b || e->op != x->op || e->n != x->n
	|| (x->op != Elocal && (x->op != Eglobal || x->n < Nspecial)))
		return 0;
	pieces(&b, n->b, e);
	to = scalar(x);
	if(to->kind != Vstr)
		vset(to, vstr(tostr(to)));
	to->s = strappend(to->s, b.s, b.n);
	free(b.s);
	*v = vdup(to);
	return 1;
}

static Val
assignment(Node *n)
{
	Place p;
	Val v;
	double d;

	if(append(n, &v))
		return v;
	v = eval(n->b);
	place(n->a, &p);
	if(n->n != Eassign){
		d = tonum(&v);
		vfree(&v);
		v = vnum(arith(n, n->n, tonum(p.v != nil ? p.v : getfield(p.field)), d));
	}
	store(&p, vdup(&v));
	return v;
}

static Val
increment(Node *n)
{
	Place p;
	double d, by;

	by = n->op == Epreinc || n->op == Epostinc ? 1 : -1;
	place(n->a, &p);
	d = tonum(p.v != nil ? p.v : getfield(p.field));
	store(&p, vnum(d + by));
	return vnum(n->op == Epreinc || n->op == Epredec ? d + by : d);
}

double
evalnum(Node *n)
{
	Val v;
	double d;

	v = eval(n);
	d = tonum(&v);
	vfree(&v);
	return d;
}

Str*
evalstr(Node *n)
{
	Val v;
	Str *s;

	v = eval(n);
	if(v.kind >= Vstr)
		return v.s;
	s = tostr(&v);
	vfree(&v);
	return s;
}

int
evaltrue(Node *n)
{
	Val v;
	int r;

	v = eval(n);
	r = istrue(&v);
	vfree(&v);
	return r;
}

/* A compiled expression that was used before, or a new one, good until the next call. */
Dfa*
dynamic(Str *s)
{
	Str *k;
	Dfa *re;
	int i;

	for(i = 0; i < Ncache - 1 && cache[i].s != nil; i++)
		if(cache[i].s->n == s->n && memcmp(cache[i].s->s, s->s, s->n) == 0)
			break;
	k = cache[i].s;
	re = cache[i].re;
	if(k == nil || k->n != s->n || memcmp(k->s, s->s, s->n) != 0){
		re = dfacomp(s->s, s->n, DFAposix);
		if(re == nil)
			fatal("regular expression /%s/: %r", s->s);
		if(k != nil){
			strfree(k);
			dfafree(cache[i].re);
		}
		k = s;
		k->ref++;
	}
	memmove(cache + 1, cache, (usize)i*sizeof cache[0]);
	cache[0].s = k;
	cache[0].re = re;
	return re;
}

Dfa*
evalregex(Node *n)
{
	Str *s;
	Dfa *re;

	if(n->op == Eregex)
		return n->re;
	s = evalstr(n);
	re = dynamic(s);
	strfree(s);
	return re;
}

static int
matches(Node *text, Node *pattern)
{
	Str *s;
	int r;

	if(text != nil)
		s = evalstr(text);
	else
		s = tostr(getfield(0));
	r = dfamatch(evalregex(pattern), (uchar*)s->s, (uchar*)s->s + s->n);
	strfree(s);
	return r;
}

static int
relation(Node *n)
{
	Val a, b;
	int r;

	a = eval(n->a);
	b = eval(n->b);
	r = compare(&a, &b);
	vfree(&a);
	vfree(&b);
	switch(n->op){
	case Elt: return r == -1;
	case Ele: return r == -1 || r == 0;
	case Eeq: return r == 0;
	case Ene: return r != 0;
	case Egt: return r == 1;
	case Ege: return r == 1 || r == 0;
	}
	return 0;
}

static Val
concat(Node *n)
{
	Str *a, *b;

	a = evalstr(n->a);
	b = evalstr(n->b);
	a = strappend(a, b->s, b->n);
	strfree(b);
	return vstr(a);
}

static Val
index(Node *n)
{
	Array *a;
	Elem *e;
	Str *s;

	s = subscript(n->b);
	a = evalarray(n->a);
	e = arrayget(a, s);
	strfree(s);
	return vdup(&e->v);
}

static int
member(Node *n)
{
	Str *s;
	int r;

	s = subscript(n->a);
	r = arrayfind(evalarray(n->b), s) != nil;
	strfree(s);
	return r;
}

/* getline in all its forms: 1, 0 at the end, -1 if the file can not be read. */
static double
getline(Node *n)
{
	Input *in;
	Str *name;
	char *s;
	usize size;
	int r;

	if(n->n == Igetline)
		r = mainrecord(&s, &size);
	else{
		name = evalstr(n->b);
		in = openinput(n->n, name);
		strfree(name);
		r = in != nil ? readrecord(in, &s, &size) : -1;
		if(r > 0 && n->n == Ipipe)
			setvar(VNR, vnum(tonum(&globals[VNR]->v) + 1));
	}
	if(r <= 0)
		return r;
	if(n->a != nil)
		assign(n->a, vmaybe(s, size));
	else
		setrecord(s, size);
	return 1;
}

static void
argument(Cell *to, Node *n)
{
	Cell *c;
	Val *v;

	if(n->op != Eglobal && n->op != Elocal){
		to->v = eval(n);
		return;
	}
	c = cellof(n);
	if(cellarray(c) != nil){
		to->a = c->a;
		to->a->ref++;
		return;
	}
	v = scalar(n);
	if(v->kind == Vnil)
		to->from = c;
	else
		to->v = vdup(v);
}

static void
freeframe(Frame *f)
{
	int i;

	for(i = 0; i < f->n; i++){
		vfree(&f->cell[i].v);
		if(f->cell[i].a != nil)
			arrayfree(f->cell[i].a);
	}
	free(f);
}

/* Leaves all functions. */
void
popframes(void)
{
	Frame *f;

	while((f = frame) != nil){
		frame = f->prev;
		freeframe(f);
	}
}

static Val
call(Node *n)
{
	Func *f = n->f;
	Frame *fr;
	Node *a;
	Val v;
	int i, how;

	checkstack();
	fr = ealloc(sizeof *fr + (usize)f->nparam*sizeof fr->cell[0]);
	fr->n = f->nparam;
	for(i = 0, a = n->a; a != nil; a = a->next, i++){
		if(i == f->nparam)
			fatal("%s:%d: too many arguments of %s", n->file, n->line, f->name);
		argument(&fr->cell[i], a);
	}
	fr->prev = frame;
	frame = fr;
	how = execute(f->body);
	if(how == Cnext || how == Cnextfile || how == Cexit)
		unwind(how);
	frame = fr->prev;
	freeframe(fr);
	v = returned;
	returned = (Val){ Vnil, 0, nil };
	return v;
}

Val
eval(Node *n)
{
	double a;

	switch(n->op){
	case Econst: return vdup(&n->val);
	case Eregex: return vnum(matches(nil, n));
	case Eglobal:
	case Elocal: return vdup(scalar(n));
	case Efield: return vdup(getfield(evalnum(n->a)));
	case Eindex: return index(n);
	case Eassign: return assignment(n);
	case Econd: return eval(evaltrue(n->a) ? n->b : n->c);
	case Eor: return vnum(evaltrue(n->a) || evaltrue(n->b));
	case Eand: return vnum(evaltrue(n->a) && evaltrue(n->b));
	case Ein: return vnum(member(n));
	case Ematch: return vnum(matches(n->a, n->b));
	case Enomatch: return vnum(!matches(n->a, n->b));
	case Elt: case Ele: case Eeq: case Ene: case Egt: case Ege: return vnum(relation(n));
	case Econcat: return concat(n);
	case Enot: return vnum(!evaltrue(n->a));
	case Eneg: return vnum(-evalnum(n->a));
	case Eplus: return vnum(evalnum(n->a));
	case Epreinc: case Epredec: case Epostinc: case Epostdec: return increment(n);
	case Ecall: return call(n);
	case Ebuiltin: return builtin(n);
	case Egetline: return vnum(getline(n));
	case Egroup: return eval(n->a);
	}
	a = evalnum(n->a);
	return vnum(arith(n, n->op, a, evalnum(n->b)));
}
