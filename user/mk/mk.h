/*
 * mk. Mkfiles are read into variables and rules (read.c, word.c, var.c,
 * rule.c); rules and files make a graph of what depends on what (graph.c);
 * the graph is walked until all that is wanted is up to date (make.c), by
 * recipes that run as jobs (job.c). Memory is not given back.
 */
typedef struct Arc Arc;
typedef struct Buf Buf;
typedef struct Job Job;
typedef struct Match Match;
typedef struct Node Node;
typedef struct Reprog Reprog;
typedef struct Rule Rule;
typedef struct Var Var;
typedef struct Word Word;

/* A list of strings. */
struct Word {
	Word	*next;
	char	*s;
};

/* A string under construction, always terminated. */
struct Buf {
	char	*s;
	usize	n, cap;
};

struct Var {
	Var	*next;
	char	*name;
	Word	*val;
	int	set;
	int	local;		/* not for the environment of recipes */
	int	fixed;		/* by the command line */
};

enum {
	Adelete = 1,		/* D */
	Aignore = 2,		/* E */
	Anorecipe = 4,		/* N */
	Anotvirtual = 8,	/* n */
	Aquiet = 16,		/* Q */
	Aregex = 32,		/* R */
	Aupdated = 64,		/* U */
	Avirtual = 128,		/* V */
	Ameta = 256,		/* the target is a pattern */
};

enum {
	Nsub = 10,
};

/* What the pattern of a metarule stands for. */
struct Match {
	char	*stem[Nsub];	/* stem[0] is $stem, or the whole match of R */
};

struct Rule {
	Rule	*next;		/* of the same list, in the order of the mkfiles */
	Rule	*chain;		/* explicit rules with targets of the same hash */
	char	*target;
	Word	*all;		/* all targets of the rule as written */
	Word	*prereqs;
	char	*recipe;	/* nil: none */
	int	attr;
	char	*prog;		/* P */
	Reprog	*re;
	char	*file;
	int	line;
	int	uses;		/* in the chain of rules being applied */
};

/* A way to make a node: by a rule from one of its prerequisites. */
struct Arc {
	Arc	*next;
	Node	*n;		/* nil: from nothing */
	Rule	*r;
	Match	*m;
	int	dropped;
};

enum {
	Snew,			/* nothing decided */
	Ssettled,		/* as new as it will be without being made */
	Swaiting,		/* its recipe runs */
	Smade,
	Sfailed,
};

struct Node {
	Node	*link;		/* in its hash chain */
	char	*name;
	vlong	time;		/* 0: does not exist */
	vlong	age;		/* its time, or the newest of what it would be made from */
	int	state;
	int	attr;		/* of its rules */
	int	explicitly;	/* a rule names it */
	int	oncycle;	/* being looked at */
	int	applied, checked;
	int	pass[2];	/* when settle and make last looked */
	int	answer[2];	/* and what they said */
	Arc	*arcs;
};

struct Job {
	Job	*next;
	Rule	*r;
	Match	*m;
	Node	**nodes;
	int	nnodes;
	int	slot;
	int	pid;
	char	*what;		/* the recipe as shown */
};

enum {
	Forever = 0x7FFFFFFF,	/* newer than all files */
};

/* main.c */
extern int	aflag, eflag, iflag, kflag, nflag, sflag, tflag, debug;
extern int	errors;
extern Biobuf	bout;
void	*emalloc(usize n);
void	*erealloc(void *p, usize n);
char	*estrdup(char *s);
NORETURN void	fatal(char *fmt, ...);
vlong	filetime(char *name);

/* word.c */
Word	*newword(char *s);
void	addword(Word **list, char *s);
Word	*copywords(Word*);
int	samewords(Word*, Word*);
int	hasword(Word*, char*);
void	bufadd(Buf*, char*, usize);
void	bufputs(Buf*, char*);
void	bufputc(Buf*, int);
char	*joinwords(Word*, char *sep);
char	*skipquoted(char *s);
Word	*expand(char *s);
char	*expandrecipe(char *s);
char	*percent(char *pattern, char *s);
char	*putstem(char *pattern, char *stem);

/* var.c */
Var	*variable(char *name);
Word	*value(char *name);
void	setvar(char *name, Word *val);
void	readenviron(void);
void	putenviron(void);
void	putlist(char *name, Word *val);

/* read.c */
extern char	*readname;
extern int	readline;
void	readmkfile(char *name, int fd);
char	*backquote(char *cmd);
int	assignment(char *s, int fixed);

/* rule.c */
extern Rule	*metarules;
extern Word	*firsttargets;
void	addrule(Word *targets, Word *prereqs, char *recipe, int attr, char *prog, int line);
Rule	*explicitrule(char *target);
Match	*matchrule(Rule *r, char *name);
char	*instance(Rule *r, Match *m, char *pattern);

/* graph.c */
Node	*graph(char *target);
Node	*findnode(char *name);
void	showgraph(Node*);
extern Word	*changed;

/* make.c */
void	bring(Node *root);
int	older(Node*, Arc*);
void	newtime(Node*);

/* job.c */
int	start(Node*);
int	running(void);
void	await1(void);
void	ended(Waitmsg*);
