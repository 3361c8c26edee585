/*
 * grep: patterns become a nondeterministic automaton over runes (parse.c),
 * which is run as a deterministic one that is built as the text asks for it
 * (dfa.c). The time is linear in the text whatever the pattern.
 */

typedef struct Inst Inst;
typedef struct Range Range;
typedef struct Set Set;

/* What a node of the automaton consumes or asserts. */
enum {
	Iset,		/* one rune between lo and hi, or in sets[set] */
	Ibol,		/* nothing, at the beginning of a line */
	Ieol,		/* nothing, at its end */
	Inop,		/* nothing */
	Isplit,		/* nothing; goes on at out and at alt */
	Imatch,		/* the pattern has matched */
};

struct Inst {
	int	op;
	int	set;		/* Iset: index of the set, or -1 for lo to hi */
	Rune	lo, hi;
	int	out;		/* the next node */
	int	alt;		/* Isplit: the other one */
};

struct Range {
	Rune	lo, hi;
};

struct Set {
	Range	*r;		/* sorted, disjoint */
	int	n;
};

extern Inst	*insts;
extern int	ninst;
extern int	startinst;	/* -1 until there is a pattern */
extern Set	*sets;
extern int	nset;

/* parse.c: add the patterns of a text, one a line; exits with a message when one is bad. */
void	addpatterns(char *text, usize n, int fold);
void	*emalloc(usize n);
void	*erealloc(void *p, usize n);

/* set.c */
int	newset(void);
void	addrange(int set, Rune lo, Rune hi);
void	foldset(int set);
void	sealset(int set, int negate);
int	inset(int set, Rune r);

/* dfa.c: dfainit once all patterns are in; dfamatch for a line [p, e) with a newline at e. */
void	dfainit(int fold);
int	dfamatch(uchar *p, uchar *e);
