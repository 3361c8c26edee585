/*
 * bc. Statements become trees (lex.c, parse.c, ../calc) that are walked (run.c)
 * when their line is complete, over variables and arrays (var.c) of the library's
 * numbers (num.h). The functions of -l are written in bc (math.c).
 */
#include "user/calc/calc.h"

typedef struct Array Array;
typedef struct Func Func;

enum {
	Tbreak = Tfirst, Tcontinue, Tdefine, Tauto, Tquit, Thalt, Tlength, Tsqrt, Tscale,
	Tibase, Tobase, Tlast,
};

enum {
	Eelem = Ofirst, Escale, Eibase, Eobase, Elast, Elength, Esqrt, Escaleof, Earray, Eparen,
	Sbreak, Scontinue, Shalt,
};

struct Array {
	int	ref;
	Num	**v;
	int	n;
};

/* A name can be a variable, an array and a function at once. */
struct Name {
	Name	*next;
	char	*s;
	Num	*var;
	Array	*array;
	Func	*func;
};

/* A parameter or automatic variable. */
typedef struct Local Local;
struct Local {
	Local	*next;
	Name	*name;
	int	isarray;
};

struct Func {
	Local	*params;
	Local	*autos;
	Node	*body;
};

/* main.c */
void	outnum(Num*);
void	outtext(char *s);

/* lex.c */
extern int	inlibrary;
char	*readnumber(void);

/* var.c */
extern int	scale, ibase, obase;
extern Num	*last;
Name	*lookup(char *s);
Array	*newarray(void);
void	arrayfree(Array*);
Array	*arraycopy(Array*);
Num	**element(Array*, Num *index);

/* math.c */
extern char	library[];
