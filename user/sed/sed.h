/*
 * sed: the script is parsed into an array of commands (parse.c), which is
 * run once for each line of input (exec.c). main.c reads the input.
 */

typedef struct Addr Addr;
typedef struct Buf Buf;
typedef struct Cmd Cmd;
typedef struct Wfile Wfile;

/* Bytes that grow; s[n] is always NUL once anything was added. */
struct Buf {
	char	*s;
	usize	n, cap;
};

enum {
	Anone,
	Aline,		/* a line number */
	Alast,		/* $ */
	Are,		/* a regular expression */
};

struct Addr {
	int	kind;
	vlong	line;
	Reprog	*re;		/* nil: the last one that was used */
};

/* A file that w writes to. */
struct Wfile {
	char	*name;
	Biobuf	*out;
	Wfile	*next;
};

struct Cmd {
	int	c;		/* the letter */
	Addr	a1, a2;
	int	negate;		/* ! */
	int	inrange;	/* a1 has matched, a2 not yet */
	int	rangeend;	/* the present line is the last of the range */
	int	target;		/* { b t: where to go on */
	char	*label;		/* b t : */
	Buf	text;		/* a c i: the text; r: the file; s: the replacement */
	Reprog	*re;		/* s */
	int	nth;		/* s: the first match to be replaced */
	int	global;		/* s: and those after it */
	int	print;		/* s: p */
	Wfile	*file;		/* w and s */
	Rune	*from, *to;	/* y, both nrune long */
	int	nrune;
};

enum {
	Nsub = 10,		/* \0 to \9 */
};

extern Cmd	*prog;
extern int	nprog;
extern int	gflag, nflag, uflag;
extern Biobuf	out;
extern vlong	lineno;
extern int	failed;		/* a file could not be read */

void	*emalloc(usize n);
void	*erealloc(void *p, usize n);
void	bufadd(Buf *b, char *s, usize n);
void	bufclear(Buf *b);

/* main.c */
int	readline(Buf *b);
int	lastline(void);

/* parse.c: the whole script; exits with a message when it is bad. */
void	parse(char *script);

/* exec.c */
NORETURN void	run(void);
