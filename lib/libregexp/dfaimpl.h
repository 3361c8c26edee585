/*
 * Inside dfa.h: patterns become a nondeterministic automaton over runes
 * (dfaparse.c, with its sets in dfaset.c), which is run as a deterministic
 * one (dfa.c).
 */
typedef struct Dfa Dfa;
typedef struct Node Node;
typedef struct Range Range;
typedef struct Set Set;
typedef struct State State;

enum {
	Nhash = 1021,
};

/* What a node of the automaton consumes or asserts. */
enum {
	Nset,		/* one rune between lo and hi, or in set[set] */
	Nbol,		/* nothing, at the beginning of the text */
	Neol,		/* nothing, at its end */
	Nnop,		/* nothing */
	Nsplit,		/* nothing; goes on at out and at alt */
	Nmatch,		/* the pattern has matched */
};

struct Node {
	int	op;
	int	set;		/* Nset: index of the set, or -1 for lo to hi */
	Rune	lo, hi;
	int	out;		/* the next node */
	int	alt;		/* Nsplit: the other one */
};

struct Range {
	Rune	lo, hi;
};

struct Set {
	Range	*r;		/* sorted, disjoint */
	int	n;
};

struct Dfa {
	int	flags;
	Node	*node;
	int	nnode, nodecap;
	int	start;		/* -1 until there is a pattern */
	Set	*set;
	int	nset, setcap;

	Rune	*bounds;	/* class i holds bounds[i] to bounds[i+1]-1 */
	int	nclass;
	int	asciiclass[Runeself];
	State	*hash[Nhash];
	State	*initial[3];	/* for dfamatch; for dfalongest without and with bol */
	State	*matchstate;
	usize	used;		/* what the states take */
	uchar	first[256];	/* bytes that can begin a match; made by the first dfasearch */
	int	hasfirst;

	/* The nodes being collected, and marks of those already seen. */
	int	*list;
	int	nlist;
	uint	*mark;
	uint	generation;
	int	*stack;
	int	sawmatch;
};

/* dfaparse.c */
char	*dfa_parse(Dfa*, char *pattern, usize n);	/* what is wrong, or nil */
void	*dfa_alloc(void*, usize);

/* dfaset.c */
int	dfa_newset(Dfa*);
void	dfa_addrange(Dfa*, int set, Rune lo, Rune hi);
int	dfa_addclass(Dfa*, int set, char *name, usize n);
void	dfa_foldset(Dfa*, int set);
void	dfa_sealset(Dfa*, int set, int negate);
int	dfa_inset(Dfa*, int set, Rune r);
