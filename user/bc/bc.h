/*
 * bc. Statements become trees (lex.c, parse.c) that are walked (run.c) when
 * their line is complete, over variables and arrays (var.c) of the library's
 * numbers (num.h). The functions of -l are written in bc (math.c).
 */
typedef struct Array Array;
typedef struct Func Func;
typedef struct Name Name;
typedef struct Node Node;
typedef struct Num Num;

enum {
	Tend = 256, Tnumber, Tname, Tstring, Tif, Telse, Twhile, Tfor, Tbreak, Tcontinue, Treturn,
	Tdefine, Tauto, Tquit, Thalt, Tprint, Tlength, Tsqrt, Tscale, Tibase, Tobase, Tlast, Tread,
	Tincr, Tdecr, Tassign, Teq, Tne, Tle, Tge, Tand, Tor,
};

enum {
	/* Expressions. */
	Enum, Evar, Eelem, Escale, Eibase, Eobase, Elast, Eassign, Epreinc, Epostinc,
	Eadd, Esub, Emul, Ediv, Emod, Epow, Eneg, Elt, Ele, Eeq, Ene, Ege, Egt, Enot, Eand, Eor,
	Elength, Esqrt, Escaleof, Eread, Ecall, Earray, Eparen,
	/* Statements. */
	Sexpr, Sstring, Sprint, Sblock, Sif, Swhile, Sfor, Sbreak, Scontinue, Sreturn, Shalt, Squit,
};

struct Node {
	int	op;
	int	n;		/* operation of Eassign, +1 or -1 of increments */
	Node	*a, *b, *c, *d;
	Node	*next;
	Name	*name;
	char	*s;		/* the text of numbers and strings */
	Num	*num;		/* of a number, as read in this base */
	int	base;
	int	fixed;		/* a number of the library: always decimal */
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
extern Biobuf	bout;
void	*emalloc(usize n);
void	*erealloc(void *p, usize n);
NORETURN void	error(char *fmt, ...);
void	outnum(Num*);
void	outtext(char *s);
void	checkstack(void);

/* lex.c */
extern int	tok, tokop;
extern char	*toktext;
extern int	inlibrary;
void	lextext(char *name, char *text);
void	lexfile(char *name, int fd);
void	advance(void);
void	skipline(void);
char	*readnumber(void);
NORETURN void	syntax(char *what);

/* parse.c */
Node	*parseline(void);	/* nil at the end of the input */

/* run.c */
void	run(Node*);
void	unwind(void);

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
