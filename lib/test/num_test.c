/*
 * Decimal numbers: text, scales, and that operations undo each other at
 * lengths where the methods of multiplication and division change.
 */
#include <u.h>
#include <libc.h>
#include <num.h>
#include "check.h"

static Num*
parse(char *s)
{
	Num *a, *b;

	a = numparse(s + (*s == '-'), 10, 0);
	if(*s != '-')
		return a;
	b = numneg(a);
	numfree(a);
	return b;
}

/* The text of a op b at a scale. */
static char*
compute(char *x, int op, char *y, int scale)
{
	static char *s;
	Num *a = parse(x), *b = parse(y), *r = nil;

	switch(op){
	case '+': r = numadd(a, b); break;
	case '-': r = numsub(a, b); break;
	case '*': r = nummul(a, b, scale); break;
	case '/': r = numdiv(a, b, scale); break;
	case '%': r = nummod(a, b, scale); break;
	case '^': r = numpow(a, b, scale); break;
	case 'v': r = numsqrt(a, scale); break;
	}
	free(s);
	s = r != nil ? numtext(r, 10) : smprint("%r");
	numfree(a);
	numfree(b);
	numfree(r);
	return s;
}

static void
small(void)
{
	SAME(compute("1.5", '+', "2.25", 0), "3.75");
	SAME(compute("-1.5", '+', "1.50", 0), "0");
	SAME(compute("1", '-', "1000000000000", 0), "-999999999999");
	SAME(compute("1.5", '*', "1.5", 0), "2.2");
	SAME(compute("1.5", '*', "1.5", 5), "2.25");
	SAME(compute("-7", '/', "2", 0), "-3");
	SAME(compute("1", '/', "3", 12), ".333333333333");
	SAME(compute("-7", '%', "3", 0), "-1");
	SAME(compute("7.5", '%', "2", 0), "1.5");
	SAME(compute("2", '^', "100", 0), "1267650600228229401496703205376");
	SAME(compute("2", '^', "-2", 3), ".250");
	SAME(compute("2", 'v', "0", 10), "1.4142135623");
	SAME(compute("1", '/', "0", 0), "divide by zero");
	SAME(compute("-1", 'v', "0", 0), "square root of a negative number");
	SAME(compute("9", '^', "99999999999", 0), "exponent too large");
}

static void
bases(void)
{
	Num *a;
	char *s;

	a = numparse("FF.8", 16, 0);
	s = numtext(a, 2);
	SAME(s, "11111111.1000");
	free(s);
	s = numtext(a, 100);
	SAME(s, " 02 55.50");
	free(s);
	CHECK(numvlong(a) == 255);
	CHECK(numlength(a) == 4);
	numfree(a);
	a = numint(-9223372036854775807LL - 1);
	s = numtext(a, 10);
	SAME(s, "-9223372036854775808");
	free(s);
	numfree(a);
}

static Num*
randomnum(int n)
{
	char *s;
	Num *a;
	int i;

	s = malloc((ulong)n + 1);
	for(i = 0; i < n; i++)
		s[i] = (char)(nrand(4) == 0 ? "09"[nrand(2)] : '0' + nrand(10));
	s[n] = 0;
	a = numparse(s, 10, 0);
	free(s);
	return a;
}

/* (a*b + r)/b is a with the rest r, and the root of a*a + 2a is a. */
static void
undo(int n, int m)
{
	Num *a = randomnum(n), *b = randomnum(m), *r = randomnum(m - 1), *one = numint(1);
	Num *t, *p, *q;

	t = numadd(b, one);
	numfree(b);
	b = t;
	if(numcmp(r, b) >= 0){
		numfree(r);
		r = numint(0);
	}
	t = nummul(a, b, 0);
	p = numadd(t, r);
	numfree(t);
	q = numdiv(p, b, 0);
	CHECK(numcmp(q, a) == 0);
	numfree(q);
	q = nummod(p, b, 0);
	CHECK(numcmp(q, r) == 0);
	numfree(q);
	numfree(p);
	p = nummul(a, a, 0);
	t = numadd(p, a);
	numfree(p);
	p = numadd(t, a);
	numfree(t);
	q = numsqrt(p, 0);
	CHECK(numcmp(q, a) == 0);
	numfree(q);
	numfree(p);
	numfree(a);
	numfree(b);
	numfree(r);
	numfree(one);
}

void
main(int argc, char **argv)
{
	int i;

	USED(argc, argv);
	small();
	bases();
	for(i = 0; i < 300; i++)
		undo(1 + nrand(60), 2 + nrand(60));
	for(i = 0; i < 60; i++)
		undo(1 + nrand(2000), 2 + nrand(2000));
	finish();
}
