/*
 * hoc: statements become trees (lex.c, parse.c) that are walked (run.c) when
 * they are complete.
 */
typedef struct Func Func;
typedef struct Name Name;
typedef struct Node Node;

enum {
	Tend = 256, Tnumber, Tname, Tstring, Targ, Tif, Telse, Twhile, Tfor, Tfunc, Tproc, Treturn,
	Tprint, Tread, Tincr, Tdecr, Tassign, Teq, Tne, Tle, Tge, Tand, Tor,
};

enum {
	/* Expressions. */
	Enum, Evar, Earg, Eassign, Epreinc, Epostinc, Eadd, Esub, Emul, Ediv, Emod, Epow, Eneg,
	Enot, Elt, Ele, Eeq, Ene, Ege, Egt, Eand, Eor, Ecall, Eread,
	/* Statements. */
	Sexpr, Sprint, Sstring, Sblock, Sif, Swhile, Sfor, Sreturn,
};

struct Node {
	int	op;
	int	n;		/* operation of Eassign, +1 or -1, number of an argument */
	double	d;
	char	*s;
	Name	*name;
	Node	*a, *b, *c, *e;
	Node	*next;
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

extern Biobuf	bout;
extern int	tok, tokop;
extern double	tokval;
extern char	*toktext;
extern int	line;

/* main.c */
void	*emalloc(usize n);
void	*erealloc(void *p, usize n);
NORETURN void	error(char *fmt, ...);
void	checkstack(void);

/* lex.c */
Name	*lookup(char *s);
void	lextext(char *name, char *text);
void	lexfile(char *name, int fd);
void	advance(void);
void	skipline(void);
int	readnumber(double*);
extern char	*source;

/* parse.c */
Node	*parseline(void);	/* nil at the end */

/* run.c */
void	run(Node*);
void	unwind(void);

/* math.c */
void	addbuiltins(void);
