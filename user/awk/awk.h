/*
 * awk. The text of the program becomes a tree (lex.c, parse.c, expr.c) that
 * is walked for each record (run.c, eval.c, func.c) over values (val.c,
 * array.c), fields (field.c), files and commands (io.c, input.c).
 */
typedef struct Dfa Dfa;
typedef struct Array Array;
typedef struct Buf Buf;
typedef struct Cell Cell;
typedef struct Elem Elem;
typedef struct Func Func;
typedef struct Input Input;
typedef struct Node Node;
typedef struct Rule Rule;
typedef struct Str Str;
typedef struct Val Val;
typedef struct Var Var;

/* A string that several values share. It may hold NULs; one more stands behind it. */
struct Str {
	int	ref;
	usize	n, cap;
	char	s[];
};

/* A string under construction. */
struct Buf {
	char	*s;
	usize	n, cap;
};

enum {
	Vnil,			/* never assigned: both 0 and "" */
	Vnum,
	Vstr,
	Vmaybe,			/* a string from outside: a number if it looks like one */
	Vnumstr,		/* such a string, which does */
};

struct Val {
	int	kind;
	double	num;		/* Vnum, Vnumstr */
	Str	*s;		/* Vstr, Vmaybe, Vnumstr */
};

/* What a variable's name stands for: a value, an array, or neither as yet. */
struct Cell {
	Val	v;
	Array	*a;
	Cell	*from;		/* a parameter: the caller's variable, should it become an array */
};

struct Elem {
	Elem	*link;		/* in its hash chain */
	Elem	*next, *prev;	/* in the order of creation */
	uint	hash;
	Str	*key;
	Val	v;
};

struct Array {
	int	ref;
	Elem	**hash;
	uint	size;
	usize	n;
	Elem	*first, *last;
};

/* The variables with a meaning, in the order of specialname in main.c. */
enum {
	VNF, VNR, VFNR, VFS, VOFS, VORS, VRS, VSUBSEP, VCONVFMT, VOFMT, VRSTART, VRLENGTH,
	VFILENAME, VENVIRON, VARGC, VARGV,
	Nspecial,
};

struct Var {
	Var	*next;
	char	*name;
	int	index;		/* in globals */
};

enum {
	/* Expressions. */
	Econst, Eregex, Eglobal, Elocal, Efield, Eindex, Eassign, Econd, Eor, Eand, Ein,
	Ematch, Enomatch, Elt, Ele, Eeq, Ene, Egt, Ege, Econcat, Eadd, Esub, Emul, Ediv, Emod,
	Epow, Enot, Eneg, Eplus, Epreinc, Epredec, Epostinc, Epostdec, Ecall, Ebuiltin, Egetline,
	Egroup,
	/* Statements. */
	Sexpr, Sprint, Sprintf, Sif, Swhile, Sdo, Sfor, Sforin, Sblock, Snext, Snextfile, Sexit,
	Sreturn, Sbreak, Scontinue, Sdelete, Sdelall,
};

/* Tokens that are not characters. */
enum {
	Tend = 256, Tnewline, Tname, Tfuncname, Tbuiltin, Tnumber, Tstring, Tregex,
	Tbegin, Tendblock, Tfunction, Tif, Telse, Twhile, Tfor, Tdo, Tbreak, Tcontinue, Tnext,
	Tnextfile, Texit, Treturn, Tdelete, Tin, Tgetline, Tprint, Tprintf,
	Tor, Tand, Tnomatch, Tle, Teq, Tne, Tge, Tappend, Tincr, Tdecr,
	Tassign,		/* any of = += -= *= /= %= ^=; the operation is tokop */
};

enum {
	Flength, Fsubstr, Findex, Fsplit, Fsub, Fgsub, Fmatch, Fsprintf, Fsin, Fcos, Fatan2, Fexp,
	Flog, Fsqrt, Fint, Frand, Fsrand, Ftolower, Ftoupper, Fsystem, Fclose, Ffflush,
};

struct Node {
	int	op;
	int	n;		/* variable's index, operation of Eassign, builtin, redirection */
	Node	*a, *b, *c, *d;
	Node	*next;		/* in a list */
	Val	val;		/* Econst; the text of Eregex */
	Dfa	*re;		/* Eregex */
	Func	*f;		/* Ecall */
	char	*file;		/* where the statement stands */
	int	line;
};

struct Func {
	Func	*next;
	char	*name;
	int	defined;
	char	**param;
	int	nparam;
	Node	*body;
	char	*file;		/* of its first use or definition */
	int	line;
};

enum {
	Rbegin, Rmain, Rrange, Rend,
};

struct Rule {
	Rule	*next;
	int	kind;
	Node	*pattern, *last;	/* last: the end of a range */
	Node	*body;		/* nil: print */
	int	inside;		/* of the range */
};

/* How a statement ended. */
enum {
	Cnormal, Cbreak, Ccontinue, Cnext, Cnextfile, Cexit, Creturn,
};

/* main.c */
extern Cell	**globals;
extern int	nglobal;
extern int	useenviron;
int	variable(char *name);
char	*varname(int index);
void	*ealloc(usize n);
void	*egrow(void *p, usize n);
char	*estrdup(char *s);
NORETURN void	fatal(char *fmt, ...);
void	checkstack(void);
int	assignoperand(char *arg);
usize	unescape(char *to, char *s, usize n);

/* lex.c */
extern int	tok, tokop;
extern char	*tokname;	/* of names */
extern Str	*tokstr;	/* of strings and regular expressions */
extern double	toknum;
extern char	*tokfile;
extern int	tokline;
void	addsource(char *name, char *text, usize n);
void	lexinit(void);
void	advance(void);
void	lexregex(void);
int	nextisgetline(void);
NORETURN void	syntax(char *what);

/* parse.c */
extern Rule	*rules;
void	parse(void);
Node	*node(int op, Node *a, Node *b);
int	localindex(char *name);
Func	*function(char *name);
void	skipnewlines(void);
void	expect(int t);
int	got(int t);

/* expr.c */
enum {
	Nogt = 1,		/* > redirects */
	Noin = 2,		/* `in' belongs to a for */
};
Node	*expr(int flags);
Node	*exprlist(int flags, int end);
Node	*concatenation(int flags);
int	islvalue(Node*);

/* val.c */
extern char	*convfmt;
Str	*newstr(char *s, usize n);
Str	*allocstr(usize n);
Str	*strappend(Str*, char*, usize);
void	strfree(Str*);
Val	vnum(double);
Val	vstr(Str*);		/* takes the reference */
Val	vmaybe(char *s, usize n);
Val	vdup(Val*);
void	vfree(Val*);
void	vset(Val *to, Val v);	/* takes the reference */
double	tonum(Val*);
Str	*tostr(Val*);		/* a new reference */
Str	*outstr(Val*);		/* the same with OFMT */
int	istrue(Val*);
int	isnumeric(Val*);
int	compare(Val*, Val*);
void	bufadd(Buf*, char*, usize);
void	bufpad(Buf*, int c, vlong n);
Str	*bufstr(Buf*);		/* and ends it */
double	strtonum(char *s, usize n, int *all);

/* array.c */
Array	*newarray(void);
void	arrayfree(Array*);
Elem	*arrayfind(Array*, Str *key);
Elem	*arrayget(Array*, Str *key);	/* made if it is not there */
void	arrayremove(Array*, Str *key);
void	arrayclear(Array*);
void	arrayset(Array*, char *key, Val v);

/* field.c */
void	setrecord(char *s, usize n);
void	splitrecord(void);
void	joinrecord(void);
Val	*getfield(double n);
void	setfield(double n, Val v);
void	setnf(double n);
usize	split(Str *s, Str *fs, Dfa *re, int lines, void (*add)(char*, usize, void*), void *arg);

/* run.c, eval.c, func.c, format.c */
int	execute(Node*);
void	runrules(void);
Val	eval(Node*);
double	evalnum(Node*);
Str	*evalstr(Node*);
int	evaltrue(Node*);
Array	*evalarray(Node*);
Str	*subscript(Node *list);
void	assign(Node *lvalue, Val v);	/* takes the reference */
Cell	*cellof(Node*);
void	popframes(void);
void	setreturned(Val);
void	setvar(int index, Val v);
Dfa	*evalregex(Node*);
Dfa	*dynamic(Str *s);
Val	builtin(Node*);
Str	*format(Str *fmt, Node *args);
NORETURN void	unwind(int how);

/* io.c: output, and commands */
enum {
	Oname, Ofile, Oappend, Opipe,	/* of print and printf; 0 is standard output */
	Igetline = 0, Ifile, Ipipe,	/* of getline */
};
void	ioinit(void);
Biobuf	*output(int kind, Str *name);
void	written(Biobuf*, long);
void	flushall(void);
int	flushname(Str *name);
double	closename(Str *name);
double	runsystem(Str *cmd);
int	command(char *cmd, int fd, int *pid);
void	closeall(void);
void	closefds(void);

/* input.c */
struct Input {
	Input	*next;
	char	*name;
	int	kind;
	int	fd, pid;
	char	*buf;
	usize	beg, end, cap;
	int	eof;
};
extern Input	*inputs;
int	readrecord(Input*, char **s, usize *n);
int	mainrecord(char **s, usize *n);
void	nextfile(void);
Input	*openinput(int kind, Str *name);
void	closeinput(Input*);
