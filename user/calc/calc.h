/*
 * What bc and hoc have in common: a line is cut into tokens, its statements become
 * trees, and those are walked when the line is complete. Here are the characters and
 * operators (lex.c), the expressions and statements that both languages have (parse.c),
 * and errors, which abandon the line (main.c). A program adds its own tokens and
 * operations behind the common ones and supplies the functions named at the end.
 */
typedef struct Keyword Keyword;
typedef struct Name Name;
typedef struct Node Node;
typedef struct Num Num;

/* Tokens. Other characters stand for themselves. */
enum {
	Tend = 256, Tnumber, Tname, Tstring, Tif, Telse, Twhile, Tfor, Treturn, Tprint, Tread,
	Tincr, Tdecr, Tassign, Teq, Tne, Tle, Tge, Tand, Tor,
	Tfirst,			/* of a program's own */
};

enum {
	/* Expressions. */
	Enum, Evar, Eassign, Epreinc, Epostinc, Eadd, Esub, Emul, Ediv, Emod, Epow, Eneg,
	Enot, Elt, Ele, Eeq, Ene, Ege, Egt, Eand, Eor, Ecall, Eread,
	/* Statements. */
	Sexpr, Sprint, Sstring, Sblock, Sif, Swhile, Sfor, Sreturn, Squit,
	Ofirst,			/* of a program's own */
};

struct Node {
	int	op;
	int	n;		/* operation of Eassign, +1 or -1 of increments */
	Node	*a, *b, *c;
	Node	*d;		/* body of Swhile, whose condition is a, and of Sfor */
	Node	*next;
	Name	*name;
	char	*s;		/* a text */
	double	val;		/* hoc's number */
	Num	*num;		/* bc's number, as read in this base */
	int	base;
	int	fixed;		/* a number of the library: always decimal */
};

struct Keyword {
	char	*s;
	int	tok;
};

/* main.c */
extern Biobuf	bout;
void	*emalloc(usize n);		/* zeroed */
void	*erealloc(void *p, usize n);
/* complain, with what is before the text, and give up the line */
NORETURN void	abandon(char *before, char *fmt, va_list args);
void	checkstack(void);
void	interpret(char *base);		/* all that the lexer reads; base is of the stack */

/* lex.c */
extern int	tok, tokop;
extern char	*toktext;		/* of names, numbers and strings; allocated for each */
extern char	*source;		/* the name of what is read */
extern int	line;
void	lextext(char *name, char *text);
void	lexfile(char *name, int fd);
int	get(void);
void	unget(int c);
int	next(int c);			/* whether that comes next, and then read it */
void	skipline(void);
void	begintext(void);
void	addtext(int c);			/* to toktext */
int	word(int c, int (*isname)(int), Keyword *words, int n);
int	operator(int c);

/* parse.c */
extern int	loops;			/* around the statement */
extern int	lownot;			/* ! binds looser than comparisons */
Node	*node(int op, Node *a, Node *b);
void	expect(int t);
void	skipnewlines(void);
Node	*arguments(void);
Node	*variable(void);		/* an operand, incremented or assigned */
Node	*expr(void);
Node	*statements(void);		/* up to the closing brace */
Node	*statement(void);
Node	*statementline(int (*definition)(void));	/* nil at the end of the input */

/* what the program supplies */
NORETURN void	error(char *fmt, ...);	/* by abandon */
NORETURN void	syntax(char *what);	/* nil: a syntax error */
void	advance(void);			/* to the next token */
Node	*operand(void);
Node	*unary(void);			/* what * and / take */
int	islvalue(Node*);
Node	*ownstatement(void);
Node	*parseline(void);
void	run(Node*);
void	unwind(void);			/* after an error */
