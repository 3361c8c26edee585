/*
 * The stack, and registers: each has a stack and an array of its own.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "dc.h"

enum {
	Nreg = 256,
	Maxindex = 1 << 24,
};

typedef struct Reg Reg;
struct Reg {
	Val	*v;
	int	n, max;
	Val	*array;
	int	nelem;
};

int	depth;

static Val	*stack;
static int	max;
static Reg	regs[Nreg];

Str*
newstr(char *s, usize n)
{
	Str *t;

	t = emalloc(sizeof *t + n + 1);
	t->ref = 1;
	t->n = n;
	memmove(t->s, s, n);
	t->s[n] = 0;
	return t;
}

void
vfree(Val v)
{
	numfree(v.num);
	if(v.str != nil && --v.str->ref == 0)
		free(v.str);
}

Val
vdup(Val v)
{
	if(v.num != nil)
		numref(v.num);
	if(v.str != nil)
		v.str->ref++;
	return v;
}

void
push(Val v)
{
	if(depth == max){
		max = 2*max + 64;
		stack = erealloc(stack, (usize)max*sizeof *stack);
	}
	stack[depth++] = v;
}

void
pushnum(Num *n)
{
	push((Val){ n, nil });
}

int
need(int n)
{
	if(depth >= n)
		return 1;
	complain("stack empty");
	return 0;
}

Val*
peek(int n)
{
	return &stack[depth - 1 - n];
}

Val
pop(void)
{
	return stack[--depth];
}

void
clear(void)
{
	while(depth > 0)
		vfree(pop());
}

int
neednums(int n)
{
	int i;

	if(!need(n))
		return 0;
	for(i = 0; i < n; i++)
		if(peek(i)->num == nil){
			complain("non-numeric value");
			return 0;
		}
	return 1;
}

Val*
reg(int name)
{
	Reg *r = &regs[name];

	return r->n > 0 ? &r->v[r->n - 1] : nil;
}

void
regpush(int name, Val v)
{
	Reg *r = &regs[name];

	if(r->n == r->max){
		r->max = 2*r->max + 4;
		r->v = erealloc(r->v, (usize)r->max*sizeof *r->v);
	}
	r->v[r->n++] = v;
}

void
regset(int name, Val v)
{
	Val *p = reg(name);

	if(p == nil)
		regpush(name, v);
	else{
		vfree(*p);
		*p = v;
	}
}

int
regpop(int name, Val *v)
{
	Reg *r = &regs[name];

	if(r->n == 0)
		return 0;
	*v = r->v[--r->n];
	return 1;
}

/* Takes the value. */
void
arrayset(int name, vlong i, Val v)
{
	Reg *r = &regs[name];
	int n;

	if(i < 0 || i >= Maxindex){
		complain("array index out of range");
		vfree(v);
		return;
	}
	if(i >= r->nelem){
		n = (int)i + 1 + (int)i/2;
		r->array = erealloc(r->array, (usize)n*sizeof *r->array);
		memset(r->array + r->nelem, 0, (usize)(n - r->nelem)*sizeof *r->array);
		r->nelem = n;
	}
	vfree(r->array[i]);
	r->array[i] = v;
}

/* A reference to the element, which is 0 if it was never stored. */
Val
arrayget(int name, vlong i)
{
	Reg *r = &regs[name];

	if(i >= 0 && i < r->nelem && (r->array[i].num != nil || r->array[i].str != nil))
		return vdup(r->array[i]);
	return (Val){ numint(0), nil };
}
