/*
 * Statements and rules.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <dfa.h>
#include "awk.h"

static jmp_buf	top;		/* where next and exit in a function go */
static char	*exitstatus;	/* nil: success */

void
unwind(int how)
{
	longjmp(top, how);
}

static void
put(Buf *b, Str *s)
{
	bufadd(b, s->s, s->n);
	strfree(s);
}

/* What a print statement prints. */
static Str*
printed(Node *n)
{
	Buf b = { nil, 0, 0 };
	Node *a;
	Val v;

	if(n->a == nil)
		put(&b, tostr(getfield(0)));
	for(a = n->a; a != nil; a = a->next){
		v = eval(a);
		if(a != n->a)
			put(&b, tostr(&globals[VOFS]->v));
		put(&b, outstr(&v));
		vfree(&v);
	}
	put(&b, tostr(&globals[VORS]->v));
	return bufstr(&b);
}

/* The text comes first, for making it may print too, or close the file. */
static void
printing(Node *n)
{
	Biobuf *b;
	Str *name, *fmt, *s;

	if(n->op == Sprintf){
		fmt = evalstr(n->a);
		s = format(fmt, n->a->next);
		strfree(fmt);
	}else
		s = printed(n);
	name = n->b != nil ? evalstr(n->b) : nil;
	b = output(n->n, name);
	if(name != nil)
		strfree(name);
	written(b, Bwrite(b, s->s, (long)s->n));
	strfree(s);
}

static void
delete(Node *n)
{
	Str *s;

	if(n->op == Sdelall){
		arrayclear(evalarray(n->a));
		return;
	}
	s = subscript(n->b);
	arrayremove(evalarray(n->a), s);
	strfree(s);
}

static int
leave(Node *n)
{
	Val v;
	Str *s;
	double d;

	if(n->a == nil)
		return Cexit;
	v = eval(n->a);
	free(exitstatus);
	exitstatus = nil;
	if(isnumeric(&v)){
		d = tonum(&v);
		if(d != 0)
			exitstatus = smprint("%d", (int)d);
	}else{
		s = tostr(&v);
		exitstatus = estrdup(s->s);
		strfree(s);
	}
	vfree(&v);
	return Cexit;
}

/* Whether a loop is to go on after its body ended so; *how is how the loop ends. */
static int
goon(int *how)
{
	switch(*how){
	case Cbreak:
		*how = Cnormal;
		return 0;
	case Ccontinue:
		*how = Cnormal;
	}
	return *how == Cnormal;
}

static int
loop(Node *n)
{
	int how;

	how = Cnormal;
	if(n->op == Sdo){
		do
			how = execute(n->b);
		while(goon(&how) && evaltrue(n->a));
		return how;
	}
	while(evaltrue(n->a)){
		how = execute(n->b);
		if(!goon(&how))
			break;
	}
	return how;
}

static int
forloop(Node *n)
{
	int how;

	how = Cnormal;
	if(n->a != nil)
		execute(n->a);
	while(n->b == nil || evaltrue(n->b)){
		how = execute(n->d);
		if(!goon(&how))
			break;
		if(n->c != nil)
			execute(n->c);
	}
	return how;
}

/* The elements are those at the beginning that are still there. */
static int
forin(Node *n)
{
	Array *a;
	Elem *e;
	Str **key;
	Val v;
	usize i, count;
	int how, on;

	a = evalarray(n->b);
	a->ref++;
	count = a->n;
	key = egrow(nil, (count + 1)*sizeof *key);
	i = 0;
	for(e = a->first; e != nil; e = e->next){
		key[i++] = e->key;
		e->key->ref++;
	}
	how = Cnormal;
	on = 1;
	for(i = 0; i < count; i++){
		if(on && arrayfind(a, key[i]) != nil){
			v = vmaybe(key[i]->s, key[i]->n);
			v.kind = Vstr;
			assign(n->a, v);
			how = execute(n->d);
			on = goon(&how);
		}
		strfree(key[i]);
	}
	free(key);
	arrayfree(a);
	return how;
}

static int
sequence(Node *n)
{
	int how;

	for(n = n->a; n != nil; n = n->next){
		how = execute(n);
		if(how != Cnormal)
			return how;
	}
	return Cnormal;
}

int
execute(Node *n)
{
	Val v;

	switch(n->op){
	case Sexpr:
		v = eval(n->a);
		vfree(&v);
		break;
	case Sprint:
	case Sprintf:
		printing(n);
		break;
	case Sif:
		if(evaltrue(n->a))
			return execute(n->b);
		return n->c != nil ? execute(n->c) : Cnormal;
	case Swhile:
	case Sdo: return loop(n);
	case Sfor: return forloop(n);
	case Sforin: return forin(n);
	case Sblock: return sequence(n);
	case Snext: return Cnext;
	case Snextfile: return Cnextfile;
	case Sexit: return leave(n);
	case Sbreak: return Cbreak;
	case Scontinue: return Ccontinue;
	case Sreturn:
		if(n->a != nil)
			setreturned(eval(n->a));
		return Creturn;
	case Sdelete:
	case Sdelall:
		delete(n);
		break;
	}
	return Cnormal;
}

static int
selected(Rule *r)
{
	if(r->kind == Rrange){
		if(!r->inside && !evaltrue(r->pattern))
			return 0;
		r->inside = !evaltrue(r->last);
		return 1;
	}
	return r->pattern == nil || evaltrue(r->pattern);
}

/* Performs the rules of a kind; main and range are one. */
static int
perform(int kind)
{
	static Node print = { .op = Sprint };
	Rule *r;
	int how;

	how = setjmp(top);
	if(how != 0){
		popframes();
		return how;
	}
	for(r = rules; r != nil; r = r->next){
		if((r->kind == Rrange ? Rmain : r->kind) != kind)
			continue;
		if(kind == Rmain && !selected(r))
			continue;
		how = execute(r->body != nil ? r->body : &print);
		if(how != Cnormal)
			return how;
	}
	return Cnormal;
}

static int
have(int kind)
{
	Rule *r;

	for(r = rules; r != nil; r = r->next)
		if(r->kind >= kind)
			return 1;
	return 0;
}

void
runrules(void)
{
	char *s;
	usize n;
	int how;

	how = perform(Rbegin);
	if(how != Cexit && have(Rmain)){
		while(how != Cexit && mainrecord(&s, &n)){
			setrecord(s, n);
			how = perform(Rmain);
			if(how == Cnextfile)
				nextfile();
		}
	}
	if(have(Rend))
		perform(Rend);
	closeall();
	exits(exitstatus);
}
