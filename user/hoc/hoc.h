/*
 * hoc: statements become trees (lex.c, parse.c, ../calc) that are walked (run.c)
 * when they are complete.
 */
#include "user/calc/calc.h"

typedef struct Func Func;

enum {
	Targ = Tfirst, Tfunc, Tproc,
};

enum {
	Earg = Ofirst,		/* n: its number */
};

struct Func {
	int	isproc;
	Name	**params;	/* names for $1 ... */
	int	nparam;
	Node	*body;		/* nil until it is complete */
};

struct Name {
	Name	*next;
	char	*s;
	int	isset, constant;
	double	val;
	double	(*builtin)(double);
	Func	*func;
};

extern double	tokval;

/* lex.c */
Name	*lookup(char *s);
int	readnumber(double*);

/* math.c */
void	addbuiltins(void);
