/*
 * The functions and constants that hoc has.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "hoc.h"

static double
integer(double x)
{
	return x < 0 ? ceil(x) : floor(x);
}

/* By its power series; good for small arguments. */
static double
erfseries(double x)
{
	double t, sum;
	int i;

	t = sum = x;
	for(i = 1; fabs(t) > 1e-17*fabs(sum) && i < 200; i++){
		t *= -x*x/i;
		sum += t/(2*i + 1);
	}
	return 2/sqrt(PI)*sum;
}

/* By its continued fraction; good for arguments that are not small. */
static double
erfcfraction(double x)
{
	double f;
	int i;

	f = 0;
	for(i = 120; i > 0; i--)
		f = i/2.0/(x + f);
	return exp(-x*x)/sqrt(PI)/(x + f);
}

static double
errorfunction(double x)
{
	if(fabs(x) < 2)
		return erfseries(x);
	return x > 0 ? 1 - erfcfraction(x) : erfcfraction(-x) - 1;
}

static double
complement(double x)
{
	if(fabs(x) < 2)
		return 1 - erfseries(x);
	return x > 0 ? erfcfraction(x) : 2 - erfcfraction(-x);
}

/* The logarithm of the gamma function: Stirling's series for large arguments. */
static double
loggamma(double x)
{
	static double coef[] = {
		1.0/12, -1.0/360, 1.0/1260, -1.0/1680, 1.0/1188, -691.0/360360, 1.0/156,
	};
	double shift, p, sum;
	uint i;

	if(x <= 0){
		if(x == floor(x))
			return Inf(1);
		return log(fabs(PI/sin(PI*x))) - loggamma(1 - x);
	}
	shift = 1;
	for(; x < 12; x++)
		shift *= x;
	sum = 0;
	p = 1/x;
	for(i = 0; i < nelem(coef); i++){
		sum += coef[i]*p;
		p /= x*x;
	}
	return (x - .5)*log(x) - x + .5*log(2*PI) + sum - log(shift);
}

static struct {
	char	*name;
	double	(*f)(double);
} builtins[] = {
	{ "abs", fabs }, { "acos", acos }, { "asin", asin }, { "atan", atan }, { "ceil", ceil },
	{ "cos", cos }, { "cosh", cosh }, { "erf", errorfunction }, { "erfc", complement },
	{ "exp", exp }, { "floor", floor }, { "gamma", loggamma }, { "int", integer },
	{ "log", log }, { "log10", log10 }, { "sin", sin }, { "sinh", sinh }, { "sqrt", sqrt },
	{ "tan", tan }, { "tanh", tanh },
};

static struct {
	char	*name;
	double	val;
} constants[] = {
	{ "PI", 3.14159265358979323846 }, { "E", 2.71828182845904523536 },
	{ "GAMMA", 0.57721566490153286061 }, { "DEG", 57.29577951308232087680 },
	{ "PHI", 1.61803398874989484820 },
};

void
addbuiltins(void)
{
	Name *n;
	uint i;

	for(i = 0; i < nelem(builtins); i++)
		lookup(builtins[i].name)->builtin = builtins[i].f;
	for(i = 0; i < nelem(constants); i++){
		n = lookup(constants[i].name);
		n->val = constants[i].val;
		n->isset = n->constant = 1;
	}
}
